"""Families of graphs without a K5 minor, where the odd-cycle relaxation is exact: explicit streams, any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.graphs.graph import WeightedGraph
from derandkit.numerics.hashing import hashed_uniform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


def stream(seed: int, count: int) -> NDArray[np.float64]:
    """Return `count` fixed numbers in (0, 1), others for every seed."""
    out = np.empty(count)
    hashed_uniform(seed << 32, out)
    return (out + 1.0) / 2.0


def integer_weights(graph: WeightedGraph, low: int, high: int, seed: int) -> WeightedGraph:
    """Give the edges integer weights between `low` and `high`."""
    i, j, _ = graph.edges()
    weights = low + np.floor(stream(seed, i.size) * (high - low + 1))
    return WeightedGraph.from_edges(i, j, weights, n=graph.n)


def delaunay(n: int, seed: int = 0) -> WeightedGraph:
    """Triangulate n fixed points of the unit square after Delaunay; unit weights."""
    from scipy.spatial import Delaunay

    corners = Delaunay(stream(seed, 2 * n).reshape(n, 2)).simplices
    return _graph(
        n, {tuple(sorted(pair)) for a, b, c in corners.tolist() for pair in ((a, b), (b, c), (a, c))}
    )


def random_planar(n: int, seed: int) -> WeightedGraph:
    """Keep seven tenths of the edges of a Delaunay triangulation; weights -9 to 9."""
    whole = delaunay(n, seed)
    i, j, _ = whole.edges()
    kept = stream(seed + 1, i.size) < 0.7
    return integer_weights(WeightedGraph.from_edges(i[kept], j[kept], n=n), -9, 9, seed + 2)


def stacked_triangulation(n: int, seed: int) -> WeightedGraph:
    """Put each new vertex into a face of a maximal planar graph, again and again; unit weights."""
    edges, faces = [(0, 1), (1, 2), (0, 2)], [(0, 1, 2), (0, 1, 2)]
    for v, u in enumerate(stream(seed, n)[3:].tolist(), start=3):
        k = int(u * len(faces))
        a, b, c = faces[k]
        faces[k] = (a, b, v)
        faces += [(a, c, v), (b, c, v)]
        edges += [(a, v), (b, v), (c, v)]
    return _graph(n, edges)


def outerplanar(n: int, seed: int) -> WeightedGraph:
    """Triangulate a polygon, keep four fifths of the diagonals; weights -9 to 9."""
    u, kept = stream(seed, n), stream(seed + 1, n) < 0.8
    edges = [(k, (k + 1) % n) for k in range(n)]
    parts = [(0, n - 1)]
    while parts:
        a, b = parts.pop()
        middle = a + 1 + int(u[a] * (b - a - 1))
        for x, y in ((a, middle), (middle, b)):
            if y - x > 1:
                parts.append((x, y))
                if kept[middle]:
                    edges.append((x, y))
    return integer_weights(_graph(n, edges), -9, 9, seed + 2)


def series_parallel(n: int, seed: int) -> WeightedGraph:
    """Hang each new vertex on both ends of an edge, then keep four fifths of the edges; weights -9 to 9."""
    edges = [(0, 1)]
    for v, u in enumerate(stream(seed, n)[2:].tolist(), start=2):
        a, b = edges[int(u * len(edges))]
        edges += [(a, v), (b, v)]
    kept = stream(seed + 1, len(edges)) < 0.8
    return integer_weights(_graph(n, [e for e, k in zip(edges, kept, strict=True) if k]), -9, 9, seed + 2)


def cactus(n: int, seed: int) -> WeightedGraph:
    """Hang cycles of up to nine vertices, and now and then an edge, on a vertex that is there; weights -9 to 9."""
    where, sizes = stream(seed, n), stream(seed + 1, n)
    edges, v = [], 1
    while v < n:
        size = min(n - v, 1 + int(8 * sizes[v]))
        path = [int(where[v] * v), *range(v, v + size)]
        edges += list(zip(path, path[1:] + (path[:1] if size > 1 else []), strict=False))
        v += size
    return integer_weights(_graph(n, edges), -9, 9, seed + 2)


def _graph(n: int, edges: Iterable[tuple[int, ...]]) -> WeightedGraph:
    ends = np.array(sorted(edges), dtype=np.int64).reshape(-1, 2)
    return WeightedGraph.from_edges(ends[:, 0], ends[:, 1], n=n)


#: Name -> builder of ``(n, seed)``.
FAMILIES = {
    "planar": random_planar,
    "stacked triangulation": stacked_triangulation,
    "outer-planar": outerplanar,
    "series-parallel": series_parallel,
    "cactus": cactus,
}
