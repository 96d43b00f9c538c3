"""Rows and columns of a table of points, as every check of points sees them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import Verdict
from derandkit.certificates.statements import another
from derandkit.numerics.rounding import DECIMAL
from derandkit.tables import first_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from derandkit.numerics.typing import BoolArray, FloatArray, IntArray
    from derandkit.records import JsonMapping, JsonObject


_HEADER = re.compile(r"\S+-separated table with a header line(?:[,;]|$)")
LARGE = 1 << 22
"""Entries of a table beyond which columns that are zero in every row are left out."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table of points as it was given, or the columns of it in which some row is not zero.

    Parameters
    ----------
    entries : ndarray, shape (n, a)
        What is in the columns that are kept. Two rows differ where these do.
    places : ndarray of int, shape (a,), or None
        Which columns those are; None for all.
    width : int
        Number of columns d.
    reading : str, optional
        How the table was read for this check.
    """

    entries: NDArray[np.generic]
    places: IntArray | None
    width: int
    reading: str | None = None

    def cut(self, columns: FloatArray) -> FloatArray:
        """Return the columns that are kept of something with one entry a column, shape (..., d)."""
        return columns if self.places is None else np.ascontiguousarray(columns[..., self.places])

    def only_zero_elsewhere(self, columns: FloatArray) -> bool:
        """Whether something with one entry a column is zero in the columns that were left out."""
        if self.places is None:
            return True
        return int(np.count_nonzero(columns)) == int(np.count_nonzero(columns[..., self.places]))

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the shape, the type and the bytes of the whole table, zeros included."""
        kind = "<f4" if self.entries.dtype == np.float32 else "<f8"
        found = hashlib.sha256(f"derandkit points {len(self.entries)} {self.width} {kind}\n".encode("ascii"))
        if self.places is None:
            found.update(np.ascontiguousarray(self.entries, dtype=kind).data)
            return found.hexdigest()
        row = np.zeros(self.width, dtype=kind)
        for entries in self.entries:
            row[self.places] = entries
            found.update(row.tobytes())
        return found.hexdigest()


def table_of(points: object) -> Table:
    """Return points as a table: an array, or a cloud of points that has left columns out.

    Of an array of more than `LARGE` entries columns are left out too, if more than half of them are zero in every row:
    the bounds on rounding count the columns that are there, and points are the same points in either form.

    Examples
    --------
    >>> table_of(np.eye(2)).width
    2
    """
    places, reading = getattr(points, "places", None), getattr(points, "reading", None)
    entries = np.asarray(getattr(points, "points", points))
    if places is not None and entries.ndim == 2:
        return Table(entries, np.asarray(places, dtype=np.int64), int(getattr(points, "width", 0)), reading)
    if entries.ndim == 2 and entries.size > LARGE:
        used = np.flatnonzero(entries.any(axis=0)).astype(np.int64)
        if 0 < 2 * used.size <= entries.shape[1]:
            return Table(np.ascontiguousarray(entries[:, used]), used, entries.shape[1], reading)
    return Table(entries, None, entries.shape[-1] if entries.ndim else 0, reading)


def distinct_rows(table: NDArray[np.generic]) -> IntArray:
    """Return the first occurrences of different rows, in order.

    Notes
    -----
    Some columns at a time, until all rows differ from each other: to sort whole rows would take another table as large.

    Examples
    --------
    >>> distinct_rows(np.array([[1.0], [0.0], [1.0]])).tolist()
    [0, 1]
    """
    return np.sort(_first_and_group(table)[0]).astype(np.int64)


def numbered_rows(table: NDArray[np.generic]) -> IntArray:
    """Return for each row which of the different rows it is, in the order in which they come first.

    Examples
    --------
    >>> numbered_rows(np.array([[1.0], [0.0], [1.0]])).tolist()
    [0, 1, 0]
    """
    first, group = _first_and_group(table)
    return np.searchsorted(np.sort(first), first[group]).astype(np.int64)


