"""Texts that do not list their vertices: two spellings that may be one vertex are refused in every format."""

import datetime
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from tests import inputs
from tests.inputs import refused

from derandkit import as_graph

PAIRS = [("1", "01"), ("2", "2.0"), ("10", "1e1"), ("-1", "-01"), ("a", "a\u200b"), ("\u00e9", "e\u0301")]
QUOTED = [("a b", "a  b"), ("a", "a "), ("a b", "a\u00a0b")]


def links(edges):
    return json.dumps({"links": [{"source": u, "target": v} for u, v in edges]})


#: A file name and what writes edges between labels.
FORMS = {
    "edges": ("g.txt", lambda edges: "".join(f"{u} {v}\n" for u, v in edges)),
    "csv": ("g.csv", lambda edges: "source,target\n" + "".join(f'"{u}","{v}"\n' for u, v in edges)),
    "adjlist": ("g.adjlist", lambda edges: "".join(f"{u} {v}\n" for u, v in edges)),
    "multiline": ("g.adjlist", lambda edges: "".join(f"{u} 1\n{v} {{'weight': 2}}\n" for u, v in edges)),
    "lgl": ("g.lgl", lambda edges: "".join(f"# {u}\n{v}\n" for u, v in edges)),
    "dot": ("g.dot", lambda edges: "graph {" + "".join(f'"{u}" -- "{v}";' for u, v in edges) + "}"),
    "json list": ("g.json", lambda edges: json.dumps([[u, v, 2.5] for u, v in edges])),
    "json rows": ("g.json", lambda edges: json.dumps([{"source": u, "target": v} for u, v in edges])),
    "json lines": ("g.json", lambda edges: "\n".join(json.dumps({"from": u, "to": v}) for u, v in edges)),
    "json links": ("g.json", links),
    "json mapping": ("g.json", lambda edges: json.dumps({u: {v: 2} for u, v in edges})),
    "json neighbours": ("g.json", lambda edges: json.dumps({u: [v] for u, v in edges})),
}
BLANKS = ("csv", "dot", "json list", "json rows", "json links", "json mapping", "json neighbours")


def graph_of(folder, form, edges):
    name, write = FORMS[form]
    return as_graph(inputs.write(folder, write(edges), name))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_spellings(tmp_path, form, one, other):
    edges = [(one, "x"), (other, "y"), ("x", "z")]
    text = refused(graph_of, tmp_path, form, edges)

    assert "may be one vertex or two" in text
    assert graph_of(tmp_path, form, [(one, "x"), ("q7", "y"), ("x", "z")]).n == 5


@pytest.mark.parametrize("form", BLANKS)
@pytest.mark.parametrize(("one", "other"), QUOTED)
def test_blanks(tmp_path, form, one, other):
    edges = [(one, "x"), (other, "y"), ("x", "z")]
    assert "may be one vertex or two" in refused(graph_of, tmp_path, form, edges)


def test_a_number_and_its_text(tmp_path):
    for text in (
        '[["1", "x"], [1, "y"]]',
        '{"links": [{"source": "1", "target": 2}, {"source": 1, "target": 3}]}',
    ):
        assert "may be one vertex or two" in refused(
            lambda t=text: as_graph(inputs.write(tmp_path, t, "g.json"))
        )


@pytest.mark.parametrize("form", FORMS)
def test_case_and_accents_keep_words_apart(tmp_path, form):
    assert (
        graph_of(tmp_path, form, [("a", "A"), ("a", "e"), ("e", "\u00e9"), ("\u00c9", "E"), ("A", "E")]).n
        == 6
    )


LISTS = {
    "tuples": lambda edges: edges,
    "weighted mapping": lambda edges: dict.fromkeys(edges, 2),
    "records": lambda edges: [{"source": u, "target": v} for u, v in edges],
    "frame": lambda edges: pd.DataFrame(edges, columns=["source", "target"]),
    "series": lambda edges: pd.Series([2] * len(edges), index=pd.MultiIndex.from_tuples(edges)),
}


