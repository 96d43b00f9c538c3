"""Instances read from plain text files, with distrust: what derandkit might read in another way is refused here.

Graphs and directed graphs are lines `u v [weight]`; graphs also lines `i j weight` below a line that counts vertices
and edges (rudy, the format of the Gset), or the rows of a symmetric matrix, maybe below a line that counts them.
Models are lines `i j w`, under `# vartype=SPIN` or `BINARY` or without (dimod's COO), or under `p qubo ...` (qbsolv);
clauses are DIMACS `cnf` or `wcnf` files, the latter without a header too (of 2022, with `h` for hard ones); points are
rows of numbers, maybe below a row of names. Lines that begin with `#` (of graphs also `%`; in DIMACS and qbsolv `c`)
are comments. Blanks are spaces and tabs, numbers are decimal. derandkit reads many more formats.
"""

import re

from headers import WHOLE, announces, counts, has_names
from instances import Arcs, Balance, Clauses, Graph, Model, Points
from report import Refused, need
from texts import MISSING, NUMBER, NUMBERS, announced, count, exact, lines, number, numbered, words

#: Names of files that say that their lines are edges.
EDGES = (".edgelist", ".edges", ".el", ".ncol")
#: Names of files that say that their first line counts vertices and edges.
COUNTED = (".rudy", ".rud", ".mc", ".gset")


def read_matrix(rows):
    """Read the rows of a symmetric matrix of order 4 or more, None if they are none; loops are left out."""
    if len(rows) < 4 or {len(row) for row in rows} != {len(rows)}:
        return None
    A = [[number(word) + 0.0 for word in row] for row in rows]
    pairs = [(i, j) for j in range(len(A)) for i in range(j)]
    need(all(A[i][j] == A[j][i] for i, j in pairs), "the matrix is not symmetric")
    return Graph(range(len(A)), [(i, j, A[i][j]) for i, j in pairs if A[i][j]])


def three_by_three(rows):
    """Whether lines are three rows of a symmetric matrix of order 3, or three edges with their weights."""
    if [len(row) for row in rows] != [3, 3, 3] or not all(NUMBER.fullmatch(x) for row in rows for x in row):
        return False
    A = [[number(x) for x in row] for row in rows]
    return all(A[i][j] == A[j][i] for j in range(3) for i in range(j))


def read_rudy(rows):
    """Read lines `i j weight` below a line `n m`, of vertices 1 to n; None if they are no such lines."""
    head, *below = rows
    if len(head) != 2 or {len(row) for row in below} != {3} or not all(map(WHOLE.fullmatch, head)):
        return None
    n, m = map(int, head)
    need(len(below) == m, f"the first line counts {m} edges, and {len(below)} follow")
    need(1 <= n <= 10**6, f"{n} vertices are none or more than are read here")
    ends = {str(i): i - 1 for i in range(1, n + 1)}
    need(all(word in ends for row in below for word in row[:2]), f"the vertices are not all from 1 to {n}")
    return simple(range(1, n + 1), [(ends[u], ends[v], number(w) + 0.0) for u, v, w in below])


def read_graph(text, name=""):
    """Read a matrix, maybe below its order, or an edge list: every line has a weight, or none has one.

    Lines of two words in a file that is called an edge list are its edges, whatever else the first one might say.
    """
    rows, edges = words(text, "#%"), name.lower().endswith(EDGES)
    found = read_matrix(rows[1:] if rows and rows[0] == [str(len(rows) - 1)] else rows)
    if found is not None:
        need(not edges, "an edge list has two or three words a line")
        return found
    need(rows, "the file has no lines")
    need(edges or not three_by_three(rows), "three lines of three numbers may be a matrix or edges")
    need("vartype" not in text.lower(), "the lines may be those of a model")
    alone = len(rows) == 1
    need(edges or not (alone and announces(rows[0])), "the only line may count what follows")
    if (found := read_rudy(rows)) is not None:
        return found
    names = (["0", "1", "2"], ["0", "1"]) if alone else (["0", "1", "2"],)
    need(rows[0] not in names or "\t" not in text, "the first line may be the names of columns")
    need({len(row) for row in rows} in ({2}, {3}), "all lines of an edge list are 'u v', or all 'u v weight'")
    need(
        alone or edges or not counts(rows),
        "the first line may be an edge, or say how many vertices and edges follow: remove it",
    )
    return simple(*numbered(rows))


def simple(labels, rows):
    """Return the graph of some labels and edges (i, j, weight) without loops, each of which stands once."""
    edges = {}
    for i, j, w in rows:
        need(i != j and (min(i, j), max(i, j)) not in edges, "an edge is a loop or stands twice")
        edges[min(i, j), max(i, j)] = w
    return Graph(labels, [(*pair, w) for pair, w in edges.items()])


