"""Matrices Q in text, as `numpy.savetxt`, `pandas.DataFrame.to_csv` and spreadsheets write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from derandkit.content import text_lines
from derandkit.errors import InputError, in_file
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.objects.parts import refuse_heads
from derandkit.missing import in_number
from derandkit.models.matrices import refuse_terms, refuse_totals
from derandkit.models.model import QuadraticModel
from derandkit.numerals import constants_of_comments
from derandkit.points.columns import Choice
from derandkit.points.lines import decoded, is_number, read_lines
from derandkit.points.text import text_table
from derandkit.tables import repeated

if TYPE_CHECKING:
    from collections.abc import Hashable

    from derandkit.points.lines import Lines

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_AUTO = "--input-format matrix (input_format= in Python) for a matrix, --input-format coo for terms 'i j coefficient'"


def is_matrix_text(data: bytes) -> bool:
    r"""Whether a text is a square table of numbers, two rows at least, with names of columns, of both, or of none.

    Examples
    --------
    >>> is_matrix_text(b"-3 2 1\n0 -2 4\n0 0 -1.5\n"), is_matrix_text(b",a,b\na,1,2\nb,0,3\n")
    (True, True)
    >>> is_matrix_text(b"1 2 3\n")
    False
    """
    try:
        lines = read_lines(decoded(data)[0])
    except InputError:
        return False
    try:
        return _laid_out(lines)[0] is not None
    except InputError:  # a matrix whose names do not fit
        return True


def text_matrix(data: bytes, name: str, *, asked: bool) -> tuple[QuadraticModel, str]:
    r"""Read a matrix Q in text; variables have the names of the columns, or numbers from 0.

    Parameters
    ----------
    data : bytes
        The text.
    name : str
        The file, for messages.
    asked : bool
        Whether the user said that it is a matrix. If not, three rows of three numbers may be terms, and a first row and
        column may be names.

    Returns
    -------
    model : QuadraticModel
        ``x'Qx``, to be minimised.
    words : str
        What separates its columns, and where the names come from.

    Raises
    ------
    InputError
        It is no square table of numbers, or fits two readings.

    Examples
    --------
    >>> model, words = text_matrix(b",a,b\na,1,2\nb,0,-3\n", "q.csv", asked=False)
    >>> model.value({"a": 1, "b": 1}), words
    (0, 'comma-separated, variables named by the header')
    """
    with in_file(name):
        text = decoded(data)[0]
        lines = read_lines(text)
    with in_file(name):
        found, lines, empty = _laid_out(lines)
    if found is None:
        widths = {len(lines.fields(line)) for _, line in lines.rows}
        shown = f"{min(widths)} to {max(widths)}" if len(widths) > 1 else f"{min(widths)}"
        raise InputError(
            f"is no square matrix of numbers: {len(lines.rows)} lines of {shown} columns; terms 'i j coefficient' need "
            "--input-format coo",
            path=name,
        )
    head, beside = found
    body = text_lines(text)
    for number, line in lines.rows if empty else ():
        body[number - 1] = line
    if head is not None:
        body[lines.rows[0][0] - 1] = ""  # lines keep their numbers
    k = len(lines.rows) - (head is not None)
    columns = tuple(str(at + 1 + beside) for at in range(k))
    sign = {"\t": "\t", None: " "}.get(lines.delimiter, lines.delimiter)
    rest = f"sep={sign}\n".encode() if lines.delimiter not in (None, "\t") else b""
    try:
        raw = text_table(rest + "\n".join(body).encode(), name, Choice(columns, header=False))
    except InputError as error:
        at = None if error.line is None else error.line - bool(rest)
        message = error.message.replace("; points are finite", "; coefficients are finite")
        raise InputError(message, path=name, line=at) from None
    Q = np.asarray(raw.table, dtype=np.float64)
    try:
        if not asked:
            if head is None:
                refuse_heads(Q, _AUTO)
            if (
                head is None
                or all(map(is_number, head))
                or (not beside and set(known_ends(head) or ()) == {0, 1})
            ):
                refuse_terms(Q, rows=True)
    except InputError as error:
        message = error.message.split(";")[0].removesuffix(f", {_AUTO}")
        raise InputError(f"{message}; {_AUTO}", path=name) from None
    if head is not None:
        with in_file(name):
            refuse_totals(Q, head)
    i, j = np.nonzero(Q)
    labels: list[Hashable] = list(head) if head is not None else list(range(k))
    if head is not None and all(map(_WHOLE.fullmatch, head)):
        labels = [int(label) for label in head]
    model = QuadraticModel.from_arrays(i.astype(np.int64), j.astype(np.int64), Q[i, j], n=k, labels=labels)
    mark = {"\t": "tab", ",": "comma", ";": "semicolon", None: "blank"}.get(lines.delimiter, "mark")
    return (
        model,
        f"{mark}-separated{empty}, variables {'named by the header' if head is not None else 'counted from 0'}"
        f"{constants_of_comments(text_lines(text))}",
    )


def _laid_out(lines: Lines) -> tuple[tuple[list[str] | None, int] | None, Lines, str]:
    """Return what `_layout` says, and the lines and words of `_filled` where cells are missing."""
    found = _layout(lines)
    if found is not None and not any("nan" in line.lower() for _, line in lines.rows):
        return found, lines, ""
    lines, empty = _filled(lines)
    return _layout(lines), lines, empty


def _filled(lines: Lines) -> tuple[Lines, str]:
    """Return lines with zeros where all cells on one side of the diagonal are empty or missing, and words about it.

    Raises
    ------
    InputError
        Other cells of a square matrix are empty, or the lines are a triangle without them.
    """
    rows, mark = [lines.fields(line) for _, line in lines.rows], lines.delimiter or " "
    if lines.delimiter is not None and len(rows) > 2 and sorted(map(len, rows)) == [*range(1, len(rows) + 1)]:
        if all(is_number(x) for row in rows for x in row):
            raise InputError("the lines are one triangle of a matrix; write zeros in its other cells")
        return lines, ""
    fault: InputError | None = None
    for above, beside in ((0, 0), (1, 0), (1, 1)):
        body = [row[beside:] for row in rows[above:]]
        k = len(body)
        if k < 2 or not all(len(row) == k and all(is_number(x) or in_number(x) for x in row) for row in body):
            continue
        missing = [(i, j) for i in range(k) for j in range(k) if in_number(body[i][j]) or _is_nan(body[i][j])]
        side = next((side for side in ("below", "above") if missing == _beside_diagonal(k, side)), None)
        if not missing:
            return lines, ""
        if side is None:
            i, j = missing[0]
            fault = fault or InputError(
                f"the cell in row {i + 1} and column {j + 1} of the matrix is {body[i][j] or 'empty'}; write 0, or "
                "leave out all cells below the diagonal",
                line=lines.rows[above + i][0],
            )
            continue
        for i, j in missing:
            rows[above + i][beside + j] = "0"
        kept = [
            (number, line if at < above else mark.join(f'"{x}"' if mark in x else x for x in rows[at]))
            for at, (number, line) in enumerate(lines.rows)
        ]
        return lines._replace(rows=kept), f", empty cells {side} the diagonal are zeros"
    if fault is not None:
        raise fault
    return lines, ""


def _is_nan(field: str) -> bool:
    return field.lower().lstrip("+-") == "nan"


def _beside_diagonal(k: int, side: str) -> list[tuple[int, int]]:
    return [(i, j) for i in range(k) for j in range(k) if (i > j if side == "below" else i < j)]


def _layout(lines: Lines) -> tuple[list[str] | None, int] | None:
    """Return the names above the numbers, if there are some, and how many columns of names stand before them.

    Raises
    ------
    InputError
        Names above and beside the numbers differ, or a name comes twice.
    """
    rows = [lines.fields(line) for _, line in lines.rows]
    k = len(rows)
    if k >= 2 and all(len(row) == k and _numeric(row) for row in rows):
        return None, 0
    first, below = rows[0], rows[1:]
    k -= 1
    if k < 2:
        return None
    counted = [[str(at + start) for at in range(k)] for start in (0, 1)]
    if any(map(is_number, first)) and first not in counted and first[-k:] not in counted:
        return None
    if len(first) == k and all(len(row) == k and _numeric(row) for row in below):
        return _different(first), 0
    names = first[-k:]
    if len(first) in (k, k + 1) and all(len(row) == k + 1 and _numeric(row[1:]) for row in below):
        if len(first) == k + 1 and is_number(first[0]):
            return None
        beside = [row[0] for row in below]
        if first[0] and len(first) == k + 1 and sorted(beside) != sorted(names):
            return None
        numbered = beside == counted[1] and names in ([f"{letter}{k}" for k in beside] for letter in "VX")
        if beside != names and not numbered:  # R calls columns V1, V2, ... and rows 1, 2, ...
            raise InputError("the names beside the matrix are not those above it, in their order")
        return _different(names), 1
    return None


def _numeric(fields: list[str]) -> bool:
    return all(map(is_number, fields))


def _different(names: list[str]) -> list[str]:
    if not all(names):
        raise InputError("a variable has no name")
    if (twice := repeated(names)) is not None:
        raise InputError(f"two variables of the matrix are called {twice!r}")
    return names
