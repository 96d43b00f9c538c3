"""Results as text: aligned tables for people, tab-separated lines for programs.

Every number says what it is: exact (recomputed from the sides), certified (proven), or estimated.
"""

from __future__ import annotations

import html
import math
import os
import sys
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Sized
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from derandkit.words.digits import digits_above, digits_below
from derandkit.words.quoting import printable

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

Item = TypeVar("Item", bound="Hashable")

#: Characters a line where nothing says how wide the screen is; and below that no cell is wrapped any further.
WIDTH, NARROW = 80, 24


class Tabled(ABC):
    """What is shown as a table, as text by ``print`` and as HTML by a notebook; dataclasses are equal by content.

    Examples
    --------
    >>> class Pair(Tabled):
    ...     def table_rows(self):
    ...         return [("first", "1"), ("second", "2")]
    ...
    ...     def __repr__(self):
    ...         return "Pair(1, 2)"
    >>> print(Pair())
    first   1
    second  2
    >>> print(Pair()._repr_html_().splitlines()[1])
    <p><code>Pair(1, 2)</code></p>
    """

    __slots__ = ()

    @abstractmethod
    def table_rows(self) -> Sequence[tuple[str, ...]]:
        """Return the rows of the table."""

    def __str__(self) -> str:
        return aligned(self.table_rows())

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self is other or (is_dataclass(self) and _alike(_fields(self), _fields(other)))

    def __hash__(self) -> int:
        return hash((type(self).__name__, repr(self)))

    def _repr_html_(self) -> str:
        return html_table(repr(self), self.table_rows())


def _fields(item: object) -> dict[str, object]:
    return {field.name: getattr(item, field.name) for field in fields(item)}  # type: ignore[arg-type]


