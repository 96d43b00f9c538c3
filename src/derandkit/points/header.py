"""Whether the first line of a table in text names its columns: words do, and numbers may."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from derandkit.errors import InputError
from derandkit.missing import in_number
from derandkit.numerals import by_fortran, in_other_digits, on_a_grid, states_size
from derandkit.points.lines import Lines, is_number
from derandkit.tables import said_of_copies

_LOOKED_AT = 1000
#: How comments begin in other languages.
_COMMENTS = ("//", "/*", "--", "!", "<!--", "REM ")
_DECIDE = "names of columns (--header, header=True), or a point (--no-header, header=False)?"


class Header(NamedTuple):
    """Names of columns, and the lines below them.

    Parameters
    ----------
    names : list of str or None
        One a column; empty for one without a name. None if no line names them.
    rows : list of (int, str)
        The other lines.
    notes : tuple of str
        What has to be said.
    rownames : bool
        Whether there was one name less than columns, as R writes a table with names of rows.
    """

    names: list[str] | None
    rows: list[tuple[int, str]]
    notes: tuple[str, ...]
    rownames: bool = False


def read_names(
    lines: Lines, header: bool | None = None, named: Collection[str] = (), *, recorded: bool = False
) -> Header:
    r"""Return the names of the columns, if the first line has them.

    Parameters
    ----------
    lines : Lines
        The lines of the table.
    header : bool, optional
        Whether the first line names the columns. By default a line without a number does, and so does a line of numbers
        and words that fits nothing else.
    named : collection of str
        What a user calls columns: a line that holds one of them, which is not the number of a column, names columns.
    recorded : bool
        Whether a record calls them so; with `header`, a line without any of them is then looked at like others.

    Raises
    ------
    InputError
        The first line may be names or a point; or there is nothing below the names.

    Examples
    --------
    >>> from derandkit.points.lines import read_lines
    >>> read_names(read_lines("2019,2020,y\n0.5,1.5,1\n0.2,0.5,2\n")).names
    ['2019', '2020', 'y']
    >>> read_names(read_lines("0,1,2\n0.5,1.5,1.2\n0.2,0.7,0.5\n"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    derandkit.errors.InputError: the first line reads 0, 1, 2: names of columns (--header, header=True), or a point ...
    """
    first = lines.fields(lines.rows[0][1])
    below = lines.rows[1:]
    notes: tuple[str, ...] = ()
    # of names that repeat, a record has the numbers of the columns; with other names that are not there, this is the
    # same table without its header line
    repeat = bool(named) and all(_is_place(name, len(first)) for name in named)
    if recorded and header and not repeat and not any(name in first for name in named):
        header = None
    if header is None:
        header, notes = _decided(lines, first, named)
    if not header:
        return Header(None, lines.rows, ())
    if not below:
        raise InputError("holds a header and no numbers")
    below, said = _without_copies(lines.rows[0][1], first, below)
    width = len(lines.fields(below[0][1]))
    short = len(first) + 1 == width
    return Header(["", *first] if short else first, below, notes + said, short)


def _without_copies(
    names: str, first: Sequence[str], below: list[tuple[int, str]]
) -> tuple[list[tuple[int, str]], tuple[str, ...]]:
    """Return the lines below a line of names that do not repeat it, as tables put together do, and what has to be said.

    Raises
    ------
    InputError
        The names are numbers, so that such a line may be a point; or there is nothing else.
    """
    copies = [at for at, line in below if line == names]
    if not copies or (len(first) == 1 and is_number(first[0])):
        return below, ()
    if all(map(is_number, first)):
        raise InputError(
            "the line holds the names of the columns again: remove it, or, if it is a point, give the columns other "
            "names",
            line=copies[0],
        )
    if len(copies) == len(below):
        raise InputError("holds a header, several times, and no numbers")
    return [row for row in below if row[1] != names], (said_of_copies(copies),)


def _decided(lines: Lines, first: Sequence[str], named: Collection[str]) -> tuple[bool, tuple[str, ...]]:
    """Return whether the first line names columns, and what has to be said about it."""
    numbers = [k for k, field in enumerate(first) if is_number(field)]
    words = [k for k, field in enumerate(first) if not is_number(field) and not in_number(field)]
    if not numbers:
        if not words:
            raise InputError(f"the first line holds no value: {_DECIDE}")
        if all(in_other_digits(first[k]) for k in words):
            raise InputError(f"the first line reads {', '.join(first)[:60]}: {_DECIDE}")
    if words and all(said := [by_fortran(first[k]) for k in words]):
        raise InputError(str(said[0]), line=lines.rows[0][0])
    if lines.rows[0][1].lstrip('" ').startswith(_COMMENTS):
        raise InputError(
            f"the first line reads {lines.rows[0][1][:60]}: a comment (remove it, or begin it with '#'), or names of "
            "columns (--header, header=True)?",
            line=lines.rows[0][0],
        )
    if not numbers:
        return True, ()
    if any(name in first and not _is_place(name, len(first)) for name in named):
        return True, ()
    again = lines.rows[0][1]  # a header comes again where two tables were put together
    below = [lines.fields(line) for _, line in lines.rows[1 : _LOOKED_AT + 1] if line != again]
    if below and not words:
        _refuse_size(first, len(lines.rows) - 1, len(below[0]))
    below = [fields for fields in below if len(fields) == len(first)]
    if not words:
        _refuse_two_lines(first, below)
    shown = ", ".join(first)[:60] + (", ..." if len(", ".join(first)) > 60 else "")
    doubt = InputError(f"the first line reads {shown}: {_DECIDE}")
    as_names = (True, (f"the first line, {shown.lstrip(', ')}, is taken as names of columns",))
    like_names = _like_names([first[k] for k in numbers], [[row[k] for k in numbers] for row in below])
    if not words and _in_quotes_alone(lines):
        return as_names
    if not words:
        if like_names and not first[0] and all(row[0] for row in below):
            return as_names  # as pandas writes an index
        counted = len(first) > 1 and list(first) == [str(k) for k in range(len(first))]
        if like_names or (counted and len(below) > 1 and re.search(r"[,;\t]", lines.rows[0][1])):
            raise doubt  # pandas numbers columns without names
        return False, ()
    if any(first[k] == row[k] for k in words for row in below):
        return False, ()  # a label, as below
    over_numbers = [k for k in words if below and all(is_number(row[k]) for row in below)]
    values = [_value(first[k]) for k in numbers]
    ordered = len(values) > 1 and all(a < b for a, b in itertools.pairwise(values))
    if over_numbers and len(below) > 1:
        if ordered or len(over_numbers) > 1:
            return as_names
        raise doubt
    if like_names:
        if any(len({row[k] for row in below}) < len(below) for k in words):
            return as_names
        raise doubt
    return False, ()


def _refuse_size(first: Sequence[str], rows: int, width: int) -> None:
    """Refuse a first line that says how many rows and columns there are below."""
    if not all(map(is_number, first)):
        return
    shown, values = ", ".join(first), list(map(_value, first))
    if len(first) == 2 and width > 3 and states_size(values, rows, width - 1):  # as word2vec writes it
        raise InputError(
            f"the first line, {shown}, says how many points and coordinates there are below; remove it, and name the "
            "first column as a label (--label 1)"
        )
    if not states_size(values, rows, width):
        return
    if len(first) != width:
        raise InputError(
            f"the first line, {shown}, says how many points and columns there are below; remove it"
        )
    raise InputError(
        f"the first line reads {shown}: how many points and columns there are below (--header, header=True leave it "
        "out), or a point (--no-header, header=False)?"
    )


def _refuse_two_lines(first: Sequence[str], below: Sequence[Sequence[str]]) -> None:
    """Refuse two lines of whole numbers above fractions, as pandas writes columns with two levels of names."""
    if (
        len(first) < 3
        or len(below) < 4
        or not all(is_number(field) for row in (first, *below) for field in row)
    ):
        return
    whole = [all(map(float.is_integer, map(_value, row))) for row in (first, *below[:1])]
    if all(whole) and not any(float.is_integer(_value(field)) for row in below[1:] for field in row):
        raise InputError(
            "the first two lines hold whole numbers and those below none: two lines of names, to be removed, or "
            "points (--no-header, header=False)?"
        )


def _in_quotes_alone(lines: Lines) -> bool:
    """Whether all fields of the first line stand in quotation marks, and none below: R writes names so."""
    first, *below = [line for _, line in lines.rows]
    return (
        first.count('"') == 2 * len(lines.fields(first))
        and bool(below)
        and not any('"' in line for line in below)
    )


def _is_place(name: str, width: int) -> bool:
    return name.isascii() and name.isdecimal() and len(name) < 19 and 0 < int(name) <= width


def _value(field: str) -> float:
    return float(field.replace(",", "."))


def _like_names(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether numbers that grow or fall are of another kind than those in the lines below.

    They are if they count by ones and no line below has the same steps or the same numbers, if they are whole numbers
    and no line below is, or if they are far outside of their columns. In any order they are if they are very far
    outside, or whole where no number below is; a single one if it is very far outside, or 0 above fractions. Equal
    lines are one point, which no header stands above.
    """
    if not first or len(below) < 2 or not all(is_number(field) for row in below for field in row):
        return False
    values = [_value(field) for field in first]
    rows = [[_value(field) for field in row] for row in below]
    if all(row == rows[0] for row in rows):
        return False
    columns = list(zip(*rows, strict=True))
    ranges = [(min(column), max(column)) for column in columns]
    far = all(_far(value, *ends, times=10.0) for value, ends in zip(values, ranges, strict=True))
    whole = all(map(float.is_integer, values)) and not any(map(float.is_integer, itertools.chain(*rows)))
    if len(values) == 1:
        return len(rows) > 3 and (far or (whole and values[0] == 0.0))
    if len(rows) > 2 and len(set(values)) == len(values):
        if far and (len(values) > 2 or values[0] < values[1]):
            return True
        if whole and len(values) > 2:
            return True
    if not all(a < b for a, b in itertools.pairwise(values)):
        falling = all(a > b for a, b in itertools.pairwise(values))  # wavenumbers of a spectrum, for example
        return falling and _like_names(first[::-1], [row[::-1] for row in below])
    if len(values) > 2:
        steps = _steps(values)
        if set(steps) == {1.0} and not any(_steps(row) == steps or sorted(row) == values for row in rows):
            return True
        if on_a_grid(values) and not any(on_a_grid(row) or sorted(row) == values for row in rows):
            return True
        mixed = len(rows) > 2 and not all(all(step > 0 for step in _steps(row)) for row in rows)
        if mixed and all(_far(value, *ends) for value, ends in zip(values, ranges, strict=True)):
            return True
    written = [_is_whole(row) for row in [first, *below]]
    return len(rows) > 2 and written[0] and not any(written[1:])


def _steps(values: Sequence[float]) -> list[float]:
    return [b - a for a, b in itertools.pairwise(values)]


def _far(value: float, least: float, greatest: float, times: float = 1.0) -> bool:
    reach = times * (greatest - least)
    return not least - reach <= value <= greatest + reach


def _is_whole(fields: Sequence[str]) -> bool:
    return all(field.lstrip("+-").isdecimal() for field in fields)
