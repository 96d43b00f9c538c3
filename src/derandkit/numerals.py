"""Numbers in text that may be something else: sizes, names of columns, thousands. Graphs and points ask here."""

from __future__ import annotations

import contextlib
import decimal
import itertools
import math
import numbers
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import SupportsFloat, cast

from derandkit.errors import InputError

#: Steps of a grid that was computed in double precision are equal within this part of the greatest number.
_ROUNDING = 1e-12
#: A number of which a point may part the thousands, or that is below a thousand.
_PARTED = re.compile(r"[+-]?(?:[1-9][0-9]{0,2}\.[0-9]{3}|0|[1-9][0-9]{0,2})")
#: Double precision has the letter D, and three digits of an exponent take the place of the letter.
_FORTRAN = re.compile(
    r"[+-]?(?:(?:[0-9]+\.[0-9]*|\.[0-9]+)[dDqQ][+-]?[0-9]{1,4}|[0-9]+[dDqQ][+-][0-9]{1,4}"
    r"|[0-9]*\.[0-9]+[+-][0-9]{3})|\*{3,}"
)
#: A constant in a comment: behind ``=`` or ``:``, or alone there, at the end of a part of the comment.
_CONSTANT = re.compile(
    r"(?i)(?<![^\W_])(?P<word>offset|constant|const|shift)(?P<between>\s*[=:]\s*|\s+(?:is\s+)?)"
    r"(?P<number>(?>[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?))(?!\w)"
)
#: What may follow a constant without ``=`` or ``:``.
_BEHIND_CONSTANT = re.compile(r"(?i)\s*(?:$|[,;)\]]|vartype\b|[a-z_][\w-]*\s*[=:])")
#: What may stand before a ``shift`` without ``=`` or ``:`` that is a constant, and not one of times or seeds.
_BEFORE_SHIFT = re.compile(
    r"(?i)(?:^[\sc#%!\\]*|[,;(]\s*|\b(?:the|energy|objective|ising|qubo|cost|model)[\s_-]+)$"
)
#: What `str.split` takes for a blank beside blanks and tabs.
_OTHER_BLANK = re.compile(r"[^\S \t]")
#: Those of ASCII, beside the ends of lines.
_ODD = "\x0b\x0c\x1c\x1d\x1e\x1f"
#: Signs of typesetting in place of a minus: that of mathematics, a dash, and one of full width.
_OTHER_MINUS = "\u2212\u2013\uff0d"
_OTHER_DIGITS = re.compile(rf"[+\-{_OTHER_MINUS}]?\d+(?:[.,\u066b\uff0e\uff0c]\d+)?")


def loose_float(value: object) -> float:
    """Return the double nearest to a number, for questions about its size: an infinity where doubles end.

    Labels may be integers, fractions or decimals of any size; weights have `exact_float` of `derandkit.graphs.weights`.

    Examples
    --------
    >>> loose_float(3), loose_float(10**400), loose_float(-(10**400)), loose_float(Decimal("sNaN"))
    (3.0, inf, -inf, nan)
    """
    try:
        return float(cast(SupportsFloat, value))
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]
    except ValueError:  # a signaling NaN
        return math.nan


def is_whole(value: object) -> bool:
    """Whether a number, or what is written as one, is whole, of any size.

    Examples
    --------
    >>> is_whole(10**400), is_whole(2.0), is_whole("1e3"), is_whole(Decimal("1e400")), is_whole(2.5), is_whole("nan")
    (True, True, True, True, False, False)
    """
    if isinstance(value, float):  # most are, or integers
        return value.is_integer()
    if isinstance(value, (int, numbers.Rational)):
        return value.denominator == 1
    if isinstance(value, Decimal):
        return value.is_finite() and value == value.to_integral_value()
    try:
        found = float(str(value))
    except ValueError:
        return False
    return found.is_integer() or (math.isinf(found) and is_whole(Decimal(str(value))))


