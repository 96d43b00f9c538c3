"""Directed graphs with weighted arcs, for the directed cut: arcs that lead from the chosen vertices to the others."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.content import read_content, utf8_text
from derandkit.errors import InputError
from derandkit.graphs.assembly import exact_float
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import edge_triple, number_edges
from derandkit.graphs.labels import canonical_order, label_lines
from derandkit.models.entries import frame_labels, matrix_entries
from derandkit.models.model import plain_number
from derandkit.models.terms import Terms
from derandkit.numerics.sums import exact_total

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

    Examples
    --------
    >>> Arcs.from_arcs([("a", "b"), ("b", "a", 2), ("b", "c")])
    Arcs(3 vertices, 3 arcs, total weight 4)
    """

    kind = "maxdicut"

    labels: Sequence[Hashable]
    tails: IntArray
    heads: IntArray
    weights: FloatArray

    @classmethod
    def from_arcs(
        cls, arcs: Iterable[object], *, nodes: Iterable[Hashable] = (), weight: str | None = "weight"
    ) -> Arcs:
        """Build one from arcs ``(u, v)`` or ``(u, v, weight)``, or attributes in third place.

        Raises
        ------
        InputError
            An arc cannot be read, or there is no vertex.
        """
        i, j, w, labels = number_edges((edge_triple(k, arc, weight) for k, arc in enumerate(arcs)), nodes)
        if not labels:
            raise InputError("the directed graph has no vertices; it needs at least one")
        ordered, rank = canonical_order(labels)
        if rank is not None:
            i, j = rank[i], rank[j]
        weights = np.ones(i.size) if w is None else w
        n = len(ordered)
        keep = i != j
        key = i[keep] * n + j[keep]
        found, position = np.unique(key, return_inverse=True)
        sums = np.array(
            [float(exact_total(group)) for group in _groups(weights[keep], position, found.size)],
            dtype=np.float64,
        )
        return cls(ordered, found // n, found % n, sums)

    @classmethod
    def from_networkx(cls, G: Any, weight: str | None = "weight") -> Arcs:
        """Build one from a networkx DiGraph or MultiDiGraph; an arc without the attribute weighs 1.

        Raises
        ------
        InputError
            The graph is undirected.
        """
        if not G.is_directed():
            raise InputError("the graph is undirected; a directed cut needs a DiGraph (for cuts use maxcut)")
        found = sorted({str(name) for _, _, attributes in G.edges(data=True) for name in attributes})
        if weight is not None and found and weight not in found:
            raise InputError(
                f"no arc has the attribute {weight!r}; arcs have {', '.join(found)}: pass weight=, or weight=None to "
                "count every arc as 1"
            )
        arcs = G.edges(data=weight, default=1) if weight is not None else ((u, v, 1) for u, v in G.edges())
        return cls.from_arcs(arcs, nodes=G.nodes, weight=weight)

    @classmethod
    def from_matrix(cls, A: object) -> Arcs:
        """Build one from a square matrix, dense or sparse: entry (u, v) is the weight of the arc from u to v.

        Raises
        ------
        InputError
            The matrix is not square, or an entry is not a finite real number.

        Examples
        --------
        >>> Arcs.from_matrix(np.array([[0, 3], [0, 0]]))
        Arcs(2 vertices, 1 arcs, total weight 3)
        """
        i, j, w, n = matrix_entries(A)
        labels = frame_labels(A) or range(n)
        arcs = zip((labels[k] for k in i.tolist()), (labels[k] for k in j.tolist()), w.tolist(), strict=True)
        return cls.from_arcs(list(arcs), nodes=labels)

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
        """Return the weight of the arcs that lead out of the chosen vertices, without rounding."""
        x = np.asarray(solution)
        return exact_total(self.weights[(x[self.tails] == 1) & (x[self.heads] == 0)])

    def figures(self, solution: SignArray) -> JsonMapping:
        """Return what a choice does: the number of arcs that lead out of it, and their weight."""
        x = np.asarray(solution)
        out = (x[self.tails] == 1) & (x[self.heads] == 0)
        return {"arcs_out": int(out.sum()), "weight_out": plain_number(self.exact_value(solution))}

    def __repr__(self) -> str:
        total = plain_number(exact_total(self.weights))
        return f"Arcs({self.n} vertices, {self.m} arcs, total weight {total})"


def as_arcs(digraph: object, *, weight: str | None = "weight") -> Arcs:
    """Turn whatever describes a directed graph into `Arcs`.

    Parameters
    ----------
    digraph : Arcs, networkx.DiGraph, square matrix, mapping ``{(u, v): w}`` or iterable of arcs ``(u, v[, weight])``
        Entry (u, v) of a matrix is the weight of the arc from u to v.
    weight : str or None
        Attribute that holds the weight.

    Raises
    ------
    InputError
        It is undirected, a text, or a list of lists, which fits two readings.

    Examples
    --------
    >>> as_arcs({("a", "b"): 2})
    Arcs(2 vertices, 1 arcs, total weight 2)
    """
    if isinstance(digraph, Arcs):
        return digraph
    if hasattr(digraph, "is_directed") and hasattr(digraph, "nodes"):
        return Arcs.from_networkx(digraph, weight)
    if isinstance(digraph, (str, bytes)):
        raise InputError("pass a DiGraph or arcs (u, v[, weight]); files are read by 'derandkit maxdicut'")
    if isinstance(digraph, Mapping):
        return Arcs.from_arcs([(*pair, value) for pair, value in digraph.items()])
    if hasattr(digraph, "tocoo") or hasattr(digraph, "columns") or getattr(digraph, "ndim", 0) == 2:
        return Arcs.from_matrix(digraph)
    if isinstance(digraph, list) and digraph and all(isinstance(row, list) for row in digraph):
        raise InputError(
            "a list of lists fits two readings: for a matrix pass np.array(...), for arcs a list of tuples"
        )
    if not isinstance(digraph, Iterable):
        raise InputError(
            f"cannot read a directed graph from {type(digraph).__name__}; pass a DiGraph or arcs"
        )
    return Arcs.from_arcs(digraph, weight=weight)


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
        The graph was built from parallel edges.

    Examples
    --------
    >>> SignedGraph(WeightedGraph.from_edges([0, 1, 0], [1, 2, 2], [1, 1, -1]))
    SignedGraph(3 vertices, 2 positive and 1 negative edges)
    """

    kind = "balance"

    graph: WeightedGraph

    def __post_init__(self) -> None:
        if self.graph.merged_edges:
            raise InputError(
                f"{self.graph.merged_edges} edges join vertices that another edge joins; their sum hides an edge of "
                "the other sign, which is frustrated whatever the division: pass one edge a pair"
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
        """Return the weight of the frustrated edges, without rounding."""
        return exact_total(np.abs(self.graph.edges()[2][self._frustrated(solution)]))

    def _frustrated(self, solution: SignArray) -> BoolArray:
        i, j, w = self.graph.edges()
        s = np.asarray(solution)
        return np.where(s[i] != s[j], w > 0, w < 0)

    def figures(self, solution: SignArray) -> JsonMapping:
        """Return what a division does: how many edges of either sign are frustrated, and their weight."""
        frustrated, w = self._frustrated(solution), self.graph.edges()[2]
        return {
            "frustrated_positive": int(np.count_nonzero(frustrated & (w > 0))),
            "frustrated_negative": int(np.count_nonzero(frustrated & (w < 0))),
            "frustrated_weight": plain_number(self.exact_value(solution)),
        }

    def __repr__(self) -> str:
        w = self.graph.edges()[2]
        return (
            f"SignedGraph({self.graph.n} vertices, {int((w > 0).sum())} positive and {int((w < 0).sum())} "
            "negative edges)"
        )


def read_arcs(path: str | os.PathLike[str]) -> Arcs:
    r"""Read a directed graph: lines ``tail head`` or ``tail head weight``, separated by tabs, commas or blanks.

    Parameters
    ----------
    path : str or PathLike
        The file, ``"-"`` for standard input; it may be gzipped. Lines that begin with ``#`` or ``%`` are comments.

    Returns
    -------
    Arcs
        Vertices named by integers where they are ones, by text otherwise.

    Raises
    ------
    InputError
        The file is missing, a line has another number of columns, or a weight is not a number; names the line.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = tempfile.TemporaryDirectory()
    >>> file = pathlib.Path(folder.name) / "small.arcs"
    >>> _ = file.write_text("a b 2\nb c 1\n")
    >>> read_arcs(file)
    Arcs(3 vertices, 2 arcs, total weight 3)
    >>> folder.cleanup()
    """
    name = os.fspath(path)
    rows: list[tuple[int, list[str]]] = []
    for line, text in enumerate(utf8_text(*read_content(name)).splitlines(), 1):
        if not text.strip() or text.lstrip()[0] in "#%":
            continue
        separator = "\t" if "\t" in text else "," if "," in text else None
        words = [word.strip() for word in text.strip().split(separator)]
        if len(words) not in (2, 3) or (rows and len(words) != len(rows[0][1])):
            raise InputError(
                f"{len(words)} columns; expected 'tail head' or 'tail head weight' on every line",
                path=name,
                line=line,
            )
        rows.append((line, words))
    if not rows:
        raise InputError("holds no arcs", path=name)
    if {word.lower() for word in rows[0][1][:2]} <= _COLUMN_NAMES:
        raise InputError(
            "looks like column names; start the line with '#' if it is, or rename the vertices",
            path=name,
            line=rows[0][0],
        )
    numbers = all(word.lstrip("-").isdigit() for _, words in rows for word in words[:2])
    arcs: list[tuple[Hashable, Hashable, float]] = []
    for line, words in rows:
        try:
            weight = (
                exact_float(int(words[2]) if words[2].lstrip("+-").isdigit() else float(words[2]))
                if words[2:]
                else 1.0
            )
        except InputError as error:
            raise InputError(error.message, path=name, line=line) from None
        except ValueError:
            raise InputError(f"weight {words[2][:40]!r} is not a number", path=name, line=line) from None
        u, v = (int(words[0]), int(words[1])) if numbers else (words[0], words[1])
        arcs.append((u, v, weight))
    return Arcs.from_arcs(arcs)


#: What the first line of a table calls the ends of an arc.
_COLUMN_NAMES = {"source", "target", "from", "to", "tail", "head", "src", "dst", "u", "v"}


def _weight(word: str) -> float:
    return exact_float(int(word) if word.lstrip("+-").isdigit() else float(word))


def _groups(values: FloatArray, position: IntArray, count: int) -> list[FloatArray]:
    order = np.argsort(position, kind="stable")
    ends = np.searchsorted(position[order], np.arange(count + 1))
    ordered = values[order]
    return [ordered[a:b] for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]
