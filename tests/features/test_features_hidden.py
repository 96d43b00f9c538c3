"""Errors that rounding hides: the message says above, or below, only where that is so for sure."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.second import second_report

from derandkit import load, random_features, verify
from derandkit.features.measure import promise_at_most, promised_rms, scaled
from derandkit.features.spectrum import Spectrum
from derandkit.points.files import as_point_cloud
from derandkit.records import sealed
from derandkit.status import BELOW_OR_NOT, FeaturesStatus

ABOVE = FeaturesStatus.CERTIFIED.value


def near(scale, count=10):
    return np.random.default_rng(0).standard_normal((count, 2)) * scale


def both(record, X):
    """Return the verdicts of the two verifiers on the status."""
    first = next(check.passed for check in verify(record, X).checks if check.name == "status")
    (second,) = [verdict for name, verdict, _ in second_report(record, X).lines if name == "status"]
    return first, second == "proven"


def far_worse(X, **options):
    """Return a record whose error is above the promise: the frequencies are those of another kernel."""
    from derandkit.features import solve

    with pytest.MonkeyPatch.context() as patch:
        honest = solve.descend
        patch.setattr(solve, "descend", lambda *arguments: 40.0 * honest(*arguments))
        return json.loads(random_features(X, 8, **options).to_json())


def test_an_error_below_the_promise_is_not_called_above_it(tmp_path):
    """The exact one is five times below; only the margin lifts it above, and both verifiers called that proven."""
    X = near(3e-8)
    result = random_features(X, 8, gamma=1.0)
    assert result.status is FeaturesStatus.CERTIFIED
    assert result.rms < result.promised < result.rms + result.margin
    assert result.message == BELOW_OR_NOT
    record = json.loads(result.to_json())
    assert verify(record, X).ok
    assert both(record, X) == (True, True)
    assert both(sealed({**record, "message": ABOVE}), X) == (False, False)
    result.save(tmp_path / "near.json")
    assert load(tmp_path / "near.json").to_dict() == record


@pytest.mark.parametrize("kernel", ["gaussian", "matern", "rational_quadratic"])
def test_an_error_above_the_promise_is_called_so(kernel):
    X = near(1.0)
    record = far_worse(X, kernel=kernel)
    assert record["message"] == ABOVE
    assert verify(record, X).ok
    assert both(record, X) == (True, True)
    assert both(sealed({**record, "message": BELOW_OR_NOT}), X) == (False, False)


@settings(max_examples=12)
@given(exponent=st.floats(-9.5, 0.5), times=st.sampled_from([1.0, 1.02, 3.0, 40.0]), seed=st.integers(0, 99))
def test_the_message_is_true_of_exact_figures(exponent, times, seed):
    """The second verifier encloses the error and the promise by rationals."""
    from derandkit.features import solve

    X = np.random.default_rng(seed).standard_normal((5, 2)) * 10.0**exponent
    with pytest.MonkeyPatch.context() as patch:
        honest = solve.descend
        patch.setattr(solve, "descend", lambda *arguments: times * honest(*arguments))
        record = json.loads(random_features(X, 4, gamma=1.0).to_json())
    assert verify(record, X).ok
    assert both(record, X) == (True, True)


@pytest.mark.parametrize(
    ("name", "parameter"), [("gaussian", 0.0), ("matern", 1.5), ("rational_quadratic", 2.0)]
)
def test_the_greatest_promise_is_barely_above_the_least(name, parameter):
    spectrum = Spectrum(name, parameter)
    points = scaled(as_point_cloud(near(1.0)), 1.0, spectrum, 4)
    low = promised_rms(points.points, 4, spectrum)
    high = promise_at_most(points.points, 4, spectrum)
    assert low < high < low * (1.0 + 1e-11)
