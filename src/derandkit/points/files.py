"""Read point clouds: npy, npz (dense or scipy.sparse), csv and tsv with or without a header, parquet, Matrix Market.

The content decides the format, not the name.
"""

from __future__ import annotations

import math
import os
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.arrays.archives import BROKEN, archive_members, check_npy, load_npy, sparse_matrix
from derandkit.arrays.columnar import ARROW, arrow_table, listed, saved_index
from derandkit.content import allowance, read_content, too_large
from derandkit.errors import InputError
from derandkit.options import path_name
from derandkit.points.cloud import PointCloud, type_name
from derandkit.points.columns import Choice, Columns, choice, places
from derandkit.points.foreign import BANNER, check_shape, read_matrix_market, refuse_foreign, refuse_graph
from derandkit.points.frames import (
    check_names,
    in_order,
    named_table,
    names_of,
    refuse_numbers_of_rows,
    refuse_square,
)
from derandkit.points.lists import NUMBERS, column_numbers, holds_lists, with_lists_as_columns
from derandkit.points.raw import Raw, array_notes, chosen_table, refuse_numbered
from derandkit.points.suspects.names import are_counted, header_of, names_read, one_kind
from derandkit.points.suspects.pairs import refuse_pairs
from derandkit.points.text import text_table
from derandkit.words.quoting import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


_NPY = b"\x93NUMPY"
_ZIP = b"PK\x03\x04"
_POINTS_OF_PAIRS = (
    "name all columns, --columns, columns=",
    "in Python pass derandkit.PointCloud of the array",
)
_ARRAY_NAMES = ("X", "points", "data", "arr_0")
#: Times that a table of columns is held while it becomes points, measured: 4.4 to 6.3.
_COPIES = 6


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
    text : bool
        Whether the column of the labels has the type of text; files of text have no types.
    """

    cloud: PointCloud
    labels: tuple[str, ...] | None
    notes: tuple[str, ...]
    text: bool = False


def read_points(
    path: str | os.PathLike[str],
    *,
    columns: Columns = None,
    drop: Columns = None,
    label: str | int | None = None,
    header: bool | None = None,
) -> PointCloud:
    r"""Read a table of points.

    Parameters
    ----------
    path : str or PathLike
        The file, ``"-"`` for standard input. npy; npz with one table (or one named ``X``, ``points``, ``data`` or
        ``arr_0``) or a scipy.sparse matrix; text columns separated by tabs, commas, semicolons or blanks, with an
        optional header line and ``#`` comments; Matrix Market; parquet and Feather if pyarrow is installed. Any of
        them may be compressed with gzip, bzip2 or xz.
    columns : sequence of str or int, or text with commas, optional
        The columns to use, by name or 1-based number; all by default. Text and parquet files only, as the next two.
    drop : the same, optional
        Columns to leave out.
    label : str or int, optional
        A column that is no coordinate but a label; it may hold text.
    header : bool, optional
        Whether the first line of a text names the columns. By default a line of words does; where the lines do not show
        it, the file is refused.

    Returns
    -------
    PointCloud
        The points; float32 is kept.

    Raises
    ------
    InputError
        If the file is missing, not a table of finite numbers, or its points cannot be used. Names the line of a
        text file. Also if its name says that it is a graph (``.edgelist``, ``.rudy``) and no columns are chosen, if a
        column has no name beside others, is called like an index, or only counts the rows, and
        `columns` does not name it; and if the first line may be names or a point.
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
    table = read_table(path, columns=columns, drop=drop, label=label, header=header)
    for note in table.notes:
        warnings.warn(one_line(note), UserWarning, stacklevel=2)
    return table.cloud


def read_table(
    path: str | os.PathLike[str],
    *,
    columns: Columns = None,
    drop: Columns = None,
    label: str | int | None = None,
    header: bool | None = None,
) -> PointTable:
    """Do what `read_points` does, and hand back labels and notes."""
    return table_of(path, choice(columns, drop, label, header))


def table_of(path: str | os.PathLike[str], chosen: Choice) -> PointTable:
    """Read a table with a choice of its columns."""
    name = path_name(path)
    data, _ = read_content(name)
    if not data:
        raise InputError("is empty", path=name)
    try:
        raw = _table(data, name, chosen)
        if (
            isinstance(raw.table, np.ndarray)
            and data.startswith((_NPY, _ZIP)) | bool(BANNER.match(data))
            and not chosen.recorded
        ):
            refuse_numbered(raw.table, _POINTS_OF_PAIRS[1])
            raw = replace(raw, notes=(*raw.notes, *array_notes(raw.table)))
        cloud = PointCloud(raw.table, columns=raw.columns, reading=raw.reading)
        if chosen.columns is None and not chosen.recorded and chosen.target is None:
            by_name = data.startswith(ARROW) or "-separated table" in raw.reading
            refuse_pairs(cloud.points, _POINTS_OF_PAIRS[0 if by_name else 1])
    except InputError as error:
        if error.path is not None:
            raise
        raise InputError(error.message, path=name, line=error.line) from None
    return PointTable(cloud, raw.labels, raw.notes, raw.text)


