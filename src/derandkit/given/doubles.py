"""Numbers that no double equals: what double precision would make another number of."""

from __future__ import annotations

import math
import numbers
from decimal import Decimal
from typing import TYPE_CHECKING, TypeGuard

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Below this every integer is a float64, and float sums of integers are exact.
EXACT = 2.0**53
#: What to do about a whole number beyond 2^53.
NO_DOUBLE = (
    "which is not exact in double precision; subtract an offset, scale, or leave out what is no quantity"
)


def is_rounded(value: object, nearest: float) -> bool:
    """Whether a fraction, or a whole number beyond 2^53, is another one than the double nearest to it.

    Decimals and other numbers of many digits that are not whole stand for the nearest double, as texts of files do.

    Examples
    --------
    >>> from fractions import Fraction
    >>> is_rounded(2**53 + 1, 2.0**53), is_rounded(2**60, 2.0**60), is_rounded(Decimal("0.1"), 0.1)
    (True, False, False)
    >>> is_rounded(Fraction(1, 3), 1 / 3), is_rounded(Fraction(3, 8), 0.375)
    (True, False)
    """
    if isinstance(value, float) or not math.isfinite(nearest):
        return False
    if is_fraction(value):
        top, bottom = nearest.as_integer_ratio()
        return int(value.numerator) * bottom != top * int(value.denominator)
    if abs(nearest) < EXACT:
        return False
    whole = isinstance(value, numbers.Rational)
    whole = whole or (isinstance(value, np.longdouble) and value % 1 == 0)
    whole = whole or (isinstance(value, Decimal) and value == value.to_integral_value())
    return whole and int(nearest) != int(value)  # type: ignore[call-overload]


def is_fraction(value: object) -> TypeGuard[numbers.Rational]:
    """Whether a number is a quotient of whole ones and not whole itself."""
    return isinstance(value, numbers.Rational) and value.denominator != 1


def no_double(nearest: float, what: str) -> str:
    """Say that a fraction is no double, which one is nearest, and what to do."""
    return f"no double (the nearest is {nearest!r}); pass floats, or multiply {what} by a common denominator"


def first_rounded(array: NDArray[np.generic]) -> int | None:
    """Return the place of the first whole number of an array that no double equals, in the order of its rows.

    Examples
    --------
    >>> first_rounded(np.array([[1, 2**60], [2**53 + 1, 0]])), first_rounded(np.array([1.5, 2.0**60]))
    (2, None)
    """
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8:
        return None
    flat = array.ravel()
    near = flat.astype(np.float64)
    large = np.flatnonzero(np.abs(near) >= EXACT)
    listed = zip(large.tolist(), flat[large].tolist(), near[large].tolist(), strict=True)
    return next((at for at, whole, double in listed if int(double) != whole), None)
