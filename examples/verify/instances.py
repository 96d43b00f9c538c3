"""What records are about, read from plain text files, and the digests that tie a record to them.

Graphs and directed graphs are lines `u v [weight]`; models are lines `i j w` under `# vartype=SPIN` or `BINARY`
(dimod's COO), or under `p qubo ...` (qbsolv); clauses are DIMACS `cnf` or `wcnf` files; points are rows of numbers.
Lines that begin with `#` (in DIMACS and qbsolv with `c`) are comments. derandkit reads many more formats.
"""

import hashlib
import json
import re
import struct
from fractions import Fraction

from report import Refused, need, total


def sha(*parts):
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(b"".join(parts)).hexdigest()


def packed(kind, values):
    """Pack numbers as little-endian bytes: q and i are integers of 64 and 32 bits, d and f floats."""
    return struct.pack(f"<{len(values)}{kind}", *values)


def label_lines(labels):
    """Return each label as JSON on a line of its own."""
    return b"".join(json.dumps(label, ensure_ascii=False).encode() + b"\n" for label in labels)


class Graph:
    """An undirected graph: labels in order, and edges (i, j, weight) with i < j, sorted."""

    kind = "graph"

    def __init__(self, labels, edges):
        self.labels, self.edges = list(labels), sorted((i, j, float(w)) for i, j, w in edges)
        self.n, self.m = len(self.labels), len(self.edges)
        self.exact = [(i, j, Fraction(w)) for i, j, w in self.edges]
        self.whole = all(w.denominator == 1 for _, _, w in self.exact)
        self.size = total(abs(w) for _, _, w in self.exact)

    @property
    def digest(self):
        """SHA-256 of sizes, labels and edges."""
        columns = [packed(kind, [edge[k] for edge in self.edges]) for k, kind in enumerate("iid")]
        return sha(b"derandkit-graph-v1\n", packed("q", [self.n, self.m]), label_lines(self.labels), *columns)

    def cut(self, sides):
        """Return the weight between two sides, given as a text or a list with one entry a vertex."""
        return total(w for i, j, w in self.exact if sides[i] != sides[j])


class Balance:
    """A signed graph: the division that leaves the least weight of frustrated edges is wanted."""

    kind, vartype, sense = "balance", "spin", "minimize"

    def __init__(self, graph):
        self.graph, self.labels, self.n, self.digest = graph, graph.labels, graph.n, graph.digest

    def summands(self):
        """Return (weight, variables, value for each of their values)."""
        for i, j, w in self.graph.exact:
            yield abs(w), (i, j), (lambda s, t: int(s != t)) if w > 0 else (lambda s, t: int(s == t))


class Arcs:
    """A directed graph: the set of vertices with the greatest weight of arcs that leave it is wanted."""

    kind, vartype, sense = "maxdicut", "binary", "maximize"

    def __init__(self, labels, arcs):
        self.labels, self.arcs, self.n = (
            list(labels),
            sorted((u, v, float(w)) for u, v, w in arcs),
            len(labels),
        )

    @property
    def digest(self):
        """SHA-256 of sizes, labels, tails, heads and weights."""
        columns = [packed(kind, [arc[k] for arc in self.arcs]) for k, kind in enumerate("qqd")]
        head = packed("q", [self.n, len(self.arcs)])
        return sha(b"derandkit-arcs-v1\n", head, label_lines(self.labels), *columns)

    def summands(self):
        """Return (weight, variables, value for each of their values)."""
        for u, v, w in self.arcs:
            yield Fraction(w), (u, v), lambda x, y: int(x == 1 and y == 0)


