"""Read point clouds: npy, npz (dense or scipy.sparse), csv and tsv with or without a header, parquet.

The format is told by the content, not by the name. A text table is read by NumPy's parser; when that refuses, or
a number is not finite, the file is walked line by line to say which line and which column is wrong.
"""

from __future__ import annotations

import gzip
import io
import math
import os
import sys
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.errors import InputError, MissingDependencyError
from derandkit.points.cloud import PointCloud

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NPY = b"\x93NUMPY"
_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
_DELIMITERS = ("\t", ",", ";")
_ARRAY_NAMES = ("X", "points", "data", "arr_0")


def read_points(path: str | os.PathLike[str]) -> PointCloud:
    r"""Read a table of points.

    Parameters
    ----------
    path : str or PathLike
        The file, ``"-"`` for standard input. npy; npz with one table (or one named ``X``, ``points``, ``data`` or
        ``arr_0``) or a scipy.sparse matrix; text columns separated by tabs, commas, semicolons or blanks, with an
        optional header line and ``#`` comments; parquet if pyarrow is installed. Any of them may be gzipped.

    Returns
    -------
    PointCloud
        The points; float32 is kept.

    Raises
    ------
    InputError
        If the file is missing, not a table of finite numbers, or its points cannot be used. Names the line of a
        text file.
    MissingDependencyError
        For a parquet file without pyarrow.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "points.csv")
    ...     _ = file.write_text("x,y\n0,0\n3,4\n")
    ...     read_points(file)
    PointCloud(n=2, d=2, float64)
    """
    name = os.fspath(path)
    data = _bytes(name)
    try:
        return PointCloud(_table(data, name))
    except InputError as error:
        if error.path is not None:
            raise
        raise InputError(error.message, path=name) from None


def _bytes(name: str) -> bytes:
    if name == "-":
        data = sys.stdin.buffer.read()
    else:
        try:
            data = Path(name).read_bytes()
        except FileNotFoundError:
            raise InputError("no such file", path=name) from None
        except IsADirectoryError:
            raise InputError("is a directory, not a file of points", path=name) from None
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", path=name) from None
    if data.startswith(_GZIP):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise InputError("is a damaged gzip file", path=name) from None
    if not data:
        raise InputError("is empty", path=name)
    return data


def _table(data: bytes, name: str) -> Any:
    if data.startswith(_NPY):
        return _npy(data, name)
    if data.startswith(_ZIP):
        return _npz(data, name)
    if data.startswith(_PARQUET):
        return _parquet(data, name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("is neither npy, npz, parquet nor UTF-8 text", path=name) from None
    return _text(text, name)


def _npy(data: bytes, name: str) -> NDArray[Any]:
    try:
        return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))
    except ValueError as error:
        reason = "holds Python objects, not numbers" if "pickle" in str(error) else "is a damaged npy file"
        raise InputError(reason, path=name) from None
    except (EOFError, OSError):
        raise InputError("is a damaged npy file", path=name) from None


def _npz(data: bytes, name: str) -> Any:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            if {"format", "shape", "data"} <= set(archive.files):
                from scipy import sparse

                return sparse.load_npz(io.BytesIO(data))
            arrays = {key: archive[key] for key in archive.files}
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        reason = "holds Python objects, not numbers" if "pickle" in str(error) else "is a damaged npz file"
        raise InputError(reason, path=name) from None
    tables = [key for key, value in arrays.items() if value.ndim == 2]
    if len(tables) == 1:
        return arrays[tables[0]]
    for key in _ARRAY_NAMES:
        if key in tables:
            return arrays[key]
    listed = ", ".join(sorted(arrays)) or "nothing"
    raise InputError(
        f"holds {len(tables)} tables ({listed}); name the one with the points 'X' or give it alone", path=name
    )


def _parquet(data: bytes, name: str) -> NDArray[Any]:
    try:
        from pyarrow import ArrowException, BufferReader
        from pyarrow.parquet import read_table
    except ImportError:
        raise MissingDependencyError("pyarrow", "parquet") from None
    try:
        table = read_table(BufferReader(data))
    except (ArrowException, OSError):
        raise InputError("is a damaged parquet file", path=name) from None
    columns = []
    for field, column in zip(table.schema.names, table.columns, strict=True):
        kind = str(column.type)
        if not kind.startswith(("int", "uint", "float", "double", "halffloat")):
            raise InputError(f"column {field!r} has the type {kind}, not numbers; drop it first", path=name)
        if column.null_count:
            raise InputError(f"column {field!r} has {column.null_count} missing values", path=name)
        columns.append(column.to_numpy())
    if not columns:
        raise InputError("has no columns", path=name)
    return np.column_stack(columns)


def _text(text: str, name: str) -> NDArray[np.float64]:
    lines = [
        (number, stripped)
        for number, line in enumerate(text.splitlines(), 1)
        if (stripped := line.split("#", 1)[0].strip(" \r"))
        if stripped.strip()
    ]
    if not lines:
        raise InputError("holds no numbers", path=name)
    delimiter = next((mark for mark in _DELIMITERS if mark in lines[0][1]), None)
    if _is_header(lines, delimiter):
        lines = lines[1:]
        if not lines:
            raise InputError("holds a header and no numbers", path=name)
    try:
        table = np.loadtxt([line for _, line in lines], delimiter=delimiter, comments=None, ndmin=2)
    except ValueError:
        table = None
    if table is None or not np.isfinite(table).all():
        _complain(lines, delimiter, name)
    return np.asarray(table, dtype=np.float64)


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


def _complain(lines: list[tuple[int, str]], delimiter: str | None, name: str) -> None:
    """Raise the error of the first line that is not as wide as the first or not finite numbers."""
    width = len(_fields(lines[0][1], delimiter))
    for number, line in lines:
        fields = _fields(line, delimiter)
        if len(fields) != width:
            raise InputError(
                f"{len(fields)} columns where the first row has {width}; a table has one width",
                path=name,
                line=number,
            )
        for column, field in enumerate(fields, 1):
            value = _number(field)
            if value is None:
                what = f"{field!r} is not a number" if field else "is empty"
                raise InputError(f"column {column} {what}; drop or convert it", path=name, line=number)
            if not math.isfinite(value):
                raise InputError(
                    f"column {column} is {field}; points are finite numbers", path=name, line=number
                )
    raise InputError("is not a table of plain numbers (underscores and quotes are not read)", path=name)


def as_point_cloud(X: Any) -> PointCloud:
    """Return `X` as a `PointCloud`; a path is read with `derandkit.points.files.read_points`."""
    if isinstance(X, PointCloud):
        return X
    if isinstance(X, str) or hasattr(X, "__fspath__"):
        from derandkit.points.files import read_points

        return read_points(X)
    return PointCloud(X)
