"""Objects that people hold: read as the table that they are, or refused in one line that says what to pass."""

from __future__ import annotations

import collections
import datetime
import enum

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from tests.inputs import refused

import derandkit
from derandkit import PointCloud, RegressionData, random_features, verify

ROWS = np.random.default_rng(0).standard_normal((12, 3))
FRAME = pd.DataFrame(ROWS, columns=["x", "y", "z"])
DAYS = pd.date_range("2020-01-01", periods=3)


@pytest.mark.parametrize(
    "rows",
    [FRAME.to_dict("records"), list(FRAME.itertuples(index=False)), FRAME.to_records(index=False)],
    ids=["mappings", "named tuples", "structured"],
)
def test_records_are_a_table_with_names_everywhere(rows):
    result = derandkit.embed(rows, n_components=2, holdout=False)
    assert result.points.columns == ("x", "y", "z")
    assert verify(result, rows).ok
    assert verify(result, FRAME).ok
    assert np.array_equal(result.transform(rows), result.transform(ROWS))
    features = random_features(rows, 4)
    assert np.array_equal(features.transform(rows), features.transform(ROWS))
    data = RegressionData(rows, ROWS[:, 0])
    assert data.names == ("x", "y", "z")
    assert data.digest == RegressionData(FRAME, ROWS[:, 0]).digest
    assert np.array_equal(data.whiten(rows), data.whiten(ROWS))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"x": 1, "y": 2}, {"x": 3}], "row 1 does not have the same names as row 0 (x, y)"),
        (list(FRAME.itertuples()), "column 1 ('Index') may number or name the rows"),
        ((row for row in ROWS), "a generator gives its rows once; pass the points as a list"),
        (map(list, ROWS), "a map gives its rows once"),
        ({(1.0, 2.0), (3.0, 4.0)}, "the rows of a set have no order"),
        (None, "there are no points: got None"),
        ([["1", "2"], ["3", "4"]], "got the type <U1, such as '1'; convert it first"),
        (np.array([["1_000", 2], [3, 4]], dtype=object), "which Python alone reads as 1000; write the number"),
        (np.array([["a", 2], [3, 4]], dtype=object), "the points hold something that is not a number"),
        ([[10**400, 2], [3, 4]], "too large for float64"),
        (DAYS.to_numpy()[:, None], "such as '2020-01-01"),
        (pd.DataFrame({"x": DAYS, "y": [1, 2, 4]}), "column 1 ('x') holds dates or times (datetime64"),
        (pd.DataFrame({"x": [1, 2, 4], "y": DAYS - DAYS[0]}), "column 2 ('y') holds dates or times (timedelta64"),
        (pd.DataFrame({"x": DAYS.to_period("M")}), "column 1 ('x') holds dates or times (period[M])"),
        (pd.DataFrame({"x": ["1_000", "2"], "y": [1, 2]}), "column 1 ('x') holds '1_000' in row 0"),
        (pd.DataFrame({"x": pd.array([1, None], "Int64"), "y": [1, 2]}), "holds '<NA>' in row 1"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_what_to_pass(rows, words):
    assert words in refused(PointCloud, rows)


def test_dates_of_polars_and_pyarrow_are_no_numbers_of_days():
    polars, pyarrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    dates = [datetime.date(2020, 1, day) for day in (1, 2, 5)]
    frame = polars.DataFrame({"a": [1, 2, 4], "day": dates})
    assert "column 2 ('day') holds dates or times (Date)" in refused(PointCloud, frame)
    table = pyarrow.table({"a": [1, 2, 4], "day": dates})
    assert "column 2 ('day') holds dates or times (date32[day])" in refused(PointCloud, table)
    assert "leave it out (table.drop_columns(['day']))" in refused(RegressionData, table, [1, 2, 3])


def test_columns_of_one_name_keep_their_record():
    frame = pd.DataFrame(ROWS, columns=["a", "a", "b"])
    result = derandkit.embed(frame, n_components=2, holdout=False)
    assert verify(result, frame).ok
    assert "stand in another order" in refused(verify, result, frame.iloc[:, ::-1])


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16])
def test_entries_at_one_place_add_up_beyond_a_narrow_type(kind):
    at = ([0, 0, 0, 1, 2, 3], [1, 1, 1, 2, 0, 1])
    table = sparse.coo_array((np.full(6, 100, kind), at), shape=(5, 3))
    assert PointCloud(table).points[0, 1] == 300


def test_a_tensor_of_a_type_that_numpy_lacks():
    torch = pytest.importorskip("torch")
    assert np.array_equal(
        PointCloud(torch.tensor(ROWS).bfloat16()).points, np.asarray(torch.tensor(ROWS).bfloat16().float())
    )


def test_rows_whose_indexes_disagree_are_asked_about():
    y = FRAME.x * 2
    mixed = y.sample(frac=1, random_state=0)
    said = refused(RegressionData, FRAME, mixed)
    assert (
        "rows could be joined by label or by position; for labels pass y.loc[X.index], for positions" in said
    )
    assert RegressionData(FRAME, mixed.loc[FRAME.index]).digest == RegressionData(FRAME, y).digest
    assert RegressionData(FRAME, mixed.to_numpy()).digest != RegressionData(FRAME, y).digest
    assert RegressionData(FRAME.set_axis(range(50, 62)), y).digest == RegressionData(FRAME, y).digest
    assert "the index of weights" in refused(RegressionData, FRAME, y, weights=mixed)
    other = y.set_axis(range(100, 112))
    assert "by label or by position" in refused(RegressionData, FRAME.set_axis(range(50, 62)), other)


