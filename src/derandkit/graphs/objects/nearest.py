"""Rows of whole numbers that may list the nearest neighbours of points, as searches for neighbours return them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from derandkit.graphs.assembly import Ints
from derandkit.numerics.typing import BoolArray

#: What to do with rows of numbers in memory.
NEIGHBOURS = (
    "for edges pass tuples (u, v, weight), or objects with 'source' and 'target' in JSON; for neighbours pass "
    "{u: [v, ...]}"
)
#: The same where they may be the corners of triangles, which tuples hold, too.
SURFACE = "for edges pass {(u, v): weight}, or objects with 'source' and 'target' in JSON"


def may_be_nearest(rows: NDArray[np.generic]) -> bool:
    """Whether rows of two or three whole numbers could list the nearest neighbours of each of as many points.

    Row k lists those of point k, counted from 0 or 1, or that point and then two others. There are six points or more,
    no point is its own neighbour, and two of five neighbours, or more, have the point as a neighbour too. Counted from
    0, the number of points or -1 stands where there is no neighbour, as SciPy writes it.

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
    whole = rows.astype(np.int64)
    low, high = int(whole.min()), int(whole.max())
    if low == -1:  # what SciPy's Delaunay writes where there is no neighbour
        return _are_neighbours(whole, 0, whole == -1)
    if (
        low == 0 and high == k
    ):  # what its trees write there, behind the other ones; in a tree of edges k comes once
        missing = whole == k
        last = bool((np.diff(missing.astype(np.int8), axis=1) >= 0).all())
        return last and int(np.count_nonzero(missing)) > 1 and _are_neighbours(whole, 0, missing)
    return any(
        _are_neighbours(whole, first, np.zeros(whole.shape, dtype=np.bool_))
        for first in (0, 1)
        if first <= low and high < first + k
    )


def _are_neighbours(whole: Ints, first: int, missing: BoolArray) -> bool:
    """Whether rows list neighbours of points that count from `first`, perhaps behind the point itself."""
    points = np.arange(len(whole))
    if _are_near(points, whole - first, missing):
        return True
    own = whole.shape[1] == 3 and bool((whole[:, 0] - first == points).all())
    return own and _are_near(points, whole[:, 1:] - first, missing[:, 1:])


def _are_near(numbers: Ints, neighbours: Ints, missing: BoolArray) -> bool:
    """Whether rows hold different neighbours, none the point of its row, and two of five, or more, are mutual."""
    k, there = numbers.size, ~missing
    ordered = np.sort(np.where(there, neighbours, -1 - np.arange(neighbours.shape[1])), axis=1)
    beside = (neighbours == numbers[:, None]) & there
    if beside.any() or (ordered[:, 1:] == ordered[:, :-1]).any() or np.count_nonzero(there) < k:
        return False
    if (neighbours[there] < 0).any() or (neighbours[there] >= k).any():
        return False
    tails, heads = np.repeat(numbers, there.sum(axis=1)), neighbours[there]
    mutual = np.isin(heads * k + tails, tails * k + heads)
    return bool(5 * np.count_nonzero(mutual) >= 2 * mutual.size)


def are_whole(rows: NDArray[np.generic]) -> bool:
    """Whether all numbers of an array are whole and exact."""
    if rows.dtype.kind in "iu":
        return True
    if rows.dtype.kind != "f":
        return False
    values = rows.astype(np.float64, copy=False)  # half precision does not hold the limit
    return bool((np.abs(values) < 2**53).all() and (values == np.rint(values)).all())
