"""Attributes behind an edge, ``{'weight': 3}``, as networkx writes them: the text of a dictionary of Python."""

from __future__ import annotations

import ast
import math
from decimal import Decimal
from fractions import Fraction

from derandkit.errors import InputError
from derandkit.graphs.readers.text import show
from derandkit.numerics.ranges import refuse_out_of_range

_LONGEST = 100_000
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
        It is no dictionary, or a number is one that float64 cannot hold.

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
        found = {str(key): _value(value) for key, value in zip(keys, tree.values, strict=True)}
    except _FAULTS:
        raise InputError(f"{show(text)} is no dictionary of attributes", line=line) from None
    try:
        refuse_out_of_range(text, found.values())
    except InputError as error:
        raise InputError(error.message, line=line) from None
    return found


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
