"""The theorem at work: what is forgotten, what is kept, what the lemma bounds, and what the controls show."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import derandkit
from derandkit import (
    ConvergenceError,
    InputError,
    LemmaDescent,
    MissingDependencyError,
    PerturbedGradientDescent,
    StochasticGradient,
    StructureResult,
    StructureStatus,
    Student,
    Teacher,
    discover_structure,
)

pytest.importorskip("jax")
pytest.importorskip("optax")

ROOT = Path(__file__).parents[2]
SMALL = {"nodes": 2048, "evaluation_nodes": 8192}


@pytest.fixture(scope="module")
def plane():
    """Two inputs, one direction: everything is a grid and the population is known to ten digits."""
    return discover_structure(Teacher("tanh", 2), Student(width=6))


def test_the_population_run_forgets_and_the_bound_is_tight(plane):
    assert plane.status is StructureStatus.STATIONARY
    assert plane.ratio < 0.002
    assert plane.w_perp <= plane.lemma_bound <= 10.0 * plane.w_perp
    assert plane.stein_estimate == pytest.approx(plane.w_perp, rel=1e-6)
    assert plane.stein_residual is None  # both sides are 3e-8 of what they are sums of
    assert plane.strengths[0] > 0.5
    assert plane.principal_angles[0] < 1e-3
    assert plane.loss < 1e-4


def test_the_result_is_a_record(plane):
    text = plane.to_json()
    assert StructureResult.from_json(text).to_json() == text
    record = json.loads(text)
    for key in ("w_perp", "w_perp_start", "w_par", "effective_rank", "principal_angles", "lemma_bound",
                "gradient_norm", "smallest_curvature", "controls", "loss"):  # fmt: skip
        assert key in record
    assert "seconds" not in text
    assert str(plane).count("\n") > 10
    assert "\n" not in repr(plane)
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = plane.colour
    with pytest.raises(InputError, match="is not a derandkit-structure record"):
        StructureResult.from_json("{}")
    with pytest.raises(InputError, match="not a complete"):
        StructureResult.from_json(json.dumps({k: v for k, v in record.items() if k != "parameters"}))


def test_controls_stand_beside_the_claim(plane):
    controls = plane.controls
    decay = controls["decay"]
    assert decay["left"] == pytest.approx((1 - 2 * decay["step_size"] * 1e-4) ** decay["steps"], rel=1e-9)
    assert controls["no_penalty"]["ratio"] > 100.0 * plane.ratio
    assert sum(controls["shares"].values()) == pytest.approx(1.0)


@pytest.mark.parametrize(("directions", "depth", "left"), [(1, 2, 0.02), (2, 2, 0.05), (1, 3, 0.06)])
def test_irrelevant_directions_vanish_in_eight_dimensions(directions, depth, left):
    teacher = Teacher("tanh", 8, directions, **SMALL)
    result = discover_structure(teacher, Student(width=12, depth=depth), controls=False, max_steps=300)
    assert result.ratio < left
    assert len(result.strengths) == directions
    assert min(result.strengths) > 3.0 * result.w_perp
    assert max(result.principal_angles) < 0.05
    assert result.controls["decay"]["left"] > 0.9
    assert result.controls["frozen_bias"] is None
    if result.lemma_bound is not None:
        assert result.lemma_bound >= result.w_perp
        assert abs(result.stein_estimate - result.w_perp) < 5.0 * result.stein_estimate_error + 1e-4


def test_a_quadratic_student_forgets_a_quartic_teacher_whole():
    """He_4 is orthogonal to everything of degree two: W vanishes, the teacher's direction with it."""
    result = discover_structure(
        Teacher("hermite4", 2), Student(width=6, activation="hermite2"), controls=False
    )
    assert result.w_perp < 1e-2 * result.w_perp_start
    assert max(result.strengths) < 1e-2
    assert result.loss == pytest.approx(1.0, abs=1e-3)  # the variance of the target: nothing was learned
    seen = discover_structure(Teacher("hermite2", 2), Student(width=6, activation="hermite2"), controls=False)
    assert max(seen.strengths) > 0.1
    assert seen.ratio < 1e-2


def test_decay_alone_is_its_formula():
    """A network that ignores z has no curvature: gradient steps shrink all of W by (1 - 2 eta lam) each."""
    student = Student(width=3, network=lambda p, z: p * 1.0, parameters=np.array(0.0))
    method = StochasticGradient(step_size=0.5, batch=None, steps=50)
    result = discover_structure(Teacher("tanh", 2), student, penalty=0.01, method=method, controls=False)
    assert result.status is StructureStatus.TRAINED
    assert result.ratio == pytest.approx(0.99**50, rel=1e-9)
    assert result.controls["decay"]["left"] == pytest.approx(result.ratio, rel=1e-9)
    assert result.controls["shares"]["decay"] == pytest.approx(1.0)


