"""What a proof of semidefiniteness would cost, from the graph alone, before any memory is taken.

A record names the method of its proof; a hostile one names one that does not fit the graph. The order decides for a
dense factor. For a sparse one a minimum-degree elimination is played on the pattern; what is left when the smallest
degree passes a limit is charged as a dense block.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph

#: Entries of a factor that are affordable: 8000 rows of a dense triangle (0.5 GB with the copies).
MOST_ENTRIES = 3.3e7
_MOST_DEGREE = 64


def too_costly(graph: WeightedGraph, method: str, allow_work: float = 1.0) -> str:
    """Return why a proof by this method is refused for this graph; an empty text if it is affordable.

    Parameters
    ----------
    graph : WeightedGraph
        The pattern.
    method : str
        One of `derandkit.certificates.cuts.psd.METHODS`.
    allow_work : float
        Times the usual limit.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> path = WeightedGraph.from_edges(list(range(9999)), list(range(1, 10000)))
    >>> too_costly(path, "sparse-ldl")
    ''
    >>> too_costly(path, "dense-cholesky")
    'refused unseen: dense-cholesky would take 5e+07 entries, 3.3e+07 are allowed; raise --allow-work to 2'
    """
    limit = MOST_ENTRIES * allow_work
    busy = int((graph.degrees > 0).sum())
    entries = 0.5 * busy * busy
    if method not in ("dense-cholesky", "sparse-ldl") or entries <= limit:
        return ""
    if method == "sparse-ldl":
        entries = sparse_entries(graph, limit)
        if entries <= limit:
            return ""
    factor = -(-entries // MOST_ENTRIES)
    return (
        f"refused unseen: {method} would take {entries:.3g} entries, {limit:.3g} are allowed; "
        f"raise --allow-work to {factor:.0f}"
    )


def sparse_entries(graph: WeightedGraph, limit: float) -> float:
    """Return an upper estimate of the entries of a sparse factor, or a number above the limit.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> sparse_entries(WeightedGraph.from_edges([0, 1, 2], [1, 2, 3]), 100.0)
    7.0
    """
    indptr, indices = graph.indptr.tolist(), graph.indices.tolist()
    around = [set(indices[indptr[v] : indptr[v + 1]]) for v in range(graph.n)]
    queue = [(len(near), v) for v, near in enumerate(around)]
    heapq.heapify(queue)
    gone = [False] * graph.n
    left, entries, work = graph.n, 0.0, 0.0
    while queue:
        degree, v = heapq.heappop(queue)
        if gone[v] or degree != len(around[v]):
            continue
        if degree > _MOST_DEGREE:
            return entries + 0.5 * left * (left + 1)
        gone[v] = True
        left -= 1
        entries += degree + 1
        work += 0.1 * degree * degree
        if entries > limit or work > limit:  # the second for the time of this very count
            return entries + 0.5 * left * (left + 1)
        near = around[v]
        for u in near:
            around[u] |= near
            around[u].discard(u)
            around[u].discard(v)
            heapq.heappush(queue, (len(around[u]), u))
        around[v] = set()
    return entries
