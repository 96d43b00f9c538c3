"""The randomized baselines: laws of large numbers, the same numbers from the same seed, and networkx's own answers."""

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import SMALL_INTEGERS, graphs, hashed, random_graph, unit

from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.baselines.deterministic import improved
from derandkit.signs.baselines.kernels import cuts_of_sides, hyperplane_sides, improve_columns
from derandkit.signs.baselines.randomized import (
    draw_hyperplanes,
    hyperplane_best,
    hyperplane_mean,
    one_exchange,
    running_exchange,
)
from derandkit.signs.search.annealing_kernels import flip_gains

GRAPH = random_graph(60, 0.2, weights="reals")
V = unit(hashed(60, 5))


def test_sides_and_cuts_are_their_definitions():
    X = hashed(5, 7, seed=3)
    sides, cuts = np.empty((60, 7), dtype=np.int8), np.empty(7)
    hyperplane_sides(V, X, np.empty(7), sides)
    assert (sides == (V @ X >= 0)).all()
    cuts_of_sides(*GRAPH.edges(), sides, cuts)
    np.testing.assert_allclose(cuts, [GRAPH.cut_value(2 * s - 1) for s in sides.T], rtol=1e-12)


@settings(deadline=None, max_examples=25)
@given(graphs(weights=st.sampled_from([1e9, -1e9, 0.1, 1e-6, 2.0**53, 3.0, -1e16, 5e-324, 1e300])))
def test_cuts_of_draws_are_added_without_rounding(graph):
    draws = draw_hyperplanes(graph, unit(hashed(graph.n, 3)), 0, draws=70)
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.standard_normal((size, 3)) for size in (64, 6)])
    signs = np.where(X @ unit(hashed(graph.n, 3)).T >= 0.0, 1, -1)
    values = [graph.cut_value(s) for s in signs]
    assert draws.values.tolist() == [float(value) for value in values]
    assert draws.highest == max(values) == graph.cut_value(draws.best)
    assert min(values) <= draws.mean <= draws.highest


def test_a_mean_of_equal_cuts_is_that_cut_where_heavy_weights_cancel():
    ends = [(0, 1), (0, 2), (0, 3), (0, 5), (1, 3), (2, 3), (2, 5), (3, 4), (3, 5)]
    weights = [-1e9, 0.1, 1e9, -1e9, -1e9, 1e-6, 1.0, 0.1, 1e-6]
    graph = WeightedGraph.from_edges(*zip(*ends, strict=True), weights)
    sides = np.array([[1.0], [1.0], [-1.0], [-1.0], [1.0], [1.0]])
    found = hyperplane_mean(graph, sides, 0, draws=7)
    assert found.value == graph.cut_value(sides[:, 0].astype(int)) == hyperplane_best(graph, sides, 0).value
    assert found.stats["standard_error"] == 0.0


def test_a_mean_of_integers_beyond_doubles_is_not_above_the_greatest():
    graph = WeightedGraph.from_edges([0, 0], [1, 2], [2.0**53, 3.0])
    found = draw_hyperplanes(graph, np.array([[1.0], [-1.0], [-1.0]]), 0, draws=5)
    assert found.mean <= found.highest == 2**53 + 3 < float(2**53 + 3)


def test_columns_are_improved_by_the_shared_local_search():
    for graph in (GRAPH, random_graph(60, 0.2, weights="signs")):
        sides = (hashed(60, 9) < 0).astype(np.int8)
        expected = [improved(graph, (2 * s - 1).astype(np.int8)) for s in sides.T]
        arcs = (graph.indptr, graph.indices, graph.weights)
        margin = 0.0 if graph.integral else 1e-9 * float(np.abs(graph.weights).max())
        improve_columns(*arcs, sides, np.empty(60, dtype=np.int8), 1000, margin)
        assert (expected == 2 * sides.T - 1).all()


@settings(deadline=None, max_examples=40)
@given(graphs(weights=SMALL_INTEGERS))
def test_flip_gains_are_differences_of_cuts(graph):
    signs = np.where(hashed(graph.n) < 0, -1, 1).astype(np.int8)
    gains = np.empty(graph.n)
    flip_gains(graph.indptr, graph.indices, graph.weights, signs, gains)
    for v in range(graph.n):
        flipped = signs.copy()
        flipped[v] *= -1
        assert gains[v] == graph.cut_value(flipped) - graph.cut_value(signs)


