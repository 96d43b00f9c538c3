"""Errors of features over all pairs as intervals, in plain NumPy: the arithmetic of a certificate of features.

A second writing of `derandkit.features.measure`. Phases, cosines and exponentials are computed once more, each with a
bound on its rounding that holds for any order of summation (Higham, Accuracy and Stability of Numerical Algorithms,
section 3.1) and for cosines and exponentials that are off by a few units in the last place.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.extremes import greatest
from derandkit.certificates.features.kernels import Kernel
from derandkit.certificates.rows import varying
from derandkit.certificates.work import refuse_beyond

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray

GAUSSIAN = Kernel()
_UNIT = 2.0**-53
_LEAST = 2.0**-1070  # what underflows loses less, whatever is computed of two numbers near 1
_BLOCK = 1 << 20  # pairs handled at a time
_PHASES = 1 << 19  # phases that are computed at a time
_KEPT = 1 << 21  # and so many that are kept
_MOST_WORK = 2e11  # multiplications: about a minute
_COSINE = 32.0  # multiplications that a cosine and a sine take


class PairErrors:
    """The errors ``K^ - k`` of all pairs of rows, and what random frequencies would have.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Different points, in the units of the record.
    W : ndarray, shape (D, d)
        Frequencies.
    gamma : float
        Parameter gamma of the kernel.
    allow_work : float
        How many times the usual work may be spent.
    kernel : Kernel
        The kernel.

    Attributes
    ----------
    rms, greatest : tuple of float
        Intervals of the root mean square and the greatest error.
    bound : float
        Greatest rounding error of a pair.
    promised : tuple of float
        Interval of ``sqrt(mean (1 + k(2 d) - 2 k(d)^2) / (2 D))``.
    longest, slack : float
        Greatest length of a centred row in the units of the kernel, and what rounding may take off the promise that a
        solver states.
    pairs : int
        Number of pairs.

    Notes
    -----
    O(m^2 (d + D)) operations in blocks of bounded memory: a record names as many frequencies as it likes, so no table
    of points and frequencies is made.
    """

    def __init__(
        self, X: FloatArray, W: FloatArray, gamma: float, allow_work: float = 1.0, kernel: Kernel = GAUSSIAN
    ) -> None:
        self.kernel = kernel
        m, d = X.shape
        D = W.shape[0]
        self.pairs = m * (m - 1) // 2
        refuse_costly(m, d, D, allow_work)
        # a column in which no two points differ has no part in any error, and must not decide the scale
        differ = varying(X)
        X, W = X[:, differ], W[:, differ]
        # a power of two is exact: the points come to the order of 1, the frequencies take its inverse
        self.scale = int(np.frexp(np.max(np.abs(X)))[1])
        self.raw: FloatArray = np.ldexp(X, -self.scale)
        self.rows: FloatArray = self.raw - (self.raw[0] + np.sum(self.raw - self.raw[0], axis=0) / m)
        with np.errstate(over="ignore", under="ignore"):
            self.waves: FloatArray = np.ldexp(W, self.scale)
            self.gamma = float(np.ldexp(gamma, 2 * self.scale))
        # the centred rows are rounded once, a phase by d + 2 more, each relative to the sizes of its terms
        sizes = sum_of_phases(self.rows, self.waves)[0] / D
        self.offs: FloatArray = (d + 4) * _UNIT * sizes + 8.0 * _UNIT
        # entries far below the greatest underflow when they are scaled, and a frequency can be large on their column
        self.offs += float(np.mean(np.sum(np.ldexp(np.abs(self.waves), -1074), axis=1))) + d * _LEAST
        # the same happens to squares of differences, and gamma can be as large
        self.lost = d * (self.gamma * _LEAST + _LEAST)
        self._whole = self._features(self.rows, slice(D)) if m * D <= _KEPT else None
        total = reached = worst = unlike = less = 0.0
        self.bound = 0.0
        step = max(1, _BLOCK // m)
        for at in range(0, m - 1, step):
            some = np.arange(at, min(at + step, m - 1))
            values, off, exponents = self._kernel(some)
            error = self._products(some) - values
            later = np.arange(m)[None, :] > some[:, None]
            size = np.abs(error[later])
            total += float(np.sum(size * size))
            self.bound = greatest(self.bound, off[later])
            reached = greatest(reached, size)
            worst = greatest(worst, size - off[later])
            unlike += float(np.sum(kernel.unlike(exponents[later])))
            less += 0.0 if kernel.is_gaussian else float(np.sum(kernel.below_one(exponents[later])))
        rms = math.sqrt(total / self.pairs)
        loose = self.bound + rms * (2 * m + 64) * _UNIT
        self.rms = float(np.maximum(rms - loose, 0.0)), rms + loose
        self.greatest = worst, reached + self.bound
        self.longest = math.sqrt(self.gamma) * math.sqrt(2.0 * greatest(0.0, np.sum(self.rows**2, axis=1)))
        mean = unlike / self.pairs
        if kernel.is_gaussian:
            promised = math.sqrt(mean / (2.0 * D))
            spare = (2.0 * (d + 16) + 2 * m + 64) * _UNIT * promised + 4.0 * self.lost + 2.0**-500
            self.promised = promised - spare, promised + spare
            wide = self.promised
        else:
            lost = kernel.unlike_off(less / self.pairs, mean, m, d, self.lost)
            self.promised = _root(mean, lost, D)
            wide = _root(mean, lost + kernel.unlike_slack(m, d, self.longest, self.lost), D)
        # the distances of a solver that took them from centred rows, and four times what is lost here
        self.slack = 8.0 * self.longest * _UNIT / math.sqrt(2.0 * D) + 4.0 * (wide[1] - wide[0])

    def _features(self, rows: FloatArray, some: slice) -> FloatArray:
        """Return the features of rows that some frequencies make."""
        U = rows @ self.waves[some].T
        found = np.empty((len(rows), 2 * U.shape[1]))
        np.cos(U, out=found[:, : U.shape[1]])
        np.sin(U, out=found[:, U.shape[1] :])
        found /= math.sqrt(len(self.waves))
        return found

    def _products(self, some: NDArray[np.int64]) -> FloatArray:
        """Return the inner products of the features of some rows with those of all, some frequencies at a time."""
        if self._whole is not None:
            return self._whole[some] @ self._whole.T
        found, step = np.zeros((some.size, len(self.rows))), max(1, _PHASES // len(self.rows))
        for at in range(0, len(self.waves), step):
            features = self._features(self.rows, slice(at, at + step))
            found += features[some] @ features.T
        return found

    def _kernel(self, some: NDArray[np.int64]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return for some rows against all: the kernel, a bound on errors of ``K^ - k``, ``gamma |x - y|^2``."""
        d, D = self.rows.shape[1], len(self.waves)
        squares = np.zeros((some.size, len(self.rows)))
        # differences of rows as given are rounded once, however close the points are
        for c in range(d):
            squares += (self.raw[some, c][:, None] - self.raw[:, c]) ** 2
        exponents = self.gamma * squares
        kernel = self.kernel.of(exponents)
        off = self.offs[some, None] + self.offs + (2.0 * D + 16.0) * _UNIT
        off += self.kernel.off(kernel, exponents, d, self.lost)
        return kernel, off, exponents

    def of(self, i: int, j: int) -> tuple[float, float]:
        """Return the interval of ``|K^ - k|`` of one pair of rows."""
        first, second = self._features(self.rows[[i, j]], slice(len(self.waves)))
        kernel, off, _ = self._kernel(np.array([i], dtype=np.int64))
        error, spare = abs(float(first @ second) - float(kernel[0, j])), float(off[0, j])
        return error - spare, error + spare


