"""Pairs nearer than 1e-11 of the largest norm, which no objective sees, are measured as all others."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.mutations import sealed_again
from tests.second import second_report

import derandkit as dk
from derandkit.certificates.checks import Verdict
from derandkit.embeddings.many.pairs import measure_pairs


def _change(A, x, y):
    """Return ``|r - 1|`` of a pair in rational arithmetic."""
    d = [Fraction(a) - Fraction(b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    images = [sum(Fraction(a) * c for a, c in zip(row, d, strict=True)) for row in A.tolist()]
    return abs(float(sum(v * v for v in images) / sum(c * c for c in d) - 1))


@pytest.mark.parametrize("objective", ["max", "mean"])
def test_near_pairs_are_measured_exactly(objective):
    rng = np.random.default_rng(6)
    X = rng.normal(size=(9, 5))
    X[4] = X[1] + np.array([0, 2.0**-45, 0, 0, 0])
    X[7] = X[1] + np.array([0, 0, 2.0**-44, 2.0**-45, 0])
    result = dk.embed(X, n_components=2, objective=objective, holdout=False)
    pairs = [(i, j) for j in range(9) for i in range(j)]
    most = max(_change(result.matrix, X[i], X[j]) for i, j in pairs)
    assert abs(result.distortion - most) <= result.margin + 1e-12
    assert result.points.pairs == 36
    assert dk.verify(result.to_dict(), X).ok
    assert second_report(result.to_dict(), X).ok


def test_a_near_pair_may_be_the_worst():
    X = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1e-20]])
    result = dk.embed(X, n_components=2, holdout=False, objective="mean")
    assert result.distortion >= _change(result.matrix, X[0], X[4]) - 1e-12
    for report in (dk.verify(result.to_dict(), X), second_report(result.to_dict(), X)):
        assert report.ok


def test_a_record_that_left_pairs_out_does_not_hold():
    X = np.vstack([np.eye(4), np.eye(4)[0] * (1.0 + 1e-13)])
    record = dk.embed(X, n_components=2, holdout=False).to_dict()
    record["points"].update(pairs=9, coincident=1)
    record = sealed_again(record)
    assert "ratios" in dk.verify(record, X).failed
    assert not second_report(record, X).ok


def test_a_cluster_near_the_mean_verifies():
    """Its pairs have small norms: the check took them from centred rows, with a bound wider than the margin."""
    rng = np.random.default_rng(2)
    X = rng.integers(-9, 10, (30, 3)).astype(float)
    X[:, 0] += 2.0**45 * np.repeat([-1, 0, 1], 10)
    for k in (1, 2, 3):
        result = dk.embed(X, n_components=k, holdout=False)
        assert dk.verify(result.to_dict(), X).ok
        assert second_report(result.to_dict(), X).ok


@pytest.mark.parametrize("power", [44, 48, 52])
def test_images_under_a_large_offset_are_certified(power):
    """The centre is rounded to the last place of the offset, and images are those of what is left."""
    i = np.arange(12)
    X = np.column_stack([2.0**power + 2.0 * np.array([0, 1, 4])[i % 3], (i // 3) * 3e-14 * (1 + i % 2)])
    for k in (1, 2):
        result = dk.embed(X, n_components=k, holdout=False)
        assert dk.verify(result.to_dict(), X).ok
        assert second_report(result.to_dict(), X).ok


def test_a_far_cluster_is_no_far_point():
    X = np.column_stack([2.0**40 + np.where(np.arange(12) < 4, 2.0, 0.0), np.arange(12) * 1e-14])
    result = dk.embed(X, n_components=1, holdout=False)
    assert result.points.pairs == 66
    assert dk.verify(result, X).ok


GREATEST, LEAST = 1.7e308, 5e-324


@pytest.mark.parametrize(
    "rows",
    [
        [[GREATEST, 1.0], [-GREATEST, 2.0], [0.0, GREATEST]],
        [[GREATEST, 0.0, 0.0], [GREATEST, LEAST, 0.0], [GREATEST, LEAST, 3 * LEAST]],
        [[LEAST, 0.0], [0.0, LEAST], [7 * LEAST, -LEAST]],
        [[GREATEST, 1.0], [GREATEST, 1.0 + 2.0**-50], [-GREATEST, -1.0]],
    ],
)
def test_sampled_pairs_are_measured_exactly_at_both_ends_of_the_doubles(rows):
    X = np.array(rows)
    A = np.array([[1.0, 0.5, -0.25], [0.5, -2.0, 1.0]])[:, : X.shape[1]]
    found = measure_pairs(X, A, 3)
    expected = [_change(A, X[i], X[j]) for i, j in [(0, 1), (1, 2), (0, 2)]]
    assert found.pairs == 3
    assert found.mean == pytest.approx(np.mean(expected), rel=1e-12)
    assert found.greatest == pytest.approx(max(expected), rel=1e-12)


@pytest.mark.parametrize("scale", [LEAST * 2.0**4, 1.0, 2.0**1020])
def test_rows_are_measured_alike_at_every_scale(scale):
    X = np.random.default_rng(4).integers(-15, 16, (90, 4)).astype(float)
    result = dk.embed(X[:40], n_components=2, holdout=False, objective="mean")
    parts = [X, np.abs(X), -np.abs(X)]  # several tables, at both ends
    one, other = (
        dk.measure_rows(lambda s=s: iter([s * X for X in parts]), result, sample=30) for s in (1.0, scale)
    )
    assert one.sample_max == pytest.approx(other.sample_max, rel=1e-9)
    assert one.weighted_rms == pytest.approx(other.weighted_rms, rel=1e-9)


# rows 3 and 4 differ by the rounding of 0.1 + 0.2
ALMOST_A_LINE = np.array([[0, 0], [1, 1], [2, 2], [0.3, 0.3], [0.1 + 0.2, 0.3]])
ON_A_SPACE = np.random.default_rng(0).standard_normal((40, 3)) @ np.random.default_rng(1).standard_normal(
    (3, 8)
)
ALMOST_TWICE = np.vstack([ON_A_SPACE, ON_A_SPACE / 7 * 7])


@pytest.mark.parametrize("X", [ALMOST_A_LINE, ALMOST_TWICE])
@pytest.mark.parametrize("complement", ["balanced", "isometric"])
def test_with_as_many_dimensions_as_columns_the_map_is_an_isometry(X, complement):
    """Beside the span, rounding of the points, it was mapped onto the same rows: a ratio of 2 within "1 to 1"."""
    result = dk.embed(X, n_components=X.shape[1], complement=complement)
    assert result.distortion < 1e-12
    assert result.status.name == "ISOMETRY"
    assert dk.verify(result, X).ok


def test_the_stretch_on_the_span_holds_for_pairs_that_rounding_keeps_apart():
    """It was "from 1 to 1", recomputed, and the worst pair had the ratio 0.1."""
    result = dk.embed(ALMOST_TWICE, n_components=4)
    assert result.distortion > 0.1
    assert result.stretch.span.smallest <= 1.0 - result.distortion or result.stretch.span.largest > 1.1
    report = dk.verify(result, ALMOST_TWICE)
    assert report.ok
    (check,) = (check for check in report.checks if check.name == "span_stretch")
    assert check.verdict is Verdict.NOT_CHECKED
    record = result.to_dict()
    record["stretch"]["span"] = {"smallest": 0.999999, "largest": 1.00001}
    assert dk.verify(sealed_again(record), ALMOST_TWICE).failed == ("span_stretch",)


@pytest.mark.parametrize("X", [ALMOST_A_LINE, ALMOST_TWICE])
def test_a_distortion_that_pairs_apart_by_rounding_miss_is_refused(X):
    """A map of distortion 1 was returned for eps=0.2."""
    with pytest.raises(
        dk.InputError, match=r"but those that are closer than 1e-11 .* such as rows \d+ and \d+"
    ):
        dk.embed(X, eps=0.2)
    assert dk.embed(X.round(12), eps=0.2).distortion <= 0.2


def test_a_distortion_below_the_rounding_of_the_span_is_refused():
    """Rows 0 and 1 are 2e-11 apart, and 5e-14 of that beside the line that the points span to rounding."""
    X = np.array([[0, 0], [2e-11, 5e-14], [1, 0], [-1, 0], [0.5, 0]])
    with pytest.raises(dk.InputError, match="below the rounding of a map of these points"):
        dk.embed(X, eps=1e-6)
