"""Attributes of an edge: ``{'weight': 3}`` behind it, as networkx writes them; and what no file may write twice."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from derandkit.errors import InputError
from derandkit.graphs.readers.text import show
from derandkit.numerics.ranges import refuse_out_of_range
from derandkit.numerics.rounding import DECIMAL
from derandkit.words.quoting import quoted

_LONGEST = 100_000
_NUMERAL = re.compile(DECIMAL)
_NAMES: dict[str, object] = {"nan": math.nan, "inf": math.inf, "True_": True, "False_": False}
_FAULTS = (ValueError, SyntaxError, MemoryError, RecursionError, TypeError, ArithmeticError)


def attributes_of(text: bytes, line: int) -> dict[str, object]:
    """Return the attributes that a text lists.

    Values that are no numbers, words or collections of these, such as ``array([1.0, 2.0])``, are kept as text.

    Parameters
    ----------
    text : bytes
        From ``{`` to ``}``.
    line : int
        Its number, for messages.

    Raises
    ------
    InputError
        It is no dictionary, a key stands twice with two values, or a number is one that float64 cannot hold.

    Examples
    --------
    >>> attributes_of(b"{'weight': np.float64(3.5), 'km': -2, 'pos': array([1.0, 2.0])}", 1)
    {'weight': 3.5, 'km': -2, 'pos': 'array([1.0, 2.0])'}
    """
    if len(text) > _LONGEST:
        raise InputError(f"attributes of {len(text)} bytes; at most {_LONGEST} are read", line=line)
    try:
        tree = ast.parse(text.decode("utf-8"), mode="eval").body
        if not isinstance(tree, ast.Dict) or None in tree.keys:
            raise ValueError
        keys = [ast.literal_eval(key) for key in tree.keys if key is not None]
        values = [_value(value) for value in tree.values]
    except _FAULTS:
        raise InputError(f"{show(text)} is no dictionary of attributes", line=line) from None
    found: dict[str, object] = {}
    try:
        for key, value in zip(keys, values, strict=True):
            put_once(found, str(key), value, "an edge")
        refuse_out_of_range(text, found.values())
    except InputError as error:
        raise InputError(error.message, line=line) from None
    return found


def put_once(found: dict[str, object], name: str, value: object, where: str) -> None:
    """Add an attribute to others; refused if it is there with another value, of which a reader would keep one.

    Parameters
    ----------
    found : dict
        The attributes so far.
    name : str
        What it is called.
    value : object
        Its value; ``"2"`` and ``2.0`` are one.
    where : str
        What has the attribute, for the message.

    Raises
    ------
    InputError
        It names both values.

    Examples
    --------
    >>> found = {"weight": 2}
    >>> put_once(found, "weight", "2.0", "edge ('a', 'b')")
    >>> put_once(found, "weight", 5, "edge ('a', 'b')")
    Traceback (most recent call last):
    derandkit.errors.InputError: edge ('a', 'b') has 'weight' twice, as '2.0' and as 5; leave the one that counts
    """
    check_once(found, name, value, where)
    found[name] = value


def check_once(found: Mapping[str, object], name: str, value: object, where: str) -> None:
    """Refuse a value of an attribute that is there with another one, as `put_once` does.

    Raises
    ------
    InputError
        It names both values.

    Examples
    --------
    >>> check_once({"weight": 2}, "weight", 2, "an edge")
    """
    if name in found and not _same(found[name], value):
        raise InputError(
            f"{where} has {name[:40]!r} twice, as {quoted(found[name], 40)} and as {quoted(value, 40)}; leave the one "
            "that counts"
        )


def _same(one: object, other: object) -> bool:
    """Whether two values are equal, or one number that is written in two ways; a truth value is no number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    number = _decimal(one)
    return one == other or (number is not None and number == _decimal(other))


def _decimal(value: object) -> Decimal | None:
    """Return a number, or the one that a text spells; None for anything else."""
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    text = repr(value) if isinstance(value, float) else value.strip() if isinstance(value, str) else ""
    try:
        return Decimal(text) if _NUMERAL.fullmatch(text) else None
    except ArithmeticError:  # an exponent that Decimal does not hold
        return None


def _value(node: ast.expr) -> object:
    """Value of an expression: a literal, or a number of NumPy or the standard library; else its text."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        pass
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _value(node.operand)
        return -inner if isinstance(inner, float) else ast.unparse(node)
    if isinstance(node, (ast.Name, ast.Attribute)):
        name = node.id if isinstance(node, ast.Name) else node.attr
        return _NAMES.get(name, ast.unparse(node))
    if not isinstance(node, ast.Call) or not node.args or node.keywords:
        return ast.unparse(node)
    name = ast.unparse(node.func).rpartition(".")[2]
    (first, *more) = given = [_value(part) for part in node.args]
    try:
        if name == "Fraction" and len(given) < 3:
            return Fraction("/".join(map(str, given)))
        if name in ("Decimal", "longdouble") and isinstance(first, str) and not more:
            return Decimal(first)
    except (ValueError, ArithmeticError):
        return ast.unparse(node)
    scalar = name.rstrip("0123456789_") in ("float", "int", "uint", "longdouble", "longlong", "str", "bool")
    return first if scalar and not more else ast.unparse(node)
