"""Records of points that no run ended at, each complete and sealed: what they say of the point is derived again."""

from __future__ import annotations

import json

import numpy as np
import pytest

import derandkit
from derandkit import RegressionData, StructureStatus, Student, Teacher, discover_structure
from derandkit.certificates.checks import Verdict
from derandkit.certificates.structure.networks import start_of
from derandkit.records import sealed

pytest.importorskip("jax")

from derandkit.structure import run
from derandkit.structure.methods import Trained

STUDENT = Student(width=4)
TEACHER = Teacher("tanh", 3, nodes=1024, evaluation_nodes=2048)
NOISE = RegressionData(*(np.random.default_rng(0).standard_normal(shape) for shape in ((60, 3), 60)))


def ended(monkeypatch, problem, point, status, **options):
    """Return the record of a run that says it ended with a status at ``point(W, b, theta)``."""

    def train(stages, law, method, penalty, observe, draw):
        moved = stages[-1].law(*point(*stages[-1].parameters(law)))
        for done, at in ((1, law), (2, moved)):
            risk = stages[-1].value(at)
            observe(done, risk, risk + penalty * at.spread_norm**2, stages[-1].parameters(at)[0])
        return Trained(moved, status, 2, {"steps": 1, "saddles_left": 0, "products": 0})

    with monkeypatch.context() as patch:
        patch.setattr(run, "train", train)
        return json.loads(discover_structure(problem, STUDENT, controls=False, **options).to_json())


def found(record, problem, name="status"):
    outcome = derandkit.verify(record, problem)
    return outcome.ok, next(check.verdict for check in outcome.checks if check.name == name)


@pytest.mark.parametrize("penalty", [1e3, 1e8])
def test_a_large_penalty_excuses_no_gradient_and_no_curvature(monkeypatch, penalty):
    record = ended(
        monkeypatch,
        TEACHER,
        lambda W, b, t: (1e-3 * W / penalty, b, t),
        StructureStatus.STATIONARY,
        penalty=penalty,
    )
    assert found(record, TEACHER) == (False, Verdict.FAILED)


def test_a_point_where_the_risk_falls_is_not_stalled(monkeypatch):
    record = ended(monkeypatch, TEACHER, lambda W, b, t: (1.5 * W, b, t), StructureStatus.STALLED)
    assert found(record, TEACHER) == (False, Verdict.FAILED)


@pytest.mark.parametrize("status", [StructureStatus.STATIONARY, StructureStatus.STALLED])
def test_how_training_ended_is_derived_where_nothing_was_found(monkeypatch, status):
    record = ended(monkeypatch, NOISE, lambda W, b, t: (2.0 * W, b, t), status)
    assert (record["status"], record["ended"]) == ("nothing_found", status.name.lower())
    assert found(record, NOISE) == (False, Verdict.FAILED)


@pytest.mark.parametrize("frozen", [("bias",), ("upper",), ("bias", "upper")])
def test_what_is_frozen_stands_where_it_started(monkeypatch, frozen):
    record = ended(
        monkeypatch, TEACHER, lambda W, b, t: (W, b + 1e-6, t * (1.0 + 1e-6)), StructureStatus.STEP_LIMIT,
        frozen=frozen,
    )  # fmt: skip
    assert found(record, TEACHER, "parameters") == (False, Verdict.FAILED)


@pytest.mark.parametrize("penalty", [1e-2, 1e6])
def test_a_saddle_is_left_without_moving_what_is_frozen(penalty):
    """With all of the upper parameters frozen each stationary point is looked at for a joint way down."""
    result = discover_structure(
        TEACHER, STUDENT, frozen=("bias", "upper"), penalty=penalty, max_steps=60, controls=False
    )
    _, b, theta = start_of(result.to_dict()["student"], TEACHER.dimension)
    assert np.abs(result.b - b).max() < 1e-14
    assert np.abs(result.theta - theta).max() < 1e-14
    assert derandkit.verify(result, TEACHER).ok


def test_a_plain_relu_may_end_at_a_kink():
    """Differences of gradients over a kink look like negative curvature, and the risk falls nowhere."""
    numbers = np.random.default_rng(2).standard_normal((40, 2))
    problem = RegressionData(numbers, np.abs(numbers[:, 0]))
    student = Student(width=3, activation="relu", output_bias=False)
    result = discover_structure(problem, student, penalty=0.1, controls=False)
    outcome = derandkit.verify(result, problem)
    assert (result.ended, outcome.ok) == (StructureStatus.STATIONARY, True)
    assert "kink" in next(check.detail for check in outcome.checks if check.name == "status")


@pytest.mark.parametrize("column", ["risk", "w_par"])
def test_the_first_row_is_the_start(column):
    record = json.loads(discover_structure(TEACHER, STUDENT, max_steps=5, controls=False).to_json())
    assert derandkit.verify(record, TEACHER).ok
    table, penalty = record["history"], record["settings"]["penalty"]
    table[column][0] *= 1.01
    table["penalised"][0] = table["risk"][0] + penalty * (table["w_par"][0] ** 2 + table["w_perp"][0] ** 2)
    assert derandkit.verify(sealed(record), TEACHER).failed == ("history",)
