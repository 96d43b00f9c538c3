"""Every method on every instance under one contract, and what is particular to each."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine_waves import Waves, random_law, random_waves

from derandkit.engine import (
    ConditionalExpectations,
    Derandomization,
    DerandomizationStatus,
    HessianDescent,
    LemmaDescent,
    PerturbedGradientDescent,
    RandomSampling,
    derandomize,
)
from derandkit.engine.law import GaussianSampler
from derandkit.engine.objective import QuadratureObjective
from derandkit.engine.solve import run_method
from derandkit.errors import ConvergenceError, InputError

METHODS = {
    "lemma": LemmaDescent(),
    "gradient": LemmaDescent(memory=0, max_steps=60),
    "short": LemmaDescent(max_steps=2),
    "heavy": LemmaDescent(penalty=50.0),
    "hessian": HessianDescent(),
    "conditional": ConditionalExpectations(),
    "coarse": ConditionalExpectations(nodes=5, refine=0, order="given"),
    "perturbed": PerturbedGradientDescent(
        gradient_lipschitz=20, hessian_lipschitz=60, accuracy=0.05, rng=0, max_steps=3000
    ),
}
INSTANCES = {
    "waves": (random_waves(1, 3), random_law(2, 3, 2)),
    "one": (random_waves(3, 1), random_law(4, 1, 1)),
    "tall": (random_waves(5, 6), random_law(6, 6, 2)),
    "wide": (random_waves(7, 2), random_law(8, 2, 5)),
    "isotropic": (random_waves(9, 4), GaussianSampler(np.zeros(4), 0.7)),
    "certain": (random_waves(11, 3), random_law(12, 3, 2).deterministic()),
    "saddle": (
        Waves(np.eye(2), [0, 0], [2.0], [[1.0, 1.0]], [0.0]),
        GaussianSampler([0, 0], 0.3 * np.eye(2)),
    ),
    "bare saddle": (
        Waves(np.eye(2), [0, 0], [2.0], [[1.0, 1.0]], [0.0]),
        GaussianSampler([0, 0], np.zeros((2, 1))),
    ),
}


@pytest.mark.parametrize("instance", INSTANCES)
@pytest.mark.parametrize("method", METHODS)
def test_no_method_ends_above_its_start(method, instance):
    objective, law = INSTANCES[instance]
    outcome = derandomize(objective, law, method=METHODS[method])
    assert outcome.status in (DerandomizationStatus.CONVERGED, DerandomizationStatus.DETERMINISTIC)
    assert outcome.sampler.is_deterministic
    assert outcome.value <= outcome.start_value + outcome.slack
    assert outcome.slack <= 1e-9 * (1 + abs(outcome.start_value))
    assert outcome.value == objective.value(outcome.sampler)
    assert outcome.start_value == objective.value(law)
    assert outcome.value == pytest.approx(objective.pointwise(outcome.sampler.mean[None])[0])
    history = outcome.history
    assert history["objective"][0] == outcome.start_value
    assert len({len(column) for column in history.columns.values()}) == 1
    assert history["spread_norm"][0] == pytest.approx(law.spread_norm)
    assert outcome.method == type(METHODS[method]).__name__


@pytest.mark.parametrize("instance", INSTANCES)
@pytest.mark.parametrize("method", ["lemma", "hessian"])
def test_what_converged_is_second_order_stationary(method, instance):
    objective, law = INSTANCES[instance]
    outcome = derandomize(objective, law, method=METHODS[method])
    assert outcome.status is DerandomizationStatus.CONVERGED
    end = outcome.sampler
    assert np.linalg.norm(objective.mean_gradient(end)) <= 1e-4
    assert np.linalg.eigvalsh(objective.hessian(end))[0] >= -1e-3
    figures = outcome.stationarity
    assert figures.mean_gradient_norm == pytest.approx(np.linalg.norm(objective.mean_gradient(end)))
    assert figures.smallest_curvature == pytest.approx(
        np.linalg.eigvalsh(objective.hessian(end))[0], rel=1e-6
    )
    assert figures.spread_norm == 0.0 <= figures.spread_bound


@pytest.mark.parametrize("finish", [False, True])
def test_rounds_of_the_lemma_bound_its_steps(finish):
    """A round may drop the spread and move: both are steps, and counted as such."""
    made = {}
    for name, (objective, law) in INSTANCES.items():
        for most in (0, 2, 8, 11):
            outcome = derandomize(objective, law, method=LemmaDescent(max_steps=most, finish=finish))
            made[name, most] = outcome.stats["steps"]
    assert all(steps <= 2 * most + 2 for (_, most), steps in made.items())
    assert any(steps > most for (_, most), steps in made.items())


@pytest.mark.parametrize("method", METHODS)
def test_results_are_equal_bytes_and_round_trip(method):
    objective, law = INSTANCES["waves"]
    first = derandomize(objective, law, method=METHODS[method]).to_json()
    assert derandomize(objective, law, method=METHODS[method]).to_json() == first
    assert Derandomization.from_json(first).to_json() == first
    record = json.loads(first)
    assert record["status"] in ("converged", "deterministic")
    with pytest.raises(ValueError, match="not a derandkit-derandomization record"):
        Derandomization.from_json("{}")
    with pytest.raises(ValueError, match="schema_version"):
        Derandomization.from_json(json.dumps({**record, "schema_version": 99}))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 5))
def test_conditional_expectations_never_lose(seed, n, r):
    objective, law = random_waves(seed, n), random_law(seed + 1, n, r)
    outcome = derandomize(objective, law, method=ConditionalExpectations())
    F = outcome.history["objective"]
    assert all(b <= a + 1e-10 * (1 + abs(a)) for a, b in pairwise(F))
    assert outcome.value <= outcome.start_value + outcome.slack + 1e-10 * (1 + abs(outcome.start_value))
    assert outcome.stats["revealed"] <= min(n, r)
    assert len(F) == outcome.stats["revealed"] + 1
    norms = outcome.history["spread_norm"]
    assert all(b < a for a, b in pairwise(norms))


def test_conditional_expectations_average_to_the_value_before():
    objective, law = random_waves(20, 3), random_law(21, 3, 3, 0.4)
    outcome = derandomize(objective, law, method=ConditionalExpectations(nodes=60))
    assert outcome.stats["identity_gap"] <= 1e-10


def test_the_second_grid_saves_a_reveal_that_the_nodes_miss():
    """g is low on a sliver that no node of the first rule meets; the average over t knows of it, the nodes do not."""

    class Sliver:
        dimension = 1

        def value(self, law):
            # minus the probability of (0.4, 0.6), in closed form
            w, b = float(np.linalg.norm(law.dense_spread())), float(law.mean[0])
            if w == 0:
                return -1.0 if 0.4 < b < 0.6 else 0.0
            cdf = lambda z: 0.5 * math.erfc(-(z - b) / w / math.sqrt(2))  # noqa: E731
            return cdf(0.4) - cdf(0.6)

        def mean_gradient(self, law):
            return np.zeros(1)

        def curvature(self, law, directions):
            return np.zeros_like(directions)

    law = GaussianSampler([0.0], [[1.0]])
    outcome = derandomize(Sliver(), law, method=ConditionalExpectations(nodes=3, refine=0))
    assert outcome.value == -1.0
    assert outcome.slack == 0.0


def test_the_lemma_leaves_an_exact_saddle_to_the_positive_side():
    objective, law = INSTANCES["saddle"]
    outcome = derandomize(objective, law)
    assert outcome.stats["saddles_left"] >= 1
    assert outcome.value < objective.pointwise(np.zeros((1, 2)))[0] - 0.1
    b = outcome.sampler.mean
    assert b[np.argmax(np.abs(b))] > 0  # both sides are equal by symmetry: + wins


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("length", [1e-3, 1.0, 1e3])
def test_the_default_descent_is_equivariant(scale, length):
    """Other units of the objective and of the solutions give the same path."""
    waves, law = random_waves(30, 3), random_law(31, 3, 2)
    scaled = Waves(
        scale * waves.A / length**2, scale * waves.q / length, scale * waves.a, waves.C / length, waves.d
    )
    stretched = GaussianSampler(length * law.mean, length * law.dense_spread())
    here, there = derandomize(waves, law), derandomize(scaled, stretched)
    assert there.value == pytest.approx(scale * here.value, rel=1e-6)
    assert there.sampler.mean == pytest.approx(length * here.sampler.mean, rel=1e-3, abs=1e-4 * length)


def test_a_law_that_is_nearly_certain_finishes_at_once():
    """F is quadratic over a small spread: the first move drops it, and the mean was right already."""
    objective, law = INSTANCES["waves"]
    minimum = derandomize(objective, law).sampler.mean
    near = GaussianSampler(minimum, 1e-3 * np.eye(3))
    outcome = derandomize(objective, near)
    assert outcome.status is DerandomizationStatus.CONVERGED
    assert outcome.stats["steps"] <= 2
    assert outcome.history["spread_norm"][1] == 0.0
    assert outcome.sampler.mean == pytest.approx(minimum, abs=1e-6)


def test_a_heavy_penalty_is_paid_back():
    """J is all penalty: the descent gives up F for it, and conditional expectations take over from the start."""
    objective, law = INSTANCES["tall"]
    outcome = derandomize(objective, law, method=LemmaDescent(penalty=1e4))
    assert outcome.status.ok
    assert outcome.value <= outcome.start_value + outcome.slack


def test_without_finish_the_spread_may_stay():
    objective, law = INSTANCES["tall"]
    outcome = derandomize(objective, law, method=LemmaDescent(max_steps=2, finish=False))
    assert outcome.status is DerandomizationStatus.STEP_LIMIT
    assert not outcome.sampler.is_deterministic
    assert outcome.value <= outcome.start_value
    figures = outcome.stationarity
    assert figures.spread_norm <= figures.spread_bound


def test_hessian_descent_keeps_the_falls_that_the_paper_promises():
    objective, law = INSTANCES["waves"]
    outcome = derandomize(objective, law, method=HessianDescent(gradient_lipschitz=0.5, finish=False))
    J, g = outcome.history["penalised"], outcome.history["gradient_norm"]
    curved = outcome.history["curvature"]
    L, K = outcome.stats["gradient_lipschitz"], outcome.stats["hessian_lipschitz"]
    for k in range(outcome.stats["steps"]):
        if math.isnan(curved[k + 1]):
            assert J[k] - J[k + 1] >= g[k] ** 2 / (2 * L) * (1 - 1e-6)
        else:
            assert J[k] - J[k + 1] >= 2 / 3 * abs(curved[k + 1]) ** 3 / K**2 * (1 - 1e-6)


def test_hessian_descent_refuses_large_problems():
    law = GaussianSampler(np.zeros(40), np.eye(40))
    with pytest.raises(InputError, match="1640 entries are more than 600; use LemmaDescent"):
        derandomize(random_waves(0, 40), law, method=HessianDescent())


def test_perturbed_gradient_descent_follows_its_formulas():
    method = PerturbedGradientDescent(
        gradient_lipschitz=3.0, hessian_lipschitz=2.0, accuracy=0.1, failure=0.2
    )
    s = method.schedule(7, 5.0)
    chi = 3 * max(math.log(7 * 3.0 * 5.0 / (0.1**2 * 0.2)), 4)
    assert s.chi == pytest.approx(chi)
    assert s.step == pytest.approx(1 / 3)
    assert s.radius == pytest.approx(0.1 / chi**2 / 3)
    assert s.gradient_threshold == pytest.approx(0.1 / chi**2)
    assert s.fall_threshold == pytest.approx(math.sqrt(0.1**3 / 2) / chi**3)
    assert s.patience == math.ceil(chi * 3 / math.sqrt(0.2))


def test_perturbed_gradient_descent_leaves_a_saddle_by_noise():
    objective, law = INSTANCES["bare saddle"]
    method = PerturbedGradientDescent(
        gradient_lipschitz=6, hessian_lipschitz=10, accuracy=0.05, penalty=1.0, rng=3
    )
    outcome = derandomize(objective, law, method=method)
    assert outcome.stats["perturbations"] >= 1
    assert outcome.value < outcome.start_value - 0.1
    same = derandomize(objective, law, method=method)
    assert same.sampler.mean.tolist() == outcome.sampler.mean.tolist()  # the seed decides


@pytest.mark.parametrize("with_pointwise", [True, False])
def test_sampling_estimates_the_value(with_pointwise):
    objective, law = random_waves(40, 3), random_law(41, 3, 2)
    if not with_pointwise:
        pointwise = objective.pointwise
        objective.pointwise = None
    outcome = derandomize(objective, law, method=RandomSampling(samples=4000, rng=7))
    assert outcome.status is DerandomizationStatus.SAMPLED
    stats = outcome.stats
    assert abs(stats["mean"] - outcome.start_value) <= 4.5 * stats["standard_error"]
    assert stats["best"] == pytest.approx(outcome.value)
    levels, quantiles = zip(*stats["quantiles"], strict=True)
    assert list(quantiles) == sorted(quantiles)
    if with_pointwise:
        values = objective.pointwise(law.draw(1024, np.random.default_rng(7)))
        assert stats["best"] <= values.min()
    else:
        assert outcome.value == pytest.approx(pointwise(outcome.sampler.mean[None])[0])
    assert levels == (0.05, 0.25, 0.5, 0.75, 0.95)


def test_lemma_and_conditional_beat_the_average_draw_by_far():
    """Not a theorem, but what the toolkit is for: on this landscape both end below the best of 200 draws' median."""
    objective, law = random_waves(50, 5, terms=8), random_law(51, 5, 3)
    draws = derandomize(objective, law, method=RandomSampling(samples=200, rng=0))
    median = dict(draws.stats["quantiles"])[0.5]
    for method in (LemmaDescent(), ConditionalExpectations()):
        assert derandomize(objective, law, method=method).value < median


