"""Columns of files of points: chosen by name or number, and those that are no coordinates."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from tests.mutations import sealed_again

import derandkit
from derandkit.cli import main
from derandkit.errors import InputError
from derandkit.points.cloud import PointCloud
from derandkit.points.files import read_points, read_table
from derandkit.structure.data import RegressionData

IRIS = "\n".join(
    f"{4 + i % 7 * 0.3:.1f},{2 + i % 5 * 0.2:.1f},{1 + i % 11 * 0.4:.1f},{i // 20}" for i in range(60)
)
PENGUINS = "species,length,depth\n" + "\n".join(
    f"{'Adelie' if i % 2 else 'Gentoo'},{30 + i * 1.5},{10 + i % 4 * 0.7}" for i in range(12)
)
FRAME = ",x,y\n" + "\n".join(f"{i},{i * i * 0.1:.2f},{(7 * i) % 5}" for i in range(10))


TABLE = np.array([[0.0, 1.5, -2.0], [3.25, 0.0, 1e-3], [7.0, 8.0, 9.0]])


def written(folder, text, name="points.csv"):
    (folder / name).write_text(text)
    return folder / name


def test_columns_by_name_and_number(tmp_path):
    file = written(tmp_path, PENGUINS)
    expected = read_points(file, columns=["length", "depth"])
    assert expected.columns == ("length", "depth")
    for options in (
        {"drop": "species"},
        {"drop": [1]},
        {"label": "species"},
        {"label": 1},
        {"columns": "2, 3"},
    ):
        cloud = read_points(file, **options)
        assert cloud.digest == expected.digest
        assert cloud.columns == ("length", "depth")
    assert read_table(file, label="species").labels[:2] == ("Gentoo", "Adelie")
    swapped = read_points(file, columns="depth,length")
    np.testing.assert_array_equal(swapped.points, expected.points[:, ::-1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "column 1 'Gentoo' is not a number.*--drop species.*--label species"),
        ({"columns": "width"}, "no column 'width'.*'species', 'length', 'depth'"),
        ({"columns": "4"}, "no column '4'"),
        ({"drop": "species,species"}, "different columns"),
        ({"columns": "length", "drop": "length"}, "used and left out at once"),
        ({"columns": "length,depth,2"}, "column 2 is wanted twice, as 'length' and as '2'"),
        ({"drop": "species,length,depth"}, "no column is left"),
        ({"columns": "species"}, "column 1 'Gentoo' is not a number"),
    ],
)
def test_columns_that_make_no_sense(tmp_path, options, message):
    with pytest.raises(InputError, match=message) as caught:
        read_points(written(tmp_path, PENGUINS), **options)
    assert "\n" not in str(caught.value)


def test_a_name_that_is_also_a_number_is_refused(tmp_path):
    file = written(tmp_path, '"a","b","1st"\n1,2,3\n4,5,7\n')
    assert read_points(file, columns="1st").n_features == 1
    table = tmp_path / "t.parquet"
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    write_table(pyarrow.table({"2": [1.0, 2.0], "1": [3.0, 5.0], "a": [0.0, 1.0]}), table)
    with pytest.raises(InputError, match="'1' is the name of column 2 and the number of column 1"):
        read_points(table, columns="1")
    assert read_points(table, columns="a").n_features == 1
    with pytest.raises(InputError, match="all named"):
        read_points(written(tmp_path, "a,a,b\n1,2,3\n3,4,5\n"), columns="a")


def test_an_index_is_never_a_coordinate_without_a_word(tmp_path):
    file = written(tmp_path, FRAME)
    with pytest.raises(InputError, match=r"column 1 \(without a name\) counts the rows from 0.*--drop 1"):
        read_points(file)
    assert read_points(file, drop=1).n_features == 2
    assert read_points(file, columns="1,x,y").n_features == 3
    numbered = written(tmp_path, FRAME.replace(",x,y", "id,x,y"))
    with pytest.raises(InputError, match=r"'id'.*--drop id"):
        read_points(numbered)
    bare = written(tmp_path, FRAME.split("\n", 1)[1])
    with pytest.raises(InputError, match="column 1 counts the rows"):
        read_points(bare)
    # a few rows, or one column alone, are coordinates
    with pytest.warns(UserWarning, match="column 1 counts the rows from 0 to 2"):
        assert read_points(written(tmp_path, "0,5\n1,7\n2,4\n")).n_features == 2
    assert read_points(written(tmp_path, "\n".join(map(str, range(20))))).n_features == 1


ONLY = {
    "a mark": (["0.5", "1.25", "-999", "0.75"], "holds -999"),
    "dates": (["20240101", "20240102", "20240105", "20240109"], "dates such as 20240101"),
    "codes": (["00501", "10115", "80331", "00544"], "leading zeros"),
}


@pytest.mark.parametrize("name", ONLY)
def test_an_only_column_is_looked_at_as_several_are(name, tmp_path):
    """-999 was a coordinate in an only column, and 00501 the number 501; so beside a target."""
    cells, words = ONLY[name]
    file = written(tmp_path, "a\n" + "\n".join(cells * 3) + "\n")
    with pytest.raises(InputError, match=rf"'a'.*{words}.*--columns a"):
        read_points(file)
    assert read_points(file, columns="a").n_points == 12
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": cells * 3 if name == "codes" else [float(x) for x in cells * 3]})
    for make in (PointCloud, lambda frame: RegressionData(frame, np.sin(np.arange(12.0)))):
        if make is not PointCloud and name == "dates":
            assert len(make(frame).X) == 12
            continue
        with pytest.raises(InputError, match=rf"'a'.*{words}"):
            make(frame)
    beside = written(tmp_path, "a,y\n" + "\n".join(f"{x},{np.sin(k)}" for k, x in enumerate(cells * 3)))
    if name != "dates":
        with pytest.raises(InputError, match=words):
            RegressionData.from_file(beside, "y")
    if name != "codes":
        array = np.array(cells * 3, dtype=float)[:, None]
        np.save(tmp_path / "x.npy", array)
        with pytest.raises(InputError, match=words):
            read_points(tmp_path / "x.npy")
        assert PointCloud(array).n_points == 12


STAMPS = 1.7e9 + 3600.0 * np.arange(40)


def test_a_way_out_of_an_only_column_is_one_that_there_is(tmp_path):
    """Of Unix times it said to remove or correct such entries: all are such."""
    file = written(tmp_path, "time\n" + "\n".join(f"{x:.0f}" for x in STAMPS))
    with pytest.raises(
        InputError, match=r"Unix times such as 1700000000: name the column \(--columns time\)"
    ):
        read_points(file)
    assert read_points(file, columns="time").n_points == 40
    np.save(tmp_path / "x.npy", STAMPS[:, None])
    with pytest.raises(InputError, match=r"Unix times such as 1700000000 in their order: in Python pass"):
        read_points(tmp_path / "x.npy")
    marked = np.where(np.arange(40) == 3, -9999.0, np.sin(np.arange(40.0)))
    np.save(tmp_path / "x.npy", marked[:, None])
    with pytest.raises(InputError, match="remove or correct such entries, or in Python pass"):
        read_points(tmp_path / "x.npy")
    pandas = pytest.importorskip("pandas")
    with pytest.raises(InputError, match=r"Unix times such as 1700000000: pass an array without names"):
        PointCloud(pandas.DataFrame({"time": STAMPS}))
    with pytest.raises(InputError, match="remove or correct such entries, or pass an array"):
        PointCloud(pandas.DataFrame({"time": marked}))


def test_a_regression_on_a_time_or_a_key_alone_is_one(tmp_path):
    """``time,y`` with the target y was refused, and had been read: nothing but the time can be the input."""
    pandas, y = pytest.importorskip("pandas"), np.sin(np.arange(40.0))
    for name, column in (
        ("time", STAMPS),
        ("customer_id", np.arange(40.0) ** 2),
        ("d", 20240101 + np.arange(40.0) % 28),
    ):
        frame = pandas.DataFrame({name: column, "y": y})
        frame.to_csv(tmp_path / "a.csv", index=False)
        frame.to_parquet(tmp_path / "a.parquet", index=False)
        read = [RegressionData.from_file(tmp_path / f"a.{end}", "y") for end in ("csv", "parquet")]
        read += [RegressionData(frame[[name]], y)]
        assert all(np.array_equal(data.X[:, 0], column) for data in read)
    frame = pandas.DataFrame({"a": np.where(np.arange(40) == 3, -9999.0, y), "y": y})
    frame.to_csv(tmp_path / "a.csv", index=False)
    for make in (
        lambda: RegressionData.from_file(tmp_path / "a.csv", "y"),
        lambda: RegressionData(frame[["a"]], y),
    ):
        with pytest.raises(InputError, match="holds -9999"):
            make()


def test_a_numeric_label_is_reported(tmp_path):
    file = written(tmp_path, IRIS)
    with pytest.warns(UserWarning, match=r"column 4 holds only the whole numbers 0 to 2.*--label 4"):
        assert read_points(file).n_features == 4
    assert read_points(file, label=4).n_features == 3
    assert read_points(file, columns="1,2,3,4").n_features == 4


def test_names_in_the_first_line_that_are_numbers_are_asked_about(tmp_path):
    file = written(tmp_path, "0,1,2\n0.5,7.0,1.0\n0.1,2.5,3.0\n")
    with pytest.raises(InputError, match=r"first line reads 0, 1, 2: .*--header.*--no-header"):
        read_points(file)
    assert read_points(file, header=True).n_points == 2
    assert read_points(file, header=False).n_points == 3


def test_the_index_of_a_saved_frame_is_left_out(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [0.0, 1.5, 3.0], "y": [1.0, 0.5, 2.0]}, index=["a", "b", "c"])
    frame.to_parquet(tmp_path / "t")
    with pytest.warns(UserWarning, match="index of the data frame"):
        assert read_points(tmp_path / "t").n_features == 2
    frame["kind"] = ["u", "v", "u"]
    frame.reset_index(drop=True).to_parquet(tmp_path / "t")
    with pytest.raises(InputError, match=r"'kind' has the type.*--label kind"):
        read_points(tmp_path / "t")
    table = read_table(tmp_path / "t", label="kind")
    assert table.labels == ("u", "v", "u")
    assert table.cloud.columns == ("x", "y")


def test_arrays_have_no_columns_to_choose(tmp_path):
    np.save(tmp_path / "x.npy", TABLE)
    with pytest.raises(InputError, match="text and parquet"):
        read_points(tmp_path / "x.npy", drop=1)


def test_the_record_names_the_columns_and_verify_reads_them(tmp_path):
    file = written(tmp_path, PENGUINS)
    run = CliRunner().invoke(
        main, ["embed", str(file), "-k", "1", "--drop", "species", "-o", str(tmp_path / "m")]
    )
    assert run.exit_code == 0, run.output
    assert json.loads((tmp_path / "m").read_text())["points"]["columns"] == ["length", "depth"]
    assert CliRunner().invoke(main, ["verify", str(tmp_path / "m"), str(file)]).exit_code == 0
    run = CliRunner().invoke(
        main, ["embed", str(file), "-k", "1", "--label", "species", "--format", "tsv", "-q"]
    )
    assert [line.split("\t")[1] for line in run.stdout.splitlines()[:2]] == ["Gentoo", "Adelie"]
    run = CliRunner().invoke(main, ["embed", str(file), "-k", "1"])
    assert run.exit_code == 2
    assert "--label species" in run.output
    run = CliRunner().invoke(main, ["embed", str(written(tmp_path, IRIS)), "-k", "2", "-q"])
    assert run.exit_code == 0
    assert "column 4 holds only the whole numbers" in run.stderr


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize(
    "make", [lambda X: derandkit.embed(X, n_components=2), lambda X: derandkit.random_features(X, 2)]
)
def test_a_record_of_columns_of_which_two_are_one_is_refused(tmp_path, make, suffix):
    """A file of 40 columns was read with twenty of them twice: 20 coordinates kept all distances of such points."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(np.random.default_rng(0).normal(size=(12, 4)).round(3), columns=list("abcd"))
    file = tmp_path / f"points.{suffix}"
    frame.to_csv(file, index=False) if suffix == "csv" else frame.to_parquet(file)
    record = make(frame[["a", "b", "a", "b"]]).to_dict()
    assert record["points"]["columns"] == ["a", "b", "a", "b"]
    with pytest.raises(InputError, match="column 1 is wanted twice, as 'a' and as 'a'"):
        derandkit.verify(record, file)
    bare = tmp_path / "bare.csv"
    frame.to_csv(bare, index=False, header=False)
    record = make(frame[["a", "b", "a", "b"]].to_numpy()).to_dict()
    record["points"]["columns"] = ["1", "2", "1", "2"]
    with pytest.raises(InputError, match="column 1 is wanted twice"):
        derandkit.verify(sealed_again(record), bare)
