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

from derandkit.certificates.checks import Check, checked
from derandkit.certificates.cuts.arithmetic import (
    ALPHA,
    WITNESS_LIMIT,
    default_penalty,
    duality_gap_reached,
    expected_hyperplane_cut,
    expected_independent_cut,
    final_stationarity,
    guarantee_record,
    relative_gap,
    semidefinite_value,
    settled_mean,
    unit_rows,
    weak_duality_bound,
)
from derandkit.certificates.cuts.psd import prove_positive_semidefinite
from derandkit.certificates.cuts.rounding import UpperBound, upper_bound
from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import proof_methods, proven_bound
from derandkit.numerics.sums import exact_sum
from derandkit.records import decode_array, seal
from derandkit.status import CutStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from derandkit.graphs.graph import WeightedGraph

#: Sums of floating-point terms are compared to this fraction of the sum of all |weights|.
TOLERANCE = 1e-9
#: arccos magnifies a rounding error near +-1 to its square root.
ANGLE_TOLERANCE = 1e-7

_NUMBER = (int, float)
#: Which keys an object of the record has, and of what type a value is; "" is the record itself.
_FORM: dict[str, Any] = {
    "": frozenset(
        ["bound", "bound_status", "certificate", "chain", "cut_value", "gap", "graph", "guarantee", "history",
         "message", "method", "partition", "proven_optimal", "relaxation", "schema", "schema_version", "seal",
         "search", "stationarity", "status", "upper_bound"]
    ),
    "bound": frozenset(
        ["dual_bound", "dual_method", "dual_status", "method", "proof_bound", "proof_method", "reason", "rounding",
         "status"]
    ),
    "certificate": frozenset(["derandomized_sides", "diagonal", "mean", "proof", "sides", "smoothing", "vectors"]),
    "chain": frozenset(
        ["cut_value", "derandomized_cut", "final_expectation", "sdp_value", "start_expectation", "upper_bound"]
    ),
    "graph": frozenset(["digest", "m", "n", "total_weight"]),
    "guarantee": frozenset(["holds", "negative_weight", "ratio", "statement", "value"]),
    "relaxation": frozenset(["gap", "gap_reached", "method", "rank", "sweeps"]),
    "history": frozenset(["expectation", "smoothing", "spread_norm"]),
    "schema_version": int,
    "cut_value": _NUMBER,
    "upper_bound": _NUMBER,
    "gap": float,
    "proven_optimal": bool,
    "bound.dual_bound": float,
    "chain.sdp_value": float,
    "chain.start_expectation": float,
    "chain.final_expectation": float,
    "guarantee.ratio": float,
    "guarantee.negative_weight": _NUMBER,
    "guarantee.value": float,
    "guarantee.holds": bool,
    "stationarity.spread_norm": float,
    "stationarity.spread_gradient_norm": float,
    "stationarity.mean_gradient_norm": float,
    "stationarity.smallest_curvature": float,
    "stationarity.penalty": float,
    "relaxation.gap": float,
    "relaxation.gap_reached": bool,
    "relaxation.rank": int,
    "relaxation.sweeps": int,
    "certificate.smoothing": float,
}  # fmt: skip


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
    return [checked(name, check) for name, check in examiner.plan()]


