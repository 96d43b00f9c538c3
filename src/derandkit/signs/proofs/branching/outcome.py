"""What branch and bound comes to."""

from __future__ import annotations

from dataclasses import dataclass

from derandkit.signs.proofs.proven_bound import ProvenBound


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class BranchBound(ProvenBound):
    """A bound from branch and bound.

    Parameters
    ----------
    nodes : int
        Cases that were bounded, the whole graph included.
    open_nodes : int
        Cases that are neither split nor closed; 0 when the cut is proven optimal.
    work : int
        What it took, in units of about two nanoseconds.
    """

    nodes: int
    open_nodes: int
    work: int
