"""A quadratic model as a cut: one more vertex stands for the constant 1, and every linear term is an edge to it.

Hammer (1965) and De Simone (1990): with ``s_0 = 1`` a linear term ``h_i s_i`` is a coupling ``h_i s_0 s_i``, and every
coupling ``c s_i s_j`` is ``c - 2 c [s_i != s_j]``. So maximising a quadratic function of signs or bits is maximum cut,
solutions, values and bounds carry over, and nothing in the core needs to know about linear terms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.models.model import QuadraticModel
from derandkit.models.terms import Coefficients
from derandkit.numerics.ranges import sums_in_range
from derandkit.numerics.rounding import float_above, float_below
from derandkit.numerics.sums import exact_sum, exact_total

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from derandkit.numerics.typing import FloatArray, IntArray, SignArray


@dataclass(frozen=True, eq=False)
class Inverse:
    """What leads from cuts of the graph back to the model.

    With ``sign = 1`` for a model to be maximised and -1 for one to be minimised, every solution has
    ``|sign f(x) - (constant + factor cut(x))| <= slack``, in exact arithmetic.

    Parameters
    ----------
    model : QuadraticModel
        The model.
    position : ndarray of int64, shape (n,)
        Vertex of each variable.
    reference : int or None
        The vertex that stands for the constant 1; None if the model has no linear term.
    constant : Fraction
        Value of the cut without edges.
    factor : Fraction
        2 for signs, 1/2 for bits, so that integer coefficients give integer weights; divided by a power of two where
        that makes the weights of halves, quarters, ... integers.
    slack : Fraction
        How far rounded weights of the edges to the reference can move a value; 0 where all of them are exact.
    """

    model: QuadraticModel
    position: IntArray
    reference: int | None
    constant: Fraction
    factor: Fraction
    slack: Fraction

    def solution(self, signs: SignArray) -> SignArray:
        """Return the values of the variables for sides of the graph's vertices, shape (n,)."""
        s = signs[self.position]
        if self.reference is not None:
            s = s * signs[self.reference]
        return s if self.model.vartype == "spin" else ((s + 1) // 2).astype(np.int8)

    def signs(self, solution: SignArray) -> SignArray:
        """Return sides of the graph's vertices for values of the variables; the reference is on the + side."""
        size = self.model.n + (self.reference is not None)
        signs = np.ones(size, dtype=np.int8)
        signs[self.position] = solution if self.model.vartype == "spin" else 2 * solution - 1
        return signs

    def weight(self, value: Fraction) -> Fraction:
        """Return the weight of a cut whose solution has a value, up to the slack."""
        return ((value if self.model.sense == "maximize" else -value) - self.constant) / self.factor

    def bound(self, cut_bound: Fraction) -> Fraction:
        """Return a bound on the model's best value from an upper bound on every cut: upper or lower by its sense."""
        best = self.constant + self.factor * cut_bound + self.slack
        return best if self.model.sense == "maximize" else -best


def as_graph(model: QuadraticModel) -> tuple[WeightedGraph, Inverse]:
    """Return the graph whose cuts are the model's solutions, and the way back.

    Parameters
    ----------
    model : QuadraticModel
        The model.

    Returns
    -------
    graph : WeightedGraph
        One vertex a variable, under its own label, and one for the constant 1 if there are linear terms: its label is
        one more than the largest if all labels are integers, else ``"reference"``.
    inverse : Inverse
        Maps sides and bounds back.

    Raises
    ------
    InputError
        Sums of coefficients, or a gap relative to them, leave the range of doubles.

    Notes
    -----
    O(n + m log m). Weights are ``-c_ij`` times the sense for pairs; to the reference, ``-h_i`` for signs and
    ``-(2 l_i + sum_j c_ij)`` for bits, correctly rounded, with what rounding took off kept in `Inverse.slack`; all of
    them times `integer_scale`.

    Examples
    --------
    >>> model = QuadraticModel.from_ising([1, 0], {(0, 1): -2}, sense="maximize")
    >>> graph, inverse = as_graph(model)
    >>> graph.edges()[2], inverse.constant, inverse.factor
    (array([ 2., -1.]), Fraction(-1, 1), Fraction(2, 1))
    >>> inverse.solution(np.array([1, -1, 1], dtype=np.int8))
    array([ 1, -1], dtype=int8)
    """
    refuse_out_of_range(model)
    n = model.n
    sign = 1 if model.sense == "maximize" else -1
    i, j, c = model.couplings.edges()
    exact = _reference_weights(model)
    rounded = np.array([float(w) for w in exact])
    power = integer_scale(np.concatenate([c, rounded]))
    c, rounded, exact = c * power, rounded * power, [w * power for w in exact]
    slack = sum((abs(w - Fraction(r)) for w, r in zip(exact, rounded.tolist(), strict=True)), Fraction(0))
    labels: Sequence[Hashable] = model.labels
    heads, tails, weights = i.astype(np.int64), j.astype(np.int64), -sign * c
    linear = bool(rounded.any())
    if linear:
        touched = np.flatnonzero(rounded)
        heads = np.concatenate([heads, touched])
        tails = np.concatenate([tails, np.full(touched.size, n)])
        weights = np.concatenate([weights, -sign * rounded[touched]])
        labels = [*model.labels, reference_label(model.labels)]
    graph = WeightedGraph.from_edges(heads, tails, weights + 0.0, labels=labels)
    number = {label: k for k, label in enumerate(graph.labels)}
    position = np.array([number[label] for label in model.labels], dtype=np.int64)
    factor = (Fraction(2) if model.vartype == "spin" else Fraction(1, 2)) / power
    # all variables equal to 1 cut nothing, so the constant is the value there
    ones = np.ones(n, dtype=np.int8)
    return graph, Inverse(
        model=model,
        position=position,
        reference=number[labels[n]] if linear else None,
        constant=sign * model.exact_value(ones),
        factor=factor,
        slack=factor * slack,
    )


def refuse_out_of_range(model: QuadraticModel) -> None:
    """Refuse a model whose values, or whose gaps relative to its coefficients, leave the range of doubles.

    Raises
    ------
    InputError
        It says what is too large.

    Examples
    --------
    >>> refuse_out_of_range(QuadraticModel.from_qubo({("x", "x"): 1e308, ("y", "y"): 1e308}))
    Traceback (most recent call last):
    derandkit.errors.InputError: the coefficients are so large that their sum overflows; scale them down
    >>> refuse_out_of_range(QuadraticModel.from_qubo({("x", "x"): 1e-300}, offset=1e300))
    Traceback (most recent call last):
    derandkit.errors.InputError: the constant 1e+300 is so large beside the coefficients, which add up to 1e-300, that no gap can be stated relative to them; leave the constant out
    """  # noqa: E501
    offset = abs(float(model.offset))
    # a value is the constant and the sum at most, a gap twice the sum, and the graph has twice the linear terms
    with sums_in_range():
        size = 4.0 * (exact_sum(np.abs(model.couplings.edges()[2])) + exact_sum(np.abs(model.linear)))
        if not size + offset < math.inf:
            raise OverflowError
    spread = model.spread
    if spread and not math.isfinite(math.ulp(offset) * 256.0 / spread):
        raise InputError(
            f"the constant {model.offset:g} is so large beside the coefficients, which add up to {spread:g}, that no "
            "gap can be stated relative to them; leave the constant out"
        )


def toward_solution(
    inverse: Inverse, exact: Coefficients, solution: SignArray
) -> tuple[WeightedGraph, Inverse]:
    """Return a graph whose weights are rounded in favour of one solution, and the way back.

    Parameters
    ----------
    inverse : Inverse
        From `as_graph` of the model.
    exact : Coefficients
        The coefficients of the model before they were rounded.
    solution : ndarray of int8, shape (n,)
        Values of the variables.

    Returns
    -------
    graph, inverse
        As `as_graph` returns them. An edge that the solution cuts weighs at most what it should, any other at least. So
        ``constant + factor cut(x) + slack`` is at least ``sign f(x)`` for every solution, and equal for the given one:
        if its cut is a greatest one, it is optimal, whatever is rounded. From below, nothing is claimed.

    Examples
    --------
    >>> model = QuadraticModel.from_qubo([[0.1, 3.1], [0, 0.7]])
    >>> _, inverse = as_graph(model)
    >>> _, other = toward_solution(inverse, Coefficients.of(model), np.array([1, 1], dtype=np.int8))
    >>> inverse.slack > 0, other.slack
    (True, Fraction(0, 1))
    """
    model = inverse.model
    n, sign = model.n, 1 if model.sense == "maximize" else -1
    bits = model.vartype == "binary"
    i, j, _ = model.couplings.edges()
    fields = [2 * x if bits else x for x in exact.linear]
    if bits:
        for a, b, c in zip(i.tolist(), j.tolist(), exact.pairs, strict=True):
            fields[a], fields[b] = fields[a] + c, fields[b] + c
    # what `as_graph` divides by to get from an edge to a term
    power = (Fraction(1, 2) if bits else Fraction(2)) / inverse.factor
    weights = [-sign * power * x for x in (*exact.pairs, *fields)]
    heads = np.concatenate([i.astype(np.int64), np.arange(n)])
    tails = np.concatenate([j.astype(np.int64), np.full(n, n)])
    ones = np.append(np.asarray(solution) == 1, True)
    cut = ones[heads] != ones[tails]
    pairs = zip(weights, cut.tolist(), strict=True)
    rounded = np.array([float_below(w) if is_cut else float_above(w) for w, is_cut in pairs]).reshape(-1)
    lost = (w - Fraction(r) for w, r, c in zip(weights, rounded.tolist(), cut.tolist(), strict=True) if c)
    kept = rounded != 0
    linear = bool((rounded[tails == n] != 0).any())
    labels: Sequence[Hashable] = (
        [*model.labels, reference_label(model.labels)] if linear else list(model.labels)
    )
    graph = WeightedGraph.from_edges(heads[kept], tails[kept], rounded[kept] + 0.0, labels=labels)
    number = {label: k for k, label in enumerate(graph.labels)}
    return graph, replace(
        inverse,
        position=np.array([number[label] for label in model.labels], dtype=np.int64),
        reference=number[labels[n]] if linear else None,
        constant=sign * (sum(exact.linear, Fraction(0)) + sum(exact.pairs, Fraction(0)) + exact.constant),
        slack=inverse.factor * sum(lost, Fraction(0)),
    )


#: Weights in units of a power of two down to 2^-20 are made integers.
LARGEST_SCALE = 1 << 20


def integer_scale(weights: FloatArray) -> int:
    """Return the least power of two, up to `LARGEST_SCALE`, that makes integers of all weights; 1 if there is none.

    Bounds on cuts of integer weights are rounded down to what a cut can weigh, so it pays to have them.

    Examples
    --------
    >>> integer_scale(np.array([0.25, -3.5])), integer_scale(np.array([0.1])), integer_scale(np.array([2.0, 4.0]))
    (4, 1, 1)
    """
    if exact_sum(np.abs(weights)) * LARGEST_SCALE >= 2.0**53:
        return 1
    power = 1
    while power <= LARGEST_SCALE:
        if (weights * power == np.rint(weights * power)).all():
            return power
        power *= 2
    return 1


def reference_label(labels: Sequence[Hashable]) -> Hashable:
    """Return a label that no variable has.

    Examples
    --------
    >>> reference_label([3, 7]), reference_label(["a"]), reference_label(["reference"])
    (8, 'reference', 'reference*')
    """
    if all(type(label) is int for label in labels):
        return max(labels) + 1  # type: ignore[type-var, operator]
    name = "reference"
    while name in labels:
        name += "*"
    return name


def _reference_weights(model: QuadraticModel) -> list[Fraction]:
    """Coefficients of ``s_0 s_i``: fields of signs, and of bits ``2 l_i + sum_j c_ij`` (a quarter is in the factor)."""
    if model.vartype == "spin":
        return [Fraction(h) for h in model.linear.tolist()]
    couplings = model.couplings
    out = []
    for k, (a, b) in enumerate(
        zip(couplings.indptr[:-1].tolist(), couplings.indptr[1:].tolist(), strict=True)
    ):
        row: FloatArray = couplings.weights[a:b]
        out.append(2 * Fraction(float(model.linear[k])) + exact_total(row))
    return out
