"""Several different cuts: from the best one outward, the greatest first.

A cut is expanded in two ways: one vertex changes sides; or it changes sides and stays there while others follow, until
no single change gains. Cuts are expanded in the order of their weights, so cuts of equal weight come before lighter
ones. The search visits only some cuts: those returned are the greatest of them, not always the greatest of all.
"""

from __future__ import annotations

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
) -> list[SignArray]:
    """Return different cuts, the greatest that were met.

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
    list of ndarray of int8, shape (n,)
        At most ``count + spare`` cuts, greatest first, no two equal or complementary, the first vertex on side +1.
        Fewer than `count` only where the graph has fewer: ``2**(n - 1)``.

    Notes
    -----
    `count` expansions, each of up to `TURNED` descents; more only where they meet too few cuts. The same for any number
    of threads.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> triangle = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [3, 2, 1])
    >>> for signs in several_cuts(triangle, [np.array([1, 1, 1], dtype=np.int8)], 3):
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
    clock = current()
    while not clock.stopped and (len(done) < count or len(met) < count):
        waiting = [name for name in met if name not in done]
        if not waiting:
            break
        name = min(waiting, key=lambda cut: (-met[cut], cut))
        done.add(name)
        for signs in _beside(graph, _signs(name)):
            _meet(graph, met, signs)
        # those that are done stay, so that none is expanded twice
        best = set(_ranked(met)[: count + SPARE])
        met = {cut: weight for cut, weight in met.items() if cut in best or cut in done}
    return [_signs(cut) for cut in _ranked(met)[: count + spare]]


def _ranked(met: dict[bytes, int | float]) -> list[bytes]:
    return sorted(met, key=lambda cut: (-met[cut], cut))


def _signs(name: bytes) -> SignArray:
    return np.frombuffer(name, dtype=np.int8)


def _meet(graph: WeightedGraph, met: dict[bytes, int | float], signs: SignArray) -> None:
    name = (signs if signs[0] > 0 else -signs).astype(np.int8).tobytes()
    if name not in met:
        met[name] = graph.cut_value(_signs(name))


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
