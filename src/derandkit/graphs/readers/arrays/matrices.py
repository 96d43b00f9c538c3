"""Matrices: rows of numbers in a text, with or without names, and arrays of NumPy and SciPy in binary files."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from derandkit.arrays.archives import (
    BROKEN,
    archive_members,
    check_entries,
    check_npy,
    load_npy,
    loaded_sparse,
)
from derandkit.errors import InputError, first_line
from derandkit.graphs.content import check_filled, check_order
from derandkit.graphs.directions import relabelled
from derandkit.graphs.doubts import small_table
from derandkit.graphs.frames import dense_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.labels import plain_label
from derandkit.graphs.objects.arrays import graph_of_array, graph_of_sparse
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.objects.heads import are_turned, said_of_turned
from derandkit.graphs.objects.parts import are_counted, decide_matrix, matrix_order, refuse_heads
from derandkit.graphs.readers.arrays.columnar import graph_of_members
from derandkit.graphs.readers.arrays.margins import with_names_first, without_signs
from derandkit.graphs.readers.dialects import Dialect
from derandkit.graphs.readers.marks import LONE
from derandkit.graphs.readers.tables import MISSING, TRUTH, is_cell, is_weight, texts, with_points
from derandkit.graphs.readers.text import Row, is_integer, is_number, number, show
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.numerics.typing import FloatArray

ASK_MATRIX = "say which with --input-format matrix or edgelist (input_format= of derandkit.as_graph)"


def check_cells(table: Sequence[Row], dialect: Dialect) -> None:
    """Refuse empty cells, and blanks between numbers in one cell.

    Raises
    ------
    InputError
        The first such cell.
    """
    for row in table:
        cells = row.columns
        if len(cells) == 3 and not cells[2] and all(cells[:2]):
            raise InputError(
                "the weight is missing (an empty cell); write a number, or drop such lines", line=row.line
            )
        if len(cells) > 2 and cells[0] and not any(cells[1:]) and not is_number(cells[0]):
            text = f"{show(cells[0])} stands alone in its line: a title or a remark? Remove it ({LONE})"
            raise InputError(text, line=row.line)
        if not all(cells):
            lone = f" ({LONE})" if len(cells) == 2 and any(cells) else ""
            raise InputError(f"empty column between {dialect.name}s{lone}", line=row.line)
        for cell in cells if dialect.separator else ():
            if b" " in cell and all(map(is_number, cell.split())):
                raise InputError(
                    f"column {show(cell)} holds a blank; separate columns by {dialect.name}s or by blanks, not both",
                    line=row.line,
                )


def matrix_of(
    table: list[Row], dialect: Dialect, kind: str, is_list: bool, options: ReadOptions
) -> WeightedGraph | None:
    """Graph of a square table of numbers, with names of rows, of columns, of both or of none; None if it is no matrix.

    Raises
    ------
    InputError
        The table could be a matrix or a list of edges, or the matrix is not symmetric.
    """
    if is_list:
        return None
    wanted = kind == "matrix"
    table, signs = without_signs(table)
    if not wanted and options.header is None:
        _refuse_rows_with_names(table)
    table = with_names_first(table) if options.header is None else table
    names, rows = _names_and_rows(table)
    if names is None and _has_numbers_above(table):
        if not wanted and options.header is None:
            raise InputError(
                f"the first line holds {len(table) - 1} numbers above as many rows of a matrix: names of the vertices? "
                "Say --header (header=True) if it is so, or give the rows names",
                line=table[0].line,
            )
        names, rows = (texts(table[0].columns), table[1:]) if options.header is not False else (None, rows)
    k = len(rows)
    beside = names is not None and len(table) > k and len(table[-1].columns) > k
    fits = is_cell if beside else is_weight
    square = k >= 1 and all(len(row.columns) == k for row in rows)
    numeric = square and all(fits(cell) for row in rows for cell in row.columns)
    if not numeric or (k < 2 and not wanted):
        if wanted or (beside and (k > 3 or (k > 1 and names is not None and decide_matrix(names)))):
            raise InputError(_no_matrix(rows, fits))
        return None
    if options.header is False and names is not None:
        return None
    if names is not None and not beside and k > 3 and not wanted and _are_columns(names):
        return None
    if k <= 3 and not wanted and not (beside and names is not None and decide_matrix(names)):
        if names is not None and not beside and known_ends(names) is not None and not are_counted(names):
            return None
        words = beside and names is not None and not all(is_integer(name.encode()) for name in names)
        what = "matrix" if words else _doubt(rows, options.arcs)
        if not what:
            return None
        raise InputError(
            f"{k} lines of {k} numbers may be a {what} or edges; {ASK_MATRIX}", line=table[0].line
        )
    cells = [TRUTH.get(cell.lower(), cell) for row in rows for cell in row.columns]
    cells = with_points([b"" if cell.lower() in MISSING else cell for cell in cells], dialect.separator)
    entries: list[float] = []
    for at, cell in enumerate(cells):
        try:
            entries.append(number(cell) if cell else np.nan)
        except InputError as error:
            raise InputError(error.message.replace("weight", "entry"), line=rows[at // k].line) from None
    A = np.array(entries).reshape(k, k)
    if names is None and not wanted:
        _refuse_numbered_rows(A, table[0].line)
        refuse_heads(
            A,
            "leave the corner empty between commas for names, or say --input-format matrix for entries (input_format=)",
        )
    corner = texts(table[0].columns[:1])[0] if beside and len(table[0].columns) > k else None
    turned = are_turned(corner, None, options.arcs)
    graph = dense_graph(A.T if turned else A, options, names)
    labels: Sequence[object] = graph.labels
    if names is not None:
        labels = _whole(names) if all(is_integer(x.encode()) for x in names) else names
    remarks = graph.reading.remarks if graph.reading else ()
    remarks = (*signs, *remarks, said_of_turned(corner, None)) if turned else (*signs, *remarks)
    reading = Reading("adjacency matrix", dialect.name, header_lines=int(len(table) > k), remarks=remarks)
    return relabelled(graph, labels, reading)


def _refuse_rows_with_names(table: list[Row]) -> None:
    """Refuse ``"1" 0 5`` and ``"2" 5 0``: a symmetric matrix whose rows have names, or two edges with weights."""
    if len(table) != 2 or any(len(row.columns) != 3 for row in table):
        return
    (one, a, b), (two, c, d) = (row.columns for row in table)
    if one != two and a == d == b"0" and b == c and b != b"0" and is_weight(b):
        raise InputError(
            f"the 2 lines may be a matrix whose rows are called {show(one)} and {show(two)}, or edges; "
            "for a matrix remove these names, or write them above it too, and for edges say --no-header (header=False "
            "in Python) or --input-format edgelist",
            line=table[0].line,
        )


def _refuse_numbered_rows(A: FloatArray, line: int) -> None:
    """Refuse rows that a first column counts, unless they are a symmetric matrix: edges with numbers of rows."""
    k = len(A)
    first = A[0, 0]
    counted = float(first).is_integer() and bool((A[:, 0] == np.arange(first, first + k)).all())
    if counted and not (A == A.T).all() and np.ptp(np.diagonal(A)) != 0:
        raise InputError(
            f"the first column counts {first:.0f}, {first + 1:.0f}, ...: numbers of rows before edges, or entries of a "
            "matrix that is not symmetric; drop it, or name all columns, for edges, and say --input-format matrix "
            "(input_format= of derandkit.as_graph) for a matrix",
            line=line,
        )


def _no_matrix(rows: list[Row], fits: Callable[[bytes], bool]) -> str:
    """Say why a table is no square matrix of numbers."""
    text = "the table is no square matrix of numbers: "
    odd = next((row for row in rows if len(row.columns) != len(rows)), None)
    if odd is not None:
        return f"{text}{len(rows)} rows without the names, but {len(odd.columns)} columns in line {odd.line}"
    bad = next((row.line, cell) for row in rows for cell in row.columns if not fits(cell))
    return f"{text}line {bad[0]} has {show(bad[1])}"


def _names_and_rows(table: list[Row]) -> tuple[list[str] | None, list[Row]]:
    """Names of the vertices, if the table has them, and the rows of numbers below and beside them."""
    first, rest = table[0], table[1:]
    plain = all(is_weight(cell) for cell in first.columns if cell)
    k = len(rest)
    inner = [Row(row.line, row.columns[1:]) for row in rest]
    beside = [row.columns[0] for row in rest if row.columns]
    above = first.columns[-k:] if k else []
    counted = list(map(b"%d".__mod__, range(k))), list(map(b"%d".__mod__, range(1, k + 1)))
    if k and len(first.columns) in (k, k + 1) and all(len(row.columns) == k + 1 for row in rest):
        corner = first.columns[0] if len(first.columns) == k + 1 else b""
        found = None if corner and is_weight(corner) else matrix_order(texts(above), texts(beside))
        if found is not None:
            names, order = found
            return names, [Row(row.line, [row.columns[at] for at in order]) for row in inner]
    named = not plain or first.columns in counted
    if k and named and len(first.columns) == k and all(len(row.columns) == k for row in rest):
        return texts(first.columns), rest
    return None, table


def _has_numbers_above(table: list[Row]) -> bool:
    """Whether a line of numbers stands above a symmetric matrix of order four or more, of as many rows."""
    k = len(table) - 1
    if k < 4 or any(len(row.columns) != k for row in table) or len(set(table[0].columns)) < k:
        return False
    if not all(is_weight(cell) for row in table for cell in row.columns):
        return False
    try:
        A = np.array([[float(cell.replace(b",", b".")) for cell in row.columns] for row in table[1:]])
    except ValueError:
        return False
    return bool(np.isfinite(A).all() and (np.abs(A - A.T) <= 2.0**-38 * np.abs(A).max()).all())


def _are_columns(names: Sequence[str]) -> bool:
    """Whether names above four rows and more, and not beside them, are those of the columns of an edge list."""
    return "" in names or (known_ends(names) is not None and not are_counted(names))


def _doubt(rows: list[Row], arcs: bool) -> str:
    """Name the matrix of order two or three that the rows may be beside a list of edges; "" if none."""
    k = len(rows)
    if not all(is_weight(cell) for row in rows for cell in row.columns):
        return "matrix"  # entries that are missing, or truth values
    A = np.array(
        [float(cell) for cell in with_points([cell for row in rows for cell in row.columns])]
    ).reshape(k, k)
    return small_table(A, arcs)


def read_npy(data: bytes, name: str, options: ReadOptions, *, packed: bool = False) -> WeightedGraph:
    """Read an array that `numpy.save` wrote: a square matrix, or edges of shape (m, 2) or (m, 3).

    Raises
    ------
    InputError
        Damaged, too large, of Python objects, or no graph.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> np.save(file, np.array([[0, 4], [4, 0]]))
    >>> read_npy(file.getvalue(), "-", ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=4)
    """
    check_npy(data, "the array")
    try:
        array = load_npy(data)
    except (ValueError, EOFError, OSError, SyntaxError, struct.error, RecursionError) as error:
        reason = "it holds Python objects" if "pickle" in str(error) else str(error).splitlines()[0]
        raise InputError(f"cannot be read as an array of numpy.save: {reason}") from None
    if packed:
        check_filled(int(np.count_nonzero(array)), "the matrix")
    graph = graph_of_array(array, options)
    reading = graph.reading or Reading("array")
    return replace(graph, reading=replace(reading, format=f"{reading.format} (npy)"))


def read_npz(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    """Read a matrix of `scipy.sparse.save_npz`, the one array of `numpy.savez`, or arrays of edges.

    Raises
    ------
    InputError
        Damaged, too large, or a matrix that is not square, symmetric, real and finite.

    Examples
    --------
    >>> import io, scipy.sparse
    >>> file = io.BytesIO()
    >>> scipy.sparse.save_npz(file, scipy.sparse.csr_array([[0, 4], [4, 0]]))
    >>> read_npz(file.getvalue(), "-", ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=4)
    """
    try:
        arrays = archive_members(data)
    except InputError:
        raise
    except BROKEN as error:
        raise InputError(
            f"cannot be read as a matrix of scipy.sparse.save_npz: {first_line(error)}"
        ) from None
    if "format.npy" not in arrays and len(arrays) == 1:
        (content,) = arrays.values()
        if len(set(check_npy(content, "the array"))) > 1:  # edges; zeros of a matrix are never written out
            check_entries(data, arrays)
        try:
            return read_npy(content, name, options, packed=True)
        except InputError as error:
            raise InputError(f"cannot be read as a matrix: {error.message}") from None
    if arrays:
        check_entries(data, arrays)
    if "format.npy" not in arrays and (graph := graph_of_members(arrays, options)) is not None:
        return graph
    if "format.npy" not in arrays:
        names = ", ".join(sorted(member.removesuffix(".npy") for member in arrays)) or "nothing"
        raise InputError(
            f"the archive holds {names}; it must hold one array, a matrix of scipy.sparse.save_npz, or edges: source, "
            "target and weight, or edges and weights"
        )
    return _sparse(data, arrays, options)


def _sparse(data: bytes, arrays: dict[str, bytes], options: ReadOptions) -> WeightedGraph:
    try:
        matrix = loaded_sparse(data, arrays)
        if hasattr(matrix, "check_format"):
            matrix.check_format(full_check=True)
        stored = load_npy(arrays["data.npy"]).size
        if matrix.format in ("csr", "csc", "coo") and matrix.nnz != stored:
            raise ValueError(f"{stored} values are stored, {matrix.nnz} have a place")
    except InputError as error:
        raise InputError(f"cannot be read as a matrix of scipy.sparse.save_npz: {error.message}") from None
    except (*BROKEN, AttributeError, TypeError) as error:
        raise InputError(
            f"cannot be read as a matrix of scipy.sparse.save_npz: {first_line(error)}"
        ) from None
    check_order(max(matrix.shape), int(matrix.nnz))
    graph = graph_of_sparse(matrix, options)
    return replace(graph, reading=Reading("sparse adjacency matrix (npz)", remarks=options.combined))


def _whole(names: Sequence[str]) -> list[int]:
    """Return whole numbers as such; int() converts some thousand digits at most."""
    try:
        return [int(name) for name in names]
    except ValueError:
        longest = max(map(len, names))
        raise InputError(f"a vertex is a whole number of {longest} digits; give it a shorter name") from None


def integer_labels(names: Sequence[Any]) -> list[Any]:
    """Names as integers if all of them are integers in their usual spelling, as in an edge list."""
    if names and all(isinstance(name, str) and is_integer(name.encode("utf-8", "replace")) for name in names):
        return _whole(names)
    return [plain_label(name) for name in names]
