"""The whole Gset: cuts after so many seconds beside the best known and beside other solvers on the same core.

Everything runs on one thread of one process, kernels compiled before the clock starts. Ours is the whole search from a
given start: the lemma's cut, whose time is shown apart. The others get the same wall time, in the settings that were
found best for them (see `OPPONENTS`); a run of one-exchange, which cannot be cut short, is let end. Ours stops when it
has reached the best cut known, and shows the time that took.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

import derandkit
from derandkit.datasets import gset, gset_instance, gset_names
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.baselines import randomized as random_baselines
from derandkit.signs.search.search import SearchEffort
from tables import markdown, met, stored, stored_rows, timed

#: A row of each kind and size, for `make bench`.
SUBSET = ("G1", "G14", "G22", "G27", "G32", "G35", "G43", "G55", "G63", "G64", "G70", "G81")
#: seconds: (mean gap, worst gap, how many equal the best known) to be reached, gaps in percent.
TARGETS = {5.0: (0.25, 1.0, 0), 60.0: (0.05, 0.4, 45)}


#: The last inverse temperature and the schedule that served the others best on G22, G35 and G55.
BETA_MAX, SCHEDULE = 4.0, "linear"


#: The first and the last inverse temperature.
Betas = tuple[float, float]


def annealing(graph: WeightedGraph, seconds: float, betas: Betas | None) -> float:
    """dwave-samplers' simulated annealing: one read, as many sweeps as fit, its own temperatures if none are given."""
    from dwave.samplers import SimulatedAnnealingSampler

    sampler, model = SimulatedAnnealingSampler(), _model(graph)
    return _repeat(graph, seconds, lambda sweeps, seed: sampler.sample(
        model, num_reads=1, num_sweeps=sweeps, beta_range=betas, seed=seed, beta_schedule_type=SCHEDULE
    ))  # fmt: skip


def tabu(graph: WeightedGraph, seconds: float) -> float:
    """dwave-samplers' tabu search with one read and the whole time as its timeout."""
    from dwave.samplers import TabuSampler

    sample = TabuSampler().sample(_model(graph), num_reads=1, timeout=int(1000 * seconds), seed=1)
    return _cut(graph, sample)


def openjij(graph: WeightedGraph, seconds: float, betas: Betas | None) -> float:
    """Openjij's simulated annealing: one read a call, as many sweeps as fit, its own temperatures if none are given."""
    from openjij import SASampler

    i, j, w = graph.edges()
    couplings = dict(zip(zip(i.tolist(), j.tolist(), strict=True), w.tolist(), strict=True))
    low, high = (None, None) if betas is None else betas
    return _repeat(graph, seconds, lambda sweeps, seed: SASampler().sample_ising(
        {}, couplings, num_reads=1, num_sweeps=sweeps, seed=seed, beta_min=low, beta_max=high))  # fmt: skip


def one_exchange(graph: WeightedGraph, seconds: float) -> float:
    """Networkx's `one_exchange`, its steps taken from running gains: a run to its end, however long, then more."""
    best, end, seed = -math.inf, time.perf_counter() + seconds, 1
    while seed == 1 or time.perf_counter() < end:
        best = max(best, random_baselines.one_exchange(graph, seed).value)
        seed += 1
    return best


OPPONENTS: dict[str, Callable[[WeightedGraph, float], float]] = {
    "dwave SA": lambda graph, seconds: annealing(graph, seconds, usual_betas(graph)),
    "dwave tabu": tabu,
    "openjij SA": lambda graph, seconds: openjij(graph, seconds, usual_betas(graph)),
    "one-exchange": one_exchange,
}


def _model(graph: WeightedGraph) -> Any:
    import dimod

    model = dimod.BinaryQuadraticModel(vartype="SPIN")
    model.add_linear_from((v, 0.0) for v in range(graph.n))
    model.add_quadratic_from(zip(*(column.tolist() for column in graph.edges()), strict=True))
    return model


def usual_betas(graph: WeightedGraph) -> Betas:
    """Return the range of inverse temperatures: hot as in our own runs, cold where no flip that loses is left.

    In units of the root-mean-square weight, which is 1 on the Gset.
    """
    size = math.sqrt(float((graph.weights**2).mean()))
    return 1.0 / (0.5 * size * math.sqrt(2.0 * graph.m / graph.n)), BETA_MAX / size


def _cut(graph: WeightedGraph, samples: Any) -> float:
    state = samples.first.sample
    signs = np.array([state.get(v, 1) for v in range(graph.n)], dtype=np.int8)
    return float(graph.cut_value(np.where(signs > 0, 1, -1)))


