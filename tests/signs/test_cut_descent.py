"""The lemma's path: no stretch of it loses expectation, and the revealed direction is the best of its plane."""

import itertools
import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import oracles
from tests.catalogue import REALS, SMALL_INTEGERS, graphs, hashed, matrices, random_graph, unit, vectors

from derandkit.engine import LemmaDescent, derandomize
from derandkit.engine.law import GaussianSampler
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.derandomize import course as course_module
from derandkit.signs.derandomize.course import conditional_course, lemma_course
from derandkit.signs.derandomize.spread import (
    SpreadDescent,
    descend_spread,
    reveal_best_direction,
    reveal_best_directions,
)
from derandkit.signs.kernels import hyperplane_expectation
from derandkit.signs.objective import CutObjective
from derandkit.signs.relaxation.semidefinite import relax_cut
from derandkit.signs.solve import solve
from derandkit.signs.values import default_penalty

QUICK = SpreadDescent(stages=4, sweeps=20)


def expectation(graph, V):
    return hyperplane_expectation(graph.indptr, graph.indices, graph.weights, np.ascontiguousarray(V))


@st.composite
def graph_with_rows(draw, weights=REALS):
    graph = draw(graphs(weights=weights))
    return graph, unit(draw(matrices(graph.n)))


@settings(deadline=None, max_examples=60)
@given(graph_with_rows())
def test_spread_descent_never_loses_expectation(pair):
    graph, V = pair
    before = V.copy()
    spread, interrupted = descend_spread(graph, V, schedule=QUICK)
    slack = 1e-7 * (1.0 + float(np.abs(graph.weights).sum()))
    assert not interrupted
    assert expectation(graph, spread) >= expectation(graph, V) - slack
    np.testing.assert_array_equal(V, before)
    np.testing.assert_allclose(np.linalg.norm(spread, axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
def test_spread_descent_collapses_to_a_plane_and_reports_its_stages(weights):
    graph, V = random_graph(60, 0.15, seed=3, weights=weights), unit(hashed(60, 6))
    stages = []
    spread, _ = descend_spread(graph, V, on_stage=stages.append)
    assert len(stages) == SpreadDescent().stages
    smoothings = [stage.smoothing for stage in stages]
    assert smoothings == sorted(smoothings, reverse=True)
    for stage, delta in zip(stages, SpreadDescent().smoothings(), strict=True):
        tau2 = stage.smoothing**2
        assert 2 * tau2 + tau2 * tau2 == pytest.approx(delta)
        assert 1 <= stage.sweeps <= SpreadDescent().sweeps
    assert expectation(graph, spread) == pytest.approx(max(stage.expectation for stage in stages), rel=1e-9)
    masses = (spread**2).sum(axis=0)
    assert masses[:2].sum() > 0.99 * masses.sum()
    assert expectation(graph, spread) > expectation(graph, V)


def test_smoothings_are_geometric():
    values = SpreadDescent(first=1.0, last=1e-4, stages=5).smoothings()
    np.testing.assert_allclose(values, [1.0, 1e-1, 1e-2, 1e-3, 1e-4])
    np.testing.assert_allclose(SpreadDescent(stages=1).smoothings(), [1.0])


def test_an_interrupt_keeps_the_best_stage():
    graph, V = random_graph(40, 0.2, seed=5), unit(hashed(40, 5))
    seen = []

    def stop(stage):
        seen.append(stage.expectation)
        if len(seen) == 3:
            raise KeyboardInterrupt

    spread, interrupted = descend_spread(graph, V, on_stage=stop)
    assert interrupted
    assert expectation(graph, spread) == pytest.approx(max([*seen, expectation(graph, V)]), rel=1e-9)


def revealed_cut(graph, spread):
    law = reveal_best_direction(graph, spread)
    return law, float(oracles.exact_cut(graph, np.where(law.mean >= 0, 1, -1)))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
def test_the_best_half_plane_is_found(seed, weights):
    graph, spread = random_graph(12, 0.5, seed=seed, weights=weights), unit(hashed(12, 4, seed=seed))
    law, found = revealed_cut(graph, spread)
    assert found == pytest.approx(
        float(oracles.best_half_plane(graph, spread[:, 0], spread[:, 1])), abs=1e-12
    )
    v = law.mean @ spread / np.linalg.norm(law.mean @ spread)
    assert law.dimension == 12
    assert np.linalg.norm(v) == pytest.approx(1.0)
    # conditioned on one coordinate, the law has lost exactly that coordinate's spread
    S = spread @ spread.T - np.outer(law.mean, law.mean)
    np.testing.assert_allclose(law.dense_spread() @ law.dense_spread().T, S, atol=1e-12)


AXES = np.array(
    [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]
)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("x", [0.0, 1e-17, -1e-17])
def test_the_best_half_plane_with_a_row_on_the_second_axis(seed, sign, x):
    """Such a vertex changes sides where the half-turn begins and ends."""
    graph, spread = random_graph(9, 0.6, seed=seed, weights="reals"), unit(hashed(9, 2, seed=seed))
    spread[4] = x, sign
    _, found = revealed_cut(graph, spread)
    best = float(oracles.best_half_plane(graph, spread[:, 0], spread[:, 1]))
    assert found == pytest.approx(best, abs=1e-12)


@settings(deadline=None, max_examples=200)
@given(graphs(min_n=2, max_n=8, weights=SMALL_INTEGERS), st.data())
def test_the_best_half_plane_with_rows_on_the_axes_and_ties(graph, data):
    """Rows in eight directions only: many vertices change sides together, some of them at angle zero."""
    picks = data.draw(st.lists(st.integers(0, 7), min_size=graph.n, max_size=graph.n))
    spread = np.ascontiguousarray(AXES[picks])
    _, found = revealed_cut(graph, spread)
    assert found >= float(oracles.best_half_plane(graph, spread[:, 0], spread[:, 1]))


@settings(deadline=None)
@given(graphs(min_n=2, max_n=8, weights=SMALL_INTEGERS), st.data())
def test_a_law_on_one_axis_is_revealed_along_it(graph, data):
    """Random only up to a global flip: there is one cut, and its means are as large as they can be."""
    bits = data.draw(st.lists(st.booleans(), min_size=graph.n, max_size=graph.n))
    x = np.where(bits, 1.0, -1.0)
    spread = np.column_stack([x, np.zeros(graph.n)])
    law, found = revealed_cut(graph, spread)
    assert found == float(oracles.exact_cut(graph, x))
    assert np.abs(law.mean).min() > 0.1


@pytest.mark.parametrize("seed", range(4))
def test_further_directions_are_other_cuts_heaviest_first(seed):
    graph, spread = random_graph(60, 0.2, seed=seed), unit(hashed(60, 3, seed=seed))
    laws = reveal_best_directions(graph, spread, 5)
    weights = [graph.cut_value(np.where(law.mean >= 0, 1, -1)) for law in laws]
    assert len(laws) == 5
    assert weights == sorted(weights, reverse=True)
    assert len({law.mean.tobytes() for law in laws}) == 5
    first = reveal_best_direction(graph, spread)
    np.testing.assert_array_equal(laws[0].mean, first.mean)
    for law in laws:  # what is left and what is revealed are the spread that was there
        whole = law.dense_spread() @ law.dense_spread().T + np.outer(law.mean, law.mean)
        np.testing.assert_allclose(whole, spread @ spread.T, atol=1e-12)


@pytest.mark.parametrize("r", [0, 1])
def test_spreads_without_a_plane(r):
    graph = random_graph(6, 0.5)
    law = reveal_best_direction(graph, hashed(6, 1)[:, :r])
    assert law.dimension == 6
    assert law.is_deterministic or law.spread_norm < 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_the_engine_never_raises_the_penalised_objective(seed):
    graph = random_graph(20, 0.3, seed=seed, weights="reals")
    objective, penalty = CutObjective(graph, 0.3), 1e-3
    law = GaussianSampler(hashed(20, seed=seed + 1), 0.5 * hashed(20, 3, seed=seed + 2))
    outcome = derandomize(objective, law, method=LemmaDescent(penalty=penalty))
    start = objective.value(law) + penalty * law.spread_norm**2
    assert outcome.history["penalised"][0] == pytest.approx(start)
    assert all(b <= a + 1e-12 for a, b in itertools.pairwise(outcome.history["penalised"]))
    assert outcome.sampler.is_deterministic
    assert outcome.value <= outcome.start_value


def old_loop(graph, law, steps=40):
    """The loop that the engine replaced: jump to W = 0, double the mean, halve W, whichever does not raise J."""
    objective, penalty = CutObjective(graph, 0.01), default_penalty(graph)

    def penalised(point):
        return objective.value(point) + penalty * point.spread_norm**2

    value = penalised(law)
    for _ in range(steps):
        trials = [law.deterministic(), law.with_mean(2 * law.mean), law.with_spread(0.5 * law.dense_spread())]
        better = [(trial, J) for trial in trials if (J := penalised(trial)) <= value]
        if not better or law.is_deterministic:
            break
        law, value = better[0]
    return law


@pytest.mark.parametrize("seed", [2, 16, 21])
def test_the_descent_removes_the_spread_where_scaling_cannot(seed):
    """On these graphs a loop that only scales W and b never shrinks |W|, and called itself the lemma all the same."""
    graph = as_graph(nx.gnp_random_graph(60, 0.2, seed=seed))
    law = relax_cut(graph).sampler()
    stuck = old_loop(graph, reveal_best_direction(graph, descend_spread(graph, law.dense_spread())[0]))
    course = lemma_course(graph, law)
    assert course.method == "lemma"
    assert course.history["spread_norm"][-1] == 0.0
    assert course.history["expectation"][-1] >= CutObjective(graph, 0.01).expectation(stuck) - 1e-9
    assert course.history["expectation"][-1] == pytest.approx(graph.cut_value(course.signs), abs=0.01)
    # the descent did it: |W| shrinks step by step, where the old loop's grew until something else removed it
    norms = course.history["spread_norm"]
    left = [norm for norm in norms if 0.0 < norm < norms[0] - 1e-9]
    assert min(left) < 0.5 * left[0]
    assert stuck.spread_norm >= left[0] - 1e-9


def test_a_course_that_conditional_expectations_finish_says_so(monkeypatch):
    graph = random_graph(30, 0.3, seed=1)
    law = relax_cut(graph).sampler()
    assert lemma_course(graph, law).method == "lemma"
    monkeypatch.setattr(course_module, "DIRECTIONS", 1)  # of four directions, one needs no finishing
    monkeypatch.setattr(course_module, "_steps", lambda graph, law, work: 0)
    drawn = [random_graph(12, 0.3, seed=s, weights="signs") for s in range(28, 36)]
    finished = [lemma_course(one, relax_cut(one).sampler()) for one in drawn]
    assert {course.method for course in finished} == {"lemma", "lemma, finished by conditional expectations"}
    assert all(course.final_expectation >= course.start_expectation for course in finished)


def test_a_course_that_loses_gives_way_to_the_best_one_that_does_not(monkeypatch):
    graph = random_graph(30, 0.3, seed=1)
    law = relax_cut(graph).sampler()
    best = lemma_course(graph, law)
    seen = []

    def loses(graph, law, course):
        seen.append(course)
        return (course.signs == best.signs).all()

    monkeypatch.setattr(course_module, "_loses", loses)
    other = lemma_course(graph, law)
    assert other.method == "lemma"
    assert (other.signs != best.signs).any()
    assert graph.cut_value(other.signs) <= graph.cut_value(best.signs)
    ranks = [graph.cut_value(course.signs) for course in seen]
    assert ranks == sorted(ranks, reverse=True)


@settings(deadline=None, max_examples=25)
@given(graphs(min_n=2, max_n=8, weights=SMALL_INTEGERS), st.data())
def test_a_start_with_thresholds_is_derandomized_by_both_methods(graph, data):
    """Mean and rows of any kind: no expectation is lost, and the sides are no worse than the end."""
    law = GaussianSampler(data.draw(vectors(graph.n, bound=1.5)), unit(data.draw(matrices(graph.n))))
    slack = 1e-9 * float(np.abs(graph.weights).sum())
    start = oracles.expected_cut(graph, law, 0.0)
    for method in (lemma_course, conditional_course):
        course = method(graph, law)
        # arccos turns a rounding error in a correlation of one into its square root
        assert course.start_expectation == pytest.approx(
            start, abs=1e-6 * float(np.abs(graph.weights).sum()) + 1e-9
        )
        assert course.final_expectation >= course.start_expectation - slack
        assert graph.cut_value(course.signs) >= course.final_expectation - slack


@pytest.mark.parametrize("method", ["lemma", "conditional"])
def test_the_core_takes_a_start_with_thresholds(method):
    """A mean that decides nearly everything: the sides are those of the mean, whatever the vectors say."""
    graph = random_graph(24, 0.3, seed=4, weights="ones")
    sides = np.where(hashed(24) >= 0, 1.0, -1.0)
    solution = solve(
        graph, method=method, start=lambda relaxed: GaussianSampler(50.0 * sides, relaxed.vectors)
    )
    decided = graph.cut_value(sides.astype(np.int8))
    assert solution.course.start_expectation == pytest.approx(decided)
    assert graph.cut_value(solution.course.signs) >= decided
    plain = solve(graph, method=method)
    assert plain.course.start_expectation == pytest.approx(
        expectation(graph, plain.relaxed.vectors), rel=1e-9
    )
    assert plain.found is None
    assert not plain.interrupted


#: Signed graphs on which conditional expectations ended far below their start once the final means had been scaled
#: to order one: some means are ten thousand times as large as others.
SCALES = [
    [(0, 1, -3), (0, 2, -1), (0, 4, -3), (1, 2, -3), (1, 3, 0), (1, 4, -4), (2, 3, 1), (2, 5, -1), (3, 4, -2),
     (3, 5, -2), (4, 5, 2)],
]  # fmt: skip


@pytest.mark.parametrize("edges", SCALES)
def test_means_of_very_different_size_keep_their_sides(edges):
    i, j, w = zip(*edges, strict=True)
    graph = WeightedGraph.from_edges(i, j, w)
    course = conditional_course(graph, relax_cut(graph).sampler())
    assert course.method == "conditional"
    assert course.final_expectation >= course.start_expectation
    assert graph.cut_value(course.signs) >= course.final_expectation


@pytest.mark.parametrize("power", [-30, 20])
def test_spread_descent_does_not_notice_powers_of_two(power):
    graph, V = random_graph(30, 0.3, seed=2, weights="reals"), unit(hashed(30, 5))
    i, j, w = graph.edges()
    scaled = WeightedGraph.from_edges(i, j, np.ldexp(w, power), n=30)
    one, other = descend_spread(graph, V)[0], descend_spread(scaled, V)[0]
    np.testing.assert_array_equal(one, other)
    assert expectation(scaled, other) == math.ldexp(expectation(graph, one), power)
