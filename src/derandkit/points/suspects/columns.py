"""Columns of numbers that are surely no coordinates: dates, keys and codes, marks for what is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from derandkit.missing import FILLS, NO_EDGE, fill_value
from derandkit.points.suspects.names import is_key, words_of
from derandkit.points.suspects.times import (
    are_days,
    are_days_in_order,
    are_seconds,
    are_seconds_in_order,
    calendar,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Words of the name of a column of codes.
_CODES = frozenset(
    (
        "zip", "zipcode", "postcode", "postalcode", "postal", "plz", "phone", "telephone", "tel", "fax", "ssn", "fips",
        "isbn", "issn", "ean", "gtin", "upc", "imei", "iban", "barcode", "sku",
    )
)  # fmt: skip
#: Words of the name of a column of dates.
_DATES = frozenset(
    (
        "date", "datum", "fecha", "datetime", "timestamp",
        "datenum", "jd", "mjd", "hjd", "bjd", "rjd", "julian", "jday",
    )
)  # fmt: skip
#: Words of the name of a column of times, which may be Unix times.
_TIMES = frozenset(("time", "times", "ts", "epoch", "unix", "unixtime", "timestamp"))
#: What stands for a missing coordinate beside them: nines with decimals as weather stations, logs of wells and surveys
#: write them, the largest number of two bytes, and single precision that is not one.
_NINES = (-99.9, -99.99, -999.9, -999.99, -9999.9, -9999.99, -999.25, -9999.25)
_MARKS = (
    *FILLS, *_NINES, *(fill for fill in NO_EDGE if fill not in (1e9, 1e18)),
    65535.0, -8888.0, -88888.0, -1e31, 1e31,
)  # fmt: skip
#: Marks that are hardly ever anything else: they need not be as far away from the others.
_SURE = frozenset(
    number for fill in (*_NINES, -9999.0, -32768.0) for number in (fill, float(np.float32(fill)))
)
_ENOUGH_ROWS = 8
_FEWEST_DIGITS, _MANY_BITS = 3, 8
_LEAST_CODE, _LEAST_DATE = 1000.0, 1000.0
#: Words of the name of a column of times that are counted from any moment.
_CLOCK = frozenset(("time", "times", "t", "sec", "secs", "second", "seconds", "elapsed", "millis", "ms"))
_EVEN = 2.0**-6  # steps are rounded in files
_LONG_LOG, _LARGEST = 20, 1e300
#: Whole numbers that are spread so much wider than all others, and so often different, may be names of rows.
_DECIDES, _DIFFERENT = 1000.0, 0.9
_BITS, _GENOTYPES = re.compile("[01]+"), re.compile("[0129]+")


def no_coordinate(column: NDArray[np.generic], name: str | None) -> str | None:
    """Say what the numbers of a column are, if they are surely no coordinates.

    Parameters
    ----------
    column : ndarray, shape (n,)
        Numbers.
    name : str or None
        What the column is called.

    Returns
    -------
    str or None
        Words behind the name of the column: it holds dates such as 20240131, is called like keys or codes and holds
        whole numbers, or holds a mark for missing numbers far away from all others.

    Examples
    --------
    >>> no_coordinate(np.array([20200131, 20200201, 20200202]), "k")
    'holds dates such as 20200131'
    >>> no_coordinate(np.array([7, 7, 9]), "customer_id"), no_coordinate(np.array([10115, 80331]), "ZIP")
    ('is called like a key, and holds whole numbers', 'is called like a code, and holds whole numbers such as 10115')
    >>> no_coordinate(np.array([0.5, -9999.0, 1.5]), None)
    'holds -9999, which often stands for a missing number, far away from all its others'
    >>> no_coordinate(np.array([0.5, 1.5]), "date") is None
    True
    """
    if column.dtype.kind not in "iuf" or column.size < 2:
        return None
    values = np.asarray(column, dtype=np.float64)
    if not np.isfinite(values).all():
        return None
    if (filled := missing_mark(values)) is not None:
        shown = repr(filled).removesuffix(".0")
        return f"holds {shown}, which often stands for a missing number, far away from all its others"
    words = words_of(name or "")
    whole = bool((values == np.floor(values)).all())
    least, first = float(values.min()), f"{values[0]:.0f}" if whole else f"{values[0]:.12g}"
    if whole and (kind := calendar(values)) is not None:
        return f"holds {kind} such as {first}"
    ends = {*words[:1], *words[-1:]}
    if are_seconds_in_order(values) and not (whole and ends & (_TIMES | _DATES)):
        return f"holds Unix times such as {values[0]:.0f} in their order"
    if whole and ends & _TIMES and are_seconds(values):
        return f"is called like times, and holds Unix times such as {first}"
    if ends & _TIMES and are_days(values):
        return f"is called like times, and holds numbers of days such as {first}"
    if ends & _DATES and least >= _LEAST_DATE:
        return f"is called like dates, and holds {'whole numbers' if whole else 'numbers'} such as {first}"
    if not words or not whole:
        return None
    if is_key(words, values):
        return "is called like a key, and holds whole numbers"
    if set(words) & _CODES and least >= _LEAST_CODE:
        return f"is called like a code, and holds whole numbers such as {first}"
    return None


def has_mark(column: NDArray[np.generic]) -> bool:
    """Whether what `no_coordinate` says of a column is about some entries, marks for missing ones, and not about all.

    Examples
    --------
    >>> has_mark(np.array([0.5, -9999.0, 1.5])), has_mark(np.array([20200131, 20200201, 20200202]))
    (True, False)
    """
    values = np.asarray(column, dtype=np.float64)
    return values.size > 1 and bool(np.isfinite(values).all()) and missing_mark(values) is not None


def missing_mark(values: NDArray[np.float64]) -> float | None:
    """Return a mark for missing numbers far away from all other numbers of a column, if it has one.

    That is ten times as large as all others; for marks that are hardly ever anything else twice, if they lie farther
    from the others than these from each other.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite numbers, at least one.

    Examples
    --------
    >>> missing_mark(np.array([140.0, -999.25, 77.0])), missing_mark(np.array([140.0, -999.0, 77.0])) is None
    (-999.25, True)
    """
    if (found := fill_value(values, _MARKS)) is not None:
        return found
    low = float(values.min())
    if low not in _SURE:
        return None
    others = values[values != low]
    far = (
        others.size
        and low < -2.0 * float(np.abs(others).max())
        and float(others.min()) - low > float(np.ptp(others))
    )
    return low if far else None


def order_of(values: NDArray[np.float64]) -> str | None:
    """Say how a column of eight numbers and more may count the rows or the days, though it may be a coordinate as well.

    Examples
    --------
    >>> order_of(np.arange(17.0, 29.0)), order_of(np.arange(9.0)[::-1]), order_of(np.array([5.0, 4, 7, 6, 3, 9, 8, 2]))
    ('counts from 17 to 28', 'counts from 8 to 0', 'holds each number from 2 to 9 once')
    >>> order_of(45000.0 + np.arange(8) / 4), order_of(2.0 * np.arange(9)) is None
    ('may count days, from 45000 to 45001.75,', True)
    """
    n = values.size
    if n < _ENOUGH_ROWS or not np.isfinite(values).all():
        return None
    first, last, least = float(values[0]), float(values[-1]), float(values.min())
    if are_days_in_order(values):
        return f"may count days, from {first:.12g} to {last:.12g},"
    if least != np.floor(least) or not np.array_equal(np.sort(values), least + np.arange(n)):
        return None
    if np.abs(np.diff(values)).max() == 1.0:
        return f"counts from {first:.12g} to {last:.12g}"
    return f"holds each number from {least:.12g} to {least + n - 1:.12g} once"


def even_steps(values: NDArray[np.float64], name: str | None = None) -> str | None:
    """Say that eight numbers and more grow or fall by one step in all rows, or twenty rise, as times of a log do.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Numbers of a first column, or of one that is called like times.
    name : str, optional
        What another column is called.

    Examples
    --------
    >>> even_steps(np.arange(9.0) / 8), even_steps(np.arange(9.0) ** 2) is even_steps(np.arange(9.0), "depth") is None
    ('grows by 0.125 in each row, from 0 to 1,', True)
    >>> even_steps(2 - 0.2 * np.arange(9.0), "time_s")
    'falls by 0.2 in each row, from 2 to 0.4,'
    >>> even_steps(np.arange(20.0) ** 2)
    'rises from row to row, from 0 to 361,'
    """
    n = values.size
    if n < _ENOUGH_ROWS or (name is not None and not set(words_of(name)) & _CLOCK):
        return None
    first, last = float(values[0]), float(values[-1])
    step = last / (n - 1) - first / (n - 1)
    values = np.asarray(values, dtype=np.float64)  # a table may be of single precision
    if np.abs(values).max() > _LARGEST:
        return None
    far = max(np.abs(np.diff(values) - step).max(), np.abs(values - (first + step * np.arange(n))).max())
    if step == 0.0 or far > _EVEN * abs(step):
        rises = n >= _LONG_LOG and bool((np.diff(values) > 0.0).all())
        return f"rises from row to row, from {first:.12g} to {last:.12g}," if rises else None
    verb = "grows" if step > 0.0 else "falls"
    return f"{verb} by {abs(step):.6g} in each row, from {first:.12g} to {last:.12g},"


def far_wider(table: NDArray[np.float64]) -> int | None:
    """Return the column of whole numbers, hardly one twice, that are spread a thousand times as wide as all others.

    Examples
    --------
    >>> ids = 842302.0 + np.arange(9) ** 5
    >>> far_wider(np.column_stack([ids, np.arange(9)])), far_wider(np.column_stack([ids, ids / 100]))
    (0, None)
    """
    if len(table) < _ENOUGH_ROWS or table.shape[1] < 2:
        return None
    low, high = table.min(axis=0).astype(np.float64), table.max(axis=0).astype(np.float64)
    unit, varied = max(1.0, float(high.max()), -float(low.min())), low < high
    # one by one: a table may fill half of the memory
    spread = [float(np.std(table[:, k] / unit)) if varied[k] else 0.0 for k in range(table.shape[1])]
    *_, second, at = np.argsort(spread, kind="stable").tolist()
    column = table[:, at]
    if not spread[at] >= _DECIDES * spread[second] > 0.0 or column.min() < 0.0:
        return None
    whole = bool((column == np.floor(column)).all())
    return at if whole and np.unique(column).size >= _DIFFERENT * column.size else None


def counts_few_rows(table: NDArray[np.float64]) -> str | None:
    """Say that the first column of three to seven rows counts them, where other numbers lie outside of the count.

    Examples
    --------
    >>> counts_few_rows(np.array([[1.0, 565.0], [2.0, 25.0], [3.0, 345.0]]))
    'counts the rows from 1 to 3'
    >>> counts_few_rows(np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]])) is None
    True
    """
    n = len(table)
    if not 3 <= n < _ENOUGH_ROWS or table[0, 0] not in (0.0, 1.0):
        return None
    first, rest = table[:, 0], table[:, 1:]
    if not np.array_equal(first, first[0] + np.arange(n)) or np.abs(rest).max() <= first[-1]:
        return None
    return f"counts the rows from {first[0]:.0f} to {first[-1]:.0f}"


def is_row_of_digits(fields: Sequence[object]) -> bool:
    """Whether an only column holds texts of the digits 0 and 1, or of 0, 1, 2 and 9: each digit may be a coordinate.

    All are equally long, and one begins with a zero as no number does, or all have eight bits and more.

    Examples
    --------
    >>> is_row_of_digits(["0101", "1100", "0011"]), is_row_of_digits(["1000", "1100"]), is_row_of_digits(["007", "012"])
    (True, False, False)
    """
    texts = [x.strip() if isinstance(x, str) else "" for x in fields]
    size = len(texts[0]) if texts else 0
    if size < _FEWEST_DIGITS or len(texts) < 2 or any(len(text) != size for text in texts):
        return False
    if all(map(_BITS.fullmatch, texts)):
        return size >= _MANY_BITS or any(text[0] == "0" for text in texts)
    return all(map(_GENOTYPES.fullmatch, texts)) and any(text.startswith("0") for text in texts)
