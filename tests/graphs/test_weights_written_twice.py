"""An edge with two weights under one attribute is refused: every reader would keep one of them, and say nothing."""

import io
import json

import networkx as nx
import numpy as np
import pytest
from tests.inputs import read, refusal, refused

import derandkit as dk

GRAPHML = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    '<key id="d0" for="edge" attr.name="weight" attr.type="double"/>{}<graph edgedefault="undirected">'
    '<node id="a"/><node id="b"/><node id="c"/><edge source="a" target="b">{}</edge>'
    '<edge source="b" target="c"><data key="d0">1</data></edge></graph></graphml>'
)
GEXF = (
    '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="undirected">'
    '<attributes class="edge"><attribute id="0" title="weight" type="float"/></attributes>'
    '<nodes><node id="a"/><node id="b"/></nodes><edges><edge id="0" source="a" target="b" weight="2">{}</edge></edges>'
    "</graph></gexf>"
)
SECOND = '<key id="d1" for="edge" attr.name="weight" attr.type="double"/>'


def adjacency(*rows, **more):
    return {"graph": [], "nodes": [{"id": k} for k in range(len(rows))], "adjacency": list(rows), **more}


SIMPLE = {"directed": False, "multigraph": False}


def entry(end, weight=None, **more):
    return {"id": end, **({} if weight is None else {"weight": weight}), **more}


def twice(first, second, where="edge ('a', 'b')"):
    return f"{where} has 'weight' twice, as {first!r} and as {second!r}; leave the one that counts"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GRAPHML.format("", '<data key="d0">2</data><data key="d0">3</data>'), twice("2", "3")),
        (GRAPHML.format(SECOND, '<data key="d0">2</data><data key="d1">3</data>'), twice("2", "3")),
        (GEXF.format('<attvalues><attvalue for="0" value="7"/></attvalues>'), twice("7", "2")),
        ("graph { a -- b [weight=2, weight=3] }", twice(2.0, 3.0)),
        ("graph { edge [weight=2][weight=3]; a -- b }", twice(2.0, 3.0, "the list 'edge [...]'")),
        ("graph { a -- b -- c [weight=2, weight=3] }", twice(2.0, 3.0, "the edges from 'a' to 'c'")),
        ("a b {'weight': 3, 'weight': 5}\nb c {'weight': 1}\n", twice(3, 5, "an edge")),
        (
            '{"links": [{"source": "a", "target": "b", "weight": 2, "attributes": {"weight": 5}}]}',
            twice(2, 5),
        ),
        ('{"links": [{"source": "a", "target": "b", "metadata": {"weight": 5}, "weight": 2}]}', twice(2, 5)),
        ('{"links": [{"source": "a", "target": "b", "weight": 2, "data": {"weight": "5"}}]}', twice(2, 5.0)),
        (
            '{"links": [{"source": "a", "target": "b", "weight": 2, "data": {"weight": 5, "p": []}}]}',
            twice(2, 5),
        ),
    ],
)
def test_a_weight_that_is_written_twice_is_refused(tmp_path, text, said):
    """The last of the two counted, or the one in the mapping inside, or that of XML."""
    assert said in refusal(tmp_path, text)


def test_a_weight_that_is_written_twice_alike_is_one(tmp_path):
    twice_alike = GRAPHML.format("", '<data key="d0">2</data><data key="d0">2.0</data>')
    assert read(tmp_path, twice_alike).total_weight == 3
    assert (
        read(tmp_path, GEXF.format('<attvalues><attvalue for="0" value="2.0"/></attvalues>')).total_weight
        == 2
    )
    assert read(tmp_path, 'graph { a -- b [weight=2, weight="2.0"] }').total_weight == 2
    links = {
        "links": [{"source": "a", "target": "b", "weight": 2, "id": 5, "data": {"weight": "2", "id": "7"}}]
    }
    assert read(tmp_path, json.dumps(links)).total_weight == 2


def test_the_named_weights_stand_once_whatever_they_are_called(tmp_path):
    """Keys of the library may differ, but not when one of them is asked for as the weight."""
    links = {"links": [{"source": "a", "target": "b", "year": 5, "attributes": {"year": 7}}]}
    (tmp_path / "g.json").write_text(json.dumps(links))
    assert dk.read_graph(tmp_path / "g.json", weight=None).m == 1
    assert "has 'year' twice, as 5 and as 7" in refused(dk.read_graph, tmp_path / "g.json", weight="year")
    assert "has 'year' twice, as 5 and as 7" in refused(dk.as_graph, links, weight="year")


