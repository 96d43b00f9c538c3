"""A network of the user's own from start values of the user's own: training begins there, and the record says so."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest

pytest.importorskip("jax")

import jax.numpy as jnp

import derandkit
from derandkit import InputError, Student, Teacher, discover_structure
from derandkit.records import sealed

W, B = np.array([[1.0, 0.5, 0.0], [0.0, -1.0, 0.25]]), np.array([0.1, -0.2])
THETA = {"v": np.array([1.0, -0.5]), "c": np.array(0.25)}


def network(parameters, z):
    return jnp.tanh(z) @ parameters["v"] + parameters["c"]


def problem():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((120, 3))
    return X, np.tanh(X[:, 0] - X[:, 1]) + 0.1 * rng.standard_normal(120)


@functools.cache
def trained(steps=0):
    student = Student(2, network=network, parameters=THETA, weights=W, bias=B)
    data = derandkit.RegressionData(*problem())
    return data, discover_structure(
        data, student, loss="squared", penalty=0.01, upper_penalty=0.0, max_steps=steps, controls=False
    )


def test_training_begins_where_the_user_says():
    data, found = trained()
    assert found.W_start.tolist() == found.W.tolist() == W.tolist()
    assert found.b.tolist() == B.tolist()
    assert found.student.start == "given"
    rows, (shift, unit) = data.rows[0], data.units
    Z = data.whiten(data.X[rows]) @ W.T + B
    residual = np.tanh(Z) @ THETA["v"] + THETA["c"] - (data.y[rows] - shift) / unit
    assert found.training_loss == pytest.approx(np.mean(residual**2), rel=1e-8)


def test_it_is_trained_from_there_and_each_time_the_same():
    data, found = trained(20)
    assert found.W_start.tolist() == W.tolist()
    assert found.training_loss < trained()[1].training_loss
    trained.cache_clear()
    assert trained(20)[1].to_json() == found.to_json()
    outcome = derandkit.verify(found, data)
    assert set(outcome.failed) <= set(outcome.not_checked)  # of a network that is not in the record
    record = json.loads(found.to_json())
    assert type(found).from_json(found.to_json()).student.start == "given"
    record["student"]["start"] = "balanced"
    assert derandkit.verify(sealed(record), data).failed == ("parameters",)


def test_built_in_networks_begin_by_their_formula():
    data = derandkit.RegressionData(*problem())
    found = discover_structure(data, Student(2), penalty=0.01, max_steps=0, controls=False)
    record = json.loads(found.to_json())
    record["student"]["start"] = "given"
    assert not derandkit.verify(sealed(record), data).ok


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bias": None}, "both weights and bias"),
        ({"network": None}, "below a network of your own"),
        ({"weights": W[:1]}, r"weights need shape \(2, inputs\)"),
        ({"bias": [0.0, np.nan]}, "finite"),
        ({"weights": "rows"}, "no array of numbers"),
    ],
)
def test_mistakes_are_named(change, message):
    with pytest.raises(InputError, match=message):
        Student(2, **{"network": network, "parameters": THETA, "weights": W, "bias": B, **change})


def test_another_number_of_inputs_is_named():
    student = Student(2, network=network, parameters=THETA, weights=W, bias=B)
    with pytest.raises(InputError, match="weights are for 3 inputs, and the problem has 2"):
        discover_structure(Teacher("tanh", 2, 1), student, penalty=0.01, max_steps=0, controls=False)