def _first_and_group(table: NDArray[np.generic]) -> tuple[IntArray, IntArray]:
    """Return the first occurrence of each different row, and for every row which of these it equals."""
    n, d = table.shape
    step, kind = max(1, LARGE // max(n, 1)), table.dtype if table.dtype.kind == "f" else np.float64
    group = first = np.zeros(n, dtype=np.int64)
    for at in range(0, d, step):
        # texts of bytes are sorted faster than rows of numbers; adding zero gives the two zeros one text
        texts = np.ascontiguousarray(np.add(np.asarray(table[:, at : at + step], dtype=kind), 0.0))
        part = np.unique(texts.view(f"V{texts[0].nbytes}")[:, 0], return_inverse=True)[1]
        _, first, group = np.unique(group * n + part, return_index=True, return_inverse=True)
        if len(first) == n:
            break
    return first, group


def varying(X: FloatArray) -> BoolArray:
    """Return which columns hold two different numbers.

    Examples
    --------
    >>> varying(np.array([[1.0, 0.0], [1.0, 2.0]])).tolist()
    [False, True]
    """
    return np.asarray((X[0] != X).any(axis=0))


def first_line(names: Sequence[str], reading: str | None) -> str:
    """Say of names that are numbers that a first line was read as names; a point may stand there.

    Examples
    --------
    >>> first_line(["9.5", "2"], "comma-separated table with a header line, 2 columns: 9.5 2")
    '; a first line of numbers, which the record takes for names'
    >>> first_line(["9,5", "2"], "tab-separated table with a header line")  # a decimal comma
    '; a first line of numbers, which the record takes for names'
    >>> first_line(["900", "2"], "DataFrame"), first_line(["1", "2"], None), first_line(["x"], None)
    ('', '', '')
    """
    numbers = bool(names) and all(re.fullmatch(DECIMAL, name.strip().replace(",", ".", 1)) for name in names)
    if not numbers or (_count(names) if reading is None else not _HEADER.match(reading)):
        return ""
    said = "; a first line of numbers, which the record takes for names"
    # names that repeat are replaced by the numbers of the columns
    return said + (", or one of names that repeat" if _positions(names) else "")


def _positions(names: Sequence[str]) -> bool:
    """Whether names may be the numbers of columns from 1."""
    return all(name.isascii() and name.isdecimal() and name[0] != "0" and len(name) < 7 for name in names)


def _count(names: Sequence[str]) -> bool:
    """Whether names count the columns from 0 or 1."""
    return any(list(names) == [str(k + first) for k in range(len(names))] for first in (0, 1))


def check_columns(
    claimed: Sequence[str] | None, names: Sequence[str] | None, reading: str | None = None
) -> tuple[Verdict, str]:
    """Compare the names of columns that a record states with those of the points; None where there are none.

    Parameters
    ----------
    claimed, names : sequence of str or None
        The names.
    reading : str, optional
        How the points were read for this check: what the record says of it is not looked at.

    Examples
    --------
    >>> check_columns(["a", "b"], ("a", "b")), check_columns(["a", "b"], ("b", "a"))[0].value
    ((<Verdict.PROVEN: 'proven'>, 'a, b'), 'FAILED')
    >>> check_columns(["a", "b"], ("2019", "2020"))[1]
    'a, b: the points that are given have the numbers 2019, 2020 for names; give the frame or the file'
    """
    if claimed is None:
        return Verdict.PROVEN, "none are claimed"
    shown = first_names(list(claimed))
    if list(claimed) == list(names or ()):
        # a file does not say so: a first point would be left out
        return Verdict.PROVEN, shown + first_line(claimed, reading)
    if names is None or all(map(str.isdecimal, names)):  # numbers stand for columns without names
        counted = names is None or _count(names)
        bare = "have no names" if counted else f"have the numbers {first_names(list(names or ()))} for names"
        return (
            Verdict.NOT_CHECKED,
            f"{shown}: the points that are given {bare}; give the frame or the file",
        )
    return Verdict.FAILED, f"the points have the columns {first_names(list(names))}, not {shown}"


def check_points(record: JsonMapping, given: Table, *, pairs: bool = False) -> tuple[Verdict, str]:
    """Compare what a record says of its points with the points that are given.

    Parameters
    ----------
    record : mapping
        A record with an entry ``points``.
    given : Table
        The points.
    pairs : bool
        Whether the record counts the pairs of different points there.
    """
    claimed, table = record["points"], given.entries
    if table.ndim != 2 or table.dtype.kind != "f" or not np.isfinite(table).all():
        return Verdict.FAILED, "the points given are not a table of finite floating-point numbers"
    digest = given.digest
    expected: JsonObject = {
        "n": table.shape[0],
        "d": given.width,
        "dtype": "float32" if table.dtype == np.float32 else "float64",
        "digest": digest,
    }
    if other := another("table of points", claimed, expected):
        return Verdict.FAILED, other
    distinct = len(distinct_rows(table))
    expected["duplicates"] = table.shape[0] - distinct
    if pairs:
        expected["pairs"] = distinct * (distinct - 1) // 2
    if other := another("table of points", claimed, expected):
        return Verdict.FAILED, other
    named = claimed["columns"] is None or len(claimed["columns"]) == given.width
    text = f"{table.shape[0]} x {given.width}, digest {digest[:12]}..."
    if not named:
        text += f"; {len(claimed['columns'])} columns are named in the record"
    return Verdict.PROVEN if named and distinct >= 2 else Verdict.FAILED, text
