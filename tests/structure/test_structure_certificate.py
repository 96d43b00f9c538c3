"""Verification accepts what discover_structure writes, without JAX, and notices every change to it."""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.leaves import changed, leaves, replaced
from tests.legs import some_then_all, thinned

import derandkit
from derandkit import InputError, RegressionData, StructureStatus, Student, Teacher, discover_structure
from derandkit.certificates.structure import cost
from derandkit.certificates.structure.recomputed import Samples
from derandkit.certificates.structure.statements import STRUCTURE
from derandkit.records import decode_array, encode_array, sealed
from derandkit.structure import measure

pytest.importorskip("jax")

SOURCE = Path(__file__).parents[2] / "src"
#: What is shown as not checked: how the answer was found, and trainings that verification does not repeat.
PROVENANCE = {
    "controls.frozen_bias.evaluations", "controls.frozen_bias.status", "controls.frozen_bias.training_loss",
    "controls.frozen_bias.w_par", "controls.no_penalty.evaluations", "controls.no_penalty.status",
    "controls.no_penalty.training_loss", "controls.no_penalty.w_par", "settings.max_steps",
    "stats.products", "stats.saddles_left", "stats.steps",
}  # fmt: skip
CHECKS = [
    "schema", "seal", "problem", "parameters", "split", "recovery", "training", "evaluation", "references", "lemma",
    "residual", "rows", "decay", "status", "history", "trainings", "kept_back", "provenance",
]  # fmt: skip
TINY = {"nodes": 1024, "evaluation_nodes": 2048}


@functools.cache
def case(name):
    rng = np.random.default_rng(2)
    X = rng.standard_normal((120, 3))
    problems = {
        "grid": (Teacher("tanh", 2), Student(width=4), {"max_steps": 150}),
        "sobol": (
            Teacher("staircase", 4, 2, noise=0.1, **TINY), Student(width=4, depth=3, activation="gelu"),
            {"upper_penalty": 1e-4, "max_steps": 80, "controls": False},
        ),
        "relu": (
            Teacher("relu", 4, **TINY), Student(width=4, activation="relu"), {"max_steps": 40, "frozen": ("bias",)}
        ),
        "data": (
            RegressionData(X, np.tanh(X[:, 0])), Student(width=4, activation="softplus"),
            {"max_steps": 60, "controls": False, "loss": "huber", "rank": 1, "penalty": 1e-4},
        ),
    }  # fmt: skip
    problem, student, options = problems[name]
    return problem, json.loads(discover_structure(problem, student, **options).to_json())


@pytest.fixture(params=thinned(["grid", "sobol", "data", "relu"]))
def solved(request):
    return case(request.param)


def failed(record, problem):
    return derandkit.verify(record, problem).failed


def name_of(path):
    return ".".join(key for key in path if isinstance(key, str))


def claims(record):
    """One leaf for each name: lists of numbers are stood for by their first entry."""
    seen = set()
    for path, value in leaves(record):
        if path[0] not in ("schema", "parameters") and name_of(path) not in seen:
            seen.add(name_of(path))
            yield path, value


def test_a_sound_record_is_accepted(solved):
    problem, record = solved
    outcome = derandkit.verify(record, problem)
    assert outcome.ok, str(outcome)
    assert [check.name for check in outcome.checks] == CHECKS
    assert all("\n" not in check.detail for check in outcome.checks)
    unchecked = {"decay", "trainings", "kept_back", "provenance"}
    assert unchecked <= set(outcome.not_checked) <= {"status", *unchecked}


@some_then_all
def test_the_seal_notices_every_changed_leaf(solved, every):
    problem, record = solved
    for path, value in list(claims(record))[::every]:
        forged = replaced(record, path, changed(value, share=0.05, least=1e-6, longer=True))
        assert failed(forged, problem), path


