"""Text in TOML: read under limits that the library's reader does not have, and written."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

from derandkit.errors import InputError
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.records import JsonMapping, JsonObject

#: Dots of a key: tables have no tables in them.
MOST_DOTS = 20
#: What begins a string or a comment, which may have more dots.
_BEGINS = re.compile(r"\"{3}|'{3}|[\"'#]")
#: What ends it, or escapes its end; up to two signs before the last three belong to a string.
_ENDS = {
    '"""': re.compile(r'\\.|"{3,5}', re.DOTALL),
    "'''": re.compile(r"'{3,5}"),
    '"': re.compile(r'\\[^\n]|["\n]'),
    "'": re.compile(r"['\n]"),
    "#": re.compile(r"\n"),
}
_BETWEEN = re.compile(r"[=,{}\[\]]")


def read_toml(text: str) -> JsonObject:
    r"""Read a text in TOML.

    Parameters
    ----------
    text : str
        The text.

    Raises
    ------
    InputError
        It is not TOML, a key has more than `MOST_DOTS` dots, or a whole number has more than 64 bits.

    Examples
    --------
    >>> read_toml('[data]\ntable = "t.csv"\n')
    {'data': {'table': 't.csv'}}
    """
    # the library's reader keeps every beginning of a key: a long one would take memory as the square of its length
    for number, line in enumerate(_without_strings(text).split("\n"), 1):
        if max(part.count(".") for part in _BETWEEN.split(line)) > MOST_DOTS:
            raise InputError(f"has a key with more than {MOST_DOTS} dots", line=number)
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML: {error}") from None
    except ValueError:  # of int, which converts some thousand digits at most
        raise InputError("holds a whole number of thousands of digits") from None
    except RecursionError:
        raise InputError("is nested too deeply to be a configuration") from None
    rest: list[object] = [found]
    while rest:
        value = rest.pop()
        # written with base 16 it may have any length
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise InputError("holds a whole number of more than 64 bits, which TOML does not have")
        rest += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return found


def _without_strings(text: str) -> str:
    r"""Return a text without its strings and comments; lines stay lines.

    Up to the first error of form the strings are those of the library's reader, which goes no further; O(length).

    Examples
    --------
    >>> _without_strings("x = '''a'''' # '\na.b = 1 # 'c.d'\n")
    'x =  \na.b = 1 \n'
    """
    parts, at = [], 0
    while begin := _BEGINS.search(text, at):
        parts.append(text[at : begin.start()])
        ends = (found for found in _ENDS[begin[0]].finditer(text, begin.end()) if found[0][0] != "\\")
        found = next(ends, None)
        at = len(text) if found is None else found.start() if found[0] == "\n" else found.end()
        parts.append("\n" * text.count("\n", begin.start(), at))
    return "".join([*parts, text[at:]])


def to_toml(tables: JsonMapping) -> str:
    """Return the TOML text of a configuration's tables.

    Parameters
    ----------
    tables : mapping
        Tables of strings, numbers, booleans and lists of these; their names and keys are bare ones.

    Raises
    ------
    InputError
        The name of a file or of a column is no text in UTF-8.

    Examples
    --------
    >>> print(to_toml({"teacher": {"link": "tanh", "dimension": 20, "binary": False}}), end="")
    [teacher]
    link = "tanh"
    dimension = 20
    binary = false
    """
    parts = [
        f"[{name}]\n" + "".join(f"{key} = {_value(value)}\n" for key, value in table.items())
        for name, table in tables.items()
    ]
    return "\n".join(parts)


def _value(value: object) -> str:
    """Write a value as JSON does; characters beyond U+FFFF stand as they are, and DEL as an escape."""
    text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    try:
        text.encode()
    except UnicodeEncodeError:
        what = f"{quoted(value)} is no text in UTF-8, so no configuration can hold it"
        raise InputError(f"{what}; rename it") from None
    return text
