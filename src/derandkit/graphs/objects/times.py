"""Numbers behind the ends of edges that may be times, dates, numbers of rows or missing, as well as weights."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from derandkit.errors import InputError
from derandkit.missing import CODES_BELOW, LONG_CODES, NO_EDGE, NO_WEIGHT, fill_value
from derandkit.numerics.typing import FloatArray

#: Days since 1900 from 2000 to 2040, as spreadsheets count them.
_DAYS = (36526, 51501)
#: Days since the year 0 from 1970 to 2050, as MATLAB counts them.
_DATENUMS = (719529, 749109)
#: Julian days from 1900 to 2050.
_JULIAN = (2415020, 2470172)
#: Days since 1970 and of the modified Julian date, from 2000 to 2040 and 2050, and how many of them weights may span:
#: twenty years, or ten where prices and distances are as large.
_UNIX_DAYS, _MODIFIED, _SPAN = (10957, 25567), (51544, 69807), 7305
#: Weights below which -1 is far away, and the least size of other marks.
_ABOVE, _LEAST = 10.0, 99.0
#: How many answers there are beside codes for missing ones.
_ANSWERS = 8
#: How many entries of a matrix are ones beside codes for missing ties.
_TIES = 6
_CODES = tuple(sorted(LONG_CODES | CODES_BELOW))
#: Codes in a matrix of zeros and ones: RSiena has 9 for a missing tie and 10 and 11 for those that cannot change.
_BESIDE_ONES = (9.0, *_CODES, 10.0, 11.0)
#: Codes of one place more than the answers, which stand near to them, and how rare they are where they are said.
_NEAR, _SCALE, _MANY, _RARE = (8.0, 9.0, 10.0, 11.0), 7.0, 20, 0.05
#: Names of numbers that are times where they never fall.
_CLOCKS = frozenset({"epoch", "frame", "step", "t", "tick", "ts", "when"})
#: What decides where numbers without a name may be times.
ADVICE = (
    "for times say --unweighted (weight=None); for weights call the column or attribute 'weight', or name the format "
    "of the file with --input-format (input_format= of derandkit.as_graph)"
)
#: Names of numbers that are never negative.
_SIZES = frozenset(
    (
        "capacity", "count", "counts", "dist", "distance", "distances", "duration", "frequency", "km", "len", "length",
        "meters", "metres", "miles", "minutes", "seconds", "travel_time", "traveltime",
    )
)  # fmt: skip


def refuse_times(
    weights: FloatArray, advice: str = ADVICE, *, named: str = "", rows: bool = True, every: bool = False
) -> None:
    """Refuse weights that may all be times, dates, years, or numbers of rows.

    Times since 1970 are seconds, milliseconds or microseconds between 1998 and 2039; dates are ``20200111``, or days as
    spreadsheets count them from 2000 to 2040, Julian days, or MATLAB's; five years or more are from 1900 to 2100. Five
    different numbers or more are dates ``200111`` or months ``202001``, ten are days of years such as ``2020011``. What
    begins at 0 and never falls, or counts six rows or more from 1, may be a time or the number of a row; so may ten
    whole numbers or more that never fall and reach 10000.

    Parameters
    ----------
    weights : ndarray of float64, shape (k,)
        In the order of the rows.
    advice : str
        Ends the message.
    named : str
        Such as ``column 'n'``, where the numbers have a name. Then only times since 1970, dates ``20200111`` and
        numbers of rows from 0 are asked about.
    rows : bool
        Whether numbers of rows and others that only grow are asked about. A list in memory may be sorted by weight.
    every : bool
        Whether all are asked about though the numbers have a name.

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
    if weights.size < 2 or weights.min() == weights.max():
        return
    where = f"in {named}" if named else "behind the ends"
    what = _times(weights, bool(named) and not every)
    if what:
        raise InputError(
            f"the numbers {where}, such as {_shown(weights)}, may be {what}, or weights; {advice}"
        )
    if rows and _grow(weights, counts_only=bool(named)):
        shown = ", ".join(f"{x:.0f}" for x in weights[:3].tolist())
        raise InputError(
            f"the numbers {where}, {shown}, ..., may be times or numbers of rows, or weights; {advice}"
        )


