"""Indices of nearest neighbours, as searches return them, are asked about; edges between as many vertices are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import Delaunay, cKDTree

import derandkit as dk
from derandkit.errors import InputError
from derandkit.graphs.objects.nearest import may_be_nearest

POINTS = np.random.default_rng(0).standard_normal((12, 2))
FOUR = cKDTree(POINTS).query(POINTS, 4)[1]
TABLES = {"self and two": FOUR[:, :3], "two": FOUR[:, 1:3], "three": FOUR[:, 1:]}


@pytest.mark.parametrize("what", TABLES)
@pytest.mark.parametrize(
    "form", [np.asarray, lambda rows: rows.tolist(), pd.DataFrame, lambda rows: rows + 1]
)
def test_nearest_neighbours_in_memory_are_asked_about(what, form):
    with pytest.raises(InputError, match="may be edges, or the nearest neighbours of each point"):
        dk.as_graph(form(TABLES[what]))


@pytest.mark.parametrize("what", TABLES)
@pytest.mark.parametrize("layout", [{"fmt": "%d"}, {"fmt": "%d", "delimiter": ","}])
def test_nearest_neighbours_in_files_are_asked_about(tmp_path: Path, what, layout):
    file = tmp_path / "g.txt"
    np.savetxt(file, TABLES[what], **layout)
    with pytest.raises(
        InputError, match=r"the nearest neighbours of each point|may be an index before the two ends"
    ):
        dk.as_graph(file)
    dk.as_graph(file, input_format="edgelist")


@pytest.mark.parametrize("what", TABLES)
@pytest.mark.parametrize("index", [True, False])
def test_nearest_neighbours_that_pandas_writes_are_asked_about(tmp_path: Path, what, index):
    file = tmp_path / "g.csv"
    pd.DataFrame(np.array(TABLES[what])).to_csv(file, index=index)
    with pytest.raises(
        InputError, match=r"nearest neighbours of each point|may name the columns, as pandas does"
    ):
        dk.as_graph(file)


def test_the_advice_works():
    rows = TABLES["two"].tolist()
    near = dk.as_graph(dict(enumerate(rows)), symmetrize="max")
    assert near.m == len({frozenset((u, v)) for u, row in enumerate(rows) for v in row})
    assert dk.as_graph([(*row, 1) for row in rows]).n <= 12


@pytest.mark.parametrize("n", [12, 40])
def test_edges_between_as_many_vertices_are_read(n):
    rng = np.random.default_rng(n)
    ring = np.column_stack([np.arange(n), (np.arange(n) + 1) % n])
    others = rng.integers(1, n, n)
    assert not may_be_nearest(ring)
    assert not may_be_nearest(np.column_stack([ring, others]))
    assert not may_be_nearest(np.sort(ring, axis=1))
    assert not may_be_nearest(rng.integers(0, n, (n, 3)))
    assert dk.as_graph(np.column_stack([ring, others])).m == n


@pytest.mark.parametrize("what", TABLES)
@pytest.mark.parametrize("stem", ["V", "X"])
def test_nearest_neighbours_as_r_writes_them_are_asked_about(tmp_path: Path, what, stem):
    """``write.csv(FNN::get.knn(P, 3)$nn.index)`` names the columns V1, V2, V3 and counts the rows."""
    rows = pd.DataFrame(TABLES[what] + 1, index=range(1, 13))
    rows.columns = [f"{stem}{k + 1}" for k in range(rows.shape[1])]
    rows.to_csv(tmp_path / "nn.csv")
    for obj in (tmp_path / "nn.csv", rows.reset_index(drop=True)):
        with pytest.raises(
            InputError, match=r"nearest neighbours of each point|looks like column names|hold numbers"
        ):
            dk.as_graph(obj)


@pytest.mark.parametrize("form", [np.asarray, lambda rows: rows.tolist(), pd.DataFrame])
@pytest.mark.parametrize("what", ["bound", "bound, without the point", "triangles"])
def test_missing_neighbours_are_known(form, what):
    near = cKDTree(POINTS).query(POINTS, 3, distance_upper_bound=0.9)[1]
    rows = {"bound": near, "bound, without the point": near[:, 1:], "triangles": Delaunay(POINTS).neighbors}[
        what
    ]
    assert (rows == (-1 if what == "triangles" else len(POINTS))).any()
    with pytest.raises(InputError, match=r"may be edges, or|may be an edge .*or a row's number"):
        dk.as_graph(form(rows))


@pytest.mark.parametrize("n", [7, 12, 40])
def test_trees_are_no_neighbours(n):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        tree = np.array([[rng.integers(k), k] for k in range(1, n)])
        for rows in (
            tree,
            tree[:, ::-1],
            rng.permutation(tree),
            np.column_stack([tree, rng.integers(1, 9, n - 1)]),
        ):
            assert not may_be_nearest(rows)
