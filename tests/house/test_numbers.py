"""Every public option that is a real number refuses what is no finite number, in one line that names it."""

from __future__ import annotations

import functools
import inspect
import math
import re

import numpy as np
import pytest
from tests.inputs import refused

import derandkit as dk

TRIANGLE = [(0, 1), (1, 2), (0, 2)]
#: What a call makes, and no one passes: the numbers of a result, of a step, of a model that is built otherwise.
MADE = frozenset(
    ["Arcs", "ComparisonRow", "CutNorm", "CutRelaxation", "Derandomization", "DerandomizationHistory", "Progress",
     "NetworkCertificate", "PairsScanned", "QuadraticModel", "RowsMeasured", "Stationarity", "VerificationCheck"]
)  # fmt: skip
#: No end of a range: as much work as it takes.
ENDLESS = {("verify", "allow_work")}


def _optimised(**options):
    return dk.optimize(dk.QuadraticModel.from_qubo({(0, 1): 1}), **options)


def _bowl():
    return dk.QuadratureObjective(lambda z: z[:, 0] ** 2, dimension=1)


def _projected(**options):
    return dk.DerandomizedProjection(n_components="auto", **options).fit(np.eye(4))


def _fitted(estimator, **options):
    rows = np.sin(np.arange(80.0)).reshape(40, 2)
    return estimator(width=2, max_steps=1, **options).fit(rows, (rows[:, 0] > 0.0).astype(float))


def _certified(**options):
    rows = np.sin(np.arange(80.0)).reshape(40, 2)
    layer = {"weights": [[1.0, 0.1]], "bias": [0.0]}
    return dk.certify_network(
        lambda z: z[0], rows, rows[:, 0], **layer, **{"steps": 3, "step_size": 0.1, **options}
    )


def _graph():
    return dk.as_graph(TRIANGLE)


def _perturbed(**options):
    return dk.PerturbedGradientDescent(
        **{"gradient_lipschitz": 1.0, "hessian_lipschitz": 1.0, "accuracy": 0.1, **options}
    )


#: Public function -> how it is called with options; all of its options that are real numbers are tried.
CALLS = {
    "CutObjective": lambda **options: dk.CutObjective(_graph(), **options),
    "DerandomizedFourierFeatures": lambda **options: dk.DerandomizedFourierFeatures(**options).fit(np.eye(4)),
    "DerandomizedProjection": _projected,
    "ExponentialObjective": lambda **options: dk.ExponentialObjective(
        np.eye(3), 2, **{"eps": 0.5, **options}
    ),
    "HessianDescent": lambda **options: dk.HessianDescent(**options),
    "LemmaDescent": lambda **options: dk.LemmaDescent(**options),
    "PerturbedGradientDescent": _perturbed,
    "ProbabilityObjective": lambda **options: dk.ProbabilityObjective(np.eye(3), 2, **options),
    "FourierObjective": lambda **options: dk.FourierObjective(np.eye(3), 4, **options),
    "QuadraticModel.from_arrays": lambda **options: dk.QuadraticModel.from_arrays(
        *map(np.array, ([0], [1], [1.0])), n=2, vartype="spin", **options
    ),
    "QuadratureObjective": lambda **options: dk.QuadratureObjective(
        lambda z: z[:, 0], dimension=1, **options
    ),
    "RandomSampling": lambda **options: dk.RandomSampling(quantiles=(options["quantiles"],)),
    "discover_structure": lambda **options: dk.discover_structure(
        dk.Teacher("tanh", 2, nodes=64, evaluation_nodes=64), dk.Student(width=2), max_steps=1, **options
    ),
    "optimize_with_cardinality": lambda **options: dk.optimize_with_cardinality(
        dk.QuadraticModel.from_qubo({(0, 1): 1}), 1, **options
    ),
    "random_features": lambda **options: dk.random_features(np.eye(4), 4, **options),
    "with_cardinality": lambda **options: dk.with_cardinality(
        dk.QuadraticModel.from_qubo({(0, 1): 1}), 1, **options
    ),
    "QuadraticModel.from_ising": lambda **options: dk.QuadraticModel.from_ising({0: 1}, {}, **options),
    "QuadraticModel.from_qubo": lambda **options: dk.QuadraticModel.from_qubo({(0, 1): 1}, **options),
    "SearchEffort": lambda **options: dk.SearchEffort(**{"work": 10, **options}),
    "SearchEffort.of": lambda **options: dk.SearchEffort.of("quick", _graph(), **options),
    "StochasticGradient": lambda **options: dk.StochasticGradient(**options),
    "StructureClassifier": lambda **options: _fitted(dk.StructureClassifier, **options),
    "StructureRegressor": lambda **options: _fitted(dk.StructureRegressor, **options),
    "Student": lambda **options: dk.Student(width=2, **options),
    "Teacher": lambda **options: dk.Teacher("tanh", 2, nodes=64, evaluation_nodes=64, **options),
    "branch_and_bound": lambda **options: dk.branch_and_bound(_graph(), **options),
    "certify_network": _certified,
    "check_objective": lambda **options: dk.check_objective(
        _bowl(), dk.GaussianSampler([0.0], [[1.0]]), **options
    ),
    "compare": lambda **options: dk.compare({"triangle": TRIANGLE}, methods=["lemma"], **options),
    "cycle_bound": lambda **options: dk.cycle_bound(_graph(), **options),
    "derandomize": lambda **options: dk.derandomize(_bowl(), dk.GaussianSampler([0.0], [[1.0]]), **options),
    "embed": lambda **options: dk.embed(
        np.eye(4), **({} if "eps" in options else {"n_components": 2}), **options
    ),
    "maxcut": lambda **options: dk.maxcut(TRIANGLE, **options),
    "maximize_ising": lambda **options: dk.maximize_ising({0: 1}, {}, **options),
    "maximize_qubo": lambda **options: dk.maximize_qubo({(0, 1): 1}, **options),
    "minimize_ising": lambda **options: dk.minimize_ising({0: 1}, {}, **options),
    "minimize_qubo": lambda **options: dk.minimize_qubo({(0, 1): 1}, **options),
    "min_dim": lambda **options: dk.min_dim(10, eps=0.5, **options),
    "optimize": _optimised,
    "relax_cut": lambda **options: dk.relax_cut(TRIANGLE, **options),
    "triangle_bound": lambda **options: dk.triangle_bound(_graph(), **options),
    "verify": lambda **options: dk.verify(dk.maxcut(TRIANGLE), TRIANGLE, **options),
}


def numbers_of(function):
    """Return the names of the parameters that are annotated as real numbers."""
    parameters = inspect.signature(function).parameters.values()
    return [
        one.name
        for one in parameters
        if "float" in str(one.annotation) and not re.search("Array|Mapping", str(one.annotation))
    ]


@pytest.mark.parametrize("name", CALLS)
def test_an_option_that_is_a_number_refuses_what_is_none(name):
    options = numbers_of(functools.reduce(getattr, name.split("."), dk))
    assert options
    for option in options:
        for value in (math.nan, math.inf, -math.inf, "much", [1.0]):
            if value == math.inf and (name, option) in ENDLESS:
                continue
            message = refused(CALLS[name], **{option: value})
            assert option in message or option.replace("_", " ") in message, (option, value, message)


def test_no_public_function_with_such_an_option_is_left_out():
    found = set()
    for name in dk.__all__:
        function = getattr(dk, name)
        made = name in MADE or name.endswith("Result") or not callable(function)
        if not made and not (isinstance(function, type) and issubclass(function, BaseException)):
            found.update([name] if numbers_of(function) else [])
    assert found == {name for name in CALLS if "." not in name}
