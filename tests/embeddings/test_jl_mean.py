"""The mean objectives: closed forms against sampling, derivatives, the promise, the lower bound, weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import assert_derivatives

import derandkit as dk
from derandkit.embeddings.bound import mean_lower_bound
from derandkit.embeddings.paths.mean import MeanObjective, PairPowers, descend, polynomial, promised_mean
from derandkit.engine.law import GaussianSampler
from derandkit.engine.objective import GaussianObjective
from derandkit.errors import InputError

X = np.random.default_rng(7).standard_normal((9, 5))
Q = np.array([1.0, 2.0, 0.0, 0.5, 1.0, 3.0, 1.0, 1.0, 0.25])
K = 3
POWERS = pytest.mark.parametrize("power", [2, 4])


def law(sigma, seed=1):
    return GaussianSampler(0.4 * np.random.default_rng(seed).standard_normal(K * 5), sigma)


def mean_power(points, maps, power, weights=None):
    """Weighted mean over pairs of rows, from the definition: shape (maps,)."""
    weights = np.ones(len(points)) if weights is None else weights
    i, j = np.triu_indices(len(points), 1)
    V, w = points[i] - points[j], weights[i] * weights[j]
    apart = np.any(V != 0.0, axis=1)
    V, w = V[apart], w[apart]
    r = np.sum((maps @ V.T) ** 2, axis=1) / np.sum(V * V, axis=1)
    return np.sum(w * np.abs(r - 1.0) ** power, axis=1) / w.sum()


@POWERS
@pytest.mark.parametrize("sigma", [0.0, 0.35])
def test_value_is_the_mean_over_sampled_maps(power, sigma):
    objective = MeanObjective(X, K, power=power, pair_weights=Q)
    assert isinstance(objective, GaussianObjective)
    samples = mean_power(X, law(sigma).draw(60_000 if sigma else 2, 3).reshape(-1, K, 5), power, Q)
    error = samples.std() / np.sqrt(samples.size)
    assert abs(samples.mean() - objective.value(law(sigma))) < 5 * error + 1e-12


@POWERS
@pytest.mark.parametrize("sigma", [0.0, 0.35])
def test_derivatives_by_differences(power, sigma):
    assert_derivatives(MeanObjective(X, K, power=power, pair_weights=Q), law(sigma))


@POWERS
def test_the_spread_follows_the_heat_equation(power):
    objective, at = MeanObjective(X, K, power=power), law(0.35)
    H = objective.curvature(at, np.eye(at.dimension))
    assert objective.curvature_trace(at) == pytest.approx(np.trace(H), rel=1e-10)
    step = 1e-5
    change = objective.value(at.with_spread(0.35 + step)) - objective.value(at.with_spread(0.35 - step))
    assert change / (2 * step) == pytest.approx(0.35 * np.trace(H), rel=1e-6)


@POWERS
@pytest.mark.parametrize("sigma", [0.0, 0.2, 0.6])
@pytest.mark.parametrize("seed", range(4))
def test_bounds_enclose_the_curvature(power, sigma, seed):
    objective, at = MeanObjective(X, K, power=power), law(sigma, seed)
    values = np.linalg.eigvalsh(objective.curvature(at, np.eye(at.dimension)))
    low, high = objective.curvature_bounds(at)
    assert low <= values[0] <= values[-1] <= high


@settings(max_examples=25)
@given(k=st.integers(1, 40), n=st.integers(2, 8), d=st.integers(1, 6), seed=st.integers(0, 99))
@POWERS
def test_the_random_projection_has_the_promised_value_for_any_points(power, k, n, d, seed):
    points = np.random.default_rng(seed).standard_normal((n, d)) ** 3
    objective = MeanObjective(points, k, power=power)
    assert objective.value(objective.start()) == pytest.approx(promised_mean(k, power), rel=1e-12)


def test_the_polynomial_is_convex_for_every_spread():
    ratios = np.linspace(0.0, 6.0, 200) - 1.0
    for k in (1, 4, 30):
        for variance in (0.0, 0.01, 1 / k, 2.0):
            c = polynomial(k, variance, 4)
            assert np.all(2 * c[2] + 6 * c[3] * ratios + 12 * c[4] * ratios**2 >= -1e-12)


HARD = {
    "simplex": np.eye(12),
    "one-hot with counts": np.repeat(np.eye(10), [1] * 9 + [3], axis=0) * np.arange(1, 11),
    "a cluster and one far point": np.vstack(
        [np.random.default_rng(0).standard_normal((14, 8)), [[1e6] * 8]]
    ),
    "a line": np.arange(10.0)[:, None] * np.ones(3) + 1e-3 * np.sin(np.arange(30.0) ** 2).reshape(10, 3),
    "integers": np.random.default_rng(1).integers(0, 3, (30, 6)).astype(float),
}


@POWERS
@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("k", [1, 2, 5])
def test_the_descent_keeps_the_promise(power, name, k):
    points = HARD[name]
    objective = MeanObjective(points, k, power=power)
    result = descend(objective)
    assert result.sampler.is_deterministic
    assert result.value <= promised_mean(k, power)
    matrix = result.sampler.mean.reshape(k, -1)
    unique = np.unique(points, axis=0)
    assert mean_power(unique, matrix[None], power)[0] == pytest.approx(result.value, rel=1e-6, abs=1e-9)


@POWERS
@settings(max_examples=25)
@given(k=st.integers(1, 4), n=st.integers(2, 9), d=st.integers(1, 6), seed=st.integers(0, 999))
def test_no_map_is_below_the_lower_bound(power, k, n, d, seed):
    rng = np.random.default_rng(seed)
    points, mass = rng.standard_normal((n, d)) ** 3, rng.random(n) + 0.01
    bound = mean_lower_bound(points - points.mean(axis=0), k, mass)
    found = descend(PairPowers(points, k, power, mass), 30).sampler.mean.reshape(k, d)
    maps = np.stack([found, *rng.standard_normal((3, k, d))])
    assert bound <= mean_power(points, maps, power, mass).min() ** (1 / power) + 1e-9


def test_the_lower_bound_holds_for_maps_that_are_not_linear():
    from scipy.optimize import minimize

    points, k = HARD["simplex"][:7, :7], 2
    i, j = np.triu_indices(7, 1)

    def loss(flat):
        Y = flat.reshape(7, k)
        return np.mean((np.sum((Y[i] - Y[j]) ** 2, axis=1) / 2.0 - 1.0) ** 2)

    best = min(minimize(loss, np.random.default_rng(s).standard_normal(14)).fun for s in range(4))
    bound = mean_lower_bound(points - points.mean(axis=0), k)
    assert 0.3 * best**0.5 < bound <= best**0.5


def test_weights_of_equal_rows_add_up():
    points = np.array([[0.0, 0.0], [1.0, 2.0], [0.0, 0.0], [3.0, -1.0], [1.0, 2.0]])
    weights = np.array([1.0, 2.0, 3.0, 0.5, 0.25])
    M = np.array([[0.5, 0.3]])
    objective = MeanObjective(points, 1, pair_weights=weights)
    value = objective.value(GaussianSampler(M.ravel(), 0.0))
    assert value == pytest.approx(mean_power(points, M[None], 2, weights)[0], rel=1e-12)


def test_a_point_without_weight_has_no_part():
    points = np.vstack([X, [[50.0] * 5]])
    weights = np.append(np.ones(9), 0.0)
    M = law(0.0)
    assert MeanObjective(points, K, pair_weights=weights).value(M) == pytest.approx(
        MeanObjective(X, K).value(M), rel=1e-12
    )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(8), "one number a point"),
        (np.ones((9, 9)), "one number a point"),
        ([1.0] * 8 + [-1.0], r"pair_weights\[8\] is -1"),
        ([1.0] * 8 + [np.nan], "entry 8 of pair_weights is nan"),
        ([0.0] * 8 + [1.0], "fewer than two"),
        (["a"] * 9, "pair_weights is no array of numbers"),
    ],
)
def test_weights_that_cannot_be_used_are_refused(weights, message):
    with pytest.raises(InputError, match=message):
        MeanObjective(X, K, pair_weights=weights)


@pytest.mark.parametrize(("k", "power"), [(0, 2), (3, 3)])
def test_wrong_numbers_are_refused(k, power):
    with pytest.raises(InputError, match=r"power is 2 or 4|whole number from 1 on"):
        MeanObjective(X, k, power=power)


def test_it_is_an_objective_for_the_engine():
    objective = dk.MeanObjective(X, K)
    result = dk.derandomize(objective, objective.start())
    assert result.value <= 2 / K
