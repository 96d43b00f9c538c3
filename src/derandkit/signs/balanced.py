"""Balanced graphs: a cut exists that cuts every positive edge and no negative one, so it is the greatest.

Whether there is such a cut is a question of two-colouring. A positive edge joins opposite sides, a negative edge joins
vertices of one side, and this must be possible around every cycle. Such a signed graph is called balanced (Harary,
Michigan Math. J. 2 (1953)). Examples are bipartite graphs with positive weights, graphs with negative weights only, and
what switching makes of these: changing the signs of all edges at some vertices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.light import light
from derandkit.signs.derandomize.course import Course
from derandkit.signs.relaxation.dual_bound import trivial_bound
from derandkit.signs.relaxation.semidefinite import CutRelaxation
from derandkit.signs.values import (
    default_penalty,
    expected_hyperplane_cut,
    expected_independent_cut,
)

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, SignArray


#: Private noise for means of +1 and -1: the probability of a wrong sign is below the smallest double.
SMOOTHING = 0.01


def balanced_sides(graph: WeightedGraph) -> SignArray | None:
    """Return sides that cut every positive edge and no negative one, or None if there are none.

    Parameters
    ----------
    graph : WeightedGraph
        The graph; edges of weight zero may be cut or not.

    Returns
    -------
    ndarray of int8, shape (n,), or None
        The lowest vertex of every component (of edges that are not zero) is on the + side.

    Notes
    -----
    One breadth-first search, O(n + m); it ends at the first cycle that does not fit.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> balanced_sides(WeightedGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 0], [1, -2, 3, -4]))
    array([ 1, -1, -1,  1], dtype=int8)
    >>> balanced_sides(WeightedGraph.from_edges([0, 1, 2], [1, 2, 0])) is None
    True
    """
    signs = np.zeros(graph.n, dtype=np.int8)
    queue = np.empty(graph.n, dtype=np.int32)
    return signs if colour_signed(graph.indptr, graph.indices, graph.weights, signs, queue) else None


#: Who found the sides -> how, for the record.
FOUND = {
    "balanced": "balanced: one traversal, and no edge is frustrated",
    "flow": "flow: a maximum flow decides every vertex",
}


def settled_by_sides(
    graph: WeightedGraph, signs: SignArray, by: Literal["balanced", "flow"] = "balanced"
) -> tuple[CutRelaxation, Course]:
    """Return relaxation and path of a graph whose optimal sides are known, as if they had been computed.

    The sides themselves are unit vectors of rank one: a random hyperplane always finds them (or their mirror image), so
    there is no randomness to remove but that flip. For a balanced graph they are an optimal solution of the relaxation.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    signs : ndarray of int8, shape (n,)
        What `balanced_sides` returned, or a flow.
    by : {"balanced", "flow"}
        Which of the two.

    Returns
    -------
    relaxed : CutRelaxation
        The sides as vectors; the bound is the sum of the positive weights, proven by diagonal dominance.
    path : Course
        The sides as means, with hardly any private noise.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> square = WeightedGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 0])
    >>> relaxed, path = settled_by_sides(square, balanced_sides(square))
    >>> relaxed.value, relaxed.bound.value, path.start_expectation, path.final_expectation
    (4.0, 4.0, 4.0, 4.0)
    """
    mean = signs.astype(np.float64)
    vectors = mean[:, None]
    start = expected_hyperplane_cut(graph, vectors)
    value = float(graph.cut_value(signs))
    stored = vectors.astype(np.float32)
    relaxed = CutRelaxation(vectors, value, trivial_bound(graph), by, 0, True, stored, start)
    final = expected_independent_cut(graph, mean, SMOOTHING)
    root_n = float(np.sqrt(graph.n))
    history = {
        "smoothing": (0.0, SMOOTHING),
        "expectation": (start, final),
        "spread_norm": (root_n, 0.0),
    }
    return relaxed, Course(
        signs=signs,
        mean=mean,
        smoothing=SMOOTHING,
        penalty=default_penalty(graph),
        start_expectation=start,
        final_expectation=final,
        method=FOUND[by],
        history=history,
        interrupted=False,
    )


@light(lambda indptr, indices, *_: indices.size)
@kernel
def colour_signed(
    indptr: IntArray, indices: IndexArray, weights: FloatArray, signs: SignArray, queue: IndexArray
) -> bool:
    """Fill `signs` (0 before) so that exactly the positive edges join opposite sides; return whether that can be done.

    Breadth first from the lowest vertex of each component. `queue` is scratch of length n.
    """
    for root in range(signs.size):
        if signs[root] != 0:
            continue
        signs[root] = 1
        queue[0] = root
        first = 0
        last = 1
        while first < last:
            i = queue[first]
            first += 1
            for p in range(indptr[i], indptr[i + 1]):
                if weights[p] == 0.0:
                    continue
                j = indices[p]
                side = -signs[i] if weights[p] > 0.0 else signs[i]
                if signs[j] == 0:
                    signs[j] = side
                    queue[last] = j
                    last += 1
                elif signs[j] != side:
                    return False
    return True
