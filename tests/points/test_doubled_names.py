"""Columns of one name, booleans alone, variables of xarray and rows that are series: read by one rule, or refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.points.columns import choice, places
from derandkit.points.files import as_point_cloud
from derandkit.records import sealed

ROWS = np.random.default_rng(1).normal(size=(400, 3)) * [1.0, 2.0, 30.0]


@pytest.fixture(scope="module")
def fitted():
    frame = pd.DataFrame(ROWS[:60], columns=list("abc"))
    return dk.embed(frame, n_components=2, objective="mean", holdout=False)


def doubled():
    return pd.DataFrame(np.column_stack([ROWS[:, 0] * 0.5, ROWS]), columns=list("cabc"))


@pytest.mark.parametrize("measure", [dk.measure_rows, dk.scan_pairs])
def test_a_name_that_two_columns_have_is_refused_in_memory(measure, fitted):
    """The first of them was read: a distortion of 0.83 for 0.998."""
    with pytest.raises(dk.InputError, match="2 columns are named 'c', and 1 of them is wanted"):
        measure(doubled(), fitted)


def test_a_name_that_two_columns_have_is_refused_in_parquet(fitted, tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = [ROWS[:, 0] * 0.5, *ROWS.T]
    parquet.write_table(pa.table(columns, names=["c", "a", "b", "c "]), tmp_path / "two.parquet")
    with pytest.raises(dk.InputError, match=r"two\.parquet: 2 columns are named 'c'"):
        dk.measure_rows(tmp_path / "two.parquet", fitted)


def stored(folder, table):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = [pa.array(column) for column in table.to_numpy().T]
    parquet.write_table(pa.table(columns, names=list(table.columns)), folder / "t.parquet")
    return folder / "t.parquet"


@pytest.mark.parametrize("solve", [lambda x: dk.embed(x, n_components=1), lambda x: dk.random_features(x, 4)])
def test_a_record_of_columns_of_one_name_is_about_these_columns(solve):
    """The last one stood for all: a record of it twice was proven, and that of both failed beside a third column."""
    table = pd.DataFrame(ROWS[:30], columns=list("aab"))
    forged = json.loads(solve(dk.PointCloud(ROWS[:30, [1, 1]])).to_json())
    forged["points"]["columns"] = ["a", "a"]
    del forged["seal"]
    assert not dk.verify(sealed(forged), table).ok
    result = solve(table.iloc[:, :2])
    for about in (table, table.iloc[:, [0, 2, 1]], dk.PointCloud(table)):
        assert dk.verify(result, about).ok
    assert not dk.verify(result, table.iloc[:, [1, 0, 2]]).ok


def test_the_first_column_of_a_name_is_the_first_one_of_the_fit(tmp_path):
    """The first or the last one was read in place of each: 0.93 for 0.86."""
    table = pd.DataFrame(ROWS[:40] @ np.eye(3, 4, 0) + ROWS[:40, :1] * [0, 0, 0, 1.0], columns=list("aabc"))
    result = dk.embed(table, n_components=2, holdout=False)
    wide = table.copy()
    wide.insert(1, "x", 7 * ROWS[:40, 0])
    for source in (table, wide, dk.PointCloud(wide), lambda: [wide[:9], table[9:]], stored(tmp_path, wide)):
        assert dk.measure_rows(source, result).sample_max == pytest.approx(result.distortion)
    file = stored(tmp_path, table.iloc[:, [2, 0, 3, 1]])  # pyarrow gathers columns of one name
    assert (dk.sample_rows(file, 40) == table.to_numpy()[:, [2, 0, 3, 1]]).all()
    for source in (wide, dk.PointCloud(wide)):
        assert dk.scan_pairs(source, result) == dk.scan_pairs(table, result)
    assert (dk.sample_rows(lambda: [table[:20], wide[20:].drop(columns="x")], 40) == table.to_numpy()).all()


def test_the_file_of_a_fit_is_read_by_its_numbers(tmp_path):
    """`read_points` numbers the columns of one name, and `measure_rows` refused the same file."""
    file = stored(tmp_path, pd.DataFrame(ROWS[:40, [0, 1, 2, 0]], columns=list("abac")))
    result = dk.embed(dk.read_points(file, columns="c,3,b"), n_components=2, holdout=False)
    assert result.points.columns == ("c", "3", "b")
    assert dk.measure_rows(file, result).sample_max == pytest.approx(result.distortion)
    assert dk.scan_pairs(file, result).distortion == pytest.approx(result.distortion)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("axbc", "2 columns of the fit are named 'a', and 1 of the table: rename"),
        ("aaabc", "3 columns are named 'a', and 2 of them"),
        ("abac", "2 columns are named 'a', and the columns of the fit stand in another order: rename"),
        ("baac", "2 columns are named 'a', and the columns of the fit stand in another order: rename"),
    ],
)
def test_columns_of_one_name_in_another_order_are_refused(names, words, tmp_path):
    """They were taken by `scan_pairs` and `measure_rows`."""
    rows = ROWS[:40, [0, 1, 2, 0, 1]] + [[0.0, 0.0, 0.0, 1.0, 2.0]]
    table, other = (pd.DataFrame(rows[:, : len(x)], columns=list(x)) for x in ("aabc", names))
    result = dk.embed(table, n_components=2, objective="mean", holdout=False)
    uses = [
        lambda: dk.scan_pairs(other, result),
        lambda: dk.measure_rows(other, result),
        lambda: dk.measure_rows(stored(tmp_path, other), result),
        lambda: dk.verify(result, other),
        lambda: result.transform(other),
        lambda: dk.sample_rows(lambda: [table[:20], other[20:]], 40),
    ]
    for use in uses[: 5 if len(names) > 4 else 6]:
        with pytest.raises(dk.InputError, match=words):
            use()


@pytest.mark.parametrize("ending", ["parquet", "feather"])
def test_a_table_of_booleans_alone_is_read(ending, tmp_path):
    """A traceback: differences of booleans are none."""
    pytest.importorskip("pyarrow")
    table = pd.DataFrame(ROWS[:40] > 0, columns=list("abc"))
    getattr(table, f"to_{ending}")(tmp_path / f"t.{ending}")
    assert (as_point_cloud(tmp_path / f"t.{ending}").table() == table.to_numpy(dtype=float)).all()


def test_a_dataset_beside_targets_is_refused_in_one_line():
    """Its dimensions are a mapping: a KeyError, and a FutureWarning of xarray."""
    xarray = pytest.importorskip("xarray")
    given = xarray.Dataset({name: ("row", np.arange(12.0) ** k) for k, name in enumerate("ab")})
    with pytest.raises(dk.InputError, match=r"an xarray Dataset holds several arrays; pass one of them"):
        dk.RegressionData(given, np.arange(12.0))


def test_variables_of_xarray_have_no_labels():
    """They have dimensions and no indexes: an AttributeError."""
    xarray = pytest.importorskip("xarray")
    whole = xarray.Variable(("r", "c"), ROWS)
    assert (as_point_cloud(whole).table() == ROWS).all()
    assert (as_point_cloud([xarray.Variable(("c",), row) for row in ROWS]).table() == ROWS).all()
    assert dk.RegressionData(whole, xarray.Variable(("r",), ROWS[:, 0])).X.shape == ROWS.shape


@pytest.mark.parametrize("read", [dk.as_graph, dk.Arcs.from_arcs])
def test_edges_that_are_series_are_read_by_their_names(read):
    """They were asked for the label 0: a KeyError."""
    table = pd.DataFrame({"source": [0, 1], "target": [1, 2], "weight": [1, 2]})
    found, expected = read([row for _, row in table.iterrows()]), read(table)
    assert found.digest == expected.digest


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("a,a,2,x", "column 2 has no name of its own, and '2' is the name of column 3"),
        ("2,2,a,x", "column 2 has no name of its own, and '2' is the name of column 1"),
    ],
)
def test_a_number_that_is_the_name_of_another_column_is_refused(head, words, tmp_path):
    """The record called the columns 1, 2, 3, 4, was read as one about the column named 2, and failed."""
    rows = "\n".join(",".join(f"{x:.3f}" for x in (*row, row[0] * row[1])) for row in ROWS[:12])
    (tmp_path / "t.csv").write_text(f"{head}\n{rows}\n")
    with pytest.raises(dk.InputError, match=words):
        dk.read_points(tmp_path / "t.csv", header=True, drop="x")


def test_columns_of_a_record_are_found_in_one_pass():
    """Each name was looked for among all: a record of 40 000 columns took a minute to refuse."""

    class Counted(str):
        compared = 0
        __hash__ = str.__hash__

        def __eq__(self, other):
            Counted.compared += 1
            return str.__eq__(self, other)

    names = [Counted(f"c{k}") for k in range(500)]
    kept, _ = places(replace(choice(names[::-1]), recorded=True), names, len(names))
    assert kept == list(range(500))[::-1]
    assert Counted.compared < 20 * len(names)
