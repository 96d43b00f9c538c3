"""Rows that sum up the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: What a row of sums is called, and a first or last one of means.
_SUMS = frozenset(
    ("total", "totals", "sum", "sums", "subtotal", "grand total", "summe", "gesamt", "gesamtsumme")
)
_MEANS = frozenset(("mean", "means", "average", "avg", "median", "mittelwert", "durchschnitt"))


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
