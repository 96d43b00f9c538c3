"""The lemma's path for cuts: from the law of hyperplane rounding to one set of sides.

Three stretches, none of which may lose expectation:

1. *Spread descent.* At mean zero the expected cut depends on the spread alone; sweeps over its rows lower it while
   the smoothing tau is driven down. The law collapses to almost one plane.
2. *Leaving the saddle.* A mean of zero is a saddle by the symmetry ``z -> -z``. The direction of x that is revealed
   is the best one in the plane of the two principal axes, found by sweeping a half-plane around it; this is the
   method of conditional expectations for one coordinate, and moves most of the spread into the mean.
3. *Joint descent.* `LemmaDescent` on ``F + penalty |W|^2`` drives what is left of W to zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.cuts.kernels import half_plane_sweep, hyperplane_expectation, spread_sweep
from derandkit.cuts.spectral import principal_axes
from derandkit.sampler import GaussianSampler

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from derandkit.cuts.graph import WeightedGraph

    FloatArray = NDArray[np.float64]

#: Multiply-adds that the spread descent may spend; large graphs get fewer sweeps a stage, never fewer than 8.
WORK = 4.0e9


@dataclass(frozen=True)
class SpreadDescent:
    """How the smoothing is driven down at mean zero.

    Parameters
    ----------
    first, last : float
        Smoothing ``delta = 2 tau^2 + tau^4`` of the first and the last stage; geometric in between.
    stages : int
        Number of stages.
    sweeps : int
        At most so many sweeps a stage.
    tolerance : float
        A stage ends when its rows turn by less than this on average (in ``1 - cos``).
    """

    first: float = 1.0
    last: float = 1e-4
    stages: int = 10
    sweeps: int = 100
    tolerance: float = 1e-6

    def smoothings(self) -> FloatArray:
        """Return ``delta`` of every stage."""
        ratio = self.last / self.first
        return np.array([self.first * ratio ** (k / max(1, self.stages - 1)) for k in range(self.stages)])


@dataclass(frozen=True)
class SpreadStage:
    """One stage of the spread descent, for histories and progress displays."""

    smoothing: float
    sweeps: int
    expectation: float
    planarity: float


def descend_spread(
    graph: WeightedGraph,
    vectors: FloatArray,
    *,
    schedule: SpreadDescent | None = None,
    on_stage: Callable[[SpreadStage], None] | None = None,
) -> tuple[FloatArray, float, list[SpreadStage]]:
    """Lower the objective over spreads at mean zero.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    vectors : ndarray, shape (n, r)
        Unit rows: the spread of the start.
    schedule : SpreadDescent, optional
        Smoothing and stopping.
    on_stage : callable, optional
        Called with the `SpreadStage` just finished. A `KeyboardInterrupt` ends the descent at the best stage.

    Returns
    -------
    spread : ndarray, shape (n, r)
        Unit rows, in principal axes, whose expected cut is at least that of `vectors`.
    expectation : float
        Expected cut of hyperplane rounding with `spread`.
    stages : list of SpreadStage
        One record a stage.

    Notes
    -----
    A sweep costs ``4 m r`` multiply-adds and ``2 m`` square roots. After each stage the columns that no longer
    carry anything (below 1e-9 of the mass) are dropped, and the best stage so far is kept, so the expectation
    cannot fall.
    """
    schedule = SpreadDescent() if schedule is None else schedule
    arcs = (graph.indptr, graph.indices, graph.weights)
    best, best_value = vectors, hyperplane_expectation(*arcs, vectors)
    V = vectors.copy()
    stages: list[SpreadStage] = []
    try:
        for delta in schedule.smoothings():
            per_sweep = graph.indices.size * (V.shape[1] + 4) + 1
            sweeps = int(min(schedule.sweeps, max(8, WORK / (schedule.stages * per_sweep))))
            g = np.empty(V.shape[1])
            done = 0
            for _ in range(sweeps):
                moved = spread_sweep(*arcs, V, float(delta), g)
                done += 1
                if moved <= schedule.tolerance * graph.n:
                    break
            V, masses = principal_axes(V)
            V = np.ascontiguousarray(V[:, : _columns_that_matter(masses)])
            value = hyperplane_expectation(*arcs, V)
            planarity = float(masses[:2].sum() / max(float(masses.sum()), 1e-300))
            stages.append(SpreadStage(math.sqrt(math.sqrt(1.0 + delta) - 1.0), done, value, planarity))
            if value >= best_value:
                best, best_value = V.copy(), value
            if on_stage is not None:
                on_stage(stages[-1])
    except KeyboardInterrupt:
        pass
    if best is vectors:
        best = principal_axes(vectors)[0]
    return best, best_value, stages


def _columns_that_matter(masses: FloatArray) -> int:
    """Count the leading columns, at least two, that hold all but 1e-9 of the mass."""
    tail = np.cumsum(masses[::-1])[::-1]
    keep = int(np.count_nonzero(tail > 1e-9 * tail[0])) if masses.size else 0
    return min(masses.size, max(2, keep))


def reveal_best_direction(
    graph: WeightedGraph, spread: FloatArray
) -> tuple[GaussianSampler, NDArray[np.int8]]:
    """Reveal the coordinate of x that makes the heaviest half-plane cut in the two principal axes.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    spread : ndarray, shape (n, r)
        A spread in principal axes, mean zero.

    Returns
    -------
    law : GaussianSampler
        The law given ``x . v = 1`` for the best direction v: mean ``W v``, and a spread without that direction.
    signs : ndarray of int8, shape (n,)
        The sides ``sign(W v)``, as the sweep counted them.

    Notes
    -----
    Exact over all directions of the plane: ``O(n log n + m)``.
    """
    n, r = spread.shape
    if r == 0 or n == 0:
        return GaussianSampler(np.zeros(n), np.zeros((n, 0))), np.ones(n, dtype=np.int8)
    x = spread[:, 0]
    y = spread[:, 1] if r > 1 else np.zeros(n)
    # the sides of direction angle t are sign(cos(angle_i - t)); vertex i changes sides at angle_i + pi/2 (mod pi)
    crossing = np.mod(np.arctan2(y, x) + 0.5 * math.pi, math.pi)
    order = np.argsort(crossing, kind="stable").astype(np.int64)
    signs = np.where((x > 0) | ((x == 0) & (y >= 0)), 1, -1).astype(np.int8)
    best = np.empty(n, dtype=np.int8)
    sweeping = signs.copy()
    half_plane_sweep(graph.indptr, graph.indices, graph.weights, order, sweeping, best)
    # the best direction lies halfway between the crossing it comes after and the next one
    flipped = int(np.count_nonzero(best != signs))
    edges = np.concatenate([[0.0], crossing[order], [math.pi]])
    angle = 0.5 * (edges[flipped] + edges[flipped + 1])
    direction = np.zeros(r)
    direction[0] = math.cos(angle)
    if r > 1:
        direction[1] = math.sin(angle)
    return GaussianSampler(np.zeros(n), spread).reveal(direction, 1.0), best
