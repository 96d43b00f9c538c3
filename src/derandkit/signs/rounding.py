"""From a real bound to what a cut can weigh, and from several bounds to the one that counts.

A record states these numbers; the checker has formulas of its own for them (`derandkit.certificates.cuts.rounding`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.rounding import exact_digits, float_above
from derandkit.numerics.sums import exact_total

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.records import JsonObject


@dataclass(frozen=True)
class CutLattice:
    """What cuts of a graph can weigh: multiples of ``step * 2**-shift`` (only 0 if `step` is 0).

    Parameters
    ----------
    step, divisor : int
        Granularity of the cuts and greatest common divisor of the weights, in units of ``2**-shift``.
    shift : int
        The unit.
    """

    step: int
    divisor: int
    shift: int

    def round_down(self, bound: Fraction) -> Fraction:
        """Return the largest weight of a cut that is not above the bound.

        Examples
        --------
        >>> CutLattice(4, 2, 1).round_down(Fraction(7, 2))
        Fraction(2, 1)
        """
        if self.step == 0:
            return Fraction(0)
        return Fraction(self.step * math.floor(bound * (1 << self.shift) / self.step), 1 << self.shift)

    def record(self) -> JsonObject:
        """Return the granularity and the names of the steps that it stands for.

        Examples
        --------
        >>> CutLattice(6, 3, 0).record()
        {'granularity': 6.0, 'steps': ['weights are multiples of 3', 'weighted degrees are even multiples of it']}
        """
        unit = 2.0**-self.shift
        steps = [f"weights are multiples of {exact_digits(self.divisor * unit)}"]
        if self.step == 2 * self.divisor:
            steps.append("weighted degrees are even multiples of it")
        return {"granularity": self.step * unit, "steps": steps}


def cut_lattice(graph: WeightedGraph) -> CutLattice | None:
    """Return what cuts can weigh, or None where the weights share no useful unit.

    Notes
    -----
    A cut of the set S weighs ``sum_{v in S} deg(v) - 2 sum_{e inside S} w_e``; so the granularity is the greatest
    common divisor of all weighted degrees and twice the weights. Only for integers below 2**53. O(m).

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> cut_lattice(WeightedGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 0], [1.5, 1.5, 1.5, 1.5]))
    CutLattice(step=6, divisor=3, shift=1)
    """
    weights = graph.weights
    if not weights.any():
        return CutLattice(0, 0, 0)
    shift = 0  # of integers
    if (np.rint(weights) != weights).any():
        mantissa, exponent = np.frexp(weights[weights != 0.0])
        digits = np.ldexp(mantissa, 53).astype(np.int64)
        lowest = exponent - 53 + np.log2((digits & -digits).astype(np.float64)).astype(np.int64)
        shift = max(0, -int(lowest.min()))
    with np.errstate(over="ignore"):  # a sum beyond all doubles is beyond 2**53 too
        units_in_all = float(np.abs(np.ldexp(weights, min(shift, 1000))).sum())
    if shift > 1000 or not units_in_all < 2.0**53:
        return None
    units = np.ldexp(weights, shift).astype(np.int64)
    total = np.concatenate([[0], np.cumsum(units)])
    degrees = total[graph.indptr[1:]] - total[graph.indptr[:-1]]
    divisor = int(np.gcd.reduce(units))
    return CutLattice(math.gcd(int(np.gcd.reduce(degrees)), 2 * divisor), divisor, shift)


def possible_cut(graph: WeightedGraph, lattice: CutLattice | None, bound: Fraction) -> Fraction:
    """Return a bound rounded down to what a cut of the graph can weigh, as far as its lattice allows.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> square = WeightedGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 0])
    >>> possible_cut(square, cut_lattice(square), Fraction(39, 10))
    Fraction(2, 1)
    """
    if lattice is not None:
        return lattice.round_down(bound)
    # integers too large for the lattice are still integers
    return Fraction(math.floor(bound)) if graph.integral else bound


@dataclass(frozen=True)
class UpperBound:
    """The upper bound that counts.

    Parameters
    ----------
    exact : Fraction
        Rounded down to what a cut can weigh.
    value : int or float
        The same as a result states it: an int for integer weights, else rounded upward.
    record : dict
        The ``bound`` object of a record.
    """

    exact: Fraction
    value: int | float
    record: JsonObject

    def met_by(self, graph: WeightedGraph, signs: SignArray) -> bool:
        """Whether the bound is certified and the cut weighs no less, in exact arithmetic."""
        return self.record["status"] == "certified" and exact_cut(graph, signs) >= self.exact


def exact_cut(graph: WeightedGraph, signs: SignArray) -> Fraction:
    """Return the weight of a cut as a rational.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> exact_cut(WeightedGraph.from_edges([0], [1], [0.5]), np.array([1, -1], dtype=np.int8))
    Fraction(1, 2)
    """
    if graph.integral:
        return Fraction(graph.cut_value(signs))
    i, j, w = graph.edges()
    return exact_total(w[signs[i] != signs[j]])


def is_heavier(graph: WeightedGraph, one: SignArray, other: SignArray) -> bool:
    """Whether a cut weighs more than another one, exactly; O(n + m), and more where both round to the same double.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> graph = WeightedGraph.from_edges([0, 1], [1, 2], [1e17, 0.5])
    >>> one, other = np.array([1, -1, 1], dtype=np.int8), np.array([1, -1, -1], dtype=np.int8)
    >>> graph.cut_value(one) == graph.cut_value(other), is_heavier(graph, one, other), is_heavier(graph, other, one)
    (True, True, False)
    """
    left, right = graph.cut_value(one), graph.cut_value(other)
    if left != right or graph.integral:
        return left > right
    return exact_cut(graph, one) > exact_cut(graph, other)


def upper_bound(
    graph: WeightedGraph, dual: JsonObject, proof: tuple[Fraction, str, str] | None
) -> UpperBound:
    """Return the bound that counts.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    dual : dict
        ``value``, ``status``, ``method`` and ``reason`` of the semidefinite bound, and ``coin_test`` of a tested one.
    proof : tuple, optional
        Value, method and reason of a bound with a proof tree.

    Returns
    -------
    UpperBound
        A certified bound wins before one that was tested or estimated, then the smaller, then the semidefinite one.
        Whichever wins is not above the positive weights together, which needs no proof.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> square = WeightedGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 0])
    >>> dual = {"value": 4.5, "status": "certified", "method": "dense-cholesky", "reason": ""}
    >>> upper_bound(square, dual, None).value
    4
    """
    lattice = cut_lattice(graph)
    most = graph.sums.positive

    def rounded(value: Fraction) -> Fraction:
        return possible_cut(graph, lattice, min(value, most))

    exact = rounded(Fraction(dual["value"]))
    winner = {key: dual[key] for key in ("status", "method", "reason")}
    if proof is not None:
        proven = rounded(proof[0])
        if dual["status"] != "certified" or proven < exact:
            exact = proven
            winner = {"status": "certified", "method": proof[1], "reason": proof[2]}
    record = {
        **winner,
        "dual_bound": dual["value"],
        "dual_method": dual["method"],
        "dual_status": dual["status"],
        "proof_bound": None if proof is None else float_above(proof[0]),
        "proof_method": None if proof is None else proof[1],
        "rounding": None if lattice is None else lattice.record(),
    }
    if dual.get("coin_test") is not None:
        record["coin_test"] = dual["coin_test"]
    return UpperBound(exact, int(exact) if graph.integral else float_above(exact), record)
