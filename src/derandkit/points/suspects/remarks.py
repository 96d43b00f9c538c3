"""What may be something else than a coordinate, and is used as one with a remark: the same for files and frames."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import numpy as np

from derandkit.points.columns import described, drop_option, handle
from derandkit.points.suspects.columns import counts_few_rows, order_of
from derandkit.points.suspects.summaries import first_holds_sums, holds_sums
from derandkit.points.suspects.times import are_years

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.numerics.typing import FloatArray

_MOST_CLASSES = 20
#: Rows in which a column may well be the sum of the others by chance.
_MOST_CHANCE = 3


def remarks_on(
    table: FloatArray, kept: Sequence[int], names: Sequence[str] | None, way: str | None = None
) -> list[str]:
    """Say what looks like a label or a sum: years, numbers of rows or days, few whole numbers; a row or column of sums.

    Few whole numbers in a first or last column are so beside others of another kind, and numbers of rows or days beside
    columns that hold none.

    Parameters
    ----------
    table : ndarray, shape (n, d)
        The coordinates.
    kept : sequence of d int
        Places of the columns in the file or frame.
    names : sequence of str or None
        What all columns of the file or frame are called.
    way : str or None
        How a column is left out, with ``{}`` for its name, or for its place from 0 where it has none; None for the
        options of files.

    Examples
    --------
    >>> remarks_on(np.array([[9.0, 15.0], [1, 2], [3, 4], [5, 9]]), [0, 1], None)
    ['the first row holds the sums of all others and is used as a point']
    """
    width = table.shape[1]
    if width < 2 or not np.isfinite(table).all():
        return []
    found = remark_on_sums(table)
    found += [
        f"{described(kept[at], names)} holds the sums of the other columns and is used as a coordinate; if it is a "
        f"total, leave it out ({_way_out(kept[at], names, way)})"
        for at in (0, width - 1)
        if len(table) > _MOST_CHANCE and width > 2 and holds_sums(table.T.astype(np.float64), at)
    ]
    years = {
        place for at, place in enumerate(kept) if names is not None and are_years(table[:, at], names[place])
    }
    found += [
        f"{described(place, names)} holds years and is used as a coordinate; if it is none, leave it out "
        f"({_way_out(place, names, way)})"
        for place in kept
        if place in years
    ]
    orders = [order_of(table[:, at]) for at in range(width)]
    if None not in orders:
        orders = [None] * width  # each counts: a grid, or times only
    if kept[0] == 0 and orders[0] is None:
        orders[0] = counts_few_rows(table)
    found += [
        f"{described(place, names)} {what} and is used as a coordinate; if it numbers the rows or is a time, "
        f"leave it out ({_way_out(place, names, way)})"
        for place, what in zip(kept, orders, strict=True)
        if what is not None and place not in years
    ]
    for at in (0, width - 1):
        if (ends := _classes(table, at)) is not None:
            found.append(
                f"{described(kept[at], names)} holds only the whole numbers {ends[0]:.0f} to {ends[1]:.0f} and is "
                f"used as a coordinate; if it is a label, leave it out ({_way_out(kept[at], names, way, label=True)})"
            )
    return found


def remark_on_sums(table: FloatArray) -> list[str]:
    """Say that the first row holds the sums of the others, if it does."""
    return ["the first row holds the sums of all others and is used as a point"] * first_holds_sums(table)


def _classes(table: FloatArray, at: int) -> tuple[float, float] | None:
    """Return the ends of the few whole numbers that a column holds beside others of another kind."""
    values, counts = np.unique(table[:, at], return_counts=True)
    whole = np.array_equal(values, values[0] + np.arange(values.size)) and values[0] in (-1.0, 0.0, 1.0)
    whole = whole or values.tolist() == [-1.0, 1.0]
    few = 2 <= values.size <= min(_MOST_CLASSES, len(table) // 4) and int(counts.min()) >= 2
    if not (whole and few):
        return None
    rest = np.delete(table, at, axis=1)
    fractions = bool((rest != np.floor(rest)).any())
    if not fractions and float(np.abs(rest).max()) <= 10.0 * float(np.abs(values).max()):
        return None
    return float(values[0]), float(values[-1])


def _way_out(place: int, names: Sequence[str] | None, way: str | None, *, label: bool = False) -> str:
    """Return how a column is left out."""
    if way is not None:
        return way.format(place if names is None else repr(names[place]))
    if not label:
        return drop_option(place, names)
    name = shlex.quote(handle(place, names))
    return f"--label {name} or --drop {name}"
