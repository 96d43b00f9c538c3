"""Attributes of an edge: ``{'weight': 3}`` behind it, as networkx writes them; and what no file may write twice."""

from __future__ import annotations

import ast
import math
import numbers
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.readers.text import show
from derandkit.graphs.weights import is_real
from derandkit.numerics.ranges import refuse_out_of_range
from derandkit.numerics.rounding import DECIMAL
from derandkit.words.quoting import quoted

_LONGEST = 100_000
_NUMBER = re.compile(rf"{DECIMAL}|[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
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
        It is no dictionary, a key stands twice with two values that may be weights, or a number is one that float64
        cannot hold.

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
            put_once(found, str(key), value, lambda: "an edge")
        refuse_out_of_range(text, found.values())
    except InputError as error:
        raise InputError(error.message, line=line) from None
    return found


def put_once(
    found: dict[str, object], name: str, value: object, where: Callable[[], str], *, strictly: bool = False
) -> None:
    """Add an attribute to others; refused if it is there with another value that may be a weight, as `check_once` does.

    Examples
    --------
    >>> found = {"weight": 2}
    >>> put_once(found, "weight", "2.0", lambda: "edge ('a', 'b')")
    >>> put_once(found, "weight", 5, lambda: "edge ('a', 'b')")
    Traceback (most recent call last):
    derandkit.errors.InputError: edge ('a', 'b') has 'weight' twice, as '2.0' and as 5; leave the one that counts
    """
    check_once(found, name, value, where, strictly=strictly)
    found[name] = value


def check_once(
    found: Mapping[str, object], name: str, value: object, where: Callable[[], str], *, strictly: bool = False
) -> None:
    """Refuse a value of an attribute that is there with another one, where a reader would keep one of two weights.

    Parameters
    ----------
    found : mapping
        The attributes so far.
    name : str
        What it is called.
    value : object
        Its value; ``"2"`` and ``2.0`` are one, and so are two that are not a number.
    where : callable
        Returns what has the attribute, for the message.
    strictly : bool
        Whether two values are refused of which none may be a weight.

    Raises
    ------
    InputError
        It names both values.

    Examples
    --------
    >>> check_once({"weight": 2}, "weight", 2, lambda: "an edge")
    >>> check_once({"style": "bold"}, "style", "dashed", lambda: "an edge")
    """
    if name not in found:
        return
    first = found[name]
    if first is value or not (strictly or may_be_weight(first) or may_be_weight(value)):
        return
    if not _same(first, value):
        raise InputError(
            f"{where()} has {name[:40]!r} twice, as {quoted(first, 40)} and as {quoted(value, 40)}; leave the one "
            "that counts"
        )


def may_be_weight(value: object) -> bool:
    """Whether a value counts where its attribute is that of the weights: a number, its text, or a truth value.

    Examples
    --------
    >>> [may_be_weight(value) for value in (2, "2.5", "nan", True, "bold", None, [2])]
    [True, True, True, True, False, False, False]
    """
    if isinstance(value, str):
        return _NUMBER.fullmatch(value.strip()) is not None
    return is_real(value) or isinstance(value, (bool, np.bool_))


def _same(one: object, other: object) -> bool:
    """Whether two values are one number, one text or one truth value; of others, such as arrays, none are.

    Examples
    --------
    >>> _same(2, "2.0"), _same(True, 1), _same(float("nan"), float("nan")), _same("a", "a")
    (True, False, True, True)
    """
    if type(one) is type(other) and type(one) in (int, float, str) and one == other:
        return True
    truth = [isinstance(value, (bool, np.bool_)) for value in (one, other)]
    if any(truth):
        return all(truth) and bool(one) is bool(other)
    first, second = _exact(one), _exact(other)
    if first is None or second is None:
        return False
    return first == second or (first != first and second != second)


def _exact(value: object) -> Decimal | Fraction | None:
    """Return a number as it is written, or the one that a text spells; None for anything else."""
    if isinstance(value, (Decimal, Fraction)):
        return None if isinstance(value, Decimal) and value.is_snan() else value
    if isinstance(value, numbers.Integral):
        return Decimal(int(value))
    if isinstance(value, numbers.Real):
        return Decimal(repr(float(value)))
    text = value.strip() if isinstance(value, str) else ""
    try:
        return Decimal(text) if _NUMBER.fullmatch(text) else None
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