def _repeat(graph: WeightedGraph, seconds: float, call: Callable[[int, int], Any]) -> float:
    """Spend the time on one long run: a short call gives the speed, the rest of the time goes into one more."""
    start = time.perf_counter()
    probe = max(20, int(2e6 / graph.n))
    best = _cut(graph, call(probe, 1))
    spent = time.perf_counter() - start
    seed, left = 2, seconds - spent
    pace = spent / probe
    while left > 2.0 * pace * probe:
        sweeps = max(probe, int(0.9 * left / pace))
        start = time.perf_counter()
        best = max(best, _cut(graph, call(sweeps, seed)))
        took = time.perf_counter() - start
        pace, left, seed = took / sweeps, left - took, seed + 1
    return best


def rows(names: Sequence[str], seconds: float, opponents: Sequence[str]) -> list[dict[str, Any]]:
    """Measure every instance; each row is printed as soon as it is there when ``GSET_LOG`` names a file."""
    derandkit.maxcut(gset("G11"), search=SearchEffort(work=1_000_000))
    found = []
    for name in names:
        graph, known = gset(name), gset_instance(name)
        start = time.perf_counter()
        plain = derandkit.maxcut(graph, search=None, bound="sdp")
        relaxed = time.perf_counter() - start
        effort = SearchEffort(work=2**62, time_limit=seconds, target=known.best_known)
        start = time.perf_counter()
        searched = derandkit.search_cut(graph, plain.signs, effort=effort)
        took = time.perf_counter() - start
        cut = graph.cut_value(searched.signs)
        row: dict[str, Any] = {
            "name": name, "cut": cut, "known": known.best_known, "took": took, "lemma": plain.cut_value,
            "relaxed": relaxed, "others": {other: OPPONENTS[other](graph, seconds) for other in opponents},
        }  # fmt: skip
        row["gap"] = 100.0 * (known.best_known - cut) / known.best_known
        found.append(row)
        if "GSET_LOG" in os.environ:
            with open(os.environ["GSET_LOG"], "a", encoding="utf-8") as log:
                log.write(f"{row}\n")
    return found


def table(found: Sequence[dict[str, Any]], seconds: float) -> str:
    """Return the rows and what they amount to."""
    others = list(found[0]["others"])
    header = ("graph", "lemma (s)", f"cut <= {seconds:g} s", "s", "best known", "gap %", *others, "margin")
    body = []
    for row in found:
        rival = max(row["others"].values(), default=math.nan)
        body.append((
            row["name"], f"{row['lemma']} ({row['relaxed']:.1f})", row["cut"], f"{row['took']:.1f}", row["known"],
            f"{row['gap']:.3f}", *(f"{value:.0f}" for value in row["others"].values()),
            "" if math.isnan(rival) else f"{row['cut'] - rival:+.0f}",
        ))  # fmt: skip
    gaps = [row["gap"] for row in found]
    equal = sum(gap <= 0 for gap in gaps)
    mean_limit, worst_limit, count = TARGETS[seconds]
    ok = np.mean(gaps) <= mean_limit and max(gaps) <= worst_limit and (equal >= count or len(found) < 71)
    text = (
        f"{len(found)} graphs: mean gap {np.mean(gaps):.3f} % (<= {mean_limit}), worst {max(gaps):.3f} % "
        f"(<= {worst_limit}), {equal} equal to the best known (>= {count} of 71); met: {met(bool(ok))}"
    )
    if others:
        lost = [row["name"] for row in found if row["cut"] < max(row["others"].values())]
        text += f"; below an opponent on {', '.join(lost) or 'none'}"
    return f"{markdown(header, body)}\n\n{text}"


def together(short: Sequence[dict[str, Any]], long: Sequence[dict[str, Any]]) -> str:
    """Return the page's table: both budgets, beside the other solvers at the shorter one."""
    others = list(short[0]["others"])
    header = (
        "graph",
        "best known",
        "lemma (s)",
        "<= 5 s (s)",
        "gap %",
        "<= 60 s (s)",
        "gap %",
        *others,
        "margin at 5 s",
    )
    body = [
        (
            a["name"], a["known"], f"{a['lemma']} ({a['relaxed']:.1f})", f"{a['cut']} ({a['took']:.1f})",
            f"{a['gap']:.3f}",
            f"{b['cut']} ({b['took']:.1f})", f"{b['gap']:.3f}", *(f"{value:.0f}" for value in a["others"].values()),
            f"{a['cut'] - max(a['others'].values()):+.0f}",
        )
        for a, b in zip(short, long, strict=True)
    ]  # fmt: skip
    return stored("gset/cuts", header, body)


