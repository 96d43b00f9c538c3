"""Objects of a caller that raise, lie, or never end: one line, with the caller's error as its cause."""

from __future__ import annotations

import io
import itertools
import os

import numpy as np
import pandas as pd
import pytest

import derandkit as dk

EDGES = [(1, 2), (2, 3)]


class FaultError(Exception):
    """What the objects raise."""


def raising():
    yield (1, 2)
    raise FaultError("in the generator")


class Raises:
    def __iter__(self):
        raise FaultError("iter")


class Reads:
    def __init__(self, found):
        self.found = found

    def read(self, *_):
        if self.found is FaultError:
            raise FaultError("read")
        return self.found


class Path(os.PathLike):
    def __fspath__(self):
        raise FaultError("path")


def closed(stream):
    stream.close()
    return stream


READERS = {
    "as_graph": dk.as_graph,
    "frustration": dk.frustration,
    "from_arcs": dk.Arcs.from_arcs,
    "max2sat": dk.max2sat,
    "compare": lambda it: dk.compare(it, methods=["greedy"]),
    "start": lambda it: dk.maxcut(EDGES, start=it, search=None),
}


def refused(call, it):
    with pytest.raises(dk.InputError) as caught:
        call(it)
    assert str(caught.value).isprintable()
    return caught.value


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("make", [raising, Raises])
def test_an_iterator_that_raises(reader, make):
    error = refused(READERS[reader], make())
    assert "cannot be listed: i" in error.message
    assert isinstance(error.__cause__, FaultError)


@pytest.mark.parametrize("reader", READERS)
def test_an_iterator_without_end(reader, monkeypatch):
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "64000")
    pairs = ((k, k + 1) for k in itertools.count(1))
    assert "a list of more than 1000 entries, 64 bytes each," in refused(READERS[reader], pairs).message


@pytest.mark.parametrize("make", [io.BytesIO, io.StringIO])
@pytest.mark.parametrize("reader", READERS)
def test_a_stream_that_is_closed(reader, make):
    assert "closed file" in refused(READERS[reader], closed(make())).message


@pytest.mark.parametrize("read", [dk.as_graph, dk.read_graph])
def test_a_stream_that_gives_no_text(read):
    assert "its method read gives a NoneType" in refused(read, Reads(None)).message
    assert "its method read gives a int" in refused(read, Reads(5)).message
    assert isinstance(refused(read, Reads(FaultError)).__cause__, FaultError)
    assert read(Reads(bytearray(b"1 2\n2 3\n"))).m == 2


@pytest.mark.parametrize("read", [dk.as_graph, dk.read_points, dk.read_model, dk.read_clauses, dk.load])
def test_a_path_that_raises(read):
    assert "is the name of a file, got" in refused(read, Path()).message


def test_what_has_no_entries():
    assert "no columns" in refused(dk.minimize_qubo, pd.DataFrame()).message
    assert "cannot be listed" in refused(READERS["start"], np.array(5.0)).message


class Array:
    """What numpy asks for its array."""

    def __array__(self, *_, **__):
        raise FaultError("array")


@pytest.mark.parametrize(
    "take", [dk.PointCloud, lambda it: dk.embed(it, n_components=1), dk.minimize_qubo, dk.cut_norm]
)
def test_an_array_that_raises(take):
    error = refused(take, Array())
    assert "array" in error.message
    assert isinstance(error.__cause__, FaultError)


def test_rows_of_unequal_length_are_no_matrix():
    assert "no array" in refused(dk.cut_norm, [[1.0, 2.0], [3.0]]).message


def test_a_table_of_another_memory_is_read():
    assert dk.as_graph(memoryview(np.array([[0.0, 2.5], [2.5, 0.0]]))).total_weight == 2.5
