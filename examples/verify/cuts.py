"""Check the record of a cut: the sides, the bound and its proof, the chain of expectations, and what follows.

Cuts and bounds are rational numbers, semidefiniteness is shown by elimination in whole numbers, and expectations are
intervals. A claim may be off by the rounding of whoever computed it in double precision, charged to each edge.
"""

from fractions import Fraction
from math import inf, nextafter

from evidence import Evidence
from figures import LEAST, WIDEST, never_below
from forms import CUT_MESSAGES, cut_form
from report import (
    NOT_CHECKED,
    PROVEN,
    RECOMPUTED,
    Report,
    check_form,
    check_seal,
    float_above,
    is_gap,
    is_real,
    need,
    same,
    total,
    written,
)  # fmt: skip

import proofs

LOOSEST_GAP = Fraction(0.1)  # a wider duality gap says nothing, though it is met
LACKING = Fraction(1e-4)  # share of an estimated bound that it may lack
RATIO = Fraction(87856, 100_000)  # Goemans and Williamson's 0.878567..., rounded down


class Cut(Evidence):
    """The statements; every method whose name begins with ``check_`` returns a verdict and a text."""

    def check_seal(self):
        return check_seal(self.record)

    def check_form(self):
        tested = self.record["bound"]["dual_method"] == "chebyshev"
        leans = "thresholds" in self.witness
        found = check_form(self.record, cut_form(self.graph.n, self.version, leans, tested))
        lengths = {len(column) for column in self.record["history"].values()}
        need(len(lengths) == 1, "the columns of history differ in length")
        return found

    def check_graph(self):
        graph, claimed = self.graph, dict(self.record["graph"])
        claimed.pop("reading", None)
        weight = written(total(w for _, _, w in graph.exact), graph.whole)
        found = {"n": graph.n, "m": graph.m, "total_weight": weight, "digest": graph.digest}
        need(same(claimed, found), "it is about another graph")
        return PROVEN, f"n={graph.n}, m={graph.m}"

    def check_partition(self):
        sides, labels = self.witness["sides"], self.graph.labels
        two = [
            [x for x, side in zip(labels, sides) if (side == sides[0]) is first] for first in (True, False)
        ]
        need(same(self.record["partition"], two), "the lists are not the sides")
        return PROVEN, f"{len(two[0])} + {len(two[1])} vertices"

    def check_cut_value(self):
        own = written(self.once("cut"), self.graph.whole)
        need(same([self.record["cut_value"], self.chain["cut_value"]], [own, own]), f"the cut weighs {own}")
        return PROVEN, f"{own}"

    def check_search(self):
        search, before = self.record["search"], written(self.once("cut_before"), self.graph.whole)
        later = search is not None or self.witness["proof"] is not None
        need(later is (self.witness["derandomized_sides"] is not None), "sides before the search without one")
        need(same(self.chain["derandomized_cut"], before), f"before the search the cut weighs {before}")
        small = search is None or (
            search["kernel_m"] <= self.graph.m and search["kernel_n"] <= 2 * self.graph.n
        )
        need(small, "the reduced graph is larger than the graph")
        return PROVEN, f"{before} before the search"

    def check_positive_semidefinite(self):
        method, status = self.record["bound"]["dual_method"], self.record["bound"]["dual_status"]
        if status == "estimated":
            need(method == "lanczos", "an estimate is made by lanczos")
            return NOT_CHECKED, "the semidefinite bound is marked as an estimate"
        if status == "tested":
            return self.check_coins()
        dominant, clearly = self.dominance()
        named = dominant if method == "diagonal-dominance" else not clearly
        need(method not in ("lanczos", "chebyshev") and named, "the proof is of another kind")
        # an elimination in doubles takes more than this off, so it proves no matrix that is singular
        need(
            dominant or self.semidefinite(share=Fraction(1, 2**56)),
            "the dual matrix is not positive definite",
        )
        return PROVEN, "diagonally dominant" if dominant else "eliminated in exact arithmetic"

    def check_coins(self):
        """Prove what was tested by coins: here the matrix is small enough."""
        test = self.record["bound"].get("coin_test")
        need(test is not None, "a bound is tested by chebyshev")
        need(1e-30 <= test["error_probability"] <= 1e-6, "no error probability of a test by coins")
        margin = Fraction(test["margin"])
        need(margin * 10**9 > self.dual() / self.graph.n, "a test with so small a margin takes too long")
        # the coins pass what is as definite as the margin says, and a matrix that is nearly so
        need(self.semidefinite(-margin * 3 / 4), "the dual matrix is less definite than its margin says")
        return PROVEN, f"positive definite, where {test['error_probability']} of error was allowed"

    def check_proof(self):
        found, bound = self.once("proof"), self.record["bound"]
        if found is None:
            need(bound["proof_bound"] is None and bound["proof_method"] is None, "there is no proof")
            return PROVEN, "none is given"
        need(bound["proof_method"] in proofs.names(self.witness["proof"]), "the proof is of another kind")
        return PROVEN, f"no cut weighs more than {never_below(found)}"

    def check_upper_bound(self):
        claim, bound, exact = self.chain[self.dual_name], self.record["bound"], self.dual()
        need(same(bound["dual_bound"], claim), "the dual bound is written in two ways")
        most = nextafter(nextafter(float_above(exact), inf), inf)
        need(exact <= Fraction(claim) and claim <= most, f"weak duality gives {float(exact)!r}")
        (best, by_tree), lattice, tree = self.once("best"), self.lattice(), self.once("proof")
        expected = (
            ["certified", bound["proof_method"]] if by_tree else [bound["dual_status"], bound["dual_method"]]
        )
        need(same([bound["status"], bound["method"]], expected), "another bound is the one that counts")
        need(self.record["bound_status"] == bound["status"], "the states of the bound differ")
        need(
            same(bound["proof_bound"], None if tree is None else float_above(tree)),
            "the proof shows another bound",
        )
        rounding = None
        if lattice is not None:
            step, divisor, unit = lattice
            size = f"{divisor / unit:g}"  # older records say no more; now in all digits
            full = size if float(size) == divisor / unit else str(divisor / unit).removesuffix(".0")
            steps = [f"weights are multiples of {full}"]
            if bound["rounding"] and bound["rounding"]["steps"][0] == f"weights are multiples of {size}":
                steps = [bound["rounding"]["steps"][0]]
            steps += ["weighted degrees are even multiples of it"] * (step == 2 * divisor)
            rounding = {"granularity": step / unit, "steps": steps}
        need(same(bound["rounding"], rounding), "cuts are multiples of something else")
        need(
            same(self.record["upper_bound"], int(best) if self.graph.whole else float_above(best)),
            f"it is {best}",
        )
        if bound["status"] != "estimated":
            return PROVEN, f"no cut weighs more than {never_below(best)}"
        need(self.heaviest() <= Fraction(self.record["upper_bound"]), "there is a heavier cut than that")
        return NOT_CHECKED, "an estimate: no heavier cut was met"

    def check_estimate(self):
        status = self.record["bound_status"]
        if "estimated" not in (status, self.record["bound"]["dual_status"]):
            return PROVEN, f"none: the bound is {status}"
        share = min(Fraction(self.record["relaxation"][self.gap_name]), LACKING)
        lack = 4 * share * abs(Fraction(self.chain[self.dual_name]))
        need(self.semidefinite(lack / self.graph.n), "the dual matrix is too negative in a direction")
        if status != "estimated":
            return PROVEN, f"none: the bound is {status}"
        return NOT_CHECKED, "the dual matrix is positive semidefinite, up to 1e-4 of the bound"

    def check_gap(self):
        upper, cut = Fraction(self.record["upper_bound"]), Fraction(self.record["cut_value"])
        size = max(abs(upper), abs(cut))
        gap = (upper - cut) / size if size else Fraction(0)
        need(is_gap(self.record["gap"], gap), f"the gap is {float(gap):.6g}")
        need(self.record["proven_optimal"] is self.optimal(), "it is not as optimal as it says")
        return PROVEN, f"{float(gap):.6g}, proven optimal: {self.optimal()}"

    def agrees(self, name):
        """Compare a claim of the chain with the interval of the same name."""
        claim, own = self.chain[name], self.once({"sdp_value": "value"}.get(name, name.split("_")[0]))
        need(is_real(claim), "is not a number")
        if own is None:
            self.contradicts_nothing()
            return NOT_CHECKED, "the vectors were left out for their size"
        need(own.near(claim, own.spare), f"it is {own.shown()}")
        if not own.clear(self.once("cut"), self.least_edge()):
            return self.vague()
        return RECOMPUTED, own.shown()

    def vague(self, by_weights=True):
        """Leave a figure unchecked where the cut is optimal, or where the weights hide it; else it fails."""
        excused = self.optimal() or (by_weights and self.hidden())
        need(excused, "heavy weights cancel so far that this says nothing")
        return NOT_CHECKED, "heavy weights cancel so far that this is not known"

    def check_sdp_value(self):
        return self.agrees("sdp_value")

    def check_start_expectation(self):
        return self.agrees("start_expectation")

    def check_final_expectation(self):
        return self.agrees("final_expectation")

    def check_duality_gap(self):
        need(self.record["relaxation"][self.reached_name] is self.reached(), "whether it is met is wrong")
        return PROVEN if self.value_is_known() else NOT_CHECKED, f"met: {self.reached()}"

    def check_chain(self):
        start, value, final = self.once("start"), self.once("value"), self.once("final")
        cut, before = self.once("cut"), self.once("cut_before")
        need(cut >= before, "the search made the cut lighter")
        links, spare = [("the cut is below its expectation", before, before, final)], final.spare
        widths = final.width - final.least
        if start is not None:
            text = "the final expectation is below that of a hyperplane"
            links += [(text, final.low, final.high, start)]
            links += [("the dual bound is below the SDP value", self.dual(), self.dual(), value)]
            spare, widths = spare + start.spare, widths + start.width - start.least
        for text, _, high, other in links:
            need(high >= other.low - (value.spare if other is value else spare), text)
        apart = all(low >= other.high for _, low, _, other in links)
        if not (apart or widths <= WIDEST * max(abs(cut), abs(final.middle), self.least_edge())):
            self.known["unknown chain"] = True
            return self.vague()
        return (
            PROVEN if apart else RECOMPUTED,
            "cut >= before the search >= final >= start; dual bound >= SDP value"
            + ("" if apart else "; some are equal to within their error bounds"),
        )

    def check_guarantee(self):
        claimed, sdp = self.record["guarantee"], Fraction(self.chain["sdp_value"])
        below = total(w for _, _, w in self.graph.exact if w < 0)
        promised, spare = below + RATIO * (sdp - below), (abs(below) + abs(sdp)) / 2**50 + 2 * LEAST
        text = "start_expectation >= 0.87856 sdp_value"
        if below:
            text = "start_expectation - W- >= 0.87856 (sdp_value - W-), W- the sum of the negative weights"
        exact = [text, True, float(RATIO), written(below, self.graph.whole)]
        need(
            same([claimed[k] for k in ("statement", "holds", "ratio", "negative_weight")], exact),
            "it is another one",
        )
        need(abs(Fraction(claimed["value"]) - promised) <= spare, f"it promises {float(promised):.12g}")
        start = self.once("start")
        if start is None:
            return NOT_CHECKED, "the vectors were left out for their size"
        need(start.high >= promised - spare - start.spare, "the expectation is below what is promised")
        if start.low - start.spare < promised - spare and not start.clear(
            self.once("cut"), self.least_edge()
        ):
            return self.vague()
        return RECOMPUTED, f"{float(promised):.12g} promised"

    def check_stationarity(self):
        figures, (*both, scale) = self.record["stationarity"], self.once("lemma")
        for key, own in zip(("mean_gradient_norm", "smallest_curvature"), both):
            allowed = own.high - own.low + abs(own).high / 2**51  # whoever wrote it rounded as well
            if 2 * allowed > Fraction(1, 10**5) * max(abs(own.middle), scale) + Fraction(1, 10**290):
                return self.vague(by_weights=False)
            need(own.near(figures[key], allowed), f"{key} is {float(own.middle):.9g}")
        bounded = 2 * Fraction(figures["penalty"]) + Fraction(figures["smallest_curvature"]) > 0
        exact = [0.0, 0.0, 0.0 if bounded else None]
        keys = ("spread_norm", "spread_gradient_norm", "spread_bound")
        need(same([figures[key] for key in keys], exact), "the figures of the spread are wrong")
        return RECOMPUTED, f"smallest curvature {float(both[1].middle):.3g}"

    def check_status(self):
        ends = {"certified": "solved", "tested": "bound_tested", "estimated": "bound_estimated"}
        state = self.record["bound_status"]
        unproven = self.missed if state != "estimated" and not self.reached() else ends[state]
        expected, status = "optimal" if self.optimal() else unproven, self.record["status"]
        need(self.record["message"] == CUT_MESSAGES[status], "the message is not that of the status")
        if status == "interrupted" and expected != "optimal":
            return NOT_CHECKED, f"that the run was interrupted; the numbers alone say {expected!r}"
        need(status == expected, f"the figures say {expected!r}")
        asked = self.record["relaxation"][self.gap_name]
        need(
            status not in ("solved", "bound_tested") or asked <= LOOSEST_GAP,
            f"a duality gap of {asked} says nothing",
        )
        vague = "unknown chain" in self.known or (status != "bound_estimated" and not self.value_is_known())
        if status != "optimal" and vague:
            return NOT_CHECKED, f"{status}, if SDP value and chain are as claimed"
        return PROVEN, status

    def check_provenance(self):
        return NOT_CHECKED, "method, relaxation, sweeps, history, work, penalty, wording of the reason"


PLAN = (
    "seal", "form", "graph", "partition", "cut_value", "search", "positive_semidefinite", "proof", "upper_bound",
    "estimate", "gap", "sdp_value", "duality_gap", "start_expectation", "final_expectation", "chain", "guarantee",
    "stationarity", "status", "provenance",
)  # fmt: skip


def check(record, graph):
    """Check every statement of the record of a cut."""
    report, found = Report(), []
    if report.run("version", lambda: (PROVEN, found.append(Cut(record, graph)) or "known")):
        for name in PLAN:
            report.run(name, getattr(found[0], f"check_{name}"))
    return report
