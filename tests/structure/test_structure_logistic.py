"""Targets of the logistic loss: 0 and 1, or probabilities, on all rows and nodes, and called what they are."""

from __future__ import annotations

import numpy as np
import pytest

import derandkit
from derandkit import InputError, RegressionData, StructureStatus, Student, Teacher, discover_structure
from derandkit.certificates.checks import Verdict
from derandkit.records import sealed

pytest.importorskip("jax")

from tests.structure.test_structure_forged import ended

from derandkit.structure import solve
from derandkit.structure.table import structure_rows

X = np.random.default_rng(0).standard_normal((80, 3))
BINARY = (X[:, 0] > 0).astype(float)
SHARES = 1 / (1 + np.exp(-2 * X[:, 0]))
KEPT = int(RegressionData(X, BINARY).rows[1][0])


def one(value, row=KEPT):
    """Return the classes with another number in one row, by default one that is kept back."""
    y = BINARY.copy()
    y[row] = value
    return y


def beyond(s):
    """Return 0 and 1 on the nodes to train on, and 2 elsewhere."""
    return np.where(np.isin(s[:, 0], Teacher("linear", 1).training().targets), s[:, 0] > 0, 2.0)


def record_of(monkeypatch, problem):
    """Return the record of a run under the logistic loss that no refusal has stopped."""
    with monkeypatch.context() as patch:
        patch.setattr(solve, "_check_shares", lambda problem: None)
        patch.setattr(solve, "_check_loss", lambda problem, loss: None)
        point = lambda W, b, t: (0.5 * W, b, t)  # noqa: E731
        return ended(monkeypatch, problem, point, StructureStatus.STEP_LIMIT, loss="logistic", penalty=0.01)


def check_of(record, problem, name):
    return next(check for check in derandkit.verify(record, problem).checks if check.name == name)


@pytest.mark.parametrize(
    ("problem", "value"),
    [
        ((X, one(-5)), "-5"),
        ((X, one(2)), "2"),
        ((X, one(50, row=int(RegressionData(X, BINARY).rows[0][3]))), "50"),
        ((X, one(1 + 1e-12)), "1"),
        (RegressionData(X, BINARY, standardise=True), "not standardised"),
        (Teacher(beyond, 1), "2"),
    ],
)
def test_the_logistic_loss_takes_numbers_from_0_to_1_on_all_rows_and_nodes(problem, value):
    """Only those to train on were looked at: one -5 among the rows kept back made a loss of -0.18, and verified."""
    with pytest.raises(InputError, match=rf"needs targets in \[0, 1\].* {value}"):
        discover_structure(problem, Student(width=2), loss="logistic", penalty=0.01)


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (RegressionData(X, one(-5), standardise=False), "is -5, and not between 0 and 1"),
        (RegressionData(X, 3 * SHARES, standardise=False), "not between 0 and 1"),
        (RegressionData(X, BINARY, standardise=True), "not between 0 and 1"),
        (Teacher(beyond, 1), "is 2, and not between 0 and 1"),
        (RegressionData(X, X[:, :2]), "of one output, and there are 2"),
    ],
)
def test_a_record_of_the_logistic_loss_of_other_targets_fails(monkeypatch, problem, message):
    """Such records verified, made without the refusal."""
    found = check_of(record_of(monkeypatch, problem), problem, "parameters")
    assert found.verdict is Verdict.FAILED
    assert message in found.detail


@pytest.mark.parametrize("y", [SHARES, one(0.3)])
def test_targets_between_0_and_1_are_called_probabilities(monkeypatch, y):
    """The table called 80 different fractions the classes 0 and 1."""
    data = RegressionData(X, y, standardise=False)
    record = record_of(monkeypatch, data)
    assert record["problem"]["probabilities"] is True
    assert structure_rows(record)[0][1].endswith("targets are probabilities")
    assert check_of(record, data, "problem").passed
    assert check_of(record, data, "parameters").passed
    del record["problem"]["probabilities"], record["seal"]
    found = check_of(sealed(record), data, "problem")
    assert found.verdict is Verdict.FAILED
    assert "targets are probabilities, and the record calls them classes" in found.detail


def test_classes_are_not_called_probabilities(monkeypatch):
    data = RegressionData(X, BINARY)
    record = record_of(monkeypatch, data)
    assert structure_rows(record)[0][1].endswith("targets are classes 0 and 1")
    assert check_of(record, data, "problem").passed
    del record["seal"]
    for said in (True, False, "none"):
        record["problem"]["probabilities"] = said
        found = check_of(sealed(record), data, "problem")
        assert found.verdict is Verdict.FAILED
        assert "differs: ['probabilities']" in found.detail


def test_a_loss_of_ones_own_suits_classes():
    """The record failed, as if the network did not fit them."""
    data = RegressionData(X, np.where(BINARY > 0, "a", "b"))
    result = discover_structure(
        data, Student(width=2), loss=lambda f, y: (f - y) ** 2, penalty=0.01, max_steps=2, controls=False
    )
    assert check_of(result, data, "parameters").passed
    assert check_of(result, data, "training").verdict is Verdict.NOT_CHECKED
