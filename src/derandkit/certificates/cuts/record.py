"""Re-check every claim of a max-cut record against the graph, with none of the solver's code.

What is recomputed: the graph's digest, the sides and the weight of the cut, the proof that the dual matrix is positive
semidefinite and the bound it gives, the value and the expected cut of the stored SDP vectors, the expected cut of the
final law, the order of the chain, the guarantee, and the lemma's stationarity figures. The formulas are those of the
documentation's certificates page, written out here a second time on purpose.
"""

from __future__ import annotations

import itertools
import json
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.certificates.checks import Check, Verdict, checked
from derandkit.certificates.cuts import arithmetic
from derandkit.certificates.cuts.arithmetic import ALPHA, WITNESS_LIMIT, Interval
from derandkit.certificates.cuts.form import check_form, check_provenance
from derandkit.certificates.cuts.heuristic import best_cut
from derandkit.certificates.cuts.psd import prove_positive_semidefinite
from derandkit.certificates.cuts.rounding import UpperBound, upper_bound
from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import proof_methods, proven_bound
from derandkit.records import decode_array, seal
from derandkit.status import CutStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray


def verify_maxcut(record: Mapping[str, Any], graph: WeightedGraph) -> list[Check]:
    """Check a max-cut record against its graph.

    Parameters
    ----------
    record : mapping
        What `MaxCutResult.to_dict` returned, or the JSON object of a result file. Anything may be wrong with it.
    graph : WeightedGraph
        The graph it speaks about.

    Returns
    -------
    list of Check
        One check a claim; a claim that cannot be read fails with the reason.
    """
    examiner = _Examiner(record, graph)
    return [checked(name, check, headline=headline) for name, check, headline in examiner.plan()]


