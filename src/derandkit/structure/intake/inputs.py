"""Inputs of a network: a table of finite numbers that is not beyond the range in which it is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.points.frames import plain_array
from derandkit.structure.intake.targets import LARGEST

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


def input_table(X: object) -> FloatArray:
    """Return inputs as a table of finite numbers.

    Raises
    ------
    InputError
        If they are something else, or beyond 1e150.
    """
    table = numbers_of(plain_array(X), "the inputs must be a table of numbers")
    if table.ndim != 2 or table.shape[1] < 1:
        raise InputError(f"the inputs must have shape (rows, columns), got {table.shape}")
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise InputError(
            f"the input in row {row}, column {column} is {table[row, column]}; inputs are finite"
        )
    if np.abs(table).max(initial=0.0) > LARGEST:
        row, column = np.argwhere(np.abs(table) > LARGEST)[0]
        raise InputError(f"the input in row {row}, column {column} is beyond {LARGEST:g}; change its unit")
    return table


def numbers_of(values: object, message: str) -> FloatArray:
    """Return numbers in double precision.

    Raises
    ------
    InputError
        They are something else, as `message` says.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind != "c":
            return np.array(array, dtype=np.float64, order="C")
    except (TypeError, ValueError):
        raise InputError(message) from None
    raise InputError(f"{message}, got complex ones")
