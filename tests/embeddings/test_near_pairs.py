"""Pairs nearer than 1e-11 of the largest norm are left out: both verifiers say what the map does to them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.second import second_report

import derandkit as dk
from derandkit.certificates.embeddings.pairs import Pairs, centred


def _change(A, x, y):
    """Return ``|r - 1|`` of a pair in rational arithmetic."""
    d = [Fraction(a) - Fraction(b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    images = [sum(Fraction(a) * c for a, c in zip(row, d, strict=True)) for row in A.tolist()]
    return abs(float(sum(v * v for v in images) / sum(c * c for c in d) - 1))


@pytest.mark.parametrize("objective", ["max", "mean"])
def test_what_a_map_does_to_near_pairs_is_said(objective):
    rng = np.random.default_rng(6)
    X = rng.normal(size=(9, 5))
    X[4] = X[1] + np.array([0, 2.0**-45, 0, 0, 0])
    X[7] = X[1] + np.array([0, 0, 2.0**-44, 2.0**-45, 0])
    result = dk.embed(X, n_components=2, objective=objective, holdout=False)
    most = max(_change(result.matrix, X[i], X[j]) for i, j in ((1, 4), (1, 7), (4, 7)))
    assert "3 pairs nearer than 1e-11" in str(result)
    first, other = dk.verify(result.to_dict(), X), second_report(result.to_dict(), X)
    assert first.ok
    assert other.ok
    details = [check.detail for check in first.checks if check.name == "ratios"]
    details += [text for name, _, text in other.lines if name == "ratios"]
    assert len(details) == 2
    for said in details:
        assert "not over 3 " in said
        assert said.endswith(f"where |r - 1| is up to {most:.6g}")


def test_one_near_pair_is_one_pair():
    X = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1e-20]])
    result = dk.embed(X, n_components=2, holdout=False)
    assert "1 pair nearer than 1e-11" in str(result)
    assert "; not over 1 pair nearer" in str(dk.verify(result.to_dict(), X))


def test_near_pairs_are_looked_at_within_the_work_that_is_allowed():
    rng = np.random.default_rng(6)
    X = np.repeat(rng.normal(size=(2, 4)), 20, axis=0) + 2.0**-45 * rng.integers(0, 8, size=(40, 4))
    A = np.eye(2, 4)
    cloud = centred(np.unique(X, axis=0))
    assert 0.0 < Pairs(cloud, A).near <= 1.0
    assert Pairs(cloud, A, allow_work=1e-9).near is None
