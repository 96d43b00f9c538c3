"""One search on a dense graph with integer weights: annealed cuts, crossed and improved by tabu search.

On graphs of which a quarter or more of the pairs are edges, rows of a matrix are faster than lists of neighbours, and
cuts differ from the best in few places all over the graph: pieces of disagreement and contraction, by which
`derandkit.signs.search.trajectory` lives, find nothing there. So a small pool of annealed cuts is kept, two of them are
crossed, and the child is improved by tabu search (Palubeckis 2004; Lü, Glover and Hao 2010 for this problem).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.signs.search.dense_kernels import cross, dense_anneal, dense_fields, dense_tabu
from derandkit.signs.search.trajectory import LOG_UNIFORM, PoolPath

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray

#: Fewest vertices, and share of the pairs that are edges, from which rows are faster than lists of neighbours.
DENSE_VERTICES, DENSE_SHARE = 300, 0.25
#: Most vertices: their rows take 256 megabytes.
MOST_VERTICES = 8000
#: Cuts that are kept.
POOL = 8
#: Sweeps of a run, and its first and last temperature in units of the root-mean-square pull.
SWEEPS, HOT, COLD = 400, 0.4, 0.02
#: A tabu search ends after so many flips a vertex without a greater cut, and holds a vertex for this share of all.
PATIENCE, TENURE = 5, 0.01
#: Flips of a tabu search between two looks at the clock.
FLIPS = 20_000
#: Entries of a row that are passed in the time of one proposal of the search on lists.
PASSED = 40


def suits_rows(graph: WeightedGraph) -> bool:
    """Whether a graph is large and dense, and has integer weights that fields of 32 bits can hold.

    Examples
    --------
    >>> from derandkit.datasets import gset
    >>> suits_rows(gset("G1"))
    False
    """
    n = graph.n
    if not DENSE_VERTICES <= n <= MOST_VERTICES or 2 * graph.m < DENSE_SHARE * n * (n - 1):
        return False
    weights = graph.weights
    if not bool((weights == np.rint(weights)).all()):
        return False
    return float(np.add.reduceat(np.abs(weights), graph.indptr[:-1]).max()) < 2.0**30


class DenseTrajectory(PoolPath):
    """One search on a dense graph, used as a `derandkit.signs.search.trajectory.Trajectory` is."""

    def prepare(self) -> None:
        """Make the rows of the graph, and room for kernels."""
        super().prepare()
        graph = self.graph
        self.rows = np.zeros((graph.n, graph.n), dtype=np.int32)
        tails = np.repeat(np.arange(graph.n), np.diff(graph.indptr))
        self.rows[tails, graph.indices] = graph.weights.astype(np.int32)
        self.fields = np.empty(graph.n, dtype=np.int32)
        self.free = np.empty(graph.n, dtype=np.int32)
        self.pull = math.sqrt(float((graph.weights**2).sum()) / graph.n)
        self.children = 0

    def step(self) -> None:
        """Improve the start, fill the pool with annealed cuts, and cross two of them afterwards."""
        if not self.pool:
            self._join(self._improved(self.best.copy()))
        else:
            self._join(self._annealed() if len(self.pool) < POOL else self._child())

    def _annealed(self) -> SignArray:
        """Cool a cut from a high temperature, and improve what comes out."""
        signs = self.best.copy()
        dense_fields(self.rows, signs, self.fields)
        best, value = signs.copy(), np.array([0, -(2**62)], dtype=np.int64)
        temperatures = self.pull * np.linspace(HOT, COLD, SWEEPS)
        for part in np.array_split(temperatures, 20):
            if self.finished:
                break
            flips = dense_anneal(self.rows, signs, self.fields, part, LOG_UNIFORM, self.stream, value, best)
            self.work += part.size * self.n + flips * self.n // PASSED
        self.runs += 1
        return self._improved(best)

    def _child(self) -> SignArray:
        """Cross two cuts of the pool, in turn, and improve the child."""
        k = self.children
        self.children += 1
        one = k % POOL
        other = (one + 1 + (k // POOL) % (POOL - 1)) % POOL
        child = np.empty(self.n, dtype=np.int8)
        cross(self.pool[one][1], self.pool[other][1], self.stream, child)
        return self._improved(child)

    def _improved(self, signs: SignArray) -> SignArray:
        """Return the best cut that a tabu search from a cut meets."""
        dense_fields(self.rows, signs, self.fields)
        best, value = signs.copy(), np.array([0, 0], dtype=np.int64)
        tenure = int(TENURE * self.n) + 10
        patience = PATIENCE * self.n
        while not self.finished:
            before = int(value[1])
            flips = dense_tabu(
                self.rows, signs, self.fields, tenure, patience, FLIPS, self.free, self.stream, value, best
            )
            self.work += 2 * flips * self.n // PASSED
            if flips < FLIPS or int(value[1]) == before:
                break
        return best

    def _join(self, signs: SignArray) -> None:
        """Put a cut into the pool in place of the lightest, if it is heavier and no other weighs the same."""
        value = self.keep(signs)
        if any(value == known for known, _ in self.pool):
            return
        if len(self.pool) < POOL:
            self.pool.append((value, signs))
            return
        lightest = int(np.argmin([known for known, _ in self.pool]))
        if value > self.pool[lightest][0]:
            self.pool[lightest] = (value, signs)
