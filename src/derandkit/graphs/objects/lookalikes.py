"""Words that look alike, so that they may be one vertex, and numbers that have lost digits, so that two became one."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Hashable, Iterable
from contextlib import suppress
from decimal import Decimal
from urllib.parse import unquote

from derandkit.errors import InputError
from derandkit.tables import counted

_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
#: Dashes and apostrophes of word processors, and letters of other scripts that have the shape of Latin ones.
_PLAIN = str.maketrans(
    "\u2010\u2011\u2012\u2013\u2014\u2212\u2018\u2019\u02bc"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0430\u0435\u043e\u0440\u0441\u0445\u0456"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u03bf",
    "------'''ABEKMHOPCTXaeopcxiABEZHIKMNOPTXo",
)
#: What spreadsheets, web pages and addresses write for a text, and numbers whose thousands are set apart.
_WRITTEN = re.compile(r'^="|&#?\w+;|%[0-9A-Fa-f]{2}|\d[,\'_ ]\d{3}')
_GROUPED = re.compile(r"[+-]?\d{1,3}([,'_ ])\d{3}(?:\1\d{3})*")


#: Days as spreadsheets write them without the year.
_DATE = re.compile(
    r"(?:[1-9]|[12][0-9]|3[01])-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|(?:Mar|Sep|Dec)-[0-9]{2}"
)
#: What becomes of the genes MARCH1 to MARCH11, SEPT1 to SEPT14 and DEC1 to DEC2.
_GENE = re.compile(r"(?:[1-9]|1[0-4])-(?:Mar|Sep|Dec)")
#: Twelve digits and more as spreadsheets show them, and six digits of a greater number as ``%g`` writes them.
_ROUNDED = re.compile(r"[1-9]\.(?:[0-9]{3,}E\+1[0-9]|[0-9]{5}e\+(?:0[6-9]|1[0-9]))")


#: Whole numbers as programs write them that hold them in floating point; spreadsheets may write decimal commas.
_FLOATING = re.compile(
    r"[+-]?(?:[0-9][.,](?P<digits>[0-9]+)[eE]\+?(?P<power>[0-9]{1,2})|[0-9][eE]\+[0-9]{1,2}|[0-9]{16,20}[.,]0+)"
)
#: R writes 15 digits, so that a longer number has lost the others.
_DIGITS_OF_R = 15


def refuse_floating(labels: Iterable[str]) -> None:
    """Refuse a vertex that is a whole number as floating-point numbers of that size are written: it may be rounded.

    pandas writes a column of long numbers so that once had an empty cell, and R one of numbers of more than 15 digits.

    Raises
    ------
    InputError
        It names one.

    Examples
    --------
    >>> refuse_floating(["1e18", "2.0", "1.5E+11", "1.2345678901234567e-5"])
    >>> refuse_floating(["9007199254740993.0"])
    Traceback (most recent call last):
    derandkit.errors.InputError: vertex '9007199254740993.0' is written as a floating-point number, which rounds ...
    """
    found = set()
    for label in labels:
        match = _FLOATING.fullmatch(label) if "." in label or "+" in label or "," in label else None
        if match is None:
            continue
        value = abs(Decimal(label.replace(",", ".")))
        digits = 1 + len(match["digits"] or "")
        short = _DIGITS_OF_R <= digits <= int(match["power"] or 0)
        if short or (2**53 <= value <= 2**64 and value == value.to_integral_value()):
            found.add(label)
    if found:
        raise InputError(
            f"vertex {min(found)!r} is written as a floating-point number, which rounds whole numbers of that size: "
            "different vertices may have become one; write them from the start as whole numbers (Int64 in pandas) or "
            "as text; if it is a name, say --input-format edgelist (input_format= of derandkit.as_graph), and pass an "
            "object as a graph of networkx"
        )


def refuse_rounded(labels: Iterable[str]) -> None:
    """Refuse vertices that are numbers in powers of ten, as spreadsheets and ``%g`` round longer ones.

    Raises
    ------
    InputError
        It names one.

    Examples
    --------
    >>> refuse_rounded(["1e3", "1.5E+11"])
    >>> refuse_rounded(["5", "1.23457E+17"])
    Traceback (most recent call last):
    derandkit.errors.InputError: a vertex is called '1.23457E+17', which a spreadsheet has made of ...
    """
    rounded = {label for label in labels if "+" in label and _ROUNDED.fullmatch(label)}
    if rounded:
        many = len(rounded) > 1
        called = (
            f"vertices are called {min(rounded)!r} and the like"
            if many
            else f"a vertex is called {min(rounded)!r}"
        )
        raise InputError(
            f"{called}, which a spreadsheet has made of longer numbers: "
            "different ones may have become one; export the numbers as text"
        )


def said_of_dates(labels: Iterable[Hashable]) -> tuple[str, ...]:
    """Return what has to be said of a few words that spreadsheets write for dates, among others that are none.

    Days of several months that genes are called after are said even if there is nothing else.

    They turn names such as MAR1 and SEPT2, and ranges such as 1-3, into dates, so that two of them may be one.

    Examples
    --------
    >>> said_of_dates(["TP53", "BRCA1", "1-Mar", "2-Sep"])
    ("'1-Mar' (and 1 other) is written as spreadsheets write dates: a name such as MAR1 may have become it",)
    >>> said_of_dates(["TP53", "MAR1"]), said_of_dates(["1-Mar", "2-Mar"]), len(said_of_dates(["1-Mar", "2-Sep"]))
    ((), (), 1)
    """
    if isinstance(labels, range):
        return ()
    words = [label for label in labels if isinstance(label, str)]
    dates = [word for word in words if "-" in word and _DATE.fullmatch(word)]
    genes = all(map(_GENE.fullmatch, dates)) and len({date[-3:] for date in dates}) > 1
    if not dates or (2 * len(dates) > len(words) and not genes):
        return ()
    more = f" (and {counted(len(dates) - 1, 'other')})" if len(dates) > 1 else ""
    return (
        f"{dates[0]!r}{more} is written as spreadsheets write dates: a name such as MAR1 may have become it",
    )


def refuse_lookalikes(labels: Iterable[str]) -> None:
    r"""Refuse two words of a text that look alike, so that they may be one vertex.

    They differ in blanks around or between them (a no-break space is a blank), in marks that have no width, in how an
    accent is composed, in the script of their digits, in dashes or quotation marks as word processors write them, or in
    Greek and Cyrillic letters for Latin ones. Or one is the other as spreadsheets (``="B"``), web pages (``A&amp;B``)
    and addresses (``New%20York``) write it, or with marks between its thousands.

    Raises
    ------
    InputError
        It names the two.

    Examples
    --------
    >>> refuse_lookalikes(["a", "a\u200b"])
    Traceback (most recent call last):
    derandkit.errors.InputError: 'a' and 'a\u200b' look alike and may be one vertex or two; write it in one way
    """
    seen: dict[str, str] = {}
    for label in labels:
        plain = _as_text(label) if _WRITTEN.search(label) else label
        if not plain.isascii():
            composed = unicodedata.normalize("NFKC", plain).translate(_PLAIN)
            shown = (sign for sign in composed if unicodedata.category(sign) != "Cf")
            plain = with_plain_digits("".join(shown)).strip(_QUOTES)
        other = seen.setdefault(" ".join(plain.split()), label)
        if other != label:
            raise InputError(
                f"{other!a} and {label!a} look alike and may be one vertex or two; write it in one way"
            )


def _as_text(label: str) -> str:
    """Return the text that a spreadsheet, a web page or an address shows for `label`.

    Examples
    --------
    >>> [_as_text(label) for label in ('="B"', "A&amp;B", "New%20York", "1,000", "x%E4")]
    ['B', 'A&B', 'New York', '1000', 'x%E4']
    """
    if label.startswith('="') and label.endswith('"'):
        label = label[2:-1]
    label = html.unescape(label)
    with suppress(UnicodeDecodeError):  # no text in UTF-8
        label = unquote(label, errors="strict")
    grouped = _GROUPED.fullmatch(label)
    return label.replace(grouped[1], "") if grouped else label


def with_plain_digits(text: str) -> str:
    r"""Return a text with the digits 0 to 9 for those of all scripts.

    Examples
    --------
    >>> with_plain_digits("\u0662")
    '2'
    """
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
