"""Verification accepts what embed writes and rejects every change to it."""

from __future__ import annotations

import base64
import copy
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from derandkit.certificates.embeddings.record import verify_embedding
from derandkit.embeddings.solve import embed
from derandkit.records import sealed

WIDE = np.random.default_rng(5).standard_normal((70, 75))
CASES = {
    "certified": (load_digits().data[:60].astype(float), {"n_components": 6}),
    "guaranteed": (WIDE, {"n_components": 60}),
    "isometry": (WIDE[:25, :4].astype(np.float32), {"n_components": 5}),
    "duplicates": (np.vstack([WIDE[:30, :8], WIDE[:3, :8]]), {"n_components": 3, "method": "minimax"}),
    "alone": (WIDE[:10, :6], {"n_components": 2}),
}
RECORDS = {name: json.loads(embed(X, **options).to_json()) for name, (X, options) in CASES.items()}


def failed(record, X):
    return [check.name for check in verify_embedding(record, X) if not check.passed]


@pytest.mark.parametrize("name", CASES)
def test_every_record_is_verified(name):
    checks = verify_embedding(RECORDS[name], CASES[name][0])
    assert [check.name for check in checks if not check.passed] == []
    assert len(checks) == 12
    assert all("\n" not in check.detail for check in checks)


def test_the_cases_cover_the_kinds():
    assert RECORDS["guaranteed"]["status"] == "guaranteed"
    assert RECORDS["isometry"]["status"] == "isometry"
    assert RECORDS["alone"]["heldout"] is None
    assert RECORDS["certified"]["heldout"] is not None
    assert RECORDS["duplicates"]["points"]["duplicates"] == 3


def leaves(value, path=()):
    if isinstance(value, dict):
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from leaves(value[index], (*path, index))
    else:
        yield path


def put(record, path, value):
    changed = copy.deepcopy(record)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


def other(value, choice):
    """Another value of the same kind, or of another."""
    if choice == 0:
        return None if value is not None else 0
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1 if choice % 2 else -value - 1
    if isinstance(value, float):
        # beyond rounding: figures of an isometry are rounding errors themselves
        return value * 1.01 + 1e-6 if choice % 2 else value * 0.9 - 1e-6
    if isinstance(value, str):
        return value + "x" if choice % 2 else value[:-1]
    return "something"


def ties(record, X):
    """Whether the pair it names is as bad as the worst to rounding: the map is scaled so that two extremes tie."""
    pair = record["worst_pair"]
    if not all(type(i) is int and 0 <= i < len(X) for i in pair) or pair[0] >= pair[1]:
        return False
    A = np.frombuffer(base64.b64decode(record["matrix"]["base64"])).reshape(record["matrix"]["shape"])
    u = (X[pair[0]] - X[pair[1]]).astype(float)
    return abs(abs(np.sum((A @ u) ** 2) / (u @ u) - 1) - record["distortion"]) < 1e-11


# The history and the counts tell how the map was found; they are sealed, and a re-sealed lie about them changes
# nothing that is claimed about the map. The same holds for the names of the method and of the complement.
TALE = {"history", "stats", "method", "complement"}


@settings(max_examples=150, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(CASES)))
def test_any_mutated_field_fails_with_its_name(data, name):
    record, X = RECORDS[name], CASES[name][0]
    path = data.draw(st.sampled_from([p for p in leaves(record) if p[0] != "seal"]))
    value = record
    for key in path:
        value = value[key]
    changed = put(record, path, other(value, data.draw(st.integers(0, 2))))
    assert failed(changed, X), path
    if path[0] not in TALE and not (path[0] == "worst_pair" and ties(changed, X)):
        names = failed(sealed(changed), X)
        assert names, path
        assert "seal" not in names


@pytest.mark.parametrize("name", CASES)
def test_missing_and_additional_fields_fail(name):
    record, X = RECORDS[name], CASES[name][0]
    for key in record:
        smaller = {k: v for k, v in record.items() if k != key}
        assert failed(smaller, X) == ["schema"]
    assert failed({**record, "more": 1}, X) == ["schema"]
    for key in ("points", "chain", "quantiles", "guarantee", "matrix", "history", "stats"):
        for inner in record[key]:
            smaller = {**record, key: {k: v for k, v in record[key].items() if k != inner}}
            assert failed(sealed(smaller), X), (key, inner)
        assert failed(sealed({**record, key: {**record[key], "more": 1}}), X), key
        assert failed(sealed({**record, key: "nonsense"}), X), key


@settings(max_examples=20, deadline=None)
@given(row=st.integers(0, 5), column=st.integers(0, 63), factor=st.sampled_from([0.99, 1.01, -1.0]))
def test_another_matrix_is_found_out(row, column, factor):
    record, X = RECORDS["certified"], CASES["certified"][0]
    A = np.frombuffer(base64.b64decode(record["matrix"]["base64"])).reshape(6, 64).copy()
    A[row, column] *= factor
    if not X[:, column].any():
        return  # a pixel that is always dark has no say
    changed = put(record, ("matrix", "base64"), base64.b64encode(A.tobytes()).decode())
    if A[row, column]:
        assert "ratios" in failed(sealed(changed), X)


def test_other_points_are_found_out():
    record, X = RECORDS["certified"], CASES["certified"][0]
    Y = X.copy()
    Y[3, 20] += 1e-9
    assert failed(record, Y) == ["points"]
    assert failed(record, X[::-1]) == ["points"]
    assert failed(record, X.astype(np.float32)) == ["points"]
    assert failed(record, X[:, :10]) == ["points", "matrix"]
    for nonsense in (np.array(["a"]), np.full_like(X, np.nan), np.zeros((2, 2, 2))):
        assert "points" in failed(record, nonsense)


def test_a_better_lower_bound_or_distortion_than_true_is_refused():
    record, X = RECORDS["certified"], CASES["certified"][0]
    assert "lower_bound" in failed(sealed({**record, "lower_bound": record["lower_bound"] * 1.0001}), X)
    better = {**record, "distortion": record["distortion"] - 1e-9}
    better["chain"] = {**record["chain"], "distortion": better["distortion"]}
    assert "ratios" in failed(sealed(better), X)


@pytest.mark.parametrize("record", [{}, {"schema": "derandkit-embedding"}, {"schema": None, "points": 3}])
def test_rubbish_fails_at_the_schema(record):
    assert failed(record, np.eye(3)) == ["schema"]


def test_the_verifier_needs_numpy_only():
    import subprocess
    import sys

    script = (
        "import sys, derandkit.certificates.embeddings.record\n"
        "assert not {'numba', 'scipy', 'cvxpy', 'sklearn', 'derandkit.jl'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={"PYTHONPATH": "src"})
