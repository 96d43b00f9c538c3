"""The randomized baselines of the cut: random hyperplanes and networkx's one-exchange. All of them take `rng`."""

from __future__ import annotations

import functools
import random
import time
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.sums import Average, average_of, whole_layers
from derandkit.options import generator
from derandkit.signs.baselines.deterministic import (
    AVERAGE,
    HALF,
    ON_AVERAGE,
    SWEEPS,
    Baseline,
    improved,
    margin,
)
from derandkit.signs.baselines.kernels import cuts_of_sides, hyperplane_sides, improve_columns
from derandkit.signs.search.annealing_kernels import flip_gains
from derandkit.signs.values import expected_hyperplane_cut, unit_rows

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, IndexArray, SignArray

    Rng = np.random.Generator | int | None

#: Random hyperplanes that are drawn and measured together.
BATCH = 64
#: networkx's own `one_exchange` is run up to this ``n^2 m`` (seconds); beyond, the same steps with running gains.
NETWORKX_LIMIT = 2e7
#: Vertices up to which one-exchange ends within minutes: every step shuffles them all.
EXCHANGE_LIMIT = 20_000


@dataclass(frozen=True, eq=False)
class HyperplaneDraws:
    """Cuts of random hyperplanes.

    Parameters
    ----------
    values : ndarray, shape (draws,)
        Weight of each cut, correctly rounded, in the order of the draws.
    best : ndarray of int8, shape (n,)
        Sides of the greatest one, compared without rounding, the first on ties.
    highest : int or float
        Its weight, as `WeightedGraph.cut_value` has it.
    """

    values: FloatArray
    best: SignArray
    highest: int | float

    @functools.cached_property
    def average(self) -> Average:
        """Mean weight, not rounded, and its standard error; NaN for a single draw."""
        return average_of(self.values)

    @property
    def mean(self) -> int | float:
        """Mean weight: an estimate of the expectation. Never above the greatest."""
        # from 2^53 on an integer that is rounded to a double may be above itself
        return min(self.average.mean, self.highest)

    @property
    def standard_error(self) -> float:
        """Estimated standard error of the mean; NaN for a single draw."""
        return self.average.standard_error


def draw_hyperplanes(
    graph: WeightedGraph,
    vectors: FloatArray,
    rng: Rng,
    *,
    draws: int = 1000,
    seconds: float | None = None,
    local_search: bool = False,
) -> HyperplaneDraws:
    """Round by random hyperplanes: sides ``sign(v_i . x)`` with ``x ~ N(0, I)``.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    vectors : ndarray, shape (n, r)
        The vectors of the relaxation.
    rng : Generator, int or None
        Source of randomness.
    draws : int
        Number of hyperplanes, at least 1.
    seconds : float, optional
        Draw for this long instead (at least one batch of 64).
    local_search : bool
        Whether every cut is improved by `improved`.

    Returns
    -------
    HyperplaneDraws
        ``O(n r + m)`` multiply-adds a draw; the part of m as often as `whole_layers` has layers, one for integers.

    Raises
    ------
    InputError
        If there is less than one draw.

    References
    ----------
    Goemans and Williamson, J. ACM 42 (1995) 1115-1145.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> edge = WeightedGraph.from_edges([0], [1])
    >>> draw_hyperplanes(edge, np.array([[1.0], [-1.0]]), 0, draws=10).mean
    1.0
    """
    if draws < 1:
        raise InputError(f"at least one hyperplane is needed, got {draws}")
    rng = generator(rng)
    i, j, w = graph.edges()
    V = np.ascontiguousarray(vectors, dtype=np.float64)
    scratch = np.empty(graph.n, dtype=np.int8)
    layers = whole_layers(w)
    values: list[FloatArray] = []
    best, count = scratch, 0
    highest: Fraction | None = None
    begin = time.perf_counter()
    while count < draws if seconds is None else (not values or time.perf_counter() - begin < seconds):
        size = min(BATCH, draws - count) if seconds is None else BATCH
        sides = np.empty((graph.n, size), dtype=np.int8)
        hyperplane_sides(
            V, np.ascontiguousarray(rng.standard_normal((size, V.shape[1])).T), np.empty(size), sides
        )
        if local_search:
            improve_columns(graph.indptr, graph.indices, graph.weights, sides, scratch, SWEEPS, margin(graph))
        cuts, first, value = _weights_of_cuts(i, j, layers, sides)
        values.append(cuts)
        count += size
        if highest is None or value > highest:
            highest, best = value, (2 * sides[:, first] - 1).astype(np.int8)
    return HyperplaneDraws(np.concatenate(values), best, graph.cut_value(best))


def _weights_of_cuts(
    i: IndexArray, j: IndexArray, layers: list[tuple[FloatArray, int]], sides: SignArray
) -> tuple[FloatArray, int, Fraction]:
    """Return the cuts of the columns of a 0/1 matrix, correctly rounded, and the first greatest one, exactly."""
    parts = [np.empty(sides.shape[1]) for _ in layers]
    for (weights, _), cuts in zip(layers, parts, strict=True):
        cuts_of_sides(i, j, weights, sides, cuts)
    if len(layers) < 2:  # exact as it is
        power = layers[0][1] if layers else 0
        cuts = np.ldexp(parts[0], power) if layers else np.zeros(sides.shape[1])
        first = int(cuts.argmax())
        return cuts, first, Fraction(float(cuts[first]))
    unit = Fraction(2) ** layers[-1][1]
    columns = zip(*(part.astype(np.int64).tolist() for part in parts), strict=True)
    shifts = [exponent - layers[-1][1] for _, exponent in layers]
    totals = [sum(x << k for x, k in zip(column, shifts, strict=True)) for column in columns]
    highest = max(totals)
    return np.array([float(x * unit) for x in totals]), totals.index(highest), highest * unit


