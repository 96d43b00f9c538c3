"""A structured array is refused in one line where scikit-learn would meet it with a TypeError of NumPy."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

import derandkit as dk

X = np.random.default_rng(0).standard_normal((60, 3))
Y = np.tanh(X[:, 0])
ROWS = np.array([tuple(row) for row in X], dtype=[("a", float), ("b", float), ("c", float)])
QUICK = {"width": 4, "penalty": 0.01, "upper_penalty": 0.001, "max_steps": 2}


@cache
def regressor():
    return dk.StructureRegressor(1, **QUICK).fit(X, Y)


@cache
def classifier():
    return dk.StructureClassifier(1, **QUICK).fit(X, (Y > 0).astype(int))


@cache
def projection():
    return dk.DerandomizedProjection(2, compute_inverse_components=True).fit(X)


CALLS = {
    "transform": lambda rows: regressor().transform(rows),
    "predict": lambda rows: regressor().predict(rows),
    "score": lambda rows: regressor().score(rows, Y),
    "fit": lambda rows: dk.StructureRegressor(1, **QUICK).fit(rows, Y),
    "fit of classes": lambda rows: dk.StructureClassifier(1, **QUICK).fit(rows, Y > 0),
    "probabilities": lambda rows: classifier().predict_proba(rows),
    "points": lambda rows: projection().transform(rows),
    "fit of points": lambda rows: dk.DerandomizedProjection(2).fit(rows),
    "images": lambda rows: projection().inverse_transform(rows),
    "features": lambda rows: dk.DerandomizedFourierFeatures(4).fit(rows),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("rows", [ROWS, ROWS.view(np.recarray)], ids=["structured", "recarray"])
def test_a_structured_array_is_refused(name, rows):
    with pytest.raises(dk.InputError, match="structured array; pass a frame") as refused:
        CALLS[name](rows)
    assert "\n" not in str(refused.value)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_weights_that_are_structured_or_text_are_refused_and_a_frame_is_taken():
    for weights in (ROWS, np.full(60, "1_0")):
        with pytest.raises(dk.InputError, match="sample_weight"):
            dk.StructureRegressor(1, **QUICK).fit(X, Y, weights)
    frame = pd.DataFrame(ROWS)
    assert dk.StructureRegressor(1, **QUICK).fit(frame, Y).transform(frame).shape[0] == 60


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_numbers_of_few_bits_are_no_structured_array(kind):
    """Their kind in NumPy is that of structured arrays, and the estimators refused them as such."""
    few = X.astype(getattr(pytest.importorskip("ml_dtypes"), kind))
    same = few.astype(np.float64)
    assert np.allclose(regressor().predict(few), regressor().predict(same))
    assert np.allclose(projection().transform(few), projection().transform(same))
    fit, wide = (dk.DerandomizedProjection(2).fit(rows) for rows in (few, same))
    assert np.allclose(fit.components_, wide.components_, atol=1e-4)
    for fitted in (dk.StructureRegressor(1, **QUICK), dk.StructureClassifier(1, **QUICK)):
        y = Y if isinstance(fitted, dk.StructureRegressor) else Y > 0
        assert fitted.fit(few, y, np.ones(60, few.dtype)).n_features_in_ == 3
    assert dk.DerandomizedFourierFeatures(4).fit(few).n_features_in_ == 3
