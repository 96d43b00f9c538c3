"""Both verifiers of embeddings draw one line: claims that are off by the last digits hold for both or for neither."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from tests.collection import collection
from tests.leaves import replaced, value_at
from tests.legs import some_then_all
from tests.second import second, second_report

import derandkit as dk
from derandkit.certificates.embeddings.cloud import centred
from derandkit.certificates.embeddings.exact import ExactRatios
from derandkit.certificates.embeddings.pairs import Pairs
from derandkit.records import sealed

CLAIMS = [
    ("distortion",), ("margin",), ("scaled_distortion",), ("mean", "value"), ("mean", "certified"),
    ("output", "certified_distortion"), ("quantiles", "mean"),
]  # fmt: skip


@some_then_all
@pytest.mark.parametrize("name", ["mean", "mean4", "certified", "duplicates"])
def test_both_accept_the_same_last_digits(name, every):
    """A mean off by 1.7e-13, and a bit of the matrix that moved the distortion by 4e-14, were accepted by one only."""
    record, points = collection()[f"embedding/{name}"]
    accepted, number = set(), 0
    for path in CLAIMS:
        if record[path[0]] is None:
            continue
        for share in (1e-15, 1e-14, 3e-14, 1e-13, 3e-13, 1e-12, 1e-11, 1e-9):
            for sign in (1.0, -1.0):
                number += 1
                if number % every:
                    continue
                forged = replaced(record, path, value_at(record, path) * (1.0 + sign * share))
                chain = forged["chain"]
                chain["distortion"] = forged["distortion"]
                chain["certified_distortion"] = forged["distortion"] + forged["margin"]
                forged = sealed(forged)
                good = dk.verify(forged, points).ok
                assert second_report(forged, points).ok == good, (path, share * sign)
                accepted.add(good)
    assert accepted == {True, False}


def test_a_mean_just_above_what_is_certified_is_accepted_by_neither():
    """The second verifier left room for two roundings below the exact mean, and called it proven."""
    for seed in range(3):
        points = np.random.default_rng(seed).standard_normal((9, 4))
        record = dk.embed(points, n_components=3, objective="mean", holdout=False).to_dict()
        least = (
            second().embeddings.Embedding(record, second().instances.Points(points.tolist())).average.root.low
        )
        below = float(least)
        while Fraction(below) >= least:
            below = math.nextafter(below, 0.0)
        for path in (("mean", "certified"), ("mean", "value")):
            record = replaced(record, path, min(below, value_at(record, path)))
        assert "mean" in dk.verify(sealed(record), points).failed
        assert "mean" in second_report(sealed(record), points).failed


def test_a_bound_above_zero_for_points_in_a_plane_is_accepted_by_neither():
    """The second verifier took 2e-12 for points in a plane: a bound is at most the lower end of what is found."""
    draws = np.random.default_rng(1)
    points = draws.integers(-50, 50, (12, 2)).astype(float) @ draws.integers(-9, 9, (2, 4)).astype(float)
    for objective, failed, paths, most in (
        ("max", "lower_bound", [("lower_bound",), ("chain", "lower_bound")], ("distortion",)),
        ("mean", "mean_bound", [("mean", "lower_bound")], ("mean", "value")),
    ):
        record = dk.embed(points, n_components=2, objective=objective, holdout=False).to_dict()
        for path in paths:
            record = replaced(record, path, 2e-16)
        assert value_at(record, most) >= 2e-16
        record = sealed(record)
        assert set(dk.verify(record, points).failed) == set(second_report(record, points).failed) == {failed}


def exactly(points, A, i, j):
    step = [Fraction(x) - Fraction(y) for x, y in zip(points[i], points[j], strict=True)]
    image = [sum(Fraction(a) * x for a, x in zip(row, step, strict=True)) for row in A]
    return sum(x * x for x in image) / sum(x * x for x in step)


@pytest.mark.parametrize("digits", [0, 6, 150])
def test_ratios_in_whole_numbers_are_those_of_fractions(digits):
    for seed in range(20):
        numbers = np.random.default_rng(seed)
        m, d, k = (int(x) for x in numbers.integers(2, 6, 3))
        points = numbers.standard_normal((m, d)) * 10.0 ** numbers.uniform(-digits, digits, (m, d))
        A = numbers.standard_normal((k, d)) * 2.0 ** numbers.integers(-90, 90, (k, 1))
        exact = ExactRatios(points, A)
        assert exact.affordable
        i, j = np.triu_indices(m, 1)
        found, bounds = exact.of(i, j)
        for a, b, ratio, bound in zip(i, j, found, bounds, strict=True):
            assert ratio == float(exactly(points.tolist(), A.tolist(), a, b))
            assert abs(Fraction(ratio) - exactly(points.tolist(), A.tolist(), a, b)) <= Fraction(bound)


def test_many_pairs_and_long_integers_are_left_to_floating_point():
    X = np.random.default_rng(0).standard_normal((900, 12))
    assert not ExactRatios(X, X[:3]).affordable
    assert ExactRatios(X[:400], X[:9]).affordable
    powers = np.linspace(-1000, 1000, 4800).astype(np.int64).reshape(400, 12)
    assert not ExactRatios(np.ldexp(X[:400], powers), X[:9]).affordable


def test_the_interval_of_the_distortion_is_that_of_the_last_place():
    X = np.random.default_rng(1).standard_normal((20, 6)) + 1e4
    A = np.random.default_rng(2).standard_normal((2, 6))
    found = Pairs(centred(X), A)
    i, j = np.triu_indices(len(X), 1)
    true = max(abs(exactly(X.tolist(), A.tolist(), a, b) - 1) for a, b in zip(i, j, strict=True))
    assert Fraction(found.low) <= true <= Fraction(found.high)
    assert 0.0 < found.high - found.low < 0.3 * found.bound
