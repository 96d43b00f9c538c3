"""Compiled search for short odd cycles: the separation of the odd-cycle inequalities.

A signed graph comes as CSR arrays: ``indptr``, ``indices`` (ascending within a row), for each arc the number of its
edge (``arc_edge``), for each edge whether it is positive. A cycle is odd if it has an odd number of positive edges. In
the doubled graph, with two copies of each vertex and positive edges crossing between the copies, odd closed walks
through v are the paths from one copy of v to the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.numerics.typing import BoolArray, FloatArray, IndexArray, IntArray


@light(lambda *_: 4)
@kernel
def sift_up(heap: IndexArray, place: IndexArray, key: FloatArray, at: int | np.int64) -> None:
    """Restore the heap order upwards from position `at`; equal keys are ordered by node."""
    node = heap[at]
    while at > 0:
        up = (at - 1) >> 1
        other = heap[up]
        if key[other] < key[node] or (key[other] == key[node] and other < node):
            break
        heap[at] = other
        place[other] = at
        at = up
    heap[at] = node
    place[node] = at


@light(lambda *_: 8)
@kernel
def sift_down(heap: IndexArray, place: IndexArray, key: FloatArray, size: int) -> None:
    """Restore the heap order downwards from the root."""
    at = 0
    node = heap[0]
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size:
            a = heap[child]
            b = heap[child + 1]
            if key[b] < key[a] or (key[b] == key[a] and b < a):
                child += 1
        other = heap[child]
        if key[node] < key[other] or (key[node] == key[other] and node < other):
            break
        heap[at] = other
        place[other] = at
        at = child
    heap[at] = node
    place[node] = at


@light(lambda indptr, indices, arc_edge, positive, length, sources, *_: 2 * sources.size * indices.size)
@kernel
def odd_cycles(
    indptr: IntArray,
    indices: IndexArray,
    arc_edge: IndexArray,
    positive: BoolArray,
    length: FloatArray,
    sources: IndexArray,
    removed: BoolArray,
    limit: float,
    key: FloatArray,
    place: IndexArray,
    stamp: IndexArray,
    parent: IndexArray,
    parent_edge: IndexArray,
    heap: IndexArray,
    walk: IndexArray,
    seen: IndexArray,
    starts: IntArray,
    vertices: IndexArray,
    edges: IndexArray,
) -> int:
    """Search each source for the shortest odd closed walk through it that is shorter than `limit`.

    A source that has been searched is `removed`: no later walk meets it, so the walks differ, and if none is found
    there is no odd cycle shorter than the limit among the vertices that were not removed before. Half-way meeting:
    both ends of the middle edge of a closed walk of length L are within L / 2 of the source, in opposite copies.

    A walk is cut down to a simple odd cycle, which is no longer. Cycle k is
    ``vertices[starts[k]:starts[k + 1]]``, and ``edges`` in the same range joins each vertex to the next. Returns the
    number of cycles. A cycle that does not fit into the arrays ends the search.
    """
    count = 0
    used = 0
    for tick in range(sources.size):
        source = sources[tick]
        if removed[source]:
            continue
        open_mark = 2 * tick + 2
        closed_mark = 2 * tick + 3
        best = limit
        meet_a = -1
        meet_b = -1
        meet_edge = -1
        root = 2 * source
        key[root] = 0.0
        stamp[root] = open_mark
        parent[root] = -1
        heap[0] = root
        place[root] = 0
        size = 1
        while size > 0:
            node = heap[0]
            d = key[node]
            if 2.0 * d >= best:
                break
            size -= 1
            if size > 0:
                heap[0] = heap[size]
                place[heap[0]] = 0
                sift_down(heap, place, key, size)
            stamp[node] = closed_mark
            u = node >> 1
            side = node & 1
            for p in range(indptr[u], indptr[u + 1]):
                v = indices[p]
                if removed[v]:
                    continue
                e = arc_edge[p]
                there = 2 * v + (1 - side if positive[e] else side)
                through = d + length[e]
                mirror = there ^ 1
                if stamp[mirror] == closed_mark:
                    total = through + key[mirror]
                    if total < best:
                        best = total
                        meet_a = node
                        meet_b = mirror
                        meet_edge = e
                if 2.0 * through >= best:
                    continue
                if stamp[there] < open_mark:
                    stamp[there] = open_mark
                    key[there] = through
                    parent[there] = node
                    parent_edge[there] = e
                    heap[size] = there
                    place[there] = size
                    size += 1
                    sift_up(heap, place, key, size - 1)
                elif stamp[there] == open_mark and through < key[there]:
                    key[there] = through
                    parent[there] = node
                    parent_edge[there] = e
                    sift_up(heap, place, key, np.int64(place[there]))
        removed[source] = True
        if meet_edge < 0:
            continue
        # the closed walk from the source by way of a and b; walk[2 k] is a vertex, walk[2 k + 1] the edge after it
        steps = 0
        node = meet_a
        while parent[node] >= 0:
            steps += 1
            node = parent[node]
        at = 2 * steps
        node = meet_a
        walk[at] = node >> 1
        while parent[node] >= 0:
            at -= 2
            walk[at + 1] = parent_edge[node]
            node = parent[node]
            walk[at] = node >> 1
        at = 2 * steps + 1
        walk[at] = meet_edge
        node = meet_b
        while parent[node] >= 0:
            walk[at + 1] = node >> 1
            walk[at + 2] = parent_edge[node]
            at += 2
            node = parent[node]
        total_steps = (at + 1) >> 1
        # drop even loops; the first odd loop between two visits of a vertex is a simple odd cycle
        top = 0
        first = -1
        for k in range(total_steps + 1):
            v = walk[2 * k] if k < total_steps else source
            if seen[v] >= 0:
                parity = 0
                for q in range(seen[v], top):
                    if positive[walk[2 * q + 1]]:
                        parity ^= 1
                if parity == 1:
                    first = seen[v]
                    break
                for q in range(seen[v] + 1, top):
                    seen[walk[2 * q]] = -1
                top = seen[v]
            seen[v] = top
            walk[2 * top] = v
            if k < total_steps:
                walk[2 * top + 1] = walk[2 * k + 1]
            top += 1
        for q in range(top):
            seen[walk[2 * q]] = -1
        if first < 0:
            continue
        if used + top - first > vertices.size or count + 1 >= starts.size:
            break
        starts[count] = used
        for q in range(first, top):
            vertices[used] = walk[2 * q]
            edges[used] = walk[2 * q + 1]
            used += 1
        count += 1
        starts[count] = used
    return count


@light(lambda indptr, indices, *_: indices.size * (4 + indices.size // indptr.size))
@kernel
def odd_triangles(
    indptr: IntArray,
    indices: IndexArray,
    arc_edge: IndexArray,
    positive: BoolArray,
    mark: IndexArray,
    vertices: IndexArray,
    edges: IndexArray,
) -> int:
    """List the odd triangles ``u < v < x`` in lexicographic order, three entries each, until the arrays are full.

    `mark` is scratch, -1 everywhere before and after. Returns the number of triangles.
    """
    count = 0
    n = indptr.size - 1
    for u in range(n):
        for p in range(indptr[u], indptr[u + 1]):
            mark[indices[p]] = arc_edge[p]
        for p in range(indptr[u], indptr[u + 1]):
            v = indices[p]
            if v < u:
                continue
            for q in range(indptr[v], indptr[v + 1]):
                x = indices[q]
                if x < v or mark[x] < 0:
                    continue
                a = arc_edge[p]
                b = arc_edge[q]
                c = mark[x]
                if (positive[a] ^ positive[b]) ^ positive[c] and 3 * count + 3 <= vertices.size:
                    vertices[3 * count] = u
                    vertices[3 * count + 1] = v
                    vertices[3 * count + 2] = x
                    edges[3 * count] = a
                    edges[3 * count + 1] = b
                    edges[3 * count + 2] = c
                    count += 1
        for p in range(indptr[u], indptr[u + 1]):
            mark[indices[p]] = -1
    return count


@light(lambda tail, head, chosen, indptr, arc_edge, *_: 3 * chosen.size + arc_edge.size)
@kernel
def cover_edges(
    tail: IndexArray,
    head: IndexArray,
    chosen: IndexArray,
    indptr: IntArray,
    arc_edge: IndexArray,
    wanted: BoolArray,
    degree: IndexArray,
    out: IndexArray,
) -> int:
    """Choose a vertex at each edge of `chosen` so that few vertices are chosen: a greedy vertex cover.

    `wanted` marks the chosen edges and is cleared on the way; `degree` is scratch, zero before. Writes the vertices
    to `out` in the order of choice and returns their number.
    """
    for k in range(chosen.size):
        degree[tail[chosen[k]]] += 1
        degree[head[chosen[k]]] += 1
    count = 0
    for k in range(chosen.size):
        e = chosen[k]
        if not wanted[e]:
            continue
        v = tail[e] if degree[tail[e]] >= degree[head[e]] else head[e]
        out[count] = v
        count += 1
        for p in range(indptr[v], indptr[v + 1]):
            f = arc_edge[p]
            if wanted[f]:
                wanted[f] = False
                degree[tail[f]] -= 1
                degree[head[f]] -= 1
    return count
