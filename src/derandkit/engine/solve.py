"""Derandomize: run a method, check its end against its start, and put the evidence on record."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import TYPE_CHECKING

from derandkit.engine.evaluation import CountedObjective
from derandkit.engine.law import GaussianSampler
from derandkit.engine.method import Ending, Method, Step, Trail
from derandkit.engine.methods.conditional import Reveal
from derandkit.engine.methods.finish import NODES, REFINE
from derandkit.engine.methods.lemma import LemmaDescent
from derandkit.engine.outcome import Derandomization, DerandomizationHistory
from derandkit.engine.resolution import resolution
from derandkit.errors import InputError
from derandkit.numerics.rounding import float_above
from derandkit.options import renamed
from derandkit.runtime.clock import Stopped, stage
from derandkit.runtime.interrupts import deliver, entry, reporting
from derandkit.status import DerandomizationStatus
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.engine.objective import GaussianObjective
    from derandkit.records import JsonObject
    from derandkit.runtime.interrupts import OnInterrupt
    from derandkit.runtime.progress import OnProgress


@renamed(on_step="on_progress")
def derandomize(
    objective: GaussianObjective,
    sampler: GaussianSampler,
    *,
    method: Method | None = None,
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
    on_interrupt: OnInterrupt = "raise",
    throw: bool = False,
) -> Derandomization:
    """Find a single solution that is no worse than the average of a Gaussian distribution.

    Parameters
    ----------
    objective : GaussianObjective
        What is to be minimised: ``F(W, b) = E[g(W x + b)]``.
    sampler : GaussianSampler
        The distribution to start from.
    method : Method, optional
        `LemmaDescent()` by default; also `ConditionalExpectations`, `HessianDescent`, and with an ``rng``
        `PerturbedGradientDescent` and the baseline `RandomSampling`.
    time_limit : float, optional
        Seconds after which the best distribution so far is finished cheaply; the result then depends on the machine.
        The clock is looked at before each evaluation of the objective. The status is then mostly ``DETERMINISTIC``,
        which is ok: the spread is gone and no value was lost, but the mean need not be stationary.
    on_progress : callable, optional
        Called with a `derandkit.Progress`, law included, after each accepted step. A KeyboardInterrupt that it raises
        is like Ctrl-C.
    on_interrupt : {"raise", "return"}
        Ctrl-C ends the run, and the best distribution so far is finished cheaply: its result, with
        ``DerandomizationStatus.INTERRUPTED``, is carried by the exception `Interrupted`, or returned.
    throw : bool
        Raise `ConvergenceError` (which carries the result) unless ``status.ok``.

    Returns
    -------
    Derandomization
        ``value <= start_value + slack`` for every deterministic method; both are computed from the distributions at the
        end.

    Raises
    ------
    InputError
        If objective and distribution do not fit each other, or a method of the objective returns a wrong shape.
    ConvergenceError
        See `throw`.
    Interrupted
        See `on_interrupt`.

    Examples
    --------
    >>> import numpy as np
    >>> from derandkit import QuadratureObjective
    >>> bowl = QuadratureObjective(lambda z: ((z - 3.0) ** 2).sum(axis=1), dimension=2)
    >>> derandomize(bowl, GaussianSampler(np.zeros(2), np.eye(2))).sampler.mean.round(6)
    array([3., 3.])
    """
    method = LemmaDescent() if method is None else method
    with entry(time_limit, on_interrupt=on_interrupt, throw=throw) as clock:
        report = reporting(clock, on_progress)

        def on_step(step: Step) -> None:
            report(step.progress(sampler.spread_norm))

        outcome = run_method(objective, sampler, method, on_step=None if on_progress is None else on_step)
    outcome = deliver(clock, outcome, on_interrupt)
    return outcome.require() if throw else outcome


def run_method(
    objective: GaussianObjective,
    sampler: GaussianSampler,
    method: Method,
    *,
    on_step: Callable[[Step], None] | None = None,
    figures: bool = True,
) -> Derandomization:
    """Do what `derandomize` does, under the clock that runs; `on_step` gets every number of a step.

    Parameters
    ----------
    objective, sampler, method
        As in `derandomize`.
    on_step : callable, optional
        Called after each accepted step.
    figures : bool
        Whether a descent computes the second-order numbers of its end. They take up to 120 products with the Hessian,
        on small objectives more than the descent itself.

    Raises
    ------
    InputError
        As in `derandomize`.
    """
    problem = CountedObjective(objective)
    if not isinstance(sampler, GaussianSampler):
        raise InputError(
            f"the distribution to derandomize is a GaussianSampler, got {type(sampler).__name__}"
        )
    if isinstance(method, type) or not isinstance(method, Method):
        raise InputError(f"a method is a record such as LemmaDescent(), got {quoted(method)}")
    dimension = getattr(objective, "dimension", sampler.dimension)
    if dimension != sampler.dimension:
        raise InputError(
            f"{problem.name} has dimension {dimension}, the distribution has {sampler.dimension} coordinates"
        )
    with stage() as clock:
        trail = Trail(on_step, clock, figures=figures)
        start_value = problem.value(sampler)
        problem.look = trail.look
        if math.isfinite(start_value):
            try:
                ending = method.run(problem, sampler, trail)
            except Stopped:  # before the method had anything to keep
                trail.watching = False
                if getattr(method, "finish", True):
                    ending = _finished_coarsely(problem, sampler, trail)
                else:  # whoever wants no reveal at the end wants none here
                    ending = Ending(sampler, trail.stopped_status())
            trail.watching = False
            ending, value = _kept_promise(problem, sampler, start_value, ending)
        else:
            ending, value = Ending(sampler, DerandomizationStatus.NOT_FINITE), start_value
    return Derandomization(
        sampler=ending.sampler,
        value=value,
        start_value=start_value,
        status=ending.status,
        method=type(method).__name__,
        history=DerandomizationHistory(trail.columns()),
        stationarity=ending.stationarity,
        slack=ending.slack,
        stats={**ending.stats, **problem.counts},
    )


def _finished_coarsely(problem: CountedObjective, start: GaussianSampler, trail: Trail) -> Ending:
    """Drop the spread of the start or reveal it coarsely, for a run that was stopped before its first step."""
    if problem.isotropic_only:
        return Ending(start, trail.stopped_status())
    reveal = Reveal(problem, start, NODES, REFINE, "principal")
    finite = reveal.finish_coarsely()
    status = trail.stopped_status()
    if not finite:
        status = DerandomizationStatus.NOT_FINITE
    elif status is DerandomizationStatus.STEP_LIMIT:
        status = DerandomizationStatus.DETERMINISTIC
    return Ending(
        reveal.sampler, status, reveal.slack, stats={**reveal.stats, "finished_by": reveal.finished_by}
    )


def _kept_promise(
    problem: CountedObjective, start: GaussianSampler, start_value: float, ending: Ending
) -> tuple[Ending, float]:
    """Compare the end with the start; a method that lost value is replaced by conditional expectations."""
    value = problem.value(ending.sampler)
    if ending.status is DerandomizationStatus.SAMPLED:
        return ending, value
    if value <= start_value + ending.slack + resolution(value, start_value):
        return dataclasses.replace(ending, slack=_covering(ending.slack, value, start_value)), value
    if problem.isotropic_only:  # there is no safer way to go: the start keeps the promise
        return Ending(start, DerandomizationStatus.STALLED, 0.0, None, ending.stats), start_value
    reveal = Reveal(problem, start, NODES, REFINE, "principal")
    finite = reveal.finish()
    stats: JsonObject = {**ending.stats, **reveal.stats, "finished_by": "conditional expectations"}
    status = DerandomizationStatus.DETERMINISTIC if finite else DerandomizationStatus.NOT_FINITE
    if ending.status is DerandomizationStatus.INTERRUPTED and finite:
        status = DerandomizationStatus.INTERRUPTED
    value = problem.value(reveal.sampler)
    return Ending(reveal.sampler, status, _covering(reveal.slack, value, start_value), None, stats), value


def _covering(slack: float, value: float, start_value: float) -> float:
    """Return a slack that covers how far a value lies above that of the start, to the last bit.

    Examples
    --------
    >>> _covering(0.0, 1.0, 2.0), _covering(0.25, 1.5, 1.0), _covering(0.0, math.nan, 1.0)
    (0.0, 0.5, 0.0)
    """
    if not math.isfinite(value) or value <= start_value + slack:
        return slack
    return float_above(Fraction(value) - Fraction(start_value))
