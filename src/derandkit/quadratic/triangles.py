"""A quadratic problem with triangle inequalities in its relaxation: a tighter bound, and the start that it gives.

The triangles are those of the constant and the two variables of each clause or arc (each coupling of another model).
The vectors that satisfy them have a start of their own, and its derandomization is a solution that is worth at least as
much as the start is expected to be. The search goes on from the better of the two solutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.models.arcs import Arcs
from derandkit.models.clauses import Clauses
from derandkit.quadratic.given import values_of_start
from derandkit.records import encode_array
from derandkit.runtime.clock import current
from derandkit.signs.derandomize.thresholds import best_start
from derandkit.signs.proofs.triangles.reference import relax_with_triangles
from derandkit.signs.relaxation.semidefinite import relax_cut
from derandkit.signs.solve import METHODS
from derandkit.tables import short_repr

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import IntArray, SignArray
    from derandkit.quadratic.given import Start
    from derandkit.quadratic.problem import Instance
    from derandkit.quadratic.result import QuadraticResult
    from derandkit.records import JsonObject
    from derandkit.signs.models import Inverse
    from derandkit.signs.options import Derandomizer
    from derandkit.signs.proofs.proven_bound import ProvenBound

#: A look at the bound is a dense eigendecomposition: seconds at this order.
MOST_VERTICES = 1500
#: By how much, in terms of the spread, vectors of a relaxation may be worth less than the solution.
MOST_SHORT = 5e-3
#: The start has this share of the relaxation at least, for clauses of one or two literals without negative weights:
#: Lewin, Livnat and Zwick state 0.94016 for the best lean of it.
CLAUSE_SHARE = Fraction(94, 100)


@dataclass(frozen=True, eq=False, repr=False)
class Triangles:
    """What the relaxation with triangles gives.

    Parameters
    ----------
    signs : ndarray of int8, shape (n,)
        The derandomized sides of the graph.
    bound : ProvenBound
        A bound on every cut.
    record : dict
        What the record of the problem says of it.
    """

    signs: SignArray
    bound: ProvenBound
    record: JsonObject

    __repr__ = short_repr


def pairs_of(instance: Instance) -> IntArray:
    """Return the pairs of variables that stand in a clause, an arc or a coupling together, each once, shape (p, 2).

    Examples
    --------
    >>> pairs_of(Clauses.from_clauses([(2, 1), (-1, 2), (3,), (1, 1), (2, -2), (3, -2)])).tolist()
    [[0, 1], [1, 2]]
    """
    if isinstance(instance, Clauses):
        variables = np.abs(instance.literals) - 1
        first, second = variables[(variables[:, 1] >= 0) & (variables[:, 0] != variables[:, 1])].T
    elif isinstance(instance, Arcs):
        first, second = instance.tails, instance.heads
    else:
        terms = instance.terms().model() if hasattr(instance, "terms") else instance
        first, second, _ = terms.couplings.edges()
    ends = np.sort(np.stack([first, second], axis=1).astype(np.int64), axis=1)
    return np.unique(ends, axis=0)


def check_triangles(graph: WeightedGraph, inverse: Inverse, pairs: IntArray, *, fixed: bool) -> int:
    """Return the vertex of the constant, or refuse a problem that has no relaxation with triangles.

    Raises
    ------
    InputError
        It says why, and what to do.
    """
    if fixed:
        raise InputError("relaxation='triangles' is about all solutions; leave out fixed, or use 'lowrank'")
    if inverse.reference is None or not len(pairs):
        raise InputError(
            "relaxation='triangles' needs a problem with linear terms and couplings; here one of them is missing or "
            "cancels, so use 'lowrank'"
        )
    if graph.n > MOST_VERTICES:
        raise InputError(
            f"relaxation='triangles' is for at most {MOST_VERTICES - 1} variables, here are {inverse.model.n}; "
            "use 'lowrank'"
        )
    return inverse.reference


def solve_with_triangles(
    instance: Instance,
    graph: WeightedGraph,
    inverse: Inverse,
    pairs: IntArray,
    reference: int,
    method: Derandomizer,
    duality_gap: float,
) -> Triangles:
    """Relax with triangles, start from the vectors, and derandomize."""
    plain = relax_cut(graph, duality_gap=duality_gap)
    relaxed = relax_with_triangles(
        graph, inverse.position[pairs], reference, plain.vectors, duality_gap=duality_gap
    )
    start = best_start(graph, relaxed.vectors, reference)
    course = METHODS[method](graph, start.law, coarse=current().stopped)
    sign = 1 if inverse.model.sense == "maximize" else -1

    def value(cut: float) -> float:
        return float(sign * (inverse.constant + inverse.factor * Fraction(cut)))

    share = share_of(instance) if relaxed.reached else None
    record = {
        "pairs": len(pairs),
        "vectors": encode_array(relaxed.stored, "<f4"),
        "violation": relaxed.violation,
        "sdp_value": value(relaxed.value),
        "beta": start.beta,
        "expectation": value(start.expectation),
        "ratio": None if share is None else float(share),
        "shift": str(shift_of(instance)),
    }
    return Triangles(course.signs, relaxed.bound, record)


def share_of(instance: Instance) -> Fraction | None:
    """Return the share of the relaxation that the start has at least, where one is proven (the checker has the proof).

    Examples
    --------
    >>> share_of(Clauses.from_clauses([(1, 2), (-1,)], weights=[2, 3]))
    Fraction(47, 50)
    >>> share_of(Clauses.from_clauses([(1, 2), (-1,)], weights=[2, -3])) is None
    True
    """
    return (
        CLAUSE_SHARE if isinstance(instance, Clauses) and instance.weights.min(initial=0.0) >= 0.0 else None
    )


def shift_of(instance: Instance) -> Fraction:
    """Return by how much the value of a problem is less than a sum over its clauses: what the hard ones weigh.

    Examples
    --------
    >>> shift_of(Clauses.from_clauses([(1, 2), (1,)], hard=[1]))
    Fraction(2, 1)
    """
    if not isinstance(instance, Clauses):
        return Fraction(0)
    return sum((Fraction(instance.penalty) for hard in instance.hard.tolist() if hard), Fraction(0))


def claimed(triangles: Triangles, result: QuadraticResult) -> JsonObject | None:
    """Return what a result says of the relaxation; None if its vectors are not near it.

    Vectors of a run that was stopped early may be worth less than the solution, which the relaxation never is. The
    checker allows twice as much.
    """
    sign = 1 if result.sense == "maximize" else -1
    short = sign * (Fraction(result.value) - Fraction(triangles.record["sdp_value"]))
    return None if short > MOST_SHORT * result.spread else triangles.record


def better_start(inverse: Inverse, start: Start | None, signs: SignArray) -> SignArray:
    """Return the better of a solution that the user knows and of one that was derandomized, as values.

    Examples
    --------
    >>> from derandkit.models.model import QuadraticModel
    >>> from derandkit.signs.models import as_graph
    >>> _, inverse = as_graph(QuadraticModel.from_qubo([[1, -4], [0, 2]]))
    >>> better_start(inverse, {0: 1, 1: 1}, np.array([1, -1, 1], dtype=np.int8)).tolist()
    [1, 1]
    """
    model, found = inverse.model, inverse.solution(signs)
    if start is None:
        return found
    known = values_of_start(model, start)
    more = model.exact_value(known) - model.exact_value(found)
    return known if (more if model.sense == "maximize" else -more) > 0 else found
