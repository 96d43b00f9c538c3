"""Sparse matrices: index arrays of others are looked at before anything follows them; entries above the diagonal.

scipy.sparse takes index arrays as they are. Its compiled loops then read, and write, wherever an index points.
"""

from __future__ import annotations

import copy
from typing import Any, TypeAlias

import numpy as np

from derandkit.errors import InputError, first_line
from derandkit.numerics.typing import FloatArray, IndexArray, IntArray

#: A matrix or array of scipy.sparse, of any format: its classes share no type that has the arrays of each.
Sparse: TypeAlias = Any
#: Formats whose index arrays scipy can check by itself.
_COMPRESSED = ("csr", "csc", "bsr")


def checked_sparse(matrix: Sparse) -> Sparse:
    """Return a sparse matrix whose index arrays stay within its shape, and whose entries of one place can be added.

    Whole numbers of a narrow type become int64: 200 ones of int8 at one place would add up to -56. Single precision
    becomes double where a place stands twice: 1 and 2^24 at one place would add up to 2^24.

    Parameters
    ----------
    matrix : scipy.sparse array or matrix
        What has no ``format`` of scipy.sparse is returned as it is.

    Raises
    ------
    InputError
        An index is out of range, or the arrays do not fit each other.

    Notes
    -----
    O(number of entries).

    Examples
    --------
    >>> import scipy.sparse
    >>> checked_sparse(scipy.sparse.csr_array(([1.0], [0], [0, 1]), shape=(1, 2))).nnz
    1
    >>> checked_sparse(scipy.sparse.csr_array(([1.0], [9], [0, 1]), shape=(1, 2)))
    Traceback (most recent call last):
    derandkit.errors.InputError: the sparse matrix is damaged: indices must be < 2
    """
    try:
        name = matrix.format
        if name == "lil":  # lists of columns that no compiled loop has seen yet
            matrix = _within(matrix.tocoo())
        elif name == "coo":
            _within(matrix)
        elif name in _COMPRESSED:
            _compressed(matrix)
        matrix = native(matrix)
        narrow = matrix.dtype.kind in "iu" and matrix.dtype.itemsize < 8
        matrix = matrix.astype(np.int64) if narrow else matrix
        if matrix.dtype.kind == "f" and matrix.dtype.itemsize < 8 and _repeats(matrix):
            matrix = matrix.astype(np.float64)
    except AttributeError:
        return matrix
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise InputError(f"the sparse matrix is damaged: {first_line(error)}") from None
    return matrix


def native(matrix: Sparse) -> Sparse:
    """Return a sparse matrix with its numbers in the order of bytes of this machine: SciPy computes with no other.

    Examples
    --------
    >>> import scipy.sparse
    >>> native(scipy.sparse.dia_array((np.ones((1, 2), ">f8"), [0]), shape=(2, 2))).dtype.isnative
    True
    """
    if matrix.dtype.isnative or not isinstance(matrix.data, np.ndarray):
        return matrix
    found = copy.copy(matrix)  # its own methods go through what SciPy computes
    found.data = matrix.data.astype(matrix.dtype.newbyteorder("="))
    return found


def _repeats(matrix: Sparse) -> bool:
    """Whether a sparse matrix stores two entries at one place."""
    if matrix.format not in ("coo", *_COMPRESSED) or getattr(matrix, "has_canonical_format", False):
        return False
    coo = matrix.tocoo(copy=False)
    places = getattr(coo, "coords", None) or (coo.row, coo.col)
    order = np.lexsort(places)
    same = np.ones(max(len(order) - 1, 0), dtype=np.bool_)
    for numbers in places:
        same &= np.diff(np.asarray(numbers)[order]) == 0
    return bool(same.any())


