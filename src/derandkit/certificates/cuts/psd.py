r"""Proofs in floating point that ``A + Diag(d)`` is positive semidefinite.

A factorisation that runs to completion on a slightly *smaller* matrix proves the claim: its rounding errors are
bounded by a theorem, and the amount that was taken off the diagonal is chosen to exceed that bound. Rows are first
scaled by powers of two to a diagonal in [1, 4), which is exact and makes the margin relative to each row.

Three proofs, from cheap to general:

``diagonal-dominance``
    ``d_i >= sum_j |a_ij|`` for every row, with the row sums rounded upward.
``dense-cholesky``
    Cholesky of ``M - c I`` with ``c`` from S. M. Rump, "Verification of positive definiteness", BIT 46 (2006),
    433-452: success proves ``M >= 0`` for any order of summation.
``sparse-ldl``
    ``M - c I = L U`` by sparse elimination without interchanges. With positive pivots ``D = diag(U)`` and
    ``F = U - D L^T``, the matrix equals ``L D L^T + L F - E`` where ``|E| <= gamma_n |L||U|`` (the backward error of
    Gaussian elimination, Higham, "Accuracy and Stability", Theorem 9.3), so its smallest eigenvalue is at least
    minus the norms of ``L F`` and ``E``, which are bounded by products with vectors and compared with ``c``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    FloatArray = NDArray[np.float64]

UNIT_ROUNDOFF = 2.0**-53
#: What is taken off the scaled diagonal before a sparse elimination; the proof checks that it was enough.
SPARSE_MARGIN = 1e-9
#: Columns of a dense factorisation between two looks at the clock.
BLOCK = 256

METHODS = ("diagonal-dominance", "dense-cholesky", "sparse-ldl")


#: Why there is no proof where memory ends.
NO_MEMORY = "the factors do not fit in memory"


@dataclass(frozen=True)
class Proof:
    """Outcome of one attempt.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    proven : bool
        Whether positive semidefiniteness was proven; False means only that this attempt did not prove it.
    detail : str
        The numbers the proof rests on, or the reason it failed.
    """

    method: str
    proven: bool
    detail: str


def _gamma(k: int) -> float:
    """Return Higham's ``gamma_k = k u / (1 - k u)``, slightly enlarged to cover its own rounding."""
    return 1.0000001 * k * UNIT_ROUNDOFF / (1.0 - k * UNIT_ROUNDOFF)


def relative_margin(n: int, method: str) -> float:
    """Return how much of the scaled diagonal a proof takes off before it factorises.

    A diagonal whose exact matrix is only just semidefinite must be raised by this fraction (times four, the range
    of the scaling) before the proof can succeed.

    Parameters
    ----------
    n : int
        Order of the matrix.
    method : str
        One of `METHODS`.

    Examples
    --------
    >>> relative_margin(1000, "dense-cholesky") < 1e-8
    True
    """
    if method == "dense-cholesky":
        return 1.02 * _gamma(n + 2) * 4.0 * n + 16 * UNIT_ROUNDOFF
    return SPARSE_MARGIN if method == "sparse-ldl" else 0.0


def absolute_row_sums(A: csr_array) -> FloatArray:
    """Return numbers not below ``sum_j |a_ij|``; exact when all entries are integers.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> absolute_row_sums(csr_array([[0.0, -2.0], [-2.0, 0.0]]))
    array([2., 2.])
    """
    size = np.diff(A.indptr)
    magnitude, busy = np.abs(A.data), size > 0
    sums = np.zeros(size.size)
    sums[busy] = np.add.reduceat(magnitude, A.indptr[:-1][busy]) if busy.any() else 0.0
    if sums.max(initial=0.0) < 2.0**53 and (magnitude == np.floor(magnitude)).all():
        return np.asarray(sums)
    # any order of adding k terms errs by at most gamma_k relatively
    return np.asarray(sums * (1.0 + 2.0 * _gamma(int(size.max(initial=0)) + 1)))


def prove_positive_semidefinite(
    A: csr_array, diagonal: FloatArray, method: str, go_on: Callable[[], bool] | None = None
) -> Proof:
    """Try to prove ``A + Diag(diagonal) >= 0``.

    Parameters
    ----------
    A : csr_array, shape (n, n)
        Symmetric with zero diagonal.
    diagonal : ndarray, shape (n,)
        The diagonal ``d``.
    method : str
        One of `METHODS`.
    go_on : callable, optional
        Asked between the blocks of a dense factorisation, which ends without a proof once it says no.

    Returns
    -------
    Proof
        ``proven`` is a rigorous statement about the exact real matrix with these entries.

    Notes
    -----
    Cost: O(m) for dominance, ``n^3 / 3`` for dense, the fill of a minimum-degree elimination for sparse.
    """
    if method not in METHODS:
        return Proof(method, False, f"unknown method; one of {', '.join(METHODS)}")
    if not np.isfinite(diagonal).all() or not np.isfinite(A.data).all():
        return Proof(method, False, "an entry is not finite")
    row_sums = absolute_row_sums(A)
    slack = diagonal - row_sums
    if (slack >= 0).all():
        return Proof("diagonal-dominance", True, "every row is diagonally dominant")
    if method == "diagonal-dominance":
        worst = int(np.argmin(slack))
        return Proof(method, False, f"row {worst} lacks {-slack[worst]:.3g}")
    if (diagonal < 0).any():
        return Proof(method, False, f"diagonal entry {int(np.argmin(diagonal))} is negative")
    busy = np.flatnonzero(row_sums > 0)
    if (diagonal[busy] == 0).any():
        return Proof(method, False, "a zero diagonal entry in a nonzero row")
    A = A[busy][:, busy]
    exponent = -np.floor(np.log2(diagonal[busy]) / 2).astype(np.int64)
    d = np.ldexp(diagonal[busy], 2 * exponent)
    rows = np.repeat(np.arange(busy.size), np.diff(A.indptr))
    with np.errstate(over="ignore"):  # an infinite entry is refused below
        data = np.ldexp(A.data, exponent[rows] + exponent[A.indices])
    if not (np.isfinite(data).all() and (d >= 0.5).all() and (d < 8).all()):
        return Proof(method, False, "the weights span more than the floating-point range")
    if (
        np.abs(data) > 8.0
    ).any():  # a_ij^2 <= d_i d_j < 64; and what is larger may overflow in a factorisation
        return Proof(method, False, "an entry is larger than its two diagonal entries allow")
    # scaling by powers of two is exact unless it underflows; what it may lose is far below the margin
    if method == "dense-cholesky":
        return _prove_dense(A.indptr, A.indices, data, d, go_on)
    return _prove_sparse(A.indptr, A.indices, data, d)


