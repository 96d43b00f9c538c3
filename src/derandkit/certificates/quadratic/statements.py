"""Every statement of a record of a quadratic problem in one table: what it says, how it is checked."""

from __future__ import annotations

from derandkit.certificates.checks import Verdict
from derandkit.certificates.cuts.statements import CONSTRAINED, CUT
from derandkit.certificates.statements import (
    KEYS_FORM,
    PROVEN,
    READING,
    SEAL,
    Statement,
    StatementTable,
    ending,
)

QUADRATIC = StatementTable(
    "derandkit-quadratic",
    (
        KEYS_FORM,
        SEAL,
        Statement("kind", "it is about this kind of problem", PROVEN, "compared with the instance"),
        Statement(
            "instance",
            "it is about this problem, with these variables",
            PROVEN,
            "SHA-256 of the instance and of the function that tables of its values give",
        ),
        Statement(
            "reduction",
            "the value is this constant and multiple of the cut, to within this slack",
            PROVEN,
            "worked out again from the instance in exact arithmetic, with weights rounded as it says",
        ),
        Statement(
            "solution",
            "the values of the variables are the sides of the cut",
            PROVEN,
            "variable by variable, relative to the vertex of the constant",
        ),
        Statement("value", "the value of the solution", PROVEN, "the definition of the problem, exactly"),
        Statement(
            "figures", "what the solution satisfies, violates or cuts", PROVEN, "counted from the instance"
        ),
        Statement(
            "bound",
            "no solution, or none that has the fixed values, is better",
            (Verdict.PROVEN, Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "follows from the bound on the cut in exact arithmetic, and reaches as far as that one",
        ),
        Statement("gap", "gap, spread and relative gap", PROVEN, "derived from value and bound"),
        Statement(
            "triangles",
            "what a relaxation with triangle inequalities is worth at its vectors, and what their start is",
            (Verdict.PROVEN, Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "products, value and expectation worked out from the vectors; the solution is no worse than the start, and "
            "better than the value of the relaxation by 1e-2 of the spread at most; not checked from 1e-3 on, where "
            "triangles are violated by more than 1e-5, or where heavy weights cancel",
            headline=False,
        ),
        ending("value and bound", "cut"),
        READING,
    ),
    {"cut": (CUT, CONSTRAINED)},
)
