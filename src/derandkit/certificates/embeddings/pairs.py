"""Ratios, spectrum and splits of a point cloud, in plain NumPy: the arithmetic of an embedding certificate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

_UNIT = 2.0**-53
_COINCIDENCE = 1e-11  # of the largest centred norm, as stated in the documentation of the record
_BLOCK = 1 << 22  # pairs handled at a time
LEVELS = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}


def distinct_rows(table: NDArray[Any]) -> NDArray[np.int64]:
    """Return the first occurrences of different rows, in order.

    Examples
    --------
    >>> distinct_rows(np.array([[1.0], [0.0], [1.0]])).tolist()
    [0, 1]
    """
    _, first = np.unique(table, axis=0, return_index=True)
    return np.sort(first).astype(np.int64)


def centred(table: NDArray[Any]) -> FloatArray:
    """Return points as float64 minus their mean, scaled by powers of two to the order of 1.

    Examples
    --------
    >>> centred(np.array([[1.0], [3.0]])).tolist()
    [[-0.5], [0.5]]
    """
    X = np.array(table, dtype=np.float64)
    X = np.ldexp(X, -int(np.frexp(np.max(np.abs(X)))[1]))
    X -= np.add.accumulate(X, axis=0)[-1] / X.shape[0]
    return np.ldexp(X, -int(np.frexp(np.max(np.abs(X)))[1]))


class Pairs:
    """All ratios of different points, in one sweep: extremes, margin, mean, histogram, exponential sum."""

    def __init__(self, X: FloatArray, A: FloatArray, eps: float | None = None) -> None:
        m, d = X.shape
        k = A.shape[0]
        Y = X @ A.T
        squares = np.sum(X * X, axis=1)
        lengths = np.sqrt(squares)
        floor = _COINCIDENCE**2 * float(squares.max())
        slack = 1.01 * (d + 4) * _UNIT * float(np.sqrt(np.sum(A * A)))
        relative = 1.01 * (d + k + 6) * _UNIT
        self.largest, self.smallest, self.margin, self.total = -math.inf, math.inf, 0.0, 0.0
        self.count = 0
        self.log_psi = -math.inf
        deviations: list[FloatArray] = []
        self.edges: dict[str, float] = {}
        step = max(1, _BLOCK // (m * max(d // 8, 1)))
        for start in range(0, m - 1, step):
            stop = min(start + step, m - 1)
            # the columns of the upper triangle that these rows can reach
            square = np.zeros((stop - start, m - start - 1))
            image = np.zeros_like(square)
            for c in range(d):
                square += (X[start:stop, c, None] - X[None, start + 1 :, c]) ** 2
            for c in range(k):
                image += (Y[start:stop, c, None] - Y[None, start + 1 :, c]) ** 2
            later = np.arange(start + 1, m)[None, :] > np.arange(start, stop)[:, None]
            later &= square > floor
            pair = square[later]
            ratio = image[later] / pair
            if not ratio.size:
                continue
            reach = (lengths[start:stop, None] + lengths[None, start + 1 :])[later] * slack / np.sqrt(pair)
            self.margin = max(
                self.margin, float(np.max(reach * (2.0 * np.sqrt(ratio) + reach) + relative * ratio))
            )
            self.largest = max(self.largest, float(ratio.max()))
            self.smallest = min(self.smallest, float(ratio.min()))
            off = np.abs(ratio - 1.0)
            self.total += float(off.sum())
            self.count += ratio.size
            deviations.append(off.astype(np.float32) if m > 4096 else off)
            if eps is not None:
                mu = sharpness(k, eps)
                both = np.concatenate([mu * (ratio - 1.0 - eps), mu * (1.0 - eps - ratio)])
                top = float(both.max())
                self.log_psi = float(
                    np.logaddexp(self.log_psi, top + math.log(float(np.exp(both - top).sum())))
                )
        self.distortion = max(self.largest - 1.0, 1.0 - self.smallest)
        everything = np.concatenate(deviations)
        for name, level in LEVELS.items():
            place = math.ceil(level * everything.size) - 1
            everything.partition(place)
            self.edges[name] = float(everything[place])
        self.mean = self.total / self.count
        self.coincident = m * (m - 1) // 2 - self.count


class Spectrum:
    """Eigenvalues of the centred Gram matrix and the norm of the squared distances."""

    def __init__(self, X: FloatArray) -> None:
        m, d = X.shape
        product = X.T @ X if d <= m else X @ X.T
        self.values = np.maximum(np.linalg.eigvalsh(product)[::-1], 0.0)
        squares = np.sum(X * X, axis=1)
        self.distance = math.sqrt(
            2.0 * m * float(np.sum(squares * squares))
            + 2.0 * float(np.sum(squares)) ** 2
            + 4.0 * float(np.sum(product * product))
        )
        singular = np.linalg.svd(X, compute_uv=False)
        self.rank = int(np.count_nonzero(singular > 1e-12 * singular[0]))

    def bound(self, k: int) -> float:
        """Lower bound on the distortion of any map to k dimensions (Mirsky, and trace against Frobenius norm)."""
        values = self.values
        root = math.sqrt(k)
        tail = 2.0 * float(np.sqrt(np.sum(values[k:] ** 2))) / self.distance
        trace = float(values.sum())
        rank = (trace - root * float(np.sqrt(np.sum(values**2)))) / (trace + root * self.distance / 2.0)
        return max(tail, rank, 0.0)


def sharpness(k: int, eps: float) -> float:
    """Exponent of the a-priori statement.

    Examples
    --------
    >>> sharpness(30, 0.5)
    5.0
    """
    return k * eps / (2.0 * (1.0 + eps))


def hashed_order(count: int) -> NDArray[np.int64]:
    """Return the positions sorted by SplitMix64 of their number: the rule of the held-out split.

    Examples
    --------
    >>> sorted(hashed_order(4).tolist())
    [0, 1, 2, 3]
    """
    z = (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.argsort(z ^ (z >> np.uint64(31)), kind="stable").astype(np.int64)
