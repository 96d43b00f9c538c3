"""Errors of features over all pairs as intervals, in plain NumPy: the arithmetic of a certificate of features.

A second writing of `derandkit.features.measure`. Phases, cosines and exponentials are computed once more, each with a
bound on its rounding that holds for any order of summation (Higham, Accuracy and Stability of Numerical Algorithms,
section 3.1) and for cosines and exponentials that are off by a few units in the last place.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.work import refuse_beyond

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray

_UNIT = 2.0**-53
_BLOCK = 1 << 20  # pairs handled at a time
_MOST_WORK = 2e11  # multiplications: about a minute


def distinct_rows(table: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return the first occurrences of different rows, in order.

    Examples
    --------
    >>> distinct_rows(np.array([[1.0], [0.0], [1.0]])).tolist()
    [0, 1]
    """
    _, first = np.unique(table, axis=0, return_index=True)
    return np.sort(first).astype(np.int64)


class PairErrors:
    """The errors ``K^ - k`` of all pairs of rows, and what random frequencies would have.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Different points, in the units of the record.
    W : ndarray, shape (D, d)
        Frequencies.
    gamma : float
        Of the kernel.
    allow_work : float
        How many times the usual work may be spent.

    Attributes
    ----------
    rms, greatest : tuple of float
        Intervals of the root mean square and the greatest error.
    bound : float
        Greatest rounding error of a pair.
    promised : tuple of float
        Interval of ``sqrt(mean (1 - k^2)^2 / (2 D))``.
    longest, close_points : float
        Greatest length of a centred row in the units of the kernel, and how far rounding it can move the promise.
    pairs : int
        Number of pairs.

    Notes
    -----
    O(m^2 (d + D)) operations in blocks of bounded memory.
    """

    def __init__(self, X: FloatArray, W: FloatArray, gamma: float, allow_work: float = 1.0) -> None:
        m, d = X.shape
        D = W.shape[0]
        self.pairs = m * (m - 1) // 2
        refuse_beyond(
            float(self.pairs) * (d + D), _MOST_WORK * allow_work, "pairs times features", allow_work
        )
        # a power of two is exact: the points come to the order of 1, the frequencies take its inverse
        self.scale = int(np.frexp(np.max(np.abs(X)))[1])
        self.raw: FloatArray = np.ldexp(X, -self.scale)
        self.rows: FloatArray = self.raw - (self.raw[0] + np.sum(self.raw - self.raw[0], axis=0) / m)
        with np.errstate(over="ignore", under="ignore"):
            self.waves: FloatArray = np.ldexp(W, self.scale)
            self.gamma = float(np.ldexp(gamma, 2 * self.scale))
        U = self.rows @ self.waves.T
        # the centred rows are rounded once, a phase by d + 2 more, each relative to the sizes of its terms
        sizes = np.abs(self.rows) @ np.abs(self.waves).T
        self.offs: FloatArray = (d + 4) * _UNIT * np.mean(sizes, axis=1) + 8.0 * _UNIT
        features = np.concatenate([np.cos(U), np.sin(U)], axis=1) / math.sqrt(D)
        total = reached = worst = unlike = seen = 0.0
        self.bound, self.worst = 0.0, -math.inf
        step = max(1, _BLOCK // m)
        for at in range(0, m - 1, step):
            some = np.arange(at, min(at + step, m - 1))
            error, off, rest = self._block(some, features)
            later = np.arange(m)[None, :] > some[:, None]
            size = np.abs(error[later])
            total += float(np.sum(size * size))
            self.bound = max(self.bound, float(np.max(off[later])))
            seen += float(np.sum(off[later]))
            reached = max(reached, float(np.max(size)))
            worst = max(worst, float(np.max(size - off[later])))
            unlike += float(np.sum(rest[later] ** 2))
        if not np.isfinite(seen):  # a maximum passes over what is not a number, a sum does not
            self.bound = math.inf
        rms = math.sqrt(total / self.pairs)
        loose = self.bound + rms * (2 * m + 64) * _UNIT
        self.rms = max(rms - loose, 0.0), rms + loose
        self.greatest = max(worst, 0.0), reached + self.bound
        # what the rounding of centred rows may do to the promise that a solver computes from them
        self.longest = math.sqrt(self.gamma) * math.sqrt(2.0 * float(np.max(np.sum(self.rows**2, axis=1))))
        self.close_points = 8.0 * self.longest * _UNIT / math.sqrt(2.0 * D)
        promised = math.sqrt(unlike / self.pairs / (2.0 * D))
        spare = (2.0 * (d + 16) + 2 * m + 64) * _UNIT * promised
        self.promised = promised - spare, promised + spare

    def _block(
        self, some: NDArray[np.int64], features: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return ``K^ - k``, the bound on its error, and ``1 - k^2`` for some rows against all."""
        d, D = self.rows.shape[1], features.shape[1] // 2
        squares = np.zeros((some.size, len(self.rows)))
        # differences of rows as given are rounded once, however close the points are
        for c in range(d):
            squares += (self.raw[some, c][:, None] - self.raw[:, c]) ** 2
        exponents = self.gamma * squares
        kernel = np.exp(-exponents)
        off = self.offs[some, None] + self.offs + (2.0 * D + 16.0) * _UNIT
        off += kernel * ((d + 8) * np.minimum(exponents, 1e3) + 8.0) * _UNIT  # beyond a thousand it is zero
        return features[some] @ features.T - kernel, off, -np.expm1(-2.0 * exponents)

    def of(self, i: int, j: int) -> tuple[float, float]:
        """Return the interval of ``|K^ - k|`` of one pair of rows."""
        U = self.rows[[i, j]] @ self.waves.T
        features = np.concatenate([np.cos(U), np.sin(U)], axis=1) / math.sqrt(U.shape[1])
        some = np.array([i], dtype=np.int64)
        whole = np.zeros((len(self.rows), features.shape[1]))
        whole[[i, j]] = features
        error, off, _ = self._block(some, whole)
        return abs(float(error[0, j])) - float(off[0, j]), abs(float(error[0, j])) + float(off[0, j])


def tail(raw: FloatArray, gamma: float, count: int) -> tuple[float, float]:
    """Return the norm of the kernel matrix beyond rank `count`, and a bound on its error.

    Parameters
    ----------
    raw : ndarray, shape (m, d)
        Points.
    gamma : float
        Of the kernel, in their units.
    count : int
        Number of features.

    Examples
    --------
    >>> tail(np.array([[0.0], [100.0], [200.0]]), 1.0, 2)[0]
    1.0
    """
    m, d = raw.shape
    squares = np.zeros((m, m))
    for c in range(d):
        squares += (raw[:, c][:, None] - raw[:, c]) ** 2
    values = np.linalg.eigvalsh(np.exp(-gamma * squares))[::-1]
    # x exp(-x) <= 1/e, and the solver of eigenvalues is backward stable
    moved = m * ((d + 8) / math.e + 8.0 + 8.0 * float(np.linalg.norm(values))) * _UNIT
    return float(np.linalg.norm(values[count:])), moved
