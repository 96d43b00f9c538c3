"""Check the record of an embedding: every pair of points is measured again in rational numbers.

The map and the points are binary fractions, so the ratio ``|A (x - y)|^2 / |x - y|^2`` of a pair is a rational
number and the distortion, the greatest ``|ratio - 1|``, is exact. Roots, logarithms and eigenvalues are enclosed.
"""

from fractions import Fraction
from functools import cached_property
from math import inf, nextafter

import heldout
from average import average_of
from forms import EMBEDDING_MESSAGES, KEPT_OR_NOT, UNKEPT, embedding_form, said_before, true_of
from measured import NEAR, TINY, UNIT, Measured, different, lower_bound
from promises import log_sum, sharpness, start
from report import (
    FAILED,
    NOT_CHECKED,
    PROVEN,
    RECOMPUTED,
    Report,
    check_form,
    check_seal,
    need,
    numbers,
    rows,
    same,
    total,
)  # fmt: skip
from spectra import DIGITS, count_above, dimensions, eigenvalues, gram, outward
from stretches import span_stretch

ISOMETRY, FAIR_MARGIN, WIDEST_MARGIN = Fraction(1, 2**26), Fraction(1, 2**27), Fraction(1, 2**17)
LARGEST = 20_000  # pairs of points
LEVELS = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}


