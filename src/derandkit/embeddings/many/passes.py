"""Rows that are read in several passes: the same rows each time, in any order, or the passes do not fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.points.rows import blocks_of, held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray

_SAME = "give a function that returns the same tables, from their first row on, each time it is called"
#: Odd factors of the check sum of rows.
_FACTOR, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9


def row_sum(block: FloatArray, factors: NDArray[np.uint64]) -> int:
    """Return a check sum of rows, modulo 2^64, that does not depend on their order: the sum of a hash of each.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> factors = row_factors(2)
    >>> row_sum(rows, factors) == row_sum(rows[::-1], factors), row_sum(rows, factors) == row_sum(rows + 1, factors)
    (True, False)
    >>> parts = row_sum(rows[:1], factors) + row_sum(rows[1:], factors)
    >>> parts % 2**64 == row_sum(rows, factors)
    True
    """
    bits = np.ascontiguousarray(block).view(np.uint64)
    # numbers of few digits differ in high bits alone, of which products keep few
    hashes = np.einsum("ij,j->i", bits ^ (bits >> np.uint64(32)), factors)
    # entries that two rows exchange change the sum
    hashes = (hashes ^ (hashes >> np.uint64(32))) * np.uint64(_SECOND)
    return int(np.sum(hashes ^ (hashes >> np.uint64(29)), dtype=np.uint64))


def row_factors(width: int) -> NDArray[np.uint64]:
    """Return an odd factor for each column of `row_sum`."""
    z = np.arange(1, width + 1, dtype=np.uint64) * np.uint64(_FACTOR)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(_SECOND)
    return (z ^ (z >> np.uint64(27))) | np.uint64(1)


class Passes:
    """Rows of a source that is read several times; a pass that differs from the first one is refused at its end.

    Parameters
    ----------
    source : object
        As for `derandkit.points.rows.blocks_of`.
    columns : sequence of str or None
        Names of the columns.

    Examples
    --------
    >>> rows = Passes([[1.0, 2.0], [3.0, 4.0]], None)
    >>> [len(block) for block in rows.blocks()], [len(block) for block in rows.blocks()]
    ([2], [2])
    >>> once = iter([[[1.0, 2.0], [3.0, 4.0]]])
    >>> rows = Passes(lambda: once, None)
    >>> [len(block) for block in rows.blocks()]
    [2]
    >>> list(rows.blocks())
    Traceback (most recent call last):
    derandkit.errors.InputError: the second pass gave no rows, the first one 2: an iterator gives its rows once; ...
    """

    def __init__(self, source: object, columns: Sequence[str] | None) -> None:
        self._source, self._columns = held(source, columns), columns
        self._first: tuple[int, int, int] | None = None
        self._count = 0

    def blocks(self) -> Iterator[FloatArray]:
        """Give the rows in blocks, see `derandkit.points.rows.blocks_of`.

        Raises
        ------
        InputError
            The rows are not those of the first pass: it names how many there were in each, or that they are other
            ones, by a check sum of all bytes. Their order may be another one.
        """
        self._count += 1
        which = f"the {('first', 'second', 'third')[min(self._count, 3) - 1]} pass"
        rows, width, total = 0, 0, 0
        factors = row_factors(0)
        for block in blocks_of(self._source, self._columns):
            factors = factors if factors.size else row_factors(block.shape[1])
            rows, width = rows + len(block), block.shape[1]
            total = (total + row_sum(block, factors)) % 2**64
            if self._first is not None and width != self._first[1]:
                raise InputError(
                    f"{which} gave rows of {width} numbers, the first one of {self._first[1]}; {_SAME}"
                )
            yield block
        found = rows, width, total
        self._first = self._first or found
        if rows == self._first[0] and found != self._first:
            raise InputError(f"{which} gave other rows than the first one; {_SAME}")
        if rows != self._first[0]:
            once = "" if rows else ": an iterator gives its rows once"
            count = f"{rows or 'no'} rows"
            raise InputError(f"{which} gave {count}, the first one {self._first[0]}{once}; {_SAME}")
