"""A record of features: what holds is accepted, and every changed number, and every wrong formula, is noticed."""

from __future__ import annotations

import dataclasses
import functools
import json
import subprocess
import sys
from importlib.resources import files

import jsonschema
import numpy as np
import pytest
from tests.leaves import changed, leaves, replaced
from tests.mutations import KINDS, places
from tests.mutations import changed as mutated

import derandkit as dk
import derandkit.features.measure as measure
import derandkit.features.result as result
import derandkit.features.solve as solve
import derandkit.points.cloud as points_cloud
from derandkit.certificates.checks import Verdict
from derandkit.certificates.features.errors import PairErrors
from derandkit.certificates.features.form import faults, schema
from derandkit.certificates.features.record import verify_features
from derandkit.certificates.features.statements import FEATURES
from derandkit.points.cloud import Centring, PointCloud
from derandkit.records import decode_array, encode_array, sealed

NUMBERS = np.random.default_rng(5).standard_normal((40, 6))
CASES = {
    "plain": (NUMBERS[:14, :3], {"n_features": 6}),
    "single": (NUMBERS[:12, :4].astype(np.float32) + np.float32(300.0), {"n_features": 8}),
    "repeated": (np.vstack([NUMBERS[:9], NUMBERS[:2]]), {"n_features": 4, "gamma": 0.7}),
    "rows": (NUMBERS[:8, :2], {"n_features": 4, "method": "conditional", "gamma": "scale"}),
    "full": (NUMBERS[:5, :2], {"n_features": 6}),
    "matern": (NUMBERS[9:22, :3], {"n_features": 6, "kernel": "matern", "nu": 1.5}),
    "rough": (NUMBERS[9:19, :2], {"n_features": 4, "kernel": "matern", "nu": 0.5, "method": "conditional"}),
    "rational": (NUMBERS[22:34, :3], {"n_features": 6, "kernel": "rational_quadratic", "alpha": 0.7}),
}
#: Leaves that only the seal protects: how the frequencies were found, which is no claim about the points.
PROVENANCE = {"seal", "method", "points.reading", "history.objective", "history.spread", "stats.evaluations",
              "stats.fitted"}  # fmt: skip


@functools.cache
def made(case):
    X, options = CASES[case]
    return json.loads(solve.random_features(X, **options).to_json())


def failed(record, X):
    return [check.name for check in verify_features(record, X) if not check.passed]


def name_of(path):
    return ".".join(part for part in path if isinstance(part, str))


@pytest.mark.parametrize("case", CASES)
def test_what_holds_is_accepted(case):
    record, X = made(case), CASES[case][0]
    checks = verify_features(record, X)
    assert [check.name for check in checks] == [row.name for row in FEATURES]
    assert [check.name for check in checks if not check.passed] == []
    assert {check.name for check in checks if check.verdict is Verdict.NOT_CHECKED} == {"provenance"}


@pytest.mark.parametrize("case", ["plain", "single", "full", "matern", "rational"])
def test_every_changed_leaf_is_noticed(case):
    record, X = made(case), CASES[case][0]
    for path, value in leaves(record):
        forged = replaced(record, path, changed(value))
        assert "seal" in failed(forged, X) or failed(forged, X) == ["schema"], path
        left = failed(sealed({k: v for k, v in forged.items() if k != "seal"}), X)
        if name_of(path) in PROVENANCE:
            assert set(left) <= {"schema"}, path
        elif path[-1] == "base64":
            continue  # the last bit of a number; the next test changes more than that
        else:
            assert left, path


def test_a_changed_frequency_or_centre_is_noticed():
    record, X = made("plain"), CASES["plain"][0]
    W = decode_array(record["frequencies"])
    for j in range(W.shape[0]):
        for c in range(W.shape[1]):
            other = W.copy()
            other[j, c] *= 1 + 1e-6
            forged = sealed({**record, "frequencies": encode_array(other, "<f8")})
            assert "errors" in failed(forged, X), (j, c)
    centre = decode_array(record["centre"])
    for c in range(centre.size):
        other = centre.copy()
        other[c] += 1e-9
        assert failed(sealed({**record, "centre": encode_array(other, "<f8")}), X) == ["output"]


