"""Which columns of a table are the ends, the weight and the directions: for tables in files and for frames."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from derandkit.errors import InputError
from derandkit.graphs.doubts import refuse_coordinates, refuse_vertices
from derandkit.graphs.formats import AUTO_WEIGHT, WeightName
from derandkit.graphs.objects.columns import MOST_COLUMNS, ends_among, refuse_inputs
from derandkit.graphs.objects.heads import FLOWS, in_order
from derandkit.graphs.objects.indices import refuse_rows_of_a_table
from derandkit.graphs.objects.signs import are_signs, refuse_signs_beside
from derandkit.graphs.objects.times import refuse_named_times
from derandkit.graphs.weights import (
    CHOOSE,
    WEIGHTS,
    are_amounts,
    are_numerals,
    is_key,
    is_no_weight,
    is_real,
    only_column,
    refuse_numerals,
)

#: Names of one end of an edge, whatever the other one is called.
_HALVES = frozenset({"source", "target", "from", "to", "src", "dst", "dest", "tgt"})
#: Names of what an edge is, and never of its end.
_KINDS = frozenset(
    {
        "interaction", "shared interaction", "interaction type", "interaction_type", "shared name", "relation",
        "relationship", "relation_type", "predicate", "edge_type", "edgetype", "link_type", "edge type",
    }
)  # fmt: skip
_KIND_WORDS = frozenset({"category", "kind", "layer", "mode", "type"})
_NEIGHBOUR = re.compile(
    r"(?:nearest[ _]?)?(?:neighbou?rs?|nn|nbrs?|adj|knn|friends?|links?)(?:[ _.-]?(?:id|idx|index))?[ _.-]?\d+"
)
_REMARKS = frozenset({"note", "notes", "comment", "comments", "remark", "remarks", "description"})
_LISTS = frozenset(
    [
        "adjacency", "adjacent", "connections", "cites", "contacts", "friends", "followers", "imports", "links",
        "neighbors", "neighbours", "references", "targets",
    ]
)  # fmt: skip
_EDGE_NAME = re.compile(r"\S.* \([^()]+\) .*\S")
_CLOCK = re.compile(r"(?:\d{4}-\d\d?-\d\d?[ T])?\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?|\d{4}-\d\d?-\d\d?")
#: What follows the name of an end in the name of a column that says of what kind it is.
_KIND_OF = re.compile(r"[ _.-]?(?:type|kind|class|category|layer|entity|entity_type|mode)")
#: Names of ends of edges that are as often those of times and places.
_ALSO_TIMES = ({"start", "end"}, {"departure", "arrival"}, {"from", "to"}, {"row", "col"}, {"row", "column"})


class Columns(NamedTuple):
    """Which columns of a table are the ends and the weight, and what has to be said about it."""

    u: int
    v: int
    weight: int | None
    remarks: tuple[str, ...]


def choose_columns(
    names: Sequence[str],
    numeric: Sequence[bool],
    weight: WeightName,
    partly: Sequence[bool] = (),
    columns: Sequence[Sequence[object]] = (),
) -> Columns:
    """Choose the columns of a table that has named columns.

    Parameters
    ----------
    names : sequence of str
        Names of all columns.
    numeric : sequence of bool
        Whether every entry of a column is a number.
    weight : str or None
        The column with the weights, which must be there; by default ``"weight"``, or else the only other column of
        numbers.
    partly : sequence of bool, optional
        Whether some entries of a column are numbers and some are not.
    columns : sequence of sequences, optional
        Their cells, so that marks for signs are known as weights whatever the name above them.

    Raises
    ------
    InputError
        The ends or the weight cannot be determined, or signs would be left out.

    Examples
    --------
    >>> choose_columns(["id", "from", "to", "km"], [True, False, False, True], AUTO_WEIGHT)
    Columns(u=1, v=2, weight=3, remarks=("the weights are those of 'km'", "column 'id' is not used"))
    """
    known = ends_among(names, numeric) or _flow(names)
    if known is not None and columns:
        _refuse_other_ends(names, numeric, columns, known)
    if known is None:
        refuse_edge_names(names, columns)
        _refuse_neighbours(names)
        _refuse_cells_of_lists(names, columns)
    ends = known or in_order(names, _free_ends(names, numeric, weight))
    if columns:
        _refuse_kinds_of_ends(names, columns, ends)
    others = [k for k in range(len(names)) if k not in ends]
    small = [name.strip().lower() for name in names]
    remarks: list[str] = []
    chosen: int | None = None
    if weight is not None:
        name = "weight" if weight is AUTO_WEIGHT else weight
        named = [k for k in others if names[k].strip() == name] or [
            k for k in others if small[k] == name.lower()
        ]
        marks = {k for k in others if columns and are_signs(columns[k])}
        keys = {k for k in others if is_no_weight(names[k]) or is_key(names[k])}
        candidates = [k for k in others if numeric[k] and (k in marks or k not in keys)]
        if named:
            chosen = only_column(named, names)
        elif weight is not AUTO_WEIGHT:
            has = ", ".join(map(repr, names))
            raise InputError(f"no column is named {weight!r}; the columns are {has}")
        elif len(candidates) > 1:
            listed = " and ".join(repr(names[k]) for k in candidates)
            raise InputError(f"no column is named 'weight', but {listed} hold numbers; {CHOOSE}")
        elif candidates:
            chosen = candidates[0]
            if small[chosen] not in WEIGHTS:
                if columns:
                    refuse_named_times(names[chosen], columns[chosen])
                remarks.append(f"the weights are those of {names[chosen]!r}")
        else:
            _refuse_hidden_weights(names, others, partly, columns)
    if not isinstance(weight, str) and all(numeric[k] for k in ends):
        refuse_inputs([names[k] for k in ends], [names[k] for k in others])
    if known is None and columns and len(names) <= MOST_COLUMNS:
        numbers = [k for k in range(len(names)) if numeric[k]]
        for pair in itertools.combinations(numbers, 2):
            if not set(pair).isdisjoint(ends):
                weighted = chosen is not None and chosen not in pair
                refuse_coordinates([names[k] for k in pair], [columns[k] for k in pair], weighted)
    rest = [k for k in others if k != chosen]
    if columns:
        refuse_rows_of_a_table(names, columns, ends, chosen)
    if weight is AUTO_WEIGHT and columns:
        beside = {names[k]: columns[k] for k in rest}
        sizes = () if chosen is None else columns[chosen]
        refuse_signs_beside(None if chosen is None else names[chosen], sizes, beside)
    remarks += [f"column {k + 1}, which has no name, is not used" for k in rest if _is_unnamed(names[k])]
    unused = [names[k] for k in rest if not _is_unnamed(names[k])]
    if unused:
        text = ", ".join(map(repr, unused))
        ones = "" if chosen is not None or weight is None else ", and every edge weighs 1"
        remarks.append(
            f"column{'s' * (len(unused) > 1)} {text} {'are' if len(unused) > 1 else 'is'} not used{ones}"
        )
    return Columns(ends[0], ends[1], chosen, tuple(remarks))


def _flow(names: Sequence[str]) -> tuple[int, int] | None:
    """Columns such as ``o`` and ``d`` or ``prev`` and ``next``, if two are called so, whatever stands before them."""
    places: dict[str, list[int]] = {}
    for k, name in enumerate(names):
        places.setdefault(name.strip().lower(), []).append(k)
    pairs = (
        (u, v)
        for one, other in dict.fromkeys(FLOWS)
        for u in places.get(one, ())
        for v in places.get(other, ())
        if u != v
    )
    known = list(itertools.islice(pairs, 2))
    return known[0] if len(known) == 1 else None


def _refuse_neighbours(names: Sequence[str]) -> None:
    """Refuse columns ``neighbor1``, ``neighbor2``: each row lists the neighbours of one vertex."""
    found = [name for name in names if _NEIGHBOUR.fullmatch(name.strip().lower())]
    if len(found) > 1:
        raise InputError(
            f"the columns {', '.join(map(repr, found[:4]))} may list the neighbours of one vertex a row, or hold ends "
            "and weights; write one edge a row, or name two columns 'source' and 'target'"
        )


def _refuse_cells_of_lists(names: Sequence[str], columns: Sequence[Sequence[object]]) -> None:
    """Refuse a column ``neighbors`` or the like whose cells may list several vertices.

    Raises
    ------
    InputError
        It names both readings.
    """
    for name, column in zip(names, columns, strict=False):
        if name.strip().lower() not in _LISTS:
            continue
        cell = next(
            (x for x in column if not isinstance(x, str) or re.search(r"[\s,;|/&+]", x.strip())), None
        )
        if cell is not None and not is_real(cell):
            raise InputError(
                f"the column {name!r} may hold a list of vertices in each cell, such as {cell!r}, or one vertex; write "
                "one edge a row (frame.explode in pandas), or name the columns 'source' and 'target'"
            )


def refuse_edge_names(names: Sequence[str], columns: Sequence[Sequence[object]]) -> None:
    """Refuse a column with names of edges ``A (pp) B``, as Cytoscape exports them, where no columns are the ends.

    Raises
    ------
    InputError
        It names the column.

    Examples
    --------
    >>> refuse_edge_names(["a", "b"], [["A (pp) B", "C"], ["B", "D"]])
    >>> refuse_edge_names(["name", "weight"], [["A (pp) B", "B (pp) C"], [5, 3]])
    Traceback (most recent call last):
    derandkit.errors.InputError: the column 'name' holds names of edges, such as 'A (pp) B', as Cytoscape exports ...
    """
    for name, column in zip(names, columns, strict=False):
        cells = list(column)
        if cells and all(isinstance(x, str) and _EDGE_NAME.fullmatch(x.strip()) for x in cells):
            raise InputError(
                f"the column {name!r} holds names of edges, such as {cells[0]!r}, as Cytoscape exports them; export "
                "the network as GraphML or .cyjs, or write both ends of each edge in columns of their own"
            )


def _refuse_hidden_weights(
    names: Sequence[str], others: Sequence[int], partly: Sequence[bool], columns: Sequence[Sequence[object]]
) -> None:
    """Refuse columns that are no numbers and may hold the weights, where no column of numbers does.

    Raises
    ------
    InputError
        Numbers as text, some numbers, numbers with units, or mappings of attributes.
    """
    free = [k for k in others if not (is_no_weight(names[k]) or is_key(names[k]))]
    small = [name.strip().lower() for name in names]
    cells = {k: columns[k] for k in free} if columns else {}
    refuse_numerals([names[k] for k in cells if are_numerals(cells[k])])
    broken = [k for k in free if small[k] in WEIGHTS or (k < len(partly) and partly[k])]
    if broken:
        rows = enumerate(cells.get(broken[0], ()), 1)
        wrong = next((f" (row {at}: {x!r:.40})" for at, x in rows if not _is_weight(x)), "")
        raise InputError(
            f"column {names[broken[0]]!r} may hold the weights, but not all of its entries are numbers{wrong}; mend "
            "them, or count every edge as 1 with --unweighted (weight=None)"
        )
    refuse_numerals([names[k] for k in cells if small[k] not in _REMARKS and are_amounts(cells[k])])
    nested = [names[k] for k in cells if len(cells[k]) and all(isinstance(x, Mapping) for x in cells[k])]
    if nested:
        raise InputError(
            f"{nested[0]!r} holds attributes of edges, which may have the weights; write them beside the ends, or "
            "count every edge as 1 with --unweighted (weight=None)"
        )


def _is_weight(x: object) -> bool:
    """Whether an entry is a number or the text of one; NaN is missing."""
    return are_numerals([x]) or (is_real(x) and x == x)


def _refuse_other_ends(
    names: Sequence[str], numeric: Sequence[bool], columns: Sequence[Sequence[object]], ends: tuple[int, int]
) -> None:
    """Refuse two columns of numbers such as ``start`` and ``end`` beside two of words, of which some stand in both.

    Raises
    ------
    InputError
        The words may be the ends, and the numbers times or places.
    """
    small = [name.strip().lower() for name in names]
    pair = [small[at] for at in ends]
    times = all(_CLOCK.fullmatch(str(x).strip()) for at in ends for x in columns[at])
    if not times and (set(pair) not in _ALSO_TIMES or not all(numeric[at] for at in ends)):
        return
    words = [
        k
        for k in range(len(names))
        if k not in ends and not numeric[k] and set(pair).isdisjoint(re.findall("[a-z]+", small[k]))
    ]
    if len(words) == 2 and set(map(str, columns[words[0]])) & set(map(str, columns[words[1]])):
        one, other = (names[at] for at in ends)
        raise InputError(
            f"the ends of an edge may be {names[words[0]]!r} and {names[words[1]]!r}, or {one!r} and {other!r}; name "
            "them 'source' and 'target'"
        )


def _refuse_kinds_of_ends(
    names: Sequence[str], columns: Sequence[Sequence[object]], ends: tuple[int, int]
) -> None:
    """Refuse ends such as 1 and 1 beside the kinds ``person`` and ``item``, which number each kind apart.

    Raises
    ------
    InputError
        A vertex has two kinds.
    """
    small = [name.strip().lower() for name in names]
    kinds: list[dict[str, int]] = []
    for at in ends:
        behind = {
            name[len(small[at]) :]: k
            for k, name in enumerate(small)
            if k != at and name.startswith(small[at])
        }
        kinds.append({text: k for text, k in behind.items() if _KIND_OF.fullmatch(text)})
    for text in sorted(kinds[0].keys() & kinds[1].keys()):
        kind_of: dict[object, object] = {}
        for at, beside in zip(ends, kinds, strict=True):
            for vertex, kind in zip(columns[at], columns[beside[text]], strict=True):
                if kind_of.setdefault(vertex, kind) != kind:
                    one, other = (names[each[text]] for each in kinds)
                    raise InputError(
                        f"{vertex!r} is of the kinds {kind_of[vertex]!r} and {kind!r}: one vertex, or two? Write the "
                        f"kind before each name, or leave out the columns {one!r} and {other!r}"
                    )


def _is_unnamed(name: str) -> bool:
    return not name.strip() or name.strip().lower().startswith("unnamed:")


def _free_ends(names: Sequence[str], numeric: Sequence[bool], weight: WeightName) -> tuple[int, int]:
    """Columns with the ends of an edge where no names say it: the two that can be nothing else, or the first two.

    A column that is called ``target`` or the like is one of them, and the only other one of words is the other.
    """
    small = [name.strip().lower() for name in names]
    free = [k for k, name in enumerate(names) if name != weight and small[k] not in WEIGHTS]
    free = [k for k in free if small[k] in _HALVES or not is_no_weight(names[k])]
    free = [k for k in free if small[k] not in _KINDS]
    rest = [k for k in free if re.split(r"[ _.-]+", small[k])[-1] not in _KIND_WORDS]
    if len(rest) == 2 and numeric[rest[0]] == numeric[rest[1]]:
        free = rest  # mode, a, b
    if len(names) == 3 and numeric[2]:
        refuse_vertices(names[:2])
    if len(names) == 2 and not any(name in WEIGHTS for name in small):
        refuse_vertices(names)
        return 0, 1
    titled = sum(not _is_unnamed(name) for name in names)
    halves = [k for k in free if small[k] in _HALVES]
    words = [k for k in free if k not in halves and not numeric[k] and not _is_unnamed(names[k])]
    if len(halves) == 1 and len(words) == 1:
        return min(halves + words), max(halves + words)
    if len(free) == 2 or (len(free) == 3 == titled and numeric[free[2]] and not set(halves) & {free[2]}):
        return free[0], free[1]
    alike = _is_unnamed(names[0]) == _is_unnamed(
        names[1]
    )  # one name alone is that of a column beside an index
    taken = {*small[:2]} & (WEIGHTS | _KINDS)
    if len(names) == 3 and numeric[2] and alike and not {2} & set(halves) and not taken:
        return 0, 1
    listed = ", ".join(map(repr, names))
    raise InputError(
        f"it is not clear which of the columns {listed} are the ends of an edge; name them 'source' and 'target'"
    )


def refuse_numbers(names: Sequence[str], numeric: Sequence[bool], weight: WeightName) -> None:
    """Refuse three columns of numbers whose names do not say that they are edges.

    Raises
    ------
    InputError
        It names the columns.

    Examples
    --------
    >>> refuse_numbers(["0", "1", "2"], [True] * 3, AUTO_WEIGHT)  # no names at all
    >>> refuse_numbers(["x", "y", "z"], [True] * 3, AUTO_WEIGHT)
    Traceback (most recent call last):
    derandkit.errors.InputError: the columns 'x', 'y', 'z' hold numbers: edges, points, or rows of a matrix? ...
    """
    titled = [name for name in names if not _is_unnamed(name)]
    if len(titled) != 3 or not all(numeric) or ends_among(names) is not None or weight in titled:
        return
    if any(name.strip().lower() in WEIGHTS or is_no_weight(name) for name in titled):
        return
    if titled not in (["0", "1", "2"], ["1", "2", "3"], ["V1", "V2", "V3"]):
        raise InputError(
            f"the columns {', '.join(map(repr, titled))} hold numbers: edges, points, or rows of a matrix? For edges "
            "name two columns 'source' and 'target', for a matrix name rows and columns alike"
        )


def stated_directions(
    names: Sequence[str], columns: Sequence[Sequence[object]]
) -> tuple[list[bool] | None, int | None]:
    """Whether each edge is directed, and the column ``Type`` of Gephi that says it; None where there is none.

    Raises
    ------
    InputError
        The column says it of some edges only.

    Examples
    --------
    >>> stated_directions(["Source", "Target", "Type"], [[1, 2], [2, 3], ["Directed", "Undirected"]])
    ([True, False], 2)
    """
    for at, (name, column) in enumerate(zip(names, columns, strict=True)):
        words = [str(x).strip().lower() for x in column]
        if name.strip().lower() != "type" or not {"directed", "undirected"} & set(words):
            continue
        odd = next(
            (x for x, word in zip(column, words, strict=True) if word not in ("directed", "undirected")), None
        )
        if odd is not None:
            raise InputError(f"column {name!r} says {odd!r} of an edge and Directed or Undirected of others")
        return [word == "directed" for word in words], at
    return None, None
