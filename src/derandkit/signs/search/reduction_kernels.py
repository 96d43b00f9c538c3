"""Compiled loops of the exact reductions: eliminating vertices of low degree, finding blocks, undoing both.

Adjacency is held in doubly linked lists of arcs. Arc ``2e`` and its twin ``2e + 1`` are edge e; ``to[a]`` is where arc
a leads, ``head[v]`` the first arc that leaves v. Eliminating a vertex of degree d frees d edges and needs at most d,
so nothing is ever allocated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, SignArray


@kernel
def unlink(
    head: IndexArray, after: IndexArray, before: IndexArray, to: IndexArray, arc: int | np.int64
) -> None:
    """Take an arc out of the list of the vertex that it leaves."""
    if before[arc] >= 0:
        after[before[arc]] = after[arc]
    else:
        head[to[arc ^ 1]] = after[arc]
    if after[arc] >= 0:
        before[after[arc]] = before[arc]


@kernel
def link(
    head: IndexArray, after: IndexArray, before: IndexArray, to: IndexArray, edge: int, u: int, v: int
) -> None:
    """Let an edge that is in no list join u and v."""
    for arc, source, target in ((2 * edge, u, v), (2 * edge + 1, v, u)):
        to[arc] = target
        before[arc] = -1
        after[arc] = head[source]
        if head[source] >= 0:
            before[head[source]] = arc
        head[source] = arc


@kernel
def join(
    head: IndexArray, after: IndexArray, before: IndexArray, to: IndexArray, weight: FloatArray, degree: IndexArray,
    edge: int, u: int, v: int, w: float,
) -> bool:  # fmt: skip
    """Add w to the weight between u and v, with the free `edge` if there is none yet; return whether it was used.

    An edge whose weight becomes zero is taken out.
    """
    if degree[v] < degree[u]:
        u, v = v, u
    arc = head[u]
    while arc >= 0 and to[arc] != v:
        arc = after[arc]
    if arc < 0:
        if w == 0.0:
            return False
        weight[edge] = w
        link(head, after, before, to, edge, u, v)
        degree[u] += 1
        degree[v] += 1
        return True
    weight[arc >> 1] += w
    if weight[arc >> 1] == 0.0:
        unlink(head, after, before, to, np.int64(arc))
        unlink(head, after, before, to, arc ^ 1)
        degree[u] -= 1
        degree[v] -= 1
    return False


@kernel
def eliminate_low_degrees(
    limit: int,
    head: IndexArray,
    after: IndexArray,
    before: IndexArray,
    to: IndexArray,
    weight: FloatArray,
    degree: IndexArray,
    queue: IndexArray,
    queued: SignArray,
    gone: IndexArray,
    ends: IndexArray,
    pulls: FloatArray,
    sums: FloatArray,
) -> int:
    """Eliminate vertices of degree at most `limit` (at most 3), lowest degree first, until none is left.

    Row k of `gone` is the k-th vertex taken out, ``ends[k]`` its neighbours then (-1: none) and ``pulls[k]`` the
    weights to them. ``sums[0]`` collects the constant that every cut gains. `queue` has room for four rings of n
    vertices, one a degree; a vertex whose degree has changed since it was queued is passed over or queued again.
    Returns how many were taken out. O(1) each, but for the search for an edge between two neighbours.
    """
    n = degree.size
    first = np.zeros(4, dtype=np.int64)
    count = np.zeros(4, dtype=np.int64)
    for v in range(n):
        if degree[v] <= limit:
            queue[degree[v] * n + count[degree[v]]] = v
            count[degree[v]] += 1
            queued[v] = 1
    taken = 0
    d = 0
    while d <= limit:
        if count[d] == 0:
            d += 1
            continue
        v = queue[d * n + first[d] % n]
        first[d] += 1
        count[d] -= 1
        queued[v] = 0
        if degree[v] != d:
            if degree[v] <= limit:  # queued while it had another degree
                queue[degree[v] * n + (first[degree[v]] + count[degree[v]]) % n] = v
                count[degree[v]] += 1
                queued[v] = 1
                d = min(d, degree[v])
            continue
        total = 0.0
        k = 0
        arc = head[v]
        while arc >= 0:
            ends[taken, k] = to[arc]
            pulls[taken, k] = weight[arc >> 1]
            queue[4 * n + k] = arc >> 1
            total += weight[arc >> 1]
            unlink(head, after, before, to, arc ^ 1)
            degree[to[arc]] -= 1
            k += 1
            arc = after[arc]
        head[v] = -1
        degree[v] = -1
        together = max(0.0, total)
        sums[0] += together
        a, b, c = ends[taken, 0], ends[taken, 1], ends[taken, 2]
        x = max(pulls[taken, 0], total - pulls[taken, 0])
        y = max(pulls[taken, 1], total - pulls[taken, 1])
        z = max(pulls[taken, 2], total - pulls[taken, 2])
        e, f, g = queue[4 * n], queue[4 * n + 1], queue[4 * n + 2]
        if d == 2:
            join(head, after, before, to, weight, degree, e, a, b, x - together)
        elif d == 3:
            join(head, after, before, to, weight, degree, e, a, b, 0.5 * (x + y - z - together))
            join(head, after, before, to, weight, degree, f, a, c, 0.5 * (x + z - y - together))
            join(head, after, before, to, weight, degree, g, b, c, 0.5 * (y + z - x - together))
        gone[taken] = v
        for k in range(d):
            u = ends[taken, k]
            if degree[u] <= limit and queued[u] == 0:
                queue[degree[u] * n + (first[degree[u]] + count[degree[u]]) % n] = u
                count[degree[u]] += 1
                queued[u] = 1
                d = min(d, degree[u])
        taken += 1
        d = max(0, d)
        for low in range(d):
            if count[low] > 0:
                d = low
                break
    return taken


@light(lambda gone, ends, pulls, count, signs: 4 * count)
@kernel
def restore(gone: IndexArray, ends: IndexArray, pulls: FloatArray, count: int, signs: SignArray) -> None:
    """Put eliminated vertices back, last first, each on its best side; a tie goes to +."""
    for k in range(count - 1, -1, -1):
        pull = 0.0
        for q in range(3):
            if ends[k, q] >= 0:
                pull += pulls[k, q] * signs[ends[k, q]]
        signs[gone[k]] = -1 if pull > 0.0 else 1


@light(lambda indptr, indices, *_: 3 * indices.size + 8 * indptr.size)
@kernel
def find_blocks(
    indptr: IntArray,
    indices: IndexArray,
    number: IndexArray,
    low: IndexArray,
    parent: IndexArray,
    at: IntArray,
    stack: IndexArray,
    block: IndexArray,
) -> int:
    """Label every arc (i -> j, position p) with the biconnected component of its edge; return how many there are.

    Hopcroft and Tarjan (CACM 16, 1973) without recursion: `number` and `low` start at -1, `block` at -1, `stack` has
    room for all arcs. Only one arc of each edge is labelled, the other keeps -1. O(n + m).
    """
    n = number.size
    blocks = 0
    clock = 0
    for root in range(n):
        if number[root] >= 0:
            continue
        number[root] = clock
        low[root] = clock
        clock += 1
        parent[root] = -1
        at[root] = indptr[root]
        top = 0
        v = root
        while v >= 0:
            if at[v] < indptr[v + 1]:
                p = at[v]
                at[v] += 1
                u = indices[p]
                if number[u] < 0:
                    stack[top] = p
                    top += 1
                    parent[u] = v
                    number[u] = clock
                    low[u] = clock
                    clock += 1
                    at[u] = indptr[u]
                    v = u
                elif u != parent[v] and number[u] < number[v]:
                    stack[top] = p
                    top += 1
                    if number[u] < low[v]:
                        low[v] = number[u]
                continue
            w = parent[v]
            if w >= 0:
                if low[v] < low[w]:
                    low[w] = low[v]
                if low[v] >= number[w]:  # v's subtree hangs on w alone
                    while True:
                        top -= 1
                        p = stack[top]
                        block[p] = blocks
                        if p == at[w] - 1:
                            break
                    blocks += 1
            v = w
    return blocks
