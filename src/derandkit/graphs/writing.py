"""Graphs out, as text files that `derandkit.graphs.files` reads back."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TextIO

from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.readers.marks import NOTHING
from derandkit.graphs.readers.text import is_integer


def write_edgelist(graph: WeightedGraph, file: TextIO) -> None:
    r"""Write ``u v weight`` lines in canonical order; `read_graph` gives back the same graph.

    Parameters
    ----------
    graph : WeightedGraph
        Its labels are all integers, or all strings that a line can hold. Labels with quotation marks, semicolons,
        bars or braces are put into double quotes.
    file : text stream
        An isolated vertex v becomes the loop ``v v 0``, which readers drop without losing the vertex.

    Raises
    ------
    InputError
        A label is neither integer nor string, holds a blank or comma, begins with a comment sign, or all labels
        are strings that would be read back as integers.

    Examples
    --------
    >>> import sys
    >>> write_edgelist(WeightedGraph.from_edges([0, 0], [1, 2], [3, -1], n=4), sys.stdout)
    0 1 3
    0 2 -1
    3 3 0
    """
    names = [_written_label(label) for label in graph.labels]
    kinds = {type(label) for label in graph.labels}
    if kinds == {str} and all(is_integer(name.encode()) for name in names):
        raise InputError(
            "all labels are strings of digits, which would come back as integers; relabel with int"
        )
    if len(kinds) > 1:
        raise InputError("labels mix integers and strings; relabel the vertices with one of them")
    i, j, _ = graph.edges()
    text = _weight_texts(graph)
    ends = zip(i.tolist(), j.tolist(), text, strict=True)
    file.writelines(f"{names[a]} {names[b]} {x}\n" for a, b, x in ends)
    file.writelines(f"{names[v]} {names[v]} 0\n" for v in (graph.degrees == 0).nonzero()[0].tolist())


def write_rudy(graph: WeightedGraph, file: TextIO) -> None:
    r"""Write a header ``n m`` and ``i j weight`` lines in canonical order, vertices numbered 1..n.

    Labels are replaced by numbers; a graph whose labels are 1..n is given back unchanged by `read_graph`.

    Examples
    --------
    >>> import sys
    >>> write_rudy(WeightedGraph.from_edges([0, 0], [1, 2], [0.5, -1], n=4), sys.stdout)
    4 2
    1 2 0.5
    1 3 -1.0
    """
    i, j, _ = graph.edges()
    text = _weight_texts(graph)
    file.write(f"{graph.n} {graph.m}\n")
    ends = zip((i + 1).tolist(), (j + 1).tolist(), text, strict=True)
    file.writelines(f"{a} {b} {x}\n" for a, b, x in ends)


def _weight_texts(graph: WeightedGraph) -> list[str]:
    """Each edge's weight: integers as integers, else the shortest decimal that reads back the same."""
    values = graph.edges()[2].tolist()
    return [str(int(value)) for value in values] if graph.integral else [repr(value) for value in values]


def _written_label(label: Hashable) -> str:
    """Text of a label that one column of an edge list can hold."""
    if type(label) is int:
        return str(label)
    if not isinstance(label, str):
        raise InputError(
            f"label {label!r} is neither integer nor string; relabel the vertices, or write rudy"
        )
    if (
        not label
        or label[0] in "#%"
        or not label.isprintable()
        or any(c.isspace() or c == "," for c in label)
    ):
        raise InputError(f"label {label!r} does not fit a column of an edge list; relabel, or write GraphML")
    marks = label in NOTHING or label.startswith(("//", "/*", "--", "!"))  # a missing entry, or a comment
    if marks or any(
        c in label for c in "\"';|{"
    ):  # what could be a separator, a quotation mark or attributes
        return '"' + label.replace('"', '""') + '"'
    return label
