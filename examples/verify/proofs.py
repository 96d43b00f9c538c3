"""Proof trees: upper bounds on all cuts, walked in exact arithmetic.

A proof is a tree of objects with a `kind`. `eliminate` takes vertices with at most three neighbours out, `branch` puts
two vertices on one side or on opposite sides, `persistent` puts vertices where a flow shows that they may be, and the
leaves bound what is left: `positive` (no cut weighs more than the positive weights), `cycles` (odd cycles), `cases`
(odd cycles under assumptions), `semidefinite` (a matrix), `flow` (amounts that balance at every vertex but one).
"""

from fractions import Fraction
from math import gcd

from flows import flow, persistent
from report import integers, need, numbers, total, unit_of

DEEPEST, MOST_CASES = 500, 200


class Graph:
    """Weights as rationals, and the constant that was taken out: best cut = constant + best cut of what is left."""

    def __init__(self, near, constant=Fraction(0)):
        self.near, self.constant = near, constant

    @classmethod
    def build(cls, n, edges):
        """Build it from edges (i, j, weight)."""
        graph = cls({v: {} for v in range(n)})
        for i, j, w in edges:
            graph.add(i, j, Fraction(w))
        return graph

    def copy(self):
        """Return a copy that can be changed."""
        return Graph({v: dict(row) for v, row in self.near.items()}, self.constant)

    def add(self, u, v, w):
        """Add to the weight of a pair; a weight of zero is no edge."""
        new = self.near[u].get(v, 0) + w
        for a, b in ((u, v), (v, u)):
            self.near[a].pop(b, None)
            if new:
                self.near[a][b] = new

    def drop(self, v):
        """Take a vertex out and return its edges."""
        row = self.near.pop(v)
        for u in row:
            del self.near[u][v]
        return row

    def edges(self):
        """Return a dictionary of the pairs."""
        return {(u, v): w for u, row in self.near.items() for v, w in row.items() if u < v}

    def eliminate(self, v):
        """Take a vertex out: its best gain depends only on which of its neighbours are on one side."""
        need(v in self.near and len(self.near[v]) <= 3, f"{v!r} has too many neighbours to be taken out")
        row = self.drop(v)
        ends, weights = list(row), list(row.values())
        together = max(Fraction(0), total(weights))
        apart = {u: max(w, total(weights) - w) - together for u, w in row.items()}  # one against the others
        self.constant += together
        if len(ends) == 2:
            self.add(*ends, apart[ends[0]])
        if len(ends) == 3:
            for k in range(3):
                a, b, c = ends[k], ends[(k + 1) % 3], ends[(k + 2) % 3]
                self.add(a, b, (apart[a] + apart[b] - apart[c]) / 2)

    def contract(self, u, v, opposite):
        """Put v on the side of u, or on the other one."""
        need(u != v and u in self.near and v in self.near, f"({u!r}, {v!r}) is no pair of vertices")
        row = self.drop(v)
        self.constant += total(row.values()) if opposite else 0
        for x, w in row.items():
            if x != u:
                self.add(u, x, -w if opposite else w)

    def positive(self):
        """No cut weighs more than the constant and the positive weights."""
        return self.constant + total(w for w in self.edges().values() if w > 0)


def bound(graph, proof, depth=0):
    """Return what a proof shows: no cut weighs more. The graph is changed on the way."""
    need(depth <= DEEPEST, f"the proof is nested more than {DEEPEST} deep")
    kind = proof["kind"]
    keys = set(proof) - (MORE if kind == "semidefinite" and set(proof) >= MORE else set())
    need(kind in KEYS and keys == KEYS[kind] | {"kind"}, f"no proof has the kind {kind!r} and these keys")
    if kind == "eliminate":
        need(isinstance(proof["vertices"], list), "vertices is no list")
        for v in integers(proof["vertices"]):
            graph.eliminate(v)
        return bound(graph, proof["then"], depth + 1)
    if kind == "branch":
        need(isinstance(proof["pair"], list), "a pair is no list")
        u, v = integers(proof["pair"])
        found = []
        for name in ("same", "opposite"):
            child = graph.copy()
            child.contract(u, v, name == "opposite")
            found.append(bound(child, proof[name], depth + 1))
        return max(found)
    if kind == "persistent":
        persistent(graph, proof)
        return bound(graph, proof["then"], depth + 1)
    leaves = {"cycles": cycles, "cases": cases, "semidefinite": matrix, "flow": flow}
    return graph.positive() if kind == "positive" else leaves[kind](graph, proof)


