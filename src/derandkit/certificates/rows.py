"""Rows and columns of a table of points, as every check of points sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import BoolArray, FloatArray, IntArray


def distinct_rows(table: NDArray[np.generic]) -> IntArray:
    """Return the first occurrences of different rows, in order.

    Examples
    --------
    >>> distinct_rows(np.array([[1.0], [0.0], [1.0]])).tolist()
    [0, 1]
    """
    _, first = np.unique(table, axis=0, return_index=True)
    return np.sort(first).astype(np.int64)


def varying(X: FloatArray) -> BoolArray:
    """Return which columns hold two different numbers.

    Examples
    --------
    >>> varying(np.array([[1.0, 0.0], [1.0, 2.0]])).tolist()
    [False, True]
    """
    return np.asarray((X[0] != X).any(axis=0))
