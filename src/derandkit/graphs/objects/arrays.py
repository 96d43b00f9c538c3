"""Arrays: square matrices, edges in rows, the ends of all edges in columns; lists that may be arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derandkit.errors import InputError
from derandkit.given.rows import fields_of
from derandkit.graphs.directions import graph_of_list
from derandkit.graphs.doubts import refuse_neighbours, refuse_path, refuse_points, small_table
from derandkit.graphs.frames import dense_graph, edge_frame
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import number_edge_array
from derandkit.graphs.libraries import plain_array
from derandkit.graphs.objects.columns import ends_among, refuse_header, refuse_values
from derandkit.graphs.objects.names import (
    refuse_missing_numbers,
    refuse_missing_words,
    refuse_vertices_as_weights,
)
from derandkit.graphs.objects.nearest import NEIGHBOURS
from derandkit.graphs.objects.parts import HEADS, refuse_heads
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import is_real, real_weights
from derandkit.numerals import loose_float
from derandkit.numerics.sparse import stored_entries


def graph_of_array(obj: object, options: ReadOptions) -> WeightedGraph:
    """Turn an array into a graph: a square one is a matrix, one of two or three columns lists edges.

    Raises
    ------
    InputError
        The array is neither, or fits two readings.

    Examples
    --------
    >>> graph_of_array(np.array([[0, 4], [4, 0]]), ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=4)
    """
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
    words = array.dtype.kind in "USOT" and array.ndim == 2 and array.shape[1] in (2, 3)
    words = words and any(isinstance(x, str) for x in array[:, :2].ravel().tolist())
    if array.ndim == 2 and array.shape[0] == array.shape[1] and not words:
        if options.input_format == "auto":
            refuse_heads(array, HEADS)
            refuse_path(array)
        return dense_graph(array, options)
    if array.shape == (2, 3) and _whole(array):
        raise InputError(
            "an array of shape (2, 3) may be 2 edges with weights or the ends of 3 edges; pass tuples (u, v, weight) "
            "for edges, or array.T for ends"
        )
    if array.ndim == 2 and array.shape[0] == 2 and array.shape[1] > 3 and _whole(array):
        return graph_of_columns(list(array), options, "array of ends")
    if array.ndim == 2 and array.shape[1] in (2, 3):
        refuse_points(array[:, :2].ravel().tolist())
        if array.dtype.kind == "f" and array.shape[1] == 2 and (array[:, 0] == array[:, 1]).any():
            raise InputError(
                "an array of decimal type with two equal numbers in a row: points on a grid, or edges with self-loops? "
                "For edges pass whole numbers, array.astype(int)"
            )
        refuse_neighbours(array, NEIGHBOURS)
        if array.dtype.kind in "USOT":
            refuse_header(tuple(pair.tolist()) for pair in array[:, :2])
            refuse_missing_words(array[:, :2].ravel().tolist(), options)
            if array.shape[1] == 2:
                refuse_values(*array.T.tolist())
            else:
                refuse_vertices_as_weights(array[:, :2].ravel().tolist(), array[:, 2].tolist())
    i, j, w, labels = number_edge_array(array)
    if array.dtype.kind in "iu" and options.input_format == "auto":
        refuse_missing_numbers(labels)
    columns = ("u", "v", "weight")[: array.shape[1]]
    return graph_of_list(i, j, w, options, Reading("array of edges", columns=columns), labels=labels)


def graph_of_sparse(A: object, options: ReadOptions) -> WeightedGraph:
    """Turn a sparse matrix into a graph.

    Raises
    ------
    InputError
        The matrix is not square, or not symmetric without ``symmetrize``, or a value is no finite real number.

    Examples
    --------
    >>> import scipy.sparse
    >>> A = scipy.sparse.csr_array([[0, 4], [4, 0]])
    >>> graph_of_sparse(A, ReadOptions(symmetrize="sum", weight=None))
    WeightedGraph(n=2, m=1, total_weight=2)
    """
    if options.weight is None and options.symmetrize is not None:
        entries = stored_entries(A).copy()
        if entries.dtype.kind != "b":  # every direction weighs 1; a stored False is no edge
            entries.sum_duplicates()
            entries.data[:] = 1
        A = entries
    graph = WeightedGraph.from_scipy(A, symmetrize=options.symmetrize)
    return graph.unweighted() if options.weight is None and options.symmetrize is None else graph


def _whole(values: object) -> bool:
    """Whether all numbers are whole, as those of vertices are."""
    array = np.asarray(values)
    return array.dtype.kind in "iu" or (array.dtype.kind == "f" and bool((array == np.rint(array)).all()))


def graph_of_columns(columns: Sequence[Any], options: ReadOptions, what: str) -> WeightedGraph:
    """Turn the ends of all edges, and their weights if there are three columns, into a graph.

    Raises
    ------
    InputError
        A weight is no finite real number.
    """
    ends = np.stack([np.asarray(column) for column in columns[:2]], axis=1)
    i, j, _, labels = number_edge_array(ends)
    if len(columns) == 3 and np.asarray(columns[2]).dtype.kind == "b" and np.all(columns[2]):
        columns = columns[:2]  # True says that an edge is one
    w = real_weights(columns[2], i.size) if len(columns) == 3 else None
    reading = Reading(what, columns=("u", "v", "weight")[: len(columns)])
    return graph_of_list(i, j, w, options, reading, labels=labels)


def _is_flat(column: object) -> bool:
    """Whether something is a list or array with one axis; lists within a list may differ in length."""
    if isinstance(column, np.ndarray):
        return column.ndim == 1
    return isinstance(column, list) and not any(isinstance(x, (list, tuple, np.ndarray)) for x in column)


def are_columns(obj: object) -> bool:
    """Whether a pair or triple of sequences holds the ends of all edges and the weights; refused if it may be edges.

    ``numpy.nonzero`` and ``scipy.sparse.find`` return such tuples.

    Raises
    ------
    InputError
        Both readings fit.

    Examples
    --------
    >>> are_columns(([0, 1, 2, 3], [1, 2, 3, 0])), are_columns([(0, 1), (1, 2)])
    (True, False)
    """
    if not isinstance(obj, (list, tuple)) or len(obj) not in (2, 3):
        return False
    if not all(_is_flat(column) for column in obj):
        return False
    sizes = {len(column) for column in obj}
    k, size = len(obj), min(sizes)
    _refuse_word_columns(obj)
    kinds = [np.asarray(column).dtype.kind for column in obj]
    numbers = len(sizes) == 1 and all(kind in "iuf" for kind in kinds[:2]) and kinds[-1] in "iufb"
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


def is_nested_matrix(obj: Sequence[Any], arcs: bool) -> bool:
    """Whether rows of numbers are a square matrix; those of order 2 and 3 may be edges too, and are then refused.

    Raises
    ------
    InputError
        Both readings fit.

    Examples
    --------
    >>> is_nested_matrix([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], False)
    True
    """
    k = len(obj)
    rows = (list, tuple, np.ndarray) if k > 3 else (list, np.ndarray)  # three tuples are edges
    if k < 2 or not all(isinstance(row, rows) and len(row) == k for row in obj):
        return False
    fields = fields_of(obj[0])
    if fields and ends_among(list(fields)) is not None:
        return False  # named tuples of edges
    if not all(is_real(x) or isinstance(x, (bool, np.bool_)) for row in obj for x in row):
        return False
    if k > 3:
        return True
    if all(isinstance(x, (bool, np.bool_)) for row in obj for x in row):
        return True
    what = small_table(np.clip([[loose_float(x) for x in row] for row in obj], -1e300, 1e300), arcs)
    if not what:
        return False
    raise InputError(
        f"{k} lists of {k} numbers may be a {what} or {k} edges; pass numpy.array(...) for a matrix (in JSON name "
        "its rows and columns, as frame.to_json does), or edges as tuples (u, v, weight) (in JSON objects with "
        "'source' and 'target')"
    )
