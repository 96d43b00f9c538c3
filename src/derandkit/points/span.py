"""The linear span of a point cloud: its rank and an orthonormal basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.vectors import column_sums

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

RANK_TOLERANCE = 1e-13


@dataclass(frozen=True, eq=False)
class Span:
    """An orthonormal basis of the span of centred points, and their coordinates in it.

    Parameters
    ----------
    basis : ndarray, shape (r, d)
        Orthonormal rows.
    coordinates : ndarray, shape (m, r)
        ``X = coordinates @ basis`` for the m different centred points, to rounding.
    """

    basis: FloatArray
    coordinates: FloatArray

    @property
    def rank(self) -> int:
        """Dimension r of the span, at most ``min(n - 1, d)``."""
        return int(self.basis.shape[0])


def span_of(X: FloatArray) -> Span:
    """Pivoted Gram-Schmidt on the rows of centred points.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Centred points.

    Returns
    -------
    Span
        Basis and coordinates; O(m d r) operations, no LAPACK, so the bits do not depend on its threads.

    Notes
    -----
    The mean is subtracted once more. For points far from the origin the first mean is rounded in units that are
    large beside their spread, and what is left of it would count as a dimension that the points do not have.

    Examples
    --------
    >>> span_of(np.array([[1.0, 1.0, 0.0], [-1.0, -1.0, 0.0]])).rank
    1
    """
    from derandkit.numerics.dense import gram_schmidt

    m, d = X.shape
    X = X - column_sums(X) / m
    most = min(m - 1, d)
    basis = np.zeros((most, d))
    coordinates = np.zeros((m, most))
    rank = gram_schmidt(X, RANK_TOLERANCE, basis, coordinates)
    return Span(basis[:rank].copy(), np.ascontiguousarray(coordinates[:, :rank]))
