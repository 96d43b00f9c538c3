"""Read point clouds: npy, npz (dense or scipy.sparse), csv and tsv with or without a header, parquet, Matrix Market.

The content decides the format, not the name. A text table is read by NumPy's parser; when that refuses, or
a number is not finite, the file is walked line by line to say which line and which column is wrong.
"""

from __future__ import annotations

import io
import math
import os
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.arrays import BROKEN, archive_members, check_npy
from derandkit.content import read_content
from derandkit.errors import InputError, MissingDependencyError
from derandkit.numerics.ranges import MAY_VANISH, fault_of
from derandkit.numerics.sparse import checked_sparse
from derandkit.points.cloud import PointCloud
from derandkit.points.columns import (
    Choice,
    Columns,
    check_row_numbers,
    choice,
    column_names,
    handle,
    notes_on,
    places,
)
from derandkit.points.foreign import BANNER, check_shape, read_matrix_market, refuse_foreign
from derandkit.tables import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray

_NPY = b"\x93NUMPY"
_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"
_DELIMITERS = ("\t", ",", ";")
_PANDAS_INDEX = "__index_level_0__"
_ARRAY_NAMES = ("X", "points", "data", "arr_0")


@dataclass(frozen=True)
class PointTable:
    """A table of points as it was read.

    Parameters
    ----------
    cloud : PointCloud
        The points.
    labels : tuple of str or None
        Entries of the column that was named as a label.
    notes : tuple of str
        What was left out unasked, or looks like something else than a coordinate.
    """

    cloud: PointCloud
    labels: tuple[str, ...] | None
    notes: tuple[str, ...]


def read_points(
    path: str | os.PathLike[str],
    *,
    columns: Columns = None,
    drop: Columns = None,
    label: str | int | None = None,
) -> PointCloud:
    r"""Read a table of points.

    Parameters
    ----------
    path : str or PathLike
        The file, ``"-"`` for standard input. npy; npz with one table (or one named ``X``, ``points``, ``data`` or
        ``arr_0``) or a scipy.sparse matrix; text columns separated by tabs, commas, semicolons or blanks, with an
        optional header line and ``#`` comments; Matrix Market; parquet if pyarrow is installed. Any of them may be
        gzipped.
    columns : sequence of str or int, or text with commas, optional
        The columns to use, by name or 1-based number; all by default. Text and parquet files only, as the next two.
    drop : the same, optional
        Columns to leave out.
    label : str or int, optional
        A column that is no coordinate but a label; it may hold text.

    Returns
    -------
    PointCloud
        The points; float32 is kept.

    Raises
    ------
    InputError
        If the file is missing, not a table of finite numbers, or its points cannot be used. Names the line of a
        text file. Also if a column only counts the rows, and `columns` does not name it: it may be the index of a data
        frame.
    MissingDependencyError
        For a parquet file without pyarrow.

    Warns
    -----
    UserWarning
        If a column looks like a label.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "points.csv")
    ...     _ = file.write_text("x,y,kind\n0,0,a\n3,4,b\n")
    ...     read_points(file, label="kind")
    PointCloud(n=2, d=2, float64)
    """
    table = read_table(path, columns=columns, drop=drop, label=label)
    for note in table.notes:
        warnings.warn(note, UserWarning, stacklevel=2)
    return table.cloud


def read_table(
    path: str | os.PathLike[str],
    *,
    columns: Columns = None,
    drop: Columns = None,
    label: str | int | None = None,
) -> PointTable:
    """Do what `read_points` does, and hand back labels and notes."""
    name = os.fspath(path)
    chosen = choice(columns, drop, label)
    data, _ = read_content(name)
    if not data:
        raise InputError("is empty", path=name)
    try:
        raw = _table(data, name, chosen)
        cloud = PointCloud(raw.table, columns=raw.columns, reading=raw.reading)
    except InputError as error:
        if error.path is not None:
            raise
        raise InputError(error.message, path=name, line=error.line) from None
    return PointTable(cloud, raw.labels, raw.notes)


@dataclass(frozen=True)
class _Raw:
    """Numbers of a file before they are points."""

    table: object
    reading: str
    columns: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


def _table(data: bytes, name: str, chosen: Choice) -> _Raw:
    if data.startswith((_NPY, _ZIP)):
        if chosen.made:
            raise InputError(
                "columns are chosen in text and parquet files; an array is cut before it is saved", path=name
            )
        if data.startswith(_NPY):
            return _Raw(_npy(data, name), "npy array")
        return _Raw(*_npz(data, name))
    if data.startswith(_PARQUET):
        return _parquet(data, name, chosen)
    if BANNER.match(data):
        if chosen.made:
            raise InputError(
                "columns are chosen in text and parquet files; cut the matrix before it is saved"
            )
        return _Raw(*read_matrix_market(data))
    refuse_foreign(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("is neither npy, npz, parquet nor UTF-8 text", path=name) from None
    return _text(text, name, chosen)


def _npy(data: bytes, name: str) -> NDArray[np.generic]:
    try:
        check_npy(data, "the array")
        return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))
    except InputError as error:
        raise InputError(error.message, path=name) from None
    except ValueError as error:
        reason = "holds Python objects, not numbers" if "pickle" in str(error) else "is a damaged npy file"
        raise InputError(reason, path=name) from None
    except (EOFError, OSError):
        raise InputError("is a damaged npy file", path=name) from None


