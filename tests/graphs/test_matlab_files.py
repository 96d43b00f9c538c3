"""MATLAB's files up to version 7: the one square matrix is the graph, and others are named."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
import scipy.io
import scipy.sparse as sp

import derandkit as dk

A = np.array([[0, 4, 0, 0.5], [4, 0, -1, 0], [0, -1, 0, 2], [0.5, 0, 2, 0]])


def saved(compressed: bool = False, **variables: object) -> bytes:
    file = io.BytesIO()
    scipy.io.savemat(file, variables, do_compression=compressed)
    return file.getvalue()


def read(data: bytes, **options: object) -> dk.WeightedGraph:
    return dk.read_graph(io.BytesIO(data), **options)  # type: ignore[arg-type]


def refused(data: bytes) -> str | None:
    try:
        read(data)
    except dk.InputError as error:
        return str(error)
    return None


EXPECTED = dk.as_graph({(1, 2): 4, (1, 4): 0.5, (2, 3): -1, (3, 4): 2})


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    "matrix",
    [A, sp.csc_array(A), sp.coo_array(A), A.astype(np.float32)],
    ids=["full", "csc", "coo", "single"],
)
def test_the_one_square_matrix_is_read(matrix: object, compressed: bool) -> None:
    data = saved(compressed, W=matrix, name="roads", n=4, positions=np.zeros((4, 2)))
    for given in (read(data), read(data, input_format="mat")):
        assert given.digest == EXPECTED.digest
        assert given.reading is not None
        assert given.reading.format.endswith("adjacency matrix 'W'")
    assert read(data, weight=None).total_weight == 4


def test_truths_and_whole_numbers_are_weights() -> None:
    for matrix in (A != 0, (A != 0).astype(np.uint8), sp.csc_array(A != 0)):
        assert read(saved(W=matrix)).total_weight == 4


def test_what_is_asked_of_an_array_is_asked_here() -> None:
    with pytest.raises(dk.InputError, match="not symmetric"):
        read(saved(W=np.triu(A)))
    assert read(saved(W=np.triu(A)), symmetrize="sum").digest == EXPECTED.digest
    with pytest.raises(dk.InputError, match="Laplacian"):
        read(saved(W=np.diag(A.sum(axis=0)) - A))
    graph = read(saved(W=np.where(np.arange(16).reshape(4, 4) % 5 == 0, 7, A)))
    assert graph.dropped_loops == 4


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"A": A, "B": A}, r"several square matrices, 'A', 'B'; save one of them, save\('g.mat', 'A'\)"),
        (
            {"E": np.ones((5, 2)), "s": "text"},
            r"holds 'E' \(5x2 matrix\), 's' \(.* text\), and no square matrix",
        ),
        ({"Problem": {"A": A}}, r"holds 'Problem' \(1x1 struct\), and no square matrix"),
        (
            {"c": np.array([[1, "a"], [2, "b"]], dtype=object)},
            r"holds 'c' \(2x2 cell array\), and no square matrix",
        ),
        ({}, "holds nothing, and no square matrix"),
        ({"W": A + 1j * A}, "complex"),
        ({"W": np.where(A == 4, np.inf, A)}, "not finite"),
    ],
)
def test_other_variables_are_named(variables: dict[str, object], message: str) -> None:
    with pytest.raises(dk.InputError, match=message):
        read(saved(**variables))


def test_damaged_files_are_refused_in_one_line() -> None:
    q = random.Random(0)
    for compressed in (False, True):
        data = saved(compressed, W=sp.csc_array(A), name="roads")
        for k in range(300):
            damaged = bytearray(data)
            for _ in range(q.randrange(1, 4)):
                damaged[q.randrange(128, len(data))] = q.randrange(256)
            given = bytes(damaged if k % 3 else damaged[: q.randrange(130, len(data))])
            fault = refused(given)
            assert fault is None or "\n" not in fault
    with pytest.raises(dk.InputError, match="cannot be read as a MATLAB file"):
        read(data[:126])


def test_variables_larger_than_the_limit_are_refused_before_they_are_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = saved(True, W=np.zeros((400, 400)))
    assert len(data) < 10_000
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "100000")
    with pytest.raises(dk.InputError, match=r"the variable 'W' of the MATLAB file .*DERANDKIT_MAX_BYTES"):
        read(data)
