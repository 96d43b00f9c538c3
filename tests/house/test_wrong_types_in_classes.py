"""Classes and their methods refuse what they cannot use in one line, as the functions do: no TypeError from inside."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import scipy.sparse as sp
from tests.house.test_wrong_types import EDGES, WRONG, Q, X

import derandkit as dk
from derandkit import datasets
from derandkit.errors import DerandkitError
from derandkit.structure.teacher import Teacher

#: Beside those that no parameter takes: empty things, small numbers, and a generator.
MORE = (*WRONG, [], {}, 5, 0, (x for x in ()), np.float64("inf"), 2**62)
GRAPH, MODEL = dk.as_graph(EDGES), dk.QuadraticModel.from_qubo(Q)
SAMPLER = dk.GaussianSampler([1.0, 1.0], np.eye(2))
LAW = dk.GaussianSampler(np.zeros(4), np.eye(4))
ISOTROPIC = dk.GaussianSampler(np.zeros(8), 0.5)
OBJECTIVES = {
    "QuadratureObjective": (dk.QuadratureObjective(lambda z: (z**2).sum(axis=1), dimension=4), LAW),
    "CutObjective": (dk.CutObjective(GRAPH, 0.1), LAW),
    "MeanObjective": (dk.MeanObjective(X, 2), ISOTROPIC),
    "ProbabilityObjective": (dk.ProbabilityObjective(X, 2, eps=0.5), ISOTROPIC),
    "ExponentialObjective": (dk.ExponentialObjective(X, 2, eps=0.5), ISOTROPIC),
    "FourierObjective": (dk.FourierObjective(X, 2), ISOTROPIC),
}
ROWS = np.sin(np.arange(80.0)).reshape(40, 2)
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
    "WeightedGraph.from_edges": (
        dk.WeightedGraph.from_edges,
        {"i": [0, 1], "j": [1, 2], "w": [1.0, 2.0], "n": 3, "labels": ["a", "b", "c"]},
    ),
    "WeightedGraph.from_networkx": (dk.WeightedGraph.from_networkx, {"G": GRAPH.to_networkx(), "weight": None}),
    "WeightedGraph.from_scipy": (dk.WeightedGraph.from_scipy, {"A": sp.csr_array(np.ones((2, 2)))}),
    "draw": (SAMPLER.draw, {"size": 2, "rng": 1}),
    "coarse": (dk.RegressionData(X, X[:, 0]).coarse, {"most": 5}),
    "with_graph": (dk.maxcut(GRAPH).with_graph, {"graph": GRAPH}),
    "with_instance": (dk.optimize(MODEL).with_instance, {"problem": MODEL}),
    "palubeckis": (datasets.palubeckis, {"n": 9, "density": 50, "seed": 1}),
    "pardalos_rodgers": (
        datasets.pardalos_rodgers,
        {"n": 3, "density": 0.5, "seed": 1, "pairs": (0, 9), "diagonal": (-9, 0)},
    ),
    "power_law": (datasets.power_law, {"n": 9, "degree": 2, "seed": 1}),
    "rudy": (datasets.rudy, {"recipe": "-rnd_graph 5 25 3"}),
    "names": (
        lambda gset, biqmac, qubo, family: (
            datasets.gset_instance(gset), datasets.biqmac_instance(biqmac), datasets.qubo_instance(qubo),
            datasets.biqmac_names(family),
        ),
        {"gset": "G1", "biqmac": "t2g10_5555", "qubo": "gka1a", "family": "dimacs"},
    ),
    "identify_gset": (datasets.identify_gset, {"graph": GRAPH}),
    "Clauses.exact_value": (dk.Clauses.from_clauses([(1, 2)]).exact_value, {"solution": [1, 0]}),
    "Clauses.figures": (dk.Clauses.from_clauses([(1, 2)]).figures, {"solution": [1, 0]}),
    "Arcs.figures": (dk.Arcs.from_arcs(EDGES).figures, {"solution": [1, 0, 0, 1]}),
    "SignedGraph.figures": (dk.SignedGraph(GRAPH).figures, {"solution": [1, -1, 1, 1]}),
    **{
        f"{name}.{method}": (getattr(objective, method), {"sampler": law})
        for name, (objective, law) in OBJECTIVES.items()
        for method in ("value", "mean_gradient", "curvature_trace")
        if hasattr(objective, method)
    },
    **{
        f"{name}.curvature": (objective.curvature, {"sampler": law, "directions": np.eye(law.dimension)})
        for name, (objective, law) in OBJECTIVES.items()
    },
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


ESTIMATORS = {
    "StructureClassifier": (dk.StructureClassifier, {"width": 2, "max_steps": 1}),
    "StructureRegressor": (dk.StructureRegressor, {"width": 2, "max_steps": 1}),
    "DerandomizedProjection": (dk.DerandomizedProjection, {"n_components": 1}),
    "DerandomizedFourierFeatures": (dk.DerandomizedFourierFeatures, {}),
}
#: Numbers beyond what any of their parameters takes; wide networks and many steps are left out, for their time.
BEYOND = (1e300, 10**400, -(10**400), "wrong", object(), float("nan"), [None], {"a": [1]})


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_every_parameter_of_an_estimator_is_checked(name):
    if name.startswith("Structure"):
        pytest.importorskip("jax")
    estimator, good = ESTIMATORS[name]
    classes = (ROWS[:, 0] > 0.0).astype(float)
    said: list[str] = []
    for parameter in inspect.signature(estimator).parameters:
        for wrong in BEYOND:
            if parameter == "max_steps" and wrong == 10**400:  # as many steps as it takes
                continue
            try:
                estimator(**{**good, parameter: wrong}).fit(ROWS, classes)
            except DerandkitError as error:
                said.append(str(error))
            except Exception as error:
                raise AssertionError(f"{name}({parameter}={wrong!r:.60}): {error!r}") from error
    assert said
    assert not [line for line in said if "\n" in line]


@pytest.mark.parametrize("number", [10**400, -(10**400), 1e300, float("nan"), "many"])
def test_numbers_beyond_all_draws_are_refused_at_once(number):
    with pytest.raises(dk.InputError, match="draws must be a whole number"):
        dk.compare([EDGES], methods=["hyperplane"], draws=number)
