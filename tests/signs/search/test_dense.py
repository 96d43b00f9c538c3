"""The search on rows of dense graphs: exact figures, the same for any run, and as good as what is published."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from derandkit.datasets.quadratic import palubeckis
from derandkit.graphs.graph import WeightedGraph
from derandkit.runtime.clock import Clock
from derandkit.signs import models
from derandkit.signs.search import dense
from derandkit.signs.search.dense import DenseTrajectory, suits_rows
from derandkit.signs.search.dense_kernels import cross, dense_anneal, dense_fields, dense_tabu
from derandkit.signs.search.search import SearchEffort, search_cut
from derandkit.signs.search.trajectory import LOG_UNIFORM, first_state


def complete(n, seed, low=-9, high=10):
    i, j = np.triu_indices(n, 1)
    w = np.random.default_rng(seed).integers(low, high, i.size).astype(float)
    return WeightedGraph.from_edges(i[w != 0], j[w != 0], w[w != 0], n=n)


@functools.cache
def large():
    return complete(dense.DENSE_VERTICES, 3)


def rows_of(graph):
    return DenseTrajectory(
        graph, np.ones(graph.n, dtype=np.int8), 1, Clock(), np.inf, number=0, report=None
    ).rows


def test_fields_and_cuts_stay_exact_through_both_kernels():
    graph = complete(40, 1)
    rows, stream = rows_of(graph), first_state(0)
    signs = np.where(np.arange(40) % 3 == 0, -1, 1).astype(np.int8)
    fields, free = np.empty(40, dtype=np.int32), np.empty(40, dtype=np.int32)
    dense_fields(rows, signs, fields)
    assert (fields == rows @ signs).all()
    start = graph.cut_value(signs)
    value, best = np.array([start, start]), signs.copy()
    flips = dense_anneal(rows, signs, fields, np.linspace(20.0, 1.0, 30), LOG_UNIFORM, stream, value, best)
    assert flips > 0
    assert value.tolist() == [graph.cut_value(signs), graph.cut_value(best)]
    annealed = int(value[1])
    done = dense_tabu(rows, signs, fields, 5, 100, 10_000, free, stream, value, best)
    assert done >= 100
    assert (fields == rows @ signs).all()
    assert value.tolist() == [graph.cut_value(signs), graph.cut_value(best)]
    assert value[1] >= annealed > start


def test_a_tabu_search_holds_every_vertex_that_it_flips():
    """With a tenure longer than the search no vertex comes back, unless that makes the best cut."""
    graph = complete(30, 4)
    rows = rows_of(graph)
    signs = np.ones(30, dtype=np.int8)
    fields, free = np.empty(30, dtype=np.int32), np.empty(30, dtype=np.int32)
    dense_fields(rows, signs, fields)
    value, best = np.array([0, 2**40]), signs.copy()
    assert dense_tabu(rows, signs, fields, 100, 1000, 30, free, first_state(0), value, best) == 30
    assert (signs == -1).all()


def test_a_tabu_search_takes_the_first_of_the_greatest_gains_that_it_may():
    """Its loop without branches does what the rule says, step by step."""
    graph = complete(25, 6, low=-2, high=3)
    rows, stream = rows_of(graph), first_state(3)
    signs = np.ones(25, dtype=np.int8)
    fields, free, best = np.empty(25, dtype=np.int32), np.empty(25, dtype=np.int32), signs.copy()
    dense_fields(rows, signs, fields)
    own, value, cut, most, until = signs.astype(int), np.array([0, 0]), 0, 0, np.zeros(25, dtype=int)
    random = stream.copy()
    for done in range(60):
        gains = own * (rows @ own)
        may = (until <= done) | (gains > most - cut)
        chosen = int(np.flatnonzero(may & (gains == gains[may].max()))[0]) if may.any() else done % 25
        cut += int(gains[chosen])
        own[chosen] *= -1
        x = int(random[0])
        for shift in (13, -7, 17):
            x ^= (x << shift if shift > 0 else x >> -shift) & (2**64 - 1)
        random[0] = x
        until[chosen] = done + 1 + 12 + ((x >> 20) & 15)
        most = max(most, cut)
    assert dense_tabu(rows, signs, fields, 12, 1000, 60, free, stream, value, best) == 60
    assert (signs == own).all()
    assert value.tolist() == [cut, most]
    assert stream[0] == random[0]


def test_a_child_has_what_its_parents_share():
    numbers = np.random.default_rng(2)
    one, other = (numbers.choice([-1, 1], 200).astype(np.int8) for _ in range(2))
    child = np.empty(200, dtype=np.int8)
    for second in (other, -other):
        cross(one, second, first_state(1), child)
        mirror = 1 if 2 * (one == second).sum() >= 200 else -1
        alike = one == mirror * second
        assert (child[alike] == one[alike]).all()
        assert 0 < (child[~alike] != one[~alike]).sum() < (~alike).sum()


def test_which_graphs_are_searched_by_rows():
    assert suits_rows(large())
    assert not suits_rows(complete(dense.DENSE_VERTICES - 1, 3))
    i, j, w = large().edges()
    assert not suits_rows(WeightedGraph.from_edges(i, j, w + 0.5))
    assert not suits_rows(WeightedGraph.from_edges(i, j, w * 2.0**28))
    assert not suits_rows(WeightedGraph.from_edges(i[::5], j[::5], w[::5], n=large().n))


@pytest.mark.parametrize("trajectories", [1, 2])
def test_the_same_work_gives_the_same_cut_and_never_a_lighter_one(trajectories):
    graph = large()
    start = np.ones(graph.n, dtype=np.int8)
    effort = SearchEffort(work=4_000_000 * trajectories, trajectories=trajectories)
    found = search_cut(graph, start, effort=effort)
    again = search_cut(graph, start, effort=effort)
    assert (found.signs == again.signs).all()
    assert graph.cut_value(found.signs) > graph.cut_value(start)
    kept = search_cut(graph, found.signs, effort=SearchEffort(work=1))
    assert graph.cut_value(kept.signs) >= graph.cut_value(found.signs)
    aim = float(graph.cut_value(found.signs)) / 2
    assert search_cut(graph, start, effort=SearchEffort(work=10**9, target=aim)).work < 10**8


def test_a_published_value_is_reached():
    """p3000.1: 3931583 is the best value as remembered from the literature; rule and search both reach it."""
    model = palubeckis(3000, 50, 31000)
    graph, inverse = models.as_graph(model)
    target = float((3931583 - inverse.constant) / inverse.factor)
    found = search_cut(graph, np.ones(graph.n, dtype=np.int8), effort=SearchEffort(work=10**9, target=target))
    assert model.value(inverse.solution(found.signs)) == 3931583
    assert found.work < 10**9
