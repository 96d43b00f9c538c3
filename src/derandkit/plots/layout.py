"""Where the vertices of a picture stand: as the user says, or the same deterministic places every time."""

from __future__ import annotations

import io
import json
import math
import numbers
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import numpy as np

from derandkit.content import read_bytes, unpacked
from derandkit.errors import InputError
from derandkit.graphs.labels import plain_label
from derandkit.graphs.readers.formats import dot, pajek
from derandkit.graphs.readers.formats.markup import faults
from derandkit.graphs.readers.formats.xmltext import plain_gexf
from derandkit.tables import repeated

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, IntArray
    from derandkit.records import JsonMapping

#: The greatest graph that is drawn without given positions; its layout takes some 3 seconds.
LARGEST = 1000
#: The greatest component whose layout follows the distances in the graph, which take O(n^3).
SMALL = 150
#: Pairs of node attributes that hold a position.
COORDINATES = (("x", "y"), ("lon", "lat"), ("longitude", "latitude"))
#: Columns of a frame that hold the vertices.
_LABEL_COLUMNS = ("node", "vertex", "label", "id", "name", "index")


def node_positions(source: object) -> dict[Hashable, tuple[float, float]] | None:
    """Return the positions that a networkx graph holds at its nodes, or None where one has none.

    Read are ``pos`` (a pair, or the first two of three numbers), ``x`` and ``y``, ``lon`` and ``lat``, ``graphics`` of
    GML and ``viz`` of GEXF.

    Examples
    --------
    >>> import networkx as nx
    >>> G = nx.Graph()
    >>> G.add_node("a", pos=(0, 1))
    >>> node_positions(G)
    {'a': (0.0, 1.0)}
    >>> node_positions(nx.path_graph(2)) is None
    True
    """
    nodes = getattr(source, "nodes", None)
    if not callable(nodes) or not hasattr(source, "adj"):
        return None
    found: dict[Hashable, tuple[float, float]] = {}
    for node, data in nodes(data=True):
        place = _place(data)
        if place is None:
            return None
        found[plain_label(node)] = place
    return found or None


def file_positions(
    path: str | os.PathLike[str], labels: Sequence[Hashable]
) -> dict[Hashable, tuple[float, float]] | None:
    """Return the positions that a file gives all vertices, or None.

    Files of GraphML, GML, GEXF (``viz:position``), DOT (``pos="1,2"``), Pajek and JSON may hold them.

    Parameters
    ----------
    path : str or PathLike
        A file that has been read as a graph; what is none has no positions.
    labels : sequence of labels
        The vertices. A node of the file is the vertex that goes by its id, or else by its ``name`` or ``label``.
    """
    from derandkit.graphs.files import seen_format

    if os.fspath(path) == "-" or not os.path.isfile(path):
        return None  # a pipe has been read, and whoever opens it again may wait for ever
    broken: tuple[type[Exception], ...] = (OSError, SyntaxError, *faults())
    try:
        data, _ = read_bytes(path)
        data, _ = unpacked(data)
        listed = list(_nodes_of(seen_format(data), data))
    except broken:
        return None
    for name in ("", "name", "label"):
        found = {str(attributes.get(name) if name else node): attributes for node, attributes in listed}
        places = {label: _place(found.get(str(label), {})) for label in labels}
        if places and len(found) == len(listed) and None not in places.values():
            if len(places) > 1 and len(set(places.values())) == 1:
                return None  # networkx writes 0, 0 for every vertex of a Pajek file
            return {label: place for label, place in places.items() if place is not None}
    return None


def _nodes_of(kind: str, data: bytes) -> Iterable[tuple[object, JsonMapping]]:
    """Nodes of a file and their attributes; none if the format has no positions."""
    import networkx as nx

    if kind == "graphml":
        return nx.read_graphml(io.BytesIO(data)).nodes(data=True)
    if kind == "gexf":
        return nx.read_gexf(io.BytesIO(plain_gexf(data))).nodes(data=True)
    text = data.decode("utf-8", "replace") if kind in ("gml", "dot", "pajek", "json") else ""
    if kind == "gml":
        try:
            return nx.parse_gml(text).nodes(data=True)
        except nx.NetworkXError:  # nodes without labels are named by their numbers
            return nx.parse_gml(text, label="id").nodes(data=True)
    if kind == "pajek":
        return pajek.node_attributes(text)
    if kind == "dot":
        return dot.node_attributes(text).items()
    if kind == "json":
        return _nodes_in_json(json.loads(text))
    return ()


