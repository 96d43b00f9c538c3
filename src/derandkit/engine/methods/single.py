"""One solution in place of a distribution that a descent has left, without randomness."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derandkit.engine.law import GaussianSampler
from derandkit.numerics.hashing import hashed_normals

if TYPE_CHECKING:
    from derandkit.engine.objective import GaussianObjective
    from derandkit.engine.outcome import Derandomization

#: Solutions that are tried.
DRAWS = 64


def single_solution(objective: GaussianObjective, found: Derandomization) -> Derandomization:
    """Replace a distribution with one spread in all directions by a solution that is no worse than its mean.

    Solutions from hashed normal numbers are tried in a fixed order, and the first one that is no worse is taken; where
    `DRAWS` are worse, which nothing excludes, the best of them.

    Parameters
    ----------
    objective : GaussianObjective
        What is minimised.
    found : Derandomization
        What a descent has found.

    Examples
    --------
    >>> from derandkit import LemmaDescent, QuadratureObjective, derandomize
    >>> square = QuadratureObjective(lambda z: z[:, 0] ** 2, dimension=1)
    >>> early = derandomize(square, GaussianSampler([1.0], 0.5), method=LemmaDescent(max_steps=0))
    >>> one = single_solution(square, early)
    >>> one.sampler.is_deterministic, one.value <= early.value
    (True, True)
    """
    law = found.sampler
    if law.is_deterministic:
        return found
    assert isinstance(law.spread, float)
    best: tuple[float, GaussianSampler] | None = None
    for stream in range(DRAWS):
        noise = hashed_normals(1, law.mean.size, stream=stream).ravel()
        trial = GaussianSampler(law.mean + law.spread * noise, 0.0)
        value = objective.value(trial)
        if best is None or value < best[0]:
            best = value, trial
        if value <= found.value:
            break
    assert best is not None
    return replace(found, sampler=best[1], value=best[0])