@some_then_all
def test_a_changed_claim_is_noticed_although_it_is_sealed_again(solved, every):
    problem, record = solved
    for path, value in list(claims(record))[::every]:
        if name_of(path) in {*PROVENANCE, "problem.reading"} or path[-1] == "seal":
            continue
        found = failed(
            sealed(replaced(record, path, changed(value, share=0.05, least=1e-6, longer=True))), problem
        )
        assert found, path
        assert "seal" not in found


def test_what_is_not_checked_is_typed_and_bounded(solved):
    problem, record = solved
    for path, value in claims(record):
        if name_of(path) not in PROVENANCE:
            continue
        for other in ("x", 10**15, -1.5, [value], True):
            assert failed(sealed(replaced(record, path, other)), problem), path


def test_the_reading_is_a_short_line_or_null(solved):
    problem, record = solved
    for other in ("", "two\nlines", "x" * 501, 1, True, ["x"]):
        assert failed(sealed(replaced(record, ("problem", "reading"), other)), problem)
    assert not failed(sealed(replaced(record, ("problem", "reading"), "a table")), problem)


def test_rows_of_the_history_between_fit_each_other():
    """Only the first and the last row can be recomputed; the others obey penalised = risk + penalty |W|^2."""
    problem, record = case("grid")
    middle = len(record["history"]["risk"]) // 2
    for name in ("evaluations", "penalised", "risk", "w_par", "w_perp"):
        forged = replaced(record, ("history", name, middle), record["history"][name][middle] * 1.5 + 100.0)
        assert failed(sealed(forged), problem) == ("history",), name
    zeros = {**record, "history": {name: [0.0] * 3 for name in record["history"]}}
    assert failed(sealed(zeros), problem) == ("history",)
    assert "history" in failed(sealed({**record, "evaluations": 10**9}), problem)


@pytest.mark.parametrize("step", [1e-300, 1e9])
def test_the_step_size_of_the_decay_control_is_derived(step):
    problem, record = case("grid")
    forged = replaced(record, ("controls", "decay", "step_size"), step)
    left = abs(1 - 2 * step * record["settings"]["penalty"]) ** record["evaluations"] if step < 1 else 0.0
    forged = replaced(forged, ("controls", "decay", "left"), left)
    assert "decay" in failed(sealed(forged), problem)


@pytest.mark.parametrize("name", ["grid", "data"])
def test_more_steps_of_weight_decay_are_not_shown_as_recomputed(name):
    """Nothing in a record shows how many steps there were, and the share of weight decay rests on them."""
    problem, record = case(name)
    forged, decay = copy.deepcopy(record), record["controls"]["decay"]
    steps = 4000 * (len(record["history"]["risk"]) + 1)
    left = abs(1 - 2 * decay["step_size"] * record["settings"]["penalty"]) ** steps
    alone = record["controls"]["no_penalty"]
    forged["evaluations"] = steps
    forged["controls"]["decay"] |= {"steps": steps, "left": float(f"{left:.9e}")}
    shares = measure.shares(record["ratio"], left, alone and alone["ratio"])
    forged["controls"]["shares"] = {
        key: None if x is None else float(f"{x:.9e}") for key, x in shares.items()
    }
    outcome = derandkit.verify(sealed(forged), problem)
    verdicts = {check.name: check.verdict.value for check in outcome.checks}
    assert verdicts["decay"] == verdicts["trainings"] == "not checked"
    honest = {check.name: check.verdict.value for check in derandkit.verify(record, problem).checks}
    assert honest["decay"] == honest["trainings"] == "not checked"


def test_a_method_without_a_formula_hides_no_share_of_weight_decay():
    """The method is provenance too: that Adam has no formula is no statement that was recomputed."""
    problem, record = case("data")
    forged = copy.deepcopy(record)
    forged["settings"]["method"] = "adam, full batch, step 0.05"
    forged |= {"status": "trained", "ended": "trained", "message": StructureStatus.TRAINED.value}
    reason = "Adam divides the penalty's gradient by a running scale, so there is no formula"
    forged["controls"]["decay"] |= {"left": None, "step_size": 0.05, "reason": reason}
    forged["controls"]["shares"] |= {"decay": None, "together": None}
    verdicts = {check.name: check.verdict.value for check in derandkit.verify(sealed(forged), problem).checks}
    assert "recomputed" not in (verdicts["decay"], verdicts["trainings"])