def _prove_dense(
    indptr: NDArray[Any],
    indices: NDArray[Any],
    data: FloatArray,
    d: FloatArray,
    go_on: Callable[[], bool] | None,
) -> Proof:
    from scipy.linalg import LinAlgError, cholesky
    from scipy.sparse import csr_array

    n = d.size
    # Rump's c, with a percent to spare for 1 / (1 - gamma) and the rounding of the sum and the subtraction
    margin = 1.01 * _gamma(n + 2) * float(d.sum()) + 16 * UNIT_ROUNDOFF
    matrix = csr_array((data, indices, indptr), shape=(n, n)).toarray(order="F")
    matrix[np.diag_indices(n)] = d - margin
    try:
        if go_on is None:
            factor = cholesky(matrix, lower=True, overwrite_a=True, check_finite=False)
        else:
            found = _cholesky_in_blocks(matrix, go_on)
            if found is None:
                return Proof("dense-cholesky", False, "the limit of time came before the end of Cholesky")
            factor = found
    except LinAlgError:
        return Proof("dense-cholesky", False, f"Cholesky broke down with margin {margin:.3g}")
    if not (np.isfinite(factor).all() and (factor.diagonal() > 0.0).all()):  # LAPACK takes NaN for a pivot
        return Proof("dense-cholesky", False, "Cholesky left the finite numbers")
    return Proof("dense-cholesky", True, f"Cholesky of order {n} ran through with margin {margin:.3g}")


def _cholesky_in_blocks(matrix: FloatArray, go_on: Callable[[], bool]) -> FloatArray | None:
    """Factorise the lower triangle in place, a block of columns at a time; None if it may not go on.

    The operations are those of Cholesky in another order, for which the same margin holds.

    Raises
    ------
    LinAlgError
        A block is not positive definite.
    """
    from scipy.linalg import cholesky, solve_triangular

    for at in range(0, len(matrix), BLOCK):
        if not go_on():
            return None
        here, below = slice(at, at + BLOCK), slice(at + BLOCK, None)
        left = matrix[here, :at]
        pivot = cholesky(matrix[here, here] - left @ left.T, lower=True, check_finite=False)
        matrix[here, here] = pivot
        panel = matrix[below, here] - matrix[below, :at] @ left.T
        matrix[below, here] = solve_triangular(pivot, panel.T, lower=True, check_finite=False).T
    return matrix


def _prove_sparse(indptr: NDArray[Any], indices: NDArray[Any], data: FloatArray, d: FloatArray) -> Proof:
    from scipy.sparse import csc_array, csr_array, diags_array
    from scipy.sparse.linalg import splu

    n = d.size
    matrix = csc_array(csr_array((data, indices, indptr), shape=(n, n)) + diags_array(d - SPARSE_MARGIN))
    try:
        factor = splu(
            matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
        )
    except RuntimeError as error:  # "Factor is exactly singular"
        return Proof("sparse-ldl", False, str(error))
    except MemoryError:
        return Proof("sparse-ldl", False, NO_MEMORY)
    if not np.array_equal(factor.perm_r, factor.perm_c):
        return Proof("sparse-ldl", False, "elimination had to interchange rows: a pivot was not positive")
    L, U = factor.L.tocsr(), factor.U.tocsr()
    pivots = U.diagonal()
    if not (pivots > 0).all():
        return Proof("sparse-ldl", False, f"{int((~(pivots > 0)).sum())} pivots are not positive")
    ones = np.ones(n)
    L_abs, U_abs = abs(L), abs(U)
    symmetric = diags_array(pivots) @ L.T
    # F = U - D L^T as computed, plus the rounding of that product and difference
    F_abs = abs(U - symmetric) + 4 * UNIT_ROUNDOFF * (U_abs + abs(symmetric))
    residual = 0.5 * (float((L_abs @ (F_abs @ ones)).max()) + float((F_abs.T @ (L_abs.T @ ones)).max()))
    backward = 0.5 * (float((L_abs @ (U_abs @ ones)).max()) + float((U_abs.T @ (L_abs.T @ ones)).max()))
    worst = 1.001 * (residual + _gamma(n + 2) * backward) + 16 * UNIT_ROUNDOFF
    if not worst <= SPARSE_MARGIN:
        return Proof(
            "sparse-ldl", False, f"rounding errors up to {worst:.3g} exceed the margin {SPARSE_MARGIN:g}"
        )
    return Proof(
        "sparse-ldl",
        True,
        f"{n} positive pivots, {L.nnz} entries, rounding errors within margin {SPARSE_MARGIN:g}",
    )
