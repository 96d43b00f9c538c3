"""Rows below the first line: their weights and widths, and the graph of a rudy file."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from derandkit.errors import InputError, in_file
from derandkit.graphs.assembly import check_size
from derandkit.graphs.content import check_order
from derandkit.graphs.directions import graph_of_list
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.objects.lookalikes import refuse_floating, refuse_rounded
from derandkit.graphs.objects.signs import SIGNS_READ, refuse_some_signs, sign_of, signs_of
from derandkit.graphs.readers.decide import Case, check_loops, header
from derandkit.graphs.readers.headers import say_edges
from derandkit.graphs.readers.marks import LONE, NOTHING
from derandkit.graphs.readers.strays import EDGES
from derandkit.graphs.readers.tables import DECIMAL_COMMA, is_weight, with_points
from derandkit.graphs.readers.text import Row, is_integer, is_number, number, show
from derandkit.graphs.reading import Reading

#: Dates and times of day: 2013-12-31, 31.12.2013, 2013-12, 16:39:58, 5 Jan 2020, 2020Q1, alone or one behind the other.
_DAY = (
    rb"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{4}[-/]\d{1,2}|\d{4}-?[QW]\d{1,2}"
    rb"|\d{1,2}[ -][A-Za-z]{3,9}\.?,?[ -]\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}"
)
_CLOCK = rb"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:[ ]?[AaPp][Mm])?(?:[ ]?(?:Z|UTC|[+-]\d{2}:?\d{2}))?"
_CODE = re.compile(rb"0[0-9]+")
_PARTED = re.compile(rb"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_TIME = re.compile(rb"(?:" + _DAY + rb")(?:[ T]" + _CLOCK + rb")?|" + _CLOCK)


#: Signs of text that stand for a minus, before a number.
_ODD_MINUS = re.compile(rb"(?:\xe2\x88\x92|\xe2\x80[\x90-\x95]|\xef\xb9\xa3|\xef\xbc\x8d)[0-9.]")
_WORDS = "; words for signs count below a line of names: source target weight"
ODD_MINUS = "a dash or a minus sign of text stands before the number; write -"


def has_odd_minus(cell: bytes) -> bool:
    """Whether a cell begins like a number behind a dash or the minus sign U+2212.

    Examples
    --------
    >>> has_odd_minus("\u22122".encode()), has_odd_minus(b"-2")
    (True, False)
    """
    return _ODD_MINUS.match(cell) is not None


def weights_in(table: list[Row], separator: bytes = b"", words: bool = False) -> tuple[list[float], str]:
    """Weights of the lines, and what has to be said of signs; with `words`, signs may be such as ``friend``."""
    if not table or len(table[0].columns) == 2:
        return [1.0] * len(table), ""
    cells = with_points([row.columns[2] for row in table], separator)
    shown = [cell.decode("utf-8", "replace") for cell in cells]
    signs, said = signs_of(shown) if words else ([sign_of(text) for text in shown], "")
    values: list[float] = []
    for row, cell, sign in zip(table, cells, signs, strict=True):
        try:
            values.append(number(cell) if sign is None else float(sign))
        except InputError as error:
            missing = cell.decode("utf-8", "replace") in NOTHING - {"nan", "NaN"}
            text = f"the weight is missing ({show(cell)}); write a number, or drop such lines"
            text = text if missing else error.message
            text += _WORDS if not words and None not in signs_of(shown)[0] else ""
            text += f"; {ODD_MINUS}" if has_odd_minus(cell) else ""
            raise InputError(text, line=row.line) from None
    refuse_some_signs(shown, [row.line for row in table])
    return values, said or SIGNS_READ * any(sign is not None for sign in signs)


def with_points_in_ends(table: list[Row], columns: Sequence[str], case: Case) -> list[Row]:
    """Return lines whose ends are whole numbers, some of them with decimal commas, with decimal points in these.

    Cells of a grid such as ``1,2``, each joined to one beside it, are names.

    Parameters
    ----------
    table : list of Row
        Both ends of an edge come first.
    columns : sequence of str
        What the table calls its columns; empty if it does not.
    case : Case
        What the caller says.

    Raises
    ------
    InputError
        The ends may be coordinates of points, or two spellings may be one vertex; or they are rounded.

    Examples
    --------
    >>> from derandkit.graphs.reading import ReadOptions
    >>> case = Case("-", "auto", None, ReadOptions())
    >>> with_points_in_ends([Row(1, [b"1,0", b"2", b"0,5"])], (), case)
    [Row(line=1, columns=[b'1.0', b'2', b'0,5'])]
    >>> with_points_in_ends([Row(1, [b"0,5", b"2,5"])], (), case)
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: the vertices are numbers, such as 0,5, and not all whole: a table of ...
    """
    ends = {cell for row in table for cell in row.columns[:2]}
    if case.kind == "auto":
        refuse_rounded(cell.decode("utf-8", "replace") for cell in ends if b"+" in cell)
        refuse_floating(cell.decode("utf-8", "replace") for cell in ends)
    commas = sorted(cell for cell in ends if DECIMAL_COMMA.fullmatch(cell))
    if not commas:
        return table
    pointed = {cell: cell.replace(b",", b".") for cell in commas}
    numeric = all(map(is_weight, ends))
    whole = numeric and all(float(pointed.get(cell, cell)).is_integer() for cell in ends)
    decimal = len(commas) < len(ends) or any(
        DECIMAL_COMMA.fullmatch(x) for row in table for x in row.columns[2:]
    )
    if whole and decimal and not any(map(_PARTED.fullmatch, commas)):
        return [
            Row(row.line, [pointed.get(x, x) for x in row.columns[:2]] + row.columns[2:]) for row in table
        ]
    if _are_cells_of_a_grid(table) or any(ends.issuperset(cell.split(b",")) for cell in commas):
        return table  # cells such as 2,3 beside 2 and 3 may list vertices, which is asked later
    seen = {float(cell): cell for cell in sorted(ends) if is_number(cell)}
    for cell in commas:
        values = [pointed[cell], cell.replace(b",", b"")] if _PARTED.fullmatch(cell) else [pointed[cell]]
        for value in map(float, values):
            other = seen.setdefault(value, cell)
            if other != cell:
                text = f"{show(other)} and {show(cell)} may be one vertex or two; write it in one way"
                raise InputError(f"{text}, or put letters before the names")
    if numeric and not whole and not case.is_list and not say_edges(columns):
        raise InputError(
            f"the vertices are numbers, such as {commas[0].decode()}, and not all whole: a table of points, or an edge "
            f"list? For an edge list {EDGES}",
            line=table[0].line,
        )
    return table


def _are_cells_of_a_grid(table: Sequence[Row]) -> bool:
    """Whether every line joins two cells of a grid that touch each other, such as ``1,2`` and ``1,3``."""
    for row in table:
        cells = [cell.split(b",") for cell in row.columns[:2]]
        if not all(len(cell) == 2 and all(x.isdigit() and len(x) < 10 for x in cell) for cell in cells):
            return False
        if max(abs(int(one) - int(other)) for one, other in zip(*cells, strict=True)) > 1:
            return False
    return True


def _is_odd_blank(sign: str) -> bool:
    """Whether a character may part columns for another program: another blank, or a control character as Hive has."""
    return sign.isspace() if not sign.isascii() else sign < " " and sign not in "\t\n\r"


def _are_bits(table: Sequence[Row]) -> bool:
    """Whether lines of one word are the rows of a square matrix of 0 and 1, without blanks between its entries."""
    words = [row.columns[0] for row in table if len(row.columns) == 1]
    return len(words) == len(table) > 1 and all(
        len(word) == len(words) and not word.strip(b"01") for word in words
    )


def check_widths(table: list[Row], line: str) -> None:
    """Refuse lines that are not as wide as the first, or that cannot hold an edge."""
    for row in table:
        if len(row.columns) not in (2, 3):
            words = f"{len(row.columns)} column{'s' * (len(row.columns) != 1)}; expected {line}"
            odd = next(
                (x for cell in row.columns for x in cell.decode("utf-8", "replace") if _is_odd_blank(x)), ""
            )
            if odd and len(row.columns) == 1:
                words += f" (U+{ord(odd):04X} parts no columns; write blanks, tabs or commas in its place, "
                words += "or say --separator)"
            elif _are_bits(table):
                words += " (a matrix of 0 and 1? Write blanks between its entries)"
            elif len({len(other.columns) for other in table}) > 2:
                words += " (is it an adjacency list? --input-format adjlist or metis)"
            elif any(cell.startswith((b"//", b"/*", b"--", b";", b"!", b"%")) for cell in row.columns[2:]):
                words += " (a comment behind an edge begins with #)"
            elif len(row.columns) == 1 and re.search(rb"[^\s:/~^&][:/~^&][^\s:/~^&]", row.columns[0]):
                words += " (if another sign separates the columns, say --separator)"
            elif len(row.columns) == 1 and row is not table[0]:
                words += f" ({LONE})"
            elif any(map(has_odd_minus, row.columns)):
                words += f" ({ODD_MINUS})"
            elif len(row.columns) == 4 and all(
                len(x.columns) == 4 and all(map(is_number, x.columns)) for x in table
            ):
                words += (
                    "; lines 'u v weight time' of KONECT follow a line '% sym' or '% asym', other tables a header line "
                    "that names the columns"
                )
            elif len(row.columns) > 3 and row is table[0]:
                words += ", or a header line that names the columns source, target and weight"
            raise InputError(words, line=row.line)
        if len(row.columns) != len(table[0].columns):
            words = f"{len(row.columns)} columns, but line {table[0].line} has {len(table[0].columns)}; "
            words += "give every edge a weight or none"
            if any(not is_weight(x.columns[2]) for x in table if len(x.columns) > 2):
                words += " (is it an adjacency list? --input-format adjlist)"
            raise InputError(words, line=row.line)


def without_times(
    table: list[Row], remarks: tuple[str, ...], weighted: bool
) -> tuple[list[Row], tuple[str, ...]]:
    """Return the lines without a third column of dates or times, where no weights are wanted, and what has to be said.

    Raises
    ------
    InputError
        Weights are wanted.

    Examples
    --------
    >>> without_times([Row(1, [b"a", b"b", b"2013-12-31 16:39"])], (), False)
    ([Row(line=1, columns=[b'a', b'b'])], ('the third column, the time, is not used',))
    """
    if not all(len(row.columns) == 3 and _TIME.fullmatch(row.columns[2]) for row in table):
        return table, remarks
    if weighted:
        raise InputError(
            f"the third column holds dates or times, such as {show(table[0].columns[2])}; say --unweighted "
            "(weight=None) to count every edge as 1",
            line=table[0].line,
        )
    return [Row(row.line, row.columns[:2]) for row in table], (
        *remarks,
        "the third column, the time, is not used",
    )


def refuse_codes(table: Sequence[Row]) -> None:
    """Refuse weights with leading zeros beside vertices with leading zeros: codes, which are vertices.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_codes([Row(1, [b"1", b"007", b"008"])])
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: '008' may be a vertex like '007', or a weight; write the weight last, ...
    """
    for row in table:
        code = next((cell for cell in row.columns[:2] if _CODE.fullmatch(cell)), None)
        if code is not None and len(row.columns) == 3 and _CODE.fullmatch(row.columns[2]):
            raise InputError(
                f"{show(row.columns[2])} may be a vertex like {show(code)}, or a weight; write the weight last, and "
                "without leading zeros",
                line=row.line,
            )


def read_rudy(first: Row, rest: list[Row], case: Case) -> WeightedGraph:
    """Read the lines of a rudy file below its first one, ``n m``.

    Raises
    ------
    InputError
        The first bad line, or another number of lines than m.

    Examples
    --------
    >>> from derandkit.graphs.reading import ReadOptions
    >>> rows = [Row(2, [b"1", b"2", b"5"]), Row(3, [b"2", b"3", b"-1"])]
    >>> read_rudy(Row(1, [b"3", b"2"]), rows, Case("-", "rudy", None, ReadOptions()))
    WeightedGraph(n=3, m=2, total_weight=4)
    """
    size = header(first)
    if size is None:
        raise InputError(
            f"the first line of a rudy file is 'n m', here it is {show(b' '.join(first.columns))}",
            line=first.line,
        )
    n, m = size
    if case.kind == "auto" and _may_be_metis(n, m, rest):
        raise InputError(
            f"the first line '{n} {m}' may begin a METIS file, whose {n} lines list the neighbours of each vertex, or "
            "a rudy file; say --input-format metis or rudy (input_format= of derandkit.as_graph)",
            line=first.line,
        )
    with in_file(None, first.line):
        check_size(n)
        check_order(n, m)
    check_widths(rest, "'i j' or 'i j weight'")
    ends: list[int] = []
    for row in rest:
        for token in row.columns[:2]:
            if not is_integer(token):
                raise InputError(f"vertex {show(token)} is not an integer in 1..{n}", line=row.line)
            if len(token) > 11 or not 1 <= int(token) <= n:
                text = f"vertex {show(token)[1:-1]} is not in 1..{n}"
                if case.kind == "auto" and len(row.columns) == 3 and (len(rest) != m or n * (n - 1) < 2 * m):
                    text += f"; if line {first.line}, '{n} {m}', is an edge and no header 'n m', it lacks a weight"
                raise InputError(text, line=row.line)
            ends.append(int(token) - 1)
    w, _ = weights_in(rest)
    if len(rest) != m:
        raise InputError(
            f"the header says {m} edges, the file has {len(rest)}; it may be cut short", line=first.line
        )
    ids = np.array(ends, dtype=np.int64).reshape(-1, 2)
    width = len(rest[0].columns) if rest else 2
    values = np.array(w) if width == 3 else None
    check_loops(case, ids + 1, values)
    reading = Reading("rudy file", columns=("u", "v", "weight")[:width], header_lines=1)
    return graph_of_list(ids[:, 0], ids[:, 1], values, case.options, reading, n=n, labels=range(1, n + 1))


def _may_be_metis(n: int, m: int, rest: list[Row]) -> bool:
    """Whether n lines hold 2m numbers in 1..n, as the neighbours of each vertex do; rudy files have m lines."""
    cells = [cell for row in rest for cell in row.columns]
    return (
        len(rest) == n != m and len(cells) == 2 * m and all(is_integer(x) and 0 < int(x) <= n for x in cells)
    )
