"""A fixed number of ones (``sum x = k``, two halves of equal size) as a penalty that is exact."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import exact_float
from derandkit.models.model import QuadraticModel
from derandkit.numerics.ranges import sums_in_range
from derandkit.numerics.rounding import plain_number
from derandkit.numerics.sums import exact_total
from derandkit.options import check_kind
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


def largest_change(model: QuadraticModel) -> Fraction:
    """Return how far the value can move if one variable changes, by the sizes of its coefficients.

    Examples
    --------
    >>> largest_change(QuadraticModel.from_qubo([[1, -3], [0, 2]])), largest_change(QuadraticModel.from_ising([1], {}))
    (Fraction(5, 1), Fraction(2, 1))
    """
    couplings = model.couplings
    width = 2 if model.vartype == "spin" else 1
    ends = zip(couplings.indptr[:-1].tolist(), couplings.indptr[1:].tolist(), strict=True)
    return max(
        width * (abs(Fraction(float(model.linear[k]))) + exact_total(np.abs(couplings.weights[a:b])))
        for k, (a, b) in enumerate(ends)
    )


def with_cardinality(model: QuadraticModel, size: int, *, penalty: float | None = None) -> QuadraticModel:
    """Return the model with a penalty on solutions whose number of ones is not `size`.

    Parameters
    ----------
    model : QuadraticModel
        The model, of bits or signs.
    size : int
        How many variables are to be 1 (for signs: +1), from 0 to n.
    penalty : float, optional
        What one variable too many or too few costs; d of them cost d^2 times that. By default an even integer above
        the change that one variable can make, which is enough: a solution with the wrong number gains by some change
        of one variable, so the best one has the right number.

    Returns
    -------
    QuadraticModel
        All pairs are coupled. Solutions of the right size have the same value in both models, so a bound on this one is
        a bound on them, whatever the penalty is. Sums of a penalty and a coefficient are correctly rounded: where
        coefficients are not integers that can move values, and `derandkit.optimize_with_cardinality` widens its bound.

    Raises
    ------
    InputError
        The size is no number from 0 to n, or the penalty is not positive.

    Examples
    --------
    >>> model = QuadraticModel.from_qubo([[-1, 0, 0], [0, -1, 0], [0, 0, -1]])
    >>> one = with_cardinality(model, 1)
    >>> one.value([1, 0, 0]), one.value([1, 1, 1]), one.value([0, 0, 0])
    (-1, 5, 2)
    """
    return penalised(model, size, penalty)[0]


def penalised(model: QuadraticModel, size: int, penalty: float | None) -> tuple[QuadraticModel, Fraction]:
    """Return the model of `with_cardinality`, and how far its values can be from exact ones, by rounded sums.

    Raises
    ------
    InputError
        As `with_cardinality`.

    Examples
    --------
    >>> penalised(QuadraticModel.from_qubo([[0.5, 1], [0, -1]]), 1, None)
    (QuadraticModel(2 binary variables, 1 coupling, minimize), Fraction(0, 1))
    """
    check_kind("model", model, QuadraticModel, "derandkit.QuadraticModel.from_qubo(...)")
    n = model.n
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or not 0 <= size <= n:
        raise InputError(f"size is how many of the {n} variables are 1, from 0 to {n}; got {quoted(size)}")
    if penalty is None:
        cost = Fraction(2 * (math.floor(largest_change(model)) // 2 + 1))
    else:
        cost = Fraction(exact_float(penalty, "penalty"))
        if cost <= 0:
            raise InputError(f"a penalty is a positive number, got {quoted(penalty)}")
    sign = 1 if model.sense == "minimize" else -1
    spin = model.vartype == "spin"
    # bits: (sum x - k)^2 = 2 sum x x' + (1 - 2 k) sum x + k^2; signs: a quarter of (sum s - t)^2 with t = 2 k - n
    target = 2 * int(size) - n
    pair = sign * cost * (Fraction(1, 2) if spin else 2)
    single = sign * cost * (Fraction(-target, 2) if spin else 1 - 2 * int(size))
    constant = sign * cost * (Fraction(n + target * target, 4) if spin else int(size) ** 2)
    i, j, c = model.couplings.edges()
    every = np.triu_indices(n, 1)
    pairs = np.zeros((n, n))
    pairs[i, j] = c
    with sums_in_range():
        total, lost = _sums(pairs[every], pair)
        linear, more = _sums(model.linear, single)
    offset = Fraction(model.offset) + constant
    found = QuadraticModel.from_arrays(
        every[0].astype(np.int64), every[1].astype(np.int64), total, n=n, labels=model.labels, linear=linear,
        offset=plain_number(offset), vartype=model.vartype, sense=model.sense,
    )  # fmt: skip
    return found, lost + more + abs(offset - Fraction(found.offset))


def _sums(values: FloatArray, term: Fraction) -> tuple[FloatArray, Fraction]:
    """Add a number to each of some floats, each sum correctly rounded; the second is what that takes off in all."""
    each, place, count = np.unique(values, return_inverse=True, return_counts=True)
    exact = [Fraction(value) + term for value in each.tolist()]
    sums = np.array([float(value) for value in exact])
    lost = (
        k * abs(value - Fraction(near))
        for k, value, near in zip(count.tolist(), exact, sums.tolist(), strict=True)
    )
    return sums[place], sum(lost, Fraction(0))
