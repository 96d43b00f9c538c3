"""Quadratic functions of signs, from a graph to sides: the core of every problem on signs as prose.

Read this file first: it is the algorithm. Relax the graph, take the Gaussian distribution of the relaxation (with
thresholds where the problem has them), derandomize it by the lemma or by conditional expectations, round what private
noise is left, and prepare what a problem certifies: prove a better bound and search on from the sides, if asked to.
`_solve` has these steps in this order, as `derandkit.embeddings.solve` and `derandkit.structure.solve` have. Nothing is
random. What a problem makes of the sides, and the record that certifies them, is its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from derandkit.options import check_choice
from derandkit.runtime.clock import stage
from derandkit.runtime.interrupts import reporting
from derandkit.runtime.progress import OnProgress, Progress
from derandkit.signs.balanced import balanced_sides, settled_by_sides
from derandkit.signs.derandomize.course import Course, conditional_course, lemma_course
from derandkit.signs.derandomize.thresholds import best_start
from derandkit.signs.improve import improve, share_of
from derandkit.signs.options import BOUNDS, DERANDOMIZERS, PLANS, Derandomizer, Plan, Relaxation
from derandkit.signs.proofs.flow.bound import roof_dual
from derandkit.signs.proofs.flow.cases import CASE_EDGES, CASE_VERTICES
from derandkit.signs.proofs.proven_bound import ProvenBound
from derandkit.signs.proofs.strategy import is_easy
from derandkit.signs.relaxation.lowrank import is_large
from derandkit.signs.relaxation.semidefinite import CutRelaxation, check_relaxation, relax_cut
from derandkit.signs.search.search import SearchEffort, SearchOutcome

if TYPE_CHECKING:
    from derandkit.engine.law import GaussianSampler
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.runtime.clock import Clock

#: How the distribution of the relaxation may be made deterministic.
METHODS: dict[Derandomizer, Callable[..., Course]] = {
    "lemma": lemma_course,
    "conditional": conditional_course,
}
#: With a limit of time: the share of what is left that the relaxation may take.
RELAX_SHARE = 0.5


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
    beta : float or None
        How far the sides of the start lean to the reference; None for a plain hyperplane.
    """

    relaxed: CutRelaxation
    course: Course
    found: SearchOutcome | None
    proven: ProvenBound | None
    interrupted: bool
    beta: float | None = None


