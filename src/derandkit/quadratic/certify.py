"""From the cut of a quadratic problem back to its solution, value and bound, in exact arithmetic."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from derandkit.graphs.reading import recorded
from derandkit.models.arcs import SignedGraph
from derandkit.models.model import QuadraticModel
from derandkit.numerics.rounding import float_above, float_below, plain_number
from derandkit.quadratic.problem import exact_coefficients
from derandkit.quadratic.result import QuadraticResult
from derandkit.signs.models import toward_solution
from derandkit.signs.rounding import exact_cut
from derandkit.status import QuadraticStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.cuts.result import MaxCutResult
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.quadratic.problem import Instance
    from derandkit.signs.models import Inverse


#: How the weights of a cut were rounded.
Rounding: TypeAlias = Literal["nearest", "toward the solution"]
TOWARD: Rounding = "toward the solution"

#: How often a better solution may turn up when weights are rounded toward the best one.
ROUNDS = 3


def met_exactly(
    instance: Instance,
    inverse: Inverse,
    found: QuadraticResult,
    cut_again: Callable[[WeightedGraph, Inverse, SignArray], MaxCutResult],
) -> QuadraticResult:
    """Prove a solution optimal whose cut is, but with weights that were rounded.

    The weights are rounded once more, in favour of the solution, and cut again.

    Parameters
    ----------
    instance : Instance
        The problem.
    inverse : Inverse
        From cuts with weights rounded to nearest to solutions.
    found : QuadraticResult
        What these gave.
    cut_again : callable
        Cuts another graph, from a solution on.

    Returns
    -------
    QuadraticResult
        The proven one; `found` where solutions are closer to each other than weights can say.
    """
    model = inverse.model
    exact = exact_coefficients(instance, model)
    best = found
    for _ in range(ROUNDS):
        near = np.array(best.values, dtype=np.int8)
        graph, other = toward_solution(inverse, exact, near)
        cut = cut_again(graph, other, near)
        x = other.solution(cut.signs)
        if (x == near).all():
            result = certify(instance, model, Fraction(0), graph, other, cut, TOWARD)
            return result if result.proven_optimal else found
        if not cut.proven_optimal or not _beats(instance, model, x, near):
            return found
        best = replace(best, values=tuple(x.tolist()))
    return found


def _beats(instance: Instance, model: QuadraticModel, x: SignArray, y: SignArray) -> bool:
    first, second = instance.exact_value(x), instance.exact_value(y)
    return first > second if model.sense == "maximize" else first < second


def certify(
    instance: Instance,
    model: QuadraticModel,
    slack: Fraction,
    graph: WeightedGraph,
    inverse: Inverse,
    cut: MaxCutResult,
    rounding: Rounding = "nearest",
) -> QuadraticResult:
    """Read a cut back as a solution, with value and bound in exact arithmetic.

    A cut that is proven optimal has the greatest value, and its bound is its own weight: the bound in its record may be
    rounded up. Where weights were rounded to nearest that says nothing of the solution; where they were rounded toward
    it, it does.
    """
    x = inverse.solution(cut.signs)
    value = instance.exact_value(x)
    best = inverse.bound(Fraction(cut.upper_bound))
    best = best + slack if model.sense == "maximize" else best - slack
    if cut.proven_optimal and (rounding == TOWARD or inverse.slack + slack == 0):
        best = inverse.bound(exact_cut(graph, cut.signs))
    optimal = cut.bound_status == "certified" and best == value
    status = QuadraticStatus.OPTIMAL if optimal else QuadraticStatus[cut.status.name]
    if status is QuadraticStatus.OPTIMAL and not optimal:  # the cut is optimal, but weights were rounded
        status = QuadraticStatus.SOLVED
    outward = float_above if model.sense == "maximize" else float_below
    return QuadraticResult(
        kind=instance.kind,
        status=status,
        labels=model.labels,
        values=tuple(x.tolist()),
        value=plain_number(value),
        bound=best.numerator if best.denominator == 1 else outward(best),
        bound_status=cut.bound_status,
        spread=model.spread,
        vartype=model.vartype,
        sense=model.sense,
        figures={} if isinstance(instance, QuadraticModel) else dict(instance.figures(x)),
        instance={
            "n": model.n,
            "couplings": model.couplings.m,
            "digest": instance.digest,
            "model_digest": model.digest,
            "reading": reading_of(instance),
        },
        reduction={
            "constant": str(inverse.constant),
            "factor": str(inverse.factor),
            "rounding": rounding,
            "slack": str(inverse.slack + slack),
        },
        cut=cut,
    )


def reading_of(instance: Instance) -> str | None:
    """Return how the input was read, as a record keeps it; None where that is not known."""
    source = instance.graph if isinstance(instance, SignedGraph) else instance
    # a problem from outside need not have one
    return recorded(getattr(source, "reading", None), getattr(source, "rounded", 0.0))
