"""Numbers that are surely no coordinates: dates, keys and codes, marks for what is missing, distances between pairs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.missing import fill_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Words of the name of a column that numbers rows or things.
_KEYS = frozenset(("id", "ids", "uid", "guid", "pk"))
#: What a column is called that names the thing of each row by a number, whatever the numbers are ...
_THINGS = frozenset(
    ("subject", "patient", "participant", "respondent", "proband", "specimen", "entrez", "accession")
)
#: ... and what it may be called where they are all different.
_ROWS = frozenset(
    (
        "sample", "customer", "user", "account", "order", "student", "employee", "case", "record", "row", "observation",
        "uid", "guid", "key", "serial", "invoice", "plate", "pmid", "orcid",
    )
)  # fmt: skip
#: What stands before "id" in one word.
_THINGS_OF_IDS = frozenset(
    (
        "account", "author", "book", "customer", "device", "doc", "document", "employee", "file", "gene", "image",
        "item", "movie", "node", "object", "order", "paper", "passenger", "patient", "person", "player", "post",
        "product", "record", "row", "sample", "session", "student", "subject", "taxon", "team", "track", "tweet",
        "user", "vertex", "video",
    )
)  # fmt: skip
#: Words behind such a name that leave its meaning.
_NUMBER = frozenset(("no", "nr", "num", "number", "code", "key"))
#: Words of the name of a column of codes.
_CODES = frozenset(
    (
        "zip", "zipcode", "postcode", "postalcode", "postal", "plz", "phone", "telephone", "tel", "fax", "ssn", "fips",
        "isbn", "issn", "ean", "gtin", "upc", "imei", "iban", "barcode", "sku",
    )
)  # fmt: skip
#: Words of the name of a column of dates.
_DATES = frozenset(("date", "datum", "fecha", "datetime", "timestamp"))
#: Words of the name of a column of times, which may be Unix times.
_TIMES = frozenset(("time", "times", "ts", "epoch", "unix", "unixtime", "timestamp"))
_LEAST_CODE, _LEAST_DATE = 1000.0, 1000.0
_YEARS = (1500.0, 2200.0)
#: What a row of sums is called, and a first or last one of means.
_SUMS = frozenset(
    ("total", "totals", "sum", "sums", "subtotal", "grand total", "summe", "gesamt", "gesamtsumme")
)
_MEANS = frozenset(("mean", "means", "average", "avg", "median", "mittelwert", "durchschnitt"))
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PADDED = re.compile(r"0[0-9]{2,}")
_DAYS = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])

#: Matrices are symmetric, and their diagonals zero or one, up to the rounding of single precision.
_ALIKE = 2.0**-20
_SMALL = 2.0**-10


def words_of(name: str) -> list[str]:
    """Return the words of a name of a column, in small letters.

    Examples
    --------
    >>> words_of("PassengerId"), words_of("ZIP code"), words_of("valid_until")
    (['passenger', 'id'], ['zip', 'code'], ['valid', 'until'])
    """
    return [word.lower() for word in _WORDS.findall(name)]


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
    if (filled := fill_value(values)) is not None:
        return f"holds {filled:.17g}, which often stands for a missing number, far away from all its others"
    words = words_of(name or "")
    whole = bool((values == np.floor(values)).all())
    if are_seconds_in_order(values) and not (whole and {*words[:1], *words[-1:]} & (_TIMES | _DATES)):
        return f"holds Unix times such as {values[0]:.0f} in their order"
    if not whole:
        return None
    least, first = float(values.min()), f"{values[0]:.0f}"
    if are_dates(values):
        return f"holds dates such as {first}"
    if are_months(values):
        return f"holds months such as {first}"
    if are_moments(values):
        return f"holds dates with hours such as {first}"
    if not words:
        return None
    if {words[0], words[-1]} & _TIMES and are_seconds(values):
        return f"is called like times, and holds Unix times such as {first}"
    if {words[0], words[-1]} & _DATES and least >= _LEAST_DATE:
        return f"is called like dates, and holds whole numbers such as {first}"
    if is_key(words, values):
        return "is called like a key, and holds whole numbers"
    if set(words) & _CODES and least >= _LEAST_CODE:
        return f"is called like a code, and holds whole numbers such as {first}"
    return None


def is_key(words: Sequence[str], values: NDArray[np.float64]) -> bool:
    """Whether a column of whole numbers is called like one that names rows or things.

    Examples
    --------
    >>> numbers = np.array([7.0, 9.0, 8.0])
    >>> is_key(["customer", "id"], numbers), is_key(["patient"], numbers), is_key(["sample", "nr"], numbers)
    (True, True, True)
    >>> is_key(["patient", "age"], numbers), is_key(["sample"], np.array([7.0, 7.0, 8.0])), is_key(["id"], numbers)
    (False, False, False)
    """
    if len(words) > 1 and (words[-1] in _KEYS or words[0] == "id"):
        return True
    if len(words) == 1 and words[0].endswith("id") and words[0][:-2] in _THINGS_OF_IDS:
        return True
    if not words or len(words) > 2 or not {*words[1:]} <= _NUMBER:
        return False
    return words[0] in _THINGS or (
        words[0] in _ROWS and values.size > 2 and np.unique(values).size == values.size
    )


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
    return inside and bool({"year", "jahr"} & set(words_of(name)))


def padded_column(columns: Sequence[Sequence[object]]) -> int | None:
    """Return the first column of texts such as ``00501`` among columns without: numbers do not begin so, codes do.

    Parameters
    ----------
    columns : sequence of sequences
        The fields of each column.

    Examples
    --------
    >>> padded_column([["1.5", "2"], ["00501", "10115"]]), padded_column([["007", "012"], ["000", "255"]])
    (1, None)
    """
    padded = [any(isinstance(x, str) and _PADDED.fullmatch(x.strip()) for x in column) for column in columns]
    return padded.index(True) if any(padded) and not all(padded) else None


def refuse_pairs(table: NDArray[np.generic], way: str) -> None:
    """Refuse a symmetric table that may hold distances, similarities or scalar products of pairs, or points.

    Parameters
    ----------
    table : ndarray, shape (n, d)
        The numbers.
    way : str
        What to do if they are points.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_pairs(np.eye(3), "")
    >>> refuse_pairs(np.array([[0.0, 3.0, 4.0], [3.0, 0.0, 5.0], [4.0, 5.0, 0.0]]), "say so")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    derandkit.errors.InputError: the table is symmetric with a diagonal of zeros: distances between 3 points (pass ...
    """
    n = table.shape[0] if table.ndim == 2 else 0
    if n >= 3 and table.shape[1] == n and table.dtype.kind in "iuf":
        whole = np.asarray(table, dtype=np.float64)
        _refuse_distances(whole, way)
        _refuse_triangle(whole, way)
        _refuse_products(table, way)


def _refuse_distances(whole: NDArray[np.float64], way: str) -> None:
    """Refuse a square table that is symmetric with zeros, or correlations with ones, on its diagonal."""
    n = whole.shape[0]
    diagonal = whole.diagonal()
    zero = _all_near(diagonal, 0.0, float(np.abs(whole[0]).max()))
    if not zero and not _all_near(diagonal, 1.0, 1.0):
        return
    top = float(np.abs(whole).max())
    if not np.abs(whole - whole.T).max() <= _ALIKE * top or (not zero and top > 1.0 + _SMALL):
        return
    others = whole[~np.eye(n, dtype=bool)]
    if not others.any() or (not zero and not (np.abs(others) < 1.0).any()):
        return
    what = f"distances between {n} points" if zero else f"correlations or similarities of {n} points"
    raise InputError(
        f"the table is symmetric with a diagonal of {'zeros' if zero else 'ones'}: {what} (pass the points "
        f"themselves), or {n} points with {n} coordinates ({way})"
    )


def _refuse_triangle(whole: NDArray[np.float64], way: str) -> None:
    """Refuse the upper or lower triangle of distances or correlations, with zeros in place of the other one.

    Points that are triangular have few different numbers, such as those that count in unary, or a diagonal of others.
    """
    n = whole.shape[0]
    zero = not whole.diagonal().any()
    if (not zero and not _all_near(whole.diagonal(), 1.0, 1.0)) or not np.isfinite(whole).all():
        return
    upper, lower = whole[np.triu_indices(n, 1)], whole[np.tril_indices(n, -1)]
    if upper.any() == lower.any():
        return
    found = upper if upper.any() else lower
    fits = found.min() >= 0.0 if zero else float(np.abs(found).max()) <= 1.0 + _SMALL
    if not fits or 2 * np.count_nonzero(found) < found.size or np.unique(found).size < max(3, n // 2):
        return
    what = f"distances between {n} points" if zero else f"correlations or similarities of {n} points"
    raise InputError(
        f"the table is zero {'below' if upper.any() else 'above'} a diagonal of {'zeros' if zero else 'ones'}: one "
        f"triangle of {what} (pass the points themselves), or {n} points with {n} coordinates ({way})"
    )


def _refuse_products(table: NDArray[np.generic], way: str) -> None:
    """Refuse a symmetric table of numbers that differ from pair to pair, such as ``X @ X.T``.

    Designs that are symmetric, such as those of shifted rows, have few different numbers.
    """
    n = table.shape[0]
    if n < 4 or table.dtype.kind != "f" or not np.array_equal(table, table.T):
        return
    above = np.asarray(table, dtype=np.float64)[np.triu_indices(n, 1)]
    if not above.all() or 2 * np.unique(above).size < above.size:
        return
    raise InputError(
        f"the table is symmetric: covariances, scalar products or other numbers of pairs of {n} points (pass the "
        f"points themselves), or {n} points with {n} coordinates ({way})"
    )


def _all_near(values: NDArray[np.float64], to: float, size: float) -> bool:
    return bool((np.abs(values - to) <= _SMALL * size).all())


def refuse_summaries(table: NDArray[np.generic], labels: Sequence[object], way: str) -> None:
    """Refuse a last row that holds the sums of the others, and rows that are called sums or means.

    Parameters
    ----------
    table : ndarray, shape (n, d)
        The numbers.
    labels : sequence
        What the rows are called; empty if they have no names.
    way : str
        What to do if the row is a point.

    Raises
    ------
    InputError
        It names the row.

    Examples
    --------
    >>> refuse_summaries(np.array([[1, 2], [3, 4], [5, 6], [9, 12]]), (), "write it above the others")
    Traceback (most recent call last):
    derandkit.errors.InputError: the last row holds the sums of all others; leave it out, or, if it is a point, ...
    """
    n, width = table.shape
    small = [str(label).strip().lower().replace("_", " ") for label in labels]
    last = small[-1:] + small[:1]
    called = [name for name in small if name in _SUMS] or [name for name in last if name in _MEANS]
    if n >= 4 and (len(called) == 1 or {"mean", "std"} <= set(small)):
        name = labels[small.index(called[0] if len(called) == 1 else "mean")]
        raise InputError(
            f"the row {str(name)[:40]!r} may sum up the others; leave it out, or, if it is a point, {way}"
        )
    if n < 4 or width < 2 or table.dtype.kind not in "iuf":
        return
    numbers = np.asarray(table, dtype=np.float64)
    whole, sizes = numbers.sum(axis=0), np.abs(numbers).sum(axis=0)
    if numbers[-1].any() and bool((np.abs(2.0 * numbers[-1] - whole) <= 1e-12 * sizes).all()):
        raise InputError(
            f"the last row holds the sums of all others; leave it out, or, if it is a point, {way}"
        )
