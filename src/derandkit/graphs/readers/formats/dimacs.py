"""DIMACS graphs (``p edge``, ``p col``, ``p max``, ``p sp``), and problems that are no graphs but look like tables."""

from __future__ import annotations

import re

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.assembly import check_size
from derandkit.graphs.content import check_order
from derandkit.graphs.directions import graph_of_list
from derandkit.graphs.formats import PROBLEMS, problem_refusal
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import check_direction
from derandkit.graphs.readers.text import is_integer, is_number, number, show
from derandkit.graphs.reading import Reading, ReadOptions, said_of_bare

#: The line that says what a DIMACS file holds; only comments ``c ...`` and blank lines stand above it.
PROBLEM_LINE = re.compile(rb"(?:[ \t]*(?:c(?:[ \t\r][^\n]*)?|\r)?\n)*[ \t]*p[ \t]+([a-z]+)\b[ \t]*([^\n]*)")
_GRAPHS = ("edge", "edges", "col", "graph", "max", "sp", "min", "asn", "mat", "mod")
#: Kinds of the PACE challenges, whose lines are ``u v``.
_PACE = ("tw", "ds", "cep", "vc", "td")
_ARCS = ("max", "sp", "min", "asn")
_LINEAR = re.compile(
    rb"\s*(?:\\[^\n]*\n\s*)*(?:maximi[sz]e|minimi[sz]e|maximum|minimum)\b[^\n]*\n.*?\b(?:subject to|s\.t\.|st|end)\b",
    re.IGNORECASE | re.DOTALL,
)
_MPS = re.compile(rb"(?:\*[^\n]*\n)*NAME\b[^\n]*\n(?:[^\n]*\n){0,9}?ROWS\b")
_VARTYPE = re.compile(rb"#[ \t]*vartype[ \t]*=", re.IGNORECASE)


def is_dimacs(head: bytes) -> bool:
    r"""Whether a text has a line ``p KIND n m`` of DIMACS; ``p q 2`` is an edge of the vertex p.

    Examples
    --------
    >>> is_dimacs(b"c random\np edge 3 2\n"), is_dimacs(b"p q 2\nq r 3\n")
    (True, False)
    """
    found = PROBLEM_LINE.match(head)
    if found is None:
        return False
    sizes = found[2].split()
    known = found[1].decode() in (*_GRAPHS, "cnf", "wcnf", "qubo")
    return sum(map(bytes.isdigit, sizes[:4])) > 1 or (known and len(sizes) != 1)


def refuse_problems(data: bytes) -> None:
    r"""Refuse text that announces a problem which is not a graph, by its name.

    Raises
    ------
    InputError
        QUBO, Ising, satisfiability, linear programs.

    Examples
    --------
    >>> refuse_problems(b"c random\np cnf 3 2\n1 -2 0\n3 0\n")
    Traceback (most recent call last):
    derandkit.errors.InputError: the file is a satisfiability problem, not a graph...
    """
    head = data[:65536]
    found = PROBLEM_LINE.match(head)
    if found is not None and is_dimacs(head):
        kind = found[1]
        if kind in (b"cnf", b"wcnf"):
            raise InputError(problem_refusal(*PROBLEMS[".cnf"]))
        if kind == b"qubo":
            raise InputError(problem_refusal(*PROBLEMS[".qubo"]))
    if _VARTYPE.match(head):
        raise InputError(problem_refusal(*PROBLEMS[".coo"]))
    for pattern, end in ((_LINEAR, ".lp"), (_MPS, ".mps")):
        if pattern.match(head):
            raise InputError(problem_refusal(*PROBLEMS[end]))


