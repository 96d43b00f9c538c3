"""Every pair of a cloud, over threads, processes and a cluster: the same numbers, and those of the definition."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import derandkit
from derandkit.embeddings import measure as measured
from derandkit.embeddings.many.scan import scan_pairs
from derandkit.embeddings.measure import measure, pieces_of
from derandkit.errors import InputError
from derandkit.points.cloud import PointCloud

X = np.sin(np.arange(3000.0) ** 2).reshape(600, 5)
RESULT = derandkit.embed(X[:40], n_components=3, holdout=False)


@pytest.fixture
def several(monkeypatch):
    """Cut as few points as these into several pieces, in this process; pieces are sent, so the others do not cut."""
    monkeypatch.setattr(measured, "pieces_of", lambda m: measured.row_blocks(m, 7))


def by_definition(X, A):
    i, j = np.triu_indices(len(X), 1)
    V = X[i] - X[j]
    V, i, j = (table[(V != 0.0).any(axis=1)] for table in (V, i, j))
    return np.sum((V @ A.T) ** 2, axis=1) / np.sum(V * V, axis=1), i, j


def test_the_numbers_are_those_of_the_definition(several):
    points = np.vstack([X, X[:3]])
    found = scan_pairs(points, RESULT)
    ratios, i, j = by_definition(X, RESULT.matrix)
    off = np.abs(ratios - 1.0)
    assert found.n == 603
    assert found.pairs == ratios.size == 600 * 599 // 2
    assert found.distortion == pytest.approx(off.max(), abs=found.margin + 1e-12)
    assert found.worst_pair == (i[off.argmax()], j[off.argmax()])
    assert found.mean == pytest.approx(off.mean(), rel=1e-12)
    assert found.rms == pytest.approx(np.sqrt(np.mean(off**2)), rel=1e-12)
    high, low = ratios.max(), ratios.min()
    assert found.scaled_distortion == pytest.approx((high - low) / (high + low), abs=1e-12)
    assert off.max() <= found.distortion + found.margin
    for name, level in (("p50", 0.5), ("p99", 0.99)):
        assert 1.0 <= found.quantiles[name] / np.quantile(off, level, method="inverted_cdf") <= 1.001


def test_it_finds_what_one_pass_finds(several):
    """`measure` has other pieces: extremes, pairs and quantiles agree, and sums up to their rounding."""
    one, many = measure(PointCloud(X), RESULT.matrix), scan_pairs(X, RESULT)
    assert (many.distortion, many.worst_pair, many.margin) == (one.distortion, one.worst_pair, one.margin)
    assert (many.pairs, many.quantiles) == (one.pairs, one.quantiles)
    assert many.mean == pytest.approx(one.mean, rel=1e-13)


def test_two_processes_give_the_same_bytes(several):
    assert scan_pairs(X, RESULT) == scan_pairs(X, RESULT, workers=2, backend="loky")


def test_a_cluster_gives_the_same_bytes(several):
    distributed = pytest.importorskip("distributed")
    one = scan_pairs(X, RESULT, workers=1)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        assert scan_pairs(X, RESULT, backend="dask", address=cluster.scheduler_address) == one


def test_pieces_cover_every_row_and_depend_on_the_number_of_points_alone():
    for m in (2, 5, 4096, 150_000):
        pieces = pieces_of(m)
        assert pieces[0][0] == 0
        assert pieces[-1][1] == m - 1
        assert all(a[1] == b[0] for a, b in pairwise(pieces))
        assert len(pieces) <= max(1, m // 2048)


@pytest.mark.parametrize(
    ("points", "options", "words"),
    [
        (X[:, :4], {}, "rows of 5 numbers, got 4"),
        (X, {"backend": "daks"}, "backend='daks' is not one of threads, loky, dask"),
        (X, {"workers": 0}, "workers must be a whole number from 1 on, got 0"),
        (X, {"address": "tcp://127.0.0.1:1"}, "it needs backend='dask'"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(points, options, words):
    with pytest.raises(InputError, match=words):
        scan_pairs(points, RESULT, **options)


def test_it_shows_as_a_table():
    shown = str(scan_pairs(X[:50], RESULT))
    assert "1225 pairs" in shown
    assert "greatest |r - 1|" in shown
