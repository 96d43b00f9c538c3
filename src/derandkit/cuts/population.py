"""Population annealing of cuts: 256 at once, one bit each, with selection on the way down.

Where weights are small multiples of one unit, a population costs little more than two single runs (see
`population_kernels`). While it cools, cuts that are heavier than others of their temperature are doubled and lighter
ones die out, in the proportions of Boltzmann's law: the population goes with its winners, and stays what annealing at
each temperature would have made of it (Hukushima and Iba, AIP Conf. Proc. 690, 2003; Machta, Phys. Rev. E 82, 2010).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.cuts.population_kernels import (
    NARROW,
    WIDE,
    copy_cuts,
    count_wrong,
    draw_masks,
    read_cut,
    sweep_population,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from derandkit.cuts.graph import WeightedGraph

    Signs = NDArray[np.int8]
    FloatArray = NDArray[np.float64]

#: Cuts of a population.
SIZE = 256
#: Rows of random bits for each of the four digits: 16 kB in all, so they stay in the first-level cache.
ROWS = 128
#: Most units that a geometric variable of four digits can stand for.
LARGEST_LOSS = 15
#: Vertices that are visited at one temperature at least: drawing the bits takes as long as some thousand visits.
VISITS = 40_000
#: Selections on the way down.
SELECTIONS = 400
#: Sweeps at temperature zero at the end.
SETTLING = 4
#: Average units an edge and most units at a vertex that are still counted edge by edge.
AVERAGE, MOST = 4.0, 2**WIDE - LARGEST_LOSS - 2


def common_unit(graph: WeightedGraph) -> float | None:
    """Return a weight of which all weights are small multiples, or None if that is not so.

    Examples
    --------
    >>> from derandkit.cuts.graph import WeightedGraph
    >>> common_unit(WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [1.0, -1.5, 0.5])), common_unit(
    ...     WeightedGraph.from_edges([0, 1], [1, 2], [1.0, math.pi]))
    (0.5, None)
    """
    if graph.m == 0:
        return None
    heights = np.abs(graph.weights[graph.weights != 0.0])
    if not heights.size:
        return None
    least = float(heights.min())
    for parts in (1, 2, 3):
        unit = least / parts
        units = np.abs(graph.weights) / unit
        if units.mean() <= AVERAGE and np.array_equal(units, np.rint(units)):
            around = np.diff(np.append(0.0, np.cumsum(units))[graph.indptr])
            return unit if around.max() <= MOST else None
    return None


class Population:
    """The cuts of one graph, annealed together.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    unit : float
        What `common_unit` returned.
    stream : ndarray of uint64, shape (1,)
        State of the number stream; moved on.
    """

    def __init__(self, graph: WeightedGraph, unit: float, stream: NDArray[np.uint64]) -> None:
        self.n = graph.n
        self.unit, self.stream = unit, stream
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
        self.wrong = np.empty(SIZE, dtype=np.int64)
        #: Single proposals that take as long as one sweep.
        self.cost = 1 + self.n // 2 + self.entries.size // 16

    def begin(self, signs: Signs) -> None:
        """Let all cuts be the one that is given."""
        self.words[:] = np.where(signs > 0, np.uint64(2**64 - 1), np.uint64(0))[:, None]

    def scatter(self) -> None:
        """Let all cuts be random ones."""
        draw_masks(np.array([2**15]), self.words, self.stream)

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
        temperatures = np.linspace(hot, cold, max(2, sweeps // each)) / self.unit
        every = max(1, temperatures.size // SELECTIONS)
        last, step, work = math.inf, 0, 0
        while temperatures.size:
            now, temperatures = float(temperatures[0]), temperatures[1:]
            if select and step % every == 0:
                if math.isfinite(last):
                    self._select(1.0 / now - 1.0 / last)
                    work += self.cost // 4
                last = now
            self._sweep(now, each)
            step += 1
            work += each * self.cost
            if work > 1_000_000:
                temperatures, work = go_on(work, step, temperatures), 0
        self._sweep(0.0, SETTLING)
        go_on(work + SETTLING * self.cost, step, temperatures)

    def _sweep(self, temperature: float, sweeps: int) -> None:
        draw_masks(_digits(temperature), self.masks, self.stream)
        sweep_population(
            self.indptr, self.entries, self.start, self.kinds, self.narrow, self.masks, self.words, self.stream, sweeps
        )  # fmt: skip

    def _select(self, colder: float) -> None:
        """Copy and discard cuts in the proportions to which a step of the inverse temperature changes their law.

        The shares are rounded to integers, so that the last bit of an exponential function does not decide.
        """
        count_wrong(self.indptr, self.entries, self.words, self.digits, self.wrong)
        lighter = self.wrong - self.wrong.min()
        shares = np.array([int(2**24 * math.exp(-colder * x) + 0.5) for x in lighter.tolist()])
        ends = np.cumsum(shares)
        places = (2 * np.arange(SIZE) + 1) * ends[-1] // (2 * SIZE)
        copies = np.bincount(np.searchsorted(ends, places, side="right"), minlength=SIZE)
        target = np.flatnonzero(copies == 0)
        if target.size:
            copy_cuts(self.words, np.repeat(np.arange(SIZE), np.maximum(copies - 1, 0)), target)

    def cuts(self) -> Iterator[Signs]:
        """Yield the different cuts, the heaviest first."""
        count_wrong(self.indptr, self.entries, self.words, self.digits, self.wrong)
        seen: set[bytes] = set()
        for number in np.argsort(self.wrong, kind="stable"):
            signs = np.empty(self.n, dtype=np.int8)
            read_cut(self.words, int(number), signs)
            name = (signs * signs[0]).tobytes()
            if name not in seen:
                seen.add(name)
                yield signs


def _digits(temperature: float) -> NDArray[np.int64]:
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
