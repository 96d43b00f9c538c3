"""Inner products and norms whose bits do not depend on the BLAS or the number of threads, and sets of numbers."""

from __future__ import annotations

from collections.abc import Sized
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from derandkit.errors import InputError
from derandkit.words.quoting import quoted

HALVED = 2.0**1022
"""Differences of larger entries may leave double precision, so they are halved first."""

#: Rows of so many entries are added one by one.
_WIDE = 256

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import BoolArray, FloatArray, IntArray

_Integer = TypeVar("_Integer", bound="np.integer")


def inner(a: FloatArray, b: FloatArray) -> float:
    """Return the sum of the products of the entries of two arrays, in an order free of threads.

    Examples
    --------
    >>> inner(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float(np.einsum("i,i->", a.reshape(-1), b.reshape(-1)))


def column_sums(table: FloatArray) -> FloatArray:
    """Return the sum of each column, added up row by row: the same bits for any memory layout.

    Parameters
    ----------
    table : ndarray, shape (n, d)
        At least one row.

    Examples
    --------
    >>> column_sums(np.array([[1.0, 5.0], [3.0, 0.5]])).tolist()
    [4.0, 5.5]
    """
    if table.shape[1] < _WIDE:
        return np.asarray(np.add.accumulate(table, axis=0)[-1])
    # `accumulate` writes a table of partial sums: many times slower for wide rows
    total: FloatArray = table[0].copy()
    for row in table[1:]:
        total += row
    return total


def norm(a: FloatArray) -> float:
    """Return the Euclidean (Frobenius) norm, without overflow for entries beyond 1e154.

    Examples
    --------
    >>> round(norm(np.array([3e200, 4e200])) / 1e200, 9)
    5.0
    """
    if a.size == 0:
        return 0.0
    top = float(np.max(np.abs(a)))
    if not (top > 0.0 and np.isfinite(top)):
        return top
    scaled = a / top
    return top * float(np.sqrt(inner(scaled, scaled)))


def differences(points: NDArray[np.generic], centre: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return rows minus a centre, or minus other rows, each scaled by a power of two: its largest entry is near 1.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Rows, of any real type.
    centre : ndarray, shape (d,) or (n, d)
        What is subtracted.

    Returns
    -------
    rows : ndarray, shape (n, d)
        ``ldexp(points - centre, -exponents)``: an entry is rounded once, by the subtraction, from the least double to
        differences of the greatest ones. Entries 2^1022 times smaller than the largest of their row underflow.
    exponents : ndarray of int, shape (n,)
        One a row.

    Examples
    --------
    >>> rows, exponents = differences(np.array([[1e308, 3.0], [-1e308, 4.0]]), np.array([1e308, 4.0]))
    >>> rows.tolist(), exponents.tolist()
    ([[0.0, -0.5], [-0.5562684646268004, 0.0]], [1, 1025])
    """
    table = np.asarray(points, dtype=np.float64)
    largest = max(np.max(np.abs(table), initial=0.0), np.max(np.abs(centre), initial=0.0))
    if largest < HALVED:
        rows = table - centre
        exponents = np.frexp(np.max(np.abs(rows), axis=1, initial=0.0))[1]
        return np.ldexp(rows, -exponents[:, None]), exponents.astype(np.int64)
    # half of the least double is nothing, so entries beside a greatest one stay whole
    halved = (np.maximum(np.abs(table), np.abs(centre)) >= HALVED).astype(np.int64)
    rows = np.ldexp(table, -halved) - np.ldexp(centre, -halved)
    each = np.where((rows != 0.0) & np.isfinite(rows), np.frexp(rows)[1] + halved, np.iinfo(np.int32).min)
    top = np.max(each, axis=1, initial=np.iinfo(np.int32).min)
    exponents = np.where(top > np.iinfo(np.int32).min, top, 0).astype(np.int64)
    return np.ldexp(rows, halved - exponents[:, None]), exponents


def distinct(numbers: NDArray[_Integer]) -> NDArray[_Integer]:
    """Return the different numbers of an array of integers, in increasing order.

    `numpy.unique` puts integers into a hash table (from NumPy 2.3 on), and then takes some 50 times longer.

    Parameters
    ----------
    numbers : ndarray of int, any shape
        The numbers.

    Returns
    -------
    ndarray of int, shape (k,)
        Each number once. O(n log n).

    Examples
    --------
    >>> distinct(np.array([3, 1, 3, 2]))
    array([1, 2, 3])
    """
    ordered = np.sort(numbers, axis=None)
    first = np.ones(ordered.size, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def among(numbers: NDArray[_Integer], others: NDArray[_Integer]) -> BoolArray:
    """Return which of some integers are among others, as `numpy.isin` does, without hash tables.

    Parameters
    ----------
    numbers, others : ndarray of int, shape (n,) and (k,)
        The numbers, and those they are looked up in.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where a number is one of the others. O((n + k) log k).

    Examples
    --------
    >>> among(np.array([3, 1, 5]), np.array([5, 3, 3]))
    array([ True, False,  True])
    """
    if others.size == 0:
        return np.zeros(numbers.size, dtype=bool)
    ordered = np.sort(others, axis=None)
    places = np.minimum(np.searchsorted(ordered, numbers), ordered.size - 1)
    return np.asarray(ordered[places] == numbers)


def count_of(values: object, what: str) -> int:
    """Return how many values a sequence has.

    Raises
    ------
    InputError
        It is none.

    Examples
    --------
    >>> count_of(["a", "b"], "labels")
    2
    >>> count_of(5, "labels")
    Traceback (most recent call last):
    derandkit.errors.InputError: labels are a sequence, got 5
    """
    if getattr(values, "shape", None) == () or not isinstance(values, Sized):
        raise InputError(f"{what} are a sequence, got {quoted(values)}")
    return len(values)


def spread_over(key: IntArray, w: FloatArray, every: IntArray) -> tuple[FloatArray, BoolArray]:
    """Weights on all of the sorted keys `every`, zero where `key` lacks one, and which it has.

    Examples
    --------
    >>> spread_over(np.array([3]), np.array([0.5]), np.array([1, 3]))
    (array([0. , 0.5]), array([False,  True]))
    """
    full, there = np.zeros(every.size, dtype=np.float64), np.zeros(every.size, dtype=np.bool_)
    at = np.searchsorted(every, key)
    full[at], there[at] = w, True
    return full, there
