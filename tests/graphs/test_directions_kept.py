"""Mappings of digraphs, dates of NumPy, attributes that are not used, points of thousands, matrices out of order."""

import datetime
import json

import networkx as nx
import numpy as np
import pytest
from tests import inputs
from tests.inputs import refused

from derandkit import as_graph

D = nx.DiGraph([("a", "b", {"weight": 2}), ("b", "c", {"weight": 3}), ("a", "c", {"weight": 1})])


@pytest.mark.parametrize(
    "view", [D.adj, D.succ, D.pred, dict(D.adj), D.subgraph("ab").adj, nx.DiGraph([("a", "b")]).adj]
)
def test_views_of_directed_graphs(view):
    assert "the graph is directed" in refused(as_graph, view)
    assert as_graph(view, symmetrize="sum").m == sum(map(len, view.values()))


def test_views_of_undirected_graphs():
    G = D.to_undirected()
    for view in (G.adj, dict(G.adj), nx.to_dict_of_dicts(G)):
        assert as_graph(view).digest == as_graph(G).digest
    both = nx.DiGraph([("a", "b"), ("b", "a")])
    assert as_graph(both.adj).total_weight == 1


@pytest.mark.parametrize("what", [nx.to_dict_of_dicts, nx.to_dict_of_lists])
def test_mappings_of_one_direction(tmp_path, what):
    graph = as_graph(what(D))
    assert graph.m == 3
    assert "every edge is listed in one direction; directions are left out" in graph.reading.remarks
    file = inputs.write(tmp_path, json.dumps(what(D)), "g.json")
    assert as_graph(file).digest == graph.digest


@pytest.mark.parametrize(
    "what",
    [nx.to_dict_of_dicts, nx.to_dict_of_lists, lambda G: nx.get_edge_attributes(G, "weight")],
)
def test_mappings_of_one_and_of_both_directions(what):
    G = D.copy()
    G.add_edge("b", "a", weight=2)
    assert "is listed in one direction, but other edges in both" in refused(as_graph, what(G))
    assert as_graph(what(G), symmetrize="max").m == 3


@pytest.mark.parametrize("unit", ["D", "h", "s", "ms", "us", "ns"])
def test_dates_of_numpy_are_dates_whatever_their_unit(unit):
    days = [np.datetime64(f"2020-01-0{k}", unit) for k in (1, 2, 3)]
    plain = [datetime.date(2020, 1, k) for k in (1, 2, 3)]
    if unit != "D":
        plain = [datetime.datetime(day.year, day.month, day.day) for day in plain]
    assert as_graph([(days[0], days[1]), (days[1], days[2])]).labels == tuple(plain)
    array = np.array([days[:2], days[1:], days[:2], days[1:]])
    assert as_graph(array).labels == tuple(plain)


@pytest.mark.parametrize(
    "odd",
    [
        np.datetime64("2020-01-01T00:00:00.000000001", "ns"),
        np.datetime64("NaT"),
        np.datetime64("12020-01-01"),
        np.timedelta64(5, "ns"),
        np.timedelta64(5, "Y"),
        np.timedelta64(5),
    ],
)
def test_dates_that_python_cannot_hold(odd):
    assert "no date or duration that Python can hold" in refused(as_graph, [(odd, "b"), ("b", "c")])


def test_attributes_that_are_not_used_are_named():
    G = nx.Graph(
        [("a", "b", {"weight": 2, "cost": 5, "id": 4, "name": "x"}), ("b", "c", {"weight": 1, "toll": 1})]
    )
    assert as_graph(G).reading.remarks == ("attributes 'cost', 'toll' are not used",)
    assert as_graph(nx.Graph([(0, 1, {"km": 3, "id": 7})])).reading.remarks == (
        "no edge has an attribute 'weight'; the weights are those of 'km'",
    )
    assert as_graph(G.edge_subgraph([("a", "b")]), weight="cost").reading.remarks == (
        "attribute 'weight' is not used",
    )


@pytest.mark.parametrize("weights", [("1.250", "2.500"), ("1.250", "2"), ("-12.000", "900")])
def test_points_between_semicolons_may_part_thousands(tmp_path, weights):
    one, other = weights
    for head in ("", "source;target;km\n"):
        text = refused(
            lambda h=head: as_graph(inputs.write(tmp_path, f"{h}a;b;{one}\nb;c;{other}\n", "g.csv"))
        )
        assert f"'{one}' may be {float(one):g} or {one.replace('.', '')}" in text
    for rest in ("0.5", "1250", "2.5", "1.2500"):
        graph = as_graph(inputs.write(tmp_path, f"a;b;{one}\nb;c;{rest}\n", "g.csv"))
        assert graph.total_weight == float(one) + float(rest)
    assert as_graph(inputs.write(tmp_path, f"a\tb\t{one}\nb\tc\t{other}\n", "g.tsv")).m == 2


def test_a_matrix_whose_rows_are_out_of_order(tmp_path):
    A = [[0, 4, 1], [4, 0, 1], [1, 1, 0]]
    for order in ([0, 1, 2], [1, 0, 2], [2, 0, 1], [1, 2, 0], [0, 2, 1], [2, 1, 0]):
        rows = [A[k] for k in order]
        for text in (json.dumps(rows), "\n".join(" ".join(map(str, row)) for row in rows)):
            name = "g.json" if text[0] == "[" else "g.txt"
            message = refused(lambda t=text, n=name: as_graph(inputs.write(tmp_path, t, n)))
            assert "may be a symmetric matrix or" in message
    assert as_graph([[0, 1, 5], [1, 2, 3], [0, 2, 4]]).total_weight == 12
