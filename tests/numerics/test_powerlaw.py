"""Preferential attachment: the list of ends rebuilt one by one, and the law of its degrees."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import reference

from derandkit.datasets import power_law
from derandkit.errors import InputError


def one_by_one(n, degree, seed):
    """Edges of the textbook algorithm: a list of ends in which every new end repeats an earlier entry."""
    half = degree // 2
    draws = reference.hashed_uniform(seed << 40, n * half)
    ends = []
    for e in range(n * half):
        ends.append(e // half)
        position = math.floor((draws[e] + 1.0) * 0.5 * (2 * e + 1))
        ends.append(ends[min(position, 2 * e)])
    pairs = {tuple(sorted(ends[2 * e : 2 * e + 2])) for e in range(n * half)}
    return sorted((a, b) for a, b in pairs if a != b)


@settings(max_examples=30)
@given(st.integers(2, 60), st.sampled_from([2, 4, 10]), st.integers(0, 10**6))
def test_it_is_the_textbook_algorithm(n, degree, seed):
    i, j, w = power_law(n, degree=degree, seed=seed).edges()
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == one_by_one(n, degree, seed)
    assert (w == 1).all()


def test_degrees_fall_like_a_power_with_exponent_two_in_the_tail():
    """Of a law k^-3 the share of degrees above k falls like k^-2: a quarter for twice the k."""
    degrees = power_law(40_000).degrees
    tails = [int(np.count_nonzero(degrees >= k)) for k in (20, 40, 80, 160)]
    ratios = [a / b for a, b in itertools.pairwise(tails)]
    assert all(3.0 < ratio < 5.5 for ratio in ratios), ratios
    assert degrees.max() > 20 * degrees.mean()
    assert degrees.sum() / 40_000 > 9.9


def test_seeds_give_distinct_graphs_and_the_same_seed_the_same():
    assert power_law(100).digest == power_law(100).digest != power_law(100, seed=2).digest


@pytest.mark.parametrize(
    "options", [{"n": 1}, {"n": 5, "degree": 3}, {"n": 5, "degree": 0}, {"n": 5, "seed": -1}, {"n": 2**30}]
)
def test_what_cannot_be_built_is_refused(options):
    with pytest.raises(InputError):
        power_law(**options)
