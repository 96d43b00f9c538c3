"""Compiled maximum flow (Dinic 1970) and the order of an acyclic graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.numerics.typing import IndexArray, IntArray

#: Phases between two looks at the clock.
PHASES = 64


@light(lambda starts, heads, *_: 8 * (heads.size + starts.size))
@kernel
def augment(
    starts: IntArray,
    heads: IndexArray,
    back: IndexArray,
    left: IntArray,
    source: int,
    sink: int,
    phases: int,
    level: IndexArray,
    queue: IndexArray,
    at: IntArray,
    trail: IntArray,
) -> bool:
    """Send flow along shortest paths, for at most so many lengths; return whether the flow is a maximum.

    Parameters
    ----------
    starts : ndarray of int64, shape (n + 1,)
        The arcs out of vertex v are ``starts[v]`` to ``starts[v + 1]``.
    heads, back : ndarray of int32, shape (k,)
        Where an arc leads, and which arc leads back.
    left : ndarray of int64, shape (k,)
        Capacities that are left; changed.
    source, sink : int
        The ends.
    phases : int
        Lengths of paths, at most.
    level, queue : ndarray of int32, shape (n,)
    at, trail : ndarray of int64, shape (n,)
        Scratch.
    """
    n = level.size
    for _ in range(phases):
        for v in range(n):
            level[v] = -1
            at[v] = starts[v]
        # distances to the sink, so that a path from the source never runs into a dead end of another kind
        level[sink] = 0
        queue[0] = sink
        first, last = 0, 1
        while first < last and level[source] < 0:
            v = queue[first]
            first += 1
            for p in range(starts[v], starts[v + 1]):
                u = heads[p]
                if level[u] < 0 and left[back[p]] > 0:
                    level[u] = level[v] + 1
                    queue[last] = u
                    last += 1
        if level[source] < 0:
            return True
        v, depth = source, 0
        while True:
            if v == sink:
                least = left[trail[0]]
                for k in range(depth):
                    least = min(least, left[trail[k]])
                shortest = depth
                for k in range(depth - 1, -1, -1):
                    left[trail[k]] -= least
                    left[back[trail[k]]] += least
                    if left[trail[k]] == 0:
                        shortest = k
                depth = shortest  # go on from the tail of the first arc that is full
                v = heads[back[trail[depth]]]
                continue
            while at[v] < starts[v + 1]:
                p = at[v]
                if left[p] > 0 and level[heads[p]] == level[v] - 1:
                    break
                at[v] += 1
            if at[v] < starts[v + 1]:
                trail[depth] = at[v]
                depth += 1
                v = heads[at[v]]
            elif v == source:
                break
            else:
                depth -= 1
                v = heads[back[trail[depth]]]
                at[v] += 1
    return False


@light(lambda starts, heads, *_: heads.size + starts.size)
@kernel
def order_classes(starts: IntArray, heads: IntArray, waiting: IntArray, place: IntArray) -> None:
    """Write a place into `place` for each vertex of an acyclic graph, so that every arc leads to a later one.

    `waiting` is the number of arcs into each vertex; it is used up.
    """
    n = place.size
    queue = np.empty(n, dtype=np.int64)
    last = 0
    for v in range(n):
        if waiting[v] == 0:
            queue[last] = v
            last += 1
    for k in range(n):
        v = queue[k]
        place[v] = k
        for p in range(starts[v], starts[v + 1]):
            u = heads[p]
            waiting[u] -= 1
            if waiting[u] == 0:
                queue[last] = u
                last += 1
