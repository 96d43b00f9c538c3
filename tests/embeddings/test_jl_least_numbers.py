"""Points near the least numbers that a double holds: what is certified for the images covers their rounding."""

from fractions import Fraction

import numpy as np
import pytest
from tests.mutations import sealed_again
from tests.second import second_report

import derandkit as dk

LEAST = 5e-324
CROSS = np.array([[2.0, 1.0], [-2.0, -1.0], [1.0, -3.0], [-1.0, 3.0]])


def exact_distortion(points, images):
    """Return the greatest |ratio - 1| of the squared distances of images and points, without rounding."""
    points, images = ([[Fraction(float(x)) for x in row] for row in table] for table in (points, images))

    def square(table, i, j):
        return sum((a - b) ** 2 for a, b in zip(table[i], table[j], strict=True))

    pairs = [(i, j) for j in range(len(points)) for i in range(j)]
    return max(abs(square(images, *pair) / square(points, *pair) - 1) for pair in pairs)


@pytest.mark.parametrize("unit", [LEAST, 2 * LEAST, 1e-322, 1e-318, 1e-300])
@pytest.mark.parametrize("seed", [None, 0, 1])
def test_what_is_certified_holds_for_the_least_numbers(unit, seed):
    if seed is None:
        points = CROSS * unit
    else:
        half = np.round(4.0 * np.random.default_rng(seed).normal(size=(4, 3))) * unit
        points = np.vstack([half, -half])
    result = dk.embed(points, n_components=1, holdout=False)
    certified = result.to_dict()["output"]["certified_distortion"]
    assert exact_distortion(points, result.transform(points)) <= certified
    assert dk.verify(result, points).failed == ()
    assert second_report(result.to_dict(), points).ok
    if unit == 1e-300:  # nothing is given away where the range is not left
        assert certified <= result.distortion + 1e-7


def test_a_certificate_that_leaves_the_rounding_of_the_least_numbers_out_fails():
    points = CROSS * LEAST
    record = dk.embed(points, n_components=1, holdout=False).to_dict()
    record["output"]["certified_distortion"] = record["chain"]["certified_distortion"]
    assert "output" in dk.verify(sealed_again(record), points).failed
    assert not second_report(record, points).ok


@pytest.mark.parametrize(
    "points",
    [
        [[0.0, LEAST], [LEAST, 0.0], [0.0, 0.0]],
        [[1e308, LEAST], [1e308, 0.0], [1e308, 2 * LEAST]],
        [[1e-310, LEAST], [3e-310, 0.0], [0.0, 1e-310]],
        [[1.7e308, 0.0], [-1.7e308, 1.0], [0.0, 3.0]],
    ],
)
@pytest.mark.parametrize("k", [1, 2])
def test_a_pair_that_is_apart_by_the_least_number_is_the_worst_one(points, k):
    """Half of the least number is nothing: the checker halved all rows, and the worst pair was said to be left out."""
    result = dk.embed(np.array(points), n_components=k)
    outcome = dk.verify(result, np.array(points))
    assert outcome.ok, outcome.failed
