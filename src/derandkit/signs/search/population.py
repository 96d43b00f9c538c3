"""Population annealing of cuts: many at once, with selection on the way down.

All cuts of a population visit the same vertex at the same time, each in a lane of wide registers. Where weights are
small multiples of one unit there are 256 cuts, one bit each (`population_kernels`); under other weights 64, whose pulls
are added up in single precision (`field_kernels`). While a population cools, cuts that are heavier than others at their
temperature are copied and lighter ones are dropped, in the proportions of the Boltzmann distribution, so that the
population stays a sample of it.

No method of the engine searches; what this specialises is annealing of one cut (`annealing_kernels.anneal`). On G11,
G14, G43 and G1, 400 sweeps from hot to cold take as much CPU time as 1.5, 1.5, 2.4 and 3.3 such runs for 256 cuts, and
as 1.9, 2.9, 5.2 and 8.3 runs for 64 cuts under real weights: 80 to 170 and 8 to 33 times less for each cut.

References: Hukushima and Iba, AIP Conf. Proc. 690 (2003); Machta, Phys. Rev. E 82 (2010).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.hashing import hashed_uniform
from derandkit.signs.search.annealing_kernels import anneal, flip_gains
from derandkit.signs.search.field_kernels import scatter_signs, sweep_fields, weigh_cuts
from derandkit.signs.search.population_kernels import (
    NARROW,
    WIDE,
    copy_cuts,
    count_frustrated,
    draw_masks,
    read_cut,
    sweep_population,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, IntArray, SignArray, SingleArray, WordArray


#: Selections on the way down.
SELECTIONS = 400
#: Sweeps at temperature zero at the end.
SETTLING = 4
#: Vertices that are visited at one temperature at least: drawing random bits takes as long as some thousand visits.
VISITS = 40_000
#: Work after which the clock and Ctrl-C get a look.
PAUSE = 1_000_000
#: Rows of random bits for each of the four digits: 16 kB in all, so they stay in the first-level cache.
ROWS = 128
#: Most units that a geometric variable of four digits can stand for.
LARGEST_LOSS = 15
#: Average units an edge and most units at a vertex that are still counted edge by edge.
AVERAGE, MOST = 4.0, 2**WIDE - LARGEST_LOSS - 2
#: Temperature above which single precision overflows; everything is left to chance long before.
HOTTEST = 3e38
#: The logarithm that `anneal` needs a table of where nothing is left to chance.
SURE = np.zeros(1)


def population(graph: WeightedGraph, stream: WordArray) -> Population:
    """Return a population for a graph: of bits if its weights allow that.

    Parameters
    ----------
    graph : WeightedGraph
        The graph, with at least one edge.
    stream : ndarray of uint64, shape (1,)
        State of the number stream, not 0; moved on.

    Returns
    -------
    Population
    """
    unit = common_unit(graph)
    return FieldPopulation(graph, stream) if unit is None else BitPopulation(graph, unit, stream)


def common_unit(graph: WeightedGraph) -> float | None:
    """Return a weight of which all weights are small multiples, or None if that is not so.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> common_unit(WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [1.0, -1.5, 0.5])), common_unit(
    ...     WeightedGraph.from_edges([0, 1], [1, 2], [1.0, math.pi]))
    (0.5, None)
    """
    heights = np.abs(graph.weights)
    least = float(heights.min(initial=math.inf, where=heights > 0.0))
    if not math.isfinite(least):
        return None
    for parts in (1, 2, 3):
        unit = least / parts
        units = heights / unit
        if units.mean() <= AVERAGE and np.array_equal(units, np.rint(units)):
            around = np.diff(np.append(0.0, np.cumsum(units))[graph.indptr])
            return unit if around.max() <= MOST else None
    return None


class Population(ABC):
    """The cuts of one graph, annealed together.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    stream : ndarray of uint64, shape (1,)
        State of the number stream, not 0; moved on.
    """

    #: How many cuts there are.
    size: int
    #: Single proposals that take as long as one sweep.
    cost: int

    def __init__(self, graph: WeightedGraph, stream: WordArray) -> None:
        self.n, self.stream = graph.n, stream

    @abstractmethod
    def begin(self, signs: SignArray) -> None:
        """Let all cuts be the one that is given."""

    @abstractmethod
    def scatter(self) -> None:
        """Let all cuts be random ones."""

    @abstractmethod
    def sweep(self, temperature: float, sweeps: int) -> None:
        """Make Metropolis sweeps at one temperature, in the unit of the weights."""

    @abstractmethod
    def lightness(self) -> FloatArray:
        """Return by how much each cut is lighter than the greatest, as good as the weights add up."""

    @abstractmethod
    def copy(self, source: IntArray, target: IntArray) -> None:
        """Overwrite the cuts `target` by the cuts `source`, two disjoint lists of one length."""

    @abstractmethod
    def read(self, number: int) -> SignArray:
        """Return one cut as signs."""

    def anneal(
        self,
        hot: float,
        cold: float,
        sweeps: int,
        *,
        select: bool = True,
        go_on: Callable[[int, int, FloatArray], FloatArray],
    ) -> None:
        """Cool linearly, then let the cuts settle.

        Parameters
        ----------
        hot, cold : float
            Temperatures in the unit of the weights.
        sweeps : int
            How many in all.
        select : bool, default True
            Whether heavy cuts take the place of light ones.
        go_on : callable
            Called after some sweeps with the work that they were, the number of temperatures so far, and those that
            are left; returns the ones that are to be gone through.
        """
        each = max(1, min(VISITS // self.n, sweeps // 40))
        temperatures = np.linspace(hot, cold, max(2, sweeps // each))
        every = max(1, temperatures.size // SELECTIONS)
        last, step, work = math.inf, 0, 0
        while temperatures.size:
            now, temperatures = float(temperatures[0]), temperatures[1:]
            if select and step % every == 0:
                if math.isfinite(last):
                    self.select(1.0 / now - 1.0 / last)
                    work += self.cost // 4
                last = now
            self.sweep(now, each)
            step += 1
            work += each * self.cost
            if work > PAUSE:
                temperatures, work = go_on(work, step, temperatures), 0
        self.sweep(0.0, SETTLING)
        go_on(work + SETTLING * self.cost, step, temperatures)

    def select(self, colder: float) -> None:
        """Copy and discard cuts in the proportions to which a step of the inverse temperature changes their law.

        The shares are rounded to integers, so that the last bit of an exponential function does not decide.
        """
        shares = np.array([int(2**24 * math.exp(-colder * x) + 0.5) for x in self.lightness().tolist()])
        ends = np.cumsum(shares)
        places = (2 * np.arange(self.size) + 1) * ends[-1] // (2 * self.size)
        copies = np.bincount(np.searchsorted(ends, places, side="right"), minlength=self.size)
        target = np.flatnonzero(copies == 0)
        if target.size:
            self.copy(np.repeat(np.arange(self.size), np.maximum(copies - 1, 0)), target)

    def cuts(self) -> Iterator[SignArray]:
        """Yield the different cuts, the greatest first."""
        seen: set[bytes] = set()
        for number in np.argsort(self.lightness(), kind="stable").tolist():
            signs = self.read(number)
            name = (signs * signs[0]).tobytes()
            if name not in seen:
                seen.add(name)
                yield signs


class BitPopulation(Population):
    """Cuts of a graph whose weights are small multiples of a unit, 256 of them, one bit each.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    unit : float
        What `common_unit` returned.
    stream : ndarray of uint64, shape (1,)
        State of the number stream, not 0; moved on.
    """

    size = 256

    def __init__(self, graph: WeightedGraph, unit: float, stream: WordArray) -> None:
        super().__init__(graph, stream)
        self.unit = unit
        units = np.rint(np.abs(graph.weights) / unit).astype(np.int64)
        self.indptr = np.append(0, np.cumsum(units))[graph.indptr]
        wants = 2 * graph.indices.astype(np.int32) + (graph.weights > 0.0)
        self.entries = np.repeat(wants.astype(np.int32), units)
        around = np.diff(self.indptr)
        self.narrow = (around + LARGEST_LOSS < 2**NARROW - 1).astype(np.int8)
        offsets = np.where(self.narrow, 2**NARROW, 2**WIDE) - around
        values, kinds = np.unique(offsets, return_inverse=True)
        self.kinds = kinds.reshape(-1).astype(np.int32)
        bits = (values[:, None] >> np.arange(WIDE + 1)) & 1
        self.start = np.where(bits, np.uint64(2**64 - 1), np.uint64(0)).astype(np.uint64)
        self.masks = np.zeros((4 * ROWS, 4), dtype=np.uint64)
        self.digits = np.empty((8, 4), dtype=np.uint64)
        self.words = np.zeros((self.n, 4), dtype=np.uint64)
        self.cost = 1 + self.n // 2 + self.entries.size // 16

    def begin(self, signs: SignArray) -> None:
        """Let all cuts be the one that is given."""
        self.words[:] = np.where(signs > 0, np.uint64(2**64 - 1), np.uint64(0))[:, None]

    def scatter(self) -> None:
        """Let all cuts be random ones."""
        draw_masks(np.array([2**15]), self.words, self.stream)

    def sweep(self, temperature: float, sweeps: int) -> None:
        """Make Metropolis sweeps at one temperature."""
        draw_masks(_digits(temperature / self.unit), self.masks, self.stream)
        sweep_population(
            self.indptr, self.entries, self.start, self.kinds, self.narrow, self.masks, self.words, self.stream, sweeps
        )  # fmt: skip

    def lightness(self) -> FloatArray:
        """Return by how much each cut is lighter than the greatest."""
        wrong = np.empty(self.size, dtype=np.int64)
        count_frustrated(self.indptr, self.entries, self.words, self.digits, wrong)
        return np.asarray(self.unit * (wrong - wrong.min()), dtype=np.float64)

    def copy(self, source: IntArray, target: IntArray) -> None:
        """Overwrite the cuts `target` by the cuts `source`."""
        copy_cuts(self.words, source, target)

    def read(self, number: int) -> SignArray:
        """Return one cut as signs."""
        signs = np.empty(self.n, dtype=np.int8)
        read_cut(self.words, number, signs)
        return signs


class FieldPopulation(Population):
    """Cuts of a graph with any weights, 64 of them.

    Weights are divided by the largest and rounded to single precision: pulls are compared to about seven digits.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    stream : ndarray of uint64, shape (1,)
        State of the number stream, not 0; moved on.
    """

    size = 64

    def __init__(self, graph: WeightedGraph, stream: WordArray) -> None:
        super().__init__(graph, stream)
        self.scale = float(np.abs(graph.weights).max()) or 1.0
        self.graph, self.weights = graph, (graph.weights / self.scale).astype(np.float32)
        self.signs = np.ones((8 * self.n, 8), dtype=np.float32)
        self.draws = _draws()
        self.cost = 1 + 5 * self.n // 8 + self.weights.size // 7

    def begin(self, signs: SignArray) -> None:
        """Let all cuts be the one that is given."""
        self.signs[:] = np.repeat(signs, 8)[:, None]

    def scatter(self) -> None:
        """Let all cuts be random ones."""
        scatter_signs(self.signs, self.stream)

    def sweep(self, temperature: float, sweeps: int) -> None:
        """Make Metropolis sweeps at one temperature."""
        sweep_fields(
            self.graph.indptr, self.graph.indices, self.weights, self.signs, self.draws,
            np.float32(min(temperature / self.scale, HOTTEST)), self.stream, sweeps,
        )  # fmt: skip

    def lightness(self) -> FloatArray:
        """Return by how much each cut is lighter than the greatest, as the doubles add up."""
        weights = np.empty(self.size)
        weigh_cuts(self.graph.indptr, self.graph.indices, self.graph.weights, self.signs, weights)
        return np.asarray(weights.max() - weights, dtype=np.float64)

    def copy(self, source: IntArray, target: IntArray) -> None:
        """Overwrite the cuts `target` by the cuts `source`."""
        lanes = self.signs.reshape(self.n, self.size)
        lanes[:, target] = lanes[:, source]

    def read(self, number: int) -> SignArray:
        """Return one cut as signs, after two last sweeps at temperature zero in double precision."""
        signs = self.signs.reshape(self.n, self.size)[:, number].astype(np.int8)
        arcs = self.graph.indptr, self.graph.indices, self.graph.weights
        gains, value = np.empty(self.n), np.zeros(2)
        flip_gains(*arcs, signs, gains)
        anneal(*arcs, signs, gains, np.zeros(2), SURE, self.stream, value, signs.copy())
        return signs


@cache
def _draws() -> SingleArray:
    """Return logarithms of equidistant numbers in (0, 1) in a fixed scrambled order, in rows of eight.

    The first seven rows come once more at the end, for visits that begin near it. 33 kB.
    """
    keys = np.empty(8192)
    hashed_uniform(1 << 41, keys)
    rows = np.log((np.argsort(keys, kind="stable") + 0.5) / keys.size).astype(np.float32).reshape(-1, 8)
    return np.vstack([rows, rows[:7]])


def _digits(temperature: float) -> IntArray:
    """Return the probabilities, in units of 2**-16, of the digits of a geometric variable.

    Examples
    --------
    >>> _digits(1.0).tolist(), _digits(0.0).tolist()
    ([17625, 7812, 1179, 22], [0, 0, 0, 0])
    """
    if temperature <= 0.0:
        return np.zeros(4, dtype=np.int64)
    powers = [math.exp(-(2**k) / temperature) for k in range(4)]
    return np.array([int(2**16 * q / (1.0 + q) + 0.5) for q in powers], dtype=np.int64)
