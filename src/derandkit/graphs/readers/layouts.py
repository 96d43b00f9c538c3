"""Layouts of text that lines of two or three columns may have as well as be edges, and comments that name columns."""

from __future__ import annotations

import io
import itertools
import re

from derandkit.errors import InputError
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.objects.heads import way_of
from derandkit.graphs.objects.indices import KEEP_EDGES
from derandkit.graphs.readers.marks import comments_above
from derandkit.graphs.readers.text import show
from derandkit.graphs.weights import is_no_weight

#: First columns ``a:`` of lists of neighbours, and tuples as Python and SciPy print them.
_COLON = re.compile(rb"[ \t]*[^\s:,;|\"']+[ \t]*:(?:[ \t].*)?")
_TUPLE = re.compile(rb"[ \t]*\([^(),\t\"']*,[^()\t\"']*\)[ \t,;]*(?:[-+.0-9eE]+[ \t,;]*)?")
_LAYOUTS = (
    (
        _COLON,
        "a vertex and its neighbours, or an edge of a vertex whose name ends in a colon; remove the colons and say "
        "--input-format adjlist, or edgelist (input_format= of derandkit.as_graph)",
    ),
    (
        _TUPLE,
        "an edge in brackets, as Python and SciPy print it; save a matrix with scipy.sparse.save_npz, and write edges "
        "without brackets",
    ),
)
_ALONE = re.compile(rb"(?m)^[ \t]*#[ \t]*\r?$")
_COUNT = re.compile(
    rb"(?i)(?:num(?:ber)?[ _](?:of[ _])?)?(?:nodes?|vertices|vertex|edges?|arcs|links)(?:[ \t]*[:=,;][ \t]*|[ \t]+)\d+"
    rb"|\d+[ \t]+(?:nodes|vertices|edges|arcs|links)"
)
_PAIR = re.compile(rb"[^\s,;:]+[ ]*,[ ]*[^\s,;:]+(?:[ ]*[,:][ ]*[-+.0-9eE]+)?")
#: Dashes or an arrow beside a blank, else any behind the first character.
_ARROWS = (re.compile(rb"(?<! )[ ]+-+>?[ ]*|(?<!-)-+>?[ ]+"), re.compile(rb"(?<=.)-+>?"))
_VERTEX = re.compile(rb"[^\s,;:]+")
_COMMA = re.compile(rb"\(?[^\s,;:()]+,[^\s,;:()]+\)?")
_BETWEEN = re.compile(r"[\s,;|]+")
#: ``A = [``, ``m <- matrix(`` and the like.
_CODE = re.compile(rb"\s*[A-Za-z_][\w.]*[ \t]*(?:=|<-|:=)[ \t]*(?:[\[{(]|[A-Za-z_][\w.]*[\[({])")
_RELATIONSHIP = re.compile(r"(?i)relationship|provider|customer")
#: Bytes of a text that are searched for several graphs.
_LARGE = 10_000_000


