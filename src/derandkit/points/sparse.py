"""Wide tables with few columns that are not zero everywhere, held by these columns."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from derandkit.content import limit
from derandkit.errors import InputError
from derandkit.numerics.sparse import checked_sparse
from derandkit.numerics.vectors import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from derandkit.numerics.typing import FloatArray, IntArray, SingleArray

#: Bytes that a sparse table may take when it is expanded, in units of the limit of a file: 4 GiB by default.
DENSE = 2
#: A table with so many entries at most, zeros counted, is held whole: 32 MiB.
SMALL = 1 << 22
#: Bytes that the digest of a sparse table reads, in units of the limit of a file: some twenty seconds of work.
HASHED = 12


class _Sparse(Protocol):
    """What scipy's sparse arrays and matrices have."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]

    def astype(self, dtype: type, /) -> _Sparse:
        """Return the table with entries of another type."""
        ...

    def tocsr(self) -> csr_array:
        """Return the table by rows."""
        ...

    def toarray(self) -> NDArray[np.generic]:
        """Return the table with its zeros."""
        ...


@dataclass(frozen=True, eq=False)
class Cut:
    """A table, or the columns of it in which some row is not zero.

    Parameters
    ----------
    table : ndarray, shape (n, a)
        The entries of the columns that are kept.
    places : ndarray of int, shape (a,), or None
        Which columns those are, increasing; None for all.
    width : int
        Number of columns of the whole table.
    """

    table: NDArray[np.generic]
    places: IntArray | None
    width: int


def cut(X: _Sparse) -> Cut:
    """Expand a sparse table: whole if it is small, else the columns in which some row is not zero, if they are few.

    Parameters
    ----------
    X : scipy.sparse array or matrix, shape (n, d)
        The table; entries at the same place are added.

    Returns
    -------
    Cut
        Memory O(n a), a at most the number of entries that are stored. No n x d table is made beyond `SMALL` entries,
        unless more than half of the columns are needed.

    Raises
    ------
    InputError
        The table has not two dimensions, its index arrays point outside, or what is needed of it takes more than twice
        the bytes that a file may have: 4 GiB by default.

    Examples
    --------
    >>> from scipy import sparse
    >>> found = cut(sparse.csr_array(([2.0, 3.0], ([0, 1], [7, 10**6])), shape=(3, 2 * 10**6)))
    >>> found.table.tolist(), found.places.tolist(), found.width
    ([[2.0, 0.0], [0.0, 3.0], [0.0, 0.0]], [7, 1000000], 2000000)
    """
    if len(X.shape) != 2:
        raise InputError(f"points form a table with one row a point, got shape {X.shape}")
    X = checked_sparse(X)
    if X.dtype.kind in "iu":  # entries at the same place are added, beyond the range of a narrow type
        X = X.astype(np.float64)
    n, d = X.shape
    if n * d <= SMALL:
        return Cut(X.toarray(), None, d)
    if 8 * n * d > HASHED * limit():
        raise InputError(
            f"a sparse table of {n} x {d} is {_size(8 * n * d)} with its zeros, which its digest reads; leave "
            "out empty rows and columns, or raise DERANDKIT_MAX_BYTES"
        )
    rows = X.tocsr().copy()
    rows.sum_duplicates()
    if rows.dtype.kind not in "fiub":  # refused by name later on
        return Cut(np.empty((n, d and 1), dtype=rows.dtype), None, d)
    rows.eliminate_zeros()
    places = distinct(rows.indices).astype(np.int64)
    whole = 2 * places.size > d
    if n * (d if whole else places.size) * 8 > DENSE * limit():
        used = "" if whole else f" ({places.size} columns of which are not zero)"
        raise InputError(
            f"a sparse table of {n} x {d}{used} does not fit in {_size(DENSE * limit())} when expanded; fit to some of "
            "its rows, reduce the columns first (for example by hashing them), or raise DERANDKIT_MAX_BYTES"
        )
    if whole:
        return Cut(rows.toarray(), None, d)
    if not places.size:
        places = np.zeros(1, dtype=np.int64)
    return Cut(rows[:, places].toarray(), places, d)


def distinct_rows(table: NDArray[np.floating]) -> IntArray:
    """Return the first one of equal rows, in their order; rows are compared some columns at a time.

    Notes
    -----
    O(n d log n) at most, and one pass where a few columns part all rows; memory O(n) beside `SMALL` entries.

    Examples
    --------
    >>> distinct_rows(np.array([[1.0, 2.0], [0.0, 2.0], [1.0, 2.0]])).tolist()
    [0, 1]
    """
    return np.sort(_first_and_group(table)[0]).astype(np.int64)