@contextlib.contextmanager
def writable_numbers() -> Iterator[None]:
    """Refuse numbers of more digits than Python writes, and numbers that cannot be compared, wherever they come up.

    Labels are written in records and in messages, so a graph or model with such a label is of no use.

    Raises
    ------
    InputError
        It says the limit.

    Examples
    --------
    >>> with writable_numbers():
    ...     str(10**5000)
    Traceback (most recent call last):
    derandkit.errors.InputError: a number has more than 4300 digits, which Python does not write; relabel with ...
    """
    try:
        yield
    except decimal.InvalidOperation:
        raise InputError("a number is a NaN of Decimal, which cannot be compared; leave it out") from None
    except (ValueError, TypeError) as error:
        said = str(error)
        if "integer string conversion" in said:
            most = sys.get_int_max_str_digits()
            raise InputError(
                f"a number has more than {most} digits, which Python does not write; relabel with smaller numbers or "
                "with text"
            ) from None
        if "signaling NaN" in said:
            raise InputError("a number is a signaling NaN, which cannot be compared; leave it out") from None
        raise


def states_size(values: Sequence[float], rows: int, columns: int) -> bool:
    """Whether one or two numbers say how many rows and columns there are below.

    Parameters
    ----------
    values : sequence of float
        Numbers of the first line; ``5.0`` is 5.
    rows, columns : int
        What there is below.

    Examples
    --------
    >>> states_size([4.0, 2.0], 4, 2), states_size([2.0, 4.0], 4, 2), states_size([4.0], 4, 1), states_size([4.5], 4, 1)
    (True, True, True, False)
    """
    return rows > 1 and list(values) in ([rows, columns], [columns, rows], [rows])


def on_a_grid(values: Sequence[float]) -> bool:
    """Whether three numbers or more grow by equal steps, or four or more by equal factors.

    Examples
    --------
    >>> on_a_grid([0.1, 0.2, 0.30000000000000004]), on_a_grid([125.0, 250.0, 500.0, 1000.0]), on_a_grid([1.0, 2.0, 4.5])
    (True, True, False)
    """
    if len(values) < 3 or not all(map(math.isfinite, values)) or values[0] >= values[1]:
        return False
    return _equal(values) or (
        len(values) > 3 and values[0] > 0 and _equal([math.log(max(value, values[0])) for value in values])
    )


def _equal(values: Sequence[float]) -> bool:
    steps = [b - a for a, b in itertools.pairwise(values)]
    rounding = _ROUNDING * max(map(abs, values))
    return steps[0] > rounding and max(steps) - min(steps) <= 4 * rounding


def in_other_digits(text: str) -> bool:
    """Whether a text is a number in digits of another script, such as Arabic ones, or with a minus of typesetting.

    Examples
    --------
    >>> in_other_digits("\u0663"), in_other_digits("\uff11\uff0e\uff15"), in_other_digits("3"), in_other_digits("x")
    (True, True, False, False)
    >>> in_other_digits("\u22125"), in_other_digits("-5")
    (True, False)
    """
    return not text.isascii() and _OTHER_DIGITS.fullmatch(text.strip()) is not None


def other_minus(text: str) -> str | None:
    """Say what to do with a number whose minus is one of typesetting; None for any other text.

    Examples
    --------
    >>> other_minus("\u22121.5"), other_minus("-1.5") is None
    ("'\u22121.5' has a minus of typesetting; write '-'", True)
    """
    if text[:1] not in tuple(_OTHER_MINUS) or not re.fullmatch(r"[0-9.,]+(?:[eE][-+]?[0-9]+)?", text[1:]):
        return None
    return f"{text[:40]!r} has a minus of typesetting; write '-'"


def by_fortran(text: str) -> str | None:
    """Say what to do with a number that only Fortran writes so; None for any other text.

    Examples
    --------
    >>> by_fortran("1.0D+01"), by_fortran("0.5-101") == by_fortran("1D+2"), by_fortran("12D3") is None
    ("'1.0D+01' is a number as Fortran writes it; write E before the exponent", False, True)
    """
    if not _FORTRAN.fullmatch(text):
        return None
    if text.startswith("*"):
        return f"{text[:40]!r} is what Fortran writes where a number does not fit its field; write it with more places"
    return f"{text[:40]!r} is a number as Fortran writes it; write E before the exponent"