def _nodes_in_json(content: object) -> Iterable[tuple[object, JsonMapping]]:
    """Nodes of node-link data, of elements of Cytoscape and of the JSON Graph Format.

    Their attributes may be inside ``attributes`` or ``metadata``.
    """
    if isinstance(content, dict):
        graphs = content.get("graphs")
        content = graphs[0] if isinstance(graphs, list) and len(graphs) == 1 else content
        inner = content.get("elements", content.get("graph"))
        content = inner if isinstance(inner, dict) and "nodes" in inner else content
    listed = content["nodes"] if isinstance(content, dict) else content
    if isinstance(listed, dict):
        listed = [{"id": name, **node} for name, node in listed.items()]
    for node in listed if isinstance(listed, list) else []:
        if "data" in node:
            yield node["data"].get("id"), {**node["data"], **node.get("position", {})}
        else:
            name = node.get("id", node.get("key"))
            yield name, {**node, **node.get("attributes", {}), **node.get("metadata", {})}


def _place(data: JsonMapping) -> tuple[float, float] | None:
    candidates = [data.get("pos"), *((data.get(x), data.get(y)) for x, y in COORDINATES)]
    for name in ("graphics", "viz"):  # GML, GEXF
        inner = data.get(name)
        if isinstance(inner, dict):
            inner = inner.get("position", inner)
            candidates.append((inner.get("x"), inner.get("y")))
    for pair in candidates:
        if isinstance(pair, str):  # DOT: "1,2", "1,2,3" or "1,2!"
            pair = pair.rstrip("!").split(",")
        if isinstance(pair, (tuple, list, np.ndarray)) and len(pair) in (2, 3):
            x, y = map(_coordinate, pair[:2])
            if x is not None and y is not None:
                return x, y
    return None


