"""A table before its rows are points: the chosen columns, how they were read, and what has to be said about them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derandkit.points.columns import Choice, check_index, column_names
from derandkit.points.suspects.remarks import remarks_beside_target, remarks_on
from derandkit.points.suspects.summaries import refuse_summaries
from derandkit.tables import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.numerics.typing import FloatArray


MOST_NAMES = 4096
"""Names of more columns are recorded only where some were chosen."""


@dataclass(frozen=True)
class Raw:
    """Numbers of a file before they are points."""

    table: object
    reading: str
    columns: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    text: bool = False


def ways_out(handle: str) -> str:
    """Say what to do with a column that is no coordinate."""
    name = shlex.quote(handle)
    return f"leave the column out (--drop {name}) or name it as a label (--label {name})"


def chosen_table(
    table: FloatArray,
    what: str,
    kept: list[int],
    names: list[str] | None,
    chosen: Choice,
    labels: tuple[str, ...] | None,
    notes: list[str],
    others: Sequence[Sequence[object]] = (),
) -> Raw:
    """Look at what columns seem to be, unless every one of them was named; `others` are those that are left out."""
    if chosen.columns is None and not chosen.recorded:
        check_index(table, kept, names)
        refuse_summaries(table, others, "name all columns to use (--columns)")
        say = remarks_on if chosen.target is None else remarks_beside_target
        notes = [*notes, *say(table, kept, names)]
    columns, width = column_names(kept, names), len(kept)
    used = f": {' '.join(columns)}" if names is not None or chosen.made else ""
    reading = f"{what}, {counted(len(kept), 'column')}{used}"
    recorded = chosen.made or (names is not None and width <= MOST_NAMES)
    return Raw(table, reading, columns if recorded else None, labels, tuple(notes))
