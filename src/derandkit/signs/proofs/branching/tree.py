"""Branch and bound on pairs of vertices: the maximum cut, or the best bound in the time there is, with its proof.

Either two vertices are on the same side or they are not; each case contracts the pair. The open case with the largest
bound is split next. Cases are bounded by triangles on top of the semidefinite relaxation where the graph is
dense, starting from the multipliers of the case that was split, and by odd cycles where it is sparse. The tree of
cases with a proof at each leaf is the proof of the whole. Large sparse graphs keep one reduced graph for all cases
(`derandkit.signs.proofs.branching.cycle_cases`).
"""

from __future__ import annotations

import copy
import heapq
import itertools
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from derandkit.certificates.proofs.trees import DEPTH_LIMIT, LEAVES, proof_methods, proven_bound
from derandkit.errors import InputError
from derandkit.options import check_choice
from derandkit.runtime.clock import Clock, Stopped, stage
from derandkit.runtime.interrupts import OnInterrupt, deliver, entry
from derandkit.runtime.threads import side_by_side
from derandkit.signs.options import CASE_BOUNDS, CaseBound
from derandkit.signs.proofs.branching.bounder import SMALL_ORDER, Bounder
from derandkit.signs.proofs.branching.cycle_cases import CaseTree
from derandkit.signs.proofs.branching.node import Node
from derandkit.signs.proofs.branching.outcome import BranchBound
from derandkit.signs.proofs.proven_bound import proving

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.records import JsonObject
    from derandkit.runtime.progress import OnProgress
    from derandkit.signs.search.turns import Turns


#: Share of the time that is kept for the proof of a tree of cases on one reduced graph.
PROOF_SHARE = 0.05


