"""Nodes and edges in lists: data of networkx, d3, vis.js and graphology, JSON Graph Format, elements of Cytoscape.

All become the same parts, labels and edges with attributes, each directed or not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import exact_float
from derandkit.graphs.directions import are_mirrored
from derandkit.graphs.formats import AUTO_WEIGHT, WeightName
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.labels import refuse_spellings
from derandkit.graphs.libraries import graph_from_attributes
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.objects.times import refuse_times
from derandkit.graphs.readers.arrays.matrices import integer_labels
from derandkit.graphs.readers.attributes import check_once
from derandkit.graphs.readers.text import is_number, number
from derandkit.graphs.reading import ReadOptions
from derandkit.graphs.weights import are_numerals, is_no_weight, is_real
from derandkit.records import JsonObject
from derandkit.tables import repeated

#: Where rustworkx, graphology and JSON Graph Format put attributes.
NESTED = frozenset({"data", "attributes", "metadata"})
#: Attributes that say whether an edge is directed, as `type` may.
_DIRECTIONS = frozenset({"directed", "undirected", "arrows"})
_KINDS = frozenset({"directed", "undirected"})
_PLAIN = (str, int, float)
#: What an element of Cytoscape has beside its data; of these may be numbers.
_OF_ELEMENTS = frozenset(
    {"data", "group", "classes", "style", "css", "scratch", "position", "zIndex", "z-index"}
)


class Edge(NamedTuple):
    """One edge: its ends, its attributes, and whether it leads from the first end to the second only."""

    u: Hashable
    v: Hashable
    attributes: dict[str, object]
    directed: bool


class Parts(NamedTuple):
    """Nodes and edges; `simple` graphs have one edge between two nodes, `parallel` ones may have several."""

    nodes: list[Hashable] | None  # None where no nodes are listed
    edges: list[Edge]
    simple: bool = False
    parallel: bool = False
    unnamed: bool = False  # whether weights are third items ``[u, v, 5]``


def graph_of_parts(parts: Parts, what: str, options: ReadOptions, *, text: bool = True) -> WeightedGraph:
    """Build the graph of nodes and edges; in a `text`, names that are all integers become integers.

    Raises
    ------
    InputError
        A node is listed twice, an edge ends at no node, or the weights or directions leave a question.

    Examples
    --------
    >>> edges = [{"source": "a", "target": "b", "weight": 3}]
    >>> graph_of_parts(node_link({"nodes": ["a", "b"], "links": edges}, "links"), "node-link JSON", ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=3)
    """
    edges = _one_each(parts.edges) if parts.simple else parts.edges
    nodes = parts.nodes
    if nodes is None:
        nodes = list(dict.fromkeys(end for edge in edges for end in (edge.u, edge.v)))
        refuse_spellings(nodes)
    known = set(nodes)
    if len(known) < len(nodes):
        raise InputError(f"two nodes share the id {repeated(nodes)!r}")
    for edge in edges:
        odd = next((end for end in (edge.u, edge.v) if end not in known), None)
        if odd is not None:
            raise InputError(f"edge ({edge.u!r}, {edge.v!r}) ends at {odd!r}, a node that is not listed")
    label = dict(zip(nodes, integer_labels(nodes) if text else nodes, strict=True))
    ends = [(label[edge.u], label[edge.v]) for edge in edges]
    attributes = [edge.attributes for edge in edges]
    directed = [edge.directed for edge in edges]
    if parts.unnamed and options.weight is AUTO_WEIGHT and options.input_format == "auto":
        numbers = [edge.attributes["weight"] for edge in edges]
        if all(map(is_real, numbers)):
            refuse_times(np.array([exact_float(x) for x in numbers]), rows=False)
    listed = not parts.parallel and not any(directed) and are_mirrored(ends)
    return graph_from_attributes(
        ends, attributes, list(label.values()), options, what, directed=directed, listed=listed
    )


def _one_each(edges: list[Edge]) -> list[Edge]:
    """Edges of a graph without parallel ones, each once; refused if two have the same ends and differ."""
    found: dict[tuple[Hashable, ...] | frozenset[Hashable], Edge] = {}
    for edge in edges:
        key = (edge.u, edge.v) if edge.directed else frozenset((edge.u, edge.v))
        if found.setdefault(key, edge).attributes != edge.attributes:
            raise InputError(
                f"edge ({edge.u!r}, {edge.v!r}) is listed twice with different attributes, though 'multigraph' is "
                "false; remove one, or set 'multigraph' to true to add them up"
            )
    return list(found.values())


def node_link(content: JsonObject, key: str, weight: WeightName = AUTO_WEIGHT) -> Parts:
    """Parts of an object with ``nodes`` (or ``vertices``) and a list of edges under `key`.

    Nodes are labels or objects with an ``id`` (or ``key``), edges ``[u, v, weight]`` or objects whose ends are called
    ``source`` and ``target``, ``from`` and ``to``, or by another pair of `derandkit.graphs.objects.columns.ENDS`. Where
    the weights have a name, two values of it are refused.

    Raises
    ------
    InputError
        It names the node or edge that is none.

    Examples
    --------
    >>> node_link({"edges": [{"from": 1, "to": 2, "value": 3}]}, "edges").edges
    [Edge(u=1, v=2, attributes={'value': 3}, directed=False)]
    """
    if content.get("hyperedges"):
        raise InputError("the graph has hyperedges, which no cut of a graph counts")
    kind = content["options"].get("type") if isinstance(content.get("options"), dict) else None
    directed = flag(content.get("directed", kind in ("directed", "mixed")), "directed")
    edges = [_edge(item, directed, weight) for item in content[key]]
    nodes = None
    listed = [name for name in ("nodes", "vertices") if content.get(name) is not None]
    if len(listed) > 1:
        raise InputError("there are 'nodes' and 'vertices'; remove one of them")
    if listed:
        nodes = _nodes(content[listed[0]], {end for edge in edges for end in (edge.u, edge.v)})
    several = flag(content.get("multigraph", True), "multigraph")
    unnamed = bool(edges) and all(
        isinstance(x, list) and len(x) == 3 and not isinstance(x[2], dict) for x in content[key]
    )
    return Parts(nodes, edges, not several, several and "multigraph" in content, unnamed)


def flag(value: object, name: str) -> bool:
    """Return what a flag says.

    Raises
    ------
    InputError
        It is neither true nor false.

    Examples
    --------
    >>> flag("false", "directed"), flag(True, "directed")
    (False, True)
    """
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower(), value)
    if value is None or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise InputError(f"{name!r} is {value!r}; it is true or false")


def _nodes(listed: object, ends: set[Hashable]) -> list[Hashable]:
    """Labels of nodes: plain values, keys of a mapping, ids, or numbers from 0 where nodes have no ids."""
    if isinstance(listed, dict):
        return list(listed)
    if not isinstance(listed, list):
        raise InputError(f"'nodes' is {listed!r}, not a list; list the nodes, or leave 'nodes' out")
    if not all(isinstance(node, dict) for node in listed):
        odd = next((node for node in listed if not isinstance(node, (*_PLAIN, list))), None)
        if odd is not None:
            raise InputError(f"the node {odd!r} stands among nodes of another form; write all nodes alike")
        return [_frozen(node) for node in listed]
    for name in ("id", "key"):
        having = sum(name in node for node in listed)
        if having == len(listed):
            return [_frozen(node[name]) for node in listed]
        if having and name == "id":
            raise InputError("some nodes have an id and some have none")
    for name in ("name", "label"):
        names = [node.get(name) for node in listed]
        if all(isinstance(text, str) for text in names) and ends and ends <= set(names):
            return names
    return list(range(len(listed)))


def _edge(item: object, directed: bool, weight: WeightName = AUTO_WEIGHT) -> Edge:
    if isinstance(item, list) and len(item) in (2, 3):
        third = item[2] if len(item) == 3 else {}
        attributes = dict(third) if isinstance(third, dict) else {"weight": third}
        return Edge(end_of(item[0]), end_of(item[1]), attributes, directed)
    if not isinstance(item, dict):
        raise InputError(f"edge {item!r} is neither [u, v, weight] nor an object with 'source' and 'target'")
    names = list(item)
    found = (names.index("source"), names.index("target")) if {"source", "target"} <= item.keys() else None
    found = found or known_ends(names)
    if found is None:
        has = ", ".join(map(repr, names[:6]))
        raise InputError(f"an edge has {has}, but no 'source' and 'target'; name its ends so")
    tail, head = (names[at] for at in found)
    rest = {name: value for name, value in item.items() if name not in (tail, head, "key")}
    attributes = unnested(rest, lambda: f"edge ({item[tail]!r:.40}, {item[head]!r:.40})", weight)
    return Edge(end_of(item[tail]), end_of(item[head]), attributes, _is_directed(attributes, directed))


def unnested(
    item: Mapping[str, object], where: Callable[[], str], weight: WeightName = AUTO_WEIGHT
) -> dict[str, object]:
    """Return the attributes of an edge with those that stand in a mapping of their own, as some libraries write them.

    A mapping that holds others or lists stays as it is.

    Parameters
    ----------
    item : mapping
        The edge without its ends.
    where : callable
        Returns what it is called in messages.
    weight : str, optional
        The name of the weights, if the caller gave one.

    Raises
    ------
    InputError
        A weight or a direction stands in two places with two values. Texts, and keys of the library itself such as
        ``id``, may differ.

    Examples
    --------
    >>> unnested({"weight": 2, "attributes": {"km": 5}}, lambda: "an edge")
    {'weight': 2, 'km': 5}
    >>> unnested({"weight": 2, "attributes": {"weight": 5}}, lambda: "an edge")
    Traceback (most recent call last):
    derandkit.errors.InputError: an edge has 'weight' twice, as 2 and as 5; leave the one that counts
    """
    if NESTED.isdisjoint(item):
        return dict(item)
    nested = {name: value for name, value in item.items() if name in NESTED and isinstance(value, dict)}
    found = {name: value for name, value in item.items() if name not in nested}
    for name, inside in nested.items():
        inner = _numbers(inside) if name == "data" else inside
        for key, value in inner.items():
            directs = key in _DIRECTIONS or (
                key == "type" and {str(value).lower(), str(found.get(key)).lower()} & _KINDS
            )
            if directs or key == weight or not is_no_weight(key):
                check_once(found, key, value, where, strictly=bool(directs))
        found.update(inner)
    return found


def _is_directed(attributes: dict[str, object], directed: bool) -> bool:
    """Whether an edge is directed, by its own word or else that of the graph; its own is no attribute."""
    kind = attributes.get("type")
    if isinstance(kind, str) and kind.lower() in _KINDS:
        directed = kind.lower() == "directed"
        del attributes["type"]
    if "directed" in attributes:
        directed = flag(attributes.pop("directed"), "directed")
    if "undirected" in attributes:
        directed = not flag(attributes.pop("undirected"), "undirected")
    arrows = attributes.pop("arrows", None)
    if arrows:
        if arrows != "to":
            raise InputError(
                f"an edge has arrows {arrows!r}; only 'to' is read: turn the edge round, or leave 'arrows' out"
            )
        directed = True
    return directed


def _numbers(data: JsonObject) -> dict[str, object]:
    """Attributes with text that spells a number as this number: rustworkx writes all of them as text."""
    return {
        key: number(value.encode()) if isinstance(value, str) and is_number(value.encode()) else value
        for key, value in data.items()
    }


def end_of(value: object) -> Hashable:
    """Label of an end; d3 puts the node itself in place of its id while it draws."""
    if isinstance(value, dict):
        name = next((name for name in ("id", "key", "index") if name in value), None)
        if name is None:
            raise InputError(f"an edge ends at {value!r}, which has no 'id'")
        value = value[name]
    return _frozen(value)


def _frozen(value: object) -> Hashable:
    """Return a label of JSON; a list is a tuple."""
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    if value is None or isinstance(value, (bool, dict)):
        raise InputError(f"{value!r} names no node; ids are text or numbers")
    return value


def cytoscape(elements: object, *, directed: bool) -> Parts:
    """Parts of the elements of Cytoscape: ``{"nodes": [...], "edges": [...]}``, or all in one list.

    Raises
    ------
    InputError
        An element has no ``data``, or neither an ``id`` nor two ends.

    Examples
    --------
    >>> ends = {"data": {"source": "a", "target": "b"}}
    >>> cytoscape([{"data": {"id": "a"}}, {"data": {"id": "b"}}, ends], directed=False).nodes
    ['a', 'b']
    """
    if isinstance(elements, dict):
        nodes, links = (_data(elements.get(key) or [], key == "edges") for key in ("nodes", "edges"))
    else:
        every = _data(elements)
        links = [data for data in every if {"source", "target"} <= data.keys()]
        nodes = [data for data in every if not {"source", "target"} <= data.keys()]
    if not all("id" in data for data in nodes):
        raise InputError("a node of the elements has no 'id' in its 'data'")
    # networkx writes the node itself as 'value', and its text as 'id'
    own = all(str(data.get("value")) == str(data["id"]) for data in nodes)
    named = {str(data["id"]): _frozen(data["value" if own else "id"]) for data in nodes}
    if len(named) < len(nodes):
        raise InputError("two nodes of the elements share an id")
    edges = []
    for data in links:
        edge = _edge({key: value for key, value in data.items() if key != "id"}, directed)
        u, v = (named.get(str(end), end) for end in edge[:2])
        edges.append(edge._replace(u=u, v=v))
    return Parts(list(named.values()), edges)


def _data(items: object, edges: bool = False) -> list[JsonObject]:
    """Return the ``data`` of elements; refused if a number stands beside that of an edge, where Cytoscape has none."""
    if not isinstance(items, list) or not all(
        isinstance(item, dict) and isinstance(item.get("data"), dict) for item in items
    ):
        raise InputError("an element of Cytoscape has no 'data'; write {'data': {'id': ...}}")
    for item in items:
        data = item["data"]
        if not edges and not {"source", "target"} <= data.keys():
            continue
        where = partial("the edge ({!r:.40}, {!r:.40})".format, data.get("source"), data.get("target"))
        for name, value in item.items():
            if name in _OF_ELEMENTS or is_no_weight(name) or not (is_real(value) or are_numerals([value])):
                continue
            check_once(data, name, value, where)
            if name not in data:
                raise InputError(
                    f"{where()} has {name[:40]!r} beside its 'data', where it does not count; write it into 'data'"
                )
    return [item["data"] for item in items]
