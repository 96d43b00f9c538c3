"""Signed graphs: two directions with signs of their own, and signs that are written as 0 and 1."""

from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import InputError

MUTUAL = "0 1 -1\n1 0 1\n1 2 1\n2 3 -1\n"


def test_two_signs_of_one_pair_need_a_word() -> None:
    with pytest.raises(InputError, match=r"^1 edge joins vertices .*--symmetrize sum, mean or max"):
        dk.frustration(dk.read_graph(io.StringIO(MUTUAL)))
    values = {
        how: dk.frustration(io.StringIO(MUTUAL), symmetrize=how).value for how in ("sum", "mean", "max")
    }
    assert values == {"sum": 0, "mean": 0, "max": 0}
    twice = MUTUAL + "2 1 1\n3 2 1\n0 2 -1\n"
    with pytest.raises(InputError, match=r"^3 edges join vertices"):
        dk.frustration(dk.read_graph(io.StringIO(twice)))


@pytest.mark.parametrize("form", ["file", "tuples", "array", "networkx"])
def test_zero_may_be_a_negative_edge(form: str) -> None:
    edges = [("a", "b", 0), ("b", "c", 1), ("a", "c", 1)]
    numbered = [(4, 5, 0), (5, 6, 1), (4, 6, 1), (6, 7, 0)]
    G = nx.Graph()
    G.add_weighted_edges_from(edges)
    text = "".join(f"{u} {v} {w}\n" for u, v, w in edges)
    given = {"file": io.StringIO(text), "tuples": edges, "array": np.array(numbered), "networkx": G}[form]
    with pytest.raises(InputError, match="0 may stand for a negative edge, or for none; write -1"):
        dk.frustration(given)


def test_other_weights_are_read() -> None:
    assert dk.frustration([("a", "b", -1), ("b", "c", 1), ("a", "c", 1)]).value == 1
    assert dk.frustration([("a", "b", 0), ("b", "c", 2), ("a", "c", 1)]).value == 0
    assert dk.frustration([("a", "b", 1), ("b", "c", 1), ("a", "c", 1)]).value == 0
    assert dk.frustration(np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]])).value == 0
