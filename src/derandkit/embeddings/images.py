"""Images of points under a map, computed so that a certificate can cover the numbers that are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.vectors import differences

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, SingleArray

_ROWS = 4096  # handled at a time


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
        other row; rounded at the end to float32 for float32 points. A sparse table stays sparse: its images are
        ``points @ matrix.T`` minus that of the centre. O(n d k) operations.

    Raises
    ------
    InputError
        If an image leaves the range of its type.

    Examples
    --------
    >>> images(np.array([[3.0, 4.0], [1.0, 4.0]]), np.array([[2.0, 0.0]]), np.array([2.0, 4.0])).tolist()
    [[2.0], [-2.0]]
    """
    from derandkit.numerics.dense import product

    transposed = np.ascontiguousarray(matrix.T)
    shift = np.empty((1, matrix.shape[0]))
    single = points.dtype == np.float32
    out = np.empty((points.shape[0], matrix.shape[0]))
    if hasattr(points, "toarray"):
        product(np.ascontiguousarray(centre[None, :]), transposed, shift)
        out[:] = points.astype(np.float64) @ transposed
        out -= shift
    else:
        for start in range(0, points.shape[0], _ROWS):
            rows, exponents = differences(points[start : start + _ROWS], centre)
            some = out[start : start + _ROWS]
            product(rows, transposed, some)
            with np.errstate(over="ignore"):
                some[:] = np.ldexp(some, exponents[:, None])
    top = float(np.max(np.abs(out), initial=0.0))
    if top > float(np.finfo(np.float64).max):
        raise InputError("an image leaves the range of double precision; divide the points by a power of two")
    if not single:
        return out
    if not top <= float(np.finfo(np.float32).max):
        raise InputError("an image leaves the range of float32; give the points as float64")
    return out.astype(np.float32)
