"""A weighted graph in exact arithmetic, with the operations that a proof of a cut bound may apply to it.

Floating-point weights are dyadic rationals, so they become integers in units of ``2**-shift``; nothing here rounds.
Every operation keeps one equation: the greatest cut of the original graph is ``offset`` plus the greatest cut of what
is left (for `ExactGraph.contract`: among the cuts on which the pair agrees, or differs).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from derandkit.certificates.work import BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from derandkit.certificates.work import Budget
    from derandkit.graphs.graph import WeightedGraph

#: Vertices of larger degree cannot be eliminated: their best side is no longer a quadratic function of the others.
ELIMINATION_DEGREE = 3


class ExactGraph:
    """A graph whose weights are integers in units of ``2**-shift``.

    Parameters
    ----------
    neighbours : dict of dict
        ``neighbours[u][v]`` is the weight of the edge between u and v, both ways, never 0.
    shift : int
        Weights and offset count units of ``2**-shift``.
    offset : int
        What the operations so far have taken out of every cut.
    budget : Budget, optional
        What operations may cost, for a proof of somebody else; shared by all copies.

    Examples
    --------
    >>> triangle = ExactGraph.from_edges(3, [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 0.5)])
    >>> triangle.shift, triangle.neighbours[0]
    (1, {1: 2, 2: 1})
    >>> triangle.eliminate(1)
    >>> triangle.offset, triangle.neighbours
    (4, {0: {2: -1}, 2: {0: -1}})
    >>> triangle.positive_bound()  # 2, in units of a half
    4
    """

    __slots__ = ("budget", "neighbours", "offset", "shift")

    def __init__(
        self,
        neighbours: dict[int, dict[int, int]],
        *,
        shift: int = 0,
        offset: int = 0,
        budget: Budget | None = None,
    ) -> None:
        self.neighbours = neighbours
        self.shift = shift
        self.offset = offset
        self.budget = budget

    def spend(self, steps: float) -> None:
        """Charge steps, each on integers of the length of the weights, to the budget if there is one."""
        if self.budget is not None:
            self.budget.spend(steps * max(1.0, self.shift / BITS))

    def size(self) -> int:
        """Return the vertices and arcs that are left."""
        return len(self.neighbours) + sum(map(len, self.neighbours.values()))

    @classmethod
    def from_edges(cls, n: int, edges: Iterable[tuple[int, int, float]]) -> ExactGraph:
        """Build a graph on vertices ``0..n-1`` from distinct edges with finite weights; zero weights are no edges."""
        ratios = [(u, v, *float(w).as_integer_ratio()) for u, v, w in edges if w != 0.0]
        shift = max((d.bit_length() - 1 for _, _, _, d in ratios), default=0)
        neighbours: dict[int, dict[int, int]] = {v: {} for v in range(n)}
        for u, v, numerator, denominator in ratios:
            weight = numerator << (shift - denominator.bit_length() + 1)
            neighbours[u][v] = neighbours[v][u] = weight
        return cls(neighbours, shift=shift)

    @classmethod
    def from_graph(cls, graph: WeightedGraph) -> ExactGraph:
        """Read the edges of a `WeightedGraph`, vertices numbered as there."""
        i, j, w = graph.edges()
        return cls.from_edges(graph.n, zip(i.tolist(), j.tolist(), w.tolist(), strict=True))

    def copy(self) -> ExactGraph:
        """Return an independent copy."""
        if self.budget is not None:
            self.spend(0.2 * self.size())
        rows = {v: dict(row) for v, row in self.neighbours.items()}
        return ExactGraph(rows, shift=self.shift, offset=self.offset, budget=self.budget)

    def edges(self) -> Iterator[tuple[int, int, int]]:
        """Each edge once as ``(u, v, weight)`` with ``u < v``, sorted."""
        for u in sorted(self.neighbours):
            for v, weight in sorted(self.neighbours[u].items()):
                if u < v:
                    yield u, v, weight

    def cut(self, signs: NDArray[np.int8]) -> int:
        """Return what a cut weighs in units, offset left out; `signs` has an entry for every vertex there ever was."""
        return sum(w for u, v, w in self.edges() if signs[u] != signs[v])

    def value(self, units: int) -> Fraction:
        """Return a number of units as the rational that it stands for."""
        return Fraction(units, 1 << self.shift)

    def refine(self, bits: int) -> None:
        """Count in units smaller by ``2**-bits``."""
        self.shift += bits
        if self.budget is not None:  # of the length that they will have
            self.spend(self.size())
        self.offset <<= bits
        for row in self.neighbours.values():
            for v in row:
                row[v] <<= bits

    def eliminate(self, v: int) -> None:
        """Take out a vertex of degree at most 3 by putting it on its best side, whatever the sides of the others.

        Its best gain depends on which neighbours agree, and with at most three neighbours any such function is a
        constant plus a weight for each pair of them that differs.

        Raises
        ------
        ValueError
            The vertex is not there or has more than three neighbours.
        """
        row = self.neighbours.get(v)
        if row is None:
            raise ValueError(f"vertex {v} is not in the graph any more")
        if len(row) > ELIMINATION_DEGREE:
            raise ValueError(
                f"vertex {v} has {len(row)} neighbours; at most {ELIMINATION_DEGREE} can be eliminated"
            )
        self.spend(10.0)
        ends, weights = list(row), list(row.values())
        total = sum(weights)
        together = max(0, total)
        # gain when one neighbour stands alone against the others
        alone = [max(w, total - w) for w in weights]
        if len(ends) == 3 and (alone[0] + alone[1] + alone[2] + together) % 2:
            self.refine(1)
            alone, together = [2 * a for a in alone], 2 * together
        self._drop(v)
        self.offset += together
        if len(ends) == 2:
            self.add(ends[0], ends[1], alone[0] - together)
        elif len(ends) == 3:
            for a, b, c in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
                self.add(ends[a], ends[b], (alone[a] + alone[b] - alone[c] - together) // 2)

    def contract(self, u: int, v: int, *, opposite: bool) -> None:
        """Merge v into u: both on the same side, or on opposite sides.

        Raises
        ------
        ValueError
            The vertices are equal or not both there.
        """
        if u == v or u not in self.neighbours or v not in self.neighbours:
            raise ValueError(f"({u}, {v}) is not a pair of vertices of the graph")
        row = dict(self.neighbours[v])
        self.spend(3.0 * len(row) + 3.0)
        self._drop(v)
        if opposite:
            self.offset += sum(row.values())
        row.pop(u, None)
        for x, weight in row.items():
            self.add(u, x, -weight if opposite else weight)

    def renumber(self) -> None:
        """Give the vertices the numbers from 0 on, in their order."""
        self.spend(2.0 * self.size())
        number = {v: k for k, v in enumerate(sorted(self.neighbours))}
        self.neighbours = {
            number[v]: {number[u]: weight for u, weight in row.items()} for v, row in self.neighbours.items()
        }

    def add(self, u: int, v: int, weight: int) -> None:
        """Add to the weight between u and v; an edge whose weight becomes 0 is gone."""
        total = self.neighbours[u].get(v, 0) + weight
        if total:
            self.neighbours[u][v] = self.neighbours[v][u] = total
        elif v in self.neighbours[u]:
            del self.neighbours[u][v], self.neighbours[v][u]

    def _drop(self, v: int) -> None:
        for x in self.neighbours.pop(v):
            del self.neighbours[x][v]

    def positive_bound(self) -> int:
        """Offset plus the sum of the positive weights, in units: no cut of the original graph weighs more."""
        return self.offset + sum(weight for _, _, weight in self.edges() if weight > 0)

    def granularity(self) -> int:
        """Return the largest integer, in units, of which ``cut - offset`` is a multiple for every cut; 0 without edges.

        The cut of a set S weighs ``sum_{v in S} deg(v) - 2 sum_{e inside S} w_e``, so every cut is a multiple of the
        greatest common divisor of all weighted degrees and twice the weights, and none larger divides them all. With
        integer weights this covers integrality, a common divisor, and parity (all weighted degrees even).

        Examples
        --------
        >>> ExactGraph.from_edges(4, [(0, 1, 3.0), (1, 2, 3.0), (2, 3, 3.0), (0, 3, 3.0)]).granularity()
        6
        """
        found = 0
        for row in self.neighbours.values():
            found = math.gcd(found, sum(row.values()), *(2 * weight for weight in row.values()))
            if found == 1:
                break
        return found
