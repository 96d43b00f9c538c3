"""JSON of common tools: read as one graph, or refused in one line that names what is wrong."""

import functools
import io
import json

import networkx as nx
import pandas as pd
import pytest
from tests.inputs import refused, write

import derandkit as dk
from derandkit.errors import InputError
from derandkit.graphs.files import read_graph
from derandkit.models.arcs import read_arcs


def read(content, **options):
    text = content if isinstance(content, str) else json.dumps(content)
    return read_graph(io.StringIO(text), **options)


refusal = functools.partial(refused, read)


def edges_of(graph):
    return sorted((graph.labels[i], graph.labels[j], w) for i, j, w in zip(*graph.edges(), strict=True))


LINK = {"source": "a", "target": "b", "weight": 3}
NODES = [{"id": "a"}, {"id": "b"}]
ONE = [("a", "b", 3)]
ELEMENTS = {"nodes": [{"data": node} for node in NODES], "edges": [{"data": {"id": "e", **LINK}}]}
FORMS = {
    "cytoscape.js": {"elements": ELEMENTS, "zoom": 1},
    "cytoscape.js, a list of elements": {"elements": [*ELEMENTS["nodes"], *ELEMENTS["edges"]]},
    "cytoscape.js, elements alone": [*ELEMENTS["nodes"], *ELEMENTS["edges"]],
    "vis.js": {"nodes": NODES, "edges": [{"from": "a", "to": "b", "value": 3}]},
    "d3": {"nodes": NODES, "links": [LINK]},
    "d3 after its simulation": {
        "nodes": [{"id": "a", "index": 0, "x": 1.5}, {"id": "b", "index": 1, "x": 2.5}],
        "links": [{**LINK, "source": {"id": "a", "index": 0}, "target": {"id": "b", "index": 1}, "index": 0}],
    },
    "names as ends": {"nodes": [{"name": "a"}, {"name": "b"}], "links": [LINK]},
    "lists": {"nodes": ["a", "b"], "edges": [["a", "b", 3]]},
    "no nodes": {"edges": [["a", "b", {"weight": 3}]]},
    "graphology": {
        "options": {"type": "undirected"},
        "nodes": [{"key": "a"}, {"key": "b"}],
        "edges": [{"key": "e", "source": "a", "target": "b", "attributes": {"weight": 3}}],
    },
    "JSON Graph Format": {"graph": {"nodes": {"a": {}, "b": {}}, "edges": [{"metadata": {}, **LINK}]}},
    "JSON Graph Format, one of many": {"graphs": [{"nodes": NODES, "edges": [LINK]}]},
    "one empty list of edges": {"nodes": NODES, "links": [], "edges": [LINK]},
    "columns": {"source": ["a"], "target": ["b"], "weight": [3]},
    "neighbours": {"a": [["b", 3]], "b": []},
    "lines": "\n".join([json.dumps(LINK), json.dumps({"source": "c", "target": "d", "weight": 4})]),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_of_common_tools_are_read(name):
    expected = [*ONE, ("c", "d", 4)] if name == "lines" else ONE
    assert edges_of(read(FORMS[name])) == expected


def test_lists_of_neighbours_are_the_graph_that_python_reads():
    lists = {str(v): list(nx.petersen_graph()[v]) for v in range(10)}
    assert read(lists).digest == dk.as_graph(nx.petersen_graph()).digest
    assert "rows of a matrix or lists of neighbours" in refusal({"0": [0, 1], "1": [1, 0]})
    assert "names no vertex" in refusal({"a": [["b", 1, 2]]})


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"a": {"b": 3}, "a": {"c": 5}}', "'a'"),
        ('{"a": {"b": 3, "b": 4}}', "'b'"),
        ('[{"source": "a", "target": "b", "weight": 1, "weight": 2}]', "'weight'"),
    ],
)
def test_a_key_that_occurs_twice_is_refused(text, key):
    assert f"the key {key} occurs twice in one object" in refusal(text)


def test_edges_in_two_places_are_refused():
    assert "edges under 'links' and under 'edges'" in refusal(
        {"nodes": NODES, "links": [LINK], "edges": [LINK]}
    )
    assert "edges under 'edges' and under 'elements'" in refusal({"edges": [LINK], "elements": ELEMENTS})
    assert "holds 2 graphs" in refusal({"graphs": [{"edges": [LINK]}, {"edges": [LINK]}]})


