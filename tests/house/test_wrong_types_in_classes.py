"""Classes and their methods refuse what they cannot use in one line, as the functions do: no TypeError from inside."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from tests.house.test_wrong_types import EDGES, WRONG, Q, X

import derandkit as dk
from derandkit.errors import DerandkitError
from derandkit.structure.teacher import Teacher

#: Beside those that no parameter takes: empty things, small numbers, and a generator.
MORE = (*WRONG, [], {}, 5, 0, (x for x in ()), np.float64("inf"))
GRAPH, MODEL = dk.as_graph(EDGES), dk.QuadraticModel.from_qubo(Q)
SAMPLER = dk.GaussianSampler([1.0, 1.0], np.eye(2))
#: What is called, with arguments with which it works; each of them is replaced in turn.
CALLS = {
    "ConditionalExpectations": (dk.ConditionalExpectations, {"nodes": 5, "refine": 2, "order": "given"}),
    "FourierObjective": (dk.FourierObjective, {"X": X, "D": 4, "gamma": 1.0, "kernel": "gaussian"}),
    "GaussianSampler": (dk.GaussianSampler, {"mean": [1.0, 1.0], "spread": np.eye(2)}),
    "HessianDescent": (dk.HessianDescent, {"max_steps": 5, "penalty": 1.0, "accuracy": 0.1}),
    "LemmaDescent": (dk.LemmaDescent, {"penalty": 1.0, "tolerance": 0.1, "max_steps": 5, "memory": 2}),
    "PerturbedGradientDescent": (
        dk.PerturbedGradientDescent,
        {"gradient_lipschitz": 1.0, "hessian_lipschitz": 1.0, "accuracy": 0.1, "rng": 1, "max_steps": 5},
    ),
    "RandomSampling": (dk.RandomSampling, {"samples": 5, "rng": 1, "quantiles": (0.5,)}),
    "RegressionData": (dk.RegressionData, {"X": X, "y": X[:, 0], "names": tuple("abcd"), "task": "numbers"}),
    "QuadraticModel": (dk.QuadraticModel, {"couplings": GRAPH, "linear": np.zeros(4), "offset": 1, "vartype": "spin"}),
    "Arcs.from_arcs": (dk.Arcs.from_arcs, {"arcs": EDGES, "nodes": (0,), "weight": None}),
    "Teacher.from_mapping": (Teacher.from_mapping, {"table": {"link": "relu", "dimension": 3}}),
    "QuadraticModel.from_arrays": (
        dk.QuadraticModel.from_arrays,
        {"i": np.array([0, 0]), "j": np.array([1, 0]), "c": np.array([1.0, 2.0]), "n": 2, "vartype": "binary"},
    ),
    "WeightedGraph.from_edges": (dk.WeightedGraph.from_edges, {"i": [0, 1], "j": [1, 2], "w": [1.0, 2.0], "n": 3}),
    "WeightedGraph.from_networkx": (dk.WeightedGraph.from_networkx, {"G": GRAPH.to_networkx(), "weight": None}),
    "WeightedGraph.from_scipy": (dk.WeightedGraph.from_scipy, {"A": sp.csr_array(np.ones((2, 2)))}),
    "draw": (SAMPLER.draw, {"size": 2, "rng": 1}),
    "coarse": (dk.RegressionData(X, X[:, 0]).coarse, {"most": 5}),
    "with_graph": (dk.maxcut(GRAPH).with_graph, {"graph": GRAPH}),
    "with_instance": (dk.optimize(MODEL).with_instance, {"problem": MODEL}),
    "save": (dk.maxcut(GRAPH).save, {"path": "r.json"}),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_parameter_of_a_class_is_checked(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, good = CALLS[name]
    call(**good)
    said: list[str] = []
    for parameter in good:
        for wrong in MORE:
            try:
                call(**{**good, parameter: wrong})
            except DerandkitError as error:
                said.append(str(error))
            except Exception as error:
                raise AssertionError(f"{name}({parameter}={wrong!r}): {error!r}") from error
    assert said
    assert not [line for line in said if "\n" in line]
