"""The graph on which odd cycles are packed: what low degrees leave, and how fractions of edges are taken back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.signs.proofs.residual import EliminatedGraph

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray


class ReducedGraph:
    """What low degrees leave of a graph, in exact and in floating-point arithmetic, and the way back."""

    def __init__(self, graph: WeightedGraph, degree: int = 2) -> None:
        self.whole = ExactGraph.from_graph(graph)
        self.remaining = EliminatedGraph(self.whole.copy(), graph.n)
        self.gone = self.remaining.eliminate_low_degrees(degree)
        self.exact, self.left = self.remaining.exact, self.remaining.vertices()
        number = {v: k for k, v in enumerate(self.left.tolist())}
        triples = list(self.exact.edges())
        self.tail = np.array([number[u] for u, _, _ in triples], dtype=np.int32)
        self.head = np.array([number[v] for _, v, _ in triples], dtype=np.int32)
        weights = [w for _, _, w in triples]
        self.top = max((abs(w).bit_length() for w in weights), default=0)
        # what underflows keeps its sign, which says whether a cycle is odd
        self.weights = np.array(
            [w / (1 << self.top) or math.copysign(5e-324, w) for w in weights], dtype=float
        )
        self.positive_weight = sum(w for w in weights if w > 0)

    def equals(self, other: ReducedGraph) -> bool:
        """Whether the same vertices are left, with the same edges, weights and constant."""
        return bool(
            (self.exact.offset, self.exact.shift, self.top)
            == (other.exact.offset, other.exact.shift, other.top)
            and np.array_equal(self.left, other.left)
            and np.array_equal(self.tail, other.tail)
            and np.array_equal(self.head, other.head)
            and np.array_equal(self.weights, other.weights)
        )

    def spread(self, fractions: FloatArray) -> dict[tuple[int, int], float]:
        """Extend cut fractions from the edges that are left: a vertex answers each side of its neighbours best."""
        value: dict[tuple[int, int], float] = {}
        for a, b, x in zip(
            self.left[self.tail].tolist(), self.left[self.head].tolist(), fractions.tolist(), strict=True
        ):
            value[a, b] = value[b, a] = x
        for v, row in reversed(self.remaining.eliminated):
            ends, pulls = list(row), list(row.values())
            if len(ends) < 2:
                patterns: list[tuple[float, tuple[int, ...]]] = [(1.0, ())]
            else:
                apart = value.get((ends[0], ends[1]), 0.5)
                patterns = [(1.0 - apart, ()), (apart, (1,))]
            cut = [0.0] * len(ends)
            for chance, other in patterns:
                gain = sum(-w if k in other else w for k, w in enumerate(pulls))
                for k in range(len(ends)):
                    cut[k] += chance * ((gain > 0) != (k in other))
            for u, x in zip(ends, cut, strict=True):
                value[u, v] = value[v, u] = x
        return value
