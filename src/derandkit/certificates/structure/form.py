"""The form of a structure record, and of a trained network: types, ranges and sizes, read from the JSON Schema.

The schema is the one source. What is read here is the part of JSON Schema 2020-12 that it uses, with one difference:
14.0 is no integer and 14 no number, so that a value has one text only.
"""

from __future__ import annotations

import json
import math
import re
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from derandkit.versions import OF_ROWS

if TYPE_CHECKING:
    from derandkit.records import JsonMapping, JsonObject

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (float,),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
#: Rules that this reader knows; a schema with another one would be read wrongly, and is refused.
_KNOWN = frozenset(
    {
        "$defs", "$id", "$ref", "$schema", "additionalProperties", "anyOf", "const", "description", "enum",
        "exclusiveMinimum", "items", "maxItems", "maxLength", "maximum", "minItems", "minimum", "pattern",
        "properties", "required", "title", "type",
    }
)  # fmt: skip


@cache
def schema() -> JsonObject:
    """Return the JSON Schema of structure records."""
    text = files("derandkit").joinpath("data", "schemas", "structure.json").read_text(encoding="utf-8")
    found: JsonObject = json.loads(text)
    return found


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
    O(size of the value); nothing is allocated by the sizes that it claims.

    Examples
    --------
    >>> misfit(14.0, {"type": "integer"}, "width"), misfit(14, {"type": "integer"}, "width")
    ('width is no integer', None)
    >>> misfit({}, {"type": "object", "required": ["seal"]})
    "the record has no 'seal'"
    """
    rule = schema() if rule is None else rule
    if unknown := set(rule) - _KNOWN:
        raise ValueError(f"a rule that is not known: {min(unknown)}")
    if "$ref" in rule:
        return misfit(value, schema()["$defs"][rule["$ref"].rpartition("/")[2]], where)
    if "anyOf" in rule:
        found = [misfit(value, other, where) for other in rule["anyOf"]]
        return None if None in found else found[0]
    for key in ("const", "enum"):
        allowed = rule.get("enum", ()) if key == "enum" else (rule.get("const"),)
        if key in rule and not any(type(value) is type(item) and value == item for item in allowed):
            return f"{where} is not one of the values it may have"
    kind = rule.get("type")
    if kind is not None and type(value) not in _TYPES[kind]:
        return f"{where} is no {kind}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{where} is not finite"
    return _range(value, rule, where) or _parts(value, rule, where)


def _range(value: object, rule: JsonMapping, where: str) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = rule.get("minimum", -math.inf), rule.get("maximum", math.inf)
        if not low <= value <= high or value <= rule.get("exclusiveMinimum", -math.inf):
            return f"{where} is out of range"
    if isinstance(value, str):
        if len(value) > rule.get("maxLength", math.inf):
            return f"{where} is too long"
        if "pattern" in rule and re.search(rule["pattern"], value) is None:
            return f"{where} has not the form it should have"
    if isinstance(value, list) and not rule.get("minItems", 0) <= len(value) <= rule.get(
        "maxItems", math.inf
    ):
        return f"{where} has {len(value)} entries"
    return None


def _parts(value: object, rule: JsonMapping, where: str) -> str | None:
    if isinstance(value, list) and "items" in rule:
        return next(
            (bad for item in value if (bad := misfit(item, rule["items"], f"an entry of {where}"))), None
        )
    if not isinstance(value, dict):
        return None
    known = rule.get("properties", {})
    for name in rule.get("required", ()):
        if name not in value:
            return f"{where} has no {name!r}"
    for name, item in value.items():
        if name in known:
            if bad := misfit(item, known[name], name):
                return bad
        elif rule.get("additionalProperties") is False:
            return f"{where} has an unknown key {name!r:.60}"
    return None
