"""What long work says about itself while it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One line of narration.

    Parameters
    ----------
    stage : str
        What is being done: for a cut ``"relax"``, ``"derandomize"``, ``"search"``, ``"prove"`` or ``"certify"``.
    value : float
        The figure being improved: SDP value, expected cut, distortion.
    bound : float, optional
        Bound on it known so far.
    noise : float, optional
        Share of the randomness that is left, from 1 (the randomized algorithm) to 0; of the work of a search.
    """

    stage: str
    value: float
    bound: float | None = None
    noise: float | None = None
