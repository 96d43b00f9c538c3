"""Tables of plain text, read fast: millions of lines as arrays, with no Python object a line.

What could be read in two ways is left to `derandkit.graphs.readers.edgelist`, which goes line by line.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.assembly import MAX_VERTICES, Ints
from derandkit.graphs.content import check_order
from derandkit.graphs.directions import graph_of_list
from derandkit.graphs.formats import AUTO_WEIGHT
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.objects.heads import said_of_arcs
from derandkit.graphs.objects.names import STRAYS
from derandkit.graphs.readers.decide import (
    Body,
    Case,
    check_index,
    check_loops,
    check_neighbours,
    header,
    may_be_numbered,
    resolve,
)
from derandkit.graphs.readers.dialects import differ_in_gaps
from derandkit.graphs.readers.headers import check_numbered
from derandkit.graphs.readers.marks import ARROWS
from derandkit.graphs.readers.tables import spelled_real, texts
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
    spelled_oddly,
)
from derandkit.graphs.reading import Reading
from derandkit.graphs.weights import WEIGHTS

_STRAYS = STRAYS.encode()
_CHUNK = 1 << 20  # lines at a time that are looked at for the order of vertices


def read_fast(data: bytes, case: Case, comments: bytes) -> WeightedGraph | None:
    """Graph of a plain file; None if anything is not as it should be."""
    try:
        found = first_row(data, case.path, comments=comments)
    except InputError:
        return None
    if found is None:
        return None
    first, offset = found
    if b"\t\t" in data and differ_in_gaps(data.split(b"\n")):
        return None  # perhaps empty cells
    line = _line(data, first).strip()
    if b"\t" in line and not line.replace(b"\t", b"").replace(b" ", b"").isdigit() and b" " in line:
        return None  # tabs between columns, and perhaps a blank inside one
    block = parse_columns(data, offset, 2, comments=comments)
    if block is not None:
        if not _separated_alike(data, first, offset, block):
            return None
        return _from_block(first, block, case, _separator(data, first))
    return _from_words(first, parse_words(data, offset, comments=comments), case)


def _separated_alike(data: bytes, first: Row, offset: int, block: Columns) -> bool:
    """Whether all lines separate columns as the first does; commas in comments count, so False may be a false alarm."""
    between = 1 if block.values is None else 2  # separators in a line
    commas = between * block.ids.shape[0] if b"," in _line(data, first) else 0
    return data.count(b",", offset) == commas


def _line(data: bytes, first: Row) -> bytes:
    return data.split(b"\n", first.line)[first.line - 1] if first.line < 1000 else b""


def _separator(data: bytes, first: Row) -> str:
    line = _line(data, first)
    return "comma" if b"," in line else "tab" if b"\t" in line and b" " not in line.strip() else "blank"


def _from_block(first: Row, block: Columns, case: Case, separator: str) -> WeightedGraph | None:
    """Graph of a file whose lines below the first were parsed fast; None if anything is not as it should be."""
    count = block.ids.shape[0]
    if count < 4:
        return None  # perhaps a matrix, with or without names above
    if (
        len(first.columns) == 3
        and first.columns[0] == b"%d" % count
        and not set(first.columns[2]) - set(b"01")
    ):
        return None  # perhaps a METIS file
    width = 0 if not count else (2 if block.values is None else 3)
    resolved = resolve(first, Body(count, width, block.ids, block.values), case)
    w = block.values
    columns = ("u", "v", "weight")[: width or 2]
    if resolved == "rudy":
        size = header(first)
        if size is None or size[1] != count or size[0] > MAX_VERTICES:
            return None
        if count and (block.ids.min() < 1 or block.ids.max() > size[0]):
            return None
        check_order(size[0], size[1])
        check_loops(case, block.ids, w)
        ids = block.ids - 1
        reading = Reading("rudy file", columns=columns, header_lines=1)
        return graph_of_list(
            ids[:, 0], ids[:, 1], w, case.options, reading, n=size[0], labels=range(1, size[0] + 1)
        )
    if not count:
        return None
    names = _known_header(first, width, case)
    remarks: tuple[str, ...] = ()
    if names is None:
        if not all(is_integer(token) and len(token) < 16 for token in first.columns[:2]):
            return None
        if len(first.columns) != width:
            return None
        ends = np.array([[int(token) for token in first.columns[:2]]], dtype=np.int64)
        ids = np.concatenate([ends, block.ids])
        if len(first.columns) == 3:
            try:
                head = number(first.columns[2])
            except InputError:
                return None
            w = np.array([head]) if w is None else np.concatenate([[head], w])
        check_index(case, separator, ids, w)
        check_neighbours(case, ids, w)
        if may_be_numbered(first, separator, case):
            below = np.sort(block.ids, axis=1)
            again = bool(((below[:, 0] == 0) & (below[:, 1] == 1)).any())
            among = not again and bool((below == 0).any() and (below == 1).any())
            remarks = check_numbered(first, among)
    else:
        ids, columns = block.ids, names
        remarks = said_of_arcs(names, (0, 1), case.options.arcs)
    del block  # what is no longer needed makes room for the graph: this is where memory peaks
    check_loops(case, ids, w)
    labels, i, j = _number_integers(ids)
    del ids
    order = _order_met(i, j, len(labels))
    reading = Reading("edge list", separator, columns, int(names is not None), remarks=remarks)
    return _in_order(graph_of_list(i, j, w, case.options, reading, labels=labels), order)


def _known_header(first: Row, width: int, case: Case) -> tuple[str, ...] | None:
    """Names of columns over numbers if they are ``source target [weight]`` in this order, whatever the spelling."""
    names = texts(first.columns)
    if (
        len(names) != width
        or known_ends(names) != (0, 1)
        or case.options.weight not in (None, AUTO_WEIGHT, "weight")
    ):
        return None
    return tuple(names) if width == 2 or names[2].strip().lower() in WEIGHTS else None


def _from_words(first: Row, block: Words | None, case: Case) -> WeightedGraph | None:
    """Graph of an edge list between words that was parsed fast; None if anything is not as it should be."""
    if (
        block is None
        or not block.words
        or case.kind == "rudy"
        or case.hint == "rudy"
        or header(first) is not None
    ):
        return None
    width = 2 if block.values is None else 3
    numbers = np.fromiter(map(is_number, block.words), dtype=np.bool_, count=len(block.words))
    if len(first.columns) != width or numbers.all():
        return None
    if any(spelled_real(block.words[k]) or spelled_oddly(block.words[k]) for k in np.flatnonzero(numbers)):
        return None  # 2.0 and 02 may be the vertex 2
    if width == 2 and numbers.any() and numbers[block.ids].all(axis=0).any():
        return None  # perhaps names and their values
    known = set(block.words)
    if known & ARROWS or (width == 3 and (block.ids == block.ids[0]).all(axis=0).any()):
        return None
    if any(word[-1] in _STRAYS or b">" in word for word in block.words):
        return None
    if not (first.columns[0] in known or first.columns[1] in known) and (width == 2 or case.kind == "auto"):
        return None  # perhaps a header
    if known_ends(texts(first.columns)) is not None or may_be_numbered(first, "blank", case, words=True):
        return None
    if _comes_again(first, block):
        return None  # perhaps a header
    try:
        head = number(first.columns[2]) if width == 3 else 1.0
        labels = [word.decode("utf-8") for word in block.words]
        ends = [word.decode("utf-8") for word in first.columns[:2]]
    except (InputError, UnicodeDecodeError):
        return None
    labels += [end for end in dict.fromkeys(ends) if end not in labels]
    i, j = (np.append(labels.index(ends[side]), block.ids[:, side]) for side in (0, 1))
    w = None if block.values is None else np.append(head, block.values)
    del block
    order = _order_met(i, j, len(labels))
    reading = Reading("edge list", "blank", ("u", "v", "weight")[:width])
    return _in_order(graph_of_list(i, j, w, case.options, reading, labels=labels), order)


def _comes_again(first: Row, block: Words) -> bool:
    """Whether the words of the first line stand in lines that repeat it only."""
    places = [block.words.index(cell) if cell in block.words else -1 for cell in first.columns[:2]]
    again = (block.ids == places).all(axis=1)
    return bool(again.any() and np.array_equal(np.isin(block.ids, places).any(axis=1), again))


def _order_met(i: Ints, j: Ints, n: int) -> Ints:
    """Vertices 0..n-1 in the order in which lines name them.

    Notes
    -----
    O(m + n log n) time, and memory for n numbers and one chunk of lines.
    """
    first = np.zeros(n, dtype=np.int64)
    for stop in range(i.size, 0, -_CHUNK):  # backwards, so that the first mention is written last
        start = max(0, stop - _CHUNK)
        ends = np.stack([i[start:stop], j[start:stop]], axis=1).ravel()[::-1]
        first[ends] = np.arange(2 * stop - 1, 2 * start - 1, -1)
    return np.argsort(first, kind="stable")


def _in_order(graph: WeightedGraph, order: Ints) -> WeightedGraph:
    """Return the graph with the order of its labels in the input, which is `order` among those that were numbered."""
    rank = order if graph.input_rank is None else graph.input_rank[order]
    plain = bool((rank == np.arange(rank.size)).all())
    return replace(graph, input_rank=None if plain else rank)


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
