"""Tables in Parquet, Feather and Arrow files: what they unpack to is counted before memory is taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from derandkit.arrays.archives import bytes_stand
from derandkit.arrays.footers import chunks_of
from derandkit.content import allowance, limit, too_large
from derandkit.errors import InputError, MissingDependencyError

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

_PARQUET = b"PAR1"
_FOOTED = b"ARROW1"  # also the end of such a file, behind its footer and the length of that
_DICTIONARY, _ROWS = 2, 3  # kinds of messages of Arrow
STREAM = b"\xff\xff\xff\xff"  # before each message of a stream
_FIRST = b"FEA1"  # how files of the first version of Feather begin
#: How files of Parquet, Feather and Arrow begin.
ARROW = (_PARQUET, _FOOTED, _FIRST)
#: The end of one file and the beginning of the next, of which the last alone would be read, at the places of the first.
_TWO_FILES = re.compile(rb"PAR1PAR1|ARROW1ARROW1\0\0")


def arrow_table(
    data: bytes, name: str, copies: int = 1, *, shared: bool = False
) -> tuple[pyarrow.Table, str]:
    """Return the table of a Parquet, Feather or Arrow file, or of a stream of Arrow, and what it is.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What it is called.
    copies : int
        How often the caller holds what the table unpacks to: all copies count, where they take more than 32 times the
        bytes of the file.
    shared : bool
        Whether columns of text in Parquet become dictionaries, which hold each text once.

    Raises
    ------
    InputError
        It is damaged, of version 1 of Feather, larger than `derandkit.content.limit`, has several columns of one name,
        or one whose size is not counted (runs and views of lists).
    MissingDependencyError
        pyarrow is not installed.
    """
    # pyarrow ends the process at damaged ones, and cannot count what they unpack to
    if data.startswith(_FIRST):
        raise InputError(
            "is a Feather file of version 1, which is not read; write the table as Parquet, or as version 2 of Feather",
            path=name,
        )
    if _TWO_FILES.search(data):
        raise InputError("holds several tables, one behind the other; write one table a file", path=name)
    kind = "parquet" if data.startswith(_PARQUET) else "Arrow" if data.startswith(STREAM) else "Feather"
    try:
        from pyarrow import ArrowException, BufferReader, feather, ipc, parquet
    except ImportError:
        raise MissingDependencyError("pyarrow", "parquet") from None
    try:
        if kind == "parquet":
            texts = _check_parquet(data, copies, shared)
            table = parquet.ParquetFile(
                BufferReader(data), read_dictionary=texts
            ).read()  # also columns of one name
            table.validate(full=True)  # texts, which need not be UTF-8
            return table, kind
        if kind == "Arrow":
            _check_stream(data, copies)
            stream = ipc.open_stream(BufferReader(data))
            _check_types(stream.schema)
            table = stream.read_all()
        else:
            _check_batches(data, copies)
            _check_types(ipc.open_file(BufferReader(data)).schema)
            table = feather.read_table(BufferReader(data))
        table.validate()
        _check_size(_texts(table) + 8 * table.num_rows * table.num_columns, data, copies)
        table.validate(full=True)  # places of texts, which may lie outside
        return table, kind
    except InputError:
        raise
    except (ArrowException, OSError, LookupError, ValueError) as error:
        if "uplicate" in str(error) or "Multiple matches" in str(error):
            raise InputError("has several columns of one name; rename them", path=name) from None
        raise InputError(f"is a damaged {kind} file", path=name) from None


def saved_index(schema: pyarrow.Schema) -> list[str]:
    """Return the names of the columns that pandas saved as an index.

    There are none where its metadata, JSON that anybody may write, cannot be read.
    """
    try:
        stored = (schema.pandas_metadata or {}).get("index_columns", ())
        return [name for name in stored if isinstance(name, str)]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return []


def _check_size(size: int, data: bytes, copies: int = 1) -> None:
    """Refuse a table of so many bytes: more than the limit, or with its copies both that and 32 times the file."""
    if size > limit() or copies * size > allowance(len(data)):
        raise too_large(
            "the table" if size > limit() else f"the table with its copies ({copies} x {size} bytes)"
        )


def _check_types(schema: pyarrow.Schema) -> None:
    """Refuse columns of runs and views of lists, also within others: a few bytes of them stand for any number."""
    from pyarrow import types

    for field in schema:
        nested = [field.type]
        while nested:
            kind = nested.pop()
            coded = types.is_dictionary(kind)
            if types.is_run_end_encoded(kind) or "list_view" in str(kind)[:20] or (
                coded and types.is_nested(kind.value_type)
            ):  # fmt: skip
                raise InputError(
                    f"column {field.name[:60]!r} is of the type {str(kind)[:60]}, whose size is not known before it is "
                    "unpacked; write the table as Parquet, or with plain columns"
                )
            nested += [kind.storage_type] if hasattr(kind, "storage_type") else []
            nested += [kind.value_type] if coded else []
            nested += [kind.field(k).type for k in range(kind.num_fields)] if types.is_nested(kind) else []


def _texts(table: pyarrow.Table) -> int:
    return sum(_bytes_of(part) for column in table.columns for part in column.chunks)


def _check_parquet(data: bytes, copies: int = 1, shared: bool = False) -> list[str]:
    """Refuse a Parquet file whose table would be larger than the limit: eight bytes an entry, and its texts as a whole.

    A file holds equal texts once, and rows that are alike as one row and a count. Entries of lists count, not rows.
    Returned are the columns of text that are read as dictionaries, which none are unless they are to be shared.
    """
    from pyarrow import BufferReader, parquet

    said = parquet.read_metadata(BufferReader(data))
    columns = [said.schema.column(k) for k in range(said.num_columns)]
    widths = [max(8, one.length) if one.physical_type == "FIXED_LEN_BYTE_ARRAY" else 8 for one in columns]
    stored = entries = 0
    for group in chunks_of(data):
        for chunk, width in zip(group, widths, strict=True):
            stored += chunk.unpacked
            entries += width * chunk.values
    _check_size(max(8 * said.num_rows * max(said.num_columns, 1), stored, entries), data, copies)
    names = set(said.schema.to_arrow_schema().names) if shared else set()
    once = [one.path for one in columns if one.path in names and one.logical_type.type == "STRING"]
    texts = [one.path for one in columns if one.physical_type == "BYTE_ARRAY" and one.path not in once]
    if texts:
        coded = parquet.ParquetFile(BufferReader(data), read_dictionary=texts).read(columns=texts)
        _check_size(_texts(coded), data, copies)
    return once


def shared_texts(column: pyarrow.Array | pyarrow.ChunkedArray) -> NDArray[np.generic] | None:
    """Return the texts of a column of pyarrow, each of them once in memory, None for a gap; None if it holds no text.

    Examples
    --------
    >>> import pyarrow
    >>> shared_texts(pyarrow.array(["a", None, "a"])), shared_texts(pyarrow.array([1])) is None
    (array(['a', None, 'a'], dtype=object), True)
    """
    from pyarrow import types

    form = column.type
    inner = form.value_type if types.is_dictionary(form) else form
    if not (types.is_string(inner) or types.is_large_string(inner)):
        return None
    known: dict[str, str] = {}
    found: list[NDArray[np.generic]] = [np.empty(0, dtype=object)]
    for chunk in getattr(column, "chunks", [column]):
        coded = chunk if types.is_dictionary(form) else chunk.dictionary_encode()
        texts = [
            text if text is None else known.setdefault(text, text) for text in coded.dictionary.to_pylist()
        ]
        names = np.array([*texts, None], dtype=object)
        places = coded.indices.fill_null(len(texts)) if coded.indices.null_count else coded.indices
        found.append(names[np.asarray(places).astype(np.int64)])
    return np.concatenate(found)


def listed(column: pyarrow.Array | pyarrow.ChunkedArray) -> list[object]:
    """Return the entries of a column, equal texts once in memory.

    Examples
    --------
    >>> import pyarrow
    >>> listed(pyarrow.array(["a", "b"])), listed(pyarrow.array([1, None]))
    (['a', 'b'], [1, None])
    """
    found = shared_texts(column)
    return list(column.to_pylist() if found is None else found.tolist())


def _bytes_of(part: pyarrow.Array) -> int:
    """Bytes of all texts of a column once each stands where it is used, those in lists and structures included."""
    from pyarrow import compute, types

    if hasattr(part, "storage"):
        return _bytes_of(part.storage)
    if types.is_dictionary(part.type):
        if (lengths := _lengths(part.dictionary)) is None:
            return 0
        sizes = lengths.take(part.indices)
    elif any(
        kind(part.type)
        for kind in (types.is_list, types.is_large_list, types.is_map, types.is_fixed_size_list)
    ):
        return _bytes_of(part.values)
    elif types.is_struct(part.type):
        return sum(map(_bytes_of, part.flatten()))
    elif (sizes := _lengths(part)) is None:
        return 0
    return compute.sum(sizes).as_py() or 0


def _lengths(part: pyarrow.Array) -> pyarrow.Array | None:
    """Bytes of each text of a column; None if it has none."""
    from pyarrow import array, compute, int64, types

    if str(part.type) in ("string_view", "binary_view"):  # each begins with its length, and takes 16 bytes
        start = 16 * part.offset
        views = memoryview(part.buffers()[1])[start : start + 16 * len(part)] if len(part) else b""
        return array(
            np.frombuffer(views, "<u4")[::4], int64(), mask=part.is_null().to_numpy(zero_copy_only=False)
        )
    kinds = (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    if not any(kind(part.type) for kind in (*kinds, types.is_fixed_size_binary)):
        return None
    return compute.binary_length(part).cast(int64())


def _check_batches(data: bytes, copies: int = 1) -> None:
    """Refuse an Arrow file whose batches would be larger than the limit, before one of them is unpacked.

    Its footer says where the messages of the batches are. All are flatbuffers: a batch says how many rows and columns
    it has and where its buffers are, and a compressed buffer begins with its length.
    """
    end = len(data) - len(_FOOTED) - 4
    footer = data[max(end - _number(data, end, 4), 0) : end]
    root, total = _number(footer, 0, 4), 0
    for field in (2, 3):  # batches of dictionaries, and of rows
        for at, sizes, length in _vector(footer, _place(footer, root, field), 3):
            inside = sizes & 0xFFFFFFFF
            meta, body = data[at : at + inside], memoryview(data)[at + inside : at + inside + length]
            meta = meta[8:] if meta.startswith(b"\xff\xff\xff\xff") else meta[4:]
            total += _unpacked_size(meta, body)
            _check_size(total, data, copies)


def _check_stream(data: bytes, copies: int = 1) -> None:
    """Refuse a stream of Arrow whose batches would be larger than the limit; each message says how long it is."""
    at = total = 0
    while data[at : at + 4] == STREAM and (inside := _number(data, at + 4, 4)):
        meta = data[at + 8 : at + 8 + inside]
        root = _number(meta, 0, 4)
        kind, length = _place(meta, root, 1), _place(meta, root, 3)
        body = 0 if length is None else _number(meta, length, 8)
        if kind is not None and meta[kind] in (_DICTIONARY, _ROWS):
            total += _unpacked_size(meta, memoryview(data)[at + 8 + inside : at + 8 + inside + body])
        _check_size(total, data, copies)
        at += 8 + inside + body
    more = len(data) - at - 8 * (data[at : at + 4] == STREAM)  # the mark of its end
    if more > 0:
        raise InputError(
            f"{bytes_stand(more)} behind the stream of Arrow, such as another stream; write one table a file"
        )


def _unpacked_size(meta: bytes, body: memoryview) -> int:
    """Bytes of a batch once it is unpacked, eight an entry at least."""
    root = _number(meta, 0, 4)
    kind, header = _place(meta, root, 1), _place(meta, root, 2)
    if kind is None or header is None:
        return 0
    batch = header + _number(meta, header, 4)
    if meta[kind] == _DICTIONARY:
        inner = _place(meta, batch, 1)
        if inner is None:
            return 0
        batch = inner + _number(meta, inner, 4)
    rows, nodes, buffers, compression = (_place(meta, batch, k) for k in range(4))
    count = 0 if rows is None else _number(meta, rows, 8)
    size = 8 * max(sum(max(length, count) for length, _ in _vector(meta, nodes, 2)), count)
    if compression is None:
        return size
    whole = 0
    for at, length in _vector(meta, buffers, 2):
        said = int.from_bytes(body[at : at + 8], "little", signed=True) if length >= 8 else -1
        whole += length if said < 0 else said  # -1 says that the buffer is not compressed
    return max(size, whole)


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _place(meta: bytes, table: int, field: int) -> int | None:
    """Where a field of a table of a flatbuffer is; None if it has its default."""
    fields = table - int.from_bytes(meta[table : table + 4], "little", signed=True)
    size, at = _number(meta, fields, 2), 4 + 2 * field
    offset = _number(meta, fields + at, 2) if fields >= 0 and at < size else 0
    return table + offset if offset else None


def _vector(meta: bytes, field: int | None, width: int) -> list[tuple[int, ...]]:
    """Rows of so many whole numbers of eight bytes in a vector of a flatbuffer."""
    if field is None:
        return []
    start = field + _number(meta, field, 4)
    count, step = _number(meta, start, 4), 8 * width
    room = (len(meta) - start - 4) // step
    return [
        tuple(_number(meta, at + 8 * k, 8) for k in range(width))
        for at in range(start + 4, start + 4 + step * min(count, max(room, 0)), step)
    ]