def _npz(data: bytes, name: str) -> tuple[object, str]:
    try:
        members = archive_members(data)
        if {"format.npy", "shape.npy", "data.npy"} <= set(members):
            from scipy import sparse

            matrix = checked_sparse(sparse.load_npz(io.BytesIO(data)))
            if len(matrix.shape) == 2:
                check_shape(*matrix.shape)
            return matrix, "sparse matrix (npz)"
        arrays = {
            member.removesuffix(".npy"): np.asarray(np.load(io.BytesIO(content), allow_pickle=False))
            for member, content in members.items()
        }
    except InputError as error:
        raise InputError(error.message, path=name) from None
    except BROKEN as error:
        reason = "holds Python objects, not numbers" if "pickle" in str(error) else "is a damaged npz file"
        raise InputError(reason, path=name) from None
    tables = [key for key, value in arrays.items() if value.ndim == 2]
    if len(tables) == 1:
        return arrays[tables[0]], f"array {tables[0]} of an npz file"
    for key in _ARRAY_NAMES:
        if key in tables:
            return arrays[key], f"array {key} of an npz file"
    listed = ", ".join(sorted(arrays)) or "nothing"
    raise InputError(
        f"holds {len(tables)} tables ({listed}); name the one with the points 'X' or give it alone", path=name
    )


def _parquet(data: bytes, name: str, chosen: Choice) -> _Raw:
    try:
        from pyarrow import ArrowException, BufferReader
        from pyarrow.parquet import read_table
    except ImportError:
        raise MissingDependencyError("pyarrow", "parquet") from None
    try:
        table = read_table(BufferReader(data))
    except (ArrowException, OSError):
        raise InputError("is a damaged parquet file", path=name) from None
    names = list(table.schema.names)
    if not names:
        raise InputError("has no columns", path=name)
    notes = []
    if _PANDAS_INDEX in names and not chosen.made:
        notes.append(f"left out {_PANDAS_INDEX!r}, the index of the data frame that was saved")
        chosen = Choice(drop=(_PANDAS_INDEX,))
    kept, label = places(chosen, names, len(names))
    columns = []
    for place in kept:
        field, column = names[place], table.columns[place]
        kind = str(column.type)
        if not kind.startswith(("int", "uint", "float", "double", "halffloat")):
            raise InputError(
                f"column {field!r} has the type {kind}, not numbers; {_ways_out(field)}", path=name
            )
        if column.null_count:
            raise InputError(f"column {field!r} has {column.null_count} missing values", path=name)
        columns.append(column.to_numpy())
    labels = None if label is None else tuple(map(str, table.columns[label].to_pylist()))
    return _chosen(np.column_stack(columns), "parquet table", kept, names, chosen, labels, notes)


def _ways_out(handle: str) -> str:
    return f"leave it out (--drop {handle}) or name it as a label (--label {handle})"


def _chosen(
    table: FloatArray,
    what: str,
    kept: list[int],
    names: list[str] | None,
    chosen: Choice,
    labels: tuple[str, ...] | None,
    notes: list[str],
) -> _Raw:
    """Look at what columns seem to be, unless every one of them was named."""
    if chosen.columns is None:
        check_row_numbers(table, kept, names)
        notes = [*notes, *notes_on(table, kept, names)]
    columns = column_names(kept, names)
    used = f": {' '.join(columns)}" if names is not None or chosen.made else ""
    reading = f"{what}, {counted(len(kept), 'column')}{used}"
    return _Raw(table, reading, columns if chosen.made else None, labels, tuple(notes))


def _text(text: str, name: str, chosen: Choice) -> _Raw:
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
    return _chosen(found, what, kept, names, chosen, labels, notes)


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
                    f"column {place + 1} {what}; convert it, {_ways_out(handle(place, names))}",
                    path=name,
                    line=number,
                )
            if not math.isfinite(value):
                raise InputError(
                    f"column {place + 1} is {field}; points are finite numbers", path=name, line=number
                )
    raise InputError("is not a table of plain numbers (underscores and quotes are not read)", path=name)


def as_point_cloud(X: object, *, columns: Columns = None) -> PointCloud:
    """Return `X` as a `PointCloud`; a path is read with `derandkit.points.files.read_points`.

    Parameters
    ----------
    X : array_like, sparse matrix, PointCloud or path
        The points.
    columns : optional
        The columns of a file to use, as a record names them.
    """
    if isinstance(X, PointCloud):
        return X
    if isinstance(X, str) or hasattr(X, "__fspath__"):
        return read_points(X, columns=columns)
    return PointCloud(X)
