"""Nodes against moments, plain functions as objectives, and what check_objective catches."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine_waves import random_law, random_waves

from derandkit.engine import ConditionalExpectations, LemmaDescent, derandomize
from derandkit.engine.diagnostics import check_objective
from derandkit.engine.law import GaussianSampler
from derandkit.engine.objective import GaussianObjective, QuadratureObjective, from_jax
from derandkit.errors import InputError, MissingDependencyError
from derandkit.numerics.quadrature import (
    gauss_hermite,
    gaussian_rules,
    sobol_rule,
    sparse_rule,
    sparse_size,
    tensor_rule,
)


def moment(k):
    """E[x^k] of a standard normal."""
    return 0.0 if k % 2 else float(math.prod(range(1, k, 2)))


@pytest.mark.parametrize("count", [1, 2, 3, 10, 25, 64])
def test_gauss_hermite_is_exact_to_degree_2n_minus_1(count):
    x, w = gauss_hermite(count)
    assert np.all(np.diff(x) > 0)
    assert (x == -x[::-1]).all()
    assert (w == w[::-1]).all()
    assert (w > 0).all()
    assert math.fsum(w) == pytest.approx(1.0, abs=1e-15)
    for k in range(min(2 * count, 40)):
        # on some processors numpy's powers of x and -x differ in the last bit, and odd moments are what is left
        size = math.fsum(w * np.abs(x) ** k)
        assert math.fsum(w * x**k) == pytest.approx(moment(k), abs=1e-12 * max(1.0, size))
    if count > 3:
        assert math.fsum(w * np.cos(x)) == pytest.approx(math.exp(-0.5), rel=0.1 ** min(count - 2, 12))


def test_gauss_hermite_limits():
    x, w = gauss_hermite(200)  # weights far below the smallest normal number would be lost
    assert np.isfinite(x).all()
    assert math.fsum(w * x**4) == pytest.approx(3.0)
    for count in (0, 201):
        with pytest.raises(InputError, match="1 to 200 nodes"):
            gauss_hermite(count)


@pytest.mark.parametrize(("dimension", "level"), [(1, 3), (2, 4), (3, 3), (6, 2)])
def test_sparse_grids_are_exact_to_total_degree_2l_plus_1(dimension, level):
    rule = sparse_rule(dimension, level)
    assert len({tuple(x) for x in rule.nodes}) == rule.weights.size <= sparse_size(dimension, level)
    degrees = [
        d for d in itertools.product(range(2 * level + 2), repeat=dimension) if sum(d) <= 2 * level + 1
    ]
    for d in degrees[:: max(1, len(degrees) // 150)]:
        values = np.prod(rule.nodes ** np.array(d), axis=1)
        assert rule.mean(values) == pytest.approx(math.prod(map(moment, d)), rel=1e-10, abs=1e-10)


def test_tensor_grids_are_exact_in_each_variable():
    rule = tensor_rule(3, 4)
    for d in itertools.product(range(8), repeat=3):
        values = np.prod(rule.nodes ** np.array(d), axis=1)
        assert rule.mean(values) == pytest.approx(math.prod(map(moment, d)), rel=1e-10, abs=1e-9)


@pytest.mark.parametrize("dimension", [1, 5, 50])
def test_sobol_points_are_balanced(dimension):
    rule = sobol_rule(dimension, 8)
    assert rule.weights.size == 512
    assert np.isfinite(rule.nodes).all()
    for k in (1, 3):
        assert np.abs(rule.weights @ rule.nodes**k).max() < 1e-12
    assert rule.weights @ rule.nodes**2 == pytest.approx(np.ones(dimension))
    assert rule.weights @ rule.nodes**4 == pytest.approx(3 * np.ones(dimension), rel=0.1)
    with pytest.raises(InputError, match="up to dimension 21201"):
        sobol_rule(21202, 3)


def test_rules_fit_their_budget():
    for dimension, budget in itertools.product((1, 2, 3, 5, 9, 30), (8, 100, 4096)):
        for kind in ("auto", "sobol"):
            fine, coarse = gaussian_rules(dimension, budget, kind)
            assert coarse.weights.size <= fine.weights.size <= max(budget, 2)
            assert (fine.weights > 0).all()
            assert fine.nodes.shape[1] == dimension
    assert gaussian_rules(5, 1000, "sparse")[0].weights.size <= 1000
    for arguments, message in [
        ((2, 7), "at least 8 nodes"),
        ((2, 100, "magic"), "rule='magic' is not one of"),
        ((20, 100, "tensor"), "needs 1048576 nodes"),
        ((60, 100, "sparse"), "needs 121 nodes"),
    ]:
        with pytest.raises(InputError, match=message):
            gaussian_rules(*arguments)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(0, 3), st.booleans())
def test_plain_functions_match_closed_forms(seed, n, r, with_gradient):
    waves, law = random_waves(seed, n), random_law(seed + 1, n, r, 0.4)
    gradient = None
    if with_gradient:

        def gradient(z):
            return z @ waves.A + waves.q - (np.sin(z @ waves.C.T + waves.d) * waves.a) @ waves.C

    objective = QuadratureObjective(waves.pointwise, dimension=n, gradient=gradient, nodes=20_000)
    assert isinstance(objective, GaussianObjective)
    assert objective.value(law) == pytest.approx(waves.value(law), rel=1e-6, abs=1e-6)
    assert objective.quadrature_error(law) < 1e-3
    assert objective.mean_gradient(law) == pytest.approx(waves.mean_gradient(law), rel=1e-5, abs=1e-5)
    directions = np.random.default_rng(seed).standard_normal((n, 2))
    assert objective.curvature(law, directions) == pytest.approx(
        waves.curvature(law, directions), rel=1e-3, abs=1e-3
    )
    stein = waves.hessian(law) @ law.dense_spread()
    assert objective.spread_gradient(law) == pytest.approx(stein, rel=1e-4, abs=1e-4)
    steps = np.array([-1.0, 0.0, 2.0])
    along = objective.line_values(law, directions[:, 0], steps)
    expected = [waves.value(law.with_mean(law.mean + t * directions[:, 0])) for t in steps]
    assert along == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_the_stated_error_covers_a_kink():
    """E|x| = sqrt(2/pi): the quadrature is off at the kink, and says about how much."""
    objective = QuadratureObjective(lambda z: np.abs(z[:, 0]), dimension=1)
    law = GaussianSampler([0.0], [[1.0]])
    error = abs(objective.value(law) - math.sqrt(2 / math.pi))
    assert 1e-4 < error < 3 * objective.quadrature_error(law)
    assert QuadratureObjective(lambda z: z[:, 0] ** 6, dimension=1).quadrature_error(law) < 1e-10


def test_spread_gradient_is_that_of_the_sum():
    """With few nodes Stein's identity fails; the gradient of what is minimised must not."""
    objective = QuadratureObjective(lambda z: np.abs(z - 0.3).sum(axis=1), dimension=2, nodes=16)
    law = random_law(3, 2, 2)
    for entry in np.ndindex(2, 2):
        step = np.zeros((2, 2))
        step[entry] = 1e-6
        W = law.dense_spread()
        slope = (
            objective.value(law.with_spread(W + step)) - objective.value(law.with_spread(W - step))
        ) / 2e-6
        assert objective.spread_gradient(law)[entry] == pytest.approx(slope, abs=1e-6)
    isotropic = GaussianSampler(law.mean, 0.7)
    slope = (
        objective.value(isotropic.with_spread(0.7 + 1e-6))
        - objective.value(isotropic.with_spread(0.7 - 1e-6))
    ) / 2e-6
    assert objective.spread_gradient(isotropic) == pytest.approx(slope, abs=1e-6)
    assert objective.spread_gradient(isotropic.with_spread(0.0)) == 0.0


