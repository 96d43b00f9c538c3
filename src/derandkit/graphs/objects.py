"""Graphs that other libraries hold in memory, recognised by what they can do, not by imports.

Graphs of networkx, igraph, rustworkx and graph-tool, pandas frames and series, SciPy matrices, arrays of NumPy, torch
and jax, mappings and sequences of edges. Nothing here opens a file. Where an object fits two readings it is refused,
and both are named.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derandkit.errors import InputError
from derandkit.graphs.assembly import ARCS, EXACT
from derandkit.graphs.directions import graph_of_list
from derandkit.graphs.doubts import (
    refuse_neighbours,
    refuse_pairs,
    refuse_points,
    refuse_tables,
    small_matrix,
)
from derandkit.graphs.frames import dense_graph, edge_frame, graph_of_frame, known_ends
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import DIRECTED, check_direction, listed_edges, number_edge_array, refuse_model
from derandkit.graphs.libraries import (
    graph_from_attributes,
    graph_of_edges,
    graph_of_graph_tool,
    graph_of_igraph,
    graph_of_rustworkx,
    numpy_or_scipy,
    plain_array,
)
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import (
    SIGNS_READ,
    is_real,
    real_weights,
    refuse_some_signs,
    said_of_bare,
    sign_of,
    weights_of,
)

KINDS = (
    "a graph of networkx, igraph, rustworkx or graph-tool, a pandas edge list or adjacency frame, a scipy sparse "
    "matrix, a square array, a mapping {(u, v): weight}, edges (u, v[, weight]) or a path"
)
NEIGHBOURS = (
    "for edges pass tuples (u, v, weight), or objects with 'source' and 'target' in JSON; for neighbours pass "
    "{u: [v, ...]}"
)


def graph_of(obj: Any, options: ReadOptions) -> WeightedGraph:
    """Turn an object that is no file into a graph; `derandkit.as_graph` lists what is known.

    Parameters
    ----------
    obj : object
        What describes the graph.
    options : ReadOptions
        ``weight`` and ``symmetrize`` count.

    Raises
    ------
    InputError
        The object is of no known kind, fits two readings, or holds no undirected graph with finite real weights.

    Examples
    --------
    >>> graph = graph_of({("a", "b"): 2, ("b", "c"): -1}, ReadOptions())
    >>> print(graph, "from a", graph.reading)
    WeightedGraph(n=3, m=2, total_weight=1) from a mapping of edges, weights from 'value'
    """
    if isinstance(obj, WeightedGraph):
        check_direction(False, ARCS if options.arcs and obj.arcs is None else None)
        return obj if options.weight is not None else obj.unweighted()
    if isinstance(obj, type):
        raise InputError(f"cannot read a graph from the class {obj.__name__}; pass an object: {KINDS}")
    home = type(obj).__module__.partition(".")[0]
    if home == "igraph" and hasattr(obj, "es"):
        return graph_of_igraph(obj, options)
    if home == "rustworkx" and hasattr(obj, "weighted_edge_list"):
        return graph_of_rustworkx(obj, options)
    if home == "graph_tool" and hasattr(obj, "ep"):
        return graph_of_graph_tool(obj, options)
    if home == "dimod" or (hasattr(obj, "linear") and hasattr(obj, "quadratic")):
        _refuse_model_object(obj)
    if hasattr(obj, "is_directed") and hasattr(obj, "nodes") and hasattr(obj, "edges"):
        return WeightedGraph.from_networkx(obj, options.weight, symmetrize=options.symmetrize)
    if home == "polars" and hasattr(obj, "collect"):
        obj = obj.collect()
    if home in ("pandas", "polars"):
        return graph_of_frame(obj, options)
    if home == "pyarrow" and hasattr(obj, "column_names"):
        columns = [obj.column(k).to_pylist() for k in range(obj.num_columns)]
        return edge_frame(list(obj.column_names), columns, options, "pyarrow edge list")
    if hasattr(obj, "__dataframe__"):
        raise InputError(f"cannot read a graph from a frame of {home}; pass frame.to_pandas()")
    if home in ("torch", "jax", "jaxlib"):
        obj = numpy_or_scipy(obj)
    if hasattr(obj, "tocoo"):
        return _weighted(WeightedGraph.from_scipy(obj, symmetrize=options.symmetrize), options)
    if type(obj).__module__ == "networkx.classes.reportviews":
        return _from_view(obj, options)
    if isinstance(obj, Mapping):
        return _from_mapping(obj, options)
    if isinstance(obj, np.ndarray) or (hasattr(obj, "__array__") and not isinstance(obj, Sequence)):
        return _from_array(obj, options)
    if not isinstance(obj, (list, tuple, str, bytes, bytearray)) and isinstance(obj, Iterable):
        if len(getattr(obj, "shape", ())) == 2:
            return _from_array(np.array([list(row) for row in obj]), options)
        obj = list(obj)
    if isinstance(obj, (list, tuple)) and _is_nested_matrix(obj, options.arcs):
        return _from_array(np.array(obj), options)
    if _are_columns(obj):
        return _from_columns(obj, options, "columns of ends")
    if not isinstance(obj, Iterable) or isinstance(obj, (str, bytes, bytearray)):
        raise InputError(f"cannot read a graph from {type(obj).__name__}; pass {KINDS}")
    return _from_sequence(obj, options)


def _refuse_model_object(obj: object) -> None:
    """Refuse a quadratic model of dimod or the like, and name the function that takes it.

    Raises
    ------
    InputError
        Always.
    """
    name = type(obj).__name__
    kind = getattr(getattr(obj, "vartype", None), "name", "")
    takes = {"BINARY": "minimize_qubo takes it", "SPIN": "minimize_ising takes it"}
    if kind in takes and hasattr(obj, "quadratic"):
        raise InputError(f"{name} is a QUBO or Ising model, not a graph; derandkit.{takes[kind]}")
    raise InputError(
        f"{name} is no graph; derandkit.minimize_qubo and minimize_ising take binary quadratic models, and "
        "derandkit.maxcut a mapping {(u, v): weight}"
    )


def _weighted(graph: WeightedGraph, options: ReadOptions) -> WeightedGraph:
    return graph if options.weight is not None else graph.unweighted()


def _from_array(obj: object, options: ReadOptions) -> WeightedGraph:
    if isinstance(obj, np.ma.MaskedArray):
        if obj.ndim != 2 or obj.shape[0] != obj.shape[1]:
            raise InputError("a masked array must be a square matrix, where a masked entry is no edge")
        array: NDArray[np.generic] = np.asarray(obj.filled(0))
    else:
        array = plain_array(obj)
    if array.dtype.names is not None:
        if array.ndim != 1:
            raise InputError(f"a structured array has shape {array.shape}; it lists one edge an entry")
        fields = zip(*array.tolist(), strict=True)
        return edge_frame(
            list(array.dtype.names), list(map(list, fields)), options, "structured array of edges"
        )
    if array.ndim == 2 and array.shape[0] == array.shape[1]:
        return _weighted(dense_graph(array, options), options)
    if array.shape == (2, 3) and _whole(array):
        raise InputError(
            "an array of shape (2, 3) may be 2 edges with weights or the ends of 3 edges; pass tuples (u, v, weight) "
            "for edges, or array.T for ends"
        )
    if array.ndim == 2 and array.shape[0] == 2 and array.shape[1] > 3 and _whole(array):
        return _from_columns(list(array), options, "array of ends")
    if array.ndim == 2 and array.shape[1] in (2, 3):
        refuse_points(array[:, :2].ravel().tolist())
        refuse_neighbours(array, NEIGHBOURS)
    i, j, w, labels = number_edge_array(array)
    columns = ("u", "v", "weight")[: array.shape[1]]
    return graph_of_list(i, j, w, options, Reading("array of edges", columns=columns), labels=labels)


def _whole(values: object) -> bool:
    """Whether all numbers are whole, as those of vertices are."""
    array = np.asarray(values)
    return array.dtype.kind in "iu" or (array.dtype.kind == "f" and bool((array == np.rint(array)).all()))


def _from_columns(columns: Sequence[Any], options: ReadOptions, what: str) -> WeightedGraph:
    """Graph of the ends of all edges, and their weights if there are three columns."""
    ends = np.stack([np.asarray(column) for column in columns[:2]], axis=1)
    i, j, _, labels = number_edge_array(ends)
    w = real_weights(columns[2], i.size) if len(columns) == 3 else None
    reading = Reading(what, columns=("u", "v", "weight")[: len(columns)])
    return graph_of_list(i, j, w, options, reading, labels=labels)


def _are_columns(obj: object) -> bool:
    """Whether a pair or triple of sequences holds the ends of all edges and the weights; refused if it may be edges.

    ``numpy.nonzero`` and ``scipy.sparse.find`` return such tuples.
    """
    if not isinstance(obj, (list, tuple)) or len(obj) not in (2, 3):
        return False
    if not all(isinstance(column, (list, np.ndarray)) and np.ndim(column) == 1 for column in obj):
        return False
    sizes = {len(column) for column in obj}
    k, size = len(obj), min(sizes)
    _refuse_word_columns(obj)
    numbers = len(sizes) == 1 and all(np.asarray(column).dtype.kind in "iuf" for column in obj)
    if not numbers or size < 2 or not all(_whole(column) for column in obj[:2]):
        return False
    if size > 3:
        return isinstance(obj, tuple) or k == 2
    if isinstance(obj, list) and (k, size) != (2, 3):
        return False  # rows of a list are edges
    columns = "ends and weights" if k == 3 else "ends"
    raise InputError(
        f"{k} sequences of {size} numbers may be {k} edges, or the {columns} of {size} edges; pass edges as tuples "
        "(u, v, weight), or list(zip(...)) of the columns"
    )


def _refuse_word_columns(obj: Sequence[Any]) -> None:
    """Refuse columns of two words each, and perhaps two weights, which may be two or three edges as well."""
    if any(len(column) != 2 for column in obj) or not all(isinstance(x, str) for x in [*obj[0], *obj[1]]):
        return
    k = len(obj)
    if isinstance(obj, tuple) if k == 2 else all(map(is_real, obj[2])):
        columns = "ends and weights" if k == 3 else "ends"
        raise InputError(
            f"{k} sequences of 2 may be {k} edges, or the {columns} of 2 edges; pass edges as tuples (u, v, weight), "
            "or list(zip(...)) of the columns"
        )


def _is_nested_matrix(obj: Sequence[Any], arcs: bool) -> bool:
    """Whether rows of numbers are a square matrix; those of order 2 and 3 may be edges too, and are then refused."""
    k = len(obj)
    if k < 2 or not all(isinstance(row, (list, np.ndarray)) and len(row) == k for row in obj):
        return False
    if not all(is_real(x) or isinstance(x, (bool, np.bool_)) for row in obj for x in row):
        return False
    if k > 3:
        return True
    if all(isinstance(x, (bool, np.bool_)) for row in obj for x in row):
        return True
    what = small_matrix(np.array(obj, dtype=np.float64), arcs)
    if not what:
        return False
    raise InputError(
        f"{k} lists of {k} numbers may be a {what} or {k} edges; pass numpy.array(...) for a matrix (in JSON name "
        "its rows and columns, as frame.to_json does), or edges as tuples (u, v, weight) (in JSON objects with "
        "'source' and 'target')"
    )


def _from_mapping(obj: Mapping[Any, Any], options: ReadOptions) -> WeightedGraph:
    if not obj:
        raise InputError("the mapping is empty; a graph needs at least one vertex")
    refuse_model(obj)
    refuse_tables(obj, known_ends)
    values = list(obj.values())
    pairs = all(isinstance(key, tuple) and len(key) == 2 for key in obj)
    if all(isinstance(value, Mapping) for value in values):
        inner = {key for value in values for key in value}
        if pairs and inner and all(isinstance(key, str) for key in inner) and not inner & obj.keys():
            return graph_from_attributes(list(obj), values, (), options, "mapping of edges", directed=False)
        return _from_neighbours(obj, options)
    if all(isinstance(value, (list, tuple, set, frozenset)) for value in values):
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
            [(u, v, 1) for u, row in listed.items() for v in row], obj, options, "mapping of neighbours"
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


def _from_neighbours(obj: Mapping[Any, Any], options: ReadOptions) -> WeightedGraph:
    """Graph of ``{u: {v: weight}}`` or ``{u: {v: attributes}}``."""
    edges = [(u, v) for u, row in obj.items() for v in row]
    cells = [cell for row in obj.values() for cell in row.values()]
    if cells and all(isinstance(cell, Mapping) for cell in cells):
        if any(isinstance(item, Mapping) for cell in cells for item in cell.values()):
            raise InputError("the mapping holds keys of a MultiGraph; pass the MultiGraph itself")
        weights, choice = weights_of(cells, options.weight)
        remarks, name = choice.remarks, choice.name
    else:
        weights, remarks, name = cells, (), "value"
    listed = [(u, v, w) for (u, v), w in zip(edges, weights, strict=True)]
    return _mirrored(listed, obj, options, "mapping of neighbours", remarks, name)


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
    reading = Reading(what, weight=name, remarks=remarks)
    nodes = obj if what == "mapping of neighbours" else ()
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
            "(symmetrize= of derandkit.as_graph; max counts each edge once)"
        )
    if what == "mapping of neighbours" and single is not None:
        one = "every edge is listed in one direction; directions are left out"
        reading = dataclasses.replace(reading, remarks=(*remarks, one))
    if mirrored:
        both = "edges are listed in both directions; each counts once"
        reading = dataclasses.replace(reading, remarks=(*remarks, both))
    return graph_of_edges(kept, nodes, options, reading)


def _from_view(view: Any, options: ReadOptions) -> WeightedGraph:
    """Graph of ``G.edges`` or ``G.edges(...)`` of networkx, where a key of a multigraph is no weight."""
    name = type(view).__name__
    edges = list(view)
    if getattr(view, "keys", None) is True or name.endswith("MultiEdgeView"):
        edges = [(edge[0], edge[1], *edge[3:]) for edge in edges]
    directed = name.startswith(("Out", "In"))
    check_direction(directed, options.symmetrize)
    return _from_sequence(edges, options, directed=directed)


def _refuse_lists(items: list[Any]) -> None:
    """Refuse lists, which unlike tuples may be lists of neighbours, where they are not edges without doubt."""
    if not items or not all(isinstance(item, (list, np.ndarray)) for item in items):
        return
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


def _from_sequence(obj: Iterable[Any], options: ReadOptions, *, directed: bool = False) -> WeightedGraph:
    items = list(obj)
    fields = getattr(type(items[0]), "_fields", None) if items else None
    if fields and not directed and all(type(item) is type(items[0]) for item in items):
        kept = [
            k for k, name in enumerate(fields) if (k, name, type(items[0]).__name__) != (0, "Index", "Pandas")
        ]
        columns_of = [[item[k] for item in items] for k in kept]
        return edge_frame([fields[k] for k in kept], columns_of, options, "named tuples of edges")
    _refuse_lists(items)
    refuse_pairs(items)
    triples, choice, weighted = listed_edges(items, options.weight)
    if choice is not None:
        reading = Reading("sequence of edges", weight=choice.name, remarks=choice.remarks)
        return graph_of_edges(triples, (), options, reading, directed=directed, listed=True)
    remarks: tuple[str, ...] = ()
    refuse_some_signs([w for _, _, w in triples])
    if any(sign_of(w) is not None for _, _, w in triples):
        triples = [(u, v, sign_of(w) or w) for u, v, w in triples]
        remarks = (SIGNS_READ,)
    if weighted and all(is_real(w) and w == 0 for _, _, w in triples):
        remarks = ("every weight is 0; if the third items are keys of a MultiGraph, pass the graph itself",)
    bare = sum(len(item) == 2 for item in items)
    remarks = (*remarks, *said_of_bare(bare, len(items)))
    columns = ("u", "v", "weight") if weighted else ("u", "v")
    reading = Reading("sequence of edges", columns=columns, remarks=remarks)
    return graph_of_edges(triples, (), options, reading, directed=directed, listed=True)
