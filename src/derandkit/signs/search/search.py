"""A search stage after derandomization: it starts from the lemma's cut, only improves, and is reproducible.

On the graph that exact reductions leave, short annealing runs take turns: new ones from a high temperature, and ones
that warm up the best cut only partly. The cut of a run is not compared as a whole with the best one but recombined with
it: piece by piece where the pieces in which they differ are apart (`recombine`), and otherwise on the small graph that
is left when every edge on which several good cuts agree is contracted. The kind of run that has gained most for its
work so far comes next. Work is counted in proposals, not seconds, and the random numbers come from an explicit stream.
So the same effort gives the same cut everywhere; only a time limit makes the result depend on the machine. Large dense
graphs with integer weights have a search of their own (`derandkit.signs.search.dense`).
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.datasets.instances import as_graph
from derandkit.errors import InputError
from derandkit.numerics.ranges import scaled_by
from derandkit.options import check_choice, check_real, check_whole
from derandkit.runtime.clock import Clock, check_limit, stage
from derandkit.runtime.crew import Crew, CrewName
from derandkit.runtime.interrupts import deliver, entry, reporting
from derandkit.runtime.lacking import needing
from derandkit.runtime.progress import Progress
from derandkit.runtime.threads import FEWER
from derandkit.signs.options import EFFORTS, EffortName
from derandkit.signs.search.clusters import ClusterTrajectory, suits_clusters
from derandkit.signs.search.dense import DenseTrajectory, suits_rows
from derandkit.signs.search.reduction import reduce_graph
from derandkit.signs.search.trajectory import PoolPath, SearchPath, Trajectory
from derandkit.tables import Tabled, counted
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.runtime.interrupts import OnInterrupt
    from derandkit.runtime.processes import Team
    from derandkit.runtime.progress import OnProgress


#: Proposals a second that are counted on where only the time is limited.
PACE = 70_000_000
#: Up to so many vertices that exact reductions leave, all cuts are looked at where the work suffices for that.
ENUMERATED = 25
#: All trajectories of a search are made before the first one runs.
MOST_TRAJECTORIES = 10_000
#: Proposals of the named efforts; about 15 ns each.
WORK: dict[EffortName, int] = {"quick": 200_000_000, "thorough": 5_000_000_000}


def check_time_limit(seconds: float | None) -> None:
    """Refuse a time limit that is neither None nor a positive number.

    Raises
    ------
    InputError
        It is something else.
    """
    check_limit("time limit", seconds)


@dataclass(frozen=True)
class SearchEffort:
    """How long to search.

    Parameters
    ----------
    work : int
        Proposals (single vertices tried) over all trajectories; about 15 nanoseconds each.
    trajectories : int
        Independent searches, merged by a fixed rule; they run on as many threads, and their number, not that of the
        processors, decides the result.
    time_limit : float, optional
        Seconds after which the search stops at the next look at the clock. The result then depends on the machine.
    target : float, optional
        Stop as soon as the cut weighs this much.

    Raises
    ------
    InputError
        `work`, `trajectories` or `time_limit` is not positive.

    Examples
    --------
    >>> SearchEffort.of("quick").work, SearchEffort.of(SearchEffort(work=10)).work
    (200000000, 10)
    """

    work: int = WORK["quick"]
    trajectories: int = 1
    time_limit: float | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        check_real("work", self.work)
        check_whole("trajectories", self.trajectories)
        if not self.work > 0 or not self.trajectories >= 1:
            raise InputError("the work and the number of trajectories of a search must be positive")
        if self.trajectories > MOST_TRAJECTORIES:
            raise InputError(
                f"a search has at most {MOST_TRAJECTORIES} trajectories, got {quoted(self.trajectories)}"
            )
        check_time_limit(self.time_limit)
        if self.target is not None:
            check_real("target", self.target)

    @classmethod
    def of(
        cls, effort: EffortName | SearchEffort, option: str = "effort", *, time_limit: float | None = None
    ) -> SearchEffort:
        """Read an effort or its name, ``"quick"`` or ``"thorough"``, and add a time limit.

        Parameters
        ----------
        effort : {"quick", "thorough"} or SearchEffort
            The effort.
        option : str
            How messages name it.
        time_limit : float, optional
            Seconds after which the search stops.

        Raises
        ------
        InputError
            Unknown name.
        """
        if not isinstance(effort, SearchEffort):
            check_choice(option, effort, EFFORTS, also="a SearchEffort")
            effort = cls(work=WORK[effort])
        return effort if time_limit is None else replace(effort, time_limit=time_limit)


@dataclass(frozen=True, eq=False)
class SearchOutcome(Tabled):
    """What a search found.

    Parameters
    ----------
    signs : ndarray of int8, shape (n,)
        The best cut, never lighter than the start.
    work : int
        Proposals that were made.
    runs : int
        Annealing runs.
    reduced_vertices, reduced_edges : int
        Size of the graph that was searched, after exact reductions.
    interrupted : bool
        Whether Ctrl-C ended it early.
    """

    signs: SignArray
    work: int
    runs: int
    reduced_vertices: int
    reduced_edges: int
    interrupted: bool

    def table_rows(self) -> list[tuple[str, ...]]:
        """Return the rows of the table."""
        ones = int(np.count_nonzero(self.signs > 0))
        rows: list[tuple[str, ...]] = [
            ("vertices on each side", f"{ones} and {self.signs.size - ones}"),
            ("work", f"{counted(self.work, 'proposal')} in {counted(self.runs, 'run')}"),
            (
                "searched after reductions",
                f"{counted(self.reduced_vertices, 'vertex', 'vertices')}, {counted(self.reduced_edges, 'edge')}",
            ),
        ]
        return [*rows, ("interrupted", "by Ctrl-C")] if self.interrupted else rows

    def __repr__(self) -> str:
        return f"SearchOutcome(n={self.signs.size}, work={self.work}, runs={self.runs})"

    def record(self) -> dict[str, int]:
        """Return what a result keeps of it."""
        return {
            "work": self.work,
            "runs": self.runs,
            "kernel_n": self.reduced_vertices,
            "kernel_m": self.reduced_edges,
        }


def search_cut(
    graph: object,
    signs: SignArray,
    *,
    effort: EffortName | SearchEffort = "quick",
    workers: int | None = None,
    backend: CrewName = "threads",
    address: str | None = None,
    on_progress: OnProgress | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> SearchOutcome:
    """Improve a cut.

    Parameters
    ----------
    graph : object
        Whatever `derandkit.as_graph` accepts.
    signs : ndarray of int8, shape (n,)
        The cut to start from.
    effort : {"quick", "thorough"} or SearchEffort
        How long to search.
    workers : int, optional
        Processes, by default one a core; on threads every trajectory has its own.
    backend : {"threads", "loky", "dask"}
        Where the trajectories of the effort run: on threads of this process, in processes of this machine, or on a dask
        cluster. The cut is the same. A trajectory in another process shows no progress, and Ctrl-C loses it.
    address : str, optional
        A dask scheduler (``"tcp://host:8786"``); without one the active client or a cluster on this machine.
    on_progress : callable, optional
        Called now and then with a `derandkit.Progress`: the best cut of the first trajectory, and its work as step.
    on_interrupt : {"raise", "return"}
        Whether Ctrl-C raises `Interrupted`, which carries the best cut so far, or returns it.

    Returns
    -------
    SearchOutcome
        The best cut met, which is no worse than the start, and what the search did.

    Raises
    ------
    InputError
        `signs` are no cut of the graph, unknown effort or backend, a number of workers that is not positive,
        or no scheduler at `address`.
    MissingDependencyError
        dask is chosen and not installed (extra ``dask``).
    Interrupted
        See `on_interrupt`.

    References
    ----------
    Kirkpatrick, Gelatt, Vecchi, Science 220 (1983); Whitley, Hains, Howe, GECCO 2009 (recombination by pieces);
    Houdayer and Martin, Phys. Rev. Lett. 83 (1999) (contracting what good solutions agree on).

    Examples
    --------
    >>> from derandkit.datasets import gset
    >>> torus = gset("G11")
    >>> found = search_cut(torus, np.ones(torus.n, dtype=np.int8), effort=SearchEffort(work=20_000_000))
    >>> torus.cut_value(found.signs)
    564
    """
    effort = SearchEffort.of(effort)
    crew = Crew.of(workers, backend, address)
    with entry(effort.time_limit, on_interrupt=on_interrupt) as clock:
        graph = as_graph(graph)
        run = SearchRun(graph, graph.as_signs(signs), effort, clock, reporting(clock, on_progress))
        if crew.backend != "threads" and len(run.paths) > 1:
            with crew.team() as team:
                run.advance_elsewhere(team)
        else:
            run.advance(math.inf)
        found = run.outcome()
    return deliver(clock, found, on_interrupt)


class SearchRun:
    """A search that can be made piece by piece, by counted work.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    signs : ndarray of int8, shape (n,)
        The cut to start from.
    effort : SearchEffort
        How long to search.
    clock : Clock
        When to stop whatever the effort.
    report : callable
        Called with a `derandkit.Progress` of the first trajectory.
    share : float
        The share of the time left that is counted on, where time is limited.

    Examples
    --------
    >>> from derandkit.datasets import gset
    >>> from derandkit.runtime.clock import Clock
    >>> torus, effort = gset("G11"), SearchEffort(work=20_000_000)
    >>> run = SearchRun(torus, np.ones(torus.n, dtype=np.int8), effort, Clock(), lambda progress: None)
    >>> run.aim(564)
    >>> run.advance(effort.work)
    >>> torus.cut_value(run.signs), run.outcome().work < effort.work
    (564, True)
    """

    def __init__(
        self,
        graph: WeightedGraph,
        signs: SignArray,
        effort: SearchEffort,
        clock: Clock,
        report: OnProgress,
        *,
        share: float = 1.0,
    ) -> None:
        self.graph, self.effort, self.clock = graph, effort, clock
        self.reduction = reduce_graph(graph)
        self.reduced = self.reduction.reduced
        self.start = signs
        self.paths: list[SearchPath] = []
        if self.reduced.m == 0:
            return
        moderate, self.exponent = moderate_weights(self.reduced)
        work = max(1, effort.work // effort.trajectories)
        limited = max(1, int(share * PACE * clock.seconds_left)) if clock.limited else work
        offset = self.reduction.offset

        def best(value: float, done: int) -> None:
            report(Progress("search", math.ldexp(value, -self.exponent) + offset, step=done, total=work))

        start = self.reduction.project(signs)
        kind: type[PoolPath] | None = None
        if self.reduced.n > ENUMERATED:
            kind = _kind_of_rows(moderate)

        def path(k: int) -> SearchPath:
            shown = best if k == 0 else None
            if kind is not None:
                return kind(moderate, start, work, clock, math.inf, number=k, report=shown)
            return Trajectory(
                moderate, start, work, min(work, limited), clock, math.inf, number=k, report=shown
            )

        self.paths = [path(k) for k in range(effort.trajectories)]
        self.aim(math.inf)

    def aim(self, weight: float) -> None:
        """Stop at a cut of the whole graph that weighs so much, or as much as the effort says."""
        weight = min(weight, math.inf if self.effort.target is None else self.effort.target)
        for path in self.paths:
            path.target = scaled_by(weight - self.reduction.offset, self.exponent)

    def offer(self, signs: SignArray) -> None:
        """Let the first trajectory take over what another cut of the whole graph does better."""
        if self.paths:
            path, other = self.paths[0], self.reduction.project(signs)
            path.take_over(other)
            value = float(path.graph.cut_value(other))
            if value > path.value:
                path.best, path.value = other.copy(), value

    def advance(self, work: float) -> None:
        """Go on as long as the next run does not pass this number of proposals in all."""
        most = work / max(1, len(self.paths))
        if self.paths and self.reduced.n <= ENUMERATED and 2 ** (self.reduced.n - 1) <= self.paths[0].budget:
            self.paths[0].enumerate_all()
        elif len(self.paths) == 1:
            self.paths[0].run(most)
        elif self.paths:
            _run_together(self.paths, most)

    def advance_elsewhere(self, team: Team) -> None:
        """Run every trajectory to its end in a process of its own."""
        left = self.clock.seconds_left if self.clock.limited else None
        tasks = [(self.graph, self.start, self.effort, left, k) for k in range(len(self.paths))]
        for path, found in zip(self.paths, team.run(_trajectory, tasks), strict=False):  # fewer after Ctrl-C
            path.best, path.value, path.work, path.runs = found

    @property
    def signs(self) -> SignArray:
        """The best cut of the whole graph so far: the trajectories are recombined in order, piece by piece."""
        if not self.paths:
            found = self.reduction.lift(np.ones(self.reduced.n, dtype=np.int8))
        else:
            first = self.paths[0]
            for other in self.paths[1:]:
                first.take_over(other.best)
                if other.value > first.value:
                    first.best, first.value = other.best.copy(), other.value
            found = self.reduction.lift(first.best)
        signs = found if self.graph.cut_value(found) > self.graph.cut_value(self.start) else self.start
        return (signs if signs[0] > 0 else -signs).astype(np.int8)

    def outcome(self) -> SearchOutcome:
        """Return the best cut, and what it took."""
        return SearchOutcome(
            self.signs,
            sum(path.work for path in self.paths),
            sum(path.runs for path in self.paths),
            self.reduced.n,
            self.reduced.m,
            bool(self.paths) and self.clock.interrupted,
        )


def _kind_of_rows(graph: WeightedGraph) -> type[PoolPath] | None:
    """Return the search on the rows of a matrix that suits a graph, if one does."""
    if suits_clusters(graph):
        return ClusterTrajectory
    return DenseTrajectory if suits_rows(graph) else None


def moderate_weights(graph: WeightedGraph) -> tuple[WeightedGraph, int]:
    """Return the graph with weights times a power of two whose squares and inverses stay in range, and the exponent.

    Examples
    --------
    >>> graph = as_graph([(0, 1, 1e300), (1, 2, 1.0)])
    >>> moderate, exponent = moderate_weights(graph)
    >>> moderate.edges()[2].tolist() == [1e300 * 2.0**exponent, 2.0**exponent], moderate_weights(moderate)[1]
    (True, 0)
    """
    sizes = np.abs(graph.weights)
    largest = float(sizes.max(initial=0.0))
    vanishing = (sizes > 0) & (sizes < 2.0**-1000 * largest)
    exponent = 0 if largest == 0.0 or 2.0**-200 <= largest <= 2.0**200 else -math.frexp(largest)[1]
    if exponent == 0 and not vanishing.any():
        return graph, 0
    # edges that vanish beside the greatest one change nothing that a search can measure, and overflow as divisors
    weights = np.where(vanishing, 0.0, np.ldexp(graph.weights, exponent))
    return replace(graph, weights=weights, integral=False), exponent


def _trajectory(
    graph: WeightedGraph, signs: SignArray, effort: SearchEffort, seconds: float | None, number: int
) -> tuple[SignArray, float, int, int]:
    """Run one trajectory of a search to its end; this runs in another process."""
    with stage(clock=Clock(seconds)) as clock:
        path = SearchRun(graph, signs, effort, clock, lambda progress: None).paths[number]
        path.run(math.inf)
    return path.best, path.value, path.work, path.runs


def _run_together(paths: list[SearchPath], work: float) -> None:
    """Run trajectories on threads (kernels release the interpreter's lock); all look at one clock."""
    with ThreadPoolExecutor(max_workers=len(paths)) as pool:
        try:
            with needing(FEWER):
                futures = [pool.submit(path.run, work) for path in paths]
            for future in futures:
                future.result()
        except BaseException:  # the other threads must not go on
            for path in paths:
                path.stop = True
            raise
