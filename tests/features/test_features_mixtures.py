"""Features of Matern and rational quadratic kernels: mixtures of Gaussian kernels over their width."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gamma as gamma_function
from scipy.special import kv
from scipy.stats import gamma as gamma_distribution
from sklearn.gaussian_process.kernels import Matern, RationalQuadratic

import derandkit
from derandkit.certificates.features.kernels import Kernel
from derandkit.cli import main
from derandkit.engine.law import GaussianSampler
from derandkit.errors import InputError
from derandkit.features.baselines import random_frequencies, wave_features, with_widths
from derandkit.features.estimator import DerandomizedFourierFeatures
from derandkit.features.kernels import value
from derandkit.features.measure import promised_rms
from derandkit.features.objective import PairErrors
from derandkit.features.paths import FourierObjective, leave_saddle
from derandkit.features.solve import random_features
from derandkit.features.spectrum import GAUSSIAN, Spectrum

MIXTURES = [Spectrum("matern", nu) for nu in (0.5, 1.5, 2.5)] + [
    Spectrum("rational_quadratic", alpha) for alpha in (0.1, 1.0, 30.0)
]
BY_NAME = pytest.mark.parametrize("spectrum", MIXTURES, ids=str)
OPTIONS = {
    "matern": {"kernel": "matern", "nu": 2.5},
    "rational": {"kernel": "rational_quadratic", "alpha": 0.6},
}


def points(m, d, seed=0):
    return np.random.default_rng(seed).standard_normal((m, d))


def by_bessel(nu, r):
    """The Matern kernel as Rasmussen and Williams define it (2006, equation 4.14)."""
    t = np.sqrt(2 * nu) * r
    return 2 ** (1 - nu) / gamma_function(nu) * t**nu * kv(nu, t)


# --- the kernels -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("nu", [0.5, 1.5, 2.5])
def test_a_matern_kernel_is_that_of_the_bessel_function(nu):
    r = np.geomspace(1e-3, 30.0, 40)
    assert Spectrum("matern", nu).values(r * r) == pytest.approx(by_bessel(nu, r), rel=1e-12)
    assert Matern(nu=nu)(r[:, None], np.zeros((1, 1)))[:, 0] == pytest.approx(by_bessel(nu, r), rel=1e-9)


@BY_NAME
def test_every_writing_of_a_kernel_agrees(spectrum):
    """The solver's arrays and compiled loops, and the checker, which takes half of the squared distance."""
    squares = np.concatenate([[0.0], np.geomspace(1e-6, 1e3, 30)])
    values = spectrum.values(squares)
    assert values[0] == 1.0
    assert [value(spectrum.kind, spectrum.parameter, x) for x in squares] == pytest.approx(values, rel=1e-13)
    assert Kernel(spectrum.name, spectrum.parameter).of(squares / 2) == pytest.approx(values, rel=1e-13)
    if spectrum.name == "rational_quadratic":
        theirs = RationalQuadratic(alpha=spectrum.parameter)(np.sqrt(squares)[:, None], np.zeros((1, 1)))
        assert theirs[:, 0] == pytest.approx(values, rel=1e-12)


@BY_NAME
@pytest.mark.parametrize("square", [0.04, 1.0, 9.0])
def test_a_kernel_is_the_mixture_of_gaussian_ones(spectrum, square):
    """Quadrature over the distribution of the width: s^2 is gamma distributed, or its inverse is."""
    shares = gamma_distribution(spectrum.parameter, scale=1 / spectrum.parameter)
    inverse = spectrum.name == "matern"

    def inside(q):
        g = shares.ppf(q)
        width = (1 / g if g > 0 else np.inf) if inverse else g
        return np.exp(-0.5 * width * square)

    found, error = quad(inside, 0, 1, limit=200)
    assert spectrum.values(np.array([square]))[0] == pytest.approx(found, abs=1e-7 + error)


@BY_NAME
def test_fixed_widths_have_the_bias_that_is_said(spectrum):
    """It falls with the number of frequencies, and is the mean of Gaussian kernels minus the kernel."""
    squares = np.geomspace(1e-2, 30.0, 25)
    biases = [np.abs(spectrum.bias(squares, D)).max() for D in (4, 16, 64)]
    assert biases[0] > biases[1] > biases[2]
    assert biases[2] < 0.01
    gaussian = np.exp(-0.5 * spectrum.widths(8)[:, None] * squares).mean(axis=0)
    assert spectrum.bias(squares, 8) == pytest.approx(gaussian - spectrum.values(squares), abs=1e-14)


