"""Tables with names of columns in memory: frames of pandas, polars and pyarrow, structured arrays; and tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.errors import InputError, first_line
from derandkit.given.codes import padded_column
from derandkit.given.entries import refuse_masked
from derandkit.given.rows import texts_of
from derandkit.missing import with_gaps
from derandkit.numerals import writable_numbers
from derandkit.points.columns import CORRECT, may_be_index, numbering
from derandkit.points.lines import is_number
from derandkit.points.objects import records, refuse_no_rows, refuse_rounded, refuse_times
from derandkit.points.suspects.columns import has_mark, no_coordinate
from derandkit.points.suspects.names import Numbers, names_read, places_by_name, refuse_other_names
from derandkit.points.suspects.remarks import remarks_on
from derandkit.points.suspects.summaries import refuse_summaries

if TYPE_CHECKING:
    from numpy.typing import NDArray


class NamedTable(NamedTuple):
    """A table whose columns have names.

    Parameters
    ----------
    table : object
        What NumPy makes an array of.
    names : tuple of str or None
        One a column; None for a frame whose columns are only numbered.
    leave_out : str
        How a column is left out, with ``{}`` for its name.
    """

    table: object
    names: tuple[str, ...] | None
    leave_out: str = "frame.drop(columns={})"


@writable_numbers()
def named_table(X: object) -> NamedTable | None:
    """Return the table and the names of a frame, a structured array or a list of records; None for anything else.

    Raises
    ------
    InputError
        It is a mapping, a frame that is not computed yet, a set of arrays, has columns of dates or times, no rows that
        could be read twice, or columns of several types with a whole number beyond 2^53 that is not exact in their
        common one.

    Examples
    --------
    >>> named_table(np.array([(1.0, 2.0)], dtype=[("a", "f8"), ("b", "f8")]))
    NamedTable(table=array([[1., 2.]]), names=('a', 'b'), leave_out='numpy.lib.recfunctions.drop_fields(X, {})')
    >>> named_table([[1.0, 2.0]]) is None
    True
    """
    found = _joined(X)
    if found is not None:
        table = np.asarray(found.table)
        if table.ndim == 2 and table.dtype.kind == "f" and table.dtype.itemsize > 2 and table.size:
            refuse_rounded(X, table, range(table.shape[1]))
    return found


def _joined(X: object) -> NamedTable | None:
    """Return what `named_table` does; columns of several types have become one already."""
    kind = type(X)
    package = kind.__module__.partition(".")[0]
    if hasattr(X, "data_vars"):
        raise InputError(
            "an xarray Dataset holds several arrays; pass one of them, or dataset.to_dataframe()"
        )
    if isinstance(X, Mapping) and not hasattr(X, "tocsr"):  # scipy's dictionary of keys is both
        held = [name for name in ("data", "X") if name in X]
        hint = (
            f"pass its entry {held[0]!r}" if held else "pass pandas.DataFrame(...) of it, or a list of rows"
        )
        raise InputError(f"the points are a {kind.__name__}, not a table; {hint}")
    refuse_no_rows(X)
    if isinstance(X, np.ndarray):
        return _structured(X) if X.dtype.names is not None else None
    if (listed := records(X)) is not None:
        return NamedTable(*listed, "pandas.DataFrame(X).drop(columns={})")
    if hasattr(X, "column_names") and hasattr(X, "schema") and hasattr(X, "columns"):  # pyarrow
        fields, way = texts_of(X.column_names), "table.drop_columns([{}])"
        refuse_times(fields, X.schema.types, way)
        columns = [np.asarray(with_gaps(column)) for column in X.columns]
        return NamedTable(np.column_stack(columns), fields, way) if columns else None
    if package == "xarray" and getattr(X, "ndim", 0) == 2 and X.dims[1] in getattr(X, "indexes", ()):  # type: ignore[attr-defined]
        return _labelled(X, X.indexes[X.dims[1]].tolist(), f"X.drop_sel({X.dims[1]}={{}})")  # type: ignore[attr-defined]
    if hasattr(X, "compute") and hasattr(X, "columns"):
        raise InputError(f"the {package} frame is not computed yet; pass frame.compute()")
    if hasattr(X, "collect") and hasattr(X, "explain"):
        raise InputError(f"the {package} frame is not collected yet; pass frame.collect()")
    if not (
        hasattr(X, "columns") and hasattr(X, "shape") and hasattr(X, "to_numpy") and hasattr(X, "dtypes")
    ):
        return None
    names = tuple(X.columns)
    way = "frame.drop({})" if package == "polars" else "frame.drop(columns={})"
    refuse_times(texts_of(names), X.dtypes, way)
    try:
        table: object = with_gaps(X).to_numpy()
    except InputError:
        raise
    except Exception as error:  # polars has integers that NumPy has not
        raise InputError(f"the {package} frame cannot become an array: {first_line(error)}") from None
    return _labelled(table, names, way)


def _labelled(table: object, names: Sequence[object], way: str) -> NamedTable:
    """Return a table with its names, without them where they count its columns from 0."""
    numbered = all(type(name) is int for name in names) and list(names) == list(range(len(names)))
    return NamedTable(table, None if numbered else texts_of(names), way)


def plain_array(X: object) -> object:
    """Return a tensor of torch as an array, with its zeros if it is sparse; of a frame missing categories stay missing.

    Raises
    ------
    InputError
        The tensor has no numbers, is quantized or nested; or entries of an array are masked.
    """
    if not (hasattr(X, "detach") and hasattr(X, "cpu")):
        found = with_gaps(X)
        refuse_masked(found)
        return found
    try:
        tensor = X.detach().cpu().resolve_conj().resolve_neg()  # views with a sign that is not applied yet
        if "sparse" in str(getattr(tensor, "layout", "")):
            if str(tensor.dtype) not in ("torch.float32", "torch.float64"):
                tensor = tensor.double()  # entries of one place add up, beyond the range of a narrow type
            tensor = tensor.to_dense()
        if str(tensor.dtype) == "torch.bfloat16":  # NumPy has no such type
            tensor = tensor.float()
        array: object = tensor.numpy()
    except (RuntimeError, TypeError, NotImplementedError) as error:
        raise InputError(
            f"the tensor cannot become a NumPy array ({first_line(error, 100)}); convert it first"
        ) from None
    return array


def array_of(X: object) -> object:
    """Return the numbers of a frame, a structured array, a list of records or a tensor; anything else as it is."""
    found = named_table(X)
    return plain_array(X) if found is None else found.table


def listed_rows(X: object) -> object:
    """Return the table of a list of records, each entry at its name; anything else as it is.

    Examples
    --------
    >>> listed_rows([{"x": 1.0, "y": 2.0}, {"y": 4.0, "x": 3.0}]).tolist(), listed_rows([[1.0]])
    ([[1.0, 2.0], [3.0, 4.0]], [[1.0]])
    """
    found = records(X)
    return X if found is None else found[0]


def refuse_index(X: object) -> None:
    """Refuse a frame with a column that may be the index of another frame, see `check_frame`; and masked entries."""
    refuse_masked(X)
    refuse_numbers_of_rows(X)
    found = frame_of(X)
    if found is not None and found.names is not None:
        check_frame(found)
        refuse_square(X)


@writable_numbers()
def refuse_numbers_of_rows(X: object, way: str = "pass derandkit.PointCloud of the frame") -> None:
    """Refuse a list of tuples whose first entries count them, as ``frame.itertuples(name=None)`` gives rows of a frame.

    Parameters
    ----------
    X : object
        The table.
    way : str
        What to do if all rows of a frame are points.

    Raises
    ------
    InputError
        It is such a list; or a row of a frame sums up the others.

    Examples
    --------
    >>> refuse_numbers_of_rows([(k, 0.5 * k % 2) for k in range(8)])
    Traceback (most recent call last):
    derandkit.errors.InputError: column 1 counts the rows from 0: leave it out if it is an index, or pass ...
    """
    if isinstance(X, list) and X and all(type(row) is tuple and len(row) > 1 for row in X):
        what = numbering(_numbers(np.array([row[0] for row in X], dtype=object)), 0)
        if what is not None:
            raise InputError(
                f"column 1 {what}: leave it out if it is an index, or pass numpy.array of the list if it is none"
            )
        return
    found, index = named_table(X), getattr(X, "index", None)
    if found is not None and not (hasattr(X, "tocsr") or hasattr(X, "toarray")):
        words = [index.tolist()] if index is not None and hasattr(index, "tolist") else []
        refuse_summaries(_numbers(np.asarray(found.table)), words, way)


def refuse_square(X: object) -> None:
    """Refuse a symmetric frame whose rows are called as its columns, such as ``frame.cov()``.

    Raises
    ------
    InputError
        It holds numbers of pairs, or points with one coordinate for each of them.
    """
    found = frame_of(X)
    if found is None:
        return
    rows = getattr(X, "index", None)
    table = np.asarray(found.table)
    if (
        found.names is None
        or rows is None
        or not hasattr(rows, "tolist")
        or table.dtype.kind not in "iuf"
        or len(table) < 3
    ):
        return
    if texts_of(rows.tolist()) == found.names and np.allclose(table, table.T, rtol=1e-6, atol=0.0):
        raise InputError(
            f"the frame is symmetric, and its rows are called as its columns: covariances or the like of {len(table)} "
            "points (pass the points themselves), or points (pass derandkit.PointCloud(frame.to_numpy()))"
        )


@writable_numbers()
def check_frame(found: NamedTable, *, beside_target: bool = False) -> None:
    """Refuse a table with a column that may be the index of another, or that holds something else than numbers.

    Raises
    ------
    InputError
        A column beside others has no name, is called like an index and holds different whole numbers, or numbers the
        rows (`derandkit.points.columns.numbering`); or any is surely no coordinate
        (`derandkit.points.suspects.columns.no_coordinate`), but for times and keys in an only one `beside_target`; or
        an entry is missing or no number.
    """
    columns, names = np.asarray(found.table), found.names
    if (
        names is None or columns.ndim != 2 or columns.dtype.kind == "c"
    ):  # complex ones are refused where they are read
        return
    alone = len(names) == 1
    for place, name in enumerate(names):
        way = f"leave it out ({found.leave_out.format(repr(name))})"
        numbers = _numbers(columns[:, place])
        if not alone and may_be_index(numbers, name, names):
            raise InputError(
                f"column {place + 1} ({name!r}) may number or name the rows: {way} if it is an index, or rename it"
            )
        if not alone and (what := numbering(numbers, place)) is not None:
            raise InputError(
                f"column {place + 1} ({name!r}) {what}: {way} if it is an index, or pass an array without names if it "
                "is a coordinate"
            )
        if (what := no_coordinate(numbers, name)) is not None:
            marked = has_mark(numbers)
            out = f"{way}, or " if not alone else CORRECT if marked else ""
            if marked or not (alone and beside_target):
                raise InputError(
                    f"column {place + 1} ({name!r}) {what}: {out}pass an array without names if it is a coordinate"
                )
        if columns.dtype == object:
            for row, entry in enumerate(columns[:, place].tolist()):
                if isinstance(entry, (list, tuple, np.ndarray)):
                    raise InputError(
                        f"column {place + 1} ({name!r}) holds lists: if they are the points, pass numpy.stack of its "
                        f"entries, or else {way}"
                    )
                if not _is_number(entry):
                    raise InputError(
                        f"column {place + 1} ({name!r}) holds {str(entry)[:40]!r} in row {row}, which is not a number; "
                        f"convert it, or {way}"
                    )
    padded = padded_column(columns.T.tolist()) if columns.dtype == object else None
    if padded is not None:
        name = names[padded]
        way = f"leave it out ({found.leave_out.format(repr(name))})"
        out = "" if alone else f"{way}, or "
        raise InputError(
            f"column {padded + 1} ({name!r}) holds texts with leading zeros, as codes have: {out}make it numbers if it "
            "is a coordinate"
        )


def frame_notes(found: NamedTable) -> list[str]:
    """Say what looks like labels or sums in a table whose columns have names, once `check_frame` took it."""
    table = _numbers(np.asarray(found.table))
    if found.names is None or table.ndim != 2 or table.dtype.kind not in "iuf" or not table.size:
        return []
    return remarks_on(table.astype(np.float64), range(table.shape[1]), found.names, found.leave_out)


def frame_of(X: object) -> NamedTable | None:
    """Return what `named_table` does of a frame; None for anything without columns."""
    return named_table(X) if hasattr(X, "columns") or hasattr(X, "column_names") else None


def all_names(X: object) -> tuple[str, ...] | None:
    """Return the names of the columns of a frame, numbers from 0 where it has no others; None for anything else."""
    found = frame_of(X)
    if found is None or found.names is not None:
        return None if found is None else found.names
    return tuple(map(str, range(np.asarray(found.table).shape[1])))


def names_of(X: object) -> tuple[str, ...] | None:
    """Return the names of the columns of a table or of points that were read; None of what has none but numbers.

    Examples
    --------
    >>> names_of([{"x": 1.0, "y": 2.0}]), names_of([[1.0, 2.0]]) is None
    (('x', 'y'), True)
    """
    return Look.at(X).names


class Look(NamedTuple):
    """What was found in a table: the names of its columns, if there are any, and the columns side by side.

    Parameters
    ----------
    names : tuple of str or None
        Names of the columns, of points those that they were read with.
    found : NamedTable or None
        None for points that were read, and for what has no columns.
    """

    names: tuple[str, ...] | None
    found: NamedTable | None

    @classmethod
    def at(cls, X: object) -> Look:
        """Look at a table, points or anything else; errors as of `named_table`."""
        own = getattr(X, "columns", None)
        if isinstance(own, tuple) and hasattr(X, "distinct"):  # a cloud of points keeps the names
            return cls(names_read(own, X.reading), None)  # type: ignore[attr-defined]
        found = named_table(X)
        return cls(None if found is None else found.names, found)


def in_order(X: object, columns: Sequence[str] | None, look: Look | None = None) -> object:
    """Return the columns of a table that a record names, in its order; anything else as it is (see `check_names`)."""
    names, found = Look.at(X) if look is None else look
    if columns is None or names is None or not set(columns) <= set(names):
        return X
    if len(columns) > len(names):  # a record may name one column many times
        return X
    if tuple(columns) == names:  # also where several have one name
        return X
    places = places_by_name(names, columns)
    table = X.table() if found is None else np.asarray(found.table)  # type: ignore[attr-defined]
    return table[:, places]


def check_names(
    X: object,
    columns: Sequence[str] | None,
    fitted: str = "the fitted points",
    look: Look | None = None,
) -> None:
    """Refuse a table whose columns have other names, or another order, than those that were fitted.

    Numbers that count the columns are no names, and tables without names are read by position; but numbers in another
    order are refused. Other numbers, such as years, are names.

    Parameters
    ----------
    X : object
        A frame, a structured array, a list of records or points that were read; anything else has no names.
    columns : sequence of str or None
        Names of the columns of the fit.
    fitted : str
        What was fitted.
    look : Look, optional
        What a look at the table found, where there was one already.

    Raises
    ------
    InputError
        It names the first column that differs, and what to do.

    Examples
    --------
    >>> check_names([{"x": 1.0, "y": 2.0}], ("x", "y"))
    >>> check_names([{"y": 2.0, "x": 1.0}], ("x", "y"))
    Traceback (most recent call last):
    derandkit.errors.InputError: the columns of the table have another order than those of the fitted points, or ...
    """
    names, found = Look.at(X) if look is None else look
    numbered = names is None and found is not None
    if found is not None and numbered:
        names = tuple(map(str, range(np.asarray(found.table).shape[1])))
    if names is None or (columns is not None and tuple(columns) == names):
        return
    what = "points" if found is None else "frame" if hasattr(X, "columns") else "table"
    refuse_other_names(names, columns, what, fitted, bare=numbered or isinstance(names, Numbers))


def _structured(X: NDArray[np.void]) -> NamedTable:
    names = X.dtype.names or ()
    if X.ndim != 1 or any(X.dtype[name].shape for name in names):
        raise InputError("a structured array of points has one row a point and one number a field")
    way = "numpy.lib.recfunctions.drop_fields(X, {})"
    refuse_times(names, [X.dtype[name] for name in names], way)
    numbers = all(X.dtype[name].kind in "fiubc" for name in names)
    return NamedTable(
        np.column_stack(
            [X[name] for name in names] if numbers else [X[name].astype(object) for name in names]
        ),
        tuple(names),
        way,
    )


def _is_number(entry: object) -> bool:
    if isinstance(entry, str):  # float() takes 1_000 and digits of any script too
        return is_number(entry.strip()) and "," not in entry
    try:
        return not isinstance(entry, (bytes, complex)) and float(entry) is not None  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False


def _numbers(column: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return a column of objects as numbers, if it holds some."""
    if column.dtype.kind == "c":
        return column
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):  # what is too large, too, is refused with its own words
        return column
