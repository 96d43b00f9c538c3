"""A search stage after derandomization: it starts from the lemma's cut, only improves, and is reproducible.

On the kernel that exact reductions leave, short annealing runs take turns: fresh ones from a high temperature, and ones
that warm the best cut up only partly. What a run finds is not compared as a whole but recombined: piece by piece where
the pieces of disagreement are apart (`recombine`), and otherwise on the small graph that is left when every edge on
which several good cuts agree is contracted. Which kind of run comes next follows from what each has gained for its
work so far. Work is counted in proposals, not seconds, and the numbers come from an explicit stream, so the same
effort gives the same cut everywhere; only a time limit makes the result depend on the machine.
"""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.cuts.graph import WeightedGraph
from derandkit.cuts.reduction import reduce_graph
from derandkit.cuts.search_kernels import anneal, flip_gains, recombine
from derandkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Signs = NDArray[np.int8]
    FloatArray = NDArray[np.float64]

#: Logarithms of equidistant numbers in (0, 1); 32 kB stay in the first-level cache.
LOG_UNIFORM = np.log((np.arange(4096) + 0.5) / 4096)
#: First temperature of a fresh run, and last of every run, as multiples of the root-mean-square pull and weight.
HOT, COLD = 0.5, 0.15
#: Share of `HOT` to which a good cut is warmed up.
REHEATS = (0.9, 0.65, 0.45)
#: Cuts that are kept for recombination.
ELITE = 8
#: Share of the work that a fresh run may take, and its most sweeps a vertex of the graph. Slow runs pay where the
#: landscape is rough (unions of planar graphs, many vertices); on small graphs several runs are worth more than one.
LONG_SHARE, LONGEST = 0.3, 30
#: Proposals a second that are counted on where only the time is limited.
PACE = 70_000_000
#: Runs that are fresh before the kinds take turns.
FRESH_FIRST = 2
#: Proposals between two looks at the clock and at Ctrl-C.
CHUNK = 4_000_000
#: Graphs with more edges are not contracted, only recombined piece by piece.
CONTRACT_LIMIT = 300_000
#: Proposals of the named efforts; about 15 ns each.
WORK = {"quick": 200_000_000, "thorough": 5_000_000_000}


