"""What can be compared: for every problem the table of its methods, each a function with the guarantee it comes with.

The tables are data. A further method is a further entry; a further problem says how its instances are read, what its
methods share (a case), and what compiles them.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from derandkit.comparison import embeddings as embeddings
from derandkit.comparison.contract import DRAWS, Method
from derandkit.datasets.instances import as_graph
from derandkit.errors import InputError
from derandkit.graphs.formats import AUTO_WEIGHT
from derandkit.graphs.graph import WeightedGraph
from derandkit.runtime.progress import OnProgress
from derandkit.signs.baselines import deterministic as baselines
from derandkit.signs.baselines import randomized as random_baselines
from derandkit.signs.baselines.deterministic import Baseline
from derandkit.signs.derandomize.course import lemma_course
from derandkit.signs.relaxation.semidefinite import CutRelaxation, relax_cut

if TYPE_CHECKING:
    from derandkit.comparison.options import Sense


@dataclass
class CutCase:
    """A graph with the relaxation that its methods share, and how long the lemma took on it.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    relaxed : CutRelaxation
        Vectors and bound.
    draws : int
        Random hyperplanes of the methods that draw a fixed number.
    """

    graph: WeightedGraph
    relaxed: CutRelaxation
    draws: int = DRAWS

    def __post_init__(self) -> None:
        self.lemma_seconds: dict[bool, float] = {}

    #: Heavy cuts are wanted.
    sense: ClassVar[Sense] = "maximize"
    #: The weight of a cut has no arbitrary constant.
    spread: ClassVar[None] = None

    @property
    def size(self) -> int:
        """Number of vertices."""
        return self.graph.n

    @property
    def bound(self) -> tuple[int | float, str]:
        """The upper bound, rounded down for integer weights, and what it is."""
        bound = self.relaxed.bound
        return (math.floor(bound.value) if self.graph.integral else bound.value), bound.status

    @property
    def expectation(self) -> float:
        """The expected cut of a random hyperplane."""
        return self.relaxed.expectation


def _lemma(case: CutCase, rng: np.random.Generator, local_search: bool) -> Baseline:
    begin = time.perf_counter()
    path = lemma_course(case.graph, case.relaxed.sampler())
    signs = baselines.improved(case.graph, path.signs) if local_search else path.signs
    case.lemma_seconds[local_search] = time.perf_counter() - begin
    stats = {"final_expectation": path.final_expectation}
    return Baseline("lemma", signs, case.graph.cut_value(signs), True, baselines.EXPECTED, stats)


def _hyperplane_time(case: CutCase, rng: np.random.Generator, local_search: bool) -> Baseline:
    if local_search not in case.lemma_seconds:
        _lemma(case, rng, local_search)
    seconds = case.lemma_seconds[local_search]
    return random_baselines.hyperplane_best(
        case.graph, case.relaxed.vectors, rng, seconds=seconds, local_search=local_search
    )


def prepare(
    graph: WeightedGraph, duality_gap: float, draws: int, on_progress: OnProgress | None = None
) -> CutCase:
    """Relax a graph, once for all methods."""
    # arrays from another process must be read-only again, as kernels are compiled for that
    graph = dataclasses.replace(graph)
    return CutCase(graph, relax_cut(graph, duality_gap=duality_gap, on_progress=on_progress), draws)


def load(instance: Any, *, unweighted: bool = False, **reading: Any) -> WeightedGraph:
    """Read a graph: an object, a file, or the name of a benchmark graph if there is no such file."""
    if unweighted and reading.get("weight", AUTO_WEIGHT) is not AUTO_WEIGHT:
        raise InputError("weight names the weights and unweighted leaves them out; give one of them")
    return as_graph(instance, **{**reading, "weight": None} if unweighted else reading)


def warm_up() -> None:
    """Compile what the methods need."""
    cycle = WeightedGraph.from_edges([0, 1, 2, 3, 4], [1, 2, 3, 4, 0])
    case = prepare(cycle, 1e-4, 2)
    for method in MAXCUT.values():
        for local_search in (False, True):
            method.run(case, np.random.default_rng(0), local_search)
    random_baselines.running_exchange(cycle, 0)


def _hyperplanes(baseline: Callable[..., baselines.Baseline], guarantee: str) -> Method:
    """Return a method that rounds by as many random hyperplanes as the case has."""
    return Method(
        lambda case, rng, search: baseline(
            case.graph, case.relaxed.vectors, rng, draws=case.draws, local_search=search
        ),
        guarantee,
        deterministic=False,
        stream="hyperplane",
        improved=baselines.ON_AVERAGE,
    )


MAXCUT: dict[str, Method] = {
    "lemma": Method(_lemma, baselines.EXPECTED),
    "conditional": Method(
        lambda case, _, search: baselines.conditional_hyperplane(
            case.graph, case.relaxed.vectors, local_search=search
        ),
        baselines.EXPECTED,
    ),
    "greedy": Method(
        lambda case, _, search: baselines.fair_coins(case.graph, local_search=search), baselines.HALF
    ),
    "pairwise": Method(
        lambda case, _, search: baselines.pairwise_seeds(case.graph, local_search=search), baselines.HALF
    ),
    "rank2-sweep": Method(
        lambda case, _, search: baselines.rank2_sweep(case.graph, case.relaxed.vectors, local_search=search),
        baselines.PLANE,
    ),
    "hyperplane": _hyperplanes(random_baselines.hyperplane_mean, baselines.AVERAGE),
    "hyperplane-best": _hyperplanes(random_baselines.hyperplane_best, baselines.ON_AVERAGE),
    "hyperplane-time": Method(
        _hyperplane_time, baselines.ON_AVERAGE, deterministic=False, stream="hyperplane"
    ),
    "one-exchange": Method(
        lambda case, rng, search: random_baselines.one_exchange(case.graph, rng, local_search=search),
        baselines.HALF,
        deterministic=False,
        stream="one-exchange",
        limit=random_baselines.EXCHANGE_LIMIT,
    ),
}

#: Methods of a comparison of cuts that names none: all whose rows do not depend on the clock.
DEFAULT_METHODS = tuple(name for name in MAXCUT if name != "hyperplane-time")