class Clauses:
    """Clauses of one or two literals; hard ones have to be satisfied, which costs a penalty otherwise."""

    kind, vartype, sense = "max2sat", "binary", "maximize"

    def __init__(self, n, clauses):
        """Take clauses (first literal, second literal or 0, weight, hard)."""
        self.n, self.labels = n, list(range(1, n + 1))
        self.clauses = [(a, b, float(w), bool(hard)) for a, b, w, hard in clauses]
        soft = total(abs(Fraction(w)) for _, _, w, hard in self.clauses if not hard)
        self.penalty = soft + 1
        if soft.denominator > 1 or soft >= 2**52:  # a power of two above twice the sum
            power = Fraction(1)
            while power < Fraction(float(soft)):
                power *= 2
            while power / 2 >= Fraction(float(soft)):
                power /= 2
            self.penalty = 2 * power
        self.hard = self.penalty * sum(hard for _, _, _, hard in self.clauses)

    @property
    def digest(self):
        """SHA-256 of sizes, literals, weights and marks."""
        head = packed("q", [self.n, len(self.clauses)])
        literals = packed("q", [literal for clause in self.clauses for literal in clause[:2]])
        marks = bytes(hard for _, _, _, hard in self.clauses)
        return sha(
            b"derandkit-clauses-v1\n", head, literals, packed("d", [c[2] for c in self.clauses]), marks
        )

    def summands(self):
        """Return (weight, variables, value for each of their values)."""
        for a, b, w, hard in self.clauses:
            weight, p, q = self.penalty if hard else Fraction(w), int(a > 0), int(b > 0)
            if b in (0, a):
                yield weight, (abs(a) - 1,), lambda x, p=p: int(x == p)
            elif a == -b:
                yield weight, (abs(a) - 1,), lambda x: 1
            else:
                yield weight, (abs(a) - 1, abs(b) - 1), lambda x, y, p=p, q=q: int(x == p or y == q)


class Model:
    """A quadratic function of signs or bits: couplings of pairs, linear terms, an offset."""

    def __init__(self, graph, linear, offset, vartype, sense):
        self.graph, self.linear, self.offset = graph, [float(x) for x in linear], offset
        self.labels, self.n, self.vartype, self.sense = graph.labels, graph.n, vartype, sense
        self.kind = "ising" if vartype == "spin" else "qubo"

    @property
    def digest(self):
        """SHA-256 of the kind, the digest of the couplings, the linear terms and the offset."""
        words = f"{self.vartype}\n{self.sense}\n{self.graph.digest}\n".encode("ascii")
        numbers = packed("d", [x + 0.0 for x in self.linear] + [float(self.offset) + 0.0])
        return sha(b"derandkit-model-v1\n", words, numbers)


class Points:
    """A table of points, in double (`<f8`) or single (`<f4`) precision."""

    kind = "points"

    def __init__(self, rows, dtype="<f8"):
        self.rows, self.dtype = [tuple(map(float, row)) for row in rows], dtype
        self.n, self.d = len(self.rows), len(self.rows[0])

    @property
    def digest(self):
        """SHA-256 of shape, type and numbers."""
        head = f"derandkit points {self.n} {self.d} {self.dtype}\n".encode("ascii")
        kind = "f" if self.dtype == "<f4" else "d"
        return sha(head, packed(kind, [x for row in self.rows for x in row]))


# --- files --------------------------------------------------------------------------------------------------------
def lines(text, comment="#"):
    """Return the words of all lines that say something."""
    return [line.split() for line in text.splitlines() if line.strip() and not line.startswith(comment)]


def numbered(rows):
    """Return the labels in order and each row as numbers (i, j, weight)."""
    names = {name for row in rows for name in row[:2]}
    whole = all(name.lstrip("-").isdigit() for name in names)
    labels = sorted(int(name) if whole else name for name in names)
    number = {str(label): k for k, label in enumerate(labels)}
    need(len(number) == len(labels) == len(names), "two names stand for one number")
    return labels, [(number[r[0]], number[r[1]], float(r[2]) if len(r) > 2 else 1.0) for r in rows]


def counts(rows):
    """Whether the first of some lines fits as a header: how many vertices and edges follow, in either order."""
    (one, other, *rest), *below = rows
    if not (one.isdecimal() and other.isdecimal()) or any(word.strip("0.") for word in rest):
        return False
    ends, many = {word for row in below for word in row[:2]}, len(below)

    def fits(n, m):
        return many in (m, 2 * m) and len(ends) <= n and all(int(x) <= n for x in ends if x.isdecimal())

    return fits(int(one), int(other)) or fits(int(other), int(one))


