"""Reading points: every format means the same table, and every fault names its place."""

from __future__ import annotations

import gzip
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

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
        ("1,2\n3\n", ":2: 1 columns where the first row has 2"),
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
    with pytest.raises(InputError) as caught:
        read_points(file)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_damaged_files(tmp_path):
    np.save(tmp_path / "good.npy", TABLE)
    np.save(tmp_path / "objects.npy", np.array([[1, "a"], [2, "b"]], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "two.npz", a=TABLE, b=TABLE)
    np.savez(tmp_path / "none.npz", a=np.arange(3))
    good = (tmp_path / "good.npy").read_bytes()
    cases = {
        "cut.npy": (good[:-8], "damaged npy"),
        "cut.npz": ((tmp_path / "two.npz").read_bytes()[:60], "damaged npz"),
        "cut.gz": (gzip.compress(good)[:-10], "damaged gzip"),
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
    assert read_points(file).digest == PointCloud(X).digest
