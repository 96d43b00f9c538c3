"""Graphs without a K5 minor are solved: the cut that the relaxation leads to meets the bound."""

import networkx as nx
import pytest
from benchmarks.planar import FAMILIES, delaunay, integer_weights
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import brute_force_maxcut, exact_cut

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import largest_possible_cut, proven_bound
from derandkit.signs.proofs.cycles.bound import cycle_bound


def proven(graph):
    """Solve a graph without a cut to start from; return the optimum that a cut and a checked proof agree on."""
    bound = cycle_bound(graph)
    exact = ExactGraph.from_graph(graph)
    assert proven_bound(exact.copy(), bound.proof) == bound.exact
    cut = exact_cut(graph, bound.signs)
    assert largest_possible_cut(exact, bound.exact) == cut, bound.reason
    return cut


def as_networkx(graph):
    i, j, _ = graph.edges()
    out = nx.Graph(zip(i.tolist(), j.tolist(), strict=True))
    out.add_nodes_from(range(graph.n))
    return out


@settings(max_examples=60)
@given(st.sampled_from(sorted(FAMILIES)), st.integers(4, 15), st.integers(0, 10**6))
def test_small_graphs_of_every_family_are_solved(family, n, seed):
    graph = FAMILIES[family](n, seed)
    assert proven(graph) == brute_force_maxcut(graph)[0]


@pytest.mark.parametrize("seed", range(3))
def test_families_are_what_their_names_say(seed):
    graphs = {name: as_networkx(build(60, seed)) for name, build in FAMILIES.items()}
    assert all(nx.check_planarity(graph)[0] for graph in graphs.values())
    assert graphs["stacked triangulation"].number_of_edges() == 3 * 60 - 6
    apex = graphs["outer-planar"].copy()
    apex.add_edges_from((60, v) for v in range(60))
    assert nx.check_planarity(apex)[0]
    width, _ = nx.approximation.treewidth_min_degree(graphs["series-parallel"])
    assert width <= 2
    blocks = nx.biconnected_components(graphs["cactus"])
    assert all(graphs["cactus"].subgraph(block).number_of_edges() <= len(block) for block in blocks)


@pytest.mark.parametrize("family", sorted(FAMILIES))
@pytest.mark.parametrize("seed", [1, 2])
def test_larger_graphs_of_every_family_are_proven(family, seed):
    assert proven(FAMILIES[family](300, seed)) > 0


@pytest.mark.parametrize("seed", range(4))
def test_triangulations_with_many_optima_are_proven(seed):
    graph = delaunay(300, seed)
    # each of the m - n + 1 triangles has an edge inside a side, and an edge is in two triangles at most
    assert proven(graph) <= graph.m - (graph.m - graph.n + 1) / 2


def test_triangulations_with_weights_of_both_signs_are_proven():
    assert proven(integer_weights(delaunay(400), -1000, 1000, 5)) > 0


def test_looking_for_a_corner_changes_neither_bound_nor_fractions():
    graph = delaunay(200, 1)
    rounds = []
    whole = cycle_bound(graph, on_progress=rounds.append)
    bounds = [progress.bound for progress in rounds]
    assert [progress.step for progress in rounds] == list(range(1, len(rounds) + 1))
    assert whole.rounds == len(rounds)
    assert bounds == sorted(bounds, reverse=True)
    stopped = cycle_bound(graph, max_rounds=whole.rounds - 1)
    assert graph.cut_value(stopped.signs) < graph.cut_value(whole.signs)
    assert stopped.exact == whole.exact
    assert (stopped.fractional == whole.fractional).all()
