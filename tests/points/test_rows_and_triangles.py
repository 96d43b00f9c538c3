"""Numbers of rows, sums of rows, times and triangles of distances are no points, in whatever they are held."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist, squareform

import derandkit as dk
from derandkit.errors import InputError
from derandkit.points.files import as_point_cloud, read_table

N = 40
X = np.random.default_rng(7).normal(size=(N, 3))
FRAME = pd.DataFrame(X, columns=list("abc"))
D = squareform(pdist(X))
STEPS = np.arange(N)


def files(folder: Path, table: np.ndarray) -> list[Path]:
    text, array, archive = (folder / f"t.{kind}" for kind in ("csv", "npy", "npz"))
    np.savetxt(text, table, delimiter=",")
    np.save(array, table)
    np.savez(archive, X=table)
    return [text, array, archive]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (np.triu(D), "zero below a diagonal of zeros: one triangle of distances between 40 points"),
        (np.tril(D), "zero above a diagonal of zeros: one triangle of distances"),
        (np.triu(np.corrcoef(X)), "zero below a diagonal of ones: one triangle of correlations"),
        (np.array([[0, 3, 4], [0, 0, 5], [0, 0, 0]]), "one triangle of distances between 3 points"),
    ],
)
def test_a_triangle_of_distances_is_no_points(tmp_path: Path, table: np.ndarray, words: str) -> None:
    frame = pd.DataFrame(table).add_prefix("s")
    for refused in (
        *[lambda file=file: dk.read_points(file) for file in files(tmp_path, table)],
        lambda: dk.embed(table, n_components=2),
        lambda: dk.embed(frame, n_components=2),
        lambda: dk.DerandomizedProjection(2).fit(table),
    ):
        with pytest.raises(InputError, match=words):
            refused()
    result = dk.embed(dk.PointCloud(table), n_components=2)
    assert dk.verify(result, table).ok
    assert dk.verify(result, tmp_path / "t.npy").ok


@pytest.mark.parametrize(
    "table",
    [
        np.linalg.cholesky(np.cov(np.random.default_rng(1).normal(size=(9, 60)))),
        np.tril(np.ones((10, 10)), -1),  # numbers in unary
        np.triu(np.random.default_rng(2).integers(0, 2, (12, 12)), 1),
        -np.triu(D, 1),
        np.diag(np.arange(1.0, 9.0)),
    ],
)
def test_triangular_points_stay_points(tmp_path: Path, table: np.ndarray) -> None:
    assert as_point_cloud(table).n_points == len(table)
    for file in files(tmp_path, table)[1:]:
        assert dk.read_points(file).n_points == len(table)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (STEPS, "counts the rows from 0"),
        (STEPS + 1, "counts the rows from 1"),
        (np.random.default_rng(3).permutation(N), "holds each number from 0 to 39 once"),
        (1600000000 + 60 * STEPS, "holds Unix times such as 1600000000 in their order"),
        (1600000000.25 - 60 * STEPS, "holds Unix times"),
        (1600000000000 + 60000 * STEPS, "holds Unix times"),
        (2020010100 + STEPS % 24, "holds dates with hours such as 2020010100"),
        (202001010059 + 100 * (STEPS % 24), "holds dates with hours"),
        (20200101000000 + STEPS, "holds dates with hours"),
        (20200101 + STEPS % 28, "holds dates such as"),
    ],
)
def test_numbers_of_rows_and_times_in_files_are_asked_about(
    tmp_path: Path, column: np.ndarray, words: str
) -> None:
    table = np.column_stack([column, X])
    for file in files(tmp_path, table):
        with pytest.raises(InputError, match=f"column 1 {words}.*leave it out"):
            dk.read_points(file)
    with pytest.raises(InputError, match=f"column 1 .'s'. {words}"):
        as_point_cloud(FRAME.assign(s=column)[["s", "a", "b", "c"]])
    assert as_point_cloud(table).n_points == N  # an array has no names
    result = dk.embed(table, n_components=2)
    assert all(dk.verify(result, file).ok for file in files(tmp_path, table)[1:])


@pytest.mark.filterwarnings(r"ignore:column 1 (.*\) )?(grows by|holds whole numbers, hardly one twice)")
@pytest.mark.parametrize(
    "column",
    [
        1600000000 + 60 * (7 * STEPS % 11),  # in no order
        600000000 + 60 * STEPS,
        1e9 * (1 + STEPS / 10),  # over a century
        2020010124 + 100 * (7 * STEPS % 11),  # no hours
        STEPS + 0.5,
        STEPS % 20,
    ],
)
def test_numbers_that_are_no_times_stay_coordinates(tmp_path: Path, column: np.ndarray) -> None:
    for file in files(tmp_path, np.column_stack([column, X])):
        assert dk.read_points(file).n_points == N


def test_tuples_of_the_rows_of_a_frame_leave_its_index_out() -> None:
    rows = list(FRAME.itertuples(name=None))
    for refused in (lambda: dk.embed(rows, n_components=2), lambda: dk.DerandomizedProjection(2).fit(rows)):
        with pytest.raises(InputError, match=r"column 1 counts the rows from 0: .* or pass numpy.array"):
            refused()
    plain = list(FRAME.itertuples(name=None, index=False))
    assert as_point_cloud(plain).digest == dk.PointCloud(X).digest
    assert as_point_cloud(np.array(rows)).n_features == 4
    assert as_point_cloud(rows[:7]).n_points == 7  # a few are as likely coordinates


def test_rows_that_sum_up_others_are_no_points(tmp_path: Path) -> None:
    table = pd.DataFrame({"x": list("abcdef") * 9, "y": list("uvw") * 18, "k": STEPS[:6].repeat(9)})
    sums = FRAME.sum().to_frame("Total").T
    for frame, words in (
        (pd.crosstab(table["k"], table["y"], margins=True), "last row holds the sums"),
        (pd.concat([FRAME, FRAME.sum().to_frame().T]), "last row holds the sums"),
        (pd.concat([sums, FRAME]), "the row 'Total' may sum up the others"),
        (pd.concat([FRAME, 1.5 * sums]), "the row 'Total' may sum up the others"),
        (pd.concat([FRAME, FRAME.mean().to_frame("mean").T]), "the row 'mean' may sum up"),
        (FRAME.describe(), "the row 'mean' may sum up"),
    ):
        for refused in (as_point_cloud, dk.DerandomizedProjection(2).fit):
            with pytest.raises(InputError, match=words):
                refused(frame)
        with warnings.catch_warnings():
            if frame.index[0] == "Total" or "All" in frame.columns:
                warnings.filterwarnings("ignore", ".*holds the sums of")
            assert dk.PointCloud(frame).n_points == len(frame)
    assert as_point_cloud(FRAME.rename(index={0: "mean", 1: "Total"}).iloc[2:]).n_points == N - 2
    for file in files(tmp_path, np.vstack([X, X.sum(axis=0)])):
        with pytest.raises(InputError, match="the last row holds the sums of all others"):
            dk.read_points(file)
    named = tmp_path / "named.csv"
    FRAME.describe().to_csv(named)
    with pytest.raises(InputError, match="the row 'mean' may sum up the others"):
        dk.read_points(named, label=1)


def test_years_with_parts_get_the_remark_of_years(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    FRAME.assign(year=2000 + STEPS / 12).to_csv(file, index=False)
    assert "column 4 ('year') holds years" in read_table(file).notes[0]