def test_where_nothing_is_irrelevant_nothing_is_claimed():
    result = discover_structure(Teacher("tanh", 2, 2), Student(width=4), max_steps=5, controls=False)
    assert result.w_perp == result.w_perp_start == result.ratio == 0.0
    assert set(result.history["w_perp"]) == {0.0}
    assert derandkit.verify(result, Teacher("tanh", 2, 2)).ok


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_stochastic_methods_learn_and_say_what_they_are(optimizer):
    method = StochasticGradient(
        optimizer=optimizer, step_size=0.05 if optimizer == "sgd" else 0.01, steps=600, rng=3
    )
    runs = [
        discover_structure(Teacher("tanh", 4, **SMALL), Student(width=8), method=method, controls=False)
        for _ in range(2)
    ]
    assert runs[0].to_json() == runs[1].to_json()
    assert runs[0].status is StructureStatus.TRAINED
    assert runs[0].history["risk"][-1] < 0.3 * runs[0].history["risk"][0]
    assert runs[0].evaluations == 600
    assert (runs[0].controls["decay"]["left"] is None) == (optimizer == "adam")


def test_a_divergent_step_keeps_the_best_point():
    method = StochasticGradient(step_size=30.0, batch=None, steps=100)
    student = Student(width=6, activation="softplus")
    result = discover_structure(Teacher("relu", 2), student, method=method, controls=False)
    assert result.status is StructureStatus.DIVERGED
    assert np.isfinite(result.W).all()
    assert math.isfinite(result.training_loss)
    # of a full batch every step is seen, and the start as well
    standing = StochasticGradient(batch=None, steps=0)
    start = discover_structure(Teacher("relu", 2), student, method=standing, controls=False)
    first, best = (r.training_loss + 1e-4 * (r.w_par**2 + r.w_perp**2) for r in (start, result))
    assert best == pytest.approx(min(first, *result.history["penalised"]), rel=1e-9)
    with pytest.raises(ConvergenceError, match="diverged") as caught:
        discover_structure(
            Teacher("relu", 2),
            Student(width=6, activation="softplus"),
            method=method,
            controls=False,
            throw=True,
        )
    assert caught.value.result.status is StructureStatus.DIVERGED


def test_the_papers_perturbed_descent_runs_on_networks():
    method = PerturbedGradientDescent(
        gradient_lipschitz=5.0, hessian_lipschitz=5.0, accuracy=0.05, max_steps=100, rng=1
    )
    result = discover_structure(
        Teacher("tanh", 2), Student(width=6), method=method, penalty=0.05, controls=False
    )
    assert result.settings["method"] == "PerturbedGradientDescent"
    assert result.history["penalised"][-1] < result.history["penalised"][0]
    assert result.ratio < 1.0


def test_hessian_descent_runs_on_small_networks():
    result = discover_structure(
        Teacher("tanh", 2), Student(width=3), method="hessian", max_steps=60, penalty=0.01, controls=False
    )
    assert result.history["penalised"][-1] < 0.5 * result.history["penalised"][0]


def test_frozen_parts_stay_where_they_started():
    student = Student(width=6)
    result = discover_structure(
        Teacher("tanh", 2),
        student,
        frozen=("bias", "upper"),
        max_steps=30,
        controls=False,
        method=LemmaDescent(),
    )
    assert np.array_equal(result.b, student.first_layer(2)[1])
    assert np.array_equal(result.theta, student.upper_layers())
    assert not np.array_equal(result.W, result.W_start)


def test_plain_relu_has_no_bound():
    result = discover_structure(
        Teacher("relu", 3, **SMALL), Student(width=6, activation="relu"), controls=False, max_steps=60
    )
    assert result.lemma_bound is None
    assert result.smallest_curvature is None
    assert "no second derivatives" in str(result)


def test_other_inputs_are_named_and_no_proof():
    result = discover_structure(
        Teacher("tanh", 4, inputs="uniform", **SMALL), Student(width=8), controls=False, max_steps=300
    )
    assert result.settings["gaussian"] is False
    assert "not Gaussian" in " ".join(str(result).split()) or result.lemma_bound is None
    assert result.ratio < 0.1


