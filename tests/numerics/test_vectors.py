"""Sums of columns in one order. Sets of integers: what NumPy's own functions return, and without their hash tables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derandkit.numerics.vectors import among, column_sums, distinct

_NUMBERS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), max_size=30)


@given(_NUMBERS, st.sampled_from([np.int64, np.int32, np.uint64]))
def test_distinct_is_unique(numbers: list[int], kind: type[np.integer]) -> None:
    array = np.array(numbers, dtype=np.int64).astype(kind)
    found = distinct(array)
    assert found.dtype == array.dtype
    assert found.tolist() == sorted(set(array.tolist()))


@given(_NUMBERS, _NUMBERS)
def test_among_is_membership(numbers: list[int], others: list[int]) -> None:
    found = among(np.array(numbers, dtype=np.int64), np.array(others, dtype=np.int64))
    assert found.dtype == np.bool_
    assert found.tolist() == [number in set(others) for number in numbers]


def test_tables_are_flattened() -> None:
    assert distinct(np.array([[2, 1], [1, 2]])).tolist() == [1, 2]


@pytest.mark.parametrize("shape", [(1, 1), (900, 1), (300, 7), (1, 300), (70, 256), (90, 1000)])
def test_columns_are_added_row_by_row(shape: tuple[int, int]) -> None:
    table = np.ldexp(np.sin(np.arange(float(np.prod(shape))) ** 2), np.arange(np.prod(shape)) % 40).reshape(
        shape
    )
    expected = np.zeros(shape[1])
    for row in table:
        expected += row
    for layout in (table, np.asfortranarray(table), np.repeat(table, 2, axis=1)[:, ::2]):
        before = layout.copy()
        assert column_sums(layout).tolist() == expected.tolist()
        assert np.array_equal(layout, before)
