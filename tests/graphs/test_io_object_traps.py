"""Objects that could be misread: each is read right, with a word, or refused with both readings named."""

from __future__ import annotations

import collections
import functools
import io
import json
import pickle

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from tests.inputs import refused

from derandkit import InputError, WeightedGraph, as_graph

SMALL = [[0, 4, 1], [4, 0, 1], [1, 1, 0]]
LARGE = [[0, 4, 1, 0], [4, 0, 1, 0], [1, 1, 0, 2], [0, 0, 2, 0]]
FRAME = pd.DataFrame({"source": ["a", "b", "a"], "target": ["b", "c", "c"], "weight": [3, 4, 5]})
WORDS = {("a", "b"): 3, ("a", "c"): 5, ("b", "c"): 4}


def edges(graph):
    i, j, w = graph.edges()
    label = graph.labels
    return {(label[a], label[b]): x for a, b, x in zip(i.tolist(), j.tolist(), w.tolist(), strict=True)}


refusal = functools.partial(refused, as_graph)


def test_matrices_that_pandas_wrote_and_read():
    def again(matrix, **names):
        return pd.read_csv(io.StringIO(pd.DataFrame(matrix, **names).to_csv()), index_col=0)

    g = as_graph(again(LARGE))
    assert g.digest == as_graph(np.array(LARGE)).digest
    assert str(g.reading) == "pandas adjacency matrix"
    for matrix in ([[0, 7], [7, 0]], SMALL):
        assert "may be a matrix or" in refusal(again(matrix))  # the index is 0, 1, 2, as that of any frame
        names = list(range(7, 7 + len(matrix)))
        g = as_graph(again(matrix, index=names, columns=names))
        assert tuple(g.labels) == tuple(names)
        assert g.to_scipy().toarray().tolist() == matrix


@pytest.mark.parametrize("matrix", [[[0, 7], [7, 0]], SMALL])
def test_small_frames_with_names_above_only_are_refused(matrix):
    names = list("abc")[: len(matrix)]
    assert "may be a matrix or" in refusal(pd.DataFrame(matrix, columns=names))
    g = as_graph(pd.DataFrame(matrix, columns=names, index=names))
    assert tuple(g.labels) == tuple(names)
    assert g.to_scipy().toarray().tolist() == matrix


def test_larger_frames_with_names_above_only_are_matrices():
    g = as_graph(pd.DataFrame(LARGE, columns=list("abcd")))
    assert g.labels == tuple("abcd")
    assert g.to_scipy().toarray().tolist() == LARGE
    names = [f"x{k}" for k in range(6)]
    sample = pd.DataFrame(np.random.default_rng(0).standard_normal((30, 6)), columns=names)
    unnamed = pd.DataFrame(sample.corr().to_numpy(), columns=names)
    assert as_graph(sample.corr()).digest == as_graph(unnamed).digest


def test_edges_between_numbers_are_no_matrix():
    frame = pd.DataFrame([[0, 1, 5], [1, 2, 6], [0, 2, 7]], columns=list("abc"))
    assert "edges, points, or rows of a matrix" in refusal(
        frame
    )  # as the same numbers in a CSV file are refused
    g = as_graph(frame.rename(columns={"a": "source", "b": "target"}))
    assert edges(g) == {(0, 1): 5, (0, 2): 7, (1, 2): 6}
    assert g.reading.remarks == ("the weights are those of 'c'",)


@pytest.mark.parametrize("order", [["weight", "a", "b"], ["a", "weight", "b"], ["a", "b", "weight"]])
def test_a_weight_is_no_end_wherever_it_stands(order):
    frame = FRAME.rename(columns={"source": "a", "target": "b"})[order]
    assert edges(as_graph(frame)) == WORDS
    numbers = pd.DataFrame({"weight": [3, 4, 5], "a": [1, 2, 1], "b": [2, 3, 3]})[order]
    assert edges(as_graph(numbers)) == {(1, 2): 3, (2, 3): 4, (1, 3): 5}


@pytest.mark.parametrize("keys", ["source", "target", ["source", "target"], ["target", "source"]])
def test_ends_in_the_index_are_found(keys):
    assert edges(as_graph(FRAME.set_index(keys))) == WORDS
    renamed = FRAME.rename(columns={"source": "one", "target": "other"})
    new = {"source": "one", "target": "other"}
    keys = new[keys] if isinstance(keys, str) else [new[key] for key in keys]
    assert edges(as_graph(renamed.set_index(keys))) == WORDS


