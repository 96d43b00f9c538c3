"""Time and memory from a thousand to a million vertices, on dense graphs, and of reading, one process a row.

A row is measured by ``python benchmarks/scale.py KIND SIZE`` in a process of its own, so that its peak memory is too:
the graph is made (or read), kernels are compiled on a small graph of the same path, then the clock starts.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tables import markdown, met, stored, timed

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph

SIZES = (1_000, 10_000, 100_000, 1_000_000)
#: forms of a file, as the page calls them
FILES = {
    "edgelist": "edge list",
    "edgelist.gz": "edge list, gzip",
    "rudy": "rudy",
    "names": "edge list between words (`v17 v4`)",
    "weights": "edge list with real weights",
}
DENSE = {"dense +-1": "weights 1 and -1", "dense Gaussian": "Gaussian weights"}
FIRST = {"random": "random graph (n / m)", "power law": "power-law graph (n / m)"}


def build(kind: str, n: int) -> WeightedGraph:
    """Return the graph of a row: sparse kinds have 5 n edges, dense ones all of them."""
    from derandkit.datasets import family, power_law
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.hashing import hashed_uniform

    if kind == "random":
        return family("random", n, degree=10, seed=1)
    if kind == "power law":
        return power_law(n, degree=10, seed=1)
    i, j = np.triu_indices(n, 1)
    draws = np.empty(i.size)
    hashed_uniform(1 << 40, draws)
    if kind == "dense +-1":
        weights = np.where(draws < 0.0, -1.0, 1.0)
    else:
        from scipy.special import ndtri

        weights = ndtri(0.5 * (draws + 1.0))
    return WeightedGraph.from_edges(i, j, weights, n=n)


def measure(kind: str, n: int) -> dict[str, Any]:
    """Solve one graph and verify the record; what was needed, and what came out."""
    import derandkit
    from derandkit.signs.relaxation import lowrank as relaxation

    small = build(kind, 300)
    derandkit.maxcut(small)
    threshold, relaxation.LARGE = relaxation.LARGE, 0  # the kernels of large graphs, too
    derandkit.maxcut(small)
    relaxation.LARGE = threshold
    graph = build(kind, n)
    before = peak()
    result, wall, cpu = timed(lambda: derandkit.maxcut(graph, search=None, bound="sdp"))
    after = peak()
    verified, verify_wall, verify_cpu = timed(lambda: derandkit.verify(result, graph))
    return {
        "n": graph.n, "m": graph.m, "wall": wall, "cpu": cpu, "cut": result.cut_value, "bound": result.upper_bound,
        "status": result.bound_status, "expectation": result.chain["start_expectation"],
        "sweeps": result.relaxation["sweeps"], "rank": result.relaxation["rank"], "ok": verified.ok,
        "verify_wall": verify_wall, "verify_cpu": verify_cpu, "before": before, "peak": after,
        "peak_verified": peak(),
    }  # fmt: skip


def peak() -> float:
    """Return the peak memory of this process in GB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says begins with the memory of the parent
        return int(re.findall(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii"))[0]) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def read(path: str) -> dict[str, Any]:
    """Read one file."""
    from derandkit.graphs.files import read_graph

    graph, wall, cpu = timed(lambda: read_graph(path))
    size = os.path.getsize(path) / 1e6
    return {"n": graph.n, "m": graph.m, "megabytes": size, "wall": wall, "cpu": cpu, "peak": peak()}


def write_files(folder: Path, n: int) -> dict[str, Path]:
    """Write one random graph in every form that is read."""
    graph = build("random", n)
    i, j, _ = graph.edges()
    files = {kind: folder / f"graph-{kind}" for kind in FILES}
    ends = np.column_stack([i, j])
    np.savetxt(files["edgelist"], ends, fmt="%d")
    with gzip.open(files["edgelist.gz"], "wb", compresslevel=1) as packed:
        packed.write(files["edgelist"].read_bytes())
    with files["rudy"].open("w", encoding="ascii") as rudy:
        rudy.write(f"{graph.n} {graph.m}\n")
        np.savetxt(rudy, np.column_stack([ends + 1, np.ones(graph.m, dtype=np.int64)]), fmt="%d")
    np.savetxt(files["names"], ends, fmt="v%d")
    reals = np.random.default_rng(1).normal(size=graph.m).tolist()
    with files["weights"].open("w", encoding="ascii") as weighted:
        weighted.writelines(f"{a} {b} {x!r}\n" for (a, b), x in zip(ends.tolist(), reals, strict=True))
    return files


def alone(*arguments: object) -> dict[str, Any]:
    """Run this file in a process of its own and return what it measured."""
    done = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"scale: {' '.join(map(str, arguments))}: {found['cpu']:.1f} CPU s", file=sys.stderr, flush=True)
    return found


def cut_table(key: str | None, first: str, cases: list[tuple[str, int]]) -> str:
    """One row a graph; `first` heads the column of graphs."""
    rows = []
    for kind, n in cases:
        f = alone(kind, n)
        ok = f["ok"] and (f["n"] < 1_000_000 or (f["wall"] < 300 and f["peak_verified"] < 4))
        bound = f["bound"] if isinstance(f["bound"], int) else f"{f['bound']:.1f}"
        cut = f["cut"] if isinstance(f["cut"], int) else f"{f['cut']:.1f}"
        rows.append(
            (DENSE.get(kind, f"{f['n']} / {f['m']}"), f"{f['cpu']:.1f} ({f['wall']:.1f})", f["sweeps"], f["rank"],
             f"{1e6 * f['cpu'] / f['m']:.1f}", cut, f"{f['expectation']:.0f}", f"{bound} {f['status']}",
             f"{f['cut'] / f['bound']:.4f}", f"{f['verify_cpu']:.1f}", f"{f['before']:.2f}",
             f"{f['peak']:.2f}", f"{f['peak_verified']:.2f}", met(ok))
        )  # fmt: skip
    header = (first, "`maxcut` s", "sweeps", "rank", "us an edge", "cut", "expected", "bound", "ratio", "verify s",
              "GB with graph", "GB maxcut", "peak GB", "met")  # fmt: skip
    return stored(f"scale/{key}", header, rows) if key else markdown(header, rows)


def read_table(n: int) -> str:
    """One row a form of the same graph with 5 n edges."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, path in write_files(Path(folder), n).items():
            f = alone("read", path)
            rows.append(
                (FILES[kind], f"{f['megabytes']:.0f}", f["m"], f"{f['wall']:.1f}", f"{f['peak']:.2f}",
                 met(f["wall"] < 20))
            )  # fmt: skip
    header = ("file", "MB", "edges", "`read_graph` s", "peak GB", "< 20 s")
    return stored("scale/reading", header, rows) if n == 1_000_000 else markdown(header, rows)


def run_quick() -> None:
    """Print what takes minutes: up to 100 000 vertices, and the reading of half a million edges."""
    print(cut_table(None, FIRST["random"], [("random", n) for n in SIZES[:-1]]), flush=True)
    print(f"\n### Reading\n\n{read_table(100_000)}", flush=True)


def run() -> None:
    """Print every table of this file."""
    print(
        "### From a thousand to a million vertices\n\nCPU seconds (wall seconds); met: verified, and at a million"
    )
    print("vertices below 300 s of wall time and 4 GB.\n")
    print(cut_table("random", FIRST["random"], [("random", n) for n in SIZES]), flush=True)
    print()
    print(cut_table("powerlaw", FIRST["power law"], [("power law", n) for n in SIZES]), flush=True)
    print("\n### Dense graphs\n")
    first = "complete graph, n = 5000, m = 12497500"
    print(cut_table("dense", first, [("dense +-1", 5_000), ("dense Gaussian", 5_000)]), flush=True)
    print("\n### Reading\n")
    print(read_table(1_000_000), flush=True)


if __name__ == "__main__":
    print(json.dumps(read(sys.argv[2]) if sys.argv[1] == "read" else measure(sys.argv[1], int(sys.argv[2]))))
