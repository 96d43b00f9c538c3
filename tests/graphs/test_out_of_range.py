"""Weights that are written but that float64 cannot hold: refused in every format, with their line or edge."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from tests import inputs
from tests.inputs import refused

from derandkit import as_graph

XML = (
    '<graphml><key id="d" for="edge" attr.name="weight" attr.type="double"/><graph edgedefault="undirected">'
)
GEXF = '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="undirected"><nodes>'
#: A file name, its text around one weight, the line of that weight (None: the edge is named), what else it weighs.
FORMS = {
    "edges": ("g.txt", "a b 1\nb c {}\n", 2, 1),
    "integers": ("g.txt", "0 1 1.5\n1 2 {}\n", 2, 1.5),
    "csv": ("g.csv", "source,target,weight\na,b,1\nb,c,{}\n", 3, 1),
    "rudy": ("g.rudy", "3 2\n1 2 1\n2 3 {}\n", 3, 1),
    "matrix": ("g.txt", "0 1 1 {0}\n1 0 1 1\n1 1 0 1\n{0} 1 1 0\n", 1, 5),
    "networkx": ("g.edgelist", "a b {{'weight': 1}}\nb c {{'weight': {}}}\n", 2, 1),
    "multiline": ("g.adjlist", "a 1\nb {{'weight': {}}}\nb 0\n", 2, 0),
    "lgl": ("g.lgl", "# a\nb {}\nc 2\n", 2, 2),
    "metis": ("g.graph", "2 1 1\n2 {0}\n1 {0}\n", 2, 0),
    "dimacs": ("g.col", "p edge 3 2\ne 1 2 {}\ne 2 3 1\n", 2, 1),
    "entries": ("g.mtx", "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 {}\n3 1 2.0\n", 3, 2),
    "array": ("g.mtx", "%%MatrixMarket matrix array real general\n2 2\n0\n{0}\n{0}\n0\n", 4, 0),
    "pajek": ("g.net", '*Vertices 2\n1 "a"\n2 "b"\n*Edges\n1 2 {}\n', 5, 0),
    "dot": ("g.dot", 'graph {{\na -- b [weight="{}"]; b -- c [weight=2]; }}', 2, 2),
    "graphml": (
        "g.graphml",
        f'{XML}<node id="0"/><node id="1"/><edge source="0" target="1">\n<data key="d">{{}}</data></edge>'
        "</graph></graphml>",
        2,
        0,
    ),
    "gexf": (
        "g.gexf",
        f'{GEXF}<node id="0"/><node id="1"/></nodes><edges>\n<edge id="0" source="0" target="1" weight="{{}}"/>'
        "</edges></graph></gexf>",
        2,
        0,
    ),
    "gml": ("g.gml", "graph [ node [ id 0 ] node [ id 1 ]\nedge [ source 0 target 1 weight {} ] ]", 2, 0),
    "json edges": ("g.json", '[["a", "b", 1], ["b", "c", {}]]', None, 1),
    "json links": (
        "g.json",
        '{{"nodes": ["a", "b"], "links": [{{"source": "a", "target": "b", "weight": {}}}]}}',
        None,
        0,
    ),
    "json frame": ("g.json", '{{"a": {{"a": 0, "b": {0}}}, "b": {{"a": {0}, "b": 0}}}}', None, 0),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("weight", ["1e-400", "-2.5e-400", "1e400", "-1e400"])
def test_a_written_weight_out_of_range_is_refused(tmp_path, form, weight):
    name, text, line, _ = FORMS[form]
    message = refused(lambda: as_graph(inputs.write(tmp_path, text.format(weight), name)))
    assert f"too {'small' if '-400' in weight else 'large'} for float64" in message
    if line is None:
        assert weight.lower().replace("+", "") in message.lower().replace("+", "")
    else:
        assert f"{name}:{line}: " in message
        assert repr(weight) in message


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("weight", ["0e-400", "1e-05", "-4e-320", "2e3"])
def test_what_float64_can_hold_is_read(tmp_path, form, weight):
    name, text, _, rest = FORMS[form]
    graph = as_graph(inputs.write(tmp_path, text.format(weight), name))
    assert graph.total_weight == rest + float(weight)


@pytest.mark.parametrize("text", ["1e-05x", "3abc", "0x10", "1.5.5", "1-2", "3abc 4"])
def test_gml_takes_no_number_apart(tmp_path, text):
    name, form, line, _ = FORMS["gml"]
    assert f"{name}:{line}: " in refused(lambda: as_graph(inputs.write(tmp_path, form.format(text), name)))


def test_dot_takes_no_name_apart(tmp_path):
    for text in ("graph { a -- b [weight=1e-5] }", "graph { 1a -- b }", "graph { a -- 2.5.5 }"):
        assert "put it in quotation marks" in refused(
            lambda t=text: as_graph(inputs.write(tmp_path, t, "g.dot"))
        )


@pytest.mark.parametrize(
    "weight", [Decimal("1e-400"), Fraction(1, 10**400), Decimal("1e400"), Fraction(10**400, 3)]
)
def test_python_numbers_out_of_range(weight):
    for graph in (
        [("a", "b", 1), ("b", "c", weight)],
        {("a", "b"): weight},
        np.array([[0, weight], [weight, 0]]),
    ):
        assert "for float64" in refused(lambda g=graph: as_graph(g))


def test_long_double():
    tiny = np.longdouble("1e-400")
    if tiny == 0:
        pytest.skip("long double is double here")
    assert "too small" in refused(lambda: as_graph(np.array([[0, tiny], [tiny, 0]], dtype=np.longdouble)))