def test_an_index_that_may_hold_ends_or_not():
    g = as_graph(FRAME.assign(id=[7, 8, 9]).set_index("id"))
    assert edges(g) == WORDS
    assert g.reading.remarks == ("the index 'id' is not used",)
    frame = pd.DataFrame({"p": ["a", "b"], "q": ["b", "c"], "r": ["c", "d"]}).set_index("p")
    assert "may be the index 'p' and a column, or two of the columns" in refusal(frame)


def listings(pairs):
    """The same list of edges as a sequence, an array, a frame, columns and a file's text."""
    frame = pd.DataFrame(pairs, columns=["source", "target", "weight"])
    columns = tuple(np.array(column) for column in zip(*pairs, strict=True))
    text = "".join(f"{u} {v} {w}\n" for u, v, w in pairs)
    return [pairs, np.array(pairs), frame, columns, frame.set_index("source"), io.StringIO(text)]


BOTH = [(0, 1, 3), (1, 0, 3), (1, 2, 5), (2, 1, 5), (2, 3, 1), (3, 2, 1)]


def test_every_edge_in_both_directions_counts_once_whatever_holds_the_list():
    for obj in listings(BOTH):
        g = as_graph(obj)
        assert edges(g) == {(0, 1): 3, (1, 2): 5, (2, 3): 1}
        assert "counts once" in g.reading.remarks[-1]
    for obj in listings(BOTH):
        assert edges(as_graph(obj, symmetrize="sum")) == {(0, 1): 6, (1, 2): 10, (2, 3): 2}


def test_some_edges_in_both_directions_are_parallel_edges_whatever_holds_the_list():
    for obj in listings([*BOTH[:2], (1, 2, 5), (2, 3, 1)]):
        g = as_graph(obj)
        assert edges(g) == {(0, 1): 6, (1, 2): 5, (2, 3): 1}
        assert "1 edge is listed in both directions and adds up" in g.reading.remarks[-1]


def test_both_directions_with_two_weights_are_refused_whatever_holds_the_list():
    for obj in listings([*BOTH[:4], (2, 3, 1), (3, 2, 2)]):
        assert "2, 3 weighs 1 and 3, 2 weighs 2" in refusal(obj)


def test_parallel_edges_of_a_graph_are_no_listing():
    rustworkx = pytest.importorskip("rustworkx")
    g = rustworkx.PyGraph()
    g.add_nodes_from(["a", "b"])
    g.add_edges_from([(0, 1, 2), (1, 0, 2)])
    assert edges(as_graph(g)) == {("a", "b"): 4}
    assert edges(as_graph(nx.MultiGraph([("a", "b"), ("b", "a")]))) == {("a", "b"): 2}


def test_lists_of_neighbours_with_weights():
    assert edges(as_graph({0: [(1, 5), (2, 6)], 1: [(2, 7)]})) == {(0, 1): 5, (0, 2): 6, (1, 2): 7}
    assert edges(as_graph({"a": [("b", 5)], "b": [("a", 5)]})) == {("a", "b"): 5}
    assert "weighs 5" in refusal({"a": [("b", 5)], "b": [("a", 6)]})
    grid = {node: list(row) for node, row in nx.grid_2d_graph(2, 3).adj.items()}
    assert as_graph(grid).digest == as_graph(nx.grid_2d_graph(2, 3)).digest
    assert "may be a vertex or a pair (neighbour, weight)" in refusal({1: [(1, 5)], (1, 5): [(1, 5)]})


@pytest.mark.parametrize(
    "obj",
    [
        ([0, 1, 2], [1, 2, 0], [5, 6, 7]),
        ([0, 1], [1, 2], [5, 6]),
        ([0, 1], [1, 2]),
        (np.array([0, 1, 2]), np.array([1, 2, 0])),
        np.array([[0, 1, 2], [1, 2, 0]]),
        [[0, 1, 2], [1, 2, 0]],
    ],
)
def test_columns_that_may_be_edges_are_refused(obj):
    text = refusal(obj)
    assert "edges" in text
    assert "ends" in text


