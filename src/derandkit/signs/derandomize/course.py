"""From the law of hyperplane rounding to one set of sides: the derandomizers of the cut, under one contract.

A path starts at the law ``V x`` of the relaxation and ends at a law without spread, ``b + tau xi`` with private noise
only, whose expected cut is at least that of the start; the greedy pass over the private noise then loses nothing.
The last check is made here for every path: one that ended below its start is thrown away and finished by
conditional expectations from the start instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.law import GaussianSampler
from derandkit.signs.derandomize.conditional import REVEAL_SMOOTHING, reveal_all
from derandkit.signs.derandomize.spread import (
    SpreadDescent,
    SpreadStage,
    amplify,
    descend_jointly,
    descend_spread,
    reveal_best_direction,
)
from derandkit.signs.objective import CutObjective
from derandkit.signs.values import (
    default_penalty,
    expected_hyperplane_cut,
    expected_independent_cut,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.signs.relaxation.semidefinite import CutRelaxation

    FloatArray = NDArray[np.float64]
    OnStep = Callable[[float, float], None]

#: Smoothing of the sign during the joint descent, for rows of unit length.
FINAL_SMOOTHING = 0.01
#: What is left of the spread descent once the user has asked for the best answer so far.
HASTY = SpreadDescent(stages=3, sweeps=8)
#: Smoothings at which the final law is tried, for means of order one.
FINAL_SMOOTHINGS = (0.1, 0.03, 0.01, 0.003, 0.001, 1e-4)


@dataclass(frozen=True, eq=False)
class Course:
    """Where a derandomizer ended.

    Parameters
    ----------
    signs : ndarray of int8, shape (n,)
        The sides.
    mean : ndarray, shape (n,)
        Mean of the final law, exactly representable in single precision.
    smoothing : float
        Private noise of the final law.
    penalty : float
        Coefficient of ``|W|^2``.
    start_expectation, final_expectation : float
        Expected cut at the start (a random hyperplane) and at the end.
    method : str
        The derandomizer, and whether conditional expectations had to finish for it.
    history : mapping of str to tuple
        Columns ``smoothing``, ``expectation``, ``spread_norm``; one row a step.
    interrupted : bool
        Whether a `KeyboardInterrupt` cut the path short.
    """

    signs: NDArray[np.int8]
    mean: FloatArray
    smoothing: float
    penalty: float
    start_expectation: float
    final_expectation: float
    method: str
    history: Mapping[str, tuple[float, ...]]
    interrupted: bool


class _Log:
    """Collects the rows of a history and tells the narrator."""

    def __init__(self, on_step: OnStep | None) -> None:
        self.rows: list[tuple[float, float, float]] = []
        self.interrupted = False
        self._on_step = on_step

    def add(self, smoothing: float, expectation: float, spread_norm: float, noise: float) -> None:
        self.rows.append((smoothing, expectation, spread_norm))
        if self._on_step is not None and not self.interrupted:
            try:
                self._on_step(expectation, max(0.0, noise))
            except KeyboardInterrupt:
                self.interrupted = True

    def columns(self) -> dict[str, tuple[float, ...]]:
        names = ("smoothing", "expectation", "spread_norm")
        return {name: tuple(row[k] for row in self.rows) for k, name in enumerate(names)}


def lemma_course(graph: WeightedGraph, relaxed: CutRelaxation, *, on_step: OnStep | None = None) -> Course:
    """Derandomize by the lemma: descend over spreads, leave the saddle, descend jointly until W = 0.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    relaxed : CutRelaxation
        The start.
    on_step : callable, optional
        Called with the expected cut and the share of randomness left.

    Returns
    -------
    Course
        ``final_expectation >= start_expectation``, and the cut of the sides is at least ``final_expectation``.

    Notes
    -----
    The stretches and their costs are described in `derandkit.signs.derandomize.spread`.
    """
    start = expected_hyperplane_cut(graph, relaxed.vectors)
    root_n = float(np.sqrt(graph.n))
    log = _Log(on_step)
    log.add(0.0, start, root_n, 1.0)

    def on_stage(stage: SpreadStage) -> None:
        # a law on one axis is random only up to a global flip, so the mass off that axis is the noise that counts
        log.add(stage.smoothing, stage.expectation, root_n, 1.0 - stage.first_axis)
        if log.interrupted:
            raise KeyboardInterrupt

    schedule = HASTY if relaxed.interrupted else None
    spread, log.interrupted = descend_spread(graph, relaxed.vectors, schedule=schedule, on_stage=on_stage)
    objective = CutObjective(graph, FINAL_SMOOTHING)
    law = amplify(objective, reveal_best_direction(graph, spread))

    def on_joint(expectation: float, spread_norm: float) -> None:
        log.add(FINAL_SMOOTHING, expectation, spread_norm, spread_norm / root_n)

    on_joint(objective.expectation(law), law.spread_norm)
    try:
        law = descend_jointly(objective, law, penalty=default_penalty(graph), on_step=on_joint)
        if not law.is_deterministic:
            law = _reveal_all(objective, law, log, on_joint)
    except KeyboardInterrupt:  # the mean has left the saddle: its signs are the answer so far
        log.interrupted = True
    path = _assemble(graph, law.mean, start, "lemma", log)
    if path.final_expectation < start:
        path = _conditional(graph, relaxed, start, "lemma, finished by conditional expectations", log)
    return path


def conditional_course(
    graph: WeightedGraph, relaxed: CutRelaxation, *, on_step: OnStep | None = None
) -> Course:
    """Derandomize by conditional expectations: reveal the Gaussian coordinates one by one (Mahajan and Ramesh).

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    relaxed : CutRelaxation
        The start.
    on_step : callable, optional
        Called with the expected cut and the share of randomness left.

    Returns
    -------
    Course
        ``final_expectation >= start_expectation`` up to the tolerance of the 1-D searches.
    """
    start = expected_hyperplane_cut(graph, relaxed.vectors)
    return _conditional(graph, relaxed, start, "conditional", _Log(on_step))


def _conditional(
    graph: WeightedGraph, relaxed: CutRelaxation, start: float, method: str, log: _Log
) -> Course:
    root_n = float(np.sqrt(graph.n))
    log.add(0.0, start, root_n, 1.0)
    told = 0

    def on_reveal(expectation: float, spread_norm: float) -> None:
        nonlocal told
        told += 1
        log.add(REVEAL_SMOOTHING, expectation, spread_norm, spread_norm / root_n)
        if log.interrupted:
            raise KeyboardInterrupt

    found = reveal_all(graph, relaxed.vectors, smoothing=REVEAL_SMOOTHING, on_reveal=on_reveal)
    log.interrupted |= found.interrupted
    for expectation, norm in zip(found.expectations[told:], found.spread_norms[told:], strict=True):
        log.add(REVEAL_SMOOTHING, expectation, norm, norm / root_n)
    return _assemble(graph, found.mean, start, method, log)


def _reveal_all(
    objective: CutObjective, law: GaussianSampler, log: _Log, on_reveal: Callable[[float, float], None]
) -> GaussianSampler:
    """Reveal every Gaussian coordinate, largest first, each at the value that a 1-D search finds best."""
    from derandkit.engine import ConditionalExpectations, Status, derandomize

    outcome = derandomize(objective, law, method=ConditionalExpectations())
    log.interrupted |= outcome.status is Status.INTERRUPTED
    history = outcome.history
    for value, norm in zip(history["objective"], history["spread_norm"], strict=True):
        on_reveal(-value, norm)
    return outcome.sampler.deterministic()


def _assemble(
    graph: WeightedGraph,
    mean: FloatArray,
    start: float,
    method: str,
    log: _Log,
) -> Course:
    """Round a mean to what a certificate stores, take its exact expectation, and round the private noise away."""
    scale = float(np.abs(mean).max(initial=0.0))
    stored = (mean / scale if scale > 0 else mean).astype(np.float32).astype(np.float64)
    # the smoothing that loses least: a cut is worth most when its means are large against the private noise
    expectation, _, smoothing = max(
        (expected_independent_cut(graph, stored, tau), -k, tau) for k, tau in enumerate(FINAL_SMOOTHINGS)
    )
    law = GaussianSampler(stored, np.zeros((graph.n, 0)))
    signs = CutObjective(graph, smoothing).round(law)
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
        interrupted=log.interrupted,
    )
