"""A column in which no two points differ has no part in any distance, however large its value is."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.mutations import sealed_again
from tests.second import second_report

import derandkit as dk
from derandkit.certificates.checks import Verdict
from derandkit.certificates.embeddings.spectrum import Spectrum
from derandkit.embeddings.measure import measure
from derandkit.points.cloud import PointCloud, centring
from derandkit.records import decode_array, encode_array, sealed


def exact(points, images):
    """Return the greatest ``|ratio - 1|`` of all pairs, in rational numbers."""
    X, Y = ([[Fraction(x) for x in row] for row in table.tolist()] for table in (points, images))
    pairs = [(i, j) for i in range(len(X)) for j in range(i)]

    def square(rows, i, j):
        return sum((a - b) ** 2 for a, b in zip(rows[i], rows[j], strict=True))

    return max(abs(square(Y, i, j) / square(X, i, j) - 1) for i, j in pairs)


def mapped(points, matrix):
    return np.array(
        [
            [sum(Fraction(a) * Fraction(x) for a, x in zip(row, p, strict=True)) for row in matrix.tolist()]
            for p in points.tolist()
        ]
    )


def spread(exponent):
    """Return whole numbers with as many digits as a double has, multiplied by a power of two; they are exact."""
    numbers = np.random.default_rng(3).integers(-(2**17), 2**17, size=(5, 2)).astype(float) * 2 + 1
    numbers[0], numbers[1] = [2**50 + 2**20, 1], [1, 2**51 + 2**19]
    return np.ldexp(numbers, exponent)


CASES = [(1.0, -1074), (2.0**1000, -70), (2.0**1000, -300), (1e308, -1074), (-1.5e308, 300), (3e-300, -1074)]


@pytest.mark.parametrize(("value", "exponent"), CASES)
def test_a_map_of_points_with_a_constant_column_is_what_it_says(value, exponent):
    X = np.hstack([np.full((5, 1), value), spread(exponent)])
    result = dk.embed(X, n_components=1, holdout=False)
    record = result.to_dict()
    assert dk.verify(record, X).ok
    assert second_report(record, X).ok
    assert result.points.coincident == 0
    assert exact(X, mapped(X, result.matrix)) <= record["chain"]["certified_distortion"]
    assert exact(X, result.transform(X)) <= record["output"]["certified_distortion"]


@pytest.mark.parametrize("value", [1.0, 2.0**1000, -1e308])
def test_the_map_is_that_of_the_other_columns(value):
    plain = spread(-60)
    X = np.hstack([np.full((5, 1), value), plain])
    one, other = dk.embed(X, n_components=1, holdout=False), dk.embed(plain, n_components=1, holdout=False)
    assert np.array_equal(one.matrix[:, 1:], other.matrix)
    assert np.array_equal(one.centre, [value, *other.centre])
    assert np.array_equal(one.transform(X), other.transform(plain))


def test_a_constant_column_takes_no_digits_from_the_others():
    plain = spread(-1074)
    found, alone = centring(np.hstack([np.ones((5, 1)), plain])), centring(plain)
    assert np.array_equal(found.raw[:, 1:], alone.raw)
    assert np.array_equal(found.points[:, 1:], alone.points)
    assert found.exponent == alone.exponent
    assert np.array_equal(np.ldexp(found.raw, found.exponent)[:, 1:], plain)


def test_features_of_points_with_a_constant_column_verify():
    for value, exponent in ((2.0**1000, -60), (1.0, -500), (1e308, 0)):
        X = np.hstack([np.full((5, 1), value), spread(exponent)])
        gamma = 0.5 * 4.0 ** -(exponent + 51)
        result = dk.random_features(X, 4, gamma=gamma)
        assert dk.verify(result, X).ok
        assert second_report(result.to_dict(), X).ok
        F, Z = result.transform(X), np.ldexp(X[:, 1:], -(exponent + 51))
        kernel = np.exp(-0.5 * np.sum((Z[:, None] - Z) ** 2, axis=2))
        errors = (F @ F.T - kernel)[np.triu_indices(5, 1)]
        assert np.sqrt(np.mean(errors**2)) <= result.output.certified_rms + 1e-15


def test_a_pair_that_no_objective_sees_is_measured():
    """Its points are 1e-20 of the cloud apart; the ratio is that of their direction."""
    X = np.zeros((7, 3))
    X[:, :2] = np.random.default_rng(1).normal(size=(7, 2))
    X[6] = X[0]
    X[6, 2] = 1e-20
    record = dk.embed(X, n_components=1, holdout=False).to_dict()
    assert (record["points"]["coincident"], record["points"]["pairs"]) == (0, 21)
    assert dk.verify(record, X).ok
    assert second_report(record, X).ok
    matrix = decode_array(record["matrix"]).copy()
    flat = measure(PointCloud(X), np.array([[1.0, 1.0, 0.0]]))
    assert (flat.smallest, flat.close) == (0.0, 1)
    matrix[0, 2] = 50.0  # the ratio of the two is 2500, and no other pair notices
    forged = sealed_again({**record, "matrix": encode_array(matrix, "<f8")})
    assert "ratios" in dk.verify(forged, X).failed
    assert "ratios" in [name for name, verdict, _ in second_report(forged, X).lines if verdict == "FAILED"]


@pytest.mark.parametrize("size", [1e-320, 1e-300, 1e-20])
def test_the_centre_of_a_much_smaller_column_is_its_mean(size):
    X = np.array([[-1e300, size], [2e300, 2 * size], [3e300, 3 * size]])
    for result in (dk.embed(X, n_components=1, holdout=False), dk.random_features(X / 1e300, 2)):
        points = X if result.schema == "derandkit-embedding" else X / 1e300
        assert dk.verify(result, points).ok
        assert second_report(result.to_dict(), points).ok
        assert result.centre[1] == pytest.approx(np.mean(points[:, 1]), rel=1e-15, abs=5e-324)


def test_columns_of_zeros_do_not_widen_the_stretch_on_the_span():
    numbers = np.random.default_rng(5)
    X = np.zeros((6, 20000))
    X[:, [3, 700, 19999]] = numbers.standard_normal((6, 3))
    A = numbers.standard_normal((2, 20000))
    busy = [3, 700, 19999]
    found = Spectrum(X - X.mean(axis=0)).span_stretch(A, 3)
    least = Spectrum((X - X.mean(axis=0))[:, busy]).span_stretch(A[:, busy], 3)
    assert np.allclose(found, least, rtol=1e-12)
    assert found[1][1] - found[1][0] < 1e-9 * found[1][1]


def test_an_honest_record_of_a_wide_table_with_few_columns_in_use_holds():
    X = np.zeros((13, 300000))
    rows, columns = np.divmod(np.arange(780) * 4649 % (13 * 300000), 300000)
    X[rows, columns] = np.arange(780) % 3 + 1
    X /= np.arange(1.0, 14.0)[:, None]
    result = dk.embed(X, n_components=5, holdout=False)
    assert dk.verify(result, X).ok


def test_weights_of_a_mean_are_named_where_it_is_verified():
    X, weights = np.random.default_rng(0).standard_normal((12, 5)), np.zeros(12)
    weights[:4] = 1.0
    for given, words in (
        (weights, "weighted by the record: 4 of 12 points count"),
        (None, "found; promised"),
    ):
        record = dk.embed(X, n_components=2, objective="mean", pair_weights=given).to_dict()
        (mean,) = [check.detail for check in dk.verify(record, X).checks if check.name == "mean"]
        (other,) = [text for name, _, text in second_report(record, X).lines if name == "mean"]
        assert words in mean
        assert ("weighted" in mean) == ("weighted" in other) == (given is not None)


def test_a_stretch_that_is_known_to_few_digits_is_not_checked_and_a_false_one_fails():
    """Of wide tables with a steep spectrum the directions are known to fewer digits than the record states."""
    X = np.random.default_rng(0).normal(size=(8, 3000)) * np.logspace(0, -5.9, 8)[:, None]
    record = dk.embed(X, n_components=3, holdout=False).to_dict()
    outcome = dk.verify(record, X)
    verdict = next(check.verdict for check in outcome.checks if check.name == "span_stretch")
    assert (outcome.ok, verdict) == (True, Verdict.NOT_CHECKED)
    record["stretch"]["span"]["largest"] *= 0.9
    outcome = dk.verify(sealed(record), X)
    assert outcome.failed == ("span_stretch",)
