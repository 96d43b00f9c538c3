"""Proofs of cuts: for each instance a cut by search, a bound by odd cycles, and the check of its proof.

The search starts from all vertices on one side and makes a fixed number of proposals; its cut goes into the bound,
which may improve it. Seconds are CPU seconds of search and bound together, kernels compiled; the bound ends at the
limit of the row. Every proof goes through JSON and is checked again in exact arithmetic; a proof that fails stops the
benchmark. A row is proven when no cut can weigh more than the one found, at the granularity of the weights.

``python benchmarks/proofs.py G57 Delaunay`` measures the rows whose names begin so.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

import networkx as nx
import numpy as np

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import largest_possible_cut, proven_bound
from derandkit.datasets import gset
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.proofs.proven_bound import ProvenBound
from derandkit.signs.proofs.strategy import best_bound, odd_cycle_bound
from derandkit.signs.search.search import SearchEffort, search_cut
from planar import FAMILIES, delaunay
from tables import markdown, met, stored, timed


class Row(NamedTuple):
    """An instance and what is to be reached: a gap (0 is a proof of optimality) within some seconds."""

    name: str
    build: Callable[[], WeightedGraph]
    gap: float
    seconds: float
    work: int = 100_000_000
    bound: Callable[..., ProvenBound | None] = odd_cycle_bound


def from_gset(names: str, gap: float, seconds: float, work: int) -> list[Row]:
    """Rows for graphs of the Gset."""
    return [Row(name, lambda k=name: gset(k), gap, seconds, work) for name in names.split()]  # type: ignore[misc]


def regular(n: int, seed: int = 1) -> WeightedGraph:
    """Draw a 3-regular graph by networkx's generator."""
    return as_graph(nx.random_regular_graph(3, n, seed=seed))


def large_regular(seed: int) -> Row:
    """Return a row that goes on from odd cycles to branch and bound."""
    name = f"3-regular, n = 1000, networkx seed {seed}"
    return Row(name, lambda: regular(1000, seed), 0.006, 180.0, 200_000_000, best_bound)


QUICK = (
    *from_gset("G11 G12 G13", 0.0, 10.0, 100_000_000),
    Row("3-regular, n = 300, networkx seed 1", lambda: regular(300), 0.0, 15.0),
    Row("Delaunay, n = 1000", lambda: delaunay(1000), 0.0, 15.0),
    *(Row(f"{name}, n = 5000", lambda f=build: f(5000, 1), 0.0, 180.0) for name, build in FAMILIES.items()),  # type: ignore[misc]
)
LONG = (
    Row("Delaunay, n = 5000", lambda: delaunay(5000), 0.0, 180.0),
    *from_gset("G32 G33 G34", 0.0, 300.0, 100_000_000),
    *from_gset("G48 G49 G50", 0.0, 60.0, 100_000_000),
    *(large_regular(seed) for seed in (0, 1, 2)),
    *from_gset("G70", 0.01, 600.0, 500_000_000),
    *from_gset("G14 G15 G16 G17 G51 G52 G53 G54", 0.034, 300.0, 500_000_000),
    *from_gset("G57 G62 G65 G66 G67 G72", 0.003, 900.0, 300_000_000),
)


def solve(
    graph: WeightedGraph,
    work: int,
    seconds: float,
    method: Callable[..., ProvenBound | None] = odd_cycle_bound,
) -> ProvenBound:
    """Search for a cut from scratch, then bound it; where a gap is left, search again among the settled edges."""
    effort = SearchEffort(work=work)
    found, wall, _ = timed(lambda: search_cut(graph, np.ones(graph.n, dtype=np.int8), effort=effort))
    bound = method(graph, found.signs, effort=effort, time_limit=max(1.0, 0.98 * seconds - 1.1 * wall))
    assert bound is not None
    return bound


def check(graph: WeightedGraph, bound: ProvenBound) -> tuple[Fraction, Fraction]:
    """Return the weights of the cut and of the heaviest that the proof, read back from JSON, leaves possible.

    A proof that is worth something else than its bound says stops the benchmark.
    """
    assert bound.signs is not None
    exact = ExactGraph.from_graph(graph)
    value = proven_bound(exact.copy(), json.loads(json.dumps(bound.proof)))
    assert value == bound.exact
    return exact.value(exact.cut(bound.signs)), largest_possible_cut(exact, value)


def measure(row: Row) -> tuple[object, ...]:
    """Solve and check one instance."""
    graph = row.build()
    bound, _, cpu = timed(lambda: solve(graph, row.work, row.seconds, row.bound))
    (cut, upper), _, checking = timed(lambda: check(graph, bound))
    gap = (upper - cut) / max(1, abs(upper))
    reach = "proven" if row.gap == 0.0 else f"gap <= {row.gap:.1%}"
    print(f"{row.name}: {float(cut):g} / {float(upper):g}, {bound.reason}", file=sys.stderr, flush=True)
    return (
        row.name,
        f"{graph.n} / {graph.m}",
        f"{reach} in {row.seconds:.0f} s",
        cut,
        upper,
        f"{float(gap):.2%}",
        "yes" if gap == 0 else "no",
        f"{cpu:.1f}",
        f"{checking:.1f}",
        met(gap <= row.gap and cpu < row.seconds),
    )


def table(rows: Iterable[Row], address: str | None = None) -> str:
    """Measure rows, one after the other, in one warm process; the result is kept under an address."""
    small = delaunay(60)
    solve(small, 1000, 10.0)  # every kernel is compiled before the clock starts
    solve(regular(60), 1000, 10.0)
    header = ("instance", "n / m", "reach", "cut", "bound", "gap", "proven", "CPU s", "check s", "met")
    measured = [measure(row) for row in rows]
    return stored(address, header, measured) if address else markdown(header, measured)


def run_quick() -> None:
    """Print the rows that take seconds."""
    print("### Proofs, quick rows\n")
    print(table(QUICK), flush=True)


def run() -> None:
    """Print all rows."""
    print("### Proofs\n")
    print(table(QUICK + LONG, "proofs/proofs"), flush=True)


if __name__ == "__main__":
    print(table(row for row in QUICK + LONG if row.name.startswith(tuple(sys.argv[1:]))))
