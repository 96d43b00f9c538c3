"""The intervals in which the checker encloses the figures of a cut: true in exact arithmetic, and narrow."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit
from derandkit.certificates.cuts import arithmetic
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs import values


def erf_exactly(x):
    """``erf(x)`` to 40 digits: ``2/sqrt(pi) sum (-1)^k x^(2k+1) / (k! (2k+1))`` in rationals."""
    x = Fraction(x)
    term, total, k = x, Fraction(0), 0
    while abs(term) > Fraction(1, 10**40) or k < x * x:
        total += term / (2 * k + 1)
        k += 1
        term = -term * x * x / k
    root_pi = Fraction(17724538509055160272981674833411451827975, 10**40)
    return 2 * total / root_pi


def test_erf_is_as_accurate_as_the_bounds_assume():
    from scipy.special import erf

    for x in np.linspace(-6.0, 6.0, 97).tolist():
        assert abs(Fraction(float(erf(x))) - erf_exactly(x)) <= Fraction(0.2 * arithmetic.SPECIAL)


@settings(max_examples=60, deadline=None)
@given(
    weights=st.lists(st.integers(-(10**6), 10**12) | st.sampled_from([1, -1]), min_size=3, max_size=3),
    means=st.lists(st.floats(-3, 3, width=32), min_size=3, max_size=3),
    smoothing=st.sampled_from([1.0, 0.5, 0.25, 0.1]),
)
def test_the_expectation_of_independent_sides_is_in_its_interval(weights, means, smoothing):
    graph = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [float(w) for w in weights])
    found = arithmetic.independent_expectation(graph, np.array(means), smoothing)
    root_half = Fraction(7071067811865475244008443621048490392848, 10**40)
    m = [
        erf_exactly(Fraction(b) / Fraction(smoothing) * root_half) if abs(b) < 4 * smoothing else None
        for b in means
    ]
    if None in m:
        return
    i, j, w = graph.edges()
    exact = sum(
        (Fraction(c) * (1 - m[a] * m[b]) / 2 for a, b, c in zip(i, j, w.tolist(), strict=True)), Fraction(0)
    )
    assert found.low <= exact <= found.high
    assert found.high - found.low <= 1e-13 * float(np.abs(w).sum()) + 1e-300


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(st.integers(-50, 50), min_size=3, max_size=3), min_size=3, max_size=3),
    weights=st.lists(st.floats(-1e300, 1e300), min_size=3, max_size=3),
)
def test_the_value_of_the_relaxation_is_in_its_interval(rows, weights):
    if not all(any(row) for row in rows):
        return
    graph = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], weights)
    found = arithmetic.sdp_value(graph, np.array(rows, dtype=np.float64))
    i, j, w = graph.edges()
    exact = Fraction(0)
    for a, b, c in zip(i.tolist(), j.tolist(), w.tolist(), strict=True):
        inner = sum(x * y for x, y in zip(rows[a], rows[b], strict=True))
        square = sum(x * x for x in rows[a]) * sum(y * y for y in rows[b])
        root = Fraction(math.isqrt(square * 10**80), 10**40)
        exact += Fraction(c) * (1 - inner / root) / 2
    spare = Fraction(float(np.abs(w).max(initial=0.0))) / 10**30
    assert found.low - spare <= exact <= found.high + spare


def test_angles_near_zero_and_pi_keep_their_digits():
    """An arccosine would lose half of them: the angle 1e-9 between two vectors is known to 1e-15."""
    graph = WeightedGraph.from_edges([0, 1], [1, 2], [1.0, 1.0])
    rows = np.array([[1.0, 0.0], [1.0, 1e-9], [-1.0, 0.0]], dtype=np.float32).astype(np.float64)
    tiny = float(np.float32(1e-9))
    found = arithmetic.hyperplane_expectation(graph, rows)
    assert found.contains(tiny / math.pi + (1.0 - tiny / math.pi))
    assert found.high - found.low < 1e-13
    assert values.expected_hyperplane_cut(graph, rows) == pytest.approx(1.0, abs=1e-15)


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), decades=st.integers(0, 18))
def test_heavy_edges_of_opposite_rows_that_cancel_leave_no_rounding(seed, decades):
    """Found by a fuzzer with weights over 18 decades: pi / pi times a weight is another number."""
    numbers = np.random.default_rng(seed)
    sides = np.repeat([1.0, -1.0], 4)
    i, j = np.nonzero(np.subtract.outer(sides, sides) > 0.0)
    weights = numbers.normal(size=i.size) * 10.0**decades
    weights[0] = -np.sum(weights[1:])
    graph = WeightedGraph.from_edges([*i, 0], [*j, 8], [*weights, 1.0], n=9)
    rows = np.vstack([np.outer(sides, numbers.normal(size=3)), numbers.normal(size=(1, 3))])
    unit = values.unit_rows(rows)
    start = arithmetic.hyperplane_expectation(graph, rows)
    assert start.contains(values.expected_hyperplane_cut(graph, unit))
    assert arithmetic.sdp_value(graph, rows).contains(values.semidefinite_value(graph, unit))


@settings(max_examples=80, deadline=None)
@given(
    n=st.integers(2, 7),
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([1e-300, 1e-150, 1e-9, 1.0, 1e9, 1e150, 1e300]),
    heavy=st.sampled_from([1.0, 1e9, 1e30]),
)
def test_honest_records_of_awkward_weights_verify(n, seed, scale, heavy):
    generator = np.random.default_rng(seed)
    pairs = [(i, j) for i in range(n) for j in range(i) if generator.random() < 0.7] or [(0, 1)]
    weights = generator.normal(size=len(pairs)) * scale
    weights[0] *= heavy if scale <= 1e150 else 1.0
    graph = WeightedGraph.from_edges([i for i, _ in pairs], [j for _, j in pairs], weights, n=n)
    result = derandkit.maxcut(graph)
    outcome = derandkit.verify(json.loads(result.to_json()), graph)
    assert outcome.ok, str(outcome)
    best = max(
        graph.cut_value(np.array([1 if mask >> k & 1 else -1 for k in range(n)]))
        for mask in range(2 ** (n - 1))
    )
    assert result.cut_value <= best
    assert result.bound_status != "certified" or result.upper_bound >= best


def test_a_curvature_that_is_zero_but_for_rounding_verifies():
    """Found among 6000 small graphs: a disc that ends at -2e-28 where the other side computes +1e-28."""
    generator = np.random.default_rng(82)
    n = int(generator.integers(2, 9))
    pairs = [(i, j) for i in range(n) for j in range(i) if generator.random() < 0.6]
    graph = WeightedGraph.from_edges([i for i, _ in pairs], [j for _, j in pairs], n=n)
    outcome = derandkit.verify(derandkit.maxcut(graph, method="conditional"), graph)
    assert outcome.ok, str(outcome)
