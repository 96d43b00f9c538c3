"""Symmetric tables of numbers of pairs: distances, similarities, scalar products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Matrices are symmetric, and their diagonals zero or one, up to the rounding of single precision.
_ALIKE = 2.0**-20
_SMALL = 2.0**-10


def refuse_pairs(table: NDArray[np.generic], way: str) -> None:
    """Refuse a symmetric table that may hold distances, similarities or scalar products of pairs, or points.

    Parameters
    ----------
    table : ndarray, shape (n, d)
        The numbers.
    way : str
        What to do if they are points.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_pairs(np.eye(3), "")
    >>> refuse_pairs(np.array([[0.0, 3.0, 4.0], [3.0, 0.0, 5.0], [4.0, 5.0, 0.0]]), "say so")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    derandkit.errors.InputError: the table is symmetric with a diagonal of zeros: distances between 3 points (pass ...
    """
    n = table.shape[0] if table.ndim == 2 else 0
    if n >= 3 and table.shape[1] == n and table.dtype.kind in "iuf":
        whole = np.asarray(table, dtype=np.float64)
        _refuse_distances(whole, way)
        _refuse_triangle(whole, way)
        _refuse_products(table, way)


def _refuse_distances(whole: NDArray[np.float64], way: str) -> None:
    """Refuse a square table that is symmetric with zeros, or correlations with ones, on its diagonal."""
    n = whole.shape[0]
    diagonal = whole.diagonal()
    zero = _all_near(diagonal, 0.0, float(np.abs(whole[0]).max()))
    if not zero and not _all_near(diagonal, 1.0, 1.0):
        return
    top = float(np.abs(whole).max())
    if not np.abs(whole - whole.T).max() <= _ALIKE * top or (not zero and top > 1.0 + _SMALL):
        return
    others = whole[~np.eye(n, dtype=bool)]
    if not others.any() or (not zero and not (np.abs(others) < 1.0).any()):
        return
    what = f"distances between {n} points" if zero else f"correlations or similarities of {n} points"
    raise InputError(
        f"the table is symmetric with a diagonal of {'zeros' if zero else 'ones'}: {what} (pass the points "
        f"themselves), or {n} points with {n} coordinates ({way})"
    )


def _refuse_triangle(whole: NDArray[np.float64], way: str) -> None:
    """Refuse the upper or lower triangle of distances or correlations, with zeros in place of the other one.

    Points that are triangular have few different numbers, such as those that count in unary, or a diagonal of others.
    """
    n = whole.shape[0]
    zero = not whole.diagonal().any()
    if (not zero and not _all_near(whole.diagonal(), 1.0, 1.0)) or not np.isfinite(whole).all():
        return
    upper, lower = whole[np.triu_indices(n, 1)], whole[np.tril_indices(n, -1)]
    if upper.any() == lower.any():
        return
    found = upper if upper.any() else lower
    fits = found.min() >= 0.0 if zero else float(np.abs(found).max()) <= 1.0 + _SMALL
    if not fits or 2 * np.count_nonzero(found) < found.size or np.unique(found).size < max(3, n // 2):
        return
    what = f"distances between {n} points" if zero else f"correlations or similarities of {n} points"
    raise InputError(
        f"the table is zero {'below' if upper.any() else 'above'} a diagonal of {'zeros' if zero else 'ones'}: one "
        f"triangle of {what} (pass the points themselves), or {n} points with {n} coordinates ({way})"
    )


def _refuse_products(table: NDArray[np.generic], way: str) -> None:
    """Refuse a symmetric table of numbers that differ from pair to pair, such as ``X @ X.T``.

    Designs that are symmetric, such as those of shifted rows, have few different numbers.
    """
    n = table.shape[0]
    if n < 4 or table.dtype.kind != "f" or not np.array_equal(table, table.T):
        return
    above = np.asarray(table, dtype=np.float64)[np.triu_indices(n, 1)]
    if not above.all() or 2 * np.unique(above).size < above.size:
        return
    raise InputError(
        f"the table is symmetric: covariances, scalar products or other numbers of pairs of {n} points (pass the "
        f"points themselves), or {n} points with {n} coordinates ({way})"
    )


def _all_near(values: NDArray[np.float64], to: float, size: float) -> bool:
    return bool((np.abs(values - to) <= _SMALL * size).all())
