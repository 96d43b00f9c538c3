"""Rows that come in parts: the map is that of a sample which no cut of the rows changes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone

from derandkit import DerandomizedProjection, measure_rows, verify
from derandkit.embeddings import estimator
from derandkit.errors import InputError
from derandkit.points.rows import sample_rows

X = np.random.default_rng(5).standard_normal((300, 6)) * [3.0, 1.0, 1.0, 0.5, 0.2, 0.1]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(estimator, "SAMPLED", 40)


def fitted(parts, **options):
    projection = DerandomizedProjection(3, objective="mean", **options)
    for rows in parts:
        projection.partial_fit(rows)
    return projection


@settings(max_examples=10)
@given(st.lists(st.integers(1, 299), max_size=6), st.booleans())
def test_the_same_rows_give_the_same_bytes_in_any_parts(cuts, scattered):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimator, "SAMPLED", 40)
        parts = np.split(sparse.csr_array(X).toarray(), sorted(set(cuts)))
        found = fitted([sparse.csr_array(rows) if scattered else rows for rows in parts])
        expected = fitted([X])
    assert found.n_samples_seen_ == 300
    assert found.components_.tobytes() == expected.components_.tobytes()
    assert found.result_.points.digest == expected.result_.points.digest


@pytest.mark.usefixtures("small")
def test_the_sample_is_that_of_the_rule_and_its_record_verifies():
    projection = fitted([X[:100], X[100:]])
    rows = sample_rows(X, 40)
    assert verify(projection.result_, rows).ok
    assert projection.result_.points.n == 40
    direct = DerandomizedProjection(3, objective="mean").fit(rows)
    assert np.array_equal(direct.components_, projection.components_)
    found = measure_rows(X, projection.result_, sample=100, skip=40)
    assert found.n == 300
    assert -projection.score(X) == pytest.approx(found.sample_rms, rel=0.3)


@pytest.mark.parametrize("objective", ["mean", "mean4"])
def test_few_rows_are_those_of_fit(objective):
    whole = DerandomizedProjection(3, objective=objective, compute_inverse_components=True).fit(X)
    parts = clone(whole).partial_fit(X[:1]).partial_fit(X[1:120]).partial_fit(X[120:])
    assert parts.result_.to_json() == whole.result_.to_json()
    for name in ("components_", "mean_", "n_components_", "inverse_components_", "n_samples_seen_"):
        assert np.array_equal(getattr(parts, name), getattr(whole, name))
    assert np.array_equal(parts.transform(X), whole.transform(X))


def test_a_fit_goes_on_and_another_fit_begins_again():
    going = DerandomizedProjection(3, objective="mean").fit(X[:100]).partial_fit(X[100:])
    assert np.array_equal(going.components_, fitted([X]).components_)
    before = going.components_
    going.partial_fit(2.0 * X[:10])
    assert going.n_samples_seen_ == 310
    assert not np.array_equal(going.components_, before)
    assert going.fit(X).n_samples_seen_ == 300
    assert np.array_equal(going.components_, before)


def test_a_map_is_fitted_when_it_is_asked_for(monkeypatch):
    calls = []
    monkeypatch.setattr(
        DerandomizedProjection,
        "_fit",
        (lambda true: lambda self, rows: (calls.append(1), true(self, rows))[1])(DerandomizedProjection._fit),
    )
    projection = fitted([X[:50], X[50:]])
    assert not calls
    again = pickle.loads(pickle.dumps(projection))
    projection.transform(X)
    projection.transform(X)
    assert len(calls) == 1
    assert np.array_equal(again.components_, projection.components_)
    assert projection.get_feature_names_out()[0] == "derandomizedprojection0"


def test_what_cannot_be_used_is_refused():
    worst = DerandomizedProjection(3)
    assert not hasattr(worst, "partial_fit")
    with pytest.raises(AttributeError):
        worst.partial_fit(X)
    with pytest.raises(ValueError, match="expecting 6 features"):
        fitted([X, X[:, :4]])
    one = fitted([X[:1]])
    with pytest.raises(InputError, match="one point has no distances"):
        one.transform(X)
    assert one.partial_fit(X[1:9]).transform(X).shape == (300, 3)
    with pytest.raises(AttributeError, match="components_"):
        DerandomizedProjection(3, objective="mean").components_  # noqa: B018
    with pytest.raises(InputError, match="eps is about the worst pair"):
        DerandomizedProjection(objective="mean").partial_fit(X).transform(X)
