"""Rationals as floats, rounded to the side that a claim needs."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.sums import loses_units

_DIGITS = 6
_WHOLE = re.compile(r"[+-]?[0-9]+")
#: A decimal number in ASCII, as a pattern that takes a word apart in one way only.
DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_DECIMAL = re.compile(DECIMAL)


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


def exact_digits(x: float) -> str:
    """Return a number in six digits where they are all of it, else in as many as it has.

    Examples
    --------
    >>> exact_digits(3.0), exact_digits(0.125), exact_digits(1234567.0), exact_digits(2.0**-30)
    ('3', '0.125', '1234567', '9.313225746154785e-10')
    """
    short = f"{x:g}"
    return short if float(short) == x else repr(x).removesuffix(".0")


def plain_number(value: Fraction) -> int | float:
    """Return a rational as an int where it is one, else correctly rounded to float64.

    Examples
    --------
    >>> plain_number(Fraction(6, 2)), plain_number(Fraction(1, 3))
    (3, 0.3333333333333333)
    """
    return value.numerator if value.denominator == 1 else float(value)


def exact_decimal(word: str) -> Fraction:
    """Return the exact value of a number in text, if float64 holds a number near it.

    The nearest float is asked first: the exact value of ``1e200000000`` has 200 million digits.

    Raises
    ------
    InputError
        The number is beyond the range of float64, or so small that it would be 0.
    ValueError
        The text is no decimal number, or one of more digits than Python converts.

    Complexity
    ----------
    Quadratic in the length of the text.

    Examples
    --------
    >>> exact_decimal("0.1"), exact_decimal("-2.5e3")
    (Fraction(1, 10), Fraction(-2500, 1))
    >>> exact_decimal("1e200000000")
    Traceback (most recent call last):
    derandkit.errors.InputError: '1e200000000' is too large for float64
    """
    if not _DECIMAL.fullmatch(word):
        raise ValueError(f"{word!r:.60} is not a number")
    nearest = float(word)
    if math.isinf(nearest):
        raise InputError(f"{word[:60]!r} is too large for float64")
    if nearest == 0.0:
        if re.search("[1-9]", re.split("[eE]", word)[0]):
            raise InputError(f"{word[:60]!r} is too small for float64")
        return Fraction(0)
    return Fraction(word)


def decimal(word: str) -> float:
    """Return a number in text as float64; ``inf`` and ``nan`` are left to the caller, spellings of Python are refused.

    Raises
    ------
    ValueError
        It is none.

    Examples
    --------
    >>> decimal("-2.5e3"), decimal("inf")
    (-2500.0, inf)
    """
    if not word.isascii() or "_" in word:
        raise ValueError(f"{word!r:.60} is not a number")
    return float(word)


def whole_number(word: str) -> int:
    """Return an integer in text: a sign and decimal digits of ASCII, where ``int`` takes ``1_0`` and other digits too.

    Raises
    ------
    ValueError
        It is none, or has more digits than Python converts.

    Examples
    --------
    >>> whole_number("-12")
    -12
    >>> whole_number("1_0")
    Traceback (most recent call last):
    ValueError: '1_0' is no whole number
    """
    if not _WHOLE.fullmatch(word):
        raise ValueError(f"{word!r:.60} is no whole number")
    return int(word)


def held_sum(total: Fraction, what: str) -> float:
    """Return a sum of coefficients correctly rounded, if that loses no units (`derandkit.numerics.sums.loses_units`).

    Raises
    ------
    InputError
        It does.
    OverflowError
        The sum is beyond the range of float64.

    Examples
    --------
    >>> held_sum(Fraction(1, 3), "offset")
    0.3333333333333333
    >>> held_sum(10**16 + Fraction(9, 10), "offset")
    Traceback (most recent call last):
    derandkit.errors.InputError: the numbers of the offset add up to about 1e+16, which is not exact in float64; ...
    """
    nearest = float(total)
    if loses_units(total):
        raise InputError(
            f"the numbers of the {what} add up to about {nearest:.6g}, which is not exact in float64; give one number"
        )
    return nearest


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
