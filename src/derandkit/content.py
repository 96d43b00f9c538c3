"""The bytes of a file or stream: read and uncompressed, never beyond a limit.

A few kilobytes of compressed data can stand for terabytes. Nothing here takes memory for more than the limit, which
the environment variable ``DERANDKIT_MAX_BYTES`` raises.
"""

from __future__ import annotations

import bz2
import contextlib
import io
import itertools
import lzma
import os
import re
import select
import sys
import zlib
from typing import IO, TYPE_CHECKING, Protocol, TypeVar

from derandkit.errors import InputError, first_line, in_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
#: An XML declaration, and the encoding in it, which says nothing of a text that is decoded already.
_DECLARATION = re.compile(r"\A\ufeff?<\?xml\s[^<>]{0,500}>")
_ENCODING = re.compile(r"""\sencoding\s*=\s*(?:"[^"]*"|'[^']*')""")
#: Bytes that a file may have after decompression.
LIMIT = 2 << 30
#: Bytes of an entry of an iterator.
_ENTRY = 64
#: Bytes that the content may take for each byte of a file.
_HONEST = 32
_PIECE = 1 << 22
#: Bytes of compressed input that a decompressor gets at once.
_PART = 1 << 14
#: How a pointer of Git LFS begins, and what to do about one.
POINTER, FETCH = b"version https://git-lfs", "a pointer of Git LFS; say git lfs pull for the file itself"
#: Members may be padded with zeros, as blocks of tapes were.
_ZEROS = bytes(1 << 12)
#: Extensions of names of compressed files.
COMPRESSED = (".gz", ".bz2", ".xz")


class _Decompressor(Protocol):
    """What the decompressors of zlib, bz2 and lzma share."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


#: A carriage return between two words of a line.
_LONE_RETURN = re.compile(r"\S[ \t]*\r(?![\r\n])[ \t]*\S")


def extension(path: str) -> str:
    """Extension of a name without that of a compression, in small letters.

    Examples
    --------
    >>> extension("data/G14.MC.gz")
    '.mc'
    """
    base, last = os.path.splitext(os.path.basename(path))
    return os.path.splitext(base)[1].lower() if last.lower() in COMPRESSED else last.lower()


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
    if not text.isascii() or not text.isdigit() or len(text) > 30:
        raise InputError(f"DERANDKIT_MAX_BYTES is {text[:60]!r}; give a number of bytes, such as {LIMIT}")
    return int(text)


def allowance(size: int) -> int:
    """Bytes that the content of an honest file of so many bytes may take once it is worked on.

    Indices of rows compress to two bytes an entry and more, repeated entries to a thousandth of one.

    Examples
    --------
    >>> allowance(10**6) == limit(), allowance(limit()) // limit()
    (True, 32)
    """
    return max(limit(), _HONEST * size)


def _dictionary() -> int:
    """Bytes that an xz decoder may take before its first byte: ``xz -9`` needs 65 MiB, and a file may claim 4 GiB."""
    return min(max(1 << 27, limit() // 16), 2**63 - 1)  # what the decoder takes


def text_lines(text: str) -> list[str]:
    r"""Return the lines of a text, which end as in files: `str.splitlines` also ends them at signs such as a form feed.

    Examples
    --------
    >>> text_lines("# a\x0cb\r\n1 2\n"), text_lines("")
    (['# a\x0cb', '1 2'], [])
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def refuse_lone_returns(text: str) -> None:
    r"""Refuse a carriage return inside a line of a text whose lines end in line feeds: the end of a line, or a blank.

    Raises
    ------
    InputError
        It names the line.

    Examples
    --------
    >>> refuse_lone_returns("1 2\r3 4\r"), refuse_lone_returns("1 2\r\r\n3 4\n")
    (None, None)
    >>> refuse_lone_returns("1 2\n3 4\r5 6\n")
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:2: a carriage return stands inside the line: its end, or a blank? Write all ...
    """
    mixed = "\n" in text and text.count("\r") > text.count("\r\n")
    found = _LONE_RETURN.search(text) if mixed else None
    if found is not None:
        raise InputError(
            "a carriage return stands inside the line: its end, or a blank? Write all ends of lines alike",
            line=text.count("\n", 0, found.start()) + 1,
        )


def too_large(what: str, most: int | None = None) -> InputError:
    """Return the error that names the limit, of bytes or of what stands in for it, and how to raise it."""
    return InputError(
        f"{what} takes more than {limit() if most is None else most} bytes; if you trust the file, set the environment "
        "variable DERANDKIT_MAX_BYTES to a larger number"
    )


