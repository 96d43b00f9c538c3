"""Instances read from plain text files, with distrust: what derandkit might read in another way is refused here.

Graphs and directed graphs are lines `u v [weight]`; graphs also lines `i j weight` below a line that counts vertices
and edges (rudy, the format of the Gset), or the rows of a symmetric matrix, maybe below a line that counts them.
Models are lines `i j w`, under `# vartype=SPIN` or `BINARY` or without (dimod's COO), or under `p qubo ...` (qbsolv);
clauses are DIMACS `cnf` or `wcnf` files, the latter without a header too (of 2022, with `h` for hard ones); points are
rows of numbers, maybe below a row of names. Lines that begin with `#` (of graphs also `%`; in DIMACS and qbsolv `c`)
are comments. Blanks are spaces and tabs, numbers are decimal. derandkit reads many more formats.
"""

import re
from os.path import splitext

from doubts import likely, parted, refuse_headers, refuse_others
from headers import WHOLE
from instances import Arcs, Balance, Clauses, Graph, Model
from meanings import refuse_comments, refuse_matrix, refuse_rows, refuse_signs
from names import refuse_names
from report import Refused, need
from texts import announced, count, exact, lines, number, numbered, words

from tables import read_points

#: Names of files that say that their lines are edges.
EDGES = (".edgelist", ".edges", ".el", ".ncol")
#: Names of files that say that their first line counts vertices and edges.
COUNTED = (".rudy", ".rud", ".mc", ".gset")
#: Names of files that say nothing, or that their lines are those of a table.
ANY = ("", ".txt", ".dat", ".data", ".csv", ".tsv")
#: Words of a comment that say that lines are edges, where arcs are wanted.
UNDIRECTED = re.compile(
    r"(?:\bnot|\bnon|\bun)[\s_-]*directed\b|\bdirected\b\W{1,3}(?:false|no|0)\b|^%[ \t]*sym\b", re.IGNORECASE
)


def read_matrix(rows):
    """Read the rows of a symmetric matrix of order 4 or more, None if they are none; loops are left out."""
    if len(rows) < 4 or {len(row) for row in rows} != {len(rows)}:
        return None
    A = [[number(word) + 0.0 for word in row] for row in rows]
    refuse_matrix(A)
    pairs = [(i, j) for j in range(len(A)) for i in range(j)]
    need(all(A[i][j] == A[j][i] for i, j in pairs), "the matrix is not symmetric")
    return Graph(range(len(A)), [(i, j, A[i][j]) for i, j in pairs if A[i][j]])


def read_rudy(rows, named):
    """Read lines `i j weight` below a line `n m`, of vertices 1 to n; None if they are no such lines.

    In a file that is named for its counts (`named`) lines may also be `i j`, and are nothing else.
    """
    head, *below = rows
    widths = {len(row) for row in below}
    fits = len(head) == 2 and all(map(WHOLE.fullmatch, head))
    if not named and (not fits or widths != {3}):
        return None
    need(fits, "the first line of such a file counts vertices and edges")
    need(widths <= {3} or widths == {2}, "all lines of such a file are 'i j', or all 'i j weight'")
    n, m = map(int, head)
    need(len(below) == m, f"the first line counts {m} edges, and {len(below)} follow")
    need(1 <= n <= 10**6, f"{n} vertices are none or more than are read here")
    ends = {str(i): i - 1 for i in range(1, n + 1)}
    need(all(word in ends for row in below for word in row[:2]), f"the vertices are not all from 1 to {n}")
    weights = likely([number(w) + 0.0 for row in below for w in row[2:]]) or [1.0] * m
    return simple(range(1, n + 1), [(ends[u], ends[v], w) for (u, v, *_), w in zip(below, weights)])


def read_graph(text, name=""):
    """Read a matrix, maybe below its order, or an edge list: every line has a weight, or none has one.

    Lines of two words in a file that is called an edge list are its edges, whatever else the first one might say.
    """
    end = ending(text, name)
    rows, edges = words(text, "#%"), end in EDGES
    if end in COUNTED:
        need(rows, "the file has no lines")
        return read_rudy(rows, named=True)
    found = read_matrix(rows[1:] if rows and rows[0] == [str(len(rows) - 1)] else rows)
    if found is not None:
        need(not edges, "an edge list has two or three words a line")
        return found
    need(rows, "the file has no lines")
    if not edges:
        refuse_others(rows, text)
    if (found := read_rudy(rows, named=False)) is not None:
        return found
    return simple(*edge_list(rows, text, end))


