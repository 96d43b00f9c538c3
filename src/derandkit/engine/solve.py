"""Derandomize: run a method, check its end against its start, and put the evidence on record."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derandkit.engine.evaluation import CountedObjective
from derandkit.engine.law import GaussianSampler
from derandkit.engine.method import Ending, Method, Progress, Trail
from derandkit.engine.methods.conditional import Reveal
from derandkit.engine.methods.finish import NODES, REFINE
from derandkit.engine.methods.lemma import LemmaDescent
from derandkit.engine.methods.line_search import resolution
from derandkit.engine.outcome import Derandomization, History
from derandkit.errors import InputError
from derandkit.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.engine.objective import GaussianObjective


def derandomize(
    objective: GaussianObjective,
    sampler: GaussianSampler,
    *,
    method: Method | None = None,
    on_step: Callable[[Progress], None] | None = None,
    throw: bool = False,
) -> Derandomization:
    """Find a single solution that is no worse than the average of a Gaussian law.

    Parameters
    ----------
    objective : GaussianObjective
        What is to be minimised: ``F(W, b) = E[g(W x + b)]``.
    sampler : GaussianSampler
        The law to start from.
    method : Method, optional
        `LemmaDescent()` by default; also `ConditionalExpectations`, `HessianDescent`, and with an ``rng``
        `PerturbedGradientDescent` and the baseline `RandomSampling`.
    on_step : callable, optional
        Called with a `Progress` after each accepted step. A KeyboardInterrupt, raised here or by the user, ends the
        run: the best law so far is finished cheaply and returned with ``Status.INTERRUPTED``.
    throw : bool
        Raise `ConvergenceError` (which carries the result) unless ``status.ok``.

    Returns
    -------
    Derandomization
        ``value <= start_value + slack`` for every deterministic method; both are computed from the laws at the end.

    Raises
    ------
    InputError
        If objective and law do not fit each other, or a method of the objective returns a wrong shape.
    ConvergenceError
        See `throw`.

    Examples
    --------
    >>> import numpy as np
    >>> from derandkit.engine.objective import QuadratureObjective
    >>> bowl = QuadratureObjective(lambda z: ((z - 3.0) ** 2).sum(axis=1), dimension=2)
    >>> derandomize(bowl, GaussianSampler(np.zeros(2), np.eye(2))).sampler.mean.round(6)
    array([3., 3.])
    """
    problem = CountedObjective(objective)
    method = LemmaDescent() if method is None else method
    if not isinstance(sampler, GaussianSampler):
        raise InputError(f"the law to derandomize is a GaussianSampler, got {type(sampler).__name__}")
    if isinstance(method, type) or not isinstance(method, Method):
        raise InputError(f"a method is a record such as LemmaDescent(), got {method!r:.60}")
    dimension = getattr(objective, "dimension", sampler.dimension)
    if dimension != sampler.dimension:
        raise InputError(
            f"{problem.name} has dimension {dimension}, the law has {sampler.dimension} coordinates"
        )
    trail = Trail(on_step)
    start_value = problem.value(sampler)
    if math.isfinite(start_value):
        try:
            ending = method.run(problem, sampler, trail)
        except KeyboardInterrupt:  # before the method had anything to keep
            ending = _finished_coarsely(problem, sampler)
        ending, value = _kept_promise(problem, sampler, start_value, ending)
    else:
        ending, value = Ending(sampler, Status.NOT_FINITE), start_value
    outcome = Derandomization(
        sampler=ending.sampler,
        value=value,
        start_value=start_value,
        status=ending.status,
        method=type(method).__name__,
        history=History(trail.columns()),
        stationarity=ending.stationarity,
        slack=ending.slack,
        stats={**ending.stats, **problem.counts},
    )
    return outcome.require() if throw else outcome


def _finished_coarsely(problem: CountedObjective, start: GaussianSampler) -> Ending:
    """Reveal the start on a coarse grid, for a run that was interrupted before its first step."""
    if problem.isotropic_only:
        return Ending(start, Status.INTERRUPTED)
    reveal = Reveal(problem, start, NODES, REFINE, "principal")
    finite = reveal.finish_coarsely()
    return Ending(
        reveal.sampler, Status.INTERRUPTED if finite else Status.NOT_FINITE, reveal.slack, stats=reveal.stats
    )


def _kept_promise(
    problem: CountedObjective, start: GaussianSampler, start_value: float, ending: Ending
) -> tuple[Ending, float]:
    """Compare the end with the start; a method that lost value is replaced by conditional expectations."""
    value = problem.value(ending.sampler)
    if ending.status is Status.SAMPLED:
        return ending, value
    if value <= start_value + ending.slack + resolution(value, start_value):
        return ending, value
    if problem.isotropic_only:  # there is no safer way to go: the start keeps the promise
        return Ending(start, Status.STALLED, 0.0, None, ending.stats), start_value
    reveal = Reveal(problem, start, NODES, REFINE, "principal")
    finite = reveal.finish()
    stats: dict[str, Any] = {**ending.stats, **reveal.stats, "finished_by": "conditional expectations"}
    status = Status.DETERMINISTIC if finite else Status.NOT_FINITE
    if ending.status is Status.INTERRUPTED and finite:
        status = Status.INTERRUPTED
    value = problem.value(reveal.sampler)
    return Ending(reveal.sampler, status, max(reveal.slack, value - start_value, 0.0), None, stats), value
