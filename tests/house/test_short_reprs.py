"""Every public class is shown in one short line, whatever arrays it holds, and so is all that hangs on it."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator

import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import DerandkitError

MOST = 400
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 12))
EDGES = [(i, j) for i in range(24) for j in range(i) if RNG.random() < 0.4]
Q = RNG.normal(size=(12, 12))
#: Enumerations and errors hold no arrays, and their words are their message.
WORDS = (DerandkitError, dk.Interrupted)


def objects() -> Iterator[object]:
    """Give an object of every public class."""
    graph = dk.as_graph(EDGES)
    yield from (
        dk.maxcut(graph), dk.maxcut(graph, fixed={0: 0}), dk.maxcut(graph, solutions=2), dk.relax_cut(graph),
        dk.branch_and_bound(dk.as_graph([(k, (k + 1) % 9) for k in range(9)])), dk.triangle_bound(graph, max_rounds=1),
        dk.cycle_bound(graph, max_rounds=1), dk.search_cut(graph, np.ones(graph.n, dtype=np.int8)),
    )  # fmt: skip
    yield dk.verify(dk.maxcut(graph), graph)
    yield dk.verify(dk.maxcut(graph), graph).checks[0]
    objective = dk.QuadratureObjective(lambda z: (z**2).sum(axis=1), dimension=12)
    sampler = dk.GaussianSampler(np.ones(12), np.eye(12))
    derandomized = dk.derandomize(objective, sampler)
    yield from (graph, objective, sampler, derandomized, derandomized.history, derandomized.stationarity)
    yield from (dk.check_objective(objective, sampler), dk.CutObjective(graph, 1.0))
    model = dk.QuadraticModel.from_qubo(Q + Q.T)
    yield from (model, dk.minimize_qubo(Q + Q.T), dk.cut_norm(Q), dk.optimize_with_cardinality(model, size=4))
    yield from (dk.Arcs.from_arcs(EDGES), dk.SignedGraph(graph))
    yield dk.Clauses.from_clauses([(k + 1, -k - 2) for k in range(200)])
    cloud, embedded = dk.PointCloud(X), dk.embed(X, n_components=3)
    yield from (cloud, embedded, dk.random_features(X, n_features=8), dk.measure_rows(X, embedded))
    yield from (dk.scan_pairs(X, embedded), dk.DerandomizedProjection(3).fit(X))
    yield dk.DerandomizedFourierFeatures(8).fit(X)
    yield from (dk.MeanObjective(X, 2), dk.ExponentialObjective(X, 2, eps=0.5), dk.FourierObjective(X, 4))
    yield dk.ProbabilityObjective(X, 2, 0.5)
    data = dk.RegressionData(X, np.tanh(X[:, 0]))
    yield from (data, dk.Teacher("tanh", 40, directions=RNG.normal(size=(3, 40))))
    yield dk.Student(
        30,
        network=lambda v, z: z @ v,
        parameters=np.ones(30),
        weights=RNG.normal(size=(30, 12)),
        bias=np.zeros(30),
    )
    yield from (
        dk.LemmaDescent(),
        dk.HessianDescent(),
        dk.PerturbedGradientDescent(1.0, 1.0, 0.1),
        dk.ConditionalExpectations(),
    )
    yield from (
        dk.RandomSampling(),
        dk.StochasticGradient(),
        dk.SearchEffort(),
        dk.Progress("search", 1.0, 2.0),
    )
    yield from (dk.StructureRegressor(), dk.StructureClassifier())
    yield dk.compare([EDGES], methods=["greedy"])[0]


#: Made in minutes (a trained network) or by users (a reader): their reprs are tested where they are made.
ELSEWHERE = {"GaussianObjective", "GraphReader", "NetworkCertificate", "StructureResult"}


def test_every_public_class_and_what_it_holds_is_shown_in_one_short_line():
    seen: set[str] = set()
    long: set[str] = set()
    for found in objects():
        seen.add(type(found).__name__)
        parts = [
            part
            for name, _ in inspect.getmembers(type(found), lambda member: isinstance(member, property))
            if not name.startswith("_")
            for part in [getattr(found, name, None)]
        ]
        if dataclasses.is_dataclass(found):
            parts += [
                getattr(found, field.name) for field in dataclasses.fields(found) if field.name[0] != "_"
            ]
        for shown in (found, *parts):
            if type(shown).__module__.startswith("derandkit"):
                line = repr(shown)
                if "\n" in line or len(line) > MOST:
                    long.add(f"{type(shown).__module__}.{type(shown).__name__}")
    assert not long
    public = {
        name
        for name in dk.__all__
        if inspect.isclass(kind := getattr(dk, name))
        and not issubclass(kind, WORDS)
        and not name.endswith("Status")
    }
    assert public - seen == ELSEWHERE & public


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        (dk.Student(4), "Student(width=4, depth=2, activation='tanh'"),
        (
            dk.DerandomizationHistory({"objective": (2.0,) * 999}),
            "DerandomizationHistory(999 rows, objective 2 to 2)",
        ),
        (dk.DerandomizationHistory({}), "DerandomizationHistory(0 rows)"),
        (dk.Verification(()), "Verification(nothing checked; 0 checks)"),
    ],
)
def test_the_lines_say_what_matters(shown, line):
    assert repr(shown).startswith(line)