def read_graph(text):
    """Read an edge list; every line has a weight, or none has one."""
    rows = lines(text)
    need({len(row) for row in rows} in ({2}, {3}), "all lines of an edge list are 'u v', or all 'u v weight'")
    need(
        not counts(rows),
        "the first line may be an edge, or say how many vertices and edges follow: remove it",
    )
    labels, rows = numbered(rows)
    edges = {}
    for i, j, w in rows:
        need(i != j and (min(i, j), max(i, j)) not in edges, "an edge is a loop or stands twice")
        edges[min(i, j), max(i, j)] = w
    return Graph(labels, [(*pair, w) for pair, w in edges.items()])


def read_arcs(text):
    """Read a list of arcs."""
    rows = lines(text)
    need({len(row) for row in rows} in ({2}, {3}), "a line of a list of arcs is 'u v' or 'u v weight'")
    labels, rows = numbered(rows)
    need(
        len({row[:2] for row in rows}) == len(rows) and all(u != v for u, v, _ in rows), "an arc stands twice"
    )
    return Arcs(labels, rows)


def read_clauses(text):
    """Read a DIMACS file; in a `wcnf` file clauses of the top weight are hard."""
    head, *rows = lines(text, "c")
    need(head[0] == "p" and head[1] in ("cnf", "wcnf"), "a DIMACS file begins with p cnf or p wcnf")
    weighted, top = head[1] == "wcnf", float(head[4]) if len(head) > 4 else float("inf")
    clauses = []
    for row in rows:
        weight = float(row[0]) if weighted else 1.0
        literals = [int(x) for x in row[weighted:]]
        need(
            literals[-1] == 0 and 2 <= len(literals) <= 3, "a clause has one or two literals and ends with 0"
        )
        hard = weighted and weight >= top
        clauses.append((literals[0], literals[1], 1.0 if hard else weight, hard))
    return Clauses(int(head[2]), clauses)


def read_model(text):
    """Read dimod's COO lines, or those of qbsolv below a line `p qubo ...`; the function is minimised."""
    found = lines(text, "c")
    if found and found[0][:2] == ["p", "qubo"]:
        (_, _, _, n, ones, pairs), *found = found
        need(int(n) <= 10**6, "more variables than are checked here")
        vartype, offset, labels = "binary", 0, list(range(int(n)))
        rows = [(int(i), int(j), float(w)) for i, j, w in found]
        need(all(0 <= k < int(n) for row in rows for k in row[:2]), "a variable is out of range")
        loops = sum(i == j for i, j, _ in rows)
        need((loops, len(rows) - loops) == (int(ones), int(pairs)), "the header announces other numbers")
    else:
        notes = [line[1:] for line in text.splitlines() if line.startswith("#")]
        notes = re.sub(r"\s*[=:]\s*", "=", " ".join(notes)).replace(",", " ").split()
        said = {
            key: {w.partition("=")[2].lower() for w in notes if w.startswith(key + "=")}
            for key in ("vartype", "offset")
        }
        need(
            said["vartype"] in ({"spin"}, {"binary"}), "a line # vartype=SPIN or # vartype=BINARY is missing"
        )
        need(len(said["offset"]) < 2, "there are two offsets")
        (vartype,), offset = said["vartype"], float((said["offset"] or {"0"}).pop())
        found = lines(text)
        need({len(row) for row in found} == {3}, "a line of a model is 'i j w'")
        labels, rows = numbered(found)
    edges, linear = {}, [0.0] * len(labels)
    for i, j, w in rows:
        need((min(i, j), max(i, j)) not in edges, "a pair stands twice")
        edges[min(i, j), max(i, j)] = w
        linear[i] += w if i == j else 0.0
    couplings = Graph(labels, [(i, j, w) for (i, j), w in edges.items() if i != j])
    return Model(couplings, linear, offset, vartype, "minimize")


def read_points(text):
    """Read rows of numbers, with blanks or commas between them; a first row of names is left out."""
    rows = lines(text.replace(",", " "))
    try:
        float(rows[0][0])
    except ValueError:
        del rows[0]
    return Points([[float(x) for x in row] for row in rows])


READERS = {
    "graph": read_graph, "balance": lambda text: Balance(read_graph(text)), "maxdicut": read_arcs,
    "max2sat": read_clauses, "ising": read_model, "qubo": read_model, "points": read_points,
}  # fmt: skip


def read(kind, text):
    """Read an instance of the kind that a record is about."""
    if kind not in READERS:
        raise Refused(f"no reader for {kind!r} here")
    return READERS[kind](text)
