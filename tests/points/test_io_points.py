"""Reading points: every format means the same table, and every fault names its place."""

from __future__ import annotations

import contextlib
import gzip
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from scipy.io import mmwrite
from tests.inputs import refused

from derandkit.embeddings.solve import embed
from derandkit.errors import InputError
from derandkit.points.cloud import PointCloud
from derandkit.points.files import read_points

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