def test_the_mean_is_the_closed_form_within_its_standard_error():
    found = hyperplane_mean(GRAPH, V, 5, draws=20_000)
    i, j, w = GRAPH.edges()
    exact = math.fsum(w * np.arccos(np.clip(np.einsum("ij,ij->i", V[i], V[j]), -1, 1)) / math.pi)
    assert found.stats["expectation"] == pytest.approx(exact, rel=1e-12)
    assert abs(found.value - exact) < 5 * found.stats["standard_error"]
    few = hyperplane_mean(GRAPH, V, 5, draws=2000)
    assert few.stats["standard_error"] / found.stats["standard_error"] == pytest.approx(10**0.5, rel=0.1)


def test_draws_depend_on_the_seed_alone():
    one, two, other = (draw_hyperplanes(GRAPH, V, seed, draws=100) for seed in (7, 7, 8))
    assert one.values.tobytes() == two.values.tobytes() != other.values.tobytes()
    generator = np.random.default_rng(7)
    assert draw_hyperplanes(GRAPH, V, generator, draws=100).values.tobytes() == one.values.tobytes()
    assert draw_hyperplanes(GRAPH, V, generator, draws=100).values.tobytes() != one.values.tobytes()
    # more draws go on where fewer stopped
    longer = draw_hyperplanes(GRAPH, V, 7, draws=192)
    assert (longer.values[:64] == one.values[:64]).all()


def test_the_best_draw_is_the_best():
    draws = draw_hyperplanes(GRAPH, V, 1, draws=500)
    best = hyperplane_best(GRAPH, V, 1, draws=500)
    assert best.value == pytest.approx(draws.values.max(), rel=1e-12)
    assert best.value >= hyperplane_mean(GRAPH, V, 1, draws=500).value
    assert (best.signs == draws.best).all()
    searched = hyperplane_best(GRAPH, V, 1, draws=500, local_search=True)
    assert searched.value >= GRAPH.cut_value(improved(GRAPH, best.signs))
    assert not best.deterministic


def test_a_time_limit_draws_at_least_one_batch():
    quick = hyperplane_best(GRAPH, V, 1, seconds=0.0)
    longer = hyperplane_best(GRAPH, V, 1, seconds=0.2)
    assert quick.stats["draws"] == 64
    assert longer.stats["draws"] % 64 == 0
    assert longer.stats["draws"] > 64
    assert longer.value >= quick.value


def test_single_draws_and_bad_counts():
    single = draw_hyperplanes(GRAPH, V, 1, draws=1)
    assert math.isnan(single.standard_error)
    assert single.mean == single.values[0]
    with pytest.raises(InputError, match="at least one hyperplane"):
        draw_hyperplanes(GRAPH, V, 1, draws=0)


def networkx_signs(graph, seed):
    G = nx.Graph()
    G.add_nodes_from(range(graph.n))
    G.add_weighted_edges_from(zip(*(column.tolist() for column in graph.edges()), strict=True))
    value, (cut, _) = nx.approximation.one_exchange(G, seed=seed, weight="weight")
    return value, np.array([1 if v in cut else -1 for v in range(graph.n)])


@settings(deadline=None, max_examples=40)
@given(graphs(weights=SMALL_INTEGERS), st.integers(0, 1000))
def test_running_gains_take_the_steps_of_networkx(graph, seed):
    value, signs = networkx_signs(graph, seed)
    ours = running_exchange(graph, seed)
    assert (ours == signs).all()
    assert graph.cut_value(ours) == value


def test_one_exchange_runs_networkx_itself_while_that_is_affordable():
    small = random_graph(30, 0.3, weights="signs")
    found = one_exchange(small, 3)
    assert found.stats["implementation"] == "networkx"
    seed = int(np.random.default_rng(3).integers(2**32))
    assert found.value == networkx_signs(small, seed)[0]
    assert (found.signs == running_exchange(small, seed)).all()
    graph = random_graph(400, 0.1)
    beyond = one_exchange(graph, 3)
    assert beyond.stats["implementation"] == "running gains"
    gains = np.empty(400)
    flip_gains(graph.indptr, graph.indices, graph.weights, beyond.signs, gains)
    assert gains.max() <= 0
    assert one_exchange(graph, 3, local_search=True).value == beyond.value
