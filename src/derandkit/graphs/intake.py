"""Edges as users write them, turned into arrays of vertex numbers.

Networkx edge views, sequences of tuples and NumPy arrays all become ``(i, j, w, labels)``, what
`derandkit.graphs.graph.WeightedGraph.from_edges` takes; nothing here depends on the order of edges or nodes.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence, Sized
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from derandkit.content import entries_of
from derandkit.errors import InputError
from derandkit.given.doubles import EXACT
from derandkit.given.entries import exact_float
from derandkit.given.series import refuse_other_order, refuse_unordered
from derandkit.graphs.assembly import ARCS, Floats, Ints, check_size, vertex_numbers
from derandkit.graphs.formats import WeightName
from derandkit.graphs.labels import WHOLE_BELOW, plain_label
from derandkit.graphs.objects.signs import may_be_sign, numbers_of
from derandkit.graphs.reading import Reading, combining
from derandkit.graphs.weights import Choice, real_weights, weights_of
from derandkit.numerics.vectors import count_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

DIRECTED = (
    "the graph is directed and a cut needs an undirected one: say what an edge weighs with --symmetrize "
    "sum (of both directions), mean or max (symmetrize= of derandkit.maxcut or as_graph)"
)
UNDIRECTED = (
    "the graph is undirected; a directed cut needs arcs, such as those of a DiGraph (for cuts use maxcut)"
)
NumberedEdges = tuple[Ints, Ints, Floats | None, list[Hashable]]


#: Pairs of names that a file or mapping gives to the two parts of a QUBO or Ising model, and one name for the whole.
_TERMS = (("h", "J"), ("linear", "quadratic"), ("biases", "couplings"))
_COUPLINGS = ("Q", "QUBO", "qubo", "J")


def mixed_refusal(directed: int, count: int) -> str:
    """Words that refuse a graph of which some edges are directed, and some are not.

    Examples
    --------
    >>> mixed_refusal(1, 2)[:30]
    '1 of 2 edges is directed and a'
    """
    verb = "is" if directed == 1 else "are"
    return (
        f"{directed} of {count} edges {verb} directed and a cut needs undirected ones: say what a directed edge "
        "weighs with --symmetrize sum (of both directions), mean or max (symmetrize= of derandkit.maxcut or as_graph); "
        "undirected edges keep their weights"
    )


def refuse_model(obj: Mapping[str, object]) -> None:
    """Refuse a mapping whose keys are the parts of a QUBO or Ising model, where they may be two vertices as well.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_model({"h": {"a": 1, "b": -1}, "J": {"a,b": 2}})
    Traceback (most recent call last):
    derandkit.errors.InputError: 'h' and 'J' may be the linear and quadratic terms of a model, ...
    """
    if obj.get("type") in ("BinaryQuadraticModel", "BQM") and "variable_type" in obj:
        verb = "minimize_ising" if obj["variable_type"] == "SPIN" else "minimize_qubo"
        raise InputError(
            "the mapping is a QUBO or Ising model of dimod, not a graph; pass "
            f"dimod.BinaryQuadraticModel.from_serializable(...) of it to derandkit.{verb}"
        )
    for one, two in _TERMS:
        if one not in obj or two not in obj or _others_map(obj, (one, two)):
            continue
        linear, quadratic = obj[one], obj[two]
        if isinstance(linear, Mapping) and isinstance(quadratic, Mapping):
            if linear and all(isinstance(cell, Mapping) for cell in linear.values()):
                continue  # attributes of edges
            ends = {one, two, *linear}
            if quadratic and ends.issuperset(quadratic) and not any(map(_is_mapping, quadratic.values())):
                continue  # no coupling is between a variable and nothing
        raise InputError(
            f"{one!r} and {two!r} may be the linear and quadratic terms of a model, which is not a graph "
            "(derandkit.minimize_ising and minimize_qubo take its terms), or two vertices; write the edges of a graph "
            "as a list of (u, v, weight)"
        )
    for name in _COUPLINGS:
        if name not in obj or _others_map(obj, (name,)):
            continue
        terms = obj[name]
        pairs = isinstance(terms, Mapping) and any(map(_is_pair, terms))
        if pairs or isinstance(terms, (list, np.ndarray)):
            raise InputError(
                f"{name!r} may hold the terms of a QUBO or Ising model, which is not a graph (derandkit.minimize_qubo "
                "and minimize_ising take them), or be a vertex; write the edges of a graph as a list of (u, v, weight)"
            )


def refuse_linear_terms(labels: Sequence[Hashable], i: Ints, j: Ints, w: Floats) -> None:
    """Refuse weighted loops among ascending pairs of whole numbers in memory: they may be linear terms of a model.

    Loops alone are vertices without edges.

    Parameters
    ----------
    labels : sequence of hashables
        The vertices.
    i, j : ndarray of int64, shape (k,)
        Ends of each edge, as places in `labels`.
    w : ndarray of float64, shape (k,)
        Weights.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_linear_terms(range(2), np.array([0, 1]), np.array([0, 0]), np.array([-1.0, 2.0]))
    >>> refuse_linear_terms(range(2), np.array([0, 0]), np.array([0, 1]), np.array([-1.0, 2.0]))
    Traceback (most recent call last):
    derandkit.errors.InputError: vertex 0 has a loop with a weight: the linear term of a QUBO or Ising model, ...
    """
    linear = np.flatnonzero((i == j) & (w != 0))
    if (
        not linear.size
        or (i == j).all()
        or not (isinstance(labels, range) or all(type(label) is int for label in labels))
    ):
        return
    if all(labels[u] <= labels[v] for u, v in zip(i.tolist(), j.tolist(), strict=True)):
        raise InputError(
            f"vertex {labels[int(i[linear[0]])]} has a loop with a weight: the linear term of a QUBO or Ising model, "
            "which is no graph, or a self-loop, which no cut counts; drop such rows if they are loops, and pass a "
            "model as {(i, j): coefficient} to derandkit.minimize_qubo or minimize_ising"
        )


def _others_map(obj: Mapping[str, object], names: tuple[str, ...]) -> bool:
    """Whether other keys than these hold mappings, as vertices do, and offsets do not."""
    return any(_is_mapping(value) for key, value in obj.items() if key not in names)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_pair(key: object) -> bool:
    """Whether a key names two variables: a tuple of two, or text with a mark between them."""
    if isinstance(key, tuple):
        return len(key) == 2
    return isinstance(key, str) and re.search(r"[\w)'\"]\s*[,;:|]\s*[\w('\"]", key) is not None


def check_direction(directed: bool, how: str | None) -> None:
    """Refuse a directed graph without `how`, and an undirected one where arcs are wanted.

    Raises
    ------
    InputError
        It says which.

    Examples
    --------
    >>> check_direction(True, "sum"), check_direction(False, None)
    (None, None)
    """
    if directed and how is None:
        raise InputError(DIRECTED)
    if not directed and how == ARCS:
        raise InputError(UNDIRECTED)


class Listed(NamedTuple):
    """Edges of a sequence with their weights, and where these are from."""

    edges: list[tuple[Hashable, Hashable, object]]
    choice: Choice | None  # None where no edge has attributes
    weighted: bool  # whether some edge has a third item


def listed_edges(edges: Iterable[object], weight: WeightName) -> Listed:
    """Edges ``(u, v)``, ``(u, v, weight)`` or ``(u, v, attributes)`` with the weights that `weight` names.

    Raises
    ------
    InputError
        An item is no edge, or attributes leave the weight open.

    Examples
    --------
    >>> listed_edges([("a", "b", {"cost": 3}), ("b", "c", {"cost": 4})], "cost").edges
    [('a', 'b', 3), ('b', 'c', 4)]
    """
    triples = [edge_triple(k, edge) for k, edge in enumerate(entries_of(edges, "the edges"))]
    third = [value for _, _, value in triples]
    weighted = any(value is not None for value in third)
    if not any(isinstance(value, dict) for value in third):
        return Listed([(u, v, 1 if w is None else w) for u, v, w in triples], None, weighted)
    number = next((edge for edge in triples if edge[2] is not None and not isinstance(edge[2], dict)), None)
    if number is not None:
        raise InputError(
            f"edge {number!r} has a weight, but other edges have attributes in third place; use one of them"
        )
    attributes = [dict(value) if isinstance(value, dict) else {} for value in third]
    values, choice = weights_of(attributes, weight)
    return Listed([(u, v, w) for (u, v, _), w in zip(triples, values, strict=True)], choice, weighted)


def edge_triple(k: int, edge: object) -> tuple[Hashable, Hashable, object]:
    """Item `k` of an edge sequence as ``(u, v, weight)``, where None is no weight.

    Raises
    ------
    InputError
        It is no edge.

    Examples
    --------
    >>> edge_triple(0, ("a", "b")), edge_triple(1, ("a", "b", 3))
    (('a', 'b', None), ('a', 'b', 3))
    """
    if (
        isinstance(edge, (str, bytes))
        or not isinstance(edge, Sequence | np.ndarray)
        or len(edge) not in (2, 3)
    ):
        lists = isinstance(edge, (list, np.ndarray))
        way = "; if these are lists of neighbours, pass dict(enumerate(lists))" if lists else ""
        raise InputError(f"edge {k} is {edge!r:.200}; edges are (u, v) or (u, v, weight){way}")
    if edge[0] is None or edge[1] is None:
        raise InputError(f"edge {k} is {edge!r}; None is no vertex: drop such edges")
    if len(edge) == 3 and edge[2] is None:
        raise InputError(f"edge {k} is {edge!r}; its weight is None: leave it out, or drop such edges")
    return edge[0], edge[1], edge[2] if len(edge) == 3 else None


def number_edges(
    edges: Iterable[tuple[Hashable, Hashable, object]], nodes: Iterable[Hashable] = (), weight: object = None
) -> NumberedEdges:
    """Give numbers to the ends of labelled edges, and the given nodes, in the order they are met.

    A truth value ``True`` of every edge says that it is one, and weighs 1, as in a matrix of truth values, unless the
    column or attribute `weight` may say that an edge is negative.

    Raises
    ------
    InputError
        A label is not hashable, or a weight is not a finite real number; the edge is named.

    Examples
    --------
    >>> i, j, w, labels = number_edges([("b", "a", 2), ("a", "c", 1)])
    >>> i, j, w, labels
    (array([0, 1]), array([1, 2]), array([2., 1.]), ['b', 'a', 'c'])
    """
    number: dict[Hashable, int] = {}
    i: list[int] = []
    j: list[int] = []
    w: list[float] = []
    truths = 0
    first: tuple[Hashable, Hashable] | None = None  # edge whose weight is True

    def of(label: Hashable) -> int:
        try:
            return number.setdefault(plain_label(label), len(number))
        except TypeError:
            raise InputError(
                f"vertex label {label!r} is not hashable; use a number, string or tuple"
            ) from None

    for node in nodes:
        of(node)
    for u, v, value in edges:
        i.append(of(u))
        j.append(of(v))
        if value is True or (isinstance(value, np.bool_) and value):
            truths += 1
            first = first or (u, v)
            w.append(1.0)
            continue
        try:
            w.append(exact_float(value))
        except InputError as error:
            raise InputError(f"edge ({u!r}, {v!r}): {error.message}") from None
    if first is not None and truths < len(w):
        raise InputError(
            f"edge {first!r}: weight True is a boolean, and other edges have numbers; weights must be numbers, for "
            "example 1 and 0"
        )
    if first is not None and may_be_sign(weight):
        raise InputError(
            f"edge {first!r}: weight True is a boolean, and {weight!r} may say that an edge is negative; write 1 or -1"
        )
    ends = np.array([i, j], dtype=np.int64)
    return ends[0], ends[1], np.array(w, dtype=np.float64), list(number)


def networkx_edges(
    G: Any, weight: WeightName, symmetrize: str | None
) -> tuple[Ints, Ints, Floats | None, list[Hashable], Reading]:
    """Give numbers to the nodes of a networkx graph, and say which attribute its weights come from.

    Raises
    ------
    InputError
        The graph is directed without `symmetrize`, no edge has the attribute, or two nodes become one label.
    """
    if not callable(getattr(G, "is_directed", None)) or not hasattr(G, "nodes"):
        raise InputError(
            f"a {type(G).__name__} is no graph of networkx; derandkit.as_graph reads other kinds"
        )
    if not isinstance(weight, Hashable):
        raise InputError(f"weight is the name of an attribute, got a {type(weight).__name__}")
    check_direction(G.is_directed(), symmetrize)
    values, choice = weights_of([data for _, _, data in G.edges(data=True)], weight)
    edges = ((u, v, w) for (u, v), w in zip(G.edges(), values, strict=True))
    how = combining(symmetrize) if G.is_directed() else ()
    reading = Reading(f"networkx {type(G).__name__}", weight=choice.name, remarks=(*choice.remarks, *how))
    numbered = number_edges(edges, G.nodes, choice.name)
    if len(numbered[3]) < len(G.nodes):
        _refuse_merged(G.nodes)
    return *numbered, reading


def _refuse_merged(nodes: Iterable[Hashable]) -> None:
    """Refuse nodes that are two in a graph and one label: a date of NumPy and the same date of Python."""
    seen: dict[Hashable, Hashable] = {}
    for node in nodes:
        other = seen.setdefault(plain_label(node), node)
        if other is not node:
            raise InputError(f"the nodes {other!r} and {node!r} would be one vertex; relabel one of them")


def number_edge_array(array: NDArray[np.generic]) -> NumberedEdges:
    """Give numbers to the edges in an array of shape (m, 2) or (m, 3), whose first two columns are labels.

    Raises
    ------
    InputError
        The array has another shape, or its third column holds no real numbers.

    Examples
    --------
    >>> number_edge_array(np.array([[7, 3, 0.5], [3, 9, 1.5]]))
    (array([1, 0]), array([0, 2]), array([0.5, 1.5]), [3, 7, 9])
    """
    if array.ndim != 2 or array.shape[1] not in (2, 3):
        raise InputError(
            f"array has shape {array.shape}; pass a square matrix, or edges of shape (m, 2) or (m, 3)"
        )
    ends = array[:, :2]
    below = WHOLE_BELOW.get(array.dtype.itemsize, EXACT)
    if array.dtype.kind == "f" and (ends == np.rint(ends)).all() and (np.abs(ends) < below).all():
        ends = ends.astype(np.int64)
    if ends.dtype.kind == "f" and ends.dtype.itemsize < 8:
        sizes = np.abs(ends.astype(np.float64))
        plain_label(ends.dtype.type(sizes[sizes <= 2.0**64].max(initial=0)))
    if ends.dtype.kind not in "iu":
        rows = list(map(tuple, array)) if array.dtype.kind in "mM" else array.tolist()
        edges = listed_edges(rows, None).edges
        weights, _ = numbers_of([w for _, _, w in edges])
        return number_edges((u, v, w) for (u, v, _), w in zip(edges, weights, strict=True))
    found, position = np.unique(ends, return_inverse=True)
    position = position.reshape(ends.shape).astype(np.int64)
    w = real_weights(array[:, 2], array.shape[0]) if array.shape[1] == 3 else None
    return position[:, 0], position[:, 1], w, found.tolist()


def numbered_edges(
    i: ArrayLike, j: ArrayLike, w: ArrayLike | None, n: int | None, labels: Sized | None
) -> tuple[Ints, Ints, Floats, int]:
    """Check edges between vertices numbered from 0.

    Parameters
    ----------
    i, j : array_like of int, shape (k,)
        End vertices.
    w : array_like, shape (k,), optional
        Weights; 1 by default.
    n : int, optional
        Number of vertices; by default that of the labels, or one more than the largest number.
    labels : sequence, optional
        What the vertices are called.

    Returns
    -------
    i, j : ndarray of int64, shape (k,)
    w : ndarray of float64, shape (k,)
    n : int

    Raises
    ------
    InputError
        Arrays of unequal length, numbers out of range, no vertex at all, or weights that are not real, finite numbers.
        Indexes of series disagree, or the labels are not given one after the other.

    Examples
    --------
    >>> numbered_edges([0, 1], [1, 2], None, None, None)
    (array([0, 1]), array([1, 2]), array([1., 1.]), 3)
    """
    refuse_other_order(i=i, j=j, w=w)
    if labels is not None:
        refuse_unordered(labels, "labels")
    i, j = vertex_numbers(i, "i"), vertex_numbers(j, "j")
    if i.shape != j.shape:
        raise InputError(f"i and j differ in length: {i.size} and {j.size}")
    weights = np.ones(i.size) if w is None else real_weights(w, i.size)
    top = max(int(i.max()), int(j.max())) + 1 if i.size else 0
    n = n if n is not None else top if labels is None else count_of(labels, "labels")
    check_size(n)
    if i.size and (top > n or min(int(i.min()), int(j.min())) < 0):
        at = int(np.argmax((i < 0) | (j < 0) | (i >= n) | (j >= n)))
        raise InputError(f"edge {at} joins vertices {i[at]} and {j[at]}; numbers must lie in 0..{n - 1}")
    if labels is not None and count_of(labels, "labels") != n:
        raise InputError(f"{len(labels)} labels for {n} vertices")
    return i, j, weights, n