def solvers(found: Sequence[dict[str, Any]]) -> str:
    """Return what every other solver loses to the best cut known, and on how many graphs ours is heavier or lighter."""
    header = ("solver", "mean gap", "worst gap", "derandkit ahead on", "behind on")
    body = []
    for other in found[0]["others"]:
        gaps = [100.0 * (1.0 - row["others"][other] / row["known"]) for row in found]
        margins = [row["cut"] - row["others"][other] for row in found]
        heavier, lighter = sum(x > 0 for x in margins), sum(x < 0 for x in margins)
        body.append((other, f"{np.mean(gaps):.3f} %", f"{max(gaps):.3f} %", heavier, lighter))
    return stored("gset/solvers", header, body)


def records(names: Sequence[str], address: str | None = None) -> str:
    """Return a table of whole runs, ``maxcut(graph, search="quick", bound="sdp")``, each record checked.

    The record goes through JSON before the check, which sees nothing else but the graph.
    """
    header = ("graph", "lemma", "cut", "best known", "SDP bound", "gap %", "CPU s", "checked", "check s")
    body, refused, proven = [], [], []
    for name in names:
        graph, known = gset(name), gset_instance(name).best_known
        result, _, spent = timed(partial(derandkit.maxcut, graph, search="quick", bound="sdp"))
        verdict, _, checking = timed(partial(derandkit.verify, json.loads(result.to_json()), graph))
        refused += [] if verdict.ok else [name]
        proven += [name] if result.proven_optimal else []
        body.append((
            name, result.chain["derandomized_cut"], result.cut_value, known,
            f"{result.upper_bound:g} {result.bound_status}", f"{100.0 * result.gap:.2f}", f"{spent:.1f}",
            "ok" if verdict.ok else "NO", f"{checking:.1f}",
        ))  # fmt: skip
    text = (
        f"{len(body)} graphs, proven optimal by this bound: {', '.join(proven) or 'none'}; "
        f"not verified: {', '.join(refused) or 'none'}"
    )
    shown = stored(address, header, body) if address else markdown(header, body)
    return f"{shown}\n\n{text}"


def defaults(names: Sequence[str]) -> str:
    """Return a table of ``maxcut(graph)`` beside the lemma's cut alone and that of 0.1.0, which did not search.

    Raises
    ------
    SystemExit
        A cut is lighter than that of 0.1.0.
    """
    before = {row[0]: int(float(row[2].split()[0])) for row in stored_rows("gset/cuts")}
    header = ("graph", "0.1.0", "lemma alone", "cut", "best known", "gap %", "bound", "CPU s")
    body, lighter = [], []
    for name in names:
        graph, known = gset(name), gset_instance(name).best_known
        result, _, spent = timed(partial(derandkit.maxcut, graph))
        cut = int(result.cut_value)
        lighter += [name] if cut < before[name] else []
        body.append((
            name, before[name], int(result.chain.get("derandomized_cut", cut)), cut, known,
            f"{100.0 * (known - cut) / known:.3f}", f"{result.upper_bound:g} {result.bound_status}", f"{spent:.2f}",
        ))  # fmt: skip
    shown = stored("gset/defaults", header, body)
    gaps = [float(row[5]) for row in body]
    if lighter:
        raise SystemExit(f"lighter than with 0.1.0: {', '.join(lighter)}")
    return f"{shown}\n\nmean gap {np.mean(gaps):.3f} %, worst {max(gaps):.3f} %"


def run() -> None:
    """Print every row at 5 seconds beside the other solvers, at 60 seconds, and whole runs: hours."""
    names = [*gset_names(), "G23-2002"]
    short, long = _show(names, (5.0, 60.0))
    print(f"### Both together\n\n{together(short, long)}\n\n{solvers(short)}\n", flush=True)
    print(f"### By default\n\n{defaults(names)}\n", flush=True)
    print(f"### Whole runs\n\n{records(names, 'gset/whole')}\n", flush=True)


def run_quick() -> None:
    """Print the subset at 5 seconds beside the other solvers."""
    _show(SUBSET, (5.0,))


def _show(names: Sequence[str], budgets: Sequence[float]) -> list[list[dict[str, Any]]]:
    found = []
    for seconds in budgets:
        opponents = list(OPPONENTS) if seconds == 5.0 else []
        print(f"### {seconds:g} seconds a graph, one core\n")
        found.append(rows(list(names), seconds, opponents))
        print(f"{table(found[-1], seconds)}\n", flush=True)
    return found
