"""What the footer of a Parquet file claims of its columns, read without a library.

pyarrow says it too, but ends the process (an exception of C++ that nothing catches) where a damaged footer describes
a chunk of a column in a way that it does not accept. The footer is a structure of Apache Thrift in its compact form:
numbers of 7 bits a byte, and before each field how far its identifier is from the last one, and its type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Part = TypeVar("Part")

#: Types of the compact form; a field that is true or false has no bytes of its own.
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT, _UUID = range(1, 14)
#: Bytes of what always has as many.
_WIDTHS = {_BYTE: 1, _DOUBLE: 8, _UUID: 16}
_NUMBERS = (_I16, _I32, _I64)
#: Fields of the structures of Parquet that are read: row groups of a file, chunks of a group, what is said of a chunk.
_GROUPS, _CHUNKS, _SAID, _VALUES, _UNPACKED = 4, 1, 3, 5, 6
#: How many structures may stand in one another; those of Parquet are about ten deep.
_DEPTH = 32
_LONGEST = 10  # bytes of a number of 64 bits
_LAST = 8  # bytes behind the footer: its length, and how the file ends


class Chunk(NamedTuple):
    """What a footer claims of the part of a column that stands in one group of rows.

    Parameters
    ----------
    values : int
        Entries, those of lists and missing ones included.
    unpacked : int
        Bytes of its pages once they are unpacked.
    """

    values: int
    unpacked: int


def chunks_of(data: bytes) -> list[list[Chunk]]:
    """Return what the footer of a Parquet file claims, for each group of rows a list with one entry a column.

    Parameters
    ----------
    data : bytes
        The file.

    Raises
    ------
    ValueError
        The footer is damaged, or claims a number below zero.

    Notes
    -----
    O(bytes of the footer).

    Examples
    --------
    >>> chunks_of(b"PAR1")
    Traceback (most recent call last):
        ...
    ValueError: the footer is cut short
    """
    end = len(data) - _LAST
    start = end - int.from_bytes(data[max(end, 0) : end + 4], "little")
    if end < 0 or start < 0:
        raise ValueError("the footer is cut short")
    return _listed(_Reader(data[start:end]), _GROUPS, lambda reader: _listed(reader, _CHUNKS, _chunk))


def _listed(reader: _Reader, wanted: int, read: Callable[[_Reader], Part]) -> list[Part]:
    """Return what is read of each structure in the list that a field of a structure holds; skip all other fields."""
    found: list[Part] = []
    for field, kind in reader.fields():
        if (field, kind) == (wanted, _LIST):
            found = [read(reader) for _ in reader.structures()]
        else:
            reader.skip(kind)
    return found


def _chunk(reader: _Reader) -> Chunk:
    said = {}
    for field, kind in reader.fields():
        if (field, kind) == (_SAID, _STRUCT):
            for inner, form in reader.fields():
                if inner in (_VALUES, _UNPACKED) and form == _I64:
                    said[inner] = reader.signed()
                else:
                    reader.skip(form)
        else:
            reader.skip(kind)
    if len(said) < 2 or min(said.values()) < 0:
        raise ValueError("a chunk of a column does not say how large it is")
    return Chunk(said[_VALUES], said[_UNPACKED])


class _Reader:
    """A place in a text of the compact form; what is read moves it on."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self) -> int:
        """Read a whole number without sign, seven bits a byte, the last byte below 128."""
        if self.data[self.at : self.at + 1] < b"\x80":  # most have one byte
            return self.byte()
        found = shift = 0
        for byte in self.data[self.at : self.at + _LONGEST]:
            self.at += 1
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7
        raise ValueError("a number of the footer has no end")

    def signed(self) -> int:
        """Read a whole number with sign: 0, -1, 1, -2, ... in the order of `number`."""
        found = self.number()
        return (found >> 1) ^ -(found & 1)

    def byte(self) -> int:
        """Read one byte."""
        if self.at >= len(self.data):
            raise ValueError("the footer is cut short")
        self.at += 1
        return self.data[self.at - 1]

    def fields(self) -> Iterator[tuple[int, int]]:
        """Give identifier and type of each field of a structure; the caller reads or skips what it holds."""
        field = 0
        while head := self.byte():
            field = field + (head >> 4) if head >> 4 else self.signed()
            yield field, head & 15

    def structures(self) -> range:
        """Read the head of a list of structures, and return how many there are."""
        count, kind = self.many()
        if count and kind != _STRUCT:
            raise ValueError("a list of the footer holds something else than structures")
        return range(count)

    def many(self) -> tuple[int, int]:
        """Read the head of a list: how many entries, and their type."""
        head = self.byte()
        return (self.number() if head >> 4 == 15 else head >> 4), head & 15

    def skip(self, kind: int, depth: int = 0, *, entry: bool = False) -> None:
        """Move on behind a value; true and false have a byte as entries of a list, and none as fields."""
        if depth > _DEPTH or self.at > len(self.data):
            raise ValueError("the footer is damaged")
        if kind in _NUMBERS:
            self.number()
        elif kind == _BINARY:
            length = self.number()  # moves the place itself
            self.at += length
        elif kind == _STRUCT:
            for _, form in self.fields():
                self.skip(form, depth + 1)
        elif kind in (_LIST, _SET):
            count, inner = self.many()
            self._skip_all(count, (inner,), depth)
        elif kind in (_TRUE, _FALSE):
            self.at += entry
        elif kind in _WIDTHS:
            self.at += _WIDTHS[kind]
        elif kind == _MAP:
            count = self.number()
            kinds = self.byte() if count else 0
            self._skip_all(count, (kinds >> 4, kinds & 15), depth)
        else:
            raise ValueError("a field of the footer has no type")

    def _skip_all(self, count: int, kinds: tuple[int, ...], depth: int) -> None:
        if count > len(self.data) - self.at:  # each takes a byte at least
            raise ValueError("a list of the footer is longer than the footer")
        for _ in range(count):
            for kind in kinds:
                self.skip(kind, depth + 1, entry=True)
