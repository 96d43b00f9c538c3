"""Whether rows of numbers that could be edges are a small matrix or lists of neighbours as well.

The readers of files, JSON, sequences and arrays ask here, so that the same rows are refused wherever they come from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from derandkit.errors import InputError
from derandkit.graphs.assembly import Floats, Ints

_LISTS = "may be edges, or lists of the neighbours of each vertex"


def refuse_neighbours(rows: NDArray[np.generic], advice: str) -> None:
    """Refuse rows that could list neighbours as well as be edges.

    Raises
    ------
    InputError
        It names both readings and ends with `advice`.
    """
    if may_be_neighbours(rows):
        raise InputError(f"the {len(rows)} rows of {rows.shape[1]} whole numbers {_LISTS}; {advice}")


def small_matrix(A: Floats, arcs: bool) -> str:
    """Name the matrix that a square array of order two or three may be, whose rows may be edges; "" if none.

    It counts as one where its diagonal is zero, or where it is symmetric, skew-symmetric or triangular in a way that
    edges rarely are.

    Parameters
    ----------
    A : ndarray of float64, shape (k, k)
        k is 2 or 3.
    arcs : bool
        Whether directions count, so that a matrix need not be symmetric.

    Returns
    -------
    {"symmetric matrix", "matrix", ""}

    Examples
    --------
    >>> small_matrix(np.array([[0.0, 0, 0], [3, 0, 0], [5, 4, 0]]), False)
    'matrix'
    >>> small_matrix(np.array([[1.0, 2, 3], [2, 3, 4], [1, 3, 5]]), False)
    ''
    """
    diagonal = np.diagonal(A)
    constant = bool((diagonal == diagonal[0]).all())
    triangular = not np.tril(A, -1).any() or not np.triu(A, 1).any()
    off = A - np.diag(diagonal)
    symmetric = bool((off == off.T).all())
    shaped = triangular or symmetric or bool((off == -off.T).all())
    doubtful = constant and (shaped or arcs or diagonal[0] == 0)
    doubtful = doubtful or (shaped and ((triangular and len(A) == 3) or bool((A[:, :2] < 0).any())))
    return "" if not doubtful else "symmetric matrix" if symmetric and not arcs else "matrix"


def may_be_neighbours(rows: NDArray[np.generic]) -> bool:
    """Whether rows of two or three whole numbers could list the neighbours of vertices, as well as be edges.

    Row k lists the neighbours of vertex k, counted from 0 or 1, or a row lists a vertex and then its neighbours. The
    relation must be symmetric, without loops or repetitions, and another graph than that of the edges.

    Parameters
    ----------
    rows : ndarray, shape (k, 2) or (k, 3)

    Notes
    -----
    O(k log k), and O(k) for most lists of edges.

    Examples
    --------
    >>> ring = np.array([[1, 5], [0, 2], [1, 3], [2, 4], [3, 5], [0, 4]])
    >>> may_be_neighbours(ring), may_be_neighbours(ring[1:])
    (True, False)
    >>> may_be_neighbours(np.column_stack([np.arange(6), ring]))
    True
    """
    k, width = rows.shape
    if k < 3 or not _are_whole(rows):
        return False
    whole = rows.astype(np.int64)
    for first in (0, 1):
        if _is_symmetric(np.arange(first, first + k), whole) and not (width == 2 and _same(first, whole)):
            return True
    return width == 3 and _is_symmetric(whole[:, 0], whole[:, 1:])


def _are_whole(rows: NDArray[np.generic]) -> bool:
    if rows.dtype.kind in "iu":
        return True
    return rows.dtype.kind == "f" and bool((np.abs(rows) < 2**53).all() and (rows == np.rint(rows)).all())


def _is_symmetric(vertices: Ints, neighbours: Ints) -> bool:
    """Whether each of the distinct vertices is a neighbour of each of its neighbours, in rows beside them."""
    k = vertices.size
    low, high = int(vertices.min()), int(vertices.max())
    if neighbours.min() < low or neighbours.max() > high or high - low > 8 * k + 1000:
        return False
    if (neighbours == vertices[:, None]).any():
        return False
    span = np.int64(high - low + 1)
    tails = np.repeat(vertices - low, neighbours.shape[1])
    heads = neighbours.ravel() - low
    there = np.sort(tails * span + heads)
    if np.unique(vertices).size < k or (there[1:] == there[:-1]).any():
        return False
    return bool((there == np.sort(heads * span + tails)).all())


def _same(first: int, rows: Ints) -> bool:
    """Whether rows of two neighbours are, as edges, the edges between vertices and neighbours: a triangle."""
    vertices = np.arange(first, first + len(rows))
    listed = {frozenset(row) for row in rows.tolist()}
    near = {frozenset((int(u), x)) for u, row in zip(vertices, rows.tolist(), strict=True) for x in row}
    return listed == near