def _coordinate(value: object) -> float | None:
    """Return a finite number, be it in text as files have it; None for anything else."""
    if not isinstance(value, (numbers.Real, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def given_positions(graph: WeightedGraph, positions: object) -> FloatArray:
    """Return the positions of all vertices in the order of the graph, shape (n, 2).

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    positions : mapping of label to place, or frame
        A place is a pair, a row with ``x`` and ``y``, or a mapping with these keys. A frame has columns ``x`` and ``y``
        (or ``lon`` and ``lat``, or two columns), and the labels in its index or in a column ``node``.

    Raises
    ------
    InputError
        If a vertex has no position, or one that is not two finite numbers, or if it is no mapping.
    """
    if hasattr(positions, "columns"):
        positions = _places_in_frame(graph, positions)
    if not hasattr(positions, "items"):
        raise InputError(
            f"positions are a mapping {{label: (x, y)}}, not {type(positions).__name__}; for places in the order of "
            "your vertices pass dict(zip(vertices, places))"
        )
    plain = {plain_label(label): place for label, place in positions.items()}
    places = np.empty((graph.n, 2))
    for k, label in enumerate(graph.labels):
        if label not in plain:
            raise InputError(f"positions leave out vertex {label!r}")
        given = plain[label]
        place = _place(given if isinstance(given, Mapping) else {"pos": _as_pair(given)})
        if place is None:
            raise InputError(f"the position of vertex {label!r} is not a pair of finite numbers")
        places[k] = place
    return places


def _as_pair(place: object) -> object:
    """Return a row of a frame, a tensor or the like as an array."""
    return np.asarray(place) if hasattr(place, "__array__") else place


def _places_in_frame(graph: WeightedGraph, frame: object) -> dict[Hashable, tuple[object, object]]:
    """Return the rows of a frame of pandas, polars or the like by the vertex that they are about."""
    table = cast("Mapping[Hashable, Iterable[object]]", frame)
    names: list[Hashable] = list(getattr(frame, "columns", ()))
    low = {str(name).strip().lower(): name for name in names}
    pair = next(([low[x], low[y]] for x, y in COORDINATES if x in low and y in low), None)
    beside = next((low[name] for name in _LABEL_COLUMNS if name in low), None)
    index = list(map(plain_label, getattr(frame, "index", ()))) if hasattr(frame, "iloc") else []
    labels = index if beside is None else list(map(plain_label, table[beside]))
    if beside is not None and set(graph.labels) <= set(index):
        if not set(graph.labels) <= set(labels):
            labels = index
        elif index != labels and index != list(range(len(index))):
            raise InputError(
                f"the index and the column {beside!r} name the vertices in different ways; drop one of them"
            )
    others = [name for name in names if name != beside]
    pair = others if pair is None and len(others) == 2 else pair
    if pair is None or not labels:
        raise InputError(
            "positions in a frame are its columns x and y, with the vertices in its index or in a column 'node'; it "
            f"has {', '.join(map(repr, names))[:100]}"
        )
    if (again := repeated(labels)) is not None:
        raise InputError(f"positions have two rows for vertex {again!r}")
    return dict(zip(labels, zip(*(list(table[name]) for name in pair), strict=True), strict=True))


def layout(graph: WeightedGraph) -> FloatArray:
    """Return positions of all vertices, shape (n, 2): components one by one, packed side by side.

    Parameters
    ----------
    graph : WeightedGraph
        At most `LARGEST` vertices. Weights do not count: they may be negative.

    Raises
    ------
    InputError
        If the graph is greater.

    Notes
    -----
    Components of up to `SMALL` vertices by the method of Kamada and Kawai (Inf. Process. Lett. 31, 1989), greater ones
    by that of Fruchterman and Reingold (1991) from a fixed start; both are networkx's.
    """
    if graph.n > LARGEST:
        raise InputError(
            f"a graph of {graph.n} vertices has no readable picture (at most {LARGEST}); give positions, "
            "or draw the chain alone with derandkit.plots.cuts.plot_maxcut"
        )
    component = graph.components()
    blocks = []
    for k in range(int(component.max()) + 1):
        vertices = np.flatnonzero(component == k)
        blocks.append((vertices, _component_layout(graph, vertices)))
    blocks.sort(key=lambda block: (-block[0].size, int(block[0][0])))
    return _packed(graph.n, blocks)


def _component_layout(graph: WeightedGraph, vertices: IntArray) -> FloatArray:
    """Return positions of a component, centred, with one unit of area a vertex."""
    import networkx as nx

    if vertices.size == 1:
        return np.zeros((1, 2))
    i, j, _ = graph.edges()
    inside = np.isin(i, vertices)
    skeleton: nx.Graph[int] = nx.Graph()
    skeleton.add_nodes_from(vertices.tolist())
    skeleton.add_edges_from(zip(i[inside].tolist(), j[inside].tolist(), strict=True))
    if vertices.size <= SMALL:
        found = nx.kamada_kawai_layout(skeleton, weight=None)
    else:
        found = nx.spring_layout(skeleton, weight=None, seed=1)
    places = np.array([found[v] for v in vertices.tolist()], dtype=np.float64)
    places -= (places.max(axis=0) + places.min(axis=0)) / 2
    size = max(float(np.abs(places).max()), 1e-9)
    places *= 0.5 * math.sqrt(vertices.size) / size
    # the long side lies flat
    if np.ptp(places[:, 1]) > np.ptp(places[:, 0]):
        places = places[:, ::-1].copy()
    return places


def _packed(n: int, blocks: list[tuple[IntArray, FloatArray]]) -> FloatArray:
    """Put the components, the greatest first, into rows of about the width that makes a square."""
    places = np.zeros((n, 2))
    sizes = [np.ptp(block, axis=0) + 1.0 for _, block in blocks]
    width = max(math.sqrt(sum(float(w * h) for w, h in sizes)), float(sizes[0][0]))
    left = top = height = 0.0
    for (vertices, block), (w, h) in zip(blocks, sizes, strict=True):
        if left > 0.0 and left + w > width + 1e-9:
            left, top, height = 0.0, top + height, 0.0
        places[vertices] = block - block.min(axis=0) + (left + 0.5, 0.0)
        places[vertices, 1] = -(top + 0.5) - (block[:, 1] - block[:, 1].min())
        left, height = left + float(w), max(height, float(h))
    return places
