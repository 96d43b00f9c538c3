"""Results as text: aligned tables for people, tab-separated lines for programs.

Every number says what it is: exact (recomputed from the sides), certified (proven), or estimated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def aligned(rows: Iterable[Sequence[str]], *, indent: str = "") -> str:
    """Join rows of cells into lines whose columns start at the same place.

    Examples
    --------
    >>> print(aligned([("a", "1"), ("long", "2")]))
    a     1
    long  2
    """
    table = [list(row) for row in rows]
    widths = [
        max(len(row[k]) for row in table if k < len(row)) for k in range(max(map(len, table), default=0))
    ]
    return "\n".join(
        indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in table
    )


def number(value: float) -> str:
    """Format a figure for people: integers whole, others to nine digits.

    Examples
    --------
    >>> number(12), number(4.52254248593)
    ('12', '4.52254249')
    """
    return str(value) if isinstance(value, int) else f"{value:.9g}"
