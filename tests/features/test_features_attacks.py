"""Records of features that were forged with the source at hand: what each of them says is false, and is refused."""

from __future__ import annotations

import functools
import json
import math
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from tests.second import second_report

from derandkit import load, random_features
from derandkit.certificates.features.errors import PairErrors
from derandkit.certificates.features.record import fair_margin, verify_features
from derandkit.errors import InputError
from derandkit.records import decode_array, encode_array, sealed

MESSAGE = (
    "guaranteed: the error over all pairs is at most the root of the mean square error of random frequencies"
)


def both_refuse(record, X):
    """Return the statements that `verify` and the second verifier refuse."""
    first = [check.name for check in verify_features(record, X) if not check.passed]
    return first, [name for name, verdict, _ in second_report(record, X).lines if verdict == "FAILED"]


@functools.cache
def with_a_constant_column():
    X = np.ones((6, 2))
    X[:, 1] = np.sin(np.arange(6.0) ** 2)
    return X, json.loads(random_features(X, 4).to_json())


def shifted(frequency, centre):
    """Return the record with a frequency on the column in which no two points differ, and a centre beside them."""
    _, record = with_a_constant_column()
    W, middle = decode_array(record["frequencies"]).copy(), decode_array(record["centre"]).copy()
    W[:, 0], middle[0] = frequency, centre
    return sealed({**record, "frequencies": encode_array(W, "<f8"), "centre": encode_array(middle, "<f8")})


@pytest.mark.parametrize("exponent", [300, 92, 80])
def test_a_large_phase_in_a_constant_column_is_in_the_output(exponent, tmp_path):
    """No error between two points shows it, and the features that are written have lost their digits."""
    X, honest = with_a_constant_column()
    record = shifted(2.0**exponent, 1.0 + 2.0**-52)
    assert both_refuse(record, X) == (["output"], ["output"])
    (tmp_path / "features.json").write_text(json.dumps(record), encoding="utf-8")
    assert record["output"] == honest["output"]
    if exponent > 82:  # the features of a record as it is loaded are not written at all
        with pytest.raises(InputError, match="phases reach"):
            load(tmp_path / "features.json").transform(X)
        return
    F = load(tmp_path / "features.json").transform(X)
    kernel = np.exp(-record["gamma"] * (X[:, 1][:, None] - X[:, 1]) ** 2)
    true = math.sqrt(np.mean((F @ F.T - kernel)[np.triu_indices(6, 1)] ** 2))
    assert abs(true - record["rms"]) < 1e-6


def test_a_centre_that_costs_no_digits_is_accepted():
    X, honest = with_a_constant_column()
    for record in (honest, shifted(3.0, 1.0 + 2.0**-52), shifted(2.0**200, 1.0)):
        assert both_refuse(record, X) == ([], [])


def test_a_frequency_on_a_large_constant_column_changes_no_feature(tmp_path):
    """The centre is its value, so nothing is left there; the products of neither of them are in range."""
    X = np.array([[2.0**1000, 1.0], [2.0**1000, 0.0]])
    result = random_features(X, 2, gamma=0.5)
    record = json.loads(result.to_json())
    assert both_refuse(record, X) == ([], [])
    W = decode_array(record["frequencies"]).copy()
    W[:, 0] = 2.0**1000
    (tmp_path / "features.json").write_text(
        json.dumps(sealed({**record, "frequencies": encode_array(W, "<f8")})), encoding="utf-8"
    )
    other = load(tmp_path / "features.json")
    assert both_refuse(other.to_dict(), X) == ([], [])
    assert np.array_equal(other.transform(X), result.transform(X))


def test_an_error_above_the_promise_is_not_guaranteed():
    """The promise of a record is known to some rounding, and an error must not hide in it."""
    distance, gamma = 32.0, 0.5
    X = np.array([[0.0], [distance]])
    record = json.loads(random_features(X, 2, gamma=gamma).to_json())
    truth = math.sqrt(0.5)  # the kernel is below 1e-222
    wave = math.acos(truth + 2e-14) / distance
    W = np.array([[wave]])
    assert math.cos(wave * distance) > truth + 1.8e-14
    figures = {"rms": truth + 2e-14, "max_error": truth + 2e-14, "margin": 1e-14, "promised": truth + 5e-14}
    chain = {**figures, "lower_bound": 0.0, "certified_rms": figures["rms"] + figures["margin"]}
    del chain["max_error"], chain["margin"]
    forged = sealed(
        {
            **record,
            **figures,
            "status": "guaranteed",
            "message": MESSAGE,
            "lower_bound": 0.0,
            "chain": chain,
            "frequencies": encode_array(W, "<f8"),
            "output": {"dtype": "float64", "certified_rms": truth + 5e-14},
        }
    )
    assert both_refuse(forged, X) == (["status"], ["status"])
    verdicts = {check.name: check.verdict.value for check in verify_features(forged, X)}
    assert verdicts["promise"] == "recomputed"