def hyperplane_mean(
    graph: WeightedGraph, vectors: FloatArray, rng: Rng, *, draws: int = 1000, local_search: bool = False
) -> Baseline:
    """Measure what one random hyperplane gives on average: the randomized algorithm itself.

    Parameters
    ----------
    graph, vectors, rng, draws, local_search
        See `draw_hyperplanes`.

    Returns
    -------
    Baseline
        ``value`` is the mean, ``stats["standard_error"]`` its standard error, ``stats["expectation"]`` what the mean
        estimates in closed form (without local search). ``signs`` are those of the best draw.
    """
    found = draw_hyperplanes(graph, vectors, rng, draws=draws, local_search=local_search)
    stats = {"draws": draws, "standard_error": found.standard_error}
    if not local_search:
        stats["expectation"] = expected_hyperplane_cut(graph, unit_rows(vectors))
    return Baseline(
        "random hyperplane, mean",
        found.best,
        found.mean,
        False,
        ON_AVERAGE if local_search else AVERAGE,
        stats,
    )


def hyperplane_best(
    graph: WeightedGraph,
    vectors: FloatArray,
    rng: Rng,
    *,
    draws: int = 1000,
    seconds: float | None = None,
    local_search: bool = False,
) -> Baseline:
    """Keep the best of many random hyperplanes.

    Parameters
    ----------
    graph, vectors, rng, draws, seconds, local_search
        See `draw_hyperplanes`.

    Returns
    -------
    Baseline
        ``stats["draws"]`` is their number.
    """
    found = draw_hyperplanes(graph, vectors, rng, draws=draws, seconds=seconds, local_search=local_search)
    stats = {"draws": found.values.size}
    return Baseline("random hyperplanes, best", found.best, found.highest, False, ON_AVERAGE, stats)


def one_exchange(graph: WeightedGraph, rng: Rng, *, local_search: bool = False) -> Baseline:
    """Run networkx's `one_exchange`: from the empty cut, the best single change of side until none gains.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    rng : Generator, int or None
        Breaks ties, as networkx's ``seed`` does.
    local_search : bool
        Whether the cut is improved by `improved`; it is a local optimum already, so that changes nothing.

    Returns
    -------
    Baseline
        ``stats["implementation"]``: networkx measures all n cuts at every step, ``O(n^2 m)`` in all, and is run itself
        up to ``n^2 m = 2e7``. Beyond, the same steps (same shuffles, same ties) are taken from running gains.

    References
    ----------
    networkx.algorithms.approximation.maxcut.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> one_exchange(WeightedGraph.from_edges([0, 1, 2], [1, 2, 0]), 0).value
    2
    """
    seed = int(generator(rng).integers(2**32))
    if float(graph.n) ** 2 * graph.m <= NETWORKX_LIMIT:
        signs, implementation = _networkx_exchange(graph, seed), "networkx"
    else:
        signs, implementation = running_exchange(graph, seed), "running gains"
    signs = improved(graph, signs) if local_search else signs
    stats = {"implementation": implementation}
    return Baseline("one-exchange", signs, graph.cut_value(signs), False, HALF, stats)


def _networkx_exchange(graph: WeightedGraph, seed: int) -> SignArray:
    import networkx as nx

    G: nx.Graph[int] = nx.Graph()
    G.add_nodes_from(range(graph.n))
    G.add_weighted_edges_from(zip(*(column.tolist() for column in graph.edges()), strict=True))
    _, (cut, _) = nx.approximation.one_exchange(G, seed=seed, weight="weight")
    signs = np.full(graph.n, -1, dtype=np.int8)
    signs[sorted(cut)] = 1
    return signs


def running_exchange(graph: WeightedGraph, seed: int) -> SignArray:
    """Take the steps of networkx's `one_exchange` with this seed, with the gain of every flip kept up to date.

    Each step shuffles the vertices and flips the first one of largest gain. ``O(n + degree)`` a step.
    """
    order = random.Random(seed)
    signs, gains = np.full(graph.n, -1, dtype=np.int8), np.empty(graph.n)
    flip_gains(graph.indptr, graph.indices, graph.weights, signs, gains)
    least = margin(graph)
    while graph.n:
        nodes = list(range(graph.n))
        order.shuffle(nodes)
        shuffled = np.array(nodes)
        v = int(shuffled[np.argmax(gains[shuffled])])
        if not gains[v] > least:
            break
        row = slice(graph.indptr[v], graph.indptr[v + 1])
        near = graph.indices[row]
        gains[near] -= 2.0 * graph.weights[row] * signs[v] * signs[near]
        gains[v] = -gains[v]
        signs[v] = -signs[v]
    return signs
