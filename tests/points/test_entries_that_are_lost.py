"""Entries that NumPy would make other numbers of: missing categories, masks of dask, narrow sums, odd texts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import scipy.sparse as sp

import derandkit as dk
from derandkit.missing import with_gaps
from derandkit.points.cloud import PointCloud

ROWS = 40
X = np.random.default_rng(5).normal(size=(ROWS, 3))
FITTED = dk.embed(X, n_components=2, holdout=False)
GAPS = pa.chunked_array([pa.array([10.0, None, 30.0, 7.0] * 10).dictionary_encode()])
TABLE = pa.table({"a": GAPS, "b": X[:, 0], "c": X[:, 1]})
CLAUSES = [(k + 1, k + 2) for k in range(ROWS)]


@pytest.mark.parametrize(
    "take",
    [
        lambda: PointCloud(TABLE),
        lambda: dk.embed(TABLE, n_components=1),
        lambda: FITTED.transform(TABLE),
        lambda: dk.measure_rows(TABLE, FITTED),
        lambda: dk.sample_rows(lambda: [TABLE], 5),
        lambda: dk.scan_pairs(TABLE, FITTED),
        lambda: dk.random_features(TABLE, n_features=4),
        lambda: dk.DerandomizedProjection(1).fit(TABLE),
        lambda: dk.embed(X, n_components=2, objective="mean", pair_weights=GAPS),
        lambda: dk.RegressionData(TABLE, X[:, 2]),
        lambda: dk.RegressionData(X, GAPS),
        lambda: dk.RegressionData(X, X[:, 0], weights=GAPS),
        lambda: dk.StructureRegressor().fit(TABLE, X[:, 2]),
        lambda: dk.StructureRegressor().fit(X, GAPS),
        lambda: dk.StructureRegressor().fit(X, X[:, 2], sample_weight=GAPS),
        lambda: dk.Clauses.from_clauses(CLAUSES, weights=GAPS),
        lambda: dk.WeightedGraph.from_edges(np.arange(ROWS), np.arange(ROWS) + 1, GAPS),
        lambda: dk.minimize_ising(GAPS, {(0, 1): 1}),
    ],
)
def test_a_missing_category_of_arrow_is_missing(take):
    """It became the last category: a record of points that do not exist verified."""
    with pytest.raises(ValueError, match=r"(?i)nan|not finite|finite"):
        take()


def test_missing_classes_of_arrow_are_no_class():
    names = pa.chunked_array([pa.array(["a", None, "b", "c"] * 10).dictionary_encode()])
    with pytest.raises(dk.InputError, match="missing value"):
        dk.RegressionData(X, names)


def test_columns_of_arrow_without_gaps_are_as_before():
    whole = [30.5, 0.25, 30.5, 2.75] * 10
    full = pa.array(whole).dictionary_encode()
    for given in (full, pa.chunked_array([full]), pa.table({"a": full})["a"]):
        assert np.asarray(with_gaps(given)).tolist() == whole
    assert PointCloud(pa.table({"a": full, "b": X[:, 0]})).points[:, 0].tolist() == whole


@pytest.mark.parametrize(
    "take",
    [
        PointCloud,
        FITTED.transform,
        lambda M: dk.sample_rows(M, 5),
        lambda M: dk.sample_rows(lambda: [M], 5),
        lambda M: dk.RegressionData(M, X[:, 0]),
        lambda M: dk.RegressionData(X, M[:, 0]),
        lambda M: dk.RegressionData(X, X[:, 0], weights=abs(M[:, 0])),
        lambda M: dk.DerandomizedProjection(1).fit(M),
        lambda M: dk.StructureRegressor().fit(M, X[:, 0]),
    ],
)
def test_masked_entries_of_dask_have_no_value(take):
    """NumPy makes an array of them without the mask."""
    da = pytest.importorskip("dask.array")
    with pytest.raises(dk.InputError, match="masked, so they have no value"):
        take(da.ma.masked_array(da.from_array(X), mask=X > 1))


def test_arrays_of_dask_without_masks_are_read():
    da = pytest.importorskip("dask.array")
    assert np.array_equal(PointCloud(da.from_array(X)).points, X)
    assert np.array_equal(FITTED.transform(da.from_array(X)), FITTED.transform(X))


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.int32])
def test_counts_of_words_are_added_in_a_wide_type(kind):
    """200 ones of int8 at one place became -56 in the images, and 200 in the certificate."""
    g = np.random.default_rng(0)
    doc = np.r_[np.zeros(40_000, int), g.integers(0, 30, 400)]
    word = np.r_[np.zeros(40_000, int), g.integers(0, 6, 400)]
    counts = sp.coo_array((np.ones(doc.size, dtype=kind), (doc, word)), shape=(30, 6))
    dense = np.zeros((30, 6))
    np.add.at(dense, (doc, word), 1.0)
    assert dense[0, 0] > 32_767
    found = dk.embed(counts, n_components=3, holdout=False)
    assert np.array_equal(
        found.transform(counts), dk.embed(dense, n_components=3, holdout=False).transform(dense)
    )
    kernel = dk.random_features(dense, n_features=4)
    assert np.array_equal(kernel.transform(counts), kernel.transform(dense))
    projection = dk.DerandomizedProjection(3).fit(counts)
    assert np.array_equal(projection.transform(counts), projection.transform(dense))


@pytest.mark.parametrize("word", ["1_0", "١٢", "1_0.5", "1e1_0"])
@pytest.mark.parametrize(
    "take",
    [
        PointCloud,
        FITTED.transform,
        lambda T: dk.DerandomizedProjection(1).fit(T),
        lambda T: dk.RegressionData(T, X[:, 0]),
        lambda T: dk.StructureRegressor().fit(T, X[:, 0]),
        lambda T: dk.StructureRegressor().fit(X, T[:, 0]),
    ],
)
def test_a_text_that_python_alone_reads_is_no_number(word, take):
    texts = X.astype(object)
    texts[0, 0] = word
    with pytest.raises(dk.InputError, match="which Python alone reads as"):
        take(texts)


@pytest.mark.parametrize("kind", ["U", "S"])
@pytest.mark.parametrize(
    "take", [PointCloud, FITTED.transform, lambda T: dk.DerandomizedProjection(1).fit(T)]
)
def test_arrays_of_text_are_no_points(kind, take):
    with pytest.raises(dk.InputError, match=r"such as .*; convert it first"):
        take(X.astype(kind))


CODES = np.array([["00501", "1"], ["10001", "2"], ["20002", "5"]] * 5, dtype=object)


@pytest.mark.parametrize(
    "take",
    [
        PointCloud,
        lambda rows: PointCloud(pd.DataFrame(rows)),
        lambda rows: dk.RegressionData(rows, np.arange(15.0)),
        lambda rows: dk.StructureRegressor().fit(rows, np.arange(15.0)),
        lambda rows: dk.DerandomizedProjection(1).fit(rows),
        lambda rows: dk.random_features(rows, 4),
        lambda rows: dk.cut_norm(rows),
    ],
)
def test_codes_among_objects_without_names_are_refused_as_in_files_and_frames(take):
    """The code '00501' was the number 501 where a column has no name."""
    with pytest.raises(dk.InputError, match=r"column 1 of .* holds texts with leading zeros, as codes have"):
        take(CODES)


def test_texts_of_equally_many_digits_are_numbers_in_every_column():
    digits = np.array([["007", "012"], ["000", "255"]], dtype=object)
    assert PointCloud(digits).points.tolist() == [[7.0, 12.0], [0.0, 255.0]]


@pytest.mark.parametrize(
    "take",
    [
        lambda rows: dk.DerandomizedProjection(1).fit(rows),
        lambda rows: dk.StructureRegressor().fit(rows, np.arange(9.0)),
        dk.cut_norm,
    ],
)
def test_tables_of_different_lengths_are_refused_in_plain_words(take):
    with pytest.raises(dk.InputError, match=r"is no array: its rows have different lengths$"):
        take([X[:5], X[5:9]])
