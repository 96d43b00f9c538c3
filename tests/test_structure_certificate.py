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

import derandkit
from derandkit import InputError, RegressionData, Student, Teacher, discover_structure
from derandkit.records import decode_array, encode_array, sealed

pytest.importorskip("jax")

SOURCE = Path(__file__).parent.parent / "src"
#: What only the seal protects: how the answer was found, and trainings that verification does not repeat.
PROVENANCE = {
    "controls.decay.step_size", "controls.frozen_bias.evaluations", "controls.frozen_bias.status",
    "controls.frozen_bias.training_loss", "controls.frozen_bias.w_par", "controls.no_penalty.evaluations",
    "controls.no_penalty.status", "controls.no_penalty.training_loss", "controls.no_penalty.w_par",
    "history.evaluations", "history.penalised", "history.risk", "history.w_par", "history.w_perp", "settings.method",
    "stats.products", "stats.saddles_left", "stats.steps", "seal",
}  # fmt: skip
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
            {"max_steps": 60, "controls": False, "loss": "huber", "rank": 1},
        ),
    }  # fmt: skip
    problem, student, options = problems[name]
    return problem, json.loads(discover_structure(problem, student, **options).to_json())


@pytest.fixture(params=["grid", "sobol", "relu", "data"])
def solved(request):
    return case(request.param)


def failed(record, problem):
    return derandkit.verify(record, problem).failed


def leaves(value, path=()):
    if isinstance(value, (dict, list)) and value:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    else:
        yield path, value


def put(record, path, value):
    record = copy.deepcopy(record)
    at = record
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return record


def changed(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * 1.05 + 1e-6
    if isinstance(value, str):
        return value + "x"
    return 1.5 if value is None else "something"


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
    assert len(outcome.checks) == 12
    assert all("\n" not in check.detail and "NOT CHECKED" not in check.detail for check in outcome.checks)


def test_the_seal_notices_every_changed_leaf(solved):
    problem, record = solved
    for path, value in claims(record):
        forged = put(record, path, changed(value))
        assert failed(forged, problem), path


def test_a_changed_claim_is_noticed_although_it_is_sealed_again(solved):
    problem, record = solved
    for path, value in claims(record):
        if name_of(path) in PROVENANCE or path[-1] == "seal":
            continue
        found = failed(sealed(put(record, path, changed(value))), problem)
        assert found, path
        assert "seal" not in found


def test_what_only_the_seal_protects_is_how_it_was_found(solved):
    problem, record = solved
    for path, value in claims(record):
        if name_of(path) not in PROVENANCE or name_of(path) in ("seal", "controls.decay.step_size"):
            continue
        other = value + (1.0 if isinstance(value, float) else 1) if not isinstance(value, str) else "x"
        if name_of(path) == "history.evaluations":
            other = 0.5  # the column stays sorted
        assert failed(sealed(put(record, path, other)), problem) == (), path


@pytest.mark.parametrize(
    ("array", "check"), [("W", "split"), ("b", "training"), ("theta", "training"), ("W_start", "parameters")]
)
def test_every_array_counts(solved, array, check):
    problem, record = solved
    forged = decode_array(record["parameters"][array]).copy()
    forged += 0.01
    found = failed(sealed(put(record, ("parameters", array), encode_array(forged, "<f8"))), problem)
    assert check in found


def test_a_turned_span_is_noticed(solved):
    problem, record = solved
    forged = decode_array(record["parameters"]["span"])[:, ::-1]
    if not np.allclose(np.abs(forged), np.abs(decode_array(record["parameters"]["span"]))):
        assert "split" in failed(
            sealed(put(record, ("parameters", "span"), encode_array(forged, "<f8"))), problem
        )


def test_a_smaller_bound_is_noticed():
    problem, record = case("grid")
    for factor in (0.5, 0.99, 2.0):
        forged = put(record, ("lemma_bound",), record["lemma_bound"] * factor)
        assert failed(sealed(forged), problem) == ("lemma",)


def test_a_running_point_may_not_be_called_stationary():
    problem, record = case("sobol")
    forged = {**record, "status": "stationary"}
    forged["message"] = (
        "stationary: no descent direction and no negative curvature is left on the training nodes"
    )
    short = json.loads(discover_structure(problem, Student(width=4), max_steps=2, controls=False).to_json())
    short |= {"status": forged["status"], "message": forged["message"]}
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


def test_what_is_the_users_own_is_said_not_to_be_checked():
    import jax.numpy as jnp

    own = Student(width=4, network=lambda p, z: jnp.tanh(z) @ p, parameters=np.ones(4) / 4)
    record = json.loads(discover_structure(Teacher("tanh", 2), own, max_steps=20, controls=False).to_json())
    outcome = derandkit.verify(record, Teacher("tanh", 2))
    assert outcome.ok
    silent = [check.name for check in outcome.checks if "NOT CHECKED" in check.detail]
    assert silent == ["training", "evaluation", "lemma"]
    assert "split" in failed(sealed({**record, "w_perp": 0.5 * record["w_perp"]}), Teacher("tanh", 2))


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
    forged = put(record, data.draw(st.sampled_from(paths)), value)
    with contextlib.suppress(ValueError, TypeError):
        forged = sealed(forged)
    outcome = derandkit.verify(forged, problem)
    assert all("\n" not in check.detail for check in outcome.checks)


def test_verification_loads_neither_jax_nor_the_training(tmp_path):
    _, record = case("grid")
    file, page = tmp_path / "r.json", tmp_path / "t.toml"
    file.write_text(json.dumps(record))
    page.write_text('[teacher]\nlink = "tanh"\ndimension = 2\n')
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
    assert done.stdout.count("recomputed ") == 12
    modules = set(done.stdout.rsplit("\n", 2)[1].split("\0"))
    assert not {name.partition(".")[0] for name in modules} & {"jax", "optax", "numba", "cvxpy", "matplotlib"}
    assert not modules & {
        f"derandkit.structure.{name}" for name in ("solve", "network", "methods", "objective")
    }
