"""Words and marks for an entry that is missing: one list for graphs, points and targets.

What depends on the place is only what else the text could be. Among numbers it can be nothing else, so that every
spelling counts (`in_number`). Among classes it counts as programs write it: `none` and `missing` are common classes
(`in_name`). Among vertices of a list, where one name stands beside another, every spelling counts but capitalized
words that may be names of people, such as `Nan` (`in_end`). A lone mark is a name only where somebody wrote it in a
program, or where `+` stands beside `-`.
"""

from __future__ import annotations

from collections.abc import Collection

#: As pandas, R, SQL, spreadsheets, JavaScript and JSON write them.
WORDS = frozenset(
    (
        "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NaT", "null", "NULL", "None", "\\N", "[NULL]", "(null)",
        "(NULL)", "<null>", "<NULL>", "undefined", "(blank)", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!",
        "#NUM!",
    )
)  # fmt: skip
_SPELLED = (
    "na", "n.a.", "n/a", "#n/a", "#na", "n.d.", "nil", "nan", "-nan", "none", "<none>", "(none)", "null", "nothing",
    "missing", "<missing>", "(missing)", "undefined", "<empty>", "(empty)", "1.#qnan", "-1.#ind",
)  # fmt: skip
#: All of that, and what further programs and people write, where a vertex is expected.
IN_ENDS = WORDS | {
    form
    for word in _SPELLED
    for form in (word, word.upper(), word.capitalize())
    if form not in ("Na", "Nan", "Nil")  # names of people
}
#: As people write them in a file.
MARKS = frozenset(("-", "--", "?", "."))
#: Small letters of all that is missing where a number is expected.
IN_NUMBERS = frozenset(word.lower() for word in WORDS | MARKS | {"", "nil", "missing"})


def in_number(text: str) -> bool:
    """Whether a text that should be a number says that there is none.

    Examples
    --------
    >>> in_number("N/a"), in_number(""), in_number("?"), in_number("0")
    (True, True, True, False)
    """
    return text.strip().lower() in IN_NUMBERS


def in_end(text: str) -> bool:
    """Whether a text that should be a vertex says that there is none; marks are left to the caller.

    Examples
    --------
    >>> [in_end(word) for word in ("none", "NIL", "missing", "Nan", "a", "")]
    [True, True, True, False, False, True]
    """
    bare = text.strip()
    return not bare or bare in IN_ENDS


def in_name(text: str, *, marks: bool = True, beside: Collection[str] = ()) -> bool:
    """Whether a text that should be a name says that there is none.

    Parameters
    ----------
    text : str
        The text.
    marks : bool
        Whether a lone mark is missing too: in a file, and not in memory.
    beside : collection of str
        The other names: beside ``+`` the mark ``-`` is one.

    Examples
    --------
    >>> in_name("NA"), in_name("Na"), in_name("-"), in_name("-", beside={"+"}), in_name(" ")
    (True, False, True, False, True)
    """
    bare = text.strip()
    if bare == "-" and "+" in beside:
        return False
    return not bare or bare in WORDS or (marks and bare in MARKS)
