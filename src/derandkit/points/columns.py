"""Which columns of a table are coordinates: chosen by name or number, and what looks like something else."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypedDict

import numpy as np

from derandkit.errors import InputError
from derandkit.given.rows import text_of
from derandkit.points.suspects.columns import has_mark, no_coordinate
from derandkit.points.suspects.names import refuse_twice
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray

#: Names or 1-based numbers of columns: a list, or one text with commas.
Columns: TypeAlias = str | int | Sequence[str | int] | None


class TableOptions(TypedDict, total=False):
    """How a file of points is read: what `choice` takes, by keyword."""

    columns: Columns
    drop: Columns
    label: str | int | None
    header: bool | None


#: What may be done about a column of which some entries are no coordinates.
CORRECT = "remove or correct such entries, or "
_ENOUGH_ROWS = 8  # a first column 0, 1, 2, ... of fewer rows may well be a coordinate
_NO_NAME = re.compile(r"|unnamed: [0-9]+(?:_level_[0-9]+)?|__index_level_[0-9]+__")
#: Characters of a name that a record may hold.
LONGEST_NAME = 100_000
_INDEX_NAMES = frozenset((
    "id", "index", "level_0", "row.names", "row_names", "rownames", "rowname", "row_id", "rowid", "row_number",
))  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """Which columns to read.

    Parameters
    ----------
    columns : tuple of str or None
        Only these, in this order; None for all.
    drop : tuple of str
        Not these.
    label : str or None
        Not this one; its entries are handed back as labels.
    header : bool or None
        Whether the first line of a text names the columns; None to see from the lines.
    recorded : bool
        Whether the columns are those of a record, which names a column wherever it has a name.
    target : int or None
        Position of a column that is to be predicted, and is handed back as labels: its numbers are written as those of
        the others, and whole numbers among the others are no labels.
    """

    columns: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    label: str | None = None
    header: bool | None = None
    recorded: bool = False
    target: int | None = None

    @property
    def made(self) -> bool:
        """Whether anything was chosen."""
        return (
            self.columns is not None or bool(self.drop) or self.label is not None or self.target is not None
        )

    @property
    def named(self) -> Collection[str]:
        """What columns are called, their numbers included."""
        return (*(self.columns or ()), *self.drop, *(() if self.label is None else (self.label,)))


def choice(
    columns: Columns = None,
    drop: Columns = None,
    label: str | int | None = None,
    header: bool | None = None,
) -> Choice:
    """Return a choice from names, numbers, or a text with commas.

    Examples
    --------
    >>> choice("x, y").columns, choice(drop=[1, "id"]).drop
    (('x', 'y'), ('1', 'id'))
    """
    return Choice(
        None if columns is None else _listed(columns, "columns"),
        () if drop is None else _listed(drop, "drop"),
        None if label is None else _text(label, "label"),
        header,
    )


def _listed(columns: Columns, option: str) -> tuple[str, ...]:
    if isinstance(columns, str):
        found = tuple(part.strip() for part in columns.split(","))
    elif isinstance(columns, int) or columns is None:
        found = (_text(columns, option),)
    elif not isinstance(columns, Iterable):
        raise InputError(f"{option} is a name, a number or a list of them, got a {type(columns).__name__}")
    else:
        found = tuple(_text(part, option) for part in columns)
    if not found or len(set(found)) != len(found):
        raise InputError(f"{option} is a list of different columns, got {quoted(columns)}")
    return found


def _text(column: object, option: str) -> str:
    """Return a name or a number as text."""
    try:
        return text_of(column).strip()
    except ValueError:  # Python writes no more than 4300 digits
        raise InputError(f"{option} is a name or a number of a column, got {quoted(column)}") from None


class Places:
    """Positions of columns that are given by name or by number; O(1) each, once the names were gone through.

    Parameters
    ----------
    names : sequence of str or None
        The names of all columns, "" where there is none.
    width : int
        How many columns there are.

    Examples
    --------
    >>> Places(["a", "b"], 2).of("b"), Places(None, 2).of("1")
    (1, 0)
    """

    def __init__(self, names: Sequence[str] | None, width: int) -> None:
        self._names, self._width = names, width
        self._named: dict[str, list[int]] = {}
        for place, name in enumerate(names or ()):
            self._named.setdefault(name, []).append(place)

    def __contains__(self, name: str) -> bool:
        return name in self._named

    def of(self, column: str, *, recorded: bool = False) -> int:
        """Return the position of a column; a record has a number only where there is no name.

        Raises
        ------
        InputError
            If there is no such column, or the text is the name of one and the number of another.
        """
        named = self._named.get(column, [])
        digits = column.isascii() and column.isdecimal() and len(column) < 19
        number = int(column) - 1 if digits and 0 < int(column) <= self._width else None
        if len(named) > 1:
            where = ", ".join(str(i + 1) for i in named)
            raise InputError(f"columns {where} are all named {column!r}; give their numbers")
        if named and number is not None and number != named[0] and not recorded:
            raise InputError(
                f"{column!r} is the name of column {named[0] + 1} and the number of column {number + 1}; "
                "rename the column in the file"
            )
        if named:
            return named[0]
        if number is not None:
            return number
        known = f": {', '.join(map(repr, self._names))[:200]}" if self._names else ", and no header line"
        comma = (
            "; a column whose name has a comma is given by its number"
            if any("," in x for x in self._names or ())
            else ""
        )
        many = f"the table has {self._width} columns"
        raise InputError(f"there is no column {column[:80]!r}; {many}{known}{comma}")


def places(chosen: Choice, names: Sequence[str] | None, width: int) -> tuple[list[int], int | None]:
    """Positions of the coordinates, in order, and of the label or the target.

    Raises
    ------
    InputError
        If a column is not there, is both wanted and not wanted, or is wanted twice; if none is left, or more are wanted
        than there are, as a record may say.
    """
    if chosen.columns is not None and len(chosen.columns) > width:
        raise InputError(f"{len(chosen.columns)} columns are named; the table has {width}")
    if (
        chosen.recorded
        and chosen.label is None
        and chosen.target is None
        and names is None
        and not all(map(str.isdecimal, chosen.columns or ()))
    ):
        return list(range(width)), None  # the same table without its header line; the digest decides
    found = Places(names, width)
    label = None if chosen.label is None else found.of(chosen.label)
    out = {found.of(column) for column in chosen.drop}
    out |= {place for place in (label, chosen.target) if place is not None}
    if chosen.columns is None:
        kept = [i for i in range(width) if i not in out]
    else:
        kept = [found.of(column, recorded=chosen.recorded) for column in chosen.columns]
        both = [chosen.columns[i] for i, place in enumerate(kept) if place in out]
        if both:
            raise InputError(f"column {both[0]!r} is to be used and left out at once")
        refuse_twice(kept, chosen.columns)
    if not kept:
        raise InputError("no column is left to be a coordinate")
    return kept, label if chosen.target is None else chosen.target


def column_names(kept: Sequence[int], names: Sequence[str] | None) -> tuple[str, ...]:
    """Names of the chosen columns, numbers where a name is missing or not the only one.

    Raises
    ------
    InputError
        Such a number is the name of another column: the record would be read as one about that column.

    Examples
    --------
    >>> column_names([1, 2], ["", "a", "b"]), column_names([0, 2], ["", "a", "a"]), column_names([0], ["", "x"])
    (('a', 'b'), ('1', '3'), ('1',))
    >>> column_names([0, 1], ["", "1"])
    Traceback (most recent call last):
    derandkit.errors.InputError: column 1 has no name of its own, and '1' is the name of column 2; rename columns in ...
    """
    if names is None:
        return tuple(str(i + 1) for i in kept)
    found, counts = [], Counter(names)
    for i in kept:
        number = str(i + 1)
        own = bool(names[i]) and len(names[i]) <= 300 and counts[names[i]] == 1
        if not own and counts[number]:
            raise InputError(
                f"column {number} has no name of its own, and {number!r} is the name of column "
                f"{names.index(number) + 1}; rename columns in the file"
            )
        found.append(names[i] if own else number)
    return tuple(found)


def described(place: int, names: Sequence[str] | None) -> str:
    """Return ``column 2 ('age')``, or what is known of it."""
    if names is None:
        return f"column {place + 1}"
    return (
        f"column {place + 1} ({names[place]!r})" if names[place] else f"column {place + 1} (without a name)"
    )


def handle(place: int, names: Sequence[str] | None) -> str:
    """Return what an option can call a column.

    Examples
    --------
    >>> handle(0, ["", "a", "x, y"]), handle(2, ["", "a", "x, y"]), handle(0, ["", "0", "1"])
    ('1', '3', '')
    """
    number = str(place + 1)
    if names is None:
        return number
    own = names[place]
    if own and own == own.strip() and "," not in own and names.count(own) == 1:
        return own
    return own if number in names and names.count(own) == 1 else number


def drop_option(place: int, names: Sequence[str] | None) -> str:
    """Return the option that leaves a column out, on the command line and in Python.

    Examples
    --------
    >>> drop_option(0, ["petal length", "a"])
    "--drop 'petal length', drop='petal length'"
    """
    name = handle(place, names)
    return f"--drop {shlex.quote(name)}, drop={name!r}"


def check_index(
    table: FloatArray, kept: Sequence[int], names: Sequence[str] | None, *, beside_target: bool = False
) -> None:
    """Refuse a column that may be the index of a data frame: one without a name, or one that numbers the rows.

    Raises
    ------
    InputError
        If there is one beside other columns. Columns without a name, those that are named like an index and hold
        different whole numbers, and those that number the rows (`numbering`) are such: alone they are the points, as
        nothing else could be. Also if one is surely no coordinate, alone as well; the only input `beside_target` may
        be a time or a key, and is refused for marks of missing numbers alone.
    """
    alone = table.shape[1] == 1
    for at, place in enumerate(kept):
        column = table[:, at]
        what = None if alone else numbering(column, place)
        if what is None and not alone and names is not None and may_be_index(column, names[place], names):
            what = "may number or name the rows"
        if what is None:
            if not (alone and beside_target) or has_mark(column):
                refuse_no_coordinate(column, place, names, alone=alone)
            continue
        raise InputError(
            f"{described(place, names)} {what}: leave it out if it is an index "
            f"({drop_option(place, names)}), or name all columns to use (--columns)"
        )


def numbering(column: NDArray[np.generic], place: int) -> str | None:
    """Say how a column numbers the rows, if it may: the first one in their order, another one in some order.

    Examples
    --------
    >>> numbering(np.arange(1.0, 10.0), 0), numbering(np.array([3, 0, 1, 2, 7, 4, 6, 5]), 4)
    ('counts the rows from 1', 'holds each number from 0 to 7 once, as numbers of rows do')
    >>> numbering(np.arange(9.0), 1) is numbering(np.arange(3.0), 0) is numbering(np.ones(9), 0) is None
    True
    """
    n = column.size
    if column.dtype.kind not in "iuf" or n < _ENOUGH_ROWS:
        return None
    start = column.min()
    if start not in (0, 1):
        return None
    counted = start + np.arange(n)
    if np.array_equal(column, counted):  # in order it may be a time beside others
        return f"counts the rows from {int(start)}" if place == 0 else None
    if np.array_equal(column, counted[::-1]):
        return f"counts the rows down to {int(start)}" if place == 0 else None
    if np.array_equal(np.sort(column), counted):
        return f"holds each number from {int(start)} to {int(counted[-1])} once, as numbers of rows do"
    return None


def refuse_no_coordinate(
    column: FloatArray, place: int, names: Sequence[str] | None, *, alone: bool = False
) -> None:
    """Refuse a column of a file that holds dates, keys, codes, or marks for missing numbers; or that is left `alone`.

    Raises
    ------
    InputError
        It says what they are, and which options decide.
    """
    what = no_coordinate(column, None if names is None else names[place])
    if what is not None:
        way = way_without(place, names, alone=alone, some=has_mark(column))
        raise InputError(f"{described(place, names)} {what}: {way}")


def way_without(place: int, names: Sequence[str] | None, *, alone: bool, some: bool = False) -> str:
    """Say what to do about a column of a file that is no coordinate: what is `alone` cannot be left out.

    If `some` of its entries are none, these can be corrected; of keys and times all are such.

    Examples
    --------
    >>> way_without(0, ["zip", "a"], alone=False)
    "leave it out (--drop zip, drop='zip'), or name all columns to use (--columns) if it is a coordinate"
    >>> way_without(0, ["zip"], alone=True)
    'name the column (--columns zip) if it is a coordinate'
    """
    if alone:
        named = shlex.quote(handle(place, names))
        return f"{CORRECT if some else ''}name the column (--columns {named}) if it is a coordinate"
    return f"leave it out ({drop_option(place, names)}), or name all columns to use (--columns) if it is a coordinate"


def may_be_index(column: NDArray[np.generic], name: str, names: Sequence[str]) -> bool:
    """Whether a column has no name beside others, or is called like an index and holds different whole numbers.

    Examples
    --------
    >>> may_be_index(np.array([5.0, 3.0]), "index", ["index", "a"]), may_be_index(np.array([0.5, 3.0]), "id", ["id"])
    (True, False)
    """
    if is_unnamed(name):
        return not all(map(is_unnamed, names))
    if name.strip().lower() not in _INDEX_NAMES or column.dtype.kind not in "iuf":
        return False
    numbers = np.asarray(column, dtype=np.float64)
    return (
        numbers.size > 1
        and np.unique(numbers).size == numbers.size
        and np.array_equal(numbers, np.floor(numbers))
    )


def is_unnamed(name: str) -> bool:
    """Whether a name is none, or one that pandas and pyarrow give to an index without a name.

    Examples
    --------
    >>> [is_unnamed(name) for name in ("", "Unnamed: 0", "__index_level_0__", "age")]
    [True, True, True, False]
    """
    return _NO_NAME.fullmatch(name.strip().lower()) is not None


def refuse_unwritable(names: Iterable[object], what: str) -> None:
    r"""Refuse names that no record holds: those that are no UTF-8, such as half a character, with a zero, or very long.

    Examples
    --------
    >>> refuse_unwritable(["x", 2, "caf\u00e9"], "column")
    >>> refuse_unwritable(["x", "\ud800"], "column")
    Traceback (most recent call last):
    derandkit.errors.InputError: column '\ud800' cannot be written as UTF-8; rename it
    >>> refuse_unwritable(["a\0"], "target")
    Traceback (most recent call last):
    derandkit.errors.InputError: target 'a\x00' holds a zero byte, which ends a name in arrays and files; rename it
    """
    for name in names:
        try:
            str(name).encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(f"{what} {name!r} cannot be written as UTF-8; rename it") from None
        if "\0" in str(name):
            raise InputError(
                f"{what} {str(name)[:40]!r} holds a zero byte, which ends a name in arrays and files; rename it"
            )
        if len(str(name)) > LONGEST_NAME:
            raise InputError(
                f"{what} {str(name)[:40]!r}... has more than {LONGEST_NAME} characters; rename it"
            )