def solve(
    graph: WeightedGraph,
    *,
    relaxation: Relaxation = "lowrank",
    duality_gap: float = 1e-4,
    max_sweeps: int | None = None,
    start: Callable[[CutRelaxation], GaussianSampler] = CutRelaxation.sampler,
    reference: int | None = None,
    method: Derandomizer = "lemma",
    effort: SearchEffort | Literal["auto"] | None = None,
    bound: Plan = "sdp",
    known: SignArray | None = None,
    prior: ProvenBound | None = None,
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
    reference : int, optional
        A vertex that stands for a constant: on graphs that are not large the start is then the best of hyperplanes with
        and without thresholds (`derandkit.signs.derandomize.thresholds`), whatever `start` is.
    method : {"lemma", "conditional"}
        The derandomizer.
    effort : SearchEffort, "auto", or None
        How long to search from the derandomized sides; no search by default. "auto" searches shortly
        (`derandkit.signs.improve.short_search`) where the semidefinite bound leaves room.
    bound : {"auto", "sdp", "cycle", "best", "brief"}
        Which upper bound to look for beyond the semidefinite one; "brief" is the best within counted work. "auto" tries
        a proof of half a second on graphs for which that may do, and none where the semidefinite bound proves the
        sides.
    known : ndarray of int8, shape (n,), optional
        Sides that are known already: the search starts from them where they are better than the derandomized ones, and
        without a search they count as what one found.
    prior : ProvenBound, optional
        A bound that is proven already; it counts where none that is found here is lower.
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
    which a maximum flow decides every vertex (`derandkit.signs.proofs.flow.bound`), unless the bound is ``"sdp"``
    (with ``"auto"`` a flow is tried on easy and on small graphs only). Where the flow decides some vertices, search and
    bound work on the graph that is left.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> solution = solve(WeightedGraph.from_edges([0, 1, 2], [1, 2, 0]))
    >>> solution.course.signs.tolist(), round(solution.relaxed.value, 3), solution.course.method
    ([1, -1, -1], 2.25, 'lemma')
    """
    method = check_choice("method", method, DERANDOMIZERS)
    bound = check_choice("bound", bound, PLANS)
    check_relaxation(relaxation, duality_gap, graph.n)
    duality_gap = float(duality_gap)  # narrow types of NumPy would round every tolerance
    asked = Asked(relaxation, duality_gap, max_sweeps, start, reference, method, effort, bound, known, prior)
    with stage(time_limit) as clock:
        return _solve(graph, asked, clock, reporting(clock, on_progress))


@dataclass(frozen=True, eq=False)
class Asked:
    """The checked options of a call; the fields are those of `solve`."""

    relaxation: Relaxation
    duality_gap: float
    max_sweeps: int | None
    start: Callable[[CutRelaxation], GaussianSampler]
    reference: int | None
    method: Derandomizer
    effort: SearchEffort | Literal["auto"] | None
    bound: Plan
    known: SignArray | None
    prior: ProvenBound | None = None


def _solve(graph: WeightedGraph, asked: Asked, clock: Clock, report: OnProgress) -> Solution:
    """Go through the steps; every one hands its result to the next."""
    sides = balanced_sides(graph)  # of a balanced graph: every positive edge is cut
    easy = asked.bound == "auto" and sides is None and is_easy(graph)
    small = graph.n <= CASE_VERTICES and graph.m <= CASE_EDGES
    flow = sides is None and (
        easy or asked.bound in ("cycle", "best", "brief") or (asked.bound == "auto" and small)
    )
    roof = roof_dual(graph) if flow else None
    beta: float | None = None
    if roof is not None and roof.bound.signs is not None:  # a flow proves these sides
        relaxed, course = settled_by_sides(graph, roof.bound.signs, "flow")
        report(Progress("certify", course.final_expectation, roof.bound.value, noise=0.0))
        return Solution(relaxed, course, None, roof.bound, clock.interrupted)
    if sides is not None:  # nothing to relax here either
        relaxed, course = settled_by_sides(graph, sides)
    else:
        # relax: from signs to unit vectors, with a dual bound
        relaxed = relax(graph, asked, clock, report)
        # Gaussian distribution: of the vectors, and of thresholds where the problem has them
        leaning = None
        if asked.reference is not None and not is_large(graph) and not clock.stopped:
            leaning = best_start(graph, relaxed.vectors, asked.reference)
        law = asked.start(relaxed) if leaning is None else leaning.law
        # derandomize: until private noise alone is left
        # round: a course ends with a greedy pass over that noise
        course = derandomize(graph, relaxed, law, asked, clock, report)
        if leaning is not None and course.start_expectation >= leaning.expectation:
            beta = leaning.beta
    # certify: a bound is proven and the sides are improved where that is asked for; the problem makes the record
    report(Progress("certify", course.final_expectation, relaxed.bound.value, noise=0.0))
    found, proven = improve(
        graph,
        relaxed.bound,
        course.signs,
        known=asked.known,
        effort=None if sides is not None else asked.effort,
        bound=asked.bound,
        easy=easy,
        roof=roof,
        clock=clock,
        report=report,
        prior=asked.prior,
    )
    return Solution(relaxed, course, found, proven, clock.interrupted, beta)


def relax(graph: WeightedGraph, asked: Asked, clock: Clock, report: OnProgress) -> CutRelaxation:
    """Solve the semidefinite program, in a share of the time where that is limited."""
    return relax_cut(
        graph,
        relaxation=asked.relaxation,
        duality_gap=asked.duality_gap,
        max_sweeps=asked.max_sweeps,
        time_limit=share_of(clock, RELAX_SHARE),
        on_progress=report,
    )


def derandomize(
    graph: WeightedGraph,
    relaxed: CutRelaxation,
    law: GaussianSampler,
    asked: Asked,
    clock: Clock,
    report: OnProgress,
) -> Course:
    """Go from the distribution to sides by the method, on coarse steps where time is short."""
    plain = (
        relaxed.sampler()
        if asked.method == "lemma" and asked.reference is not None and law.mean.any()
        else None
    )
    return METHODS[asked.method](
        graph,
        law,
        **({} if plain is None else {"plain": plain}),
        expectation=None if law.mean.any() or law.spread is not relaxed.vectors else relaxed.expectation,
        coarse=clock.stopped or (clock.limited and not relaxed.duality_gap_reached),
        on_progress=lambda progress: report(replace(progress, bound=relaxed.bound.value)),
    )


def check_options(method: str, bound: str) -> None:
    """Refuse a derandomizer or a bound that does not exist.

    Raises
    ------
    InputError
        Names what exists.
    """
    method = check_choice("method", method, DERANDOMIZERS)
    bound = check_choice("bound", bound, BOUNDS)
