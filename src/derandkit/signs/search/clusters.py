"""One search on a dense graph with a few strong couplings at every vertex: whole clusters change sides.

Where a few neighbours hold a vertex and many weak ones add up, as on chains whose couplings fall with the distance,
single vertices are stuck: strongly coupled vertices must change sides together. A cycle pairs vertices along strong
couplings that the cut treats as they want, with some chance, pairs the pairs, and so on; from the coarsest level down
a short tabu search turns clusters (Walshaw, Annals of Operations Research 131, 2004, calls this iterated multilevel
refinement). Of several cuts that no cycle improves some are drawn, and vertices that lie alike in all of them become
one: cycles on this small graph combine what they have in common (Houdayer and Martin, Phys. Rev. Lett. 83, 1999).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.hashing import hashed_uniform
from derandkit.signs.search.cluster_kernels import contract_rows, settle_clusters
from derandkit.signs.search.trajectory import PoolPath

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, SignArray

#: Most vertices: the matrices of all levels take 48 megabytes.
MOST_VERTICES = 1000
#: Share of the pairs that are edges, and of the pull on a vertex that its strongest edge has, on average, from which
#: clusters are moved. The pull is the root of the sum of squares.
DENSE_SHARE, STRONG_SHARE = 0.25, 0.4
#: Cuts that are kept, and the generations without a new one after which all but the best are given up.
POOL, STALE = 12, 40
#: Cycles in a row without a gain that end the improvement of a scattered cut, of a child, and of a small graph.
PATIENCE, CHILD_PATIENCE, SMALL_PATIENCE = 30, 7, 20
#: Vertices at which coarsening ends, and the share of a coupling that chance may take away when pairs are formed.
COARSEST, NOISE = 16, 0.5
#: Entries of matrices that are passed in the time of one proposal of the search on lists.
PASSED = 20
#: Entries between two looks at the clock.
CHUNK = 40_000_000


def suits_clusters(graph: WeightedGraph) -> bool:
    """Whether a graph is dense, not too large, and has a few strong edges at most vertices.

    Examples
    --------
    >>> from derandkit.datasets import biqmac
    >>> [suits_clusters(biqmac(name)) for name in ("ising2.5-100_5555", "g05_100.0", "t2g10_5555")]
    [True, False, False]
    """
    n = graph.n
    if not 2 < n <= MOST_VERTICES or 2 * graph.m < DENSE_SHARE * n * (n - 1):
        return False
    tails = np.repeat(np.arange(n), np.diff(graph.indptr))
    squares = np.bincount(tails, weights=graph.weights**2, minlength=n)
    strongest = np.zeros(n)
    np.maximum.at(strongest, tails, np.abs(graph.weights))
    held = squares > 0.0
    return bool(np.mean(strongest[held] / np.sqrt(squares[held])) >= STRONG_SHARE) if held.any() else False


class ClusterTrajectory(PoolPath):
    """One search that moves clusters, used as a `derandkit.signs.search.trajectory.Trajectory` is."""

    def prepare(self) -> None:
        """Make the rows of the graph, and room for kernels."""
        super().prepare()
        graph = self.graph
        n = graph.n
        self.rows = np.zeros((n, n))
        tails = np.repeat(np.arange(n), np.diff(graph.indptr))
        self.rows[tails, graph.indices] = -graph.weights
        # sums of couplings are off by less than this
        self.least = 1e-12 * float(np.abs(graph.weights).sum())
        self.levels, self.labels = np.empty(6 * n * n), np.empty(8 * n + 64, dtype=np.int64)
        self.vectors, self.held = np.empty((3, n)), np.empty(n, dtype=np.int64)
        self.stale = self.scattered = 0

    def step(self) -> None:
        """Settle a scattered cut while the pool fills, and a child of several cuts afterwards."""
        if not self.pool:
            self._join(self._settled(self.best.copy(), PATIENCE))
        elif len(self.pool) < POOL:
            self.runs += 1
            self._join(self._settled(self._scattered(), PATIENCE))
        else:
            self._join(self._settled(self._child(), CHILD_PATIENCE))
            if self.stale >= STALE:  # what is left of the pool has nothing more to give
                self.pool, self.stale = [max(self.pool, key=lambda kept: kept[0])], 0

    def _settled(self, signs: SignArray, patience: int) -> SignArray:
        """Improve a cut in place by cycles until so many in a row gain nothing."""
        value = float(self.graph.cut_value(signs))
        self._cycle(self.rows, signs, patience, 2.0 * (self.target - value))
        return signs

    def _cycle(self, rows: FloatArray, signs: SignArray, patience: int, enough: float) -> None:
        counts = np.zeros(2, dtype=np.int64)
        while counts[1] < patience and enough > 0.0 and not self.finished:
            most = min(CHUNK, max(1, (self.budget - self.work) * PASSED))
            enough -= settle_clusters(
                rows, signs, most, enough, patience, COARSEST, NOISE, self.least,
                self.levels, self.labels, self.vectors, self.held, self.stream, counts,
            )  # fmt: skip
            self.work += 1 + int(counts[0]) // PASSED

    def _scattered(self) -> SignArray:
        """Return a cut with random sides."""
        numbers = np.empty(self.n)
        hashed_uniform((self.number << 48) + (1 << 42) + self.scattered * self.n, numbers)
        self.scattered += 1
        return np.where(numbers > 0.0, 1, -1).astype(np.int8)

    def _child(self) -> SignArray:
        """Make one vertex of those that lie alike in some cuts of the pool, and improve the best of the cuts there."""
        count = 2 + self._draw(5)
        places = list(range(len(self.pool)))
        chosen = sorted((self.pool[places.pop(self._draw(len(places)))] for _ in range(count)), key=_weight)
        best = chosen[-1][1]
        alike = np.zeros(self.n, dtype=np.int64)
        for _, signs in chosen[:-1]:
            alike = 2 * alike + (signs * best != signs[0] * best[0])
        kinds, labels = np.unique(alike, return_inverse=True)
        labels = labels.reshape(-1).astype(np.int64)
        small = np.empty((kinds.size, kinds.size))
        contract_rows(self.rows * best[:, None] * best[None, :], labels, small)
        self.work += 2 * self.n * self.n // PASSED
        turned = np.ones(kinds.size, dtype=np.int8)
        self._cycle(small, turned, SMALL_PATIENCE, math.inf)
        return np.asarray(best * turned[labels], dtype=np.int8)

    def _draw(self, count: int) -> int:
        """Return a number below `count` from the stream."""
        x = int(self.stream[0])
        x ^= x << 13 & 2**64 - 1
        x ^= x >> 7
        x ^= x << 17 & 2**64 - 1
        self.stream[0] = x
        return (x >> 33) % count

    def _join(self, signs: SignArray) -> None:
        """Put a cut into the pool in place of the lightest, if it is heavier and not there already."""
        value = self.keep(signs)
        self.stale += 1
        if any(
            value == known and abs(int(signs.astype(np.int64) @ cut)) == self.n for known, cut in self.pool
        ):
            return
        if len(self.pool) == POOL:
            lightest = min(range(POOL), key=lambda k: self.pool[k][0])
            if value <= self.pool[lightest][0]:
                return
            self.pool.pop(lightest)
        self.pool.append((value, signs))
        self.stale = 0


def _weight(kept: tuple[float, SignArray]) -> float:
    return kept[0]
