"""Rows that need not fit in memory: blocks of a table, of a file that is mapped or read in parts, or of a callable."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError, MissingDependencyError
from derandkit.numerics.hashing import hashed_keys

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

ROWS = 8192
"""Rows handled at a time."""


def blocks_of(source: object) -> Iterator[FloatArray]:
    """Give the rows of a source in blocks of double precision, in their order.

    Parameters
    ----------
    source : array_like of shape (n, d), path of a ``.npy`` or ``.parquet`` file, or callable
        A ``.npy`` file is mapped into memory, a parquet file read in batches; a callable returns an iterable of tables
        with d columns, the same each time.

    Raises
    ------
    InputError
        If the source is none of these, a block has another number of columns, or a row is not finite; names the row.

    Examples
    --------
    >>> [block.shape for block in blocks_of(lambda: [[[1, 2]], [[3, 4], [5, 6]]])]
    [(1, 2), (2, 2)]
    """
    seen, columns = 0, None
    for table in _tables(source):
        try:
            block = np.ascontiguousarray(table, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(f"the rows from {seen} on are no table of numbers") from None
        if block.ndim != 2 or block.shape[1] == 0:
            raise InputError(
                f"rows come as tables with one row a point, got shape {block.shape} at row {seen}"
            )
        columns = block.shape[1] if columns is None else columns
        if block.shape[1] != columns:
            raise InputError(f"row {seen} has {block.shape[1]} columns, those before it have {columns}")
        finite = np.isfinite(block).all(axis=1)
        if not finite.all():
            raise InputError(
                f"row {seen + int(np.argmin(finite))} holds NaN or infinity; remove or impute it"
            )
        seen += len(block)
        if len(block):
            yield block


def _tables(source: object) -> Iterator[object]:
    if callable(source):
        given = source()
        if not isinstance(given, Iterable):
            raise InputError(f"the callable returns an iterable of tables, got {type(given).__name__}")
        yield from given
        return
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if path.endswith(".parquet"):
            yield from _batches(path)
            return
        try:
            source = np.load(path, mmap_mode="r")
        except (OSError, ValueError) as error:
            raise InputError(f"cannot be mapped as a .npy file: {error}", path=path) from None
    if isinstance(source, Iterator):
        raise InputError(
            "an iterator gives its rows once, and they are read more than once; give a function that returns it"
        )
    table = np.asanyarray(source)
    if table.ndim != 2:
        raise InputError(f"points form a table with one row a point, got shape {table.shape}")
    for at in range(0, table.shape[0], ROWS):
        yield table[at : at + ROWS]


def _batches(path: str) -> Iterator[object]:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise MissingDependencyError("pyarrow", "parquet") from None
    try:
        file = ParquetFile(path)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read as parquet: {error}", path=path) from None
    for batch in file.iter_batches(batch_size=ROWS):
        yield np.stack([column.to_numpy(zero_copy_only=False) for column in batch.columns], axis=1)


def sample_rows(source: object, count: int, *, skip: int = 0) -> FloatArray:
    """Return rows that a fixed rule picks, in their order: those whose numbers have the least hash values.

    Parameters
    ----------
    source : array_like, path or callable
        As for `blocks_of`; read once.
    count : int
        Number of rows; all of them if there are fewer.
    skip : int
        Leave out the first `skip` rows of the rule, for a second sample that shares none with the first.

    Returns
    -------
    ndarray, shape (count, d)
        The same rows for the same number of rows in the source, however they come. Memory O(count d).

    Raises
    ------
    InputError
        If the source cannot be used, or fewer than two rows are left.

    Examples
    --------
    >>> X = np.arange(20.0)[:, None]
    >>> first, second = sample_rows(X, 4), sample_rows(X, 4, skip=4)
    >>> first.shape, bool(np.isin(first, second).any())
    ((4, 1), False)
    """
    if count < 2 or skip < 0:
        raise InputError(f"a sample has at least 2 rows and skips 0 or more, got count={count}, skip={skip}")
    kept, keys, places, seen = np.empty((0, 0)), np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64), 0
    for block in blocks_of(source):
        numbers = np.arange(seen, seen + len(block))
        seen += len(block)
        fresh = hashed_keys(numbers)
        if len(keys) >= count + skip:  # most blocks have few rows that can still enter
            enter = fresh < keys.max()
            block, numbers, fresh = block[enter], numbers[enter], fresh[enter]
        kept = np.concatenate([kept.reshape(-1, block.shape[1]), block])
        keys, places = np.concatenate([keys, fresh]), np.concatenate([places, numbers])
        order = np.argsort(keys, kind="stable")[: count + skip]
        kept, keys, places = kept[order], keys[order], places[order]
    kept, places = kept[skip:], places[skip:]
    if len(kept) < 2:
        raise InputError(f"the source has {seen} rows, too few for a sample after {skip} others")
    return np.ascontiguousarray(kept[np.argsort(places, kind="stable")])
