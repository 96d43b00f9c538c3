"""What may be something else than a coordinate, and is used as one with a remark: the same for files and frames."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.sums import are_sums
from derandkit.points.columns import described, drop_option, handle
from derandkit.points.suspects.codes import MissingCodes, missing_codes
from derandkit.points.suspects.columns import counts_few_rows, even_steps, far_wider, order_of
from derandkit.points.suspects.summaries import first_holds_sums
from derandkit.points.suspects.times import are_years
from derandkit.tables import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray

_IF_MISSING = "if that stands for a missing number, leave out such rows"
_MOST_CLASSES, _BALANCED_ROWS = 20, 50
#: At the edge of an image a pixel is hardly ever lit.
_NEARLY_ALWAYS = 0.8
#: Rows in which a column may well be the sum of the others by chance.
_MOST_CHANCE = 3


def remarks_on(
    table: FloatArray, kept: Sequence[int], names: Sequence[str] | None, way: str | None = None
) -> list[str]:
    """Say what looks like a label or a sum: years, numbers of rows or days, few whole numbers; a row or column of sums.

    Few whole numbers in a first or last column are so beside others of another kind, and numbers of rows or days beside
    columns that hold none. Codes for missing answers come first, and are left aside after that.

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
    if not np.isfinite(table).all():
        return []
    table, found = _without_codes(table, kept, names, way)
    if width < 2:
        return found
    found += remark_on_sums(table)
    found += [
        f"{described(kept[at], names)} holds the sums of the other columns and is used as a coordinate; if it is a "
        f"total, leave it out ({_way_out(kept[at], names, way)})"
        for at in (0, width - 1)
        if len(table) > _MOST_CHANCE and width > 2 and _adds_up(table, at)
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
    for at, place in enumerate(kept):
        if orders[at] is None:
            called = None if names is None else names[place]
            orders[at] = even_steps(table[:, at], None if place == 0 else called or "")
    if None not in orders or all(even_steps(table[:, at]) is not None for at in range(width)):
        orders = [None] * width  # each counts: a grid, or times only
    if kept[0] == 0 and orders[0] is None:
        orders[0] = counts_few_rows(table)
    found += [
        f"{described(place, names)} {what} and is used as a coordinate; if it numbers the rows or is a time, "
        f"leave it out ({_way_out(place, names, way)})"
        for place, what in zip(kept, orders, strict=True)
        if what is not None and place not in years
    ]
    wide = far_wider(table)
    if wide is not None and orders[wide] is None and (place := kept[wide]) not in years:
        found.append(
            f"{described(place, names)} holds whole numbers, hardly one twice and spread a thousand times as wide as "
            f"all others, and is used as a coordinate; if it names the rows, leave it out "
            f"({_way_out(place, names, way)})"
        )
    for at in (0, width - 1):
        if (few := _classes(table, at)) is not None:
            found.append(
                f"{described(kept[at], names)} holds only the whole numbers {few} and is used as a coordinate; if it "
                f"is a label, leave it out ({_way_out(kept[at], names, way, label=True)})"
            )
    return found


def remarks_beside_target(table: FloatArray, kept: Sequence[int], names: Sequence[str] | None) -> list[str]:
    """Say what looks like a code for missing answers or a row of sums in a table with a target, and nothing else."""
    table, found = _without_codes(table, kept, names, None)
    return [*found, *remark_on_sums(table)]


def _without_codes(
    table: FloatArray, kept: Sequence[int], names: Sequence[str] | None, way: str | None
) -> tuple[FloatArray, list[str]]:
    """Return the table with the least other number of its column in place of each code, and a remark on the first."""
    coded = [(at, said) for at in range(table.shape[1]) if (said := missing_codes(table[:, at])) is not None]
    if not coded:
        return table, []
    rest = table.copy()
    for at, said in coded:
        rest[np.isin(rest[:, at], said.codes), at] = said.low
    (first, said), place = coded[0], kept[coded[0][0]]
    more = f" (and {counted(len(coded) - 1, 'other column')} so)" if len(coded) > 1 else ""
    held = f"{described(place, names)} {_held(table[:, first], said)}{more}"
    return rest, [
        f"{held}, and is used as it is; {_IF_MISSING}, or the column ({_way_out(place, names, way)})"
    ]


def remarks_on_target(values: FloatArray) -> list[str]:
    """Say what looks like a code for missing answers among the numbers of a target.

    Examples
    --------
    >>> remarks_on_target(np.r_[np.arange(101.0), 997, 997])[0][:60]
    'the target holds 997 in 2 rows, far from all its others, 0 t'
    """
    said = missing_codes(values)
    return [] if said is None else [f"the target {_held(values, said)}; {_IF_MISSING}"]


def _held(values: FloatArray, said: MissingCodes) -> str:
    codes, rows = " and ".join(f"{code:.0f}" for code in said.codes), int(np.isin(values, said.codes).sum())
    return (
        f"holds {codes} in {counted(rows, 'row')}, far from all its others, {said.low:.0f} to {said.high:.0f}"
    )


def remark_on_sums(table: FloatArray) -> list[str]:
    """Say that the first row holds the sums of the others, if it does."""
    return ["the first row holds the sums of all others and is used as a point"] * first_holds_sums(table)


def _adds_up(table: FloatArray, at: int) -> bool:
    """Whether the first or last column holds the sums of the others."""
    return are_sums(table[:, at], (table[:, 1:] if at == 0 else table[:, :-1]).T)


def _classes(table: FloatArray, at: int) -> str | None:
    """Return the words for the few whole numbers that a column holds beside others of another kind."""
    values, counts = np.unique(table[:, at], return_counts=True)
    few = 2 <= values.size <= min(_MOST_CLASSES, len(table) // 4) and int(counts.min()) >= 2
    if not few or values[0] not in (-1.0, 0.0, 1.0, 2.0) or (values != np.floor(values)).any():
        return None
    if values[-1] - values[0] >= 2 * values.size:  # some classes may be missing, most are not
        return None
    gaps = values[-1] - values[0] >= values.size
    shown = ", ".join(f"{value:.0f}" for value in values) if gaps else f"{values[0]:.0f} to {values[-1]:.0f}"
    rest = np.delete(table, at, axis=1)
    if (rest != np.floor(rest)).any() or float(np.abs(rest).max()) > 10.0 * float(np.abs(values).max()):
        return shown
    alone = at > 0 and len(table) >= _BALANCED_ROWS and rest.shape[1] > 2 and _is_balanced(values, counts)
    return shown if alone and not any(_rivals(rest[:, k], values) for k in range(rest.shape[1])) else None


def _is_balanced(values: FloatArray, counts: NDArray[np.intp]) -> bool:
    """Whether the most common of some numbers is hardly twice as common as the rarest."""
    return values.size > 1 and bool(counts.max() <= 2 * counts.min())


def _rivals(column: FloatArray, classes: FloatArray) -> bool:
    """Whether another column is as balanced, or has as few different numbers, and not one of them nearly always."""
    values, counts = np.unique(column, return_counts=True)
    few = values.size <= classes.size and counts.max() <= _NEARLY_ALWAYS * column.size
    return bool(few) or _is_balanced(values, counts)


def _way_out(place: int, names: Sequence[str] | None, way: str | None, *, label: bool = False) -> str:
    """Return how a column is left out."""
    if way is not None:
        return way.format(place if names is None else repr(names[place]))
    if not label:
        return drop_option(place, names)
    name = shlex.quote(handle(place, names))
    return f"--label {name} or --drop {name}"
