"""Quadratic problems in a comparison: what the methods of one instance share, and every method as a function.

All methods answer in the problem's own value, whose sign and constant are arbitrary: gaps are absolute and relative to
the range that the coefficients allow, never ratios. Solvers from elsewhere stand in `derandkit.comparison.peers`; they
get the time that the search of `derandkit.optimize` took on the same instance.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import time
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from derandkit.comparison import peers
from derandkit.comparison.contract import DRAWS, Method
from derandkit.datasets.instances import as_graph
from derandkit.errors import InputError
from derandkit.graphs.formats import AUTO_WEIGHT, WeightName
from derandkit.models.arcs import Arcs, SignedGraph, as_arcs
from derandkit.models.clauses import Clauses, as_clauses
from derandkit.models.files import read_model
from derandkit.models.model import QuadraticModel
from derandkit.numerics.rounding import float_above, float_below, plain_number
from derandkit.quadratic.problem import as_model
from derandkit.quadratic.solve import optimize
from derandkit.runtime.streams import refuse_stream
from derandkit.signs import models
from derandkit.signs.baselines import deterministic as baselines
from derandkit.signs.baselines.randomized import HyperplaneDraws, draw_hyperplanes
from derandkit.signs.derandomize.course import conditional_course, lemma_course
from derandkit.signs.derandomize.thresholds import Start, best_start
from derandkit.signs.proofs.flow.bound import Roof, heaviest, roof_dual
from derandkit.signs.relaxation.semidefinite import CutRelaxation, relax_cut
from derandkit.tables import bounding

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.comparison.options import ProblemName, Sense
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.quadratic.problem import Instance
    from derandkit.records import JsonMapping
    from derandkit.runtime.progress import OnProgress
    from derandkit.signs.derandomize.course import Course
    from derandkit.signs.models import Inverse

EXPECTED = "at least as good as a random hyperplane on average"
LEANING = "at least as good as its start on average: the best of hyperplanes with and without thresholds"
AVERAGE = "an estimate of the mean of a random hyperplane"
ON_AVERAGE = "on average at least as good as a random hyperplane"
DECIDED = "what it decides holds in some optimal solution; the rest is derandomized coins"
SEARCHED = "derandkit.optimize as a whole: the value is exact, and the row says what its bound is"

#: Least time that a solver from elsewhere gets, in seconds.
LEAST_BUDGET = 0.1


@dataclasses.dataclass(frozen=True)
class Reached:
    """What a method reached.

    Parameters
    ----------
    value : int, float or None
        Value of the problem: exact, or a mean where ``stats`` hold a standard error; None without a solution.
    stats : mapping
        ``draws`` and ``standard_error`` of the methods that draw; ``implementation`` holds what else there is to know;
        ``bound`` is bound and status where a method proves a better one than that which all methods share.
    """

    value: int | float | None
    stats: JsonMapping


class QuadraticCase:
    """An instance with the relaxation that its methods share, and the time its search took.

    Parameters
    ----------
    instance : QuadraticModel, Clauses, Arcs or SignedGraph
        The problem.
    relaxed : CutRelaxation
        Vectors and bound of its graph.
    draws : int
        Random hyperplanes of the methods that draw a fixed number.
    """

    def __init__(
        self,
        instance: Instance,
        model: QuadraticModel,
        slack: Fraction,
        graph: WeightedGraph,
        inverse: Inverse,
        relaxed: CutRelaxation,
        draws: int = DRAWS,
    ) -> None:
        self.instance, self.model, self.slack = instance, model, slack
        self.graph, self.inverse, self.relaxed, self.draws = graph, inverse, relaxed, draws
        self.search_seconds: float | None = None

    @property
    def size(self) -> int:
        """Number of variables."""
        return self.model.n

    @property
    def sense(self) -> Sense:
        """Whether the least or the greatest value is wanted."""
        return self.model.sense

    @property
    def spread(self) -> float:
        """Width of the range of values, by the sizes of the coefficients."""
        return self.model.spread

    @functools.cached_property
    def roof(self) -> Roof | None:
        """What a flow through the vertex of the constant says, if there is one."""
        return roof_dual(self.graph)

    @functools.cached_property
    def start(self) -> Start:
        """The best distribution of hyperplanes with and without thresholds."""
        return best_start(self.graph, self.relaxed.vectors, self.inverse.reference)

    @property
    def bound(self) -> tuple[int | float, str]:
        """The better one of semidefinite and flow bound, and what it is."""
        dual = self.relaxed.bound
        cut, status = Fraction(dual.value), dual.status
        if self.roof is not None and self.roof.bound.exact <= cut:
            cut, status = self.roof.bound.exact, "certified"
        if self.graph.integral:
            cut = Fraction(cut.numerator // cut.denominator)
        maximize = self.sense == "maximize"
        best = self.inverse.bound(cut) + (self.slack if maximize else -self.slack)
        outward = float_above if maximize else float_below
        return (best.numerator if best.denominator == 1 else outward(best)), status

    @property
    def expectation(self) -> float:
        """What a random hyperplane gives on average."""
        return self.read(self.relaxed.expectation)

    def read(self, cut: float | Fraction) -> float:
        """Return the value that belongs to a weight of a cut, correctly rounded."""
        sign = 1 if self.sense == "maximize" else -1
        return float(sign * (self.inverse.constant + self.inverse.factor * Fraction(cut)))

    def reached(self, signs: SignArray, **stats: object) -> Reached:
        """Return the exact value of the solution that sides stand for."""
        return self.reached_by(self.inverse.solution(signs), **stats)

    def reached_by(self, solution: SignArray, **stats: object) -> Reached:
        """Return the exact value of a solution, in the order of the model."""
        return Reached(plain_number(self.instance.exact_value(solution)), stats)

    def budget(self) -> float:
        """Return the seconds that solvers from elsewhere get: what `optimize` took, at least `LEAST_BUDGET`."""
        if self.search_seconds is None:
            _search(self, np.random.default_rng(0), False)
        return max(LEAST_BUDGET, self.search_seconds or 0.0)


def kind_of(instance: object, options: JsonMapping | None = None) -> ProblemName | None:
    """Return the problem that an object or a file is, as far as it says so itself; None for all others.

    `options` are those of `derandkit.read_model`, for files of models.

    Examples
    --------
    >>> kind_of(Clauses.from_clauses([(1, 2)])), kind_of("two.wcnf"), kind_of("graph.txt")
    ('max2sat', 'max2sat', None)
    """
    if isinstance(instance, (QuadraticModel, Clauses, Arcs, SignedGraph)):
        return cast("ProblemName", instance.kind)
    if all(hasattr(instance, name) for name in ("linear", "quadratic", "offset", "vartype")):
        return cast("ProblemName", QuadraticModel.from_dimod(instance).kind)
    if isinstance(instance, str) or hasattr(instance, "__fspath__"):
        name = str(instance).lower().removesuffix(".gz")
        if name.endswith((".cnf", ".wcnf")):
            return "max2sat"
        if name.endswith((".qubo", ".bq", ".sparse", ".coo", ".gsg", ".qplib", ".lp")):
            refuse_stream(os.fspath(instance))
            return cast("ProblemName", _read(instance, options).kind)
    return None


def _read(file: str | os.PathLike[str], options: JsonMapping | None = None) -> QuadraticModel:
    """Read a model from a file; where it needs other options, say how it is compared."""
    try:
        return read_model(file, **(options or {})).model
    except InputError as error:
        if not any(f"--{name}" in error.message for name in ("sense", "vartype", "instance", "input-format")):
            raise
        raise InputError(
            f"{error.message} (in Python: derandkit.compare(derandkit.read_model(file, ...).model); on the command "
            "line 'derandkit compare' has --sense, --vartype and --instance, and no --input-format for models)",
            path=error.path,
            line=error.line,
        ) from None


def load_model(instance: Any, options: JsonMapping | None = None) -> QuadraticModel:
    """Read a model: one of dimod, a file, or what `QuadraticModel.from_qubo` takes.

    Raises
    ------
    InputError
        It cannot be read.

    Examples
    --------
    >>> load_model({("x", "y"): 2})
    QuadraticModel(2 binary variables, 1 coupling, minimize)
    """
    if isinstance(instance, QuadraticModel):
        return instance
    if isinstance(instance, str) or hasattr(instance, "__fspath__"):
        return _read(instance, options)
    if hasattr(instance, "vartype"):
        return QuadraticModel.from_dimod(instance)
    return QuadraticModel.from_qubo(instance)


def load_ising(instance: Any, options: JsonMapping | None = None) -> QuadraticModel:
    """Read a model as `load_model` does; its variables are signs, and a mapping or matrix holds couplings."""
    if isinstance(instance, Mapping) or hasattr(instance, "shape"):
        size = getattr(instance, "shape", (0,))[0]
        return QuadraticModel.from_ising({} if size == 0 else np.zeros(size), instance)
    return _of_kind(load_model(instance, options), "ising")


def load_qubo(instance: object, options: JsonMapping | None = None) -> QuadraticModel:
    """Read a model as `load_model` does; its variables are bits."""
    return _of_kind(load_model(instance, options), "qubo")


def _of_kind(model: QuadraticModel, kind: str) -> QuadraticModel:
    if model.kind != kind:
        raise InputError(
            f"the model has {model.vartype} variables: its problem is {model.kind!r}, not {kind!r}"
        )
    return model


def load_clauses(instance: Any) -> Clauses:
    """Read clauses: an object, a file, or sequences of literals."""
    return as_clauses(instance)


def prepare(
    instance: Instance, duality_gap: float, draws: int, on_progress: OnProgress | None = None
) -> QuadraticCase:
    """Relax the graph of an instance, once for all methods."""
    model, slack = as_model(instance)
    graph, inverse = models.as_graph(model)
    relaxed = relax_cut(graph, duality_gap=duality_gap, on_progress=on_progress)
    return QuadraticCase(instance, model, slack, graph, inverse, relaxed, draws)


def _sides(case: QuadraticCase, signs: SignArray, local_search: bool, **stats: object) -> Reached:
    return case.reached(baselines.improved(case.graph, signs) if local_search else signs, **stats)


def _derandomized(course: Callable[..., Course]) -> Method:
    """Return a method that derandomizes the best start."""
    return Method(
        lambda case, _, search: _sides(case, course(case.graph, case.start.law).signs, search), LEANING
    )


def _lemma(case: QuadraticCase, rng: np.random.Generator, local_search: bool) -> Reached:
    return _sides(case, lemma_course(case.graph, case.relaxed.sampler()).signs, local_search)


def _search(case: QuadraticCase, rng: np.random.Generator, local_search: bool) -> Reached:
    begin = time.perf_counter()
    result = optimize(case.instance)
    case.search_seconds = time.perf_counter() - begin
    bound = bounding(result.bound, above=case.sense == "maximize")
    note = "proven optimal" if result.proven_optimal else f"bound {bound} {result.bound_status}"
    stats: dict[str, object] = {"implementation": note}
    shared, status = case.bound
    tighter = result.bound < shared if case.sense == "maximize" else result.bound > shared
    if result.bound_status == "certified" and (tighter or status != "certified"):
        stats["bound"] = result.bound, result.bound_status
    return Reached(result.value, stats)


def _draws(
    case: QuadraticCase, rng: np.random.Generator, local_search: bool, seconds: float | None = None
) -> HyperplaneDraws:
    return draw_hyperplanes(
        case.graph, case.relaxed.vectors, rng, draws=case.draws, seconds=seconds, local_search=local_search
    )


def _mean(case: QuadraticCase, rng: np.random.Generator, local_search: bool) -> Reached:
    found = _draws(case, rng, local_search)
    error = found.standard_error * float(case.inverse.factor)
    mean, best = case.read(found.average.exact), case.reached(found.best).value
    # weights that were rounded on the way to the graph may put the mean beyond the best draw
    if best is not None:
        mean = (min if case.sense == "maximize" else max)(mean, best)
    return Reached(mean, {"draws": case.draws, "standard_error": error})


def _best(case: QuadraticCase, rng: np.random.Generator, local_search: bool) -> Reached:
    return case.reached(_draws(case, rng, local_search).best, draws=case.draws)


def _thresholds(case: QuadraticCase, rng: np.random.Generator, local_search: bool) -> Reached:
    """Best of many draws from the best start."""
    law = case.start.law
    beta = case.start.beta
    note = "no thresholds are better" if beta is None else f"beta {beta:g}"
    if case.inverse.reference is None:
        note = "no linear terms, hence no thresholds"
    spread = law.dense_spread()
    best, value = np.ones(case.graph.n, dtype=np.int8), -np.inf
    for _ in range(case.draws):
        signs = np.where(law.mean + spread @ rng.standard_normal(spread.shape[1]) >= 0.0, 1, -1).astype(
            np.int8
        )
        if local_search:
            signs = baselines.improved(case.graph, signs)
        if (cut := case.graph.cut_value(signs)) > value:
            best, value = signs, cut
    return case.reached(best, draws=case.draws, implementation=note)


def _roof(case: QuadraticCase, rng: np.random.Generator, local_search: bool) -> Reached:
    roof = case.roof
    if roof is None:
        coins = baselines.fair_coins(case.graph, local_search=local_search)
        why = "no linear terms of weight"
        if heaviest(case.graph) is not None:
            why = "the model is too large, its weights are too far apart, or its time was over"
        return case.reached(coins.signs, implementation=f"nothing is decided: {why}")
    left = baselines.fair_coins(roof.contraction.graph).signs
    note = f"decides {roof.decided - 1} of {case.size}"
    return _sides(case, roof.contraction.lift(left), local_search, implementation=note)


def _peer(solve: peers.Peer, guarantee: str, limit: int | None = None) -> Method:
    """Return a method that hands the model to a solver from elsewhere, with the time of the search."""

    def run(case: QuadraticCase, rng: np.random.Generator, local_search: bool) -> Reached:
        found = solve(case.model, case.budget(), int(rng.integers(2**31 - 1)))
        if found.solution is None:
            return Reached(None, {"implementation": found.note, "seconds": found.seconds})
        stats = {"implementation": found.note, "seconds": found.seconds}
        if local_search:
            return _sides(case, case.inverse.signs(found.solution), True, **stats)
        return case.reached_by(found.solution, **stats)

    return Method(run, guarantee, deterministic=False, stream="peer", limit=limit)


QUADRATIC: dict[str, Method] = {
    "lemma": Method(_lemma, EXPECTED),
    "lemma-thresholds": _derandomized(lemma_course),
    "conditional": _derandomized(conditional_course),
    "roof-duality": Method(_roof, DECIDED),
    "hyperplane": Method(_mean, AVERAGE, deterministic=False, stream="hyperplane", improved=ON_AVERAGE),
    "hyperplane-best": Method(_best, ON_AVERAGE, deterministic=False, stream="hyperplane"),
    "thresholds-best": Method(
        _thresholds, "on average at least as good as its start", deterministic=False, stream="thresholds"
    ),
    "search": Method(_search, SEARCHED),
    "tabu": _peer(peers.tabu, "none (dwave-samplers)"),
    "annealing": _peer(peers.annealing, "none (dwave-samplers)"),
    "openjij": _peer(peers.openjij, "none (OpenJij)"),
    "rc2": _peer(peers.rc2, "optimal if it ends in time (python-sat)"),
    "cp-sat": _peer(peers.cp_sat, "optimal if it says so (OR-Tools)"),
}

#: Methods of a comparison that names none: all whose rows do not depend on the clock.
DEFAULT_METHODS = tuple(QUADRATIC)[: tuple(QUADRATIC).index("search") + 1]


def load_arcs(instance: object, *, weight: WeightName = AUTO_WEIGHT) -> Arcs:
    """Read a directed graph: an object or a file."""
    return as_arcs(instance, weight=weight)


def load_signed(instance: object, *, weight: WeightName = AUTO_WEIGHT) -> SignedGraph:
    """Read a signed graph: an object or a file."""
    return instance if isinstance(instance, SignedGraph) else SignedGraph(as_graph(instance, weight=weight))


def warm_up() -> None:
    """Compile what the methods of this package need."""
    model = QuadraticModel.from_qubo({("x", "y"): -1, ("y", "z"): 2, ("z", "x"): -1, ("x", "x"): 1})
    case = prepare(model, 1e-4, 2)
    for name in DEFAULT_METHODS:
        for local_search in (False, True):
            QUADRATIC[name].run(case, np.random.default_rng(0), local_search)
