"""The form of a structure record, and of a trained network: types, ranges and sizes, read from the JSON Schema."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING

from derandkit.schemas import reader
from derandkit.schemas.reader import published
from derandkit.versions import OF_ROWS

if TYPE_CHECKING:
    from derandkit.records import JsonMapping, JsonObject


def schema() -> JsonObject:
    """Return the JSON Schema of structure records."""
    return published()["derandkit-structure"]


#: Properties that version 1 does not have: null in the form of the current version.
NOT_IN_1 = ("gain", "gain_error", "linear_loss", "mean_loss", "mean_training_loss", "selection")
SETTINGS_NOT_IN_1 = ("max_steps", "rank")
#: The version that bounds ``W_perp`` by the curvature along its rows.
ROWS_SINCE = 4


@cache
def schema_of(version: int) -> JsonObject:
    """Return the rule for records of a version in the form of the current version: what it did not claim is null."""
    found = deepcopy(schema())
    for name in (NOT_IN_1 if version < 2 else ()) + (OF_ROWS if version < ROWS_SINCE else ()):
        found["properties"][name] = {"type": "null"}
    for name in SETTINGS_NOT_IN_1 if version < 2 else ():
        found["properties"]["settings"]["properties"][name] = {"type": "null"}
    return found


def misfit(value: object, rule: JsonMapping | None = None, where: str = "the record") -> str | None:
    """Return the first place where a value does not have the form that a schema asks for, or None.

    Parameters
    ----------
    value : object
        A JSON value.
    rule : mapping, optional
        A JSON Schema; by default the one of structure records.
    where : str
        What the value is called in the answer.

    Notes
    -----
    As `derandkit.schemas.reader.misfit`: 14.0 is no integer and 14 no number, so that a value has one text only.

    Examples
    --------
    >>> misfit(14.0, {"type": "integer"}, "width"), misfit(14, {"type": "integer"}, "width")
    ('width is no integer', None)
    """
    return reader.misfit(value, schema() if rule is None else rule, where, root=schema())
