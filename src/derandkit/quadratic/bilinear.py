"""``max x'Ay`` over signs, and the cut norm of a matrix, with certificates; for Python only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Unpack

import numpy as np

from derandkit.errors import InputError
from derandkit.models.bilinear import bilinear_model, centred, checked_matrix
from derandkit.numerics.rounding import float_above, plain_number
from derandkit.numerics.sums import exact_total
from derandkit.options import takes
from derandkit.quadratic.solve import Options, optimize
from derandkit.tables import Tabled, bound_row, bounding, counted, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from derandkit.models.model import QuadraticModel
    from derandkit.quadratic.result import QuadraticResult


@takes(*Options.__annotations__)
def maximize_bilinear(A: ArrayLike, **options: Unpack[Options]) -> QuadraticResult:
    """Find signs x and y with a large ``x'Ay``, and a certified upper bound (the norm of A from sup to sum norm).

    Parameters
    ----------
    A : array_like or sparse array, shape (m, n)
        The matrix.
    **options
        As in `derandkit.optimize`.

    Returns
    -------
    QuadraticResult
        The problem is `derandkit.bilinear_model` of A: ``result.solution["row", i]`` is x_i, ``["column", j]`` is y_j.

    Raises
    ------
    InputError
        `A` is no matrix of finite real numbers, or an option is unknown.

    Notes
    -----
    Grothendieck's inequality bounds how far the semidefinite value is away: at most a factor of 1.783.

    References
    ----------
    Alon and Naor, SIAM J. Comput. 35 (2006) 787-803.

    Examples
    --------
    >>> import derandkit as dk
    >>> A = [[1, -2], [3, 4]]
    >>> result = dk.maximize_bilinear(A)
    >>> result.value, result.bound, bool(dk.verify(result, dk.bilinear_model(A)))
    (8, 8, True)
    """
    return optimize(bilinear_model(A), **options)


@dataclass(frozen=True, eq=False)
class CutNorm(Tabled):
    """Rows and columns whose entries sum to much in absolute value, and a bound on all such sums.

    Parameters
    ----------
    value : int or float
        ``|sum of A over rows x columns|``: exact for integers, else correctly rounded.
    bound : int or float
        No choice of rows and columns has more, if `bound_status` is ``"certified"``; rounded up. With fixed variables
        this is about the choices that have their values, and no bound on the cut norm.
    bound_status : {"certified", "tested", "estimated"}
        Whether the bound is proven.
    rows, columns : tuple of int
        The choice, by number from 0.
    proven_optimal : bool
        Whether `value` is the cut norm; with fixed variables, whether no choice that has their values has more.
    model : QuadraticModel
        The Ising model that was solved (`derandkit.cut_norm_model`): four times the cut norm.
    result : QuadraticResult
        Its solution, whose record ``derandkit.verify(norm.result, norm.model)`` checks.
    fixed : int
        Number of variables whose values were given.

    Examples
    --------
    >>> import derandkit as dk
    >>> norm = dk.cut_norm([[1, -2], [3, 4]])
    >>> norm.value, norm.rows, norm.columns, norm.proven_optimal
    (7, (1,), (0, 1), True)
    """

    value: int | float
    bound: int | float
    bound_status: str
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    proven_optimal: bool
    model: QuadraticModel
    result: QuadraticResult
    fixed: int = 0

    def table_rows(self) -> Sequence[tuple[str, ...]]:
        """Return the rows of the table."""
        such = "no such choice" if self.fixed else "no choice"
        proven = "proven best of such choices" if self.fixed else "proven to be the cut norm"
        given = [("fixed", f"{counted(self.fixed, 'variable')}; value and bound are those of such choices")]
        return [
            ("sum over the chosen rows and columns", number(self.value)),
            *(given if self.fixed else []),
            bound_row(f"{such} has more than", bounding(self.bound, above=True), self.bound_status),
            (proven, "yes" if self.proven_optimal else "no"),
            ("chosen", f"{counted(len(self.rows), 'row')}, {counted(len(self.columns), 'column')}"),
        ]

    def __repr__(self) -> str:
        optimal = ", optimal" if self.proven_optimal else ""
        fixed = f", {self.fixed} fixed" if self.fixed else ""
        bound = f"{bounding(self.bound, above=True)} {self.bound_status}"
        return f"CutNorm(value={number(self.value)}, bound={bound}{optimal}{fixed})"


@takes(*Options.__annotations__)
def cut_norm(A: ArrayLike, **options: Unpack[Options]) -> CutNorm:
    """Find rows and columns of a matrix whose entries sum to much in absolute value, and a certified upper bound.

    Parameters
    ----------
    A : array_like or sparse array, shape (m, n)
        The matrix.
    **options
        As in `derandkit.optimize`; `fixed` and `start` are in the variables of `derandkit.cut_norm_model`. With
        `fixed`, which names rows or columns and not both, value and bound are about the choices that have these values.

    Returns
    -------
    CutNorm
        The cut norm of A if it is proven optimal and nothing is fixed, else a lower bound on it, and an upper one on
        all choices that have the fixed values.

    Raises
    ------
    InputError
        `A` is no matrix of finite real numbers, an option is unknown, or rows and columns are fixed both.

    References
    ----------
    Frieze and Kannan, Combinatorica 19 (1999) 175-220; Alon and Naor, SIAM J. Comput. 35 (2006) 787-803.

    Examples
    --------
    >>> norm = cut_norm([[2, -1, -1], [-1, 2, -1]])
    >>> norm.value, norm.bound, norm.rows, norm.columns
    (2, 2, (0,), (1, 2))
    """
    matrix = checked_matrix(A)
    _refuse_both(options.get("fixed"))
    wider, slack = centred(matrix)
    model = bilinear_model(wider)
    result = optimize(model, **options)
    m, n = matrix.shape
    solution = result.solution
    rows = tuple(i for i in range(m) if solution["row", i] != solution["row", m])
    columns = tuple(j for j in range(n) if solution["column", j] != solution["column", n])
    chosen = matrix[np.ix_(rows, columns)].ravel() if rows and columns else np.zeros(0)
    value = abs(exact_total(chosen))
    bound = (Fraction(result.bound) + slack) / 4
    return CutNorm(
        value=plain_number(value),
        bound=bound.numerator if bound.denominator == 1 else float_above(bound),
        bound_status=result.bound_status,
        rows=rows,
        columns=columns,
        proven_optimal=result.bound_status == "certified" and bound == value,
        model=model,
        result=result,
        fixed=len(options.get("fixed") or {}),
    )


def _refuse_both(fixed: object) -> None:
    """Refuse fixed rows beside fixed columns: the greatest sum is then not the greatest absolute value of one.

    Turning all rows, or all columns, turns the sign of the sum, so that the model looks for the greatest sum alone.
    """
    kinds = (
        {key[0] for key in fixed if isinstance(key, tuple) and key} if isinstance(fixed, Mapping) else set()
    )
    if {"row", "column"} <= kinds:
        raise InputError(
            "rows and columns are fixed both, and the cut norm takes either sign of a sum: fix rows or columns, or "
            "pass derandkit.cut_norm_model(A) to derandkit.optimize for the greatest sum"
        )
