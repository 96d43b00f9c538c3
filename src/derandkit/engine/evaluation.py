"""What the methods ask of an objective: every call counted, every answer checked for its shape.

A user's objective is foreign code. A wrong shape is reported once, by the name of the method that returned it; NaN
and infinities pass through as numbers, because only the method that asked knows whether a trial point may fail.
Sums that decide something run through `inner`, whose order of addition does not depend on the number of threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.answers import plain_answer
from derandkit.engine.differences import Resolution
from derandkit.engine.law import GaussianSampler
from derandkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.engine.objective import GaussianObjective
    from derandkit.numerics.typing import FloatArray


#: Largest n for which a missing ``curvature_trace`` is made up by n products with H.
TRACE_LIMIT = 2048


class CountedObjective:
    """An objective whose calls are counted and whose answers have the right shape.

    Parameters
    ----------
    objective : GaussianObjective
        The user's objective.

    Raises
    ------
    InputError
        If the objective lacks one of the three methods.
    """

    def __init__(self, objective: GaussianObjective) -> None:
        for method in ("value", "mean_gradient", "curvature"):
            if not callable(getattr(objective, method, None)):
                raise InputError(
                    f"{type(objective).__name__} has no method {method}; a GaussianObjective has value, "
                    "mean_gradient and curvature"
                )
        self.objective = objective
        self.name = type(objective).__name__
        self.isotropic_only = bool(getattr(objective, "isotropic_only", False))
        #: Called before each evaluation; it may raise `derandkit.runtime.clock.Stopped`.
        self.look: Callable[[], None] | None = None
        self.counts = {"values": 0, "gradients": 0, "curvature_products": 0}

    def value(self, sampler: GaussianSampler) -> float:
        """Return ``F(W, b)``; NaN and infinities are returned as they are."""
        self._before()
        self.counts["values"] += 1
        return self._number("value", self.objective.value(sampler))

    def mean_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return ``dF/db``, shape (n,)."""
        self._before()
        self.counts["gradients"] += 1
        return self._array("mean_gradient", self.objective.mean_gradient(sampler), (sampler.dimension,))

    def curvature(self, sampler: GaussianSampler, directions: FloatArray) -> FloatArray:
        """Return ``H @ directions``, shape (n, p)."""
        self._before()
        self.counts["curvature_products"] += directions.shape[1]
        if directions.size == 0:
            return np.zeros_like(directions)
        product = self.objective.curvature(sampler, directions)
        return self._array("curvature", product, directions.shape)

    def spread_gradient(self, sampler: GaussianSampler) -> FloatArray | float:
        """Return ``dF/dW = H W`` (``dF/dsigma = sigma tr H``), or what the objective says instead."""
        override = getattr(self.objective, "spread_gradient", None)
        if override is not None:
            self._before()
        if isinstance(sampler.spread, float):
            if override is not None:
                return self._number("spread_gradient", override(sampler))
            return sampler.spread * self._trace(sampler) if sampler.spread else 0.0
        if override is not None:
            return self._array("spread_gradient", override(sampler), sampler.spread.shape)
        return self.curvature(sampler, sampler.spread)

    def line_values(self, sampler: GaussianSampler, direction: FloatArray, steps: FloatArray) -> FloatArray:
        """Return ``F(W, b + t direction)`` for each t in `steps`.

        An objective may supply this method itself, because what depends on ``W`` alone is then computed once.
        """
        own = getattr(self.objective, "line_values", None)
        if own is not None:
            self._before()
            self.counts["values"] += steps.size
            return self._array("line_values", own(sampler, direction, steps), steps.shape)
        return np.array([self.value(sampler.with_mean(sampler.mean + t * direction)) for t in steps])

    def line_candidates(self, sampler: GaussianSampler, direction: FloatArray) -> FloatArray:
        """Return further steps that the objective thinks worth a look on a line; none unless it says so."""
        own = getattr(self.objective, "line_candidates", None)
        if own is None:
            return np.zeros(0)
        steps = plain_answer(own(sampler, direction), f"{self.name}.line_candidates")
        return self._array("line_candidates", steps, (steps.size,))

    def curvature_bounds(self, sampler: GaussianSampler) -> tuple[float, float] | None:
        """Return two numbers between which the eigenvalues of ``H`` lie, where the objective has them cheaply."""
        own = getattr(self.objective, "curvature_bounds", None)
        if own is None:
            return None
        low, high = self._array("curvature_bounds", own(sampler), (2,))
        return float(low), float(high)

    def gradient_resolution(self, sampler: GaussianSampler) -> Resolution | None:
        """Return what derivatives by differences resolve; None for an objective that does not take differences."""
        own = getattr(self.objective, "gradient_resolution", None)
        found = None if own is None else own(sampler)
        return found if isinstance(found, Resolution) else None

    def _trace(self, sampler: GaussianSampler) -> float:
        supplied = getattr(self.objective, "curvature_trace", None)
        if supplied is not None:
            self.counts["curvature_products"] += 1
            return self._number("curvature_trace", supplied(sampler))
        n = sampler.dimension
        if n > TRACE_LIMIT:
            raise InputError(
                f"{self.name} has no method curvature_trace, which an isotropic spread in {n} dimensions needs; "
                "add it or pass the spread as a matrix"
            )
        return float(np.einsum("ii->", self.curvature(sampler, np.eye(n))))

    def _before(self) -> None:
        if self.look is not None:
            self.look()

    def _number(self, method: str, answer: object) -> float:
        number = plain_answer(answer, f"{self.name}.{method}")
        if number.size != 1 or number.dtype.kind not in "fiub":
            raise InputError(f"{self.name}.{method} must return a number, got {_describe(answer)}")
        return float(number.reshape(()))

    def _array(self, method: str, answer: object, shape: tuple[int, ...]) -> FloatArray:
        array = plain_answer(answer, f"{self.name}.{method}")
        if array.shape != shape or array.dtype.kind not in "fiub":
            raise InputError(f"{self.name}.{method} must return shape {shape}, got {_describe(answer)}")
        return np.ascontiguousarray(array, dtype=np.float64)


def _describe(answer: object) -> str:
    array = np.asarray(answer)
    return f"shape {array.shape}" if array.dtype.kind in "fiub" else f"{type(answer).__name__} {answer!r:.40}"
