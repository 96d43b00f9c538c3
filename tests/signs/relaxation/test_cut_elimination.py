"""The predicted cost of a sparse factorisation against exact symbolic factorisation."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array, eye_array
from scipy.sparse.linalg import splu
from tests import oracles, reference
from tests.catalogue import SMALL_INTEGERS, graphs, random_graph

from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.relaxation.fill import DEGREE_LIMIT, eliminate, elimination_cost


def neighbour_lists(graph):
    return [graph.indices[graph.indptr[i] : graph.indptr[i + 1]].tolist() for i in range(graph.n)]


def run(graph, limit, pool_size):
    n = graph.n
    out = np.zeros(3)
    integers = [np.zeros(n, dtype=np.int64) for _ in range(3)]
    eliminate(graph.indptr, graph.indices, limit, np.empty(pool_size, dtype=np.int32), *integers,
              np.full(n, -1, dtype=np.int32), np.full(limit + 1, -1, dtype=np.int32),
              np.full(n, -1, dtype=np.int32), np.full(n, -1, dtype=np.int32),
              np.zeros(limit + 1, dtype=np.int32), out)  # fmt: skip
    return tuple(out.tolist())


def of(graph):
    return elimination_cost(WeightedGraph.from_networkx(nx.convert_node_labels_to_integers(graph)))


@settings(deadline=None, max_examples=150)
@given(graphs(weights=SMALL_INTEGERS, max_n=12), st.sampled_from([1, 2, 3, 4, 64]))
def test_eliminate_is_its_twin(graph, limit):
    fill, flops, left, order = reference.eliminate(neighbour_lists(graph), limit)
    assert run(graph, limit, 10_000) == (fill, flops, left)
    if limit == 64:
        assert left == 0
        pattern = graph.adjacency().toarray() * 0.0
        i, j, _ = graph.edges()
        pattern[i, j] = pattern[j, i] = 1.0
        assert fill == oracles.filled_entries(pattern, order)


def plain_minimum_degree(graph):
    """Return the fill of minimum degree with the lowest index first, by the definition."""
    S = np.zeros((graph.n, graph.n), dtype=bool)
    i, j, _ = graph.edges()
    S[i, j] = S[j, i] = True
    alive, fill = set(range(graph.n)), 0
    while alive:
        v = min(alive, key=lambda u: (S[u, list(alive)].sum(), u))
        alive.remove(v)
        around = [u for u in alive if S[v, u]]
        fill += 1 + len(around)
        S[np.ix_(around, around)] = True
        np.fill_diagonal(S, False)
    return fill


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("density", [0.05, 0.15, 0.4])
def test_prediction_is_close_to_plain_minimum_degree(seed, density):
    """Ties differ, nothing else: the two fills stay within a quarter of each other."""
    graph = random_graph(40, density, seed=seed)
    plain, cost = plain_minimum_degree(graph), elimination_cost(graph)
    assert 0.8 * plain <= cost.fill <= 1.25 * plain
    assert cost.fill >= graph.n + graph.m


@settings(deadline=None)
@given(graphs(weights=SMALL_INTEGERS, max_n=12))
def test_a_limit_or_a_small_pool_only_raises_the_prediction(graph):
    """What is not eliminated is charged as dense, so the figures stay upper estimates of the same elimination."""
    full = run(graph, 64, 10_000)
    lists = neighbour_lists(graph)
    for limit in (0, 1, 2, 3):
        cut = run(graph, limit, 10_000)
        assert cut[0] >= full[0]
        assert cut[1] >= full[1]
    smallest_pool = sum(len(row) + 4 for row in lists)
    for extra in (0, 3, 10, 40):
        tight = run(graph, 64, smallest_pool + extra)
        assert tight[0] >= full[0]
        assert tight[1] >= full[1]


@pytest.mark.parametrize("n", [1, 2, 10, 200])
def test_trees_do_not_fill(n):
    tree = elimination_cost(WeightedGraph.from_edges(np.arange(1, n), np.arange(1, n) // 2, n=n))
    assert (tree.fill, tree.flops, tree.dense_block) == (2 * n - 1, n - 1, 0)


@pytest.mark.parametrize("n", [3, 4, 20, 100])
def test_a_cycle_fills_one_entry_a_step(n):
    assert of(nx.cycle_graph(n)).fill == 3 * n - 3


@pytest.mark.parametrize("n", [2, 5, 30, 64])
def test_complete_graphs_are_dense_already(n):
    cost = of(nx.complete_graph(n))
    assert cost.fill == n * (n + 1) / 2
    assert cost.flops == pytest.approx((n - 1) * n * (n + 1) / 6)


def test_a_dense_graph_beyond_the_limit_is_one_block():
    n = DEGREE_LIMIT + 10
    cost = of(nx.complete_graph(n))
    assert cost.dense_block == n
    assert cost.fill == n * (n + 1) / 2


def test_a_star_is_eliminated_from_its_leaves():
    """One vertex of degree 500, far above the limit, becomes a leaf in the end."""
    cost = of(nx.star_graph(500))
    assert (cost.fill, cost.dense_block) == (2 * 501 - 1, 0)


@pytest.mark.parametrize("side", [8, 16, 32])
def test_grids_fill_like_n_log_n(side):
    """Between the lower bound n log n of any order (Hoffman, Martin, Rose 1973) and a band factorisation."""
    n = side * side
    cost = of(nx.grid_2d_graph(side, side))
    assert n + 2 * side * (side - 1) < cost.fill < n * (side + 1)
    assert cost.fill < 4 * n * np.log2(n)


@pytest.mark.parametrize(
    "make", [lambda: nx.grid_2d_graph(20, 20), lambda: nx.random_regular_graph(3, 300, 5)]
)
def test_superlu_needs_about_what_was_predicted(make):
    graph = WeightedGraph.from_networkx(nx.convert_node_labels_to_integers(make()))
    matrix = csc_array(graph.adjacency() + 10.0 * eye_array(graph.n))
    factor = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    fill = elimination_cost(graph).fill
    assert 0.5 * factor.L.nnz <= fill <= 2.0 * factor.L.nnz


def test_weights_do_not_matter():
    zero, reals = random_graph(30, 0.2, seed=1), random_graph(30, 0.2, seed=1, weights="reals")
    assert elimination_cost(zero) == elimination_cost(reals)
