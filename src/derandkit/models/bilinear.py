"""Bilinear forms of two sign vectors as Ising models: ``max x'Ay``, and the cut norm as one of them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError, first_line
from derandkit.given.entries import refuse_lost
from derandkit.missing import with_gaps
from derandkit.models.model import QuadraticModel
from derandkit.numerics.ranges import sums_in_range
from derandkit.numerics.sparse import checked_sparse
from derandkit.numerics.sums import exact_total

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from derandkit.numerics.typing import FloatArray


def checked_matrix(A: ArrayLike) -> FloatArray:
    """Return a matrix of finite real numbers.

    Raises
    ------
    InputError
        It has another number of axes, no entry, or an entry that is no finite real number.

    Examples
    --------
    >>> checked_matrix([[1, 2]])
    array([[1., 2.]])
    """
    if hasattr(A, "toarray"):
        A = checked_sparse(A).toarray()
    A = with_gaps(A)
    refuse_lost(A, "the matrix")
    try:
        given = np.asarray(A)
    except Exception as error:  # rows of unequal length, or a method __array__
        raise InputError(f"the matrix is no array: {first_line(error)}") from error
    if given.ndim != 2 or not given.size:
        raise InputError(f"a bilinear form needs a matrix with rows and columns, got shape {given.shape}")
    if given.dtype.kind not in "iufb":
        raise InputError(f"the entries of the matrix are real numbers, got {given.dtype}")
    matrix = given.astype(np.float64)
    if not np.isfinite(matrix).all():
        i, j = (int(k[0]) for k in np.nonzero(~np.isfinite(matrix)))
        raise InputError(f"entry ({i}, {j}) of the matrix is {matrix[i, j]}, not finite")
    if given.dtype.kind in "iu" and (np.abs(matrix) >= 2.0**53).any():
        raise InputError("an integer of the matrix is 2^53 or more, beyond what float64 holds exactly")
    return matrix


def bilinear_model(A: ArrayLike) -> QuadraticModel:
    """Return ``x'Ay`` over signs x and y as an Ising model to be maximised.

    Parameters
    ----------
    A : array_like or sparse array, shape (m, n)
        The matrix.

    Returns
    -------
    QuadraticModel
        m + n variables, ``("row", i)`` and ``("column", j)``; its couplings are the entries of A that are not zero.

    Raises
    ------
    InputError
        `A` is no matrix of finite real numbers.

    Examples
    --------
    >>> model = bilinear_model([[1, -2], [3, 4]])
    >>> model, model.labels[0]
    (QuadraticModel(4 spin variables, 4 couplings, maximize), ('column', 0))
    """
    matrix = checked_matrix(A)
    m, n = matrix.shape
    i, j = np.nonzero(matrix)
    labels = [*(("row", k) for k in range(m)), *(("column", k) for k in range(n))]
    return QuadraticModel.from_arrays(
        i.astype(np.int64), m + j.astype(np.int64), matrix[i, j], n=m + n, labels=labels, vartype="spin",
        sense="maximize",
    )  # fmt: skip


def centred(matrix: FloatArray) -> tuple[FloatArray, Fraction]:
    """Return a matrix with one more row and column, so that all sums are zero, and what rounding took off these.

    Raises
    ------
    InputError
        A sum is beyond the greatest double.

    Examples
    --------
    >>> centred(np.array([[1.0, 2.0]]))
    (array([[ 1.,  2., -3.],
           [-1., -2.,  3.]]), Fraction(0, 1))
    """
    rows = [exact_total(row) for row in matrix]
    columns = [exact_total(column) for column in matrix.T]
    wider = np.zeros((matrix.shape[0] + 1, matrix.shape[1] + 1))
    wider[:-1, :-1] = matrix
    with sums_in_range():
        wider[:-1, -1] = [-float(total) for total in rows]
        wider[-1, :-1] = [-float(total) for total in columns]
        wider[-1, -1] = float(sum(rows, Fraction(0)))
    exact = [*rows, *columns, -sum(rows, Fraction(0))]
    written = [*wider[:-1, -1].tolist(), *wider[-1, :-1].tolist(), float(wider[-1, -1])]
    return wider, sum((abs(a + Fraction(b)) for a, b in zip(exact, written, strict=True)), Fraction(0))


def cut_norm_model(A: ArrayLike) -> QuadraticModel:
    """Return the Ising model whose greatest value is four times the cut norm of a matrix.

    Parameters
    ----------
    A : array_like or sparse array, shape (m, n)
        The matrix.

    Returns
    -------
    QuadraticModel
        `bilinear_model` of the matrix with one more row and column that make all its sums zero.

    Raises
    ------
    InputError
        `A` is no matrix of finite real numbers, or a sum of them overflows.

    Notes
    -----
    If all rows and columns sum to zero, ``sum over S x T`` is a quarter of ``x'Ay`` for the signs of S and T, and a set
    can be exchanged for its complement (Alon and Naor, SIAM J. Comput. 35 (2006), section 2).

    Examples
    --------
    >>> cut_norm_model([[1, -1]])
    QuadraticModel(5 spin variables, 4 couplings, maximize)
    """
    return bilinear_model(centred(checked_matrix(A))[0])
