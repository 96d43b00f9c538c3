"""Random Fourier features: the closed forms, what they promise, and the frequencies that are found."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.kernel_approximation import RBFSampler
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.utils.estimator_checks import parametrize_with_checks

import derandkit
from derandkit.engine.law import GaussianSampler
from derandkit.errors import InputError, Interrupted
from derandkit.features import paths, solve
from derandkit.features.estimator import DerandomizedFourierFeatures
from derandkit.features.measure import lower_bound, promised_rms
from derandkit.features.objective import PairErrors, RowObjective, row_blocks
from derandkit.features.solve import random_features

DIGITS = load_digits().data


def exact_errors(X, W, gamma):
    """K^ - k of all pairs of rows, straight from the definition."""
    i, j = np.triu_indices(len(X), 1)
    V = (X[i] - X[j]).astype(float)
    return np.cos(V @ W.T).mean(axis=1) - np.exp(-gamma * (V**2).sum(axis=1))


def points(m, d, seed=0):
    return np.random.default_rng(seed).standard_normal((m, d))


# --- the closed forms ------------------------------------------------------------------------------------------------
@given(st.integers(0, 10**6), st.floats(0.05, 1.0), st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=8, deadline=None)
def test_the_expected_error_is_that_of_a_gaussian(seed, s, D, d):
    """Against Gauss-Hermite quadrature of mean and variance of each cosine, one frequency at a time."""
    Z, rng = points(5, d, seed), np.random.default_rng(seed)
    objective = PairErrors(Z, D)
    M = rng.standard_normal((D, d))
    x, w = np.polynomial.hermite_e.hermegauss(100)  # exact to the last digits up to frequencies of 15
    w = w / w.sum()
    i, j = np.triu_indices(5, 1)
    V = Z[i] - Z[j]
    # w . d is Gaussian with mean m . d and variance s^2 |d|^2
    cosines = np.cos((V @ M.T)[:, :, None] + s * np.linalg.norm(V, axis=1)[:, None, None] * x)
    mean = cosines @ w
    variance = (cosines**2) @ w - mean**2
    kernel = np.exp(-0.5 * (V**2).sum(axis=1))
    expected = ((mean.mean(axis=1) - kernel) ** 2 + variance.sum(axis=1) / D**2).mean()
    assert objective.value(GaussianSampler(M.ravel(), s)) == pytest.approx(expected, abs=1e-12)


def differences(value, b, h=1e-5):
    return np.array([(value(b + h * e) - value(b - h * e)) / (2 * h) for e in np.eye(b.size)])


@pytest.mark.parametrize("s", [0.0, 0.6])
def test_derivatives_are_those_of_the_value(s):
    objective = PairErrors(points(7, 3), 4)
    b = 0.7 * np.random.default_rng(1).standard_normal(12)
    law = GaussianSampler(b, s)
    assert objective.mean_gradient(law) == pytest.approx(
        differences(lambda b: objective.value(GaussianSampler(b, s)), b), abs=1e-9
    )
    H = objective.curvature(law, np.eye(12))
    assert (
        pytest.approx(differences(lambda b: objective.mean_gradient(GaussianSampler(b, s)), b), abs=1e-9) == H
    )
    assert pytest.approx(H.T, abs=1e-14) == H
    assert objective.curvature_trace(law) == pytest.approx(np.trace(H), abs=1e-13)
    if s:
        h = 1e-5
        slope = (objective.value(GaussianSampler(b, s + h)) - objective.value(GaussianSampler(b, s - h))) / (
            2 * h
        )
        assert slope == pytest.approx(s * np.trace(H), abs=1e-9)


def test_one_row_among_known_and_random_ones_is_what_the_engine_asks_for():
    """The row's objective passes the engine's own check, Stein's identity and reveals included, for any spread."""
    Z = points(6, 3)
    rest = np.random.default_rng(2).standard_normal(15)
    law = GaussianSampler([0.3, -0.2, 0.5], 0.3 * np.random.default_rng(3).standard_normal((3, 3)))
    report = derandkit.check_objective(RowObjective(Z, rest), law)
    assert report.ok, str(report)


