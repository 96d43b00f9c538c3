"""Weighted undirected graphs, in the one form that everything else reads.

However a graph arrives (file, networkx, scipy, edge array), it becomes the same arrays: vertices numbered
in the canonical order of their labels, symmetric compressed rows sorted by column, loops dropped, parallel
edges summed. Two inputs that describe the same graph therefore give the same bytes, and
`WeightedGraph.digest` names them. Sums of weights are exact integers when all weights are integers, and
correctly rounded (`derandkit.numerics.sums`) otherwise.
"""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from derandkit.errors import InputError
from derandkit.given.entries import unmasked
from derandkit.graphs import assembly
from derandkit.graphs.formats import AUTO_WEIGHT, WeightName
from derandkit.graphs.intake import networkx_edges, numbered_edges
from derandkit.graphs.labels import canonical_order, in_order, label_lines, signs_of_sides
from derandkit.graphs.reading import Reading, combining
from derandkit.numerics.sparse import connected_rows, stored_entries, upper_entries
from derandkit.numerics.sums import Sums, exact_sum, integer_sum, sums_of
from derandkit.runtime.known import Known

if TYPE_CHECKING:
    from fractions import Fraction

    import networkx
    import scipy.sparse

_REQUIRED = frozenset({"indptr", "indices", "weights", "labels", "integral"})


class GraphArrays(assembly.GraphFields, total=False):
    """The fields of a `WeightedGraph`, which are given by name."""

    labels: Sequence[Hashable]
    input_rank: NDArray[np.int64] | None
    reading: Reading | None


