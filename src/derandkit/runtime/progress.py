"""What long work reports while it runs: one record for every function, engine and baselines included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Progress:
    """What a callback `on_progress` gets, now and then.

    Parameters
    ----------
    stage : str
        What is being done, in plain words: ``"relax"``, ``"derandomize"``, ``"search"``, ``"prove"``, ``"certify"``.
    value : float
        The number that is being improved, as it is now: of a cut its weight or its expectation, the largest distortion
        of squared distances, the risk of a network, the objective of the engine.
    bound : float, optional
        What no solution can beat, as far as it is known.
    step : int, optional
        Number of this step in its stage; the engine counts from 0, which is the start.
    total : int, optional
        Number of steps of the stage, where it is known.
    spread : float, optional
        Frobenius norm of the spread W of the distribution.
    noise : float, optional
        Share of the randomness that is left, from 1 (the randomized algorithm) to 0.
    law : object, optional
        The distribution that was reached, where there is one to show: a `derandkit.GaussianSampler`.
    elapsed : float
        Seconds since the call began. Two records that differ in nothing else are equal.

    Examples
    --------
    >>> Progress("search", 1380.0, bound=1390.5, step=3, total=4).done
    0.75
    >>> Progress("relax", 5.0, noise=1.0).done, Progress("prove", 12.0).done
    (0.0, None)
    """

    stage: str
    value: float
    bound: float | None = None
    step: int | None = None
    total: int | None = None
    spread: float | None = None
    noise: float | None = None
    law: object = field(default=None, compare=False, repr=False)
    elapsed: float = field(default=0.0, compare=False)

    @property
    def done(self) -> float | None:
        """Share of the stage that is done, from 0 to 1, or None where that is not known."""
        if self.total and self.step is not None:
            return min(1.0, self.step / self.total)
        return None if self.noise is None else min(1.0, max(0.0, 1.0 - self.noise))


#: What every long function takes as `on_progress`.
OnProgress: TypeAlias = Callable[[Progress], None]
