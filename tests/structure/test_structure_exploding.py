"""Weights above the first layer that grow without end, or are pressed to nothing: what is said of them is true."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax")

import derandkit
from derandkit import RegressionData, StructureStatus, Student, Teacher, discover_structure
from derandkit.structure.methods import StochasticGradient

TEACHER = Teacher("tanh", 2)


def _run(width=3, **options):
    found = discover_structure(TEACHER, Student(width=width), controls=False, **options)
    return found, derandkit.verify(found.to_dict(), TEACHER)


@pytest.mark.parametrize("upper", [1e100, 1e10, 1e3])
@pytest.mark.parametrize("penalty", [1e-2, 1e6])
def test_a_penalty_as_large_as_you_like_makes_no_run_stationary_that_is_not(upper, penalty):
    found, verdict = _run(penalty=penalty, upper_penalty=upper)
    assert verdict.ok, [str(check) for check in verdict.checks if not check.verdict.holds]
    if upper == 1e100:
        assert (
            found.status is StructureStatus.STEP_LIMIT
        )  # the gradient is rounding of the penalty's at the start


@pytest.mark.parametrize(("width", "penalty"), [(3, 1e-2), (2, 1e-1)])
def test_weights_that_grow_without_end_are_named_and_a_penalty_on_them_helps(width, penalty):
    found, verdict = _run(width, penalty=penalty)
    assert found.status is StructureStatus.STEP_LIMIT
    assert not verdict.ok
    unknown = [check for check in verdict.checks if check.headline and "not known" in check.detail]
    assert unknown
    assert all("upper_penalty keeps them small" in check.detail for check in unknown)
    said = " ".join(str(found).split())
    assert f"weights up to {np.abs(found.theta).max():.2g}: W can shrink while they grow" in said
    kept, verdict = _run(width, penalty=penalty, upper_penalty=1e-4)
    assert verdict.ok
    assert "while they grow" not in str(kept)


@pytest.mark.parametrize(("step", "penalty"), [(1e300, 0.0), (1e300, 1e-2), (1e100, 1e100)])
def test_weights_whose_squares_leave_the_range_have_diverged(step, penalty):
    """The square of a first layer above 1e154 ended in an OverflowError of Python."""
    X = np.random.default_rng(0).standard_normal((60, 3))
    data = RegressionData(X, np.tanh(X[:, 0]))
    method = StochasticGradient(step_size=step, steps=3, rng=0, batch=None)
    found = discover_structure(data, Student(width=3), method=method, penalty=penalty)
    assert found.status is StructureStatus.DIVERGED
    assert derandkit.verify(found, data).failed == ("status",)


@pytest.mark.parametrize("method", ["adam", "lemma"])
def test_errors_of_losses_whose_squares_leave_the_range_are_recomputed(method):
    """The checker's jackknife squared differences of losses of 1e199: "OverflowError: (34, ...)"."""
    X = 2e10 * np.random.default_rng(0).normal(size=(80, 4))
    data = RegressionData(X, 1e100 * np.tanh(X[:, 0] / 2e10), standardise=False)
    found = discover_structure(
        data, Student(width=3), method=method, penalty=0.01, controls=False, max_steps=50
    )
    assert found.loss > 1e190
    checks = {check.name: check for check in derandkit.verify(found, data).checks}
    assert checks["evaluation"].verdict.holds
    assert checks["references"].verdict.holds
    assert "cannot be read" not in checks["status"].detail


def _table(rows=40):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, 3))
    return RegressionData(X, np.tanh(X[:, 0]))


@pytest.mark.parametrize("penalty", [1e-3, "auto"])
@pytest.mark.parametrize("where", ["rows", "teacher"])
def test_a_network_that_overflows_at_the_start_is_refused_in_one_line(where, penalty):
    """It ended in LinAlgError, in IndexError with penalty 'auto', or in a record that is no JSON."""
    if where == "teacher" and penalty == "auto":
        return
    problem = _table() if where == "rows" else Teacher("hermite2", 2)
    with pytest.raises(
        derandkit.InputError, match="network at the start, or its gradient, is beyond the range"
    ):
        discover_structure(problem, Student(width=16, depth=12, activation="hermite2"), penalty=penalty)


