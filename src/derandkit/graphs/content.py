"""The bytes of a file: opened, uncompressed within limits, and as UTF-8.

A few kilobytes of compressed data can stand for terabytes. Nothing here takes memory for more than the limit, which
the environment variable ``DERANDKIT_MAX_BYTES`` raises.
"""

from __future__ import annotations

import bz2
import lzma
import os
import sys
import zlib
from typing import IO, Any

from derandkit.errors import InputError

#: Bytes that a file may have after decompression.
LIMIT = 2 << 30
_PIECE = 1 << 22
_VERTEX = 40  # bytes that a vertex takes while a graph is built
_FOREIGN = {
    b"\x28\xb5\x2f\xfd": "zstd-compressed",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x89HDF": "an HDF5 file",
    b"%PDF-": "a PDF document",
    b"PAR1": "a Parquet file; read it with pandas and pass the frame",
    b"ARROW1": "an Arrow file; read it with pandas and pass the frame",
    b"\x80\x04\x95": "a Python pickle, which is never opened",
    b"\xd0\xcf\x11\xe0": "an old Excel file; save it as CSV",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}


def limit() -> int:
    """Bytes that a file may have after decompression.

    Raises
    ------
    InputError
        ``DERANDKIT_MAX_BYTES`` is not a number of bytes.
    """
    text = os.environ.get("DERANDKIT_MAX_BYTES")
    if text is None:
        return LIMIT
    if not text.isascii() or not text.isdigit():
        raise InputError(f"DERANDKIT_MAX_BYTES is {text!r}; give a number of bytes, such as {LIMIT}")
    return int(text)


def too_large(what: str) -> InputError:
    """Return the error that names the limit and how to raise it."""
    return InputError(
        f"{what} takes more than {limit()} bytes; if you trust the file, set the environment variable "
        "DERANDKIT_MAX_BYTES to a larger number"
    )


def check_order(n: int) -> None:
    """Refuse a number of vertices whose arrays alone take more than the limit.

    Raises
    ------
    InputError
        Too many vertices.
    """
    if n * _VERTEX > limit():
        raise too_large(f"a graph of {n} vertices")


def read_bytes(source: str | os.PathLike[str] | IO[Any]) -> tuple[bytes, str]:
    """Return the content of a file or stream as it is, and the name of the source.

    Raises
    ------
    InputError
        It cannot be read, or is larger than the limit.
    """
    if not isinstance(source, (str, os.PathLike)):
        name = getattr(source, "name", None)
        name = name if isinstance(name, str) else "<stream>"
        try:
            text = source.read()
        except (OSError, ValueError, UnicodeDecodeError) as error:
            raise InputError(f"cannot be read: {error}", path=name) from None
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else bytes(text)
        return data, name
    name = os.fsdecode(source)
    try:
        if name == "-":
            data = sys.stdin.buffer.read(limit() + 1)
        else:
            with open(name, "rb") as file:
                data = file.read(limit() + 1) if _may_be_large(file.fileno()) else file.read()
    except FileNotFoundError:
        raise InputError("no such file", path=name if len(name) <= 300 else name[:297] + "...") from None
    except IsADirectoryError:
        raise InputError("is a directory; give a file", path=name) from None
    except PermissionError:
        raise InputError("no permission to read the file", path=name) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        short = name if len(name) <= 300 else name[:297] + "..."
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path=short) from None
    if len(data) > limit():
        raise InputError(too_large("the file").message, path=name)
    return data, name


def _may_be_large(descriptor: int) -> bool:
    """Whether a file's size is unknown (a pipe, a device) or above the limit."""
    import stat

    status = os.fstat(descriptor)
    return not stat.S_ISREG(status.st_mode) or status.st_size > limit()


def unpacked(data: bytes) -> tuple[bytes, str]:
    """Uncompress gzip, bzip2 and xz data; return the content and the name of the compression.

    Raises
    ------
    InputError
        Damaged or cut short, or larger than the limit.

    Examples
    --------
    >>> import gzip
    >>> unpacked(gzip.compress(b"1 2"))
    (b'1 2', 'gzip')
    """
    if data.startswith(b"\x1f\x8b"):
        return _expand(data, lambda: zlib.decompressobj(31), "gzip"), "gzip"
    if data.startswith(b"BZh") and data[4:10] == b"1AY&SY":
        return _expand(data, bz2.BZ2Decompressor, "bzip2"), "bzip2"
    if data.startswith(b"\xfd7zXZ\x00"):
        return _expand(data, lzma.LZMADecompressor, "xz"), "xz"
    return data, ""


def _expand(data: bytes, make: Any, kind: str) -> bytes:
    """Uncompress one or several members, never beyond the limit."""
    pieces: list[bytes] = []
    total, most = 0, limit()
    damaged = f"the {kind} data is damaged or cut short"
    while data:
        machine = make()
        try:
            piece, rest = _more(machine, data)
            while True:
                pieces.append(piece)
                total += len(piece)
                if total > most:
                    raise too_large(f"the {kind} content")
                if machine.eof:
                    break
                if not piece and not rest:
                    raise InputError(f"{damaged} (it ends too early); fetch it again")
                piece, rest = _more(machine, rest)
        except (EOFError, zlib.error, lzma.LZMAError, OSError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{damaged} ({error}); fetch it again") from None
        data = machine.unused_data.lstrip(b"\0")
    return b"".join(pieces)


def _more(machine: Any, data: bytes) -> tuple[bytes, bytes]:
    """Next piece of output, at most `_PIECE` bytes, and the input that is still to be taken."""
    piece: bytes = machine.decompress(data, _PIECE)
    if hasattr(machine, "unconsumed_tail"):  # zlib gives back what it did not take; bz2 and lzma keep it
        return piece, machine.unconsumed_tail
    return piece, b""


def plain_text(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    r"""Return text as UTF-8, and what has to be said about it.

    Raises
    ------
    InputError
        It is neither UTF-8 nor Latin-1.

    Examples
    --------
    >>> plain_text(b"caf\xe9 a")
    (b'caf\xc3\xa9 a', ('the text is not UTF-8 and was read as Latin-1',))
    """
    if data.isascii():
        return data, ()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if any(0x7F <= byte < 0xA0 for byte in set(data)):
            line = data.count(b"\n", 0, error.start) + 1
            text = f"not UTF-8 text (byte 0x{data[error.start]:02x}), nor Latin-1; is this a graph file?"
            raise InputError(text, line=line) from None
        return data.decode("latin-1").encode("utf-8"), ("the text is not UTF-8 and was read as Latin-1",)
    return data, ()


def refuse_foreign(data: bytes) -> None:
    """Refuse what begins like a kind of file that is no graph.

    Raises
    ------
    InputError
        It names the kind.
    """
    for magic, what in _FOREIGN.items():
        if data.startswith(magic):
            raise InputError(f"the file is {what}; convert it to a plain or gzip-compressed graph file")
