"""What the bytes of a graph file can be: text in UTF-8, Latin-1 or Windows-1252, or a kind of file that is no graph."""

from __future__ import annotations

import io
import re
import struct
import zipfile

from derandkit.content import FETCH, POINTER, limit, too_large, western_text
from derandkit.errors import InputError, in_file

_VERTEX = 40  # bytes that a vertex takes while a graph is built
# what a vertex, and a variable, that no line names stand for: bytes and time of all that follows
_SOLVED, _VARIABLE = 400, 4096
# values that a text may stand for: as many in any case, and per byte; an edge with a weight takes some ten bytes
_VALUES, _PER_BYTE = 1 << 20, 8
_FOREIGN = {
    b"\x28\xb5\x2f\xfd": "zstd-compressed",
    b"\x04\x22\x4d\x18": "lz4-compressed",
    b"\x1f\x9d": "compressed by the old program compress (.Z)",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x89HDF": "an HDF5 file",
    b"%PDF-": "a PDF document",
    b"\x80\x04\x95": "a Python pickle, which is never opened",
    b"\x80\x05\x95": "a Python pickle, which is never opened",
    b"<stata_dta>": "a Stata file; read it with pandas and pass the frame",
    b"$FL2": "an SPSS file; read it with pandas and pass the frame",
    b"$FL3": "an SPSS file; read it with pandas and pass the frame",
    bytes(12) + b"\xc2\xea\x81\x60": "a SAS file; read it with pandas and pass the frame",
    b"HEADER RECORD*******": "a SAS file; read it with pandas and pass the frame",
    b"Obj\x01": "an Avro file; read it with fastavro and pass the edges as tuples",
    b"\x89PNG": "a picture, which holds no edges; give the file it was drawn from",
    b"\xff\xd8\xff": "a picture, which holds no edges; give the file it was drawn from",
    b"SIMPLE  =": "a FITS file; read it with astropy and pass the columns",
    b"DIMODBQM": "a model of dimod; pass dimod.BinaryQuadraticModel.from_file(...) of it to derandkit.minimize_qubo",
    b"DIMODDQM": "a model of dimod whose variables have several cases, which is no graph",
    b"DIMODCQM": "a model of dimod with constraints, which is no graph; see derandkit.optimize_with_cardinality",
    POINTER: FETCH,
    b"RDX2\n": "an R workspace; save the edges with write.csv",
    b"RDX3\n": "an R workspace; save the edges with write.csv",
    b"X\n\x00\x00\x00": "an R object; save the edges with write.csv",
    b"SQLite format 3": "an SQLite database; export the edges as CSV",
    b"LEDA.GRAPH": "a LEDA graph; save it as GraphML or an edge list",
    b"array(": "the Python text of an array; save it with numpy.save or numpy.savetxt",
    b"structure(": "the R text of an object; save it with write.csv",
    "\u2559\u2500".encode(): "a drawing of networkx; save it with nx.write_graphml",
    b"\\begin{": "LaTeX; save the edges as CSV",
    b"\\documentclass": "LaTeX; save the edges as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel file; save it as CSV",
    b"MATLAB 7.3 MAT-file": "a MATLAB file; load it with h5py and pass the matrix",
    b"\xff\xfe\x00\x00": "UTF-32 text; save it as UTF-8",
    b"\x00\x00\xfe\xff": "UTF-32 text; save it as UTF-8",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}
# releases 105 to 115, byte order, file type 1, and a byte that is not used; a title, sizes, and the type of a matrix
_STATA = re.compile(rb"[\x69-\x73][\x01\x02]\x01\x00")
_HARWELL_BOEING = re.compile(
    rb"[^\n]{72}[^\n]{0,9}\n(?:[ ]+\d+){4,5}[ ]*\r?\n[RCPI][SUHZR][AE][ ]+\d+", re.IGNORECASE
)


def check_order(n: int, terms: int | None = None, *, weight: int = 1) -> None:
    """Refuse a number of vertices that takes more than the limit.

    Parameters
    ----------
    n : int
        The number.
    terms : int, optional
        Number of edges, where it is known: far more vertices than that, which a few bytes can claim, are held against
        what solving and checking take of memory and time for each.
    weight : int
        Times as much memory as a vertex of ours that the reader takes for one.

    Raises
    ------
    InputError
        Too many.

    Examples
    --------
    >>> check_order(10**6, 1), check_order(10**7, 10**6)
    (None, None)
    >>> check_order(10**7, 1)
    Traceback (most recent call last):
    derandkit.errors.InputError: a graph of 10000000 vertices, of which 1 line names at most 2: correct the number, ...
    """
    _check_size(n, terms, f"a graph of {n} vertices", _SOLVED, weight)


def check_variables(
    n: int, terms: int | None = None, *, path: str | None = None, line: int | None = None
) -> None:
    """Refuse a number of variables that takes more than the limit.

    Parameters
    ----------
    n : int
        The number.
    terms : int, optional
        Number of terms, where it is known, as in `check_order`.
    path, line : optional
        Where the number stands, for the message.

    Raises
    ------
    InputError
        Too many.

    Examples
    --------
    >>> check_variables(10**5, 1)
    >>> check_variables(10**6, 1, path="a.cnf")
    Traceback (most recent call last):
    derandkit.errors.InputError: a.cnf: a problem of 1000000 variables, of which 1 line names at most 2: correct ...
    """
    with in_file(path, line):
        _check_size(n, terms, f"a problem of {n} variables", _VARIABLE)


