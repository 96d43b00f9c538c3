"""Numbers that count columns are no names; years, and columns of a frame in another order, have names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.plots.embeddings import pair_distances
from derandkit.points.suspects.names import Numbers, are_counted, names_read

ROWS = np.random.default_rng(0).standard_normal((40, 4)) * [1.0, 3.0, 0.3, 2.0]
FRAME = pd.DataFrame(ROWS)
USES = [dk.scan_pairs, dk.measure_rows, lambda X, result: result.transform(X).tobytes()]


def fitted(X):
    return dk.embed(X, n_components=2, objective="mean", holdout=False)


def refused(use, *args) -> str:
    with pytest.raises(dk.InputError) as caught:
        use(*args)
    return str(caught.value)


@pytest.mark.parametrize("use", USES)
def test_numbered_columns_in_another_order_are_refused_by_all(use):
    """`scan_pairs` took them by position: 0.99992 for 0.8625."""
    result = fitted(FRAME[[3, 2, 1, 0]])
    assert "['3', '2', '1', '0'] in this order" in refused(use, FRAME, result)
    assert "the column '3' of" in refused(use, FRAME.set_axis(list("abcd"), axis=1), result)
    assert use(FRAME[[3, 2, 1, 0]], result) == use(ROWS[:, ::-1], result)
    assert not dk.verify(result, FRAME).ok
    for source in (FRAME.rename(columns=str), FRAME[[3, 2, 1, 0]]):
        assert dk.verify(result, source).ok
        assert dk.scan_pairs(source, result) == dk.scan_pairs(ROWS[:, ::-1], result)


def test_a_plot_refuses_numbered_columns_in_another_order():
    assert "in this order" in refused(pair_distances, fitted(FRAME[[3, 2, 1, 0]]), FRAME)


@pytest.mark.parametrize("use", USES)
def test_years_are_names(use, tmp_path):
    """They were read by position: 0.994 for 0.501."""
    years = FRAME.set_axis([2019, 2020, 2021, 2022], axis=1)
    first, last = years[[2019, 2020, 2021]], years[[2020, 2021, 2022]]
    result = fitted(first)
    words = "the column '2019' of"
    named = last.rename(columns=str)
    for other in (last, named, dk.PointCloud(last), named.to_dict("records"), named.to_records(index=False)):
        assert words in refused(use, other, result)
    for same in (
        first,
        first.to_numpy(),
        pd.DataFrame(first.to_numpy()),
        dk.PointCloud(first.rename(columns=str)),
    ):
        assert use(same, result) == use(ROWS[:, :3], result)
    assert not dk.verify(result, last).ok
    assert dk.verify(result, years).ok


def test_years_are_names_in_parquet_blocks_and_regressions(tmp_path):
    pytest.importorskip("pyarrow")
    years = FRAME.set_axis(["2019", "2020", "2021", "2022"], axis=1)
    result, last = fitted(years.iloc[:, :3]), years.iloc[:, 1:]
    last.to_parquet(tmp_path / "last.parquet")
    years.iloc[:, ::-1].to_parquet(tmp_path / "all.parquet")
    assert "the column '2019' of" in refused(dk.measure_rows, tmp_path / "last.parquet", result)
    assert "the column '2019' of" in refused(dk.measure_rows, lambda: [years[:9], last[9:]], result)
    assert dk.measure_rows(tmp_path / "all.parquet", result).sample_mean == pytest.approx(
        dk.measure_rows(ROWS[:, :3], result).sample_mean
    )
    assert "the column '2022' of" in refused(dk.sample_rows, lambda: [last[:9], years.iloc[9:, :3]], 9)
    data = dk.RegressionData(years.iloc[:, :3], ROWS[:, 3])
    assert "the column '2019' of" in refused(data.whiten, last)
    assert "the column '2019' of" in refused(dk.random_features(years.iloc[:, :3], 4).transform, last)
    model = dk.DerandomizedProjection(2).fit(years.iloc[:, :3].rename(columns=int))
    assert "the column '2019' of" in refused(model.transform, last.rename(columns=int))


@pytest.mark.parametrize("use", USES)
def test_numbers_of_columns_of_a_file_are_no_names(use, tmp_path):
    FRAME.to_csv(tmp_path / "bare.csv", index=False, header=False)
    part = dk.read_points(tmp_path / "bare.csv", columns="2,4")
    result = fitted(part)
    assert part.columns == result.points.columns == ("2", "4")
    cut = ROWS[:, [1, 3]]
    expected = use(cut, result)
    for source in (
        part,
        dk.read_points(tmp_path / "bare.csv", columns="1,3"),
        pd.DataFrame(cut),
        pd.DataFrame(cut, columns=["x", "y"]),
        pd.DataFrame(cut, columns=["2020", "2021"]),
    ):
        assert (use(source, result) == expected) == (source is part or not isinstance(source, dk.PointCloud))
    assert "numbers, got" in refused(use, FRAME.set_axis(["1", "2", "3", "4"], axis=1), result)
    if use is dk.scan_pairs:
        assert use(tmp_path / "bare.csv", result) == expected
        other = fitted(FRAME[[2, 1]])
        assert "and the file has no names" in refused(use, tmp_path / "bare.csv", other)
        assert "numbers, got 4" in refused(
            use, dk.read_points(tmp_path / "bare.csv", columns="1,2,3,4"), other
        )
    assert dk.verify(result, tmp_path / "bare.csv").ok
    assert dk.verify(result, part).ok


def test_a_name_that_speaks_of_a_header_line_makes_no_numbers():
    reading = "comma-separated table with a header line, 2 columns: x without a header line"
    assert not are_counted(names_read(["x", " without a header line"], reading))
    assert isinstance(names_read(["2"], "tab-separated table without a header line, 1 column: 2"), Numbers)
