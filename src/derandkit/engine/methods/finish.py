"""The end of every descent: no spread left, and no value lost.

A descent on ``J = F + penalty |W|^2`` lowers J; what was promised is about F. So each descent remembers the best
distribution with ``F`` no worse than the start, and where it stops short of ``W = 0``, or pays for ``W = 0`` with a
worse F, the rest of the way is taken by conditional expectations from that distribution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derandkit.engine.method import Ending
from derandkit.engine.methods.conditional import LARGEST_ISOTROPIC, Reveal
from derandkit.engine.methods.stationarity import stationarity
from derandkit.numerics.vectors import norm
from derandkit.status import DerandomizationStatus

if TYPE_CHECKING:
    from derandkit.engine.law import GaussianSampler
    from derandkit.engine.method import Trail
    from derandkit.engine.methods.coordinates import Coordinates, Point
    from derandkit.engine.methods.stationarity import Curvature

#: Nodes and golden-section steps of the reveals that finish a descent.
NODES, REFINE = 25, 16


#: A gradient that rounding hides counts as none up to this share of the largest one, and beyond it as unknown.
COARSE = 1e-4
#: A curvature below this share of the largest one, negative, is a way down.
NEGATIVE = 1e-3
#: Curvature that is not known better than this share of its size is unknown.
COARSE_CURVATURE = 0.05
_ABOUT_GRADIENTS = (
    DerandomizationStatus.CONVERGED,
    DerandomizationStatus.STATIONARY,
    DerandomizationStatus.STALLED,
)


@dataclass(frozen=True)
class Level:
    """What a method calls stationary.

    Parameters
    ----------
    asked : float
        Gradient norm up to which a point counts as stationary.
    largest : float
        The largest gradient norm that was met, or what curvature makes of the scale of the start.
    hidden : bool
        Whether there is a way down that the values do not resolve.
    """

    asked: float
    largest: float
    hidden: bool = False


class Best:
    """The accepted point to fall back on: lowest J among those whose F is no worse than at the start."""

    def __init__(self, start: Point) -> None:
        self.start = start
        self.point = start
        self._target = start.value

    def record(self, point: Point) -> None:
        """Consider an accepted point."""
        if point.value <= self._target and point.penalised <= self.point.penalised:
            self.point = point

    def keeps_promise(self, point: Point) -> bool:
        """Whether F at a point is no worse than at the start."""
        return point.value <= self._target


def finish(
    space: Coordinates,
    best: Best,
    here: Point,
    status: DerandomizationStatus,
    trail: Trail,
    *,
    curvature: Curvature | None = None,
    reveal: bool = True,
    level: Level | None = None,
    stats: dict[str, float | int | str] | None = None,
) -> Ending:
    """End a descent at a distribution without spread whose F is no worse than at the start.

    Parameters
    ----------
    space : Coordinates
        The penalised objective.
    best : Best
        The point to fall back on.
    here : Point
        Where the descent stopped.
    status : DerandomizationStatus
        Why it stopped; CONVERGED becomes DETERMINISTIC if conditional expectations had to help.
    trail : Trail
        The history.
    curvature : Curvature, optional
        At `here`, if known.
    reveal : bool
        Whether to remove what is left of the spread; otherwise the best point is returned as it is.
    level : Level, optional
        What counts as stationary.
    stats : dict, optional
        Counts to pass on.

    Returns
    -------
    Ending
        With the second-order numbers of the final distribution where they are asked for and finite.
    """
    problem, stats = space.problem, {} if stats is None else stats
    trail.watching = False  # one value or a coarse reveal has to be taken even when time is over
    slack = 0.0
    moved_back = not best.keeps_promise(here)
    if moved_back:
        here, curvature = best.point, None
    law = here.sampler
    stats["finished_by"] = "descent"
    if status is DerandomizationStatus.UNBOUNDED or not reveal:
        if status is DerandomizationStatus.CONVERGED and moved_back:
            status = DerandomizationStatus.STEP_LIMIT
        elif status is DerandomizationStatus.CONVERGED and not law.is_deterministic:
            status = DerandomizationStatus.STATIONARY
    elif not law.is_deterministic:
        bare = space.contracted(here, 0.0)
        if _may_drop(bare, here, best, DerandomizationStatus.INTERRUPTED if trail.clock.stopped else status):
            law, curvature = bare.sampler, None
            stats["finished_by"] = "contraction"
        elif law.is_isotropic and (law.dimension > LARGEST_ISOTROPIC or problem.isotropic_only):
            if best.keeps_promise(bare):
                law, curvature = bare.sampler, None
                stats["finished_by"] = "contraction"
        else:
            rest = Reveal(problem, law, NODES, REFINE, "principal")
            finite = rest.finish_coarsely() if trail.clock.stopped else rest.finish(trail)
            if trail.clock.interrupted:
                status = DerandomizationStatus.INTERRUPTED
            # what the promise is about is the start, not the point where the descent stopped
            law, slack, curvature = rest.sampler, max(0.0, rest.value - best.start.value), None
            stats.update(rest.stats)
            stats["finished_by"] = rest.finished_by
            if status is DerandomizationStatus.CONVERGED:
                status = DerandomizationStatus.DETERMINISTIC
            if not finite:
                status = DerandomizationStatus.NOT_FINITE
        if status is DerandomizationStatus.STEP_LIMIT and law.is_deterministic:
            status = DerandomizationStatus.DETERMINISTIC
        elif status is DerandomizationStatus.CONVERGED and not law.is_deterministic:
            status = DerandomizationStatus.STATIONARY
        value = problem.value(law)
        penalised = value + space.penalty * (law.spread_norm * law.spread_norm)
        if trail.close(value, penalised, law.spread_norm, quiet=status is DerandomizationStatus.INTERRUPTED):
            status = DerandomizationStatus.INTERRUPTED
    elif status is DerandomizationStatus.STEP_LIMIT or (
        status is DerandomizationStatus.CONVERGED and moved_back
    ):
        status = DerandomizationStatus.DETERMINISTIC
    if level is not None and status in _ABOUT_GRADIENTS:
        status = _resolved(space, law, here, status, level, stats)
    # second-order numbers cost many products: not after the limit that ended the descent
    over = trail.clock.stopped and status is DerandomizationStatus.DETERMINISTIC
    figures = None
    if (
        trail.figures
        and not over
        and status
        not in (
            DerandomizationStatus.INTERRUPTED,
            DerandomizationStatus.UNBOUNDED,
            DerandomizationStatus.NOT_FINITE,
        )
    ):
        figures = stationarity(problem, law, space.penalty, curvature)
    return Ending(law, status, slack, figures, dict(stats))


def _resolved(
    space: Coordinates,
    law: GaussianSampler,
    here: Point,
    status: DerandomizationStatus,
    level: Level,
    stats: dict[str, float | int | str],
) -> DerandomizationStatus:
    """Say how well it is known that a point is stationary.

    Where rounding hides it, CONVERGED becomes DETERMINISTIC, or STALLED where spread is left.
    """
    known = space.problem.gradient_resolution(law)
    error = 0.0 if known is None else known.gradient + known.missed
    size = max(level.largest, 0.0 if known is None else known.size)
    fair = max(level.asked, COARSE * size)
    hidden = error > fair or (known is not None and known.curvature > COARSE_CURVATURE)
    if status is not DerandomizationStatus.STALLED:
        end = space.with_gradient(here if law is here.sampler else space.at_law(law))
        assert end.gradient is not None
        reached = norm(end.gradient)
        if known is not None and known.size == 0.0 < error and law.is_deterministic:  # all values were equal
            return DerandomizationStatus.DETERMINISTIC
        hidden = hidden or level.hidden or (law is here.sampler and reached > fair)
        if not hidden and reached > fair:  # without the spread that was left the mean is another one
            return DerandomizationStatus.DETERMINISTIC
        if not hidden:
            stats["accuracy"] = max(level.asked, reached + error)
            return status
        error = max(error, reached)
    if hidden:
        stats["gradient_resolution"] = error
    if status is not DerandomizationStatus.STALLED and law.is_deterministic:
        # the solution that was asked for, whether or not it is stationary
        return DerandomizationStatus.DETERMINISTIC
    return DerandomizationStatus.STALLED


def _may_drop(bare: Point, here: Point, best: Best, status: DerandomizationStatus) -> bool:
    """Whether the spread may simply be dropped: at no loss, or at a loss that the promise allows when time is short."""
    if not (math.isfinite(bare.value) and best.keeps_promise(bare)):
        return False
    if status is DerandomizationStatus.INTERRUPTED:
        return True
    # at a second-order stationary point the lemma leaves so little spread that J decides, elsewhere F does
    return (
        bare.penalised <= here.penalised
        if status is DerandomizationStatus.CONVERGED
        else bare.value <= here.value
    )