def _compressed(matrix: Sparse) -> None:
    ends, indices = np.asarray(matrix.indptr), np.asarray(matrix.indices)
    if ends.ndim != 1 or ends.size == 0 or ends[0] != 0 or (np.diff(ends) < 0).any():
        raise ValueError("its row or column pointers do not begin at 0, or fall")
    if indices.ndim != 1 or ends[-1] > min(len(indices), len(matrix.data)):
        raise ValueError(f"its pointers end at {ends[-1]}, beyond its {len(indices)} indices")
    matrix.check_format(full_check=True)


def stored_entries(A: Sparse) -> Sparse:
    """Entries that a sparse matrix stores, in coordinates; zeros that fill the blocks of a BSR matrix are none.

    Examples
    --------
    >>> import scipy.sparse
    >>> stored_entries(scipy.sparse.bsr_array([[0, 4], [4, 0]])).nnz
    2
    """
    if not hasattr(A, "tocoo"):
        raise InputError(
            f"a {type(A).__name__} is no sparse matrix; derandkit.as_graph reads arrays and lists"
        )
    coo = checked_sparse(A).tocoo()
    if getattr(A, "format", None) == "bsr":
        coo.eliminate_zeros()
    return coo


def _within(matrix: Sparse) -> Sparse:
    places = getattr(matrix, "coords", None) or (matrix.row, matrix.col)
    for place, length in zip(places, matrix.shape, strict=True):
        place = np.asarray(place)
        if len(place) != len(matrix.data):
            raise ValueError(f"it has {len(matrix.data)} entries and {len(place)} places")
        if place.size and not (place.min() >= 0 and place.max() < length):
            raise ValueError(f"indices from {place.min()} to {place.max()}, of {length}")
    return matrix


#: Entries of a row on average from which a mask picks half of them faster than their places do: in a million rows of 2
#: a mask takes 27 ms and places 11 ms, in rows of 250 16 ms and 14 ms, in 3000 rows of 2999 18 ms and 30 ms.
_LONG_ROWS = 300


def upper_entries(
    indptr: IntArray, indices: IndexArray, values: FloatArray
) -> tuple[IndexArray, IndexArray, FloatArray]:
    """Return row, column and value of the entries above the diagonal of compressed rows, as read-only arrays.

    Examples
    --------
    >>> upper_entries(np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32), np.array([5.0, 5.0]))
    (array([0], dtype=int32), array([1], dtype=int32), array([5.]))
    """
    n = indptr.size - 1
    rows = np.repeat(np.arange(n, dtype=np.int32), np.diff(indptr))
    upper = indices > rows
    if upper.size >= _LONG_ROWS * n:
        found = rows[upper], indices[upper], values[upper]
    else:
        places = np.flatnonzero(upper)
        found = rows.take(places), indices.take(places), values.take(places)
    for array in found:
        array.flags.writeable = False
    return found


def shared_rows(indptr: IntArray, indices: IndexArray, values: FloatArray) -> Sparse:
    """Return a square matrix of compressed rows that shares these arrays: it is not to be written to.

    Examples
    --------
    >>> shared_rows(np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32), np.array([5.0, 5.0])).toarray()
    array([[0., 5.],
           [5., 0.]])
    """
    from scipy.sparse import csr_array

    return csr_array((values, indices, indptr), (indptr.size - 1, indptr.size - 1))


def connected_rows(indptr: IntArray, indices: IndexArray) -> IndexArray:
    """Return the connected component of each row of a symmetric pattern, numbered by its lowest row. O(n + m).

    Examples
    --------
    >>> connected_rows(np.array([0, 1, 1, 2]), np.array([2, 0], dtype=np.int32))
    array([0, 1, 0], dtype=int32)
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n = indptr.size - 1
    ones = np.ones(indices.size, dtype=np.int8)  # zero weights connect too
    count, ids = connected_components(csr_array((ones, indices, indptr), (n, n)))
    _, first = np.unique(ids, return_index=True)
    rank = np.empty(count, dtype=np.int32)
    rank[np.argsort(first)] = np.arange(count, dtype=np.int32)
    return rank[ids]
