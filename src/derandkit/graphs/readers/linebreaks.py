r"""Names and notes in quotation marks that go over several lines, as spreadsheets and data frames write them.

Readers of tables go line by line. Where a quotation mark does not close in its line, the lines up to the one that
closes it are joined: a sign that the file does not have stands for each line break, and empty lines keep the numbers of
the lines below. The line breaks are put into the labels again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from derandkit.errors import InputError
from derandkit.graphs.directions import relabelled
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.readers.marks import OpenQuotationError
from derandkit.graphs.readers.tables import cells_of
from derandkit.graphs.reading import SEPARATORS, Reading, ReadOptions
from derandkit.tables import counted

_SIGN = b"\x1e"  # a blank to `str.split`, so that names with it are compared as names with line breaks
_MOST = 100  # lines of one name


def over_lines(data: bytes, options: ReadOptions, read: Callable[[bytes], WeightedGraph]) -> WeightedGraph:
    r"""Read a table, be it one whose quotation marks go over several lines.

    Parameters
    ----------
    data : bytes
        The table.
    options : ReadOptions
        The separator and the signs of comments count.
    read : callable
        Reads a table with one row a line.

    Raises
    ------
    InputError
        As `read` does; or the table can be read both ways, as two graphs.

    Examples
    --------
    >>> from derandkit.graphs.readers.edgelist import read_table
    >>> graph = read_table(b'"New\nYork",Boston\nBoston,Troy\n', "-", kind="auto", hint=None)
    >>> print(graph.labels, graph.reading.remarks)
    ('Boston', 'New\nYork', 'Troy') ('1 line break inside quotation marks is part of the text',)
    """
    found: WeightedGraph | None = None
    fault: InputError | None = None
    for text, breaks in _joined_texts(data, options):
        try:
            found = _restored(read(text), breaks)
            break
        except OpenQuotationError:
            continue
        except InputError as error:
            fault = fault or InputError(_with_breaks(error.message), line=error.line)
    try:
        graph = read(data)
    except InputError as error:
        if found is not None:
            return found
        raise fault if fault is not None and isinstance(error, OpenQuotationError) else error from None
    if found is None or found.digest == graph.digest:
        return graph
    raise InputError(
        "quotation marks may go over line breaks or be part of names; double those that are part of a name, and put "
        "such names in quotation marks"
    )


def _joined_texts(data: bytes, options: ReadOptions) -> Iterator[tuple[bytes, int]]:
    """Texts with one row a line that a table may stand for, one a separator, and how many line breaks each has less."""
    if b'"' not in data or _SIGN in data:
        return
    lines = data.split(b"\n")
    if not any(line.count(b'"') % 2 for line in lines):
        return
    given = options.separator_bytes
    for mark in SEPARATORS.values() if given is None else [given]:
        if not mark or mark in data:
            found = _joined(lines, mark, options.comment_signs)
            if found is not None and found[1]:
                yield found


def _joined(lines: list[bytes], separator: bytes, comments: bytes) -> tuple[bytes, int] | None:
    """Lines with those of one row joined, and how many were; None if a quotation mark stays open."""
    done: list[bytes] = []
    breaks = at = 0
    while at < len(lines):
        row, size = lines[at], 1
        text = row.strip()
        if row.count(b'"') % 2 and text[0] not in comments and not text.endswith(b"}"):
            while _is_open(row, separator):
                below = range(at + size, min(at + _MOST, len(lines)))
                closing = next((k for k in below if b'"' in lines[k]), None)
                if closing is None:
                    return None
                row = _SIGN.join([row, *lines[at + size : closing + 1]])
                size = closing + 1 - at
        done += [row, *[b""] * (size - 1)]
        breaks += size - 1
        at += size
    return b"\n".join(done), breaks


def _is_open(row: bytes, separator: bytes) -> bool:
    try:
        cells_of(row.strip(), separator, 0)
    except OpenQuotationError:
        return True
    return False


def _restored(graph: WeightedGraph, breaks: int) -> WeightedGraph:
    """Graph of a joined text with the line breaks in its labels and columns, and with a word about them."""
    labels = [_with_breaks(label) if isinstance(label, str) else label for label in graph.labels]
    reading = graph.reading or Reading("table")
    are = "is" if breaks == 1 else "are"
    said = f"{counted(breaks, 'line break')} inside quotation marks {are} part of the text"
    columns = tuple(map(_with_breaks, reading.columns))
    reading = replace(reading, columns=columns, remarks=(*map(_with_breaks, reading.remarks), said))
    if labels == list(graph.labels):
        return replace(graph, reading=reading)
    return relabelled(graph, labels, reading)


def _with_breaks(text: str) -> str:
    """Text with line breaks in place of the sign that stands for them, be it shown as by `repr`."""
    sign = _SIGN.decode()
    return text.replace(sign, "\n").replace(repr(sign)[1:-1], repr("\n")[1:-1])
