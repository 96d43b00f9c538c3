"""Sparse points with very many columns: fitted in their span, never expanded whole, certified like any others."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import derandkit
from derandkit import embed, random_features, verify
from derandkit.certificates import rows
from derandkit.certificates.rows import table_of
from derandkit.errors import InputError
from derandkit.points import sparse as wide_tables
from derandkit.points.cloud import PointCloud

WIDE = 300_000


def table(n, d, seed=0, entries=6):
    """Rows with a few entries each, in columns that no other row or many rows have."""
    rng = np.random.default_rng(seed)
    columns = np.concatenate([rng.choice(d, entries, replace=False) for _ in range(n)])
    values = np.round(rng.standard_normal(n * entries), 3) + 4.0
    return sparse.csr_array((values, (np.repeat(np.arange(n), entries), columns)), shape=(n, d))


@pytest.fixture
def everything_is_large(monkeypatch):
    monkeypatch.setattr(wide_tables, "SMALL", 0)
    monkeypatch.setattr(rows, "LARGE", 0)


@settings(max_examples=20)
@given(st.integers(2, 8), st.integers(1, 30), st.integers(0, 99), st.sampled_from(["csr", "csc", "coo"]))
def test_a_cut_table_has_the_digest_rows_and_centre_of_the_whole(n, entries, seed, kind):
    X = table(n, 80, seed, entries)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wide_tables, "SMALL", 0)
        cut, dense = PointCloud(X.asformat(kind)), PointCloud(X.toarray())
    whole = PointCloud(X.toarray())
    assert cut.digest == whole.digest == table_of(cut).digest
    assert cut.n_features == dense.n_features == 80
    assert np.array_equal(dense.points, cut.points)
    assert np.array_equal(dense.table(), whole.points)
    assert (cut.places is None) == (np.unique(X.indices).size > 40)
    assert cut.places is None or cut.points.any(axis=0).all()
    assert np.array_equal(cut.distinct, whole.distinct)
    assert np.array_equal(cut.origin, whole.origin)
    back = cut.table()
    assert np.array_equal(back.toarray() if cut.places is not None else back, whole.points)


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("objective", ["max", "mean"])
def test_a_map_of_a_cut_table_holds_for_the_expanded_one(objective, monkeypatch):
    X = table(24, 400)
    result = embed(X, n_components=6, objective=objective)
    expanded = X.toarray()
    for points in (X, X.tocsc(), expanded):
        outcome = verify(result, points)
        assert outcome.ok, outcome.failed
    assert np.array_equal(embed(expanded, n_components=6, objective=objective).matrix, result.matrix)
    assert result.matrix.shape == (6, 400)
    assert result.points["d"] == 400
    assert result.points["rank"] == 23
    i, j = np.triu_indices(24, 1)
    V = expanded[i] - expanded[j]
    r = np.sum((V @ result.matrix.T) ** 2, axis=1) / np.sum(V**2, axis=1)
    assert abs(np.abs(r - 1.0).max() - result.distortion) <= result.margin + 1e-12
    np.testing.assert_allclose(result.transform(X), result.transform(expanded), atol=1e-12)
    np.testing.assert_allclose(result.transform(PointCloud(X)), result.transform(expanded), atol=1e-12)
    monkeypatch.setattr(wide_tables, "SMALL", 10**6)
    whole = embed(expanded, n_components=6, objective=objective)
    assert result.distortion == pytest.approx(whole.distortion, rel=0.05)
    assert result.stretch["span"]["largest"] == pytest.approx(whole.stretch["span"]["largest"], rel=0.2)


@pytest.mark.usefixtures("everything_is_large")
def test_the_complement_of_a_cut_table_has_the_columns_in_which_all_points_are_zero():
    X = table(12, 300)
    zero = embed(X, n_components=4, holdout=False, complement="zero").matrix
    tight = embed(X, n_components=4, holdout=False, complement="isometric").matrix
    unused = np.setdiff1d(np.arange(300), X.indices)
    assert not zero[:, unused].any()
    # mean squared stretch 1 on the complement of the span, whose dimension is 300 - 11
    assert np.sum((tight - zero) ** 2) == pytest.approx(300 - 11, rel=1e-9)
    assert np.sum(tight[:, unused] ** 2) == pytest.approx(unused.size, rel=0.3)


@pytest.mark.usefixtures("everything_is_large")
def test_changed_records_of_a_cut_table_are_refused():
    X = table(15, 200)
    record = embed(X, n_components=3, holdout=False).to_dict()
    unused = np.setdiff1d(np.arange(200), X.indices)
    other = X.tolil()
    other[0, unused[0]] = 1e-9
    assert "points" in verify(record, other.tocsr()).failed
    from derandkit.records import decode_array, encode_array, sealed

    centre = decode_array(record["centre"])
    centre[unused[0]] = 1.0
    forged = {**record, "centre": encode_array(centre, "<f8")}
    forged = sealed({k: v for k, v in forged.items() if k != "seal"})
    assert "matrix" in verify(forged, X).failed
    A = decode_array(record["matrix"])
    A[0, X.indices[0]] += 0.5
    forged = sealed({k: v for k, v in {**record, "matrix": encode_array(A, "<f8")}.items() if k != "seal"})
    assert "ratios" in verify(forged, X).failed


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("gamma", ["median", "scale", 0.01])
def test_features_of_a_cut_table_hold_for_the_expanded_one(gamma, monkeypatch):
    X = table(20, 300)
    result = random_features(X, 10, gamma=gamma)
    assert result.frequencies.shape == (5, 300)
    for points in (X, X.toarray()):
        outcome = verify(result, points)
        assert outcome.ok, outcome.failed
    monkeypatch.setattr(wide_tables, "SMALL", 10**6)
    whole = random_features(X.toarray(), 10, gamma=gamma)
    assert result.gamma == pytest.approx(whole.gamma, rel=1e-12)
    assert result.rms < 2.0 * whole.rms + 1e-6
    features = result.transform(X)
    i, j = np.triu_indices(20, 1)
    squares = np.sum((X.toarray()[i] - X.toarray()[j]) ** 2, axis=1)
    off = np.sum(features[i] * features[j], axis=1) - np.exp(-result.gamma * squares)
    assert abs(np.sqrt(np.mean(off**2)) - result.rms) <= result.margin + 1e-12


@pytest.mark.usefixtures("everything_is_large")
def test_estimators_take_cut_tables():
    from derandkit import DerandomizedFourierFeatures, DerandomizedProjection

    X = table(20, 300)
    projection = DerandomizedProjection(5, compute_inverse_components=True).fit(X)
    assert projection.components_.shape == (5, 300)
    assert projection.inverse_components_.shape == (300, 5)
    Y = projection.transform(X)
    np.testing.assert_allclose(projection.transform(projection.inverse_transform(Y)), Y, atol=1e-9)
    assert -projection.score(X) <= projection.result_.chain["certified_distortion"]
    features = DerandomizedFourierFeatures(8).fit(X)
    assert -features.score(X) <= features.result_.chain.certified_rms


def test_what_does_not_fit_is_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(wide_tables, "SMALL", 0)
    monkeypatch.setattr(wide_tables, "DENSE", 0.05)
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "20000")
    with pytest.raises(InputError, match=r"sparse table of 20 x 900 \(\d+ columns of which") as caught:
        PointCloud(table(20, 900))
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match=r"sparse table of 20 x 20 does not fit"):
        PointCloud(table(20, 20, entries=20))


def test_complex_and_empty_wide_tables_are_refused():
    X = table(60, WIDE)
    with pytest.raises(InputError, match="Complex"):
        PointCloud(X.astype(complex))
    with pytest.raises(InputError, match="all 60 points are equal"):
        PointCloud(sparse.csr_array((60, WIDE)))
    X.data[3] = np.nan
    with pytest.raises(InputError, match="row 0 holds NaN"):
        PointCloud(X)


@pytest.mark.parametrize("objective", ["max", "mean", "mean4"])
def test_sixty_rows_of_300_000_columns(objective):
    """The map has 48 MB; the table would have 144 MB, and nothing of its size is made."""
    embed(table(12, 300), n_components=3, objective=objective, holdout=False)  # kernels are compiled
    X = table(60, WIDE, entries=300)
    tracemalloc.start()
    result = embed(X, n_components=20, objective=objective, holdout=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.matrix.nbytes == 48_000_000
    assert peak < 4.6 * result.matrix.nbytes  # the map, its frame, and what is taken from it
    assert result.points["rank"] == 59
    if objective == "max":
        outcome = derandkit.verify(result.to_dict(), X)
        assert outcome.ok, outcome.failed


def test_features_of_sixty_rows_of_300_000_columns():
    random_features(table(12, 300), 4)  # kernels are compiled
    X = table(60, WIDE, entries=300)
    tracemalloc.start()
    result = random_features(X, 16)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.frequencies.shape == (8, WIDE)
    assert peak < 144_000_000
    assert derandkit.verify(result.to_dict(), X).ok


def rows_that_repeat(seed):
    numbers = np.random.default_rng(seed)
    shape = int(numbers.integers(1, 12)), int(numbers.integers(1, 9))
    kind = (np.float32, np.float64)[seed % 2]
    return numbers.choice([0.0, -0.0, 1.0, 2.0], shape, p=[0.4, 0.3, 0.2, 0.1]).astype(kind)


@pytest.mark.parametrize(("module", "name"), [(wide_tables, "SMALL"), (rows, "LARGE")])
@pytest.mark.parametrize("entries", [1, 5, 30, 10_000])
def test_equal_rows_are_found_some_columns_at_a_time(module, name, entries, monkeypatch):
    monkeypatch.setattr(module, name, entries)
    for seed in range(150):
        table = rows_that_repeat(seed)
        expected = np.sort(np.unique(table, axis=0, return_index=True)[1])
        np.testing.assert_array_equal(module.distinct_rows(table), expected)


def test_a_sparse_table_takes_little_more_than_its_entries_when_it_is_expanded(monkeypatch):
    """A diagonal of 22 000 rows, in a file of 363 kB, took 7.6 GB: it was copied for its type and to sort its rows."""
    monkeypatch.setattr(wide_tables, "SMALL", 1 << 16)
    monkeypatch.setattr(rows, "LARGE", 1 << 16)
    n = 2500
    X = sparse.diags_array(np.arange(1.0, n + 1.0)).tocsr()
    tracemalloc.start()
    try:
        cloud = PointCloud(X)
        rows.distinct_rows(cloud.points)
        assert rows.table_of(cloud).digest == cloud.digest
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert cloud.points.shape == (n, n)
    assert peak < 1.4 * 8 * n * n


def test_points_that_were_given_may_change_later_on():
    given = np.random.default_rng(0).standard_normal((5, 3))
    cloud = PointCloud(given)
    given[0] = 0.0
    assert cloud.points[0].any()
