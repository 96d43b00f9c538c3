"""Matrices that are no adjacency matrices, and tables that list vertices: refused, with both readings named."""

from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.io
import scipy.sparse as sp
import scipy.spatial
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.inputs import read, refusal, refused

from derandkit import as_graph

G = nx.cycle_graph(5)
L = nx.laplacian_matrix(G).toarray()


def matrix_market(A):
    text = io.BytesIO()
    scipy.io.mmwrite(text, A)
    return text.getvalue()


@pytest.mark.parametrize("form", [np.array, sp.csr_array, pd.DataFrame, np.ndarray.tolist])
@pytest.mark.parametrize("A", [L, L / 3, nx.normalized_laplacian_matrix(G).toarray()])
def test_laplacians_in_memory(form, A):
    assert "Laplacian, whose entries are minus the weights" in refused(as_graph, form(A))


@pytest.mark.parametrize("form", [np.array, sp.csr_array, pd.DataFrame])
@pytest.mark.parametrize("graph", [nx.path_graph(4), nx.karate_club_graph(), nx.star_graph(5)])
def test_normalised_laplacians_whose_rows_do_not_sum_to_zero(form, graph):
    A = nx.normalized_laplacian_matrix(graph).toarray()
    assert "normalised Laplacian, whose entries are minus the weights" in refused(as_graph, form(A))
    weights = A - np.eye(len(A))
    assert as_graph(form(weights)).total_weight == pytest.approx(weights.sum() / 2)


def test_ones_beside_positive_entries_or_none_are_no_laplacian():
    A = np.array([[1.0, -0.5, 0.2], [-0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
    assert as_graph(A).m == 3


@pytest.mark.parametrize(
    "view", [G.degree, nx.DiGraph(G).in_degree, nx.MultiGraph(G).degree, G.nodes, G.nodes(data=True)]
)
def test_views_of_vertices_are_no_edges(view):
    assert "pass the graph itself" in refused(as_graph, view)


def test_groups_of_vertices_are_no_edges():
    igraph = pytest.importorskip("igraph")
    graph = igraph.Graph([(0, 1), (2, 3), (3, 4)])
    for groups in (graph.connected_components(), graph.community_multilevel()):
        assert "holds groups of vertices, no edges; pass its graph" in refused(as_graph, groups)
        assert as_graph(groups.graph).m == 3


def test_decimal_pairs_of_equal_numbers_are_two_readings():
    grid = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    assert "points on a grid, or edges with self-loops" in refused(as_graph, grid)
    assert as_graph(grid.astype(int)).m == 1
    assert as_graph(np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 0.0]])).m == 3


@pytest.mark.parametrize("name", ["code", "lat", "lon", "lanes", "p_value", "pval", "fdr"])
def test_numbers_that_are_no_weights_by_their_name(tmp_path, name):
    file = tmp_path / "g.csv"
    file.write_text(f"from,to,{name}\nA,B,5\nB,C,3\nA,C,2\nC,D,4\n")
    graph = as_graph(file)
    assert (graph.total_weight, f"{name!r} is not used" in str(graph.reading.remarks)) == (4, True)
    assert as_graph(file, weight=name).total_weight == 14


@pytest.mark.parametrize("write", [
    lambda A: "\n".join(" ".join(map(str, row)) for row in A),
    lambda A: pd.DataFrame(A, list("abcde"), list("abcde")).to_csv(),
    lambda A: matrix_market(sp.coo_array(A)),
    matrix_market,
    lambda A: matrix_market(sp.coo_array(A)).replace(b"general", b"symmetric"),
])  # fmt: skip
def test_laplacians_in_files(tmp_path, write):
    assert "Laplacian" in refusal(tmp_path, write(L))
    assert read(tmp_path, write(L - np.diag(np.diag(L)))).total_weight == -5


@settings(max_examples=20)
@given(st.lists(st.integers(-4, 4), min_size=6, max_size=6), st.integers(1, 9))
def test_only_rows_that_sum_to_zero(weights, extra):
    assume(
        max(weights) != 1 or len(set(weights)) <= 3
    )  # else the only -1 of the negative may stand for no edge
    A = np.zeros((4, 4), dtype=np.int64)
    A[np.triu_indices(4, 1)] = weights
    A += A.T
    laplacian = np.diag(A.sum(axis=1)) - A
    diagonal = np.diag(laplacian)
    if (diagonal >= 0).all() and diagonal.any():
        assert "Laplacian" in refused(as_graph, laplacian)
    else:
        assert as_graph(laplacian).digest == as_graph(-A).digest
    laplacian[0, 0] += extra
    assert as_graph(laplacian).digest == as_graph(-A).digest


@pytest.mark.parametrize(
    "names", [("id", "name"), ("Id", "Label"), ("vertex ID", "name"), ("node", "community")]
)
def test_tables_of_vertices(tmp_path, names):
    frame = pd.DataFrame([["a", "x"], ["b", "y"], ["c", "x"]], columns=names)
    assert "may be a table of vertices, or edges" in refused(as_graph, frame)
    assert "may be a table of vertices, or edges" in refusal(tmp_path, frame.to_csv(index=False), header=True)
    assert as_graph(frame.set_axis(["source", "target"], axis=1)).m == 3


def test_lists_of_rustworkx_are_edges_and_no_matrix():
    rx = pytest.importorskip("rustworkx")
    graph = rx.PyGraph()
    graph.add_nodes_from(list("abc"))
    graph.add_edges_from([(0, 1, 5.0), (1, 2, -3.0)])
    assert as_graph(graph.edge_list()).digest == as_graph([(0, 1), (1, 2)]).digest
    assert as_graph(graph.weighted_edge_list()).digest == as_graph([(0, 1, 5), (1, 2, -3)]).digest


@pytest.mark.parametrize("form", [np.array, np.ndarray.tolist])
def test_triangles_of_a_mesh(tmp_path, form):
    triangles = scipy.spatial.Delaunay(np.random.default_rng(0).random((12, 2))).simplices
    assert "triangles of a mesh" in refused(as_graph, form(triangles))
    assert "triangles of a mesh" in refusal(tmp_path, "\n".join(" ".join(map(str, row)) for row in triangles))
    assert as_graph(list(map(tuple, triangles.tolist()))).n <= 12
    heavier = np.add(triangles, [0, 0, 50])
    assert as_graph(form(heavier)).total_weight == heavier[:, 2].sum()


def test_parts_of_a_graph_in_one_sequence_are_no_edges():
    for parts in (([("a", "b"), ("b", "c")], [3, 4]), [["a", "b"], [("a", "b"), ("b", "c")]]):
        assert "one list holds pairs and another one does not" in refused(as_graph, parts)
    assert "None is no vertex" in refused(as_graph, [("a", None), ("b", "c")])
    frame = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "weight": [3, 4]})
    assert "pass frame.T" in refused(as_graph, frame.T)
    assert refused(as_graph, frame.items())  # one line, though a column has several
