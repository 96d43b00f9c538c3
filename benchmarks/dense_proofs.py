"""Proofs by branch and bound: dense graphs by triangles, cubic ones by odd cycles.

The search starts from all vertices on one side and makes ten million proposals; its cut goes to branch and bound,
which may improve it and stops after a fixed amount of work. Seconds are CPU seconds of search and branching together,
kernels compiled. Every tree goes through JSON and is checked again in exact arithmetic; one that is worth something
else than stated stops the benchmark.

``python benchmarks/dense_proofs.py g05-60 pm1`` measures the rows whose names begin so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple

import networkx as nx
import numpy as np

from derandkit.datasets import rudy
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.proofs.branching.tree import BranchBound, branch_and_bound
from derandkit.signs.search.search import SearchEffort, search_cut
from proofs import check
from tables import markdown, met, stored, timed


class Row(NamedTuple):
    """An instance, and the seconds within which it is to be proven."""

    name: str
    build: Callable[[], WeightedGraph]
    seconds: float
    work: int = 150_000_000_000


def half_dense(n: int, seed: int) -> Row:
    """Like the g05 instances of the Biq Mac library: unit weights, density one half."""
    return Row(f"g05-{n}, rudy seed {seed}", lambda: rudy(f"-rnd_graph {n} 50 {seed}"), 300.0)


def signed(n: int, density: int, seed: int) -> Row:
    """Like the pm1 instances: weights +1 and -1."""
    spec = f"-rnd_graph {n} {density} {seed} -random 0 1 {seed} -times 2 -plus -1"
    kind = "pm1d" if density > 90 else "pm1s"
    return Row(f"{kind}-{n}, density {density} %, rudy seed {seed}", lambda: rudy(spec), 300.0)


def cubic(n: int, seed: int) -> Row:
    """3-regular, by networkx's generator."""
    return Row(
        f"3-regular, n = {n}, networkx seed {seed}",
        lambda: as_graph(nx.random_regular_graph(3, n, seed=seed)),
        180.0,
    )


QUICK = (
    half_dense(40, 1),
    *(half_dense(60, seed) for seed in (1, 2, 3)),
    signed(60, 99, 1),
    cubic(300, 0),
)
LONG = (
    *(half_dense(80, seed) for seed in (1, 2, 3)),
    signed(80, 10, 1),
    signed(80, 99, 1),
    *(half_dense(100, seed) for seed in (1, 2)),
    signed(100, 10, 1),
    signed(100, 99, 1),
    cubic(500, 1),
    cubic(1000, 0),
)


def solve(graph: WeightedGraph, work: int) -> BranchBound:
    """Search for a cut from scratch, then branch."""
    found = search_cut(graph, np.ones(graph.n, dtype=np.int8), effort=SearchEffort(work=10_000_000))
    return branch_and_bound(graph, signs=found.signs, work_limit=work)


def measure(row: Row) -> tuple[object, ...]:
    """Solve and check one instance."""
    graph = row.build()
    bound, _, cpu = timed(lambda: solve(graph, row.work))
    (cut, upper), _, checking = timed(lambda: check(graph, bound))
    proven = upper == cut
    print(
        f"{row.name}: {float(cut):g} / {float(bound.exact):.3f}, {bound.reason}, {cpu:.1f} s",
        file=sys.stderr,
        flush=True,
    )
    return (
        row.name,
        f"{graph.n} / {graph.m}",
        f"{float(cut):g}",
        f"{float(upper):g}",
        bound.nodes,
        f"{cpu:.1f}",
        "yes" if proven else "no",
        f"{checking:.1f}",
        met(proven and cpu < row.seconds),
    )


def table(rows: Iterable[Row], address: str | None = None) -> str:
    """Measure rows, one after the other, in one warm process; the result is kept under an address."""
    for row in (half_dense(20, 1), cubic(60, 1)):
        for kind in ("triangle", "cycle"):  # every kernel is compiled before the clock starts
            branch_and_bound(row.build(), bound=kind, node_limit=3)
        solve(row.build(), 1000)
    header = ("instance", "n / m", "cut", "bound", "nodes", "CPU s", "proven", "check s", "met")
    measured = [measure(row) for row in rows]
    return stored(address, header, measured) if address else markdown(header, measured)


def run_quick() -> None:
    """Print the rows that take seconds."""
    print("### Branch and bound, quick rows\n")
    print(table(QUICK), flush=True)


def run() -> None:
    """Print all rows."""
    print("### Branch and bound\n")
    print(table(QUICK + LONG, "dense_proofs/dense"), flush=True)


if __name__ == "__main__":
    print(table(row for row in QUICK + LONG if row.name.startswith(tuple(sys.argv[1:]))))