def ending(text, name):
    """Return the ending of a name, if neither it nor the text says that the lines are no edges."""
    end = splitext(name.lower())[1]
    need(
        end in (*EDGES, *COUNTED, *ANY) or end[1:].isdecimal(), f"a file {end[:20]} may be in another format"
    )
    need(not text.removeprefix("\ufeff").lstrip().startswith("%%"), "the file may be a Matrix Market file")
    need("vartype" not in text.lower(), "the lines may be those of a model")
    need(not parted(text), "a comment or an empty line may part two graphs, or vertices from edges")
    refuse_comments(text)
    # also one before the first word
    need(
        not re.search("^\t|[ \t]\t|\t ", text, re.MULTILINE),
        "a tab beside a blank may begin or end an empty column",
    )
    need(not re.search("^[#%][,;]", text, re.MULTILINE), "a line such as '#,a' may be a comment or an edge")
    return end


def edge_list(rows, text, end):
    """Return labels and lines (i, j, weight) of edges or arcs, if they are nothing else."""
    need({len(row) for row in rows} in ({2}, {3}), "all lines of an edge list are 'u v', or all 'u v weight'")
    table = "\t" in text or end in (".csv", ".tsv")
    refuse_headers(rows, end in EDGES, table)
    refuse_names(rows)
    refuse_rows(rows, end in EDGES, table)
    labels, rows = numbered(rows)
    lone = re.search(r"^# *\w+ *$", text, re.MULTILINE)
    need(
        not lone or all(isinstance(label, int) for label in labels),
        "a line such as '# a' may be a comment or a vertex",
    )
    likely([w for _, _, w in rows], full=2 * len(rows) == len(labels) * (len(labels) - 1))
    return labels, rows


def simple(labels, rows):
    """Return the graph of some labels and edges (i, j, weight) without loops, each of which stands once."""
    edges = {}
    for i, j, w in rows:
        need(i != j and (min(i, j), max(i, j)) not in edges, "an edge is a loop or stands twice")
        edges[min(i, j), max(i, j)] = w
    return Graph(labels, [(*pair, w) for pair, w in edges.items()])


def read_arcs(text, name=""):
    """Read a list of arcs."""
    end, rows = ending(text, name), words(text, "#%")
    comments = [line.strip() for line in text.split("\n") if line.strip()[:1] in ("#", "%")]
    need(not any(map(UNDIRECTED.search, comments)), "a comment calls the graph undirected")
    need(end not in COUNTED, "the first line of such a file counts vertices and arcs")
    need(rows, "the file has no lines")
    if end not in EDGES:
        refuse_others(rows, text)
    need(read_rudy(rows, named=False) is None, "the first line may count vertices and arcs")
    labels, rows = edge_list(rows, text, end)
    need(
        len({row[:2] for row in rows}) == len(rows) and all(u != v for u, v, _ in rows), "an arc stands twice"
    )
    return Arcs(labels, rows)


def read_clauses(text, name=""):
    """Read a DIMACS file; in a `wcnf` file clauses of the top weight are hard, and those that begin with `h`.

    A line that begins with `c` is a comment, if no letter or digit follows at once: `c{` and `c---` are.
    """
    said = [row for row in words(text, "\n") if row[0][0] != "c" or row[0][1:2].isalnum()]
    need(said, "the file has no lines")
    head, *rows = said
    if head[0] == "h" or (
        head[0] != "p" and name.lower().endswith(".wcnf")
    ):  # the form of 2022 has no header
        rows = [head, *rows]
        head = [
            "p",
            "wcnf",
            str(max((abs(count(x)) for row in rows for x in row[1:]), default=0)),
            str(len(rows)),
        ]
    need(
        head[:2] in (["p", "cnf"], ["p", "wcnf"]),
        "a DIMACS file begins with p cnf or p wcnf, or is named .wcnf",
    )
    need(len(head) == 4 or (len(head) == 5 and head[1] == "wcnf"), "the header has more words than are read")
    need(count(head[3]) == len(rows), "the header announces another number of clauses")
    need(count(head[2]) <= 10**6, "more variables than are checked here")
    weighted, top = head[1] == "wcnf", exact(head[4]) if len(head) > 4 else float("inf")
    clauses = []
    for row in rows:
        hard = weighted and (row[0] == "h" or exact(row[0]) >= top)  # a double need not hold the top weight
        weight = number(row[0]) + 0.0 if weighted and not hard else 1.0  # zero has no sign
        whole = weighted and not hard and exact(row[0]).denominator == 1
        need(not whole or exact(row[0]) == weight, f"the weight {row[0][:40]} is no double")
        literals = [count(x) for x in row[weighted:]]
        need(
            2 <= len(literals) <= 3 and literals[-1] == 0, "a clause has one or two literals and ends with 0"
        )
        need(all(0 < abs(x) <= count(head[2]) for x in literals[:-1]), "a literal is of no variable")
        clauses.append((literals[0], literals[1], weight, hard))
    return Clauses(count(head[2]), clauses)


