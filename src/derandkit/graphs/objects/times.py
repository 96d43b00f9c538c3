"""Numbers behind the ends of edges that may be times, dates or numbers of rows, as well as weights."""

from __future__ import annotations

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.typing import FloatArray

#: Days since 1900 from 2000 to 2040, as spreadsheets count them.
_DAYS = (36526, 51501)


def refuse_times(weights: FloatArray, advice: str, *, named: str = "") -> None:
    """Refuse weights that may all be times, dates, years, or numbers of rows.

    Times since 1970 are seconds, milliseconds or microseconds between 1998 and 2039; dates are ``20200111``, or days as
    spreadsheets count them from 2000 to 2040; five years or more are from 1900 to 2100. What begins at 0 and never
    falls, or counts six rows or more from 1, may be a time or the number of a row; so may ten whole numbers or more
    that never fall and reach 10000.

    Parameters
    ----------
    weights : ndarray of float64, shape (k,)
        In the order of the rows.
    advice : str
        Ends the message.
    named : str
        Name of the column, where it has one. Then only times since 1970, dates ``20200111`` and numbers of rows from 0
        are asked about.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_times(np.array([5.0, 1.7e9]), "")
    >>> refuse_times(np.array([1.6e9, 1.7e9]), "say --unweighted")
    Traceback (most recent call last):
    derandkit.errors.InputError: the numbers behind the ends, such as 1600000000, may be times in seconds since ...
    >>> refuse_times(np.array([20200111.0, 20191230.0]), "say --unweighted")
    Traceback (most recent call last):
    derandkit.errors.InputError: the numbers behind the ends, such as 20200111, may be dates, or weights; ...
    >>> refuse_times(np.array([0.0, 20, 20, 40]), "say --unweighted")
    Traceback (most recent call last):
    derandkit.errors.InputError: the numbers behind the ends, 0, 20, 20, ..., may be times or numbers of rows, or ...
    """
    if weights.size < 2 or np.ptp(weights) == 0:
        return
    where = f"in column {named!r}" if named else "behind the ends"
    what = _times(weights, bool(named))
    if what:
        shown = f"{float(weights[0]):.17g}"
        raise InputError(f"the numbers {where}, such as {shown}, may be {what}, or weights; {advice}")
    if _grow(weights, counts_only=bool(named)):
        shown = ", ".join(f"{x:.0f}" for x in weights[:3].tolist())
        raise InputError(
            f"the numbers {where}, {shown}, ..., may be times or numbers of rows, or weights; {advice}"
        )


def _times(weights: FloatArray, named: bool) -> str:
    """Say what times weights may be; "" where they are none."""
    low, high = float(weights.min()), float(weights.max())
    for unit, name in ((1.0, "seconds"), (1e3, "milliseconds"), (1e6, "microseconds")):
        if 9e8 * unit <= low and high <= 2.2e9 * unit:
            return f"times in {name} since 1970"
    if not named and weights.size >= 3 and _DAYS[0] <= low and high <= _DAYS[1]:
        return "dates as a spreadsheet counts them, in days since 1900"
    if not (weights == np.rint(weights)).all():
        return ""
    if low > 1.9e7 and high < 2.1e7:
        month, day = weights // 100 % 100, weights % 100
        if month.min() >= 1 and month.max() <= 12 and day.min() >= 1 and day.max() <= 31:
            return "dates"
    return "years" if not named and weights.size >= 5 and low >= 1900 and high <= 2100 else ""


def _grow(weights: FloatArray, counts_only: bool) -> bool:
    """Whether whole numbers never fall as those of times and rows."""
    first, steps = float(weights[0]), np.diff(weights)
    if first < 0 or weights.size < 3 or steps.min() < 0 or not (weights == np.rint(weights)).all():
        return False
    counted = bool((steps == 1).all())
    if counts_only:
        return counted and first == 0
    if first == 0:
        return np.unique(weights).size >= 3
    if counted and first == 1:
        return weights.size >= 6
    return weights.size >= 10 and weights[-1] >= 10_000 and np.unique(weights).size >= 8
