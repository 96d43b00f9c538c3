"""What a search for a proof tells on its way, what it keeps when Ctrl-C ends it, and what the table says of it."""

import importlib
import itertools

import networkx as nx
import numpy as np
import pytest

import derandkit
from derandkit.datasets import family, rudy
from derandkit.graphs.files import as_graph
from derandkit.runtime.clock import Clock, running, stage
from derandkit.signs.proofs import strategy
from derandkit.signs.proofs.cycles.bound import CycleRun, cycle_bound
from derandkit.signs.proofs.cycles.pool import SignedGraph
from derandkit.signs.proofs.strategy import best_bound, odd_cycle_bound
from derandkit.signs.proofs.triangles.bound import TriangleDual
from derandkit.signs.search.search import SearchEffort
from derandkit.tables import bounding


@pytest.fixture(scope="module")
def torus():
    return family("torus", 100, seed=3)


@pytest.mark.parametrize(
    ("place", "bound"),
    [
        ("derandkit.signs.proofs.cycles.bound.proven_bound", "cycle"),
        ("derandkit.signs.search.guided.guided_cut", "cycle"),
        ("derandkit.signs.proofs.strategy._room", "best"),
        ("derandkit.signs.proofs.branching.tree.bound_by_cases", "best"),
        ("derandkit.signs.proofs.branching.tree.CaseTree", "best"),
        ("derandkit.signs.proofs.branching.tree.proven_bound", "best"),
    ],
)
def test_ctrl_c_between_the_steps_of_a_proof_loses_nothing(monkeypatch, place, bound):
    """Where no round is under way: while a proof is written down and checked, and before branching begins."""
    graph = as_graph(nx.random_regular_graph(3, 300, seed=0))
    module, _, name = place.rpartition(".")
    honest, calls, told = getattr(importlib.import_module(module), name), [], []

    def interrupted_once(*arguments, **keywords):
        calls.append(1)
        if len(calls) == 1:
            running().stop()
        return honest(*arguments, **keywords)

    monkeypatch.setattr(place, interrupted_once)
    monkeypatch.setattr("derandkit.signs.proofs.strategy.BRANCH_WORK", 10**8)
    start = np.ones(graph.n, dtype=np.int8)  # a cut this light leaves a gap for every step
    monkeypatch.setattr(
        "derandkit.signs.proofs.cycles.bound.CycleRun.round", lambda run: start[: run.graph.n]
    )
    with stage():
        proven = {"cycle": odd_cycle_bound, "best": best_bound}[bound](
            graph, start, on_progress=lambda progress: told.append(progress.bound)
        )
    assert calls
    assert proven.interrupted
    assert proven.value <= min(told) + 1e-6


@pytest.mark.parametrize("after", [1, 3, 40])
def test_ctrl_c_among_triangles_keeps_what_was_told(monkeypatch, after):
    graph = as_graph(nx.gnp_random_graph(60, 0.5, seed=4))
    honest, calls, told = TriangleDual.descend, [], []

    def interrupted(dual, target):
        calls.append(1)
        if len(calls) > after:
            running().stop()
        honest(dual, target)

    monkeypatch.setattr(TriangleDual, "descend", interrupted)
    result = derandkit.maxcut(graph, bound="best", on_progress=told.append, on_interrupt="return")
    least = min(line.bound for line in told if line.stage == "prove")
    assert result.bound["proof_bound"] <= least + 1e-6 or result.bound["dual_bound"] <= least
    assert result.status.name in ("INTERRUPTED", "OPTIMAL")
    assert derandkit.verify(result, graph).ok


def test_a_step_without_a_bound_leaves_cut_and_semidefinite_bound(monkeypatch):
    """Ctrl-C before any proof begins: the derandomized cut is not worked out again."""
    graph = as_graph(nx.gnp_random_graph(40, 0.5, seed=4))

    def press(progress):
        if progress.stage == "certify":
            raise KeyboardInterrupt

    result = derandkit.maxcut(graph, bound="best", on_progress=press, on_interrupt="return")
    assert result.status.name == "INTERRUPTED"
    assert result.bound["proof_bound"] is None
    assert derandkit.verify(result, graph).ok


