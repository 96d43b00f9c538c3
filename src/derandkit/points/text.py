"""Tables in text: columns between commas, semicolons, tabs or blanks, with or without a header line.

NumPy's parser reads the numbers; when that refuses, or a number is not finite, the text is walked line by line to say
which line and which column is wrong.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.given.codes import padded_column
from derandkit.missing import in_number
from derandkit.numerals import by_fortran, other_minus, refuse_parted
from derandkit.numerics.ranges import MAY_VANISH, fault_of, loses_digits
from derandkit.numerics.rounding import DECIMAL
from derandkit.points.columns import Choice, described, drop_option, handle, places, way_without
from derandkit.points.header import read_names
from derandkit.points.lines import (
    Lines,
    decoded,
    is_glued,
    is_number,
    names_in_comment,
    other_separator,
    read_lines,
    refuse_bars,
    wrong_count,
)
from derandkit.points.raw import Raw, chosen_table, ways_out
from derandkit.points.suspects.columns import is_row_of_digits
from derandkit.tables import counted
from derandkit.words.quoting import clipped

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

_POINT = re.compile(DECIMAL)
_COMMA = re.compile(r"[+-]?(?:[0-9]+,[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")
#: Signs that part columns elsewhere.
_OTHER_MARKS = (":", "\uff0c", "\uff1b", "\u060c", "/", "&")
_LOOKED_AT = 1000
_WHOLE, _DECIMALS = re.compile(r"[+-]?[0-9]+"), re.compile(r"[0-9]+(?:[eE][+-]?[0-9]+)?")
#: A whole number with leading zeros; the columns decide.
_MAY_BE_PADDED = re.compile(r"(?m)(?:^|[\s,;\"])0[0-9]{2,}(?:[\s,;\"]|$)")
_COMMAS = "the numbers have decimal commas"
_BOTH = re.compile(r"[+-]?[0-9]{1,3}(?:[.,'][0-9]{3})+[.,][0-9]+")


def text_table(data: bytes, name: str, chosen: Choice) -> Raw:
    """Read a table of numbers in text.

    Parameters
    ----------
    data : bytes
        The text, in UTF-8, UTF-16 or Latin-1.
    name : str
        The file, for messages.
    chosen : Choice
        Which columns to read, and whether the first line names them.

    Raises
    ------
    InputError
        It is no table of finite numbers, or fits two readings.
    """
    text, notes = decoded(data)
    lines = read_lines(text)
    refuse_bars(lines, named=chosen.columns is not None or chosen.recorded)
    header = read_names(lines, chosen.header, chosen.named, recorded=chosen.recorded)
    lines, names = lines._replace(rows=header.rows), header.names
    width = len(lines.fields(lines.rows[0][1]))
    if names is not None and len(names) != width:
        raise InputError(wrong_count(len(names), width, lines), path=name)
    if names is not None:
        _refuse_second_names(lines, name)
    try:
        kept, label = places(chosen, names, width)
    except InputError as error:
        hint = names_in_comment(lines, width) if names is None else ""
        raise InputError(error.message + hint, path=name) from None
    if names is not None and header.rownames and chosen.columns is None and 0 in kept:
        count = counted(width - 1, "name")
        raise InputError(
            f"the first line has {count} for {width} columns: leave out the first column if it holds the names of the "
            f"rows, as R writes them ({drop_option(0, names)}), or else name every column or delete that line",
            path=name,
        )
    if chosen.made:
        _check_widths(lines, width, name)
    found, remarks = _numbers(lines, name, names, kept, whole=not chosen.made)
    if names is None and kept == [0, 1] and chosen.columns is None and not chosen.recorded:
        _refuse_one_column(lines, width)
    padded = len(kept) == 1 or _MAY_BE_PADDED.search(text) is not None
    if chosen.columns is None and not chosen.recorded and padded:
        _refuse_padded(lines, kept, names)
    labels = None if label is None else tuple(lines.fields(line)[label] for _, line in lines.rows)
    if lines.delimiter == ";" and not remarks and not chosen.recorded:
        read = [
            *kept,
            *(() if chosen.target is None or not all(map(is_number, labels or ())) else (chosen.target,)),
        ]
        fields = (lines.fields(line) for _, line in lines.rows)
        refuse_parted((row[place] for row in fields for place in read), ";", "number")
    if labels is not None and chosen.target is not None:
        labels, remarks = _target(lines, kept, labels, chosen.target, name, remarks)
    if (np.abs(found) >= 2.0**53).any():
        _refuse_inexact(lines, name, kept)
    if MAY_VANISH.search(text.encode()) is not None:
        _refuse_vanishing(lines, name, kept, found)
    mark = {"\t": "tab", ",": "comma", ";": "semicolon", None: "blank"}.get(lines.delimiter, "mark")
    what = f"{mark}-separated table {'with' if names is not None else 'without'} a header line"
    said = [*notes, *lines.notes, *header.notes, *remarks]
    others = (
        [] if chosen.columns is not None or chosen.recorded else _texts(lines, width, (*kept, chosen.target))
    )
    return chosen_table(found, what, kept, names, chosen, labels, said, others)


def _texts(lines: Lines, width: int, used: Sequence[int | None]) -> list[tuple[str, ...]]:
    """Return the columns that are not used and have a text in the first or last rows, where words of sums stand."""
    ends = [lines.fields(line) for _, line in [*lines.rows[:3], *lines.rows[-3:]]]
    taken = set(used)
    found = [k for k in range(width) if k not in taken and not all(is_number(row[k]) for row in ends)]
    rows = (lines.fields(line) for _, line in lines.rows) if found else ()
    return list(zip(*([row[k] for k in found] for row in rows), strict=True))


def _refuse_one_column(lines: Lines, width: int) -> None:
    """Refuse ``1,26`` and ``13,04``: two columns, or one with decimal commas, whose decimals begin with zeros."""
    rows = [lines.fields(line) for _, line in lines.rows]
    if lines.delimiter != "," or width != 2 or any(" " in line or "." in line for _, line in lines.rows):
        return
    if not all(_WHOLE.fullmatch(a) and _DECIMALS.fullmatch(b) for a, b in rows):
        return
    found = next((row for row in rows if row[1][0] == "0" and len(row[1]) > 1 and row[1][1].isdigit()), None)
    if found is not None:
        shown = ",".join(found)
        raise InputError(
            f"{shown!r} is two columns, or the number {shown.replace(',', '.')} with a decimal comma; write decimal "
            "points, or name both columns (--columns 1,2)"
        )


def _refuse_padded(lines: Lines, kept: Sequence[int], names: list[str] | None) -> None:
    """Refuse a column of whole numbers with leading zeros, unless several are all written so, and rows of digits."""
    rows = [lines.fields(line) for _, line in lines.rows]
    columns = [[row[place] for row in rows] for place in kept]
    if len(kept) == 1 and is_row_of_digits(columns[0]):
        raise InputError(
            f"{described(kept[0], names)} holds {columns[0][0][:40]!r} and the like: one number a row, or one "
            "coordinate a digit; write commas between the digits, or name the column (--columns) if it is a number"
        )
    at = padded_column(columns)
    if at is not None:
        place = kept[at]
        raise InputError(
            f"{described(place, names)} holds whole numbers with leading zeros, as codes have: "
            f"{way_without(place, names, alone=len(kept) == 1)}"
        )


def _refuse_second_names(lines: Lines, name: str) -> None:
    """Refuse a line of words between the names of columns and rows of numbers: units, or names once more."""
    if len(lines.rows) < 2:
        return
    (number, line), below = lines.rows[0], [lines.fields(line) for _, line in lines.rows[1 : _LOOKED_AT + 1]]
    fields = lines.fields(line)
    words = [k for k, field in enumerate(fields) if not in_number(field) and not any(map(str.isdigit, field))]
    if len(words) < len([field for field in fields if field]) or not words:
        return
    over = [k for k in words if all(k < len(row) and is_number(row[k]) for row in below)]
    if over and all(len(row) == len(fields) for row in below):
        shown = ", ".join(fields)[:60]
        raise InputError(
            f"the line below the names reads {shown}, and numbers follow: units, or a second line of names? remove it "
            "or the line above",
            path=name,
            line=number,
        )


def _numbers(
    lines: Lines, name: str, names: list[str] | None, kept: list[int], *, whole: bool
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the columns that are kept as numbers, and what has to be said about them."""
    quoted = [row for row in lines.rows if '"' in row[1]] if lines.delimiter is None else []
    for number, line in quoted:
        if is_glued(line):
            raise InputError(
                "a quotation mark inside a word: one field, or two? Put a blank there, or remove it",
                path=name,
                line=number,
            )
    table = None
    if not quoted:  # between blanks NumPy leaves out what is empty, and goes on behind a closing mark
        with contextlib.suppress(ValueError):
            table = np.loadtxt(
                [line for _, line in lines.rows],
                delimiter=lines.delimiter,
                comments=None,
                ndmin=2,
                quotechar='"',
                usecols=None if whole else kept,
            )
    if table is not None and np.isfinite(table).all():
        return np.asarray(table, dtype=np.float64), ()
    width = len(lines.fields(lines.rows[0][1]))
    _check_widths(lines, width, name)
    rows = [(number, lines.fields(line)) for number, line in lines.rows]
    commas = _decimal_commas(rows, kept, name)
    _complain(rows, name, names, kept, commas=commas)
    mend = (lambda field: field.replace(",", ".")) if commas else str
    found = np.array([[float(mend(fields[place])) for place in kept] for _, fields in rows])
    return found, (_COMMAS,) if commas else ()


