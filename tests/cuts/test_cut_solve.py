"""The whole of maxcut: the chain of bounds, the optimum on small graphs, statuses, determinism, scaling."""

import math
from fractions import Fraction
from functools import partial
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import REALS, SMALL_INTEGERS, catalogue, graphs, random_graph
from tests.oracles import brute_force_maxcut, exact_cut

import derandkit
from derandkit.cuts.result import CutStatus
from derandkit.errors import ConvergenceError, InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.runtime.clock import running
from derandkit.signs.values import ALPHA, expected_hyperplane_cut, expected_independent_cut

#: The relaxation and its rounding alone, without the short search and proof of small graphs.
maxcut = partial(derandkit.maxcut, search=None, bound="sdp")

METHODS = ("lemma", "conditional")
DATASETS = Path(__file__).parents[2] / "datasets"
OF_ONE_SCALE = st.one_of(SMALL_INTEGERS, REALS)


def assert_chain(result, graph, slack=1e-7):
    """Every inequality that the result promises, and every figure in it recomputed."""
    chain, scale = result.chain, slack * float(np.abs(graph.weights).sum())
    assert chain["cut_value"] == result.cut_value == graph.cut_value(result.signs)
    assert chain["dual_bound"] >= chain["sdp_value"] - scale
    assert chain["cut_value"] >= chain["final_expectation"] - scale
    assert chain["final_expectation"] >= chain["start_expectation"] - scale
    offset = float(graph.negative_weight)
    assert chain["start_expectation"] - offset >= ALPHA * (chain["sdp_value"] - offset) - scale
    assert result.guarantee["holds"]
    assert result.upper_bound >= result.cut_value
    assert result.upper_bound <= (math.floor(chain["dual_bound"]) if graph.integral else chain["dual_bound"])
    step = (result.bound["rounding"] or {"granularity": 0.0})["granularity"]
    assert result.upper_bound >= chain["dual_bound"] - step - scale
    assert result.signs[0] == 1
    left, right = result.partition
    np.testing.assert_array_equal(graph.signs_from_partition(left, right), result.signs)


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=50)
@given(graph=graphs(max_n=10, weights=OF_ONE_SCALE))
def test_the_chain_against_brute_force(graph, method):
    result = maxcut(graph, method=method)
    assert_chain(result, graph)
    optimum, _ = brute_force_maxcut(graph)
    assert exact_cut(graph, result.signs) <= optimum <= Fraction(result.chain["dual_bound"])
    if result.proven_optimal:
        assert exact_cut(graph, result.signs) == optimum
    assert result.bound_status == "certified"
    assert derandkit.verify(result, graph).ok


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("weights", ["ones", "signs", "reals", "positive"])
@pytest.mark.parametrize("seed", [0, 1])
def test_fourteen_vertices(seed, weights, method):
    graph = random_graph(14, 0.45, seed=seed, weights=weights)
    result = maxcut(graph, method=method)
    optimum, _ = brute_force_maxcut(graph)
    assert_chain(result, graph)
    assert exact_cut(graph, result.signs) <= optimum <= Fraction(result.chain["dual_bound"])
    offset = Fraction(graph.negative_weight)
    assert exact_cut(graph, result.signs) - offset >= Fraction(ALPHA) * (optimum - offset) * (
        1 - Fraction(1, 10**6)
    )
    assert result.method.startswith(method)
    assert derandkit.verify(result, graph).ok


@settings(deadline=None, max_examples=40)
@given(graphs(max_n=8))
def test_weights_of_very_different_scale(graph):
    """1e-9 beside 1e11: whatever the gap, no bound below the optimum and no broken chain."""
    result = maxcut(graph)
    optimum, _ = brute_force_maxcut(graph)
    assert_chain(result, graph)
    assert result.bound_status == "certified"
    assert exact_cut(graph, result.signs) <= optimum <= Fraction(result.chain["dual_bound"])
    assert derandkit.verify(result, graph).ok


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("known", catalogue(), ids=lambda known: known.name)
def test_known_graphs(known, method):
    result = maxcut(known.graph, method=method)
    assert_chain(result, known.graph)
    assert result.cut_value <= known.cut <= result.upper_bound
    assert result.status in (CutStatus.OPTIMAL, CutStatus.SOLVED)
    if known.cut == known.graph.positive_weight:  # bipartite, or without positive weights
        assert (result.cut_value, result.upper_bound) == (known.cut, known.cut)
        assert result.status is CutStatus.OPTIMAL
        assert result.bound["method"] == "diagonal-dominance"
        assert result.gap == 0.0


@pytest.mark.parametrize("name", ["petersen", "cycle-5", "cycle-7", "complete-6", "complete-7"])
def test_graphs_whose_rounded_bound_is_the_optimum(name):
    known = next(known for known in catalogue() if known.name == name)
    result = maxcut(known.graph)
    assert (result.cut_value, result.status) == (known.cut, CutStatus.OPTIMAL)
    assert result.proven_optimal
    assert result.status.ok


