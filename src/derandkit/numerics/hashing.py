"""Numbers that look random and are not: one integer hash behind every start of every descent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.vectors import norm

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray, WordArray


#: Numbers made at once: what fits into the cache of a core.
BLOCK = 1 << 14


def hashed_uniform(first: int, out: FloatArray) -> None:
    """Fill `out` with the numbers of positions first, first + 1, ... of one fixed stream, uniform in (-1, 1).

    The finaliser is SplitMix64's (Steele, Lea, Flood, OOPSLA 2014): an explicit formula, not a random generator.

    Parameters
    ----------
    first : int
        Position of the first number.
    out : ndarray of float64, shape (k,)
        Filled; about 10 ns a number.

    Examples
    --------
    >>> out = np.empty(2)
    >>> hashed_uniform(0, out)
    >>> out.round(3)
    array([ 0.767, -0.137])
    """
    for start in range(0, out.size, BLOCK):
        part = out[start : start + BLOCK]
        position = np.arange(part.size, dtype=np.uint64) + np.uint64((first + start + 1) % 2**64)
        z = position * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
        np.subtract(((z >> np.uint64(11)).astype(np.float64) + 0.5) / 4503599627370496.0, 1.0, out=part)


def hashed_order(count: int, first: int = 0) -> IntArray:
    """Return a fixed order of ``0 .. count - 1`` without any pattern: sorted by a hash of the position.

    Parameters
    ----------
    count : int
        How many.
    first : int
        The number that stands for position 0 in the hash: another one gives another order.

    Examples
    --------
    >>> sorted(hashed_order(5).tolist())
    [0, 1, 2, 3, 4]
    """
    return np.argsort(_hash(np.arange(first, first + count, dtype=np.uint64)), kind="stable").astype(np.int64)


def _hash(index: WordArray) -> WordArray:
    """SplitMix64."""
    z = (index + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def hashed_normals(rows: int, columns: int, stream: int = 0) -> FloatArray:
    """Numbers that look standard normal and are a fixed formula of their position.

    SplitMix64 of the position, mapped by the Box-Muller transform; no generator state, no seed.

    Examples
    --------
    >>> hashed_normals(1, 2).shape
    (1, 2)
    >>> bool(abs(hashed_normals(100, 100).std() - 1) < 0.02)
    True
    """
    count = rows * columns
    out = np.empty(count)
    for start in range(0, count, BLOCK):
        part = out[start : start + BLOCK]
        position = np.arange(part.size, dtype=np.uint64) + np.uint64(start)
        position += np.uint64(stream) * np.uint64(1 << 40)
        radius = np.sqrt(-2.0 * np.log(_uniform(position)))
        np.multiply(radius, np.cos(2.0 * np.pi * _uniform(position + np.uint64(count))), out=part)
    return out.reshape(rows, columns)


def _uniform(index: WordArray) -> FloatArray:
    """Return a number in (0, 1) for every position."""
    found: FloatArray = ((_hash(index) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return found


def hashed_direction(n: int) -> FloatArray:
    """Return a fixed unit vector without structure: each entry the sum of a linear and a quadratic Weyl sequence.

    Examples
    --------
    >>> v = hashed_direction(5)
    >>> bool(abs(v @ v - 1) < 1e-15)
    True
    """
    k = np.arange(1, n + 1, dtype=np.float64)
    entries = np.modf(k * 0.6180339887498949)[0] - 0.5 + np.modf(k * k * 0.7548776662466927)[0] - 0.5
    return entries / norm(entries)


def hashed_keys(numbers: IntArray) -> WordArray:
    """Return a word for each number that shows no pattern, for an order of rows that come one after the other.

    Examples
    --------
    >>> hashed_keys(np.arange(3)).argsort().tolist() == hashed_order(3).tolist()
    True
    """
    return _hash(numbers.astype(np.uint64))
