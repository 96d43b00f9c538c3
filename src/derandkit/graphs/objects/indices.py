"""Columns and rows of tables of edges that are none: numbers before two ends, second names, sums, several graphs."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.objects.lookalikes import refuse_floating, refuse_rounded
from derandkit.numerals import loose_float
from derandkit.numerics.typing import FloatArray, IntArray
from derandkit.numerics.vectors import distinct

_NAME = re.compile(r"([^\d\s]+)\d+")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_RAISED = re.compile(r"-?[0-9](?:\.[0-9]{1,14})?[eE]\+?[0-9]{1,2}")
_WORD = re.compile(r"[^\d\s]+")

#: Kinds of things that tables number apart; those of one line may be one kind.
_THINGS = (
    {"user", "person", "people", "member", "author", "customer", "student", "patient", "player", "actor", "reader",
     "teacher", "employee", "developer", "artist", "worker", "subject", "participant"},
    {"movie", "film", "show"}, {"item", "product", "article", "paper", "document", "doc", "book", "publication"},
    {"course", "class", "module"}, {"group", "club", "team", "organisation", "organization", "company", "firm"},
    {"protein"}, {"gene"}, {"drug", "compound"}, {"disease", "phenotype"}, {"tag", "keyword", "term", "word", "topic"},
    {"event"}, {"song", "track"}, {"tweet", "post", "page"}, {"project", "repo", "repository"}, {"recipe"},
    {"ingredient"}, {"plant"}, {"pollinator"}, {"sample", "site", "plot"}, {"species", "taxon"}, {"skill", "job"},
)  # fmt: skip
_TYPES = frozenset(
    ("string", "str", "int", "integer", "int64", "float", "float64", "double", "object", "text", "varchar", "bigint")
)  # fmt: skip
_SUMS = frozenset(("total", "grand total", "subtotal", "totals", "sum total"))
_GRAPH = re.compile(
    r"(?:graph|network|molecule|mol|subgraph|replicate|simulation)[ _.-]?(?:id|no|nr|name|index)?"
)
KEEP_EDGES = (
    "keep the lines of the edges only, or say --input-format edgelist (input_format= of derandkit.as_graph), and pass "
    "an object as a graph of networkx"
)


def refuse_named_numbers(labels: Sequence[Hashable], i: IntArray, j: IntArray) -> None:
    """Refuse edges of which some may say what the vertices of the others are called, or what they weigh.

    The vertices are numbers and words. Each number stands beside one word and each word beside one number, in one
    order, and all other edges join numbers, or all join words.

    Raises
    ------
    InputError
        It names both readings.

    Notes
    -----
    O(n + k) where half of the vertices are words.

    Examples
    --------
    >>> refuse_named_numbers(["1", "a", "2", "b"], np.array([0, 2, 0]), np.array([1, 3, 3]))
    >>> refuse_named_numbers(["1", "a", "2", "b"], np.array([0, 2, 0]), np.array([1, 3, 2]))
    Traceback (most recent call last):
    derandkit.errors.InputError: '1' beside 'a' may say what a vertex is called or weighs, as each number ...
    """
    n = len(labels)
    if isinstance(labels, range) or n < 4 or n % 2 or i.size <= n // 2:
        return
    words = np.array([_is_name(label) for label in labels], dtype=np.bool_)
    if 2 * int(words.sum()) != n:
        return
    mixed = np.flatnonzero(words[i] != words[j])
    beside = np.concatenate([i[mixed], j[mixed]])
    once = mixed.size == n // 2 == np.unique(beside).size // 2
    apart = not (words[i] & words[j]).any() or (words[i] | words[j]).all()
    if once and np.unique(words[i[mixed]]).size == 1 and apart:
        one, other = labels[int(i[mixed[0]])], labels[int(j[mixed[0]])]
        raise InputError(
            f"{str(one)!r} beside {str(other)!r} may say what a vertex is called or weighs, as each number stands "
            f"beside one word and each word beside one number, or be an edge; {KEEP_EDGES}"
        )


def _is_name(label: Hashable) -> bool:
    """Whether a label is a text that is no whole number."""
    return isinstance(label, str) and not label.strip().lstrip("+-").isdigit()


def refuse_sums(labels: Sequence[Hashable], i: IntArray, j: IntArray) -> None:
    """Refuse a vertex called ``Total`` or the like that stands in the last row only, or is joined to all others.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_sums(["Total", "a", "b", "c"], np.array([0, 1, 2]), np.array([1, 2, 3]))
    >>> refuse_sums(["a", "b", "Total"], np.array([0, 0]), np.array([1, 2]))
    Traceback (most recent call last):
    derandkit.errors.InputError: a vertex is called 'Total': a sum over others, or a vertex; leave such rows out, ...
    """
    if isinstance(labels, range) or i.size < 2:
        return
    for at, label in enumerate(labels):
        if not isinstance(label, str) or label.strip().lower() not in _SUMS:
            continue
        rows = np.flatnonzero((i == at) | (j == at))
        beside = np.setdiff1d(np.concatenate([i[rows], j[rows]]), [at])
        if rows.tolist() == [i.size - 1] or beside.size == len(labels) - 1 > 2:
            raise InputError(
                f"a vertex is called {label!r}: a sum over others, or a vertex; leave such rows out, or rename it"
            )


def refuse_indices(labels: Sequence[Hashable], i: IntArray, j: IntArray, w: FloatArray) -> None:
    """Refuse three columns of which the last may be an end, and another one the number, name or weight of the edge.

    The second and the third column are whole, as ends of edges are: no line has the same number twice, no pair comes
    twice, and half of the numbers of one column, or more, stand in the other, unless the first one counts ``e1``,
    ``e2``, ..., or 1, 2, ... in order and would join a vertex to itself. The first column holds each of k numbers
    from 0 or 1 once, and as an end it would be beside itself, above all others, or apart from the second column; or
    it counts from another number on, above and below the second one; or it holds names such as ``e1``, ``e2``, each
    once; or words, each twice on average or more often; or 1 and -1; or numbers, each once, that none of the others
    is. The second column may hold such numbers, or 1 and -1, between the two ends. Lines ``u u 0`` of a vertex without
    edges, as `write_edgelist` writes them, are not looked at.

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

    Notes
    -----
    O(k + n) for most lists, O(k log k) for the others.

    Examples
    --------
    >>> refuse_indices(range(1, 5), np.arange(4), np.array([1, 2, 3, 0]), np.array([5.0, 6, 7, 5]))
    >>> ends = np.array([0, 1, 2, 3]), np.array([0, 0, 0, 1])
    >>> refuse_indices(range(1, 5), *ends, np.array([2.0, 3, 4, 3]))
    Traceback (most recent call last):
    derandkit.errors.InputError: the first column may number the edges, as in '1 1 2', so that the others are the ...
    """
    alone = (i == j) & (w == 0)
    if alone.any():
        lines = np.bincount(np.concatenate([i, j]), minlength=len(labels))
        kept = ~(alone & (lines[i] == 2))
        i, j, w = i[kept], j[kept], w[kept]
    if i.size < 3 or len(labels) < 3 or not (w == np.rint(w)).all() or w.min() < 0 or not np.ptp(w):
        return
    for what, before, ends in (("first", i, j), ("second", j, i)):
        _refuse_before(labels, before, ends, w, what)


def refuse_rows(labels: Sequence[Hashable], i: IntArray, j: IntArray, *, tuples: bool = False) -> None:
    """Refuse three columns of whole numbers where no number comes twice in the first two: rows of a table, as points.

    As edges they are all apart from each other. There are four rows or more, or three that the first column counts;
    `tuples` of Python are edges unless it counts them.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_rows([1, 2, 3, 82, 96], np.array([0, 1, 2]), np.array([3, 4, 3]))
    >>> refuse_rows([1, 2, 3, 82, 96, 50], np.array([0, 1, 2]), np.array([3, 4, 5]))
    Traceback (most recent call last):
    derandkit.errors.InputError: no vertex comes twice in the 3 rows, which the first column counts: rows of ...
    """
    k = i.size
    if k < 3 or len(labels) != 2 * k or distinct(i).size < k or distinct(j).size < k:
        return
    first, second = (_numbers([labels[at] for at in side.tolist()]) for side in (i, j))
    if first is None or second is None:
        return
    counts = first[0] in (0, 1) and _follow(first)
    if counts or (k > 3 and not tuples):
        raise InputError(
            f"no vertex comes twice in the {k} rows{', which the first column counts' if counts else ''}: rows of a "
            "table, such as points, or edges apart from each other? For edges say --input-format edgelist "
            "(input_format= of derandkit.as_graph), or pass {(u, v): weight}"
        )


def refuse_groups(labels: Sequence[Hashable], i: IntArray, j: IntArray) -> None:
    """Refuse twelve rows or more that name each of 0, 1, ... or 1, 2, ... once and beside it one of a few numbers.

    As edges each vertex names one other. A row names its own number or a later one, so that they are not children with
    their parents, and the others are a quarter of the rows at most, and two or more: they may number groups.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_groups(range(12), np.arange(1, 12), np.arange(1, 12) // 4)
    >>> refuse_groups(range(12), np.arange(12), np.arange(12) // 4)
    Traceback (most recent call last):
    derandkit.errors.InputError: the first column holds each of 0, 1, ... once, in order, and the second 3 numbers: ...
    """
    k = i.size
    if k < 12 or len(labels) < k:
        return
    groups = distinct(j).size
    if not 1 < groups <= k // 4:
        return
    first = _numbers([labels[at] for at in i.tolist()])
    if first is None or first[0] not in (0, 1) or not _follow(first):
        return
    beside = _numbers_at(labels, j)
    if beside is None or (beside < np.array(first)).all():
        return
    raise InputError(
        f"the first column holds each of {first[0]}, {first[1]}, ... once, in order, and the second {groups} "
        "numbers: vertices and their groups, or edges? For edges say --input-format edgelist (input_format= of "
        "derandkit.as_graph), or pass {u: [v, ...]}"
    )


def _refuse_before(labels: Sequence[Hashable], i: IntArray, j: IntArray, w: FloatArray, at: str) -> None:
    """Refuse a column `i` that may hold no ends, where `j` and `w` may hold them."""
    k = i.size
    used = np.flatnonzero(np.bincount(i, minlength=len(labels)))
    kinds = at == "first" and 2 * used.size <= k
    if used.size not in (2, k) and not (kinds and _are_words([labels[place] for place in used.tolist()])):
        return
    one, other = _numbers_at(labels, j), w
    if one is None or one.min() < 0:
        return
    pairs = np.sort(np.column_stack([one, other]), axis=1)
    ones, others = np.unique(one), np.unique(other)
    both = np.intersect1d(ones, others).size
    if (one == other).any() or len(np.unique(pairs, axis=0)) < k:
        return
    column = [labels[at] for at in i.tolist()]
    sure = at == "first" and _are_counted(column, one)
    if not sure and (k < 4 or 2 * both < min(ones.size, others.size)):
        return
    what = _kind_of(column, one, other) if at == "first" else _weights_of(column, one, other)
    if what:
        shown = [f"{column[0]}", f"{one[0]:.0f}"]
        shown = [*(shown if at == "first" else shown[::-1]), f"{other[0]:.0f}"]
        raise InputError(
            f"the {at} column may {what}, as in '{' '.join(shown)}', so that the others are the "
            "ends, or hold ends beside weights; leave it out, or write it last if it holds weights; for 'u v weight' "
            "say --input-format edgelist (input_format= of derandkit.as_graph), or pass {(u, v): weight}"
        )


def _are_counted(first: Sequence[Hashable], one: FloatArray) -> bool:
    """Whether a column counts ``e1``, ``e2``, ..., or 1, 2, ... in order and would join a vertex to itself."""
    for start in (0, 1):
        count = range(start, start + len(first))
        if list(map(str, first)) in ([f"e{k}" for k in count], [f"edge{k}" for k in count]):
            return True
        if list(map(str, first)) == [str(k) for k in count]:
            return bool((one == np.array(count)).any())
    return False


def _kind_of(first: Sequence[Hashable], one: FloatArray, other: FloatArray) -> str:
    """Say what a first column may do; "" where it holds ends of edges."""
    numbers = _numbers(first)
    if numbers is None and 2 * len(set(first)) <= len(first) and _are_words(first):
        return "name the kind of each edge"
    if numbers is None:
        names = [_NAME.fullmatch(label) if isinstance(label, str) else None for label in first]
        alike = len(set(first)) == len(first) and len({name and name[1] for name in names}) == 1
        return "name the edges" if alike and names[0] is not None else ""
    start = min(numbers)
    column = np.array(numbers, dtype=np.float64)
    if start not in (0, 1):  # as a slice leaves a counter; children before their parents stand so too
        counted = _follow(numbers)
        unlike = (column == one).any() or len(set(np.sign(column - one).tolist())) > 1
        return "number the edges" if counted and unlike else _weights_of(first, one, other)
    if sorted(numbers) != list(range(start, start + len(numbers))):
        return _weights_of(first, one, other)
    highest = max(float(one.max()), float(other.max()))
    doubtful = (column == one).any() or column.max() > highest or not np.isin(one, column).any()
    return "number the edges" if doubtful else ""


def _weights_of(labels: Sequence[Hashable], one: FloatArray, other: FloatArray) -> str:
    """Say that whole numbers may be weights: 1 and -1, or each once and none among the others; "" if they are ends."""
    numbers = _numbers(labels)
    if numbers is None:
        return ""
    if set(numbers) == {1, -1}:
        return "hold the weights" if not (one == -1).any() else ""
    apart = not np.isin([loose_float(x) for x in numbers], np.concatenate([one, other])).any()
    return "hold the weights" if apart and len(set(numbers)) == len(numbers) else ""


def _follow(numbers: Sequence[int]) -> bool:
    """Whether numbers count on by one."""
    return list(numbers) == list(range(numbers[0], numbers[0] + len(numbers)))


def _numbers_at(labels: Sequence[Hashable], places: IntArray) -> FloatArray | None:
    """Whole numbers that labels are, or are the texts of, one for each of their places; None if some are not."""
    used, rows = np.unique(places, return_inverse=True)
    named = _numbers([labels[at] for at in used.tolist()])
    return None if named is None else np.array([loose_float(x) for x in named])[rows]


def _are_words(labels: Sequence[Hashable]) -> bool:
    return all(isinstance(label, str) and _WORD.fullmatch(label) for label in labels)


def _numbers(labels: Sequence[Hashable]) -> list[int] | None:
    """Whole numbers that labels are, or are the texts of, such as ``10`` or ``1e3``; None if some are not."""
    found: list[int] = []
    for label in labels:
        if isinstance(label, bool) or not isinstance(label, (int, str)):
            return None
        if isinstance(label, str) and not _WHOLE.fullmatch(label):
            if not _RAISED.fullmatch(label) or not float(label).is_integer():
                return None
            label = int(float(label))
        found.append(int(label))
    return found


def refuse_rows_of_a_table(
    names: Sequence[str], columns: Sequence[Sequence[object]], ends: tuple[int, int], weight: int | None
) -> None:
    """Refuse a table of edges of which rows or labels are surely no edges or vertices of one graph.

    Parameters
    ----------
    names : sequence of str
        What its columns are called.
    columns : sequence of sequences
        Their cells.
    ends : tuple of int
        Which columns hold the ends.
    weight : int or None
        Which one holds the weights.

    Raises
    ------
    InputError
        It says what the rows may be: a second line of names or types, sums over others, ends that are numbered apart
        for each kind, several graphs, or labels that a spreadsheet has rounded.

    Examples
    --------
    >>> refuse_rows_of_a_table(["source", "target"], [["string", "a"], ["string", "b"]], (0, 1), None)
    Traceback (most recent call last):
    derandkit.errors.InputError: the first row below the names holds 'string' and 'string': types or names, or an ...
    """
    one, other = (columns[k] for k in ends)
    if not one:
        return
    first = [_text(one[0]), _text(other[0])]
    titled = not all(name.strip().isdigit() for name in names)  # a frame without names may hold its header
    if {x.lower() for x in first} <= _TYPES or (titled and known_ends(first) is not None):
        raise InputError(
            f"the first row below the names holds {first[0]!r} and {first[1]!r}: types or names, or an edge; leave "
            "the row out, or rename the vertices"
        )
    texts = {_text(x) for x in (*one, *other) if isinstance(x, str | bytes)}
    u, v = (names[k] for k in ends)
    again = known_ends([u, v]) is not None and u in texts
    if again and any(_text(x) == u and _text(y) == v for x, y in zip(one, other, strict=True)):
        raise InputError(
            f"a row holds {u!r} and {v!r}, the names of its columns, or an edge; leave it out, or rename"
        )
    if weight is not None and (sums := sorted(x for x in texts if x.strip().lower() in _SUMS)):
        raise InputError(
            f"a vertex is called {sums[0]!r}: a sum over others, or a vertex; leave such rows out, or rename it"
        )
    refuse_rounded(texts)
    refuse_floating(texts)
    kinds = [_thing(names[k]) for k in ends]
    apart = None not in kinds and kinds[0] != kinds[1]
    graphs = [k for k in range(len(names)) if k not in ends and _GRAPH.fullmatch(names[k].strip().lower())]
    if not apart and not graphs:
        return
    whole = [_whole_numbers(column) for column in (one, other)]
    if whole[0] is None or whole[1] is None:
        return
    both = set(whole[0]) & set(whole[1])
    if both and apart:
        raise InputError(
            f"the columns {names[ends[0]]!r} and {names[ends[1]]!r} may number two kinds of things apart: {min(both)} "
            "stands in both, for two vertices or for one; write a letter before the numbers of one, or name the "
            "columns 'source' and 'target' if they are one kind"
        )
    for k in graphs:
        seen: dict[int, str] = {}
        for label, number in zip(columns[k], whole[0], strict=True):
            if seen.setdefault(number, _text(label)) != _text(label):
                raise InputError(
                    f"the column {names[k]!r} may say of which graph an edge is: vertex {number} is in several, which "
                    "may be one or several; give one graph, or drop the column"
                )


def _text(cell: object) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


def _whole_numbers(column: Sequence[object]) -> list[int] | None:
    """Whole numbers that the cells of a column are or spell; None if some are not."""
    if all(type(x) is int for x in column):
        return list(column)  # type: ignore[arg-type]
    texts = [_text(x) for x in column]
    return (
        [int(x) for x in texts] if all(x.isascii() and x.isdigit() and len(x) < 19 for x in texts) else None
    )


def _thing(name: str) -> int | None:
    """Which kind of thing a column numbers by its name, such as ``movieId``; None if that is not known."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
    words = [word for word in words if word not in ("id", "ids", "no", "nr", "num", "number", "index", "idx")]
    if len(words) != 1:
        return None
    word = words[0].removesuffix("id")
    for at, kind in enumerate(_THINGS):
        if word in kind or word.removesuffix("s") in kind:
            return at
    return None
