"""Columns of one name, booleans alone, variables of xarray and rows that are series: read by one rule, or refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.points.files import as_point_cloud

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


@pytest.mark.parametrize("ending", ["parquet", "feather"])
def test_a_table_of_booleans_alone_is_read(ending, tmp_path):
    """A traceback: differences of booleans are none."""
    pytest.importorskip("pyarrow")
    table = pd.DataFrame(ROWS[:40] > 0, columns=list("abc"))
    getattr(table, f"to_{ending}")(tmp_path / f"t.{ending}")
    assert (as_point_cloud(tmp_path / f"t.{ending}").table() == table.to_numpy(dtype=float)).all()


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
