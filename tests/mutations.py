"""Records changed in one place by kind of change, and sealed again inside and outside."""

from __future__ import annotations

import contextlib
import copy
import math

from tests.leaves import replaced

from derandkit.records import seal

#: Keys under which a record holds another one.
INNER = ("cut", "contracted", "best")
KINDS = (
    "near", "number", "type", "special", "huge", "swapped", "repeated", "dropped", "extra", "nested", "text", "sign",
)  # fmt: skip


def places(value, path=()):
    """Yield the path of every value inside, objects and lists included, and the value."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for k, item in enumerate(value):
            yield from places(item, (*path, k))


def sealed_again(record):
    """Seal a record and those that it holds; a record that cannot be written keeps its old seal."""
    for key in INNER:
        if isinstance(record.get(key), dict) and "seal" in record[key]:
            sealed_again(record[key])
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        record["seal"] = seal(record)
    return record


def base64_changed(text, numbers):
    """Change one character to another of the alphabet: another number, maybe not a finite one."""
    if not text:
        return "AAAA"
    k = int(numbers.integers(len(text)))
    letter = "ABCDwxyz0189+/"[int(numbers.integers(14))]
    return text[:k] + letter + text[k + 1 :]


def changed(value, kind, numbers):
    """Return another value in place of one, or None if the kind of change does not fit."""
    pick = lambda *choices: choices[int(numbers.integers(len(choices)))]  # noqa: E731
    number = type(value) in (int, float)
    if kind == "near" and type(value) is float:
        return pick(
            math.nextafter(value, math.inf), math.nextafter(value, -math.inf), value * (1 + 1e-9), value * (1 - 1e-6)
        )  # fmt: skip
    if kind == "number" and number:
        small = [
            value + 1,
            value - 1,
            2 * value,
            0,
            value * 1.01,
            value * 0.99,
            value * 0.5,
            float(numbers.normal()),
        ]
        return type(value)(pick(*small))
    if kind == "type":
        return pick(
            str(value)[:50], [value], {"a": 1}, None, True, 1, 1.0, float(value) if type(value) is int else 3
        )
    if kind == "special" and number:
        return pick(math.nan, math.inf, -math.inf, -0.0, 5e-324, 2.0**-1022)
    if kind == "huge":
        return pick(1e308, 10**40, -(10**400), "+" * 5000, [0.0] * 3000, 2**63, 1e-300)
    if kind == "swapped" and isinstance(value, (list, str)) and len(value) > 1:
        i, j = sorted(int(k) for k in numbers.choice(len(value), 2, replace=False))
        items = list(value)
        items[i], items[j] = items[j], items[i]
        return "".join(items) if isinstance(value, str) else items
    if kind == "repeated" and isinstance(value, (list, str)) and value:
        k = int(numbers.integers(len(value)))
        return value[: k + 1] + value[k:]
    if kind == "dropped" and isinstance(value, (list, dict)) and value:
        items = copy.copy(value)
        del items[pick(*(list(value) if isinstance(value, dict) else range(len(value))))]
        return items
    if kind == "extra" and isinstance(value, (dict, list)):
        return {**value, pick("note", "gap", "\x1b[2J", ""): 1.0} if isinstance(value, dict) else [*value, 0]
    if kind == "nested":
        for _ in range(int(pick(1, 3, 60))):
            value = [value]
        return value
    if kind == "text" and isinstance(value, str):
        other = [
            value[:-1],
            value + " ",
            value.upper(),
            "optimal",
            "certified",
            "estimated",
            "interrupted",
            "solved",
        ]
        flipped = value.translate(str.maketrans("+-", "-+"))
        return pick(*other, flipped, base64_changed(value, numbers), base64_changed(value, numbers))
    if kind == "sign":
        if type(value) is bool:
            return not value
        return -value if number else None
    return None


def somewhere(record, numbers):
    """Return a place and its value; each key of a record is as likely as the others, however much is below it."""
    keys = sorted(set(record) - {"seal"})
    key = keys[int(numbers.integers(len(keys)))]
    if key in INNER and numbers.random() < 0.9:
        path, value = somewhere(record[key], numbers)
        return (key, *path), value
    below = list(places(record[key], ()))
    below = [((key, *path), value) for path, value in [((), record[key]), *below]]
    return below[int(numbers.integers(len(below)))]


def mutated(record, numbers):
    """Return (path, kind, old value, new value, changed record), sealed again."""
    while True:
        path, value = somewhere(record, numbers)
        kind = KINDS[int(numbers.integers(len(KINDS)))]
        new = changed(value, kind, numbers)
        if (
            path[-1] == "seal"
            or (new is None and kind != "type")
            or (type(new) is type(value) and new == value)
        ):
            continue
        return path, kind, value, new, sealed_again(replaced(record, path, new))
