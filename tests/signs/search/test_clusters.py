"""The search by clusters: exact sums of couplings, gains that are what the cut gains, and the chains of Biq Mac."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.legs import thinned

from derandkit.datasets import biqmac, biqmac_instance, biqmac_names, rudy
from derandkit.runtime.clock import Clock
from derandkit.signs.search.cluster_kernels import coarsen, contract_rows, settle_clusters, turn_clusters
from derandkit.signs.search.clusters import ClusterTrajectory, suits_clusters
from derandkit.signs.search.search import SearchEffort, SearchRun, search_cut
from derandkit.signs.search.trajectory import first_state


def couplings(n, seed):
    """Return a symmetric matrix of integers without a diagonal."""
    numbers = np.random.default_rng(seed).integers(-9, 10, (n, n)).astype(float)
    rows = np.triu(numbers, 1)
    return rows + rows.T


def energy(rows, turns):
    return float(turns @ rows @ turns) / 2


def trajectory(graph, work, number=0, target=math.inf):
    start = np.ones(graph.n, dtype=np.int8)
    path = ClusterTrajectory(graph, start, work, Clock(), target, number=number, report=None)
    path.run()
    return path


@settings(max_examples=20)
@given(st.integers(3, 24), st.integers(0, 10**6))
def test_clusters_are_pairs_along_positive_couplings_whose_sums_are_exact(n, seed):
    rows = couplings(n, seed)
    order, labels = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    count = coarsen(rows, 0.5, order, labels, first_state(seed))
    assert sorted(set(labels.tolist())) == list(range(count))
    members = [np.flatnonzero(labels == c) for c in range(count)]
    assert all(pair.size == 1 or (pair.size == 2 and rows[pair[0], pair[1]] > 0) for pair in members)
    alone = [int(pair[0]) for pair in members if pair.size == 1]
    assert all(rows[i, j] <= 0 for i in alone for j in alone if i != j)
    small = np.empty((count, count))
    contract_rows(rows, labels, small)
    expected = [[rows[np.ix_(a, b)].sum() if a is not b else 0.0 for b in members] for a in members]
    assert small.tolist() == np.array(expected).tolist()


@settings(max_examples=20)
@given(st.integers(3, 24), st.integers(0, 10**6))
def test_what_turns_gain_is_what_the_couplings_say_and_no_single_turn_gains_more(n, seed):
    rows = couplings(n, seed)
    before = np.random.default_rng(seed).choice([-1.0, 1.0], n)
    turned, held = before.copy(), np.empty(n, dtype=np.int64)
    gain, steps = turn_clusters(rows, turned, np.empty(n), held, np.empty(n), n + 1, 1e-9, first_state(seed))
    assert gain == energy(rows, turned) - energy(rows, before)
    assert steps > n
    assert (turned * (rows @ turned) >= 0).all()


@settings(max_examples=10)
@given(st.integers(20, 40), st.integers(0, 10**6))
def test_cycles_never_make_a_cut_lighter_and_count_what_they_gain(n, seed):
    rows = couplings(n, seed)
    signs = np.random.default_rng(seed).choice([-1, 1], n).astype(np.int8)
    before, counts = energy(rows, signs), np.zeros(2, dtype=np.int64)
    room = (
        np.empty(6 * n * n),
        np.empty(8 * n + 64, dtype=np.int64),
        np.empty((3, n)),
        np.empty(n, dtype=np.int64),
    )
    gain = settle_clusters(rows, signs, 10**6, math.inf, 5, 4, 0.5, 1e-9, *room, first_state(seed), counts)
    assert gain == energy(rows, signs) - before >= 0
    assert counts[1] == 5 or counts[0] >= 10**6


def test_which_graphs_have_strong_edges():
    graph = biqmac("ising3.0-300_5555")  # its weights are integers, and rows would suit it as well
    run = SearchRun(graph, np.ones(graph.n, dtype=np.int8), SearchEffort(), Clock(), print)
    assert isinstance(run.paths[0], ClusterTrajectory)
    assert all(suits_clusters(biqmac(name)) for name in biqmac_names("ising2.5") + biqmac_names("ising3.0"))
    dense = ("g05_60", "pm1d_80", "pw05_100", "pw09_100", "w05_100", "w09_100", "t2g", "t3g")
    assert not any(suits_clusters(biqmac(biqmac_names(family)[0])) for family in dense)


@pytest.mark.parametrize("name", ["ising2.5-100_7777", "ising3.0-100_6666"])
def test_the_least_cut_of_a_chain_is_found_from_one_side_by_a_little_work(name):
    case = biqmac_instance(name)
    found = search_cut(biqmac(name), np.ones(case.n, dtype=np.int8), effort=SearchEffort(work=2_000_000))
    assert biqmac(name).cut_value(found.signs) == case.best_known


@pytest.mark.slow
@pytest.mark.parametrize("name", thinned(biqmac_names("ising2.5") + biqmac_names("ising3.0"), 1))
def test_every_chain_is_solved(name):
    case = biqmac_instance(name)
    effort = SearchEffort(work=330_000_000, target=case.best_known)
    found = search_cut(biqmac(name), np.ones(case.n, dtype=np.int8), effort=effort)
    assert biqmac(name).cut_value(found.signs) == case.best_known


def test_equal_work_gives_equal_cuts_in_one_part_or_many():
    graph = rudy("-chain 60 2.5 12")
    whole, again = trajectory(graph, 400_000), trajectory(graph, 400_000)
    assert (whole.best == again.best).all()
    assert (whole.work, whole.runs) == (again.work, again.runs)
    start = np.ones(graph.n, dtype=np.int8)
    parts = ClusterTrajectory(graph, start, 400_000, Clock(), math.inf, number=0, report=None)
    for limit in (100_000, 250_000, math.inf):
        parts.run(limit)
    assert (parts.best == whole.best).all()
    assert parts.work == whole.work


def test_a_target_a_limit_and_another_cut_are_obeyed():
    graph = biqmac("ising2.5-100_5555")
    easy = trajectory(graph, 10**9, target=2_000_000)
    assert easy.value >= 2_000_000
    assert easy.work < 10**6
    short = trajectory(graph, 1000)
    assert 1000 <= short.work < 10_000
    best = trajectory(graph, 2_000_000).best
    short.take_over(best)
    assert short.value == graph.cut_value(best)


def test_a_pool_without_new_cuts_is_given_up_but_for_the_best():
    graph = rudy("-chain 30 3.0 5")
    path = trajectory(graph, 3_000_000)
    assert path.runs > 3 * 11  # scattered cuts fill the pool more than three times
    values = [path.value] + [trajectory(graph, 300_000, number=k).value for k in (1, 2)]
    assert max(values) == path.value
