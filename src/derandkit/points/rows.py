"""Rows that need not fit in memory: blocks of a table, of a file that is mapped or read in parts, or of a callable."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from derandkit.arrays.archives import load_npy
from derandkit.arrays.columnar import saved_index
from derandkit.errors import InputError, MissingDependencyError, first_line
from derandkit.given.entries import NARROW, refuse_lost
from derandkit.numerics.hashing import hashed_keys
from derandkit.options import check_whole
from derandkit.points.cloud import PointCloud
from derandkit.points.columns import Choice, column_names
from derandkit.points.frames import (
    Look,
    NamedTable,
    check_frame,
    check_names,
    in_order,
    plain_array,
    refuse_index,
)
from derandkit.points.lists import column_numbers, holds_lists, with_lists_as_columns
from derandkit.points.suspects.names import (
    are_counted,
    names_read,
    one_kind,
    places_by_name,
    refuse_other_names,
)
from derandkit.points.suspects.summaries import refuse_summaries

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from derandkit.numerics.typing import FloatArray, IntArray, WordArray

    #: Rows of a dense or of a sparse table.
    Rows: TypeAlias = NDArray[np.floating] | csr_array

ROWS = 8192
"""Rows handled at a time."""
#: What to do with a column of a parquet file that is no coordinate.
_LEFT_OUT = "pass a function that gives blocks without it"
_WITHOUT = "a function gives blocks without {}"


def blocks_of(source: object, columns: Sequence[str] | None = None) -> Iterator[FloatArray]:
    """Give the rows of a source in blocks of double precision, in their order.

    Parameters
    ----------
    source : array_like of shape (n, d), PointCloud, path of a ``.npy`` or ``.parquet`` file, or callable
        A ``.npy`` file is mapped into memory, a parquet file read in batches without the index of a saved frame; a
        callable returns an iterable of tables with d columns, the same each time.
    columns : sequence of str, optional
        Names of the columns in their order: a table with names has them, and its others are left out. By default those
        of the first table with names, and the others have no more. Tables without names are read by position.

    Raises
    ------
    InputError
        If the source is none of these, a block has another number of columns or other names, a row is not finite, a
        number is not exact in double precision, or a column of the first block with names may be an index or is no
        coordinate (`derandkit.points.frames.check_frame`); names the row.

    Examples
    --------
    >>> [block.shape for block in blocks_of(lambda: [[[1, 2]], [[3, 4], [5, 6]]])]
    [(1, 2), (2, 2)]
    >>> [block.tolist() for block in blocks_of(lambda: [[{"a": 1, "b": 2}], [{"b": 4, "a": 3}]])]
    [[[1.0, 2.0]], [[3.0, 4.0]]]
    """
    seen, width = 0, None
    names = columns
    for given in _tables(source, names):
        where = f"the rows from {seen} on"
        try:
            found = Look.at(given)
            table = _by_name(given, found, names, more=columns is not None, first=seen == 0)
        except InputError as error:
            said = f"{where}: {error.message}" if seen else error.message
            raise InputError(said, path=error.path) from None
        if found.names is not None and (names is None or are_counted(names)):
            names = found.names
        block = _numbers_of(table, where)
        if block.ndim != 2 or block.shape[1] == 0:
            raise InputError(
                f"rows come as tables with one row a point, got shape {block.shape} at row {seen}"
            )
        width = block.shape[1] if width is None else width
        if block.shape[1] != width:
            raise InputError(f"row {seen} has {block.shape[1]} columns, those before it have {width}")
        finite = np.isfinite(block).all(axis=1)
        if not finite.all():
            raise InputError(
                f"row {seen + int(np.argmin(finite))} holds NaN or infinity; remove or impute it"
            )
        seen += len(block)
        if len(block):
            yield block


def held(source: object, columns: Sequence[str] | None) -> object:
    """Return a table in memory with its columns in the order of the names, to be read many times; others as they are.

    Examples
    --------
    >>> held([{"b": 1.0, "a": 2.0}], ["a", "b"]).tolist(), held("rows.npy", None)
    ([[2.0, 1.0]], 'rows.npy')
    """
    if callable(source) or isinstance(source, (str, os.PathLike, np.memmap)):
        return source
    refuse_iterator(source)
    return _by_name(source, Look.at(source), columns, more=columns is not None, first=True)


def _by_name(given: object, look: Look, names: Sequence[str] | None, *, more: bool, first: bool) -> object:
    """Return a table with columns in the order of names, where it has names; `more` says whether it may have others.

    Columns of the first table that may be an index, or are no coordinates, are refused.
    """
    own, found = look
    pick = one_kind(own, names) and (more or len(own or ()) == len(names or ()))
    table = in_order(given, names, look) if pick else given
    if table is not given:
        if first and found is not None:
            check_frame(NamedTable(table, tuple(names or ())))
        return table
    check_names(given, names, "the fitted points" if more else "the rows before", look)
    if first and not isinstance(given, PointCloud):  # points were looked at when they were made
        refuse_index(given)
    return _table_of(given, look)


def _table_of(given: object, look: Look) -> object:
    """Return the numbers of a table, of points or of anything else; `look` is what was found in it."""
    if isinstance(given, PointCloud):
        return given.table()
    return plain_array(given) if look.found is None else look.found.table


def rows_of_fit(X: object, columns: Sequence[str] | None, reading: str | None) -> object:
    """Return rows that are mapped as the fitted points are, one look at each.

    Parameters
    ----------
    X : object
        A table, points or an array.
    columns : sequence of str or None
        Names of the columns of the fit.
    reading : str or None
        What the fitted points were read as.

    Raises
    ------
    InputError
        The columns have other names or another order (`derandkit.points.frames.check_names`).

    Examples
    --------
    >>> rows_of_fit([{"x": 1.0, "y": 2.0}], ("x", "y"), "list").tolist()
    [[1.0, 2.0]]
    """
    look = Look.at(X)
    check_names(X, names_read(columns, reading), look=look)
    return _table_of(X, look)


def _numbers_of(table: object, where: str) -> FloatArray:
    """Return a block in double precision, its text not read as numbers."""
    refuse_sparse(table)
    refuse_lost(table, where)
    try:
        array = np.asarray(table)
        texts = array.dtype.kind == "O" and any(isinstance(entry, str) for entry in array.ravel().tolist())
        if texts or (array.dtype.kind not in "fiubO" and array.dtype.name not in NARROW):
            raise TypeError
        return np.ascontiguousarray(array, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{where} are no table of numbers") from None
    except Exception as error:  # of a method __array__
        raise InputError(f"{where} are no array: {first_line(error)}") from error


def refuse_sparse(rows: object) -> None:
    """Refuse a sparse matrix, which may be too wide for dense blocks.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> refuse_sparse(csr_array((2, 3)))
    Traceback (most recent call last):
    derandkit.errors.InputError: rows of a sparse matrix are not read in blocks; pass matrix.toarray(), or a ...
    """
    if hasattr(rows, "tocsr"):
        raise InputError(
            "rows of a sparse matrix are not read in blocks; pass matrix.toarray(), or a function that gives blocks, "
            "matrix[0:1000].toarray() and so on"
        )


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


def _tables(source: object, names: Sequence[str] | None) -> Iterator[object]:
    if callable(source):
        given = source()
        if not isinstance(given, Iterable):
            raise InputError(f"the callable returns an iterable of tables, got {type(given).__name__}")
        yield from given
        return
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if path.endswith(".parquet"):
            yield from _batches(path, names)
            return
        try:
            source = load_npy(path)
        except (OSError, ValueError, EOFError) as error:
            # NumPy takes what is no array for a pickle, and says how to trust it
            why = "it is none; read it with read_points, or give a function that gives arrays"
            why = why if "pickle" in str(error) else str(error)
            raise InputError(f"cannot be mapped as a .npy file: {why}", path=path) from None
    refuse_iterator(source)
    if isinstance(source, (list, tuple)):
        refuse_lost(source, "the rows")
    mapped = isinstance(source, np.memmap) and source.dtype.names is not None and source.ndim == 1
    if not mapped:  # fields of a file are put side by side block by block
        source = _by_name(source, Look.at(source), names, more=names is not None, first=True)
    refuse_sparse(source)
    table = _array_of(source)
    if table.ndim != 2 and not mapped:
        raise InputError(f"points form a table with one row a point, got shape {table.shape}")
    for at in range(0, table.shape[0], ROWS):
        yield table[at : at + ROWS]


def _array_of(source: object) -> NDArray[np.generic]:
    """Return rows in memory as an array."""
    try:
        return np.asanyarray(source)
    except Exception as error:  # of rows of several lengths, or of a method __array__
        if isinstance(error, ValueError) and isinstance(source, (list, tuple)):
            raise InputError(
                "the rows have different lengths; points form a table, and tables one below another come from a "
                "function that returns the list of them"
            ) from None
        raise InputError(f"the rows are no array: {first_line(error)}") from error


def _batches(path: str, columns: Sequence[str] | None) -> Iterator[FloatArray]:
    """Give the rows of a parquet file, each column of numbers in its own type first; by name where names are wanted."""
    try:
        from pyarrow import ArrowException, Table
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise MissingDependencyError("pyarrow", "parquet") from None
    wanted = None if columns is None or are_counted(columns) else list(columns)
    try:
        file = ParquetFile(path)
        heads, stored = list(file.schema_arrow.names), saved_index(file.schema_arrow)
        called, lists = [name.strip() for name in heads], {name.rpartition("[")[0] for name in wanted or ()}
        if wanted is not None and not {*wanted} <= {*called}:
            # as the file of the fit has them, if several share a name
            numbered = column_names(range(len(heads)), called)
            called = list(numbered) if {*wanted} <= {*numbered} else called
        kept = [
            k
            for k, name in enumerate(heads)
            if (name not in stored if wanted is None else called[k] in {*wanted, *lists})
        ] or list(range(len(heads)))
        one = len({*heads}) == len(heads)  # pyarrow gathers chosen columns of one name
        batches = file.iter_batches(batch_size=ROWS, columns=[heads[k] for k in kept] if one else None)
        seen = 0
        while (batch := next(batches, None)) is not None:
            if not batch.num_rows:
                continue
            table = Table.from_batches([batch])
            table = (table if one else table.select(kept)).rename_columns([called[k] for k in kept])
            if any(map(holds_lists, table.schema.types)):
                table, _ = with_lists_as_columns(table, Choice(), path)
            names = tuple(table.schema.names)
            if wanted is None or not {*wanted} <= {*names}:
                refuse_other_names(names, columns, "file")
            order = range(len(names)) if wanted is None else places_by_name(names, wanted)
            block = np.column_stack([
                np.asarray(column_numbers(table.columns[k], names[k], path, seen, _LEFT_OUT), dtype=np.float64)
                for k in order
            ])  # fmt: skip
            if not seen:
                found = NamedTable(block, tuple(names[k] for k in order), _WITHOUT)
                check_frame(found)
                if file.metadata.num_rows == len(block):
                    refuse_summaries(block, (), "pass a function that gives arrays")
            seen += len(block)
            yield block
    except InputError as error:
        raise InputError(error.message, path=path) from None
    except (ArrowException, OSError, ValueError) as error:
        raise InputError(f"cannot be read as parquet: {first_line(error)}", path=path) from None


def sample_rows(source: object, count: int, *, skip: int = 0) -> FloatArray:
    """Return rows that a fixed rule picks, in their order: those whose numbers have the least hash values.

    Parameters
    ----------
    source : array_like, path or callable
        As for `derandkit.measure_rows`; read once.
    count : int
        Number of rows; all of them if there are fewer.
    skip : int
        Leave out the first `skip` rows of the rule, for a second sample of rows at other places. Where rows are equal,
        both samples may have them.

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
    return sample_of(blocks_of(source), count, skip)


def sample_of(blocks: Iterable[FloatArray], count: int, skip: int) -> FloatArray:
    """Return the rows of `sample_rows`, of blocks such as `blocks_of` gives."""
    check_whole("count", count, 2)
    check_whole("skip", skip)
    found = RowSample(count + skip)
    for block in blocks:
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
        """Take the next rows, dense or sparse by rows; memory O(count d). A shallow copy that was made before stays."""
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
