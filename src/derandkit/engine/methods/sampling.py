"""The randomized algorithm itself: draw solutions, keep the best. A baseline, and the only judge of a mean."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.answers import plain_answer, refuse_mixed_rows
from derandkit.engine.law import GaussianSampler
from derandkit.engine.method import Ending
from derandkit.errors import InputError
from derandkit.given.entries import real_array
from derandkit.options import check_real, check_rng, check_whole, generator
from derandkit.runtime.clock import Stopped
from derandkit.status import DerandomizationStatus

if TYPE_CHECKING:
    from derandkit.engine.evaluation import CountedObjective
    from derandkit.engine.method import Trail
    from derandkit.numerics.typing import FloatArray


#: Solutions drawn at a time.
BATCH = 1024


@dataclass(frozen=True)
class RandomSampling:
    """Draw solutions from the distribution and keep the best of them.

    Parameters
    ----------
    samples : int
        Number of draws, at least 2.
    rng : numpy.random.Generator, int or None
        Source of randomness, normalised by `numpy.random.default_rng`.
    quantiles : tuple of float
        Which quantiles of the values to report.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Notes
    -----
    A draw is judged by the objective's ``pointwise`` where it has one, else by its value at a distribution without
    spread. ``stats`` holds ``mean``, ``standard_error``, ``best``, ``worst`` and ``quantiles`` (pairs of level and
    value); the mean estimates ``F`` at the start. The result is the best draw with status ``SAMPLED``: nothing promises
    that it is no worse than the start.

    Examples
    --------
    >>> from derandkit import derandomize, QuadratureObjective
    >>> square = QuadratureObjective(lambda z: z[:, 0] ** 2, dimension=1)
    >>> r = derandomize(square, GaussianSampler([0.0], [[1.0]]), method=RandomSampling(samples=10_000, rng=0))
    >>> abs(r.stats["mean"] - r.start_value) < 4 * r.stats["standard_error"]
    True
    """

    samples: int = 1000
    rng: np.random.Generator | int | None = None
    quantiles: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)

    def __post_init__(self) -> None:
        check_rng(self.rng)
        check_whole("samples", self.samples, 2)  # a standard error needs two
        if not isinstance(self.quantiles, Iterable) or isinstance(self.quantiles, (str, bytes)):
            raise InputError(
                f"quantiles are numbers between 0 and 1 in a tuple, got {type(self.quantiles).__name__}"
            )
        levels = tuple(self.quantiles)  # an iterator gives them once
        real_array(levels, "quantiles")
        object.__setattr__(self, "quantiles", levels)
        for quantile in self.quantiles:
            check_real("each of the quantiles", quantile)
        if not all(0 <= q <= 1 for q in self.quantiles):
            raise InputError(f"quantiles lie between 0 and 1, got {self.quantiles}")

    def run(self, problem: CountedObjective, start: GaussianSampler, trail: Trail) -> Ending:
        """Draw, evaluate, keep the best; an interrupt keeps what was drawn so far."""
        rng = generator(self.rng)
        values = np.empty(0)
        best, best_value, status = start.mean, math.inf, DerandomizationStatus.SAMPLED
        while values.size < self.samples:
            try:
                points = start.draw(min(BATCH, self.samples - values.size), rng)
                batch = _values(problem, points)
                values = np.concatenate((values, batch))
                if np.isfinite(batch).any():
                    k = int(np.nanargmin(np.where(np.isfinite(batch), batch, np.nan)))
                    if batch[k] < best_value:
                        best, best_value = points[k], float(batch[k])
                trail.add(best_value, best_value, 0.0)
            except Stopped:
                status = DerandomizationStatus.INTERRUPTED if trail.clock.interrupted else status
                break
        finite = values[np.isfinite(values)]
        if finite.size < max(2, values.size) or values.size < 2:
            status = status if values.size < 2 else DerandomizationStatus.NOT_FINITE
            return Ending(start if not math.isfinite(best_value) else _single(best), status)
        # sums and squares of the largest doubles, and squares of the least, would leave double precision
        shift = int(np.frexp(np.max(np.abs(finite)))[1])
        scaled = np.ldexp(finite, -shift)
        mean = math.fsum(scaled) / finite.size
        variance = math.fsum((scaled - mean) ** 2) / (finite.size - 1)
        stats = {
            "samples": int(finite.size),
            "mean": float(np.ldexp(mean, shift)),
            "standard_error": float(np.ldexp(math.sqrt(variance / finite.size), shift)),
            "best": best_value,
            "worst": float(np.max(finite)),
            "quantiles": tuple(
                (float(q), float(np.ldexp(np.quantile(scaled, float(q)), shift))) for q in self.quantiles
            ),
        }
        return Ending(_single(best), status, stats=stats)


def _single(point: FloatArray) -> GaussianSampler:
    return GaussianSampler(point, np.zeros((point.size, 0)))


def _values(problem: CountedObjective, points: FloatArray) -> FloatArray:
    """Return g at each row: directly, or as values of distributions without spread."""
    pointwise = getattr(problem.objective, "pointwise", None)
    if pointwise is None:
        found: list[float] = []
        with suppress(Stopped):  # the caller asks the clock next, and keeps what was found
            found.extend(problem.value(_single(z)) for z in points)
        return np.array(found, dtype=np.float64)
    name = f"{problem.name}.pointwise"
    kept = points.copy() if problem.counts["values"] == 0 else None
    values = np.asarray(plain_answer(pointwise(points), name), dtype=np.float64)
    if values.shape != (points.shape[0],):
        raise InputError(f"{name} must return shape ({points.shape[0]},), got shape {values.shape}")
    if kept is not None:
        refuse_mixed_rows(pointwise, kept, values, name)
    problem.counts["values"] += points.shape[0]
    return values
