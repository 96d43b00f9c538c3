"""Names of columns: those of the ends of an edge, names among the edges, and edges among the names."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.objects.names import may_join
from derandkit.numerals import is_whole, loose_float
from derandkit.numerics.rounding import DECIMAL
from derandkit.numerics.typing import FloatArray, IntArray

_TRUTH = frozenset({"true", "false", "yes", "no"})
_NUMERAL = re.compile(DECIMAL)
#: Names of the two columns with the ends of an edge.
ENDS = (
    ("source", "target"), ("from", "to"), ("src", "dst"), ("src", "dest"), ("src", "tgt"), ("u", "v"), ("i", "j"),
    ("node1", "node2"), ("node_1", "node_2"), ("node a", "node b"), ("node_a", "node_b"), ("nodea", "nodeb"),
    ("vertex1", "vertex2"), ("vertex_1", "vertex_2"), ("v1", "v2"), ("id1", "id2"), ("id_1", "id_2"),
    ("start", "end"), ("tail", "head"), ("fromnodeid", "tonodeid"), ("from_id", "to_id"),
    ("from_node", "to_node"), ("source_id", "target_id"), ("sourceid", "targetid"), ("row", "col"),
    ("row", "column"), ("origin", "destination"), ("x1", "x2"), ("node", "neighbor"), ("p1", "p2"),
    ("source", "sink"), ("sender", "receiver"), ("departure", "arrival"), ("caller", "callee"), ("citing", "cited"),
    ("exporter", "importer"), ("follower", "followed"), ("predecessor", "successor"), ("start_node", "end_node"),
    ("source_name", "target_name"), ("source.id", "target.id"), ("source_node", "target_node"),
    ("level_0", "level_1"), ("_from", "_to"), ("~from", "~to"), ("pulocationid", "dolocationid"),
    ("h_geocode", "w_geocode"), ("source", "destination"), ("follower", "followee"), ("sender", "recipient"),
    ("user_id", "friend_id"), ("userid", "friendid"), ("paper_id", "cited_paper_id"), ("paperid", "citedpaperid"),
    ("author_id", "coauthor_id"), ("authorid", "coauthorid"), ("u_id", "v_id"), ("ego", "alter"),
)  # fmt: skip
#: What two columns are called beside what they share: ``gene_a`` and ``gene_b``, ``from_city`` and ``to_city``.
_LAST = {
    "12": "3",
    "ab": "c",
    "xy": "z",
    "ij": "k",
    "01": "2",
}  # and what would follow: a third column is no end
_SIDES = (
    ("source", "target"), ("from", "to"), ("src", "dst"), ("origin", "destination"), ("start", "end"),
)  # fmt: skip
#: What follows the number of an end: ``person1_id``.
_ID = re.compile(r"(?P<name>.*[^ _.-])(?P<id>[ _.-]?(?:id|ids|no|nr|name))")
#: Sides of a synapse, beside what neurons go by; other columns are called so before and after something.
_NEURON = re.compile(r"(?:body|root|neuron|cell|segment|skeleton|pt_root|supervoxel)?[ _.-]?ids?")
#: What vertices go by: an amount or a port of a sender is no end.
_KEY = re.compile(
    r"(?:.*[ _.-])?(?:(?:paper|user|node|account)?ids?|ip|node|name|key|code|address|account|user|paper)"
)
#: Sides, and what the rest of both names has to be.
_BESIDE = (
    *((left, right, re.compile(".*")) for left, right in _SIDES), ("pre", "post", _NEURON),
    ("source", "destination", _KEY), ("sender", "recipient", _KEY), ("sender", "receiver", _KEY),
    ("follower", "followee", _KEY), ("citing", "cited", _KEY),
)  # fmt: skip
#: What such names share where the columns are no ends of edges.
_NO_ENDS = frozenset(
    [
        "", "age", "class", "cluster", "color", "colour", "coord", "cost", "count", "date", "day", "degree", "dist",
        "distance", "friend", "group", "hour", "kind", "knn", "lat", "latitude", "length", "level", "lon", "long",
        "longitude", "month", "nbr", "neighbor", "neighbour", "nn", "pos", "position", "rank", "score", "size",
        "time", "timestamp", "type", "value", "weight", "x", "y", "year",
    ]
)  # fmt: skip
#: Shared parts that call the vertex itself, where several pairs of columns describe both ends.
_ITSELF = ("node", "id", "vertex", "name", "label")
#: What inputs and targets of a table of data are called, and quantities that are measured twice.
_INPUTS = frozenset(
    [
        "attr", "attribute", "component", "covariate", "dim", "feat", "feature", "input", "pc", "predictor",
        "regressor", "var", "variable", "x",
    ]
)  # fmt: skip
_TARGETS = frozenset(
    ["class", "cls", "f", "label", "labels", "outcome", "output", "response", "species", "target", "y", "z"]
)
_MEASURED = frozenset(
    [
        "age", "angle", "bmi", "density", "depth", "height", "humidity", "income", "mass", "pressure", "price",
        "radius", "salary", "speed", "temp", "temperature", "velocity", "voltage", "volume", "width",
    ]
)  # fmt: skip
#: Names that hardly any vertex has; vertices may well be called u and v, or x1 and x2.
WORDS = frozenset(pair for pair in ENDS if max(map(len, pair)) > 2)


def known_ends(names: Sequence[str]) -> tuple[int, int] | None:
    """Find the columns whose names say that they are the ends of an edge.

    Examples
    --------
    >>> known_ends(["id", "Source", "Target"]), known_ends(["a", "b"])
    ((1, 2), None)
    """
    small = [name.strip().lower() for name in names]
    for one, other in ENDS:
        if small.count(one) == 1 and small.count(other) == 1:
            return small.index(one), small.index(other)
    return None


#: Tables with more columns are searched for known names alone: all pairs of a line of 6000 words would take minutes.
MOST_COLUMNS = 100


def ends_among(names: Sequence[str], numeric: Sequence[bool] = ()) -> tuple[int, int] | None:
    """Find the columns that are the ends of an edge by known names, or by names that differ in a last letter or a side.

    Parameters
    ----------
    names : sequence of str
        Names of all columns.
    numeric : sequence of bool, optional
        Which columns hold numbers only; of several pairs one of words is meant.

    Examples
    --------
    >>> ends_among(["score", "gene_a", "gene_b"]), ends_among(["fromNode", "toNode", "fromAltName", "toAltName"])
    ((1, 2), (0, 1))
    >>> ends_among(["year1", "year2"]), ends_among(["gene1", "gene2", "drug1", "drug2"])
    (None, None)
    """
    known = known_ends(names)
    if known is not None or len(names) > MOST_COLUMNS:
        return known
    small = [name.strip().lower() for name in names]
    pairs = {
        (u, v): shared
        for u, one in enumerate(small)
        for v, other in enumerate(small)
        if u != v and (shared := _shared(one, other, small))
    }
    words = {pair for pair in pairs if numeric and not (numeric[pair[0]] or numeric[pair[1]])}
    if len(pairs) > 1 and words:
        pairs = {pair: pairs[pair] for pair in words}
    for part in _ITSELF if len(pairs) > 1 else ():
        own = [pair for pair, shared in pairs.items() if shared == part]
        if len(own) == 1:
            return own[0]
    return next(iter(pairs)) if len(pairs) == 1 else None


def _shared(one: str, other: str, names: Sequence[str]) -> str:
    """Return the part that the names of both ends share, without marks; "" if they are none, in this order."""
    left_id, right_id = _ID.fullmatch(one), _ID.fullmatch(other)
    if left_id is not None and right_id is not None and left_id["id"] == right_id["id"]:
        last = [name.removesuffix(left_id["id"]) for name in names]
        if shared := _shared(left_id["name"], right_id["name"], last):
            return shared
    stem = one[:-1]
    shared = ""
    following = _LAST.get(one[-1:] + other[-1:])
    if stem == other[:-1] and following is not None and stem + following not in names:
        shared = stem
    for left, right, rest in _BESIDE:
        for head in (True, False):
            cut = (one.removeprefix(left), other.removeprefix(right)) if head else (
                one.removesuffix(left), other.removesuffix(right))  # fmt: skip
            if cut[0] == cut[1] and cut[0] != one and cut[1] != other:
                shared = cut[0] if rest.fullmatch(cut[0].strip(" _.-:")) else shared
    shared = shared.strip(" _.-:")
    return (
        "" if re.split(r"[ _.-]+", shared)[-1] in _NO_ENDS or len(shared) < 2 or shared.isdigit() else shared
    )


def refuse_inputs(ends: Sequence[str], others: Sequence[str]) -> None:
    """Refuse two columns of numbers that are called as inputs of a table of data, or as what is measured.

    Parameters
    ----------
    ends : sequence of str
        Names of the two columns.
    others : sequence of str
        Names of the other ones; inputs stand beside a target.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_inputs(["x1", "x2"], ["distance"]), refuse_inputs(["node1", "node2"], ["label"])
    (None, None)
    >>> refuse_inputs(["x1", "x2"], ["y"])
    Traceback (most recent call last):
    derandkit.errors.InputError: the columns 'x1' and 'x2' beside 'y' may be inputs of a table of data, or the ends ...
    """
    small = [name.strip().lower() for name in ends]
    stems = {name.rstrip("0123456789").rstrip(" _.-:") for name in small}
    target = next((name for name in others if name.strip().lower() in _TARGETS), None)
    if len(stems) != 1 or small[0] == small[1] or not all(name[-1:].isdigit() for name in small):
        return
    word = re.split(r"[ _.-]+", stems.pop())[-1]
    if word in _MEASURED or (word in _INPUTS and target is not None):
        beside = f" beside {target!r}" if word in _INPUTS else ""
        raise InputError(
            f"the columns {ends[0]!r} and {ends[1]!r}{beside} may be inputs of a table of data, or the ends of edges; "
            "name them 'source' and 'target' for edges"
        )


def refuse_header(edges: Iterable[tuple[Hashable, Hashable]]) -> None:
    """Refuse edges the first of which may be the header of a table.

    Parameters
    ----------
    edges : iterable of pairs
        The ends of each edge; asked for one after the other, and only for the first where that is no header.

    Raises
    ------
    InputError
        Its ends are such as ``source`` and ``target``, and no other edge has one of them.

    Examples
    --------
    >>> refuse_header([("source", "drain"), ("a", "b")])
    >>> refuse_header([("source", "target"), ("a", "b")])
    Traceback (most recent call last):
    derandkit.errors.InputError: the first edge, 'source' and 'target', may be the header of a table; leave it out, ...
    """
    rest = iter(edges)
    one, other = next(rest, (None, None))
    if not (isinstance(one, str) and isinstance(other, str)):
        return
    u, v = one.strip().lower(), other.strip().lower()
    if (u, v) not in WORDS and (v, u) not in WORDS:
        return
    others = [edge for edge in rest if tuple(edge) != (one, other)]  # it may come again
    if not others or any(one in edge or other in edge for edge in others):
        return
    raise InputError(
        f"the first edge, {one!r} and {other!r}, may be the header of a table; leave it out, or put another edge first "
        "if these are vertices"
    )


def refuse_values(
    ones: Iterable[Hashable],
    others: Iterable[Hashable],
    advice: str = "pass tuples (u, v, weight), or a graph of networkx",
    *,
    named: bool = False,
) -> None:
    """Refuse ends of edges without weights of which one side are words and the other numbers, where these are values.

    The numbers are not all whole, or no word comes twice and the numbers differ, or the words may each join two ends.
    Truth values count as numbers do.

    Parameters
    ----------
    ones, others : iterable of hashables
        Both ends of each edge.
    advice : str
        What to do where they are ends.
    named : bool
        Whether the names of the columns say that they are ends, so that none may come twice.

    Raises
    ------
    InputError
        They may be names and their values, or edges and their weights; it names both readings.

    Examples
    --------
    >>> refuse_values(["a", "b"], [3, 2])
    >>> refuse_values(["a", "b"], [3.5, 2])
    Traceback (most recent call last):
    derandkit.errors.InputError: 'a' stands beside 3.5: a name and its value, or an edge between them? For an edge ...
    >>> refuse_values(["a-b", "b-c"], [3, 2])
    Traceback (most recent call last):
    derandkit.errors.InputError: 'a-b' beside 3 may be an edge with a weight, or an edge between these two; write ...
    """
    pairs = list(zip(ones, others, strict=True))
    numbers = [x for pair in pairs for x in pair if isinstance(x, (int, float, np.number))]
    if pairs and len(numbers) == 2 * len(pairs) and len({u for u, _ in pairs}) == len(pairs):
        odd = next((pair for pair in pairs if not is_whole(pair[1])), None)
        if odd is not None and all(is_whole(u) for u, _ in pairs):
            raise InputError(
                f"{odd[0]!r} stands beside {odd[1]!r}: a name and its value, or an edge between them? For an "
                f"edge {advice}"
            )
    for place in (0, 1):
        words, values = [pair[place] for pair in pairs], [pair[1 - place] for pair in pairs]
        if not words or not all(isinstance(word, str) and not _is_numeral(word) for word in words):
            continue
        once = (
            not named and len(pairs) > 2 and len(set(words)) == len(pairs) and all(map(_ends_plainly, words))
        )
        if once and all(str(x).strip().lower() in _TRUTH for x in values) and len(set(values)) > 1:
            raise InputError(
                f"{words[0]!r} stands beside {values[0]!r}, and no name comes twice: names and their values, or edges "
                f"between them? For edges {advice}"
            )
        if not all(map(_is_numeral, values)):
            continue
        at = next((k for k, x in enumerate(values) if not is_whole(x)), None)
        if at is not None:
            raise InputError(
                f"{words[at]!r} stands beside {values[at]!r}: a name and its value, or an edge between them? For an "
                f"edge {advice}"
            )
        if may_join([str(word) for word in words]):
            raise InputError(
                f"{words[0]!r} beside {values[0]!r} may be an edge with a weight, or an edge between these two; write "
                f"the two ends in columns, or {advice} if {words[0]!r} is a vertex"
            )
        if not named and len(pairs) > 2 and len(set(words)) == len(set(map(str, values))) == len(pairs):
            raise InputError(
                f"{words[0]!r} stands beside {values[0]!r}, and no word and no number comes twice: names and their "
                f"values, or edges between them? For edges {advice}"
            )
        if once and len(set(map(str, values))) > 1:  # as edges they were stars apart from each other
            raise InputError(
                f"{words[0]!r} stands beside {values[0]!r}, and no word comes twice: names and their values, or edges "
                f"between them? For edges {advice}"
            )


def refuse_table(labels: Sequence[Hashable], i: IntArray, j: IntArray, w: FloatArray) -> None:
    """Refuse edges with weights that join words, each once, to numbers: a table of names with two numbers each.

    As edges they are stars apart from each other, around the numbers. One star alone may well be a graph.

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
    >>> refuse_table(["a", "b", "c", 1, "d"], *ends, np.array([5.0, 3, 2]))
    >>> refuse_table(["a", "b", "c", 1, 2], *ends, np.array([5.0, 3, 2]))
    Traceback (most recent call last):
    derandkit.errors.InputError: 'a' stands beside 1 and 5, and no name comes twice: a table of names and numbers, ...
    """
    k = i.size
    if k < 3 or len(labels) < k + 2 or isinstance(labels, range):
        return
    for ones, others in ((i, j), (j, i)):
        inner = np.unique(others)
        if not 1 < inner.size <= k or inner.size + k != len(labels):
            continue
        beside = [labels[at] for at in inner.tolist()]
        if not all(_is_numeral(x) or str(x).strip().lower() in _TRUTH for x in beside):
            continue
        words = [labels[at] for at in ones.tolist()]
        if all(isinstance(x, str) and not _is_numeral(x) and _ends_plainly(x) for x in words):
            raise InputError(
                f"{words[0]!r} stands beside {labels[int(others[0])]} and {w[0]:g}, and no name comes twice: a table "
                "of names and numbers, or edges between both with weights? For edges name the columns 'source', "
                "'target' and 'weight', or say --input-format edgelist (input_format= of derandkit.as_graph), or "
                "pass {(u, v): weight}"
            )


def refuse_winners(labels: Sequence[Hashable], i: IntArray, j: IntArray, w: FloatArray) -> None:
    """Refuse weights that are in every row one of its two ends, now the first and now the second: who won, or the like.

    Neither the greater nor the smaller end of all rows is meant; there are four rows or more.

    Raises
    ------
    InputError
        They may name a vertex.

    Examples
    --------
    >>> ends = np.array([0, 0, 1, 2]), np.array([1, 2, 2, 3])
    >>> refuse_winners([1, 2, 3, 4], *ends, np.array([1.0, 3, 2, 5]))
    >>> refuse_winners([1, 2, 3, 4], *ends, np.array([1.0, 3, 2, 4]))
    Traceback (most recent call last):
    derandkit.errors.InputError: the third number of each row, as in '1 2 1', is one of its two ends: a vertex, ...
    """
    if i.size < 4 or not (isinstance(labels, range) or all(type(label) is int for label in labels)):
        return
    head = [labels[int(at)] for at in (i[0], j[0])]
    if float(w[0]) not in head:  # so that most lists are not looked at
        return
    numbers = np.array([loose_float(label) for label in labels])
    one, other = numbers[i], numbers[j]
    first, second = w == one, w == other
    if not (first | second).all() or first.all() or second.all():
        return
    if (w == np.maximum(one, other)).all() or (w == np.minimum(one, other)).all():
        return
    raise InputError(
        f"the third number of each row, as in '{head[0]} {head[1]} {w[0]:g}', is one of its two ends: a vertex, such "
        "as who won, or a weight? Leave it out with --unweighted (weight=None); for weights name the columns 'source', "
        "'target' and 'weight'"
    )


def _ends_plainly(word: object) -> bool:
    """Whether a name ends in a letter or digit, so that no sign of the layout hangs on it."""
    return str(word)[-1:].isalnum()


def _is_numeral(x: object) -> bool:
    """Whether a label is a number, or the text of one."""
    if isinstance(x, str):
        return _NUMERAL.fullmatch(x.strip()) is not None
    return isinstance(x, (int, float, np.number)) and not isinstance(x, bool)


def refuse_lost_row(names: Sequence[str], columns: Sequence[Sequence[object]]) -> None:
    """Refuse two columns, and three of which the last is called by a number, whose names may be the first edge.

    Raises
    ------
    InputError
        The names are not those of ends, and one of the first two is an end of an edge below.

    Examples
    --------
    >>> refuse_lost_row(["from", "to"], [["from"], ["b"]])
    >>> refuse_lost_row(["a", "b"], [["b", "c"], ["c", "a"]])
    Traceback (most recent call last):
    derandkit.errors.InputError: the columns are called 'a' and 'b', as vertices below are: if the table has no ...
    """
    numbered = len(names) == 3 and names[2].strip().lstrip("+-").replace(".", "", 1).isdigit()
    if known_ends(names) is not None or not (len(names) == 2 or numbered):
        return
    below = {str(end) for column in columns[:2] for end in column}
    weight = len(names) == 3 and names[2].strip() != "0" and not any(map(_is_numeral, names[:2]))
    if names[0] in below or names[1] in below:
        raise InputError(
            f"the columns are called {names[0]!r} and {names[1]!r}, as vertices below are: if the table has no header, "
            "read it with header=None, else rename the columns, to 'source' and 'target' for example"
        )
    if weight:
        raise InputError(
            f"the columns are called {', '.join(map(repr, names))}, as an edge and its weight: if the table has no "
            "header, read it with header=None, else rename the columns, to 'source' and 'target' for example"
        )
