"""Arrays of NumPy in files: what their headers promise is compared with what is there, before memory is taken."""

from __future__ import annotations

import io
import struct
import tokenize
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from derandkit.content import limit, too_large
from derandkit.errors import InputError, MissingDependencyError

if TYPE_CHECKING:
    import pyarrow

_MOST_MEMBERS = 64
_PARQUET = b"PAR1"
#: How files of Parquet, Feather and Arrow begin.
ARROW = (_PARQUET, b"ARROW1", b"FEA1")
#: What a damaged archive can raise.
BROKEN = (
    ValueError, LookupError, OSError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def check_npy(data: bytes, what: str) -> None:
    """Refuse an array whose header promises more than is there or than the limit.

    Parameters
    ----------
    data : bytes
        The npy file.
    what : str
        What it is called in the message.

    Raises
    ------
    InputError
        Damaged, cut short, or larger than `derandkit.content.limit`.
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
    size = dtype.itemsize
    for part in shape:
        size *= part
    if size > limit():
        raise too_large(what)
    if not dtype.hasobject and size > len(data) - file.tell():
        raise InputError(
            f"{what} is cut short: its header promises {size} bytes, {len(data) - file.tell()} are there"
        )


def archive_members(data: bytes) -> dict[str, bytes]:
    """Return the arrays of an npz file, uncompressed and each checked by `check_npy`.

    Raises
    ------
    InputError
        Too many members, too large, or a member that is no array.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        refuse_other_archives([member.filename for member in members])
        if len(members) > _MOST_MEMBERS:
            raise InputError(
                f"the archive has {len(members)} members; an array file has at most {_MOST_MEMBERS}"
            )
        if sum(member.file_size for member in members) > limit():
            raise too_large("the content of the archive")
        arrays = {member.filename: archive.read(member) for member in members}
    for member, content in arrays.items():
        check_npy(content, f"array {member.removesuffix('.npy')!r}")
    return arrays


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
        raise InputError("the file was written by torch.save, which is never opened; save it with numpy.save")
    others = [name for name in names if not name.endswith(".npy")]
    if others:
        raise InputError(
            f"the file is a zip archive that holds {others[0][:60]!r}, no array; unpack it first"
        )


def arrow_table(data: bytes, name: str) -> tuple[pyarrow.Table, str]:
    """Return the table of a Parquet, Feather or Arrow file, and ``"parquet"`` or ``"Feather"``.

    Raises
    ------
    InputError
        It is damaged, larger than `derandkit.content.limit`, or has several columns of one name.
    MissingDependencyError
        pyarrow is not installed.
    """
    kind = "parquet" if data.startswith(_PARQUET) else "Feather"
    try:
        from pyarrow import ArrowException, BufferReader, feather, parquet
    except ImportError:
        raise MissingDependencyError("pyarrow", "parquet") from None
    try:
        if kind == "parquet":
            said = parquet.read_metadata(BufferReader(data))
            if said.num_rows * max(said.num_columns, 1) > limit():
                raise too_large("the table")
        return (parquet if kind == "parquet" else feather).read_table(BufferReader(data)), kind
    except (ArrowException, OSError) as error:
        if "uplicate" in str(error) or "Multiple matches" in str(error):
            raise InputError("has several columns of one name; rename them", path=name) from None
        raise InputError(f"is a damaged {kind} file", path=name) from None
