"""Between which bounds the numbers of a network are: whether a logarithm, a root or a quotient is off its pole."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Rounding of a double: less than this beside other numbers keeps nothing off a pole.
LEAST = 2.0**-52


@dataclass(frozen=True)
class Range:
    """What the entries of an array may be, whatever the row is.

    Parameters
    ----------
    low, high : float
        Bounds; low above high if every entry is NaN.
    over, under : bool
        Whether entries are known to stay above ``low``, and below ``high``: at infinity, to be finite.

    Examples
    --------
    >>> squares = Range().power(2)
    >>> squares.positive, squares.plus(Range.of(1e-5)).positive, squares.plus(Range.of(1e-30)).positive
    (False, True, False)
    """

    low: float = -math.inf
    high: float = math.inf
    over: bool = True
    under: bool = True

    @classmethod
    def of(cls, values: object) -> Range:
        """Return the range of numbers that are known; NaN is left out, since it stays what it is."""
        try:
            found = np.asarray(values)
            if found.dtype.kind not in "fiub" or not found.size:
                return cls()
            found = found[~np.isnan(found)].astype(np.float64)
        except (TypeError, ValueError):
            return cls()
        low, high = float(found.min(initial=math.inf)), float(found.max(initial=-math.inf))
        return cls(low, high, over=False, under=False)

    @property
    def positive(self) -> bool:
        """Whether every entry is above 0."""
        return self.low > 0.0 or (self.low == 0.0 and self.over)

    @property
    def nonzero(self) -> bool:
        """Whether no entry is 0."""
        return self.positive or self.negative().positive

    @property
    def finite(self) -> bool:
        """Whether no entry is infinite."""
        return (self.over or self.low > -math.inf) and (self.under or self.high < math.inf)

    def negative(self) -> Range:
        """Return the range of ``-x``."""
        return Range(-self.high, -self.low, self.under, self.over)

    def hull(self, other: Range) -> Range:
        """Return a range of the entries of both."""
        low, high = min(self.low, other.low), max(self.high, other.high)
        over = all(part.over for part in (self, other) if part.low == low)
        return Range(low, high, over, all(part.under for part in (self, other) if part.high == high))

    def plus(self, other: Range) -> Range:
        """Return the range of a sum."""
        low, over = _sum_above(self, other)
        high, under = _sum_above(self.negative(), other.negative())
        return Range(low, -high, over, under)

    def times(self, other: Range) -> Range:
        """Return the range of a product."""
        corners = [
            _corner(one, two)
            for one in ((self.low, self.over), (self.high, self.under))
            for two in ((other.low, other.over), (other.high, other.under))
        ]
        if any(math.isnan(value) for value, _ in corners):
            return Range()
        low, high = min(value for value, _ in corners), max(value for value, _ in corners)
        over = all(off for value, off in corners if value == low)
        under = all(off for value, off in corners if value == high)
        # zeros inside of a range are reached though no corner is
        inside = any(part.low < 0.0 < part.high for part in (self, other))
        return Range(low, high, over and not (inside and low == 0.0), under and not (inside and high == 0.0))

    def reciprocal(self) -> Range:
        """Return the range of ``1 / x``; any number if x may be 0."""
        if self.negative().positive:
            return self.negative().reciprocal().negative()
        if not self.positive:
            return Range()
        low, high = (1.0 / end if end > 0.0 else math.inf for end in (self.high, self.low))
        return Range(low, high, self.under, self.over)

    def power(self, exponent: int) -> Range:
        """Return the range of a power with a whole exponent."""
        if exponent < 0:
            return self.power(-exponent).reciprocal()
        if exponent == 0:
            return Range(1.0, 1.0, over=False, under=False)
        if exponent % 2:
            return self.image(partial(_power, exponent=exponent))
        if self.low < 0.0 < self.high:
            size = max(-self.low, self.high)
            under = all(
                off for value, off in ((-self.low, self.over), (self.high, self.under)) if value == size
            )
            return Range(0.0, _power(size, exponent), over=False, under=under)
        side = self if self.low >= 0.0 else self.negative()
        return side.image(partial(_power, exponent=exponent))

    def image(self, function: Callable[[float], float]) -> Range:
        """Return the range of a function that never falls."""
        return Range(_value(function, self.low), _value(function, self.high), self.over, self.under)


def hull(parts: Iterable[Range]) -> Range:
    """Return a range of the entries of several arrays; any number if there is none.

    Examples
    --------
    >>> hull([Range.of(1.0), Range.of([-2.0, 3.0])]).low
    -2.0
    """
    found = list(parts)
    whole = found[0] if found else Range()
    for part in found[1:]:
        whole = whole.hull(part)
    return whole


def _sum_above(one: Range, two: Range) -> tuple[float, bool]:
    """Return the lower bound of a sum, and whether it stays above."""
    low, over = one.low + two.low, one.over or two.over
    if math.isnan(low):
        return -math.inf, False
    if math.isinf(low):
        return low, all(part.over for part in (one, two) if part.low == low)
    # a constant that rounding swallows keeps nothing off zero
    if 0.0 < low < LEAST * max(1.0, abs(one.low), abs(two.low)) and min(one.low, two.low) <= 0.0:
        return 0.0, any(part.over and part.low == 0.0 for part in (one, two))
    return low, over


def _corner(one: tuple[float, bool], two: tuple[float, bool]) -> tuple[float, bool]:
    """Return the product of two bounds, and whether it is not reached."""
    for (value, off), (other, _) in ((one, two), (two, one)):
        if value == 0.0 and not off:
            return (math.nan, False) if math.isinf(other) and not (one[1] or two[1]) else (0.0, False)
    value = 0.0 if 0.0 in (one[0], two[0]) else one[0] * two[0]
    return value, one[1] or two[1]


def _value(function: Callable[[float], float], x: float) -> float:
    """Return a value of a rising function; its limit where it is too large, or where its pole is."""
    try:
        return function(x)
    except OverflowError:
        return math.copysign(math.inf, x)
    except ValueError:  # below the pole of a logarithm or a root
        return -math.inf


def _power(x: float, exponent: int) -> float:
    return math.pow(x, exponent)


def _exp2(x: float) -> float:
    return math.pow(2.0, x)


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0


def _softplus(x: float) -> float:
    return x if x > 40.0 else math.log1p(math.exp(x))


def _rising(function: Callable[[float], float]) -> Callable[[Range], Range]:
    return lambda x: x.image(function)


def _within(low: float, high: float) -> Callable[[Range], Range]:
    return lambda _: Range(low, high, over=False, under=False)


def log_sigmoid(x: Range) -> Range:
    """Return the range of the logarithm of a sigmoid."""
    return x.negative().image(_softplus).negative()


#: Functions of one number: the range of their values. Where they have a pole, x is known to be off it.
OF_ONE: dict[str, Callable[[Range], Range]] = {
    "atan": _rising(math.atan),
    "asinh": _rising(math.asinh),
    "cos": _within(-1.0, 1.0),
    "cosh": lambda x: Range(1.0, math.inf, over=False, under=x.finite),
    "erf": _rising(math.erf),
    "erfc": lambda x: x.image(math.erf).negative().plus(Range.of(1.0)),
    "exp": _rising(math.exp),
    "exp2": _rising(_exp2),
    "expm1": _rising(math.expm1),
    "log": _rising(math.log),
    "log1p": _rising(math.log1p),
    "logistic": _rising(_logistic),
    "neg": Range.negative,
    "reciprocal": Range.reciprocal,
    "rsqrt": lambda x: x.image(math.sqrt).reciprocal(),
    "sigmoid": _rising(_logistic),
    "sin": _within(-1.0, 1.0),
    "sinh": _rising(math.sinh),
    "softplus": _rising(_softplus),
    "sqrt": _rising(math.sqrt),
    "square": lambda x: x.power(2),
    "tanh": _rising(math.tanh),
}

#: Functions of one number with a pole, or an end without derivatives: which numbers are off it.
OFF_POLE: dict[str, Callable[[Range], bool]] = {
    "log": lambda x: x.positive,
    "log1p": lambda x: replace(x, low=x.low + 1.0).positive,
    "reciprocal": lambda x: x.nonzero,
    "rsqrt": lambda x: x.positive,
    "sqrt": lambda x: x.positive,
}


def power_is_smooth(base: Range, exponent: Range) -> bool:
    """Whether a power has second derivatives: the base is positive, or the exponent a whole number.

    Examples
    --------
    >>> power_is_smooth(Range(), Range.of(2.0)), power_is_smooth(Range(), Range.of(1.5))
    (True, False)
    """
    if base.positive:
        return True
    whole = exponent.low == exponent.high and float(exponent.low).is_integer()
    return whole and (exponent.low >= 0.0 or base.nonzero)


def power_of(base: Range, exponent: Range) -> Range:
    """Return the range of a power.

    Examples
    --------
    >>> power_of(Range.of([1.0, 3.0]), Range.of(2.0)).high
    9.0
    """
    if exponent.low == exponent.high and float(exponent.low).is_integer():
        return base.power(int(exponent.low))
    return Range(0.0, math.inf) if base.positive and base.finite and exponent.finite else Range()
