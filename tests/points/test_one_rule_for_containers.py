"""A table is judged alike in every container: text, parquet, npy, frames, structured arrays, lists of records."""

from __future__ import annotations

import warnings
from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.points.files import as_point_cloud

if TYPE_CHECKING:
    from pathlib import Path

pd = pytest.importorskip("pandas")
RNG = np.random.default_rng(5)
X = RNG.normal(size=(12, 3)).round(3)
NAMES = ("a", "b", "c")


def with_first(column: object) -> np.ndarray:
    return np.column_stack([column, X[: len(column)]])


def csv_file(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    pd.DataFrame(table, columns=list(names)).to_csv(folder / "t.csv", index=False)
    return folder / "t.csv"


def bare_text(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    np.savetxt(folder / "t.txt", table)
    return folder / "t.txt"


def npy_file(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    np.save(folder / "t.npy", table)
    return folder / "t.npy"


def npz_file(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    np.savez(folder / "t.npz", X=table)
    return folder / "t.npz"


def parquet_file(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    pytest.importorskip("pyarrow")
    pd.DataFrame(table, columns=list(names)).to_parquet(folder / "t.parquet")
    return folder / "t.parquet"


def pandas_frame(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    return pd.DataFrame(table, columns=list(names))


def frame_of_objects(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    return pd.DataFrame(table, columns=list(names)).astype(object)


def polars_frame(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    return pytest.importorskip("polars").DataFrame(table, schema=list(names))


def arrow_table(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    return pytest.importorskip("pyarrow").table(dict(zip(names, table.T, strict=True)))


def structured(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    return np.array(list(map(tuple, table.tolist())), dtype=[(name, "f8") for name in names])


def mappings(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    return [dict(zip(names, row, strict=True)) for row in table.tolist()]


def named_tuples(table: np.ndarray, names: tuple[str, ...], folder: Path) -> object:
    Row = namedtuple("Row", names)
    return [Row(*row) for row in table.tolist()]


WITH_NAMES = (
    csv_file, parquet_file, pandas_frame, frame_of_objects, polars_frame, arrow_table, structured, mappings,
    named_tuples,
)  # fmt: skip
ALL = (*WITH_NAMES, bare_text, npy_file, npz_file)

REFUSED = {
    "sums below": (np.vstack([X, X.sum(axis=0)]), "the last row holds the sums of all others"),
    "numbers of rows": (with_first(np.arange(12.0)), "column 1 .*counts the rows from 0"),
    "rows shuffled": (
        with_first(RNG.permutation(12) + 1.0),
        "column 1 .*holds each number from 1 to 12 once",
    ),
    "a mark": (
        with_first(np.r_[-999.25, X[1:, 0]]),
        "holds -999.25, which often stands for a missing number",
    ),
    "dates": (with_first(20240126.0 + np.arange(5)), "holds dates such as 20240126"),
}
REMARKED = {
    "sums above": (np.vstack([X.sum(axis=0), X]), "the first row holds the sums of all others"),
    "counts": (with_first(np.arange(17.0, 29.0)), "column 1 .*counts from 17 to 28"),
    "days": (with_first(738000.0 + np.arange(12)), "column 1 .*may count days"),
    "classes": (with_first(np.arange(12) % 3), "column 1 .*holds only the whole numbers 0 to 2"),
    "totals behind": (
        np.column_stack([X[:, :2], X[:, :2].sum(axis=1)]),
        "column 3 .*holds the sums of the other columns",
    ),
    "totals in front": (
        np.column_stack([X[:, :2].sum(axis=1), X[:, :2]]),
        "column 1 .*holds the sums of the other",
    ),
    "few rows": (
        np.array([[1, 565, 575], [2, 25, 185], [3, 345, 750], [4, 945, 685.0]]),
        "column 1 .*counts the rows from 1 to 4",
    ),
}


def said(held: object) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        as_point_cloud(held)
    return [str(warning.message) for warning in caught]


def names_for(table: np.ndarray) -> tuple[str, ...]:
    return ("k", *NAMES)[-table.shape[1] :]


@pytest.mark.parametrize("container", ALL)
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_point_is_refused(tmp_path, container, case):
    table, words = REFUSED[case]
    with pytest.raises(InputError, match=words):
        as_point_cloud(container(table, names_for(table), tmp_path))


@pytest.mark.parametrize("container", ALL)
@pytest.mark.parametrize("case", REMARKED)
def test_what_may_be_a_label_is_remarked_once(tmp_path, container, case):
    table, words = REMARKED[case]
    found = said(container(table, names_for(table), tmp_path))
    assert len(found) == 1
    with pytest.raises(UserWarning, match=words):
        raise UserWarning(found[0])


@pytest.mark.parametrize("container", WITH_NAMES)
def test_years_by_name_are_remarked(tmp_path, container):
    (found,) = said(container(with_first(1990.0 + np.arange(12) % 5), ("year", *NAMES), tmp_path))
    assert "column 1 ('year') holds years" in found


@pytest.mark.parametrize("container", WITH_NAMES)
def test_keys_by_name_are_refused(tmp_path, container):
    table = with_first(RNG.choice(9000, 12, replace=False) + 40.0)
    with pytest.raises(InputError, match=r"column 1 \('customer_id'\) .*key"):
        as_point_cloud(container(table, ("customer_id", *NAMES), tmp_path))


@pytest.mark.parametrize("container", ALL)
def test_an_ordinary_table_is_taken_as_it_is(tmp_path, container):
    assert said(container(X, NAMES, tmp_path)) == []


def test_few_rows_of_a_grid_are_taken_as_they_are():
    assert said(pd.DataFrame([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]], columns=["x", "y"])) == []


@pytest.mark.parametrize("line", ["// c", "/* c */", "-- made by", "! c"])
def test_a_comment_of_another_language_names_no_columns(tmp_path, line):
    file = tmp_path / "t.txt"
    file.write_text(f"{line}\n" + "\n".join(f"{a} {b}" for a, b in X[:, :2]))
    with pytest.raises(InputError, match=r"a comment .*or names of columns"):
        dk.read_points(file)
    if len(line.split()) == 2:
        assert dk.read_points(file, header=True).columns == tuple(line.split())


@pytest.mark.parametrize("delimiter", [" ", ",", "\t"])
def test_names_in_a_comment_are_pointed_at(tmp_path, delimiter):
    file = tmp_path / "t.txt"
    np.savetxt(file, X[:, :2], header=f"T{delimiter}p", delimiter=delimiter)
    with pytest.raises(
        InputError, match=r"there is no column 'T'.*the comment in line 1.*may name the columns"
    ):
        dk.read_points(file, drop="T")
    np.savetxt(file, X[:, :2], header=f"T{delimiter}p", delimiter=delimiter, comments="")
    assert dk.read_points(file, drop="T").columns == ("p",)