def read_arcs(text, name=""):
    """Read a list of arcs."""
    rows = words(text, "#%")
    need(not name.lower().endswith(COUNTED), "the first line of such a file counts vertices and arcs")
    need({len(row) for row in rows} in ({2}, {3}), "a line of a list of arcs is 'u v' or 'u v weight'")
    labels, rows = numbered(rows)
    need(
        len({row[:2] for row in rows}) == len(rows) and all(u != v for u, v, _ in rows), "an arc stands twice"
    )
    return Arcs(labels, rows)


def read_clauses(text, name=""):
    """Read a DIMACS file; in a `wcnf` file clauses of the top weight are hard, and those that begin with `h`.

    A line that begins with `c` is a comment, if no letter or digit follows at once: `c{` and `c---` are.
    """
    head, *rows = [row for row in words(text, "\n") if row[0][0] != "c" or row[0][1:2].isalnum()]
    if head[0] == "h" or (
        head[0] != "p" and name.lower().endswith(".wcnf")
    ):  # the form of 2022 has no header
        rows = [head, *rows]
        head = ["p", "wcnf", str(max(abs(count(x)) for row in rows for x in row[1:])), str(len(rows))]
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
        literals = [count(x) for x in row[weighted:]]
        need(
            literals[-1] == 0 and 2 <= len(literals) <= 3, "a clause has one or two literals and ends with 0"
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
    notes = "=".join(map(str.strip, re.split("[=:]", " ".join(notes)))).replace(",", " ").split()
    for key, follows in (
        ("offset", re.compile(r"[-+]?\.?[0-9].*")),
        ("vartype", re.compile("(?i:spin|binary)")),
    ):
        # a value may stand behind a blank
        notes = [
            f"{key}={b}" if a == key and follows.fullmatch(b) else a for a, b in zip(notes, [*notes[1:], ""])
        ]
    need("offset" not in notes, "a comment speaks of an offset, without its number")
    said = {
        key: {w.partition("=")[2].lower() for w in notes if w.startswith(key + "=")}
        for key in ("vartype", "offset")
    }
    said["vartype"] = said["vartype"] or {unsaid}
    need(said["vartype"] in ({"spin"}, {"binary"}), "a line # vartype=SPIN or # vartype=BINARY is needed")
    need(len(said["offset"]) < 2, "there are two offsets")
    (vartype,), offset = said["vartype"], number((said["offset"] or {"0"}).pop())
    found = words(text)
    need({len(row) for row in found} == {3}, "a line of a model is 'i j w'")
    need(all(map(WHOLE.fullmatch, (name for row in found for name in row[:2]))), "variables have numbers")
    return vartype, offset, *numbered(found)


def read_points(text, about=None):
    """Read rows of numbers, with commas or blanks between them, maybe below a row of names."""
    found = lines(text)
    if any("," in line for line in found):
        table = [[cell.strip() for cell in line.split(",")] for line in found]
    else:
        table = [line.split() for line in found]
    names, numeric = None, [bool(NUMBER.fullmatch(cell)) for cell in table[0]]
    if not all(numeric):
        need(not any(numeric), "the first row has names and numbers")
        names, *table = table
        quoted = [name[1:-1] if name[0] == name[-1] == '"' and len(name) > 1 else name for name in names]
        need(all(quoted) and '"' not in "".join(quoted), "the names of columns are not read here")
        need(not set(map(str.lower, quoted)) & MISSING, "the first row may be names or missing numbers")
        need(quoted[0].lower() not in NUMBERS, "the first column may number the rows")
        names = quoted
    need({len(row) for row in table} == {len(numeric)}, "rows of other lengths")
    values = [[number(cell) for cell in row] for row in table]
    if names is None and has_names(table, values, about):
        (names, *table), (_, *values) = table, values
    first = [row[0] for row in table]
    steps = [[str(k + start) for k in range(len(table))] for start in (0, 1)]
    need(not (len(numeric) > 1 and len(table) > 1 and first in steps), "the first column may number the rows")
    notes = [re.split(r"[,\s]+", line[1:].strip()) for line in lines(text, "\n") if line.startswith("#")]
    need(
        not any(len(note) == len(numeric) and all(map(NUMBER.fullmatch, note)) for note in notes),
        "a comment may be a row",
    )
    if names and len(set(names)) < len(names):  # of columns that share a name, numbers are the names
        names = [str(k + 1) for k in range(len(names))]
    return Points(values, names=names)


READERS = {
    "graph": read_graph,
    "balance": lambda text, name: Balance(read_graph(text, name)),
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
