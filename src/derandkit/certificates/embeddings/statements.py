"""Every statement of an embedding record in one table: what it says, how it is checked, what rests on it."""

from __future__ import annotations

from derandkit.certificates.checks import Verdict
from derandkit.certificates.statements import (
    COLUMNS,
    NOT_CHECKED,
    POINTS,
    PROVEN,
    RECOMPUTED,
    SCHEMA_FORM,
    SEAL,
    Statement,
    StatementTable,
)

_VERSION_1 = "not claimed by version 1"

EMBEDDING = StatementTable(
    "derandkit-embedding",
    (
        SCHEMA_FORM,
        SEAL,
        POINTS,
        Statement("matrix", "the map fits the points", PROVEN, "shape and range"),
        COLUMNS,
        Statement(
            "ratios",
            "distortion within its margin, scaled distortion, worst pair, numbers of pairs",
            PROVEN,
            "every pair, with a bound on its rounding error",
        ),
        Statement("quantiles", "quantiles and mean of the distortions", RECOMPUTED, "all pairs"),
        Statement(
            "rank",
            "dimensions that the points span to rounding: at least those above 1e-9 of the largest singular value, at "
            "most those above 1e-15",
            RECOMPUTED,
            "singular values",
            headline=False,
        ),
        Statement(
            "lower_bound",
            "no map has a smaller distortion",
            RECOMPUTED,
            "eigenvalues with a bound on their error",
        ),
        Statement(
            "stretch",
            "smallest and largest stretch of any direction of the space",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            f"singular values with a bound on their error; {_VERSION_1}",
        ),
        Statement(
            "span_stretch",
            "the same over the span of the points",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "singular values; it holds of every pair, and of the directions that are known; the rest is not checked "
            "where the span is too flat for its directions or their number to be known, the stretch of a pair is "
            "outside, the stretch is known to fewer digits than are stated, or there may be dimensions that rounding "
            "hides; "
            f"{_VERSION_1}",
            headline=False,
        ),
        Statement("guarantee", "what the dimension promises for any points", RECOMPUTED, "the closed form"),
        Statement(
            "mean",
            "mean of the distortions, its weights, and what the dimension promises for it",
            PROVEN,
            "every pair of different points, each once or with the weights of the record, with a bound on its rounding "
            "error; none for the worst pair",
        ),
        Statement(
            "mean_bound",
            "no map has a smaller mean",
            (Verdict.RECOMPUTED, Verdict.PROVEN),
            "singular values with a bound on their error; proven where none is claimed",
        ),
        Statement(
            "stationary",
            "gradient of the mean, and a lower bound on its curvature",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED, Verdict.PROVEN),
            "sums over all pairs; not stated beyond 4096 points; not checked, but for what the distortions and the "
            "rounding rule out, where rounding hides them or dimensions in which the curvature is 0; "
            "proven where none are claimed",
            headline=False,
        ),
        Statement(
            "output",
            "distortion of the images as `transform` writes them; the centre is the mean",
            (Verdict.PROVEN, Verdict.NOT_CHECKED),
            f"every pair, with the rounding of the images, or why nothing is stated; {_VERSION_1}",
        ),
        Statement(
            "chain",
            "the order of the numbers as they are stated",
            PROVEN,
            "compared with one another, and the certified distortion with what was found",
        ),
        Statement(
            "status",
            "how the run ended, and the message",
            (Verdict.PROVEN, Verdict.NOT_CHECKED),
            "derived from the numbers; not checked for an interrupted run",
        ),
        Statement(
            "heldout",
            "what the siblings do to the points held out",
            (Verdict.RECOMPUTED, Verdict.PROVEN),
            "split by rule, siblings from the record; proven where none are claimed",
            headline=False,
        ),
        Statement(
            "heldout_fit",
            "the siblings were fitted without the points held out",
            (Verdict.NOT_CHECKED, Verdict.PROVEN),
            "shows only when the run is repeated; proven where none are claimed",
            headline=False,
        ),
        Statement(
            "provenance",
            "method, complement, ridge, history and counts: how the map was found",
            NOT_CHECKED,
            "form and sizes only",
            headline=False,
        ),
    ),
)
