"""Principal axes of a spread, computed so that the same bits come out whatever the number of threads.

A Gaussian law depends on ``W`` only through ``W W^T``, so the columns may be rotated at will. The rotation that makes
them orthogonal comes from cyclic Jacobi on the Gram matrix ``W^T W``, with sums taken in a fixed order; a library SVD
would return other last bits on another number of threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

#: Relative size of the off-diagonal of the Gram matrix at which columns count as orthogonal.
ORTHOGONAL = 1e-13
SWEEPS = 30


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
    O(n r^2) for the Gram matrix and the product, O(r^3) a sweep of Jacobi (round-robin pairs, Brent and Luk 1985);
    if ``r > n`` the smaller matrix ``W W^T`` is diagonalised instead.

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
        values, V = jacobi(np.einsum("ik,jk->ij", W, W))
        U = V * np.sqrt(np.maximum(values, 0.0))
    else:
        gram = np.einsum("ki,kj->ij", W, W)
        off = gram - np.diag(np.diag(gram))
        if gram.size and np.max(np.abs(off)) > ORTHOGONAL * np.max(np.diag(gram)):
            _, V = jacobi(gram)
            U = np.einsum("ij,jk->ik", W, V)
        else:
            U = W
    lengths = np.sqrt(np.einsum("ij,ij->j", U, U))
    longest = float(np.max(lengths, initial=0.0))
    kept = np.flatnonzero(lengths > 1e-15 * longest)
    order = kept[np.argsort(-np.asarray(lengths[kept], dtype=np.float32), kind="stable")]
    U = U[:, order]
    magnitude = np.abs(U)
    lead = np.argmax(magnitude >= magnitude.max(axis=0, initial=0.0) * (1.0 - 1e-9), axis=0)
    flip = U[lead, np.arange(U.shape[1])] < 0
    return np.ascontiguousarray(np.where(flip, -U, U) * top)


def jacobi(A: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Diagonalise a symmetric matrix by cyclic Jacobi rotations, many disjoint pairs at a time.

    Parameters
    ----------
    A : ndarray, shape (r, r)
        Symmetric.

    Returns
    -------
    values : ndarray, shape (r,)
        Eigenvalues, in no particular order.
    vectors : ndarray, shape (r, r)
        Orthonormal eigenvectors as columns.

    Examples
    --------
    >>> values, _ = jacobi(np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> sorted(values.round(12).tolist())
    [1.0, 3.0]
    """
    A = np.array(A, dtype=np.float64)
    r = A.shape[0]
    V = np.eye(r)
    for _ in range(SWEEPS):
        off = np.max(np.abs(A - np.diag(np.diag(A))), initial=0.0)
        if off <= 1e-15 * np.max(np.abs(np.diag(A)), initial=0.0):
            break
        for p, q in round_robin(r):
            apq = A[p, q]
            theta = np.where(apq != 0.0, (A[q, q] - A[p, p]) / np.where(apq != 0.0, 2.0 * apq, 1.0), np.inf)
            t = np.where(theta >= 0, 1.0, -1.0) / (np.abs(theta) + np.hypot(theta, 1.0))
            c = 1.0 / np.hypot(t, 1.0)
            s = t * c
            row_p, row_q = A[p], A[q]
            A[p], A[q] = c[:, None] * row_p - s[:, None] * row_q, s[:, None] * row_p + c[:, None] * row_q
            for M in (A, V):
                column_p, column_q = M[:, p], M[:, q]
                M[:, p], M[:, q] = c * column_p - s * column_q, s * column_p + c * column_q
    return np.diag(A).copy(), V


def round_robin(r: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return the rounds of a tournament of r players: every pair once, the pairs of a round disjoint.

    Examples
    --------
    >>> sum(p.size for p, q in round_robin(5))
    10
    """
    players = list(range(r)) + ([-1] if r % 2 else [])
    half = len(players) // 2
    rounds = []
    for _ in range(len(players) - 1):
        pairs = [sorted(pair) for pair in zip(players[:half], players[: half - 1 : -1], strict=True)]
        pairs = sorted(pair for pair in pairs if pair[0] >= 0)
        if pairs:
            table = np.array(pairs, dtype=np.int64)
            rounds.append((table[:, 0], table[:, 1]))
        players = [players[0], players[-1], *players[1:-1]]
    return rounds