def test_positive_weights_keep_values_above_the_minimum():
    """The reason why sparse grids are not automatic: a bounded g, and a descent that exploits negative weights."""

    def steps(z):
        return np.tanh(8 * z).prod(axis=1)

    law = GaussianSampler(np.full(4, 0.1), np.eye(4))
    safe = derandomize(
        QuadratureObjective(steps, dimension=4, nodes=500), law, method=LemmaDescent(max_steps=25)
    )
    assert min(safe.history["objective"]) >= -1.0 - 1e-12
    sparse = QuadratureObjective(steps, dimension=4, nodes=500, rule="sparse")
    assert (gaussian_rules(4, 500, "sparse")[0].weights < 0).any()
    assert sparse.value(law) == pytest.approx(safe.start_value, abs=0.6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"g": None}, "g must be a function"),
        ({"dimension": -1}, "dimension must be a whole number from 0 on"),
        ({"nodes": 7}, "nodes must be a whole number from 8 on"),
        ({"scale": 0.0}, "scale must be positive"),
    ],
)
def test_quadrature_objective_refuses_bad_parameters(arguments, message):
    with pytest.raises(InputError, match=message):
        QuadratureObjective(**{"g": np.sum, "dimension": 1, **arguments})


def test_quadrature_objective_names_wrong_shapes():
    law = GaussianSampler([0.0, 0.0], np.eye(2))
    with pytest.raises(InputError, match=r"g must return shape \(\d+,\), got shape \(\)"):
        derandomize(QuadratureObjective(lambda z: z.sum(), dimension=2), law)
    bent = QuadratureObjective(lambda z: z.sum(axis=1), gradient=lambda z: z[:, 0], dimension=2)
    with pytest.raises(InputError, match="gradient must return shape"):
        derandomize(bent, law)
    with pytest.raises(InputError, match="the distribution has 1 coordinates, the objective 2"):
        bent.value(GaussianSampler([0.0], [[1.0]]))
    with pytest.raises(InputError, match="QuadratureObjective has dimension 2, the distribution has 1"):
        derandomize(bent, GaussianSampler([0.0], [[1.0]]))


# --- check_objective -----------------------------------------------------------------------------------------


