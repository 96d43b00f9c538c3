"""Arrays of NumPy in files: what their headers promise is compared with what is there, before memory is taken."""

from __future__ import annotations

import io
import math
import os
import struct
import tokenize
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from derandkit.content import allowance, limit, too_large
from derandkit.errors import InputError, first_line
from derandkit.numerics.sparse import Sparse, checked_sparse, native
from derandkit.tables import repeated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_MOST_MEMBERS = 64
_PIECE = 1 << 22
#: Bytes that reading takes for an entry of a sparse matrix or an edge in columns, measured: 56 to 100.
_ENTRY = 64
#: Parts of a sparse matrix that say where its entries are.
_PLACES = ("shape", "indices", "indptr", "row", "col", "offsets", "coords")
#: What a damaged archive can raise.
BROKEN = (
    ValueError, LookupError, OSError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def check_npy(data: bytes, what: str) -> tuple[int, ...]:
    """Refuse an array whose header promises more or less than is there, or more than the limit; return its shape.

    Parameters
    ----------
    data : bytes
        The npy file.
    what : str
        What it is called in the message.

    Raises
    ------
    InputError
        Damaged, cut short, followed by more, or larger than `derandkit.content.limit`.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> np.save(file, np.array([1, 2]))
    >>> np.save(file, np.array([3, 4]))
    >>> check_npy(file.getvalue(), "the array")
    Traceback (most recent call last):
    derandkit.errors.InputError: behind the array are 144 more bytes, another array: save one array a file, or ...
    """
    try:
        file = io.BytesIO(data)
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shape, _, dtype = read(file)
    except (ValueError, EOFError, SyntaxError, struct.error, RecursionError, MemoryError, TypeError,
            tokenize.TokenError) as error:  # fmt: skip
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{what} is damaged: {reason[:200]}") from None
    if any(side >= 2**63 for side in shape):  # beside one of 0, too
        raise InputError(f"{what} is damaged: its header promises a side of 2^63 or more")
    size = dtype.itemsize * math.prod(shape)
    if size > limit():
        raise too_large(what)
    if not dtype.hasobject and size > len(data) - file.tell():
        raise InputError(
            f"{what} is cut short: its header promises {size} bytes, {len(data) - file.tell()} are there"
        )
    if not dtype.hasobject and size >= 0:  # NumPy refuses negative sides
        end = file.tell() + size
        _refuse_more(what, len(data) - end, data[end : end + 6])
    return tuple(shape)


def _refuse_more(what: str, more: int, begin: bytes) -> None:
    """Refuse what stands behind an array, which `numpy.load` does not read."""
    if more > 0:
        other = ", another array" if begin == b"\x93NUMPY" else ""
        raise InputError(
            f"behind {what} {'is 1 more byte' if more == 1 else f'are {more} more bytes'}{other}: save one array a "
            "file, or several as npz (numpy.savez)"
        )


def load_npy(data: bytes | str) -> NDArray[np.generic]:
    """Return the array of an npy file, which `check_npy` took, or of a path, mapped into memory; no pickles.

    NumPy warns of headers that Python 2 wrote, and reads them; nothing is printed about those.

    Raises
    ------
    ValueError, OSError, EOFError
        As of `numpy.load`; and more stands behind the array of a path.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> np.save(file, np.array([1, 2]))
    >>> load_npy(file.getvalue())
    array([1, 2])
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if isinstance(data, str):
            found: NDArray[np.generic] = np.load(data, mmap_mode="r")
            if isinstance(found, np.memmap):
                end = found.offset + found.nbytes
                with open(data, "rb") as file:
                    file.seek(end)
                    begin = file.read(6)
                _refuse_more("the array", os.path.getsize(data) - end, begin)
        else:
            found = np.load(io.BytesIO(data), allow_pickle=False)
    return found


def archive_members(data: bytes) -> dict[str, bytes]:
    """Return the arrays of an npz file, uncompressed and each checked by `check_npy`.

    Raises
    ------
    InputError
        Too many members, too large, compressed in another way than NumPy does, or a member that is no array; several
        archives, or a member twice.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        refuse_other_archives([member.filename for member in members])
        if len(members) > _MOST_MEMBERS:
            raise InputError(
                f"the archive has {len(members)} members; an array file has at most {_MOST_MEMBERS}"
            )
        _refuse_other_parts(data, archive)
        if sum(member.file_size for member in members) > limit():
            raise too_large("the content of the archive")
        if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
            # zipfile gives other decompressors no limit
            raise InputError(
                "the archive is compressed in a way that NumPy does not write; save it with numpy.savez_compressed"
            )
        arrays = {member.filename: _member(archive, member) for member in members}
    for member, content in arrays.items():
        check_npy(content, f"array {member.removesuffix('.npy')!r}")
    return arrays


def _refuse_other_parts(data: bytes, archive: zipfile.ZipFile) -> None:
    """Refuse an archive with a member twice, or beside something else: only one of the two would be read.

    Raises
    ------
    InputError
        It names the member, or how many bytes there are.
    """
    names = [member.filename for member in archive.infolist()]
    twice = repeated(names)
    if twice is not None:
        raise InputError(
            f"the archive holds {twice[:60]!r} twice; write every array once, under a name of its own"
        )
    before = min((member.header_offset for member in archive.infolist()), default=0)
    behind = len(data) - data.rfind(b"PK\5\6") - 22 - len(archive.comment)
    for count, side in ((before, "before"), (behind, "behind")):
        if count > 0:
            raise InputError(
                f"{bytes_stand(count)} {side} the archive, such as another archive; write one archive a file"
            )


def bytes_stand(count: int) -> str:
    """Return the beginning of a sentence on bytes where none belong.

    Examples
    --------
    >>> bytes_stand(1), bytes_stand(20)
    ('1 byte stands', '20 bytes stand')
    """
    return "1 byte stands" if count == 1 else f"{count} bytes stand"


def check_entries(data: bytes, members: Mapping[str, bytes]) -> None:
    """Refuse an archive whose longest array has far more entries than its bytes can hold.

    Some hundred kilobytes can repeat one entry of a sparse matrix, or one edge, hundreds of millions of times; each
    is written out before equal ones are added.

    Parameters
    ----------
    data : bytes
        The archive.
    members : mapping of str to bytes
        Its arrays, as `archive_members` returns them.

    Raises
    ------
    InputError
        Its entries take more than `derandkit.content.limit` and more than 32 times the bytes of the archive.
    """
    count = max(math.prod(check_npy(content, f"array {name[:60]!r}")) for name, content in members.items())
    if _ENTRY * count > allowance(len(data)):
        raise too_large(
            f"an archive of {len(data)} bytes with {count} entries, {_ENTRY} bytes each once they are read,"
        )


def sparse_matrix(data: bytes, members: Mapping[str, bytes]) -> Sparse:
    """Return the matrix that `scipy.sparse.save_npz` wrote; arguments and errors as those of `check_entries`.

    Raises
    ------
    InputError
        Also where its index arrays point outside (`derandkit.numerics.sparse.checked_sparse`).

    Examples
    --------
    >>> import scipy.sparse
    >>> file = io.BytesIO()
    >>> scipy.sparse.save_npz(file, scipy.sparse.csr_array([[0, 4], [4, 0]]))
    >>> sparse_matrix(file.getvalue(), archive_members(file.getvalue())).nnz
    2
    """
    check_entries(data, members)
    return checked_sparse(loaded_sparse(data, members))


def loaded_sparse(data: bytes, members: Mapping[str, bytes]) -> Sparse:
    """Return the matrix of an archive, whose index arrays may still point outside; arguments as of `check_entries`.

    SciPy cuts places that are no whole numbers, and takes dates and complex numbers for places.

    Raises
    ------
    InputError
        It names a part that is of another type, or says what SciPy does.
    ValueError
        Parts do not fit each other.
    """
    from scipy.sparse import load_npz

    kinds = {member.removesuffix(".npy"): load_npy(content).dtype for member, content in members.items()}
    for name, kind in kinds.items():
        if name in _PLACES and kind.kind not in "iu":
            raise InputError(f"{name} of the sparse matrix has the type {kind}, and places are whole numbers")
    kind = kinds.get("data", np.dtype(float))
    if kind.kind not in "biufc" or kind == np.float16:
        raise InputError(
            f"the entries of the sparse matrix have the type {kind}; save them as numbers of 64 bits"
        )
    try:
        found: Sparse = load_npz(io.BytesIO(data))
    except (TypeError, AttributeError, NotImplementedError, OverflowError) as error:
        raise InputError(f"the parts of the sparse matrix make none: {first_line(error)}") from None
    return native(found)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return a member, in pieces: what it unpacks to may be far more than the archive says, and ends there."""
    with archive.open(member) as file:
        return b"".join(iter(lambda: file.read(_PIECE), b""))


def refuse_other_archives(names: list[str]) -> None:
    """Refuse a zip archive that holds something else than arrays.

    Parameters
    ----------
    names : list of str
        Names of its members.

    Raises
    ------
    InputError
        It says what the archive is.

    Examples
    --------
    >>> refuse_other_archives(["X.npy"])
    >>> refuse_other_archives(["mimetype", "content.xml"])
    Traceback (most recent call last):
    derandkit.errors.InputError: the file is a sheet or text of LibreOffice; save the sheet as CSV
    """
    if any(name.startswith("xl/") for name in names):
        raise InputError("the file is an Excel workbook; save the sheet as CSV")
    if "content.xml" in names:
        raise InputError("the file is a sheet or text of LibreOffice; save the sheet as CSV")
    if any(name.endswith("/data.pkl") for name in names):
        raise InputError(
            "the file was written by torch.save, which is never opened; numpy.save of the arrays that it holds makes "
            "files that are read"
        )
    others = [name for name in names if not name.endswith(".npy")]
    if others:
        raise InputError(
            f"the file is a zip archive that holds {others[0][:60]!r}, no array; unpack it first"
        )
