"""Texts with leading zeros: codes begin so, no numbers do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from derandkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

_PADDED = re.compile(r"0[0-9]{2,}")


def padded_column(columns: Sequence[Sequence[object]]) -> int | None:
    """Return the first column of texts such as ``00501``, alone or among columns without such.

    Where all columns hold such texts, numbers were written with equally many digits.

    Parameters
    ----------
    columns : sequence of sequences
        The fields of each column.

    Examples
    --------
    >>> padded_column([["1.5", "2"], ["00501", "10115"]]), padded_column([["007", "012"], ["000", "255"]])
    (1, None)
    >>> padded_column([["00501", "10115"]])
    0
    """
    padded = [any(isinstance(x, str) and _PADDED.fullmatch(x.strip()) for x in column) for column in columns]
    return padded.index(True) if any(padded) and (len(padded) == 1 or not all(padded)) else None


def refuse_codes(array: NDArray[np.generic], what: str) -> None:
    """Refuse a table of objects with a column of texts with leading zeros.

    Raises
    ------
    InputError
        It has the number of the column, from 1.

    Examples
    --------
    >>> import numpy as np
    >>> refuse_codes(np.array([["00501", 1.5], ["10115", 2]], dtype=object), "the points")
    Traceback (most recent call last):
    derandkit.errors.InputError: column 1 of the points holds texts with leading zeros, as codes have: leave it out, ...
    """
    at = padded_column(array.T.tolist()) if array.ndim == 2 else None
    if at is not None:
        out = "leave it out, or " if array.shape[1] > 1 else ""
        raise InputError(
            f"column {at + 1} of {what} holds texts with leading zeros, as codes have: {out}convert it to "
            "numbers"
        )