def read_model(text, kind, sense="minimize"):
    """Read dimod's COO lines, or those of qbsolv below a line `p qubo ...`.

    Neither says whether the function is minimised or maximised: the record does, as it says what the variables of lines
    are that do not.
    """
    found = announced(text)
    if found and found[0][:2] == ["p", "qubo"]:
        need(len(found[0]) == 6, "the header is not 'p qubo topology variables diagonals couplers'")
        need({len(row) for row in found[1:]} <= {3}, "a line of a model is 'i j w'")
        (_, _, topology, n, ones, pairs), *found = found
        need(
            topology in ("0", "unconstrained"), f"p qubo {topology[:40]} may be of another topology or sense"
        )
        need(count(n) <= 10**6, "more variables than are checked here")
        vartype, offset, labels = "binary", 0, list(range(count(n)))
        rows = [(count(i), count(j), number(w)) for i, j, w in found]
        need(all(0 <= k < len(labels) for row in rows for k in row[:2]), "a variable is out of range")
        loops = sum(i == j for i, j, _ in rows)
        need((loops, len(rows) - loops) == (count(ones), count(pairs)), "the header announces other numbers")
    else:
        vartype, offset, labels, rows = coordinates(text, "spin" if kind == "ising" else "binary")
    edges, linear = {}, [0.0] * len(labels)
    for i, j, w in rows:
        need((min(i, j), max(i, j)) not in edges, "a pair stands twice")
        edges[min(i, j), max(i, j)] = w
        linear[i] += w if i == j else 0.0
    couplings = Graph(labels, [(i, j, w) for (i, j), w in edges.items() if i != j and w])
    return Model(couplings, linear, offset, vartype, sense)


def coordinates(text, unsaid):
    """Read dimod's COO lines: type of the variables (`unsaid` by default), offset, labels, and (i, j, weight)."""
    notes = [line[1:] for line in lines(text, "\n") if line.startswith("#")]
    notes = "=".join(map(str.strip, re.split("[=:]", " ".join(notes)))).replace(",", " ").lower().split()
    for key, follows in (
        ("offset", re.compile(r"[-+]?\.?[0-9].*")),
        ("vartype", re.compile("(?i:spin|binary)")),
    ):
        # a value may stand behind a blank
        notes = [
            f"{key}={b}" if a == key and follows.fullmatch(b) else a for a, b in zip(notes, [*notes[1:], ""])
        ]
    need("offset" not in notes, "a comment speaks of an offset, without its number")
    other = re.search(r"(?i)\b(const(ant)?|shift)\b.*\d", " ".join(notes))
    need(not other, "a comment states a constant, which may be an offset")
    said = {
        key: {w.partition("=")[2].lower() for w in notes if w.startswith(key + "=")}
        for key in ("vartype", "offset")
    }
    said["vartype"] = said["vartype"] or {unsaid}
    need(said["vartype"] in ({"spin"}, {"binary"}), "a line # vartype=SPIN or # vartype=BINARY is needed")
    stated = sum(word.startswith("offset=") for word in notes)
    need(stated < 2, "there are two offsets")
    (vartype,), offset = said["vartype"], number((said["offset"] or {"0"}).pop())
    found = words(text)
    need({len(row) for row in found} == {3}, "a line of a model is 'i j w'")
    need(all(map(WHOLE.fullmatch, (name for row in found for name in row[:2]))), "variables have numbers")
    return vartype, offset, *numbered(found)


READERS = {
    "graph": read_graph,
    "balance": lambda text, name: Balance(refuse_signs(read_graph(text, name))),
    "maxdicut": read_arcs,
}


def read(kind, text, record=None, name=""):
    """Read an instance of the kind that a record is about; a record of points says how their file was read."""
    if kind == "points":
        return read_points(text, (record or {}).get("points"))
    if kind == "max2sat":
        return read_clauses(text, name)
    if kind in ("ising", "qubo"):
        sense = (record or {}).get("sense")
        return read_model(text, kind, "maximize" if sense == "maximize" else "minimize")
    if kind not in READERS:
        raise Refused(f"no reader for {kind!r} here")
    return READERS[kind](text, name)