@pytest.mark.parametrize("case", ["torus", "dense", "cubic"])
def test_cut_rises_and_bound_falls_while_a_proof_is_sought(case, torus):
    graph = {
        "torus": torus,
        "dense": as_graph(nx.gnp_random_graph(50, 0.5, seed=4)),
        "cubic": as_graph(nx.random_regular_graph(3, 300, seed=0)),
    }[case]
    told = []
    result = derandkit.maxcut(graph, search=SearchEffort(work=1000), bound="best", on_progress=told.append)
    lines = [(line.value, line.bound) for line in told if line.stage in ("search", "prove")]
    lines.append((told[-1].value, told[-1].bound))
    assert told[-1].stage == "certify"
    for (cut, bound), (later, lower) in itertools.pairwise(lines):
        assert cut <= later <= result.cut_value
        assert lower <= bound
    proven = min(result.bound["proof_bound"], result.bound["dual_bound"])
    assert lines[-1][1] == pytest.approx(proven, rel=1e-6)
    assert lines[-1][1] <= proven + 1e-6


def shown(result):
    """The table without its line breaks, which depend on the width of the screen."""
    return " ".join(str(result).split())


@pytest.mark.parametrize("chances", [0, 1])
def test_a_proof_above_an_estimate_or_a_test_keeps_both_and_says_so(monkeypatch, chances):
    """`--bound cycle` once put a certified 497 296 in place of an estimated 398 869, and the smaller one was gone."""
    graph = as_graph(nx.gnp_random_graph(30, 0.9, seed=4))
    known = derandkit.maxcut(graph, bound="sdp")
    relaxation = "derandkit.signs.relaxation"
    monkeypatch.setattr(f"{relaxation}.semidefinite.choose_proof", lambda graph: (None, "too large"))
    if not chances:
        monkeypatch.setattr(f"{relaxation}.dual_bound.chance_proof", lambda *arguments: "no coins")
    result = derandkit.maxcut(graph, bound="cycle", time_limit=1e6)
    bound = result.bound
    assert bound["dual_status"] == ("tested" if chances else "estimated")
    assert bound["status"] == "certified"
    assert bound["dual_bound"] < result.upper_bound <= bound["proof_bound"]
    assert bound["dual_bound"] == pytest.approx(known.bound["dual_bound"], rel=1e-3)
    smaller = f"{bounding(bound['dual_bound'], above=True)} ({bound['dual_method']})"
    assert f"proven, unlike {smaller}; {bound['reason']}" in shown(result)
    assert derandkit.verify(result, graph).ok


def test_the_table_says_which_bound_won_and_why(torus):
    won = derandkit.maxcut(torus, bound="cycle")
    other = bounding(won.bound["dual_bound"], above=True)
    assert f"less than {other} (dense-cholesky); {won.bound['reason']}" in shown(won)
    dense = as_graph(nx.gnp_random_graph(40, 0.9, seed=4))
    lost = derandkit.maxcut(dense, bound="cycle")
    other = bounding(lost.bound["proof_bound"], above=True)
    assert f"no more than {other} (odd-cycle); order 40" not in shown(lost)
    assert f"no more than {other} (odd-cycle); {lost.bound['reason']}" in shown(lost)
    assert "odd-cycle" not in shown(derandkit.maxcut(dense))


def test_batches_of_sources_find_what_one_search_finds(monkeypatch, torus):
    i, j, w = torus.edges()
    graph = SignedGraph(torus.n, i.astype(np.int32), j.astype(np.int32), w > 0)
    sources = np.arange(torus.n, dtype=np.int32)
    whole = graph.cycles(np.ones(graph.m), sources, 1e9)
    monkeypatch.setattr("derandkit.signs.proofs.cycles.pool.BATCH", 7)
    for one, other in zip(whole, graph.cycles(np.ones(graph.m), sources, 1e9), strict=True):
        np.testing.assert_array_equal(one, other)
    first = graph.cycles(np.ones(graph.m), sources, 1e9, lambda: True)
    assert 2 <= first[0].size <= 4 * 7 + 1 < whole[0].size


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_the_number_of_cores_changes_no_cycle(monkeypatch, torus, cores):
    i, j, w = torus.edges()
    graph = SignedGraph(torus.n, i.astype(np.int32), j.astype(np.int32), w > 0)
    length = np.linspace(0.1, 1.0, graph.m)
    sources = np.arange(torus.n, dtype=np.int32)[::-1].copy()
    monkeypatch.setattr("derandkit.signs.proofs.cycles.pool.BATCH", 10_000)
    expected = graph.cycles(length, sources, 1e9)
    monkeypatch.setattr("derandkit.signs.proofs.cycles.pool.BATCH", 5)
    monkeypatch.setattr("derandkit.runtime.threads.available_cores", lambda: cores)
    for one, other in zip(expected, graph.cycles(length, sources, 1e9), strict=True):
        np.testing.assert_array_equal(one, other)


