"""Tables in text: columns between commas, semicolons, tabs or blanks, with or without a header line.

NumPy's parser reads the numbers; when that refuses, or a number is not finite, the text is walked line by line to say
which line and which column is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.ranges import MAY_VANISH, fault_of
from derandkit.points.columns import Choice, handle, places
from derandkit.points.raw import Raw, chosen_table, ways_out
from derandkit.tables import counted

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

_DELIMITERS = ("\t", ",", ";")


def text_table(text: str, name: str, chosen: Choice) -> Raw:
    """Read a table of numbers in text."""
    lines = [
        (number, stripped)
        for number, line in enumerate(text.splitlines(), 1)
        if (stripped := line.split("#", 1)[0].strip(" \r"))
        if stripped.strip()
    ]
    if not lines:
        raise InputError("holds no numbers", path=name)
    delimiter = next((mark for mark in _DELIMITERS if mark in lines[0][1]), None)
    names, header = None, _is_header(lines, delimiter)
    if header:
        names = _fields(lines[0][1], delimiter)
        lines = lines[1:]
        if not lines:
            raise InputError("holds a header and no numbers", path=name)
    width = len(_fields(lines[0][1], delimiter))
    if names is not None and len(names) != width:
        raise InputError(
            f"the first line has {counted(len(names), 'name')} for {counted(width, 'column')}; name every column, or "
            "delete that line",
            path=name,
        )
    kept, label = places(chosen, names, width)
    if chosen.made:
        _check_widths(lines, delimiter, width, name)
    try:
        table = np.loadtxt(
            [line for _, line in lines],
            delimiter=delimiter,
            comments=None,
            ndmin=2,
            usecols=kept if chosen.made else None,
        )
    except ValueError:
        table = None
    if table is None or not np.isfinite(table).all():
        _complain(lines, delimiter, name, names, kept)
    labels = None if label is None else tuple(_fields(line, delimiter)[label] for _, line in lines)
    found = np.asarray(table, dtype=np.float64)
    if MAY_VANISH.search(text.encode()) is not None:
        _refuse_vanishing(lines, delimiter, name, kept, found)
    notes = []
    if (
        names is None
        and width >= 3
        and len(lines) > 1
        and np.array_equal(found[0], np.arange(found.shape[1]))
    ):
        notes.append(
            f"the first line reads 0, 1, ..., {found.shape[1] - 1} and is taken as a point; "
            "if it names columns, delete it"
        )
    mark = {"\t": "tab", ",": "comma", ";": "semicolon", None: "blank"}[delimiter]
    what = f"{mark}-separated table {'with' if header else 'without'} a header line"
    return chosen_table(found, what, kept, names, chosen, labels, notes)


def _refuse_vanishing(
    lines: list[tuple[int, str]], delimiter: str | None, name: str, kept: Sequence[int], table: FloatArray
) -> None:
    """Refuse the first number that is not zero as it is written and zero as a float64."""
    for row in (table == 0.0).any(axis=1).nonzero()[0].tolist():
        number, line = lines[row]
        fields = _fields(line, delimiter)
        for column in kept:
            fault = fault_of(fields[column].encode(), float(fields[column]))
            if fault is not None:
                raise InputError(
                    f"coordinate {fields[column]!r} is {fault}; scale the coordinates", path=name, line=number
                )


def _fields(line: str, delimiter: str | None) -> list[str]:
    return [field.strip().strip('"') for field in line.split(delimiter)]


def _number(field: str) -> float | None:
    try:
        return float(field)
    except ValueError:
        return None


def _is_header(lines: list[tuple[int, str]], delimiter: str | None) -> bool:
    """Whether the first line names columns: none of its fields is a number."""
    return all(_number(field) is None for field in _fields(lines[0][1], delimiter))


def _check_widths(lines: list[tuple[int, str]], delimiter: str | None, width: int, name: str) -> None:
    """Raise the error of the first line that is not as wide as the first."""
    for number, line in lines:
        found = len(_fields(line, delimiter))
        if found != width:
            raise InputError(
                f"{found} columns where the first row has {width}; a table has one width",
                path=name,
                line=number,
            )


def _complain(
    lines: list[tuple[int, str]], delimiter: str | None, name: str, names: list[str] | None, kept: list[int]
) -> None:
    """Raise the error of the first line that is not as wide as the first or not finite numbers."""
    width = len(_fields(lines[0][1], delimiter))
    for number, line in lines:
        fields = _fields(line, delimiter)
        _check_widths([(number, line)], delimiter, width, name)
        for place in kept:
            field = fields[place]
            value = _number(field)
            if value is None:
                what = f"{field!r} is not a number" if field else "is empty"
                raise InputError(
                    f"column {place + 1} {what}; convert it, {ways_out(handle(place, names))}",
                    path=name,
                    line=number,
                )
            if not math.isfinite(value):
                raise InputError(
                    f"column {place + 1} is {field}; points are finite numbers", path=name, line=number
                )
    raise InputError("is not a table of plain numbers (underscores and quotes are not read)", path=name)
