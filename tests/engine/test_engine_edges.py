"""Bad objectives, bad input, interrupts: each ends in a clear status or error, never in a hang."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from tests.engine_waves import random_law, random_waves

from derandkit.engine import (
    ConditionalExpectations,
    DerandomizationStatus,
    HessianDescent,
    LemmaDescent,
    PerturbedGradientDescent,
    RandomSampling,
    derandomize,
)
from derandkit.engine.law import GaussianSampler
from derandkit.engine.objective import GaussianObjective, QuadratureObjective
from derandkit.errors import InputError
from derandkit.runtime.clock import running

JIN = PerturbedGradientDescent(
    gradient_lipschitz=10, hessian_lipschitz=10, accuracy=0.1, penalty=1.0, rng=0, max_steps=500
)
ALL = {
    "lemma": LemmaDescent(),
    "hessian": HessianDescent(),
    "conditional": ConditionalExpectations(),
    "perturbed": JIN,
}
DESCENTS = ["lemma", "hessian", "perturbed"]


class Bent:
    """A closed-form objective with one method replaced."""

    def __init__(self, **methods):
        self._waves = random_waves(1, 3)
        self.dimension = 3
        for name in ("value", "mean_gradient", "curvature"):
            setattr(self, name, methods.get(name, getattr(self._waves, name)))


LAW = random_law(2, 3, 2)


@pytest.mark.parametrize("method", [*ALL, "sampling"])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_at_the_start(method, bad):
    record = RandomSampling(samples=10, rng=0) if method == "sampling" else ALL[method]
    outcome = derandomize(Bent(value=lambda law: bad), LAW, method=record)
    assert outcome.status is DerandomizationStatus.NOT_FINITE
    assert not outcome.status.ok
    assert outcome.sampler is LAW


@pytest.mark.parametrize("method", ALL)
def test_a_value_that_turns_nan_on_the_way(method):
    """NaN to the left of -1 in the first coordinate: the end is finite and no worse than the start."""
    waves = random_waves(1, 3)

    def value(law):
        return waves.value(law) if law.mean[0] > -1.0 else math.nan

    outcome = derandomize(Bent(value=value), LAW, method=ALL[method])
    assert math.isfinite(outcome.value)
    assert outcome.value <= outcome.start_value
    assert outcome.sampler.mean[0] > -1.0


@pytest.mark.parametrize("method", DESCENTS)
def test_gradients_that_are_not_finite(method):
    outcome = derandomize(Bent(mean_gradient=lambda law: np.full(3, math.nan)), LAW, method=ALL[method])
    assert outcome.status is DerandomizationStatus.NOT_FINITE
    assert outcome.value <= outcome.start_value


@pytest.mark.parametrize("method", ["lemma", "hessian"])
def test_curvature_that_is_not_finite(method):
    bent = Bent(curvature=lambda law, directions: np.full(directions.shape, math.inf))
    outcome = derandomize(bent, LAW, method=ALL[method])
    assert outcome.status is DerandomizationStatus.NOT_FINITE
    assert outcome.value <= outcome.start_value


@pytest.mark.parametrize("method", DESCENTS)
def test_a_gradient_of_the_wrong_sign_costs_nothing(method):
    waves = random_waves(1, 3)
    outcome = derandomize(Bent(mean_gradient=lambda law: -waves.mean_gradient(law)), LAW, method=ALL[method])
    assert outcome.value <= outcome.start_value + outcome.slack
    assert outcome.sampler.is_deterministic
    if method == "lemma":
        assert outcome.status is DerandomizationStatus.STALLED
        assert "check_objective" in outcome.message


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        ("value", np.zeros(2), r"Bent.value must return a number, got shape \(2,\)"),
        ("value", None, "Bent.value must return a number, got NoneType None"),
        ("mean_gradient", np.zeros(4), r"Bent.mean_gradient must return shape \(3,\), got shape \(4,\)"),
        ("mean_gradient", np.zeros((3, 1)), r"must return shape \(3,\), got shape \(3, 1\)"),
        ("curvature", np.zeros((3, 7)), r"Bent.curvature must return shape \(3, \d\), got shape \(3, 7\)"),
        ("mean_gradient", np.array(["a"] * 3), "must return shape"),
    ],
)
def test_wrong_shapes_name_the_method(name, answer, message):
    with pytest.raises(InputError, match=message):
        derandomize(Bent(**{name: lambda *a: answer}), LAW)


def test_wrong_arguments():
    waves = random_waves(1, 3)
    with pytest.raises(InputError, match="Waves has dimension 3, the distribution has 2 coordinates"):
        derandomize(waves, random_law(0, 2, 2))
    with pytest.raises(InputError, match="object has no method value"):
        derandomize(object(), LAW)
    with pytest.raises(InputError, match="is a GaussianSampler, got ndarray"):
        derandomize(waves, np.zeros(3))
    with pytest.raises(InputError, match="a method is a record such as LemmaDescent"):
        derandomize(waves, LAW, method="lemma")
    with pytest.raises(InputError, match="a method is a record such as LemmaDescent"):
        derandomize(waves, LAW, method=LemmaDescent)
    assert isinstance(waves, GaussianObjective)


FALLING = {
    "linear": lambda z: z[:, 0],
    "concave": lambda z: -(z[:, 0] ** 2),
    "quartic": lambda z: -(z[:, 0] ** 4),
    "cubic": lambda z: z[:, 0] + z[:, 0] ** 3,
}


@pytest.mark.parametrize("g", FALLING)
@pytest.mark.parametrize("method", ["lemma", "hessian"])
@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_unbounded_objectives_are_called_so(g, method, spread):
    objective = QuadratureObjective(FALLING[g], dimension=1)
    with np.errstate(over="ignore", invalid="ignore"):
        outcome = derandomize(objective, GaussianSampler([0.5], [[spread]]), method=ALL[method])
    assert outcome.status is DerandomizationStatus.UNBOUNDED
    assert outcome.value < outcome.start_value


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("columns", [0, 2])
def test_no_coordinates(method, columns):
    nothing = QuadratureObjective(lambda z: np.full(z.shape[0], 3.0), dimension=0)
    outcome = derandomize(nothing, GaussianSampler([], np.zeros((0, columns))), method=ALL[method])
    assert outcome.value == outcome.start_value == 3.0
    assert outcome.status.ok


@pytest.mark.parametrize("method", ALL)
def test_a_constant_objective(method):
    flat = QuadratureObjective(lambda z: np.full(z.shape[0], 2.0), dimension=2)
    outcome = derandomize(flat, GaussianSampler([0.0, 1.0], np.eye(2)), method=ALL[method])
    assert outcome.status.ok
    assert outcome.value == 2.0


@pytest.mark.parametrize("method", ["lemma", "conditional"])
@pytest.mark.parametrize("spread", [1e-200, 1e-20, 1e150])
def test_extreme_spreads(method, spread):
    outcome = derandomize(
        random_waves(1, 2), GaussianSampler([0.1, 0.2], spread * np.eye(2)), method=ALL[method]
    )
    assert outcome.sampler.is_deterministic
    assert outcome.value <= outcome.start_value + outcome.slack


class Interrupt:
    """Raises KeyboardInterrupt at a given row of the history."""

    def __init__(self, at):
        self.at = at
        self.rows = []

    def __call__(self, progress):
        self.rows.append(progress)
        if progress.step == self.at:
            raise KeyboardInterrupt


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_interrupt_keeps_the_promise(method, at):
    objective, law = random_waves(5, 4), random_law(6, 4, 3)
    outcome = derandomize(
        objective, law, method=ALL[method], on_progress=Interrupt(at), on_interrupt="return"
    )
    assert outcome.status is DerandomizationStatus.INTERRUPTED
    assert outcome.sampler.is_deterministic
    assert outcome.value <= outcome.start_value + outcome.slack
    assert outcome.slack == 0.0


def test_sampling_keeps_what_was_drawn_before_an_interrupt():
    objective, law = random_waves(5, 4), random_law(6, 4, 3)
    outcome = derandomize(
        objective,
        law,
        method=RandomSampling(samples=10_000, rng=0),
        on_progress=Interrupt(1),
        on_interrupt="return",
    )
    assert outcome.status is DerandomizationStatus.INTERRUPTED
    assert outcome.stats["samples"] == 2048


def test_an_interrupt_inside_the_objective():
    waves = random_waves(5, 3)
    calls = []

    def value(law):
        calls.append(law)
        if len(calls) == 6:
            running().stop()
        return waves.value(law)

    outcome = derandomize(
        Bent(value=value, mean_gradient=waves.mean_gradient, curvature=waves.curvature),
        LAW,
        on_interrupt="return",
    )
    assert outcome.status is DerandomizationStatus.INTERRUPTED
    assert outcome.value <= outcome.start_value + outcome.slack


def test_progress_tells_what_the_history_keeps():
    objective, law = random_waves(5, 4), random_law(6, 4, 3)
    watch = Interrupt(None)
    outcome = derandomize(objective, law, on_progress=watch)
    assert [p.step for p in watch.rows] == list(range(len(outcome.history)))
    assert [p.value for p in watch.rows] == list(outcome.history["objective"])
    assert [p.spread for p in watch.rows] == list(outcome.history["spread_norm"])


def test_isotropic_spread_without_a_trace_is_summed_up():
    waves = random_waves(9, 4)
    law = GaussianSampler(np.full(4, 0.1), 0.7)
    with_trace = derandomize(waves, law)
    bent = Bent(value=waves.value, mean_gradient=waves.mean_gradient, curvature=waves.curvature)
    bent.dimension = 4
    without = derandomize(bent, law)
    assert without.value == pytest.approx(with_trace.value)
    huge = Bent(value=lambda law: 0.0)
    huge.dimension = 3000
    with pytest.raises(InputError, match="no method curvature_trace"):
        derandomize(huge, GaussianSampler(np.zeros(3000), 1.0))


def test_a_large_isotropic_spread_never_becomes_a_matrix():
    n = 5000

    class Well:
        """``sum (z^2 - 1)^2``: moments of one coordinate, times n."""

        dimension = n

        def value(self, law):
            b, s = law.mean, law.spread_norm**2 / n
            return float(np.sum(b**4 + 6 * b**2 * s + 3 * s * s - 2 * (b**2 + s) + 1))

        def mean_gradient(self, law):
            b, s = law.mean, law.spread_norm**2 / n
            return 4 * b**3 + 12 * b * s - 4 * b

        def curvature(self, law, directions):
            return (12 * law.mean**2 + 12 * law.spread_norm**2 / n - 4)[:, None] * directions

        def curvature_trace(self, law):
            return float(np.sum(12 * law.mean**2 + 12 * law.spread_norm**2 / n - 4))

    law = GaussianSampler(np.where(np.arange(n) % 2, 0.3, -0.3), 0.2)
    outcome = derandomize(Well(), law)
    assert outcome.status is DerandomizationStatus.CONVERGED
    assert outcome.value == pytest.approx(0.0, abs=1e-6)
    short = derandomize(Well(), law, method=LemmaDescent(max_steps=1))
    assert short.value <= short.start_value
    with pytest.raises(InputError, match="5000 coordinates are more than 4096"):
        derandomize(Well(), law, method=ConditionalExpectations())


SCRIPT = """
import numpy as np
from derandkit.engine import ConditionalExpectations, LemmaDescent, derandomize
from derandkit.engine.law import GaussianSampler
from tests.engine_waves import Waves
k = np.arange(1, 151.0)
C = np.sin(np.outer(k[:12], k)) * 0.4
waves = Waves(0.5 * np.eye(150), 0.1 * np.cos(k), np.cos(k[:12]), C, k[:12])
waves.value = lambda law, v=waves.value: v(law)
law = GaussianSampler(np.zeros(150), np.sin(np.outer(k, k[:9] ** 2)))
for method in (LemmaDescent(), ConditionalExpectations()):
    print(derandomize(waves, law, method=method).to_json())
