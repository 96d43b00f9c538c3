"""Figures on rows are means of the rows by their weights, whatever parts they are judged in; records of older versions
count eight parts the same, and are checked by that rule.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit
from derandkit import RegressionData, Student, discover_structure
from derandkit.certificates.structure.recomputed import Recomputed, Samples
from derandkit.numerics.hashing import hashed_order
from derandkit.records import sealed
from derandkit.status import StructureStatus
from derandkit.structure.heldout.parts import counting
from derandkit.structure.measure import ERROR_DIGITS, finding, jackknife, settled

RECORDS = Path(__file__).parents[1] / "data" / "records"
W, B, V = np.array([[1.0, 0.2, 0.0], [0.0, 0.5, -0.3]]), np.array([0.1, -0.2]), np.array([0.5, -0.25])


def table(rows):
    numbers = np.random.default_rng(rows)
    X = numbers.standard_normal((rows, 3))
    return X, np.tanh(X[:, 0]) + 0.3 * numbers.standard_normal(rows) ** 3


def exact_mean(weights, values):
    """The mean in fractions."""
    weights, values = (list(map(Fraction, map(float, x))) for x in (weights, values))
    return float(sum(w * x for w, x in zip(weights, values, strict=True)) / sum(weights))


def losses(result, data, rows):
    """The squared loss of a two-layer tanh network on some rows, written without the package's passes."""
    shift, unit = data.units
    z = data.whiten(data.X[rows]) @ result.W.T + result.b
    n = len(result.b)
    outputs = np.tanh(z) @ result.theta[:n] + result.theta[n]
    return (outputs - (data.y[rows] - shift) / unit) ** 2


def run(data):
    return discover_structure(data, Student(width=4), penalty=1e-2, rank=1, max_steps=5, controls=False)


@settings(max_examples=200)
@given(st.integers(10, 90), st.one_of(st.none(), st.randoms(use_true_random=False)))
def test_means_of_parts_are_means_of_rows(rows, numbers):
    """For any number of rows and any weights, in the solver and in the checker."""
    X, y = table(rows)
    weights = None if numbers is None else [10.0 ** numbers.uniform(-6, 3) for _ in range(rows)]
    data = RegressionData(X, y, weights=weights)
    held = data.rows[1]
    of_rows = data.y[held] ** 2
    parts = data.evaluation()
    values = [float(part.weights @ (part.targets * data.units[1] + data.units[0]) ** 2) for part in parts]
    masses = [part.mass for part in parts]
    expected = exact_mean(np.ones(len(held)) if weights is None else data.weights[held], of_rows)
    value, error = jackknife(values, "rows", masses)
    assert value == pytest.approx(expected, rel=1e-12)
    case = Recomputed.__new__(Recomputed)
    case.samples = Samples(data)
    again = case.average(values)
    assert again == pytest.approx((value, error), rel=1e-9)
    assert case.samples.counting == counting(masses)
    old = Samples(data, alike=True)
    assert old.counting == len(parts)
    case.samples = old
    assert case.average(values)[0] == pytest.approx(float(np.mean(values)), rel=1e-12)


@pytest.mark.parametrize("rows", [45, 60])
def test_figures_of_a_record_are_means_of_the_rows_kept_back(rows):
    """Parts that count the same made 0.0716 of a loss of 0.0394 under uneven weights."""
    pytest.importorskip("jax")
    X, y = table(rows)
    weights = None if rows == 45 else np.random.default_rng(0).lognormal(0.0, 1.5, rows)
    data = RegressionData(X, y, weights=weights)
    train, held = data.rows
    result = run(data)
    by = np.ones(len(data.X)) if weights is None else data.weights
    loss = losses(result, data, held)
    assert result.loss == pytest.approx(exact_mean(by[held], loss), rel=1e-8)
    targets = (data.y - data.units[0]) / data.units[1]
    constant = np.average(targets[train], weights=by[train])
    mean = np.average((targets[held] - constant) ** 2, weights=by[held])
    assert result.mean_loss == pytest.approx(mean, rel=1e-8)
    assert result.gain == pytest.approx(mean - result.loss, rel=1e-7)
    record = json.loads(result.to_json())
    assert derandkit.verify(record, data).ok
    alike = Recomputed(record, data, Samples(data, alike=True))
    old = alike.estimate(lambda part: (part.risk, part.risk_error))
    means = [np.average(loss[np.isin(held, p)], weights=by[p]) for p in np.array_split(held, 8)]
    assert old.value == pytest.approx(float(np.mean(means)), rel=1e-9)
    assert old.value != pytest.approx(result.loss, rel=1e-3)
    # the figures of the old rule, under the new version
    forged = {**record, "loss": settled(old.value), "loss_error": settled(old.error, ERROR_DIGITS)}
    assert derandkit.verify(sealed(forged), data).failed == ("evaluation",)
    gradient = alike.estimate(lambda part: part.gradient(alike))
    forged = {**record, "population_gradient_norm": settled(gradient.value)}
    assert derandkit.verify(sealed(forged), data).failed == ("evaluation",)
    constants, _ = alike.references()
    forged = {**record, "mean_loss": settled(alike.average([constants(s) for s in data.evaluation()])[0])}
    assert "references" in derandkit.verify(sealed(forged), data).failed
    # and those of the rows, under an old version
    outcome = derandkit.verify(sealed({**record, "schema_version": 4}), data)
    assert {"evaluation", "references", "lemma"} <= set(outcome.failed)
    assert "means of 8 parts that count the same" in str(outcome)


