"""The form of a record of features: types, ranges and sizes, read from the published JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.certificates.checks import is_reading
from derandkit.certificates.features.kernels import kernel_faults
from derandkit.certificates.structure.form import misfit
from derandkit.schemas.reader import published

if TYPE_CHECKING:
    from derandkit.records import JsonMapping, JsonObject

SCHEMA = "derandkit-features"
VERSION = 2


def schema() -> JsonObject:
    """Return the JSON Schema of records of features."""
    return published()[SCHEMA]


def faults(record: JsonMapping) -> str:
    """Say what is wrong with the form of a record, or nothing.

    Examples
    --------
    >>> faults({})
    "the record has no 'alpha'"
    """
    wrong = misfit(dict(record), schema())
    if wrong is not None:
        return wrong
    if not is_reading(record["points"]["reading"]):
        return "the reading of the points is no short printable line"
    if wrong := kernel_faults(record):
        return wrong
    lengths = {len(column) for column in record["history"].values()}
    return "" if len(lengths) == 1 else "the columns of the history have different lengths"
