"""Vectors of low rank for the relaxation, swept one after another in scaled weights.

What `derandkit.signs.relaxation.semidefinite` drives: the sweeps, a look at value and bound, and the way out of a
saddle. Between two sweeps every vector goes on in the direction in which the last sweep moved it
(`Momentum`); a sweep alone creeps along the flat directions of the problem.
"""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.hashing import hashed_uniform
from derandkit.numerics.sums import exact_sum
from derandkit.signs.kernels import extrapolate, mixing_sweep, normalise_rows, pull_norms
from derandkit.signs.large_kernels import LANES, mixing_sweep_large
from derandkit.signs.relaxation.spectral import Lanczos

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, SingleArray
    from derandkit.runtime.clock import Clock

#: Least rank of the first vectors, where the graph is large enough for it.
FIRST_RANK = 24
#: Multiply-adds that the sweeps may spend by default.
WORK = 6.4e10
#: From this many arcs (two an edge) on, vectors are in single precision and budgets are counted in work.
LARGE = 500_000
#: From this many numbers on the vectors do not fit into the inner caches, and single precision is faster.
SINGLE = 600_000
#: Rows of the first vectors together have at most this many numbers (0.4 GB in single precision).
MOST_NUMBERS = 96_000_000
#: With a limit of time: the sweeps that are to fit into it, and the multiply-adds of a second (a row costs six more).
#: More columns than that pays for are of no use to a run that ends after a sweep or two.
LIMITED_SWEEPS, LIMITED_RATE = 20, 3.0e9
#: Numbers of the start that are made at once in double precision.
START_BLOCK = 1 << 20
#: A relative gap below this is beyond single precision, whatever the size.
SINGLE_GAP = 1e-5
#: Multiply-adds that one estimate of the smallest eigenvalue may spend; a fifth of it at a check far from the goal.
LANCZOS_WORK = 6.0e9
#: What the estimate of a run that has to end may spend, within `FEWEST_STEPS` and `FIRST_STEPS`.
LAST_WORK, FEWEST_STEPS = 2.0e8, 20
#: Steps of the first estimate, and the least that a decision to stop rests on.
FIRST_STEPS, SURE_STEPS = 60, 600


def full_rank(n: int) -> int:
    """Return the rank ``ceil(sqrt(2 n)) + 1`` at which second-order points are optimal for almost every matrix."""
    return min(n, math.ceil(math.sqrt(2.0 * n)) + 1)


def first_rank(n: int, arcs: int) -> int:
    """Return the rank to begin with: about what the solutions of random graphs have.

    Measured: random graphs of degree 10 and more end at a rank of ``1.8 n^(1/3)`` (24 at 2000 vertices, 48 at 20 000,
    96 at 100 000), grids of degree 4 at half of it. Too few columns cost escapes from saddles, too many cost time.

    Examples
    --------
    >>> first_rank(2_000, 40_000), first_rank(20_000, 80_000), first_rank(20_000, 200_000), first_rank(5, 20)
    (24, 24, 48, 5)
    """
    degree = arcs / max(n, 1)
    columns = min(min(max(0.3 + 0.15 * degree, 0.9), 1.8) * n ** (1.0 / 3.0), MOST_NUMBERS / max(n, 1))
    wanted = max(FIRST_RANK, LANES * round(columns / LANES))
    return int(max(1, min(n, max(full_rank(n), 2), wanted)))


def affordable_rank(n: int, arcs: int, seconds: float) -> int:
    """Return how many columns may be swept `LIMITED_SWEEPS` times within so many seconds, at least `LANES`.

    Measured: a sweep does 5e9 multiply-adds a second, at 2.2 as at 1400 arcs a vertex.

    Examples
    --------
    >>> affordable_rank(1_000_000, 2_200_000, 0.5), affordable_rank(100_000, 1_000_000, 0.5)
    (8, 40)
    """
    columns = LIMITED_RATE * seconds / (LIMITED_SWEEPS * (arcs + 6.0 * n))
    return max(LANES, LANES * int(min(columns / LANES, float(n))))


def _whole_lanes(columns: float) -> int:
    """Return the number of columns, rounded up to whole groups of `LANES`."""
    return LANES * math.ceil(columns / LANES)


