"""Vertices beside the numbers of their groups, and names that spreadsheets have made dates of."""

from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import InputError


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize(("k", "groups"), [(12, 3), (34, 2), (200, 42)])
def test_groups_of_vertices_are_no_edges(start: int, k: int, groups: int) -> None:
    rows = [(start + at, at * at % groups + start) for at in range(k)]
    text = "".join(f"{u} {v}\n" for u, v in rows)
    for given in (io.StringIO(text), io.StringIO(text.replace(" ", "\t")), rows, np.array(rows)):
        with pytest.raises(InputError, match="vertices and their groups, or edges"):
            dk.as_graph(given)
    loops = sum(u == v for u, v in rows)
    assert dk.as_graph({u: [v] for u, v in rows if u != v}, symmetrize="max").m <= k - loops
    assert dk.read_graph(io.StringIO(text), input_format="edgelist").dropped_loops == loops
    assert dk.read_graph(io.StringIO("source target\n" + text)).dropped_loops == loops


@pytest.mark.parametrize(
    "edges",
    [
        [(k, (k - 1) // 7) for k in range(1, 30)],  # children and their parents
        [(k, (k + 1) % 15) for k in range(15)],  # a cycle
        [(k, 7) for k in range(15) if k != 7],  # a star
        sorted(nx.barabasi_albert_graph(30, 1, seed=1).edges),
        sorted((v, u) for u, v in nx.random_labeled_tree(30, seed=2).edges),
    ],
)
def test_trees_and_cycles_are_edges(edges: list[tuple[int, int]]) -> None:
    text = "".join(f"{u} {v}\n" for u, v in edges)
    for given in (io.StringIO(text), edges, np.array(edges)):
        assert dk.as_graph(given).m == len(edges)


def test_dates_among_names_are_said() -> None:
    edges = [("TP53", "1-Mar"), ("1-Mar", "2-Sep"), ("BRCA1", "TP53"), ("MYC", "BRCA1")]
    text = "".join(f"{u},{v},3\n" for u, v in edges)
    for given in (edges, io.StringIO(text)):
        reading = dk.as_graph(given).reading
        assert reading is not None
        assert any(
            "'1-Mar' (and 1 other) is written as spreadsheets write dates" in x for x in reading.remarks
        )
    for plain in ([("TP53", "MAR1"), ("MAR1", "X1-Mar")], [("1-Mar", "2-Mar"), ("2-Mar", "3-Mar")]):
        reading = dk.as_graph(plain).reading
        assert reading is not None
        assert reading.remarks == ()


def test_nauty_is_called_by_its_name() -> None:
    with pytest.raises(InputError, match="a graph of nauty"):
        dk.as_graph(io.StringIO("n=3 g 0:1 2;1:2;\n"))
