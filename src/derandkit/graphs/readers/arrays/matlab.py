"""Matrices in MATLAB's files up to version 7, as ``save`` and `scipy.io.savemat` write them.

The bytes are read here, and not by `scipy.io.loadmat`: a damaged file can end that one, and Python with it. Only square
matrices of numbers are read, of whose headers all else is skipped; the format is MATLAB's published one, level 5.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from derandkit.content import allowance, limit, too_large
from derandkit.errors import InputError, first_line
from derandkit.graphs.content import check_order
from derandkit.graphs.directions import relabelled
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.objects.arrays import graph_of_array, graph_of_sparse
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.numerics.typing import IntArray

if TYPE_CHECKING:
    from scipy.sparse import csc_array

#: How such a file begins.
MATLAB = b"MATLAB 5.0 MAT-file"
_MATRIX, _COMPRESSED = 14, 15  # types of elements
_HEAD = 4096  # bytes that hold the header of a variable
_PIECE = 1 << 20  # bytes that are decompressed at a time
_SHOWN = 5  # variables in a message
#: Times that a matrix of doubles may be held while it becomes a graph.
_COPIES = 4
#: Types of stored numbers, and of the numbers that a variable holds; a sparse one holds doubles or truths.
_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_CLASSES = {
    6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8", 5: "f8",
}  # fmt: skip
_SPARSE = 5
_KINDS = {1: "cell array", 2: "struct", 3: "object", 4: "text", _SPARSE: "sparse matrix", 16: "function"}


class _Element(NamedTuple):
    """The type of an element, where its bytes begin and how many there are, and where the next one begins."""

    kind: int
    start: int
    size: int
    stop: int


class _Variable(NamedTuple):
    """What the header of a variable says; `data` is the variable, perhaps compressed, and `order` that of bytes."""

    name: str
    kind: int
    shape: tuple[int, ...]
    is_complex: bool
    is_logical: bool
    data: bytes
    packed: bool
    order: str


def read_mat(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    """Read the one square matrix of numbers among the variables of a file of MATLAB; vertices are 1, 2, ...

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What it is called.
    options : ReadOptions
        ``weight`` and ``symmetrize`` count.

    Raises
    ------
    InputError
        Damaged, too large, without a square matrix or with several, or the matrix is no graph.

    Examples
    --------
    >>> import io
    >>> import scipy.io
    >>> file = io.BytesIO()
    >>> scipy.io.savemat(file, {"A": np.array([[0, 4, 0, 0], [4, 0, 1, 0], [0, 1, 0, 2], [0, 0, 2, 0]]), "n": 4})
    >>> graph = read_mat(file.getvalue(), "-", ReadOptions())
    >>> print(graph.labels, graph.reading)
    range(1, 5) MATLAB adjacency matrix 'A'
    """
    try:
        held = [variable for variable in _variables(data) if variable.name]
        square = [
            one
            for one in held
            if one.kind in _CLASSES and len(one.shape) == 2 and one.shape[0] == one.shape[1] > 1
        ]
        if len(square) != 1:
            raise InputError(_which(square, held))
        A = _matrix(square[0])
    except (struct.error, zlib.error) as error:
        raise _damaged(first_line(error)) from None
    n, key = square[0].shape[0], square[0].name
    is_sparse = not isinstance(A, np.ndarray)
    check_order(n, int(np.count_nonzero(A)) if isinstance(A, np.ndarray) else A.nnz)
    graph = graph_of_sparse(A, options) if is_sparse else graph_of_array(A, options)
    remarks = graph.reading.remarks if graph.reading else ()
    reading = Reading(f"MATLAB {'sparse ' * is_sparse}adjacency matrix {key!r}", remarks=remarks)
    return replace(relabelled(graph, range(1, n + 1), reading), reading=reading)


def _damaged(what: str) -> InputError:
    return InputError(f"cannot be read as a MATLAB file: {what}")


def _which(square: list[_Variable], held: list[_Variable]) -> str:
    """Say which variables there are where not exactly one is a square matrix."""
    if square:
        names = ", ".join(repr(one.name) for one in square[:_SHOWN]) + ", ..." * (len(square) > _SHOWN)
        return (
            f"the MATLAB file holds several square matrices, {names}; save one of them, "
            f"save('g.mat', {square[0].name!r}), or pass scipy.io.loadmat(file)[{square[0].name!r}] in Python"
        )
    shown = [
        f"{one.name!r} ({'x'.join(map(str, one.shape))} {_KINDS.get(one.kind, 'matrix')})"
        for one in held[:_SHOWN]
    ]
    names = ", ".join(shown) + ", ..." * (len(held) > _SHOWN) if held else "nothing"
    return (
        f"the MATLAB file holds {names}, and no square matrix of numbers; save the matrix of the graph, "
        "save('g.mat', 'A'), or pass a part of scipy.io.loadmat(file) in Python"
    )


def _variables(data: bytes) -> Iterator[_Variable]:
    """Headers of the variables of a file."""
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if order is None:
        raise _damaged("its first 128 bytes do not say in which order the bytes of numbers are")
    at = 128
    while at < len(data):
        element = _element(data, at, order, padded=False)
        inside = data[element.start : element.start + element.size]
        packed = element.kind == _COMPRESSED
        if packed:
            head = zlib.decompressobj().decompress(inside, _HEAD)
            whole = _element(head, 0, order, padded=False, cut=True)
            kind, head = whole.kind, head[whole.start :]
        else:
            kind, head = element.kind, inside[:_HEAD]
        if kind != _MATRIX:
            raise _damaged(f"an element of type {kind} stands where a variable should")
        yield _header(head, order)._replace(data=inside, packed=packed)
        at = element.stop


def _element(
    data: bytes | memoryview, at: int, order: str, *, padded: bool = True, cut: bool = False
) -> _Element:
    """Return the element at `at`: a tag of eight bytes and data, or both in eight bytes.

    Parameters
    ----------
    data : bytes or memoryview
        Where it stands.
    at : int
        Its place.
    order : {"<", ">"}
        The order of the bytes of a number.
    padded : bool
        Whether zeros follow up to a multiple of eight bytes, as everywhere but between variables.
    cut : bool
        Whether its end may be missing.
    """
    kind, size = struct.unpack_from(f"{order}II", data, at)
    start = at + 8
    if kind >> 16:  # four bytes at most, behind their type and number
        kind, size, start = kind & 0xFFFF, kind >> 16, at + 4
        stop = at + 8
    else:
        stop = start + (-(-size // 8) * 8 if padded else size)
    if (start == at + 4 and size > 4) or (not cut and start + size > len(data)):
        raise _damaged(f"{size} bytes are announced, and {max(len(data) - start, 0)} are there")
    return _Element(kind, start, size, stop)


def _header(head: bytes, order: str) -> _Variable:
    """Return what the flags, the shape and the name at the beginning of a variable say."""
    flags = _element(head, 0, order)
    (word,) = struct.unpack_from(f"{order}I", head, flags.start)
    kind = word & 0xFF
    if kind > 16:
        return _Variable(
            "", kind, (), False, False, b"", False, order
        )  # of a class of MATLAB, without a shape
    sizes = _element(head, flags.stop, order)
    shape = struct.unpack_from(f"{order}{sizes.size // 4}i", head, sizes.start)
    called = _element(head, sizes.stop, order)
    text = head[called.start : called.start + called.size].decode("latin-1")
    name = "".join(sign if sign.isprintable() else "?" for sign in text)[:64]
    return _Variable(name, kind, shape, bool(word & 0x800), bool(word & 0x200), b"", False, order)


def _matrix(variable: _Variable) -> NDArray[np.generic] | csc_array:
    """Return the numbers of a square matrix."""
    from scipy.sparse import csc_array

    if variable.is_complex:
        raise InputError(f"the matrix {variable.name!r} is complex; weights must be real")
    data, order = memoryview(variable.data), variable.order
    if variable.kind != _SPARSE:
        _check(8 * variable.shape[0] ** 2, variable)
    if variable.packed:
        data = memoryview(_unpacked(variable))
        whole = _element(data, 0, order, padded=False)
        data = data[whole.start : whole.start + whole.size]
    at = 0
    for _ in range(3):  # flags, shape and name
        at = _element(data, at, order).stop
    n = variable.shape[0]
    kind = "u1" if variable.is_logical else _CLASSES[variable.kind]
    if variable.kind != _SPARSE:
        values, _ = _numbers(data, at, order)
        if values.dtype.kind == "f" and kind[0] != "f":
            raise _damaged(f"{variable.name!r} is of whole numbers, and others are stored")
        if values.size != n * n:
            raise _damaged(f"{variable.name!r} has {n} x {n} entries, and {values.size} are stored")
        return values.astype(kind, copy=False).reshape((n, n), order="F")
    rows, at = _numbers(data, at, order)
    ends, at = _numbers(data, at, order)
    values, _ = _numbers(data, at, order)
    whole_numbers = all(part.dtype.kind in "iu" for part in (rows, ends))
    starts: IntArray = ends.astype(np.int64)
    if not whole_numbers or starts.size != n + 1 or starts[0] != 0 or (np.diff(starts) < 0).any():
        raise _damaged(f"the columns of {variable.name!r} do not follow each other")
    count = int(starts[-1])
    places: IntArray = rows[:count].astype(np.int64)
    values = values[:count].astype(kind)
    if not places.size == values.size == count or (count and not 0 <= places.min() <= places.max() < n):
        raise _damaged(f"{variable.name!r} has entries that are missing, or outside of its {n} rows")
    return csc_array((values, places, starts), shape=(n, n))


def _numbers(data: memoryview, at: int, order: str) -> tuple[NDArray[np.generic], int]:
    """Return the numbers of an element, and where the next one begins."""
    element = _element(data, at, order)
    if element.kind not in _STORED:
        raise _damaged(f"an element of type {element.kind} stands where numbers should")
    stored = np.dtype(order + _STORED[element.kind])
    count = element.size // stored.itemsize
    if not count:
        return np.empty(0, dtype=stored.newbyteorder("=")), element.stop
    values = np.frombuffer(data, dtype=stored, count=count, offset=element.start)
    return values.astype(stored.newbyteorder("="), copy=False), element.stop


def _check(size: int, variable: _Variable) -> None:
    """Refuse a variable whose numbers take so many bytes, and the copies of them more than the limit."""
    if _COPIES * size > allowance(len(variable.data)):
        raise too_large(
            f"the variable {variable.name!r} of the MATLAB file with its copies ({_COPIES} x {size} bytes)"
        )


def _unpacked(variable: _Variable) -> bytearray:
    """Return the bytes of a variable that was compressed, within the limit of a file."""
    stream, packed, whole = zlib.decompressobj(), variable.data, bytearray()
    while packed and not stream.eof:
        whole += stream.decompress(packed, _PIECE)
        packed = stream.unconsumed_tail
        if len(whole) > limit():
            raise too_large("a variable of the MATLAB file")
        if variable.kind == _SPARSE:
            _check(len(whole), variable)
    return whole
