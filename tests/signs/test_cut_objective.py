"""The expected cut as a Gaussian objective: values by quadrature, derivatives by differences, identities."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from tests import oracles
from tests.catalogue import REALS, SMALL_INTEGERS, graphs, hashed, matrices, random_graph, unit, vectors

from derandkit.engine.law import GaussianSampler
from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.objective import CutObjective
from derandkit.signs.values import expected_hyperplane_cut, expected_independent_cut


def generic(n=7, r=3, seed=0, smoothing=0.4):
    """Return an objective and a law at which everything is smooth."""
    objective = CutObjective(random_graph(n, 0.6, seed=seed, weights="reals"), smoothing)
    return objective, GaussianSampler(hashed(n, seed=seed + 1), hashed(n, r, seed=seed + 2))


@st.composite
def laws(draw, max_n=6):
    graph = draw(graphs(weights=REALS, max_n=max_n))
    sampler = GaussianSampler(draw(vectors(graph.n)), draw(matrices(graph.n, max_columns=3)))
    return graph, sampler, draw(st.sampled_from([0.02, 0.3, 2.0]))


@settings(deadline=None, max_examples=60)
@given(laws())
def test_value_against_quadrature(law):
    graph, sampler, tau = law
    expected = oracles.expected_cut(graph, sampler, tau)
    found = CutObjective(graph, tau).expectation(sampler)
    assert found == pytest.approx(expected, abs=1e-9 * (1.0 + np.abs(graph.weights).sum()))


@pytest.mark.parametrize("seed", range(4))
def test_value_without_private_noise(seed):
    objective, law = generic(seed=seed, smoothing=0.0)
    assert objective.expectation(law) == pytest.approx(
        oracles.expected_cut(objective.graph, law, 0.0), abs=1e-12
    )
    assert objective.value(law) == -objective.expectation(law)


def test_value_is_the_mean_of_pointwise_over_the_law():
    """Rank one, no private noise: the average over quantiles of x, which is quadrature of the definition itself."""
    objective, _ = generic(smoothing=0.0)
    law = GaussianSampler(hashed(7, seed=1), hashed(7, 1, seed=5))
    from scipy.special import ndtri

    x = ndtri((np.arange(40_000) + 0.5) / 40_000)
    points = law.mean + x[:, None] * law.dense_spread()[:, 0]
    assert objective.value(law) == pytest.approx(float(objective.pointwise(points).mean()), abs=2e-3)


@settings(deadline=None)
@given(graphs(weights=SMALL_INTEGERS), st.data())
def test_pointwise_is_minus_the_cut_and_zero_counts_as_plus(graph, data):
    z = data.draw(vectors(graph.n))
    signs = np.where(z >= 0, 1, -1)
    assert CutObjective(graph, 0.1).pointwise(z)[0] == -graph.cut_value(signs)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("smoothing", [0.2, 1.0])
def test_mean_gradient_against_differences(seed, smoothing):
    objective, law = generic(seed=seed, smoothing=smoothing)
    expected = oracles.gradient_by_differences(lambda b: objective.value(law.with_mean(b)), law.mean)
    np.testing.assert_allclose(objective.mean_gradient(law), expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("smoothing", [0.2, 1.0])
def test_curvature_against_differences(seed, smoothing):
    objective, law = generic(seed=seed, smoothing=smoothing)
    H = oracles.hessian_by_differences(lambda b: objective.mean_gradient(law.with_mean(b)), law.mean)
    np.testing.assert_allclose(objective.curvature(law, np.eye(7)), H, atol=1e-8)
    np.testing.assert_allclose(objective.hessian(law).toarray(), H, atol=1e-8)
    np.testing.assert_allclose(H, H.T, atol=1e-8)
    assert objective.curvature_trace(law) == pytest.approx(float(np.trace(H)), abs=1e-7)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_stein_the_gradient_in_the_spread_is_curvature_times_spread(seed, smoothing):
    objective, law = generic(seed=seed, smoothing=smoothing)
    W = law.dense_spread()
    expected = oracles.gradient_by_differences(lambda X: objective.value(law.with_spread(X)), W, step=3e-4)
    np.testing.assert_allclose(objective.curvature(law, W), expected, atol=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_heat_equation(seed):
    """F depends on S = W W^T, and dF/dS = H / 2: along S + t D for several symmetric directions D."""
    objective, law = generic(seed=seed, r=9, smoothing=0.3)
    S = law.dense_spread() @ law.dense_spread().T
    H = objective.hessian(law).toarray()
    for direction in range(3):
        D = hashed(7, 7, seed=seed + 30 + direction)
        D = D + D.T

        def along(t, D=D):
            return objective.value(law.with_spread(np.linalg.cholesky(S + t * D + 1e-300 * np.eye(7))))

        slope = oracles.gradient_by_differences(lambda t: along(float(t[0])), np.zeros(1), step=1e-4)[0]
        assert slope == pytest.approx(0.5 * float(np.sum(H * D)), abs=1e-6)


def test_private_noise_is_more_columns_of_spread():
    objective, law = generic(smoothing=0.3)
    wide = GaussianSampler(law.mean, np.hstack([law.dense_spread(), 0.3 * np.eye(7)]))
    bare = objective.with_smoothing(0.0)
    assert objective.value(law) == pytest.approx(bare.value(wide), abs=1e-13)
    np.testing.assert_allclose(objective.mean_gradient(law), bare.mean_gradient(wide), atol=1e-12)
    np.testing.assert_allclose(objective.hessian(law).toarray(), bare.hessian(wide).toarray(), atol=1e-12)


@pytest.mark.parametrize("smoothing", [0.0, 0.5])
def test_isotropic_spread_is_a_multiple_of_the_identity(smoothing):
    objective, law = generic(smoothing=smoothing)
    round_law, dense = law.with_spread(0.7), law.with_spread(0.7 * np.eye(7))
    assert objective.value(round_law) == pytest.approx(objective.value(dense), abs=1e-13)
    np.testing.assert_allclose(objective.mean_gradient(round_law), objective.mean_gradient(dense), atol=1e-13)
    slope = oracles.gradient_by_differences(
        lambda s: objective.value(law.with_spread(float(s[0]))), np.array([0.7])
    )[0]
    assert slope == pytest.approx(0.7 * objective.curvature_trace(round_law), abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(laws(max_n=5), st.data())
def test_reveal_identity(law, data):
    """``F(W, b) = E_t F(W - W v v^T, b + t W v)``: the average over what may be revealed is what was there."""
    graph, sampler, _ = law
    objective = CutObjective(graph, 0.8)
    v = data.draw(vectors(sampler.rank)) + np.eye(sampler.rank)[0] * 4.0
    # private noise of 0.8 against spreads of a few units: the integrand is smooth on the scale of 1/10
    x, rule = np.polynomial.legendre.leggauss(24)
    edges = np.linspace(-9.0, 9.0, 37)
    half, middle = 0.5 * np.diff(edges)[:, None], 0.5 * (edges[1:] + edges[:-1])[:, None]
    t = (middle + half * x).ravel()
    weight = (half * rule).ravel() * np.exp(-0.5 * t * t) / math.sqrt(2 * math.pi)
    average = math.fsum(
        c * objective.value(sampler.reveal(v, float(s))) for c, s in zip(weight, t, strict=True)
    )
    scale = 1.0 + float(np.abs(graph.weights).sum())
    assert average == pytest.approx(objective.value(sampler), abs=1e-7 * scale)


@pytest.mark.parametrize("seed", range(3))
def test_reveal_identity_by_gauss_hermite(seed):
    """Spread small against the private noise: 60 Hermite nodes are exact to many digits."""
    objective, law = generic(seed=seed, smoothing=1.5)
    t, rule = np.polynomial.hermite_e.hermegauss(60)
    rule = rule / rule.sum()
    for k in range(law.rank):
        v = np.eye(law.rank)[k]
        revealed = [objective.value(law.reveal(v, float(s))) for s in t]
        assert float(rule @ revealed) == pytest.approx(objective.value(law), abs=1e-10)
        assert min(revealed) <= objective.value(law) <= max(revealed)


@pytest.mark.parametrize("smoothing", [0.05, 1.0])
def test_a_vanishing_spread_has_the_limit_of_independent_sides(smoothing):
    objective, law = generic(smoothing=smoothing)
    still = law.deterministic()
    p = ndtr(law.mean / smoothing)
    expected = oracles.expected_cut_of_coins(objective.graph, p)
    assert objective.expectation(still) == pytest.approx(expected, abs=1e-12)
    assert expected_independent_cut(objective.graph, law.mean, smoothing) == pytest.approx(
        expected, abs=1e-12
    )
    for shrink, tolerance in ((1e-2, 2e-1), (1e-4, 2e-5), (1e-8, 1e-12)):
        near = law.with_spread(shrink * law.dense_spread())
        assert objective.value(near) == pytest.approx(objective.value(still), abs=tolerance)


def test_at_mean_zero_the_value_is_the_hyperplane_expectation():
    graph, V = random_graph(9, 0.5, weights="reals"), unit(hashed(9, 4))
    law = GaussianSampler(np.zeros(9), V)
    assert CutObjective(graph, 0.0).expectation(law) == pytest.approx(
        expected_hyperplane_cut(graph, V), abs=1e-12
    )


@settings(deadline=None)
@given(laws(), st.floats(0.01, 100.0))
def test_the_law_may_be_scaled(law, scale):
    graph, sampler, tau = law
    scaled = GaussianSampler(scale * sampler.mean, scale * sampler.dense_spread())
    tolerance = 1e-7 * (1.0 + np.abs(graph.weights).sum())
    assert CutObjective(graph, scale * tau).value(scaled) == pytest.approx(
        CutObjective(graph, tau).value(sampler), abs=tolerance
    )


@settings(deadline=None)
@given(graphs(weights=SMALL_INTEGERS, max_n=7), st.data())
def test_round_never_falls_below_the_expectation(graph, data):
    """Against the exact expectation of independent sides, by enumerating every outcome."""
    mean = data.draw(vectors(graph.n, bound=2.0))
    tau = data.draw(st.sampled_from([0.01, 0.7, 3.0]))
    sampler = GaussianSampler(mean, np.zeros((graph.n, 0)))
    signs = CutObjective(graph, tau).round(sampler)
    assert signs.dtype == np.int8
    expectation = oracles.expected_cut_of_coins(graph, ndtr(mean / tau))
    slack = 1e-12 * (1.0 + np.abs(graph.weights).sum())
    assert float(graph.cut_value(signs)) >= expectation - slack


def test_round_without_smoothing_takes_the_signs_of_the_mean_or_better():
    graph = WeightedGraph.from_edges([0, 1, 2], [1, 2, 3])
    objective = CutObjective(graph, 0.0)
    law = GaussianSampler([1.0, -1.0, 1.0, -1.0], np.zeros((4, 0)))
    np.testing.assert_array_equal(objective.round(law), [1, -1, 1, -1])
    assert graph.cut_value(objective.round(law.with_mean(np.zeros(4)))) >= 0


def test_round_refuses_a_law_with_spread():
    objective, law = generic()
    with pytest.raises(InputError, match="without spread"):
        objective.round(law)


@pytest.mark.parametrize("smoothing", [-1.0, math.nan, math.inf])
def test_the_smoothing_is_a_standard_deviation(smoothing):
    with pytest.raises(InputError, match=r"standard deviation|smoothing is a finite number"):
        CutObjective(random_graph(4, 0.5), smoothing)


def test_a_law_of_another_dimension_is_refused():
    objective, _ = generic()
    with pytest.raises(InputError, match="coordinates"):
        objective.value(GaussianSampler([0.0], [[1.0]]))


def test_answers_do_not_depend_on_the_order_of_questions():
    """What one call remembers for the next is remembered for that law only."""
    objective, law = generic()
    other = law.with_mean(-2.0 * law.mean)
    X = hashed(7, 2, seed=40)
    fresh = [CutObjective(objective.graph, objective.smoothing) for _ in range(4)]
    expected = [fresh[0].curvature(law, X), fresh[1].curvature(other, X), fresh[2].value(other),
                fresh[3].mean_gradient(law)]  # fmt: skip
    objective.value(law)
    objective.curvature(law, X)
    objective.value(other)
    found = [objective.curvature(law, X), objective.curvature(other, X), objective.value(other),
             objective.mean_gradient(law)]  # fmt: skip
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_fully_correlated_sides_are_finite():
    """Equal and opposite rows without private noise: the value is right, the derivatives stay finite."""
    graph = WeightedGraph.from_edges([0, 0, 1], [1, 2, 2], [1.0, 2.0, 4.0])
    law = GaussianSampler([0.0, 0.5, 0.0], [[1.0, 2.0], [-1.0, -2.0], [1.0, 2.0]])
    objective = CutObjective(graph, 0.0)
    expected = oracles.expected_cut(graph, law, 0.0)
    # arccos turns a rounding error in a correlation of one into its square root
    assert objective.expectation(law) == pytest.approx(expected, abs=1e-7)
    assert np.isfinite(objective.mean_gradient(law)).all()
    assert np.isfinite(objective.curvature(law, np.eye(3))).all()


def test_directions_may_be_integers_or_in_column_order():
    objective, law = generic()
    H = objective.hessian(law).toarray()
    np.testing.assert_allclose(objective.curvature(law, np.eye(7, dtype=np.int64)), H, atol=1e-14)
    X = np.asfortranarray(hashed(7, 3))
    np.testing.assert_allclose(objective.curvature(law, X), H @ X, atol=1e-13)
