"""Columnar files: what a footer of Parquet claims, read without a library, and damage that ends no process."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest

import derandkit as dk
from derandkit.arrays.footers import chunks_of
from derandkit.errors import InputError

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def table(rows):
    """Columns of many types; rows of lists have several entries, or none."""
    return pa.table(
        {
            "number": np.arange(rows) / 3,
            "text": [["x", "yy", None][k % 3] for k in range(rows)],
            "list": pa.array([[1.0] * (k % 4) for k in range(rows)], pa.list_(pa.float64())),
            "parts": pa.array(
                [{"u": 1, "v": "q"}] * rows, pa.struct([("u", pa.int64()), ("v", pa.string())])
            ),
            "pairs": pa.array([[("k", 1)]] * rows, pa.map_(pa.string(), pa.int64())),
            "fixed": pa.array([b"abc"] * rows, pa.binary(3)),
            "true": pa.array([k % 2 == 0 for k in range(rows)], pa.bool_()),
        }
    )


def written(content, **options):
    file = io.BytesIO()
    parquet.write_table(content, file, **options)
    return file.getvalue()


@pytest.mark.parametrize("rows", [0, 1, 100])
@pytest.mark.parametrize("coded", [False, True])
@pytest.mark.parametrize("version", ["1.0", "2.6"])
def test_claims_are_those_that_pyarrow_reads(rows, coded, version):
    data = written(
        table(rows),
        version=version,
        use_dictionary=coded,
        store_schema=coded,
        write_statistics=coded,
        write_page_index=not coded,
        row_group_size=30,
        sorting_columns=[parquet.SortingColumn(0)],
    )
    said = parquet.read_metadata(io.BytesIO(data))
    assert said.num_row_groups == max(-(-rows // 30), 1)
    groups = [said.row_group(k) for k in range(said.num_row_groups)]
    columns = [[group.column(k) for k in range(said.num_columns)] for group in groups]
    assert chunks_of(data) == [
        [(one.num_values, one.total_uncompressed_size) for one in group] for group in columns
    ]


#: Changes one byte of a file after the other from a place on, and reads each file as points and as a graph.
SPOIL = """
import sys, warnings
import derandkit as dk
warnings.simplefilter("ignore")
data = open(sys.argv[1], "rb").read()
ends = {"read": 0, "refused": 0}
for at in range(int(sys.argv[3]), len(data)):
    for byte in (data[at] ^ 1, 255):
        with open(sys.argv[2], "wb") as file:
            file.write(data[:at] + bytes([byte]) + data[at + 1:])
        for read in (dk.read_points, dk.read_graph):
            try:
                read(sys.argv[2])
                ends["read"] += 1
            except dk.InputError:
                ends["refused"] += 1
print(ends["read"], ends["refused"])
"""


def spoiled(form):
    """The bytes of a small file, and from where on they are changed."""
    rows = np.sqrt(np.arange(40.0))[:, None] * [1.0, np.pi]
    columns = {"v": list(map(list, rows))} if "lists" in form else {"a": rows[:, 0], "b": rows[:, 1]}
    if form.startswith("parquet"):
        data = written(pa.table(columns), store_schema=False)
        return data, len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    if form == "stream":  # read as a graph, not as points
        columns = {"source": [f"a{k}" for k in range(9)], "target": [f"b{k % 4}" for k in range(9)]}
    content, file = pa.table(columns), io.BytesIO()
    kinds = {"feather": pa.ipc.new_file, "stream": pa.ipc.new_stream}
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with kinds[form](file, content.schema, options=options) as sink:
        sink.write_table(content)
    return file.getvalue(), 0


@pytest.mark.parametrize("form", ["parquet", "parquet of lists", "feather", "stream"])
def test_a_damaged_file_ends_no_process(tmp_path, form):
    """One byte more or less in what Parquet says of sizes ended the process: SIGABRT, by a C++ exception."""
    data, start = spoiled(form)
    whole, broken = tmp_path / "whole", tmp_path / f"t.{form.split()[0].replace('stream', 'arrow')}"
    whole.write_bytes(data)
    ran = subprocess.run(
        [sys.executable, "-c", SPOIL, str(whole), str(broken), str(start)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert min(map(int, ran.stdout.split())) > 100


def test_version_1_of_feather_is_refused(tmp_path):
    """pyarrow ends the process at damaged ones (segmentation fault)."""
    file = tmp_path / "t.feather"
    file.write_bytes(b"FEA1" + bytes(40) + b"FEA1")
    for read in (dk.read_points, dk.read_graph):
        with pytest.raises(InputError, match="is a Feather file of version 1, which is not read"):
            read(file)


def test_claims_below_zero_are_damage(tmp_path):
    """One column that claims fewer than no entries would hide those of another."""
    file = tmp_path / "t.parquet"
    data = written(pa.table({"a": np.arange(63.0)}), store_schema=False, write_statistics=False)
    at = data.rindex(b"\x16\x7e\x16")  # 63 entries, and the number behind them
    file.write_bytes(data[: at + 1] + b"\x7d" + data[at + 2 :])
    with pytest.raises(ValueError, match="does not say how large"):
        chunks_of(file.read_bytes())
    with pytest.raises(InputError, match="damaged parquet file"):
        dk.read_points(file)


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_footer_that_is_cut_short_is_no_error_of_its_own(cut):
    data = written(table(3))
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    footer = data[start : len(data) - 8 - cut]
    with pytest.raises(ValueError, match=r"footer|number|chunk"):
        chunks_of(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
