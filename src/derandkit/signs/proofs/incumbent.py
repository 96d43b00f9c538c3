"""The best cut known while a bound is being proven, improved by what the proof sees."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.numerics.sums import exact_sum
from derandkit.signs.kernels import one_flip
from derandkit.signs.rounding import cut_lattice, possible_cut

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray


#: Sweeps of single flips after each cut that is looked at.
SWEEPS = 50


class Incumbent:
    """The best cut met, judged in exact arithmetic.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    exact : ExactGraph
        The same graph.
    signs : ndarray of int8, shape (n,), optional
        A cut to begin with.
    """

    def __init__(self, graph: WeightedGraph, exact: ExactGraph, signs: SignArray | None) -> None:
        self.graph, self.exact = graph, exact
        self.lattice = cut_lattice(graph)
        largest = float(np.abs(graph.weights).max(initial=0.0))
        self.exponent = -math.frexp(largest)[1] if largest else 0
        self.weights = np.ldexp(graph.weights, self.exponent)
        self.signs = np.ones(graph.n, dtype=np.int8)
        self.cut = 0
        self.floating = -math.inf
        i, j, w = graph.edges()
        self.ends = i, j, np.ldexp(w, self.exponent)
        if signs is not None:
            self.signs = np.array(signs, dtype=np.int8)
            self.cut = self.exact.cut(self.signs)
            self.floating = self._roughly(self.signs)
        self.offer(np.ones(graph.n, dtype=np.int8))

    def offer(self, signs: SignArray) -> bool:
        """Improve a cut by single flips and keep it if it is heavier than the best."""
        signs = signs.copy()
        one_flip(self.graph.indptr, self.graph.indices, self.weights, signs, SWEEPS, 1e-12)
        value = self._roughly(signs)
        # correctly rounded: smaller is smaller, but equal may hide a difference where sums need more than 53 bits
        if value < self.floating or (value == self.floating and self.lattice is not None):
            return False
        if (signs == self.signs).all() or (signs == -self.signs).all():
            return False
        cut = self.exact.cut(signs)
        if cut <= self.cut and self.floating > -math.inf:
            return False
        self.signs, self.cut, self.floating = signs, cut, value
        return True

    @property
    def value(self) -> Fraction:
        """Weight of the cut."""
        return self.exact.value(self.cut)

    def meets(self, bound: Fraction) -> bool:
        """Whether a bound leaves no room for a heavier cut."""
        return possible_cut(self.graph, self.lattice, bound) <= self.value

    @property
    def goal(self) -> Fraction:
        """The least weight that a heavier cut could have, as far as this is known."""
        lattice = self.lattice
        return self.value + (Fraction(lattice.step, 1 << lattice.shift) if lattice is not None else 0)

    def _roughly(self, signs: SignArray) -> float:
        i, j, w = self.ends
        return exact_sum(w[signs[i] != signs[j]])
