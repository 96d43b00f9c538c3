"""Inner products and norms whose bits do not depend on the BLAS or the number of threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

HALVED = 2.0**1022
"""Differences of larger entries may leave double precision, so they are halved first."""

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray


def inner(a: FloatArray, b: FloatArray) -> float:
    """Return the sum of the products of the entries of two arrays, in an order free of threads.

    Examples
    --------
    >>> inner(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float(np.einsum("i,i->", a.reshape(-1), b.reshape(-1)))


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
