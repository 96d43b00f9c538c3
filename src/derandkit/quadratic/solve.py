"""Quadratic problems, from an instance to a certified deterministic answer.

The algorithm as prose: write the problem as quadratic terms, make a graph of them with one more vertex for the linear
ones, and cut it (`derandkit.cuts.solve`): relax, take the Gaussian distribution, derandomize, round. Then certify: read
solution, value and bound back from the cut, the value by the definition of the problem. Nothing is random.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypedDict

from derandkit.cuts.solve import Asked, cut_graph
from derandkit.errors import InputError
from derandkit.given.entries import exact_float
from derandkit.numerics.rounding import float_above
from derandkit.options import check_choice
from derandkit.quadratic.certify import certify, met_exactly
from derandkit.quadratic.given import Start, fixed_sides, known_sides, signs_of_camps
from derandkit.quadratic.plan import suitable_bound
from derandkit.quadratic.problem import Instance, as_model
from derandkit.quadratic.result import QuadraticResult
from derandkit.quadratic.triangles import (
    better_start,
    check_triangles,
    claimed,
    pairs_of,
    solve_with_triangles,
)
from derandkit.runtime.interrupts import OnInterrupt, deliver, entry, reporting
from derandkit.runtime.progress import OnProgress, Progress
from derandkit.signs import models
from derandkit.signs.options import (
    BOUNDS,
    DERANDOMIZERS,
    MODEL_RELAXATIONS,
    Bound,
    Derandomizer,
    EffortName,
    ModelRelaxation,
)
from derandkit.signs.search.search import SearchEffort

if TYPE_CHECKING:
    from derandkit.cuts.result import MaxCutResult
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.signs.models import Inverse


class Options(TypedDict, total=False):
    """Keywords that every function here hands on to `optimize`."""

    fixed: Mapping[Hashable, int] | None
    start: Start | None
    target: float | None
    method: Derandomizer
    search: EffortName | SearchEffort | None
    bound: Bound
    relaxation: ModelRelaxation
    time_limit: float | None
    on_progress: OnProgress | None
    on_interrupt: OnInterrupt
    throw: bool


def optimize(
    instance: Instance,
    *,
    fixed: Mapping[Hashable, int] | None = None,
    start: Start | None = None,
    target: float | None = None,
    method: Derandomizer = "lemma",
    search: EffortName | SearchEffort | None = "quick",
    bound: Bound = "auto",
    relaxation: ModelRelaxation = "lowrank",
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
    on_interrupt: OnInterrupt = "raise",
    throw: bool = False,
) -> QuadraticResult:
    """Find a good solution of a quadratic problem and a certified bound, deterministically.

    Parameters
    ----------
    instance : QuadraticModel, Clauses, Arcs or SignedGraph
        The problem; it says whether the least or the greatest value is wanted.
    fixed : mapping of label to value, optional
        Variables whose value is given. The bound is then one on the solutions that have these values.
    start : QuadraticResult, mapping of label to value, or array_like, shape (n,), optional
        A solution that is known already (warm start): the result is never worse, to within the rounding of weights
        of very different sizes that the record states (``reduction.slack``, else 0). Of a signed graph its two camps
        are one, too.
    target : float, optional
        A value that is good enough: the search stops there.
    method : {"lemma", "conditional"}
        The derandomizer, as in `derandkit.maxcut`.
    search : {"quick", "thorough"}, SearchEffort or None
        Search from the derandomized solution; a small problem is searched for a moment, and on only where its bound
        leaves a gap.
    bound : {"auto", "sdp", "cycle", "best"}
        Which bound is computed, as in `derandkit.maxcut`; by default the best one for up to 23 variables, within about
        ten seconds of counted work for up to 109, that of the odd cycles for larger sparse problems, else what
        `derandkit.maxcut` does. A flow comes first (roof duality).
    relaxation : {"lowrank", "triangles"}
        "triangles" solves a second relaxation, with triangle inequalities at the constant for the two variables of
        each clause or arc (each coupling of another model), for up to 1499 variables. Its bound counts where it is
        better, the solution is worth at least what its start is expected to be, and `triangles` of the result says
        how much of the relaxation that is.
    time_limit : float, optional
        Seconds for the whole call; what is found then depends on the machine.
    on_progress : callable, optional
        Called with a `derandkit.Progress` now and then; value and bound are those of the problem, as they stand.
    on_interrupt : {"raise", "return"}
        Whether Ctrl-C raises `Interrupted`, which carries the best answer so far, or returns it.
    throw : bool
        Raise `ConvergenceError` instead of returning a result whose status is not ok.

    Returns
    -------
    QuadraticResult
        Solution, value, bound and certificate.

    Raises
    ------
    InputError
        The instance cannot be used, an option is unknown, or `fixed` or `start` names no variable of the problem, or a
        value that it does not take.
    ConvergenceError
        Only with ``throw=True``.
    Interrupted
        See `on_interrupt`.

    Notes
    -----
    The guarantee of Goemans and Williamson carries over affinely (Nesterov 1998): the distance of the expected value
    from the worst value by signs of the terms is at least 0.87856 of that of the semidefinite value. It is in the
    record of the cut.

    Examples
    --------
    >>> from derandkit import QuadraticModel
    >>> optimize(QuadraticModel.from_qubo([[-1, 2], [0, -1]]))
    QuadraticResult(qubo, value=-1, bound=-1 certified, optimal)
    >>> optimize(QuadraticModel.from_qubo({("x", "x"): -3, ("x", "y"): 2, ("y", "y"): -1}), fixed={"y": 1})
    QuadraticResult(qubo, value=-2, bound=-2 certified, optimal)
    """
    method = check_choice("method", method, DERANDOMIZERS)
    bound = check_choice("bound", bound, BOUNDS)
    relaxation = check_choice("relaxation", relaxation, MODEL_RELAXATIONS)
    effort = None if search is None else SearchEffort.of(search, "search")
    if target is not None and effort is None:
        raise InputError("a target ends a search, and search is None; leave out target, or choose a search")
    with entry(time_limit, on_interrupt=on_interrupt, throw=throw) as clock:
        result = _optimize(
            instance, fixed, start, target, method, effort, bound, relaxation, reporting(clock, on_progress)
        )
    result = deliver(clock, result, on_interrupt)
    return result.require() if throw else result


def _optimize(
    instance: Instance,
    fixed: Mapping[Hashable, int] | None,
    start: Start | None,
    target: float | None,
    method: Derandomizer,
    effort: SearchEffort | None,
    bound: Bound,
    relaxation: ModelRelaxation,
    report: OnProgress,
) -> QuadraticResult:
    """Go through the steps; every one hands its result to the next."""
    model, slack = as_model(instance)
    graph, inverse = models.as_graph(model)
    start = signs_of_camps(instance, start)
    if target is not None and effort is not None:
        effort = replace(effort, target=float_above(inverse.weight(Fraction(exact_float(target, "target")))))
    # relax, Gaussian distribution, derandomize, round: the cut, with the core
    asked = Asked(
        relaxation="lowrank",
        method=method,
        duality_gap=1e-4,
        max_sweeps=None,
        effort=effort,
        bound=suitable_bound(graph) if bound == "auto" else bound,
        solutions=None,
        reference=inverse.reference,
    )

    triangles = None
    if fixed is not None and not hasattr(fixed, "items"):  # as a series has too
        raise InputError(f"fixed is a mapping from variable to value, got a {type(fixed).__name__}")
    if relaxation == "triangles":
        pairs = pairs_of(instance)
        reference = check_triangles(graph, inverse, pairs, fixed=fixed is not None and len(fixed) > 0)
        triangles = solve_with_triangles(
            instance, graph, inverse, pairs, reference, method, asked.duality_gap
        )
        asked = replace(asked, prior=triangles.bound)
        start = better_start(inverse, start, triangles.signs)

    def cut_of(graph: WeightedGraph, inverse: Inverse, asked: Asked, start: Start | None) -> MaxCutResult:
        return cut_graph(
            graph,
            replace(asked, reference=inverse.reference),
            fixed=fixed_sides(graph, inverse, fixed) if fixed is not None and len(fixed) else None,
            pairs=None,
            start=None if start is None else known_sides(graph, inverse, start, fixed),
            report=translated(report, inverse),
        )

    cut = cut_of(graph, inverse, asked, start)
    # certify: solution, value and bound follow from the cut in exact arithmetic
    result = certify(instance, model, slack, graph, inverse, cut)
    if cut.proven_optimal and not result.proven_optimal:
        result = met_exactly(
            instance,
            inverse,
            result,
            lambda graph, inverse, near: cut_of(
                graph, inverse, replace(asked, effort=None, prior=None), near
            ),
        )
    return result if triangles is None else replace(result, triangles=claimed(triangles, result))


def translated(report: OnProgress, inverse: Inverse) -> OnProgress:
    """Return a callback for a cut that reports value and bound of the problem."""
    constant, factor = float(inverse.constant), float(inverse.factor)
    sign = 1.0 if inverse.model.sense == "maximize" else -1.0

    def read(cut_weight: float) -> float:
        return sign * (constant + factor * cut_weight)

    def watch(progress: Progress) -> None:
        bound = None if progress.bound is None else read(progress.bound)
        report(replace(progress, value=read(progress.value), bound=bound))

    return watch
