"""Attacks that once succeeded: records that said something false and were accepted, and honest ones that were not."""

from __future__ import annotations

import copy
import itertools
import math

import networkx as nx
import numpy as np
import pytest
import scipy.sparse
from tests.second import second, second_report

import derandkit as dk
from derandkit.certificates.checks import Verdict
from derandkit.certificates.cuts import arithmetic, form
from derandkit.certificates.cuts.psd import prove_positive_semidefinite
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import encode_array, sealed
from derandkit.signs import values
from derandkit.signs.relaxation import semidefinite


@pytest.mark.parametrize("tiny", [2.0**-868, 2.0**-976, 5e-324, 1e-300])
@pytest.mark.parametrize("method", ["dense-cholesky", "sparse-ldl"])
def test_a_factorisation_that_leaves_the_finite_numbers_proves_nothing(tiny, method):
    """LAPACK goes on with NaN for a pivot: an indefinite matrix with a tiny diagonal was "proven" semidefinite."""
    for n in (2, 3, 6):
        edges = nx.path_graph(n)
        A = nx.to_scipy_sparse_array(edges, format="csr") * float(2**53 - 1)
        for last in (tiny, 5e-324):
            diagonal = np.full(n, tiny)
            diagonal[-1] = last
            assert not prove_positive_semidefinite(scipy.sparse.csr_array(A), diagonal, method).proven


def test_an_entry_beyond_its_diagonal_entries_is_refused_before_any_factorisation():
    A = scipy.sparse.csr_array(np.array([[0.0, 9.0], [9.0, 0.0]]))
    proof = prove_positive_semidefinite(A, np.array([1.0, 1.0]), "dense-cholesky")
    assert not proof.proven
    assert "larger than its two diagonal entries" in proof.detail


def test_the_sides_of_a_constrained_cut_are_those_of_the_contracted_graph():
    graph = nx.petersen_graph()
    record = dk.maxcut(graph, fixed={0: 0}, pairs=[(1, 2, "same")]).to_dict()
    assert dk.verify(record, graph).ok
    forged = copy.deepcopy(record)
    forged["sides"] = "+" * 10
    forged["partition"] = [list(range(10)), []]
    forged |= {"cut_value": 0, "gap": 1.0, "status": "solved", "proven_optimal": False}
    forged["message"] = dk.CutStatus.SOLVED.value
    assert "expansion" in dk.verify(sealed(forged), graph).failed


@pytest.mark.parametrize("seed", range(12))
def test_ranked_cuts_are_in_the_order_of_their_stated_weights(seed):
    rng = np.random.default_rng(seed)
    edges = [
        (a, b, float(rng.choice([0.1, 0.2, 0.3, 0.7])))
        for a, b in itertools.combinations(range(int(rng.integers(3, 7))), 2)
        if rng.random() < 0.7
    ] or [(0, 1, 0.1)]
    outcome = dk.verify(dk.maxcut(edges, solutions=4), edges)
    assert outcome.ok, str(outcome)


def test_ranked_cuts_whose_rounded_weights_are_equal():
    edges = [(0, 1, 0.2), (0, 2, 0.3), (0, 3, 0.1), (1, 2, 0.2)]
    outcome = dk.verify(dk.maxcut(edges, solutions=4), edges)
    assert outcome.ok, str(outcome)


# --- intervals that are too wide, and estimates -------------------------------------------------------------------
def cancelling_pair():
    """A graph of light edges and two heavy ones of opposite weight between the same sides."""
    light = [(a, b, 1) for a, b in itertools.combinations(range(9), 2)]
    return as_graph([*light, (0, 9, 2**60), (9, 10, 1), (0, 10, -(2**60))])


