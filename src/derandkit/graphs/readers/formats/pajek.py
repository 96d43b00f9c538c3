"""Pajek networks: ``*Vertices``, then ``*Edges``, ``*Arcs``, their lists, or a ``*Matrix``.

networkx reads this format too, but merges vertices that share a name and needs a line for every vertex.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.assembly import check_size
from derandkit.graphs.content import check_order
from derandkit.graphs.directions import graph_of_list, relabelled
from derandkit.graphs.frames import dense_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import check_direction
from derandkit.graphs.readers.arrays.matrices import integer_labels
from derandkit.graphs.readers.text import is_integer, is_number, number, show
from derandkit.graphs.reading import Reading, ReadOptions, said_of_bare

_RELATION = re.compile(r"[0-9]+:")
_SIZE = re.compile(r"\*vertices[ \t]+([0-9]+)[ \t]*", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\x0b\x0c]+")
_CELL = re.compile(r'(?:[^ \t\r\n"]|"[^"]*")+')
#: What stands behind the name of a vertex without a place: shapes, and parameters of drawings.
_DRAWN = re.compile(
    "box|circle|cross|diamond|ellipse|empty|house|man|triangle|woman|"
    "bc|bw|font|fos|hooks|ic|la|lc|lphi|lr|phi|q|r|s_size|url|x_fact|y_fact",
    re.IGNORECASE,
)
_SECTIONS = ("*vertices", "*edges", "*arcs", "*edgeslist", "*arcslist", "*matrix", "*network")


def read_pajek(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    r"""Read a Pajek network; vertices go by their names if these are distinct, else by their numbers 1..n.

    Raises
    ------
    InputError
        Not a Pajek network, several networks, a partition or vector of Pajek, or arcs without ``symmetrize``.

    Examples
    --------
    >>> read_pajek(b'*Vertices 3\n1 "New York"\n2 Boston\n*Edges\n1 2 3\n2 3 0.5\n', "-", ReadOptions())
    WeightedGraph(n=3, m=2, total_weight=3.5)
    """
    refuse_values(data.decode("utf-8"))
    n, section = 0, ""
    names: dict[int, str] = {}
    ends: list[tuple[int, int, float]] = []
    directed: list[bool] = []
    arcs = edges = timed = False
    relations: list[str] = []
    bare = 0
    rows: list[list[float]] = []
    for at, text in enumerate(data.decode("utf-8").split("\n"), 1):
        text = text.strip(" \t\r\x0b\x0c")
        if not text or text.startswith(("%", "/*")):
            continue
        try:
            if text.startswith("*"):
                head = text.split()
                section = head[0].lower()
                if section not in _SECTIONS:
                    raise InputError(f"section {head[0]!r} is not one of a network")
                if section == "*vertices":
                    if n:
                        raise InputError("a second network begins; a cut needs one")
                    n = _count(head)
                arcs = arcs or section.startswith("*arcs")
                edges = edges or section.startswith("*edges")
                if section not in ("*vertices", "*network"):  # which has a name of its own
                    relations.append(" ".join(head[1:]))
                continue
            cells = _cells(text)
            before = len(ends)
            if section in ("*edges", "*arcs") and _RELATION.fullmatch(cells[0]):
                raise InputError(
                    f"{text[:40]!r} begins with the number of a relation; write the edges of one relation, without it"
                )
            timed = timed or any(cell.startswith("[") for cell in cells[2:])
            if section == "*vertices":
                v = _vertex(cells[0], n)
                if v in names:
                    raise InputError(f"vertex {v + 1} stands twice")
                names[v] = _name(cells, quoted='"' in text)
            elif section in ("*edges", "*arcs"):
                if len(cells) < 2:
                    raise InputError(f"{text[:40]!r} is not 'u v weight'")
                ends.append((_vertex(cells[0], n), _vertex(cells[1], n), _weight(cells)))
                bare += len(cells) == 2
            elif section in ("*edgeslist", "*arcslist"):
                u = _vertex(cells[0], n)
                ends.extend((u, _vertex(cell, n), 1.0) for cell in cells[1:])
                bare += len(cells) - 1
            elif section == "*matrix":
                rows.append([number(cell.encode()) for cell in cells])
            else:
                raise InputError("a line before '*Vertices n'")
            directed += [section.startswith("*arcs")] * (len(ends) - before)
        except InputError as error:
            raise InputError(error.message, line=at) from None
    check_size(n)
    check_order(n, max(len(ends), len(rows)))
    labels: Any = range(1, n + 1)
    remarks = said_of_bare(bare, len(ends))
    if _are_labels(names, n):
        labels = integer_labels([names[v] for v in range(n)])
    elif names:
        remarks += ("vertex names are missing or occur twice, so vertices go by their numbers",)
    if len(set(relations)) > 1:
        shown = ", ".join(repr(one) for one in dict.fromkeys(relations))
        remarks += (f"the edges of {len(set(relations))} relations count alike ({shown:.200})",)
    if timed:
        remarks += ("the times in square brackets are not used",)
    reading = Reading("Pajek file", remarks=remarks)
    if rows:
        return _from_matrix(rows, n, labels, reading, options, bool(ends))
    if not ends and (arcs or edges):
        check_direction(arcs, options.symmetrize)
    ids = np.array([(u, v) for u, v, _ in ends], dtype=np.int64).reshape(-1, 2)
    i, j, w = ids[:, 0], ids[:, 1], np.array([value for _, _, value in ends])
    return graph_of_list(i, j, w, options, reading, n=n, labels=labels, directed=directed)


def _are_labels(names: Mapping[int, str], n: int) -> bool:
    """Whether vertices go by their names: every one has a name of its own."""
    return len(names) == n and len(set(names.values())) == n


def refuse_values(text: str) -> None:
    r"""Refuse a partition, vector or permutation of Pajek: one number for each vertex, and no edges.

    Raises
    ------
    InputError
        It names them.

    Examples
    --------
    >>> refuse_values("*Vertices 3\n1\n2\n3\n*Edges\n1 2\n")
    >>> refuse_values("*Vertices 3\n1\n2\n1\n")
    Traceback (most recent call last):
    derandkit.errors.InputError: the file gives each of 3 vertices one number and has no edges: a partition, ...
    """
    lines = [line for line in map(str.strip, text.split("\n")) if line and not line.startswith(("%", "/*"))]
    size = _SIZE.fullmatch(lines[0]) if lines else None
    if size is None or len(size[1]) > 18 or len(lines) != int(size[1]) + 1 or len(lines) < 2:
        return
    if all(is_number(line.encode()) for line in lines[1:]):
        raise InputError(
            f"the file gives each of {len(lines) - 1} vertices one number and has no edges: a partition, vector or "
            "permutation of Pajek (.clu, .vec, .per), which is no graph; give the network (.net)"
        )


def node_attributes(text: str) -> list[tuple[str, dict[str, object]]]:
    r"""Return each listed vertex of a network, by the name that it goes by, and ``x`` and ``y`` where it has them.

    Examples
    --------
    >>> node_attributes('*Vertices 2\n1 "a" 0.1 0.2\n2 "b" 0.3 0.4 0.5 ellipse\n*Edges\n1 2\n')
    [('a', {'x': '0.1', 'y': '0.2'}), ('b', {'x': '0.3', 'y': '0.4'})]
    """
    n, inside = 0, False
    rows: list[list[str]] = []
    for line in map(str.strip, text.split("\n")):
        if line.startswith("*"):
            inside = line.lower().startswith("*vertices")
            n = _count(line.split()) if inside else n
        elif inside and line and not line.startswith(("%", "/*")):
            rows.append(_cells(line))
    names = {_vertex(row[0], n): row[1] if len(row) > 1 else row[0] for row in rows}
    shown = names if _are_labels(names, n) else {v: str(v + 1) for v in names}
    return [(shown[_vertex(row[0], n)], dict(zip("xy", row[2:4], strict=False))) for row in rows]


def _from_matrix(
    rows: list[list[float]], n: int, labels: Any, reading: Reading, options: ReadOptions, mixed: bool
) -> WeightedGraph:
    if mixed or len(rows) != n or any(len(row) != n for row in rows):
        raise InputError(f"the matrix must have {n} rows of {n} numbers, and no edges beside it")
    reading = replace(reading, remarks=(*reading.remarks, *options.combined))
    return relabelled(dense_graph(np.array(rows), options), labels, reading)


def _count(head: list[str]) -> int:
    if len(head) < 2 or not (head[1].isascii() and head[1].isdigit()) or len(head[1]) > 10:
        raise InputError(f"{' '.join(head)[:40]!r} is not '*Vertices n'")
    return int(head[1])


def _cells(text: str) -> list[str]:
    if '"' not in text:
        return _BLANKS.split(text)
    if text.count('"') % 2:
        raise InputError("a quotation mark does not close")
    return [cell.replace('"', "") for cell in _CELL.findall(text)]


def _vertex(cell: str, n: int) -> int:
    if not is_integer(cell.encode()) or len(cell) > 11 or not 1 <= int(cell) <= n:
        raise InputError(f"vertex {show(cell.encode())} is not an integer in 1..{n}")
    return int(cell) - 1


def _name(cells: list[str], *, quoted: bool) -> str:
    """Name of a vertex; behind it stand its place, a shape, parameters and times.

    Raises
    ------
    InputError
        A word stands there, so that the name may have a blank.

    Examples
    --------
    >>> _name(["1", "Paris", "0.1", "0.2"], quoted=False), _name(["1"], quoted=False)
    ('Paris', '1')
    >>> _name(["1", "New", "York", "0.1"], quoted=False)
    Traceback (most recent call last):
    derandkit.errors.InputError: 'York' stands behind the name 'New': write names with blanks in quotation marks
    """
    bare = len(cells) > 2 and not quoted and not cells[2].startswith("[")
    if bare and not (is_number(cells[2].encode()) or _DRAWN.fullmatch(cells[2])):
        raise InputError(
            f"{show(cells[2].encode())} stands behind the name {show(cells[1].encode())}: write names with blanks in "
            "quotation marks"
        )
    return cells[1] if len(cells) > 1 else cells[0]


def _weight(cells: list[str]) -> float:
    """Weight of an edge; behind it stand names of parameters, a value behind each, and times in square brackets.

    Raises
    ------
    InputError
        It is no number, or a number stands behind it where a name does.

    Examples
    --------
    >>> _weight(["1", "2", "3.5", "c", "Blue", "w", "2", "[1-3]"]), _weight(["1", "2"])
    (3.5, 1.0)
    >>> _weight(["1", "2", "1", "234"])
    Traceback (most recent call last):
    derandkit.errors.InputError: '234' stands behind the weight '1': write numbers without blanks, one an edge
    """
    rest = iter(cells[3:])
    for cell in rest:
        if is_number(cell.encode()):
            raise InputError(
                f"{show(cell.encode())} stands behind the weight {show(cells[2].encode())}: write numbers without "
                "blanks, one an edge"
            )
        if not cell.startswith("["):
            next(rest, None)
    return number(cells[2].encode()) if len(cells) > 2 else 1.0
