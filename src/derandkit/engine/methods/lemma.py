"""The lemma as an algorithm: a deterministic second-order descent over spread and mean together.

With ``J = F + penalty |W|^2`` Stein's identity gives ``dJ/dW = (H + 2 penalty I) W``, so where the gradient vanishes
and the curvature ``H`` is not negative, ``W`` must be zero (arXiv 2510.19382, Lemma 3.1). The descent therefore needs
two moves only: quasi-Newton steps while there is a gradient, and a step of the mean along the most negative curvature
where there is none. A third move saves time: once F is quadratic over the spread, it is dropped at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.method import Ending
from derandkit.engine.methods.coordinates import Coordinates, Point
from derandkit.engine.methods.finish import NEGATIVE, Best, Level, finish
from derandkit.engine.methods.line_search import Verdict, saddle_step, short_step, wolfe_step
from derandkit.engine.methods.stationarity import Curvature, smallest_curvature
from derandkit.engine.resolution import resolution
from derandkit.errors import InputError
from derandkit.numerics.lbfgs import LimitedMemory
from derandkit.numerics.vectors import inner, norm
from derandkit.options import check_real, check_whole
from derandkit.runtime.clock import Stopped
from derandkit.status import DerandomizationStatus

if TYPE_CHECKING:
    from derandkit.engine.evaluation import CountedObjective
    from derandkit.engine.law import GaussianSampler
    from derandkit.engine.method import Trail

#: The default penalty is this share of the curvature that acts on the spread at the start.
PENALTY_SHARE = 1e-3
#: A start whose mean gradient is this small against the gradient is looked at as a saddle.
SADDLE = 1e-6
#: Trials of the jump to W = 0: again when the spread has shrunk by this factor, or after so many steps.
RETRY_SHRINK, RETRY_STEPS = 0.5, 8
#: F counts as quadratic over the spread when the rest is below this share of ``<W, H W> / 2``.
QUADRATIC = 0.01


@dataclass(frozen=True)
class LemmaDescent:
    """Descend on ``J = F + penalty |W|^2`` until the lemma says that no spread is left.

    Parameters
    ----------
    penalty : float, optional
        Coefficient of ``|W|^2``, positive. By default a thousandth of ``|H W| / |W|`` at the start (of the size of
        the curvature if that vanishes), which makes the run equivariant under scaling of objective and solutions.
    tolerance : float
        A gradient below this share of the largest one met counts as zero, and a negative curvature below this share
        of the largest curvature as none. Where rounding of the values hides a larger gradient, it counts as zero up to
        1e-4 of the largest one; ``stats["accuracy"]`` says how much did.
    max_steps : int
        Most rounds m. A round takes a quasi-Newton step, or one along negative curvature, and may drop the spread
        before it; one round more looks where the last one led. So ``stats["steps"]``, which counts accepted steps, is
        at most ``2 m + 2``.
    memory : int
        Pairs of the limited-memory BFGS direction; 0 is gradient descent.
    finish : bool
        Whether conditional expectations may remove a spread that is left when the steps run out, or finish from the
        best distribution if the descent traded F for the penalty. False returns the best distribution of the path as it
        is.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Notes
    -----
    A step costs one gradient, one product of H with the r columns of W, and one or a few values. Curvature is looked
    at only where the gradient vanishes or the start is a saddle. J never rises along the path; F may while the
    spread shrinks, which is why the end is compared with the start and, if need be, finished otherwise.

    References
    ----------
    Tsikouras, Pantis, Mitliagkas, Tzamos, ICLR 2026 (arXiv 2510.19382), Lemma 3.1; line search of Lewis and Overton,
    Math. Program. 141 (2013) 135-163.

    Examples
    --------
    The double well ``(z^2 - 1)^2`` starts on its hump; the answer is one of its wells:

    >>> from derandkit import derandomize, QuadratureObjective, GaussianSampler
    >>> well = QuadratureObjective(lambda z: (z[:, 0] ** 2 - 1) ** 2, dimension=1)
    >>> r = derandomize(well, GaussianSampler([0.0], [[0.1]]), method=LemmaDescent())
    >>> r.status.name, round(float(r.sampler.mean[0]), 5), abs(r.value) < 1e-9
    ('CONVERGED', 1.0, True)
    """

    penalty: float | None = None
    tolerance: float = 1e-8
    max_steps: int = 500
    memory: int = 10
    finish: bool = True

    def __post_init__(self) -> None:
        if self.penalty is not None:
            check_real("penalty", self.penalty)
        check_real("tolerance", self.tolerance)
        if self.penalty is not None and not self.penalty > 0:
            raise InputError(f"the penalty must be positive and finite, got {self.penalty}")
        if not 0 < self.tolerance < 1:
            raise InputError(f"the tolerance must lie between 0 and 1, got {self.tolerance}")
        check_whole("max_steps", self.max_steps)
        check_whole("memory", self.memory)

    def run(self, problem: CountedObjective, start: GaussianSampler, trail: Trail) -> Ending:
        """Descend, then make sure that nothing was lost."""
        penalty = default_penalty(problem, start) if self.penalty is None else self.penalty
        ending = self._descend(problem, start, penalty, self.max_steps, trail)
        left = self.max_steps - int(ending.stats["steps"])
        if ending.stats["finished_by"] != "conditional expectations" or not ending.status.ok or left <= 0:
            return ending
        # conditional expectations leave the mean where a 1-D search put it; from there J is F, so nothing is lost
        if trail.clock.stopped:
            return ending
        trail.watching = True
        try:
            polished = self._descend(problem, ending.sampler, penalty, left, trail)
        except Stopped:  # before the first of these steps
            return ending
        counts = ("steps", "saddles_left", "contractions")
        stats = {**ending.stats, **{name: ending.stats[name] + polished.stats[name] for name in counts}}
        for name in ("accuracy", "gradient_resolution"):  # of the end
            stats.pop(name, None)
            if name in polished.stats:
                stats[name] = polished.stats[name]
        return Ending(polished.sampler, polished.status, ending.slack, polished.stationarity, stats)

    def _descend(
        self, problem: CountedObjective, start: GaussianSampler, penalty: float, steps: int, trail: Trail
    ) -> Ending:
        descent = _Descent(replace(self, max_steps=steps), Coordinates(problem, start, penalty), start, trail)
        try:
            status = descent.loop()
        except Stopped:
            trail.watching = False
            status = trail.stopped_status()
        return finish(
            descent.space,
            descent.best,
            descent.here,
            status,
            trail,
            curvature=descent.known_curvature(),
            reveal=self.finish,
            level=descent.level(),
            stats=descent.stats,
        )


def default_penalty(problem: CountedObjective, start: GaussianSampler) -> float:
    """Return a thousandth of the curvature that acts on the spread at a start.

    Parameters
    ----------
    problem : CountedObjective
        The objective.
    start : GaussianSampler
        The start.

    Returns
    -------
    float
        ``1e-3 |dF/dW| / |W|``; where that vanishes ``1e-3`` of the largest curvature; else ``1e-3``.
    """
    gradient = problem.spread_gradient(start)
    pull = abs(gradient) / max(start.dimension, 1) ** 0.5 if isinstance(gradient, float) else norm(gradient)
    size = start.spread_norm
    figure = pull / size if size > 0 else 0.0
    if not (figure > 0 and math.isfinite(figure)):
        curvature = smallest_curvature(problem, start)
        figure = curvature.scale if curvature is not None else 0.0
    return PENALTY_SHARE * figure if figure > 0 and math.isfinite(figure) else PENALTY_SHARE


class _Descent:
    """One run of `LemmaDescent`: the current point, and the moves from it."""

    def __init__(
        self, method: LemmaDescent, space: Coordinates, start: GaussianSampler, trail: Trail
    ) -> None:
        self.method = method
        self.space = space
        self.trail = trail
        self.here = space.at_law(start)
        self.best = Best(self.here)
        # the pair of the last step is of no use
        self.memory = LimitedMemory(min(method.memory, max(0, method.max_steps - 1)))
        self.stats: dict[str, float | int | str] = {
            "penalty": space.penalty,
            "steps": 0,
            "saddles_left": 0,
            "contractions": 0,
        }
        self.largest = 0.0
        entries = float(np.max(np.abs(start.mean), initial=0.0))
        self._reach = max(entries, start.spread_norm / space.root_n) or 1.0
        self._start_value = self.here.penalised
        self._curvature: Curvature | None = None
        self._curvature_at: Point | None = None
        self._jump_norm, self._jump_step = math.inf, 0

    def known_curvature(self) -> Curvature | None:
        """Return the curvature at the current point, if it was computed there."""
        return self._curvature if self._curvature_at is self.here else None

    def level(self) -> Level:
        """Return what counts as stationary, and whether a way down from here was not resolved by the values."""
        known = self.known_curvature()
        hidden = known is not None and known.smallest < -max(self.method.tolerance, NEGATIVE) * known.scale
        bent = 0.0 if known is None else known.scale * self._reach
        return Level(self.method.tolerance * self.largest, max(self.largest, bent), hidden)

    def loop(self) -> DerandomizationStatus:
        """Move until no move is left; returns why."""
        self.space.log(self.trail, self.here)
        if not math.isfinite(self.here.penalised):
            return DerandomizationStatus.NOT_FINITE
        for step in range(self.method.max_steps + 1):
            self.here = self.space.with_gradient(self.here)
            if self._drop_spread(step):
                self.here = self.space.with_gradient(self.here)
            assert self.here.gradient is not None
            size = norm(self.here.gradient)
            if not math.isfinite(size):
                return DerandomizationStatus.NOT_FINITE
            self.largest = max(self.largest, size)
            stationary = size <= self.method.tolerance * self.largest
            saddle = step == 0 and norm(self.here.gradient[self.space.spread_size :]) <= SADDLE * size
            if stationary or saddle:
                verdict = self._leave_saddle()
                if verdict is not Verdict.FLAT and verdict is not Verdict.MOVED:
                    return _STATUS[verdict]
                if verdict is Verdict.MOVED:
                    if step == self.method.max_steps:
                        return DerandomizationStatus.STEP_LIMIT
                    continue
            if step == self.method.max_steps:
                settled = stationary and self.here.sampler.is_deterministic
                return DerandomizationStatus.CONVERGED if settled else DerandomizationStatus.STEP_LIMIT
            if stationary:
                if self._contract():
                    continue
                return DerandomizationStatus.CONVERGED
            verdict = self._quasi_newton()
            if verdict is Verdict.FLAT:  # stationary to the accuracy of floating point
                verdict = self._leave_saddle()
                if verdict is Verdict.FLAT:
                    if self._contract():
                        continue
                    return DerandomizationStatus.CONVERGED
            if verdict is not Verdict.MOVED:
                return _STATUS[verdict]
        return DerandomizationStatus.STEP_LIMIT

    def _contract(self) -> bool:
        """Drop the spread that the lemma still allows at a stationary point, or half of it, if J does not rise."""
        for factor in (0.0, 0.5):
            if self.here.sampler.is_deterministic:
                break
            trial = self.space.contracted(self.here, factor)
            if trial.penalised <= self.here.penalised:
                self.memory.forget()
                self._accept(trial)
                self.stats["contractions"] = int(self.stats["contractions"]) + 1
                return True
        return False

    def _drop_spread(self, step: int) -> bool:
        """Jump to ``W = 0`` once F is quadratic over the spread and J does not rise.

        A wide spread averages over much of g, and that view is worth keeping while the mean still moves; a spread
        over which F is quadratic sees no more than its derivatives do.
        """
        size = self.space.spread_norm(self.here)
        due = size <= RETRY_SHRINK * self._jump_norm or step - self._jump_step >= RETRY_STEPS
        if size == 0.0 or not due:
            return False
        self._jump_norm, self._jump_step = size, step
        trial = self.space.contracted(self.here, 0.0)
        if not trial.penalised <= self.here.penalised:
            return False
        quadratic = self._curved_share()
        remainder = abs(self.here.value - trial.value - quadratic)
        if remainder > QUADRATIC * abs(quadratic) + resolution(trial.penalised, self._start_value):
            return False
        self.memory.forget()
        self._accept(trial)
        self.stats["contractions"] = int(self.stats["contractions"]) + 1
        return True

    def _curved_share(self) -> float:
        """Return ``<W, H W> / 2``, from the gradient that is there already."""
        gradient, k = self.here.gradient, self.space.spread_size
        assert gradient is not None
        spread = self.here.vector[:k]
        return inner(gradient[:k], spread) / 2.0 - self.space.penalty * inner(spread, spread)

    def _leave_saddle(self) -> Verdict:
        """Move the mean along the most negative curvature; FLAT if there is none that counts."""
        if self._curvature_at is not self.here:
            # a bound that cannot decide is not taken: the direction would be missing
            self._curvature = self._curvature_that_decides()
            self._curvature_at = self.here
        curvature = self._curvature
        if curvature is None:
            return Verdict.NOT_FINITE
        if self._is_flat(curvature):
            return Verdict.FLAT
        first = short_step(self.space, self.here, curvature.direction)
        move = saddle_step(self.space, self.here, curvature.direction, first, self._start_value)
        if move.point is not self.here:
            self.memory.forget()
            self._accept(move.point, curvature.smallest)
            self.stats["saddles_left"] = int(self.stats["saddles_left"]) + 1
        return move.verdict

    def _curvature_that_decides(self) -> Curvature | None:
        """Return the smallest curvature: a bound of the objective's if that shows that there is no way down."""
        problem, law = self.space.problem, self.here.sampler
        bound = smallest_curvature(problem, law, sign_only=True)
        if bound is None or bound.method != "gershgorin" or self._is_flat(bound):
            return bound
        return smallest_curvature(problem, law)

    def _is_flat(self, curvature: Curvature) -> bool:
        """Whether no eigenvalue is clearly negative."""
        return curvature.smallest >= -self.method.tolerance * curvature.scale or curvature.scale == 0.0

    def _quasi_newton(self) -> Verdict:
        """Take one L-BFGS step, or a gradient step where that one fails."""
        before = self.here
        gradient = before.gradient
        assert gradient is not None
        move = None
        if len(self.memory):
            direction = self.memory.direction(gradient)
            if inner(direction, gradient) < 0 and np.isfinite(direction).all():
                move = wolfe_step(self.space, before, direction, 1.0, self._start_value)
        if move is None or move.verdict in (Verdict.NO_DESCENT, Verdict.NOT_FINITE):
            self.memory.forget()
            first = short_step(self.space, before, gradient)
            move = wolfe_step(self.space, before, -gradient, first, self._start_value)
        after = move.point
        if after is not before:
            assert after.gradient is not None
            self.memory.remember(after.vector - before.vector, after.gradient - gradient)
            self._accept(after)
        return move.verdict

    def _accept(self, point: Point, curvature: float = math.nan) -> None:
        self.here = point
        self.best.record(point)
        self.stats["steps"] = int(self.stats["steps"]) + 1
        self.space.log(self.trail, self.here, curvature)


_STATUS = {
    Verdict.NO_DESCENT: DerandomizationStatus.STALLED,
    Verdict.NOT_FINITE: DerandomizationStatus.NOT_FINITE,
    Verdict.UNBOUNDED: DerandomizationStatus.UNBOUNDED,
}
