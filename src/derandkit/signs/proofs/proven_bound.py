"""What every bound beyond the semidefinite one hands to the result: an exact value and the tree that proves it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derandkit.numerics.rounding import float_above
from derandkit.runtime.interrupts import reporting
from derandkit.runtime.progress import Progress
from derandkit.tables import Tabled
from derandkit.words.digits import digits_above

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from derandkit.numerics.typing import SignArray
    from derandkit.records import JsonMapping, JsonObject
    from derandkit.runtime.clock import Clock
    from derandkit.runtime.progress import OnProgress


#: What a proof says about its end, by the reason of the clock.
_ENDS = {
    "interrupted": "interrupted",
    "enough": "enough for what it is for",
    "work limit": "limit of work",
    "time limit": "limit of time",
}


def ended(clock: Clock) -> str:
    """Say why a clock stopped the work on a proof.

    Examples
    --------
    >>> from derandkit.runtime.clock import Clock
    >>> clock = Clock()
    >>> clock.stop()
    >>> ended(clock)
    'interrupted'
    """
    return _ENDS.get(clock.reason or "", "stopped")


def proving(clock: Clock, on_progress: OnProgress | None) -> Callable[[float, float], None]:
    """Return a function of the best cut and the bound that reports them as the next step of a proof.

    Examples
    --------
    >>> from derandkit.runtime.clock import Clock
    >>> report = proving(Clock(), lambda progress: print(progress.stage, progress.step, progress.value, progress.bound))
    >>> report(5.0, 6.5)
    prove 1 5.0 6.5
    """
    report, steps = reporting(clock, on_progress), itertools.count(1)
    return lambda cut, bound: report(Progress("prove", cut, bound, step=next(steps)))


@dataclass(frozen=True, eq=False, repr=False)
class ProvenBound(Tabled):
    """An upper bound on the maximum cut with a proof in exact arithmetic.

    Parameters
    ----------
    exact : Fraction
        What `derandkit.certificates.proofs.trees.proven_bound` returns for `proof`.
    proof : mapping
        The proof tree, JSON values only.
    method : str
        Which bound it is: ``"odd-cycle"``, ``"triangle"``, ``"branching"``.
    reason : str
        One line for people: rounds, rows, nodes, and why it stopped.
    complete : bool
        Whether the method ran to its end (its bound cannot be improved by more of the same work).
    signs : ndarray of int8, shape (n,), optional
        The best cut met on the way, if the method meets cuts.
    interrupted : bool
        Whether Ctrl-C ended it early.
    """

    exact: Fraction
    proof: JsonMapping
    method: str
    reason: str
    complete: bool
    signs: SignArray | None = None
    interrupted: bool = False

    @property
    def value(self) -> float:
        """The bound as a float, rounded upward."""
        return float_above(self.exact)

    def table_rows(self) -> Sequence[tuple[str, ...]]:
        """Return the rows of the table."""
        rows = [
            ("no cut is above", f"{digits_above(self.exact)} (certified)"),
            ("method", self.method),
            ("how it ended", self.reason),
            ("more of the same work", "improves nothing" if self.complete else "may improve it"),
        ]
        return [*rows, ("interrupted", "by Ctrl-C")] if self.interrupted else rows

    def __repr__(self) -> str:
        state = "complete" if self.complete else "not complete"
        return f"{type(self).__name__}({self.method}, value={digits_above(self.exact)}, {state})"


def after_elimination(vertices: Sequence[int], proof: JsonObject) -> JsonObject:
    """Return the proof for the graph in which these vertices are still there; they are taken out in this order.

    Examples
    --------
    >>> after_elimination([2, 0], {"kind": "positive"})
    {'kind': 'eliminate', 'vertices': [2, 0], 'then': {'kind': 'positive'}}
    >>> after_elimination([], {"kind": "positive"})
    {'kind': 'positive'}
    """
    return {"kind": "eliminate", "vertices": list(vertices), "then": proof} if vertices else proof
