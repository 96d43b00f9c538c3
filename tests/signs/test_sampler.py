"""GaussianSampler against the law it describes: moments, conditioning, shapes, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import hashed, matrices, vectors

from derandkit.engine.law import GaussianSampler
from derandkit.errors import InputError


@st.composite
def samplers(draw, *, max_n=6):
    n = draw(st.integers(1, max_n))
    spread = draw(st.one_of(matrices(n), st.floats(0, 3, allow_subnormal=False)))
    return GaussianSampler(draw(vectors(n)), spread)


def covariance(law):
    W = law.dense_spread()
    return W @ W.T


@settings(deadline=None)
@given(samplers())
def test_shapes_and_norms(law):
    W = law.dense_spread()
    assert W.shape == (law.dimension, law.rank)
    assert law.is_isotropic == isinstance(law.spread, float)
    assert law.spread_norm == pytest.approx(float(np.linalg.norm(W)), rel=1e-12)
    assert law.is_deterministic == (not W.any())
    assert f"dimension={law.dimension}, rank={law.rank}" in repr(law)
    still = law.deterministic()
    assert still.is_deterministic
    assert (still.rank, still.spread_norm) == (0, 0.0)
    np.testing.assert_array_equal(still.mean, law.mean)


def test_arrays_are_copied_and_cannot_be_written_to():
    b, W = np.ones(3), np.ones((3, 2))
    law = GaussianSampler(b, W)
    b[0] = W[0, 0] = 7.0
    assert law.mean[0] == law.spread[0, 0] == 1.0
    for array in (law.mean, law.spread):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5.0
    assert GaussianSampler(b, np.asfortranarray(W)).spread.flags.c_contiguous


def test_lists_and_integers_are_accepted():
    law = GaussianSampler([1, 2], [[1], [0]])
    assert law.mean.dtype == law.spread.dtype == np.float64
    assert GaussianSampler([1, 2], 3).spread == 3.0


@settings(deadline=None)
@given(samplers(), st.data())
def test_replacing_one_part_keeps_the_other(law, data):
    b = data.draw(vectors(law.dimension))
    moved = law.with_mean(b)
    np.testing.assert_array_equal(moved.mean, b)
    np.testing.assert_array_equal(moved.dense_spread(), law.dense_spread())
    wide = law.with_spread(np.ones((law.dimension, 7)))
    assert wide.rank == 7
    np.testing.assert_array_equal(wide.mean, law.mean)


@settings(deadline=None)
@given(samplers(), st.data(), st.floats(-4, 4))
def test_revealing_conditions_the_law(law, data, t):
    """Mean ``b + t W v`` and covariance ``S - (W v)(W v)^T``: the Gaussian conditioning formulas."""
    direction = data.draw(vectors(law.rank)) + 5.0 * np.eye(law.rank)[0]
    v = direction / np.linalg.norm(direction)
    column = law.dense_spread() @ v
    revealed = law.reveal(direction, t)
    np.testing.assert_allclose(revealed.mean, law.mean + t * column, atol=1e-12)
    np.testing.assert_allclose(covariance(revealed), covariance(law) - np.outer(column, column), atol=1e-11)
    np.testing.assert_allclose(revealed.dense_spread() @ v, 0.0, atol=1e-12)
    assert revealed.rank == law.rank


@settings(deadline=None)
@given(samplers(), st.data())
def test_the_order_of_orthogonal_reveals_does_not_matter(law, data):
    values = data.draw(vectors(law.rank))
    axes = np.eye(law.rank)
    forward, backward = law, law
    for k in range(law.rank):
        forward = forward.reveal(axes[k], values[k])
        backward = backward.reveal(axes[law.rank - 1 - k], values[law.rank - 1 - k])
    np.testing.assert_allclose(forward.mean, law.mean + law.dense_spread() @ values, atol=1e-11)
    np.testing.assert_allclose(backward.mean, forward.mean, atol=1e-11)
    assert forward.is_deterministic
    assert backward.is_deterministic


def test_a_revealed_direction_holds_nothing_more():
    law = GaussianSampler(hashed(4), hashed(4, 3, seed=1))
    v = hashed(3, seed=2)
    once = law.reveal(v, 0.7)
    twice = once.reveal(v, -5.0)
    np.testing.assert_allclose(twice.mean, once.mean, atol=1e-15)


@pytest.mark.parametrize("spread", [hashed(3, 2, seed=4), 0.8])
def test_draws_have_the_moments_of_the_law(spread):
    law, size = GaussianSampler(hashed(3), spread), 40_000
    sample = law.draw(size, 7)
    assert sample.shape == (size, 3)
    S = covariance(law)
    error = 5.0 * np.sqrt(np.diag(S) / size)
    assert (np.abs(sample.mean(axis=0) - law.mean) <= error).all()
    empirical = np.cov(sample.T)
    assert np.abs(empirical - S).max() <= 6.0 * math.sqrt(2.0 / size) * np.diag(S).max()


def test_draws_take_a_seed_or_a_generator():
    law = GaussianSampler([0.0, 1.0], [[1.0], [2.0]])
    np.testing.assert_array_equal(law.draw(5, 3), law.draw(5, 3))
    np.testing.assert_array_equal(law.draw(5, 3), law.draw(5, np.random.default_rng(3)))
    assert not np.array_equal(law.draw(5, 3), law.draw(5, 4))
    np.testing.assert_array_equal(law.deterministic().draw(4, None), np.tile(law.mean, (4, 1)))
    generator = np.random.default_rng(3)
    assert not np.array_equal(law.draw(5, generator), law.draw(5, generator))


@pytest.mark.parametrize(
    ("mean", "spread", "words"),
    [
        ([[1.0]], [[1.0]], "vector"),
        (1.0, 1.0, "vector"),
        ([math.nan], [[1.0]], "finite"),
        ([1.0], [[math.inf]], "finite"),
        ([1.0], math.nan, "finite"),
        ([1.0], -0.5, "standard deviation"),
        ([1.0, 2.0], [[1.0]], r"shape \(2, r\)"),
        ([1.0, 2.0], [1.0, 2.0], r"shape \(2, r\)"),
    ],
)
def test_refusals(mean, spread, words):
    with pytest.raises(InputError, match=words):
        GaussianSampler(mean, spread)


@pytest.mark.parametrize("direction", [[1.0], [0.0, 0.0], [math.nan, 1.0], [math.inf, 0.0], [[1.0, 0.0]]])
def test_directions_that_cannot_be_revealed(direction):
    with pytest.raises(InputError, match="direction"):
        GaussianSampler([0.0, 0.0], np.eye(2)).reveal(direction, 1.0)
