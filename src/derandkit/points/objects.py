"""Objects in memory that are no arrays and no frames: lists of records are tables; others have no rows to read."""

from __future__ import annotations

import numbers
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, ValuesView
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.given.doubles import NO_DOUBLE, is_rounded
from derandkit.given.entries import frame_column
from derandkit.given.rows import fields_of, texts_of
from derandkit.given.series import index_of, plain_series, row_dimension
from derandkit.points.columns import described

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray, IntArray, SingleArray

_TIMES = re.compile(r"date|time|duration|period|interval", re.IGNORECASE)


def refuse_no_rows(X: object) -> None:
    """Refuse objects whose rows have no order, or come once.

    Raises
    ------
    InputError
        It says what to pass.

    Examples
    --------
    >>> refuse_no_rows(row for row in [[0.0, 1.0]])
    Traceback (most recent call last):
    derandkit.errors.InputError: a generator gives its rows once; pass the points as a list, list(...) of it
    """
    if X is None:
        raise InputError("there are no points: got None")
    if isinstance(X, (set, frozenset)):
        raise InputError(f"the rows of a {type(X).__name__} have no order; pass the points as a list")
    if isinstance(X, (Iterator, ValuesView)):
        raise InputError(
            f"a {type(X).__name__} gives its rows once; pass the points as a list, list(...) of it"
        )


def records(X: object) -> tuple[NDArray[np.generic], tuple[str, ...]] | None:
    """Return entries and names of a list of mappings, named tuples, rows of a database or series; None of others.

    Raises
    ------
    InputError
        Not all have the names of the first.

    Examples
    --------
    >>> records([{"x": 1, "y": 2}, {"y": 4, "x": 3}])
    (array([[1, 2],
           [3, 4]], dtype=object), ('x', 'y'))
    >>> records([[1, 2]]) is None
    True
    """
    if not isinstance(X, (list, tuple, deque)) or not X:
        return None
    kinds = {type(row): row for row in X}
    mappings = any(issubclass(kind, Mapping) for kind in kinds)
    if not (mappings or any(fields_of(row) or _is_series(kind) for kind, row in kinds.items())):
        return None
    rows = list(map(plain_series, X))
    labels = list(map(_labels, rows))
    if not mappings and all(own == tuple(range(len(own))) for own in labels):  # series without labels
        return None
    names = labels[0]
    for row, own in enumerate(labels):
        if own != names and (len(own) != len(names) or set(own) != set(names) or len(set(own)) < len(own)):
            those = ", ".join(texts_of(names))[:100] or "none"
            raise InputError(
                f"row {row} does not have the same names as row 0 ({those}); complete it, or pass "
                "pandas.DataFrame(...) of the rows with its missing values filled in"
            )
    if not names:
        return None
    table = np.empty((len(rows), len(names)), dtype=object)
    for row, (record, own) in enumerate(zip(rows, labels, strict=True)):
        if isinstance(record, Mapping):
            entries = list(record.values())
        else:
            entries = record.tolist() if hasattr(record, "tolist") else list(record)  # type: ignore[call-overload]
        if own != names:
            by_name = dict(zip(own, entries, strict=True))
            entries = [by_name[name] for name in names]
        table[row] = entries
    single = all(
        getattr(getattr(record, "dtype", None), "name", None) == "float32" for record in rows
    )  # which points keep
    return table.astype(np.float32) if single else table, texts_of(names)


