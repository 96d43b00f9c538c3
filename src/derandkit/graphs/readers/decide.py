"""Which of its readings a table of two or three columns has: edge list or rudy file, without guessing.

An edge list has one edge a line, ``u v`` or ``u v weight``, with any labels. A rudy file (the format of the Gset
collection) has a header ``n m`` and then m lines ``i j`` or ``i j weight`` with vertices 1..n. The first line of a
rudy file could be an edge; which of the two a file is follows from the rest of it:

1. First line not two integers, or vertex count 0: edge list.
2. Three columns below a line of two integers: rudy. No edge list changes its width, so nothing else fits; the
   header must then be right.
3. Two columns throughout, the second number equal to the number of lines below, all vertices in 1..n: both
   readings fit. The file's name decides (``.rudy``, ``.mc``, ``.gset``, ``G14`` against ``.edgelist``, ``.edges``,
   ``.el``, ``.ncol``), and without such a name the reader asks. ``.csv`` and ``.tsv`` say how columns are separated
   and not what the first line is.
4. Two columns throughout and no fit: edge list, unless the name says rudy (the header is then wrong), or it looks
   like a rudy file cut short: all vertices below lie in 1..n, and as a vertex the second number would stand apart from
   all others, or neither n nor m is a vertex below and less than m lines follow. Then the reader asks as well.
5. Three columns throughout, the first line ``n m 0`` as in the DIMACS tori, all vertices below in 1..n, m lines below:
   rudy, unless vertex m could be one of the others; the reader then asks, as it does if the file seems cut short.

6. Two columns throughout, n + m lines below, of which n count the vertices in order and m have ends among these:
   weights of vertices, and edges. The reader asks.
7. As 3 or 5, but the vertices are 0..n-1 or words, or the first line is ``m n``: no rudy file, but the line may still
   count vertices and edges. The reader asks, unless the file's name says what it is.

Two more doubts are put to the user: integer vertices with weighted loops in ascending pairs, as QUBO files have them,
and a first column 0, 1, 2, ... in a table with commas or tabs, as pandas writes its index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from derandkit.content import extension
from derandkit.errors import InputError
from derandkit.graphs.assembly import Floats, Ints
from derandkit.graphs.doubts import refuse_neighbours
from derandkit.graphs.readers.headers import is_numbered
from derandkit.graphs.readers.text import Row, is_integer, is_number
from derandkit.graphs.reading import ReadOptions

ASK = "say which with --input-format edgelist or rudy (input_format= of derandkit.as_graph)"
_VERTICES = (
    "the first line '{n} {m}' may count {n} lines with a vertex and its weight and {m} with the ends of an edge, or "
    "all lines be edges; keep the lines of the edges only, or say --input-format edgelist (input_format= of "
    "derandkit.as_graph)"
)
ASK_METIS = ASK.replace("edgelist or rudy", "edgelist, rudy or metis")


class Body(NamedTuple):
    """The lines below the first one, as far as they are numbers."""

    lines: int
    width: int  # of the second line; 0 if there is none
    ids: Ints | None  # shape (count, 2); None if some vertex is no integer
    values: Floats | None
    words: frozenset[bytes] = frozenset()  # the vertices, where some are no integers

    @property
    def span(self) -> tuple[int, int]:
        """Lowest and highest vertex; (0, 0) if there is none."""
        if self.ids is None or not self.ids.size:
            return 0, 0
        return int(self.ids.min()), int(self.ids.max())

    def within(self, n: int) -> bool:
        """Whether all vertices are integers in 1..n."""
        return self.lines == 0 or (self.ids is not None and self.span[0] >= 1 and self.span[1] <= n)

    def from_zero(self, n: int) -> bool:
        """Whether all vertices are integers in 0..n-1, and 0 is one of them."""
        return self.ids is not None and self.ids.size > 0 and self.span[0] == 0 and self.span[1] < n

    def counted(self, n: int, m: int) -> bool:
        """Whether a line ``n m`` above may count vertices from 0, or words, and edges; or edges first."""
        if n == m and self.width == 3:
            return False  # a loop, as a vertex without edges is written
        if m == self.lines > 0 and (
            self.from_zero(n) or (0 < len(self.words) <= n and not self._among(n, m))
        ):
            return True
        if m > 0 and 2 * m == self.lines and (self.within(n) or self.from_zero(n)) and self._is_mirrored():
            return True
        if n != self.lines or n == m:
            return False
        again = self.ids is not None and self.width == 2 and bool((self.ids == (n, m)).all(axis=1).any())
        if again and (self.within(m) or self.from_zero(m)):
            return True  # m n above an edge n m: parallel edges are rare
        if self.words:
            return len(self.words) <= m and not self._among(n, m)
        return self.ids is not None and self.span[0] >= 0 and self.span[1] <= m < n and not self.holds(n)

    def lists_vertices(self, n: int, m: int) -> bool:
        """Whether n lines below a line ``n m`` list the vertices with a number each, and m lines the edges of these."""
        if self.ids is None or self.width != 2 or m < 1 or self.lines != n + m:
            return False
        for vertices, edges in ((self.ids[:n, 0], self.ids[n:]), (self.ids[m:, 0], self.ids[:m])):
            low = int(vertices[0])
            counted = low in (0, 1) and bool((vertices == np.arange(low, low + n)).all())
            if counted and edges.min() >= low and edges.max() < low + n:
                return True
        return False

    def may_be_metis(self, n: int, m: int) -> bool:
        """Whether line k may list the two neighbours of vertex k, as METIS writes n vertices and m edges."""
        if self.ids is None or not self.lines == n == m or self.width != 2:
            return False
        vertices = np.repeat(np.arange(1, n + 1), 2)
        if (self.ids.ravel() == vertices).any():
            return False
        there = np.sort(vertices * (n + 1) + self.ids.ravel())
        back = np.sort(self.ids.ravel() * (n + 1) + vertices)
        return bool((there == back).all() and (np.diff(there) > 0).all())

    def _is_mirrored(self) -> bool:
        """Whether every line stands there in both directions, once each."""
        if self.ids is None:
            return False
        u, v = self.ids.T
        span = np.int64(self.span[1] + 1)
        there, back = np.sort(u * span + v), np.sort(v * span + u)
        return bool((there == back).all() and (np.diff(there) > 0).all() and (u != v).all())

    def _among(self, *numbers: int) -> bool:
        return any(b"%d" % number in self.words for number in numbers)

    def loops(self) -> bool:
        """Whether some line joins an integer to itself."""
        return self.ids is not None and bool((self.ids[:, 0] == self.ids[:, 1]).any())

    def holds(self, vertex: int) -> bool:
        """Whether some line names this vertex."""
        return self.ids is not None and bool((self.ids == vertex).any())


def body_of(rest: Sequence[Row]) -> Body:
    """Return the rows below the first one, as far as they are numbers."""
    whole = all(is_integer(token) and len(token) < 19 for row in rest for token in row.columns[:2])
    width = len(rest[0].columns) if rest else 0
    if not whole or width < 2 or any(len(row.columns) != width for row in rest):
        alike = width == 2 and all(len(row.columns) == width for row in rest)
        words = frozenset(token for row in rest for token in row.columns[:2]) if alike else frozenset()
        odd = any(map(is_number, words))  # refused further on
        return Body(len(rest), width, None, None, frozenset() if odd else words)
    ids = np.array([int(token) for row in rest for token in row.columns[:2]], dtype=np.int64).reshape(-1, 2)
    return Body(len(rest), width, ids, None)


class Case(NamedTuple):
    """What is known about the input beside its content."""

    path: str
    kind: str
    hint: str | None
    options: ReadOptions

    @property
    def weighted(self) -> bool:
        """Whether weights count."""
        return self.options.weight is not None

    @property
    def is_list(self) -> bool:
        """Whether the caller or the name say that this is a list of edges, beyond being a table."""
        return self.kind in ("edgelist", "rudy") or extension(self.path) in (
            ".edgelist",
            ".edges",
            ".el",
            ".ncol",
        )


def header(first: Row) -> tuple[int, int] | None:
    """Vertex and edge count if a line could be a rudy header, ``n m`` or ``n m z``.

    Examples
    --------
    >>> header(Row(1, [b"800", b"19176"])), header(Row(1, [b"0", b"3"])), header(Row(1, [b"a", b"b"]))
    ((800, 19176), None, None)
    """
    if len(first.columns) not in (2, 3) or not all(is_integer(t) and len(t) < 19 for t in first.columns):
        return None
    n, m = int(first.columns[0]), int(first.columns[1])
    return (n, m) if n >= 1 and m >= 0 else None


def resolve(first: Row, body: Body, case: Case) -> str:
    """Decide between ``"edgelist"`` and ``"rudy"`` by the rule in the module docstring, or ask."""
    if case.kind != "auto":
        return case.kind
    size = header(first)
    hint = case.hint if case.hint == "rudy" or case.is_list else None
    if size is None:
        return hint if hint == "rudy" and len(first.columns) == 2 else "edgelist"
    n, m = size
    inside = body.within(n)
    if len(first.columns) == 2 and body.lists_vertices(n, m):
        raise InputError(_VERTICES.format(n=n, m=m), path=case.path, line=first.line)
    alike = body.width == len(first.columns) and not (inside and body.lines == m)
    if hint is None and alike and body.counted(n, m):
        line = b" ".join(first.columns).decode()
        raise InputError(
            f"the first line '{line}' may count the vertices and the {m if 2 * m == body.lines else body.lines} edges "
            "below, or be an edge; remove the line if it counts, or say --input-format edgelist (input_format= of "
            "derandkit.as_graph)",
            path=case.path,
            line=first.line,
        )
    if len(first.columns) == 3:
        return _resolve_triple(first, body, hint, inside and not body.loops(), case.path)
    if body.width == 3:
        return "rudy"
    if hint is not None:
        return hint
    if inside and body.lines == m:
        metis = body.may_be_metis(n, m)
        what = "a rudy header, the header of a METIS file" if metis else "a rudy header"
        raise InputError(
            f"the first line '{n} {m}' may be {what} or an edge; {ASK_METIS if metis else ASK}",
            path=case.path,
            line=first.line,
        )
    apart = m > max(n, body.span[1]) + 1
    if (
        (inside or body.from_zero(n))
        and n > 1
        and (apart or (body.lines < m and body.lines and not (body.holds(n) or body.holds(m))))
    ):
        raise InputError(
            f"the first line '{n} {m}' looks like a rudy header, but {body.lines} edges follow; {ASK}",
            path=case.path,
            line=first.line,
        )
    return "edgelist"


def _resolve_triple(first: Row, body: Body, hint: str | None, inside: bool, path: str) -> str:
    """Decide what a file is whose first line is ``n m z`` over lines of three columns."""
    n, m, z = (int(token) for token in first.columns)
    if hint == "edgelist" or not inside or body.width != 3:
        return "edgelist"
    apart = not (body.holds(n) or body.holds(m))
    what = f"the first line '{n} {m} {z}'"
    if body.lines == m:
        if z == 0 and (m > n or (m == n and not apart) or hint == "rudy"):
            return "rudy"
        raise InputError(f"{what} may be a rudy header or an edge; {ASK}", path=path, line=first.line)
    short = apart and body.lines < m
    short = short or m > max(n, body.span[1]) + 1 or (z == 0 and m == n and not apart)
    if short and body.lines <= 2 * m:
        text = f"{what} looks like a rudy header, but {body.lines} edges follow; {ASK}"
        raise InputError(text, path=path, line=first.line)
    return "edgelist"


def check_weights_of_vertices(first: Row, rest: Sequence[Row], case: Case) -> None:
    """Refuse ``n m`` above n vertices in any order, each with a number or a name, and m edges of these.

    Raises
    ------
    InputError
        All lines could be edges as well.
    """
    size = header(first)
    if size is None or len(first.columns) != 2 or sum(size) != len(rest) or min(size) < 1:
        return
    n, m = size
    if any(len(row.columns) != 2 for row in rest):
        return
    for vertices, edges in ((rest[:n], rest[n:]), (rest[m:], rest[:m])):
        names = {row.columns[0] for row in vertices}
        if len(names) == n and all(names.issuperset(row.columns) for row in edges):
            raise InputError(_VERTICES.format(n=n, m=m), path=case.path, line=first.line)


def check_counts_as_floats(first: Row, rest: Sequence[Row], case: Case) -> None:
    """Refuse a first line ``5.0 6.0`` that counts vertices and edges, as NumPy writes whole numbers.

    Raises
    ------
    InputError
        As whole numbers it could be the first line of a rudy file, or of one whose vertices are 0..n-1 or words.
    """
    cells = _without_points(first)
    if cells == first.columns or not all(map(is_integer, cells)):
        return
    rows = [Row(row.line, _without_points(row)) for row in rest]
    try:
        counts = resolve(Row(first.line, cells), body_of(rows), case) == "rudy"
    except InputError:
        counts = True
    if counts:
        line = b" ".join(first.columns).decode()
        raise InputError(
            f"the first line '{line}' may count the vertices and the edges below, or be an edge; write whole numbers "
            "without a point if it counts, or say --input-format edgelist (input_format= of derandkit.as_graph)",
            path=case.path,
            line=first.line,
        )


def _without_points(row: Row) -> list[bytes]:
    return [re.sub(rb"(?<=[0-9])\.0*$", b"", cell) for cell in row.columns]


def check_loops(case: Case, ids: Ints, w: Floats | None) -> None:
    """Refuse weighted loops in ascending pairs of integers: they may be the linear terms of a QUBO."""
    if w is None or case.kind != "auto" or case.hint == "rudy" or case.is_list:
        return
    linear = (ids[:, 0] == ids[:, 1]) & (w != 0)
    if linear.any() and (ids[:, 0] <= ids[:, 1]).all():
        v = int(ids[linear, 0][0])
        raise InputError(
            f"vertex {v} has a loop with a weight: the linear term of a QUBO or Ising model, which is no graph, or a "
            "self-loop, which no cut counts; --input-format edgelist or rudy (input_format= of derandkit.as_graph) "
            "drops loops, 'derandkit qubo' or 'ising' with --input-format coo takes a model",
            path=case.path,
        )


def check_index(case: Case, separator: str, ids: Ints, w: Floats | None, *, quoted: bool = False) -> None:
    """Refuse a first column 0, 1, 2, ... or 1, 2, 3, ... that pandas or R may have written as names of rows.

    From 1, or between blanks, such lists of edges are common. There the first column must be the only one in
    quotation marks, or have no vertex of the second one, while the third has some. From another number on, as a slice
    leaves it, both must hold in three rows; `refuse_indices` knows longer ones.
    """
    if w is None or case.is_list or case.options.header is not None or len(ids) < (2 if quoted else 3):
        return
    start = int(ids[0, 0])
    index = bool((ids[:, 0] == np.arange(start, start + len(ids))).all())
    if index and start not in (0, 1):  # longer ones are known in memory too
        others = np.concatenate([ids[:, 1], w])
        index = separator != "blank" and len(ids) == 3 and not np.isin(others, ids[:, 0]).any()
        index = index and bool(np.isin(w, ids[:, 1]).any())
    elif index and (start == 1 or separator == "blank"):
        apart = not np.isin(ids[:, 1], ids[:, 0]).any()
        index = quoted or (apart and bool(np.isin(w, ids[:, 1]).any()))
    vertices = bool(
        (w == np.rint(w)).all() and (w >= 0).all() and (w != ids[:, 1]).all() and (w != w[0]).any()
    )
    if index and vertices:
        raise InputError(
            f"the first column counts {start}, {start + 1}, ...: it may be an index before the two ends of an edge, or "
            "a vertex; drop it if it is an index, or say --no-header (header=False in Python) if the columns are "
            "'u v weight'",
            path=case.path,
        )


def check_neighbours(case: Case, ids: Ints, w: Floats | None) -> None:
    """Refuse lines that may list the neighbours of vertices as well as be edges."""
    if case.is_list or case.hint == "rudy" or len(ids) > 2 * (int(ids.max()) - int(ids.min()) + 2):
        return  # lists of neighbours have a line for each vertex at most, a mesh two
    rows = ids if w is None else np.column_stack([ids, w])
    advice = (
        "say --input-format edgelist (input_format= of derandkit.as_graph) for edges, or adjlist where each line "
        "begins with its vertex"
    )
    refuse_neighbours(rows, advice)
    if case.options.header is None and (rows[0] == np.arange(rows.shape[1])).all():
        refuse_neighbours(rows[1:], advice)  # the first line may be the header that pandas writes


def may_be_numbered(first: Row, separator: str, case: Case, *, words: bool = False) -> bool:
    """Whether the first line is ``0,1`` or ``0,1,2``, which pandas writes above columns without names.

    Between blanks this is a header only above `words`: lists of edges that begin with ``0 1`` are too many.
    """
    undecided = case.options.header is None and not case.is_list
    undecided = undecided and (words or separator not in ("", "blank"))
    top = 1 if case.options.separator is None else 2  # a line 'sep=,' goes before the names
    return undecided and first.line <= top and len(first.columns) <= 3 and is_numbered(first.columns)