def numbered_rows(table: NDArray[np.floating]) -> IntArray:
    """Return for each row which of the different ones it is, in the order in which they come first; as `distinct_rows`.

    Examples
    --------
    >>> numbered_rows(np.array([[1.0], [0.0], [1.0], [-0.0], [2.0]])).tolist()
    [0, 1, 0, 1, 2]
    """
    return by_first(*_first_and_group(table))


def by_first(first: IntArray, group: IntArray) -> IntArray:
    """Return groups, as `numpy.unique` numbers them, in the order in which each comes first.

    Parameters
    ----------
    first : ndarray, shape (k,)
        Where each group comes first.
    group : ndarray, shape (m,)
        The group of each entry.

    Examples
    --------
    >>> by_first(np.array([2, 0]), np.array([1, 1, 0])).tolist()
    [0, 0, 1]
    """
    return np.argsort(np.argsort(first))[group].astype(np.int64)


def _first_and_group(table: NDArray[np.floating]) -> tuple[IntArray, IntArray]:
    """Return where each different row comes first, and for every row which of these it equals."""
    n, d = table.shape
    at_once = max(1, SMALL // max(n, 1))
    first = ids = np.zeros(n, dtype=np.int64)
    for start in range(0, d, at_once):
        # -0.0 is the same number as 0.0, in other bytes
        block = np.ascontiguousarray(table[:, start : start + at_once]) + 0.0
        rows = block.view(np.dtype((np.void, block.dtype.itemsize * block.shape[1]))).ravel()
        _, part = np.unique(rows, return_inverse=True)
        _, first, ids = np.unique(ids * n + part, return_index=True, return_inverse=True)
        if first.size == n:
            break
    return first, ids


def _size(count: float) -> str:
    """Return bytes in words: 4 GiB, or 0.25 GiB."""
    return f"{count / 2**30:.0f} GiB" if count >= 2**30 else f"{count / 2**30:.2g} GiB"


def used_columns(table: NDArray[np.floating]) -> IntArray | None:
    """Return the columns that `cut` keeps of a table; None for all. Sparse and dense points are the same points.

    Examples
    --------
    >>> used_columns(np.eye(2, 5_000_000))
    array([0, 1])
    """
    n, d = table.shape
    if n * d <= SMALL:
        return None
    used = np.flatnonzero(table.any(axis=0)).astype(np.int64)
    return used if 0 < 2 * used.size <= d else None


def wide(columns: FloatArray, places: IntArray | None, width: int) -> FloatArray:
    """Put columns back in their places, with zeros between them.

    Parameters
    ----------
    columns : ndarray, shape (..., a)
        One entry a column that was kept.
    places : ndarray of int, shape (a,), or None
        As in `Cut`.
    width : int
        Number of columns d.

    Returns
    -------
    ndarray, shape (..., d)
        `columns` itself where nothing was left out.

    Examples
    --------
    >>> wide(np.array([2.0, 3.0]), np.array([1, 3]), 4).tolist()
    [0.0, 2.0, 0.0, 3.0]
    """
    if places is None:
        return columns
    out = np.zeros((*columns.shape[:-1], width))
    out[..., places] = columns
    return out


def points_digest(
    points: FloatArray | SingleArray, places: IntArray | None = None, width: int | None = None
) -> str:
    """SHA-256 (hex) of the shape, the type and the little-endian bytes of a table of points, zeros included.

    Parameters
    ----------
    points : ndarray, shape (n, a)
        The entries.
    places : ndarray of int, shape (a,), optional
        The columns they are in, if the table has others.
    width : int, optional
        Number of columns of the table.

    Examples
    --------
    >>> points_digest(np.zeros((1, 1)))[:16]
    '638daf902f9840cd'
    >>> points_digest(np.ones((2, 1)), np.array([1]), 3) == points_digest(np.array([[0.0, 1.0, 0.0]] * 2))
    True
    """
    kind = "<f4" if points.dtype == np.float32 else "<f8"
    columns = points.shape[1] if places is None or width is None else width
    found = hashlib.sha256(f"derandkit points {points.shape[0]} {columns} {kind}\n".encode("ascii"))
    if places is None:
        found.update(np.ascontiguousarray(points, dtype=kind).data)  # not its bytes, which would be a copy
        return found.hexdigest()
    row = np.zeros(columns, dtype=kind)
    for entries in points:
        row[places] = entries
        found.update(row.tobytes())
    return found.hexdigest()
