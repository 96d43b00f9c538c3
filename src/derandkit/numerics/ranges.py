"""Numbers that float64 cannot hold, found in texts that other libraries parse.

Parsers of XML, GML, JSON and Python literals turn ``1e-400`` into 0 and ``1e400`` into infinity without a word. Where a
graph that they made has such a weight, its text is searched for a number that explains it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike

from derandkit.errors import InputError
from derandkit.numerics.rounding import DECIMAL
from derandkit.numerics.typing import FloatArray, IntArray

_NUMBER = re.compile(rb"(?<![\w.+-])" + DECIMAL.encode() + rb"(?![\w.])")
#: What a text has if a number in it may be too small for float64: an exponent of three digits, or very many digits.
MAY_VANISH = re.compile(rb"[eE]-0*[0-9]{3}|[0-9.]{200}")
#: Numbers of an array that may be asked for.
MOST_ENTRIES = 1 << 40
_ROUNDED = "not exact in float64"
_DIGITS = 16  # of the least number that it can be said of
#: How a number beyond 2^53 begins that has a point or an exponent and more digits than double precision.
_LARGE = re.compile(rb"(?<![\w.])(?:[0-9]{16,}\.|[0-9.]{16,}[eE]\+?[0-9]{2})")
_BARE = re.compile(DECIMAL.encode())
_SHORTEST = 300  # digits of a number without exponent that float64 cannot hold


def fault_of(token: bytes, value: float) -> str | None:
    """Say what is wrong with the float64 number that was made of a token; None if nothing is.

    Examples
    --------
    >>> fault_of(b"1e-400", 0.0), fault_of(b"0e9", 0.0), fault_of(b"-1e400", float("-inf"))
    ('too small for float64', None, 'too large for float64')
    """
    if math.isinf(value):
        return "too large for float64"
    if value == 0.0 and re.search(rb"[1-9]", re.split(rb"[eE]", token)[0]):
        return "too small for float64"
    if abs(value) >= 2.0**53 and loses_digits(token.decode("ascii", "replace"), value):
        return _ROUNDED
    return None


def loses_digits(word: str, value: float) -> bool:
    """Whether the text of a whole number beyond 2^53 means another one than the double that was made of it.

    A number in digits alone is meant exactly. One with a point or an exponent is lost only if its double is written
    otherwise: ``6.022e23`` is the shortest text of its double, and no other text of as many digits has that double.

    Examples
    --------
    >>> loses_digits("9007199254740993", 2.0**53), loses_digits("9007199254740993.0", 2.0**53)
    (True, True)
    >>> loses_digits("6.022e23", 6.022e23), loses_digits("1e300", 1e300), loses_digits("9007199254740993.5", 2.0**53)
    (False, False, False)
    """
    if not 2.0**53 <= abs(value) < math.inf:
        return False
    if word.lstrip("+-").isdigit():
        return Decimal(word) != Decimal(value)
    exact = Decimal(word)
    return exact == exact.to_integral_value() and exact not in (Decimal(value), Decimal(repr(value)))


def refuse_entries(what: str, *sizes: int) -> None:
    """Refuse an array of more numbers than any memory holds, before it is asked for.

    Raises
    ------
    InputError
        Says what it would have been.

    Examples
    --------
    >>> refuse_entries("the samples", 1000, 20)
    >>> refuse_entries("the samples", 10**400, 20)
    Traceback (most recent call last):
    derandkit.errors.InputError: the samples would be more than 2^40 numbers, which no memory holds
    """
    if math.prod(map(int, sizes)) > MOST_ENTRIES:
        raise InputError(f"{what} would be more than 2^40 numbers, which no memory holds")


def may_vanish(text: bytes, values: FloatArray | IntArray) -> bool:
    """Whether a zero among the blank-separated numbers of a text stands for one that float64 cannot hold.

    Examples
    --------
    >>> import numpy as np
    >>> may_vanish(b"1e-400 1", np.array([0.0, 1.0])), may_vanish(b"0.0 1e-300", np.array([0.0, 1e-300]))
    (True, False)
    """
    if values.all() or not MAY_VANISH.search(text):
        return False
    tokens = text.split()
    return any(fault_of(tokens[k], 0.0) is not None for k in (values == 0).nonzero()[0].tolist())


def exact_or_decimal(text: str) -> float | Decimal:
    """Return a number of JSON as float, or as it is written where float64 cannot hold it.

    Raises
    ------
    InputError
        Its exponent has 18 digits or more.

    Examples
    --------
    >>> exact_or_decimal("2.50"), exact_or_decimal("1e-400")
    (2.5, Decimal('1E-400'))
    """
    value = float(text)
    if fault_of(text.encode(), value) is None:
        return value
    try:
        return Decimal(text)
    except ArithmeticError:  # an exponent that Decimal cannot hold either
        raise InputError(f"number {text:.60} is too large or too small for float64") from None


def refuse_out_of_range(data: bytes, values: Iterable[object], what: str = "weight") -> None:
    r"""Refuse a text with a number that float64 cannot hold, if one of the weights made of it is zero or infinite.

    Parameters
    ----------
    data : bytes
        The text.
    values : iterable
        The weights that a library made of it.
    what : str
        What they are, for the message.

    Raises
    ------
    InputError
        It names the number and its line.

    Notes
    -----
    O(weights), and O(text) where some weight is zero or infinite.

    Examples
    --------
    >>> refuse_out_of_range(b'<data>\n1e-400</data>', [0.0])
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:2: weight '1e-400' is too small for float64; scale the weights
    """
    given = [value for value in values if isinstance(value, float)]
    large = {abs(value) for value in given if 2.0**53 <= abs(value) < math.inf}
    far = any(value == 0.0 or math.isinf(value) for value in given)
    if not far and not large:
        return
    for found in _NUMBER.finditer(data):
        token = found[0]
        short = len(token) < (_DIGITS if large else _SHORTEST) and b"e" not in token and b"E" not in token
        value = math.nan if short else float(token)
        fault = fault_of(token, value)
        if fault == _ROUNDED and abs(value) not in large:  # it may be a name
            continue
        if fault is not None:
            shown = token.decode() if len(token) <= 40 else token[:37].decode() + "..."
            raise InputError(
                f"{what} {shown!r} is {fault}; scale the {what}s",
                line=data.count(b"\n", 0, found.start()) + 1,
            )


def refuse_vanishing(data: bytes, what: str = "weight") -> None:
    r"""Refuse a text with a number that float64 rounds to zero, or to another whole number, wherever it stands.

    Parameters
    ----------
    data : bytes
        The text.
    what : str
        What the numbers are, for the message.

    Raises
    ------
    InputError
        It names the number and its line.

    Notes
    -----
    O(text); numbers are looked at one by one only where some exponent has three digits.

    Examples
    --------
    >>> refuse_vanishing(b"0 1 1e-300\n")
    >>> refuse_vanishing(b"0 1 1e-400\n")
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: weight '1e-400' is too small for float64; scale the weights
    >>> refuse_vanishing(b"0 1 9007199254740993.0\n")
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: weight '9007199254740993.0' is not exact in float64; scale the weights
    """
    if MAY_VANISH.search(data) is not None:
        refuse_out_of_range(data, [0.0], what)
    for begin in _LARGE.finditer(data):
        token = _BARE.match(data, begin.start())
        if token is not None and fault_of(token[0], value := float(token[0])) is not None:
            refuse_out_of_range(data[: token.end()], [value], what)


def refuse_rounded_values(data: bytes, numbers: ArrayLike, what: str = "weight") -> None:
    """Refuse a text with a whole number that is another one among the doubles that a library made of it.

    Raises
    ------
    InputError
        It names the number and its line.

    Examples
    --------
    >>> refuse_rounded_values(b"9007199254740993", np.array([2.0**53]))
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: weight '9007199254740993' is not exact in float64; scale the weights
    """
    values = np.asarray(numbers)
    if values.dtype.kind == "f":
        refuse_out_of_range(data, values[np.abs(values) >= 2.0**53].tolist(), what)


@contextmanager
def sums_in_range() -> Iterator[None]:
    """Turn an overflow of sums of coefficients within a block into one line.

    Raises
    ------
    InputError
        A sum is beyond the greatest double.

    Examples
    --------
    >>> with sums_in_range():
    ...     float(10**400)
    Traceback (most recent call last):
    derandkit.errors.InputError: the coefficients are so large that their sum overflows; scale them down
    """
    try:
        yield
    except OverflowError:
        raise InputError("the coefficients are so large that their sum overflows; scale them down") from None


def scaled_by(weight: float, exponent: int) -> float:
    """Return ``weight * 2**exponent``; infinite, with its sign, beyond the doubles.

    Examples
    --------
    >>> scaled_by(3.0, 2), scaled_by(1e300, 1000), scaled_by(-1e300, 1000)
    (12.0, inf, -inf)
    """
    try:
        return math.ldexp(weight, exponent)
    except OverflowError:
        return math.copysign(math.inf, weight)
