"""Rows that are read in several passes: the same rows each time, or the passes do not fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from derandkit.errors import InputError
from derandkit.points.rows import blocks_of, held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derandkit.numerics.typing import FloatArray

_SAME = "give a function that returns the same tables, from their first row on, each time it is called"


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
            The rows are not those of the first pass: it names how many there were in each, or that their numbers or
            their order differ, by a check sum of all bytes.
        """
        self._count += 1
        which = f"the {('first', 'second', 'third')[min(self._count, 3) - 1]} pass"
        rows, width, total = 0, 0, 0
        for block in blocks_of(self._source, self._columns):
            rows, width, total = rows + len(block), block.shape[1], crc32(block.data, total)
            if self._first is not None and width != self._first[1]:
                raise InputError(
                    f"{which} gave rows of {width} numbers, the first one of {self._first[1]}; {_SAME}"
                )
            yield block
        found = rows, width, total
        self._first = self._first or found
        if rows == self._first[0] and found != self._first:
            raise InputError(f"{which} gave other numbers or another order than the first one; {_SAME}")
        if rows != self._first[0]:
            once = "" if rows else ": an iterator gives its rows once"
            count = f"{rows or 'no'} rows"
            raise InputError(f"{which} gave {count}, the first one {self._first[0]}{once}; {_SAME}")
