"""Verification accepts what embed writes and rejects every change to it."""

from __future__ import annotations

import base64
import functools
import json
import math
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sklearn.datasets import load_digits
from tests.leaves import leaves, places, replaced, value_at

from derandkit.certificates.checks import Verdict
from derandkit.certificates.embeddings import deviations, pairs
from derandkit.certificates.embeddings.form import FIELDS, faults
from derandkit.certificates.embeddings.record import verify_embedding
from derandkit.certificates.embeddings.statements import EMBEDDING
from derandkit.embeddings.solve import embed
from derandkit.records import decode_array, encode_array, sealed
from derandkit.status import EmbeddingStatus

WIDE = np.random.default_rng(5).standard_normal((70, 75))
CASES = {
    "certified": (load_digits().data[:60].astype(float), {"n_components": 6}),
    "guaranteed": (WIDE, {"n_components": 60}),
    "isometry": (WIDE[:25, :4].astype(np.float32), {"n_components": 5}),
    "duplicates": (np.vstack([WIDE[:30, :8], WIDE[:3, :8]]), {"n_components": 3, "method": "minimax"}),
    "alone": (WIDE[:10, :6], {"n_components": 2}),
    "mean": (WIDE[:22, :6], {"n_components": 3, "objective": "mean"}),
    "weighted": (WIDE[:12, :5], {"n_components": 2, "objective": "mean4", "pair_weights": range(12)}),
}


@functools.cache
def embedded(name):
    X, options = CASES[name]
    return json.loads(embed(X, **options).to_json())


def failed(record, X):
    return [check.name for check in verify_embedding(record, X) if not check.passed]


@pytest.mark.parametrize("name", CASES)
def test_every_record_is_verified(name):
    checks = verify_embedding(embedded(name), CASES[name][0])
    assert [check.name for check in checks if not check.passed] == []
    assert [check.name for check in checks] == [statement.name for statement in EMBEDDING]
    assert all("\n" not in check.detail for check in checks)


def test_the_cases_cover_the_kinds():
    assert embedded("guaranteed")["status"] == "guaranteed"
    assert embedded("isometry")["status"] == "isometry"
    assert embedded("alone")["heldout"] is None
    assert embedded("certified")["heldout"] is not None
    assert embedded("duplicates")["points"]["duplicates"] == 3


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


def still_true(path, record, changed):
    """Whether the change leaves a true statement: no claim depends on a ratio beyond the ninth digit."""
    if path[0] == "status" or path[0] == "message":
        return False
    old, new = record, changed
    for key in path:
        old, new = old[key], new[key]
    return type(new) is float and type(old) is float and abs(new - old) < 2.0**-25


def ties(record, X):
    """Whether the pair it names is as bad as the worst to rounding: the map is scaled so that two extremes tie."""
    pair = record["worst_pair"]
    if not all(type(i) is int and 0 <= i < len(X) for i in pair) or pair[0] >= pair[1]:
        return False
    A = np.frombuffer(base64.b64decode(record["matrix"]["base64"])).reshape(record["matrix"]["shape"])
    u = (X[pair[0]] - X[pair[1]]).astype(float)
    return abs(abs(np.sum((A @ u) ** 2) / (u @ u) - 1) - record["distortion"]) < 1e-11


# The history and the counts tell how the map was found; they are sealed, and a re-sealed lie about them changes
# nothing that is claimed about the map: verification calls them not checked. The same holds for the names of the
# method and of the complement, for the ridge, and for the names of columns.
TALE = {"history", "stats", "method", "complement", "ridge"}


@settings(max_examples=150, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(CASES)))
def test_any_mutated_field_fails_with_its_name(data, name):
    record, X = embedded(name), CASES[name][0]
    path = data.draw(
        st.sampled_from([p for p, leaf in leaves(record) if p[0] != "seal" and leaf not in ([], {})])
    )
    changed = replaced(record, path, other(value_at(record, path), data.draw(st.integers(0, 2))))
    assert failed(changed, X), path
    if path[0] in TALE or path == ("points", "reading"):
        return
    if not (path[0] == "worst_pair" and ties(changed, X)) and not still_true(path, record, changed):
        names = failed(sealed(changed), X)
        assert names, path
        assert "seal" not in names


