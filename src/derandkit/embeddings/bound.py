"""Lower bounds: distortion that no map of these points to k dimensions, linear or not, can undercut.

Let G be the centred Gram matrix with eigenvalues l_1 >= l_2 >= ..., D the matrix of squared distances. An embedding
within eps has a positive semidefinite Gram matrix of rank at most k that differs from G by -J E J / 2 with
``|E| <= eps D`` entry by entry, so

    eps >= 2 sqrt(sum_{i>k} l_i^2) / |D|_F                                  (Mirsky: rank-k approximation)
    eps >= (tr G - sqrt(k) |G|_F) / (tr G + sqrt(k) |D|_F / 2)              (rank >= trace^2 / Frobenius^2)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

_DIGITS = 6
_SAFETY = (
    1e-9  # relative allowance for rounding in the sums, far above n d 2^-53 for any table that fits in memory
)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """What the lower bounds need of a set of points.

    Parameters
    ----------
    eigenvalues : ndarray, shape (r,)
        Of the centred Gram matrix, decreasing, without its zeros.
    error : float
        Bound on the error of each.
    distance_norm : float
        ``|D|_F`` over the full n x n matrix.
    """

    eigenvalues: FloatArray
    error: float
    distance_norm: float

    def lower_bound(self, k: int) -> float:
        """Certified lower bound on the distortion of any map to `k` dimensions, rounded down to 6 digits.

        Examples
        --------
        >>> simplex = spectrum(np.eye(50) - 1 / 50)
        >>> simplex.lower_bound(10) > 0.12, simplex.lower_bound(49)
        (True, 0.0)
        """
        values = self.eigenvalues
        if k >= values.size:
            return 0.0
        tail = np.maximum(values[k:] - self.error, 0.0)
        norm = self.distance_norm * (1.0 + _SAFETY)
        mirsky = 2.0 * float(np.sqrt(np.sum(tail * tail))) / norm
        trace = float(np.sum(values)) * (1.0 - _SAFETY)
        root = float(np.sqrt(k))
        gram = float(np.sqrt(np.sum(values * values))) * (1.0 + _SAFETY)
        trace = max(trace - self.error, 0.0)
        gram += self.error
        rank = (trace - root * gram) / (trace + root * norm / 2.0) if trace > 0.0 else 0.0
        return round_down(max(mirsky, rank, 0.0) * (1.0 - _SAFETY))

    def smallest_dimension(self, eps: float) -> int:
        """Smallest k whose lower bound does not exclude `eps`; no map to fewer dimensions can meet it."""
        low, high = 0, self.eigenvalues.size
        while high - low > 1:
            middle = (low + high) // 2
            if self.lower_bound(middle) <= eps:
                high = middle
            else:
                low = middle
        return max(high, 1)


def spectrum(Z: FloatArray, columns: int = 0) -> Spectrum:
    """Spectrum of centred points.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        Different centred points, in any orthonormal coordinates.
    columns : int
        Columns of the points that Z was computed from, for the bound on errors.

    Returns
    -------
    Spectrum
        O(m r^2 + r^3) operations. ``|D|_F`` needs no pass over pairs: with ``g_i = |z_i|^2`` and centred points it is
        ``2 m sum g_i^2 + 2 (sum g_i)^2 + 4 |Z^T Z|_F^2`` under a root.
    """
    m, r = Z.shape
    covariance = Z.T @ Z if r <= m else Z @ Z.T
    values = np.linalg.eigvalsh(covariance)[::-1]
    squares = np.sum(Z * Z, axis=1)
    distance = 2.0 * m * np.sum(squares * squares) + 2.0 * np.sum(squares) ** 2 + 4.0 * np.sum(covariance**2)
    # Weyl: eigenvalues move by at most the norm of the errors of the product and of a backward stable solver
    error = 16.0 * (m + max(r, columns)) * 2.0**-53 * float(np.sum(np.abs(values)))
    return Spectrum(np.maximum(values, 0.0), error, float(np.sqrt(distance)))


def round_down(x: float) -> float:
    """Round a non-negative number down to 6 significant digits, so that the last bits of LAPACK do not show.

    Examples
    --------
    >>> round_down(0.123456789), round_down(0.0)
    (0.123456, 0.0)
    """
    if x <= 0.0:
        return 0.0
    exponent = int(np.floor(np.log10(x)))
    scale = 10.0 ** (_DIGITS - 1 - exponent)
    return float(np.floor(x * scale)) / scale
