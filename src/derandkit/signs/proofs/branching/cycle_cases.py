"""Branch and bound on the odd-cycle program: all cases share one reduced graph, its cycles and their multipliers.

A case fixes some pairs of vertices of the reduced graph. A fixed pair is one more edge, with a weight so large that it
is never frustrated. So a case starts from the solution of the case that it was split from, and a few rounds of steps
and separation show what it gains. The vertices of a pair are far apart: where the even and the odd paths between them
are both about half as long as an odd cycle must be, either assumption closes many cycles, and the bounds of both cases
fall by about the same. (With the two ends of an edge, one of the bounds would hardly fall.)
"""

from __future__ import annotations

import copy
import heapq
import itertools
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.proofs.cases import CASE_DEPTH_LIMIT
from derandkit.records import JsonObject, encode_array
from derandkit.runtime.clock import Stopped, current, stage
from derandkit.signs.proofs.cycles.bound import CycleRun
from derandkit.signs.proofs.cycles.pool import mixed
from derandkit.signs.proofs.cycles.reduced import ReducedGraph
from derandkit.signs.proofs.proven_bound import after_elimination

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, WordArray
    from derandkit.signs.proofs.incumbent import Incumbent


#: Rounds of the whole graph at most, and the share of the gap to the cut that a round must gain.
ROOT_ROUNDS, ROOT_PACE = 100, 1e-4
#: Rounds of a case, and further ones when at the pace of the last it would close within so many.
ROUNDS, PATIENCE, MOST_ROUNDS = 8, 4, 24
#: First-order steps between two separations.
STEPS = 150
#: Searches for cycles between two batches of steps.
TRIES = 1
#: Ways may differ from half by about this much.
WIDTH = 0.1
#: Vertices between which a pair is looked for: those with the most partners, as counted when they were last looked at.
CENTRES = 64
#: Multipliers are stored in this fraction of the largest weight.
QUANTUM_BITS = 30


@dataclass(eq=False)
class Case:
    """One case: its solution while it is open, the pair of vertices that split it, and the two parts."""

    run: CycleRun | None
    bound: Fraction
    depth: int
    centres: FloatArray
    best: tuple[IntArray, IndexArray, FloatArray] | None = None
    pair: tuple[int, int] | None = None
    children: list[Case] = field(default_factory=list)

    def tightest(self) -> Fraction:
        """Return the best bound that the case and those below it prove, up to rounding errors."""
        below = max((child.tightest() for child in self.children), default=self.bound)
        return min(self.bound, below)


