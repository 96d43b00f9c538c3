"""Adjacency lists of digraphs, as networkx writes them: two directions are never added up without a word."""

import io

import networkx as nx
import pytest

from derandkit.errors import InputError
from derandkit.graphs.files import read_graph

D = nx.DiGraph([("a", "b", {"weight": 2}), ("b", "a", {"weight": 3}), ("b", "c", {"weight": 4})])


def read(write, graph, **options):
    file = io.BytesIO()
    write(graph, file)
    return read_graph(io.StringIO(file.getvalue().decode()), **options)


def test_a_multiline_list_of_a_digraph_asks_what_an_edge_weighs():
    with pytest.raises(InputError, match=r"edge \('a', 'b'\) is listed in both directions"):
        read(nx.write_multiline_adjlist, D)
    for how, total in (("sum", 9), ("max", 7), ("mean", 4.5)):
        graph = read(nx.write_multiline_adjlist, D, symmetrize=how)
        assert graph.total_weight == total
        assert graph.reading.remarks == (f"the weight of an edge is the {how} of both directions",)


def test_a_multiline_list_of_a_graph_is_read_as_it_is():
    G = nx.Graph(D.to_undirected().edges)
    assert read(nx.write_multiline_adjlist, G).m == 2
    M = nx.MultiGraph([("a", "b", {"weight": 2}), ("b", "a", {"weight": 3})])  # listed below one of its ends
    assert read(nx.write_multiline_adjlist, M).total_weight == 5


def test_the_option_decides_in_adjacency_lists():
    assert read(nx.write_adjlist, D).total_weight == 2
    for how, total in (("sum", 3), ("max", 2), ("mean", 1.5)):
        assert read(nx.write_adjlist, D, symmetrize=how).total_weight == total
