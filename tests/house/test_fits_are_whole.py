"""A fit of an estimator that fails leaves it as it was: no names, classes or rows of it beside an earlier map."""

from __future__ import annotations

import copy
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from derandkit import (
    DerandomizedFourierFeatures,
    DerandomizedProjection,
    StructureClassifier,
    StructureRegressor,
    verify,
)
from derandkit.errors import InputError
from derandkit.points.transformer import Transformer

RNG = np.random.default_rng(3)
X = RNG.standard_normal((60, 2))
F = pd.DataFrame(X, columns=["age", "dose"])
TURNED = F[["dose", "age"]]
HOLED = TURNED.copy()
HOLED.iloc[5, 0] = np.nan
PETS, ILLS = np.where(X[:, 0] > 0, "dog", "cat"), np.where(X[:, 1] > 0, "sick", "well")
SMALL = {"width": 2, "penalty": 0.01, "upper_penalty": 0.01, "max_steps": 3}

#: Estimators with targets of a first fit and of a second one.
ESTIMATORS = {
    "projection": (DerandomizedProjection(1), None, None),
    "mean": (DerandomizedProjection(1, objective="mean"), None, None),
    "features": (DerandomizedFourierFeatures(4), None, None),
    "regressor": (StructureRegressor(1, **SMALL), X[:, 0], 100.0 + X[:, 1]),
    "classifier": (StructureClassifier(1, **SMALL), PETS, ILLS),
}


def stop(_progress):
    raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def parts():
    """Every class of estimators, found by its base, and each of its methods that fits."""
    found = list(Transformer.__subclasses__())
    for one in found:
        found.extend(one.__subclasses__())
    return [
        (one, name)
        for one in dict.fromkeys([Transformer, *found])
        for name in vars(one)
        if name in ("fit", "partial_fit", "fit_transform", "fit_predict")
    ]


def test_every_method_that_fits_is_whole():
    """It works on a copy: nothing of the estimator is another while a callback looks at it."""
    methods = parts()
    assert {one for one, _ in methods} == {Transformer, *(type(kept) for kept, *_ in ESTIMATORS.values())}
    for one, name in methods:
        method = vars(one)[name]
        inner = getattr(method, "fn", method)  # of available_if
        while inner.__code__.co_name != "whole":  # set_output puts one of its own around
            inner = inner.__wrapped__
        assert inner.__code__.co_filename.endswith("whole.py"), (one, name)


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_a_fit_that_fails_leaves_the_estimator_as_it_was(name, method):
    """It kept the earlier map under the new names and classes, and mapped rows in the new order."""
    estimator, first, second = ESTIMATORS[name]
    estimator = copy.deepcopy(estimator).fit(F, first)
    before, images = dict(vars(estimator)), estimator.transform(F)
    shown = pickle.dumps(before)

    def fails(table, error):
        with pytest.raises(error):
            getattr(estimator, method)(table, second)
        assert vars(estimator).keys() == before.keys()
        assert all(vars(estimator)[key] is value for key, value in before.items())
        assert pickle.dumps(vars(estimator)) == shown
        assert np.array_equal(estimator.transform(F), images)
        with pytest.raises(ValueError, match="same order"):
            estimator.transform(TURNED)

    fails(HOLED, ValueError)
    estimator.on_progress = before["on_progress"] = stop
    shown = pickle.dumps(before)
    fails(TURNED, KeyboardInterrupt)
    if first is not None:
        assert not hasattr(estimator, "classes_") or estimator.classes_.tolist() == ["cat", "dog"]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_first_fit_that_fails_leaves_it_not_fitted(name):
    """`transform` ended in an AttributeError about `result_`."""
    estimator, first, _ = ESTIMATORS[name]
    for wrong, callback in ((HOLED, None), (F, stop)):
        fresh = copy.deepcopy(estimator).set_params(on_progress=callback)
        for method in ("fit", "fit_transform"):
            with pytest.raises((ValueError, KeyboardInterrupt)):
                getattr(fresh, method)(wrong, first)
            assert vars(fresh) == {**vars(estimator), "on_progress": callback}
        for use in ("transform", "score", "predict", "predict_proba"):
            if hasattr(fresh, use):
                with pytest.raises(NotFittedError):
                    getattr(fresh, use)(*[F, first][: 2 if use == "score" else 1])


def test_a_callback_sees_the_estimator_of_before_and_what_it_writes_stays():
    """In the middle of a second fit the classes were those of the new targets, and the network the old one."""
    model = StructureClassifier(1, **SMALL).fit(F, PETS)
    expected, seen = model.predict(F), []

    def look(_progress):
        seen.append(np.array_equal(model.predict(F), expected))
        model.calls = len(seen)

    model.on_progress = look
    assert model.fit(TURNED, ILLS) is model
    assert seen
    assert all(seen)
    assert model.calls == len(seen)
    assert model.classes_.tolist() == ["sick", "well"]
    assert list(model.feature_names_in_) == ["dose", "age"]


def test_a_stream_goes_on_after_a_call_that_failed():
    """Rows in another order of columns were put below the earlier ones."""
    stream = DerandomizedProjection(1, objective="mean").partial_fit(F[:20])
    other = copy.copy(stream)
    for bad in (HOLED, TURNED, X[:, :1]):
        with pytest.raises(ValueError, match=r"NaN|same order|feature"):
            stream.partial_fit(bad)
    with pytest.raises(ValueError, match="NaN"):
        stream.fit(HOLED)
    with pytest.raises(ValueError, match="same order"):
        stream.partial_fit(TURNED)
    whole = DerandomizedProjection(1, objective="mean").fit(F)
    stream.partial_fit(F[20:])
    assert stream.result_.to_json() == whole.result_.to_json()
    # a copy in the middle of the stream has a sample of its own
    assert (other.n_samples_seen_, other.result_.points.n) == (20, 20)
    assert verify(other.result_, F[:20]).ok
    fresh = DerandomizedProjection(1, objective="mean")
    with pytest.raises(ValueError, match="NaN"):
        fresh.partial_fit(HOLED)
    with pytest.raises(NotFittedError):
        fresh.transform(F)
    assert fresh.partial_fit(F).n_samples_seen_ == 60


def test_a_map_that_was_stopped_while_it_was_fitted_late_is_fitted_again():
    stream = DerandomizedProjection(1, objective="mean", on_progress=stop).partial_fit(F)
    for name in ("result_", "_back"):
        with pytest.raises(KeyboardInterrupt):
            getattr(stream, name)
    stream.on_progress = None
    assert stream.inverse_transform(stream.transform(F)).shape == F.shape


def test_no_record_of_the_worst_pair_comes_from_the_rows_that_were_kept():
    """With `objective="max"` set afterwards, `result_` was a record of the worst pair of the sample."""
    stream = DerandomizedProjection(1, objective="mean").partial_fit(F).set_params(objective="max")
    with pytest.raises(InputError, match="objective='max' was set after partial_fit"):
        stream.transform(F)
    assert stream.set_params(objective="mean4").transform(F).shape == (60, 1)


def test_a_fit_leaves_nothing_of_the_one_before():
    stream = DerandomizedProjection(1, objective="mean", compute_inverse_components=True).fit(F)
    assert stream.n_samples_seen_ == 60
    stream.set_params(objective="max", compute_inverse_components=False).fit(F)
    assert not hasattr(stream, "n_samples_seen_")
    assert not hasattr(stream, "inverse_components_")


def test_warnings_of_a_fit_name_the_line_of_the_caller():
    with pytest.warns(UserWarning, match="larger than the 2 features") as found:
        DerandomizedProjection(3).fit(F)
    assert found[0].filename == __file__
