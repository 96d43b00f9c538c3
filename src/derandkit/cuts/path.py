"""From the law of hyperplane rounding to one set of sides: the derandomizers of the cut, under one contract.

A path starts at the law ``V x`` of the relaxation and ends at a law without spread, ``b + tau xi`` with private noise
only, whose expected cut is at least that of the start; the greedy pass over the private noise then loses nothing.
The last check is made here for every path: one that ended below its start is thrown away and finished by
conditional expectations from the start instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.certificates.cut import expected_hyperplane_cut, expected_independent_cut
from derandkit.engine import ConditionalExpectations, LemmaDescent, derandomize
from derandkit.cuts.descent import SpreadStage, descend_spread, reveal_best_direction
from derandkit.cuts.objective import CutObjective
from derandkit.sampler import GaussianSampler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from derandkit.cuts.graph import WeightedGraph
    from derandkit.cuts.relaxation import CutRelaxation

    FloatArray = NDArray[np.float64]
    OnStep = Callable[[float, float], None]

#: Smoothing of the sign at the end of a path, for means of order one.
FINAL_SMOOTHING = 0.01
#: Coefficient of |W|^2 per unit of mean absolute weight and vertex: small enough never to decide a cut.
PENALTY = 1e-4


@dataclass(frozen=True, eq=False)
class CutPath:
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

    def __init__(self, on_step: OnStep | None, norm: float) -> None:
        self.rows: list[tuple[float, float, float]] = []
        self._on_step = on_step
        self._norm = max(norm, 1e-300)

    def add(self, smoothing: float, expectation: float, spread_norm: float, noise: float) -> None:
        self.rows.append((smoothing, expectation, spread_norm))
        if self._on_step is not None:
            self._on_step(expectation, noise)

    def columns(self) -> dict[str, tuple[float, ...]]:
        names = ("smoothing", "expectation", "spread_norm")
        return {name: tuple(row[k] for row in self.rows) for k, name in enumerate(names)}


def lemma_path(graph: WeightedGraph, relaxed: CutRelaxation, *, on_step: OnStep | None = None) -> CutPath:
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
    CutPath
        ``final_expectation >= start_expectation``, and the cut of the sides is at least ``final_expectation``.

    Notes
    -----
    The stretches and their costs are described in `derandkit.cuts.descent`.
    """
    start = expected_hyperplane_cut(graph, relaxed.vectors)
    root_n = float(np.sqrt(graph.n))
    log = _Log(on_step, root_n)
    log.add(0.0, start, root_n, 1.0)
    interrupted = False

    def on_stage(stage: SpreadStage) -> None:
        # what is random about a law in a plane is one angle: the share of mass outside the first axis
        log.add(stage.smoothing, stage.expectation, root_n, max(0.0, 1.0 - stage.first_axis))

    spread, _, stages, interrupted = descend_spread(graph, relaxed.vectors, on_stage=on_stage)
    law, _ = reveal_best_direction(graph, spread)
    objective = CutObjective(graph, FINAL_SMOOTHING)
    penalty = _penalty(graph)
    outcome = derandomize(objective, law, method=LemmaDescent(penalty=penalty, max_steps=30))
    for value, norm in zip(outcome.history["objective"], outcome.history["spread_norm"], strict=True):
        log.add(FINAL_SMOOTHING, -value, norm, norm / root_n)
    return _finish(graph, relaxed, objective, outcome, start, penalty, "lemma", log, interrupted)


def conditional_path(graph: WeightedGraph, relaxed: CutRelaxation, *, on_step: OnStep | None = None) -> CutPath:
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
    CutPath
        ``final_expectation >= start_expectation`` up to the tolerance of the 1-D searches.
    """
    start = expected_hyperplane_cut(graph, relaxed.vectors)
    log = _Log(on_step, float(np.sqrt(graph.n)))
    return _conditional(graph, relaxed, start, "conditional", log, False)


def _conditional(
    graph: WeightedGraph, relaxed: CutRelaxation, start: float, method: str, log: _Log, interrupted: bool
) -> CutPath:
    from derandkit.cuts.spectral import principal_axes

    objective = CutObjective(graph, 1e-6)
    spread, _ = principal_axes(relaxed.vectors)
    law = GaussianSampler(np.zeros(graph.n), spread)
    outcome = derandomize(objective, law, method=ConditionalExpectations())
    for value, norm in zip(outcome.history["objective"], outcome.history["spread_norm"], strict=True):
        log.add(objective.smoothing, -value, norm, norm / float(np.sqrt(graph.n)))
    penalty = _penalty(graph)
    return _assemble(graph, objective, outcome.sampler.mean, start, penalty, method, log, interrupted)
