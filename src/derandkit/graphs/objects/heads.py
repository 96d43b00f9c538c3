"""Which end an arc leaves, where the names of the two columns say so; names of columns that come again.

An arc leads from the first column to the second. Names may say otherwise: ``to`` and ``from`` are turned, in whatever
order they stand, and ``child`` before ``parent`` is refused, as such arcs may lead either way.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.objects.columns import ENDS
from derandkit.numerics.typing import IntArray
from derandkit.numerics.vectors import distinct

#: Names that say which end an arc leaves, and that hardly anybody uses the other way: from the first to the second.
FLOWS = (
    ("antecedent", "consequent"), ("attacker", "victim"), ("before", "after"), ("cause", "effect"),
    ("d\u00e9part", "arriv\u00e9e"), ("de", "vers"), ("desde", "hacia"), ("donor", "recipient"),
    ("follower", "followee"), ("follower", "following"), ("from", "into"), ("init", "term"), ("input", "output"),
    ("o", "d"), ("orig", "dest"), ("origen", "destino"), ("origin", "dest"), ("payer", "payee"), ("pre", "post"),
    ("presynaptic", "postsynaptic"), ("prev", "next"), ("previous", "next"), ("quelle", "ziel"), ("rater", "ratee"),
    ("regulator", "gene"), ("regulator", "target"), ("sender", "recipient"), ("source", "dest"),
    ("source", "destination"), ("source", "dst"), ("src", "destination"), ("src", "sink"), ("src", "target"),
    ("start", "ziel"), ("tf", "gene"), ("tf", "target"), ("tf", "target_gene"), ("trustor", "trustee"),
    ("upstream", "downstream"), ("von", "nach"), ("von", "zu"),
)  # fmt: skip
#: Two words for the way of an arc in a column of its own.
_WAYS = (
    {"in", "out"}, {"incoming", "outgoing"}, {"inbound", "outbound"}, {"forward", "backward"}, {"forward", "reverse"},
    {"->", "<-"}, {">", "<"},
)  # fmt: skip
#: Names of two roles. Arcs usually lead from the first to the second, but "reports to", "owes" and the like lead back.
ROLES = (
    ("advisor", "advisee"), ("advisor", "student"), ("ancestor", "descendant"), ("author", "reader"),
    ("boss", "employee"), ("creditor", "debtor"), ("employer", "employee"), ("exposure", "outcome"),
    ("father", "child"), ("father", "son"), ("giver", "taker"), ("landlord", "tenant"), ("leader", "follower"),
    ("lender", "borrower"), ("manager", "employee"), ("manager", "report"), ("manager", "reportee"),
    ("master", "slave"), ("mentor", "mentee"), ("mother", "child"), ("mother", "daughter"), ("owner", "owned"),
    ("parent", "child"), ("parent_id", "id"), ("predator", "prey"), ("prey", "predator"),
    ("producer", "consumer"), ("professor", "student"), ("resource", "consumer"), ("seller", "buyer"),
    ("subject", "object"), ("superclass", "subclass"), ("supervisor", "employee"), ("supervisor", "student"),
    ("supervisor", "subordinate"), ("supplier", "customer"), ("teacher", "pupil"), ("teacher", "student"),
    ("vendor", "customer"), ("whole", "part"), ("winner", "loser"),
)  # fmt: skip
#: Names of one end that arcs leave, that they lead to, and that they do either with, whatever the other is called.
_LEFT = frozenset({"predecessor", "prev", "previous", "prerequisite", "prereq"})
_REACHED = frozenset({"successor", "next"})
_EITHER = frozenset(
    (
        "after", "before", "blocked_by", "dependency", "depends_on", "in_reply_to", "in_reply_to_id",
        "in_reply_to_user", "in_response_to", "replied_to", "reply_to", "reports_to", "required", "requires",
    )
)  # fmt: skip
_RELATIONS = frozenset({"relation", "relations", "rel", "relationship", "relation_type", "predicate"})
_PARENT = re.compile(r"(?:parent|father|mother)(?:[ _.-]?(?:id|node|no))?|ppid")
_PARTS = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*|[0-9]+")
#: One who does it, and one to whom it is done: employer and employee, trainer and trained.
_DOER = re.compile(r"(?P<stem>[a-z]{3,}?)(?:ers?|ors?|ing)")
_DONE = re.compile(r"(?P<stem>[a-z]{3,}?)(?:ees?|ed)")
#: A year, as a number or as text.
_YEAR = re.compile(r"19[0-9]{2}|20[0-9]{2}|2100")
#: What stands between the names of the rows and of the columns of a matrix in its corner.
_BETWEEN = re.compile(r"\s*[\\/|,;]\s*|\s+")
Way = Literal["forward", "turned", "unclear", ""]
#: Names of ends that an arc leads to, and that no pair calls one that it leaves.
_HEADS = frozenset(
    {b for _, b in (*ENDS, *FLOWS) if len(b) > 1} - {a for a, _ in (*ENDS, *FLOWS)} - {"col", "column"}
)


def way_of(one: str, other: str) -> Way:
    """Say what the names of two columns, in this order, say of the direction of arcs.

    Names may have a part in common, as ``dest_airport`` and ``origin_airport``.

    Returns
    -------
    {"forward", "turned", "unclear", ""}
        Arcs lead from the first to the second; back; the names contradict the order of the columns, and neither is
        certain; or the names say nothing.

    Examples
    --------
    >>> way_of("from", "to"), way_of("Dest_Airport", "Origin_Airport"), way_of("child", "parent"), way_of("a", "b")
    ('forward', 'turned', 'unclear', '')
    >>> way_of("node", "successor"), way_of("node", "predecessor"), way_of("task", "depends_on")
    ('forward', 'unclear', 'unclear')
    """
    pair = _that_differ(one, other)
    back = pair[::-1]
    if pair in ENDS or pair in FLOWS:
        return "forward"
    if back in ENDS or back in FLOWS:
        return "turned"
    if pair in ROLES or _is_deed(*pair):
        return "unclear" if back in ROLES else "forward"
    if back in ROLES or _is_deed(*back) or not _EITHER.isdisjoint(pair):
        return "unclear"
    if pair[0] in _LEFT or pair[1] in _REACHED:
        return "forward"
    return "unclear" if back[0] in _LEFT or back[1] in _REACHED else ""


def _that_differ(one: str, other: str) -> tuple[str, str]:
    """Two names in small letters, without the parts that they share."""
    whole = one.strip().lower(), other.strip().lower()
    if whole in ENDS or whole[::-1] in ENDS or whole in ROLES or whole[::-1] in ROLES:
        return whole
    parts = [[part.lower() for part in _PARTS.findall(name)] for name in (one, other)]
    unlike = [k for k, pair in enumerate(zip(*parts, strict=False)) if pair[0] != pair[1]]
    if len(parts[0]) != len(parts[1]) or len(unlike) != 1:
        return whole
    return parts[0][unlike[0]], parts[1][unlike[0]]


def _is_deed(one: str, other: str) -> bool:
    doer, done = _DOER.fullmatch(one), _DONE.fullmatch(other)
    return doer is not None and done is not None and doer["stem"] == done["stem"]


def in_order(names: Sequence[str], ends: tuple[int, int]) -> tuple[int, int]:
    """Return the two columns with the ends so that arcs lead from the first to the second, as far as names say it.

    Examples
    --------
    >>> in_order(["effect", "cause"], (0, 1)), in_order(["a", "b"], (0, 1))
    ((1, 0), (0, 1))
    """
    turned = way_of(names[ends[0]], names[ends[1]]) == "turned"
    return (ends[1], ends[0]) if turned else ends


def said_of_arcs(names: Sequence[str], ends: tuple[int, int], arcs: bool) -> tuple[str, ...]:
    """Return between which columns arcs lead, unless these are called so and stand in this order.

    Parameters
    ----------
    names : sequence of str
        Names of all columns.
    ends : tuple of int
        Columns with the tail and the head of each arc.
    arcs : bool
        Whether directions count.

    Raises
    ------
    InputError
        The names are those of two roles against their usual order; or the ends are called ``head`` and ``tail`` and a
        third column ``relation`` or the like: triples of knowledge graphs lead from head to tail.

    Examples
    --------
    >>> said_of_arcs(["head", "tail", "weight"], (1, 0), True)
    ("arcs lead from column 'tail' to column 'head'",)
    >>> said_of_arcs(["child", "parent"], (0, 1), True)
    Traceback (most recent call last):
    derandkit.errors.InputError: the columns 'child' and 'parent' leave it open where an arc leads: from the ...
    """
    if not arcs:
        return ()
    tail, head = (names[at] for at in ends)
    small = [name.strip().lower() for name in names]
    relation = next((name for name, word in zip(names, small, strict=True) if word in _RELATIONS), None)
    if relation is not None and [small[at] for at in ends] == ["tail", "head"]:
        raise InputError(
            f"the columns 'head', {relation!r} and 'tail' may be triples of a knowledge graph, which lead from head "
            "to tail, or arcs, which lead from the tail to the head; call the ends 'source' and 'target'"
        )
    if way_of(tail, head) == "unclear":
        raise InputError(
            f"the columns {tail!r} and {head!r} leave it open where an arc leads: from the {tail!r} to the {head!r}, "
            f"as the columns stand, or from the {head!r} to the {tail!r}; call the ends 'source' and 'target'"
        )
    if ends[0] < ends[1] and way_of(tail, head) == "forward":
        return ()  # as the names say, in their order
    return (f"arcs lead from column {tail!r} to column {head!r}",)


def refuse_stated_order(names: Sequence[str], columns: Sequence[Sequence[object]], arcs: bool) -> None:
    """Refuse a column that says of some arcs that they lead forward and of others that they lead backward.

    Raises
    ------
    InputError
        Arcs are wanted, and the column has two such words.

    Examples
    --------
    >>> refuse_stated_order(["u", "v", "dir"], [["a", "b"], ["b", "c"], ["in", "out"]], True)
    Traceback (most recent call last):
    derandkit.errors.InputError: the column 'dir' may say which way each arc leads, with 'in' and 'out'; turn the ...
    """
    for name, column in zip(names, columns, strict=False):
        words = {str(x).strip().lower() for x in column} if arcs else set()
        if len(words) == 2 and words in _WAYS:
            one, other = sorted(words)
            raise InputError(
                f"the column {name!r} may say which way each arc leads, with {one!r} and {other!r}; turn the ends of "
                "one kind round and leave the column out"
            )


def are_turned(rows: object, columns: object, arcs: bool) -> bool:
    r"""Whether arcs lead from the columns of a matrix to its rows, or from the second end of pairs to the first.

    Parameters
    ----------
    rows, columns : object
        What the axes are called; None if they have no name. The name of the rows may be that of both, as in the corner
        of a table: ``to\from``.
    arcs : bool
        Whether directions count.

    Raises
    ------
    InputError
        The names are those of two roles against their usual order, or only the rows are named, as ends that arcs lead
        to.

    Examples
    --------
    >>> are_turned("dst", "src", True), are_turned(r"to\from", None, True), are_turned("src", "dst", True)
    (True, True, False)
    >>> are_turned("to", None, True)
    Traceback (most recent call last):
    derandkit.errors.InputError: the rows of the matrix are called 'to', so that arcs may lead from the columns to ...
    """
    if not arcs or not isinstance(rows, str):
        return False
    if columns is None:
        both = _BETWEEN.split(rows.strip())
        if len(both) == 2 and all(both):
            rows, columns = both
    if isinstance(columns, str):
        way = way_of(rows, columns)
        if way == "unclear":
            raise InputError(
                f"the names {rows!r} and {columns!r} leave it open where an arc leads: from the {rows!r} to the "
                f"{columns!r}, or from the {columns!r} to the {rows!r}; call the ends 'source' and 'target'"
            )
        return way == "turned"
    if rows.strip().lower() in _HEADS:
        raise InputError(
            f"the rows of the matrix are called {rows!r}, so that arcs may lead from the columns to the rows, or as in "
            "other matrices from the rows to the columns; turn the matrix in the first case, and call its rows 'from'"
        )
    return False


def said_of_turned(rows: object, columns: object) -> str:
    r"""Return the remark about pairs or a matrix that `are_turned`.

    Examples
    --------
    >>> said_of_turned("dst", "src"), said_of_turned(r"to\from", None)
    ("arcs lead from 'src' to 'dst'", "arcs lead from 'from' to 'to'")
    """
    if columns is None:
        rows, columns = _BETWEEN.split(str(rows).strip())
    return f"arcs lead from {columns!r} to {rows!r}"


def refuse_years_again(labels: Sequence[Hashable], i: IntArray, j: IntArray) -> None:
    """Refuse a first edge between two years that comes again further down, while no other edge has one of its ends.

    Tables that were put together have their names of columns, ``2020,2021``, once for each.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> numbers = [2020, 2021, 1, 2, 3]
    >>> refuse_years_again(numbers, np.array([0, 2, 0, 3]), np.array([1, 3, 2, 4]))
    >>> refuse_years_again(numbers, np.array([0, 2, 0, 3]), np.array([1, 3, 1, 4]))
    Traceback (most recent call last):
    derandkit.errors.InputError: the first row, 2020 2021, comes again, and no other row holds one of the two: names ...
    """
    if i.size < 4:
        return
    ends = int(i[0]), int(j[0])
    first, second = (labels[end] for end in ends)
    if not all(isinstance(label, int | str) and _YEAR.fullmatch(str(label)) for label in (first, second)):
        return  # beside words years are text
    again = (i == ends[0]) & (j == ends[1])
    inside = np.isin(i, ends) | np.isin(j, ends)
    if ends[0] != ends[1] and again[2:].any() and np.array_equal(again, inside) and not again.all():
        raise InputError(
            f"the first row, {first} {second}, comes again, and no other row holds one of the two: names of columns, "
            "or edges? Remove such rows if they are names; for edges pass a graph of networkx, or say --input-format "
            "edgelist (input_format= of derandkit.as_graph)"
        )


def said_of_parents(
    names: Sequence[str], labels: Sequence[Hashable], i: IntArray, j: IntArray
) -> tuple[str, ...]:
    """Return what has to be said of 0 that stands in a column of parents alone, several times; once it is refused.

    Each child stands once in the other column, and all vertices are whole numbers. The root of a tree need not be a
    child. So -1 is refused wherever it stands.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> ends = np.array([1, 2, 3]), np.array([0, 1, 1])
    >>> said_of_parents(["node", "other"], range(4), *ends)
    ()
    >>> said_of_parents(["node", "parent"], range(4), *ends)
    Traceback (most recent call last):
    derandkit.errors.InputError: 0 stands in the column 'parent' alone: no parent, as of a root, or a vertex; drop ...
    >>> said_of_parents(["node", "parent"], range(4), ends[0], np.array([0, 0, 1]))
    ("0 stands in the column 'parent' alone: no parent, as of a root (then drop such rows), or a vertex",)
    """
    at = [k for k, name in enumerate(names[:2]) if _PARENT.fullmatch(name.strip().lower())]
    numbers = [label for label in labels if type(label) is int]
    if len(at) != 1 or i.size < 2 or not numbers or len(numbers) < len(labels):
        return ()
    parents, children = (j, i) if at == [1] else (i, j)
    mark = min(numbers)
    place = labels.index(mark)
    if mark not in (0, -1) or (children == place).any() or distinct(children).size < children.size:
        return ()
    said = f"{mark} stands in the column {names[at[0]]!r} alone: no parent, as of a root"
    if mark == 0 and np.count_nonzero(parents == place) > 1:
        return (f"{said} (then drop such rows), or a vertex",)
    raise InputError(
        f"{said}, or a vertex; drop such rows, or, if it is a vertex, name the columns 'source' and 'target'"
    )


def said_of_root(labels: Sequence[Hashable], i: IntArray, j: IntArray) -> tuple[str, ...]:
    """Return what has to be said of rows that name each of 1, 2, ... once with another one, and 0 once, as a second.

    Lists of the parents of all vertices of a tree have 0 beside the root. A path may well begin at 0.

    Examples
    --------
    >>> said_of_root(range(4), np.array([1, 2, 3]), np.array([0, 1, 1]))
    ('0 stands once, beside 1: no parent, as of the root of a tree (then remove the row), or a vertex',)
    >>> said_of_root(range(4), np.array([1, 2, 3]), np.array([0, 1, 2]))
    ()
    """
    n = len(labels)
    numbers = [label for label in labels if type(label) is int] if i.size == n - 1 > 2 else []
    if not numbers or len(numbers) < n or min(numbers) != 0 or max(numbers) != n - 1:
        return ()
    at = labels.index(0)
    beside = np.flatnonzero(j == at)
    if beside.size != 1 or distinct(i).size < i.size or (i == at).any():
        return ()
    if distinct(j).size == j.size:
        return ()
    root = labels[int(i[beside[0]])]
    return (
        f"0 stands once, beside {root}: no parent, as of the root of a tree (then remove the row), or a vertex",
    )
