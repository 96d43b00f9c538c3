"""Other ways to find the directions a target depends on, and a regression to judge any of them by.

Sliced inverse regression and variances, principal Hessian directions, the average gradient outer product of a kernel
machine, and principal components: the
baselines that a discovered subspace is held against. All work in whitened coordinates and draw nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.hashing import hashed_order
from derandkit.runtime import lapack
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray


#: A kernel machine takes no more rows than this, in a hashed order.
MOST_ROWS = 2000
#: Ridge of the kernel machine, in units of the number of rows.
RIDGE = 1e-3


def sliced_inverse_regression(X: FloatArray, y: FloatArray, rank: int, slices: int = 10) -> FloatArray:
    """Return the leading directions of the slice means of whitened inputs (Li, JASA 86 (1991) 316-327).

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Whitened inputs.
    y : ndarray, shape (m,)
        Targets; rows are sorted by them and cut into slices.
    rank : int
        Number of directions.
    slices : int
        Number of slices of nearly equal size. Targets of a few values make a slice of each value.

    Returns
    -------
    ndarray, shape (rank, d)
        Orthonormal rows. Even links, whose slice means vanish, are invisible to the method.

    Examples
    --------
    >>> X = np.sin(np.arange(3000.0) ** 2).reshape(1000, 3) * 2**0.5
    >>> bool(abs(sliced_inverse_regression(X, np.tanh(X[:, 1]), 1)[0, 1]) > 0.99)
    True
    """
    _check_rank(X, rank)
    centred = X - X.mean(axis=0)
    means = [(centred[rows].mean(axis=0), len(rows) / len(y)) for rows in _slices(y, slices)]
    return _leading(
        sum((share * np.outer(mean, mean) for mean, share in means), np.zeros((X.shape[1],) * 2)), rank
    )


def sliced_average_variance(X: FloatArray, y: FloatArray, rank: int, slices: int = 10) -> FloatArray:
    """Return the directions in which the covariance within slices differs from 1 (Cook and Weisberg, JASA 86 (1991)).

    Parameters
    ----------
    X, y, rank, slices
        As in `sliced_inverse_regression`.

    Returns
    -------
    ndarray, shape (rank, d)
        Orthonormal rows: the leading ones of the mean of ``(1 - cov(X | slice))^2``.

    Examples
    --------
    >>> X = np.sin(np.arange(3000.0) ** 2).reshape(1000, 3) * 2**0.5
    >>> bool(abs(sliced_average_variance(X, X[:, 1] ** 2, 1)[0, 1]) > 0.99)
    True
    """
    _check_rank(X, rank)
    total = np.zeros((X.shape[1],) * 2)
    for rows in _slices(y, slices):
        inner = X[rows] - X[rows].mean(axis=0)
        rest = np.eye(X.shape[1]) - np.einsum("ki,kj->ij", inner, inner) / len(rows)
        total += len(rows) / len(y) * np.einsum("ij,jk->ik", rest, rest)
    return _leading(total, rank)


def principal_hessian_directions(X: FloatArray, y: FloatArray, rank: int) -> FloatArray:
    """Return the directions of the greatest mean curvature of the target (Li, JASA 87 (1992) 1025-1039).

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Whitened inputs.
    y : ndarray, shape (m,) or (m, k)
        Targets; of several columns the squares of their curvatures are added.
    rank : int
        Number of directions.

    Returns
    -------
    ndarray, shape (rank, d)
        Orthonormal rows: of the greatest eigenvalues in size of ``E[(y - E y) x x^T]``, which is the mean Hessian where
        the inputs are Gaussian. Odd links are invisible to the method.

    Examples
    --------
    >>> X = np.sin(np.arange(3000.0) ** 2).reshape(1000, 3) * 2**0.5
    >>> bool(abs(principal_hessian_directions(X, X[:, 1] ** 2, 1)[0, 1]) > 0.99)
    True
    """
    _check_rank(X, rank)
    centred, deviations = X - X.mean(axis=0), np.reshape(y, (len(X), -1))
    deviations = deviations - deviations.mean(axis=0)
    total = np.zeros((X.shape[1],) * 2)
    for column in deviations.T:
        H = np.einsum("k,ki,kj->ij", column, centred, centred, optimize=True) / len(X)
        total += np.einsum("ij,jk->ik", H, H)
    return _leading(total, rank)


def average_gradient_outer_product(X: FloatArray, y: FloatArray, rank: int) -> FloatArray:
    """Return the leading directions of the mean of ``grad f grad f^T`` of a kernel ridge regression f.

    The kernel is Gaussian with the median distance as its width. One round of what recursive feature machines iterate
    (Radhakrishnan, Beaglehole, Pandit, Belkin, Science 383 (2024) 1461-1467).

    Parameters
    ----------
    X, y, rank
        As in `sliced_inverse_regression`; at most 2000 rows, in a hashed order, are used.

    Examples
    --------
    >>> X = np.sin(np.arange(900.0) ** 2).reshape(300, 3) * 2**0.5
    >>> bool(abs(average_gradient_outer_product(X, X[:, 1] ** 2, 1)[0, 1]) > 0.99)
    True
    """
    _check_rank(X, rank)
    machine = KernelRidge(X, y)
    K = machine.kernel(machine.X)
    weighted = machine.alpha[:, None] * machine.X
    # gradient at x_i: sum_j alpha_j k(x_i, x_j) (x_j - x_i) / width^2
    gradients = (K @ weighted - (K @ machine.alpha)[:, None] * machine.X) / machine.width**2
    return _leading(np.einsum("ki,kj->ij", gradients, gradients) / len(gradients), rank)


def principal_directions(X: FloatArray, rank: int) -> FloatArray:
    """Return the leading principal directions, blind to the targets; on whitened inputs any basis is as good."""
    _check_rank(X, rank)
    centred = X - X.mean(axis=0)
    return _leading(np.einsum("ki,kj->ij", centred, centred) / len(X), rank)


def subspace_error(found: FloatArray, truth: FloatArray) -> float:
    """Return the sine of the largest angle between two spans of orthonormal rows of the same number.

    Examples
    --------
    >>> subspace_error(np.eye(3)[:2], np.eye(3)[:2]), subspace_error(np.eye(3)[:1], np.eye(3)[2:])
    (0.0, 1.0)
    """
    rest = found - np.einsum("qk,kd->qd", np.einsum("qd,kd->qk", found, truth), truth)
    return float(lapack.singular_values(rest)[0])


class KernelRidge:
    """Gaussian kernel ridge regression: the judge of a projection, the same for every method.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Inputs; at most 2000 rows, in a hashed order, are used.
    y : ndarray, shape (m,)
        Targets.
    """

    def __init__(self, X: FloatArray, y: FloatArray) -> None:
        rows = np.sort(hashed_order(len(X))[:MOST_ROWS])
        self.X, self._offset = np.ascontiguousarray(X[rows]), float(y[rows].mean())
        squares = _squares(self.X, self.X)
        off = squares[np.triu_indices(len(rows), 1)]
        self.width = float(np.sqrt(np.median(off))) or 1.0
        K = np.exp(-squares / (2.0 * self.width**2))
        # well conditioned by the ridge, so LAPACK's order of operations stays in the last digits
        K[np.diag_indices_from(K)] += RIDGE * len(rows)
        self.alpha = np.asarray(lapack.solve(K, y[rows] - self._offset), dtype=np.float64)

    def kernel(self, X: FloatArray) -> FloatArray:
        """Return the kernel between inputs and the rows of the fit."""
        return np.asarray(np.exp(-_squares(X, self.X) / (2.0 * self.width**2)))

    def predict(self, X: FloatArray) -> FloatArray:
        """Return predictions, shape (m,)."""
        return np.asarray(self.kernel(X) @ self.alpha + self._offset)


def downstream_error(
    directions: FloatArray, train: tuple[FloatArray, FloatArray], test: tuple[FloatArray, FloatArray]
) -> float:
    """Return the share of the variance of the test targets that a kernel regression on a projection leaves.

    Parameters
    ----------
    directions : ndarray, shape (q, d)
        The projection.
    train, test : tuple of ndarray
        Inputs and targets.

    Returns
    -------
    float
        ``1 - R^2`` on the test rows: 0 is perfect, 1 is the mean.
    """
    (X, y), (Z, t) = train, test
    machine = KernelRidge(X @ directions.T, y)
    residual = t - machine.predict(Z @ directions.T)
    return float(np.mean(residual**2) / np.var(t))


def _squares(A: FloatArray, B: FloatArray) -> FloatArray:
    norms = np.sum(A * A, axis=1)[:, None] + np.sum(B * B, axis=1)
    return np.asarray(np.maximum(norms - 2.0 * A @ B.T, 0.0))


def _slices(y: FloatArray, slices: int) -> list[IntArray]:
    """Return the rows of each slice of the sorted targets; targets of a few values make a slice of each value."""
    values = np.unique(y)
    if values.size <= slices:
        return [np.flatnonzero(y == value) for value in values]
    return [rows for rows in np.array_split(np.argsort(y, kind="stable"), slices) if len(rows)]


def _leading(M: FloatArray, rank: int) -> FloatArray:
    vectors = lapack.eigh((M + M.T) / 2.0)[1][:, ::-1][:, :rank]
    lead = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0)
    return np.ascontiguousarray((vectors * np.where(lead < 0, -1.0, 1.0)).T)


def _check_rank(X: FloatArray, rank: int) -> None:
    if not 1 <= rank <= X.shape[1]:
        raise InputError(f"rank must be between 1 and {X.shape[1]}, got {quoted(rank)}")
