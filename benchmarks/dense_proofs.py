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

from derandkit.datasets import biqmac, rudy
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.proofs.branching.tree import BranchBound, branch_and_bound
from derandkit.signs.search.search import SearchEffort, search_cut
from proofs import check
from tables import markdown, met, stored_beside, timed

#: Work of branch and bound of some eighty seconds, and of some ten minutes, of one core.
EIGHTY_SECONDS, TEN_MINUTES = 40_000_000_000, 700_000_000_000


class Row(NamedTuple):
    """An instance, and the seconds within which it is to be proven."""

    name: str
    build: Callable[[], WeightedGraph]
    seconds: float
    work: int = EIGHTY_SECONDS


def known(name: str, seconds: float = 60.0, work: int = EIGHTY_SECONDS) -> Row:
    """Return the row of a graph of the Biq Mac library, or of a DIMACS torus."""
    return Row(name, lambda: biqmac(name), seconds, work)


def cubic(n: int, seed: int) -> Row:
    """3-regular, by networkx's generator."""
    return Row(
        f"3-regular, n = {n}, networkx seed {seed}",
        lambda: as_graph(nx.random_regular_graph(3, n, seed=seed)),
        180.0,
    )


QUICK = (
    *(known(f"g05_60.{k}") for k in range(3)),
    known("pm1s_80.0"),
    cubic(300, 0),
)
LONG = (
    *(known(f"g05_80.{k}") for k in range(3)),
    *(known(f"pm1s_100.{k}") for k in range(2)),
    *(known(f"pm1d_80.{k}") for k in range(2)),
    *(known(f"w01_100.{k}") for k in range(2)),
    *(known(f"pw01_100.{k}") for k in range(2)),
    known("ising2.5-100_5555"),
    *(known(f"ising3.0-{n}_5555", 600.0, TEN_MINUTES) for n in (100, 150)),
    known("torusg3-8"),
    known("toruspm3-8-50", 600.0, TEN_MINUTES),
    cubic(500, 1),
)


def solve(graph: WeightedGraph, work: int, workers: int | None = None) -> BranchBound:
    """Search for a cut from scratch, then branch."""
    found = search_cut(graph, np.ones(graph.n, dtype=np.int8), effort=SearchEffort(work=10_000_000))
    return branch_and_bound(graph, signs=found.signs, work_limit=work, workers=workers)


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
        cut,
        upper,
        bound.nodes,
        f"{cpu:.1f}",
        "yes" if proven else "no",
        f"{checking:.1f}",
        met(proven and cpu < row.seconds),
    )


def table(rows: Iterable[Row], address: str | None = None) -> str:
    """Measure rows, one after the other, in one warm process; each is kept under an address, beside the others."""
    for graph in (rudy("-rnd_graph 20 50 1"), cubic(60, 1).build()):
        for kind in ("triangle", "cycle"):  # every kernel is compiled before the clock starts
            branch_and_bound(graph, bound=kind, node_limit=3)
        solve(graph, 1000)
    header = ("instance", "n / m", "cut", "bound", "nodes", "CPU s", "proven", "check s", "met")
    measured = []
    for row in rows:
        measured.append(measure(row))
        if address:
            stored_beside(address, header, measured[-1], (each.name for each in QUICK + LONG))
    return markdown(header, measured)


def run_quick() -> None:
    """Print the rows that take seconds."""
    print("### Branch and bound, quick rows\n")
    print(table(QUICK), flush=True)


def run() -> None:
    """Print all rows."""
    print("### Branch and bound\n")
    print(table(QUICK + LONG, "dense_proofs/dense"), flush=True)


if __name__ == "__main__":
    wanted = (row for row in QUICK + LONG if row.name.startswith(tuple(sys.argv[1:])))
    print(table(wanted, "dense_proofs/dense"))
