"""Principal axes of a spread, computed so that the same bits come out whatever the processor and the threads.

A Gaussian distribution depends on ``W`` only through ``W W^T``, so the columns may be rotated at will. The rotation
that makes them orthogonal comes from cyclic Jacobi on the Gram matrix ``W^T W``, in serial kernels whose sums have a
fixed order; a library SVD would return other last bits on another number of threads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

#: Relative size of the off-diagonal of the Gram matrix at which columns count as orthogonal.
ORTHOGONAL = 1e-13


def principal_axes(V: FloatArray, columns: int | None = None) -> tuple[FloatArray, FloatArray]:
    """Rotate the columns of a spread to its principal axes.

    Parameters
    ----------
    V : ndarray, shape (n, r)
        A spread; the distribution of ``V x`` does not change when its columns are rotated.
    columns : int, optional
        Form only so many of the rotated columns, the longest.

    Returns
    -------
    rotated : ndarray, shape (n, r) or (n, columns)
        ``V Q`` with orthogonal Q; columns by falling norm, the entry of largest modulus of each column of Q positive.
    masses : ndarray, shape (r,)
        Squared column norms, falling.

    Notes
    -----
    ``n r^2`` multiply-adds for the Gram matrix and the rotation, and Jacobi sweeps of ``r^3`` each.

    Examples
    --------
    >>> rotated, masses = principal_axes(np.array([[1.0, 1.0], [1.0, 1.0]]))
    >>> np.round(masses, 12) + 0.0
    array([4., 0.])
    """
    r = V.shape[1]
    values, Q = _eigenvectors(_gram(V))
    masses = np.maximum(values, 0.0)
    order = np.argsort(-masses, kind="stable")
    Q = Q[:, order]
    peak = np.abs(Q).argmax(axis=0)
    Q = Q * np.where(Q[peak, np.arange(r)] < 0, -1.0, 1.0)
    return _rotated(V, Q[:, :columns]), masses[order]


def principal_columns(W: FloatArray) -> FloatArray:
    """Rotate the columns of ``W`` to its principal axes: orthogonal, longest first, signs fixed.

    Parameters
    ----------
    W : ndarray, shape (n, r)
        A spread.

    Returns
    -------
    ndarray, shape (n, q), q <= min(n, r)
        Columns with ``U U^T = W W^T`` up to rounding. Columns that are orthogonal already are only sorted (stably)
        and signed. The largest entry of each column is positive, the first one on ties.

    Notes
    -----
    O(n r^2) for the Gram matrix and the product, O(r^3) a sweep of Jacobi; if ``r > n`` the smaller matrix ``W W^T``
    is diagonalised instead.

    Examples
    --------
    >>> principal_columns(np.array([[1.0, 1.0], [-1.0, 1.0], [0.0, 1.0]])).round(6) + 0.0
    array([[ 1.,  1.],
           [ 1., -1.],
           [ 1.,  0.]])
    """
    n = W.shape[0]
    W = W[:, W.any(axis=0)]
    top = float(np.max(np.abs(W), initial=0.0))
    if top == 0.0:
        return np.zeros((n, 0))
    W = W / top  # squares of entries neither overflow nor vanish
    if W.shape[1] > n:
        # W = V (V^T W) with V orthogonal, and U = V sqrt(eigenvalues) has U U^T = W W^T
        values, V = _eigenvectors(_gram(np.ascontiguousarray(W.T)))
        U = V * np.sqrt(np.maximum(values, 0.0))
    else:
        U, G = np.ascontiguousarray(W), _gram(W)
        off = G - np.diag(np.diag(G))
        if G.size and np.max(np.abs(off)) > ORTHOGONAL * np.max(np.diag(G)):
            U = _rotated(U, _eigenvectors(G)[1])
    lengths = np.sqrt(np.einsum("ij,ij->j", U, U))
    longest = float(np.max(lengths, initial=0.0))
    kept = np.flatnonzero(lengths > 1e-15 * longest)
    order = kept[np.argsort(-np.asarray(lengths[kept], dtype=np.float32), kind="stable")]
    U = U[:, order]
    magnitude = np.abs(U)
    lead = np.argmax(magnitude >= magnitude.max(axis=0, initial=0.0) * (1.0 - 1e-9), axis=0)
    flip = U[lead, np.arange(U.shape[1])] < 0
    return np.ascontiguousarray(np.where(flip, -U, U) * top)


def _gram(V: FloatArray) -> FloatArray:
    """Return ``V^T V``."""
    G = np.empty((V.shape[1], V.shape[1]))
    gram(np.ascontiguousarray(V), G)
    return G


def _eigenvectors(G: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the eigenvalues of a symmetric matrix, in no particular order, and its eigenvectors as columns."""
    D, Q = G.copy(), np.empty(G.shape)
    jacobi(D, Q)
    return np.diag(D).copy(), Q


def _rotated(V: FloatArray, Q: FloatArray) -> FloatArray:
    """Return ``V Q``."""
    out = np.empty((V.shape[0], Q.shape[1]))
    rotate(V, np.ascontiguousarray(Q), out)
    return out


@light(lambda V, G: V.size * V.shape[1])
@kernel
def gram(V: FloatArray, G: FloatArray) -> None:
    """Fill ``G = V^T V``."""
    n, r = V.shape
    for a in range(r):
        for c in range(r):
            G[a, c] = 0.0
    for i in range(n):
        for a in range(r):
            x = V[i, a]
            for c in range(r):
                G[a, c] += x * V[i, c]


@light(lambda V, Q, out: V.size * Q.shape[1])
@kernel
def rotate(V: FloatArray, Q: FloatArray, out: FloatArray) -> None:
    """Fill ``out = V Q``."""
    n, r = V.shape
    columns = Q.shape[1]
    for i in range(n):
        for c in range(columns):
            out[i, c] = 0.0
        for a in range(r):
            x = V[i, a]
            for c in range(columns):
                out[i, c] += x * Q[a, c]


@light(lambda G, Q: 16 * G.size * G.shape[0])
@kernel
def jacobi(G: FloatArray, Q: FloatArray) -> None:
    """Diagonalise the symmetric G in place by cyclic Jacobi rotations; Q collects the eigenvectors in columns."""
    r = G.shape[0]
    for a in range(r):
        for c in range(r):
            Q[a, c] = 1.0 if a == c else 0.0
    for _ in range(30):
        off = 0.0
        total = 0.0
        for a in range(r):
            for c in range(r):
                total += G[a, c] * G[a, c]
                if a != c:
                    off += G[a, c] * G[a, c]
        if off <= 1e-30 * total:
            break
        for a in range(r - 1):
            for c in range(a + 1, r):
                if abs(G[a, c]) <= 1e-300:
                    continue
                theta = 0.5 * (G[c, c] - G[a, a]) / G[a, c]
                t = 1.0 / (abs(theta) + math.sqrt(theta * theta + 1.0))
                if theta < 0.0:
                    t = -t
                cs = 1.0 / math.sqrt(t * t + 1.0)
                sn = t * cs
                for k in range(r):
                    x = G[k, a]
                    y = G[k, c]
                    G[k, a] = cs * x - sn * y
                    G[k, c] = sn * x + cs * y
                for k in range(r):
                    x = G[a, k]
                    y = G[c, k]
                    G[a, k] = cs * x - sn * y
                    G[c, k] = sn * x + cs * y
                for k in range(r):
                    x = Q[k, a]
                    y = Q[k, c]
                    Q[k, a] = cs * x - sn * y
                    Q[k, c] = sn * x + cs * y
