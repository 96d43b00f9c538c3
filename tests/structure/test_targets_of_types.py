"""A target has one reading by its type, in files that have types and in memory: booleans and text are classes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit
from derandkit import InputError, RegressionData, Student, discover_structure
from derandkit.structure.intake.targets import read_targets

pd = pytest.importorskip("pandas")

X = np.random.default_rng(0).standard_normal((40, 2))
TRUTH = [bool(k % 3) for k in range(40)]


def frame(targets):
    return pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "t": targets})


def outcome(make):
    """The digest, or that it was refused."""
    try:
        data = make()
    except InputError:
        return "refused"
    return data.task, data.classes, data.digest


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_a_record_of_booleans_holds_beside_the_file_and_beside_the_frame(tmp_path, suffix):
    pytest.importorskip("jax")
    table, file = frame(TRUTH), tmp_path / f"table.{suffix}"
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
        table.to_parquet(file)
    else:
        table.to_csv(file, index=False, sep="," if suffix == "csv" else "\t")
    inputs = table[["a", "b"]]
    of_file = RegressionData.from_file(file, "t")
    of_frame = RegressionData(inputs, table["t"], target="t")
    assert of_file.classes == of_frame.classes == ("False", "True")
    records = [
        json.loads(
            discover_structure(
                data, Student(width=2), penalty=0.1, rank=1, max_steps=3, controls=False
            ).to_json()
        )
        for data in (of_file, of_frame)
    ]
    for record in records:
        for data in (of_file, of_frame):
            assert derandkit.verify(record, data).ok


@pytest.mark.parametrize(
    "targets",
    [
        TRUTH,
        np.array(TRUTH),
        np.array(TRUTH, dtype=object),
        [np.bool_(value) for value in TRUTH],
        np.array(TRUTH)[:, None],
        pd.Series(TRUTH),
        pd.Series(TRUTH, dtype="boolean"),
        pd.Series(TRUTH, dtype=object),
        pd.Series(TRUTH).astype("category"),
        pd.Series(map(str, TRUTH)),
    ],
)
def test_booleans_of_all_kinds_are_the_same_classes(targets):
    expected = RegressionData(X, [str(value) for value in TRUTH])
    for task in (None, "classes"):
        data = RegressionData(X, targets, task=task)
        assert (data.classes, data.digest) == (("False", "True"), expected.digest)


def test_booleans_are_numbers_where_numbers_are_wanted():
    assert read_targets(TRUTH, "numbers").values.tolist() == [float(value) for value in TRUTH]
    assert read_targets([True] * 12).classes is None
    assert read_targets([True, 0, 2.5], "numbers").values.tolist() == [1.0, 0.0, 2.5]
    with pytest.raises(InputError, match="do not vary"):
        RegressionData(X, [True] * 40)


def test_a_classifier_gives_booleans_back():
    pytest.importorskip("jax")
    pytest.importorskip("sklearn")
    model = derandkit.StructureClassifier(1, width=2, penalty=0.1, upper_penalty=0.1, max_steps=3)
    from sklearn.exceptions import ConvergenceWarning

    with pytest.warns(ConvergenceWarning):
        found = model.fit(X, np.array(TRUTH)).predict(X)
    assert found.dtype == np.bool_
    assert model.result_.problem["classes"] == ["False", "True"]


WORDS = st.sampled_from(
    [
        "1",
        "0",
        "2",
        "3",
        "+1",
        "-1",
        "1.0",
        "2.5",
        "1e5",
        "2e5",
        "007",
        "a",
        "b",
        "yes",
        "0x1",
        "1,5",
        "12 kg",
        "inf",
        " 1",
    ]
)


@settings(max_examples=150)
@given(st.lists(WORDS, min_size=2, max_size=4, unique=True), st.sampled_from(["object", "category"]))
def test_columns_of_text_are_read_as_text_in_memory(tmp_path_factory, words, kind):
    """Of Parquet, of a frame, of an array and of a list: the same classes, or refused."""
    pytest.importorskip("pyarrow")
    targets = [words[k % len(words)] for k in range(40)]
    table = frame(pd.Series(targets, dtype=kind))
    file = tmp_path_factory.mktemp("text") / "table.parquet"
    table.to_parquet(file)
    inputs = table[["a", "b"]]
    expected = outcome(lambda: RegressionData(X, targets))
    for make in (
        lambda: RegressionData.from_file(file, "t"),
        lambda: RegressionData(inputs, table["t"]),
        lambda: RegressionData(X, np.array(targets)),
    ):
        assert outcome(make) == expected


@pytest.mark.parametrize(
    ("words", "classes"),
    [
        (("1", "0"), ("0", "1")),
        (("+1", "-1"), ("+1", "-1")),
        (("1", "2", "3"), ("1", "2", "3")),
        (("007", "008"), ("007", "008")),
        (("1e5", "2e5"), None),
        (("1.0", "2.0"), None),
        (("2.5", "-1e-3", "7"), None),
    ],
)
def test_numbers_in_text_are_classes_or_refused(tmp_path, words, classes):
    pytest.importorskip("pyarrow")
    targets = [words[k % len(words)] for k in range(40)]
    file = tmp_path / "table.parquet"
    frame(targets).to_parquet(file)
    if classes is None:
        with pytest.raises(
            InputError, match="numbers in text, or classes\\? convert them to numbers, or rename"
        ):
            RegressionData.from_file(file, "t")
        return
    assert RegressionData.from_file(file, "t").classes == classes
    frame(targets).to_csv(tmp_path / "table.csv", index=False)
    if words[0] != "007":  # a file of text has no types
        read = RegressionData.from_file(tmp_path / "table.csv", "t")
        assert read.classes is None or all(type(name) is int for name in read.classes)
