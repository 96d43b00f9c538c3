"""What every bound beyond the semidefinite one hands to the result: an exact value and the tree that proves it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray


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
        Whether a `KeyboardInterrupt` or a limit of time ended it early.
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


def rounded_up(exact: Fraction) -> float:
    """Return the smallest float that is not below a rational number.

    Examples
    --------
    >>> rounded_up(Fraction(1, 3)) > Fraction(1, 3), rounded_up(Fraction(7, 2))
    (True, 3.5)
    """
    nearest = float(exact)
    return nearest if Fraction(nearest) >= exact else math.nextafter(nearest, math.inf)
