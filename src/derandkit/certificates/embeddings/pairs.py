"""Ratios of a point cloud as intervals, in plain NumPy: the arithmetic of an embedding certificate.

Every ratio ``r = |A (x - y)|^2 / |x - y|^2`` comes with a bound on its rounding error that is made from the two points
and the matrix. It holds for any order of summation (Higham, Accuracy and Stability of Numerical Algorithms, section
3.1), so it does not matter which BLAS is behind NumPy. Columns in which points do not differ have no part in it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.embeddings.deviations import Deviations
from derandkit.certificates.embeddings.exact import ExactRatios
from derandkit.certificates.embeddings.squares import Squares
from derandkit.certificates.embeddings.written import HALVED, Output, Written
from derandkit.certificates.extremes import greatest, least
from derandkit.certificates.work import refuse_beyond

if TYPE_CHECKING:
    from derandkit.certificates.embeddings.cloud import Cloud
    from derandkit.numerics.typing import BoolArray, FloatArray, IntArray

_UNIT = 2.0**-53
_CLOSE = 1e-11  # of the largest centred norm: no objective sees such pairs
_BLOCK = 1 << 22  # pairs handled at a time
_DIRECT = 1 << 22  # entries of differences of rows handled at a time
# A ratio that could be off by more is computed again from the difference of its rows. The solver does so from 2^-30 on,
# by a bound of its own: half of that finds every pair that it has found, so that its narrow interval is not missed.
_HARD = 2.0**-31
_TINY = 2.0**-1070  # a term of a sum of powers that underflows loses less
_UNDERFLOW = 2.0**-900  # a ratio of squares loses less by entries and products that underflow
_MOST_WORK = 3e9  # multiplications spent on such pairs, about ten seconds
_OF_A_PAIR = 64  # operations that every pair takes, whatever the number of columns
MOST_PAIRS = 2e11  # of all pairs, about a minute or two
LEVELS = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}


def refuse_costly(m: int, d: int, k: int, allow_work: float) -> None:
    """Refuse to measure k images of all pairs of m points with d columns, if that takes too much.

    Raises
    ------
    WorkError
        It is above the limit.
    """
    pairs = 0.5 * m * (m - 1.0)
    refuse_beyond(pairs * (d + k + _OF_A_PAIR), MOST_PAIRS, "pairs times columns", allow_work)


class Pairs:
    """All ratios of different points, in one sweep, each within a bound on its rounding error.

    Parameters
    ----------
    cloud : Cloud
        The points.
    A : ndarray, shape (k, d)
        The map; entries up to 2^100 in modulus.
    eps : float, optional
        Distortion whose exponential sum is wanted (`log_psi`).
    dimension : int, optional
        Dimension that `eps` belongs to, if A has lost rows of zeros.
    output : Output, optional
        How images are written, for `written`.
    power : int, optional
        Exponent p of the weighted mean of ``|r - 1|^p`` that is wanted (`root`).
    mass : ndarray, shape (m,), optional
        Weights q of the points: the pair (i, j) counts ``q_i q_j`` times there. At most 1, and 0 or at least 2^-256, so
        that no product of two leaves the normal range.
    by_point : bool
        Keep the mean ``|r - 1|`` of every point, for `standard_error`.
    allow_work : float
        How many times the usual work may be spent on pairs whose images cancel.

    Attributes
    ----------
    low, high : float
        The exact largest ``|r - 1|`` is between them.
    bound : float
        Largest bound on the rounding error of a ratio.
    largest, smallest : tuple of float
        Intervals of the extreme ratios.
    mean, mean_error : float
        Mean ``|r - 1|``, and how far off it may be.
    root : tuple of float
        Interval of the p-th root of the weighted mean of ``|r - 1|^p``.
    edges : dict
        Intervals of the quantiles of ``|r - 1|``, each end within `bound`: points, or bins of 2^-15 of themselves for
        more than 8 million pairs.
    written : Written or None
        What is known of images that are written as `output` says.
    count, close : int
        Pairs of different points; those among them that no objective sees, since they are near each other.

    Notes
    -----
    O(n^2 (d + k)) operations in blocks of bounded memory; a pair whose images cancel costs O(d k). Few pairs are worked
    out once more in whole numbers (`ExactRatios`), so that what is found is what exact arithmetic finds; `bound` stays
    that of floating point, which is what a margin is held against. What is no number makes the extremes NaN, and no
    comparison with them holds.
    """

    def __init__(
        self,
        cloud: Cloud,
        A: FloatArray,
        *,
        eps: float | None = None,
        dimension: int | None = None,
        output: Output | None = None,
        power: int | None = None,
        mass: FloatArray | None = None,
        by_point: bool = False,
        allow_work: float = 1.0,
    ) -> None:
        self.most_work, self.allow_work = _MOST_WORK * allow_work, allow_work
        X = cloud.centred
        self.exponent = cloud.exponent
        m, d = X.shape
        k = A.shape[0]
        Y = X @ A.T
        lengths = np.sqrt(np.sum(X * X, axis=1))
        weights = np.sqrt(np.sum((np.abs(X) @ np.abs(A).T) ** 2, axis=1))
        floor = _CLOSE**2 * float(np.max(np.add.accumulate(X * X, axis=1)[:, -1]))
        self.close, self.mass = 0, mass
        powers, masses = [0.0, 0.0], 0.0
        self.work = 0
        self.low, self.high, self.bound = -math.inf, -math.inf, 0.0
        largest, smallest = [-math.inf, -math.inf], [math.inf, math.inf]
        total = errors = 0.0
        self.count = 0
        self.log_psi = -math.inf
        exact = ExactRatios(cloud.given, A)
        self.written = None if output is None else Written(cloud, A, output)
        sums, counts = np.zeros(m), np.zeros(m)
        self.deviations = Deviations()
        step = max(1, _BLOCK // (m * min(max(d // 8, 1), 2)))  # wide tables need room for their products
        squares, images = Squares(X, floor), Squares(Y)
        for start in range(0, m - 1, step):
            stop = min(start + step, m - 1)
            # the columns of the upper triangle that these rows can reach
            square, image = squares.block(start, stop), images.block(start, stop)
            later = np.arange(start + 1, m)[None, :] > np.arange(start, stop)[:, None]
            self.close += int(np.count_nonzero(later & (square <= floor)))

            def both(
                v: FloatArray, start: int = start, stop: int = stop, later: BoolArray = later
            ) -> FloatArray:
                """Sum of a number of the two points of every pair."""
                return np.asarray((v[start:stop, None] + v[None, start + 1 :])[later])

            pair = square[later]
            if not pair.size:
                continue
            length = np.sqrt(pair)  # zero where points differ by less than was lost in centring
            ratio = image[later] / pair
            error = 1.01 * (d + 4) * _UNIT * both(weights) / length
            relative = 1.01 * (d + k + 8) * _UNIT + 4.1 * _UNIT * both(lengths) / length
            bound = _spread(ratio, error, relative)
            # the solver measures what no objective sees from the rows, so its margin is that of such ratios
            hard = ~(bound <= _HARD) | (pair <= 4.0 * floor)
            self._refine(cloud, A, start, later, np.flatnonzero(hard), ratio, bound, length, relative)
            self.bound = greatest(self.bound, _of_offs(ratio, bound))
            if exact.affordable:
                at = np.nonzero(later)
                ratio, bound = exact.of(at[0] + start, at[1] + start + 1)
            low, high = np.maximum(ratio - bound, 0.0), ratio + bound
            largest = [greatest(largest[0], low), greatest(largest[1], high)]
            smallest = [least(smallest[0], low), least(smallest[1], high)]
            off, bound = np.abs(ratio - 1.0), _of_offs(ratio, bound)
            if self.written is not None:
                self.written.add(both(self.written.steps), length * (1.0 - relative), ratio, bound)
            self.low = greatest(self.low, off - bound)
            self.high = greatest(self.high, off + bound)
            if power is not None:
                q = np.ones(ratio.size)
                if mass is not None:
                    q = (mass[start:stop, None] * mass[None, start + 1 :])[later]
                lost = ratio.size * _TINY
                powers[0] += max(float(np.sum(q * np.maximum(off - bound, 0.0) ** power)) - lost, 0.0)
                powers[1] += float(np.sum(q * (off + bound) ** power)) + lost
                masses += float(q.sum())
            total += float(off.sum())
            errors += float(bound.sum())
            self.count += ratio.size
            self.deviations.add(off)
            if by_point:
                rows, columns = np.nonzero(later)
                for side in (rows + start, columns + start + 1):
                    sums += np.bincount(side, weights=off, minlength=m)
                    counts += np.bincount(side, minlength=m)
            if eps is not None:
                mu = sharpness(dimension or k, eps)
                sides = np.concatenate([mu * (ratio - 1.0 - eps), mu * (1.0 - eps - ratio)])
                top = float(sides.max())
                here = top + math.log(float(np.exp(sides - top).sum()))
                self.log_psi = float(np.logaddexp(self.log_psi, here))
        # sums of positive terms: in pairs within a block, one after the other from block to block
        spare = (64 + m // step) * 2.0 * _UNIT
        self.root = 0.0, math.inf
        if power is not None and masses > 0.0:
            low, high = (
                (total * (1.0 + s * spare) / masses) ** (1.0 / power)
                for total, s in zip(powers, (-1, 1), strict=True)
            )
            self.root = low, high
        self.largest, self.smallest = (largest[0], largest[1]), (smallest[0], smallest[1])
        self.edges = {name: self.deviations.quantile(level) for name, level in LEVELS.items() if self.count}
        count = max(self.count, 1)
        self.mean = total / count
        self.mean_error = errors / count + 2.0 * _UNIT * math.log2(count + 2.0) * self.mean + _UNIT
        self.point_means: FloatArray = sums[counts > 0] / counts[counts > 0]

    def refuse_if_unfinished(self) -> None:
        """Raise `WorkError` if pairs whose images cancel would have cost too much to be computed again."""
        refuse_beyond(self.work, _MOST_WORK, "pairs whose images cancel", self.allow_work)

    @property
    def distortion(self) -> float:
        """Middle of the interval of the largest ``|r - 1|``."""
        return 0.5 * (self.low + self.high)

    @property
    def standard_error(self) -> float:
        """Standard error of the mean over pairs of independent points (Hoeffding 1948): ``2 sd / sqrt(m)``."""
        means = self.point_means
        if means.size < 2:
            return 0.0
        return 2.0 * float(np.std(means, ddof=1)) / math.sqrt(means.size)

    def _refine(
        self,
        cloud: Cloud,
        A: FloatArray,
        start: int,
        later: BoolArray,
        hard: IntArray,
        ratio: FloatArray,
        bound: FloatArray,
        length: FloatArray,
        relative: FloatArray,
    ) -> None:
        """Compute pairs again, from the differences of their rows; in place.

        A difference is scaled by a power of two of its own: no square of it is zero, however near its rows are.
        """
        k, d = A.shape
        self.work += int(hard.size) * d * k
        if not hard.size or self.work > self.most_work:
            return
        rows, columns = np.nonzero(later)
        size = np.abs(A).T
        for at in range(0, hard.size, max(1, _DIRECT // d)):
            some = hard[at : at + max(1, _DIRECT // d)]
            V, power = steps_between(cloud.given[rows[some] + start], cloud.given[columns[some] + start + 1])
            square = np.sum(V * V, axis=1)
            length[some] = np.ldexp(np.sqrt(square), power - cloud.exponent)
            ratio[some] = np.sum((V @ A.T) ** 2, axis=1) / square
            weight = np.sqrt(np.sum((np.abs(V) @ size) ** 2, axis=1) / square)
            relative[some] = 1.01 * (d + k + 8) * _UNIT
            bound[some] = _spread(ratio[some], 1.01 * (d + 4) * _UNIT * weight, relative[some])


def steps_between(x: FloatArray, y: FloatArray) -> tuple[FloatArray, IntArray]:
    """Differences of rows, each with its largest entry between 1/2 and 1, and the powers of two that make them so."""
    # a difference of the greatest numbers overflows, and half of the least one is nothing
    halved = (np.maximum(np.abs(x), np.abs(y)) >= HALVED).astype(np.int64)
    step = np.ldexp(x, -halved) - np.ldexp(y, -halved)
    exponents = np.frexp(step)[1] + halved
    power = np.max(np.where(step == 0.0, np.iinfo(np.int32).min, exponents), axis=1).astype(np.int64)
    return np.ldexp(step, halved - power[:, None]), power


def _spread(ratio: FloatArray, error: FloatArray, relative: FloatArray) -> FloatArray:
    """How far a ratio may be off: `error` in the length of the image, `relative` in squares, and its own rounding."""
    off = error * (2.0 * np.sqrt(ratio) + error) * (1.0 + relative) + relative * ratio
    return np.asarray((1.0 + 16.0 * _UNIT) * off + 2.0 * _UNIT * ratio + _UNDERFLOW)


def _of_offs(ratio: FloatArray, bound: FloatArray) -> FloatArray:
    """How far ``|r - 1|`` may be off for ratios with these bounds: it is rounded beside 1, however small r is."""
    return np.asarray(bound + 3.0 * _UNIT * (1.0 + ratio))


def sharpness(k: int, eps: float) -> float:
    """Exponent of the a-priori statement.

    Examples
    --------
    >>> sharpness(30, 0.5)
    5.0
    """
    return k * eps / (2.0 * (1.0 + eps))


def hashed_order(count: int) -> IntArray:
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
