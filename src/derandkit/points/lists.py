"""Columns of parquet and Feather files that hold lists of numbers, such as embeddings, or decimal numbers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.given.doubles import first_rounded
from derandkit.points.columns import Places
from derandkit.points.raw import ways_out
from derandkit.tables import counted

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray
    from derandkit.points.columns import Choice

NUMBERS = ("int", "uint", "float", "double", "halffloat", "bool", "decimal")
"""How the names of the types of numbers begin."""
_LISTS = frozenset(("list", "large_list", "fixed_size_list"))


def holds_lists(form: pyarrow.DataType) -> bool:
    """Whether a column of a type has lists of numbers."""
    return str(form).partition("<")[0] in _LISTS and str(form.value_type).startswith(NUMBERS)


def column_numbers(
    column: pyarrow.ChunkedArray, field: str, name: str, seen: int = 0, way: str | None = None
) -> NDArray[np.generic]:
    """Return a column of numbers as an array of its own type, decimal ones as double precision.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        The column.
    field, name : str
        What the column and the file are called.
    seen : int
        Rows before the first one.
    way : str, optional
        How a column is left out; by default by an option.

    Raises
    ------
    InputError
        The column has no numbers, some are missing, or a whole number beyond 2^53 is not exact in double precision,
        which columns of several types become: close ones would become one point.

    Examples
    --------
    >>> import pyarrow
    >>> column_numbers(pyarrow.chunked_array([[1, 2**53]]), "a", "t.parquet").tolist()
    [1, 9007199254740992]
    >>> column_numbers(pyarrow.chunked_array([[1, 2**53 + 1]]), "a", "t.parquet")
    Traceback (most recent call last):
    derandkit.errors.InputError: t.parquet: column 'a' holds 9007199254740993 in row 1, which is not exact in double ...
    """
    form, way = str(column.type), ways_out(field) if way is None else way
    if not form.startswith(NUMBERS):
        form = "string" if form.startswith("dictionary<values=string") else form
        raise InputError(f"column {field!r} has the type {form}, not numbers; {way}", path=name)
    if column.null_count:
        raise InputError(
            f"column {field!r} has {counted(column.null_count, 'missing value')}; fill them, leave the rows out, or "
            f"{way}",
            path=name,
        )
    values = _decimals(column, field, name, way) if form.startswith("decimal") else column.to_numpy()
    if (at := first_rounded(values)) is not None:
        raise InputError(
            f"column {field!r} holds {values[at]} in row {seen + at}, which is not exact in double precision; subtract "
            f"an offset, or {way}",
            path=name,
        )
    return values


def _decimals(column: pyarrow.ChunkedArray, field: str, name: str, way: str) -> FloatArray:
    """Return decimal numbers as double precision, each rounded as its text would be; one beyond 2^53 is exact."""
    values = column.to_pylist()
    for value in values:
        if abs(value) > 2**53 and Decimal(float(value)) != value:
            raise InputError(
                f"column {field!r} holds {value}, which is not exact in double precision; subtract an offset, or {way}",
                path=name,
            )
    return np.array([float(value) for value in values])


def with_lists_as_columns(table: pyarrow.Table, chosen: Choice, name: str) -> tuple[pyarrow.Table, Choice]:
    """Return a table with a column ``x[1]``, ``x[2]``, ... for each place of a column x of lists, and the same choice.

    Numbers of columns in the choice are those of the file.

    Raises
    ------
    InputError
        A column that is wanted has lists of different lengths, or a list or an entry is missing.
    """
    import pyarrow

    names = list(table.schema.names)
    places = Places(names, len(names))

    def origin(column: str) -> str:
        """Return the column of the file that a name or number means, of ``x[1]`` the column x."""
        if column not in places and (field := column.rpartition("[")[0]) in places:
            return field
        found: str = names[places.of(column, recorded=chosen.recorded)]
        return found

    left_out = (*chosen.drop, *(() if chosen.label is None else (chosen.label,)))
    out = {origin(x) for x in left_out if x in places or x.rpartition("[")[0] not in places}
    wanted = {*names} - out if chosen.columns is None else {*map(origin, chosen.columns)}
    parts: dict[str, dict[str, object]] = {}
    for field, column in zip(names, table.columns, strict=True):
        parts[field] = {field: column}
        if not holds_lists(column.type) or field not in wanted:
            continue
        lists = column.combine_chunks()
        lists = lists if isinstance(lists, pyarrow.Array) else pyarrow.concat_arrays(lists.chunks)
        if column.null_count or lists.flatten().null_count:
            raise InputError(
                f"column {field!r} has missing values; leave the rows out, or {ways_out(field)}", path=name
            )
        lengths = {len(entry) for entry in lists}
        if len(lengths) != 1 or 0 in lengths:
            raise InputError(
                f"column {field!r} holds lists of {min(lengths, default=0)} to {max(lengths, default=0)} entries; "
                f"points have one length, or {ways_out(field)}",
                path=name,
            )
        width, flat = lengths.pop(), lists.flatten()
        parts[field] = {f"{field}[{k + 1}]": flat[k::width] for k in range(width)}
    spread = {head: column for columns in parts.values() for head, column in columns.items()}
    if len(spread) < sum(map(len, parts.values())):
        raise InputError("a column is called as an entry of another column of lists; rename it", path=name)

    def heads(listed: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            head for x in listed for head in ([x] if x in spread and x not in places else parts[origin(x)])
        )

    return pyarrow.table(spread), replace(
        chosen,
        columns=None if chosen.columns is None else heads(chosen.columns),
        drop=heads(chosen.drop),
        label=None if chosen.label is None else heads((chosen.label,))[0],
    )
