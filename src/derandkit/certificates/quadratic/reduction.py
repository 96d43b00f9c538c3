"""The cut that a quadratic model is, written out a second time: by way of signs, in rational arithmetic.

With ``x_i = (1 + s_i) / 2`` for bits, every model is ``c0 + sum J_ij s_i s_j + sum h_i s_i``. A further sign ``s_0`` in
front of the linear terms changes nothing if solutions are read as ``s_0 s_i``, and ``s s' = 1 - 2 [s != s']`` makes a
weighted cut of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.graphs.graph import WeightedGraph
from derandkit.numerics.rounding import float_above, float_below
from derandkit.numerics.sums import exact_total

if TYPE_CHECKING:
    from collections.abc import Hashable

    from derandkit.certificates.quadratic.problems import Polynomial
    from derandkit.models.model import QuadraticModel
    from derandkit.numerics.typing import SignArray


@dataclass(frozen=True, eq=False)
class Reduction:
    """The graph of a model and the affine map between values: ``best value = constant + factor cut +- slack``.

    For a model to be minimised, values are negated first.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    reference : hashable or None
        Label of the vertex of the constant 1, if there is one.
    constant, factor, slack : Fraction
        The map.
    """

    graph: WeightedGraph
    reference: Hashable | None
    constant: Fraction
    factor: Fraction
    slack: Fraction

    def solution(self, model: QuadraticModel, signs: SignArray) -> list[int]:
        """Return the values of the variables, in the order of the model's labels, for sides of the vertices."""
        side = dict(zip(self.graph.labels, signs.tolist(), strict=True))
        one = 1 if self.reference is None else side[self.reference]
        spins = [one * side[label] for label in model.labels]
        return spins if model.vartype == "spin" else [int(s > 0) for s in spins]


def reduction(model: QuadraticModel) -> Reduction:
    """Work out the cut of a model. O(m + n) and exact, but for the weights of the edges to the reference.

    Examples
    --------
    >>> from derandkit.models.model import QuadraticModel
    >>> found = reduction(QuadraticModel.from_qubo([[3, -8], [0, 1]]))
    >>> found.graph.edges()[2], found.constant, found.factor
    (array([-8., -2., -6.]), Fraction(4, 1), Fraction(1, 2))
    """
    direction = 1 if model.sense == "maximize" else -1
    i, j, c = model.couplings.edges()
    scale = Fraction(1) if model.vartype == "spin" else Fraction(1, 4)
    fields = _fields(model)
    factor = 2 * scale / _unit([*c.tolist(), *(float(2 * h / (2 * scale)) for h in fields)])
    # a term J s s' is J - 2 J [s != s']: in units of `factor` an edge weighs -2 J / factor
    per_pair = -2 * scale / factor * direction
    weights = c * float(per_pair)
    rounded = [float(-2 * direction * h / factor) for h in fields]
    slack = sum(
        (abs(-2 * direction * h / factor - Fraction(r)) for h, r in zip(fields, rounded, strict=True)),
        Fraction(0),
    )
    touched = [k for k, w in enumerate(rounded) if w != 0.0]
    labels: list[Hashable] = list(model.labels)
    reference: Hashable | None = None
    if touched:
        reference = _free_label(labels)
        labels.append(reference)
    graph = WeightedGraph.from_edges(
        np.concatenate([i.astype(np.int64), np.array(touched, dtype=np.int64)]),
        np.concatenate([j.astype(np.int64), np.full(len(touched), model.n, dtype=np.int64)]),
        np.concatenate([weights, np.array([rounded[k] for k in touched])]) + 0.0,
        labels=labels,
    )
    everything_one = exact_total(c) + exact_total(model.linear) + Fraction(model.offset)
    return Reduction(graph, reference, direction * everything_one, factor, factor * slack)


def reduction_toward(poly: Polynomial, near: Reduction, values: list[int]) -> Reduction:
    """Work out the cut of a problem with weights that are rounded in favour of one solution.

    An edge that the solution cuts weighs at most what it should, any other at least. So no solution gains by rounding
    more than the given one, and what that one gains is the slack: a bound that its cut meets is then met exactly.

    Parameters
    ----------
    poly : Polynomial
        The problem, with exact coefficients.
    near : Reduction
        Its cut with weights rounded to nearest.
    values : list of int
        The solution.

    Examples
    --------
    >>> from derandkit.certificates.quadratic.problems import polynomial
    >>> from derandkit.models.model import QuadraticModel
    >>> poly = polynomial(QuadraticModel.from_qubo([[0.1, 3.1], [0, 0.7]]))
    >>> near = reduction(poly.model)
    >>> near.slack > 0, reduction_toward(poly, near, [1, 1]).slack
    (True, Fraction(0, 1))
    """
    model = poly.model
    direction = 1 if model.sense == "maximize" else -1
    bits = model.vartype == "binary"
    side = [value == 1 for value in values]
    field = {k: x / 2 if bits else x for k, x in poly.linear.items()}
    scale = Fraction(1, 4) if bits else Fraction(1)
    if bits:
        for (a, b), c in poly.pairs.items():
            field[a] = field.get(a, Fraction(0)) + c / 4
            field[b] = field.get(b, Fraction(0)) + c / 4
    per_unit = -2 * direction / near.factor
    exact = [(a, b, per_unit * scale * c) for (a, b), c in sorted(poly.pairs.items()) if c]
    exact += [(k, model.n, per_unit * h) for k, h in sorted(field.items()) if h]
    slack, edges = Fraction(0), []
    for a, b, weight in exact:
        cut = side[a] != (b == model.n or side[b])
        rounded = float_below(weight) if cut else float_above(weight)
        slack += weight - Fraction(rounded) if cut else 0
        if rounded:
            edges.append((a, b, rounded))
    linked = any(b == model.n for _, b, _ in edges)
    reference = _free_label(list(model.labels)) if linked else None
    graph = WeightedGraph.from_edges(
        np.array([a for a, _, _ in edges], dtype=np.int64),
        np.array([b for _, b, _ in edges], dtype=np.int64),
        np.array([weight for _, _, weight in edges], dtype=np.float64) + 0.0,
        labels=[*model.labels, reference] if linked else list(model.labels),
    )
    all_one = sum(poly.linear.values(), Fraction(0)) + sum(poly.pairs.values(), Fraction(0)) + poly.constant
    return Reduction(graph, reference, direction * all_one, near.factor, near.factor * slack)


def _unit(weights: list[float]) -> int:
    """Return 2^k, k <= 20 the least number of binary digits behind the point that suffices for all; else 1."""
    if math.fsum(map(abs, weights)) >= 2.0**33:
        return 1
    largest = max((Fraction(w).denominator for w in weights), default=1)
    return largest if largest <= 2**20 else 1


def _fields(model: QuadraticModel) -> list[Fraction]:
    """Return the exact coefficients h_i of the single signs."""
    linear = [Fraction(x) for x in model.linear.tolist()]
    if model.vartype == "spin":
        return linear
    around = model.couplings
    ends = around.indptr.tolist()
    return [
        half / 2 + exact_total(around.weights[ends[k] : ends[k + 1]]) / 4 for k, half in enumerate(linear)
    ]


def _free_label(labels: list[Hashable]) -> Hashable:
    numbers = [label for label in labels if type(label) is int]
    if len(numbers) == len(labels):
        return max(numbers) + 1
    stars = 0
    while "reference" + "*" * stars in labels:
        stars += 1
    return "reference" + "*" * stars
