"""Columns of lists, such as embeddings, are as many columns as lists have entries; decimal numbers are numbers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.points.files import read_table
from derandkit.structure.intake.table import read_target_table

pa = pytest.importorskip("pyarrow")
from pyarrow import feather, parquet  # noqa: E402

X = np.random.default_rng(6).normal(size=(9, 4))
TYPES = {
    "list": pa.list_(pa.float64()),
    "large list": pa.large_list(pa.float64()),
    "fixed size": pa.list_(pa.float64(), 4),
}


def write(folder: Path, **columns: object) -> Path:
    file = folder / "t.parquet"
    parquet.write_table(pa.table(columns), file)
    return file


@pytest.mark.parametrize("kind", TYPES)
def test_a_column_of_lists_is_a_table(tmp_path: Path, kind: str) -> None:
    lists = pa.array(X.tolist(), TYPES[kind])
    names = [f"name {k}" for k in range(len(X))]
    file = write(tmp_path, key=names, emb=lists)
    for chosen in ({"label": "key"}, {"drop": "key"}, {"drop": 1}, {"columns": "emb"}, {"columns": 2}):
        cloud = dk.read_points(file, **chosen)
        assert cloud.digest == dk.PointCloud(X).digest
        assert cloud.columns == ("emb[1]", "emb[2]", "emb[3]", "emb[4]")
    assert read_table(file, label="key").labels == tuple(names)
    assert np.array_equal(dk.read_points(file, columns="emb[4],emb[2]").points, X[:, [3, 1]])
    assert np.array_equal(dk.read_points(file, drop=["key", "emb[1]"]).points, X[:, 1:])
    whole = dk.embed(dk.read_points(file, drop="key"), n_components=2, holdout=False)
    part = dk.embed(dk.read_points(file, columns="emb[4],emb[2]"), n_components=1, holdout=False)
    assert dk.verify(whole, file).ok
    assert dk.verify(part, file).ok
    feather.write_feather(pa.table({"emb": pa.chunked_array([lists[:3], lists[3:]])}), tmp_path / "t.feather")
    assert dk.read_points(tmp_path / "t.feather").digest == dk.PointCloud(X).digest


def test_lists_beside_numbers_keep_the_order_of_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, a=X[:, 0], emb=pa.array(X[:, 1:].tolist()), b=2.5 * X[:, 0])
    cloud = dk.read_points(file)
    assert cloud.columns == ("a", "emb[1]", "emb[2]", "emb[3]", "b")
    assert np.array_equal(cloud.points, np.column_stack([X, 2.5 * X[:, 0]]))
    assert dk.read_points(file, drop=3).columns == ("a", "emb[1]", "emb[2]", "emb[3]")
    assert dk.read_points(file, columns=[3, 1]).columns == ("b", "a")


def test_single_precision_in_lists_is_kept(tmp_path: Path) -> None:
    file = write(tmp_path, emb=pa.array(X.astype(np.float32).tolist(), pa.list_(pa.float32(), 4)))
    assert dk.read_points(file).digest == dk.PointCloud(X.astype(np.float32)).digest


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        (
            [[1.0, 2.0], [3.0], [5.0, 9.0]],
            "column 'emb' holds lists of 1 to 2 entries; points have one length",
        ),
        ([[1.0, 2.0], None, [5.0, 9.0]], "column 'emb' has missing values"),
        ([[1.0, 2.0], [3.0, None], [5.0, 9.0]], "column 'emb' has missing values"),
        ([[], [], []], "column 'emb' holds lists of 0 to 0 entries|has the type list"),
        ([["a", "b"], ["c", "d"]], "column 'emb' has the type list.*string.*, not numbers"),
    ],
)
def test_lists_that_are_no_points_are_refused(tmp_path: Path, lists: list[object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        dk.read_points(write(tmp_path, emb=pa.array(lists), a=np.arange(len(lists)) ** 2.0))
    assert dk.read_points(tmp_path / "t.parquet", drop="emb").n_features == 1


def test_a_name_like_that_of_an_entry_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, **{"emb": pa.array(X.tolist()), "emb[2]": X[:, 0]})
    with pytest.raises(InputError, match="called as an entry of another column of lists"):
        dk.read_points(file)


def test_decimal_numbers_are_those_of_a_text(tmp_path: Path) -> None:
    text = "x,y\n1.50,0.1\n-2.25,7.3\n3.10,9\n"
    (tmp_path / "t.csv").write_text(text)
    columns = list(zip(*(map(Decimal, line.split(",")) for line in text.split()[1:]), strict=True))
    for kind in (pa.decimal128(12, 2), pa.decimal256(50, 4)):
        file = write(tmp_path, x=pa.array(columns[0], kind), y=pa.array(columns[1], kind))
        assert dk.read_points(file).digest == dk.read_points(tmp_path / "t.csv").digest
    big = [Decimal("12345678901234567890.5"), Decimal("1"), Decimal("2")]
    with pytest.raises(InputError, match=r"'x' holds 12345678901234567890\.5, which is not exact in double"):
        dk.read_points(write(tmp_path, x=pa.array(big, pa.decimal128(30, 1)), y=columns[1]))


@pytest.mark.parametrize("ending", ["parquet", "feather"])
@pytest.mark.parametrize("name", ["a ", " a", "a\n", "\ta", "a\xa0"])
def test_names_have_no_blanks_around_them(tmp_path, name, ending):
    """As in a text, and as they are chosen and recorded."""
    file = tmp_path / f"t.{ending}"
    table = pa.table({name: [1.0, 4.0, 6.0], "b": [2.0, 5.0, 8.0], "y": [3.0, 7.0, 9.0]})
    (parquet.write_table if ending == "parquet" else feather.write_feather)(table, str(file))
    assert dk.read_points(file).columns == ("a", "b", "y")
    assert dk.read_points(file, columns="a,b").columns == ("a", "b")
    assert dk.read_points(file, columns=["a"]).columns == ("a",)
    assert read_target_table(file, "y").names == ("a", "b")
