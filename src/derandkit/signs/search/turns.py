"""A search and a proof that take turns in counted work and share what they find.

After every round the proof shows its best cut and its bound. The search takes over what that cut does better, aims at
the weight that the bound leaves possible, and goes on until it has cost as much as the proof; the proof gets the best
cut back. So neither waits for the other, and both end as soon as cut and bound meet. Nothing depends on a clock unless
time is limited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.numerics.rounding import float_above
from derandkit.signs.rounding import cut_lattice, exact_cut, possible_cut

if TYPE_CHECKING:
    from fractions import Fraction

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.signs.search.search import SearchRun

#: Work of a proof (two nanoseconds) that costs as much as one proposal of a search (about 15).
PROPOSAL = 7.5


class Turns:
    """The search that a proof takes turns with.

    Parameters
    ----------
    graph : WeightedGraph
        The graph of both.
    run : SearchRun
        The search, at its start.

    Examples
    --------
    >>> from fractions import Fraction
    >>> import numpy as np
    >>> import derandkit
    >>> from derandkit.runtime.clock import Clock
    >>> from derandkit.signs.search.search import SearchRun
    >>> graph, effort = derandkit.as_graph("G11"), derandkit.SearchEffort(work=20_000_000)
    >>> run = SearchRun(graph, np.ones(800, dtype=np.int8), effort, Clock(), lambda progress: None)
    >>> turns = Turns(graph, run)
    >>> found = turns.take(np.ones(800, dtype=np.int8), Fraction(629), 10_000_000)
    >>> graph.cut_value(found) > 500, run.outcome().work < 20_000_000
    (True, True)
    """

    def __init__(self, graph: WeightedGraph, run: SearchRun) -> None:
        self.graph, self.run = graph, run
        self.lattice = cut_lattice(graph)
        self.signs = run.signs
        self.value = exact_cut(graph, self.signs)
        self.spent = 0.0

    def aim(self, bound: Fraction) -> None:
        """Let the search stop at a cut that a bound proves optimal."""
        self.run.aim(float_above(possible_cut(self.graph, self.lattice, bound)))

    def take(self, signs: SignArray, bound: Fraction, work: float) -> SignArray:
        """Let the search have its turn after a round of the proof that cost so much; return the best cut of both.

        Parameters
        ----------
        signs : ndarray of int8, shape (n,)
            The best cut of the proof.
        bound : Fraction
            What no cut exceeds.
        work : float
            Cost of the proof since the last turn, in units of about two nanoseconds.
        """
        self.share(signs)
        self.aim(bound)
        self.spent += work
        self.run.advance(self.spent / PROPOSAL)
        self.share(self.run.signs)
        return self.signs

    def share(self, signs: SignArray) -> None:
        """Keep a cut that is heavier than all before, and let the search know it."""
        value = exact_cut(self.graph, signs)
        if value > self.value:
            self.signs, self.value = signs, value
            self.run.offer(signs)

    def finish(self, bound: Fraction | None) -> SignArray:
        """Search on until the work is done or the cut meets the bound; return the best cut."""
        if bound is not None:
            self.aim(bound)
        self.run.advance(float("inf"))
        self.share(self.run.signs)
        return self.signs
