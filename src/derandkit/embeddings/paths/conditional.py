"""Conditional expectations: random signs fixed one by one, never to a higher expectation.

The entries of ``sqrt(k) A`` are independent signs. With Achlioptas' bounds the exponential moments of a row, part
of it decided, have closed forms, so an upper bound F on the expected number of violated pairs can be followed from
entry to entry. Each entry takes the sign with the lower F. If F starts below 1, and it does at scikit-learn's
`johnson_lindenstrauss_min_dim`, it ends below 1: no pair is violated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.embeddings.paths.secants import Sum, coincidence_floor, images_and_ratios, pulled_back
from derandkit.errors import InputError
from derandkit.numerics.hashing import hashed_normals

if TYPE_CHECKING:
    from derandkit.numerics.typing import BoolArray, FloatArray


LARGEST = 4096
"""Most points: the method keeps a handful of numbers for every pair."""

_ATTEMPTS = 32
_ROW_STEPS = 40


class SignedMap(NamedTuple):
    """A map made by conditional expectations and the estimator at both ends.

    ``log_start`` below 0 promises that every pair is within eps; ``log_end`` is never above it, up to rounding.
    """

    matrix: FloatArray
    eps: float
    log_start: float
    log_end: float


def conditional_expectations(Z: FloatArray, k: int, eps: float) -> SignedMap:
    """Fix the signs of a random projection one by one.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        Different points, in any orthonormal coordinates.
    k : int
        Number of rows of the map.
    eps : float
        Distortion the estimator counts violations of, in (0, 1).

    Returns
    -------
    SignedMap
        Entries are plus or minus ``1 / sqrt(k)``. O(m^2 k r) operations, O(m^2) memory.

    Raises
    ------
    InputError
        If there are more than 4096 points.

    References
    ----------
    Achlioptas, JCSS 66 (2003), for the bounds; the estimator is described in the documentation.

    Examples
    --------
    >>> found = conditional_expectations(np.eye(6), 40, 0.9)
    >>> found.log_end <= found.log_start < 0
    True
    >>> sorted(set(np.round(found.matrix.ravel() * np.sqrt(40), 12).tolist()))
    [-1.0, 1.0]
    """
    from derandkit.embeddings.kernels.signs import fill_row

    r = Z.shape[1]
    root, quartic, gone = _secants(Z)
    h = eps / (2.0 * (1.0 + eps))
    fresh_upper = -0.5 * np.log1p(-2.0 * h)
    fresh_lower = np.log(1.0 - h + 0.5 * h * h * (3.0 - 2.0 * quartic))
    upper = np.where(gone, -np.inf, -h * k * (1.0 + eps))
    lower = np.where(gone, -np.inf, h * k * (1.0 - eps))
    log_start = _log_total(upper + k * fresh_upper, lower + k * fresh_lower)
    signs = np.empty((k, r))
    c = np.empty(root.size)
    left, v = np.empty(root.size), np.empty(root.size)
    buffers = np.empty((8, 512))
    integers = buffers[6:8].view(np.int64)
    for row in range(k):
        ahead = k - row - 1
        weight = upper + ahead * fresh_upper
        other = lower + ahead * fresh_lower
        top = max(float(weight.max()), float(other.max()))
        fill_row(
            Z, root, np.exp(weight - top), np.exp(other - top), h, signs[row], c, left, v, buffers, integers
        )
        upper += h * c * c
        lower -= h * c * c
    return SignedMap(signs / np.sqrt(k), eps, log_start, _log_total(upper, lower))


def gaussian_rows(Z: FloatArray, k: int, eps: float) -> SignedMap:
    """Fix the rows of a Gaussian projection one by one.

    Each row minimises the expectation over the rows still to come, which is smooth in the row. By the mean value
    argument some row is no worse than a random one; starts are tried in a fixed order until the descent finds such.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        Different points, in any orthonormal coordinates.
    k : int
        Number of rows of the map.
    eps : float
        Distortion the estimator counts violations of, in (0, 1).

    Returns
    -------
    SignedMap
        The map and the estimator at both ends. O(m^2 + m r) operations a step of a row's descent.

    Raises
    ------
    InputError
        If there are more than 4096 points.

    Examples
    --------
    >>> found = gaussian_rows(np.eye(6), 40, 0.9)
    >>> found.log_end <= found.log_start < 0
    True
    """
    from derandkit.embeddings.paths.minimax import descend

    r = Z.shape[1]
    root, _, gone = _secants(Z)
    h = eps / (2.0 * (1.0 + eps))
    fresh_upper, fresh_lower = -0.5 * float(np.log1p(-2.0 * h)), -0.5 * float(np.log1p(2.0 * h))
    upper = np.where(gone, -np.inf, -h * k * (1.0 + eps))
    lower = np.where(gone, -np.inf, h * k * (1.0 - eps))
    now = log_start = _log_total(upper + k * fresh_upper, lower + k * fresh_lower)
    matrix = np.empty((k, r))
    unit = np.array([1.0, 0.0, 1.0, 0.0])
    for row in range(k):
        ahead = k - row - 1
        sums = _RowSums(Z, root, upper + ahead * fresh_upper, lower + ahead * fresh_lower, h)
        best, value = np.zeros((r, 1)), np.inf
        for attempt in range(_ATTEMPTS):
            a, here = descend(sums, hashed_normals(r, 1, stream=2 + row + k * attempt), unit, _ROW_STEPS)
            if here.value < value:
                best, value = a, here.value
            if value <= now:
                break
        matrix[row] = best[:, 0]
        now = value
        square = sums.ratios(best)
        upper += h * square
        lower -= h * square
    return SignedMap(matrix / np.sqrt(k), eps, log_start, _log_total(upper, lower))


class _RowSums:
    """Expectation over the rows to come as a function of one row, for `derandkit.embeddings.paths.minimax.descend`."""

    def __init__(
        self, Z: FloatArray, root: FloatArray, upper: FloatArray, lower: FloatArray, h: float
    ) -> None:
        self.Z, self.inverse, self.upper, self.lower, self.h = Z, root * root, upper, lower, h

    def ratios(self, P: FloatArray) -> FloatArray:
        """Squared products of the row with all unit secants."""
        return images_and_ratios(self.Z, P, self.inverse)[1]

    def evaluate(self, P: FloatArray, coefficients: FloatArray, shift: float | None = None) -> Sum:
        """Logarithm of the expectation and its gradient; the coefficients and the shift are not used."""
        Y, square = images_and_ratios(self.Z, P, self.inverse)
        up = self.upper + self.h * square
        down = self.lower - self.h * square
        top = max(float(up.max()), float(down.max()))
        up, down = np.exp(up - top), np.exp(down - top)
        total = float(np.add.accumulate(up + down)[-1])
        D = pulled_back(self.Z, Y, 2.0 * self.h * self.inverse * (up - down))
        return Sum(top + float(np.log(total)), D / total, top, 0.0, 0.0)


def _secants(Z: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Inverse lengths of all differences, sums of fourth powers of unit secants, and which points coincide.

    A pair of coinciding points has zeros.
    """
    m = Z.shape[0]
    if m > LARGEST:
        raise InputError(
            f"conditional expectations keep numbers for every pair, so they take at most {LARGEST} points, got {m}"
        )
    rows, columns = np.triu_indices(m, 1)
    square, fourth = np.zeros(rows.size), np.zeros(rows.size)
    for j in range(Z.shape[1]):
        delta = Z[rows, j] - Z[columns, j]
        delta *= delta
        square += delta
        fourth += delta * delta
    gone = square <= coincidence_floor(Z)
    square[gone] = np.inf
    return 1.0 / np.sqrt(square), fourth / (square * square), gone


def _log_total(upper: FloatArray, lower: FloatArray) -> float:
    top = max(float(upper.max()), float(lower.max()))
    return top + float(np.log(np.sum(np.exp(upper - top)) + np.sum(np.exp(lower - top))))
