"""Images of points under a map, computed so that a certificate can cover the numbers that are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.sparse import checked_sparse
from derandkit.numerics.vectors import differences

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, SingleArray

_ROWS = 4096  # handled at a time
_NUMBERS = 1 << 22  # of a sparse table that are expanded at a time


def images(points: Any, matrix: FloatArray, centre: FloatArray) -> FloatArray | SingleArray:
    """Return ``(points - centre) @ matrix.T``.

    Parameters
    ----------
    points : ndarray or scipy.sparse array, shape (n, d)
        Points, of any real type.
    matrix : ndarray, shape (k, d)
        The map.
    centre : ndarray, shape (d,)
        Subtracted first: for points far from the origin the difference is exact where the product is not.

    Returns
    -------
    ndarray, shape (n, k)
        Computed in double precision in one order of summation, so that the bits depend on no thread, no BLAS and no
        other row; rounded at the end to float32 for float32 points. A sparse table is expanded a few rows at a time,
        without most of the columns that are zero in all rows and in the centre; it has the bits of the dense one.
        O(n d k) operations.

    Raises
    ------
    InputError
        If an image leaves the range of its type, or a sparse table is damaged.

    Examples
    --------
    >>> images(np.array([[3.0, 4.0], [1.0, 4.0]]), np.array([[2.0, 0.0]]), np.array([2.0, 4.0])).tolist()
    [[2.0], [-2.0]]
    """
    from derandkit.numerics.dense import product

    transposed = np.ascontiguousarray(matrix.T)
    single = points.dtype == np.float32
    out = np.empty((points.shape[0], matrix.shape[0]))
    sparse = hasattr(points, "toarray")
    if sparse:
        points = checked_sparse(points).tocsr()
        kept = _kept(points.indices, centre)
        points, transposed, centre = points[:, kept], np.ascontiguousarray(transposed[kept]), centre[kept]
    step = max(1, min(_ROWS, _NUMBERS // max(1, centre.size))) if sparse else _ROWS
    for start in range(0, points.shape[0], step):
        table = points[start : start + step]
        # what is subtracted first is exact; the image of the centre is not
        rows, exponents = differences(table.toarray() if sparse else table, centre)
        some = out[start : start + step]
        product(rows, transposed, some)
        with np.errstate(over="ignore", under="ignore"):
            some[:] = np.ldexp(some, exponents[:, None])
    top = float(np.max(np.abs(out), initial=0.0))
    if top > float(np.finfo(np.float64).max):
        raise InputError("an image leaves the range of double precision; divide the points by a power of two")
    if not single:
        return out
    if not top <= float(np.finfo(np.float32).max):
        raise InputError("an image leaves the range of float32; give the points as float64")
    return out.astype(np.float32)


def _kept(used: IndexArray, centre: FloatArray) -> IntArray:
    """Return the columns that a product has to add up, in whole groups of the four that it adds at once."""
    d = centre.size
    wanted = centre != 0.0
    wanted[used] = True
    whole = d - d % 4
    wanted[:whole] = np.repeat(wanted[:whole].reshape(-1, 4).any(axis=1), 4)
    wanted[whole:] = True
    return np.flatnonzero(wanted)
