"""Functions of LAPACK whose results are the same bits for any number of threads: each runs in one.

A threaded LAPACK splits a matrix among its threads, and from about a hundred rows on the last bits of eigenvalues and
eigenvectors follow how many there are. What a solver stores rests on them, so it calls them here. Factorisations that
only decide whether a bound with a margin is proven may use all threads.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from threadpoolctl import ThreadpoolController

    from derandkit.numerics.typing import FloatArray


def eigh(A: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the eigenvalues of a symmetric matrix, rising, and its eigenvectors as columns.

    Parameters
    ----------
    A : ndarray, shape (n, n)
        A symmetric matrix; the lower triangle is read.

    Raises
    ------
    numpy.linalg.LinAlgError
        The iteration does not converge.

    Examples
    --------
    >>> eigh(np.array([[2.0, 0.0], [0.0, 1.0]]))[0].tolist()
    [1.0, 2.0]
    """
    with one_thread():
        values, vectors = np.linalg.eigh(A)
    return values, vectors


def eigvalsh(A: FloatArray) -> FloatArray:
    """Return the eigenvalues of a symmetric matrix, rising; of one that is not finite they are NaN.

    Examples
    --------
    >>> eigvalsh(np.array([[2.0, 0.0], [0.0, 1.0]])).tolist()
    [1.0, 2.0]
    >>> eigvalsh(np.array([[np.inf, 0.0], [0.0, 1.0]])).tolist()  # LAPACK may not converge, or give any number
    [nan, nan]
    """
    if not np.isfinite(A).all():
        return np.full(len(A), np.nan)
    with one_thread():
        return np.asarray(np.linalg.eigvalsh(A), dtype=np.float64)


def svd(A: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the thin singular value decomposition: left vectors as columns, values, right vectors as rows.

    Examples
    --------
    >>> svd(np.array([[3.0], [4.0]]))[1].tolist()
    [5.0]
    """
    with one_thread():
        left, values, right = np.linalg.svd(A, full_matrices=False)
    return left, values, right


def singular_values(A: FloatArray) -> FloatArray:
    """Return the singular values of a matrix, falling.

    Examples
    --------
    >>> singular_values(np.array([[3.0], [4.0]])).tolist()
    [5.0]
    """
    with one_thread():
        return np.asarray(np.linalg.svd(A, compute_uv=False), dtype=np.float64)


def qr(A: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return an orthonormal basis Q of the columns, and the triangular factor R with ``A = Q R``.

    Examples
    --------
    >>> abs(qr(np.array([[3.0], [4.0]]))[1]).tolist()
    [[5.0]]
    """
    with one_thread():
        basis, triangle = np.linalg.qr(A)
    return basis, triangle


def triangle(A: FloatArray) -> FloatArray:
    """Return the triangle of `qr` alone.

    Examples
    --------
    >>> abs(triangle(np.array([[3.0], [4.0]]))).tolist()
    [[5.0]]
    """
    with one_thread():
        return np.asarray(np.linalg.qr(A, mode="r"), dtype=np.float64)


def cholesky(A: FloatArray) -> FloatArray:
    """Return the lower triangle whose product with its transpose is a matrix.

    Raises
    ------
    numpy.linalg.LinAlgError
        The matrix is not positive definite to rounding.

    Examples
    --------
    >>> cholesky(np.array([[4.0]])).tolist()
    [[2.0]]
    """
    with one_thread():
        return np.asarray(np.linalg.cholesky(A), dtype=np.float64)


def solve(A: FloatArray, b: FloatArray) -> FloatArray:
    """Solve ``A x = b``.

    Raises
    ------
    numpy.linalg.LinAlgError
        The matrix is singular to rounding.

    Examples
    --------
    >>> solve(np.array([[4.0]]), np.array([2.0])).tolist()
    [0.5]
    """
    with one_thread():
        return np.asarray(np.linalg.solve(A, b), dtype=np.float64)


def lstsq(A: FloatArray, b: FloatArray, rcond: float) -> FloatArray:
    """Return the shortest x of least ``|A x - b|``; singular values below `rcond` of the largest count as zero.

    Examples
    --------
    >>> lstsq(np.array([[4.0], [0.0]]), np.array([2.0, 1.0]), 1e-12).round(12).tolist()
    [0.5]
    """
    with one_thread():
        return np.asarray(np.linalg.lstsq(A, b, rcond=rcond)[0], dtype=np.float64)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let BLAS and LAPACK run in one thread inside.

    The setting is one of the process, so that one call is inside at a time. Another thread that sets the limit by
    threadpoolctl meanwhile, and takes it back later, leaves one thread: such settings are made before the work.

    Examples
    --------
    >>> with one_thread():
    ...     [library["num_threads"] for library in _libraries().info() if library["user_api"] == "blas"][0]
    1
    """
    with _alone, _libraries().limit(limits=1, user_api="blas"):
        yield


#: Of the thread that is inside, which a handler of a signal may enter again.
_alone = threading.RLock()


def _renew() -> None:
    """Take another lock: the thread that held it does not exist in the child of a fork."""
    global _alone
    _alone = threading.RLock()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_renew)


@cache
def _libraries() -> ThreadpoolController:
    """Return what knows the BLAS libraries that are loaded: it looks through them once, in 3 ms."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
