"""Derivatives by differences have a resolution: what is called stationary is so, to the accuracy that is stated."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derandkit import (
    GaussianSampler,
    HessianDescent,
    LemmaDescent,
    PerturbedGradientDescent,
    QuadratureObjective,
    derandomize,
    load,
)
from derandkit.engine.differences import differences, missed
from derandkit.status import UNRESOLVED, UNRESOLVED_END, DerandomizationStatus

CONVERGED, STALLED = DerandomizationStatus.CONVERGED, DerandomizationStatus.STALLED
#: How a run may end whose values do not resolve whether it is stationary.
UNKNOWN = ((STALLED, UNRESOLVED), (DerandomizationStatus.DETERMINISTIC, UNRESOLVED_END))
#: Functions of one number, added up over the coordinates, and their derivatives.
WAVES = {
    "bowl": (lambda t: (t - 3.0) ** 2, lambda t: 2.0 * (t - 3.0)),
    "root": (lambda t: np.sqrt(1.0 + (t - 3.0) ** 2), lambda t: (t - 3.0) / np.sqrt(1.0 + (t - 3.0) ** 2)),
    "well": (lambda t: (t**2 - 1.0) ** 2, lambda t: 4.0 * t * (t**2 - 1.0)),
    "wave": (np.cos, lambda t: -np.sin(t)),
    "far": (lambda t: np.sqrt(1.0 + (t - 1e6) ** 2), lambda t: (t - 1e6) / np.sqrt(1.0 + (t - 1e6) ** 2)),
    "wiggle": (
        lambda t: (t - 1.0) ** 2 + 0.1 * np.sin(20.0 * t),
        lambda t: 2.0 * (t - 1.0) + 2.0 * np.cos(20.0 * t),
    ),
    "pit": (lambda t: -np.exp(-((t - 2.0) ** 2)), lambda t: 2.0 * (t - 2.0) * np.exp(-((t - 2.0) ** 2))),
    "quartic": (lambda t: (t - 2.0) ** 4, lambda t: 4.0 * (t - 2.0) ** 3),
}
METHODS = {
    "lemma": LemmaDescent(),
    "hessian": HessianDescent(max_steps=200),
    "perturbed": PerturbedGradientDescent(
        gradient_lipschitz=4, hessian_lipschitz=4, accuracy=0.01, penalty=0.2, rng=1, max_steps=200
    ),
}


def one(function, **options):
    return derandomize(QuadratureObjective(function, dimension=1, **options), GaussianSampler([0.0], [[1.0]]))


def test_an_offset_does_not_hide_a_fall_that_the_values_show():
    """The mean stayed at 0, where the gradient was 0 to all differences, and the end was called stationary."""
    result = one(lambda z: 1e12 + ((z - 3.0) ** 2).sum(axis=1))
    assert abs(float(result.sampler.mean[0]) - 3.0) < 0.01
    assert result.value <= 1e12 + 1e-3
    # what is left of the gradient is not known to be small
    assert (result.status, result.message) in UNKNOWN
    assert 1e-4 < result.stats["gradient_resolution"] < 0.1


@pytest.mark.parametrize("offset", [1e13, 1e15, -1e15])
@pytest.mark.parametrize("known", [False, True])
def test_what_values_do_not_resolve_is_not_called_stationary(offset, known):
    options = {"gradient": lambda z: 2.0 * (z - 3.0)} if known else {}
    result = one(lambda z: offset + ((z - 3.0) ** 2).sum(axis=1), **options)
    slope = 2.0 * abs(float(result.sampler.mean[0]) - 3.0)
    assert result.status is not CONVERGED or slope <= result.stats["accuracy"]
    if result.status is not CONVERGED:
        assert (result.status, result.message) in UNKNOWN


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda z: np.sqrt(1.0 + (z[:, 0] - 1e12) ** 2), lambda b: abs(b - 1e12) / np.hypot(1.0, b - 1e12)),
        (lambda z: (z[:, 0] - 1e15) ** 2, lambda b: 2.0 * abs(b - 1e15)),
    ],
    ids=["root", "square"],
)
def test_a_minimum_far_away_is_not_claimed_at_the_start(function, slope):
    result = one(function)
    assert result.value <= result.start_value
    if result.status is CONVERGED:
        assert slope(float(result.sampler.mean[0])) <= result.stats["accuracy"]
    else:
        assert (result.status, result.message) in UNKNOWN


def test_a_saddle_that_the_values_do_not_resolve_is_no_minimum():
    """The curvature was known to be negative, and no step along it lowered values that are rounded to 0.125."""
    for known in (False, True):
        options = {
            "gradient": lambda z: 4.0 * z * (z**2 - 1.0),
            "hessian_product": lambda z, v: (12.0 * z**2 - 4.0) * v,
        }
        result = one(lambda z: 1e15 + (z[:, 0] ** 2 - 1.0) ** 2, **(options if known else {}))
        assert result.status is not CONVERGED


@settings(max_examples=60)
@given(
    name=st.sampled_from(sorted(WAVES)),
    method=st.sampled_from(sorted(METHODS)),
    offset=st.one_of(st.just(0.0), st.floats(0.0, 15.0).map(lambda e: 10.0**e)),
    sign=st.sampled_from([1.0, -1.0]),
    size=st.floats(-3.0, 3.0).map(lambda e: 10.0**e),
    scale=st.floats(-3.0, 3.0).map(lambda e: 10.0**e),
    known=st.booleans(),
    said=st.booleans(),
    spread=st.sampled_from([0.0, 0.1, 1.0]),
    mean=st.lists(st.sampled_from([0.0, 0.3, 2.0]), min_size=1, max_size=2),
)
def test_converged_means_that_the_true_gradient_is_below_the_accuracy(
    name, method, offset, sign, size, scale, known, said, spread, mean
):
    value, slope = WAVES[name]

    def gradient(z):
        return size / scale * slope(z / scale)

    objective = QuadratureObjective(
        lambda z: sign * offset + size * value(z / scale).sum(axis=1),
        dimension=len(mean),
        gradient=gradient if known else None,
        nodes=64,
        scale=scale if said else 1.0,
    )
    law = GaussianSampler(scale * np.array(mean), scale * spread * np.eye(len(mean)))
    with np.errstate(all="ignore"):
        result = derandomize(objective, law, method=METHODS[method])
    if result.status is CONVERGED:
        true = float(np.linalg.norm(gradient(result.sampler.mean[None])))
        assert true <= result.stats["accuracy"] * (1.0 + 1e-9)


def test_the_message_is_that_of_the_record(tmp_path):
    result = one(lambda z: 1e14 + ((z - 3.0) ** 2).sum(axis=1))
    record = json.loads(result.to_json())
    assert (record["status"], record["message"]) in {(status.name.lower(), text) for status, text in UNKNOWN}
    result.save(tmp_path / "stalled.json")
    again = load(tmp_path / "stalled.json")
    assert (again.message, again.to_dict()) == (result.message, result.to_dict())


def test_ordinary_functions_keep_their_steps():
    """Values that have digits are looked at over the usual step, and no further."""
    seen = []

    def bowl(z):
        seen.append(len(z))
        return ((z - 3.0) ** 2).sum(axis=1)

    points = np.array([[0.5, 1.0], [2.0, 0.0]])
    found = differences(bowl, points, 2.0)
    assert (seen, found.change) == ([2] * 4, None)
    assert np.allclose(found.gradients, 2.0 * (points - 3.0), atol=1e-8)


@pytest.mark.parametrize("distance", [0.0, 1e-7, 0.01])
def test_a_kink_between_the_two_values_of_a_difference_is_seen(distance):
    point = np.array([distance])
    found = differences(lambda z: np.abs(z[:, 0]), point[None, :], 1.0)
    away = missed(lambda z: np.abs(z[:, 0]), point, found, 1.0)
    # at the kink itself all differences are 0; the step is 6e-6
    assert (away > 0.5) == (distance == 1e-7)


def test_what_the_length_of_a_step_does_is_in_the_accuracy():
    """Wiggles of a twentieth beside 10^5: the longer step that rounding asks for is off by as much as rounding."""

    def wiggle(z):
        t = z[:, 0] / 0.005
        return 1e5 + 0.2 * ((t - 1.0) ** 2 + 0.1 * np.sin(20.0 * t))

    point = np.array([0.006])
    found = differences(wiggle, point[None, :], 0.006)
    true = 40.0 * (2.0 * 0.2 + 2.0 * np.cos(24.0))
    assert abs(found.gradients[0, 0] - true) <= found.error + missed(wiggle, point, found, 0.006)


def test_a_constant_is_not_called_stationary():
    """All values are equal, and may be so because they are rounded."""
    result = one(lambda z: np.full(len(z), 2.0))
    assert result.status is DerandomizationStatus.DETERMINISTIC


def test_a_curvature_of_differences_is_called_an_estimate():
    """The differences add what the length of their steps does: "at least 0.00936744", and it is 0.00936381."""
    start = GaussianSampler([1.0], [[10.0]])

    def value(z):
        return z[:, 0] ** 4 + 1e6

    found = derandomize(QuadratureObjective(value, dimension=1), start)
    assert found.stationarity.curvature_method == "differences"
    assert re.search(r"curvature +about .*\(differences\)", str(found))
    exact = QuadratureObjective(
        value, gradient=lambda z: 4.0 * z**3, dimension=1, hessian_product=lambda z, a: 12.0 * z**2 * a
    )
    found = derandomize(exact, start)
    assert found.stationarity.curvature_method == "dense"
    assert found.stationarity.smallest_curvature <= 12.0 * found.sampler.mean[0] ** 2
    assert "at least" in str(found)
