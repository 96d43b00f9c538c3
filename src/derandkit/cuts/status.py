"""How a maximum-cut run can end. A module of its own, so that the certificate checks can read it too."""

from __future__ import annotations

from enum import Enum


class CutStatus(Enum):
    """How a maximum-cut run ended; the value is the message."""

    OPTIMAL = "optimal: the cut equals the certified upper bound"
    SOLVED = (
        "solved: the bound is certified and the cut is no worse than the randomized algorithm's expectation"
    )
    BOUND_ESTIMATED = (
        "bound estimated: the cut and its chain hold, the upper bound rests on an iterative eigenvalue; "
        "see the reason under 'bound'"
    )
    GAP_NOT_REACHED = (
        "gap not reached: the cut and the bound hold, the relaxation stopped before its duality gap was met; "
        "raise max_sweeps or loosen gap"
    )
    INTERRUPTED = (
        "interrupted: the cut and the bound hold as far as they were computed; run again for better ones"
    )

    @property
    def ok(self) -> bool:
        """Whether everything that was asked for was reached."""
        return self in (CutStatus.OPTIMAL, CutStatus.SOLVED, CutStatus.BOUND_ESTIMATED)
