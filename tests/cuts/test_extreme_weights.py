"""Weights at the ends of the range of float64: answers as for weights of 1, or one line; never a traceback."""

from __future__ import annotations

import contextlib
import itertools
import math

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

import derandkit as dk
from derandkit.signs.search.search import SearchEffort

TRIANGLE = [("a", "b"), ("b", "c"), ("a", "c")]
PENTAGON = [(k, (k + 1) % 5) for k in range(5)]


@pytest.mark.parametrize("size", [1e300, 1e160, 1e-160, 1e-200, 1e-300])
@pytest.mark.parametrize("edges", [TRIANGLE, PENTAGON])
def test_bounds_scale_with_the_weights(size, edges):
    plain = dk.maxcut([(u, v, 1.1) for u, v in edges])
    scaled = dk.maxcut([(u, v, 1.1 * size) for u, v in edges])
    assert float(scaled.cut_value) / size == pytest.approx(plain.cut_value, rel=1e-9)
    assert scaled.cut_value <= scaled.upper_bound
    assert float(scaled.upper_bound) / size <= plain.upper_bound * (1 + 1e-5)
    assert dk.verify(scaled, [(u, v, 1.1 * size) for u, v in edges])
    proven = dk.maxcut([(u, v, 1.1 * size) for u, v in edges], bound="cycle")
    assert proven.proven_optimal


SIZES = st.sampled_from([5e-324, 1e-308, 1e-300, 1.0, 1e150, 1e300, 5e306, 1.7e308])


@example([1.0, 5e-324, -5e-324, -1.0, -1e-300, -1e-300])
@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    st.lists(
        st.tuples(SIZES, st.sampled_from([-1, 1])).map(lambda pair: pair[0] * pair[1]), min_size=6, max_size=6
    )
)
def test_every_verb_answers_or_refuses_in_one_line(weights):
    pairs = list(itertools.combinations("abcd", 2))
    listed = [(u, v, w) for (u, v), w in zip(pairs, weights, strict=True)]
    mapped = dict(zip(pairs, weights, strict=True))
    clauses = [(1, 2), (-1, 3), (2, -3), (-2,), (3,), (1, -2)]
    some = {"search": SearchEffort(work=10_000)}
    verbs = [
        lambda: dk.maxcut(listed, **some), lambda: dk.maxcut(listed, bound="cycle"),
        lambda: dk.maxdicut(listed, **some), lambda: dk.frustration(listed, **some),
        lambda: dk.minimize_ising({"a": weights[0]}, mapped, **some),
        lambda: dk.minimize_qubo({("a", "a"): weights[0], **mapped}, **some),
        lambda: dk.max2sat(clauses, weights=weights, **some),
    ]  # fmt: skip
    for verb in verbs:
        with contextlib.suppress(dk.InputError):
            result = verb()
            assert math.isfinite(result.upper_bound if hasattr(result, "upper_bound") else result.bound)


def test_numbers_that_differ_are_printed_apart():
    weights = [0.1 * k + 1 / 3 for k in range(10)]
    graph = [(u, v, w) for (u, v), w in zip(itertools.combinations(range(5), 2), weights, strict=True)]
    result = dk.maxcut(graph)
    cut, bound = (line.split()[k] for line, k in zip(str(result).splitlines()[:2], (1, 2), strict=True))
    assert (cut == bound) == (result.cut_value == result.upper_bound)
