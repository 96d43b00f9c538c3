"""Mappings: ``{(u, v): weight}``, ``{u: {v: weight}}``, ``{u: {v: attributes}}`` and ``{u: [v, ...]}``."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Hashable, Mapping
from itertools import chain
from typing import Any

from derandkit.errors import InputError
from derandkit.graphs.assembly import ARCS
from derandkit.graphs.frames import edge_frame
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import DIRECTED, check_direction, number_edges, refuse_model
from derandkit.graphs.labels import canonical_order, plain_label, refuse_mixed, refuse_spellings
from derandkit.graphs.libraries import graph_of_edges
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.objects.names import (
    refuse_missing_words,
    refuse_names,
    refuse_vertices_as_weights,
    refuse_written_alike,
)
from derandkit.graphs.objects.parts import refuse_matrix, refuse_parts
from derandkit.graphs.objects.shapes import (
    refuse_attributes,
    refuse_many_graphs,
    refuse_numbered_edges,
    refuse_tables,
)
from derandkit.graphs.objects.signs import numbers_of
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import WEIGHTS, is_real, weights_of
from derandkit.numerals import is_whole


def graph_of_mapping(obj: Mapping[Any, Any], options: ReadOptions) -> WeightedGraph:
    """Turn a mapping of edges or of neighbours into a graph.

    Raises
    ------
    InputError
        The mapping is neither, or fits two readings.

    Examples
    --------
    >>> graph_of_mapping({"a": {"b": 2}, "b": {"a": 2, "c": -1}, "c": {"b": -1}}, ReadOptions())
    WeightedGraph(n=3, m=2, total_weight=1)
    """
    if not obj:
        raise InputError("the mapping is empty; a graph needs at least one vertex")
    refuse_model(obj)
    values = list(obj.values())
    if all(getattr(value, "ndim", 0) == 1 and hasattr(value, "tolist") for value in values):
        return _from_columns([str(name) for name in obj], [value.tolist() for value in values], options)
    if {"columns", "index", "data"} <= obj.keys():
        raise InputError(
            "the mapping has the parts of a frame; pass pandas.DataFrame(d['data'], d['index'], d['columns'])"
        )
    refuse_tables(obj, known_ends)
    refuse_parts(obj)
    refuse_matrix(obj)
    if all(isinstance(key, frozenset) and len(key) == 2 for key in obj) and all(map(is_real, values)):
        check_direction(False, ARCS if options.arcs else None)  # a set has no direction
        order = {
            label: k for k, label in enumerate(canonical_order(list({x for key in obj for x in key}))[0])
        }
        obj = {tuple(sorted(key, key=lambda x: order[plain_label(x)])): value for key, value in obj.items()}
    pairs = all(isinstance(key, tuple) and len(key) == 2 for key in obj)
    if all(isinstance(value, Mapping) for value in values):
        refuse_attributes(obj)
        inner = {key for value in values for key in value}
        if pairs and inner and all(isinstance(key, str) for key in inner) and not inner & obj.keys():
            weights, choice = weights_of(values, options.weight)
            triples = [(u, v, w) for (u, v), w in zip(obj, weights, strict=True)]
            return _mirrored(triples, obj, options, "mapping of edges", choice.remarks, choice.name)
        return _from_neighbours(obj, options)
    if all(isinstance(value, (list, tuple, set, frozenset)) for value in values):
        if pairs and any(values) and all(is_real(x) and x not in obj for value in values for x in value):
            raise InputError(
                f"the pair {next(iter(obj))!r} may be an edge with its weights in a list, or a vertex whose neighbours "
                "are numbers; pass {(u, v): weight}, or edges as tuples (u, v, weight)"
            )
        refuse_many_graphs(obj)
        _refuse_values(obj)
        _refuse_turned(obj)
        refuse_numbered_edges(obj)
        if _weighs_neighbours(obj):
            pairs_of = [(u, v, w) for u, row in obj.items() for v, w in row]
            return _mirrored(pairs_of, obj, options, "mapping of neighbours")
        try:
            listed = {u: dict.fromkeys(neighbours, 1) for u, neighbours in obj.items()}
        except TypeError:
            raise InputError(
                "a neighbour in the mapping is not hashable; use numbers, strings or tuples"
            ) from None
        if any(len(listed[u]) != len(neighbours) for u, neighbours in obj.items()):
            raise InputError("a neighbour is listed twice; pass a MultiGraph, or weights {u: {v: weight}}")
        return _mirrored(
            [(u, v, 1) for u, row in listed.items() for v in row],
            obj,
            options,
            "mapping of neighbours",
            name=None,
        )
    if not pairs:
        odd = next(key for key in obj if not (isinstance(key, tuple) and len(key) == 2))
        raise InputError(
            f"key {odd!r} of the mapping is no edge; use {{(u, v): weight}}, {{u: {{v: weight}}}} or {{u: [v, ...]}}"
        )
    linear = next(
        (key for key, value in obj.items() if key[0] == key[1] and is_real(value) and value != 0), None
    )
    if linear is not None:
        raise InputError(
            f"key {linear!r} has a weight: the linear term of a QUBO (derandkit.minimize_qubo takes it), or a "
            "self-loop, which no cut counts; drop such keys if they are loops"
        )
    return _mirrored([(u, v, w) for (u, v), w in obj.items()], obj, options, "mapping of edges")


def _from_columns(names: list[str], columns: list[list[object]], options: ReadOptions) -> WeightedGraph:
    """Graph of ``{"source": array, "target": array}``, where an array is no list of neighbours."""
    if known_ends(names) is None:
        listed = ", ".join(map(repr, names[:5]))
        raise InputError(
            f"the mapping has arrays under {listed}; for columns of edges name two of them 'source' and 'target', for "
            "neighbours pass {u: [v, ...]}"
        )
    if len({len(column) for column in columns}) > 1:
        raise InputError("the columns of the mapping have different lengths")
    return edge_frame(names, columns, options, "mapping of columns")


def _weighs_neighbours(obj: Mapping[Any, Any]) -> bool:
    """Whether lists of neighbours hold pairs ``(neighbour, weight)``, and not pairs that are vertices themselves.

    Raises
    ------
    InputError
        Both could be.
    """
    items = [item for row in obj.values() for item in row]
    if not items or not all(isinstance(x, tuple) and len(x) == 2 and is_real(x[1]) for x in items):
        return False
    named = any(item in obj for item in items)
    if named or all(isinstance(key, tuple) for key in obj):
        if any(item[0] in obj for item in items):
            raise InputError(
                f"the neighbour {items[0]!r} may be a vertex or a pair (neighbour, weight); use {{u: {{v: weight}}}}"
            )
        return False
    return True


def _refuse_values(obj: Mapping[Hashable, Collection[Hashable]]) -> None:
    """Refuse ``{u: (x, y)}`` with broken numbers, positions as it seems, and ``{u: (v, 5)}``, perhaps with a weight.

    Raises
    ------
    InputError
        It names both readings.
    """
    inner = [x for row in obj.values() for x in row]
    broken = next((x for x in inner if is_real(x) and not is_whole(x)), None)
    if broken is not None and all(map(is_real, inner)):
        raise InputError(
            f"the lists of the mapping hold numbers, such as {broken!r}, and not all whole: positions of vertices, or "
            "neighbours? Pass {u: {v: weight}} or {u: [v, ...]}"
        )
    rows = [row for row in obj.values() if isinstance(row, (list, tuple))]
    pairs = len(rows) == len(obj) > 0 and all(len(row) == 2 and is_real(row[1]) for row in rows)
    if pairs and not any(is_real(row[0]) for row in rows) and not any(row[1] in obj for row in rows):
        u, row = next(iter(obj.items()))
        raise InputError(
            f"{row!r} under {u!r} may be a neighbour and the weight, or two neighbours; write {{u: {{v: weight}}}}"
        )


def _refuse_turned(obj: Mapping[Hashable, Collection[Hashable]]) -> None:
    """Refuse lists of ``(weight, neighbour)``, as Dijkstra's algorithm has them, and of edges ``(u, v, weight)``.

    Raises
    ------
    InputError
        No tuple is a key of the mapping, but what stands behind in each one is.
    """
    listed = [(u, item) for u, row in obj.items() for item in row]
    rows = [(u, item) for u, item in listed if isinstance(item, tuple) and 2 <= len(item) <= 3]
    items = [item for _, item in rows]
    if not rows or len(rows) < len(listed) or any(item in obj for item in items):
        return
    ends, firsts = all(x[1] in obj for x in items), all(x[0] in obj for x in items)
    own = all(len(x) == 3 and u in x[:2] for u, x in rows)
    if own or (ends and not firsts and all(len(x) == 2 and is_real(x[0]) for x in items)):
        raise InputError(
            f"{items[0]!r} may be a weight and a neighbour, an edge, or a vertex; write {{u: {{v: weight}}}}, or a "
            "list of edges"
        )


def _from_neighbours(obj: Mapping[Any, Any], options: ReadOptions) -> WeightedGraph:
    """Graph of ``{u: {v: weight}}`` or ``{u: {v: attributes}}``."""
    edges = [(u, v) for u, row in obj.items() for v in row]
    cells = [cell for row in obj.values() for cell in row.values()]
    names = {key for row in obj.values() for key in row}
    if (
        names
        and not names & obj.keys()
        and all(isinstance(x, str) and x.lower() in WEIGHTS | {"color"} for x in names)
    ):
        raise InputError(
            f"{min(names)!r} may be an attribute of edges, so that the mapping is that of the neighbours of one "
            "vertex, or a vertex itself; pass the graph"
        )
    if cells and all(isinstance(cell, Mapping) for cell in cells):
        if any(isinstance(item, Mapping) for cell in cells for item in cell.values()):
            raise InputError("the mapping holds keys of a MultiGraph; pass the MultiGraph itself")
        listed_in = next(
            (name for cell in cells for name, item in cell.items() if _lists_parts(name, item)), None
        )
        if listed_in is not None:
            raise InputError(
                f"{listed_in!r} lists objects, as in the answer of a service, and is no attribute of an edge; pass the "
                "edges of that list as pairs of vertices"
            )
        weights, choice = weights_of(cells, options.weight)
        remarks, name = choice.remarks, choice.name
    else:
        for u, row in obj.items():
            for v, cell in row.items():
                if isinstance(cell, (list, tuple, set)):
                    raise InputError(
                        f"{v!r} under {u!r} holds a list, {cell!r:.60}: neighbours, or an attribute? For neighbours "
                        "write {u: [v, ...]}, for edges a list of (u, v, weight)"
                    )
        weights, remarks, name = cells, (), "value"
    listed = [(u, v, w) for (u, v), w in zip(edges, weights, strict=True)]
    return _mirrored(listed, obj, options, "mapping of neighbours", remarks, name)


def _lists_parts(name: Hashable, item: object) -> bool:
    """Whether an item of a mapping is such as ``"edges": [{"node": ...}, ...]``."""
    listed = isinstance(item, (list, tuple)) and all(isinstance(x, Mapping) for x in item)
    return listed and isinstance(name, str) and name.lower() in ("edges", "links", "nodes", "vertices")


def _mirrored(
    edges: list[tuple[Hashable, Hashable, object]],
    obj: Mapping[Any, Any],
    options: ReadOptions,
    what: str,
    remarks: tuple[str, ...] = (),
    name: str | None = "value",
) -> WeightedGraph:
    """Graph of a mapping: the two directions of an edge are one edge if they weigh the same.

    Either every edge is listed once, or every edge in both directions. A view of networkx lists every edge of an
    undirected graph in both.
    """
    if any(isinstance(w, str) for _, _, w in edges):
        refuse_vertices_as_weights([*obj, *(v for _, v, _ in edges)], (w for _, _, w in edges))
        weights, said = numbers_of([w for _, _, w in edges])
        edges = [(u, v, w) for (u, v, _), w in zip(edges, weights, strict=True)]
        remarks = (*remarks, *said)
    reading = Reading(what, weight=name, remarks=remarks)
    nodes = obj if what == "mapping of neighbours" else ()
    if not nodes:
        refuse_spellings((end for u, v, _ in edges for end in (u, v)), whole=True)
    ends_of = list(chain(obj if nodes else (), (end for u, v, _ in edges for end in (u, v))))
    refuse_written_alike(ends_of)
    refuse_mixed(
        ends_of, "json.load makes text of keys; pass {int(u): row for u, row in d.items()}" if nodes else ""
    )
    if not all(v in obj for _, v, _ in edges):  # else the keys list the vertices
        i, j, _, labels = number_edges((u, v, 1) for u, v, _ in edges)
        refuse_names(labels, i, j)
        refuse_missing_words((label for label in labels if label not in obj), options)
    if options.symmetrize is not None:
        return graph_of_edges(edges, nodes, options, reading, directed=True)
    view = any(type(part).__module__ == "networkx.classes.coreviews" for part in (obj, *obj.values()))
    try:
        weight = {(u, v): w for u, v, w in edges}
        ends = set(weight)
    except TypeError:
        raise InputError("a vertex label is not hashable; use numbers, strings or tuples") from None
    kept = []
    mirrored = 0
    for u, v, w in edges:
        if u != v and (v, u) in weight:
            back = weight[v, u]
            if back != w:
                raise InputError(
                    f"edge ({u!r}, {v!r}) weighs {w!r} but ({v!r}, {u!r}) weighs {back!r}; say what an edge weighs "
                    "with symmetrize='sum', 'mean' or 'max'"
                )
            weight.pop((u, v))  # its mirror stays, and finds no partner
            mirrored += 1
            continue
        kept.append((u, v, w))
    single = next(((u, v) for u, v, _ in kept if u != v and (v, u) not in ends), None)
    if single is not None and view:
        raise InputError(DIRECTED)
    if single is not None and mirrored:
        raise InputError(
            f"edge {single!r} is listed in one direction, but other edges in both: the graph may be directed, or an "
            "edge was left out; list every edge once, or say what an edge weighs with --symmetrize sum, mean or max "
            "(symmetrize= of derandkit.maxcut or as_graph; max counts each edge once)"
        )
    if what == "mapping of neighbours" and single is not None:
        one = "every edge is listed in one direction; directions are left out"
        reading = dataclasses.replace(reading, remarks=(*remarks, one))
    if mirrored:
        both = "edges are listed in both directions; each counts once"
        reading = dataclasses.replace(reading, remarks=(*remarks, both))
    return graph_of_edges(kept, nodes, options, reading)
