"""Rows that fit two readings are refused, with both named, wherever they come from."""

import functools
import itertools
import json

import igraph as ig
import networkx as nx
import numpy as np
import pytest
from tests import inputs
from tests.inputs import refused

from derandkit import as_graph
from derandkit.graphs.doubts import may_be_neighbours, small_matrix

REGULAR = [ig.Graph.Famous("Petersen"), ig.Graph.Ring(6), ig.Graph.Full(4), ig.Graph.Ring(9)]


refusal = functools.partial(refused, as_graph)


def write(folder, text, name="g.txt"):
    return inputs.write(folder, text, name)


def lines(rows, mark=" "):
    return "".join(mark.join(map(str, row)) + "\n" for row in rows)


@pytest.mark.parametrize("graph", REGULAR)
@pytest.mark.parametrize("first", [0, 1])
def test_lists_of_neighbours_of_regular_graphs_are_no_edges(tmp_path, graph, first):
    rows = [[first + v for v in row] for row in graph.get_adjlist()]
    named = [[first + v, *row] for v, row in enumerate(rows)]
    for obj in (
        rows,
        np.array(rows),
        write(tmp_path, json.dumps(rows)),
        write(tmp_path, lines(rows), "r.csv"),
    ):
        text = refusal(obj)
        assert "edges" in text
        assert "neighbours" in text
    wanted = as_graph({first + v: row for v, row in enumerate(rows)}).digest
    if len(named[0]) == 3:
        assert "neighbours" in refusal(named)
        file = write(tmp_path, lines(named))
        assert "neighbours" in refusal(file)
        assert "neighbours" in refusal(write(tmp_path, lines(named, ","), "r.csv"))
        assert as_graph(file, input_format="adjlist").digest == wanted
        assert as_graph(file, input_format="edgelist").m < graph.ecount()
    assert as_graph(write(tmp_path, lines(named), "r.adjlist")).digest == wanted
    assert as_graph([tuple(edge) for edge in graph.get_edgelist()]).m == graph.ecount()


def test_a_list_of_edges_is_no_list_of_neighbours(tmp_path):
    for G in (nx.cycle_graph(7), nx.petersen_graph(), nx.complete_graph(3), nx.path_graph(5)):
        edges = [list(edge) for edge in G.edges]
        assert as_graph(edges).digest == as_graph(G).digest
        assert as_graph(write(tmp_path, lines(edges))).digest == as_graph(G).digest
        weighted = [[u, v, u + v] for u, v in edges]
        assert as_graph(write(tmp_path, lines(weighted))).m == G.number_of_edges()
    triangle = [[1, 2], [0, 2], [0, 1]]  # the same graph in both readings
    assert as_graph(triangle).m == 3


def test_neighbours_by_definition():
    for table in itertools.product(itertools.combinations(range(4), 2), repeat=4):
        near = {(u, v) for u, row in enumerate(table) for v in row}
        assert may_be_neighbours(np.array(table)) == all((v, u) in near and u != v for u, v in near)


@pytest.mark.parametrize(
    "rows",
    [
        [[0, 0, 0], [3, 0, 0], [5, 4, 0]],
        [[-1, 2, 0], [0, -1, 3], [0, 0, -1]],
        [[-1, 2, 0], [0, -4, 3], [0, 0, -2]],
        [[-1, 2], [0, -1]],
        [[-1, 2], [0, -3]],
        [[0, 4, 1], [3, 0, 1], [1, 2, 0]],
        [[0, 1, 2], [-1, 0, 3], [-2, -3, 0]],
        [[2, -1, 0], [-1, 3, -1], [0, -1, 2]],
    ],
)
def test_small_matrices_that_are_not_symmetric_are_no_edges(tmp_path, rows):
    for obj in (rows, write(tmp_path, json.dumps(rows)), write(tmp_path, lines(rows, ","), "m.csv")):
        text = refusal(obj)
        assert "matrix or" in text
        assert "edges" in text
    np.savetxt(tmp_path / "m.txt", rows)
    assert "matrix or edges" in refusal(tmp_path / "m.txt")
    A = np.array(rows)
    read = as_graph(tmp_path / "m.txt", input_format="matrix", symmetrize="sum")
    same = as_graph(A, symmetrize="sum")
    assert read.digest == same.digest
    assert as_graph(list(map(tuple, rows))).m <= len(rows)


def test_three_edges_are_still_edges(tmp_path):
    for rows in (
        [[1, 2, 3], [2, 3, 4], [1, 3, 5]],
        [[1, 2, 3], [2, 3, 4], [3, 4, 5]],
        [[0, 1, 1], [0, 2, 1], [1, 2, 1]],
    ):
        assert small_matrix(np.array(rows, dtype=float), False) == ""
        assert as_graph(write(tmp_path, lines(rows))).m == 3
        assert as_graph(rows).m == 3
    assert as_graph([[0, 1], [0, 2]]).m == 2


def test_every_edge_has_a_weight_or_none(tmp_path):
    rows = [("a", "b", 3), ("b", "c")]
    g = as_graph(rows)
    assert g.total_weight == 4
    assert g.reading.remarks == ("1 of 2 edges has no weight and weighs 1",)
    assert "has no weight" in refusal(write(tmp_path, json.dumps(rows)))
    lists = [[1, 2], [0, 2, 3], [0, 1, 3], [1, 2]]  # the neighbours in two triangles with one edge in common
    assert "lists of neighbours" in refusal(lists)
    assert as_graph(dict(enumerate(lists))).m == 5


def test_columns_of_two_words_may_be_edges():
    text = refusal((["a", "b"], ["b", "c"], [3, 4]))
    assert "3 edges, or the ends and weights of 2 edges" in text
    assert "2 edges, or the ends of 2 edges" in refusal((["a", "b"], ["c", "d"]))
    assert as_graph([["a", "b"], ["c", "d"]]).m == 2
    assert as_graph(list(zip(["a", "b"], ["b", "c"], [3, 4], strict=True))).total_weight == 7
