"""Steps along a direction: a weak Wolfe search for descents, and a two-sided search for saddles.

The steps are those of `derandkit.numerics.wolfe`. A search reports two things more that a user needs to know: a trial
that is not a number, and a value that falls along a step without limit. It asks for a gradient only where the value is
low enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from derandkit.engine.resolution import resolution
from derandkit.numerics.vectors import inner, norm
from derandkit.numerics.wolfe import ARMIJO, WOLFE, Bracket

if TYPE_CHECKING:
    from derandkit.engine.methods.coordinates import Coordinates, Point
    from derandkit.numerics.typing import FloatArray


#: Doublings after which a value that still falls in proportion to the step counts as unbounded.
DOUBLINGS = 60
TRIALS = 100


class Verdict(Enum):
    """How a search along a direction ended."""

    MOVED = "moved"
    FLAT = "flat"
    NO_DESCENT = "no descent"
    NOT_FINITE = "not finite"
    UNBOUNDED = "unbounded"


@dataclass(frozen=True, eq=False)
class Move:
    """A verdict and the accepted point (the old one unless it moved)."""

    verdict: Verdict
    point: Point


def wolfe_step(
    space: Coordinates, point: Point, direction: FloatArray, first: float, start_value: float
) -> Move:
    """Step along a descent direction until the weak Wolfe conditions hold.

    Parameters
    ----------
    space : Coordinates
        The penalised objective.
    point : Point
        The current point, with gradient.
    direction : ndarray, shape (N,)
        A direction of descent.
    first : float
        First trial step.
    start_value : float
        J at the start of the run; sets what counts as flat.

    Returns
    -------
    Move
        The new point carries its gradient. ``FLAT``: the predicted fall cannot be resolved in floating point.
    """
    assert point.gradient is not None
    slope = inner(point.gradient, direction)
    noise = resolution(point.penalised, start_value)
    if -slope * first <= noise:
        return Move(Verdict.FLAT, point)
    bracket, best, not_finite, doublings = Bracket(first), None, False, 0
    seen: list[tuple[float, float]] = []
    for _ in range(TRIALS):
        step = bracket.step
        trial = space.at(point.vector + step * direction)
        if trial.penalised == -math.inf:
            return Move(Verdict.UNBOUNDED, best or point)
        seen.append((step, trial.penalised))
        finite = math.isfinite(trial.penalised)
        low_enough = trial.penalised <= point.penalised + ARMIJO * step * slope
        longer = False
        if finite and low_enough and trial.penalised < point.penalised:
            trial = space.with_gradient(trial)
            assert trial.gradient is not None
            trial_slope = inner(trial.gradient, direction)
            finite = longer = math.isfinite(trial_slope)
            if finite:
                best = trial
                if trial_slope >= WOLFE * slope:
                    return Move(Verdict.MOVED, trial)
        not_finite |= not finite
        if longer:
            bracket.lengthen()
        else:
            bracket.shorten(finite=finite)
        if math.isinf(bracket.high):
            doublings += 1
            if doublings > DOUBLINGS:
                return Move(Verdict.UNBOUNDED, best or point)
        elif bracket.step <= 1e-18 * first or (best and bracket.high - bracket.low <= 1e-3 * bracket.high):
            break
    if best is not None:
        return Move(Verdict.MOVED, best)
    if not_finite:
        return Move(Verdict.NOT_FINITE, point)
    return Move(_why_no_descent(seen, point.penalised, slope, noise), point)


def _why_no_descent(seen: list[tuple[float, float]], value: float, slope: float, noise: float) -> Verdict:
    """Distinguish a minimum closer than floating point resolves from a slope that the values contradict.

    Trials were halved throughout. The slope is measured by the last two whose predicted fall is above the noise, with
    the quadratic term eliminated: near a minimum it agrees with the gradient, at a kink or for a wrong gradient it
    does not.
    """
    visible = [(step, trial) for step, trial in seen if -slope * step >= noise]
    if len(visible) < 2:
        return Verdict.FLAT
    (_, far), (step, near) = visible[-2:]
    measured = (4.0 * near - far - 3.0 * value) / (2.0 * step)
    return Verdict.FLAT if measured <= 0.5 * slope else Verdict.NO_DESCENT


def saddle_step(
    space: Coordinates, point: Point, direction: FloatArray, first: float, start_value: float
) -> Move:
    """Move the mean along a direction of negative curvature: both signs are tried, the lower value wins, ties go to +.

    Parameters
    ----------
    space : Coordinates
        The penalised objective.
    point : Point
        The saddle.
    direction : ndarray, shape (n,)
        Unit vector in the space of means.
    first : float
        First trial step.
    start_value : float
        J at the start of the run.

    Returns
    -------
    Move
        ``MOVED`` only if J fell by more than floating point noise.
    """
    ahead = _one_side(space, point, direction, first)
    behind = _one_side(space, point, -direction, first)
    for side in (ahead, behind):
        if side.verdict is Verdict.UNBOUNDED:
            return side
    noise = resolution(point.penalised, start_value)
    tie = abs(ahead.point.penalised - behind.point.penalised) <= noise
    chosen = ahead if tie or ahead.point.penalised < behind.point.penalised else behind
    if chosen.point.penalised < point.penalised - noise:
        return Move(Verdict.MOVED, chosen.point)
    if Verdict.NOT_FINITE in (ahead.verdict, behind.verdict):
        return Move(Verdict.NOT_FINITE, point)
    return Move(Verdict.FLAT, point)


def _one_side(space: Coordinates, point: Point, direction: FloatArray, first: float) -> Move:
    """Quarter the step until the value falls. A saddle is left by a short step: the rest is for the gradient."""
    step, not_finite = first, False
    for _ in range(30):
        trial = space.shifted(point, step * direction)
        if trial.penalised < point.penalised:
            verdict = Verdict.UNBOUNDED if trial.penalised == -math.inf else Verdict.MOVED
            return Move(verdict, trial if verdict is Verdict.MOVED else point)
        not_finite |= not math.isfinite(trial.penalised)
        step /= 4.0
    return Move(Verdict.NOT_FINITE if not_finite else Verdict.FLAT, point)


def short_step(space: Coordinates, point: Point, direction: FloatArray) -> float:
    """Return the step along a direction after which no entry has moved by more than half the typical spread.

    Without spread a tenth of the typical mean counts, or one where that is zero too. A first step of this size stays
    where the derivatives at the point mean something, however the direction is spread over the coordinates.
    """
    spread = space.spread_norm(point) / space.root_n
    mean = norm(point.vector[space.spread_size :]) / space.root_n
    reach = 0.5 * spread if spread > 0 else (0.1 * mean if mean > 0 else 1.0)
    return reach / max(float(abs(direction).max(initial=0.0)), 1e-300)
