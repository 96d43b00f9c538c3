"""Ising spin glasses: tori with Gaussian weights or weights +1 and -1, and chains whose couplings fall with distance.

The tori are words of ``rudy``; their costs are made first and then shuffled, from one stream of numbers. The
chains are complete graphs: the vertices stand on a circle, a pair at distance r is coupled by a Gaussian number over
a power of r (Liers, Jünger, Reinelt, Rinaldi, "Computing exact ground states of hard Ising spin glass problems by
branch-and-cut", 2004, describe the tori and the chains).
"""

from __future__ import annotations

import math

import numpy as np

from derandkit.datasets.graphbase import MODULUS, GraphBaseStream
from derandkit.datasets.graphs import RudyEdges, check_size, in_list_order
from derandkit.errors import InputError
from derandkit.numerics.typing import IntArray

#: Gaussian numbers are multiplied by this before they become integers.
SCALE = 100_000
#: The eight digits of pi with which the published chains were made; more digits change one weight in three hundred.
_PI = 3.1415927


def gaussian(stream: GraphBaseStream, count: int) -> list[float]:
    """Draw standard Gaussian numbers by the polar method, two from every accepted pair of raw numbers.

    Parameters
    ----------
    stream : GraphBaseStream
        Afterwards it stands behind the pair that gave the last number.
    count : int
        How many.

    Returns
    -------
    list of float, of that length

    References
    ----------
    D. E. Knuth, *The Art of Computer Programming*, volume 2, section 3.4.1, algorithm P.

    Examples
    --------
    >>> [round(x, 4) for x in gaussian(GraphBaseStream(5555), 3)]
    [-0.3205, 0.5692, -0.1501]
    """
    pairs = (count + 1) // 2
    found: list[float] = []
    while len(found) < 2 * pairs:
        missing = pairs - len(found) // 2
        u = 2.0 * (stream.peek(4 * missing).astype(np.float64) / (MODULUS - 1)) - 1.0
        v1, v2 = u[0::2], u[1::2]
        square = v1 * v1 + v2 * v2
        good = np.flatnonzero(square < 1.0)[:missing]
        stream.skip(2 * (int(good[-1]) + 1) if len(good) == missing else 4 * missing)
        # the logarithm of the C library, whatever vector units numpy has
        for a, b, s in zip(v1[good].tolist(), v2[good].tolist(), square[good].tolist(), strict=True):
            factor = math.sqrt(-2.0 * math.log(s) / s)
            found += [a * factor, b * factor]
    return found[:count]


def gaussian_torus(sides: tuple[int, ...], stream: GraphBaseStream) -> RudyEdges:
    """Build a torus with Gaussian weights (``-spinglass2g``, ``-spinglass3g``).

    Parameters
    ----------
    sides : tuple of int
        Rows and columns, and layers if there are three; at least 3 each.
    stream : GraphBaseStream
        Freshly seeded.

    Returns
    -------
    RudyEdges
        Weights are 100000 times a Gaussian number, cut off toward zero.

    Raises
    ------
    InputError
        If a side is below 3 or the torus is too large.
    """
    i, j = _torus(sides)
    costs = np.array([int(SCALE * x) for x in gaussian(stream, len(i))], dtype=np.int64)
    return in_list_order(math.prod(sides), i, j, _shuffled(costs, stream))


def sign_torus(sides: tuple[int, ...], percent: int, stream: GraphBaseStream) -> RudyEdges:
    """Build a torus with weights -1 and +1 (``-spinglass2pm``, ``-spinglass3pm``).

    Parameters
    ----------
    sides : tuple of int
        Rows and columns, and layers if there are three; at least 3 each.
    percent : int
        Share of the edges, rounded down, that weigh -1, from 0 to 100.
    stream : GraphBaseStream
        Freshly seeded.

    Returns
    -------
    RudyEdges

    Raises
    ------
    InputError
        If a side is below 3, the torus is too large, or the share is no percentage.
    """
    if not 0 <= percent <= 100:
        raise InputError(f"{percent} is not a percentage; give a whole number from 0 to 100")
    i, j = _torus(sides)
    costs = np.ones(len(i), dtype=np.int64)
    costs[: len(i) * percent // 100] = -1
    return in_list_order(math.prod(sides), i, j, _shuffled(costs, stream))


def chain(n: int, sigma: float, stream: GraphBaseStream) -> RudyEdges:
    """Build a chain with long-range couplings on a circle (``-chain``; not a word of the original ``rudy``).

    Vertices i and j are coupled by ``100000 c g / r^sigma``, rounded, with g Gaussian, r the length of the chord
    between them and c such that the squares of the couplings of a vertex add up to ``100000^2`` on average.

    Parameters
    ----------
    n : int
        Number of vertices, at least 2.
    sigma : float
        How fast couplings fall with the distance, from 0 to 20.
    stream : GraphBaseStream
        Freshly seeded; pairs take numbers row by row.

    Returns
    -------
    RudyEdges
        All pairs, those with weight 0 as well.

    Raises
    ------
    InputError
        If n or sigma is out of range.
    """
    if not 0 <= sigma <= 20:
        raise InputError(f"the exponent {sigma:g} is not between 0 and 20")
    check_size(n, 2, n * (n - 1) // 2)
    lengths = [n / _PI * math.sin(_PI * d / n) for d in range(1, n)]
    falls = np.array([0.0, *(r**-sigma for r in lengths)])
    c = 1.0 / math.sqrt(math.fsum(r ** (-2.0 * sigma) for r in lengths))
    i, j = (ends.astype(np.int64) for ends in np.triu_indices(n, 1))
    costs = np.rint(SCALE * c * np.array(gaussian(stream, len(i))) * falls[j - i]).astype(np.int64)
    return in_list_order(n, i, j, costs)


def _torus(sides: tuple[int, ...]) -> tuple[IntArray, IntArray]:
    """Return the ends of the edges of a torus in the order in which costs are given to them."""
    text = " x ".join(map(str, sides))
    if min(sides) < 3:
        raise InputError(f"a {text} torus has loops or parallel edges; all sides must be at least 3")
    n = math.prod(sides)
    check_size(n, 9, len(sides) * n)
    rows, columns = sides[:2]
    cells = np.arange(n, dtype=np.int64).reshape(
        -1, rows, columns
    )  # by layers, of which a plane torus has one
    ways = [np.roll(cells, -1, axis=2), np.roll(cells, -1, axis=1)]
    if len(sides) == 3:
        ways.append(np.roll(cells, -1, axis=0))
    ends = np.stack([way.reshape(len(cells), -1) for way in ways], axis=1).ravel()
    starts = np.repeat(cells.reshape(len(cells), 1, -1), len(ways), axis=1).ravel()
    return np.minimum(starts, ends), np.maximum(starts, ends)


def _shuffled(costs: IntArray, stream: GraphBaseStream) -> IntArray:
    """Swap every place, from the last one down, with a random one up to it."""
    places = np.arange(len(costs), 1, -1, dtype=np.int64)
    mixed = costs.tolist()
    for j, k in zip((places - 1).tolist(), stream.uniform_each(places).tolist(), strict=True):
        mixed[j], mixed[k] = mixed[k], mixed[j]
    return np.array(mixed, dtype=np.int64)
