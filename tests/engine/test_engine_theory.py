"""The five facts of docs/engine.md on random objectives with closed forms, and the toy with two exact answers."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from tests.engine_waves import random_law, random_waves

from derandkit.engine import DerandomizationStatus, HessianDescent, LemmaDescent, derandomize
from derandkit.engine.evaluation import CountedObjective
from derandkit.engine.law import GaussianSampler
from derandkit.engine.methods.stationarity import stationarity
from derandkit.engine.objective import QuadratureObjective
from derandkit.numerics.quadrature import gauss_hermite

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 5)
few = settings(max_examples=25, deadline=None)


@few
@given(SEEDS, SIZES, SIZES)
def test_closed_forms_are_expectations(seed, n, r):
    waves, law = random_waves(seed, n), random_law(seed + 1, n, r, 0.5)
    by_nodes = QuadratureObjective(waves.pointwise, dimension=n, nodes=20_000)
    if r <= 3:
        assert by_nodes.value(law) == pytest.approx(waves.value(law), rel=1e-6, abs=1e-6)
    point = law.deterministic()
    assert waves.value(point) == pytest.approx(waves.pointwise(point.mean[None])[0])


@few
@given(SEEDS, SIZES, SIZES)
def test_stein(seed, n, r):
    waves, law = random_waves(seed, n), random_law(seed + 1, n, r)
    direction = np.random.default_rng(seed + 2).standard_normal((n, r))
    h = 1e-4
    W = law.dense_spread()
    slope = (
        waves.value(law.with_spread(W + h * direction)) - waves.value(law.with_spread(W - h * direction))
    ) / (2 * h)
    assert np.sum(waves.hessian(law) @ W * direction) == pytest.approx(slope, rel=1e-5, abs=1e-5)


@few
@given(SEEDS, SIZES)
def test_heat_equation(seed, n):
    """F depends on S = W W' only, and dF/dS = H / 2."""
    waves, law = random_waves(seed, n), random_law(seed + 1, n, n)
    S = law.dense_spread() @ law.dense_spread().T + np.eye(n)
    direction = np.random.default_rng(seed + 2).standard_normal((n, n))
    direction = direction + direction.T
    h = 1e-4 / np.linalg.norm(direction)

    def value(S):
        return waves.value(law.with_spread(np.linalg.cholesky(S)))

    slope = (value(S + h * direction) - value(S - h * direction)) / (2 * h)
    at_S = law.with_spread(np.linalg.cholesky(S))
    assert 0.5 * np.sum(waves.hessian(at_S) * direction) == pytest.approx(slope, rel=1e-4, abs=1e-4)
    Q, _ = np.linalg.qr(np.random.default_rng(seed + 3).standard_normal((n, n)))
    assert waves.value(law.with_spread(law.dense_spread() @ Q)) == pytest.approx(waves.value(law))


@few
@given(SEEDS, SIZES, SIZES)
def test_reveal(seed, n, r):
    waves, law = random_waves(seed, n), random_law(seed + 1, n, r, 0.5)
    v = np.random.default_rng(seed + 2).standard_normal(r)
    t, w = gauss_hermite(64)
    average = sum(w_k * waves.value(law.reveal(v, t_k)) for t_k, w_k in zip(t, w, strict=True))
    assert average == pytest.approx(waves.value(law), rel=1e-7, abs=1e-7)


@few
@given(SEEDS, SIZES, SIZES, st.floats(0.01, 10.0))
def test_the_lemma_bounds_the_spread_anywhere(seed, n, r, penalty):
    """|W| <= |dJ/dW| / (2 penalty + lambda_min(H)) wherever the denominator is positive, stationary or not."""
    waves, law = random_waves(seed, n, bowl=1.0), random_law(seed + 1, n, r)
    figures = stationarity(CountedObjective(waves), law, penalty)
    exact = np.linalg.eigvalsh(waves.hessian(law))[0]
    assert figures.smallest_curvature <= exact
    assert figures.smallest_curvature == pytest.approx(exact, rel=1e-6, abs=1e-9)
    assert figures.spread_norm == pytest.approx(np.linalg.norm(law.dense_spread()))
    assert figures.spread_norm <= figures.spread_bound * (1 + 1e-9)
    if 2 * penalty + exact < 0:
        assert figures.spread_bound == math.inf


