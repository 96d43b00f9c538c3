"""Edges under numbers or names, rows of tables as mappings, what libraries yield: refused where vertices fit too."""

import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from tests import inputs
from tests.inputs import refused

import derandkit as dk
from derandkit import as_graph

TRIANGLE = [("A", "B", 5), ("B", "C", 3), ("A", "C", 2)]
ENDS = [edge[:2] for edge in TRIANGLE]
FRAME = pd.DataFrame(TRIANGLE, columns=["source", "target", "weight"])
MATRIX = [[0, 5, 2], [5, 0, 3], [2, 3, 0]]


def as_json(folder, value):
    return as_graph(inputs.write(folder, json.dumps(value), "g.json"))


@pytest.mark.parametrize(
    "edges",
    [
        dict(enumerate(TRIANGLE)),
        dict(enumerate(ENDS)),
        dict(enumerate(map(list, TRIANGLE), 1)),
        dict(zip(["e1", "e2", "e3"], ENDS, strict=True)),
        dict(zip(["e1", "e2", "e3"], map(list, ENDS), strict=True)),
        dict(zip(["edge 1", "edge 2", "edge 3"], map(set, ENDS), strict=True)),
        {1: (10, 20), 2: (20, 30), 3: (10, 30)},
        {1: {10, 20}, 2: {20, 30}, 3: {10, 30}},
        {"ab": ("A", "B", 5), "bc": ("B", "C", 3)},
        {"ab": ["A", "B", 5], "bc": ["B", "C", 3]},
    ],
)
def test_edges_under_numbers_or_names(tmp_path, edges):
    assert "may be an edge that has a number or name" in refused(as_graph, edges)
    if words_or_named(edges):  # of numbers {u: [v, w]} are neighbours
        text = {str(key): list(row) for key, row in edges.items()}
        assert "may be an edge that has a number or name" in refused(as_json, tmp_path, text)


def words_or_named(edges):
    """Whether the same is asked about in JSON, which has lists for tuples and sets."""
    key, row = next(iter(edges.items()))
    listed = isinstance(row, (tuple, list)) and (len(row) == 3 or isinstance(row[0], str))
    return listed or str(key).startswith("e")


def test_neighbours_under_numbers_and_names():
    assert as_graph({"u1": ["x", "y"], "u2": ["y", "z"]}).m == 4
    assert as_graph({0: [3, 4, 5], 1: [3, 4, 5]}).m == 6
    assert as_graph({1: (2, 3), 2: (1, 3), 3: (1, 2)}).m == 3
    assert as_graph({"hub": ("a", "b")}).m == 2


@pytest.mark.parametrize(
    "rows", [MATRIX, (np.array(MATRIX) != 0).tolist(), [[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]]]
)
def test_a_symmetric_matrix_in_tuples(rows):
    for form in (tuple, list):
        assert "may be a symmetric matrix, or edges" in refused(as_graph, form(map(tuple, rows)))
    assert dk.as_graph(np.array(rows)).m == 3
    wide = tuple(tuple(row) for row in np.pad(np.array(MATRIX), (0, 1)).tolist())
    assert dk.as_graph(wide).digest == dk.as_graph(np.array(wide)).digest
    assert dk.as_graph([(0, 1, 5), (1, 2, 3), (0, 2, 2)]).total_weight == 10


def test_pairs_in_lists(tmp_path):
    pairs = [[("A", "B"), 5], [("B", "C"), 3]]
    assert "may be an edge with its weight" in refused(as_graph, pairs)
    assert "may be an edge with its weight" in refused(as_json, tmp_path, pairs)


@pytest.mark.parametrize("table", [{"x": [1, 3], "y": [2, 4]}, {"age": [31, 52], "score": [0.5, 0.7]}])
def test_attributes_of_vertices(tmp_path, table):
    rows = pd.DataFrame(table, index=["A", "B"]).to_dict("index")
    assert "may be attributes of vertices" in refused(as_graph, rows)
    assert "may be attributes of vertices" in refused(as_json, tmp_path, rows)


def test_items_of_mappings_graphs_and_frames(tmp_path):
    for items in ([("A", ("B", "C")), ("B", ("C", "A"))], [["A", ["B", "C"]], ["B", ["C"]]]):
        assert "may be its neighbours, or a vertex" in refused(as_graph, items)
        assert "may be its neighbours, or a vertex" in refused(as_json, tmp_path, items)
    G = nx.karate_club_graph()
    assert "pass the graph itself" in refused(as_graph, G.adjacency())
    assert "pass the graph itself" in refused(as_graph, G.edges.items())
    assert "pass the frame" in refused(as_graph, list(FRAME.iterrows()))
    ends, weights = np.array([[0, 1, 2, 0], [1, 2, 3, 3]]), np.array([5.0, -3, 2, 1])
    assert "pass (*edge_index, edge_weight)" in refused(as_graph, (ends, weights))
    assert as_graph((*ends, weights)).total_weight == 5


@pytest.mark.parametrize("numbered", [list, np.array], ids=["tuples", "array"])
def test_what_a_refusal_names_holds_in_memory_too(numbered):
    """The option was named, and ignored."""
    edges = [(0, 5, 7), (1, 7, 9), (2, 9, 5), (3, 5, 8)]
    assert "input_format= of derandkit.as_graph" in refused(as_graph, numbered(edges))
    assert as_graph(numbered(edges), input_format="edgelist").total_weight == 29
