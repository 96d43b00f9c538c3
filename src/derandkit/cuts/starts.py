"""A cut that the user knows already, in the forms in which users hold one."""

from __future__ import annotations

import json
import os
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from derandkit.content import entries_of, read_text
from derandkit.cuts.result import MaxCutResult
from derandkit.errors import InputError, in_file
from derandkit.graphs.label_json import label_of
from derandkit.graphs.labels import by_label, plain_label
from derandkit.options import path_name
from derandkit.signs.listed import FromFile, labelled_lines, naming, values_in_json, values_in_list
from derandkit.words.quoting import clipped, one_field, quoted

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.signs.contraction import Contraction

#: What may be given as a start, in words.
FORMS = (
    "a result, a mapping from vertex to side (0 and 1, 1 and -1, or 1 and 2), two collections of vertices, "
    "or an array of sides"
)
#: What may stand in the file of a start.
_FILES = (
    'a start is a record, JSON such as {"a": 0, "b": 1}, or a line of a label and its side for each vertex, '
    "with or without the header node,side"
)


def read_start(graph: WeightedGraph, start: object) -> SignArray:
    """Return the sides of a cut that the user knows, in the order of the graph.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    start : MaxCutResult, mapping, pair of collections, or array, shape (n,)
        See `FORMS`. A pandas Series is a mapping from its index, a table with the columns ``node`` and ``side`` one
        from the first to the second. An array is in the order of the vertices, which has to be the same in the input
        and in the graph.

    Returns
    -------
    ndarray of int8, shape (n,)
        +1 or -1.

    Raises
    ------
    InputError
        If it is none of these, or a vertex is unknown, missing or named twice.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> graph = WeightedGraph.from_edges([0, 1], [1, 2], labels=["a", "b", "c"])
    >>> for start in ({"a": 0, "b": 1, "c": 0}, (["a", "c"], {"b"}), [1, -1, 1]):
    ...     print(read_start(graph, start).tolist())
    [1, -1, 1]
    [1, -1, 1]
    [1, -1, 1]
    """
    start = start.sides if isinstance(start, MaxCutResult) else by_label(start, graph.labels)
    if isinstance(start, Mapping):
        with naming(start):
            left, right = _sides_of(start)
            return graph.signs_from_partition(left, right)
    if isinstance(start, (str, bytes)) or not isinstance(start, Iterable):
        raise InputError(f"start is {FORMS}; got {type(start).__name__}")
    parts = list(entries_of(start, "the start"))
    if len(parts) == 2 and all(isinstance(p, (list, tuple, set, frozenset, np.ndarray)) for p in parts):
        return graph.signs_from_partition(*(map(plain_label, part) for part in parts))
    try:
        values = np.asarray(parts)
    except ValueError:  # parts of several lengths
        raise InputError(f"start is {FORMS}; got {len(parts)} parts that are no numbers") from None
    if values.shape != (graph.n,) or values.dtype.kind not in "iufb":
        raise InputError(f"start is {FORMS}; got {len(parts)} entries for {graph.n} vertices")
    if graph.input_rank is not None:
        raise InputError(
            "start is an array, and the vertices have one order in the input and another in the graph; "
            "give a mapping from vertex to side"
        )
    left, right = _sides_of(dict(zip(graph.labels, values.tolist(), strict=True)))
    return graph.signs_from_partition(left, right)


def _sides_of(sides: Mapping[object, object]) -> tuple[list[Hashable], list[Hashable]]:
    try:
        values = set(sides.values())
    except TypeError:  # a list is in no set
        raise InputError(
            "the sides of a start are 0 and 1, 1 and -1, or 1 and 2; got something that is no number"
        ) from None
    if not (values <= {0, 1} or values <= {1, -1} or values == {1, 2}):
        shown = ", ".join(sorted(map(quoted, values))[:5])
        raise InputError(f"the sides of a start are 0 and 1, 1 and -1, or 1 and 2; got {shown}")
    first = 0 if values <= {0, 1} else 1  # side 0 is that of sign +1
    left = [plain_label(label) for label, side in sides.items() if side == first]
    return left, [plain_label(label) for label, side in sides.items() if side != first]


def contracted_start(
    graph: WeightedGraph, contraction: Contraction, signs: SignArray, start: object = None
) -> SignArray:
    """Return the sides of the classes of a contraction from sides of all vertices; `start` is where they come from.

    Raises
    ------
    InputError
        If the sides do not obey the constraints.
    """
    first = np.unique(contraction.classes, return_index=True)[1]
    small: SignArray = signs[first]
    wrong = np.flatnonzero(contraction.lift(small) != signs)
    if wrong.size:
        one = graph.labels[int(wrong[0])]
        other = graph.labels[int(first[contraction.classes[wrong[0]]])]
        with naming(start, one, other):
            raise InputError(
                f"the start does not obey the constraints: see the sides of {other!r} and {one!r}"
            )
    return small