def test_a_record_of_version_4_is_checked_by_its_own_rule():
    """Its twelve rows kept back are in parts of two and of one."""
    pytest.importorskip("jax")
    path = RECORDS / "structure-4-data.json"
    outcome = derandkit.verify(path, RECORDS / "table.csv")
    assert outcome.ok
    assert "means of 8 parts that count the same, not of the rows" in str(outcome)
    record = json.loads(path.read_text())
    new = derandkit.verify(sealed({**record, "schema_version": 5}), RECORDS / "table.csv")
    assert {"evaluation", "references"} <= set(new.failed)
    assert derandkit.load(path).to_dict() == record


def network(rows):
    import jax.numpy as jnp

    X, y = table(rows)
    return X, y, lambda z: jnp.tanh(z) @ V, W, B


@settings(max_examples=5)
@given(st.integers(16, 75))
def test_the_risk_of_a_network_is_the_mean_of_the_rows(rows):
    pytest.importorskip("jax")
    X, y, f, weights, bias = network(rows)
    found = derandkit.certify_network(f, X, y, weights=weights, bias=bias, penalty=0.1, rank=1)
    z = X @ W.T + B
    missed = np.tanh(z) @ V - y
    assert found.risk == pytest.approx(exact_mean(np.ones(rows), missed**2), rel=1e-9)
    slopes = 2.0 * missed[:, None] * V * (1.0 - np.tanh(z) ** 2) / rows
    dW, db = slopes.T @ X + 0.2 * W, slopes.sum(axis=0)
    assert found.gradient_norm == pytest.approx(float(np.sqrt(np.sum(dW**2) + np.sum(db**2))), rel=1e-8)
    bend = 2.0 * (V * (1.0 - np.tanh(z) ** 2))[:, :, None] * (V * (1.0 - np.tanh(z) ** 2))[:, None, :]
    bend += (2.0 * missed[:, None] * V * (-2.0 * np.tanh(z) * (1.0 - np.tanh(z) ** 2)))[:, :, None] * np.eye(
        2
    )
    least = float(np.linalg.eigvalsh(bend.mean(axis=0))[0])
    assert found.figures["smallest_curvature"] == pytest.approx(least, rel=1e-7)
    assert derandkit.verify(found, (X, y, f, weights, bias)).ok


def test_a_network_record_with_means_of_parts_is_refused():
    pytest.importorskip("jax")
    X, y, f, weights, bias = network(45)
    found = derandkit.certify_network(f, X, y, weights=weights, bias=bias, penalty=0.1, rank=1)
    record = json.loads(found.to_json())
    assert record["schema_version"] == 4
    missed = (np.tanh(X @ W.T + B) @ V - y) ** 2
    means = [missed[rows].mean() for rows in np.array_split(hashed_order(45), 8)]
    forged = sealed({**record, "risk": settled(float(np.mean(means)))})
    assert derandkit.verify(forged, (X, y, f, weights, bias)).failed == ("derivatives",)
    record = {key: value for key, value in record.items() if key not in ("classes", "logits")}
    older = derandkit.verify(sealed({**record, "schema_version": 3}), (X, y, f, weights, bias))
    assert "derivatives" in older.failed


