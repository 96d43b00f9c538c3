"""Figures that rounding may move by more than they say are not known, whatever else in the record is large."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import derandkit
from derandkit import RegressionData, StructureStatus, Student, Teacher, discover_structure
from derandkit.certificates.checks import Verdict
from derandkit.certificates.structure.claims import quotient
from derandkit.certificates.structure.recomputed import Recomputed, least
from derandkit.records import decode_array, encode_array, sealed

pytest.importorskip("jax")

from derandkit.structure import run
from derandkit.structure.methods import Trained

_NUMBERS = np.random.default_rng(1).standard_normal((80, 4))
DATA = RegressionData(_NUMBERS[:, :3], np.tanh(_NUMBERS[:, 0]) * _NUMBERS[:, 1] + 0.3 * _NUMBERS[:, 3])


def record_at(monkeypatch, W, b, theta, problem=DATA, **options):
    """Return the record of a run that ended at a point."""

    def train(stages, law, method, penalty, observe, draw):
        end = stages[-1].law(np.array(W), np.array(b), np.array(theta))
        for done, at in ((1, law), (2, end)):
            risk = stages[-1].value(at)
            observe(done, risk, risk + penalty * at.spread_norm**2, stages[-1].parameters(at)[0])
        return Trained(end, StructureStatus.STEP_LIMIT, 2, {"steps": 1, "saddles_left": 0, "products": 0})

    with monkeypatch.context() as patch:
        patch.setattr(run, "train", train)
        rank = {"rank": 1} if problem is DATA else {}
        student = Student(width=len(b), activation="tanh")
        options = {**rank, "controls": False, "upper_penalty": 0.0, **options}
        result = discover_structure(problem, student, **options)
    return json.loads(result.to_json())


def failed(record, about=DATA, **changes):
    return set(derandkit.verify(sealed({**record, **changes}), about).failed)


@pytest.fixture
def curved(monkeypatch):
    """Two units that curve, and one without input whose output weight is 1e7: its curvature is 2e14."""
    W = [[0.9, 0.4, 0.1], [-1.8, -0.8, -0.2], [0.0, 0.0, 0.0]]
    return record_at(monkeypatch, W, [0.3, -0.5, 0.0], [1.5, -2.0, 1e7, 0.0], penalty=1e-3)


def test_one_large_curvature_hides_no_other(curved):
    """The smallest curvature was held against the largest one: -0.1 could be said to be 4.9 and held."""
    assert curved["largest_curvature"] > 1e14
    assert "lemma" in failed(curved)
    assert "lemma" in failed(curved, smallest_curvature=curved["smallest_curvature"] + 5.0)


def test_an_error_is_known_if_all_that_it_is_made_of_is(monkeypatch):
    """One mean without a part lay 1e-15 from where its bound ends: an error of 1e14 could be said to be 1e-5."""
    W, b, theta = [[0.9, 0.4, 0.1], [-1.8, -0.8, 0.2]], [0.3, -0.5], [1.5, -2.0, 0.0]
    lowest = [
        least(part.curvature)
        for part in Recomputed(record_at(monkeypatch, W, b, theta, penalty=1.0), DATA).parts()
    ]
    assert min(lowest[1:]) < lowest[0]
    for beyond in (-3e-15, 3e-15):
        record = record_at(monkeypatch, W, b, theta, penalty=-0.5 * min(lowest[1:]) + beyond)
        assert record["lemma_bound"] > 0.0
        assert "lemma" in failed(record, lemma_bound_error=1e-5, stein_estimate_error=1e-5)


def test_a_residual_is_a_share_of_one(monkeypatch):
    """It was compared with infinity, so that of a network with large idle units could be any number."""
    s = np.array([0.6, 0.64, 0.48])
    W = [[0.9, 0.4, 0.1], [-1.8, 0.8, 0.2], [0.0, 0.0, 0.0], (1e8 * s).tolist()]
    record = record_at(monkeypatch, W, [0.3, -0.5, 0.0, 0.0], [1.5, -2.0, 1e7, 0.0, 0.0], penalty=1e-3)
    for residual in (record["stein_residual"], 0.0, 1.0):
        error = None if residual is None else 0.0
        claimed = sealed({**record, "stein_residual": residual, "stein_residual_error": error})
        assert (residual is None) == ("residual" not in derandkit.verify(claimed, DATA).not_checked)
    assert "schema" in failed(record, stein_residual=5.0, stein_residual_error=0.0)


def test_a_residual_that_is_rounding_is_left_out(monkeypatch):
    """On a grid that is symmetric about the direction of W both sides are zero, and the residual was any number."""
    problem = Teacher("tanh", 2, nodes=256, evaluation_nodes=256)
    W = np.outer([0.9, -1.8], problem.span[0])
    record = record_at(monkeypatch, W, [0.3, -0.5], [1.5, -2.0, 0.0], problem=problem, penalty=1e-3)
    assert (record["stein_residual"], record["stein_residual_error"]) == (None, None)
    assert failed(record, problem) == set()
    claimed = sealed({**record, "stein_residual": 0.5, "stein_residual_error": 0.1})
    assert "residual" in derandkit.verify(claimed, problem).not_checked


def test_a_quotient_is_known_where_the_sign_of_what_it_is_divided_by_is():
    """Where rounding was larger than that, half of it stood in its place, and a bound was said to exist."""
    value, width = quotient(2.0, 0.5, 1.0, 0.25)
    worst = [(2.0 + top) / (1.0 + below) - 2.0 for top in (-0.5, 0.5) for below in (-0.25, 0.25)]
    assert value == 2.0
    assert width == pytest.approx(max(map(abs, worst)))
    assert quotient(2.0, 0.5, 0.1, 0.25) == (2.0, math.inf)
    assert quotient(math.inf, 0.5, math.nan, 0.25) == (math.inf, math.inf)
    assert quotient(math.inf, 0.5, -0.3, 0.25) == (math.inf, 0.0)


@pytest.mark.parametrize("turn", [np.eye(2)[::-1], np.sqrt(0.5) * np.array([[1.0, 1.0], [1.0, -1.0]])])
def test_each_direction_is_the_one_of_its_strength(monkeypatch, turn):
    """Only their space was looked at: the table showed size beside the strength of age, and the record held."""
    W = [[0.9, 0.4, 0.1], [-0.2, 0.8, -0.2]]
    record = record_at(monkeypatch, W, [0.3, -0.5], [0.1, -0.2, 0.0], rank=2, penalty=1.0)
    assert failed(record) == set()
    span = turn @ decode_array(record["parameters"]["span"])
    weights = [[float(f"{x:.9e}") for x in row] for row in DATA.features(span).tolist()]
    parameters = {**record["parameters"], "span": encode_array(span, "<f8")}
    assert failed(record, parameters=parameters, column_weights=weights) == {"split"}


@pytest.mark.parametrize("tie", [0.0, 1e-15])
def test_angles_to_directions_of_equal_strengths_are_not_known(monkeypatch, tie):
    """W of two equal singular values has no leading direction, and any angle to it was called recomputed."""
    problem = Teacher("tanh", 2, nodes=64, evaluation_nodes=256)
    W = np.diag([1.0 + tie, 1.0])
    record = record_at(monkeypatch, W, [0.3, -0.5], [0.1, -0.2, 0.0], problem=problem, penalty=1.0)
    check = next(c for c in derandkit.verify(record, problem).checks if c.name == "recovery")
    assert (check.verdict, check.headline) == (Verdict.NOT_CHECKED, False)
