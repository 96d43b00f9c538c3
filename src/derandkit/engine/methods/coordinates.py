"""Spread and mean as one vector, so that a descent sees an ordinary function.

The vector holds ``W`` row by row and then ``b``; its Euclidean norm is the joint Frobenius norm. An isotropic spread
``sigma I`` is the single entry ``sigma sqrt(n) = |W|``. F is even in it, so its sign is dropped when a distribution is
made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.evaluation import CountedObjective
from derandkit.engine.law import GaussianSampler
from derandkit.numerics.vectors import inner, norm

if TYPE_CHECKING:
    from derandkit.engine.method import Trail
    from derandkit.numerics.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Point:
    """A distribution on a path, with what was computed there.

    Parameters
    ----------
    vector : ndarray, shape (N,)
        The distribution as one vector.
    sampler : GaussianSampler
        The distribution.
    value : float
        ``F``.
    penalised : float
        ``J = F + penalty |W|^2``.
    gradient : ndarray, shape (N,), or None
        ``dJ`` where it was asked for.
    """

    vector: FloatArray
    sampler: GaussianSampler
    value: float
    penalised: float
    gradient: FloatArray | None = None


class Coordinates:
    """The penalised objective ``J = F + penalty |W|^2`` as a function of one vector.

    Parameters
    ----------
    problem : CountedObjective
        The objective.
    start : GaussianSampler
        Fixes the shapes.
    penalty : float
        Coefficient of ``|W|^2``.
    """

    def __init__(self, problem: CountedObjective, start: GaussianSampler, penalty: float) -> None:
        self.problem = problem
        self.penalty = penalty
        self.n = start.dimension
        self.isotropic = isinstance(start.spread, float)
        self.spread_shape = (self.n, 0) if isinstance(start.spread, float) else start.spread.shape
        self.spread_size = 1 if self.isotropic else self.spread_shape[0] * self.spread_shape[1]
        self.size = self.spread_size + self.n
        self.root_n = float(np.sqrt(max(self.n, 1)))

    def vector(self, sampler: GaussianSampler) -> FloatArray:
        """Return a distribution of the same shape as one vector."""
        if isinstance(sampler.spread, float):
            return np.concatenate(([sampler.spread * self.root_n], sampler.mean))
        return np.concatenate((sampler.spread.ravel(), sampler.mean))

    def sampler(self, vector: FloatArray) -> GaussianSampler:
        """Return the distribution of a (finite) vector."""
        spread, mean = vector[: self.spread_size], vector[self.spread_size :]
        if self.isotropic:
            return GaussianSampler(mean, abs(float(spread[0])) / self.root_n)
        return GaussianSampler(mean, spread.reshape(self.spread_shape))

    def at(self, vector: FloatArray) -> Point:
        """Evaluate J; a vector that is not finite has value NaN and keeps no distribution."""
        if not np.isfinite(vector).all():
            nothing = GaussianSampler(np.zeros(0), np.zeros((0, 0)))
            return Point(vector, nothing, float("nan"), float("nan"))
        return self.at_law(self.sampler(vector), vector)

    def at_law(self, sampler: GaussianSampler, vector: FloatArray | None = None) -> Point:
        """Evaluate J at a distribution."""
        vector = self.vector(sampler) if vector is None else vector
        value = self.problem.value(sampler)
        spread = vector[: self.spread_size]
        return Point(vector, sampler, value, value + self.penalty * inner(spread, spread))

    def with_gradient(self, point: Point) -> Point:
        """Return the point with ``dJ = (dF/dW + 2 penalty W, dF/db)``."""
        if point.gradient is not None:
            return point
        gradient = np.empty(self.size)
        mean_gradient = self.problem.mean_gradient(point.sampler)
        spread_gradient = self.problem.spread_gradient(point.sampler)
        if isinstance(spread_gradient, float):
            sign = -1.0 if point.vector[0] < 0 else 1.0
            gradient[0] = sign * spread_gradient / self.root_n
        else:
            gradient[: self.spread_size] = spread_gradient.ravel()
        gradient[: self.spread_size] += 2.0 * self.penalty * point.vector[: self.spread_size]
        gradient[self.spread_size :] = mean_gradient
        return Point(point.vector, point.sampler, point.value, point.penalised, gradient)

    def spread_norm(self, point: Point) -> float:
        """Return ``|W|``."""
        return norm(point.vector[: self.spread_size])

    def log(self, trail: Trail, point: Point, curvature: float = math.nan) -> None:
        """Write an accepted point on the trail; the gradient's norm is NaN where there is none yet."""
        size = math.nan if point.gradient is None else norm(point.gradient)
        trail.add(point.value, point.penalised, self.spread_norm(point), size, curvature, law=point.sampler)

    def contracted(self, point: Point, factor: float) -> Point:
        """Evaluate J at ``(factor W, b)``."""
        vector = point.vector.copy()
        vector[: self.spread_size] *= factor
        vector[: self.spread_size] += 0.0  # no negative zeros
        return self.at(vector)

    def shifted(self, point: Point, displacement: FloatArray) -> Point:
        """Evaluate J at ``(W, b + displacement)``."""
        vector = point.vector.copy()
        vector[self.spread_size :] += displacement
        return self.at(vector)