@pytest.mark.parametrize("width", [1, 2])
def test_a_start_that_lies_in_the_span_is_known_to_leave_nothing(width):
    """What is orthogonal to it is 5e-17 of rounding, and the check said that W is too large for that to be known."""
    rng = np.random.default_rng(2)
    data = RegressionData(rng.standard_normal((80, 4)), rng.standard_normal(80))
    result = discover_structure(
        data, Student(width=width), max_steps=0, penalty=0.01, rank=width, controls=False
    )
    checks = {check.name: check for check in derandkit.verify(result, data).checks}
    assert checks["split"].verdict.value == "recomputed", checks["split"].detail


@pytest.mark.parametrize(
    ("array", "check"), [("W", "split"), ("b", "training"), ("theta", "training"), ("W_start", "parameters")]
)
def test_every_array_counts(solved, array, check):
    problem, record = solved
    forged = decode_array(record["parameters"][array]).copy()
    forged += 0.01
    found = failed(sealed(replaced(record, ("parameters", array), encode_array(forged, "<f8"))), problem)
    frozen = array == "b" and "bias" in record["settings"]["frozen"]  # has left its start
    assert ("parameters" if frozen else check) in found


def test_a_turned_span_is_noticed(solved):
    problem, record = solved
    forged = decode_array(record["parameters"]["span"])[:, ::-1]
    if not np.allclose(np.abs(forged), np.abs(decode_array(record["parameters"]["span"]))):
        assert "split" in failed(
            sealed(replaced(record, ("parameters", "span"), encode_array(forged, "<f8"))), problem
        )


def test_a_smaller_bound_is_noticed():
    problem, record = case("grid")
    for factor in (0.5, 0.99, 2.0):
        forged = replaced(record, ("lemma_bound",), record["lemma_bound"] * factor)
        assert failed(sealed(forged), problem) == ("lemma",)


def test_a_running_point_may_not_be_called_stationary():
    problem, record = case("sobol")
    forged = {**record, "status": "stationary", "ended": "stationary"}
    forged["message"] = StructureStatus.STATIONARY.value
    short = json.loads(discover_structure(problem, Student(width=4), max_steps=2, controls=False).to_json())
    short |= {name: forged[name] for name in ("status", "ended", "message")}
    assert "status" in failed(sealed(short), problem)


def test_another_problem_is_noticed():
    _, record = case("sobol")
    for other in (
        Teacher("staircase", 4, 2, noise=0.2, **TINY), Teacher("tanh", 4, 2, noise=0.1, **TINY),
        Teacher("staircase", 4, 1, noise=0.1, **TINY), Teacher("staircase", 5, 2, noise=0.1, **TINY),
    ):  # fmt: skip
        assert failed(record, other)[0] == "problem"
    data, table = case("data")
    assert failed(table, RegressionData(data.X, data.y + 1e-9))[0] == "problem"
    assert derandkit.verify(table, (data.X, data.y)).ok
    with pytest.raises(InputError, match="checked against a Teacher"):
        derandkit.verify(table, 3)


