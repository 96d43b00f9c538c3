"""Proofs of upper bounds on the maximum cut, as trees that are re-checked in exact arithmetic.

A proof is a JSON object with a ``kind``. Inner nodes change the graph by an operation of
`derandkit.certificates.proofs.exact.ExactGraph` that is exact, leaves bound what is left:

``eliminate``
    ``vertices`` of degree at most 3 are taken out in the order given; ``then`` is a proof for the rest.
``branch``
    Either the ``pair`` agrees or it differs: proofs ``same`` and ``opposite`` for the two contracted graphs.
``persistent``
    A flow shows that some vertices may be put on given sides; ``then`` is a proof for the rest.
``positive``
    No cut weighs more than the positive weights together.

The other leaves are described where they are checked (`LEAVES`).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, cast

from derandkit.certificates.proofs.cases import cycle_cases_bound
from derandkit.certificates.proofs.cycles import cycle_packing_bound
from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.flow import flow_bound, merge_persistent
from derandkit.certificates.proofs.integers import listed_integers
from derandkit.certificates.proofs.triangles import semidefinite_bound

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.records import JsonMapping

#: Inner nodes nested deeper than this are refused: a proof is a tree that somebody can walk.
DEPTH_LIMIT = 500


def proven_bound(graph: ExactGraph, proof: JsonMapping, *, depth: int = 0) -> Fraction:
    """Return the upper bound on the greatest cut that a proof establishes.

    Parameters
    ----------
    graph : ExactGraph
        The graph; changed on the way, pass a copy if it is needed later. What the proof costs is charged to its budget.
    proof : mapping
        The proof tree. Anything may be wrong with it.

    Returns
    -------
    Fraction
        No cut weighs more, before any rounding to what a cut can weigh.

    Raises
    ------
    ValueError, LookupError, TypeError
        The proof is malformed or does not hold; the message says where.
    WorkError
        It costs more than the budget of the graph.

    Examples
    --------
    >>> cycle = ExactGraph.from_edges(5, [(k, (k + 1) % 5, 1.0) for k in range(5)])
    >>> proven_bound(cycle, {"kind": "eliminate", "vertices": [0, 1, 2], "then": {"kind": "positive"}})
    Fraction(4, 1)
    """
    return _walk(graph, proof, depth, _sizes(proof))


def _walk(graph: ExactGraph, proof: JsonMapping, depth: int, sizes: dict[int, int]) -> Fraction:
    if depth > DEPTH_LIMIT:
        raise ValueError(f"the proof is nested more than {DEPTH_LIMIT} deep")
    kind = proof["kind"]
    if kind == "eliminate":
        _expect_keys(proof, {"kind", "vertices", "then"})
        for v in _vertices(proof["vertices"], "vertices"):
            graph.eliminate(v)
        return _walk(graph, proof["then"], depth + 1, sizes)
    if kind == "branch":
        _expect_keys(proof, {"kind", "pair", "same", "opposite"})
        u, v = _vertices(proof["pair"], "pair")
        # the smaller proof first, on a copy, and the larger one on the graph itself: at most log2(nodes) copies live at
        # a time, where a chain of cases would hold one a level
        first, last = sorted(("same", "opposite"), key=lambda name: sizes.get(id(proof[name]), 1))
        child = graph.copy()
        child.contract(u, v, opposite=first == "opposite")
        bound = _walk(child, proof[first], depth + 1, sizes)
        del child
        graph.contract(u, v, opposite=last == "opposite")
        return max(bound, _walk(graph, proof[last], depth + 1, sizes))
    if kind == "persistent":
        merge_persistent(graph, proof)
        return _walk(graph, proof["then"], depth + 1, sizes)
    leaf = LEAVES.get(kind)
    if leaf is None:
        raise ValueError(f"unknown kind of proof {kind!r}")
    graph.spend(3.0 * graph.size())
    return leaf(graph, proof)


def _vertices(value: object, name: str) -> list[int]:
    """Read a list of vertices, which are whole numbers by type: true and 1.0 are equal to 1, and none."""
    if not isinstance(value, list):
        raise ValueError(f"{name} is not a list of integers")
    return listed_integers(value, name)


def _sizes(proof: JsonMapping) -> dict[int, int]:
    """Return how many nodes there are at and below each node, by its id; anything may be wrong with the proof."""
    nodes: dict[int, list[object]] = {}
    order, stack = [], [cast("object", proof)]
    while stack:
        node = stack.pop()
        if isinstance(node, dict) and id(node) not in nodes:
            nodes[id(node)] = [node[name] for name in ("then", "same", "opposite") if name in node]
            order.append(id(node))
            stack += nodes[id(node)]
    found: dict[int, int] = {}
    for key in reversed(order):
        found[key] = 1 + sum(found.get(id(child), 1) for child in nodes[key])
    return found


def _positive(graph: ExactGraph, proof: JsonMapping) -> Fraction:
    _expect_keys(proof, {"kind"})
    return graph.value(graph.positive_bound())


def _expect_keys(proof: JsonMapping, keys: set[str]) -> None:
    if set(proof) != keys:
        raise ValueError(f"a proof of kind {proof['kind']!r} has the keys {', '.join(sorted(keys))}")


#: Kind of a leaf -> its check: ``(graph, proof) -> bound``, offset included.
LEAVES: dict[str, Callable[[ExactGraph, JsonMapping], Fraction]] = {
    "positive": _positive,
    "cases": cycle_cases_bound,
    "cycles": cycle_packing_bound,
    "flow": flow_bound,
    "semidefinite": semidefinite_bound,
}


#: How a bound may be called whose proof, low degrees eliminated, is of this kind.
_METHODS = {
    "branch": ("branching",),
    "cases": ("branching",),
    "cycles": ("odd-cycle",),
    "flow": ("flow",),
    "positive": ("odd-cycle", "triangle", "flow"),
    "semidefinite": ("triangle",),
}


def proof_methods(proof: JsonMapping) -> tuple[str, ...]:
    """Return how a bound with this proof may be called.

    Examples
    --------
    >>> proof_methods({"kind": "eliminate", "vertices": [3], "then": {"kind": "positive"}})
    ('odd-cycle', 'triangle', 'flow')
    """
    while proof["kind"] in ("eliminate", "persistent"):
        proof = proof["then"]
    return _METHODS[proof["kind"]]


def largest_possible_cut(graph: ExactGraph, bound: Fraction) -> Fraction:
    """Round a bound down to what a cut of the (unchanged) graph can weigh: a multiple of its granularity.

    Examples
    --------
    >>> square = ExactGraph.from_edges(4, [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (0, 3, 1.0)])
    >>> largest_possible_cut(square, Fraction(39, 10))  # every cut of a cycle is even
    Fraction(2, 1)
    """
    step = graph.granularity()
    if step == 0:
        return graph.value(graph.offset)
    units = bound * (1 << graph.shift) - graph.offset
    return graph.value(graph.offset + step * (units // step))