def test_the_figures_of_the_chain_are_those_of_the_stored_witness():
    from derandkit.records import decode_array
    from derandkit.signs.values import unit_rows

    graph = random_graph(25, 0.3, seed=2, weights="reals")
    result = maxcut(graph)
    V = unit_rows(decode_array(result.certificate["vectors"]))
    mean = decode_array(result.certificate["mean"])
    assert result.chain["start_expectation"] == expected_hyperplane_cut(graph, V)
    tau = result.certificate["smoothing"]
    assert result.chain["final_expectation"] == expected_independent_cut(graph, mean, tau)
    assert result.certificate["sides"] == "".join("+" if s > 0 else "-" for s in result.signs)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("power", [-30, 25])
def test_scaling_by_a_power_of_two(power, method):
    for weights in ("ones", "reals"):
        graph = random_graph(30, 0.25, seed=4, weights=weights)
        i, j, w = graph.edges()
        scaled = WeightedGraph.from_edges(i, j, np.ldexp(w, power), n=graph.n)
        one, other = maxcut(graph, method=method), derandkit.maxcut(scaled, method=method)
        assert one.certificate["sides"] == other.certificate["sides"]
        assert Fraction(other.cut_value) == Fraction(one.cut_value) * Fraction(2) ** power
        for name in ("sdp_value", "start_expectation", "final_expectation"):
            assert math.ldexp(other.chain[name], -power) == pytest.approx(one.chain[name], rel=1e-12)
        assert math.ldexp(other.chain["dual_bound"], -power) == pytest.approx(
            one.chain["dual_bound"], rel=2e-5
        )


@pytest.mark.parametrize("method", METHODS)
def test_two_runs_are_equal_to_the_byte(method):
    graph = random_graph(30, 0.25, seed=4, weights="reals")
    for solve in (maxcut, derandkit.maxcut):
        assert solve(graph, method=method).to_json() == solve(graph, method=method).to_json()


def test_one_sweep_is_valid_and_says_that_the_gap_was_not_reached():
    graph = random_graph(60, 0.2, seed=5, weights="signs")
    result = maxcut(graph, max_sweeps=1, duality_gap=1e-6)
    assert result.status is CutStatus.DUALITY_GAP_NOT_REACHED
    assert not result.status.ok
    assert not result.relaxation["duality_gap_reached"]
    assert_chain(result, graph)
    assert derandkit.verify(result, graph).ok
    assert "max_sweeps" in result.message


@pytest.mark.parametrize(
    "graph",
    [nx.karate_club_graph(), *sorted(str(p) for p in DATASETS.iterdir() if p.suffix not in ("", ".md"))],
    ids=lambda graph: graph.rsplit("/", 1)[-1] if isinstance(graph, str) else "karate",
)
def test_small_graphs_are_proven_without_being_asked(graph):
    result = derandkit.maxcut(graph)
    assert result.status is CutStatus.OPTIMAL
    assert result.bound_status == "certified"
    assert derandkit.verify(result, graph).ok


def test_what_auto_chose_is_in_the_record():
    open_, shut = derandkit.maxcut(DATASETS / "torus-10x10.rudy"), derandkit.maxcut(nx.petersen_graph())
    assert (open_.search["work"] > 0, open_.bound["proof_method"]) == (True, "odd-cycle")
    assert (shut.search, shut.bound["proof_method"]) == (None, None)


def test_a_graph_that_is_not_easy_is_searched_shortly_and_not_proven():
    graph = random_graph(120, 0.2, seed=3)
    lemma, result = maxcut(graph, search=None), derandkit.maxcut(graph)
    assert 2000 * graph.n < 2_000_000 <= result.search["work"] < 2_100_000
    assert (lemma.search, result.bound["proof_method"]) == (None, None)
    assert result.chain["derandomized_cut"] == lemma.cut_value
    assert result.cut_value >= lemma.cut_value
    assert result.upper_bound == lemma.upper_bound
    assert derandkit.verify(result, graph).ok


def test_throw():
    graph = random_graph(60, 0.2, seed=5, weights="signs")
    with pytest.raises(ConvergenceError, match="gap not reached") as caught:
        maxcut(graph, max_sweeps=1, duality_gap=1e-6, throw=True)
    assert derandkit.verify(caught.value.result, graph).ok
    assert maxcut(graph, throw=True).status.ok


def test_unknown_options_are_refused_before_any_work():
    graph = random_graph(5, 0.5)
    with pytest.raises(InputError, match="method='annealing' is not one of lemma, conditional"):
        maxcut(graph, method="annealing")
    with pytest.raises(InputError, match="'simplex'"):
        maxcut(graph, relaxation="simplex")
    for gap in (0.0, -1.0, math.nan):
        with pytest.raises(InputError, match="gap"):
            maxcut(graph, duality_gap=gap)


