"""Inputs of a network: a table of finite numbers that is not beyond the range in which it is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError, first_line
from derandkit.given.entries import refuse_lost
from derandkit.missing import with_gaps
from derandkit.points.frames import array_of
from derandkit.points.lines import is_number
from derandkit.structure.intake.targets import LARGEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray


def input_table(X: object, what: str = "the inputs") -> FloatArray:
    """Return inputs as a table of finite numbers.

    Raises
    ------
    InputError
        If they are something else, or beyond 1e150.
    """
    if hasattr(X, "tocsr") or (hasattr(X, "toarray") and not hasattr(X, "columns")):
        raise InputError(f"{what} are a sparse table; pass X.toarray(), with its zeros")
    table = numbers_of(array_of(X), f"{what} must be a table of numbers", what)
    if table.ndim != 2 or table.shape[1] < 1:
        raise InputError(f"{what} must have shape (rows, columns), got {table.shape}")
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise InputError(
            f"{what} hold {table[row, column]} in row {row}, column {column}; they must be finite"
        )
    if np.abs(table).max(initial=0.0) > LARGEST:
        row, column = np.argwhere(np.abs(table) > LARGEST)[0]
        raise InputError(
            f"{what} are beyond {LARGEST:g} in row {row}, column {column}; change the unit of that column"
        )
    return table


def numbers_of(values: object, message: str, what: str) -> FloatArray:
    """Return numbers in double precision.

    Raises
    ------
    InputError
        They are something else, as `message` says, or some are masked; or a text has blanks around its number, which
        Python alone leaves out (fields of files are cut before they are read).
    """
    values = with_gaps(values)
    refuse_lost(values, what)
    try:
        array = np.asarray(values)
        if array.dtype.kind in "fiubO":  # dates and text would become numbers too
            _refuse_blanks(array, what)
            return np.array(array, dtype=np.float64, order="C")
    except InputError:
        raise
    except (TypeError, ValueError, OverflowError):
        raise InputError(message) from None
    except Exception as error:  # of a method __array__
        raise InputError(f"{message}: {first_line(error)}") from None
    if array.dtype.kind == "c":
        raise InputError(f"{message}, got complex ones")
    such = f", such as {str(array.ravel()[0])[:40]!r}; convert it first" if array.size else ""
    raise InputError(f"{message}, got the type {array.dtype}{such}")


def _refuse_blanks(array: NDArray[np.generic], what: str) -> None:
    """Refuse texts among objects that are numbers but for blanks and ends of lines around them."""
    for place, entry in enumerate(array.ravel().tolist() if array.dtype == object else ()):
        if isinstance(entry, str) and not is_number(entry) and is_number(entry.strip()):
            at = tuple(map(int, np.unravel_index(place, array.shape)))
            where = at if len(at) > 1 else at[0]
            raise InputError(
                f"entry {where} of {what} is {entry[:40]!r}, with blanks around the number; strip them"
            )


def refuse_target_among(X: object, y: object) -> None:
    """Refuse a frame with a column that is the target: same name and same values.

    Raises
    ------
    InputError
        It names the column.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"a": [1.0, 2.0], "y": [3.0, 4.0]})
    >>> refuse_target_among(frame.drop(columns="y"), frame["y"])
    >>> refuse_target_among(frame, frame["y"])
    Traceback (most recent call last):
    derandkit.errors.InputError: the column 'y' of the inputs is the target itself; pass X.drop(columns='y')
    """
    name = getattr(y, "name", None)
    if name is None or not hasattr(X, "columns") or not hasattr(X, "drop") or name not in list(X.columns):
        return
    column = X[name]  # type: ignore[index]
    if len(column) == len(y) and list(column) == list(y):  # type: ignore[arg-type,call-overload]
        raise InputError(
            f"the column {name!r} of the inputs is the target itself; pass X.drop(columns={name!r})"
        )
