"""Quadratic functions of signs, from a graph to sides: the core of every problem on signs as prose.

Read this file first: it is the algorithm. Relax the graph, take the Gaussian distribution of the relaxation (with
thresholds where the problem has them), derandomize it by the lemma or by conditional expectations, and round what
private noise is left; if asked to, search on from there and prove a better bound. Every stage hands its result to the
next, and nothing is random. What a problem makes of the sides, and how it certifies them, is its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from derandkit.options import check_choice
from derandkit.runtime.clock import stage
from derandkit.runtime.interrupts import reporting
from derandkit.runtime.progress import OnProgress, Progress
from derandkit.signs.balanced import balanced_sides, settled_by_sides
from derandkit.signs.derandomize.course import Course, conditional_course, lemma_course
from derandkit.signs.options import BOUNDS, DERANDOMIZERS, Bound, Derandomizer, Relaxation
from derandkit.signs.proofs.flow.bound import Roof, roof_dual
from derandkit.signs.proofs.proven_bound import ProvenBound
from derandkit.signs.proofs.strategy import (
    best_bound,
    easy_bound,
    is_easy,
    leaves_room,
    no_bound,
    odd_cycle_bound,
)
from derandkit.signs.relaxation.semidefinite import CutRelaxation, check_relaxation, relax_cut
from derandkit.signs.search.search import SearchEffort, SearchOutcome, SearchRun
from derandkit.signs.search.turns import Turns

if TYPE_CHECKING:
    from derandkit.engine.law import GaussianSampler
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.runtime.clock import Clock
    from derandkit.signs.relaxation.dual_bound import DualBound

#: How the distribution of the relaxation may be made deterministic.
METHODS: dict[Derandomizer, Callable[..., Course]] = {
    "lemma": lemma_course,
    "conditional": conditional_course,
}
#: How an upper bound beyond the semidefinite one may be found.
PROOFS: dict[Bound, Callable[..., ProvenBound | None]] = {
    "auto": easy_bound,
    "sdp": no_bound,
    "cycle": odd_cycle_bound,
    "best": best_bound,
}


#: What "auto" searches before it tries a proof: some 30 milliseconds.
EASY_SEARCH = SearchEffort(work=2_000_000)
#: Graphs up to this size are searched shortly before a proof begins, so that its cases close early.
PROVEN_FIRST = 2000, 8000
#: With a limit of time: the share of what is left that the relaxation may take, and a search before a bound.
RELAX_SHARE, SEARCH_SHARE = 0.5, 0.5


@dataclass(frozen=True, eq=False)
class Solution:
    """What every stage found.

    Parameters
    ----------
    relaxed : CutRelaxation
        Vectors, their value and the dual bound.
    course : Course
        The derandomization, and its sides.
    found : SearchOutcome or None
        What a search made of these sides.
    proven : ProvenBound or None
        A bound beyond the semidefinite one, and the best cut that was met on the way.
    interrupted : bool
        Whether the user ended the run early.
    """

    relaxed: CutRelaxation
    course: Course
    found: SearchOutcome | None
    proven: ProvenBound | None
    interrupted: bool


def solve(
    graph: WeightedGraph,
    *,
    relaxation: Relaxation = "lowrank",
    duality_gap: float = 1e-4,
    max_sweeps: int | None = None,
    start: Callable[[CutRelaxation], GaussianSampler] = CutRelaxation.sampler,
    method: Derandomizer = "lemma",
    effort: SearchEffort | Literal["auto"] | None = None,
    bound: Bound = "sdp",
    known: SignArray | None = None,
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
) -> Solution:
    """Find sides of large weight between them, and an upper bound.

    Parameters
    ----------
    graph : WeightedGraph
        Weights ``a_ij`` of any sign; what is maximised is the weight between the sides.
    relaxation, duality_gap, max_sweeps
        See `derandkit.signs.relaxation.semidefinite.relax_cut`.
    start : callable
        Makes the start distribution from the relaxation: by default mean zero and the vectors as spread. A problem with
        thresholds returns a mean that is not zero.
    method : {"lemma", "conditional"}
        The derandomizer.
    effort : SearchEffort, "auto", or None
        How long to search from the derandomized sides; no search by default. "auto" searches shortly where the bound
        "auto" tries a proof.
    bound : {"auto", "sdp", "cycle", "best"}
        Which upper bound to look for beyond the semidefinite one. "auto" tries a proof of half a second on graphs for
        which that may do, and none where the semidefinite bound proves the sides.
    known : ndarray of int8, shape (n,), optional
        Sides that are known already: the search starts from them where they are better than the derandomized ones, and
        without a search they count as what one found.
    time_limit : float, optional
        Seconds for everything together.
    on_progress : callable, optional
        Called with a `Progress` record now and then.

    Returns
    -------
    Solution
        The result of each stage.

    Raises
    ------
    InputError
        An option is unknown.

    Notes
    -----
    A balanced graph, whose greatest cut a two-colouring finds, skips the relaxation and the search. So does one for
    which a maximum flow decides every vertex (`derandkit.signs.proofs.flow.bound`), unless the bound is ``"sdp"``;
    where the flow decides some vertices, search and bound work on the graph that is left.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> solution = solve(WeightedGraph.from_edges([0, 1, 2], [1, 2, 0]))
    >>> solution.course.signs.tolist(), round(solution.relaxed.value, 3), solution.course.method
    ([1, -1, -1], 2.25, 'lemma')
    """
    check_options(method, bound)
    check_relaxation(relaxation, duality_gap, graph.n)
    with stage(time_limit) as clock:
        return _solve(
            graph,
            relaxation,
            duality_gap,
            max_sweeps,
            start,
            method,
            effort,
            bound,
            known,
            clock,
            reporting(clock, on_progress),
        )


def _solve(
    graph: WeightedGraph,
    relaxation: Relaxation,
    duality_gap: float,
    max_sweeps: int | None,
    start: Callable[[CutRelaxation], GaussianSampler],
    method: Derandomizer,
    effort: SearchEffort | Literal["auto"] | None,
    bound: Bound,
    known: SignArray | None,
    clock: Clock,
    report: OnProgress,
) -> Solution:
    def bounded(progress: Progress) -> None:
        report(replace(progress, bound=relaxed.bound.value))

    sides = balanced_sides(graph)
    easy = bound == "auto" and sides is None and is_easy(graph)
    plain = sides is not None or bound == "sdp" or (bound == "auto" and not easy)
    roof = None if plain else roof_dual(graph)
    if roof is not None and roof.bound.signs is not None:  # nothing to relax: a flow proves these sides
        relaxed, course = settled_by_sides(graph, roof.bound.signs, "flow")
        report(Progress("certify", course.final_expectation, roof.bound.value, noise=0.0))
        return Solution(relaxed, course, None, roof.bound, clock.interrupted)
    if sides is not None:  # nor here: the greatest cut is every positive edge
        relaxed, course = settled_by_sides(graph, sides)
    else:
        # relax: from signs to unit vectors, with a dual bound
        relaxed = relax_cut(
            graph,
            relaxation=relaxation,
            duality_gap=duality_gap,
            max_sweeps=max_sweeps,
            time_limit=_share(clock, RELAX_SHARE),
            on_progress=report,
        )
        # Gaussian distribution: of the vectors, and of thresholds where the problem has them
        law = start(relaxed)
        # derandomize: until private noise alone is left
        course = METHODS[method](
            graph,
            law,
            coarse=clock.stopped or (clock.limited and not relaxed.duality_gap_reached),
            on_progress=bounded,
        )

    # round: the greedy pass over that noise is the end of a course; a search goes on from its sides
    found = proven = None
    report(Progress("certify", course.final_expectation, relaxed.bound.value, noise=0.0))
    if known is not None and graph.cut_value(known) > graph.cut_value(course.signs):
        found = SearchOutcome(known if known[0] > 0 else -known, 0, 0, graph.n, graph.m, False)
    best = course if found is None else found
    tries = easy and leaves_room(graph, best.signs, relaxed.bound)
    if bound == "auto" and not tries:
        bound = "sdp"
    first = effort == "auto"  # so short that the proof may wait for it
    if effort == "auto":
        effort = EASY_SEARCH if tries else None
    if sides is not None:
        effort = None
    # certify: search on while a bound beyond the dual one is proven; the record is made by the problem
    if (effort is not None or bound != "sdp") and not clock.stopped:
        race = _Race(graph.cut_value(best.signs), relaxed.bound, report)
        found, proven = _improve(
            graph, roof, best.signs, found, effort, first, bound, relaxed.bound, clock, race
        )
        if bound != "sdp":
            report(Progress("certify", race.cut, race.bound, noise=0.0))
    return Solution(relaxed, course, found, proven, clock.interrupted)


def _improve(
    graph: WeightedGraph,
    roof: Roof | None,
    signs: SignArray,
    found: SearchOutcome | None,
    effort: SearchEffort | None,
    first: bool,
    bound: Bound,
    dual: DualBound,
    clock: Clock,
    race: _Race,
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
        part = clock.part(_least(effort.time_limit, _share(clock, share) if first else None))
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
    if bound != "sdp" and not clock.stopped:
        proven = PROOFS[bound](
            small, start, effort=effort, turns=None if first else turns,
            time_limit=_share(clock, 1.0), on_progress=watch,
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


def _share(clock: Clock, share: float) -> float | None:
    """Return the seconds that a stage may take of those that are left, or None without a limit."""
    return max(share * clock.seconds_left, 1e-9) if clock.limited else None


def check_options(method: str, bound: str) -> None:
    """Refuse a derandomizer or a bound that does not exist.

    Raises
    ------
    InputError
        Names what exists.
    """
    check_choice("method", method, DERANDOMIZERS)
    check_choice("bound", bound, BOUNDS)


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
