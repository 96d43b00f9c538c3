"""What the verbs write: nothing that a terminal obeys comes out of a file, a name or a message."""

from __future__ import annotations

import json
import os
import re
import sys

import click

from derandkit.tables import MOST_SHOWN, clipped, printable

#: What is not ASCII text, line ends or tabs; some of it is printable.
_MAYBE_HIDDEN = re.compile(r"[^\n\t\x20-\x7e]")


def say(text: str) -> None:
    """Write one line to stderr, whatever stands in the names and messages that it quotes."""
    line = clipped(" ".join(text.split()), 4 * MOST_SHOWN)
    click.echo(f"derandkit: {printable(line)}", err=True)


def read_as(path: str, reading: object) -> str:
    """Return the line that says what a file was read as.

    Examples
    --------
    >>> read_as("-", "edge list")
    'read standard input as edge list'
    """
    return f"read {'standard input' if path == '-' else path} as {reading}"


def lose_output() -> None:
    """Let standard output go nowhere: what Python still flushes at exit must find a descriptor that takes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def shown(text: str) -> str:
    r"""Return a text for stdout: what a terminal would obey is written as the escape that JSON has for it.

    Tables and columns are escaped where they are made; this keeps JSON what it is, and lets nothing else through.

    Examples
    --------
    >>> print(shown('{"a": "\u202e\x7f"}'))
    {"a": "\u202e\u007f"}
    """
    return _MAYBE_HIDDEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character.isprintable():
        return character
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]