def test_an_attribute_of_edges_in_a_list_of_records_stands_once(tmp_path):
    """The mapping beside the weight was not looked at."""
    edges = [{"source": "a", "target": "b", "weight": 2, "attributes": {"weight": 5}}]
    edges += [{"source": "b", "target": "c", "weight": 2, "attributes": {"weight": 2}}]
    assert "has 'weight' twice, as 2 and as 5" in refusal(tmp_path, json.dumps(edges))
    assert "has 'weight' twice, as 2 and as 5" in refused(dk.as_graph, edges)


def test_a_number_beside_the_data_of_an_edge_of_cytoscape_is_refused(tmp_path):
    """Every edge weighed 1."""
    ends = [{"data": {"id": "a"}}, {"data": {"id": "b"}}]
    edge = {
        "data": {"source": "a", "target": "b"},
        "weight": 5,
        "position": {},
        "selected": False,
        "zIndex": 3,
    }
    for weight in (5, "5"):
        text = json.dumps({"elements": [*ends, {**edge, "weight": weight}]})
        assert "has 'weight' beside its 'data', where it does not count" in refusal(tmp_path, text)
    inside = {**edge, "data": {**edge["data"], "weight": 7}}
    assert "has 'weight' twice, as 7 and as 5" in refusal(tmp_path, json.dumps({"elements": [*ends, inside]}))
    del inside["weight"]
    assert read(tmp_path, json.dumps({"elements": [*ends, inside]})).total_weight == 7


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (adjacency([entry(1, 5)], [entry(0, 7)], **SIMPLE), twice(5, 7, "edge (1, 0)")),
        (adjacency([entry(1, 5), entry(1, 9)], [], **SIMPLE), twice(5, 9, "edge (0, 1)")),
        (
            adjacency([entry(1, 5), entry(1, 9)], [], multigraph=False, directed=True),
            twice(5, 9, "edge (0, 1)"),
        ),
        (
            adjacency([entry(1, 5)], [entry(0)], **SIMPLE),
            "edge (1, 0) is listed twice, once with 'weight' and once",
        ),
        (adjacency([entry(1, 5, key=0)], [entry(0, 7, key=0)], multigraph=True), twice(5, 7, "edge (1, 0)")),
    ],
)
def test_the_two_rows_of_an_edge_in_adjacency_data_agree(tmp_path, data, said):
    """networkx kept the last of the two weights."""
    assert said in refusal(tmp_path, json.dumps(data))
    assert said in refused(dk.as_graph, data)


def test_adjacency_data_of_networkx_are_read(tmp_path):
    several = nx.MultiGraph(
        [(0, 1, {"weight": 2}), (0, 1, {"weight": 3}), (1, 2, {"weight": 5}), (2, 2, {"weight": 9})]
    )
    for G in (several, nx.Graph(several)):
        expected = dk.as_graph(G)
        assert read(tmp_path, json.dumps(nx.adjacency_data(G))).digest == expected.digest
        assert dk.as_graph(nx.adjacency_data(G)).digest == expected.digest
    data = adjacency([entry(1, 5), entry(1, 5)], [entry(0, 5)], directed="false", multigraph="false")
    assert read(tmp_path, json.dumps(data)).total_weight == 5


def test_attributes_of_xml_are_declared_once(tmp_path):
    two = SECOND.replace("d1", "d0").replace("weight", "km")
    for key in (two, two.replace('"edge"', '"node"')):
        assert "the attributes 'weight' and 'km' share the id 'd0'" in refusal(
            tmp_path, GRAPHML.format(key, "")
        )
    defaults = [SECOND.replace("/>", f"><default>{k}</default></key>").replace("d1", f"d{k}") for k in (2, 3)]
    assert "has 'weight' twice, as '2' and as '3'" in refusal(tmp_path, GRAPHML.format("".join(defaults), ""))
    lists = '<attvalues><attvalue for="0" value="2"/></attvalues>' * 2
    assert "2 lists of values" in refusal(tmp_path, GEXF.format(lists))
    inside = '<data key="d0">5<x>7</x></data>'
    assert "as text beside elements, of which none counts" in refusal(tmp_path, GRAPHML.format("", inside))


