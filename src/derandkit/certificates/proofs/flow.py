"""The leaf ``flow`` and the node ``persistent`` of a proof: a flow that balances at every vertex but one.

Every edge e carries an amount ``x_e`` with ``|x_e| <= |w_e|``. A positive edge gives ``x_e`` to both of its ends, a
negative edge gives ``x_e`` to its first end and ``-x_e`` to its second. At every vertex but the *reference* the amounts
add up to zero; at the reference they add up to F. For sides s with ``s = 1`` at the reference,

    F  =  sum over vertices v of s_v (the net flow into v)  =  sum over edges of x_e (s_u + s_v), or x_e (s_u - s_v)
       <= sum over frustrated e of 2 |w_e|,

because an edge that is not frustrated adds nothing. A cut weighs the positive weights less ``|w_e|`` for each
frustrated edge, so no cut weighs more than the positive weights less ``F / 2``. (The greatest F is that of the roof
dual of Hammer, Hansen and Simeone, Math. Programming 28 (1984): a maximum flow in a graph with two copies of every
vertex.)

An edge wastes ``2 |w_e| - x_e (s_u + s_v) >= 0`` where it is frustrated, and nothing elsewhere. If some vertices have
sides at which every edge that touches them or the reference wastes nothing, *whatever* the sides of the others, then no
cut is made worse by putting them there: they are *persistent*, and only the others are left to be proven.

Record: ``reference``; ``amounts``, integers in units of ``2**unit``, one for each edge in the order of the pairs
``u < v``. A ``persistent`` node also has ``same`` and ``opposite``, the vertices that are put on the side of the
reference or on the other one, and ``then``, a proof for the graph in which they and the reference are merged into the
lowest of them. In that graph the vertices are numbered from 0 again, in their old order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.certificates.proofs.integers import checked_unit, listed_integers
from derandkit.certificates.work import bits_of

if TYPE_CHECKING:
    from fractions import Fraction

    from derandkit.certificates.proofs.exact import ExactGraph
    from derandkit.records import JsonMapping

#: Keys of the leaf; the node has three more.
KEYS = frozenset(["kind", "reference", "amounts", "unit"])


def flow_bound(graph: ExactGraph, proof: JsonMapping) -> Fraction:
    """Check a flow and return the bound that it proves, offset included.

    Parameters
    ----------
    graph : ExactGraph
        The graph; it may be refined to smaller units.
    proof : mapping
        Keys ``kind``, ``reference``, ``amounts``, ``unit``.

    Returns
    -------
    Fraction
        ``offset + positive weights - F / 2``.

    Raises
    ------
    ValueError, LookupError, TypeError
        Something is malformed, an amount is larger than its weight, or a vertex is not balanced.

    Notes
    -----
    O(n + m log m) for sorting the edges.

    Examples
    --------
    >>> from derandkit.certificates.proofs.exact import ExactGraph
    >>> triangle = ExactGraph.from_edges(3, [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0)])
    >>> flow_bound(triangle, {"kind": "flow", "reference": 0, "amounts": [1, 1, -1], "unit": 0})
    Fraction(2, 1)
    """
    if set(proof) != KEYS:
        raise ValueError("a proof of kind 'flow' has the keys amounts, kind, reference, unit")
    total, _ = balanced_amounts(graph, proof)
    return graph.value(2 * graph.positive_bound() - total) / 2


def merge_persistent(graph: ExactGraph, proof: JsonMapping) -> None:
    """Check that vertices are persistent, merge them with the reference, and number what is left from 0.

    Parameters
    ----------
    graph : ExactGraph
        The graph; changed.
    proof : mapping
        Keys ``kind``, ``reference``, ``amounts``, ``unit``, ``same``, ``opposite``, ``then``.

    Raises
    ------
    ValueError, LookupError, TypeError
        Something is malformed, or an edge at a persistent vertex could waste something.

    Examples
    --------
    >>> from derandkit.certificates.proofs.exact import ExactGraph
    >>> path = ExactGraph.from_edges(3, [(0, 1, 5.0), (1, 2, 2.0)])
    >>> node = {"kind": "persistent", "reference": 0, "amounts": [0, 0], "unit": 0, "same": [2], "opposite": [1]}
    >>> merge_persistent(path, {**node, "then": {"kind": "positive"}})
    >>> path.neighbours, path.offset
    ({0: {}}, 7)
    """
    if set(proof) != KEYS | {"same", "opposite", "then"}:
        raise ValueError(
            "a proof of kind 'persistent' has the keys amounts, kind, opposite, reference, same, then, unit"
        )
    same, opposite = (listed_integers(proof[name], name) for name in ("same", "opposite"))
    _, amounts = balanced_amounts(graph, proof)
    side = {proof["reference"]: 1}
    for vertices, sign in ((same, 1), (opposite, -1)):
        for v in vertices:
            if v in side or v not in graph.neighbours:
                raise ValueError(f"vertex {v} is put on a side twice, or is not in the graph")
            side[v] = sign
    for (u, v, weight), amount in zip(graph.edges(), amounts, strict=True):
        first, second = side.get(u, 0), side.get(v, 0)
        if first == second == 0 or (first * second and (first != second) == (weight > 0)):
            continue  # elsewhere, or not frustrated
        # frustrated, or it might be: then it has to carry its whole weight, and in the right direction
        if amount * (first or (second if weight > 0 else -second)) != abs(weight):
            raise ValueError(
                f"the edge between {u} and {v} does not carry its weight; they are not persistent"
            )
    lowest = min(side)
    for v in sorted(side):
        if v != lowest:
            graph.contract(lowest, v, opposite=side[v] != side[lowest])
    graph.renumber()


def balanced_amounts(graph: ExactGraph, proof: JsonMapping) -> tuple[int, list[int]]:
    """Return F and the amounts of a proof, in units of the graph.

    Raises
    ------
    ValueError, LookupError, TypeError
        Something is malformed, an amount is larger than its weight, or a vertex is not balanced.

    Examples
    --------
    >>> from derandkit.certificates.proofs.exact import ExactGraph
    >>> triangle = ExactGraph.from_edges(3, [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0)])
    >>> balanced_amounts(triangle, {"reference": 0, "amounts": [1, 1, 1], "unit": 0})
    Traceback (most recent call last):
        ...
    ValueError: vertex 1 receives a net flow of 2, not 0
    """
    reference, unit = proof["reference"], checked_unit(proof["unit"])
    if type(reference) is not int or reference not in graph.neighbours:
        raise ValueError("the reference is not a vertex of the graph")
    amounts = listed_integers(proof["amounts"], "amounts")
    if unit + graph.shift < 0:
        graph.refine(-unit - graph.shift)
    scale = unit + graph.shift
    graph.spend(3.0 * len(amounts) * bits_of(*amounts, shift=scale))
    handed = dict.fromkeys(graph.neighbours, 0)
    edges = list(graph.edges())
    if len(amounts) != len(edges):
        raise ValueError(f"{len(amounts)} amounts for {len(edges)} edges")
    amounts = [amount << scale for amount in amounts]
    for (u, v, weight), amount in zip(edges, amounts, strict=True):
        if abs(amount) > abs(weight):
            raise ValueError(f"the edge between {u} and {v} carries more than its weight")
        handed[u] += amount
        handed[v] += amount if weight > 0 else -amount
    total = handed.pop(reference)
    for v, left in handed.items():
        if left:
            raise ValueError(f"vertex {v} receives a net flow of {left}, not 0")
    return total, amounts
