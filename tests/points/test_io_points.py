"""Reading points: every format means the same table, and every fault names its place."""

from __future__ import annotations

import contextlib
import gzip
import io
import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from scipy.io import mmwrite
from tests.inputs import refused

from derandkit.cli import main
from derandkit.embeddings.solve import embed
from derandkit.errors import InputError
from derandkit.points.cloud import PointCloud
from derandkit.points.files import read_points, read_table
from derandkit.structure.data import RegressionData

TABLE = np.array([[0.0, 1.5, -2.0], [3.25, 0.0, 1e-3], [7.0, 8.0, 9.0]])


def lines(delimiter, header=None):
    rows = [delimiter.join(repr(float(x)) for x in row) for row in TABLE]
    return "\n".join(([header] if header else []) + rows) + "\n"


TEXTS = [
    lines(","),
    lines("\t"),
    lines(";"),
    lines(" "),
    lines(",", "a,b,c"),
    lines(",", '"width","height","depth"'),
    lines("\t", "x y\tz\tw"),
    "# a comment\n\n" + lines(",") + "# the end\n",
    "\ufeff" + lines(","),
    lines(",").replace("\n", "\r\n"),
    lines("  "),
    lines(", "),
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("zipped", [False, True])
def test_text(tmp_path, text, zipped):
    data = text.encode()
    (tmp_path / "points").write_bytes(gzip.compress(data) if zipped else data)
    cloud = read_points(tmp_path / "points")
    np.testing.assert_array_equal(cloud.points, TABLE)


def test_npy_and_npz(tmp_path):
    single = TABLE.astype(np.float32)
    np.save(tmp_path / "a", single)
    assert read_points(tmp_path / "a.npy").points.dtype == np.float32
    np.savez(tmp_path / "b", TABLE, labels=np.arange(3))
    np.savez_compressed(tmp_path / "c", X=TABLE, Y=TABLE * 2)
    sparse.save_npz(tmp_path / "d", sparse.csr_array(TABLE))
    sparse.save_npz(tmp_path / "e", sparse.csc_matrix(TABLE))
    for name in "bcde":
        np.testing.assert_array_equal(read_points(tmp_path / f"{name}.npz").points, TABLE)


def test_parquet(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    write_table(pyarrow.table({"a": TABLE[:, 0], "b": TABLE[:, 1], "c": TABLE[:, 2]}), tmp_path / "t")
    np.testing.assert_array_equal(read_points(tmp_path / "t").points, TABLE)
    for column, message in (([None, 1.0, 2.0], "1 missing"), (["x", "y", "z"], "not numbers")):
        write_table(pyarrow.table({"a": [1.0, 2.0, 3.0], "b": column}), tmp_path / "bad")
        with pytest.raises(InputError, match=message):
            read_points(tmp_path / "bad")
    (tmp_path / "cut").write_bytes((tmp_path / "t").read_bytes()[:40])
    with pytest.raises(InputError, match="damaged parquet"):
        read_points(tmp_path / "cut")


def test_standard_input(monkeypatch):
    class Stream:
        buffer = io.BytesIO(lines(",").encode())

    monkeypatch.setattr("sys.stdin", Stream())
    np.testing.assert_array_equal(read_points("-").points, TABLE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n3\n", ":2: 1 column where the first row has 2"),
        ("a,b\n1,2\n\n3,4,5\n", ":4: 3 columns"),
        ("1,2\n3,x\n", ":2: column 2 'x' is not a number"),
        ("1,2\n3,\n", ":2: column 2 is empty"),
        ("1,2\n3,nan\n", ":2: column 2 is nan"),
        ("1,inf\n3,4\n", ":1: column 2 is inf"),
        ("name,x\nalice,1\nbob,2\n", ":2: column 1 'alice' is not a number"),
        ("a,b,c\n", "a header and no numbers"),
        ("# only\n\n", "holds no numbers"),
        ("", "is empty"),
        ("1,2\n", "one point"),
        ("1,2\n1,2\n", "all 2 points are equal"),
    ],
)
def test_faults_name_their_place(tmp_path, text, message):
    file = tmp_path / "points.csv"
    file.write_text(text)
    said = refused(read_points, file)
    assert message in said
    assert said.startswith(str(file))


def test_damaged_files(tmp_path):
    np.save(tmp_path / "good.npy", TABLE)
    np.save(tmp_path / "objects.npy", np.array([[1, "a"], [2, "b"]], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "two.npz", a=TABLE, b=TABLE)
    np.savez(tmp_path / "none.npz", a=np.arange(3))
    good = (tmp_path / "good.npy").read_bytes()
    cases = {
        "cut.npy": (good[:-8], "the array is cut short"),
        "cut.npz": ((tmp_path / "two.npz").read_bytes()[:60], "damaged npz"),
        "cut.gz": (gzip.compress(good)[:-10], "gzip data is damaged or cut short"),
        "binary": (b"\xff\xfe\x00\x01", "neither npy"),
        "objects.npy": (None, "Python objects"),
        "two.npz": (None, "holds 2 tables"),
        "none.npz": (None, "holds 0 tables"),
    }
    for name, (data, message) in cases.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match=message):
            read_points(tmp_path / name)
    with pytest.raises(InputError, match="no such file"):
        read_points(tmp_path / "missing")
    with pytest.raises(InputError, match="directory"):
        read_points(tmp_path)


@settings(max_examples=40, deadline=None)
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(2, 6), st.integers(1, 5)),
        elements=st.floats(-1e200, 1e200),
    )
)
def test_text_round_trip_is_exact(tmp_path_factory, X):
    if len(np.unique(X, axis=0)) < 2:
        return
    file = tmp_path_factory.mktemp("points") / "x.csv"
    file.write_text("\n".join(",".join(repr(float(x)) for x in row) for row in X))
    every = list(range(1, X.shape[1] + 1))  # naming all columns answers what a column of -9999 may be
    assert read_points(file, header=False, columns=every).digest == PointCloud(X).digest
    with contextlib.suppress(InputError):  # a first line may be names, or say how many points there are
        assert read_points(file).digest == PointCloud(X).digest


