"""Targets far below the outputs of the network at the start: a run goes on until the risk no longer falls."""

from __future__ import annotations

import numpy as np
import pytest

import derandkit as dk

pytest.importorskip("jax")

from derandkit.certificates.checks import Verdict
from derandkit.structure import methods


def _table(scale, seed=0):
    g = np.random.default_rng(seed)
    X = g.normal(size=(80, 4))
    y = scale * (np.tanh(X[:, 0]) + 0.1 * g.normal(size=80))
    return dk.RegressionData(X, y, standardise=False)


def _ending(found, data):
    return next(check for check in dk.verify(found, data).checks if check.name == "status")


@pytest.mark.parametrize("scale", [1e-6, 1e-7, 1e-10])
@pytest.mark.parametrize("activation", ["tanh", "softplus"])
def test_a_run_is_not_called_stationary_while_a_step_lowers_the_risk_by_a_tenth(scale, activation):
    """Gradients and falls were held against the start, where the risk is 1 and the targets' own is 1e-14."""
    for seed in (0, 1):
        data = _table(scale, seed)
        student = dk.Student(width=2, activation=activation)
        found = dk.discover_structure(data, student, penalty=0.01, controls=False)
        assert found.loss < found.mean_loss
        assert _ending(found, data).verdict is not Verdict.FAILED


def test_small_targets_are_explained():
    """The run stopped at 28 times the loss of the mean, called that stationary, and nothing found."""
    data = _table(1e-7)
    found = dk.discover_structure(data, penalty=0.01, controls=False)
    assert found.status is found.ended is dk.StructureStatus.STATIONARY
    assert found.loss < 0.1 * found.mean_loss
    assert _ending(found, data).verdict is Verdict.NOT_CHECKED


def test_a_run_that_still_falls_after_all_its_steps_says_so():
    data = _table(1e-7)
    short = dk.discover_structure(data, penalty=0.01, controls=False, max_steps=20)
    assert short.ended is dk.StructureStatus.STEP_LIMIT
    assert _ending(short, data).verdict is not Verdict.FAILED


def test_a_run_whose_claim_holds_is_left_as_it_is(monkeypatch):
    data = _table(1.0)
    options = {"penalty": 1e-3, "upper_penalty": 1e-3, "controls": False}
    found = dk.discover_structure(data, dk.Student(width=3), **options)
    assert found.ended is dk.StructureStatus.STATIONARY
    monkeypatch.setattr(methods, "leave_slope", lambda *_: None)
    assert dk.discover_structure(data, dk.Student(width=3), **options).to_json() == found.to_json()
