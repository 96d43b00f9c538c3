"""`StructureRegressor` and `StructureClassifier` among other estimators of scikit-learn."""

from __future__ import annotations

import copy
import pickle
import warnings

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import derandkit
from derandkit import InputError, StructureClassifier, StructureRegressor
from derandkit.structure.heldout.refit import carried
from derandkit.structure.student import Student
from derandkit.structure.training.forward import forward
from derandkit.structure.training.network import build

QUICK = {"width": 4, "penalty": 0.003, "upper_penalty": 0.001, "max_steps": 60}
#: Rows are split by their position: a row of weight two and the same row twice are not the same.
BY_POSITION = "which rows are kept back depends on their positions"


def expected(estimator):
    return {"check_sample_weight_equivalence_on_dense_data": BY_POSITION}


@parametrize_with_checks(
    [StructureRegressor(**QUICK), StructureClassifier(**QUICK)], expected_failed_checks=expected
)
def test_scikit_learn_accepts_them(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        check(estimator)


def table(rows=160):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, 4)) * [1.0, 10.0, 0.1, 3.0] + 5.0
    return X, np.tanh((X[:, 0] - 5.0) - (X[:, 1] - 5.0) / 10.0)


@pytest.fixture(scope="module")
def fitted():
    X, y = table()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return X, y, StructureRegressor(1, **QUICK, refit=False).fit(X, 7.0 * y + 3.0)