def check_filled(count: int, what: str) -> None:
    """Refuse a dense matrix of an archive whose entries that are not zero take more than the limit as doubles.

    Some hundred kilobytes hold a matrix of equal small integers, and each of its entries becomes an edge.

    Parameters
    ----------
    count : int
        How many they are.
    what : str
        What the matrix is called in the message.

    Raises
    ------
    InputError
        Too many.

    Examples
    --------
    >>> check_filled(10**6, "the matrix")
    >>> check_filled(10**9, "the matrix")
    Traceback (most recent call last):
    derandkit.errors.InputError: the matrix of 1000000000 entries other than 0, 8 bytes each, takes more than ...
    """
    if 8 * count > limit():
        raise too_large(f"{what} of {count} entries other than 0, 8 bytes each,")


def check_values(count: int, size: int) -> None:
    """Refuse attributes which stand for far more values than the text writes out: by defaults, or by gaps.

    Each attribute is looked at for each edge, so that time and memory would grow with the square of the text.

    Parameters
    ----------
    count : int
        Number of values: attributes times the nodes or edges that have them.
    size : int
        Length of the text in bytes.

    Raises
    ------
    InputError
        Too many.

    Examples
    --------
    >>> check_values(30 * 10**6, 10**7)
    >>> check_values(10**8, 10**6)
    Traceback (most recent call last):
    derandkit.errors.InputError: attributes and their defaults stand for 100000000 values, far more than the text ...
    """
    if count > max(_VALUES, _PER_BYTE * size):
        raise InputError(
            f"attributes and their defaults stand for {count} values, far more than the text writes out; keep no "
            "attribute but the weight"
        )


def _check_size(n: int, terms: int | None, what: str, share: int, weight: int = 1) -> None:
    if n * _VERTEX * weight > limit():
        raise too_large(what)
    if terms is not None and n > 16 * max(terms, 1) and n * share > limit():
        lines = "line names" if terms == 1 else "lines name"
        raise InputError(
            f"{what}, of which {terms} {lines} at most {2 * terms}: correct the number, or set the environment "
            f"variable DERANDKIT_MAX_BYTES to {n * share} or more"
        )


def plain_text(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    r"""Return text as UTF-8, and what has to be said about it.

    Raises
    ------
    InputError
        It is neither UTF-8 nor Latin-1 nor Windows-1252.

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
        try:
            text, encoding = western_text(data)
        except ValueError:
            line = data.count(b"\n", 0, error.start) + 1
            fault = f"not UTF-8 text (byte 0x{data[error.start]:02x}), nor Latin-1; is this a graph file?"
            raise InputError(fault, line=line) from None
        return text.encode("utf-8"), (f"the text is not UTF-8 and was read as {encoding}",)
    return data, ()


def from_utf16(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    r"""Return text in UTF-16 that begins with its mark, as spreadsheets save it, in UTF-8, and a word about it.

    XML names its encoding, and is left as it is.

    Examples
    --------
    >>> from_utf16("a b\n".encode("utf-16"))
    (b'a b\n', ('the text is UTF-16',))
    """
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")) or data.startswith(b"\xff\xfe\0\0"):
        return data, ()
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError:
        return data, ()
    return (data, ()) if text.lstrip().startswith("<") else (text.encode("utf-8"), ("the text is UTF-16",))


def refuse_foreign(data: bytes) -> None:
    """Refuse what begins like a kind of file that is no graph.

    Raises
    ------
    InputError
        It names the kind.
    """
    for magic, what in _FOREIGN.items():
        if data.startswith(magic):
            advice = "" if ";" in what else "; convert it to a plain or gzip-compressed graph file"
            raise InputError(f"the file is {what}{advice}")
    if data.startswith(b"ORC") and b"\0" in data[:1024]:
        raise InputError("the file is an ORC file; read it with pandas and pass the frame")
    if _STATA.match(data):
        raise InputError("the file is a Stata file; read it with pandas and pass the frame")
    if _HARWELL_BOEING.match(data):
        raise InputError("the file is a Harwell-Boeing matrix; save it in the Matrix Market format")
    if data.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in data[:65536]:
        raise InputError("the file is an Excel sheet or another Office document; save the sheet as CSV")
    if data[257:262] == b"ustar":
        member = data[: data.find(b"\0")].decode("utf-8", "replace")[:60]
        raise InputError(
            f"the file is a tar archive, which begins with {member!r}; unpack it and give the graph file"
        )
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _refuse_zip(data)


def _refuse_zip(data: bytes) -> None:
    """Refuse a ZIP archive of anything but arrays of NumPy."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (
        zipfile.BadZipFile,
        ValueError,
        OSError,
        EOFError,
        NotImplementedError,
        LookupError,
        struct.error,
    ):
        return  # the reader of arrays says what is wrong with it
    other = [name for name in names if not name.endswith(".npy")]
    if "mimetype" in names or "content.xml" in names:
        raise InputError("the file is an OpenDocument file; save the sheet as CSV")
    if other or not names:
        what = ", ".join(map(repr, other[:3])) + ", ..." * (len(other) > 3) if other else "nothing"
        raise InputError(f"the file is a ZIP archive with {what}; unpack it and give the graph file")
