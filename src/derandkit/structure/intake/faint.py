"""Inputs that vary, and so little that they count as constant: what whitening leaves out is counted and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.runtime import lapack
from derandkit.tables import first_names
from derandkit.words.columns import column_names

if TYPE_CHECKING:
    from derandkit.numerics.typing import BoolArray, FloatArray
    from derandkit.records import JsonMapping, JsonObject

#: What varies no more than so many halves of the last digit of the entries is constant, and no word is said about it.
_LAST_DIGITS = 8.0


def faint_inputs(
    X: FloatArray, Z: FloatArray, scale: FloatArray, varies: BoolArray, kept: int
) -> JsonObject | None:
    """Return the inputs that count as constant although they vary, as JSON values; None if there are none.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Training rows.
    Z : ndarray, shape (m, d)
        The same with mean 0 and variance 1; zero where a column counts as constant.
    scale : ndarray, shape (d,)
        Standard deviations of the columns.
    varies : ndarray of bool, shape (d,)
        Which columns do not count as constant.
    kept : int
        Number of directions that do not.

    Returns
    -------
    dict or None
        ``columns``: their positions; ``directions``: how many more directions of the others are left out, not counted
        those that are constant to the last digits.

    Examples
    --------
    >>> a, b = np.sin(np.arange(40.0).reshape(2, 20) ** 2)
    >>> X = np.column_stack((a, a + 1e-8 * b))
    >>> faint_inputs(X, X / X.std(axis=0), X.std(axis=0), np.array([True, True]), 1)
    {'columns': [], 'directions': 1}
    """
    columns = np.flatnonzero(~varies & (X.max(axis=0) > X.min(axis=0)))
    directions = 0
    if kept < np.count_nonzero(varies):
        # singular values of the rows, since eigenvalues of their correlations are known to 1e-16 only
        spread = lapack.singular_values(lapack.triangle(Z))[kept:] / np.sqrt(len(Z))
        ulps = np.where(varies, np.abs(X).max(axis=0) / scale, 0.0)
        directions = int(np.count_nonzero(spread > _LAST_DIGITS * 2.0**-53 * np.linalg.norm(ulps)))
    if not (columns.size or directions):
        return None
    return {"columns": columns.tolist(), "directions": directions}


def beside_their_size(X: FloatArray, share: float) -> str:
    """Say of numbers that do not vary by that share of their size that they do vary; nothing of others.

    Examples
    --------
    >>> beside_their_size(np.array([1e15, 1e15 + 1]), 1e-13), beside_their_size(np.array([2.0, 2.0]), 1e-13)
    (' by more than 1e-13 of their size; shift them to mean 0', '')
    """
    spread, size = np.ptp(X, axis=0), np.abs(X).max(axis=0)
    faint = bool(((spread > 0) & (np.std(X / np.where(size > 0, size, 1.0), axis=0) <= share)).any())
    return f" by more than {share:g} of their size; shift them to mean 0" if faint else ""


def constant_target(spread: FloatArray) -> str:
    """Name what does not vary by the spread of the targets, or of each column of them.

    Examples
    --------
    >>> constant_target(np.array(0.0)), constant_target(np.array([1.0, 0.0]))
    ('the targets do', 'column 2 of the targets does')
    """
    if np.ndim(spread) == 0 or not np.any(spread > 0):
        return "the targets do"
    return f"column {int(np.argmin(spread > 0)) + 1} of the targets does"


def faint_words(problem: JsonMapping) -> list[tuple[str, str]]:
    """Return a row of the table of a record for columns, and one for directions, that count as constant.

    Examples
    --------
    >>> found = {"columns": [1], "directions": 0}
    >>> faint_words({"columns": 3, "names": ["age", "day", "km"], "target": "y", "dimension": 2, "faint": found})[0][1]
    'day counts as constant: it varies by less than 1e-13 of its entries (shift it to mean 0 to use it)'
    """
    found = problem.get("faint")
    if not found:
        return []
    rows, at, many = [], found["columns"], found["directions"]
    if at:
        names = column_names(problem["names"], problem["columns"], problem["target"])
        one = len(at) == 1
        who = (
            names[at[0]]
            if one
            else f"{len(at)} of {len(names)} columns ({first_names([names[k] for k in at])})"
        )
        rows.append(
            f"{who} {'counts' if one else 'count'} as constant: {'it varies' if one else 'they vary'} by less than "
            f"1e-13 of {'its' if one else 'their'} entries (shift {'it' if one else 'them'} to mean 0 to use "
            f"{'it' if one else 'them'})"
        )
    if many:
        rows.append(
            f"{many} of {problem['dimension'] + many} directions {'counts' if many == 1 else 'count'} as constant: "
            "columns are nearly copies or sums of each other, to 1e-5 (give their differences as columns)"
        )
    return [("left out" if k == 0 else "", row) for k, row in enumerate(rows)]
