"""What a structure record leaves out, calls older, or contradicts: it is refused, or keeps the record from holding."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest

import derandkit
from derandkit import RegressionData, Student, discover_structure
from derandkit.certificates.checks import Verdict
from derandkit.certificates.structure import claims, course, rows
from derandkit.certificates.structure.hessian import natural_units
from derandkit.certificates.structure.inputs import LeftOut
from derandkit.certificates.structure.recomputed import Recomputed, Samples
from derandkit.records import sealed

pytest.importorskip("jax")

DATA = RegressionData(*(np.random.default_rng(0).standard_normal(shape) for shape in ((64, 3), 64)))


@functools.cache
def text():
    result = discover_structure(DATA, Student(width=3), penalty=1e-2, rank=1, max_steps=3, controls=False)
    return result.to_json()


def check_of(record, name, data=DATA):
    outcome = derandkit.verify(sealed(record), data)
    return next(check for check in outcome.checks if check.name == name)


def test_a_history_without_rows_is_not_checked():
    """First and last row are recomputed, and a history without any was called so, for 4000 gradients."""
    record = json.loads(text())
    assert derandkit.verify(record, DATA).ok
    record["history"] = {name: [] for name in record["history"]}
    check = check_of(record, "history")
    assert (check.verdict, check.passed) == (Verdict.NOT_CHECKED, True)
    record["evaluations"] = 5000
    assert check_of(record, "history").verdict is Verdict.FAILED


@pytest.mark.parametrize("key", ["weighted", "classes", "faint", "proven to depend on age alone"])
def test_a_problem_has_no_other_keys_with_null(key):
    """A key that no problem has was compared as null, so one with the value null passed."""
    record = json.loads(text())
    record["problem"][key] = None
    assert check_of(record, "problem").verdict is Verdict.FAILED


def test_what_counts_as_constant_may_not_be_left_out_of_a_new_record(monkeypatch):
    monkeypatch.setattr("derandkit.certificates.structure.record.left_out", lambda _: LeftOut([1], 0, 0))
    check = check_of(json.loads(text()), "problem")
    assert check.verdict is Verdict.FAILED
    assert "faint" in check.detail


def test_how_the_rows_were_read_for_the_check_is_said():
    """Of the rows of points it was, and here only what the record says of its own."""
    record = json.loads(text())
    record["problem"]["reading"] = "comma-separated table with a header line"
    assert "; for this check as: numpy ndarray and numpy ndarray" in check_of(record, "provenance").detail


def test_a_residual_that_rounding_hides_keeps_no_record_from_holding():
    """Of tables with two classes that a network parts at once, one in ten had a record that did not hold."""
    draws = np.random.default_rng(1)
    X = draws.normal(size=(60, 3))
    y = (np.tanh(X[:, 0] - X[:, 1]) + 0.1 * draws.normal(size=60) > 0).astype(float)
    student = derandkit.Student(width=4)
    found = derandkit.discover_structure((X, y), student, penalty=1e-3, max_steps=60, controls=False)
    outcome = derandkit.verify(found, (X, y))
    assert outcome.ok, outcome
    assert "residual" in outcome.not_checked
    record = json.loads(found.to_json()) | {"stein_residual": 0.5}
    assert "residual" in derandkit.verify(sealed(record), (X, y)).failed


def test_a_gain_near_its_limit_keeps_any_status_from_holding(monkeypatch):
    """It was not checked whether the mean is beaten, and "step_limit" held all the same."""
    record = json.loads(text())
    monkeypatch.setattr(course, "_findings", lambda *_: ["nothing_found", record["ended"]])
    record |= {"status": record["ended"], "message": course.StructureStatus[record["ended"].upper()].value}
    assert course.is_headline(Recomputed(record, DATA))
    assert not derandkit.verify(sealed(record), DATA).ok


def test_an_old_version_hides_not_that_one_row_has_all_of_the_weight():
    """A part with nearly all weight shows nothing; before version 5 it is one of eight even ones."""
    weights = np.ones(64)
    weights[DATA.rows[1][3]] = 1e12
    data = RegressionData(DATA.X, DATA.y, weights=weights)
    record = json.loads(text())
    record |= {"schema_version": 4, "status": record["ended"]}
    old, new = Recomputed(record, data, Samples(data, alike=True)), Recomputed(record, data)
    assert course.unclaimed_finding(old) in ("nothing_found", "overfitted")
    assert course.is_headline(old)
    assert course.unclaimed_finding(new) is None
    assert course.unclaimed_finding(Recomputed(record, DATA, Samples(DATA, alike=True))) is None


@pytest.mark.parametrize("name", ["lemma_bound", "row_bound", "row_curvature", "row_gradient"])
def test_figures_of_one_matrix_do_not_contradict_each_other(monkeypatch, name):
    """Each was held to an interval of its own: a curvature of +4.9 stood beside "no bound"."""
    record = json.loads(text())
    if record[name] is None:
        record |= {"lemma_bound": 1.0, "row_bound": 1.0, name: 2.0}
    record[name] = (record["largest_curvature"] if name == "row_curvature" else record[name]) * 1.5 + 1.0
    for module in (claims, rows):
        monkeypatch.setattr(module, "judged", lambda *_: ([], []))
    check = check_of(record, "lemma" if name == "lemma_bound" else "rows")
    assert check.verdict is Verdict.FAILED
    assert "of its parts" in check.detail


@pytest.mark.parametrize("low", [np.nan, np.inf])
def test_a_point_whose_curvatures_are_not_finite_is_not_stationary(monkeypatch, low):
    """Of NaN it was said that nothing falls there, "that is a kink"."""
    record = json.loads(text()) | {"gradient_norm": 0.0}
    monkeypatch.setattr(course.Slopes, "joint", lambda *_: (low, 1.0, 1.0, np.zeros(3)))
    verdict, detail = course._stationary(Recomputed(record, DATA))
    assert verdict is Verdict.FAILED
    assert "could be looked for" in detail


def test_numbers_that_are_not_finite_have_no_natural_unit():
    case = Recomputed(json.loads(text()), DATA)
    W, b, theta = case.parameters()
    with pytest.raises(ArithmeticError), np.errstate(all="ignore"):
        natural_units(case.student, (np.full_like(W, np.nan), b, theta), case.training())