@pytest.mark.parametrize("value", [np.inf, np.nan, 1e200])
def test_a_network_of_the_user_that_starts_beyond_the_doubles_is_refused_in_one_line(value):
    def model(parameters, z):
        return parameters["v"] @ z + value

    student = Student(width=3, network=model, parameters={"v": np.ones(3)})
    with pytest.raises(derandkit.InputError, match="beyond the range of doubles"):
        discover_structure(_table(), student, penalty=1e-3, controls=False)


@pytest.mark.parametrize("sharpness", [1e-320, 1e-155, 9.9e-5, 1.1e6])
def test_a_sharpness_that_leaves_no_digits_is_refused(sharpness):
    with pytest.raises(derandkit.InputError, match=r"the sharpness must be from 0\.0001 to 1e\+06"):
        Student(width=3, activation="softplus", sharpness=sharpness)


@pytest.mark.parametrize("sharpness", [1e-4, 0.01, 0.1])
def test_a_large_curvature_of_one_parameter_hides_no_saddle(sharpness):
    """The constant log(2) / s of the outputs made the curvature that the run had to leave small beside its own."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    data = RegressionData(X, np.tanh(X[:, 0]))
    student = Student(width=3, activation="softplus", sharpness=sharpness)
    found = discover_structure(data, student, penalty=0.0, controls=False)
    assert "status" not in derandkit.verify(found, data).failed


@pytest.mark.parametrize(("seed", "activation"), [(9, "erf"), (9, "tanh"), (13, "tanh")])
def test_small_targets_hide_no_saddle(seed, activation):
    """Negative curvature of 1e-9 beside 4 was rounding in a difference of gradients: 16 % of the risk were left."""
    X = np.random.default_rng(seed).normal(size=(30, 3))
    data = RegressionData(X, 1e-7 * np.tanh(X[:, 0]), standardise=False)
    found = discover_structure(data, Student(width=5, activation=activation), penalty=0.0, controls=False)
    assert "status" not in derandkit.verify(found, data).failed


@pytest.mark.parametrize("seed", [3, 13, 27])
def test_rows_of_a_run_whose_risk_is_zero_hold_without_a_penalty(seed):
    """The engine's penalty of 1e-300, which stands for none, was all of the penalised risk."""
    X = np.random.default_rng(seed).normal(size=(40, 2))
    data = RegressionData(X, np.tanh(X[:, 0]), standardise=False)
    found = discover_structure(data, Student(width=2), penalty=0.0, controls=False, loss="huber")
    assert found.history["risk"][-1] == found.history["penalised"][-1] == 0.0
    assert "history" not in derandkit.verify(found, data).failed


@pytest.mark.parametrize("noise", [1e30, 1e60])
def test_noise_that_hides_the_curvatures_makes_no_record_fail(noise):
    """A curvature by differences of gradients of 1e30 is their rounding: `decay` was not that of a second writing."""
    teacher = Teacher("sine", 2, 2, noise=noise, nodes=64)
    student = Student(width=4, activation="erf", stream=50)
    found = discover_structure(teacher, student, penalty=0.0, max_steps=0, controls=False)
    outcome = derandkit.verify(found, teacher)
    assert "decay" not in outcome.failed
    assert "rounding hides the curvatures that the step size rests on" in str(outcome)


def test_nodes_beyond_the_doubles_are_refused_in_one_line():
    teacher = Teacher("tanh", 4, 2, evaluation_nodes=10**320)
    with pytest.raises(derandkit.InputError, match="more than any memory; ask for fewer nodes"):
        discover_structure(teacher, Student(width=2), penalty=1e-3, max_steps=1)