@pytest.mark.parametrize("gamma", [0.5, 3.0, 1e6, 1e9])
def test_the_promise_is_rounded_down_and_proven(gamma):
    X = np.array([[0.1, 0.7], [0.3, 0.2], [0.300001, 0.2], [0.9, 0.4]])
    record = json.loads(random_features(X, 2, gamma=gamma).to_json())
    assert both_refuse(record, X) == ([], [])
    verdicts = {check.name: check.verdict.value for check in verify_features(record, X)}
    assert verdicts["promise"] == "proven"
    assert "proven" in [verdict for name, verdict, _ in second_report(record, X).lines if name == "promise"]


def test_squares_that_underflow_are_in_the_bound():
    """A kernel so narrow that squares of 1e-324 count: they are lost in double precision, and counted as lost."""
    d, delta, gamma = 20_000, 1.55e-162, 1.7976e308
    X = np.full((2, d), 0.0)
    X[:, 0], X[1, 1:] = 0.75, delta
    found = PairErrors(X, np.zeros((1, d)), gamma)
    true = -math.expm1(-float(Fraction(gamma) * (d - 1) * Fraction(delta) ** 2))
    assert true > 1e-12
    assert found.rms[0] <= true <= found.rms[1]


def test_entries_that_underflow_are_in_the_bound():
    d, gamma = 20_000, 1e-3
    X = np.zeros((2, d + 1))
    X[0, 0], X[1, 0], X[1, 1:] = 0.25, 1.9, 5e-324
    W = np.full((1, d + 1), 1.9 * 2.0**1022)
    W[0, 0] = math.pi / 2 / 1.65
    found = PairErrors(X, W, gamma)
    shift = float(d * Fraction(W[0, 1]) * Fraction(5e-324))
    step = X[1, 0] - X[0, 0]
    true = abs(math.cos(W[0, 0] * step + shift) - math.exp(-gamma * step**2))
    assert abs(true - abs(math.cos(W[0, 0] * step) - math.exp(-gamma * step**2))) > 5e-12
    assert found.rms[0] <= true <= found.rms[1]


def with_many_frequencies(count):
    """Return points and a record that asks for so many frequencies, otherwise as it was."""
    X = np.sin(np.arange(200.0) ** 2)[:, None]
    W = np.sin(np.arange(float(count)) ** 3)[:, None]
    record = json.loads(random_features(X, 4).to_json())
    return X, sealed({**record, "n_features": 2 * count, "frequencies": encode_array(W, "<f8")})


def test_many_frequencies_take_no_table_of_points_and_frequencies():
    """2.4e6 phases would be a table of 19 MB, and there were several of them."""
    X, record = with_many_frequencies(12_000)
    tracemalloc.start()
    try:
        checks = verify_features(record, X)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert {"errors", "promise"} <= {check.name for check in checks if not check.passed}
    assert peak < 40e6, peak


def test_blocks_of_frequencies_change_no_figure(monkeypatch):
    X, record = with_many_frequencies(50)
    W = decode_array(record["frequencies"])
    whole = PairErrors(X, W, record["gamma"])
    monkeypatch.setattr("derandkit.certificates.features.errors._PHASES", 7 * len(X))
    monkeypatch.setattr("derandkit.certificates.features.errors._KEPT", 0)
    parts = PairErrors(X, W, record["gamma"])
    assert parts.rms == pytest.approx(whole.rms, rel=1e-13)
    assert parts.greatest == pytest.approx(whole.greatest, rel=1e-13)
    assert parts.of(3, 8) == pytest.approx(whole.of(3, 8), rel=1e-12)
    assert parts.bound == pytest.approx(whole.bound, rel=1e-13)
    assert parts.promised == whole.promised


def test_many_frequencies_are_refused_by_the_work_that_they_take(monkeypatch):
    X, record = with_many_frequencies(50)
    monkeypatch.setattr("derandkit.certificates.features.errors._MOST_WORK", 1e6)
    details = {check.name: check.detail for check in verify_features(record, X)}
    # 19 900 pairs of 1 + 50, and 200 phases of 50 frequencies with 32 for cosine and sine
    assert "pairs times features would take 1.34e+06 operations, 1e+06 are allowed" in details["frequencies"]
    assert "raise --allow-work to 2" in details["frequencies"]


def test_allowed_work_counts_once(monkeypatch):
    X, record = with_a_constant_column()
    # 15 pairs of 2 + 2, and 12 phases of 2 columns with cosine and sine
    monkeypatch.setattr("derandkit.certificates.features.errors._MOST_WORK", 117.0)
    assert not all(check.passed for check in verify_features(record, X, allow_work=3.0))
    assert all(check.passed for check in verify_features(record, X, allow_work=4.0))