class Embedding:
    """One record and its points; every method whose name begins with ``check_`` returns a verdict and a text."""

    def __init__(self, record, points):
        self.record, self.table = record, points

    @cached_property
    def matrix(self):
        return rows(self.record["matrix"])

    @cached_property
    def found(self):
        points = different(self.table.rows)
        need(len(points) * (len(points) - 1) // 2 <= LARGEST, "so many points are not measured here")
        return Measured(points, self.matrix)

    @cached_property
    def spread(self):
        """The Gram matrix of the centred points."""
        return gram(self.found.centred)

    def check_schema(self):
        found = check_form(self.record, embedding_form(self.record["schema_version"]))
        lengths = {len(column) for column in self.record["history"].values()}
        need(len(lengths) == 1, "the columns of history differ in length")
        return found

    def check_seal(self):
        return check_seal(self.record)

    def check_points(self):
        table, claimed = self.table, dict(self.record["points"])
        repeated = table.n - len(different(table.rows))
        names = claimed.get("columns")
        found = {
            "n": table.n, "d": table.d, "dtype": {"<f4": "float32", "<f8": "float64"}[table.dtype],
            "digest": table.digest, "duplicates": repeated,
        }  # fmt: skip
        need(all(same(claimed[key], value) for key, value in found.items()), "it is about other points")
        need(names is None or len(names) == table.d, "there is not one name a column")
        need(table.n - repeated > 1, "all points are equal")
        return PROVEN, f"{table.n} x {table.d}"

    def check_matrix(self):
        shape, d = [self.record["n_components"], self.table.d], self.table.d
        centre = self.record.get("centre")
        good = self.record["matrix"]["shape"] == shape and (centre is None or centre["shape"] == [d])
        need(good, "it has another shape")
        need(all(abs(a) <= 2.0**100 for row in self.matrix for a in row), "an entry is above 2^100")
        need(sum(any(row) for row in self.matrix) <= d, f"more than {d} rows are not zero")
        if centre is not None:
            numbers(centre)
        return PROVEN, f"{shape[0]} x {d}"

    def check_ratios(self):
        record, found = self.record, self.found
        claim, margin = record["distortion"], record["margin"]
        # what floats may lose in a ratio grows with the columns and with the size of the map
        size = 1 + sum(Fraction(a) ** 2 for row in self.matrix for a in row)
        lost = 32 * (self.table.d + len(self.matrix) + 12) * UNIT * size
        need(margin <= min(max(FAIR_MARGIN, lost), WIDEST_MARGIN), "the margin is too wide to say anything")
        inside = nextafter(claim - margin, -inf) <= found.distortion <= nextafter(claim + margin, inf)
        need(inside, f"the distortion is {float(found.distortion):.12g}")
        most, least = max(found.ratios.values()), min(found.ratios.values())
        scaled = (most - least) / (most + least) if most + least else Fraction(1)
        need(
            abs(record["scaled_distortion"] - scaled) <= margin + 4 * UNIT,
            f"the scaled one is {float(scaled):.12g}",
        )
        i, j = record["worst_pair"]
        need(
            0 <= i < j < self.table.n and self.table.rows[i] != self.table.rows[j],
            "the worst pair is no pair",
        )
        places = sorted(different(self.table.rows).index(self.table.rows[k]) for k in (i, j))
        worst = found.offs[tuple(places)]
        need(worst >= found.distortion - 2 * Fraction(margin), "the worst pair is not the worst")
        pairs = len(found.ratios)
        claimed = [record["points"][key] for key in ("pairs", "coincident")]
        need(same(claimed, [pairs, 0]), "pairs are counted wrongly")
        return PROVEN, f"{float(found.distortion):.12g}, exact, over {pairs} pairs"

    def check_quantiles(self):
        claimed, margin, mean = self.record["quantiles"], 2 * Fraction(self.record["margin"]), self.found.mean
        need(
            abs(claimed["mean"] - mean) <= margin + mean / 10**11 + 8 * UNIT, f"the mean is {float(mean):.9g}"
        )
        for name, level in LEVELS.items():
            own = self.found.quantile(level)
            slack = margin + own / 10**7 + UNIT
            need(
                own - slack <= claimed[name] <= own * (1 + Fraction(1, 2**10)) + slack,
                f"{name} is {float(own):.9g}",
            )
        return RECOMPUTED, f"mean {float(mean):.6g}"

    def check_rank(self):
        (top,) = eigenvalues(self.spread, 1, Fraction(1, 2**30))
        sure = count_above(self.spread, Fraction(1e-9) ** 2 * top[1])
        possible = count_above(self.spread, Fraction(1e-15) ** 2 * top[0])
        need(sure <= self.record["points"]["rank"] <= possible, f"{sure} to 1e-9, {possible} to 1e-15")
        return RECOMPUTED, f"{sure} to 1e-9 of the largest singular value, {possible} to 1e-15"

    def check_lower_bound(self):
        claimed, k, found = self.record["lower_bound"], self.record["n_components"], self.found
        low = high = Fraction(0)
        m = len(found.points)
        if len(found.ratios) == m * (m - 1) // 2:
            own = lower_bound(self.spread, found.squares.values(), k)
            low, high = own.low, own.high
        # a bound above the distortion as it was measured is lowered to it
        least = min(high * (1 - DIGITS) - Fraction(1e-9), Fraction(self.record["distortion"]))
        need(least <= claimed <= low, f"it is {float(low):.9g}")
        return RECOMPUTED, f"{float(low):.9g}"

    def check_stretch(self):
        exact = [[Fraction(a) for a in row] for row in self.matrix if any(row)]
        outward(
            self.record["stretch"]["space"], gram(exact or [[Fraction(0)]]), None, len(exact) < self.table.d
        )
        return RECOMPUTED, "by the inertia of the squared map"

    def check_span_stretch(self):
        return span_stretch(self.record, self.found, self.matrix, self.spread)

    def check_guarantee(self):
        claimed, k, m = self.record["guarantee"], self.record["n_components"], len(self.found.points)
        pairs, dimension, top = m * (m - 1) // 2, claimed["smallest_dimension"], Fraction(1.0 - 1e-9)
        need(start(pairs, dimension, top).high < 0, "that dimension promises nothing")
        need(
            dimension == 1 or start(pairs, dimension - 1, top).high >= 0,
            "a smaller dimension promises something",
        )
        promises = self.record.get("objective", "max") == "max" and start(pairs, k, top).high < 0
        need(claimed["applies"] is promises, "whether it applies is wrong")
        if not claimed["applies"]:
            return RECOMPUTED, f"none below dimension {dimension}"
        eps, mu = Fraction(claimed["eps"]), sharpness(k, Fraction(claimed["eps"]))
        here, before = start(pairs, k, eps), start(pairs, k, eps - Fraction(2e-9))
        need(here.high < 0 <= before.high, f"dimension {k} does not promise that")
        need(abs(claimed["sharpness"] - mu) <= mu / 10**12, "the sharpness is another")
        need(here.near(claimed["log_psi_start"], Fraction(1e-9)), "log Psi at the start is another")
        terms = [mu * (sign * (ratio - 1) - eps) for ratio in self.found.ratios.values() for sign in (1, -1)]
        spare = Fraction(1e-9) + 4 * mu * Fraction(self.record["margin"])
        need(log_sum(terms).near(claimed["log_psi_end"], spare), "log Psi at the end is another")
        return RECOMPUTED, f"eps {claimed['eps']!r} for any {m} points"

    @cached_property
    def average(self):
        return average_of(self.record, self.found)

    def check_mean(self):
        return PROVEN, self.average.value() if self.average else "none"

    def check_mean_bound(self):
        return (RECOMPUTED, self.average.bound()) if self.average else (PROVEN, "none")

    def check_stationary(self):
        if not self.average:
            return PROVEN, "none"
        return self.average.stationary(self.matrix, self.record["points"]["rank"])

    def check_output(self):
        claimed, table, found = self.record["output"], self.table, self.found
        centre = [Fraction(x) for x in numbers(self.record["centre"])]
        m = len(found.points)
        for c, column in zip(centre, zip(*found.points)):
            spare = 4 * m * UNIT * max(map(abs, column)) + (m + 1) * 2 * TINY
            need(abs(c - total(column) / m) <= spare, "the centre is not the mean")
        single = table.dtype == "<f4"
        need(
            claimed["dtype"] == ("float32" if single else "float64"),
            "images are written in another precision",
        )
        own, stated = found.written(self.matrix, centre, single), claimed["certified_distortion"]
        if own is None or stated is None:
            silent = stated is None and (own is None or found.nearest < NEAR)
            need(silent, "the images leave the range of their precision, or do not")
            return PROVEN, "images leave the range of their precision, or points are too near each other"
        need(
            own.high <= stated <= own.high * Fraction(1.005) + 8 * FAIR_MARGIN, f"it is {float(own.high):.9g}"
        )
        return PROVEN, f"at most {stated!r}"

    def check_chain(self):
        record, chain = self.record, dict(self.record["chain"])
        expected = {"lower_bound": record["lower_bound"], "distortion": record["distortion"]}
        expected["certified_distortion"] = record["distortion"] + record["margin"]
        if record["guarantee"]["applies"]:
            expected["guaranteed_eps"] = record["guarantee"]["eps"]
        need(same(chain, expected), "the chain holds other figures than the record")
        certified = chain["certified_distortion"]
        good = chain["lower_bound"] <= chain["distortion"] <= certified and self.found.distortion <= certified
        need(good, "it is broken")
        return PROVEN, f"certified {certified!r}"

    def check_status(self):
        record, certified = self.record, self.record["chain"]["certified_distortion"]
        worst, promise = max(Fraction(certified), self.found.distortion), record["guarantee"]
        flat = record["points"]["rank"] <= record["n_components"]
        expected = "isometry" if worst <= ISOMETRY and flat else "certified"
        if expected == "certified" and self.average is not None and self.average.kept:
            expected = "guaranteed"
        if expected == "certified" and promise["applies"] and worst <= Fraction(promise["eps"]):
            expected = "guaranteed"
        messages = {EMBEDDING_MESSAGES[record["status"]]}
        if record["status"] == "certified" and self.average is not None:
            messages = self.average.messages
        elif record["status"] == "certified" and promise["applies"]:
            least = Fraction(record["distortion"]) - Fraction(record["margin"])
            messages = true_of(UNKEPT, KEPT_OR_NOT, self.found.distortion, least, Fraction(promise["eps"]))
        if record["status"] == "isometry":
            messages |= said_before(record, dimensions(self.spread))
        need(record["message"] in messages, "the message is not that of the status")
        if record["status"] == "interrupted":
            return NOT_CHECKED, f"that the run was interrupted; the numbers alone say {expected!r}"
        need(record["status"] == expected, f"the figures say {expected!r}")
        return PROVEN, expected

    def check_heldout(self):
        if self.record["heldout"] is None:
            return PROVEN, "none"
        return RECOMPUTED, heldout.check(self.record, different(self.table.rows), Measured)

    def check_heldout_fit(self):
        if self.record["heldout"] is None:
            return PROVEN, "none"
        return NOT_CHECKED, "that siblings have not seen the points held out shows when the run is repeated"

    def check_provenance(self):
        return NOT_CHECKED, "method, complement, ridge, history and counts"


PLAN = (
    "ratios", "quantiles", "rank", "lower_bound", "stretch", "span_stretch", "guarantee", "mean", "mean_bound",
    "stationary", "output", "chain", "status", "heldout", "heldout_fit", "provenance",
)  # fmt: skip


def not_claimed():
    """Return what to say of a statement that version 1 does not make."""
    return NOT_CHECKED, "not claimed by version 1"


def check(record, points):
    """Check every statement of the record of an embedding."""
    report, found = Report(), Embedding(record, points.chosen(record))
    for name in ("schema", "seal", "points", "matrix"):
        good = report.run(name, getattr(found, f"check_{name}"))
        if name == "schema" and not good:
            return report
    if FAILED not in {verdict for _, verdict, _ in report.lines[-2:]}:
        report.run("columns", lambda: found.table.check_columns(record["points"].get("columns")))
        later = ("stretch", "span_stretch", "output") if record["schema_version"] == 1 else ()
        for name in PLAN:
            report.run(name, not_claimed if name in later else getattr(found, f"check_{name}"))
    return report
