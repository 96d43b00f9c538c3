"""Points that differ, centred and scaled by a power of two."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.rows import varying

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray

_OFF_CENTRE = 2.0**-24  # of the spread of a column; a mean that is farther off is worked out again


@dataclass(frozen=True, eq=False)
class Cloud:
    """Different points, and the same minus their mean, both multiplied by one power of two.

    Parameters
    ----------
    given : ndarray, shape (m, d)
        The points, not scaled; zero in columns that do not vary.
    raw : ndarray, shape (m, d)
        Points; the power of two loses nothing that is not far below the spacing of the largest entry. Zero in columns
        that do not vary, which must not decide the power.
    centred : ndarray, shape (m, d)
        Points minus the mean, rounded once; zero in columns that do not vary. The largest entry is near 1.
    exponent : int
        ``ldexp(raw, exponent)`` are the points as given, but for columns that do not vary.
    fixed : ndarray, shape (d,)
        The value in a column that does not vary, in the units of the points; zero for the others.
    """

    given: FloatArray
    raw: FloatArray
    centred: FloatArray
    exponent: int
    fixed: FloatArray


def centred(table: NDArray[np.generic]) -> Cloud:
    """Centre and scale the rows of a table.

    Examples
    --------
    >>> centred(np.array([[1.0, 5.0], [3.0, 5.0]])).centred.tolist()
    [[-0.5, 0.0], [0.5, 0.0]]
    """
    raw = np.array(table, dtype=np.float64)
    still = ~varying(raw)
    fixed = np.where(still, raw[0], 0.0)
    raw[:, still] = 0.0
    given = raw
    first = int(np.frexp(np.max(np.abs(raw)))[1])
    raw = np.ldexp(raw, -first)
    mean = np.add.accumulate(raw, axis=0)[-1] / raw.shape[0]
    X = raw - mean
    # sums under a large offset are rounded to more than the spread: there the first row is subtracted before
    drift = np.abs(np.sum(X, axis=0)) > _OFF_CENTRE * raw.shape[0] * np.max(np.abs(X), axis=0)
    for c in np.flatnonzero(drift):
        away = raw[:, c] - raw[0, c]
        X[:, c] = away - math.fsum(away) / raw.shape[0]
    second = int(np.frexp(np.max(np.abs(X)))[1])
    return Cloud(given, np.ldexp(raw, -second), np.ldexp(X, -second), first + second, fixed)
