"""What else pandas and torch hold: matrices of objects and text, stacked ones, objects that are no frames, tensors."""

from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

A = np.array([[0, 1, 2.5, 4], [1, 0, 3, 5], [2.5, 3, 0, 6], [4, 5, 6, 0]])
MATRIX = pd.DataFrame(A, [*"wxyz"], [*"wxyz"])
EDGES = pd.DataFrame({"source": [*"abac"], "target": [*"bccd"], "weight": [1, 2, 3, 4]})


def test_a_matrix_of_objects_is_read_and_one_of_text_refused() -> None:
    right = dk.as_graph(MATRIX).digest
    assert dk.as_graph(MATRIX.astype(object)).digest == right
    assert dk.as_graph(pd.DataFrame(A).astype(object)).digest == dk.as_graph(A).digest
    for kind in (str, "string"):
        with pytest.raises(InputError, match=r"a matrix of numbers as text; pass frame\.astype\(float\)"):
            dk.as_graph(MATRIX.astype(kind))
    assert dk.as_graph(MATRIX.astype(str).astype(float)).digest == right


@pytest.mark.parametrize("names", [None, "level", "own"])
def test_stacked_matrices_are_edges(names: str | None) -> None:
    pairs = MATRIX.stack()
    if names == "own":
        pairs.index.names = ["u", "v"]
    table = pairs.reset_index() if names == "level" else pairs
    texts = [table.to_csv()] + ([table.to_csv(index=False)] if names == "level" else [])
    for obj in (table, *map(io.StringIO, texts)):
        graph = dk.as_graph(obj)
        assert (graph.m, graph.total_weight) == (6, 21.5)
        assert any("every edge is listed in both directions" in remark for remark in graph.reading.remarks)


def test_two_directions_that_differ_by_rounding_are_averaged() -> None:
    R = np.corrcoef(np.random.default_rng(0).standard_normal((5, 20)))
    R[1, 0] = np.nextafter(R[0, 1], 2)
    pairs = pd.DataFrame(R).stack()
    graph = dk.as_graph(pairs)
    assert "differ by rounding and were averaged" in graph.reading.remarks[-1]
    assert graph.digest == dk.as_graph(R).digest
    R[1, 0] = R[0, 1] + 1e-6
    with pytest.raises(InputError, match="every edge is listed in both directions, but"):
        dk.as_graph(pd.DataFrame(R).stack())


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (EDGES.groupby("source"), "a DataFrameGroupBy of pandas; pass a frame"),
        (EDGES["weight"].groupby(EDGES["source"]), "a SeriesGroupBy of pandas; pass a frame"),
        (EDGES.index, "RangeIndex of pandas"),
        (pd.MultiIndex.from_frame(EDGES[["source", "target"]]), r"pass its pairs, index\.tolist\(\)"),
        (pd.Categorical([*"ab"]), "Categorical of pandas"),
        (EDGES.rolling(2), "Rolling of pandas"),
        (EDGES.loc, "_LocIndexer of pandas"),
        (EDGES["weight"], "a series must have an index of pairs"),
        (pd.DataFrame(), "the frame has 0 column"),
        (pd.DataFrame(columns=["source", "target"]), "no vertices"),
    ],
)
def test_other_objects_of_pandas_get_one_clear_line(obj: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        dk.as_graph(obj)


def test_a_styler_names_its_frame() -> None:
    pytest.importorskip("jinja2")
    with pytest.raises(InputError, match=r"Styler of pandas; pass its frame, styler\.data"):
        dk.as_graph(EDGES.style)
    assert dk.as_graph(EDGES.style.data).m == 4


def test_columns_of_categories_are_read() -> None:
    for columns in (["source", "target"], ["weight"], [*EDGES]):
        assert (
            dk.as_graph(EDGES.astype(dict.fromkeys(columns, "category"))).digest == dk.as_graph(EDGES).digest
        )


@pytest.mark.parametrize("B", [A[:3, :3], A[:2, :2]])
def test_small_matrices_as_records_are_asked_about(B: np.ndarray) -> None:
    frame = pd.DataFrame(B)
    named = pd.DataFrame(B, columns=[*"PQR"[: len(B)]])
    for obj in (
        frame.to_records(index=False),
        named.to_dict("records"),
        io.StringIO(named.to_json(orient="records")),
    ):
        with pytest.raises(
            InputError, match=r"may be a matrix|hold numbers: edges, points, or rows of a matrix"
        ):
            dk.as_graph(obj)


def test_tensors_are_no_vertices() -> None:
    torch = pytest.importorskip("torch")
    ends = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    data = [
        ("edge_index", ends),
        ("edge_weight", torch.ones(4)),
        ("num_nodes", 4),
    ]  # as a Data object iterates
    for obj in (
        zip(*ends, strict=True),
        [tuple(e) for e in ends.t()],
        nx.Graph(zip(*ends, strict=True)),
        data,
    ):
        with pytest.raises(InputError, match="is no vertex label; pass numbers or strings"):
            dk.as_graph(obj)
    with pytest.raises(InputError, match="is no vertex label"):
        dk.as_graph(dict.fromkeys(zip(*ends, strict=True), 1.0))
    assert dk.as_graph(zip(*ends.tolist(), strict=True)).m == 2
    assert dk.as_graph(ends).m == 2


@pytest.mark.parametrize("edges", [[(0, 1), (1, 2)], [(5, 7), (7, 9)]])
@pytest.mark.parametrize("make", [np.array, pd.DataFrame], ids=["array", "frame"])
def test_two_edges_that_meet_are_a_matrix_too(edges, make):
    with pytest.raises(InputError, match=r"may be the edges .* or a matrix with one edge"):
        dk.as_graph(make(np.array(edges)))
    assert dk.maxcut(edges).cut_value == 2
    assert dk.maxcut(np.array([[0, 4], [4, 0]])).cut_value == 4
    assert dk.as_graph(np.array([[1.0, 0.5], [0.5, 1.0]])).m == 1