def branch_and_bound(
    graph: WeightedGraph,
    *,
    signs: SignArray | None = None,
    bound: CaseBound = "auto",
    node_limit: int | None = None,
    work_limit: int | None = None,
    time_limit: float | None = None,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> BranchBound:
    """Find the maximum cut, or bound it as well as the limits allow.

    Parameters
    ----------
    graph : WeightedGraph
        The graph; weights of any sign and scale.
    signs : ndarray of int8, shape (n,), optional
        A good cut to begin with.
    bound : {"auto", "triangle", "cycle"}
        How cases are bounded; "auto" decides for each by its size and density.
    node_limit : int, optional
        Most cases; the last pair is completed.
    work_limit : int, optional
        Work after which no further case is bounded, in units of about two nanoseconds. Unlike `time_limit` it gives
        the same result everywhere.
    time_limit : float, optional
        Seconds after which no further case is bounded; the result then depends on the machine.
    workers : int, optional
        Threads that bound the two cases of a pair; by default all cores, and more than two make no difference. The
        tree is the same for every number.
    on_progress : callable, optional
        Called with a `derandkit.Progress`, the best cut and the bound, after every pair of cases.
    on_interrupt : {"raise", "return"}
        Whether Ctrl-C raises `Interrupted`, which carries the best bound so far, or returns it.

    Returns
    -------
    BranchBound
        Its `signs` are the best cut found; `complete` when that cut is proven optimal.

    Raises
    ------
    InputError
        An unknown `bound`, or a limit that is not positive.
    Interrupted
        See `on_interrupt`.

    References
    ----------
    Rendl, Rinaldi, Wiegele, Math. Program. 121 (2010), for branching on pairs with these bounds.

    Examples
    --------
    >>> import networkx as nx
    >>> from derandkit import as_graph
    >>> result = branch_and_bound(as_graph(nx.complete_graph(7)))
    >>> result.complete, 12 <= result.exact < 13
    (True, True)
    """
    check_choice("bound", bound, CASE_BOUNDS)
    limits = ("limit of nodes", node_limit), ("limit of work", work_limit), ("number of workers", workers)
    for name, limit in limits:
        if limit is not None and limit < 1:
            raise InputError(f"the {name} must be positive, got {limit}")
    with entry(time_limit, work_limit, on_interrupt=on_interrupt) as clock:
        found = bound_by_cases(
            graph, signs, clock, bound=bound, node_limit=node_limit, workers=workers, on_progress=on_progress
        )
    return deliver(clock, found, on_interrupt)


def bound_by_cases(
    graph: WeightedGraph,
    signs: SignArray | None,
    clock: Clock,
    *,
    bound: CaseBound = "auto",
    node_limit: int | None = None,
    turns: Turns | None = None,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> BranchBound:
    """Do what `branch_and_bound` does, under a clock; a search may go on between the cases."""
    search = _Search(graph, signs, bound, clock, proving(clock, on_progress), turns, workers)
    return search.by_cases(node_limit) or search.by_contraction(node_limit)


class _Search(Bounder):
    """The tree and the open cases."""

    def __init__(
        self,
        graph: WeightedGraph,
        signs: SignArray | None,
        bound: str,
        clock: Clock,
        watch: Callable[[float, float], None],
        turns: Turns | None = None,
        workers: int | None = None,
    ) -> None:
        super().__init__(graph, signs, bound, clock)
        self.turns, self.workers = turns, workers
        self.shown = 0
        self.watch = watch
        self.numbers = itertools.count()  # of equal bounds the older case is split first
        plain = {"kind": "positive"}
        self.root = Node(None, None, [], plain, LEAVES["positive"](self.whole, plain))
        self.open: list[tuple[Fraction, int, Node]] = []

    def by_cases(self, node_limit: int | None) -> BranchBound | None:
        """Branch on one reduced graph and its odd cycles, if the graph is large and sparse and its cuts lie apart."""
        remaining = self.replay(self.root)
        size = len(remaining.exact.neighbours)
        if size <= SMALL_ORDER or self.dense(remaining) or self.incumbent.lattice is None:
            return None

        def stop(work: int) -> bool:
            self.spend(work)
            return self.spent

        tree = CaseTree(self.graph, self.incumbent, stop, self.report)
        if not tree.resolves:
            return None
        if self.clock.limited:  # writing and checking the proof takes a share of the time
            self.clock = self.clock.part(max((1.0 - PROOF_SHARE) * self.clock.seconds_left, 1e-9))
        with stage(clock=self.clock):
            self.why = tree.go(node_limit) or self.why
        self.nodes = tree.nodes
        proof = tree.proof()
        exact = proven_bound(self.whole.copy(), proof)
        # ended before the whole graph was bounded, no case is on the list
        return self.result(exact, proof, len(tree.open) or int(not self.incumbent.meets(exact)))

    def by_contraction(self, node_limit: int | None) -> BranchBound:
        """Branch and bound with a graph of its own for every case."""
        self.go(node_limit)
        exact, proof = self.root.tightest()
        count = sum(1 for leaf in self.root.leaves() if not self.incumbent.meets(leaf.bound))
        return self.result(exact, proof, count)

    def go(self, node_limit: int | None) -> None:
        """Split the open case with the largest bound until none can hold a heavier cut."""
        try:
            self.root = self.bound_case(None, None)
            self.stop_if_interrupted()
            self.push(self.root)
            while self.open:
                if self.spent or (node_limit is not None and self.nodes >= node_limit):
                    return
                node = self.open[0][2]
                if self.incumbent.meets(node.bound):
                    break
                if node.pair is None or node.depth > DEPTH_LIMIT // 2 - 4:
                    self.why = "too deep"
                    return
                u, v = node.pair
                children = self.bound_pair(node, u, v)
                heapq.heappop(self.open)
                node.children, node.warm = children, None
                self.push(*children)
            self.open = []
            self.why = "no cut is heavier"
        except Stopped:
            self.why = "interrupted"

    def bound_pair(self, node: Node, u: int, v: int) -> list[Node]:
        """Bound the two cases of a pair of vertices at the same time.

        Neither sees what the other finds or spends, so that the tree does not depend on the number of threads.
        """
        sides = [copy.copy(self) for _ in range(2)]
        for side in sides:
            side.incumbent, side.clock, side.nodes, side.work = (
                copy.copy(self.incumbent),
                self.clock.apart(),
                0,
                0,
            )
        cases = [partial(side.bound_case, node, (u, v, k == 1)) for k, side in enumerate(sides)]
        children = side_by_side(cases, [side.clock for side in sides], self.workers)
        for side in sides:
            self.nodes += side.nodes
            self.spend(side.work)
            self.incumbent.offer(side.incumbent.signs)
            self.level = self.level or side.level
        return children

    def push(self, *nodes: Node) -> None:
        """Keep the cases that are still open; only with all parts of a case is there a bound to report."""
        for node in nodes:
            if not self.incumbent.meets(node.bound):
                heapq.heappush(self.open, (-node.bound, next(self.numbers), node))
        self.report(-self.open[0][0] if self.open else self.root.tightest()[0])

    def report(self, bound: Fraction) -> None:
        if self.turns is not None and not self.incumbent.meets(bound):
            found = self.turns.take(self.incumbent.signs, bound, self.work - self.shown)
            self.incumbent.offer(found)
            self.shown = self.work
        value = self.incumbent.value
        self.watch(float(value), float(max(bound, value)))

    def result(self, exact: Fraction, proof: JsonObject, count: int) -> BranchBound:
        """Say what a tree with so many open cases proves."""
        return BranchBound(
            exact=exact,
            proof=proof,
            method=proof_methods(proof)[-1],
            reason=f"{self.nodes} cases, {count} of them open; {self.why}",
            complete=self.incumbent.meets(exact),
            signs=self.incumbent.signs,
            interrupted=self.interrupted,
            nodes=self.nodes,
            open_nodes=count,
            work=self.work,
        )
