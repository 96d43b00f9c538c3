"""Directed graphs in maxcut, frustration and verify: how two directions become one edge is said where they are read."""

import networkx as nx
import numpy as np
import pytest

import derandkit
from derandkit.errors import InputError

ARCS = [("u", "v", 2), ("v", "u", 3), ("v", "w", 4), ("w", "u", 1)]


def digraph():
    G = nx.DiGraph()
    G.add_weighted_edges_from(ARCS)
    return G


def matrix():
    return nx.to_numpy_array(digraph())


@pytest.mark.parametrize(("how", "cut"), [("sum", 9), ("mean", 4.5), ("max", 7)])
@pytest.mark.parametrize("make", [digraph, matrix])
def test_maxcut_and_verify_take_the_word(how, cut, make):
    result = derandkit.maxcut(make(), symmetrize=how)
    assert result.cut_value == cut
    assert result.proven_optimal
    assert derandkit.verify(result, make(), symmetrize=how).ok


def test_another_word_is_another_graph():
    outcome = derandkit.verify(derandkit.maxcut(digraph(), symmetrize="max"), digraph(), symmetrize="sum")
    assert outcome.failed[0] == "graph"


def test_signed_digraphs():
    A = np.zeros((4, 4))
    A[0, 1], A[1, 2], A[2, 0], A[3, 0] = 2, 2, -1, 5
    result = derandkit.frustration(A, symmetrize="sum")
    assert result.value == 1
    assert derandkit.verify(result, A, symmetrize="sum").ok
    assert derandkit.verify(result, derandkit.as_graph(A, symmetrize="sum")).ok


def test_without_the_word_it_is_named():
    with pytest.raises(InputError, match=r"symmetrize= of derandkit.maxcut or as_graph"):
        derandkit.maxcut(digraph())
    with pytest.raises(InputError, match="is not one of sum, mean, max"):
        derandkit.maxcut(digraph(), symmetrize="min")


def test_a_record_of_another_kind_refuses_it():
    Q = {(0, 1): 1, (0, 0): -2}
    with pytest.raises(InputError, match="this record is not about one"):
        derandkit.verify(derandkit.minimize_qubo(Q), Q, symmetrize="sum")
