"""Vertex labels as JSON, and back.

Numbers, strings and None are their own JSON. A tuple is a JSON array. Every other kind of label is an object with one
key that names the kind, so that no two labels that differ have the same text:

=========================  =============================================
label                      JSON
=========================  =============================================
``frozenset({1, "a"})``    ``{"frozenset": ["a", 1]}``, items sorted by their JSON text
``b"ab"``                  ``{"bytes": "6162"}``
``date(2026, 1, 31)``      ``{"date": "2026-01-31"}``
``datetime(2026, 1, 31)``  ``{"datetime": "2026-01-31T00:00:00"}``
``time(12)``               ``{"time": "12:00:00"}``
``timedelta(1)``           ``{"timedelta": [1, 0, 0]}`` (days, seconds, microseconds)
``Decimal("1.50")``        ``{"decimal": "1.50"}``
``Fraction(1, 3)``         ``{"fraction": "1/3"}``
``1 + 2j``                 ``{"complex": [1.0, 2.0]}``
``UUID(...)``              ``{"uuid": "..."}``
``Color.RED``              ``{"enum": ["package.module.Color", "RED"]}``
anything else              ``{"other": ["package.module.Class", "its text"]}``
=========================  =============================================

An enumeration comes back if its class is given, and nothing is ever imported because a file says so; what cannot come
back becomes a `ForeignLabel`, which is written as the same JSON again.
"""

from __future__ import annotations

import datetime
import enum
import json
import uuid
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from derandkit.errors import InputError
from derandkit.records import JsonObject


@dataclass(frozen=True, slots=True)
class ForeignLabel:
    """A label that JSON names but cannot bring back.

    Parameters
    ----------
    tag : {"enum", "other"}
        How it is written.
    kind : str
        The class of the label that was written.
    text : str
        What it read, or the name of the member of an enumeration.

    Examples
    --------
    >>> label_of({"other": ["shop.Item", "chair"]})
    ForeignLabel(tag='other', kind='shop.Item', text='chair')
    """

    tag: str
    kind: str
    text: str


def json_of(label: object) -> object:
    """Return the JSON value of a label, the same in every run.

    Parameters
    ----------
    label : hashable
        A vertex label.

    Returns
    -------
    None, int, float, str, list or dict
        See the table above.

    Raises
    ------
    InputError
        The label's text would contain its memory address.

    Examples
    --------
    >>> json_of("a"), json_of((0, 1)), json_of(frozenset({(1, 2), "b"}))
    ('a', [0, 1], {'frozenset': ['b', [1, 2]]})
    >>> label_of(json_of((datetime.date(2026, 1, 31), b"ab")))
    (datetime.date(2026, 1, 31), b'ab')
    """
    return json.loads(json.dumps(label, default=tagged))


def tagged(label: object) -> JsonObject:
    """Return the object that stands for a label which JSON does not know; ``default=`` of ``json.dumps``.

    Examples
    --------
    >>> json.dumps((1, b"ab"), default=tagged)
    '[1, {"bytes": "6162"}]'
    """
    kind: type = type(label)
    if isinstance(label, ForeignLabel):
        return {label.tag: [label.kind, label.text]}
    if isinstance(label, frozenset):
        return {"frozenset": sorted(map(json_of, label), key=json.dumps)}
    if isinstance(label, enum.Enum):
        return {"enum": [_full_name(kind), label.name]}
    if kind in _WRITERS:
        tag, write = _WRITERS[kind]
        return {tag: write(label)}
    return {"other": [_full_name(kind), label_text(label)]}


def label_of(value: object, enums: Iterable[type[enum.Enum]] = ()) -> Hashable:
    """Return the label that a JSON value stands for: the inverse of `json_of`.

    Parameters
    ----------
    value : JSON value
        What `json_of` returned.
    enums : iterable of enumerations
        Classes whose members may come back.

    Returns
    -------
    hashable

    Raises
    ------
    InputError
        The value stands for no label.

    Examples
    --------
    >>> label_of([0, [1, {"frozenset": [2, 3]}]])
    (0, (1, frozenset({2, 3})))
    >>> label_of({"date": "yesterday"})
    Traceback (most recent call last):
    derandkit.errors.InputError: {"date": "yesterday"} is not a vertex label
    """
    known = {_full_name(kind): kind for kind in enums}
    try:
        return _label(value, known)
    except RecursionError:
        raise InputError("a vertex label is nested too deeply") from None
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
        text = json.dumps(value)
        raise InputError(f"{text if len(text) <= 80 else text[:77] + '...'} is not a vertex label") from None


