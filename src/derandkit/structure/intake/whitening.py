"""Inputs in coordinates in which the training rows have mean 0 and the identity as covariance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.runtime import lapack
from derandkit.structure.intake.faint import faint_inputs

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonObject

#: A column whose standard deviation is below this share of its largest entry is constant but for rounding.
ROUNDING = 1e-13
#: A direction of the inputs with less than this share of the largest variance counts as none.
COLLINEAR = 1e-10
#: Of more columns than this, and than rows, no covariance is formed: few of its eigenvalues are not zero.
WIDE = 1024
#: A mean that is off by more than this share of the deviation is worked out again, from differences of rows.
_CENTRED = 2.0**-24


class Whitening(NamedTuple):
    """How inputs are whitened: as ``((X - mean) / scale) matrix``.

    Parameters
    ----------
    mean, scale : ndarray, shape (d,)
        Of the columns; a column that counts as constant has the scale 1.
    matrix : ndarray, shape (d, k)
        Principal axes over their standard deviations, the largest first.
    faint : dict or None
        What counts as constant although it varies, see `faint_inputs`.
    """

    mean: FloatArray
    scale: FloatArray
    matrix: FloatArray
    faint: JsonObject | None


def whitening_of(X: FloatArray, mean: FloatArray, deviation: FloatArray) -> Whitening:
    """Return the whitening of training rows with the `moments` of their columns, some of which vary.

    Notes
    -----
    O(m d min(m, d)) operations for m rows; of wide tables (`WIDE`) O(m d) memory, of others O(d^2) as well.

    Examples
    --------
    >>> X = np.sin(np.arange(4800.0) ** 2).reshape(4, 1200)
    >>> found = whitening_of(X, *moments(X))
    >>> Z = (X - found.mean) / found.scale @ found.matrix
    >>> Z.shape, bool(np.allclose(Z.T @ Z / 4, np.eye(3)))
    ((4, 3), True)
    """
    varies = deviation > 0
    scale = np.where(varies, deviation, 1.0)
    Z = np.where(varies, (X - mean) / scale, 0.0)
    variances, axes = _principal_axes(Z)
    kept = variances > COLLINEAR * variances[-1]
    axes = axes[:, kept][:, ::-1]
    axes = axes * np.where(np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], 0) < 0, -1.0, 1.0)
    faint = faint_inputs(X, Z, scale, varies, int(np.count_nonzero(kept)))
    return Whitening(mean, scale, axes / np.sqrt(variances[kept][::-1]), faint)


def _principal_axes(Z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return variances, the smallest first, and axes as columns; without those that so few rows do not vary along."""
    m, d = Z.shape
    if d > max(m, WIDE):
        sizes, rows = lapack.svd(Z)[1:]
        return sizes[::-1] ** 2 / m, np.ascontiguousarray(rows[::-1].T)
    values, vectors = lapack.eigh(np.einsum("ki,kj->ij", Z, Z) / m)
    return values, vectors


def moments(X: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of columns; a deviation that is only rounding is 0.

    Examples
    --------
    >>> [part.tolist() for part in moments(np.array([[1.0, 3.0], [1.0, 5.0]]))]
    [[1.0, 4.0], [0.0, 1.0]]
    """
    # scaled by powers of two, which changes no digit, so that squares neither overflow nor vanish
    size = np.exp2(np.frexp(np.abs(X).max(axis=0))[1].astype(np.float64))
    scaled = X / size
    mean, deviation = scaled.mean(axis=0), scaled.std(axis=0)
    # beside a large offset the sum of a column is rounded to more than its deviation: differences from a row are not
    missed = np.abs((scaled - mean).mean(axis=0)) > _CENTRED * deviation
    for c in np.flatnonzero(missed) if X.ndim == 2 else ():
        apart = scaled[:, c] - scaled[0, c]
        mean[c], deviation[c] = scaled[0, c] + apart.mean(), apart.std()
    return mean * size, np.where(deviation > ROUNDING, deviation, 0.0) * size