@pytest.mark.parametrize(
    "model",
    [
        {"h": {"a": 1, "b": -1}, "J": {"a,b": 2}},
        {"h": {"a": 1, "b": -1}, "J": {"a,b": 2}, "offset": 0.5},
        {"h": {"a": 1}, "J": {}},
        {"h": [1, -1], "J": [[0, 2], [0, 0]]},
        {"linear": {"a": -1}, "quadratic": {"a,b": 2}},
        {"linear": {"a": -1}, "quadratic": {"a": {"b": 2}}},
        {"Q": {"a,a": 1}},
        {"Q": [[1, 2], [0, 1]]},
        {"Q": {"('a', 'b')": 1}},
    ],
)
def test_models_are_no_graphs(model):
    assert "model, which is not a graph" in refusal(model)
    if all(isinstance(value, dict) for value in model.values()):
        with pytest.raises(InputError, match="model, which is not a graph"):
            dk.as_graph(model)


def test_models_of_python_are_no_graphs():
    for model in ({"h": {"a": 1}, "J": {("a", "b"): 2}}, {"Q": {("a", "a"): 1, ("a", "b"): 2}}):
        with pytest.raises(InputError, match="model, which is not a graph"):
            dk.as_graph(model)


def test_vertices_with_the_names_of_a_model_are_vertices():
    assert read({"h": {"J": 3}, "J": {"h": 3}}).total_weight == 3
    assert read({"h": {"a": 3}, "J": {"a": 2}}).total_weight == 5
    assert read({"h": {"a": {"weight": 3}}, "J": {"b": {"weight": 2}}}).total_weight == 5
    assert read({"Q": {"a": 3, "b": 4}}).total_weight == 7
    assert read({"h": {"x": 1}, "J": {"y": 1}, "z": {"y": 2}}).total_weight == 4


def test_an_edge_may_say_that_it_is_directed():
    links = [{**LINK, "directed": True}, {"source": "b", "target": "c", "weight": 5}]
    mixed = {"graph": {"edges": links}}
    assert "1 of 2 edges is directed" in refusal(mixed)
    for how, weight in (("sum", 3), ("mean", 1.5), ("max", 3)):
        graph = read(mixed, symmetrize=how)
        assert edges_of(graph) == [("a", "b", weight), ("b", "c", 5)]
        assert "1 edge is undirected and keeps its weight" in graph.reading.remarks
    arcs = read_arcs(io.StringIO(json.dumps(mixed)))
    assert sorted(zip(arcs.tails, arcs.heads, arcs.weights, strict=True)) == [(0, 1, 3), (1, 2, 5), (2, 1, 5)]
    assert "1 edge is undirected and counts in both directions" in arcs.reading.remarks
    assert "directed" in refusal({"edges": [{"from": 1, "to": 2, "arrows": "to"}]})
    assert "only 'to' is read" in refusal({"edges": [{"from": 1, "to": 2, "arrows": "from"}]})
    assert "'directed' is 'perhaps'" in refusal({"directed": "perhaps", "edges": [LINK]})


def test_a_graph_without_parallel_edges_has_none():
    back = {"source": "b", "target": "a", "weight": 3}
    assert read({"multigraph": False, "links": [LINK, back]}).total_weight == 3
    assert "listed twice" in refusal({"multigraph": False, "links": [LINK, {**back, "weight": 4}]})
    assert read({"multigraph": True, "links": [LINK, back]}).total_weight == 6


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"nodes": 5, "links": [LINK]}, "'nodes' is 5, not a list"),
        ({"nodes": NODES, "links": [{"a": 1}]}, "no 'source' and 'target'"),
        ({"nodes": NODES, "links": ["ab"]}, "is neither [u, v, weight] nor an object"),
        ({"nodes": NODES, "links": [{**LINK, "target": {"x": 1}}]}, "has no 'id'"),
        ({"nodes": NODES, "links": [{**LINK, "target": "z"}]}, "a node that is not listed"),
        ({"nodes": [*NODES, *NODES], "links": [LINK]}, "share the id 'a'"),
        ({"nodes": [{"id": "a"}, {}], "links": [LINK]}, "some nodes have an id and some have none"),
        ({"nodes": ["a", {"id": "b"}], "links": [LINK]}, "write all nodes alike"),
        ({"elements": {"nodes": [{"id": "a"}]}}, "has no 'data'"),
        ({"graph": {"hyperedges": [1], "edges": []}}, "hyperedges"),
        ("[1]\n[2]", "is not JSON: Extra data"),
    ],
)
def test_what_is_wrong_is_named(content, text):
    assert text in refusal(content)


