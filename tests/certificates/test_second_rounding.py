"""Both verifiers draw the line at the same rounding, and read a zero with a sign as another number."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from tests.collection import collection
from tests.mutations import sealed_again
from tests.second import second, second_report

import derandkit as dk
from derandkit.certificates.cuts.heuristic import best_cut
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph

CUTS = ["cut/real", "cut/words", "cut/complete", "cut/interrupted", "cut/field"]


@pytest.mark.parametrize("key", ["mean_gradient_norm", "smallest_curvature"])
@pytest.mark.parametrize("name", CUTS)
def test_both_allow_a_derivative_the_same_rounding(name, key):
    """The second one allowed 4e-14 of the sum of all weights, where the first charges each vertex its own."""
    record, graph = collection()[name]
    refused = 0
    for size in (0.0, 1e-300, 1e-20, 1e-15, 3e-13, 1e-9):
        forged = copy.deepcopy(record)
        forged["stationarity"][key] += size
        first = dk.verify(sealed_again(forged), graph).ok
        assert second_report(forged, graph).ok is first, size
        refused += not first
    assert refused >= 2


def test_a_zero_with_a_sign_is_another_number():
    same = second().report.same
    assert same([0.0, {"a": 1.5}], [0.0, {"a": 1.5}])
    assert not same(-0.0, 0.0)
    assert not same({"gap": [0.0]}, {"gap": [-0.0]})


def test_densities_that_underflow_are_zero_for_both():
    """Beside weights of 1e197 a gradient of 3e-131 is one that doubles lose; its interval had no floor for that."""
    edges = [(0, 1, 1.0), (1, 2, 1.0), (0, 2, -1.0), (2, 3, -1e197)]
    graph = as_graph(edges)
    record = json.loads(dk.maxcut(graph, bound="sdp").to_json())
    assert dk.verify(record, graph).ok
    assert second_report(record, graph).ok
    for size in (1e-100, 1.0):
        forged = copy.deepcopy(record)
        forged["stationarity"]["mean_gradient_norm"] += size
        sealed_again(forged)
        assert dk.verify(forged, graph).ok == second_report(forged, graph).ok


def test_a_tested_bound_is_proven_by_the_second_verifier():
    """Where the first one tosses coins, and states the chance that they err."""
    record, graph = collection()["cut/tested"]
    assert dk.verify(record, graph).error_probability == 1e-12
    report = second_report(record, graph)
    assert report.ok
    assert report.verdict("positive_semidefinite") == "proven"
    lower = copy.deepcopy(record)
    margin = record["bound"]["coin_test"]["margin"]
    lower["certificate"]["diagonal"] = [d - 3.0 * margin for d in record["certificate"]["diagonal"]]
    sealed_again(lower)
    assert "positive_semidefinite" in dk.verify(lower, graph).failed
    assert "positive_semidefinite" in second_report(lower, graph).failed


@pytest.mark.parametrize("method", ["lemma", "conditional"])
def test_products_with_the_least_numbers_are_zero_for_both(method):
    """A curvature of -0 beside weights of 5e-324 was refused by the second one: its interval had no floor either."""
    edges = [(1, 0, 5e-324), (2, 1, 1e-320), (3, 1, 5e-324), (3, 2, 1.0)]
    graph = as_graph(edges)
    for chosen in ({}, {"fixed": {1: 1}}):
        record = json.loads(dk.maxcut(graph, bound="sdp", method=method, **chosen).to_json())
        assert dk.verify(record, graph).ok
        report = second_report(record, graph)
        assert report.ok, str(report)


def test_the_cut_beside_which_figures_are_hidden_is_no_lighter_in_the_second_verifier():
    """It climbed from three vertices only, met lighter cuts, and excused figures that derandkit holds."""
    numbers = np.random.default_rng(7)
    for _ in range(20):
        weights = np.triu(numbers.integers(-9, 10, (24, 24)), 1)
        i, j = np.nonzero(weights)
        graph = WeightedGraph.from_edges(i, j, weights[i, j].astype(float))
        exact = [(int(a), int(b), Fraction(float(weights[a, b]))) for a, b in zip(i, j, strict=True)]

        def cut(sides, exact=exact):
            return sum((w for a, b, w in exact if sides[a] != sides[b]), Fraction(0))

        case = SimpleNamespace(graph=SimpleNamespace(n=24, exact=exact, cut=cut), witness={"sides": "+" * 24})
        most = second().evidence.Evidence.heaviest(case, most=3)
        assert most >= best_cut(graph, np.ones(24, dtype=np.int8))
