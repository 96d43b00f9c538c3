"""Rows of arcs go by their names wherever these come from, and marks of clauses by their index."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.embeddings.bound import spectrum
from derandkit.errors import InputError
from derandkit.runtime import lapack


class SparkRow(tuple):
    """As a row of Spark: a tuple that knows its fields."""

    __fields__ = ("weight", "source", "target")


class DictRow(list):
    """As a row of psycopg: a list with keys."""

    def keys(self):
        return ["weight", "source", "target"]


@pytest.mark.parametrize("kind", [SparkRow, DictRow])
def test_rows_of_databases_are_arcs_by_their_names(kind):
    """The first two cells were the ends of an arc, here a weight and a vertex."""
    rows = [kind((5, 1, 2)), kind((2, 3, 2)), kind((7, 1, 4))]
    assert list(dk.Arcs.from_arcs(rows).labels) == [1, 2, 3, 4]
    assert dk.maxdicut(rows).value == 14


@pytest.mark.parametrize("kind", [bool, object])
def test_marks_of_hard_clauses_that_are_series_have_an_index_in_order(kind):
    """Marks of the type object were taken by position."""
    clauses = [(1, 2), (-1,)]
    turned = pd.Series([True, False], index=[1, 0], dtype=kind)
    with pytest.raises(InputError, match="hard is a series whose index does not count 0, 1, 2"):
        dk.Clauses.from_clauses(clauses, hard=turned)
    assert dk.Clauses.from_clauses(clauses, hard=turned.sort_index()).hard.tolist() == [False, True]
    numbers = pd.Series([1], index=[7], dtype=object)
    assert dk.Clauses.from_clauses(clauses, hard=numbers).hard.tolist() == [False, True]


def test_advice_about_an_array_of_xarray_can_be_followed():
    xr = pytest.importorskip("xarray")
    weights = xr.DataArray([1.0, 2.0], dims=("k",), coords={"k": [1, 0]})
    with pytest.raises(InputError, match=r"weights\.sortby\('k'\)"):
        dk.Clauses.from_clauses([(1, 2), (-1,)], weights=weights)
    assert dk.Clauses.from_clauses([(1, 2), (-1,)], weights=weights.sortby("k")).weights.tolist() == [
        2.0,
        1.0,
    ]


def test_images_may_be_a_list_of_records():
    """It ended in a TypeError."""
    X = np.random.default_rng(0).normal(size=(20, 3))
    projection = dk.DerandomizedProjection(2).fit(X)
    first, second = projection.get_feature_names_out()
    back = projection.inverse_transform([{first: 1.0, second: 2.0}])
    assert np.array_equal(back, projection.inverse_transform(np.array([[1.0, 2.0]])))


def test_the_spectrum_of_points_has_one_product_for_any_number_of_threads(monkeypatch):
    """A threaded product splits its rows: its last bits followed the number of threads."""
    inside = []

    def eigvalsh(A):
        inside.append(lapack._alone._is_owned())
        return np.linalg.eigvalsh(A)

    monkeypatch.setattr(lapack, "eigvalsh", eigvalsh)
    assert spectrum(np.diag([2.0, 1.0])).eigenvalues.tolist() == [4.0, 1.0]
    assert inside == [True]
