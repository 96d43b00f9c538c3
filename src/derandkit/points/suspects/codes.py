"""Codes for missing answers among small whole numbers, as surveys and genotypes have them: 9, 99, 7777, -8."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.missing import CODES_BELOW, CODES_OF_DIGITS, LONG_CODES

if TYPE_CHECKING:
    from numpy.typing import NDArray


class MissingCodes(NamedTuple):
    """Codes in a column, and the ends of the other numbers.

    Parameters
    ----------
    codes : tuple of float
        The numbers that often stand for missing ones, from the least on.
    low, high : float
        The least and the largest of the others.
    """

    codes: tuple[float, ...]
    low: float
    high: float


_ONE_DIGIT = CODES_OF_DIGITS[0]
_ABOVE = _ONE_DIGIT | LONG_CODES
_BELOW = CODES_BELOW | {-1.0}
#: Codes of one digit lie so far above the others, those of more digits are so many times as large, and those below zero
#: lie so many times as far from the others as these from each other.
_GAP, _TIMES, _SPACINGS = 4.0, 6.0, 3.5
_ENOUGH_ROWS, _LARGEST_SCALE = 16, 10.0
#: Rows that differ from the most common number: in images a pixel at the edge is hardly ever lit.
_VARIED = 0.05


def missing_codes(values: NDArray[np.float64]) -> MissingCodes | None:
    """Return the codes for missing answers in a column of whole numbers, if it surely holds some.

    A code stands above numbers from 0 on, or below them, with a gap. It is in two rows, or the others are all numbers
    of a short scale.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Numbers.

    Examples
    --------
    >>> scale = np.arange(40.0) % 5 + 1
    >>> missing_codes(np.r_[scale, 99, 98]), missing_codes(np.r_[scale, -9, -9])
    (MissingCodes(codes=(98.0, 99.0), low=1.0, high=5.0), MissingCodes(codes=(-9.0,), low=1.0, high=5.0))
    >>> missing_codes(np.r_[scale, 6, 7, 8, 9]) is missing_codes(scale) is missing_codes(np.r_[scale, 98.5]) is None
    True
    """
    if values.size < _ENOUGH_ROWS or (values.max() not in _ABOVE and values.min() not in _BELOW):
        return None  # most columns are not sorted
    if not np.isfinite(values).all() or (values != np.floor(values)).any():
        return None
    distinct, counts = np.unique(values, return_counts=True)
    for taken in (*_above(distinct), _below(distinct)):
        others, many = distinct[~taken], counts[~taken]
        if not taken.any() or others.size < 2 or many.sum() - many.max() < _VARIED * values.size:
            continue
        codes, rows = distinct[taken], int(counts[taken].sum())
        scale = bool(np.ptp(others) == others.size - 1 and many.min() > 1 and others[-1] <= _LARGEST_SCALE)
        enough = rows > (1 if scale or abs(codes[0]) > 9.0 else 2) or (scale and abs(codes[0]) > 9.0)
        if enough and _is_far(codes, others, scale=scale):
            return MissingCodes(tuple(codes.tolist()), float(others[0]), float(others[-1]))
    return None


def _above(distinct: NDArray[np.float64]) -> list[NDArray[np.bool_]]:
    """Return where the largest numbers are codes of as many digits."""
    top = distinct[-1]
    found = []
    for codes in CODES_OF_DIGITS:
        if top in codes and (codes is not _ONE_DIGIT or top == 9.0):
            isin = np.isin(distinct, tuple(codes))
            found.append(np.logical_and.accumulate(isin[::-1])[::-1])
    return found


def _below(distinct: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where numbers below zero are codes, if all of them are."""
    negative = distinct < 0.0
    known = np.isin(distinct, tuple(_BELOW))
    return negative if bool(known[negative].all()) else np.zeros_like(negative)


def _is_far(codes: NDArray[np.float64], others: NDArray[np.float64], *, scale: bool) -> bool:
    """Whether codes lie far from all other numbers."""
    if codes[0] > 9.0:
        return bool(np.abs(others).max() <= codes[0] / _TIMES)
    if codes[0] > 0.0:
        return scale and bool(others[0] >= 0.0 and others[-1] <= codes[0] - _GAP)
    gap, spacing = others[0] - codes[-1], np.ptp(others) / (others.size - 1)
    if codes[-1] == -1.0 and others.size > 2 and scale:
        return bool(others[0] >= 1.0)
    return bool(gap / _SPACINGS >= spacing and gap >= _GAP)
