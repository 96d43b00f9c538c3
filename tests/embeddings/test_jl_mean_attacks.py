"""False records of a mean that once held, and honest ones that once did not: weights and distances of many sizes."""

import numpy as np
import pytest
from tests.mutations import sealed_again
from tests.second import second, second_report

import derandkit as dk
from derandkit.certificates.checks import Verdict
from derandkit.embeddings.bound import mean_lower_bound
from derandkit.errors import InputError
from derandkit.records import encode_array

X = np.random.default_rng(0).normal(size=(8, 4))
ONE_HEAVY = np.r_[1.0, np.full(7, 1e-17)]


def embedded(points, k=2, objective="mean", weights=None):
    return dk.embed(points, n_components=k, objective=objective, pair_weights=weights, holdout=False)


def both_failed(record, points):
    """Return what fails by `verify` and by the second verifier."""
    return set(dk.verify(record, points).failed), {
        name for name, verdict, _ in second_report(record, points).lines if verdict == second().report.FAILED
    }


@pytest.fixture(scope="module")
def weighted():
    return embedded(X, weights=np.ones(8)).to_dict()


@pytest.mark.parametrize("least", [5e-324, 1e-300, 2.0**-257])
def test_weights_whose_products_leave_the_normal_range_are_refused_everywhere(weighted, least):
    with pytest.raises(InputError, match=r"pair_weights\[1\] is .*2\^-256"):
        embedded(X, weights=[1.0, least] + [0.0] * 6)
    with pytest.raises(InputError, match=r"pair_weights\[1\] is .*2\^-256"):
        embedded(X, weights=[1e300, 1e300 * least] + [0.0] * 6)
    # a mean that underflows is no mean of 0
    weights = encode_array(np.r_[1.0, least, np.zeros(6)], "<f8")
    forged = {**weighted["mean"], "weights": weights, "value": 0.0, "certified": 0.0, "lower_bound": 0.0}
    first, other = both_failed(sealed_again({**weighted, "mean": forged}), X)
    assert "mean" in first
    assert "mean" in other


def test_a_weight_at_the_limit_is_taken():
    record = embedded(X, weights=[1.0, 2.0**-256] + [0.0] * 6).to_dict()
    assert both_failed(record, X) == (set(), set())


@pytest.mark.parametrize("objective", ["mean", "mean4"])
@pytest.mark.parametrize("weights", [ONE_HEAVY, ONE_HEAVY**2, np.r_[np.ones(3), np.full(5, 1e-9)]])
def test_weights_of_many_sizes_do_not_cancel(objective, weights):
    record = embedded(X, objective=objective, weights=weights).to_dict()
    assert both_failed(record, X) == (set(), set())


def triangle(size):
    """Return an equilateral triangle of some size far from the mean, and eight points without a weight."""
    rng = np.random.default_rng(5)
    Q = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    corners = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.5, np.sqrt(0.75), 0.0]]) @ Q
    return np.vstack([size * corners + 2.0 * Q[0], rng.normal(size=(8, 3))]), np.r_[np.ones(3), np.zeros(8)]


@pytest.mark.parametrize("size", [1e-3, 5e-8])
def test_the_bound_of_a_small_cluster_is_that_of_the_same_at_full_size(size):
    points, weights = triangle(size)
    # the double eigenvalue of the centred triangle is 1/2, R = 1, and there are three pairs
    exact = np.sqrt(2.0 / 3.0) * 0.5
    assert mean_lower_bound(points, 1, weights) == pytest.approx(exact, rel=1e-5)
    record = embedded(points, 1, weights=np.ones(11)).to_dict()
    for claimed, good in ((0.408245, True), (0.40826, False), (0.6094, False)):
        claim = {"weights": encode_array(weights, "<f8"), "lower_bound": claimed}
        failed = both_failed(sealed_again({**record, "mean": {**record["mean"], **claim}}), points)
        assert ["mean_bound" not in some for some in failed] == [good] * 2, claimed


@pytest.mark.parametrize("scale", [1e4, 1e8])
@pytest.mark.parametrize("objective", ["mean", "mean4"])
def test_one_far_point_does_not_fail_an_honest_record(scale, objective):
    points = X * np.r_[scale, np.ones(7)][:, None]
    record = embedded(points, 2, objective).to_dict()
    assert both_failed(record, points) == (set(), set())


def test_weights_that_cannot_be_decoded_fail_in_one_line(weighted):
    weights = weighted["mean"]["weights"]
    assert weights["base64"].endswith("=")
    text = weights["base64"].rstrip("=")
    forged = {**weights, "base64": text + "A" * (len(weights["base64"]) - len(text))}
    first, other = both_failed(sealed_again({**weighted, "mean": {**weighted["mean"], "weights": forged}}), X)
    assert "mean" in first
    assert "mean" in other


@pytest.mark.parametrize(("size", "shown"), [(1e-5, True), (1e-7, True), (3e-11, False)])
def test_derivatives_of_a_cluster_hold_or_are_not_shown(size, shown):
    """The weights are on a small cluster away from the mean: differences of centred points have lost digits."""
    points = X[:, :3] * np.r_[np.full(4, size), np.ones(4)][:, None] + np.r_[np.ones(4), np.zeros(4)][:, None]
    record = embedded(points, 1, weights=np.r_[np.ones(4), np.zeros(4)]).to_dict()
    assert both_failed(record, points) == (set(), set())
    check = next(check for check in dk.verify(record, points).checks if check.name == "stationary")
    assert (check.verdict is Verdict.RECOMPUTED) is shown
    record["mean"]["curvature"] += 1e-3
    assert [("stationary" in some) for some in both_failed(sealed_again(record), points)] == [shown, shown]
