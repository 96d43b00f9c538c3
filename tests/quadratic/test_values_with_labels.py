"""What has labels, weights or the form of a matrix is read as what it is: not by position, and not as a list."""

from __future__ import annotations

from collections import Counter, namedtuple
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import derandkit as dk

ARCS = {("a", "b"): 5, ("c", "b"): 2}
CLAUSES = [(1, 2), (-1,)]
Row = namedtuple("Row", ["weight", "source", "target"])


def forms() -> dict[str, object]:
    digraph: Any = nx.DiGraph()
    digraph.add_weighted_edges_from((u, v, w) for (u, v), w in ARCS.items())
    matrix = pd.DataFrame(0, index=list("abc"), columns=list("abc"))
    for (u, v), w in ARCS.items():
        matrix.loc[u, v] = w
    return {
        "mapping": ARCS,
        "counter": Counter(ARCS),
        "digraph": digraph,
        "frame": pd.DataFrame(
            [(u, v, w) for (u, v), w in ARCS.items()], columns=["source", "target", "weight"]
        ),
        "matrix": matrix,
        "series": pd.Series(ARCS),
        "named tuples": [Row(w, u, v) for (u, v), w in ARCS.items()],
        "list": [(u, v, w) for (u, v), w in ARCS.items()],
        "lists": [[u, v, w] for (u, v), w in ARCS.items()],
        "iterator": iter([(u, v, w) for (u, v), w in ARCS.items()]),
    }


@pytest.mark.parametrize("form", forms())
def test_arcs_in_any_form_are_those_of_the_directed_cut(form: str) -> None:
    # the keys of a mapping were arcs of weight 1, and so were the columns of a frame
    found = dk.Arcs.from_arcs(forms()[form])  # type: ignore[arg-type]
    assert (found.m, found.weights.sum()) == (2, 7)


def test_a_digraph_whose_vertices_are_pairs_is_no_list_of_arcs() -> None:
    digraph: Any = nx.DiGraph()
    digraph.add_edge((0, 1), (1, 2), weight=5)
    assert dk.Arcs.from_arcs(digraph).weights.tolist() == [5]
    assert dk.Arcs.from_arcs(np.array([[0, 3], [0, 0]])).weights.tolist() == [3]


@pytest.mark.parametrize(
    "given", [[[0, 3, 1], [0, 0, 2], [1, 0, 0]], list(ARCS.items()), ARCS.items(), "ab", nx.path_graph(3)]
)
def test_what_may_be_no_list_of_arcs_is_refused(given: Any) -> None:
    with pytest.raises(dk.InputError):
        dk.Arcs.from_arcs(given)


@pytest.mark.parametrize("nodes", ["abc", pd.DataFrame({"q": [1]})])
def test_vertices_are_given_in_a_list(nodes: Any) -> None:
    with pytest.raises(dk.InputError, match="nodes must be a list"):
        dk.Arcs.from_arcs([(0, 1)], nodes=nodes)
    with pytest.raises(dk.InputError, match="nodes go with a list"):
        dk.Arcs.from_arcs(ARCS, nodes=["d"])  # type: ignore[arg-type]


def labelled(values: list[int], labels: list[Any], kind: str) -> Any:
    if kind == "xarray":
        return pytest.importorskip("xarray").DataArray(values, dims="v", coords={"v": labels})
    return pd.Series(values, index=labels)


@pytest.mark.parametrize("kind", ["pandas", "xarray"])
def test_values_of_variables_go_by_label(kind: str) -> None:
    clauses = dk.Clauses.from_clauses(CLAUSES)
    one, other = labelled([0, 1], [1, 2], kind), labelled([1, 0], [2, 1], kind)
    for call in (clauses.satisfied, clauses.exact_value, clauses.figures):
        assert str(call(one)) == str(call(other)) == str(call(np.array([0, 1])))  # type: ignore[operator]
    arcs, signed = dk.Arcs.from_arcs([("a", "b", 1)]), dk.SignedGraph(dk.as_graph([("a", "b", -1)]))
    assert arcs.exact_value(labelled([0, 1], ["b", "a"], kind)) == 1
    assert signed.figures(labelled([1, -1], ["b", "a"], kind)) == signed.figures(np.array([-1, 1]))
    with pytest.raises(dk.InputError, match="which is not a variable"):
        clauses.satisfied(labelled([0, 1], [0, 1], kind))
    linear = labelled([1, 2], [1, 0], kind)
    ends = np.array([0]), np.array([1]), np.array([2.0])
    assert dk.QuadraticModel.from_arrays(*ends, n=2, linear=linear).linear.tolist() == [2, 1]


@pytest.mark.parametrize("kind", ["pandas", "xarray"])
def test_an_index_that_says_another_order_is_refused(kind: str) -> None:
    # a weight of 5 that its index gave to the second clause was that of the first
    for options in (
        {"weights": labelled([5, 1], [1, 0], kind)},
        {"hard": labelled([True, False], [1, 0], kind)},
    ):
        with pytest.raises(dk.InputError, match="index does not count 0, 1, 2"):
            dk.max2sat(CLAUSES, **options)
    with pytest.raises(dk.InputError, match="index does not count 0, 1, 2"):
        dk.WeightedGraph.from_edges([0, 1], [1, 2], labelled([5, 7], [1, 0], kind))
    with pytest.raises(dk.InputError, match="index does not count 0, 1, 2"):
        dk.WeightedGraph.from_edges([0], [1], labels=labelled([8, 9], [1, 0], kind))  # type: ignore[arg-type]
    in_order = dk.Clauses.from_clauses(CLAUSES, weights=labelled([5, 1], [0, 1], kind))
    assert in_order.weights.tolist() == [5, 1]


def test_series_of_one_frame_belong_together() -> None:
    frame = pd.DataFrame({"i": [9, 0, 1], "j": [9, 1, 2], "w": [9, 5, 7]})[1:]
    assert dk.WeightedGraph.from_edges(frame.i, frame.j, frame.w).edges()[2].tolist() == [5, 7]
    rows = pd.DataFrame({"clause": [(1,), *CLAUSES], "w": [9, 5, 1]})[1:]
    assert dk.Clauses.from_clauses(rows.clause, weights=rows.w).weights.tolist() == [5, 1]


@pytest.mark.parametrize("labels", [{0: "x", 1: "y"}, {"x", "y"}, "xy", pd.DataFrame({"x": [1], "y": [2]})])
def test_labels_are_a_list_in_order(labels: Any) -> None:
    with pytest.raises(dk.InputError, match="labels must be a list in order"):
        dk.WeightedGraph.from_edges([0], [1], labels=labels)


@pytest.mark.parametrize(
    ("clauses", "hard"),
    [(CLAUSES, {0: True, 1: False}), ([{1: True, 2: False}], ()), (nx.Graph([((1, 2), (3, 4))]), ())],
)
def test_clauses_and_marks_are_no_mappings_and_no_graphs(clauses: Any, hard: Any) -> None:
    with pytest.raises(dk.InputError):
        dk.Clauses.from_clauses(clauses, hard=hard)
