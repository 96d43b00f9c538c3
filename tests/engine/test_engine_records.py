"""Records of all methods on objectives of all scales: each is written, read back, and the same."""

from __future__ import annotations

import math

import numpy as np
import pytest

from derandkit import (
    ConditionalExpectations,
    DerandomizationStatus,
    GaussianSampler,
    HessianDescent,
    LemmaDescent,
    PerturbedGradientDescent,
    QuadratureObjective,
    RandomSampling,
    derandomize,
    load,
    verify,
)
from derandkit.errors import InputError

SCALES = [1.0, 1e-162, 1e-200, 1e-300, 1e-320, 1e150, 1e200, 1e300, 1e307]
SHAPES = {
    "square": lambda z: (z**2).sum(axis=1),
    "well": lambda z: ((z**2 - 1.0) ** 2).sum(axis=1),
    "hill": lambda z: -(z**2).sum(axis=1),
    "wave": lambda z: np.sin(z).sum(axis=1),
    "edge": lambda z: np.abs(z).sum(axis=1),
}
METHODS = {
    "lemma": lambda scale: LemmaDescent(),
    "lemma, unfinished": lambda scale: LemmaDescent(finish=False),
    "conditional": lambda scale: ConditionalExpectations(),
    "hessian": lambda scale: HessianDescent(),
    "hessian, unfinished": lambda scale: HessianDescent(finish=False),
    "perturbed": lambda scale: PerturbedGradientDescent(10 * scale, scale, 0.1 * scale, rng=0, max_steps=20),
    "sampling": lambda scale: RandomSampling(samples=20, rng=0),
    "sampling, other levels": lambda scale: RandomSampling(
        samples=2, rng=0, quantiles=iter(np.array([0.25], dtype=np.float32))
    ),
}


def outcome_of(method, shape, scale):
    objective = QuadratureObjective(lambda z: scale * SHAPES[shape](z), dimension=1)
    return derandomize(objective, GaussianSampler([1.0], [[1.0]]), method=METHODS[method](scale))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_record_is_read_back(method, scale, tmp_path):
    for shape in SHAPES:
        outcome = outcome_of(method, shape, scale)
        outcome.save(tmp_path / "record.json")
        again = load(tmp_path / "record.json")
        assert again == outcome
        if math.isfinite(outcome.value) and math.isfinite(
            outcome.start_value
        ):  # an infinity is null, and comes back as NaN
            assert repr(again) == repr(outcome)


def test_verify_says_why_it_has_nothing_to_check():
    with pytest.raises(InputError, match="function in Python"):
        verify(outcome_of("sampling", "square", 1.0), "no file")


def test_quantiles_come_back_as_pairs():
    outcome = outcome_of("sampling", "square", 1.0)
    again = type(outcome).from_json(outcome.to_json())
    assert again.stats["quantiles"] == outcome.stats["quantiles"]
    assert [level for level, _ in again.stats["quantiles"]] == [0.05, 0.25, 0.5, 0.75, 0.95]


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
@pytest.mark.parametrize("shape", ["square", "well"])
def test_hessian_descent_at_any_scale(shape, scale):
    outcome = outcome_of("hessian", shape, scale)
    assert outcome.status in (DerandomizationStatus.CONVERGED, DerandomizationStatus.DETERMINISTIC)
    assert abs(outcome.value) <= 1e-9 * scale


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_a_hill_has_no_bottom(scale):
    assert outcome_of("hessian", "hill", scale).status is DerandomizationStatus.UNBOUNDED


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_numbers_of_samples_at_any_scale(scale):
    one, other = outcome_of("sampling", "square", 1.0).stats, outcome_of("sampling", "square", scale).stats
    for name in ("mean", "standard_error", "best", "worst"):
        assert math.isclose(other[name] / scale, one[name], rel_tol=1e-9)
