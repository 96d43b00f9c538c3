"""Rows of statistics of others are no points, wherever their words stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.points.files import as_point_cloud, read_table

FRAME = pd.DataFrame(np.random.default_rng(8).normal(size=(40, 3)), columns=list("abc"))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("r1,1,2\nr2,3,4\nr3,5,9\nmean,3,5\n", "the row 'mean'"),
        ("Total,9,15\nr1,1,2\nr2,3,4\nr3,5,9\n", "the row 'Total'"),
        ("r1,1,2\nr2,3,4\nSubtotal,4,6\nr3,5,9\nSubtotal,5,9\nTotal,9,15\n", "the row 'Subtotal'"),
        ("r1,1,2\nr2,3,4\nr3,5,9\nmin,1,2\nmax,5,9\n", "the row 'm(in|ax)'"),
        ("r1,1,2\nr2,3,4\nr3,5,9\nStd. Dev,2,3.61\nr5,4,4\n", None),
        ("r1,1,2\nr2,3,4\nr3,5,9\nstd,2,3.61\n", "the row 'std'"),
        ("r1,1,2\nr2,3,4\nr3,5,9\nMax,4,9\n", None),  # a name
        ("a,1,2\nb,3,4\na,5,9\nsum,9,15\nb,4,3\nsum,3,3\n", None),  # classes
        ("the,1,2\ntotal,3,4\nof,5,9\nsum,9,15\nway,4,3\n", None),  # a vocabulary
        ("r1,1,2\nsum,3,4\nr3,5,9\nr4,5,8\ntotal,14,23\n", "the row 'sum'"),
        ("min,1,2\n50%,3,4\nmax,5,9\n", "called min, 50%, max, as the statistics"),
        ("Q1,1,2\nQ2,3,4\nQ3,5,9\n", None),  # quarters
    ],
)
def test_words_of_a_column_that_is_left_out_show_rows_of_statistics(
    tmp_path: Path, rows: str, words: str | None
) -> None:
    file = tmp_path / "t.csv"
    file.write_text(f"name,a,b\n{rows}")
    count = rows.count("\n")
    for chosen in ({"drop": "name"}, {"label": "name"}):
        if words is None:
            assert dk.read_points(file, **chosen).n_points == count
        else:
            with pytest.raises(InputError, match=words):
                dk.read_points(file, **chosen)
    assert dk.read_points(file, columns="a,b").n_points == count


def test_statistics_in_a_saved_index_and_of_a_table_to_be_fitted(tmp_path: Path) -> None:
    statistics, few = FRAME.describe(), FRAME.describe().loc[["min", "50%", "max"]]
    for frame, words in ((statistics, "the row 'mean'"), (few, "are called min, 50%, max")):
        frame.to_parquet(tmp_path / "t.parquet")
        frame.to_csv(tmp_path / "t.csv")
        for refused in (
            lambda: dk.read_points(tmp_path / "t.parquet"),
            lambda: dk.read_points(tmp_path / "t.csv", drop=1),
            lambda frame=frame: as_point_cloud(frame),
        ):
            with pytest.raises(InputError, match=words):
                refused()
    pd.concat([FRAME, FRAME.mean().to_frame("mean").T]).to_csv(tmp_path / "t.csv")
    with pytest.raises(InputError, match="the row 'mean'"):
        dk.RegressionData.from_file(tmp_path / "t.csv", "a", drop="1")


def test_totals_above_a_table_without_words_get_a_remark(tmp_path: Path) -> None:
    frame = pd.concat([FRAME.sum().to_frame().T, FRAME], ignore_index=True)
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert read_table(tmp_path / "t.csv").notes == (
        "the first row holds the sums of all others and is used as a point",
    )


def test_statistics_among_the_rows_of_a_frame_to_be_fitted() -> None:
    y = FRAME["a"].to_numpy()
    for name, row in (("Total", FRAME.sum()), ("max", FRAME.max()), (40, FRAME.sum())):
        frame = pd.concat([FRAME, row.rename(name).to_frame().T])
        with pytest.raises(InputError, match=r"(may sum up|sums of all) .*others.*pass frame\.to_numpy\(\)"):
            dk.RegressionData(frame, np.append(y, 1.0))
        assert dk.RegressionData(frame.to_numpy(), np.append(y, 1.0)).X.shape == (41, 3)
    with pytest.raises(InputError, match="column 1 counts the rows from 0"):
        dk.RegressionData(list(FRAME.itertuples(name=None)), y)


@pytest.mark.parametrize("scale", [1e307, 1.0, 1e-307])
def test_sums_are_told_at_any_scale(scale):
    """The sum of all sizes overflowed at 1e307, and every last row was then the sum of the others."""
    X = np.random.default_rng(3).normal(size=(30, 3)) * scale
    assert dk.PointCloud(X).n_points == 30
    with pytest.raises(InputError, match="the last row holds the sums of all others"):
        as_point_cloud(pd.DataFrame(np.vstack([X[:5], X[:5].sum(axis=0)]), columns=list("abc")))
