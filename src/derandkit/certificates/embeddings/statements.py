"""Every statement of an embedding record in one table: what it says, how it is checked, what rests on it."""

from __future__ import annotations

from derandkit.certificates.checks import Statement

STATEMENTS: tuple[Statement, ...] = (
    Statement("schema", "the record has the published form", "proven: fields, types and sizes"),
    Statement("seal", "the file is as it was written", "proven: SHA-256"),
    Statement("points", "it speaks about these points", "proven: SHA-256 of shape, type and bytes"),
    Statement("matrix", "the map fits the points", "proven: shape and range"),
    Statement(
        "ratios",
        "distortion within its margin, scaled distortion, worst pair, numbers of pairs",
        "proven: every pair, with a bound on its rounding error",
    ),
    Statement("quantiles", "quantiles and mean of the distortions", "recomputed over all pairs"),
    Statement("rank", "dimensions that the points span", "recomputed: singular values", headline=False),
    Statement(
        "lower_bound",
        "no map has a smaller distortion",
        "recomputed: eigenvalues with a bound on their error",
    ),
    Statement(
        "stretch",
        "smallest and largest stretch of any direction of the space",
        "recomputed: singular values with a bound on their error",
    ),
    Statement(
        "span_stretch",
        "the same over the span of the points",
        "recomputed; not checked where the span is too flat for its directions to be known",
        headline=False,
    ),
    Statement("guarantee", "what the dimension promises for any points", "recomputed from the closed form"),
    Statement(
        "output",
        "distortion of the images as `transform` writes them; the centre is the mean",
        "proven: every pair, with the rounding of the images",
    ),
    Statement("chain", "the order of the figures", "proven: compared with the intervals found"),
    Statement(
        "status",
        "how the run ended",
        "derived from the figures; that a run was interrupted is not checked",
    ),
    Statement(
        "heldout",
        "what the siblings do to the points held out",
        "recomputed: split by rule, siblings from the record",
        headline=False,
    ),
    Statement(
        "heldout_fit",
        "the siblings were fitted without the points held out",
        "not checked: shows only when the run is repeated",
        headline=False,
    ),
    Statement(
        "provenance",
        "method, complement, ridge, history and counts: how the map was found",
        "not checked: form and sizes only",
        headline=False,
    ),
)

HEADLINE = {statement.name: statement.headline for statement in STATEMENTS}
