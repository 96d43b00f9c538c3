"""What cuts can weigh, and the bound that counts: the checker's own writing, in rational arithmetic.

The solver has another one (`derandkit.signs.rounding`); neither imports the other.
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
    from derandkit.records import JsonMapping, JsonObject

#: Weights that share a unit of which all together, each edge twice, are so many or more are not rounded by it.
_UNITS = 2**53
#: Units below ``2**-1000`` are none.
_SMALLEST = 2**1000


def granularity(graph: WeightedGraph) -> tuple[Fraction, Fraction] | None:
    """Return what all weights are multiples of, and what all cuts are; None where the weights share no useful unit.

    Notes
    -----
    The edges that leave one vertex are a cut, and those that leave both ends of an edge weigh ``deg(u) + deg(v) - 2
    w``; so a number that divides every cut divides every weighted degree and twice every weight. One that divides
    these divides every cut, for the cut of a set weighs its degrees together less twice the edges inside. O(m log m).

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> granularity(WeightedGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 0], [1.5, 1.5, 1.5, 1.5]))
    (Fraction(3, 2), Fraction(3, 1))
    >>> granularity(WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [2.0, 2.0, 4.0]))
    (Fraction(2, 1), Fraction(2, 1))
    >>> granularity(WeightedGraph.from_edges([0, 1], [1, 2], [1.0, 1e-300])) is None
    True
    """
    i, j, weights = graph.edges()
    sizes, counts = np.unique(np.abs(weights), return_counts=True)
    ratios = [size.as_integer_ratio() for size in sizes.tolist() if size]
    if not ratios:
        return Fraction(0), Fraction(0)
    unit = max(denominator for _, denominator in ratios)
    if unit > _SMALLEST:
        return None
    numbers = [numerator * (unit // denominator) for numerator, denominator in ratios]
    often = counts[sizes > 0].tolist()
    if 2 * sum(number * times for number, times in zip(numbers, often, strict=True)) >= _UNITS:
        return None
    # whole numbers below 2^53, so these sums of doubles are exact
    whole = weights * float(unit)
    degrees = np.bincount(i, whole, graph.n) + np.bincount(j, whole, graph.n)
    divisor = math.gcd(*numbers)
    step = math.gcd(2 * divisor, *(int(degree) for degree in np.unique(degrees).tolist()))
    return Fraction(divisor, unit), Fraction(step, unit)


def _stated(found: tuple[Fraction, Fraction] | None) -> JsonObject | None:
    """Return what a record has to say of it."""
    if found is None:
        return None
    divisor, step = found
    parity = ["weighted degrees are even multiples of it"] if step == 2 * divisor else []
    return {
        "granularity": float(step),
        "steps": [f"weights are multiples of {exact_digits(float(divisor))}", *parity],
    }


def in_six_digits(stated: JsonMapping) -> JsonObject:
    """Return what a record says of the bound as older releases wrote it, which named multiples in six digits.

    Examples
    --------
    >>> in_six_digits({"rounding": {"granularity": 1234567.0, "steps": ["weights are multiples of 1234567"]}})
    {'rounding': {'granularity': 1234567.0, 'steps': ['weights are multiples of 1.23457e+06']}}
    """
    rounding = stated["rounding"]
    if rounding is None:
        return dict(stated)
    words, _, number = rounding["steps"][0].rpartition(" ")
    steps = [f"{words} {float(number):g}", *rounding["steps"][1:]]
    return {**stated, "rounding": {**rounding, "steps": steps}}


@dataclass(frozen=True)
class CountedBound:
    """The bound that counts, and what a record has to say of it.

    Parameters
    ----------
    exact : Fraction
        Rounded down to what a cut can weigh.
    value : int or float
        The same as a record states it: an int for integer weights, else rounded upward.
    record : dict
        The ``bound`` object.
    """

    exact: Fraction
    value: int | float
    record: JsonObject


def counted_bound(graph: WeightedGraph, claimed: JsonMapping, proof: Fraction | None) -> CountedBound:
    """Return which of the bounds in a record counts.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    claimed : mapping
        The ``bound`` object of the record: its semidefinite bound is taken as it says, and was checked before.
    proof : Fraction, optional
        What the proof tree of the record gives.

    Returns
    -------
    CountedBound
        A semidefinite bound that is tested or estimated gives way to any proof; a certified one to a lower one only.
        No cut weighs more than the positive weights together, nor anything between multiples of the granularity.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> square = WeightedGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 0])
    >>> claimed = {"dual_bound": 4.5, "dual_status": "certified", "dual_method": "", "proof_method": None, "reason": ""}
    >>> counted_bound(square, claimed, None).value
    4
    >>> counted_bound(square, claimed, Fraction(39, 10)).exact
    Fraction(2, 1)
    """
    found, weights = granularity(graph), graph.edges()[2]
    positive = exact_total(weights[weights > 0])

    def possible(bound: Fraction) -> Fraction:
        bound = min(bound, positive)
        if found is None:
            return Fraction(math.floor(bound)) if graph.integral else bound
        return found[1] * (bound // found[1]) if found[1] else Fraction(0)

    status, method = claimed["dual_status"], claimed["dual_method"]
    exact = possible(Fraction(claimed["dual_bound"]))
    below = None if proof is None else possible(proof)
    if below is not None and (status != "certified" or below < exact):
        exact, status, method = below, "certified", claimed["proof_method"]
    record: JsonObject = {
        "status": status,
        "method": method,
        "reason": claimed["reason"],
        "dual_bound": claimed["dual_bound"],
        "dual_method": claimed["dual_method"],
        "dual_status": claimed["dual_status"],
        "proof_bound": None if proof is None else float_above(proof),
        "proof_method": None if proof is None else claimed["proof_method"],
        "rounding": _stated(found),
    }
    if claimed.get("coin_test") is not None:
        record["coin_test"] = claimed["coin_test"]
    return CountedBound(exact, int(exact) if graph.integral else float_above(exact), record)
