"""Names that may hold a sign of the layout, both ends of an edge or a list are asked about, in files and in memory."""

from __future__ import annotations

import io
import json
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

SIGNS = [
    "A -- B: 5\nB -- C: 3\nC -- A: 2\n",
    "A - B: 5\nB - C: 3\nC - A: 2\n",
    "1 -- 2: 5\n2 -- 3: 1\n3 -- 1: 1\n",
    "source,target\nA,B:\nB,C:\nC,A:\n",
]
BESIDE = [
    "A -- B,\nB -- C\nC -- A\n",
    "1 2;\n2 3\n3 1\n",
    "A,|B\nB,C\nC,A\n",
]
PAIRS = [
    "A-B,3\nB-C,4\nC-A,5\n",
    "1-2 3\n2-3 4\n3-1 5\n",
    "A_B;3\nB_C;4\nC_A;5\n",
    "A:B\t3\nB:C\t4\nC:A\t5\n",
    "a/x 3\na/y 4\nb/x 5\n",
    "node1,node2\nA-B,3\nB-C,4\nC-A,5\n",
    "3,A-B\n4,B-C\n5,C-A\n",
    "A to B,3\nB to C,4\nC to A,5\n",
    "source,target\nA B,3\nB C,4\nC A,5\n",
]
LISTS = [
    "A,B;C\nB,A\nC,A\n",
    "A\tB,C\nB\tA\nC\tA\n",
    'source,target\nA,"B, C"\nB,A\nC,A\n',
    "A\tB C\nB\tA\nC\tA\n",
    "1\t2,3\n2\t1\n3\t1\n",
    "source,target,weight\nA,B|C,2\nB,A,1\nC,A,1\n",
]
HONEST = [
    "user-1,10\nuser-2,11\nuser-2,10\n",  # parts that join nothing
    "machine learning,ai\nmachine,learning\nai,learning\n",  # phrases
    '"Paris, France",France\n"Lyon, France",France\n"Lyon, France","Paris, France"\n',
    "gene-a gene-b\ngene-b gene-c\n",
    "A-B,B-C\nB-C,C-A\n",  # a line graph
    '"Washington, DC",Washington\nWashington,Boston\n',
    "u,v\nNew York,5\nNew Jersey,6\nEast York,6\n",
    "10.0.0.1 10.0.0.1:80\n10.0.0.2 10.0.0.1:80\n10.0.0.1:80 10.0.0.2\n",
    "A. B.\nB. C.\nC. A.\n",
]


def refused(obj: object) -> str:
    with pytest.raises(InputError) as caught:
        dk.as_graph(obj)
    return str(caught.value)


@pytest.mark.parametrize("text", SIGNS)
def test_a_sign_behind_all_names_of_a_column_is_asked_about(text: str) -> None:
    assert "a sign, or part of the names" in refused(io.StringIO(text))
    assert dk.read_graph(io.StringIO(text), input_format="edgelist").n > 3


@pytest.mark.parametrize("text", BESIDE)
def test_a_name_with_a_sign_beside_the_bare_name_is_asked_about(text: str) -> None:
    assert "may be one vertex or two" in refused(io.StringIO(text))
    assert dk.read_graph(io.StringIO(text), input_format="edgelist").n == 4


@pytest.mark.parametrize("text", PAIRS)
def test_both_ends_in_one_column_beside_a_number_are_asked_about(text: str) -> None:
    message = refused(io.StringIO(text))
    assert "may be an edge with a weight, or an edge between these two" in message
    assert dk.read_graph(io.StringIO(text), input_format="edgelist").m == 3


@pytest.mark.parametrize("text", LISTS)
def test_lists_of_neighbours_in_a_cell_are_asked_about(text: str) -> None:
    assert "may list the vertices" in refused(io.StringIO(text))
    assert dk.read_graph(io.StringIO(text), input_format="edgelist").n >= 3


@pytest.mark.parametrize("text", HONEST)
def test_common_names_are_read(text: str) -> None:
    assert dk.read_graph(io.StringIO(text)).total_weight == len(text.splitlines()) - text.startswith("u,v")


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([("A", "B:"), ("B", "C:"), ("C", "A:")], "a sign, or part"),
        ([("A", "B:5"), ("B", "C:3"), ("C", "A:2")], "and the weight of an edge, or one vertex"),
        ([("A", "B=5"), ("B", "C=3"), ("C", "A=2")], "and the weight of an edge, or one vertex"),
        (
            [("A", "B (5)"), ("B", "C (.5)"), ("C", "A (2)")],
            "and the weight of an edge, or one vertex",
        ),
        ([("A B", 3), ("B C", 4), ("C A", 5)], "may be an edge with a weight"),
        ([("A", "B,"), ("B", "C"), ("C", "A")], "one vertex or two"),
        ([("A-B", 3), ("B-C", 4), ("C-A", 5)], "may be an edge with a weight"),
        ([("A", "B;C"), ("B", "A"), ("C", "A")], "may list the vertices 'B' and 'C'"),
    ],
)
def test_the_same_names_are_asked_about_in_memory(edges: list[tuple[object, object]], words: str) -> None:
    frame = pd.DataFrame(edges, columns=["source", "target"])
    records = frame.to_dict("records")
    for obj in (edges, frame, frame.to_numpy(), records, io.StringIO(json.dumps(records))):
        assert words in refused(obj)
    if isinstance(edges[0][1], str):
        assert words in refused(dict.fromkeys(edges, 1))
    graph = dk.as_graph(nx.Graph(edges))  # a graph lists its vertices
    assert graph.m == 3


def test_neighbours_that_are_no_keys_are_asked_about() -> None:
    assert "may list the vertices 'B' and 'C'" in refused({"A": ["B;C"], "B": ["A"], "C": ["A"]})
    rows = {"A": ["B;C"], "B": ["B;C"], "B;C": ["A", "B"]}
    assert dk.as_graph(rows, symmetrize="max").n == 3


def test_no_header_is_asked_about_further() -> None:
    with pytest.raises(InputError, match="and the weight of an edge, or one vertex"):
        dk.read_graph(io.StringIO("A,B:5\nB,C:3\nC,A:2\n"), header=False)
    for text, header in (("A -- B,\nB -- C,\nC -- A,\n", False), ("road,lanes\nA-B,3\nB-C,4\nC-A,5\n", True)):
        assert "--header" in refused(io.StringIO(text))
        with pytest.raises(InputError, match=r"a sign, or part of the names|or an edge between these two"):
            dk.read_graph(io.StringIO(text), header=header)
    with pytest.raises(InputError, match="a sign, or part of the names"):
        dk.read_graph(io.StringIO("A -> B: 5\nB -> C: 3\nC -> A: 2\n"), symmetrize="sum")


def test_json_is_read_where_its_format_is_said(tmp_path: Path) -> None:
    file = tmp_path / "g.json"
    file.write_text(json.dumps([{"source": "A", "target": "B;C"}, {"source": "B", "target": "A"}]))
    assert dk.read_graph(file, input_format="json").n == 3


def test_no_sign_stands_behind_the_vertices_of_lgl_files(tmp_path: Path) -> None:
    file = tmp_path / "g.lgl"
    file.write_text("# <x>\na 2\nb 3\n")
    assert dk.read_graph(file).labels == ("<x>", "a", "b")
    file.write_text("# A:\nB 2\n# B\nA 3\n")
    assert "'A:' and 'A' may be one vertex or two" in refused(file)
    assert dk.read_graph(file, input_format="lgl").n == 3