class _Examiner:
    """The record, the graph, and what is worked out once for several checks."""

    def __init__(self, record: Mapping[str, Any], graph: WeightedGraph) -> None:
        self.record = record
        self.graph = graph
        self._proven: Fraction | None = None
        self._best: UpperBound | None = None
        self._figures: dict[str, Interval] = {}

    def plan(self) -> list[tuple[str, Callable[[], tuple[bool | Verdict, str]], bool]]:
        """Return the checks in the order of the argument, and whether the headline rests on each."""
        certified = self.record.get("bound_status") == "certified"
        stored = isinstance(self.record.get("certificate"), dict) and self.record["certificate"].get(
            "vectors"
        )
        return [
            ("seal", self.check_seal, True),
            ("form", self.check_form, True),
            ("graph", self.check_graph, True),
            ("partition", self.check_partition, True),
            ("cut_value", self.check_cut, True),
            ("search", self.check_search, True),
            ("positive_semidefinite", self.check_proof, certified),
            ("proof", self.check_tree, True),
            ("upper_bound", self.check_bound, certified),
            ("gap", self.check_gap, True),
            ("sdp_value", self.check_vectors, bool(stored)),
            ("duality_gap", self.check_duality_gap, bool(stored)),
            ("start_expectation", self.check_start, bool(stored)),
            ("final_expectation", self.check_final, True),
            ("chain", self.check_chain, bool(stored)),
            ("guarantee", self.check_guarantee, bool(stored)),
            ("stationarity", self.check_stationarity, True),
            ("status", self.check_status, True),
            ("provenance", self.check_provenance, False),
        ]

    def check_seal(self) -> tuple[bool, str]:
        found = seal(self.record)
        claimed = self.record["seal"]
        ok = (
            found == claimed
            and self.record["schema"] == "derandkit-maxcut"
            and self.record["schema_version"] == 2
        )
        return (
            ok,
            "the file is as it was written" if ok else f"the content hashes to {found[:12]}..., not the seal",
        )

    def check_form(self) -> tuple[bool, str]:
        return check_form(self.record)

    def check_graph(self) -> tuple[Verdict, str]:
        claimed, graph = self.record["graph"], self.graph
        found = {"n": graph.n, "m": graph.m, "digest": graph.digest, "total_weight": graph.total_weight}
        wrong = [
            key
            for key, value in found.items()
            if claimed[key] != value or type(claimed[key]) is not type(value)
        ]
        if wrong:
            key = wrong[0]
            return Verdict.FAILED, f"{key} is {found[key]} in the graph, {claimed[key]} in the record"
        return Verdict.PROVEN, f"n={graph.n}, m={graph.m}, digest {graph.digest[:12]}..."

    def sides(self, key: str = "sides") -> NDArray[np.int8]:
        """Return the +-1 vector of the ``sides`` string, or of the ``derandomized_sides``."""
        text = self.record["certificate"][key]
        if len(text) != self.graph.n or set(text) - {"+", "-"}:
            raise ValueError(f"{key} must be {self.graph.n} characters + or -")
        return np.where(np.frombuffer(text.encode("ascii"), dtype=np.uint8) == ord("+"), 1, -1).astype(
            np.int8
        )

    def check_partition(self) -> tuple[Verdict, str]:
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

    def check_cut(self) -> tuple[Verdict, str]:
        own = self.graph.cut_value(self.sides())
        claims = self.record["cut_value"], self.record["chain"]["cut_value"]
        ok = all(claim == own and type(claim) is type(own) for claim in claims)
        return _proof(
            ok
        ), f"{own} recomputed" if ok else f"{own} recomputed, {claims[0]} and {claims[1]} claimed"

    def derandomized_sides(self) -> NDArray[np.int8]:
        """Return the sides before the search, which are the sides where there was none."""
        searched = self.record["certificate"]["derandomized_sides"] is not None
        return self.sides("derandomized_sides" if searched else "sides")

    def check_search(self) -> tuple[bool, str]:
        claimed, search = self.record["chain"]["derandomized_cut"], self.record["search"]
        own = self.graph.cut_value(self.derandomized_sides())
        later = search is not None or self.record["certificate"]["proof"] is not None
        if later is not (self.record["certificate"]["derandomized_sides"] is not None):
            return (
                False,
                "the sides before the search are kept if there was a search or a proof, and only then",
            )
        if type(claimed) is not type(own) or claimed != own:
            return False, f"{own} before the search recomputed, {claimed} claimed"
        if search is None:
            return True, "none was made"
        keys = ("kernel_m", "kernel_n", "runs", "work")
        formed = tuple(sorted(search)) == keys and all(type(search[key]) is int for key in keys)
        small = formed and search["kernel_m"] <= self.graph.m
        return (
            small,
            f"{own} before the search" if small else f"the search has the integers {', '.join(keys)}",
        )

    def diagonal(self) -> FloatArray:
        """Return the dual diagonal as claimed."""
        values = self.record["certificate"]["diagonal"]
        if not isinstance(values, list) or any(isinstance(v, (bool, str)) for v in values):
            raise ValueError("the diagonal is a list of numbers")
        diagonal = np.array(values, dtype=np.float64)
        if diagonal.shape != (self.graph.n,):
            raise ValueError(f"the diagonal must have {self.graph.n} entries")
        return diagonal

    def check_proof(self) -> tuple[Verdict, str]:
        bound = self.record["bound"]
        status, method = bound["dual_status"], bound["dual_method"]
        diagonal = self.diagonal()
        if status == "estimated":
            ok = method == "lanczos" and bool(np.isfinite(diagonal).all())
            verdict = Verdict.NOT_CHECKED if ok else Verdict.FAILED
            return verdict, "the semidefinite bound is an estimate: nobody has proven it"
        if status != "certified":
            return Verdict.FAILED, f"bound.dual_status is {status!r}"
        proof = prove_positive_semidefinite(self.graph.adjacency(), diagonal, method)
        if proof.proven and proof.method != method:
            return Verdict.FAILED, f"proven by {proof.method}, but the record names {method}"
        return _proof(proof.proven), f"{proof.method}: {proof.detail}"

    def check_bound(self) -> tuple[Verdict, str]:
        record, bound = self.record, self.record["bound"]
        exact, claimed = arithmetic.dual_value(self.graph, self.diagonal()), bound["dual_bound"]
        if not arithmetic.is_rounded_up(claimed, exact) or record["chain"]["upper_bound"] != claimed:
            return Verdict.FAILED, f"weak duality gives {float(exact)!r}, {claimed!r} claimed"
        proven = self.proof_value()
        dual = {
            "value": claimed,
            "status": bound["dual_status"],
            "method": bound["dual_method"],
            "reason": bound["reason"],
        }
        proof = None if proven is None else (proven, bound["proof_method"], bound["reason"])
        best = upper_bound(self.graph, dual, proof)
        upper, expected = best.value, best.record
        self._best = best
        if bound != expected or record["bound_status"] != expected["status"]:
            wrong = [key for key in expected if bound[key] != expected[key]] or ["status"]
            return Verdict.FAILED, f"bound.{wrong[0]} should be {expected[wrong[0]]!r}"
        if record["upper_bound"] != upper or type(record["upper_bound"]) is not type(upper):
            return Verdict.FAILED, f"the bound on the cut is {upper!r}, {record['upper_bound']!r} claimed"
        if expected["status"] == "certified":
            return Verdict.PROVEN, f"{upper} by {expected['method']}"
        found = best_cut(self.graph, self.sides())
        if Fraction(found) > Fraction(upper):
            return Verdict.FAILED, f"{upper} is claimed, but there is a cut of weight {found}"
        return (
            Verdict.NOT_CHECKED,
            f"{upper} is an estimate, not a bound that is proven; no cut above it was met",
        )

    def proof_value(self) -> Fraction | None:
        """Return what the proof tree establishes, in exact arithmetic; None without one."""
        proof = self.record["certificate"]["proof"]
        if proof is None:
            return None
        if self._proven is None:
            self._proven = proven_bound(ExactGraph.from_graph(self.graph), proof)
        return self._proven

    def check_tree(self) -> tuple[Verdict, str]:
        exact = self.proof_value()
        bound = self.record["bound"]
        if exact is None:
            return _proof(bound["proof_bound"] is None and bound["proof_method"] is None), "none is given"
        named = bound["proof_method"] in proof_methods(self.record["certificate"]["proof"])
        return _proof(named), f"no cut weighs more than {float(exact):.12g}, in exact arithmetic"

    def check_gap(self) -> tuple[Verdict, str]:
        upper, cut = self.record["upper_bound"], self.record["cut_value"]
        gap, claimed = arithmetic.gap_of(upper, cut), self.record["gap"]
        # the comparison is exact: rounded figures can meet where the true ones do not
        optimal = self._best is not None and self._best.met_by(self.graph, self.sides())
        near = type(claimed) is float and abs(claimed - gap) <= 8.0 * arithmetic.UNIT * gap and gap >= 0
        return _proof(
            near and self.record["proven_optimal"] is optimal
        ), f"gap {gap:.6g}, proven optimal: {optimal}"

    def vectors(self) -> FloatArray | None:
        """Return the stored SDP vectors in double precision, or None when they were left out."""
        stored = self.record["certificate"]["vectors"]
        if stored is None:
            return None
        vectors = decode_array(stored)
        if vectors.ndim != 2 or vectors.shape[0] != self.graph.n or not np.isfinite(vectors).all():
            raise ValueError(f"the vectors must be {self.graph.n} finite rows")
        return np.asarray(vectors, dtype=np.float64)

    def figure(self, name: str) -> Interval:
        """Return a figure of the vectors or of the final distribution, worked out once."""
        if name not in self._figures:
            if name == "final_expectation":
                self._figures[name] = arithmetic.independent_expectation(self.graph, *self.mean())
            else:
                vectors = self.vectors()
                if vectors is None:
                    raise ValueError("the vectors were left out")
                work = arithmetic.sdp_value if name == "sdp_value" else arithmetic.hyperplane_expectation
                self._figures[name] = work(self.graph, vectors)
        return self._figures[name]

    def left_out(self) -> bool:
        """Whether the vectors are missing because there are too many; they may not be missing otherwise."""
        if self.record["certificate"]["vectors"] is not None:
            return False
        if self.graph.n * self.record["relaxation"]["rank"] <= WITNESS_LIMIT:
            raise ValueError("the vectors are missing though they are few enough to be stored")
        return True

    def agrees(self, name: str) -> tuple[Verdict, str]:
        """Compare a figure of the chain with its interval."""
        claimed, own = self.record["chain"][name], self.figure(name)
        verdict = Verdict.RECOMPUTED if own.contains(claimed) else Verdict.FAILED
        return (
            verdict,
            f"{own.middle:.12g} +- {0.5 * (own.high - own.low):.2g} recomputed, {claimed!r} claimed",
        )

    def check_vectors(self) -> tuple[Verdict, str]:
        if self.left_out():
            return Verdict.NOT_CHECKED, "too many vectors to store"
        vectors = self.vectors()
        if vectors is None or self.record["relaxation"]["rank"] != vectors.shape[1]:
            return Verdict.FAILED, "the rank is not that of the vectors"
        return self.agrees("sdp_value")

    def check_duality_gap(self) -> tuple[Verdict, str]:
        relaxation, bound = self.record["relaxation"], self.record["bound"]["dual_bound"]
        asked, claimed = relaxation["gap"], relaxation["gap_reached"]
        if not (math.isfinite(asked) and asked >= 0):
            return Verdict.FAILED, f"the gap that was asked for is {asked!r}"
        if self.left_out():
            value = Interval(self.record["chain"]["sdp_value"], self.record["chain"]["sdp_value"])
        else:
            value = self.figure("sdp_value")
        _, _, weights = self.graph.edges()
        allowed = asked * max(abs(bound), 1e-9 * float(np.abs(weights).sum()))
        surely, possibly = bound - value.low <= allowed, bound - value.high <= allowed * (1 + 1e-12)
        text = f"{bound - value.middle:.6g} between bound and SDP value; met: {claimed}"
        if claimed not in ((True,) if surely else (True, False) if possibly else (False,)):
            return Verdict.FAILED, text
        return Verdict.NOT_CHECKED if self.left_out() else Verdict.RECOMPUTED, text

    def check_start(self) -> tuple[Verdict, str]:
        if self.left_out():
            finite = math.isfinite(self.record["chain"]["start_expectation"])
            return Verdict.NOT_CHECKED if finite else Verdict.FAILED, "the vectors were left out"
        return self.agrees("start_expectation")

    def mean(self) -> tuple[FloatArray, float]:
        """Return mean and smoothing of the final distribution."""
        certificate = self.record["certificate"]
        mean, smoothing = decode_array(certificate["mean"]), certificate["smoothing"]
        if mean.shape != (self.graph.n,) or not np.isfinite(mean).all():
            raise ValueError(f"the mean must be {self.graph.n} finite numbers")
        if not (type(smoothing) is float and 1e-150 < smoothing < 1e150):
            raise ValueError("the smoothing must be a positive float between 1e-150 and 1e150")
        return np.asarray(mean, dtype=np.float64), smoothing

    def check_final(self) -> tuple[Verdict, str]:
        return self.agrees("final_expectation")

    def check_chain(self) -> tuple[Verdict, str]:
        """Compare the true figures, not the claims: a link is broken if no numbers in the intervals satisfy it."""
        chain = self.record["chain"]
        derandomized = Fraction(chain["derandomized_cut"])
        final = self.figure("final_expectation")
        links = [
            ("cut_value >= derandomized_cut", Fraction(chain["cut_value"]) >= derandomized),
            ("derandomized_cut >= final_expectation", derandomized >= Fraction(final.low)),
        ]
        if not self.left_out():
            start, value = self.figure("start_expectation"), self.figure("sdp_value")
            links.append(("final_expectation >= start_expectation", final.high >= start.low))
            # every bound is above the optimum of the relaxation, which is above the value of these vectors
            links.append(("upper_bound >= sdp_value", chain["upper_bound"] >= value.low))
        broken = [text for text, holds in links if not holds]
        if broken:
            return Verdict.FAILED, f"broken: {broken[0]}"
        verdict = Verdict.NOT_CHECKED if self.left_out() else Verdict.RECOMPUTED
        return verdict, "; ".join(text for text, _ in links)

    def check_guarantee(self) -> tuple[Verdict, str]:
        claimed = self.record["guarantee"]
        offset = self.graph.negative_weight
        statement = (
            f"start_expectation >= {float(ALPHA)} sdp_value"
            if offset == 0
            else f"start_expectation - W- >= {float(ALPHA)} (sdp_value - W-), W- the sum of the negative weights"
        )
        named = claimed["statement"] == statement and claimed["ratio"] == float(ALPHA)
        named = (
            named
            and claimed["negative_weight"] == offset
            and type(claimed["negative_weight"]) is type(offset)
        )
        sdp = self.record["chain"]["sdp_value"]
        value = Fraction(offset) + ALPHA * (Fraction(sdp) - Fraction(offset))
        size = abs(Fraction(offset)) + abs(Fraction(sdp))
        near = abs(Fraction(claimed["value"]) - value) <= 8 * Fraction(arithmetic.UNIT) * size
        text = f"ratio {float(ALPHA)}: {statement}"
        if not (named and near and claimed["holds"] is True):
            return Verdict.FAILED, f"the figures give {float(value):.12g}: {statement}"
        if self.left_out():
            return Verdict.NOT_CHECKED, text
        holds = (
            Fraction(self.figure("start_expectation").high) >= value - 8 * Fraction(arithmetic.UNIT) * size
        )
        return Verdict.RECOMPUTED if holds else Verdict.FAILED, text

    def check_stationarity(self) -> tuple[Verdict, str]:
        claimed = self.record["stationarity"]
        mean, smoothing = self.mean()
        final = arithmetic.settled(mean, self.derandomized_sides(), smoothing)
        own = arithmetic.stationarity(self.graph, final, smoothing)
        penalty = claimed["penalty"]
        if not (math.isfinite(penalty) and penalty >= 0.0):
            return Verdict.FAILED, f"the penalty is {penalty!r}"
        for key, figure in (("mean_gradient_norm", own.gradient_norm), ("smallest_curvature", own.curvature)):
            if not figure.contains(claimed[key]):
                return Verdict.FAILED, f"{key} is {figure.middle:.6g}, {claimed[key]!r} claimed"
        exact = {"spread_norm": 0.0, "spread_gradient_norm": 0.0, "curvature_method": "gershgorin"}
        wrong = [key for key, value in exact.items() if claimed[key] != value]
        positive = 2.0 * penalty + own.curvature.high > 0.0, 2.0 * penalty + own.curvature.low > 0.0
        bound = claimed["spread_bound"]
        if not (bound == 0.0 and positive[0] if bound is not None else not positive[1]):
            wrong.append("spread_bound")
        if wrong:
            return Verdict.FAILED, f"{wrong[0]} is not {claimed[wrong[0]]!r}"
        return Verdict.RECOMPUTED, f"|W| = 0, smallest curvature >= {own.curvature.low:.3g}"

    def check_status(self) -> tuple[Verdict, str]:
        """Derive how the run ended; that it was interrupted is the one thing that no figure shows."""
        record = self.record
        if record["proven_optimal"] is True:
            expected = "optimal"
        elif record["bound_status"] != "certified":
            expected = "bound_estimated"
        else:
            expected = "solved" if record["relaxation"]["gap_reached"] is True else "gap_not_reached"
        status = record["status"]
        if status not in (expected, "interrupted") or (status == "interrupted" and expected == "optimal"):
            return Verdict.FAILED, f"the figures say {expected!r}, the record {status!r}"
        if record["message"] != CutStatus[status.upper()].value:
            return Verdict.FAILED, f"the message is not that of status {status!r}"
        return Verdict.RECOMPUTED, f"{status!r} with bound {record['bound_status']}"

    def check_provenance(self) -> tuple[Verdict, str]:
        verdict = Verdict.NOT_CHECKED if check_provenance(self.record) else Verdict.FAILED
        return verdict, "method, relaxation, sweeps, search and history are what the run says of itself"


def _proof(holds: bool) -> Verdict:
    return Verdict.PROVEN if holds else Verdict.FAILED