def refuse_named_times(name: str, cells: Sequence[object], what: str = "column") -> None:
    """Refuse the only numbers beside the ends, if they are called like no weights and may be times or numbers of rows.

    Parameters
    ----------
    name : str
        Of the column or attribute.
    cells : sequence
        Its entries, in the order of the edges. Where some are no numbers, signs or decimal commas, nothing is asked.
    what : {"column", "attribute"}
        What has the name.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_named_times("calls", [5, 3]), refuse_named_times("t", [5, 3]), refuse_named_times("t", ["+", "-"])
    (None, None, None)
    >>> refuse_named_times("t", [3, 5])
    Traceback (most recent call last):
    derandkit.errors.InputError: the numbers in column 't' never fall: times, or weights; for weights say ...
    """
    try:
        weights = np.array([float(str(x)) for x in cells], dtype=np.float64)
    except ValueError:
        return
    if np.isfinite(weights).all():
        advice = f"for weights say --weight {name!r} (weight={name!r}), else --unweighted (weight=None)"
        clock = name.strip().lower() in _CLOCKS
        refuse_times(weights, advice, named=f"{what} {name!r}", every=clock or name.strip().isdigit())
        if clock and (days := _days(weights)):
            raise InputError(
                f"the numbers in {what} {name!r}, such as {_shown(weights)}, may be {days}, or weights; {advice}"
            )
        if clock and len(weights) > 1 and (weights[1:] >= weights[:-1]).all():
            raise InputError(f"the numbers in {what} {name!r} never fall: times, or weights; {advice}")


def _times(weights: FloatArray, named: bool) -> str:
    """Say what times weights may be; "" where they are none."""
    low, high = float(weights.min()), float(weights.max())
    for unit, name in ((1.0, "seconds"), (1e3, "milliseconds"), (1e6, "microseconds")):
        if 9e8 * unit <= low and high <= 2.2e9 * unit:
            return f"times in {name} since 1970"
    if not named and weights.size >= 3 and _DAYS[0] <= low and high <= _DAYS[1]:
        return "dates as a spreadsheet counts them, in days since 1900"
    if not named and weights.size >= 3 and _JULIAN[0] <= low and high <= _JULIAN[1]:
        return "Julian days"
    if not named and weights.size >= 3 and _DATENUMS[0] <= low and high <= _DATENUMS[1]:
        return "dates as MATLAB counts them, in days since the year 0"
    if not (weights == np.rint(weights)).all():
        return ""
    if low > 1.9e7 and high < 2.1e7:
        month, day = weights // 100 % 100, weights % 100
        if month.min() >= 1 and month.max() <= 12 and day.min() >= 1 and day.max() <= 31:
            return "dates"
    if named or weights.size < 5:
        return ""
    return "years" if low >= 1900 and high <= 2100 else _calendar(weights, low, high)


def _calendar(weights: FloatArray, low: float, high: float) -> str:
    """Say what whole numbers of five digits and more may be that are written from parts of a date; "" if nothing."""
    if low < 10101 or high > 2050366:
        return ""
    distinct = np.unique(weights)
    first, last = distinct // 100 % 100, distinct % 100
    if distinct.size < 5:
        return ""
    if high < 1e6 and first.min() >= 1 and first.max() <= 12 and last.min() >= 1 and last.max() <= 31:
        return "dates, as year, month and day of two digits each"
    if low >= 190001 and high <= 210012 and last.min() >= 1 and last.max() <= 12:
        return "months, as year and month"
    day = distinct % 1000
    if distinct.size >= 10 and low >= 1970001 and day.min() >= 1 and day.max() <= 366:
        return "days, as year and number of the day"
    return ""


def _days(weights: FloatArray) -> str:
    """Say which days or years ten weights or more may be that lie close together; "" if none."""
    low, high = float(weights.min()), float(weights.max())
    if weights.size < 10 or low < 1970 or high - low > _SPAN or np.unique(weights).size < 5:
        return ""
    if _MODIFIED[0] <= low and high <= _MODIFIED[1]:
        return "modified Julian days (MJD)"
    whole = bool((weights == np.rint(weights)).all())
    if whole and _UNIX_DAYS[0] <= low and high <= _UNIX_DAYS[1] and high - low <= _SPAN / 2:
        return "days since 1970"
    if low < 1970 or high > 2050:
        return ""
    return "years" if whole else "years with parts of one"


