"""Which columns of a table are coordinates: chosen by name or number, and what looks like something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from derandkit.errors import InputError

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

#: Names or 1-based numbers of columns: a list, or one text with commas.
Columns: TypeAlias = str | int | Sequence[str | int] | None

_ENOUGH_ROWS = 8  # a first column 0, 1, 2, ... of fewer rows may well be a coordinate
_MOST_CLASSES = 20
_NO_NAMES = ("", "unnamed: 0", "__index_level_0__")


@dataclass(frozen=True)
class Choice:
    """Which columns to read.

    Parameters
    ----------
    columns : tuple of str or None
        Only these, in this order; None for all.
    drop : tuple of str
        Not these.
    label : str or None
        Not this one; its entries are handed back as labels.
    """

    columns: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    label: str | None = None

    @property
    def made(self) -> bool:
        """Whether anything was chosen."""
        return self.columns is not None or bool(self.drop) or self.label is not None


def choice(columns: Columns = None, drop: Columns = None, label: str | int | None = None) -> Choice:
    """Return a choice from names, numbers, or a text with commas.

    Examples
    --------
    >>> choice("x, y").columns, choice(drop=[1, "id"]).drop
    (('x', 'y'), ('1', 'id'))
    """
    return Choice(
        None if columns is None else _listed(columns, "columns"),
        () if drop is None else _listed(drop, "drop"),
        None if label is None else str(label).strip(),
    )


def _listed(columns: Columns, option: str) -> tuple[str, ...]:
    if isinstance(columns, str):
        found = tuple(part.strip() for part in columns.split(","))
    elif isinstance(columns, int) or columns is None:
        found = (str(columns),)
    else:
        found = tuple(str(part).strip() for part in columns)
    if not found or len(set(found)) != len(found):
        raise InputError(f"{option} is a list of different columns, got {columns!r}")
    return found


def place_of(column: str, names: Sequence[str] | None, width: int) -> int:
    """Position of a column that is given by name or by number.

    Raises
    ------
    InputError
        If there is no such column, or the text is the name of one and the number of another.

    Examples
    --------
    >>> place_of("b", ["a", "b"], 2), place_of("1", None, 2)
    (1, 0)
    """
    named = [i for i, name in enumerate(names or ()) if name == column]
    number = int(column) - 1 if column.isascii() and column.isdecimal() and 0 < int(column) <= width else None
    if len(named) > 1:
        where = ", ".join(str(i + 1) for i in named)
        raise InputError(f"columns {where} are all named {column!r}; give their numbers")
    if named and number is not None and number != named[0]:
        raise InputError(
            f"{column!r} is the name of column {named[0] + 1} and the number of column {number + 1}; "
            "rename the column in the file"
        )
    if named:
        return named[0]
    if number is not None:
        return number
    known = f": {', '.join(map(repr, names))[:200]}" if names else ", and no header line"
    raise InputError(f"there is no column {column!r}; the table has {width} columns{known}")


def places(chosen: Choice, names: Sequence[str] | None, width: int) -> tuple[list[int], int | None]:
    """Positions of the coordinates, in order, and of the label.

    Raises
    ------
    InputError
        If a column is not there, is both wanted and not wanted, or none is left.
    """
    label = None if chosen.label is None else place_of(chosen.label, names, width)
    out = {place_of(column, names, width) for column in chosen.drop}
    if label is not None:
        out.add(label)
    if chosen.columns is None:
        kept = [i for i in range(width) if i not in out]
    else:
        kept = [place_of(column, names, width) for column in chosen.columns]
        both = [chosen.columns[i] for i, place in enumerate(kept) if place in out]
        if both:
            raise InputError(f"column {both[0]!r} is to be used and left out at once")
    if not kept:
        raise InputError("no column is left to be a coordinate")
    return kept, label


def column_names(kept: Sequence[int], names: Sequence[str] | None) -> tuple[str, ...]:
    """Names of the chosen columns, numbers where a name is missing or not the only one."""
    if names is None or len(set(names)) != len(names) or any(not name or len(name) > 300 for name in names):
        return tuple(str(i + 1) for i in kept)
    return tuple(names[i] for i in kept)


def described(place: int, names: Sequence[str] | None) -> str:
    """Return ``column 2 ('age')``, or what is known of it."""
    if names is None:
        return f"column {place + 1}"
    return (
        f"column {place + 1} ({names[place]!r})" if names[place] else f"column {place + 1} (without a name)"
    )


def handle(place: int, names: Sequence[str] | None) -> str:
    """Return what an option can call a column."""
    return names[place] if names is not None and names[place] else str(place + 1)


def check_row_numbers(table: FloatArray, kept: Sequence[int], names: Sequence[str] | None) -> None:
    """Refuse a first column, or one without a name, that only counts the rows.

    Raises
    ------
    InputError
        If there is one beside other columns: it may be a coordinate or the index of a data frame.
    """
    n, width = table.shape
    for at, place in enumerate(kept if width > 1 else ()):
        unnamed = names is not None and names[place].lower() in _NO_NAMES
        if not (unnamed or (place == 0 and n >= _ENOUGH_ROWS)) or n < 2:
            continue
        start = table[0, at]
        if start in (0.0, 1.0) and np.array_equal(table[:, at], start + np.arange(n)):
            name = handle(place, names)
            raise InputError(
                f"{described(place, names)} counts the rows from {start:.0f}: leave it out if it is an index "
                f"(--drop {name}, drop={name!r}), or name all columns to use (--columns)"
            )


def notes_on(table: FloatArray, kept: Sequence[int], names: Sequence[str] | None) -> list[str]:
    """Say what looks like a label: a first or last column with few whole numbers beside columns of another kind."""
    n, width = table.shape
    found = []
    for at in sorted({0, width - 1}) if width > 1 and np.isfinite(table).all() else ():
        place = kept[at]
        values, counts = np.unique(table[:, at], return_counts=True)
        whole = np.array_equal(values, values[0] + np.arange(values.size)) and values[0] in (-1.0, 0.0, 1.0)
        few = 2 <= values.size <= min(_MOST_CLASSES, n // 4) and int(counts.min()) >= 2
        rest = np.delete(table, at, axis=1)
        other = bool((rest != np.floor(rest)).any()) or float(np.abs(rest).max()) > 10.0 * float(
            np.abs(values).max()
        )
        if whole and few and other:
            name = handle(place, names)
            found.append(
                f"{described(place, names)} holds only the whole numbers {values[0]:.0f} to {values[-1]:.0f} and is "
                f"used as a coordinate; if it is a label, leave it out (--label {name} or --drop {name})"
            )
    return found