def test_rubbish_anywhere_ends_in_a_report():
    record, X = made("full"), CASES["full"][0]
    numbers = np.random.default_rng(0)
    for path, value in places(record):
        for kind in KINDS:
            other = mutated(value, kind, numbers)
            if other is not None:
                verify_features(replaced(record, path, other), X)
    for rubbish in ({}, {"schema": "derandkit-features"}, {"schema": None, "points": 3}):
        assert failed(rubbish, X) == ["schema"]


def test_other_points_are_found_out():
    record, X = made("plain"), CASES["plain"][0]
    for other in (X[::-1], X + 1e-9, X.astype(np.float32), X[:-1], np.array(["a"]), np.full_like(X, np.nan)):
        assert "points" in failed(record, other)
    assert failed(record, X[:, :2]) == ["points", "frequencies"]


@pytest.mark.parametrize("entry", [1e160, 1e300, 2.0**45])
def test_a_phase_that_has_no_digits_left_is_refused(entry):
    record, X = made("plain"), CASES["plain"][0]
    W = decode_array(record["frequencies"])
    W[0, 0] = entry
    forged = sealed({**record, "frequencies": encode_array(W, "<f8"), "margin": 0.5})
    assert {"frequencies", "errors"} & set(failed(forged, X))


def test_a_wide_margin_hides_nothing():
    record, X = made("plain"), CASES["plain"][0]
    forged = {**record, "rms": 0.0, "margin": record["rms"] * 1.1}
    forged["chain"] = {**record["chain"], "rms": 0.0, "certified_rms": forged["margin"]}
    assert "errors" in failed(sealed(forged), X)


@pytest.mark.parametrize("seed", range(4))
def test_narrow_kernels_of_many_widths_are_accepted(seed):
    """The solver's margin is up to 20 times the bound of the checker, 3e-11: only eight times were allowed."""
    X = np.random.default_rng(seed).standard_normal((6, 2))
    length = 1e-4 * np.abs(X).max()
    result = dk.random_features(X, 4, kernel="rational_quadratic", alpha=0.1, length_scale=length)
    assert dk.verify(result, X).ok


def test_the_report_names_kernel_and_columns():
    record, X = made("matern"), CASES["matern"][0]
    details = {check.name: check.detail for check in dk.verify(record, X).checks}
    assert details["errors"].startswith(
        f"matern kernel of {record['nu']:g}, gamma {record['gamma']:.6g}: root mean"
    )


def test_work_beyond_the_limit_is_refused_before_it_is_done():
    record, X = made("plain"), CASES["plain"][0]
    checks = {check.name: check for check in verify_features(record, X, allow_work=1e-12)}
    assert not checks["frequencies"].passed
    assert "allow-work" in checks["frequencies"].detail


def test_the_schema_and_the_form_agree():
    text = files("derandkit").joinpath("data/schemas/features.json").read_text(encoding="utf-8")
    validator = jsonschema.Draft202012Validator(json.loads(text))
    numbers = np.random.default_rng(1)
    for case in CASES:
        assert list(validator.iter_errors(made(case))) == []
        assert faults(made(case)) == ""
    record = made("full")
    for path, value in places(record):
        for kind in ("type", "dropped", "extra", "huge", "special"):
            other = mutated(value, kind, numbers)
            if other is None:
                continue
            forged = replaced(record, path, other)
            # 1 is a number for JSON Schema, and no double for a canonical record
            assert faults(forged) or validator.is_valid(forged), (path, other)
    assert schema()["properties"].keys() == record.keys()


