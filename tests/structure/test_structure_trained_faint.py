"""Inputs of a trained network that hardly vary: what its first layer reads there is in no size, and is compared."""

from __future__ import annotations

import functools

import numpy as np
import pytest

pytest.importorskip("jax")

import jax.numpy as jnp

import derandkit
from derandkit import InputError, certify_network
from derandkit.certificates.trained.layer import units_of
from derandkit.structure.trained import variation


def _model(z):
    return jnp.tanh(z) @ jnp.array([1.0, 0.7])


def _near_copies():
    """Unit 1 reads 0.5 z as the difference of two columns that lie 3e-6 apart; the target knows nothing of z."""
    a, z, c = np.random.default_rng(0).normal(size=(3, 200))
    W = np.array([[0.0, 0.0, 2.0], [-0.5 / 3e-6, 0.5 / 3e-6, 0.0]])
    return np.column_stack((a, a + 3e-6 * z, c)), W, np.zeros(2), [[0.0, 0.0, 1.0]]


def _offset():
    """Unit 1 reads 0.5 z of a column 2^44 + z, whose entries are exact."""
    z, c = np.random.default_rng(0).normal(size=(2, 200))
    W = np.array([[0.0, 2.0], [0.5, 0.0]])
    return np.column_stack((2.0**44 + np.round(64 * z) / 64, c)), W, np.array([0.0, -(2.0**43)]), [[0.0, 1.0]]


CASES = {"near copies": _near_copies, "offset": _offset}


def _certified(X, W, b, directions):
    y = np.tanh(2.0 * X[:, -1])
    found = certify_network(_model, X, y, weights=W, bias=b, directions=directions, penalty=1e-3)
    return found, (X, y, _model, W, b)


@functools.cache
def _split_of(name):
    """Return the verdict on a record that is silent about such inputs, as version 0.4 wrote it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(variation, "UNREAD", np.inf)
        found, given = _certified(*CASES[name]())
    verdict = derandkit.verify(found.to_dict(), given)
    return found, verdict, next(check for check in verdict.checks if check.name == "split")


@pytest.mark.parametrize("name", CASES)
def test_a_layer_that_reads_what_counts_as_constant_is_refused(name):
    with pytest.raises(InputError, match=r"first layer reads 0\.\d+ of inputs that vary too little"):
        _certified(*CASES[name]())


@pytest.mark.parametrize("name", CASES)
def test_a_record_without_what_the_layer_reads_there_does_not_hold(name):
    found, verdict, split = _split_of(name)
    assert found.w_perp < 0.1  # it is 0.5
    assert not verdict.ok
    assert split.headline
    assert (
        split.verdict.value == "not checked"
    )  # and not failed: cancelled weights have rounding of their own
    assert "counted as constant: 1 of " in split.detail


@pytest.mark.parametrize("name", CASES)
def test_what_is_read_there_is_measured_from_the_rows(name):
    X, W, _, directions = CASES[name]()
    read = ((X - X.mean(axis=0)) @ W[1]).std()
    hidden = np.linalg.norm(W @ units_of(X).faint)
    assert hidden == pytest.approx(read, rel=0.01)
    assert 0.4 < hidden < 0.6
    assert np.linalg.norm(np.asarray(directions) @ units_of(X).faint) < 1e-12
    assert np.linalg.norm(W @ variation.covariance_root(X)[4]) == pytest.approx(hidden, rel=1e-6)


def test_columns_that_are_constant_to_rounding_are_named_and_hold():
    k, c, d = np.random.default_rng(0).normal(size=(3, 200))
    X = np.column_stack((np.where(k > 0, 0.1 + 0.2, 0.3), d, c))
    found, given = _certified(
        X, np.array([[1.0, 0.2, 2.0], [0.5, 0.3, -1.0]]), np.zeros(2), [[0.0, 0.0, 1.0]]
    )
    verdict = derandkit.verify(found.to_dict(), given)
    assert verdict.ok
    assert "counted as constant: 1 of 3 columns" in str(verdict)


def test_columns_that_add_up_to_one_are_no_news():
    rng = np.random.default_rng(0)
    c = rng.normal(size=200)
    X = np.column_stack((np.eye(3)[rng.integers(3, size=200)], c))
    found, given = _certified(X, rng.normal(size=(2, 4)), np.zeros(2), [[0.0, 0.0, 0.0, 1.0]])
    verdict = derandkit.verify(found.to_dict(), given)
    assert verdict.ok
    assert "counted as constant" not in str(verdict)


def test_the_faint_part_of_constant_and_collinear_columns_is_told_apart():
    rng = np.random.default_rng(1)
    a, z = rng.normal(size=(2, 100))
    X = np.column_stack((np.full(100, 3.0), a, a + 1e-7 * z, np.where(z > 0, 1.0, 1.0 + 1e-15)))
    units = units_of(X)
    for w in np.eye(4)[[0, 1, 3]]:  # what one column has along the difference of two is a part of that
        assert np.linalg.norm(w @ units.faint) < 1e-7
    difference = np.array([0.0, -1.0, 1.0, 0.0])
    assert np.linalg.norm(difference @ units.faint) == pytest.approx((1e-7 * z).std(), rel=0.02)
    assert units.constant == "1 of 4 columns and 1 of 2 directions"