def stated_constants(comment: str) -> list[tuple[str, str]]:
    """Return the words, in small letters, and the numbers of a comment that state constants other than zero.

    Examples
    --------
    >>> stated_constants("c Constant: -5.5"), stated_constants("c the offset is 3"), stated_constants("c offset 0")
    ([('constant', '-5.5')], [('offset', '3')], [])
    >>> stated_constants("# energy_offset=5, shift 2"), stated_constants("# time shift 2, const 3-SAT")
    ([('offset', '5'), ('shift', '2')], [])
    """
    return [
        (found["word"].lower(), found["number"])
        for found in _CONSTANT.finditer(comment)
        if float(found["number"]) != 0.0
        and (found["between"].strip() in ("=", ":") or _alone(comment, found))
    ]


def _alone(comment: str, found: re.Match[str]) -> bool:
    """Whether a number without a sign before it is a constant, and not one of ``constant 5 clauses``."""
    return _BEHIND_CONSTANT.match(comment, found.end()) is not None and (
        found["word"].lower() != "shift"
        or _BEFORE_SHIFT.search(comment, max(0, found.start() - 40), found.start()) is not None
    )


def constants_of_comments(lines: Iterable[str], marks: str = "c#") -> str:
    """Say which constant a comment states in a format without one: it is no part of the values.

    Parameters
    ----------
    lines : iterable of str
        The lines of a file.
    marks : str
        The signs with which comments begin.

    Examples
    --------
    >>> constants_of_comments(["c shift 5", "p qubo 0 1 1 0", "0 0 -1"]), constants_of_comments(["c offset=0", "c x"])
    (', the shift 5 in the comment of line 1 is not counted', '')
    """
    for k, row in enumerate(lines, 1):
        for word, number in stated_constants(row) if row.lstrip()[:1] in tuple(marks) else ():
            return f", the {word} {number} in the comment of line {k} is not counted"
    return ""


def may_hold_other_blanks(text: str) -> bool:
    r"""Whether a whole text may hold what `refuse_other_blanks` refuses; a quick question, before that of each line.

    Examples
    --------
    >>> may_hold_other_blanks("1\t2\r\n"), may_hold_other_blanks("1\f2"), may_hold_other_blanks("1\u00a02")
    (False, True, True)
    """
    return not text.isascii() or any(map(text.__contains__, _ODD))


def refuse_other_blanks(line: str, number: int) -> None:
    r"""Refuse a blank inside a line that is not one of ASCII, and a form feed there, where blanks part columns.

    Parameters
    ----------
    line : str
        The line, without its comment.
    number : int
        Its number.

    Raises
    ------
    InputError
        It names the sign and both readings.

    Examples
    --------
    >>> refuse_other_blanks("1 2\u00a0", 1)
    >>> refuse_other_blanks("1\u00a0234 5", 1)
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: U+00A0 in '1\xa0234 5' may part columns, or the thousands of a number; ...
    """
    found = _OTHER_BLANK.search(line.strip())
    if found is not None:
        raise InputError(
            f"U+{ord(found[0]):04X} in {line.strip()[:60]!r} may part columns, or the thousands of a number; write "
            "plain blanks or tabs between columns, and nothing inside numbers",
            line=number,
        )


def refuse_parted(cells: Iterable[str], separator: str | None, what: str = "weight") -> None:
    """Refuse numbers whose points may all part thousands, between semicolons: these stand where commas are decimal.

    Parameters
    ----------
    cells : iterable of str
        The numbers; empty ones are missing.
    separator : str or None
        What stands between columns.
    what : str
        What the numbers are, for the message.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_parted(["1.250", "0.5"], ";")
    >>> refuse_parted(["1.250", "2"], ";")
    Traceback (most recent call last):
    derandkit.errors.InputError: between semicolons the weight '1.250' may be 1.25 or 1250; write decimals ...
    """
    if separator != ";":
        return
    one = None
    for cell in cells:
        if cell and not _PARTED.fullmatch(cell):
            return
        if one is None and "." in cell:
            one = cell
    if one is not None:
        raise InputError(
            f"between semicolons the {what} {one!r} may be {float(one):g} or {one.replace('.', '')}; write decimals "
            "with a comma, or thousands without a point"
        )
