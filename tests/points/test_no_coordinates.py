"""Numbers that are surely no coordinates are refused with the option that decides; honest coordinates stay points."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist, squareform

import derandkit as dk
from derandkit.errors import InputError
from derandkit.points.files import as_point_cloud, read_table

N = 12
X = np.random.default_rng(5).normal(size=(N, 3)).round(3)
FRAME = pd.DataFrame(X, columns=list("abc"))
DISTANCES = squareform(pdist(X))

SUSPECTS = {
    "when": (20200125 + np.array([0, 1, 2, 3, 4, 5, 6, 76, 77, 78, 79, 80]), "holds dates such as 20200125"),
    "Date": (43831 + np.arange(N), "called like dates"),
    "timestamp": (1580000000 + 60 * np.arange(N), "called like times"),
    "ts": (1580000000000 + 60000 * np.arange(N), "holds Unix times"),
    "user_id": (np.random.default_rng(1).permutation(N) + 100000, "called like a key"),
    "PassengerId": (np.arange(1, N + 1), "called like a key"),
    "class_id": (np.arange(N) % 3, "called like a key"),
    "ZIP code": (10115 + 7 * np.arange(N), "called like a code"),
    "phone": (491701234567 + 7919 * np.arange(N), "called like a code"),
    "patient": (np.random.default_rng(2).permutation(N) // 2 + 7000, "called like a key"),
    "sample nr": (np.random.default_rng(2).permutation(N) + 70, "called like a key"),
    "geneid": (np.arange(N) ** 2 + 5, "called like a key"),
    "mois": (np.array([202001 + k for k in range(N)]), "holds months such as 202001"),
    "jd": (2459000.5 + np.arange(N), "called like dates, and holds numbers such as 2459000.5"),
    "MJD-OBS": (59000.25 - np.arange(N) % 5, "called like dates"),
    "datenum": (738000 + np.arange(N) / 24, "called like dates"),
    "time": (738000 + np.arange(N) / 24, "called like times, and holds numbers of days such as 738000"),
    "datum": (2000 + (1 + np.arange(N)) / 12, "called like dates, and holds numbers such as 2000.083"),
    "noon": (2020010100 + np.arange(N), "holds dates with hours such as 2020010100"),
    "moment": (20200101000000 + np.arange(N), "holds dates with hours such as 20200101000000"),
    "snow": (np.where(np.arange(N) == 4, 9999.0, X[:, 0]), "stands for a missing number"),
    "height": (
        np.where(np.arange(N) == 4, -32768, 3000 + 400 * (np.arange(N) % 7)),
        "holds -32768, which often",
    ),
    "gamma ray": (
        np.where(np.arange(N) % 5 == 4, -999.25, 60.0 + np.arange(N) ** 2 % 90),
        "holds -999.25, which",
    ),
    "temperature": (
        np.where(np.arange(N) == 4, -99.9, 31.5 - 4 * (np.arange(N) % 9)),
        "stands for a missing",
    ),
    "dust": (np.where(np.arange(N) == 4, -999.9, X[:, 0]), "holds -999.9"),
    "counts": (np.where(np.arange(N) == 4, 65535, 3 * np.arange(N) % 7), "holds 65535"),
    "depth": (np.where(np.arange(N) == 4, -9999, -3000 - np.arange(N) ** 2), "holds -9999"),
    "flux": (np.where(np.arange(N) == 4, 1e36, X[:, 0]), "stands for a missing number"),
    "wind": (np.where(np.arange(N) == 4, -99.0, X[:, 0]), "stands for a missing number"),
    "rain": (np.where(np.arange(N) == 4, -9999.0, X[:, 0]), "stands for a missing number"),
}
HONEST = {
    "day": 1 + np.arange(N) % 28,
    "date": np.arange(N),  # days since the first
    "time": 60 * np.arange(N),
    "fluid": 2 * np.arange(N),
    "grid": np.arange(N) // 3,
    "identity": 5 * np.arange(N) % 7,
    "index": X[:, 0],
    "phones": np.arange(N) % 4,
    "count": 20200100 + 37 * np.arange(N),  # 20200137 is no day
    "cold": np.where(np.arange(N) == 4, -999.0, -800.0 - np.arange(N)),
    "customer_id": X[:, 1],
    "pixel": np.where(np.arange(N) == 4, 65535, 9000 + np.arange(N) ** 2),
    "minutes": np.where(np.arange(N) == 4, -99.9, -60.0 + np.arange(N) ** 2),
    "seabed": np.where(np.arange(N) == 4, -9999, -700.0 * np.arange(N)),
    "patient_age": 30 + np.arange(N),
    "sample": 5 * np.arange(N) % 7 * 10,  # not all different
    "acid": 7 * np.arange(N) + 3,
    "months": 202000 + 7 * np.arange(N),  # 202014 is no month
    "far": np.where(np.arange(N) == 4, 99.0, X[:, 0]),
}


def written(tmp_path: Path, frame: pd.DataFrame) -> Path:
    file = tmp_path / "t.csv"
    frame.to_csv(file, index=False)
    return file


@pytest.mark.parametrize("name", SUSPECTS)
def test_a_column_that_is_no_coordinate_is_refused_in_files_and_frames(tmp_path: Path, name: str):
    values, words = SUSPECTS[name]
    frame = FRAME.assign(**{name: values})
    file = written(tmp_path, frame)
    with pytest.raises(InputError, match=re.escape(f"column 4 ({name!r})") + f".*{words}.*--drop.*--columns"):
        dk.read_points(file)
    with pytest.raises(InputError, match=f"{words}.*" + re.escape(f"frame.drop(columns={name!r})")):
        dk.embed(frame, n_components=2)
    assert np.array_equal(dk.read_points(file, drop=name).points, X)
    whole = dk.read_points(file, columns=list(frame.columns))
    assert np.array_equal(whole.points, frame.to_numpy(float))
    assert dk.PointCloud(frame.to_numpy(float)).digest == whole.digest


@pytest.mark.parametrize("name", HONEST)
def test_honest_coordinates_are_points(tmp_path: Path, name: str):
    frame = FRAME.assign(**{name: HONEST[name]})
    if name in ("day", "date", "patient_age"):  # they count
        with pytest.warns(UserWarning, match=rf"column 4 \('{name}'\) counts from .*--drop {name}"):
            assert dk.read_points(written(tmp_path, frame)).n_features == 4
        return
    if name in ("time", "pixel"):  # by one step; far wider than the others
        words = {
            "time": "grows by 60 in each row, from 0 to",
            "pixel": "holds whole numbers, hardly one twice",
        }[name]
        with pytest.warns(UserWarning, match=rf"column 4 \('{name}'\) {words} .*--drop {name}"):
            assert dk.read_points(written(tmp_path, frame)).n_features == 4
        return
    assert dk.read_points(written(tmp_path, frame)).digest == dk.PointCloud(frame).digest


def test_years_are_used_with_a_remark(tmp_path: Path):
    file = written(tmp_path, FRAME.assign(year=2000 + np.arange(N)))
    with pytest.warns(UserWarning, match=r"column 4 \('year'\) holds years .*--drop year"):
        assert dk.read_points(file).n_features == 4


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (45000 + np.arange(N), "may count days, from 45000 to 45011,"),
        (45000 - np.arange(N) / 24, "may count days, from 45000 to 44999.5416667,"),
        (2459000.5 + 7 * np.arange(N), "may count days, from 2459000.5"),
        (738000 + 30 * np.arange(N), "may count days, from 738000"),
        (17 + np.arange(N), "counts from 17 to 28"),
        (3 - np.arange(N), "counts from 3 to -8"),
        (17 + 5 * np.arange(N) % N, "holds each number from 17 to 28 once"),
        (45000.5 + 400 * np.arange(N) + np.arange(N) ** 2, None),  # longer than ten years
        (45000 + 5 * np.arange(N) % 7, None),  # in no order
        (17 + np.arange(N) ** 2, None),
        (17.5 + np.arange(N) % 11, None),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_numbers_of_rows_and_days_are_used_with_a_remark(
    tmp_path: Path, column: np.ndarray, words: str | None, place: int
):
    frame = FRAME.copy()
    frame.insert(place, "v", column)
    bare = tmp_path / "bare.csv"
    frame.to_csv(bare, index=False, header=False)
    for file, handle in ((written(tmp_path, frame), "v"), (bare, str(place + 1))):
        table = read_table(file)
        assert np.array_equal(table.cloud.points, frame.to_numpy(float))
        if words is None:
            assert table.notes == ()
        else:
            (said,) = table.notes
            assert words in said
            assert "is used as a coordinate; if it numbers the rows or is a time" in said
            assert f"--drop {handle}" in said
        assert read_table(file, columns=list(range(1, 5))).notes == ()
    if words is None:
        dk.PointCloud(frame)
    else:
        with pytest.warns(UserWarning, match=f"{words}.*frame.drop"):
            dk.PointCloud(frame)


def test_a_table_whose_columns_all_count_gets_no_remark(tmp_path: Path):
    frame = pd.DataFrame(np.add.outer(np.arange(5, 17), np.arange(4)), columns=list("abcd"))
    assert read_table(written(tmp_path, frame)).notes == ()


def test_labels_in_frames_are_used_with_a_remark():
    """As in a file with the same columns."""
    frame = FRAME.assign(target=np.arange(N) % 3)
    said = r"column 4 \('target'\) holds only the whole numbers 0 to 2 .*frame.drop\(columns='target'\)"
    with pytest.warns(UserWarning, match=said):
        result = dk.embed(frame, n_components=2)
    assert result.matrix.shape == (2, 4)
    with pytest.warns(UserWarning, match=r"column 4 \('year'\) holds years .*frame.drop\(columns='year'\)"):
        dk.PointCloud(FRAME.assign(year=2000 + np.arange(N)))
    dk.PointCloud(frame.drop(columns="target"))


def test_codes_with_leading_zeros_are_refused(tmp_path: Path):
    codes = [f"{501 + 907 * k:05d}" for k in range(N)]
    frame = FRAME.assign(place=codes)
    with pytest.raises(
        InputError, match=r"column 4 \('place'\) holds whole numbers with leading zeros.*--drop place"
    ):
        dk.read_points(written(tmp_path, frame))
    with pytest.raises(InputError, match="texts with leading zeros"):
        dk.PointCloud(frame)
    padded = tmp_path / "image.txt"
    padded.write_text("007 012 255\n000 130 099\n001 002 003\n")
    assert dk.read_points(padded).points.tolist()[0] == [7.0, 12.0, 255.0]


def test_records_of_such_columns_are_verified(tmp_path: Path):
    """What the columns are is asked where points are taken, and not again where a record is checked."""
    frame = FRAME.assign(timestamp=SUSPECTS["timestamp"][0])
    file = written(tmp_path, frame)
    result = dk.embed(dk.read_points(file, columns=list(frame.columns)), n_components=2)
    for instance in (frame, file, dk.read_points(file, columns=list(frame.columns))):
        assert dk.verify(result, instance).ok


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (DISTANCES, "distances between 12 points"),
        (DISTANCES**2, "distances between 12 points"),
        (DISTANCES.astype(np.float32), "distances between 12 points"),
        (np.ones((4, 4), dtype=int) - np.eye(4, dtype=int), "distances between 4 points"),
        (np.corrcoef(X), "correlations or similarities of 12 points"),
        (np.exp(-(DISTANCES**2)), "correlations or similarities of 12 points"),
        (DISTANCES + np.diag([0.1] + [0.0] * 11), "numbers of pairs of 12 points"),
    ],
)
def test_matrices_of_pairs_are_two_readings(tmp_path: Path, table: np.ndarray, words: str):
    file, array = tmp_path / "d.csv", tmp_path / "d.npy"
    np.savetxt(file, table, delimiter=",")
    np.save(array, table)
    for refused in (
        lambda: dk.embed(table, n_components=2),
        lambda: dk.random_features(pd.DataFrame(table).rename(columns="s{}".format), 4),
        lambda: dk.read_points(file),
        lambda: dk.read_points(array),
        lambda: dk.DerandomizedProjection(2).fit(table),
    ):
        with pytest.raises(InputError, match=words):
            refused()
    result = dk.embed(dk.PointCloud(table), n_components=2)
    assert dk.verify(result, table).ok
    assert dk.verify(result, array).ok
    assert dk.read_points(file, columns=list(range(1, len(table) + 1))).n_points == len(table)


@pytest.mark.parametrize(
    "table",
    [
        np.eye(5),
        2.0 * np.eye(5),
        np.array([[0.0, 1.0], [1.0, 0.0]]),
        np.array([[1.0, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]),
        DISTANCES + np.arange(N)[:, None] * 1e-3,
        X[:3] - np.diag(np.diag(X[:3])),
        np.add.outer(np.arange(12.0), np.arange(12.0)) + 1.0,
    ],
)
def test_square_tables_of_points_stay_points(table: np.ndarray):
    assert as_point_cloud(table).n_points == len(table)


def test_scalar_products_of_points_are_no_points():
    with pytest.raises(InputError, match="scalar products or other numbers of pairs of 12 points"):
        dk.embed(X @ X.T, n_components=2)
    assert dk.embed(dk.PointCloud(X @ X.T), n_components=2).matrix.shape == (2, len(X))


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (np.arange(30), "counts the rows from 0"),
        (np.arange(1, 31), "counts the rows from 1"),
        (np.arange(30, 0, -1), "counts the rows down to 1"),
        (np.random.default_rng(3).permutation(30), "holds each number from 0 to 29 once"),
    ],
)
def test_numbers_of_rows_in_frames_are_no_coordinates(numbers, words):
    """As in a file with the same columns; a frame without them is read."""
    rest = pd.DataFrame(np.random.default_rng(4).standard_normal((30, 3)), columns=["x", "y", "z"])
    frame = rest.assign(shot=numbers)[["shot", "x", "y", "z"]]
    with pytest.raises(InputError, match=rf"column 1 \('shot'\) {words}.*frame.drop\(columns='shot'\)"):
        dk.embed(frame, n_components=2)
    assert dk.embed(rest, n_components=2).matrix.shape == (2, 3)
    assert dk.embed(frame.to_numpy(), n_components=2).matrix.shape == (2, 4)


def test_condensed_distances_and_triangles_are_named(tmp_path: Path):
    with pytest.raises(InputError, match="the distances between 12 points, pass the points"):
        dk.embed(pdist(X), n_components=2)
    lower = tmp_path / "lower.txt"
    lower.write_text("1\n2 3\n4 5 6\n")
    with pytest.raises(InputError, match="a triangle of a matrix"):
        dk.read_points(lower)


def test_whole_numbers_that_double_precision_merges_are_refused(tmp_path: Path):
    table = np.array([[2**60 + 1, 1], [2**60, 1], [2**60 + 2, 3]])
    with pytest.raises(InputError, match="1152921504606846977, which is not exact"):
        dk.PointCloud(table)
    file = tmp_path / "t.csv"
    np.savetxt(file, table, fmt="%d", delimiter=",")
    with pytest.raises(InputError, match=r":1: '1152921504606846977' is not exact"):
        dk.read_points(file)
    assert dk.PointCloud(table - np.array([2**60, 0])).n_points == 3
    assert dk.PointCloud(np.array([[2**60, 1], [2**61, 1]])).n_points == 2


def test_vectors_of_words_name_their_size(tmp_path: Path):
    file = tmp_path / "v.txt"
    file.write_text("4 3\ncat 0.1 0.2 0.5\ndog 0.3 0.5 0.6\nthe 0.6 0.1 0.1\nand 0.5 0.1 0.2\n")
    with pytest.raises(InputError, match=r"4, 3, says how many points and coordinates .*--label 1"):
        dk.read_points(file)


def test_a_dictionary_of_keys_is_a_sparse_table():
    from scipy import sparse

    assert dk.PointCloud(sparse.dok_array(X)).digest == dk.PointCloud(X).digest


def test_tensors_without_numbers_are_one_line():
    torch = pytest.importorskip("torch")
    with pytest.raises(InputError, match="the tensor cannot become a NumPy array"):
        dk.PointCloud(torch.empty(3, 3, device="meta"))


def test_numbers_of_jax_in_half_precision():
    jnp = pytest.importorskip("jax.numpy")
    assert dk.PointCloud(jnp.asarray(X, dtype=jnp.bfloat16)).points.dtype == np.float32
