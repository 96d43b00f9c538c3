"""Weights of one pair that add up: exactly, to the nearest float64, or refused where units would be lost."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import scipy.sparse

import derandkit as dk
from derandkit.signs.contraction import grouped_graph
from derandkit.signs.search.search import SearchEffort, search_cut

LOST = [(1e16, 0.9), (1e16, 1.0), (2.0**52, 0.25), (1e16, 0.5, 0.25), (9007199254740992.0, 2.0, 1.0)]


@pytest.mark.parametrize("terms", LOST)
@pytest.mark.parametrize("other", [0.5, 3.0])
def test_a_sum_that_loses_units_is_refused_whatever_the_other_edges_weigh(terms, other, tmp_path):
    edges = [("a", "b", w) for w in terms] + [("b", "c", other)]
    with pytest.raises(dk.InputError, match=r"of 'a' and 'b' add up; give one weight.*not exact in float64"):
        dk.as_graph(edges)
    file = tmp_path / "graph.txt"
    file.write_text("".join(f"{v} {u} {w!r}\n" for u, v, w in edges))
    with pytest.raises(dk.InputError, match="of 'a' and 'b' add up"):
        dk.as_graph(str(file))
    with pytest.raises(dk.InputError, match="of 'a' and 'b' add up"):
        dk.Arcs.from_arcs(edges)


def test_sums_below_are_rounded_as_decimals_are_and_exact_ones_stay():
    graph = dk.as_graph(
        [
            ("a", "b", 0.1),
            ("a", "b", 0.2),
            ("b", "c", 1e16),
            ("b", "c", 0.9),
            ("b", "c", -1e16),
            ("c", "d", 1e16),
        ]
    )
    assert graph.edges()[2].tolist() == [0.1 + 0.2, 0.9, 1e16]


@pytest.mark.parametrize("how", ["sum", "mean"])
def test_two_directions_of_an_edge_lose_no_units(how):
    digraph = nx.DiGraph()
    digraph.add_weighted_edges_from([("a", "b", 2.0e16), ("b", "a", 1.1), ("b", "c", 0.5)])
    with pytest.raises(
        dk.InputError, match=rf"weigh 2e\+16 and 1.1; give one weight.*their {how} is not exact"
    ):
        dk.as_graph(digraph, symmetrize=how)
    entries = scipy.sparse.coo_array(([2.0e16, 1.0, 0.5], ([0, 1, 1], [1, 0, 2])), shape=(3, 3))
    with pytest.raises(dk.InputError, match=f"their {how} is not exact"):
        dk.as_graph(entries, symmetrize=how)
    digraph.add_edge("b", "a", weight=4.0)
    assert dk.as_graph(digraph, symmetrize=how).edges()[2][0] == 20000000000000004.0 * (
        1 if how == "sum" else 0.5
    )


def test_the_mean_of_two_equal_weights_is_that_weight_down_to_the_least_double():
    least = 5e-324
    i, j = [0, 1], [1, 0]
    assert dk.WeightedGraph.from_edges(i, j, [least, least], symmetrize="mean").edges()[2].tolist() == [least]
    with pytest.raises(dk.InputError, match="their mean is not exact"):
        dk.WeightedGraph.from_edges(i, j, [least, 2 * least], symmetrize="mean")


def test_mirrored_entries_that_differ_by_rounding_are_still_averaged():
    A = np.array([[0, 1e16, 0], [1e16 + 2, 0, 0.5], [0, 0.5, 0]])
    assert dk.as_graph(A).edges()[2].tolist() == [1e16, 0.5]


def test_a_search_that_contracts_a_graph_of_large_integers_does_not_refuse_it():
    draw = np.random.default_rng(1)
    i, j = np.triu_indices(100, 1)
    w = draw.integers(2**52, 2**53, i.size) * draw.choice([-1, 1], i.size)
    graph = dk.WeightedGraph.from_edges(i, j, w, n=100)
    start = np.ones(100, dtype=np.int8)
    assert graph.cut_value(search_cut(graph, start, effort=SearchEffort(work=3_000_000)).signs) > 2**60


def test_a_graph_of_groups_has_rounded_sums():
    graph = grouped_graph(np.array([0, 1, 1]), np.array([1, 0, 2]), np.array([1e16, 1.0, 3.0]), 3)
    assert graph.edges()[2].tolist() == [1e16, 3.0]
