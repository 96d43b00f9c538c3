"""What is refused, and how errors become sentences."""

import json


class Refused(Exception):  # noqa: N818
    """A statement that does not hold, or a file that cannot be read."""


#: What a malformed record can make a check raise.
MALFORMED = (
    Refused,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)


#: What other errors than ours mean, from the particular to the general.
MEANINGS = (
    (FileNotFoundError, "no such file"),
    (IsADirectoryError, "is a directory; give a file"),
    (PermissionError, "no permission to read the file"),
    (UnicodeError, "is not UTF-8 text"),
    (json.JSONDecodeError, "is not JSON"),
    (RecursionError, "is nested too deeply"),
    (MemoryError, "takes more memory than there is"),
    (KeyError, "cannot be read: it lacks {error}"),
    (OSError, "cannot be read: {error.strerror}"),
    (ArithmeticError, "cannot be read: a number in it is beyond the range of numbers"),
    (Exception, "cannot be read: a part of it is of another form than it should have"),
)


def sentence(error):
    """Return what an error means for the file that was read, as a sentence."""
    if isinstance(error, Refused):
        return str(error)
    meaning = next(meaning for kind, meaning in MEANINGS if isinstance(error, kind))
    return meaning.format(error=error)


def line(text):
    """Return a text in one line: it may quote the record, and what it quotes is no command to a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)[:300]


def need(holds, text):
    """Go on if a statement holds."""
    if not holds:
        raise Refused(text)