def refuse_other_layouts(data: bytes, comments: bytes, weighted: bool, arcs: bool = False) -> None:
    r"""Refuse neighbours behind colons, lists of vertices, several graphs, tuples, TGF, comments that turn the columns.

    Parameters
    ----------
    data : bytes
        The content of a file.
    comments : bytes
        Signs that begin a comment.
    weighted : bool
        Whether a third column would be a weight.
    arcs : bool
        Whether directions count.

    Raises
    ------
    InputError
        It says what the file may be, and what to do.

    Examples
    --------
    >>> refuse_other_layouts(b"a b 3\n", b"#%", True)
    >>> refuse_other_layouts(b"a: b c\nb: a c\n", b"#%", True)
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: 'a: b c' may be a vertex and its neighbours, or an edge ...
    """
    begin = enumerate(data[:65536].splitlines(), 1)
    line, text = next(
        ((k, text) for k, text in begin if text.strip() and text.strip()[0] not in comments), (0, b"")
    )
    if _CODE.match(data):
        raise InputError(
            f"{show(text.strip()[:60])} may be a matrix or table in the code of a language; save it as text "
            "(writematrix of MATLAB, numpy.savetxt, write.table of R), or write one edge a line",
            line=line,
        )
    layout = next((both for both in _LAYOUTS if both[0].fullmatch(text.rstrip())), None)
    if layout is not None and _all_are(data, comments, layout[0]):
        raise InputError(f"{show(text.strip())} may be {layout[1]}", line=line)
    _refuse_trivial(data)
    _refuse_list_of_vertices(data, comments)
    _refuse_headers(data, comments)
    _refuse_blocks(data, comments)
    _refuse_counts(text.strip(), line)
    _refuse_one_line(data, text.strip(), line)
    head = [
        part.lstrip(comments).decode("utf-8", "replace")
        for part in comments_above(data, comments).split(b"\n")
    ]
    width = len(_BETWEEN.split(text.decode("utf-8", "replace").strip()))
    if weighted and width == 3:
        _refuse_relations(head, data, comments)
    for comment in head:
        names = _BETWEEN.split(comment.strip())
        if arcs and len(names) == width and width > 1 and way_of(*names[:2]) in ("turned", "unclear"):
            raise InputError(
                f"the comment {comment.strip()!r} may name the columns, so that arcs lead from the {names[1]!r} to the "
                f"{names[0]!r}, or say nothing of them, so that arcs lead from the first column to the second; remove "
                "its sign, so that it is a header, or remove the line"
            )
        ends = known_ends(names) if len(names) == width == 3 else None
        if ends is None or (set(ends) == {0, 1} and not (weighted and is_no_weight(names[2]))):
            continue
        raise InputError(
            f"the comment {comment.strip()!r} may name the columns, and the weight is not the third one; remove its "
            "sign, so that it is a header, or remove the line"
        )


def _refuse_relations(head: list[str], data: bytes, comments: bytes) -> None:
    """Refuse third columns of -1, 0, 1 and 2 alone below a comment that says relationship, as SNAP has CAIDA's.

    Raises
    ------
    InputError
        They may be weights as well.
    """
    said = next((comment.strip() for comment in head if _RELATIONSHIP.search(comment)), None)
    if said is None:
        return
    lines = (line for line in data.splitlines() if line.strip() and line.strip()[0] not in comments)
    codes = {cells[2] for cells in map(_cells, lines) if len(cells) == 3}
    if {b"-1"} < codes <= {b"-1", b"0", b"1", b"2"}:
        raise InputError(
            f"the third column holds {', '.join(map(bytes.decode, sorted(codes)))} alone, and the comment "
            f"{said!r:.60} may say that they are kinds of relations, or weights; for kinds say --unweighted "
            "(weight=None), for weights --comments '#' (comments=)"
        )


def _cells(line: bytes) -> list[bytes]:
    return line.replace(b",", b" ").replace(b";", b" ").replace(b"|", b" ").split()


def _refuse_blocks(data: bytes, comments: bytes) -> None:
    """Refuse blocks of edges between blank lines or comments of which two name one pair, and none names a pair twice.

    Raises
    ------
    InputError
        They may be several graphs.
    """
    gap = rb"\n[ \t\r]*(?:[%s][^\n]*)?\n" % re.escape(comments) if comments else rb"\n[ \t\r]*\n"
    if re.search(gap, data.strip()) is None or len(data) > _LARGE:
        return
    blocks: list[dict[tuple[bytes, ...], int]] = [{}]
    for number, text in enumerate(data.split(b"\n"), 1):
        line = text.strip()
        if not line or line[:1] in [bytes([sign]) for sign in comments]:
            blocks += [{}] if blocks[-1] else []
            continue
        pair = tuple(_cells(line)[:2])
        if pair in blocks[-1]:
            return  # parallel edges
        blocks[-1][pair] = number
    full = [block for block in blocks if len(block) > 1]
    if len(full) < 2:
        return
    seen: set[tuple[bytes, ...]] = set()
    for block in full:
        again = next((pair for pair in block if pair in seen), None)
        if again is not None:
            raise InputError(
                f"{show(b' '.join(again))} stands in two blocks of lines, each without a pair twice: {len(full)} "
                "graphs, or one with parallel edges? Give one graph, remove blank lines and comments between the "
                "blocks, or say --input-format edgelist (input_format= of derandkit.as_graph)",
                line=block[again],
            )
        seen.update(block)


