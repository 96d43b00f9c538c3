"""Cuts under real weights after so many seconds, beside simulated annealing by others on the same core.

Graphs of the Gset get weights by an explicit formula: uniform, Gaussian, or with a power-law tail. The others get the
same wall time twice, with their own range of temperatures and with the one that served them best on unit weights (in
units of the root-mean-square weight), and the better cut counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import ndtri

import derandkit
from derandkit.datasets import gset
from derandkit.graphs.graph import WeightedGraph
from derandkit.numerics.hashing import hashed_uniform
from derandkit.signs.search.search import SearchEffort
from gset import Betas, annealing, openjij, usual_betas
from tables import markdown, stored

GRAPHS = ("G22", "G35", "G32", "G55", "G64", "G81")
WEIGHTS = {
    "uniform": lambda u: u,
    "Gaussian": ndtri,
    "power law": lambda u: u ** (-1.0 / 1.5),  # no variance
}
SECONDS = 5.0


def weighted(name: str, kind: str) -> WeightedGraph:
    """Return a graph of the Gset with weights of one kind."""
    graph = gset(name)
    i, j, _ = graph.edges()
    draws = np.empty(graph.m)
    hashed_uniform(1 << 42, draws)
    return WeightedGraph.from_edges(i, j, WEIGHTS[kind](0.5 * (draws + 1.0)), n=graph.n)


def annealed(
    graph: WeightedGraph, seconds: float, sampler: Callable[[WeightedGraph, float, Betas | None], float]
) -> float:
    """Return the better of two runs of the whole time: with its own temperatures, with those for unit weights."""
    return max(sampler(graph, seconds, betas) for betas in (None, usual_betas(graph)))


def table(names: Sequence[str], seconds: float) -> str:
    """Measure all rows."""
    ours = "derandkit"
    body = []
    for kind in WEIGHTS:
        for name in names:
            graph = weighted(name, kind)
            plain = derandkit.maxcut(graph, search=None, bound="sdp")
            effort = SearchEffort(work=2**62, time_limit=seconds)
            cuts = {ours: graph.cut_value(derandkit.search_cut(graph, plain.signs, effort=effort).signs)}
            cuts["dwave SA"] = annealed(graph, seconds, annealing)
            cuts["openjij SA"] = annealed(graph, seconds, openjij)
            best = max(value for sampler, value in cuts.items() if sampler != ours)
            body.append(
                (f"{name}, {kind}", f"{plain.cut_value:.2f}", *(f"{value:.2f}" for value in cuts.values()),
                 f"{100.0 * (cuts[ours] / best - 1.0):+.3f}")
            )  # fmt: skip
    header = ("graph, weights", "lemma", f"{ours} {seconds:g} s", "dwave SA", "openjij SA", "margin %")
    return stored("weighted/weighted", header, body) if len(names) == len(GRAPHS) else markdown(header, body)


def run_quick() -> None:
    """Print two graphs."""
    _show(GRAPHS[:2])


def run() -> None:
    """Print all rows."""
    _show(GRAPHS)


def _show(names: Sequence[str]) -> None:
    derandkit.maxcut(weighted("G11", "uniform"), search=SearchEffort(work=3_000_000))  # kernels are compiled
    print(f"### Real weights, {SECONDS:g} seconds a graph, one core\n\n{table(names, SECONDS)}\n", flush=True)


if __name__ == "__main__":
    run()