def test_one_row_and_all_rows_agree():
    """With one frequency, both objectives are the same function up to the mean square of the kernel."""
    Z = points(6, 2)
    whole, row = PairErrors(Z, 1), None
    row = RowObjective(Z, whole.kernels)
    for s in (0.0, 0.4, 1.0):
        law = GaussianSampler([0.8, -0.3], s)
        assert row.value(law) + np.mean(whole.kernels**2) == pytest.approx(whole.value(law), abs=1e-14)


# --- the promise -----------------------------------------------------------------------------------------------------
@given(st.integers(0, 10**6), st.integers(1, 40), st.floats(0.01, 30.0))
@settings(max_examples=10, deadline=None)
def test_random_features_have_the_promise_on_average(seed, D, width):
    """The value at the start of the path is the promise, and it is at most 1 / (2 D) for any points."""
    Z = width * points(8, 3, seed)
    objective = PairErrors(Z, D)
    promise = promised_rms(Z, D)
    assert objective.value(objective.start()) == pytest.approx(promise**2, rel=1e-10, abs=1e-16)
    assert promise**2 <= 0.5 / D * (1 + 1e-12)


def test_drawn_features_have_the_promised_error():
    """scikit-learn's RBFSampler of twice as many cosines with random shifts is another estimate of the same kernel."""
    X, gamma, D = points(30, 4), 0.1, 50
    Z = np.sqrt(2 * gamma) * (X - X.mean(axis=0))
    rng = np.random.default_rng(0)
    errors = [exact_errors(Z, rng.standard_normal((D, 4)), 0.5) ** 2 for _ in range(300)]
    assert np.sqrt(np.mean(errors)) == pytest.approx(promised_rms(Z, D), rel=0.03)
    sampler = RBFSampler(gamma=gamma, n_components=2 * D, random_state=0).fit_transform(X)
    off = np.sqrt(np.mean((sampler @ sampler.T - rbf_kernel(X, gamma=gamma)) ** 2))
    assert random_features(X, 2 * D, gamma=gamma).rms < 0.2 * off


@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 4), st.integers(1, 6), st.floats(1e-3, 1e3))
@settings(max_examples=12, deadline=None)
def test_the_chain_holds_for_any_points(seed, m, d, D, gamma):
    X = points(m, d, seed)
    result = random_features(X, 2 * D, gamma=gamma)
    exact = exact_errors(X, result.frequencies, gamma)
    rms, most = np.sqrt(np.mean(exact**2)), np.max(np.abs(exact))
    assert result.rms == pytest.approx(rms, abs=1e-12)
    assert result.max_error == pytest.approx(most, abs=1e-12)
    assert result.lower_bound <= rms + 1e-12
    assert rms <= result.chain.certified_rms <= result.rms + 1e-11
    # what the lemma says: no worse than the average
    assert result.chain.certified_rms <= result.promised + 1e-12
    assert derandkit.verify(result, X).ok


def test_no_features_beat_the_lower_bound():
    """The best features of rank 2 D by any means: here the scaled leading eigenvectors, with unit rows."""
    Z = 1.5 * points(24, 5)
    i, j = np.triu_indices(24, 1)
    K = np.exp(-0.5 * ((Z[:, None] - Z) ** 2).sum(axis=2))
    values, vectors = np.linalg.eigh(K)
    for D in (2, 5, 10):
        F = vectors[:, -2 * D :] * np.sqrt(values[-2 * D :])
        F = F / np.linalg.norm(F, axis=1, keepdims=True)
        bound = lower_bound(Z, D)
        assert 0.0 < bound <= np.sqrt(np.mean((F @ F.T - K)[i, j] ** 2))
    assert lower_bound(Z, 12) == 0.0


# --- the path --------------------------------------------------------------------------------------------------------
def test_the_path_starts_no_higher_than_the_promise_and_never_rises():
    result = random_features(DIGITS[:60], 32)
    values = np.array(result.history["objective"])
    assert values[0] <= result.promised**2
    assert (np.diff(values) <= 1e-12).all()
    assert result.rms**2 == pytest.approx(values[-1], rel=1e-9)
    assert result.history["spread"][-1] == 0.0
    assert result.rms < 0.2 * result.promised


