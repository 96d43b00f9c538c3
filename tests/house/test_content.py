"""One reader of bytes for every kind of input: the same compressions, the same limit, the same words."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import threading

import numpy as np
import pytest

from derandkit import read_graph
from derandkit.content import read_content, utf8_text
from derandkit.errors import InputError
from derandkit.models.arcs import read_arcs
from derandkit.models.clauses import read_clauses
from derandkit.models.files import read_model
from derandkit.points.files import read_points
from derandkit.structure.data import RegressionData

PACK = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}

#: Reader, name of a file, and a text of it.
READERS = {
    "arcs": (read_arcs, "a.arcs", "1 2 3\n2 3 1\n"),
    "clauses": (read_clauses, "a.cnf", "p cnf 2 2\n1 2 0\n-1 2 0\n"),
    "graph": (read_graph, "a.txt", "1 2 3\n2 3 1\n"),
    "model": (read_model, "a.qubo", "p qubo 0 2 2 1\n0 0 -1\n1 1 -1\n0 1 3\n"),
    "points": (read_points, "a.csv", "x,y\n0,0\n3,4\n"),
    "table": (
        lambda path: RegressionData.from_file(path, "y").digest,
        "a.csv",
        "x,y\n" + "".join(f"{k * k % 53},{k}\n" for k in range(50)),
    ),
}


@pytest.mark.parametrize("pack", PACK)
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_unpacks_every_compression(tmp_path, reader, pack):
    read, name, text = READERS[reader]
    plain, packed = tmp_path / name, tmp_path / f"packed-{name}"
    plain.write_text(text)
    packed.write_bytes(PACK[pack](text.encode()))
    assert repr(read(packed)) == repr(read(plain))


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_refuses_what_is_cut_short_too_large_or_missing(tmp_path, monkeypatch, reader):
    read, name, text = READERS[reader]
    file = tmp_path / name
    for pack in PACK.values():
        file.write_bytes(pack(text.encode())[:-6])
        with pytest.raises(InputError, match="damaged or cut short") as caught:
            read(file)
        assert caught.value.path == str(file)
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "missing")
    with pytest.raises(InputError, match="is a directory"):
        read(tmp_path)
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", str(10**6))
    for large in (bytes(2 * 10**6), gzip.compress(bytes(10**8))):
        file.write_bytes(large)
        with pytest.raises(InputError, match="DERANDKIT_MAX_BYTES"):
            read(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("most", ["100000000000000", "99999999999999999999999"])
def test_a_limit_that_was_raised_far_takes_no_memory(tmp_path, monkeypatch, most):
    """One buffer of that size was asked for where a pipe or standard input was read."""
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", most)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"1 2 3\n2 3 1\n")))
    assert read_content("-")[0] == b"1 2 3\n2 3 1\n"
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(b"1 2 3\n" * 200_000))
    writer.start()
    assert read_content(tmp_path / "pipe")[0] == b"1 2 3\n" * 200_000
    writer.join()


def test_a_large_matrix_in_an_archive_is_refused(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "q.npz", np.zeros((400, 400)))
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", str(10**6))
    with pytest.raises(InputError, match="DERANDKIT_MAX_BYTES"):
        read_model(tmp_path / "q.npz")


def test_text_is_utf8_with_or_without_a_byte_order_mark(tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes("\ufeffcaf\u00e9\n".encode())
    assert utf8_text(*read_content(file)) == "caf\u00e9\n"
    with pytest.raises(InputError, match=r"x: is not UTF-8 text \(byte 3\)"):
        utf8_text(b"caf\xe9", "x")
