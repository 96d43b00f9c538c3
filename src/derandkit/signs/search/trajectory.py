"""One search on a reduced graph: which kind of annealing run comes next, and what is made of the cuts that it finds.

A run anneals a population, or a single cut where there is not enough work to cool a population. It either starts anew
from a high temperature, or it warms up the best cut only partly.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from derandkit.signs.contraction import grouped_graph
from derandkit.signs.search.annealing_kernels import anneal, flip_gains, greatest_cut, recombine
from derandkit.signs.search.population import Population, population

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, SignArray, WordArray
    from derandkit.runtime.clock import Clock

    GoOn = Callable[[int, int, FloatArray], FloatArray]

#: Logarithms of equidistant numbers in (0, 1); 32 kB stay in the first-level cache. Rounded, since processors differ in
#: the last bits.
LOG_UNIFORM = np.log((np.arange(4096) + 0.5) / 4096).astype(np.float32).astype(np.float64)
#: First temperature of a new run, and last of every run, as multiples of the root-mean-square pull and weight.
HOT, COLD = 0.5, 0.15
#: The first temperature of a new population.
POPULATION_HOT = 0.4
#: Share of `HOT` to which a good cut is warmed up.
REHEATS = (0.9, 0.65, 0.45)
#: Cuts that are kept for recombination.
ELITE = 8
#: Share of the work that a new run may take, and its most sweeps a vertex of the graph. Slow runs pay where the
#: landscape is rough (unions of planar graphs, many vertices); on small graphs several runs are worth more than one.
LONG_SHARE, LONGEST = 0.3, 30
#: Shares of the work that the first new population takes, and one that warms the best cut up.
FRESH_SHARE, REHEAT_SHARE = 0.05, 0.02
#: How much longer each new population is than the one before. Short ones first, so that there is an answer early and
#: small graphs have several; the last is the longest, which large graphs need.
GROWTH = 2
#: Fewest sweeps of a population that are worth it; where the work does not suffice, single cuts are annealed.
FEWEST = 2000
#: Runs of single cuts from a high temperature before the kinds take turns. A population is an answer after its first
#: run.
FRESH_FIRST = 2
#: Shares of the work of a run that go into recombining the best cut with others of a population, and into crossing.
MERGE_SHARE, CROSS_SHARE = 0.2, 0.2
#: Proposals between two looks at the clock and at Ctrl-C.
CHUNK = 4_000_000
#: Graphs with more edges are not contracted, only recombined piece by piece.
CONTRACT_LIMIT = 300_000


def first_state(number: int) -> WordArray:
    """Return the first state of a number stream: distinct, nonzero and well mixed for every trajectory.

    Examples
    --------
    >>> first_state(0).tolist()
    [88172645463325252]
    """
    return np.array([88172645463325252 + number * 0x9E3779B97F4A7C15 & (2**64 - 1)], dtype=np.uint64)


class SearchPath(ABC):
    """One search on a reduced graph: its best cut, its work, and when it ends.

    Parameters
    ----------
    graph : WeightedGraph
        The reduced graph.
    start : ndarray of int8, shape (n,)
        The cut to start from.
    budget : int
        Work that is allowed.
    clock : Clock
        When to stop.
    target : float
        The weight of a cut that is heavy enough.
    number : int
        Which number stream.
    report : callable, optional
        Called with the weight of the best cut and the work that was done.
    """

    def __init__(
        self,
        graph: WeightedGraph,
        start: SignArray,
        budget: int,
        clock: Clock,
        target: float,
        *,
        number: int,
        report: Callable[[float, int], None] | None,
    ) -> None:
        self.graph, self.n = graph, graph.n
        self.budget, self.clock, self.target, self.report = budget, clock, target, report
        self.number, self.stream = number, first_state(number)
        self.best = start.astype(np.int8)
        self.value = float(graph.cut_value(self.best))
        self.work = self.runs = 0
        self.stop = False
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Make what the search works with, once the rest is known."""

    @property
    def finished(self) -> bool:
        """Whether it is time to stop."""
        return self.stop or self.clock.stopped or self.work >= self.budget or self.value >= self.target

    @abstractmethod
    def run(self, work: float = math.inf) -> None:
        """Search until so much work would be passed, a limit or the target is reached, or the clock stops it."""

    @abstractmethod
    def take_over(self, other: SignArray) -> None:
        """Use a cut that was found elsewhere."""

    def enumerate_all(self) -> None:
        """Look at every cut, in place of all runs."""
        if self.stop or self.finished:
            return
        signs = np.ones(self.n, dtype=np.int8)
        greatest_cut(self.graph.indptr, self.graph.indices, self.graph.weights, signs)
        self.work += 2 ** (self.n - 1)
        self.runs, self.stop = 1, True
        self.keep(signs)

    def keep(self, signs: SignArray) -> float:
        """Keep a cut if it is heavier than the best, and return its weight."""
        value = float(self.graph.cut_value(signs))
        if value > self.value:
            self.best, self.value = signs.copy(), value
        return value


