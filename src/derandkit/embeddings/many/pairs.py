"""Pairs that stand for all pairs of many rows: few, evenly spread, and every row in equally many of them.

All pairs of m rows say as much about the mean over all pairs as m rows do, however many pairs these are: the variance
of its error has the part ``4 s^2 / m``, s^2 the variance of the mean of a row (Hoeffding 1948). As many pairs of
more rows make this part smaller (an incomplete U-statistic, Blom 1976).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.vectors import differences
from derandkit.points.cloud import centring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derandkit.numerics.typing import FloatArray, IntArray

_BLOCK = 1 << 22  # entries of differences handled at a time
#: Nearer than this share of the largest norm a pair is measured from the difference of its rows: centring loses digits.
_NEAR = 1e-5
#: Different rows below which there is no standard error.
FEW = 20


@dataclass(frozen=True)
class SampledPairs:
    """What a map does to the sampled pairs.

    Parameters
    ----------
    pairs : int
        Pairs that were measured: those of different rows.
    different : int
        How many of the rows are different.
    mean, rms, greatest : float or None
        Of ``|r - 1|``; None where no pair was measured.
    standard_error : float or None
        Of the mean: twice that of the means of the rows, which counts the noise of single pairs twice. None below `FEW`
        different rows, which say little about others.
    """

    pairs: int
    different: int
    mean: float | None
    rms: float | None
    greatest: float | None
    standard_error: float | None


def offsets(rows: int, pairs: int) -> IntArray:
    """Return the distances between the places of two rows of a pair, so that about so many pairs come out.

    Parameters
    ----------
    rows : int
        Number of rows m; the pairs are ``(i, (i + o) mod m)`` for all i and each offset o.
    pairs : int
        Number of pairs wanted.

    Returns
    -------
    ndarray
        Different offsets from 1 to ``m // 2``, evenly spaced; all of them if that many pairs are wanted.

    Examples
    --------
    >>> offsets(100, 400).tolist(), offsets(5, 1000).tolist()
    ([7, 19, 32, 44], [1, 2])
    """
    most = rows // 2
    count = most if pairs >= rows * most else max(1, round(pairs / rows))
    return 1 + ((2 * np.arange(count) + 1) * most) // (2 * count)


def _parts(rows: int, some: IntArray, step: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Give the pairs in parts; the pairs of the offset m / 2 come once."""
    for offset in some.tolist():
        last = offset if 2 * offset == rows else rows
        for start in range(0, last, step):
            first = np.arange(start, min(start + step, last))
            yield first, (first + offset) % rows


def _changes(some: FloatArray, others: FloatArray, matrix: FloatArray) -> FloatArray:
    """Return ``|r - 1|`` of pairs of different rows, from their differences, which no offset and no far row rounds.

    Examples
    --------
    >>> one = np.array([[1e300, 1.0]])
    >>> _changes(one, one + [[0.0, 1e-15]], np.array([[1.0, 0.5]])).tolist()
    [0.75]
    """
    steps, _ = differences(some, others)
    images = steps @ matrix.T
    return np.asarray(np.abs(np.sum(images**2, axis=1) / np.sum(steps**2, axis=1) - 1.0))


@np.errstate(under="ignore")  # whatever the caller has set
def measure_pairs(rows: FloatArray, matrix: FloatArray, pairs: int) -> SampledPairs:
    """Measure ``|r - 1|`` over evenly spread pairs of rows.

    Parameters
    ----------
    rows : ndarray, shape (m, d)
        Rows of a sample.
    matrix : ndarray, shape (k, d)
        The map.
    pairs : int
        Number of pairs, to a multiple of m; all pairs if there are no more.

    Returns
    -------
    SampledPairs
        O(pairs (d + k)) operations.

    Examples
    --------
    >>> X = np.sin(np.arange(600.0) ** 2).reshape(100, 6)
    >>> few, all_of_them = (measure_pairs(X, np.eye(3, 6), pairs) for pairs in (400, 10**9))
    >>> few.pairs, all_of_them.pairs, bool(abs(few.mean - all_of_them.mean) < 2 * few.standard_error)
    (400, 4950, True)
    """
    rows = rows + 0.0  # zero has no sign
    X = centring(rows).points
    m, d = X.shape
    Y = X @ matrix.T
    near = _NEAR**2 * float(np.max(np.sum(X * X, axis=1)))
    sums, counts = np.zeros(m), np.zeros(m)
    total = squares = greatest = 0.0
    found = 0
    for first, second in _parts(m, offsets(m, pairs), max(1, _BLOCK // d)):
        square = np.sum((X[first] - X[second]) ** 2, axis=1)
        close = square <= near
        off = np.abs(np.sum((Y[first] - Y[second]) ** 2, axis=1) / np.where(close, 1.0, square) - 1.0)
        if close.any():
            equal = close.copy()
            equal[close] = (rows[first[close]] == rows[second[close]]).all(axis=1)
            first, second, off, close = (part[~equal] for part in (first, second, off, close))
            off[close] = _changes(rows[first[close]], rows[second[close]], matrix)
        for side in (first, second):
            sums += np.bincount(side, weights=off, minlength=m)
            counts += np.bincount(side, minlength=m)
        total += float(np.sum(off))
        squares += float(np.sum(off * off))
        greatest = max(greatest, float(np.max(off, initial=0.0)))
        found += off.size
    different = len(np.unique(rows, axis=0))
    if not found:
        return SampledPairs(0, different, None, None, None, None)
    mean, error = total / found, None
    if different >= FEW:
        # of a quotient of sums over rows: where each is in equally many pairs, the deviations of their means
        away = (sums - mean * counts) / (2.0 * found / m)
        error = 2.0 * float(np.sqrt(np.sum(away * away) / (m - 1) / m))
    return SampledPairs(found, different, mean, float(np.sqrt(squares / found)), greatest, error)
