"""Rows that repeat the inputs of others: equal rows stand on one side of every split, and in one part.

A network has one output for equal inputs, whatever the targets are. If such rows stood on both sides, a row kept back
would be one that was trained on. So it is the different rows that are split, numbered in the order in which each comes
first. Where no row repeats another one, these numbers are the positions.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.hashing import hashed_order
from derandkit.points.sparse import by_first, numbered_rows
from derandkit.structure.intake.whitening import moments
from derandkit.structure.options import FEWEST_ROWS

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray
    from derandkit.structure.intake.targets import Targets

#: Every fourth row, in a hashed order, is kept back.
HOLDOUT = 0.25
#: The rows kept back are judged in this many parts, whose spread gives the standard error; in fewer if they are fewer.
PARTS = 8
#: Fewer different rows cannot be split: two to train on, and two to judge by.
FEWEST_DIFFERENT = 4


def different_inputs(X: FloatArray) -> IntArray:
    """Return the number of each row among the different ones by the columns that do not count as constant.

    Examples
    --------
    >>> different_inputs(np.array([[1.0, 1e9], [0.0, 1e9], [1.0, 1e9 + 1e-6]])).tolist()
    [0, 1, 0]
    """
    varies = moments(X)[1] > 0
    if not varies.any():  # refused where they are whitened
        return np.arange(len(X))
    return numbered_rows(X if varies.all() else X[:, varies])


def split_rows(targets: Targets, numbers: IntArray) -> tuple[IntArray, IntArray]:
    """Return the rows to train on, and those kept back: a quarter of the different ones, by a hash of their number.

    Of three and more classes a quarter of each is kept back, so that every class is trained on. Equal rows of several
    classes count for the one that has the fewest different rows; where too few of any class are left so, a quarter of
    all is kept back.

    Parameters
    ----------
    targets : Targets
        The targets of all rows.
    numbers : ndarray of int64, shape (m,)
        What `different_inputs` returned.

    Returns
    -------
    tuple of ndarray
        The rows to train on in their order, and those kept back with equal ones behind the first of them.

    Raises
    ------
    InputError
        If there are fewer than 10 rows, or than 4 different ones.
    """
    y = targets.values
    if len(y) < FEWEST_ROWS:
        raise InputError(f"{len(y)} rows are too few; at least {FEWEST_ROWS} are needed")
    count = int(numbers.max()) + 1
    if count < FEWEST_DIFFERENT:
        raise InputError(
            f"{len(y)} rows of which {count} are different are too few; equal rows stand on one side of the split, so "
            f"at least {FEWEST_DIFFERENT} different ones are needed"
        )
    order = hashed_order(count)
    if targets.classes is None or len(targets.classes) < 3:
        held = order[: max(2, round(HOLDOUT * count))]
    else:
        classes = _classes_of(y.astype(np.int64), numbers, len(targets.classes))
        each = [order[classes[order] == code] for code in range(len(targets.classes))]
        held = np.concatenate([rows[: round(HOLDOUT * len(rows))] for rows in each])
        if len(held) < 2 and count < len(y):
            # equal rows of many classes: all together, if every class is among the others
            first = order[: max(2, round(HOLDOUT * count))]
            held = first if len(np.unique(y[~np.isin(numbers, first)])) == len(targets.classes) else held
        if len(held) < 2:
            raise InputError(
                "the classes have too few different rows for any to be kept back; at least three each are needed"
            )
    kept = np.zeros(count, dtype=np.bool_)
    kept[held] = True
    back = np.flatnonzero(kept[numbers])
    return np.flatnonzero(~kept[numbers]), back[np.argsort(numbers[back], kind="stable")]


def parts_of(rows: IntArray, numbers: IntArray) -> list[IntArray]:
    """Return rows kept back in parts of nearly as many different ones.

    Examples
    --------
    >>> [part.tolist() for part in parts_of(np.array([0, 3, 1]), np.array([0, 1, 2, 0]))]
    [[0, 3], [1]]
    """
    starts = np.flatnonzero(np.diff(numbers[rows], prepend=-1))
    parts = np.array_split(starts, min(PARTS, len(starts)))
    return np.split(rows, [int(part[0]) for part in parts[1:]])


def folds_of(numbers: IntArray, most: int) -> IntArray:
    """Return the fold of each row, by a hash of its number: equal rows are in one fold.

    Parameters
    ----------
    numbers : ndarray of int64, shape (m,)
        Equal for equal rows.
    most : int
        How many folds; fewer if fewer rows are different.

    Raises
    ------
    InputError
        If all rows are equal.

    Examples
    --------
    >>> folds_of(np.array([4, 4, 2, 2, 4]), 3).tolist()
    [1, 1, 0, 0, 1]
    """
    at, first = _in_order(numbers)
    if len(first) < 2:
        raise InputError("the rows on which penalties are chosen are all equal; give the penalties")
    fold = np.empty(len(first), dtype=np.int64)
    fold[hashed_order(len(first))] = np.arange(len(first)) % min(most, len(first))
    return fold[at]


def consecutive_folds(numbers: IntArray, most: int) -> list[tuple[IntArray, IntArray]]:
    """Return the other rows and those of each fold, as scikit-learn's `KFold` cuts them: equal rows are in one fold.

    Examples
    --------
    >>> [fold.tolist() for _, fold in consecutive_folds(np.array([0, 1, 0, 2]), 2)]
    [[0, 1, 2], [3]]
    """
    at, first = _in_order(numbers)
    pieces = np.array_split(np.arange(len(first)), min(most, len(first)))
    inside = [np.isin(at, piece) for piece in pieces]
    return [(np.flatnonzero(~fold), np.flatnonzero(fold)) for fold in inside]


def judged_parts(table: FloatArray) -> list[IntArray]:
    """Return the rows of a table in eight parts, by a hash of their number among the different ones.

    Raises
    ------
    InputError
        If there are fewer than 16 rows, or than 8 different ones.

    Warns
    -----
    UserWarning
        If rows are repeated.
    """
    numbers = numbered_rows(table)
    count = int(numbers.max(initial=-1)) + 1
    if len(table) < 2 * PARTS:
        raise InputError(f"{len(table)} rows are too few; at least {2 * PARTS} are needed")
    if count < PARTS:
        raise InputError(
            f"{len(table)} rows of which {count} are different are too few; at least {PARTS} different ones are needed"
        )
    if count < len(table):
        warnings.warn(
            f"{said_of_repeats(len(table) - count, len(table))}; equal rows are kept in one part of the rows",
            UserWarning,
            stacklevel=3,
        )
    return [np.flatnonzero(np.isin(numbers, chosen)) for chosen in np.array_split(hashed_order(count), PARTS)]


def said_of_repeats(repeated: int, rows: int) -> str:
    """Say how many rows are repeated.

    Examples
    --------
    >>> said_of_repeats(1, 12)
    '1 of 12 rows repeats the inputs of another one'
    """
    return f"{repeated} of {rows} rows {'repeats' if repeated == 1 else 'repeat'} the inputs of another one"


def _classes_of(codes: IntArray, numbers: IntArray, count: int) -> IntArray:
    """Return the class of each different row; of several ones, that which the fewest different rows have."""
    pairs = np.unique(numbers * count + codes)
    rarest = np.argsort(np.bincount(pairs % count, minlength=count), kind="stable")
    place = np.argsort(rarest)
    found = np.full(int(numbers.max()) + 1, count)
    np.minimum.at(found, pairs // count, place[pairs % count])
    return np.asarray(rarest[found])


def _in_order(numbers: IntArray) -> tuple[IntArray, IntArray]:
    """Return numbers without gaps in the order in which they come first, and where each does."""
    _, first, at = np.unique(numbers, return_index=True, return_inverse=True)
    return by_first(first, at), first