def _shown(weights: FloatArray) -> str:
    """Return the first number as it is written."""
    first = float(weights[0])
    return repr(first).removesuffix(".0") if abs(first) < 1e16 else f"{first:.17g}"


def said_of_days(weights: FloatArray) -> tuple[str, ...]:
    """Return what has to be said of weights without a name that lie as days or years do, and may well be weights.

    Examples
    --------
    >>> said_of_days(58849 + np.arange(12.0))
    ('weights such as 58849 may be modified Julian days (MJD); --unweighted (weight=None) leaves them out',)
    >>> said_of_days(np.arange(12.0)), said_of_days(58849 + 1000 * np.arange(12.0))
    ((), ())
    """
    what = _days(weights) if weights.size else ""
    if not what:
        return ()
    return (f"weights such as {_shown(weights)} may be {what}; --unweighted (weight=None) leaves them out",)


def _grow(weights: FloatArray, counts_only: bool) -> bool:
    """Whether whole numbers never fall as those of times and rows."""
    first = float(weights[0])
    if (
        first < 0
        or weights.size < 3
        or (weights[1:] < weights[:-1]).any()
        or (weights != np.rint(weights)).any()
    ):
        return False
    counted = bool((np.diff(weights) == 1).all())
    if counts_only:
        return counted and first == 0
    if first == 0:
        return np.unique(weights).size >= 3
    if counted and first == 1:
        return weights.size >= 6
    return weights.size >= 10 and weights[-1] >= 10_000 and np.unique(weights).size >= 8


def refuse_fills(
    weights: FloatArray, *, named: str | None = None, matrix: bool = False, complete: bool = False
) -> None:
    """Refuse weights of which one stands for "no edge" or a missing weight in many tables, far away from all others.

    Parameters
    ----------
    weights : ndarray of float64, shape (k,)
        In any order.
    named : str, optional
        What the weights are called: a distance is never negative, so that -1 may be none.
    matrix : bool
        Whether they are the entries of a matrix, where 1e9 stands for no edge too; in a list it is a heavy edge.
    complete : bool
        Whether every pair has an entry, so that -1 may be none among three or more others that are all positive.

    Raises
    ------
    InputError
        It names the number and both readings.

    Examples
    --------
    >>> refuse_fills(np.array([1.0, 2, 1e6])), refuse_fills(np.array([2.0, -1]))
    (None, None)
    >>> refuse_fills(np.array([1.0, 2, -9999]))
    Traceback (most recent call last):
    derandkit.errors.InputError: the number -9999, far away from all other weights, may stand for a missing weight ...
    """
    found = fill_among(weights, NO_EDGE if matrix else NO_WEIGHT)
    if found is None and weights.size > 1 and weights.min() == -1.0:
        others = np.unique(weights[weights != -1.0])
        sizes = named is not None and named.strip().lower() in _SIZES
        if others.size > (0 if sizes else 2) and others[0] >= 0 and (sizes or complete):
            found = -1.0
    if found is None and matrix and not complete:
        found = _beside_ones(weights)
    if found is not None:
        away = "unlike all other weights" if abs(found) < _ABOVE else "far away from all other weights"
        raise InputError(
            f"the number {found:.17g}, {away}, may stand for a missing weight or for no edge, "
            "or be a weight; leave such edges out (in a matrix write 0); if it is a weight, name the format of the "
            "file with --input-format (input_format= of derandkit.as_graph), and pass an object as a graph of networkx"
        )


def said_of_rows(weights: FloatArray) -> tuple[str, ...]:
    """Return what has to be said of weights in memory that grow from row to row as times and numbers of rows do.

    In a file they are refused (`refuse_times`); a list in memory may be sorted by weight.

    Examples
    --------
    >>> said_of_rows(np.arange(12.0))
    ('the weights 0, 1, 2, ... never fall: if they are times or numbers of rows, --unweighted leaves them out',)
    >>> said_of_rows(np.array([0.0, 2, 1]))
    ()
    """
    if not weights.size or not _grow(weights, counts_only=False):
        return ()
    shown = ", ".join(f"{x:.0f}" for x in weights[:3].tolist())
    return (
        f"the weights {shown}, ... never fall: if they are times or numbers of rows, --unweighted leaves them out",
    )


