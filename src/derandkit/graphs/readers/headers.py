"""Whether the first line of a table names its columns.

A header is a line of words whose names are known (``source``, ``target``, ``weight`` and the like) and are no vertices;
where it could be an edge as well, the reader asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from derandkit.errors import InputError
from derandkit.graphs.frames import WEIGHTS, known_ends
from derandkit.graphs.readers.tables import DECIMAL_COMMA, is_weight, texts
from derandkit.graphs.readers.text import Row, is_number, show

ASK_HEADER = "say which with --header or --no-header (header= in Python)"


def has_header(first: Row, rest: Sequence[Row], given: bool | None) -> bool:
    """Whether the first row of an edge list names its columns.

    Raises
    ------
    InputError
        It could be a header or an edge.

    Examples
    --------
    >>> has_header(Row(1, [b"source", b"target"]), [Row(2, [b"A", b"B"])], None)
    True
    """
    if given is not None:
        return given
    cells = first.columns
    width = len(rest[0].columns) if rest else len(cells)
    if not rest or any(is_number(cell) or DECIMAL_COMMA.fullmatch(cell) for cell in cells):
        return False
    names = texts(cells)
    ends = known_ends(names)
    if width < 2 or len(cells) not in (width, width - 1) or len(cells) < 2:
        return False
    if len(cells) != width or width > 3:
        return True  # a line of words over wider lines, or over more columns than an edge has
    at = ends or (0, 1)
    vertices = {row.columns[k] for row in rest for k in at if k < len(row.columns)}
    occurs = any(cells[k] in vertices for k in at)
    what = show(b" ".join(cells))
    if width == 3 and ends is None and not is_number(cells[2]):
        known = names[2].strip().lower() in WEIGHTS
        if occurs or not is_weight(rest[0].columns[2]):
            return False  # an edge whose weight is no number, as the reader will say
        if known:
            return True
        raise InputError(
            f"{what} looks like column names, but none that is known, or an edge whose weight is no number; "
            f"{ASK_HEADER}",
            line=first.line,
        )
    numbers = all(is_number(cell) for cell in vertices)
    if ends is not None and not occurs:
        return True
    if ends is None and occurs:
        return False
    if numbers or ends is not None or not occurs:
        raise InputError(f"{what} looks like column names, or an edge; {ASK_HEADER}", line=first.line)
    return False
