"""Graphs that other libraries hold in memory, recognised by what they can do, not by imports.

Graphs of networkx, igraph, rustworkx and graph-tool, pandas frames and series, SciPy matrices, arrays of NumPy, torch
and jax, mappings and sequences of edges. Nothing here opens a file. Where an object fits two readings it is refused,
and both are named.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from derandkit.content import entries_of
from derandkit.errors import InputError
from derandkit.given.entries import refuse_lost
from derandkit.graphs.assembly import ARCS
from derandkit.graphs.frames import edge_frame, graph_of_frame, refuse_names_twice
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import check_direction
from derandkit.graphs.libraries import (
    graph_of_graph_tool,
    graph_of_igraph,
    graph_of_rustworkx,
    numpy_or_scipy,
)
from derandkit.graphs.objects.arrays import (
    are_columns,
    graph_of_array,
    graph_of_columns,
    graph_of_sparse,
    is_nested_matrix,
)
from derandkit.graphs.objects.mappings import graph_of_mapping
from derandkit.graphs.objects.sequences import graph_of_sequence, graph_of_view
from derandkit.graphs.readers.jsondata.forms import graph_of_data, graph_of_records, is_graph_data
from derandkit.graphs.reading import ReadOptions

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
    if home == "igraph" and hasattr(obj, "graph"):
        raise InputError(
            f"a {type(obj).__name__} of igraph holds groups of vertices, no edges; pass its graph"
        )
    if home == "rustworkx" and hasattr(obj, "weighted_edge_list"):
        return graph_of_rustworkx(obj, options)
    if home == "rustworkx" and isinstance(obj, Iterable):
        obj = list(obj)  # an array of two pairs would be a matrix
    if home == "graph_tool" and hasattr(obj, "ep"):
        return graph_of_graph_tool(obj, options)
    if home == "dimod" or (hasattr(obj, "linear") and hasattr(obj, "quadratic")):
        _refuse_model_object(obj)
    if hasattr(obj, "is_directed") and hasattr(obj, "nodes") and hasattr(obj, "edges"):
        return WeightedGraph.from_networkx(obj, options.weight, symmetrize=options.symmetrize)
    if home == "polars" and hasattr(obj, "collect"):
        obj = obj.collect()
    if home == "xarray" and getattr(obj, "ndim", 0) == 2 and obj.shape[0] == obj.shape[1]:
        obj, home = obj.to_pandas(), "pandas"  # a frame whose rows and columns are called by the coordinates
    if home in ("pandas", "polars"):
        return graph_of_frame(obj, options)
    if home == "pyarrow" and hasattr(obj, "column_names"):
        refuse_names_twice(list(obj.column_names))
        columns = [obj.column(k).to_pylist() for k in range(obj.num_columns)]
        return edge_frame(list(obj.column_names), columns, options, "pyarrow edge list")
    if hasattr(obj, "__dataframe__"):
        how = "compute" if home.startswith("dask") else "to_pandas"  # as these packages call it
        raise InputError(f"cannot read a graph from a frame of {home}; pass frame.{how}()")
    if home in ("torch", "jax", "jaxlib"):
        obj = numpy_or_scipy(obj)
    if hasattr(obj, "tocoo"):
        return graph_of_sparse(obj, options)
    if type(obj).__module__ == "networkx.classes.reportviews":
        return graph_of_view(obj, options)
    if isinstance(obj, Mapping):
        data = graph_of_data(dict(obj), options, text=False) if is_graph_data(obj) else None
        return graph_of_mapping(obj, options) if data is None else data
    if isinstance(obj, np.ndarray) or (hasattr(obj, "__array__") and not isinstance(obj, Sequence)):
        return graph_of_array(obj, options)
    if not isinstance(obj, (list, tuple, str, bytes, bytearray)) and isinstance(obj, Iterable):
        if len(getattr(obj, "shape", ())) == 2:
            whole = isinstance(obj, memoryview)  # its rows cannot be taken apart
            return graph_of_array(np.array(obj if whole else [list(row) for row in obj]), options)
        obj = obj if isinstance(obj, (set, frozenset)) else entries_of(obj, "the edges")
    if isinstance(obj, (list, tuple)) and obj and all(isinstance(item, Mapping) for item in obj):
        return graph_of_records(list(map(dict, obj)), options, text=False)
    if isinstance(obj, (list, tuple)):
        obj = _with_lists(obj)
    if isinstance(obj, (list, tuple)) and is_nested_matrix(obj, options.arcs):
        refuse_lost(obj, "the matrix")
        return graph_of_array(np.array(obj), options)
    if type(obj) in (list, tuple) and len(obj) in (2, 3):
        obj = type(obj)(map(_column, obj))  # (*edge_index, edge_weight) of PyTorch Geometric
    if are_columns(obj):
        return graph_of_columns(obj, options, "columns of ends")
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


def _with_lists(rows: list[object] | tuple[object, ...]) -> list[object] | tuple[object, ...]:
    """Return rows with lists in place of other sequences of numbers, so that each is doubted as lists are."""
    if not any(isinstance(row, (array, deque, memoryview)) for row in rows):
        return rows
    return type(rows)([list(row) if isinstance(row, (array, deque, memoryview)) else row for row in rows])


def _column(part: object) -> object:
    """Return a tensor as an array, and an array of one column as a vector; anything else as it is."""
    if type(part).__module__.partition(".")[0] in ("torch", "jax", "jaxlib"):
        part = numpy_or_scipy(part)
    return part[:, 0] if isinstance(part, np.ndarray) and part.ndim == 2 and part.shape[1] == 1 else part
