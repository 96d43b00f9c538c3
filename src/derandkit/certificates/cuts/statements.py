"""Every statement of a record of cuts in one table a kind: what it says, how it is checked, what rests on it."""

from __future__ import annotations

from derandkit.certificates.checks import Verdict
from derandkit.certificates.statements import (
    KEYS_FORM,
    NOT_CHECKED,
    PROVEN,
    READING,
    RECOMPUTED,
    SEAL,
    Statement,
    StatementTable,
    ending,
)

_GRAPH = Statement("graph", "it is about this graph", PROVEN, "SHA-256 of labels, edges and weights")
_PARTITION = Statement("partition", "the two lists are the two sides", PROVEN, "label by label")
_CUT_VALUE = Statement("cut_value", "weight between the sides", PROVEN, "exact sum")
_OR_UNKNOWN = (Verdict.RECOMPUTED, Verdict.NOT_CHECKED)
_ANY = (Verdict.PROVEN, Verdict.RECOMPUTED, Verdict.NOT_CHECKED)
_CANCEL = (
    "not checked where heavy weights cancel so far that nothing is known, and then the record does not hold unless the "
    "cut is proven optimal, or all weights together outweigh cut and lightest edge ten thousand times"
)
_LEFT_OUT = f"not checked where a large graph leaves the vectors out; {_CANCEL}"

CUT = StatementTable(
    "derandkit-maxcut",
    (
        SEAL,
        Statement("form", "the record has the published form", PROVEN, "fields, types and sizes"),
        _GRAPH,
        _PARTITION,
        _CUT_VALUE,
        Statement("search", "weight of the cut before the search", PROVEN, "exact sum"),
        Statement(
            "positive_semidefinite",
            "the dual matrix is positive semidefinite",
            _ANY,
            "proven by a factorisation with a bound on its rounding errors; recomputed by coins for a tested bound; "
            "not checked for an estimate",
        ),
        Statement("proof", "the proof tree gives its bound", PROVEN, "exact arithmetic"),
        Statement(
            "upper_bound",
            "no cut weighs more",
            _ANY,
            "proven by weak duality or the tree, exactly, rounded to what cuts can weigh; recomputed for a tested "
            "bound; an estimate is not checked, but has to survive local searches",
        ),
        Statement(
            "estimate",
            "the matrix of an estimated bound is nearly positive semidefinite",
            (Verdict.PROVEN, Verdict.NOT_CHECKED),
            "proven where no bound is estimated; else not checked: Lanczos steps of the checker look for a direction "
            "that contradicts it; up to 1500 vertices a factorisation proves a bound that is at most 1e-4 higher",
            headline=False,
        ),
        Statement("gap", "gap and optimality", PROVEN, "derived from cut and bound in exact arithmetic"),
        Statement(
            "sdp_value",
            "value of the relaxation at the stored vectors",
            _OR_UNKNOWN,
            f"an error bound for each edge; {_LEFT_OUT}",
        ),
        Statement(
            "duality_gap",
            "whether the relaxation reached the duality gap that was set",
            _OR_UNKNOWN,
            "derived from bound and SDP value; not checked where that value is not",
        ),
        Statement(
            "start_expectation",
            "expected cut of a random hyperplane, with thresholds where the record has them",
            _OR_UNKNOWN,
            f"an error bound for each edge; {_LEFT_OUT}",
        ),
        Statement(
            "final_expectation",
            "expected cut of the final distribution",
            _OR_UNKNOWN,
            f"an error bound for each edge; {_CANCEL}",
        ),
        Statement(
            "chain",
            "cut >= cut before the search >= final expectation >= start expectation; dual bound >= SDP value",
            _ANY,
            "proven where the intervals are apart; recomputed where they overlap: the numbers are equal to within "
            f"their error bounds; {_CANCEL}",
        ),
        Statement(
            "guarantee",
            "what hyperplane rounding promises for these weights",
            _OR_UNKNOWN,
            "an error bound for each edge; that it holds follows edge by edge from the theorem of Goemans and "
            "Williamson; not checked where the vectors are left out or the start is not known",
        ),
        Statement(
            "stationarity",
            "the lemma's numbers at the final point, for the penalty that the record names",
            RECOMPUTED,
            "an error bound for each vertex",
        ),
        Statement(
            "status",
            "how the run ended, and the message",
            _ANY,
            "derived from cut, bound and gap; recomputed for a tested bound, and where it rests on the duality gap "
            "that was set, which is taken as it is stated; not checked for an interrupted run, or "
            "where the duality gap or the chain is not; nor where a duality gap above 0.1 was set, and then the "
            "record does not hold",
        ),
        Statement(
            "provenance",
            "method, relaxation, sweeps, rank, history, search work, wording of the reason",
            NOT_CHECKED,
            "form and sizes only",
            headline=False,
        ),
    ),
)

CONSTRAINED = StatementTable(
    "derandkit-constrained-cut",
    (
        KEYS_FORM,
        SEAL,
        _GRAPH,
        Statement(
            "constraints", "the sides obey these constraints", PROVEN, "each is stated once and looked at"
        ),
        Statement(
            "contraction",
            "constant and rounding of the contracted graph",
            PROVEN,
            "contracted again in exact arithmetic, from vertex to vertex",
        ),
        _PARTITION,
        Statement(
            "expansion", "the sides are those of the contracted graph", PROVEN, "expanded vertex by vertex"
        ),
        _CUT_VALUE,
        Statement(
            "upper_bound",
            "no cut that obeys the constraints weighs more",
            _ANY,
            "follows from the bound of the contracted graph in exact arithmetic, and reaches as far as that one",
        ),
        Statement("gap", "gap", PROVEN, "derived from cut and bound"),
        ending("cut and bound", "contracted"),
        READING,
    ),
    {"contracted": (CUT,)},
)

RANKED = StatementTable(
    "derandkit-ranked-cuts",
    (
        KEYS_FORM,
        SEAL,
        Statement(
            "cuts",
            "the cuts are different, obey the constraints and come greatest first",
            PROVEN,
            "exact sum of each, compared with the one before",
        ),
        Statement(
            "shortened",
            "a limit of time, or Ctrl-C, ended the search for them",
            NOT_CHECKED,
            "only in records of such a search; others may be heavier in any case",
            headline=False,
        ),
    ),
    {"best": (CUT, CONSTRAINED)},
)
