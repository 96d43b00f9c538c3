"""Sets of integers: what NumPy's own functions return, and without their hash tables."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from derandkit.numerics.vectors import among, distinct

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
