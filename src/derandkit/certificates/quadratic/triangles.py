"""The relaxation with triangle inequalities of a quadratic problem, recomputed from its vectors.

For the constant 0 and the two variables i, j of a clause, an arc or a coupling, signs satisfy
``1 + s x_0i + t x_0j + s t x_ij >= 0`` for all signs s and t. The record stores vectors, and says by how much their
products violate that at most, which value the relaxation has at them, and what their start is expected to be worth. The
bound that goes with them is the leaf ``semidefinite`` of the proof in the record of the cut.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import Verdict
from derandkit.certificates.cuts.arithmetic import hyperplane_expectation, sdp_value, unit_rows
from derandkit.certificates.cuts.form import is_array, is_real
from derandkit.certificates.cuts.thresholds import threshold_expectation
from derandkit.certificates.cuts.witness import PADDED
from derandkit.certificates.intervals import Interval, rounded_up
from derandkit.certificates.quadratic.problems import pairs_of, spread_of, value_of
from derandkit.certificates.quadratic.shares import guaranteed_share, shift_of
from derandkit.numerics.rounding import float_above, float_below
from derandkit.records import JsonMapping, JsonObject, decode_array

if TYPE_CHECKING:
    from derandkit.certificates.quadratic.problems import Polynomial
    from derandkit.certificates.quadratic.reduction import Reduction
    from derandkit.numerics.typing import FloatArray

KEYS = frozenset(
    ["beta", "expectation", "pairs", "ratio", "sdp_value", "shift", "vectors", "violation"]
)  # fmt: skip
#: Beyond this violation the vectors are those of no relaxation with triangles, and no share of the value is promised.
MOST_VIOLATION = 1e-5
#: How far, in terms of the spread, the vectors may be from what the relaxation is worth, no less than any solution; and
#: where such vectors are of none.
MOST_SHORT, TOO_SHORT = 1e-3, 1e-2
#: How far the violation of vectors can be from what is claimed, by the rounding of scalar products.
ROUNDING = 1e-12


def check_triangles(
    record: JsonMapping, instance: object, poly: Polynomial, near: Reduction
) -> tuple[Verdict | bool, str]:
    """Recompute what a record says of a relaxation with triangles.

    Parameters
    ----------
    record : mapping
        The record of the problem; its solution is one.
    instance : QuadraticModel, Clauses, Arcs or SignedGraph
        The problem.
    poly : Polynomial
        The same as a polynomial.
    near : Reduction
        Its cut, with weights rounded to nearest.
    """
    claimed = record.get("triangles")
    if claimed is None:
        return Verdict.PROVEN, "none are claimed"
    if near.reference is None:
        return False, "there are no linear terms, hence no triangles"
    claimed = _formed(claimed, near)
    rows = decode_array(claimed["vectors"]).astype(np.float64)
    if not np.isfinite(rows).all() or not np.any(rows != 0.0, axis=1).all():
        return False, "a vector is not finite or has no direction"
    own_pairs = pairs_of(instance)
    place = {label: k for k, label in enumerate(near.graph.labels)}
    position = [place[label] for label in poly.model.labels]
    ends = np.array([(position[a], position[b]) for a, b in sorted(own_pairs)]).reshape(-1, 2)
    violation = _violation(unit_rows(rows), ends, place[near.reference])
    same = type(claimed["pairs"]) is int and claimed["pairs"] == len(own_pairs)
    if not same or not abs(claimed["violation"] - violation) <= ROUNDING:
        return False, f"{len(own_pairs)} pairs, their triangles violated by up to {violation:.3g}"
    beta = claimed["beta"]
    expected = (
        hyperplane_expectation(near.graph, rows)
        if beta is None
        else threshold_expectation(near.graph, rows, place[near.reference], beta)
    )
    slack, spread = near.slack + poly.slack, spread_of(poly.model)
    sdp, start = (_value(found, poly, near, slack) for found in (sdp_value(near.graph, rows), expected))
    for name, own in (("sdp_value", sdp), ("expectation", start)):
        if not own.contains(claimed[name]):
            return False, f"{name} is {own.shown()}, {claimed[name]!r} claimed"
        if own.says_nothing(claimed["sdp_value"], spread):
            return Verdict.NOT_CHECKED, f"heavy weights cancel so far that {name} is not known"
    value = value_of(instance, record["values"])
    least = poly.model.sense == "minimize"
    if value > start.high if least else value < start.low:
        return False, f"the value {float(value):.12g} is worse than the start is expected to be"
    short = Fraction(sdp.low) - value if least else value - Fraction(sdp.high)
    worse = f"sdp_value {sdp.middle:.12g} is worse than the solution, which no relaxation is"
    if short > TOO_SHORT * Fraction(spread):
        return False, worse
    text = f"{len(own_pairs)} pairs, violated by {rounded_up(violation + ROUNDING)} at most; "
    text += f"relaxation {sdp.shown()}, start {start.shown()}"
    shift, ratio = shift_of(instance), claimed["ratio"]
    added = " where the cost of all hard clauses is added to both" if shift else ""
    if claimed["shift"] != str(shift):
        return False, f"the shift is {shift}"
    if ratio is None and short > MOST_SHORT * Fraction(spread):
        return Verdict.NOT_CHECKED, f"{worse}: these vectors are near the relaxation only"
    if ratio is None and violation > MOST_VIOLATION:
        return Verdict.NOT_CHECKED, f"{text}, but these vectors are those of no relaxation with triangles"
    if ratio is None:
        return Verdict.RECOMPUTED, text
    sound = violation <= MOST_VIOLATION and short <= MOST_SHORT * Fraction(spread)
    share = guaranteed_share(instance) if sound else None
    if share is None or ratio != float(share):
        return False, f"no ratio of {ratio!r} is proven for such a problem and such vectors"
    if Fraction(start.high) + shift < share * (Fraction(sdp.low) + shift):
        return False, f"the start is below {ratio} of the value{added}"
    return Verdict.RECOMPUTED, f"{text}; start at least {ratio} of the value{added}"


def _formed(claimed: object, near: Reduction) -> JsonObject:
    """Return a claim whose form was checked: keys, types and sizes."""
    if not isinstance(claimed, dict) or set(claimed) != KEYS:
        raise ValueError(f"triangles have the keys {', '.join(sorted(KEYS))}")
    stored, n = claimed["vectors"], near.graph.n
    if not is_array(stored, n, 2) or stored["shape"][1] > max(PADDED, n):
        raise ValueError(f"the vectors must be {n} rows of single precision")
    if not all(is_real(claimed[name]) for name in ("violation", "sdp_value", "expectation")):
        raise ValueError("violation, sdp_value and expectation are finite floats")
    beta = claimed["beta"]
    if beta is not None and not (is_real(beta) and 0.0 < beta <= 1.0):
        raise ValueError("beta is None or a float up to 1")
    if claimed["ratio"] is not None and not is_real(claimed["ratio"]):
        raise ValueError("ratio is None or a float")
    return claimed


def _violation(rows: FloatArray, ends: FloatArray, reference: int) -> float:
    """Return by how much the most violated triangle is violated."""
    to_first, to_second = (rows[side] @ rows[reference] for side in ends.T)
    across = np.einsum("ij,ij->i", rows[ends[:, 0]], rows[ends[:, 1]])
    least = min(
        (
            float((1.0 + s * to_first + t * to_second + s * t * across).min())
            for s in (1, -1)
            for t in (1, -1)
        ),
        default=0.0,
    )
    return max(0.0, -least)


def _value(found: Interval, poly: Polynomial, near: Reduction, slack: Fraction) -> Interval:
    """Return the values of the problem that a range of cuts stands for."""
    low, high = (near.constant + near.factor * Fraction(x) for x in (found.low, found.high))
    low, high = low - slack, high + slack
    if poly.model.sense == "minimize":
        low, high = -high, -low
    spare = float_above(near.factor * Fraction(found.slack)) if math.isfinite(found.slack) else math.nan
    return Interval(float_below(low), float_above(high), spare)
