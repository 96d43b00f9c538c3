"""A number that is known to an interval: whether a claim agrees with it, and how far off it may be in words.

What a line of the report prints behind ``+-`` is all that a claim may be off by, in one place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from derandkit.certificates.checks import vague
from derandkit.numerics.rounding import float_above, float_below
from derandkit.words.digits import outward

#: Half the distance from 1 to the next float.
UNIT = 2.0**-53
#: Distance of numbers below the normal ones.
LEAST = math.ldexp(1.0, -1074)


@dataclass(frozen=True)
class Interval:
    """Two numbers between which a real number lies.

    Parameters
    ----------
    low, high : float
        The ends; a number that overflowed is nowhere (NaN), and nothing agrees with it.
    spare : float
        What whoever claims the number may lose by computing it in doubles, beside the rounding of the number itself.

    Examples
    --------
    >>> third = Interval.around(Fraction(1, 3), 1e-9)
    >>> third.contains(0.333333333), third.contains(0.3334), third.shown()
    (True, False, '0.3333333333333333 +- 2.1e-9')
    """

    low: float
    high: float
    spare: float = 0.0

    @classmethod
    def around(cls, centre: Fraction, radius: float) -> Interval:
        """Return the interval of numbers at most `radius` from a rational; a claim may lose as much again."""
        if not math.isfinite(radius):
            return cls(math.nan, math.nan)
        width = Fraction(radius)
        return cls(float_below(centre - width), float_above(centre + width), radius)

    @property
    def slack(self) -> float:
        """How far outside a claim may be: what its own computation loses, and the rounding of the number itself."""
        return self.spare + 4.0 * UNIT * max(abs(self.low), abs(self.high)) + 8.0 * LEAST

    def contains(self, claim: object) -> bool:
        """Whether a claim agrees: a finite float within the interval, or outside it by no more than `slack`."""
        if type(claim) is not float or not math.isfinite(claim):
            return False
        return self.low - self.slack <= claim <= self.high + self.slack

    def says_nothing(self, *others: float) -> bool:
        """Whether an agreeing claim means nothing beside the numbers that it is compared with (`checks.vague`)."""
        return vague((self.high - self.low) + self.slack, max(abs(self.middle), *map(abs, others)))

    @property
    def middle(self) -> float:
        """A number in the interval, to be shown."""
        return self.low + 0.5 * (self.high - self.low)

    def shown(self) -> str:
        """Return the middle and how far from it a claim may be: all of that, with its digits rounded up."""
        away = max(self.high - self.middle, self.middle - self.low) + self.slack
        # an end and its slack are added up with a rounding, and so are these
        away += 2.0 * UNIT * (away + max(abs(self.low), abs(self.high)))
        return f"{self.middle!r} +- {rounded_up(away)}"


def rounded_up(size: float) -> str:
    """Return a number that is not negative with two digits, never below it.

    Examples
    --------
    >>> rounded_up(0.1201), rounded_up(5e-324), rounded_up(0.0), rounded_up(12345.0), rounded_up(math.nan)
    ('0.13', '5.0e-324', '0', '1.3e+4', 'nan')
    """
    if not math.isfinite(size):
        return str(size)
    return f"{outward(size, 2, above=True):.2g}"


def never_below(exact: Fraction) -> str:
    """Return an upper bound in digits that are not below it.

    Examples
    --------
    >>> never_below(Fraction(2469135780243000)), never_below(Fraction(1, 3))
    ('2469135780243000', '0.33333333333333337')
    """
    return str(exact) if exact.denominator == 1 else repr(float_above(exact))


def is_rounded(claim: object, exact: Fraction) -> bool:
    """Whether a float is a rational that is not negative, but for a few roundings of the claim's own computation.

    Examples
    --------
    >>> is_rounded(0.1, Fraction(1, 10)), is_rounded(0.1, Fraction(1, 9)), is_rounded(-0.0, Fraction(0))
    (True, False, False)
    """
    if type(claim) is not float or not math.isfinite(claim) or math.copysign(1.0, claim) < 0.0 or exact < 0:
        return False
    least = Fraction(LEAST) if exact else 0
    return abs(Fraction(claim) - exact) <= Fraction(8.0 * UNIT) * exact + least
