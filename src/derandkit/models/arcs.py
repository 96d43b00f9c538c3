"""Directed graphs with weighted arcs, for the directed cut: arcs that lead from the chosen vertices to the others."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections import deque
from collections.abc import Hashable, ItemsView, Iterable, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from typing import IO, TYPE_CHECKING, Any, TypeGuard

import numpy as np

from derandkit.content import entries_of
from derandkit.errors import InputError
from derandkit.given.rows import fields_of
from derandkit.graphs.assembly import both_directions
from derandkit.graphs.files import graph_with, read_with
from derandkit.graphs.formats import AUTO_WEIGHT, WeightName
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import UNDIRECTED, listed_edges, number_edges
from derandkit.graphs.labels import canonical_order, label_lines
from derandkit.graphs.objects.arrays import is_nested_matrix
from derandkit.graphs.objects.shapes import refuse_pairs
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.models.terms import Terms, checked_values
from derandkit.numerals import writable_numbers
from derandkit.numerics.rounding import plain_number
from derandkit.numerics.sums import exact_total
from derandkit.options import check_kind
from derandkit.tables import counted

if TYPE_CHECKING:
    from derandkit.numerics.typing import BoolArray, FloatArray, IntArray, SignArray
    from derandkit.records import JsonMapping


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Arcs:
    """A weighted directed graph without loops; parallel arcs are summed.

    Parameters
    ----------
    labels : sequence of hashables, length n
        The vertices in canonical order.
    tails, heads : ndarray of int64, shape (m,)
        Arcs from tail to head, in lexicographic order.
    weights : ndarray of float64, shape (m,)
        Their weights.
    reading : Reading, optional
        How the input was read; no part of the digest.
    dropped_loops : int
        How many arcs led from a vertex to itself; no directed cut counts them.
    merged_arcs : int
        How many arcs were added to an earlier one with the same tail and head.
    rounded : float
        What rounding took off such sums.

    Examples
    --------
    >>> Arcs.from_arcs([("a", "b", 1), ("b", "a", 2), ("b", "c", 1)])
    Arcs(3 vertices, 3 arcs, total weight 4)
    >>> Arcs.from_arcs([("a", "b", 1), ("a", "b", 2), ("b", "b", 1)])
    Arcs(2 vertices, 1 arc, total weight 3, dropped_loops=1, merged_arcs=1)
    """

    kind = "maxdicut"

    labels: Sequence[Hashable]
    tails: IntArray
    heads: IntArray
    weights: FloatArray
    reading: Reading | None = None
    dropped_loops: int = 0
    merged_arcs: int = 0
    rounded: float = 0.0

    @classmethod
    def from_arcs(
        cls, arcs: Iterable[object], *, nodes: Iterable[Hashable] = (), weight: WeightName = AUTO_WEIGHT
    ) -> Arcs:
        """Build one from arcs ``(u, v)`` or ``(u, v, weight)``, or attributes in third place.

        Parameters
        ----------
        arcs : list, set or iterator of tuples, or object
            The arcs. Anything else than tuples, such as a mapping ``{(u, v): w}``, a digraph, a matrix or a frame, is
            read as `derandkit.maxdicut` reads it.
        nodes : iterable of hashable
            Vertices that need not have an arc, beside a list of arcs.
        weight : str or None
            Attribute with the weights; None counts every arc as 1.

        Raises
        ------
        InputError
            An arc cannot be read, or there is no vertex.

        Examples
        --------
        >>> Arcs.from_arcs({("a", "b"): 5, ("c", "b"): 2})
        Arcs(3 vertices, 2 arcs, total weight 7)
        """
        if isinstance(nodes, (str, bytes)) or hasattr(nodes, "columns") or not isinstance(nodes, Iterable):
            raise InputError(f"nodes must be a list, got a {type(nodes).__name__}")
        if isinstance(arcs, Iterator | range):
            arcs = entries_of(arcs, "the arcs")
        if not _are_listed(arcs):
            if isinstance(arcs, (str, bytes, os.PathLike, int, float, type(None))):
                raise InputError(f"arcs must be a list, got a {type(arcs).__name__}")
            if any(True for _ in nodes):
                raise InputError(
                    f"nodes go with a list of arcs (u, v[, weight]), not with a {type(arcs).__name__} of another form"
                )
            return as_arcs(arcs, weight=weight)
        i, j, w, labels = number_edges(listed_edges(arcs, weight).edges, nodes)
        if not labels:
            raise InputError("the directed graph has no vertices; it needs at least one")
        ordered, rank = canonical_order(labels)
        if rank is not None:
            i, j = rank[i], rank[j]
        weights = np.ones(i.size) if w is None else w
        n = len(ordered)
        both = both_directions(i, j, weights, n, ordered)
        loops = int(np.count_nonzero(i == j))
        return cls(
            ordered, *both.listed(), dropped_loops=loops, merged_arcs=both.merged, rounded=both.rounded
        )

    @property
    def n(self) -> int:
        """Number of vertices."""
        return len(self.labels)

    @property
    def m(self) -> int:
        """Number of arcs."""
        return int(self.weights.size)

    @property
    def digest(self) -> str:
        r"""SHA-256 of ``b"derandkit-arcs-v1\n"``, n and m, the labels as in a graph's digest, and the arrays."""
        sha = hashlib.sha256(b"derandkit-arcs-v1\n")
        sha.update(np.array([self.n, self.m], dtype="<i8").tobytes())
        for chunk in label_lines(self.labels):
            sha.update(chunk)
        for ends in (self.tails, self.heads):
            sha.update(ends.astype("<i8").tobytes())
        sha.update((self.weights + 0.0).astype("<f8").tobytes())
        return sha.hexdigest()

    def terms(self) -> Terms:
        """Return the weight of arcs from chosen vertices (1) to others (0): ``sum w (x_u - x_u x_v)``, maximised."""
        i, j = np.concatenate([self.tails, self.tails]), np.concatenate([self.tails, self.heads])
        c = np.concatenate([self.weights, -self.weights])
        return Terms(i, j, c, Fraction(0), self.labels, "binary", "maximize")

    def exact_value(self, solution: SignArray) -> Fraction:
        """Return the weight of the arcs that lead out of the chosen vertices, without rounding.

        Parameters
        ----------
        solution : ndarray, shape (n,)
            1 for each vertex that is chosen, else 0.
        """
        x = checked_values(solution, self.labels, word="vertex")
        return exact_total(self.weights[(x[self.tails] == 1) & (x[self.heads] == 0)])

    def figures(self, solution: SignArray) -> JsonMapping:
        """Return what a choice does: the number of arcs that lead out of it, and their weight.

        Parameters
        ----------
        solution : ndarray, shape (n,)
            1 for each vertex that is chosen, else 0.
        """
        x = checked_values(solution, self.labels, word="vertex")
        out = (x[self.tails] == 1) & (x[self.heads] == 0)
        return {"arcs_out": int(out.sum()), "weight_out": plain_number(exact_total(self.weights[out]))}

    def __repr__(self) -> str:
        total = plain_number(exact_total(self.weights))
        extra = f", dropped_loops={self.dropped_loops}" if self.dropped_loops else ""
        extra += f", merged_arcs={self.merged_arcs}" if self.merged_arcs else ""
        size = f"{counted(self.n, 'vertex', 'vertices')}, {counted(self.m, 'arc')}"
        return f"Arcs({size}, total weight {total}{extra})"


