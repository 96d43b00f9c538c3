"""What a file claims about itself takes neither memory nor time before it is compared with a limit."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
import scipy.sparse

import derandkit as dk
from derandkit import content
from derandkit.arrays.archives import archive_members
from derandkit.models.files import read_model
from derandkit.points.files import read_points


def with_dictionary(data, size):
    """Return xz data whose block claims a dictionary: 38 stands for 1.5 GiB, 40 for 4 GiB."""
    raw = bytearray(lzma.compress(data))
    end = 12 + 4 * (raw[12] + 1)
    raw[16] = size
    raw[end - 4 : end] = struct.pack("<I", zlib.crc32(bytes(raw[12 : end - 4])))
    return bytes(raw)


@pytest.mark.parametrize("size", [38, 40])
def test_a_dictionary_of_xz_is_compared_with_the_limit(tmp_path, monkeypatch, size):
    file = tmp_path / "g.txt.xz"
    file.write_bytes(with_dictionary(b"0 1\n1 2\n", size))
    with pytest.raises(
        dk.InputError, match=r"dictionary of the xz data takes more than 134217728 bytes.*_MAX_BYTES"
    ):
        dk.read_graph(file)
    file.write_bytes(with_dictionary(b"0 1\n1 2\n", 28))  # 64 MiB, as `xz -9` has it
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "1000")
    assert dk.read_graph(file).m == 2


@pytest.mark.parametrize("name", ["gzip", "bz2", "lzma"])
def test_the_work_for_many_members_grows_with_the_data(monkeypatch, name):
    """A decompressor that got all of the rest gave all of it back: 400 000 members of 24 bytes took 42 s."""
    owner, made, pack = {
        "gzip": (zlib, "decompressobj", gzip.compress),
        "bz2": (bz2, "BZ2Decompressor", bz2.compress),
        "lzma": (lzma, "LZMADecompressor", lzma.compress),
    }[name]
    taken = []

    class Counting:
        def __init__(self, *given, **named):
            self._inner = getattr(owner, f"_{made}")(*given, **named)

        def decompress(self, data, most):
            taken.append(len(data))
            return self._inner.decompress(data, most)

        def __getattr__(self, attribute):
            return getattr(self._inner, attribute)

    monkeypatch.setattr(owner, f"_{made}", getattr(owner, made), raising=False)
    monkeypatch.setattr(owner, made, Counting)
    data = (pack(b"1 2\n") + bytes(3)) * 2000
    assert content.unpacked(data)[0] == b"1 2\n" * 2000
    assert sum(taken) <= 2000 * (content._PART + 64)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("read", [dk.read_graph, dk.read_points, dk.read_model])
def test_members_have_a_compression_whose_output_can_be_limited(tmp_path, read, method):
    file, array = tmp_path / "m.npz", io.BytesIO()
    np.save(array, np.array([[0.0, 3.0], [3.0, 0.0]]))
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("a.npy", array.getvalue())
    with pytest.raises(dk.InputError, match="compressed in a way that NumPy does not write"):
        read(file)


def peak(call):
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_member_that_says_too_little_takes_little():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", bytes(60_000_000))
    data = bytearray(file.getvalue())
    place = data.rindex(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", 1000)

    def read():
        with pytest.raises((dk.InputError, zipfile.BadZipFile)):
            archive_members(bytes(data))

    assert peak(read) < 20_000_000


def test_a_matrix_of_small_integers_is_not_made_one_of_doubles(tmp_path):
    """Zeros of one byte took twenty times their size."""
    A = np.zeros((2048, 2048), dtype=np.int8)
    A[0, 1] = A[1, 0] = -3
    np.savez_compressed(tmp_path / "a.npz", A)
    dk.read_graph(tmp_path / "a.npz")
    assert peak(lambda: dk.read_graph(tmp_path / "a.npz")) < 5 * A.nbytes
    assert dk.read_graph(tmp_path / "a.npz").edges()[2].tolist() == [-3.0]


def _repeated(kind, count):
    """One entry or edge again and again, in whole numbers of one byte."""
    ones, zeros = np.ones(count, np.int8), np.zeros(count, np.int8)
    return {
        "coo": {"row": zeros, "col": ones, "data": ones, "shape": [2, 2], "format": b"coo"},
        "csr": {
            "indices": ones,
            "indptr": [0, count, count],
            "data": ones,
            "shape": [2, 2],
            "format": b"csr",
        },
        "columns": {"source": zeros, "target": ones},
        "edges": {"edges": np.stack([zeros, ones], axis=1), "weights": ones},
        "pairs": {"arr_0": np.stack([zeros, ones], axis=1)},
    }[kind]


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (dk.read_graph, r"the matrix of 40000 entries other than 0, 8 bytes each,"),
        (read_model, r"the matrix of 40000 entries other than 0, 8 bytes each,"),
        (read_points, r"array 'arr_0' of 200 x 200 doubles"),
    ],
)
def test_small_integers_of_an_archive_count_as_doubles(tmp_path, monkeypatch, read, words):
    """Ones of one byte, 40 000 squared in 1.6 MB, ended in memory that ran out."""
    file = tmp_path / "a.npz"
    np.savez_compressed(file, np.tri(200, dtype=np.int8) + np.tri(200, dtype=np.int8).T)
    assert file.stat().st_size < 2_000
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "300000")
    with pytest.raises(dk.InputError, match=words + r" takes more than 300000 bytes; .* DERANDKIT_MAX_BYTES"):
        read(file)
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "320000")
    read(file)


SPARSE = ["coo", "csr"]


@pytest.mark.parametrize(
    ("read", "kind"),
    [(dk.read_graph, kind) for kind in [*SPARSE, "columns", "edges", "pairs"]]
    + [(read_points, kind) for kind in SPARSE]
    + [(read_model, kind) for kind in SPARSE],
)
def test_an_entry_that_is_repeated_in_few_bytes_is_counted_before(tmp_path, monkeypatch, read, kind):
    """240 kB took 4.7 GB: equal entries were written out one by one, and then added."""
    path = tmp_path / "a.npz"
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "40000000")
    np.savez_compressed(path, **_repeated(kind, 1_000_000))
    assert path.stat().st_size < 20_000

    def refused():
        with pytest.raises(
            dk.InputError, match=r"0 entries, 64 bytes each .* set .* DERANDKIT_MAX_BYTES to a larger"
        ):
            read(path)

    assert peak(refused) < 20_000_000


def test_entries_that_differ_are_not_held_against_the_limit(tmp_path, monkeypatch):
    """An honest archive of the same number of entries is as large as they are, and is read."""
    places = np.random.default_rng(1).integers(0, 2000, size=(2, 10_000))
    places = places[:, places[0] != places[1]]
    A = scipy.sparse.coo_array((np.ones(places.shape[1]), places), shape=(2000, 2000)).tocsr()
    path = tmp_path / "a.npz"
    scipy.sparse.save_npz(path, A + A.T)
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "600000")
    assert 64 * (A + A.T).nnz > 1_000_000
    assert dk.read_graph(path).m == (A + A.T).nnz // 2


@pytest.mark.parametrize(
    "dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.float64]
)
@pytest.mark.parametrize("symmetrize", [None, "sum", "max", "mean"])
def test_a_matrix_of_any_integers_is_the_same_graph(dtype, symmetrize):
    A = np.array([[0, 3, 0, 7], [3, 0, 2, 0], [0, 2, 1, 5], [7, 0, 5, 0]])
    graph = dk.as_graph(A.astype(dtype), symmetrize=symmetrize)
    assert graph.digest == dk.as_graph(A.astype(float), symmetrize=symmetrize).digest


#: One line each, of a kind whose reader looked at the rest of the line again at every mark.
LONG = {
    "marks of feet": (b"'" + b"\\'" * 200_000, "1 column"),
    "feet before names": (b"'a " * 40_000, "columns"),
    "doubled marks": (b"'a " * 30_000 + b"z''", "columns"),
    "no line end": (b"A" * 1_000_000, "1 column"),
    "names of columns": (
        ",".join(f"c{k}" for k in range(60_000)).encode() + b"\n" + b"1," * 60_000,
        "columns",
    ),
    "a name of Pajek": (b'*Vertices 3\n1 "' + b"a" * 1_000_000, "a quotation mark does not close"),
}


def said(reader, file):
    """Read a file in a process that may take 20 seconds of its processor, and return what it says."""
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (20, 20))\n"
        "import derandkit as dk\n"
        f"try: print(dk.{reader}(sys.argv[1]))\nexcept dk.InputError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.returncode
    return done.stdout


def test_each_of_many_columns_is_looked_at_once(tmp_path):
    """40 000 of them took 7 s for points, most of it to look for each among those that were used."""
    file, d = tmp_path / "wide.csv", 60_000
    rows = [[f"c{k}" for k in range(d)], *([str(k * step % 101) for k in range(d)] for step in (7, 13, 29))]
    file.write_text("".join(",".join(row) + "\n" for row in rows))
    assert "PointCloud(n=3, d=60000" in said("read_points", file)


@pytest.mark.parametrize("name", LONG)
def test_a_long_line_is_read_once(tmp_path, name):
    """Each took more than a minute; a limit of CPU time ends the process of a test that does so again."""
    data, words = LONG[name]
    file = tmp_path / ("g.net" if data.startswith(b"*") else "g.txt")
    file.write_bytes(data)
    assert re.search(words, said("read_graph", file))


def test_what_stands_twice_is_found_in_one_pass(tmp_path):
    """Each place was compared with all before it: 17 s for these nodes."""
    names = [f"v{k}" for k in range(60_000)]
    nodes = "".join(f'<node id="{name}" label="{name}"/>' for name in [*names, names[-1]])
    (tmp_path / "g.gexf").write_text(
        f'<gexf xmlns="http://gexf.net/1.3"><graph><nodes>{nodes}</nodes></graph></gexf>'
    )
    assert "two nodes share the id" in said("read_graph", tmp_path / "g.gexf")


def test_signs_of_comments_in_one_line_are_looked_at_once(tmp_path):
    """`a\\t#` again and again took 24 s at 0.08 MB and four times as long at twice the size."""
    (tmp_path / "m.csv").write_text("a\t#" * 100_000)
    assert "is none of the formats" in said("read_model", tmp_path / "m.csv")
