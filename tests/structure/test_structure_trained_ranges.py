"""Networks whose first layer has weights near the ends of the range of numbers, or is zero."""

from __future__ import annotations

import re

import numpy as np
import pytest

from derandkit import InputError, certify_network, verify
from derandkit.reports.report import result_page
from derandkit.structure.trained.result import NetworkCertificate

ROWS = np.random.default_rng(0).standard_normal((60, 3))
TARGETS = np.tanh(ROWS[:, 0] - ROWS[:, 1])
WEIGHTS = np.random.default_rng(1).standard_normal((4, 3))


def certified(scale, directions):
    jnp = pytest.importorskip("jax").numpy
    v = np.array([1.0, -0.5, 0.25, 2.0])
    instance = (ROWS, TARGETS, lambda z: jnp.dot(jnp.tanh(z), v), scale * WEIGHTS, np.full(4, 0.3))
    X, y, f, W, b = instance
    return certify_network(f, X, y, weights=W, bias=b, penalty=0.1, directions=directions), instance


@pytest.mark.parametrize("directions", [[[1, -1, 0]], None])
@pytest.mark.parametrize("scale", [1e-280, 1e-165, 1e155, 1e307])
def test_a_layer_of_any_size_is_shown_loaded_and_verified(scale, directions):
    """The share of the square that is left was computed from squares, which are 0 or infinite there.

    Units of large weights are saturated, so that the bound is |W_perp| itself, on which two computations must agree.
    """
    found, instance = certified(scale, directions)
    share = float(re.search(r": ([0-9.]+)% of the square", str(found))[1])
    usual = found.w_perp / found.w_par
    assert share == pytest.approx(100.0 * usual**2 / (1.0 + usual**2), abs=0.06)
    again = NetworkCertificate.from_json(found.to_json())
    assert str(again) == str(found)
    assert "W_perp" in result_page(found)
    assert verify(found, instance).ok


def test_a_layer_that_loses_its_digits_is_refused():
    with pytest.raises(InputError, match="so small that they lose their digits"):
        certified(1e-315, [[1, -1, 0]])


def test_a_layer_of_zeros_leaves_nothing_whatever_the_directions():
    found, instance = certified(0.0, [[1, -1, 0]])
    assert (found.w_perp, found.w_par) == (0.0, 0.0)
    assert "0.0% of the square" in str(found)
    outcome = verify(found, instance)
    assert outcome.ok
    assert "the layer is zero" in next(check.detail for check in outcome.checks if check.name == "directions")
    with pytest.raises(InputError, match="the first layer is zero on these rows"):
        certified(0.0, None)


@pytest.mark.parametrize("loss", ["softmax", "logistic"])
def test_a_classifier_that_is_sure_and_right_is_no_other_function(loss):
    """Its losses are differences of outputs of 20 or 40, which rounding makes 0, and its slopes are 1e-13 and 1e-22.

    The loss was compared at the scale of itself: "changes by 0, and its derivative says -6.446e-22".
    """
    jnp = pytest.importorskip("jax").numpy
    X = ROWS + np.multiply.outer(np.sign(ROWS[:, 0]), [1.0, 0.0, 0.0])
    above = np.array([[-20.0, -20.0], [20.0, 20.0]])
    V = above if loss == "softmax" else above[1]
    W, b = np.array([[1.0, 0.01, 0.0], [0.5, 0.1, 0.0]]), np.zeros(2)
    instance = (X, (X[:, 0] > 0).astype(int), lambda z: V @ jnp.tanh(z), W, b)
    X, y, f, W, b = instance
    found = certify_network(f, X, y, weights=W, bias=b, loss=loss, penalty=0.1, directions=[[1, 0, 0]])
    assert 0.0 < found.figures["largest_curvature"] < 1e-9
    assert verify(found, instance).ok