def test_the_order_of_the_input_is_kept_where_names_become_integers():
    graph = read('{"2": {"10": 1, "1": 3}, "10": {"2": 1}, "1": {"2": 3}}')
    assert [graph.labels[k] for k in graph.input_rank] == [2, 10, 1]
    frame = read('{"columns": [2, 10, 1], "index": [2, 10, 1], "data": [[0, 1, 3], [1, 0, 0], [3, 0, 0]]}')
    assert frame.digest == graph.digest
    assert [frame.labels[k] for k in frame.input_rank] == [2, 10, 1]


def test_two_lists_of_three_whole_numbers():
    assert "or the ends of 3 edges" in refusal("[[0, 1, 2], [1, 2, 0]]")
    assert read('[["a", "b", 3], ["b", "c", 4]]').total_weight == 7
    assert read("[[0, 1, 2.5], [1, 2, 3]]").total_weight == 5.5
    assert read("[[0, 1, 2, 3], [1, 2, 3, 0]]").m == 4


def test_lines_may_be_lists(tmp_path):
    for name in ("g.jsonl", "g.json", "g"):
        graph = dk.as_graph(write(tmp_path, '["a", "b", 2]\n\n["b", "c", 3]\n', name))
        assert edges_of(graph) == [("a", "b", 2), ("b", "c", 3)]
    assert edges_of(read('["a", "b"]\n["b", "c"]\n')) == [("a", "b", 1), ("b", "c", 1)]
    for text in ('["a", "b"]\n{"a": 1}\n["a", "b"]', '["a", "b"]\n3\n["b", "c"]', '["a", "b"]\n["b"]'):
        with pytest.raises(InputError, match="Extra data behind the first value"):
            read(text)
    with pytest.raises(InputError, match="may be a symmetric matrix or 3 edges"):
        read("[0, 1, 2]\n[1, 0, 3]\n[2, 3, 0]\n")


@pytest.mark.parametrize("options", [{"orient": "split"}, {"orient": "table", "index": False}])
def test_frames_without_names_of_rows(options):
    frame = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "km": [5, 6]})
    for form in (options, {**options, "index": False}):
        assert edges_of(read(frame.to_json(**form))) == [("a", "b", 5), ("b", "c", 6)]
        A = pd.DataFrame([[0, 1, 2, 0], [1, 0, 3, 1], [2, 3, 0, 0], [0, 1, 0, 0]], columns=list("abcd"))
        graph = read(A.to_json(**form))
        assert (graph.labels, graph.total_weight) == (("a", "b", "c", "d"), 7)
        assert graph.digest == dk.as_graph(A).digest
        for k in (2, 3):
            with pytest.raises(
                InputError, match=f"may be a matrix or {k} edges; name its rows like its columns"
            ):
                read(A.iloc[:k, :k].to_json(**form))
    with pytest.raises(InputError, match="not 2 entries, as many as there are columns"):
        read({"columns": ["source", "target"], "data": [["x", "y"], ["z"]]})


def test_frames_over_pairs():
    frame = pd.DataFrame({"source": ["a", "b", "a"], "target": ["b", "c", "c"], "weight": [5, -3, 2]})
    pairs = frame.set_index(["source", "target"])
    sizes = frame.groupby(["source", "target"]).size().to_frame("n")
    numbers = pairs.set_axis([(1, 2), (2, 3), (1, 3)])
    for text in (pairs.to_json(), pairs.to_json(orient="index"), pairs["weight"].to_json(), sizes.to_json()):
        assert "is the text of a pair" in refusal(text)
    assert "is the text of a pair" in refusal(numbers.to_json())
    wanted = [("a", "b", 5), ("a", "c", 2), ("b", "c", -3)]
    assert edges_of(read(pairs.reset_index().to_json(orient="records"))) == wanted
    assert edges_of(read(pairs.to_json(orient="split"))) == wanted
    assert edges_of(read({"(a)": {"b": 1}, "c": {"(a)": 2}}, symmetrize="sum")) != []
