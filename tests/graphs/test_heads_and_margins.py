"""A first row and column of numbers may be names, and a last one sums: matrices with either are asked about."""

from __future__ import annotations

import io
import json
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from tests.inputs import refused

import derandkit as dk

INNER = np.array([[0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]])


def headed(names: list[int], corner: float = 0, inner: np.ndarray = INNER) -> np.ndarray:
    A = np.zeros((len(names) + 1,) * 2)
    A[0, 0], A[0, 1:], A[1:, 0], A[1:, 1:] = corner, names, names, inner
    return A


def texts(A: np.ndarray) -> list[str]:
    rows = [[f"{x:g}" for x in row] for row in A]
    return ["".join(separator.join(row) + "\n" for row in rows) for separator in (",", " ", "\t")]


@pytest.mark.parametrize(
    "names", [[10, 20, 30, 40], [1, 2, 3, 4], [0, 1, 2, 3], [2019, 2020, 2021, 2022], [17, 90, 91, 204]]
)
@pytest.mark.parametrize("corner", [0, np.nan])
def test_numbers_above_and_beside_may_be_names(names: list[int], corner: float) -> None:
    A = headed(names, corner)
    for obj in (A, A.tolist(), pd.DataFrame(A), *map(io.StringIO, texts(A))):
        assert "names of the vertices, or entries of the matrix" in refused(dk.as_graph, obj)
    frame = pd.DataFrame(A[1:, 1:], A[1:, 0], A[0, 1:])
    assert dk.as_graph(frame).labels == dk.as_graph(pd.DataFrame(INNER, names, names)).labels
    assert dk.as_graph(scipy.sparse.csr_array(np.nan_to_num(A))).n == 5
    for text in texts(A):
        assert dk.read_graph(io.StringIO(text), input_format="matrix").n == 5
    text = texts(A)[0].replace("nan", "0")
    assert dk.read_graph(io.StringIO(text.removeprefix("0"))).digest == dk.as_graph(frame).digest


def test_files_that_are_no_text_are_read_where_their_format_is_said(tmp_path: Path) -> None:
    A = headed([10, 20, 30, 40])
    np.save(tmp_path / "A.npy", A)
    np.savez(tmp_path / "A.npz", A)
    (tmp_path / "A.json").write_text(json.dumps(A.tolist()))
    for form in ("npy", "npz", "json"):
        assert "say --input-format json, npy or npz" in refused(dk.read_graph, tmp_path / f"A.{form}")
        assert dk.read_graph(tmp_path / f"A.{form}", input_format=form).n == 5


def test_a_diagonal_unlike_the_corner_shows_names() -> None:
    ones = headed([7, 3, 5, 6], 0, INNER / 8 + np.eye(4))
    assert "names of the vertices" in refused(dk.as_graph, ones)
    missing = headed([9, 2, 5, 6], np.nan)
    assert "names of the vertices" in refused(dk.as_graph, io.StringIO(texts(missing)[0]))
    np.fill_diagonal(missing, np.nan)
    assert dk.as_graph(missing).n == 5  # no entry of the diagonal is there


def test_other_matrices_are_read() -> None:
    line = np.array([0, 3, 4, 8, 11])
    rng = np.random.default_rng(0)
    weights = np.triu(rng.integers(1, 9, (7, 7)), 1)
    honest = [
        INNER,  # counts its pairs
        np.abs(np.subtract.outer(range(6), range(6))),
        np.abs(np.subtract.outer(line, line)),
        nx.to_numpy_array(nx.star_graph(5)),
        nx.to_numpy_array(nx.path_graph(6)),
        np.corrcoef(rng.standard_normal((5, 9))),
        weights + weights.T,
        np.ones((5, 5)),
    ]
    for A in honest:
        assert dk.as_graph(A).n == len(A)
        assert dk.as_graph(pd.DataFrame(A)).n == len(A)
        assert dk.read_graph(io.StringIO(texts(np.round(A, 3))[0])).n == len(A)


@pytest.mark.parametrize("name", ["sum", "Grand Total", "\u03a3"])
def test_sums_that_end_in_their_sum_are_no_vertex(name: str) -> None:
    full = np.pad(INNER, (0, 1))
    full[-1], full[:, -1] = full.sum(axis=0), full.sum(axis=0)
    full[-1, -1] = full[-1, :-1].sum()
    frame = pd.DataFrame(full, [*"abcd", name], [*"abcd", name])
    for obj in (full, full.tolist(), frame, io.StringIO(frame.to_csv()), io.StringIO(texts(full)[0])):
        assert "holds the sums of the others" in refused(dk.as_graph, obj)
    full[-1, -1] = 0
    assert dk.as_graph(full).n == 5
    assert dk.as_graph(nx.to_numpy_array(nx.complete_graph(3))).n == 3
