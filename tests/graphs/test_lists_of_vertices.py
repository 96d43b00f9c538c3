"""Rows of a list of edges that list vertices, their names, weights, coordinates, parents or sums: asked about."""

import io

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from tests.inputs import read, refusal, refused

import derandkit as dk


def text(rows, mark=" "):
    return "".join(mark.join(map(str, row)) + "\n" for row in rows)


PATH = [(1, 2), (2, 3), (3, 4)]
WEIGHTS = [(1, 10), (2, 20), (3, 30), (4, 40)]


@pytest.mark.parametrize("mark", [" ", ",", "\t"])
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("weights", [[10, 20, 30, 40], [4, 2, 1, 3], [7, 7, 7, 7]])
def test_weights_of_vertices_between_counts_and_edges(tmp_path, mark, start, weights):
    vertices = [(k + start, w) for k, w in enumerate(weights)]
    edges = [(u - 1 + start, v - 1 + start) for u, v in PATH]
    for rows in ([(4, 3), *vertices, *edges], [(4, 3), *edges, *vertices]):
        given = text(rows, mark)
        assert "may count 4 lines with a vertex and its weight and 3 with the ends" in refusal(
            tmp_path, given
        )
        assert read(tmp_path, given, input_format="edgelist").m + 2 >= len(rows) - 2
    assert read(tmp_path, text(edges, mark), "g.edges").m == 3


def test_weights_of_many_vertices_are_seen_in_the_fast_reader(tmp_path):
    edges = [(k, k + 1) for k in range(1, 50)]
    rows = [(50, 49), *((k, 3 * k % 97) for k in range(1, 51)), *edges]
    assert "may count 50 lines with a vertex and its weight" in refusal(tmp_path, text(rows))
    assert read(tmp_path, text([(50, 48), *rows[1:]])).n > 50  # another count than that of the edges


NAMES = [(1, "a"), (2, "b"), (3, "c")]


@pytest.mark.parametrize("gap", ["\n", "# edges\n", " \n\n"])
@pytest.mark.parametrize("mark", [" ", ",", "\t"])
@pytest.mark.parametrize(
    "vertices",
    [NAMES, [(n, k) for k, n in NAMES], [(1, 10), (2, 20), (3, 30)], [(3, "x"), (1, "x"), (2, "y")]],
)
def test_names_of_vertices_and_a_gap_before_or_behind_edges(tmp_path, vertices, mark, gap):
    one, other = text(vertices, mark), text(PATH[:2], mark)
    assert "3 lines above the gap may list the vertices" in refusal(tmp_path, one + gap + other)
    assert "3 lines below the gap may list the vertices" in refusal(tmp_path, other + gap + one)
    assert read(tmp_path, one + gap + other, input_format="edgelist").m == 5
    assert read(tmp_path, other).m == 2
    assert "2 lines above the gap" in refusal(tmp_path, "1 a\n2 b\n\n1 2\n2 1\n")


def test_a_gap_between_edges_is_no_doubt(tmp_path):
    for given in (
        "1 2\n2 3\n\n3 4\n4 5\n",
        "1 a\n2 b\n\n1 b\n2 a\n",
        "1 2\n\n2 3\n\n3 4\n\n4 1\n",
        "\n1 a\n2 b\n\n",
    ):
        assert read(tmp_path, given).n > 2


def test_names_of_vertices_without_a_gap(tmp_path):
    rows = [*NAMES, *PATH[:2]]
    for given in (io.StringIO(text(rows)), rows, pd.DataFrame(rows, columns=["source", "target"])):
        if isinstance(given, pd.DataFrame):
            given = given.astype(str)
        elif isinstance(given, list):
            given = [(str(u), str(v)) for u, v in rows]
        assert "may say what a vertex is called" in refused(dk.as_graph, given)
    assert read(tmp_path, text(rows), input_format="edgelist").m == 5
    assert read(tmp_path, text([*NAMES, (1, 2), (1, "b")])).m == 5  # 1 stands beside two words
    assert read(tmp_path, text([*NAMES, (4, "d"), *PATH[:1], ("a", "b")])).m == 6


