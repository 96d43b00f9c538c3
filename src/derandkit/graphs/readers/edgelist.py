"""Edge lists and rudy files: fast where the text is plain, line by line where it is not.

Which of the two a file is, `derandkit.graphs.readers.decide` says; both ways of reading give the same graph or the same
message.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from derandkit.content import extension
from derandkit.errors import InputError, in_file
from derandkit.given.entries import exact_float
from derandkit.graphs.directions import graph_of_list, with_remarks
from derandkit.graphs.doubts import refuse_row_names
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import check_direction
from derandkit.graphs.objects.choice import choose_columns, refuse_numbers, stated_directions
from derandkit.graphs.objects.columns import ends_among, known_ends, refuse_values
from derandkit.graphs.objects.heads import refuse_stated_order, said_of_arcs
from derandkit.graphs.objects.names import refuse_missing_numbers
from derandkit.graphs.objects.parts import are_counted, decide_matrix, refuse_totals
from derandkit.graphs.objects.signs import sign_of
from derandkit.graphs.readers.arrays.matrices import check_cells, matrix_of
from derandkit.graphs.readers.decide import (
    Case,
    body_of,
    check_counts_as_floats,
    check_index,
    check_loops,
    check_neighbours,
    check_weights_of_vertices,
    may_be_numbered,
    resolve,
)
from derandkit.graphs.readers.dialects import Dialect, find_dialect
from derandkit.graphs.readers.formats.adjacency import read_metis
from derandkit.graphs.readers.headers import (
    check_numbered,
    check_row_names,
    commented_header,
    header_and_rows,
    plain_names,
    refuse_name_of_weights,
    say_edges,
    without_second_headers,
)
from derandkit.graphs.readers.layouts import refuse_other_layouts
from derandkit.graphs.readers.linebreaks import over_lines
from derandkit.graphs.readers.marks import (
    QUOTED,
    RULE,
    check_count,
    check_stated,
    refuse_drawn,
    refuse_kinds,
    refuse_missing,
    refuse_other_comments,
    refuse_undirected,
    stated_direction,
    stated_separator,
    without_arrows,
)
from derandkit.graphs.readers.plain import read_fast
from derandkit.graphs.readers.rows import (
    check_widths,
    read_rudy,
    refuse_codes,
    weights_in,
    with_points_in_ends,
    without_times,
)
from derandkit.graphs.readers.strays import (
    EDGES,
    counted_rows,
    refuse_formats,
    refuse_signs,
    unboxed,
    without_empty_rows,
    without_last_separator,
)
from derandkit.graphs.readers.tables import (
    Line,
    cells_of,
    check_comments,
    check_hidden_rows,
    is_cell,
    is_weight,
    konect_kind,
    lines_of,
    may_be_number,
    numbered,
    texts,
    with_corner,
    with_empty_ends,
)
from derandkit.graphs.readers.text import Row, is_integer, is_number
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import weights_of

#: A line whose first cell alone stands in quotation marks, as R writes the names of rows.
_NAMED_ROW = re.compile(rb'"\d+"[^"]*$')
#: Signs that only the careful reader understands.
_SPECIAL = re.compile(rb"[\"';|{]")


def read_table(
    data: bytes,
    path: str,
    *,
    kind: str,
    hint: str | None,
    weighted: bool = True,
    options: ReadOptions | None = None,
) -> WeightedGraph:
    r"""Read an edge list, a rudy file or a matrix of numbers.

    Parameters
    ----------
    data : bytes
        Uncompressed content in UTF-8.
    path : str
        For messages, and for what its extension says.
    kind : {"auto", "edgelist", "rudy", "matrix"}
        What the caller says it is.
    hint : {"edgelist", "rudy"}, optional
        What the file's name says it is; counts only where the content fits both.
    weighted : bool
        False: check the third column but give every line weight 1.
    options : ReadOptions, optional
        What else the caller says.

    Returns
    -------
    WeightedGraph

    Raises
    ------
    InputError
        The first bad line, or a format that cannot be determined.

    Examples
    --------
    >>> read_table(b"3 2\n1 2 5\n2 3 -1\n", "-", kind="auto", hint=None, weighted=True)
    WeightedGraph(n=3, m=2, total_weight=4)
    """
    options = options or ReadOptions() if weighted else ReadOptions(weight=None)
    data, stated = stated_separator(data)
    remarks: tuple[str, ...] = ()
    if stated is not None:
        check_stated(stated, options.separator_bytes)
        options = replace(options, separator=stated)
        remarks = (f"the first line 'sep={stated}' names the separator",)
    data, boxed = unboxed(data)
    if boxed:
        options = replace(options, separator=options.separator or "bar")
        remarks = (*remarks, "the bars at both ends of each line were left out")
    case = Case(path, kind, hint, options)
    with in_file(path):
        return with_remarks(over_lines(data, options, lambda text: _table_of(text, case)), remarks)


def _table_of(data: bytes, case: Case) -> WeightedGraph:
    """Graph of a table with one row a line."""
    options, comments = case.options, case.options.comment_signs
    remarks: tuple[str, ...] = ()
    refuse_drawn(data)
    check_comments(data, comments, options.comments is not None)
    if options.comments is None:
        check_count(data, comments)
        refuse_other_comments(data)
        if case.kind == "auto":
            refuse_formats(data, extension(case.path))
            refuse_other_layouts(data, comments, options.weight is not None, options.arcs)
    if options.symmetrize is None:
        remarks = stated_direction(data, comments)
    elif options.arcs and options.comments is None:
        refuse_undirected(data, comments)
    fast = (
        options.separator is None
        and options.header is None
        and case.kind != "matrix"
        and not _SPECIAL.search(data)
    )
    graph = read_fast(data, case, comments) if fast else None
    graph = _read_carefully(data, case, comments) if graph is None else graph
    refuse_missing(data, graph.labels)
    if case.kind == "auto":
        refuse_missing_numbers(graph.labels)
    return with_remarks(graph, remarks)


def _read_carefully(data: bytes, case: Case, comments: bytes) -> WeightedGraph:
    """Graph of any table, line by line."""
    lines = list(lines_of(data, comments))
    if not lines:
        raise InputError("the file holds only comments and blank lines; no graph")
    kept, remarks = without_empty_rows([line.text for line in lines])
    count, lines = len(lines), lines[kept]
    free, said = without_last_separator([line.text for line in lines], case.options.separator_bytes, count)
    if said:
        lines = [line._replace(text=text) for line, text in zip(lines, free, strict=True)]
        remarks = (*remarks, said)
    with in_file(None, lines[0].number):
        counted = counted_rows(free)
    if counted:
        remarks = (*remarks, f"the first line, {free[0].decode()}, counts the rows below it")
    return with_remarks(_of_lines(data, lines[int(counted) :], case, comments), remarks)


def _of_lines(data: bytes, lines: list[Line], case: Case, comments: bytes) -> WeightedGraph:
    """Graph of lines that are neither blank nor comments; `data` is the whole text."""
    lines = with_empty_ends(data, lines)
    corner = with_corner(data, lines)
    if corner is not None and case.options.separator in (None, "tab", "\t"):
        lines[0] = corner
        case = case._replace(options=replace(case.options, separator="tab"))
    konect = konect_kind(data)
    if konect == "bip":
        raise InputError(
            "the two sides of this bipartite graph are numbered apart; add an offset to one side"
        )
    if lines[0].attributes is not None:
        return _read_attributes(lines, case)
    dialect = find_dialect(lines, case.options, konect is not None)
    table: list[Row] = []
    for line in lines:
        if line.attributes is not None:
            raise InputError("attributes behind an edge, but not behind the first one", line=line.number)
        table.append(Row(line.number, cells_of(line.text, dialect.separator, line.number)))
    if case.options.comments is None and any(sign in data for sign in comments):
        check_hidden_rows(data, comments, table, dialect.separator)
    above = commented_header(data, comments, dialect, table, case.options)
    if above is not None:
        case = case._replace(options=replace(case.options, header=True))
        table = [above, *table]
    table, directed = without_arrows([plain_names(table[0], table[1:]), *table[1:]])
    if directed is not None:
        check_direction(directed, case.options.symmetrize)
    is_list = case.is_list or case.hint == "rudy" or directed is not None
    if case.kind == "auto" and not is_list:
        _refuse_metis(data, table, case)
    table, second = without_second_headers(table, case.options.header)
    matrix = matrix_of(table, dialect, case.kind, is_list, case.options)
    if matrix is not None:
        return with_remarks(matrix, second)
    first, rest = table[0], table[1:]
    if directed is None and case.kind == "auto" and not case.is_list:
        check_weights_of_vertices(first, rest, case)
        check_counts_as_floats(first, rest, case)
    if directed is None and resolve(first, body_of(rest), case) == "rudy":
        return read_rudy(first, rest, case)
    columns = ["u", "v", "weight"]
    remarks: tuple[str, ...] = ()
    if konect is not None and all(len(row.columns) == 4 for row in table):
        table = [Row(row.line, row.columns[:3]) for row in table]
        remarks = ("the fourth column, the time, is not used",)
    if not is_list:
        refuse_kinds(table, len(first.columns))
    if not is_list or (directed is not None and case.kind == "auto"):
        refuse_signs(table)
    (named, rest, again), directions = header_and_rows(first, rest, case.options.header), None
    if named:
        if rest and all(len(row.columns) == len(first.columns) + 1 for row in rest):
            check_row_names(texts(first.columns), rest, [line.text for line in lines[-len(rest) :]])
        table, columns, remarks, directions = _named_columns(first, rest, dialect, case)
        remarks += again + (("the comment above the lines names the columns",) if above is not None else ())
    else:
        words = not all(is_integer(token) for row in rest for token in row.columns[:2])
        if may_be_numbered(first, dialect.name, case, words=words or lines[0].text.startswith(b'"')):
            ends = {tuple(sorted(row.columns[:2])) for row in rest}
            vertices = {end for pair in ends for end in pair}
            among = (b"0", b"1") not in ends and b"0" in vertices and b"1" in vertices
            remarks += check_numbered(first, among)
        if dialect.separator:
            check_cells(table, dialect)
        check_widths(table, "'u v' or 'u v weight'")
        table, remarks = without_times(table, remarks, case.weighted)
        if case.options.header is None:
            refuse_name_of_weights(first, rest)
    quoted = all(_NAMED_ROW.match(line.text) for line in lines)
    return _read_edgelist(table, dialect, columns, named, second + remarks, case, directions, quoted)


def _named_columns(
    first: Row, rest: list[Row], dialect: Dialect, case: Case
) -> tuple[list[Row], list[str], tuple[str, ...], list[bool] | None]:
    """Two or three columns of a table that has a header, their names, what has to be said, and directions."""
    ruled = bool(rest) and all(map(RULE.fullmatch, rest[0].columns))
    rest = rest[1:] if ruled else rest
    if not rest:
        raise InputError("the file holds a header and no edges", line=first.line)
    names = texts(first.columns)
    width = len(rest[0].columns)
    if len(names) == width - 1:  # R writes no name over the names of rows
        names = ["", *names]
    if dialect.separator:
        check_cells([], dialect)
    for row in rest:
        if len(row.columns) != len(names):
            raise InputError(f"{len(row.columns)} columns, but the header names {len(names)}", line=row.line)
    if len(names) == 1:
        raise InputError("1 column; expected 'u v' or 'u v weight'", line=first.line)
    columns = [[row.columns[k] for row in rest] for k in range(len(names))]
    directed, at = stated_directions(names, [texts(column) for column in columns])
    if at is not None:
        names = [name for k, name in enumerate(names) if k != at]
        columns = [column for k, column in enumerate(columns) if k != at]
        rest = [Row(row.line, [x for k, x in enumerate(row.columns) if k != at]) for row in rest]
    numeric = [all(is_weight(cell) or sign_of(cell.decode()) for cell in column) for column in columns]
    if len(names) > 3 and not any(map(str.strip, names[:2])) and decide_matrix(names[2:]):
        raise InputError(
            "the first two columns have no names: names of the rows of a matrix, or the ends of edges? For edges name "
            "them 'source' and 'target', for a matrix keep the one that is called as the columns are",
            line=first.line,
        )
    if ends_among(names) is None and len(names) == 3:
        numeric[2] = True  # so that a bad weight is named with its line
    square = len(rest) == len(names) - 1 and are_counted(names[1:])  # R calls the columns of a matrix so
    if (ends_among(names) is None or square) and not names[0].strip() and len(names) > 2:
        beside = [cell for cell in texts(columns[0]) if not is_number(cell.encode())]
        if len(beside) == len(rest):
            refuse_totals(names[1:], beside)
            refuse_row_names(names[1:], beside, [all(map(is_cell, column)) for column in columns[1:]])
        refuse_numbers(names, numeric, case.options.weight)
    elif case.options.header is None and len(names) == 3:
        refuse_numbers(names, [all(map(is_weight, column)) for column in columns], case.options.weight)
    partly = [not all(map(is_weight, column)) and any(map(may_be_number, column)) for column in columns]
    cells = [texts(column) for column in columns]
    found = choose_columns(names, numeric, case.options.weight, partly, cells)
    used = [found.u, found.v] + ([] if found.weight is None else [found.weight])
    table = [Row(row.line, [row.columns[k] for k in used]) for row in rest]
    check_cells(table, dialect)
    refuse_stated_order(names, cells, case.options.arcs)
    remarks = (*found.remarks, *said_of_arcs(names, (found.u, found.v), case.options.arcs))
    remarks = (*remarks, "the rule of dashes below the header was left out") if ruled else remarks
    return table, [names[k] for k in used], remarks, directed


def _refuse_metis(data: bytes, table: list[Row], case: Case) -> None:
    """Refuse lines below ``n m`` or ``n m fmt`` that list the neighbours of each vertex, as METIS writes them.

    `derandkit.graphs.readers.decide.resolve` knows those whose lines are all as wide as the first.

    Raises
    ------
    InputError
        It names both readings.
    """
    first = table[0].columns
    widths = {len(row.columns) for row in table}
    if (
        not 2 <= len(first) <= 4
        or not all(map(bytes.isdigit, first))
        or (len(first) == 2 and len(widths) == 1)
    ):
        return
    n, code = int(first[0]), first[2] if len(first) > 2 else b"0"
    if not len(table) - 1 <= n < len(data) or set(code) - set(b"01") or len(code) > 3:
        return
    try:
        read_metis(data, case.path, ReadOptions(input_format="metis"))
    except InputError:
        return
    line = b" ".join(first).decode()
    raise InputError(
        f"the first line '{line}' may begin a METIS file, whose {n} lines list the neighbours of each vertex; say "
        "--input-format metis if it is so, else edgelist or rudy (input_format= of derandkit.as_graph)",
        line=table[0].line,
    )


def _read_attributes(lines: list[Line], case: Case) -> WeightedGraph:
    """Graph of lines ``u v {...}``, as networkx writes them."""
    table: list[Row] = []
    attributes: list[dict[str, object]] = []
    bare = [QUOTED.sub(b"", line.text) for line in lines]
    mark = next((mark for mark in (b",", b"\t", b";") if all(mark in text for text in bare)), b"")
    for line in lines:
        row = Row(line.number, cells_of(line.text, mark, line.number))
        if line.attributes is None or len(row.columns) != 2:
            text = f"{len(row.columns)} columns before the attributes; expected two"
            raise InputError(text if line.attributes is not None else "no attributes {...}", line=line.number)
        table.append(row)
        attributes.append(line.attributes)
    values, choice = weights_of(attributes, case.options.weight)
    w: list[float] = []
    for row, value in zip(table, values, strict=True):
        try:
            w.append(exact_float(value))
        except InputError as error:
            raise InputError(error.message, line=row.line) from None
    labels, i, j = numbered(table)
    reading = Reading("edge list of networkx", weight=choice.name, remarks=choice.remarks)
    return graph_of_list(i, j, np.array(w), case.options, reading, labels=labels)


def _read_edgelist(
    table: list[Row],
    dialect: Dialect,
    columns: list[str],
    named: bool,
    remarks: tuple[str, ...],
    case: Case,
    directed: list[bool] | None = None,
    quoted: bool = False,
) -> WeightedGraph:
    values, said = weights_in(table, dialect.separator, words=named)
    w = np.array(values, dtype=np.float64)
    width = len(table[0].columns)
    remarks = (*remarks, said) if said else remarks
    if not named and width == 3:
        refuse_codes(table)
    table = with_points_in_ends(table, columns if named else (), case)
    labels, i, j = numbered(table)
    if width == 2 and not case.is_list:
        sure = named and known_ends(columns) is not None
        shown = [x.replace(",", ".") if isinstance(x, str) and is_weight(x.encode()) else x for x in labels]
        refuse_values([shown[k] for k in i], [shown[k] for k in j], EDGES, named=sure)
    real = all(isinstance(label, str) and is_number(label.encode()) for label in labels)
    if real and not case.is_list and not all(float(label).is_integer() for label in labels):
        raise InputError(
            f"the vertices are numbers, such as {labels[0]}, and not all whole: a table of points, or an edge list? "
            "For an edge list say --input-format edgelist (input_format= of derandkit.as_graph)",
            line=table[0].line,
        )
    if all(isinstance(label, int) and abs(label) < 2**62 for label in labels):
        numbers = np.array(labels, dtype=np.int64)
        ids = np.stack([numbers[i], numbers[j]], axis=1)
        check_loops(case, ids, w if width == 3 else None)
        if not named:
            check_index(case, dialect.name, ids, w if width == 3 else None, quoted=quoted)
        if not (named and say_edges(columns[:width])):
            check_neighbours(case, ids, w if width == 3 else None)
    reading = Reading("edge list", dialect.name, tuple(columns[:width]), int(named), remarks=remarks)
    weights = w if width == 3 else None
    return graph_of_list(i, j, weights, case.options, reading, labels=labels, directed=directed)
