"""Parquet holds equal values once: what a table takes in memory is counted before it is read."""

from __future__ import annotations

import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import InputError

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

ROWS, SIZE = 2_000, 100_000


def repeated(value, kind):
    """One value in every row, which takes its own size in the file."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(ROWS, dtype=np.int32)), pa.array([value], kind))


def tables():
    ends = pa.array(np.arange(ROWS + 1), pa.int32())
    text, data = repeated("y" * SIZE, pa.string()), b"x" * SIZE
    yield (
        "list of numbers",
        pa.ListArray.from_arrays(pa.array([0, 10**6, 2 * 10**6]), pa.array(np.zeros(2 * 10**6))),
    )
    yield "text", text
    yield "binary", repeated(data, pa.binary())
    yield "fixed binary", repeated(data, pa.binary(SIZE))
    yield "list of texts", pa.ListArray.from_arrays(ends, text)
    yield "structure of texts", pa.StructArray.from_arrays([text], ["t"])
    yield "list of lists", pa.ListArray.from_arrays(ends, pa.ListArray.from_arrays(ends, text))


@pytest.mark.parametrize(("kind", "column"), list(tables()), ids=lambda x: x if isinstance(x, str) else "")
def test_what_is_larger_than_the_limit_is_refused_before_it_is_read(tmp_path, monkeypatch, kind, column):
    file = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"a": column}), file, compression="zstd", store_schema=False)
    assert file.stat().st_size < 300_000
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", str(10**7))
    for read in (dk.read_points, dk.read_graph):
        # of points a column of text is held once, and is no coordinate
        once = kind == "text" and read is dk.read_points
        with pytest.raises(InputError, match="type string" if once else r"the table .*DERANDKIT_MAX_BYTES"):
            read(file)


def test_lists_and_texts_of_usual_size_are_read(tmp_path):
    file = tmp_path / "t.parquet"
    columns = {
        "source": ["a", "b", "c"],
        "target": ["b", "c", "a"],
        "tags": [["x", "y"], [], None],
        "weight": [1, 2, 3],
    }
    parquet.write_table(pa.table(columns), file)
    assert dk.read_graph(file).total_weight == 6


def saved(folder, kind):
    """A table of 8 columns and 50 000 rows that compresses to almost nothing."""
    from pyarrow import feather

    file = folder / f"t.{kind}"
    table = pa.table({f"c{k}": np.repeat(np.arange(5.0), 10_000) / 3 + k * k for k in range(8)})
    if kind == "parquet":
        parquet.write_table(table, file, compression="zstd")
    else:
        feather.write_feather(table, file, compression="zstd")
    return file


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_points_count_with_their_copies(tmp_path, monkeypatch, kind):
    """Tables of points counted once, and were held 4.4 to 6.3 times."""
    file, size = saved(tmp_path, kind), 8 * 8 * 50_000
    assert file.stat().st_size < size / 32
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", str(2 * size))
    with pytest.raises(InputError, match=rf"copies \(6 x {size} bytes\) takes more than .*_MAX_BYTES"):
        dk.read_points(file)
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", str(6 * size))
    assert dk.read_points(file).n_points == 50_000


@pytest.mark.parametrize(
    "read", [dk.read_graph, dk.read_points, dk.read_model], ids=lambda read: read.__name__
)
def test_text_that_is_no_utf8_is_damage(tmp_path, read):
    file = tmp_path / "t.parquet"
    table = pa.table({"source": ["aaaa", "bbbb", "cccc"], "target": ["bbbb", "cccc", "aaaa"]})
    parquet.write_table(table, file, compression="none", use_dictionary=False, write_statistics=False)
    data = file.read_bytes()
    assert data.count(b"bbbb") == 2
    file.write_bytes(data.replace(b"bbbb", b"b\xffbb"))
    with pytest.raises(InputError):
        read(file)
