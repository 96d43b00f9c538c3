"""Instances in memory whose sums leave the doubles: one line from the solver, a failed statement from the checker."""

from __future__ import annotations

import json

import numpy as np
import pytest

import derandkit as dk

TAILS, HEADS = np.array([0, 0, 1, 2]), np.array([1, 2, 2, 0])
ARCS = dk.Arcs(range(3), TAILS, HEADS, np.array([1.7e308, 1e308, 1.7e308, 1e308]))


def test_the_solver_refuses_them_in_one_line():
    with pytest.raises(dk.InputError, match="their sum overflows; scale them down"):
        dk.optimize(ARCS)
    with pytest.raises(dk.InputError, match="their sum overflows; scale them down"):
        dk.Arcs.from_arcs(zip(TAILS.tolist(), HEADS.tolist(), ARCS.weights.tolist(), strict=True))


@pytest.mark.parametrize("toward", [False, True])
@pytest.mark.parametrize(
    "instance",
    [
        ARCS,
        dk.QuadraticModel.from_qubo({(0, 0): 1e308}),
        dk.QuadraticModel.from_ising({0: 8.9e307, 1: 1.7e308, 2: 8.9e307}, {(0, 1): 5e-324}),
    ],
)
def test_no_record_about_them_raises(instance, toward):
    record = json.loads(dk.optimize(dk.QuadraticModel.from_qubo({(0, 0): 1, (0, 1): -3})).to_json())
    record["kind"] = instance.kind
    if toward:
        record["reduction"]["rounding"] = "toward the solution"
    assert not dk.verify(record, instance).ok