@pytest.mark.parametrize("reading", ["ev\x1b[2Jil", "two\nlines", "\u202eright to left", "", "x" * 501])
def test_how_the_points_were_read_is_a_short_printable_line(reading):
    X, record = with_a_constant_column()
    forged = sealed({**record, "points": {**record["points"], "reading": reading}})
    assert both_refuse(forged, X) == (["schema"], ["schema"])


@pytest.mark.parametrize("kernel", ["gaussian", "matern"])
def test_one_far_point_leaves_no_median(kernel):
    X = np.array([[0.3], [1e200], [0.7], [4.0], [9.0]])
    with pytest.raises(InputError, match="the median of the squared distances is 0 beside the largest one"):
        random_features(X, 4, kernel=kernel)


FAR = [
    [[751.339293688186, 0.037359460999448986], [1375.6677753538734, 0.15779667557741817]],
    [[0.0, 0.0], [1e-7, 0.0], [3000.0, 2.0], [3000.0, 2.0000001]],
]


@pytest.mark.parametrize("method", ["lemma", "conditional"])
@pytest.mark.parametrize("rows", FAR)
def test_the_margin_is_that_of_the_frequencies_however_far_points_are(rows, method):
    """Frequencies that do not grow with the points leave small phases; the solver lost 3e-10 to centred rows."""
    X = np.array(rows)
    result = random_features(X, 2, gamma=1e6, method=method)
    found = PairErrors(X, result.frequencies, result.gamma)
    assert result.margin <= 8.0 * found.bound
    assert both_refuse(json.loads(result.to_json()), X) == ([], [])


def test_both_verifiers_allow_the_same_margin():
    X = np.array(FAR[0])
    record = json.loads(random_features(X, 2, gamma=1e6, method="lemma").to_json())
    known = PairErrors(X, decode_array(record["frequencies"]), record["gamma"]).bound
    for times, refused in ((500.0, False), (3000.0, True)):
        margin = times * known
        chain = {**record["chain"], "certified_rms": record["rms"] + margin}
        output = {**record["output"], "certified_rms": record["rms"] + 2.0 * margin}
        forged = sealed({**record, "margin": margin, "chain": chain, "output": output})
        for names in both_refuse(forged, X):
            assert ("errors" in names) == refused
    assert fair_margin(2.0**-20) == 2.0**-18 < 1024.0 * 2.0**-20


def test_phases_of_many_columns_are_refused_before_their_sums_hide_the_error():
    """The features were found, and refused by `verify`, whose error was known to 1e-6 only."""
    X = np.random.default_rng(0).standard_normal((5, 4000))
    far = float(np.max(np.sum((X - X.mean(axis=0)) ** 2, axis=1)))
    limit = 2.0**31 / 4008 / math.sqrt(4000.0)
    with pytest.raises(InputError, match="give a smaller gamma"):
        random_features(X, 2, gamma=0.5 * (1.01 * limit) ** 2 / far)
    result = random_features(X, 2, gamma=0.5 * (0.99 * limit) ** 2 / far)
    assert result.margin > 1e-7
    assert not [check.name for check in verify_features(result.to_dict(), X) if not check.passed]


@pytest.mark.parametrize("features", [4, 6])
def test_what_was_said_of_a_mean_stands_for_the_root_of_the_mean_square(features, tmp_path):
    """Records of 0.3.0 say "what random frequencies have on average": their mean error is less than the promise."""
    X = np.sin(np.arange(24.0) ** 2).reshape(12, 2)
    result = random_features(X, features)
    assert result.message == MESSAGE
    record = json.loads(result.to_json())
    before = MESSAGE.replace(
        "the root of the mean square error of random frequencies", "what random frequencies have on average"
    )
    old = sealed({**{k: v for k, v in record.items() if k != "seal"}, "message": before})
    assert both_refuse(old, X) == ([], [])
    (tmp_path / "old.json").write_text(json.dumps(old))
    again = load(tmp_path / "old.json")
    assert again.message == before
    assert json.loads(again.to_json()) == old
    false = sealed(
        {**{k: v for k, v in record.items() if k != "seal"}, "message": before.replace("at most", "above")}
    )
    assert all("status" in refused for refused in both_refuse(false, X))


def test_the_mean_error_of_random_frequencies_is_below_the_promise():
    from derandkit.features.baselines import random_frequencies

    X = np.sin(np.arange(24.0) ** 2).reshape(12, 2)
    result = random_features(X, 4, gamma=0.5)
    i, j = np.triu_indices(12, 1)
    V = X[i] - X[j]
    k = np.exp(-0.5 * np.sum(V * V, axis=1))
    W = [random_frequencies(2, 2, seed) for seed in range(4000)]
    errors = np.array([np.mean((np.mean(np.cos(V @ w.T), axis=1) - k) ** 2) for w in W])
    assert np.sqrt(errors.mean()) == pytest.approx(result.promised, rel=0.03)
    assert np.sqrt(errors).mean() < 0.97 * result.promised
