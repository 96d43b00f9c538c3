"""Rows of whole numbers that may list the nearest neighbours of points, as searches for neighbours return them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from derandkit.graphs.assembly import Ints

#: What to do with rows of numbers in memory.
NEIGHBOURS = (
    "for edges pass tuples (u, v, weight), or objects with 'source' and 'target' in JSON; for neighbours pass "
    "{u: [v, ...]}"
)


def may_be_nearest(rows: NDArray[np.generic]) -> bool:
    """Whether rows of two or three whole numbers could list the nearest neighbours of each of as many points.

    Row k lists those of point k, counted from 0 or 1, or that point and then two others. There are six points or more,
    no point is its own neighbour, and two of five neighbours, or more, have the point as a neighbour too.

    Examples
    --------
    >>> line = np.array([[1, 2], [0, 2], [1, 3], [2, 4], [3, 5], [4, 3]])
    >>> may_be_nearest(line), may_be_nearest(line + 1), may_be_nearest(line + 2)
    (True, True, False)
    >>> may_be_nearest(np.column_stack([np.arange(6), line]))
    True
    """
    k, width = rows.shape
    if k < 6 or width not in (2, 3) or not are_whole(rows):
        return False
    low, high = int(rows.min()), int(rows.max())
    whole = rows.astype(np.int64)
    for first in (first for first in (0, 1) if first <= low and high < first + k):
        points = np.arange(first, first + k)
        if _are_near(points - first, whole - first):
            return True
        if width == 3 and (whole[:, 0] == points).all() and _are_near(points - first, whole[:, 1:] - first):
            return True
    return False


def _are_near(numbers: Ints, neighbours: Ints) -> bool:
    """Whether rows hold different neighbours, none the point of its row, and two of five, or more, are mutual."""
    k = numbers.size
    ordered = np.sort(neighbours, axis=1)
    if (neighbours == numbers[:, None]).any() or (ordered[:, 1:] == ordered[:, :-1]).any():
        return False
    tails, heads = np.repeat(numbers, neighbours.shape[1]), neighbours.ravel()
    mutual = np.isin(heads * k + tails, tails * k + heads)
    return bool(5 * np.count_nonzero(mutual) >= 2 * mutual.size)


def are_whole(rows: NDArray[np.generic]) -> bool:
    """Whether all numbers of an array are whole and exact."""
    if rows.dtype.kind in "iu":
        return True
    return rows.dtype.kind == "f" and bool((np.abs(rows) < 2**53).all() and (rows == np.rint(rows)).all())
