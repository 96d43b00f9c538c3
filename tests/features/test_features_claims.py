"""Statements of records of features that were false and verified: each is refused, whatever the figures beside it."""

from __future__ import annotations

import functools
import json
import math
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.second import second, second_report

from derandkit import load, random_features, verify
from derandkit.certificates.features.errors import PairErrors, written_offs
from derandkit.certificates.features.kernels import Kernel, kernel_of
from derandkit.certificates.features.record import verify_features
from derandkit.certificates.rows import table_of
from derandkit.errors import InputError
from derandkit.features.measure import promise_at_most, promised_rms
from derandkit.features.spectrum import Spectrum
from derandkit.records import decode_array, encode_array, sealed
from derandkit.status import BELOW_OR_NOT, FeaturesStatus

KERNELS = [("gaussian", 0.0), ("matern", 0.5), ("matern", 1.5), ("matern", 2.5), ("rational_quadratic", 0.7)]
X = np.array([[0.0], [1.0], [2.5]])


@functools.cache
def honest(name, parameter, n_features=2):
    options = {"matern": {"nu": parameter}, "rational_quadratic": {"alpha": parameter}}.get(name, {})
    return json.loads(random_features(X, n_features, kernel=name, **options).to_json())


def forged(record, points, W, /, **figures):
    """Return a record of other frequencies with what is true of them, but for what is given; it is sealed again."""
    record = {**record, **figures}
    found = PairErrors(points, W, record["gamma"], 1.0, kernel_of(record))
    pairs = [(i, j) for i in range(len(points)) for j in range(i + 1, len(points))]
    off, _ = written_offs(points, W, decode_array(record["centre"]))
    record = {
        **record,
        "frequencies": encode_array(W, "<f8"),
        "rms": sum(found.rms) / 2,
        "margin": 2.0**-40,
        "max_error": sum(found.greatest) / 2,
        "worst_pair": list(max(pairs, key=lambda pair: found.of(*pair)[1])),
        "promised": found.promised[0],
        "output": {"dtype": "float64", "certified_rms": found.rms[1] + 2.0 * off + 64 * 2.0**-53},
        **figures,
    }
    chain = {name: record[name] for name in ("lower_bound", "rms", "promised")}
    chain["certified_rms"] = record["rms"] + record["margin"]
    above = chain["certified_rms"] > record["promised"]
    status = FeaturesStatus.CERTIFIED if above else FeaturesStatus.GUARANTEED
    ends = {"status": status.name.lower(), "message": status.value}
    return sealed({**record, **ends, **figures, "chain": chain})


def both_refuse(record, points):
    """Return the statements that `verify` and the second verifier refuse."""
    first = [check.name for check in verify_features(record, points) if not check.passed]
    return first, [name for name, verdict, _ in second_report(record, points).lines if verdict == "FAILED"]


@pytest.mark.parametrize(("name", "parameter"), KERNELS[1:])
def test_a_promise_of_a_long_kernel_is_known_to_a_share_of_itself(name, parameter):
    """The interval began at 0, for its width was held against 1: 200 times the promise was proven."""
    record, W = honest(name, parameter), np.array([[5e-4]])
    true = exact_promise(record := {**record, "gamma": 1e-10, "lower_bound": 0.0})
    claim = max(200.0 * true, 1e-7)
    assert all("promise" in refused for refused in both_refuse(forged(record, X, W, promised=claim), X))


@pytest.mark.parametrize(("name", "parameter"), KERNELS)
@pytest.mark.parametrize("times", [0.99, 1.0 - 1e-4, 1.0 + 2e-5, 1.01, 100.0])
def test_a_promise_is_that_of_random_frequencies(name, parameter, times):
    for gamma in (1e-12, 1e-5, 0.3):
        record = {**honest(name, parameter), "gamma": gamma}
        claim = exact_promise(record) * times
        assert "promise" in both_refuse(forged(record, X, np.array([[5e-4]]), promised=claim), X)[0]


def exact_promise(record):
    """Return the promise by the intervals of rationals of the second verifier."""
    checker = second().features.Features({**record, "frequencies": {"shape": [1, 1]}}, None)
    checker.__dict__["waves"] = [None]
    checker.__dict__["points"] = [[Fraction(x) for x in row] for row in X.tolist()]
    assert checker.promised.high - checker.promised.low <= 1e-7 * checker.promised.low
    return float(checker.promised.middle)


