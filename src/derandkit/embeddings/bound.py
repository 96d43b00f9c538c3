"""Lower bounds: distortion that no map of these points to k dimensions, linear or not, can undercut.

Let G be the centred Gram matrix with eigenvalues l_1 >= l_2 >= ..., D the matrix of squared distances. An embedding
within eps has a positive semidefinite Gram matrix of rank at most k that differs from G by -J E J / 2 with
``|E| <= eps D`` entry by entry, so

    eps >= 2 sqrt(sum_{i>k} l_i^2) / |D|_F                                  (Mirsky: rank-k approximation)
    eps >= (tr G - sqrt(k) |G|_F) / (tr G + sqrt(k) |D|_F / 2)              (rank >= trace^2 / Frobenius^2)

The mean of ``(r - 1)^2`` has a bound of the first kind, with weights of the points, see `mean_lower_bound`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.rounding import round_down
from derandkit.numerics.vectors import differences
from derandkit.runtime import lapack

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

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
    with lapack.one_thread():  # the product, too
        covariance = Z.T @ Z if r <= m else Z @ Z.T
        values = lapack.eigvalsh(covariance)[::-1]
    squares = np.sum(Z * Z, axis=1)
    distance = 2.0 * m * np.sum(squares * squares) + 2.0 * np.sum(squares) ** 2 + 4.0 * np.sum(covariance**2)
    # Weyl: eigenvalues move by at most the norm of the errors of the product and of a backward stable solver
    error = 16.0 * (m + max(r, columns)) * 2.0**-53 * float(np.sum(np.abs(values)))
    return Spectrum(np.maximum(values, 0.0), error, float(np.sqrt(distance)))


def mean_lower_bound(X: FloatArray, k: int, mass: FloatArray | None = None) -> float:
    """Certified lower bound on the root of the weighted mean of ``(r - 1)^2``, for any map to `k` dimensions.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Different points; as they were given, since those that are close together keep their digits.
    k : int
        Number of dimensions.
    mass : ndarray, shape (m,), optional
        Weights q of the points: the pair (i, j) counts ``q_i q_j`` times.

    Returns
    -------
    float
        Rounded down to 6 digits. A bound on the root of every higher mean too. 0 where rounding leaves nothing.
        O(m^2 d) operations.

    Notes
    -----
    Let ``u_i = sqrt(q_i / R_i)``, R_i the largest squared distance from point i, and G the Gram matrix of the points
    ``u_i (x_i - c)``, c their mean with weights u^2. Then ``G = -P U D U P / 2`` with ``U = diag(u)`` and P a
    projection. The Gram matrix G' of images has rank k at most, so (Eckart and Young) ``sum_{i>k} l_i(G)^2`` is at
    most ``|G - G'|_F^2 <= sum_pairs (u_i u_j D_ij)^2 (r_ij - 1)^2 / 2``, and ``(u_i u_j D_ij)^2 <= q_i q_j`` since
    ``D_ij^2 <= R_i R_j``.

    Examples
    --------
    >>> mean_lower_bound(np.eye(50), 10) > 0.12, mean_lower_bound(np.eye(50)[:, :10], 10)
    (True, 0.0)
    """
    q = np.ones(len(X)) if mass is None else mass
    X, q = X[q > 0.0], q[q > 0.0]
    m, d = X.shape
    # differences of points, of which the largest entry is near 1: the rounding of a common offset has no part in them,
    # and no square underflows, however near these points are beside others
    X, exponents = differences(X, X[int(np.argmax(q))])
    X = np.ldexp(X, (exponents - np.max(exponents[X.any(axis=1)]))[:, None])
    u = np.sqrt(q / (farthest(X) * (1.0 + _SAFETY)))
    weights = u * u / np.sum(u * u)
    lengths = np.sqrt(np.sum(X * X, axis=1))
    # rounding of the rows of V, each in its length, and of a backward stable solver
    rows = u * (8.0 * lengths + 2.0 * (m + 8) * float(np.sum(weights * lengths)))
    V = u[:, None] * (X - np.sum(weights[:, None] * X, axis=0))
    singular = lapack.singular_values(V)
    error = 2.0**-53 * (
        1.02 * float(np.sqrt(np.sum(rows * rows)))
        + 8.0 * (m + d) * float(np.sqrt(np.sum(singular * singular)))
    )
    tail = float(np.sqrt(np.sum(singular[k:] ** 4)))
    # the distance from the matrices of rank k moves by no more than the matrix; a verifier rounds too
    tail -= 4.0 * (2.0 * float(singular[0]) + error) * error
    if k >= d or tail <= 0.0:
        return 0.0
    pairs = float(np.sum(q[1:] * np.add.accumulate(q)[:-1]))  # of q_i q_j over i < j: nothing cancels
    return round_down(float(np.sqrt(2.0 / pairs)) * tail * (1.0 - _SAFETY))


def farthest(X: FloatArray) -> FloatArray:
    """Return the squared distance from every point to the one farthest from it.

    Examples
    --------
    >>> farthest(np.array([[0.0], [1.0], [3.0]]))
    array([9., 4., 9.])

    Notes
    -----
    One of the points should be the origin: then no length exceeds twice the greatest distance from any point, so the
    sum of squares does not cancel.
    """
    squares = np.sum(X * X, axis=1)
    out = np.empty(len(X))
    step = max(1, (1 << 22) // len(X))
    for at in range(0, len(X), step):
        rows = slice(at, at + step)
        out[rows] = np.max(squares[rows, None] + squares - 2.0 * (X[rows] @ X.T), axis=1)
    return out