KEYS = {
    "eliminate": {"vertices", "then"},
    "branch": {"pair", "same", "opposite"},
    "persistent": {"reference", "amounts", "unit", "same", "opposite", "then"},
    "positive": set(),
    "flow": {"reference", "amounts", "unit"},
    "cycles": {"lengths", "vertices", "multipliers", "unit"},
    "cases": {"lengths", "vertices", "unit", "tree"},
    "semidefinite": {"unit", "diagonal", "triangles", "multipliers"},
}
MORE = {"pentagons", "pentagon_multipliers"}  # a leaf with pentagons has both
METHODS = {
    "branch": ("branching",), "cases": ("branching",), "cycles": ("odd-cycle",), "semidefinite": ("triangle",),
    "positive": ("odd-cycle", "triangle", "flow"), "flow": ("flow",),
}  # fmt: skip


def names(proof):
    """Return how a bound with this proof may be called."""
    while proof["kind"] in ("eliminate", "persistent"):
        proof = proof["then"]
    return METHODS[proof["kind"]]


def pairs_of_cycles(proof):
    """Return the cycles as lists of pairs (u, v), u < v; a cycle visits no vertex twice."""
    lengths, vertices = integers(proof["lengths"]), integers(proof["vertices"])
    need(
        all(k >= 3 for k in lengths) and sum(lengths) == len(vertices), "the lengths do not fit the vertices"
    )
    found, at = [], 0
    for length in lengths:
        cycle = vertices[at : at + length]
        at += length
        need(len(set(cycle)) == length, "a cycle visits a vertex twice")
        found.append([(min(pair), max(pair)) for pair in zip(cycle, cycle[1:] + cycle[:1])])
    return found


def cycles(graph, proof):
    """Odd cycles: each has an edge that is *wrong*, positive and not cut or negative and cut.

    A cut weighs the positive weights less |w| for every wrong edge; with multipliers on the cycles, at least the sum of
    the multipliers is lost, less what edges carry above their weight.
    """
    edges, rows = graph.edges(), pairs_of_cycles(proof)
    multipliers = [x * unit_of(proof) for x in integers(proof["multipliers"])]
    need(len(multipliers) == len(rows) and min(multipliers, default=0) >= 0, "the multipliers do not fit")
    return graph.positive() - lost(edges, rows, multipliers, {})


def lost(edges, rows, multipliers, assumed):
    """Return the weight that every cut loses, if the assumed pairs are (True) or are not (False) cut."""
    found, load = total(multipliers), {}
    for pair, cut in assumed.items():
        w = edges.get(pair, 0)
        found += abs(w) if cut != (w > 0) else 0
    for row, multiplier in zip(rows, multipliers):
        odd = 0
        for pair in row:
            odd += assumed[pair] if pair in assumed else edges[pair] > 0
            if pair not in assumed:
                load[pair] = load.get(pair, 0) + multiplier
        need(odd % 2 == 1, "a cycle has an even number of edges that have to be cut")
    return found - total(max(Fraction(0), x - abs(edges[pair])) for pair, x in load.items())


def cases(graph, proof):
    """Check a tree of assumptions on pairs; every leaf is bounded by some of the cycles."""
    edges, listed, unit = graph.edges(), pairs_of_cycles(proof), unit_of(proof)

    def least(node, assumed):
        if set(node) == {"rows", "multipliers"}:
            rows, multipliers = integers(node["rows"]), integers(node["multipliers"])
            need(len(rows) == len(multipliers), "the multipliers do not fit the rows")
            need(min(rows + multipliers, default=0) >= 0, "a row or a multiplier is negative")
            return lost(edges, [listed[k] for k in rows], [x * unit for x in multipliers], assumed)
        need(set(node) == {"pair", "same", "opposite"}, "a case has other keys")
        need(len(assumed) < MOST_CASES, "cases are nested too deep")
        u, v = node["pair"]
        pair = (min(u, v), max(u, v))
        need(type(u) is type(v) is int and u != v and {u, v} <= set(graph.near), "a case is split at no pair")
        need(pair not in assumed, "a case is split at a pair that is settled")
        return min(
            least(node["same"], {**assumed, pair: False}), least(node["opposite"], {**assumed, pair: True})
        )

    return graph.positive() - least(proof["tree"], {})


