"""Exact reductions: a smaller graph whose greatest cut gives one of the whole graph, and the way back.

Two steps alternate until neither finds anything. *Elimination* takes out vertices of degree at most 2 (or 3): the best
side of such a vertex gains an amount that is a constant plus a weight for each pair of its neighbours that differs.
*Splitting* cuts the graph at its articulation vertices into blocks, which can be solved one by one and flipped
until they agree again. Components fall apart on the way, parallel edges are merged, edges of weight zero disappear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.graphs.graph import WeightedGraph
from derandkit.numerics.vectors import distinct
from derandkit.signs.search.reduction_kernels import eliminate_low_degrees, find_blocks, restore

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, SignArray


@dataclass(frozen=True, eq=False)
class Elimination:
    """Vertices taken out one after the other.

    Parameters
    ----------
    n : int
        Vertices before.
    gone : ndarray of int32, shape (k,)
        The vertices, in order.
    ends : ndarray of int32, shape (k, 3)
        Their neighbours when they were taken out; -1 fills up.
    pulls : ndarray, shape (k, 3)
        The weights to these neighbours.
    left : ndarray of int64, shape (n - k,)
        The vertices that are left; vertex v of the graph after this step is ``left[v]`` before it.
    """

    n: int
    gone: IndexArray
    ends: IndexArray
    pulls: FloatArray
    left: IntArray

    def lift(self, signs: SignArray) -> SignArray:
        """Extend signs of what is left by the best side of every eliminated vertex."""
        out = np.ones(self.n, dtype=np.int8)
        out[self.left] = signs
        restore(self.gone, self.ends, self.pulls, self.gone.size, out)
        return out

    def project(self, signs: SignArray) -> SignArray:
        """Keep the signs of what is left."""
        return signs[self.left]


@dataclass(frozen=True, eq=False)
class Split:
    """Articulation vertices doubled, one copy a block.

    Parameters
    ----------
    n : int
        Vertices before.
    original : ndarray of int64, shape (n',)
        The vertex that each vertex afterwards is a copy of.
    component : ndarray of int64, shape (n',)
        The block of each vertex afterwards.
    """

    n: int
    original: IntArray
    component: IntArray

    def lift(self, signs: SignArray) -> SignArray:
        """Flip whole blocks until all copies of a vertex agree; the cut does not change."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import breadth_first_order, connected_components

        blocks = int(self.component.max(initial=-1)) + 1
        size = self.n + blocks
        pattern = csr_array(
            (np.ones(self.original.size, dtype=np.int8), (self.original, self.n + self.component)),
            (size, size),
        )
        # the block-cut forest: walk it from one vertex of each tree and carry along which blocks are flipped
        copies = zip(self.original.tolist(), self.component.tolist(), strict=True)
        sign_of = dict(zip(copies, signs.tolist(), strict=True))
        _, tree = connected_components(pattern, directed=False)
        _, roots = np.unique(tree[: self.n], return_index=True)
        value = np.ones(size, dtype=np.int8)
        for root in roots.tolist():
            order, before = breadth_first_order(pattern, root, directed=False)
            for node in order.tolist()[1:]:
                came = int(before[node])
                pair = (came, node - self.n) if node >= self.n else (node, came - self.n)
                value[node] = value[came] * sign_of[pair]
        return value[: self.n]

    def project(self, signs: SignArray) -> SignArray:
        """Give every copy the sign of its original."""
        return signs[self.original]


@dataclass(frozen=True, eq=False)
class Reduction:
    """A graph, its reduced graph, and the steps between them.

    Parameters
    ----------
    reduced : WeightedGraph
        What is left; its components are 2-connected when blocks were split. It may have no vertex with an edge.
    offset : float
        The greatest cut of the graph is this plus the greatest cut of the reduced graph (exact for integer weights, up
        to rounding otherwise).
    steps : tuple of Elimination and Split
        From the graph to the reduced graph.
    """

    reduced: WeightedGraph
    offset: float
    steps: tuple[Elimination | Split, ...]

    def lift(self, signs: SignArray) -> SignArray:
        """Turn signs of the reduced graph into signs of the graph whose cut weighs ``offset`` more."""
        for step in reversed(self.steps):
            signs = step.lift(signs)
        return signs

    def project(self, signs: SignArray) -> SignArray:
        """Turn signs of the graph into signs of the reduced graph; lifting them again loses nothing."""
        for step in self.steps:
            signs = step.project(signs)
        return signs

    @property
    def eliminated(self) -> int:
        """Number of vertices that elimination took out."""
        return sum(step.gone.size for step in self.steps if isinstance(step, Elimination))


def reduce_graph(graph: WeightedGraph, *, degree: int = 2, blocks: bool = True) -> Reduction:
    """Shrink a graph by exact reductions.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    degree : {0, 1, 2, 3}
        Vertices of at most this degree are eliminated. Degree 3 halves weights.
    blocks : bool
        Whether to split the graph at articulation vertices.

    Returns
    -------
    Reduction
        Its `reduced` keeps one vertex when everything could be eliminated, since a graph has at least one.

    Notes
    -----
    O(n + m) but for the search for edges between neighbours of eliminated vertices.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> ladder = WeightedGraph.from_edges([0, 1, 2, 0, 1, 3, 4], [1, 2, 0, 3, 4, 4, 5])
    >>> reduction = reduce_graph(ladder)
    >>> reduction.reduced.n, reduction.offset, ladder.cut_value(reduction.lift(np.ones(1, dtype=np.int8)))
    (1, 6.0, 6)
    """
    steps: list[Elimination | Split] = []
    offset = 0.0
    while True:
        step, smaller, gained = _eliminate(graph, degree)
        if step is not None:
            steps.append(step)
            graph, offset = smaller, offset + gained
        split = _split(graph) if blocks else None
        if split is None:
            return Reduction(graph, offset, tuple(steps))
        steps.append(split[0])
        graph = split[1]


def _eliminate(graph: WeightedGraph, degree: int) -> tuple[Elimination | None, WeightedGraph, float]:
    n, m = graph.n, graph.m
    i, j, w = graph.edges()
    if not ((graph.degrees <= degree).any() and n > 1) and not (w == 0.0).any():
        return None, graph, 0.0
    proper = w != 0.0
    i, j, w = i[proper], j[proper], np.ascontiguousarray(w[proper])
    m = w.size
    head = np.full(n, -1, dtype=np.int32)
    to = np.empty(2 * m, dtype=np.int32)
    to[0::2], to[1::2] = j, i
    source = np.empty(2 * m, dtype=np.int32)
    source[0::2], source[1::2] = i, j
    order = np.argsort(source, kind="stable").astype(np.int32)
    same = source[order][1:] == source[order][:-1]
    after = np.full(2 * m, -1, dtype=np.int32)
    before = np.full(2 * m, -1, dtype=np.int32)
    after[order[:-1][same]] = order[1:][same]
    before[order[1:][same]] = order[:-1][same]
    if m:
        starts = np.append(True, ~same)
        head[source[order[starts]]] = order[starts]
    degrees = np.bincount(source, minlength=n).astype(np.int32)
    gone = np.empty(n, dtype=np.int32)
    ends = np.full((n, 3), -1, dtype=np.int32)
    pulls = np.zeros((n, 3))
    gained = np.zeros(1)
    taken = eliminate_low_degrees(
        degree, head, after, before, to, w, degrees, np.empty(4 * n + 3, dtype=np.int32),
        np.zeros(n, dtype=np.int8), gone, ends, pulls, gained,
    )  # fmt: skip
    if taken == n:  # a graph has a vertex: the last one taken out stays, and its side is free
        taken -= 1
        degrees[gone[taken]] = 0
    left = np.flatnonzero(degrees >= 0).astype(np.int64)
    number = np.full(n, -1, dtype=np.int64)
    number[left] = np.arange(left.size)
    alive = _linked_edges(head, after, left)
    edges = alive >> 1
    a, b = to[2 * edges + 1], to[2 * edges]
    reduced = WeightedGraph.from_edges(number[a], number[b], w[edges], n=left.size)
    step = Elimination(n, gone[:taken].copy(), ends[:taken].copy(), pulls[:taken].copy(), left)
    return step, reduced, float(gained[0])


def _linked_edges(head: IndexArray, after: IndexArray, left: IntArray) -> IntArray:
    """One arc of every edge that is still in a list: walk all lists at once, one step a round."""
    found = []
    arcs = head[left]
    arcs = arcs[arcs >= 0]
    while arcs.size:
        found.append(arcs[(arcs & 1) == 0])
        arcs = after[arcs]
        arcs = arcs[arcs >= 0]
    return np.sort(np.concatenate(found)).astype(np.int64) if found else np.empty(0, dtype=np.int64)


def _split(graph: WeightedGraph) -> tuple[Split, WeightedGraph] | None:
    n = graph.n
    block = np.full(graph.indices.size, -1, dtype=np.int32)
    number, low, parent = (np.full(n, -1, dtype=np.int32) for _ in range(3))
    at, stack = np.zeros(n, dtype=np.int64), np.empty(graph.indices.size, dtype=np.int32)
    count = find_blocks(graph.indptr, graph.indices, number, low, parent, at, stack, block)
    rows = np.repeat(np.arange(n, dtype=np.int64), graph.degrees)
    marked = block >= 0
    i, j, b = rows[marked], graph.indices[marked].astype(np.int64), block[marked].astype(np.int64)
    lonely = np.flatnonzero(graph.degrees == 0)
    # one copy of a vertex for each block it is in; an isolated vertex is a block of its own
    keys = np.concatenate([i * (count + n) + b, j * (count + n) + b, lonely * (count + n) + count + lonely])
    copies = distinct(keys)
    if copies.size == n:
        return None
    original = copies // (count + n)
    _, component = np.unique(copies % (count + n), return_inverse=True)
    u = np.searchsorted(copies, i * (count + n) + b)
    v = np.searchsorted(copies, j * (count + n) + b)
    smaller = WeightedGraph.from_edges(u, v, graph.weights[marked], n=copies.size)
    return Split(n, original, component.astype(np.int64)), smaller
