"""Several different cuts: from the best one outward, the greatest first.

A cut is expanded in two ways: one vertex changes sides; or it changes sides and stays there while others follow, until
no single change gains. Cuts are expanded in the order of their weights, so cuts of equal weight come before lighter
ones. The search visits only some cuts: those returned are the greatest of them, not always the greatest of all.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from derandkit.runtime.clock import current
from derandkit.signs.kernels import one_flip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, SignArray

#: Vertices that an expansion flips: all of a small graph, of a large one those that lose the least.
FLIPPED = 256
#: Vertices that one descent flips at most.
FLIPS = 1000
#: Sweeps of the descent from a cut that is given.
SWEEPS = 100
#: Cuts that are kept beyond those that were asked for.
SPARE = 64


def several_cuts(
    graph: WeightedGraph, known: Iterable[SignArray], count: int, *, spare: int = 0
) -> tuple[list[SignArray], bool]:
    """Return different cuts, the greatest that were met, and whether the clock ended the search.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    known : iterable of ndarray of int8, shape (n,)
        Cuts to begin with; the best of them first.
    count : int
        Number of cuts.
    spare : int
        Return so many more, of those that were met on the way.

    Returns
    -------
    cuts : list of ndarray of int8, shape (n,)
        At most ``count + spare`` cuts, greatest first, no two equal or complementary, the first vertex on side +1.
        Fewer than `count` where the graph has fewer, ``2**(n - 1)``, or the clock ended the search.
    shortened : bool
        Whether the clock ended the search: there may be fewer cuts than it would have met, or lighter ones.

    Notes
    -----
    `count` expansions, each of up to `FLIPPED` descents; more only where they meet too few cuts. The time is
    proportional to `count`. The same for any number of threads.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> triangle = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [3, 2, 1])
    >>> cuts, shortened = several_cuts(triangle, [np.array([1, 1, 1], dtype=np.int8)], 3)
    >>> for signs in cuts:
    ...     print(signs.tolist(), triangle.cut_value(signs))
    [1, -1, 1] 5
    [1, -1, -1] 4
    [1, 1, -1] 3
    """
    met: dict[bytes, int | float] = {}
    least = _least(graph)
    for signs in known:
        _meet(graph, met, signs)
        # from a cut that is far from good every descent is long, and all begin alike: make it once
        better = signs.astype(np.int8)
        one_flip(graph.indptr, graph.indices, graph.weights, better, SWEEPS, least)
        _meet(graph, met, better)
    done: set[bytes] = set()
    waiting = _waiting(met, done)
    clock = current()
    while waiting and not clock.stopped and (len(done) < count or len(met) < count):
        _, name = heappop(waiting)
        done.add(name)
        for signs in _beside(graph, _signs(name)):
            new = _meet(graph, met, signs)
            if new is not None:
                heappush(waiting, (-met[new], new))
        # a cut behind so many better ones is never reached; in bulk, so that a cut is sorted a few times in all
        if len(met) - len(done) > 2 * (count + SPARE):
            best = set(_ranked(met)[: count + SPARE])
            # those that are done stay, so that none is expanded twice
            met = {cut: weight for cut, weight in met.items() if cut in best or cut in done}
            waiting = _waiting(met, done)
    shortened = bool(waiting) and (len(done) < count or len(met) < count)
    return [_signs(cut) for cut in _ranked(met)[: count + spare]], shortened


def _waiting(met: dict[bytes, int | float], done: set[bytes]) -> list[tuple[int | float, bytes]]:
    """Return the heap of those that are not expanded yet: the greatest first, then by their sides."""
    heap = [(-weight, cut) for cut, weight in met.items() if cut not in done]
    heapify(heap)
    return heap


def _ranked(met: dict[bytes, int | float]) -> list[bytes]:
    return sorted(met, key=lambda cut: (-met[cut], cut))


def _signs(name: bytes) -> SignArray:
    return np.frombuffer(name, dtype=np.int8)


def _meet(graph: WeightedGraph, met: dict[bytes, int | float], signs: SignArray) -> bytes | None:
    """Weigh a cut; return its name if it is new."""
    name = (signs if signs[0] > 0 else -signs).astype(np.int8).tobytes()
    if name in met:
        return None
    met[name] = graph.cut_value(_signs(name))
    return name


def _beside(graph: WeightedGraph, signs: SignArray) -> Iterator[SignArray]:
    """Yield the cuts that a cut is expanded to."""
    gains = _gains(graph, signs)
    for vertex in np.argsort(-gains, kind="stable")[:FLIPPED].tolist():
        flipped = signs.copy()
        flipped[vertex] = -flipped[vertex]
        yield flipped
        yield _descended(graph, signs.copy(), gains.copy(), vertex)


def _gains(graph: WeightedGraph, signs: SignArray) -> FloatArray:
    """Return what the cut gains when a vertex changes sides."""
    field: FloatArray = graph.adjacency() @ signs.astype(np.float64)
    return signs * field


def _least(graph: WeightedGraph) -> float:
    """Return what a flip has to gain, so that rounding does not flip vertices to and fro."""
    return 1e-9 * float(np.abs(graph.weights).max(initial=0.0))


def _descended(graph: WeightedGraph, signs: SignArray, gains: FloatArray, held: int) -> SignArray:
    """Flip a vertex, hold it, and flip others, the best first, until none gains (at most `FLIPS`)."""
    least = _least(graph)
    candidates: set[int] = set()
    vertex = held
    for _ in range(FLIPS):
        signs[vertex] = -signs[vertex]
        gains[vertex] = -gains[vertex]
        row = slice(graph.indptr[vertex], graph.indptr[vertex + 1])
        beside = graph.indices[row]
        gains[beside] += 2.0 * graph.weights[row] * signs[vertex] * signs[beside]
        candidates.update(beside.tolist())
        candidates = {u for u in candidates if gains[u] > least and u != held}
        if not candidates:
            break
        vertex = min(candidates, key=lambda u: (-gains[u], u))
    return signs
