"""A program may have numpy raise an error for every inexact number (``numpy.seterr``): answers do not change."""

from __future__ import annotations

import numpy as np
import pytest

import derandkit as dk

rng = np.random.default_rng(5)
PAIRS = sorted({(int(u), int(v)) for u, v in rng.integers(0, 30, (90, 2)) if u < v})
EDGES = [(u, v, float(w)) for (u, v), w in zip(PAIRS, rng.standard_normal(len(PAIRS)), strict=True)]
TERMS = {(u, v): w for u, v, w in EDGES}
POINTS = rng.standard_normal((40, 6))

VERBS = {
    "maxcut": (dk.maxcut, EDGES, {"bound": "best"}),
    "maxdicut": (dk.maxdicut, [(u, v, abs(w)) for u, v, w in EDGES], {}),
    "frustration": (dk.frustration, EDGES, {}),
    "qubo": (dk.minimize_qubo, TERMS, {}),
    "max2sat": (dk.max2sat, [(1, 2), (-1, 2), (1, -2), (-1, -2), (2, 3)], {}),
    "embed": (dk.embed, POINTS, {"n_components": 3}),
    "embed mean": (dk.embed, POINTS, {"n_components": 3, "objective": "mean"}),
    "features": (dk.random_features, POINTS, {"n_features": 8}),
    "cut norm": (dk.cut_norm, POINTS[:6], {}),
}


@pytest.mark.parametrize("name", VERBS)
def test_numbers_too_small_for_a_double_are_zero_whatever_the_caller_has_set(name):
    """`underflow encountered in exp` ended every verb on signs, and `ldexp` that of embeddings."""
    solve, instance, options = VERBS[name]
    expected = solve(instance, **options)
    with np.errstate(all="raise"):
        found = solve(instance, **options)
        if hasattr(found, "to_json"):
            assert found.to_json() == expected.to_json()
            assert dk.verify(found, instance).ok
        assert repr(found) == repr(expected)
        if name.startswith("embed"):
            assert (found.transform(POINTS) == expected.transform(POINTS)).all()
            assert dk.scan_pairs(POINTS, found) == dk.scan_pairs(POINTS, expected)