@few
@given(SEEDS, st.integers(1, 4), st.floats(0.05, 1.0))
def test_the_lemma_bounds_isotropic_spread(seed, n, sigma):
    waves = random_waves(seed, n, bowl=1.0)
    law = GaussianSampler(np.random.default_rng(seed).standard_normal(n), sigma)
    dense = stationarity(CountedObjective(waves), law.with_spread(law.dense_spread()), 0.3)
    isotropic = stationarity(CountedObjective(waves), law, 0.3)
    # the derivative in sigma is a projection of the derivative in W
    assert isotropic.spread_gradient_norm <= dense.spread_gradient_norm * (1 + 1e-12)
    assert isotropic.spread_norm <= isotropic.spread_bound * (1 + 1e-9)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.integers(1, 3), st.integers(1, 3), st.sampled_from([0.02, 0.5]))
def test_second_order_stationary_points_have_no_spread(seed, n, r, penalty):
    """The lemma itself: where algorithm 2 stops, |W| <= rho / (2 penalty - sqrt(K rho))."""
    waves, law = random_waves(seed, n), random_law(seed + 1, n, r, 0.5)
    method = HessianDescent(penalty=penalty, accuracy=1e-5, finish=False)
    outcome = derandomize(waves, law, method=method)
    rho, K = outcome.stats["accuracy"], outcome.stats["hessian_lipschitz"]
    assert 1e-5 <= rho <= 1e-4
    assert outcome.history["gradient_norm"][-1] <= rho
    denominator = 2 * penalty - math.sqrt(K * rho)  # not positive: K was large, and the lemma says nothing
    bound = rho / denominator if denominator > 0 else math.inf
    assert outcome.stats.get("lemma_bound", math.inf) == pytest.approx(bound)
    assert outcome.history["spread_norm"][-1] <= bound
    if (
        outcome.status is DerandomizationStatus.STATIONARY
    ):  # the point that was reached, not one that was gone back to
        end = outcome.sampler
        H, W = waves.hessian(end), end.dense_spread()
        joint = [np.linalg.norm(H @ W + 2 * penalty * W), np.linalg.norm(waves.mean_gradient(end))]
        assert np.linalg.norm(joint) <= rho * (1 + 1e-6)
        assert np.linalg.norm(W) <= bound
        assert np.linalg.eigvalsh(H)[0] >= -math.sqrt(K * rho) - 1e-9


@settings(max_examples=25, deadline=None)
@given(SEEDS, SIZES, SIZES)
def test_the_chain_is_monotone(seed, n, r):
    """J never rises along the descent, and F at the end is no more than F at the start."""
    waves, law = random_waves(seed, n), random_law(seed + 1, n, r)
    outcome = derandomize(waves, law)
    J = outcome.history["penalised"][: outcome.stats["steps"] + 1]
    if outcome.stats["finished_by"] == "descent":
        assert all(b <= a for a, b in pairwise(J))
    assert outcome.sampler.is_deterministic
    assert outcome.value <= outcome.start_value
    assert outcome.value == pytest.approx(waves.pointwise(outcome.sampler.mean[None])[0])
    assert outcome.start_value == waves.value(law)


# --- the toy: E[(relu(w x + b)^3 - 1)^2] + lam w^2 ------------------------------------------------------------


def toy(w, b):
    """Return the expectation from truncated Gaussian moments.

    With z = w x + b: E[z^k; z > 0] = m_k satisfies m_k = b m_{k-1} + (k - 1) w^2 m_{k-2}, m_0 = Phi(b/w),
    m_1 = b m_0 + w phi(b/w) (integration by parts; the boundary term vanishes for k > 1).
    """
    if w == 0:
        return (max(b, 0.0) ** 3 - 1) ** 2
    t = b / w
    m = [0.5 * math.erfc(-t / math.sqrt(2)), 0.0]
    m[1] = b * m[0] + w * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    for k in range(2, 7):
        m.append(b * m[k - 1] + (k - 1) * w * w * m[k - 2])
    return m[6] - 2 * m[3] + 1


