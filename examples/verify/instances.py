"""What records are about, and the digests that tie a record to them; `files.py` reads them from files."""

import hashlib
import json
import re
import struct
from fractions import Fraction

from report import PROVEN, Refused, need, total

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def sha(*parts):
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(b"".join(parts)).hexdigest()


def packed(kind, values):
    """Pack numbers as little-endian bytes: q and i are integers of 64 and 32 bits, d and f floats."""
    return struct.pack(f"<{len(values)}{kind}", *values)


def label_lines(labels):
    """Return each label as JSON on a line of its own."""
    return b"".join(json.dumps(label).encode() + b"\n" for label in labels)


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

    def __init__(self, rows, dtype="<f8", names=None, header=False):
        """Take rows, and names of columns; `header` says that a first line was read as names."""
        self.rows, self.dtype, self.names, self.header = (
            [tuple(map(float, row)) for row in rows],
            dtype,
            names,
            header,
        )
        self.n, self.d = len(self.rows), len(self.rows[0])

    def chosen(self, record):
        """Return the columns that a record names, in its order; of a table without names they are called 1, 2, ..."""
        about = record.get("points")
        named = about.get("columns") if isinstance(about, dict) else None
        names = self.names or [str(k + 1) for k in range(self.d)]
        if not isinstance(named, list) or not named or not all(type(x) is str for x in named):
            return self
        if named == self.names or not set(named) <= set(names) or len(set(named)) < len(named):
            return self
        if len(set(names)) < self.d:
            return self
        places = [names.index(name) for name in named]
        return Points([[row[k] for k in places] for row in self.rows], self.dtype, named, self.header)

    def check_columns(self, named):
        """Compare the names of the columns that a record states with those of the file."""
        if named is None:
            return PROVEN, "none are claimed"
        if self.names is None:
            raise Refused("the points have no names of columns, which the record claims")
        need(named == self.names, f"the points have the columns {', '.join(self.names)}"[:200])
        numbers = self.header and all(map(NUMBER.fullmatch, named))
        said = "; a first line of numbers, which the record takes for names" if numbers else ""
        if numbers and all(re.fullmatch("[1-9][0-9]{0,5}", name) for name in named):
            said += ", or one of names that repeat"
        return PROVEN, ", ".join(named)[:200] + said

    @property
    def digest(self):
        """SHA-256 of shape, type and numbers."""
        head = f"derandkit points {self.n} {self.d} {self.dtype}\n".encode("ascii")
        kind = "f" if self.dtype == "<f4" else "d"
        return sha(head, packed(kind, [x for row in self.rows for x in row]))
