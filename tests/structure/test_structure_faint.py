"""Columns and directions of a table that count as constant although they vary are said, in result, record and check."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest
from tests.mutations import sealed_again

import derandkit as dk
from derandkit.certificates.structure.inputs import left_out


def _table(kind):
    """Return inputs, of which z alone matters; the entries of 2^44 + z are exact."""
    z, c = np.random.default_rng(3).normal(size=(2, 60))
    z = np.round(64 * z) / 64
    columns = {"offset": (2.0**44 + z, c), "near copies": (c, c + 1e-6 * z), "plain": (z, c)}
    return np.column_stack(columns[kind]), np.tanh(2 * z)


FAINT = {
    "offset": (
        {"columns": [0], "directions": 0},
        "X[:, 0] counts as constant: it varies by less than 1e-13",
    ),
    "near copies": ({"columns": [], "directions": 1}, "1 of 2 directions counts as constant"),
}


@functools.cache
def _trained(kind):
    pytest.importorskip("jax")
    data = dk.RegressionData(*_table(kind))
    return dk.discover_structure(data, dk.Student(width=4), max_steps=20, controls=False, penalty=1e-3), data


def _problem_of(record, data):
    return next(check for check in dk.verify(record, data).checks if check.name == "problem")


@pytest.mark.parametrize("kind", FAINT)
def test_what_counts_as_constant_is_said(kind):
    faint, words = FAINT[kind]
    found, data = _trained(kind)
    record = json.loads(found.to_json())
    assert record["problem"]["faint"] == faint
    assert words in " ".join(str(found).split())
    assert dk.verify(record, data).ok
    assert "counted as constant though not: " in _problem_of(record, data).detail
    assert str(dk.StructureResult.from_json(found.to_json())) == str(found)


@pytest.mark.parametrize("kind", FAINT)
def test_a_record_that_says_other_inputs_does_not_hold(kind):
    found, data = _trained(kind)
    for wrong in (
        {"columns": [1], "directions": 0},
        {"columns": [], "directions": 0},
        [],
        1,
        {"columns": [0]},
    ):
        record = json.loads(found.to_json())
        record["problem"]["faint"] = wrong
        assert "faint" in _problem_of(sealed_again(record), data).detail
        assert not dk.verify(record, data).ok
    del record["problem"]["faint"]  # only records of older releases say nothing
    assert "faint" in _problem_of(sealed_again(record), data).detail
    assert "counted as constant though not: " in _problem_of(record, data).detail


def test_inputs_that_all_count_are_no_news():
    found, data = _trained("plain")
    record = json.loads(found.to_json())
    assert "faint" not in record["problem"]
    assert "constant" not in str(found)
    record["problem"]["faint"] = {"columns": [0], "directions": 0}
    assert not dk.verify(sealed_again(record), data).ok


def test_what_is_constant_to_the_last_digits_is_no_news():
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 80))
    for X in (
        np.column_stack((np.eye(4)[rng.integers(4, size=80)], a)),  # adds up to 1
        np.column_stack((a, b, a + b, a - b, np.full(80, 0.1))),
        np.column_stack((a, b, a + b)) + 1e9,
        np.column_stack((a, a * 1e30, 3.0 * a + 7.0)),
    ):
        data = dk.RegressionData(X, a)
        assert data.dimension < X.shape[1]
        assert "faint" not in data.describe()


@pytest.mark.parametrize("seed", range(30))
def test_both_writings_count_the_same(seed):
    rng = np.random.default_rng(seed)
    m, d = 60, 5
    X = rng.normal(size=(m, d)) * 10.0 ** rng.integers(-100, 100, size=d)
    for k in range(2, d):
        if rng.random() < 0.6:
            near = 10.0 ** rng.uniform(-18, -1) * X[:, k] / X[:, k].std()
            X[:, k] = X[:, k - 1] + near * X[:, k - 1].std()
    X += 10.0 ** rng.uniform(-2, 16, size=d) * X.std(axis=0) * (rng.random(d) < 0.3)
    data = dk.RegressionData(X, rng.normal(size=m))
    faint = data.describe().get("faint", {"columns": [], "directions": 0})
    again = left_out(data)
    assert again.fits(faint)
    assert again.few <= faint["directions"] <= again.many


def test_the_positions_are_those_of_the_table_and_names_are_shown():
    a, z = np.random.default_rng(7).normal(size=(2, 60))
    X = np.column_stack((np.full(60, 2.0), a, 1e15 + np.round(z), np.where(z > 0, 0.1 + 0.2, 0.3)))
    data = dk.RegressionData(X, a, names=("one", "a", "time", "rate"))
    assert data.describe()["faint"] == {"columns": [2, 3], "directions": 0}
    assert left_out(data).words(data.describe()) == "; counted as constant though not: time, rate"


def test_what_varies_beside_a_large_offset_alone_is_refused_as_that():
    z = np.round(64 * np.random.default_rng(3).normal(size=60)) / 64
    with pytest.raises(
        dk.InputError, match="targets do not vary by more than 1e-13 of their size; shift them"
    ):
        dk.RegressionData(z[:, None], 2.0**44 + z)
    with pytest.raises(
        dk.InputError, match="no column of the inputs varies by more than 1e-13 of their size"
    ):
        dk.RegressionData(2.0**44 + z[:, None], z)
    with pytest.raises(dk.InputError, match=r"targets do not vary$"):
        dk.RegressionData(z[:, None], np.full(60, 2.0))


def test_a_column_beside_a_large_offset_is_whitened():
    """The rounded sum of its 49 152 training rows missed the mean by four deviations, and the variance with it."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(65536, 3))
    X[:, 0] = 2.0**40 + 6.9 + np.round(rng.normal(size=65536) * 1024) / 4096
    points = dk.RegressionData(X, X[:, 1] - X[:, 2]).training().points
    assert np.abs(points.mean(axis=0)).max() < 1e-3
    assert np.abs(points.var(axis=0) - 1.0).max() < 1e-5
