"""Records of tiny networks on awkward data verify; the references that they are held against are exact minima."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("jax")

from tests.awkward_networks import SHAPES, judge_network, problem_of, tabled, try_networks

from derandkit.certificates.structure.networks import loss_derivatives
from derandkit.certificates.structure.references.constants import best_constant
from derandkit.certificates.structure.references.linear import linear_model
from derandkit.structure.heldout.reference import fit_references
from derandkit.structure.teacher import Sample


def check(found):
    outcomes = dict(tabled(found)[1])
    assert outcomes["anything else"] == 0, found.shown
    assert outcomes["verified"] > outcomes["instances"] / 2


def test_a_record_of_an_awkward_network_verifies():
    """A handful of tables of one size, so that the network is compiled once."""
    student, options = {"width": 4}, {"penalty": 1e-4, "method": "lemma", "max_steps": 3}
    for kind in ("scale", "columns", "offset", "constant", "heavy"):
        assert judge_network(1, kind, 3, student, options) == [f"{kind} holds"]


def test_records_of_many_awkward_networks_verify():
    check(try_networks(16))


def test_a_loss_that_is_held_against_the_mean_of_classes_verifies():
    """Found by these networks: the solver's minimum had half of its digits, and other rows showed the other half."""
    student = {"width": 5, "depth": 3, "activation": "erf"}
    options = {"penalty": 1e-4, "method": "lemma", "max_steps": 6}
    assert (6, 5) in SHAPES
    assert judge_network(999999, "classes", 6, student, options) == ["classes holds"]


def test_the_checker_finds_the_minimum_of_the_huber_loss_beside_an_outlier():
    """Found by these networks: damped steps of Newton's method went to and fro, and an honest record failed."""
    rows = problem_of(565, "heavy", 6).training()
    X = np.column_stack((rows.points, np.ones(len(rows.weights))))
    ridge = np.append(np.full(X.shape[1] - 1, 1e-3), 0.0)
    line = linear_model("huber", rows, best_constant("huber", rows).offset)
    assert line.width(rows) < 1e-9 * line(rows)
    u = np.append(line.weights, line.offset)
    _, slope, _ = loss_derivatives("huber", X @ u, rows.targets)
    assert np.abs(X.T @ (rows.weights * slope) + 2.0 * ridge * u).max() < 1e-14


@pytest.mark.parametrize("loss", ["squared", "logistic", "huber"])
def test_references_are_minima_to_the_last_digits(loss):
    numbers = np.random.default_rng(3)
    X = numbers.standard_normal((70, 3))
    y = X[:, 0] + 0.5 * numbers.standard_normal(70)
    y = (y > 0.6).astype(float) if loss == "logistic" else y * np.where(np.arange(70) == 4, 1e4, 1.0)
    rows = Sample(X, y, np.full(70, 1 / 70), "rows")
    fit = fit_references(loss, rows)
    if loss == "logistic":
        assert fit.constant[0] == pytest.approx(math.log(y.mean() / (1 - y.mean())), rel=1e-13)
    again = best_constant(loss, rows)
    assert fit.constant[0] == pytest.approx(float(again.offset[0]), rel=1e-11)
    linear = linear_model(loss, rows, again.offset)
    np.testing.assert_allclose(
        [*fit.weights[:, 0], fit.offset[0]], [*linear.weights[:, 0], linear.offset[0]], rtol=1e-9, atol=1e-11
    )


def test_a_layer_without_input_sits_at_the_kink_exactly():
    """Where all units below are dead, a pre-activation is zero without any error: its slope is no open question."""
    student = {"width": 4, "depth": 3, "activation": "relu", "output_bias": False, "stream": 3}
    options = {"penalty": 1e-4, "upper_penalty": 0.0, "method": "lemma", "max_steps": 1, "loss": "huber"}
    assert judge_network(52212, "offset", 3, student, options) == ["offset holds"]
