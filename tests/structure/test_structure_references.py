"""The best constant and the linear model that a loss is held against are proven to be near their minima, or unknown."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from derandkit.certificates.checks import Verdict
from derandkit.certificates.structure import networks, several
from derandkit.certificates.structure.references.constants import best_constant, huber_constant
from derandkit.certificates.structure.references.linear import linear_model
from derandkit.structure.heldout.reference import fit_references
from derandkit.structure.teacher import Sample


def rows_of(loss, size=1.0, m=80, k=1, seed=0):
    numbers = np.random.default_rng(seed)
    X = numbers.standard_normal((m, 3))
    y = size * (1.0 + 0.3 * numbers.standard_normal((m, k)))
    if loss == "logistic":
        y = (X[:, :1] + numbers.standard_normal((m, k)) > 0.5).astype(float)
    if loss == "softmax":
        y = np.eye(k)[np.argmax(X @ numbers.standard_normal((3, k)) + numbers.gumbel(size=(m, k)), axis=1)]
    w = numbers.uniform(0.5, 1.5, m)
    return Sample(X, y[:, 0] if k == 1 else y, w / w.sum(), "rows")


@pytest.mark.parametrize("size", [1.0, 1e3, 2e5, 1e6, 1e8, 1e12])
def test_references_of_the_huber_loss_are_known_for_targets_of_any_size(size):
    """From 1e5 on Newton's method ran away from the best constant, and its loss was off by up to 140 orders."""
    rows, other = rows_of("huber", size), rows_of("huber", size, seed=1)
    constant = best_constant("huber", rows)
    line = linear_model("huber", rows, constant.offset)
    fit = fit_references("huber", rows)
    assert fit.known
    for model, found in zip((constant, line), fit.losses("huber", other), strict=True):
        assert 0.0 < model.width(other) < 1e-8 * size
        assert found == pytest.approx(model(other), abs=model.width(other) + 1e-12 * size)
    c = float(constant.offset[0])
    assert rows.targets.min() < c < rows.targets.max()
    for beside in (c - 1e-3 * size, c + 1e-3 * size):
        assert float(rows.weights @ np.hypot(1.0, beside - rows.targets)) > constant(rows) + 1.0 - 1e-9 * size


@pytest.mark.parametrize(
    ("loss", "k"), [("squared", 1), ("squared", 2), ("logistic", 1), ("huber", 2), ("softmax", 3)]
)
def test_no_other_linear_model_near_by_is_better_than_its_width_allows(loss, k):
    """The distance that is proven holds for the minimum: the solver's own one lies within it, and moved ones do not."""
    rows = rows_of(loss, k=k)
    line = linear_model(loss, rows, best_constant(loss, rows).offset)
    fit = fit_references(loss, rows)
    off = line.outputs(rows) - (rows.points @ fit.weights + fit.offset)
    off = off - off[:, -1:] if loss == "softmax" else off
    away = line.radius * np.sqrt(rows.points**2 @ line.units[:-1] ** 2 + line.units[-1] ** 2)
    assert np.all(away < 1e-9)
    assert np.all(np.abs(off) <= 2.0 * away + 1e-12)
    # a point that is off by some distance is proven to be off by no less than that
    from derandkit.certificates.structure.references.linear import RIDGE, Problem

    X = np.column_stack((rows.points, np.ones(len(rows.weights))))
    y = rows.targets.reshape(len(X), -1)[:, : (k if loss == "softmax" else 1)]
    scale = 1.0 if loss == "softmax" else k
    problem = Problem(loss, X, y, rows.weights, scale * np.append(np.full(3, RIDGE), 0.0))
    best = np.vstack((line.weights, line.offset))[:, : y.shape[1]]
    best = best - (np.eye(4)[:, 3:] * best[-1, -1] if loss == "softmax" else 0.0)
    best = best.ravel()[problem.free]
    for step in (1e-6, 1e-3, 0.03):
        moved = best + step * np.cos(np.arange(best.size))
        radius, units = problem.distance(moved)
        reach = radius * np.sqrt(X**2 @ units**2)
        assert np.all(np.abs(problem.outputs(moved) - problem.outputs(best)) <= reach)
        if step < 1e-4:
            assert math.isfinite(radius)