class PoolPath(SearchPath):
    """A search on the rows of a matrix that keeps a pool of good cuts, and makes its next one from them."""

    def prepare(self) -> None:
        """Begin with an empty pool."""
        self.pool: list[tuple[float, SignArray]] = []
        self.last = 0

    def run(self, work: float = math.inf) -> None:
        """Search until the budget or the target is reached, the clock stops it, or a step like the last passes work."""
        while not self.finished and self.work + self.last <= work:
            before = self.work
            self.step()
            self.last = self.work - before
            if self.report is not None:
                self.report(self.value, min(self.work, self.budget))

    @abstractmethod
    def step(self) -> None:
        """Make one cut, and put it into the pool."""

    def take_over(self, other: SignArray) -> None:
        """Keep another cut if it is heavier."""
        self.keep(other)


class Trajectory(SearchPath):
    """A search on lists of neighbours: the best cut, the elite, and what each kind of run has earned.

    Parameters
    ----------
    expected : int
        Work that is to be expected if only the time is limited.
    graph, start, budget, clock, target, number, report
        See `SearchPath`.
    """

    def __init__(
        self,
        graph: WeightedGraph,
        start: SignArray,
        budget: int,
        expected: int,
        clock: Clock,
        target: float,
        *,
        number: int,
        report: Callable[[float, int], None] | None,
    ) -> None:
        self.expected = expected
        super().__init__(graph, start, budget, clock, target, number=number, report=report)

    def prepare(self) -> None:
        """Choose lengths and temperatures of runs."""
        graph, expected = self.graph, self.expected
        self.arcs = (graph.indptr, graph.indices, graph.weights)
        self.elite: list[tuple[float, SignArray]] = [(self.value, self.best.copy())]
        self.turn = 0
        self.mark, self.stack = np.empty(graph.n, dtype=np.int8), np.empty(graph.n, dtype=np.int32)
        pull = math.sqrt(float((graph.weights**2).sum()) / graph.n)
        self.cold = COLD * math.sqrt(float((graph.weights**2).mean()))
        self.population = self._population(graph, expected)
        if self.population is None:
            self.hot = HOT * pull
            sweeps = int(min(LONGEST * graph.n, max(50, LONG_SHARE * expected / graph.n)))
            self.long, self.short = sweeps * graph.n, int(min(600, max(20, sweeps // 20))) * graph.n
        else:
            self.hot = POPULATION_HOT * pull
            self.long, self.short = int(FRESH_SHARE * expected), int(REHEAT_SHARE * expected)
        self.earned = np.zeros(1 + len(REHEATS))
        self.spent = np.zeros(1 + len(REHEATS))

    def run(self, work: float = math.inf) -> None:
        """Search until another run would pass so much work, a limit or the target is reached, or the clock stops it."""
        while not self.finished and self.work + (self.short if self._next_kind() else self.long) <= work:
            self.step()

    def step(self) -> None:
        """Make one run of the kind that has earned most, and recombine what it finds."""
        kind = self._next_kind()
        before, work = self.value, self.work
        hot, length = (self.hot, self.long) if kind == 0 else (REHEATS[kind - 1] * self.hot, self.short)
        cuts = self._anneal(self.graph, None if kind == 0 else self.best, hot, length, self.population)
        if kind == 0 and self.population is not None:
            self.long *= GROWTH
        self.runs += 1
        self.turn += 1
        spent = self.work - work
        found = next(cuts)
        value = float(self.graph.cut_value(found))
        if value > self.value:
            previous, self.best, self.value = self.best, found.copy(), value
            self.take_over(previous)
        else:
            self.take_over(found)
        end = self.work + MERGE_SHARE * spent
        for other in cuts:
            if self.work >= end or self.finished:
                break
            self.take_over(other)
        if self.graph.m <= CONTRACT_LIMIT and not self.finished:
            self._cross(found, CROSS_SHARE * spent)
        self._keep(value, found)
        self._keep(self.value, self.best)
        # older gains count less, so that the choice follows the stage of the search
        self.earned *= 0.9
        self.spent *= 0.9
        if self.turn > 1:  # what the first run gains over the start says nothing about the next ones
            self.earned[kind] += self.value - before
        self.spent[kind] += self.work - work

    def take_over(self, other: SignArray) -> None:
        """Recombine the best cut with another, piece by piece."""
        gained = recombine(*self.arcs, self.best, other, self.mark, self.stack)
        self.work += (self.graph.n + 2 * self.graph.m) // 5
        if gained > 0.0:
            self.value = float(self.graph.cut_value(self.best))

    def _next_kind(self) -> int:
        if self.turn < (FRESH_FIRST if self.population is None else 1):
            return 0
        rates = self.earned / np.maximum(self.spent, 1.0)
        kind = int(np.argmax(rates))
        if self.turn % 4 == 0 or not rates.max() > 0.0:
            kind = int(np.argmin(self.spent))
        # a new run that would be cut off half-way is worth less than to go on from what is there
        if kind == 0 and self.long > 2 * (min(self.budget, self.expected) - self.work):
            kind = 1 + int(np.argmax(rates[1:]))
        return kind

    def _population(self, graph: WeightedGraph, work: float) -> Population | None:
        """Return a population for a graph if the work suffices to cool it."""
        if graph.n * FEWEST > 2 * work:  # a sweep costs half a proposal a vertex at least
            return None
        found = population(graph, self.stream)
        return found if work >= FEWEST * found.cost else None

    def _anneal(
        self,
        graph: WeightedGraph,
        start: SignArray | None,
        hot: float,
        work: float,
        many: Population | None,
    ) -> Iterator[SignArray]:
        """Anneal from a cut, or from anywhere, for so much work; return what is found, the greatest cut first."""
        limited = self.clock.limited
        at_first = self.clock.seconds_left

        def go_on(work: int, done: int, left: FloatArray) -> FloatArray:
            """Count what was done, and return the temperatures that are left or that there is time for."""
            self.work += work
            if self.report is not None:
                self.report(self.value, min(self.work, self.budget))
            if self.stop or self.clock.interrupted:
                return left[:0]
            if not limited:
                return left
            return _fitting(left, done, at_first - self.clock.seconds_left, at_first)

        if many is None:
            start = self.best if start is None else start
            return iter([self._anneal_one(graph, start, hot, int(work / graph.n), go_on)])
        if start is None:
            many.scatter()
        else:
            many.begin(start)
        # Around one cut all that is found differs from it in separate places, each of which can be taken over alone;
        # selection would only make the cuts alike. From far apart cuts differ as wholes, and the greatest count.
        sweeps = max(2, int(work / many.cost))
        many.anneal(hot, self.cold, sweeps, select=start is None, go_on=go_on)
        return many.cuts()

    def _anneal_one(
        self, graph: WeightedGraph, start: SignArray, hot: float, sweeps: int, go_on: GoOn
    ) -> SignArray:
        """Cool a copy of `start` linearly, then let it settle; return the greatest cut seen on the way.

        The start itself does not count: what is asked for is another cut.
        """
        arcs = (graph.indptr, graph.indices, graph.weights)
        signs = start.copy()
        gains, best = np.empty(graph.n), signs.copy()
        flip_gains(*arcs, signs, gains)
        value = np.array([0.0, -math.inf])
        temperatures = np.append(np.linspace(hot, self.cold, max(2, sweeps)), np.zeros(2))
        batch, done = max(1, CHUNK // graph.n), 0
        while temperatures.size:
            part, temperatures = temperatures[:batch], temperatures[batch:]
            done += part.size
            anneal(*arcs, signs, gains, part, LOG_UNIFORM, self.stream, value, best)
            temperatures = go_on(part.size * graph.n, done, temperatures)
        return best

    def _cross(self, found: SignArray, work: float) -> None:
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
        small = grouped_graph(a[across], b[across], gauge, int(label.max()) + 1)
        if small.n == self.graph.n:
            return
        many = self._population(small, work)
        start = None if many is not None else np.ones(small.n, dtype=np.int8)
        turned = next(self._anneal(small, start, self.hot, work, many))
        child = (self.best * turned[label]).astype(np.int8)
        value = float(self.graph.cut_value(child))
        if value >= self.value:
            self.best, self.value = child, value

    def _keep(self, value: float, signs: SignArray) -> None:
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
    if fit >= temperatures.size or not temperatures.size:
        return temperatures
    return temperatures[np.linspace(temperatures.size - 1, 0, max(1, fit)).astype(np.int64)[::-1]]


def _components(n: int, i: IndexArray, j: IndexArray) -> IntArray:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    pattern = csr_array((np.ones(i.size, dtype=np.int8), (i, j)), (n, n))
    return np.asarray(connected_components(pattern, directed=False)[1], dtype=np.int64)
