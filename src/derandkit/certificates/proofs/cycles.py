"""The leaf ``cycles`` of a proof: odd cycles packed into the edges of the graph, checked in integers.

A cut *frustrates* an edge that is positive and not cut, or negative and cut. A cycle meets every cut in an even number
of edges. So every cut frustrates an edge of a cycle with an odd number of positive edges: these cannot all be cut while
all others are not. (This is the odd-cycle inequality ``x(F) - x(C - F) <= |F| - 1`` of Barahona and Mahjoub, Math.
Programming 36 (1986), where F are the positive edges of C. The other choices of F follow from these for an optimal
solution of the linear program.)

A cut weighs the positive weights less ``|w_e|`` for each frustrated edge e. With multipliers ``lam_C >= 0`` on odd
cycles, and ``load_e`` the sum over the cycles through e,

    sum over frustrated e of |w_e|  >=  sum over frustrated e of load_e - sum over all e of max(0, load_e - |w_e|)
                                    >=  sum_C lam_C - sum over all e of max(0, load_e - |w_e|).

Record: ``lengths`` of the cycles, their ``vertices`` one cycle after the other, their ``multipliers``, non-negative
integers in units of ``2**unit``. Each of the three is a list of integers, or an array of `derandkit.records`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.certificates.proofs.integers import checked_unit, listed_integers
from derandkit.certificates.work import bits_of

if TYPE_CHECKING:
    from fractions import Fraction

    from derandkit.certificates.proofs.exact import ExactGraph
    from derandkit.records import JsonMapping


def cycle_packing_bound(graph: ExactGraph, proof: JsonMapping) -> Fraction:
    """Check a packing of odd cycles and return the bound that it proves, offset included.

    Parameters
    ----------
    graph : ExactGraph
        The graph; it may be refined to smaller units.
    proof : mapping
        Keys ``kind``, ``lengths``, ``vertices``, ``multipliers``, ``unit``.

    Returns
    -------
    Fraction
        ``offset + positive weights - sum lam + sum max(0, load - |w|)``.

    Raises
    ------
    ValueError, LookupError, TypeError
        Something is malformed, or a row is not an odd cycle of this graph.

    Notes
    -----
    Linear in the total length of the cycles.

    Examples
    --------
    >>> from derandkit.certificates.proofs.exact import ExactGraph
    >>> triangle = ExactGraph.from_edges(3, [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0)])
    >>> record = {"kind": "cycles", "lengths": [3], "vertices": [0, 1, 2], "multipliers": [1], "unit": 0}
    >>> cycle_packing_bound(triangle, record)
    Fraction(2, 1)
    """
    if set(proof) != {"kind", "lengths", "vertices", "multipliers", "unit"}:
        raise ValueError("a proof of kind 'cycles' has the keys kind, lengths, vertices, multipliers, unit")
    cycles = listed_cycles(proof["lengths"], proof["vertices"])
    multipliers, unit = listed_integers(proof["multipliers"], "multipliers"), checked_unit(proof["unit"])
    if len(multipliers) != len(cycles):
        raise ValueError(f"{len(cycles)} cycles with {len(multipliers)} multipliers")
    if min(multipliers, default=0) < 0:
        raise ValueError("a multiplier is negative")
    if unit + graph.shift < 0:
        graph.refine(-unit - graph.shift)
    scale = unit + graph.shift
    graph.spend(2.0 * sum(map(len, cycles)) * bits_of(*multipliers, shift=scale))

    load: dict[tuple[int, int], int] = {}
    total = 0
    for cycle, multiplier in zip(cycles, multipliers, strict=True):
        lam = multiplier << scale
        total += lam
        odd = False
        u = cycle[-1]
        for v in cycle:
            weight = graph.neighbours.get(u, {}).get(v)
            if weight is None:
                raise ValueError(f"{u} and {v} are next to each other in a cycle but not in the graph")
            odd ^= weight > 0
            edge = (u, v) if u < v else (v, u)
            load[edge] = load.get(edge, 0) + lam
            u = v
        if not odd:
            raise ValueError(f"the cycle that starts with {cycle[:3]} has an even number of positive edges")
    excess = sum(max(0, x - abs(graph.neighbours[u][v])) for (u, v), x in load.items())
    return graph.value(graph.positive_bound() - total + excess)


def listed_cycles(lengths: object, vertices: object) -> list[list[int]]:
    """Read cycles that are recorded one after the other: at least three vertices each, none twice.

    Raises
    ------
    ValueError
        The lists are malformed.

    Examples
    --------
    >>> listed_cycles([3, 4], [0, 1, 2, 5, 1, 2, 3])
    [[0, 1, 2], [5, 1, 2, 3]]
    """
    lengths, vertices = listed_integers(lengths, "lengths"), listed_integers(vertices, "vertices")
    if min(lengths, default=3) < 3 or sum(lengths) != len(vertices):
        raise ValueError("the lengths of the cycles, at least 3 each, do not add up to the vertices listed")
    cycles, at = [], 0
    for length in lengths:
        cycle = vertices[at : at + length]
        at += length
        if len(set(cycle)) != length:
            raise ValueError(f"the cycle that starts with {cycle[:3]} visits a vertex twice")
        cycles.append(cycle)
    return cycles
