"""Graphs for the tests of the cut wing: hypothesis strategies, and instances whose optimum is known by a proof."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.search.search import SearchEffort

#: Weights small enough that brute force sums them exactly; zero and both signs come up often.
SMALL_INTEGERS = st.one_of(st.just(1), st.integers(-6, 9))
REALS = st.floats(-8.0, 8.0, allow_subnormal=False).filter(lambda w: w == 0 or abs(w) > 1e-9)
#: Nine decimal orders on either side of one, both signs.
WIDE = st.builds(
    lambda sign, mantissa, power: sign * mantissa * 10.0**power,
    st.sampled_from([1.0, 1.0, -1.0]),
    st.integers(1, 9),
    st.integers(-9, 11),
)
WEIGHT_KINDS = (SMALL_INTEGERS, REALS, WIDE)
#: Where it does not matter how long a search is: a hundredth of "quick".
SHORT = SearchEffort(work=2_000_000)


@st.composite
def graphs(draw, *, min_n=1, max_n=9, weights=None, signed=True):
    """Draw a graph: isolated vertices, zero weights, no edges and a single vertex are all frequent."""
    n = draw(st.integers(min_n, max_n))
    kind = draw(st.sampled_from(WEIGHT_KINDS)) if weights is None else weights
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    present = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    chosen = [pair for pair, here in zip(pairs, present, strict=True) if here]
    values = draw(st.lists(kind, min_size=len(chosen), max_size=len(chosen)))
    values = values if signed else [abs(w) for w in values]
    return WeightedGraph.from_edges([i for i, _ in chosen], [j for _, j in chosen], values, n=n)


@st.composite
def matrices(draw, n, *, max_columns=4, bound=3.0):
    """Draw an (n, r) matrix of moderate entries, with zero rows and repeated rows now and then."""
    r = draw(st.integers(1, max_columns))
    entry = st.one_of(st.just(0.0), st.integers(-2, 2).map(float), st.floats(-bound, bound, width=32))
    return np.array(draw(st.lists(entry, min_size=n * r, max_size=n * r))).reshape(n, r)


@st.composite
def vectors(draw, n, *, bound=3.0):
    """Draw a vector of length n with zeros now and then."""
    entry = st.one_of(st.just(0.0), st.floats(-bound, bound, width=32))
    return np.array(draw(st.lists(entry, min_size=n, max_size=n)))


def hashed(*shape, seed=0):
    """Return fixed numbers in (-1, 1) that look random: fractional parts of multiples of irrational numbers."""
    k = np.arange(1, math.prod(shape) + 1, dtype=np.float64)
    mixed = k * (math.sqrt(5.0) - 1.0) / 2.0 + k * k * (math.sqrt(2.0) - 1.0) + seed * math.e
    return (2.0 * np.mod(mixed * 97.0, 1.0) - 1.0).reshape(shape)


def unit(V):
    """Return the rows scaled to unit length; zero rows become the first unit vector."""
    V = np.array(V, dtype=np.float64)
    norms = np.linalg.norm(V, axis=1)
    V[norms == 0, 0] = 1.0
    return np.ascontiguousarray(V / np.where(norms > 0, norms, 1.0)[:, None])


def random_graph(n, density, *, seed=0, weights="ones"):
    """Return a fixed graph in which about `density` of the pairs are edges."""
    i, j = np.triu_indices(n, 1)
    coin = hashed(i.size, seed=seed)
    keep = 0.5 * (coin + 1.0) < density
    value = hashed(2 * i.size, seed=seed)[i.size :][
        keep
    ]  # another stretch: a shifted one would follow the coin
    w = {
        "ones": np.ones(value.size),
        "signs": np.where(value < 0, -1.0, 1.0),
        "reals": 4.0 * value,
        "positive": 1.0 + np.abs(value),
    }[weights]
    return WeightedGraph.from_edges(i[keep], j[keep], w, n=n)


def maximal_planar(n, *, seed, signed):
    """Return a tree with edges added in a drawn order while it stays planar; weights 1, or integers of both signs."""
    numbers = np.random.default_rng(seed)
    graph = nx.random_labeled_tree(n, seed=seed)
    pairs = list(itertools.combinations(range(n), 2))
    for k in numbers.permutation(len(pairs)):
        graph.add_edge(*pairs[k])
        if not nx.check_planarity(graph)[0]:
            graph.remove_edge(*pairs[k])
    i, j = zip(*graph.edges, strict=True)
    return WeightedGraph.from_edges(i, j, numbers.integers(-5, 6, size=len(i)) if signed else None, n=n)


class Known(NamedTuple):
    """A graph, its maximum cut, and the value of its semidefinite relaxation (None where no closed form is used)."""

    name: str
    graph: WeightedGraph
    cut: int | float
    sdp: float | None


def _from(graph, weight=1):
    edges = np.array(graph.edges(), dtype=np.int64).reshape(-1, 2)
    return WeightedGraph.from_edges(
        edges[:, 0], edges[:, 1], np.full(len(edges), weight), n=graph.number_of_nodes()
    )


def odd_cycle(n):
    """The SDP of an odd cycle is ``n cos^2(pi / (2 n))``: opposite up to an equal turn on every edge."""
    return Known(f"cycle-{n}", _from(nx.cycle_graph(n)), n - 1, n * math.cos(math.pi / (2 * n)) ** 2)


def complete(n):
    """The SDP of K_n is ``n^2 / 4``: vectors that sum to zero, from n = 2 on."""
    return Known(f"complete-{n}", _from(nx.complete_graph(n)), (n // 2) * ((n + 1) // 2), n * n / 4)


def catalogue():
    """Return the instances with a known optimum.

    Vertex-transitive graphs: the dual vector is constant, so the SDP value is ``(2 m - n lambda_min) / 4``
    (Delorme and Poljak, Math. Program. 62 (1993)); Petersen: lambda_min = -2, (30 + 20) / 4 = 12.5.
    """
    grid = nx.convert_node_labels_to_integers(nx.grid_2d_graph(4, 5))
    return [
        *(odd_cycle(n) for n in (3, 5, 7, 9)),
        *(complete(n) for n in (2, 3, 4, 5, 6, 7, 8)),
        Known("petersen", _from(nx.petersen_graph()), 12, 12.5),
        Known("cycle-8", _from(nx.cycle_graph(8)), 8, 8.0),
        Known("path-6", _from(nx.path_graph(6)), 5, 5.0),
        Known("tree", _from(nx.balanced_tree(2, 3)), 14, 14.0),
        Known("grid-4x5", _from(grid), 31, 31.0),
        Known("bipartite-3-5", _from(nx.complete_bipartite_graph(3, 5), 7), 105, 105.0),
        Known("cube", _from(nx.convert_node_labels_to_integers(
            nx.hypercube_graph(3))), 12, 12.0),
        Known("negative", _from(nx.complete_graph(6), -3), 0, 0.0),
        Known("single", WeightedGraph.from_edges([], [], n=1), 0, 0.0),
        Known("no-edges", WeightedGraph.from_edges([], [], n=5), 0, 0.0),
        Known("zero-weights", WeightedGraph.from_edges([0, 1], [1, 2], [0, 0], n=4), 0, 0.0),
        Known("one-edge", WeightedGraph.from_edges([0], [3], [4], n=5), 4, 4.0),
        # icosahedron: lambda_min = -sqrt 5, SDP (60 + 12 sqrt 5) / 4; no triangulation face is cut in 3 edges: 20
        Known("icosahedron", _from(nx.icosahedral_graph()), 20, (60 + 12 * math.sqrt(5)) / 4),
    ]  # fmt: skip