def is_large(graph: WeightedGraph, duality_gap: float = 1e-4) -> bool:
    """Return whether this graph is large: vectors in single precision, and budgets counted in work.

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


def _scaled_sums(graph: WeightedGraph, weights: FloatArray, exponent: int) -> tuple[float, float]:
    """Return the sums of the scaled weights and of their sizes, each edge twice."""
    # numbers above the subnormal ones are scaled without rounding, and so are integers
    if graph.integral or exponent >= 0 or float(np.abs(weights).min(initial=1.0)) >= sys.float_info.min:
        unit = Fraction(2) ** (exponent + 1)
        return float(graph.sums.total * unit), float(graph.sums.size * unit)
    return exact_sum(weights), exact_sum(np.abs(weights))


def start_vectors(n: int, r: int) -> FloatArray:
    """Return the explicit start: hashed coordinates, rows of unit length."""
    V = np.empty((n, r))
    _fill_start(V)
    return V


def _fill_start(V: FloatArray | SingleArray) -> None:
    """Fill V with the start, by blocks: in single precision there is never a double copy of the whole."""
    n, r = V.shape
    rows = max(1, START_BLOCK // max(1, r))
    for first in range(0, n, rows):
        part = np.empty((min(rows, n - first), r))
        hashed_uniform(first * r, part.reshape(-1))
        normalise_rows(part)
        V[first : first + rows] = part


class Momentum:
    """How far the vectors go on between two sweeps.

    After k sweeps a vector goes on by ``min(k / (k + 3), 0.98)`` of the way that it came (Nesterov's weights). The
    value need not rise then. It is looked at every `REVIEW` sweeps; where it has fallen, the momentum is dropped and k
    begins at zero. No cycle can come of this: where the momentum is dropped again before the best value has risen, it
    stays away for twice as many sweeps as the last time, and sweeps without it never lower the value.
    """

    #: Sweeps between two looks at the value.
    REVIEW = 10

    def __init__(self) -> None:
        self.best = self.last = -math.inf
        self.rests = 0
        self.count = 0

    def weight(self) -> float:
        """Return the weight of the step before the next sweep, and count that sweep."""
        k, self.count = self.count, self.count + 1
        return min(k / (k + 3.0), 0.98) if k > 0 else 0.0

    def review(self, value: float) -> None:
        """Take note of the value after a sweep; drop the momentum if it has fallen."""
        if value < self.last:
            self.count = -self.rests
            self.rests = 2 * self.rests + 1
        if value > self.best:
            self.best, self.rests = value, 0
        self.last = value


class LowRank:
    """Vectors of the low-rank problem in scaled weights, and what was last found out about them."""

    def __init__(self, graph: WeightedGraph, duality_gap: float, clock: Clock) -> None:
        self.graph = graph
        self.clock = clock
        self.duality_gap = duality_gap
        self.weights, self.exponent = scaled_weights(graph)
        self.large = is_large(graph, duality_gap)
        rank = first_rank(graph.n, graph.indices.size)
        if clock.limited:
            rank = min(rank, affordable_rank(graph.n, graph.indices.size, clock.seconds_left))
        self.single = self.large or (graph.n * rank >= SINGLE and duality_gap >= SINGLE_GAP)
        if self.single:
            rank = _whole_lanes(rank)
        self.most_columns = min(graph.n, full_rank(graph.n) + LANES)
        if self.single:
            self.most_columns = _whole_lanes(self.most_columns)
        self.precision = np.dtype(np.float32 if self.single else np.float64)
        self.arcs = (graph.indptr, graph.indices, self.weights.astype(self.precision, copy=False))
        self.sweep = mixing_sweep_large if self.single else mixing_sweep
        self.momentum = Momentum()
        total, size = _scaled_sums(graph, self.weights, self.exponent)
        self.half_total = 0.25 * total
        self.floor = 1e-9 * 0.5 * size
        self.V = np.empty((graph.n, rank), dtype=self.precision)
        _fill_start(self.V)
        self.before = np.zeros_like(self.V)
        self.g, self.y = np.empty(rank, dtype=self.precision), np.empty(graph.n)
        self.scale = 0.0
        affordable = int(LANCZOS_WORK / (graph.indices.size + 6 * graph.n))
        self.most_steps, self.check_steps = max(100, affordable), max(20, affordable // 5)
        self.sweeps = 0
        self.value = -math.inf
        self.smallest = 0.0
        self.spectrum = Lanczos(graph, self.weights, self.y)

    def affordable_sweeps(self) -> int:
        """Return how many sweeps fit into `WORK` multiply-adds, at least 100 and at most 20000."""
        return int(min(20000, max(100, WORK / (self.V.size / self.graph.n * self.graph.indices.size + 1))))

    def target(self, upper: float) -> float:
        """Return the absolute gap that is asked for."""
        return self.duality_gap * max(abs(upper), self.floor)

    def sweep_until(self, count: int) -> bool:
        """Sweep until `count` sweeps are done in all; return whether the vectors stopped moving first."""
        while self.sweeps < count:
            extrapolate(self.V, self.before, self.precision.type(self.momentum.weight()))
            fall = self.sweep(*self.arcs, self.V, self.g, self.y)
            self.sweeps += 1
            if self.clock.stopped:
                return False
            if self.sweeps == 1:
                self.scale = exact_sum(self.y)  # the pulls of vectors that know nothing of each other
            if not self.single and fall <= 1e-15 * self.scale:
                return True  # in single precision the fall is noise long before the dual vector is good
            if self.sweeps % Momentum.REVIEW == 0 and self.sweeps < count:
                self.look()
        return False

    def release(self) -> None:
        """Give back the memory that only further sweeps would need."""
        self.before = np.empty((0, 0), dtype=self.precision)

    def look(self) -> None:
        """Update value and dual vector."""
        self.value = self.half_total - 0.5 * pull_norms(*self.arcs, self.V, self.g, self.y)
        self.momentum.review(self.value)

    def examine(self, limit: int) -> float:
        """Update value, dual vector and smallest eigenvalue; return the upper bound that they suggest.

        At most `limit` steps are spent on the eigenvalue, or what there is where the goal seems near.
        """
        self.look()
        run = self.spectrum = Lanczos(self.graph, self.weights, self.y)
        limit, steps = min(limit, self.most_steps), FIRST_STEPS
        while True:
            ritz, change = run.extend(min(steps, limit))
            # where eigenvalues crowd at the end, the error falls like the square of the steps
            self.smallest = ritz if run.exhausted else ritz - change / 3.0
            upper = self.upper()
            allowed = self.target(upper)
            near = upper - self.value <= allowed
            if near and not self.clock.stopped:
                limit = max(limit, min(2000, self.most_steps))
            # near the goal the value is followed until it hardly moves, or a direction may be missed
            missed = 0.25 * self.graph.n * change
            sure = missed <= 0.2 * allowed or (change <= 0.3 * abs(self.smallest) and not near)
            if run.exhausted or steps >= limit or (sure and (not near or steps >= SURE_STEPS)):
                return upper
            steps += steps // 2

    def last_steps(self) -> int:
        """Return the steps of the estimate with which a run ends that was stopped."""
        paid = int(LAST_WORK / (self.graph.indices.size + 6 * self.graph.n))
        return min(FIRST_STEPS, max(FEWEST_STEPS, paid))

    def upper(self) -> float:
        """Return the upper bound that dual vector and smallest eigenvalue suggest."""
        return self.half_total + 0.25 * (exact_sum(self.y) + self.graph.n * max(0.0, -self.smallest))

    def may_escape(self) -> bool:
        """Return whether more columns could lead out of a saddle: at full rank there are none that count."""
        return self.smallest < 0.0 and self.V.shape[1] < self.most_columns

    def escape(self) -> None:
        """Add columns: a step along the most negative eigenvector of ``A + Diag(y)``, and a hashed remainder."""
        n, r = self.V.shape
        extra = min(_whole_lanes(0.25 * r), self.most_columns - r)
        if self.spectrum.steps < 150:
            self.spectrum.extend(min(150, self.most_steps))
        direction = self.spectrum.vector()
        columns = np.empty((n, extra))
        hashed_uniform(n * r, columns.reshape(-1))
        columns *= 0.01
        columns[:, 0] = 0.3 * math.sqrt(n) * direction
        wider = np.ascontiguousarray(np.hstack([self.V, columns]))
        normalise_rows(wider)
        self.V = wider.astype(self.precision, copy=False)
        self.before = np.zeros_like(self.V)
        self.momentum = Momentum()
        self.g = np.empty(self.V.shape[1], dtype=self.precision)