def read_start_file(graph: WeightedGraph, path: str | os.PathLike[str]) -> dict[Hashable, int]:
    """Read a cut from a record, or from lines ``label side`` as ``derandkit maxcut --format tsv`` prints them.

    Tables that pandas writes of a result, as CSV or with tabs, are such lines below a header; a JSON object is a
    mapping from label to side, and a JSON list has such pairs, or both sides.

    Raises
    ------
    InputError
        If the file cannot be read, or a line is not a vertex and a side.
    """
    name = path_name(path)
    text = read_text(name, "the file of a cut")
    known = {one_field(str(label)): label for label in graph.labels}
    if text.lstrip().startswith("{"):
        pairs = values_in_json(text)
        if pairs is None:
            return _recorded_sides(text, name)
        lines: Iterable[tuple[int | None, str, str]] = ((None, label, str(side)) for label, side in pairs)
    elif text.lstrip().startswith("["):
        with in_file(name):
            lines = [(None, label, str(side)) for label, side in _listed_sides(text, graph.labels)]
    else:
        with in_file(name):
            lines = list(labelled_lines(text))
    sides: dict[Hashable, int] = {}
    places: dict[Hashable, int | None] = {}
    second = None  # where the first side 2 stands
    for k, label, side in lines:
        if label not in known or side not in ("0", "1", "-1", "2"):
            raise _no_side(label, side, name, k)
        places.setdefault(known[label], k)
        if sides.setdefault(known[label], int(side)) != int(side):
            raise InputError(f"puts vertex {label!r} on both sides", path=name, line=k)
        if side == "2" and second is None:
            second = label, k
    if graph.n and not sides:
        raise InputError(f"has no vertex and its side; {_FILES}", path=name)
    if second is not None and set(sides.values()) != {1, 2}:
        raise _no_side(second[0], "2", name, second[1])
    shift = int(second is not None)
    return FromFile({label: side - shift for label, side in sides.items()}, name, places)


def _listed_sides(text: str, labels: Sequence[Hashable]) -> list[tuple[str, int]]:
    """Return the texts of labels and the sides in a JSON list: see `values_in_list`; two lists are both sides.

    Raises
    ------
    InputError
        It is neither, or two pairs that are two sides as well.
    """
    pairs = values_in_list(text, labels, "vertex")
    try:
        parts = json.loads(text)
        known = set(labels)
        both = len(parts) == 2 and all(
            isinstance(p, list) and known.issuperset(map(label_of, p)) for p in parts
        )
    except (ValueError, TypeError, LookupError, AttributeError, InputError, RecursionError):
        both = False
    if both and pairs is not None and all(side in (0, 1, -1, 2) for _, side in pairs):
        raise InputError(
            "two lists of two numbers may be two vertices with their sides, or both sides of the cut; give an object "
            'such as {"0": 0, "1": 1}'
        )
    if both:
        return [(one_field(str(label_of(x))), side) for side, part in enumerate(parts) for x in part]
    if pairs is None:
        raise InputError(
            f"is a JSON list, and neither pairs of a vertex and its side nor two sides; {_FILES}"
        )
    return pairs


def _no_side(label: str, side: str, name: str, line: int | None) -> InputError:
    """Return the error of a line that is no vertex and side."""
    shown = repr(clipped(f"{label} {side}".strip(), 40))
    if label.rpartition("\t")[2] in ("0", "1") and side in ("0", "1"):
        return InputError(
            f"{shown} is the sides of several cuts: keep one column of them", path=name, line=line
        )
    return InputError(
        f"{shown} is not a vertex of the graph and its side, 0 or 1 (or 1 and -1, or 1 and 2, throughout); {_FILES}",
        path=name,
        line=line,
    )


def _recorded_sides(text: str, name: str) -> dict[Hashable, int]:
    sides: dict[Hashable, int] = {}
    try:
        record = json.loads(text)
        zero, one = record.get("best", record)["partition"]  # several cuts are recorded around the best one
        placed = [(label_of(x), side) for side, part in enumerate((zero, one)) for x in part]
        twice = next((label for label, side in placed if sides.setdefault(label, side) != side), None)
    except (ValueError, LookupError, TypeError, AttributeError, InputError, RecursionError):
        raise InputError(f"is not the record of a cut; {_FILES}", path=name) from None
    if twice is not None:
        raise InputError(f"puts vertex {twice!r} on both sides", path=name)
    return FromFile(sides, name)
