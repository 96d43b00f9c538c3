"""Weights over the whole range of doubles: a run ends in a record that holds, or is refused in one line."""

from __future__ import annotations

import itertools
import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mutations import sealed_again
from tests.second import plain, second, second_report

import derandkit as dk
from derandkit.certificates.checks import Verdict
from derandkit.certificates.cuts import arithmetic
from derandkit.numerics.rounding import float_above
from derandkit.records import decode_array, encode_array

FIGURES = {"sdp_value", "start_expectation", "final_expectation", "chain"}


@st.composite
def spread_weights(draw, count):
    """Weights of either sign between 1 and 10^decades, whole or not, up to 300 decades apart."""
    decades = draw(st.sampled_from([0, 3, 8, 13, 20, 60, 150, 300]))
    top = draw(st.sampled_from([0, decades // 2]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = 10.0 ** (top - decades * rng.random(count)) * (1 + rng.random(count))
    signs = rng.choice([-1.0, 1.0], count) if draw(st.booleans()) else np.ones(count)
    return (sizes * signs).tolist()


@st.composite
def runs(draw):
    """An instance with spread weights, the call that solves it, and what its record is checked against."""
    kind = draw(st.sampled_from(["cut", "fixed", "qubo", "ising", "balance", "clauses"]))
    n = draw(st.integers(3, 7))
    pairs = list(itertools.combinations(range(n), 2))
    weights = draw(spread_weights(len(pairs) + n))
    edges = [(i, j, w) for (i, j), w in zip(pairs, weights, strict=False)]
    terms = dict(enumerate(weights[len(pairs) :]))
    options = {
        "bound": draw(st.sampled_from(["sdp", "auto", "best"])),
        "search": draw(st.sampled_from([None, "quick"])),
        "method": draw(st.sampled_from(["lemma", "conditional"])),
    }
    if kind in ("cut", "fixed"):
        graph = dk.as_graph(edges)
        fixed = {"fixed": {0: 0, n - 1: 1}} if kind == "fixed" else {}
        return graph, lambda: dk.maxcut(graph, **fixed, **options)
    if kind == "balance":
        return dk.SignedGraph(dk.as_graph(edges)), lambda: dk.frustration(edges, **options)
    if kind == "clauses":
        signs = np.random.default_rng(n).choice([-1, 1], (len(edges), 2))
        literals = [
            (int(a) * (i + 1), int(b) * (j + 1)) for (i, j, _), (a, b) in zip(edges, signs, strict=True)
        ]
        clauses = dk.Clauses.from_clauses(literals, weights=[abs(w) for _, _, w in edges])
        return clauses, lambda: dk.max2sat(clauses, **options)
    couplings = {(i, j): w for i, j, w in edges}
    if kind == "qubo":
        model = dk.QuadraticModel.from_qubo({(i, i): h for i, h in terms.items()} | couplings)
    else:
        model = dk.QuadraticModel.from_ising(terms, couplings)
    return model, lambda: dk.optimize(model, **options)


@settings(deadline=None, max_examples=100)
@given(runs())
def test_what_an_honest_run_writes_is_accepted_or_it_refuses(run):
    instance, call = run
    try:
        result = call()
    except dk.InputError:
        return
    report = dk.verify(result, instance)
    assert report.ok, str(report)


def drowned():
    """MAX-2SAT over 13 decades with hard clauses: nothing can be said about its expectations beside the cut."""
    literals = [(-1, 2), (-3,), (3, -3), (6, -6), (2, 5), (-2, 5), (2, -4)]
    weights = [523257542.27, 1.74e-4, 585.7, 490.9, 109511269.7, 4.4e-5, 4.2e-4]
    clauses = dk.Clauses.from_clauses(literals, weights=weights, hard=[2, 3])
    return dk.max2sat(clauses, search=None, bound="sdp").to_dict(), clauses


def test_figures_that_heavy_weights_hide_are_not_checked_and_cut_and_bound_are():
    record, clauses = drowned()
    report = dk.verify(record, clauses)
    verdicts = {check.name.removeprefix("cut."): check.verdict for check in report.checks}
    hidden = {name for name in FIGURES if verdicts[name] is Verdict.NOT_CHECKED}
    assert {"start_expectation", "chain"} <= hidden
    assert all(
        verdicts[name] is Verdict.PROVEN for name in ("cut_value", "upper_bound", "gap", "value", "bound")
    )
    assert report.ok
    assert second_report(record, clauses).ok


def test_a_figure_outside_its_wide_interval_fails_all_the_same():
    record, clauses = drowned()
    for name in ("sdp_value", "start_expectation", "final_expectation"):
        forged = json.loads(json.dumps(record))
        forged["cut"]["chain"][name] = 1e12 if name != "sdp_value" else -1e12
        forged = sealed_again(forged)
        assert f"cut.{name}" in dk.verify(forged, clauses).failed
        assert not second_report(forged, clauses).ok


def test_a_witness_cannot_hide_the_figures_of_weights_that_do_not():
    """A vector so near to the reference that nothing is known of it: only weights excuse that."""
    rng = np.random.default_rng(5)
    literals = [(-1) ** rng.integers(2, size=2) * pair for pair in itertools.combinations(range(1, 8), 2)]
    literals += [[(-1) ** int(rng.integers(2)) * k] for k in range(1, 8)]
    instance = dk.Clauses.from_clauses(literals, weights=rng.uniform(1.0, 3.0, len(literals)))
    record = dk.max2sat(instance, search=None, bound="sdp").to_dict()
    assert not record["cut"]["proven_optimal"]
    assert dk.verify(record, instance).ok
    forged = json.loads(json.dumps(record))
    witness = forged["cut"]["certificate"]
    rows = decode_array(witness["vectors"])
    rows[:] = 0.0
    rows[:, 0], rows[:, 1] = 1.0, 1e-10
    rows[witness["thresholds"]["reference"], 1] = 0.0
    witness["thresholds"]["beta"] = 0.01  # a side that is certain or not is another distribution
    witness["vectors"] = encode_array(rows, "<f4")
    report = dk.verify(sealed_again(forged), instance)
    verdicts = {check.name: check.verdict for check in report.checks}
    assert verdicts["cut.start_expectation"] is Verdict.NOT_CHECKED
    assert "cut.start_expectation" in report.failed


def leaning_bipartite(k, sides, rest, beta, expected):
    """A forged record of the complete bipartite graph: vectors that leave the reference by `rest`."""
    edges = [(i, k + j, 1.0) for i in range(k) for j in range(k)]
    record, n, m = json.loads(dk.maxcut(edges, search=None).to_json()), 2 * k, float(k * k)
    rows = np.array([[1.0, 0.0]] + [[1.0, rest]] * (k - 1) + [[-1.0, rest]] * k)
    record["certificate"] |= {
        "vectors": encode_array(rows, "<f4"), "thresholds": {"beta": beta, "reference": 0},
    }  # fmt: skip
    record["relaxation"] |= {"rank": 2, "duality_gap_reached": True}
    record["chain"] |= {"sdp_value": m, "start_expectation": expected}
    record["guarantee"]["value"] = float(arithmetic.ALPHA * Fraction(m))
    if sides is not None:
        signs = np.array([1 if side == "+" else -1 for side in sides])
        mean, graph = 100.0 * signs, dk.as_graph(edges)
        lemma = arithmetic.stationarity(graph, arithmetic.settled(mean, signs, 1.0), 1.0)
        record["certificate"] |= {
            "sides": sides, "derandomized_sides": None, "mean": encode_array(mean, "<f4"), "smoothing": 1.0,
        }  # fmt: skip
        record["stationarity"] |= {
            "mean_gradient_norm": lemma.gradient_norm.middle, "smallest_curvature": lemma.curvature.middle,
        }  # fmt: skip
        record["chain"] |= {"cut_value": 0, "derandomized_cut": 0, "final_expectation": 0.0}
        record |= {
            "partition": [list(range(n)), []], "search": None, "cut_value": 0, "gap": 1.0, "proven_optimal": False,
            "status": "solved", "message": dk.CutStatus.SOLVED.value,
        }  # fmt: skip
    return sealed_again(record), dk.as_graph(edges)


@pytest.mark.parametrize("rest", [1e-10, 1.5e-10])
def test_no_guarantee_is_recomputed_from_a_start_that_is_not_known(rest):
    """The sides of a square are certain or lean by a half: 4 or 2.5 is expected, and 3.51 is promised."""
    forged, graph = leaning_bipartite(2, None, rest, 0.5, 4.0)
    first = {check.name: check.verdict.value for check in dk.verify(forged, graph).checks}
    second = {name: verdict for name, verdict, _ in second_report(forged, graph).lines}
    for verdicts in (first, second):
        assert verdicts["guarantee"] == ("not checked" if rest == 1e-10 else "FAILED")
        assert verdicts["start_expectation"] == ("not checked" if rest == 1e-10 else "FAILED")


@pytest.mark.parametrize(("rest", "beta"), [(1.5e-10, 1.0), (1e-10, 1.0), (1e-10, 0.01)])
def test_a_light_cut_does_not_excuse_a_chain_that_is_not_known(rest, beta):
    """A cut of 0 of 10201 unit edges: the record chose the cut that the weights were compared with."""
    forged, graph = leaning_bipartite(101, "+" * 202, rest, beta, 10201.0)
    report = dk.verify(forged, graph)
    assert not report.ok
    assert "chain" in report.failed
    if rest != 1e-10 or beta == 1.0:
        return
    assert {check.name: check.verdict for check in report.checks}["chain"] is Verdict.NOT_CHECKED
    evidence = second().cuts.Cut(forged, plain(graph))  # the whole record would take it a minute
    assert not evidence.hidden()
    with pytest.raises(second().report.Refused):
        evidence.vague()


def test_a_gap_of_minus_nothing_is_refused():
    record = json.loads(dk.maxcut([(0, 1)]).to_json())
    forged, graph = sealed_again(record | {"gap": -0.0}), dk.as_graph([(0, 1)])
    assert dk.verify(forged, graph).failed == ("seal", "gap")
    assert second_report(forged, graph).failed == ["seal", "gap"]


def beside_a_triangle(record, graph):
    """A record of cut 0 where 9 is expected: the vectors of a heavy triangle hide what those of the rest expect."""
    n, heavy, height = graph.n, 2.0**60, math.sqrt(3.0) / 2.0
    rows = np.array([[1, 0], [-0.5, height], [0.5, height], *[[1, 0]] * 3, *[[-1, 0]] * 3])
    diagonal = np.array([heavy] * 3 + [3.0] * 6) * (1 + 1e-9)
    dual = float_above(arithmetic.dual_value(graph, diagonal))
    value = arithmetic.sdp_value(graph, rows.astype(np.float32).astype(float)).middle
    lemma = arithmetic.stationarity(graph, arithmetic.settled(np.ones(n), np.ones(n), 0.01), 0.01)
    record["certificate"] |= {
        "sides": "+" * n, "derandomized_sides": "+" * n, "diagonal": diagonal.tolist(), "smoothing": 0.01,
        "vectors": encode_array(rows, "<f4"), "mean": encode_array(np.ones(n), "<f4"),
        "proof": {"kind": "eliminate", "vertices": [0, 1, 2], "then": {"kind": "positive"}},
    }  # fmt: skip
    record["relaxation"] |= {
        "rank": 2,
        "method": "lowrank",
        "duality_gap": 1e-4,
        "duality_gap_reached": True,
    }
    record["chain"] |= dict.fromkeys(("start_expectation", "final_expectation"), 0.0)
    record["chain"] |= {"dual_bound": dual, "sdp_value": value, "derandomized_cut": 0, "cut_value": 0}
    record["bound"] = {
        "status": "certified", "method": "odd-cycle", "reason": "eliminated", "dual_bound": dual, "rounding": None,
        "dual_method": "dense-cholesky", "dual_status": "certified", "proof_bound": 9.0, "proof_method": "odd-cycle",
    }  # fmt: skip
    below = Fraction(-2 * heavy)
    record["guarantee"] |= {
        "statement": "start_expectation - W- >= 0.87856 (sdp_value - W-), W- the sum of the negative weights",
        "negative_weight": int(below), "holds": True,
        "value": float(below + Fraction(87856, 100_000) * (Fraction(value) - below)),
    }  # fmt: skip
    record["stationarity"] |= {
        "mean_gradient_norm": lemma.gradient_norm.middle, "smallest_curvature": lemma.curvature.middle,
        "spread_bound": 0.0,
    }  # fmt: skip
    record |= {
        "partition": [list(range(n)), []], "cut_value": 0, "upper_bound": 9, "bound_status": "certified", "gap": 1.0,
        "proven_optimal": False, "search": None, "status": "solved", "message": dk.CutStatus.SOLVED.value,
    }  # fmt: skip
    return sealed_again(record)


def test_no_status_rests_on_a_chain_that_is_hidden():
    """The message of "solved" speaks of the expectation: it was proven for a cut of 0 where 9 is expected."""
    heavy = 2.0**60
    edges = [(0, 1, heavy), (0, 2, -heavy), (1, 2, -heavy)] + [
        (i, j, 1.0) for i in (3, 4, 5) for j in (6, 7, 8)
    ]
    graph = dk.as_graph(edges)
    forged = beside_a_triangle(json.loads(dk.maxcut(graph).to_json()), graph)
    report, other = dk.verify(forged, graph), second_report(forged, graph)
    verdicts = {check.name: check.verdict for check in report.checks}
    assert verdicts["upper_bound"] is verdicts["cut_value"] is Verdict.PROVEN
    assert verdicts["chain"] is verdicts["status"] is Verdict.NOT_CHECKED
    assert {name: verdict for name, verdict, _ in other.lines}["status"] == "not checked"