def _alike(one: object, other: object) -> bool:
    """Whether two parts of a result have the same content; arrays must have the same bytes."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_alike, one, other))
    if hasattr(one, "tobytes"):  # an array
        return all(getattr(one, name) == getattr(other, name) for name in ("shape", "dtype")) and (
            one.tobytes() == other.tobytes()  # type: ignore[attr-defined]
        )
    if hasattr(one, "digest"):  # a graph or a model
        return bool(one.digest == other.digest)  # type: ignore[attr-defined]
    return _alike(_fields(one), _fields(other)) if is_dataclass(one) else one == other


def bound_row(
    claim: str, bound: str, status: str, how: str = "", chance: float | None = None
) -> tuple[str, str]:
    """Return the row of a bound in a table: what it claims, if it is proven or tested, and the number with its status.

    Parameters
    ----------
    claim : str
        What a certified bound says, as ``"no cut is above"``.
    bound : str
        The number.
    status : {"certified", "tested", "estimated"}
        What it is.
    how : str
        How it was found; empty if that is not said.
    chance : float, optional
        The error probability of a test.

    Examples
    --------
    >>> bound_row("no cut is above", "12.5", "certified", "lanczos")
    ('no cut is above', '12.5 (certified, lanczos)')
    >>> bound_row("no cut is above", "12.5", "tested", chance=1e-9)
    ('no cut is above', '12.5 (tested, error probability 1e-09 when verified)')
    >>> bound_row("no cut is above", "12.5", "estimated")
    ('bound', '12.5 (estimated, a better solution is not ruled out)')
    """
    remark = ""
    if status == "tested":
        remark = (
            "error probability in the record"
            if chance is None
            else f"error probability {digits_above(chance, 3)} when verified"
        )
    elif status == "estimated":
        claim, remark = "bound", "a better solution is not ruled out"
    return claim, f"{bound} ({', '.join(part for part in (status, how, remark) if part)})"


def terminal_width() -> int:
    """Return how many characters fit on a line: ``COLUMNS``, else what the terminal says, else 80.

    A pipe or a file gets 80, so that what is written there does not depend on a screen.
    """
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or WIDTH
    except (OSError, ValueError, AttributeError):  # no terminal, a closed stream, or a stream that is no file
        return WIDTH


def aligned(rows: Iterable[Sequence[str]], *, indent: str = "", width: int | None = None) -> str:
    """Join rows of cells into lines whose columns start at the same place; cells are escaped by `printable`.

    Parameters
    ----------
    rows : iterable of sequences of str
        The cells of each row; a row of empty cells is an empty line, a row of one cell a heading above all columns.
    indent : str
        Stands before every line.
    width : int, optional
        Characters a line; by default `terminal_width`. The last cell of a row is continued on the next line where it is
        too long, at blanks only: a long word sticks out rather than break.

    Examples
    --------
    >>> print(aligned([("a", "1"), ("long", "2")]))
    a     1
    long  2
    >>> print(aligned([("a", "1"), ("long", "a cell that is long, with 6 words in it")], width=30))
    a     1
    long  a cell that is long,
          with 6 words in it
    """
    table = [list(map(printable, row)) for row in rows]
    columns = max(map(len, table), default=0)
    widths = [max((len(row[k]) for row in table if k < len(row) > 1), default=0) for k in range(columns)]
    line_width = terminal_width() if width is None else width
    lines = []
    for row in table:
        start = indent + "".join(
            cell.ljust(size) + "  " for cell, size in zip(row[:-1], widths, strict=False)
        )
        room = line_width - len(start)
        last = row[-1] if row else ""
        parts = [last] if len(last) <= room or room < NARROW else _wrapped(last, room)
        for k, part in enumerate(parts):
            lines.append(((start if k == 0 else " " * len(start)) + part).rstrip())
    return "\n".join(lines)


def html_table(title: str, rows: Iterable[Sequence[str]], picture: str | None = None) -> str:
    """Return a small table as HTML; every cell is escaped, the picture is inserted as it is.

    Examples
    --------
    >>> print(html_table("Result(a < b)", [("cut", "1 & 2")]))
    <div class="derandkit">
    <p><code>Result(a &lt; b)</code></p>
    <table>
    <tr><th style="text-align:left;white-space:nowrap">cut</th><td style="text-align:left">1 &amp; 2</td></tr>
    </table>
    </div>
    """
    left, name_style = ' style="text-align:left"', ' style="text-align:left;white-space:nowrap"'
    lines = ['<div class="derandkit">', f"<p><code>{html.escape(printable(title))}</code></p>", "<table>"]
    for name, *texts in rows:
        cells = "".join(f"<td{left}>{html.escape(printable(text))}</td>" for text in texts)
        lines.append(f"<tr><th{name_style}>{html.escape(printable(name))}</th>{cells}</tr>")
    lines.append("</table>")
    if picture is not None:
        lines.append(picture)
    return "\n".join([*lines, "</div>"])


def paragraph(text: str, *, width: int | None = None) -> str:
    """Return a text, escaped by `printable`, in lines of the width of the terminal; all but the first are indented.

    Examples
    --------
    >>> print(paragraph("lemma: at least the expected cut", width=26))
    lemma: at least the
      expected cut
    """
    text = printable(text)
    line_width = max(NARROW, terminal_width() if width is None else width)
    return "\n  ".join(_wrapped(text, line_width - 2)) if len(text) > line_width else text


def _wrapped(text: str, room: int) -> list[str]:
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)


def number(value: float, digits: int = 9) -> str:
    """Format a number for people: integers whole, others to nearest in nine digits; a bound is for `bounding`.

    Examples
    --------
    >>> number(12), number(4.52254248593)
    ('12', '4.52254249')
    """
    return str(value) if isinstance(value, int) else f"{value:.{digits}g}"


def bounding(value: float, *, above: bool, digits: int = 9) -> str:
    """Format a bound as `number` does, never on the wrong side of it.

    Parameters
    ----------
    value : int or float
        The bound.
    above : bool
        Whether it is an upper bound.
    digits : int
        Digits of a number that is not whole.

    Examples
    --------
    >>> bounding(12, above=True), bounding(0.1234567894, above=True), bounding(0.1234567896, above=False)
    ('12', '0.12345679', '0.123456789')
    """
    if isinstance(value, int):
        return str(value)
    return digits_above(value, digits) if above else digits_below(value, digits)


def told_apart(value: float, bound: float, *, above: bool, digits: int = 9) -> tuple[str, str]:
    """Return a value and a bound on it with as many digits as it takes to see that they differ, if they do.

    The bound is rounded to its own side. One that is met is written as the value is, with all of its digits if fewer
    would be on the other side.

    Examples
    --------
    >>> told_apart(5, 5.000000001, above=True), told_apart(0.5, 0.5, above=True)
    (('5', '5.000000001'), ('0.5', '0.5'))
    >>> told_apart(5.9402125995281825, 5.940212599528206, above=True)
    ('5.94021259952818', '5.94021259952821')
    >>> told_apart(0.1234567894, 0.1234567894, above=True), told_apart(0.1234567894, 0.1234567894, above=False)
    (('0.1234567894', '0.1234567894'), ('0.123456789', '0.123456789'))
    >>> told_apart(2**53 + 1, 2**53 + 1, above=True)
    ('9007199254740993', '9007199254740993')
    """
    if value == bound:
        text = number(value, digits)
        if not isinstance(value, int) and (float(text) < value if above else float(text) > value):
            text = str(value)
        return text, text
    # rounded to its side it may look apart from afar: as many digits as part the nearest ones
    while number(value, digits) == number(bound, digits) and digits < 17:
        digits += 1
    return number(value, digits), bounding(bound, above=above, digits=digits)


def percent_above(share: float | Fraction, digits: int = 4) -> str:
    """Return a share as a percentage that is never below it: rounded up, or "under" the last digit.

    Examples
    --------
    >>> percent_above(0.04000001), percent_above(2.2e-16), percent_above(0.0), percent_above(1.2e-5, digits=3)
    ('4.0001%', 'under 0.0001%', '0%', '0.002%')
    """
    if not math.isfinite(share):
        return f"{share}%"
    unit = Fraction(1, 10 ** (digits + 2))
    exact = Fraction(share)
    if exact == 0:
        return "0%"
    if 0 < exact < unit:
        return f"under {float(100 * unit):.{digits}f}%"
    return f"{float(100 * unit * math.ceil(exact / unit)):.{digits}f}%"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun in singular or plural.

    Examples
    --------
    >>> counted(1, "vertex", "vertices"), counted(0, "edge"), counted(2, "edge")
    ('1 vertex', '0 edges', '2 edges')
    """
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def counted_open(count: int, left: int, which: str = "") -> str:
    """Return how many cases there are and how many of them are open; `which` says more of all of them.

    Examples
    --------
    >>> counted_open(55, 3), counted_open(1, 0, "bounded by flows")
    ('55 cases, 3 of them open', '1 case bounded by flows, not open')
    """
    cases = f"{counted(count, 'case')} {which}".rstrip()
    one = "open" if left else "not open"
    return f"{cases}, {one}" if count == 1 else f"{cases}, {left} of them open"