def test_columns_of_ends():
    A = np.array(LARGE)
    wanted = as_graph(A).digest
    assert as_graph(sp.find(sp.csr_array(A))).digest == wanted
    assert as_graph(np.nonzero(A)).digest == as_graph(A > 0).digest
    assert as_graph(np.array(np.nonzero(A))).digest == as_graph(A > 0).digest
    assert as_graph(([0, 1, 2, 3], [1, 2, 3, 0], [0.5, 1, 2, 3])).total_weight == 6.5
    assert edges(as_graph([[0, 1], [1, 2], [0, 2]])) == {(0, 1): 1, (0, 2): 1, (1, 2): 1}
    assert edges(as_graph(np.array([[0, 1], [1, 2], [0, 2]]))) == {(0, 1): 1, (0, 2): 1, (1, 2): 1}


def test_points_are_no_edges():
    points = np.random.default_rng(0).random((9, 3))
    assert "points, or an edge list" in refusal(points)
    assert "points, or an edge list" in refusal(points[:, :2])
    assert "points, or an edge list" in refusal(pd.DataFrame(points, columns=["x", "y", "z"]))


def test_signs_in_objects():
    signed = {("a", "b"): 1, ("b", "c"): -1}
    pairs = [("a", "b", "+"), ("b", "c", "-")]
    frame = pd.DataFrame(pairs, columns=["source", "target", "sign"])
    G = nx.from_pandas_edgelist(frame, edge_attr="sign")
    for obj in (pairs, frame, G, list(G.edges(data=True)), nx.to_dict_of_dicts(G)):
        g = as_graph(obj)
        assert edges(g) == signed
        assert any("weigh 1 and -1" in remark for remark in g.reading.remarks)


def test_a_named_weight_must_be_there():
    for obj in ([("a", "b", 3)], np.array(LARGE), {("a", "b"): 3}, sp.csr_array(LARGE)):
        assert "no column or attribute is named 'cost'" in refusal(obj, weight="cost")


def test_columns_that_are_partly_numbers_are_no_weights_and_not_passed_over():
    frame = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "km": [3, "n/a"]})
    assert "column 'km' may hold the weights" in refusal(frame)
    assert as_graph(frame, weight=None).total_weight == 2


@pytest.mark.parametrize(
    "graph",
    [nx.path_graph(3), [(0, 1), (1, 2)], {(0, 1): 1, (1, 2): 1}, np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]),
     WeightedGraph.from_edges([0, 1], [1, 2])],
)  # fmt: skip
def test_the_constructor_takes_what_as_graph_takes(graph):
    built, read = WeightedGraph(graph), as_graph(graph)
    assert built.digest == read.digest
    assert (built.labels, built.reading) == (read.labels, read.reading)
    assert built.unweighted().digest == built.digest
    assert pickle.loads(pickle.dumps(built)).digest == built.digest


def test_the_constructor_takes_names_and_files(tmp_path):
    (tmp_path / "g.csv").write_text("source,target,km\na,b,5\nb,c,3\n")
    assert WeightedGraph("G11").digest == as_graph("G11").digest
    assert WeightedGraph(tmp_path / "g.csv").total_weight == 8


@pytest.mark.parametrize(
    ("graph", "fields"),
    [((), {}), (([(0, 1)],), {"weight": None}), (([0], [1]), {}), ((), {"indptr": np.zeros(1)}),
     (([(0, 1)],), {"labels": "ab"})],
)  # fmt: skip
def test_the_constructor_refuses_what_it_could_not_follow(graph, fields):
    with pytest.raises(
        InputError, match=r"takes one graph of any kind, .*derandkit\.as_graph reads graphs with"
    ):
        WeightedGraph(*graph, **fields)


def test_the_constructor_refuses_lists_in_place_of_arrays():
    with pytest.raises(InputError, match="takes NumPy arrays by name, not list"):
        WeightedGraph(indptr=[0, 0], indices=[], weights=[], labels=["a"], integral=True)


TRIANGLE = pd.DataFrame({"source": [0, 1, 0], "target": [1, 2, 2]})
PATH = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


def test_named_tuples_are_rows_of_a_table():
    expected = {(0, 1): 1, (0, 2): 1, (1, 2): 1}
    assert edges(as_graph(TRIANGLE.itertuples())) == expected
    assert edges(as_graph(TRIANGLE.itertuples(index=False))) == expected
    Edge = collections.namedtuple("Edge", "km source target")
    assert edges(as_graph([Edge(5, "a", "b"), Edge(7, "b", "c")])) == {("a", "b"): 5, ("b", "c"): 7}
    Odd = collections.namedtuple("Odd", "x y z")
    assert "edges, points, or rows of a matrix" in refusal([Odd(1, 2, 3), Odd(2, 3, 4)])


