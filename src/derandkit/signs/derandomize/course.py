"""From a Gaussian distribution to one set of sides: the derandomizers of the cut, under one contract.

A course starts at a distribution ``V x + b``, that of the relaxation (``b = 0``) or one with thresholds, and ends at
one without spread, ``b + tau xi`` with private noise only, whose expected cut is at least that of the start; the
greedy pass over the private noise then loses nothing. The last check is made here for every course: one that ended
below its start is replaced by conditional expectations from the start. `Course.method` says what made the sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine import LemmaDescent, run_method
from derandkit.engine.law import GaussianSampler
from derandkit.numerics.hashing import hashed_normals
from derandkit.numerics.sums import exact_sum
from derandkit.runtime.clock import stage
from derandkit.runtime.interrupts import reporting
from derandkit.runtime.progress import Progress
from derandkit.signs.derandomize.conditional import REVEAL_SMOOTHING, reveal_all
from derandkit.signs.derandomize.spread import (
    SpreadDescent,
    SpreadStage,
    descend_spread,
    reveal_best_directions,
)
from derandkit.signs.derandomize.thresholds import expected_leaning_cut
from derandkit.signs.objective import CutObjective
from derandkit.signs.relaxation.lowrank import is_large
from derandkit.signs.values import (
    default_penalty,
    expected_hyperplane_cut,
    expected_independent_cut,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derandkit.engine import Step
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, SignArray
    from derandkit.runtime.clock import Clock
    from derandkit.runtime.progress import OnProgress

#: Smoothing of the sign during the joint descent, for rows of unit length.
FINAL_SMOOTHING = 0.01
#: A revealed coordinate is known only up to its size: the larger it was, the more certain the sides are. At this size
#: the descent takes a quarter of the steps that it takes at one, and F at the start matters less than F at the end.
AMPLIFICATION = 64.0
#: Multiply-adds that the engine's descent may spend: so many, and this share of what the spread descent spent before.
DESCENT_WORK, DESCENT_SHARE = 1e7, 0.1
#: Directions out of the saddle that are followed to their end, the greatest cut first; large graphs follow one.
DIRECTIONS = 4
#: What the engine's descent may spend where no spread descent comes before it.
WHOLE_DESCENT_WORK = 2e9
#: What it may spend from a start with thresholds beside the spread descent from the one without, and the number of
#: edges times columns up to which that start is taken: conditional expectations may have to finish it.
THRESHOLD_DESCENT_WORK, DIRECT_WORK = 1e8, 250_000
#: What is left of the spread descent once the user has asked for the best answer so far.
COARSE_SCHEDULE = SpreadDescent(stages=3, sweeps=8)
#: Private noises of conditional expectations, the next one where the last one blurred the start too much.
REVEAL_SMOOTHINGS = (REVEAL_SMOOTHING, 1e-2 * REVEAL_SMOOTHING, 1e-4 * REVEAL_SMOOTHING)
#: Smoothings at which the final distribution is tried, for means of order one; the one it was found at is tried too.
FINAL_SMOOTHINGS = (0.1, 0.03, 0.01, 0.003, 0.001, 1e-4)
#: Rounding of an expected cut, in units of the weights of edges whose two rows are neither equal nor opposite.
ROUNDING = 2.0**-51
#: Share of the final expectation that the cut of its sides may be below it by rounding.
LOST = 1e-12
#: Hyperplanes that are tried where rounding alone kept a course below its start.
MOST_HYPERPLANES = 400
#: The name of a course that conditional expectations had to finish.
FINISHED = "lemma, finished by conditional expectations"
#: What is added to the name of a course that had to end and dropped the rest of its spread, at no loss.
EARLY = ", ended early without the rest of its spread"


@dataclass(frozen=True, eq=False)
class Course:
    """Where a derandomizer ended, and how it got there.

    Parameters
    ----------
    signs : ndarray of int8, shape (n,)
        The sides.
    mean : ndarray, shape (n,)
        Mean of the final distribution, exactly representable in single precision.
    smoothing : float
        Private noise of the final distribution.
    penalty : float
        Coefficient of ``|W|^2``.
    start_expectation, final_expectation : float
        Expected cut at the start (for the relaxation a random hyperplane) and at the end.
    method : str
        What produced the sides: ``"lemma"``, ``"conditional"``, or ``"lemma, finished by conditional expectations"``;
        with `EARLY` behind it where the work had to end before the spread was gone.
    history : mapping of str to tuple
        Columns ``smoothing``, ``expectation``, ``spread_norm``; one row a step.
    interrupted : bool
        Whether a request to stop cut the course short.
    """

    signs: SignArray
    mean: FloatArray
    smoothing: float
    penalty: float
    start_expectation: float
    final_expectation: float
    method: str
    history: Mapping[str, tuple[float, ...]]
    interrupted: bool


class _Log:
    """Collects the rows of a history and calls back."""

    def __init__(self, on_progress: OnProgress | None, clock: Clock) -> None:
        self.rows: list[tuple[float, float, float]] = []
        self.clock = clock
        self._report = reporting(clock, on_progress)

    def add(self, smoothing: float, expectation: float, spread_norm: float, noise: float) -> None:
        self.rows.append((smoothing, expectation, spread_norm))
        self._report(
            Progress(
                "derandomize",
                expectation,
                step=len(self.rows) - 1,
                spread=spread_norm,
                noise=min(1.0, max(0.0, noise)),
            )
        )

    def columns(self) -> dict[str, tuple[float, ...]]:
        names = ("smoothing", "expectation", "spread_norm")
        return {name: tuple(row[k] for row in self.rows) for k, name in enumerate(names)}


def lemma_course(
    graph: WeightedGraph,
    law: GaussianSampler,
    *,
    plain: GaussianSampler | None = None,
    expectation: float | None = None,
    coarse: bool = False,
    on_progress: OnProgress | None = None,
) -> Course:
    """Derandomize by the lemma: descend over spreads, leave the saddle, descend over spread and mean until W = 0.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    law : GaussianSampler
        The start, rows of unit length. Where its mean is not zero there is no saddle to leave, and the engine's descent
        starts at once.
    plain : GaussianSampler, optional
        Beside a start with thresholds: the one without. Its path is followed too, and the better end counts. On graphs
        for which the descent from thresholds is too long (`DIRECT_WORK`) it is the only one; where its end is below the
        start with thresholds, the start is the plain one.
    expectation : float, optional
        `start_expectation` of the distribution, where it is known.
    coarse : bool
        Whether to shorten the spread descent, for a run that was interrupted.
    on_progress : callable, optional
        Called with the expected cut as value and the share of randomness left as noise.

    Returns
    -------
    Course
        ``final_expectation >= start_expectation``, and the cut of the sides is at least ``final_expectation``.

    Notes
    -----
    The first two stretches and their costs are described in `derandkit.signs.derandomize.spread`; the third is
    `derandkit.engine.LemmaDescent` on `CutObjective`, within `DESCENT_WORK` multiply-adds and a tenth of what the
    first stretch took.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> triangle = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0])
    >>> angles = 2 * np.pi * np.arange(3) / 3
    >>> vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    >>> course = lemma_course(triangle, GaussianSampler(np.zeros(3), vectors))
    >>> course.signs.tolist(), round(course.start_expectation, 6), course.final_expectation, course.method
    ([1, -1, -1], 2.0, 2.0, 'lemma')
    """
    with stage() as clock:
        return _lemma(graph, law, plain, expectation, coarse, _Log(on_progress, clock))


def _lemma(
    graph: WeightedGraph,
    law: GaussianSampler,
    plain: GaussianSampler | None,
    expectation: float | None,
    coarse: bool,
    log: _Log,
) -> Course:
    begin, start = law, start_expectation(graph, law) if expectation is None else expectation
    root_n = float(np.sqrt(graph.n))
    log.add(0.0, start, root_n, 1.0)
    work = WHOLE_DESCENT_WORK
    laws = [law]
    direct = plain is None or graph.m * law.rank <= DIRECT_WORK
    central = plain if law.mean.any() else law
    if central is not None:
        work = DESCENT_WORK

        def on_stage(done: SpreadStage) -> None:
            nonlocal work
            work += DESCENT_SHARE * done.work
            # on one axis it is random only up to a global flip: the mass off that axis is the noise that counts
            log.add(done.smoothing, done.expectation, root_n, 1.0 - done.first_axis)

        schedule = COARSE_SCHEDULE if coarse else None
        spread, _ = descend_spread(graph, central.dense_spread(), schedule=schedule, on_stage=on_stage)
        laws = reveal_best_directions(graph, spread, 1 if coarse or is_large(graph) else DIRECTIONS)
        laws = [one.with_mean(AMPLIFICATION * one.mean) for one in laws]
        if law.mean.any() and direct:
            laws.append(law)
            work = max(work, THRESHOLD_DESCENT_WORK)

    before = len(log.rows)
    if log.clock.stopped:  # the revealed coordinate alone: one expectation, where a descent takes dozens
        course = _assemble(graph, laws[0].mean, FINAL_SMOOTHING, start, "lemma" + EARLY, log)
        if not _loses(graph, begin, course):
            return course
    courses: list[Course] = []
    for law in laws:
        del log.rows[before:]  # the history is that of one path
        courses.append(_joint_descent(graph, law, work, start, log))
        if log.clock.stopped:
            break
    # of those that keep the expectation of the start the best one, the first of equals
    for course in sorted(courses, key=lambda one: _rank(graph, one), reverse=True):
        if not _loses(graph, begin, course):
            return course
    del log.rows[before:]
    if plain is not None and not direct:  # the start with thresholds is out of reach
        begin, start = plain, start_expectation(graph, plain)
        courses = [replace(course, start_expectation=start) for course in courses]
        for course in sorted(courses, key=lambda one: _rank(graph, one), reverse=True):
            if not _loses(graph, begin, course):
                return course
    return _conditional(graph, begin, start, FINISHED, log)


def _joint_descent(
    graph: WeightedGraph, law: GaussianSampler, work: float, start: float, log: _Log
) -> Course:
    """Descend over spread and mean by the engine, until the spread is gone."""
    root_n = float(np.sqrt(graph.n))

    def on_descent(step: Step) -> None:
        log.add(FINAL_SMOOTHING, -step.value, step.spread_norm, step.spread_norm / root_n)

    descent = LemmaDescent(penalty=max(default_penalty(graph), 1e-300), max_steps=_steps(graph, law, work))
    outcome = run_method(CutObjective(graph, FINAL_SMOOTHING), law, descent, on_step=on_descent)
    finished = outcome.stats.get("finished_by")
    method = FINISHED if finished == "conditional expectations" else "lemma"
    if finished == "contraction" and log.clock.stopped:
        method += EARLY
    return _assemble(graph, outcome.sampler.mean, FINAL_SMOOTHING, start, method, log)


def _rank(graph: WeightedGraph, course: Course) -> tuple[float, float]:
    """Return what makes a course better than another: the cut, then the expectation before it is rounded."""
    return graph.cut_value(course.signs), course.final_expectation


def conditional_course(
    graph: WeightedGraph,
    law: GaussianSampler,
    *,
    expectation: float | None = None,
    coarse: bool = False,
    on_progress: OnProgress | None = None,
) -> Course:
    """Derandomize by conditional expectations: reveal the Gaussian coordinates one by one (Mahajan and Ramesh).

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    law : GaussianSampler
        The start, rows of unit length.
    expectation : float, optional
        `start_expectation` of the distribution, where it is known.
    coarse : bool
        Without effect: one reveal costs the same on the way and at the end.
    on_progress : callable, optional
        Called with the expected cut as value and the share of randomness left as noise.

    Returns
    -------
    Course
        ``final_expectation >= start_expectation`` up to the tolerance of the 1-D searches.
    """
    with stage() as clock:
        start = start_expectation(graph, law) if expectation is None else expectation
        return _conditional(graph, law, start, "conditional", _Log(on_progress, clock))


def start_expectation(graph: WeightedGraph, law: GaussianSampler) -> float:
    """Return the expected cut of ``sign(W x + b)``, without private noise.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> edge = WeightedGraph.from_edges([0], [1])
    >>> start_expectation(edge, GaussianSampler([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]))
    0.5
    >>> round(start_expectation(edge, GaussianSampler([9.0, 0.0], [[1.0, 0.0], [0.0, 1.0]])), 6)
    0.5
    """
    if law.mean.any():
        return expected_leaning_cut(graph, law)
    return expected_hyperplane_cut(graph, law.dense_spread())


def _conditional(graph: WeightedGraph, law: GaussianSampler, start: float, method: str, log: _Log) -> Course:
    root_n = float(np.sqrt(graph.n))
    log.add(0.0, start, root_n, 1.0)
    before = len(log.rows)
    for smoothing in REVEAL_SMOOTHINGS:
        del log.rows[before:]

        def on_reveal(expectation: float, spread_norm: float, smoothing: float = smoothing) -> None:
            log.add(smoothing, expectation, spread_norm, spread_norm / root_n)

        found = reveal_all(graph, law.dense_spread(), mean=law.mean, smoothing=smoothing, on_reveal=on_reveal)
        logged = len(log.rows) - before
        for expectation, norm in zip(found.expectations[logged:], found.spread_norms[logged:], strict=True):
            log.add(smoothing, expectation, norm, norm / root_n)
        name = method + EARLY if found.early else method
        course = _assemble(graph, found.mean, smoothing, start, name, log)
        # what the noise took from the start may be more than the reveals gained
        if log.clock.stopped or not _loses(graph, law, course):
            break
    return _settle(graph, law, course) if _loses(graph, law, course) else course


def _loses(graph: WeightedGraph, law: GaussianSampler, course: Course) -> bool:
    """Whether a course ended below its start by more than the rounding of the start."""
    loss = course.start_expectation - course.final_expectation
    if not loss > 0.0:
        return False
    i, j, weights = graph.edges()
    rows = law.dense_spread()
    step = max(1, 4_000_000 // max(1, rows.shape[1]))
    blurred = 0.0
    for k in range(0, i.size, step):
        first, second = rows[i[k : k + step]], rows[j[k : k + step]]
        exact = (first == second).all(axis=1) | (first == -second).all(axis=1)
        blurred += exact_sum(np.abs(weights[k : k + step][~exact]))
    return loss > ROUNDING * blurred


def _settle(graph: WeightedGraph, law: GaussianSampler, course: Course) -> Course:
    """Return a course that ends at certain sides: those of the course, or of the first hyperplane that is no worse.

    Where one edge outweighs all others by so much that doubles cannot hold both, the searches over a coordinate see
    only that edge. A distribution that is certain of its sides has their weight for its expectation, which is a plain
    sum; and some hyperplane cuts at least the expectation of a random one.
    """
    rows = law.dense_spread()
    best, weight = course.signs, graph.cut_value(course.signs)
    for k in range(MOST_HYPERPLANES):
        if weight >= course.start_expectation:
            break
        heights = law.mean + np.einsum("ij,j->i", rows, hashed_normals(1, rows.shape[1], stream=k)[0])
        sides = np.where(heights < 0.0, -1, 1).astype(np.int8)
        if (found := graph.cut_value(sides)) > weight:
            best, weight = sides, found
    if best[0] < 0:
        best = -best
    mean, smoothing = best.astype(np.float64), FINAL_SMOOTHINGS[-1]
    expectation = expected_independent_cut(graph, mean, smoothing)
    if expectation <= course.final_expectation:
        return course
    return replace(course, signs=best, mean=mean, smoothing=smoothing, final_expectation=expectation)


def _steps(graph: WeightedGraph, law: GaussianSampler, work: float) -> int:
    """Return how many steps of the engine's descent a number of multiply-adds pays for, between 4 and 500."""
    columns = law.rank + 1
    step = graph.indices.size * (columns + 20) + 40 * graph.n * columns + 100_000
    return int(min(500.0, max(4.0, work / step)))