@writable_numbers()
def as_arcs(digraph: object, *, weight: WeightName = AUTO_WEIGHT) -> Arcs:
    """Turn whatever describes a directed graph into `Arcs`.

    Parameters
    ----------
    digraph : Arcs or object
        What `derandkit.as_graph` takes, where it has directions: a file, a networkx, igraph or rustworkx digraph, a
        square matrix (entry (u, v) is the weight of the arc from u to v), a frame, a mapping ``{(u, v): w}`` or
        ``{u: {v: w}}``, arcs ``(u, v[, weight])``.
    weight : str or None
        Attribute or column that holds the weight, as in `derandkit.as_graph`.

    Raises
    ------
    InputError
        It is undirected, cannot be read, or fits two readings.

    Examples
    --------
    >>> as_arcs({("a", "b"): 2})
    Arcs(2 vertices, 1 arc, total weight 2)
    >>> as_arcs(np.array([[0, 3], [0, 0]]))
    Arcs(2 vertices, 1 arc, total weight 3)
    """
    if isinstance(digraph, Arcs):
        return digraph
    return _arcs_of(graph_with(digraph, ReadOptions(weight=weight, arcs=True)))


def read_arcs(path: str | os.PathLike[str] | IO[str] | IO[bytes], **options: Any) -> Arcs:
    r"""Read a directed graph from a file: whatever `derandkit.read_graph` reads, each line an arc from tail to head.

    Parameters
    ----------
    path : str, PathLike or open file
        The file, ``"-"`` for standard input.
    **options
        Those of `derandkit.read_graph`, but ``symmetrize``.

    Returns
    -------
    Arcs
        ``.reading`` says how the file was read.

    Raises
    ------
    InputError
        As `derandkit.read_graph` does; and if the format is one of undirected graphs.

    Examples
    --------
    >>> import io
    >>> read_arcs(io.StringIO("a b 2\nb c 1\n"))
    Arcs(3 vertices, 2 arcs, total weight 3)
    """
    return _arcs_of(read_with(path, ReadOptions(arcs=True, **options)))


def _are_listed(arcs: object) -> TypeGuard[Iterable[object]]:
    """Whether something lists arcs as rows without names; all else may be arcs in another form.

    Raises
    ------
    InputError
        The rows may be a matrix, or an arc and its weight.
    """
    if isinstance(arcs, (Mapping, ItemsView)) or not isinstance(arcs, (list, tuple, Set, deque)):
        return False
    rows = list(arcs)
    if not all(isinstance(row, (tuple, list, np.ndarray)) and not fields_of(row) for row in rows):
        return False
    refuse_pairs(rows)
    return not is_nested_matrix(rows, True)


