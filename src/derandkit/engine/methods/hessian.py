"""Hessian descent, the deterministic algorithm of the paper's appendix, with the whole Hessian of J in hand.

Gradient steps of length ``1/L`` until the gradient is at most rho; then a step of length ``2 |lambda| / K`` along the
most negative curvature of J in all of ``(W, b)``; a point where neither applies is a rho-second-order stationary point,
and the lemma bounds its spread. Each step has a fall it must achieve, so the number of steps is bounded in advance.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.methods.coordinates import Coordinates, Point
from derandkit.engine.methods.finish import NEGATIVE, Best, Level, finish
from derandkit.engine.methods.lemma import default_penalty
from derandkit.engine.methods.stationarity import canonical
from derandkit.engine.resolution import resolution
from derandkit.errors import InputError
from derandkit.numerics.vectors import norm
from derandkit.options import check_real, check_whole
from derandkit.runtime import lapack
from derandkit.runtime.clock import Stopped
from derandkit.status import DerandomizationStatus

if TYPE_CHECKING:
    from derandkit.engine.evaluation import CountedObjective
    from derandkit.engine.law import GaussianSampler
    from derandkit.engine.method import Ending, Trail
    from derandkit.numerics.typing import FloatArray


#: Largest number of entries of (W, b) for which the Hessian is formed.
LARGEST = 600
DOUBLINGS = 60
#: A point this many times farther out than the start has run away.
RUNAWAY = 1e15


@dataclass(frozen=True)
class HessianDescent:
    """The paper's algorithm 2: gradient steps, then steps along negative curvature of the full Hessian of J.

    Parameters
    ----------
    penalty : float, optional
        Coefficient of ``|W|^2``; by default as in `LemmaDescent`.
    accuracy : float, optional
        rho: the gradient norm to reach; ``stats["accuracy"]`` is larger where values could not resolve it. By default
        1e-6 of the gradient norm at the start (of ``L |W|`` if larger).
    gradient_lipschitz, hessian_lipschitz : float, optional
        First guesses of L and K. A guess that fails to give the fall it promises is doubled, so any positive number
        is safe. By default both are read off the Hessian at the start, and L is halved after each gradient step.
    max_steps : int
        Most steps.
    finish : bool
        As in `LemmaDescent`.

    Raises
    ------
    InputError
        If a parameter is not positive, or ``(W, b)`` has more than 600 entries.

    Notes
    -----
    A gradient step falls by at least ``|grad|^2 / (2 L)``, a curvature step by ``(2/3) |lambda|^3 / K^2``, hence at
    most ``(J(start) - inf J) / min(rho^2 / (2 L), (2/3) sqrt(rho^3 / K))`` steps. A Hessian costs two gradients for
    each entry of W (central differences); its block in b is the objective's own curvature. ``stats["lemma_bound"]``
    is ``rho / (2 penalty - sqrt(K rho))`` where that is positive.

    References
    ----------
    Tsikouras, Pantis, Mitliagkas, Tzamos, ICLR 2026 (arXiv 2510.19382), appendix, algorithm 2.

    Examples
    --------
    >>> from derandkit import derandomize, QuadratureObjective, GaussianSampler
    >>> well = QuadratureObjective(lambda z: (z[:, 0] ** 2 - 1) ** 2, dimension=1)
    >>> r = derandomize(well, GaussianSampler([0.0], [[0.1]]), method=HessianDescent())
    >>> r.status.name, round(float(r.sampler.mean[0]), 4)
    ('CONVERGED', 1.0)
    """

    penalty: float | None = None
    accuracy: float | None = None
    gradient_lipschitz: float | None = None
    hessian_lipschitz: float | None = None
    max_steps: int = 20_000
    finish: bool = True

    def __post_init__(self) -> None:
        for name in ("penalty", "accuracy", "gradient_lipschitz", "hessian_lipschitz"):
            number = getattr(self, name)
            if number is not None:
                check_real(name, number)
            if number is not None and not number > 0:
                raise InputError(f"{name} must be positive and finite, got {number}")
        check_whole("max_steps", self.max_steps)

    def run(self, problem: CountedObjective, start: GaussianSampler, trail: Trail) -> Ending:
        """Descend to a rho-second-order stationary point, then remove what spread the lemma allows there.

        Raises
        ------
        InputError
            The Hessian would have too many entries.
        """
        penalty = default_penalty(problem, start) if self.penalty is None else self.penalty
        space = Coordinates(problem, start, penalty)
        if space.size > LARGEST:
            raise InputError(
                f"HessianDescent forms a Hessian in all of (W, b): {space.size} entries are more than {LARGEST}; "
                "use LemmaDescent"
            )
        walk = _Walk(self, space, start, trail)
        try:
            status = walk.loop()
        except Stopped:
            status = trail.stopped_status()
        return finish(
            space,
            walk.best,
            walk.here,
            status,
            trail,
            reveal=self.finish,
            level=walk.level,
            stats=walk.stats(),
        )


class _Walk:
    """One run of `HessianDescent`."""

    def __init__(
        self, method: HessianDescent, space: Coordinates, start: GaussianSampler, trail: Trail
    ) -> None:
        self.method, self.space, self.trail = method, space, trail
        self.here = space.with_gradient(space.at_law(start))
        self.best = Best(self.here)
        self._first = self.here.penalised
        self.level: Level | None = None
        self._L = self._K = self._rho = math.nan
        self._size = 1.0 + norm(self.here.vector)
        self._steps = self._curved = 0

    def stats(self) -> dict[str, float | int | str]:
        """Return the constants in force at the end, and the lemma's bound with them."""
        stats: dict[str, float | int | str] = {
            "penalty": self.space.penalty,
            "steps": self._steps,
            "saddles_left": self._curved,
        }
        if math.isfinite(self._rho):
            stats.update(accuracy=self._rho, gradient_lipschitz=self._L, hessian_lipschitz=self._K)
            denominator = 2.0 * self.space.penalty - self._flat()
            if denominator > 0:
                stats["lemma_bound"] = self._rho / denominator
        return stats

    def loop(self) -> DerandomizationStatus:
        """Step until the point is rho-second-order stationary; returns why it stopped."""
        self.space.log(self.trail, self.here)
        assert self.here.gradient is not None
        H = full_hessian(self.space, self.here)
        if not (np.isfinite(H).all() and np.isfinite(self.here.gradient).all()):
            return DerandomizationStatus.NOT_FINITE
        self._constants(H)
        for _ in range(self.method.max_steps):
            gradient = self.here.gradient
            assert gradient is not None
            size = norm(gradient)
            if not math.isfinite(size):
                return DerandomizationStatus.NOT_FINITE
            if size > self._rho:
                status = self._gradient_step(gradient, size)
            else:
                status = self._curvature_step()
            if status is not None:
                return status
        return DerandomizationStatus.STEP_LIMIT

    def _constants(self, H: FloatArray) -> None:
        method, gradient = self.method, self.here.gradient
        assert gradient is not None
        scale = float(np.max(np.abs(lapack.eigvalsh(H)), initial=0.0)) or 1.0
        reach = self.space.spread_norm(self.here) or norm(self.here.vector) or 1.0
        self._L = method.gradient_lipschitz or _held(scale)
        self._K = method.hessian_lipschitz or _held(scale / reach)
        size, level = 1e-6 * norm(gradient), 1e-6 * scale * reach
        self._rho = method.accuracy or _held(max(size, level) if math.isfinite(level) else size)
        self.level = Level(
            self._rho, max(norm(gradient), 1e6 * self._rho if method.accuracy is None else 0.0)
        )

    def _flat(self) -> float:
        """Return the size of a negative curvature that counts as none, ``sqrt(K rho)``."""
        return math.sqrt(self._K) * math.sqrt(self._rho)

    def _gradient_step(self, gradient: FloatArray, size: float) -> DerandomizationStatus | None:
        for _ in range(DOUBLINGS):
            promised = size * (size / self._L / 2.0)
            if promised <= resolution(self.here.penalised, self._first):
                status = self._curvature_step()
                if status is DerandomizationStatus.CONVERGED:  # to the accuracy of the values: say which
                    self._rho = max(self._rho, size)
                return status
            trial = self.space.at(self.here.vector - gradient / self._L)
            # a large positive value is a step that was too long
            if trial.penalised == -math.inf or trial.penalised < -max(1e300, RUNAWAY * abs(self._first)):
                return DerandomizationStatus.UNBOUNDED
            if trial.penalised <= self.here.penalised - promised * (1.0 - 1e-9):
                self._accept(trial)
                if self.method.gradient_lipschitz is None:
                    self._L = _held(self._L / 2.0)  # the constant in force is that of the neighbourhood
                return DerandomizationStatus.UNBOUNDED if norm(trial.vector) > RUNAWAY * self._size else None
            self._L = _held(self._L * 2.0)
        return (
            DerandomizationStatus.NOT_FINITE
            if not math.isfinite(trial.penalised)
            else DerandomizationStatus.STALLED
        )

    def _curvature_step(self) -> DerandomizationStatus | None:
        H = full_hessian(self.space, self.here)
        if not np.isfinite(H).all():
            return DerandomizationStatus.NOT_FINITE
        if H.size == 0:
            return DerandomizationStatus.CONVERGED
        values, vectors = lapack.eigh(H)
        smallest, direction = float(values[0]), canonical(vectors[:, 0])
        if smallest >= -self._flat():
            return DerandomizationStatus.CONVERGED
        for _ in range(DOUBLINGS):
            share = abs(smallest) / self._K  # squares of small and of large curvatures leave double precision
            step, promised = 2.0 * share, (2.0 / 3.0) * abs(smallest) * share * share
            if promised <= resolution(self.here.penalised, self._first):
                if self.level is not None and smallest < -NEGATIVE * float(np.max(np.abs(values))):
                    self.level = replace(self.level, hidden=True)
                return DerandomizationStatus.CONVERGED
            ahead = self.space.at(self.here.vector + step * direction)
            behind = self.space.at(self.here.vector - step * direction)
            # the paper takes the sign that the gradient favours, which is noise here; the lower value achieves as much
            tie = resolution(ahead.penalised, self._first)
            trial = behind if behind.penalised < ahead.penalised - tie else ahead
            if trial.penalised == -math.inf:
                return DerandomizationStatus.UNBOUNDED
            if trial.penalised <= self.here.penalised - promised * (1.0 - 1e-9):
                self._curved += 1
                self._accept(trial, smallest)
                return None
            self._K = _held(self._K * 2.0)
            if smallest >= -self._flat():
                return DerandomizationStatus.CONVERGED
        return DerandomizationStatus.STALLED

    def _accept(self, point: Point, curvature: float = math.nan) -> None:
        self.here = self.space.with_gradient(point)
        self.best.record(self.here)
        self._steps += 1
        self.space.log(self.trail, self.here, curvature)