@pytest.mark.parametrize("form", LISTS)
@pytest.mark.parametrize(("one", "other"), [*PAIRS[-2:], *QUOTED])
def test_words_of_lists_in_memory_that_look_alike(form, one, other):
    edges = [(one, "x"), (other, "y"), ("x", "z")]
    assert "may be one vertex or two" in refused(as_graph, LISTS[form](edges))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("B", '="B"'),
        ("A&B", "A&amp;B"),
        ("O'Neil", "O&#39;Neil"),
        ("New York", "New%20York"),
        ("M\u00fcnchen", "M%C3%BCnchen"),
        ("1000", "1,000"),
        ("-1000000", "-1'000'000"),
    ],
)
@pytest.mark.parametrize("form", ["dot", "json list", *LISTS])
def test_words_as_spreadsheets_pages_and_addresses_write_them(tmp_path, form, one, other):
    def read(edges):
        return as_graph(LISTS[form](edges)) if form in LISTS else graph_of(tmp_path, form, edges)

    one, other = (x.replace('"', '\\"') if form == "dot" else x for x in (one, other))
    assert "may be one vertex or two" in refused(read, [(one, "x"), (other, "y"), ("x", "z")])
    assert read([("Q", "x"), (other, "y"), ("x", "z")]).n == 5


def test_bytes_of_addresses_that_are_no_text_stay_apart():
    assert as_graph([("x%E4", "a"), ("x%F6", "a"), ("1,00", "a"), ("100", "a")]).n == 5


@pytest.mark.parametrize(("one", "other"), [*PAIRS[-2:], *QUOTED])
def test_graphs_list_their_vertices(one, other):
    assert as_graph(nx.Graph([(one, "x"), (other, "y")])).n == 4


@pytest.mark.parametrize("form", [*FORMS, *LISTS])
def test_case_is_said(tmp_path, form):
    def said(edges):
        graph = as_graph(LISTS[form](edges)) if form in LISTS else graph_of(tmp_path, form, edges)
        return [text for text in graph.reading.remarks if "case" in text]

    assert said([("Ann", "x"), ("ann", "y"), ("x", "z")]) == [
        "'Ann' and 'ann' differ in case only and are two vertices"
    ]
    assert said([("Ann", "x"), ("x", "y"), ("x", "z")]) == []


def test_edges_of_markup_end_at_listed_nodes(tmp_path):
    graphml = (
        '<graphml><graph edgedefault="undirected"><node id="1"/><node id="{}"/><edge source="1" target="01"/>'
    )
    gexf = (
        '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph><nodes><node id="1"/><node id="{}"/></nodes>'
        '<edges><edge source="1" target="01"/></edges>'
    )
    for name, text in (("g.graphml", graphml + "</graph></graphml>"), ("g.gexf", gexf + "</graph></gexf>")):
        assert as_graph(inputs.write(tmp_path, text.format("01"), name)).m == 1
        message = refused(lambda t=text, n=name: as_graph(inputs.write(tmp_path, t.format("2"), n)))
        assert "ends at '01', a node that is not listed" in message
        message = refused(lambda t=text, n=name: as_graph(inputs.write(tmp_path, t.format("1"), n)))
        assert "two nodes share the id '1'" in message


def test_listed_vertices_are_what_they_are_called(tmp_path):
    nodes = {"nodes": [{"id": "1"}, {"id": "01"}], "links": [{"source": "1", "target": "01"}]}
    assert as_graph(inputs.write(tmp_path, json.dumps(nodes), "g.json")).labels == ("01", "1")
    graphml = (
        '<graphml><graph edgedefault="undirected"><node id="1"/><node id="01"/><edge source="1" target="01"/>'
    )
    assert as_graph(inputs.write(tmp_path, graphml + "</graph></graphml>", "g.graphml")).m == 1


def test_nodes_that_become_one_label_are_refused():
    """A date of NumPy and the same one of Python are two nodes; their edge was left out as a loop of one vertex."""
    graph = nx.Graph([(np.datetime64("2020-01-01"), datetime.date(2020, 1, 1)), ("a", "b")])
    said = refused(as_graph, graph)
    assert "np.datetime64('2020-01-01') and datetime.date(2020, 1, 1) would be one vertex" in said
