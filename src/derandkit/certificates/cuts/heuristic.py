"""A few cuts of the checker's own: a bound that is only estimated has to survive them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray

#: Starts beside the sides of the record, and vertices that are moved from each.
STARTS, MOVES = 8, 2_000


def best_cut(graph: WeightedGraph, sides: SignArray) -> int | float:
    """Return the weight of the best cut that greedy moves find, from the given sides and from fixed other ones.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    sides : ndarray of int8, shape (n,)
        Where the first climb begins.

    Returns
    -------
    int or float
        Weight of a cut, exact as `WeightedGraph.cut_value`.

    Notes
    -----
    The vertex that gains most moves first; at most `MOVES` moves a start, each O(n), after one product O(m).

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> square = WeightedGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 0])
    >>> best_cut(square, np.ones(4, dtype=np.int8))
    4
    """
    A = graph.adjacency()
    best = graph.cut_value(sides)
    for start in range(STARTS + 1):
        # bits of multiples of an odd constant: another pattern for every start
        bits = ((np.arange(graph.n, dtype=np.int64) + 1) * (2654435761 * start + 40503)) >> 16
        s = (sides if start == 0 else np.where(bits & 1, 1, -1)).astype(np.float64)
        pull = s * (A @ s)  # what is gained if a vertex moves
        for _ in range(min(MOVES, 4 * graph.n)):
            v = int(np.argmax(pull))
            if pull[v] <= 0.0:
                break
            row = slice(graph.indptr[v], graph.indptr[v + 1])
            s[v] = -s[v]
            pull[v] = -pull[v]
            near = graph.indices[row]
            pull[near] += 2.0 * graph.weights[row] * s[v] * s[near]
        best = max(best, graph.cut_value(s.astype(np.int8)))
    return best