@pytest.mark.parametrize("name", CASES)
def test_missing_and_additional_fields_fail(name):
    record, X = embedded(name), CASES[name][0]
    for key in record:
        smaller = {k: v for k, v in record.items() if k != key}
        assert failed(smaller, X) == ["schema"]
    assert failed({**record, "more": 1}, X) == ["schema"]
    parts = (
        "points",
        "chain",
        "quantiles",
        "guarantee",
        "matrix",
        "history",
        "stats",
        "output",
        "ridge",
        "mean",
    )
    for key in parts:
        if record[key] is None:  # a mean objective has no ridge, the worst pair no mean
            assert key in ("ridge", "mean")
            assert failed(sealed({**record, key: "nonsense"}), X), key
            continue
        for inner in record[key]:
            smaller = {**record, key: {k: v for k, v in record[key].items() if k != inner}}
            assert failed(sealed(smaller), X), (key, inner)
        assert failed(sealed({**record, key: {**record[key], "more": 1}}), X), key
        assert failed(sealed({**record, key: "nonsense"}), X), key


@settings(max_examples=20, deadline=None)
@given(row=st.integers(0, 5), column=st.integers(0, 63), factor=st.sampled_from([0.99, 1.01, -1.0]))
def test_another_matrix_is_found_out(row, column, factor):
    record, X = embedded("certified"), CASES["certified"][0]
    A = np.frombuffer(base64.b64decode(record["matrix"]["base64"])).reshape(6, 64).copy()
    A[row, column] *= factor
    if not X[:, column].any():
        return  # a pixel that is always dark has no say
    changed = replaced(record, ("matrix", "base64"), base64.b64encode(A.tobytes()).decode())
    if A[row, column]:
        # a column in which no extreme pair differs changes the other figures only
        assert {"ratios", "quantiles"} & set(failed(sealed(changed), X))


def test_other_points_are_found_out():
    record, X = embedded("certified"), CASES["certified"][0]
    Y = X.copy()
    Y[3, 20] += 1e-9
    assert failed(record, Y) == ["points"]
    assert failed(record, X[::-1]) == ["points"]
    assert failed(record, X.astype(np.float32)) == ["points"]
    assert failed(record, X[:, :10]) == ["points", "matrix"]
    for nonsense in (np.array(["a"]), np.full_like(X, np.nan), np.zeros((2, 2, 2))):
        assert "points" in failed(record, nonsense)


def test_a_better_lower_bound_or_distortion_than_true_is_refused():
    record, X = embedded("certified"), CASES["certified"][0]
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


def array(values, kind="<f8"):
    return encode_array(np.asarray(values), kind)


def matrix(record):
    return decode_array(record["matrix"])


def understated(record, X, A, *, margin=0.0):
    """Return the record with another map, and every figure as good as the forger wishes."""
    changed = {**record, "matrix": array(A), "distortion": record["lower_bound"], "margin": margin}
    changed["scaled_distortion"] = changed["distortion"]
    changed["chain"] = {
        "lower_bound": record["lower_bound"],
        "distortion": changed["distortion"],
        "certified_distortion": changed["distortion"] + margin,
    }
    return sealed(changed)


@pytest.mark.parametrize("entry", [1e160, 1e140, 2.0**99, 1e12, 1e7])
@pytest.mark.parametrize("margin", [1e300, 0.5, 0.137])
def test_a_huge_entry_on_a_constant_column_hides_nothing(entry, margin):
    """Rows 1 and 2 of the attacks: margin and tolerances grew with the norm of the matrix."""
    X = np.random.default_rng(3).standard_normal((40, 12))
    X[:, 4] = 7.3
    record = json.loads(embed(X, n_components=3, holdout=False).to_json())
    assert failed(record, X) == []
    A = matrix(record)
    A[1, 4] = entry
    forged = understated(record, X, 0.5 * A, margin=margin)
    assert {"matrix", "ratios"} & set(failed(forged, X))
    if entry <= 2.0**99:
        # the entry has no say: the honest figures of the honest map still hold, beside a stretch that says so
        honest = sealed({**record, "matrix": array(A)})
        assert "stretch" in failed(honest, X)
        assert set(failed(honest, X)) <= {"stretch", "span_stretch"}


def test_a_span_of_an_unknown_number_of_directions_says_nothing_of_their_stretch():
    """Points on a line and one 5e-10 beside it: the stretch of "the span" was 1, and a pair was mapped to one point."""
    X = np.array([[float(k), 0.0] for k in range(-5, 6)] + [[0.0, 5e-10]])
    record = json.loads(embed(X, n_components=1, holdout=False).to_json())
    assert failed(record, X) == []
    record["points"]["rank"] = 1
    record["stretch"]["span"] = {"smallest": 0.99999, "largest": 1.00001}
    check = {check.name: check for check in verify_embedding(sealed(record), X)}["span_stretch"]
    assert check.verdict.value == "not checked"


