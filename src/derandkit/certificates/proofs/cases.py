"""The leaf ``cases`` of a proof: a tree of cases, each bounded by odd cycles out of one list.

A case assumes of some pairs of vertices that both are on one side, or that they are not. It covers the cuts for which
this is so. An assumed pair is treated as one more edge, negative if the two are on one side and positive if not, which
no cut of the case frustrates: a cycle may go over it, and it takes up any load. Every cut of the case frustrates an
edge of each odd cycle that is no assumed pair, so the argument of `derandkit.certificates.proofs.cycles` bounds all
cuts of the case. Where an edge of the graph joins an assumed pair, cycles pass over the assumption, and the edge counts
by itself: ``|w|`` is lost if the assumption frustrates it.

Record: ``lengths`` and ``vertices`` of all cycles one after the other, and the ``tree``. A node of the tree either
splits a case, ``{"pair": [u, v], "same": node, "opposite": node}``, or bounds it, ``{"rows": ..., "multipliers":
...}``: which of the cycles carry a multiplier, and these, non-negative integers in units of ``2**unit``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.certificates.proofs.cycles import listed_cycles
from derandkit.certificates.proofs.integers import checked_unit, listed_integers
from derandkit.certificates.work import bits_of

if TYPE_CHECKING:
    from fractions import Fraction

    from derandkit.certificates.proofs.exact import ExactGraph
    from derandkit.records import JsonMapping

    Pair = tuple[int, int]

#: Cases may be split this many times one below the other.
CASE_DEPTH_LIMIT = 200


def cycle_cases_bound(graph: ExactGraph, proof: JsonMapping) -> Fraction:
    """Check a tree of cases and return the bound that it proves, offset included.

    Parameters
    ----------
    graph : ExactGraph
        The graph; it may be refined to smaller units.
    proof : mapping
        Keys ``kind``, ``lengths``, ``vertices``, ``unit``, ``tree``.

    Returns
    -------
    Fraction
        The largest bound of a case that is not split.

    Raises
    ------
    ValueError, LookupError, TypeError
        Something is malformed, or a row is not an odd cycle in its case.

    Notes
    -----
    Linear in the total length of the cycles of all cases, which is charged to the budget of the graph.

    Examples
    --------
    Both ways to place two vertices of a square with a path across leave an odd cycle:

    >>> from derandkit.certificates.proofs.exact import ExactGraph
    >>> edges = [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (0, 3, 1.0), (1, 4, 1.0), (3, 4, -1.0)]
    >>> graph = ExactGraph.from_edges(5, edges)
    >>> same = {"rows": [1], "multipliers": [1]}
    >>> opposite = {"rows": [0], "multipliers": [1]}
    >>> record = {"kind": "cases", "lengths": [3, 3], "vertices": [1, 0, 3, 1, 4, 3], "unit": 0}
    >>> cycle_cases_bound(graph, {**record, "tree": {"pair": [1, 3], "same": same, "opposite": opposite}})
    Fraction(4, 1)
    """
    if set(proof) != {"kind", "lengths", "vertices", "unit", "tree"}:
        raise ValueError("a proof of kind 'cases' has the keys kind, lengths, vertices, unit, tree")
    unit = checked_unit(proof["unit"])
    if unit + graph.shift < 0:
        graph.refine(-unit - graph.shift)
    rows = [
        [(u, v) if u < v else (v, u) for u, v in zip(cycle, cycle[1:] + cycle[:1], strict=True)]
        for cycle in listed_cycles(proof["lengths"], proof["vertices"])
    ]
    weights = {(u, v): w for u, v, w in graph.edges()}
    worst = _worst_case(proof["tree"], rows, weights, {}, unit + graph.shift, graph)
    return graph.value(graph.positive_bound() - worst)


def _worst_case(
    node: JsonMapping,
    rows: list[list[Pair]],
    weights: dict[Pair, int],
    assumed: dict[Pair, bool],
    scale: int,
    graph: ExactGraph,
) -> int:
    """Return the least weight of frustrated edges that a case and those below it prove, in units of the graph."""
    if set(node) == {"pair", "same", "opposite"}:
        u, v = node["pair"]
        if type(u) is not int or type(v) is not int or u == v:
            raise ValueError(f"({u}, {v}) is not a pair of vertices")
        pair = (u, v) if u < v else (v, u)
        graph.spend(len(assumed) + 2.0)
        if u not in graph.neighbours or v not in graph.neighbours or pair in assumed:
            raise ValueError(f"({u}, {v}) is not a pair of vertices of the graph that is still open")
        if len(assumed) >= CASE_DEPTH_LIMIT:
            raise ValueError(f"cases are split more than {CASE_DEPTH_LIMIT} times one below the other")
        return min(
            _worst_case(node[name], rows, weights, {**assumed, pair: differs}, scale, graph)
            for name, differs in (("same", False), ("opposite", True))
        )
    if set(node) != {"rows", "multipliers"}:
        raise ValueError("a case has the keys pair, same, opposite, or rows, multipliers")
    chosen, multipliers = (
        listed_integers(node["rows"], "rows"),
        listed_integers(node["multipliers"], "multipliers"),
    )
    if min(multipliers, default=0) < 0 or min(chosen, default=0) < 0:
        raise ValueError("a multiplier or the number of a row is negative")
    # counted before it is done: a row may be chosen in every case, however long it is
    steps = len(assumed) + 4.0 * len(chosen) + 2.0 * sum(len(rows[row]) for row in chosen)
    graph.spend(steps * bits_of(*multipliers, shift=scale))
    total = sum(
        abs(weights.get(pair, 0))
        for pair, differs in assumed.items()
        if differs != (weights.get(pair, 0) > 0)
    )
    load: dict[Pair, int] = {}
    for row, multiplier in zip(chosen, multipliers, strict=True):
        lam = multiplier << scale
        total += lam
        parity = False
        for pair in rows[row]:
            if pair in assumed:
                parity ^= assumed[pair]
            else:
                parity ^= weights[pair] > 0
                load[pair] = load.get(pair, 0) + lam
        if not parity:
            raise ValueError(f"cycle {row} has an even number of positive edges in one of the cases")
    return total - sum(max(0, x - abs(weights[pair])) for pair, x in load.items())
