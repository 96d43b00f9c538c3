"""Names of vertices that may hold more than one name: a sign of the layout, both ends of an edge, or a list.

Lists of edges ask here, in files, frames, arrays and sequences alike. Graphs that list their vertices are not asked.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Collection, Hashable, Iterable, Sequence

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.reading import ReadOptions
from derandkit.missing import in_end
from derandkit.numerics.typing import FloatArray, IntArray
from derandkit.numerics.vectors import distinct

#: Signs that names end in seldom, and never those of one column only.
STRAYS = ")]}>\\&:;,.|"
_WITHIN = re.compile(r"[,;|:=(\[]")
_PARTING = ",;|:"
#: Marks between both ends of an edge; a blank alone, last, is common in names.
_MARKS = (
    "<->", "-->", "->", "=>", "--", "\u2192", "\u2194", "\u2013", "\u2014", " to ", " vs ", " and ", " x ",
    "-", "_", ":", "/", "|", "~", "&", ",", ";", " ",
)  # fmt: skip
#: A name with the weight of an edge glued to it: ``B:5``, ``B=5``, ``B (5)``.
_GLUED = re.compile(r"(?P<name>.*?\S)\s*[:=([]\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[)\]]?")
_LISTED = re.compile(r"[,;|]")
_PLAIN = re.compile(r"[^\s/&+]*")
_JOINED = re.compile(r"\s*[/&+]\s*|\s+")
_ONE_NAME = (
    "if it is one name, say --input-format edgelist, json for JSON or lgl for LGL (input_format= of "
    "derandkit.as_graph), and pass an object as a graph of networkx"
)
#: Numbers that programs write where there is no vertex: marks for none, and the ends of ranges of integers.
_NO_VERTEX = frozenset(
    (-1, -9, -99, -999, -9999, -(2**31), -(2**63), 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1)
)
#: What missing entries become as whole numbers of 32 and 64 bits, so that these are asked about among few vertices too.
_LEAST = frozenset((-(2**31), -(2**63)))
_VERTEX = _ONE_NAME.replace("one name", "a vertex")


def refuse_names(labels: Sequence[Hashable], i: IntArray, j: IntArray, *, columns: bool = True) -> None:
    """Refuse names of vertices in a list of edges that may hold a sign beside the name, or several names.

    Parameters
    ----------
    labels : sequence of hashables
        The vertices.
    i, j : ndarray of int64, shape (k,)
        Ends of each edge, as places in `labels`.
    columns : bool
        Whether the ends of an edge stand beside each other, so that a sign may stand between or behind them.

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
            if columns:
                _refuse_last_signs(labels, one, other, at)
        _refuse_signs_beside(labels, odd)
        _refuse_lists(labels, i, j, {label for label in odd if _LISTED.search(label)})
    joined = {label for label in labels if isinstance(label, str) and not _PLAIN.fullmatch(label)}
    if joined:
        joined.difference_update(str(labels[k]) for k in _used(i))  # lists stand behind the vertex
        _refuse_lists(labels, i, j, joined, _JOINED)
    _refuse_rows(labels, i, j)


def _used(places: IntArray) -> list[int]:
    """Places that occur, in ascending order."""
    found: list[int] = np.flatnonzero(np.bincount(places)).tolist()
    return found


def _is_odd(label: str) -> bool:
    return label[-1:] in STRAYS or label[:1] in _PARTING or _WITHIN.search(label) is not None


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


