"""Names of columns: those that say keys, those that are only numbers, and those that are not the names of a fit."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: How the reading of a table in text begins: whether its first line names the columns.
_HEADER = re.compile(r"\S+-separated table (with|without) a header line(?:[,;]|$)")
#: Words of the name of a column that numbers rows or things.
_KEYS = frozenset(("id", "ids", "uid", "guid", "pk"))
#: What a column is called that names the thing of each row by a number, whatever the numbers are ...
_THINGS = frozenset(
    ("subject", "patient", "participant", "respondent", "proband", "specimen", "entrez", "accession")
)
#: ... and what it may be called where they are all different.
_ROWS = frozenset(
    (
        "sample", "customer", "user", "account", "order", "student", "employee", "case", "record", "row", "observation",
        "uid", "guid", "key", "serial", "invoice", "plate", "pmid", "orcid",
    )
)  # fmt: skip
#: What stands before "id" in one word.
_THINGS_OF_IDS = frozenset(
    (
        "account", "author", "book", "customer", "device", "doc", "document", "employee", "file", "gene", "image",
        "item", "movie", "node", "object", "order", "paper", "passenger", "patient", "person", "player", "post",
        "product", "record", "row", "sample", "session", "student", "subject", "taxon", "team", "track", "tweet",
        "user", "vertex", "video",
    )
)  # fmt: skip
#: Words behind such a name that leave its meaning.
_NUMBER = frozenset(("no", "nr", "num", "number", "code", "key"))
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words_of(name: str) -> list[str]:
    """Return the words of a name of a column, in small letters.

    Examples
    --------
    >>> words_of("PassengerId"), words_of("ZIP code"), words_of("valid_until")
    (['passenger', 'id'], ['zip', 'code'], ['valid', 'until'])
    """
    return [word.lower() for word in _WORDS.findall(name)]


def is_key(words: Sequence[str], values: NDArray[np.float64]) -> bool:
    """Whether a column of whole numbers is called like one that names rows or things.

    Examples
    --------
    >>> numbers = np.array([7.0, 9.0, 8.0])
    >>> is_key(["customer", "id"], numbers), is_key(["patient"], numbers), is_key(["sample", "nr"], numbers)
    (True, True, True)
    >>> is_key(["patient", "age"], numbers), is_key(["sample"], np.array([7.0, 7.0, 8.0])), is_key(["id"], numbers)
    (False, False, False)
    """
    if len(words) > 1 and (words[-1] in _KEYS or words[0] == "id"):
        return True
    if len(words) == 1 and words[0].endswith("id") and words[0][:-2] in _THINGS_OF_IDS:
        return True
    if not words or len(words) > 2 or not {*words[1:]} <= _NUMBER:
        return False
    return words[0] in _THINGS or (
        words[0] in _ROWS and values.size > 2 and np.unique(values).size == values.size
    )


class Numbers(tuple[str, ...]):
    """Numbers of columns, from 1, of a file whose columns have no names."""

    __slots__ = ()


def header_of(reading: str | None) -> bool | None:
    """Return whether the reading of a text says that a first line names the columns; None if it does not say.

    The phrase stands at the beginning: a record may say what it likes behind it.

    Examples
    --------
    >>> header_of("comma-separated table with a header line, 2 columns: a b"), header_of("npy array") is None
    (True, True)
    >>> header_of("points only, unlike a comma-separated table with a header line") is None
    True
    """
    found = _HEADER.match(reading or "")
    return None if found is None else found[1] == "with"


def names_read(columns: Sequence[str] | None, reading: str | None) -> tuple[str, ...] | None:
    """Return names of columns as `Numbers` where the reading says that they have no others.

    Examples
    --------
    >>> type(names_read(["2", "4"], "tab-separated table without a header line, 2 columns: 2 4")).__name__
    'Numbers'
    >>> names_read(["2019", "2020"], "DataFrame"), names_read(None, None) is None
    (('2019', '2020'), True)
    """
    if columns is None:
        return None
    numbered = header_of(reading) is False and all(map(str.isdecimal, columns))
    return Numbers(columns) if numbered else tuple(columns)


def are_counted(names: Sequence[str]) -> bool:
    """Whether names only count the columns, from 0 or from 1, or are numbers of columns in a file without names.

    Examples
    --------
    >>> are_counted(["0", "1"]), are_counted(["1", "2"]), are_counted(["2019", "2020"]), are_counted(["2", "1"])
    (True, True, False, False)
    """
    return isinstance(names, Numbers) or any(
        list(names) == [str(k + first) for k in range(len(names))] for first in (0, 1)
    )


def one_kind(names: Sequence[str] | None, columns: Sequence[str] | None) -> bool:
    """Whether both are names, or both are numbers of columns in files without names, so that they can be compared."""
    return names is None or columns is None or isinstance(names, Numbers) == isinstance(columns, Numbers)


def refuse_twice(places: Sequence[int], columns: Sequence[str]) -> None:
    """Refuse columns of a file of which two are the same one: such points are not those of the file.

    Parameters
    ----------
    places : sequence of int
        Where they stand.
    columns : sequence of str
        How they were given: by name or by number.

    Raises
    ------
    InputError
        It says which column that is.

    Examples
    --------
    >>> refuse_twice([0, 2], ["a", "3"])
    >>> refuse_twice([0, 2, 0], ["a", "3", "1"])
    Traceback (most recent call last):
    derandkit.errors.InputError: column 1 is wanted twice, as 'a' and as '1'; give it once
    """
    if len(set(places)) < len(places):
        place = Counter(places).most_common(1)[0][0]
        one, two = [column for column, at in zip(columns, places, strict=True) if at == place][:2]
        raise InputError(
            f"column {place + 1} is wanted twice, as {one!r:.60} and as {two!r:.60}; give it once"
        )


def places_by_name(names: Sequence[str], columns: Sequence[str]) -> list[int]:
    """Return where the columns of a fit stand; those of a name that several have in their own order only.

    Parameters
    ----------
    names : sequence of str
        Names of the columns of a table.
    columns : sequence of str
        Those of the fit; the table has them all.

    Raises
    ------
    InputError
        A name is not held as many times as it is wanted; or one is wanted several times, and the columns with the names
        of the fit stand in another order.

    Examples
    --------
    >>> places_by_name(["a", "b", "c", "c"], ["b", "a"]), places_by_name(["a", "x", "b", "a"], ["a", "b", "a"])
    ([1, 0], [0, 2, 3])
    >>> places_by_name(["a", "b", "b"], ["a", "b"])
    Traceback (most recent call last):
    derandkit.errors.InputError: 2 columns are named 'b', and 1 of them is wanted: leave out the others
    >>> places_by_name(["b", "a", "a"], ["a", "b", "a"])
    Traceback (most recent call last):
    derandkit.errors.InputError: 2 columns are named 'a', and the columns of the fit stand in another order: rename ...
    """
    held, wanted = Counter(names), Counter(columns)
    for name, times in wanted.items():
        if held[name] > times:
            raise InputError(
                f"{held[name]} columns are named {name!r:.60}, and {times} of them is wanted: leave out the others"
            )
        if held[name] < times:
            raise InputError(
                f"{times} columns of the fit are named {name!r:.60}, and {held[name]} of the table: rename them, so "
                "that each column has a name of its own"
            )
    if len(wanted) == len(columns):
        places = {name: place for place, name in enumerate(names)}
        return [places[name] for name in columns]
    found = [place for place, name in enumerate(names) if name in wanted]
    if [names[place] for place in found] != list(columns):
        name, times = wanted.most_common(1)[0]
        raise InputError(
            f"{times} columns are named {name!r:.60}, and the columns of the fit stand in another order: rename them, "
            "so that each has a name of its own"
        )
    return found


def refuse_other_names(
    names: Sequence[str],
    columns: Sequence[str] | None,
    what: str,
    fitted: str = "the fitted points",
    *,
    bare: bool = False,
) -> None:
    """Refuse names of columns that are not those of the fit, or stand in another order.

    See `derandkit.points.frames.check_names`.

    Parameters
    ----------
    names : sequence of str
        Names of the columns.
    columns : sequence of str or None
        Those of the fit.
    what, fitted : str
        What has the names, and what was fitted.
    bare : bool
        Whether the names only number the columns.

    Examples
    --------
    >>> refuse_other_names(["0", "1"], None, "file")
    >>> refuse_other_names(["1", "0"], None, "file")
    Traceback (most recent call last):
    derandkit.errors.InputError: the columns of the file have another order than those of the fitted points, or ...
    >>> refuse_other_names(["2020", "2021"], ["2019", "2020"], "file")
    Traceback (most recent call last):
    derandkit.errors.InputError: the file lacks the column '2019' of the fitted points; pass the columns of the fit, ...
    """
    if columns is None or are_counted(columns):
        columns = _numbers_in_order(names) if columns is None else columns
        if len(columns) != len(names) or set(columns) != set(names) or list(columns) == list(names):
            return
    elif bare and set(columns) != set(names):
        return
    if set(columns) <= set(names):
        places_by_name(names, columns)  # of doubled names it says more
        raise InputError(
            f"the columns of the {what} have another order than those of {fitted}, or there are more: pass its "
            f"columns {list(columns)!r} in this order"[:400]
        )
    other = next((name for name in columns if name not in names), columns[0])
    way = {"points": "points.table()", "frame": "frame.to_numpy()"}.get(what, "an array without names")
    lacks = "lack" if what == "points" else "lacks"
    raise InputError(
        f"the {what} {lacks} the column {other!r} of {fitted}; pass the columns of the fit, or {way} to take them by "
        "position"
    )


def _numbers_in_order(names: Sequence[str]) -> list[str]:
    """Return names as they are, in the order of their values where they are the numbers from 0 or from 1."""
    for first in (0, 1):
        numbers = [str(k + first) for k in range(len(names))]
        if set(numbers) == set(names):
            return numbers
    return list(names)
