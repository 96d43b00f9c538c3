"""Graphs whose degrees follow a power law, at any size, from a recipe in whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.vectors import distinct
from derandkit.options import check_whole
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph

#: Numbers of the stream that one seed has to itself.
_STRIDE = 1 << 40


def power_law(n: int, *, degree: int = 10, seed: int = 1) -> WeightedGraph:
    """Grow a graph by preferential attachment: few hubs, many vertices of low degree.

    Vertex v joins ``degree / 2`` earlier ends, each chosen with a chance proportional to the degree it has by then
    (Barabasi and Albert, Science 286 (1999), in the form of Batagelj and Brandes, Phys. Rev. E 71 (2005), Algorithm 5).
    The chance that a vertex has degree k falls like ``k^-3``; the largest degree grows like ``sqrt(n)``.

    Parameters
    ----------
    n : int
        Number of vertices, at least 2.
    degree : int
        Even; the average degree before loops and repeated edges are dropped, which are few.
    seed : int
        Distinct seeds (0 to 1000000) give distinct graphs.

    Returns
    -------
    WeightedGraph
        Vertices are labelled 0..n-1 in the order of their arrival, weights are 1.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Notes
    -----
    O(n degree log(n degree)). The stream is that of `derandkit.numerics.hashing.hashed_uniform`; one multiplication and
    one rounding a number turn it into a position, so the graph is the same on every machine.

    Examples
    --------
    >>> graph = power_law(1000)
    >>> graph
    WeightedGraph(n=1000, m=4876, total_weight=4876)
    >>> int(graph.degrees.max()), int(np.median(graph.degrees))
    (187, 7)
    """
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.hashing import hashed_uniform

    check_whole("n", n, 2)
    check_whole("degree", degree, 2)
    check_whole("seed", seed)
    if n < 2 or degree < 2 or degree % 2 or n * degree >= 2**31:
        raise InputError(
            f"a power-law graph has at least 2 vertices, an even degree, and below 2^31 ends; got "
            f"n={quoted(n)}, degree={quoted(degree)}"
        )
    if not 0 <= seed <= 1_000_000:
        raise InputError(f"the seed is a whole number from 0 to 1000000, got {quoted(seed)}")
    m = n * (degree // 2)
    draws = np.empty(m)
    hashed_uniform(seed * _STRIDE, draws)
    # of the list of ends, entry 2 e is the vertex that adds edge e, entry 2 e + 1 repeats one of the 2 e + 1 before it
    before = np.arange(m, dtype=np.int64) * 2 + 1
    chosen = np.minimum(((draws + 1.0) * 0.5 * before).astype(np.int64), before - 1)
    while True:  # an odd entry repeats what another repeats: follow the chain, half of it a round
        odd = chosen % 2 == 1
        if not odd.any():
            break
        chosen[odd] = chosen[chosen[odd] // 2]
    i, j = np.arange(m) // (degree // 2), chosen // 2 // (degree // 2)
    low, high = np.minimum(i, j), np.maximum(i, j)
    keys = distinct(low[low < high] * n + high[low < high])
    return WeightedGraph.from_edges(keys // n, keys % n, n=n)