small = Waves(0.5 * np.eye(120), 0.0 * k[:120], np.cos(k[:12]), C[:, :120], 0.0 * k[:12])  # starts on its saddle
print(derandomize(small, GaussianSampler(np.zeros(120), 0.3)).to_json())
"""


@pytest.mark.parametrize(
    "change", [{"PYTHONHASHSEED": "77"}, {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}]
)
def test_equal_bytes_whatever_the_hash_seed_and_threads(change):
    def run(**changed):
        env = {
            **os.environ,
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            **changed,
        }
        env["PYTHONPATH"] = os.pathsep.join([p for p in sys.path if p] + [os.getcwd()])
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=env, check=True
        )
        return done.stdout

    assert run(**change) == run() != ""


class _Ticking:
    """A clock that moves on only when the objective is evaluated."""

    def __init__(self, monkeypatch):
        self.now, self.calls = 0.0, 0
        monkeypatch.setattr("derandkit.runtime.clock.time.monotonic", lambda: self.now)

    def objective(self):
        def g(z):
            self.now, self.calls = self.now + 1.0, self.calls + 1
            return ((z**2 - 1) ** 2).sum(axis=1) + np.sin(5 * z).sum(axis=1)

        return QuadratureObjective(g, dimension=4, nodes=64)


@pytest.mark.parametrize(
    "method",
    [
        LemmaDescent(),
        LemmaDescent(max_steps=2),
        HessianDescent(),
        ConditionalExpectations(),
        PerturbedGradientDescent(gradient_lipschitz=50, hessian_lipschitz=50, accuracy=0.1, rng=0),
    ],
    ids=lambda method: type(method).__name__,
)
@pytest.mark.parametrize("limit", [0.5, 10.0, 60.0])
def test_a_time_limit_holds_inside_a_step(monkeypatch, method, limit):
    """What follows the limit is one evaluation that runs, and a coarse finish: no polish, no second-order numbers."""
    clock = _Ticking(monkeypatch)
    start = GaussianSampler([0.1, -0.2, 0.3, 0.4], np.eye(4))
    result = derandomize(clock.objective(), start, method=method, time_limit=limit)
    assert result.sampler.is_deterministic
    assert result.value <= result.start_value + result.slack
    # a line of 25 nodes or one gradient by differences (8 calls) may run when time ends, then come 4 columns on
    # 5 nodes, or on a grid of 21 where these do not reach, and a few single values
    assert clock.calls <= limit + 25 + 4 * (5 + 21) + 10
    if result.stationarity is None and method != ConditionalExpectations():
        assert "limit of steps or time" in result.message
    assert result.status.ok == (result.status.name in ("DETERMINISTIC", "CONVERGED"))


@pytest.mark.parametrize("method", [LemmaDescent(finish=False), HessianDescent(finish=False)])
def test_a_method_without_a_finish_has_none_after_a_time_limit(monkeypatch, method):
    """The reveal took minutes for networks, whose training is done without one: a limit of 1 s took 139 CPU s."""
    clock = _Ticking(monkeypatch)
    start = GaussianSampler([0.1, -0.2, 0.3, 0.4], np.eye(4))
    result = derandomize(clock.objective(), start, method=method, time_limit=0.5)
    assert (result.sampler.mean == start.mean).all()
    assert not result.sampler.is_deterministic
    assert result.value == result.start_value
    assert clock.calls <= 12


def test_a_time_limit_keeps_what_sampling_has_drawn(monkeypatch):
    clock = _Ticking(monkeypatch)
    objective = clock.objective()
    bare = GaussianObjectiveOnly(objective)
    result = derandomize(
        bare,
        GaussianSampler(np.zeros(4), np.eye(4)),
        method=RandomSampling(samples=500, rng=0),
        time_limit=20.0,
    )
    assert 10 <= result.stats["samples"] <= 20
    assert clock.calls <= 24


class GaussianObjectiveOnly:
    """The three methods of an objective and nothing else."""

    def __init__(self, objective):
        self.value, self.mean_gradient, self.curvature = (
            objective.value,
            objective.mean_gradient,
            objective.curvature,
        )
