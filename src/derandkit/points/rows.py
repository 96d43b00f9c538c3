"""Rows that need not fit in memory: blocks of a table, of a file that is mapped or read in parts, or of a callable."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from derandkit.arrays import saved_index
from derandkit.errors import InputError, MissingDependencyError
from derandkit.given.entries import refuse_lost
from derandkit.numerics.hashing import hashed_keys
from derandkit.options import check_whole
from derandkit.points.columns import is_unnamed
from derandkit.points.frames import refuse_index

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from derandkit.numerics.typing import FloatArray, IntArray, WordArray

    #: Rows of a dense or of a sparse table.
    Rows: TypeAlias = NDArray[np.floating] | csr_array

ROWS = 8192
"""Rows handled at a time."""


def blocks_of(source: object) -> Iterator[FloatArray]:
    """Give the rows of a source in blocks of double precision, in their order.

    Parameters
    ----------
    source : array_like of shape (n, d), path of a ``.npy`` or ``.parquet`` file, or callable
        A ``.npy`` file is mapped into memory, a parquet file read in batches without the index of a saved frame; a
        callable returns an iterable of tables with d columns, the same each time.

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
        refuse_lost(table, f"the rows from {seen} on")
        try:
            if np.asarray(table).dtype.kind == "c":
                raise TypeError
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


def refuse_iterator(source: object) -> None:
    """Refuse rows that can be read once only.

    Examples
    --------
    >>> refuse_iterator(iter([[1.0, 2.0]]))
    Traceback (most recent call last):
    derandkit.errors.InputError: an iterator gives its rows once, and they are read more than once; give a function ...
    """
    if isinstance(source, Iterator):
        raise InputError(
            "an iterator gives its rows once, and they are read more than once; give a function that returns it"
        )


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
    refuse_iterator(source)
    refuse_index(source)
    if isinstance(source, (list, tuple)):
        refuse_lost(source, "the rows")
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
    names = list(file.schema_arrow.names)
    stored = saved_index(file.schema_arrow)
    kept = [name for name in names if not is_unnamed(name) and name not in stored] or names
    for batch in file.iter_batches(batch_size=ROWS, columns=kept):
        yield np.stack([column.to_numpy(zero_copy_only=False) for column in batch.columns], axis=1)


def sample_rows(source: object, count: int, *, skip: int = 0) -> FloatArray:
    """Return rows that a fixed rule picks, in their order: those whose numbers have the least hash values.

    Parameters
    ----------
    source : array_like, path or callable
        As for `derandkit.measure_rows`; read once.
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
    check_whole("count", count, 2)
    check_whole("skip", skip)
    found = RowSample(count + skip)
    for block in blocks_of(source):
        found.add(block)
    if len(found) < skip + 2:
        raise InputError(f"the source has {found.seen} rows, too few for a sample after {skip} others")
    return np.ascontiguousarray(found.rows(skip), dtype=np.float64)


class RowSample:
    """Rows that a fixed rule picks of all that come: those whose numbers have the least hash values.

    Parameters
    ----------
    count : int
        Rows that are kept.

    Attributes
    ----------
    seen : int
        Rows that have come.

    Examples
    --------
    >>> X = np.arange(40.0).reshape(20, 2)
    >>> one, two = RowSample(4), RowSample(4)
    >>> one.add(X)
    >>> two.add(X[:3])
    >>> two.add(X[3:])
    >>> len(one), bool((one.rows() == two.rows()).all())
    (4, True)
    """

    def __init__(self, count: int) -> None:
        self.count, self.seen = count, 0
        self._kept: Rows | None = None
        self._keys: WordArray = np.empty(0, dtype=np.uint64)
        self._places: IntArray = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, block: Rows) -> None:
        """Take the next rows, dense or sparse by rows; memory O(count d)."""
        numbers = np.arange(self.seen, self.seen + block.shape[0])
        self.seen += block.shape[0]
        fresh = hashed_keys(numbers)
        if len(self._keys) >= self.count:  # most blocks have few rows that can still enter
            enter = np.flatnonzero(fresh < self._keys.max())
            block, numbers, fresh = block[enter], numbers[enter], fresh[enter]
        kept = block if self._kept is None else _stacked(self._kept, block)
        keys, places = np.concatenate([self._keys, fresh]), np.concatenate([self._places, numbers])
        order = np.argsort(keys, kind="stable")[: self.count]
        self._kept, self._keys, self._places = kept[order], keys[order], places[order]

    def rows(self, skip: int = 0) -> Rows:
        """Return the rows that are kept, but for the first `skip` of the rule, in the order in which they came."""
        assert self._kept is not None
        return self._kept[skip:][np.argsort(self._places[skip:], kind="stable")]


def _stacked(first: Rows, second: Rows) -> Rows:
    """Put rows below others; sparse if one of them is."""
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return np.concatenate([first, second])
    from scipy.sparse import csr_array, vstack

    return csr_array(vstack([csr_array(first), csr_array(second)]))