class Crooked:
    """Closed-form waves with a fault."""

    def __init__(self, fault, n=4):
        self._waves = random_waves(1, n)
        self.fault = fault
        self.dimension = n

    def value(self, law):
        offset = float(np.sum(law.dense_spread() ** 4)) if self.fault == "not an expectation" else 0.0
        return self._waves.value(law) + offset

    def mean_gradient(self, law):
        gradient = self._waves.mean_gradient(law)
        if self.fault == "gradient":
            gradient = gradient + 0.01 * np.arange(self.dimension)
        return gradient

    def curvature(self, law, directions):
        H = self._waves.hessian(law)
        if self.fault == "curvature":
            H = 1.01 * H
        if self.fault == "asymmetric":
            H = H + 0.01 * np.triu(np.ones(H.shape), 1)
        return H @ directions

    def curvature_trace(self, law):
        return (2.0 if self.fault == "trace" else 1.0) * self._waves.curvature_trace(law)


def test_a_good_objective_passes():
    for n, r in [(1, 1), (4, 2), (30, 3)]:
        report = check_objective(random_waves(n, n), random_law(n, n, r, 0.3))
        assert report.ok, str(report)
        assert report.failures == ()
        names = [check.name for check in report.checks]
        assert names == [
            "value",
            "mean gradient",
            "curvature",
            "symmetry",
            "spread gradient",
            "stein",
            "rotation",
            "reveal",
        ]
        assert max(check.error for check in report.checks) < 1e-5
    assert "keeps its promises" in str(report)


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        ("gradient", {"mean gradient"}),
        ("curvature", {"curvature", "spread gradient", "stein"}),
        ("asymmetric", {"curvature", "symmetry", "spread gradient", "stein"}),
        ("not an expectation", {"spread gradient", "stein", "reveal", "rotation"}),
    ],
)
def test_each_fault_is_caught_by_its_name(fault, broken):
    report = check_objective(Crooked(fault), random_law(2, 4, 2))
    assert not report.ok
    assert set(report.failures) == broken
    assert "breaks: " in str(report)
    assert not report[next(iter(broken))].ok


def test_isotropic_spread_is_checked_through_its_trace():
    law = GaussianSampler(np.full(4, 0.3), 0.5)
    assert check_objective(Crooked(None), law).ok
    assert check_objective(Crooked("trace"), law).failures == ("spread gradient",)


def test_check_objective_at_the_edges():
    assert check_objective(random_waves(1, 2), random_law(1, 2, 0)).ok  # no spread, fewer checks
    broken = QuadratureObjective(lambda z: np.full(z.shape[0], math.nan), dimension=1)
    assert check_objective(broken, GaussianSampler([0.0], [[1.0]])).failures == ("value",)
    constant = QuadratureObjective(lambda z: np.full(z.shape[0], 1e6), dimension=2)
    assert check_objective(constant, random_law(0, 2, 2)).ok  # differences of rounding noise are not errors
    with pytest.raises(InputError, match="step must be positive"):
        check_objective(constant, random_law(0, 2, 2), step=0.0)
    with pytest.raises(InputError, match="has dimension 2, the distribution 3"):
        check_objective(constant, random_law(0, 3, 2))


def test_identities_over_nodes_are_reported_not_judged():
    kinked = QuadratureObjective(lambda z: np.maximum(z[:, 0], 0) ** 3, dimension=1, nodes=8)
    report = check_objective(kinked, GaussianSampler([0.1], [[1.0]]), tolerance=1e-2)
    assert report.ok
    assert not report["stein"].required
    assert "reported" in str(report["stein"])


# --- jax -----------------------------------------------------------------------------------------------------


def test_without_jax_the_extra_is_named():
    try:
        import jax  # noqa: F401
    except ImportError:
        with pytest.raises(MissingDependencyError, match=r"pip install 'derandkit\[structure\]'"):
            from_jax(lambda z: z @ z, dimension=2)
    else:
        assert (
            from_jax(lambda z: z @ z, dimension=2).value(GaussianSampler([1.0, 2.0], np.zeros((2, 0)))) == 5.0
        )


def test_jax_functions_get_exact_derivatives():
    jax = pytest.importorskip("jax")
    C = np.array([[1.0, 2.0], [-0.5, 1.0]])
    objective = from_jax(lambda z: jax.numpy.cos(C @ z).sum() + 0.3 * (z @ z), dimension=2)
    by_hand = QuadratureObjective(
        lambda z: np.cos(z @ C.T).sum(axis=1) + 0.3 * (z**2).sum(axis=1), dimension=2
    )
    law = random_law(1, 2, 2, 0.5)
    assert objective.value(law) == pytest.approx(by_hand.value(law), rel=1e-14)
    report = check_objective(objective, law)
    assert report.ok
    assert max(report[name].error for name in ("mean gradient", "curvature", "symmetry")) < 1e-9
    for method in (LemmaDescent(), ConditionalExpectations()):
        outcome = derandomize(objective, law, method=method)
        assert outcome.value <= outcome.start_value