def test_the_saddle_of_all_parameters_is_not_stationary(monkeypatch):
    """At W = 0 and v = 0 the gradient is zero and the Hessian in the bias too; the risk falls along both together."""
    from derandkit.structure import run, solve
    from derandkit.structure.methods import Trained
    from derandkit.structure.training.curvature import Joint, leave_saddle

    teacher, student = Teacher("tanh", 2), Student(width=4)
    laws = []

    def stop_there(stages, law, method, penalty, observe, draw):
        W, b, theta = (np.zeros_like(a) for a in stages[0].parameters(law))
        laws.append((stages[0], stages[0].law(W, b, theta)))
        for done, at in ((1, law), (2, laws[-1][1])):
            risk = stages[0].value(at)
            observe(done, risk, risk + penalty * at.spread_norm**2, stages[0].parameters(at)[0])
        return Trained(laws[-1][1], StructureStatus.STATIONARY, 2, {"steps": 1})

    monkeypatch.setattr(run, "train", stop_there)
    forged = solve.discover_structure(teacher, student, controls=False)
    assert forged.gradient_norm < 1e-9
    assert derandkit.verify(forged, teacher).failed == ("status",)
    objective, law = laws[0]
    lower = leave_saddle(Joint(objective, 1e-4), law)
    assert objective.value(lower) + 1e-4 * lower.spread_norm**2 < objective.value(law) - 0.01


def test_what_is_the_users_own_is_not_checked_and_not_ok():
    import jax.numpy as jnp

    own = Student(width=4, network=lambda p, z: jnp.tanh(z) @ p, parameters=np.ones(4) / 4)
    teacher = Teacher("tanh", 2)
    record = json.loads(discover_structure(teacher, own, max_steps=20, controls=False).to_json())
    outcome = derandkit.verify(record, teacher)
    assert not outcome.ok
    assert outcome.failed == ("training", "evaluation", "references", "lemma", "rows", "status")
    assert {*outcome.failed, "residual"} <= set(outcome.not_checked)
    assert all(check.verdict in STRUCTURE[check.name].reach for check in outcome.checks)
    assert "split" in failed(sealed({**record, "w_perp": 0.5 * record["w_perp"]}), teacher)
    loss = json.loads(
        discover_structure(
            teacher, Student(width=4), loss=lambda f, y: jnp.abs(f - y) ** 3, max_steps=5, controls=False
        ).to_json()
    )
    assert "evaluation" in derandkit.verify(loss, teacher).failed


@pytest.mark.parametrize("what", ["network", "loss"])
def test_a_record_is_not_made_uncheckable(what):
    """A built-in network that is called the user's own, with figures of one's liking."""
    problem, record = case("grid")
    forged = copy.deepcopy(record)
    if what == "network":
        forged["student"] |= {"kind": "user", "depth": None, "activation": None, "output_bias": None}
    else:
        forged["settings"]["loss"] = "user"
    forged |= {"loss": 1e-30, "loss_error": 1e-31, "training_loss": 1e-30, "lemma_bound": 1e-12}
    forged |= {"status": "stationary", "ended": "stationary", "message": StructureStatus.STATIONARY.value}
    outcome = derandkit.verify(sealed(forged), problem)
    assert not outcome.ok
    assert {"training", "evaluation", "lemma"} <= set(outcome.not_checked)


PAGE = """[teacher]
link = "tanh"
dimension = 2
[student]
width = 4
[run]
max_steps = 150
"""


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("", "", None),
        ("width = 4", "width = 99", "student.width"),
        ("width = 4", "width = 4\nactivation = 'gelu'", "student.activation"),
        ("max_steps = 150", "max_steps = 150\nloss = 'huber'", "run.loss"),
        ("max_steps = 150", "method = 'adam'", "run.method"),
        ("max_steps = 150", "max_steps = 150\npenalty = 1e-3", "run.penalty"),
        ("max_steps = 150", "max_steps = 150\nupper_penalty = 1e-3", "run.upper_penalty"),
        ("max_steps = 150", "max_steps = 150\nfrozen = ['bias']", "run.frozen"),
        ("max_steps = 150", "max_steps = 150\ncontrols = false", "run.controls"),
        ("max_steps = 150", "max_steps = 151", "run.max_steps"),
    ],
)
def test_a_page_is_compared_whole(tmp_path, old, new, difference):
    _, record = case("grid")
    page = tmp_path / "page.toml"
    page.write_text(PAGE.replace(old, new) if old else PAGE)
    outcome = derandkit.verify(record, page)
    assert outcome.failed == (() if difference is None else ("configuration",))
    assert difference is None or difference in str(outcome)


