"""Files with arcs and undirected edges: no direction is lost, and an undirected edge keeps its weight."""

import io

import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.graphs.files import read_graph
from derandkit.models.arcs import read_arcs

PAJEK = "*Vertices 3\n*Arcs\n1 2 4\n*Edges\n2 3 5\n"


def weights(graph):
    return {(graph.labels[i], graph.labels[j]): w for i, j, w in zip(*graph.edges(), strict=True)}


def arcs_of(text):
    arcs = read_arcs(io.StringIO(text))
    ends = ([arcs.labels[v] for v in side] for side in (arcs.tails, arcs.heads))
    return set(zip(*ends, arcs.weights.tolist(), strict=True))


def test_pajek_with_arcs_and_edges_is_refused_where_a_cut_needs_one_weight():
    with pytest.raises(InputError, match=r"1 of 2 edges is directed.*--symmetrize sum"):
        read_graph(io.StringIO(PAJEK))
    for how, arc in (("sum", 4), ("mean", 2), ("max", 4)):
        graph = read_graph(io.StringIO(PAJEK), symmetrize=how)
        assert weights(graph) == {(1, 2): arc, (2, 3): 5}
        assert "1 edge is undirected and keeps its weight" in graph.reading.remarks
        assert f"the weight of an edge is the {how} of both directions" in graph.reading.remarks
    alike = read_graph(io.StringIO(PAJEK), symmetrize="max", weight=None)
    assert weights(alike) == {(1, 2): 1, (2, 3): 1}


def test_an_undirected_edge_of_pajek_is_two_arcs_of_a_directed_cut():
    assert arcs_of(PAJEK) == {(1, 2, 4), (2, 3, 5), (3, 2, 5)}
    assert dk.optimize(read_arcs(io.StringIO(PAJEK))).value == 9
    lists = "*Vertices 4\n*Arcslist\n1 2 3\n*Edgeslist\n4 1\n"
    assert arcs_of(lists) == {(1, 2, 1), (1, 3, 1), (4, 1, 1), (1, 4, 1)}


def test_pajek_with_edges_alone_has_no_directions_to_combine():
    text = "*Vertices 3\n*Arcs\n*Edges\n1 2 4\n2 3 5\n"
    for how in (None, "sum", "mean", "max"):
        assert weights(read_graph(io.StringIO(text), symmetrize=how)) == {(1, 2): 4, (2, 3): 5}
    with pytest.raises(InputError, match="the graph is undirected"):
        read_arcs(io.StringIO(text))


GEPHI = "Source,Target,Type,Weight\n1,2,Directed,3\n2,3,Undirected,4\n"


def test_the_column_type_of_gephi_says_which_edges_are_directed():
    assert arcs_of(GEPHI) == {(1, 2, 3), (2, 3, 4), (3, 2, 4)}
    assert dk.optimize(read_arcs(io.StringIO(GEPHI))).value == 7
    with pytest.raises(InputError, match="1 of 2 edges is directed"):
        read_graph(io.StringIO(GEPHI))
    graph = read_graph(io.StringIO(GEPHI), symmetrize="mean")
    assert weights(graph) == {(1, 2): 1.5, (2, 3): 4}
    assert not any("not used" in remark for remark in graph.reading.remarks)
    frame = pd.read_csv(io.StringIO(GEPHI))
    assert dk.as_graph(frame, symmetrize="mean").digest == graph.digest
    assert dk.maxdicut(frame).value == 7


def test_a_column_type_that_says_undirected_is_no_list_of_arcs():
    text = GEPHI.replace("Directed", "Undirected").replace("UnUn", "Un")
    for read in (lambda: read_arcs(io.StringIO(text)), lambda: dk.maxdicut(pd.read_csv(io.StringIO(text)))):
        with pytest.raises(InputError, match="the graph is undirected"):
            read()
    assert weights(read_graph(io.StringIO(text), symmetrize="mean")) == {(1, 2): 3, (2, 3): 4}
    with pytest.raises(InputError, match="says 'road' of an edge"):
        read_graph(io.StringIO(GEPHI.replace("Undirected", "road")))