def _assemble(
    graph: WeightedGraph, mean: FloatArray, smoothing: float, start: float, method: str, log: _Log
) -> Course:
    """Round a mean to what a certificate stores, take its exact expectation, and round the private noise away."""
    scale = float(np.abs(mean).max(initial=0.0)) or 1.0
    stored = (mean / scale).astype(np.float32).astype(np.float64)
    # the smoothing that loses least: a cut is worth most when its means are large against the private noise. Where the
    # means differ in size by orders of magnitude only the noise at which they were found is small enough.
    candidates = (*FINAL_SMOOTHINGS, smoothing / scale)
    tried: list[tuple[float, int, float]] = []
    for k, tau in enumerate(candidates):
        tried.append((expected_independent_cut(graph, stored, tau), -k, tau))
        if log.clock.stopped and tried[-1][0] >= start:
            break  # the first that keeps the start: no time is left for a better one
    law = GaussianSampler(stored, np.zeros((graph.n, 0)))
    # of those that keep the expectation of the start, the one whose cut is greatest
    kept = [one for one in tried if one[0] >= start] or [max(tried)]
    rounded = {tau: CutObjective(graph, tau).round(law) for _, _, tau in kept}
    if len(kept) > 1:
        kept = [max(kept, key=lambda one: (graph.cut_value(rounded[one[2]]), *one))]
    expectation, _, smoothing = kept[0]
    signs = rounded[smoothing]
    if graph.cut_value(signs) < expectation - LOST * abs(expectation):
        # beside one heavy edge the greedy pass sees no other: take certain sides, whose weight is their expectation
        nearest = np.where(stored < 0.0, -1, 1).astype(np.int8)
        signs = max((signs, nearest), key=graph.cut_value)
        stored, smoothing = signs.astype(np.float64), FINAL_SMOOTHINGS[-1]
        expectation = expected_independent_cut(graph, stored, smoothing)
    if signs[0] < 0:  # a cut and its mirror image are one cut: the first vertex is on the + side
        signs, stored = -signs, -stored
    return Course(
        signs=signs,
        mean=stored,
        smoothing=smoothing,
        penalty=default_penalty(graph),
        start_expectation=start,
        final_expectation=expectation,
        method=method,
        history=log.columns(),
        interrupted=log.clock.interrupted,
    )
