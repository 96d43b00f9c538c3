"""Text from outside, as it is shown: one line, without characters that a terminal obeys, of a length that can be read.

Names, fields and paths are chosen by whoever made a file. What quotes them goes through here: messages of errors and
remarks as a whole, so that no place that quotes something can forget it.
"""

from __future__ import annotations

import re

#: Characters of a text from a file that are shown at the most: what stands above it has to stay in sight.
MOST_SHOWN = 600
#: Characters of a message or remark, and of a path before it.
MOST_SAID, MOST_OF_A_PATH = 460, 120
#: Characters of a run without a blank, which is a name, a number or a path; a longer one is shown by its two ends.
#: A path with the number of a line behind it is shorter.
_MOST_OF_A_WORD = 140
_LONG_WORD = re.compile(rf"\S{{{_MOST_OF_A_WORD + 1},}}")
#: Characters that are looked at: what lies between so long a beginning and so long an end is shown nowhere.
_LOOKED_AT = 20_000


def printable(text: str) -> str:
    r"""Return a text from a file as it may be shown on a terminal: one line, without control characters.

    Everything that Unicode calls not printable is written as an escape: control characters, and with them the
    sequences that clear a screen or hide text; marks that turn the direction of writing; lone surrogates; line breaks.

    Examples
    --------
    >>> print(printable("caf\u00e9 \x1b[2J ok\n\u202e\ud800"))
    café \x1b[2J ok\n\u202e\ud800
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def one_field(text: str) -> str:
    r"""Return a text as one column of a tab-separated line: backslashes and what `printable` escapes are escaped.

    Examples
    --------
    >>> print(one_field("a\\b\tc\x1b[2J"))
    a\\b\tc\x1b[2J
    """
    return printable(text.replace("\\", "\\\\"))


def clipped(text: str, most: int = MOST_SHOWN) -> str:
    """Return a text as it is shown: of one that is longer than that, its beginning and how long it is.

    Examples
    --------
    >>> clipped("a name"), clipped("x" * 1000, 5)
    ('a name', 'xxxxx... (1000 characters)')
    """
    # what was clipped already is not clipped again
    return text if len(text) <= most + 40 else f"{text[:most]}... ({len(text)} characters)"


def quoted(value: object, most: int = 60) -> str:
    """Return a value that cannot be used as a message quotes it: its repr, cut short; its type where it has none.

    Python writes no integer of more than 4300 digits, and the repr of an object of somebody else may raise anything.

    Examples
    --------
    >>> quoted("quik"), quoted([1] * 99, 9), quoted(10**5000)
    ("'quik'", '[1, 1,...', '<int>')
    """
    try:
        text = repr(value)
    except Exception:
        return f"<{type(value).__name__}>"
    return text if len(text) <= most else f"{text[: most - 3]}..."


def ends_of(text: str, most: int) -> str:
    """Return a text, or where it is longer than that its two ends: a name begins, and what to do about it stands last.

    Examples
    --------
    >>> ends_of("a name", 9), ends_of("from here to there", 9)
    ('a name', 'from...re')
    """
    if len(text) <= most:
        return text
    end = (most - 3) * 2 // 5
    return f"{text[: most - 3 - end]}...{text[len(text) - end :]}"


def one_line(text: str, most: int = MOST_SAID) -> str:
    r"""Return a message that quotes what came from outside: one printable line, at most so long.

    Of a word of more than 140 characters its two ends are left, and so of a message that is too long all the same.

    Parameters
    ----------
    text : str
        The message.
    most : int
        Characters of the answer.

    Examples
    --------
    >>> one_line("column 2 '" + "x" * 100_000 + "' is not a number")[:40]
    "column 2 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    >>> one_line("two lines\nof \x1b[2J words; name the columns", 36)
    'two lines of \\x1b[2J...e the columns'
    >>> len(one_line("9" * 400)), len(one_line("word " * 400))
    (140, 460)
    """
    line = printable(" ".join(ends_of(text, _LOOKED_AT).splitlines()))
    return ends_of(_LONG_WORD.sub(_ends_of_word, line), most)


def _ends_of_word(found: re.Match[str]) -> str:
    return ends_of(found[0], _MOST_OF_A_WORD)
