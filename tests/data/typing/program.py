"""What a user writes, for type checkers in strict mode."""

from pathlib import Path

import networkx as nx
import numpy as np

import derandkit as dk


def cut(folder: Path) -> float:
    graph = dk.WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [1, 2, 3])
    result = dk.maxcut(graph, bound="best", search="quick", time_limit=5.0, on_interrupt="return")
    if result.status is dk.CutStatus.OPTIMAL and result.proven_optimal:
        print(result.cut_value + 1, result.upper_bound - 1)
    side: dict[object, int] = dict(result.sides)
    result.save(folder / "cut.json")
    verification = dk.verify(folder / "cut.json", graph)
    if not verification:
        verification.raise_if_failed()
    names = [check.name for check in verification.checks]
    again = dk.load(folder / "cut.json", graph)
    print(side, names, again)
    bound = dk.cycle_bound(graph)
    print(bound.value)
    return float(result.cut_value)


def networks() -> None:
    result = dk.maxcut(nx.petersen_graph(), fixed={0: 1}, pairs=[(0, 1, "opposite")])
    print(result.cut_value)


def models() -> None:
    glass = dk.minimize_ising({"a": 0.5}, {("a", "b"): 1.0}, bound="cycle", search=None)
    print(glass.value + 1.0, glass.bound, glass.proven_optimal, glass.solution["a"])
    sat = dk.max2sat([(1, 2), (-1, 2)], weights=[1, 2])
    print(sat.status.ok)


def points() -> None:
    X = np.sin(np.arange(60.0) ** 2).reshape(12, 5)
    result = dk.embed(X, n_components=3, objective="mean")
    print(result.transform(X).shape, result.distortion + 1.0)


def engine() -> None:
    well = dk.QuadratureObjective(lambda z: ((z**2 - 1) ** 2).sum(axis=1), dimension=2)
    answer = dk.derandomize(well, dk.GaussianSampler([0.1, -0.2], np.eye(2)), method=dk.LemmaDescent())
    print(answer.value + 1, answer.start_value, answer.sampler.mean.sum())


def progress(state: dk.Progress) -> None:
    print(state.stage)


dk.maxcut("G22", on_progress=progress)