def test_conditional_expectations_keep_the_promise_frequency_by_frequency():
    X = points(20, 3)
    result = random_features(X, 12, method="conditional")
    values = np.array(result.history["objective"])
    assert (np.diff(np.concatenate([[result.promised**2], values])) <= 1e-12).all()
    assert result.rms**2 == pytest.approx(values[-1], rel=1e-9)
    assert result.status is derandkit.FeaturesStatus.GUARANTEED
    assert derandkit.verify(result, X).ok


def test_beyond_the_landmarks_all_pairs_are_measured(monkeypatch):
    monkeypatch.setattr(solve, "LANDMARKS", 40)
    X = DIGITS[:90]
    result = random_features(X, 16)
    assert result.stats.fitted == 40
    exact = exact_errors(X, result.frequencies, result.gamma)
    assert result.points.pairs == 90 * 89 // 2
    assert result.rms == pytest.approx(np.sqrt(np.mean(exact**2)), abs=1e-12)
    assert derandkit.verify(result, X).ok


def test_blocks_of_rows_cover_every_pair():
    for n in (2, 3, 17, 100):
        for count in (1, 4, 64):
            blocks = row_blocks(n, count)
            assert [i for a, b in blocks for i in range(a, b)] == list(range(n - 1))


def test_the_same_bytes_for_any_number_of_threads(monkeypatch):
    X = points(300, 3)
    monkeypatch.setattr(paths, "STEPS", 3)
    texts = set()
    for threads in ("1", "2"):
        monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
        texts.add(random_features(X, 8).to_json())
    assert len(texts) == 1


# --- points and kernels ----------------------------------------------------------------------------------------------
def test_gamma_by_rule_is_what_it_says():
    X = points(40, 3)
    i, j = np.triu_indices(40, 1)
    median = np.median(((X[i] - X[j]) ** 2).sum(axis=1))
    assert random_features(X, 2).gamma == pytest.approx(0.5 / median)
    assert random_features(X, 2, gamma="scale").gamma == pytest.approx(1 / (3 * X.var()))


@pytest.mark.parametrize("scale", [1e-150, 1e150, 3e307])
@pytest.mark.parametrize("gamma", ["median", "scale"])
def test_points_of_any_size_have_the_same_features(scale, gamma):
    X = points(12, 2)
    X = X / np.abs(X).max()
    power = 2.0 ** round(np.log2(scale))
    one = random_features(X, 6, gamma=gamma)
    if power**-2 in (0.0, np.inf):
        with pytest.raises(InputError, match="leave the range of double precision"):
            random_features(X * power, 6, gamma=gamma)
        return
    other = random_features(X * power, 6, gamma=gamma)
    assert other.rms == pytest.approx(one.rms, abs=1e-9)
    assert derandkit.verify(other, X * power).ok


def test_points_far_from_the_origin_and_repeated_rows():
    X = np.vstack([points(15, 3), points(3, 3)]) + 1e7
    result = random_features(X, 10)
    assert (result.points.duplicates, result.points.pairs) == (3, 105)
    assert derandkit.verify(result, X).ok
    F = result.transform(X)
    assert pytest.approx(np.exp(-result.gamma * ((X[:, None] - X) ** 2).sum(axis=2)), abs=0.3) == F @ F.T
    assert np.linalg.norm(F, axis=1) == pytest.approx(1.0, abs=1e-14)