def test_no_header_stands_above_lines_that_are_all_equal(tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("0.0\n1.0\n1.0\n1.0\n1.0\n")
    assert read_points(file).points.ravel().tolist() == [0.0, 1.0, 1.0, 1.0, 1.0]
    file.write_text("0.0\n1.0\n1.0\n1.0\n1.01\n")
    with pytest.raises(InputError, match="--header"):
        read_points(file)


IRIS = "\n".join(
    f"{4 + i % 7 * 0.3:.1f},{2 + i % 5 * 0.2:.1f},{1 + i % 11 * 0.4:.1f},{i // 20}" for i in range(60)
)
PENGUINS = "species,length,depth\n" + "\n".join(
    f"{'Adelie' if i % 2 else 'Gentoo'},{30 + i * 1.5},{10 + i % 4 * 0.7}" for i in range(12)
)
FRAME = ",x,y\n" + "\n".join(f"{i},{i * i * 0.1:.2f},{(7 * i) % 5}" for i in range(10))


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


def npy_header(shape, dtype="<f8"):
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(1000000, 1000000)", "(-1, 5)", "(3, 3)"])
@pytest.mark.parametrize("kind", ["npy", "npz", "sparse"])
def test_what_an_array_header_promises_is_compared_with_what_is_there(tmp_path, shape, kind):
    import zipfile

    file = tmp_path / ("points.npy" if kind == "npy" else "points.npz")
    content = npy_header(shape) + b"\0" * 40
    if kind == "npy":
        file.write_bytes(content)
    else:
        names = ("X",) if kind == "npz" else ("format", "shape", "data", "indices", "indptr")
        with zipfile.ZipFile(file, "w") as archive:
            for name in names:
                archive.writestr(f"{name}.npy", content)
    with pytest.raises(InputError, match=r"cut short|takes more than|damaged|negative"):
        embed(str(file), n_components=1)


def test_an_archive_with_many_or_huge_members_is_refused(tmp_path, monkeypatch):
    import zipfile

    with zipfile.ZipFile(tmp_path / "many.npz", "w") as archive:
        for k in range(100):
            archive.writestr(f"a{k}.npy", npy_header("(0,)"))
    with pytest.raises(InputError, match="100 members"):
        embed(str(tmp_path / "many.npz"), n_components=1)
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "100000")
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("X.npy", npy_header("(1000, 1000)") + b"\0" * 8_000_000)
    with pytest.raises(InputError, match="takes more than 100000 bytes"):
        embed(str(tmp_path / "bomb.npz"), n_components=1)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_matrix_market_holds_points_as_scipy_writes_them(tmp_path, compress):
    dense = np.array([[1.5, 0.0], [0.0, -2.0], [3.0, 4.0]])
    for matrix in (dense, sparse.coo_array(dense), sparse.csr_array(dense)):
        buffer = io.BytesIO()
        mmwrite(buffer, matrix)
        (tmp_path / "p.mtx").write_bytes(compress(buffer.getvalue()))
        cloud = read_points(tmp_path / "p.mtx")
        assert np.array_equal(cloud.points, dense)
        assert cloud.reading.startswith("Matrix Market file, matrix")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("%%MatrixMarket matrix array real general\n100000000 100000\n1\n", "takes more than"),
        ("%%MatrixMarket matrix coordinate real general\n900000000 9 1\n1 1 1\n", "takes more than"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 5\n1 1 1\n", "Truncated"),
        ("%%MatrixMarket matrix coordinate complex general\n2 2 1\n1 1 1 2\n", "real numbers"),
        ("%%MatrixMarket matrix array real general\n", "no line with its size"),
        ("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\nnan\n", "NaN"),
        ("1 1:0.5 2:0.25\n-1 2:1\n", "LIBSVM"),
        ("@relation iris\n@data\n1,2\n", "ARFF"),
        ('{"points": [[1, 2]]}', "JSON"),
        ("<graphml><graph/></graphml>", "XML"),
        ("*Vertices 3\n*Edges\n1 2\n", "Pajek"),
        ("graph { 1 -- 2 }", "DOT"),
        ("c tori\np edge 2 1\ne 1 2\n", "DIMACS"),
        ("a title\n1 2 3\n3 4 5\n", "2 names for 3 columns"),
        ('"V1" "V2"\n"1" 0.5 0.25\n"2" 0.75 1\n', "2 names for 3 columns"),
    ],
)
def test_what_is_no_table_of_points_is_refused_by_name(tmp_path, text, words):
    (tmp_path / "p.txt").write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read_points(tmp_path / "p.txt")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1 2\n3 1e-400\n", 2),
        ("x,y\n1,2\n0,4\n5,-2.5e-999\n", 4),
        ("%%MatrixMarket matrix array real general\n2 1\n1\n1e-400\n", 4),
    ],
)
def test_a_number_that_float64_rounds_to_zero_is_refused_with_its_line(tmp_path, text, line):
    file = tmp_path / "points.csv"
    file.write_text(text)
    with pytest.raises(
        InputError, match=rf"points\.csv:{line}: coordinate .* is too small for float64; scale the coord"
    ):
        read_points(file)


def test_zeros_and_the_smallest_numbers_are_read(tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("0 0e-999\n5e-324 1\n")
    assert read_points(file).points.tolist() == [[0.0, 0.0], [5e-324, 1.0]]