def with_sides(record, graph, sides, mean, smoothing):
    """The record with other sides, another final distribution, and all figures that follow from them."""
    forged = copy.deepcopy(record)
    forged["certificate"] |= {
        "sides": "".join("+" if side > 0 else "-" for side in sides), "derandomized_sides": None, "proof": None,
        "mean": encode_array(mean, "<f4"), "smoothing": smoothing,
    }  # fmt: skip
    forged["partition"] = [list(side) for side in graph.partition(sides)]
    cut = graph.cut_value(sides)
    forged |= {"cut_value": cut, "search": None, "proven_optimal": False}
    forged["chain"] |= {"cut_value": cut, "derandomized_cut": cut}
    forged["chain"]["final_expectation"] = values.expected_independent_cut(graph, mean, smoothing)
    forged["gap"] = values.relative_gap(forged["upper_bound"], cut)
    final = values.settled_mean(mean, sides, smoothing)
    forged["stationarity"] = values.final_stationarity(
        graph, final, smoothing, penalty=record["stationarity"]["penalty"]
    )
    reached = forged["relaxation"]["duality_gap_reached"]
    forged["status"] = "solved" if reached else "duality_gap_not_reached"
    forged["message"] = dk.CutStatus[forged["status"].upper()].value
    return forged


def test_heavy_edges_that_cancel_hide_no_broken_chain():
    """Their rounding once widened the interval of the expectation: a cut of 0 passed below an expectation of 18."""
    graph = cancelling_pair()
    record = dk.maxcut(graph).to_dict()
    assert dk.verify(record, graph).ok
    sides = np.ones(graph.n, dtype=np.int8)
    sides[-2:] = -1  # both heavy edges are cut, and their weights cancel
    for mean in (np.where(sides > 0, 0.3, -0.3), np.where(np.arange(graph.n) > 8, -1.0, 1e-3)):
        forged = with_sides(record, graph, sides, mean.astype(np.float32).astype(np.float64), 0.5)
        assert forged["cut_value"] < 20
        outcome = dk.verify(sealed(forged), graph)
        assert not outcome.ok
        assert {"chain", "final_expectation"} & set(outcome.failed)


def test_an_interval_that_says_nothing_leaves_the_claim_not_checked():
    graph = cancelling_pair()
    record = dk.maxcut(graph).to_dict()
    sides = np.ones(graph.n, dtype=np.int8)
    mean = np.full(graph.n, 0.25)  # every edge is cut with a chance of a half, nearly; the heavy ones cancel
    forged = with_sides(record, graph, sides, mean, 0.5)
    verdicts = {check.name: check for check in dk.verify(sealed(forged), graph).checks}
    assert verdicts["final_expectation"].verdict is not Verdict.RECOMPUTED
    assert not verdicts["final_expectation"].passed or not verdicts["chain"].passed


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e200])
def test_shares_near_one_are_as_exact_as_shares_near_zero(scale):
    """An edge that is cut almost surely is rounded by its distance from one, not by its weight."""
    graph = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], np.array([2.0**80, -(2.0**80), 1.0]) * scale)
    found = arithmetic.independent_expectation(graph, np.array([3.0, -3.0, 3.0]), 0.01)
    assert found.high - found.low <= 1e-15 * scale
    rows = np.array([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]])
    for figure in (arithmetic.sdp_value(graph, rows), arithmetic.hyperplane_expectation(graph, rows)):
        assert figure.high - figure.low <= 1e-15 * scale
        assert figure.contains(0.0)


def test_vectors_are_not_left_out_by_naming_a_large_rank():
    n = 2000
    graph = WeightedGraph.from_edges(list(range(n)), [(k + 1) % n for k in range(n)])
    record = dk.maxcut(graph).to_dict()
    record["certificate"]["vectors"] = None
    record["relaxation"]["rank"] = n
    assert {"sdp_value", "start_expectation"} <= set(dk.verify(sealed(record), graph).failed)


