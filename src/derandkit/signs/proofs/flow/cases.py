"""Cases of a vertex on either side, each bounded by a flow: a proof for small dense problems with strong linear terms.

Where a vertex, the reference, is heavy, a flow through it decides others. If it does not decide all, one more vertex is
put on the side of the reference, then on the other one; the flow of each case decides more, or its bound leaves no room
for a heavier cut. QUBOs whose products cost more than their bits bring are proven so in as many cases as there are
bits, where semidefinite bounds are several times too large.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import DEPTH_LIMIT, LEAVES, proof_methods, proven_bound
from derandkit.runtime.clock import current
from derandkit.signs.proofs.flow.bound import FLOW_BITS, flow_record
from derandkit.signs.proofs.flow.network import DoubledGraph
from derandkit.signs.proofs.incumbent import Incumbent
from derandkit.signs.proofs.proven_bound import ProvenBound
from derandkit.tables import counted_open

if TYPE_CHECKING:
    from fractions import Fraction

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import IntArray, SignArray
    from derandkit.records import JsonObject
    from derandkit.runtime.clock import Clock

#: Larger graphs are not tried: every level of cases takes two levels of a proof, and every case a flow.
CASE_VERTICES, CASE_EDGES = DEPTH_LIMIT // 2 - 10, 8000
#: Cases that any graph gets, and those that it gets where half of the tree is closed by then: trees that
#: close within some hundred cases have closed seven eighths, others less than an eighth.
FEWEST_CASES, MOST_CASES, CLOSED = 40, 1200, 0.5


def bound_by_flow_cases(graph: WeightedGraph, signs: SignArray, reference: int) -> ProvenBound | None:
    """Prove the greatest cut by cases that flows bound.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    signs : ndarray of int8, shape (n,)
        A good cut.
    reference : int
        The vertex through which the flows go.

    Returns
    -------
    ProvenBound or None
        A bound that its `signs` meet; None where the cases are too many, the graph is larger than `CASE_VERTICES` and
        `CASE_EDGES`, or the clock has stopped.

    Notes
    -----
    A maximum flow with 2n vertices and 4m arcs a case. The number of cases is not bounded by a polynomial; it is given
    up where the closed part of the tree says that they are many.

    References
    ----------
    Hammer, Hansen, Simeone, Math. Programming 28 (1984); Boros, Hammer, Tavares, J. Heuristics 13 (2007).

    Examples
    --------
    >>> from derandkit.datasets import qubo
    >>> from derandkit.signs.models import as_graph
    >>> graph, inverse = as_graph(qubo("gka2b"))
    >>> found = bound_by_flow_cases(graph, np.ones(31, dtype=np.int8), 30)
    >>> found.reason, inverse.bound(found.exact) == inverse.bound(graph.cut_value(found.signs))
    ('55 cases bounded by flows, 0 of them open; no cut is heavier', True)
    """
    if graph.n > CASE_VERTICES or graph.m > CASE_EDGES:
        return None
    exact = ExactGraph.from_graph(graph)
    tree = _Tree(Incumbent(graph, exact, signs), current())
    place = np.arange(graph.n)
    try:
        proof = tree.node(tree.case(exact, reference, place, np.ones(graph.n, dtype=np.int8), 0))
    except _GivenUpError:
        return None
    bound = proven_bound(exact.copy(), proof)
    return ProvenBound(
        exact=bound,
        proof=proof,
        method=proof_methods(proof)[0],
        reason=f"{counted_open(tree.cases, 0, 'bounded by flows')}; no cut is heavier",
        complete=tree.incumbent.meets(bound),
        signs=tree.incumbent.signs,
    )


class _GivenUpError(Exception):
    """The cases are too many, or the clock has stopped."""


@dataclass(frozen=True, eq=False)
class _Case:
    """What is left of the graph, and what its greatest flow says.

    `place` and `orient` are, for every vertex of the whole graph, the vertex that stands for it and whether it is on
    the side of that one.
    """

    exact: ExactGraph
    reference: int
    place: IntArray
    orient: SignArray
    depth: int
    doubled: DoubledGraph
    amounts: list[int]
    flow: JsonObject
    bound: Fraction


class _Tree:
    """The cases so far."""

    def __init__(self, incumbent: Incumbent, clock: Clock) -> None:
        self.incumbent, self.clock = incumbent, clock
        self.cases = 0
        #: the part of the tree below closed cases, where each split halves
        self.closed = 0.0

    def case(
        self, exact: ExactGraph, reference: int, place: IntArray, orient: SignArray, depth: int
    ) -> _Case:
        """Make a case and its flow."""
        self.cases += 1
        if self.cases > (FEWEST_CASES if self.closed < CLOSED else MOST_CASES):
            raise _GivenUpError
        number = {v: k for k, v in enumerate(sorted(exact.neighbours))}
        edges = [(number[u], number[v], w) for u, v, w in exact.edges()]
        doubled = DoubledGraph(len(number), edges, number[reference])
        amounts = doubled.amounts(self.clock) if doubled.bits <= FLOW_BITS else None
        if amounts is None:
            raise _GivenUpError
        flow = flow_record(exact, reference, amounts)
        bound = LEAVES["flow"](exact.copy(), {"kind": "flow", **flow})
        return _Case(exact, reference, place, orient, depth, doubled, amounts, flow, bound)

    def node(self, case: _Case) -> JsonObject:
        """Return the proof of a case: its flow, or what the flow decides and two cases of another vertex."""
        if self.incumbent.meets(case.bound):
            self.closed += 0.5**case.depth
            return {"kind": "flow", **case.flow}
        exact, reference = case.exact.copy(), case.reference
        place, orient = case.place, case.orient
        which, plus = case.doubled.placed(case.amounts)
        names = np.array(sorted(exact.neighbours), dtype=np.int64)
        same = [v for v in names[which & plus].tolist() if v != reference]
        opposite = [v for v in names[which & ~plus].tolist() if v != reference]
        side = {case.reference: 1} | dict.fromkeys(same, 1) | dict.fromkeys(opposite, -1)
        for v in sorted(side)[1:]:  # as the check does: into the lowest of them
            reference, place, orient = merged(exact, min(side), v, side[v] != side[min(side)], place, orient)
        if same or opposite:
            reference, place = renumbered(exact, reference, place)
        self.incumbent.offer(self.cut(exact, reference, place, orient))
        if len(exact.neighbours) == 1:
            inner: JsonObject = {"kind": "positive"}
            self.closed += 0.5**case.depth
        else:
            inner = self.split(exact, reference, place, orient, case.depth)
        if not same and not opposite:
            return inner
        return {"kind": "persistent", **case.flow, "same": same, "opposite": opposite, "then": inner}

    def split(
        self, exact: ExactGraph, reference: int, place: IntArray, orient: SignArray, depth: int
    ) -> JsonObject:
        """Put the vertex whose other edges weigh most on either side of the reference."""
        sizes = {
            v: sum(abs(w) for u, w in row.items() if u != reference)
            for v, row in exact.neighbours.items()
            if v != reference
        }
        vertex = max(sizes, key=lambda v: (sizes[v], -v))
        cases = []
        for other in (False, True):
            child = exact.copy()
            at, where, how = merged(child, reference, vertex, other, place, orient)
            cases.append(self.case(child, at, where, how, depth + 1))
        # the case that is closed at once first, so that the closed part grows before the other goes deeper
        proofs = {k: self.node(cases[k]) for k in sorted((0, 1), key=lambda k: (cases[k].bound, k))}
        pair = sorted((reference, vertex))
        return {"kind": "branch", "pair": pair, "same": proofs[0], "opposite": proofs[1]}

    def cut(self, exact: ExactGraph, reference: int, place: IntArray, orient: SignArray) -> SignArray:
        """Return a cut of the whole graph: vertices that are left go where their edges to the reference pull them."""
        left = np.ones(place.size, dtype=np.int8)
        for v, w in exact.neighbours[reference].items():
            left[v] = -1 if w > 0 else 1
        return np.asarray(left[place] * orient, dtype=np.int8)


def merged(
    exact: ExactGraph, reference: int, v: int, opposite: bool, place: IntArray, orient: SignArray
) -> tuple[int, IntArray, SignArray]:
    """Merge a vertex and the reference into the lower of them; return it, and where the vertices of the whole are."""
    low, high = min(reference, v), max(reference, v)
    exact.contract(low, high, opposite=opposite)
    moved = place == high
    turned = -orient if opposite else orient
    return low, np.where(moved, low, place), np.where(moved, turned, orient).astype(np.int8)


def renumbered(exact: ExactGraph, reference: int, place: IntArray) -> tuple[int, IntArray]:
    """Give the vertices that are left the numbers from 0 on, as the check of persistent vertices does."""
    left = np.array(sorted(exact.neighbours), dtype=np.int64)
    exact.renumber()
    return int(np.searchsorted(left, reference)), np.searchsorted(left, place)