def _refuse_headers(data: bytes, comments: bytes) -> None:
    """Refuse several graphs each below a line ``n m``, where some pair comes twice or is a loop if all lines are edges.

    Raises
    ------
    InputError
        They may be several graphs, or one.
    """
    signs = [bytes([sign]) for sign in comments]
    numbered = ((number, text.strip()) for number, text in enumerate(io.BytesIO(data), 1))
    lines = ((number, _cells(text)) for number, text in numbered if text and text[:1] not in signs)
    rows: list[list[bytes]] = []
    starts: list[int] = []
    for number, row in lines:  # most files end this at their first line, or after one graph
        if len(row) != 2 or not all(x.isdigit() and len(x) < 10 for x in row):
            return
        n, m = map(int, row)
        block: list[list[bytes]] = []
        pairs: set[frozenset[int]] = set()
        for _, cells in itertools.islice(lines, m):
            if not (len(cells) in (2, 3) and cells[0].isdigit() and cells[1].isdigit()):
                return
            pair = frozenset((int(cells[0]), int(cells[1])))
            if len(pair) == 1 or max(pair) > n or pair in pairs:
                return
            pairs.add(pair)
            block.append(cells)
        if m < 2 or len(block) < m:
            return
        starts.append(number)
        rows += [row, *block]
    every = [frozenset(row[:2]) for row in rows]
    if len(starts) > 1 and (len(set(every)) < len(every) or any(len(pair) == 1 for pair in every)):
        raise InputError(
            f"the lines {starts[0]} and {starts[1]} may each begin a graph, as 'n m' above m edges; give one graph, or "
            "say --input-format edgelist if they are edges (input_format= of derandkit.as_graph)",
            line=starts[1],
        )


def _refuse_counts(text: bytes, line: int) -> None:
    """Refuse a first line such as ``nodes 4`` that counts vertices or edges in words."""
    if _COUNT.fullmatch(text):
        raise InputError(
            f"{show(text)} may count what is below, or be an edge; remove the line if it counts, or say --input-format "
            "edgelist (input_format= of derandkit.as_graph)",
            line=line,
        )


def _refuse_one_line(data: bytes, text: bytes, line: int) -> None:
    """Refuse edges between semicolons in one line, as MATLAB and papers write them: ``1,2;2,3;3,1``."""
    blank = text.split()
    if len(blank) > 1 and not data.strip().count(b"\n") and all(map(_COMMA.fullmatch, blank)):
        raise InputError(
            f"{show(text[:60])} may hold one edge between blanks, or be one edge whose columns blanks separate; write "
            "one edge a line",
            line=line,
        )
    parts = [part.strip() for part in text.strip(b"[];").split(b";")]
    if len(parts) < 2 or data.strip().count(b"\n") or not all(map(_is_edge, parts)):
        return
    raise InputError(
        f"{show(text[:60])} may hold one edge between semicolons, or be one edge whose columns semicolons separate; "
        "write one edge a line",
        line=line,
    )


def _is_edge(text: bytes) -> bool:
    """Whether a text is an edge with a comma, dashes or an arrow between its ends: ``a,b``, ``a-b``, ``a -> b``."""
    if _PAIR.fullmatch(text):
        return True
    arrow = next(filter(None, (pattern.search(text) for pattern in _ARROWS)), None)
    ends = () if arrow is None else (text[: arrow.start()], text[arrow.end() :])
    return bool(ends) and all(map(_VERTEX.fullmatch, ends))