def _held(constant: float) -> float:
    """Return a constant that may be divided by: neither zero nor infinite."""
    return min(max(constant, sys.float_info.min), sys.float_info.max)


def full_hessian(space: Coordinates, point: Point) -> FloatArray:
    """Return the Hessian of J in all of ``(W, b)``: its block in b exact, the rest by differences of gradients.

    Parameters
    ----------
    space : Coordinates
        The penalised objective.
    point : Point
        Where.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetrised; NaN throughout where a gradient is not finite.
    """
    k, N = space.spread_size, space.size
    H = np.zeros((N, N))
    known = space.problem.gradient_resolution(point.sampler)
    noise = max(float(np.finfo(float).eps), 0.0 if known is None else known.relative)
    h = noise ** (1 / 3) * max(1.0, float(np.max(np.abs(point.vector), initial=0.0)))
    for j in range(k):
        columns = []
        for sign in (1.0, -1.0):
            vector = point.vector.copy()
            vector[j] += sign * h
            gradient = space.with_gradient(space.at(vector)).gradient
            assert gradient is not None
            if not np.isfinite(gradient).all():
                return np.full((N, N), math.nan)
            columns.append(gradient)
        H[:, j] = (columns[0] - columns[1]) / (2.0 * h)
    H[:k, :k] = (H[:k, :k] + H[:k, :k].T) / 2.0
    H[:k, k:] = H[k:, :k].T
    H[k:, k:] = space.problem.curvature(point.sampler, np.eye(space.n))
    return (H + H.T) / 2.0