def _label(value: Any, enums: dict[str, type[enum.Enum]]) -> Hashable:
    if isinstance(value, list):
        return tuple(_label(item, enums) for item in value)
    if not isinstance(value, dict):
        if isinstance(value, bool):
            raise TypeError("a boolean is never written")
        return value  # type: ignore[no-any-return]
    ((tag, content),) = value.items()
    if tag == "frozenset" and isinstance(content, list):
        found = frozenset(_label(item, enums) for item in content)
        if len(found) < len(content):
            raise ValueError("an item stands twice")
        return found
    if tag in ("enum", "other"):
        kind, text = content
        if not (isinstance(kind, str) and isinstance(text, str)):
            raise TypeError("a kind and a text")
        if tag == "enum" and kind in enums:
            return enums[kind][text]
        return ForeignLabel(tag, kind, text)
    return _as_written(tag, content)


def _as_written(tag: str, content: object) -> Hashable:
    """Return the label of a kind; a value that no label is written as would be a second spelling of one.

    Raises
    ------
    ValueError, TypeError, ArithmeticError, LookupError, AttributeError
        It is none, such as ``{"uuid": 5}`` or ``{"decimal": "1_0"}``.

    Examples
    --------
    >>> _as_written("fraction", "1/3")
    Fraction(1, 3)
    """
    found = _READERS[tag](content)
    parts = content if isinstance(content, list) else [content]
    if any(isinstance(part, bool) for part in parts) or tagged(found) != {tag: content}:
        raise ValueError("another spelling of a label")
    return found


def label_text(label: object) -> str:
    """Text of a label that is the same in every run, unlike ``str`` of a set or of a bare object.

    Raises
    ------
    InputError
        The label's text would contain its memory address.

    Examples
    --------
    >>> label_text(frozenset({"b", "a"})), label_text((1, frozenset({3, 2})))
    ('{a, b}', '(1, {2, 3})')
    """
    if isinstance(label, frozenset):
        return "{" + ", ".join(sorted(label_text(item) for item in label)) + "}"
    if type(label) is tuple:
        return "(" + ", ".join(label_text(item) for item in label) + ")"
    kind = type(label)
    if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
        raise InputError(
            f"vertex labels of type {kind.__name__} have no fixed order; relabel with numbers or strings"
        )
    return str(label)


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _decimal(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise ValueError("no decimal number") from None
    if found.is_nan():  # which equals no label, itself among them, or cannot be compared at all
        raise ValueError("no number")
    return found


def _fraction(text: str) -> Fraction:
    numerator, _, denominator = text.partition("/")
    return Fraction(int(numerator), int(denominator or "1"))


#: Exact type -> tag and what is written. A subclass may hold more than its base shows, and is written by its text.
_WRITERS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    bytes: ("bytes", bytes.hex),
    datetime.datetime: ("datetime", datetime.datetime.isoformat),
    datetime.date: ("date", datetime.date.isoformat),
    datetime.time: ("time", datetime.time.isoformat),
    datetime.timedelta: ("timedelta", lambda label: [label.days, label.seconds, label.microseconds]),
    Decimal: ("decimal", str),
    Fraction: ("fraction", str),
    complex: ("complex", lambda label: [label.real, label.imag]),
    uuid.UUID: ("uuid", str),
}
_READERS: dict[str, Callable[[Any], Hashable]] = {
    "bytes": bytes.fromhex,
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timedelta": lambda parts: datetime.timedelta(*map(int, parts)),
    "decimal": _decimal,
    "fraction": _fraction,
    "complex": lambda parts: complex(*parts),
    "uuid": uuid.UUID,
}