def read_bytes(source: str | os.PathLike[str] | IO[str] | IO[bytes]) -> tuple[bytes, str]:
    """Return the content of a file or stream as it is, and the name of the source.

    Raises
    ------
    InputError
        It cannot be read, or is larger than the limit.
    """
    if not isinstance(source, (str, os.PathLike)):
        if not hasattr(source, "read"):
            raise InputError(
                f"the source is the name of a file or something with a method read, got a {type(source).__name__}"
            )
        name = getattr(source, "name", None)
        name = name if isinstance(name, str) else "<stream>"
        try:
            text = source.read()
        except Exception as error:  # of a stream that is closed, or of an object of the caller
            raise InputError(f"cannot be read: {first_line(error)}", path=name) from error
        if not isinstance(text, (str, bytes, bytearray, memoryview)):
            raise InputError(f"its method read gives a {type(text).__name__}, not text or bytes", path=name)
        if isinstance(text, str):
            head = _DECLARATION.match(text)
            if head is not None:
                text = _ENCODING.sub("", head[0], count=1) + text[head.end() :]
            return text.encode("utf-8", "surrogatepass"), name
        return bytes(text), name
    name = os.fsdecode(source)
    if name == "-" and not hasattr(sys.stdin, "buffer"):  # a program has put another stream there, or none
        if sys.stdin is None:
            raise InputError("there is no standard input to read", path="-")
        with in_file("-"):
            return read_bytes(sys.stdin)[0], name
    try:
        if name == "-":
            data = _up_to(limit(), sys.stdin.buffer)
        else:
            with open(name, "rb") as file:
                data = _up_to(limit(), file) if _may_be_large(file.fileno()) else file.read()
    except FileNotFoundError:
        _refuse_text(source)
        raise InputError("no such file", path=name if len(name) <= 300 else name[:297] + "...") from None
    except IsADirectoryError:
        raise InputError("is a directory; give a file", path=name) from None
    except PermissionError:
        raise InputError("no permission to read the file", path=name) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        _refuse_text(source)
        short = name if len(name) <= 300 else name[:297] + "..."
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path=short) from None
    if len(data) > limit():
        raise InputError(too_large("the file").message, path=name)
    return data, name


def entries_of(obj: Iterable[T], what: str) -> list[T] | tuple[T, ...]:
    """Return the entries of something that can be iterated; lists and tuples as they are.

    An iterator may be endless, and an object of the caller may raise anything.

    Parameters
    ----------
    obj : iterable
        The object.
    what : str
        What it holds, for messages.

    Raises
    ------
    InputError
        It raised an error, which is the cause of this one, or has more entries than fit into `limit`, 64 bytes each.

    Examples
    --------
    >>> entries_of({"a": 1}.keys(), "the vertices")
    ['a']
    >>> entries_of(open, "the edges")
    Traceback (most recent call last):
    derandkit.errors.InputError: the edges cannot be listed: 'builtin_function_or_method' object is not iterable
    """
    if isinstance(obj, (list, tuple)):
        return obj
    most = limit() // _ENTRY
    try:
        found = list(itertools.islice(obj, most + 1))
    except Exception as error:
        raise InputError(f"{what} cannot be listed: {first_line(error)}") from error
    if len(found) > most:
        raise too_large(f"a list of more than {most} entries, {_ENTRY} bytes each,")
    return found


def _refuse_text(source: object) -> None:
    """Refuse a text in place of the name of a file."""
    if isinstance(source, str) and "\n" in source.strip():
        raise InputError(
            f"a string is the name of a file, but this one has several lines, {source.strip().splitlines()[0][:60]!r} "
            "and more; write them to a file"
        ) from None


def read_text(path: str | os.PathLike[str], what: str, most: int | None = None) -> str:
    """Return the text of a file in UTF-8; a device or a pipe without end is read up to the limit and refused.

    Parameters
    ----------
    path : str or PathLike
        The file.
    what : str
        What it should be, with its article: for messages.
    most : int, optional
        Bytes that it may have; `limit` by default.

    Raises
    ------
    InputError
        It is larger, cannot be read, or is no text in UTF-8.
    """
    name = os.fsdecode(path)
    if name == "-":
        raise InputError(f"standard input is not read as {what}; give a file")
    try:
        return _text(path, most)
    except FileNotFoundError:
        raise InputError("no such file", path=name) from None
    except IsADirectoryError:
        raise InputError(f"is a directory, not {what}", path=name) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path=name) from None
    except UnicodeDecodeError:
        raise InputError(f"is not UTF-8 text, so it is not {what}", path=name) from None


def _text(path: str | os.PathLike[str], most: int | None) -> str:
    allowed = limit() if most is None else most
    with open(path, "rb") as file:
        data = _up_to(allowed, file)
    if len(data) > allowed:
        reason = too_large("the file").message if most is None else f"has more than {most} bytes"
        raise InputError(reason, path=os.fsdecode(path))
    return data.decode("utf-8")


