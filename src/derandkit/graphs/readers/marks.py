"""Marks around the columns of a table: ``sep=;``, arrows between the ends, letters before them, points in numbers.

Each is recognised where all lines show it, so that no arrow and no kind of line becomes a vertex.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from derandkit.errors import InputError
from derandkit.graphs.readers.text import Row, is_integer, is_number, show
from derandkit.graphs.reading import SEPARATORS
from derandkit.missing import IN_ENDS, MARKS

_FORWARD = frozenset({b"->", b"=>", b"-->", b"==>", "→".encode(), "⇒".encode()})
_BACKWARD = frozenset({b"<-", b"<=", b"<--", b"<==", "←".encode(), "⇐".encode()})
_PLAIN = frozenset(
    {b"-", b"--", b"---", b"<->", b"<=>", b"<-->", "\u2013".encode(), "\u2014".encode(), "↔".encode()}
)
#: What may stand between the two ends of an edge.
ARROWS = _FORWARD | _BACKWARD | _PLAIN

_SEPARATOR = re.compile(rb'\A[ \t]*"?sep=([^\r\n])"?[ \t,;]*\r?(?:\n|\Z)', re.IGNORECASE)
_DIRECTED = re.compile(rb"\bdirected\b", re.IGNORECASE)
_UNDIRECTED = re.compile(
    rb"(?:\bnot|\bnon|\bun)[\s_-]*directed\b|\bdirected\b\W{1,3}(?:false|no|0)\b", re.IGNORECASE
)
#: A cell of a rule between the names of columns and the lines below.
RULE = re.compile(rb"-{2,}")
_DRAWN = re.compile(rb"(?m)^[ \t]*\+?-{2,}(?:\+-{2,})+\+?[ \t\r]*$")
_KONECT_SIZE = re.compile(
    rb"%[ \t]*(?:sym|asym)[ \t]+(?:unweighted|weighted|signed)[ \t\r]*\n%[ \t]*([0-9]{1,15})\b"
)
_SNAP_SIZE = re.compile(rb"(?i)\bnodes:[ \t]*[0-9]+[ \t,;]+edges:[ \t]*([0-9]{1,15})\b")
_ASYM = re.compile(rb"\A%[ \t]*asym\b")
_SYM = re.compile(rb"\A%[ \t]*sym\b")
_JOINED = re.compile(
    rb"(?=[^\s<>]*\Z)[^\s<>=-][^\s<>]*?(?:--|" + "→|—|↔".encode() + rb")[^\s<>=-]"
    rb"|[^\s<>=-][^\s<>]*?(?:<->|-->|->|=>)[^\s<>=-][^\s<>]*\Z"
)


#: A name in quotation marks.
QUOTED = re.compile(rb"\"[^\"\n]*\"|(?<![^\s,;|])'[^'\n]*'(?![^\s,;|])")
#: Marks that begin a comment in other languages, with the sign that ``comments`` would need, if one would do.
_COMMENTS = {b"//": b"/", b"/*": b"/", b"--": b"", b"!": b"!", b";": b";"}
_COMMENT = re.compile(rb"(?m)^[ \t]*(//|/\*|--(?![- \t\r]*-)|!|;)[^\n]*")
#: Texts for a vertex or a weight that is missing.
NOTHING = IN_ENDS | MARKS
#: What to do with a vertex that stands alone.
LONE = "a vertex without edges is written as a loop, with itself at both ends"


class OpenQuotationError(InputError):
    """A quotation mark does not close in its line.

    Parameters
    ----------
    line : int
        Number of the line.
    """

    def __init__(self, line: int) -> None:
        super().__init__("a quotation mark does not close; double it if it is part of a name", line=line)


def refuse_other_comments(data: bytes) -> None:
    r"""Refuse lines that begin like comments of other languages, where other lines do not.

    Raises
    ------
    InputError
        Such a line may be a comment or an edge.

    Examples
    --------
    >>> refuse_other_comments(b"// roads\na b 3\n")
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: '// roads' may be a comment or an edge; if it is a comment, ...
    """
    found = _COMMENT.search(data) if any(mark in data for mark in _COMMENTS) else None
    if found is None:
        return
    mark = found[1]
    texts = [
        line.strip() for line in data.split(b"\n") if line.strip() and line.lstrip()[:1] not in (b"#", b"%")
    ]
    if all(text.startswith(mark) for text in texts):
        return  # a table of such names
    if mark == b";" and sum(b";" in text for text in texts) > sum(text.startswith(b";") for text in texts):
        return  # it separates columns
    sign = _COMMENTS[mark].decode()
    drop = f" or say --comments '#%{sign}'" if sign else ""
    raise InputError(
        f"{show(found[0].strip())} may be a comment or an edge; if it is a comment, remove it{drop}; if it is an edge, "
        "say --comments '#%' (comments= of derandkit.as_graph)",
        line=data.count(b"\n", 0, found.start()) + 1,
    )


def refuse_missing(data: bytes, labels: Sequence[object]) -> None:
    r"""Refuse vertices called ``NA``, ``null``, ``-`` and the like, which tables write for missing entries.

    Between quotation marks they are names.

    Raises
    ------
    InputError
        It names the first one.

    Examples
    --------
    >>> refuse_missing(b'a,"NA"\n', ["a", "NA"])
    >>> refuse_missing(b"a,b\na,NA\n", ["a", "b", "NA"])
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:2: 'NA' may be a missing entry or the name of a vertex; ...
    """
    if isinstance(labels, range):
        return
    for label in sorted(label for label in NOTHING.intersection(map(str, labels))):
        word = label.encode()
        if b'"' + word + b'"' in data or b"'" + word + b"'" in data:
            continue
        found = re.search(rb"(?m)(?:^|(?<=[\s,;|]))" + re.escape(word) + rb"(?=[\s,;|]|$)", data)
        at = None if found is None else data.count(b"\n", 0, found.start()) + 1
        raise InputError(
            f'{label!r} may be a missing entry or the name of a vertex; drop such lines, or write "{label}" in '
            "quotation marks",
            line=at,
        )


def stated_separator(data: bytes) -> tuple[bytes, str | None]:
    r"""Return the content without a first line ``sep=;``, as Excel writes and reads it, and the separator it names.

    The line is emptied, so that the numbers of the others stay.

    Examples
    --------
    >>> stated_separator(b"sep=;\na;b;3\n"), stated_separator(b"a;b;3\n")
    ((b'\na;b;3\n', ';'), (b'a;b;3\n', None))
    """
    found = _SEPARATOR.match(data)
    if found is None:
        return data, None
    return b"\n" + data[found.end() :], found[1].decode("latin-1")


def check_stated(stated: str, given: bytes | None) -> None:
    """Refuse a separator other than the one that the file names.

    Raises
    ------
    InputError
        The two differ.
    """
    if given is not None and given != stated.encode():
        names = {mark: name for name, mark in SEPARATORS.items()}
        name = names.get(given, repr(given.decode()))
        raise InputError(f"the first line says 'sep={stated}', but the separator was given as {name}", line=1)


def stated_direction(data: bytes, comments: bytes) -> tuple[str, ...]:
    r"""Return what has to be said if the comments at the beginning of a table call the graph directed.

    Examples
    --------
    >>> stated_direction(b"% asym unweighted\n1 2\n", b"#%")
    ('the file says that the graph is directed; directions are left out',)
    >>> stated_direction(b"# Undirected graph: ca-GrQc\n1\t2\n", b"#%")
    ()
    """
    text = comments_above(data, comments)
    stated = _ASYM.match(text) or (_DIRECTED.search(text) and not _UNDIRECTED.search(text))
    return ("the file says that the graph is directed; directions are left out",) if stated else ()


def refuse_undirected(data: bytes, comments: bytes) -> None:
    r"""Refuse a table whose comments at the beginning call the graph undirected, where arcs are wanted.

    Raises
    ------
    InputError
        It says what to do if the lines are arcs.

    Examples
    --------
    >>> refuse_undirected(b"# Directed graph\n1 2\n", b"#%")
    >>> refuse_undirected(b"% sym weighted\n1 2 5\n", b"#%")
    Traceback (most recent call last):
    derandkit.errors.InputError: the comment '% sym weighted' says that the graph is undirected; a directed cut ...
    """
    text = comments_above(data, comments)
    found = _SYM.match(text) or _UNDIRECTED.search(text)
    if found is not None:
        line = text[: found.end()].count(b"\n")
        raise InputError(
            f"the comment {show(text.splitlines()[line])} says that the graph is undirected; a directed cut needs arcs "
            "(for cuts use maxcut); remove it, or say --comments '#%' (comments= of derandkit.as_graph), if the lines "
            "are arcs"
        )


def comments_above(data: bytes, comments: bytes) -> bytes:
    """Comments at the beginning of a table."""
    head: list[bytes] = []
    for line in data[:65536].splitlines():
        text = line.strip()
        if text and text[0] not in comments:
            break
        head.append(text)
    return b"\n".join(head)


def check_count(data: bytes, comments: bytes) -> None:
    r"""Refuse a table with fewer lines than its comments announce, as KONECT and SNAP do.

    Raises
    ------
    InputError
        The file may be cut short.

    Examples
    --------
    >>> check_count(b"# Nodes: 5 Edges: 10\n1 2\n", b"#%")
    Traceback (most recent call last):
    derandkit.errors.InputError: the comments announce 10 edges, but the file has 1; it may be cut short ...
    """
    found = _KONECT_SIZE.match(data) or _SNAP_SIZE.search(comments_above(data, comments))
    if found is None:
        return
    announced = int(found[1])
    lines = sum(bool(text) and text[0] not in comments for text in map(bytes.strip, data.split(b"\n")))
    if lines < announced:
        raise InputError(
            f"the comments announce {announced} edges, but the file has {lines}; it may be cut short (remove that "
            "comment, or say --comments '#%', if it is as it should be)"
        )


def refuse_drawn(data: bytes) -> None:
    """Refuse a table that is drawn with lines, as psql and MySQL print it.

    Raises
    ------
    InputError
        It says how to save the table.
    """
    found = _DRAWN.search(data[:65536])
    if found is not None:
        raise InputError(
            "the table is drawn with rules of dashes, as a database prints it; save it as CSV (psql: --csv)",
            line=data.count(b"\n", 0, found.start()) + 1,
        )


def without_arrows(table: list[Row]) -> tuple[list[Row], bool | None]:
    """Take arrows between the two ends of every edge out of a table; return whether they give a direction.

    Returns
    -------
    table : list of Row
        Rows without the arrows, the tail of each arc first.
    directed : bool or None
        None if there are no arrows.

    Raises
    ------
    InputError
        Some edges have a direction and some have none, the ends are joined by arrows inside one column, or the arrow
        may be a vertex.

    Examples
    --------
    >>> without_arrows([Row(1, [b"a", b"<-", b"b"])])
    ([Row(line=1, columns=[b'b', b'a'])], True)
    """
    if all(len(row.columns) >= 3 and row.columns[1] in ARROWS for row in table):
        weighted = all(
            len(row.columns) == 3 and is_number(row.columns[2].replace(b",", b".")) for row in table
        )
        if weighted and not all(is_integer(row.columns[0]) for row in table):
            mark = show(table[0].columns[1])
            raise InputError(
                f"{mark} may be a mark between the ends of an edge, or a vertex and the third column a weight; leave "
                "the mark out, or name the columns",
                line=table[0].line,
            )
        plain = sum(row.columns[1] in _PLAIN for row in table)
        if plain not in (0, len(table)):
            raise InputError("some edges have a direction (->) and some have none (--)", line=table[0].line)
        free = [
            Row(row.line, _turned(row.columns[0], row.columns[2], row.columns[1]) + row.columns[3:])
            for row in table
        ]
        return free, plain == 0
    if all(len(row.columns) <= 2 and _JOINED.match(row.columns[0]) for row in table):
        text = show(table[0].columns[0])
        raise InputError(
            f"{text} may be an edge or a vertex; write the two ends in columns", line=table[0].line
        )
    return table, None


def _turned(left: bytes, right: bytes, arrow: bytes) -> list[bytes]:
    return [right, left] if arrow in _BACKWARD else [left, right]


def refuse_kinds(table: Sequence[Row], width: int) -> None:
    """Refuse a first column with one word in all lines, such as the ``e`` of DIMACS: a kind of line, or a vertex.

    Raises
    ------
    InputError
        It names both readings.
    """
    word = table[0].columns[0]
    if is_number(word) or not 3 <= width <= 4 or (len(table) < 2 and word.lower() not in (b"e", b"a")):
        return
    for row in table:
        cells = row.columns
        if len(cells) != width or cells[0] != word or not is_integer(cells[1]) or not is_number(cells[2]):
            return
    one, other = (cell.decode() for cell in table[0].columns[1:3])
    raise InputError(
        f"every line begins with {show(word)}: a kind of line, so that {one} and {other} are joined, or a vertex; "
        "remove that column, or say --input-format edgelist (input_format= of derandkit.as_graph) if it is a vertex",
        line=table[0].line,
    )
