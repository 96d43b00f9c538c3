"""Cases of a tree that are bounded in other processes, of this machine or of a cluster, which do not have the tree.

A process gets the graph, the best cut so far and the way to one case, and returns what it found. Nothing that it is
given depends on which process it is or on what the others do, so the tree does not depend on their number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from derandkit.runtime.clock import Clock, stage
from derandkit.signs.proofs.branching.bounder import Bounder
from derandkit.signs.proofs.branching.node import Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.records import JsonObject
    from derandkit.runtime.processes import Team
    from derandkit.signs.proofs.branching.by_triangles import Multipliers

Contraction = tuple[int, int, bool]


@dataclass(frozen=True, eq=False)
class Case:
    """The way from the whole graph to a case, and what the case that was split hands down."""

    contractions: tuple[Contraction, ...]
    bound: Fraction
    depth: int
    warm: Multipliers | None


@dataclass(frozen=True, eq=False)
class Bounded:
    """What a process found out about a case: the fields of its `Node`, the best cut, and the work it took."""

    gone: list[int]
    leaf: JsonObject
    bound: Fraction
    pair: tuple[int, int] | None
    warm: Multipliers | None
    signs: SignArray
    level: float
    work: int


def bound_elsewhere(team: Team, search: Bounder, cases: Sequence[tuple[Node, Contraction]]) -> list[Bounded]:
    """Bound cases in the processes of a team; fewer come back where the clock stopped.

    Parameters
    ----------
    team : Team
        The processes.
    search : Bounder
        The graph, the best cut so far, and the clock: every case may spend all that is left.
    cases : sequence of (Node, contraction)
        The case that is split, and what makes this one of it.
    """
    clock = search.clock
    work = None if clock.work_left == math.inf else max(clock.work_left, 1e-9)
    seconds = max(clock.seconds_left, 1e-9) if clock.limited else None
    shared = search.graph, search.bound, search.steady, search.incumbent.signs, search.level, work, seconds
    tasks = [(*shared, case_of(node, contraction)) for node, contraction in cases]
    return list(team.run(bound_one, tasks))


def case_of(node: Node, contraction: Contraction) -> Case:
    """Return what a process needs to know of a case."""
    path, step = [contraction], node
    while step.parent is not None:
        assert step.contraction is not None
        path.append(step.contraction)
        step = step.parent
    return Case(tuple(reversed(path)), node.bound, node.depth, node.warm)


def bound_one(
    graph: WeightedGraph,
    kind: str,
    steady: bool,
    signs: SignArray,
    level: float,
    work: float | None,
    seconds: float | None,
    case: Case,
) -> Bounded:
    """Bound a case; this runs in the other process."""
    clock = Clock(seconds, work)
    with stage(clock=clock):
        bounder = Bounder(graph, signs, kind, clock)
        bounder.level, bounder.steady = level, steady
        parent = Node(None, None, [], {}, case.bound)
        for step in case.contractions[:-1]:
            parent = Node(parent, step, [], {}, case.bound)
        parent.depth, parent.warm = case.depth, case.warm
        node = bounder.bound_case(parent, case.contractions[-1])
    return Bounded(
        node.gone,
        node.leaf,
        node.bound,
        node.pair,
        node.warm,
        bounder.incumbent.signs,
        bounder.level,
        bounder.work,
    )
