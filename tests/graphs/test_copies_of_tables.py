"""What reading a table or matrix takes, with its copies, is counted before it is unpacked."""

from __future__ import annotations

import io

import numpy as np
import pytest
import scipy.io

import derandkit as dk

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
NAMES = ["source", "target", "weight"]


def written(kind: str, columns: dict[str, object]) -> bytes:
    file, table = io.BytesIO(), pa.table(columns)
    if kind == "parquet":
        parquet.write_table(table, file, compression="zstd")
        return file.getvalue()
    make = pa.ipc.new_stream if kind == "stream" else pa.ipc.new_file
    with make(file, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return file.getvalue()


def views(rows: int, size: int) -> object:
    """The view of one text, in each row."""
    stored = np.zeros(rows, dtype=[("size", "<i4"), ("start", "S4"), ("buffer", "<i4"), ("at", "<i4")])
    stored["size"], stored["start"] = size, b"yyyy"
    parts = [None, pa.py_buffer(stored.tobytes()), pa.py_buffer(b"y" * size)]
    return pa.Array.from_buffers(pa.string_view(), rows, parts)


def refusal(data: bytes) -> str:
    with pytest.raises(dk.InputError) as caught:
        dk.read_graph(io.BytesIO(data))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["stream", "file", "parquet"])
def test_copies_count(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = np.zeros(100_000)
    data = written(kind, dict.fromkeys(NAMES, zeros))
    assert len(data) < 60_000
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "4000000")
    assert "the table with its copies (5 x 2400000 bytes) takes more than 4000000 bytes" in refusal(data)
    assert "DERANDKIT_MAX_BYTES" in refusal(data)


@pytest.mark.parametrize("kind", ["stream", "file", "parquet"])
def test_honest_tables_below_the_limit_or_of_many_bytes_are_read(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    i, j = (part.astype(np.int64) for part in np.triu_indices(200, 1))
    weights = np.random.default_rng(1).random(i.size)
    data = written(kind, {"source": i, "target": j, "weight": weights})
    for most in (5 * 24 * i.size, 30 * i.size):  # the second is less than its copies, and its bytes are many
        monkeypatch.setenv("DERANDKIT_MAX_BYTES", str(most))
        assert dk.read_graph(io.BytesIO(data)).m == i.size


@pytest.mark.parametrize("kind", ["stream", "file"])
def test_texts_count_where_they_are_used(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    coded = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2000, np.int8)), pa.array(["x" * 20_000]))
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "10000000")
    for column in (coded, views(2000, 20_000)):
        data = written(kind, {"source": column, "target": column})
        assert len(data) < 10_000
        assert "the table takes more than 10000000 bytes" in refusal(data)


@pytest.mark.parametrize("kind", ["stream", "file"])
def test_views_and_codes_of_texts_are_read(kind: str) -> None:
    source, target = ["a", "b", "a name of more than twelve letters"], ["b", "c", "a"]
    expected = dk.as_graph(list(zip(source, target, [1, 2, 4], strict=True)))
    for make in (
        lambda texts: pa.array(texts, pa.string_view()),
        lambda texts: pa.array(texts).dictionary_encode(),
    ):
        data = written(kind, {"source": make(source), "target": make(target), "weight": [1, 2, 4]})
        assert dk.read_graph(io.BytesIO(data)).digest == expected.digest


@pytest.mark.parametrize("kind", ["stream", "file"])
def test_runs_and_views_of_lists_are_refused_by_name(kind: str) -> None:
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([2_000_000_000], pa.int32()), pa.array([1.0]))
    lists = pa.ListViewArray.from_arrays(
        pa.array(np.zeros(2000, np.int32)), pa.array(np.full(2000, 1000, np.int32)), pa.array(np.zeros(1000))
    )
    for column, name in ((runs, "run_end_encoded"), (lists, "list_view")):
        said = refusal(written(kind, {"source": column, "target": column}))
        assert f"column 'source' is of the type {name}" in said or "takes more than" in said
        short = written(kind, {"source": column.slice(0, 3), "target": column.slice(0, 3)})
        assert "write the table as Parquet, or with plain columns" in refusal(short)


def saved(matrix: object, compressed: bool = True) -> bytes:
    file = io.BytesIO()
    scipy.io.savemat(file, {"A": matrix}, do_compression=compressed)
    return file.getvalue()


def test_matrices_of_matlab_count_with_their_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "4000000")
    small = np.zeros((400, 400), np.uint8)
    small[0, 1] = small[1, 0] = 1
    for matrix in (small, small.astype(float)):
        said = refusal(saved(matrix))
        assert (
            "the variable 'A' of the MATLAB file with its copies (4 x 1280000 bytes) takes more than 4000000"
            in said
        )
        monkeypatch.setenv("DERANDKIT_MAX_BYTES", "6000000")  # what the line says to raise
        assert dk.read_graph(io.BytesIO(saved(matrix))).m == 1
        monkeypatch.setenv("DERANDKIT_MAX_BYTES", "4000000")
    assert dk.read_graph(io.BytesIO(saved(small, compressed=False))).m == 1  # as large as it is
    assert dk.read_graph(io.BytesIO(saved(small[:350, :350]))).m == 1  # 4 x 8 x 350 x 350 bytes


def test_a_matrix_of_matlab_is_not_unpacked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    import tracemalloc

    data = saved(np.zeros((1500, 1500)))
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "20000000")
    tracemalloc.start()
    assert "DERANDKIT_MAX_BYTES" in refusal(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000
