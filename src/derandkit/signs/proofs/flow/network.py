"""A greatest balanced flow of a signed graph, in exact arithmetic.

Every vertex v has two copies, ``(v, +)`` and ``(v, -)``. A positive edge u v becomes the edges ``(u, +) (v, -)`` and
``(u, -) (v, +)``, a negative one ``(u, +) (v, +)`` and ``(u, -) (v, -)``, all with the capacity ``|w|``. A flow from
``(r, +)`` to ``(r, -)`` and its mirror image average to one that is its own mirror image: one amount an edge
(`derandkit.certificates.proofs.flow`). Flows are counted in 64-bit integers; weights that need more digits are met in
steps, each a maximum flow in what the steps before have left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from derandkit.numerics.vectors import distinct
from derandkit.signs.proofs.flow.kernels import PHASES, augment, order_classes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import BoolArray, IntArray
    from derandkit.runtime.clock import Clock

#: Binary digits that one step goes below the last one.
DEEPER = 30


class DoubledGraph:
    """Both copies of every vertex, and a flow between those of the reference.

    Parameters
    ----------
    n : int
        Vertices, numbered from 0.
    edges : list of (u, v, weight)
        Each edge once; integer weights of any size, not 0.
    reference : int
        The vertex r.

    Examples
    --------
    >>> from derandkit.runtime.clock import Clock
    >>> triangle = DoubledGraph(3, [(0, 1, 2), (0, 2, 2), (1, 2, 1)], 0)
    >>> triangle.amounts(Clock()), triangle.bits
    ([2, 2, -2], 2)
    """

    def __init__(self, n: int, edges: list[tuple[int, int, int]], reference: int) -> None:
        self.n, self.m = n, len(edges)
        self.source, self.sink = 2 * reference, 2 * reference + 1
        u, v = (np.array([edge[k] for edge in edges], dtype=np.int64) for k in (0, 1))
        positive = np.array([weight > 0 for _, _, weight in edges], dtype=bool)
        sizes = [abs(weight) for _, _, weight in edges]
        self.bits = max((size.bit_length() for size in sizes), default=0)
        self.wide = np.dtype(np.int64) if self.bits < 61 else np.dtype(object)
        self.weights: NDArray[np.generic] = np.array(sizes, dtype=self.wide)
        # from (u, +) to the copy of v, and its mirror image from the other copy of v to (u, -)
        self.tails = np.concatenate([2 * u, 2 * v + ~positive])
        self.heads = np.concatenate([2 * v + positive, 2 * u + 1])

    def amounts(self, clock: Clock) -> list[int] | None:
        """Return a greatest balanced flow, an amount an edge in halves of the unit of the weights.

        None if the clock stops it.
        """
        flow = np.zeros(2 * self.m, dtype=self.wide)
        capacity = np.concatenate([self.weights, self.weights])
        # what leaves the source, added up, has 62 digits at most
        most = 62 - self.m.bit_length()
        level = max(0, self.bits - most)
        while True:
            ahead, behind = (
                np.minimum(side >> level, 1 << most).astype(np.int64)
                for side in (capacity - flow, capacity + flow)
            )
            step = self._step(ahead, behind, clock)
            if step is None:
                return None
            flow = flow + (step.astype(self.wide) << level)
            if not step.any() or (level == 0 and self.bits <= most):
                if level == 0:
                    break
                level = max(0, level - DEEPER)
        return [int(x) for x in (flow[: self.m] + flow[self.m :]).tolist()]

    def _step(self, ahead: IntArray, behind: IntArray, clock: Clock) -> IntArray | None:
        """Return a maximum flow in what is left, along each edge; None if the clock stops it."""
        k = 2 * self.m
        tails, heads = np.concatenate([self.tails, self.heads]), np.concatenate([self.heads, self.tails])
        order = np.lexsort((heads, tails))
        place = np.empty(2 * k, dtype=np.int32)
        place[order] = np.arange(2 * k, dtype=np.int32)
        starts = np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=2 * self.n))]).astype(np.int64)
        back = np.concatenate([place[k:], place[:k]])[order]
        left = np.concatenate([ahead, behind])[order]
        level, queue = (np.empty(2 * self.n, dtype=np.int32) for _ in range(2))
        at, trail = (np.empty(2 * self.n, dtype=np.int64) for _ in range(2))
        arcs = starts, heads[order].astype(np.int32), back, left
        while not clock.stopped:
            if augment(*arcs, self.source, self.sink, PHASES, level, queue, at, trail):
                return np.asarray(ahead - left[place[:k]])
        return None

    def placed(self, amounts: list[int]) -> tuple[BoolArray, BoolArray]:
        """Return which vertices a greatest flow decides, and which of these are on the side of the reference.

        Parameters
        ----------
        amounts : list of int
            What `amounts` returned.

        Notes
        -----
        A choice of one copy for some vertices is safe if no arc with capacity left leads out of it. The copies that can
        reach each other are chosen together; of a vertex whose two copies are not among those, the copy that comes
        later in an order of these classes along the arcs is chosen (as for 2-SAT; Aspvall, Plass and Tarjan 1979).
        """
        x = np.array(amounts, dtype=self.wide)
        left = [np.concatenate([side, side]) for side in (2 * self.weights - x, 2 * self.weights + x)]
        ahead, behind = (np.asarray(side > 0, dtype=bool) for side in left)
        # no flow at all decides nothing else: the arc from the sink to the source keeps their order
        tails = np.concatenate([self.tails[ahead], self.heads[behind], [self.sink]])
        heads = np.concatenate([self.heads[ahead], self.tails[behind], [self.source]])
        arcs = sparse.csr_array((np.ones(tails.size, dtype=np.int8), (tails, heads)), shape=(2 * self.n,) * 2)
        count, found = connected_components(arcs, directed=True, connection="strong")
        # number the classes by their first copy, whatever SciPy's order is
        rank = np.empty(count, dtype=np.int64)
        rank[np.argsort(np.unique(found, return_index=True)[1])] = np.arange(count)
        classes = rank[found]
        pairs = distinct(classes[tails] * count + classes[heads])
        one, other = pairs // count, pairs % count
        one, other = one[one != other], other[one != other]
        starts = np.concatenate([[0], np.cumsum(np.bincount(one, minlength=count))]).astype(np.int64)
        place = np.empty(count, dtype=np.int64)
        order_classes(starts, other, np.bincount(other, minlength=count).astype(np.int64), place)
        plus, minus = place[classes[0::2]], place[classes[1::2]]
        return plus != minus, plus > minus