def first_names(names: Sequence[str], most: int = 8) -> str:
    """Return the first names of a list of columns in one printable line, and how many more there are.

    Examples
    --------
    >>> first_names(["age", "rooms", "price"], 2)
    'age, rooms and 1 more'
    """
    shown = printable(", ".join(names[:most]))
    shown = shown if len(shown) <= 200 else f"{shown[:200]}..."
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def repeated(items: Iterable[Item]) -> Item | None:
    """Return the first of some items that was there before, None if all are different; O(n).

    Examples
    --------
    >>> repeated(["a", "b", "a", "b"]), repeated("ab")
    ('a', None)
    """
    seen = set()
    for item in items:
        if item in seen:
            return item
        seen.add(item)
    return None


def said_of_copies(lines: Sequence[int]) -> str:
    """Say that lines repeat the names of the columns and were left out.

    Parameters
    ----------
    lines : sequence of int
        Their numbers.

    Examples
    --------
    >>> said_of_copies([7])
    'line 7 holds the names of the columns again and was left out'
    >>> said_of_copies([7, 12, 30])
    'line 7 (and 2 others) holds the names of the columns again and was left out'
    """
    more = f" (and {counted(len(lines) - 1, 'other')})" if len(lines) > 1 else ""
    return f"line {lines[0]}{more} holds the names of the columns again and was left out"


def short_repr(obj: object) -> str:
    """Return a dataclass in one line: its fields without those that are None, of arrays and long lists only the sizes.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(repr=False)
    ... class Pair:
    ...     left: object
    ...     right: object = None
    ...     __repr__ = short_repr
    >>> Pair([1, 2]), Pair(list(range(99)), "x" * 999)
    (Pair(left=[1, 2]), Pair(left=<list of 99>, right=<text of 999 characters>))
    """
    named = ((field.name, getattr(obj, field.name)) for field in fields(obj) if field.repr)  # type: ignore[arg-type]
    shown = ", ".join(f"{name}={_short(value)}" for name, value in named if value is not None)
    return f"{type(obj).__name__}({shown})"


def _short(value: object) -> str:
    """Return what stands for a value in a line: itself where it is short, else its type and size."""
    shape = getattr(value, "shape", None)
    if shape is not None and shape != ():
        return f"<array {tuple(shape)}>"
    if isinstance(value, str) and len(value) > 60:
        return f"<text of {len(value)} characters>"
    kind = type(value).__name__
    if isinstance(value, (list, tuple, dict)) and len(value) > 6:
        return f"<{kind} of {len(value)}>"
    if callable(value) and hasattr(value, "__qualname__"):
        return str(value.__qualname__)
    text = repr(value)
    if len(text) <= 120 and "\n" not in text:
        return text
    return f"<{kind} of {len(value)}>" if isinstance(value, Sized) else f"<{kind}>"
