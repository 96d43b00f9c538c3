"""Rows that sum up the others: totals, means, and statistics as ``describe`` writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.sums import are_sums

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray

#: What a row of sums is called, and a first or last one of means.
SUMS = frozenset(
    ("total", "totals", "sum", "sums", "subtotal", "grand total", "summe", "gesamt", "gesamtsumme")
)
_MEANS = frozenset(("mean", "means", "average", "avg", "median", "mittelwert", "durchschnitt"))
#: What a first or last row may be called where its numbers agree with what the word says of the others.
_STATISTICS: dict[str, tuple[Callable[[FloatArray], FloatArray], ...]] = {
    word: functions
    for words, functions in (
        (("max", "maximum", "max."), (lambda rows: rows.max(axis=0),)),
        (("min", "minimum", "min."), (lambda rows: rows.min(axis=0),)),
        (
            ("std", "sd", "stdev", "std dev", "stddev", "standard deviation", "standardabweichung"),
            (lambda rows: rows.std(axis=0, ddof=1), lambda rows: rows.std(axis=0)),
        ),
        (("var", "variance", "varianz"), (lambda rows: rows.var(axis=0, ddof=1), lambda rows: rows.var(axis=0))),
        (("count", "n", "anzahl"), (lambda rows: np.full(rows.shape[1], float(len(rows))),)),
        (("all",), (lambda rows: rows.sum(axis=0),)),
        (("25%", "q1", "p25"), (lambda rows: np.quantile(rows, 0.25, axis=0),)),
        (("50%", "q2", "p50"), (lambda rows: np.quantile(rows, 0.5, axis=0),)),
        (("75%", "q3", "p75"), (lambda rows: np.quantile(rows, 0.75, axis=0),)),
    )
    for word in words
}  # fmt: skip
#: Words of which one is there where all rows are statistics; quarters of a year are called Q1 to Q3, too.
_PLAIN = frozenset(("min", "max", "minimum", "maximum", "mean", "median", "std", "50%"))
#: Statistics are often rounded.
_ROUNDED = 2.0**-8
_FEWEST = 4


def refuse_summaries(table: NDArray[np.generic], texts: Sequence[Sequence[object]], way: str) -> None:
    """Refuse a last row that holds the sums of the others, and rows that are called sums, means or other statistics.

    Parameters
    ----------
    table : ndarray, shape (n, d)
        The numbers.
    texts : sequence of sequences
        What may say how the rows are called: an index, or columns that are no coordinates. Empty if there are none.
    way : str
        What to do if the row is a point.

    Raises
    ------
    InputError
        It names the row. A row of sums is known by its word anywhere, one of means by its word where it is the first or
        the last; other statistics where the numbers agree with the word, or where all rows have such words.

    Examples
    --------
    >>> refuse_summaries(np.array([[1, 2], [3, 4], [5, 6], [9, 12]]), (), "write it above the others")
    Traceback (most recent call last):
    derandkit.errors.InputError: the last row holds the sums of all others; leave it out, or, if it is a point, ...
    >>> refuse_summaries(np.array([[1, 2], [3, 4], [5, 3], [5, 4]]), [["a", "b", "c", "max"]], "say so")
    Traceback (most recent call last):
    derandkit.errors.InputError: the row 'max' may sum up the others; leave it out, or, if it is a point, say so
    """
    n, width = table.shape
    numbers = np.asarray(table, dtype=np.float64) if table.dtype.kind in "iuf" else None
    if numbers is not None and not np.isfinite(numbers).all():
        numbers = None
    for labels in texts:
        written = [*map(str, labels)]
        plain = {text: text.strip().lower().replace("_", " ") for text in set(written)}
        small = [plain[text] for text in written]
        if len(small) != n:
            continue
        if (at := _statistic(small, numbers)) is not None:
            raise InputError(
                f"the row {str(labels[at])[:40]!r} may sum up the others; leave it out, or, if it is a point, {way}"
            )
        words = set(small)
        if 3 <= n == len(words) and words & _PLAIN and words <= _STATISTICS.keys() | _MEANS | SUMS:
            raise InputError(
                f"the rows are called {', '.join(small)[:60]}, as the statistics of a table are; pass that table, "
                f"or, if they are points, {way}"
            )
    if n < _FEWEST or width < 2 or numbers is None:
        return
    if are_sums(numbers[-1], numbers[:-1]):
        raise InputError(
            f"the last row holds the sums of all others; leave it out, or, if it is a point, {way}"
        )


def first_holds_sums(table: NDArray[np.generic]) -> bool:
    """Whether the first row holds the sums of all others, as the totals above a table do.

    Examples
    --------
    >>> first_holds_sums(np.array([[9, 15], [1, 2], [3, 4], [5, 9]]))
    True
    """
    n, width = table.shape
    return n >= _FEWEST and width > 1 and are_sums(table[0], table[1:])


def _statistic(names: Sequence[str], numbers: FloatArray | None) -> int | None:
    """Return the position of a row that is called like a statistic of others, in small letters."""
    n = len(names)
    if n < _FEWEST:
        return None
    sums = [k for k, name in enumerate(names) if name in SUMS]
    others = [name for name in names if name not in SUMS]
    several = names[-1] in SUMS or len({names[k] for k in sums}) < len(sums)  # not the words of a vocabulary
    if sums and (len(sums) == 1 or (several and len(set(others)) == len(others) > 1)):  # nor classes
        return sums[0]
    ends = [k for k in (n - 1, 0) if names[k] in _MEANS]
    if not sums and len(ends) == 1:
        return ends[0]
    if {"mean", "std"} <= set(names):
        return names.index("mean")
    if numbers is None:
        return None
    rest = numbers[[k for k, name in enumerate(names) if name not in _STATISTICS and name not in _MEANS]]
    if len(rest) < 3:
        return None
    for k in _run(names):
        for function in _STATISTICS.get(names[k], ()):
            said, size = function(rest), np.abs(rest).max(axis=0)
            if np.ptp(rest, axis=0).any() and (np.abs(numbers[k] - said) <= _ROUNDED * size).all():
                return k
    return None


def _run(names: Sequence[str]) -> list[int]:
    """Return the positions of the words of statistics that stand first and last without others between."""
    found = []
    for order in (range(len(names)), range(len(names) - 1, -1, -1)):
        for k in order:
            if names[k] not in _STATISTICS and names[k] not in _MEANS:
                break
            found.append(k)
    return found
