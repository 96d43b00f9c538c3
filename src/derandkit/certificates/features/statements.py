"""Every statement of a record of features in one table: what it says, how it is checked, what rests on it."""

from __future__ import annotations

from derandkit.certificates.checks import Verdict
from derandkit.certificates.statements import (
    COLUMNS,
    NOT_CHECKED,
    POINTS,
    PROVEN,
    SCHEMA_FORM,
    SEAL,
    Statement,
    StatementTable,
)

FEATURES = StatementTable(
    "derandkit-features",
    (
        SCHEMA_FORM,
        SEAL,
        POINTS,
        Statement("frequencies", "the frequencies fit the points", PROVEN, "shape and range"),
        COLUMNS,
        Statement(
            "errors",
            "root mean square and greatest error within their margin, and the worst pair",
            PROVEN,
            "every pair, with a bound on its rounding error",
        ),
        Statement(
            "promise",
            "the root of the mean square error of random frequencies",
            (Verdict.PROVEN, Verdict.RECOMPUTED),
            "the closed form over all pairs; recomputed where it is not below the interval",
        ),
        Statement(
            "lower_bound",
            "no features of this number whose vectors have length 1 have a smaller root mean square error",
            (Verdict.RECOMPUTED, Verdict.PROVEN),
            "eigenvalues with a bound on their error; proven where none is claimed",
        ),
        Statement(
            "output",
            "error of the features as `transform` writes them; the centre is the mean",
            PROVEN,
            "the errors, the phases from the centre and the rounding of the type",
        ),
        Statement("chain", "the order of the numbers", PROVEN, "compared with the intervals found"),
        Statement(
            "status",
            "how the run ended, and the message",
            (Verdict.PROVEN, Verdict.NOT_CHECKED),
            "derived from the numbers; below or above the promise is what is so for all of both intervals; "
            "not checked for an interrupted run",
        ),
        Statement(
            "provenance",
            "method, history and counts: how the frequencies were found",
            NOT_CHECKED,
            "form and sizes only",
            headline=False,
        ),
    ),
)