def _target(
    lines: Lines,
    kept: Sequence[int],
    labels: tuple[str, ...],
    place: int,
    name: str,
    remarks: tuple[str, ...],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a target and remarks; where it is numbers, decimal commas are judged by all columns and become points."""
    numbers = all(
        any(form.fullmatch(field) for form in (_POINT, _COMMA, _THOUSANDS, _BOTH)) for field in labels
    )
    if not numbers or not (remarks or any("," in field for field in labels)):
        return labels, remarks
    rows = [(number, lines.fields(line)) for number, line in lines.rows]
    if not _decimal_commas(rows, [*kept, place], name):
        return labels, remarks
    return tuple(field.replace(",", ".") for field in labels), (_COMMAS,)


def _decimal_commas(rows: list[tuple[int, list[str]]], kept: Sequence[int], name: str) -> bool:
    """Whether the numbers have decimal commas.

    Raises
    ------
    InputError
        Some have commas and others points, or the commas may separate thousands.
    """
    comma: tuple[int, str] | None = None
    point: tuple[int, str] | None = None
    thousands = True
    for number, fields in rows:
        for place in kept:
            field = fields[place]
            if _BOTH.fullmatch(field):
                raise InputError(
                    f"{field!r} has a mark for thousands; write all numbers without such marks",
                    path=name,
                    line=number,
                )
            if "," in field and (_COMMA.fullmatch(field) or _THOUSANDS.fullmatch(field)):
                comma = comma or (number, field)
                thousands = thousands and _THOUSANDS.fullmatch(field) is not None
            elif "." in field and _POINT.fullmatch(field):
                point = point or (number, field)
    if comma is None:
        return False
    if point is not None:
        raise InputError(
            f"{comma[1]!r} has a comma and {point[1]!r} in line {point[0]} a point; write all numbers with decimal "
            "points",
            path=name,
            line=comma[0],
        )
    if thousands:
        plain = comma[1].replace(",", "")
        raise InputError(
            f"{comma[1]!r} is {plain} with a mark for thousands, or {comma[1].replace(',', '.', 1)} with a decimal "
            "comma; write all numbers with decimal points and no other marks",
            path=name,
            line=comma[0],
        )
    return True


def _refuse_vanishing(lines: Lines, name: str, kept: Sequence[int], table: FloatArray) -> None:
    """Refuse the first number that is not zero as it is written and zero as a float64."""
    for row in (table == 0.0).any(axis=1).nonzero()[0].tolist():
        number, line = lines.rows[row]
        fields = lines.fields(line)
        for column in kept:
            written = fields[column].replace(",", ".")
            fault = fault_of(written.encode(), float(written))
            if fault is not None:
                raise InputError(
                    f"coordinate {fields[column]!r} is {fault}; scale the coordinates", path=name, line=number
                )


def _refuse_inexact(lines: Lines, name: str, kept: Sequence[int]) -> None:
    """Refuse a whole number beyond 2^53 that no float64 holds: close ones would become one point."""
    for number, line in lines.rows:
        fields = lines.fields(line)
        for column in kept:
            field = fields[column]
            written = field.replace(",", ".")
            if loses_digits(written, float(written)):
                raise InputError(
                    f"{field!r} is not exact in double precision; subtract an offset, scale, or leave out a column "
                    "that is no coordinate",
                    path=name,
                    line=number,
                )


def _check_widths(lines: Lines, width: int, name: str) -> None:
    """Raise the error of the first line that is not as wide as the first."""
    for number, line in lines.rows:
        found = len(lines.fields(line))
        if found != width and _is_triangle(lines):
            raise InputError(
                f"{counted(found, 'column')} where the first row has {width}: a triangle of a matrix, such as one of "
                "distances? pass the points themselves",
                path=name,
                line=number,
            )
        if found != width:
            raise InputError(
                f"{counted(found, 'column')} where the first row has {width}; "
                f"{other_separator(line, lines.delimiter, width) or 'a table has one width'}",
                path=name,
                line=number,
            )


def _is_triangle(lines: Lines) -> bool:
    """Whether each row, of three or more, has one field more than the row above, or each one less."""
    widths = [len(lines.fields(line)) for _, line in lines.rows]
    steps = {b - a for a, b in itertools.pairwise(widths)}
    return len(widths) > 2 and steps in ({1}, {-1})


def _complain(
    rows: list[tuple[int, list[str]]],
    name: str,
    names: list[str] | None,
    kept: Sequence[int],
    *,
    commas: bool,
) -> None:
    """Raise the error of the first entry that is no finite number."""
    for at, (number, fields) in enumerate(rows, 1):
        for place in kept:
            field = fields[place]
            if not field:
                every = not any(row[place] for _, row in rows)
                what = "every row: fill it in" if every else f"row {at}: fill it in, leave out the line"
                raise InputError(
                    f"{described(place, names)} is empty in {what}, or {ways_out(handle(place, names))}",
                    path=name,
                    line=number,
                )
            written = field.replace(",", ".") if commas else field
            if _POINT.fullmatch(written):
                if math.isfinite(float(written)):
                    continue
                raise InputError(
                    f"{described(place, names)} is {clipped(field, 40)}, too large for float64; scale it",
                    path=name,
                    line=number,
                )
            if field.lower().lstrip("+-") in ("nan", "inf", "infinity"):
                raise InputError(
                    f"column {place + 1} is {field}; points are finite numbers", path=name, line=number
                )
            if in_number(field):
                raise InputError(
                    f"column {place + 1} is {field!r}, a missing value; fill it in, leave out the line, or "
                    f"{ways_out(handle(place, names))}",
                    path=name,
                    line=number,
                )
            if (said := by_fortran(field) or other_minus(field)) is not None:
                raise InputError(f"{described(place, names)}: {said}", path=name, line=number)
            mark = next((mark for mark in _OTHER_MARKS if len(fields) == 1 and mark in field), None)
            if mark is not None:
                raise InputError(
                    f"the line {field[:40]!r} has its columns between signs {mark!r}; write commas, semicolons or tabs",
                    path=name,
                    line=number,
                )
            if len(field.split()) > 1 and all(map(is_number, field.split())):
                raise InputError(
                    f"column {place + 1} holds several numbers, {field[:40]!r}: write one sign between all of them, "
                    "and none behind the last",
                    path=name,
                    line=number,
                )
            if len(rows) > 3 and all(row is fields or is_number(row[place]) for _, row in rows):
                raise InputError(
                    f"column {place + 1} {field[:40]!r} is not a number, and all its other entries are: "
                    f"remove or correct the line, or {ways_out(handle(place, names))}",
                    path=name,
                    line=number,
                )
            raise InputError(
                f"column {place + 1} {field!r} is not a number; convert it, {ways_out(handle(place, names))}",
                path=name,
                line=number,
            )