def test_time_that_is_up_among_the_sources_proves_no_end(monkeypatch, torus):
    """Then that no cycle was found does not mean that there is none."""
    full = cycle_bound(torus)
    monkeypatch.setattr("derandkit.signs.proofs.cycles.pool.BATCH", 1)
    early = cycle_bound(torus, time_limit=1e-9)
    assert full.complete
    assert not early.complete
    assert early.reason.endswith("limit of time")
    assert early.exact >= full.exact


@pytest.mark.parametrize("name", ["gka3b", "gka1c"])
def test_the_best_bound_is_never_worse_than_that_of_the_cycles(monkeypatch, name):
    """Dense graphs with weights of very different size: branching alone stopped far above the odd cycles."""
    from derandkit.datasets import qubo
    from derandkit.signs.models import as_graph as cut_of

    monkeypatch.setattr("derandkit.signs.proofs.strategy.BRANCH_WORK", 10**6)
    graph, _ = cut_of(qubo(name))
    best, cycle = (derandkit.maxcut(graph, bound=bound).upper_bound for bound in ("best", "cycle"))
    assert best <= cycle


def dense_graphs():
    """Return ten graphs with more than eight edges a vertex: where odd cycles win, where triangles do, and between."""
    from derandkit.datasets import qubo
    from derandkit.signs.models import as_graph as cut_of

    for name in ("gka1b", "gka2b", "gka3b", "gka4b", "gka1c"):
        yield cut_of(qubo(name))[0]
    yield rudy("-rnd_graph 40 50 1")
    yield rudy("-rnd_graph 40 90 2 -random -10 10 2")
    yield rudy("-rnd_graph 40 99 3 -random 0 1 3 -times 2 -plus -1")
    yield rudy("-chain 40 2.5 4")
    yield rudy("-chain 40 1.2 5")


class Ticks:
    """A clock that goes on by one with every round of cycles and a little at every look: the same everywhere."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        rounded = CycleRun.round

        def counted(run):
            self.now += 1.0
            return rounded(run)

        monkeypatch.setattr(CycleRun, "round", counted)
        monkeypatch.setattr("derandkit.runtime.clock.time.monotonic", self)

    def __call__(self):
        self.now += 1.0 / 256.0
        return self.now


@pytest.mark.slow
def test_the_best_bound_is_never_worse_than_cycles_or_the_relaxation_at_the_same_counted_time(monkeypatch):
    better = 0
    for graph in dense_graphs():
        start = np.ones(graph.n, dtype=np.int8)
        sdp = derandkit.relax_cut(graph).bound.value
        for ticks in (10.0, 60.0):
            Ticks(monkeypatch)
            cycle = odd_cycle_bound(graph, start, time_limit=ticks).value
            monkeypatch.undo()
            Ticks(monkeypatch)
            best = best_bound(graph, start, time_limit=ticks, least=sdp).value
            monkeypatch.undo()
            assert min(best, sdp) <= min(cycle, sdp)
            better += best < min(cycle, sdp)
    assert better >= 2


def test_prospects_are_poor_where_the_pace_does_not_reach_the_known_bound(monkeypatch):
    monkeypatch.setattr("derandkit.runtime.clock.time.monotonic", lambda: now[0])
    now = [0.0]
    slow = strategy._Prospects(100.0, Clock())
    assert [slow.are_poor(bound) for bound in (200.0, 190.0, 185.0, 184.0)] == [False, False, False, False]
    assert slow.are_poor(183.0)  # half a unit a round: 50 rounds more end at 156
    assert not slow.are_poor(99.0)
    limited = strategy._Prospects(100.0, Clock(time_limit=10.0))
    for second, bound, poor in (
        (1.0, 200.0, False),
        (2.0, 150.0, False),
        (3.0, 120.0, False),
        (4.0, 111.0, False),
    ):
        now[0] = second
        assert limited.are_poor(bound) is poor
    now[0] = 9.0
    assert limited.are_poor(110.9)
    assert not limited.are_poor(99.5)