def test_the_verifier_needs_numpy_only():
    script = (
        "import sys, derandkit.certificates.features.record\n"
        "assert not {'numba', 'scipy', 'cvxpy', 'sklearn', 'derandkit.features'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={"PYTHONPATH": "src"})


# --- formulas of the solver, made wrong one at a time ----------------------------------------------------------------
def times(factor):
    return lambda value: value * factor


def field(name, change):
    return lambda value: dataclasses.replace(value, **{name: change(getattr(value, name))})


#: What is made wrong: the case that shows it, where the formula lives, its name, and how its value changes.
FORMULAS = {
    "root mean square": ("plain", solve, "measure", field("rms", times(1 - 1e-9))),
    "greatest error": ("plain", solve, "measure", field("greatest", times(1 - 1e-9))),
    "greatest error, loose": ("plain", solve, "measure", field("greatest", times(1 + 1e-9))),
    "worst pair": ("plain", solve, "measure", field("worst_pair", lambda p: (0, 1) if p != (0, 1) else (1, 2))),
    "no margin": ("plain", solve, "measure", field("margin", times(0.0))),
    "wide margin": ("plain", solve, "measure", field("margin", times(1e6))),
    "rounding": ("plain", measure, "rounding", times(0.0)),
    "promise": ("plain", solve, "promised_rms", times(1 - 1e-9)),
    "promise, loose": ("plain", solve, "promised_rms", times(1 + 1e-9)),
    "lower bound": ("plain", solve, "lower_bound", times(1.0001)),
    "lower bound, weak": ("plain", solve, "lower_bound", times(0.99)),
    "lower bound without a reason": ("full", solve, "lower_bound", lambda x: 1e-3),
    "rounding down": ("plain", measure, "round_down", times(1 + 1e-4)),
    "written features": ("single", solve, "SINGLE", times(0.1)),
    "centre": ("plain", Centring, "origin", times(1 + 1e-9)),
    "rows": ("plain", PointCloud, "n_points", lambda n: n + 1),
    "columns": ("plain", PointCloud, "n_features", lambda n: n + 1),
    "pairs": ("plain", PointCloud, "n_pairs", lambda n: n - 1),
    "duplicates": ("repeated", PointCloud, "duplicates", lambda n: n + 1),
    "digest": ("plain", points_cloud, "points_digest", lambda text: text[::-1]),
    "encoding": ("repeated", result, "encode_array", lambda a: {**a, "shape": a["shape"][::-1]}),
    "kernel of other points": ("plain", solve, "scaled", field("gamma", times(1 + 1e-9))),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_a_wrong_formula_is_noticed(monkeypatch, name):
    case, owner, attribute, change = FORMULAS[name]
    true = owner.__dict__[attribute]
    if isinstance(true, property):
        monkeypatch.setattr(owner, attribute, property(lambda self: change(true.fget(self))))
    elif callable(true):
        monkeypatch.setattr(owner, attribute, lambda *a, **k: change(true(*a, **k)))
    else:
        monkeypatch.setattr(owner, attribute, change(true))
    X, options = CASES[case]
    try:
        wrong = json.loads(solve.random_features(X, **options).to_json())
    except (ValueError, TypeError, AssertionError):
        return  # it does not even get that far
    assert failed(wrong, X)


def test_a_kernel_so_narrow_that_nothing_is_known_excuses_no_promise():
    """The solver's own rounding grows with the phases; it may not cover a promise of one's liking."""
    X = np.linspace(0.5, 0.6, 12)[:, None] * np.array([[1.0, 0.7]])
    record = json.loads(solve.random_features(X, 8, gamma=1.0).to_json())
    for gamma in (1e30, 1.5e308):
        waves = np.full((4, 2), 1e3)
        found = PairErrors(X, waves, gamma)
        assert np.isfinite(found.rms).all()
        figures = {"rms": found.rms[1], "max_error": found.greatest[1], "promised": 5.0, "margin": 1e-12}
        chain = {"rms": found.rms[1], "certified_rms": found.rms[1] + 1e-12, "promised": 5.0}
        forged = {**record, **figures, "gamma": gamma, "frequencies": encode_array(waves, "<f8")}
        forged["chain"] = {**record["chain"], **chain}
        assert "promise" in failed(sealed(forged), X)
