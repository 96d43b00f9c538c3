"""Maximum cut, from a graph to a certified deterministic answer.

The core does the work (`derandkit.signs.solve`, read that first): relax the graph to a Gaussian distribution (Goemans
and Williamson), derandomize it (the lemma, or conditional expectations), round what private noise is left; if asked to,
search on from there and prove a better bound. Here the result is certified: this stage trusts none of the others.
`_cut` has these steps; under constraints it works on what they leave of the graph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

from derandkit.cuts.constraints import constrained_result, lifted_sides, read_constraints
from derandkit.cuts.ranking import ranked_result
from derandkit.cuts.result import MaxCutResult, graph_record, sides_text
from derandkit.cuts.starts import contracted_start, read_start
from derandkit.datasets.instances import as_graph
from derandkit.engine.outcome import DerandomizationHistory
from derandkit.errors import InputError
from derandkit.graphs.formats import AUTO_WEIGHT, Symmetrize, WeightName
from derandkit.options import check_choice, renamed
from derandkit.parts.cuts import (
    BoundRecord,
    Chain,
    CutWitness,
    FinalStationarity,
    Guarantee,
    RelaxationRecord,
    SearchRecord,
    ThresholdRecord,
)
from derandkit.parts.part import EncodedArray
from derandkit.records import encode_array
from derandkit.runtime.interrupts import deliver, entry, reporting
from derandkit.signs.contraction import contract
from derandkit.signs.options import RELAXATIONS, SEARCHES
from derandkit.signs.relaxation.dual_bound import trivial_bound
from derandkit.signs.rounding import exact_cut, is_heavier, upper_bound
from derandkit.signs.search.search import SearchEffort, SearchOutcome, check_time_limit
from derandkit.signs.search.several import SPARE, several_cuts
from derandkit.signs.solve import check_options, solve
from derandkit.signs.values import (
    WITNESS_LIMIT,
    duality_gap_reached,
    final_stationarity,
    guarantee_record,
    settled_mean,
)
from derandkit.status import CutStatus
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from fractions import Fraction

    from derandkit.cuts.constraints import Relation
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.runtime.interrupts import OnInterrupt
    from derandkit.runtime.progress import OnProgress
    from derandkit.signs.derandomize.course import Course
    from derandkit.signs.options import Bound, Derandomizer, Plan, Relaxation, SearchName
    from derandkit.signs.proofs.proven_bound import ProvenBound
    from derandkit.signs.relaxation.semidefinite import CutRelaxation


@renamed(gap="duality_gap")
def maxcut(
    graph: object,
    *,
    weight: WeightName = AUTO_WEIGHT,
    symmetrize: Symmetrize | None = None,
    relaxation: Relaxation = "lowrank",
    method: Derandomizer = "lemma",
    duality_gap: float = 1e-4,
    max_sweeps: int | None = None,
    search: SearchName | SearchEffort | None = "auto",
    bound: Bound = "auto",
    fixed: Mapping[Any, int] | None = None,
    pairs: Iterable[tuple[Any, Any, Relation]] | None = None,
    start: object = None,
    solutions: int | None = None,
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
    on_interrupt: OnInterrupt = "raise",
    throw: bool = False,
) -> MaxCutResult:
    """Find a large cut and a certified upper bound, deterministically.

    Parameters
    ----------
    graph : object
        An undirected graph with real weights of any sign: whatever `derandkit.as_graph` accepts (an object of networkx,
        igraph, rustworkx, pandas, SciPy or NumPy, a mapping or sequence of edges, a file), or a name such as ``"G22"``.
    weight : str or None
        Edge attribute that holds the weight (networkx, GraphML, GML); None counts every edge as 1.
    symmetrize : {"sum", "mean", "max"}, optional
        How two directions become one edge, for a directed graph or a matrix that is not symmetric.
    relaxation : {"lowrank", "cvxpy"}
        How the semidefinite relaxation is solved; cvxpy (extra ``cvxpy``) is for at most 200 vertices.
    method : {"lemma", "conditional"}
        The derandomizer: the lemma's descent, or the method of conditional expectations on the SDP vectors.
    duality_gap : float
        Relative duality gap at which the relaxation stops, at most 0.1.
    max_sweeps : int, optional
        Most passes of the relaxation over the vertices; by default about a minute of work.
    search : {"auto", "quick", "thorough"}, SearchEffort or None
        Improve the derandomized cut by a search of that effort (`derandkit.search_cut`), or not at all. By default
        briefly, for a part of the time of the rest, where the semidefinite bound leaves room: 2000 proposals for each
        vertex, at least two million (some 30 milliseconds) and at most those of ``"quick"``.
    bound : {"auto", "sdp", "cycle", "best"}
        Upper bound to look for beyond the semidefinite one: none, that of the odd cycles, or what suits the graph. By
        default a proof of optimality is tried for about half a second where the semidefinite bound is not one already
        and the graph is small or sparse: up to 60 vertices, or 4000 edges, after exact reductions.
    fixed : mapping or series of label to 0 or 1, optional
        Vertices whose side is given; ``result.sides`` has them as they are here.
    pairs : iterable of (label, label, "same" or "opposite"), optional
        Vertices that are on the same side or on opposite sides; also a frame with such rows, or a mapping or series
        ``{(u, v): "same"}``.
    start : MaxCutResult, mapping of label to side, pair of collections of labels, or array, optional
        A cut to start from (warm start): a search starts from it where it weighs more than the derandomized cut, and
        the result never weighs less (with `fixed` or `pairs`: but for the rounding of weights that they add up).
    solutions : int, optional
        Number of different cuts: ``result.solutions`` has the greatest that were found, the best one first.
    time_limit : float, optional
        Seconds for the whole call: relaxation, derandomization, search and bound. What is found then depends on the
        machine.
    on_progress : callable, optional
        Called with a `derandkit.Progress` now and then; an exception it raises propagates, except
        `KeyboardInterrupt`, which is like Ctrl-C.
    on_interrupt : {"raise", "return"}
        Ctrl-C ends the run with the best answer so far, verified like any other: the exception `Interrupted` carries
        it, or it is returned, with the status ``INTERRUPTED``. A second press ends the run at once.
    throw : bool
        Raise `ConvergenceError` instead of returning a result whose status is not ok.

    Returns
    -------
    MaxCutResult
        Sides, values, bounds, chain and certificate; a `ConstrainedCutResult` with `fixed` or `pairs`, whose bound is
        one on every cut that obeys them.

    Raises
    ------
    InputError
        The graph cannot be used, an option is unknown, or constraints name an unknown vertex or contradict each other.
    MissingDependencyError
        ``relaxation="cvxpy"`` without cvxpy.
    ConvergenceError
        Only with ``throw=True``.
    Interrupted
        See `on_interrupt`.

    Notes
    -----
    With non-negative weights the cut is at least 0.87856 times the SDP value, hence 0.87856 times the optimum; with
    both signs ``guarantee`` says what holds. Time is dominated by the sweeps, ``O(m r)`` each, and one factorisation.

    References
    ----------
    Goemans and Williamson, J. ACM 42 (1995); Tsikouras, Pantis, Mitliagkas, Tzamos, ICLR 2026 (arXiv 2510.19382),
    Lemma 3.1 and Theorem 5.2; Mahajan and Ramesh, SIAM J. Comput. 28 (1999) for ``method="conditional"``.

    Examples
    --------
    >>> import networkx as nx
    >>> import derandkit
    >>> result = derandkit.maxcut(nx.petersen_graph())
    >>> result
    MaxCutResult(cut_value=12, upper_bound=12 certified, gap=0%, optimal)
    """
    check_options(method, bound)
    check_time_limit(time_limit)
    relaxation = check_choice("relaxation", relaxation, RELAXATIONS)
    effort: SearchEffort | Literal["auto"] | None = None
    if isinstance(search, SearchEffort):
        effort = search
    elif search is not None:
        check_choice("search", search, SEARCHES, also="a SearchEffort, or None for no search")
        effort = "auto" if search == "auto" else SearchEffort.of(search)
    if solutions is not None and (
        isinstance(solutions, bool) or not isinstance(solutions, Integral) or solutions < 1
    ):
        raise InputError(f"solutions is the number of cuts, at least 1; got {quoted(solutions)}")

    several = None if solutions is None else int(solutions)
    asked = Asked(relaxation, method, duality_gap, max_sweeps, effort, bound, several)
    with entry(time_limit, on_interrupt=on_interrupt, throw=throw) as clock:
        instance = as_graph(graph, weight=weight, symmetrize=symmetrize)
        result = cut_graph(instance, asked, fixed, pairs, start, reporting(clock, on_progress))
    result = deliver(clock, result, on_interrupt)
    return result.require() if throw else result


@dataclass(frozen=True)
class Asked:
    """What a call asks of every graph that it cuts, checked; the fields are those of `maxcut`.

    Beside them, `reference` is a vertex that stands for a constant and `prior` a bound on this graph's cuts that is
    proven already.
    """

    relaxation: Relaxation
    method: Derandomizer
    duality_gap: float
    max_sweeps: int | None
    effort: SearchEffort | Literal["auto"] | None
    bound: Plan
    solutions: int | None
    reference: int | None = None
    prior: ProvenBound | None = None

    def beyond(self, constant: Fraction) -> Asked:
        """Return what is asked of a graph whose cuts weigh less by a constant, which every cut contains."""
        if not isinstance(self.effort, SearchEffort) or self.effort.target is None:
            return self
        return replace(self, effort=replace(self.effort, target=self.effort.target - float(constant)))


def cut_graph(
    graph: WeightedGraph,
    asked: Asked,
    fixed: Mapping[Any, int] | None,
    pairs: Iterable[tuple[Any, Any, Relation]] | None,
    start: object,
    report: OnProgress,
) -> MaxCutResult:
    """Cut a graph, or what constraints leave of it; for wings that have checked what is asked, inside their entry."""
    known = None if start is None else read_start(graph, start)
    result: MaxCutResult
    if fixed is None and pairs is None:
        result, ranked, shortened = _cut(graph, asked, known, report)
    else:
        constraints = read_constraints(graph, fixed, pairs)
        contraction = contract(graph, constraints.links())
        small = None if known is None else contracted_start(graph, contraction, known, start)
        inside = asked.beyond(contraction.constant)
        if asked.reference is not None:
            inside = replace(inside, reference=int(contraction.classes[asked.reference]))
        inner, ranked, shortened = _cut(contraction.graph, inside, small, report)
        result = constrained_result(graph, constraints, contraction, inner)
        ranked = _by_weight(
            graph, result.signs, [lifted_sides(constraints, contraction, signs) for signs in ranked]
        )
    if asked.solutions is not None:
        result = ranked_result(result, _first(result.signs, ranked, asked.solutions), shortened=shortened)
    return result


def _cut(
    graph: WeightedGraph, asked: Asked, known: SignArray | None, report: OnProgress
) -> tuple[MaxCutResult, list[SignArray], bool]:
    """Go through the steps; every one hands its result to the next. Several cuts only with `solutions`.

    The last value says whether the clock ended the search for several cuts.
    """
    # relax, Gaussian distribution, derandomize, round: the core
    solution = solve(
        graph,
        relaxation=asked.relaxation,
        duality_gap=asked.duality_gap,
        max_sweeps=asked.max_sweeps,
        reference=asked.reference,
        method=asked.method,
        effort=asked.effort,
        bound=asked.bound,
        known=known,
        prior=asked.prior,
        on_progress=report,
    )
    thresholds = None
    if solution.beta is not None and asked.reference is not None:
        thresholds = ThresholdRecord(beta=solution.beta, reference=asked.reference)
    course, found = replace(solution.course, interrupted=solution.interrupted), solution.found
    several: list[SignArray] = []
    shortened = False
    if asked.solutions is not None:
        stages = (solution.course, solution.found, solution.proven)
        met = [stage.signs for stage in stages if stage is not None and stage.signs is not None]
        several, shortened = several_cuts(graph, met, asked.solutions, spare=SPARE)
        if all(is_heavier(graph, several[0], signs) for signs in met):
            work = SearchOutcome(several[0], 0, 0, graph.n, graph.m, False)
            found = work if found is None else replace(found, signs=several[0])
    # certify: every number is computed again from the sides, the vectors and the proof
    result = certify(
        graph,
        solution.relaxed,
        course,
        found,
        solution.proven,
        duality_gap=asked.duality_gap,
        thresholds=thresholds,
    )
    return result, several, shortened


def _first(best: SignArray, ranked: list[SignArray], count: int) -> list[SignArray]:
    """Put the best cut before its equals, whether it is among them or not."""
    others = [signs for signs in ranked if not (signs == best).all()]
    return [best, *others][:count]


def _by_weight(graph: WeightedGraph, best: SignArray, ranked: list[SignArray]) -> list[SignArray]:
    """Order cuts by their exact weights, none above the best one.

    In the contracted graph they weigh rounded sums, which may order them otherwise. What is heavier than the best by
    that rounding alone has no certificate and is left out.
    """
    weights = {signs.tobytes(): exact_cut(graph, signs) for signs in (best, *ranked)}
    most = weights[best.tobytes()]
    kept = [signs for signs in ranked if weights[signs.tobytes()] <= most]
    return sorted(kept, key=lambda signs: -weights[signs.tobytes()])


def certify(
    graph: WeightedGraph,
    relaxed: CutRelaxation,
    course: Course,
    found: SearchOutcome | None = None,
    proven: ProvenBound | None = None,
    *,
    duality_gap: float,
    thresholds: ThresholdRecord | None = None,
) -> MaxCutResult:
    """Assemble a result from its parts, recomputing every number that it states.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    relaxed : CutRelaxation
        Vectors and bound.
    course : Course
        The final distribution and its sides.
    found : SearchOutcome, optional
        What a search made of these sides.
    proven : ProvenBound, optional
        A bound beyond the semidefinite one, and the best cut that was met on the way.
    duality_gap : float
        The relative duality gap of the relaxation.
    thresholds : ThresholdRecord, optional
        Where the start leaned to a reference, to which and how far.

    Returns
    -------
    MaxCutResult
        The status follows from the numbers.
    """
    later = [stage.signs for stage in (found, proven) if stage is not None and stage.signs is not None]
    signs = course.signs
    for sides in later:  # the first of equals
        signs = sides if is_heavier(graph, sides, signs) else signs
    signs, cut = signs if signs[0] > 0 else -signs, graph.cut_value(signs)
    # an estimate that the cut refutes is none: fall back on what needs no eigenvalue
    dual = relaxed.bound if relaxed.bound.value >= cut else trivial_bound(graph)
    upper = upper_bound(
        graph,
        {
            "value": dual.value,
            "status": dual.status,
            "method": dual.method,
            "reason": dual.reason,
            "coin_test": dual.coin_test,
        },
        None if proven is None else (proven.exact, proven.method, proven.reason),
    )
    keep = relaxed.vectors.size <= WITNESS_LIMIT
    final = settled_mean(course.mean, course.signs, course.smoothing)
    interrupted = any(stage is not None and stage.interrupted for stage in (relaxed, course, found, proven))
    # of the bound that is stated, which may be another than the relaxation's
    reached = duality_gap_reached(graph, dual.value, relaxed.value, duality_gap)
    return MaxCutResult(
        status=_status(upper.record["status"], upper.met_by(graph, signs), interrupted, reached),
        cut_value=cut,
        partition=graph.partition(signs),
        signs=signs,
        upper_bound=upper.value,
        bound_status=upper.record["status"],
        chain=Chain(
            dual_bound=dual.value,
            sdp_value=relaxed.value,
            start_expectation=course.start_expectation,
            final_expectation=course.final_expectation,
            derandomized_cut=graph.cut_value(course.signs),
            cut_value=cut,
        ),
        guarantee=Guarantee.of(guarantee_record(graph, relaxed.value, course.start_expectation)),
        stationarity=FinalStationarity.of(
            final_stationarity(graph, final, course.smoothing, penalty=course.penalty)
        ),
        certificate=CutWitness(
            sides=sides_text(signs),
            derandomized_sides=sides_text(course.signs) if later else None,
            diagonal=tuple(dual.diagonal.tolist()),
            proof=None if proven is None else dict(proven.proof),
            vectors=EncodedArray.of(encode_array(relaxed.stored, "<f4")) if keep else None,
            mean=EncodedArray.of(encode_array(course.mean, "<f4")),
            smoothing=course.smoothing,
            thresholds=thresholds,
        ),
        bound=BoundRecord.of(upper.record),
        relaxation=RelaxationRecord(
            method=relaxed.method,
            rank=relaxed.rank,
            sweeps=relaxed.sweeps,
            duality_gap=float(duality_gap),
            duality_gap_reached=reached,
        ),
        search=None if found is None else SearchRecord.of(found.record()),
        graph=graph_record(graph),
        method=course.method,
        history=DerandomizationHistory(course.history),
        instance=graph,
    )


def _status(bound_status: str, met: bool, interrupted: bool, reached: bool) -> CutStatus:
    if met:
        return CutStatus.OPTIMAL
    if interrupted:
        return CutStatus.INTERRUPTED
    if bound_status == "estimated":
        return CutStatus.BOUND_ESTIMATED
    if not reached:
        return CutStatus.DUALITY_GAP_NOT_REACHED
    return CutStatus.SOLVED if bound_status == "certified" else CutStatus.BOUND_TESTED
