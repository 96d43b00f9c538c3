"""Trained networks on columns of very different size: directions keep what they say of the small ones."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax")

import jax.numpy as jnp

import derandkit
from derandkit import InputError, certify_network
from derandkit.certificates.trained.layer import span_of, units_of
from derandkit.records import sealed
from derandkit.structure.trained.variation import covariance_root, span_along


def _model(z):
    return jnp.tanh(z) @ jnp.array([1.0, 0.7, -0.4])


def _case(seed, sizes):
    """Columns of these sizes, a layer that reads little of the small ones, two directions that weigh all alike."""
    rng = np.random.default_rng(seed)
    sizes = np.array(sizes)
    X = (
        rng.standard_normal((60, len(sizes)))
        @ (np.eye(len(sizes)) + 0.2 * rng.standard_normal((4, 4)))
        * sizes
    )
    W = rng.standard_normal((3, len(sizes))) / np.maximum(sizes, 1.0)
    return X, np.tanh(X[:, 0] / sizes[0]), W, rng.standard_normal(3), rng.standard_normal((2, len(sizes)))


@pytest.mark.parametrize(
    "sizes", [(2e6, 1e-6, 20.0, 2e-5), (1e9, 1.0, 1e-9, 1.0), (1.0, 1.0, 1.0, 1.0), (1e-6, 1e6, 1, 1)]
)
def test_records_about_columns_of_different_size_hold(sizes):
    for seed in range(3):
        X, y, W, b, directions = _case(seed, sizes)
        found = certify_network(_model, X, y, weights=W, bias=b, directions=directions, penalty=1e-3)
        verdict = derandkit.verify(found.to_dict(), (X, y, _model, W, b))
        by_name = {check.name: check for check in verdict.checks}
        for name in ("split", "derivatives", "rows"):
            assert name not in by_name or by_name[name].verdict.holds, (seed, by_name[name])


def test_what_is_left_agrees_with_exact_elimination():
    from fractions import Fraction

    # without correlations W_perp is known exactly: two directions, two other columns
    X = np.array(
        [[a, b, c, d] for a in (-1.0, 1.0) for b in (-1.0, 1.0) for c in (-1.0, 1.0) for d in (-1.0, 1.0)]
    )
    sizes = np.array([2.0**30, 2.0**-20, 2.0**10, 2.0**-30])
    X, A = X * sizes, np.array([[3.0, 1.0, -2.0, 5.0], [7.0, -4.0, 1.0, 2.0]])
    units = units_of(X)
    one = span_of(units, A).rows
    _, scale, root, _, _ = covariance_root(X)
    other = span_along(A * scale, root)
    exact = [[Fraction(a) * Fraction(s) for a, s in zip(row, sizes, strict=True)] for row in A]
    first = exact[0]
    share = sum(x * y for x, y in zip(first, exact[1], strict=True)) / sum(x * x for x in first)
    second = [y - share * x for x, y in zip(first, exact[1], strict=True)]
    basis = []
    for row in (first, second):
        top = max(map(abs, row))
        v = np.array([float(x / top) for x in row])
        basis.append(v / np.sqrt(v @ v))
    for span in (one, other):
        for v in basis:
            left = v - (v @ span.T) @ span
            assert np.abs(left).max() < 1e-14


@pytest.mark.parametrize("gap", [0.0, 1e-14])
def test_directions_that_depend_on_each_other_are_refused(gap):
    X, y, W, b, directions = _case(0, (1e6, 1.0, 1.0, 1e-6))
    directions[1] = 3.0 * directions[0] * (1.0 + gap * np.arange(4.0))
    with pytest.raises(InputError, match="depend on each other"):
        certify_network(_model, X, y, weights=W, bias=b, directions=directions)
    with pytest.raises(ValueError, match="depend on each other"):
        span_of(units_of(X), directions)


def test_directions_that_are_hardly_apart_are_known_as_well_as_their_difference():
    X, _, _, _, directions = _case(0, (1.0, 1.0, 1.0, 1.0))
    turned = []
    for gap in (1.0, 1e-4, 1e-7):
        directions[1] = directions[0] + gap * np.arange(4.0)
        turned.append(span_of(units_of(X), directions).turned)
    assert turned[0] < 1e-13 < turned[1] < 1e-9 < turned[2] < 1e-6


@pytest.mark.parametrize("gain", [60.0, 300.0])
def test_the_residual_of_a_saturated_network_may_be_rounding_and_nothing_rests_on_it(gain):
    """Its gradients are 1e-30 and less: every other figure is found again, and the record did not hold."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    X[:, 0] = np.sign(X[:, 0]) * (1.0 + abs(X[:, 0]))
    y = (X[:, 0] > 0).astype(int)
    W, b = np.array([[1.0, 0.01, 0.0], [0.5, 0.1, 0.0]]), np.zeros(2)

    def steep(z):
        return jnp.tanh(z) @ jnp.array([gain, gain])

    found = certify_network(
        steep, X, y, weights=W, bias=b, loss="logistic", penalty=0.1, directions=[[1.0, 0.0, 0.0]]
    )
    outcome = derandkit.verify(found, (X, y, steep, W, b))
    assert outcome.ok, outcome
    record = found.to_dict()
    for name, value in (("stein_residual", 1e-3), ("stein_residual_error", 7.0)):
        forged = sealed({**record, "figures": {**record["figures"], name: value}})
        outcome = derandkit.verify(forged, (X, y, steep, W, b))
        assert not outcome.ok or "residual" in outcome.not_checked