@pytest.mark.parametrize(
    "names",
    [
        ("x", "y"),
        ("lat", "lon"),
        ("lat", "lng"),
        ("Longitude", "Latitude"),
        ("pos_x", "pos_y"),
        ("gpsLat", "gpsLon"),
    ],
)
def test_columns_of_coordinates_are_no_ends(tmp_path, names):
    frame = pd.DataFrame([(1, 2), (2, 3), (3, 1)], columns=names)
    for given in (frame, frame.astype(float), frame.assign(id=[7, 8, 9])):
        assert "may hold coordinates of points, or ends of edges" in refused(dk.as_graph, given)
    assert "may hold coordinates" in refusal(tmp_path, frame.to_csv(index=False), "g.csv", header=True)
    assert dk.as_graph(frame.set_axis(["source", "target"], axis=1)).m == 3
    assert dk.as_graph(frame.set_axis(["row", "col"], axis=1)).m == 3
    assert dk.as_graph(frame.set_axis(["gene_x", "gene_y"], axis=1)).m == 3
    assert dk.as_graph(pd.DataFrame([("a", "b"), ("b", "c")], columns=["x", "y"])).m == 2
    assert dk.as_graph(pd.DataFrame([(1, 2, 3), (2, 3, 4)], columns=["x", "y", "weight"])).m == 2


LARGE = 2**53


@pytest.mark.parametrize(("kind", "start"), [(np.float64, LARGE), (np.float32, 2**24), (np.float16, 2**11)])
def test_rounded_numbers_are_no_vertices(kind, start):
    ids = np.array([start + 2 * k for k in range(5)], dtype=kind)
    ends = np.column_stack([ids[:-1], ids[1:]])
    forms = [
        ends,
        pd.DataFrame(ends, columns=["source", "target"]),
        list(map(tuple, ends)),
        (ids[:-1], ids[1:]),
    ]
    for given in (*forms, nx.Graph(map(tuple, ends)), {tuple(pair): 2 for pair in ends}):
        assert "different vertices may have become one" in refused(dk.as_graph, given)
    small = (ends / 4).round()
    assert dk.as_graph(pd.DataFrame(small, columns=["source", "target"])).n > 1


def test_large_whole_numbers_are_vertices(tmp_path):
    pairs = [(LARGE + 1, LARGE + 3), (LARGE + 3, LARGE + 5)]
    ids = tuple(LARGE + k for k in (1, 3, 5))
    frame = pd.DataFrame(pairs, columns=["source", "target"])
    for given in (pairs, np.array(pairs * 2), frame, frame.astype("Int64")):
        assert dk.as_graph(given).labels == ids
    assert read(tmp_path, text(pairs)).labels == ids
    pointed = text(pairs).replace(" ", ".0 ")  # as a column of floating-point numbers is written
    assert "written as a floating-point number" in refusal(tmp_path, pointed)
    assert read(tmp_path, pointed, input_format="edgelist").labels == ids
    assert "different vertices" in refusal(tmp_path, f"[[{LARGE}.0, 1], [{LARGE + 2}.0, 2]]", "g.json")


@pytest.mark.parametrize(
    "edges",
    [[(0, -1), (1, 0), (2, 0)], [(2, 1), (1, 0), (0, -1)], [(1, -1), (2, 1), (3, 1)]],
)
def test_parents_of_roots_are_no_vertices(tmp_path, edges):
    frame = pd.DataFrame(edges, columns=["node", "parent"])
    for given in (edges, frame, io.StringIO(text(edges))):
        assert "vertex -1 may stand for none" in refused(dk.as_graph, given)
    assert read(tmp_path, text(edges), input_format="edgelist").m == len(edges)
    assert dk.as_graph(nx.Graph(edges)).m == len(edges)


def test_a_line_of_sites_has_a_site_below_zero():
    for edges in (
        [(-1, 0), (0, 1), (1, 2)],
        [(-2, -1), (-1, 0), (0, 1)],
        [(0, 1), (1, -1), (-1, 0)],
        [(1, 2), (2, -1)],
    ):
        assert dk.as_graph(edges).m == len(edges)