def test_the_widths_of_the_gaussian_kernel_are_one():
    assert GAUSSIAN.widths(5).tolist() == [1.0] * 5
    assert (GAUSSIAN.bias(np.array([0.3, 2.0]), 5) == 0.0).all()
    # a rational quadratic kernel of a large exponent is nearly Gaussian
    assert Spectrum("rational_quadratic", 1000.0).widths(9) == pytest.approx(np.ones(9), abs=0.06)


# --- the objective ---------------------------------------------------------------------------------------------------
@given(st.integers(0, 10**6), st.floats(0.05, 1.3), st.sampled_from(MIXTURES))
@settings(max_examples=6, deadline=None)
def test_the_expected_error_is_that_of_gaussians_of_their_widths(seed, s, spectrum):
    """Against Gauss-Hermite quadrature of mean and variance of each cosine; bias and variance together."""
    Z, D = 0.7 * points(5, 2, seed), 3
    objective = PairErrors(Z, D, spectrum)
    M = points(D, 2, seed + 1)
    x, w = np.polynomial.hermite_e.hermegauss(120)
    w = w / w.sum()
    i, j = np.triu_indices(5, 1)
    V, scales = Z[i] - Z[j], np.minimum(np.sqrt(spectrum.widths(D)), 3.0)
    objective.widths = scales**2  # quadrature would miss wider ones
    lengths = s * np.linalg.norm(V, axis=1)[:, None] * scales
    cosines = np.cos((V @ (M * scales[:, None]).T)[:, :, None] + lengths[:, :, None] * x)
    mean = cosines @ w
    variance = (cosines**2) @ w - mean**2
    kernel = spectrum.values((V**2).sum(axis=1))
    expected = ((mean.mean(axis=1) - kernel) ** 2 + variance.sum(axis=1) / D**2).mean()
    assert objective.value(GaussianSampler(M.ravel(), s)) == pytest.approx(expected, abs=1e-10)


@BY_NAME
@pytest.mark.parametrize("s", [0.0, 0.6])
def test_the_engine_can_use_the_objective(spectrum, s):
    """Gradient, curvature and trace are those of the value."""
    objective = PairErrors(points(6, 2), 3, spectrum)
    b, h = 0.5 * points(1, 6, 1)[0], 1e-5
    law, steps = GaussianSampler(b, s), np.eye(6)

    def slopes(of):
        return np.array([(of(b + h * e) - of(b - h * e)) / (2 * h) for e in steps])

    # a wide frequency turns fast, so that differences are less exact
    tolerance = 1e-9 * max(1.0, float(spectrum.widths(3).max()) ** 2)
    gradient = slopes(lambda b: objective.value(GaussianSampler(b, s)))
    assert objective.mean_gradient(law) == pytest.approx(gradient, abs=tolerance)
    H = objective.curvature(law, steps)
    assert slopes(lambda b: objective.mean_gradient(GaussianSampler(b, s))) == pytest.approx(H, abs=tolerance)
    assert objective.curvature_trace(law) == pytest.approx(np.trace(H), rel=1e-12)


def test_one_width_gives_the_objective_of_the_gaussian_kernel():
    """Both passes compute the same function where all widths are one."""
    Z = points(7, 3)
    plain, mixed = PairErrors(Z, 4), PairErrors(Z, 4, Spectrum("matern", 2.5))
    mixed.kernels, mixed.widths = plain.kernels, np.ones(4)
    law, directions = GaussianSampler(points(1, 12, 2)[0], 0.4), points(12, 2, 3)
    assert mixed.value(law) == pytest.approx(plain.value(law), rel=1e-13)
    assert mixed.mean_gradient(law) == pytest.approx(plain.mean_gradient(law), abs=1e-15)
    assert mixed.curvature_trace(law) == pytest.approx(plain.curvature_trace(law), rel=1e-12)
    assert mixed.curvature(law, directions) == pytest.approx(plain.curvature(law, directions), abs=1e-15)


# --- the promise -----------------------------------------------------------------------------------------------------
@BY_NAME
def test_the_promise_is_what_drawn_frequencies_have(spectrum):
    """Mean square error of 400 draws from the spectral distribution, and the error of fixed widths is below."""
    Z, D = points(12, 3), 8
    i, j = np.triu_indices(12, 1)
    kernel = spectrum.values(((Z[i] - Z[j]) ** 2).sum(axis=1))
    rng, found = np.random.default_rng(0), []
    for _ in range(400):
        F = wave_features(Z, with_widths(random_frequencies(3, D, rng), spectrum, rng))
        found.append(np.mean(((F @ F.T)[i, j] - kernel) ** 2))
    promise = promised_rms(Z, D, spectrum) ** 2
    assert np.mean(found) == pytest.approx(promise, abs=4 * np.std(found) / 20)
    objective = PairErrors(Z, D, spectrum)
    start = objective.value(objective.start())
    bias = spectrum.bias(objective.squares, D)
    assert np.mean(bias**2) < start < promise
    assert objective.value(leave_saddle(objective)) <= start


