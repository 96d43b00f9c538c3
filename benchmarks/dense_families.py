"""Proofs for whole families of the Biq Mac library: how many of ten graphs are proven, and in what time.

    python benchmarks/dense_families.py [g05_100 pm1d_100.3 ...]

The search starts from all vertices on one side and makes ten million proposals; its cut goes to branch and bound with
one worker. Seconds are CPU seconds of both, kernels compiled. Every tree goes through JSON and is checked again in
exact arithmetic; the proven cut has to be the published one. Each graph is stored when it is measured, beside those
that are there already, so the work can be spread over hours.
"""

from __future__ import annotations

import statistics
import sys

from dense_proofs import TEN_MINUTES, solve
from derandkit.datasets import biqmac, biqmac_instance, biqmac_names
from derandkit.signs.proofs.branching.tree import branch_and_bound
from proofs import check
from tables import met, stored, stored_beside, stored_rows, timed

#: Seconds of one core within which a graph is to be proven, and how many of a family at least.
REACH = {
    **dict.fromkeys(
        ("g05_60", "g05_80", "pm1s_80", "pm1s_100", "pm1d_80", "w01_100", "pw01_100"), (60.0, 10)
    ),
    **dict.fromkeys(("g05_100", "pm1d_100", "w05_100", "w09_100", "pw05_100", "pw09_100"), (600.0, 8)),
}
GRAPHS, FAMILIES = "dense_families/graphs", "dense_families/families"
HEADER = ("graph", "n / m", "cut", "bound", "nodes", "CPU s", "proven", "check s")


def measure(name: str) -> tuple[object, ...]:
    """Solve and check one graph."""
    graph = biqmac(name)
    bound, _, cpu = timed(lambda: solve(graph, TEN_MINUTES, workers=1))
    (cut, upper), _, checking = timed(lambda: check(graph, bound))
    proven = upper == cut
    if proven and cut != biqmac_instance(name).best_known:
        raise SystemExit(f"{name}: {cut} is proven, {biqmac_instance(name).best_known} is published")
    print(
        f"{name}: {cut} / {float(bound.exact):.3f}, {bound.reason}, {cpu:.1f} s", file=sys.stderr, flush=True
    )
    return (
        name, f"{graph.n} / {graph.m}", cut, upper, bound.nodes, f"{cpu:.1f}", "yes" if proven else "no",
        f"{checking:.1f}",
    )  # fmt: skip


def family_of(name: str) -> str:
    """Return the family of a graph."""
    return biqmac_instance(name).family


def summary(rows: list[list[str]]) -> list[tuple[object, ...]]:
    """Return a line for each family of which graphs were measured."""
    lines: list[tuple[object, ...]] = []
    for family, (seconds, least) in REACH.items():
        of_family = [row for row in rows if family_of(row[0]) == family]
        if not of_family:
            continue
        proven = [row for row in of_family if row[6] == "yes"]
        times = [float(row[5]) for row in proven]
        in_time = sum(x < seconds for x in times)
        whole = len(of_family) == len(biqmac_names(family))
        lines.append(
            (
                family, of_family[0][1].partition(" ")[0], f"{len(of_family)} of {len(biqmac_names(family))}",
                f"{len(proven)}", f"{in_time} in {seconds:.0f} s",
                f"{statistics.median(times):.1f}" if times else "", f"{max(times):.1f}" if times else "",
                max((int(row[4]) for row in proven), default=""),
                f"{max(float(row[7]) for row in of_family):.1f}",
                met(in_time >= least) if whole else "",
            )
        )  # fmt: skip
    return lines


def run(names: tuple[str, ...] = tuple(REACH)) -> None:
    """Measure families, or single graphs of them, one after the other in one warm process."""
    wanted = [name for word in names for name in ((word,) if "." in word else biqmac_names(word))]
    branch_and_bound(
        biqmac("g05_60.2"), node_limit=3, workers=1
    )  # every kernel is compiled before the clock starts
    solve(biqmac("g05_60.1"), TEN_MINUTES, workers=1)
    for name in wanted:
        order = (key for family in REACH for key in biqmac_names(family))
        stored_beside(GRAPHS, HEADER, measure(name), order)
        header = (
            "family", "n", "measured", "proven", "in time", "median CPU s", "greatest CPU s", "most nodes",
            "greatest check s", "met",
        )  # fmt: skip
        table = stored(FAMILIES, header, summary(stored_rows(GRAPHS)))
    print(table)


def run_quick() -> None:
    """Measure one graph of each easy family, and keep nothing."""
    for family in list(REACH)[:7]:
        print(*measure(f"{family}.0"))


if __name__ == "__main__":
    run(tuple(sys.argv[1:]) or tuple(REACH))
