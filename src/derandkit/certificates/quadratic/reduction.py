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
from derandkit.numerics.sums import exact_total

if TYPE_CHECKING:
    from collections.abc import Hashable

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
