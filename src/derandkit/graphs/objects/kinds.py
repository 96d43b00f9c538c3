"""Graphs that other libraries hold in memory, recognised by what they can do, not by imports.

Graphs of networkx, igraph, rustworkx and graph-tool, pandas frames and series, SciPy matrices, arrays of NumPy, torch
and jax, mappings and sequences of edges. Nothing here opens a file. Where an object fits two readings it is refused,
and both are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derandkit.errors import InputError
from derandkit.graphs.assembly import ARCS
from derandkit.graphs.directions import graph_of_list
from derandkit.graphs.doubts import refuse_neighbours, refuse_points, small_matrix
from derandkit.graphs.frames import dense_graph, edge_frame, graph_of_frame
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import check_direction, number_edge_array
from derandkit.graphs.libraries import (
    graph_of_graph_tool,
    graph_of_igraph,
    graph_of_rustworkx,
    numpy_or_scipy,
    plain_array,
)
from derandkit.graphs.objects.mappings import graph_of_mapping
from derandkit.graphs.objects.sequences import NEIGHBOURS, graph_of_sequence, graph_of_view
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import is_real, real_weights

KINDS = (
    "a graph of networkx, igraph, rustworkx or graph-tool, a pandas edge list or adjacency frame, a scipy sparse "
    "matrix, a square array, a mapping {(u, v): weight}, edges (u, v[, weight]) or a path"
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
        return graph_of_view(obj, options)
    if isinstance(obj, Mapping):
        return graph_of_mapping(obj, options)
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
    return graph_of_sequence(obj, options)


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