def _table(data: bytes, name: str, chosen: Choice) -> Raw:
    if data.startswith((_NPY, _ZIP)):
        if chosen.made and not chosen.recorded:
            raise InputError(
                "columns are chosen in text and parquet files; an array is cut before it is saved", path=name
            )
        if data.startswith(_NPY):
            return Raw(_npy(data, name), "npy array")
        return Raw(*_npz(data, name))
    if data.startswith(ARROW):
        return _columnar(data, name, chosen)
    if BANNER.match(data):
        if chosen.made and not chosen.recorded:
            raise InputError(
                "columns are chosen in text and parquet files; cut the matrix before it is saved"
            )
        return Raw(*read_matrix_market(data))
    refuse_foreign(data, texts=chosen.columns is None and chosen.label is None and not chosen.drop)
    if not (chosen.made or chosen.recorded):
        refuse_graph(name)
    return text_table(data, name, chosen)


def _npy(data: bytes, name: str) -> NDArray[np.generic]:
    try:
        check_npy(data, "the array")
        return _doubles(load_npy(data))
    except InputError as error:
        raise InputError(error.message, path=name) from None
    except ValueError as error:
        reason = "holds Python objects, not numbers" if "pickle" in str(error) else "is a damaged npy file"
        raise InputError(reason, path=name) from None
    except (EOFError, OSError):
        raise InputError("is a damaged npy file", path=name) from None


def _doubles(array: object) -> NDArray[np.generic]:
    """Return an array; numbers with more digits than doubles as doubles, those beyond their range as infinite."""
    found = np.asarray(array)
    if found.dtype.kind == "f" and found.dtype.itemsize > 8:
        with np.errstate(over="ignore"):  # an infinite number is refused by its row
            return found.astype(np.float64)
    return found


