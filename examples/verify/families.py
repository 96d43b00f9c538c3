"""Check cuts under constraints, and lists of several cuts: both hold the record of a cut, and follow from it."""

import itertools
from fractions import Fraction
from math import floor

from forms import CUT_MESSAGES, inner_status, is_reading
from instances import Graph
from report import (
    NOT_CHECKED,
    PROVEN,
    Report,
    check_seal,
    float_above,
    is_gap,
    need,
    same,
    total,
    written,
)  # fmt: skip

import cuts

MOST_EDGES = 2 * 10**8  # of all cuts of a list together
CONSTRAINED = {
    "bound_status", "constraints", "contracted", "contraction", "cut_value", "gap", "graph", "message", "partition",
    "proven_optimal", "schema", "schema_version", "seal", "sides", "status", "upper_bound",
}  # fmt: skip


class Constrained:
    """The record of a cut that has to put some vertices on given sides, or together, or apart."""

    def __init__(self, record, graph):
        self.record, self.graph = record, graph

    def check_form(self):
        record = self.record
        need(set(record) == CONSTRAINED, "unknown or missing keys")
        need(record["schema"] == "derandkit-constrained-cut", "not a cut under constraints")
        need(
            type(record["schema_version"]) is int and record["schema_version"] in (1, 2),
            "no such version here",
        )
        stated = record["constraints"]
        need(set(stated) == {"fixed", "pairs"}, "constraints are fixed vertices and pairs")
        need(all(type(stated[name]) is list for name in stated), "constraints are lists")
        need(set(record["contraction"]) == {"constant", "slack"}, "a contraction has a constant and a slack")
        need(isinstance(record["contracted"], dict), "there is no record of the contracted graph")
        return PROVEN, "every key that belongs here, and no other"

    def check_seal(self):
        return check_seal(self.record)

    def check_graph(self):
        graph, claimed = self.graph, dict(self.record["graph"])
        if self.record["schema_version"] > 1:
            need(is_reading(claimed.pop("reading")), "the reading is no text")
        weight = written(total(w for _, _, w in graph.exact), graph.whole)
        found = {"n": graph.n, "m": graph.m, "digest": graph.digest, "total_weight": weight}
        need(same(claimed, found), "it is about another graph")
        return PROVEN, f"n={graph.n}, m={graph.m}"

    def statements(self):
        """Return the constraints with numbers of vertices in place of labels."""

        def vertex(label):
            found = [k for k, own in enumerate(self.graph.labels) if same(label, own)]
            need(found, "a constraint names no vertex of the graph")
            return found[0]

        fixed = [(vertex(label), side) for label, side in self.record["constraints"]["fixed"]]
        return fixed, [(vertex(u), vertex(v), how) for u, v, how in self.record["constraints"]["pairs"]]

    def obeyed(self, sides):
        """Whether sides obey the constraints; without fixed vertices the first one is on the first side."""
        fixed, pairs = self.statements()
        need(
            type(sides) is str and len(sides) == self.graph.n and not set(sides) - set("+-"),
            "sides are + or -",
        )
        good = all(sides[v] == "+-"[side] for v, side in fixed) and (fixed or sides[0] == "+")
        return bool(good) and all((sides[u] != sides[v]) == (how == "opposite") for u, v, how in pairs)

    def check_constraints(self):
        fixed, pairs = self.statements()
        places = [v for v, _ in fixed]
        need(places == sorted(set(places)), "fixed vertices are not in order")
        need(all(a[:2] < b[:2] for a, b in itertools.pairwise(pairs)), "pairs are not in order")
        need(all(type(side) is int and side in (0, 1) for _, side in fixed), "a side is 0 or 1")
        need(all(u < v and how in ("same", "opposite") for u, v, how in pairs), "a pair is same or opposite")
        need(self.obeyed(self.record["sides"]), "the sides do not obey the constraints")
        return PROVEN, f"{len(fixed)} fixed and {len(pairs)} pairs, obeyed"

    def contract(self):
        """Merge the vertices that constraints tie together, and add the edges up."""
        graph, (fixed, pairs) = self.graph, self.statements()
        links = [(u, v, one != other) for (u, one), (v, other) in itertools.pairwise(fixed)]
        links += [(u, v, how == "opposite") for u, v, how in pairs]
        self.leader, self.turned = list(range(graph.n)), [False] * graph.n
        for u, v, opposite in links:
            first, second = sorted((self.leader[u], self.leader[v]))
            turn = self.turned[u] ^ self.turned[v] ^ opposite
            for k in range(graph.n):
                if self.leader[k] == second and first != second:
                    self.leader[k], self.turned[k] = first, self.turned[k] ^ turn
        self.leaders = sorted(set(self.leader))
        place, weights, self.constant = {v: k for k, v in enumerate(self.leaders)}, {}, Fraction(0)
        for i, j, w in graph.exact:
            if self.turned[i] != self.turned[j]:
                self.constant, w = self.constant + w, -w
            pair = tuple(sorted((place[self.leader[i]], place[self.leader[j]])))
            if pair[0] != pair[1]:
                weights[pair] = weights.get(pair, Fraction(0)) + w
        self.smaller = Graph(
            [graph.labels[v] for v in self.leaders], [(*pair, w) for pair, w in weights.items()]
        )
        rounding = [w - Fraction(float(w)) for w in weights.values()]
        self.slack = total(x for x in rounding if x > 0)

    def check_contraction(self):
        own = {"constant": str(self.constant), "slack": str(self.slack)}
        need(same(self.record["contraction"], own), "the contraction adds something else")
        return PROVEN, f"{self.smaller.n} vertices, {self.constant} added to every cut"

    def check_partition(self):
        two = [[x for x, s in zip(self.graph.labels, self.record["sides"]) if s == side] for side in "+-"]
        need(same(self.record["partition"], two), "the lists are not the sides")
        return PROVEN, f"{len(two[0])} + {len(two[1])} vertices"

    def check_expansion(self):
        inner = dict(zip(self.leaders, self.record["contracted"]["certificate"]["sides"]))
        own = [(inner[v] == "-") != turned for v, turned in zip(self.leader, self.turned)]
        claimed = [side == "-" for side in self.record["sides"]]
        need(
            claimed == [side != (own[0] != claimed[0]) for side in own], "the sides are not those contracted"
        )
        return PROVEN, "the sides of the contracted graph, expanded"

    def check_cut_value(self):
        own = written(self.graph.cut(self.record["sides"]), self.graph.whole)
        need(same(self.record["cut_value"], own), f"the cut weighs {own}")
        return PROVEN, f"{own}"

    def bound(self):
        """Return what no cut that obeys the constraints weighs more than."""
        inner = self.record["contracted"]
        within = Fraction(inner["upper_bound"])
        if inner["proven_optimal"]:
            within = self.smaller.cut(inner["certificate"]["sides"])
        return self.constant + within + self.slack

    def check_upper_bound(self):
        status, exact = self.record["contracted"]["bound_status"], self.bound()
        own = floor(exact) if self.graph.whole else float_above(exact)
        need(
            same([self.record["upper_bound"], self.record["bound_status"]], [own, status]),
            f"it is {own} ({status})",
        )
        return NOT_CHECKED if status == "estimated" else PROVEN, f"{own} ({status})"

    def check_gap(self):
        upper, cut = Fraction(self.record["upper_bound"]), Fraction(self.record["cut_value"])
        size = max(abs(upper), abs(cut))
        need(is_gap(self.record["gap"], (upper - cut) / size if size else Fraction(0)), "the gap is another")
        return PROVEN, f"{self.record['gap']:.6g}"

    def check_status(self):
        optimal = (
            self.record["bound_status"] == "certified"
            and self.graph.cut(self.record["sides"]) >= self.bound()
        )
        inner, status = inner_status(self.record["contracted"]), inner_status(self.record)
        expected = "optimal" if optimal else "solved" if inner == "optimal" else inner
        need(status == expected, f"the figures say {expected!r}")
        message = CUT_MESSAGES[self.record["status"]]
        need(self.record["message"] == message, "the message is not that of the status")
        need(self.record["proven_optimal"] is optimal, "it is not as optimal as it says")
        return PROVEN if optimal else self.inner.verdict("status"), status

    def report(self):
        """Check everything; later statements make sense only if the earlier ones hold."""
        report = Report()
        for name in ("form", "seal", "graph", "constraints"):
            if not report.run(name, getattr(self, f"check_{name}")):
                return report
        self.contract()
        self.inner = cuts.check(self.record["contracted"], self.smaller)
        report.add("contracted.", self.inner)
        for name in ("contraction", "partition", "expansion", "cut_value"):
            report.run(name, getattr(self, f"check_{name}"))
        for name in ("upper_bound", "gap", "status") if report.ok else ():
            report.run(name, getattr(self, f"check_{name}"))
        return report


