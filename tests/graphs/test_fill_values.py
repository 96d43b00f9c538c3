"""Numbers that stand for a missing weight or for no edge, far away from all others: asked about, or said."""

import io
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from tests.inputs import read, refused

import derandkit as dk
from derandkit.graphs.objects.times import fill_among

MARKS = [
    *(
        "-99",
        "-999",
        "-9999",
        "-32768",
        "-2147483648",
        "-9223372036854775808",
        "999",
        "9999",
        "99999",
        "999999",
    ),
    *(
        "2147483647",
        "9999999",
        "1061109567",
        "999999999",
        "1e20",
        "1e30",
        "3.4e38",
        "-3.40282e+38",
        "9.96921e36",
    ),
]
#: Lists of edges in a file, in memory and in a frame; the weight in question is the second one of four.
LISTS = {
    "list": lambda mark: io.StringIO(f"a b 1\nb c {mark}\nc a 2\na d 3\n"),
    "csv": lambda mark: io.StringIO(f"source,target,weight\na,b,1\nb,c,{mark}\nc,a,2\na,d,3\n"),
    "rudy": lambda mark: io.StringIO(f"4 4\n1 2 1\n2 3 {mark}\n1 3 2\n1 4 3\n"),
    "json": lambda mark: io.StringIO(json.dumps([["a", "b", 1], ["b", "c", float(mark)], ["c", "d", 2]])),
    "tuples": lambda mark: [("a", "b", 1), ("b", "c", float(mark)), ("c", "a", 2), ("a", "d", 3)],
    "array": lambda mark: np.array([[1, 2, 1], [2, 3, float(mark)], [1, 3, 2], [1, 4, 3]]),
    "mapping": lambda mark: {("a", "b"): 1, ("b", "c"): float(mark), ("c", "a"): 2, ("a", "d"): 3},
    "neighbours": lambda mark: {"a": {"b": 1, "c": 2, "d": 3}, "b": {"c": float(mark)}},
    "frame": lambda mark: pd.DataFrame(
        {"source": list("abca"), "target": list("bcad"), "weight": [1, float(mark), 2, 3]}
    ),
}


def matrix(mark, n=5, diagonal=0.0):
    A = np.array([[float((i + j) % 4 + 2) for j in range(n)] for i in range(n)])
    np.fill_diagonal(A, diagonal)
    A[1, 3] = A[3, 1] = mark
    return A


MATRICES = {
    "text": lambda A: io.StringIO("\n".join(" ".join(f"{x:.17g}" for x in row) for row in A)),
    "array": lambda A: A,
    "whole numbers": lambda A: A.astype(np.int64),
    "lists": lambda A: A.tolist(),
    "frame": lambda A: pd.DataFrame(A, list("abcde"), list("abcde")),
}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("form", LISTS)
def test_a_mark_among_weights_of_a_list_is_asked_about(form, mark) -> None:
    text = refused(dk.as_graph, LISTS[form](mark))
    assert "may stand for a missing weight or for no edge, or be a weight" in text
    assert "--input-format" in text
    assert dk.as_graph(LISTS[form](mark), weight=None).total_weight in (3, 4)


@pytest.mark.parametrize("mark", [9999, 99999, -9999, 1e9, -(2.0**31)])
@pytest.mark.parametrize("form", MATRICES)
def test_a_mark_in_a_matrix_is_asked_about(form, mark) -> None:
    assert "may stand for a missing weight or for no edge" in refused(
        dk.as_graph, MATRICES[form](matrix(mark))
    )
    assert dk.as_graph(MATRICES[form](matrix(4.0, diagonal=mark))).m == 10  # the diagonal does not count


def test_what_the_message_advises_is_read() -> None:
    assert dk.as_graph(LISTS["list"]("-9999"), input_format="edgelist").total_weight == -9993
    assert dk.as_graph(LISTS["rudy"]("99999"), input_format="rudy").total_weight == 100005
    assert dk.as_graph(MATRICES["text"](matrix(9999)), input_format="matrix").m == 10
    assert dk.as_graph(LISTS["json"]("9999"), input_format="json").m == 3
    assert dk.as_graph(matrix(0)).m == 9
    G = nx.Graph()
    G.add_weighted_edges_from(LISTS["tuples"]("-9999"))
    graph = dk.as_graph(G)
    assert graph.total_weight == -9993
    assert "the weight -9999 was read as a number" in graph.reading.remarks[-1]


@pytest.mark.parametrize(
    "graph", [sp.csr_array(matrix(99999)), nx.from_numpy_array(matrix(99999)), io.StringIO(
        'graph [ node [ id 0 ] node [ id 1 ] node [ id 2 ] edge [ source 0 target 1 weight 99999 ] '
        'edge [ source 1 target 2 weight 3 ] ]'
    )]
)  # fmt: skip
def test_a_mark_in_a_graph_is_said(graph) -> None:
    assert any("the weight 99999 was read as a number" in text for text in dk.as_graph(graph).reading.remarks)


