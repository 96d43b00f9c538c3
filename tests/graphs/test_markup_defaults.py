"""Defaults of attributes in GraphML and GEXF: an edge that names no value has the default of the file."""

import io

import igraph
import networkx as nx
import pytest

from derandkit.errors import InputError
from derandkit.graphs.files import read_graph

EDGES = [("a", "b"), ("b", "c"), ("a", "c")]


def graphml(name="weight", default="-2", given=("5", None, None), scope='for="edge"', kind="double"):
    nodes = "".join(f'<node id="{v}"/>' for v in "abc")
    data = [f'<data key="w">{x}</data>' if x is not None else "" for x in given]
    edges = "".join(
        f'<edge source="{u}" target="{v}">{x}</edge>' for (u, v), x in zip(EDGES, data, strict=True)
    )
    return (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        f'<key id="w" {scope} attr.name="{name}" attr.type="{kind}"><default>{default}</default></key>'
        f'<graph edgedefault="undirected">{nodes}{edges}</graph></graphml>'
    ).encode()


def gexf(default="-2", given=("5", None, None)):
    nodes = "".join(f'<node id="{v}" label="{v}"/>' for v in "abc")
    values = [
        f'<attvalues><attvalue for="0" value="{x}"/></attvalues>' if x is not None else "" for x in given
    ]
    edges = "".join(
        f'<edge id="{k}" source="{u}" target="{v}">{x}</edge>'
        for k, ((u, v), x) in enumerate(zip(EDGES, values, strict=True))
    )
    return (
        '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="undirected">'
        '<attributes class="edge"><attribute id="0" title="cost" type="double">'
        f"<default>{default}</default></attribute></attributes>"
        f"<nodes>{nodes}</nodes><edges>{edges}</edges></graph></gexf>"
    ).encode()


def weights(graph):
    return {(graph.labels[i], graph.labels[j]): w for i, j, w in zip(*graph.edges(), strict=True)}


@pytest.mark.parametrize("scope", ['for="edge"', 'for="all"', ""])
def test_graphml_defaults_are_what_igraph_reads(tmp_path, scope):
    text = graphml(scope=scope)
    graph = read_graph(io.BytesIO(text))
    assert weights(graph) == {("a", "b"): 5, ("b", "c"): -2, ("a", "c"): -2}
    assert graph.reading.remarks == ("2 of 3 edges have no 'weight' and take its default -2.0",)
    (tmp_path / "g.graphml").write_bytes(text)
    if scope == 'for="edge"':
        assert igraph.Graph.Read_GraphML(str(tmp_path / "g.graphml")).es["weight"] == [5, -2, -2]


def test_a_default_counts_where_no_edge_has_a_value_of_its_own():
    graph = read_graph(io.BytesIO(graphml(default="9", given=(None, None, None), kind="int")))
    assert graph.total_weight == 27
    assert graph.reading.remarks == ("3 of 3 edges have no 'weight' and take its default 9",)
    signs = read_graph(io.BytesIO(graphml(name="sign", default="1", given=("-1", None, None), kind="int")))
    assert sorted(weights(signs).values()) == [-1, 1, 1]
    assert "2 of 3 edges have no 'sign' and take its default 1" in signs.reading.remarks
    alone = read_graph(io.BytesIO(graphml(default="9")), weight=None)
    assert alone.total_weight == 3
    assert not alone.reading.remarks


def test_a_default_that_every_edge_overrides_is_not_mentioned():
    graph = read_graph(io.BytesIO(graphml(given=("5", "6", "7"))))
    assert graph.total_weight == 18
    assert not graph.reading.remarks


def test_defaults_of_gexf_count():
    graph = read_graph(io.BytesIO(gexf()))
    assert sorted(weights(graph).values()) == [-2, -2, 5]
    assert graph.reading.remarks[0] == "2 of 3 edges have no 'cost' and take its default -2.0"


def test_networkx_writes_defaults_that_come_back():
    G = nx.Graph([("a", "b", {"weight": 4}), ("b", "c", {"weight": 7})])
    G.graph["edge_default"] = {"weight": 7}
    graph = read_graph(io.BytesIO("\n".join(nx.generate_graphml(G)).encode()))
    assert graph.total_weight == 11
    assert not graph.reading.remarks


def test_attributes_of_a_class_that_gexf_does_not_have_are_one_line(tmp_path):
    """networkx raises again what was never raised: a traceback."""
    file = tmp_path / "g.gexf"
    file.write_text(
        '<gexf version="1.2"><graph><attributes class="edges"><attribute id="0" title="w" type="double"/></attributes>'
        '<nodes><node id="a"/><node id="b"/></nodes><edges><edge id="0" source="a" target="b"/></edges></graph></gexf>'
    )
    with pytest.raises(InputError, match="cannot be read as GEXF: it has a form of no such file"):
        read_graph(file)