@dataclasses.dataclass(frozen=True, eq=False, slots=True, repr=False, init=False)
class WeightedGraph:
    """A weighted undirected graph without loops or parallel edges.

    ``WeightedGraph(graph)`` is ``derandkit.as_graph(graph)``: a graph of any kind, a file, or a name such as ``"G22"``.
    Options of the reader (``weight=``, ``symmetrize=``, ...) go to `derandkit.as_graph`. `from_edges`, `from_networkx`
    and `from_scipy` check their input too. Fields that are given by name are trusted, and the arrays become read-only.

    Parameters
    ----------
    *graph : object
        Whatever `derandkit.as_graph` accepts; nothing else is given then.
    indptr : ndarray of int64, shape (n + 1,)
        Row ``i`` of the symmetric adjacency matrix is ``indices[indptr[i]:indptr[i + 1]]``.
    indices : ndarray of int32, shape (2 m,)
        Neighbours, ascending within a row; the diagonal is empty.
    weights : ndarray of float64, shape (2 m,)
        Weight of each entry. An edge of weight zero is an edge.
    labels : sequence of hashables, length n
        What the user calls the vertices, in canonical order: numbers ascending, then text.
    integral : bool
        All weights are integers, so every sum below is an exact Python int.
    dropped_loops : int
        Loops in the input; they never count in a cut.
    merged_edges : int
        Input edges that were added to an earlier edge between the same vertices.
    rounded : float
        What rounding took off such sums, and off those of two directions; it is no part of the graph either.
    input_rank : ndarray of int64, shape (n,), optional
        Number of the vertex that came k-th in the input; None where the input was in canonical order. It is no part
        of the graph: `digest` does not depend on it.
    reading : Reading, optional
        How the input was read. It describes the input, not the graph: the digest does not depend on it.
    arcs : Directed, optional
        Both directions of every edge, where the input was read as a directed graph: what `derandkit.maxdicut` takes.

    Examples
    --------
    >>> g = WeightedGraph.from_edges([0, 1, 2, 0], [1, 2, 0, 3], [1, 2, 3, 4], labels=["a", "b", "c", "d"])
    >>> g
    WeightedGraph(n=4, m=4, total_weight=10)
    >>> g.cut_value([1, -1, 1, -1]), g.partition([1, -1, 1, -1])
    (7, (['a', 'c'], ['b', 'd']))
    >>> WeightedGraph([("a", "b", 5), ("b", "c", -3)])
    WeightedGraph(n=3, m=2, total_weight=2)
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    weights: NDArray[np.float64]
    labels: Sequence[Hashable]
    integral: bool
    dropped_loops: int = 0
    merged_edges: int = 0
    rounded: float = 0.0
    input_rank: NDArray[np.int64] | None = None
    reading: Reading | None = None
    arcs: assembly.Directed | None = None
    _digest: str | None = dataclasses.field(default=None, init=False)
    _known: Known = dataclasses.field(default_factory=Known, init=False)

    def __init__(self, *graph: object, **fields: Unpack[GraphArrays]) -> None:
        found: Mapping[str, object] = fields
        if len(graph) == 1 and not fields:  # the readers stand above this class; the front names them
            given = sys.modules["derandkit"].as_graph(graph[0])
            found = {field.name: getattr(given, field.name) for field in dataclasses.fields(given)}
        elif graph or not _REQUIRED <= fields.keys() <= GraphArrays.__annotations__.keys():
            raise InputError(
                "WeightedGraph takes one graph of any kind, or its arrays by name; derandkit.as_graph reads graphs "
                "with options such as weight='cost', and WeightedGraph.from_edges takes numbers of vertices"
            )
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, found.get(field.name, field.default))
        if "_known" not in found:
            object.__setattr__(self, "_known", Known())
        for array in (self.indptr, self.indices, self.weights):
            if not isinstance(array, np.ndarray):
                raise InputError(f"WeightedGraph takes NumPy arrays by name, not {type(array).__name__}")
            array.flags.writeable = False

    def __repr__(self) -> str:
        extra = f", dropped_loops={self.dropped_loops}" if self.dropped_loops else ""
        extra += f", merged_edges={self.merged_edges}" if self.merged_edges else ""
        return f"WeightedGraph(n={self.n}, m={self.m}, total_weight={self.total_weight}{extra})"

    @property
    def n(self) -> int:
        """Number of vertices."""
        return self.indptr.size - 1

    @property
    def m(self) -> int:
        """Number of edges, those of weight zero included."""
        return self.indices.size // 2

    @property
    def degrees(self) -> NDArray[np.int64]:
        """Number of neighbours of each vertex, shape (n,)."""
        return np.diff(self.indptr)

    @property
    def has_negative_weights(self) -> bool:
        """Whether some edge has a weight below zero."""
        return bool((self.weights < 0).any())

    @property
    def total_weight(self) -> int | float:
        """Sum of all edge weights: exact int if `integral`, else correctly rounded."""
        return self._stated(self.sums.total)

    @property
    def positive_weight(self) -> int | float:
        """Sum of the positive edge weights, an upper bound on every cut."""
        return self._stated(self.sums.positive)

    @property
    def negative_weight(self) -> int | float:
        """Sum of the negative edge weights (at most 0), a lower bound on every cut."""
        return self._stated(self.sums.negative)

    @property
    def sums(self) -> Sums:
        """Sums of the edge weights and of their absolute values, as rationals. Computed once, O(n + m)."""
        return self._known.once("sums", lambda: sums_of(self.edges()[2], self.integral))

    def edges(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        """Each edge once, with ``i < j``, in lexicographic order; read-only.

        Returns
        -------
        i, j : ndarray of int32, shape (m,)
        w : ndarray of float64, shape (m,)
            Computed once, O(n + m), and kept with the graph, 16 bytes an edge.
        """
        return self._known.once("edges", lambda: upper_entries(self.indptr, self.indices, self.weights))

    def adjacency(self) -> scipy.sparse.csr_array:
        """Return the symmetric adjacency matrix, shape (n, n); a copy that may be changed."""
        import scipy.sparse

        return scipy.sparse.csr_array((self.weights, self.indices, self.indptr), (self.n, self.n), copy=True)

    def to_scipy(self) -> scipy.sparse.csr_array:
        """Return a copy of the symmetric adjacency matrix, rows in the order of `labels`; edges of weight 0 are stored.

        Examples
        --------
        >>> WeightedGraph.from_edges([0, 1], [1, 2], [3, 4]).to_scipy().toarray()
        array([[0., 3., 0.],
               [3., 0., 4.],
               [0., 4., 0.]])
        """
        return self.adjacency()

    def to_networkx(self, weight: str = "weight") -> networkx.Graph[Hashable]:
        """Return the graph for networkx: nodes are the labels, in canonical order.

        Parameters
        ----------
        weight : str
            Edge attribute that takes the weights: int where all are integers, else float.

        Examples
        --------
        >>> WeightedGraph.from_edges([0, 1], [1, 2], [3, 4], labels=["a", "b", "c"]).to_networkx().edges(data=True)
        EdgeDataView([('a', 'b', {'weight': 3}), ('b', 'c', {'weight': 4})])
        """
        import networkx

        graph: networkx.Graph[Hashable] = networkx.Graph()
        graph.add_nodes_from(self.labels)
        i, j, w = self.edges()
        weights = map(int, w.tolist()) if self.integral else w.tolist()
        names, ends = self.labels, zip(i.tolist(), j.tolist(), weights, strict=True)
        graph.add_weighted_edges_from(((names[u], names[v], x) for u, v, x in ends), weight=weight)
        return graph

    def components(self) -> NDArray[np.int32]:
        """Return the connected component of each vertex, shape (n,), numbered by lowest vertex. O(n + m)."""
        return connected_rows(self.indptr, self.indices)

    def unweighted(self) -> WeightedGraph:
        """Return the same graph with every edge weighing 1."""
        ones, arcs = np.ones(self.weights.size), self.arcs and self.arcs.unweighted()
        return dataclasses.replace(self, weights=ones, integral=True, rounded=0.0, arcs=arcs)

    @property
    def digest(self) -> str:
        r"""SHA-256 of the graph in 64 hex digits: equal if and only if labels, edges and weights are equal.

        Hashed are, one after the other: ``b"derandkit-graph-v1\n"``; n and m as little-endian int64; for
        each label ``json.dumps(label)`` and a newline in UTF-8 (tuples become JSON arrays, what JSON does
        not know an object with one key); then
        the three arrays of `edges`: i and j as little-endian int32, w as little-endian float64. Computed
        once, O(n + m).
        """
        if self._digest is None:
            i, j, w = self.edges()
            sha = hashlib.sha256(b"derandkit-graph-v1\n")
            sha.update(np.array([self.n, self.m], dtype="<i8").tobytes())
            for chunk in label_lines(self.labels):
                sha.update(chunk)
            for array in (i.astype("<i4"), j.astype("<i4"), w.astype("<f8")):
                sha.update(array.tobytes())
            object.__setattr__(self, "_digest", sha.hexdigest())
        return cast(str, self._digest)

    def cut_value(self, signs: ArrayLike) -> int | float:
        """Weight of the edges between the two sides.

        Parameters
        ----------
        signs : array_like, shape (n,)
            +1 or -1 for each vertex.

        Returns
        -------
        int or float
            Exact: a Python int of any size if `integral`, else the correctly rounded sum of the cut edges. O(n + m).

        Raises
        ------
        InputError
            As `as_signs`.
        """
        s, (i, j, w) = self.as_signs(signs), self.edges()
        cut = w[s[i] != s[j]]
        return integer_sum(cut) if self.integral else exact_sum(cut)

    def partition(self, signs: ArrayLike) -> tuple[list[Hashable], list[Hashable]]:
        """Return the labels on each side, each in canonical order, the first vertex's side first.

        Parameters
        ----------
        signs : array_like, shape (n,)
            -1 or +1 for each vertex.
        """
        s = self.as_signs(signs)
        same = (s == s[0]).tolist()
        left = [label for label, here in zip(self.labels, same, strict=True) if here]
        right = [label for label, here in zip(self.labels, same, strict=True) if not here]
        return left, right

    def signs_from_partition(self, left: Iterable[Hashable], right: Iterable[Hashable]) -> NDArray[np.int8]:
        """Return the signs of a partition given by labels: +1 on the left, -1 on the right, shape (n,).

        Parameters
        ----------
        left, right : iterable of hashable
            The labels of either side.

        Raises
        ------
        InputError
            A label is unknown, is given twice, or is missing.

        Examples
        --------
        >>> g = WeightedGraph.from_edges([0, 1], [1, 2])
        >>> g.signs_from_partition([1], {0, 2})
        array([-1,  1, -1], dtype=int8)
        """
        return signs_of_sides(self.labels, left, right)

    def as_signs(self, signs: ArrayLike) -> NDArray[np.int8]:
        """Return signs in the order of `labels`, shape (n,).

        Parameters
        ----------
        signs : array_like, shape (n,)
            -1 or +1 for each vertex; those of a pandas series are taken by label.

        Raises
        ------
        InputError
            Wrong length, or an entry that is neither +1 nor -1.
        """
        given = unmasked(in_order(self.labels, signs), "the signs")
        if given.shape != (self.n,):
            raise InputError(f"signs have shape {given.shape}, the graph needs ({self.n},)")
        if given.dtype.kind not in "iuf" or not ((given == 1) | (given == -1)).all():
            raise InputError("signs must be +1 or -1 for every vertex")
        return given.astype(np.int8)

    def _stated(self, value: Fraction) -> int | float:
        return int(value) if self.integral else float(value)

    @classmethod
    def from_edges(
        cls,
        i: ArrayLike,
        j: ArrayLike,
        w: ArrayLike | None = None,
        *,
        n: int | None = None,
        labels: Sequence[Hashable] | None = None,
        symmetrize: str | None = None,
    ) -> WeightedGraph:
        """Build a graph from arrays of vertex numbers.

        Parameters
        ----------
        i, j : array_like of int, shape (k,)
            End vertices of each edge, numbered from 0, in any order and either direction.
        w : array_like, shape (k,), optional
            Finite real weights; 1 by default. Integers must be exact in float64.
        n : int, optional
            Number of vertices; default ``len(labels)``, or one more than the largest number.
        labels : sequence of hashables, optional
            Distinct label of each vertex; default ``range(n)``. Vertices are renumbered in canonical order.
        symmetrize : {"sum", "mean", "max"}, optional
            The edges are directed from `i` to `j`, and this makes one weight of the two directions: their sum, half
            of it, or the greatest of those that are there.

        Returns
        -------
        WeightedGraph

        Raises
        ------
        InputError
            Arrays of unequal length, numbers out of range, no vertex at all, or weights that are not real,
            finite numbers.

        Notes
        -----
        O(k log k + n); five million edges take one to two seconds. Parallel edges are summed correctly
        rounded, so their order does not matter.

        Examples
        --------
        >>> WeightedGraph.from_edges([0, 1, 1, 2], [1, 0, 2, 2], [1, 1, 5, 9])
        WeightedGraph(n=3, m=2, total_weight=7, dropped_loops=1, merged_edges=1)
        """
        i, j, weights, n = numbered_edges(i, j, w, n, labels)
        labels, rank = canonical_order(range(n) if labels is None else labels)
        if rank is not None:
            i, j = rank[i], rank[j]
        if symmetrize is not None:
            fields = assembly.assemble_directed(i, j, weights, n, symmetrize, labels)
        else:
            fields = assembly.assemble(i, j, weights, n, labels)
        return cls(labels=labels, input_rank=rank, **fields)

    @classmethod
    def from_networkx(
        cls, G: Any, weight: WeightName = AUTO_WEIGHT, *, symmetrize: str | None = None
    ) -> WeightedGraph:
        """Build a graph from a networkx graph or multigraph.

        Parameters
        ----------
        G : networkx.Graph, MultiGraph, DiGraph or MultiDiGraph
            Nodes become labels. Parallel edges are summed, loops dropped.
        weight : str or None
            Edge attribute that holds the weight; an edge without it weighs 1, and some edge must have it. By default
            ``"weight"``, or where no edge has it the only attribute of numbers. None: every edge weighs 1.
        symmetrize : {"sum", "mean", "max"}, optional
            For a directed graph: what to make of the two directions of an edge.

        Raises
        ------
        InputError
            `G` is empty, or directed without `symmetrize`; no edge has the attribute; or a weight is not a finite real
            number.

        Examples
        --------
        >>> import networkx as nx
        >>> WeightedGraph.from_networkx(nx.petersen_graph())
        WeightedGraph(n=10, m=15, total_weight=15)
        """
        i, j, w, labels, reading = networkx_edges(G, weight, symmetrize)
        graph = cls.from_edges(i, j, w, labels=labels, symmetrize=symmetrize if G.is_directed() else None)
        return dataclasses.replace(graph, reading=reading)

    @classmethod
    def from_scipy(cls, A: object, *, symmetrize: str | None = None) -> WeightedGraph:
        """Build a graph from a symmetric scipy sparse matrix; vertices are labelled 0..n-1.

        Parameters
        ----------
        A : scipy.sparse array or matrix, shape (n, n)
            Adjacency matrix. Stored entries are edges, also where they are zero; duplicates are summed;
            entries on the diagonal are loops, dropped and counted. True weighs 1, and a stored False is no edge.
        symmetrize : {"sum", "mean", "max"}, optional
            What to make of ``A[i, j]`` and ``A[j, i]``; their sum doubles the weights of a symmetric matrix. By default
            the matrix must be symmetric, up to rounding (relative to the greatest entry, 2**-38 for double precision);
            such entries are averaged.

        Raises
        ------
        InputError
            `A` is not square or not symmetric (the first offending entry is named), or holds values that are
            not finite real numbers.
        """
        coo = stored_entries(A)
        if len(coo.shape) != 2 or coo.shape[0] != coo.shape[1]:
            raise InputError(f"adjacency matrix has shape {coo.shape}; it must be square")
        fields = assembly.assemble_entries(coo.row, coo.col, np.asarray(coo.data), coo.shape[0], symmetrize)
        reading = Reading("sparse adjacency matrix", remarks=combining(symmetrize))
        return cls(labels=range(coo.shape[0]), reading=reading, **fields)
