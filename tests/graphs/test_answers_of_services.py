"""Edges in answers of web services, and results of SPARQL."""

import json

import pytest
from tests.inputs import read, refusal

from derandkit import as_graph

EDGES = [("a", "b", 2), ("b", "c", 3), ("a", "c", 4)]
ROWS = [dict(zip(("source", "target", "weight"), edge, strict=True)) for edge in EDGES]
DIGEST = as_graph(EDGES).digest
NUMBER = "http://www.w3.org/2001/XMLSchema#"


def uri(name):
    return {"type": "uri", "value": name}


def sparql(rows, names):
    return json.dumps({"head": {"vars": names}, "results": {"bindings": rows}})


@pytest.mark.parametrize("content", [
    {"data": ROWS}, {"edges": ROWS}, {"results": ROWS, "count": 3, "next": None}, {"data": ROWS, "meta": {"total": 3}},
    {"value": ROWS, "@odata.context": "x"}, {"data": {"edges": ROWS}, "errors": None},
    {"status": "ok", "data": {"nodes": [{"id": x} for x in "abc"], "links": ROWS}},
])  # fmt: skip
def test_edges_under_one_key(tmp_path, content):
    graph = read(tmp_path, json.dumps(content))
    assert graph.digest == DIGEST
    if "data" in content and len(content) > 1:
        assert any("beside 'data'" in text or "under 'data'" in text for text in graph.reading.remarks)


@pytest.mark.parametrize("more", [
    {"next": "https://x/2"}, {"nextPageToken": "t"}, {"total": 7}, {"meta": {"total_count": 7}},
    {"links": {"next": "https://x/2"}}, {"page": {"hasNextPage": True}}, {"@odata.nextLink": "https://x"},
])  # fmt: skip
def test_one_page_of_a_longer_list_is_refused(tmp_path, more):
    assert "put the pages together" in refusal(tmp_path, json.dumps({"data": ROWS, **more}))


@pytest.mark.parametrize(("content", "words"), [
    ({"data": [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]}, "name the ends of each edge 'source' and 'target'"),
    ({"data": [{"type": "edge", "id": "1", "attributes": {"source": "a"}}]}, "name the ends of each edge"),
    ({"nodes": [{"id": "a"}], "relationships": [{"startNode": "a", "endNode": "b"}]}, "'nodes' and 'relationships'"),
    ({"data": ROWS, "weights": [5, 6, 7]}, "names no vertex"),
    ({"data": {"edges": [{"node": {"id": 1}}]}}, "no 'source' and 'target'"),
])  # fmt: skip
def test_other_answers_are_refused(tmp_path, content, words):
    assert words in refusal(tmp_path, json.dumps(content))


def test_results_of_sparql(tmp_path):
    rows = [
        {"x": uri(u), "y": uri(v), "n": {"type": "literal", "value": str(w), "datatype": NUMBER + "integer"}}
        for u, v, w in EDGES
    ]
    graph = read(tmp_path, sparql(rows, ["x", "y", "n"]))
    assert (graph.digest, graph.reading.format) == (DIGEST, "results of SPARQL")
    assert read(tmp_path, sparql(rows, ["x", "y"])).total_weight == 3
    for row in rows:
        row["n"].update(value=row["n"]["value"] + ".5", datatype=NUMBER + "decimal")
    assert read(tmp_path, sparql(rows, ["x", "y", "n"])).total_weight == 10.5


@pytest.mark.parametrize(("rows", "names", "words"), [
    ([{"s": uri("a"), "p": uri("k"), "o": uri("b")}], ["s", "p", "o"], "not clear which of the columns 's', 'p', 'o'"),
    ([{"s": uri("a"), "o": uri("b")}, {"s": uri("b")}], ["s", "o"], "an entry of column 'o' is missing"),
    ([{"s": uri("a"), "o": {"type": "literal", "value": "a"}}], ["s", "o"], "one vertex, or two"),
    ([{"s": "a", "o": "b"}], ["s", "o"], "binds no terms"),
    ([], ["s", "o"], "no rows"),
])  # fmt: skip
def test_results_of_sparql_that_are_no_edges(tmp_path, rows, names, words):
    assert words in refusal(tmp_path, sparql(rows, names))


@pytest.mark.parametrize(
    "beside",
    [{"next": "http://x"}, {"total_count": 100}, {"total": "100"}, {"truncated": True}, {"hasMore": True}],
)
@pytest.mark.parametrize("form", ["edges", "links", "data", "inside"])
def test_pages_of_edges_are_no_graph(tmp_path, form, beside):
    edges = [{"source": "a", "target": "b"}, {"source": "b", "target": "c"}]
    contents = {
        "edges": {"edges": edges, **beside},
        "links": {"links": edges, **beside},
        "data": {"data": {"edges": edges}, **beside},
        "inside": {"data": {"edges": edges, **beside}},
    }
    assert "one page of many; put the pages together" in refusal(tmp_path, json.dumps(contents[form]))


def test_attributes_of_a_graph_are_no_page(tmp_path):
    content = {
        "graph": {"total": 100, "next": "x"},
        "nodes": [{"id": 0}, {"id": 1}],
        "links": [{"source": 0, "target": 1}],
    }
    assert read(tmp_path, json.dumps(content)).m == 1
