"""From the cut of a quadratic problem back to its solution, value and bound, in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from derandkit.graphs.reading import recorded
from derandkit.models.arcs import SignedGraph
from derandkit.models.model import QuadraticModel
from derandkit.numerics.rounding import float_above, float_below, plain_number
from derandkit.quadratic.result import QuadraticResult
from derandkit.status import QuadraticStatus

if TYPE_CHECKING:
    from derandkit.cuts.result import MaxCutResult
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.quadratic.problem import Instance
    from derandkit.signs.models import Inverse


def certify(
    instance: Instance,
    model: QuadraticModel,
    slack: Fraction,
    graph: WeightedGraph,
    inverse: Inverse,
    cut: MaxCutResult,
) -> QuadraticResult:
    """Read a cut back as a solution, with value and bound in exact arithmetic."""
    x = inverse.solution(cut.signs)
    value = instance.exact_value(x)
    best = inverse.bound(Fraction(cut.upper_bound))
    best = best + slack if model.sense == "maximize" else best - slack
    if cut.proven_optimal and inverse.slack + slack == 0:
        best = value  # a cut without rounded weights that no cut beats; its bound in the record may be rounded up
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
            "slack": str(inverse.slack + slack),
        },
        cut=cut,
    )


def reading_of(instance: Instance) -> str | None:
    """Return how the input was read, as a record keeps it; None where that is not known."""
    source = instance.graph if isinstance(instance, SignedGraph) else instance
    return recorded(getattr(source, "reading", None))  # a problem from outside need not have one
