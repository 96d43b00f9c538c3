"""Graphs whose weights are all tiny, all huge, or span the whole range: answered exactly, and the record holds."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest

import derandkit as dk

PETERSEN = nx.petersen_graph()
SCALES = (5e-324, 1e-322, 1e-320, 3e-319, 1e-310, 1e306)
WIDE = [
    ("a0", "a1", -5e-324), ("a0", "a2", -5e-324), ("a0", "a4", -5e-324), ("a1", "a2", 5e-324), ("a1", "a4", 5e-324),
    ("a2", "a3", 1e-310), ("a2", "a4", 1e-300), ("a3", "a4", 1e300),
]  # fmt: skip


@pytest.mark.parametrize("weight", SCALES)
@pytest.mark.parametrize("options", [{}, {"relaxation": "cvxpy"}, {"bound": "sdp"}], ids=str)
def test_one_weight_of_any_size(weight, options):
    """At 1e-320 the promise of random hyperplanes was missed by two of the least numbers; cvxpy overflowed."""
    if "relaxation" in options:
        pytest.importorskip("cvxpy")
    graph = dk.as_graph([(u, v, weight) for u, v in PETERSEN.edges])
    result = dk.maxcut(graph, **options)
    assert result.cut_value == 12 * (int(weight) if weight > 1.0 else weight)  # exact, beyond the doubles too
    assert dk.verify(result, graph).ok
    assert result.guarantee.holds


@pytest.mark.parametrize("options", [{}, {"search": "quick"}, {"bound": "best"}], ids=str)
def test_weights_from_the_least_to_the_greatest(options):
    """A target of the search overflowed once the weights were scaled to moderate ones."""
    graph = dk.as_graph(WIDE)
    result = dk.maxcut(graph, **options)
    best = max(graph.cut_value([1, *rest]) for rest in itertools.product((1, -1), repeat=graph.n - 1))
    assert result.cut_value == best
    assert dk.verify(result, graph).ok


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.longdouble])
def test_options_may_be_numbers_of_numpy(kind):
    """The duality gap became a fraction, which takes numbers of Python and float64 only."""
    plain = dk.maxcut(PETERSEN, duality_gap=0.0625, solutions=3)
    result = dk.maxcut(PETERSEN, duality_gap=kind(0.0625), solutions=np.int64(3), max_sweeps=np.int32(1000))
    assert result.to_json() == dk.maxcut(PETERSEN, duality_gap=0.0625, solutions=3, max_sweeps=1000).to_json()
    assert result.cut_value == plain.cut_value