def _root(mean: float, lost: float, D: int) -> tuple[float, float]:
    """Return the interval of ``sqrt(mean / (2 D))`` where a mean is known to `lost`."""
    low, high = np.maximum(mean - lost, 0.0) / (2.0 * D), (mean + lost) / (2.0 * D)
    return math.sqrt(low) * (1.0 - 4.0 * _UNIT), math.sqrt(high) * (1.0 + 4.0 * _UNIT)


def refuse_costly(m: int, d: int, D: int, allow_work: float) -> None:
    """Refuse to measure D frequencies on all pairs of m points with d columns, if that takes too much.

    Raises
    ------
    WorkError
        It is above the limit.
    """
    passes = 1.0 if m * D <= _KEPT else math.ceil(m / max(1, _BLOCK // m))
    work = m * (m - 1.0) / 2.0 * (d + D) + float(m) * D * (d + _COSINE * passes)
    refuse_beyond(work, _MOST_WORK, "pairs times features", allow_work)


def sum_of_phases(rows: FloatArray, waves: FloatArray) -> tuple[FloatArray, float]:
    """Return the sums over all frequencies of the sizes of the phases of each row, and the greatest of the sizes.

    Parameters
    ----------
    rows : ndarray, shape (m, d)
        Points.
    waves : ndarray, shape (D, d)
        Frequencies.

    Notes
    -----
    A size is ``sum |x_c| |w_c|`` over the columns. O(m D d) operations in blocks of bounded memory.

    Examples
    --------
    >>> sums, most = sum_of_phases(np.array([[3.0], [-5.0]]), np.array([[2.0], [-1.0]]))
    >>> sums.tolist(), most
    ([9.0, 15.0], 10.0)
    """
    size, step = np.abs(rows), max(1, _PHASES // len(rows))
    sums, most = np.zeros(len(rows)), 0.0
    for at in range(0, len(waves), step):
        sizes = size @ np.abs(waves[at : at + step]).T
        sums += np.sum(sizes, axis=1)
        most = greatest(most, sizes)
    return sums, most


def written_offs(
    X: FloatArray, W: FloatArray, centre: FloatArray, widest: float = 0.0
) -> tuple[float, float]:
    """Return how far phases that are computed from ``x - centre`` may be off, and the greatest of them.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Points, in the units of the record.
    W : ndarray, shape (D, d)
        Frequencies.
    centre : ndarray, shape (d,)
        What is subtracted first.
    widest : float
        The greatest frequency in columns that were left out because all points are zero there, if it is greater.

    Returns
    -------
    off : float
        No row has a greater mean error of its D phases, in radians.
    most : float
        No phase is larger; infinite or not a number if one cannot be computed.

    Notes
    -----
    No exact inner product depends on the centre, the rounding of a phase does: it grows with ``|x - centre|``, also in
    a column in which no two points differ. `transform` subtracts the centre, scales each row to 2^100 and the
    frequencies to 2^900, so that only what is 2^1100 times smaller than the greatest entries underflows.

    Examples
    --------
    >>> off, most = written_offs(np.array([[3.0], [5.0]]), np.array([[2.0]]), np.array([4.0]))
    >>> round(most, 12), off < 1e-14
    (2.0, True)
    """
    d = X.shape[1]
    widest = greatest(widest, np.abs(W))
    halved = int(greatest(greatest(0.0, np.abs(X)), np.abs(centre)) >= 2.0**1022)  # differences may overflow
    with np.errstate(all="ignore"):
        rows = np.abs(np.ldexp(X, -halved) - np.ldexp(centre, -halved))
        scale = int(np.frexp(np.max(rows))[1])
        rows, waves = np.ldexp(rows, 100 - scale), np.abs(np.ldexp(W, 900 - int(np.frexp(widest)[1])))
        back = scale + halved + int(np.frexp(widest)[1]) - 1000
        sums, most = sum_of_phases(rows, waves)
        sums, most = np.ldexp(sums, back), float(np.ldexp(most, back))
        # a difference, a product and d - 1 sums; then what underflows in rows, in frequencies and in products
        off = (d + 4) * _UNIT * greatest(0.0, sums) / len(waves) + float(np.ldexp(d * 4.0, back - 170))
        off += d * float(np.ldexp(widest, -1073)) * halved  # the last bit of a halved entry
    return off, most * (1.0 + (d + 4) * _UNIT)


def tail(raw: FloatArray, gamma: float, count: int, kernel: Kernel = GAUSSIAN) -> tuple[float, float]:
    """Return the norm of the kernel matrix beyond rank `count`, and a bound on its error.

    Parameters
    ----------
    raw : ndarray, shape (m, d)
        Points.
    gamma : float
        Parameter gamma of the kernel, in their units.
    count : int
        Number of features.
    kernel : Kernel
        The kernel.

    Examples
    --------
    >>> tail(np.array([[0.0], [100.0], [200.0]]), 1.0, 2)[0]
    1.0
    """
    m, d = raw.shape
    squares = np.zeros((m, m))
    for c in range(d):
        squares += (raw[:, c][:, None] - raw[:, c]) ** 2
    values = np.linalg.eigvalsh(kernel.of(gamma * squares))[::-1]
    # x exp(-x) <= 1/e, and the solver of eigenvalues is backward stable; squares can underflow
    moved = m * ((d + 8) / math.e + 8.0 + 8.0 * float(np.linalg.norm(values))) * _UNIT
    lost = d * (gamma * _LEAST + _LEAST)
    moved += m * lost
    if not kernel.is_gaussian:
        moved += m * float(np.max(kernel.off(np.ones(1), np.zeros(1), d, lost)))
    return float(np.linalg.norm(values[count:])), moved
