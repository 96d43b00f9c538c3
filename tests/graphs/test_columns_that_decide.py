"""Columns and attributes that decide what an edge is: weights of some edges, kinds, times, keys and ways of arcs."""

import networkx as nx
import pandas as pd
import pytest
from tests import inputs
from tests.inputs import refused

import derandkit as dk


def ways(folder, text, **options):
    """Ways to read a table: as a file, and as the frame of it."""
    path = inputs.write(folder, text, "g.csv")
    return [
        lambda: dk.as_graph(path, **options),
        lambda: dk.as_graph(pd.read_csv(path, dtype=str), **options),
    ]


@pytest.mark.parametrize("name", ["w", "km", "value"])
def test_weights_that_some_edges_lack(tmp_path, name):
    G = nx.Graph([("A", "B", {name: 5}), ("A", "C", {name: 2}), ("B", "C")])
    path = tmp_path / "g.graphml"
    nx.write_graphml(G, path)
    for source in (G, list(G.edges(data=True)), nx.node_link_data(G, edges="links"), path):
        assert f"1 of 3 edges have no '{name}', which may be the weight" in refused(dk.as_graph, source)
        assert dk.as_graph(source, weight=name).total_weight == 8
        assert dk.as_graph(source, weight=None).total_weight == 3


def test_other_attributes_that_some_edges_lack():
    assert dk.as_graph(nx.Graph([("A", "B", {"year": 2005}), ("B", "C")])).total_weight == 2
    assert dk.as_graph(nx.Graph([("A", "B", {"weight": 5}), ("B", "C")])).total_weight == 6
    assert dk.as_graph(nx.Graph([("A", "B", {"note": "x"}), ("B", "C")])).total_weight == 2


def test_times_beside_the_ends(tmp_path):
    text = "from_stop,to_stop,departure,arrival\nA,B,08:00,08:10\nB,C,08:12,08:20\n"
    for read in ways(tmp_path, text):
        assert "may be 'from_stop' and 'to_stop', or 'departure' and 'arrival'" in refused(read)
    for read in ways(tmp_path, "line,departure,arrival\nx,A,B\ny,B,C\n"):
        assert read().labels == ("A", "B", "C")


@pytest.mark.parametrize("word", ["type", "kind", "class"])
def test_ends_that_are_numbered_apart(tmp_path, word):
    text = f"source_{word},source,target_{word},target\nperson,1,item,1\nperson,2,item,1\n"
    for read in ways(tmp_path, text):
        assert "is of the kinds 'person' and 'item'" in refused(read)
    for read in ways(tmp_path, text.replace("item,1", "item,7")):
        assert read().m == 2


def test_one_line_of_pairs(tmp_path):
    for text in ("1,2 2,3 3,1\n", "(1,2) (2,3)\n"):
        assert "may hold one edge between blanks" in refused(
            dk.as_graph, inputs.write(tmp_path, text, "g.txt")
        )
    assert dk.as_graph(inputs.write(tmp_path, "1 2 3,5\n2 3 1,5\n", "g.txt")).total_weight == 5


@pytest.mark.parametrize("name", ["t", "step", "epoch"])
def test_steps_of_time_that_never_fall(tmp_path, name):
    path = inputs.write(tmp_path, f"{name},i,j\n20,1,2\n20,2,3\n40,1,3\n", "g.csv")
    assert f"the numbers in column '{name}' never fall" in refused(dk.as_graph, path)
    assert dk.as_graph(path, weight=name).total_weight == 80
    assert dk.as_graph(inputs.write(tmp_path, f"{name},i,j\n20,1,2\n5,2,3\n", "g.csv")).total_weight == 25


@pytest.mark.parametrize("name", ["osmid", "pmid", "since", "post_id", "wayId"])
def test_keys_are_no_weights(tmp_path, name):
    path = inputs.write(tmp_path, f"from,to,{name},length\na,b,55,5\nb,c,77,3\n", "g.csv")
    assert dk.as_graph(path).total_weight == 8
    assert dk.as_graph(path, weight=name).total_weight == 132
    G = nx.Graph([("a", "b", {name: 55}), ("b", "c", {name: 77})])
    assert dk.as_graph(G).total_weight == 2


@pytest.mark.parametrize(("one", "other"), [("forward", "backward"), ("in", "out"), ("->", "<-")])
def test_ways_of_arcs_in_a_column(tmp_path, one, other):
    text = f"source,target,weight,direction\nA,B,5,{one}\nC,A,3,{other}\nB,D,2,{one}\n"
    path = inputs.write(tmp_path, text, "g.csv")
    assert "may say which way each arc leads" in refused(dk.maxdicut, path)
    assert "may say which way each arc leads" in refused(dk.maxdicut, pd.read_csv(path))
    assert dk.as_graph(path).m == 3
    assert dk.maxdicut(inputs.write(tmp_path, text.replace(other, one), "g.csv")).value > 0


def test_numbers_beside_values_in_memory():
    values = list(nx.pagerank(nx.path_graph(4)).items())
    assert "a name and its value" in refused(dk.as_graph, values)
    assert dk.as_graph([(0, 1), (1, 2), (2, 0)]).m == 3
