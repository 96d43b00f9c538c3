"""Problems as polynomials, a second time: by tables of their values instead of algebra, in rational arithmetic.

A function of two variables is what it is at their four values, so the coefficients of every clause, arc and edge follow
from its meaning alone. Values of solutions are counted by the definition of the problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.models.arcs import Arcs, SignedGraph
from derandkit.models.clauses import Clauses
from derandkit.models.model import QuadraticModel

if TYPE_CHECKING:
    from derandkit.models.options import Sense, Vartype
    from derandkit.records import JsonObject

#: A summand: its weight, its variables (one or two places) and its value for each of their values.
Summand = tuple[Fraction, tuple[int, ...], Callable[..., int]]


@dataclass(frozen=True, eq=False)
class Polynomial:
    """A model whose coefficients are rounded sums, and how far that rounding can move a value.

    Parameters
    ----------
    model : QuadraticModel
        The model.
    slack : Fraction
        Sum of the rounding errors of all coefficients.
    linear, pairs : mapping of places to Fraction
        The coefficients before they are rounded; what is not there is 0.
    constant : Fraction
        The constant before it is rounded.
    """

    model: QuadraticModel
    slack: Fraction
    linear: Mapping[int, Fraction]
    pairs: Mapping[tuple[int, int], Fraction]
    constant: Fraction


def polynomial(instance: object) -> Polynomial:
    """Return the model of an instance.

    Raises
    ------
    TypeError
        The instance is of no kind that is known here.

    Examples
    --------
    >>> found = polynomial(Clauses.from_clauses([(1, -2)]))
    >>> found.model.value([0, 1]), found.model.value([0, 0]), found.slack
    (0, 1, Fraction(0, 1))
    """
    if isinstance(instance, QuadraticModel):
        i, j, c = (array.tolist() for array in instance.couplings.edges())
        return Polynomial(
            instance, Fraction(0),
            {k: Fraction(x) for k, x in enumerate(instance.linear.tolist())},
            {(a, b): Fraction(x) for a, b, x in zip(i, j, c, strict=True)},
            Fraction(instance.offset),
        )  # fmt: skip
    if isinstance(instance, Clauses):
        return _interpolated(instance, _clauses(instance), "binary", "maximize", -hard_total(instance))
    if isinstance(instance, Arcs):
        return _interpolated(instance, _arcs(instance), "binary", "maximize")
    if isinstance(instance, SignedGraph):
        return _interpolated(instance, _frustrated(instance), "spin", "minimize")
    raise TypeError(f"no problem of signs: {type(instance).__name__}")


def value_of(instance: object, solution: list[int]) -> Fraction:
    """Return the value of a solution, one summand after the other.

    Examples
    --------
    >>> value_of(Clauses.from_clauses([(1, -2), (2,)], weights=[3, 5]), [1, 0])
    Fraction(3, 1)
    """
    if isinstance(instance, QuadraticModel):
        i, j, c = (array.tolist() for array in instance.couplings.edges())
        total = Fraction(instance.offset)
        for a, b, w in zip(i, j, c, strict=True):
            if solution[a] and solution[b]:
                total += Fraction(w) * solution[a] * solution[b]
        for x, w in zip(solution, instance.linear.tolist(), strict=True):
            total += Fraction(w) * x
        return total
    total = sum(
        (w * value(*(solution[k] for k in places)) for w, places, value in _summands(instance)), Fraction(0)
    )
    return total - (hard_total(instance) if isinstance(instance, Clauses) else 0)


def counts_of(instance: object, solution: list[int]) -> JsonObject:
    """Return what a solution does, counted in the words of the problem."""
    if isinstance(instance, Clauses):
        missed = [
            k
            for k, (_, places, value) in enumerate(_clauses(instance))
            if not value(*(solution[p] for p in places))
        ]
        hard = instance.hard.tolist()
        weights = [Fraction(w) for w in instance.weights.tolist()]
        soft = sum((w for w, must in zip(weights, hard, strict=True) if not must), Fraction(0))
        lost = sum((weights[k] for k in missed if not hard[k]), Fraction(0))
        return {
            "satisfied_weight": soft - lost,
            "soft_weight": soft,
            "violated": [k for k in missed if not hard[k]],
            "hard_violated": [k for k in missed if hard[k]],
        }
    if isinstance(instance, Arcs):
        out = [w for w, places, value in _arcs(instance) if value(*(solution[p] for p in places))]
        return {"arcs_out": len(out), "weight_out": sum(out, Fraction(0))}
    if isinstance(instance, SignedGraph):
        bad = [
            (w, value) for w, places, value in _frustrated(instance) if value(*(solution[p] for p in places))
        ]
        return {
            "frustrated_positive": sum(value is _apart for _, value in bad),
            "frustrated_negative": sum(value is _together for _, value in bad),
            "frustrated_weight": sum((w for w, _ in bad), Fraction(0)),
        }
    return {}


def hard_total(instance: Clauses) -> Fraction:
    """Return what all hard clauses weigh together: their weight is a penalty for those that are violated."""
    return Fraction(instance.penalty) * int(instance.hard.sum())


def _summands(instance: Any) -> Iterator[Summand]:
    if isinstance(instance, Clauses):
        return _clauses(instance)
    if isinstance(instance, Arcs):
        return _arcs(instance)
    if isinstance(instance, SignedGraph):
        return _frustrated(instance)
    raise TypeError(f"the checker has no summands of {type(instance).__name__}")


def pairs_of(instance: object) -> set[tuple[int, int]]:
    """Return the pairs of places that stand in a summand together, the smaller one first.

    Examples
    --------
    >>> sorted(pairs_of(Clauses.from_clauses([(2, 1), (-1, 2), (3,), (2, -2)])))
    [(0, 1)]
    """
    if isinstance(instance, QuadraticModel):
        i, j, _ = (array.tolist() for array in instance.couplings.edges())
        return set(zip(i, j, strict=True))
    return {(min(places), max(places)) for _, places, _ in _summands(instance) if len(places) == 2}


def _clauses(instance: Clauses) -> Iterator[Summand]:
    penalty = Fraction(instance.penalty)
    rows = zip(instance.literals.tolist(), instance.weights.tolist(), instance.hard.tolist(), strict=True)
    for (a, b), weight, hard in rows:
        w = penalty if hard else Fraction(weight)
        p, q = int(a > 0), int(b > 0)
        if b == 0 or a == b:
            yield w, (abs(a) - 1,), lambda x, p=p: int(x == p)
        elif a == -b:
            yield w, (abs(a) - 1,), lambda _x: 1
        else:
            yield w, (abs(a) - 1, abs(b) - 1), lambda x, y, p=p, q=q: int(x == p or y == q)


def _arcs(instance: Arcs) -> Iterator[Summand]:
    for u, v, w in zip(
        instance.tails.tolist(), instance.heads.tolist(), instance.weights.tolist(), strict=True
    ):
        yield Fraction(w), (u, v), lambda x, y: int(x == 1 and y == 0)


def _apart(s: int, t: int) -> int:
    return int(s != t)


def _together(s: int, t: int) -> int:
    return int(s == t)


def _frustrated(instance: SignedGraph) -> Iterator[Summand]:
    for i, j, w in zip(*(array.tolist() for array in instance.graph.edges()), strict=True):
        if w != 0:  # an edge of weight 0 has no sign that could be frustrated
            yield abs(Fraction(w)), (i, j), _apart if w > 0 else _together


def _interpolated(
    instance: Any,
    summands: Iterator[Summand],
    vartype: Vartype,
    sense: Sense,
    constant: Fraction = Fraction(0),
) -> Polynomial:
    """Add up the polynomials that take the summands' values at both values of their variables."""
    low = 0 if vartype == "binary" else -1
    unit = 1 - low  # distance of the two values
    linear: dict[int, Fraction] = {}
    pairs: dict[tuple[int, int], Fraction] = {}
    for w, places, value in summands:
        if len(places) == 1:
            slope = w * (value(1) - value(low)) / unit
            linear[places[0]] = linear.get(places[0], Fraction(0)) + slope
            constant += w * value(low) - slope * low
            continue
        a, b = places
        both = w * (value(1, 1) - value(1, low) - value(low, 1) + value(low, low)) / unit**2
        first = w * (value(1, low) - value(low, low)) / unit - both * low
        second = w * (value(low, 1) - value(low, low)) / unit - both * low
        key = (min(a, b), max(a, b))
        pairs[key] = pairs.get(key, Fraction(0)) + both
        linear[a] = linear.get(a, Fraction(0)) + first
        linear[b] = linear.get(b, Fraction(0)) + second
        constant += w * value(low, low) - (first + second) * low - both * low * low
    n = instance.n
    field = np.zeros(n)
    slack = abs(constant - Fraction(float(constant)))
    for k, exact in linear.items():
        field[k] = float(exact)
        slack += abs(exact - Fraction(float(exact)))
    slack += sum((abs(exact - Fraction(float(exact))) for exact in pairs.values()), Fraction(0))
    kept = {key: float(exact) for key, exact in pairs.items() if float(exact) != 0.0}
    ends = np.array(list(kept), dtype=np.int64).reshape(-1, 2)
    offset = constant.numerator if constant.denominator == 1 else float(constant)
    model = QuadraticModel.from_arrays(
        ends[:, 0], ends[:, 1], np.array(list(kept.values()), dtype=np.float64), n=n, labels=instance.labels,
        linear=field, offset=offset, vartype=vartype, sense=sense,
    )  # fmt: skip
    return Polynomial(model, slack, linear, pairs, constant)


def spread_of(model: QuadraticModel) -> float:
    """Return how far apart two values of a model can be at most: the sizes of its terms, twice for spins.

    Examples
    --------
    >>> spread_of(QuadraticModel.from_qubo([[1, -4], [0, 2]]))
    7.0
    """
    terms = [*model.couplings.edges()[2].tolist(), *model.linear.tolist()]
    total = sum((abs(Fraction(term)) for term in terms), Fraction(0))
    return float(total * (2 if model.vartype == "spin" else 1))
