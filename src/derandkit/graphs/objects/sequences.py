"""Sequences of edges: tuples, named tuples, lists, sets of two, and views of networkx."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence, Set
from typing import Any, TypeAlias

import numpy as np

from derandkit.errors import InputError
from derandkit.given.doubles import EXACT
from derandkit.given.rows import fields_of
from derandkit.graphs.assembly import ARCS
from derandkit.graphs.doubts import is_closed, refuse_neighbours, refuse_points
from derandkit.graphs.frames import edge_frame, refuse_names_twice
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import check_direction, listed_edges
from derandkit.graphs.labels import canonical_order, plain_label
from derandkit.graphs.libraries import graph_of_edges
from derandkit.graphs.objects.columns import refuse_header, refuse_values
from derandkit.graphs.objects.names import refuse_missing_words, refuse_vertices_as_weights
from derandkit.graphs.objects.nearest import NEIGHBOURS, SURFACE
from derandkit.graphs.objects.shapes import refuse_items, refuse_order, refuse_pairs, refuse_symmetric
from derandkit.graphs.objects.signs import numbers_of, refuse_some_signs
from derandkit.graphs.reading import Reading, ReadOptions, said_of_bare
from derandkit.graphs.weights import is_real

_Edge: TypeAlias = "tuple[Hashable, ...] | frozenset[Hashable]"


def graph_of_view(view: Any, options: ReadOptions) -> WeightedGraph:
    """Turn ``G.edges`` or ``G.edges(...)`` of networkx into a graph; a key of a multigraph is no weight.

    Raises
    ------
    InputError
        The edges are directed and ``symmetrize`` is not given, or the weights are not clear; or it is a view of
        vertices, or of degrees.
    """
    name = type(view).__name__
    for word, held in (("Degree", "degrees"), ("Node", "vertices")):
        if word in name:
            raise InputError(f"a {name} of networkx holds {held}, no edges; pass the graph itself")
    edges = list(view)
    if getattr(view, "keys", None) is True or name.endswith("MultiEdgeView"):
        edges = [(edge[0], edge[1], *edge[3:]) for edge in edges]
    directed = name.startswith(("Out", "In"))
    check_direction(directed, options.symmetrize)
    return graph_of_sequence(edges, options, directed=directed)


def _refuse_lists(items: list[Any]) -> None:
    """Refuse lists, which unlike tuples may be lists of neighbours, where they are not edges without doubt."""
    if not items or not all(isinstance(item, (list, np.ndarray)) for item in items):
        return
    pairs = [all(isinstance(x, (list, tuple)) for x in item) for item in items]
    if any(pairs) and not all(pairs):
        raise InputError(
            "one list holds pairs and another one does not: edges and their weights or nodes apart, or edges between "
            "pairs? Pass edges as tuples (u, v, weight), for example [(*e, w) for e, w in zip(edges, weights)]"
        )
    if {len(item) for item in items} == {2, 3} and not any(
        len(x) == 3 and isinstance(x[2], dict) for x in items
    ):
        u, v = next(item for item in items if len(item) == 2)
        raise InputError(
            f"edge ({u!r}, {v!r}) has no weight, but other edges have one; give every edge a weight or none, or pass "
            "lists of neighbours as {u: [v, ...]}"
        )
    if all(isinstance(item, (list, np.ndarray)) and len(item) == len(items[0]) for item in items):
        numbers = all(
            isinstance(x, (int, np.integer)) and abs(int(x)) < EXACT for item in items for x in item
        )
        if len(items[0]) in (2, 3) and numbers:
            refuse_neighbours(np.array([[int(x) for x in item] for item in items]), NEIGHBOURS)


def _refuse_keys(triples: Sequence[tuple[Hashable, Hashable, object]]) -> None:
    """Refuse third items that count the edges between two vertices 0, 1, ..., as keys of a MultiGraph do."""
    keys = [key for _, _, key in triples if isinstance(key, int) and not isinstance(key, bool) and key >= 0]
    if len(keys) < len(triples) or not 0 < keys.count(0) < len(keys):
        return
    beside: dict[tuple[Hashable, Hashable], list[int]] = {}
    try:
        for (u, v, _), key in zip(triples, keys, strict=True):
            beside.setdefault((u, v), []).append(key)
    except TypeError:  # a label that is not hashable, as will be said
        return
    if all(sorted(found) == list(range(len(found))) for found in beside.values()):
        raise InputError(
            "the third items count the edges between two vertices 0, 1, ...: keys of a MultiGraph, or weights? Pass "
            "the graph itself, or weights as {'weight': w} in third place"
        )


def _refuse_triangles(triples: Sequence[tuple[Hashable, Hashable, object]]) -> None:
    """Refuse three whole numbers in each tuple that may be the triangles of a closed surface: a hull, or a mesh.

    Raises
    ------
    InputError
        It names both readings.
    """
    head = triples[:1000]
    if len(triples) < 4 or (len(head) == 1000 and len({w for _, _, w in head if isinstance(w, int)}) < 100):
        return  # a vertex is a corner of six triangles or so
    if all(isinstance(x, (int, np.integer)) and abs(int(x)) < EXACT for row in triples for x in row):
        rows = np.array(triples, dtype=np.int64)
        if is_closed(rows):
            raise InputError(
                f"the {len(rows)} tuples of 3 whole numbers may be edges with weights, or the triangles of a "
                f"closed surface; {SURFACE}"
            )


def _refuse_texts(triples: Sequence[tuple[Hashable, Hashable, object]]) -> None:
    """Refuse three texts of whole numbers in each row that may be neighbours or triangles, as numbers may.

    Raises
    ------
    InputError
        It names both readings.
    """
    if all(
        isinstance(x, str) and x.isascii() and x.isdigit() and len(x) < 16 for row in triples for x in row
    ):
        refuse_neighbours(np.array([[int(str(x)) for x in row] for row in triples]), NEIGHBOURS)


def _ordered(items: Iterable[_Edge]) -> list[_Edge]:
    """Items of a set in an order that does not depend on the seed of hashes: that of their ends."""
    pairs = list(items)
    try:
        ends = {plain_label(end) for item in pairs for end in item}
        rank = {label: k for k, label in enumerate(canonical_order(list(ends))[0])}
    except (TypeError, InputError):  # no edges, as the reader will say
        return pairs

    def key(item: _Edge) -> list[int]:
        places = [rank[plain_label(end)] for end in item]
        return places if isinstance(item, tuple) else sorted(places)

    return sorted(pairs, key=key)


def _graph_of_sets(items: Sequence[Set[Hashable]], options: ReadOptions) -> WeightedGraph:
    """Graph of edges ``{u, v}``, which have no direction.

    Raises
    ------
    InputError
        A set does not hold two vertices, or the sets may be those of the neighbours of each vertex.
    """
    odd = next((item for item in items if len(item) != 2), None)
    if odd is not None:
        raise InputError(
            f"the set {set(odd)!r} does not hold the two ends of an edge; pass edges as tuples (u, v, weight), and "
            "neighbours as {u: [v, ...]}"
        )
    check_direction(False, ARCS if options.arcs else None)
    ends = {plain_label(end) for item in items for end in item}
    rank = {label: k for k, label in enumerate(canonical_order(list(ends))[0])}
    edges = [sorted(map(plain_label, item), key=rank.__getitem__) for item in items]
    if all(isinstance(end, int) and abs(end) < EXACT for end in ends):
        refuse_neighbours(np.array(edges), NEIGHBOURS)
    reading = Reading("sets of two ends", columns=("u", "v"))
    refuse_missing_words((end for edge in edges for end in edge), options)
    return graph_of_edges([(u, v, 1) for u, v in edges], (), options, reading)


def _fields_of(items: Sequence[Any]) -> tuple[str, ...]:
    """Return what the entries of rows of one kind are called; () where they have no names, or not the same."""
    fields = fields_of(items[0]) if items else ()
    if not fields or any(type(item) is not type(items[0]) or fields_of(item) != fields for item in items):
        return ()
    return fields


def graph_of_sequence(obj: Iterable[Any], options: ReadOptions, *, directed: bool = False) -> WeightedGraph:
    """Turn a sequence of edges into a graph.

    Raises
    ------
    InputError
        An item is no edge, or the items fit two readings.

    Examples
    --------
    >>> graph_of_sequence([("a", "b", 2), ("b", "c", -1)], ReadOptions())
    WeightedGraph(n=3, m=2, total_weight=1)
    """
    items: list[Any] = list(_ordered(obj) if isinstance(obj, (set, frozenset)) else obj)
    if items and all(isinstance(item, (set, frozenset)) for item in items):
        return _graph_of_sets(items, options)
    fields = _fields_of(items)
    if fields and not directed:
        kept = [
            k for k, name in enumerate(fields) if (k, name, type(items[0]).__name__) != (0, "Index", "Pandas")
        ]
        cells = [list(item) for item in items]  # a series is asked for labels by item[k]
        columns_of = [[row[k] for row in cells] for k in kept]
        what = "named tuples of edges" if isinstance(items[0], tuple) else "named rows of edges"
        refuse_names_twice([fields[k] for k in kept])
        return edge_frame([fields[k] for k in kept], columns_of, options, what)
    _refuse_lists(items)
    if items and all(isinstance(item, list) and len(item) in (2, 3) for item in items):
        refuse_points([x for item in items for x in item[:2]])
    refuse_pairs(items)
    refuse_items(items)
    if not directed:
        refuse_symmetric(items)
    triples, choice, weighted = listed_edges(items, options.weight)
    refuse_header((u, v) for u, v, _ in triples)
    refuse_missing_words((end for u, v, _ in triples for end in (u, v)), options)
    if choice is not None:
        reading = Reading("sequence of edges", weight=choice.name, remarks=choice.remarks)
        return graph_of_edges(triples, (), options, reading, directed=directed, listed=True)
    if not weighted:
        refuse_values([u for u, _, _ in triples], [v for _, v, _ in triples])
    remarks: tuple[str, ...] = ()
    if weighted and not directed:
        _refuse_triangles(triples)
        refuse_order(triples)
        _refuse_keys(triples)
    refuse_some_signs([w for _, _, w in triples])
    if any(isinstance(w, str) for _, _, w in triples):
        _refuse_texts(triples)
        refuse_vertices_as_weights((end for u, v, _ in triples for end in (u, v)), (w for _, _, w in triples))
        weights, remarks = numbers_of([w for _, _, w in triples])
        triples = [(u, v, w) for (u, v, _), w in zip(triples, weights, strict=True)]
    if weighted and all(is_real(w) and w == 0 for _, _, w in triples):
        remarks = ("every weight is 0; if the third items are keys of a MultiGraph, pass the graph itself",)
    bare = sum(len(item) == 2 for item in items)
    remarks = (*remarks, *said_of_bare(bare, len(items)))
    columns = ("u", "v", "weight") if weighted else ("u", "v")
    reading = Reading("sequence of edges", columns=columns, remarks=remarks)
    return graph_of_edges(triples, (), options, reading, directed=directed, listed=True)
