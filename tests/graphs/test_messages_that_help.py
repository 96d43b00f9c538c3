"""One line says what is wrong with a graph and what to do: headers, blanks, answers of services, other formats."""

from __future__ import annotations

import io
import json

import pytest

import derandkit as dk
from derandkit.errors import InputError

GRAPHML = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    '<key id="w" for="edge" attr.name="weight" attr.type="double"/><graph edgedefault="undirected">'
    '<node id="1,5"/><node id="b"/>\n<edge source="1,5" target="b"><data key="w">{}</data></edge></graph></graphml>'
)


def refused(text: object) -> str:
    with pytest.raises(InputError) as caught:
        dk.as_graph(io.StringIO(text) if isinstance(text, str) else text)
    return str(caught.value)


@pytest.mark.parametrize("text", ["1 2\n2 3 4\n", "1 2\n2 3 4\n3 1 5\n", "3 7\n3 1 2\n1 5 4\n"])
def test_an_edge_without_its_weight_is_no_header(text: str) -> None:
    assert "is an edge and no header 'n m', it lacks a weight" in refused(text)
    assert "it lacks a weight" not in refused("3 2\n1 2 1\n2 4 1\n")  # this header counts its lines


@pytest.mark.parametrize("sign", ["\u00a0", "\u2003", "\u3000"])
def test_a_blank_that_parts_no_columns_is_named(sign: str) -> None:
    assert f"U+{ord(sign):04X} parts no columns" in refused(f"a{sign}b\nb{sign}c\n")
    assert dk.as_graph(io.StringIO(f"New{sign}York,Boston\nBoston,LA\n")).n == 3


def test_an_answer_of_a_service_is_no_mapping_of_neighbours() -> None:
    for name in ("edges", "nodes"):
        answer = {"data": {"repository": {name: [{"node": {"id": "a"}}, {"node": {"id": "b"}}]}}}
        assert f"'{name}' lists objects" in refused(answer)
        assert f"'{name}' lists objects" in refused(json.dumps(answer))
    path = {"a": {"b": {"weight": 2, "nodes": [1, 2]}}, "b": {"c": {"weight": 3, "nodes": [3]}}}
    assert dk.as_graph(path).total_weight == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dl\nformat=nodelist1\nn=3\ndata:\n1 2\n", "a DL file of UCINET"),
        ("dl\nformat = edgelist1\nlabels:\na,b\n", "a DL file of UCINET"),
        ("@startuml\na -- b\n@enduml\n", "a diagram of PlantUML"),
        ("graph { a -- {b c d} }", "subgraphs are not read; list the edges themselves"),
        ("graph { a -- subgraph s {b c} }", "subgraphs are not read; list the edges themselves"),
        ("graph { a:n -- b:s }", "ports are not read; leave out the colon"),
        (GRAPHML.format("1,5"), ":2: cannot be read as GraphML: .*'1,5'; write numbers with a decimal point"),
        ("from,to,weight\nA,B,\nB,C,2\n", ":2: the weight is missing (an empty cell)"),
        ("from,to,weight\nA,,1\nB,C,2\n", ":2: empty column between commas"),
    ],
)
def test_the_fault_is_named(text: str, message: str) -> None:
    found = refused(text)
    assert all(part in found for part in message.split(".*"))


def test_a_vertex_may_be_called_as_a_format() -> None:
    assert dk.as_graph(io.StringIO("dl n\nn a\n")).n == 3
    assert dk.as_graph(io.StringIO('graph { a -- "{" }')).n == 2


@pytest.mark.parametrize("text", ["\t 2 3\n2", "\t 2\n2", "\tA,0,1\nB,1,0"])
def test_a_tab_before_the_first_of_two_lines_without_a_last_end(text: str) -> None:
    assert refused(text) == refused(text + "\n")


@pytest.mark.parametrize(
    "number", ["1e99999999999999999999", "-1e99999999999999999999", "1e-99999999999999999999"]
)
def test_exponents_that_no_decimal_number_holds(number: str) -> None:
    for text in ('[{"source":"a","target":"b","weight":%s}]', '[["a","b",%s]]', '{"a":{"b":%s}}'):
        assert f"number {number} is too large or too small" in refused(text % number)


def test_edges_of_arangodb() -> None:
    edges = [{"_id": f"e/{k}", "_from": f"v/{k}", "_to": f"v/{k + 1}", "weight": k} for k in (1, 2)]
    assert dk.as_graph(io.StringIO(json.dumps(edges))).labels == ("v/1", "v/2", "v/3")


@pytest.mark.parametrize("text", ["Edges,,\n{}", '{}"Source: Eurostat",,\n'])
def test_a_title_that_a_spreadsheet_writes_is_named(text: str) -> None:
    assert "stands alone in its line: a title or a remark?" in refused(
        text.format("source,target,weight\na,b,3\nb,c,2\n")
    )