@dataclass(frozen=True)
class Effort:
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
        A number is not positive.

    Examples
    --------
    >>> Effort.of("quick").work, Effort.of(Effort(work=10)).work
    (200000000, 10)
    """

    work: int = WORK["quick"]
    trajectories: int = 1
    time_limit: float | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        if not self.work > 0 or not self.trajectories >= 1:
            raise InputError("the work and the number of trajectories of a search must be positive")
        if self.time_limit is not None and not self.time_limit > 0:
            raise InputError(f"the time limit must be a positive number of seconds, got {self.time_limit}")

    @classmethod
    def of(cls, effort: str | Effort, *, time_limit: float | None = None) -> Effort:
        """Read an effort or its name, ``"quick"`` or ``"thorough"``, and add a time limit.

        Raises
        ------
        InputError
            Unknown name.
        """
        if not isinstance(effort, Effort):
            if effort not in WORK:
                raise InputError(f"unknown search effort {effort!r}; use 'quick', 'thorough' or Effort(...)")
            effort = cls(work=WORK[effort])
        return effort if time_limit is None else replace(effort, time_limit=time_limit)


@dataclass(frozen=True, eq=False)
class SearchOutcome:
    """What a search found.

    Parameters
    ----------
    signs : ndarray of int8, shape (n,)
        The best cut, never lighter than the start.
    work : int
        Proposals that were made.
    runs : int
        Annealing runs.
    kernel_vertices, kernel_edges : int
        Size of the graph that was searched, after exact reductions.
    interrupted : bool
        Whether a `KeyboardInterrupt` ended it early.
    """

    signs: Signs
    work: int
    runs: int
    kernel_vertices: int
    kernel_edges: int
    interrupted: bool

    def record(self) -> dict[str, int]:
        """Return what a result keeps of it."""
        return {
            "work": self.work,
            "runs": self.runs,
            "kernel_n": self.kernel_vertices,
            "kernel_m": self.kernel_edges,
        }


def search_cut(
    graph: WeightedGraph,
    signs: Signs,
    *,
    effort: str | Effort = "quick",
    on_progress: Callable[[float, float], None] | None = None,
) -> SearchOutcome:
    """Improve a cut.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    signs : ndarray of int8, shape (n,)
        The cut to start from.
    effort : {"quick", "thorough"} or Effort
        How long.
    on_progress : callable, optional
        Called now and then with the weight of the best cut of the first trajectory and the share of the work left.

    Returns
    -------
    SearchOutcome

    References
    ----------
    Kirkpatrick, Gelatt, Vecchi, Science 220 (1983); Whitley, Hains, Howe, GECCO 2009 (recombination by pieces);
    Houdayer and Martin, Phys. Rev. Lett. 83 (1999) (contracting what good solutions agree on).

    Examples
    --------
    >>> from derandkit.datasets import gset
    >>> torus = gset("G11")
    >>> found = search_cut(torus, np.ones(torus.n, dtype=np.int8), effort=Effort(work=20_000_000))
    >>> torus.cut_value(found.signs)
    564
    """
    effort = Effort.of(effort)
    reduction = reduce_graph(graph)
    kernel = reduction.kernel
    if kernel.m == 0:
        return _better(graph, signs, reduction.lift(np.ones(kernel.n, dtype=np.int8)), 0, 0, kernel, False)
    start = reduction.project(signs)
    deadline = None if effort.time_limit is None else time.monotonic() + effort.time_limit
    share = max(1, effort.work // effort.trajectories)
    expected = share if effort.time_limit is None else min(share, max(1, int(PACE * effort.time_limit)))
    target = math.inf if effort.target is None else effort.target - reduction.offset
    offset = reduction.offset

    def tell(value: float, left: float) -> None:
        if on_progress is not None:
            on_progress(value + offset, left)

    paths = [
        _Trajectory(kernel, start, share, expected, deadline, target, number=k, tell=tell if k == 0 else None)
        for k in range(effort.trajectories)
    ]
    if len(paths) == 1:
        paths[0].run()
    else:
        _run_together(paths)
    # the first trajectory takes over what the others do better, piece by piece, in order
    first = paths[0]
    for other in paths[1:]:
        first.take_over(other.best)
        if other.value > first.value:
            first.best, first.value = other.best.copy(), other.value
    return _better(
        graph,
        signs,
        reduction.lift(first.best),
        sum(path.work for path in paths),
        sum(path.runs for path in paths),
        kernel,
        any(path.interrupted for path in paths),
    )


def _run_together(paths: list[_Trajectory]) -> None:
    """Run trajectories on threads (kernels release the interpreter's lock); Ctrl-C reaches them all."""
    with ThreadPoolExecutor(max_workers=len(paths)) as pool:
        futures = [pool.submit(path.run) for path in paths]
        try:
            for future in futures:
                future.result()
        except KeyboardInterrupt:
            for path in paths:
                path.stop = True
                path.interrupted = True


def _better(
    graph: WeightedGraph,
    start: Signs,
    found: Signs,
    work: int,
    runs: int,
    kernel: WeightedGraph,
    interrupted: bool,
) -> SearchOutcome:
    signs = found if graph.cut_value(found) > graph.cut_value(start) else start
    if signs[0] < 0:
        signs = -signs
    return SearchOutcome(signs.astype(np.int8), work, runs, kernel.n, kernel.m, interrupted)


class _Trajectory:
    """One search on a kernel: the best cut, the elite, and what each kind of run has earned."""

    def __init__(
        self,
        graph: WeightedGraph,
        start: Signs,
        budget: int,
        expected: int,
        deadline: float | None,
        target: float,
        *,
        number: int,
        tell: Callable[[float, float], None] | None,
    ) -> None:
        self.graph = graph
        self.arcs = (graph.indptr, graph.indices, graph.weights)
        self.budget, self.deadline, self.target = budget, deadline, target
        self.tell = tell
        # distinct, nonzero and well mixed for every trajectory
        self.stream = np.array(
            [88172645463325252 + number * 0x9E3779B97F4A7C15 & (2**64 - 1)], dtype=np.uint64
        )
        self.best = start.astype(np.int8)
        self.value = float(graph.cut_value(self.best))
        self.elite: list[tuple[float, Signs]] = [(self.value, self.best.copy())]
        self.work = self.runs = self.turn = 0
        self.stop = self.interrupted = False
        self.mark, self.stack = np.empty(graph.n, dtype=np.int8), np.empty(graph.n, dtype=np.int32)
        self.hot = HOT * math.sqrt(float((graph.weights**2).sum()) / graph.n)
        self.cold = COLD * math.sqrt(float((graph.weights**2).mean()))
        self.long = int(min(LONGEST * graph.n, max(50, LONG_SHARE * expected / graph.n)))
        self.short = int(min(600, max(20, self.long // 20)))
        self.earned = np.zeros(1 + len(REHEATS))
        self.spent = np.zeros(1 + len(REHEATS))

    @property
    def finished(self) -> bool:
        """Whether it is time to stop."""
        late = self.deadline is not None and time.monotonic() >= self.deadline
        return self.stop or late or self.work >= self.budget or self.value >= self.target

    def run(self) -> None:
        """Search until the budget, the deadline or the target is reached, or somebody presses Ctrl-C."""
        try:
            while not self.finished:
                self.step()
        except KeyboardInterrupt:
            self.interrupted = True

    def step(self) -> None:
        """Make one run of the kind that has earned most, and recombine what it finds."""
        kind = self._next_kind()
        before, work = self.value, self.work
        if kind == 0:
            found = self._anneal(self.graph, self.best, self.hot, self.long)
        else:
            found = self._anneal(self.graph, self.best, REHEATS[kind - 1] * self.hot, self.short)
        self.runs += 1
        self.turn += 1
        value = float(self.graph.cut_value(found))
        if value > self.value:
            previous, self.best, self.value = self.best, found.copy(), value
            self.take_over(previous)
        else:
            self.take_over(found)
        if self.graph.m <= CONTRACT_LIMIT and not self.finished:
            self._cross(found, 0.3 * (self.work - work))
        self._keep(value, found)
        self._keep(self.value, self.best)
        # older gains count less, so that the choice follows the stage of the search
        self.earned *= 0.9
        self.spent *= 0.9
        if self.turn > 1:  # what the first run gains over the start says nothing about the next ones
            self.earned[kind] += self.value - before
        self.spent[kind] += self.work - work

    def take_over(self, other: Signs) -> None:
        """Recombine the best cut with another, piece by piece."""
        gained = recombine(*self.arcs, self.best, other, self.mark, self.stack)
        if gained > 0.0:
            self.value = float(self.graph.cut_value(self.best))

    def _next_kind(self) -> int:
        rates = self.earned / np.maximum(self.spent, 1.0)
        if self.turn < FRESH_FIRST:
            return 0
        if self.turn % 4 == 0 or not rates.max() > 0.0:
            return int(np.argmin(self.spent))
        return int(np.argmax(rates))

    def _anneal(self, graph: WeightedGraph, start: Signs, hot: float, sweeps: int) -> Signs:
        """Cool a copy of `start` linearly, then let it settle; return the heaviest cut seen on the way.

        The start itself does not count: what is asked for is another cut.
        """
        arcs = (graph.indptr, graph.indices, graph.weights)
        signs = start.copy()
        gains, best = np.empty(graph.n), signs.copy()
        flip_gains(*arcs, signs, gains)
        value = np.array([0.0, -math.inf])
        temperatures = np.append(np.linspace(hot, self.cold, max(2, sweeps)), np.zeros(2))
        batch, done = max(1, CHUNK // graph.n), 0
        begun = 0.0 if self.deadline is None else time.monotonic()
        while temperatures.size:
            if done and self.deadline is not None:
                temperatures = _fitting(temperatures, done, time.monotonic() - begun, self.deadline - begun)
            part, temperatures = temperatures[:batch], temperatures[batch:]
            done += part.size
            anneal(*arcs, signs, gains, part, LOG_UNIFORM, self.stream, value, best)
            self.work += part.size * graph.n
            if self.tell is not None:
                self.tell(self.value, max(0.0, 1.0 - self.work / self.budget))
            if self.stop or (self.deadline is not None and time.monotonic() >= self.deadline):
                break
        return best

    def _cross(self, found: Signs, work: float) -> None:
        """Contract what the best cut, the new one and one of the elite agree on, and anneal the rest for some work."""
        partner = self.elite[self.turn % len(self.elite)][1]
        i, j, w = self.graph.edges()
        alike = self.best[i] == self.best[j]
        agree = (alike == (found[i] == found[j])) & (alike == (partner[i] == partner[j]))
        label = _components(self.graph.n, i[agree], j[agree])
        a, b = label[i], label[j]
        across = a != b
        if not across.any():
            return
        # in the gauge of the best cut all signs are +, so the small graph's weights carry its sides
        gauge = np.where(alike, w, -w)[across]
        small = WeightedGraph.from_edges(a[across], b[across], gauge, n=int(label.max()) + 1)
        sweeps = int(min(2000, max(20, work / small.n)))
        turned = self._anneal(small, np.ones(small.n, dtype=np.int8), self.hot, sweeps)
        child = (self.best * turned[label]).astype(np.int8)
        value = float(self.graph.cut_value(child))
        if value >= self.value:
            self.best, self.value = child, value

    def _keep(self, value: float, signs: Signs) -> None:
        """Put a cut among the elite unless it is there already; the lightest leaves, among equals the oldest."""
        for other, known in self.elite:
            if other == value and abs(int(np.dot(known.astype(np.int64), signs))) == signs.size:
                return
        self.elite.append((value, signs.copy()))
        if len(self.elite) > ELITE:
            self.elite.pop(int(np.argmin([v for v, _ in self.elite])))


def _fitting(temperatures: FloatArray, done: int, spent: float, allowed: float) -> FloatArray:
    """Thin out the sweeps that are left, evenly, if at the pace so far they would not end in time.

    A run that is cut off while it is warm was for nothing. The last sweep stays.
    """
    fit = int(done * max(0.0, allowed - spent) / max(spent, 1e-9))
    if fit >= temperatures.size:
        return temperatures
    return temperatures[np.linspace(temperatures.size - 1, 0, max(1, fit)).astype(np.int64)[::-1]]


def _components(n: int, i: NDArray[np.int32], j: NDArray[np.int32]) -> NDArray[np.int64]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    pattern = csr_array((np.ones(i.size, dtype=np.int8), (i, j)), (n, n))
    return np.asarray(connected_components(pattern, directed=False)[1], dtype=np.int64)