def test_a_node_has_one_name(tmp_path):
    """Vertices of files of igraph go by their names, and the last one counted."""
    key = '<!-- Created by igraph --><key id="n" for="node" attr.name="name" attr.type="string"/>'
    text = GRAPHML.format(key, "").replace('<node id="a"/>', '<node id="a"><data key="n">x</data>{}</node>')
    assert "node 'a' has 'name' twice, as 'x' and as 'y'" in refusal(
        tmp_path, text.format('<data key="n">y</data>')
    )
    assert read(tmp_path, text.format("")).n == 3


def test_edges_of_gml_stand_within_the_graph(tmp_path):
    """networkx reads the key graph alone."""
    text = 'Creator "edge [1]"\ngraph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 value 3 ] ]\n'
    assert read(tmp_path, "# edge [\n" + text + "comment [ ]\n").total_weight == 3
    for key in ("edge", "Edge", "node"):
        stray = f"{key} [ source 1 target 2 weight 3 ]\n"
        said = f"'{key}' stands outside of 'graph [ ... ]', where it does not count"
        assert f":3: {said}" in refusal(tmp_path, text + stray)
        assert f":1: {said}" in refusal(tmp_path, stray + text)


@pytest.mark.parametrize("word", ["1_0", "\u0663", "\uff15"])
def test_numbers_of_xml_are_in_plain_digits(tmp_path, word):
    """``1_0`` was 10, and Arabic digits counted."""
    said = f"weight {word!r} of edge ('a', 'b') is no number"
    assert said in refusal(tmp_path, GRAPHML.format("", f'<data key="d0">{word}</data>'))
    assert said in refusal(tmp_path, GEXF.format("").replace('"2"', f'"{word}"'))
    whole = GRAPHML.format("", f'<data key="d0">{word}</data>').replace("double", "int")
    assert said in refusal(tmp_path, whole)
    key = SECOND.replace("/>", f"><default>{word}</default></key>")
    assert f"weight {word!r} by default is no number" in refusal(tmp_path, GRAPHML.format(key, ""))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1e-4<!-- -->00", "'1e-400' of edge ('a', 'b') is too small"),
        ("&#49;e-400", "'1e-400' of edge ('a', 'b') is too small"),
        ("<![CDATA[1e-4]]>00", "'1e-400' of edge ('a', 'b') is too small"),
        ("9007199254740<!-- -->993", "'9007199254740993' of edge ('a', 'b') is not exact"),
        ("1e4<!-- -->00", "'1e400' of edge ('a', 'b') is too large"),
    ],
)
def test_a_number_of_xml_in_parts_is_held_against_float64(tmp_path, written, said):
    """The bytes were searched for a number out of range, and a comment hid it: 1e-400 was 0."""
    assert said in refusal(tmp_path, GRAPHML.format("", f'<data key="d0">{written}</data>'))


def test_a_default_that_float64_cannot_hold_is_refused(tmp_path):
    key = SECOND.replace("/>", "><default>1e-400</default></key>")
    assert "'1e-400' is too small for float64" in refusal(tmp_path, GRAPHML.format(key, ""))


@pytest.mark.parametrize("named", [True, False])
def test_whole_numbers_and_others_of_networkx_are_read(tmp_path, named):
    """networkx declares the attribute once for each type, under one id or two."""
    G = nx.Graph(
        [("a", "b", {"weight": 2}), ("b", "c", {"weight": 3 if named else 2.5}), ("c", "a", {"km": 5})]
    )
    nx.set_node_attributes(G, 7, "weight")
    nx.write_graphml(G, tmp_path / "g.graphml", named_key_ids=named)
    assert dk.as_graph(tmp_path / "g.graphml").digest == dk.as_graph(G).digest


