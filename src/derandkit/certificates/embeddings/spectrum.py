"""Singular values of points and of a map, with bounds on their errors: rank, lower bound, stretch."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derandkit.numerics.typing import FloatArray

DIGITS = 2e-5  # six significant digits, rounded outward
_UNIT = 2.0**-53
_SURE, _POSSIBLE = 1e-9, 1e-15  # of the largest singular value: surely a dimension, possibly one
_NORMAL = 2.0**-1000  # squares below are rounded to multiples of the least number
STEEPEST = 1e6  # condition of the span up to which the stretch on it can be recomputed

Interval = tuple[float, float]


class Spectrum:
    """Eigenvalues of the centred Gram matrix, and the norm of the matrix of squared distances.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Centred points of the order of 1; their mean is subtracted once more, since it was rounded.

    Notes
    -----
    O(m d min(m, d)) operations. LAPACK's solvers are backward stable: each eigenvalue is within a small multiple of
    ``(m + d) 2^-53`` of the trace.
    """

    def __init__(self, X: FloatArray) -> None:
        m, d = X.shape
        X = X - np.add.accumulate(X, axis=0)[-1] / m
        self.points = X
        product = X.T @ X if d <= m else X @ X.T
        self.values: FloatArray = np.maximum(np.linalg.eigvalsh(product)[::-1], 0.0)
        squares = np.sum(X * X, axis=1)
        self.error = 8.0 * (m + d) * _UNIT * float(np.sum(squares))
        self.distance = math.sqrt(
            2.0 * m * float(np.sum(squares * squares))
            + 2.0 * float(np.sum(squares)) ** 2
            + 4.0 * float(np.sum(product * product))
        )
        self.singular: FloatArray = np.asarray(np.linalg.svd(X, compute_uv=False), dtype=np.float64)

    @cached_property
    def directions(self) -> FloatArray:
        """Right singular vectors, shape (min(m, d), d): they take longer than all the rest, and are seldom needed."""
        found: FloatArray = np.linalg.svd(self.points, full_matrices=False)[2]
        return found

    @property
    def rank(self) -> tuple[int, int]:
        """Number of dimensions that the points surely span, and that they possibly span."""
        top = float(self.singular[0])
        most = min(self.points.shape[0] - 1, self.points.shape[1])
        sure = int(np.count_nonzero(self.singular > _SURE * top))
        return min(sure, most), min(int(np.count_nonzero(self.singular > _POSSIBLE * top)), most)

    def dimensions(self, share: float) -> int:
        """Return how many singular values are above that share of the largest one."""
        return int(np.count_nonzero(self.singular > share * float(self.singular[0])))

    def bound(self, k: int) -> Interval:
        """Interval of the lower bound on the distortion of any map to k dimensions.

        Mirsky's inequality for the best approximation of rank k, and trace against Frobenius norm.
        """
        found = []
        for sign in (-1.0, 1.0):
            # Hoffman and Wielandt: the norm of a part of the spectrum moves by at most that of the error
            root = math.sqrt(k)
            tail = max(float(np.sqrt(np.sum(self.values[k:] ** 2))) + sign * self.error, 0.0)
            trace = max(float(self.values.sum()) + sign * self.error, 0.0)
            norm = float(np.sqrt(np.sum(self.values**2))) - sign * self.error
            rank = (trace - root * norm) / (trace + root * self.distance / 2.0)
            found.append(max(2.0 * tail / self.distance, rank, 0.0) * (1.0 + sign * 1e-10))
        return found[0], found[1]

    def span_stretch(self, A: FloatArray, rank: int) -> tuple[Interval, Interval] | None:
        """Intervals of the smallest and the largest ``|A v|^2 / |v|^2`` on the span of the points.

        None if the span of the given rank is too flat for its directions to be known (Wedin's theorem). Columns that
        are zero in every row take no part in the span, whatever the map has there.
        """
        if not 1 <= rank <= self.singular.size or self.singular[rank - 1] * STEEPEST < self.singular[0]:
            return None
        used = self.points.any(axis=0)
        A = A[:, used]
        unit = int(np.frexp(np.max(np.abs(A)))[1])  # no square of an entry underflows
        size = math.ldexp(float(np.linalg.norm(np.ldexp(A, -unit))), unit)
        m, d = self.points.shape[0], A.shape[1]
        if rank < d:  # else every direction of these columns is one of the span
            points = self.points[:, used]
            directions = self.directions if d == used.size else np.linalg.svd(points, full_matrices=False)[2]
            A = A @ directions[:rank].T
        angle = 64.0 * (m + d) * _UNIT * float(self.singular[0] / self.singular[rank - 1])
        return stretch(A, angle * size)


def stretch(A: FloatArray, error: float = 0.0) -> tuple[Interval, Interval]:
    """Intervals of the smallest and the largest ``|A v|^2 / |v|^2`` over all directions.

    Parameters
    ----------
    A : ndarray, shape (k, d)
        The map. With k < d some direction is lost, so the smallest is 0.
    error : float
        Norm of what A may be off by.

    Examples
    --------
    >>> low, high = stretch(np.array([[3.0, 0.0], [0.0, 2.0]]))
    >>> low[0] <= 4.0 <= low[1] < 9.0 <= high[1]
    True
    """
    k, d = A.shape
    # in units of the largest entry: squares of the least numbers would underflow
    unit = int(np.frexp(max(float(np.max(np.abs(A))), error))[1])
    A = np.ldexp(A, -unit)
    singular = np.linalg.svd(A, compute_uv=False)
    off = math.ldexp(error, -unit) + 8.0 * (k + d) * _UNIT * float(np.sqrt(np.sum(A * A)))
    last = float(singular[-1]) if k >= d else 0.0
    spare = off if k >= d else 0.0

    def square(length: float, side: int) -> float:
        """Square, rounded to that side where it is below the normal numbers."""
        found = math.ldexp(length * length, 2 * unit)
        return max(found + side * math.ulp(0.0), 0.0) if length > 0.0 and found < _NORMAL else found

    return (
        (square(max(last - off, 0.0), -1), square(last + spare, 1)),
        (square(max(float(singular[0]) - off, 0.0), -1), square(float(singular[0]) + off, 1)),
    )


def is_outward(claimed: Mapping[str, float], found: tuple[Interval, Interval], spare: float) -> bool:
    """Whether the claimed stretch holds for sure, and is not much wider than what was found.

    Examples
    --------
    >>> found = (1.0, 1.0), (2.0, 2.0)
    >>> [is_outward({"smallest": low, "largest": 2.00001}, found, 0.0) for low in (0.999999, 0.9, 1.1)]
    [True, False, False]
    """
    smallest, largest = found
    return (
        smallest[1] * (1.0 - DIGITS) - spare <= claimed["smallest"] <= smallest[0]
        and largest[1] <= claimed["largest"] <= largest[1] * (1.0 + DIGITS) + spare
    )
