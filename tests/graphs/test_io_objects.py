"""Graphs in memory: what other libraries hold goes in as it is meant, or is refused with both readings named."""

from __future__ import annotations

import decimal

import igraph
import jax.numpy as jnp
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import rustworkx as rx
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.inputs import refused

import derandkit as dk
from derandkit.errors import InputError
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph

TRIANGLE = {(0, 1): 5, (1, 2): -3, (0, 2): 2}
MATRIX = np.array([[0, 5, 2], [5, 0, -3], [2, -3, 0]])
KARATE = nx.karate_club_graph()


def best(obj, **options):
    """The greatest cut, by trying all: these graphs are small."""
    graph = as_graph(obj, **options)
    signs = ([1 if bits >> v & 1 else -1 for v in range(graph.n)] for bits in range(2 ** (graph.n - 1)))
    return max(graph.cut_value(s) for s in signs)


def edges(graph):
    i, j, w = (column.tolist() for column in graph.edges())
    return {frozenset((graph.labels[a], graph.labels[b])): x for a, b, x in zip(i, j, w, strict=True)}


def refusal(obj, **options):
    return refused(as_graph, obj, **options)


# every row of the table of wrong answers (A3, A4, A12-A14) and of wrong refusals (B2, B11-B14, B18)


def test_a_mapping_of_pairs_keeps_its_weights():
    assert best(TRIANGLE) == 7
    assert dk.maxcut(TRIANGLE).cut_value == 7
    assert as_graph(TRIANGLE, weight=None).total_weight == 3
    assert as_graph(dict.fromkeys(TRIANGLE, True) | {(0, 1): 1.5}, weight=None).total_weight == 3
    assert "key 5 of the mapping is no edge" in refusal({5: 1})
    assert "key (0, 1, 2) of the mapping is no edge" in refusal({(0, 1, 2): 1})
    assert "linear term of a QUBO" in refusal({(0, 0): -1, (0, 1): 2})
    assert as_graph({(0, 0): 0, (0, 1): 2}).dropped_loops == 1
    assert "empty" in refusal({})


@pytest.mark.parametrize("rows", [[[0, 4, 1], [4, 0, 1], [1, 1, 0]], [[0, 7], [7, 0]], [[1, 0.5], [0.5, 1]]])
def test_small_nested_lists_that_fit_twice_are_refused(rows):
    assert "may be a symmetric matrix or" in refusal(rows)
    assert as_graph(np.array(rows)).n == len(rows)
    if len(rows) == 3:
        assert "may be a symmetric matrix, or edges" in refusal([tuple(row) for row in rows])
        assert "may be a symmetric matrix, or edges" in refusal(tuple(map(tuple, rows)))
    else:
        assert as_graph([tuple(row) for row in rows]).n >= 2


def test_nested_lists_that_fit_once():
    rows = [[0, 4, 1, 0], [4, 0, 1, 0], [1, 1, 0, 2], [0, 0, 2, 0]]
    assert as_graph(rows).digest == as_graph(np.array(rows)).digest
    assert edges(as_graph([[0, 1, 5], [1, 2, 6], [0, 2, 7]])) == {
        frozenset((0, 1)): 5,
        frozenset((1, 2)): 6,
        frozenset((0, 2)): 7,
    }
    assert as_graph([[False, True], [True, False]]).total_weight == 1
    assert "square array is read as a matrix" in refusal(np.array([[0, 1, 5], [1, 2, 6], [0, 2, 7]]))


def test_keys_of_a_multigraph_are_no_weights():
    G = nx.MultiGraph([(1, 2), (1, 2), (2, 3)])
    for view in (G.edges(keys=True), G.edges(keys=True, data=True), G.edges, G.edges(data=True), G):
        assert as_graph(view).total_weight == 3
    listed = as_graph(list(nx.MultiGraph([(1, 2)]).edges(keys=True)))
    assert "keys of a MultiGraph" in listed.reading.remarks[0]
    assert "edges are (u, v)" in refusal(list(G.edges(keys=True, data=True)))