def test_a_text_stream_of_xml_is_read_in_its_own_letters(tmp_path):
    """The declared encoding was applied to the UTF-8 that the text had become: the name of a vertex was another one."""
    text = GRAPHML.format("", "").replace('"a"', '"caf\u00e9"')
    for encoding in ("ISO-8859-1", "UTF-8", "us-ascii"):
        declared = f"<?xml version='1.0' encoding='{encoding}' standalone='yes'?>{text}"
        assert "caf\u00e9" in dk.as_graph(io.StringIO(declared)).labels
    path = tmp_path / "g.graphml"
    path.write_bytes(f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{text}'.encode("latin-1"))
    with open(path, encoding="latin-1") as file, open(path, "rb") as binary:
        assert dk.as_graph(file).labels == dk.as_graph(binary).labels == dk.as_graph(path).labels


NAN = float("nan")


def beside(**more):
    """Records of two edges with attributes in a mapping of their own."""
    return [{"source": u, "target": v, "weight": 2, **more} for u, v in ("ab", "bc")]


@pytest.mark.parametrize(
    "data",
    [
        adjacency([entry(1, 2, x=NAN)], [entry(0, 2, x=float("nan"))], **SIMPLE),
        beside(x=NAN, attributes={"x": float("nan")}),
        {"links": beside(relation="likes", metadata={"relation": "knows"})},
        beside(relation="likes", metadata={"relation": "knows"}),
        adjacency([entry(1, 2, text="road", km=None)], [entry(0, 2)], **SIMPLE),
        adjacency([entry(1, 2, text="road")], [entry(0, 2, text="street")], **SIMPLE),
        adjacency([entry(1, 2)], [entry(0, 2, text="road")], **SIMPLE),
    ],
)
def test_what_cannot_be_a_weight_may_differ(tmp_path, data):
    """Two that are not a number, texts, and texts that stand once, were refused."""
    graphs = [dk.as_graph(data, weight="weight"), dk.as_graph(data, weight=None)]
    path = tmp_path / "g.json"
    path.write_text(json.dumps(data))
    graphs += [dk.as_graph(path, weight="weight"), dk.as_graph(path, weight=None)]
    assert all(graph.total_weight in (graph.m, 2 * graph.m) for graph in graphs)


def test_arrays_and_numbers_that_are_none_in_adjacency_data_are_read():
    """The answer of ``==`` on arrays is an array; and a NaN is not equal to itself."""
    data = adjacency([entry(1, 2, v=np.arange(3))], [entry(0, 2, v=np.arange(3))], **SIMPLE)
    assert dk.as_graph(data).total_weight == 2
    G = nx.Graph()
    G.add_edge("a", "b", weight=2.0, color=NAN)
    G.add_edge("b", "c", weight=3.0, color=1.0)
    assert dk.as_graph(nx.adjacency_data(G)).digest == dk.as_graph(G).digest
    mixed = adjacency([entry(1, np.float64(2))], [entry(0, "2.0")], **SIMPLE)
    assert dk.as_graph(mixed).total_weight == 2


@pytest.mark.parametrize(
    ("first", "second"), [(2, NAN), (True, False), (True, 1), ("1e9", 2), (2, np.arange(3)), (None, 2)]
)
def test_two_values_of_which_one_may_be_a_weight_are_refused(first, second):
    data = adjacency([entry(1, text="a", km=first)], [entry(0, text="b", km=second)], **SIMPLE)
    assert "has 'km' twice" in refused(dk.as_graph, data)
    data = adjacency([entry(1, text="a", km=2)], [entry(0, text="b")], **SIMPLE)
    assert "is listed twice, once with 'km' and once without" in refused(dk.as_graph, data)


@pytest.mark.parametrize("beside", ["directed", "undirected", "arrows", "type"])
def test_two_directions_of_an_edge_are_refused(beside):
    """The one in the mapping counted, where the other one stood beside it as `directed` or `type`."""
    first, second = {"arrows": ("to", "from"), "type": ("directed", "undirected")}.get(beside, (True, False))
    edge = {"source": "a", "target": "b", beside: first, "attributes": {beside: second}}
    assert f"has {beside!r} twice" in refused(dk.as_graph, {"links": [edge]})


def test_what_draws_a_graph_may_stand_twice_in_dot(tmp_path):
    """Graphviz draws the last one; of two names of a node it is not known which one is meant."""
    text = "graph { graph [size=1, size=2]; node [width=1, width=2]; a [style=rounded, style=filled]; %s }"
    assert read(tmp_path, text % "a -- b [weight=2, style=bold, style=dashed]").total_weight == 2
    assert "node 'c' has 'name' twice, as 'x' and as 'y'" in refusal(
        tmp_path, text % "a -- b; c [name=x, name=y]"
    )


def test_texts_may_stand_twice_in_xml(tmp_path):
    key = '<key id="t" for="edge" attr.name="text" attr.type="{}"/>'
    data = '<data key="d0">2</data><data key="t">{}</data><data key="t">{}</data>'
    assert read(tmp_path, GRAPHML.format(key.format("string"), data.format("a", "b"))).total_weight == 3
    said = "edge ('a', 'b') has 'text' twice"
    assert said in refusal(tmp_path, GRAPHML.format(key.format("boolean"), data.format("true", "false")))
    assert said in refusal(tmp_path, GRAPHML.format(key.format("string"), data.format("3", "b")))
