"""What may be something else than a coordinate, and is used as one with a remark: the same for files and frames."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.sums import are_sums
from derandkit.points.columns import described, drop_option, handle
from derandkit.points.suspects.codes import MissingCodes, missing_codes
from derandkit.points.suspects.columns import counts_few_rows, even_steps, far_wider, order_of
from derandkit.points.suspects.labels import classes, whole_numbers
from derandkit.points.suspects.summaries import first_holds_sums
from derandkit.points.suspects.times import are_years
from derandkit.tables import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.numerics.typing import FloatArray

_IF_MISSING = "if that stands for a missing number, leave out such rows"
#: Rows in which a column may well be the sum of the others by chance.
_MOST_CHANCE = 3


def remarks_on(
    table: FloatArray, kept: Sequence[int], names: Sequence[str] | None, way: str | None = None
) -> list[str]:
    """Say what looks like a label or a sum: years, numbers of rows or days, few whole numbers; a row or column of sums.

    Few whole numbers in a first or last column are so beside others of another kind, whole numbers in any column
    called like a label, and numbers of rows or days beside columns that hold none. Codes for missing answers come
    first, and are left aside after that.

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
    table, found, codes = _without_codes(table, kept, names, way)
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
        but = f" but {_listed(codes[wide])}" if wide in codes else ""
        found.append(
            f"{described(place, names)} holds whole numbers, hardly one{but} twice and spread a thousand times as wide "
            f"as all others, and is used as a coordinate; if it names the rows, leave it out "
            f"({_way_out(place, names, way)})"
        )
    for at, place in enumerate(kept):
        named = at != wide and orders[at] is None and place not in years
        more = f" and {_listed(codes[at])}" if at in codes else ""
        if at in (0, width - 1) and (few := classes(table, at)) is not None:
            what = f"holds only the whole numbers {few}{more}"
        elif named and names is not None and (held := whole_numbers(table, kept, names, at)) is not None:
            what = f"holds whole numbers, {held}{more}, is called like a label"
        else:
            continue
        found.append(
            f"{described(place, names)} {what} and is used as a coordinate; if it is a label, leave it out "
            f"({_way_out(place, names, way, label=True)})"
        )
    return found


def remarks_beside_target(table: FloatArray, kept: Sequence[int], names: Sequence[str] | None) -> list[str]:
    """Say what looks like a code for missing answers or a row of sums in a table with a target, and nothing else."""
    table, found, _ = _without_codes(table, kept, names, None)
    return [*found, *remark_on_sums(table)]


def _without_codes(
    table: FloatArray, kept: Sequence[int], names: Sequence[str] | None, way: str | None
) -> tuple[FloatArray, list[str], dict[int, tuple[float, ...]]]:
    """Return the table with the least other number in place of each code, a remark on the first, and all by column."""
    coded = [(at, said) for at in range(table.shape[1]) if (said := missing_codes(table[:, at])) is not None]
    if not coded:
        return table, [], {}
    rest = table.copy()
    for at, said in coded:
        rest[np.isin(rest[:, at], said.codes), at] = said.low
    (first, said), place = coded[0], kept[coded[0][0]]
    more = f" (and {counted(len(coded) - 1, 'other column')} so)" if len(coded) > 1 else ""
    held = f"{described(place, names)} {_held(table[:, first], said)}{more}"
    remark = f"{held}, and is used as it is; {_IF_MISSING}, or the column ({_way_out(place, names, way)})"
    return rest, [remark], {at: said.codes for at, said in coded}


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
    rows = counted(int(np.isin(values, said.codes).sum()), "row")
    return (
        f"holds {_listed(said.codes)} in {rows}, far from all its others, {said.low:.0f} to {said.high:.0f}"
    )


def _listed(codes: Sequence[float]) -> str:
    return " and ".join(f"{code:.0f}" for code in codes)


def remark_on_sums(table: FloatArray) -> list[str]:
    """Say that the first row holds the sums of the others, if it does."""
    return ["the first row holds the sums of all others and is used as a point"] * first_holds_sums(table)


def _adds_up(table: FloatArray, at: int) -> bool:
    """Whether the first or last column holds the sums of the others."""
    return are_sums(table[:, at], (table[:, 1:] if at == 0 else table[:, :-1]).T)


def _way_out(place: int, names: Sequence[str] | None, way: str | None, *, label: bool = False) -> str:
    """Return how a column is left out."""
    if way is not None:
        return way.format(place if names is None else repr(names[place]))
    if not label:
        return drop_option(place, names)
    name = shlex.quote(handle(place, names))
    return f"--label {name} or --drop {name}"
