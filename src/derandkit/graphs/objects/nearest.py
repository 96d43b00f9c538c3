"""Rows of whole numbers that may list the nearest neighbours of points, or contacts behind the times when they were."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from derandkit.errors import InputError
from derandkit.graphs.assembly import Ints
from derandkit.numerics.typing import BoolArray, FloatArray, IntArray
from derandkit.numerics.vectors import among, distinct

#: Rows that decide whether a list may be one of contacts.
_ROWS = 100_000
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
    mutual = among(heads * k + tails, tails * k + heads)
    return bool(5 * np.count_nonzero(mutual) >= 2 * mutual.size)


def are_whole(rows: NDArray[np.generic]) -> bool:
    """Whether all numbers of an array are whole and exact."""
    if rows.dtype.kind in "iu":
        return True
    if rows.dtype.kind != "f":
        return False
    values = rows.astype(np.float64, copy=False)  # half precision does not hold the limit
    return bool((np.abs(values) < 2**53).all() and (values == np.rint(values)).all())


def refuse_contacts(labels: Sequence[Hashable], i: IntArray, j: IntArray, w: FloatArray) -> None:
    """Refuse three columns of whole numbers of which the first may hold times before the two ends of a contact.

    The first column never falls, and the others never hold one number twice in a row. They share half of their numbers,
    and the times are apart from them. Or three times or more, apart from them, are from 1998 to 2039 in seconds since
    1970, or differ by multiples of 20, and a pair of numbers of one size, 100 and more, comes again at the next time.
    Or there are twelve rows or more, with the smaller end first, and a pair comes again.

    Parameters
    ----------
    labels : sequence of hashables
        The vertices.
    i, j : ndarray of int64, shape (k,)
        Ends of each edge, as places in `labels`.
    w : ndarray of float64, shape (k,)
        Weights.

    Raises
    ------
    InputError
        It names both readings.

    Notes
    -----
    O(n), as the first 100 000 rows decide.

    Examples
    --------
    >>> refuse_contacts(range(5), np.array([0, 0, 1, 2]), np.array([1, 2, 2, 3]), np.array([5.0, 3, 4, 2]))
    >>> labels = [28820, 492, 938, 267, 272, 28840, 28860]
    >>> ends = np.array([0, 0, 5, 6]), np.array([1, 3, 1, 3])
    >>> refuse_contacts(labels, *ends, np.array([938.0, 272, 938, 272]))
    Traceback (most recent call last):
    derandkit.errors.InputError: the first column may hold times before the ends of a contact, as in '28820 492 ...
    """
    k = min(i.size, _ROWS)
    other = w[:k]
    if k < 4 or other.min() < 0 or other.max() >= 2.0**53 or (other != np.rint(other)).any():
        return
    if isinstance(labels, range):
        times, one = i[:k] + labels.start, j[:k] + labels.start
    elif all(type(label) is int and 0 <= label < 2**53 for label in labels):
        numbers = np.array(labels, dtype=np.int64)
        times, one = numbers[i[:k]], numbers[j[:k]]
    else:
        return
    steps = np.diff(times)
    if steps.min() < 0 or times[0] < 0 or not steps.any() or (one == other).any():
        return
    whole = other.astype(np.int64)
    ends, more = distinct(one), distinct(whole)
    shared = ends.size > 2 and 2 * np.intersect1d(ends, more).size >= max(ends.size, more.size)
    pairs = np.unique(np.column_stack([one, whole]), axis=0)
    again = len(pairs) < len(np.unique(np.column_stack([times, one, whole]), axis=0))
    if np.isin(np.union1d(ends, more), times).any():
        sure = k >= 12 and shared and again and bool((one < whole).all())
    else:
        sizes = sorted((int(ends[-1]), int(more[-1])))
        clock = times[0] >= 9e8 and times[-1] <= 2.2e9 and sizes[1] < 1e8
        step = int(np.gcd.reduce(steps))
        ticks = again and step % 20 == 0 and sizes[0] >= 100 and sizes[1] <= 4 * sizes[0]
        if ticks:  # a contact that lasts is there at the next time as well
            rows = set(zip(times.tolist(), one.tolist(), whole.tolist(), strict=True))
            ticks = any((time + step, u, v) in rows for time, u, v in rows)
        sure = shared or (np.unique(times).size > 2 and (clock or ticks))
    if sure:
        raise InputError(
            f"the first column may hold times before the ends of a contact, as in '{times[0]} {one[0]} {whole[0]}', "
            "or be an end beside another one and a weight; drop it for times, and for weights say --input-format "
            "edgelist (input_format= of derandkit.as_graph), or pass {(u, v): weight}"
        )
