"""Numbers in few digits, rounded to the side that what is said of them needs.

"At most 0.12" is false of 0.1234. Whoever prints a bound prints it by these functions, and never by a format, which
rounds to nearest. A float that few digits read back as, like 0.1, is written in them.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction


def outward(value: float | Fraction, digits: int, *, above: bool) -> Decimal:
    """Return a finite number in so many digits, never below it, or never above it.

    Examples
    --------
    >>> outward(0.1201, 2, above=True), outward(-0.1201, 2, above=True), outward(Fraction(2, 3), 3, above=False)
    (Decimal('0.13'), Decimal('-0.12'), Decimal('0.666'))
    """
    exact = Fraction(value)
    context = Context(prec=digits, rounding=ROUND_CEILING if above else ROUND_FLOOR)
    return context.divide(Decimal(exact.numerator), Decimal(exact.denominator))


def digits_above(value: float | Fraction, digits: int = 9) -> str:
    """Return a number in at most so many digits that are not below it: for what is "at most" this.

    Examples
    --------
    >>> digits_above(0.1234567894), digits_above(2.0), digits_above(-2 / 3, 3), digits_above(1.00001e-7, 2)
    ('0.12345679', '2', '-0.666', '1.1e-07')
    >>> digits_above(123456.0, 3), digits_above(0.0), digits_above(float("inf"))
    ('1.24e+05', '0', 'inf')
    """
    return _shown(value, digits, above=True)


def digits_below(value: float | Fraction, digits: int = 9) -> str:
    """Return a number in at most so many digits that are not above it: for what is "at least" this.

    Examples
    --------
    >>> digits_below(0.1234567897), digits_below(2.0), digits_below(-2 / 3, 3)
    ('0.123456789', '2', '-0.667')
    """
    return _shown(value, digits, above=False)


def _shown(value: float | Fraction, digits: int, *, above: bool) -> str:
    """Return a number rounded to one side, as the format ``g`` writes it."""
    if not isinstance(value, Fraction):
        nearest = f"{value:.{digits}g}"
        if (
            not math.isfinite(value)
            or (Fraction(nearest) if isinstance(value, int) else float(nearest)) == value
        ):
            return nearest
    rounded = outward(value, digits, above=above)
    if not rounded:
        return "0"
    power = rounded.adjusted()
    if -4 <= power < digits:
        return _trimmed(f"{rounded:f}")
    return f"{_trimmed(f'{rounded.scaleb(-power):f}')}e{power:+03d}"


def _trimmed(text: str) -> str:
    """Return decimals without zeros at their end."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals_above(value: float | Fraction, places: int) -> str:
    """Return a number in at most so many decimal places that are not below it; very large ones in nine digits.

    Examples
    --------
    >>> decimals_above(12.341, 2), decimals_above(0.1, 6), decimals_above(3.0, 2), decimals_above(-0.125, 2)
    ('12.35', '0.1', '3', '-0.12')
    >>> decimals_above(1.23e300, 2)
    '1.23e+300'
    """
    if not -(10**9) < value < 10**9:  # NaN is not
        return digits_above(value)
    text = f"{float(value):.{places}f}"
    if isinstance(value, Fraction) or float(text) != value:
        text = f"{Decimal(math.ceil(Fraction(value) * 10**places)).scaleb(-places):f}"
    return _trimmed(text)
