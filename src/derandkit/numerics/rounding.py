"""Rationals as floats, rounded to the side that a claim needs."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

_DIGITS = 6


def float_above(exact: Fraction) -> float:
    """Return the smallest float that is not below a rational number; infinity beyond the range of floats.

    Examples
    --------
    >>> float_above(Fraction(1, 3)) > Fraction(1, 3), float_above(Fraction(7, 2))
    (True, 3.5)
    """
    try:
        nearest = float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.nextafter(math.inf, 0.0)
    return nearest if Fraction(nearest) >= exact else math.nextafter(nearest, math.inf)


def float_below(exact: Fraction) -> float:
    """Return the largest float that is not above a rational number.

    Examples
    --------
    >>> float_below(Fraction(1, 3)) < Fraction(1, 3)
    True
    """
    return -float_above(-exact)


def plain_number(value: Fraction) -> int | float:
    """Return a rational as an int where it is one, else correctly rounded to float64.

    Examples
    --------
    >>> plain_number(Fraction(6, 2)), plain_number(Fraction(1, 3))
    (3, 0.3333333333333333)
    """
    return value.numerator if value.denominator == 1 else float(value)


def round_down(x: float) -> float:
    """Round a non-negative number down to 6 significant digits, so that the last bits of LAPACK do not show.

    Examples
    --------
    >>> round_down(0.123456789), round_down(0.0)
    (0.123456, 0.0)
    """
    if x <= 0.0:
        return 0.0
    scale = 10.0 ** (_DIGITS - 1 - int(np.floor(np.log10(x))))
    return float(np.floor(x * scale)) / scale
