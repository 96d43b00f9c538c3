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
from contextlib import nullcontext
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from derandkit.certificates.proofs.trees import DEPTH_LIMIT, LEAVES, proof_methods, proven_bound
from derandkit.graphs.graph import WeightedGraph
from derandkit.options import check_choice, check_kind, check_whole
from derandkit.runtime.clock import Clock, Stopped, stage
from derandkit.runtime.crew import Crew, CrewName
from derandkit.runtime.interrupts import OnInterrupt, deliver, entry
from derandkit.runtime.threads import side_by_side
from derandkit.signs.options import CASE_BOUNDS, CaseBound
from derandkit.signs.proofs.branching.bounder import SMALL_ORDER, Bounder
from derandkit.signs.proofs.branching.cycle_cases import CaseTree
from derandkit.signs.proofs.branching.elsewhere import bound_elsewhere
from derandkit.signs.proofs.branching.node import Node
from derandkit.signs.proofs.branching.outcome import BranchBound
from derandkit.signs.proofs.proven_bound import proving
from derandkit.tables import counted_open

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import SignArray
    from derandkit.records import JsonObject
    from derandkit.runtime.processes import Team
    from derandkit.runtime.progress import OnProgress
    from derandkit.signs.proofs.branching.elsewhere import Contraction
    from derandkit.signs.proofs.cycles.bound import CycleRun
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
    wave: int = 1,
    backend: CrewName = "threads",
    address: str | None = None,
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
        Threads or processes that bound cases at the same time; by default all cores. The tree is the same for every
        number.
    wave : int
        How many open cases are split at the same time, in two cases each. The tree depends on it: cases of a wave do
        not know what the others find. One keeps two workers busy; take half of the number of workers.
    backend : {"threads", "loky", "dask"}
        Where cases are bounded: on threads of this process, in processes of this machine, or on a dask cluster. The
        tree is the same. Large sparse graphs keep one reduced graph for all cases, and are branched in this process.
    address : str, optional
        A dask scheduler (``"tcp://host:8786"``); without one the active client or a cluster on this machine.
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
        `signs` are no cut of the graph, an unknown `bound` or `backend`, a limit that is not positive, or no
        scheduler at `address`.
    MissingDependencyError
        dask is chosen and not installed (extra ``dask``).
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
    bound = check_choice("bound", bound, CASE_BOUNDS)
    for name, limit in (("node_limit", node_limit), ("work_limit", work_limit)):
        if limit is not None:
            check_whole(name, limit, 1)
    crew = Crew.of(workers, backend, address, wave)
    with entry(time_limit, work_limit, on_interrupt=on_interrupt) as clock:
        check_kind("graph", graph, WeightedGraph, "derandkit.as_graph(...)")
        signs = None if signs is None else graph.as_signs(signs)
        found = bound_by_cases(
            graph, signs, clock, bound=bound, node_limit=node_limit, crew=crew, on_progress=on_progress
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
    crew: Crew = Crew(),  # noqa: B008, as it is frozen
    solved: CycleRun | None = None,
    steady: bool = False,
    on_progress: OnProgress | None = None,
) -> BranchBound:
    """Do what `branch_and_bound` does, under a clock; a search may go on between the cases.

    `solved` is the program of `cycle_bound` if it has been solved.
    """
    search = _Search(graph, signs, bound, clock, proving(clock, on_progress), turns, crew)
    search.steady = steady
    return search.by_cases(node_limit, solved) or search.by_contraction(node_limit)


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
        crew: Crew = Crew(),  # noqa: B008, as it is frozen
    ) -> None:
        super().__init__(graph, signs, bound, clock)
        self.turns, self.crew = turns, crew
        self.team: Team | None = None
        self.shown = 0
        self.watch = watch
        self.numbers = itertools.count()  # of equal bounds the older case is split first
        plain = {"kind": "positive"}
        self.root = Node(None, None, [], plain, LEAVES["positive"](self.whole, plain))
        self.open: list[tuple[Fraction, int, Node]] = []

    def by_cases(self, node_limit: int | None, solved: CycleRun | None = None) -> BranchBound | None:
        """Branch on one reduced graph and its odd cycles, if the graph is large and sparse and its cuts lie apart."""
        remaining = self.replay(self.root)
        size = len(remaining.exact.neighbours)
        if size <= SMALL_ORDER or self.dense(remaining) or self.incumbent.lattice is None:
            return None

        def stop(work: int) -> bool:
            self.spend(work)
            return self.spent

        tree = CaseTree(self.graph, self.incumbent, stop, self.report, solved)
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
        with nullcontext() if self.crew.backend == "threads" else self.crew.team() as self.team:
            self.go(node_limit)
        exact, proof = self.root.tightest()
        count = sum(1 for leaf in self.root.leaves() if not self.incumbent.meets(leaf.bound))
        return self.result(exact, proof, count)

    def go(self, node_limit: int | None) -> None:
        """Split the open cases with the largest bounds until none can hold a heavier cut."""
        try:
            self.root = self.bound_case(None, None)
            self.stop_if_interrupted()
            self.push(self.root)
            while self.open:
                if self.spent or (node_limit is not None and self.nodes >= node_limit):
                    return
                if self.incumbent.meets(self.open[0][2].bound):
                    break
                wave = self.next_wave(node_limit)
                if not wave:
                    self.why = "too deep"
                    return
                children = self.bound_wave(wave)
                for k, node in enumerate(wave):
                    heapq.heappop(self.open)
                    node.children, node.warm = children[2 * k : 2 * k + 2], None
                self.push(*children)
            self.open = []
            self.why = "no cut is heavier"
        except Stopped:
            self.why = "interrupted"

    def next_wave(self, node_limit: int | None) -> list[Node]:
        """Return the open cases with the largest bounds that are split at the same time; none if that is too deep."""
        pairs = (
            self.crew.wave if node_limit is None else min(self.crew.wave, (node_limit - self.nodes + 1) // 2)
        )
        wave: list[Node] = []
        for _, _, node in heapq.nsmallest(max(1, pairs), self.open):
            deep = node.pair is None or node.depth > DEPTH_LIMIT // 2 - 4
            if deep or (wave and self.incumbent.meets(node.bound)):
                break
            wave.append(node)
        return wave

    def bound_wave(self, wave: list[Node]) -> list[Node]:
        """Bound the two cases of each of several pairs at the same time.

        None sees what another one finds or spends, so that the tree does not depend on the number of workers.
        """
        cases = [(node, (*node.pair, k == 1)) for node in wave if node.pair is not None for k in range(2)]
        if self.team is not None:
            return self.bound_by_team(self.team, cases)
        apart = [copy.copy(self) for _ in cases]
        for one in apart:
            one.incumbent, one.clock, one.work = copy.copy(self.incumbent), self.clock.apart(), 0
        pieces = [partial(one.bound_case, *case) for one, case in zip(apart, cases, strict=True)]
        children = side_by_side(pieces, [one.clock for one in apart], self.crew.workers)
        for one in apart:
            self.take_over(one.incumbent.signs, one.level, one.work)
        return children

    def bound_by_team(self, team: Team, cases: list[tuple[Node, Contraction]]) -> list[Node]:
        """Bound cases in other processes."""
        found = bound_elsewhere(team, self, cases)
        if len(found) < len(cases):
            raise Stopped
        children = []
        for (parent, contraction), one in zip(cases, found, strict=True):
            self.take_over(one.signs, one.level, one.work)
            node = Node(parent, contraction, one.gone, one.leaf, one.bound, one.pair, one.warm)
            node.depth = parent.depth + 1
            children.append(node)
        return children

    def take_over(self, signs: SignArray, level: float, work: int) -> None:
        """Count a case that was bounded apart, and keep what it found."""
        self.nodes += 1
        self.spend(work)
        self.incumbent.offer(signs)
        self.level = self.level or level

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
            reason=f"{counted_open(self.nodes, count)}; {self.why}",
            complete=self.incumbent.meets(exact),
            signs=self.incumbent.signs,
            interrupted=self.interrupted,
            nodes=self.nodes,
            open_nodes=count,
            work=self.work,
        )
