"""Quadratic problems in which a given number of variables is 1, by an exact penalty; for Python only."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Unpack

from derandkit.models.cardinality import penalised
from derandkit.numerics.rounding import float_above, float_below
from derandkit.options import takes
from derandkit.quadratic.solve import Options, optimize
from derandkit.tables import Tabled, bound_row, bounding, counted, number

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pandas

    from derandkit.models.model import QuadraticModel
    from derandkit.quadratic.result import QuadraticResult


@dataclass(frozen=True, eq=False)
class CardinalityResult(Tabled):
    """A solution of a problem in which a given number of variables is 1.

    Parameters
    ----------
    feasible : bool
        Whether the solution has the right number of ones.
    size : int
        The number of variables that must be 1.
    value : int or float
        What the solution is worth in the user's model, without any penalty.
    bound : int or float
        No solution with the right number of ones is better in the user's model (if `bound_status` is ``"certified"``):
        a lower bound where it minimises, an upper one where it maximises. On such solutions both models agree, so that
        a bound on the penalised model holds for them; it says nothing about solutions of other sizes, nor, with fixed
        variables, about solutions that have other values there.
    bound_status : {"certified", "tested", "estimated"}
        Whether the bound is proven.
    proven_optimal : bool
        Whether the solution is feasible and no feasible one (that has the fixed values) is better.
    solution : mapping
        The value of each variable, by label.
    model : QuadraticModel
        The model with its penalty (`derandkit.with_cardinality`).
    result : QuadraticResult
        Its solution, whose record ``derandkit.verify(found.result, found.model)`` checks.
    fixed : int
        Number of variables whose values were given.

    Examples
    --------
    >>> import derandkit as dk
    >>> found = dk.optimize_with_cardinality(dk.QuadraticModel.from_qubo([[-1, 3], [0, -2]]), 1)
    >>> found.feasible, found.value, found.solution, found.proven_optimal
    (True, -2, {0: 0, 1: 1}, True)
    """

    feasible: bool
    size: int
    value: int | float
    bound: int | float
    bound_status: str
    proven_optimal: bool
    solution: dict[Hashable, int]
    model: QuadraticModel
    result: QuadraticResult
    fixed: int = 0

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """The variables in canonical order."""
        return tuple(self.result.labels)

    def to_series(self) -> pandas.Series[int]:
        """Return the values as a pandas series, as `QuadraticResult.to_series` does."""
        return self.result.to_series()

    def to_frame(self) -> pandas.DataFrame:
        """Return a pandas table with the columns ``variable`` and ``value``."""
        return self.result.to_frame()

    def table_rows(self) -> Sequence[tuple[str, ...]]:
        """Return the rows of the table."""
        ones = sum(x == 1 for x in self.solution.values())
        least = self.model.sense == "minimize"
        such = "no such feasible value" if self.fixed else "no feasible value"
        given = [("fixed", f"{counted(self.fixed, 'variable')}; value and bound are those of such solutions")]
        return [
            ("value", number(self.value)),
            *(given if self.fixed else []),
            bound_row(
                f"{such} is {'below' if least else 'above'}",
                bounding(self.bound, above=not least),
                self.bound_status,
            ),
            ("proven optimal", "yes" if self.proven_optimal else "no"),
            ("variables that are 1", f"{ones} of {len(self.solution)}, {self.size} required"),
            ("feasible", "yes" if self.feasible else "no"),
        ]

    def __repr__(self) -> str:
        optimal = ", optimal" if self.proven_optimal else ""
        feasible = "feasible" if self.feasible else "not feasible"
        bound = f"{bounding(self.bound, above=self.model.sense == 'maximize')} {self.bound_status}"
        fixed = f", {self.fixed} fixed" if self.fixed else ""
        return f"CardinalityResult(value={number(self.value)}, bound={bound}, {feasible}{optimal}{fixed})"


@takes(*Options.__annotations__)
def optimize_with_cardinality(
    model: QuadraticModel, size: int, *, penalty: float | None = None, **options: Unpack[Options]
) -> CardinalityResult:
    """Solve a model in which `size` variables have to be 1; ``size = n // 2`` divides them into two halves.

    Parameters
    ----------
    model : QuadraticModel
        The model, of bits or signs.
    size : int
        How many variables are 1.
    penalty : float, optional
        As in `derandkit.with_cardinality`; the default is exact.
    **options
        As in `derandkit.optimize`. With `fixed`, value and bound are about the solutions that have these values.

    Returns
    -------
    CardinalityResult
        Says whether the solution is feasible. With the default penalty a solution that no change of a single variable
        improves is, unless sums of the penalty and a coefficient are rounded (coefficients such as 1e16 beside 0.1).

    Raises
    ------
    InputError
        As `derandkit.with_cardinality`, or an option is unknown.

    Examples
    --------
    >>> import derandkit as dk
    >>> cycle = dk.QuadraticModel.from_ising({}, {(0, 1): -1, (1, 2): -1, (2, 3): -1, (0, 3): -1})
    >>> halves = dk.optimize_with_cardinality(cycle, 2)
    >>> halves.feasible, halves.value, halves.bound, sum(value == 1 for value in halves.solution.values())
    (True, 0, 0, 2)
    """
    wider, slack = penalised(model, size, penalty)
    result = optimize(wider, **options)
    solution = result.solution
    value = model.value(solution)
    bound = result.bound
    if slack:  # sums of penalty and coefficients were rounded
        least = model.sense == "minimize"
        exact = Fraction(bound) + (-slack if least else slack)
        bound = (float_below if least else float_above)(exact)
    feasible = sum(x == 1 for x in solution.values()) == size
    return CardinalityResult(
        feasible=feasible,
        size=int(size),
        value=value,
        bound=bound,
        bound_status=result.bound_status,
        proven_optimal=feasible and result.proven_optimal and not slack,
        solution=solution,
        model=wider,
        result=result,
        fixed=len(options.get("fixed") or {}),
    )
