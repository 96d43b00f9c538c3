"""Sums are correctly rounded, whatever is added."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derandkit.numerics.sums import (
    _BLOCK,
    _FEW,
    are_sums,
    errors_of_sums,
    exact_sum,
    exact_total,
    sums_of_groups,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False, max_value=1e300, min_value=-1e300)


@given(st.lists(FINITE, max_size=30), st.integers(0, 2**32))
def test_it_is_fsum(values, seed):
    """Repeated past the size from which on the blocks are used, with a shuffled tail of other magnitudes."""
    tail = np.random.default_rng(seed).standard_normal(_FEW) * 10.0 ** (seed % 300 - 200)
    array = np.concatenate([np.array(values, dtype=np.float64), tail])
    assert exact_sum(array) == math.fsum(array)
    assert exact_sum(array[::-1]) == exact_sum(array)


@given(st.lists(st.lists(FINITE, min_size=1, max_size=4), min_size=1, max_size=5))
def test_what_a_rounded_sum_lacks(groups):
    """Of two numbers it is exact; of more it is correctly rounded, so that it is 0 only where nothing is lost."""
    values = np.array([x for group in groups for x in group])
    starts = np.cumsum([0, *map(len, groups[:-1])])
    for group, total, off in zip(
        groups, sums_of_groups(values, starts), errors_of_sums(values, starts), strict=True
    ):
        assert off == float(exact_total(np.array(group)) - Fraction(float(total)))


@given(st.lists(FINITE, max_size=12))
def test_totals_are_those_of_rationals(values):
    """Few numbers are added in another way than many."""
    assert exact_total(np.array(values, dtype=np.float64)) == sum(map(Fraction, values), Fraction(0))


@pytest.mark.parametrize("size", [0, 1, _FEW - 1, _FEW, _BLOCK + 1, 5 * _BLOCK + 17])
def test_sizes(size):
    array = np.sin(np.arange(size) ** 1.5) * np.exp2((np.arange(size) % 90) - 50.0)
    assert exact_sum(array) == math.fsum(array)


@pytest.mark.parametrize("value", [5e-324, 2.2e-308, 1.0, -0.1, 1e300])
def test_edges_of_the_range(value):
    array = np.full(_FEW, value)
    assert exact_sum(array) == math.fsum(array)
    array[::2] *= -1
    assert exact_sum(array) == 0.0


def test_cancellation_leaves_what_is_small():
    array = np.tile([1e200, 1e-200, -1e200], _FEW)
    assert exact_sum(array) == math.fsum(array) > 0


def test_what_is_not_finite_is_as_fsum_has_it():
    array = np.ones(_FEW)
    array[3] = math.inf
    assert exact_sum(array) == math.inf
    array[4] = math.nan
    assert math.isnan(exact_sum(array))
    with pytest.raises(OverflowError):
        exact_sum(np.full(_FEW, 1.7e308))


SIX_DIGITS = np.random.default_rng(5).normal(size=(40, 3))


@pytest.mark.parametrize("dtype", ["f4", "f8", "i1", "u8", "?", ">f8"])
def test_numbers_are_sums_up_to_their_digits_and_rounding(dtype):
    rows = np.abs(np.round(9 * SIX_DIGITS)).astype(dtype)
    held = rows.sum(axis=0, dtype=np.float64)
    assert are_sums(held, rows)
    assert not are_sums(held + 1, rows)
    assert not are_sums(0 * held, rows)


def test_a_sum_may_be_written_with_six_digits_and_what_cancels_may_not_be_another():
    sums = SIX_DIGITS.sum(axis=0)
    assert are_sums(np.array([float(f"{x:.6g}") for x in sums]), SIX_DIGITS)
    assert not are_sums(np.array([float(f"{x:.4g}") for x in sums]), SIX_DIGITS)
    centred = SIX_DIGITS - SIX_DIGITS.mean(axis=0)
    assert not are_sums(np.full(3, 1e-9), centred)


@pytest.mark.parametrize("size", [1e300, 1.7e308, 5e-324, np.inf, np.nan])
def test_sums_at_the_ends_of_the_doubles(size):
    rows = np.array([[1.0, 0.5], [-1.0, 0.25], [0.5, -0.25]]) * size
    finite = bool(np.isfinite(size)) and size > 1e-300
    with np.errstate(all="raise", under="ignore"):
        assert are_sums(np.array([0.5, 0.5]) * size, rows) is finite
        assert not are_sums(np.array([-1.0, 0.5]) * size, rows)