@pytest.mark.parametrize("of", [iter, collections.deque, lambda rows: (row for row in rows)])
def test_rows_of_any_sequence_are_a_matrix_where_those_of_a_list_are(of):
    assert edges(as_graph(of(LARGE))) == edges(as_graph(np.array(LARGE)))
    assert "may be a symmetric matrix or 3 edges" in refusal(of(SMALL))


def test_a_matrix_of_igraph_is_a_matrix():
    igraph = pytest.importorskip("igraph")
    assert edges(as_graph(igraph.Graph([(0, 1), (1, 2)]).get_adjacency())) == {(0, 1): 1, (1, 2): 1}


@pytest.mark.parametrize(
    ("mapping", "said"),
    [(TRIANGLE.to_dict(), "columns of a table"), (TRIANGLE.to_dict("list"), "columns of a table"),
     (TRIANGLE.to_dict("index"), "columns of a table"),
     ({"source": ["a", "b"], "target": ["b", "c"], "weight": [3, 4]}, "columns of a table"),
     ({"row": [0, 1], "col": [1, 2], "data": [1.5, 2.0]}, "columns of a table"),
     ({"nodes": ["a", "b"], "edges": [("a", "b")]}, "parts of a graph"),
     (TRIANGLE.to_dict("split"), "the parts of a frame"), (TRIANGLE.to_dict("tight"), "the parts of a frame"),
     ({"a": np.array([1, 2]), "b": np.array([2, 3])}, "name two of them 'source' and 'target'"),
     ({"source": np.array([1, 2]), "target": np.array([2])}, "different lengths"),
     ([{1: 5, 2: 3}, {0: 5}], "mappings with the key 1"),
     ([{"source": "a", "target": "b", "km": 5}, {"source": "b", "target": "c"}], "not all of its entries are numbers"),
     ({"a": [["b"]]}, "not hashable"),
     ({("a", "b"): 5}.items(), "an edge with its weight, or an edge between"),
     (enumerate([(0, 1), (1, 2)]), "a number and an edge, or an edge between")],
)  # fmt: skip
def test_tables_and_parts_of_graphs_are_no_neighbours(mapping, said):
    assert said in refusal(mapping)


@pytest.mark.parametrize("write", [nx.node_link_data, nx.cytoscape_data, nx.adjacency_data])
@pytest.mark.parametrize("kind", [nx.Graph, nx.MultiGraph, nx.DiGraph])
def test_data_of_networkx_are_the_graph(write, kind):
    G = kind([("1", (0, 1), {"weight": 5}), ((0, 1), 7, {"weight": -3}), ("1", 7, {"weight": 2})])
    G.add_node("alone")
    how = {"symmetrize": "max"} if G.is_directed() else {}
    assert as_graph(write(G), **how).digest == as_graph(G, **how).digest
    if G.is_directed():
        assert "the graph is directed" in refusal(write(G))


@pytest.mark.parametrize(
    "obj",
    [
        FRAME.to_dict("records"),
        FRAME[["weight", "target", "source"]].to_dict("records"),
        FRAME.to_dict("series"),
        {name: FRAME[name].to_numpy() for name in FRAME},
        {"vertices": ["a", "b", "c"], "edges": FRAME.to_dict("records")},
        {"graph": {"nodes": {"a": {}, "b": {}, "c": {}}, "edges": FRAME.to_dict("records")}},
        [{"data": row} for row in [{"id": "a"}, {"id": "b"}, {"id": "c"}, *FRAME.to_dict("records")]],
    ],
)
def test_mappings_with_the_names_of_ends_are_edges(obj):
    assert edges(as_graph(obj)) == WORDS


def test_bare_tuples_of_a_frame():
    numbers = pd.DataFrame({"weight": [0.5, 3.25, 2.0], "source": [0, 1, 0], "target": [1, 2, 2]})
    rows = functools.partial(pd.DataFrame.itertuples, name=None)
    assert edges(as_graph(list(rows(FRAME, index=False)))) == WORDS
    assert "does the weight stand before an end" in refusal(list(rows(numbers, index=False)))
    assert "a row's number and the ends" in refusal(list(rows(numbers[["source", "target"]])))
    turned = numbers[["source", "target", "weight"]]
    assert edges(as_graph(list(rows(turned, index=False)))) == {(0, 1): 0.5, (1, 2): 3.25, (0, 2): 2}
    assert as_graph([(0, 1, 3), (1, 2, 5), (2, 0, 7)]).total_weight == 15
    assert as_graph([(0.5, 1.5, 2), (1.5, 2.5, 3)]).total_weight == 5