def _is_series(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in ("pandas", "xarray") and hasattr(kind, "to_numpy")


def _labels(record: object) -> tuple[object, ...]:
    """Return the names of a mapping, a row of a database, a named tuple or a series of pandas."""
    if isinstance(record, Mapping):
        return tuple(record)
    if fields := fields_of(record):
        return fields
    index = index_of(record)
    return () if index is None or getattr(record, "ndim", 0) != 1 else tuple(index.tolist())


def refuse_rounded(X: object, points: FloatArray | SingleArray, places: Sequence[int] | IntArray) -> None:
    """Refuse numbers beyond 2^53 that are not exact in the array of a table: close ones would become one point.

    Columns of whole numbers become doubles beside others, in lists, frames and structured arrays; an array of whole
    numbers alone is looked at where it is made.

    Parameters
    ----------
    X : object
        The table as it was given: of rows, of columns with names, sparse or not.
    points : ndarray, shape (n, k)
        Its numbers.
    places : sequence of k int
        Their columns in `X`.

    Raises
    ------
    InputError
        It names the first such entry.

    Examples
    --------
    >>> rows = [[2**53, 0.5], [2**53 + 1, 1.5]]
    >>> refuse_rounded(rows[:1], np.array(rows[:1]), [0, 1])
    >>> refuse_rounded(rows, np.array(rows), [0, 1])
    Traceback (most recent call last):
    derandkit.errors.InputError: entry (1, 0) of the points is 9007199254740993, which is not exact in double ...
    """
    high, low = points.max(axis=0, initial=0.0), points.min(axis=0, initial=0.0)
    for at in np.flatnonzero(np.maximum(high, -low) >= 2.0**53).tolist():
        if _holds_floats(X, int(places[at])):
            continue
        for row, entry in enumerate(_entries(X, int(places[at]))):
            if _is_rounded(entry):
                raise InputError(
                    f"entry ({row}, {int(places[at])}) of the points is {str(entry)[:40]}, {NO_DOUBLE}"
                )


def refuse_infinite(
    points: FloatArray | SingleArray, places: IntArray | None, names: Sequence[str] | None
) -> None:
    """Refuse points with an entry that is no finite number.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        The points.
    places : ndarray of int, shape (d,), or None
        Places of the columns in a wider table; None for themselves.
    names : sequence of str or None
        What the columns are called, if `places` is None.

    Raises
    ------
    InputError
        Names the first row, from 0, and its column.

    Examples
    --------
    >>> refuse_infinite(np.array([[1.0, 2.0], [3.0, np.nan]]), None, ["a", "b"])
    Traceback (most recent call last):
    derandkit.errors.InputError: row 1 holds NaN or infinity in column 2 ('b'); remove or impute it first
    """
    finite = np.isfinite(points).all(axis=1)
    if finite.all():
        return
    row = int(np.argmin(finite))
    at = int(np.argmin(np.isfinite(points[row])))
    where = described(at, names) if places is None else described(int(places[at]), None)
    raise InputError(f"row {row} holds NaN or infinity in {where}; remove or impute it first")


def _holds_floats(X: object, at: int) -> bool:
    """Whether a column of a frame or an array is one of doubles or of less, which are as they were given.

    Examples
    --------
    >>> _holds_floats(np.ones((1, 2)), 0), _holds_floats([[2**60]], 0)
    (True, False)
    """
    if isinstance(X, np.ndarray):
        form: object = X.dtype if X.dtype.names is None else X.dtype[at]
    elif hasattr(X, "iloc") and hasattr(X, "dtypes"):
        form = X.dtypes.iloc[at]
    else:
        return False
    return str(form) in ("float16", "float32", "float64")


def _is_rounded(entry: object) -> bool:
    """Whether an entry is a whole number, also in text, that double precision does not hold."""
    text = str(entry).strip() if isinstance(entry, str) else ""
    if text.lstrip("+-").isdecimal():
        entry = int(text)  # other texts are taken as they are written, as in files
    return isinstance(entry, (numbers.Rational, Decimal, np.longdouble)) and is_rounded(entry, float(entry))


def _entries(X: object, at: int) -> list[object]:
    """Return the entries of a column as numbers of Python, which are exact."""
    if (found := frame_column(X, at)) is not None:
        return found
    if hasattr(X, "tocsc"):
        return list(X.tocsc()[:, [at]].toarray().ravel().tolist())
    if hasattr(X, "detach"):
        return list(X.detach().cpu().to_dense()[:, at].tolist())
    if isinstance(X, np.ndarray):
        return list((X[:, at] if X.dtype.names is None else X[X.dtype.names[at]]).tolist())
    if (listed := records(X)) is not None:
        return list(listed[0][:, at].tolist())
    return [row[at] for row in X] if isinstance(X, Sequence) else []


def refuse_times(names: Sequence[str], kinds: Iterable[object], leave_out: str) -> None:
    """Refuse a column of dates or times: what number stands for them is not known.

    Parameters
    ----------
    names : sequence of str
        Names of the columns.
    kinds : iterable
        Their types, as a frame gives them.
    leave_out : str
        How a column is left out, with ``{}`` for its name.

    Raises
    ------
    InputError
        It names the column.
    """
    for place, (name, kind) in enumerate(zip(names, kinds, strict=True), 1):
        if _TIMES.match(str(kind)):
            raise InputError(
                f"column {place} ({name!r}) holds dates or times ({str(kind)[:40]}); convert it to numbers, or "
                f"leave it out ({leave_out.format(repr(name))})"
            )


def check_index_of_rows(X: object, **others: object) -> None:
    """Refuse tables and series whose labels of rows disagree: rows would be joined by position.

    Parameters
    ----------
    X : object
        The inputs.
    **others : object
        What has one entry a row, by name; these are compared with each other as well, also beside an array.

    Raises
    ------
    InputError
        Two have an index of pandas or a coordinate of xarray, these differ, and they share labels or none is the
        default index. An index that counts from 0 and shares none is that of new rows, and rows are joined by position.

    Examples
    --------
    >>> import pandas as pd
    >>> y = pd.Series([0.5, 1.5])
    >>> check_index_of_rows([[1.0], [2.0]], y=y, weights=y.rename({0: "a", 1: "b"}))
    >>> check_index_of_rows([[1.0], [2.0]], y=y, weights=y[::-1])
    Traceback (most recent call last):
    derandkit.errors.InputError: the index of weights and the index of y differ, so that rows could be joined by ...
    """
    for (one, first), (name, other) in combinations({"X": X, **others}.items(), 2):
        index, own = index_of(first), index_of(other)
        if index is None or own is None or len(index) != len(own) or index.equals(own):
            continue
        if index.isin(own).any() or not (_is_default(index) or _is_default(own)):
            dimension = row_dimension(first)
            rows = f"{one}.index" if dimension is None else f"{one}.indexes[{dimension!r}]"
            way = "loc" if row_dimension(other) is None else f"sel({row_dimension(other)}="
            raise InputError(
                f"the index of {name} and the index of {one} differ, so that rows could be joined by label or by "
                f"position; for labels pass {name}.{way}{f'[{rows}]' if way == 'loc' else f'{rows})'}, for positions "
                f"{name}.to_numpy()"
            )


def _is_default(index: pd.Index) -> bool:
    start, step = getattr(index, "start", None), getattr(index, "step", None)
    return (start, step) == (0, 1)
