"""Cuts that obey constraints are cuts of a smaller graph: vertices whose sides depend on each other become one.

Fix that two vertices are on the same side, or on opposite ones. Then the vertices fall into classes, and the sides of a
class follow from the side of its first vertex. An edge between two classes counts with its sign turned where exactly
one of its ends is opposite to its first vertex (switching): it is cut where the turned edge is not, so it adds its
weight to a constant. Hence the weight of a cut is that constant plus the weight of a cut of the contracted graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.given.doubles import EXACT
from derandkit.graphs.assembly import merge_edges
from derandkit.graphs.graph import WeightedGraph
from derandkit.numerics.sums import exact_total
from derandkit.numerics.typing import FloatArray, IntArray, SignArray


class Link(NamedTuple):
    """Two vertices, by number, and whether they are on opposite sides."""

    one: int
    other: int
    opposite: bool


@dataclass(frozen=True, eq=False)
class Contraction:
    """A graph whose cuts are the cuts of another one that obey constraints.

    Parameters
    ----------
    graph : WeightedGraph
        One vertex a class, with the label of the first vertex of the class.
    classes : ndarray of int64, shape (n,)
        The class of each vertex of the original graph.
    orientation : ndarray of int8, shape (n,)
        +1 for a vertex on the side of the first one of its class, -1 for one on the opposite side.
    constant : Fraction
        What every cut that obeys the constraints weighs beyond the cut of `graph`.
    slack : Fraction
        What a cut can weigh at most beyond that because weights of merged edges are rounded to floats; 0 where all
        sums are floats.
    """

    graph: WeightedGraph
    classes: IntArray
    orientation: SignArray
    constant: Fraction
    slack: Fraction

    def lift(self, signs: SignArray) -> SignArray:
        """Return the sides of all vertices from those of the classes."""
        return np.asarray(self.orientation * signs[self.classes], dtype=np.int8)


def contract(graph: WeightedGraph, links: Iterable[Link]) -> Contraction:
    """Contract a graph along constraints.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    links : iterable of Link
        Which vertices are on the same side or on opposite ones.

    Raises
    ------
    InputError
        If the constraints contradict each other.

    Notes
    -----
    O(n + m log m), and exact sums for edges that are merged.

    Examples
    --------
    >>> square = WeightedGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 0], [1, 2, 3, 4])
    >>> found = contract(square, [Link(0, 2, True)])
    >>> found.graph, found.constant, found.lift(np.array([1, 1, -1], dtype=np.int8))
    (WeightedGraph(n=3, m=2, total_weight=0), Fraction(5, 1), array([ 1,  1, -1, -1], dtype=int8))
    """
    classes, orientation = _classes(graph, links)
    i, j, w = graph.edges()
    turned = orientation[i] != orientation[j]
    constant = exact_total(w[turned])
    one, other = classes[i], classes[j]
    across = one != other
    first = np.unique(classes, return_index=True)[1]
    weights = np.where(turned, -w, w)[across]
    low, high = np.minimum(one, other)[across], np.maximum(one, other)[across]
    low, high, weights, slack = _merged(low, high, weights)
    labels = [graph.labels[k] for k in first.tolist()]
    contracted = WeightedGraph.from_edges(low, high, weights, labels=labels)
    return Contraction(contracted, classes, orientation, constant, slack)


def grouped_graph(i: IntArray, j: IntArray, w: FloatArray, n: int) -> WeightedGraph:
    """Return the graph of groups of vertices for a search; sums are rounded, since cuts are weighed in the whole graph.

    Parameters
    ----------
    i, j : ndarray of int64, shape (k,)
        Groups that an edge joins, two different ones.
    w : ndarray of float64, shape (k,)
    n : int
        Number of groups.

    Examples
    --------
    >>> grouped_graph(np.array([0, 1, 1]), np.array([1, 0, 2]), np.array([1e16, 0.9, 1.0]), 3).m
    2
    """
    low, high, sums, *_ = merge_edges(i, j, w, n, rounded=True)
    return WeightedGraph.from_edges(low, high, sums, n=n)


def _classes(graph: WeightedGraph, links: Iterable[Link]) -> tuple[IntArray, SignArray]:
    """Return class and orientation of each vertex, by a forest of vertices that know their sign towards their root."""
    root: Sequence[int] = np.arange(graph.n).tolist()
    parent, sign = list(root), [1] * graph.n

    def find(v: int) -> tuple[int, int]:
        trail, product = [], 1
        while parent[v] != v:
            trail.append(v)
            v = parent[v]
        for u in reversed(trail):  # those next to the root first
            product = sign[u] = sign[u] * product
            parent[u] = v
        return v, product

    for one, other, opposite in links:
        (a, sign_a), (b, sign_b) = find(one), find(other)
        wanted = -1 if opposite else 1
        if a == b:
            if sign_a * sign_b != wanted:
                said = "opposite sides" if opposite else "the same side"
                raise InputError(
                    f"the constraints contradict each other: {graph.labels[one]!r} and {graph.labels[other]!r} cannot "
                    f"be on {said}, by what the others say"
                )
            continue
        low, high = min(a, b), max(a, b)  # the root of a class is its first vertex
        parent[high], sign[high] = low, sign_a * sign_b * wanted
    found = [find(v) for v in range(graph.n)]
    roots = np.array([v for v, _ in found], dtype=np.int64)
    _, classes = np.unique(roots, return_inverse=True)
    return classes.astype(np.int64), np.array([s for _, s in found], dtype=np.int8)


def _merged(low: IntArray, high: IntArray, w: FloatArray) -> tuple[IntArray, IntArray, FloatArray, Fraction]:
    """Add up parallel edges exactly, and return what the rounding of the sums hides in favour of a cut."""
    order = np.lexsort((high, low))
    low, high, w = low[order], high[order], w[order]
    new = np.ones(low.size, dtype=bool)
    new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], low.size)
    weights, slack = w[starts].copy(), Fraction(0)
    if starts.size and (w == np.rint(w)).all() and float(np.abs(w).sum()) < EXACT:
        return low[starts], high[starts], np.add.reduceat(w, starts), slack  # every partial sum is exact
    for k in np.flatnonzero(ends - starts > 1).tolist():
        exact = exact_total(w[starts[k] : ends[k]])
        weights[k] = float(exact)  # no overflow: all |weights| of a graph together are below 1e308
        slack += max(Fraction(0), exact - Fraction(float(weights[k])))
    return low[starts], high[starts], weights, slack