def test_single_precision_is_certified_as_it_is_written():
    X = points(30, 4).astype(np.float32)
    result = random_features(X, 20)
    F = result.transform(X)
    assert F.dtype == np.float32
    i, j = np.triu_indices(30, 1)
    V = X.astype(float)[i] - X.astype(float)[j]
    written = (F.astype(float) @ F.T.astype(float))[i, j] - np.exp(-result.gamma * (V**2).sum(axis=1))
    assert np.sqrt(np.mean(written**2)) <= result.output.certified_rms <= result.rms + 1e-6
    assert derandkit.verify(result, X).ok


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_features": 7}, "6 or 8"),
        ({"n_features": 0}, "at least 2"),
        ({"n_features": 2.5}, "an integer"),
        ({"gamma": 0.0}, "positive number"),
        ({"gamma": "auto"}, "median, scale"),
        ({"gamma": float("nan")}, "positive number"),
        ({"gamma": True}, "positive number"),
        ({"gamma": 1e300}, "give a smaller gamma"),
        ({"method": "lemna"}, "did you mean 'lemma'"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(options, words):
    with pytest.raises(InputError, match=words) as caught:
        random_features(points(5, 2), **{"n_features": 4, **options})
    assert "\n" not in str(caught.value)


def test_too_many_points_for_conditional_expectations_are_refused():
    with pytest.raises(InputError, match="at most 256"):
        random_features(points(257, 1), 2, method="conditional")


@pytest.mark.parametrize("method", ["lemma", "conditional"])
def test_an_interrupted_run_is_measured(method):
    def press(progress):
        if progress.step == 2:
            raise KeyboardInterrupt

    X = points(20, 3)
    with pytest.raises(Interrupted) as caught:
        random_features(X, 12, method=method, on_progress=press)
    result = caught.value.result
    assert result.status.name == "INTERRUPTED"
    assert derandkit.verify(result, X).ok
    returned = random_features(X, 12, method=method, on_progress=press, on_interrupt="return")
    assert returned.to_json() == result.to_json()


def test_a_result_is_its_record(tmp_path):
    result = random_features(DIGITS[:20], 8)
    result.save(tmp_path / "features.json")
    again = derandkit.load(tmp_path / "features.json")
    assert again == result
    assert again.transform(DIGITS[20:30]) == pytest.approx(result.transform(DIGITS[20:30]), abs=0)
    assert "root mean square" in str(result)
    assert derandkit.verify(tmp_path / "features.json", DIGITS[:20]).ok


# --- the transformer -------------------------------------------------------------------------------------------------
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([DerandomizedFourierFeatures(6)])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_the_transformer_is_the_function():
    X = DIGITS[:40]
    fitted = DerandomizedFourierFeatures(12).fit(X)
    result = random_features(X, 12)
    assert fitted.result_.to_json() == result.to_json()
    assert -fitted.score(X) == result.rms
    assert fitted.score(DIGITS[40:80]) < fitted.score(X)
    assert fitted.get_feature_names_out()[0] == "derandomizedfourierfeatures0"
    again = np.load(io.BytesIO(_saved(clone(fitted).fit(X).frequencies_)))
    assert (again == fitted.frequencies_).all()


def _saved(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_the_picture_shows_the_errors_of_the_record():
    """What is drawn is measured again, pair by pair; it has to be what the record states."""
    pytest.importorskip("matplotlib")
    from derandkit.plots.features import plot_errors

    X = 3.0 * np.sin(np.arange(60.0) ** 2).reshape(20, 3) + 100.0
    result = random_features(np.concatenate([X, X[:1]]), 8)
    figure = plot_errors(result, X)
    ours, random, orthogonal = figure.axes
    assert ours.get_title(loc="left") == (
        f"derandkit: root mean square {result.rms:.3g}, greatest {result.max_error:.3g}"
    )
    for axes in (ours, random, orthogonal):
        band = int(axes is ours)  # of height 1: what is certified
        assert sum(bar.get_height() for bar in axes.patches) == 190 + band
        assert axes.get_xlim()[1] >= result.max_error


def test_points_whose_phases_have_no_digits_are_refused():
    """Cosines of 1e300 were written as features, one number as good as another."""
    X = np.random.default_rng(0).standard_normal((20, 3))
    result = derandkit.random_features(X, 4)
    assert np.isfinite(result.transform(1e3 * X)).all()
    for scale in (1e12, 1e300):
        with pytest.raises(
            InputError, match=r"row \d+ lies so far from the fitted points that its phases reach"
        ):
            result.transform(scale * X)
