"""Counts in words, edges in one line, names beside values and vertices in brackets are no edges."""

from __future__ import annotations

import io
from pathlib import Path

import networkx as nx
import pytest

import derandkit as dk
from derandkit.errors import InputError

CYCLE = "1 2\n2 3\n3 4\n1 4\n"


@pytest.mark.parametrize(
    "head", ["nodes 4\nedges 4\n", "4 nodes\n4 edges\n", "Vertices: 4\n", "num_nodes=4\n", "edges\t4\n"]
)
def test_counts_in_words_are_asked_about(head: str) -> None:
    with pytest.raises(InputError, match="may count what is below, or be an edge"):
        dk.read_graph(io.StringIO(head + CYCLE))
    assert dk.read_graph(io.StringIO(CYCLE)).m == 4
    assert dk.read_graph(io.StringIO("a 4\na 5\n4 5\n")).m == 3


def test_a_count_that_is_an_edge_below_too_is_asked_about() -> None:
    with pytest.raises(InputError, match="the first line '3 4' may count"):
        dk.read_graph(io.StringIO("3 4\n1 2\n2 3\n3 4\n"))
    assert dk.read_graph(io.StringIO("3 4\n1 2\n2 3\n1 4\n")).m == 4


@pytest.mark.parametrize("text", ["1,2;2,3;3,1", "A,B:5;B,C:6", "a,b,5; b,c,6", "1-2;2-3;3-1"])
def test_edges_in_one_line_are_asked_about(text: str) -> None:
    with pytest.raises(InputError, match="may hold one edge between semicolons"):
        dk.read_graph(io.StringIO(text + "\n"))
    assert dk.read_graph(io.StringIO("A;B;3,5\nB;C;2,5\n")).total_weight == 6
    assert dk.read_graph(io.StringIO("A;B;3,5\n")).total_weight == 3.5


@pytest.mark.parametrize("text", ["J12 5\nJ23 6\nJ13 7\n", "Alice,90\nBob,85\nCem,77\n"])
def test_names_beside_different_numbers_are_asked_about(text: str) -> None:
    with pytest.raises(InputError, match="no word and no number comes twice"):
        dk.read_graph(io.StringIO(text))
    assert dk.read_graph(io.StringIO(text), input_format="edgelist").m == 3
    assert dk.read_graph(io.StringIO("a 1\nb 1\na 2\n")).m == 3
    assert dk.read_graph(io.StringIO("source target\n" + text.replace(",", " "))).m == 3


def test_tuples_in_adjacency_lists_are_refused(tmp_path: Path) -> None:
    G = nx.line_graph(nx.path_graph(5))
    nx.write_adjlist(G, tmp_path / "g.adjlist")
    with pytest.raises(InputError, match=r"'\(0,' is a part of a vertex in brackets"):
        dk.as_graph(tmp_path / "g.adjlist")
    nx.write_adjlist(nx.convert_node_labels_to_integers(G), tmp_path / "h.adjlist")
    assert dk.as_graph(tmp_path / "h.adjlist").m == dk.as_graph(G).m == 3