def _refuse_lists(
    labels: Sequence[Hashable], i: IntArray, j: IntArray, odd: Iterable[str], sign: re.Pattern[str] = _LISTED
) -> None:
    """Refuse ``B;C`` beside B, and ``B, C`` or ``B C`` beside B and C, unless these are all joined to it.

    Commas and blanks are common in names, and ``Paris, France`` may well be joined to ``France``.
    """
    known = {str(label) for label in labels}
    parts_of = {label: [part.strip() for part in sign.split(label)] for label in sorted(odd)}
    doubtful = {
        label: parts
        for label, parts in parts_of.items()
        if len(parts) > 1
        and all(parts)
        and (any if sign is _LISTED and "," not in label else all)(part in known for part in parts)
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


def refuse_relations(labels: Sequence[Hashable], i: IntArray, j: IntArray, w: FloatArray) -> None:
    """Refuse whole numbers, words and whole numbers in three columns that may be triples ``1 knows 2``.

    All words are the same, or the numbers of both columns are largely the same and stand never beside themselves.

    Parameters
    ----------
    labels : sequence of hashables
        The vertices.
    i, j : ndarray of int64, shape (k,)
        Ends of each edge, as places in `labels`.
    w : ndarray of float64, shape (k,)
        Weights.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> ends = np.array([0, 1, 2]), np.array([3, 4, 3])
    >>> refuse_relations([1, 2, 3, "a", "b"], *ends, np.array([1.0, 1.0, 3.0]))
    >>> refuse_relations([1, 2, 3, "knows", "likes"], *ends, np.array([2.0, 3.0, 1.0]))
    Traceback (most recent call last):
    derandkit.errors.InputError: 'knows' may be the relation of the vertices 1 and 2, or a vertex whose edge weighs ...
    """
    if i.size < 2 or not _is_whole(labels[int(i[0])]) or not _is_word(labels[int(j[0])]):
        return
    words, heads = _used(j), _used(i)
    if not all(_is_word(labels[k]) for k in words) or not all(_is_whole(labels[k]) for k in heads):
        return
    if not (w == np.rint(w)).all():
        return
    value = {k: float(str(labels[k])) for k in heads}
    if len(words) > 1:
        ones, others = set(value.values()), set(w.tolist())
        if 2 * len(ones & others) < min(len(ones), len(others)):
            return
        if any(value[k] == x for k, x in zip(i.tolist(), w.tolist(), strict=True)):
            return
    u, word = labels[int(i[0])], labels[int(j[0])]
    raise InputError(
        f"{word!r} may be the relation of the vertices {u} and {w[0]:.0f}, or a vertex whose edge weighs {w[0]:.0f}; "
        f"leave the relations out in the first case; {_VERTEX}, or call the columns 'source', 'target' and 'weight'"
    )


def _is_whole(label: Hashable) -> bool:
    """Whether a label is a whole number, or the text of one."""
    if isinstance(label, str):
        return label.isascii() and label.lstrip("+-").isdigit()
    return isinstance(label, int)


def _is_word(label: Hashable) -> bool:
    return isinstance(label, str) and not _is_number(label)


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


def refuse_written_alike(labels: Iterable[Hashable]) -> None:
    """Refuse a word beside another object that is written like it, such as a path, bytes or a date.

    Raises
    ------
    InputError
        They may be one vertex or two.

    Examples
    --------
    >>> refuse_written_alike(["a", ("a", 1)])
    >>> refuse_written_alike(["a", b"a"])
    Traceback (most recent call last):
    derandkit.errors.InputError: 'a' and b'a' may be one vertex or two; write it in one way
    """
    words: set[str] = set()
    others: dict[str, Hashable] = {}
    for label in labels:
        if isinstance(label, str):
            words.add(label)
        elif not isinstance(label, (int, tuple, frozenset)) and (
            type(label).__str__ is not object.__str__ or type(label).__repr__ is not object.__repr__
        ):
            text = label.decode("utf-8", "replace") if isinstance(label, bytes) else str(label)
            other = others.setdefault(text, label)
            if type(other) is not type(label):
                raise InputError(f"{other!r} and {label!r} may be one vertex or two; write it in one way")
    both = min(words & others.keys(), default=None)
    if both is not None:
        raise InputError(f"{both!r} and {others[both]!r} may be one vertex or two; write it in one way")


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
    listed = list(labels)
    if all(type(label) is int for label in listed):
        refuse_missing_numbers(set(listed))
    found = [label for label in listed if isinstance(label, str) and in_end(label)]
    if found:
        raise InputError(
            f"{min(found)!r} may be a missing entry or the name of a vertex; drop such edges, or, if it is a name, "
            "pass a graph of networkx, or say --input-format json (input_format='json') for JSON"
        )


def refuse_missing_numbers(labels: Collection[Hashable]) -> None:
    """Refuse vertices that are numbers from 0 on but for one that programs write where there is no vertex.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_missing_numbers([0, 1, 2, 3, 7]), refuse_missing_numbers([-2, -1, 0, 1, 2, 3])
    (None, None)
    >>> refuse_missing_numbers([0, 1, 2, 3, -1])
    Traceback (most recent call last):
    derandkit.errors.InputError: vertex -1 may stand for none beside numbers from 0 on, or be one; drop such edges, ...
    """
    if isinstance(labels, range) and len(labels) > 5:
        labels = (*labels[:3], *labels[-2:])
    numbers: list[int] = [label for label in labels if type(label) is int]
    if len(numbers) < max(len(labels), 2):
        return
    least, most = heapq.nsmallest(2, numbers), heapq.nlargest(2, numbers)
    # -1 may be a site of a line; beside numbers from 1 it may be the first of many more
    low = least[0] in _NO_VERTEX and (least[1] >= 0 if least[0] < -1 else least[1] == 0 and most[0] > 2)
    low = low and (len(numbers) > 4 or least[0] in _LEAST)
    high = len(numbers) > 4 and most[0] in _NO_VERTEX and most[1] < 2**30
    mark = least[0] if low else most[0] if high else None
    if mark is not None:
        raise InputError(
            f"vertex {mark} may stand for none beside numbers from 0 on, or be one; drop such edges, or, if it is a "
            "vertex, pass a graph of networkx, or say --input-format edgelist (input_format='edgelist')"
        )


def refuse_vertices_as_weights(ends: Iterable[Hashable], weights: Iterable[object]) -> None:
    """Refuse weights that are texts of numbers and vertices, all of them: edges of three vertices, or a next vertex.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_vertices_as_weights(["1", "2"], ["5", "2"])
    >>> refuse_vertices_as_weights(["1", "2", "3"], ["3", "2"])
    Traceback (most recent call last):
    derandkit.errors.InputError: '3' may be a vertex, as it is one elsewhere, or the text of a weight; write weights ...
    """
    texts = list(weights)
    known = {end for end in ends if isinstance(end, str)}
    if texts and all(isinstance(text, str) and text in known for text in texts):
        raise InputError(
            f"{texts[0]!r} may be a vertex, as it is one elsewhere, or the text of a weight; write weights as numbers"
        )


def refuse_roots(labels: Sequence[Hashable], i: IntArray, j: IntArray) -> None:
    """Refuse vertices from 0 or 1 on that each stand once beside another one, where -1 stands beside the root.

    Tables of trees name the parent of each vertex so.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_roots([-1, 0, 1, 2], np.array([1, 2, 3]), np.array([0, 1, 1]))
    Traceback (most recent call last):
    derandkit.errors.InputError: vertex -1 may stand for none, as for the parent of a root, or be one; drop such ...
    """
    n = len(labels)
    if not 2 < n == i.size + 1:
        return
    try:
        at = labels.index(-1)
    except ValueError:
        return
    numbers = [label for label in labels if type(label) is int]
    if len(numbers) < n:
        return
    least = min(label for label in numbers if label != -1)
    once = distinct(i)
    path = distinct(j).size == j.size  # a line may begin at -1
    if least in (0, 1) and once.size == i.size and at not in once and at in j and (least == 0 or not path):
        raise InputError(
            "vertex -1 may stand for none, as for the parent of a root, or be one; drop such edges, or, if it is a "
            "vertex, pass a graph of networkx, or say --input-format edgelist (input_format='edgelist')"
        )


def _is_number(label: Hashable) -> bool:
    try:
        float(str(label))
    except ValueError:
        return False
    return True
