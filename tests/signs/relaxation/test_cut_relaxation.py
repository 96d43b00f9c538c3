"""The relaxation: known values, a conic solver as oracle, optimality conditions, and the certified gap."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import SMALL_INTEGERS, catalogue, graphs, random_graph
from tests.oracles import brute_force_maxcut

from derandkit.certificates.cuts.psd import prove_positive_semidefinite
from derandkit.cuts.solve import maxcut
from derandkit.errors import InputError, MissingDependencyError
from derandkit.graphs.graph import WeightedGraph
from derandkit.numerics.hashing import hashed_uniform
from derandkit.runtime.clock import stage
from derandkit.signs.relaxation import lowrank
from derandkit.signs.relaxation.lowrank import LowRank, Momentum, full_rank, scaled_weights, start_vectors
from derandkit.signs.relaxation.semidefinite import relax_cut
from derandkit.signs.values import semidefinite_value


def conic_value(graph):
    """Solve the SDP with Clarabel (an interior-point method) on a plain formulation."""
    import cvxpy

    A = graph.adjacency().toarray()
    scale = float(np.abs(A).max())
    X = cvxpy.Variable((graph.n, graph.n), symmetric=True)
    laplacian = (np.diag(A.sum(axis=1)) - A) / scale
    problem = cvxpy.Problem(cvxpy.Maximize(0.25 * cvxpy.trace(laplacian @ X)), [X >> 0, cvxpy.diag(X) == 1])
    problem.solve(solver=cvxpy.CLARABEL)
    return float(problem.value) * scale


def gap_of(solution, graph):
    scale = max(abs(solution.bound.value), 1e-9 * 0.5 * float(np.abs(graph.weights).sum()))
    return (solution.bound.value - solution.value) / scale if scale > 0 else 0.0


@pytest.mark.parametrize("known", catalogue(), ids=lambda known: known.name)
def test_known_values(known):
    solution = relax_cut(known.graph)
    assert solution.duality_gap_reached
    assert solution.bound.certified
    total = float(np.abs(known.graph.weights).sum())
    assert solution.value <= known.sdp + 1e-12 * total
    assert solution.bound.value >= known.sdp - 1e-12 * total
    assert solution.value == pytest.approx(known.sdp, rel=2e-4, abs=1e-12)


def test_five_cycle():
    """``5 cos^2(pi / 10) = (25 + 5 sqrt 5) / 8 = 4.5225``."""
    five = next(known for known in catalogue() if known.name == "cycle-5")
    assert five.sdp == pytest.approx((25 + 5 * math.sqrt(5)) / 8, rel=1e-15)
    assert relax_cut(five.graph, duality_gap=1e-6).value == pytest.approx(4.5225424859, rel=1e-6)


@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
@pytest.mark.parametrize("n", [12, 30])
def test_against_a_conic_solver(n, weights):
    graph = random_graph(n, 0.35, seed=n, weights=weights)
    oracle = conic_value(graph)
    solution = relax_cut(graph, duality_gap=1e-5)
    slack = 1e-7 * abs(oracle)
    assert solution.value <= oracle + slack
    assert oracle <= solution.bound.value + slack
    assert solution.value >= oracle - 1e-5 * abs(solution.bound.value) - slack


@pytest.mark.parametrize("weights", ["signs", "positive"])
def test_the_cvxpy_relaxation_meets_the_same_promises(weights):
    graph = random_graph(14, 0.4, seed=7, weights=weights)
    conic, swept = relax_cut(graph, relaxation="cvxpy", duality_gap=1e-4), relax_cut(graph, duality_gap=1e-4)
    assert conic.method.startswith("cvxpy:")
    assert (conic.duality_gap_reached, conic.bound.certified, conic.sweeps) == (True, True, 0)
    assert conic.value == pytest.approx(swept.value, rel=3e-4)
    assert conic.value <= swept.bound.value
    assert swept.value <= conic.bound.value


@settings(deadline=None, max_examples=40)
@given(graphs(max_n=10), st.sampled_from([1e-2, 1e-4]))
def test_every_solution_is_feasible_and_bounded(graph, gap):
    solution = relax_cut(graph, duality_gap=gap)
    total = float(np.abs(graph.weights).sum())
    np.testing.assert_allclose(np.linalg.norm(solution.vectors, axis=1), 1.0, atol=1e-14)
    assert solution.value == semidefinite_value(graph, solution.vectors)
    optimum, _ = brute_force_maxcut(graph)
    assert Fraction(solution.bound.value) >= optimum
    assert solution.bound.value >= solution.value - 1e-12 * total
    assert solution.duality_gap_reached == (gap_of(solution, graph) <= gap)
    assert prove_positive_semidefinite(
        graph.adjacency(), solution.bound.diagonal, solution.bound.method
    ).proven


@settings(deadline=None, max_examples=40)
@given(graphs(max_n=10, weights=SMALL_INTEGERS), st.sampled_from([1e-2, 1e-4]))
def test_the_gap_is_met_on_any_graph_with_weights_of_one_scale(graph, gap):
    assert relax_cut(graph, duality_gap=gap).duality_gap_reached


@pytest.mark.parametrize("gap", [1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
def test_the_gap_asked_for_is_met(gap):
    graph = random_graph(60, 0.15, seed=1, weights="signs")
    solution = relax_cut(graph, duality_gap=gap)
    assert solution.duality_gap_reached
    assert gap_of(solution, graph) <= gap


@pytest.mark.parametrize("weights", ["ones", "reals"])
def test_optimality_conditions(weights):
    """Stationarity, dual feasibility and complementarity of the SDP at a tight gap."""
    graph = random_graph(40, 0.25, seed=4, weights=weights)
    solution = relax_cut(graph, duality_gap=1e-7, max_sweeps=100_000)
    assert solution.duality_gap_reached
    A, V = graph.adjacency().toarray(), solution.vectors
    pull = A @ V
    y = np.linalg.norm(pull, axis=1)
    assert np.abs(pull + y[:, None] * V).max() < 3e-2 * np.abs(A).sum(axis=1).max() * math.sqrt(1e-3)
    S = A + np.diag(y)
    assert np.linalg.eigvalsh(S)[0] > -1e-4 * y.max()
    assert float(np.sum(S * (V @ V.T))) == pytest.approx(0.0, abs=1e-5 * y.sum())


@pytest.mark.parametrize("power", [-40, -7, 13, 60])
def test_weights_times_a_power_of_two(power):
    """The vectors do not notice; value scales exactly, the bound up to its outward rounding."""
    graph = random_graph(25, 0.3, seed=6, weights="reals")
    i, j, w = graph.edges()
    scaled = WeightedGraph.from_edges(i, j, np.ldexp(w, power), n=graph.n)
    one, other = relax_cut(graph), relax_cut(scaled)
    np.testing.assert_array_equal(one.vectors, other.vectors)
    assert other.value == math.ldexp(one.value, power)
    assert math.ldexp(other.bound.value, -power) == pytest.approx(one.bound.value, rel=2e-5)
    assert (one.sweeps, one.duality_gap_reached) == (other.sweeps, other.duality_gap_reached)


@settings(deadline=None)
@given(graphs())
def test_scaled_weights(graph):
    weights, exponent = scaled_weights(graph)
    largest = float(np.abs(weights).max(initial=0.0))
    assert largest == 0.0 or 1.0 <= largest < 2.0
    np.testing.assert_array_equal(np.ldexp(weights, -exponent), graph.weights)


def test_what_is_stored_is_what_was_used():
    solution = relax_cut(random_graph(20, 0.3, seed=3))
    assert solution.stored.dtype == np.float32
    stored = solution.stored.astype(np.float64)
    again = stored / np.sqrt(np.einsum("ij,ij->i", stored, stored))[:, None]
    np.testing.assert_array_equal(again, solution.vectors)
    law = solution.sampler()
    assert (law.dimension, law.rank) == (20, solution.rank)
    assert not law.mean.any()
    assert "certified" in repr(solution)


def test_runs_are_equal_to_the_bit():
    graph = random_graph(30, 0.3, seed=2, weights="reals")
    one, other = relax_cut(graph), relax_cut(graph)
    assert one.vectors.tobytes() == other.vectors.tobytes()
    assert (one.value, one.bound.value) == (other.value, other.bound.value)


def test_few_sweeps_still_give_a_valid_bound():
    graph = random_graph(14, 0.5, seed=9)
    optimum, _ = brute_force_maxcut(graph)
    previous = -math.inf
    for sweeps in (1, 2, 4, 8):
        solution = relax_cut(graph, max_sweeps=sweeps, duality_gap=1e-9)
        assert solution.sweeps == sweeps
        assert Fraction(solution.bound.value) >= optimum
        assert solution.bound.value >= solution.value
        assert solution.value >= previous - 1e-6
        previous = solution.value
    assert not relax_cut(graph, max_sweeps=1, duality_gap=1e-9).duality_gap_reached


def test_progress_brackets_the_optimum_more_and_more_closely():
    graph = random_graph(60, 0.2, seed=8)
    seen = []
    solution = relax_cut(graph, duality_gap=1e-6, on_progress=seen.append)
    assert len(seen) >= 2
    values = [progress.value for progress in seen]
    assert values == sorted(values)
    assert all(progress.bound >= solution.value * (1 - 1e-6) for progress in seen)


@pytest.mark.parametrize(("n", "rank"), [(1, 1), (2, 2), (8, 5), (50, 11), (800, 41)])
def test_full_rank(n, rank):
    assert full_rank(n) == rank


def test_start_vectors_are_unit_rows_that_never_change():
    V = start_vectors(30, 7)
    np.testing.assert_allclose(np.linalg.norm(V, axis=1), 1.0, atol=1e-15)
    np.testing.assert_array_equal(V, start_vectors(30, 7))
    assert np.linalg.matrix_rank(V) == 7


def test_a_start_is_the_same_for_every_size_of_blocks(monkeypatch):
    whole = start_vectors(31, 7)
    monkeypatch.setattr(lowrank, "START_BLOCK", 40)
    np.testing.assert_array_equal(start_vectors(31, 7), whole)


@pytest.mark.parametrize("gap", [0.0, -1e-3, math.nan])
def test_a_gap_must_be_positive(gap):
    with pytest.raises(InputError, match="gap"):
        relax_cut(random_graph(4, 0.9), duality_gap=gap)


def test_unknown_relaxations_and_large_graphs_for_cvxpy_are_refused():
    with pytest.raises(InputError, match="lowrank"):
        relax_cut(random_graph(4, 0.9), relaxation="simplex")
    with pytest.raises(InputError, match="200"):
        relax_cut(random_graph(201, 0.01), relaxation="cvxpy")


def test_cvxpy_that_is_not_installed_is_said_before_any_work(monkeypatch):
    monkeypatch.setattr("derandkit.signs.relaxation.semidefinite.find_spec", lambda _: None)
    monkeypatch.setattr("derandkit.signs.relaxation.semidefinite._conic", None)
    line = r"^cvxpy is not installed; run: pip install 'derandkit\[cvxpy\]'$"
    for call in (relax_cut, maxcut):
        with pytest.raises(MissingDependencyError, match=line):
            call(random_graph(4, 0.9), relaxation="cvxpy")


def test_a_saddle_of_too_low_rank_is_left():
    """More than 16 columns are needed: a sum of many odd cycles sharing nothing, plus a dense part."""
    graph = random_graph(150, 0.08, seed=12, weights="signs")
    solution = relax_cut(graph, duality_gap=1e-6)
    assert solution.duality_gap_reached
    assert solution.bound.certified


def test_momentum_rests_twice_as_long_after_every_fall_without_a_new_best_value():
    """Whatever the values: between two falls without a new best value the sweeps without momentum double."""
    momentum, rests = Momentum(), []
    momentum.review(1.0)
    for fall in range(6):
        momentum.review(0.5 - 0.01 * fall)
        rest = 0
        while momentum.weight() == 0.0:
            rest += 1
        rests.append(rest)
    assert rests == [1, 2, 4, 8, 16, 32]
    momentum.review(2.0)
    momentum.review(1.9)
    assert momentum.weight() == 0.0
    assert momentum.weight() == 0.25


def test_momentum_grows_and_stays_below_one():
    momentum = Momentum()
    weights = [momentum.weight() for _ in range(500)]
    assert weights[0] == 0.0
    assert weights == sorted(weights)
    assert weights[-1] == 0.98


def torus_with_a_field(side):
    """An Ising model on a torus whose fields are edges to one more vertex."""
    k = np.arange(side * side)
    x, y = k % side, k // side
    ends = np.concatenate([(x + 1) % side + y * side, x + ((y + 1) % side) * side, np.full(k.size, k.size)])
    weights = np.empty(3 * k.size)
    hashed_uniform(7, weights)
    return WeightedGraph.from_edges(np.concatenate([k, k, k]), ends, weights)


def test_a_vertex_of_high_degree_does_not_raise_the_rank():
    """Against one vertex whose pull is a hundred times the others', no sum over all of them may decide."""
    graph = torus_with_a_field(20)
    solution = relax_cut(graph)
    assert solution.duality_gap_reached
    assert solution.rank <= 24
    assert solution.sweeps <= 400


def test_extrapolation_reaches_a_gap_that_plain_sweeps_do_not(monkeypatch):
    graph = torus_with_a_field(16)
    quick = relax_cut(graph, max_sweeps=200)
    monkeypatch.setattr(Momentum, "weight", lambda self: 0.0)
    slow = relax_cut(graph, max_sweeps=200)
    assert quick.duality_gap_reached
    assert not slow.duality_gap_reached
    assert quick.value > slow.value


@pytest.mark.parametrize("single", [False, True])
def test_a_fall_of_the_value_drops_the_momentum(single, monkeypatch):
    if single:
        monkeypatch.setattr("derandkit.signs.relaxation.lowrank.SINGLE", 0)
    graph = random_graph(80, 0.1, seed=3, weights="signs")
    seen = []
    honest = Momentum.review

    def review(self, value):
        fell = value < self.last
        honest(self, value)
        seen.append(not fell or self.count <= 0)

    monkeypatch.setattr(Momentum, "review", review)
    with stage() as clock:
        state = LowRank(graph, 1e-4, clock)
        state.sweep_until(300)
    assert state.V.dtype == (np.float32 if single else np.float64)
    assert len(seen) >= 10
    assert all(seen)