def read_dimacs(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    r"""Read a DIMACS graph: lines ``c`` are comments, ``p KIND n m`` the header, ``e u v [w]`` or ``a u v w`` edges.

    Raises
    ------
    InputError
        The header does not fit the lines, or arcs are given without ``symmetrize``.

    Notes
    -----
    Vertices are labelled 1..n. Lines ``u v`` are edges of the PACE challenges, ``p tw n m`` and the like. Lines ``n``,
    ``v``, ``d`` and ``x`` (values of vertices, terminals) are not used.

    Examples
    --------
    >>> read_dimacs(b"c a triangle\np edge 3 3\ne 1 2\ne 2 3\ne 1 3\n", "-", ReadOptions())
    WeightedGraph(n=3, m=3, total_weight=3)
    """
    found = PROBLEM_LINE.match(data)
    if found is None:
        raise InputError("no line 'p edge n m' above the edges")
    kind, sizes = found[1].decode(), found[2].split()
    if (
        kind not in (*_GRAPHS, *_PACE)
        or len(sizes) < 2
        or not all(token.isdigit() and len(token) < 19 for token in sizes[:2])
    ):
        raise InputError(f"{show(found[0].splitlines()[-1].strip())} is not 'p edge n m' of a DIMACS graph")
    if len(sizes) > 2 and is_number(sizes[2]):
        raise InputError(
            f"{show(found[0].splitlines()[-1].strip())} has a third number; write 'p {kind} n m', the numbers of "
            "vertices and of edges"
        )
    n, m = int(sizes[0]), int(sizes[1])
    check_size(n)
    check_order(n, m)
    first = data.count(b"\n", 0, found.end())
    ends: list[int] = []
    w: list[float] = []
    bare = 0
    skipped: set[str] = set()
    for at, text in enumerate(data[found.end() :].split(b"\n"), first + 1):
        cells = text.split()
        if not cells or cells[0] == b"c":
            continue
        if kind in _PACE and len(cells) == 2 and cells[0].isdigit():
            cells = [b"e", *cells]
        if cells[0] in (b"n", b"v", b"d", b"x", b"t"):
            skipped.add(cells[0].decode())
            continue
        if cells[0] not in (b"e", b"a") or len(cells) not in (3, 4):
            raise InputError(f"{show(text.strip())} is not 'e u v' or 'a u v w'", line=at)
        for cell in cells[1:3]:
            if not is_integer(cell) or len(cell) > 11 or not 1 <= int(cell) <= n:
                raise InputError(f"vertex {show(cell)} is not an integer in 1..{n}", line=at)
            ends.append(int(cell) - 1)
        try:
            w.append(number(cells[3]) if len(cells) == 4 else 1.0)
            bare += len(cells) == 3
        except InputError as error:
            raise InputError(error.message, line=at) from None
    remarks = [*said_of_bare(bare, len(w))]
    remarks += [f"lines {', '.join(sorted(skipped))} are not used"] if skipped else []
    if len(w) != m:
        if kind not in ("edge", "edges", "col") or m not in (2 * len(w), len(w) / 2):
            raise InputError(
                f"the header says {m} edges, the file has {len(w)}; it may be cut short", line=first + 1
            )
        remarks.append(f"the header says {m} edges, {len(w)} lines hold edges")  # some count each direction
    roads = kind == "sp" and options.symmetrize is None and _both_ways(ends, w)
    check_direction(kind in _ARCS and not roads, options.symmetrize)
    ids = np.array(ends, dtype=np.int64).reshape(-1, 2)
    reading = Reading(f"DIMACS file (p {kind})", header_lines=1, remarks=tuple(remarks))
    return graph_of_list(ids[:, 0], ids[:, 1], np.array(w), options, reading, n=n, labels=range(1, n + 1))


def _both_ways(ends: list[int], w: list[float]) -> bool:
    """Whether each arc, whose tail and head follow each other in `ends`, is there once each way with one weight.

    A network of roads lists each road twice.

    Examples
    --------
    >>> _both_ways([1, 2, 2, 1], [5.0, 5.0]), _both_ways([1, 2, 2, 1], [5.0, 4.0]), _both_ways([1, 2], [5.0])
    (True, False, False)
    """
    arcs = dict(zip(zip(ends[::2], ends[1::2], strict=True), w, strict=True))
    return len(arcs) == len(w) > 0 and all(arcs.get((v, u)) == x for (u, v), x in arcs.items())
