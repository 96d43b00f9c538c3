"""What underflows in a pass through a network is not known to be zero: a later weight may make it large again."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from derandkit.certificates.checks import Verdict, vague
from derandkit.certificates.structure.networks import loss_derivatives
from derandkit.certificates.structure.passes import bounds, sums
from derandkit.certificates.structure.rounding import (
    TINY,
    UNIT,
    forward_bounds,
    length,
    length_bound,
    loss_bounds,
)

#: Weights of a chain of units above the first layer, the output weight, and the bias of the first layer.
CHAINS = {
    "forward": ("relu", [1e-170, 1e150, 1e150, 1e50], 1.0, 1e-170),
    "backward": ("relu", [1e110, 1e110, 1e110, 0.4], 5e-324, 5e-324),
    "smooth": ("tanh", [1e125, 1e125, 1e125, 1e-170], 1e-160, 0.0),
}


def chain(name, outputs):
    """A network of one unit in each layer, which is 1 at the last one where the chain is smooth, on three rows."""
    kind, weights, v, b = CHAINS[name]
    student = {
        "width": 1, "depth": len(weights) + 2, "activation": kind, "sharpness": None, "output_bias": True,
    }  # fmt: skip
    biases = [0.0] * (len(weights) - 1) + [1.0 if kind == "tanh" else 0.0]
    theta = [x for pair in zip(weights, biases, strict=True) for x in pair] + [v] * outputs + [0.5] * outputs
    points, targets = np.array([[1.0], [-2.0], [0.5]]), np.array([1.0, 0.0, 2.0])
    targets = targets if outputs == 1 else np.column_stack([targets] * outputs)
    nodes = SimpleNamespace(points=points, targets=targets, weights=np.full(3, 1 / 3))
    return student, (np.zeros((1, 1)), np.array([b]), np.array(theta)), nodes


def exact_slope(name):
    """The derivative of the output in the input of the first layer, and what the output is beside its offset."""
    kind, weights, v, b = CHAINS[name]
    slope = Fraction(v) * (Fraction(1.0 - math.tanh(1.0) ** 2) if kind == "tanh" else 1)
    for weight in weights:
        slope *= Fraction(weight)
    return slope, slope * Fraction(b) if kind == "relu" else Fraction(v * math.tanh(1.0))


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("name", CHAINS)
def test_what_underflows_is_within_the_bounds(name, outputs):
    """A product that underflowed to zero had the error zero, and a risk of 1e20 was known to be 1.3 to 2e-14."""
    student, parameters, nodes = chain(name, outputs)
    second = student["activation"] == "tanh"
    with np.errstate(all="ignore"):
        found = sums(student, "squared", parameters, nodes, second=second)
        limit = bounds(student, "squared", parameters, nodes, second=second)
    slope, beside = exact_slope(name)
    residuals = [Fraction(0.5) + beside - Fraction(y) for y in (1.0, 0.0, 2.0)]
    risk = float(sum(Fraction(1 / 3) * r * r for r in residuals))
    in_W = float(
        slope
        * sum(Fraction(2 / 3) * r * Fraction(x) for r, x in zip(residuals, (1.0, -2.0, 0.5), strict=True))
    )
    assert not abs(found.risk - risk) > limit.risk * (1.0 + 1e-9) + 1e-12
    assert not abs(found.W[0, 0] - in_W) > limit.W[0, 0]
    assert abs(in_W) > 1e3 * abs(found.W[0, 0]) + 1.0  # which is what the bound once did not show
    assert vague(float(limit.W[0, 0]), 1.0)
    if second:
        assert not 2.0 * float(slope) ** 2 > limit.curvature[0, 0]


@pytest.mark.parametrize("outputs", [1, 2])
def test_zeros_that_are_exact_stay_at_the_kink(outputs):
    """An absolute error for every product would make the slope of each unit without weights an open question."""
    student, (W, b, theta), nodes = chain("backward", outputs)
    layers = forward_bounds(student, W, 0.0 * b, [(np.zeros((1, 1)), np.zeros(1))] * 4, nodes.points)
    assert all(not errors.any() for _, triple in layers for errors in triple)
    limit = bounds(student, "squared", (W, 0.0 * b, 0.0 * theta), nodes, second=False)
    assert float(limit.W[0, 0]) <= 10.0 * TINY


def test_norms_of_numbers_whose_squares_underflow():
    """The squares of 1e-170 are zero, and a gradient of that length was known to be none."""
    assert length(np.array([3e-170, 4e-170])) == pytest.approx(5e-170, rel=1e-15)
    assert length(np.array([3e170, 4e170])) == pytest.approx(5e170, rel=1e-15)
    assert length(np.array([5e-324])) == 5e-324
    assert length(np.zeros(3)) == 0.0
    assert math.isnan(length(np.array([1.0, np.nan]))), length(np.array([np.nan, np.inf]))
    assert length_bound(np.full(4, 1e-200), 1.0, 4) >= 8.0 * UNIT
    assert length_bound(np.full(4, 1e-200), 0.0, 4) >= 2e-200
    assert math.isnan(length_bound(np.array([np.nan]), 1.0, 1))


@pytest.mark.parametrize("y", [0.0, 1.0])
def test_the_slope_of_the_logistic_loss_rounds_at_the_size_of_the_share(y):
    """The share at f = 0 is 1/2 and rounds as such, whatever f is: the bound was a multiple of f."""
    f = np.array([0.0, 1e-30, -1e-12])
    limit = loss_bounds("logistic", f, np.full(3, y), np.zeros(3))[1]
    assert np.all(limit >= 0.5 * UNIT)
    assert np.all(limit <= 40.0 * UNIT)
    exact = [1.0 / (1.0 + math.exp(-x)) - y for x in f]
    assert np.all(np.abs(loss_derivatives("logistic", f, np.full(3, y))[1] - exact) <= limit)


def test_gradients_of_what_is_not_frozen_have_an_error_where_they_are_computed_as_zero():
    """With anything frozen, every entry that came out as zero was known to be zero: one was 6e22."""
    pytest.importorskip("jax")
    from derandkit import RegressionData, Student, discover_structure
    from derandkit.certificates.structure import claims
    from derandkit.certificates.structure.recomputed import Recomputed
    from derandkit.records import encode_array

    X = np.random.default_rng(0).standard_normal((40, 2))
    data = RegressionData(X, X[:, 0])
    student = Student(width=2, depth=3, activation="relu")
    result = discover_structure(
        data, student, penalty=1e-3, upper_penalty=0.0, rank=1, max_steps=1, controls=False, frozen=["bias"]
    )
    record = json.loads(result.to_json())
    case = Recomputed(record, data)
    b, W, theta = case.b, np.zeros((2, 2)), case.theta.copy()
    unit = int(np.argmax(b))
    K = next(
        K
        for K in 1e40 * (1.0 + np.arange(1000.0) / 1000.0)
        if Fraction(K) * Fraction(b[unit]) > Fraction(K * b[unit])
    )
    # the second unit of the second layer is K b - fl(K b): positive, computed as zero, and unheard
    theta[2:4], theta[5], theta[7] = 0.0, -(K * b[unit]), 0.0
    theta[2 + unit] = K
    record["parameters"] |= {"W": encode_array(W, "<f8"), "theta": encode_array(theta, "<f8")}
    changed = Recomputed(record, data)
    point = changed.at_end()
    record |= {"training_loss": point.risk, "gradient_norm": point.gradient(changed)[0]}
    verdict, detail = claims.training(changed)
    assert verdict is Verdict.NOT_CHECKED
    assert "gradient_norm" in detail
    assert not changed.mean_gradient_error(b, theta, np.zeros(len(b) + len(theta)))[: len(b)].any()
