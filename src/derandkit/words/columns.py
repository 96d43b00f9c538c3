"""What the inputs and the target of a table are called, where it has no names: as the command line counts them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WHOLE = re.compile("-?[0-9]{1,18}")
_NUMBERED = re.compile(r"\s*(column\s*)?[+-]?[0-9]+\s*", re.IGNORECASE)


def column_names(names: Sequence[str] | None, columns: int, target: int | str | None) -> list[str]:
    """Return what each input of a table is called.

    Parameters
    ----------
    names : sequence of str, optional
        Names of the inputs; those of columns that have none are numbers.
    columns : int
        How many there are.
    target : int, str or None
        Name of the target, or its position from 0 (negative ones from the end); None where it was given beside the
        inputs.

    Returns
    -------
    list of str
        The names, in quotes if they may be numbers of columns; without any the number of the column in the file, from 1
        and with the target counted, or its place in the array that was given.

    Examples
    --------
    >>> column_names(None, 3, 1), column_names(["a", "b"], 2, "y"), column_names(["2", "4"], 2, -4)
    (['column 1', 'column 3', 'column 4'], ['a', 'b'], ["'2'", "'4'"])
    >>> column_names(None, 2, None)
    ['X[:, 0]', 'X[:, 1]']
    """
    if names:
        return list(map(_called, names))
    place = _position(target, names)
    if place is None:
        return [f"X[:, {k}]" for k in range(columns)]
    place %= columns + 1
    return [f"column {k + 1 + (k >= place)}" for k in range(columns)]


def target_name(names: Sequence[str] | None, columns: int, target: int | str | None) -> str:
    """Return what the target of a table is called; parameters are those of `column_names`.

    Examples
    --------
    >>> target_name(None, 3, -4), target_name(["2"], 1, -4), target_name(["a", "b"], 2, 2)
    ('column 1', 'column 4 from the end', 'column 3')
    >>> target_name(["a", "b"], 2, "y"), target_name(None, 2, None)
    ('y', 'the values given')
    >>> target_name(["a", "b"], 2, "2")
    "'2' (a name, or a position from 0)"
    """
    if target is None:
        return "the values given"
    place = _position(target, names)
    if place is None and _NUMBERED.fullmatch(str(target)):
        return f"{str(target)!r} (a name, or a position from 0)"  # records of older releases hold positions as text
    if place is None:
        return str(target)
    if not names:
        place %= columns + 1
    return f"column {place + 1}" if place >= 0 else f"column {-place} from the end"


def _called(name: str) -> str:
    """Return a name, in quotes if it reads as the number of a column."""
    return repr(name) if _NUMBERED.fullmatch(name) else name


def _position(target: int | str | None, names: Sequence[str] | None) -> int | None:
    """Return the place of a target that is none by name."""
    if isinstance(target, str):
        return int(target) if not names and _WHOLE.fullmatch(target) else None
    return target