def test_what_is_fitted_is_the_record(fitted):
    X, y, model = fitted
    result = model.result_
    assert derandkit.verify(result.to_dict(), derandkit.RegressionData(X, 7.0 * y + 3.0)).ok
    data = derandkit.RegressionData(X, 7.0 * y + 3.0)
    held = data._rows[1]
    loss = float(np.mean((model.predict(X[held]) - (7.0 * y[held] + 3.0)) ** 2)) / data.units[1] ** 2
    assert result.loss == pytest.approx(loss, rel=1e-8)
    np.testing.assert_allclose(model.transform(X), data.whiten(X) @ result.span.T, rtol=1e-9, atol=1e-9)
    assert model.score(X, 7.0 * y + 3.0) > 0.95
    assert model.feature_importances_.sum() == pytest.approx(1.0)
    assert model.feature_importances_[:2].min() > 0.4
    assert model.get_feature_names_out().tolist() == ["structureregressor0"]
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict(X), model.predict(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_last_training_sees_all_rows_and_leaves_the_record_alone(fitted):
    """Rows that judge have to change the predictions, and nothing of the record but its losses on them."""
    X, y, before = fitted
    y = 7.0 * y + 3.0
    model = StructureRegressor(1, **QUICK).fit(X, y)
    assert model.result_.to_json() == before.result_.to_json()
    held = derandkit.RegressionData(X, y)._rows[1]
    moved = y.copy()
    moved[held] = y[held][::-1]
    other = StructureRegressor(1, **QUICK).fit(X, moved)

    def loss(fit):
        return float(np.mean((fit.predict(X[held]) - moved[held]) ** 2))

    assert loss(other) < 0.9 * min(loss(model), loss(before))
    assert other.result_.W.tobytes() == model.result_.W.tobytes()
    assert np.abs(other.components_ - model.components_).max() > 1e-3
    with pytest.raises(InputError, match="refit"):
        StructureRegressor(**QUICK, refit="yes").fit(X, y)


def test_an_estimator_without_the_names_of_its_columns_predicts(fitted):
    """One that 0.3.0 saved ended in an AttributeError."""
    X, _, network = fitted
    old = copy.copy(network)
    del old._names
    np.testing.assert_array_equal(old.predict(X), network.predict(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_last_training_whitens_all_rows_and_begins_where_the_fit_ended(fitted):
    """The coordinates are uncorrelated on all rows, and the start is the same function in them."""
    X, y, before = fitted
    whole = StructureRegressor(2, **QUICK).fit(X, 7.0 * y + 3.0)
    seen = whole.transform(X)
    np.testing.assert_allclose(seen.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(seen.T @ seen / len(X), np.eye(2), atol=1e-12)
    np.testing.assert_allclose(whole.mean_, X.mean(axis=0), rtol=1e-12)
    data = derandkit.RegressionData(X, 7.0 * y + 3.0)
    rows, result = data.with_all_rows(), before.result_
    W, b = carried(result.W, result.b, data, rows)
    np.testing.assert_allclose(
        rows.whiten(X) @ W.T + b, data.whiten(X) @ result.W.T + result.b, rtol=1e-11, atol=1e-11
    )
    assert rows.training().points.shape == X.shape


def test_penalties_pull_along_the_axes_of_the_rows_that_are_trained_on():
    """Under a large penalty the first direction is that of linear discriminant analysis, of the same rows."""
    rng = np.random.default_rng(3)
    y = np.repeat([0, 1], 30)[rng.permutation(60)]
    X = rng.standard_normal((60, 8)) @ rng.standard_normal((8, 8)) + 4.0 * y[:, None] * rng.standard_normal(8)
    Z = (X - X.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(X.T))).T
    known = (Z[y == 1].mean(axis=0) - Z[y == 0].mean(axis=0)) @ Z.T
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = StructureClassifier(1, width=4, penalty=0.1, upper_penalty=0.1).fit(X, y)
    found = model.transform(X)[:, 0]
    assert abs(np.corrcoef(found, known)[0, 1]) > 0.999


@pytest.mark.parametrize("activation", ["tanh", "gelu", "erf", "softplus", "relu", "hermite2"])
def test_predictions_without_jax_are_those_of_the_network(activation):
    student = Student(width=3, depth=3, activation=activation)
    X = np.random.default_rng(0).standard_normal((6, 2))
    (W, b), theta = student.first_layer(2), student.upper_layers(2)
    found = build(student, "squared", 2, 2).predict(W, b, theta, X)
    np.testing.assert_allclose(forward(student, W, b, theta, X, 2), found, rtol=1e-12, atol=1e-13)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_text_names_columns_and_searches():
    pandas = pytest.importorskip("pandas")
    X, y = table()
    frame = pandas.DataFrame(X, columns=["a", "b", "c", "d"])
    label = np.array(["low", "mid", "top"])[np.digitize(y, [-0.4, 0.4])]
    pipe = make_pipeline(StandardScaler().set_output(transform="pandas"), StructureClassifier(**QUICK))
    search = GridSearchCV(pipe, {"structureclassifier__n_components": [1, 2]}, cv=2).fit(frame, label)
    best = search.best_estimator_[-1]
    assert best.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert best.result_.problem["names"] == ["a", "b", "c", "d"]
    assert best.classes_.tolist() == ["low", "mid", "top"]
    assert search.score(frame, label) > 0.85
    assert search.predict_proba(frame).sum(axis=1) == pytest.approx(np.ones(len(X)))
    assert clone(best).get_params() == best.get_params()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_shapes_of_targets_come_back():
    X, y = table(80)
    quick = {**QUICK, "max_steps": 5}
    assert StructureRegressor(**quick).fit(X, y[:, None]).predict(X).shape == (80, 1)
    assert StructureRegressor(**quick).fit(X, np.column_stack((y, X[:, 2]))).predict(X).shape == (80, 2)


def test_nothing_found_is_a_warning_and_bad_parameters_are_refused():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((60, 3)), rng.standard_normal(60)
    with pytest.warns(ConvergenceWarning, match="overfitted|nothing found"):
        StructureRegressor(**QUICK).fit(X, y)
    for wrong, message in (
        ({"loss": "hinge"}, "hinge"),
        ({"n_components": 9}, "between 1 and 3"),
        ({"width": 0}, "width"),
    ):
        with pytest.raises(InputError, match=message):
            StructureRegressor(**{**QUICK, **wrong}).fit(X, y)
    with pytest.raises(InputError, match="one class only"):
        StructureClassifier(**QUICK).fit(X, np.zeros(60))


@pytest.mark.parametrize(
    "classes",
    [(0, 1), (1, 2), (-1, 1), (3, 7), ("no", "yes"), ("9", "10"), (3, 7, 13), ("low", "high", "medium")],
    ids=str,
)
def test_the_record_of_a_classifier_names_the_classes(classes):
    """It was about their numbers, so it did not hold beside the targets of the fit."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 4))
    y = np.array(classes)[np.argsort(np.argsort(X[:, 0] - X[:, 1])) * len(classes) // len(X)]
    model = StructureClassifier(width=2, max_steps=5, penalty=0.01, upper_penalty=0.001, refit=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    assert model.classes_.tolist() == sorted(classes)
    assert model.score(X, y) > 0.8
    assert derandkit.verify(model.result_, (X, y)).ok
    assert not derandkit.verify(model.result_, (X, y[::-1])).ok


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_columns_that_are_numbered_in_another_order_are_refused():
    """Scikit-learn does not look at numbers of columns, and the rows were predicted by position."""
    pandas = pytest.importorskip("pandas")
    X = np.random.default_rng(4).normal(size=(40, 3))
    frame = pandas.DataFrame(X)
    network = StructureRegressor(1, penalty=0.1, upper_penalty=0.1, max_steps=2, refit=False)
    network.fit(frame, X[:, 0])
    np.testing.assert_array_equal(network.predict(frame), network.predict(X))
    for apply in (network.predict, network.transform):
        with pytest.raises(InputError, match=r"\['0', '1', '2'\] in this order"):
            apply(frame[[2, 1, 0]])
