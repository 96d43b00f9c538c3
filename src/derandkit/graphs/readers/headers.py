"""Whether the first line of a table names its columns.

A header is a line of words whose names are known (``source``, ``target``, ``weight`` and the like) and are no vertices;
where it could be an edge as well, the reader asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from derandkit.errors import InputError
from derandkit.graphs.objects.columns import WORDS, ends_among, known_ends
from derandkit.graphs.objects.heads import way_of
from derandkit.graphs.objects.parts import are_counted
from derandkit.graphs.objects.signs import sign_of
from derandkit.graphs.readers.dialects import Dialect
from derandkit.graphs.readers.tables import DECIMAL_COMMA, cells_of, is_weight, texts
from derandkit.graphs.readers.text import Row, is_integer, is_number, show
from derandkit.graphs.reading import ReadOptions
from derandkit.graphs.weights import WEIGHTS
from derandkit.missing import in_number
from derandkit.tables import said_of_copies

ASK_HEADER = "say which with --header or --no-header (header= of derandkit.as_graph)"
NUMBERED = "the first line counts 0, 1, ... as pandas names columns, but was read as an edge (--header if it is none)"
#: Words that stand for a number as often as they name a column.
_VALUES = frozenset(
    [
        "true", "false", "yes", "no", "y", "high", "low", "medium", "strong", "weak", "big",
        "small", "large", "none", "unknown", "error", "err", "fail", "failed", "tbd", "pending", "inf",
        "infinity", "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
        "ten", "many", "few", "some", "all",
    ]
)  # fmt: skip
#: An end of Neo4j's importer with the space in which its ids are unique.
_SPACE = re.compile(rb":(?:START|END)_ID\(([^()]+)\)")
_QUOTED_NAME = re.compile(rb'"[^"]*"[ \t]*(?:[,;|][ \t]*)?(?!")')


def say_edges(names: Sequence[str]) -> bool:
    """Whether names of columns say that two of them are the ends of edges, or that the third one is a weight.

    Examples
    --------
    >>> say_edges(["from", "to"]), say_edges(["a", "b", "weight"]), say_edges(["V1", "V2"]), say_edges([])
    (True, True, False, False)
    """
    if not names or are_counted(names) or all(name.strip().isdigit() for name in names):
        return False
    return ends_among(names) is not None or (len(names) == 3 and names[2].strip().lower() in WEIGHTS)


def has_header(first: Row, rest: Sequence[Row], given: bool | None) -> bool:
    """Whether the first row of an edge list names its columns.

    Raises
    ------
    InputError
        It could be a header or an edge.

    Examples
    --------
    >>> has_header(Row(1, [b"source", b"target"]), [Row(2, [b"A", b"B"])], None)
    True
    """
    if given is not None:
        return given
    cells = first.columns
    if len(cells) > 2 and not cells[0] and is_numbered(cells[1:]):
        return True  # pandas, with its index and numbers for names
    if len(cells) == 4 and not cells[0] and cells[1:3] == [b"level_0", b"level_1"]:
        return True  # a series over pairs after reset_index
    if not rest and len(cells) in (2, 3) and known_ends(texts(cells)) is not None:
        raise InputError(
            f"the file holds one line, {show(b' '.join(cells))}: column names and no edges, or an edge; {ASK_HEADER}",
            line=first.line,
        )
    width = len(rest[0].columns) if rest else len(cells)
    if rest and width == len(cells) == 3 and cells[2] == b"0" and not any(map(is_number, cells[:2])):
        below = {cell for row in rest for cell in row.columns[:2]}
        if cells[0] != cells[1] and not below & set(
            cells[:2]
        ):  # pandas calls the values of a series without a name 0
            if known_ends(texts(cells)) is not None:
                return True
            raise InputError(
                f"{show(b' '.join(cells))} may name the columns, as pandas does, or be an edge of weight 0; "
                f"{ASK_HEADER}",
                line=first.line,
            )
    if rest and width == len(cells):
        _refuse_names_before_a_number(first, rest)
    if not rest or any(is_number(cell) or DECIMAL_COMMA.fullmatch(cell) for cell in cells):
        return False
    names = texts(cells)
    ends = known_ends(names)
    if width < 2 or len(cells) not in (width, width - 1) or len(cells) < 2:
        return False
    if len(cells) != width or width > 3:
        return True  # a line of words over wider lines, or over more columns than an edge has
    at = ends or (0, 1)
    vertices = {row.columns[k] for row in rest for k in at if k < len(row.columns)}
    occurs = any(cells[k] in vertices for k in at)
    what = show(b" ".join(cells))
    if width == 3 and ends is None and not is_number(cells[2]):
        known = names[2].strip().lower() in WEIGHTS
        numbers = all(is_weight(row.columns[2]) for row in rest if len(row.columns) == 3)
        if known and numbers:
            return True  # no edge weighs "weight"
        if occurs or not (is_weight(rest[0].columns[2]) or sign_of(texts(rest[0].columns)[2])):
            return False  # an edge whose weight is no number, as the reader will say
        if known or (numbers and _names_weights(names[2])):
            return True
        raise InputError(
            f"{what} looks like column names, but none that is known, or an edge whose weight is no number; "
            f"{ASK_HEADER}",
            line=first.line,
        )
    numbers = all(is_number(cell) for cell in vertices)
    if ends is not None and not occurs:
        if width == 2 and _are_numbered_alike([cells[k] for k in at], vertices):
            raise InputError(f"{what} looks like column names, or an edge; {ASK_HEADER}", line=first.line)
        return True
    if ends is None and occurs:
        return False
    if numbers and (ends_among(names[:2]) == (0, 1) or _name_ends(names[:2])):
        return True  # "protein1 protein2" above numbers: two words that differ in their last letter are no edge there
    if numbers or ends is not None or not occurs:
        raise InputError(f"{what} looks like column names, or an edge; {ASK_HEADER}", line=first.line)
    return False


def _are_numbered_alike(names: Sequence[bytes], vertices: Iterable[bytes]) -> bool:
    """Whether names are one word with numbers behind it, as a vertex below them is.

    Examples
    --------
    >>> _are_numbered_alike([b"node1", b"node2"], [b"node4"]), _are_numbered_alike([b"node1", b"node2"], [b"n4", b"4"])
    (True, False)
    """
    stems = {name.lower().rstrip(b"0123456789") for name in names}
    if len(stems) != 1 or any(name[-1:] not in b"0123456789" for name in names):
        return False
    (stem,) = stems
    return any(v.lower().startswith(stem) and v[len(stem) :].isdigit() for v in vertices)


#: Two words that above whole numbers, each of which may stand in both columns, can only name two ends.
_PAIRS = ({"n1", "n2"}, {"user", "friend"})


def _name_ends(names: Sequence[str]) -> bool:
    """Whether two words above whole numbers name the ends of edges, though they may name something else elsewhere.

    Examples
    --------
    >>> _name_ends(["recipient_id", "sender_id"]), _name_ends(["n1", "n2"]), _name_ends(["gene2", "gene1"])
    (True, True, False)
    """
    small = [name.strip().lower() for name in names]
    turned = ends_among(names) == (1, 0) and way_of(names[0], names[1]) == "turned"
    return turned or set(small) in _PAIRS


def _copies_of(first: Row, rest: Sequence[Row]) -> tuple[list[int], list[Row]]:
    """Return the lines of the rows that repeat the first one, and the other rows."""
    copies = [row.line for row in rest if row.columns == first.columns]
    return copies, [row for row in rest if row.columns != first.columns] if copies else list(rest)


def header_and_rows(
    first: Row, rest: list[Row], given: bool | None
) -> tuple[bool, list[Row], tuple[str, ...]]:
    """Return whether the first row names the columns, the rows below without those that repeat it, and remarks.

    Tables that were put together have their header again. Such a row decides nothing about the first one; beside it,
    a row that follows at once may be a parallel edge.

    Raises
    ------
    InputError
        As `has_header` does.

    Examples
    --------
    >>> table = [Row(k, cells.split()) for k, cells in enumerate([b"source target", b"a b", b"source target", b"c d"])]
    >>> header_and_rows(table[0], table[1:], None)[::2]
    (True, ('line 2 holds the names of the columns again and was left out',))
    """
    copies, others = _copies_of(first, rest)
    if not others or not copies or (len(copies) == 1 and rest[0].columns == first.columns):
        return has_header(first, rest, given), rest, ()
    if not has_header(first, others, given):
        return False, rest, ()
    return True, others, (said_of_copies(copies),)


def without_second_headers(table: list[Row], given: bool | None) -> tuple[list[Row], tuple[str, ...]]:
    """Return rows without those that repeat a first row of words above numbers, and what has to be said.

    Behind the second column, or with an empty corner, such a row is no edge, and no row of a matrix.

    Examples
    --------
    >>> table = [Row(k, cells.split(b",")) for k, cells in enumerate([b",a,b", b"a,0,1", b",a,b", b"b,1,0"])]
    >>> len(without_second_headers(table, None)[0])
    3
    """
    first, *rest = table
    copies, others = _copies_of(first, rest)
    if given is False or not copies or not others:
        return table, ()
    at = range(1 if not first.columns[0] else 2, len(first.columns))
    if not any(
        _names_weights(texts(first.columns)[k])
        and all(len(row.columns) > k and is_weight(row.columns[k]) for row in others)
        for k in at
    ):
        return table, ()
    return [first, *others], (said_of_copies(copies),)


def _names_weights(name: str) -> bool:
    """Whether a word above a column of numbers can only be its name: it says nothing of one number.

    Examples
    --------
    >>> [_names_weights(word) for word in ("hours", "n", "NA", "high", "l0")]
    [True, True, False, False, False]
    """
    small = name.strip().lower()
    word = any(map(str.isalpha, small)) and not any(map(str.isdigit, small))
    return word and not in_number(small) and sign_of(small) is None and small not in _VALUES


def refuse_name_of_weights(first: Row, rest: Sequence[Row]) -> None:
    """Refuse a first line whose weight is a word above numbers, as names of columns are, and say what to do.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_name_of_weights(Row(1, [b"a", b"b", b"km"]), [Row(2, [b"a", b"b", b"5"])])
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: weight 'km' is not a number; if 'a b km' names the columns, say --header ...
    """
    table = [first, *rest]
    if all(len(row.columns) == 3 for row in table) and not any(is_weight(row.columns[2]) for row in table):
        one, two, three = ({row.columns[k] for row in table} for k in range(3))
        if three <= one | two and two <= one | three:
            raise InputError(
                f"the third column holds names, such as {show(first.columns[2])}, which stand in the others too: lists "
                "of neighbours? Say --input-format adjlist (with blanks between them), or write one edge a line",
                line=first.line,
            )
    if len(first.columns) != 3 or not rest or not all(is_weight(row.columns[2]) for row in rest):
        return
    if _names_weights(texts(first.columns)[2]) and not any(map(is_number, first.columns)):
        raise InputError(
            f"weight {show(first.columns[2])} is not a number; if {show(b' '.join(first.columns))} names the columns, "
            "say --header (header=True of derandkit.read_graph)",
            line=first.line,
        )


def _refuse_names_before_a_number(first: Row, rest: Sequence[Row]) -> None:
    """Refuse ``source,target,2019`` and ``source,0`` above other vertices: names of columns, or an edge."""
    cells = first.columns
    if len(cells) not in (2, 3) or not is_number(cells[-1]):
        return
    words = [word.strip().lower() for word in texts(cells[:-1])]
    if (
        (tuple(words) not in WORDS and tuple(words[::-1]) not in WORDS)
        if len(words) == 2
        else (words[0] not in {end for pair in WORDS for end in pair})
    ):
        return
    below = {cell for row in rest for cell in row.columns[:2]}
    if below.isdisjoint(cells[:2]):
        raise InputError(
            f"{show(b' '.join(cells))} may name the columns, or be an edge; {ASK_HEADER}", line=first.line
        )


def commented_header(
    data: bytes, comments: bytes, dialect: Dialect, table: Sequence[Row], options: ReadOptions
) -> Row | None:
    """Return the names of columns in a comment above lines that cannot be read without them; None if there are none.

    STRING writes ``#node1``, ``node2`` and so on above five columns and more. Above three columns the names count
    only for a weight that was named.
    """
    width = len(table[0].columns)
    if (
        options.header is not None
        or options.comments is not None
        or any(len(row.columns) != width for row in table)
    ):
        return None
    if width < 3 or (width == 3 and not isinstance(options.weight, str)):
        return None
    lines = [line for line in data.split(b"\n")[: table[0].line - 1] if line.strip()]
    if not lines or lines[-1].strip()[0] not in comments:
        return None
    text = lines[-1].strip().lstrip(comments).strip()
    try:
        cells = cells_of(text, dialect.separator, table[0].line - 1)
    except InputError:
        return None
    found = len(cells) == width and ends_among(texts(cells)) is not None
    return Row(table[0].line - 1, cells) if found and known_ends(texts(table[0].columns)) is None else None


def plain_names(first: Row, rest: Sequence[Row] = ()) -> Row:
    """Return a first line with the names of Neo4j in plain words: ``:START_ID``, ``:END_ID`` and ``cost:float``.

    Amazon Neptune has types behind names, too, beside ``~from`` and ``~to``.

    pandas writes ``,,0`` above a series over pairs without names, which becomes ``source,target,0``.

    Raises
    ------
    InputError
        The ends are of two id spaces, ``:START_ID(Person)`` and ``:END_ID(Movie)``, and one id stands in both.

    Examples
    --------
    >>> plain_names(Row(1, [b":START_ID(City)", b":END_ID(City)", b"km:float", b":TYPE"])).columns
    [b'source', b'target', b'km', b':TYPE']
    """
    cells = first.columns
    if (
        len(cells) == 3
        and cells[:2] == [b"", b""]
        and cells[2]
        and not (is_number(cells[2]) and cells[2] != b"0")
    ):
        return Row(first.line, [b"source", b"target", cells[2]])
    neptune = {b"~from", b"~to"} <= set(cells)
    if not neptune and not all(
        any(cell.startswith(end) for cell in cells) for end in (b":START_ID", b":END_ID")
    ):
        return first
    ends = {b":START_ID": b"source", b":END_ID": b"target"}
    spaces = [
        (k, match[1].decode("utf-8", "replace"))
        for k, cell in enumerate(cells)
        if (match := _SPACE.fullmatch(cell))
    ]
    if len(spaces) == 2 and spaces[0][1] != spaces[1][1]:
        (k, one), (at, other) = spaces
        whole = [row.columns for row in rest if len(row.columns) > max(k, at)]
        both = {row[k].strip() for row in whole} & {row[at].strip() for row in whole}
        if both:
            raise InputError(
                f"the id spaces {one!r} and {other!r} number their nodes apart: {show(min(both))} stands in both, for "
                "two nodes; write a letter before the ids of one, or ':START_ID' and ':END_ID' alone if they are one "
                "space",
                line=first.line,
            )
    return Row(
        first.line, [ends.get(cell.partition(b"(")[0], re.sub(rb"(?<=.):\w+$", b"", cell)) for cell in cells]
    )


def is_numbered(cells: Sequence[bytes]) -> bool:
    """Whether cells count 0, 1, 2, ... as pandas names columns.

    Examples
    --------
    >>> is_numbered([b"0", b"1", b"2"]), is_numbered([b"1", b"2"])
    (True, False)
    """
    return len(cells) > 1 and all(cell == b"%d" % k for k, cell in enumerate(cells))


def check_numbered(first: Row, among: bool) -> tuple[str, ...]:
    """Return what has to be said about a first line ``0,1,2`` that is read as an edge, or refuse it.

    Parameters
    ----------
    first : Row
        The first line of the file.
    among : bool
        Whether the lines below name the vertices 0 and 1, and do not join them.

    Raises
    ------
    InputError
        The line may name the columns as well.
    """
    if not among:
        line = ",".join(texts(first.columns))
        text = f"the first line '{line}' may name the columns, as pandas does, or be an edge; {ASK_HEADER}"
        raise InputError(text, line=first.line)
    return (NUMBERED,)


def check_row_names(names: Sequence[str], rest: Sequence[Row], lines: Sequence[bytes]) -> None:
    """Refuse lines with one column more than the header names, unless the first one counts rows as R does.

    Parameters
    ----------
    names : sequence of str
        What the header names.
    rest : sequence of Row
        The lines below it, each with ``len(names) + 1`` columns.
    lines : sequence of bytes
        Their text, which shows the quotation marks.

    Raises
    ------
    InputError
        The last column may be the one without a name.

    Examples
    --------
    >>> check_row_names(["from", "to"], [Row(2, [b"1", b"a", b"b"])], [b'"1" "a" "b"'])
    """
    rows = [row.columns[0] for row in rest]
    whole = len(set(rows)) == len(rows) and all(map(is_integer, rows))
    marked = all(map(_QUOTED_NAME.match, lines))
    small = [name.strip().lower() for name in names]
    at = next((k for k in range(2, len(names)) if small[k] in WEIGHTS), len(names))
    last_is_weight = all(is_weight(row.columns[at]) for row in rest)
    counted = any(rows == [b"%d" % (first + k) for k in range(len(rows))] for first in (0, 1))
    if whole and (marked or (counted and not last_is_weight)):
        return
    names_and_columns = f"the header names {len(names)} columns, but the lines have {len(names) + 1}"
    raise InputError(
        f"{names_and_columns}: the first may number the lines, as R writes them, or the last may lack a name; name "
        "every column",
        line=rest[0].line,
    )