@pytest.mark.parametrize(("name", "parameter"), KERNELS)
@pytest.mark.parametrize("exponent", [-14, -12, -8, -4, -2, -1, 0, 1, 3])
def test_the_promise_found_holds_the_exact_one(name, parameter, exponent):
    """Checker and solver, from a kernel that is 1 on all pairs to one that is 0."""
    gamma = 10.0**exponent
    record = {"kernel": name, "gamma": gamma, "nu": parameter, "alpha": parameter, "n_features": 2}
    true = exact_promise(record)
    found = PairErrors(X, np.zeros((1, 1)), gamma, 1.0, Kernel(name, parameter))
    assert found.promised[0] <= true <= found.promised[1]
    try:
        low = promised_rms(X, 1, Spectrum(name, parameter), math.sqrt(2.0 * gamma))
    except InputError:
        assert exponent <= -8
        return
    assert low <= found.promised[0]
    assert found.promised[1] <= promise_at_most(X, 1, Spectrum(name, parameter), math.sqrt(2.0 * gamma))
    assert low >= true * (1.0 - 5e-6)


@pytest.mark.parametrize("length", [30.0, 300.0, 1000.0])
@pytest.mark.parametrize(("name", "parameter"), KERNELS[1:])
def test_features_of_a_long_kernel_verify(name, parameter, length):
    points = np.sin(np.arange(12.0) ** 2).reshape(6, 2)
    options = {"nu": parameter} if name == "matern" else {"alpha": parameter}
    record = json.loads(random_features(points, 4, kernel=name, length_scale=length, **options).to_json())
    assert both_refuse(record, points) == ([], [])
    verdicts = {check.name: check.verdict.value for check in verify_features(record, points)}
    assert verdicts["promise"] == "proven"


@pytest.mark.parametrize(
    ("name", "options"), [("gaussian", {"gamma": 1e-150}), ("matern", {"length_scale": 1e9})]
)
def test_a_kernel_that_is_1_up_to_rounding_is_refused(name, options):
    with pytest.raises(
        InputError, match=r"is 1 on all pairs up to rounding.*give a (greater gamma|smaller length)"
    ):
        random_features(X, 2, kernel=name, **options)


def test_rounding_hides_nothing_that_is_known():
    """It was said of errors up to a share of the promise above it, where the error is above it for sure."""
    record = {**honest("rational_quadratic", 0.7), "gamma": 1e-6, "lower_bound": 0.0}
    promise = exact_promise(record)
    low, high = 1e-4, 0.1
    for _ in range(80):  # the frequency whose error is 1 % above the promise
        wave = math.sqrt(low * high)
        error = sum(PairErrors(X, np.array([[wave]]), 1e-6, 1.0, kernel_of(record)).rms) / 2
        low, high = (wave, high) if error < 1.01 * promise else (low, wave)
    W = np.array([[high]])
    assert both_refuse(forged(record, X, W), X) == ([], [])
    assert both_refuse(forged(record, X, W, message=BELOW_OR_NOT), X) == (["status"], ["status"])


def test_no_lower_bound_is_above_the_error():
    """The report printed ``lower_bound <= rms`` as proven, and a margin let the bound be above it."""
    points = np.sin(np.arange(1.0, 17.0) ** 2 * 3.0).reshape(8, 2)
    record = json.loads(random_features(points, 4, gamma=1e-5).to_json())
    assert 0.0 < record["lower_bound"] < record["rms"] < 1e-9
    chain = {**record["chain"], "rms": 0.0, "certified_rms": 2.0**-40}
    other = sealed({**record, "rms": 0.0, "margin": 2.0**-40, "chain": chain})
    assert all("chain" in refused for refused in both_refuse(other, points))


def test_a_false_lower_bound_of_smooth_kernels_is_refused():
    """The second verifier took half the digits of eigenvalues, and held the claim against the upper end."""
    points = np.sin(np.arange(1.0, 17.0) ** 2 * 3.0).reshape(8, 2)
    record = json.loads(random_features(points, 4, gamma=1e-5).to_json())
    assert both_refuse(record, points) == ([], [])
    W = decode_array(record["frequencies"]) * 1.02
    assert both_refuse(forged(record, points, W, lower_bound=1.4e-7), points) == (
        ["lower_bound"],
        ["lower_bound"],
    )
    true = record["lower_bound"]
    for claim in (true * 1.01, true * 2.0):
        first, other = both_refuse(forged(record, points, W, lower_bound=claim), points)
        assert (first, other) == (["lower_bound"], ["lower_bound"])


