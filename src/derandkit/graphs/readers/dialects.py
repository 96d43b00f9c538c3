"""What separates the columns of a table.

It is the sign under which every line has the same number of columns and the columns can be edges; where two signs fit,
the reader asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from derandkit.errors import InputError
from derandkit.graphs.objects.columns import ends_among
from derandkit.graphs.objects.signs import sign_of
from derandkit.graphs.readers.marks import ARROWS, QUOTED
from derandkit.graphs.readers.strays import separated_apart
from derandkit.graphs.readers.tables import DECIMAL_COMMA, Line, cells_of, is_cell, is_weight, texts
from derandkit.graphs.readers.text import is_integer, is_number, show
from derandkit.graphs.reading import SEPARATORS, ReadOptions

ASK_SEPARATOR = "say which with --separator (separator= of derandkit.as_graph)"
_SAMPLE = 1000  # lines that choose the separator


class Dialect(NamedTuple):
    """What separates columns, and its name."""

    separator: bytes
    name: str


def find_dialect(lines: Sequence[Line], options: ReadOptions, konect: bool) -> Dialect:
    r"""Choose the separator under which the lines are a table.

    Raises
    ------
    InputError
        Two separators fit.

    Examples
    --------
    >>> find_dialect([Line(1, b"New York\tBoston\t3", None)], ReadOptions(), False).name
    'tab'
    """
    given = options.separator_bytes
    names = {mark: name for name, mark in SEPARATORS.items()}
    if given is not None:
        return Dialect(given, names.get(given, repr(given.decode())))
    sample = lines[:_SAMPLE]
    found: list[tuple[int, Dialect, list[list[bytes]]]] = []
    apart = separated_apart([line.text for line in sample])
    # columns set apart by several tabs, the same number between the same columns of all lines
    aligned = b"\t\t" in sample[0].text and not differ_in_gaps([line.text for line in lines])
    for name, mark in SEPARATORS.items():
        if not all(mark in line.text for line in sample) if mark else apart:
            continue
        if mark == b"\t" and aligned:
            continue
        try:
            rows = [cells_of(line.text, mark, line.number) for line in sample]
        except InputError:  # a quotation mark that opens behind another separator
            continue
        rank = _fits(rows, konect)
        if rank:
            found.append((rank, Dialect(mark, name), rows))
    if not found:
        _refuse_title(sample, options, konect)
        first = QUOTED.sub(b"", sample[0].text)
        for mark in (b"\t", b"|"):
            count = first.count(mark)
            if count and all(QUOTED.sub(b"", line.text).count(mark) == count for line in sample):
                return Dialect(mark, names[mark])
        mark = next((mark for mark in (b",", b";") if mark in first), b"")
        return Dialect(mark, names[mark])
    whole = [option for option in found if len({len(row) for row in option[2]}) == 1]
    found = (
        whole or found
    )  # a header with one name less, as R writes it, is not meant where another sign makes it whole
    if any(dialect.name == "semicolon" and _has_decimal_commas(rows) for _, dialect, rows in found):
        found = [option for option in found if option[1].name != "comma"]
    best = max(rank for rank, _, _ in found)
    fitting = [(dialect, rows) for rank, dialect, rows in found if rank == best]
    if len(fitting) > 1 and fitting[0][0].name == "blank":
        mark = fitting[1][0].separator  # 'a, b, 1' has blanks behind its commas
        if [[cell.strip(mark) for cell in row] for row in fitting[0][1]] == fitting[1][1]:
            del fitting[0]
    for dialect, rows in fitting[1:]:
        if rows != fitting[0][1]:
            raise InputError(
                f"columns may be separated by {fitting[0][0].name} or {dialect.name}; {ASK_SEPARATOR}",
                line=sample[0].number,
            )
    chosen = fitting[0][0]
    _refuse_tabs_inside(sample, chosen)
    if chosen.name == "blank":
        _refuse_cells_apart(sample, fitting[0][1])
    tabs = all(b"\t" in line.text and b" " not in line.text for line in sample)
    if chosen.name == "blank" and tabs and not aligned:
        return Dialect(b"\t", "tab")
    return chosen


def _refuse_title(lines: Sequence[Line], options: ReadOptions, konect: bool) -> None:
    """Refuse one or two lines above a table that have none of its separators.

    Raises
    ------
    InputError
        They may be a title.
    """
    if (
        sum(b"\t" in line.text for line in lines)
        == len(lines)
        > len({line.text.count(b"\t") for line in lines})
        == 1
    ):
        return  # tabs part all lines alike
    for above in (1, 2):
        rest = lines[above:]
        for name, mark in SEPARATORS.items():
            if not mark or len(rest) < 2 or not all(mark in line.text for line in rest):
                continue
            if any(mark in line.text for line in lines[:above]):
                continue
            if mark == b"," and len({line.text.count(b";") for line in lines}) == 1 and b";" in lines[0].text:
                continue  # decimal commas below names between semicolons
            try:
                rows = [cells_of(line.text, mark, line.number) for line in rest]
            except InputError:
                continue
            if len({len(row) for row in rows}) == 1:
                raise InputError(
                    f"{show(lines[0].text)} has no {name}, which separates the columns of the lines below: a title? "
                    "Remove it",
                    line=lines[0].number,
                )


def _has_decimal_commas(rows: Sequence[Sequence[bytes]]) -> bool:
    """Whether each row below the first has a number with a decimal comma, and no other cell has a comma."""
    commas = [[cell for cell in row if b"," in cell] for row in rows[1:] or rows]
    return all(row and all(map(DECIMAL_COMMA.fullmatch, row)) for row in commas)


def _refuse_tabs_inside(lines: Sequence[Line], chosen: Dialect) -> None:
    """Refuse commas, semicolons and bars between columns of which some hold tabs, where tabs part all lines alike.

    Raises
    ------
    InputError
        Tabs may separate the columns.
    """
    if chosen.separator in (b"", b"\t") or len({line.text.count(b"\t") for line in lines}) != 1:
        return
    if any(b"\t" in cell.strip() for cell in lines[0].text.split(chosen.separator)):
        raise InputError(
            f"columns may be separated by {chosen.name} or tab, as in {show(lines[0].text)}; {ASK_SEPARATOR}",
            line=lines[0].number,
        )


def _refuse_cells_apart(lines: Sequence[Line], rows: Sequence[Sequence[bytes]]) -> None:
    """Refuse blanks between columns where another sign parts all lines too, and not in the middle of every name.

    Raises
    ------
    InputError
        ``Area 1,Area 2`` may be two names or three columns.
    """
    for name, mark in SEPARATORS.items():
        if not mark or not all(mark in line.text for line in lines):
            continue
        try:
            widths = {len(cells_of(line.text, mark, line.number)) for line in lines}
        except InputError:
            continue
        inside = {tuple(cell.count(mark) for cell in row[:2]) for row in rows}
        weights = all(DECIMAL_COMMA.fullmatch(row[-1]) for row in rows) and inside == {(0, 0)}
        alike = all(one == other for one, other in inside)  # as in the names Smith,John and Doe,Jane
        cells = [cell.strip(mark) for row in rows for cell in row]
        doubt = not weights and not alike and any(mark in cell for cell in cells)
        if mark == b"\t":
            doubt = any(b" " in cell.strip() for line in lines for cell in line.text.split(mark))
            doubt = doubt and not all(is_integer(cell) for row in rows for cell in row[:2])
            doubt = doubt or differ_in_gaps([line.text for line in lines])
        if len(widths) == 1 and (max(widths) < 5 or mark == b"\t") and doubt:
            raise InputError(
                f"columns may be separated by blank or {name}, as in {show(lines[0].text)}; {ASK_SEPARATOR}",
                line=lines[0].number,
            )


def differ_in_gaps(lines: Sequence[bytes]) -> bool:
    r"""Whether two tabs in a row, an empty cell, stand at different places of the lines.

    Examples
    --------
    >>> differ_in_gaps([b"a\t\tb", b"b\t\tc"]), differ_in_gaps([b"a\t\tb", b"b\tc\t1"])
    (False, True)
    """
    rows = (
        line.rstrip(b" \r").split(b"\t")
        for line in lines
        if line.strip() and line.lstrip()[:1] not in (b"#", b"%")
    )
    return len({tuple(k for k, cell in enumerate(row) if not cell) for row in rows}) > 1


def _fits(rows: list[list[bytes]], konect: bool) -> int:
    """How well rows can be a graph: 0 not at all, 1 as edges without weights, 2 with numbers that confirm it."""
    body = rows[1:] or rows
    width = len(body[0])
    if width < 2 or any(len(row) != width for row in body):
        return 0
    unnamed = len(rows[0]) == width - 1 >= 2 and not any(map(is_number, rows[0]))  # as R writes names of rows
    if len(rows[0]) != width and not unnamed:
        return 0
    if width == 2:
        return 1
    if all(len(row) >= 3 and row[1] in ARROWS for row in rows):
        return 2
    if ends_among(texts(rows[0])) is not None:
        return 2
    if width == 3 or konect:
        return 2 * (
            all(is_weight(row[2]) for row in body) or all(sign_of(x) for x in texts([r[2] for r in body]))
        )
    square = len(body) in (width, width - 1) and all(is_cell(cell) for row in body for cell in row[1:])
    return 2 * square
