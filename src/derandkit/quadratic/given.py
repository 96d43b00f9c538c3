"""What a user says about a solution beforehand: values that are fixed, and a solution that is known."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from derandkit.content import read_text
from derandkit.errors import InputError, in_file
from derandkit.graphs.labels import by_label, plain_label
from derandkit.models.arcs import SignedGraph
from derandkit.options import path_name
from derandkit.quadratic.result import QuadraticResult
from derandkit.signs.listed import FromFile, labelled_lines, naming, values_in_json, values_in_list
from derandkit.words.quoting import clipped, one_field

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import ArrayLike

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.models.model import QuadraticModel
    from derandkit.numerics.typing import SignArray
    from derandkit.signs.models import Inverse


#: A solution that is known.
Start: TypeAlias = "QuadraticResult | Mapping[Hashable, int] | ArrayLike"


def fixed_sides(graph: WeightedGraph, inverse: Inverse, fixed: Mapping[Hashable, int]) -> dict[Hashable, int]:
    """Return the sides of the graph that fixed values mean: 0 for 1, and 0 for the reference.

    Raises
    ------
    InputError
        `fixed` is no mapping, names no variable of the model, or a value that variables do not take.

    Examples
    --------
    >>> from derandkit.models.model import QuadraticModel
    >>> from derandkit.signs.models import as_graph
    >>> graph, inverse = as_graph(QuadraticModel.from_qubo({("x", "y"): 2, ("y", "y"): -1}))
    >>> fixed_sides(graph, inverse, {"y": 0})
    {'y': 1, 'reference': 0}
    """
    fixed = by_label(fixed, inverse.model.labels, ("variable", "value"))  # type: ignore[assignment]
    if not isinstance(fixed, Mapping):
        raise InputError(f"fixed is a mapping from a variable to its value, got {type(fixed).__name__}")
    model = inverse.model
    low = -1 if model.vartype == "spin" else 0
    known = set(model.labels)
    sides: dict[Hashable, int] = {}
    for label, value in fixed.items():
        name = plain_label(label)
        if name not in known:
            raise InputError(f"fixed names {label!r}, which is not a variable of the problem")
        if isinstance(value, bool) or value not in (low, 1):
            raise InputError(
                f"fixed gives {label!r} the value {value!r}; {model.vartype} variables are {low} and 1"
            )
        sides[name] = int(value != 1)
    if sides and inverse.reference is not None:
        sides[graph.labels[inverse.reference]] = 0
    return sides


def known_sides(
    graph: WeightedGraph, inverse: Inverse, start: Start, fixed: Mapping[Hashable, int] | None = None
) -> dict[Hashable, int]:
    """Return the sides of the graph that a known solution means, 0 for the reference.

    Raises
    ------
    InputError
        A variable is missing or unknown, a value is not one that it takes, or not the one that is fixed.
    """
    values = values_of_start(inverse.model, start)
    given = dict(zip(inverse.model.labels, values.tolist(), strict=True))
    wanted = {plain_label(label): int(value) for label, value in (fixed or {}).items()}
    others = [label for label, value in wanted.items() if given[label] != value]
    # where signs have no constant beside them, the opposite solution is worth the same
    if others and (inverse.reference is not None or len(others) < len(wanted)):
        with naming(start, others[0]):
            raise InputError(
                f"the start does not obey the constraints: it gives {others[0]!r} the value {given[others[0]]}, and "
                f"{wanted[others[0]]} is fixed"
            )
    signs = inverse.signs(values)
    return dict(zip(graph.labels, ((1 - signs) // 2).tolist(), strict=True))


def values_of_start(model: QuadraticModel, start: Start) -> SignArray:
    """Return the value of each variable in a solution that is known; what is wrong in a file names it and the line.

    Raises
    ------
    InputError
        A variable is missing or unknown, or a value is not one that it takes.

    Examples
    --------
    >>> from derandkit.models.model import QuadraticModel
    >>> model = QuadraticModel.from_qubo({("x", "y"): 2})
    >>> values_of_start(model, {"x": 1, "y": 0}).tolist()
    [1, 0]
    >>> values_of_start(model, FromFile({"x": 1, "y": -1}, "s.txt", {"x": 1, "y": 2}))
    Traceback (most recent call last):
    derandkit.errors.InputError: s.txt:2: gives 'y' the value -1; binary variables are 0 and 1
    """
    solution = start.solution if isinstance(start, QuadraticResult) else start
    low = -1 if model.vartype == "spin" else 0
    if isinstance(solution, FromFile):
        for label, value in solution.items():
            if value not in (low, 1):
                with naming(solution, label):
                    raise InputError(
                        f"gives {label!r} the value {value}; {model.vartype} variables are {low} and 1"
                    )
    with naming(solution):
        return model.assignment(solution)


def signs_of_camps(instance: object, start: Start | None) -> Start | None:
    """Return the signs that two camps of a signed graph mean; anything else as it is.

    Raises
    ------
    InputError
        A vertex is named twice.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> signed = SignedGraph(WeightedGraph.from_edges([0, 1], [1, 2], [1, -1]))
    >>> signs_of_camps(signed, ([0, 1], {2})), signs_of_camps(signed, [1, 1, -1])
    ({0: 1, 1: 1, 2: -1}, [1, 1, -1])
    """
    if not isinstance(instance, SignedGraph) or not isinstance(start, (list, tuple)) or len(start) != 2:
        return start
    if not all(isinstance(part, (list, tuple, set, frozenset)) for part in start):
        return start
    signs: dict[Hashable, int] = {}
    for sign, camp in zip((1, -1), start, strict=True):
        for label in map(plain_label, camp):
            if label in signs:
                raise InputError(f"the camps name {label!r} twice")
            signs[label] = sign
    return signs


def values_by_text(
    labels: Sequence[Hashable],
    pairs: Iterable[tuple[str, int]],
    where: str,
    lines: Sequence[int | None] | None = None,
) -> dict[Hashable, int]:
    """Return values by label from values by the text of a label.

    Parameters
    ----------
    labels : sequence of hashable
        The labels that there are.
    pairs : iterable of (str, int)
        Texts of labels, and values.
    where : str
        Where they stand: an option, or a file.
    lines : sequence of int or None, optional
        The lines in the file.

    Raises
    ------
    InputError
        A text is that of no variable or of several, or a variable has two values; names `where` that is.

    Examples
    --------
    >>> values_by_text([1, 2, "x"], [("2", 0), ("x", 1)], "--fix")
    {2: 0, 'x': 1}
    >>> values_by_text([1, 2, "x"], [("3", 0)], "s.txt", [7])
    Traceback (most recent call last):
    derandkit.errors.InputError: s.txt:7: names '3', which is not a variable of the problem
    """
    known: dict[str, Hashable] = {}
    for label in labels:
        if known.setdefault(one_field(str(label)), label) != label:
            raise InputError(
                f"two variables have the text {str(label)!r}; name them in Python",
                path=None if lines is None else where,
            )
    values: dict[Hashable, int] = {}
    places: dict[Hashable, int | None] = {}
    for at, (text, value) in enumerate(pairs):
        if text not in known:
            wrong = f"names {text!r}, which is not a variable of the problem"
        elif values.setdefault(known[text], value) != value:
            wrong = f"gives {text!r} two values"
        else:
            places.setdefault(known[text], None if lines is None else lines[at])
            continue
        raise (
            InputError(f"{where} {wrong}") if lines is None else InputError(wrong, path=where, line=lines[at])
        )
    return values if lines is None else FromFile(values, where, places)


def read_solution(labels: Sequence[Hashable], path: str | os.PathLike[str]) -> dict[Hashable, int]:
    """Read a solution from a record, or from lines ``label value`` as ``derandkit qubo --format tsv`` prints them.

    Tables that pandas writes of a result, as CSV or with tabs, are such lines below a header; a JSON object is a
    mapping from label to value, and a JSON list has such pairs.

    Raises
    ------
    InputError
        The file cannot be read, or a line is not a variable and a whole number.
    """
    name = path_name(path)
    text = read_text(name, "the file of a solution")
    lines: Iterable[tuple[int | None, str, str]]
    if text.lstrip().startswith("["):
        with in_file(name):
            found = values_in_list(text, labels, "variable")
        if found is None:
            raise InputError(
                "is a JSON list, and not one of pairs of a variable and its value; give an object such as "
                '{"a": 0, "b": 1}',
                path=name,
            )
        lines = ((None, label, str(value)) for label, value in found)
    elif not text.lstrip().startswith("{"):
        with in_file(name):
            lines = list(labelled_lines(text))
    elif (given := values_in_json(text)) is not None:
        lines = ((None, label, str(value)) for label, value in given)
    else:
        with in_file(name):
            return FromFile(dict(QuadraticResult.from_json(text).solution), name)
    pairs, places = [], []
    for k, label, value in lines:
        if value.removeprefix("-") not in ("0", "1"):
            shown = clipped(f"{label} {value}".strip(), 40)
            raise InputError(
                f"{shown!r} is not a variable and its value, 0, 1 or -1; a solution is a record, JSON such as "
                '{"a": 0, "b": 1}, or a line of a label and its value for each variable, with or without the header '
                "variable,value",
                path=name,
                line=k,
            )
        pairs.append((label, int(value)))
        places.append(k)
    if labels and not pairs:
        raise InputError("has no variable and its value", path=name)
    return values_by_text(labels, pairs, name, places)
