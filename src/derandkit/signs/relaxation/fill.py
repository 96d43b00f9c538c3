"""How much a sparse factorisation of a graph's matrix would cost, without doing it.

A minimum-degree elimination is played on the pattern until the smallest degree exceeds a limit; what is left is then
charged as a dense block. The result is an upper estimate of the fill that a fill-reducing factorisation produces, so
a proof by sparse elimination is attempted only where it is known to fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray


#: Vertices of larger degree are not eliminated one by one; the rest of the graph counts as dense.
DEGREE_LIMIT = 64


@dataclass(frozen=True)
class EliminationCost:
    """Predicted size of a factor.

    Parameters
    ----------
    fill : float
        Entries of the triangular factor.
    flops : float
        Multiply-adds of the elimination.
    dense_block : int
        Vertices that were left when the smallest degree passed the limit.
    """

    fill: float
    flops: float
    dense_block: int


def elimination_cost(graph: WeightedGraph) -> EliminationCost:
    """Predict fill and work of a minimum-degree elimination of `graph`.

    Parameters
    ----------
    graph : WeightedGraph
        The pattern; weights do not matter.

    Returns
    -------
    EliminationCost
        Upper estimates.

    Notes
    -----
    At most ``O(n DEGREE_LIMIT^2)`` work and a pool of ``4 m + 16 n`` entries; where the pool is too small the
    rest counts as dense.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> path = WeightedGraph.from_edges([0, 1, 2], [1, 2, 3])
    >>> elimination_cost(path).fill
    7.0
    """
    n = graph.n
    pool = np.empty(4 * graph.indices.size + 16 * n + 1024, dtype=np.int32)
    out = np.zeros(3)
    eliminate(
        graph.indptr,
        graph.indices,
        DEGREE_LIMIT,
        pool,
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.full(n, -1, dtype=np.int32),
        np.full(DEGREE_LIMIT + 1, -1, dtype=np.int32),
        np.full(n, -1, dtype=np.int32),
        np.full(n, -1, dtype=np.int32),
        np.zeros(DEGREE_LIMIT + 1, dtype=np.int32),
        out,
    )
    return EliminationCost(float(out[0]), float(out[1]), int(out[2]))


@kernel
def eliminate(
    indptr: IntArray,
    indices: IndexArray,
    limit: int,
    pool: IndexArray,
    start: IntArray,
    size: IntArray,
    room: IntArray,
    mark: IndexArray,
    bucket: IndexArray,
    after: IndexArray,
    before: IndexArray,
    clique: IndexArray,
    out: FloatArray,
) -> None:
    """Minimum-degree elimination on explicit neighbour lists held in `pool`, in buckets by degree.

    Fills ``out = (fill, flops, vertices left)``. Invariant: lists of live vertices hold exactly their live
    neighbours, each once.
    """
    n = start.size
    used = 0
    for i in range(n):
        start[i] = used
        size[i] = indptr[i + 1] - indptr[i]
        room[i] = size[i] + 4
        for p in range(indptr[i], indptr[i + 1]):
            pool[used + p - indptr[i]] = indices[p]
        used += room[i]
    # doubly linked bucket lists; filled backwards so that the lowest index comes out first
    for i in range(n - 1, -1, -1):
        d = size[i]
        if d <= limit:
            after[i] = bucket[d]
            if bucket[d] >= 0:
                before[bucket[d]] = i
            bucket[d] = i
    left = n
    fill = 0.0
    flops = 0.0
    d = 0
    stamp = 0
    while d <= limit:
        if bucket[d] < 0:
            d += 1
            continue
        v = bucket[d]
        bucket[d] = after[v]
        if after[v] >= 0:
            before[after[v]] = -1
        k = size[v]
        for p in range(k):
            clique[p] = pool[start[v] + p]
        fill += k + 1.0
        flops += 0.5 * k * (k + 1.0)
        left -= 1
        full = False
        for p in range(k):
            u = clique[p]
            if size[u] <= limit:  # leave its bucket
                if before[u] >= 0:
                    after[before[u]] = after[u]
                else:
                    bucket[size[u]] = after[u]
                if after[u] >= 0:
                    before[after[u]] = before[u]
            after[u] = -1
            before[u] = -1
            stamp += 1
            mark[u] = stamp
            mark[v] = stamp
            kept = 0
            for q in range(size[u]):
                x = pool[start[u] + q]
                if x != v:
                    pool[start[u] + kept] = x
                    mark[x] = stamp
                    kept += 1
            missing = 0
            for q in range(k):
                if mark[clique[q]] != stamp:
                    missing += 1
            if kept + missing > room[u]:
                new_room = 2 * (kept + missing)
                if used + new_room > pool.size:
                    full = True
                    size[u] = kept
                    continue
                for q in range(kept):
                    pool[used + q] = pool[start[u] + q]
                start[u] = used
                room[u] = new_room
                used += new_room
            for q in range(k):
                if mark[clique[q]] != stamp:
                    pool[start[u] + kept] = clique[q]
                    kept += 1
            size[u] = kept
            if kept <= limit:
                after[u] = bucket[kept]
                if bucket[kept] >= 0:
                    before[bucket[kept]] = u
                bucket[kept] = u
        if full:
            break
        d = max(0, d - 1)
    out[0] = fill + 0.5 * left * (left + 1.0)
    out[1] = flops + left * (left + 1.0) * (left + 2.0) / 6.0
    out[2] = left