@pytest.mark.parametrize("scale", [1e3, 1e6, 1e9])
def test_entries_that_cancel_on_the_points_are_measured_or_refused(scale):
    X = np.random.default_rng(3).standard_normal((30, 8))
    X[:, 1] = X[:, 0]  # two columns in which all pairs differ alike
    record = json.loads(embed(X, n_components=3, holdout=False).to_json())
    A = matrix(record)
    A[0, :2] += [scale, -scale]
    names = failed(understated(record, X, A, margin=1e-3), X)
    assert "ratios" in names
    if scale >= 1e9:
        honest = failed(sealed({**record, "matrix": array(A)}), X)
        assert "ratios" in honest  # a bound of rounding that large measures nothing


def test_certified_covers_the_rounding_of_what_was_found():
    record, X = embedded("certified"), CASES["certified"][0]
    short = {**record, "margin": 0.0}
    short["chain"] = {**record["chain"], "certified_distortion": record["distortion"]}
    assert {"ratios", "chain"} <= set(failed(sealed(short), X))


def test_an_isometry_has_a_distortion_of_rounding_size():
    """Row 3: any matrix was an isometry once k reached the rank."""
    X = WIDE[:25, :4]
    record = json.loads(embed(X, n_components=5, holdout=False).to_json())
    assert record["status"] == "isometry"
    other = json.loads(embed(X, n_components=3, holdout=False).to_json())
    A = np.zeros((5, 4))
    A[:3] = matrix(other)
    kept = (
        "distortion",
        "scaled_distortion",
        "margin",
        "chain",
        "quantiles",
        "worst_pair",
        "output",
        "stretch",
    )
    forged = {**record, **{name: other[name] for name in kept}, "matrix": array(A), "lower_bound": 0.0}
    forged["chain"] = {**other["chain"], "lower_bound": 0.0}
    assert failed(sealed(forged), X) == ["status"]
    honest = {**forged, "status": "certified", "message": other["message"]}
    assert failed(sealed(honest), X) == []


def test_the_split_follows_a_rule_and_the_fit_is_not_checked():
    """Row 13: held-out figures for two points of the forger's choice."""
    record, X = embedded("certified"), CASES["certified"][0]
    two = {**record["heldout"], "n_held": 2, "n_fitted": 58, "pairs": 1}
    assert failed(sealed({**record, "heldout": two}), X) == ["heldout"]
    fewer = {**record["heldout"], "siblings": record["heldout"]["siblings"][:1]}
    assert failed(sealed({**record, "heldout": fewer}), X) == ["heldout"]
    verdicts = {check.name: check.verdict for check in verify_embedding(record, X)}
    assert verdicts["heldout"] is Verdict.RECOMPUTED
    assert verdicts["heldout_fit"] is Verdict.NOT_CHECKED
    assert verdicts["provenance"] is Verdict.NOT_CHECKED
    assert {name for name, verdict in verdicts.items() if verdict is Verdict.PROVEN} >= {
        "ratios",
        "chain",
        "status",
    }


def test_that_a_run_was_interrupted_is_not_checked():
    record, X = embedded("certified"), CASES["certified"][0]
    early = sealed({**record, "status": "interrupted", "message": EmbeddingStatus.INTERRUPTED.value})
    checks = {check.name: check for check in verify_embedding(early, X)}
    assert checks["status"].verdict is Verdict.NOT_CHECKED
    assert not checks["status"].headline
    assert failed(sealed({**early, "message": "guaranteed: trust me"}), X) == ["status"]


def test_messages_are_those_of_the_statuses():
    from derandkit.certificates.embeddings.form import MESSAGES

    assert {status.name.lower(): status.value for status in EmbeddingStatus} == MESSAGES


RUBBISH = [None, True, 0, -1, 1.5, 10**400, 1e308, 5e-324, "", "nan", "\ud800", [], {}, [[]], [1e308] * 3,
           {"base64": "!!", "dtype": "<f8", "shape": [1]}, {"base64": "", "dtype": "<f8", "shape": [10**12, 64]},
           array([[np.nan] * 64] * 6), array([[1e300] * 64] * 6), array([[5e-324] * 64] * 6),
           array(np.zeros((6, 64))), array(np.zeros((6, 64)), "<f4"), array(np.zeros((10**4, 64))),
           array(np.full((6, 64), np.inf), "<f4")]  # fmt: skip


