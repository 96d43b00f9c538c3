"""Integers as the leaves of a proof list them, read with distrust."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.records import decode_array

if TYPE_CHECKING:
    from derandkit.records import JsonMapping

#: Powers of two beyond those of floating-point numbers are refused: they would only make the integers long.
UNIT_LIMIT = 4096


def checked_unit(unit: object) -> int:
    """Return the exponent of the unit that integers count.

    Raises
    ------
    ValueError
        It is no integer, or beyond `UNIT_LIMIT`.

    Examples
    --------
    >>> checked_unit(-40)
    -40
    """
    if type(unit) is not int or abs(unit) > UNIT_LIMIT:
        raise ValueError(f"the unit is an exponent of two between -{UNIT_LIMIT} and {UNIT_LIMIT}")
    return unit


def encoded_entries(proof: object) -> int:
    """Return how many numbers the encoded arrays of a proof hold at most, from the lengths of their texts.

    A text is not counted by the limit on the values of a record, and its numbers take ten times its bytes once they
    are listed.

    Examples
    --------
    >>> array = {"base64": "AAAAAAEAAAA=", "dtype": "<i4", "shape": [2]}
    >>> encoded_entries({"kind": "flow", "amounts": array, "then": {"rows": array}})
    4
    """
    found, waiting = 0, [proof]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            text = node.get("base64")
            found += len(text) * 3 // 16 if isinstance(text, str) else 0  # four bytes each, or eight
            waiting += node.values()
    return found


def listed_integers(value: object, name: str) -> list[int]:
    """Read a list of integers, or an encoded array of them.

    Raises
    ------
    ValueError
        It is neither; `name` says what it was to be.

    Examples
    --------
    >>> listed_integers([3, -1], "lengths")
    [3, -1]
    """
    if isinstance(value, dict):
        value = whole_numbers(value, 1)
    if not isinstance(value, list) or not all(type(x) is int for x in value):
        raise ValueError(f"{name} is not a list of integers")
    if any(x.bit_length() > UNIT_LIMIT for x in value):
        raise ValueError(f"{name} has an integer of more than {UNIT_LIMIT} bits")
    return value


def whole_numbers(value: JsonMapping, dimensions: int) -> Any:
    """Return an encoded array of integers as nested lists; None if it is none, or has not so many dimensions.

    Integers are read as they are encoded: as doubles those of more than 53 bits would be others.

    Examples
    --------
    >>> from derandkit.records import encode_array
    >>> whole_numbers(encode_array(np.array([2**53 + 1]), "<i8"), 1)
    [9007199254740993]
    >>> [whole_numbers(encode_array(np.array([x]), "<f8"), 1) for x in (2.0**70, 0.5)]
    [[1180591620717411303424], None]
    """
    array = decode_array(value)
    if array.ndim != dimensions or not np.isfinite(array).all() or (array != np.rint(array)).any():
        return None
    if value["dtype"] in ("<i4", "<i8"):
        data = base64.b64decode(value["base64"], validate=True)
        return np.frombuffer(data, dtype=value["dtype"]).reshape(array.shape).tolist()
    if (np.abs(array) < 2.0**63).all():
        return array.astype(np.int64).tolist()
    return np.vectorize(int, otypes=[object])(array).tolist()
