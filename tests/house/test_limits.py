"""What is still done once a limit of time is over is bounded: by counted work, or by a clock that the test sets."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from tests import oracles
from tests.catalogue import SMALL_INTEGERS, graphs, hashed, random_graph

from derandkit.engine import ConditionalExpectations, LemmaDescent, derandomize
from derandkit.engine.law import GaussianSampler
from derandkit.engine.objective import QuadratureObjective
from derandkit.graphs.graph import WeightedGraph
from derandkit.runtime.clock import Clock, stage
from derandkit.signs.derandomize.course import EARLY, FINISHED
from derandkit.signs.objective import CutObjective
from derandkit.signs.proofs import strategy
from derandkit.signs.proofs.branching.tree import branch_and_bound
from derandkit.signs.proofs.cycles import bound as cycles
from derandkit.signs.proofs.cycles.bound import cycle_bound
from derandkit.signs.proofs.triangles import bound as triangles
from derandkit.signs.proofs.triangles.bound import triangle_bound
from derandkit.signs.relaxation import chance, dual_bound, lowrank
from derandkit.signs.relaxation.lowrank import LANES, LowRank, affordable_rank
from derandkit.signs.relaxation.semidefinite import relax_cut
from derandkit.signs.search.reduction import reduce_graph
from derandkit.signs.solve import solve


@pytest.fixture
def now(monkeypatch):
    """The time of every clock, as a list of one number that the test may change."""
    time = [0.0]
    monkeypatch.setattr("derandkit.runtime.clock.time", SimpleNamespace(monotonic=lambda: time[0]))
    return time


@pytest.mark.parametrize("method", ["lemma", "conditional"])
@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
def test_a_course_that_has_no_time_takes_few_values_and_loses_nothing(method, weights, now, monkeypatch):
    """Coarse reveals took dozens of values of the whole graph after the limit; the name says what was done instead."""
    graph, steps = random_graph(80, 0.2, seed=5, weights=weights), []
    line = CutObjective._line

    def counted(self, sampler, direction, at):
        steps.append(at.size)
        return line(self, sampler, direction, at)

    def late(relaxed):
        now[0] = 2.0
        return relaxed.sampler()

    monkeypatch.setattr(CutObjective, "_line", counted)
    course = solve(graph, method=method, start=late, time_limit=1.0).course
    assert sum(steps) <= 30
    assert course.method == method + EARLY
    assert course.final_expectation >= course.start_expectation
    assert graph.cut_value(course.signs) >= course.final_expectation - 1e-9
    assert not course.interrupted


def test_a_course_whose_descent_ends_early_says_so(now, monkeypatch):
    """The limit may also come in the middle of the descent, which then drops its spread or reveals it."""
    graph = random_graph(60, 0.2, seed=2)
    gradient = CutObjective.mean_gradient

    def slow(self, sampler):
        now[0] = 2.0
        return gradient(self, sampler)

    monkeypatch.setattr(CutObjective, "mean_gradient", slow)
    course = solve(graph, time_limit=1.0).course
    assert course.method in ("lemma" + EARLY, FINISHED)
    assert course.final_expectation >= course.start_expectation


@pytest.mark.parametrize("method", [LemmaDescent(), ConditionalExpectations()])
def test_the_engine_drops_a_spread_where_that_loses_nothing(method, now):
    """A bowl is lowest at its mean: one value shows it, where 40 columns would be revealed one after the other."""
    values = []

    def bowl(z):
        values.append(len(z))
        now[0] += 1.0
        return np.sum(z**2, axis=1)

    start = GaussianSampler(np.zeros(2), np.reshape(hashed(80), (2, 40)))
    outcome = derandomize(QuadratureObjective(bowl, dimension=2), start, method=method, time_limit=0.5)
    assert outcome.sampler.is_deterministic
    assert outcome.value == 0.0
    assert outcome.stats["finished_by"] == "contraction"
    assert len(values) <= 6


def test_a_spread_is_kept_for_the_reveals_where_dropping_it_would_lose(now):
    def hump(z):
        now[0] += 1.0
        return -np.sum(z**2, axis=1)

    start = GaussianSampler(np.zeros(2), np.eye(2))
    outcome = derandomize(QuadratureObjective(hump, dimension=2), start, time_limit=0.5)
    assert outcome.value <= outcome.start_value
    assert outcome.stats["finished_by"] == "conditional expectations"


def test_a_sparse_elimination_begins_only_where_it_is_predicted_to_end(now, monkeypatch):
    rows, columns = np.divmod(np.arange(1600), 40)
    at = np.arange(1600)
    torus = WeightedGraph.from_edges(
        np.concatenate([at, at]),
        np.concatenate([((rows + 1) % 40) * 40 + columns, rows * 40 + (columns + 1) % 40]),
        np.concatenate([np.where(hashed(3200) > 0, 1.0, -1.0)]),
    )
    y = np.full(1600, 3.9)
    assert dual_bound.choose_proof(torus)[0] == "sparse-ldl"
    with stage(time_limit=1.0):
        assert dual_bound.dual_bound(torus, y, chances=0).certified
        monkeypatch.setattr(dual_bound, "ELIMINATION_SECONDS", 1.0)
        bound = dual_bound.dual_bound(torus, y, chances=0)
    assert bound.status == "estimated"
    assert "sparse elimination is predicted to take" in bound.reason
    assert dual_bound.dual_bound(torus, y, chances=0).certified  # without a limit nothing is predicted


def test_no_elimination_is_predicted_where_the_limit_leaves_no_time_for_it(monkeypatch):
    """On a million vertices the prediction alone took a second after the limit."""
    monkeypatch.setattr(dual_bound, "DENSE_ALWAYS", 20)
    graph = random_graph(30, 0.5, seed=1)
    chosen = dual_bound.choose_proof(graph)
    monkeypatch.setattr(dual_bound, "PREDICTION_SECONDS", 1.0)
    assert dual_bound.choose_proof(graph) == chosen  # without a limit nothing is predicted
    with stage(time_limit=1.0):
        method, reason = dual_bound.choose_proof(graph)
        assert (method, "leaves none to predict an elimination" in reason) == ("dense-cholesky", True)
        monkeypatch.setattr(dual_bound, "DENSE_LIMIT", graph.n - 1)
        assert dual_bound.choose_proof(graph)[0] is None


def test_a_packing_is_checked_only_where_the_limit_leaves_the_time(now, monkeypatch):
    """Triangles of a dense graph on 400 vertices took 4.5 s to check after a limit of 1 s."""
    graph = random_graph(12, 0.6, seed=2)
    assert cycle_bound(graph, time_limit=60.0).value == cycle_bound(graph).value < graph.positive_weight
    monkeypatch.setattr(cycles, "CHECK_SECONDS", 100.0)
    assert cycle_bound(graph).value < graph.positive_weight  # without a limit nothing is predicted
    bound = cycle_bound(graph, time_limit=60.0)
    assert bound.value == graph.positive_weight
    assert "0 odd cycles" in bound.reason
    assert "before a packing could be checked" in bound.reason


def test_a_test_by_coins_gets_the_work_that_the_time_left_pays_for(now, monkeypatch):
    asked = []
    monkeypatch.setattr(
        dual_bound, "chance_proof", lambda graph, y, wanted, work: asked.append(work) or "none"
    )
    graph = random_graph(30, 0.3, seed=1)
    y = np.full(30, 2.0)
    dual_bound.dual_bound(graph, y, proof=(None, "none"), chances=1)
    with stage(time_limit=2.0):
        now[0] = 1.5
        dual_bound.dual_bound(graph, y, proof=(None, "none"), chances=1)
    assert asked == [chance.WORK, 0.5 * dual_bound.CHANCE_RATE]


def test_a_share_of_the_time_is_no_limit_to_what_finishes_an_answer(now):
    whole = Clock(time_limit=4.0)
    assert whole.part(time_limit=1.0).last_seconds() == 4.0
    assert whole.part(time_limit=1.0).last_seconds(late=1.0) == 5.0
    assert Clock(work_limit=3).last_seconds() == np.inf


def test_vectors_of_a_short_run_have_as_many_columns_as_can_be_swept(now):
    graph = random_graph(300, 0.1, seed=1)
    full = LowRank(graph, 1e-4, Clock()).V.shape[1]
    assert LowRank(graph, 1e-4, Clock(time_limit=60.0)).V.shape[1] == full
    assert LowRank(graph, 1e-4, Clock(time_limit=1e-6)).V.shape[1] == LANES < full
    ranks = [affordable_rank(100_000, 1_000_000, seconds) for seconds in (0.0, 0.1, 1.0, 10.0)]
    assert ranks == sorted(ranks)
    assert all(rank % LANES == 0 for rank in ranks)
    result = relax_cut(graph, time_limit=1e-6)
    assert result.bound.value >= result.value


@settings(deadline=None, max_examples=60)
@given(graphs(max_n=10, weights=SMALL_INTEGERS))
def test_reductions_leave_the_edges_that_are_counted_beforehand(graph):
    """`is_easy` makes no reduction of a graph of which too many edges would be left."""
    proper = np.count_nonzero(graph.weights) // 2
    assert reduce_graph(graph).reduced.m >= proper - 3 * graph.n


def test_a_graph_with_too_many_edges_is_not_reduced_to_find_out(monkeypatch):
    def never(graph):
        raise AssertionError("the graph was reduced")

    monkeypatch.setattr(strategy, "reduce_graph", never)
    assert not strategy.is_easy(random_graph(200, 0.5, seed=1))
    path = WeightedGraph.from_edges(np.arange(4500), np.arange(1, 4501))
    monkeypatch.setattr(strategy, "REDUCTION_SECONDS", 1.0)
    with stage(time_limit=60.0):  # a reduction is predicted to take more than its share
        assert not strategy.is_easy(path)
    monkeypatch.undo()
    with stage(time_limit=60.0):
        assert strategy.is_easy(path)


def test_triangles_make_the_evaluations_that_the_time_left_pays_for(now, monkeypatch):
    """Twenty eigendecompositions between two looks at the clock took 9 s on 1000 vertices with a limit of 1 s."""
    graph = random_graph(24, 0.5, seed=3, weights="ones")
    free = triangle_bound(graph, max_rounds=0)
    evaluated = []
    minimise = triangles.minimise_dual

    def timed(*arguments):
        count = minimise(*arguments)
        evaluated.append(count)
        now[0] += 0.3 * count
        return count

    monkeypatch.setattr(triangles, "minimise_dual", timed)
    monkeypatch.setattr(triangles, "EVALUATION_SECONDS", 0.3 / 24**3)
    short = triangle_bound(graph, time_limit=1.0)
    assert evaluated[0] == 3
    assert now[0] <= 1.0 + triangles.LATE
    assert "limit of time" in short.reason
    assert short.value >= free.value - 1e-9
    evaluated.clear()
    monkeypatch.setattr(triangles, "EVALUATION_SECONDS", 10.0)
    none = triangle_bound(graph, time_limit=1.0)
    assert not evaluated
    assert none.value == graph.m  # the positive weights, which need no evaluation
    few = random_graph(8, 0.8, seed=3, weights="ones")
    assert branch_and_bound(few, time_limit=1.0).value == oracles.brute_force_maxcut(few)[0]
    assert not evaluated


def test_the_estimate_of_a_run_that_has_to_end_is_bounded_by_work():
    graph = random_graph(300, 0.1, seed=1)
    state = LowRank(graph, 1e-4, Clock())
    assert state.last_steps() == lowrank.FIRST_STEPS
    state.graph = SimpleNamespace(n=10**6, indices=SimpleNamespace(size=10**7))
    assert state.last_steps() == lowrank.FEWEST_STEPS
