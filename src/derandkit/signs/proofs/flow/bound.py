"""Roof duality: an upper bound on cuts by a maximum flow, and the vertices whose sides it decides.

The bound is that of all odd cycles through one vertex, the reference, which may visit other vertices twice (Hammer,
Hansen and Simeone, Math. Programming 28 (1984)). It is exact where the signed graph without the reference is balanced:
for ferromagnets in any field, and for what switching makes of them. Elsewhere it may decide some vertices
(*persistency*), and what is left is a smaller graph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.flow import merge_persistent
from derandkit.certificates.proofs.trees import proven_bound
from derandkit.records import JsonMapping, JsonObject, encode_array
from derandkit.runtime.clock import current
from derandkit.signs.contraction import Contraction, Link, contract
from derandkit.signs.proofs.flow.network import DoubledGraph
from derandkit.signs.proofs.proven_bound import ProvenBound
from derandkit.tables import counted

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray

#: Larger graphs, and weights of more binary digits, are not tried: a maximum flow cannot be interrupted.
FLOW_EDGES, FLOW_BITS = 200_000, 400
#: How many times the weight at an average vertex that at the reference has to be: elsewhere the bound says little.
HEAVY = 2.0
#: Amounts of more digits are written as text, since arrays of records hold what a float can.
ARRAY_BITS = 52


@dataclass(frozen=True, eq=False)
class Roof:
    """What a greatest balanced flow says about a graph.

    Parameters
    ----------
    exact : ExactGraph
        The graph.
    bound : ProvenBound
        The bound of the flow; its signs are a greatest cut where the flow decides every vertex, else None.
    persistent : dict
        A ``persistent`` node of a proof, without ``then``.
    contraction : Contraction
        The graph in which the decided vertices are one.
    reference : int
        The vertex through which the cycles go.
    decided : int
        How many vertices the flow decides, the reference among them.
    """

    exact: ExactGraph
    bound: ProvenBound
    persistent: JsonMapping
    contraction: Contraction
    reference: int
    decided: int

    @property
    def shrinks(self) -> bool:
        """Whether the graph that is left is smaller, and has weights without rounding."""
        return self.decided > 1 and self.contraction.slack == 0

    def below(self, signs: SignArray) -> SignArray:
        """Return sides of the graph that is left from sides of the graph: decided vertices follow the reference."""
        small: SignArray = np.empty(self.contraction.graph.n, dtype=np.int8)
        small[self.contraction.classes] = signs * self.contraction.orientation
        place = self.contraction.classes[self.reference]
        small[place] = signs[self.reference] * self.contraction.orientation[self.reference]
        return small

    def above(self, left: ProvenBound) -> ProvenBound:
        """Return a bound on the graph from one on the graph that is left, with its proof."""
        others = counted(self.contraction.classes.size - 1, "vertex", "vertices")
        proof = {**self.persistent, "then": left.proof}
        whole = self.exact.copy()
        if left.method == "odd-cycle":  # added up already, and the same in any units
            merge_persistent(whole, proof)
            exact = left.exact + whole.value(whole.offset)
        else:
            exact = proven_bound(whole, proof)  # not rounded to what is left, as the checker works it out
        return replace(
            left,
            exact=exact,
            proof=proof,
            reason=f"a flow decides {self.decided - 1} of {others}; {left.reason}",
            signs=None if left.signs is None else self.contraction.lift(left.signs),
        )


def heaviest(graph: WeightedGraph) -> int | None:
    """Return the vertex whose edges weigh most in absolute value, if that is `HEAVY` times the average; else None.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> heaviest(WeightedGraph.from_edges([0] * 9, list(range(1, 10)), [4, -4, 4] * 3))
    0
    >>> heaviest(WeightedGraph.from_edges([0, 1, 2], [1, 2, 0])) is None
    True
    """
    i, j, w = graph.edges()
    largest = float(np.abs(w).max(initial=0.0))
    if largest == 0.0:
        return None
    size = np.abs(w) / largest
    at = np.bincount(np.concatenate([i, j]), np.concatenate([size, size]), minlength=graph.n)
    vertex = int(at.argmax())
    return vertex if at[vertex] >= HEAVY * at.mean() else None


def roof_dual(graph: WeightedGraph, reference: int | None = None) -> Roof | None:
    """Bound the maximum cut by a flow through one vertex, and decide what it decides.

    Parameters
    ----------
    graph : WeightedGraph
        The graph; weights of any sign.
    reference : int, optional
        The vertex; by default the one that `heaviest` returns.

    Returns
    -------
    Roof or None
        None if no vertex is heavy, the graph is too large (`FLOW_EDGES`), weights are of too different size for exact
        flows (`FLOW_BITS`), or the clock has stopped.

    Notes
    -----
    A few maximum flows with 2n vertices and 4m arcs.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> ferromagnet = WeightedGraph.from_edges([0, 1, 2, 0, 0], [1, 2, 3, 1, 3], [5, -4, -2, -2, 3])
    >>> roof = roof_dual(ferromagnet, 0)
    >>> roof.bound.exact, roof.bound.signs.tolist(), roof.decided
    (Fraction(6, 1), [1, -1, -1, -1], 4)
    """
    reference = heaviest(graph) if reference is None else reference
    if reference is None or graph.m > FLOW_EDGES:
        return None
    exact = ExactGraph.from_graph(graph)
    edges = list(exact.edges())
    doubled = DoubledGraph(graph.n, edges, reference)
    if doubled.bits > FLOW_BITS:
        return None
    amounts = doubled.amounts(current())
    if amounts is None:
        return None
    which, plus = doubled.placed(amounts)
    same, opposite = np.flatnonzero(which & plus), np.flatnonzero(which & ~plus)
    same = same[same != reference]
    links = [Link(reference, v, False) for v in same.tolist()]
    links += [Link(reference, v, True) for v in opposite.tolist()]
    contraction = contract(graph, links)
    flow = flow_record(exact, reference, amounts)
    leaf = {"kind": "flow", **flow}
    bound = ProvenBound(
        exact=proven_bound(exact.copy(), leaf),
        proof=leaf,
        method="flow",
        reason=f"maximum flow; it decides {1 + len(links)} of {counted(graph.n, 'vertex', 'vertices')}",
        complete=True,
        signs=contraction.lift(np.ones(1, dtype=np.int8)) if contraction.graph.n == 1 else None,
    )
    node = {"kind": "persistent", **flow, "same": same.tolist(), "opposite": opposite.tolist()}
    return Roof(exact, bound, node, contraction, reference, 1 + len(links))


def flow_record(exact: ExactGraph, reference: int, amounts: list[int]) -> JsonObject:
    """Return a flow as leaves and nodes of a proof hold it.

    Parameters
    ----------
    exact : ExactGraph
        The graph.
    reference : int
        The vertex through which it goes.
    amounts : list of int, length m
        In halves of the unit of the graph, as `DoubledGraph.amounts` returns them.
    """
    short = max((x.bit_length() for x in amounts), default=0) <= ARRAY_BITS
    return {
        "reference": reference,
        "amounts": encode_array(np.array(amounts, dtype=np.int64), "<i8") if short else amounts,
        "unit": -1 - exact.shift,
    }
