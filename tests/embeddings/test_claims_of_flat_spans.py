"""Where the span of points is not known, a claim about it still has to hold of what the span holds for sure."""

from __future__ import annotations

import copy
import functools
from fractions import Fraction

import numpy as np
import pytest
from tests.mutations import sealed_again
from tests.second import second, second_report

import derandkit as dk
from derandkit.certificates.checks import Verdict
from derandkit.certificates.embeddings.cloud import centred
from derandkit.certificates.embeddings.mean import check_stationary
from derandkit.certificates.embeddings.pairs import Pairs
from derandkit.certificates.embeddings.spectrum import Spectrum

FLAT = np.random.default_rng(0).normal(size=(30, 6)) * [1e-12, 1, 1, 1, 1, 1]
PLANE = np.random.default_rng(0).normal(size=(12, 2)) @ np.random.default_rng(1).normal(size=(2, 5))
# third dimension by rounding alone
ALMOST_A_PLANE = np.vstack([PLANE, PLANE / 7 * 7])
# two points that are much nearer than the others
NEAR = np.vstack([np.random.default_rng(2).normal(size=(8, 3)), [[9, 9, 9], [9, 9, 9 + 4e-15]]])


@functools.cache
def record_of(name, objective="max"):
    points = globals()[name]
    return dk.embed(points, n_components=2, objective=objective, holdout=False).to_dict()


def both(record, points):
    """Return what fails, and the verdicts of both verifiers on the figures in question."""
    record = sealed_again(record)
    report = dk.verify(record, points)
    assert second_report(record, points).ok is not bool(report.failed)
    return report


def of(name, report):
    return next(check for check in report.checks if check.name == name)


@pytest.mark.parametrize("name", ["FLAT", "ALMOST_A_PLANE"])
def test_a_stretch_on_a_span_that_is_not_known_covers_every_pair(name):
    """The claim "1 to 1" was not checked beside a pair that is off by more than a half."""
    points, record = globals()[name], copy.deepcopy(record_of(name))
    assert of("span_stretch", both(record, points)).verdict is Verdict.NOT_CHECKED
    span = record["stretch"]["span"]
    assert span["smallest"] < 1.0 < span["largest"]
    for side in ("smallest", "largest"):
        forged = copy.deepcopy(record)
        forged["stretch"]["span"][side] = 1.0
        assert both(forged, points).failed == ("span_stretch",), side


def test_a_stretch_on_a_flat_span_covers_the_directions_that_are_known():
    """Between the pairs and the directions in which the points surely differ any claim passed."""
    record = copy.deepcopy(record_of("FLAT"))
    greatest = record["stretch"]["span"]["largest"]
    record["stretch"]["span"]["largest"] = greatest * 0.999
    report = both(record, FLAT)
    assert report.failed == ("span_stretch",)
    assert "directions that are known" in of("span_stretch", report).detail


@pytest.mark.parametrize("seed", range(6))
def test_honest_records_of_flat_spans_hold(seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(14, 5)) * 10.0 ** -rng.integers(0, 17, size=5)
    assert both(dk.embed(points, n_components=3, holdout=False).to_dict(), points).ok


@pytest.mark.parametrize("key", ["gradient", "curvature"])
@pytest.mark.parametrize("name", ["ALMOST_A_PLANE", "NEAR"])
def test_derivatives_that_rounding_hides_are_no_greater_than_distortions_allow(name, key):
    """Any gradient passed beside pairs that are too near for it to be known, and beside hidden dimensions."""
    points, record = globals()[name], copy.deepcopy(record_of(name, "mean"))
    assert both(record, points).ok
    record["mean"] |= {"gradient": 0.0, "curvature": 0.0, key: 1e3}
    assert both(record, points).failed == ("stationary",)


def test_a_gradient_is_compared_where_only_the_curvature_is_hidden():
    """With dimensions that rounding may hide, neither figure was looked at."""
    points, A = np.random.default_rng(0).normal(size=(12, 3)) * [1, 1, 1e-20], np.diag([2.0, 2.0, 0.0])
    cloud = centred(points)
    found, spectrum = Pairs(cloud, A, power=2), Spectrum(cloud.centred)
    # all ratios are 4: C is 12 times the mean of v v'
    secants = np.array([x - y for i, x in enumerate(points) for y in points[:i]])
    C = 12.0 * np.mean([np.outer(v, v) / (v @ v) for v in secants], axis=0)
    honest = {"power": 2, "gradient": np.linalg.norm(A @ C), "curvature": np.linalg.eigvalsh(C[:2, :2])[0]}
    record = {"mean": honest, "points": {"rank": 2}}
    verdict, detail = check_stationary(record, found, cloud, spectrum, A)
    assert verdict is Verdict.NOT_CHECKED
    assert "where nothing curves" in detail
    mean = second().average.Average(
        {**honest, "weights": None}, second().measured.Measured(fractions(points), A.tolist()), 3, 1e-12
    )
    assert mean.stationary(A.tolist(), 2)[0] == "not checked"
    for key in ("gradient", "curvature"):
        forged = {**honest, key: honest[key] + 0.01}
        assert check_stationary({**record, "mean": forged}, found, cloud, spectrum, A)[0] is Verdict.FAILED
        mean.claimed = forged
        with pytest.raises(second().report.Refused):
            mean.stationary(A.tolist(), 2)


def fractions(points):
    return [tuple(map(Fraction, row)) for row in points.tolist()]
