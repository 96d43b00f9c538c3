"""Vectors of low rank for the relaxation, swept one after another in scaled weights.

What `derandkit.signs.relaxation.semidefinite` drives: the sweeps, a look at value and bound, and the way out of a
saddle.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.hashing import hashed_uniform
from derandkit.numerics.sums import exact_sum
from derandkit.signs.kernels import mixing_sweep, normalise_rows, pull_norms
from derandkit.signs.large_kernels import LANES, mixing_sweep_large
from derandkit.signs.relaxation.spectral import smallest_eigenvalue

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray
    from derandkit.runtime.clock import Clock

#: Rank of the first vectors, and how many columns an escape from a saddle adds.
FIRST_RANK = 24
RANK_STEP = 8
#: Multiply-adds that the sweeps may spend by default.
WORK = 1.2e10
#: From this many arcs (two an edge) the vectors do not fit into a cache: single precision, fewer and shorter rows.
LARGE = 500_000
LARGE_RANK = 16
#: A relative gap below this is beyond single precision, whatever the size.
SINGLE_GAP = 1e-5
#: Multiply-adds that one estimate of the smallest eigenvalue may spend; a tenth of it at a check on the way.
LANCZOS_WORK = 3.0e9


def full_rank(n: int) -> int:
    """Return the rank ``ceil(sqrt(2 n)) + 1`` at which second-order points are optimal for almost every matrix."""
    return min(n, math.ceil(math.sqrt(2.0 * n)) + 1)


def is_large(graph: WeightedGraph, duality_gap: float = 1e-4) -> bool:
    """Return whether vectors of this graph are to be kept in single precision.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> is_large(WeightedGraph.from_edges([0], [1]))
    False
    """
    return graph.indices.size >= LARGE and duality_gap >= SINGLE_GAP


def scaled_weights(graph: WeightedGraph) -> tuple[FloatArray, int]:
    """Return the weights times a power of two that brings the largest into [1, 2), and its exponent."""
    largest = float(np.abs(graph.weights).max(initial=0.0))
    exponent = 0 if largest == 0.0 else -math.frexp(largest)[1] + 1
    return np.ldexp(graph.weights, exponent), exponent


def start_vectors(n: int, r: int) -> FloatArray:
    """Return the explicit start: hashed coordinates, rows of unit length."""
    V = np.empty((n, r))
    hashed_uniform(0, V.reshape(-1))
    normalise_rows(V)
    return V


class LowRank:
    """Vectors of the low-rank problem in scaled weights, and what was last found out about them."""

    def __init__(self, graph: WeightedGraph, duality_gap: float, clock: Clock) -> None:
        self.graph = graph
        self.clock = clock
        self.duality_gap = duality_gap
        self.weights, self.exponent = scaled_weights(graph)
        self.large = is_large(graph, duality_gap)
        self.precision = np.dtype(np.float32 if self.large else np.float64)
        self.arcs = (graph.indptr, graph.indices, self.weights.astype(self.precision, copy=False))
        self.sweep = mixing_sweep_large if self.large else mixing_sweep
        self.half_total = 0.25 * exact_sum(self.weights)
        self.floor = 1e-9 * 0.5 * exact_sum(np.abs(self.weights))
        rank = LARGE_RANK if self.large else min(max(full_rank(graph.n), 2), FIRST_RANK, max(graph.n, 1))
        self.V = start_vectors(graph.n, rank).astype(self.precision, copy=False)
        self.g, self.y = np.empty(rank, dtype=self.precision), np.empty(graph.n)
        affordable = int(LANCZOS_WORK / (graph.indices.size + 6 * graph.n))
        self.most_steps, self.check_steps = max(100, affordable), max(20, affordable // 10)
        self.sweeps = 0
        self.value = -math.inf
        self.smallest = 0.0
        self.steps = 60

    def affordable_sweeps(self) -> int:
        """Return how many sweeps fit into `WORK` multiply-adds, at least 100 and at most 20000."""
        return int(min(20000, max(100, WORK / (self.V.size / self.graph.n * self.graph.indices.size + 1))))

    def target(self, upper: float) -> float:
        """Return the absolute gap that is asked for."""
        return self.duality_gap * max(abs(upper), self.floor)

    def sweep_until(self, count: int) -> bool:
        """Sweep until `count` sweeps are done in all; return whether the vectors stopped moving first."""
        while self.sweeps < count:
            fall = self.sweep(*self.arcs, self.V, self.g, self.y)
            self.sweeps += 1
            if self.clock.stopped:
                return False
            if fall <= (1e-7 if self.large else 1e-15) * self.graph.n:
                return True
        return False

    def examine(self, limit: int) -> float:
        """Update value, dual vector and smallest eigenvalue; return the upper bound that they suggest."""
        self.value = self.half_total - 0.5 * pull_norms(*self.arcs, self.V, self.g, self.y)
        limit = min(limit, self.most_steps)
        self.steps = min(limit, 60)
        while True:
            self.smallest, sure, _ = smallest_eigenvalue(self.graph, self.weights, self.y, steps=self.steps)
            fine = -self.graph.n * self.smallest <= 0.1 * self.duality_gap * abs(self.value)
            if sure or self.steps >= limit or (fine and self.steps >= 300):
                break
            self.steps = min(limit, 3 * self.steps)
        return self.half_total + 0.25 * (exact_sum(self.y) + self.graph.n * max(0.0, -self.smallest))

    def escape(self) -> None:
        """Add columns: a step along the most negative eigenvector of ``A + Diag(y)``, and a hashed remainder."""
        n, r = self.V.shape
        extra = LANES if self.large else min(RANK_STEP, n - r)
        steps = min(max(self.steps, 150), self.most_steps)
        _, _, direction = smallest_eigenvalue(self.graph, self.weights, self.y, steps=steps, vector=True)
        columns = np.empty((n, extra))
        hashed_uniform(n * r, columns.reshape(-1))
        columns *= 0.01
        columns[:, 0] = 0.3 * math.sqrt(n) * direction
        wider = np.ascontiguousarray(np.hstack([self.V, columns]))
        normalise_rows(wider)
        self.V = wider.astype(self.precision, copy=False)
        self.g = np.empty(self.V.shape[1], dtype=self.precision)