def constrained(record, graph):
    """Check the record of a cut under constraints."""
    return Constrained(record, graph).report()


def ranked(record, graph):
    """Check the record of several cuts: the record of the best one, and the weight of every other."""
    report = Report()

    def form():
        keys = set(record) - {"shortened"}
        need(keys == {"schema", "schema_version", "best", "cuts", "seal"}, "unknown or missing keys")
        need(record.get("shortened", True) is True, "shortened is true or left out")
        need(
            same([record["schema"], record["schema_version"]], ["derandkit-ranked-cuts", 1]),
            "another kind of record",
        )
        good = isinstance(record["cuts"], list) and record["cuts"]
        need(isinstance(record["best"], dict), "there is no record of the best cut")
        need(
            good and all(set(cut) == {"cut_value", "sides"} for cut in record["cuts"]),
            "cuts have a value and sides",
        )
        return PROVEN, "every key that belongs here, and no other"

    def several():
        best, seen, last = record["best"], set(), None
        outer = Constrained(best, graph) if best["schema"] == "derandkit-constrained-cut" else None
        work = len(record["cuts"]) * (len(graph.exact) + graph.n)
        need(work <= MOST_EDGES, "so many cuts are not weighed here")
        for cut in record["cuts"]:
            sides, own = cut["sides"], None
            need(
                type(sides) is str and len(sides) == graph.n and not set(sides) - set("+-"),
                "sides are + or -",
            )
            own = written(graph.cut(sides), graph.whole)
            need(same(cut["cut_value"], own), f"a cut weighs {own}")
            need(last is None or own <= last, "a cut is heavier than the one before")
            need(sides not in seen, "a cut stands twice")
            seen |= {sides, sides.translate(str.maketrans("+-", "-+"))}
            need(outer.obeyed(sides) if outer else sides[0] == "+", "a cut does not obey the constraints")
            last = own
        first = best["sides"] if outer else best["certificate"]["sides"]
        need(record["cuts"][0]["sides"] == first, "the first cut is not the best one")
        return PROVEN, f"{len(record['cuts'])} different cuts, the heaviest first"

    if report.run("form", form) and report.run("seal", lambda: check_seal(record)):
        best = record["best"]
        inner = constrained if best.get("schema") == "derandkit-constrained-cut" else cuts.check
        if report.add("best.", inner(best, graph)):
            report.run("cuts", several)
        if "shortened" in record:
            report.run("shortened", lambda: (NOT_CHECKED, "the search for the cuts was ended early"))
    return report
