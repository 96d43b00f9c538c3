"""Weak Wolfe steps along a direction of descent: doubled until one is too long, then halved (Lewis and Overton).

Every quasi-Newton descent of the package takes its steps here. What differs between them is what a trial costs and what
a search that fails means to them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

#: By what share of its prediction a value has to fall, and how much of the slope may be left.
ARMIJO, WOLFE = 1e-4, 0.9
#: Where a value is not finite, the next step goes this share of the way to it.
WARY = 0.1


class Bracket:
    """The steps between one that is too short and one that is too long, and the one to try next.

    Parameters
    ----------
    first : float
        The first step to try.

    References
    ----------
    Lewis and Overton, Math. Program. 141 (2013) 135-163, section 4.

    Examples
    --------
    >>> bracket = Bracket(1.0)
    >>> bracket.lengthen()
    >>> bracket.step
    2.0
    >>> bracket.shorten()
    >>> bracket.low, bracket.high, bracket.step
    (1.0, 2.0, 1.5)
    """

    __slots__ = ("high", "low", "step")

    def __init__(self, first: float) -> None:
        self.low, self.high, self.step = 0.0, math.inf, first

    def lengthen(self) -> None:
        """Take the step as too short."""
        self.low = self.step
        self.step = 2.0 * self.step if math.isinf(self.high) else 0.5 * (self.low + self.high)

    def shorten(self, *, finite: bool = True) -> None:
        """Take the step as too long; the next one is nearer where the value there was not finite."""
        self.high = self.step
        self.step = 0.5 * (self.low + self.high) if finite else self.low + WARY * (self.high - self.low)


def weak_wolfe(
    trial: Callable[[float], tuple[float, float, T]], value: float, slope: float, first: float, trials: int
) -> T | None:
    """Return what a trial found at a step along which the value falls enough, or None.

    The last such step is returned if none of them leaves little enough of the slope.

    Parameters
    ----------
    trial : callable
        Takes a step; returns the value there, the slope along the direction, and what the caller wants back.
    value, slope : float
        Value and slope at the step 0; the slope is negative.
    first : float
        The first step to try.
    trials : int
        Most steps to try.

    Examples
    --------
    >>> weak_wolfe(lambda t: ((t - 3.0) ** 2, 2.0 * (t - 3.0), t), 9.0, -6.0, 8.0, 20)
    4.0
    """
    bracket, best = Bracket(first), None
    for _ in range(trials):
        step = bracket.step
        there, slope_there, found = trial(step)
        if not there <= value + ARMIJO * step * slope:
            bracket.shorten(finite=math.isfinite(there))
            continue
        best = found
        if slope_there >= WOLFE * slope:
            break
        bracket.lengthen()
    return best