def test_a_duality_gap_that_says_nothing_is_refused():
    assert semidefinite.LOOSEST_GAP == form.LOOSEST_GAP == float(second().cuts.LOOSEST_GAP)
    for gap in (0.11, 1.0, 1.5, 1e300, float("inf"), float("nan"), 0.0, -1.0):
        with pytest.raises(dk.InputError, match=r"relative duality gap must be positive, at most 0\.1"):
            dk.maxcut([(0, 1)], duality_gap=gap)


def test_solved_to_a_gap_that_says_nothing_is_not_ok(monkeypatch):
    """Whoever asks for a gap of 1 has it at once, and the headline would say "solved"."""
    graph = WeightedGraph.from_edges([0, 1, 2, 3, 4], [1, 2, 3, 4, 0], [1.0, 1.1, 1.2, 1.3, 1.4])
    monkeypatch.setattr(semidefinite, "LOOSEST_GAP", 1.0)
    for gap, ok in ((0.1, True), (0.11, False), (1.0, False)):
        record = dk.maxcut(graph, duality_gap=gap, bound="sdp").to_dict()
        assert record["status"] == "solved"
        report = dk.verify(record, graph)
        assert report.ok is second_report(record, graph).ok is ok
        assert report.failed == (() if ok else ("status",))
        (detail,) = [check.detail for check in report.checks if check.name == "status"]
        assert f"a duality gap of {gap:.3g} was set" in detail


@pytest.mark.parametrize("bound", ["sdp", "best"])
def test_vague_expectations_beside_a_proven_bound_are_no_objection(bound):
    """Found by the fuzzer: edges of 1 cancel beside one of 1e-12; cut and bound hold, whatever is expected."""
    ends = ([0, 0, 1, 1, 2], [1, 2, 2, 3, 3], [1.0, -1.0, -1.0, -1e-12, -1.0])
    graph = WeightedGraph.from_edges(*ends, n=4)
    result = dk.maxcut(graph, bound=bound)
    report, other = dk.verify(result, graph), second_report(result.to_dict(), graph)
    assert "start_expectation" in report.not_checked
    assert result.proven_optimal is (bound == "best")
    assert report.ok
    assert other.ok


def called_estimated(record):
    """A copy of a record whose bound is called an estimate."""
    forged = copy.deepcopy(record)
    forged["bound_status"] = forged["bound"]["status"] = forged["bound"]["dual_status"] = "estimated"
    forged["bound"]["method"] = forged["bound"]["dual_method"] = "lanczos"
    forged |= {
        "status": "bound_estimated",
        "message": dk.CutStatus.BOUND_ESTIMATED.value,
        "proven_optimal": False,
    }
    return forged


@pytest.mark.parametrize("gap", [1e-4, 1.0])
@pytest.mark.parametrize("share", [0.001, 0.02, 0.2])
def test_an_estimate_lacks_no_more_than_its_shift_whatever_gap_the_record_names(gap, share):
    """With a duality gap of 1.0 in the record, any estimated bound once passed."""
    graph = as_graph(nx.random_regular_graph(3, 40, seed=1))
    record = dk.maxcut(graph, bound="sdp").to_dict()
    forged = called_estimated(record)
    forged["relaxation"] |= {"duality_gap": gap, "duality_gap_reached": True}
    assert dk.verify(sealed(forged), graph).ok
    lower = record["chain"]["dual_bound"] * (1.0 - share)
    shift = 4.0 * share * record["chain"]["dual_bound"] / graph.n
    forged["certificate"]["diagonal"] = [d - shift for d in record["certificate"]["diagonal"]]
    value = values.weak_duality_bound(graph.weights, np.array(forged["certificate"]["diagonal"]))
    assert value == pytest.approx(lower)
    forged["chain"]["dual_bound"] = forged["bound"]["dual_bound"] = value
    forged["upper_bound"] = math.floor(value)
    forged["gap"] = values.relative_gap(forged["upper_bound"], forged["cut_value"])
    failed = dk.verify(sealed(forged), graph).failed
    assert "estimate" in failed
    assert (
        "estimated: not proven" in str(dk.verify(sealed({**forged, "seal": ""}), graph))
        or "upper_bound" in failed
    )


