"""A table in a file as inputs and a target: which column is the target, and which columns are inputs."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np

from derandkit.content import read_content
from derandkit.errors import InputError, in_file
from derandkit.missing import in_name
from derandkit.numerics.ranges import fault_of
from derandkit.options import path_name
from derandkit.points.columns import Places, choice, described
from derandkit.points.files import stored_names, table_of
from derandkit.points.foreign import refuse_foreign
from derandkit.points.header import read_names
from derandkit.points.lines import decoded, is_number, read_lines, refuse_bars, wrong_count
from derandkit.points.suspects.remarks import remarks_on_target
from derandkit.records import short_line
from derandkit.runtime.streams import refuse_stream
from derandkit.structure.options import whole
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from derandkit.numerics.typing import FloatArray
    from derandkit.points.cloud import PointCloud
    from derandkit.points.columns import Choice, Columns, TableOptions

_BY_POSITION = "give its position (from 1 on the command line, from 0 in Python and in configurations)"
_FROM_ONE = ", counted from 1 (up to version 0.2 from 0)"
_NUMBER = re.compile("-?[0-9]{1,18}")
_PADDED = re.compile(r"[+-]?0[0-9]+")
#: Names of a header that an error message lists.
NAMED = 12


class TargetTable(NamedTuple):
    """A table with its target.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Inputs.
    y : ndarray, shape (m,)
        Numbers, or text.
    names : tuple of str or None
        Names of the columns of X.
    reading : str
        How the file was read.
    notes : tuple of str
        What was left out unasked, or decided.
    target : str or int
        The target as it was given, but a position as an int where it was a text.
    """

    X: FloatArray
    y: Any
    names: tuple[str, ...] | None
    reading: str
    notes: tuple[str, ...] = ()
    target: str | int = 0


def read_target_table(
    path: str | os.PathLike[str],
    target: str | int,
    columns: Columns = None,
    drop: Columns = None,
    header: bool | None = None,
    *,
    label: str | int | None = None,
    recorded: bool = False,
) -> TargetTable:
    """Read a table and take one column as the target; it may hold text.

    Parameters
    ----------
    path : str or PathLike
        The file; see `derandkit.read_points` for the formats.
    target : str or int
        Name of the target's column, or its position from 0; negative ones count from the end.
    columns, drop : optional
        As in `derandkit.read_points`: names or numbers from 1 of the inputs, or of what is left out.
    header : bool, optional
        Whether the first line of a text names the columns.
    label : str or int, optional
        A column that names the rows and is no input.
    recorded : bool
        Whether the columns are those of a record, which names a column wherever it has a name.

    Raises
    ------
    InputError
        If the file cannot be read, has no such column, or the target is missing in a row.
    """
    name = path_name(path)
    wanted = choice(columns, drop, label)
    if isinstance(target, str):
        wanted = replace(wanted, drop=(*wanted.drop, target))
    fields, width = read_header(name, header, wanted.named, recorded=recorded)
    if fields is None and width is None:  # an array, which has no names
        return _of_array(name, target, choice(columns, drop, label))
    assert width is not None
    place = place_of_target(target, fields, width, name)
    named = isinstance(target, str) and fields is not None and target in fields
    if not recorded and not named and not str(target).strip().startswith("-"):
        for listed in (columns, drop, label):
            if listed is not None and _by_number(listed, fields):
                raise InputError(
                    "columns are numbered from 1, and positions of the target from 0: give the target by its name "
                    "or a negative position",
                    path=name,
                )
    if width == 1:
        raise InputError("has one column only; a target needs inputs", path=name)
    chosen = choice(columns, drop, label, fields is not None)
    table = table_of(path, replace(chosen, recorded=recorded, target=place))
    assert table.labels is not None
    X = _whole(table.cloud, name)
    names = table.cloud.columns
    if fields is None and columns is None and drop is None and label is None:
        names = None
    _refuse_missing(table.labels, name)
    if not recorded and not table.text:
        _refuse_padded(table.labels, name)
    # a column of text stands for classes, as in memory; a file of text has no types
    what = "text" if (y := None if table.text else _numbers_of(table.labels, name)) is None else "numbers"
    said = () if y is None or recorded else remarks_on_target(y)
    reading = short_line(f"{table.cloud.reading}; target: column {place + 1}, {what}")
    return TargetTable(
        np.ascontiguousarray(X),
        np.array(table.labels, dtype=object) if y is None else y,
        names,
        reading,
        (*table.notes, *said),
        target if named or not isinstance(target, str) else int(target),
    )


def target_from_one(path: str, target: str, **chosen: Unpack[TableOptions]) -> tuple[str | int, str | None]:
    """Return a target of the command line, where columns are numbered from 1, as `read_target_table` takes it.

    Parameters
    ----------
    path : str
        The table.
    target : str
        A name, a number from 1, or a negative number, which counts from the end.
    **chosen
        ``columns``, ``drop``, ``label`` and ``header`` of `read_target_table`.

    Returns
    -------
    target : str or int
        The name of the column if it has one, else its position from 0 or, beside columns that are chosen by number,
        from the end.
    said : str or None
        What has to be said of a number.

    Raises
    ------
    InputError
        There is no such column, or the number is the name of another one.

    Examples
    --------
    >>> target_from_one("houses.csv", "price")
    ('price', None)
    """
    text = target.strip()
    if not _NUMBER.fullmatch(text):
        return target, None
    columns, drop, label = chosen.get("columns"), chosen.get("drop"), chosen.get("label")
    named = (*choice(columns, drop, label).named, text)
    fields, width = read_header(path, chosen.get("header"), named)
    if fields is not None and text in fields:
        Places(fields, len(fields)).of(text)  # refused where it is the number of another column
        return text, None
    if text.startswith("-"):  # its name says more than its place, in the record too
        place = int(text)
        own = "" if fields is None or not -len(fields) <= place < 0 else fields[place]
        return (own if own and fields is not None and fields.count(own) == 1 else text), None
    if int(text) == 0:
        raise InputError(
            "columns are counted from 1, for a target as in --columns and --drop: the first one is 1 (up to "
            "version 0.2 it was the target 0)",
            path=path,
        )
    if width is None:
        return int(text) - 1, f"the target {text} is column {text}{_FROM_ONE}"
    place = Places(fields, width).of(text)
    said = f"the target {text} is {described(place, fields)}{_FROM_ONE}"
    if fields is not None and fields[place] and fields.count(fields[place]) == 1:
        return fields[place], said
    numbered = any(_by_number(listed, fields) for listed in (columns, drop, label) if listed is not None)
    return place - width if numbered else place, said


def read_header(
    name: str, header: bool | None = None, named: Collection[str] = (), *, recorded: bool = False
) -> tuple[list[str] | None, int | None]:
    """Return the names of the columns of a table, if it has any, and their number; None for an array."""
    refuse_stream(name)
    data = b"" if name == "-" else read_content(name)[0]
    if (stored := stored_names(data, name)) is not None:
        return stored, len(stored)
    if not data or data.startswith((b"\x93NUMPY", b"PK\x03\x04", b"%%")):
        return None, None
    with in_file(name):
        refuse_foreign(data, texts=not recorded)
        lines = read_lines(decoded(data)[0])
        refuse_bars(lines)
        found = read_names(lines, header, named, recorded=recorded)
    width = len(lines.fields(found.rows[0][1]))
    if found.names is not None and len(found.names) != width:
        raise InputError(wrong_count(len(found.names), width, lines), path=name, line=lines.rows[0][0])
    return found.names, width


def _whole(cloud: PointCloud, name: str) -> FloatArray:
    """Return all columns of a table, which the zeros of a sparse one can make too large."""
    if cloud.places is not None:
        raise InputError(
            f"a sparse table of {cloud.n_points} x {cloud.n_features} is too wide to be expanded here; "
            "reduce its columns first",
            path=name,
        )
    return np.asarray(cloud.points, dtype=np.float64)


def _of_array(name: str, target: str | int, chosen: Choice) -> TargetTable:
    """Return a table of numbers that is read once: an array, or standard input, which may name its columns."""
    cloud = table_of(name, chosen).cloud
    table = _whole(cloud, name)
    names = None if cloud.columns is None else list(cloud.columns)
    if chosen.made and target not in (names or ()):
        raise InputError(
            "standard input is read once, so that a target beside chosen columns is one of them by its name, got "
            f"{target}",
            path=name,
        )
    place = place_of_target(target, names, table.shape[1], name)
    if table.shape[1] == 1:
        raise InputError("has one column only; a target needs inputs", path=name)
    others = [k for k in range(table.shape[1]) if k != place]
    reading = short_line(f"{cloud.reading}; target: column {place + 1}, numbers")
    kept = None if names is None else tuple(names[k] for k in others)
    found = target if not isinstance(target, str) or target in (names or ()) else int(target)
    inputs = np.ascontiguousarray(table[:, others])
    return TargetTable(inputs, table[:, place].copy(), kept, reading, target=found)


def place_of_target(target: str | int, header: list[str] | None, width: int, path: str) -> int:
    """Return the position of the target.

    Raises
    ------
    InputError
        If there is no such column, or several.
    """
    if not isinstance(target, str) and not whole(target):
        raise InputError(f"the target is a name or a position of a column, got {quoted(target)}", path=path)
    if isinstance(target, str) and header is not None and target in header:
        if header.count(target) > 1:
            raise InputError(f"several columns are named {target!r}; {_BY_POSITION}", path=path)
        return header.index(target)
    number = str(target).strip()
    if not _NUMBER.fullmatch(number):  # int() also reads +2, 0_2 and digits of other scripts
        if header is None:
            known = f"it has no header line: {_BY_POSITION}"
        elif near := difflib.get_close_matches(str(target), header, n=3, cutoff=0.5):
            known = f"did you mean {' or '.join(map(repr, near))}?"
        else:
            known = f"it has {', '.join(header[:NAMED])}{', ...' if len(header) > NAMED else ''}"
        raise InputError(f"there is no column {target!r}; {known}", path=path)
    column = int(number)
    if not -width <= column < width:
        raise InputError(
            f"there is no column {column} among {width}, counted from 0 (on the command line from 1)",
            path=path,
        )
    return column % width


def _by_number(listed: Columns, header: list[str] | None) -> bool:
    parts = listed.split(",") if isinstance(listed, str) else [listed] if isinstance(listed, int) else listed
    return any(
        str(part).strip().isdecimal() and str(part).strip() not in (header or ()) for part in parts or ()
    )


def _refuse_padded(labels: Sequence[str], name: str) -> None:
    """Refuse whole numbers of which one begins with a zero: codes, such as those of places, or numbers."""
    row = next((row for row, label in enumerate(labels) if _PADDED.fullmatch(label)), None)
    if row is not None and all(map(is_number, labels)):
        raise InputError(
            f"the target in row {row} (from 0) is {labels[row]!r}: a code, and so a class, or a number with leading "
            f"zeros? write numbers without them, or rename the classes ({'class ' + labels[row]!r})",
            path=name,
        )


def _refuse_missing(labels: Sequence[str], name: str) -> None:
    """Refuse a missing value, or a class of that name."""
    classes = set(labels)
    for row, label in enumerate(labels):
        if in_name(label, beside=classes):
            raise InputError(
                f"the target in row {row} (from 0) is {label!r}, which is a missing value or a class of that name; "
                "leave the row out, or rename the class",
                path=name,
            )


def _numbers_of(labels: Sequence[str], name: str) -> FloatArray | None:
    """Return a column as numbers, if all of it is."""
    if not all(map(is_number, labels)):
        return None
    try:
        numbers = [float(label) for label in labels]
    except ValueError:  # with a decimal comma, where not all have one
        return None
    for row, (label, number) in enumerate(zip(labels, numbers, strict=True)):
        fault = fault_of(label.encode(), number) if label.strip("+-")[:1] not in "iI" else None
        if fault is not None:
            raise InputError(
                f"the target in row {row} (from 0) is {label}, {fault}; scale the target", path=name
            )
    return np.array(numbers)
