"""Perturbed gradient descent: the paper's algorithm 1, by Jin, Ge, Netrapalli, Kakade and Jordan (ICML 2017).

Plain gradient steps; where the gradient is small a little noise is added, and if that does not lead downhill within a
set number of steps, the point from before the noise is second-order stationary with high probability. It needs the
smoothness constants and a source of randomness. It is here because the theory is stated for it; `LemmaDescent` leaves
saddles along computed curvature instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.methods.coordinates import Coordinates, Point
from derandkit.engine.methods.finish import Best, Level, finish
from derandkit.engine.methods.lemma import default_penalty
from derandkit.errors import InputError
from derandkit.numerics.vectors import norm
from derandkit.options import check_real, check_rng, check_whole, generator
from derandkit.runtime.clock import Stopped
from derandkit.status import DerandomizationStatus

if TYPE_CHECKING:
    from derandkit.engine.evaluation import CountedObjective
    from derandkit.engine.law import GaussianSampler
    from derandkit.engine.method import Ending, Trail
    from derandkit.numerics.typing import FloatArray


#: Most steps between perturbations.
_LONGEST = 2.0**53


@dataclass(frozen=True)
class PerturbationSchedule:
    """The parameters of perturbed gradient descent, by their formulas.

    Parameters
    ----------
    chi : float
        ``3 max(log(d L gap / (c rho^2 failure)), 4)``.
    step : float
        ``c / L``.
    radius : float
        Of the ball that noise is drawn from: ``sqrt(c) rho / (chi^2 L)``.
    gradient_threshold : float
        ``sqrt(c) rho / chi^2``.
    fall_threshold : float
        ``c sqrt(rho^3 / K) / chi^3``.
    patience : int
        Steps to wait after noise: ``chi L / (c^2 sqrt(K rho))``, rounded up.
    """

    chi: float
    step: float
    radius: float
    gradient_threshold: float
    fall_threshold: float
    patience: int


@dataclass(frozen=True)
class PerturbedGradientDescent:
    """The paper's algorithm 1 with the parameter formulas of Jin et al. 2017; the only descent that uses noise.

    Parameters
    ----------
    gradient_lipschitz, hessian_lipschitz : float
        L and K of ``J = F + penalty |W|^2``.
    accuracy : float
        rho: the promise is ``|grad J| <= rho`` and curvature of J at least ``-sqrt(K rho)``.
    penalty : float, optional
        Coefficient of ``|W|^2``; by default as in `LemmaDescent`. The lemma wants more than ``sqrt(K rho) / 2``.
    rng : numpy.random.Generator, int or None
        Source of randomness, normalised by `numpy.random.default_rng`.
    failure : float
        Probability of failure.
    gap : float, optional
        Upper bound on ``J(start) - inf J``; enters through a logarithm. By default ``max(1, |J(start)|)``.
    constant : float
        The c of the formulas.
    max_steps : int
        Most gradient steps.
    finish : bool
        As in `LemmaDescent`.

    Raises
    ------
    InputError
        If a parameter is out of range.

    References
    ----------
    Jin, Ge, Netrapalli, Kakade, Jordan, ICML 2017 (arXiv 1703.00887), algorithm 2 and theorem 3; used as algorithm 1
    of arXiv 2510.19382. What they call l, rho and epsilon is L, K and rho here.

    Examples
    --------
    >>> from derandkit import derandomize, QuadratureObjective, GaussianSampler
    >>> wave = QuadratureObjective(lambda z: np.cos(z[:, 0]), dimension=1)
    >>> method = PerturbedGradientDescent(gradient_lipschitz=2, hessian_lipschitz=1, accuracy=0.01, penalty=0.2, rng=1)
    >>> r = derandomize(wave, GaussianSampler([0.0], [[0.5]]), method=method)
    >>> r.status.name, round(r.value, 6)
    ('CONVERGED', -1.0)
    """

    gradient_lipschitz: float
    hessian_lipschitz: float
    accuracy: float
    penalty: float | None = None
    rng: np.random.Generator | int | None = None
    failure: float = 0.1
    gap: float | None = None
    constant: float = 1.0
    max_steps: int = 100_000
    finish: bool = True

    def __post_init__(self) -> None:
        for name in ("gradient_lipschitz", "hessian_lipschitz", "accuracy", "penalty", "gap", "constant"):
            number = getattr(self, name)
            if number is not None:
                check_real(name, number)
            if number is not None and not number > 0:
                raise InputError(f"{name} must be positive and finite, got {number}")
        check_rng(self.rng)
        check_real("failure", self.failure)
        if not 0 < self.failure < 1:
            raise InputError(f"failure is a probability, got {self.failure}")
        check_whole("max_steps", self.max_steps)

    def schedule(self, size: int, gap: float) -> PerturbationSchedule:
        """Return the parameters for `size` unknowns and a given gap.

        Parameters
        ----------
        size : int
            Number of unknowns.
        gap : float
            How far the value at the start may be above the minimum.

        Examples
        --------
        >>> method = PerturbedGradientDescent(gradient_lipschitz=1, hessian_lipschitz=1, accuracy=0.01)
        >>> s = method.schedule(2, 1.0)
        >>> round(s.chi, 3), s.patience
        (36.618, 367)
        """
        L, K, rho, c = self.gradient_lipschitz, self.hessian_lipschitz, self.accuracy, self.constant
        # of each factor by itself: products of small and of large ones leave double precision
        above, below = (max(size, 1), L, gap), (c, rho, rho, self.failure)
        chi = 3.0 * max(math.fsum(map(math.log, above)) - math.fsum(map(math.log, below)), 4.0)
        return PerturbationSchedule(
            chi=chi,
            step=c / L,
            radius=math.sqrt(c) * rho / (chi * chi * L),
            gradient_threshold=math.sqrt(c) * rho / (chi * chi),
            fall_threshold=c * rho * (math.sqrt(rho) / math.sqrt(K)) / chi**3,
            patience=math.ceil(min(chi * (L / math.sqrt(K) / math.sqrt(rho)) / c / c, _LONGEST)),
        )

    def run(self, problem: CountedObjective, start: GaussianSampler, trail: Trail) -> Ending:
        """Descend with noise at stationary points until noise no longer helps."""
        penalty = default_penalty(problem, start) if self.penalty is None else self.penalty
        space = Coordinates(problem, start, penalty)
        walk = _Walk(self, space, start, trail)
        try:
            status = walk.loop()
        except Stopped:
            status = trail.stopped_status()
        level = Level(self.accuracy, walk.largest, walk.hidden)
        return finish(
            space, walk.best, walk.here, status, trail, reveal=self.finish, level=level, stats=walk.stats
        )


class _Walk:
    """One run of `PerturbedGradientDescent`."""

    def __init__(
        self, method: PerturbedGradientDescent, space: Coordinates, start: GaussianSampler, trail: Trail
    ) -> None:
        self.method, self.space, self.trail = method, space, trail
        self.here = space.with_gradient(space.at_law(start))
        self.best = Best(self.here)
        gap = max(1.0, abs(self.here.penalised)) if method.gap is None else method.gap
        self._schedule = method.schedule(space.size, gap)
        self.largest, self.hidden = 0.0, False
        self.stats: dict[str, float | int | str] = {
            "penalty": space.penalty,
            "steps": 0,
            "perturbations": 0,
            "patience": self._schedule.patience,
            "radius": self._schedule.radius,
        }
        denominator = 2.0 * space.penalty - math.sqrt(method.hessian_lipschitz) * math.sqrt(method.accuracy)
        if denominator > 0:
            self.stats["lemma_bound"] = method.accuracy / denominator

    def loop(self) -> DerandomizationStatus:
        """Step until noise leads nowhere; returns why it stopped."""
        rng = generator(self.method.rng)
        schedule, before = self._schedule, self.here
        waited = schedule.patience + 1  # noise is allowed at once
        self.space.log(self.trail, self.here)
        for _ in range(self.method.max_steps):
            gradient = self.here.gradient
            assert gradient is not None
            if not np.isfinite(gradient).all():
                self.here = self.best.point
                return DerandomizationStatus.NOT_FINITE
            self.largest = max(self.largest, norm(gradient))
            if norm(gradient) <= schedule.gradient_threshold and waited > schedule.patience:
                before, waited = self.here, 0
                noise = ball(rng, self.space.size, schedule.radius)
                self.stats["perturbations"] = int(self.stats["perturbations"]) + 1
                if not self._go(self.here.vector + noise):
                    return DerandomizationStatus.NOT_FINITE
            if waited == schedule.patience:
                fall = before.penalised - self.here.penalised
                if fall < schedule.fall_threshold:
                    self.here = before
                    # values that are rounded more coarsely show no fall
                    self.hidden = schedule.fall_threshold <= 2.0**-50 * abs(before.penalised)
                    return DerandomizationStatus.CONVERGED
            gradient = self.here.gradient
            assert gradient is not None
            if not self._go(self.here.vector - schedule.step * gradient):
                return (
                    DerandomizationStatus.UNBOUNDED
                    if norm(self.here.vector) > 1e100
                    else DerandomizationStatus.NOT_FINITE
                )
            waited += 1
            self.stats["steps"] = int(self.stats["steps"]) + 1
            self.space.log(self.trail, self.here)
        return DerandomizationStatus.STEP_LIMIT

    def _go(self, vector: FloatArray) -> bool:
        """Move to a point; False, and no move, if J is not finite there."""
        point: Point = self.space.at(vector)
        if not math.isfinite(point.penalised):
            return False
        self.here = self.space.with_gradient(point)
        self.best.record(self.here)
        return True


def ball(rng: np.random.Generator, size: int, radius: float) -> FloatArray:
    """Draw a point uniformly from a ball.

    Examples
    --------
    >>> bool(norm(ball(np.random.default_rng(0), 5, 2.0)) <= 2.0)
    True
    """
    direction = rng.standard_normal(size)
    length = norm(direction) or 1.0
    return np.asarray(direction / length * radius * rng.random() ** (1.0 / max(size, 1)))
