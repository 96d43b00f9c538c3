"""Every formula of `certify_network` that ends up in its record, made wrong one at a time: verification notices each.

The formulas stay wrong while the network is certified again: the checker takes derivatives and nothing else.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import sys

import numpy as np
import pytest

from derandkit import certify_network, verify

pytest.importorskip("jax")

import jax.numpy as jnp

from derandkit.status import NetworkStatus
from derandkit.structure import measure
from derandkit.structure.intake import repeats
from derandkit.structure.trained import certify, rows

RNG = np.random.default_rng(3)
X = RNG.standard_normal((64, 3)) @ np.array([[1.0, 0.3, 0.0], [0.0, 1.0, 0.2], [0.0, 0.0, 1.0]]) + 0.5
W = np.array([[1.0, 0.2, -0.1], [0.1, 0.4, 0.3]])
B, V = np.array([0.1, -0.2]), np.array([1.0, 0.5])
Y = np.tanh(X[:, 0])


def above(z):
    return jnp.tanh(z) @ V


#: Name -> instance as `verify` takes it, and the call that makes a result of it.
CASES = {
    "plain": (
        (X, Y, above, W, B),
        lambda: certify_network(
            above, X, Y, weights=W, bias=B, directions=[[1.0, 0, 0]], penalty=0.3, steps=5, step_size=0.1
        ),
    ),
    "found": ((X, Y, above, W, B), lambda: certify_network(above, X, Y, weights=W, bias=B, penalty=0.2)),
}


def field(name, change):
    def wrong(found):
        if isinstance(found, dict):
            return {**found, name: change(found[name])}
        return dataclasses.replace(found, **{name: change(getattr(found, name))})

    return wrong


def at(k, change):
    """Change one part of a tuple."""
    return lambda found: tuple(change(part) if k == at_k else part for at_k, part in enumerate(found))


def times(factor):
    return lambda x: x * factor


FIGURES = [
    "lemma_bound", "row_bound", "row_curvature", "row_gradient", "smallest_curvature", "largest_curvature",
    "perp_gradient", "stein_estimate", "stein_residual", "lemma_bound_error", "row_bound_error",
]  # fmt: skip

#: What is made wrong: the case that shows it, where the formula lives, its name, and how its value changes.
FORMULAS = {
    **{name: ("plain", measure, "lemma_measurements", field(name, times(1.001))) for name in FIGURES},
    "both of a quotient": ("plain", measure, "lemma_measurements", lambda f: {
        **f, "perp_gradient": 2 * f["perp_gradient"], "lemma_bound": 2 * f["lemma_bound"]}),
    "spread of the parts": ("plain", measure.Evaluation, "estimate", at(1, times(1.01))),
    "mean of the parts": ("plain", measure.Evaluation, "estimate", at(0, times(1.01))),
    "split": ("plain", measure, "split", at(1, times(0.9))),
    "singular values": ("plain", measure, "singular_values", times(1.01)),
    "effective rank": ("plain", measure, "effective_rank", times(1.01)),
    "leading directions": ("found", measure, "leading_directions", lambda rows: rows[:, ::-1].copy()),
    "root of the covariance": ("plain", certify, "covariance_root", at(2, times(1.01))),
    "its inverse": ("plain", certify, "covariance_root", at(3, times(1.01))),
    "means of columns": ("plain", certify, "covariance_root", at(0, times(1.01))),
    "gradient in the mean of the inputs": ("plain", certify, "_centre", times(0.5)),
    "gradient in all parameters": ("plain", certify, "_gradient", times(1.001)),
    "what decay leaves": ("plain", certify, "_decay", field("left", times(1.01))),
    "status": ("plain", certify, "status_of", lambda s: NetworkStatus.NO_BOUND),
    "digest": ("plain", certify, "digest_of", lambda text: text[::-1]),
    "given directions": ("plain", rows, "given_directions", at(1, lambda rows: rows + 0.1)),
    "split into parts": ("plain", repeats, "hashed_order", np.sort),
}  # fmt: skip


def poisoned(patch, owner, name, change):
    """Put the wrong formula wherever a module that solves holds the true one."""
    true = owner.__dict__[name]

    @functools.wraps(true)
    def wrong(*arguments, **options):
        return change(true(*arguments, **options))

    if isinstance(owner, type):
        patch.setattr(owner, name, wrong)
        return
    found = [module for title, module in list(sys.modules.items()) if title.startswith("derandkit.structure")]
    for module in found:
        for key, value in list(vars(module).items()):
            if value is true:
                patch.setattr(module, key, wrong)


@functools.cache
def honest(case):
    return json.loads(CASES[case][1]().to_json())


@pytest.mark.parametrize("case", CASES)
def test_without_poison_all_holds(case):
    found = verify(honest(case), CASES[case][0])
    assert found.failed == ()
    assert found.ok, str(found)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_wrong_formula_is_noticed(monkeypatch, name):
    case, owner, attribute, change = FORMULAS[name]
    right = honest(case)
    with monkeypatch.context() as patch:
        poisoned(patch, owner, attribute, change)
        wrong = json.loads(CASES[case][1]().to_json())
        assert wrong != right, "the formula is not in the record"
        assert verify(wrong, CASES[case][0]).failed