def test_throw_raises_with_the_result():
    cliff = QuadratureObjective(lambda z: z[:, 0], dimension=1)
    law = GaussianSampler([0.0], [[1.0]])
    with pytest.raises(ConvergenceError, match="unbounded") as caught:
        derandomize(cliff, law, throw=True)
    assert caught.value.result.status is DerandomizationStatus.UNBOUNDED
    objective, law = INSTANCES["waves"]
    assert derandomize(objective, law, throw=True).status.ok


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (lambda: LemmaDescent(penalty=0.0), "penalty must be positive"),
        (lambda: LemmaDescent(penalty=math.inf), "penalty is a finite number"),
        (lambda: LemmaDescent(tolerance=0.0), "tolerance must lie between"),
        (lambda: LemmaDescent(max_steps=-1), "max_steps must be a whole number from 0 on"),
        (lambda: HessianDescent(accuracy=-1.0), "accuracy must be positive"),
        (lambda: HessianDescent(max_steps=-1), "max_steps must be a whole number from 0 on"),
        (lambda: ConditionalExpectations(nodes=2), "nodes must lie between"),
        (lambda: ConditionalExpectations(refine=-1), "refine must be a whole number from 0 on"),
        (lambda: ConditionalExpectations(order="random"), "order='random' is not one of principal, given"),
        (lambda: RandomSampling(samples=1), "samples must be a whole number from 2 on"),
        (lambda: RandomSampling(quantiles=(1.5,)), "quantiles lie between"),
        (
            lambda: PerturbedGradientDescent(gradient_lipschitz=0, hessian_lipschitz=1, accuracy=1),
            "gradient_lipschitz must be positive",
        ),
        (
            lambda: PerturbedGradientDescent(
                gradient_lipschitz=1, hessian_lipschitz=1, accuracy=1, failure=1.0
            ),
            "failure is a probability",
        ),
    ],
)
def test_methods_refuse_bad_parameters(record, message):
    with pytest.raises(InputError, match=message):
        record()


def test_second_order_numbers_that_nobody_asks_for_cost_no_product():
    objective, law = random_waves(4, 9), random_law(4, 9, 3)
    for method in (LemmaDescent(max_steps=3), LemmaDescent(max_steps=3, finish=False)):
        with_figures = run_method(objective, law, method)
        without = run_method(objective, law, method, figures=False)
        assert with_figures.stationarity is not None
        assert without.stationarity is None
        assert without.status is with_figures.status
        assert without.sampler.mean.tobytes() == with_figures.sampler.mean.tobytes()
        assert without.stats["curvature_products"] < with_figures.stats["curvature_products"]
