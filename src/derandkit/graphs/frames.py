"""Data frames and dense matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derandkit.errors import InputError
from derandkit.given.entries import refuse_lost
from derandkit.graphs.assembly import assemble_entries
from derandkit.graphs.directions import graph_of_list, relabelled, with_remarks
from derandkit.graphs.doubts import (
    complete_matrix,
    refuse_neighbours,
    refuse_path,
    refuse_points,
    refuse_row_names,
)
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import number_edges
from derandkit.graphs.labels import plain_label
from derandkit.graphs.objects.choice import choose_columns, refuse_numbers, stated_directions
from derandkit.graphs.objects.columns import (
    ENDS,
    ends_among,
    known_ends,
    refuse_header,
    refuse_lost_row,
    refuse_values,
)
from derandkit.graphs.objects.heads import are_turned, refuse_stated_order, said_of_arcs, said_of_turned
from derandkit.graphs.objects.names import refuse_missing_words
from derandkit.graphs.objects.nearest import NEIGHBOURS
from derandkit.graphs.objects.parts import (
    HEADS,
    are_counted,
    fits_unnamed,
    matrix_beside_names,
    matrix_order,
    refuse_heads,
    refuse_margins,
    refuse_totals,
)
from derandkit.graphs.objects.signs import SIGNS_READ, numbers_of, refuse_some_signs, sign_entries, sign_of
from derandkit.graphs.objects.times import refuse_fills, said_of_fills
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import WEIGHTS, are_numerals, is_no_weight, is_real, real_weights
from derandkit.missing import with_gaps
from derandkit.numerals import loose_float
from derandkit.tables import repeated

_END_NAMES = frozenset(name for pair in ENDS for name in pair)


def dense_graph(
    A: NDArray[np.generic], options: ReadOptions, labels: Sequence[object] | None = None
) -> WeightedGraph:
    """Build a graph from a square matrix whose zeros are no edges; vertices are labelled 0..n-1.

    Parameters
    ----------
    A : ndarray, shape (n, n)
    options : ReadOptions
        ``symmetrize`` and ``weight=None`` count.
    labels : sequence, optional
        What messages call the rows.

    Raises
    ------
    InputError
        The matrix is not symmetric, or holds values that are not finite real numbers.

    Notes
    -----
    The diagonal does not count, whatever is on it. The sum of both directions is that of the two entries, also where
    they are equal. In an array of floating-point numbers, mirrored entries that differ by rounding (see
    `WeightedGraph.from_scipy`) are averaged, as ``numpy.corrcoef`` needs.

    Examples
    --------
    >>> dense_graph(np.array([[1, 0.5], [0.5, np.nan]]), ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=0.5, dropped_loops=1)
    """
    n = A.shape[0]
    matrix = np.array(A) if A.dtype.kind in "fc" else A
    if matrix.dtype.kind in "fc":
        diagonal = np.diagonal(matrix)
        kept = np.where(np.isfinite(diagonal), diagonal, np.where(np.isnan(diagonal), 0, 1))  # NaN is no loop
        np.fill_diagonal(matrix, kept)
    remarks: tuple[str, ...] = ()
    if matrix.dtype.kind == "f" and np.isnan(matrix).any():
        full, remarks = complete_matrix(matrix.astype(np.float64), labels or range(n), options.symmetrize)
        matrix = full.astype(matrix.dtype)
    # narrow integers stay as they are: all are exact, and an array of them may fill the memory eight times as doubles
    narrow = matrix.dtype.kind in "iu" and matrix.dtype.itemsize < 8
    if matrix.dtype.kind != "b" and not narrow:
        values = real_weights(matrix.ravel(), n * n).reshape(n, n)
        matrix = values.astype(matrix.dtype) if matrix.dtype.kind == "f" else values
    if options.weight is None and options.symmetrize is not None:
        matrix = matrix != 0  # every direction weighs 1
    refuse_margins(matrix, labels or ())
    row, col = np.nonzero(matrix)
    if options.weight is not None and options.input_format == "auto" and matrix.dtype.kind != "b":
        off = row != col
        complete = n > 2 and int(np.count_nonzero(off)) == n * (n - 1)
        entries = matrix[row, col][off].astype(np.float64)
        refuse_fills(entries, matrix=True, complete=complete)
        remarks += said_of_fills(entries)
    reading = Reading("adjacency matrix", remarks=(*remarks, *options.combined), weighed=True)
    fields = assemble_entries(row, col, matrix[row, col], n, options.symmetrize)
    graph = WeightedGraph(labels=range(n), reading=reading, **fields)
    return graph.unweighted() if options.weight is None and options.symmetrize is None else graph


def graph_of_frame(frame: Any, options: ReadOptions) -> WeightedGraph:
    """Turn a pandas or polars frame, or a pandas series over pairs, into a graph.

    Raises
    ------
    InputError
        The frame is neither an edge list nor an adjacency matrix, or could be both.

    Examples
    --------
    >>> import pandas
    >>> frame = pandas.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "km": [2, 3]})
    >>> graph = graph_of_frame(frame, ReadOptions())
    >>> print(graph, "from a", graph.reading)
    WeightedGraph(n=3, m=2, total_weight=5) from a pandas edge list, 3 columns: source target km
    """
    home = type(frame).__module__.partition(".")[0]
    if hasattr(frame, "iter_rows"):  # polars
        names = list(frame.columns)
        numbers = all(kind.is_numeric() or str(kind) == "Boolean" for kind in frame.dtypes)
        if frame.height == frame.width and numbers and fits_unnamed(frame.to_numpy(), names, options):
            refuse_lost(frame, "the matrix")
            return _named_matrix(frame.to_numpy(), names, options, "polars")
        return _of_names(names, [frame[name].to_list() for name in names], options, "polars edge list")
    if not hasattr(frame, "iloc"):
        raise InputError(_no_frame(frame))
    if not hasattr(frame, "columns"):
        index = getattr(frame, "index", None)
        if getattr(index, "nlevels", 1) != 2:
            raise InputError("a series must have an index of pairs (u, v); pass a frame, or edges")
        pairs = [(key[0], key[1]) for key in frame.index]
        first, second = frame.index.names
        turned = are_turned(first, second, options.arcs)
        ends = [[u for u, _ in pairs], [v for _, v in pairs]]
        columns = [*(ends[::-1] if turned else ends), frame.tolist()]
        said = (said_of_turned(first, second),) if turned else ()
        return edge_frame(["source", "target", "weight"], columns, options, "pandas series over pairs", said)
    matrix = _matrix_of_frame(frame, options)
    if matrix is not None:
        return matrix
    names, columns, remarks = _columns_of_frame(frame, options.arcs)
    build = _of_names if all(isinstance(name, str) for name in frame.columns) else edge_frame
    return build(names, columns, options, f"{home} edge list", remarks)


def _no_frame(obj: object) -> str:
    """Say what to pass in place of an object of pandas that is neither a frame nor a series."""
    name = type(obj).__name__
    data = getattr(obj, "data", None)
    if name == "Styler" and hasattr(data, "iloc"):
        return "cannot read a graph from a Styler of pandas; pass its frame, styler.data"
    if "GroupBy" in name:
        return (
            f"cannot read a graph from a {name} of pandas; pass a frame, such as grouped.sum().reset_index()"
        )
    if "Index" in name and getattr(obj, "nlevels", 1) == 2:
        return f"cannot read a graph from a {name} of pandas; pass its pairs, index.tolist()"
    return (
        f"cannot read a graph from {name} of {type(obj).__module__.partition('.')[0]}; pass a frame, or edges"
    )


def _of_names(
    names: list[str],
    columns: list[list[object]],
    options: ReadOptions,
    what: str,
    remarks: tuple[str, ...] = (),
) -> WeightedGraph:
    """Graph of the edges of a frame whose columns have names; refused where these may be its first edge."""
    refuse_lost_row(names, columns)
    return edge_frame(names, columns, options, what, remarks)


def _matrix_of_frame(frame: Any, options: ReadOptions) -> WeightedGraph | None:
    """Graph of a square frame of numbers whose rows and columns are the same vertices; None if it is no matrix.

    Rows count as named like the columns if their labels are equal, be it as text (as after ``read_csv(index_col=0)``),
    or if they have no names at all and the matrix is symmetric.
    """
    rows = [plain_label(label) for label in frame.index]
    heads = [plain_label(label) for label in frame.columns]
    k = len(rows)
    if k == len(heads) and any(str(kind) == "object" for kind in frame.dtypes):
        frame = frame.infer_objects()  # numbers as objects
    words = any(str(kind) in ("object", "str", "string", "category") for kind in frame.dtypes)
    if k < 1 or len(heads) != k or len(set(heads)) < k:
        return None
    if words:
        if sorted(map(str, rows)) != sorted(map(str, heads)):
            return None
        cells = [x for row in with_gaps(frame).to_numpy().tolist() for x in row]
        signs = sign_entries(cells)
        if signs is None:
            _refuse_text(cells)
            return None
        signed = type(frame)(np.array(signs).reshape(k, k), frame.index, frame.columns)
        graph = _matrix_of_frame(signed, options)
        return None if graph is None else with_remarks(graph, [SIGNS_READ])
    unnamed = rows == list(range(k)) and frame.index.names == [None]
    place: dict[object, int] = {head: at for at, head in enumerate(heads)}
    as_text = {str(head): at for at, head in enumerate(heads)}
    labels: list[object] = rows
    if set(rows) == place.keys():
        order = [place[row] for row in rows]
    elif sorted(as_text) == sorted(map(str, rows)) and (
        not unnamed or fits_unnamed(frame.to_numpy(), heads, options)
    ):
        order = [as_text[str(row)] for row in rows]
    elif unnamed and fits_unnamed(frame.to_numpy(), heads, options):
        labels, order = heads, list(range(k))
    elif not unnamed and (named := matrix_order(list(as_text), list(map(str, rows)))) is not None:
        order = named[1]
    else:
        return None
    sparse = all(hasattr(kind, "subtype") for kind in frame.dtypes)
    values = frame.to_numpy(dtype=float if sparse else None)[:, order]
    axes = _axis(frame.index), _axis(frame.columns)
    turned = are_turned(*axes, options.arcs)
    if unnamed and heads == rows:
        refuse_heads(values, HEADS)
        refuse_path(values)
    if not sparse:
        refuse_lost(frame, "the matrix")
    home = type(frame).__module__.partition(".")[0]
    said = (said_of_turned(*axes),) if turned else ()
    return _named_matrix(values.T if turned else values, labels, options, home, said)


def _axis(index: object) -> str | None:
    """Return what the labels of an axis of a frame are called; None if they have no name, or one a level."""
    name = getattr(index, "name", None)
    return name if isinstance(name, str) and name.strip() else None


def _refuse_text(cells: Sequence[object]) -> None:
    """Refuse the cells of a matrix whose rows and columns have the same names, if its numbers are text."""
    if all(is_real(x) or are_numerals([x]) for x in cells):
        raise InputError("the frame holds a matrix of numbers as text; pass frame.astype(float)")


def _named_matrix(
    values: NDArray[np.generic],
    labels: Sequence[object],
    options: ReadOptions,
    home: str,
    said: tuple[str, ...] = (),
) -> WeightedGraph:
    graph = dense_graph(values, options, labels)
    remarks = graph.reading.remarks if graph.reading else ()
    return relabelled(graph, labels, Reading(f"{home} adjacency matrix", remarks=(*remarks, *said)))


def _columns_of_frame(frame: Any, arcs: bool) -> tuple[list[str], list[list[Any]], tuple[str, ...]]:
    """Names and values of the columns of a pandas frame, those of its index included where it holds ends of edges."""
    names = [str(name) for name in frame.columns]
    refuse_names_twice(names)
    if ends_among(names) is None and known_ends([str(row) for row in frame.index[:9]]) is not None:
        raise InputError("the rows of the frame are called as columns of edges are; pass frame.T")
    single = [
        str(kind) in ("float32", "float16") for kind in frame.dtypes
    ]  # as a vertex such numbers may be rounded
    columns = [
        list(frame[name].to_numpy()) if less else frame[name].tolist()
        for name, less in zip(frame.columns, single, strict=True)
    ]
    levels = [name for name in frame.index.names if name is not None]
    if frame.index.nlevels == 1 and not levels:
        if ends_among(names) is None:
            refuse_totals(names, list(map(str, frame.index)))
            refuse_row_names(names, list(frame.index), list(map(_is_numeric, columns)))
        return names, columns, ()
    keys = [list(key) if frame.index.nlevels > 1 else [key] for key in frame.index]
    inner = [[key[k] for key in keys] for k in range(frame.index.nlevels)]
    titles = [str(name) if name is not None else f"level {k}" for k, name in enumerate(frame.index.names)]
    left_out = f"the index {', '.join(map(repr, titles))} is not used"
    if ends_among(names) is not None or all(
        is_no_weight(title) and title not in _END_NAMES for title in titles
    ):
        return names, columns, (left_out,)
    if ends_among([*titles, *names]) is None and len(titles) == 1 and _may_be_ends(names):
        raise InputError(
            f"the ends of an edge may be the index {titles[0]!r} and a column, or two of the columns "
            f"{', '.join(map(repr, names))}; name them 'source' and 'target'"
        )
    if len(titles) == 2 and ends_among([*titles, *names]) is None:
        turned = are_turned(titles[0], titles[1], arcs)
        titles = ["target", "source"] if turned else ["source", "target"]  # pairs, whatever they are called
    return [*titles, *names], [*inner, *columns], ()


def refuse_names_twice(names: Sequence[str]) -> None:
    """Refuse a frame or table of which two columns have the same name.

    Raises
    ------
    InputError
        It names the first one.
    """
    if (twice := repeated(names)) is not None:
        raise InputError(f"two columns of the frame are named {twice!r}; rename one")


def _may_be_ends(names: Sequence[str]) -> bool:
    return sum(name.strip().lower() not in WEIGHTS and not is_no_weight(name) for name in names) > 1


def edge_frame(
    names: list[str],
    columns: list[list[object]],
    options: ReadOptions,
    what: str,
    remarks: tuple[str, ...] = (),
) -> WeightedGraph:
    """Build the graph of an edge list in named columns; `what` says where it is from.

    Raises
    ------
    InputError
        It is not clear which columns are the ends, an end is missing, or the ends are fractions, as coordinates are.
    """
    if len(names) < 2:
        raise InputError(f"the frame has {len(names)} column; an edge list has two, or three with weights")
    matrix = matrix_beside_names(names, columns, options.arcs)
    if matrix is not None:
        values, labels = matrix
        for name, column in zip(names, columns, strict=True):
            refuse_lost(column, f"column {name!r}", text=False)
        corner = next((name for name in (names[0], names[-1]) if name not in map(str, labels)), None)
        turned = are_turned(corner, None, options.arcs)
        if turned:
            remarks = (*remarks, said_of_turned(corner, None))
        return _named_matrix(values.T if turned else values, labels, options, what.partition(" ")[0], remarks)
    _refuse_small_matrix(names, columns, options)
    directed, at = stated_directions(names, columns)
    names = [name for k, name in enumerate(names) if k != at]
    columns = [column for k, column in enumerate(columns) if k != at]
    numeric = [_is_numeric(column) for column in columns]
    partly = [_is_partly_numeric(column) for column in columns]
    found = choose_columns(names, numeric, options.weight, partly, columns)
    ends = [[_label(x, names[at]) for x in columns[at]] for at in (found.u, found.v)]
    refuse_points([x for side in ends for x in side])
    refuse_header(zip(*ends, strict=True))
    sure = ends_among(names) is not None or (len(names) == 3 and names[2].strip().lower() in WEIGHTS)
    if len(names) in (2, 3) and (not sure or all(name.isdigit() for name in names) or are_counted(names)):
        rows = np.array(columns, dtype=object).T
        if all(isinstance(x, int) and abs(x) < 2**62 for x in rows.ravel()):
            refuse_neighbours(rows.astype(np.int64), NEIGHBOURS)
    refuse_missing_words((x for side in ends for x in side), options)
    if len(names) == 2:
        refuse_values(ends[0], ends[1], named=ends_among(names) is not None)
    refuse_numbers(names, numeric, options.weight)
    weights: list[object] = [1] * len(ends[0]) if found.weight is None else columns[found.weight]
    refuse_stated_order(names, columns, options.arcs)
    remarks = (*remarks, *found.remarks, *said_of_arcs(names, (found.u, found.v), options.arcs))
    refuse_some_signs(weights)
    weights, said = numbers_of(weights)
    remarks = (*remarks, *said)
    i, j, w, labels = number_edges(
        zip(*ends, weights, strict=True), (), found.weight if found.weight is None else names[found.weight]
    )
    used = [found.u, found.v] + ([] if found.weight is None else [found.weight])
    reading = Reading(what, columns=tuple(names[k] for k in used), remarks=remarks)
    return graph_of_list(i, j, w, options, reading, labels=labels, directed=directed)


def _refuse_small_matrix(names: list[str], columns: Sequence[Sequence[object]], options: ReadOptions) -> None:
    """Refuse two or three rows of as many numbers that may be a matrix, whatever holds them."""
    k = len(names)
    if k in (2, 3) and all(len(column) == k and all(map(is_real, column)) for column in columns):
        values = np.clip([[loose_float(x) for x in column] for column in columns], -1e300, 1e300)
        fits_unnamed(values.T, names, options)


def _label(value: object, name: str) -> object:
    if (
        value is None
        or (isinstance(value, float) and not np.isfinite(value))
        or str(value) in ("<NA>", "NaT")
    ):
        raise InputError(f"an entry of column {name!r} is missing; drop such rows")
    if isinstance(value, (bool, np.bool_)):
        raise InputError(
            f"column {name!r} holds {value}, which is no vertex; name the columns with the ends 'source' and 'target'"
        )
    return value


def _is_partly_numeric(column: list[object]) -> bool:
    return not _is_numeric(column) and any(_is_numeric([x]) for x in column)


def _is_numeric(column: list[object]) -> bool:
    return all(is_real(x) or sign_of(x) is not None for x in column)
