"""One case of branch and bound: what is left of the graph, and a bound of it as far as that seems worth while.

Small and dense cases are bounded by triangles on top of the semidefinite relaxation, starting from the multipliers of
the case that was split; others by odd cycles (`derandkit.signs.proofs.branching.tree` has the tree).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import LEAVES
from derandkit.runtime.clock import Clock, Stopped
from derandkit.signs.proofs.branching.by_cycles import bound_by_cycles
from derandkit.signs.proofs.branching.by_triangles import handed_down
from derandkit.signs.proofs.branching.node import Node
from derandkit.signs.proofs.cycles.bound import CYCLE_WORK
from derandkit.signs.proofs.incumbent import Incumbent
from derandkit.signs.proofs.proven_bound import ended
from derandkit.signs.proofs.residual import EliminatedGraph
from derandkit.signs.proofs.triangles.bound import TriangleDual, level_of, rough_bound

if TYPE_CHECKING:
    from fractions import Fraction

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray


#: Work is counted in units of ``n^3`` operations of an eigendecomposition, about two nanoseconds each. A case costs
#: as much as this many decompositions on top, for the proof.
OVERHEAD = 20
#: Cases of larger order, or with fewer edges a vertex, are bounded by odd cycles unless it is said otherwise. Smaller
#: ones are bounded by triangles whatever their density.
TRIANGLE_ORDER, TRIANGLE_DENSITY, SMALL_ORDER = 400, 2.75, 100
#: From this share of entries that are not zero, pentagons are added to the triangles of a case, and what it counts to
#: look for them once, in units of ``n^3``. g05_100.0: 679 cases and 75 CPU s, without them 2965 and 206.
PENTAGON_DENSITY, PENTAGON_WORK = 0.3, 2
#: The share of all others to which a vertex with the part of a constant has edges.
CENTRAL = 0.75
#: A case is split when, at the pace of its last rounds, closing it would take more rounds than this; by triangles where
#: cases are bounded steadily, than the second.
PATIENCE, STEADY_PATIENCE = 12, 20
#: The same for the whole graph: if the tree does not close, its bound is what counts.
ROOT_PATIENCE = 400
#: Rounds that any case gets, those by triangles where cases are bounded steadily, and rounds at the root.
FEWEST_ROUNDS, FEWEST_STEADILY, ROOT_ROUNDS = 3, 5, 40
#: A child starts with this multiple of the smoothing with which its parent ended, unless cases are bounded steadily.
REHEAT = 4.0


class Bounder:
    """What it takes to bound a case: the graph, the best cut so far, and a clock."""

    def __init__(self, graph: WeightedGraph, signs: SignArray | None, bound: str, clock: Clock) -> None:
        self.graph, self.bound, self.clock = graph, bound, clock
        self.whole = ExactGraph.from_graph(graph)
        self.incumbent = Incumbent(graph, self.whole, signs)
        self.work = 0
        weights = [abs(w) for _, _, w in self.whole.edges()]
        #: scaled weights are weights times 2**-exponent, in every case the same
        self.exponent = max((w.bit_length() for w in weights), default=0) - self.whole.shift
        self.level = 0.0
        #: whether cases go on without smoothing more, and are split later: random clauses need fewer cases so (800/4:
        #: 11 for 317), dense graphs with weights 1 and -1 need more (pm1d_80.1: 809 for 285)
        self.steady = False
        #: whether a vertex stands for a constant, as linear terms have it: it has an edge to nearly all others
        self.central = int(np.diff(graph.indptr).max(initial=0)) >= CENTRAL * (graph.n - 1)
        self.nodes = 0
        self.why = "limit of nodes"

    def report(self, bound: Fraction) -> None:
        """Show a bound of the whole graph."""

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self.clock.interrupted

    def stop_if_interrupted(self) -> None:
        """Leave the tree after Ctrl-C, as one half of a case proves nothing."""
        if self.interrupted:
            raise Stopped

    def spend(self, work: int) -> None:
        """Count work."""
        self.work += work
        self.clock.spend(work)

    @property
    def spent(self) -> bool:
        """Whether the time or the work is up, or Ctrl-C was pressed."""
        self.why = ended(self.clock) if self.clock.stopped else self.why
        return self.clock.stopped

    def replay(self, node: Node | None) -> EliminatedGraph:
        """Return what the operations on the way to a case leave of the graph."""
        path = []
        while node is not None:
            path.append(node)
            node = node.parent
        remaining = EliminatedGraph(self.whole.copy(), self.graph.n)
        for step in reversed(path):
            if step.contraction is not None:
                u, v, opposite = step.contraction
                remaining.contract(u, v, opposite=opposite)
            remaining.eliminate_low_degrees()
        return remaining

    def bound_case(self, parent: Node | None, contraction: tuple[int, int, bool] | None) -> Node:
        """Bound one case as far as it seems worth while."""
        self.nodes += 1
        remaining = self.replay(parent)
        if contraction is not None:
            u, v, opposite = contraction
            remaining.contract(u, v, opposite=opposite)
        gone = remaining.eliminate_low_degrees()
        plain = {"kind": "positive"}
        node = Node(parent, contraction, gone, plain, LEAVES["positive"](remaining.exact, plain))
        node.depth = 0 if parent is None else parent.depth + 1
        if not remaining.exact.neighbours:
            self.incumbent.offer(remaining.lift(np.ones(0, dtype=np.int8)))
        elif not self.incumbent.meets(node.bound):
            if self.dense(remaining):
                self.by_triangles(node, remaining)
            else:
                self.by_cycles(node, remaining)
        if parent is not None:
            self.stop_if_interrupted()
        return node

    def dense(self, remaining: EliminatedGraph) -> bool:
        """Whether triangles suit a case better than odd cycles."""
        n = len(remaining.exact.neighbours)
        if self.bound == "auto":
            m = sum(map(len, remaining.exact.neighbours.values())) // 2
            return n <= SMALL_ORDER or (n <= TRIANGLE_ORDER and m >= TRIANGLE_DENSITY * n)
        return self.bound == "triangle"

    def by_cycles(self, node: Node, remaining: EliminatedGraph) -> None:
        """Bound a case by odd cycles."""
        m = sum(map(len, remaining.exact.neighbours.values())) // 2

        def enough(history: list[Fraction]) -> bool:
            self.spend(CYCLE_WORK * m)
            if node.parent is None:
                self.report(min(history[-1], node.bound))
            met = self.incumbent.meets(history[-1])
            # from scratch the first rounds only lead back to the bound of the case that was split
            back = node.parent is not None and history[-1] <= node.parent.bound
            return met or self.spent or (back and self.hopeless(node, history))

        case = bound_by_cycles(remaining, enough)
        self.incumbent.offer(remaining.lift(case.signs))
        if case.bound < node.bound:
            node.bound, node.leaf = case.bound, case.leaf
        node.pair = case.pair

    def by_triangles(self, node: Node, remaining: EliminatedGraph) -> None:
        """Bound a case by the semidefinite relaxation with triangles."""
        top = self.exponent + remaining.exact.shift
        A, _ = remaining.matrix(top)
        if self.level == 0.0:
            self.level = level_of(A)
            if self.level < 1e-100:  # a heavy edge was eliminated, and floats hold no squares of what is left
                self.level = 0.0
                self.by_cycles(node, remaining)
                return
        filled = np.count_nonzero(A) >= PENTAGON_DENSITY * len(A) ** 2
        dual = TriangleDual(A, self.level, pentagons=bool(filled))
        vertices = remaining.vertices()
        if self.triangle_rounds(node, remaining, dual, top):
            return
        bound, leaf = dual.leaf(remaining, top)
        if bound < node.bound:
            node.bound, node.leaf = bound, leaf
        if self.interrupted:
            return
        node.pair, node.warm = handed_down(dual, vertices, weighed=self.central)

    def triangle_rounds(self, node: Node, remaining: EliminatedGraph, dual: TriangleDual, top: int) -> bool:
        """Alternate descent and separation while that is worth while; say whether the case is closed."""
        if node.parent is None or node.parent.warm is None or node.contraction is None:
            dual.start()
        else:
            warm = node.parent.warm
            start = warm.contracted(*node.contraction, remaining.vertices())
            dual.start_from(*start, warm.alpha if self.steady else min(dual.alpha, REHEAT * warm.alpha))
        rounds = ROOT_ROUNDS if node.parent is None else 1000
        history: list[Fraction] = []
        self.spend(OVERHEAD * dual.n**3)
        while True:
            before = dual.evaluations
            if not dual.descend(-math.inf):  # a limit of time leaves room for no evaluation
                return False
            self.spend((dual.evaluations - before) * dual.n**3)
            for rounded in dual.cuts():
                self.incumbent.offer(remaining.lift(rounded))
            rough = rough_bound(dual, remaining, top)
            history.append(rough)
            if self.incumbent.meets(rough):
                bound, leaf = dual.leaf(remaining, top)
                if self.incumbent.meets(bound):
                    node.bound, node.leaf = bound, leaf
                    return True
            if node.parent is None:
                self.report(rough)
            if self.spent or len(history) >= rounds or dual.settled or self.far(node, history):
                return False
            self.spend(PENTAGON_WORK * dual.n**3 if dual.pentagons else 0)
            dual.separate()

    def far(self, node: Node, history: list[Fraction]) -> bool:
        """Whether triangles are hopeless in a case; they start from the bound of the case that was split."""
        fewest, rounds = (FEWEST_STEADILY, STEADY_PATIENCE) if self.steady else (FEWEST_ROUNDS, PATIENCE)
        return len(history) >= fewest and self.hopeless(node, history, rounds)

    def hopeless(self, node: Node, history: list[Fraction], rounds: int = PATIENCE) -> bool:
        """Whether, at the pace of the last rounds, closing the case would take more than so many further ones."""
        patience = ROOT_PATIENCE if node.parent is None else rounds
        if len(history) < FEWEST_ROUNDS:
            return False
        gain = (history[-3] - history[-1]) / 2
        return gain * patience < history[-1] - self.incumbent.goal
