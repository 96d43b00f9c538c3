"""Rows that know what their entries are called (named tuples, rows of databases), and names as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def fields_of(row: object) -> tuple[str, ...]:
    """Return what the entries of a row are called, in their order; () where they have no names.

    Named tuples and rows of SQLAlchemy have ``_fields``, those of Spark ``__fields__``. A row of ``sqlite3.Row`` and
    its like has ``keys()`` and is no mapping: it holds its entries by position, too.

    Parameters
    ----------
    row : object
        Mappings and frames have no fields; a series has its labels, where they are texts.

    Examples
    --------
    >>> from collections import namedtuple
    >>> fields_of(namedtuple("Point", "x y")(1.0, 2.0)), fields_of((1.0, 2.0)), fields_of({"x": 1.0})
    (('x', 'y'), (), ())
    >>> import sqlite3
    >>> base = sqlite3.connect(":memory:")
    >>> base.row_factory = sqlite3.Row
    >>> fields_of(base.execute("select 1 as x, 2 as y").fetchone())
    ('x', 'y')
    """
    if isinstance(row, Mapping) or not (hasattr(row, "__len__") and hasattr(row, "__iter__")):
        return ()
    for name in ("_fields", "__fields__"):
        fields = getattr(row, name, None)
        if isinstance(fields, (tuple, list)) and fields and all(isinstance(field, str) for field in fields):
            return tuple(fields)
    keys = getattr(row, "keys", None)
    # a frame has columns for keys
    if not callable(keys) or not hasattr(row, "__getitem__") or hasattr(row, "columns"):
        return ()
    names = tuple(keys())
    return names if len(names) == len(row) and all(isinstance(name, str) for name in names) else ()


def text_of(name: object) -> str:
    """Return the name of a column as text; a member of an enumeration of texts is the text that it stands for.

    Examples
    --------
    >>> import enum
    >>> text_of(enum.Enum("Field", {"AGE": "age"}, type=str).AGE), text_of(2)
    ('age', '2')
    """
    return str.__str__(name) if isinstance(name, str) else str(name)


def texts_of(names: Iterable[object]) -> tuple[str, ...]:
    """Return the names of columns as texts; see `text_of`."""
    return tuple(map(text_of, names))
