"""Steps in a record against the limit of its run: exactly what a run can make, and not one more."""

from __future__ import annotations

import copy
import functools

import numpy as np
import pytest
from tests.structure.test_structure_certificate import case

pytest.importorskip("jax")

import derandkit
from derandkit import HessianDescent, RegressionData, Student, Teacher, discover_structure
from derandkit.certificates.structure.form import most_steps
from derandkit.records import sealed
from derandkit.structure.methods import StochasticGradient

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 2))
PROBLEMS = {
    "teacher": Teacher("tanh", 2),
    "data": RegressionData(X, np.tanh(X[:, 0])),
    "two kinds of nodes": Teacher("tanh", 4, nodes=8 * 2048, evaluation_nodes=2048),
}
METHODS = {
    "lemma": "lemma",
    "hessian": HessianDescent(),
    "sgd": StochasticGradient("sgd", step_size=0.05, batch=8, rng=0),
}
LIMIT = 9


@functools.cache
def _record(problem, method):
    found = discover_structure(
        PROBLEMS[problem],
        Student(width=2),
        penalty=1e-3,
        method=METHODS[method],
        max_steps=LIMIT,
        controls=False,
    )
    return found.to_dict()


def _history(record, problem):
    verdict = derandkit.verify(sealed({k: v for k, v in record.items() if k != "sha256"}), PROBLEMS[problem])
    return next(check for check in verdict.checks if check.name == "history")


@pytest.mark.parametrize(
    ("problem", "method", "most"),
    [
        ("teacher", "lemma", 2 * LIMIT + 2),
        ("teacher", "hessian", LIMIT),
        ("data", "lemma", 2 * LIMIT + 2),
        ("data", "hessian", LIMIT),
        ("two kinds of nodes", "lemma", 2 * LIMIT + 2 + 2 * (LIMIT // 4) + 2),
        ("two kinds of nodes", "hessian", LIMIT + LIMIT // 4),
    ],
)
def test_a_record_has_as_many_steps_as_a_run_can_make_and_not_one_more(problem, method, most):
    record = _record(problem, method)
    assert record["stats"]["steps"] <= most
    assert _history(record, problem).verdict.holds
    for made, good in ((most, True), (most + 1, False)):
        forged = {**record, "stats": {**record["stats"], "steps": made}}
        assert _history(forged, problem).passed is good, made


def test_a_stochastic_run_has_made_each_step():
    record = _record("teacher", "sgd")
    assert record["stats"]["steps"] == LIMIT
    for made in (LIMIT - 1, LIMIT + 1):
        forged = {**record, "stats": {**record["stats"], "steps": made}, "evaluations": made}
        assert not _history(forged, "teacher").passed


@pytest.mark.parametrize("limit", [0, 1, 7])
@pytest.mark.parametrize("problem", ["teacher", "data"])
def test_runs_stay_within_the_count(problem, limit):
    for method in ("lemma", HessianDescent()):
        for penalty in (1e-4, 1.0):
            record = discover_structure(
                PROBLEMS[problem],
                Student(width=3),
                penalty=penalty,
                method=method,
                max_steps=limit,
                controls=False,
            ).to_dict()
            assert record["stats"]["steps"] <= most_steps(record["settings"]["method"], limit, False)


def test_a_step_size_is_compared_where_its_power_is_not_known():
    """With ten million steps ten digits do not say what is left, and then the step size was compared with nothing."""
    problem, record = case("grid")
    forged, steps = copy.deepcopy(record), 10**7
    step = (1.0 + 1e-9) / record["settings"]["penalty"]  # its factor is -1, nearly
    forged["evaluations"] = steps
    forged["controls"]["decay"] |= {"steps": steps, "left": 0.7, "step_size": step}
    checks = {check.name: check for check in derandkit.verify(sealed(forged), problem).checks}
    assert checks["decay"].verdict.value == "FAILED"
    assert "longest step" in checks["decay"].detail
