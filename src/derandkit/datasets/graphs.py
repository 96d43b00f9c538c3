"""The graphs a recipe is made of: three generators, the union, new weights, and the order of the list.

A generator inserts edges one after another. What is printed, and what later operators walk through, is
the *list order*: sorted by the smaller endpoint, and among edges with the same one by insertion, last
first. Every function here returns its graph in that order, because the next operator may depend on it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from derandkit.datasets.graphbase import MODULUS, GraphBaseStream, acceptance_limit
from derandkit.errors import InputError
from derandkit.numerics.typing import BoolArray, IntArray

MAX_VERTICES = 2**27
MAX_EDGES = 2**27
MAX_WEIGHT = 2**53  # weights stay exact as 64-bit floats
_BLOCK = 2**22  # attempts looked at together when edges are drawn at random


class RudyEdges(NamedTuple):
    """A graph as ``rudy`` lists it: edge ``k`` joins ``i[k] < j[k]`` (0-based) with weight ``w[k]``.

    The *list order* groups the edges by their smaller endpoint, ascending; within a group the edge that was
    inserted last comes first.

    Parameters
    ----------
    n : int
        Number of vertices.
    i, j : ndarray of int64, shape (m,)
        Ends of the edges.
    w : ndarray of int64, shape (m,)
        Weights of the edges.

    Examples
    --------
    >>> import numpy as np
    >>> path = RudyEdges(3, np.array([0, 1]), np.array([1, 2]), np.array([1, -1]))
    >>> path.n, path.i.tolist(), path.j.tolist(), path.w.tolist()
    (3, [0, 1], [1, 2], [1, -1])
    """

    n: int
    i: IntArray
    j: IntArray
    w: IntArray


def edge_count(n: int, density: float) -> int:
    """Return how many edges ``-rnd_graph n D seed`` has: ``n (n - 1) D / 200`` as a double, halves up.

    Parameters
    ----------
    n : int
        Number of vertices.
    density : float
        Percentage D of all possible edges.

    Returns
    -------
    int

    Examples
    --------
    >>> edge_count(5000, 0.1)  # 12497.5
    12498
    """
    x = (n * (n - 1)) * density / 200
    whole = math.floor(x)
    return whole + (1 if x - whole >= 0.5 else 0)


def rnd_graph(n: int, density: float, stream: GraphBaseStream) -> RudyEdges:
    """Draw a random graph with a given percentage of all edges (``-rnd_graph``).

    The original draws two endpoints at a time and drops the pair if it is a loop or is there already. Drawing
    attempts in blocks and keeping first occurrences gives the same edges in the same order.

    Parameters
    ----------
    n : int
        Number of vertices.
    density : float
        Percentage of the n (n - 1) / 2 possible edges, 0..100.
    stream : GraphBaseStream
        Freshly seeded; afterwards it stands where the original would have left it.

    Returns
    -------
    RudyEdges

    Raises
    ------
    InputError
        If a size is out of range.
    """
    _check_vertices(n, 1)
    _check_density(density)
    m = edge_count(n, density)
    _check_edges(m)
    pairs = n * (n - 1) // 2
    limit = acceptance_limit(n)
    known = _KnownPairs(n, m)
    while len(known) < m:
        # Expected number of attempts that are still needed, and a little more: most graphs take one round.
        expected = n * n / 2 * math.log((pairs - len(known) + 0.5) / (pairs - m + 0.5))
        attempts = min(int(1.01 * expected) + 4 * math.isqrt(int(expected)) + 16, _BLOCK)
        raw = stream.peek(2 * attempts)
        if limit < MODULUS:
            accepted = np.flatnonzero(raw < limit)
            accepted = accepted[: len(accepted) & ~1]
            ends = (raw[accepted] % np.uint32(n)).astype(np.int64)
        else:
            accepted = np.arange(len(raw))
            ends = (raw % np.uint32(n)).astype(np.int64)
        u, v = ends[0::2], ends[1::2]
        keys = np.minimum(u, v) * n + np.maximum(u, v)
        fresh = known.add(keys, u != v)
        last = 2 * int(fresh[-1]) + 1 if len(known) == m else len(accepted) - 1
        stream.skip(int(accepted[last]) + 1 if last >= 0 else 0)
    keys = known.in_order()
    return in_list_order(n, keys // n, keys % n)


def planar(n: int, density: float, stream: GraphBaseStream) -> RudyEdges:
    """Grow a random maximal planar graph and keep a percentage of its edges (``-planar``).

    Parameters
    ----------
    n : int
        Number of vertices, at least 3.
    density : float
        Percentage of the 3 (n - 2) edges that stay, 0..100.
    stream : GraphBaseStream
        Freshly seeded.

    Returns
    -------
    RudyEdges

    Raises
    ------
    InputError
        If a size is out of range.
    """
    _check_vertices(n, 3)
    _check_density(density)
    total = 3 * (n - 2)
    _check_edges(total)
    faces = [(0, 1, 2)]
    corners: list[int] = [0, 0, 1]
    picks = stream.uniform_each(np.arange(1, 2 * n - 5, 2, dtype=np.int64)).tolist()
    for vertex, pick in enumerate(picks, start=3):
        a, b, c = face = faces[pick]
        corners += face
        faces[pick] = (a, b, vertex)
        faces.append((a, c, vertex))
        faces.append((b, c, vertex))
    i = np.array(corners, dtype=np.int64)
    j = np.concatenate(([1, 2, 2], np.repeat(np.arange(3, n, dtype=np.int64), 3)))

    keep = min(math.floor(density * total / 100), total)
    kept = list(range(total))
    for pick in stream.uniform_each(np.arange(total, keep, -1, dtype=np.int64)).tolist():
        last = kept.pop()
        if pick < len(kept):
            kept[pick] = last
    order = np.array(kept, dtype=np.int64)
    return in_list_order(n, i[order], j[order])


def toroidal_grid(h: int, w: int) -> RudyEdges:
    """Build the h x w grid with wrapped rows and columns (``-toroidal_grid_2D``).

    Parameters
    ----------
    h, w : int
        Rows and columns, at least 3 each; row r, column c is vertex ``r * w + c``.

    Returns
    -------
    RudyEdges

    Raises
    ------
    InputError
        If a side is below 3 or the grid is too large.
    """
    if h < 3 or w < 3:
        raise InputError(f"a {h} x {w} torus has loops or parallel edges; both sides must be at least 3")
    _check_vertices(h * w, 9)
    _check_edges(2 * h * w)
    cells = np.arange(h * w, dtype=np.int64).reshape(h, w)
    ends = np.concatenate((np.roll(cells, -1, axis=1).ravel(), np.roll(cells, -1, axis=0).ravel()))
    starts = np.concatenate((cells.ravel(), cells.ravel()))
    return in_list_order(h * w, np.minimum(starts, ends), np.maximum(starts, ends))


def union(first: RudyEdges, second: RudyEdges) -> RudyEdges:
    """Join two graphs on the same vertices; an edge of both gets the smaller weight (``+``).

    Parameters
    ----------
    first, second : RudyEdges
        `first` is the one that was pushed earlier; its edges are inserted first.

    Returns
    -------
    RudyEdges

    Raises
    ------
    InputError
        If the numbers of vertices differ.
    """
    if first.n != second.n:
        raise InputError(
            f"the two graphs have {first.n} and {second.n} vertices; they must have the same number"
        )
    n = first.n
    keys = first.i * n + first.j
    others = second.i * n + second.j
    order = np.argsort(keys)
    place = np.searchsorted(keys, others, sorter=order)
    candidate = (
        order[np.minimum(place, len(keys) - 1)] if len(keys) else np.zeros(len(others), dtype=np.int64)
    )
    repeated = keys[candidate] == others if len(keys) else np.zeros(len(others), dtype=np.bool_)
    w = first.w.copy()
    w[candidate[repeated]] = np.minimum(w[candidate[repeated]], second.w[repeated])
    new = ~repeated
    return in_list_order(
        n,
        np.concatenate((first.i, second.i[new])),
        np.concatenate((first.j, second.j[new])),
        np.concatenate((w, second.w[new])),
    )


def random_weights(graph: RudyEdges, lo: int, hi: int, stream: GraphBaseStream) -> RudyEdges:
    """Replace all weights by integers drawn from lo..hi, in list order (``-random``).

    Parameters
    ----------
    graph : RudyEdges
        Its edges and their order stay.
    lo, hi : int
        The range, both ends included. If they are equal no number is drawn.
    stream : GraphBaseStream
        Freshly seeded.

    Returns
    -------
    RudyEdges

    Raises
    ------
    InputError
        If the range is empty, wider than 2^31, or holds weights beyond 2^53.
    """
    if hi < lo:
        raise InputError(f"the range {lo}..{hi} is empty; write the smaller number first")
    if hi - lo >= MODULUS:
        raise InputError(f"the range {lo}..{hi} holds more than 2^31 integers; narrow it")
    _check_weights(lo, hi)
    m = len(graph.w)
    drawn = np.zeros(m, dtype=np.int64) if lo == hi else stream.uniform(hi - lo + 1, m)
    return graph._replace(w=lo + drawn)


def times(graph: RudyEdges, factor: int) -> RudyEdges:
    """Multiply every weight by an integer (``-times``).

    Parameters
    ----------
    graph : RudyEdges
    factor : int

    Returns
    -------
    RudyEdges

    Raises
    ------
    InputError
        If a weight would exceed 2^53.
    """
    if not graph.w.any():
        return graph
    _check_weights(factor * int(graph.w.min()), factor * int(graph.w.max()))
    return graph._replace(w=graph.w * factor)


def plus(graph: RudyEdges, summand: int) -> RudyEdges:
    """Add an integer to every weight (``-plus``).

    Parameters
    ----------
    graph : RudyEdges
    summand : int

    Returns
    -------
    RudyEdges

    Raises
    ------
    InputError
        If a weight would exceed 2^53.
    """
    if len(graph.w) == 0:
        return graph
    _check_weights(summand + int(graph.w.min()), summand + int(graph.w.max()))
    return graph._replace(w=graph.w + summand)


def in_list_order(n: int, i: IntArray, j: IntArray, w: IntArray | None = None) -> RudyEdges:
    """Put edges, given in the order of their insertion with i < j, into list order.

    Parameters
    ----------
    n : int
        Number of vertices.
    i, j, w : ndarray of int64, shape (m,)
        Ends and weights of the edges; without weights all are 1.

    Returns
    -------
    RudyEdges

    Examples
    --------
    >>> import numpy as np
    >>> in_list_order(3, np.array([0, 0, 1]), np.array([1, 2, 2])).j.tolist()
    [2, 1, 2]
    """
    order = np.argsort(i[::-1], kind="stable")
    weights = np.ones(len(i), dtype=np.int64) if w is None else w[::-1][order]
    return RudyEdges(n, i[::-1][order], j[::-1][order], weights)


class _KnownPairs:
    """The distinct pairs found so far, as keys, until `wanted` of them are there.

    A dense graph takes many rounds of attempts that mostly repeat known pairs: there a table of all keys (at
    most 8 bytes per wanted edge) separates them. A sparse graph takes few rounds; a sorted array will do.
    """

    def __init__(self, n: int, wanted: int) -> None:
        self._wanted = wanted
        self._found: list[IntArray] = []
        self._count = 0
        self._table = np.zeros(n * n, dtype=np.bool_) if n * n <= 8 * wanted else None
        self._sorted = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return self._count

    def add(self, keys: IntArray, proper: BoolArray) -> IntArray:
        """Take in the proper keys that are new, first occurrences only, and return their positions."""
        if self._table is not None:
            proper = proper & ~self._table[keys]
        places = np.flatnonzero(proper)
        order = np.argsort(keys[places], kind="stable")
        ascending = keys[places][order]
        first = np.ones(len(places), dtype=np.bool_)
        first[1:] = ascending[1:] != ascending[:-1]
        if self._table is None and self._count:
            slot = np.minimum(np.searchsorted(self._sorted, ascending), self._count - 1)
            first &= self._sorted[slot] != ascending
        fresh: IntArray = np.sort(places[order[first]])[: self._wanted - self._count]
        new = keys[fresh]
        self._found.append(new)
        self._count += len(new)
        if self._table is not None:
            self._table[new] = True
        elif self._count < self._wanted:
            # The stable sort recognises the part that is sorted already.
            self._sorted = np.sort(np.concatenate((self._sorted, new)), kind="stable")
        return fresh

    def in_order(self) -> IntArray:
        """Return the keys in the order in which they were found."""
        return np.concatenate([np.empty(0, dtype=np.int64), *self._found])


def check_size(n: int, least: int, m: int) -> None:
    """Refuse numbers of vertices and edges that no graph is built with.

    Parameters
    ----------
    n, least, m : int
        Vertices, the least number of them, and edges.

    Raises
    ------
    InputError
        There are too few vertices, or too many of either.
    """
    _check_vertices(n, least)
    _check_edges(m)


def _check_vertices(n: int, least: int) -> None:
    if n < least:
        raise InputError(f"{n} vertices are too few; at least {least} are needed")
    if n > MAX_VERTICES:
        raise InputError(f"{n} vertices are too many; at most {MAX_VERTICES} are built")


def _check_density(density: float) -> None:
    if not 0 <= density <= 100:
        raise InputError(f"the density {density:g} is not a percentage; give a number from 0 to 100")


def _check_edges(m: int) -> None:
    if m > MAX_EDGES:
        raise InputError(f"the graph would have {m} edges; at most {MAX_EDGES} are built")


def _check_weights(*extremes: int) -> None:
    if max(abs(weight) for weight in extremes) > MAX_WEIGHT:
        raise InputError("weights would exceed 2^53 and no longer be exact; use smaller numbers")
