"""Columns that are called like labels get a remark, whatever they hold; empty entries say their row and column."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import scipy.sparse as sp

import derandkit as dk
from derandkit.points.suspects.remarks import remarks_on

pd = pytest.importorskip("pandas")

RNG = np.random.default_rng(61)
N = 120
PIXELS = pd.DataFrame(RNG.integers(0, 17, (N, 6)), columns=[f"pixel{k}" for k in range(6)])
COUNTS = pd.DataFrame(RNG.poisson(3, (N, 5)), columns=list("ABCDE"))
FLOATS = pd.DataFrame(RNG.normal(size=(N, 3)).round(2), columns=["f1", "f2", "f3"])
LABELLED = {
    "digits first": (PIXELS, 0, "label", 10),
    "digits last": (PIXELS, 6, "digit", 10),
    "in the middle": (PIXELS, 3, "Class", 10),
    "clusters of cells": (COUNTS, 5, "cluster", 12),
    "thirty classes": (FLOATS, 3, "label", 30),
    "two words": (FLOATS, 0, "true_label", 30),
    "behind": (FLOATS, 0, "class_code", 30),
    "y of numbered columns": (PIXELS, 6, "y", 10),
    "y_train": (COUNTS, 0, "y_train", 10),
    "a target of many numbers": (FLOATS, 3, "target", 90),
}


@pytest.mark.parametrize("kind", LABELLED)
def test_labels_are_remarked_by_name_in_files_and_frames(tmp_path, kind: str) -> None:
    frame, at, name, classes = LABELLED[kind]
    frame = frame.copy()
    frame.insert(at, name, np.r_[0, classes - 1, RNG.integers(0, classes, N - 2)])
    said = (
        rf"^column {at + 1} \('{name}'\) holds .* and is used as a coordinate; if it is a label, leave it out"
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    for read in (
        lambda: dk.read_points(tmp_path / "t.csv"),
        lambda: dk.read_points(tmp_path / "t.tsv"),
        lambda: dk.PointCloud(frame),
        lambda: dk.PointCloud(frame.to_dict("records")),
    ):
        with pytest.warns(UserWarning, match=said) as caught:
            read()
        assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dk.read_points(tmp_path / "t.csv", label=name).n_features == frame.shape[1] - 1
        assert dk.read_points(tmp_path / "t.csv", columns=list(frame)).n_features == frame.shape[1]


@pytest.mark.parametrize(
    ("frame", "name", "values"),
    [
        (FLOATS, "target", RNG.normal(size=N)),  # no whole numbers
        (FLOATS, "label", np.full(N, 3.0)),
        (PIXELS, "age", RNG.integers(0, 40, N)),
        (PIXELS, "distance_to_target", RNG.integers(0, 40, N)),
        (COUNTS.set_axis(["x", "z", "u", "v", "w"], axis=1), "y", RNG.integers(0, 10, N)),
        (COUNTS, "y", RNG.integers(0, 10, N)),
    ],
)
def test_other_columns_are_not(tmp_path, frame, name: str, values: np.ndarray) -> None:
    frame.assign(**{name: values}).to_csv(tmp_path / "t.csv", index=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dk.read_points(tmp_path / "t.csv")


def test_a_label_beside_codes_holds_them_too() -> None:
    answers = np.arange(200.0) % 5 + 1
    answers[:88:8] = 99
    table = np.column_stack([answers, RNG.normal(size=200)])
    codes, label = remarks_on(table, range(2), ["q", "f"])
    assert "column 1 ('q') holds 99 in 11 rows" in codes
    assert "holds only the whole numbers 1 to 5 and 99 and is used" in label
    codes, label = remarks_on(
        np.column_stack([RNG.normal(size=(200, 2)), answers]), range(3), ["a", "b", "class"]
    )
    assert "holds only the whole numbers 1 to 5 and 99" in label


def test_different_numbers_are_so_but_for_the_codes() -> None:
    income = 20000.0 + RNG.permutation(10**5)[:200]
    income[::13] = -9
    codes, wide = remarks_on(np.column_stack([RNG.normal(size=(200, 2)), income]), range(3), None)
    assert "holds -9 in 16 rows" in codes
    assert "hardly one but -9 twice" in wide


def test_an_empty_entry_says_its_row_and_column_and_the_ways(tmp_path) -> None:
    file = tmp_path / "t.csv"
    for rows in ((3,), (3, 5, 8), range(N)):
        frame = FLOATS.copy()
        frame.loc[list(rows), "f2"] = np.nan
        frame.to_csv(file, index=False)
        which = "every row: fill it in" if len(rows) == N else "row 4: fill it in, leave out the line"
        with pytest.raises(dk.InputError) as caught:
            dk.read_points(file)
        assert caught.value.line == (2 if len(rows) == N else 5)
        assert caught.value.message == (
            f"column 2 ('f2') is empty in {which}, or leave the column out (--drop f2) or name it as a label "
            "(--label f2)"
        )


def test_a_missing_number_in_memory_says_its_row_and_column() -> None:
    frame = FLOATS.copy()
    frame.loc[[3, 5], "f2"] = np.nan
    with pytest.raises(dk.InputError, match=r"row 3 holds NaN or infinity in column 2 \('f2'\); remove"):
        dk.PointCloud(frame)
    with pytest.raises(dk.InputError, match="row 3 holds NaN or infinity in column 2; remove"):
        dk.PointCloud(frame.to_numpy())
    wide = sp.coo_array(([1.0, 2.0, np.inf], ([0, 1, 2], [40, 7, 90])), shape=(4, 10**6))
    with pytest.raises(dk.InputError, match="row 2 holds NaN or infinity in column 91; remove"):
        dk.PointCloud(wide)
