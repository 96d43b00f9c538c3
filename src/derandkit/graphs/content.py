"""What the bytes of a graph file can be: text in UTF-8 or Latin-1, or a kind of file that is no graph."""

from __future__ import annotations

from derandkit.content import limit, too_large
from derandkit.errors import InputError

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


def check_order(n: int) -> None:
    """Refuse a number of vertices whose arrays alone take more than the limit.

    Raises
    ------
    InputError
        Too many vertices.
    """
    if n * _VERTEX > limit():
        raise too_large(f"a graph of {n} vertices")


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
