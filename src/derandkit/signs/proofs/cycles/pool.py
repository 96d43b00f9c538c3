"""A signed graph with its scratch space, and the pool of odd cycles that a linear program has collected."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.vectors import among
from derandkit.runtime.threads import in_order
from derandkit.signs.proofs.cycles.kernels import cover_edges, odd_cycles, odd_triangles

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import BoolArray, FloatArray, IndexArray, IntArray, SignArray, WordArray

    Found = tuple[IntArray, IndexArray, IndexArray]

#: Vertices from which cycles are searched in one go, by one thread: an eighth of a second on sparse graphs with 50 000.
BATCH = 256
#: Batches between two looks at the clock and at Ctrl-C.
BATCHES = 4


def mixed(numbers: WordArray) -> WordArray:
    """Turn distinct numbers into distinct ones that look random (SplitMix64).

    Examples
    --------
    >>> [hex(x) for x in mixed(np.array([1, 2], dtype=np.uint64)).tolist()]
    ['0xe220a8397b1dcdaf', '0x6e789e6aa1b965f4']
    """
    z = numbers * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


class _Space:
    """Scratch arrays of one search for cycles among n vertices."""

    def __init__(self, n: int) -> None:
        self.place, self.parent, self.parent_edge, self.heap = (
            np.zeros(2 * n, dtype=np.int32) for _ in range(4)
        )
        self.key = np.zeros(2 * n)
        self.walk = np.zeros(8 * n + 8, dtype=np.int32)
        self.seen = np.full(n, -1, dtype=np.int32)


class SignedGraph:
    """A graph with positive and negative edges, in the arrays that the kernels read.

    Parameters
    ----------
    n : int
        Vertices.
    tail, head : ndarray of int32, shape (m,)
        Ends of each edge.
    positive : ndarray of bool, shape (m,)
        Whether the edge is positive: a cut gains from it.
    """

    def __init__(self, n: int, tail: IndexArray, head: IndexArray, positive: BoolArray) -> None:
        m = tail.size
        self.n, self.m = n, m
        self.tail, self.head, self.positive = tail, head, positive
        source, target = np.concatenate([tail, head]), np.concatenate([head, tail])
        order = np.lexsort((target, source))
        self.indices = np.ascontiguousarray(target[order], dtype=np.int32)
        self.arc_edge = np.ascontiguousarray(order % max(1, m), dtype=np.int32)
        self.indptr = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=n))]).astype(np.int64)
        self._spaces: list[_Space] = []

    def cycles(
        self, length: FloatArray, sources: IndexArray, limit: float, late: Callable[[], bool] | None = None
    ) -> Found:
        """Odd cycles shorter than `limit`, one a source at most; none at all only if there is none through a source.

        Batches of sources are searched on all cores, and merged in order. Which vertices a batch may not meet is known
        before: the sources of those before it. So the number of threads changes nothing. After some batches `late`, if
        given, is asked, and may end the search; then there may be more cycles.

        Returns
        -------
        starts : ndarray of int64, shape (k + 1,)
        vertices, edges : ndarray of int32, shape (starts[k],)
        """
        firsts = range(0, max(1, sources.size), BATCH)
        while len(self._spaces) < min(BATCHES, len(firsts)):
            self._spaces.append(_Space(self.n))
        found: list[Found] = []
        for some in range(0, len(firsts), BATCHES):
            if found and late is not None and late():
                break
            group = firsts[some : some + BATCHES]
            parts: list[Found | None] = [None] * len(group)

            def search(k: int, group: range = group, parts: list[Found | None] = parts) -> None:
                removed = np.zeros(self.n, dtype=np.bool_)
                removed[sources[: group[k]]] = True
                batch = sources[group[k] : group[k] + BATCH]
                parts[k] = self._batch(length, batch, limit, removed, self._spaces[k])

            in_order(search, len(group))
            found += [part for part in parts if part is not None]
        lengths = np.concatenate([np.diff(starts) for starts, _, _ in found])
        return (
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            np.concatenate([vertices for _, vertices, _ in found]),
            np.concatenate([edges for _, _, edges in found]),
        )

    def _batch(
        self, length: FloatArray, sources: IndexArray, limit: float, removed: BoolArray, space: _Space
    ) -> Found:
        """Odd cycles through some sources that avoid the removed vertices."""
        room = 64 * sources.size + 4 * self.n + 64
        starts = np.zeros(sources.size + 2, dtype=np.int64)
        vertices, edges = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
        count = odd_cycles(
            self.indptr, self.indices, self.arc_edge, self.positive, length, sources, removed,
            limit, space.key, space.place, np.zeros(2 * self.n, dtype=np.int32), space.parent, space.parent_edge,
            space.heap, space.walk, space.seen, starts, vertices, edges,
        )  # fmt: skip
        end = int(starts[count])
        return starts[: count + 1], vertices[:end], edges[:end]

    def triangles(self, most: int) -> Found:
        """Odd triangles in lexicographic order, at most a number of them."""
        vertices, edges = np.empty(3 * most, dtype=np.int32), np.empty(3 * most, dtype=np.int32)
        mark = np.full(self.n, -1, dtype=np.int32)
        count = odd_triangles(self.indptr, self.indices, self.arc_edge, self.positive, mark, vertices, edges)
        return 3 * np.arange(count + 1, dtype=np.int64), vertices[: 3 * count], edges[: 3 * count]

    def frustrated(self, signs: SignArray) -> BoolArray:
        """Frustrated edges: positive and not cut, or negative and cut. Every odd cycle has one."""
        return np.asarray((signs[self.tail] == signs[self.head]) == self.positive)

    def cover(self, chosen: BoolArray) -> IndexArray:
        """Choose few vertices that meet all chosen edges (greedy)."""
        out = np.empty(self.n, dtype=np.int32)
        which = np.flatnonzero(chosen).astype(np.int32)
        count = cover_edges(
            self.tail, self.head, which, self.indptr, self.arc_edge, chosen.copy(),
            np.zeros(self.n, dtype=np.int32), out,
        )  # fmt: skip
        return out[:count]


class CyclePool:
    """Distinct odd cycles with multipliers.

    Attributes
    ----------
    starts : ndarray of int64, shape (k + 1,)
        Cycle i has ``vertices[starts[i]:starts[i + 1]]`` and ``edges`` in the same range.
    vertices, edges : ndarray of int32
        All cycles one after the other.
    multipliers : ndarray, shape (k,)
        One for each cycle.
    """

    def __init__(self, m: int) -> None:
        self.starts = np.zeros(1, dtype=np.int64)
        self.vertices = np.empty(0, dtype=np.int32)
        self.edges = np.empty(0, dtype=np.int32)
        self.multipliers = np.empty(0)
        # a cycle is known by the wrapped sum of fixed 64-bit numbers of its edges, whatever their order; two cycles
        # with equal sums are as good as impossible, and would only cost a row
        self._names = mixed(np.arange(1, m + 1, dtype=np.uint64))
        self._known = np.empty(0, dtype=np.uint64)

    def copy(self, m: int) -> CyclePool:
        """Return the same cycles with multipliers of their own, for a graph with edges up to number m - 1."""
        pool = copy.copy(self)
        pool.multipliers = self.multipliers.copy()
        pool._names = mixed(np.arange(1, m + 1, dtype=np.uint64))
        return pool

    @property
    def size(self) -> int:
        """Number of cycles."""
        return self.starts.size - 1

    def sums(self, y: FloatArray) -> FloatArray:
        """Length of every cycle under edge lengths `y`."""
        return np.add.reduceat(y[self.edges], self.starts[:-1]) if self.size else np.empty(0)

    def load(self, multipliers: FloatArray, m: int) -> FloatArray:
        """Sum of the multipliers of the cycles through each edge."""
        weights = np.repeat(multipliers, np.diff(self.starts))
        return np.bincount(self.edges, weights, minlength=m).astype(float)

    def add(self, found: Found, wanted: BoolArray | None = None) -> int:
        """Add the cycles that are wanted and not known yet; return how many."""
        starts, vertices, edges = found
        if starts.size < 2:
            return 0
        names = np.add.reduceat(self._names[edges], starts[:-1])
        fresh = np.zeros(names.size, dtype=bool)
        fresh[np.unique(names, return_index=True)[1]] = True
        fresh &= ~among(names, self._known)
        if wanted is not None:
            fresh &= wanted
        where = np.repeat(fresh, np.diff(starts))
        lengths = np.diff(starts)[fresh]
        self.starts = np.concatenate([self.starts, self.starts[-1] + np.cumsum(lengths)])
        self.vertices = np.concatenate([self.vertices, vertices[where]])
        self.edges = np.concatenate([self.edges, edges[where]])
        self.multipliers = np.concatenate([self.multipliers, np.zeros(lengths.size)])
        self._known = np.concatenate([self._known, names[fresh]])
        return int(lengths.size)

    def keep(self, mask: BoolArray) -> None:
        """Forget the other cycles."""
        lengths = np.diff(self.starts)
        where = np.repeat(mask, lengths)
        self.starts = np.concatenate([[0], np.cumsum(lengths[mask])]).astype(np.int64)
        self.vertices, self.edges = self.vertices[where], self.edges[where]
        self.multipliers, self._known = self.multipliers[mask], self._known[mask]
