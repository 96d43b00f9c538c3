"""Re-check every claim of a max-cut record against the graph, with none of the solver's code.

What is recomputed: the graph's digest, the sides and the weight of the cut, the proof that the dual matrix is positive
semidefinite and the bound it gives, the value and the expected cut of the stored SDP vectors, the expected cut of the
final distribution, the order of the chain, the guarantee, and the lemma's stationarity numbers. Status, message and gap
are derived from these. The formulas stand in `derandkit.certificates.cuts.arithmetic`, a second writing; how far each
check reaches is listed in `derandkit.certificates.cuts.statements.CUT`.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from derandkit.certificates.checks import Verdict, VerificationCheck, proven, read_as, vague
from derandkit.certificates.cuts import arithmetic
from derandkit.certificates.cuts.arithmetic import ALPHA
from derandkit.certificates.cuts.coins import examined
from derandkit.certificates.cuts.cost import too_costly
from derandkit.certificates.cuts.estimate import MOST_LACKING, objections
from derandkit.certificates.cuts.form import LOOSEST_GAP, SCHEMA, VERSION, faults, is_real
from derandkit.certificates.cuts.heuristic import best_cut
from derandkit.certificates.cuts.psd import NO_MEMORY, prove_positive_semidefinite
from derandkit.certificates.cuts.rounding import CountedBound, counted_bound, in_six_digits
from derandkit.certificates.cuts.statements import CUT
from derandkit.certificates.cuts.witness import Witness
from derandkit.certificates.intervals import Interval, is_rounded, never_below
from derandkit.certificates.proofs.trees import proof_methods
from derandkit.certificates.statements import Finding, another, check_seal
from derandkit.graphs.reading import recorded
from derandkit.numerics.sums import exact_total
from derandkit.records import JsonMapping
from derandkit.status import CutStatus
from derandkit.versions import unknown_version, upgraded
from derandkit.words.quoting import clipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.certificates.cuts.coins import Coins
    from derandkit.graphs.graph import WeightedGraph

_U = Fraction(1, 2**53)


def verify_maxcut(
    record: JsonMapping, graph: WeightedGraph, *, allow_work: float = 1.0, rng: Coins = None
) -> list[VerificationCheck]:
    """Check a max-cut record against its graph.

    Parameters
    ----------
    record : mapping
        What `MaxCutResult.to_dict` returned, or the JSON object of a result file. Anything may be wrong with it.
    graph : WeightedGraph
        The graph it is about.
    allow_work : float
        How many times the usual work a single proof may cost before it is refused unseen.
    rng : int or Generator, optional
        The coins of a test; by default from the system's entropy, so that no record can be made against them.

    Returns
    -------
    list of VerificationCheck
        One for each row of the table `CUT`, in their order; a claim that cannot be read fails with the reason. An
        intact record of another graph claims nothing about this one, and the list ends with that.
    """
    examiner = _Examiner(upgraded(record), record, graph, allow_work, rng)
    checks: list[VerificationCheck] = []
    for name, check in examiner.plan():
        checks.append(examiner.with_headline(CUT.check(name, check)))
        if name == "graph" and [entry.name for entry in checks if not entry.passed] == ["graph"]:
            break
        if name in ("form", "graph") and not checks[-1].passed:
            examiner.unfit = name
    return checks


def _same(claim: object, own: int | float) -> bool:
    """Whether a claim is this very number, of this very type: -0.0 is not 0.0."""
    return type(claim) is type(own) and repr(claim) == repr(own)


class _Examiner(Witness):
    """The checks, in the order of the table `CUT`; what they read from the record is worked out in `Witness`."""

    def __init__(
        self,
        record: JsonMapping,
        written: JsonMapping,
        graph: WeightedGraph,
        allow_work: float,
        rng: Coins = None,
    ) -> None:
        super().__init__(record, graph, allow_work)
        self.written = written  # as the file has it, of whatever version
        self.rng = rng
        self.chance = 0.0
        self._best: CountedBound | None = None

    def plan(self) -> list[tuple[str, Callable[[], Finding]]]:
        """Return the checks in the order of the table."""
        return [(row.name, getattr(self, f"check_{row.name}")) for row in CUT]

    def with_headline(self, check: VerificationCheck) -> VerificationCheck:
        """Return a check with what rests on it: nothing, where the record does not make the statement at all."""
        # a cut that meets its bound is proven optimal, whatever a distribution expected; and where the weights
        # themselves hide every expectation, cut and bound are what the headline says
        vague = check.name in self.unclear - self.hidden and not self.optimal()
        made = check.verdict is not Verdict.NOT_CHECKED or vague
        chance = self.chance if check.name == "positive_semidefinite" and check.verdict.holds else 0.0
        return replace(check, headline=check.headline and made, error_probability=chance)

    def recomputed(self, name: str, own: Interval, claimed: object, *others: float) -> Finding:
        """Compare a claim with an interval; one that is too wide beside the other numbers leaves it not checked."""
        text = f"{own.shown()} recomputed, {claimed!r} claimed"
        if not own.contains(claimed):
            return Verdict.FAILED, text
        if own.says_nothing(*others, self.smallest_share()):
            self.leave(name)
            return Verdict.NOT_CHECKED, f"{text}; heavy weights cancel so far that this says nothing"
        return Verdict.RECOMPUTED, text

    def check_seal(self) -> Finding:
        return check_seal(self.written)

    def check_form(self) -> Finding:
        version = self.written.get("schema_version")
        if self.record.get("schema_version") != VERSION:
            return Verdict.FAILED, unknown_version(self.written, SCHEMA)
        wrong = faults(self.record)
        older = "" if version == VERSION else f" for version {version}"
        return proven(not wrong), wrong or f"fields, types and sizes as published{older}"

    def check_graph(self) -> Finding:
        claimed, graph = self.record["graph"], self.graph
        found = {"n": graph.n, "m": graph.m, "total_weight": graph.total_weight, "digest": graph.digest}
        if wrong := another("graph", claimed, found):
            return Verdict.FAILED, wrong
        return Verdict.PROVEN, f"n={graph.n}, m={graph.m}, digest {graph.digest[:12]}..."

    def check_partition(self) -> Finding:
        from derandkit.graphs.labels import label_lines

        sides = self.sides()
        left, right = self.record["partition"]
        same = (sides == sides[0]).tolist()
        other = (sides != sides[0]).tolist()
        labels, typed = self.graph.labels, True
        found: tuple[Any, ...] = (left, right)
        if isinstance(labels, range):  # a million of these need no text
            names: Any = labels
            typed = all(type(label) is int for side in found for label in side)
        else:
            lines = b"".join(label_lines(labels)).decode("utf-8").splitlines()
            names = [json.dumps(json.loads(line), sort_keys=True) for line in lines]
            found = tuple([json.dumps(label, sort_keys=True) for label in side] for side in found)
        expected = list(itertools.compress(names, same)), list(itertools.compress(names, other))
        for name, claimed, own in zip(("first", "second"), found, expected, strict=True):
            if not typed or list(claimed) != own:
                return Verdict.FAILED, f"the {name} list is not the labels of its side"
        return Verdict.PROVEN, f"{len(left)} + {len(right)} vertices, each on the side of the certificate"

    def check_cut_value(self) -> Finding:
        own = self.as_written(self.cut(self.sides()))
        claims = self.record["cut_value"], self.record["chain"]["cut_value"]
        holds = all(_same(claim, own) for claim in claims)
        return proven(holds), f"{own} recomputed" if holds else (
            f"{own} recomputed, {claims[0]} and {claims[1]} claimed"
        )

    def check_search(self) -> Finding:
        claimed, search = self.record["chain"]["derandomized_cut"], self.record["search"]
        own = self.as_written(self.cut(self.derandomized_sides()))
        later = search is not None or self.record["certificate"]["proof"] is not None
        if later is not (self.record["certificate"]["derandomized_sides"] is not None):
            return (
                Verdict.FAILED,
                "the sides before the search are kept if there was a search or a proof, and only then",
            )
        if not _same(claimed, own):
            return Verdict.FAILED, f"{own} before the search recomputed, {claimed} claimed"
        if search is None:
            return Verdict.PROVEN, "none was made"
        # the blocks of a graph share its articulation vertices: their sizes add up to less than 2 n
        small = search["kernel_m"] <= self.graph.m and search["kernel_n"] <= 2 * self.graph.n
        return proven(
            small
        ), f"{own} before the search" if small else "the reduced graph is larger than the graph"

    def check_positive_semidefinite(self) -> Finding:
        bound = self.record["bound"]
        status, method = bound["dual_status"], bound["dual_method"]
        diagonal = self.diagonal()
        if status == "estimated":
            named = method == "lanczos"
            return (
                Verdict.NOT_CHECKED if named else Verdict.FAILED,
                "the semidefinite bound is marked as an estimate",
            )
        if status == "tested":
            self.chance = self.record["bound"]["coin_test"]["error_probability"]
            return examined(self.graph, diagonal, bound, self.rng, self.allow_work)
        if status != "certified":
            return Verdict.FAILED, f"bound.dual_status is {status!r}"
        reason = too_costly(self.graph, method, self.allow_work)
        if reason:
            return Verdict.FAILED, reason
        proof = prove_positive_semidefinite(self.graph.adjacency(), diagonal, method)
        if proof.detail == NO_MEMORY:
            raise MemoryError(NO_MEMORY)  # not a word about the record
        if proof.proven and proof.method != method:
            return Verdict.FAILED, f"proven by {proof.method}, but the record names {method}"
        return proven(proof.proven), f"{proof.method}: {proof.detail}"

    def check_upper_bound(self) -> Finding:
        exact_dual = arithmetic.dual_value(self.graph, self.diagonal())
        claim, bound = self.record["chain"]["dual_bound"], self.record["bound"]
        if not arithmetic.is_rounded_up(claim, exact_dual) or not _same(bound["dual_bound"], claim):
            return Verdict.FAILED, f"weak duality gives {float(exact_dual)!r}, {claim!r} claimed"
        best = counted_bound(self.graph, bound, self.proof_value())
        self._best = best
        expected = best.record
        older = bound != expected and bound == in_six_digits(expected)
        expected = in_six_digits(expected) if older else expected
        if bound != expected or self.record["bound_status"] != expected["status"]:
            wrong = [key for key in expected if bound[key] != expected[key]] or ["status"]
            return Verdict.FAILED, f"bound.{wrong[0]} should be {expected[wrong[0]]!r}"
        if not _same(self.record["upper_bound"], best.value):
            return (
                Verdict.FAILED,
                f"the bound on the cut is {best.value!r}, {self.record['upper_bound']!r} claimed",
            )
        if expected["status"] == "tested":
            return Verdict.RECOMPUTED, f"{best.value}, if the dual matrix is as it was tested"
        if expected["status"] != "certified":
            found = best_cut(self.graph, self.sides())
            if Fraction(found) > Fraction(best.value):
                return Verdict.FAILED, f"{best.value} is claimed, but there is a cut of weight {found}"
            return (
                Verdict.NOT_CHECKED,
                f"{best.value} is estimated: not proven; a heavier cut is not ruled out, none was met",
            )
        six = "; the record names what weights are multiples of in six digits" if older else ""
        return Verdict.PROVEN, f"{best.value} by {expected['method']}{six}"

    def check_estimate(self) -> Finding:
        status = self.record["bound_status"]
        if "estimated" not in (status, self.record["bound"]["dual_status"]):
            return Verdict.PROVEN, f"none: the bound is {status}"
        # how much too low the bound may be, whatever gap the record names
        relaxation, bound = self.record["relaxation"], self.record["chain"]["dual_bound"]
        spare = min(relaxation["duality_gap"], MOST_LACKING) * abs(bound)
        objection, text = objections(self.graph, self.diagonal(), spare)
        if not objection and status != "estimated":  # a proof beside it is the bound
            return Verdict.PROVEN, f"none: the bound is {status}"
        return Verdict.FAILED if objection else Verdict.NOT_CHECKED, text

    def check_proof(self) -> Finding:
        exact = self.proof_value()
        bound = self.record["bound"]
        if exact is None:
            return proven(bound["proof_bound"] is None and bound["proof_method"] is None), "none is given"
        named = bound["proof_method"] in proof_methods(self.record["certificate"]["proof"])
        return proven(named), f"no cut weighs more than {never_below(exact)}, in exact arithmetic"

    def optimal(self) -> bool:
        """Whether a certified bound is met by the cut, compared exactly: rounded numbers meet sooner."""
        best = self._best
        return (
            best is not None and best.record["status"] == "certified" and self.cut(self.sides()) >= best.exact
        )

    def check_gap(self) -> Finding:
        gap = arithmetic.gap_of(self.record["upper_bound"], self.record["cut_value"])
        optimal, holds = self.optimal(), is_rounded(self.record["gap"], gap)
        return (
            proven(holds and self.record["proven_optimal"] is optimal),
            f"gap {float(gap):.6g}, proven optimal: {optimal}",
        )

    def check_sdp_value(self) -> Finding:
        claimed, own = self.record["chain"]["sdp_value"], self.value()
        if own is None:
            return self.left_out(claimed)
        return self.recomputed("sdp_value", own, claimed, float(self.cut(self.sides())))

    def check_start_expectation(self) -> Finding:
        claimed, own = self.record["chain"]["start_expectation"], self.start()
        if own is None:
            return self.left_out(claimed)
        return self.recomputed("start_expectation", own, claimed, float(self.cut(self.sides())))

    def check_final_expectation(self) -> Finding:
        claimed, own = self.record["chain"]["final_expectation"], self.final()
        return self.recomputed("final_expectation", own, claimed, float(self.cut(self.sides())))

    def check_chain(self) -> Finding:
        start, value, final = self.start(), self.value(), self.final()
        before = self.cut(self.derandomized_sides())
        dual, cut = arithmetic.dual_value(self.graph, self.diagonal()), self.cut(self.sides())
        links: list[tuple[str, Any, Any, Any, Any]] = [
            ("cut_value >= derandomized_cut", cut, cut, before, before),
            ("derandomized_cut >= final_expectation", before, before, final.low, final.high),
        ]
        if start is not None and value is not None:
            links += [
                ("final_expectation >= start_expectation", final.low, final.high, start.low, start.high),
                ("dual_bound >= sdp_value", dual, dual, value.low, value.high),
            ]
        broken = [text for text, _, high, low, _ in links if not high >= low]
        if broken:
            return Verdict.FAILED, f"broken: {broken[0]}"
        overlapping = [link for link in links if not link[1] >= link[4]]
        equal = [link[0] for link in overlapping]
        scale = max(abs(float(cut)), self.smallest_share())
        if any(
            vague(float(high - low + (top - bottom)), max(abs(float(low)), abs(float(top)), scale))
            for _, low, high, bottom, top in overlapping
        ):
            self.leave("chain")
            return Verdict.NOT_CHECKED, "heavy weights cancel so far that the expectations are not known"
        text = "; ".join(link[0] for link in links)
        if start is None:
            text += " (start_expectation and sdp_value are not checked: the vectors were left out)"
        if equal:
            return Verdict.RECOMPUTED, f"{text}; equal to within the error bounds: {'; '.join(equal)}"
        return Verdict.PROVEN, text

    def check_guarantee(self) -> Finding:
        chain, claimed = self.record["chain"], self.record["guarantee"]
        weights = self.graph.edges()[2]
        below = exact_total(weights[weights < 0])
        value = below + ALPHA * (Fraction(chain["sdp_value"]) - below)
        statement = (
            "start_expectation >= 0.87856 sdp_value"
            if below == 0
            else "start_expectation - W- >= 0.87856 (sdp_value - W-), W- the sum of the negative weights"
        )
        # the last term is what the smallest floats are apart
        spare = 8 * _U * (abs(below) + abs(Fraction(chain["sdp_value"]))) + Fraction(1, 2**1073)
        holds = (
            claimed["ratio"] == float(ALPHA)
            and _same(claimed["negative_weight"], self.as_written(below))
            and is_real(claimed["value"])
            and abs(Fraction(claimed["value"]) - value) <= spare
            and claimed["statement"] == statement
            and claimed["holds"] is True
        )
        start = self.start()
        if start is None:
            return (
                Verdict.NOT_CHECKED if holds else Verdict.FAILED,
                "the vectors were left out for their size",
            )
        if start.low < value - spare <= start.high and start.says_nothing(
            float(self.cut(self.sides())), self.smallest_share()
        ):
            self.leave("guarantee")
            return Verdict.NOT_CHECKED if holds else Verdict.FAILED, "start_expectation is not known"
        return holds and Fraction(start.high) >= value - spare, f"ratio {float(ALPHA)}: {statement}"

    def check_stationarity(self) -> Finding:
        claimed = self.record["stationarity"]
        mean, smoothing = self.mean()
        final = arithmetic.settled(mean, self.derandomized_sides(), smoothing)
        own = arithmetic.stationarity(self.graph, final, smoothing)
        penalty = claimed["penalty"]
        if not (is_real(penalty) and penalty >= 0.0):
            return False, f"the penalty is {penalty!r}"
        for key, figure in (("mean_gradient_norm", own.gradient_norm), ("smallest_curvature", own.curvature)):
            if figure.says_nothing(own.scale):
                self.unclear.add("stationarity")
                text = f"{key} is {figure.shown()}, which says nothing beside weights of {own.scale:.3g}"
                return Verdict.NOT_CHECKED, text
            if not figure.contains(claimed[key]):
                return False, f"{key} is {figure.shown()}, {claimed[key]!r} claimed"
        positive = 2.0 * penalty + claimed["smallest_curvature"] > 0.0
        exact = {
            "spread_norm": 0.0,
            "spread_gradient_norm": 0.0,
            "curvature_method": "gershgorin",
            "spread_bound": 0.0 if positive else None,
        }
        for key, value in exact.items():
            if type(claimed[key]) is not type(value) or claimed[key] != value:
                return False, f"{key} is {value!r}, {claimed[key]!r} claimed"
        return (
            True,
            f"|W| = 0, smallest curvature {own.curvature.shown()}, gradient {own.gradient_norm.shown()}, "
            f"penalty {penalty:.3g} as claimed",
        )

    def check_duality_gap(self) -> Finding:
        chain, reached = self.record["chain"], self.duality_gap_reached()
        distance = chain["dual_bound"] - chain["sdp_value"]
        same = self.record["relaxation"]["duality_gap_reached"] is reached
        asked = self.record["relaxation"]["duality_gap"]
        text = f"{distance:.6g} between bound and SDP value, {asked:.3g} of the bound set; reached: {reached}"
        if same and not self.value_is_known():
            return Verdict.NOT_CHECKED, f"{text}, if the SDP value is as claimed"
        return same, text

    def check_status(self) -> Finding:
        status = self.record["status"]
        if self.optimal():
            expected = "optimal"
        elif self.record["bound_status"] == "estimated":
            expected = "bound_estimated"
        elif not self.duality_gap_reached():
            expected = "duality_gap_not_reached"
        else:
            expected = "solved" if self.record["bound_status"] == "certified" else "bound_tested"
        if self.record["message"] != CutStatus[status.upper()].value:
            return Verdict.FAILED, f"the message is not that of status {status!r}"
        if status == "interrupted" and expected != "optimal":
            return Verdict.NOT_CHECKED, f"that the run was interrupted; the numbers alone say {expected!r}"
        asked = self.record["relaxation"]["duality_gap"]
        text = f"{status!r} claimed, {expected!r} follows from the numbers"
        if status == expected and expected in ("solved", "bound_tested"):
            text += f"; a duality gap of {asked:.3g} was set"
            if asked > LOOSEST_GAP:  # such a gap is always reached
                self.unclear.add("status")
                return Verdict.NOT_CHECKED, f"{text}, and above {LOOSEST_GAP} that says nothing"
        if (
            status == expected
            and expected in ("solved", "bound_tested", "duality_gap_not_reached")
            and not self.value_is_known()
        ):
            return Verdict.NOT_CHECKED, f"{text}, if the SDP value is as claimed"
        if status == expected != "optimal" and "chain" in self.unclear:  # the messages speak of it
            return Verdict.NOT_CHECKED, f"{text}, if the chain is as claimed"
        # these rest on coins, or on the duality gap that was set, which is taken as it is stated
        if status == expected and expected in ("bound_tested", "solved", "duality_gap_not_reached"):
            return Verdict.RECOMPUTED, text
        return proven(status == expected), text

    def check_provenance(self) -> Finding:
        used, own = self.record["relaxation"], recorded(self.graph.reading, self.graph.rounded)
        method, relaxation = (clipped(name, 60) for name in (self.record["method"], used["method"]))
        return Verdict.NOT_CHECKED, (
            f"method {method!r}, relaxation {relaxation!r} with {used['sweeps']} sweeps, "
            f"history, wording of the reason; {read_as(self.written, self.record['graph'], own)}"
        )
