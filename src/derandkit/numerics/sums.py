"""Sums of many numbers, correctly rounded whatever their order.

`math.fsum` does the same one Python object at a time. Here the numbers are taken apart into whole multiples of powers
of two, which add up without rounding, and only the total is rounded.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import BoolArray, FloatArray, IntArray

#: Numbers taken apart at once: what is needed for them stays in a cache.
_BLOCK = 1 << 15
#: Below this many numbers `math.fsum` is faster.
_FEW = 1 << 10
#: Below this every integer is a float64, and float sums of integers are exact.
_EXACT = 2.0**53
#: From here on float64 holds no halves: a sum that is rounded there loses what whole numbers count.
_HALVES = 2.0**52
#: Sums in files are rounded to digits, a part of the sum; those of doubles by a part of what they add up.
_DIGITS, _ROUNDING = 2.0**-17, 2.0**-44
#: Above this the sum of a few numbers may be beyond the doubles.
_LARGEST, _SMALLER = 1e300, -64
#: So many numbers are added faster as rationals than by their exponents.
_HANDFUL = 4
#: `frexp` of a finite double gives exponents from -1073 to 1024.
_LOWEST, _EXPONENTS = -1073, 2098


def exact_sum(*values: FloatArray) -> float:
    """Return the sum of float64 numbers, correctly rounded: what `math.fsum` returns, several times faster.

    Parameters
    ----------
    *values : ndarray, shape (n,)
        The numbers, in one array or several.

    Returns
    -------
    float
        The double that is closest to the exact sum.

    Raises
    ------
    OverflowError
        The sum is beyond the range of float64.
    ValueError
        Infinities of both signs meet.

    Notes
    -----
    O(n). A mantissa is split into 27 and 26 bits; sums of `_BLOCK` such halves are exact in float64, and sums of those
    are exact as Python integers.

    Examples
    --------
    >>> exact_sum(np.array([1e100, 1.0, -1e100]))
    1.0
    """
    size = sum(part.size for part in values)
    if size < _FEW:
        return math.fsum(chain.from_iterable(part.tolist() for part in values))
    if all(_small_integers(part, 2.0**52 / size) for part in values):
        # partial sums, in any order, are integers that float64 holds
        return sum(float(part.sum()) for part in values)
    if not all(np.isfinite(part).all() for part in values):
        return math.fsum(chain.from_iterable(part.tolist() for part in values))
    return float(sum(map(exact_total, values), Fraction(0)))


def _small_integers(values: FloatArray, limit: float) -> bool:
    """Whether all numbers are integers below a limit in magnitude; a block of others ends the look."""
    for start in range(0, values.size, _BLOCK):
        block = values[start : start + _BLOCK]
        if not ((np.rint(block) == block).all() and -limit < block.min() and block.max() < limit):
            return False
    return True


def exact_total(values: FloatArray) -> Fraction:
    """Return the sum of finite float64 numbers as a rational.

    Parameters
    ----------
    values : ndarray, shape (n,)
        The numbers.

    Returns
    -------
    Fraction
        The sum, not rounded. O(n), as `exact_sum`.

    Examples
    --------
    >>> exact_total(np.array([0.5, 0.25, 1e16])) - 10**16
    Fraction(3, 4)
    """
    if values.size <= _HANDFUL:
        return sum(map(Fraction, values.tolist()), Fraction(0))
    high = np.zeros(_EXPONENTS)
    low = np.zeros(_EXPONENTS)
    total = 0
    for count, start in enumerate(range(0, values.size, _BLOCK), 1):
        mantissa, exponent = np.frexp(values[start : start + _BLOCK])
        mantissa *= 134217728.0  # 2^27
        upper = np.trunc(mantissa)
        mantissa -= upper
        mantissa *= 67108864.0  # 2^26
        place = exponent - _LOWEST
        high += np.bincount(place, weights=upper, minlength=_EXPONENTS)
        low += np.bincount(place, weights=mantissa, minlength=_EXPONENTS)
        if count % 2048 == 0:  # 2^11 blocks of 2^15 numbers below 2^27: exact up to here
            total += _whole(high, low)
            high[:], low[:] = 0.0, 0.0
    total += _whole(high, low)
    return Fraction(total, 1 << (53 - _LOWEST))


def _whole(high: FloatArray, low: FloatArray) -> int:
    """Return ``sum_e (2^26 high_e + low_e) 2^e``, e counted from the lowest exponent: a Python integer."""
    busy = np.flatnonzero((high != 0.0) | (low != 0.0)).tolist()
    return sum(((int(high[e]) << 26) + int(low[e])) << e for e in busy)


def sums_of_groups(values: FloatArray, starts: IntArray) -> FloatArray:
    """Return the sum of each group of consecutive numbers, correctly rounded.

    Parameters
    ----------
    values : ndarray, shape (k,)
        Finite numbers whose absolute values have a finite sum.
    starts : ndarray of int64, shape (g,)
        Where each group begins, ascending from 0.

    Returns
    -------
    ndarray, shape (g,)

    Examples
    --------
    >>> sums_of_groups(np.array([0.5, 1e16, 1.0, -1e16]), np.array([0, 1])).tolist()
    [0.5, 1.0]
    """
    if bool((values == np.rint(values)).all()) and float(np.abs(values).sum()) < _EXACT:
        return np.add.reduceat(values, starts)
    ends = np.append(starts[1:], values.size)
    sums = values[starts]
    pairs = ends - starts == 2
    sums[pairs] += values[starts[pairs] + 1]  # one addition is correctly rounded already
    for g in np.flatnonzero(ends - starts > 2).tolist():
        sums[g] = math.fsum(values[starts[g] : ends[g]].tolist())
    return sums


def errors_of_sums(values: FloatArray, starts: IntArray) -> FloatArray:
    """Return what the sums of `sums_of_groups` lack: the sum of each group without rounding, less the rounded one.

    Examples
    --------
    >>> errors_of_sums(np.array([0.5, 1e16, 1.0, -1e16, 1e16, -0.25]), np.array([0, 1, 4])).tolist()
    [0.0, 0.0, -0.25]
    """
    off = np.zeros(starts.size)
    if bool((values == np.rint(values)).all()) and float(np.abs(values).sum()) < _EXACT:
        return off
    sums = sums_of_groups(values, starts)
    sizes = np.append(starts[1:], values.size) - starts
    two = sizes == 2
    a, b, s = values[starts[two]], values[starts[two] + 1], sums[two]
    rest = s - a
    off[two] = (a - (s - rest)) + (b - rest)  # exact (Knuth)
    for g in np.flatnonzero(sizes > 2).tolist():
        off[g] = math.fsum([*values[starts[g] : starts[g] + sizes[g]].tolist(), -float(sums[g])])
    return off


def loses_units(total: Fraction) -> bool:
    """Whether the float64 nearest to a sum is off by so much that whole numbers, or halves, are lost.

    Fractions are rounded to nearest, as decimals are. From 2^52 on that is a loss of what was counted.

    Examples
    --------
    >>> loses_units(Fraction(1, 3)), loses_units(Fraction(10**16)), loses_units(10**16 + Fraction(9, 10))
    (False, False, True)
    """
    return abs(total) >= _HALVES and Fraction(float(total)) != total


def lost_sums(sums: FloatArray, values: FloatArray, starts: IntArray) -> IntArray:
    """Return the groups of `sums_of_groups` whose sum loses units, as `loses_units` has it; ascending.

    Examples
    --------
    >>> lost_sums(np.array([0.3, 1e16]), np.array([0.1, 0.2, 1e16, 0.9]), np.array([0, 2])).tolist()
    [1]
    """
    ends = np.append(starts[1:], values.size)
    large = np.flatnonzero((np.abs(sums) >= _HALVES) & (ends - starts > 1))
    lost = [g for g in large.tolist() if loses_units(exact_total(values[starts[g] : ends[g]]))]
    return np.array(lost, dtype=np.int64)


def lost_means(a: FloatArray, b: FloatArray, share: float) -> BoolArray:
    """Whether ``share * (a + b)``, share 1 or 1/2, loses units where it is rounded, or half of the least number is 0.

    Examples
    --------
    >>> lost_means(np.array([0.1, 1e16, 5e-324]), np.array([0.2, 0.9, 0.0]), 0.5).tolist()
    [False, True, True]
    """
    total = a + b
    second = total - a
    rounded = (a - (total - second)) + (b - second) != 0.0  # what an addition takes off is a float64 itself
    return np.asarray((rounded & (np.abs(total) >= _HALVES / share)) | (share * total / share != total))


def lost_in_groups(values: FloatArray, starts: IntArray) -> float:
    """Return what rounding takes off the sums of `sums_of_groups`, all together.

    Examples
    --------
    >>> lost_in_groups(np.array([0.5, 1e16, 0.25]), np.array([0, 1]))
    0.25
    """
    return exact_sum(np.abs(errors_of_sums(values, starts)))


def lost_in_means(a: FloatArray, b: FloatArray, share: float) -> float:
    """Return what rounding takes off ``share * (a + b)``, all together.

    Examples
    --------
    >>> lost_in_means(np.array([0.5, 5e14]), np.array([0.25, -0.01]), 0.5) == 0.005
    True
    """
    if not a.size or not share:
        return 0.0
    both = np.stack([a, b], axis=1).ravel()
    return share * lost_in_groups(both, np.arange(0, both.size, 2))


def whole_layers(values: FloatArray) -> list[tuple[FloatArray, int]]:
    """Return numbers as sums of integers times powers of two, such that float sums of each layer of integers are exact.

    Parameters
    ----------
    values : ndarray, shape (k,)
        Finite numbers.

    Returns
    -------
    list of (ndarray of shape (k,), int)
        Integers and exponents, ``values == sum_l integers_l * 2.0**exponent_l``. The absolute values of a layer add up
        to less than 2^53, so that any of its entries may be added in any order. One layer where all numbers are
        multiples of a unit and below ``2^51 / k`` of it, as most integers are; two or three for other numbers of one
        size; O(k) each.

    Examples
    --------
    >>> [(part.tolist(), exponent) for part, exponent in whole_layers(np.array([3.0, -0.5]))]
    [([844424930131968.0, -140737488355328.0], -48)]
    >>> len(whole_layers(np.array([1e9, 0.1])))
    2
    """
    layers, rest = [], values
    room = 52 - max(1, values.size).bit_length()
    while rest.any():
        exponent = int(np.frexp(np.abs(rest).max())[1]) - room
        whole = np.trunc(np.ldexp(rest, -exponent))
        layers.append((whole, exponent))
        rest = rest - np.ldexp(whole, exponent)
    return layers


class Average(NamedTuple):
    """The mean of some numbers.

    Parameters
    ----------
    exact : Fraction
        The mean, not rounded.
    standard_error : float
        Its estimated standard error; NaN for a single number.
    """

    exact: Fraction
    standard_error: float

    @property
    def mean(self) -> float:
        """The mean, correctly rounded: it lies between the least and the greatest of the numbers."""
        return float(self.exact)


def average_of(values: FloatArray) -> Average:
    """Return the mean of finite numbers, and its standard error from correctly rounded deviations.

    Parameters
    ----------
    values : ndarray, shape (k,)
        At least one number.

    Notes
    -----
    Some microseconds for each number, as rationals. The deviations are scaled by a power of two, so that no square
    overflows or underflows.

    Examples
    --------
    >>> average_of(np.array([0.1, 0.1, 0.1])).mean, float(np.array([0.1, 0.1, 0.1]).mean())
    (0.1, 0.10000000000000002)
    >>> average_of(np.array([1.0, 2.0, 3.0])).standard_error
    0.5773502691896257
    """
    count = values.size
    exact = exact_total(values) / count
    if count < 2:
        return Average(exact, math.nan)
    apart = [abs(Fraction(x) - exact) for x in values.tolist()]
    largest = max(apart)
    if not largest:
        return Average(exact, 0.0)
    squares = math.fsum(float(x / largest) ** 2 for x in apart)
    return Average(exact, float(largest * Fraction(math.sqrt(squares / (count - 1) / count))))


class Sums(NamedTuple):
    """Exact sums of the edge weights.

    Parameters
    ----------
    total : Fraction
        Sum of the weights.
    size : Fraction
        Sum of their absolute values.
    """

    total: Fraction
    size: Fraction

    @property
    def positive(self) -> Fraction:
        """Sum of the positive weights."""
        return (self.size + self.total) / 2

    @property
    def negative(self) -> Fraction:
        """Sum of the negative weights, at most 0."""
        return (self.total - self.size) / 2


def sums_of(weights: FloatArray, integral: bool) -> Sums:
    """Return the exact sums of edge weights.

    Parameters
    ----------
    weights : ndarray, shape (m,)
        Finite weights, each edge once.
    integral : bool
        Whether all of them are integers; then float sums below 2**53 are exact.

    Examples
    --------
    >>> sums = sums_of(np.array([1.0, -0.5, 2.0]), False)
    >>> sums, sums.positive, sums.negative
    (Sums(total=Fraction(5, 2), size=Fraction(7, 2)), Fraction(3, 1), Fraction(-1, 2))
    """
    sizes = np.abs(weights)
    if integral and float(size := sizes.sum()) < _EXACT:
        return Sums(Fraction(int(weights.sum())), Fraction(int(size)))
    return Sums(exact_total(weights), exact_total(sizes))


def integer_sum(values: FloatArray) -> int:
    """Return the exact sum of integers, of any size.

    Examples
    --------
    >>> integer_sum(np.array([2.0**53, 1.0]))
    9007199254740993
    """
    if float(np.abs(values).sum()) < _EXACT:
        return int(values.sum())
    return sum(map(int, values.tolist()))


def are_sums(held: NDArray[np.generic], rows: NDArray[np.generic]) -> bool:
    """Whether numbers are the sums of the columns of a table, up to rounding, and some of them is not zero.

    A sum may differ by 2**-17 of itself, as one that is written with six digits, and by 2**-44 of the largest number of
    its column for each row, as one of doubles.

    Parameters
    ----------
    held : ndarray, shape (d,)
        The numbers.
    rows : ndarray, shape (n, d)
        The table. No copy of it is made but where numbers above 1e300 stand in it.

    Examples
    --------
    >>> rows = np.array([[0.1, 3.0], [0.2, -4.0]])
    >>> are_sums(np.array([0.3, -1.0]), rows), are_sums(np.array([0.3, 1.0]), rows), are_sums(np.zeros(2), rows * 0)
    (True, False, False)
    """
    if not rows.size or not held.any():
        return False
    held = held.astype(np.float64)
    high, low = rows.max(axis=0).astype(np.float64), rows.min(axis=0).astype(np.float64)
    largest = np.maximum(high, -low)
    if not (np.isfinite(held).all() and np.isfinite(largest).all()):
        return False
    if max(float(largest.max()), float(np.abs(held).max())) > _LARGEST:  # what vanishes is no part of a sum
        rows, held, largest = (np.ldexp(x.astype(np.float64), _SMALLER) for x in (rows, held, largest))
    apart = np.abs(held - rows.sum(axis=0, dtype=np.float64))
    return bool((apart <= _DIGITS * np.abs(held) + _ROUNDING * len(rows) * largest).all())
