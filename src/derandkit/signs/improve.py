"""Search on from derandomized sides, and prove a bound beyond the semidefinite one, in turns."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from derandkit.runtime.progress import OnProgress, Progress
from derandkit.signs.options import Plan
from derandkit.signs.proofs.flow.bound import Roof
from derandkit.signs.proofs.flow.cases import bound_by_flow_cases
from derandkit.signs.proofs.proven_bound import ProvenBound
from derandkit.signs.proofs.strategy import (
    best_bound,
    brief_bound,
    easy_bound,
    leaves_room,
    no_bound,
    odd_cycle_bound,
)
from derandkit.signs.rounding import cut_lattice, exact_cut, is_heavier, possible_cut
from derandkit.signs.search.search import WORK, SearchEffort, SearchOutcome, SearchRun
from derandkit.signs.search.turns import Turns

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.runtime.clock import Clock
    from derandkit.signs.relaxation.dual_bound import DualBound

#: How an upper bound beyond the semidefinite one may be found.
PROOFS: dict[Plan, Callable[..., ProvenBound | None]] = {
    "auto": easy_bound,
    "sdp": no_bound,
    "cycle": odd_cycle_bound,
    "best": best_bound,
    "brief": brief_bound,
}
#: What "auto" searches before it tries a proof: some 30 milliseconds.
EASY_SEARCH = SearchEffort(work=2_000_000)
#: Where it tries none: proposals for each vertex. That takes 5 to 40 % of what relaxation and descent take, the most on
#: dense graphs with few vertices.
SHORT_SEARCH = 2000
#: Graphs up to this size are searched shortly before a proof begins, so that its cases close early.
PROVEN_FIRST = 2000, 8000
#: With a limit of time: the share of what is left that a search before a bound may take.
SEARCH_SHARE = 0.5


def improve(
    graph: WeightedGraph,
    dual: DualBound,
    signs: SignArray,
    *,
    known: SignArray | None,
    effort: SearchEffort | Literal["auto"] | None,
    bound: Plan,
    easy: bool,
    roof: Roof | None,
    clock: Clock,
    report: OnProgress,
    prior: ProvenBound | None = None,
) -> tuple[SearchOutcome | None, ProvenBound | None]:
    """Search on from derandomized sides and prove a bound, as far as that is asked for and there is room.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    dual : DualBound
        The semidefinite bound.
    signs : ndarray of int8, shape (n,)
        The derandomized sides.
    known : ndarray of int8, shape (n,), or None
        Sides to start from where they are better.
    effort : SearchEffort, "auto", or None
        How long to search; "auto" is a short search, where the semidefinite bound leaves room for a better cut.
    bound : {"auto", "sdp", "cycle", "best", "brief"}
        Which bound to look for.
    easy : bool
        Whether "auto" may try a proof.
    roof : Roof or None
        What a flow has decided.
    clock : Clock
        Time for everything.
    report : callable
        Called with a `Progress` record now and then.
    prior : ProvenBound, optional
        A bound that is proven already.

    Returns
    -------
    found : SearchOutcome or None
        The better sides, if there was a search or the known ones are better.
    proven : ProvenBound or None
        The bound, if one was looked for.
    """
    found = None
    if known is not None and is_heavier(graph, known, signs):
        found = SearchOutcome(known if known[0] > 0 else -known, 0, 0, graph.n, graph.m, False)
        signs = found.signs
    if prior is not None and possible_cut(graph, cut_lattice(graph), prior.exact) <= exact_cut(graph, signs):
        report(Progress("certify", float(exact_cut(graph, signs)), prior.value, noise=0.0))
        return found, replace(prior, signs=signs)
    found, proven = _improved(
        graph,
        dual,
        signs,
        found,
        effort,
        bound,
        easy,
        roof,
        clock,
        report,
        math.inf if prior is None else prior.value,
    )
    if prior is None or (proven is not None and proven.exact <= prior.exact):
        return found, proven
    met = None if proven is None else proven.signs
    return found, replace(
        prior, signs=signs if met is None else met, interrupted=proven is not None and proven.interrupted
    )


def _improved(
    graph: WeightedGraph,
    dual: DualBound,
    signs: SignArray,
    found: SearchOutcome | None,
    effort: SearchEffort | Literal["auto"] | None,
    bound: Plan,
    easy: bool,
    roof: Roof | None,
    clock: Clock,
    report: OnProgress,
    known_bound: float,
) -> tuple[SearchOutcome | None, ProvenBound | None]:
    """Search and prove as `improve` does, beside a bound that is known already."""
    room = (roof is not None or easy or effort == "auto") and leaves_room(graph, signs, dual)
    if roof is not None and not clock.stopped and room:
        cases = bound_by_flow_cases(graph, signs, roof.reference)
        if cases is not None:
            report(Progress("certify", cases.value, cases.value, noise=0.0))
            return found, cases
    tries = easy and room
    if bound == "auto" and not tries:
        bound = "sdp"
    first = effort == "auto"  # so short that the proof may wait for it
    if effort == "auto":
        effort = None if not room else EASY_SEARCH if tries else short_search(graph)
    if clock.stopped or (effort is None and bound == "sdp"):
        return found, None
    race = _Race(graph.cut_value(signs), dual, report)
    found, proven = _in_turns(graph, roof, signs, found, effort, first, bound, dual, clock, race, known_bound)
    if bound != "sdp":
        report(Progress("certify", race.cut, race.bound, noise=0.0))
    return found, proven


def _in_turns(
    graph: WeightedGraph,
    roof: Roof | None,
    signs: SignArray,
    found: SearchOutcome | None,
    effort: SearchEffort | None,
    first: bool,
    bound: Plan,
    dual: DualBound,
    clock: Clock,
    race: _Race,
    least: float,
) -> tuple[SearchOutcome | None, ProvenBound | None]:
    """Search and prove, in turns, until cut and bound meet or both have done their work.

    A search whose time is limited by its effort, or that is very short, comes first. Both work on the graph that a flow
    leaves.
    """
    left = roof if roof is not None and roof.shrinks else None
    small = graph if left is None else left.contraction.graph
    constant = Fraction(0) if left is None else Fraction(left.contraction.constant)
    start = signs if left is None else left.below(signs)
    watch = race.beyond(float(constant))
    turns = early = None
    if effort is not None:
        first = first or bound == "sdp" or effort.time_limit is not None
        if effort.target is not None:
            effort = replace(effort, target=effort.target - float(constant))
        share = SEARCH_SHARE if bound != "sdp" else 1.0
        part = clock.part(_least(effort.time_limit, share_of(clock, share) if first else None))
        most = Fraction(dual.value) - constant if dual.certified else None
        if (
            not first
            and effort.work > EASY_SEARCH.work
            and small.n <= PROVEN_FIRST[0]
            and small.m <= PROVEN_FIRST[1]
        ):
            effort = replace(effort, work=effort.work - EASY_SEARCH.work)
            early = SearchRun(
                small, start, replace(EASY_SEARCH, target=effort.target), part, watch, share=share
            )
            start = Turns(small, early).finish(most)
        turns = Turns(small, SearchRun(small, start, effort, part, watch, share=share))
        if most is not None:
            turns.aim(most)
        if first:
            start = turns.finish(None)
    proven = None
    known_bound = min(least, math.inf if dual.status == "estimated" else dual.value) - float(constant)
    floor = math.inf if roof is None else float(roof.bound.exact) - float(constant)
    if bound != "sdp" and not clock.stopped:
        proven = PROOFS[bound](
            small, start, effort=effort, turns=None if first else turns,
            time_limit=share_of(clock, 1.0), on_progress=watch, least=min(known_bound, floor),
        )  # fmt: skip
    if turns is not None:
        if proven is not None and proven.signs is not None:
            turns.share(proven.signs)
        if not first:
            turns.finish(None if proven is None else proven.exact)
        best = turns.signs if left is None else left.contraction.lift(turns.signs)
        race.cut = max(race.cut, graph.cut_value(best))
        found = replace(turns.run.outcome(), signs=best if best[0] > 0 else -best)
        if early is not None:
            found = replace(
                found, work=found.work + early.outcome().work, runs=found.runs + early.outcome().runs
            )
    if proven is not None and left is not None:
        proven = left.above(proven)
    if roof is None or bound == "sdp" or (proven is not None and proven.exact <= roof.bound.exact):
        return found, proven
    if proven is None:
        return found, replace(roof.bound, signs=signs)
    return found, replace(roof.bound, signs=proven.signs, interrupted=proven.interrupted)


def _least(one: float | None, other: float | None) -> float | None:
    """Return the smaller of two limits of time, None where there is none."""
    return min((limit for limit in (one, other) if limit is not None), default=None)


def short_search(graph: WeightedGraph) -> SearchEffort:
    """Return a search that takes less than the relaxation, between `EASY_SEARCH` and "quick".

    Examples
    --------
    >>> from derandkit.datasets import gset
    >>> short_search(gset("G1")).work, short_search(gset("G81")).work
    (2000000, 40000000)
    """
    return SearchEffort(work=min(WORK["quick"], max(EASY_SEARCH.work, SHORT_SEARCH * graph.n)))


def share_of(clock: Clock, share: float) -> float | None:
    """Return the seconds that a stage may take of those that are left, or None without a limit."""
    return max(share * clock.seconds_left, 1e-9) if clock.limited else None


class _Race:
    """The best cut and the best bound so far, as they are reported while search and proof go on.

    A new bound begins above the semidefinite one; the smaller of the two is reported, before it an estimate.
    """

    def __init__(self, cut: float, dual: DualBound, report: OnProgress) -> None:
        self.cut, self.bound = cut, math.inf if dual.status == "estimated" else dual.value
        self.dual, self.report = dual.value, report

    def beyond(self, constant: float) -> OnProgress:
        """Return a callback for the work on a graph whose cuts weigh less by a constant."""

        def watch(progress: Progress) -> None:
            self.cut = max(self.cut, progress.value + constant)
            if progress.bound is not None:
                self.bound = min(self.bound, progress.bound + constant)
            shown = self.bound if self.bound < math.inf else self.dual
            self.report(replace(progress, value=self.cut, bound=shown))

        return watch
