"""Numbers that are dates or times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.points.suspects.names import words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_YEARS = (1500.0, 2200.0)
_CALLED_YEARS = frozenset(("year", "years", "yr", "jahr", "jahre", "annee", "ano", "anno", "epoch"))
#: The days from 1980 to 2060 as numbers: Julian dates, those of MATLAB and of Python, modified Julian dates or Excel's.
_JULIAN, _ORDINAL, _SPREADSHEET = (2444239.0, 2473460.0), (722815.0, 752403.0), (29221.0, 73460.0)
_TEN_YEARS = 3653.0
_DAYS = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def calendar(values: NDArray[np.float64]) -> str | None:
    """Say what whole numbers are that are all written as days, months or hours of days; None for others.

    Examples
    --------
    >>> calendar(20240226.0 + np.arange(4)), calendar(2020010100.0 + np.arange(9))
    ('dates', 'dates with hours')
    """
    if are_dates(values):
        return "dates"
    if are_months(values):
        return "months"
    return "dates with hours" if are_moments(values) else None


def are_days(values: NDArray[np.float64]) -> bool:
    """Whether numbers are all days between 1980 and 2060 as Julian dates, or as MATLAB or Python number them.

    Examples
    --------
    >>> are_days(np.array([2459000.5, 2459001.0])), are_days(np.array([45000.0, 45001.0]))
    (True, False)
    """
    return any(_inside(values, ends) for ends in (_JULIAN, _ORDINAL))


def are_days_in_order(values: NDArray[np.float64]) -> bool:
    """Whether numbers rise or fall as days of ten years, in any of the usual counts.

    Examples
    --------
    >>> are_days_in_order(np.array([45000.5, 45001.0])), are_days_in_order(np.array([45000.0, 52000.0]))
    (True, False)
    """
    if not (are_days(values) or _inside(values, _SPREADSHEET)):
        return False
    steps = np.diff(values)
    return bool(0.0 < np.ptp(values) <= _TEN_YEARS and ((steps >= 0.0).all() or (steps <= 0.0).all()))


def _inside(values: NDArray[np.float64], ends: tuple[float, float]) -> bool:
    return bool(ends[0] <= values.min() and values.max() <= ends[1])


def are_dates(values: NDArray[np.float64]) -> bool:
    """Whether whole numbers are all days between 1800 and 2200, written as year, month and day.

    Examples
    --------
    >>> are_dates(np.array([20240229.0, 19991231.0, 20000101.0])), are_dates(np.array([20240230.0] * 3))
    (True, False)
    """
    if values.size < 3 or values.min() < 18000101 or values.max() > 22001231:
        return False
    whole = values.astype(np.int64)
    month, day = whole // 100 % 100, whole % 100
    if not ((month >= 1) & (month <= 12) & (day >= 1)).all():
        return False
    return bool((day <= _DAYS[month - 1]).all())


def are_months(values: NDArray[np.float64]) -> bool:
    """Whether four or more different whole numbers are all months between 1800 and 2200, as year and month.

    Examples
    --------
    >>> are_months(np.array([202011.0, 202012.0, 202101.0, 202102.0])), are_months(202000.0 + np.arange(13, 18))
    (True, False)
    """
    if values.min() < 180001 or values.max() > 220012 or np.unique(values).size < 4:
        return False
    month = values.astype(np.int64) % 100
    return bool(((month >= 1) & (month <= 12)).all())


def are_moments(values: NDArray[np.float64]) -> bool:
    """Whether whole numbers are all hours, minutes or seconds of days, written as 2024022923 and with more digits.

    Examples
    --------
    >>> are_moments(np.array([2024022900.0, 2024022923.0, 2024030100.0])), are_moments(np.array([2024022924.0] * 3))
    (True, False)
    >>> are_moments(np.array([20240229235959.0, 20240301000000.0, 20240301000001.0]))
    True
    """
    if values.size < 3 or values.min() < 1e9:
        return False
    for parts in ((24,), (24, 60), (24, 60, 60)):
        days, inside = values, True
        for most in reversed(parts):
            days, rest = np.floor(days / 100.0), days % 100.0
            inside = inside and bool((rest < most).all())
        if inside and are_dates(days):
            return True
    return False


def are_seconds_in_order(values: NDArray[np.float64]) -> bool:
    """Whether eight numbers and more rise or fall as times of ten years of this century, in seconds or parts of one.

    Examples
    --------
    >>> are_seconds_in_order(1.6e9 + 60.0 * np.arange(8)), are_seconds_in_order(1.6e9 + 7.0 * np.arange(8) % 5)
    (True, False)
    """
    if values.size < 8 or values.min() < 946684800.0:
        return False
    steps, range_ = np.diff(values), float(np.ptp(values))
    if range_ == 0.0 or not ((steps >= 0.0).all() or (steps <= 0.0).all()):
        return False
    low, high, years = 946684800.0, 4102444800.0, 315576000.0
    least, most = float(values.min()), float(values.max())
    return any(
        low * unit <= least and most <= high * unit and range_ <= years * unit
        for unit in (1.0, 1e3, 1e6, 1e9)
    )


def are_seconds(values: NDArray[np.float64]) -> bool:
    """Whether whole numbers are all times between 1990 and 2100 in seconds since 1970, or in parts of one.

    Examples
    --------
    >>> are_seconds(np.array([1580000000.0, 1580000060.0])), are_seconds(np.array([0.0, 60.0]))
    (True, False)
    """
    low, high = 631152000.0, 4102444800.0
    return any(
        bool(((values >= low * unit) & (values <= high * unit)).all()) for unit in (1.0, 1e3, 1e6, 1e9)
    )


def are_years(values: NDArray[np.generic], name: str) -> bool:
    """Whether a column is called a year and holds some, with or without parts of one.

    Examples
    --------
    >>> are_years(np.array([2007.0, 2008.5]), "year"), are_years(np.array([1.0, 2.0]), "year")
    (True, False)
    """
    found = np.asarray(values, dtype=np.float64)
    low, high = _YEARS
    inside = bool(((found >= low) & (found <= high)).all())
    return inside and bool(_CALLED_YEARS & set(words_of(name)))
