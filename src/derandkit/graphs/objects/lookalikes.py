"""Words that look alike, so that they may be one vertex."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from derandkit.errors import InputError

_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
#: Dashes and apostrophes of word processors, and letters of other scripts that have the shape of Latin ones.
_PLAIN = str.maketrans(
    "\u2010\u2011\u2012\u2013\u2014\u2212\u2018\u2019\u02bc"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0430\u0435\u043e\u0440\u0441\u0445\u0456"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u03bf",
    "------'''ABEKMHOPCTXaeopcxiABEZHIKMNOPTXo",
)


def refuse_lookalikes(labels: Iterable[str]) -> None:
    r"""Refuse two words of a text that look alike, so that they may be one vertex.

    They differ in blanks around or between them (a no-break space is a blank), in marks that have no width, in how an
    accent is composed, in the script of their digits, in dashes or quotation marks as word processors write them, or in
    Greek and Cyrillic letters for Latin ones.

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
        plain = label
        if not label.isascii():
            composed = unicodedata.normalize("NFKC", label).translate(_PLAIN)
            shown = (sign for sign in composed if unicodedata.category(sign) != "Cf")
            plain = with_plain_digits("".join(shown)).strip(_QUOTES)
        other = seen.setdefault(" ".join(plain.split()), label)
        if other != label:
            raise InputError(
                f"{other!a} and {label!a} look alike and may be one vertex or two; write it in one way"
            )


def with_plain_digits(text: str) -> str:
    r"""Return a text with the digits 0 to 9 for those of all scripts.

    Examples
    --------
    >>> with_plain_digits("\u0662")
    '2'
    """
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
