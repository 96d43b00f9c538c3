"""Edges in named columns of binary files: Parquet, Feather and Arrow, and archives of NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from derandkit.arrays.archives import load_npy
from derandkit.arrays.columnar import arrow_table, saved_index
from derandkit.errors import InputError, MissingDependencyError, first_line
from derandkit.graphs.frames import edge_frame, graph_of_frame
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import WEIGHTS
from derandkit.records import short_line

if TYPE_CHECKING:
    import pyarrow

#: Times that a table is held while it becomes a graph, measured.
_COPIES = 5
#: Names of an array with both ends of every edge, and of one with their weights.
_EDGES = frozenset({"edges", "edge_list", "edgelist", "edge_index", "links", "pairs"})
_WEIGHTS = WEIGHTS | {f"edge_{name}" for name in WEIGHTS} | {"edge_attr", "edge_weights", "values"}


def read_parquet(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    """Read a table of edges, or a matrix with names, in a Parquet, Feather or Arrow file, as the frame is read.

    Raises
    ------
    InputError
        Damaged, too large, or no graph as a frame.
    MissingDependencyError
        pyarrow is not installed, or pandas where the file holds an index that pandas saved.
    """
    table, kind = arrow_table(data, name, _COPIES)
    title = kind.capitalize()
    if _needs_pandas(table):
        graph = graph_of_frame(_frame(table), options)
    else:
        columns = [table.column(k).to_pylist() for k in range(table.num_columns)]
        graph = edge_frame(list(table.column_names), columns, options, f"{title} edge list")
    reading = graph.reading or Reading(f"{title} file")
    return replace(graph, reading=replace(reading, format=f"{title} {reading.format.partition(' ')[2]}"))


def graph_of_members(arrays: Mapping[str, bytes], options: ReadOptions) -> WeightedGraph | None:
    """Graph of the arrays of an archive that are the ends and weights of edges by their names; None if they are none.

    Either all are columns of one length, two of them called as ends are, or there are two: ``edges`` of shape (m, 2)
    or (2, m), and weights.

    Raises
    ------
    InputError
        An array cannot be read, or it is not clear how the edges lie in theirs, or which column is the weight.
    """
    columns = {member.removesuffix(".npy"): _loaded(content) for member, content in arrays.items()}
    names = list(columns)
    if all(column.ndim == 1 for column in columns.values()) and known_ends(names) is not None:
        sizes = {name: column.size for name, column in columns.items()}
        if len(set(sizes.values())) > 1:
            listed = ", ".join(f"{name} of {size}" for name, size in sizes.items())
            raise InputError(
                f"the archive holds {listed} numbers; the ends and the weights of edges have one length (a matrix with "
                "its shape needs scipy.sparse.save_npz)"
            )
        return edge_frame(
            names, [column.tolist() for column in columns.values()], options, "arrays of edges (npz)"
        )
    both = [name for name in names if name.lower() in _EDGES]
    weights = [name for name in names if name.lower() in _WEIGHTS]
    if len(names) != 2 or len(both) != 1 or len(weights) != 1:
        return None
    ends, w = columns[both[0]], columns[weights[0]]
    w = w.ravel() if w.shape in ((w.size, 1), (1, w.size)) else w
    if ends.shape not in ((w.size, 2), (2, w.size)) or w.ndim != 1 or w.size == 2:
        raise InputError(
            f"the archive holds {both[0]} of shape {ends.shape} and {weights[0]} of shape {w.shape}; edges have the "
            "shape (m, 2) or (2, m) beside m weights, and m is not 2"
        )
    ends = ends if ends.shape[1] == 2 else ends.T
    rows = [*ends.T.tolist(), w.tolist()]
    return edge_frame(["source", "target", weights[0]], rows, options, "arrays of edges (npz)")


def _loaded(content: bytes) -> NDArray[np.generic]:
    try:
        found: NDArray[np.generic] = load_npy(content)
    except ValueError as error:
        raise InputError(f"cannot be read as an array of numpy.save: {str(error).splitlines()[0]}") from None
    return found


def _needs_pandas(table: pyarrow.Table) -> bool:
    """Whether a table is read as a frame of pandas: where pandas is there, or it holds an index."""
    return find_spec("pandas") is not None or bool(saved_index(table.schema))


def _frame(table: pyarrow.Table) -> object:
    try:
        return table.to_pandas()
    except ImportError:
        raise MissingDependencyError("pandas", "pandas") from None
    except (ValueError, LookupError, TypeError, AttributeError, NotImplementedError, RecursionError) as error:
        # the text of a KeyError is a name alone
        why = f"it lacks {error}" if isinstance(error, KeyError) else first_line(error)
        raise InputError(
            f"cannot be read as a frame, what pandas saved beside it is damaged: {short_line(why)}"
        ) from None
