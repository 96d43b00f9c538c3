"""The test by coins: it refuses every matrix that is not as claimed, passes those that are, and states its chance."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import random_graph

import derandkit
from derandkit.certificates.cuts import coins
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import sealed
from derandkit.signs.relaxation import chance, semidefinite
from derandkit.signs.relaxation import dual_bound as bounds
from derandkit.signs.relaxation.chance import chance_proof
from derandkit.signs.relaxation.dual_bound import dual_bound


def smallest(graph):
    return float(np.linalg.eigvalsh(graph.adjacency().toarray())[0])


def passes(graph, level, margin, seed, probability=1e-12):
    diagonal = np.full(graph.n, level)
    rng = np.random.default_rng(seed)
    return coins.test_by_coins(graph.adjacency(), diagonal, margin, probability, rng).proven


def test_one_eigenvalue_below_is_refused_in_a_thousand_of_a_thousand_trials():
    """Every eigenvalue but one is as claimed, and that one is at -2 delta: coins that a prover cannot know find it."""
    graph, margin = random_graph(40, 0.2, seed=3, weights="signs"), 0.05
    values = np.linalg.eigvalsh(graph.adjacency().toarray())
    level = -float(values[0]) - 2.0 * margin
    assert values[1] + level > -margin
    assert not any(passes(graph, level, margin, seed) for seed in range(1000))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 50), st.integers(2, 40), st.floats(1e-3, 0.5), st.integers(0, 2**32))
def test_what_is_semidefinite_passes_whatever_the_coins(kind, n, margin, seed):
    """No false refusal: the margin is really there."""
    graph = random_graph(n, 0.4, seed=kind, weights="signs")
    assert passes(graph, -smallest(graph) + margin, margin, seed)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 50), st.integers(3, 30), st.floats(1e-3, 0.5), st.integers(0, 2**32))
def test_what_is_not_semidefinite_never_passes(kind, n, margin, seed):
    graph = random_graph(n, 0.5, seed=kind, weights="reals")
    if graph.m:
        assert not passes(graph, -smallest(graph) - 1e-9, margin, seed)


def test_the_error_probability_is_a_bound_that_means_something():
    """A matrix that is only just false passes now and then, and not more often than is stated."""
    graph, chance_of_one = WeightedGraph.from_edges([0], [1]), 0.9
    stated = chance_of_one**coins.VECTORS
    passed = sum(passes(graph, 1.0 - 1e-9, 0.5, seed, stated) for seed in range(400))
    assert 8 < passed < 400 * stated + 30


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 60), st.integers(1, 25))
def test_the_bound_on_the_spectrum_holds(seed, n):
    graph = random_graph(n, 0.3, seed=seed, weights="reals")
    diagonal = np.abs(np.sin(np.arange(n) + seed))
    matrix = np.abs(graph.adjacency().toarray()) + np.diag(diagonal)
    found = coins.greatest_eigenvalue(graph.adjacency(), diagonal)
    assert found >= np.linalg.eigvalsh(matrix)[-1] * (1 - 1e-14)
    assert found <= matrix.sum(axis=1).max() * (1 + 1e-12)


@pytest.mark.parametrize("margin", [0.0, -1.0, math.nan, 1e-30])
def test_margins_without_a_test_are_refused(margin):
    outcome = coins.test_by_coins(
        random_graph(6, 0.5).adjacency(), np.full(6, 9.0), margin, 1e-12, np.random.default_rng(0)
    )
    assert not outcome.proven
    assert "allows no test" in outcome.detail


def test_rounding_errors_are_part_of_the_judgement():
    found = coins.plan(random_graph(6, 0.5).adjacency(), np.full(6, 9.0), 0.1, 1e-12)
    small = np.full(coins.VECTORS, 1e-3)
    assert coins.judged(found, small, np.full(coins.VECTORS, 1e-15)).proven
    assert not coins.judged(found, small, np.full(coins.VECTORS, 1.0)).proven
    assert not coins.judged(found, np.full(coins.VECTORS, math.nan), small).proven


def test_the_step_of_the_solver_is_the_recurrence():
    graph = random_graph(12, 0.4, seed=1, weights="reals")
    u, out = np.random.default_rng(0).normal(size=(2, 12, 8))
    d = np.arange(12.0)
    expected = 0.3 * (graph.adjacency().toarray() @ u + d[:, None] * u) - 2.0 * u - out
    chance.chebyshev_step(graph.indptr, graph.indices, graph.weights, d, 0.3, -2.0, -1.0, u, out)
    np.testing.assert_allclose(out, expected, atol=1e-13)


@pytest.mark.parametrize("work", [1e4, 1e6, 1e9])
def test_the_margin_fits_the_budget(work):
    graph = random_graph(60, 0.2, seed=4, weights="signs")
    y = np.full(60, -smallest(graph) + 1e-9)
    found = chance_proof(graph, y, 1e-3, work=work)
    assert not isinstance(found, str)
    planned = coins.plan(graph.adjacency(), found.diagonal, found.margin, coins.STATED)
    assert planned.steps <= max(16, chance.steps_within(graph, work))
    assert found.margin >= 1e-3
    np.testing.assert_allclose(found.diagonal, y + found.margin)


def test_a_diagonal_that_is_too_low_gets_no_margin():
    graph = random_graph(60, 0.2, seed=4, weights="signs")
    found = chance_proof(graph, np.full(60, -smallest(graph) - 0.2), 1e-2)
    assert isinstance(found, str)
    assert "negative eigenvalue" in found


@pytest.fixture
def no_factorisation(monkeypatch):
    """As on a graph whose matrix is too large to factorise."""
    monkeypatch.setattr(bounds, "choose_proof", lambda graph: (None, "too large"))
    monkeypatch.setattr(semidefinite, "choose_proof", lambda graph: (None, "too large"))


def test_a_bound_without_a_factorisation_is_tested(no_factorisation):
    graph = random_graph(30, 0.3, seed=2)
    y = np.full(30, -smallest(graph))
    bound = dual_bound(graph, y)
    assert (bound.status, bound.method, bound.certified) == ("tested", "chebyshev", False)
    assert bound.coin_test == {"error_probability": 1e-12, "margin": bound.margin}
    assert np.linalg.eigvalsh(graph.adjacency().toarray() + np.diag(bound.diagonal))[0] > 0.5 * bound.margin


def test_a_tested_record_holds_but_for_its_chance_and_is_never_optimal(no_factorisation):
    graph = random_graph(40, 0.2, seed=6)
    result = derandkit.maxcut(graph, bound="sdp")
    record = json.loads(result.to_json())
    assert (result.bound_status, result.status.name) == ("tested", "BOUND_TESTED")
    assert record["bound"]["coin_test"]["error_probability"] == 1e-12
    assert not result.proven_optimal
    assert "1e-12" in str(result)
    outcome = derandkit.verify(record, graph)
    assert outcome.ok, outcome
    assert not outcome.strict
    assert outcome.error_probability == 1e-12
    assert "but for an error probability of 1e-12" in str(outcome)
    assert str(derandkit.verify(record, graph, rng=1)) == str(derandkit.verify(record, graph, rng=1))
    known = "if whoever made the record did not know the coins that are given"
    assert known in str(derandkit.verify(record, graph, rng=1))
    assert known not in str(outcome)


def test_forged_tests_are_refused(no_factorisation):
    graph = random_graph(40, 0.2, seed=6)
    record = json.loads(derandkit.maxcut(graph, bound="sdp").to_json())

    def failed(change):
        forged = json.loads(json.dumps(record))
        change(forged)
        return derandkit.verify(sealed(forged), graph).failed

    def test(forged):
        return forged["bound"]["coin_test"]

    assert "positive_semidefinite" in failed(lambda r: test(r).update(error_probability=1e-3))
    assert "positive_semidefinite" in failed(lambda r: test(r).update(margin=1e-13))
    assert "form" in failed(lambda r: test(r).update(margin=-1.0))
    assert "form" in failed(lambda r: r["bound"].pop("coin_test"))
    lower = [d - 3.0 * test(record)["margin"] for d in record["certificate"]["diagonal"]]
    assert "positive_semidefinite" in failed(lambda r: r["certificate"].update(diagonal=lower))
    assert failed(lambda r: r.update(bound_status="certified"))
    assert failed(lambda r: r["bound"].update(dual_status="certified", status="certified"))


def called_tested(margin, probability):
    """The record of one edge whose bound is called tested, with a margin that its maker chose."""
    record = json.loads(derandkit.maxcut([(0, 1, 1.0)], search=None).to_json())
    least = 1.0 + 2.0 * margin + 1e-12
    bound = math.nextafter((2.0 + 2.0 * least) / 4.0, math.inf)
    record["bound"] |= {
        "coin_test": {"error_probability": probability, "margin": margin}, "dual_bound": bound,
        "dual_method": "chebyshev", "dual_status": "tested", "method": "chebyshev", "status": "tested",
    }  # fmt: skip
    record["certificate"]["diagonal"] = [least, least]
    record["chain"]["dual_bound"] = bound
    record |= {"bound_status": "tested", "message": derandkit.CutStatus.BOUND_TESTED.value}
    record |= {"proven_optimal": False, "status": "bound_tested"}
    return sealed(record)


@pytest.mark.parametrize(("margin", "probability"), [(1e-10, 1e-12), (2e-14, 1e-12), (2e-14, 1e-29)])
def test_many_steps_on_a_tiny_graph_are_refused_unseen(monkeypatch, margin, probability):
    """A step takes microseconds however small the graph is: 4.5e8 of them took hours for one edge."""
    monkeypatch.setattr(coins, "test_by_coins", None)
    checks = derandkit.verify(called_tested(margin, probability), [(0, 1, 1.0)]).checks
    detail = next(check.detail for check in checks if check.name == "positive_semidefinite")
    assert detail.startswith("refused unseen: the test by coins would take")


def test_what_rounding_hides_is_known_before_the_first_step():
    A, margin = random_graph(2, 1.0, seed=1).adjacency(), 2e-14
    assert coins.plan(A, np.full(2, 3.0), margin, 1e-12).steps > 1e7
    proof = coins.test_by_coins(A, np.full(2, 3.0), margin, 1e-12, np.random.default_rng(0))
    assert not proof.proven
    assert proof.detail.endswith("rounding errors leave nothing to be concluded")