def test_the_verdict_says_that_an_estimated_bound_is_not_proven():
    graph = as_graph(nx.random_regular_graph(3, 40, seed=1))
    forged = called_estimated(dk.maxcut(graph, bound="sdp").to_dict())
    outcome = dk.verify(sealed(forged), graph)
    assert outcome.ok
    assert (
        str(outcome)
        .splitlines()[-1]
        .startswith("the record holds, but its upper bound is estimated: not proven")
    )


def test_an_edge_that_outweighs_all_others_keeps_the_chain_of_every_method():
    """Searches over a coordinate see only the heavy edge: the final distribution once ended below the start."""
    for seed in range(8):
        rng = np.random.default_rng(seed)
        pairs = [pair for pair in itertools.combinations(range(6), 2) if rng.random() < 0.6] or [(0, 1)]
        weights = 0.1 * rng.integers(1, 4, len(pairs))
        weights[0] = rng.choice([-1e300, -1e12, 1e9, -1e9])
        edges = [(a, b, float(w)) for (a, b), w in zip(pairs, weights, strict=True)]
        for method in ("lemma", "conditional"):
            outcome = dk.verify(dk.maxcut(edges, method=method), edges)
            assert outcome.ok, (seed, method, str(outcome))


@pytest.mark.parametrize("weight", [5e-324, 1e-320, 1e-236, 1e-159, 1e300, 3.9e306])
def test_the_smallest_and_the_largest_weights_are_searched_and_verified(weight):
    edges = [(a, b, weight) for a, b in itertools.combinations(range(5), 2)]
    result = dk.maxcut(edges, search=dk.SearchEffort(work=20_000), bound="best")
    assert result.cut_value == as_graph(edges).cut_value(np.array([1, 1, 1, -1, -1]))
    outcome = dk.verify(result, edges)
    assert outcome.ok, str(outcome)


@pytest.mark.parametrize("heavy", [1e307, -1e307, 1e200])
def test_a_proof_goes_on_when_the_one_heavy_edge_is_eliminated(heavy):
    """The squares of what is left underflow: triangles divided by zero, and a packing lost signs."""
    rng = np.random.default_rng(3)
    light = [(a, b, 0.1 * float(rng.integers(1, 4))) for a, b in itertools.combinations(range(1, 8), 2)]
    edges = [(0, 1, heavy), *light, *((0, k, 0.2) for k in range(2, 4))]
    for bound in ("best", "cycle"):
        result = dk.maxcut(edges, bound=bound)
        outcome = dk.verify(result, edges)
        assert outcome.ok, str(outcome)


@pytest.mark.parametrize("pair", [[8, 3], [3, 3], [0, 99]])
def test_the_worst_pair_is_a_pair_even_where_all_distortion_is_rounding(pair):
    """Found by the fuzzer: a swapped pair passed in the record of an isometry, where any pair is as bad as none."""
    points = np.random.default_rng(5).standard_normal((9, 3))
    record = dk.embed(points, n_components=4).to_dict()
    assert dk.verify(record, points).ok
    assert "ratios" in dk.verify(sealed({**record, "worst_pair": pair}), points).failed


def test_an_optimum_among_solutions_with_fixed_values_is_not_passed_off_as_one_of_all():
    model = dk.QuadraticModel.from_qubo({(0, 0): -3, (0, 1): 2, (1, 1): -1})
    graph = [("a", "b"), ("b", "c")]
    for result, instance in (
        (dk.optimize(model, fixed={0: 0}), model), (dk.maxcut(graph, pairs=[("a", "b", "same")]), graph),
    ):  # fmt: skip
        outcome = dk.verify(result, instance)
        assert outcome.summary.startswith("the record holds, for what obeys its constraints only: ")
