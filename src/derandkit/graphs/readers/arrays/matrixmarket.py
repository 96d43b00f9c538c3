"""Matrix Market files as graphs: the adjacency matrix is read, checked for symmetry, and made into edges.

Coordinate and array layouts, fields real, double, integer and pattern, symmetries general and symmetric. A general
matrix must be symmetric entry by entry; a symmetric one stores one triangle only. Vertices are labelled 1..n as in
the file. In the coordinate layout every stored entry is an edge, also a zero; in the array layout zeros are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from derandkit.errors import InputError, in_file
from derandkit.graphs import assembly
from derandkit.graphs.assembly import Floats, Ints, check_size
from derandkit.graphs.content import check_order
from derandkit.graphs.formats import SYMMETRIZE
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.readers.text import Row, first_row, is_integer, number, parse_columns, rows, show
from derandkit.graphs.reading import Reading, ReadOptions, combining
from derandkit.graphs.weights import refuse_laplacian
from derandkit.numerics.vectors import among, distinct

BANNER = re.compile(rb"%%MatrixMarket\b", re.IGNORECASE)
_LAYOUTS = ("coordinate", "array")
_FIELDS = ("real", "double", "integer", "pattern")
_SYMMETRIES = ("general", "symmetric")


class Banner(NamedTuple):
    """The first line: layout, field and symmetry."""

    layout: str
    field: str
    symmetry: str


class Entries(NamedTuple):
    """Matrix entries at positions counted from 0."""

    row: Ints
    col: Ints
    value: Floats


def read_matrix_market(
    data: bytes, path: str, *, weighted: bool = True, options: ReadOptions | None = None
) -> WeightedGraph:
    r"""Read a Matrix Market file.

    Parameters
    ----------
    data : bytes
        Uncompressed content.
    path : str
        For messages.
    weighted : bool
        False: every entry that is an edge weighs 1.
    options : ReadOptions, optional
        ``weight`` (in place of `weighted`) and ``symmetrize`` count.

    Returns
    -------
    WeightedGraph

    Raises
    ------
    InputError
        The first bad line; or a matrix that is not square or not symmetric.

    Examples
    --------
    >>> text = b"%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 0.5\n3 2 -1\n"
    >>> read_matrix_market(text, "-", weighted=True)
    WeightedGraph(n=3, m=2, total_weight=-0.5)
    """
    if options is not None:
        weighted = options.weight is not None
    how = None if options is None else options.symmetrize
    banner = _banner(data, path)
    found = first_row(data, path, comments=b"%", start=data.find(b"\n") + 1 or len(data))
    if found is None:
        raise InputError("the file ends before the line that gives the size", path=path)
    size, offset = found
    n, count = _size(size, banner, path)
    if banner.layout == "array":
        entries = _array(data, offset, size.line, n, banner, path)
    else:
        lines = rows(data, path, comments=b"%", start=offset, line=size.line)
        entries = _fast_coordinates(data, offset, n, count, banner) or _coordinates(lines, n, banner, path)
        if entries.row.size != count:
            raise InputError(
                f"the header says {count} entries, the file has {entries.row.size}; it may be cut short",
                path=path,
                line=size.line,
            )
    row, col, value = entries
    remarks: tuple[str, ...] = ()
    if banner.symmetry == "symmetric":
        off = row != col if banner.field != "pattern" and weighted else np.zeros(0, dtype=np.bool_)
        if off.size:  # one triangle is stored
            refuse_laplacian(
                np.append(row, col[off]), np.append(col, row[off]), np.append(value, value[off]), n
            )
        fields, remarks = _one_triangle(entries, n, path)
        if how in SYMMETRIZE:
            remarks = (
                *remarks,
                "the file says that the matrix is symmetric, and every edge keeps its weight",
            )
    elif (
        banner.field == "pattern"
        and how is None
        and not (among(row * n + col, col * n + row) & (row != col)).any()
    ):
        fields = assembly.assemble(row, col, value, n)
        remarks = ("every edge is stored in one direction only",) if (row != col).any() else ()
    else:
        if how is not None and not weighted:  # every direction weighs 1
            keys = distinct(row * n + col)
            row, col, value = keys // n, keys % n, np.ones(keys.size)
        fields = assembly.assemble_matrix(row, col, value, n, base=1, symmetrize=how)
        remarks = combining(how)
    reading = Reading(f"Matrix Market file, {' '.join(banner)}", header_lines=2, remarks=remarks)
    graph = WeightedGraph(labels=range(1, n + 1), reading=reading, **fields)
    kept = weighted or (how is not None and banner.symmetry != "symmetric")
    return graph if kept else graph.unweighted()


def _banner(data: bytes, path: str) -> Banner:
    words = data[: data.find(b"\n")] if b"\n" in data else data
    parts = [word.decode("ascii", "replace").lower() for word in words.split()]
    if len(parts) != 5 or not BANNER.match(data) or parts[1] != "matrix":
        raise InputError(
            "the first line must read '%%MatrixMarket matrix LAYOUT FIELD SYMMETRY'", path=path, line=1
        )
    for word, known, what in zip(
        parts[2:], (_LAYOUTS, _FIELDS, _SYMMETRIES), ("layout", "field", "symmetry"), strict=True
    ):
        if word not in known:
            raise InputError(
                f"Matrix Market {what} {word!r} is not an undirected weighted graph; expected {' or '.join(known)}",
                path=path,
                line=1,
            )
    if parts[2] == "array" and parts[3] == "pattern":
        raise InputError("an array file cannot be a pattern; expected real or integer", path=path, line=1)
    return Banner(*parts[2:])


def _size(size: Row, banner: Banner, path: str) -> tuple[int, int]:
    """Order of the matrix and number of entries (0 for arrays) from the size line."""
    names = "rows columns entries" if banner.layout == "coordinate" else "rows columns"
    good = all(is_integer(token) and len(token) < 19 for token in size.columns)
    if len(size.columns) != len(names.split()) or not good:
        raise InputError(
            f"the size line must be '{names}', here it is {show(b' '.join(size.columns))}",
            path=path,
            line=size.line,
        )
    numbers = [int(token) for token in size.columns]
    if numbers[0] != numbers[1]:
        raise InputError(
            f"the matrix is {numbers[0]} x {numbers[1]}; an adjacency matrix must be square",
            path=path,
            line=size.line,
        )
    with in_file(path, size.line):
        check_size(numbers[0])
        check_order(numbers[0], numbers[2] if len(numbers) == 3 else None)
    return numbers[0], numbers[2] if len(numbers) == 3 else 0


def _fast_coordinates(data: bytes, offset: int, n: int, count: int, banner: Banner) -> Entries | None:
    """All entries by the fast parser, or None where the careful one has to look."""
    block = parse_columns(data, offset, 2, comments=b"%")
    pattern = banner.field == "pattern"
    if block is None or block.ids.shape[0] != count or (block.real and banner.field == "integer"):
        return None
    if count and ((block.values is None) != pattern or block.ids.min() < 1 or block.ids.max() > n):
        return None
    values = np.ones(count) if block.values is None else block.values
    return Entries(block.ids[:, 0] - 1, block.ids[:, 1] - 1, values)


def _coordinates(lines: Iterator[Row], n: int, banner: Banner, path: str) -> Entries:
    ends: list[int] = []
    values: list[float] = []
    width, shape = (2, "'i j'") if banner.field == "pattern" else (3, "'i j value'")
    for line, columns in lines:
        if len(columns) != width:
            raise InputError(
                f"{len(columns)} column{'s' * (len(columns) != 1)}; expected {shape}", path=path, line=line
            )
        for token in columns[:2]:
            if not is_integer(token) or len(token) > 11 or not 1 <= int(token) <= n:
                raise InputError(f"vertex {show(token)} is not an integer in 1..{n}", path=path, line=line)
            ends.append(int(token) - 1)
        values.append(_value(columns[2], banner, path, line) if width == 3 else 1.0)
    ids = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return Entries(ids[:, 0], ids[:, 1], np.array(values, dtype=np.float64))


def _value(token: bytes, banner: Banner, path: str, line: int) -> float:
    try:
        value = number(token)
    except InputError as error:
        raise InputError(error.message, path=path, line=line) from None
    if banner.field == "integer" and not re.fullmatch(rb"[+-]?[0-9]+", token):
        raise InputError(f"weight {show(token)} is not an integer, as the header says", path=path, line=line)
    return value


def _array(data: bytes, offset: int, line: int, n: int, banner: Banner, path: str) -> Entries:
    """Entries that are not zero of a matrix stored column by column, one value a line."""
    expected = n * n if banner.symmetry == "general" else n * (n + 1) // 2
    if expected > len(data):  # each value takes two bytes; do not allocate what cannot be there
        given = sum(1 for _ in rows(data, path, comments=b"%", start=offset, line=line))
        raise InputError(
            f"the header calls for {expected} values, the file has {given}", path=path, line=line
        )
    block = parse_columns(data, offset, 0, comments=b"%")
    if block is not None and block.values is not None and not (block.real and banner.field == "integer"):
        values = block.values
    else:
        listed: list[float] = []
        for row in rows(data, path, comments=b"%", start=offset, line=line):
            if len(row.columns) != 1:
                raise InputError(f"{len(row.columns)} columns; expected one value", path=path, line=row.line)
            listed.append(_value(row.columns[0], banner, path, row.line))
        values = np.array(listed, dtype=np.float64)
    if values.size != expected:
        raise InputError(
            f"the header calls for {expected} values, the file has {values.size}", path=path, line=line
        )
    if banner.symmetry == "general":
        col, row_of = np.divmod(np.arange(expected, dtype=np.int64), np.int64(n))
    else:
        col, row_of = (
            index.astype(np.int64) for index in np.triu_indices(n)
        )  # column by column: lower triangle
    kept = values != 0
    return Entries(row_of[kept], col[kept], values[kept])


def _one_triangle(entries: Entries, n: int, path: str) -> tuple[assembly.GraphFields, tuple[str, ...]]:
    """Arrays of the graph of a symmetric file; where it stores both triangles, they must be equal and count once."""
    row, col, value = entries
    below, above = row > col, row < col
    if not (below.any() and above.any()):
        return assembly.assemble(row, col, value, n), ()
    pairs = assembly.both_directions(row, col, value, n)
    bad = (pairs.has_up & pairs.has_down) & (pairs.up != pairs.down)
    if bad.any() or not (pairs.has_up & pairs.has_down).all():
        k = int(np.argmax(above)) if below[np.argmax(below | above)] else int(np.argmax(below))
        raise InputError(
            f"a symmetric file stores one triangle, but entry ({row[k] + 1}, {col[k] + 1}) "
            "lies in the other one; declare the file general or drop the mirrored entries",
            path=path,
        )
    kept = row >= col
    remark = "the file stores both triangles, though it says 'symmetric'; each edge counts once"
    return assembly.assemble(row[kept], col[kept], value[kept], n), (remark,)