@pytest.mark.parametrize(
    "weights",
    [
        [1, 1000, 2, 3],
        [1, 1e6, 2, 3],
        [1, 1e8, 2, 3],
        [1, 1e9, 2, 3],
        [1, 1e12, 2, 3],
        [1, 1e18, 2, 3],
        [1, 9998, 2, 3],
        [1, 2000, 9999, 3],
        [-500, -999, 20, 3],
        [9999, 9999, 9999, 9999],
        [0, 9999, 0, 9999],
        [-1, 1, 1, -1],
        [5, -1, 7, 2],
        [-1, 10, 10, 10],
        [2.0**33, 5, 1, 2],
        [1e300, 1, 2, 3],
        [10, 1, 5, 2],
        [99, 1, 2, 3],
    ],
)
def test_other_weights_stay_weights(weights) -> None:
    edges = [(u, v, w) for (u, v), w in zip(["ab", "bc", "ca", "ad"], weights, strict=True)]
    assert dk.as_graph(edges).total_weight == pytest.approx(sum(weights))


def test_minus_one_far_below_all_others_is_asked_about() -> None:
    assert "the number -1" in refused(dk.as_graph, io.StringIO("a b 12\nb c -1\nc a 25\na d 30\n"))
    A = matrix(-1) * 12
    A[1, 3] = A[3, 1] = -1
    assert "the number -1" in refused(dk.as_graph, A)
    assert dk.as_graph(B := matrix(-1) * (matrix(-1) < 5)).total_weight == B.sum() / 2


def test_a_power_of_ten_in_a_list_is_a_heavy_edge_and_said() -> None:
    graph = dk.as_graph(LISTS["tuples"]("1e9"))
    assert graph.total_weight == 10**9 + 6
    assert "the weight 1000000000 was read as a number" in graph.reading.remarks[-1]


def test_a_mark_is_far_away_from_all_others_or_none() -> None:
    for scale in (1.0, 99.0, 998.0):
        assert (fill_among(np.array([scale, 9999.0, 1.0])) is None) == (scale * 10 >= 9999)


@pytest.mark.parametrize("name", ["distance", "Length", "km"])
def test_minus_one_among_sizes_is_asked_about(name) -> None:
    edges = [("a", "b", 5.5), ("b", "c", -1), ("c", "d", 7), ("d", "a", -1)]
    frame = pd.DataFrame(edges, columns=["from", "to", name])
    for given in (frame, io.StringIO(frame.to_csv(index=False))):
        assert "the number -1, unlike all other weights" in refused(dk.as_graph, given)
    assert dk.as_graph(frame.rename(columns={name: "weight"})).total_weight == 10.5
    assert dk.as_graph(frame.replace(5.5, -2)).m == 4


def test_minus_one_in_a_complete_matrix_is_asked_about() -> None:
    A = matrix(-1.0)
    for form in MATRICES:
        assert "the number -1, unlike all other weights" in refused(dk.as_graph, MATRICES[form](A))
    assert dk.as_graph(MATRICES["text"](A), input_format="matrix").m == 10
    B = A.copy()
    B[0, 2] = B[2, 0] = 0.0
    for signed in (B, np.where(A > 0, 1.0, A), np.where(A == 3, -2.0, A)):
        np.fill_diagonal(signed, 0)
        assert dk.as_graph(signed).n == 5


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("g.col", "p edge 4 3\ne 1 2 5\ne 2 3 99999\ne 3 4 2\n"),
        ("g.net", '*Vertices 3\n1 "a"\n2 "b"\n3 "c"\n*Edges\n1 2 5\n2 3 99999\n1 3 2\n'),
        ("g.lgl", "# a\nb 5\nc 99999\n# b\nc 2\n"),
        ("g.metis", "3 3 1\n2 5 3 99999\n1 5 3 2\n1 99999 2 2\n"),
    ],
)
def test_a_mark_in_a_file_that_lists_edges_by_its_format_is_said(tmp_path, name, text) -> None:
    remarks = read(tmp_path, text, name).reading.remarks
    assert any("the weight 99999 was read as a number" in text for text in remarks)


def test_weights_of_a_list_are_looked_at_before_both_directions_add_up() -> None:
    """49 and 50 are no codes, though their sum is one; 99 is one, though the sum of two of them is none."""
    small = [(k, k + 1, k % 4 + 1) for k in range(12)]
    sums = [(12, 13, 49), (13, 12, 50)], [(12, 13, 99), (13, 12, 99)]
    for pairs, said in zip(sums, (False, True), strict=True):
        remarks = dk.as_graph([*small, *pairs], symmetrize="sum").reading.remarks
        assert any("mark for a missing weight" in remark for remark in remarks) is said
        text = io.StringIO("".join(f"{u} {v} {w}\n" for u, v, w in [*small, *pairs]))
        assert dk.read_graph(text, symmetrize="sum").reading.remarks == remarks
