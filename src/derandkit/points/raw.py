"""A table before its rows are points: the chosen columns, how they were read, and what has to be said about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derandkit.points.columns import Choice, check_row_numbers, column_names, notes_on
from derandkit.tables import counted

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


@dataclass(frozen=True)
class Raw:
    """Numbers of a file before they are points."""

    table: object
    reading: str
    columns: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


def ways_out(handle: str) -> str:
    """Say what to do with a column that is no coordinate."""
    return f"leave it out (--drop {handle}) or name it as a label (--label {handle})"


def chosen_table(
    table: FloatArray,
    what: str,
    kept: list[int],
    names: list[str] | None,
    chosen: Choice,
    labels: tuple[str, ...] | None,
    notes: list[str],
) -> Raw:
    """Look at what columns seem to be, unless every one of them was named."""
    if chosen.columns is None:
        check_row_numbers(table, kept, names)
        notes = [*notes, *notes_on(table, kept, names)]
    columns = column_names(kept, names)
    used = f": {' '.join(columns)}" if names is not None or chosen.made else ""
    reading = f"{what}, {counted(len(kept), 'column')}{used}"
    return Raw(table, reading, columns if chosen.made else None, labels, tuple(notes))