@pytest.mark.parametrize("start", [5, 40, 100])
def test_numbers_of_rows_of_a_slice_are_no_ends(tmp_path, start):
    ends = [(1, 2), (2, 3), (3, 41), (41, 6), (6, 45), (45, 7)]
    rows = [(start + k, u, v) for k, (u, v) in enumerate(ends)]
    for given in (
        io.StringIO(text(rows)),
        io.StringIO(text(rows, ",")),
        rows,
        np.array(rows),
        pd.DataFrame(rows),
    ):
        assert "the first column may" in refused(dk.as_graph, given)
    three = text([(start + 200 + k, u, v) for k, (u, v) in enumerate(ends[:3])], ",")
    assert "it may be an index before the two ends" in refusal(tmp_path, three, "g.csv")
    assert read(tmp_path, three, "g.csv", header=False).m == 3


def test_children_before_parents_and_paths_are_edges(tmp_path):
    for rows in (
        [(k, k // 2, 1 + k % 7) for k in range(5, 14)],
        [(k, k + 1, 1 + k % 4) for k in range(5, 14)],
    ):
        assert dk.as_graph(rows).m == read(tmp_path, text(rows)).m == len(rows)
    assert read(tmp_path, "100,101,7\n101,102,9\n102,103,4\n", "g.csv").total_weight == 20


@pytest.mark.parametrize("name", ["Total", "Grand total", "SUM TOTAL"])
def test_sums_without_weights_are_no_vertices(tmp_path, name):
    last = [("a", "b"), ("b", "c"), (name, "a")]
    joined = [("a", "b"), ("a", name), ("b", name), ("c", name), ("c", "a")]
    for rows in (last, [*last[:2], (name, name)], joined):
        named = "source,target\n" + text(rows, ",")
        for given in (rows, pd.DataFrame(rows, columns=["source", "target"]), io.StringIO(named)):
            assert f"a vertex is called {name!r}: a sum over others" in refused(dk.as_graph, given)
    assert dk.as_graph([("Shell", "Total"), ("Total", "BP")]).n == 3
    assert dk.as_graph([("Shell", "Total"), ("BP", "Total"), ("BP", "ENI"), ("Eni", "Shell")]).m == 4


def test_julian_days_are_asked_about(tmp_path):
    days = [(1, 2, 2458849.5), (2, 3, 2458850.5), (3, 4, 2458852.25)]
    assert "may be Julian days, or weights" in refusal(tmp_path, text(days))
    assert read(tmp_path, text(days), weight=None).total_weight == 3
    assert read(tmp_path, text(days[:2])).m == 2


def test_large_floats_that_are_no_numbers_of_vertices_are_labels():
    labels = [0.1, 1e300, -2.5, 2.0**65]
    assert set(dk.as_graph([(labels[0], labels[1]), (labels[2], labels[3])]).labels) == {
        0.1,
        int(1e300),
        -2.5,
        2**65,
    }


def test_words_with_numbers_above_edges_of_words(tmp_path):
    vertices, edges = [("a", 10), ("c", 10), ("b", 7)], [("a", "b"), ("b", "c")]
    for rows in ([(3, 2), *vertices, *edges], [(3, 2), *edges, *vertices]):
        assert "may count 3 lines with a vertex and its weight" in refusal(tmp_path, text(rows))
    once = [("a", 10), ("c", 20), ("b", 7), *edges]
    assert "may say what a vertex is called or weighs" in refusal(tmp_path, text(once))
    assert "may say what a vertex is called or weighs" in refused(dk.as_graph, [(u, str(v)) for u, v in once])
    assert read(tmp_path, text(once), input_format="edgelist").m == 5


def test_two_tables_with_names_of_columns(tmp_path):
    edges, vertices = "source,target\n1,2\n2,3\n", "id,name\n1,a\n2,b\n3,c\n"
    for given in (edges + "\n" + vertices, vertices + "\n" + edges):
        assert "the gap may list the vertices" in refusal(tmp_path, given, "g.csv")
    assert read(tmp_path, edges, "g.csv").m == 2


def test_coordinates_beside_names_are_no_ends(tmp_path):
    frame = pd.DataFrame({"city": ["a", "b", "c"], "x": [1, 2, 3], "y": [2, 3, 1]})
    for given in (frame, frame.set_axis(["name", "lat", "lon"], axis=1)):
        assert "may hold coordinates of points" in refused(dk.as_graph, given)
    roads = pd.DataFrame({"a": ["p", "q"], "b": ["q", "r"], "lat": [1, 2], "lon": [2, 3]})
    assert dk.as_graph(roads).m == 2
    assert "shapes of a map" in refusal(tmp_path, '{"type": "FeatureCollection", "features": []}', "g.json")
