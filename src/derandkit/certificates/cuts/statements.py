"""Every statement of a cut record in one table: what it says, how it is checked, what rests on it."""

from __future__ import annotations

from derandkit.certificates.checks import Statement

STATEMENTS: tuple[Statement, ...] = (
    Statement("seal", "the file is as it was written", "proven: SHA-256"),
    Statement("form", "the record has the published form", "proven: fields, types and sizes"),
    Statement("graph", "it speaks about this graph", "proven: SHA-256 of labels, edges and weights"),
    Statement("partition", "the two lists are the two sides", "proven: label by label"),
    Statement("cut_value", "weight between the sides", "proven: exact sum"),
    Statement("search", "weight of the cut before the search", "proven: exact sum"),
    Statement(
        "positive_semidefinite",
        "the dual matrix is positive semidefinite",
        "proven: factorisation with a bound on its rounding errors; recomputed by coins for a tested bound; "
        "not checked for an estimate",
    ),
    Statement("proof", "the proof tree gives its bound", "proven: exact arithmetic"),
    Statement(
        "upper_bound",
        "no cut weighs more",
        "proven: weak duality or the tree, exactly, rounded to what cuts can weigh; an estimate is not checked, "
        "but has to survive local searches",
    ),
    Statement(
        "estimate",
        "the matrix of an estimated bound is nearly positive semidefinite",
        "not checked: Lanczos steps of the checker look for a direction that contradicts it; up to 1500 vertices a "
        "factorisation proves a bound that is at most 1e-4 higher",
        headline=False,
    ),
    Statement("gap", "gap and optimality", "derived from cut and bound in exact arithmetic"),
    Statement(
        "sdp_value",
        "value of the relaxation at the stored vectors",
        "recomputed within an error bound for each edge; not checked where a large graph leaves the vectors out",
    ),
    Statement("duality_gap", "whether the duality gap that was asked for is met", "derived from the figures"),
    Statement(
        "start_expectation",
        "expected cut of a random hyperplane",
        "recomputed within an error bound for each edge; not checked where the vectors are left out",
    ),
    Statement(
        "final_expectation",
        "expected cut of the final distribution",
        "recomputed within an error bound for each edge",
    ),
    Statement(
        "chain",
        "cut >= cut before the search >= final expectation >= start expectation; dual bound >= SDP value",
        "proven where the intervals are apart; where they overlap the figures are equal to within their error bounds",
    ),
    Statement(
        "guarantee",
        "what hyperplane rounding promises for these weights",
        "recomputed; that it holds follows edge by edge from the theorem of Goemans and Williamson",
    ),
    Statement(
        "stationarity",
        "the lemma's figures at the final point, for the penalty that the record names",
        "recomputed within an error bound for each vertex",
    ),
    Statement(
        "status",
        "how the run ended, and the message",
        "derived from cut, bound and gap; that a run was interrupted is not checked",
    ),
    Statement(
        "provenance",
        "method, relaxation, sweeps, rank, history, search work, wording of the reason",
        "not checked: form and sizes only",
        headline=False,
    ),
)

HEADLINE = {statement.name: statement.headline for statement in STATEMENTS}
