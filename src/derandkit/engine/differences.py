"""Central differences of a function, with steps that its rounding allows, and what they resolve.

A value is rounded by its own size, so a difference over a step ``h`` is off by that rounding over ``h``. A function
that is 10^12 and falls by 10 has no digits left in a difference over the usual step. There the function is looked at
over its whole scale, the step is lengthened as far as its change there allows, and the error that is left is stated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.tables import short_repr

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import FloatArray, IntArray

EPSILON = float(np.finfo(float).eps)
#: Differences whose error is below this share of the greatest one need no longer step.
FINE = 1e-9
#: Rounding over change up to here allows the usual step; beyond the second number a step of half the scale is taken.
USUAL, COARSEST = 64.0 * EPSILON, 0.125
#: How often a step is cut by 8 to see what it misses.
SHORTER = 16
#: Most coordinates along which a function is looked at.
MOST = 32


@dataclass(frozen=True)
class Resolution:
    """What derivatives by differences resolve at a distribution.

    Parameters
    ----------
    gradient : float
        Bound on the error of the gradient in ``(W, b)`` by rounding of the values, and an estimate of that by the
        length of the steps.
    size : float
        Size of a gradient, by how much the function changes.
    curvature : float
        Estimate of the error of the curvature, as a share of its size.
    missed : float
        How far gradients over shorter steps are from this one, beyond the rounding of all of them.

    Examples
    --------
    >>> Resolution(gradient=1e-9, size=2.0, curvature=1e-7).relative
    5e-10
    """

    gradient: float
    size: float
    curvature: float
    missed: float = 0.0

    @property
    def relative(self) -> float:
        """Error of the gradient as a share of its size, at most 1."""
        return min(1.0, self.gradient / self.size) if self.size > 0.0 else float(self.gradient > 0.0)


@dataclass(frozen=True, eq=False, repr=False)
class Differences:
    """Gradients at several points by central differences.

    Parameters
    ----------
    gradients : ndarray, shape (m, n)
        One a row.
    step : float
        Half the distance of the two values.
    reach : float
        Scale of a coordinate.
    noise : float
        Rounding of the greatest value.
    change : float or None
        How much the function changes over its scale, where that was looked at.
    """

    gradients: FloatArray
    step: float
    reach: float
    noise: float
    change: float | None = None

    __repr__ = short_repr

    @property
    def error(self) -> float:
        """How far an entry may be off: each value by two roundings, and what the length of a longer step does."""
        bent = 0.0 if self.change is None else self.change / self.reach * (self.step / self.reach) ** 2
        return 2.0 * self.noise / self.step + bent

    @property
    def size(self) -> float:
        """The size of an entry."""
        slopes = float(np.max(np.abs(self.gradients), initial=0.0))
        return slopes if self.change is None else max(self.change / self.reach, min(slopes, self.error))

    @property
    def outer(self) -> float:
        """The step of differences of these differences: longer, against their noise."""
        return float(self.reach * max(EPSILON, (self.step / self.reach) ** 3) ** (1 / 6))


def differences(
    values: Callable[[FloatArray], FloatArray], points: FloatArray, reach: float, step: float | None = None
) -> Differences:
    """Return gradients by central differences, over a longer step where the values leave no digits to a short one.

    Parameters
    ----------
    values : callable
        Maps points, shape (m, n), to values.
    points : ndarray, shape (m, n)
        Where.
    reach : float
        Scale of a coordinate.
    step : float, optional
        The step, where it was chosen already.

    Notes
    -----
    2 n values a point; where these have too few digits, up to 65 more in all, and 2 n more a point.

    Examples
    --------
    >>> far = differences(lambda z: 1e12 + (z[:, 0] - 3.0) ** 2, np.zeros((1, 1)), 1.0)
    >>> bool(abs(far.gradients[0, 0] + 6.0) < far.error < 0.1), far.step > 0.01
    (True, True)
    """
    usual = reach * EPSILON ** (1 / 3)
    gradients, largest = _over(values, points, usual if step is None else step)
    found = Differences(gradients, usual if step is None else step, reach, EPSILON * largest)
    rough = found.noise > FINE * found.step * float(np.max(np.abs(gradients), initial=0.0))
    if step is not None or not gradients.size or not rough or not np.isfinite(gradients).all():
        return found
    change = _change(values, points.mean(axis=0), reach)
    share = min(found.noise / change, COARSEST) if change > 0.0 else COARSEST
    if share <= USUAL:
        return Differences(gradients, usual, reach, found.noise, change)
    longer = reach * share ** (1 / 3)
    gradients, largest = _over(values, points, longer)
    if not np.isfinite(gradients).all():
        return found
    return Differences(gradients, longer, reach, EPSILON * largest, change)


def missed(
    values: Callable[[FloatArray], FloatArray], point: FloatArray, found: Differences, scale: float
) -> float:
    """Return how far differences over other steps are, or may be, from those found.

    Twice the step shows what its length does to a smooth function. Shorter ones count where rounding does not explain
    how far they are; down to the scale that matters, what rounding may hide counts too.

    A step that is longer than what the function does there misses it: a bend of size 1 at a coordinate of 10^12, where
    steps are relative to the coordinate, or a kink.

    Parameters
    ----------
    values : callable
        Maps points, shape (m, n), to values.
    point : ndarray, shape (n,)
        Where.
    found : Differences
        Of this point alone.
    scale : float
        Smallest scale of a coordinate that matters.

    Examples
    --------
    >>> bend, point = (lambda z: np.sqrt(1.0 + (z[:, 0] - 1e12) ** 2)), np.array([1e12 + 0.5])
    >>> found = differences(bend, point[None, :], 1e12)
    >>> bool(abs(found.gradients[0, 0]) < 1e-6), round(missed(bend, point, found, 1.0), 1)
    (True, 0.4)
    """
    some = _some(point.size)
    if not some.size:
        return 0.0
    here = found.gradients[0, some]
    # the error by the length of a step is a third of what twice the length adds
    longer, _, _ = _along(values, point, some, 2.0 * found.step)
    bent = np.abs(longer - here)
    away, step = 0.0, found.step
    for _ in range(SHORTER):
        step /= 8.0
        slopes, noise, least = _along(values, point, some, step)
        if not least > 0.0:
            break
        apart = np.abs(slopes - here)
        matters = step >= found.step * (scale / found.reach)
        seen = np.isfinite(apart + noise) & (matters | (apart > noise + found.error))
        away = max(away, float(np.max((apart + noise)[seen], initial=0.0)))
    return away + float(np.max(bent[np.isfinite(bent)], initial=0.0))


def _along(
    values: Callable[[FloatArray], FloatArray], point: FloatArray, some: IntArray, step: float
) -> tuple[FloatArray, FloatArray, float]:
    """Return differences at a point along some coordinates, their rounding, and the least distance of two points."""
    ahead, behind = (np.repeat(point[None, :], some.size, axis=0) for _ in range(2))
    ahead[np.arange(some.size), some] += step
    behind[np.arange(some.size), some] -= step
    apart = ahead[np.arange(some.size), some] - behind[np.arange(some.size), some]
    with np.errstate(all="ignore"):
        up, down = values(ahead), values(behind)
        noise = 4.0 * EPSILON * np.maximum(np.abs(up), np.abs(down)) / apart
        return (up - down) / apart, noise, float(np.min(apart, initial=np.inf))


def _some(n: int) -> IntArray:
    """Return at most `MOST` of n coordinates, evenly."""
    return np.unique(np.linspace(0, n - 1, min(n, MOST)).astype(np.int64))


def _over(
    values: Callable[[FloatArray], FloatArray], points: FloatArray, step: float
) -> tuple[FloatArray, float]:
    """Return differences over a step, and the greatest value that they are made of."""
    out, largest = np.empty(points.shape), 0.0
    for i in range(points.shape[1]):
        ahead, behind = points.copy(), points.copy()
        ahead[:, i] += step
        behind[:, i] -= step
        up, down = values(ahead), values(behind)
        largest = max(
            largest, float(np.max(np.abs(up), initial=0.0)), float(np.max(np.abs(down), initial=0.0))
        )
        out[:, i] = (up - down) / (2.0 * step)
    return out, largest


def _change(values: Callable[[FloatArray], FloatArray], centre: FloatArray, reach: float) -> float:
    """Return how much a function changes over a scale around a point, along at most `MOST` coordinates."""
    some = _some(centre.size)
    around = np.repeat(centre[None, :], 2 * some.size + 1, axis=0)
    around[1 + np.arange(some.size), some] += reach
    around[1 + some.size + np.arange(some.size), some] -= reach
    with np.errstate(all="ignore"):
        found = values(around)
        change = np.abs(found[1:] - found[0])
    change = change[np.isfinite(change)]
    return float(np.max(change, initial=0.0))
