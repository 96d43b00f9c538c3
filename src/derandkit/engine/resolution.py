"""How far values of an objective are trusted: differences below that say nothing."""

from __future__ import annotations

#: Relative accuracy that values are trusted to.
PRECISION = 2.0**-40


def resolution(value: float, start: float) -> float:
    """Return the difference of two values below which they count as equal.

    Examples
    --------
    >>> resolution(-2.0, 1.0) == 2.0**-39
    True
    """
    return PRECISION * max(abs(value), abs(start))