@pytest.mark.parametrize("name", ["certified", "guaranteed"])
def test_rubbish_anywhere_ends_in_a_report(name):
    record, X = embedded(name), CASES[name][0]
    for path in places(record):
        if isinstance(path[-1], int) and path[-1] > 1:
            continue
        for value in RUBBISH[:: 2 if name == "certified" else 5]:
            changed = replaced(record, path, value)
            try:
                changed = sealed(changed)
            except (ValueError, TypeError):  # JSON cannot hold it
                continue
            checks = verify_embedding(changed, X)
            assert all("\n" not in check.detail for check in checks)
            # a record without held-out figures says less, and nothing false
            if (
                path[0] in {*TALE, "seal"}
                or path == ("points", "reading")
                or (path, value) == (("heldout",), None)
            ):
                continue
            if value != record.get(path[0]):
                was, at = record, path
                for key in at:
                    was = was[key]
                assert was == value or failed(changed, X) or still_true(path, record, changed), (path, value)


def test_no_array_is_made_before_its_size_is_known():
    record, X = embedded("certified"), CASES["certified"][0]
    liar = {"base64": "", "dtype": "<f8", "shape": [2**40, 64]}
    checks = verify_embedding(sealed({**record, "matrix": liar, "n_components": 2**40}), X)
    assert [check.name for check in checks] == ["schema"]


def test_a_later_form_under_the_name_of_an_older_version_is_refused():
    for version in (1, 2):
        forged = sealed({**embedded("alone"), "schema_version": version})
        assert [c.name for c in verify_embedding(forged, CASES["alone"][0]) if not c.passed] == ["schema"]


SCHEMA = json.loads(files("derandkit").joinpath("data/schemas/embedding.json").read_text())


@pytest.mark.parametrize("name", CASES)
def test_records_have_the_published_form(name):
    Draft202012Validator.check_schema(SCHEMA)
    assert not list(Draft202012Validator(SCHEMA).iter_errors(embedded(name)))
    assert set(SCHEMA["required"]) == set(SCHEMA["properties"]) == set(FIELDS)


def test_schema_and_code_refuse_the_same_forms():
    """The code also sees that 1 is no 1.0, that an array fits its shape, and that columns have one length."""
    validator = Draft202012Validator(SCHEMA)
    record = embedded("certified")
    for path in places(record):
        if isinstance(path[-1], int) and path[-1] > 1:
            continue
        for value in (None, True, -1, -1.5, 2**60, "x" * 400, [], {}, [0.0] * 20000, {"more": 1}):
            changed = replaced(record, path, value)
            if not validator.is_valid(changed):
                assert faults(changed), (path, str(value)[:40])
            elif not (type(value) is int or "base64" in path or "shape" in path or path[0] == "history"):
                assert not faults(changed), (path, str(value)[:40])


def test_quantiles_of_many_pairs_are_bins_that_hold_them(monkeypatch):
    monkeypatch.setattr(deviations, "MOST_EXACT", 100)
    monkeypatch.setattr(deviations, "AT_A_TIME", 150)
    numbers = np.random.default_rng(0).lognormal(sigma=5.0, size=400)
    numbers[:3] = 0.0, 1e-300, 1e300
    whole, first, second = deviations.Deviations(), deviations.Deviations(), deviations.Deviations()
    for part in np.array_split(numbers, 9):
        whole.add(part)
    first.add(numbers[:50])
    second.add(numbers[50:])
    first.merge(second)
    for level in (0.001, 0.01, 0.5, 0.9, 0.999, 1.0):
        exact = np.sort(numbers)[math.ceil(level * 400) - 1]
        for found in (whole, first):
            assert found.count == 400
            low, high = found.quantile(level)
            assert low <= exact <= high
            assert level > 0.99 or high <= low * (1.0 + 2.0 * deviations.WIDTH) + 1e-40


def test_pairs_that_take_too_long_are_refused_before_they_are_measured(monkeypatch):
    """160 kB of points took 1.9 GB and a minute, whatever was claimed about them."""
    X = np.random.default_rng(0).standard_normal((12, 3))
    record = embed(X, n_components=2, holdout=False).to_dict()
    monkeypatch.setattr(pairs, "MOST_PAIRS", 66.0 * (3 + 2 + 64) - 1.0)
    checks = {check.name: check for check in verify_embedding(record, X)}
    assert "refused unseen: pairs times columns" in checks["matrix"].detail
    assert "ratios" not in checks
    assert all(check.passed for check in verify_embedding(record, X, allow_work=2.0))
