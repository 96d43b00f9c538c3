"""Edge lists and rudy files: lines of two or three columns, told apart without guessing.

An edge list has one edge a line, ``u v`` or ``u v weight``, with any labels. A rudy file (the format of the Gset
collection) has a header ``n m`` and then m lines ``i j`` or ``i j weight`` with vertices 1..n. The first line of a
rudy file could be an edge; which of the two a file is follows from the rest of it:

1. First line not two integers, or vertex count 0: edge list.
2. Three columns below a line of two integers: rudy. No edge list changes its width, so nothing else fits; the
   header must then be right.
3. Two columns throughout, the second number equal to the number of lines below, all vertices in 1..n: both
   readings fit. The file's name decides (``.rudy``, ``.mc``, ``.gset``, ``G14`` against ``.edgelist``, ``.edges``,
   ``.el``, ``.csv``, ``.tsv``), and without such a name the reader asks.
4. Two columns throughout and no fit: edge list, unless the name says rudy (the header is then wrong), or it looks
   like a rudy file cut short: all vertices below lie in 1..n, the line count is within a factor of two of the
   header's, and as a vertex the second number would stand apart from all others. Then the reader asks as well.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.assembly import MAX_VERTICES, Floats, Ints, check_size
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.readers.text import (
    Columns,
    Row,
    Words,
    first_row,
    is_integer,
    is_number,
    number,
    parse_columns,
    parse_words,
    rows,
    show,
)

ASK = "say which with --input-format edgelist or rudy (input_format= in Python)"


class Facts(NamedTuple):
    """What the lines below the first one say about the format."""

    edges: int
    width: int  # of the second line; 0 if there is none
    lowest: int  # vertex number; meaningless unless `whole`
    highest: int
    whole: bool  # all vertices are integers


def read_table(data: bytes, path: str, *, kind: str, hint: str | None, weighted: bool) -> WeightedGraph:
    r"""Read an edge list or a rudy file.

    Parameters
    ----------
    data : bytes
        Uncompressed content.
    path : str
        For messages.
    kind : {"auto", "edgelist", "rudy"}
        What the caller says it is.
    hint : {"edgelist", "rudy"}, optional
        What the file's name says it is; counts only where the content fits both.
    weighted : bool
        False: check the third column but give every line weight 1.

    Returns
    -------
    WeightedGraph

    Raises
    ------
    InputError
        The first bad line, or a format that cannot be told.

    Examples
    --------
    >>> read_table(b"3 2\n1 2 5\n2 3 -1\n", "-", kind="auto", hint=None, weighted=True)
    WeightedGraph(n=3, m=2, total_weight=4)
    """
    found = first_row(data, path)
    if found is None:
        raise InputError("the file holds only comments and blank lines; no graph", path=path)
    first, offset = found
    graph = _from_block(first, parse_columns(data, offset, 2), path, kind, hint, weighted)
    if graph is None:
        graph = _from_words(first, parse_words(data, offset), path, kind, hint, weighted)
    if graph is not None:
        return graph
    rest = list(rows(data, path, start=offset, line=first.line))
    if _resolve(first, _facts_of_rows(rest), path, kind, hint) == "rudy":
        return _read_rudy(first, rest, path, weighted)
    return _read_edgelist([first, *rest], path, weighted)


def header(first: Row) -> tuple[int, int] | None:
    """Vertex and edge count if a line could be a rudy header.

    Examples
    --------
    >>> header(Row(1, [b"800", b"19176"])), header(Row(1, [b"0", b"3"])), header(Row(1, [b"a", b"b"]))
    ((800, 19176), None, None)
    """
    if len(first.columns) != 2 or not all(is_integer(token) and len(token) < 20 for token in first.columns):
        return None
    n, m = int(first.columns[0]), int(first.columns[1])
    return (n, m) if n >= 1 and m >= 0 else None


def _resolve(first: Row, facts: Facts, path: str, kind: str, hint: str | None) -> str:
    """Decide between ``"edgelist"`` and ``"rudy"`` by the rule in the module docstring, or ask."""
    if kind != "auto":
        return kind
    size = header(first)
    if size is None:
        return hint if hint == "rudy" and len(first.columns) == 2 else "edgelist"
    if facts.width == 3:
        return "rudy"
    if hint is not None:
        return hint
    n, m = size
    inside = facts.edges == 0 or (facts.whole and facts.lowest >= 1 and facts.highest <= n)
    if inside and facts.edges == m:
        raise InputError(
            f"the first line '{n} {m}' may be a rudy header or an edge; {ASK}", path=path, line=first.line
        )
    if inside and facts.edges and m / 2 <= facts.edges <= 2 * m and m > max(n, facts.highest) + 1:
        raise InputError(
            f"the first line '{n} {m}' looks like a rudy header, but {facts.edges} edges follow; {ASK}",
            path=path,
            line=first.line,
        )
    return "edgelist"


def _facts_of_rows(rest: list[Row]) -> Facts:
    whole = all(is_integer(token) and len(token) < 20 for row in rest for token in row.columns[:2])
    ends = [int(token) for row in rest for token in row.columns[:2]] if whole else []
    width = len(rest[0].columns) if rest else 0
    return Facts(len(rest), width, min(ends, default=0), max(ends, default=0), whole)


def _from_block(
    first: Row, block: Columns | None, path: str, kind: str, hint: str | None, weighted: bool
) -> WeightedGraph | None:
    """Graph of a file whose lines below the first were parsed fast; None if anything is not as it should be."""
    if block is None:
        return None
    count = block.ids.shape[0]
    width = 0 if not count else (2 if block.values is None else 3)
    lowest, highest = (int(block.ids.min()), int(block.ids.max())) if count else (0, 0)
    resolved = _resolve(first, Facts(count, width, lowest, highest, True), path, kind, hint)
    w = block.values
    if resolved == "rudy":
        size = header(first)
        if size is None or size[1] != count or size[0] > MAX_VERTICES:
            return None
        if count and (lowest < 1 or highest > size[0]):
            return None
        ids = block.ids - 1
        return WeightedGraph.from_edges(
            ids[:, 0], ids[:, 1], w if weighted else None, n=size[0], labels=range(1, size[0] + 1)
        )
    if not all(is_integer(token) and len(token) < 16 for token in first.columns[:2]):
        return None
    if len(first.columns) not in (2, 3) or (count and len(first.columns) != width):
        return None
    ids = np.concatenate([np.array([[int(token) for token in first.columns[:2]]], dtype=np.int64), block.ids])
    if len(first.columns) == 3:
        try:
            head = number(first.columns[2])
        except InputError:
            return None
        w = np.array([head]) if w is None else np.concatenate([[head], w])
    del block  # what is no longer needed makes room for the graph: this is where memory peaks
    labels, i, j = _number_integers(ids)
    del ids
    return WeightedGraph.from_edges(i, j, w if weighted else None, labels=labels)


def _from_words(
    first: Row, block: Words | None, path: str, kind: str, hint: str | None, weighted: bool
) -> WeightedGraph | None:
    """Graph of an edge list between words that was parsed fast; None if anything is not as it should be."""
    if block is None or not block.words or kind == "rudy" or hint == "rudy" or header(first) is not None:
        return None
    width = 2 if block.values is None else 3
    if len(first.columns) != width or all(is_integer(word) for word in block.words):
        return None
    try:
        head = number(first.columns[2]) if width == 3 else 1.0
        labels = [word.decode("utf-8") for word in block.words]
        ends = [word.decode("utf-8") for word in first.columns[:2]]
    except (InputError, UnicodeDecodeError):
        return None
    labels += [end for end in dict.fromkeys(ends) if end not in labels]
    i, j = (np.append(block.ids[:, side], labels.index(ends[side])) for side in (0, 1))
    w = None if block.values is None or not weighted else np.append(block.values, head)
    del block
    return WeightedGraph.from_edges(i, j, w, labels=labels)


def _number_integers(ids: Ints) -> tuple[list[int] | range, Ints, Ints]:
    """Sorted distinct integers in `ids`, shape (m, 2), and the position of each entry among them."""
    low, high = int(ids.min()), int(ids.max())
    if high - low > 4 * ids.size + 1000:
        found, position = np.unique(ids, return_inverse=True)
        position = position.reshape(ids.shape)
        return found.tolist(), position[:, 0], position[:, 1]
    present = np.zeros(high - low + 1, dtype=bool)
    present[ids - low] = True
    if present.all():
        return range(low, high + 1), ids[:, 0] - low, ids[:, 1] - low
    place = np.cumsum(present) - 1
    return (np.flatnonzero(present) + low).tolist(), place[ids[:, 0] - low], place[ids[:, 1] - low]


def _weight(row: Row, path: str) -> float:
    if len(row.columns) == 2:
        return 1.0
    try:
        return number(row.columns[2])
    except InputError as error:
        raise InputError(error.message, path=path, line=row.line) from None


def _check_widths(table: list[Row], path: str, line: str) -> None:
    """Refuse lines that are not as wide as the first, or that cannot hold an edge."""
    for row in table:
        if len(row.columns) not in (2, 3):
            raise InputError(
                f"{len(row.columns)} column{'s' * (len(row.columns) != 1)}; expected {line}",
                path=path,
                line=row.line,
            )
        if len(row.columns) != len(table[0].columns):
            raise InputError(
                f"{len(row.columns)} columns, but line {table[0].line} has {len(table[0].columns)}; "
                "give every edge a weight or none",
                path=path,
                line=row.line,
            )


def _read_rudy(first: Row, rest: list[Row], path: str, weighted: bool) -> WeightedGraph:
    size = header(first)
    if size is None:
        raise InputError(
            f"the first line of a rudy file is 'n m', here it is {show(b' '.join(first.columns))}",
            path=path,
            line=first.line,
        )
    n, m = size
    try:
        check_size(n)
    except InputError as error:
        raise InputError(error.message, path=path, line=first.line) from None
    _check_widths(rest, path, "'i j' or 'i j weight'")
    ends: list[int] = []
    for row in rest:
        for token in row.columns[:2]:
            if not is_integer(token):
                raise InputError(
                    f"vertex {show(token)} is not an integer in 1..{n}", path=path, line=row.line
                )
            if len(token) > 11 or not 1 <= int(token) <= n:
                raise InputError(f"vertex {show(token)[1:-1]} is not in 1..{n}", path=path, line=row.line)
            ends.append(int(token) - 1)
    w = [_weight(row, path) for row in rest]
    if len(rest) != m:
        raise InputError(
            f"the header says {m} edges, the file has {len(rest)}; it may be cut short",
            path=path,
            line=first.line,
        )
    ids = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return WeightedGraph.from_edges(
        ids[:, 0], ids[:, 1], _ones_unless(weighted, w), n=n, labels=range(1, n + 1)
    )


def _read_edgelist(table: list[Row], path: str, weighted: bool) -> WeightedGraph:
    _check_widths(table, path, "'u v' or 'u v weight'")
    first, rest = table[0], table[1:]
    whole = all(is_integer(token) for row in rest for token in row.columns[:2])
    if rest and _names_columns(first, rest[0], whole):
        raise InputError(
            f"{show(b' '.join(first.columns))} looks like column names; start that line with '#'",
            path=path,
            line=first.line,
        )
    w = [_weight(row, path) for row in table]
    ends = [token for row in table for token in row.columns[:2]]
    number_of = {token: k for k, token in enumerate(dict.fromkeys(ends))}
    ids = np.fromiter(map(number_of.__getitem__, ends), dtype=np.int64, count=len(ends)).reshape(-1, 2)
    labels = _labels(list(number_of), table, path)
    return WeightedGraph.from_edges(ids[:, 0], ids[:, 1], _ones_unless(weighted, w), labels=labels)


def _names_columns(first: Row, second: Row, whole: bool) -> bool:
    """Whether the first line reads like ``source target [weight]`` over edges: words over numbers."""
    if len(first.columns) == 3:
        return not is_number(first.columns[2]) and is_number(second.columns[2])
    return whole and not any(is_integer(token) for token in first.columns)


def _labels(tokens: list[bytes], table: list[Row], path: str) -> list[int | str]:
    """Labels that distinct tokens spell: integers if all of them do, else words."""
    whole = all(is_integer(token) for token in tokens)
    labels: list[int | str] = []
    for token in tokens:
        try:
            labels.append(int(token) if whole else token.decode("utf-8"))
        except ValueError as error:
            line = next(row.line for row in table if token in row.columns[:2])
            if not isinstance(error, UnicodeDecodeError):  # Python refuses to convert thousands of digits
                raise InputError(f"vertex {show(token)} has too many digits", path=path, line=line) from None
            raise InputError(
                f"not UTF-8 text (byte 0x{token[error.start]:02x}); is this a graph file?",
                path=path,
                line=line,
            ) from None
    return labels


def _ones_unless(weighted: bool, w: list[float]) -> Floats | None:
    return np.array(w, dtype=np.float64) if weighted else None
