"""Eigenvalues and cosines of the second verifier: enclosed by few counts in short integers, for any numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from tests.second import second


def gram_matrix(seed):
    """Return a Gram matrix of rationals, of any scale, often singular, now and then of whole numbers."""
    numbers = np.random.default_rng(seed)
    n, d = (int(k) for k in numbers.integers(1, 8, 2))
    A = numbers.standard_normal((n, d)) * 10.0 ** numbers.integers(-9, 9)
    A = np.rint(A) if seed % 3 == 0 else A
    rows = [[Fraction(x) for x in row] for row in A.tolist()]
    return second().spectra.product(rows, rows)


@pytest.mark.parametrize("digits", [10, 46, 76])
def test_every_eigenvalue_lies_where_it_is_said_to(digits):
    spectra, accuracy = second().spectra, Fraction(1, 2**digits)
    for seed in range(30):
        matrix = gram_matrix(seed)
        trace = sum(matrix[k][k] for k in range(len(matrix)))
        for k, (low, high) in enumerate(spectra.eigenvalues(matrix, len(matrix), accuracy)):
            assert high - low <= 4 * accuracy * trace
            assert spectra.count_above(matrix, high) <= k
            assert low == 0 or spectra.count_above(matrix, low - accuracy * trace / 2**20) > k


def test_a_bad_guess_only_costs_counts(monkeypatch):
    spectra, matrix = second().spectra, gram_matrix(5)
    honest = spectra.eigenvalues(matrix, 3)
    for wrong in (0.0, 1e300, -1e300, math.nan, math.inf):
        monkeypatch.setattr(spectra, "guesses", lambda rows, wrong=wrong: [wrong] * len(rows))
        for (low, high), (least, most) in zip(spectra.eigenvalues(matrix, 3), honest, strict=True):
            assert max(low, least) <= min(high, most)


def test_two_counts_enclose_an_eigenvalue(monkeypatch):
    """The search took 47 counts each, 328 for 40 points and 8 features, which took half a minute."""
    spectra, counts = second().spectra, []
    count = spectra.count_above
    monkeypatch.setattr(spectra, "count_above", lambda *case: counts.append(case) or count(*case))
    rows = [[Fraction(x) for x in row] for row in np.random.default_rng(0).standard_normal((12, 12)).tolist()]
    spectra.eigenvalues(spectra.product(rows, rows), 8)
    assert len(counts) <= 20
    assert all(type(x) is int and x.bit_length() < 70 for matrix, _ in counts for row in matrix for x in row)


def test_cosines_are_enclosed():
    cosine = second().kernels.cosine
    for x in (0.0, 1e-300, 0.1, -3.0, math.pi, math.pi / 2, 100.0, -12345.678, 2.0**30 + 0.1):
        found = cosine(Fraction(x))
        assert found.high - found.low < Fraction(1, 2**80)
        assert found.near(math.cos(x), Fraction(1, 2**51))
    # cos 2x = 2 cos^2 x - 1, to many more digits than a float has
    x = Fraction(123456789, 10**8)
    once, twice = cosine(x), cosine(2 * x)
    assert max(twice.low, (2 * once * once - 1).low) <= min(twice.high, (2 * once * once - 1).high)


def test_a_diagonal_far_below_its_edges_is_refused_before_any_elimination(monkeypatch):
    """Exact elimination in units of 2^-1074 took 21 s for 60 vertices."""
    proofs = second().proofs
    matrix = [[Fraction(9 if i == j else -(abs(i - j) < 4)) for j in range(30)] for i in range(30)]
    assert proofs.is_semidefinite(matrix)
    matrix[7][7] = Fraction(5e-324)
    monkeypatch.setattr(proofs, "gcd", None)
    assert not proofs.is_semidefinite(matrix)


def test_an_empty_row_needs_no_elimination(monkeypatch):
    proofs = second().proofs
    tiny = [[Fraction(5e-324), Fraction(0)], [Fraction(0), Fraction(0)]]
    monkeypatch.setattr(proofs, "gcd", None)
    assert proofs.is_semidefinite(tiny)
    tiny[1][1] = Fraction(-5e-324)
    assert not proofs.is_semidefinite(tiny)
    tiny[1][1], tiny[0][1], tiny[1][0] = Fraction(0), Fraction(1), Fraction(1)
    assert not proofs.is_semidefinite(tiny)
