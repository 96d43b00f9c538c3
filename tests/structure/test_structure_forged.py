"""Records of points that no run ended at, each complete and sealed: what they say of the point is derived again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import derandkit
from derandkit import RegressionData, StructureStatus, Student, Teacher, discover_structure
from derandkit.certificates.checks import Verdict
from derandkit.certificates.structure.networks import start_of
from derandkit.engine import PerturbedGradientDescent
from derandkit.records import sealed

pytest.importorskip("jax")

from derandkit.structure import run
from derandkit.structure.methods import Trained
from derandkit.versions import OF_ROWS

STUDENT = Student(width=4)
TEACHER = Teacher("tanh", 3, nodes=1024, evaluation_nodes=2048)
NOISE = RegressionData(*(np.random.default_rng(0).standard_normal(shape) for shape in ((64, 3), 64)))


def ended(monkeypatch, problem, point, status, *, student=STUDENT, **options):
    """Return the record of a run that says it ended with a status at ``point(W, b, theta)``."""

    def train(stages, law, method, penalty, observe, draw):
        moved = stages[-1].law(*point(*stages[-1].parameters(law)))
        for done, at in ((1, law), (2, moved)):
            risk = stages[-1].value(at)
            observe(done, risk, risk + penalty * at.spread_norm**2, stages[-1].parameters(at)[0])
        return Trained(moved, status, 2, {"steps": 1, "saddles_left": 0, "products": 0})

    with monkeypatch.context() as patch:
        patch.setattr(run, "train", train)
        return json.loads(discover_structure(problem, student, controls=False, **options).to_json())


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
    record = json.loads(discover_structure(TEACHER, STUDENT, max_steps=20, controls=False).to_json())
    assert derandkit.verify(record, TEACHER).ok
    table, penalty = record["history"], record["settings"]["penalty"]
    table[column][0] *= 1.01
    table["penalised"][0] = table["risk"][0] + penalty * (table["w_par"][0] ** 2 + table["w_perp"][0] ** 2)
    assert derandkit.verify(sealed(record), TEACHER).failed == ("history",)


def test_a_large_gradient_at_the_start_makes_no_other_one_small(monkeypatch):
    """Units of degree 2^4: the gradient at the start was 7e16, beside which that of the end, 12, was called small."""
    student = Student(width=6, depth=5, activation="hermite2")

    def point(W, b, theta):
        last = np.zeros_like(theta)
        last[-1] = 3.0  # the network is a constant that is far from the mean
        return np.zeros_like(W), np.zeros_like(b), last

    record = ended(monkeypatch, TEACHER, point, StructureStatus.STATIONARY, student=student)
    assert found(record, TEACHER) == (False, Verdict.FAILED)


@pytest.mark.parametrize(
    ("status", "b", "W", "v", "penalty"),
    [
        (
            StructureStatus.STATIONARY,
            [0.0, -3e11],
            3e8,
            [0.0, 0.0],
            1e-14,
        ),  # a saddle; one unit is a constant
        (
            StructureStatus.STALLED,
            [0.0, 2e11],
            0.0,
            [0.44285961252592566, 0.0],
            1e-4,
        ),  # no curvature along the gradient
    ],
    ids=["stationary", "stalled"],
)
def test_what_is_looked_for_in_vain_is_not_checked(monkeypatch, status, b, W, v, penalty):
    """Whatever is tried, a point can be chosen that hides from it, so no such end is shown as recomputed."""
    u = np.asarray(TEACHER.span[0])
    rows = np.array([-v[0] * u, W * u])
    record = ended(
        monkeypatch, TEACHER, lambda *_: (rows, np.array(b), np.array(v)), status, penalty=penalty,
        student=Student(width=2, activation="tanh", output_bias=False),
    )  # fmt: skip
    _, verdict = found(record, TEACHER)
    assert not verdict.holds


def test_how_an_honest_run_ended_is_not_checked_and_nothing_rests_on_it():
    record = json.loads(discover_structure(TEACHER, STUDENT, controls=False).to_json())
    assert record["ended"] == "stationary"
    outcome = derandkit.verify(record, TEACHER)
    check = next(check for check in outcome.checks if check.name == "status")
    assert (outcome.ok, check.verdict, check.headline) == (True, Verdict.NOT_CHECKED, False)
    assert "does not prove that there is none" in check.detail


class Tilted(Teacher):
    """The teacher with nodes and digest of another one, whose direction is turned by less than 1e-9."""

    @property
    def span(self):
        exact = super().span
        beside = np.linalg.svd(exact)[2][1]
        turned = exact + 9.9e-10 * beside
        return turned / np.linalg.norm(turned)


def test_a_span_that_is_turned_a_little_hides_nothing_of_a_large_idle_unit(monkeypatch):
    """``|W_perp|`` of 0.099 was said to be 6e-9, and below the lemma's bound: measured with the record's span."""
    tilted = Tilted("tanh", 3, nodes=1024, evaluation_nodes=2048)
    rows = np.vstack([0.5 * tilted.span[0], 1e8 * tilted.span[0]])
    record = ended(
        monkeypatch, tilted, lambda *_: (rows, np.zeros(2), np.array([0.8, 0.0])), StructureStatus.STEP_LIMIT,
        penalty=1e-4, student=Student(width=2, activation="tanh", output_bias=False),
    )  # fmt: skip
    assert record["w_perp"] < 1e-7
    assert {"split", "lemma"} <= set(derandkit.verify(record, TEACHER).failed)


@pytest.mark.parametrize("names", [[[1]], [{}], "x0", [1, 2], [None], 10**400])
def test_names_that_are_no_words_are_refused_before_a_table_is_read(names):
    old = Path(__file__).parents[1] / "data" / "records"
    record = json.loads((old / "structure-2-data.json").read_text(encoding="utf-8"))
    record["problem"]["names"] = names
    try:
        assert not derandkit.verify(sealed(record), old / "table.csv").ok
    except derandkit.InputError as refused:
        assert "\n" not in refused.message  # noqa: PT017


def test_the_report_says_which_columns_a_network_was_trained_on():
    old = Path(__file__).parents[1] / "data" / "records"
    record = json.loads((old / "structure-2-data.json").read_text(encoding="utf-8"))
    detail = next(c.detail for c in derandkit.verify(record, old / "table.csv").checks if c.name == "problem")
    names = ", ".join(record["problem"]["names"])
    assert detail.startswith(
        f"{record['problem']['rows']} rows; target {record['problem']['target']}, inputs {names}; "
    )
    teacher = json.loads((old / "structure-2-teacher.json").read_text(encoding="utf-8"))
    detail = next(
        c.detail for c in derandkit.verify(teacher, old / "teacher.toml").checks if c.name == "problem"
    )
    assert detail.startswith(
        f"teacher {teacher['problem']['link']!r} on {teacher['problem']['dimension']} inputs; "
    )


def test_an_offset_of_the_targets_hides_no_figure():
    """Losses were held against that of predicting zero: 1e8 for targets 1e4 +- 1, which a record need not centre."""
    rng = np.random.default_rng(0)
    data = RegressionData(rng.standard_normal((60, 2)), 1e4 + rng.standard_normal(60), standardise=False)
    result = discover_structure(data, Student(width=3), penalty=1e-3, max_steps=20, controls=False)
    record = json.loads(result.to_json())
    assert derandkit.verify(record, data).ok
    for name in ("mean_loss", "gain", "gain_error", "mean_training_loss"):
        assert found(sealed({**record, name: record[name] + 1.5e-5}), data, "references") == (
            False,
            Verdict.FAILED,
        )


#: What version 1 of a record does not have.
SINCE_2 = ("ended", "gain", "gain_error", "linear_loss", "mean_loss", "mean_training_loss", "selection")


def of_version_1(record, status):
    """Return a record as version 1 would have it, with a status."""
    old = {key: value for key, value in record.items() if key not in (*SINCE_2, *OF_ROWS, "seal")}
    for part, names in (("settings", ("max_steps", "rank")), ("problem", ("reading",))):
        old[part] = {key: value for key, value in record[part].items() if key not in names}
    return sealed({**old, "schema_version": 1, "status": status.name.lower(), "message": status.value})


def test_an_old_version_hides_not_that_nothing_was_found():
    """Version 1 claims no gain: "nothing found" became how training ended there, and the record held."""
    result = discover_structure(NOISE, STUDENT, penalty=1.0, controls=False)
    record = json.loads(result.to_json())
    assert record["status"] == "nothing_found"
    outcome = derandkit.verify(of_version_1(record, result.ended), NOISE)
    assert outcome.failed == ("status",)
    assert "status" in outcome.not_checked
    assert "says 'nothing_found'" in str(outcome)


def test_an_old_version_that_found_something_holds():
    X = np.random.default_rng(3).standard_normal(
        (256, 3)
    )  # 64 rows are kept back: the mean of equal parts is theirs
    problem = RegressionData(X, np.tanh(2.0 * X[:, 0]))
    result = discover_structure(problem, STUDENT, penalty=0.01, controls=False)
    record = json.loads(result.to_json())
    assert record["status"] == record["ended"]
    assert derandkit.verify(of_version_1(record, result.status), problem).ok


def test_the_last_row_is_the_point_that_is_kept_where_the_descent_went_up():
    """Perturbed gradient descent with too long steps went far up, and the best point had no row."""
    method = PerturbedGradientDescent(
        gradient_lipschitz=20.0, hessian_lipschitz=20.0, accuracy=0.1, rng=1, max_steps=200
    )
    problem, student = (
        Teacher("relu", 4, nodes=512, evaluation_nodes=1024),
        Student(width=4, activation="relu"),
    )
    result = discover_structure(
        problem, student, method=method, max_steps=6, penalty=100.0, frozen=("bias",), controls=False
    )
    assert max(result.history["risk"]) > 10.0 * result.training_loss
    assert derandkit.verify(result, problem).failed == ()
    assert result.history["w_par"][-1] == pytest.approx(result.w_par, rel=1e-9)
