"""Which proof of an upper bound suits a graph, and how much work it may do."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.rounding import float_above
from derandkit.runtime.clock import current, stage
from derandkit.signs.proofs.proven_bound import ProvenBound, proving
from derandkit.signs.rounding import cut_lattice, exact_cut, possible_cut
from derandkit.signs.search.reduction import reduce_graph

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.runtime.clock import Clock
    from derandkit.runtime.progress import OnProgress, Progress
    from derandkit.signs.proofs.cycles.bound import CycleBound, CycleRun
    from derandkit.signs.relaxation.dual_bound import DualBound
    from derandkit.signs.search.search import SearchEffort
    from derandkit.signs.search.turns import Turns


#: Beyond this many edges, or edges a vertex, the odd-cycle bound takes long or gains nothing.
CYCLE_EDGES, CYCLE_DENSITY = 200_000, 8.0


#: Branch and bound is tried up to this many vertices, and on graphs with at most so many edges whose cut and bound are
#: relatively this close.
BRANCH_VERTICES, BRANCH_EDGES, BRANCH_GAP = 400, 5000, 0.01


#: Work of branch and bound without a limit of time, in units of about two nanoseconds.
BRANCH_WORK = 20_000_000_000


#: The same for problems that want a proof by default: about ten seconds; and beyond how many edges a vertex branching
#: with triangles comes first there.
BRIEF_WORK, BRIEF_DENSITY = 14_000_000_000, 5.0


#: What "auto" spends on a proof that the semidefinite bound leaves open, in the same units: about half a second. It is
#: tried where exact reductions leave at most so many vertices, or so many edges and few enough of them at a vertex.
EASY_WORK, EASY_VERTICES, EASY_EDGES = 250_000_000, 60, 4000
#: Seconds that reductions take for a vertex or edge, and the share of a limit of time that they may take.
REDUCTION_SECONDS, REDUCTION_SHARE = 6.0e-7, 0.1


#: Rounds of the odd-cycle bound before it is given up, and over which its pace is kept up where time is not limited.
FEWEST_ROUNDS, PACE_ROUNDS = 2, 50


def is_easy(graph: WeightedGraph) -> bool:
    """Whether a proof of the greatest cut may well take less than a second.

    Notes
    -----
    No reduction is tried where it cannot suffice. Splitting a graph changes neither its ``m - n + components`` nor its
    ``n - components``. To take out a vertex lowers the second number by one, or is the end of a component, and the
    first number by two at most, where two edges merge into one that weighs nothing. So at least
    ``m - n - 2 (n - 1)`` edges are left, but for those that weigh nothing from the beginning. Under a limit of time no
    reduction is tried that is predicted to take more than `REDUCTION_SHARE` of what is left.

    Examples
    --------
    >>> from derandkit.datasets import gset
    >>> [name for name in ("G1", "G11", "G48", "G81") if is_easy(gset(name))]
    ['G11']
    """
    if graph.n <= EASY_VERTICES or (graph.m <= EASY_EDGES and graph.m <= CYCLE_DENSITY * graph.n):
        return True
    if np.count_nonzero(graph.weights) // 2 - 3 * graph.n > EASY_EDGES:
        return False
    if REDUCTION_SECONDS * (graph.n + graph.m) > REDUCTION_SHARE * current().seconds_left:
        return False
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
    turns: Turns | None = None,
    time_limit: float | None = None,
    least: float = math.inf,
    on_progress: OnProgress | None = None,
) -> ProvenBound | None:
    """Find a bound as `best_bound` does, within `EASY_WORK`."""
    from derandkit.signs.proofs.cycles.bound import CYCLE_WORK

    with stage(time_limit) as clock:
        if graph.m > CYCLE_DENSITY * graph.n:
            return _branched(graph, signs, None, clock, turns, on_progress, work=EASY_WORK)
        round_work = CYCLE_WORK * max(1, graph.m)
        cycles, run = _guided_by_cycles(
            graph, signs, effort, turns, on_progress, max_rounds=max(1, EASY_WORK // round_work)
        )
        signs = signs if cycles.signs is None else cycles.signs
        work = EASY_WORK - cycles.rounds * round_work
        if cycles.interrupted or clock.stopped or work <= EASY_WORK // 2 or _room(graph, cycles, signs) <= 0:
            return cycles
        return _branched(graph, signs, cycles, clock, turns, on_progress, work=work, run=run)


def no_bound(
    graph: WeightedGraph,
    signs: SignArray,
    *,
    effort: SearchEffort | None = None,
    turns: Turns | None = None,
    time_limit: float | None = None,
    least: float = math.inf,
    on_progress: OnProgress | None = None,
) -> ProvenBound | None:
    """Compute no bound beyond the semidefinite one."""
    return None


def odd_cycle_bound(
    graph: WeightedGraph,
    signs: SignArray,
    *,
    effort: SearchEffort | None = None,
    turns: Turns | None = None,
    time_limit: float | None = None,
    least: float = math.inf,
    on_progress: OnProgress | None = None,
) -> CycleBound:
    """Pack odd cycles (`~derandkit.signs.proofs.cycles.bound.cycle_bound`); let them guide the search in a gap.

    A search that takes turns with the packing ends within it where the two meet, and is made to its end otherwise.
    """
    with stage(time_limit):
        cycles, _ = _guided_by_cycles(graph, signs, effort, turns, on_progress)
        return _searched_on(graph, cycles, effort, turns)


def _guided_by_cycles(
    graph: WeightedGraph,
    signs: SignArray,
    effort: SearchEffort | None,
    turns: Turns | None,
    on_progress: OnProgress | None,
    max_rounds: int | None = None,
    give_up: Callable[[float], bool] | None = None,
    least: float = math.inf,
) -> tuple[CycleBound, CycleRun]:
    """Pack odd cycles, and search shortly where they leave a gap; return the bound and the program as it was solved."""
    from derandkit.signs.proofs.cycles.bound import packed, packed_bound

    run = packed(graph, signs, max_rounds, proving(current(), on_progress), turns, give_up)
    cycles = packed_bound(graph, run)
    if give_up is not None and not cycles.complete and cycles.value >= least:
        return cycles, run
    return _guided(graph, cycles, effort if turns is None else None), run


def _guided(graph: WeightedGraph, cycles: CycleBound, effort: SearchEffort | None) -> CycleBound:
    """Let the fractions of the edges guide a search, unless the bound leaves no room for a heavier cut."""
    from derandkit.signs.search.guided import guided_cut

    if cycles.signs is None or cycles.interrupted or _room(graph, cycles, cycles.signs) <= 0:
        return cycles
    target = float_above(possible_cut(graph, cut_lattice(graph), cycles.exact))
    found = guided_cut(graph, cycles.signs, cycles.fractional, effort=effort, target=target)
    return replace(cycles, signs=found.signs, interrupted=found.interrupted)


def _searched_on(
    graph: WeightedGraph, cycles: CycleBound, effort: SearchEffort | None, turns: Turns | None
) -> CycleBound:
    """Make the search to its end where odd cycles leave a gap, and let them guide it once more."""
    signs = cycles.signs
    if turns is None or signs is None or cycles.interrupted or _room(graph, cycles, signs) <= 0:
        return cycles
    turns.share(signs)
    return _guided(graph, replace(cycles, signs=turns.finish(cycles.exact)), effort)


def best_bound(
    graph: WeightedGraph,
    signs: SignArray,
    *,
    effort: SearchEffort | None = None,
    turns: Turns | None = None,
    time_limit: float | None = None,
    least: float = math.inf,
    on_progress: OnProgress | None = None,
) -> ProvenBound | None:
    """Find the bound that suits the graph, and the optimum where it can be had.

    Sparse graphs are bounded by odd cycles. Where these leave a gap, and where they are no use, branch and bound
    (`derandkit.signs.proofs.branching.tree`) takes over if the graph has at most `BRANCH_VERTICES` vertices, or at
    most `BRANCH_EDGES` edges and a gap of at most `BRANCH_GAP`. It stops after `BRANCH_WORK`, within about a minute;
    with a limit of time it stops only there. A dense graph is branched first, and bounded by odd cycles if a gap is
    left; with a limit of time, and beyond `BRANCH_VERTICES`, cycles come first as far as they may beat the bound that
    is known already, `least`. Of two bounds the smaller is returned, with the best cut met on the way to either; None
    where neither suits.
    """
    with stage(time_limit) as clock:
        if graph.m > min(CYCLE_EDGES, CYCLE_DENSITY * graph.n):
            few = graph.m <= CYCLE_EDGES
            if few and (clock.limited or graph.n > BRANCH_VERTICES):
                prospects = _Prospects(least, clock)
                first, run = _guided_by_cycles(
                    graph, signs, effort, turns, on_progress, give_up=prospects.are_poor, least=least
                )
                best = signs if first.signs is None else first.signs
                done = first.interrupted or clock.stopped or _room(graph, first, best) <= 0
                if not done and graph.n > BRANCH_VERTICES and _says_nothing(graph, first, signs, least):
                    return None
                if done or graph.n > BRANCH_VERTICES:
                    return first
                return _branched(graph, best, first, clock, turns, on_progress, run=run)
            if graph.n > BRANCH_VERTICES:
                return None
            tree = _branched(graph, signs, None, clock, turns, on_progress)
            return _beside_cycles(graph, tree, signs, clock, effort, turns, on_progress)
        cycles, run = _guided_by_cycles(graph, signs, effort, turns, on_progress)
        if cycles.interrupted:
            return cycles
        signs = signs if cycles.signs is None else cycles.signs
        gap = _room(graph, cycles, signs)
        far = graph.m > BRANCH_EDGES or gap > BRANCH_GAP * abs(cycles.exact)
        if gap <= 0 or clock.stopped:
            return cycles
        if graph.n > BRANCH_VERTICES and far:
            return _searched_on(graph, cycles, effort, turns)
        return _branched(graph, signs, cycles, clock, turns, on_progress, run=run)


def _says_nothing(graph: WeightedGraph, found: ProvenBound, signs: SignArray, least: float) -> bool:
    """Whether neither the bound is below the one that is known, nor the cut above."""
    lighter = found.signs is None or graph.cut_value(found.signs) <= graph.cut_value(signs)
    return found.value >= least and lighter


def brief_bound(
    graph: WeightedGraph,
    signs: SignArray,
    *,
    effort: SearchEffort | None = None,
    turns: Turns | None = None,
    time_limit: float | None = None,
    least: float = math.inf,
    on_progress: OnProgress | None = None,
) -> ProvenBound | None:
    """Find a bound as `best_bound` does, but branch for `BRIEF_WORK` at most unless time is limited."""
    with stage(time_limit) as clock:
        cycles, run = None, None
        if graph.m <= BRIEF_DENSITY * graph.n:
            cycles, run = _guided_by_cycles(graph, signs, effort, turns, on_progress)
            signs = signs if cycles.signs is None else cycles.signs
            if cycles.interrupted or clock.stopped or _room(graph, cycles, signs) <= 0:
                return cycles
        return _branched(
            graph, signs, cycles, clock, turns, on_progress, work=BRIEF_WORK, run=run, steady=True
        )


class _Prospects:
    """Whether odd cycles may beat a bound that is known, or are better left to branching.

    Bounds fall more and more slowly, so that the pace of the last two rounds, kept up, is more than they can do. Once
    they have beaten the known bound nothing else is likely to do better, and they go on.

    Parameters
    ----------
    least : float
        The bound that is known.
    clock : Clock
        Where time is limited, cycles have what is left to beat it.
    """

    def __init__(self, least: float, clock: Clock) -> None:
        self.least, self.clock = least, clock
        self.begin = clock.seconds_left
        self.bounds: list[float] = []

    def are_poor(self, bound: float) -> bool:
        """Whether another proof has better prospects, after a round that ended with this bound."""
        self.bounds.append(bound)
        if bound < self.least:
            return False
        rounds = float(PACE_ROUNDS)
        if self.clock.limited:
            left = self.clock.seconds_left
            rounds = left / max(self.begin - left, 1e-9) * len(self.bounds)
        if len(self.bounds) <= FEWEST_ROUNDS:
            return False
        gain = (self.bounds[-3] - bound) / 2
        return bound - rounds * gain >= self.least


def _beside_cycles(
    graph: WeightedGraph,
    tree: ProvenBound,
    signs: SignArray,
    clock: Clock,
    effort: SearchEffort | None,
    turns: Turns | None,
    on_progress: OnProgress | None,
) -> ProvenBound:
    """Bound a dense graph by odd cycles as well where branching left a gap, and return the smaller bound.

    Where weights are of very different size a few heavy cycles say more than the semidefinite bounds of the tree.
    """
    best = signs if tree.signs is None else tree.signs
    if tree.interrupted or clock.stopped or graph.m > CYCLE_EDGES or _room(graph, tree, best) <= 0:
        return tree
    cycles, _ = _guided_by_cycles(graph, best, effort, turns, _no_worse_than(tree.value, on_progress))
    if cycles.exact >= tree.exact:
        return tree if cycles.signs is None else replace(tree, signs=cycles.signs)
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
    turns: Turns | None,
    on_progress: OnProgress | None,
    work: int | None = None,
    run: CycleRun | None = None,
    steady: bool = False,
) -> ProvenBound:
    """Branch, beginning from what odd cycles have proven if there is that, and return the better of the two."""
    from derandkit.signs.proofs.branching.tree import bound_by_cases

    report = on_progress if cycles is None else _no_worse_than(cycles.value, on_progress)
    limit = BRANCH_WORK if work is None else work
    with stage(work_limit=None if clock.limited else limit) as part:
        tree = bound_by_cases(graph, signs, part, turns=turns, solved=run, steady=steady, on_progress=report)
    if cycles is None or tree.exact < cycles.exact:
        return tree
    return replace(cycles, signs=tree.signs, interrupted=tree.interrupted)


def _room(graph: WeightedGraph, bound: ProvenBound, signs: SignArray) -> Fraction:
    """How much heavier than this one a cut can be that the bound leaves possible."""
    return possible_cut(graph, cut_lattice(graph), bound.exact) - exact_cut(graph, signs)
