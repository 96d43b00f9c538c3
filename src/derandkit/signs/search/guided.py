"""A cut led by a relaxation: edges that it settles are contracted, and the search has only the rest to decide.

Where the odd-cycle relaxation is nearly exact, most edges are wholly cut or not at all in its solution. Contracting
them leaves a small graph, whose greatest cut is often heavier than what a search of the whole graph finds in many
times the work. Where the relaxation is far from exact the small graph leads nowhere, and costs little.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.signs.contraction import grouped_graph
from derandkit.signs.search.annealing_kernels import recombine
from derandkit.signs.search.search import SearchEffort, SearchOutcome, search_cut

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, IntArray, SignArray


#: An edge is settled when its fraction is this close to 0 or 1; first-order steps end within about a thousandth.
SETTLED = 1e-2
#: Proposals without a search before, and the share of its effort otherwise.
WORK, SHARE = 20_000_000, 10


def guided_effort(effort: SearchEffort | None) -> SearchEffort:
    """Return the effort of a guided search beside that of the search that went before.

    The target is dropped: the small graph has another offset.

    Examples
    --------
    >>> guided_effort(SearchEffort(work=500, time_limit=2.0))
    SearchEffort(work=50, trajectories=1, time_limit=0.2, target=None)
    """
    if effort is None:
        return SearchEffort(work=WORK)
    seconds = effort.time_limit
    return replace(
        effort,
        work=max(1, effort.work // SHARE),
        time_limit=None if seconds is None else seconds / SHARE,
        target=None,
    )


def guided_cut(
    graph: WeightedGraph,
    signs: SignArray,
    fractional: FloatArray,
    *,
    effort: SearchEffort | None = None,
    target: float | None = None,
) -> SearchOutcome:
    """Search for a heavier cut among those that agree with a relaxation where it is settled.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    signs : ndarray of int8, shape (n,)
        The best cut known.
    fractional : ndarray, shape (m,)
        How much each edge is cut in the relaxation, 0 to 1, in the order of ``graph.edges()``.
    effort : SearchEffort, optional
        How long the search for `signs` was; this one takes a tenth.
    target : float, optional
        Stop at a cut that weighs this much.

    Returns
    -------
    SearchOutcome
        Its cut is never lighter than `signs`, since pieces of what is found are taken over only where they gain.

    Notes
    -----
    Besides the search, O(n + m).

    References
    ----------
    Barahona, Grötschel, Jünger, Reinelt, Operations Research 36 (1988), for cuts from fractional solutions.

    Examples
    --------
    A path through a square says which sides its ends are on; the diagonal is left to the search.

    >>> from derandkit import WeightedGraph
    >>> square = WeightedGraph.from_edges([0, 1, 2, 0], [1, 2, 3, 2], [1.0, 1.0, 1.0, 2.5])
    >>> found = guided_cut(square, np.ones(4, dtype=np.int8), np.array([1.0, 0.5, 0.5, 1.0]))
    >>> square.cut_value(found.signs)
    4.5
    """
    group, side = settled_groups(graph, fractional)
    i, j, w = graph.edges()
    across = group[i] != group[j]
    gauge = np.where(side[i] == side[j], w, -w)[across]
    small = grouped_graph(group[i][across], group[j][across], gauge, int(group.max()) + 1)
    votes = np.bincount(group, weights=side * signs.astype(float))
    # every group on the side of its first vertex, the cut of the small graph is what is gained over that
    aim = None if target is None else target - float(graph.cut_value(side))
    found = search_cut(
        small,
        np.where(votes < 0.0, -1, 1).astype(np.int8),
        effort=replace(guided_effort(effort), target=aim),
    )
    child = (side * found.signs[group]).astype(np.int8)
    best = signs.astype(np.int8)
    recombine(
        graph.indptr, graph.indices, graph.weights, best, child,
        np.empty(graph.n, dtype=np.int8), np.empty(graph.n, dtype=np.int32),
    )  # fmt: skip
    signs = best if graph.cut_value(best) > graph.cut_value(signs) else signs
    return replace(found, signs=signs if signs[0] > 0 else -signs)


def settled_groups(graph: WeightedGraph, fractional: FloatArray) -> tuple[IntArray, SignArray]:
    """Group vertices that settled edges connect, and say on which side of its group each one is.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    fractional : ndarray, shape (m,)
        How much each edge is cut.

    Returns
    -------
    group : ndarray of int64, shape (n,)
        Numbers from 0 without gaps. A group whose settled edges contradict each other is dissolved.
    side : ndarray of int8, shape (n,)
        The side within the group.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n = graph.n
    i, j, _ = graph.edges()
    same, apart = fractional < SETTLED, fractional > 1.0 - SETTLED
    # two copies of every vertex, one for each side: what is in one component is decided together
    a = np.concatenate([i[same], i[same] + n, i[apart], i[apart] + n])
    b = np.concatenate([j[same], j[same] + n, j[apart] + n, j[apart]])
    cover = csr_array((np.ones(a.size, dtype=np.int8), (a, b)), (2 * n, 2 * n))
    label = connected_components(cover, directed=False)[1].astype(np.int64)
    first, second = label[:n], label[n:]
    torn = first == second
    # the mirror of a component decides the same; its vertices count for the one that is met first
    name = np.where(torn, 2 * n + np.arange(n), np.minimum(first, second))
    side = np.where(torn | (first < second), 1, -1).astype(np.int8)
    return np.unique(name, return_inverse=True)[1].reshape(-1).astype(np.int64), side