def matrix(graph, proof):
    """Weak duality: ``cut <= (2 W + sum d + 2 sum g + 4 sum h) / 4`` where ``M + Diag(d) >= 0``.

    Each triangle ``1 + p x_ij + q x_ik + r x_jk >= 0`` with multiplier g takes g times its signs off the weights, each
    pentagon ``2 + sum b_u b_v x_uv >= 0`` with multiplier h likewise; M is what is left of them.
    """
    vertices, unit = sorted(graph.near), unit_of(proof)
    place = {v: k for k, v in enumerate(vertices)}
    diagonal = [x * unit for x in integers(proof["diagonal"])]
    multipliers = [x * unit for x in integers(proof["multipliers"])]
    triangles, pentagons, heavier = rows_of(proof["triangles"], 4), [], []
    if "pentagons" in proof:
        pentagons = rows_of(proof["pentagons"], 6)
        heavier = [x * unit for x in integers(proof["pentagon_multipliers"])]
    sizes = len(diagonal), len(multipliers), len(heavier)
    need(sizes == (len(vertices), len(triangles), len(pentagons)), "the lists do not fit")
    need(min(multipliers + heavier, default=0) >= 0, "a multiplier is negative")
    rows = [[Fraction(0)] * len(vertices) for _ in vertices]
    for (u, v), w in graph.edges().items():
        rows[place[u]][place[v]] = rows[place[v]][place[u]] = w
    weight = total(graph.edges().values())
    for triangle, g in zip(triangles, multipliers):
        i, j, k, flip = integers(triangle)
        need(i < j < k and {i, j, k} <= set(place) and 0 <= flip <= 3, "a row is no triangle")
        for number, (a, b) in enumerate(((i, j), (i, k), (j, k))):
            sign = 1 if flip == 0 or number == 3 - flip else -1
            a, b = place[a], place[b]
            rows[a][b] = rows[b][a] = rows[a][b] - sign * g
    for (*five, flips), h in zip(map(integers, pentagons), heavier):
        need(
            five == sorted(set(five)) and set(five) <= set(place) and flips in range(0, 32, 2),
            "a row is no pentagon",
        )
        signs = [-1 if flips >> a & 1 else 1 for a in range(5)]
        for a in range(5):
            for b in range(a):
                u, v = place[five[a]], place[five[b]]
                rows[u][v] = rows[v][u] = rows[u][v] - signs[a] * signs[b] * h
    for k, d in enumerate(diagonal):
        rows[k][k] = d
    need(is_semidefinite(rows), "the matrix of the proof is not positive semidefinite")
    return graph.constant + (2 * weight + total(diagonal) + 2 * total(multipliers) + 4 * total(heavier)) / 4


def rows_of(value, width):
    """Return rows of so many numbers."""
    if isinstance(value, dict):
        need(len(value["shape"]) == 2 and value["shape"][1] == width, f"rows have {width} numbers")
        flat = integers({**value, "shape": [len(numbers(value))]})
        value = [flat[k : k + width] for k in range(0, len(flat), width)]
    need(all(len(row) == width for row in value), f"rows have {width} numbers")
    return value


def is_semidefinite(matrix):
    """Whether a symmetric matrix of rationals is positive semidefinite: elimination without fractions (Bareiss).

    Minors of order two come first: an entry on the diagonal far below those beside it would make all numbers long.
    """
    order = range(len(matrix))
    if any(matrix[i][i] < 0 for i in order):
        return False
    if any(matrix[i][j] ** 2 > matrix[i][i] * matrix[j][j] for i in order for j in range(i)):
        return False
    kept = [i for i in order if any(matrix[i][j] for j in order if j != i)]
    matrix = [[matrix[i][j] for j in kept] for i in kept]
    unit = 1
    for row in matrix:
        for x in row:
            unit *= x.denominator // gcd(unit, x.denominator)
    rows, before = [[int(x * unit) for x in row] for row in matrix], 1
    while rows:
        first, pivot = rows[0], rows[0][0]
        if pivot < 0 or (pivot == 0 and any(first)):
            return False
        rows = [row[1:] for row in rows[1:]]
        if pivot:
            rows = [
                [(pivot * x - below * y) // before for x, y in zip(row, first[1:])]
                for row, below in zip(rows, first[1:])
            ]
            before = pivot
    return True
