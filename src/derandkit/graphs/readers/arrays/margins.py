"""Names of a matrix in a last row or column, or beside its rows only."""

from __future__ import annotations

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.objects.signs import SIGNS_READ, sign_entries
from derandkit.graphs.readers.tables import MISSING, is_cell, is_weight
from derandkit.graphs.readers.text import Row, show


def with_names_first(table: list[Row]) -> list[Row]:
    """Return a table whose names of vertices stand in a last row or column with these above and beside the numbers.

    Names that stand on one side only count for both, if the numbers are a symmetric matrix. Every other table is
    returned as it is.

    Parameters
    ----------
    table : list of Row

    Examples
    --------
    >>> rows = [Row(1, [b"0", b"5", b"2", b"a"]), Row(2, [b"5", b"0", b"3", b"b"]), Row(3, [b"2", b"3", b"0", b"c"])]
    >>> [row.columns for row in with_names_first(rows)][:2]
    [[b'', b'a', b'b', b'c'], [b'a', b'0', b'5', b'2']]
    """
    table = _without_diagonal(table)
    inner, above = table, None
    if len(table) > 3 and _are_names(table[-1].columns, len(table) - 1):
        inner, above = table[:-1], table[-1]
    elif len(table) > 3 and _are_names(table[0].columns, len(table) - 1):
        inner, above = table[1:], table[0]
    k = len(inner)
    widths = {len(row.columns) for row in inner}
    if k < 3 or not widths <= {k, k + 1} or len(widths) > 1:
        return table
    beside: list[bytes] | None = None
    numbers = [list(row.columns) for row in inner]
    at = -1
    if widths == {k + 1}:
        at = 0 if _are_words([row.columns[0] for row in inner]) else k
        beside = [row.columns[at] for row in inner]
        if not _are_words(beside):
            return table
        numbers = [[cell for place, cell in enumerate(row) if place != at] for row in numbers]
    square = all(len(row) == k for row in numbers)
    if square and len({row[at] for at, row in enumerate(numbers)}) == 1 and not is_weight(numbers[0][0]):
        numbers = [
            [b"" if place == at else cell for place, cell in enumerate(row)] for at, row in enumerate(numbers)
        ]  # one mark on the whole diagonal
    if not all(is_cell(cell) for row in numbers for cell in row):
        return table
    names = [cell for cell in above.columns if cell] if above is not None else None
    first = above is None or above is table[0]
    if beside is None:
        if names is None or first:
            return table  # without names, or with names above, as other readers know it
    elif names is not None:
        if sorted(names) != sorted(beside):
            return table
    elif not _is_symmetric(numbers):
        return table
    chosen = names or beside or []
    rows = [
        Row(row.line, [name, *cells])
        for row, name, cells in zip(inner, beside or chosen, numbers, strict=True)
    ]
    return [Row((above or inner[0]).line, [b"", *chosen]), *rows]


def _without_diagonal(table: list[Row]) -> list[Row]:
    """Return a square table of numbers with 0 in place of one mark, such as ``-`` or ``x``, on its whole diagonal.

    Raises
    ------
    InputError
        The first row and column hold different numbers, so that they may be names.
    """
    k = len(table)
    if k < 3 or any(len(row.columns) != k for row in table):
        return table
    marks = {row.columns[at] for at, row in enumerate(table)}
    off = [cell for at, row in enumerate(table) for place, cell in enumerate(row.columns) if place != at]
    if len(marks) > 1 or is_weight(next(iter(marks))) or not all(map(is_weight, off)):
        return table
    first = table[0].columns[1:]
    if len(set(first)) == len(first) and first == [row.columns[0] for row in table[1:]]:
        raise InputError(
            f"the first row and column hold {show(first[0])}, {show(first[1])}: names of vertices, or entries of a "
            "matrix whose diagonal is empty; write 0 on the diagonal for entries, and 0 below the corner for names",
            line=table[0].line,
        )
    return [
        Row(row.line, [b"0" if place == at else cell for place, cell in enumerate(row.columns)])
        for at, row in enumerate(table)
    ]


def _are_names(cells: list[bytes], k: int) -> bool:
    """Whether k words stand in a row, perhaps beside one empty cell."""
    found = [cell for cell in cells if cell]
    return len(found) == k and len(cells) in (k, k + 1) and _are_words(found)


def _are_words(cells: list[bytes]) -> bool:
    return len(set(cells)) == len(cells) and not any(
        not cell or is_cell(cell) or is_weight(cell) for cell in cells
    )


def _is_symmetric(rows: list[list[bytes]]) -> bool:
    try:
        A = np.array(
            [
                [np.nan if cell.lower() in MISSING else float(cell.replace(b",", b".")) for cell in row]
                for row in rows
            ]
        )
    except ValueError:
        return False
    np.fill_diagonal(A, 0 if np.isnan(np.diagonal(A)).all() else np.diagonal(A))
    missing = np.isnan(A)
    if not missing[np.tril_indices(len(A), -1)].any() and missing[np.triu_indices(len(A), 1)].all():
        return True  # the lower triangle alone
    if not missing[np.triu_indices(len(A), 1)].any() and missing[np.tril_indices(len(A), -1)].all():
        return True
    return bool(np.ptp(np.diagonal(A)) == 0 and (np.abs(A - A.T) <= 2.0**-38 * np.abs(A).max()).all())


def without_signs(table: list[Row]) -> tuple[list[Row], tuple[str, ...]]:
    """Return a square table of ``+``, ``-`` and 0, with names above or beside it or without, in numbers, and a remark.

    Every other table is returned as it is: a lone ``-`` stands for an entry that is missing.

    Examples
    --------
    >>> rows = [Row(1, [b"0", b"+", b"-"]), Row(2, [b"+", b"0", b"+"]), Row(3, [b"-", b"+", b"0"])]
    >>> [row.columns for row in without_signs(rows)[0]]
    [[b'0', b'1', b'-1'], [b'1', b'0', b'1'], [b'-1', b'1', b'0']]
    """
    if len(table) < 3 or not any(b"+" in cell or cell.isalpha() for cell in table[1].columns):
        return table, ()
    for top in (0, 1):
        k = len(table) - top
        for left in (0, 1):
            rows = [row.columns[left:] for row in table[top:]]
            if k < 3 or any(len(row) != k for row in rows):
                continue
            signs = sign_entries([cell.decode("utf-8", "replace") for row in rows for cell in row])
            if signs is not None:
                found = iter(b"%d" % int(sign) for sign in signs)
                inner = [
                    Row(row.line, [*row.columns[:left], *(next(found) for _ in range(k))])
                    for row in table[top:]
                ]
                return [*table[:top], *inner], (SIGNS_READ,)
    return table, ()
