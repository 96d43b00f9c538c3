"""Rows of equal inputs stand on one side of every split and in one part; other tables are split as they always were."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit
from derandkit import InputError, RegressionData, Student, discover_structure
from derandkit.certificates.rows import numbered_rows
from derandkit.certificates.structure.inputs import on_both_sides
from derandkit.numerics.hashing import hashed_order
from derandkit.points.sparse import numbered_rows as different
from derandkit.records import sealed
from derandkit.status import StructureStatus
from derandkit.structure.intake import repeats
from derandkit.structure.intake.repeats import (
    consecutive_folds,
    folds_of,
    judged_parts,
    split_rows,
)
from derandkit.structure.intake.targets import read_targets

W, B, V = np.array([[1.0, 0.2, 0.0], [0.0, 0.5, -0.3]]), np.array([0.1, -0.2]), np.array([0.5, -0.25])


def keys(X):
    return [tuple(float(x) + 0.0 for x in row) for row in X]


def sides(X, parts):
    """The parts in which rows of equal inputs are: one for each."""
    found = {}
    for k, part in enumerate(parts):
        for key in {keys(X)[row] for row in part}:
            found.setdefault(key, set()).add(k)
    return found


@st.composite
def tables(draw):
    """Rows of few values, each perhaps several times, in any order, with targets of their own."""
    d = draw(st.integers(1, 3))
    count = draw(st.integers(4, 20))
    values = st.sampled_from([-1.0, -0.0, 0.0, 1.0, 2.5, 1e3, 3e-200])
    rows = draw(st.lists(st.tuples(*[values] * d), min_size=count, max_size=count))
    times = draw(st.lists(st.integers(1, 9), min_size=count, max_size=count))
    X = np.repeat(np.array(rows), times, axis=0)
    kind = draw(st.sampled_from(["numbers", "two", "five"]))
    numbers = np.random.default_rng(draw(st.integers(0, 99)))
    X = numbers.permutation(X)
    m = len(X)
    if kind == "numbers":
        return X, numbers.standard_normal(m), None
    y = numbers.choice(list("ab" if kind == "two" else "abcde"), m)
    return X, y, None if draw(st.booleans()) else numbers.choice([0.0, 0.5, 2.0], m)


@settings(max_examples=200, deadline=None)
@given(tables())
def test_equal_rows_are_on_one_side(case):
    """For any repeats, orders, targets and weights; the checker and the folds agree."""
    X, y, weights = case
    try:
        data = RegressionData(X, y, weights=weights)
    except InputError:
        return
    train, held = data.rows
    X = data.X
    # what counts as constant beside other entries is not seen
    top = np.abs(X).max(axis=0)
    seen = X[:, (X / np.where(top > 0, top, 1.0)).std(axis=0) > 1e-13]
    parts = repeats.parts_of(held, data._numbers)
    assert sorted([*train, *held]) == list(range(len(X)))
    assert [*held] == [row for part in parts for row in part]
    assert all(len(found) == 1 for found in sides(seen, [train, *parts]).values())
    assert not on_both_sides(data)
    assert 2 <= len(parts) <= 8
    assert len(data.evaluation()) == len(parts)
    count = len(set(keys(seen)))
    assert data.describe().get("repeated", 0) == len(X) - count
    if data.classes is None or len(data.classes) < 3:
        assert len(sides(seen, [held])) == max(2, round(0.25 * count))
    fold = folds_of(data.training().numbers, 4)
    folds = [train[fold == k] for k in range(fold.max() + 1)]
    assert 2 <= len(folds) <= 4
    assert all(len(found) == 1 for found in sides(seen, folds).values())
    sizes = [len(sides(seen, [part])) for part in folds]
    assert max(sizes) - min(sizes) <= 1
    whole = data.with_all_rows()
    assert [part.mass for part in whole.evaluation()] == [part.mass for part in data.evaluation()]


@settings(max_examples=100, deadline=None)
@given(tables())
def test_rows_are_numbered_as_they_come_first(case):
    X = case[0]
    first = {}
    expected = [first.setdefault(key, len(first)) for key in keys(X)]
    assert different(X).tolist() == expected == numbered_rows(X).tolist()


def test_the_two_zeros_are_one_number():
    assert different(np.array([[2.0], [1.0], [2.0], [0.0], [-0.0]])).tolist() == [0, 1, 0, 2, 2]


@settings(max_examples=100, deadline=None)
@given(st.integers(10, 400), st.integers(1, 4), st.sampled_from(["numbers", "abc"]))
def test_without_repeats_the_split_is_the_one_of_positions(rows, d, kind):
    """As before, byte for byte: rows, their parts, folds, and parts of networks."""
    numbers = np.random.default_rng(rows)
    X = numbers.standard_normal((rows, d))
    y = numbers.standard_normal(rows) if kind == "numbers" else [kind[k % 3] for k in range(rows)]
    data = RegressionData(X, y)
    order, codes = hashed_order(rows), np.zeros(rows) if kind == "numbers" else data.y
    cut = [order[codes[order] == code] for code in np.unique(codes)]
    held = np.sort(np.concatenate([c[: round(0.25 * len(c))] for c in cut]))
    train = np.sort(np.concatenate([c[round(0.25 * len(c)) :] for c in cut]))
    for found, expected in zip(data.rows, (train, held), strict=True):
        assert found.dtype == expected.dtype == np.int64
        assert found.tobytes() == expected.tobytes()
    parts = repeats.parts_of(held, np.arange(rows))
    for found, expected in zip(parts, np.array_split(held, min(8, len(held))), strict=True):
        assert found.tobytes() == expected.tobytes()
    fold = np.empty(len(train), dtype=np.int64)
    fold[hashed_order(len(train))] = np.arange(len(train)) % 4
    assert folds_of(data.training().numbers, 4).tobytes() == fold.tobytes()
    assert "repeated" not in data.describe()
    if rows >= 16:
        expected = map(np.sort, np.array_split(order, 8))
        assert [part.tolist() for part in judged_parts(X)] == [part.tolist() for part in expected]


def test_folds_of_the_lasso_are_those_of_scikit_learn():
    from sklearn.model_selection import KFold

    for rows in (10, 47):
        expected = KFold(4).split(np.zeros(rows))
        for found, (rest, fold) in zip(consecutive_folds(np.arange(rows) * 3, 4), expected, strict=True):
            assert (found[0].tolist(), found[1].tolist()) == (rest.tolist(), fold.tolist())
    X = np.random.default_rng(0).integers(0, 3, (60, 2))
    folds = consecutive_folds(different(X), 4)
    assert all(len(found) == 1 for found in sides(X, [fold for _, fold in folds]).values())


def test_rows_that_repeat_others_at_the_end_move_no_row():
    X = np.random.default_rng(0).standard_normal((40, 2))
    y = read_targets(np.arange(60.0))
    few = split_rows(read_targets(np.arange(40.0)), different(X))[1]
    more = split_rows(y, different(np.concatenate((X, X[:20]))))[1]
    assert sorted(row for row in more if row < 40) == few.tolist()
    assert {row - 40 for row in more if row >= 40} == {row for row in few if row < 20}


def test_every_class_is_trained_on():
    """A class whose rows are all equal to rows of others too."""
    X = np.random.default_rng(1).standard_normal((40, 2))
    y = [("a", "b")[k % 2] for k in range(40)]
    X, y = np.concatenate((X, X[:6])), [*y, *"cccccc"]
    data = RegressionData(X, y)
    assert set(data.y[data.rows[0]]) == {0.0, 1.0, 2.0}
    assert set(data.y[data.rows[1]]) == {0.0, 1.0, 2.0}


def test_equal_rows_of_many_classes_are_split_together():
    X = np.tile(np.arange(8.0)[:, None], (7, 1))
    y = [k % 7 for k in range(56)]
    data = RegressionData(X, y, task="classes")
    assert len(data.rows[1]) == 14
    assert set(data.y[data.rows[0]]) == set(range(7))
    with pytest.raises(InputError, match="the classes have too few different rows for any to be kept back"):
        RegressionData(
            X, [("a" if k % 8 in (2, 4) else "b" if k % 8 == 3 else "c" if k % 8 else "d") for k in range(56)]
        )


def test_few_different_rows_are_refused():
    X = np.repeat([[0.0], [1.0], [2.0]], 50, axis=0)
    y = np.arange(150.0)
    words = "150 rows of which 3 are different are too few; equal rows stand on one side of the split, so"
    with pytest.raises(InputError, match=words):
        RegressionData(X, y)
    X[0] = 7.0
    assert len(RegressionData(X, y).evaluation()) == 2
    with pytest.raises(InputError, match="penalties are chosen are all equal; give the penalties"):
        folds_of(np.array([5, 5, 5]), 4)


def test_repeated_noise_is_not_found():
    """93.5 % of the loss of the mean was explained "on rows kept back" that were trained on."""
    pytest.importorskip("jax")
    numbers = np.random.default_rng(0)
    X, y = numbers.standard_normal((60, 4)), numbers.standard_normal(60)
    once = discover_structure((X, y), Student(width=4), penalty=1e-3, max_steps=100, controls=False)
    data = RegressionData(np.tile(X, (6, 1)), np.tile(y, 6))
    result = discover_structure(data, Student(width=4), penalty=1e-3, max_steps=100, controls=False)
    assert result.status is StructureStatus.OVERFITTED
    # six times the same rows show what these rows show, with the same errors
    for name in ("loss", "loss_error", "gain", "gain_error", "mean_loss"):
        assert getattr(result, name) == pytest.approx(getattr(once, name), rel=1e-4)
    assert result.problem["repeated"] == 300
    assert "300 of 360 rows repeat the inputs of another one; equal rows stand on one side" in " ".join(
        str(result).split()
    )
    assert "repeat the inputs" not in str(once)
    record = json.loads(result.to_json())
    assert derandkit.verify(record, data).ok
    for changed in (299, 0, None):
        forged = {**record, "problem": {**record["problem"], "repeated": changed}}
        assert derandkit.verify(sealed(forged), data).failed == ("problem",)
    older = derandkit.verify(sealed({**record, "schema_version": 4}), data)
    assert older.failed == ("problem",)
    assert "300 of 360 rows repeat others, and before version 5 equal rows stood on both sides" in str(older)
    assert "make the record anew" in str(older)
    # rows on both sides, which a table that is read cannot have
    order = hashed_order(360)
    object.__setattr__(data, "_rows", (np.sort(order[90:]), np.sort(order[:90])))
    mixed = derandkit.verify(record, data)
    assert mixed.failed == ("problem",)
    assert "have the inputs of rows that are trained on" in str(mixed)


def test_a_rare_class_that_was_drawn_ninefold_is_not_found():
    pytest.importorskip("jax")
    from sklearn.exceptions import ConvergenceWarning

    numbers = np.random.default_rng(0)
    X, rare = numbers.standard_normal((200, 4)), numbers.random(200) < 0.1
    rows = numbers.permutation([*range(200), *np.repeat(np.flatnonzero(rare), 8)])
    classes = np.where(rare, "rare", "usual")[rows]
    model = derandkit.StructureClassifier(width=4, penalty=1e-3, upper_penalty=1e-3, max_steps=60)
    with pytest.warns(ConvergenceWarning):
        model.fit(X[rows], classes)
    assert model.result_.status is StructureStatus.OVERFITTED
    assert model.result_.problem["repeated"] == len(rows) - 200


def test_penalties_are_chosen_on_folds_without_equal_rows():
    pytest.importorskip("jax")
    numbers = np.random.default_rng(2)
    X, y = np.repeat(numbers.standard_normal((6, 2)), 5, axis=0), numbers.standard_normal(30)
    result = discover_structure((X, y), Student(width=2), max_steps=5, controls=False)
    assert result.selection.folds == 4
    X[X[:, 0] == X[0, 0]] = X[-1]
    result = discover_structure((X, y), Student(width=2), max_steps=5, controls=False)
    assert result.selection.folds == 3
    assert derandkit.verify(json.loads(result.to_json()), RegressionData(X, y)).ok


@settings(max_examples=100, deadline=None)
@given(st.integers(8, 40), st.randoms(use_true_random=False))
def test_parts_of_the_rows_of_a_network_share_no_row(count, numbers):
    X = np.random.default_rng(count).standard_normal((count, 2))
    rows = [
        row for row in range(count) for _ in range(numbers.choice([1, 1, 2, 7] if count > 15 else [2, 7]))
    ]
    numbers.shuffle(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        parts = judged_parts(X[rows])
    assert sorted(row for part in parts for row in part) == list(range(len(rows)))
    found = sides(X[rows], parts)
    assert len(found) == count
    assert all(len(part) == 1 for part in found.values())


def test_repeated_rows_of_a_network():
    pytest.importorskip("jax")
    import jax.numpy as jnp

    from derandkit.structure.trained import certify

    numbers = np.random.default_rng(5)
    X, y = numbers.standard_normal((48, 3)), numbers.standard_normal(48)
    options = {"weights": W, "bias": B, "penalty": 0.1, "rank": 1}
    once = derandkit.certify_network(lambda z: jnp.tanh(z) @ V, X, y, **options)
    six, targets = np.tile(X, (4, 1)), np.tile(y, 4)
    with pytest.warns(
        UserWarning, match="144 of 192 rows repeat the inputs of another one; equal rows are kept"
    ):
        found = derandkit.certify_network(lambda z: jnp.tanh(z) @ V, six, targets, **options)
    assert found.risk == pytest.approx(once.risk, rel=1e-9)
    assert found.risk_error == pytest.approx(once.risk_error, rel=1e-5)
    assert found.status is once.status
    instance = (six, targets, lambda z: jnp.tanh(z) @ V, W, B)
    record = json.loads(found.to_json())
    assert derandkit.verify(record, instance).ok
    with pytest.raises(
        InputError, match="60 rows of which 7 are different are too few; at least 8 different ones"
    ):
        derandkit.certify_network(lambda z: jnp.tanh(z) @ V, six[np.arange(60) % 7], targets[:60], **options)
    with pytest.MonkeyPatch.context() as patch:
        old = list(map(np.sort, np.array_split(hashed_order(192), 8)))
        patch.setattr(certify, "judged_parts", lambda table: old)
        apart = derandkit.certify_network(lambda z: jnp.tanh(z) @ V, six, targets, **options)
    record = json.loads(apart.to_json())
    assert "derivatives" in derandkit.verify(record, instance).failed
    record = {key: value for key, value in record.items() if key not in ("classes", "logits")}
    older = derandkit.verify(sealed({**record, "schema_version": 3}), instance)
    assert older.ok
    assert "equal rows are in several parts, so standard errors are too small" in str(older)


def test_the_command_line_says_how_many_rows_are_repeated(tmp_path, capsys):
    pytest.importorskip("jax")
    from derandkit.cli import main

    numbers = np.random.default_rng(1)
    table = np.tile(numbers.standard_normal((20, 3)), (3, 1))
    file, record = tmp_path / "table.csv", tmp_path / "record.json"
    file.write_text("a,b,t\n" + "".join(",".join(map(repr, row)) + "\n" for row in table.tolist()))
    options = ["--target", "t", "--penalty", "0.01", "--max-steps", "5", "--no-controls", "-o", str(record)]
    with pytest.raises(SystemExit):  # nothing is found in noise
        main(["structure", "--data", str(file), *options])
    assert "40 of 60 rows repeat the inputs of another one" in " ".join(capsys.readouterr().out.split())
    with pytest.raises(SystemExit) as ended:
        main(["verify", str(record), str(file)])
    assert ended.value.code == 0