def test_phases_that_transform_refuses_are_not_certified(tmp_path):
    points = np.sin(np.arange(1.0, 17.0) ** 2 * 3.0).reshape(8, 2)
    record = json.loads(random_features(points, 128).to_json())
    W = decode_array(record["frequencies"]).copy()
    W[0] = [2.0**33, 1.0]
    margin = min(1024.0 * PairErrors(points, W, record["gamma"]).bound, 2.0**-18)
    record = forged(record, points, W, lower_bound=0.0, margin=margin)
    assert both_refuse(record, points) == (["output"], ["output"])
    (tmp_path / "features.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(InputError, match="phases reach"):
        load(tmp_path / "features.json").transform(points)


def test_a_frequency_in_an_empty_column_counts_in_what_is_written():
    """`transform` scales by the greatest of all frequencies, and those of the other columns underflow."""
    x, w, gamma = (
        np.ldexp(np.arange(6.0)[:, None] * math.pi / 3.0, 1000),
        np.array([[2.0**-1000]]),
        2.0**-1000,
    )
    table, W, centre = np.zeros((6, 40)), np.zeros((1, 40)), np.zeros(40)
    table[:, 0], W[0, 0], centre[0] = x[:, 0], w[0, 0], np.sum(x / 6.0)
    base = json.loads(random_features(np.arange(6.0)[:, None], 2).to_json())
    cut = SimpleNamespace(points=x, places=np.array([0]), width=40)
    about = {**base["points"], "n": 6, "d": 40, "digest": table_of(cut).digest, "duplicates": 0, "pairs": 15}
    base = {
        **base,
        "centre": encode_array(centre[:1], "<f8"),
        "lower_bound": 2.0 / math.sqrt(30.0) * (1.0 - 1e-5),
    }
    good = {**forged(base, x, w, gamma=gamma, points=about), "centre": encode_array(centre, "<f8")}
    certified = good["rms"] + 2.0**-39  # for the rounding of all columns
    good["output"] = {"dtype": "float64", "certified_rms": certified}
    refused = []
    for W[0, 1] in (0.0, 2.0**1000):
        record = sealed({**good, "frequencies": encode_array(W, "<f8")})
        refused.append([check.name for check in verify_features(record, cut) if not check.passed])
        assert both_refuse(record, table) == (refused[-1], refused[-1])
    assert refused == [[], ["output"]]


def test_what_is_certified_covers_the_error_to_the_last_place():
    """One step of rounding was added to what a record certifies before it was compared."""
    points = np.sin(np.arange(12.0) ** 2).reshape(6, 2)
    record = json.loads(random_features(points, 4).to_json())
    found = PairErrors(points, decode_array(record["frequencies"]), record["gamma"])
    margin = found.rms[1] - record["rms"]
    assert record["rms"] + margin == found.rms[1]
    for certified, refused in ((found.rms[1], []), (math.nextafter(found.rms[1], 0.0), ["errors", "chain"])):
        chain = {**record["chain"], "certified_rms": certified}
        other = sealed({**record, "margin": certified - record["rms"], "chain": chain})
        assert [
            c.name for c in verify_features(other, points) if c.name in ("errors", "chain") and not c.passed
        ] in (
            [refused] if refused else [[], ["errors"]]  # the greatest error may take more than the mean
        )


def test_the_report_names_the_version_as_the_file_has_it():
    folder = Path(__file__).parents[1] / "data" / "records"
    record = json.loads((folder / "features-1-points.json").read_text(encoding="utf-8"))
    record = sealed({**record, "points": {**record["points"], "reading": None}})
    details = {check.name: check.detail for check in verify(record, folder / "points.csv").checks}
    assert "how the input was read is not claimed (version 1); for this check as:" in details["provenance"]


def test_what_is_no_number_is_in_every_maximum():
    """The `max` of Python passes over it, and a claim beside it would hold."""
    points = np.array([[0.0], [1.0], [3.0]])
    W = np.array([[math.nan], [1.0]])
    found = PairErrors(points, W, 1.0)
    assert not any(map(math.isfinite, (found.bound, *found.rms, *found.greatest)))
