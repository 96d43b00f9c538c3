"""The search on graphs with published cuts: the Biq Mac families and the DIMACS tori, from all vertices on one side.

The work is counted: two million proposals, and up to 330 million on the chains with long-range couplings, where a
search ends at the published cut. Seconds are CPU seconds of one thread, kernels compiled, of all instances together.
"""

from __future__ import annotations

import sys

import numpy as np

from derandkit.datasets import biqmac, biqmac_instance, biqmac_names
from derandkit.signs.search.search import SearchEffort, search_cut
from tables import markdown, stored, timed

CHAINS = ("ising2.5", "ising3.0")
QUICK, LONG = 2_000_000, 330_000_000


def reached(name: str) -> tuple[float, float]:
    """Return how far below the published cut the search ends, as a share of it, and the CPU seconds."""
    case, graph = biqmac_instance(name), biqmac(name)
    work = LONG if case.family in CHAINS else QUICK
    effort = SearchEffort(work=work, target=case.best_known)
    found, _, cpu = timed(lambda: search_cut(graph, np.ones(graph.n, dtype=np.int8), effort=effort))
    return (case.best_known - graph.cut_value(found.signs)) / case.best_known, cpu


def row(family: str) -> tuple[object, ...]:
    """Measure a family."""
    names = biqmac_names(family)
    print(f"biqmac: {family}", file=sys.stderr, flush=True)
    found = [reached(name) for name in names]
    sizes = sorted({biqmac_instance(name).n for name in names})
    return (
        family,
        f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]}-{sizes[-1]}",
        f"{LONG if family in CHAINS else QUICK:.1e}".replace("e+0", "e"),
        f"{sum(gap <= 0.0 for gap, _ in found)} of {len(names)}",
        f"{100 * max(gap for gap, _ in found):.3f}",
        f"{max(cpu for _, cpu in found):.2f}",
        f"{sum(cpu for _, cpu in found):.1f}",
    )


def table(families: list[str], address: str | None) -> str:
    """Measure families, and store the table where it has an address."""
    for name in ("g05_60.0", "t2g10_5555", "ising2.5-100_7777"):
        reached(name)  # every kernel is compiled before the clock starts
    rows = [row(family) for family in families]
    header = (
        "family",
        "n",
        "work",
        "published cut reached",
        "worst gap %",
        "greatest CPU s",
        "CPU s together",
    )
    return stored(address, header, rows) if address else markdown(header, rows)


def run_quick() -> None:
    """Print the small families."""
    print(table(["g05_60", "t2g"], None), flush=True)


def run() -> None:
    """Print all families."""
    families = dict.fromkeys(biqmac_instance(name).family for name in biqmac_names())
    print(table([family for family in families if family not in CHAINS], "biqmac/search"), flush=True)
    print(f"\n{table(list(CHAINS), 'biqmac/chains')}", flush=True)


if __name__ == "__main__":
    run()