def test_a_step_limit_is_a_risk_that_still_falls_and_steps_that_nobody_counts(solved):
    problem, record = solved
    (status,) = [check for check in derandkit.verify(record, problem).checks if check.name == "status"]
    if record["status"] == "step_limit":
        assert (status.verdict.value, status.headline) == ("not checked", False)
        assert "the risk still falls" in status.detail


def test_controls_that_a_run_did_not_come_to_are_no_contradiction(tmp_path):
    """Ctrl-C within the controls leaves them out; such a record failed the comparison with its own settings."""
    _, record = case("grid")
    page = tmp_path / "page.toml"
    page.write_text(PAGE)
    short = copy.deepcopy(record)
    short["controls"] |= {"frozen_bias": None, "no_penalty": None}
    short["controls"]["shares"] |= {"curvature": None, "together": None}
    outcome = derandkit.verify(sealed(short), page)
    assert outcome.ok, str(outcome)
    assert "but for the controls, which are missing" in str(outcome)


def test_honest_networks_stay_far_below_the_limits(solved):
    problem, record = solved
    student, smooth = record["student"], record["settings"]["smooth"]
    work, entries = cost.costs(student, problem.dimension, smooth, cost.node_counts(Samples(problem)))
    assert work < 0.02 * cost.MOST_WORK
    assert entries < 1e-4 * cost.MOST_ENTRIES
    usual = cost.node_counts(Samples(Teacher("tanh", 20)))
    assert cost.costs({"width": 32, "depth": 3}, 20, True, usual)[0] < cost.MOST_WORK


@some_then_all
def test_the_published_schema_is_the_form(solved, every):
    jsonschema = pytest.importorskip("jsonschema")
    from derandkit.certificates.structure.form import misfit, schema

    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    _, record = solved
    assert validator.is_valid(record)
    for path, value in list(claims(record))[::every]:
        for other in (changed(value, share=0.05, least=1e-6, longer=True), None, -1, 1e300, "", [], {}):
            forged = replaced(record, path, other)
            # the checker also refuses 14.0 for 14 and 14 for 14.0
            assert misfit(forged) is not None or validator.is_valid(forged), (path, other)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60)
@given(data=st.data(), value=JSON)
def test_rubbish_anywhere_is_reported(data, value):
    problem, record = case("grid")
    paths = [path for path, _ in claims(record)] + [
        ("parameters",),
        ("parameters", "W"),
        ("student",),
        ("history",),
    ]
    forged = replaced(record, data.draw(st.sampled_from(paths)), value)
    with contextlib.suppress(ValueError, TypeError):
        forged = sealed(forged)
    outcome = derandkit.verify(forged, problem)
    assert all("\n" not in check.detail for check in outcome.checks)


def test_verification_loads_neither_jax_nor_the_training(tmp_path):
    _, record = case("grid")
    file, page = tmp_path / "r.json", tmp_path / "t.toml"
    file.write_text(json.dumps(record))
    page.write_text('[teacher]\nlink = "tanh"\ndimension = 2\n[student]\nwidth = 4\n[run]\nmax_steps = 150\n')
    script = (
        "import sys\nfrom derandkit.cli import main\n"
        f"try: main(['verify', {str(file)!r}, {str(page)!r}])\nexcept SystemExit as e: print('exit', e.code)\n"
        "print('\\0'.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )  # fmt: skip
    assert "exit 0" in done.stdout
    assert (
        done.stdout.count("recomputed ") == 10
    )  # neither the step limit nor the decay, which rest on counts
    assert done.stdout.count("proven ") == 4  # form, seal, problem, configuration
    assert done.stdout.count("not checked ") == 5
    modules = set(done.stdout.rsplit("\n", 2)[1].split("\0"))
    assert not {name.partition(".")[0] for name in modules} & {"jax", "optax", "numba", "cvxpy", "matplotlib"}
    assert not modules & {
        f"derandkit.structure.{name}"
        for name in ("solve", "training.network", "methods", "training.objective")
    }
