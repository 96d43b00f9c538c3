"""Weights that are the texts of numbers, parallel edges of GML, tabs in lists of neighbours, ways of arcs by names."""

import io
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from tests.inputs import read, refusal, refused

import derandkit as dk

XML = (
    '<graphml><key id="d" for="edge" attr.name="weight" attr.type="string"/><graph edgedefault="undirected">'
    '<node id="a"/><node id="b"/><node id="c"/><edge source="a" target="b"><data key="d">{}</data></edge>'
    '<edge source="b" target="c"><data key="d">{}</data></edge></graph></graphml>'
)


def links(one, two):
    edges = [{"source": "a", "target": "b", "weight": one}, {"source": "b", "target": "c", "weight": two}]
    return io.StringIO(json.dumps({"nodes": [{"id": x} for x in "abc"], "links": edges}))


FORMS = {
    "tuples": lambda one, two: [("a", "b", one), ("b", "c", two)],
    "lists": lambda one, two: [["a", "b", one], ["b", "c", two]],
    "attributes": lambda one, two: [("a", "b", {"weight": one}), ("b", "c", {"weight": two})],
    "networkx": lambda one, two: nx.Graph([("a", "b", {"weight": one}), ("b", "c", {"weight": two})]),
    "mapping": lambda one, two: {("a", "b"): one, ("b", "c"): two},
    "neighbours": lambda one, two: {"a": {"b": one}, "b": {"a": one, "c": two}, "c": {"b": two}},
    "frame": lambda one, two: pd.DataFrame(
        {"source": ["a", "b"], "target": ["b", "c"], "weight": [one, two]}
    ),
    "series": lambda one, two: pd.Series({("a", "b"): one, ("b", "c"): two}),
    "links": links,
    "records": lambda one, two: io.StringIO(
        json.dumps(
            [{"source": "a", "target": "b", "weight": one}, {"source": "b", "target": "c", "weight": two}]
        )
    ),
    "graphml": lambda one, two: io.StringIO(XML.format(one, two)),
}


@pytest.mark.parametrize("form", FORMS)
def test_weights_that_are_texts_of_numbers(form):
    for texts, weights in ((["5", "-2"], [5, -2]), ([" 2.5", "1e3 "], [2.5, 1000]), (["+3", ".5"], [3, 0.5])):
        graph = dk.as_graph(FORMS[form](*texts))
        assert graph.digest == dk.as_graph([("a", "b", weights[0]), ("b", "c", weights[1])]).digest
        assert "the weights are numbers written as text" in graph.reading.remarks
    assert "'heavy' is not a real number" in refused(dk.as_graph, FORMS[form]("5", "heavy"))
    for bad in ("1,5", "5 km", "0x10", "1_000", "007"):
        assert f"weight {bad!r} is not a real number" in refused(dk.as_graph, FORMS[form]("5", bad))
    assert "nan" in refused(dk.as_graph, FORMS[form]("5", "nan"))
    assert "too large for float64" in refused(dk.as_graph, FORMS[form]("5", "1e400")) or form == "graphml"
    assert "not exact in float64" in refused(dk.as_graph, FORMS[form]("5", str(2**53 + 1)))


def test_arrays_of_text_hold_weights():
    assert dk.as_graph(np.array([["a", "b", "5"], ["b", "c", "2"]])).total_weight == 7
    assert "'heavy' is not a real number" in refused(
        dk.as_graph, np.array([["a", "b", "5"], ["b", "c", "heavy"]])
    )


def test_rows_of_a_reader_of_csv_may_be_neighbours():
    ring = [[str(k), str((k + 1) % 6), str((k - 1) % 6)] for k in range(6)]
    assert "lists of the neighbours of each vertex" in refused(dk.as_graph, ring)
    assert dk.as_graph([["1", "2", "5"], ["2", "3", "7"], ["3", "4", "1"]]).total_weight == 13


@pytest.mark.parametrize(
    "given",
    [
        [("1", "2", "3"), ("2", "3", "4"), ("3", "4", "1")],
        np.array([["1", "2", "3"], ["2", "3", "4"], ["3", "4", "1"], ["1", "4", "2"]]),
        {"1": {"next": "2"}, "2": {"next": "3"}, "3": {"next": "1"}},
        {("1", "2"): "2", ("2", "3"): "3"},
    ],
)
def test_texts_that_are_vertices_elsewhere_are_no_weights(given):
    assert "may be a vertex, as it is one elsewhere" in refused(dk.as_graph, given)
    assert dk.as_graph([("1", "2", "3"), ("2", "4", "7")]).total_weight == 10


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolon"), (",", "comma"), ("|", "bar")])
def test_other_separators_in_lists_of_neighbours(tmp_path, mark, word):
    lines = f"a{mark}b{mark}c\nb{mark}c\n"
    assert f"say which with --separator {word} or blank" in refusal(tmp_path, lines, "g.adjlist")
    assert read(tmp_path, lines, "g.adjlist", separator=word).m == 3
    assert read(tmp_path, lines, "g.adjlist", separator="blank").n == 2
    assert read(tmp_path, f"a{mark}b\nc\n", "g.adjlist").n == 2


