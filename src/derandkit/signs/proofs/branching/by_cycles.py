"""Cases of branch and bound that are sparse: bounded by odd cycles, split at the edge that is least decided."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.proofs.trees import LEAVES
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import JsonMapping, JsonObject, decode_array, encode_array
from derandkit.runtime.clock import stage
from derandkit.signs.proofs.cycles.bound import packed, packed_bound

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import IntArray, SignArray
    from derandkit.signs.proofs.residual import EliminatedGraph


@dataclass(frozen=True, eq=False)
class CycleCase:
    """What odd cycles say about a case.

    Parameters
    ----------
    bound : Fraction
        No cut of the original graph that belongs to the case weighs more.
    leaf : dict
        The proof.
    signs : ndarray of int8, shape (k,)
        A cut of the vertices that are left.
    pair : tuple of int
        The edge to split at: the weight that the relaxation leaves undecided on it is the largest.
    rounds : int
        Separations.
    interrupted : bool
        Whether Ctrl-C ended the rounds early.
    """

    bound: Fraction
    leaf: JsonObject
    signs: SignArray
    pair: tuple[int, int]
    rounds: int
    interrupted: bool


def bound_by_cycles(remaining: EliminatedGraph, enough: Callable[[list[Fraction]], bool]) -> CycleCase:
    """Bound what is left of a graph by odd cycles.

    Parameters
    ----------
    remaining : EliminatedGraph
        Vertices of degree at most 3 are gone, some are left.
    enough : callable
        Called with the bounds of all rounds so far (up to rounding errors), says whether to stop.
    """
    exact, vertices = remaining.exact, remaining.vertices()
    number = {v: k for k, v in enumerate(vertices.tolist())}
    triples = list(exact.edges())
    top = max(abs(w).bit_length() for _, _, w in triples)
    tail, head = [number[u] for u, _, _ in triples], [number[v] for _, v, _ in triples]
    graph = WeightedGraph.from_edges(tail, head, [w / (1 << top) for _, _, w in triples], n=vertices.size)
    history: list[Fraction] = []

    with stage() as clock:

        def watch(cut: float, bound: float) -> None:
            history.append((exact.offset + Fraction(bound) * (1 << top)) / (1 << exact.shift))
            if enough(history):
                clock.finish()

        found = packed_bound(graph, packed(graph, watch=watch))
    leaf = _leaf(found.proof, vertices, top - exact.shift)
    i, j, w = graph.edges()
    undecided = np.abs(w) * np.minimum(found.fractional, 1.0 - found.fractional)
    k = int(np.argmax(undecided))
    signs = np.ones(graph.n, dtype=np.int8) if found.signs is None else found.signs
    pair = int(vertices[i[k]]), int(vertices[j[k]])
    # the exact weights may differ from their doubles: the proof says what it is worth for them
    return CycleCase(LEAVES[leaf["kind"]](exact, leaf), leaf, signs, pair, found.rounds, found.interrupted)


def _leaf(proof: JsonMapping, vertices: IntArray, exponent: int) -> JsonObject:
    """Return a proof for the scaled and renumbered graph as a leaf for what is left."""
    if (
        proof["kind"] != "cycles"
    ):  # no odd cycle, or weights so small beside others that their edges were lost
        return {"kind": "positive"}
    names = vertices[decode_array(proof["vertices"]).astype(np.int64)]
    return {**proof, "vertices": encode_array(names, "<i4"), "unit": proof["unit"] + exponent}
