"""What rounding takes off sums of parallel edges is said, so that no cut is called exact without it."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp

import derandkit as dk
from derandkit.graphs.graph import WeightedGraph

PAIR, TRIANGLE = [(0, 1), (1, 0)], [(1, 2), (0, 2)]


def multigraph(one: float, other: float) -> nx.MultiGraph:
    graph = nx.MultiGraph()
    graph.add_weighted_edges_from([(0, 1, one), (1, 0, other), (1, 2, 0.25), (0, 2, 1.5)])
    return graph


@pytest.mark.parametrize(
    ("one", "other", "lost"), [(5e14, -0.01, 0.01), (0.1, 0.7, 2.0**-54), (0.1, 0.1, 0), (2, 3, 0)]
)
def test_parallel_edges_of_a_list_a_multigraph_and_a_matrix(one, other, lost):
    ends = np.array(PAIR + TRIANGLE)
    weights = np.array([one, other, 0.25, 1.5])
    graph = WeightedGraph.from_edges(ends[:, 0], ends[:, 1], weights)
    assert graph.rounded == pytest.approx(lost, rel=0.1)
    for kind in (
        multigraph(one, other),
        [(*pair, w) for pair, w in zip(ends.tolist(), weights.tolist(), strict=True)],
    ):
        assert dk.as_graph(kind).rounded == graph.rounded
    rows, columns = np.append(ends[[0, 0, 2, 3]], ends[[0, 0, 2, 3]][:, ::-1], axis=0).T
    matrix = sp.coo_array((np.tile(weights, 2), (rows, columns)), shape=(3, 3))
    assert dk.as_graph(matrix).rounded == graph.rounded


@pytest.mark.parametrize(("how", "share"), [("sum", 1.0), ("mean", 0.5), ("max", 0.0)])
def test_two_directions(how, share):
    matrix = np.array([[0, 5e14], [-0.01, 0]])
    assert dk.as_graph(matrix, symmetrize=how).rounded == pytest.approx(share * 0.01, rel=0.1)
    assert dk.as_graph(matrix + matrix.T, symmetrize=how).rounded == 0
    arcs = WeightedGraph.from_edges([0, 1], [1, 0], [5e14, -0.01], symmetrize=how)
    assert arcs.rounded == pytest.approx(share * 0.01, rel=0.1)


def test_a_record_and_its_table_say_so():
    graph = dk.as_graph(multigraph(0.1, 0.7))
    result = dk.maxcut(graph)
    assert "(exact for rounded sums, proven optimal)" in str(result)
    record = json.loads(result.to_json())
    assert record["graph"]["reading"].endswith("value and bound are those of the rounded sums")
    assert dk.verify(record, graph).ok
    assert "exact for rounded sums" in str(type(result).from_json(result.to_json()))
    assert "(exact, proven optimal)" in str(dk.maxcut(multigraph(0.1, 0.1)))
    fixed = dk.maxcut(graph, fixed={0: 0})
    assert "exact for rounded sums" in str(fixed)
    assert dk.verify(json.loads(fixed.to_json()), graph).ok
    assert graph.unweighted().rounded == 0


@pytest.mark.parametrize("directed", [True, False])
def test_arcs_and_signed_edges(directed):
    edges = [("a", "b", 0.1), ("a", "b", 0.7), ("b", "c", 0.25), ("a", "c", 0.5)]
    signed = dk.as_graph([("a", "b", 0.1), ("b", "a", 0.7), ("b", "c", -0.25)], symmetrize="sum")
    problem = dk.Arcs.from_arcs(edges) if directed else dk.SignedGraph(signed)
    result = dk.optimize(problem)
    assert "exact for rounded sums" in str(result)
    assert dk.verify(json.loads(result.to_json()), problem).ok


def test_an_ising_model_of_a_multigraph():
    for couplings in (multigraph(5e14, -0.01), dk.as_graph(multigraph(5e14, -0.01))):
        model = dk.QuadraticModel.from_ising({0: 0.5}, couplings)
        assert (
            str(model.reading)
            == "sums are rounded, by 0.01 in all; value and bound are those of the rounded sums"
        )
        assert "exact for rounded sums" in str(dk.optimize(model))
    assert dk.QuadraticModel.from_ising({0: 0.5}, multigraph(0.1, 0.1)).reading is None


def test_a_file(tmp_path, capsys):
    from derandkit.cli.common import graph_and_notes

    file = tmp_path / "e.edges"
    file.write_text("1 2 500000000000000\n1 2 -0.01\n2 3 0.25\n1 3 1.5\n")
    graph, notes = graph_and_notes(str(file))
    assert graph.rounded == pytest.approx(0.01)
    assert any(note.startswith("sums are rounded, by 0.01 in all; ") for note in notes)