def test_best_constants_of_classes_with_weights_of_any_size():
    """Newton's method ended 86 short of the best constant of a class with a weight of 1e-60."""
    y, w = np.array([1.0] + [0.0] * 9), np.array([1e-60] + [1 / 9] * 9)
    rows = SimpleNamespace(points=np.zeros((10, 1)), targets=y, weights=w)
    found = best_constant("logistic", rows)
    assert found.offset[0] == pytest.approx(math.log(1e-60), rel=1e-14)
    assert found(rows) < 2e-58
    assert found.width(rows) < 1e-12
    classes = SimpleNamespace(points=np.zeros((10, 1)), targets=np.column_stack((y, 1.0 - y)), weights=w)
    of_classes = best_constant("softmax", classes).offset
    assert of_classes[0] - of_classes[1] == pytest.approx(found.offset[0], rel=1e-14)
    assert fit_references("logistic", Sample(np.zeros((10, 1)), y, w, "rows")).constant[0] == found.offset[0]


@pytest.mark.parametrize("loss", ["logistic", "softmax"])
def test_a_class_that_is_missing_has_no_best_constant(loss):
    y = np.zeros(5) if loss == "logistic" else np.eye(2)[[0] * 5]
    rows = SimpleNamespace(points=np.zeros((5, 1)), targets=y, weights=np.full(5, 0.2))
    assert best_constant(loss, rows).width(rows) == math.inf


def test_a_model_whose_distance_is_not_known_has_no_width():
    rows = SimpleNamespace(
        points=np.zeros((3, 1)), targets=np.array([1.0, np.nan, 2.0]), weights=np.full(3, 1 / 3)
    )
    assert best_constant("huber", rows).width(rows) == math.inf
    assert huber_constant(np.array([3.0, 3.0]), np.ones(2)) == (3.0, 0.0)
    far = SimpleNamespace(
        points=np.zeros((2, 1)), targets=np.array([0.0, 1e200]), weights=np.array([0.3, 0.7])
    )
    assert linear_model("huber", far, np.array([5e199])).width(far) == math.inf


def record_of_prices():
    from derandkit import RegressionData, Student, discover_structure

    numbers = np.random.default_rng(0)
    X = numbers.standard_normal((60, 2))
    data = RegressionData(X, 1e6 * (1.0 + 0.3 * numbers.standard_normal(60)), standardise=False)
    result = discover_structure(
        data, Student(width=2), loss="huber", penalty=1e-3, upper_penalty=1e-3, max_steps=2, controls=False
    )
    return data, json.loads(result.to_json())


def test_records_of_large_prices_hold_and_the_loss_of_the_mean_is_no_free_number():
    """A loss of the mean of 1e145 and a gain of all of it once held, and the record of the run itself failed."""
    pytest.importorskip("jax")
    import derandkit
    from derandkit.certificates.structure import claims
    from derandkit.certificates.structure.recomputed import Recomputed
    from derandkit.records import sealed

    data, record = record_of_prices()
    outcome = derandkit.verify(record, data)
    assert outcome.ok, str(outcome)
    for changed in (
        {"mean_loss": 1.772710000e145, "gain": 1.772710000e145, "mean_training_loss": 1.77271e145},
        {"mean_loss": record["mean_loss"] * (1.0 + 1e-6)},
        {"mean_training_loss": record["mean_training_loss"] * (1.0 + 1e-6)},
        {"linear_loss": record["linear_loss"] * (1.0 - 1e-6)},
        {"linear_loss": None},
    ):
        assert "references" in derandkit.verify(sealed({**record, **changed}), data).failed
    # a linear model that is not known may be left out, and what is said of it is not checked
    case = Recomputed(record, data)
    constant, line = case.references()
    unknown = line._replace(radius=np.full(1, np.inf))
    case.__dict__["_references"] = constant, unknown
    assert claims.references(case)[0] is Verdict.NOT_CHECKED
    case.record = record | {"linear_loss": None}
    assert claims.references(case)[0] is True
    case.__dict__["_references"] = constant._replace(radius=np.full(1, np.inf)), line
    case.__dict__.pop("_scale", None)
    assert case.scale() == 0.0
    assert claims.references(case)[0] is not True


def test_losses_move_no_further_than_their_width():
    """Of constants and of lines: each is moved by its distance, both ways, on rows of its own and on others."""
    for loss, k in (("squared", 1), ("logistic", 1), ("huber", 2), ("softmax", 3)):
        rows, other = rows_of(loss, k=k), rows_of(loss, k=k, seed=1)
        constant = best_constant(loss, rows)
        for model in (constant, linear_model(loss, rows, constant.offset)):
            wide = model._replace(radius=np.full(k, 1e-3))
            away = wide.radius * np.sqrt(other.points**2 @ wide.units[:-1] ** 2 + wide.units[-1] ** 2)
            for sign in (1.0, -1.0):
                f, y = model.outputs(other) + sign * away, other.targets
                values = (
                    networks.loss_derivatives(loss, f[:, 0], y)[0]
                    if k == 1
                    else several.loss_derivatives(loss, f, y)[0]
                )
                assert abs(float(other.weights @ values) - model(other)) <= wide.width(other)
