"""Ratios of pairs of points in whole numbers, where that is cheap: each is then known to the last place of a double."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.work import bits_of

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray

#: Products of integers, in steps of short ones, that are spent on it: about a second.
MOST_STEPS = 4_000_000
#: The same for an elimination, whose integers grow from step to step: about a second. A product of integers of so many
#: bits takes as long as everything else of its step.
_MOST_ELIMINATED, _SHORT = 1e7, 420.0
_UNIT = 2.0**-53


class ExactRatios:
    """``|A (x - y)|^2 / |x - y|^2`` of points and a map that are binary fractions, so that it is a rational number.

    Parameters
    ----------
    points : ndarray, shape (m, d)
        The points.
    A : ndarray, shape (k, d)
        The map.

    Attributes
    ----------
    affordable : bool
        Whether all pairs together take no more than `MOST_STEPS`.

    Examples
    --------
    >>> exact = ExactRatios(np.array([[0.0, 1e-200], [3.0, 1e-200]]), np.array([[0.5, 1.0]]))
    >>> exact.affordable, exact.of(np.array([0]), np.array([1]))[0].tolist()
    (True, [0.25])
    """

    def __init__(self, points: FloatArray, A: FloatArray) -> None:
        (m, d), k = points.shape, len(A)
        steps = 0.5 * m * (m - 1.0) * (d + k) + float(m) * d * k
        self.affordable = steps <= MOST_STEPS
        if not self.affordable:
            return
        self.rows = _whole(points)[0]  # a ratio has no unit
        matrix, self.unit = _whole(A)
        longest = max(bits_of(*row) for row in self.rows) + max(bits_of(*row) for row in matrix)
        self.affordable = steps * longest <= 2.0 * MOST_STEPS
        if self.affordable:
            self.images = [[sum(map(int.__mul__, row, line)) for line in matrix] for row in self.rows]

    def of(self, i: IntArray, j: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the ratios of pairs of different points, and bounds on their rounding."""
        found = np.empty(len(i))
        for at, (a, b) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
            square = sum((x - y) ** 2 for x, y in zip(self.rows[a], self.rows[b], strict=True))
            image = sum((x - y) ** 2 for x, y in zip(self.images[a], self.images[b], strict=True))
            try:
                found[at] = image / (square << 2 * self.unit)  # rounded once
            except OverflowError:
                found[at] = math.inf
        return found, 4.0 * _UNIT * found + 2.0**-1074


def dimensions_at_most(given: FloatArray, expected: int) -> int:
    """Return a number that the dimension of the differences of points is not above; the dimension itself where cheap.

    Parameters
    ----------
    given : ndarray, shape (m, d)
        The points; zero in a column in which they do not differ.
    expected : int
        The dimension that they seem to have. They are not looked at where they have no room for more.

    Notes
    -----
    Singular values say nothing of dimensions below the rounding of the largest one, in which a map may do anything. The
    elimination is free of fractions (Bareiss 1968), so it is exact.

    Examples
    --------
    >>> dimensions_at_most(np.array([[0.0, 0.0], [1.0, 1e-20], [2.0, 2e-20]]), 1)
    1
    >>> dimensions_at_most(np.array([[0.0, 0.0], [1.0, 1e-20], [2.0, 1e-20]]), 1)
    2
    """
    busy = given[:, given.any(axis=0)]
    m, d = busy.shape
    most: int = min(m - 1, d)
    steps = float(m) * d * most
    if expected >= most or steps > _MOST_ELIMINATED:
        return most
    rows = _whole(busy)[0]
    rows = [[x - y for x, y in zip(row, rows[0], strict=True)] for row in rows[1:]]
    longest = most * max(x.bit_length() for row in rows for x in row)
    if steps * (1.0 + (longest / _SHORT) ** 2) > _MOST_ELIMINATED:
        return most
    rank, before = 0, 1
    for column in range(d):
        k = next((k for k, row in enumerate(rows) if row[column]), None)
        if k is None:
            continue
        first = rows.pop(k)
        pivot = first[column]
        rows = [
            [(pivot * x - row[column] * y) // before for x, y in zip(row, first, strict=True)] for row in rows
        ]
        rank, before = rank + 1, pivot
        if rank > expected:
            return most
    return rank


def _whole(table: FloatArray) -> tuple[list[list[int]], int]:
    """Return a table in whole numbers, and the power of two that each is multiplied by.

    Examples
    --------
    >>> _whole(np.array([[0.75, 2.0]]))
    ([[3, 8]], 2)
    """
    pairs = [[x.as_integer_ratio() for x in row] for row in table.tolist()]
    unit = max((below.bit_length() - 1 for row in pairs for _, below in row), default=0)
    return [[above << unit - below.bit_length() + 1 for above, below in row] for row in pairs], unit
