"""How what a first layer sees varies: the units in which it has variance 1, and what is too faint for any unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, hstack

from derandkit.errors import InputError
from derandkit.numerics.vectors import norm
from derandkit.runtime import lapack

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

#: Columns that deviate less than this share of their largest entry count as constant, and directions in which the
#: inputs vary less than this share of the largest variance.
CONSTANT, COLLINEAR = 1e-13, 1e-10
#: Of more columns than this, and than rows, no correlations are formed: few of their eigenvalues are not zero.
WIDE = 1024
#: What the first layer reads of inputs that count as constant may be this share of ``|W_perp|`` or of its bound. It is
#: orthogonal to what they hold, and so moves them by half the square of it.
UNREAD = 1e-3
#: What is left of a layer beside its directions is rounding up to this share of it.
ROUNDING = 1e-9
#: What is left of a direction beside the others is rounding below this share of what it is a difference of.
LEAST_PART = 1e-9
DEPENDENT = "the directions depend on each other, or the inputs do not vary along them"


def covariance_root(
    X: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray | csr_array]:
    """Return mean and scale of the columns, the root of their correlations, shape (d, d), and its inverse.

    Of more columns than `WIDE`, and than rows, both have shape (d, r), for the r axes along which the inputs vary:
    O(m d) memory and O(m^2 d) operations.

    Directions in which hardly anything varies count as none: the inverse is zero on them. The last matrix is what
    they hold: of inputs that count as constant, weights w read ``|w faint|``. Of rows with several places, shape
    (m, P, d), each place has its own mean, shape (P, d), and scale and correlations are those of all places together.

    Examples
    --------
    >>> X = np.array([[0.0, 1.0], [2.0, 1.0], [0.0, -1.0], [2.0, -1.0]])
    >>> [part.tolist() for part in covariance_root(X)[:2]]
    [[1.0, 0.0], [1.0, 1.0]]
    >>> [part.tolist() for part in covariance_root(X[:, :, None])[:2]]
    [[[1.0], [0.0]], [1.0]]
    """
    mean, over = X.mean(axis=0), tuple(range(X.ndim - 1))
    centred = X - mean
    # the mean has the digits of the entries, which may be large beside what varies
    centred = centred - centred.mean(axis=0)
    deviation = np.sqrt(np.mean(centred**2, axis=over))
    varies = deviation > CONSTANT * np.abs(X).max(axis=over)
    if not varies.any():
        still = bool((X.max(axis=over) == X.min(axis=over)).all())
        why = "" if still else " by more than 1e-13 of its entries; shift columns to mean 0"
        raise InputError(f"no column of the inputs varies{why}")
    scale = np.where(varies, deviation, 1.0)
    Z = np.where(varies, centred / scale, 0.0).reshape(-1, len(scale))
    if len(scale) > max(len(Z), WIDE):
        return mean, scale, *_thin(Z, scale, np.where(varies, 0.0, deviation))
    values, vectors = lapack.eigh(np.einsum("ki,kj->ij", Z, Z) / len(Z))
    kept = values > COLLINEAR * values[-1]
    values, vectors = values[kept], vectors[:, kept]
    root = np.einsum("ik,k,jk->ij", vectors, np.sqrt(values), vectors)
    back = np.einsum("ik,k,jk->ij", vectors, 1.0 / np.sqrt(values), vectors)
    faint = np.diag(np.where(varies, 0.0, deviation))
    if len(values) < varies.sum():
        rest = Z - np.einsum("kq,iq->ki", np.einsum("ki,iq->kq", Z, vectors), vectors)
        small, axes = lapack.eigh(np.einsum("ki,kj->ij", rest, rest) / len(rest))
        faint += scale[:, None] * np.einsum("ik,k,jk->ij", axes, np.sqrt(np.maximum(small, 0.0)), axes)
    return mean, scale, root, back, faint


def _thin(
    Z: FloatArray, scale: FloatArray, still: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray | csr_array]:
    """Return root, inverse and faint inputs of more columns than rows, in coordinates of the axes that vary."""
    sizes, rows = lapack.svd(Z)[1:]
    lead = np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1)
    axes, sizes = (rows * np.where(lead < 0, -1.0, 1.0)).T, sizes / np.sqrt(len(Z))
    kept = sizes**2 > COLLINEAR * sizes[0] ** 2
    columns = np.flatnonzero(still)
    own = csr_array((still[columns], (columns, np.arange(columns.size))), (len(scale), columns.size))
    left = csr_array(scale[:, None] * axes[:, ~kept] * sizes[~kept])
    axes, sizes = axes[:, kept], sizes[kept]
    return axes * sizes, axes / sizes, hstack([own, left]).tocsr()


def columns_of(span: FloatArray, back: FloatArray) -> FloatArray:
    """Return directions on inputs of variance 1 as weights of columns of deviation 1."""
    if len(back) == back.shape[1]:  # symmetric
        return np.asarray(np.einsum("qj,ji->qi", span, back))
    return np.asarray(np.einsum("qj,ij->qi", span, back))


def check_read(hidden: float, W: FloatArray, left: float, bound: float | None) -> None:
    """Refuse a layer that reads more of inputs that count as constant than a record could leave out.

    Parameters
    ----------
    hidden : float
        Norm of what it reads there, which is in no figure.
    W : ndarray, shape (n, d)
        The layer on inputs of variance 1.
    left : float
        ``|W_perp|``.
    bound : float or None
        The lemma's bound.

    Raises
    ------
    InputError
        Says what to change.
    """
    against, size = max(left, bound or 0.0), norm(W)
    if left <= ROUNDING * size:  # nothing is left but rounding: then it must not hide the smallest unit
        units = np.array([norm(row) for row in W])
        against = max(against, float(units[units > ROUNDING * size].min(initial=size)))
    if not hidden <= UNREAD * against:
        raise InputError(
            f"the first layer reads {hidden:.3g} of inputs that vary too little to be measured, and |W_perp| is "
            f"{left:.3g} without that: shift columns with a large offset to mean 0 (the bias takes it up), and "
            "replace near copies of a column by differences, for network and rows alike"
        )


def span_along(rows: FloatArray, root: FloatArray) -> FloatArray:
    """Return an orthonormal basis of directions on inputs of variance 1.

    Parameters
    ----------
    rows : ndarray, shape (q, d)
        Directions, as weights of columns of variance 1.
    root : ndarray, shape (d, d)
        Root of the correlations.

    Raises
    ------
    InputError
        They depend on each other, or the inputs do not vary along one.

    Examples
    --------
    >>> span_along(np.array([[3.0, 0.0, 0.0], [5.0, 1e-12, 0.0]]), np.eye(3)).round(6).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    if len(rows) > rows.shape[1] or not np.isfinite(rows).all():
        raise InputError(DEPENDENT)
    along = np.einsum("qi,ij->qj", _eliminated(rows), root)
    lengths = np.array([norm(row) for row in along])
    if not lengths.min() > 0.0:
        raise InputError(DEPENDENT)
    sizes, span = lapack.svd(along / lengths[:, None])[1:]
    if not sizes[-1] > LEAST_PART * sizes[0]:
        raise InputError(DEPENDENT)
    return np.ascontiguousarray(span)


def _eliminated(rows: FloatArray) -> FloatArray:
    """Return rows with the same span, none of which has an entry where one before has its largest.

    Columns of far larger size than others would hide in their rounding what the rows say of those.
    """
    left = rows / np.abs(rows).max(axis=1, keepdims=True).clip(1e-300)
    terms = np.abs(left)  # what each entry is a sum of
    done = []
    while len(left):
        at, column = divmod(int(np.abs(left).argmax()), left.shape[1])
        first, before = left[at], terms[at]
        if not abs(first[column]) > LEAST_PART * norm(before):
            raise InputError(DEPENDENT)
        done.append(first)
        left, terms = np.delete(left, at, axis=0), np.delete(terms, at, axis=0)
        share = left[:, column] / first[column]
        left, terms = left - np.outer(share, first), terms + np.outer(np.abs(share), before)
        left[:, column] = terms[:, column] = 0.0
    return np.array(done)
