"""Names of vertices that may hold more than one name: a sign of the layout, both ends of an edge, or a list.

Lists of edges ask here, in files, frames, arrays and sequences alike. Graphs that list their vertices are not asked.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.reading import ReadOptions
from derandkit.numerics.typing import IntArray

#: Signs that names end in seldom, and never those of one column only.
STRAYS = ")]}>\\&:;,.|"
#: Words for an entry that is missing.
MISSING_WORDS = frozenset({"NA", "N/A", "n/a", "NaN", "nan", "NaT", "null", "NULL", "None", "#N/A", "<NA>"})
_PARTING = ",;|:"
#: Marks between both ends of an edge; a blank alone, last, is common in names.
_MARKS = (
    "<->", "-->", "->", "=>", "--", "\u2192", "\u2194", "\u2013", "\u2014", " to ", " vs ", " and ", " x ",
    "-", "_", ":", "/", "|", "~", "&", ",", ";", " ",
)  # fmt: skip
#: A name with the weight of an edge glued to it: ``B:5``, ``B=5``, ``B (5)``.
_GLUED = re.compile(r"(?P<name>.+?)\s*[:=([]\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[)\]]?")
_LISTED = re.compile(r"[,;|]")
_ONE_NAME = (
    "if it is one name, say --input-format edgelist, or json for JSON (input_format= of derandkit.as_graph), and pass "
    "an object as a graph of networkx"
)


def refuse_names(labels: Sequence[Hashable], i: IntArray, j: IntArray) -> None:
    """Refuse names of vertices in a list of edges that may hold a sign beside the name, or several names.

    Parameters
    ----------
    labels : sequence of hashables
        The vertices.
    i, j : ndarray of int64, shape (k,)
        Ends of each edge, as places in `labels`.

    Raises
    ------
    InputError
        It names both readings.

    Notes
    -----
    O(n + k) where no name has such a sign.

    Examples
    --------
    >>> refuse_names(["A", "B", "C"], np.array([0, 1]), np.array([1, 2]))
    >>> refuse_names(["A", "B:", "B", "C:"], np.array([0, 2]), np.array([1, 3]))
    Traceback (most recent call last):
    derandkit.errors.InputError: all names of column 2 end in ':', and no other name: a sign, or part of the names; ...
    >>> refuse_names(["A", "B;C", "B"], np.array([0, 2]), np.array([1, 0]))
    Traceback (most recent call last):
    derandkit.errors.InputError: 'B;C' may list the vertices 'B' and 'C', or be one vertex; write one edge a ...
    """
    odd = {label for label in labels if isinstance(label, str) and _is_odd(label)}
    if odd:
        for at, (one, other) in enumerate(((i, j), (j, i))):
            _refuse_glued(labels, one, other)
            _refuse_last_signs(labels, one, other, at)
        _refuse_signs_beside(labels, odd)
        _refuse_lists(labels, i, j, {label for label in odd if _LISTED.search(label)})
    _refuse_rows(labels, i, j)


def _used(places: IntArray) -> list[int]:
    """Places that occur, in ascending order."""
    found: list[int] = np.flatnonzero(np.bincount(places)).tolist()
    return found


def _is_odd(label: str) -> bool:
    return label[-1:] in STRAYS or label[:1] in _PARTING or any(sign in label for sign in ",;|:=([")


def _refuse_last_signs(labels: Sequence[Hashable], one: IntArray, other: IntArray, at: int) -> None:
    """Refuse a column whose names all end in one sign that ends no name of the other column."""
    here = [labels[k] for k in _used(one)]
    last = str(here[0])[-1:] if here else ""
    if one.size < 2 or last not in STRAYS or not last or _is_number(here[0]):
        return
    if not all(isinstance(x, str) and x.endswith(last) and len(x) > 1 for x in here):
        return
    if not any(isinstance(labels[k], str) and str(labels[k]).endswith(last) for k in _used(other)):
        raise InputError(
            f"all names of column {at + 1} end in {last!r}, and no other name: a sign, or part of the names; remove "
            f"it; {_ONE_NAME}"
        )


def _refuse_glued(labels: Sequence[Hashable], one: IntArray, other: IntArray) -> None:
    """Refuse a column of names that all end in a number, such as ``B:5``, where B is a vertex of the other one."""
    here = [labels[k] for k in _used(one)]
    names = []
    for label in here:
        found = _GLUED.fullmatch(label) if isinstance(label, str) else None
        if found is None:
            return
        names.append(found["name"])
    beside = {str(labels[k]) for k in _used(other)}
    at = next((k for k, name in enumerate(names) if name in beside), None)
    if at is not None and one.size > 1 and beside.isdisjoint(map(str, here)):
        raise InputError(
            f"{here[at]!r} may be the vertex {names[at]!r} and the weight of an edge, or one vertex; write the "
            f"weight in a column of its own; {_ONE_NAME}"
        )


def _refuse_signs_beside(labels: Sequence[Hashable], odd: Iterable[str]) -> None:
    """Refuse ``B,`` beside ``B``."""
    known = {str(label) for label in labels}
    for label in sorted(odd):
        bare = label.strip(_PARTING + " ")
        if bare and bare != label and bare in known:
            raise InputError(
                f"{label!r} and {bare!r} may be one vertex or two; write it in one way; {_ONE_NAME}"
            )


def _refuse_lists(labels: Sequence[Hashable], i: IntArray, j: IntArray, odd: Iterable[str]) -> None:
    """Refuse ``B;C`` beside B, and ``B, C`` beside B and C, unless these are all joined to it.

    Commas are common in names, and ``Paris, France`` may well be joined to ``France``.
    """
    known = {str(label) for label in labels}
    parts_of = {label: [part.strip() for part in _LISTED.split(label)] for label in sorted(odd)}
    doubtful = {
        label: parts
        for label, parts in parts_of.items()
        if len(parts) > 1
        and all(parts)
        and (any if "," not in label else all)(part in known for part in parts)
    }
    if not doubtful:
        return
    beside: dict[Hashable, set[str]] = {label: set() for label in doubtful}
    for a, b in zip(i.tolist(), j.tolist(), strict=True):
        for one, other in ((labels[a], labels[b]), (labels[b], labels[a])):
            if one in beside:
                beside[one].add(str(other))
    for label, parts in doubtful.items():
        if any(part in known and part not in beside[label] for part in parts):
            _refuse_list(label, parts)


def _refuse_rows(labels: Sequence[Hashable], i: IntArray, j: IntArray) -> None:
    """Refuse a vertex and its neighbours between blanks in each row, where each has one row."""
    blank = {k for k, label in enumerate(labels) if isinstance(label, str) and " " in label}
    if not blank or (i.size and np.bincount(i).max() > 1) or not blank.isdisjoint(i.tolist()):
        return
    first = {str(labels[k]) for k in i.tolist()}
    rows = [str(labels[k]).split() for k in j.tolist()]
    if len(rows) > 1 and all(len(set(row)) == len(row) and first.issuperset(row) for row in rows):
        row = next(row for row in rows if len(row) > 1)
        _refuse_list(" ".join(row), row)


def _refuse_list(label: str, parts: Sequence[str]) -> None:
    raise InputError(
        f"{label!r} may list the vertices {parts[0]!r} and {parts[1]!r}, or be one vertex; write one edge a line; "
        f"{_ONE_NAME}"
    )


def may_join(names: Sequence[str]) -> bool:
    """Whether all names may join the two ends of edges.

    One mark parts each of them in two, some part comes twice, and parts on both sides differ, or a part stands on
    both sides: ``user-1`` and ``user-2`` join nothing.

    Examples
    --------
    >>> may_join(["A-B", "B-C", "C-A"]), may_join(["user-1", "user-2"]), may_join(["a-b", "c-d"])
    (True, False, False)
    """
    for mark in _MARKS if len(names) > 1 else ():
        pairs = [[part.strip() for part in name.split(mark)] for name in names]
        if not all(len(pair) == 2 and all(pair) for pair in pairs):
            continue
        left, right = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
        repeated = len(left) + len(right) < 2 * len(pairs)
        if left & right or (mark != " " and repeated and len(left) > 1 and len(right) > 1):
            return True
    return False


def refuse_missing_words(labels: Iterable[Hashable], options: ReadOptions) -> None:
    """Refuse vertices of a list in memory or in JSON that are called as tables write entries that are missing.

    Signs such as ``-`` and ``?`` may well be vertices there.

    Raises
    ------
    InputError
        It names the first one.

    Examples
    --------
    >>> refuse_missing_words(["a", "-"], ReadOptions())
    >>> refuse_missing_words(["a", "nan"], ReadOptions())
    Traceback (most recent call last):
    derandkit.errors.InputError: 'nan' may be a missing entry or the name of a vertex; drop such edges, or, if it ...
    """
    if options.input_format != "auto":
        return
    found = [
        label for label in labels if isinstance(label, str) and (label in MISSING_WORDS or not label.strip())
    ]
    if found:
        raise InputError(
            f"{min(found)!r} may be a missing entry or the name of a vertex; drop such edges, or, if it is a name, "
            "pass a graph of networkx, or say --input-format json (input_format='json') for JSON"
        )


def _is_number(label: Hashable) -> bool:
    try:
        float(str(label))
    except ValueError:
        return False
    return True
