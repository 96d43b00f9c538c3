"""The embedding end to end: the theorem, the promises of the result, determinism, refusals."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA

import derandkit.embeddings.fit as fitting
from derandkit.embeddings.baselines import draw_projections, principal_components
from derandkit.embeddings.guarantee import smallest_guaranteed_dimension
from derandkit.embeddings.measure import measure
from derandkit.embeddings.result import EmbeddingResult
from derandkit.embeddings.solve import embed
from derandkit.errors import InputError
from derandkit.points.cloud import PointCloud
from derandkit.status import EmbeddingStatus


def ratios(X, A):
    X = np.unique(np.asarray(X, dtype=float), axis=0)
    i, j = np.triu_indices(len(X), 1)
    V = X[i] - X[j]
    return np.sum((V @ A.T) ** 2, axis=1) / np.sum(V * V, axis=1)


@pytest.fixture(scope="module")
def digits():
    return load_digits().data[:120]


@pytest.fixture(scope="module")
def result(digits):
    return embed(digits, n_components=10)


def test_every_figure_is_what_it_says(digits, result):
    r = ratios(digits, result.matrix)
    off = np.abs(r - 1.0)
    assert result.distortion == pytest.approx(off.max(), abs=result.margin)
    assert result.scaled_distortion == pytest.approx((r.max() - r.min()) / (r.max() + r.min()), abs=1e-12)
    assert result.quantiles["mean"] == pytest.approx(off.mean(), abs=1e-12)
    for name, level in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)):
        exact = np.sort(off)[int(np.ceil(level * off.size)) - 1]
        assert exact <= result.quantiles[name] * (1 + 1e-12) <= exact * 1.0011
    i, j = result.worst_pair
    u = digits[i] - digits[j]
    assert abs(np.sum((result.matrix @ u) ** 2) / (u @ u) - 1) == pytest.approx(result.distortion, abs=1e-11)
    assert result.lower_bound <= result.distortion
    assert list(result.chain.values()) == sorted(result.chain.values())
    assert result.status is EmbeddingStatus.CERTIFIED
    assert result.status.ok


def test_beats_the_baselines_it_should_beat(digits, result):
    draws = draw_projections(digits, 10, 0, draws=50)
    components = measure(PointCloud(digits), principal_components(digits, 10))
    assert result.scaled_distortion < 0.5 * draws.scaled_distortions.min()
    assert result.scaled_distortion < 0.7 * components.scaled_distortion
    assert result.heldout["mean"] < draws.distortions.mean()


@pytest.mark.parametrize("method", ["minimax", "probability"])
def test_methods_end_close_to_each_other(method):
    X = load_breast_cancer().data[:60]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    lemma = embed(X, n_components=6, holdout=False)
    other = embed(X, n_components=6, holdout=False, method=method)
    assert other.distortion == pytest.approx(lemma.distortion, rel=0.2)
    assert other.method == method


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(8, 40),
    excess=st.integers(0, 4),
    method=st.sampled_from(["lemma", "minimax", "conditional"]),
    stretch=st.floats(0.0, 4.0),
)
def test_no_violated_pair_whenever_the_guarantee_applies(seed, n, excess, method, stretch):
    k = smallest_guaranteed_dimension(n * (n - 1) // 2) + excess
    rng = np.random.default_rng(seed)
    # more dimensions than k for the promise to say something: points are spread over d > k directions
    X = rng.standard_normal((n, 3 * k)) * np.exp(-stretch * np.linspace(0, 1, 3 * k))
    result = embed(X, n_components=k, method=method, holdout=False)
    assert result.guarantee["applies"]
    assert np.abs(ratios(X, result.matrix) - 1.0).max() <= result.guarantee["eps"]
    assert result.guarantee["log_psi_start"] < 0.0


@pytest.mark.parametrize("method", ["lemma", "conditional"])
def test_the_guarantee_where_the_span_is_larger_than_the_dimension(method):
    X = np.random.default_rng(5).standard_normal((90, 200))
    k = smallest_guaranteed_dimension(90 * 89 // 2) + 2
    assert k < 89
    result = embed(X, n_components=k, method=method, holdout=False)
    assert result.status is EmbeddingStatus.GUARANTEED
    assert result.guarantee["log_psi_end"] <= result.guarantee["log_psi_start"] < 0.0
    assert result.chain["certified_distortion"] <= result.guarantee["eps"]


def test_a_lost_promise_is_kept_by_conditional_expectations(monkeypatch):
    X = np.random.default_rng(5).standard_normal((80, 100))
    k = smallest_guaranteed_dimension(80 * 79 // 2) + 2

    def bad_path(secants, k, track):
        return np.ones((secants.rank, k)), 1.0

    monkeypatch.setitem(fitting.PATHS, "lemma", bad_path)
    monkeypatch.setattr(fitting, "sharpen", lambda pairs, P, mu, report: (P, np.inf))
    result = embed(X, n_components=k, holdout=False)
    assert result.status is EmbeddingStatus.GUARANTEED
    assert result.distortion <= result.guarantee["eps"]


def test_isometry_is_said_plainly():
    X = np.random.default_rng(1).standard_normal((30, 4)) @ np.random.default_rng(2).standard_normal((4, 20))
    for k in (4, 9):
        result = embed(X, n_components=k)
        assert result.status is EmbeddingStatus.ISOMETRY
        assert result.points["rank"] == 4
        assert result.distortion < 1e-12
        assert result.lower_bound == 0.0
        assert result.matrix.shape == (k, 20)


def test_eps_finds_the_smallest_dimension_that_meets_it(digits):
    some = digits[::4]
    result = embed(some, eps=0.3, holdout=False)
    assert result.chain["certified_distortion"] <= 0.3
    fewer = embed(some, n_components=result.n_components - 1, holdout=False)
    assert fewer.distortion > 0.3
    assert result.n_components < PCA(0.99).fit(some).n_components_


def test_an_unreachable_eps_ends_in_the_isometry():
    X = np.random.default_rng(1).standard_normal((12, 30))
    result = embed(X, eps=1e-6, holdout=False)
    assert result.n_components == 11
    assert result.status is EmbeddingStatus.ISOMETRY


def test_unseen_points_are_not_contracted():
    rng = np.random.default_rng(0)
    X, new = rng.standard_normal((60, 300)), rng.standard_normal((60, 300))
    mean = {c: ratios(new, embed(X, n_components=20, complement=c, holdout=False).matrix).mean()
            for c in ("balanced", "isometric", "zero")}  # fmt: skip
    assert mean["zero"] < 0.3
    assert abs(mean["balanced"] - 1.0) < 0.1
    assert abs(mean["isometric"] - 1.0) < 0.15


def test_complement_changes_nothing_on_the_fitted_points():
    X = np.random.default_rng(3).standard_normal((25, 60))
    values = [embed(X, n_components=5, complement=c, holdout=False).distortion for c in ("balanced", "zero")]
    assert values[0] == pytest.approx(values[1], abs=1e-12)


def test_large_clouds_use_landmarks_and_an_active_set(monkeypatch):
    X = load_digits().data[:350]
    dense = embed(X, n_components=12, holdout=False)
    monkeypatch.setattr(fitting, "DENSE_POINTS", 150)
    monkeypatch.setattr(fitting, "LANDMARKS", 150)
    seen = []
    active = embed(X, n_components=12, holdout=False, on_progress=seen.append)
    assert active.stats["active_pairs"] > 0
    assert active.stats["scans"] >= 5
    assert active.distortion <= 1.1 * dense.distortion
    assert seen[-1].stage == "refine"
    assert [progress.step for progress in seen] == list(range(1, len(seen) + 1))


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("last", [3, 16])
def test_interrupted_runs_keep_the_best_map(monkeypatch, dense, last):
    X = load_digits().data[:90]
    monkeypatch.setattr(fitting, "DENSE_POINTS", 60 if not dense else 500)
    monkeypatch.setattr(fitting, "LANDMARKS", 60)

    def stop(progress):
        if ":" not in progress.stage and progress.step >= last:
            raise KeyboardInterrupt

    result = embed(X, n_components=12, on_progress=stop, on_interrupt="return")
    assert result.status is EmbeddingStatus.INTERRUPTED
    assert not result.status.ok
    assert result.distortion < 0.95
    assert np.abs(ratios(X, result.matrix) - 1.0).max() == pytest.approx(result.distortion, abs=1e-10)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(3, 25),
    d=st.integers(1, 12),
    k=st.integers(1, 6),
    scale=st.sampled_from([1e-200, 1e-3, 1.0, 1e150]),
    repeats=st.integers(0, 3),
)
def test_any_cloud_is_embedded_and_measured(seed, n, d, k, scale, repeats):
    rng = np.random.default_rng(seed)
    base = rng.standard_normal((n, d)) + 10.0 * rng.standard_normal(d)
    X = np.vstack([base, base[: min(repeats, n)]]) * scale
    result = embed(X, n_components=k)
    r = ratios(X / scale, result.matrix)
    assert np.abs(r - 1.0).max() == pytest.approx(result.distortion, abs=1e-6)
    assert result.points["duplicates"] == min(repeats, n)
    assert result.lower_bound <= result.distortion + result.margin
    assert result.distortion <= 1.0 + 1e-9 or k >= d


def test_duplicates_sparse_float32_and_paths_mean_the_same(tmp_path):
    X = np.round(np.random.default_rng(4).standard_normal((30, 8)), 2).astype(np.float32)
    X[np.abs(X) < 0.3] = 0.0
    expected = embed(X, n_components=3)
    assert expected.points["dtype"] == "float32"

    def same(result):
        points = replace(result.points, reading=expected.points.reading)
        return replace(result, points=points).to_json() == expected.to_json()

    assert same(embed(sparse.csr_array(X), n_components=3))
    np.save(tmp_path / "x.npy", X)
    assert same(embed(tmp_path / "x.npy", n_components=3))
    assert expected.transform(X).dtype == np.float32
    np.testing.assert_allclose(expected.transform(sparse.csr_array(X)), expected.transform(X), atol=1e-5)
    with pytest.raises(InputError, match="8 numbers"):
        expected.transform(X[:, :5])


def test_json_round_trip_and_text(result):
    text = result.to_json()
    again = EmbeddingResult.from_json(text)
    assert again.to_json() == text
    assert again.status is result.status
    assert "\n" not in repr(result)
    assert "lower bound" in str(result)
    for broken in ("[]", "{}", '{"schema": "derandkit-embedding", "schema_version": 2}', "nonsense"):
        with pytest.raises(InputError):
            EmbeddingResult.from_json(broken)


SCRIPT = """
import numpy as np
from derandkit.embeddings.solve import embed
import derandkit.embeddings.fit as fitting
X = np.sin(np.arange(300.0 * 12) ** 2).reshape(300, 12)
print(embed(X[:90], n_components=4).to_json())
fitting.DENSE_POINTS, fitting.LANDMARKS = 200, 60
print(embed(X[:300], n_components=4, holdout=False).to_json())
"""


def test_same_bytes_whatever_the_threads_and_the_hash_seed():
    outputs = set()
    for threads, seed in (("1", "0"), ("2", "1")):
        names = ("OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS")
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": "src", "PATH": "/usr/bin:/bin"}
        environment |= dict.fromkeys(names, threads)
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
        )
        outputs.add(run.stdout)
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "exactly one"),
        ({"n_components": 2, "eps": 0.1}, "exactly one"),
        ({"n_components": 0}, "at least 1"),
        ({"n_components": True}, "at least 1"),
        ({"n_components": 1.5}, "integer"),
        ({"eps": 1.0}, "strictly between"),
        ({"eps": "small"}, "strictly between"),
        ({"n_components": 2, "method": "magic"}, "method='magic' is not one of lemma"),
        ({"n_components": 2, "complement": "none"}, "complement='none' is not one of"),
        ({"n_components": 2, "holdout": 0.9}, "holdout"),
    ],
)
def test_options_that_make_no_sense(options, message):
    with pytest.raises(InputError, match=message):
        embed(np.eye(5), **options)