def test_masked_entries_are_no_edges():
    mask = [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert as_graph(np.ma.masked_array(MATRIX, mask=mask)).total_weight == -1
    assert as_graph(np.ma.masked_invalid(np.array([[0, np.nan], [np.nan, 0]]))).m == 0
    assert "masked array must be a square matrix" in refusal(
        np.ma.masked_array([[0, 1, 5]], mask=[[0, 0, 1]])
    )


def test_directions_are_added_up_only_if_asked():
    D = nx.DiGraph()
    D.add_weighted_edges_from([("u", "v", 2), ("v", "u", 3), ("v", "w", -4)])
    assert "symmetrize" in refusal(D)
    assert "to_undirected" not in refusal(D)
    pair, single = frozenset("uv"), frozenset("vw")
    for obj in (D, D.edges(data=True), igraph.Graph.from_networkx(D)):
        if obj is not D:
            assert "directed" in refusal(obj)
    for obj in (D, D.edges(data=True)):
        assert edges(as_graph(obj, symmetrize="sum")) == {pair: 5, single: -4}
        assert edges(as_graph(obj, symmetrize="mean")) == {pair: 2.5, single: -2}
        assert edges(as_graph(obj, symmetrize="max")) == {pair: 3, single: -4}
        assert edges(as_graph(obj, symmetrize="sum", weight=None)) == {pair: 2, single: 1}
    A = nx.to_numpy_array(D, nodelist="uvw")
    for make in (np.asarray, sp.csr_array, sp.coo_matrix):
        assert "(A + A.T) / 2" in refusal(make(A))
        assert as_graph(make(A), symmetrize="sum").total_weight == 1
        assert as_graph(make(A), symmetrize="mean").total_weight == 0.5
    with pytest.raises(InputError, match="symmetrize='min' is not one of sum, mean, max"):
        as_graph(D, symmetrize="min")


@pytest.mark.parametrize("seed", range(5))
def test_correlations_are_symmetric_up_to_rounding(seed):
    X = np.random.default_rng(seed).standard_normal((30, 50))
    for A in (np.corrcoef(X), np.linalg.inv(np.cov(X)), np.corrcoef(X.astype(np.float32))):
        graph = as_graph(A)
        upper = A[np.triu_indices(30, 1)]
        assert graph.m == np.count_nonzero(upper)
        np.testing.assert_allclose(graph.edges()[2], upper[upper != 0], rtol=0, atol=1e-4 * abs(A).max())
        assert as_graph(A.T).digest == graph.digest
    A = np.corrcoef(X)
    A[3, 7] += 1e-9
    message = refusal(A)
    assert repr(float(A[3, 7])) in message
    assert repr(float(A[7, 3])) in message


def test_small_integers_are_never_rounding():
    A = np.zeros((3, 3))
    A[0, 1], A[1, 0], A[0, 2], A[2, 0] = 1, 2, 2.0**50, 2.0**50
    assert "entry (0, 1) is 1 but (1, 0) is 2" in refusal(A)


def test_pandas_edge_lists():
    expected = as_graph([("A", "B", 3.5), ("B", "C", 4.5), ("A", "C", 5.5)])
    frame = pd.DataFrame({"source": ["A", "B", "A"], "target": ["B", "C", "C"], "weight": [3.5, 4.5, 5.5]})
    assert as_graph(frame).digest == expected.digest
    assert as_graph(frame[["weight", "target", "source"]]).digest == expected.digest
    assert as_graph(frame.rename(columns={"weight": "km"})).digest == expected.digest
    assert as_graph(frame.reset_index()).digest == expected.digest
    assert as_graph(frame.set_index(["source", "target"])["weight"]).digest == expected.digest
    unnamed = pd.DataFrame([("A", "B", 3.5), ("B", "C", 4.5), ("A", "C", 5.5)])
    assert as_graph(unnamed).digest == expected.digest
    assert as_graph(frame, weight=None).total_weight == 3
    assert as_graph(frame[["source", "target"]]).total_weight == 3
    frame["cost"] = [1, 2, 3]
    assert as_graph(frame, weight="cost").total_weight == 6
    assert as_graph(frame).digest == expected.digest
    assert "'km' and 'cost' hold numbers" in refusal(frame.rename(columns={"weight": "km"}))
    assert "no column is named 'price'" in refusal(frame, weight="price")
    assert "missing" in refusal(pd.DataFrame({"source": ["A", None], "target": ["B", "C"]}))
    assert "not finite" in refusal(pd.DataFrame({"source": ["A"], "target": ["B"], "weight": [np.nan]}))
    assert "directed" in refusal(frame.assign(Type="Directed"))
    assert as_graph(frame.assign(Type="Undirected")).digest == expected.digest


def test_pandas_adjacency_frames():
    frame = pd.DataFrame(MATRIX, index=list("abc"), columns=list("abc"))
    expected = as_graph([("a", "b", 5), ("b", "c", -3), ("a", "c", 2)])
    assert as_graph(frame).digest == expected.digest
    assert as_graph(frame[["c", "a", "b"]]).digest == expected.digest
    assert as_graph(frame.astype(pd.SparseDtype(float, 0))).digest == expected.digest
    assert as_graph(pd.DataFrame(MATRIX)).digest == as_graph(MATRIX).digest
    correlations = pd.DataFrame(
        np.random.default_rng(0).standard_normal((40, 6)), columns=list("uvwxyz")
    ).corr()
    assert as_graph(correlations).labels == tuple("uvwxyz")
    assert nx.utils.graphs_equal(
        nx.from_pandas_adjacency(frame), nx.Graph([(u, v, {"weight": w}) for u, v, w in [
            ("a", "b", 5), ("b", "c", -3), ("a", "c", 2)]])
    )  # fmt: skip


def test_igraph_and_rustworkx():
    expected = as_graph(KARATE)
    G = nx.Graph()
    G.add_weighted_edges_from((u, v, d["weight"]) for u, v, d in KARATE.edges(data=True))
    ours = igraph.Graph.TupleList(
        ((str(u), str(v), d["weight"]) for u, v, d in KARATE.edges(data=True)), weights=True
    )
    assert as_graph(ours).digest == as_graph(nx.relabel_nodes(G, str)).digest
    plain = igraph.Graph(n=4, edges=[(0, 1), (1, 2)])
    assert edges(as_graph(plain)) == {frozenset((0, 1)): 1, frozenset((1, 2)): 1}
    assert as_graph(plain).n == 4
    plain.vs["name"] = ["a", "a", "b", "c"]
    assert "occur twice" in as_graph(plain).reading.remarks[0]
    assert as_graph(rx.networkx_converter(KARATE)).digest == expected.digest
    numbers = rx.PyGraph()
    numbers.add_nodes_from([{"x": 1}, {"x": 2}, {"x": 3}])
    numbers.add_edges_from([(0, 1, 2.5), (1, 2, -1.0)])
    assert edges(as_graph(numbers)) == {frozenset((0, 1)): 2.5, frozenset((1, 2)): -1}
    numbers.remove_node(1)
    assert as_graph(numbers).labels == (0, 2)
    assert as_graph(rx.generators.cycle_graph(5)).total_weight == 5
    directed = rx.generators.directed_cycle_graph(3)
    assert "directed" in refusal(directed)
    assert as_graph(directed, symmetrize="max").total_weight == 3


def test_mappings_of_neighbours():
    expected = as_graph([("a", "b", 5), ("b", "c", -3), ("a", "c", 2)])
    G = nx.Graph()
    G.add_weighted_edges_from([("a", "b", 5), ("b", "c", -3), ("a", "c", 2)])
    both = nx.to_dict_of_dicts(G)
    assert as_graph(both).digest == expected.digest
    assert as_graph({"a": {"b": 5, "c": 2}, "b": {"c": -3}, "c": {}}).digest == expected.digest
    assert as_graph(nx.to_dict_of_lists(G)).digest == expected.unweighted().digest
    grid = nx.grid_2d_graph(3, 2)
    assert as_graph(nx.to_dict_of_dicts(grid)).digest == as_graph(grid).digest
    assert as_graph({("a", "b"): {"weight": 5}, ("b", "c"): {"weight": -3}}).total_weight == 2
    assert as_graph({"a": ["b", "c"], "b": ["c"], "d": []}).n == 4
    assert as_graph({(0, 1): 5, (1, 0): 5}).total_weight == 5
    assert "weighs 5 but" in refusal({(0, 1): 5, (1, 0): 6})
    assert as_graph({(0, 1): 5, (1, 0): 6}, symmetrize="mean").total_weight == 5.5
    assert "listed twice" in refusal({"a": ["b", "b"]})
    assert "MultiGraph" in refusal(nx.to_dict_of_dicts(nx.MultiGraph([(0, 1)])))


def test_arrays_of_every_kind():
    expected = as_graph(MATRIX).digest
    assert as_graph(jnp.asarray(MATRIX)).digest == expected
    for make in (
        sp.csr_array,
        sp.csc_matrix,
        sp.coo_array,
        sp.lil_array,
        sp.dok_array,
        sp.dia_array,
        sp.bsr_array,
    ):
        assert as_graph(make(MATRIX)).digest == expected
    assert as_graph(sp.csr_matrix(MATRIX).todense()).digest == expected
    truth = as_graph((MATRIX != 0).astype(int)).digest
    for obj in (MATRIX != 0, sp.csr_array(MATRIX != 0), (MATRIX != 0).tolist()):
        assert as_graph(obj).digest == truth
    diagonal = MATRIX.astype(float)
    np.fill_diagonal(diagonal, np.nan)
    assert as_graph(diagonal).total_weight == 4

    class Tensor:
        """What torch and others offer."""

        def __array__(self, dtype=None, copy=None):
            return np.array(MATRIX, dtype=dtype)

    assert as_graph(Tensor()).digest == expected


def test_exact_decimals():
    assert as_graph([(0, 1, decimal.Decimal("0.25"))]).total_weight == 0.25
    assert "not exact" in refusal([(0, 1, decimal.Decimal(2**53 + 1))])
    assert "not finite" in refusal([(0, 1, decimal.Decimal("NaN"))])


# attributes


def test_a_weight_that_no_edge_has_is_refused():
    message = refusal(KARATE, weight="wieght")
    assert message == "no edge has an attribute 'wieght'; they have weight"
    assert "no attributes" in refusal(nx.petersen_graph(), weight="cost")
    assert as_graph(KARATE).total_weight == 231


def test_the_only_candidate_is_used_and_named():
    G = nx.Graph()
    G.add_edge("a", "b", value=3, id=7, colour="red")
    G.add_edge("b", "c", value=4, id=8)
    graph = as_graph(G)
    assert graph.total_weight == 7
    assert graph.reading.weight == "value"
    assert graph.reading.remarks == ("no edge has an attribute 'weight'; the weights are those of 'value'",)
    G.add_edge("a", "b", value=3, cost=1)
    G.add_edge("b", "c", value=4, cost=1)
    assert "cost and value are numbers; say which" in refusal(G)
    G.add_edge("b", "c", Weight=5)
    G.add_edge("a", "b", Weight=5)
    assert as_graph(G).total_weight == 10
    G = nx.Graph([("a", "b", {"note": "x"})])
    assert "so every edge weighs 1" in as_graph(G).reading.remarks[0]
    G = nx.Graph([("a", "b", {"weight": 2}), ("b", "c", {})])
    assert as_graph(G).reading.remarks == ("1 of 2 edges has no 'weight' and weighs 1",)


# what is no graph


def test_what_is_no_graph():
    import dimod

    assert "derandkit.minimize_ising takes it" in refusal(
        dimod.BinaryQuadraticModel({0: 1}, {(0, 1): 1}, 0, "SPIN")
    )
    assert "the class Graph; pass an object" in refusal(nx.Graph)
    assert "index of pairs" in refusal(pd.Series([1, 2]))
    with pytest.raises(InputError, match="as_graph reads graphs"):
        WeightedGraph(nx.petersen_graph(), None, None, None, False)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9), st.booleans())
def test_every_library_holds_the_same_graph(seed, n, whole):
    rng = np.random.default_rng(seed)
    A = rng.integers(-5, 6, (n, n)) if whole else rng.standard_normal((n, n)).round(3)
    A = np.triu(np.where(rng.random((n, n)) < 0.5, A, 0), 1)
    A = A + A.T
    expected = as_graph(A).digest
    G = nx.from_numpy_array(A)
    assert as_graph(G).digest == expected
    assert as_graph(rx.networkx_converter(G)).digest == expected
    assert as_graph(sp.csr_array(A)).digest == expected
    assert as_graph(pd.DataFrame(A)).digest == expected
    assert as_graph(nx.to_dict_of_dicts(G)).digest == expected
    assert as_graph(igraph.Graph.Weighted_Adjacency(A.tolist(), mode="undirected")).digest == expected
    if G.number_of_edges():
        H = G.subgraph(set().union(*G.edges))
        expected = as_graph(H).digest
        assert as_graph(nx.to_pandas_edgelist(H)).digest == expected
        assert as_graph({(u, v): w for u, v, w in H.edges(data="weight")}).digest == expected
        assert as_graph(list(H.edges(data="weight"))).digest == expected
        assert as_graph(H.edges(data=True)).digest == expected
