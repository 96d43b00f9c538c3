"""A file of a hundred bytes can announce a matrix of any order: it is refused before memory is taken."""

from __future__ import annotations

import lzma
import resource

import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.points.files import read_points

READERS = {
    "graph": dk.as_graph,
    "model": dk.read_model,
    "points": read_points,
}
FILES = {
    "order": "%%MatrixMarket matrix coordinate real general\n100000000 100000000 1\n1 1 1\n",
    "array": "%%MatrixMarket matrix array real general\n100000 100000\n1\n",
    "entries": "%%MatrixMarket matrix coordinate real general\n4 4 1000000000000\n1 1 1\n",
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", [*FILES, "npz"])
def test_an_announced_size_is_refused_before_memory_is_taken(tmp_path, reader, name):
    path = tmp_path / ("m.npz" if name == "npz" else "m.mtx")
    if name == "npz":
        one = np.zeros(1, dtype=np.int64)
        np.savez(
            path, format=np.array(b"coo"), shape=np.array([10**8, 10**8]), data=np.ones(1), row=one, col=one
        )
    else:
        path.write_text(FILES[name])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(dk.InputError) as refused:
        READERS[reader](path)
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000
    )  # kB; the arrays take gigabytes
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("value", [str(2**80), "9" * 30])
def test_a_limit_beyond_what_decoders_take(tmp_path, monkeypatch, value):
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", value)
    (tmp_path / "g.edgelist.xz").write_bytes(lzma.compress(b"1 2\n2 3\n"))
    assert dk.read_graph(tmp_path / "g.edgelist.xz").m == 2
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "9" * 5000)
    with pytest.raises(InputError, match=r"DERANDKIT_MAX_BYTES is '9{60}'; give a number of bytes"):
        dk.read_graph(tmp_path / "g.edgelist.xz")
