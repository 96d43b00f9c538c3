"""Mappings that may be the parts of a graph, or a matrix: in a file and in memory the same doubt is asked."""

import io
import json
from fractions import Fraction

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from tests.inputs import refused

import derandkit as dk
from derandkit.errors import InputError
from derandkit.graphs.files import read_graph

EDGES = [["a", "b"], ["b", "c"], ["a", "c"]]
MATRIX = pd.DataFrame([[0, 1, 2], [1, 0, 3], [2, 3, 0]], columns=list("ABC"))
JSON = {"nodes": ["a", "b", "c"], "edges": EDGES}
JGF = {
    "graph": {"nodes": {"a": {}, "b": {}, "c": {}}, "edges": [{"source": u, "target": v} for u, v in EDGES]}
}


def ways(obj):
    """The two ways to pass an object: as it is, and written as JSON."""
    return (lambda **o: dk.as_graph(obj, **o)), (lambda **o: read_graph(io.StringIO(json.dumps(obj)), **o))


@pytest.mark.parametrize(
    "form", [{"edges": EDGES}, {"links": EDGES}, JSON, JGF, nx.adjacency_data(nx.cycle_graph(3))]
)
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("weights", [5, -3, 2]),
        ("edgeWeights", [5, -3]),
        ("edge_weights", ["+", "-", "+"]),
        ("weight", {"a,b": 5, "b,c": 2, "a,c": 1}),
        ("weight", 2),
        ("costs", [{"x": 1}, {"x": 2}, {"x": 3}]),
        ("values", [5, -3, 2]),
        ("foo", [5, -3, 2]),
        ("foo", ["5", "-3", "2"]),
        ("foo", {"0": 5, "1": -3, "2": 2}),
    ],
)
def test_weights_beside_edges_are_refused_with_both_named(form, key, value):
    used = next(name for name in ("graph", "edges", "links", "adjacency") if form.get(name))
    for read in ways({**form, key: value}):
        with pytest.raises(InputError, match=f"{key!r} beside {used!r} may hold the weights"):
            read()
        graph = read(weight=None)  # no weights at all: nothing is left open
        assert (graph.m, graph.total_weight) == (3, 3)


def test_what_stands_beside_edges_and_is_no_weight_is_named():
    for read in ways(
        {"edges": EDGES, "n": 5, "sizes": [1, 2, 3, 4], "names": ["x", "y", "z"], "title": "t", "pos": []}
    ):
        assert read().reading.remarks == ("'n', 'sizes' beside 'edges' is not used",)
    inner = {"graph": {**JGF["graph"], "edge_weights": [1, 2, 3]}}
    for read in ways(inner):
        with pytest.raises(InputError, match="'edge_weights' beside 'edges'"):
            read()
    for read in ways({**JSON, "graph": {"weights": [1, 2, 3]}}):
        with pytest.raises(InputError, match="'weights' beside 'edges'"):
            read()


@pytest.mark.parametrize(
    "obj",
    [
        {"edges": [(0, 1, 5), (1, 2, -3)]},
        {"edges": [(0, 1), (1, 2)], "weights": [5, -3]},
        {"Links": {("a", "b"): 5}},
        {"edges": {"a": {"b": 5}}},
        {"graph": {"a": {"b": 5}}},
        {"graph": {"a": ["b"]}},
        {"A": [(0, 1), (1, 2)]},
        {"E": [("a", "b", 5)]},
        {"V": ["a", "b"], "E": [("a", "b")]},
    ],
)
def test_parts_of_a_graph_under_a_name_are_no_neighbours(obj):
    with pytest.raises(InputError, match="a vertex with its neighbours"):
        dk.as_graph(obj)


@pytest.mark.parametrize(
    "obj",
    [
        {"edges": {"a": {"b": 5}}},
        {"graph": {"a": {"b": 5}}},
        {"A": [[0, 1], [1, 2]]},
    ],
)
def test_parts_of_a_graph_in_json_are_no_neighbours(obj):
    with pytest.raises(InputError, match="a vertex with its neighbours"):
        read_graph(io.StringIO(json.dumps(obj)))


@pytest.mark.parametrize("orient", ["list", "dict", "index", "records"])
def test_a_matrix_without_names_of_rows_is_no_list_of_neighbours(orient):
    for frame in (MATRIX, MATRIX.set_axis(range(3), axis=1)):
        named = frame is MATRIX
        if not named and orient in ("dict", "index"):
            continue  # {0: {0: ..}}: a matrix that names rows and columns alike
        with pytest.raises(InputError, match=r"matrix|key 0"):
            dk.as_graph(frame.to_dict(orient))
        with pytest.raises(InputError, match="matrix"):
            read_graph(io.StringIO(json.dumps(frame.to_dict(orient))))


def test_neighbours_with_numbers_are_still_read():
    assert dk.as_graph({0: [3, 4, 5], 1: [3, 4, 5], 2: [3, 4, 5]}).m == 9
    assert dk.as_graph({"A": {0: 1, 1: 2}, "B": {0: 5, 1: 3}}).m == 4  # no symmetric matrix
    assert dk.as_graph({"a": [("b", 5), ("c", 2)]}).total_weight == 7
    assert dk.as_graph({(0, 0): [(0, 1), (1, 0)]}).m == 2
    assert dk.as_graph({"alice": ["tea", "milk"], "bob": ["tea", "ale"]}).m == 4
    assert dk.as_graph(MATRIX.set_axis(list("ABC")).to_dict()).total_weight == 6


@pytest.mark.parametrize(
    "columns", [{"A": [0, 1, 2], "B": [1, 2, 0]}, {"A": [0, 1], "B": [1, 2], "C": [3, 5]}]
)
def test_columns_of_numbers_without_names_of_ends_are_asked_about(columns):
    for read in ways(columns):
        with pytest.raises(InputError, match="lists of neighbours"):
            read()


@pytest.mark.parametrize("mark", [1e15, 9999999.0, 1e300])
def test_marks_on_the_diagonal_hide_no_difference(mark):
    """Entries 1.5 and 9.5 were averaged with nothing said where the diagonal held 1e15."""
    A = np.array([[mark, 1.5, 2, 7], [9.5, mark, 3, 1], [2.5, 8, mark, 4], [0.5, 6, 5, mark]])
    assert "entry (0, 1) is 1.5 but (1, 0) is 9.5" in refused(dk.as_graph, A)
    near = np.array([[mark, 1.5], [1.5 + 2**-45, mark]])
    assert dk.as_graph(near).m == 1


def test_a_whole_number_that_is_a_fraction_is_held_or_refused():
    assert dk.as_graph({("a", "b"): Fraction(2**60)}).total_weight == 2**60
    assert "is not exact in float64" in refused(dk.as_graph, {("a", "b"): Fraction(2**53 + 1)})
