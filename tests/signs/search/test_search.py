"""The search stage: never worse than its start, reproducible, optimal where that can be checked."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import graphs
from tests.oracles import brute_force_maxcut

from derandkit.cuts.solve import maxcut
from derandkit.datasets import family, gset
from derandkit.errors import InputError
from derandkit.runtime.cluster import QUIETLY
from derandkit.signs.search import search, trajectory
from derandkit.signs.search.annealing_kernels import anneal, flip_gains, recombine
from derandkit.signs.search.search import SearchEffort, search_cut
from derandkit.signs.search.trajectory import _fitting
from derandkit.verification import verify


@settings(deadline=None, max_examples=80)
@given(graphs(max_n=9))
def test_small_graphs_are_cut_optimally(graph):
    best, _ = brute_force_maxcut(graph)
    found = search_cut(graph, np.ones(graph.n, dtype=np.int8), effort=SearchEffort(work=60_000))
    slack = 1e-12 * np.abs(graph.weights).sum()
    assert abs(graph.cut_value(found.signs) - best) <= slack
    assert found.signs[0] == 1


@settings(deadline=None, max_examples=80)
@given(graphs(max_n=9), st.data())
def test_recombination_takes_the_best_of_every_piece(graph, data):
    sides = st.lists(st.sampled_from([-1, 1]), min_size=graph.n, max_size=graph.n)
    base, other = (np.array(data.draw(sides), dtype=np.int8) for _ in range(2))
    before = graph.cut_value(base), graph.cut_value(other)
    merged = base.copy()
    gained = recombine(
        graph.indptr,
        graph.indices,
        graph.weights,
        merged,
        other,
        np.empty(graph.n, np.int8),
        np.empty(graph.n, np.int32),
    )
    slack = 1e-9 * (1e-300 + np.abs(graph.weights).sum())
    assert gained >= 0
    assert abs(graph.cut_value(merged) - before[0] - gained) <= slack
    assert graph.cut_value(merged) >= max(before) - slack


def test_annealing_keeps_its_books():
    graph = family("random", 60, degree=6, seed=1)
    arcs = (graph.indptr, graph.indices, graph.weights)
    signs = np.ones(graph.n, dtype=np.int8)
    gains, best, value = np.empty(graph.n), signs.copy(), np.array([0.0, 0.0])
    flip_gains(*arcs, signs, gains)
    logs = np.log((np.arange(64) + 0.5) / 64)
    anneal(*arcs, signs, gains, np.linspace(2.0, 0.1, 40), logs, np.array([7], dtype=np.uint64), value, best)
    assert value.tolist() == [graph.cut_value(signs), graph.cut_value(best)]
    expected = np.empty(graph.n)
    flip_gains(*arcs, signs, expected)
    assert np.array_equal(gains, expected)


def test_the_same_effort_gives_the_same_cut():
    graph = gset("G43")
    start = np.ones(graph.n, dtype=np.int8)
    effort = SearchEffort(work=3_000_000, trajectories=2)
    first, second = (search_cut(graph, start, effort=effort) for _ in range(2))
    assert np.array_equal(first.signs, second.signs)
    assert graph.cut_value(first.signs) >= 6500


def test_known_optimum_and_target():
    """G11: 564 is the best known value, proven optimal by the odd-cycle bound."""
    graph = gset("G11")
    found = search_cut(
        graph, np.ones(graph.n, dtype=np.int8), effort=SearchEffort(work=100_000_000, target=564)
    )
    assert graph.cut_value(found.signs) == 564
    assert found.work < 100_000_000


@pytest.mark.parametrize("fewest", [trajectory.FEWEST, 10**12])
def test_interrupts_keep_the_best_cut(monkeypatch, fewest):
    """Even in the first run, and with or without populations: what it has found so far is settled and compared."""
    monkeypatch.setattr(trajectory, "FEWEST", fewest)
    graph = gset("G14")
    calls = []

    def stop(progress):
        calls.append(progress.value)
        if len(calls) == 3:
            raise KeyboardInterrupt

    found = search_cut(
        graph,
        np.ones(graph.n, dtype=np.int8),
        effort=SearchEffort(work=10**9),
        on_progress=stop,
        on_interrupt="return",
    )
    assert found.interrupted
    assert len(calls) == 3
    assert graph.cut_value(found.signs) > 2850


@pytest.mark.parametrize(
    "make",
    [lambda: SearchEffort(work=0), lambda: SearchEffort(time_limit=-1.0), lambda: SearchEffort.of("heroic")],
)
def test_bad_efforts_are_refused(make):
    with pytest.raises(InputError):
        make()


def test_maxcut_searches_on_from_the_derandomized_cut():
    graph = gset("G27")
    plain = maxcut(graph, search=None)
    searched = maxcut(graph, search=SearchEffort(work=40_000_000))
    assert searched.cut_value > plain.cut_value
    assert searched.cut_value > searched.chain["derandomized_cut"] == plain.cut_value
    assert verify(searched, graph).ok


def test_without_a_time_limit_no_clock_is_read(monkeypatch):
    def forbidden():
        raise AssertionError("the clock was read")

    monkeypatch.setattr("derandkit.runtime.clock.time.monotonic", forbidden)
    graph = gset("G11")
    search_cut(graph, np.ones(graph.n, dtype=np.int8), effort=SearchEffort(work=1_000_000))


@pytest.mark.parametrize("fewest", [trajectory.FEWEST, 10**12])
def test_a_run_ends_cold_however_slow_the_machine(monkeypatch, fewest):
    """With and without populations; the clock counts how often it is looked at, so no machine is too slow."""
    looks = itertools.count()
    monkeypatch.setattr("derandkit.runtime.clock.time", SimpleNamespace(monotonic=lambda: 0.01 * next(looks)))
    torus = gset("G34")
    start = np.ones(torus.n, dtype=np.int8)
    search_cut(torus, start, effort=SearchEffort(work=1))  # compiled
    monkeypatch.setattr(search, "PACE", 10**10)
    monkeypatch.setattr(trajectory, "LONGEST", 1000)
    monkeypatch.setattr(trajectory, "FEWEST", fewest)
    found = search_cut(torus, start, effort=SearchEffort(work=2**62, time_limit=1.5))
    assert torus.cut_value(found.signs) > 1250


def test_temperatures_that_are_left_out_leave_the_last():
    cooling = np.linspace(2.0, 0.0, 1001)
    np.testing.assert_array_equal(_fitting(cooling, 10, 1.0, 1000.0), cooling)
    some = _fitting(cooling, 10, 1.0, 11.0)
    assert some.size == 100
    assert some[-1] == 0.0
    assert np.all(np.diff(some) < 0)
    assert some[0] > 1.9
    assert _fitting(cooling, 10, 2.0, 1.0).tolist() == [0.0]


@pytest.mark.parametrize("graph", [gset("G14"), family("random", 400, degree=200)], ids=["sparse", "dense"])
def test_processes_and_a_cluster_search_as_threads_do(graph):
    distributed = pytest.importorskip("distributed")
    start = np.ones(graph.n, dtype=np.int8)
    effort = SearchEffort(work=6_000_000, trajectories=3)
    one = search_cut(graph, start, effort=effort)
    others = [search_cut(graph, start, effort=effort, backend="loky", workers=2)]
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **QUIETLY) as cluster:
        address = cluster.scheduler_address
        others.append(search_cut(graph, start, effort=effort, backend="dask", address=address))
    for other in others:
        assert (other.signs == one.signs).all()
        assert other.record() == one.record()


def test_who_searches_is_named_rightly():
    graph, start = gset("G14"), np.ones(800, dtype=np.int8)
    with pytest.raises(InputError, match="backend='loki' is not one of threads, loky, dask"):
        search_cut(graph, start, backend="loki")
    with pytest.raises(InputError, match="workers must be a whole number from 1 on"):
        search_cut(graph, start, workers=0)
