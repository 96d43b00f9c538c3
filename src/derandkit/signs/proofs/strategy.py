"""Which proof of an upper bound suits a graph, and how much work it may do."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from derandkit.certificates.cuts.rounding import cut_lattice, exact_cut, possible_cut
from derandkit.runtime.clock import stage
from derandkit.signs.search.reduction import reduce_graph

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.runtime.clock import Clock
    from derandkit.runtime.progress import OnProgress, Progress
    from derandkit.signs.proofs.cycles.bound import CycleBound
    from derandkit.signs.proofs.proven_bound import ProvenBound
    from derandkit.signs.relaxation.dual_bound import DualBound
    from derandkit.signs.search.search import SearchEffort


#: Beyond this many edges, or edges a vertex, the odd-cycle bound takes long or gains nothing.
CYCLE_EDGES, CYCLE_DENSITY = 200_000, 8.0


#: Branch and bound is tried up to this many vertices, and on graphs with at most so many edges whose cut and bound are
#: relatively this close.
BRANCH_VERTICES, BRANCH_EDGES, BRANCH_GAP = 400, 5000, 0.01


#: Work of branch and bound without a limit of time, in units of about two nanoseconds.
BRANCH_WORK = 20_000_000_000


#: What "auto" spends on a proof that the semidefinite bound leaves open, in the same units: about half a second. It is
#: tried where exact reductions leave at most so many vertices, or so many edges and few enough of them at a vertex.
EASY_WORK, EASY_VERTICES, EASY_EDGES = 250_000_000, 60, 4000


def is_easy(graph: WeightedGraph) -> bool:
    """Whether a proof of the greatest cut may well take less than a second.

    Examples
    --------
    >>> from derandkit.datasets import gset
    >>> [name for name in ("G1", "G11", "G48", "G81") if is_easy(gset(name))]
    ['G11']
    """
    if graph.n <= EASY_VERTICES or (graph.m <= EASY_EDGES and graph.m <= CYCLE_DENSITY * graph.n):
        return True
    reduced = reduce_graph(graph).reduced
    return reduced.n <= EASY_VERTICES or (reduced.m <= EASY_EDGES and reduced.m <= CYCLE_DENSITY * reduced.n)


def leaves_room(graph: WeightedGraph, signs: SignArray, bound: DualBound) -> bool:
    """Whether a semidefinite bound leaves it open that some cut is heavier, or is not proven at all.

    Examples
    --------
    >>> import networkx as nx
    >>> import derandkit
    >>> for graph in (nx.petersen_graph(), nx.karate_club_graph()):
    ...     found = derandkit.maxcut(graph, bound="sdp")
    ...     print(leaves_room(found.instance, found.signs, derandkit.relax_cut(graph).bound))
    False
    True
    """
    if not bound.certified:
        return True
    return possible_cut(graph, cut_lattice(graph), Fraction(bound.value)) > exact_cut(graph, signs)


def easy_bound(
    graph: WeightedGraph,
    signs: SignArray,
    *,
    effort: SearchEffort | None = None,
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
) -> ProvenBound | None:
    """Find a bound as `best_bound` does, within `EASY_WORK`."""
    from derandkit.signs.proofs.branching.tree import CYCLE_WORK

    with stage(time_limit) as clock:
        if graph.m > CYCLE_DENSITY * graph.n:
            return _branched(graph, signs, None, clock, on_progress, work=EASY_WORK)
        round_work = CYCLE_WORK * max(1, graph.m)
        cycles = odd_cycle_bound(
            graph, signs, effort=effort, max_rounds=max(1, EASY_WORK // round_work), on_progress=on_progress
        )
        signs = signs if cycles.signs is None else cycles.signs
        work = EASY_WORK - cycles.rounds * round_work
        if cycles.interrupted or clock.stopped or work <= EASY_WORK // 2 or _room(graph, cycles, signs) <= 0:
            return cycles
        return _branched(graph, signs, cycles, clock, on_progress, work=work)


def no_bound(
    graph: WeightedGraph,
    signs: SignArray,
    *,
    effort: SearchEffort | None = None,
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
) -> ProvenBound | None:
    """Compute no bound beyond the semidefinite one."""
    return None


def odd_cycle_bound(
    graph: WeightedGraph,
    signs: SignArray,
    *,
    effort: SearchEffort | None = None,
    time_limit: float | None = None,
    max_rounds: int | None = None,
    on_progress: OnProgress | None = None,
) -> CycleBound:
    """Pack odd cycles (`~derandkit.signs.proofs.cycles.bound.cycle_bound`); let them guide the search in a gap.

    `effort` is that of the search that found `signs`.
    """
    from derandkit.signs.proofs.cycles.bound import cycle_bound
    from derandkit.signs.search.guided import guided_cut

    with stage(time_limit):
        cycles = cycle_bound(graph, signs=signs, max_rounds=max_rounds, on_progress=on_progress)
        if cycles.signs is None or cycles.interrupted or _room(graph, cycles, cycles.signs) <= 0:
            return cycles
        found = guided_cut(graph, cycles.signs, cycles.fractional, effort=effort)
        return replace(cycles, signs=found.signs, interrupted=found.interrupted)


def best_bound(
    graph: WeightedGraph,
    signs: SignArray,
    *,
    effort: SearchEffort | None = None,
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
) -> ProvenBound | None:
    """Find the bound that suits the graph, and the optimum where it can be had.

    Sparse graphs are bounded by odd cycles. Where these leave a gap, and where they are no use, branch and bound
    (`derandkit.signs.proofs.branching.tree`) takes over if the graph has at most `BRANCH_VERTICES` vertices, or at
    most `BRANCH_EDGES` edges and a gap of at most `BRANCH_GAP`. It stops after `BRANCH_WORK`, within about a minute;
    with a limit of time it stops only there. A dense graph is branched first, and bounded by odd cycles if a gap is
    left. Of two bounds the smaller is returned, with the best cut met on the way to either; None where neither suits.
    """
    with stage(time_limit) as clock:
        if graph.m > min(CYCLE_EDGES, CYCLE_DENSITY * graph.n):
            if graph.n > BRANCH_VERTICES:
                return None
            tree = _branched(graph, signs, None, clock, on_progress)
            return _beside_cycles(graph, tree, signs, clock, effort, on_progress)
        cycles = odd_cycle_bound(graph, signs, effort=effort, on_progress=on_progress)
        if cycles.interrupted:
            return cycles
        signs = signs if cycles.signs is None else cycles.signs
        gap = _room(graph, cycles, signs)
        far = graph.m > BRANCH_EDGES or gap > BRANCH_GAP * abs(cycles.exact)
        if gap <= 0 or (graph.n > BRANCH_VERTICES and far) or clock.stopped:
            return cycles
        return _branched(graph, signs, cycles, clock, on_progress)


def _beside_cycles(
    graph: WeightedGraph,
    tree: ProvenBound,
    signs: SignArray,
    clock: Clock,
    effort: SearchEffort | None,
    on_progress: OnProgress | None,
) -> ProvenBound:
    """Bound a dense graph by odd cycles as well where branching left a gap, and return the smaller bound.

    Where weights are of very different size a few heavy cycles say more than the semidefinite bounds of the tree.
    """
    best = signs if tree.signs is None else tree.signs
    if tree.interrupted or clock.stopped or graph.m > CYCLE_EDGES or _room(graph, tree, best) <= 0:
        return tree
    cycles = odd_cycle_bound(graph, best, effort=effort, on_progress=_no_worse_than(tree.value, on_progress))
    if cycles.exact >= tree.exact:
        return tree
    return cycles if cycles.signs is not None else replace(cycles, signs=best)


def _no_worse_than(least: float, on_progress: OnProgress | None) -> OnProgress | None:
    """Return a callback that reports the smaller of two bounds."""
    if on_progress is None:
        return None
    report = on_progress

    def smaller(progress: Progress) -> None:
        bound = least if progress.bound is None else min(progress.bound, least)
        report(replace(progress, bound=bound))

    return smaller


def _branched(
    graph: WeightedGraph,
    signs: SignArray,
    cycles: ProvenBound | None,
    clock: Clock,
    on_progress: OnProgress | None,
    work: int = BRANCH_WORK,
) -> ProvenBound:
    """Branch, beginning from what odd cycles have proven if there is that, and return the better of the two."""
    from derandkit.signs.proofs.branching.tree import branch_and_bound

    tree = branch_and_bound(
        graph,
        signs=signs,
        work_limit=None if clock.limited else work,
        on_progress=on_progress if cycles is None else _no_worse_than(cycles.value, on_progress),
    )
    if cycles is None or tree.exact < cycles.exact:
        return tree
    return replace(cycles, signs=tree.signs, interrupted=tree.interrupted)


def _room(graph: WeightedGraph, bound: ProvenBound, signs: SignArray) -> Fraction:
    """How much heavier than this one a cut can be that the bound leaves possible."""
    return possible_cut(graph, cut_lattice(graph), bound.exact) - exact_cut(graph, signs)
