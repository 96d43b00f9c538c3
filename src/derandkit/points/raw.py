"""A table before its rows are points: the chosen columns, how they were read, and what has to be said about them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.points.columns import CORRECT, Choice, check_index, column_names, numbering
from derandkit.points.suspects.columns import has_mark, no_coordinate
from derandkit.points.suspects.remarks import remarks_beside_target, remarks_on
from derandkit.points.suspects.summaries import refuse_summaries
from derandkit.tables import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray


#: Marks for missing numbers and times are not smaller.
_LEAST_SUSPECT = 90.0

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
        # neither has dates and marks, and differences of booleans are none
        wide = table.astype(np.float64) if table.dtype in (np.float16, np.bool_) else table
        check_index(wide, kept, names, beside_target=chosen.target is not None)
        refuse_summaries(wide, others, "name all columns to use (--columns)")
        say = remarks_on if chosen.target is None else remarks_beside_target
        notes = [*notes, *say(wide, kept, names)]
    columns, width = column_names(kept, names), len(kept)
    used = f": {' '.join(columns)}" if names is not None or chosen.made else ""
    reading = f"{what}, {counted(len(kept), 'column')}{used}"
    recorded = chosen.made or (names is not None and width <= MOST_NAMES)
    return Raw(table, reading, columns if recorded else None, labels, tuple(notes))


def array_notes(table: NDArray[np.generic]) -> list[str]:
    """Say what looks like labels or sums in an array of a file.

    Examples
    --------
    >>> array_notes(np.column_stack([np.arange(5, 14), np.arange(9) ** 2]))[0][:59]
    'column 1 counts from 5 to 13 and is used as a coordinate; i'
    """
    if table.ndim != 2 or table.dtype.kind not in "iuf" or not table.size:
        return []
    way = "numpy.delete(X, {}, axis=1) before it is saved"
    return remarks_on(table.astype(np.float64), range(table.shape[1]), None, way)


def refuse_numbered(table: NDArray[np.generic], way: str) -> None:
    """Refuse an array of a file with columns that number the rows or are no coordinates, or with a row of sums.

    Parameters
    ----------
    table : ndarray
        The array.
    way : str
        What to do if all are points.

    Raises
    ------
    InputError
        It names the column, or the row.

    Examples
    --------
    >>> refuse_numbered(np.column_stack([np.arange(9.0), np.ones(9)]), "say so")
    Traceback (most recent call last):
    derandkit.errors.InputError: column 1 counts the rows from 0: leave it out if it is an index, or, if it is a ...
    """
    if table.ndim != 2 or not table.size or table.dtype.kind not in "iuf":
        return
    table = table.astype(np.float64) if table.dtype == np.float16 else table  # which has no dates and marks
    large = np.maximum(table.max(axis=0), -table.min(axis=0).astype(np.float64)) >= _LEAST_SUSPECT
    alone = table.shape[1] == 1  # then a column that counts the rows is all that could be points
    for place in range(table.shape[1]):
        what = None if alone else numbering(table[:, place], place)
        if what is None and large[place]:
            what = no_coordinate(table[:, place], None)
        if what is not None:
            if alone:
                out = CORRECT if has_mark(table[:, place]) else ""
                raise InputError(f"column {place + 1} {what}: {out}{way} if it is a coordinate")
            raise InputError(
                f"column {place + 1} {what}: leave it out if it is an index, or, if it is a coordinate, {way}"
            )
    refuse_summaries(table, (), way)