HEAD = 'graph [\n {}\n node [ id 0 label "a" ]\n node [ id 1 label "b" ]\n node [ id 2 label "c" ]\n'


def gml(*edges, head=""):
    body = "".join(f" edge [ source {u} target {v} weight {w} ]\n" for u, v, w in edges)
    return HEAD.format(head) + body + "]\n"


def test_parallel_edges_of_gml_add_up(tmp_path):
    plain = gml((0, 1, 2), (0, 1, 3), (1, 2, 4))
    graph = read(tmp_path, plain, "g.gml")
    assert (graph.m, graph.total_weight, graph.merged_edges) == (2, 9, 1)
    assert graph.digest == read(tmp_path, plain.replace("[\n", "[\n multigraph 1\n", 1), "g.gml").digest
    assert any(
        "add up, though the file does not say 'multigraph 1'" in text for text in graph.reading.remarks
    )
    assert "is duplicated; write 'multigraph 1'" in refusal(
        tmp_path, plain.replace("[\n", "[\n multigraph 0\n", 1), "g.gml"
    )
    arcs = gml((0, 1, 2), (0, 1, 3), (1, 0, 4), head="directed 1")
    assert read(tmp_path, arcs, "g.gml", symmetrize="max").total_weight == 5


def test_gml_that_lists_every_edge_in_both_directions(tmp_path):
    both = [(0, 1, 2), (1, 0, 2), (1, 2, 3), (2, 1, 3)]
    for head in ("", "directed 0"):
        graph = read(tmp_path, gml(*both, head=head), "g.gml")
        assert graph.total_weight == 5
        assert "counts once" in graph.reading.remarks[-1]
    assert "weighs 3 and" in refusal(tmp_path, gml(*both[:3], (2, 1, 4)), "g.gml")
    assert read(tmp_path, gml(*both[:3]), "g.gml").total_weight == 7


def test_a_file_of_igraph_with_parallel_edges(tmp_path):
    igraph = pytest.importorskip("igraph")
    G = igraph.Graph([(0, 1), (0, 1), (1, 2)])
    G.es["weight"] = [1, 2, 3]
    G.write_gml(str(tmp_path / "g.gml"))
    assert dk.read_graph(tmp_path / "g.gml").digest == dk.as_graph(G).digest


def test_tabs_separate_names_with_blanks_in_lists_of_neighbours(tmp_path):
    for text in (
        "New York\tBoston\tLa Paz\nBoston\tLa Paz\n",
        "Boston\tNew York\nNew York\tLa Paz\nLa Paz\tBoston\n",
    ):
        graph = read(tmp_path, text, "g.adjlist")
        assert set(graph.labels) == {"Boston", "La Paz", "New York"}
        assert "tabs separate the names" in graph.reading.remarks[0]
    doubt = "Boston\tNew York\nMiami\tNew York\n"
    assert "'New York' between tabs may be one name or several" in refusal(tmp_path, doubt, "g.adjlist")
    assert read(tmp_path, doubt, "g.adjlist", separator="tab").n == 3
    assert read(tmp_path, doubt, "g.adjlist", separator="blank").n == 4
    assert read(tmp_path, "a\tb c\nb\tc\n", "g.adjlist").labels == ("a", "b", "c")
    assert read(tmp_path, "a\tb\tc\nb c\n", "g.adjlist").labels == ("a", "b", "c")


@pytest.mark.parametrize(
    "names",
    [
        ("successor", "node"),
        ("node", "predecessor"),
        ("node", "prev"),
        ("next", "node"),
        ("task", "after"),
        ("task", "before"),
        ("in_reply_to", "user"),
        ("user", "in_reply_to"),
        ("package", "dependency"),
        ("dependency", "package"),
        ("task", "depends_on"),
        ("course", "prerequisite"),
        ("employee", "reports_to"),
    ],
)
def test_names_that_leave_the_way_of_an_arc_open(names):
    frame = pd.DataFrame([("a", "b"), ("b", "c"), ("d", "c")], columns=names)
    assert "leave it open where an arc leads" in refused(dk.maxdicut, frame)
    assert dk.as_graph(frame).m == 3  # a cut of a graph asks for no direction
    assert dk.maxdicut(frame.set_axis(["source", "target"], axis=1)).value == 2


@pytest.mark.parametrize(
    "names",
    [("node", "successor"), ("predecessor", "node"), ("node", "next"), ("before", "after"), ("task", "tool")],
)
def test_names_that_say_the_way_of_an_arc(names):
    frame = pd.DataFrame([("a", "b"), ("b", "c"), ("d", "c")], columns=names)
    assert dk.maxdicut(frame).value == 2
