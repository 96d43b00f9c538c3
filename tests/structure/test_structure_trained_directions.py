"""Directions in records of trained networks: those that are found are the leading ones, and no others are given."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax")

import jax.numpy as jnp
from tests.structure.test_structure_trained_forged import (
    B,
    W,
    above,
    certified,
    forged,
    found,
    instance,
    rows,
)

import derandkit
from derandkit import certify_network
from derandkit.certificates.checks import Verdict
from derandkit.records import decode_array, encode_array, sealed


@pytest.mark.parametrize("turn", [[[0, 1], [1, 0]], [[0.8, 0.6], [-0.6, 0.8]], [[1e-3, 0], [0, 1e3]], [[1]]])
def test_directions_that_are_found_are_so_one_by_one(turn):
    """Only their space was looked at: swapped, turned and scaled ones were shown as the leading ones of the layer."""
    X, y, f, weights, bias = instance()
    record = certify_network(f, X, y, weights=weights, bias=bias, penalty=0.5, rank=len(turn)).to_dict()
    assert derandkit.verify(record, instance()).ok
    directions = np.array(turn) @ decode_array(record["parameters"]["directions"])[: len(turn[0])]
    parameters = {**record["parameters"], "directions": encode_array(directions, "<f8")}
    assert found(forged(record, parameters=parameters), instance())["directions"].passed is (len(turn) == 1)


@pytest.mark.parametrize("part", [[0, 0, 1e6], [1e4, 1e4, 0], [0, 0, 1e-3]])
def test_directions_that_are_found_have_no_weights_that_read_nothing(part):
    """A weight of 1e6 of a constant column, or the sum of columns that add up to 1, was shown as the leading one."""
    X, _, _, weights, bias = instance()
    X = np.column_stack([X[:, 0], 1.0 - X[:, 0], np.ones(len(X))])
    y = np.tanh(X[:, 0])
    record = certify_network(above, X, y, weights=weights, bias=bias, penalty=0.5, rank=1).to_dict()
    about = (X, y, above, weights, bias)
    assert derandkit.verify(record, about).ok
    directions = decode_array(record["parameters"]["directions"]) + np.array([part])
    parameters = {**record["parameters"], "directions": encode_array(directions, "<f8")}
    assert found(forged(record, parameters=parameters), about)["directions"].verdict is Verdict.FAILED


def test_directions_that_are_one_span_nothing_more():
    record = certified().to_dict()
    thrice = {**record["parameters"], "directions": encode_array([[1.0, 0, 0]] * 3, "<f8")}
    check = found(forged(record, parameters=thrice, w_perp=0.0), rows())["split"]
    assert check.verdict is Verdict.FAILED
    assert "depend on each other" in check.detail


def test_directions_that_were_found_are_not_given():
    record = certified(given=False).to_dict()
    assert derandkit.verify(record, instance()).ok
    outcome = derandkit.verify(forged(record, directions_given=True), instance())
    assert outcome.failed == ("directions",)
    assert "directions" in outcome.not_checked
    other = found(forged(certified().to_dict(), directions_given=False), instance())
    assert other["directions"].verdict is Verdict.FAILED


@pytest.mark.parametrize("noise", [1e-6, 1e-4])
def test_leading_directions_with_a_little_noise_are_not_shown_as_given(noise):
    """They were refused below 1e-9, and above it recomputed as "given, since they are not the leading ones"."""
    X, y, f, weights, bias = instance()
    leading = np.asarray(certified(given=False).directions)
    nudged = leading + noise * np.random.default_rng(1).standard_normal(leading.shape)
    record = certify_network(f, X, y, weights=weights, bias=bias, directions=nudged)
    outcome = derandkit.verify(record, instance())
    assert outcome.ok
    assert "directions" in outcome.not_checked
    assert found(certified().to_dict(), instance())["directions"].verdict is Verdict.RECOMPUTED


@pytest.mark.parametrize("columns", [1, 2])
def test_directions_that_span_all_columns_cannot_have_been_chosen(columns):
    X, y = rows()
    X, weights = X[:, :columns], W[:, :columns]
    directions = np.eye(columns) + 0.5
    found = certify_network(above, X, y, weights=weights, bias=B, directions=directions, penalty=0.5)
    held = derandkit.verify(found, (X, y, above, weights, B))
    assert found.w_perp == 0
    assert held.ok, str(held)


@pytest.mark.filterwarnings("ignore:.* of .* rows repeat the inputs")
@pytest.mark.parametrize("inputs", ["plain", "shares", "collinear", "sparse layer"])
def test_directions_that_leave_nothing_of_the_layer_hold_where_there_is_no_bound(inputs):
    """As many directions as units, or as ways in which inputs vary: |W_perp| is 4e-17, and that was not checked."""
    rng = np.random.default_rng(0)
    X, weights, options = rng.standard_normal((80, 4)), rng.standard_normal((2, 4)), {}
    if inputs == "shares":  # they add up to 1
        X, weights = rng.dirichlet(np.ones(3), 80), rng.standard_normal((8, 3))
    elif inputs == "collinear":
        X, weights = X[:, [0, 1, 0]], rng.standard_normal((8, 3))
        options = {"directions": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]}
    elif inputs == "sparse layer":
        X, weights = np.vstack([X, -X, X * [1, 1, -1, -1], X * [-1, -1, 1, 1]]), weights * [1, 1, 0, 0]
        X = np.vstack([X, X * [1, -1, 1, -1], X * [1, -1, -1, 1]])
        options = {"directions": [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]}
    bias, outer = np.zeros(len(weights)), jnp.array(rng.standard_normal(len(weights)))
    parts = (X, np.tanh(X[:, 0]), lambda z: jnp.tanh(z) @ outer, weights, bias)
    result = certify_network(parts[2], *parts[:2], weights=weights, bias=bias, penalty=0.05, **options)
    assert result.w_perp < 1e-13
    assert (result.figures["stein_residual"] is None) == (inputs != "plain")
    held = derandkit.verify(result, parts)
    assert set(held.failed) <= ({"directions"} if inputs == "sparse layer" else set()), str(held)
    claim = {
        check.name: check
        for check in derandkit.verify(sealed(result.to_dict() | {"w_perp": 0.1}), parts).checks
    }
    assert claim["split"].verdict is Verdict.FAILED
