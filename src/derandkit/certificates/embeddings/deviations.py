"""Quantiles of many numbers in bounded memory."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray

#: So many numbers are kept as they are: 64 MiB. More are counted in bins.
MOST_EXACT = 1 << 23
#: Bits of single precision that a bin ignores, and how wide it is by that, as a share of the numbers in it.
IGNORED = 8
WIDTH = 2.0 ** (IGNORED - 23)
BINS = 1 << (31 - IGNORED)
#: Numbers that wait for being counted.
AT_A_TIME = 1 << 22


class Deviations:
    """Numbers that are not negative, of which quantiles are asked.

    Examples
    --------
    >>> found = Deviations()
    >>> found.add(np.array([3.0, 1.0, 2.0]))
    >>> found.count, found.quantile(0.5)
    (3, (2.0, 2.0))
    """

    def __init__(self) -> None:
        self.count = self._waiting = 0
        self._kept: list[FloatArray] = []
        self._bins: IntArray | None = None

    def add(self, numbers: FloatArray) -> None:
        """Take more numbers."""
        self.count += numbers.size
        self._waiting += numbers.size
        self._kept.append(numbers)
        if self.count > MOST_EXACT and self._waiting >= AT_A_TIME:
            self._fold()

    def merge(self, other: Deviations) -> None:
        """Take the numbers of another one, which is of no use afterwards."""
        if other._bins is not None:
            self._fold()
            assert self._bins is not None
            self._bins += other._bins
            self.count += other.count - other._waiting
        for numbers in other._kept:
            self.add(numbers)

    def quantile(self, level: float) -> tuple[float, float]:
        """Return an interval that holds the quantile: the least number that so many are not above.

        It is a point for few numbers, else a bin, `WIDTH` of its lower end wide.
        """
        place = math.ceil(level * self.count) - 1
        if self._bins is None:
            everything = np.concatenate(self._kept)
            found = float(np.partition(everything, place)[place])
            return found, found
        self._fold()
        code = int(np.searchsorted(np.cumsum(self._bins), place, side="right"))
        ends = np.array([code << IGNORED, (code + 1) << IGNORED], dtype=np.uint32).view(np.float32)
        low, high = (float(end) for end in ends)
        # numbers were rounded to single precision, and what is beyond it is infinite there
        low = min(low * (1.0 - 2.0**-23), float(np.finfo(np.float32).max))
        return low, high * (1.0 + 2.0**-23) if math.isfinite(high) else math.inf

    def _fold(self) -> None:
        """Count what is kept, and keep it no longer."""
        if self._bins is None:
            self._bins = np.zeros(BINS, dtype=np.int64)
        with np.errstate(over="ignore"):  # beyond single precision is in the last bin
            single = np.concatenate([*self._kept, np.empty(0)]).astype(np.float32)
        self._bins += np.bincount(single.view(np.uint32) >> IGNORED, minlength=BINS)
        self._kept.clear()
        self._waiting = 0
