"""Tables in memory that a network would misread are refused: masks, shared indexes, classes that look alike."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.structure.estimators import StructureClassifier, StructureRegressor
from derandkit.structure.intake.targets import read_targets

X = np.random.default_rng(2).normal(size=(80, 3))
Y = X[:, 0] - 2 * X[:, 1]
FRAME = pd.DataFrame(X, columns=list("abc"))
MASKED = np.ma.masked_greater(X, 1.5)


@pytest.mark.parametrize(
    "read",
    [
        lambda: dk.RegressionData(MASKED, Y),
        lambda: dk.RegressionData(X, np.ma.masked_greater(Y, 0.5)),
        lambda: dk.RegressionData(X, Y, weights=np.ma.masked_greater(np.abs(Y), 0.5)),
    ],
)
def test_masked_entries_have_no_value(read):
    with pytest.raises(InputError, match=r"entries( of [a-zA-Z ]+)? are masked"):
        read()


@pytest.mark.parametrize("name", ["DerandomizedProjection", "DerandomizedFourierFeatures"])
def test_transformers_refuse_masks_and_say_that_they_are_not_fitted(name: str):
    exceptions = pytest.importorskip("sklearn.exceptions")
    kind = getattr(dk, name)
    with pytest.raises(InputError, match=r"entries( of [a-zA-Z ]+)? are masked"):
        kind(2).fit(MASKED)
    with pytest.raises(exceptions.NotFittedError):
        kind(2).transform(X)
    fitted = kind(2).fit(X[:20])
    with pytest.raises(InputError, match=r"entries( of [a-zA-Z ]+)? are masked"):
        fitted.transform(MASKED)


@pytest.mark.parametrize("name", ["StructureRegressor", "StructureClassifier"])
def test_estimators_refuse_masks(name: str):
    pytest.importorskip("sklearn")
    with pytest.raises(InputError, match=r"entries( of [a-zA-Z ]+)? are masked"):
        getattr(dk, name)().fit(MASKED, (Y > 0).astype(int))


@pytest.mark.parametrize("missing", [None, pd.NA, pd.NaT])
def test_a_missing_class_is_one_line(missing: object):
    pytest.importorskip("sklearn")
    classes: list[object] = ["no", "yes"] * 40
    classes[7] = missing
    with pytest.raises(InputError, match=r"the target in row 7 is .*missing value"):
        dk.StructureClassifier().fit(X, np.array(classes, dtype=object))
    with pytest.raises(InputError, match="the target in row 7"):
        dk.StructureClassifier().fit(
            X,
            pd.Series(["no" if c is missing else c for c in classes])
            .astype("string")
            .mask(np.arange(80) == 7),
        )


@pytest.mark.parametrize("name", ["StructureRegressor", "StructureClassifier"])
def test_estimators_refuse_indexes_that_differ(name):
    """They joined the rows by position with nothing said, as scikit-learn does."""
    pytest.importorskip("sklearn")
    turned = np.arange(80)[::-1]
    y = pd.Series(Y > 0 if "Class" in name else Y, index=turned)
    with pytest.raises(InputError, match="the index of y and the index of X differ"):
        getattr(dk, name)().fit(FRAME, y)
    weights = pd.Series(1.0, index=turned)
    with pytest.raises(InputError, match="the index of sample_weight and the index of X differ"):
        getattr(dk, name)().fit(FRAME, y.to_numpy(), sample_weight=weights)


def test_indexes_that_share_rows_are_asked_about():
    y = pd.Series(Y)
    kept = FRAME["a"] > 0
    for inputs, targets in (
        (FRAME[:40], y[::2]),
        (FRAME[kept], pd.Series(Y[kept.to_numpy()])),
        (FRAME[:40], y[20:60]),
    ):
        with pytest.raises(InputError, match="joined by label or by position"):
            dk.RegressionData(inputs, targets)
    fresh = FRAME[40:].set_axis([f"r{k}" for k in range(40)])
    assert dk.RegressionData(fresh, y[:40]).digest == dk.RegressionData(X[40:], Y[:40]).digest


@pytest.mark.parametrize(
    "names",
    [
        ("yes", "Yes", "no"),
        ("True", "true", "False"),
        ("\u00e9", "e\u0301", "a"),
        ("1a", "\uff11a", "b"),
        ("yes", "no", "yes "),
        ("new york", "new  york", "rome"),
        ("ab", "a\u200bb", "c"),
        ("ab", "a\u00adb", "c"),
    ],
)
def test_classes_that_look_alike_are_asked_about(names: tuple[str, ...]):
    labels = list(names) * 10
    with pytest.raises(InputError, match="look alike: one class, or two"):
        read_targets(labels)
    assert len(read_targets(labels, "classes").classes or ()) == 3


@pytest.mark.parametrize("labels", [[2**53 + 1, 2**53, 0.5], [2**63 + 1, 2**63, -1]])
def test_large_classes_of_a_list_do_not_become_one(labels: list[float]):
    with pytest.raises(InputError, match="not exact in double precision"):
        read_targets(labels * 10, "classes")
    whole = np.array([2**53 + 1, 2**53, 7] * 10, dtype=object)
    assert read_targets(whole, "classes").classes == (7, 2**53, 2**53 + 1)


def test_a_word_among_two_numbers_is_asked_about():
    labels = ["0", "1"] * 20 + ["x"]
    with pytest.raises(InputError, match=r"most targets are numbers .* is 'x'"):
        read_targets(labels)
    assert read_targets(["0", "1", "x"] * 20).classes == ("0", "1", "x")


def test_the_target_is_no_input():
    frame = pd.DataFrame(np.random.default_rng(3).standard_normal((60, 3)), columns=["a", "b", "y"])
    for y in (frame["y"], frame["y"].copy()):
        with pytest.raises(InputError, match="the column 'y' of the inputs is the target itself"):
            dk.RegressionData(frame, y)
        for estimator in (StructureRegressor(), StructureClassifier()):
            with pytest.raises(InputError, match="is the target itself"):
                estimator.fit(frame, y)
    assert dk.RegressionData(frame.drop(columns="y"), frame["y"]).names == ("a", "b")
    assert dk.RegressionData(frame, pd.Series(frame["y"] + 1, name="y")).names == ("a", "b", "y")


@pytest.mark.parametrize("kind", ["duration", "binary", "time"])
def test_a_target_in_a_file_of_columns_is_numbers_or_text(tmp_path, kind: str):
    """Durations and bytes became classes such as '1 day, 0:00:00' and "b'a'"."""
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    values = {
        "duration": pa.array([datetime.timedelta(k % 3) for k in range(60)]),
        "binary": pa.array([b"ab"[k % 2 :][:1] for k in range(60)]),
        "time": pa.array([datetime.time(k % 3) for k in range(60)]),
    }[kind]
    file = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"a": np.sin(np.arange(60.0)), "t": values}), file)
    with pytest.raises(InputError, match=r"the target 't' has the type .*, neither numbers nor text"):
        dk.RegressionData.from_file(file, "t")


@pytest.mark.parametrize("row", range(3))
def test_weights_whose_sums_lose_all_digits_are_refused(row: int):
    """1e-300 beside 1e300: shares became 0, and a part of the rows weighed nothing (LinAlgError)."""
    weights = np.full(80, 1e-300)
    weights[row] = 1e300
    with pytest.raises(InputError, match="the weights span more than"):
        dk.RegressionData(X, Y, weights=weights)
    weights[weights < 1.0] = 0.0
    weights[40:] = 1e280
    assert dk.RegressionData(X, Y, weights=weights).weights.max() == 1.0


def test_parts_of_the_rows_kept_back_count_by_their_weights():
    """Each part counted an eighth: two unreliable rows of weight 1e-4 made a loss of 0.43 of one of 0.0002."""
    weights = np.where(np.arange(80) % 2 == 0, 1.0, 1e-4)
    data = dk.RegressionData(X, Y, weights=weights)
    parts = data.evaluation()
    assert [float(part.weights.sum()) for part in parts] == pytest.approx([1.0] * len(parts))
    assert sum(part.mass for part in parts) == pytest.approx(weights[data.rows[1]].sum())
    weights[weights < 1.0] = 0.0
    assert len(dk.RegressionData(X, Y, weights=weights).X) == 40


@pytest.mark.parametrize("entry", [" 1.5", "1.5\n", "\u00a01.5", "1.5\t"])
def test_texts_with_blanks_around_a_number_are_refused_as_among_points(entry):
    """`RegressionData` read what `PointCloud` refuses: Python leaves out blanks, ends of lines and their like."""
    X = np.sin(np.arange(40.0) ** 2).reshape(20, 2).astype(object)
    X[3, 1] = entry
    y = np.cos(np.arange(20.0))
    for table in (X, pd.DataFrame(X, columns=["a", "b"])):
        with pytest.raises(InputError):
            dk.PointCloud(table)
        with pytest.raises(InputError, match=r"entry \(3, 1\) of the inputs is .*blanks around the number"):
            dk.RegressionData(table, y)
    X[3, 1] = "1.5"
    assert dk.RegressionData(X, y).X[3, 1] == 1.5
