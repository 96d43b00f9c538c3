"""The constant with the smallest loss, in closed form or between points where the loss is seen to fall and to rise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.structure.references.model import Reference
from derandkit.certificates.structure.rounding import UNIT

if TYPE_CHECKING:
    from derandkit.certificates.structure.networks import Sample
    from derandkit.numerics.typing import FloatArray

#: Halvings of an interval at most; the last ones are for its two ends.
HALVINGS, OF_ENDS = 1100, 40
#: Rounding of a term of the slope of the Huber loss.
_TERM = 24.0 * UNIT


def best_constant(loss: str, sample: Sample) -> Reference:
    """Return the constant with the smallest loss on weighted rows, one number for each output.

    Notes
    -----
    Of squares it is the weighted mean; of the logistic loss the logarithm of the ratio of the two weighted shares; of
    the softmax the logarithms of the weighted shares, up to a common number that changes no loss. The sums behind these
    are exact but for their last rounding.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> targets = np.array([1.0, 0.0, 0.0, 0.0])
    >>> rows = SimpleNamespace(points=np.zeros((4, 1)), targets=targets, weights=np.full(4, 0.25))
    >>> found = best_constant("logistic", rows)
    >>> bool(abs(found.offset[0] + math.log(3.0)) < 1e-15), bool(found.radius[0] < 1e-14)
    (True, True)
    """
    w = sample.weights
    y = sample.targets.reshape(len(w), -1)
    d, k = sample.points.shape[1], y.shape[1]
    found = {"squared": _mean, "logistic": _log_ratio, "softmax": _log_share, "huber": huber_constant}[loss]
    pairs = [found(y[:, i], w) for i in range(k)]
    units = np.vstack((np.zeros((d, k)), np.ones((1, k))))
    offset, radius = (np.array(column) for column in zip(*pairs, strict=True))
    known = np.isfinite(offset)
    return Reference(
        loss, np.zeros((d, k)), np.where(known, offset, 0.0), np.where(known, radius, np.inf), units
    )


def _sum(terms: FloatArray) -> float:
    return math.fsum(terms.tolist())


def _mean(y: FloatArray, w: FloatArray) -> tuple[float, float]:
    total = _sum(w)
    return _sum(w * y) / total, 6.0 * UNIT * _sum(w * np.abs(y)) / total


def _log_ratio(y: FloatArray, w: FloatArray) -> tuple[float, float]:
    of_one, of_zero = _log_share(y, w)[0], _log_share(1.0 - y, w)[0]
    return of_one - of_zero, 16.0 * UNIT * (1.0 + abs(of_one) + abs(of_zero))


def _log_share(y: FloatArray, w: FloatArray) -> tuple[float, float]:
    share = _sum(w * y)
    if not (share > 1e-290 and y.min() >= 0.0):  # no constant is the best where a class is missing
        return math.nan, math.inf
    return math.log(share), 16.0 * UNIT * (1.0 + abs(math.log(share)))


def huber_constant(y: FloatArray, w: FloatArray) -> tuple[float, float]:
    """Return the best constant of the pseudo-Huber loss, and how far it may be off.

    Notes
    -----
    The slope of a row is ``t / r = sign(t) (1 - q)`` with ``t = c - y``, ``r = sqrt(1 + t^2)`` and
    ``q = 1 / (r (r + |t|))``, and each of these is known to some units in its last place, since t is the difference of
    two doubles. The signs are added up exactly, so the slope is known to a share of the sum of the q, however large the
    targets: half of the rows on each side cancel to zero. Where it is seen to be negative the best constant lies above,
    and below where positive.

    Examples
    --------
    >>> c, off = huber_constant(np.array([1e8, 3e8, 7e8, 9e8]), np.full(4, 0.25))
    >>> 3e8 < c < 7e8 and off < 1e-3 * c
    True
    """
    kept = w > 0.0
    y, w = y[kept], w[kept]

    def side(c: float) -> int:
        """Return the sign of the slope; 0 where rounding hides it."""
        t = c - y
        size, root = np.abs(t), np.hypot(1.0, t)
        signs = w * np.sign(t)
        rest = signs / (root * (root + size))
        rough = float(np.sum(signs - rest))
        if abs(rough) > (len(w) + 32.0) * UNIT * float(np.sum(w)):
            return int(np.sign(rough))
        slope = math.fsum((*signs.tolist(), *(-rest).tolist()))
        return int(np.sign(slope)) if abs(slope) > _TERM * float(np.sum(np.abs(rest))) + 1e-300 else 0

    if not (len(y) and np.isfinite(y).all()):
        return math.nan, math.inf
    low, high = float(y.min()), float(y.max())
    middle, sign = _middle(low, high), 0
    for _ in range(HALVINGS):
        middle = _middle(low, high)
        if not low < middle < high or (sign := side(middle)) == 0:
            break
        low, high = (middle, high) if sign < 0 else (low, middle)
    below = above = middle
    for _ in range(OF_ENDS if sign == 0 else 0):
        point = _middle(low, below)
        low, below = (point, below) if side(point) < 0 else (low, point)
        point = _middle(above, high)
        above, high = (above, point) if side(point) > 0 else (point, high)
    return middle, max(high - middle, middle - low) * (1.0 + 4.0 * UNIT)


def _middle(low: float, high: float) -> float:
    return low + 0.5 * (high - low)