def _npz(data: bytes, name: str) -> tuple[object, str]:
    try:
        members = archive_members(data)
        if {"format.npy", "shape.npy", "data.npy"} <= set(members):
            matrix = sparse_matrix(data, members)
            if len(matrix.shape) == 2:
                check_shape(*matrix.shape)
            return matrix, "sparse matrix (npz)"
        for member, content in members.items():  # of small integers that become doubles
            shape = check_npy(content, f"array {member[:60]!r}")
            if 8 * math.prod(shape) > allowance(len(data)):
                raise too_large(
                    f"array {member.removesuffix('.npy')[:60]!r} of {' x '.join(map(str, shape))} doubles"
                )
        arrays = {
            member.removesuffix(".npy"): _doubles(load_npy(content)) for member, content in members.items()
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


def stored_names(data: bytes, name: str) -> list[str] | None:
    """Return the names of the columns of a parquet or Feather file; None for anything else.

    Raises
    ------
    InputError
        It is damaged.
    MissingDependencyError
        pyarrow is not installed.
    """
    if not data.startswith(ARROW):
        return None
    return _bare(arrow_table(data, name, _COPIES, shared=True)[0].schema.names)


def _bare(names: Sequence[str]) -> list[str]:
    """Return names of columns without blanks around them, as those of a text and as they are chosen."""
    return [name.strip() for name in names]


def _columnar(data: bytes, name: str, chosen: Choice) -> Raw:
    """Read a parquet file, or one of Arrow or Feather."""
    table, kind = arrow_table(data, name, _COPIES, shared=True)
    names = _bare(table.schema.names)
    if not names:
        raise InputError("has no columns", path=name)
    notes = []
    index = [name for name in saved_index(table.schema) if name in names and name not in chosen.named]
    if index and chosen.columns is None and not chosen.recorded and len(index) < len(names):
        notes.append(f"left out {', '.join(map(repr, index))}, the index of the data frame that was saved")
        chosen = replace(chosen, drop=(*chosen.drop, *index))
    if chosen.target is None and any(map(holds_lists, table.schema.types)):
        table, chosen = with_lists_as_columns(table, chosen, name)
        names = _bare(table.schema.names)
    kept, label = places(chosen, names, len(names))
    columns = []
    for place in kept:
        field, column = names[place], table.columns[place]
        columns.append(column_numbers(column, field, name))
    if chosen.target is not None and label is not None:
        form = str(table.columns[label].type)
        if not form.startswith((*NUMBERS, "string", "large_string", "dictionary", "null")):
            raise InputError(
                f"the target {names[label]!r} has the type {form}, neither numbers nor text; convert it",
                path=name,
            )
    labels = None if label is None else tuple(map(str, listed(table.columns[label])))
    texts = [
        listed(table.columns[place])
        for place, form in enumerate(map(str, table.schema.types))
        if place not in (*kept, chosen.target) and form.startswith(("string", "large_string", "dictionary"))
    ]
    raw = chosen_table(np.column_stack(columns), f"{kind} table", kept, names, chosen, labels, notes, texts)
    return replace(raw, text=label is not None and _is_text(table.columns[label].type))


def _is_text(form: object) -> bool:
    """Whether a column holds text, or categories that are text."""
    form = getattr(form, "value_type", form) if str(form).startswith("dictionary") else form
    return str(form).startswith(("string", "large_string"))


def as_point_cloud(
    X: object,
    *,
    columns: Columns = None,
    drop: Columns = None,
    label: str | int | None = None,
    header: bool | None = None,
) -> PointCloud:
    """Return `X` as a `PointCloud`; a path is read with `derandkit.read_points`.

    Parameters
    ----------
    X : array_like, sparse matrix, PointCloud or path
        The points. A symmetric table with a diagonal of zeros or of ones is taken as points only in a `PointCloud`.
    columns, drop, label, header : optional
        As in `read_points`; for a path only.

    Raises
    ------
    InputError
        If the points cannot be used, may be distances between points, or columns are chosen of something that is no
        file.
    """
    if not isinstance(X, PointCloud) and (isinstance(X, str) or hasattr(X, "__fspath__")):
        return read_points(X, columns=columns, drop=drop, label=label, header=header)
    refuse_choice(columns=columns, drop=drop, label=label, header=header)
    if isinstance(X, PointCloud):
        return X
    refuse_numbers_of_rows(X)
    refuse_square(X)
    cloud = PointCloud(X)
    refuse_pairs(cloud.points, "pass derandkit.PointCloud of them")
    return cloud


def refuse_choice(**chosen: object) -> None:
    """Refuse options that say how a file is read, for data that is in memory already."""
    for name, value in chosen.items():
        if value is not None:
            raise InputError(f"{name} says how a file is read; of data in memory pass the columns to use")


def as_recorded_cloud(X: object, columns: Sequence[str] | None, reading: str) -> PointCloud:
    """Return `X` as the `PointCloud` that a record is about; the digest in the record shows whether it is.

    Parameters
    ----------
    X : array_like, sparse matrix, PointCloud or path
        The points.
    columns : sequence of str or None
        The columns of a file that were used, as the record names them; None for all.
    reading : str
        How the record says that its input was read.
    """
    if isinstance(X, PointCloud) or not (isinstance(X, str) or hasattr(X, "__fspath__")):
        named = in_order(X, columns)
        if isinstance(X, PointCloud):
            return X if named is X else PointCloud(named, columns=tuple(columns or ()), reading=X.reading)
        found = named_table(X) if named is X else None
        if (
            found is not None and found.names is not None
        ):  # what its columns are was asked where it was solved
            return PointCloud(found.table, columns=found.names, reading=type_name(X))
        return PointCloud(named, columns=None if named is X else tuple(columns or ()))
    chosen = None if columns is None else tuple(columns)
    return table_of(X, Choice(chosen, header=header_of(reading), recorded=True)).cloud


def as_fitted_cloud(X: object, columns: Sequence[str] | None, reading: str) -> PointCloud:
    """Return points with the columns of a fit in its order, as `as_recorded_cloud` does; refuse those of other names.

    Examples
    --------
    >>> as_fitted_cloud([{"b": 2.0, "a": 1.0}, {"b": 0.0, "a": 4.0}], ("a", "b"), "list").points.tolist()
    [[1.0, 2.0], [4.0, 0.0]]
    >>> as_fitted_cloud([{"c": 2.0, "a": 1.0}, {"c": 0.0, "a": 4.0}], ("a", "b"), "list")
    Traceback (most recent call last):
    derandkit.errors.InputError: the points lack the column 'b' of the fitted points; pass the columns of the fit, ...
    """
    fitted = names_read(columns, reading)
    if isinstance(X, str) or hasattr(X, "__fspath__"):
        cloud = as_recorded_cloud(X, columns, reading)
        if (
            fitted == cloud.columns
            and not one_kind(names_of(cloud), fitted)
            and not are_counted(fitted or ())
        ):
            raise InputError(
                f"the fitted points have columns named {', '.join(fitted or ())[:60]}, and the file has no names: pass "
                "an array of these columns",
                path=path_name(X),
            )
        check_names(cloud, fitted)
        return cloud
    cloud = as_recorded_cloud(X, columns if one_kind(names_of(X), fitted) else None, reading)
    check_names(X if cloud.columns is None else cloud, fitted)
    return cloud
