"""What exact operations leave of a graph: taken to floating point for a solver, and signs taken back."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.proofs.exact import ELIMINATION_DEGREE

if TYPE_CHECKING:
    from derandkit.certificates.proofs.exact import ExactGraph
    from derandkit.numerics.typing import FloatArray, IntArray, SignArray


@dataclass
class EliminatedGraph:
    """A graph in exact arithmetic on which operations are performed and remembered.

    Parameters
    ----------
    exact : ExactGraph
        The graph as it is now; changed in place.
    n : int
        Vertices of the original graph.

    Examples
    --------
    >>> from derandkit.certificates.proofs.exact import ExactGraph
    >>> path = ExactGraph.from_edges(4, [(0, 1, 1.0), (1, 2, -1.0), (2, 3, 2.0)])
    >>> left = EliminatedGraph(path, 4)
    >>> left.contract(0, 3, opposite=False)
    >>> left.eliminate_low_degrees()
    [0, 1, 2]
    >>> left.lift(np.ones(0, dtype=np.int8)).tolist()
    [-1, 1, 1, -1]
    """

    exact: ExactGraph
    n: int
    #: (vertex, its neighbours and weights) where it was taken out, (vertex, partner, opposite) where it was merged
    taken: list[tuple[int, dict[int, int]] | tuple[int, int, bool]] = field(default_factory=list)

    def contract(self, u: int, v: int, *, opposite: bool) -> None:
        """Merge v into u."""
        self.exact.contract(u, v, opposite=opposite)
        self.taken.append((v, u, opposite))

    def eliminate_low_degrees(self, degree: int = ELIMINATION_DEGREE) -> list[int]:
        """Take out vertices of at most this degree until there are none, lowest degree first; return their list."""
        rows = self.exact.neighbours
        heap = [(len(row), v) for v, row in rows.items() if len(row) <= degree]
        heapq.heapify(heap)
        gone = []
        while heap:
            size, v = heapq.heappop(heap)
            if v not in rows or len(rows[v]) != size:
                continue
            row = dict(rows[v])
            self.taken.append((v, row))
            self.exact.eliminate(v)
            gone.append(v)
            for u in row:
                if len(rows[u]) <= degree:
                    heapq.heappush(heap, (len(rows[u]), u))
        return gone

    @property
    def eliminated(self) -> list[tuple[int, dict[int, int]]]:
        """Vertices that were taken out, with their neighbours and weights then."""
        return [step for step in self.taken if len(step) == 2]

    def vertices(self) -> IntArray:
        """Return the vertices that are left, ascending."""
        return np.array(sorted(self.exact.neighbours), dtype=np.int64)

    def matrix(self, top: int | None = None) -> tuple[FloatArray, int]:
        """Return the weights that are left as a dense matrix over `vertices`, and the exponent of its scale.

        Parameters
        ----------
        top : int, optional
            Weights, counted in units of the graph, are divided by ``2**top``; by default by the power of two that
            brings the largest into [1/2, 1).
        """
        triples = list(self.exact.edges())
        if top is None:
            top = max((abs(w).bit_length() for _, _, w in triples), default=0)
        number = {v: k for k, v in enumerate(sorted(self.exact.neighbours))}
        A = np.zeros((len(number), len(number)))
        for u, v, w in triples:
            x = w / (1 << top) if top >= 0 else float(w << -top)
            A[number[u], number[v]] = A[number[v], number[u]] = x
        return A, top

    def lift(self, signs: SignArray) -> SignArray:
        """Extend signs of `vertices` to the original graph: merged vertices follow, others take their best side."""
        out = np.ones(self.n, dtype=np.int8)
        out[self.vertices()] = signs
        for step in reversed(self.taken):
            v = step[0]
            if len(step) == 3:
                out[v] = -out[step[1]] if step[2] else out[step[1]]
            else:
                pull = sum(w if out[u] > 0 else -w for u, w in step[1].items())
                out[v] = -1 if pull > 0 else 1
        return out