def test_the_cvxpy_relaxation_goes_all_the_way():
    graph = random_graph(12, 0.5, seed=6)
    result = maxcut(graph, relaxation="cvxpy")
    assert_chain(result, graph)
    assert result.relaxation["method"].startswith("cvxpy:")
    assert derandkit.verify(result, graph).ok


@pytest.mark.parametrize("method", METHODS)
def test_the_history_starts_at_the_hyperplane_and_ends_without_spread(method):
    graph = random_graph(40, 0.2, seed=7)
    result = maxcut(graph, method=method)
    history = result.history
    assert len(history) >= 2
    assert {len(column) for column in history.columns.values()} == {len(history)}
    assert history["expectation"][0] == result.chain["start_expectation"]
    assert history["spread_norm"][0] == pytest.approx(math.sqrt(40))
    assert history["spread_norm"][-1] == 0.0


def test_stationarity_is_the_lemma_at_the_final_point():
    result = maxcut(random_graph(40, 0.2, seed=7))
    record = result.stationarity
    assert record["spread_norm"] == record["spread_bound"] == 0.0
    assert 2 * record["penalty"] + record["smallest_curvature"] > 0
    assert record["mean_gradient_norm"] < 1e-9


def test_progress_goes_through_the_stages():
    seen = []
    graph = random_graph(50, 0.2, seed=8)
    result = maxcut(graph, on_progress=seen.append)
    stages = [line.stage for line in seen]
    assert stages == sorted(stages, key=["relax", "derandomize", "certify"].index)
    assert {"relax", "derandomize"} <= set(stages)
    assert all(0.0 <= line.noise <= 1.0 + 1e-9 for line in seen)
    assert seen[-1].noise == 0.0
    assert seen[-1].bound == result.chain["dual_bound"]
    assert all(line.value <= line.bound * (1 + 1e-9) for line in seen)


def test_other_exceptions_of_a_callback_propagate():
    def fail(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        maxcut(random_graph(20, 0.3), on_progress=fail)


def assert_interrupted(result, graph):
    assert result.status in (CutStatus.INTERRUPTED, CutStatus.OPTIMAL)
    assert_chain(result, graph)
    assert derandkit.verify(result, graph).ok


def interrupter(at):
    """Return a callback that raises KeyboardInterrupt at call number `at`, and the list of its calls."""
    calls = []

    def stop(line):
        calls.append(line)
        if len(calls) == at:
            raise KeyboardInterrupt

    return stop, calls


def interrupted_run(graph, **options):
    """Run maxcut; an interrupt that comes through fails the test instead of ending the session."""
    try:
        return maxcut(graph, on_interrupt="return", **options)
    except KeyboardInterrupt:
        return pytest.fail("the interrupt came through instead of ending the run with an answer")


def count_calls(graph, method):
    calls = []
    maxcut(graph, duality_gap=1e-6, method=method, on_progress=calls.append)
    return calls


@pytest.mark.parametrize("method", METHODS)
def test_an_interrupt_at_any_progress_report_gives_a_verified_answer(method):
    graph = random_graph(50, 0.2, seed=9, weights="signs")
    for at in range(1, len(count_calls(graph, method)) + 1):
        stop, calls = interrupter(at)
        result = interrupted_run(graph, duality_gap=1e-6, method=method, on_progress=stop)
        assert len(calls) >= at
        assert_interrupted(result, graph)
        assert result.status is CutStatus.INTERRUPTED


def test_an_interrupt_during_the_spread_descent():
    graph = random_graph(50, 0.2, seed=9, weights="signs")

    def stop(line):
        if line.stage == "derandomize" and line.noise < 1.0:
            stopped.append(line)
            if len(stopped) == 1:
                raise KeyboardInterrupt

    stopped = []
    result = interrupted_run(graph, on_progress=stop)
    assert stopped
    assert_interrupted(result, graph)
    assert result.status is CutStatus.INTERRUPTED


def test_an_interrupt_inside_the_sweeps(monkeypatch):
    """As when Ctrl-C arrives between two sweeps."""
    from derandkit.signs.relaxation import lowrank as relaxation

    whole, calls = relaxation.mixing_sweep, []

    def sweep(*args):
        calls.append(1)
        if len(calls) == 5:
            running().stop()
        return whole(*args)

    monkeypatch.setattr(relaxation, "mixing_sweep", sweep)
    graph = random_graph(50, 0.2, seed=9, weights="signs")
    result = interrupted_run(graph, duality_gap=1e-6)
    assert result.status is CutStatus.INTERRUPTED
    assert result.relaxation["sweeps"] == 5
    assert_interrupted(result, graph)
    assert "interrupted" in result.message
    calls.clear()
    with pytest.raises(ConvergenceError, match="interrupted"):
        interrupted_run(graph, duality_gap=1e-6, throw=True)
