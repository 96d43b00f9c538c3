"""Whole numbers beyond 2^53 in files of all formats: in digits, with a point, with an exponent, the same rule."""

from __future__ import annotations

import pytest

import derandkit as dk
from derandkit.errors import InputError

_NODES = '<node id="a"/><node id="b"/><node id="c"/>'
_GRAPHML = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="d0" for="edge" attr.name="weight" '
    'attr.type="double"/><graph edgedefault="undirected">'
    + _NODES
    + '<edge source="a" target="b"><data key="d0">@'
    '</data></edge><edge source="b" target="c"><data key="d0">2.0</data></edge></graph></graphml>'
)
_GEXF = (
    '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="undirected"><nodes>'
    + _NODES.replace("/>", ' label=""/>') + '</nodes><edges><edge id="0" source="a" target="b" weight="@"/>'
    '<edge id="1" source="b" target="c" weight="2.0"/></edges></graph></gexf>'
)  # fmt: skip
_JSON = (
    '{"nodes": [{"id": "a"}, {"id": "b"}, {"id": "c"}], "links": [{"source": "a", "target": "b", "weight": @}, '
    '{"source": "b", "target": "c", "weight": 2.0}]}'
)
_GML = (
    'graph [\n node [ id 0 label "a" ]\n node [ id 1 label "b" ]\n node [ id 2 label "c" ]\n'
    " edge [ source 0 target 1 weight @ ]\n edge [ source 1 target 2 weight 2.0 ]\n]\n"
)
MARKET = "%%MatrixMarket matrix coordinate real"
#: What reads a file, its name, and its text with ``@`` for the number.
FILES = [
    (dk.read_graph, "numbers.edgelist", "0 1 @\n1 2 2\n"),
    (dk.read_graph, "words.edgelist", "a b @\nb c 2\n"),
    (dk.read_graph, "attributes.edgelist", "a b {'weight': @}\nb c {'weight': 2.0}\n"),
    (dk.read_graph, "g.csv", "source,target,weight\na,b,@\nb,c,2\n"),
    (dk.read_graph, "g.tsv", "a\tb\t@\nb\tc\t2\n"),
    (dk.read_graph, "g.rudy", "3 2\n1 2 @\n2 3 2\n"),
    (dk.read_graph, "g.mtx", f"{MARKET} symmetric\n3 3 2\n2 1 @\n3 2 2\n"),
    (dk.read_graph, "links.json", _JSON),
    (dk.read_graph, "list.json", '[["a", "b", @], ["b", "c", 2]]'),
    (dk.read_graph, "g.gml", _GML),
    (dk.read_graph, "g.graphml", _GRAPHML),
    (dk.read_graph, "g.gexf", _GEXF),
    (dk.read_graph, "g.net", '*Vertices 3\n1 "a"\n2 "b"\n3 "c"\n*Edges\n1 2 @\n2 3 2\n'),
    (dk.read_graph, "g.graph", "3 2 1\n2 @\n1 @ 3 2\n2 2\n"),
    (dk.read_graph, "g.dimacs", "p edge 3 2\ne 1 2 @\ne 2 3 2\n"),
    (dk.read_graph, "g.lgl", "# a\nb @\n# b\nc 2\n"),
    (dk.read_graph, "matrix.txt", "0 @ 0 1\n@ 0 1 0\n0 1 0 2\n1 0 2 0\n"),
    (dk.read_model, "q.qubo", "p qubo 0 3 1 1\n0 0 @\n0 1 2\n"),
    (dk.read_model, "q.coo", "# vartype=SPIN\n0 1 @\n1 2 2\n"),
    (dk.read_model, "q.mtx", f"{MARKET} general\n3 3 2\n1 2 @\n2 3 2\n"),
    (dk.read_model, "beasley.txt", "1\n3 2\n1 2 @\n2 3 2\n"),
    (dk.read_points, "p.csv", "x,y\n@,1\n2,3\n5,7\n"),
    (dk.read_points, "p.txt", "@ 1\n2 3\n5 7\n"),
    (dk.read_points, "p.mtx", "%%MatrixMarket matrix array real general\n3 2\n@\n1\n2\n3\n4\n9\n"),
    (dk.read_clauses, "c.wcnf", "p wcnf 2 2 99999999999999999999\n@ 1 2 0\n3 -1 0\n"),
]
LOST = [
    "9007199254740993",
    "9007199254740993.0",
    "9.007199254740993e15",
    "1234567890123456789.",
    "1.2345678901234567e18",
]
KEPT = ["9007199254740992", "9007199254740994.0", "6.022e23", "1e300", "9007199254740993.5", "3.5"]


@pytest.mark.parametrize(("read", "name", "text"), FILES, ids=[file[1] for file in FILES])
def test_a_whole_number_that_no_double_equals_is_refused(read, name, text, tmp_path):
    for word in LOST:
        (tmp_path / name).write_text(text.replace("@", word))
        with pytest.raises(InputError):
            read(tmp_path / name)
    for word in KEPT:
        if name == "c.wcnf" and "e" in word:  # weights of clauses are exact
            continue
        (tmp_path / name).write_text(text.replace("@", word))
        read(tmp_path / name)


def test_decimal_commas_are_points(tmp_path):
    (tmp_path / "p.csv").write_text("x;y\n9007199254740993,0;1,5\n2;3\n5;7\n")
    with pytest.raises(InputError, match="is not exact"):
        dk.read_points(tmp_path / "p.csv")


def test_a_vertex_is_no_weight(tmp_path):
    """Beside a heavy weight that is exact, a long number may still be the name of a vertex."""
    text = _GRAPHML.replace('"a"', '"9007199254740995"').replace("@", "9007199254740994.0")
    (tmp_path / "g.graphml").write_text(text)
    assert dk.read_graph(tmp_path / "g.graphml").n == 3
