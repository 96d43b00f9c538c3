"""Graphs in JSON: node-link, adjacency and Cytoscape data of networkx and d3, the JSON Graph Format, lists of edges."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.directions import relabelled
from derandkit.graphs.formats import problem_refusal
from derandkit.graphs.frames import dense_graph, edge_frame, known_ends
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.objects import graph_of
from derandkit.graphs.readers.markup import faults, graph_of_networkx, reason
from derandkit.graphs.readers.matrices import integer_labels
from derandkit.graphs.readers.text import is_number, number
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.records import JsonObject

_KNOWN = (
    "node-link data ({'nodes': [...], 'links': [...]}), a list of edges or rows, {u: {v: weight}}, a frame of "
    "pandas, or JSON Graph Format"
)


def read_json(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    r"""Read a graph in JSON.

    Raises
    ------
    InputError
        Not JSON, not a graph, or an edge between nodes that are not listed.

    Examples
    --------
    >>> text = b'{"nodes": [{"id": "a"}, {"id": "b"}], "links": [{"source": "a", "target": "b", "value": 3}]}'
    >>> read_json(text, "-", ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=3)
    """
    try:
        content = json.loads(data)
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error.msg}", line=error.lineno) from None
    except RecursionError:
        raise InputError("the JSON is nested too deeply") from None
    except (ValueError, UnicodeDecodeError) as error:  # an integer of thousands of digits
        raise InputError(f"is not JSON that can be read: {reason(error)}") from None
    if isinstance(content, list):
        return _from_list(content, options)
    if not isinstance(content, dict):
        raise InputError(f"the JSON value is no graph; expected {_KNOWN}")
    if str(content.get("schema", "")).startswith("derandkit-"):
        raise InputError("is a result of derandkit, not a graph; give the graph that it is about")
    if content.get("type") in ("BinaryQuadraticModel", "BQM") or "bias_type" in content:
        raise InputError(problem_refusal("a QUBO or Ising model", "qubo"))
    return _from_object(content, options)


def _from_list(content: list[Any], options: ReadOptions) -> WeightedGraph:
    if content and all(isinstance(item, dict) for item in content):
        names = list(dict.fromkeys(key for item in content for key in item))
        columns = [[item.get(name) for item in content] for name in names]
        return edge_frame(names, columns, options, "JSON list of edges")
    if len(content) == 2 and all(isinstance(row, list) and len(row) == 3 for row in content):
        content = [tuple(row) for row in content]  # JSON lists edges; columns of ends are for arrays
    graph = graph_of(content, options)
    return replace(graph, reading=replace(graph.reading or Reading(""), format="JSON list of edges or rows"))


def _from_object(content: JsonObject, options: ReadOptions) -> WeightedGraph:
    import networkx as nx

    what, listed = "", None
    try:
        if isinstance(content.get("graph"), dict) and "edges" in content["graph"]:
            return graph_of_networkx(_json_graph_format(content["graph"]), "JSON Graph Format", options)
        if "adjacency" in content:
            what, listed = "adjacency JSON", content.get("nodes")
            G = nx.adjacency_graph(content)
        elif "elements" in content:
            what, listed = "Cytoscape JSON", content["elements"].get("nodes")
            G = nx.cytoscape_graph({"data": [], "directed": False, "multigraph": True, **content})
        elif "nodes" in content and ("links" in content or "edges" in content):
            what, listed = "node-link JSON", content["nodes"]
            flags = {"directed": False, "multigraph": True, **content}
            key = "links" if "links" in content else "edges"
            _check_ids(content["nodes"])
            G = nx.node_link_graph({**flags, key: [_flat(edge) for edge in content[key]]}, edges=key)
        else:
            what = "a frame or mapping"
            graph = _from_frame(content, options)
            if graph is not None:
                return graph
            keys = ", ".join(map(repr, list(content)[:5]))
            raise InputError(f"the JSON object with {keys} is no graph that is known; expected {_KNOWN}")
    except InputError:
        raise
    except faults() as error:
        raise InputError(f"cannot be read as {what}: {type(error).__name__} {reason(error)}") from None
    if listed is not None and G.number_of_nodes() != len(listed):
        raise InputError(
            f"{len(listed)} nodes are listed, but edges and nodes together name {G.number_of_nodes()}; "
            "some edge ends at a node that is not listed, or two nodes share an id"
        )
    return graph_of_networkx(G, what, options)


def _flat(edge: JsonObject) -> JsonObject:
    """Return an edge with the attributes that rustworkx writes one level deeper, and always as text."""
    data = edge.get("data")
    if not isinstance(data, dict) or any(isinstance(value, (dict, list)) for value in data.values()):
        return edge
    texts = {key: value.encode() for key, value in data.items() if isinstance(value, str)}
    numbers = {key: number(text) for key, text in texts.items() if is_number(text)}
    return {**{key: value for key, value in edge.items() if key != "data"}, **data, **numbers}


def _from_frame(content: JsonObject, options: ReadOptions) -> WeightedGraph | None:
    """Graph of what ``pandas.DataFrame.to_json`` writes, or of ``{u: {v: weight}}``; None if it is neither."""
    if {"schema", "data"} <= content.keys():
        fields = content["schema"].get("fields", ())
        index = content["schema"].get("primaryKey", [])
        names = [field["name"] for field in fields if field["name"] not in index]
        rows = [[row[str(name)] for name in names] for row in content["data"]]
        heads = [row[str(index[0])] for row in content["data"]] if len(index) == 1 else []
        return _from_rows(names, heads, rows, options)
    if content.keys() == {"columns", "index", "data"}:
        return _from_rows(content["columns"], content["index"], content["data"], options)
    if not content or not all(isinstance(value, dict) for value in content.values()):
        return None
    outer, inner = list(content), list(dict.fromkeys(key for value in content.values() for key in value))
    if known_ends(outer) is not None or known_ends(inner) is not None:
        by_column = known_ends(outer) is not None
        names, heads = (outer, inner) if by_column else (inner, outer)
        rows = [
            [content[name][head] if by_column else content[head][name] for name in names] for head in heads
        ]
        return _from_rows(names, heads, rows, options)
    if set(outer) == set(inner) and all(value.keys() == set(outer) for value in content.values()):
        return _from_rows(outer, outer, [[content[v][u] for v in outer] for u in outer], options)
    graph = graph_of(content, options)
    label = dict(zip(graph.labels, integer_labels(list(graph.labels)), strict=True))
    return relabelled(graph, list(label.values()), graph.reading or Reading("JSON mapping of neighbours"))


def _from_rows(
    names: Sequence[object], heads: Sequence[object], rows: Sequence[Sequence[object]], options: ReadOptions
) -> WeightedGraph:
    """Graph of a frame: an adjacency matrix if rows and columns have the same names, else a list of edges."""
    if len(heads) > 1 and list(map(str, names)) == list(map(str, heads)):
        graph = dense_graph(np.array(rows, dtype=float), options)
        graph = relabelled(graph, integer_labels(list(map(str, names))), Reading("JSON adjacency matrix"))
        return graph if options.weight is not None else graph.unweighted()
    columns = [list(column) for column in zip(*rows, strict=True)]
    return edge_frame(list(map(str, names)), columns, options, "JSON list of edges")


def _check_ids(nodes: Any) -> None:
    """Refuse nodes of which only some have an id: their numbers could be ids of others."""
    having = [isinstance(node, dict) and "id" in node for node in nodes]
    if any(having) and not all(having):
        raise InputError("some nodes have an id and some have none")


def _json_graph_format(graph: JsonObject) -> Any:
    import networkx as nx

    G: Any = nx.MultiDiGraph() if graph.get("directed") else nx.MultiGraph()
    nodes = graph.get("nodes", {})
    listed = list(nodes) if isinstance(nodes, dict) else [node["id"] for node in nodes]
    G.add_nodes_from(listed)
    for edge in graph["edges"]:
        ends = edge["source"], edge["target"]
        if listed and not all(end in G for end in ends):
            raise InputError(f"edge {ends!r} ends at a node that is not listed")
        flat = {key: value for key, value in edge.items() if key not in ("source", "target", "metadata")}
        G.add_edge(*ends, **flat, **edge.get("metadata", {}))
    return G
