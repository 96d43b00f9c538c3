"""The first two stretches of the lemma's course for cuts, from mean zero to a distribution that has left the saddle.

Specialises `derandkit.engine.LemmaDescent` to mean zero, where it needs no bivariate normal. On G14 and G1 the whole
course takes 0.07 and 0.19 s for cuts of 3052 and 11605; the engine alone, from the same start at tau = 0.1, takes
0.75 and 1.15 s for 3050 and 11605. Three stretches, none of which may lose expectation:

1. *Spread descent.* At mean zero the expected cut depends on the spread alone; sweeps over its rows lower it while
   the smoothing tau is driven down. The distribution collapses to almost one plane.
2. *Leaving the saddle.* A mean of zero is a saddle by the symmetry ``z -> -z``. The direction of x that is revealed
   is the best one in the plane of the two principal axes, found by sweeping a half-plane around it; this is the
   method of conditional expectations for one coordinate, and moves most of the spread into the mean.
3. *Joint descent.* `derandkit.engine.LemmaDescent` on ``J = F + penalty |W|^2`` in (W, b) drives what is left of W to
   zero (`derandkit.signs.derandomize.course`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.law import GaussianSampler
from derandkit.numerics.axes import principal_axes
from derandkit.numerics.jit import read_only
from derandkit.runtime.clock import stage
from derandkit.runtime.interrupts import asking
from derandkit.signs.kernels import flip_sweep_parts, hyperplane_expectation, normalise_rows, spread_sweep
from derandkit.signs.large_kernels import LANES, spread_sweep_large
from derandkit.signs.relaxation.lowrank import is_large, scaled_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, SingleArray


#: Multiply-adds that the spread descent may spend; large graphs get fewer sweeps a stage, never fewer than 8.
WORK = 1.0e10
#: The same where vectors are in single precision, and how many columns they keep: as many of these as a budget of 20
#: sweeps a stage allows.
LARGE_WORK = 2.4e10
LARGE_COLUMNS = (16, 8)
#: Parts of a half-turn, of which each has its own best direction.
PARTS = 16


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


#: What vectors in single precision go through: fewer sweeps reach further when they start at a sharper sign.
LARGE_DESCENT = SpreadDescent(first=0.1, last=1e-3, sweeps=40)


@dataclass(frozen=True)
class SpreadStage:
    """One stage: tau, sweeps, their multiply-adds, the expected cut, the share of mass on the first axis."""

    smoothing: float
    sweeps: int
    work: float
    expectation: float
    first_axis: float


def descend_spread(
    graph: WeightedGraph,
    vectors: FloatArray,
    *,
    schedule: SpreadDescent | None = None,
    on_stage: Callable[[SpreadStage], None] | None = None,
) -> tuple[FloatArray, bool]:
    """Lower the objective over spreads at mean zero.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    vectors : ndarray, shape (n, r)
        Unit rows: the spread of the start.
    schedule : SpreadDescent, optional
        Smoothing and stopping; by default `LARGE_DESCENT` for large graphs.
    on_stage : callable, optional
        Called with the `SpreadStage` just finished.

    Returns
    -------
    spread : ndarray, shape (n, r)
        Unit rows, in principal axes, whose expected cut is at least that of `vectors`.
    interrupted : bool
        Whether a request to stop ended the descent early, at the best stage.

    Notes
    -----
    A sweep costs ``4 m r`` multiply-adds and ``2 m`` square roots. After each stage the columns that no longer
    carry anything (below 1e-9 of the mass) are dropped, and the best stage so far is kept, so the expectation
    cannot fall. Large graphs are swept in single precision, on the leading 8 or 16 principal axes.
    """
    large = is_large(graph)
    if schedule is None:
        schedule = LARGE_DESCENT if large else SpreadDescent()
    arcs = (graph.indptr, graph.indices, graph.weights)
    best, best_value = vectors, hyperplane_expectation(*arcs, read_only(vectors))
    V = _leading_columns(graph, vectors, schedule.stages) if large else vectors.copy()
    sweep: Callable[..., float] = spread_sweep_large if large else spread_sweep
    work = LARGE_WORK if large else WORK
    weights: FloatArray | SingleArray
    weights = scaled_weights(graph)[0].astype(np.float32) if large else graph.weights
    precision = weights.dtype
    with stage() as clock:
        report = asking(clock, on_stage)
        for delta in schedule.smoothings():
            per_sweep = graph.indices.size * (V.shape[1] + 4) + 1
            sweeps = int(min(schedule.sweeps, max(8, work / (schedule.stages * per_sweep))))
            V, g = np.asarray(V, dtype=precision), np.empty(V.shape[1], dtype=precision)
            done = 0
            for _ in range(sweeps):
                moved = sweep(graph.indptr, graph.indices, weights, V, float(delta), g)
                done += 1
                if clock.stopped:
                    break
                if moved <= schedule.tolerance * graph.n:
                    break
            V, masses = principal_axes(np.asarray(V, dtype=np.float64))
            if large:
                normalise_rows(V)
            else:
                V = np.ascontiguousarray(V[:, : _columns_that_matter(masses)])
            value = hyperplane_expectation(*arcs, read_only(V))
            first_axis = float(masses[0] / max(float(masses.sum()), 1e-300))
            if value >= best_value:
                best, best_value = V.copy(), value
            tau = math.sqrt(math.sqrt(1.0 + delta) - 1.0)
            report(SpreadStage(tau, done, float(done * per_sweep), value, first_axis))
            if clock.stopped:
                break
    if best is vectors:
        best = principal_axes(vectors)[0]
    return best, clock.interrupted


def _leading_columns(graph: WeightedGraph, vectors: FloatArray, stages: int) -> FloatArray:
    """Return the leading principal axes, rows scaled back to unit length: as many as `LARGE_WORK` pays for."""
    columns = LARGE_COLUMNS[-1]
    for wanted in LARGE_COLUMNS:
        if 20 * stages * graph.indices.size * (wanted + 4) <= LARGE_WORK:
            columns = wanted
            break
    rotated, _ = principal_axes(vectors, columns)
    V = np.zeros((graph.n, -(-rotated.shape[1] // LANES) * LANES))
    V[:, : rotated.shape[1]] = rotated
    normalise_rows(V)
    return V


def _columns_that_matter(masses: FloatArray) -> int:
    """Count the leading columns, at least two, that hold all but 1e-9 of the mass."""
    tail = np.cumsum(masses[::-1])[::-1]
    keep = int(np.count_nonzero(tail > 1e-9 * tail[0])) if masses.size else 0
    return min(masses.size, max(2, keep))


def reveal_best_direction(graph: WeightedGraph, spread: FloatArray) -> GaussianSampler:
    """Return the first distribution of `reveal_best_directions`."""
    return reveal_best_directions(graph, spread)[0]


def reveal_best_directions(graph: WeightedGraph, spread: FloatArray, count: int = 1) -> list[GaussianSampler]:
    """Reveal the coordinate of x that makes the greatest half-plane cut in the two principal axes.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    spread : ndarray, shape (n, r)
        A spread in principal axes, mean zero.
    count : int
        How many directions to return at most: the best one, and the best ones of other parts of the half-turn.

    Returns
    -------
    list of GaussianSampler
        The distribution given ``x . v = 1`` for each direction v, the greatest cut first: mean ``W v``, and a spread
        without that direction.

    Notes
    -----
    Exact over all directions of the plane: ``O(n log n + m)``. The half-turn has `PARTS` parts.
    """
    n, r = spread.shape
    if r == 0 or n == 0:
        return [GaussianSampler(np.zeros(n), np.zeros((n, 0)))]
    if r == 1:  # one cut and its mirror image
        return [GaussianSampler(spread[:, 0], np.zeros((n, 0)))]
    x, y = spread[:, 0], spread[:, 1]
    # the sides of direction angle t are sign(cos(angle_i - t)); vertex i changes sides at angle_i + pi/2 (mod pi)
    angles = np.arctan2(y, x)
    crossing = np.mod(angles + 0.5 * math.pi, math.pi)
    crossing[crossing == 0] = math.pi  # changes where the half-turn ends, and is on the side of y until then
    order = np.argsort(crossing, kind="stable").astype(np.int64)
    signs = np.where(crossing < math.pi, np.abs(angles) < 0.5 * math.pi, y > 0).astype(np.int8) * 2 - 1
    edges = np.concatenate([[0.0], crossing[order], [math.pi]])
    # vertices on one axis change sides together, up to the rounding of their angles
    last = np.append(np.diff(edges[1:-1]) > 1e-12, True).astype(np.int8)
    # a direction lies halfway between the crossing it comes after and the next one
    middle = 0.5 * (edges[:-1] + edges[1:])
    part = np.minimum((middle[1:] * (PARTS / math.pi)).astype(np.int64), PARTS - 1)
    gains, counts = np.full(PARTS, -math.inf), np.zeros(PARTS, dtype=np.int64)
    flip_sweep_parts(graph.indptr, graph.indices, graph.weights, order, last, part, signs, gains, counts)
    best = [k for k in np.argsort(-gains, kind="stable") if gains[k] > -math.inf]
    return [_revealed(spread, float(middle[counts[k]])) for k in best[:count]]


def _revealed(spread: FloatArray, angle: float) -> GaussianSampler:
    """Return the distribution given the coordinate at an angle of the plane of the first two axes."""
    x, y = spread[:, 0], spread[:, 1]
    cosine, sine = math.cos(angle), math.sin(angle)
    # what is left of the plane is the axis across the direction, and the other columns are not concerned
    across = (cosine * y - sine * x)[:, None]
    return GaussianSampler(cosine * x + sine * y, np.hstack([across, spread[:, 2:]]))