def test_a_network_record_of_version_3_is_checked_by_its_own_rule():
    """It is about 45 rows, in parts of six and of five."""
    pytest.importorskip("jax")
    import jax.numpy as jnp

    columns = np.genfromtxt(RECORDS / "table.csv", delimiter=",", names=True)[:45]
    X, y = np.column_stack([columns[name] for name in "xyz"]), columns["t"]
    instance = (X, y, lambda z: jnp.tanh(z) @ V, W, B)
    path = RECORDS / "network-3-table.json"
    record = json.loads(path.read_text())
    outcome = derandkit.verify(record, instance)
    assert outcome.ok
    assert "means of 8 parts that count the same, not of the rows" in str(outcome)
    assert derandkit.load(path).to_dict() == record
    new = derandkit.verify(
        sealed({**record, "schema_version": 4, "classes": None, "logits": False}), instance
    )
    assert "derivatives" in new.failed


def test_losses_of_the_path_are_means_of_the_rows_kept_back_for_it():
    pytest.importorskip("jax")
    from derandkit.structure.heldout.selection import FOLDS, _folds

    X, y = table(61)
    weights = np.random.default_rng(1).lognormal(0.0, 1.0, 61)
    for given_weights in (None, weights):
        data = RegressionData(X, y, weights=given_weights)
        sample = data.training()
        network = SimpleNamespace(blocks=lambda sample: (), width=1)
        kept = [fold.kept.sample for fold in _folds(data, sample, network, ())]
        assert len(kept) == FOLDS
        shares = sum(part.mass * part.weights for part in kept)
        np.testing.assert_allclose(shares / shares.sum(), sample.weights, rtol=1e-12)


@pytest.mark.parametrize("rows", [11, 45])
@pytest.mark.parametrize("weighted", [False, True])
def test_two_standard_errors_hold_as_often_as_students_t_says(rows, weighted):
    """Of 2000 tables: 91 to 92 % of means of normal losses, as for eight even parts; 88 % of eleven uneven rows."""
    numbers = np.random.default_rng(3)
    inside, passed, variances, means = 0, 0, [], []
    quantile = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365}
    for _ in range(2000):
        weights = numbers.lognormal(0.0, 1.0, rows) if weighted else np.ones(rows)
        losses = numbers.standard_normal(rows)
        parts = np.array_split(np.arange(rows), 8)
        masses = [float(weights[p].sum()) for p in parts]
        values = [float(np.average(losses[p], weights=weights[p])) for p in parts]
        value, error = jackknife(values, "rows", masses)
        inside += abs(value) <= 2.0 * error
        passed += counting(masses) > 1 and value > quantile[counting(masses)] * error
        variances.append(error**2)
        means.append(value)
    assert 0.86 < inside / 2000 < 0.935
    assert passed / 2000 < 0.035
    assert 0.85 < np.mean(variances) / np.var(means) < 1.2


def test_losses_near_the_end_of_the_numbers_have_a_mean():
    """Sums of eight of them are beyond it; the figure is their mean, in the solver and in the checker."""
    case = Recomputed.__new__(Recomputed)
    case.samples = Samples(RegressionData(*table(45)))
    masses = case.samples.masses
    values = [1.7e308] * len(masses)
    assert jackknife(values, "rows", masses)[0] == pytest.approx(1.7e308)
    assert case.average(values)[0] == pytest.approx(1.7e308)


def test_one_row_that_is_all_of_the_weight_shows_nothing():
    """Its part counts alone, and one part says nothing of its error."""
    assert counting([1.0, 1e-9]) == 1
    figures = {
        "gain": 1.0,
        "gain_error": 1e-3,
        "mean_loss": 1.0,
        "training_loss": 1.0,
        "mean_training_loss": 1.0,
    }
    ended = StructureStatus.STATIONARY
    assert finding(ended, figures, 1, auto=True) is StructureStatus.NOTHING_FOUND
    assert finding(ended, figures, 2, auto=True) is ended
    pytest.importorskip("jax")
    X, y = table(60)
    weights = np.ones(60)
    weights[RegressionData(X, y).rows[1][3]] = 1e12
    data = RegressionData(X, y, weights=weights)
    result = run(data)
    assert result.status in (StructureStatus.NOTHING_FOUND, StructureStatus.OVERFITTED)
    assert derandkit.verify(json.loads(result.to_json()), data).ok