def test_vertices_beside_edges_are_read():
    data = {"vertices": ["a", "b", "c"], "edges": [["a", "b", 4]]}
    assert as_graph(data).n == 3
    assert as_graph(io.StringIO(json.dumps(data))).n == 3
    assert "'nodes' and 'vertices'" in refusal({**data, "nodes": ["a"]})


def test_vertices_that_are_called_like_columns_are_vertices_where_they_are_neighbours():
    assert as_graph({"source": ["a", "target"], "a": ["target"], "target": []}).m == 3
    assert as_graph({"u": {"v": 3}, "v": {"u": 3}}).total_weight == 3
    assert as_graph({"nodes": ["edges"], "edges": ["nodes"]}).m == 1
    assert as_graph([((0, 0), (0, 1)), ((0, 1), (1, 1))]).m == 2


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support:UserWarning")
def test_tensors_of_every_layout_are_read():
    torch = pytest.importorskip("torch")
    dense = torch.tensor(PATH)
    for tensor in (dense.requires_grad_(), dense.bfloat16(), dense.to_sparse(), dense.to_sparse_csr()):
        assert edges(as_graph(tensor)) == {(0, 1): 1, (1, 2): 1}
    assert "a matrix has two" in refusal(torch.ones(2, 2, 2).to_sparse())
    assert "must be real" in refusal(torch.conj(dense.to(torch.complex64)))


def test_sparse_arrays_of_jax_are_read():
    jax = pytest.importorskip("jax")
    sparse = pytest.importorskip("jax.experimental.sparse")
    dense = jax.numpy.array(PATH)
    for array in (
        sparse.BCOO.fromdense(dense, nse=6),
        sparse.BCSR.fromdense(dense),
        dense.astype("bfloat16"),
    ):
        assert edges(as_graph(array)) == {(0, 1): 1, (1, 2): 1}


def test_what_does_not_become_an_array_is_refused_in_a_line():
    class Locked:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("on another device\nmore")

    assert "Locked does not become an array of NumPy: on another device" in refusal(Locked())


def test_keys_of_a_multigraph_are_no_weights():
    G = nx.MultiGraph([("a", "b"), ("b", "c"), ("a", "b"), ("c", "d"), ("a", "b")])
    assert as_graph(G).total_weight == 5
    assert "keys of a MultiGraph, or weights" in refusal(list(G.edges(keys=True)))
    assert "keys of a MultiGraph, or weights" in refusal(list(nx.MultiDiGraph(G).edges(keys=True)))
    assert (
        "keys of a MultiGraph" in as_graph(list(nx.MultiGraph([(0, 1)]).edges(keys=True))).reading.remarks[0]
    )
    for weights in ((0, 1, 0, 1), (1, 2, 1, 1), (0, 1, 2, 0), (0.0, 1.0, 0.0, 0.0)):
        pairs = [("a", "b"), ("a", "b"), ("b", "c"), ("c", "d")]
        assert as_graph([(*e, w) for e, w in zip(pairs, weights, strict=True)]).total_weight == sum(weights)
    named = [("a", "b", {"weight": 0}), ("a", "b", {"weight": 1})]
    assert as_graph(named).total_weight == 1


def test_numbers_that_are_not_finite_give_no_warning():
    for rows in ([[0, np.inf], [np.inf, 0]], [[np.inf, 0], [0, np.inf]]):
        assert "may be a symmetric matrix or 2 edges" in refusal(rows)
    for text in ("1e999 2\n2 3\n", "1e999,2\n2,1e999\n", "inf 2\n2 inf\n"):
        with pytest.raises(InputError):
            as_graph(io.StringIO(text))


@pytest.mark.parametrize("rows", [[[[], 1, 2], [1, 2, 3], [2, 0, 1]], [[1, [2, 3]], [1, 2]]])
def test_lists_within_lists_are_refused_in_one_line(rows):
    """The number of axes was asked of a list whose parts differ in length."""
    with pytest.raises(InputError) as caught:
        as_graph(rows)
    assert "\n" not in str(caught.value)
