"""Targets in text: names of classes, unless they may as well be numbers that are written in another way."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from derandkit.errors import InputError
from derandkit.numerals import by_fortran

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Numbers are classes if there are no more of them than this, they are whole, and each has so many rows.
MOST_CLASSES, ROWS_A_CLASS = 20, 5

_DIGITS = r"\d(?:[\d.,'\u2019 _\u00a0\u2009\u202f]*\d)?[.,]?(?:[eE][+-]?\d+)?"
_NUMBER = re.compile(
    rf"(?P<before>[^\w\s.,+-]{{0,3}}|[A-Z]{{3}}) ?[+\u2212-]?(?P<number>{_DIGITS}) ?(?P<behind>[^\d]{{0,12}})"
)
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+")
_CODE = re.compile(r"[+-]?\d+|\d+[ -]?[^\W\d].*|[^\W\d]+ ?\d+")
_HEX = re.compile(r"0[xX][0-9a-fA-F]+")
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[T ].*)?|\d{1,2}:\d{2}(?::\d{2}.*)?")
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
)
_TENS = "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million"
_WORDS = frozenset(f"{_UNITS} {_TENS}".split())


def check_words(labels: Sequence[str]) -> None:
    """Refuse names of classes that may be numbers, and two that look alike.

    They may be numbers if more than half of them are numbers, alone or with one unit or sign, and not whole, or too
    many or too rare for classes, or if something else stands in a few rows; if they are dates or hexadecimal numbers of
    this kind; or if all are numbers in words.

    Parameters
    ----------
    labels : sequence of str
        One a row.

    Raises
    ------
    InputError
        They fit both readings, which are named.

    Examples
    --------
    >>> check_words(["2WD", "4WD"] * 5)
    >>> check_words(["12 kg", "9 kg", "10.5 kg"])
    Traceback (most recent call last):
    derandkit.errors.InputError: the targets are text such as '12 kg': numbers with ' kg' behind them, or classes? ...
    """
    counts = Counter(label.strip() for label in labels)
    _refuse_alike(dict.fromkeys(labels))
    if all(_in_words(label) for label in counts):
        raise _doubt(labels[0], "numbers in words")
    plain = {label for label in counts if _PLAIN.fullmatch(label)}
    found = {label: _kind(label) for label in counts}
    kind, rows = Counter(dict.fromkeys(found.values(), 0)), len(labels)
    for label, what in found.items():
        kind[what] += counts[label]
    what, count = max(
        ((what, count) for what, count in kind.items() if what is not None),
        key=lambda x: x[1],
        default=("", 0),
    )
    alike = [label for label in counts if found[label] == what]
    rare = any(counts[label] < ROWS_A_CLASS for label in counts if found[label] != what)
    if 2 * count <= rows or (_few(alike, counts) and not (rare and what == "")):
        return
    first = next(label for label in labels if found[label.strip()] == what)
    if count < rows:
        other = next((row, label) for row, label in enumerate(labels) if found[label.strip()] != what)
        raise InputError(
            f"most targets are {what or 'numbers'} such as {first[:40]!r}, and the target in row {other[0]} (from 0) "
            f"is {other[1][:40]!r}; correct it or leave the row out, and rename the targets if they are classes"
        )
    if alike and set(alike) <= plain:
        what = "numbers in text"
    raise _doubt(first, what)


def _refuse_alike(labels: Iterable[str]) -> None:
    """Refuse two names that differ in capital letters, widths, blanks or signs that are not seen: one class, or two."""
    seen: dict[str, str] = {}
    for label in labels:
        shown = "".join(
            sign for sign in unicodedata.normalize("NFKC", label) if unicodedata.category(sign) != "Cf"
        )
        other = seen.setdefault(" ".join(shown.casefold().split()), label)
        if other != label:
            raise InputError(
                f"the targets {other[:40]!r} and {label[:40]!r} look alike: one class, or two? write it in one way, or "
                "rename one (task='classes' in Python takes them as two)"
            )


def _doubt(label: str, what: str) -> InputError:
    ways = "write numbers with digits and a decimal point only", "convert them to numbers"
    way = ways[what == "numbers in text"]
    return InputError(
        f"the targets are text such as {label[:40]!r}: {what}, or classes? {way}, or rename "
        f"the classes ({'class ' + label[:20]!r}; task='classes' in Python)"
    )


def _in_words(label: str) -> bool:
    return all(word in _WORDS for word in re.split(r"[\s-]+(?:and\s+)?", label.lower()))


def _kind(label: str) -> str | None:
    """Return what a label is if it is a number, in words; numbers with one unit are alike."""
    if _PLAIN.fullmatch(label):
        return ""
    if _DATE.fullmatch(label):
        return "dates or times"
    if _HEX.fullmatch(label):
        return "hexadecimal numbers"
    if not label.startswith("*") and by_fortran(label) is not None:
        return "numbers as Fortran writes them"
    match = _NUMBER.fullmatch(label)
    if match is None:
        return None
    before, behind = match["before"], label[match.end("number") :]
    if before or behind:
        return f"numbers with {(before + behind)!r} {'before' if before else 'behind'} them"
    return "numbers with commas, blanks or other marks"


def _few(labels: Sequence[str], counts: Counter[str]) -> bool:
    """Whether numbers are whole, few, bare or with letters, and have rows enough to be classes."""
    # 1e5 is no number of something called e5
    whole = all((_WHOLE if _PLAIN.fullmatch(label) else _CODE).fullmatch(label) for label in labels)
    return whole and len(labels) <= MOST_CLASSES and min(counts[label] for label in labels) >= ROWS_A_CLASS
