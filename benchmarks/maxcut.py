"""Speed, memory and quality of the main job, measured in one run on one thread.

Times are CPU seconds of a warm process (kernels compiled) with wall seconds in brackets; compilation and start-up are
measured apart, each in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import derandkit
from derandkit.datasets import gset, gset_instance
from derandkit.signs.relaxation.semidefinite import relax_cut
from tables import met, stored, timed

#: graph: (seconds for the relaxation, seconds for everything, cut before any local search)
TARGETS = {
    "G1": (0.5, 3.0, 11590),
    "G14": (0.3, 2.0, 3045),
    "G22": (1.0, 5.0, 13270),
    "G27": (1.0, 5.0, 3270),
    "G60": (5.0, 20.0, 14100),
    "G81": (40.0, 90.0, 13880),
}


def main_table(repeats: int = 3) -> str:
    """Relaxation, whole run, quality and verification on the Gset rows."""
    rows = []
    derandkit.maxcut(gset("G32"))  # every kernel is compiled before the clock starts
    for name, (relax_limit, total_limit, cut_target) in TARGETS.items():
        graph = gset(name)
        relaxing = [timed(lambda g=graph: relax_cut(g)) for _ in range(repeats)]  # type: ignore[misc]
        whole = [timed(lambda g=graph: derandkit.maxcut(g, search=None, bound="sdp")) for _ in range(repeats)]  # type: ignore[misc]
        result = whole[0][0]
        verified, verify_wall, _ = timed(lambda r=result, g=graph: derandkit.verify(r, g))  # type: ignore[misc]
        relax_cpu, total_cpu = median(t[2] for t in relaxing), median(t[2] for t in whole)
        ok = (
            relax_cpu < relax_limit
            and total_cpu < total_limit
            and result.cut_value >= cut_target
            and verified.ok
        )
        rows.append(
            (
                f"{name} ({graph.n} / {graph.m})",
                f"{relax_cpu:.2f} ({median(t[1] for t in relaxing):.2f})",
                relax_limit,
                f"{total_cpu:.2f} ({median(t[1] for t in whole):.2f})",
                total_limit,
                result.cut_value,
                cut_target,
                gset_instance(name).best_known,
                f"{result.upper_bound} {result.bound_status}",
                f"{verify_wall:.2f}",
                met(ok),
            )
        )
    header = ("graph", "relaxation to 1e-4", "relaxation <", "whole `maxcut`", "whole <", "cut", "cut >=", "best known",
              "bound", "verify s", "met")  # fmt: skip
    return stored("maxcut/gset", header, rows)


_CVXPY = """
import json, time, networkx as nx
from derandkit.graphs.files import as_graph
from derandkit.signs.relaxation.semidefinite import relax_cut
import derandkit.signs.relaxation.semidefinite as module
graph = as_graph(nx.random_regular_graph(3, {n}, seed=1))
relax_cut(as_graph(nx.random_regular_graph(3, 20, seed=1)))
start = time.process_time(); low = relax_cut(graph, duality_gap={gap!r}); low_seconds = time.process_time() - start
import cvxpy
import numpy as np
A = graph.adjacency().toarray()
X = cvxpy.Variable((graph.n, graph.n), PSD=True)
problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum(cvxpy.multiply(A, X))), [cvxpy.diag(X) == 1])
start = time.process_time(); problem.solve({options}); seconds = time.process_time() - start
value = 0.25 * A.sum() - 0.25 * problem.value
print(json.dumps([low_seconds, low.value, low.bound.value, seconds, value, problem.solver_stats.solver_name]))
"""


def cvxpy_ratio(n: int = 200) -> str:
    """Time of the low-rank sweeps against cvxpy's default solver on a 3-regular graph, in one process."""
    rows = []
    for gap in (1e-4, 1e-6):
        out = run_python(_CVXPY.format(n=n, gap=gap, options=""))
        low_seconds, low, bound, seconds, value, solver = json.loads(out)
        rows.append(
            (f"{gap:g}", f"{low_seconds:.3f}", f"{low:.6f}", f"{bound:.6f}", f"{seconds:.1f} ({solver})",
             f"{value:.6f}",
             f"{seconds / low_seconds:.0f}x", met(seconds / low_seconds >= 100))
        )  # fmt: skip
    header = ("gap", "low-rank s", "value", "certified bound", "cvxpy s", "its value", "ratio", ">= 100x")
    return stored("maxcut/cvxpy", header, rows)


def run_python(code: str) -> str:
    """Run a piece of Python in a process of its own and return what it prints."""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.strip().splitlines()[-1]


def start_up(repeats: int = 5) -> str:
    """Whole processes: help, import, a warm run on a small graph, and the first run on an empty kernel cache."""
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder, "graph.edgelist")
        edges = (f"{k} {(k + step) % 100}\n" for k in range(100) for step in (1, 7))
        graph.write_text("".join(edges), encoding="utf-8")
        command = [sys.executable, "-m", "derandkit"]
        cases = (
            ("derandkit --help", [*command, "--help"], 0.3, False),
            ("import derandkit", [sys.executable, "-c", "import derandkit"], 0.3, False),
            ("python -c pass (for comparison)", [sys.executable, "-c", "pass"], None, False),
            ("derandkit maxcut, 100 vertices, warm", [*command, "maxcut", str(graph)], 2.5, False),
            ("derandkit maxcut, first call on a fresh cache", [*command, "maxcut", str(graph)], 15.0, True),
        )
        rows = []
        for text, arguments, limit, cold in cases:
            walls = []
            for k in range(1 if cold else repeats + 1):
                environment = dict(os.environ)
                if cold:
                    environment["NUMBA_CACHE_DIR"] = str(Path(folder, f"cache{k}"))
                _, wall, _ = timed(
                    lambda a=arguments, e=environment: subprocess.run(
                        a, env=e, check=True, capture_output=True
                    )  # type: ignore[misc]
                )
                walls.append(wall)
            value = walls[0] if cold else median(walls[1:])
            rows.append(
                (
                    text,
                    f"{value:.2f}",
                    "" if limit is None else limit,
                    "" if limit is None else met(value < limit),
                )
            )
    return stored("maxcut/processes", ("whole process", "wall s", "<", "met"), rows)


def run() -> None:
    """Print every table of this file."""
    print("### Maximum cut on Gset rows\n\nCPU seconds (wall seconds), medians of three.\n")
    print(main_table(), flush=True)
    print("\n### Against cvxpy's default solver, 3-regular graph with 200 vertices\n")
    print(cvxpy_ratio(), flush=True)
    print("\n### Start-up and compilation\n")
    print(start_up(), flush=True)
