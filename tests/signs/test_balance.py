"""Balanced graphs are recognised whatever their signs were turned by, and only they."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import REALS, SMALL_INTEGERS, WIDE, graphs, random_graph
from tests.oracles import brute_force_maxcut, exact_cut

import derandkit
from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.balanced import balanced_sides, settled_by_sides


def turned(graph, sides, *, positive_between):
    """The graph with the signs of its weights such that exactly the edges between the sides are (not) positive."""
    i, j, w = graph.edges()
    between = np.asarray(sides)[i] != np.asarray(sides)[j]
    return WeightedGraph.from_edges(i, j, np.where(between == positive_between, 1, -1) * np.abs(w), n=graph.n)


@st.composite
def balanced(draw, weights=None):
    graph = draw(graphs(weights=weights))
    sides = draw(st.lists(st.sampled_from([-1, 1]), min_size=graph.n, max_size=graph.n))
    return turned(graph, sides, positive_between=True)


@settings(deadline=None)
@given(balanced())
def test_whatever_arises_by_turning_vertices_over_is_recognised(graph):
    i, j, w = graph.edges()
    signs = balanced_sides(graph)
    assert set(signs.tolist()) <= {-1, 1}
    assert signs[0] == 1
    assert ((signs[i] != signs[j]) == (w > 0))[w != 0].all()


@settings(deadline=None)
@given(graphs(max_n=8))
def test_it_is_balanced_exactly_if_some_cut_is_every_positive_edge(graph):
    positive = exact_positive(graph)
    assert (balanced_sides(graph) is not None) == (brute_force_maxcut(graph)[0] == positive)


def exact_positive(graph):
    """The positive weights in exact arithmetic: what a cut of each pair apart would weigh."""
    _i, _j, w = graph.edges()
    star = WeightedGraph.from_edges(np.zeros(w.size, dtype=int), np.arange(1, w.size + 1), w, n=w.size + 1)
    return exact_cut(star, np.concatenate([[1], np.where(w > 0, -1, 1)]))


@pytest.mark.parametrize("search", [None, "quick"])
@settings(deadline=None, max_examples=40)
@given(graph=balanced(weights=SMALL_INTEGERS))
def test_whole_weights_are_proven_optimal(graph, search):
    result = derandkit.maxcut(graph, search=search)
    assert result.proven_optimal
    assert result.cut_value == graph.positive_weight == brute_force_maxcut(graph)[0]
    assert result.relaxation["method"] == "balanced"
    assert result.search is None
    assert derandkit.verify(result, graph).ok


@settings(deadline=None, max_examples=40)
@given(graph=balanced(weights=st.one_of(REALS, WIDE)))
def test_real_weights_are_optimal_up_to_the_rounding_of_the_bound(graph):
    result = derandkit.maxcut(graph)
    assert exact_cut(graph, result.signs) == brute_force_maxcut(graph)[0]
    assert result.upper_bound <= result.cut_value + 1e-12 * np.abs(graph.weights).sum()
    assert result.bound_status == "certified"
    assert derandkit.verify(result, graph).ok


@pytest.mark.parametrize("weights", ["ones", "reals"])
def test_one_edge_too_many_is_noticed(weights):
    graph = turned(random_graph(200, 0.05, weights=weights), [1, -1] * 100, positive_between=True)
    assert balanced_sides(graph) is not None
    i, j, w = graph.edges()
    w = w.copy()
    w[i.size // 2] *= -1
    assert balanced_sides(WeightedGraph.from_edges(i, j, w, n=200)) is None


def test_the_relaxation_stands_as_if_computed():
    graph = WeightedGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 0], [1, -2, 3, -4])
    relaxed, path = settled_by_sides(graph, balanced_sides(graph))
    assert relaxed.value == relaxed.bound.value == path.start_expectation == path.final_expectation == 4.0
    assert relaxed.rank == 1
    assert relaxed.duality_gap_reached
    assert relaxed.bound.certified


def test_options_are_checked_all_the_same():
    graph = WeightedGraph.from_edges(range(300), range(1, 301))
    for options in ({"relaxation": "cvxpy"}, {"relaxation": "no"}, {"duality_gap": 0.0}, {"method": "no"}):
        with pytest.raises(InputError):
            derandkit.maxcut(graph, **options)
