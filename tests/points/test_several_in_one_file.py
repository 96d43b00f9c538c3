"""Files that hold one table behind another, of which one alone was read: archives, streams of Arrow, Parquet."""

from __future__ import annotations

import io
import warnings
import zipfile

import numpy as np
import pytest

import derandkit as dk

READ = [dk.as_graph, dk.read_points]
A = np.array([[0.0, 1, 2, 0], [1, 0, 3, 0], [2, 3, 0, 4], [0, 0, 4, 0]])


def archive(*arrays, name="X"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as members, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for array in arrays:
            content = io.BytesIO()
            np.save(content, array)
            members.writestr(f"{name}.npy", content.getvalue())
    return file.getvalue()


@pytest.mark.parametrize("read", [*READ, dk.read_model])
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (archive(A) + archive(7 * A), "bytes stand before the archive"),
        (archive(A) + b"x", "1 byte stands behind the archive"),
        (archive(A, 7 * A), "the archive holds 'X.npy' twice"),
    ],
    ids=["two archives", "one byte more", "a member twice"],
)
def test_an_archive_beside_something_else_is_refused(tmp_path, read, data, said):
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(dk.InputError, match=said):
        read(tmp_path / "a.npz")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_of_numpy_are_read(tmp_path, save):
    save(tmp_path / "a.npz", X=A)
    assert dk.as_graph(tmp_path / "a.npz").m == 4


def tables(kind, count):
    import pyarrow
    from pyarrow import feather, ipc, parquet

    written = []
    for k in range(count):
        table = pyarrow.table(
            {"source": ["a", "b", "c"], "target": ["b", "c", "d"], "weight": [1.5 + k, 2.5, 3.0]}
        )
        file = io.BytesIO()
        if kind == "stream":
            with ipc.new_stream(file, table.schema) as stream:
                stream.write_table(table)
        elif kind == "parquet":
            parquet.write_table(table, file, write_page_index=bool(k))
        else:
            feather.write_feather(table, file)
        written.append(file.getvalue())
    return b"".join(written)


@pytest.mark.parametrize("kind", ["stream", "parquet", "feather"])
def test_a_table_behind_another_is_refused(tmp_path, kind):
    (tmp_path / "t").write_bytes(tables(kind, 1))
    assert dk.as_graph(tmp_path / "t").m == 3
    (tmp_path / "t").write_bytes(tables(kind, 2))
    with pytest.raises(dk.InputError, match="one table a file"):
        dk.as_graph(tmp_path / "t")


def test_bytes_behind_a_stream_of_arrow_are_refused_and_a_stream_without_its_end_is_read(tmp_path):
    data = tables("stream", 1)
    (tmp_path / "t").write_bytes(data + b"rest")
    with pytest.raises(dk.InputError, match="4 bytes stand behind the stream"):
        dk.as_graph(tmp_path / "t")
    (tmp_path / "t").write_bytes(data[:-8])
    assert dk.as_graph(tmp_path / "t").m == 3


@pytest.mark.parametrize("shape", [(2**63, 0), (0, 2**64), (3, 0, 2**200)])
@pytest.mark.parametrize("end", ["npy", "npz"])
@pytest.mark.parametrize("read", [*READ, dk.read_model])
def test_a_side_beyond_any_array_is_refused_beside_one_of_zero(tmp_path, read, end, shape):
    """Their product is 0 bytes, and NumPy ended in an OverflowError."""
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(content, {"descr": "<f8", "fortran_order": False, "shape": shape})
    file = tmp_path / f"a.{end}"
    file.write_bytes(content.getvalue())
    if end == "npz":
        with zipfile.ZipFile(file, "w") as members:
            members.writestr("X.npy", content.getvalue())
    with pytest.raises(dk.InputError, match=r"its header promises a side of 2\^63 or more"):
        read(file)
