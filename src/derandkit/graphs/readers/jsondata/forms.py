"""Which form of nodes and edges an object has, be it from a JSON text or from a function such as ``nx.node_link_data``.

In a text, names that are all integers become integers, and two spellings of one name are refused; an object that is
held in memory keeps its labels as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import exact_float
from derandkit.graphs.content import check_values
from derandkit.graphs.directions import relabelled, with_remarks
from derandkit.graphs.frames import dense_graph, edge_frame
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import check_direction
from derandkit.graphs.labels import refuse_spellings
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.objects.parts import refuse_matrix
from derandkit.graphs.readers.arrays.matrices import integer_labels
from derandkit.graphs.readers.attributes import check_once, may_be_weight
from derandkit.graphs.readers.formats.markup import faults, graph_of_networkx, reason
from derandkit.graphs.readers.jsondata.beside import beside
from derandkit.graphs.readers.jsondata.nodelink import (
    NESTED,
    cytoscape,
    end_of,
    flag,
    graph_of_parts,
    node_link,
    unnested,
)
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import is_real
from derandkit.records import JsonObject

_LISTS = ("adjacency", "links", "edges")
#: Keys of a matrix, and of the names of its rows.
_MATRICES = ("matrix", "adjacency", "adjacency_matrix", "adjacencyMatrix", "adj")
_NAMES = ("labels", "names", "nodes", "vertices", "index", "columns")


def graph_of_data(content: JsonObject, options: ReadOptions, *, text: bool = True) -> WeightedGraph | None:
    """Turn an object with nodes and edges into a graph; None if it has no list of edges.

    Parameters
    ----------
    content : dict
        Node-link data, adjacency data, elements of Cytoscape or JSON Graph Format.
    options : ReadOptions
        ``weight`` and ``symmetrize`` count.
    text : bool
        Whether it is from a text.

    Raises
    ------
    InputError
        It has edges in two forms, or what is in them is no graph.

    Examples
    --------
    >>> graph_of_data({"nodes": ["a", "b"], "links": [{"source": "a", "target": "b"}]}, ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=1)
    """
    inner = content.get("graph")
    if "graphs" in content and isinstance(content["graphs"], list) and inner is None:
        if len(content["graphs"]) != 1:
            raise InputError(f"the JSON holds {len(content['graphs'])} graphs; a cut needs one")
        inner = content["graphs"][0]
    if not isinstance(inner, dict) or not isinstance(inner.get("edges"), list):
        inner = None
    forms = [key for key in _LISTS if isinstance(content.get(key), list)]
    forms += ["elements"] if isinstance(content.get("elements"), (dict, list)) else []
    forms += ["graph"] if inner is not None else []
    full = [key for key in forms if key == "graph" or content[key]]
    if len(full) > 1:
        raise InputError(f"the JSON has edges under {full[0]!r} and under {full[1]!r}; remove one of them")
    form = (full or forms or [""])[0]
    names = {"graph": "JSON Graph Format", "adjacency": "adjacency data", "elements": "data of Cytoscape"}
    what = names.get(form, "node-link data")
    if text:
        names = {"adjacency": "adjacency JSON", "elements": "Cytoscape JSON"}
        what = names.get(form, "node-link JSON" if form != "graph" else what)
    named = _named_matrix(content, options, text=text)
    if named is not None or not form:
        return named
    try:
        if form == "graph" and inner is not None:
            parts = node_link(inner, "edges", options.weight)
        elif form == "adjacency":
            graph = _from_adjacency(content, what, options, text=text)
            listed = sum(len(row) for row in content[form])
            return with_remarks(graph, beside(content, form, {listed, graph.m}, options), last=True)
        elif form == "elements":
            directed = flag(content.get("directed", False), "directed")
            parts = cytoscape(content["elements"], directed=directed)
        else:
            parts = node_link(content, form, options.weight)
        outer = content if inner is None else {key: content[key] for key in content if key != "graph"}
        said = beside(outer, form, {len(parts.edges)}, options)
        if inner is not None:
            said += beside(inner, "edges", {len(parts.edges)}, options)
        return with_remarks(graph_of_parts(parts, what, options, text=text), said, last=True)
    except InputError:
        raise
    except faults() as error:
        raise InputError(f"cannot be read as {what}: {type(error).__name__} {reason(error)}") from None


def graph_of_records(
    content: Sequence[JsonObject], options: ReadOptions, *, text: bool = True
) -> WeightedGraph:
    """Turn a list of objects into a graph: elements of Cytoscape, or one edge an object.

    Raises
    ------
    InputError
        It is not clear which entries are the ends or the weight, or an edge lacks one of them.

    Examples
    --------
    >>> graph_of_records([{"from": 1, "to": 2, "km": 3}, {"from": 2, "to": 3, "km": 4}], ReadOptions())
    WeightedGraph(n=3, m=2, total_weight=7)
    """
    if all(isinstance(item.get("data"), dict) for item in content):
        what = "Cytoscape JSON" if text else "elements of Cytoscape"
        return graph_of_parts(cytoscape(content, directed=False), what, options, text=text)
    names = list(dict.fromkeys(key for item in content for key in item))
    odd = next((name for name in names if not isinstance(name, str)), None)
    if odd is not None:
        raise InputError(
            f"the list holds mappings with the key {odd!r}; name the ends of each edge 'source' and 'target', or pass "
            "neighbours as {u: {v: weight}}"
        )
    if text:  # a key and its value take eight bytes
        check_values(len(names) * len(content), 8 * sum(map(len, content)))
    content = _with_plain_ends(content, names)
    for item in content if not NESTED.isdisjoint(names) else ():
        # refuses a weight that stands in two places
        unnested(item, partial("the edge {!r:.60}".format, item), options.weight)
    columns = [[item.get(name) for item in content] for name in names]
    if names == [str(k) for k in range(len(content))]:
        refuse_matrix(dict(zip(names, columns, strict=True)), text=True)
    graph = edge_frame(names, columns, options, "JSON list of edges" if text else "list of mappings")
    if text:
        refuse_spellings(graph.labels)
    return graph


def _with_plain_ends(content: Sequence[JsonObject], names: Sequence[str]) -> Sequence[JsonObject]:
    """Return edges with the ids of their ends where all are objects, as d3 leaves them; refuse lists of objects.

    Raises
    ------
    InputError
        An end has no id, or a key lists edges of the vertex that an object describes.
    """
    found = known_ends(names)
    if found is not None:
        ends = [names[at] for at in found]
        if not all(isinstance(item.get(name), dict) for item in content for name in ends):
            return content
        return [{**item, **{name: end_of(item[name]) for name in ends}} for item in content]
    for name in names:
        cells = [item.get(name) for item in content]
        listed = next((x for x in cells if isinstance(x, list) and any(isinstance(y, dict) for y in x)), None)
        if listed is not None:
            raise InputError(
                f"{name!r} lists objects, such as {listed[0]!r:.60}; write one object an edge, with 'source' and "
                "'target'"
            )
    return content


def is_graph_data(obj: Mapping[object, object]) -> bool:
    """Whether a mapping has lists of objects for nodes or edges, which cannot be neighbours.

    Examples
    --------
    >>> is_graph_data({"nodes": [{"id": 1}], "edges": []}), is_graph_data({"nodes": ["a"], "edges": ["b"]})
    (True, False)
    """
    parts = [obj.get(key) for key in ("nodes", *_LISTS, *_MATRICES, "elements")]
    inner = obj.get("graph")
    elements = obj.get("elements")
    parts += list(elements.values()) if isinstance(elements, Mapping) else []
    parts += [inner.get("edges")] if isinstance(inner, Mapping) else []
    items = [item for part in parts if isinstance(part, list) for item in part]
    return any(isinstance(item, (Mapping, list)) for item in items)


def _named_matrix(content: JsonObject, options: ReadOptions, *, text: bool) -> WeightedGraph | None:
    """Graph of a square matrix beside the names of its rows, ``{"matrix": [[0, 5], [5, 0]], "labels": ["a", "b"]}``.

    What stands beside the two may be numbers, texts and flags, of which ``directed`` counts. None if it is none.
    """
    lists = {key: value for key, value in content.items() if isinstance(value, (list, dict))}
    keys = [key for key in _MATRICES if key in lists], [key for key in _NAMES if key in lists]
    if len(lists) != 2 or any(len(found) != 1 for found in keys):
        return None
    rows, names = (lists[found[0]] for found in keys)
    k = len(names)
    if (
        not isinstance(names, list)
        or not all(isinstance(name, (str, int)) for name in names)
        or len(set(names)) < k
    ):
        return None
    if not isinstance(rows, list) or len(rows) != k or not k:
        return None
    if not all(isinstance(row, list) and len(row) == k and all(map(is_real, row)) for row in rows):
        return None
    if "directed" in content:
        check_direction(flag(content["directed"], "directed"), options.symmetrize)
    values = np.array([[exact_float(x) for x in row] for row in rows], dtype=np.float64)
    if text:
        refuse_spellings(names)
    graph = dense_graph(values, options, names)
    reading = Reading("JSON adjacency matrix" if text else "adjacency matrix with names")
    reading = replace(reading, remarks=graph.reading.remarks if graph.reading else ())
    return relabelled(graph, integer_labels(list(map(str, names))) if text else names, reading)


def _check_rows(content: JsonObject) -> None:
    """Refuse an edge of adjacency data that stands twice with two weights: networkx keeps the last one.

    An edge without direction stands in the rows of both ends; those of a multigraph differ by their keys.

    Raises
    ------
    InputError
        It names the edge, and both values.
    """
    listed, rows = content.get("nodes"), content["adjacency"]
    if not isinstance(listed, list) or len(rows) > len(listed):
        return  # as networkx will say
    several, directed = content.get("multigraph", True), content.get("directed", False)
    found: dict[object, dict[str, object]] = {}
    for node, row in zip(listed, rows, strict=False):
        for entry in row:
            u, v = node["id"], entry["id"]
            ends = (u, v) if directed else frozenset((u, v))
            first = found.setdefault((ends, entry.get("key") if several else None), entry)
            if first is entry:
                continue
            where = partial("edge ({!r:.40}, {!r:.40})".format, u, v)
            for name in first if first.keys() == entry.keys() else {**first, **entry}:
                if name in ("id", "key"):
                    continue
                if name in first and name in entry:
                    check_once(first, name, entry[name], where)
                elif may_be_weight((first if name in first else entry)[name]):
                    raise InputError(
                        f"{where()} is listed twice, once with {name[:40]!r} and once without; write both alike"
                    )


def _from_adjacency(content: JsonObject, what: str, options: ReadOptions, *, text: bool) -> WeightedGraph:
    import networkx as nx

    content = {
        **content,
        **{key: flag(content[key], key) for key in ("directed", "multigraph") if key in content},
    }
    _check_rows(content)
    G = nx.adjacency_graph(content)
    listed = content.get("nodes")
    if listed is not None and G.number_of_nodes() != len(listed):
        raise InputError(
            f"{len(listed)} nodes are listed, but edges and nodes together name {G.number_of_nodes()}; "
            "some edge ends at a node that is not listed, or two nodes share an id"
        )
    if text:
        return graph_of_networkx(G, what, options)
    graph = WeightedGraph.from_networkx(G, options.weight, symmetrize=options.symmetrize)
    return replace(graph, reading=replace(graph.reading or Reading(what), format=what))