def _up_to(most: int, file: IO[bytes]) -> bytes:
    """Return all bytes of a buffered file, or more than `most` of them: no more is read than shows that.

    In pieces: one buffer of the size of the limit would be as large as the user has set it.

    Examples
    --------
    >>> _up_to(10**30, io.BytesIO(b"1 2")), len(_up_to(3, io.BytesIO(bytes(100)))) > 3
    (b'1 2', True)
    """
    found, blocks = io.BytesIO(), True
    with contextlib.suppress(
        AttributeError, OSError
    ):  # no file of the system, or of a system without such pipes
        blocks = os.get_blocking(file.fileno())
    while found.tell() <= most:
        read: bytes | None = file.read(_PIECE)
        found.write(read or b"")
        if read == b"" or (blocks and len(read or b"") < _PIECE):
            break  # its end; of a terminal another look would wait for another end
        if not blocks:  # another program has made it so: a read gives what is there at the moment
            select.select([file], [], [])
    return found.getvalue()


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
        return _expand(data, lambda: lzma.LZMADecompressor(memlimit=_dictionary()), "xz"), "xz"
    return data, ""


def _expand(data: bytes, make: Callable[[], _Decompressor], kind: str) -> bytes:
    """Uncompress one or several members, never beyond the limit.

    A decompressor gets a part of the input at a time and gives back what follows its member, so that the work grows
    with the input, however many members it has.
    """
    pieces: list[bytes] = []
    total, most, at = 0, limit(), 0
    damaged = f"the {kind} data is damaged or cut short"
    while at < len(data):
        machine = make()
        rest = b""
        try:
            while not machine.eof:
                taken = b"" if rest or not getattr(machine, "needs_input", True) else data[at : at + _PART]
                at += len(taken)
                piece = machine.decompress(rest or taken, _PIECE)
                rest = getattr(machine, "unconsumed_tail", b"")  # zlib gives back what it did not take
                pieces.append(piece)
                total += len(piece)
                if total > most:
                    raise too_large(f"the {kind} content")
                if not (piece or rest or taken or machine.eof):
                    raise InputError(f"{damaged} (it ends too early); fetch it again")
        except (EOFError, zlib.error, lzma.LZMAError, OSError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            if "emory usage limit" in str(error):
                raise too_large(f"the dictionary of the {kind} data", _dictionary()) from None
            raise InputError(f"{damaged} ({error}); fetch it again") from None
        at -= len(machine.unused_data)
        while data.startswith(_ZEROS, at):
            at += len(_ZEROS)
        while data.startswith(b"\0", at):
            at += 1
    return b"".join(pieces)


def read_content(source: str | os.PathLike[str] | IO[str] | IO[bytes]) -> tuple[bytes, str]:
    """Return what a file or stream holds, uncompressed, and the name of the source.

    Parameters
    ----------
    source : str, PathLike or stream
        The file, ``"-"`` for standard input; gzip, bzip2 and xz are recognised by content.

    Raises
    ------
    InputError
        It cannot be read, is damaged or cut short, is larger than the limit, or is a pointer of Git LFS, which stands
        in place of a file until it is fetched.
    """
    data, name = read_bytes(source)
    with in_file(name):
        found, _ = unpacked(data)
    if found.startswith(POINTER):
        raise InputError(f"is {FETCH}", path=name)
    return found, name


def western_text(data: bytes) -> tuple[str, str]:
    r"""Return text that is not UTF-8 as text of Latin-1 or of Windows-1252, and the name of the encoding.

    Windows writes curly quotation marks, dashes and the euro sign as bytes that are control characters in Latin-1.

    Raises
    ------
    ValueError
        It is neither: control characters, bytes without a meaning, or two such signs in a row, as in other encodings.

    Examples
    --------
    >>> western_text(b"caf\xe9"), western_text(b"O\x92Neil")
    (('café', 'Latin-1'), ('O’Neil', 'Windows-1252'))
    """
    found = set(data)
    if any(byte < 9 or byte == 0x7F for byte in found):
        raise ValueError("control characters")
    if not any(0x80 <= byte < 0xA0 for byte in found):
        return data.decode("latin-1"), "Latin-1"
    if re.search(rb"[\x80-\x9f]{2}|[\x0e-\x1f]", data):
        raise ValueError("control characters, or two signs of Windows-1252 in a row")
    return data.decode("cp1252"), "Windows-1252"


def utf8_text(data: bytes, name: str) -> str:
    """Return the text of a file in UTF-8, without a byte order mark.

    Raises
    ------
    InputError
        It is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text (byte {error.start})", path=name) from None
