"""The search among cuts that agree with a relaxation where it is settled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import graphs
from tests.oracles import brute_force_maxcut

from derandkit.datasets import family, gset
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.proofs.cycles.bound import cycle_bound
from derandkit.signs.proofs.strategy import odd_cycle_bound
from derandkit.signs.search.guided import guided_cut, guided_effort, settled_groups
from derandkit.signs.search.search import SearchEffort

FEW = SearchEffort(work=20_000)


@settings(deadline=None)
@given(graphs(), st.integers(0, 2**32 - 1))
def test_never_lighter_whatever_the_fractions_say(graph, seed):
    rng = np.random.default_rng(seed)
    fractional = rng.choice([0.0, 0.005, 0.5, 0.995, 1.0], graph.m)
    signs = rng.choice(np.array([-1, 1], dtype=np.int8), graph.n)
    before = signs.copy()
    found = guided_cut(graph, signs, fractional, effort=FEW)
    assert graph.cut_value(found.signs) >= graph.cut_value(signs)
    np.testing.assert_array_equal(signs, before)
    again = guided_cut(graph, signs, fractional, effort=FEW)
    np.testing.assert_array_equal(found.signs, again.signs)


@settings(deadline=None)
@given(graphs(), st.integers(0, 2**32 - 1))
def test_groups_follow_the_settled_edges(graph, seed):
    fractional = np.random.default_rng(seed).choice([0.0, 0.3, 1.0], graph.m, p=[0.3, 0.5, 0.2])
    group, side = settled_groups(graph, fractional)
    assert set(group.tolist()) == set(range(int(group.max()) + 1))
    i, j, _ = graph.edges()
    for a, b, x in zip(i, j, fractional, strict=True):
        if group[a] == group[b] and x != 0.3:
            assert side[a] * side[b] == (1 if x == 0.0 else -1)
        elif x != 0.3:  # only a contradiction sets the ends of a settled edge apart, and it leaves both alone
            assert (group == group[a]).sum() == 1
            assert (group == group[b]).sum() == 1


@settings(deadline=None)
@given(graphs())
def test_a_settled_optimum_is_taken(graph):
    best, signs = brute_force_maxcut(graph)
    i, j, _ = graph.edges()
    fractional = (signs[i] != signs[j]).astype(float)
    found = guided_cut(graph, np.ones(graph.n, dtype=np.int8), fractional, effort=SearchEffort(work=1000))
    slack = 1e-12 * np.abs(graph.weights).sum()
    assert graph.cut_value(found.signs) == pytest.approx(float(best), abs=slack)


def test_it_closes_what_the_same_work_on_the_whole_graph_does_not():
    torus = gset("G32")
    start = np.ones(torus.n, dtype=np.int8)
    cycles = cycle_bound(torus, signs=start, max_rounds=10)
    found = guided_cut(torus, start, cycles.fractional, effort=SearchEffort(work=50_000_000))
    assert torus.cut_value(found.signs) == 1410
    assert cycles.signs is not None
    assert torus.cut_value(cycles.signs) < 1410


def test_the_bound_brings_the_better_cut_along():
    torus = family("torus", 900, seed=1)
    start = np.ones(torus.n, dtype=np.int8)
    plain = cycle_bound(torus, signs=start)
    guided = odd_cycle_bound(torus, start)
    assert guided.exact == plain.exact
    assert torus.cut_value(guided.signs) >= torus.cut_value(plain.signs)


def test_effort():
    assert guided_effort(None).work == 20_000_000
    shared = guided_effort(SearchEffort(work=5, trajectories=2, time_limit=3.0, target=7.0))
    assert shared == SearchEffort(work=1, trajectories=2, time_limit=0.3)


def test_a_graph_without_edges():
    found = guided_cut(WeightedGraph.from_edges([], [], n=3), np.ones(3, dtype=np.int8), np.empty(0))
    assert found.signs.tolist() == [1, 1, 1]
