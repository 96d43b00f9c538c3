"""The path of large graphs: its kernels to the last bit, and the whole of maxcut with its threshold brought down."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import reference
from tests.catalogue import hashed, random_graph, unit

import derandkit
from derandkit.datasets import power_law
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs import kernels, large_kernels
from derandkit.signs.derandomize import spread as descent
from derandkit.signs.relaxation import lowrank as relaxation

KINDS = st.sampled_from(["ones", "signs", "reals", "positive"])


def single(graph):
    return graph.indptr, graph.indices, graph.weights.astype(np.float32)


def rows(n, columns, seed):
    return unit(hashed(n, columns, seed=seed)).astype(np.float32)


@pytest.fixture
def everything_is_large(monkeypatch):
    monkeypatch.setattr(relaxation, "LARGE", 0)


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 20), st.integers(1, 17), KINDS)
def test_mixing_sweep_is_its_twin(seed, n, columns, weights):
    graph = random_graph(n, 0.5, seed=seed, weights=weights)
    V, y, g = rows(n, columns, seed), np.empty(n), np.empty(columns, dtype=np.float32)
    expected, norms, fall = reference.mixing_sweep_large(graph.adjacency().toarray(), V)
    assert large_kernels.mixing_sweep_large(*single(graph), V, g, y) == fall
    np.testing.assert_array_equal(V, expected)
    np.testing.assert_array_equal(y, norms)


@settings(deadline=None)
@given(
    st.integers(0, 1000),
    st.integers(1, 20),
    st.sampled_from([8, 16, 24]),
    st.sampled_from([0.1, 1e-3]),
    KINDS,
)
def test_spread_sweep_is_its_twin(seed, n, columns, delta, weights):
    graph = random_graph(n, 0.5, seed=seed, weights=weights)
    V, g = rows(n, columns, seed), np.empty(columns, dtype=np.float32)
    expected, moved = reference.spread_sweep_large(graph.adjacency().toarray(), V, delta)
    assert large_kernels.spread_sweep_large(*single(graph), V, delta, g) == moved
    np.testing.assert_array_equal(V, expected)


@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
def test_sweeps_follow_those_in_double_precision(weights):
    graph = random_graph(300, 0.03, seed=2, weights=weights)
    arcs = graph.indptr, graph.indices, graph.weights
    V = rows(300, 16, 5)
    W = V.astype(np.float64)
    g, y, z = np.empty(16, dtype=np.float32), np.empty(300), np.empty(300)
    for _ in range(5):
        fall = large_kernels.mixing_sweep_large(*single(graph), V, g, y)
        assert fall == pytest.approx(kernels.mixing_sweep(*arcs, W, np.empty(16), z), rel=1e-3)
    np.testing.assert_allclose(V, W, atol=1e-3)
    np.testing.assert_allclose(y, z, atol=1e-3 * z.max())
    W = V.astype(np.float64)
    moved = large_kernels.spread_sweep_large(*single(graph), V, 0.1, g)
    assert moved == pytest.approx(kernels.spread_sweep(*arcs, W, 0.1, np.empty(16)), rel=1e-3)
    np.testing.assert_allclose(V, W, atol=1e-3)


@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
def test_a_large_graph_gets_the_chain_of_a_small_one(weights, everything_is_large):
    graph = random_graph(400, 0.03, seed=3, weights=weights)
    result = derandkit.maxcut(graph)
    assert result.bound_status == "certified"
    outcome = derandkit.verify(result, graph)
    assert outcome.ok, str(outcome)
    assert result.relaxation["rank"] % large_kernels.LANES == 0
    assert derandkit.maxcut(graph).to_json() == result.to_json()


@pytest.mark.parametrize(
    "graph", [random_graph(400, 0.03, seed=3), power_law(2000)], ids=["random", "power law"]
)
def test_single_precision_loses_little(graph, monkeypatch):
    double = derandkit.maxcut(graph)
    monkeypatch.setattr(relaxation, "LARGE", 0)
    found = derandkit.maxcut(graph)
    assert found.upper_bound <= 1.001 * double.upper_bound
    assert found.cut_value >= 0.99 * double.cut_value


def test_a_small_gap_asks_for_double_precision(everything_is_large):
    graph = random_graph(30, 0.3)
    assert relaxation.is_large(graph)
    assert not relaxation.is_large(graph, 1e-6)
    assert derandkit.maxcut(graph, duality_gap=1e-6).relaxation["duality_gap_reached"]


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_graphs_of_fewer_vertices_than_columns(n, everything_is_large):
    graph = random_graph(n, 1.0)
    result = derandkit.maxcut(graph)
    assert result.cut_value == (n // 2) * ((n + 1) // 2)
    outcome = derandkit.verify(result, graph)
    assert outcome.ok, str(outcome)


def test_the_columns_kept_are_the_leading_axes(everything_is_large):
    graph = WeightedGraph.from_edges([0, 1, 2], [1, 2, 3])
    flat = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [-1.0, 0.0]]) @ unit(hashed(2, 5, seed=1))
    kept = descent._leading_columns(graph, unit(flat), 4)
    assert kept.shape[1] % large_kernels.LANES == 0
    np.testing.assert_allclose(kept @ kept.T, unit(flat) @ unit(flat).T, atol=1e-12)