@pytest.mark.parametrize(
    "y",
    [
        DAYS,
        DAYS - DAYS[0],
        DAYS.to_numpy().astype("M8[ns]"),
        DAYS.to_numpy().astype("M8[D]"),
        [b"a", b"b", b"a"],
        [{"y": 1}] * 3,
    ],
)
def test_targets_that_are_no_numbers_and_no_text(y):
    assert "which is neither a number nor text" in refused(RegressionData, ROWS[:3], y)


def test_dates_and_text_in_arrays_are_no_inputs():
    for X in (DAYS.to_numpy()[:, None], np.array([["1"], ["2"], ["3"]])):
        assert "the inputs" in refused(RegressionData, X, [1, 2, 3])


TABLE = np.random.default_rng(5).normal(size=(12, 3)).round(3)
Forward = collections.namedtuple("Forward", "a b c")
Backward = collections.namedtuple("Backward", "c b a")


def labelled(k, backward):
    series = pd.Series(TABLE[k], index=list("abc"))
    return series[::-1] if backward else series


def coordinates(k, backward):
    xr = pytest.importorskip("xarray")
    series = labelled(k, backward)
    return xr.DataArray(series.to_numpy(), dims="f", coords={"f": series.index.tolist()})


def numbered(k, backward):
    return pd.Series(TABLE[k])[::-1] if backward else pd.Series(TABLE[k])


def single(k, backward):
    return labelled(k, backward).astype("float32")


def mapping(k, backward):
    return labelled(k, backward).to_dict()


def named(k, backward):
    a, b, c = TABLE[k].tolist()
    return Backward(c, b, a) if backward else Forward(a, b, c)


class Spark(tuple):
    """As rows of Spark keep their names."""

    def __getattr__(self, name):
        if name.startswith("_") or name not in self.__fields__:
            raise AttributeError(name)
        return self[self.__fields__.index(name)]


def spark(k, backward):
    row = Spark(named(k, backward))
    row.__fields__ = list("cba" if backward else "abc")
    return row


ROWS_WITH_NAMES = [labelled, coordinates, numbered, single, mapping, named, spark]


@pytest.mark.parametrize("make", ROWS_WITH_NAMES)
@pytest.mark.parametrize("outer", [list, tuple, collections.deque])
def test_entries_of_rows_with_names_stand_at_their_names(make, outer):
    """Named tuples and series were read by position, so that rows with another order of names were other points."""
    rows = outer(make(k, k % 2 == 1) for k in range(12))
    expected = TABLE.astype(np.float32) if make is single else TABLE
    cloud = derandkit.PointCloud(rows)
    np.testing.assert_array_equal(cloud.points, expected)
    assert cloud.points.dtype == expected.dtype
    assert cloud.columns == (("0", "1", "2") if make is numbered else ("a", "b", "c"))
    frame = pd.DataFrame(TABLE, columns=cloud.columns)
    result = derandkit.embed(frame, n_components=2, holdout=False)
    np.testing.assert_array_equal(result.transform(rows), result.transform(expected))
    data = derandkit.RegressionData(frame, TABLE[:, 0])
    np.testing.assert_array_equal(data.whiten(rows), data.whiten(expected))
    backward = outer(make(k, True) for k in range(12))
    for apply in (result.transform, data.whiten):
        assert "in this order" in refused(apply, backward)
    assert derandkit.verify(result, backward).ok == (make is not single)


@pytest.mark.parametrize("make", [labelled, named, mapping])
def test_estimators_read_rows_with_names_by_them(make):
    sklearn = pytest.importorskip("sklearn")
    assert sklearn
    rows = [make(k, k % 2 == 1) for k in range(12)]
    projection = derandkit.DerandomizedProjection(2).fit(rows)
    assert (projection.components_ == derandkit.DerandomizedProjection(2).fit(TABLE).components_).all()
    np.testing.assert_array_equal(projection.transform(rows), projection.transform(TABLE))
    assert "in this order" in refused(projection.transform, [make(k, True) for k in range(12)])


def test_rows_with_other_names_or_none_beside_named_ones_are_refused():
    odd = pd.Series(TABLE[1], index=list("abz"))
    for rows in (
        [labelled(0, False), odd],
        [TABLE[0].tolist(), named(1, False)],
        [named(0, False), TABLE[1].tolist()],
    ):
        assert "row 1 does not have the same names as row 0" in refused(derandkit.PointCloud, [*rows, *rows])
    plain = derandkit.PointCloud([pd.Series(row) for row in TABLE])
    assert plain.columns is None
    np.testing.assert_array_equal(plain.points, TABLE)


def test_names_that_are_members_of_an_enumeration_of_texts_are_these_texts():
    """A column named by such a member was called 'Field.AGE', and was not found under the name 'age'."""
    field = enum.Enum("Field", {"AGE": "age", "SIZE": "size"}, type=str)
    rows = [{field.AGE: 1.0, field.SIZE: 3.0}, {field.AGE: 2.0, field.SIZE: 3.5}]
    for table in (rows, pd.DataFrame(rows)):
        assert PointCloud(table).columns == ("age", "size")
    frame = pd.DataFrame(np.arange(18.0).reshape(6, 3) ** 2 % 7, columns=["age", "size", "weight"])
    named = frame.rename(columns={"age": field.AGE, "size": field.SIZE})
    assert derandkit.embed(named, n_components=2) == derandkit.embed(frame, n_components=2)