def toy_minimiser(lam):
    """Return the global minimiser w >= 0 of the toy with b frozen at 0."""
    result = minimize_scalar(
        lambda w: toy(w, 0.0) + lam * w * w, bounds=(0.25, 0.6), method="bounded", options={"xatol": 1e-12}
    )
    return (result.x, result.fun) if result.fun < 1.0 else (0.0, 1.0)


def test_the_toy_moments_are_integrals():
    x = np.linspace(-12, 12, 400_001)
    phi = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    for w, b in [(0.5, 0.0), (0.3, 0.8), (1.2, -0.7), (0.05, 1.0)]:
        values = (np.maximum(w * x + b, 0) ** 3 - 1) ** 2 * phi
        assert toy(w, b) == pytest.approx(np.trapezoid(values, x), rel=1e-9)
    for w in (0.2, 0.7):
        assert toy(w, 0.0) == pytest.approx(7.5 * w**6 - 2 * math.sqrt(2 / math.pi) * w**3 + 1)


def test_the_toy_with_frozen_bias_jumps():
    """The inner minimum of 7.5 w^6 - 2 sqrt(2/pi) w^3 + lam w^2 reaches the value at 0 at lam = 0.4501."""
    c = 2 * math.sqrt(2 / math.pi)
    # both value and derivative vanish: 7.5 w^4 - c w + lam = 0 and 4 * 7.5 w^3 = c (divide by w^2 first)
    w_jump = (c / 30.0) ** (1 / 3)
    lam_jump = c * w_jump - 7.5 * w_jump**4
    assert lam_jump == pytest.approx(0.4501, abs=5e-5)
    assert w_jump == pytest.approx(0.3761, abs=5e-5)
    assert toy_minimiser(lam_jump - 1e-6)[0] == pytest.approx(w_jump, abs=1e-3)
    assert toy_minimiser(lam_jump + 1e-6)[0] == 0.0
    found = brentq(
        lambda lam: (
            minimize_scalar(
                lambda w: toy(w, 0.0) + lam * w * w,
                bounds=(0.25, 0.6),
                method="bounded",
                options={"xatol": 1e-12},
            ).fun
            - 1.0
        ),
        0.3,
        0.6,
    )
    assert found == pytest.approx(lam_jump, abs=1e-7)
    assert toy_minimiser(0.0)[0] == pytest.approx(0.4738, abs=5e-5)


@pytest.mark.parametrize("lam", [1e-3, 0.1, 1.0])
def test_the_toy_with_free_bias_ends_at_zero_spread(lam):
    """With b trained the only global minimum is w = 0, b = 1; the descent finds it from the frozen one's place."""
    objective = QuadratureObjective(
        lambda z: (np.maximum(z[:, 0], 0) ** 3 - 1) ** 2,
        gradient=lambda z: 6 * (np.maximum(z, 0) ** 3 - 1) * np.maximum(z, 0) ** 2,
        dimension=1,
    )
    outcome = derandomize(objective, GaussianSampler([0.0], [[0.4738]]), method=LemmaDescent(penalty=lam))
    assert outcome.status.ok
    assert outcome.sampler.is_deterministic
    assert outcome.sampler.mean[0] == pytest.approx(1.0, abs=1e-5)
    assert outcome.value == pytest.approx(0.0, abs=1e-9)
    w, b = np.meshgrid(np.linspace(0, 1.5, 151), np.linspace(-1, 2, 301))
    grid = np.vectorize(toy)(w, b) + lam * w**2
    k = np.unravel_index(np.argmin(grid), grid.shape)
    assert (w[k], b[k]) == (0.0, pytest.approx(1.0))
