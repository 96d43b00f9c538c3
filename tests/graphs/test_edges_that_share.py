"""Edges that are merged by mistake: with one id, in strict graphs; and weights of XML that no tool reads."""

import io

import networkx as nx
import pytest
from tests.inputs import read, refusal

from derandkit.graphs.files import read_graph
from derandkit.plots.layout import file_positions

GRAPHML = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    '<key id="w" for="edge" attr.name="weight" attr.type="int"/>'
    '<graph edgedefault="{}"><node id="a"/><node id="b"/>{}</graph></graphml>'
)
GEXF = (
    '<gexf {} version="1.2"><graph defaultedgetype="undirected"><nodes><node id="a"/><node id="b"/></nodes>'
    "<edges>{}</edges></graph></gexf>"
)


def edge(weight, name=None, source="a", target="b", more=""):
    named = "" if name is None else f'id="{name}" '
    return f'<edge {named}source="{source}" target="{target}"{more}><data key="w">{weight}</data></edge>'


def graphml(*edges, default="undirected"):
    return GRAPHML.format(default, "".join(edges))


def test_two_edges_of_one_id_are_refused(tmp_path):
    for second in (edge(3, "e"), edge(3, "e", "b", "a"), edge(2, "e")):
        assert "two edges between 'a' and 'b' share the id 'e'" in refusal(
            tmp_path, graphml(edge(2, "e"), second)
        )
    gexf = '<edge id="e" source="a" target="b" weight="{}"/>'
    text = GEXF.format('xmlns="http://www.gexf.net/1.2draft"', gexf.format(2) + gexf.format(3))
    assert "share the id 'e'" in refusal(tmp_path, text)
    both = graphml(edge(2), edge(3, "0"))  # networkx counts an edge without an id 0
    assert "2 edges are listed, but networkx keeps only 1" in refusal(tmp_path, both)


def test_edges_of_different_ids_or_none_are_all_read(tmp_path):
    for edges in ([edge(2, "e"), edge(3, "f")], [edge(2), edge(3)], [edge(2, "7"), edge(3)]):
        assert read(tmp_path, graphml(*edges)).total_weight == 5
    apart = [edge(2, "e"), edge(3, "e", "b", "b"), "<!-- <edge id='x'/> -->"]
    assert read(tmp_path, graphml(*apart)).dropped_loops == 1


def test_a_weight_that_graphml_does_not_know_is_refused(tmp_path):
    for name in ("weight", "Weight", "value"):
        text = graphml(f'<edge source="a" target="b" {name}="5"/>')
        assert f"{name}='5' as an attribute of XML" in refusal(tmp_path, text)
        assert read(tmp_path, text, weight=None).total_weight == 1
    assert read(tmp_path, graphml('<edge source="a" target="b" label="weight=5"/>')).total_weight == 1


@pytest.mark.parametrize(
    "name",
    [
        "http://www.gexf.net/1.3",
        "http://gexf.net/1.2",
        "http://gexf.net/1.3",
        "http://www.gexf.net/1.1draft",
        "https://www.gexf.net/1.2draft",
        "https://gexf.net/1.3",
        "http://www.gephi.org/gexf/1.2draft",
        None,
    ],
)
def test_every_version_of_gexf_is_read(tmp_path, name):
    G = nx.Graph()
    G.add_edge("a", "b", weight=3)
    G.nodes["a"]["viz"] = {"position": {"x": 1.0, "y": 2.0, "z": 0.0}}
    G.nodes["b"]["viz"] = {"position": {"x": 3.0, "y": 4.0, "z": 0.0}}
    file = io.BytesIO()
    nx.write_gexf(G, file)
    text = file.getvalue().decode()
    if name is None:
        text = text.replace(' xmlns="http://www.gexf.net/1.2draft"', "").replace(
            ' xmlns:viz="http://www.gexf.net/1.2draft/viz"', ""
        )
        text = text.replace("<viz:", "<").replace("</viz:", "</")
    else:
        text = text.replace("http://www.gexf.net/1.2draft", name)
    graph = read(tmp_path, text, "g.gexf")
    assert (graph.n, graph.total_weight) == (2, 3)
    if name is not None:
        assert file_positions(tmp_path / "g.gexf", ["a", "b"]) == {"a": (1, 2), "b": (3, 4)}


def test_gexf_that_changes_with_time_is_refused(tmp_path):
    spells = '<edge id="0" source="a" target="b"><spells><spell start="1" end="2"/></spells></edge>'
    text = GEXF.format('xmlns="http://www.gexf.net/1.2draft"', spells)
    assert "have times (start, end); export one state" in refusal(tmp_path, text)
    start = GEXF.format(
        'xmlns="http://www.gexf.net/1.2draft"', '<edge id="0" source="a" target="b" start="1"/>'
    )
    assert "have times (start, end); export one state" in refusal(tmp_path, start)


def test_dot_joins_lines_and_strict_graphs_join_edges():
    wrapped = 'graph { "lo\\\nng" -- b; "lo\\\r\nng" -- c; long -- d; "back\\\\\n" -- e }'
    graph = read_graph(io.StringIO(wrapped, newline=""))
    assert sorted(graph.labels) == ["b", "back\\\n", "c", "d", "e", "long"]
    for text, weight in (
        ("a -- b [weight=2]; b -- a [color=red]", 2),
        ("a -- b [weight=2]; b -- a [weight=7]", 7),
        ("a -- b [weight=2]; edge [weight=9]; a -- b [color=red]", 2),
        ("edge [weight=9]; a -- b; edge [weight=4]; a -- b", 9),
    ):
        assert read_graph(io.StringIO(f"strict graph {{ {text} }}")).total_weight == weight
