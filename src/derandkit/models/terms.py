"""Sums of quadratic terms as models: what a problem writes down before equal terms are added up."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import unmasked
from derandkit.graphs.assembly import merge_edges
from derandkit.graphs.labels import in_order
from derandkit.models.entries import grouped_sums
from derandkit.models.model import QuadraticModel
from derandkit.models.options import Sense, Vartype
from derandkit.numerics.rounding import plain_number
from derandkit.tables import short_repr
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from derandkit.numerics.typing import FloatArray, IntArray, SignArray


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The coefficients of a model before they are rounded to floats.

    Parameters
    ----------
    linear : sequence of Fraction, length n
        Of single variables.
    pairs : sequence of Fraction, length m
        Of pairs, in the order of ``model.couplings.edges()``.
    constant : Fraction
        The constant.
    """

    linear: Sequence[Fraction]
    pairs: Sequence[Fraction]
    constant: Fraction

    @classmethod
    def of(cls, model: QuadraticModel) -> Coefficients:
        """Return those of a model that has nothing behind it: its own."""
        return cls(
            linear=[Fraction(x) for x in model.linear.tolist()],
            pairs=[Fraction(x) for x in model.couplings.edges()[2].tolist()],
            constant=Fraction(model.offset),
        )


@dataclass(frozen=True, eq=False, repr=False)
class Terms:
    """Terms ``c x_i x_j`` (linear where ``i == j``) and a constant, not added up yet.

    Parameters
    ----------
    i, j : ndarray of int64, shape (k,)
        Variables, by their place in `labels`.
    c : ndarray of float64, shape (k,)
        Coefficients.
    constant : Fraction
        The constant, exact.
    labels : sequence of hashables, length n
        The variables in canonical order.
    vartype, sense
        As in `QuadraticModel`.
    """

    i: IntArray
    j: IntArray
    c: FloatArray
    constant: Fraction
    labels: Sequence[Hashable]
    vartype: Vartype
    sense: Sense

    __repr__ = short_repr

    def model(self) -> QuadraticModel:
        """Return the sum as a model; sums of equal terms are correctly rounded.

        Raises
        ------
        InputError
            Integers add up to a number that float64 does not hold; in words of the problem, which has no pairs and no
            offset.
        """
        i, j, c, n = self.i, self.j, self.c, len(self.labels)
        linear = np.zeros(n)
        if not (c == np.rint(c)).all():  # `slack` counts what these sums lose
            if self.vartype == "binary":
                linear = np.array([float(total) for total in grouped_sums(i[i == j], c[i == j], n)])
                i, j, c = i[i != j], j[i != j], c[i != j]
            low, high, c, *_ = merge_edges(i, j, c, n, rounded=True)
            i, j = low.astype(np.int64), high.astype(np.int64)
        try:
            return QuadraticModel.from_arrays(
                i, j, c, n=n, labels=self.labels, linear=linear, offset=plain_number(self.constant),
                vartype=self.vartype, sense=self.sense,
            )  # fmt: skip
        except InputError:
            size = float(np.abs(self.c).max(initial=0.0))
            raise InputError(
                f"the weights add up to numbers that float64 does not hold exactly (the largest is about {size:.3g}, "
                "sums of integers are exact below 2^53); divide all weights by a common factor"
            ) from None

    def exact(self, model: QuadraticModel) -> Coefficients:
        """Return the sums of equal terms without rounding, in the order of the model.

        Notes
        -----
        O(k) additions of rationals.
        """
        sums = self._sums()
        i, j, _ = model.couplings.edges()
        return Coefficients(
            linear=[sums.get((k, k), Fraction(0)) for k in range(model.n)],
            pairs=[sums[pair] for pair in zip(i.tolist(), j.tolist(), strict=True)],
            constant=self.constant,
        )

    def slack(self, model: QuadraticModel) -> Fraction:
        """Return how far the rounding of sums can move a value: 0 where all of them are exact.

        Notes
        -----
        At once for integers, otherwise O(k) additions of rationals.
        """
        if model.integral and (self.c == np.rint(self.c)).all() and float(np.abs(self.c).sum()) < 2.0**53:
            return Fraction(0)
        sums = self._sums()
        for a, b, value in zip(*(array.tolist() for array in model.couplings.edges()), strict=True):
            sums[a, b] = sums.get((a, b), Fraction(0)) - Fraction(value)
        for k, value in enumerate(model.linear.tolist()):
            sums[k, k] = sums.get((k, k), Fraction(0)) - Fraction(value)
        return sum(map(abs, sums.values()), abs(self.constant - Fraction(model.offset)))

    def _sums(self) -> dict[tuple[int, int], Fraction]:
        """Add up equal terms, by their variables in ascending order."""
        sums: dict[tuple[int, int], Fraction] = {}
        for a, b, value in zip(self.i.tolist(), self.j.tolist(), self.c.tolist(), strict=True):
            key = (a, b) if a <= b else (b, a)
            sums[key] = sums.get(key, Fraction(0)) + Fraction(value)
        return sums


def checked_values(
    solution: object, labels: Sequence[Hashable], low: int = 0, word: str = "variable"
) -> SignArray:
    """Return the values of variables in the order of their labels, each 1 or `low`; a series is read by label.

    Raises
    ------
    InputError
        They are something else, or are not those of these labels.

    Examples
    --------
    >>> checked_values([1, 0], "ab"), checked_values({"b": 1, "a": 0}, "ab")
    (array([1, 0], dtype=int8), array([0, 1], dtype=int8))
    >>> checked_values(5, "ab")
    Traceback (most recent call last):
    derandkit.errors.InputError: a solution is an array of 2 values 0 or 1, got 5
    """
    n, given = len(labels), in_order(labels, solution, word)
    try:
        values = unmasked(given, "the solution")
    except (TypeError, ValueError):  # parts of several lengths
        values = np.zeros(0)
    if values.shape != (n,) or values.dtype.kind not in "iufb" or not ((values == low) | (values == 1)).all():
        raise InputError(f"a solution is an array of {n} values {low} or 1, got {quoted(solution)}")
    return values.astype(np.int8)
