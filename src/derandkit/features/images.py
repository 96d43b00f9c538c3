"""Features of points: cosines and sines of their phases, computed so that a certificate can cover what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.vectors import differences

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, SingleArray

WIDEST = 2.0**30
"""Greatest phase of a new point, in radians: cosines beyond it are not known to six digits."""

_ROWS = 4096  # handled at a time
_ENTRIES = 1 << 24  # of the rows that are handled at a time


def images(points: Any, frequencies: FloatArray, centre: FloatArray) -> FloatArray | SingleArray:
    """Return the features of points: D cosines, then D sines, of ``w_j . (x - centre)``, over ``sqrt(D)``.

    Parameters
    ----------
    points : ndarray or scipy.sparse array, shape (n, d)
        Points, of any real type; a sparse table is expanded a few rows at a time.
    frequencies : ndarray, shape (D, d)
        One frequency a row.
    centre : ndarray, shape (d,)
        Subtracted first, so that phases of points far from the origin keep their digits. No inner product of two
        features depends on it.

    Returns
    -------
    ndarray, shape (n, 2 D)
        Computed in double precision in one order of summation; rounded at the end to float32 for float32 points.
        O(n d D) operations.

    Raises
    ------
    InputError
        A point lies so far from the centre that its cosines have no digits.

    Examples
    --------
    >>> images(np.array([[3.0]]), np.array([[np.pi]]), np.array([2.0])).round(12).tolist()
    [[-1.0, 0.0]]
    """
    D = frequencies.shape[0]
    out = np.empty((points.shape[0], 2 * D), dtype=np.float32 if points.dtype == np.float32 else np.float64)
    step = min(_ROWS, max(1, _ENTRIES // max(points.shape[1], 1)))
    for start in range(0, points.shape[0], step):
        rows = points[start : start + step]
        U = phases(rows.toarray() if hasattr(rows, "toarray") else rows, frequencies, centre)
        if not (size := float(np.abs(U).max(initial=0.0))) <= WIDEST:
            row = start + int(np.argmax(np.abs(U).max(axis=1)))
            raise InputError(
                f"row {row} lies so far from the fitted points that its phases reach {size:.3g} radians, and cosines "
                "keep no digits: leave it out, or look at its scale"
            )
        out[start : start + step, :D] = np.cos(U) / np.sqrt(D)
        out[start : start + step, D:] = np.sin(U) / np.sqrt(D)
    return out


def phases(points: Any, frequencies: FloatArray, centre: FloatArray) -> FloatArray:
    """Return ``w_j . (x - centre)``, shape (n, D).

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Points.
    frequencies : ndarray, shape (D, d)
        One frequency a row.
    centre : ndarray, shape (d,)
        Subtracted first.

    Examples
    --------
    >>> phases(np.array([[3.0, 1e308]]), np.array([[2.0, 1e-308]]), np.array([1.0, 0.0])).round(12)
    array([[5.]])
    """
    from derandkit.features.kernels import product

    rows, exponents = differences(points, centre)
    # frequencies up to 2^900, rows up to 2^100: what is far below the greatest of either is not lost
    widest = int(np.frexp(np.max(np.abs(frequencies)))[1])
    out = np.empty((rows.shape[0], frequencies.shape[0]))
    product(np.ldexp(rows, 100), np.ascontiguousarray(np.ldexp(frequencies, 900 - widest).T), out)
    with np.errstate(over="ignore", under="ignore"):
        return np.ldexp(out, exponents[:, None] + (widest - 1000))
