"""Guarantees, lower bounds, conditional expectations and baselines against brute force and known values."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2
from sklearn.datasets import load_digits
from sklearn.random_projection import johnson_lindenstrauss_min_dim as sklearn_min_dim

from derandkit.embeddings.baselines import (
    draw_projections,
    gaussian_projection,
    principal_components,
    rescaled,
    sparse_projection,
)
from derandkit.embeddings.bound import spectrum
from derandkit.embeddings.guarantee import (
    guaranteed_eps,
    johnson_lindenstrauss_min_dim,
    log_psi_start,
    min_dim,
    sharpness,
    smallest_guaranteed_dimension,
)
from derandkit.embeddings.measure import measure
from derandkit.embeddings.paths.conditional import conditional_expectations, gaussian_rows
from derandkit.embeddings.paths.lemma import closed_form
from derandkit.embeddings.solve import embed
from derandkit.errors import InputError
from derandkit.numerics.rounding import round_down
from derandkit.points.cloud import PointCloud


def squared(Z):
    return np.sum((Z[:, None] - Z[None]) ** 2, axis=2)


@pytest.mark.parametrize("delta", [None, 0.5, 0.01])
@pytest.mark.parametrize("eps", [0.1, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("n", [2, 10, 1000, 10**6])
def test_min_dim_is_the_first_dimension_that_suffices(n, eps, delta):
    pairs = n * (n - 1) / 2

    def failure(k):
        return pairs * (chi2.cdf(k * (1 - eps), k) + chi2.sf(k * (1 + eps), k))

    k = min_dim(n, eps, delta)
    limit = 1.0 if delta is None else delta
    assert failure(k) <= limit * (1 + 1e-9)
    assert k == 1 or failure(k - 1) >= limit * (1 - 1e-9)


@pytest.mark.parametrize("n", [2, 100, 10**6, 10**12])
@pytest.mark.parametrize("eps", [0.5, 0.1])
def test_scikit_learns_formula(n, eps):
    assert johnson_lindenstrauss_min_dim(n, eps) == sklearn_min_dim(n, eps=eps)
    if n > 2:
        assert min_dim(n, eps) <= johnson_lindenstrauss_min_dim(n, eps) + 1


def test_tiny_eps_does_not_overflow():
    assert johnson_lindenstrauss_min_dim(10**6, 1e-4) > 2**31
    assert min_dim(1000, 1e-3) > 10**6


@pytest.mark.parametrize(
    "arguments", [(1, 0.5), (2.5, 0.5), (True, 0.5), (10, 0.0), (10, 1.0), (10, 0.5, 0.0)]
)
def test_min_dim_refuses(arguments):
    with pytest.raises(InputError):
        min_dim(*arguments)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(3, 5000), k=st.integers(1, 3000))
def test_guaranteed_eps_is_the_first_below_one(n, k):
    pairs = n * (n - 1) // 2
    eps = guaranteed_eps(pairs, k)
    if eps is None:
        assert k < smallest_guaranteed_dimension(pairs)
        return
    assert k >= smallest_guaranteed_dimension(pairs)
    assert log_psi_start(pairs, k, eps) < 0.0 <= log_psi_start(pairs, k, eps - 2e-9)
    assert guaranteed_eps(pairs, k + 1) <= eps


@settings(max_examples=30, deadline=None)
@given(n=st.integers(3, 2000), eps=st.floats(0.05, 0.95))
def test_scikit_learns_dimension_is_guaranteed(n, eps):
    # 2 ln(2 N) / (eps^2/2 - eps^3/3) is the paper form of 4 ln n / (...), larger by less than one
    pairs = n * (n - 1) // 2
    k = math.ceil(2 * math.log(2 * pairs) / (eps**2 / 2 - eps**3 / 3))
    assert log_psi_start(pairs, k, eps) < 0.0


def test_log_psi_start_is_the_closed_form_at_the_start():
    mu = sharpness(40, 0.6)
    au, cu, al, cl = closed_form(mu, 1 / 40, 40, 0.6)
    assert au > 0
    assert al > 0
    assert log_psi_start(100, 40, 0.6) == pytest.approx(math.log(100 * (math.exp(cu) + math.exp(cl))))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 15), d=st.integers(1, 10), k=st.integers(1, 4))
def test_no_map_beats_the_lower_bound(seed, n, d, k):
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n, d)) * np.exp(-rng.random(d) * 2)
    Z -= Z.mean(axis=0)
    limits = spectrum(Z)
    D = squared(Z)
    assert limits.distance_norm == pytest.approx(np.linalg.norm(D), rel=1e-10)
    i, j = np.triu_indices(n, 1)
    for _ in range(5):
        # any embedding counts, linear or not
        Y = Z @ rng.standard_normal((d, k)) + 0.3 * rng.standard_normal((n, k))
        r = squared(Y)[i, j] / D[i, j]
        assert (r.max() - r.min()) / (r.max() + r.min()) >= limits.lower_bound(k)
    bounds = [limits.lower_bound(p) for p in range(1, d + 1)]
    assert bounds == sorted(bounds, reverse=True)
    smallest = limits.smallest_dimension(0.05)
    assert smallest == 1 or limits.lower_bound(smallest - 1) > 0.05


def test_lower_bound_of_the_simplex():
    n, k = 400, 9
    limits = spectrum(np.eye(n) - 1 / n)
    eps = limits.lower_bound(k)
    assert eps / (1 - eps) == pytest.approx(1 / math.sqrt(k), rel=0.2)


@given(st.floats(1e-300, 1e300))
def test_round_down_is_below_and_close(x):
    assert round_down(x) <= x * (1 + 1e-12)
    assert round_down(x) >= x * (1 - 1.1e-5)


def estimator(Z, matrix, eps, decided):
    """Upper bound on the expected violations, rows < decided[0] and entries < decided[1] of the next one fixed."""
    k, r = matrix.shape
    h = eps / (2 * (1 + eps))
    i, j = np.triu_indices(len(Z), 1)
    V = Z[i] - Z[j]
    V /= np.linalg.norm(V, axis=1)[:, None]
    upper, lower = np.exp(-h * k * (1 + eps)) * np.ones(len(V)), np.exp(h * k * (1 - eps)) * np.ones(len(V))
    R = matrix * np.sqrt(k)
    for row in range(k):
        known = r if row < decided[0] else decided[1] if row == decided[0] else 0
        c, rest = V[:, :known] @ R[row, :known], V[:, known:]
        s2, q = np.sum(rest**2, axis=1), np.sum(rest**4, axis=1)
        if known == r:
            upper, lower = upper * np.exp(h * c * c), lower * np.exp(-h * c * c)
        else:
            upper = upper * (1 - 2 * h * s2) ** -0.5 * np.exp(h * c * c / (1 - 2 * h * s2))
            lower = lower * (1 - h * (c * c + s2) + h * h / 2 * (c**4 + 6 * c * c * s2 + 3 * s2**2 - 2 * q))
    return np.sum(upper + lower)


def test_every_sign_lowers_the_estimator_and_is_the_better_one():
    Z = np.random.default_rng(3).standard_normal((6, 4))
    k, eps = 3, 0.7
    found = conditional_expectations(Z, k, eps)
    assert found.log_start == pytest.approx(math.log(estimator(Z, found.matrix, eps, (0, 0))))
    previous = np.inf
    for row, entry in itertools.product(range(k), range(1, 4)):
        now = estimator(Z, found.matrix, eps, (row, entry))
        flipped = found.matrix.copy()
        flipped[row, entry - 1] *= -1
        assert now <= estimator(Z, flipped, eps, (row, entry)) * (1 + 1e-9)
        assert now <= previous * (1 + 1e-9)
        previous = now
    assert found.log_end == pytest.approx(math.log(estimator(Z, found.matrix, eps, (k, 0))))


@pytest.mark.parametrize("method", [conditional_expectations, gaussian_rows])
def test_conditional_expectations_keep_their_promise(method):
    Z = load_digits().data[:40].astype(float)
    k = math.ceil(2 * math.log(2 * 780) / (0.8**2 / 2 - 0.8**3 / 3))
    found = method(Z, k, 0.8)
    assert found.log_end <= found.log_start < 0.0
    assert measure(PointCloud(Z), found.matrix).distortion <= 0.8


def test_conditional_expectations_refuse_what_does_not_fit():
    for method in (conditional_expectations, gaussian_rows):
        with pytest.raises(InputError, match="4096"):
            method(np.zeros((5000, 2)), 2, 0.5)


def test_random_projections_are_what_they_say():
    G = gaussian_projection(400, 100, 1)
    assert G.var() == pytest.approx(1 / 100, rel=0.05)
    S = sparse_projection(400, 100, 1)
    assert np.mean(S != 0) == pytest.approx(1 / 20, rel=0.1)
    assert np.sum(S**2) == pytest.approx(400, rel=0.1)
    assert np.mean(sparse_projection(400, 100, 1, 1 / 3) != 0) == pytest.approx(1 / 3, rel=0.05)
    np.testing.assert_array_equal(G, gaussian_projection(400, 100, np.random.default_rng(1)))
    with pytest.raises(InputError):
        sparse_projection(4, 2, 0, density=0.0)


def test_draws_measure_every_pair_of_every_draw():
    X = load_digits().data[:50]
    found = draw_projections(X, 8, 5, draws=7)
    rng = np.random.default_rng(5)
    for raw, scaled in zip(found.distortions, found.scaled_distortions, strict=True):
        exact = measure(PointCloud(X), gaussian_projection(64, 8, rng))
        assert raw == pytest.approx(exact.distortion)
        assert scaled == pytest.approx(exact.scaled_distortion)
    assert measure(PointCloud(X), found.best).distortion == pytest.approx(found.scaled_distortions.min())
    assert len(draw_projections(X, 8, 5, seconds=0.05).distortions) >= 1
    with pytest.raises(InputError):
        draw_projections(X, 8, 5, draws=0)


def test_principal_components_keep_variance_and_are_centred_on_one():
    X = load_digits().data[:60]
    A = principal_components(X, 5, rescale=False)
    np.testing.assert_allclose(A @ A.T, np.eye(5), atol=1e-12)
    C = np.cov(X.T)
    assert np.trace(A @ C @ A.T) == pytest.approx(np.sort(np.linalg.eigvalsh(C))[-5:].sum())
    found = measure(PointCloud(X), principal_components(X, 5))
    assert found.largest - 1 == pytest.approx(1 - found.smallest)
    assert not rescaled(X, np.zeros((2, 64))).any()


@pytest.mark.slow
def test_the_published_experiment_on_pairwise_differences():
    X = np.random.default_rng(0).random((100, 500))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    a, *_ = np.linalg.lstsq(X, np.ones(100), rcond=None)
    assert np.abs((X @ a) ** 2 - 1).max() < 1e-10  # on the points alone one dimension is enough
    draws = draw_projections(X, 30, 1, draws=200)
    assert 1.1 < draws.distortions.mean() < 1.3
    assert embed(X, n_components=30, holdout=False).distortion < 0.15
