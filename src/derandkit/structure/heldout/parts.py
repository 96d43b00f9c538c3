"""Parts of the rows kept back, and their masses: what means over rows and standard errors are made of.

The mass of a part is the sum of the weights of its rows, so the mean of the parts by their masses is the mean of the
rows. The standard error is the jackknife that leaves out one part at a time (Kott 2001, "The delete-a-group jackknife",
Journal of Official Statistics 17): the mean of the others is a ratio of sums, and parts may be uneven.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from derandkit.numerics.typing import FloatArray


def shares_of(masses: Sequence[float] | FloatArray) -> FloatArray:
    """Return masses over their sum.

    Examples
    --------
    >>> shares_of([3.0, 1.0]).tolist()
    [0.75, 0.25]
    """
    found = np.asarray(masses, dtype=np.float64)
    return np.asarray(found / found.sum())


def mean_of(values: FloatArray, shares: FloatArray, without: int | None = None) -> FloatArray:
    """Return the mean of the parts, or of all but one of them.

    Parameters
    ----------
    values : ndarray, shape (R, ...)
        The mean of each part.
    shares : ndarray, shape (R,)
        Their masses over the sum of all.
    without : int, optional
        The part that is left out. The others are added up, and nothing is subtracted: one part may be almost all of
        a sum.

    Examples
    --------
    >>> values, shares = np.array([1.0, 5.0, 2.0]), np.array([0.5, 0.25, 0.25])
    >>> float(mean_of(values, shares)), float(mean_of(values, shares, 1))
    (2.25, 1.3333333333333333)
    """
    counted = values * shares.reshape(-1, *[1] * (values.ndim - 1))
    if without is None:
        return np.asarray(counted.sum(axis=0))
    total = counted[:without].sum(axis=0) + counted[without + 1 :].sum(axis=0)
    return np.asarray(total / (shares[:without].sum() + shares[without + 1 :].sum()))


def error_of(left: Sequence[float]) -> float:
    """Return the standard error from the values without each part.

    Examples
    --------
    >>> round(error_of([1.0, 3.0]), 12)
    1.0
    """
    R = len(left)
    # bounds may be so large that their squares, or their sum, are beyond the range of numbers
    middle = math.fsum(x / R for x in left)
    return math.sqrt((R - 1) / R) * math.hypot(*(x - middle for x in left))


def counting(masses: Iterable[float]) -> int:
    """Return as how many even parts some parts count: the square of the sum over the sum of squares (Kish 1965).

    Examples
    --------
    >>> counting([2.0] * 8), counting([2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0]), counting([1.0, 1e-9])
    (8, 7, 1)
    """
    found = list(masses)
    return round(math.fsum(found) ** 2 / math.fsum(mass * mass for mass in found))
