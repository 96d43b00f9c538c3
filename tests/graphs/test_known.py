"""What a graph computes once: its edges and the sums of their weights."""

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest

import derandkit
from derandkit import WeightedGraph
from derandkit.graphs import graph as module
from derandkit.signs.values import weak_duality_bound

WEIGHTS = [0.1, -2.5, 1e16, 3.0, -1e-3]


def made(weights=WEIGHTS):
    return WeightedGraph.from_edges([0, 1, 2, 3, 0], [1, 2, 3, 0, 2], weights)


def test_a_whole_run_builds_the_edges_and_adds_the_weights_once(monkeypatch):
    calls = {"upper_entries": [], "sums_of": []}
    for name, seen in calls.items():
        original = getattr(module, name)

        def counted(*arguments, original=original, seen=seen):
            seen.append(arguments[-2])
            return original(*arguments)

        monkeypatch.setattr(module, name, counted)
    derandkit.maxcut(made())
    assert {name: len(seen) for name, seen in calls.items()} == {"upper_entries": 1, "sums_of": 1}


def test_edges_are_read_only_and_stay_out_of_copies():
    graph = made()
    assert graph.edges()[2] is graph.edges()[2]
    for array in graph.edges():
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    size = len(pickle.dumps(made()))
    assert len(pickle.dumps(graph)) == size
    for other in (pickle.loads(pickle.dumps(graph)), copy.deepcopy(graph)):
        assert other.edges()[2].tolist() == graph.edges()[2].tolist()
        assert other.edges()[2] is not graph.edges()[2]
    assert graph.unweighted().total_weight == graph.m


@pytest.mark.parametrize(
    "weights", [WEIGHTS, [2**53, 1, -(2**52), 0, 7], [-1, -2, 3, 4, 5], [0.0, -0.0, 0, 0, 0]]
)
def test_sums_are_those_of_the_definition(weights):
    graph = made(weights)
    exact = [Fraction(w) for w in weights]
    above, below = sum(w for w in exact if w > 0), sum(w for w in exact if w < 0)
    assert graph.sums == (above + below, above - below)
    kind = int if graph.integral else float
    found = graph.total_weight, graph.positive_weight, graph.negative_weight
    assert found == (kind(above + below), kind(above), kind(below))
    assert {type(value) for value in found} == {kind}
    diagonal = np.array([0.1, 5.0, 1e17, 2.0])
    assert weak_duality_bound(graph.weights, diagonal, graph.sums) == weak_duality_bound(
        graph.weights, diagonal
    )
