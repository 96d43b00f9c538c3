"""The objectives: closed forms against sampling, derivatives against differences, Stein and the heat equation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import assert_derivatives

from derandkit.embeddings.paths.lemma import closed_form, curvature_sign, follow_lemma
from derandkit.embeddings.paths.minimax import descend, two_sided
from derandkit.embeddings.paths.objective import ExponentialObjective, ProbabilityObjective
from derandkit.embeddings.paths.secants import Secants
from derandkit.engine.law import GaussianSampler
from derandkit.engine.objective import GaussianObjective
from derandkit.errors import InputError

X = np.random.default_rng(7).standard_normal((9, 5))
K = 3
OBJECTIVES = [
    (ExponentialObjective(X, K, mu=0.8, eps=0.3), 0.5),
    (ProbabilityObjective(X, K, 0.4), 0.35),
]


def law(sigma, seed=1):
    return GaussianSampler(0.4 * np.random.default_rng(seed).standard_normal(K * 5), sigma)


@pytest.mark.parametrize(("objective", "sigma"), OBJECTIVES)
def test_value_is_the_mean_over_sampled_maps(objective, sigma):
    maps = law(sigma).draw(40_000, 3).reshape(-1, K, 5)
    i, j = np.triu_indices(len(X), 1)
    V = X[i] - X[j]
    V /= np.linalg.norm(V, axis=1)[:, None]
    r = np.sum((maps @ V.T) ** 2, axis=1)
    if isinstance(objective, ExponentialObjective):
        mu, eps = objective.mu, objective.eps
        losses = np.exp(mu * (r - 1 - eps)) + np.exp(mu * (1 - eps - r))
    else:
        losses = (np.abs(r - 1) > objective.eps).astype(float)
    samples = losses.sum(axis=1)
    error = samples.std() / np.sqrt(samples.size)
    assert abs(samples.mean() - objective.value(law(sigma))) < 5 * error


@pytest.mark.parametrize(("objective", "sigma"), OBJECTIVES)
def test_derivatives_by_differences(objective, sigma):
    assert_derivatives(objective, law(sigma))


@pytest.mark.parametrize(("objective", "sigma"), OBJECTIVES)
def test_stein_identity_and_trace(objective, sigma):
    at, step = law(sigma), 1e-5
    trace = np.trace(objective.curvature(at, np.eye(at.dimension)))
    assert objective.curvature_trace(at) == pytest.approx(trace, rel=1e-9)
    slope = (
        objective.value(at.with_spread(sigma + step)) - objective.value(at.with_spread(sigma - step))
    ) / (2 * step)
    assert slope == pytest.approx(sigma * trace, rel=1e-5)


def test_they_are_gaussian_objectives_and_have_limits():
    for objective, _ in OBJECTIVES:
        assert isinstance(objective, GaussianObjective)
        assert objective.start().spread == pytest.approx(np.sqrt(1 / K))
        small, zero = objective.value(law(1e-4)), objective.value(law(0.0))
        if isinstance(objective, ExponentialObjective):
            assert small == pytest.approx(zero, rel=1e-5)
        else:
            assert zero == int(zero)
    # a trial beyond the domain is a number for a line search, but has no derivatives
    assert OBJECTIVES[0][0].value(law(1.0)) == np.inf
    with pytest.raises(InputError, match="infinite"):
        OBJECTIVES[0][0].mean_gradient(law(1.0))
    with pytest.raises(InputError, match="isotropic"):
        OBJECTIVES[0][0].value(GaussianSampler(np.zeros(15), np.ones((15, 2))))
    with pytest.raises(InputError, match="15 entries"):
        OBJECTIVES[0][0].value(GaussianSampler(np.zeros(4), 0.1))


@settings(max_examples=25, deadline=None)
@given(mu=st.floats(0.1, 50), share=st.floats(0.0, 0.9), k=st.integers(1, 60))
def test_curvature_sign_at_the_saddle(mu, share, k):
    sigma2 = share / (2 * mu)
    terms = closed_form(mu, sigma2, k)
    at_zero = terms[0] * np.exp(terms[1]) - terms[2] * np.exp(terms[3])
    if abs(at_zero) > 1e-9:
        assert np.sign(curvature_sign(terms)) == np.sign(at_zero)


def test_path_starts_at_the_random_projection_and_its_spread_falls_to_zero():
    stages = []
    follow_lemma(Secants(X - X.mean(axis=0)), K, lambda *stage: stages.append(stage))
    spread = [stage[0] for stage in stages]
    assert spread[0] <= 1 / K
    assert spread == sorted(spread, reverse=True)
    assert spread[-1] == 0.0


def test_descent_never_ends_above_its_start_and_log_sum_bounds_the_distortion():
    secants = Secants(X - X.mean(axis=0))
    P = 0.7 * np.random.default_rng(0).standard_normal((5, K))
    for mu in (1.0, 10.0, 300.0):
        start = secants.evaluate(P, two_sided(mu))
        _, end = descend(secants, P, two_sided(mu), 30)
        assert end.value <= start.value
        worst = max(end.largest - 1, 1 - end.smallest)
        assert worst <= end.value / mu <= worst + np.log(2 * secants.n_pairs) / mu + 1e-12


def test_gradient_of_the_secant_sum_by_differences():
    secants = Secants(X - X.mean(axis=0))
    P = np.random.default_rng(0).standard_normal((5, K))
    D = np.random.default_rng(1).standard_normal((5, K))
    terms = closed_form(1.5, 0.1, K, 0.2)
    ahead, behind = (secants.evaluate(P + s * D, terms).value for s in (1e-6, -1e-6))
    assert np.sum(secants.evaluate(P, terms).gradient * D) == pytest.approx((ahead - behind) / 2e-6, rel=1e-6)


def test_whitened_maps_and_maps_are_the_same():
    Z = X - X.mean(axis=0)
    secants = Secants(Z)
    M = np.random.default_rng(1).standard_normal((K, 5))
    P = secants.whitening.transposed(M)
    np.testing.assert_allclose(secants.whitening.matrix(P), M, atol=1e-12)
    np.testing.assert_allclose(secants.white @ P, Z @ M.T, atol=1e-12)


def test_the_general_engine_reaches_a_map_without_violations():
    from derandkit.embeddings.guarantee import sharpness
    from derandkit.engine.solve import derandomize

    points = np.random.default_rng(3).standard_normal((6, 5))
    k, eps = 24, 0.95
    objective = ExponentialObjective(points, k, mu=sharpness(k, eps), eps=eps)
    start = objective.start()
    assert objective.value(start) < 1.0
    result = derandomize(objective, start)
    assert result.value <= result.start_value + result.slack
    A = result.sampler.mean.reshape(k, 5)
    i, j = np.triu_indices(6, 1)
    V = points[i] - points[j]
    assert np.abs(np.sum((V @ A.T) ** 2, axis=1) / np.sum(V * V, axis=1) - 1).max() <= eps


def test_the_sharpness_is_that_of_the_promise_by_default():
    from derandkit.embeddings.guarantee import log_psi_start, sharpness

    objective = ExponentialObjective(X, 40, eps=0.9)
    assert objective.mu == sharpness(40, 0.9)
    assert np.log(objective.value(objective.start())) == pytest.approx(log_psi_start(36, 40, 0.9))
    with pytest.raises(InputError, match="mu is positive"):
        ExponentialObjective(X, 3)


def distortion(points, objective, result):
    A = result.sampler.mean.reshape(objective.k, -1)
    i, j = np.triu_indices(len(points), 1)
    V = points[i] - points[j]
    return float(np.abs(np.sum((V @ A.T) ** 2, axis=1) / np.sum(V * V, axis=1) - 1).max())


def test_a_value_below_one_leaves_no_pair_beyond_eps():
    """The promise, kept by the engine: Psi < 1 at the random projection, no violated pair at the end."""
    from derandkit.engine import LemmaDescent, derandomize

    points = np.sin(np.arange(30) ** 2.0).reshape(6, 5)
    objective, count = ExponentialObjective(points, 40, eps=0.95), ProbabilityObjective(points, 40, 0.95)
    start = objective.start()
    result = derandomize(objective, start, method=LemmaDescent())
    # the bound is above the expected number of violated pairs at the start, and both are below 1 at the end
    assert count.value(start) <= objective.value(start) < 1.0
    assert result.value <= result.start_value
    assert result.sampler.is_deterministic
    assert distortion(points, objective, result) <= 0.95
    assert count.value(result.sampler.deterministic()) == 0.0


def test_the_engine_lowers_the_expected_number_of_violated_pairs():
    from derandkit.engine import LemmaDescent, derandomize

    objective = ProbabilityObjective(np.sin(np.arange(30) ** 2.0).reshape(6, 5), 24, 0.95)
    result = derandomize(objective, objective.start(), method=LemmaDescent(max_steps=5))
    assert 0.0 <= result.value < 0.1 * result.start_value < 0.1


def test_conditional_expectations_refuse_an_objective_for_isotropic_spread():
    from derandkit.engine import ConditionalExpectations, derandomize

    objective = ExponentialObjective(X, 40, eps=0.9)
    with pytest.raises(InputError, match="knows isotropic spreads only; use LemmaDescent"):
        derandomize(objective, objective.start(), method=ConditionalExpectations())


def test_a_start_beyond_the_domain_is_not_finite():
    from derandkit.engine import derandomize
    from derandkit.status import DerandomizationStatus

    objective = ExponentialObjective(X, 3, mu=2.0, eps=0.3)
    assert derandomize(objective, law(1.0)).status is DerandomizationStatus.NOT_FINITE
