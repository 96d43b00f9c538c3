"""Frames, structured arrays and tensors as points: names are kept, and an index is no coordinate."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.inputs import refused

import derandkit as dk
from derandkit.points.cloud import PointCloud
from derandkit.points.files import read_points
from derandkit.records import sealed

pandas = pytest.importorskip("pandas")

ROWS = np.sin(np.arange(36.0) ** 2).reshape(12, 3)
FRAME = pandas.DataFrame(ROWS, columns=list("abc"))
SHUFFLED = FRAME.sample(frac=1, random_state=1)


def read_again(folder, frame):
    frame.to_csv(folder / "p.csv")
    return pandas.read_csv(folder / "p.csv")


def polars_read_again(folder, frame):
    frame.to_csv(folder / "p.csv")
    return pytest.importorskip("polars").read_csv(folder / "p.csv")


def arrow(_folder, frame):
    return pytest.importorskip("pyarrow").Table.from_pandas(frame)


def drop_fields(X, name):
    from numpy.lib.recfunctions import drop_fields

    return drop_fields(X, name)


WAYS = {
    "frame.drop(columns={})": lambda X, name: X.drop(columns=name),
    "frame.drop({})": lambda X, name: X.drop(name),
    "table.drop_columns([{}])": lambda X, name: X.drop_columns([name]),
    "numpy.lib.recfunctions.drop_fields(X, {})": drop_fields,
}


@pytest.mark.parametrize(
    ("make", "name", "way"),
    [
        (read_again, "Unnamed: 0", "frame.drop(columns={})"),
        (lambda _, frame: frame.reset_index(), "index", "frame.drop(columns={})"),
        (lambda _, frame: frame.rename_axis("id").reset_index(), "id", "frame.drop(columns={})"),
        (polars_read_again, "", "frame.drop({})"),
        (arrow, "__index_level_0__", "table.drop_columns([{}])"),
        (lambda _, frame: frame.to_records(), "index", "numpy.lib.recfunctions.drop_fields(X, {})"),
    ],
)
def test_an_index_is_refused_and_the_advice_works(tmp_path, make, name, way):
    X = make(tmp_path, SHUFFLED)
    said = refused(PointCloud, X)
    assert f"({name!r}) may number or name the rows" in said
    assert way.format(repr(name)) in said
    for call in (lambda X: dk.embed(X, n_components=2), lambda X: dk.RegressionData(X, ROWS[:, 0])):
        assert refused(call, X) == said
    if not isinstance(X, np.ndarray):
        assert refused(dk.DerandomizedProjection(2).fit, X) == said
    cloud = PointCloud(WAYS[way](X, name))
    # read_csv of pandas 2 rounds the last digit otherwise
    np.testing.assert_allclose(cloud.points, SHUFFLED.to_numpy(), rtol=1e-14)
    assert cloud.columns == ("a", "b", "c")


def test_names_are_kept_and_a_name_is_no_index_by_itself(tmp_path):
    polars = pytest.importorskip("polars")
    for X in (
        FRAME,
        polars.DataFrame(ROWS, schema=list("abc")),
        arrow(tmp_path, FRAME),
        FRAME.to_records(index=False),
    ):
        assert PointCloud(X).columns == ("a", "b", "c")
        assert PointCloud(X).digest == PointCloud(ROWS).digest
        assert dk.RegressionData(X, ROWS[:, 0]).names == ("a", "b", "c")
    assert PointCloud(pandas.DataFrame(ROWS)).columns is None
    assert PointCloud(FRAME.rename(columns={"a": "index"})).columns == ("index", "b", "c")
    assert (
        PointCloud(FRAME.round().rename(columns={"a": "id"})).n_features == 3
    )  # numbers that repeat are no index
    np.save(tmp_path / "s.npy", FRAME.to_records(index=False))
    assert read_points(tmp_path / "s.npy").columns == ("a", "b", "c")


def test_a_saved_index_of_any_name_is_left_out_of_parquet(tmp_path):
    pytest.importorskip("pyarrow")
    SHUFFLED.rename_axis("sample").to_parquet(tmp_path / "p.parquet")
    with pytest.warns(UserWarning, match="left out 'sample', the index"):
        cloud = read_points(tmp_path / "p.parquet")
    assert cloud.columns == ("a", "b", "c")
    assert read_points(tmp_path / "p.parquet", columns="a,sample").columns == ("a", "sample")
    assert dk.sample_rows(tmp_path / "p.parquet", 4).shape == (4, 3)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: FRAME.assign(k="x"), r"column 4 \('k'\) holds 'x' in row 0.*frame.drop\(columns='k'\)"),
        (
            lambda: FRAME.astype("Float64").where(FRAME < 2, pandas.NA).iloc[::-1].assign(a=pandas.NA),
            "'a'.* holds '<NA>'",
        ),
        (lambda: {"a": [1.0, 2.0], "b": [3.0, 4.0]}, "dict, not a table"),
        (lambda: pytest.importorskip("sklearn.datasets").load_iris(), "pass its entry 'data'"),
        (lambda: pytest.importorskip("polars").DataFrame(ROWS).lazy(), r"frame.collect\(\)"),
    ],
)
def test_what_is_no_table_says_what_to_pass(make, words):
    with pytest.raises(dk.InputError, match=words):
        PointCloud(make())


def test_images_of_frames_follow_the_names():
    result = dk.embed(FRAME, n_components=2, holdout=False)
    np.testing.assert_array_equal(result.transform(FRAME), result.transform(ROWS))
    for other in (FRAME[["c", "a", "b"]], FRAME.assign(z=1.0)):
        assert "['a', 'b', 'c'] in this order" in refused(result.transform, other)
    assert "the frame lacks the column 'a'" in refused(result.transform, FRAME.rename(columns={"a": "z"}))
    assert dk.verify(result, FRAME[["c", "b", "a"]].assign(z=1.0)).ok
    assert not dk.verify(result, FRAME.rename(columns={"a": "b", "b": "a"})).ok
    assert dk.measure_rows(FRAME[["c", "a", "b"]], result) == dk.measure_rows(ROWS, result)
    assert dk.scan_pairs(FRAME[["c", "a", "b"]], result) == dk.scan_pairs(ROWS, result)
    assert "the frame lacks the column 'a'" in refused(
        dk.measure_rows, FRAME.rename(columns={"a": "z"}), result
    )
    assert "'index'" in refused(dk.sample_rows, SHUFFLED.reset_index(), 4)
    features = dk.random_features(FRAME, 4)
    assert "in this order" in refused(features.transform, FRAME[["c", "a", "b"]])
    data = dk.RegressionData(FRAME, ROWS[:, 0])
    assert "in this order" in refused(data.whiten, FRAME[["c", "a", "b"]])
    with pytest.raises(ValueError, match="order"):  # scikit-learn's own rule
        dk.DerandomizedProjection(2).fit(FRAME).transform(FRAME[["c", "a", "b"]])


def test_points_that_were_read_keep_to_their_names(tmp_path):
    """A cloud with another order of columns was mapped by position."""
    REORDERED = FRAME[["c", "a", "b"]]
    FRAME.to_csv(tmp_path / "f.csv", index=False)
    REORDERED.to_csv(tmp_path / "r.csv", index=False)
    FRAME.set_axis(["2020", "2021", "2022"], axis=1).to_csv(tmp_path / "years.csv", index=False)
    FRAME.to_csv(tmp_path / "bare.csv", index=False, header=False)
    result, features = dk.embed(FRAME, n_components=2, holdout=False), dk.random_features(FRAME, 4)
    for apply in (result.transform, features.transform):
        for other in (read_points(tmp_path / "r.csv"), PointCloud(REORDERED)):
            assert "['a', 'b', 'c'] in this order" in refused(apply, other)
        assert "the points lack the column 'a'" in refused(
            apply, PointCloud(FRAME.rename(columns={"a": "z"}))
        )
        years = read_points(tmp_path / "years.csv", header=True)
        assert years.columns == ("2020", "2021", "2022")
        assert "the points lack the column 'a'" in refused(apply, years)
        numbered = read_points(tmp_path / "bare.csv", columns="1,2,3")
        np.testing.assert_array_equal(apply(numbered), apply(FRAME))
        for same in (
            read_points(tmp_path / "f.csv"),
            read_points(tmp_path / "bare.csv"),
            read_points(tmp_path / "r.csv", columns="a,b,c"),
            PointCloud(ROWS),
            pandas.DataFrame(ROWS),
        ):
            np.testing.assert_array_equal(apply(same), apply(FRAME))
    for other in (PointCloud(REORDERED), tmp_path / "r.csv", tmp_path / "bare.csv"):
        assert dk.scan_pairs(other, result) == dk.scan_pairs(ROWS, result)
    assert dk.measure_rows(PointCloud(REORDERED), result) == dk.measure_rows(ROWS, result)
    assert dk.verify(result, PointCloud(REORDERED)).ok
    for other in (renamed := FRAME.rename(columns={"a": "z"}), PointCloud(renamed)):
        assert "the points lack the column 'a'" in refused(dk.scan_pairs, other, result)


def test_numbers_of_columns_in_another_order_are_refused(tmp_path):
    """They were no names, so that the columns were taken by position."""
    numbered = pandas.DataFrame(ROWS)
    turned = numbered[[2, 1, 0]]
    words = "['0', '1', '2'] in this order"
    for given in (ROWS, numbered):
        assert words in refused(dk.embed(given, n_components=2, holdout=False).transform, turned)
        assert words in refused(dk.RegressionData(given, ROWS[:, 0]).whiten, turned)
        assert words in refused(dk.DerandomizedProjection(2).fit(given).transform, turned)
    fitted = dk.DerandomizedProjection(2).fit(turned)
    np.testing.assert_array_equal(fitted.transform(turned), fitted.transform(turned.to_numpy()))
    assert "['2', '1', '0'] in this order" in refused(fitted.transform, numbered)
    numbered.to_csv(tmp_path / "bare.csv", index=False, header=False)
    bare = [read_points(tmp_path / "bare.csv", columns=order) for order in ("2,1", "1,2", "1,3")]
    result = dk.embed(bare[0], n_components=1, holdout=False)
    assert "['2', '1'] in this order" in refused(result.transform, bare[1])
    assert result.transform(bare[2]).shape == (12, 1)


def test_images_in_another_order_of_their_names_are_refused():
    fitted = dk.DerandomizedProjection(2).set_output(transform="pandas").fit(FRAME)
    images = fitted.transform(FRAME)
    np.testing.assert_array_equal(
        fitted.inverse_transform(images), fitted.inverse_transform(images.to_numpy())
    )
    assert "in this order" in refused(fitted.inverse_transform, images[images.columns[::-1]])


def test_tensors():
    torch = pytest.importorskip("torch")
    for X in (torch.tensor(ROWS), torch.tensor(ROWS, requires_grad=True), torch.tensor(ROWS).to_sparse()):
        assert PointCloud(X).digest == PointCloud(ROWS).digest
        assert dk.embed(X, n_components=2, holdout=False).transform(X).shape == (12, 2)
    data = dk.RegressionData(
        torch.tensor(ROWS, requires_grad=True), torch.tensor(ROWS[:, 0], requires_grad=True)
    )
    assert data.digest == dk.RegressionData(ROWS, ROWS[:, 0]).digest


@pytest.mark.parametrize("name", ["to_excel", "to_pickle"])
def test_other_files_are_named(tmp_path, name):
    if name == "to_excel":
        pytest.importorskip("openpyxl")
    file = tmp_path / ("p.xlsx" if name == "to_excel" else "p")
    getattr(FRAME, name)(file)
    assert {"to_excel": "Excel", "to_pickle": "pickle"}[name] in refused(read_points, file)


@pytest.mark.parametrize("solve", [lambda x: dk.embed(x, n_components=2), lambda x: dk.random_features(x, 4)])
def test_names_of_columns_are_those_of_the_points(solve, tmp_path):
    """Any names passed as proven against a frame with others, and against arrays and files without names."""
    X = np.random.default_rng(0).standard_normal((12, 3))
    frame = pandas.DataFrame(X, columns=["a", "b", "c"])
    honest = json.loads(solve(frame).to_json())
    np.save(tmp_path / "x.npy", X)
    frame.to_csv(tmp_path / "x.csv", index=False)
    frame.to_csv(tmp_path / "bare.csv", index=False, header=False)

    def verdict(names, about):
        record = {**honest, "points": {**honest["points"], "columns": names}}
        outcome = dk.verify(sealed(record), about)
        found = {check.name: check for check in outcome.checks}
        assert outcome.ok == (found["columns"].verdict.value == "proven")
        assert "columns" not in found["points"].detail
        return found["columns"].verdict.value

    for about in (frame, frame[["c", "b", "a"]], tmp_path / "x.csv"):
        assert verdict(["a", "b", "c"], about) == "proven"
    assert verdict(["p", "q", "r"], frame) == "FAILED"
    for about in (X, tmp_path / "x.npy", tmp_path / "bare.csv"):
        assert verdict(["c", "b", "a"], about) == "not checked"
        assert verdict(None, about) == "proven"


@pytest.mark.parametrize(
    "read",
    [
        lambda frame: dk.PointCloud(frame),
        lambda frame: dk.embed(frame, n_components=1),
        lambda frame: dk.maxcut(frame),
        lambda frame: dk.minimize_qubo(frame),
        lambda frame: dk.cut_norm(frame),
    ],
)
def test_missing_categories_beside_whole_numbers_stay_missing(read):
    """As an array of integers they became -9.22e18, and points with such a coordinate were embedded."""
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({0: pd.Categorical([0, None, 3]), 1: [5, 0, 2], 2: [3, 2, 0]})
    assert "-9" not in refused(read, frame)


@pytest.mark.filterwarnings("error")
def test_half_precision_and_complex_columns_are_read_or_refused_in_silence(tmp_path):
    """NumPy warned of a cast that overflowed, and of imaginary parts that nothing discards."""
    half = FRAME.astype("float16")
    half.to_parquet(tmp_path / "h.parquet")
    np.save(tmp_path / "h.npy", half.to_numpy())
    digest = PointCloud(half.astype("float64")).digest
    for source in (half, half.to_numpy(), half.to_records(index=False)):
        assert PointCloud(source).digest == digest
    for file in ("h.parquet", "h.npy"):
        assert read_points(tmp_path / file).digest == digest
    turned = FRAME.assign(a=FRAME.a + 1j)
    for source in (turned, turned.to_numpy(), turned.to_records(index=False)):
        assert "Complex data" in refused(PointCloud, source)
        assert "no table of numbers" in refused(dk.sample_rows, source, 4)


def test_columns_of_one_name_are_read_in_every_file(tmp_path):
    """Parquet files with them were refused, other files read; both number the columns that share a name."""
    pa = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.feather").write_feather(
        pa.Table.from_arrays([pa.array(x) for x in ROWS.T], names=["a", "b", "a"]), tmp_path / "t.feather"
    )
    pytest.importorskip("pyarrow.parquet").write_table(
        pa.Table.from_arrays([pa.array(x) for x in ROWS.T], names=["a", "b", "a"]), tmp_path / "t.parquet"
    )
    pandas.DataFrame(ROWS, columns=list("aba")).to_csv(tmp_path / "t.csv", index=False)
    for name in ("t.csv", "t.feather", "t.parquet"):
        cloud = read_points(tmp_path / name)
        assert cloud.columns == ("1", "b", "3")
        assert cloud.digest == PointCloud(ROWS).digest
        assert "columns 1, 3 are all named 'a'" in refused(read_points, tmp_path / name, columns="a")


def test_a_coordinate_of_xarray_names_the_columns(tmp_path):
    """It was not looked at, so that columns in another order were read by position."""
    xarray = pytest.importorskip("xarray")
    array = xarray.DataArray(ROWS, dims=("t", "f"), coords={"f": list("abc")})
    turned = array.sel(f=["c", "b", "a"])
    result = dk.embed(array, n_components=2, holdout=False)
    assert result.points.columns == ("a", "b", "c")
    np.testing.assert_array_equal(result.transform(array), result.transform(FRAME))
    for other in (result, dk.embed(FRAME, n_components=2, holdout=False)):
        assert "in this order" in refused(other.transform, turned)
        assert dk.verify(other, turned).ok
        assert dk.measure_rows(turned, other) == dk.measure_rows(ROWS, other)
    assert "in this order" in refused(dk.RegressionData(array, ROWS[:, 0]).whiten, turned)
    assert "may number or name the rows" in refused(
        PointCloud, array.assign_coords(f=["id", "b", "c"]) * 0 + np.arange(36.0).reshape(12, 3)[::-1]
    )
    for plain in (array.drop_vars("f"), array.assign_coords(f=[0, 1, 2])):
        assert PointCloud(plain).columns is None
    assert dk.verify(dk.embed(ROWS, n_components=2, holdout=False), array).ok  # older records name none
