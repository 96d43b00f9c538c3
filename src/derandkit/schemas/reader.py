"""The published JSON Schemas of records, and a reader of the part of JSON Schema 2020-12 that they use.

The schema is the one source of a form: the checks of structures, networks and features hold records against it, and so
does everything that rebuilds a result.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from derandkit.records import JsonMapping, JsonObject

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (float,),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
#: Rules that this reader knows; a schema with another one would be read wrongly, and is refused.
_KNOWN = frozenset(
    {
        "$defs", "$id", "$ref", "$schema", "additionalProperties", "anyOf", "const", "description", "enum",
        "exclusiveMaximum", "exclusiveMinimum", "items", "maxItems", "maxLength", "maxProperties", "maximum",
        "minItems", "minLength", "minimum", "oneOf", "pattern", "prefixItems", "properties", "required", "title",
        "type",
    }
)  # fmt: skip
#: Rules that the smallest and the greatest number of a list, or its shortest and its longest text, obey for all.
_OF_SIZE = frozenset(
    {
        "description", "exclusiveMaximum", "exclusiveMinimum", "items", "maxItems", "maxLength", "maximum", "minItems",
        "minLength", "minimum", "type",
    }
)  # fmt: skip


@cache
def published() -> dict[str, JsonObject]:
    """Return the schemas of the current versions by the kind of record.

    Examples
    --------
    >>> published()["derandkit-maxcut"]["$id"]
    'urn:derandkit:maxcut:3'
    """
    found: dict[str, JsonObject] = {}
    for file in files("derandkit").joinpath("data", "schemas").iterdir():
        if not re.search(r"-\d+\.json$", file.name):  # an older version has its number in the name
            rule: JsonObject = json.loads(file.read_text(encoding="utf-8"))
            found[rule["properties"]["schema"]["const"]] = rule
    return found


def misfit(
    value: object,
    rule: JsonMapping,
    where: str = "the record",
    *,
    root: JsonMapping | None = None,
    exact: bool = True,
    unclaimed: Collection[str] = (),
) -> str | None:
    """Return the first place where a value does not have the form that a schema asks for, or None.

    Parameters
    ----------
    value : object
        A JSON value.
    rule : mapping
        A JSON Schema.
    where : str
        What the value is called in the answer.
    root : mapping, optional
        The schema that the rule is a part of, for its references; by default the rule itself.
    exact : bool
        Whether 14 is no number, so that a value has one text only. 14.0 is never an integer.
    unclaimed : collection of str
        Properties that may be null whatever the rule says: those that an old version of a record does not have.

    Notes
    -----
    O(size of the value); nothing is allocated by the sizes that it claims.

    Examples
    --------
    >>> misfit(14.0, {"type": "integer"}, "width"), misfit(14, {"type": "number"}, "width", exact=False)
    ('width is no integer', None)
    >>> misfit(10**400, {"type": "number"}, "width", exact=False)
    'width is out of range'
    >>> misfit({}, {"type": "object", "required": ["seal"]})
    "the record has no 'seal'"
    """
    return _Form(rule if root is None else root, exact, unclaimed).misfit(value, rule, where)


class _Form:
    """A schema with all that its parts refer to."""

    def __init__(self, root: JsonMapping, exact: bool, unclaimed: Collection[str]) -> None:
        self.root = root
        self.exact = exact
        self.unclaimed = unclaimed

    def misfit(self, value: object, rule: JsonMapping, where: str) -> str | None:
        if unknown := set(rule) - _KNOWN:
            raise ValueError(f"a rule that is not known: {min(unknown)}")
        if "$ref" in rule:
            return self._referred(value, rule["$ref"], where)
        for key in ("anyOf", "oneOf"):
            if key in rule:
                found = [self.misfit(value, other, where) for other in rule[key]]
                fitting = found.count(None)
                if not fitting:
                    # of what may be null, and is not, the other form says what is wrong
                    wrong = [
                        bad for bad, form in zip(found, rule[key], strict=True) if form.get("type") != "null"
                    ]
                    return found[-1] if value is None or len(wrong) > 1 else wrong[0]
                if key == "oneOf" and fitting > 1:
                    return f"{where} has two forms"
        for key in ("const", "enum"):
            allowed = rule.get("enum", ()) if key == "enum" else (rule.get("const"),)
            if key in rule and not any(type(value) is type(item) and value == item for item in allowed):
                return f"{where} is not one of the values it may have"
        if "type" in rule and (bad := self._type(value, rule["type"], where)):
            return bad
        return _range(value, rule, where) or self._parts(value, rule, where)

    def _referred(self, value: object, name: str, where: str) -> str | None:
        if name.startswith("#/$defs/"):
            return self.misfit(value, self.root["$defs"][name.rpartition("/")[2]], where)
        other = next(rule for rule in published().values() if rule["$id"] == name)
        return _Form(other, self.exact, self.unclaimed).misfit(value, other, where)

    def _type(self, value: object, kinds: str | list[str], where: str) -> str | None:
        names = [kinds] if isinstance(kinds, str) else kinds
        if not any(type(value) in _TYPES[name] for name in names):
            if self.exact or "number" not in names or type(value) is not int:
                return f"{where} is no {' or '.join(names)}"
            if not -1e308 <= value <= 1e308:
                return f"{where} is out of range"
        return f"{where} is not finite" if isinstance(value, float) and not math.isfinite(value) else None

    def _parts(self, value: object, rule: JsonMapping, where: str) -> str | None:
        if isinstance(value, list):
            first = rule.get("prefixItems", ())
            rules = list(first)[: len(value)]
            found = (
                self.misfit(x, part, f"an entry of {where}") for x, part in zip(value, rules, strict=False)
            )
            bad = next((text for text in found if text), None)
            if rule.get("items") is False and len(value) > len(rules):
                bad = bad or f"{where} has {len(value)} entries"
            elif bad is None and isinstance(rule.get("items"), dict):
                rest = self._telling(value[len(rules) :], rule["items"])
                found = (self.misfit(item, rule["items"], f"an entry of {where}") for item in rest)
                bad = next((text for text in found if text), None)
            return bad
        return self._properties(value, rule, where) if isinstance(value, dict) else None

    def _telling(self, items: list[object], rule: JsonMapping) -> list[object]:
        """Return the items of a list that decide for all: of many numbers or texts the ends."""
        if "$ref" in rule and rule["$ref"].startswith("#/$defs/"):
            rule = self.root["$defs"][rule["$ref"].rpartition("/")[2]]
        kinds = set(map(type, items))
        if len(items) < 3 or len(kinds) > 1 or not set(rule) <= _OF_SIZE:
            return items
        if kinds <= {int, float}:
            return [min(items), max(items)]  # type: ignore[type-var]
        return [min(items, key=len), max(items, key=len)] if kinds == {str} else items  # type: ignore[arg-type]

    def _properties(self, value: dict[str, object], rule: JsonMapping, where: str) -> str | None:
        known = rule.get("properties", {})
        for name in rule.get("required", ()):
            if name not in value:
                return f"{where} has no {name!r}"
        if len(value) > rule.get("maxProperties", math.inf):
            return f"{where} has {len(value)} keys"
        others = rule.get("additionalProperties", True)
        for name, item in value.items():
            if item is None and name in self.unclaimed:
                bad = None
            elif name in known:
                bad = self.misfit(item, known[name], name)
            elif others is False:
                bad = f"{where} has an unknown key {name!r:.60}"
            else:
                bad = self.misfit(item, others, f"an entry of {where}") if isinstance(others, dict) else None
            if bad:
                return bad
        return None


def _range(value: object, rule: JsonMapping, where: str) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = rule.get("minimum", -math.inf), rule.get("maximum", math.inf)
        above, below = rule.get("exclusiveMinimum", -math.inf), rule.get("exclusiveMaximum", math.inf)
        if not low <= value <= high or value <= above or value >= below:
            return f"{where} is out of range"
    if isinstance(value, str):
        if len(value) > rule.get("maxLength", math.inf):
            return f"{where} is too long"
        if len(value) < rule.get("minLength", 0):
            return f"{where} is too short"
        # all patterns are of whole texts: `$` of Python leaves room for an end of a line, that of schemas does not
        if "pattern" in rule and re.fullmatch(rule["pattern"], value) is None:
            return f"{where} has not the form it should have"
    if isinstance(value, list) and not rule.get("minItems", 0) <= len(value) <= rule.get(
        "maxItems", math.inf
    ):
        return f"{where} has {len(value)} entries"
    return None