def test_data_show_their_direction():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((600, 6)) @ rng.standard_normal((6, 6))
    direction = rng.standard_normal(6)
    y = np.tanh(X @ direction / 2.0)
    result = discover_structure(
        (X, y), Student(width=8), penalty=3e-3, rank=1, controls=False, upper_penalty=1e-3, max_steps=400
    )
    data = derandkit.RegressionData(X, y)
    found = data.features(result.span)[0]
    truth = direction * X[data._rows[0]].std(axis=0)
    assert abs(found @ truth) / np.linalg.norm(truth) > 0.99
    np.testing.assert_allclose(result.column_weights, [found], atol=1e-12)
    lead = int(np.argmax(np.abs(found)))
    assert f"direction 1  {found[lead]:+.2f} X[:, {lead}]" in re.sub("  +", "  ", str(result))
    assert derandkit.verify(result, data).ok
    forged = json.loads(result.to_json())
    forged["column_weights"][0][0] += 1e-3
    assert not derandkit.verify(forged, data).ok
    assert result.principal_angles is None
    assert result.loss < 0.05


def test_classes_need_labels():
    with pytest.raises(InputError, match=r"targets in \[0, 1\]"):
        discover_structure(Teacher("linear", 2), loss="logistic")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"penalty": -1.0}, "penalty must be"), ({"penalty": float("nan")}, "penalty must be"),
        ({"method": "newton"}, "method='newton' is not one of"), ({"method": "perturbed"}, "needs the constants"),
        ({"method": LemmaDescent(penalty=0.5)}, "give it once"), ({"rank": 1}, "rank belongs to data"),
        ({"rank": 0}, "at least 1"), ({"rank": True}, "whole number"), ({"max_steps": 2.5}, "max_steps must be"),
        ({"controls": 1}, "true or false"), ({"frozen": ("biases",)}, "not one of bias, upper; did you mean 'bias'"),
        ({"loss": 3}, "loss=3 is not one of"), ({"penalty": "1"}, "is not one of auto, or"),
        ({"penalty": True}, "penalty must be"),
        ({"frozen": "bias"}, "collection"), ({"student": 3}, "is a Student"), ({"upper_penalty": -1}, "upper_penalty"),
    ],
)  # fmt: skip
def test_bad_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        discover_structure(Teacher("tanh", 2), **options)
    with pytest.raises(InputError, match="the problem is a Teacher"):
        discover_structure(3)


def test_a_missing_extra_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'derandkit\[structure\]'"):
        discover_structure(Teacher("tanh", 2))


def test_an_interrupt_keeps_the_best_point():
    seen = []

    def press(progress):
        seen.append(progress)
        if len(seen) == 20:
            raise KeyboardInterrupt

    result = discover_structure(
        Teacher("tanh", 2), Student(width=6), on_progress=press, on_interrupt="return"
    )
    assert result.status is StructureStatus.INTERRUPTED
    assert result.controls["no_penalty"] is None
    assert derandkit.verify(result, Teacher("tanh", 2)).ok


def test_an_interrupt_during_the_controls_keeps_the_run_and_drops_half_a_control():
    def press(progress):
        if progress.stage == "train without penalty":
            raise KeyboardInterrupt

    result = discover_structure(
        Teacher("tanh", 2), Student(width=6), on_progress=press, on_interrupt="return"
    )
    assert result.status is StructureStatus.STATIONARY
    assert result.controls["no_penalty"] is None
    assert derandkit.verify(result, Teacher("tanh", 2)).ok


WORKER = """
import hashlib
from derandkit import Student, Teacher, discover_structure
r = discover_structure(Teacher("tanh", 6, 2, nodes=NODES, evaluation_nodes=2048), Student(width=WIDTH), max_steps=STEPS,
                       controls=False)
print(hashlib.sha256(r.to_json().encode()).hexdigest())
"""


def elsewhere(cores, worker, **environment):
    threads = {f"{name}_NUM_THREADS": str(cores) for name in ("OMP", "OPENBLAS", "MKL")}
    script = f"import os; os.sched_setaffinity(0, {set(range(cores))!r})\n" if cores < 2 else ""
    done = subprocess.run(
        [sys.executable, "-c", script + worker], capture_output=True, text=True, check=True,
        env={**os.environ, **threads, "JAX_COMPILATION_CACHE_DIR": "", "PYTHONPATH": str(ROOT / "src"), **environment},
    )  # fmt: skip
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system cannot pin a process to a core")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core only")
@pytest.mark.parametrize(("width", "nodes", "steps"), [(32, 8192, 4), (300, 4096, 2)])
def test_the_same_bytes_from_one_core_and_from_two(width, nodes, steps):
    worker = WORKER.replace("WIDTH", str(width)).replace("NODES", str(nodes)).replace("STEPS", str(steps))
    first = elsewhere(1, worker, PYTHONHASHSEED="1")
    assert len(first.strip()) == hashlib.sha256().digest_size * 2
    assert first == elsewhere(2, worker, PYTHONHASHSEED="77")