@pytest.mark.parametrize("case", OPTIONS)
@pytest.mark.parametrize("method", ["lemma", "conditional"])
def test_the_error_is_that_of_the_kernel_and_below_the_promise(case, method):
    X = 3.0 * points(24, 4)
    result = random_features(X, 12, length_scale=4.0, method=method, **OPTIONS[case])
    kernel = Matern(4.0, nu=2.5) if case == "matern" else RationalQuadratic(4.0, 0.6)
    F = result.transform(X)
    errors = np.abs(F @ F.T - kernel(X))[np.triu_indices(24, 1)]
    assert result.rms == pytest.approx(np.sqrt(np.mean(errors**2)), abs=1e-12)
    assert result.max_error == pytest.approx(errors.max(), abs=1e-12)
    assert result.length_scale == pytest.approx(4.0, rel=1e-15)
    assert result.lower_bound <= result.rms <= result.promised
    assert result.history["objective"][-1] <= result.history["objective"][0]
    assert derandkit.verify(result, X).ok
    again = type(result).from_json(result.to_json())
    assert again.to_json() == result.to_json()
    assert again.spectrum == result.spectrum


def test_the_length_by_rule_is_the_root_of_the_median():
    X = np.array([[0.0], [1.0], [3.0]])
    assert random_features(X, 4, kernel="matern").length_scale == 2.0  # squares 1, 4, 9


@pytest.mark.parametrize("case", OPTIONS)
def test_the_same_bytes_for_any_number_of_threads(monkeypatch, case):
    import derandkit.features.objective as objective

    monkeypatch.setattr(objective, "_BLOCKED_FROM", 10)
    X, found = points(30, 3), set()
    for threads in ("1", "3"):
        monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
        found.add(random_features(X, 8, **OPTIONS[case]).to_json())
    assert len(found) == 1


# --- what cannot be used ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kernel": "laplacian"}, "kernel"),
        ({"kernel": "matern", "nu": 1.0}, "0.5, 1.5 or 2.5"),
        ({"kernel": "matern", "nu": np.inf}, "Gaussian"),
        ({"kernel": "matern", "gamma": 0.5}, "length_scale"),
        ({"kernel": "matern", "gamma": "scale"}, "length_scale"),
        ({"kernel": "matern", "alpha": 2.0}, "alpha"),
        ({"kernel": "rational_quadratic", "nu": 2.5}, "nu"),
        ({"kernel": "rational_quadratic", "alpha": 0.01}, "0.1 to 1000"),
        ({"kernel": "rational_quadratic", "alpha": float("nan")}, "0.1 to 1000"),
        ({"length_scale": 2.0}, "gamma"),
        ({"nu": 2.5}, "nu"),
        ({"kernel": "matern", "length_scale": 0.0}, "length_scale"),
        ({"kernel": "matern", "length_scale": "scale"}, "length_scale"),
        ({"kernel": "matern", "length_scale": 1e-9}, "phases"),
        ({"kernel": "matern", "nu": 2.5, "length_scale": 1e7}, "smaller length_scale"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(options, words):
    with pytest.raises(InputError) as caught:
        random_features(points(6, 2), 4, **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_estimator_and_the_objective_take_the_kernel():
    X = points(20, 3)
    model = DerandomizedFourierFeatures(8, **OPTIONS["matern"]).fit(X)
    assert model.result_.kernel == "matern"
    assert -model.score(X) == pytest.approx(model.result_.rms, abs=1e-13)
    objective = FourierObjective(X, 4, **OPTIONS["matern"])
    assert objective.value(objective.start()) < model.result_.promised**2


def test_the_command_line_takes_the_kernel(tmp_path, capsys):
    path, record = tmp_path / "points.csv", tmp_path / "features.json"
    np.savetxt(path, points(10, 2), delimiter=",")
    flags = ["--kernel", "matern", "--nu", "0.5", "--length-scale", "1.5"]
    assert main(
        ["features", str(path), "-n", "4", *flags, "-o", str(record), "-q"], standalone_mode=False
    ) in (0, None)
    assert derandkit.load(record).spectrum == Spectrum("matern", 0.5)
    assert "Matern, nu 0.5, length_scale 1.5" in capsys.readouterr().out


def test_a_comparison_takes_the_kernel():
    rows = derandkit.compare(
        [points(16, 3)], n_features=6, problem="features", rng=0, draws=3, **OPTIONS["matern"]
    )
    found = {row.method: row.value for row in rows}
    assert found["lemma"] == random_features(points(16, 3), 6, **OPTIONS["matern"]).rms
    assert found["lemma"] < min(found[name] for name in ("random", "orthogonal", "sobol", "rbf-sampler"))
