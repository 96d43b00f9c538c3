"""What a record of a problem of signs says of a relaxation with triangle inequalities, worked out from its vectors.

For the constant and the two variables of a clause, an arc or a coupling, signs satisfy
``1 + s x + t y + s t z >= 0`` for all signs s and t, where x and y are the products with the constant and z is that of
the two.
"""

from fractions import Fraction
from math import isfinite

from evidence import Evidence
from figures import WIDEST
from instances import Clauses, Model
from leaning import dot, scaled
from report import NOT_CHECKED, RECOMPUTED, need, rows

KEYS = {"beta", "expectation", "pairs", "ratio", "sdp_value", "shift", "vectors", "violation"}
MOST_VIOLATION, MOST_SHORT, TOO_SHORT = 1e-5, Fraction(1, 1000), Fraction(1, 100)
ROUNDING = 1e-12  # of products of unit vectors


class Corners:
    """The claim, the problem, and the graph of its cut with weights rounded to nearest."""

    def __init__(self, claimed, instance, model, near, slack):
        self.claimed, self.instance, self.model, self.near = claimed, instance, model, near
        self.slack = near.slack + slack

    def need_form(self):
        """Check keys, types and sizes."""
        claimed, n = self.claimed, self.near.graph.n
        need(isinstance(claimed, dict) and set(claimed) == KEYS, "triangles have other keys")
        stored = claimed["vectors"]
        need(isinstance(stored, dict) and set(stored) == {"base64", "dtype", "shape"}, "vectors are an array")
        shape = stored["shape"]
        need(isinstance(shape, list) and [type(k) for k in shape] == [int, int], "vectors have two axes")
        need(
            stored["dtype"] == "<f4" and shape[0] == n and 0 < shape[1] <= max(64, n),
            "the vectors are not those of the graph",
        )
        figures = [claimed[name] for name in ("violation", "sdp_value", "expectation")]
        need(all(type(x) is float and isfinite(x) for x in figures), "a figure is no finite float")
        beta, ratio = claimed["beta"], claimed["ratio"]
        need(beta is None or (type(beta) is float and 0 < beta <= 1), "beta is null or a float up to 1")
        need(ratio is None or (type(ratio) is float and isfinite(ratio)), "ratio is null or a float")
        need(type(claimed["pairs"]) is int, "pairs is a whole number")

    def pairs(self):
        """Return the pairs of variables that stand in a summand together."""
        if isinstance(self.instance, Model):
            return {(i, j) for i, j, _ in self.model.graph.edges}
        found = (places for _, places, _ in self.instance.summands() if len(places) == 2)
        return {(min(places), max(places)) for places in found}

    def violation(self, pairs):
        """Return by how much the most violated inequality is violated."""
        unit = [scaled(row) for row in rows(self.claimed["vectors"])]
        place, least = self.near.place, 0.0
        first = unit[place[self.near.reference]]
        for i, j in pairs:
            a, b = unit[place[i]], unit[place[j]]
            x, y, z = dot(a, first), dot(b, first), dot(a, b)
            least = min(least, 1 + x + y + z, 1 + x - y - z, 1 - x + y - z, 1 - x - y + z)
        return -least

    def figures(self):
        """Return value of the relaxation and expectation of the start, as figures of cuts."""
        stored, beta = self.claimed["vectors"], self.claimed["beta"]
        reference = self.near.place[self.near.reference]
        witness = {"vectors": stored}
        if beta is not None:
            witness["thresholds"] = {"beta": beta, "reference": reference}
        record = {
            "schema_version": 3, "chain": {}, "certificate": witness, "bound_status": "",
            "relaxation": {"rank": stored["shape"][1]},
        }  # fmt: skip
        evidence = Evidence(record, self.near.graph)
        return evidence.value(), evidence.start()

    def worth(self, figure):
        """Return the least and the greatest value that a figure of cuts stands for, and its own rounding."""
        spare = self.near.factor * figure.spare
        low, high = (self.near.constant + self.near.factor * x for x in (figure.low, figure.high))
        low, high = low - self.slack, high + self.slack
        return (low, high, spare) if self.model.sense == "maximize" else (-high, -low, spare)

    def check(self, value, spread):
        """Check every number; `value` is that of the solution, `spread` the range of values."""
        need(self.near.reference is not None, "there are no linear terms, hence no triangles")
        self.need_form()
        claimed, pairs = self.claimed, self.pairs()
        need(claimed["pairs"] == len(pairs), f"there are {len(pairs)} pairs")
        violation = self.violation(pairs)
        need(abs(claimed["violation"] - violation) <= ROUNDING, f"they are violated by {violation:.3g}")
        sdp, start = map(self.worth, self.figures())
        for name, (low, high, spare) in (("sdp_value", sdp), ("expectation", start)):
            width = spare + max(abs(low), abs(high)) / 2**51
            need(low - width <= Fraction(claimed[name]) <= high + width, f"{name} is {float(low)!r}")
            if (high - low) + spare > WIDEST * max(
                abs(low + high) / 2, abs(Fraction(claimed["sdp_value"])), spread
            ):
                return NOT_CHECKED, f"{name} is not known"
        worse = value > start[1] + start[2] if self.model.sense == "minimize" else value < start[0] - start[2]
        need(not worse, "the value is worse than the start is expected to be")
        short = sdp[0] - sdp[2] - value if self.model.sense == "minimize" else value - sdp[1] - sdp[2]
        need(short <= TOO_SHORT * spread, "the value of the relaxation is worse than the solution")
        sound = violation <= MOST_VIOLATION and short <= MOST_SHORT * spread
        clauses = isinstance(self.instance, Clauses)
        shift = Fraction(self.instance.hard) if clauses else Fraction(0)
        need(claimed["shift"] == str(shift), f"the shift is {shift}")
        ratio = claimed["ratio"]
        if ratio is not None:
            share = self.share() if sound else None
            need(share is not None and ratio == float(share), "no such ratio is proven")
            need(start[1] + start[2] + shift >= share * (sdp[0] - sdp[2] + shift), "the start is below it")
        return (
            RECOMPUTED if sound else NOT_CHECKED,
            f"{len(pairs)} pairs, violated by {violation:.2g} at most",
        )

    def share(self):
        """Return the share of the relaxation that a start has at least, where one is proven."""
        weights = [w for _, _, w, _ in self.instance.clauses] if isinstance(self.instance, Clauses) else [-1]
        return Fraction(94, 100) if min(weights, default=0) >= 0 else None
