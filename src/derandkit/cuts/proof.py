"""What every bound beyond the semidefinite one hands to the result: an exact value and the tree that proves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derandkit.certificates.rounding import rounded_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray

    from derandkit.cuts.graph import WeightedGraph

    Signs = NDArray[np.int8]
    OnBound = Callable[[float, float], None]

#: Beyond this many edges, or edges a vertex, the odd-cycle bound takes long or gains nothing.
CYCLE_EDGES, CYCLE_DENSITY = 200_000, 8.0


@dataclass(frozen=True, eq=False)
class ProvenBound:
    """An upper bound on the maximum cut with a proof in exact arithmetic.

    Parameters
    ----------
    exact : Fraction
        What `derandkit.certificates.proofs.proven_bound` returns for `proof`.
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
        Whether a `KeyboardInterrupt` ended it early.
    """

    exact: Fraction
    proof: Mapping[str, Any]
    method: str
    reason: str
    complete: bool
    signs: NDArray[np.int8] | None = None
    interrupted: bool = False

    @property
    def value(self) -> float:
        """The bound as a float, rounded upward."""
        return rounded_up(self.exact)


def no_bound(
    graph: WeightedGraph, signs: Signs, *, time_limit: float | None = None, on_progress: OnBound | None = None
) -> ProvenBound | None:
    """Seek nothing beyond the semidefinite bound."""
    return None


def odd_cycle_bound(
    graph: WeightedGraph, signs: Signs, *, time_limit: float | None = None, on_progress: OnBound | None = None
) -> ProvenBound | None:
    """Pack odd cycles (`derandkit.cuts.cycles.cycle_bound`)."""
    from derandkit.cuts.cycles import cycle_bound

    return cycle_bound(graph, signs=signs, time_limit=time_limit, on_progress=on_progress)


def best_bound(
    graph: WeightedGraph, signs: Signs, *, time_limit: float | None = None, on_progress: OnBound | None = None
) -> ProvenBound | None:
    """Seek the bound that suits the graph: odd cycles where it is sparse, nothing more elsewhere."""
    if graph.m > CYCLE_EDGES or graph.m > CYCLE_DENSITY * graph.n:
        return None
    return odd_cycle_bound(graph, signs, time_limit=time_limit, on_progress=on_progress)