def _all_are(data: bytes, comments: bytes, pattern: re.Pattern[bytes]) -> bool:
    """Whether all lines that are no comments have one layout."""
    lines = (line.rstrip() for line in data.split(b"\n"))
    return all(pattern.fullmatch(line) for line in lines if line and line.lstrip()[0] not in comments)


def _refuse_trivial(data: bytes) -> None:
    """Refuse the Trivial Graph Format: names of vertices, a line with ``#`` alone, and edges below it.

    Raises
    ------
    InputError
        The lines above may be edges as well.
    """
    found = _ALONE.search(data) if b"#" in data else None
    if found is None:
        return
    above = [line.split(None, 1)[0] for line in data[: found.start()].splitlines() if line.strip()]
    vertices = {name for name in above if not name.startswith(b"#")}
    below = [line.split()[:2] for line in data[found.end() :].splitlines() if line.strip()]
    if vertices and below and all(len(pair) == 2 and vertices.issuperset(pair) for pair in below):
        line = data.count(b"\n", 0, found.start()) + 1
        raise InputError(
            "the line '#' may stand between vertices and edges, as in the Trivial Graph Format, or be an empty "
            "comment; remove it, and the lines above it if they name vertices",
            line=line,
        )


def _refuse_list_of_vertices(data: bytes, comments: bytes) -> None:
    """Refuse vertices with their names or values, a blank line or a comment, and edges of these, in either order.

    Each vertex has one line, and stands beside no other one.

    Raises
    ------
    InputError
        The lines with the vertices may be edges as well.
    """
    blank = rb"[ \t\r]*(?:[%s][^\n]*)?" % re.escape(comments) if comments else rb"[ \t\r]*"
    begin = re.match(rb"(?:%s\n)*" % blank, data)
    start = begin.end() if begin else 0
    end = re.compile(rb"\n(?:%s\n)*%s\Z" % (blank, blank))
    gaps = re.compile(rb"\n(?:%s\n)+" % blank).finditer(data, start)
    gap = next(gaps, None)
    if gap is None or end.match(data, gap.start()):
        return
    more = next(gaps, None)
    if more is not None and not end.match(data, more.start()):
        return
    parts = [
        [line for text in part.split(b"\n") if (line := text.strip()) and line[0] not in comments]
        for part in (data[start : gap.start()], data[gap.end() :])
    ]
    mark = next(
        (x for x in (b"\t", b",", b";", b"|") if all(x in text for text in (*parts[0], *parts[1]))), None
    )
    if not all(parts):  # of blanks that end no line, such as a vertical tab
        return
    first, last = ([[x.strip() for x in text.split(mark)] for text in part] for part in parts)
    for vertices, edges, where in ((first, last, "above"), (last, first, "below")):
        if any(len(row) < 2 for row in (*vertices, *edges)):
            return
        for above, over in itertools.product((0, _is_titled(vertices)), (0, _is_titled(edges))):
            if _are_vertices(vertices[above:], edges[over:]):
                shown = show(b" ".join(vertices[above][:2]))
                raise InputError(
                    f"{shown} may be a vertex and its name, as the {len(vertices) - above} lines {where} the gap may "
                    f"list the vertices, or an edge; {KEEP_EDGES}"
                )


def _is_titled(rows: list[list[bytes]]) -> bool:
    """Whether words that may be names of columns stand above rows with numbers."""
    words = not any(cell.isdigit() for cell in rows[0][:2])
    return words and all(any(cell.isdigit() for cell in row[:2]) for row in rows[1:])


def _are_vertices(vertices: list[list[bytes]], edges: list[list[bytes]]) -> bool:
    """Whether each vertex has one line, in which no other one stands, and all edges join such vertices."""
    for at in (0, 1) if edges else ():
        names = {row[at] for row in vertices}
        once = len(names) == len(vertices) and all(row[1 - at] not in names for row in vertices)
        numbered = len(vertices) > 1 and all(row[at].isdigit() > row[1 - at].isdigit() for row in vertices)
        if once and (len(vertices) > 2 or numbered) and all(names.issuperset(row[:2]) for row in edges):
            return True  # two edges stand as two vertices would
    return False
