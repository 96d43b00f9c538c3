"""What a cut record brings as evidence, decoded: sides, diagonal, proof tree, vectors, final distribution.

Sizes are compared with those of the graph before anything is decoded. What several checks need is worked out once.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import MALFORMED, Verdict
from derandkit.certificates.cuts import arithmetic
from derandkit.certificates.cuts.arithmetic import WITNESS_LIMIT
from derandkit.certificates.cuts.form import is_array, is_real
from derandkit.certificates.cuts.heuristic import best_cut
from derandkit.certificates.cuts.thresholds import threshold_expectation
from derandkit.certificates.intervals import Interval
from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.integers import encoded_entries
from derandkit.certificates.proofs.trees import proven_bound
from derandkit.certificates.work import (
    ENTRIES_EACH,
    PROOF_ENTRIES,
    PROOF_STEPS,
    STEPS_EACH,
    Budget,
    WorkError,
    refuse_beyond,
)
from derandkit.numerics.sums import exact_total
from derandkit.records import JsonMapping, JsonObject, decode_array

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, SignArray


#: How often the weights outweigh cuts and lightest edge where no witness could show an expectation beside them.
CANCEL = 10_000
#: Columns that a relaxation may have where there are fewer vertices: single-precision sweeps fill whole registers.
PADDED = 64


class Witness:
    """The evidence of a record, and the numbers that follow from it.

    Parameters
    ----------
    record : mapping
        The record; anything may be wrong with it, and then a method raises.
    graph : WeightedGraph
        The graph it is about.
    allow_work : float
        How many times the usual work a proof may take.
    """

    def __init__(self, record: JsonMapping, graph: WeightedGraph, allow_work: float = 1.0) -> None:
        self.record = record
        self.graph = graph
        self.allow_work = allow_work
        self.unclear: set[str] = set()  # statements that are known too vaguely to be checked
        self.hidden: set[str] = set()  # those of them that the weights hide from any witness
        self.unfit = ""  # the check of form or graph that failed
        self._found: JsonObject = {}

    def sides(self, key: str = "sides") -> SignArray:
        """Return the +-1 vector of the ``sides`` string, or of the ``derandomized_sides``."""
        text = self.record["certificate"][key]
        if len(text) != self.graph.n or set(text) - {"+", "-"}:
            raise ValueError(f"{key} must be {self.graph.n} characters + or -")
        return np.where(np.frombuffer(text.encode("ascii"), dtype=np.uint8) == ord("+"), 1, -1).astype(
            np.int8
        )

    def derandomized_sides(self) -> SignArray:
        """Return the sides before the search, which are the sides where there was none."""
        searched = self.record["certificate"]["derandomized_sides"] is not None
        return self.sides("derandomized_sides" if searched else "sides")

    def cut(self, sides: SignArray) -> Fraction:
        """Return the weight between two sides, exactly."""
        i, j, weights = self.graph.edges()
        return exact_total(weights[sides[i] != sides[j]])

    def as_written(self, exact: Fraction) -> int | float:
        """Return a weight as a record writes it: whole for whole weights, else the closest float."""
        return int(exact) if self.graph.integral else float(exact)

    def smallest_share(self) -> float:
        """Return the lightest weight, or what underflow can hide of the greatest: no number is known better."""
        sizes = np.abs(self.graph.weights[self.graph.weights != 0.0])
        if not sizes.size:
            return 0.0
        return max(1e-305 * float(sizes.max()), float(sizes.min()))

    def weights_cancel(self) -> bool:
        """Whether the weights together are so much heavier than cuts and lightest edge that expectations drown in them.

        The cut is the best that the checker finds, so that no record can bring it about by a witness or a light cut.
        """
        if "cancel" not in self._found:
            beside = max(Fraction(best_cut(self.graph, self.sides())), Fraction(self.smallest_share()))
            self._found["cancel"] = exact_total(np.abs(self.graph.edges()[2])) > CANCEL * beside
        return bool(self._found["cancel"])

    def leave(self, name: str) -> None:
        """Note that a figure is too vague to be checked, and whether the weights hide it from any witness."""
        self.unclear.add(name)
        if self.weights_cancel():
            self.hidden.add(name)

    def diagonal(self) -> FloatArray:
        """Return the dual diagonal as claimed."""
        values = self.record["certificate"]["diagonal"]
        if not isinstance(values, list) or len(values) != self.graph.n or not all(map(is_real, values)):
            raise ValueError(f"the diagonal is a list of {self.graph.n} finite floats")
        return np.array(values, dtype=np.float64)

    def proof_value(self) -> Fraction | None:
        """Return what the proof tree establishes, in exact arithmetic; None without one.

        A proof in a record of another form, or about another graph, is not walked.
        """
        proof = self.record["certificate"]["proof"]
        if proof is None:
            return None
        if self.unfit:
            raise WorkError(f"the proof is not walked: the {self.unfit} of the record is wrong")
        if "proof" not in self._found:
            exact = ExactGraph.from_graph(self.graph)
            size = self.graph.n + self.graph.m
            steps = float(PROOF_STEPS) + STEPS_EACH * size
            exact.budget = Budget(steps, "the proof", self.allow_work)
            try:
                most = float(PROOF_ENTRIES) + ENTRIES_EACH * size
                entries = float(encoded_entries(proof))
                refuse_beyond(entries, most, "arrays of the proof", self.allow_work, unit="numbers")
                self._found["proof"] = proven_bound(exact, proof)
            except (
                WorkError,
                *MALFORMED,
            ) as error:  # several checks ask for it, and each would spend as much
                self._found["proof"] = error
        found: Fraction | Exception = self._found["proof"]
        if isinstance(found, Exception):
            raise found
        return found

    def rows(self) -> FloatArray | None:
        """Return the stored SDP vectors, rows of any length but zero, or None where they were rightly left out."""
        stored = self.record["certificate"]["vectors"]
        rank = self.record["relaxation"]["rank"]
        if stored is None:
            # rank sqrt(2 n) is enough for every graph: a record cannot leave its vectors out by naming a larger one
            most = max(PADDED, 2 * math.isqrt(2 * self.graph.n) + 4)
            if type(rank) is int and 1 <= rank <= most and self.graph.n * rank > WITNESS_LIMIT:
                return None
            raise ValueError("the vectors are missing, and they are few enough to be stored")
        if (
            not is_array(stored, self.graph.n, 2)
            or stored["shape"][1] != rank
            or rank > max(PADDED, self.graph.n)
        ):
            raise ValueError(
                f"the vectors must be {self.graph.n} rows of single precision, as long as the rank"
            )
        rows = decode_array(stored)
        if not np.isfinite(rows).all() or not np.any(rows[self.graph.degrees > 0] != 0.0, axis=1).all():
            raise ValueError("a vector is not finite or has no direction")
        return rows

    def value(self) -> Interval | None:
        """Return the value of the relaxation at the vectors, or None without vectors."""
        if "value" not in self._found:
            rows = self.rows()
            self._found["value"] = None if rows is None else arithmetic.sdp_value(self.graph, rows)
        found: Interval | None = self._found["value"]
        return found

    def value_is_known(self) -> bool:
        """Whether there are vectors, and the value of the relaxation at them does not drown in rounding."""
        return self.value() is not None and "sdp_value" not in self.unclear

    def start(self) -> Interval | None:
        """Return the expected cut of a random hyperplane, with thresholds if there are any; None without vectors."""
        if "start" not in self._found:
            rows, leaning = self.rows(), self.record["certificate"].get("thresholds")
            if rows is None:
                self._found["start"] = None
            elif leaning is None:
                self._found["start"] = arithmetic.hyperplane_expectation(self.graph, rows)
            else:
                self._found["start"] = threshold_expectation(
                    self.graph, rows, leaning["reference"], leaning["beta"]
                )
        found: Interval | None = self._found["start"]
        return found

    def mean(self) -> tuple[FloatArray, float]:
        """Return mean and smoothing of the final distribution."""
        certificate = self.record["certificate"]
        stored, smoothing = certificate["mean"], certificate["smoothing"]
        if not is_array(stored, self.graph.n, 1):
            raise ValueError(f"the mean must be {self.graph.n} numbers of single precision")
        mean = decode_array(stored)
        if not np.isfinite(mean).all():
            raise ValueError("the mean must be finite")
        if not (is_real(smoothing) and 1e-150 < smoothing < 1e150):
            raise ValueError("the smoothing must be a positive float between 1e-150 and 1e150")
        return mean, smoothing

    def final(self) -> Interval:
        """Return the expected cut of the final distribution."""
        return arithmetic.independent_expectation(self.graph, *self.mean())

    def left_out(self, claimed: object) -> tuple[Verdict, str]:
        """Check that a number contradicts nothing, where a large graph leaves out the vectors that it comes from."""
        chain = self.record["chain"]
        value, start = chain["sdp_value"], chain["start_expectation"]
        fits = is_real(claimed) and Fraction(value) <= arithmetic.dual_value(self.graph, self.diagonal())
        if not (fits and start <= self.final().high):
            return Verdict.FAILED, f"{claimed!r} is above what it is at most"
        return Verdict.NOT_CHECKED, "the vectors were left out for their size"

    def duality_gap_reached(self) -> bool:
        """Whether bound and SDP value are as close as was set."""
        chain = self.record["chain"]
        dual = Fraction(chain["dual_bound"])
        weights = self.graph.edges()[2]
        scale = max(abs(dual), exact_total(np.abs(weights)) * Fraction(1e-9))
        return (
            dual - Fraction(chain["sdp_value"]) <= Fraction(self.record["relaxation"]["duality_gap"]) * scale
        )