class CaseTree:
    """The cases of a graph, best first.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    incumbent : Incumbent
        The best cut; better ones that turn up are offered to it.
    stop : callable
        Called with the work since the last call, says whether time or work is up.
    report : callable
        Called with the bound after every case and every round of the whole graph.
    solved : CycleRun, optional
        The program of the whole graph, if odd cycles have been packed. Where that ended with no cycle left, on the same
        reduced graph, the cases go on from it.
    """

    def __init__(
        self,
        graph: WeightedGraph,
        incumbent: Incumbent,
        stop: Callable[[int], bool],
        report: Callable[[Fraction], None],
        solved: CycleRun | None = None,
    ) -> None:
        self.reduced = ReducedGraph(graph, degree=3)
        self.incumbent, self.stop, self.report = incumbent, stop, report
        self.nodes = 1
        self.numbers = itertools.count()
        self.complete = False
        self.clock = current()
        self.solved = solved is not None and solved.complete and solved.reduced.equals(self.reduced)
        if solved is not None and self.solved:
            run = copy.copy(solved)
            run.clock, run.turns, run.give_up = self.clock, None, None
        else:
            run = CycleRun(self.reduced, incumbent.signs)
        self.margin = (
            Fraction(float(run.cost.sum()) * 1e-7) * (1 << self.reduced.top) / (1 << self.reduced.exact.shift)
        )
        self.root = Case(run, run.bound(), 0, np.zeros(self.reduced.left.size))
        self.open: list[tuple[Fraction, int, Case]] = []

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self.clock.interrupted

    @property
    def resolves(self) -> bool:
        """Whether cuts of different weight lie further apart than the bounds are uncertain."""
        lattice = self.incumbent.lattice
        return lattice is not None and Fraction(lattice.step, 1 << lattice.shift) > 8 * self.margin

    def closed(self, bound: Fraction) -> bool:
        """Whether a bound, a little worse for rounding, leaves no room for a heavier cut."""
        return self.incumbent.meets(bound + self.margin)

    def go(self, node_limit: int | None) -> str:
        """Split the open case with the largest bound until none can hold a heavier cut; say why it ended."""
        try:
            self.solve_root()
            self.push(self.root)
            while self.open:
                case = self.open[0][2]
                if self.closed(case.bound):
                    break
                if node_limit is not None and self.nodes + 2 > node_limit:
                    return "limit of nodes"
                if self.stop(0):
                    return "interrupted" if self.interrupted else ""
                if not self.split(case):
                    return "nothing left to split"
            self.open = []
            self.complete = True
        except Stopped:
            return "interrupted" if self.interrupted else ""
        return "no cut is heavier"

    def push(self, *cases: Case) -> None:
        """Keep the cases that are still open; only with all parts of a case is there a bound to report."""
        for case in cases:
            if not self.closed(case.bound):
                heapq.heappush(self.open, (-case.bound, next(self.numbers), case))
        self.report(-self.open[0][0] if self.open else self.root.tightest())

    def solve_root(self) -> None:
        """Solve the program of the whole graph nearly to its end, unless it is solved."""
        run, case = self.root.run, self.root
        assert run is not None
        history: list[Fraction] = []

        def watch(cut: float, bound: float) -> None:
            history.append(Fraction(bound))
            case.bound, case.best = run.bound(), run.best
            self.report(case.bound)
            slow = len(history) > 4 and (history[-5] - history[-1]) / 4 < ROOT_PACE * (
                history[-1] - Fraction(cut)
            )
            if self.closed(case.bound) or slow or self.stop(self.price(run)):
                clock.finish()

        if not self.solved:
            with stage() as clock:
                run.clock = clock
                run.go(ROOT_ROUNDS, watch)
                run.clock = self.clock
        case.bound, case.best = run.bound(), run.best
        self.incumbent.offer(run.signs)
        self.clock.check()
        self.rank(case, np.arange(self.reduced.left.size))

    def price(self, run: CycleRun) -> int:
        """Return what a round costs, in units of about two nanoseconds."""
        return 3 * STEPS * run.pool.edges.size + 3000 * run.graph.m

    def split(self, case: Case) -> bool:
        """Split a case into two, if there is a pair for it."""
        run = case.run
        assert run is not None
        pair = self.choose(case)
        if pair is None or case.depth >= CASE_DEPTH_LIMIT:
            return False
        children = []
        for opposite in (False, True):
            child = Case(run.fork(*pair, opposite=opposite), case.bound, case.depth + 1, case.centres.copy())
            self.solve(child, pair)
            children.append(child)
        heapq.heappop(self.open)
        case.pair, case.children, case.run = pair, children, None
        self.nodes += 2
        self.push(*children)
        for child in children:
            if self.closed(child.bound):
                child.run = None
        return True

    def solve(self, case: Case, pair: tuple[int, int]) -> None:
        """Take steps and add cycles for a few rounds."""
        run = case.run
        assert run is not None
        run.close(np.array(pair, dtype=np.int32))
        before = run.bound()
        for tick in range(1, MOST_ROUNDS + 1):
            run.weight = run.steps(run.cost, STEPS, run.weight)
            run.improve()
            bound = run.bound()
            if self.closed(bound) or self.stop(self.price(run)):
                break
            if tick >= ROUNDS and (before - bound) * PATIENCE < bound - self.incumbent.goal:
                break
            before = bound
            if tick % 4 == 0:
                run.forget()
            run.close(np.arange(run.graph.n, dtype=np.int32), tries=TRIES)
        run.round()
        self.incumbent.offer(run.signs)
        case.bound, case.best = run.bound(), run.best

    def rank(self, case: Case, sources: IntArray) -> tuple[FloatArray, FloatArray]:
        """Count the partners of some vertices; return how near half their ways to all vertices are, and how far off."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        assert case.run is not None
        graph, n = case.run.graph, case.run.graph.n
        positive = graph.positive.astype(np.int64)
        tail, head = 2 * graph.tail.astype(np.int64), 2 * graph.head.astype(np.int64)
        a = np.concatenate([tail, tail + 1])
        b = np.concatenate([head + positive, head + 1 - positive])
        length = np.tile(np.clip(case.run.y, 0.0, 1.0) + 1e-7, 2)
        doubled = csr_array((length, (a, b)), shape=(2 * n, 2 * n))
        ways = dijkstra(doubled, directed=False, indices=2 * sources, limit=1.0)
        off = np.maximum(np.abs(ways[:, 0::2] - 0.5), np.abs(ways[:, 1::2] - 0.5))
        near = np.exp(-(np.minimum(off / WIDTH, 20.0) ** 2))
        case.centres[sources] = near.sum(axis=1)
        return near, off

    def choose(self, case: Case) -> tuple[int, int] | None:
        """Return two vertices far apart of which each has many partners."""
        sources = np.sort(np.argsort(-case.centres, kind="stable")[:CENTRES])
        near, off = self.rank(case, sources)
        near, off = near[:, sources], off[:, sources]
        score = near * np.outer(case.centres[sources], case.centres[sources])
        if float(score.max()) < 1e-9:
            score = -off
        at = int(np.argmax(score))
        i, j = divmod(at, sources.size)
        if not off[i, j] < 0.499:
            return None
        return int(min(sources[i], sources[j])), int(max(sources[i], sources[j]))

    def proof(self) -> JsonObject:
        """Assemble the proof of the whole graph."""
        writer = _Writer(self.reduced)
        tree = writer.node(self.root, {})
        proof = writer.finish(tree)
        if "rows" in tree:  # nothing was split
            del proof["tree"]
            proof = {**proof, "kind": "cycles", "multipliers": tree["multipliers"]}
        return after_elimination(self.reduced.gone, proof)


class _Writer:
    """Puts the cycles of all cases into one list, each once."""

    def __init__(self, reduced: ReducedGraph) -> None:
        self.numbers: dict[int, int] = {}
        self.cycles: list[IndexArray] = []
        self.left, self.unit = reduced.left, reduced.top - QUANTUM_BITS - reduced.exact.shift
        positive = (reduced.weights > 0).tolist()
        self.positive = dict(
            zip(zip(reduced.tail.tolist(), reduced.head.tolist(), strict=True), positive, strict=True)
        )

    def node(self, case: Case, assumed: dict[tuple[int, int], bool]) -> JsonObject:
        """Write a case and those below it, as far as these prove more."""
        if case.pair is not None and case.tightest() < case.bound:
            same, opposite = (
                self.node(child, {**assumed, case.pair: differs})
                for child, differs in zip(case.children, (False, True), strict=True)
            )
            return {"pair": self.left[list(case.pair)].tolist(), "same": same, "opposite": opposite}
        if case.best is None:
            return {"rows": [], "multipliers": []}
        starts, vertices, packing = case.best
        units = np.floor(packing * 2.0**QUANTUM_BITS).astype(np.int64)
        # edges against an assumption count by themselves: cycles over them, now even or with two vertices, do not
        bent = any(self.positive.get(pair, differs) != differs for pair, differs in assumed.items())
        fine = (units > 0) & (np.diff(starts) > 2)
        if bent:
            for k in np.flatnonzero(fine).tolist():
                fine[k] = self.is_odd(vertices[starts[k] : starts[k + 1]].tolist(), assumed)
        rows = []
        for k, name in zip(
            np.flatnonzero(fine).tolist(), self.names(starts, vertices)[fine].tolist(), strict=True
        ):
            row = self.numbers.setdefault(name, len(self.numbers))
            if row == len(self.cycles):
                self.cycles.append(vertices[starts[k] : starts[k + 1]])
            rows.append(row)
        return {"rows": encode_array(np.array(rows), "<i4"), "multipliers": encode_array(units[fine], "<i4")}

    def names(self, starts: IntArray, vertices: IndexArray) -> WordArray:
        """Return a number for each cycle that depends only on its edges, as those of a pool of cycles do."""
        after = np.append(vertices[1:], vertices[:1])
        after[starts[1:] - 1] = vertices[starts[:-1]]
        pairs = np.minimum(vertices, after).astype(np.uint64) << np.uint64(32)
        return np.asarray(
            np.add.reduceat(mixed(pairs + np.maximum(vertices, after).astype(np.uint64)), starts[:-1])
        )

    def is_odd(self, cycle: list[int], assumed: dict[tuple[int, int], bool]) -> bool:
        """Whether a cycle is odd when assumptions count before edges."""
        pairs = [(min(u, v), max(u, v)) for u, v in zip(cycle, cycle[1:] + cycle[:1], strict=True)]
        return bool(sum(assumed[pair] if pair in assumed else self.positive[pair] for pair in pairs) % 2)

    def finish(self, tree: JsonObject) -> JsonObject:
        """Write the list of cycles, and what is in it to the tree."""
        cycles = self.cycles
        vertices = np.concatenate(cycles) if cycles else np.empty(0, dtype=np.int32)
        return {
            "kind": "cases",
            "lengths": encode_array(np.array([c.size for c in cycles]), "<i4"),
            "vertices": encode_array(self.left[vertices], "<i4"),
            "unit": self.unit,
            "tree": tree,
        }