class _Examiner:
    """The record, the graph, and what is worked out once for several checks."""

    def __init__(self, record: Mapping[str, Any], graph: WeightedGraph) -> None:
        self.record = record
        self.graph = graph
        self._proven: Fraction | None = None
        self._best: UpperBound | None = None
        self.scale = max(exact_sum(np.abs(graph.weights)) / 2.0, 1e-300)

    def plan(self) -> list[tuple[str, Callable[[], tuple[bool, str]]]]:
        """Return the checks in the order of the argument."""
        return [
            ("seal", self.check_seal),
            ("form", self.check_form),
            ("graph", self.check_graph),
            ("partition", self.check_partition),
            ("cut_value", self.check_cut),
            ("search", self.check_search),
            ("positive_semidefinite", self.check_proof),
            ("proof", self.check_tree),
            ("upper_bound", self.check_bound),
            ("gap", self.check_gap),
            ("sdp_value", self.check_vectors),
            ("duality_gap", self.check_duality_gap),
            ("start_expectation", self.check_start),
            ("final_expectation", self.check_final),
            ("chain", self.check_chain),
            ("guarantee", self.check_guarantee),
            ("stationarity", self.check_stationarity),
            ("status", self.check_status),
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
        for path, kind in _FORM.items():
            value: Any = self.record
            for key in path.split(".") if path else ():
                value = value[key]
            if isinstance(kind, frozenset):
                if set(value) != kind:
                    odd = sorted(set(value) ^ kind)
                    return False, f"{path or 'the record'} has unknown or missing keys: {', '.join(odd)}"
            elif not (isinstance(value, kind) and (kind is bool or not isinstance(value, bool))):
                return False, f"{path} must be of type {getattr(kind, '__name__', 'number')}"
        return True, "every key that belongs here, and no other"

    def check_graph(self) -> tuple[bool, str]:
        claimed, graph = self.record["graph"], self.graph
        found = {"n": graph.n, "m": graph.m, "digest": graph.digest, "total_weight": graph.total_weight}
        wrong = [
            key for key, value in found.items() if claimed[key] != value or isinstance(claimed[key], bool)
        ]
        if wrong:
            key = wrong[0]
            return False, f"{key} is {found[key]} in the graph, {claimed[key]} in the record"
        return True, f"n={graph.n}, m={graph.m}, digest {graph.digest[:12]}..."

    def sides(self, key: str = "sides") -> NDArray[np.int8]:
        """Return the +-1 vector of the ``sides`` string, or of the ``derandomized_sides``."""
        text = self.record["certificate"][key]
        if len(text) != self.graph.n or set(text) - {"+", "-"}:
            raise ValueError(f"{key} must be {self.graph.n} characters + or -")
        return np.where(np.frombuffer(text.encode("ascii"), dtype=np.uint8) == ord("+"), 1, -1).astype(
            np.int8
        )

    def check_partition(self) -> tuple[bool, str]:
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
                return False, f"the {name} list is not the labels of its side"
        return True, f"{len(left)} + {len(right)} vertices, each on the side of the certificate"

    def check_cut(self) -> tuple[bool, str]:
        own = self.graph.cut_value(self.sides())
        claims = self.record["cut_value"], self.record["chain"]["cut_value"]
        ok = all(claim == own and not isinstance(claim, bool) for claim in claims)
        return ok, f"{own} recomputed" if ok else f"{own} recomputed, {claims[0]} and {claims[1]} claimed"

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
        if isinstance(claimed, bool) or claimed != own:
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

    def diagonal(self) -> NDArray[np.float64]:
        """Return the dual diagonal as claimed."""
        values = self.record["certificate"]["diagonal"]
        if not isinstance(values, list) or any(isinstance(v, (bool, str)) for v in values):
            raise ValueError("the diagonal is a list of numbers")
        diagonal = np.array(values, dtype=np.float64)
        if diagonal.shape != (self.graph.n,):
            raise ValueError(f"the diagonal must have {self.graph.n} entries")
        return diagonal

    def check_proof(self) -> tuple[bool, str]:
        bound = self.record["bound"]
        status, method = bound["dual_status"], bound["dual_method"]
        diagonal = self.diagonal()
        if status == "estimated":
            ok = method == "lanczos" and bool(np.isfinite(diagonal).all())
            return ok, "not claimed: the semidefinite bound is marked estimated"
        if status != "certified":
            return False, f"bound.dual_status is {status!r}"
        proof = prove_positive_semidefinite(self.graph.adjacency(), diagonal, method)
        if proof.proven and proof.method != method:
            return False, f"proven by {proof.method}, but the record names {method}"
        return proof.proven, f"{proof.method}: {proof.detail}"

    def check_bound(self) -> tuple[bool, str]:
        own = weak_duality_bound(self.graph.weights, self.diagonal())
        record = self.record
        if record["chain"]["upper_bound"] != own or record["bound"]["dual_bound"] != own:
            return False, f"weak duality gives {own!r}, {record['chain']['upper_bound']!r} claimed"
        bound, exact = record["bound"], self.proof_value()
        dual = {
            "value": own,
            "status": bound["dual_status"],
            "method": bound["dual_method"],
            "reason": bound["reason"],
        }
        proof = None if exact is None else (exact, bound["proof_method"], bound["reason"])
        best = upper_bound(self.graph, dual, proof)
        upper, expected = best.value, best.record
        self._best = best
        if bound != expected or record["bound_status"] != expected["status"]:
            wrong = [key for key in expected if bound[key] != expected[key]] or ["status"]
            return False, f"bound.{wrong[0]} should be {expected[wrong[0]]!r}"
        if record["upper_bound"] != upper or type(record["upper_bound"]) is not type(upper):
            return False, f"the bound on the cut is {upper!r}, {record['upper_bound']!r} claimed"
        return True, f"{upper} by {expected['method']}"

    def proof_value(self) -> Fraction | None:
        """Return what the proof tree establishes, in exact arithmetic; None without one."""
        proof = self.record["certificate"]["proof"]
        if proof is None:
            return None
        if self._proven is None:
            self._proven = proven_bound(ExactGraph.from_graph(self.graph), proof)
        return self._proven

    def check_tree(self) -> tuple[bool, str]:
        exact = self.proof_value()
        bound = self.record["bound"]
        if exact is None:
            return bound["proof_bound"] is None and bound["proof_method"] is None, "none is given"
        named = bound["proof_method"] in proof_methods(self.record["certificate"]["proof"])
        return named, f"no cut weighs more than {float(exact):.12g}, in exact arithmetic"

    def check_gap(self) -> tuple[bool, str]:
        upper, cut = self.record["upper_bound"], self.record["cut_value"]
        gap = relative_gap(upper, cut)
        # the comparison is exact: rounded figures can meet where the true ones do not
        optimal = self._best is not None and self._best.met_by(self.graph, self.sides())
        ok = self.record["gap"] == gap and self.record["proven_optimal"] is optimal and gap >= 0
        return ok, f"gap {gap:.6g}, proven optimal: {optimal}"

    def vectors(self) -> NDArray[np.float64] | None:
        """Return the stored SDP vectors with rows of unit length, or None when they were left out."""
        stored = self.record["certificate"]["vectors"]
        if stored is None:
            return None
        vectors = decode_array(stored)
        if vectors.ndim != 2 or vectors.shape[0] != self.graph.n or not np.isfinite(vectors).all():
            raise ValueError(f"the vectors must be {self.graph.n} finite rows")
        return unit_rows(vectors)

    def check_vectors(self) -> tuple[bool, str]:
        claimed = self.record["chain"]["sdp_value"]
        vectors = self.vectors()
        if vectors is None:
            large = self.graph.n * self.record["relaxation"]["rank"] > WITNESS_LIMIT
            return large and math.isfinite(claimed), "recorded, not re-checkable: too many vectors to store"
        own = semidefinite_value(self.graph, vectors)
        ok = abs(own - claimed) <= TOLERANCE * self.scale
        rank = self.record["relaxation"]["rank"] == vectors.shape[1]
        return ok and rank, f"{own:.9g} recomputed from rank {vectors.shape[1]}, {claimed:.9g} claimed"

    def check_start(self) -> tuple[bool, str]:
        claimed = self.record["chain"]["start_expectation"]
        vectors = self.vectors()
        if vectors is None:
            return math.isfinite(claimed), "recorded, not re-checkable: the vectors were left out"
        own = expected_hyperplane_cut(self.graph, vectors)
        ok = abs(own - claimed) <= ANGLE_TOLERANCE * self.scale
        return ok, f"{own:.9g} recomputed, {claimed:.9g} claimed"

    def mean(self) -> tuple[NDArray[np.float64], float]:
        """Return mean and smoothing of the final law."""
        certificate = self.record["certificate"]
        mean, smoothing = decode_array(certificate["mean"]), float(certificate["smoothing"])
        if mean.shape != (self.graph.n,) or not np.isfinite(mean).all():
            raise ValueError(f"the mean must be {self.graph.n} finite numbers")
        if not (smoothing > 0 and math.isfinite(smoothing)):
            raise ValueError("the smoothing must be positive")
        return mean, smoothing

    def check_final(self) -> tuple[bool, str]:
        claimed = self.record["chain"]["final_expectation"]
        own = expected_independent_cut(self.graph, *self.mean())
        return abs(own - claimed) <= TOLERANCE * self.scale, f"{own:.9g} recomputed, {claimed:.9g} claimed"

    def check_chain(self) -> tuple[bool, str]:
        chain = self.record["chain"]
        slack = ANGLE_TOLERANCE * self.scale
        links = (
            ("upper_bound >= sdp_value", chain["upper_bound"] >= chain["sdp_value"] - TOLERANCE * self.scale),
            ("cut_value >= derandomized_cut", chain["cut_value"] >= chain["derandomized_cut"]),
            (
                "derandomized_cut >= final_expectation",
                chain["derandomized_cut"] >= chain["final_expectation"] - slack,
            ),
            (
                "final_expectation >= start_expectation",
                chain["final_expectation"] >= chain["start_expectation"] - slack,
            ),
        )
        broken = [text for text, holds in links if not holds]
        return not broken, f"broken: {broken[0]}" if broken else "; ".join(text for text, _ in links)

    def check_guarantee(self) -> tuple[bool, str]:
        chain = self.record["chain"]
        own = guarantee_record(self.graph, chain["sdp_value"], chain["start_expectation"])
        ok = self.record["guarantee"] == own
        return ok, f"ratio {ALPHA}: {own['statement']}" if ok else f"the figures give {own}"

    def check_stationarity(self) -> tuple[bool, str]:
        claimed = self.record["stationarity"]
        mean, smoothing = self.mean()
        final = settled_mean(mean, self.derandomized_sides(), smoothing)
        own = final_stationarity(self.graph, final, smoothing, penalty=default_penalty(self.graph))
        for key, value in own.items():
            if isinstance(value, float):
                if not math.isclose(claimed[key], value, rel_tol=1e-6, abs_tol=1e-9 * self.scale):
                    return False, f"{key} is {value:.6g}, {claimed[key]:.6g} claimed"
            elif claimed[key] != value:
                return False, f"{key} is {value}, {claimed[key]} claimed"
        return set(claimed) == set(own), f"|W| = 0, smallest curvature >= {own['smallest_curvature']:.3g}"

    def check_status(self) -> tuple[bool, str]:
        status, certified = self.record["status"], self.record["bound_status"] == "certified"
        allowed = {
            "optimal": self.record["proven_optimal"],
            "solved": certified and not self.record["proven_optimal"],
            "bound_estimated": not certified,
            "gap_not_reached": self.record["relaxation"]["gap_reached"] is False and certified,
            "interrupted": True,
        }
        if self.record["proven_optimal"] and status != "optimal":
            return False, f"the cut is proven optimal, the status {status!r} says otherwise"
        if self.record["message"] != CutStatus[status.upper()].value:
            return False, f"the message is not that of status {status!r}"
        return bool(allowed.get(status, False)), f"{status!r} with bound {self.record['bound_status']}"

    def check_duality_gap(self) -> tuple[bool, str]:
        claimed = self.record["relaxation"]
        dual, value = self.record["bound"]["dual_bound"], self.record["chain"]["sdp_value"]
        reached = duality_gap_reached(self.graph, dual, value, claimed["gap"])
        return claimed[
            "gap_reached"
        ] is reached, f"{dual - value:.6g} between bound and SDP value; met: {reached}"
