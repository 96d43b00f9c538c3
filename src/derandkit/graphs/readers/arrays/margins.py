"""Names of a matrix in a last row or column, or beside its rows only."""

from __future__ import annotations

import numpy as np

from derandkit.graphs.readers.tables import is_cell, is_weight
from derandkit.graphs.readers.text import Row


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
    if not all(is_cell(cell) for row in numbers for cell in row):
        return table
    names = [cell for cell in above.columns if cell] if above is not None else None
    first = above is None or above is table[0]
    if beside is None:
        if names is None or first:
            return table  # without names, or with names above, as other readers know it
    elif names is not None:
        if sorted(names) != sorted(beside) or (first and at == 0):
            return table
    elif not _is_symmetric(numbers):
        return table
    chosen = names or beside or []
    rows = [
        Row(row.line, [name, *cells])
        for row, name, cells in zip(inner, beside or chosen, numbers, strict=True)
    ]
    return [Row((above or inner[0]).line, [b"", *chosen]), *rows]


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
        A = np.array([[float(cell.replace(b",", b".")) for cell in row] for row in rows])
    except ValueError:
        return False
    return bool(np.ptp(np.diagonal(A)) == 0 and (np.abs(A - A.T) <= 2.0**-38 * np.abs(A).max()).all())
