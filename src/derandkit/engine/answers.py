"""What a function of the caller gives back: values that have no place or no value, and rows that depend on others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import refuse_masked

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from derandkit.numerics.typing import FloatArray

#: Rows may differ from themselves alone by this much of the range of all and of the greatest: single precision may.
_SPREAD, _SIZE = 1e-3, 1e-5


def plain_answer(answer: object, name: str) -> NDArray[np.generic]:
    """Return what a function gave as an array.

    Parameters
    ----------
    answer : object
        An array, or what becomes one.
    name : str
        Of the function.

    Raises
    ------
    InputError
        Some entry is masked, or the rows have an index that does not count them from 0 in order.

    Examples
    --------
    >>> import pandas as pd
    >>> plain_answer(pd.Series([1.0, 2.0]), "g")
    array([1., 2.])
    >>> plain_answer(pd.Series([1.0, 2.0], index=[1, 0]), "g")
    Traceback (most recent call last):
    derandkit.errors.InputError: g returned a Series whose index is not 0, 1, ..., so that its rows may be those of ...
    >>> plain_answer(np.ma.masked_greater([1.0, 5.0], 3.0), "g")
    Traceback (most recent call last):
    derandkit.errors.InputError: 1 entries of what g returned are masked, so they have no value; fill them ...
    """
    if type(answer) is np.ndarray:
        return answer
    refuse_masked(answer, f"what {name} returned")
    index = getattr(answer, "index", None)
    dims = getattr(answer, "dims", None)
    if (
        not hasattr(index, "tolist") and isinstance(dims, tuple) and dims
    ):  # of xarray: labels of the first dimension
        index = getattr(answer, "indexes", {}).get(dims[0])
    listed = getattr(index, "tolist", None)
    if listed is not None and (rows := listed()) != list(range(len(rows))):
        raise InputError(
            f"{name} returned a {type(answer).__name__} whose index is not 0, 1, ..., so that its rows may be those of "
            "other points; return an array in the order of the points"
        )
    found = np.asanyarray(answer)
    refuse_masked(found, f"what {name} returned")  # of an object that makes a masked array
    return np.asarray(found)


def shaped(name: str, answer: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Return the answer of a function in double precision.

    Raises
    ------
    InputError
        It has another shape, or see `plain_answer`.

    Examples
    --------
    >>> shaped("g", [1, 2], (2,))
    array([1., 2.])
    """
    array = plain_answer(answer, name)
    if array.shape != shape or array.dtype.kind not in "fiub":
        raise InputError(f"{name} must return shape {shape}, got shape {array.shape} of {array.dtype}")
    return np.asarray(array, dtype=np.float64)


def refuse_mixed_rows(
    function: Callable[[FloatArray], ArrayLike], points: FloatArray, answer: FloatArray, name: str
) -> None:
    """Refuse a function whose answer for one row depends on other rows: two rows are looked at alone.

    Parameters
    ----------
    function : callable
        Maps points, shape (m, n), to m rows.
    points : ndarray, shape (m, n)
        The points.
    answer : ndarray, shape (m,) or (m, p)
        What it gave for them.
    name : str
        Of the function.

    Raises
    ------
    InputError
        The row with the greatest or the least entry is another one alone, by more than rounding, and the answer for all
        points is the same once more: a function that draws at random is not looked at.

    Examples
    --------
    >>> points = np.arange(6.0).reshape(3, 2)
    >>> refuse_mixed_rows(lambda z: z[:, 0] ** 2, points, points[:, 0] ** 2, "g")
    >>> centred = lambda z: z[:, 0] - z[:, 0].mean()
    >>> refuse_mixed_rows(centred, points, centred(points), "g")
    Traceback (most recent call last):
    derandkit.errors.InputError: g gives another answer for a point alone (0) than among 3 points (2): each row of ...
    """
    if len(points) < 2 or not answer.size or not np.isfinite(answer).all():
        return
    rows = answer.reshape(len(answer), -1)
    greatest, least = (int(place) // rows.shape[1] for place in (np.argmax(answer), np.argmin(answer)))
    half = 0.5 * float(np.max(answer)) - 0.5 * float(np.min(answer))  # no range is beyond the doubles
    allowed = 2.0 * _SPREAD * half + _SIZE * float(np.max(np.abs(answer)))
    for at in dict.fromkeys((greatest, least)):
        alone = _looked_at(function, points[[at]], name)
        if alone is None or alone.size != rows.shape[1] or not np.isfinite(alone).all():
            continue
        alone = alone.reshape(-1)
        off = np.abs(0.5 * alone - 0.5 * rows[at])
        if 2.0 * float(np.max(off)) <= allowed:
            continue
        again = _looked_at(function, points.copy(), name)
        if again is not None and again.shape == answer.shape and np.array_equal(again, answer):
            entry = int(np.argmax(off))
            raise InputError(
                f"{name} gives another answer for a point alone ({alone[entry]:g}) than among {len(points)} points "
                f"({rows[at][entry]:g}): each row of its answer has to depend on the same row of the points alone"
            )


def _looked_at(
    function: Callable[[FloatArray], ArrayLike], points: FloatArray, name: str
) -> FloatArray | None:
    """Return what a function gives for some points; None where it raises, as one that takes no single point may."""
    try:
        return np.asarray(plain_answer(function(points), name), dtype=np.float64)
    except Exception:  # of the caller's code: the run does not need this answer
        return None