def said_of_fills(weights: FloatArray) -> tuple[str, ...]:
    """Return what has to be said of such a number where the input is a graph, and no table or matrix.

    Examples
    --------
    >>> said_of_fills(np.array([1.0, 2, -9999]))
    ('the weight -9999 was read as a number; it is far away from all others, as a mark for a missing weight',)
    >>> len(said_of_fills(np.append(np.tile([1.0, 2, 5], 10), 9)))
    1
    """
    found = fill_among(weights)
    found = _answer_among(weights) if found is None else found
    if found is None:
        near = _near_code(weights)
        if near is None:
            return ()
        return (
            f"the weight {near:.0f} was read as a number; it is rare, and apart from all others, as a code for a tie "
            "that is missing or cannot change",
        )
    return (
        f"the weight {found:.17g} was read as a number; it is far away from all others, as a mark for a missing weight",
    )


def _near_code(weights: FloatArray) -> float | None:
    """Return a code of surveys or of RSiena, 8 to 11, that few of many weights are, all others being 1 to 7 at most.

    Examples
    --------
    >>> answers = np.tile([1.0, 2, 5], 10)
    >>> [_near_code(np.append(answers, code)) for code in (9, 6, 12)]
    [9.0, None, None]
    """
    coded = np.isin(weights, _NEAR)
    others, codes = weights[~coded], np.unique(weights[coded])
    if not codes.size or others.size < _MANY or codes.size > 2:
        return None
    low, high = float(others.min()), float(others.max())
    whole = low >= 0 and high <= _SCALE and bool((others == np.rint(others)).all())
    if whole and codes[0] >= high + 2 and weights.size - others.size <= _RARE * weights.size:
        return float(codes[0])
    return None


def _beside_ones(weights: FloatArray) -> float | None:
    """Return a code for a missing tie in the entries of a matrix that are not zero, where all others are ones."""
    others = weights[~np.isin(weights, _BESIDE_ONES)]
    codes = np.unique(weights[np.isin(weights, _BESIDE_ONES)])
    codes = codes if codes.size > 1 else np.setdiff1d(codes, (10.0, 11.0))
    if codes.size and others.size >= _TIES and (others == 1.0).all():
        return float(codes[0])
    return None


def _answer_among(weights: FloatArray) -> float | None:
    """Return a code of surveys among whole numbers from 0 on that are ten times as small, or below small ones.

    Examples
    --------
    >>> answers = np.array([1.0, 2, 5, 3, 4, 1, 2, 5, 4])
    >>> [_answer_among(np.append(answers, code)) for code in (99, -9, 40, -5)]
    [99.0, -9.0, None, None]
    """
    if not (weights == np.rint(weights)).all():
        return None
    coded = np.isin(weights, _CODES)
    others, codes = weights[~coded], np.unique(weights[coded])
    if others.size < _ANSWERS or not codes.size or others.min() < 0:
        return None
    top = float(others.max())
    far = codes[(codes > 10 * top) | ((codes < 0) & (codes < -top))]
    return float(far[0]) if far.size == codes.size else None


def fill_among(weights: FloatArray, fills: Collection[float] = NO_EDGE) -> float | None:
    """Return a weight that is a mark and ten times as large as all others, or -1 below weights of 10 and more.

    Examples
    --------
    >>> fill_among(np.array([12.0, -1, 30])), fill_among(np.array([12.0, -1, 3])) is None
    (-1.0, True)
    """
    if weights.size < 2:
        return None
    if weights.min() == -1.0:
        others = weights[weights != -1.0]
        return -1.0 if others.size > 1 and others.min() >= _ABOVE and np.ptp(others) > 0 else None
    if float(max(weights.max(), -weights.min())) < _LEAST:
        return None
    others = weights[weights != 0.0]
    return fill_value(others, fills) if others.size else None
