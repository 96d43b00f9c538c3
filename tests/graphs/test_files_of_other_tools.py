"""JSON of Plotly, Overpass and CX, files of NetworKit, matrices whose names R has changed, words for signs."""

import json

import pandas as pd
import pytest
from tests.inputs import read, refusal

import derandkit as dk

LINK = {"source": [0, 1, 0], "target": [1, 2, 2], "value": [8, 4, 2]}
SANKEY = {"type": "sankey", "node": {"label": ["A", "B", "C"]}, "link": LINK}


@pytest.mark.parametrize(
    "content", [{"data": [SANKEY], "layout": {}}, SANKEY, [SANKEY], {"node": SANKEY["node"], "link": LINK}]
)
def test_a_sankey_diagram_of_plotly_is_named(tmp_path, content):
    assert "a Sankey diagram of Plotly" in refusal(tmp_path, json.dumps(content), "g.json")


@pytest.mark.parametrize("head", [{"osm3s": {}}, {"version": 0.6}])
def test_an_answer_of_overpass_is_named(tmp_path, head):
    elements = [{"type": "node", "id": 1, "lat": 1.5, "lon": 2.5}, {"type": "way", "id": 2, "nodes": [1, 3]}]
    assert "the Overpass API" in refusal(tmp_path, json.dumps({**head, "elements": elements}), "g.json")


@pytest.mark.parametrize(
    "first", [{"CXVersion": "2.0"}, {"numberVerification": [{"longNumber": 281474976710655}]}]
)
def test_a_cx_file_is_named(tmp_path, first):
    rows = [first, {"nodes": [{"id": 0}, {"id": 1}]}, {"edges": [{"id": 0, "s": 0, "t": 1}]}]
    assert "a CX file of Cytoscape" in refusal(tmp_path, json.dumps(rows), "g.cx2")


def test_other_json_with_such_keys_is_read(tmp_path):
    elements = {
        "elements": [{"data": {"id": "a"}}, {"data": {"id": "b"}}, {"data": {"source": "a", "target": "b"}}]
    }
    assert read(tmp_path, json.dumps(elements), "g.json").m == 1
    links = {"node": {"link": 3}, "link": {"source": 2}}
    assert read(tmp_path, json.dumps(links), "g.json").m == 2


def test_graphml_of_networkit_is_read(tmp_path):
    for between in ("", 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '):
        text = (
            f'<?xml version="1.0"?><graphml {between}xmlnsi="http://graphml.graphdrawing.org/xmlns">'
            '<key for="edge" id="d1" attr.name="weight" attr.type="double"/><graph edgedefault="undirected" id="G">'
            '<node id="0"/><node id="1"/><node id="2"/><edge directed="false" source="0" target="1" id="e0">'
            '<data key="d1">2.5</data></edge><edge directed="false" source="1" target="2" id="e1">'
            '<data key="d1">4</data></edge></graph></graphml>'
        )
        graph = read(tmp_path, text, "g.graphml")
        assert graph.digest == dk.as_graph([(0, 1, 2.5), (1, 2, 4)]).digest
        assert graph.digest == read(tmp_path, text.replace("xmlnsi", "xmlns"), "g.graphml").digest


@pytest.mark.parametrize("kind", ["u u 0", "d w 0"])
def test_the_snap_writer_of_networkit_is_named(tmp_path, kind):
    assert "SNAPGraphWriter of NetworKit" in refusal(tmp_path, f"p 3 2 {kind}\n0 1\n1 2\n")


CITIES = ["New York", "Boston", "2nd Ave", "_x", "Saint-Louis"]
CHANGED = ["New.York", "Boston", "X2nd.Ave", "X_x", "Saint.Louis"]


@pytest.mark.parametrize("k", [3, 5])
def test_names_above_a_matrix_that_r_has_changed(tmp_path, k):
    A = [[abs(i - j) for j in range(k)] for i in range(k)]
    frame = pd.DataFrame(A, CITIES[:k], CHANGED[:k])
    wanted = dk.as_graph(pd.DataFrame(A, CITIES[:k], CITIES[:k]))
    assert wanted.n == k
    for given in (frame, frame.reset_index()):
        assert dk.as_graph(given).digest == wanted.digest
    assert read(tmp_path, frame.to_csv(), "g.csv").digest == wanted.digest
    other = frame.set_axis([*CHANGED[1:k], CHANGED[0]], axis=1)
    assert "the same names above and beside it" in refusal(tmp_path, other.to_csv(), "g.csv") or k > 3


def test_words_for_signs_need_a_line_of_names_in_a_file(tmp_path):
    text = "a b friend\nb c enemy\na c enemy\n"
    assert "words for signs count below a line of names" in refusal(tmp_path, text)
    assert read(tmp_path, "source target weight\n" + text).total_weight == -1
    edges = [tuple(line.split()) for line in text.splitlines()]
    assert dk.frustration(edges).value == 0
    assert "is not a number" in refusal(tmp_path, text.replace("enemy", "stranger"))
