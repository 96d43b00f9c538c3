"""Files with one line or paragraph a vertex: the adjacency lists of networkx, LGL files, and METIS graphs.

All are checked as a whole. An adjacency list of an undirected graph names each edge once or in both directions; a
METIS file must name each edge in both, with one weight, as its header says.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.assembly import both_directions, check_size
from derandkit.graphs.content import check_order
from derandkit.graphs.directions import graph_of_list
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import check_direction, number_edges
from derandkit.graphs.labels import refuse_spellings
from derandkit.graphs.readers.arrays.matrices import integer_labels
from derandkit.graphs.readers.strays import refuse_formats
from derandkit.graphs.readers.tables import Line, cells_of, lines_of
from derandkit.graphs.readers.text import is_integer, is_number, number, show
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import weights_of

#: The second line that networkx writes above an adjacency list.
NETWORKX_HEADER = re.compile(rb"#[^\n]*\n# GMT [^\n]*\n")


def read_adjlist(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    r"""Read lines ``u v w ...``, u being joined to all others, or networkx's multiline lists with attributes.

    Raises
    ------
    InputError
        An edge is listed twice in one direction, or a multiline list ends too early.

    Examples
    --------
    >>> read_adjlist(b"a b c\nb c\nc\n", "-", ReadOptions())
    WeightedGraph(n=3, m=3, total_weight=3)
    >>> read_adjlist(b"a 1\nb {'weight': 5}\nb 0\n", "-", ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=5)
    """
    if options.input_format == "auto":
        refuse_formats(data, "")
    lines = list(lines_of(data, options.comment_signs))
    if not lines:
        raise InputError("the file holds only comments and blank lines; no graph")
    if any(line.attributes is not None for line in lines):
        return _read_multiline(lines, options)
    mark, said = _tabs_between(lines) if options.separator is None else (options.separator_bytes or b"", ())
    table = [cells_of(line.text, mark, line.number) for line in lines]
    firsts = {row[0] for row in table}
    if all(len(x) > 1 and x.endswith(b":") for x in firsts) and any(
        x + b":" in firsts for row in table for x in row[1:]
    ):
        raise InputError(
            f"every line begins with a name and a colon, such as {show(table[0][0])}; remove the colons",
            line=lines[0].number,
        )
    tokens = list(dict.fromkeys(x for row in table for x in row))
    names = _labels(tokens)
    if NETWORKX_HEADER.match(data):
        _refuse_parted_names(table, len(tokens))
    label = dict(zip(tokens, names, strict=True))
    once: dict[Hashable, tuple[int, object]] = {}
    edges = []
    mirrored = 0
    for line, row in zip(lines, table, strict=True):
        u = label[row[0]]
        for cell in row[1:]:
            v = label[cell]
            pair = frozenset((u, v)) if options.symmetrize is None else (u, v)
            if pair not in once:
                once[pair] = (line.number, u)
                edges.append((u, v, 1))
            elif once[pair][1] != u:
                mirrored += 1
            else:
                square = all(len(row) == len(table) and all(map(is_number, row)) for row in table)
                way = " (is it a matrix? --input-format matrix)" if square else ""
                text = f"edge {u!r}, {v!r} is listed twice; give parallel edges weights{way}"
                raise InputError(text, line=line.number)
    i, j, w, labels = number_edges(edges, names)
    both = (f"{mirrored} edges are listed in both directions; each counts once",) if mirrored else ()
    remarks = (*said, *both)
    graph = WeightedGraph.from_edges(i, j, w, labels=labels, symmetrize=options.symmetrize)
    return replace(graph, reading=Reading("adjacency list", remarks=remarks + options.combined))


def _tabs_between(lines: Sequence[Line]) -> tuple[bytes, tuple[str, ...]]:
    """Say what separates names: tabs where a line begins with a name that has blanks in it; else both separate them.

    Raises
    ------
    InputError
        Blanks stand behind the first tab only, and no part of what they separate is a name elsewhere.
    """
    if all(len(line.text.split()) == 1 for line in lines):
        for mark, word in ((b";", "semicolon"), (b",", "comma"), (b"|", "bar")):
            parts = [part for line in lines for part in line.text.split(mark)]
            if len(parts) > len(lines) and len(set(parts)) < len(parts):
                raise InputError(
                    f"{show(lines[0].text)} may be one name or several; say which with --separator {word} or blank "
                    "(separator= of derandkit.as_graph)"
                )
    rows = [line.text.split(b"\t") for line in lines]
    joined = [cell.strip() for row in rows for cell in row if len(cell.split()) > 1 and b'"' not in cell]
    if not joined or all(len(row) == 1 for row in rows):
        return b"", ()
    if all(len(row) > 1 for row in rows) and any(len(row[0].split()) > 1 for row in rows):
        return b"\t", ("tabs separate the names, which may have blanks in them",)
    single = {cell.strip() for row in rows for cell in row}
    if single.isdisjoint(part for cell in joined for part in cell.split()):
        raise InputError(
            f"{show(joined[0])} between tabs may be one name or several; say which with --separator tab or blank "
            "(separator= of derandkit.as_graph)"
        )
    return b"", ()


def _refuse_parted_names(table: Sequence[Sequence[bytes]], vertices: int) -> None:
    """Refuse lists that networkx has written where they do not have its form: a line for every vertex.

    Raises
    ------
    InputError
        Names were parted at their blanks, or it is a multiline list without an edge.
    """
    if len(table) != vertices:
        raise InputError(
            f"networkx writes a line for every vertex, and here are {len(table)} lines for {vertices} names: names may "
            "hold blanks; write another delimiter (delimiter='|') and say --separator, or pass the graph itself"
        )
    if all(len(row) == 2 and row[1] == b"0" for row in table):
        raise InputError(
            "every line is a vertex and 0: a multiline list of vertices without an edge, or edges to the vertex 0; "
            "write another format, or pass the graph itself"
        )


def _labels(tokens: Iterable[bytes]) -> list[Hashable]:
    """Labels that distinct tokens spell, no two of them perhaps one vertex."""
    names = [token.decode("utf-8") for token in tokens]
    broken = next((name for name in names if name.count("(") != name.count(")")), None)
    if broken is not None:
        raise InputError(
            f"{broken!r} is a part of a vertex in brackets, as networkx writes tuples with blanks in them; relabel the "
            "vertices (networkx.convert_node_labels_to_integers), or pass the graph itself"
        )
    refuse_spellings(names)
    return integer_labels(names)


def _read_multiline(lines: list[Line], options: ReadOptions) -> WeightedGraph:
    """Graph of lines ``u degree``, each followed by that many lines ``v {...}``."""
    edges: list[tuple[str, str]] = []
    nodes: list[str] = []
    attributes: list[dict[str, object]] = []
    left, u = 0, ""
    for line in lines:
        cells = line.text.split()
        if left == 0:
            if line.attributes is not None or len(cells) != 2 or not is_integer(cells[1]):
                raise InputError(
                    f"{show(line.text)} is not 'vertex degree', as a multiline list has it", line=line.number
                )
            u, left = cells[0].decode("utf-8"), int(cells[1])
            nodes.append(u)
        else:
            if line.attributes is None or len(cells) != 1:
                raise InputError(
                    f"{show(line.text)} is not 'vertex {{...}}'; {left} more were to come", line=line.number
                )
            edges.append((u, cells[0].decode("utf-8")))
            nodes.append(edges[-1][1])
            attributes.append(line.attributes)
            left -= 1
    if left:
        raise InputError(f"the file ends {left} lines too early; it may be cut short")
    values, choice = weights_of(attributes, options.weight)
    distinct = list(dict.fromkeys(nodes))
    refuse_spellings(distinct)
    label = dict(zip(distinct, integer_labels(distinct), strict=True))
    weighted = [(label[u], label[v], value) for (u, v), value in zip(edges, values, strict=True)]
    i, j, w, labels = number_edges(weighted, label.values())
    pairs = set(edges)
    both = next(((u, v) for u, v in edges if u != v and (v, u) in pairs), None)
    if both is not None and options.symmetrize is None:  # networkx lists an edge of an undirected graph once
        raise InputError(
            f"edge {both!r} is listed in both directions, as networkx lists a digraph: say what an edge weighs with "
            "--symmetrize sum, mean or max (symmetrize= of derandkit.maxcut or as_graph)"
        )
    graph = WeightedGraph.from_edges(i, j, w, labels=labels, symmetrize=options.symmetrize)
    remarks = choice.remarks + options.combined
    reading = Reading("multiline adjacency list", weight=choice.name, remarks=remarks)
    return replace(graph, reading=reading)


def looks_like_lgl(data: bytes) -> bool:
    r"""Whether a table is an LGL file: lines ``# u``, each above the neighbours of u, one a line.

    Raises
    ------
    InputError
        With two columns, ``# u`` may be a comment as well.

    Examples
    --------
    >>> looks_like_lgl(b"# a\nb\nc\n# b\nc\n"), looks_like_lgl(b"# edges\na b\nb c\n")
    (True, False)
    """
    head = data[:65536].lstrip()
    if not head.startswith(b"#"):
        return False
    lines = [line.split() for line in re.findall(rb"(?m)^[^\n]+", data) if not line.isspace()]
    heads = [line for line in lines if line[0].startswith(b"#")]
    body = [line for line in lines if not line[0].startswith(b"#")]
    if not body or any(line[0] != b"#" or len(line) != 2 for line in heads):
        return False
    width = {len(line) for line in body}
    if width == {1}:
        return len(heads) > 1 and not _is_table(lines, body)
    numbered = all(is_integer(line[0]) for line in body)
    weighted = width == {2} and all(is_number(line[1]) for line in body)
    if weighted and (len(heads) > 1 or not numbered):
        raise InputError(
            f"the line {show(b' '.join(heads[0]))} may be a comment or, as in LGL files, a vertex above its "
            "neighbours; say which with --comments '#' or --input-format lgl (comments=, input_format= of "
            "derandkit.as_graph)",
            line=1 + data.count(b"\n", 0, data.find(b"#")),
        )
    return False


def _is_table(lines: Sequence[Sequence[bytes]], body: Sequence[Sequence[bytes]]) -> bool:
    """Whether comments of one word stand above lines without blanks that a sign parts alike, as CAIDA has them."""
    top = len(lines) - len(body)
    counts = ({line[0].count(mark) for line in body} for mark in (b"|", b",", b";"))
    return not any(line[0].startswith(b"#") for line in lines[top:]) and any(
        len(count) == 1 and count != {0} for count in counts
    )


def read_lgl(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    r"""Read an LGL file: lines ``# u``, each above lines ``v`` or ``v weight`` for the neighbours of u.

    Raises
    ------
    InputError
        A line stands above the first vertex, or some edges have a weight and some have none.

    Notes
    -----
    Names may hold blanks, as igraph writes them.

    Examples
    --------
    >>> read_lgl(b"# New York\nBoston 5\nMiami 2.5\n# Boston\nMiami -3\n", "-", ReadOptions())
    WeightedGraph(n=3, m=3, total_weight=4.5)
    """
    check_direction(False, options.symmetrize)
    numbered = [(at, line.strip()) for at, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    body = [line for _, line in numbered if not line.startswith(b"#")]
    weighted = bool(body) and all(len(line.split()) > 1 and is_number(line.split()[-1]) for line in body)
    u: bytes | None = None
    names: dict[bytes, None] = {}
    edges: list[tuple[bytes, bytes, float]] = []
    for at, line in numbered:
        if line.startswith(b"#"):
            u = line[1:].strip()
            names[u] = None
            continue
        if u is None:
            raise InputError("a line above the first '# vertex'", line=at)
        cells = line.split()
        if not weighted and len(cells) > 1 and is_number(cells[-1]):
            raise InputError("an edge with a weight, but others have none", line=at)
        v, value = line.rsplit(None, 1) if weighted else (line, b"1")
        try:
            edges.append((u, v.strip(), number(value)))
        except InputError as error:
            raise InputError(error.message, line=at) from None
        names[edges[-1][1]] = None
    labels = _labels(names)
    place = {name: k for k, name in enumerate(names)}
    ends = np.array([(place[a], place[b]) for a, b, _ in edges], dtype=np.int64).reshape(-1, 2)
    w = np.array([value for _, _, value in edges]) if weighted else None
    return graph_of_list(ends[:, 0], ends[:, 1], w, options, Reading("LGL file"), labels=labels)


def read_metis(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    r"""Read a METIS graph: a header ``n m [fmt [ncon]]``, then the neighbours of vertex k in the k-th line.

    Raises
    ------
    InputError
        The header does not fit the lines, or the two directions of an edge do not agree.

    Notes
    -----
    Vertices are labelled 1..n. Sizes and weights of vertices are skipped. A blank line is a vertex without neighbours.

    Examples
    --------
    >>> read_metis(b"% a path\n3 2 001\n2 5\n1 5 3 7\n2 7\n", "-", ReadOptions())
    WeightedGraph(n=3, m=2, total_weight=12)
    """
    check_direction(False, options.symmetrize)
    numbered = list(enumerate(data.removesuffix(b"\n").split(b"\n"), 1))
    lines = [(at, text.split()) for at, text in numbered if not text.lstrip().startswith(b"%")]
    lines = list(itertools.dropwhile(lambda line: not line[1], lines))
    if not lines:
        raise InputError("the file holds only comments and blank lines; no graph")
    at, head = lines[0]
    if not 2 <= len(head) <= 4 or not all(token.isdigit() and len(token) < 19 for token in head):
        raise InputError(
            f"the first line of a METIS file is 'n m [fmt [ncon]]', here it is {show(b' '.join(head))}",
            line=at,
        )
    n, m = int(head[0]), int(head[1])
    check_size(n)
    check_order(n)
    layout = (head[2] if len(head) > 2 else b"0").zfill(3)
    if len(layout) != 3 or set(layout) - set(b"01"):
        raise InputError(f"the format {show(head[2])} of a METIS file is three digits 0 or 1", line=at)
    counts = int(head[3]) if len(head) > 3 else 1
    skipped = int(layout[0:1]) + (counts if layout[1:2] == b"1" else 0)
    step = 2 if layout[2:3] == b"1" else 1
    body = lines[1:]
    while len(body) > n and not body[-1][1]:
        del body[-1]
    if len(body) != n:
        raise InputError(
            f"the header says {n} vertices, {len(body)} lines follow; the file may be cut short", line=at
        )
    i: list[int] = []
    j: list[int] = []
    w: list[float] = []
    for v, (line, cells) in enumerate(body):
        cells = cells[skipped:]
        if len(cells) % step:
            raise InputError("a neighbour has no weight, but the header promises weights", line=line)
        for k in range(0, len(cells), step):
            if not is_integer(cells[k]) or len(cells[k]) > 11 or not 1 <= int(cells[k]) <= n:
                raise InputError(f"vertex {show(cells[k])} is not an integer in 1..{n}", line=line)
            i.append(v)
            j.append(int(cells[k]) - 1)
            try:
                w.append(number(cells[k + 1]) if step == 2 else 1.0)
            except InputError as error:
                raise InputError(error.message, line=line) from None
    ends = np.array([i, j], dtype=np.int64)
    pairs = both_directions(ends[0], ends[1], np.array(w), n)
    if pairs.merged or (ends[0] == ends[1]).any():
        raise InputError("a METIS file lists no edge twice and no loops; this one does")
    bad = ~(pairs.has_up & pairs.has_down) | (pairs.up != pairs.down)
    if bad.any():
        e = int(np.argmax(bad))
        raise InputError(
            f"the lines of vertices {pairs.lo[e] + 1} and {pairs.hi[e] + 1} do not agree about their edge"
        )
    if pairs.lo.size != m:
        raise InputError(
            f"the header says {m} edges, the file has {pairs.lo.size}; it may be cut short", line=at
        )
    weights = pairs.up if options.weight is not None else None
    graph = WeightedGraph.from_edges(
        pairs.lo.astype(np.int64), pairs.hi.astype(np.int64), weights, n=n, labels=range(1, n + 1)
    )
    sizes = [what for what, mark in (("sizes", layout[0:1]), ("weights", layout[1:2])) if mark == b"1"]
    remarks = (f"the {' and '.join(sizes)} of vertices are not used",) if sizes else ()
    return replace(graph, reading=Reading("METIS file", header_lines=1, remarks=remarks))
