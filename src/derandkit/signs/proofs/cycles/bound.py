"""Upper bounds on the maximum cut from packings of odd cycles, with proofs in exact arithmetic.

A positive edge gains from being cut, a negative edge loses. An edge is *frustrated* by a cut if it is positive and not
cut, or negative and cut; a cut weighs the positive weights less ``|w_e|`` for each frustrated edge e. A cycle is *odd*
if it has an odd number of positive edges: every cut frustrates at least one of its edges. The linear program chooses
how much ``y_e`` each edge is frustrated, with ``y(C) >= 1`` for all odd cycles C, at the least cost. Its value is that
of the odd-cycle relaxation of Barahona and Mahjoub (Math. Programming 36 (1986)), which is exact on graphs without a
K5 minor.

Cycles are separated by shortest paths while first-order steps solve the growing program. A round is a few hundred cheap
steps, and whatever multipliers they end with prove a bound.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.proofs.trees import largest_possible_cut, proven_bound
from derandkit.graphs.graph import WeightedGraph
from derandkit.numerics.hashing import hashed_uniform
from derandkit.numerics.vectors import inner, norm
from derandkit.options import check_kind, check_whole
from derandkit.records import JsonObject, encode_array
from derandkit.runtime.clock import current
from derandkit.runtime.interrupts import deliver, entry
from derandkit.signs.kernels import one_flip
from derandkit.signs.proofs.cycles.packing_kernels import halpern_steps, tighten_packing
from derandkit.signs.proofs.cycles.pool import CyclePool, SignedGraph
from derandkit.signs.proofs.cycles.reduced import ReducedGraph
from derandkit.signs.proofs.proven_bound import ProvenBound, after_elimination, ended, proving

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, SignArray
    from derandkit.runtime.interrupts import OnInterrupt
    from derandkit.runtime.progress import OnProgress
    from derandkit.signs.search.turns import Turns


#: First-order steps between two separations.
STEPS = 200
#: What an edge of a cycle costs on top of its length, at first and at last: long cycles come late.
HOPS = (0.02, 1e-6)
#: A cycle is added when it is shorter than this.
SHORT = 0.99
#: Relative changes of the costs, one after the other, that single out an integral solution; rounds with each.
TILTS, TILTED_ROUNDS = (0.1, 0.03, 0.01, 0.003), 8
#: What a round costs an edge, in units of about two nanoseconds.
CYCLE_WORK = 12_000
#: Seconds of the exact check of a cycle of a packing, and after a limit of time in which such a check may still end.
CHECK_SECONDS, LATE = 6.0e-6, 1.0
#: Seconds of a triangle that is there from the beginning: one round, and the check.
TRIANGLE_SECONDS = 1.5e-5
#: Multipliers are stored in this fraction of the largest weight, for weights that are integers and for others: a bound
#: on integers is rounded down anyway, else the last digit may be what stands between a cut and its proof.
QUANTUM_BITS, FINE_QUANTUM_BITS = 44, 60


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class CycleBound(ProvenBound):
    """A bound from odd cycles.

    Parameters
    ----------
    fractional : ndarray, shape (m,)
        How much each edge of the graph is cut in the relaxation, 0 to 1, in the order of ``graph.edges()``.
    rounds : int
        Separations.
    """

    fractional: FloatArray
    rounds: int


def cycle_bound(
    graph: WeightedGraph,
    *,
    signs: SignArray | None = None,
    time_limit: float | None = None,
    max_rounds: int | None = None,
    on_progress: OnProgress | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> CycleBound:
    """Bound the maximum cut by packing odd cycles.

    Parameters
    ----------
    graph : WeightedGraph
        The graph; weights of any sign and scale.
    signs : ndarray of int8, shape (n,), optional
        A good cut: the work ends when the bound shows that no cut weighs more.
    time_limit : float, optional
        Seconds after which the work ends with the best bound so far; the result then depends on the machine.
    max_rounds : int, optional
        Most rounds of separation, one at least.
    on_progress : callable, optional
        Called with a `derandkit.Progress`, the best cut and the bound, after every round.
    on_interrupt : {"raise", "return"}
        Whether Ctrl-C raises `Interrupted`, which carries the best bound so far, or returns it.

    Returns
    -------
    CycleBound
        Its `signs` are the best cut found, the given one included.

    Raises
    ------
    InputError
        `signs` are no cut of the graph, or a limit is not positive.
    Interrupted
        See `on_interrupt`.

    Notes
    -----
    A round costs 200 passes over the cycles collected and a shortest-path search from few vertices: a cover of
    the frustrated edges of the cut that the current solution suggests, because every odd cycle has such an edge.

    Examples
    --------
    >>> from derandkit import WeightedGraph
    >>> petersen = [(k, (k + 1) % 5) for k in range(5)] + [(k, k + 5) for k in range(5)]
    >>> petersen += [(5 + k, 5 + (k + 2) % 5) for k in range(5)]
    >>> i, j = zip(*petersen)
    >>> bound = cycle_bound(WeightedGraph.from_edges(i, j))
    >>> bound.value < 13, bound.method
    (True, 'odd-cycle')
    """
    if max_rounds is not None:
        check_whole("max_rounds", max_rounds, 1)
    with entry(time_limit, on_interrupt=on_interrupt) as clock:
        check_kind("graph", graph, WeightedGraph, "derandkit.as_graph(...)")
        signs = None if signs is None else graph.as_signs(signs)
        found = packed_bound(graph, packed(graph, signs, max_rounds, proving(clock, on_progress)))
    return deliver(clock, found, on_interrupt)


def packed(
    graph: WeightedGraph,
    signs: SignArray | None = None,
    max_rounds: int | None = None,
    watch: Callable[[float, float], None] | None = None,
    turns: Turns | None = None,
    give_up: Callable[[float], bool] | None = None,
) -> CycleRun:
    """Solve the program of `cycle_bound` under the clock that runs; a search may go on between the rounds.

    `give_up` is asked with the bound after every round whether another proof has better prospects.
    """
    reduced = ReducedGraph(graph)
    run = CycleRun(reduced, signs, turns, give_up)
    if reduced.weights.size:
        run.go(max_rounds, watch)
    return run


def packed_bound(graph: WeightedGraph, run: CycleRun) -> CycleBound:
    """Return the bound that a program proves for its graph, as far as it was solved."""
    reduced = run.reduced
    i, j, _ = graph.edges()
    proof, fractions = run.proof(), reduced.spread(run.fractions())
    pairs = zip(i.tolist(), j.tolist(), strict=True)
    fractional = np.array([fractions.get(pair, 0.5) for pair in pairs], dtype=float)
    return CycleBound(
        exact=proven_bound(reduced.whole.copy(), proof),
        proof=proof,
        method="odd-cycle",
        reason=f"{run.rounds} rounds, {run.best_size} odd cycles on {reduced.left.size} vertices; {run.why}",
        complete=run.complete,
        signs=run.signs,
        interrupted=run.clock.interrupted,
        fractional=fractional,
        rounds=run.rounds,
    )


class CycleRun:
    """One solution of the linear program over a reduced graph."""

    def __init__(
        self,
        reduced: ReducedGraph,
        signs: SignArray | None,
        turns: Turns | None = None,
        give_up: Callable[[float], bool] | None = None,
    ) -> None:
        self.reduced, self.turns, self.give_up = reduced, turns, give_up
        self.clock = current()
        n, m = reduced.left.size, reduced.weights.size
        self.cost = np.abs(reduced.weights)
        self.graph = SignedGraph(n, reduced.tail, reduced.head, reduced.weights > 0)
        self.pool = CyclePool(m)
        self.y = np.zeros(m)
        self.rounds = self.best_size = 0
        self.complete = not m
        self.why = "nothing left" if not m else "stopped"
        self.packed, self.weight = -1.0, 1.0
        self.best: tuple[IntArray, IndexArray, FloatArray] | None = None
        start = reduced.remaining.lift(np.ones(n, dtype=np.int8))
        self.signs = start if signs is None else np.asarray(signs, dtype=np.int8)
        self.cut = reduced.whole.cut(self.signs)
        if signs is not None and reduced.whole.cut(start) > self.cut:
            self.signs, self.cut = start, reduced.whole.cut(start)
        arcs = self.graph
        self.arc_weights = np.ascontiguousarray(reduced.weights[arcs.arc_edge])

    def fork(self, u: int, v: int, *, opposite: bool) -> CycleRun:
        """Return the program for the cuts that put two vertices on one side, or on opposite sides, as solved so far.

        It has one more edge between the two, negative or positive, that costs more than any load. All cycles keep
        their multipliers, and the bound is no larger to begin with.
        """
        run = copy.copy(self)
        graph = self.graph
        ends = np.array([u], dtype=np.int32), np.array([v], dtype=np.int32)
        tail, head = np.append(graph.tail, ends[0]), np.append(graph.head, ends[1])
        run.graph = SignedGraph(graph.n, tail, head, np.append(graph.positive, opposite))
        run.pool = self.pool.copy(graph.m + 1)
        run.y = np.append(self.y, 0.0)
        most = float(np.abs(self.reduced.weights).sum())
        run.cost = np.append(self.cost, most)
        weights = np.append(np.where(graph.positive, self.cost, -self.cost), most if opposite else -most)
        run.arc_weights = np.ascontiguousarray(weights[run.graph.arc_edge])
        run.rounds = 0
        return run

    def go(self, max_rounds: int | None, watch: Callable[[float, float], None] | None) -> None:
        """Alternate steps and separation until nothing is left to gain, or time is up."""
        graph, pool = self.graph, self.pool
        most = 10.0 * graph.m
        if self.clock.limited:  # a dense graph has so many that one round with all of them takes seconds
            most = min(most, max(1.0, self.clock.seconds_left / TRIANGLE_SECONDS))
        pool.add(graph.triangles(int(most)))
        rounded = self.round()
        sources = graph.cover(graph.frustrated(rounded))
        pool.add(graph.cycles(np.ones(graph.m), sources, 1e9, self.late))
        hop, steps, weight = HOPS[0], STEPS, norm(self.cost) / graph.m**0.5
        while pool.size:
            weight = self.steps(self.cost, steps, weight)
            self.improve()
            rounded = self.round()
            if self.finished(max_rounds, watch):
                return
            if self.rounds % 5 == 0:
                self.forget()
            added = self.separate(rounded, hop)
            if self.late():  # perhaps among the sources: no cycle found does not mean that there is none
                self.why = ended(self.clock)
                return
            gap = inner(self.cost, self.y) - self.packed
            if added == 0 and hop <= HOPS[1]:
                if gap <= 1e-9 * float(self.cost.sum()) or steps >= 64 * STEPS:
                    self.settle(weight, max_rounds, watch)
                    return
                steps *= 2
            if added < 0.02 * graph.n:
                hop = max(HOPS[1], hop / 2)
        if self.late():
            self.why = ended(self.clock)
        else:
            self.complete, self.why, self.packed = True, "no odd cycle at all", 0.0

    def finished(self, max_rounds: int | None, watch: Callable[[float, float], None] | None) -> bool:
        """Report a round, and say whether it was the last: no cut is heavier, or a limit is reached."""
        self.rounds += 1
        if self.turns is not None and not self.closed():
            found = self.turns.take(self.signs, self.bound(), CYCLE_WORK * self.cost.size)
            if (cut := self.reduced.whole.cut(found)) > self.cut:
                self.signs, self.cut = found, cut
        if watch is not None:
            watch(float(self.reduced.whole.value(self.cut)), float(self.bound()))
        if self.closed():
            self.complete, self.why = True, "no cut is heavier"
            return True
        if max_rounds is not None and self.rounds >= max_rounds:
            self.why = "limit of rounds"
            return True
        if self.late():
            self.why = ended(self.clock)
            return True
        if self.give_up is not None and self.give_up(float(self.bound())):
            self.why = "another proof has better prospects"
            return True
        return False

    def late(self) -> bool:
        """Whether the work has to end."""
        return self.clock.stopped

    def settle(
        self, weight: float, max_rounds: int | None, watch: Callable[[float, float], None] | None
    ) -> None:
        """Look for a cut as heavy as the bound where the solved program has many solutions, most not integral.

        The steps end inside the face of solutions. Slightly other costs single out a corner of it, and where the
        relaxation is exact the corner is a cut. The costs only lead to cuts; bound and fractions stay as they are.
        """
        self.complete, self.why = True, "no odd cycle is left"
        noise = np.empty(self.cost.size)
        hashed_uniform(0, noise)
        solved, pool, self.weight = self.y.copy(), self.pool.copy(self.cost.size), weight
        for cost in (self.cost * (1.0 + tilt * noise) for tilt in TILTS for _ in range(TILTED_ROUNDS)):
            weight = self.steps(cost, STEPS, weight)
            rounded = self.round()
            if self.finished(max_rounds, watch):
                break
            self.forget()
            self.separate(rounded, HOPS[1])
        self.y, self.pool = solved, pool

    def steps(self, cost: FloatArray, steps: int, weight: float) -> float:
        """Take first-order steps from where we are; return the last weight of the primal steps."""
        pool, m = self.pool, cost.size
        column = np.maximum(1, np.bincount(pool.edges, minlength=m)).astype(float)
        load = pool.load(pool.multipliers, m)
        return float(
            halpern_steps(
                pool.starts, pool.edges, cost, column, self.y, pool.multipliers, load,
                np.empty(m), np.empty(pool.size), np.empty(m), np.empty(m), weight, steps,
            )
        )  # fmt: skip

    def forget(self) -> None:
        """Drop the cycles that neither carry a multiplier nor are nearly violated."""
        self.pool.keep((self.pool.multipliers > 1e-9) | (self.pool.sums(self.y) < 1.05))

    def improve(self) -> None:
        """Make a packing of the multipliers, and keep it if it is the best so far."""
        pool = self.pool
        packing = np.maximum(pool.multipliers, 0.0)
        load = pool.load(packing, self.cost.size)
        value = 0.0
        for _ in range(3):
            value = tighten_packing(pool.starts, pool.edges, self.cost, packing, load)
        if value > self.packed:
            self.best = (pool.starts, pool.vertices, packing)
            self.packed, self.best_size = value, pool.size

    def close(self, sources: IndexArray, tries: int = 8) -> None:
        """Add odd cycles through some vertices that the fractions do not pay for, avoiding those just found."""
        length = np.clip(self.y, 0.0, 1.0) + HOPS[1]
        for _ in range(tries):
            found = self.graph.cycles(length, sources, SHORT)
            if found[0].size < 2:
                break
            self.pool.add(found, np.add.reduceat(self.y[found[2]], found[0][:-1]) < SHORT)
            length[found[2]] += 0.1

    def separate(self, rounded: SignArray, hop: float) -> int:
        """Add odd cycles that the fractions do not pay for."""
        graph, pool = self.graph, self.pool
        y = np.clip(self.y, 0.0, 1.0)
        sources = graph.cover(graph.frustrated(rounded) & (y < SHORT))
        length, added = y + hop, 0
        for _ in range(3):
            found = graph.cycles(length, sources, SHORT, self.late)
            if found[0].size < 2:
                break
            sums = np.add.reduceat(self.y[found[2]], found[0][:-1])
            added += pool.add(found, sums < SHORT)
            length[found[2]] += 0.1
        return added

    def round(self) -> SignArray:
        """Cut along a spanning tree of the most decided edges, then flip single vertices; keep the best cut.

        Returns the signs of the reduced graph before the flips, which follow the fractions.
        """
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

        graph = self.graph
        x = self.fractions()
        doubt = 1.0 - 2.0 * np.abs(x - 0.5) + 1e-3
        shape = (graph.n, graph.n)
        # of parallel edges the last one counts: it was fixed
        names = graph.tail[::-1].astype(np.int64) * graph.n + graph.head[::-1]
        last = graph.m - 1 - np.unique(names, return_index=True)[1]
        ends = graph.tail[last], graph.head[last]
        tree = minimum_spanning_tree(csr_array((doubt[last], ends), shape))
        cut = csr_array((np.where(x[last] > 0.5, -1.0, 1.0), ends), shape)
        links = tree + tree.T
        signs = np.ones(graph.n, dtype=np.int8)
        apart = cut + cut.T
        _, component = connected_components(links, directed=False)
        for root in np.unique(component, return_index=True)[1].tolist():
            order, before = breadth_first_order(links, root, directed=False)
            later = order[1:]
            turn = np.asarray(apart[later, before[later]]).ravel() if later.size else np.empty(0)
            for v, t in zip(later.tolist(), turn.tolist(), strict=True):
                signs[v] = signs[before[v]] * int(t)
        flipped = signs.copy()
        one_flip(graph.indptr, graph.indices, self.arc_weights, flipped, 50, 1e-12)
        lifted = self.reduced.remaining.lift(flipped)
        value = self.reduced.whole.cut(lifted)
        if value > self.cut:
            self.signs, self.cut = lifted, value
        return signs

    def fractions(self) -> FloatArray:
        """How much each edge of the reduced graph is cut."""
        y = np.clip(self.y, 0.0, 1.0)
        return np.where(self.graph.positive, 1.0 - y, y)

    def bound(self) -> Fraction:
        """Return the bound, up to rounding errors, in the weights' own scale."""
        exact = self.reduced.exact
        packed = Fraction(max(0.0, self.packed)) * (1 << self.reduced.top)
        return (exact.offset + self.reduced.positive_weight - packed) / (1 << exact.shift)

    def closed(self) -> bool:
        """Whether the bound, a little worse for rounding, leaves no room for a heavier cut."""
        whole = self.reduced.whole
        margin = (
            Fraction(float(self.cost.sum()) * 1e-11)
            * (1 << self.reduced.top)
            / (1 << self.reduced.exact.shift)
        )
        return largest_possible_cut(whole, self.bound() + margin) <= whole.value(self.cut)

    def proof(self) -> JsonObject:
        """Return the best packing as a proof for the whole graph, multipliers rounded down.

        Where the limit of time leaves no seconds to check a packing, the sum of the positive weights is the bound.
        """
        leaf: JsonObject = {"kind": "positive"}
        if self.best is not None and CHECK_SECONDS * self.best_size > self.clock.last_seconds(LATE):
            self.best, self.best_size, self.why = None, 0, f"{self.why} before a packing could be checked"
        if self.best is not None:
            starts, vertices, packing = self.best
            bits = FINE_QUANTUM_BITS if self.reduced.exact.shift > 0 else QUANTUM_BITS
            units = np.floor(np.minimum(packing, 4.0) * 2.0**bits).astype(np.int64)  # within 63 bits
            used = units > 0
            lengths = np.diff(starts)
            names = self.reduced.left[vertices[np.repeat(used, lengths)]]
            leaf = {
                "kind": "cycles",
                "lengths": encode_array(lengths[used], "<i4"),
                "vertices": encode_array(names, "<i4"),
                "multipliers": encode_array(units[used], "<i8"),
                "unit": self.reduced.top - bits - self.reduced.exact.shift,
            }
        return after_elimination(self.reduced.gone, leaf)