def _arcs_of(graph: WeightedGraph) -> Arcs:
    if graph.arcs is None:
        raise InputError(UNDIRECTED)
    return Arcs(
        graph.labels,
        *graph.arcs.listed(),
        reading=graph.reading,
        dropped_loops=graph.dropped_loops,
        merged_arcs=graph.merged_edges,
        rounded=graph.rounded,
    )


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class SignedGraph:
    """A graph with positive and negative edges, to be divided into two camps (structural balance).

    A positive edge between the camps and a negative edge inside one are *frustrated*. The least weight of frustrated
    edges over all divisions is the frustration index (Harary 1953; Aref and Wilson 2019).

    Parameters
    ----------
    graph : WeightedGraph
        The graph; the sign of a weight is the sign of the edge, its size what the edge counts.

    Raises
    ------
    InputError
        The graph was built from parallel edges, or all its weights are 0 or 1.

    Examples
    --------
    >>> SignedGraph(WeightedGraph.from_edges([0, 1, 0], [1, 2, 2], [1, 1, -1]))
    SignedGraph(3 vertices, 2 positive and 1 negative edge)
    """

    kind = "balance"

    graph: WeightedGraph

    def __post_init__(self) -> None:
        check_kind("graph", self.graph, WeightedGraph, "derandkit.as_graph(...)")
        if self.graph.merged_edges:
            one = self.graph.merged_edges == 1
            raise InputError(
                f"{self.graph.merged_edges} edge{' joins' if one else 's join'} vertices that another edge joins; "
                "their sum hides an edge of the other sign, which is frustrated whatever the division: pass one edge a "
                "pair, or, where they are the two directions of one, say what it weighs with --symmetrize sum, mean or "
                "max (symmetrize= in Python)"
            )
        weights = self.graph.weights
        if (
            weights.size
            and (weights == 0.0).any()
            and (weights == 1.0).any()
            and ((weights == 0.0) | (weights == 1.0)).all()
        ):
            raise InputError(
                "the weights are 0 and 1, and 0 may stand for a negative edge, or for none; write -1 for a negative "
                "edge, and leave out what is no edge"
            )
        with np.errstate(under="ignore"):
            lost = np.flatnonzero(2.0 * (0.5 * weights) != weights)
        if lost.size:  # the terms of the sum are halves of the weights
            raise InputError(
                f"weight {weights[lost[0]]!s} is too small to be halved exactly in float64: multiply all weights by a "
                "power of two"
            )

    @property
    def n(self) -> int:
        """Number of vertices."""
        return self.graph.n

    @property
    def labels(self) -> Sequence[Hashable]:
        """The vertices in canonical order."""
        return self.graph.labels

    @property
    def digest(self) -> str:
        """The digest of the graph."""
        return self.graph.digest

    def terms(self) -> Terms:
        """Return the weight of frustrated edges: ``sum (|w| - w s s') / 2``, minimised over signs."""
        i, j, w = self.graph.edges()
        constant = exact_total(np.abs(w)) / 2
        return Terms(
            i.astype(np.int64), j.astype(np.int64), -0.5 * w, constant, self.labels, "spin", "minimize"
        )

    def exact_value(self, solution: SignArray) -> Fraction:
        """Return the weight of the frustrated edges, without rounding.

        Parameters
        ----------
        solution : ndarray, shape (n,)
            The side of each vertex, in the order of the graph: -1 and 1.
        """
        return exact_total(np.abs(self.graph.edges()[2][self._frustrated(solution)]))

    def _frustrated(self, solution: SignArray) -> BoolArray:
        i, j, w = self.graph.edges()
        s = checked_values(solution, self.labels, -1, "vertex")
        return np.where(s[i] != s[j], w > 0, w < 0)

    def figures(self, solution: SignArray) -> JsonMapping:
        """Return what a division does: how many edges of either sign are frustrated, and their weight.

        Parameters
        ----------
        solution : ndarray, shape (n,)
            The side of each vertex, in the order of the graph: -1 and 1.
        """
        frustrated, w = self._frustrated(solution), self.graph.edges()[2]
        return {
            "frustrated_positive": int(np.count_nonzero(frustrated & (w > 0))),
            "frustrated_negative": int(np.count_nonzero(frustrated & (w < 0))),
            "frustrated_weight": plain_number(self.exact_value(solution)),
        }

    def __repr__(self) -> str:
        w = self.graph.edges()[2]
        positive, negative = int((w > 0).sum()), int((w < 0).sum())
        vertices = counted(self.graph.n, "vertex", "vertices")
        return f"SignedGraph({vertices}, {positive} positive and {counted(negative, 'negative edge')})"
