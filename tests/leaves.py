"""Records taken apart: every leaf with its path, and records in which one of them is another."""

import copy


def leaves(value, path=(), *, lists=False):
    """Yield path and value of every leaf: numbers, texts, empty lists and mappings; with `lists` whole lists too."""
    if isinstance(value, (dict, list)) and value:
        if lists and isinstance(value, list):
            yield path, value
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key), lists=lists)
    else:
        yield path, value


def places(value, path=()):
    """Yield the path of every place in a record, leaves and what holds them."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def value_at(record, path):
    """Return what stands at a path."""
    for key in path:
        record = record[key]
    return record


def replaced(record, path, value):
    """Return a copy of a record with another value at a path."""
    record = copy.deepcopy(record)
    value_at(record, path[:-1])[path[-1]] = value
    return record


def changed(value, *, share=1e-3, least=1e-3, longer=False):
    """Return another value of the same type: a number moved by a share of it, a text with another letter.

    A text of signs stays one. Null becomes a number, an empty list or mapping a text.
    """
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value + max(least, share * abs(value))
    if isinstance(value, str) and value:
        other = {"+": "-", "-": "+"}.get(value[0])
        return f"x{value}" if longer and other is None else (other or "x") + value[1:]
    return 1.5 if value is None else "something"
