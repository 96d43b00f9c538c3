"""Search and proofs in the record of a cut: optimality that anybody can check, and nothing that can be forged."""

import json
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from tests.catalogue import REALS, graphs
from tests.leaves import replaced
from tests.oracles import brute_force_maxcut

import derandkit
from derandkit.cli import main
from derandkit.cuts.result import MaxCutResult
from derandkit.datasets import family, gset, rudy
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import sealed
from derandkit.signs.rounding import exact_cut, upper_bound
from derandkit.signs.search.search import WORK, SearchEffort

EFFORT = SearchEffort(work=4_000_000)


@pytest.fixture(scope="module")
def torus():
    graph = family("torus", 100, seed=3)
    return graph, derandkit.maxcut(graph, search=EFFORT, bound="cycle")


def test_a_torus_is_proven_optimal(torus):
    graph, result = torus
    assert result.proven_optimal
    assert result.bound["method"] == "odd-cycle"
    assert result.upper_bound < result.chain["dual_bound"] - 1
    assert result.bound["rounding"]["granularity"] == 2.0
    outcome = derandkit.verify(result, graph)
    assert outcome.ok, outcome
    assert "odd-cycle" in str(result)


def test_the_record_survives_json(torus):
    graph, result = torus
    again = MaxCutResult.from_json(result.to_json())
    assert again.to_json() == result.to_json()
    assert derandkit.verify(again, graph).ok


def test_forged_figures_are_found_out(torus):
    graph, result = torus
    record = json.loads(result.to_json())
    cut = record["cut_value"]
    sides = record["certificate"]["derandomized_sides"]
    turned = ("-" if sides[0] == "+" else "+") + sides[1:]
    for path, value, check in (
        (("bound", "proof_bound"), record["bound"]["proof_bound"] - 1.0, "upper_bound"),
        (("bound", "proof_method"), "branching", "upper_bound"),
        (("bound", "method"), "triangle", "upper_bound"),
        (("upper_bound",), cut - 2, "upper_bound"),
        (("certificate", "proof"), None, "proof"),
        (("certificate", "proof"), {"kind": "positive"}, "upper_bound"),
        (("certificate", "derandomized_sides"), turned, "search"),
        (("certificate", "derandomized_sides"), None, "search"),
        (("chain", "derandomized_cut"), cut + 2, "search"),
        (("search", "kernel_m"), graph.m + 1, "search"),
        (("search",), None, "search"),
    ):
        failed = derandkit.verify(sealed(replaced(record, path, value)), graph).failed
        if path == ("search",):  # the proof still explains why the sides before it were kept
            assert "search" not in failed
        else:
            assert check in failed, (path, failed)


def test_a_proof_for_another_graph_does_not_verify(torus):
    _, result = torus
    other = family("torus", 100, seed=4)
    assert {"graph", "proof", "upper_bound"} & set(derandkit.verify(result, other).failed)


@settings(deadline=None, max_examples=40)
@given(graphs(max_n=8))
def test_bounds_never_cross_the_optimum(graph):
    best, _ = brute_force_maxcut(graph)
    result = derandkit.maxcut(graph, search=SearchEffort(work=20_000), bound="cycle")
    assert result.upper_bound >= best
    assert derandkit.verify(result, graph).ok


def test_real_weights_with_a_common_unit_can_be_proven():
    graph = WeightedGraph.from_networkx(nx.petersen_graph())
    i, j, w = graph.edges()
    result = derandkit.maxcut(WeightedGraph.from_edges(i, j, 0.25 * w))
    assert result.proven_optimal
    assert result.upper_bound == 3.0


@pytest.mark.parametrize(("n", "seed"), [(30, 1), (40, 2), (60, 1)])
def test_dense_graphs_are_proven_optimal(n, seed):
    graph = rudy(f"-rnd_graph {n} 50 {seed}")
    result = derandkit.maxcut(graph, bound="best", search=EFFORT)
    assert result.proven_optimal
    assert result.status.name == "OPTIMAL"
    assert result.bound["method"] in ("triangle", "branching")
    assert derandkit.verify(result, graph).ok


def test_a_cubic_graph_is_closed_by_branching_on_odd_cycles():
    graph = as_graph(nx.random_regular_graph(3, 300, seed=0))
    result = derandkit.maxcut(graph, bound="best", search=EFFORT)
    assert result.proven_optimal
    assert result.bound["method"] == "branching"
    record = json.loads(result.to_json())
    for path, value, check in (
        (("bound", "proof_method"), "odd-cycle", "upper_bound"),
        (("certificate", "proof"), without_a_case(record["certificate"]["proof"]), "proof"),
    ):
        assert check in derandkit.verify(sealed(replaced(record, path, value)), graph).failed


def without_a_case(proof):
    if proof["kind"] == "eliminate":
        return {**proof, "then": without_a_case(proof["then"])}
    return {**proof, "tree": {**proof["tree"], "opposite": proof["tree"]["same"]}}


def test_best_leaves_large_dense_graphs_to_the_semidefinite_bound():
    graph = rudy("-rnd_graph 420 50 1")
    result = derandkit.maxcut(graph, bound="best")
    assert result.bound["proof_bound"] is None
    assert result.certificate["proof"] is None


def test_interrupting_the_proof_keeps_what_there_is():
    graph = gset("G14")

    def stop(progress):
        if progress.stage == "prove":
            raise KeyboardInterrupt

    result = derandkit.maxcut(graph, bound="cycle", on_progress=stop, on_interrupt="return")
    assert result.status.name == "INTERRUPTED"
    assert result.bound["proof_bound"] is not None
    assert derandkit.verify(result, graph).ok


def test_command_line(tmp_path, monkeypatch):
    monkeypatch.setitem(WORK, "quick", 2_000_000)
    run = CliRunner().invoke
    target = tmp_path / "G11.rudy"
    assert run(main, ["generate", "G11", "-o", str(target)]).exit_code == 0
    done = run(
        main, ["maxcut", str(target), "--search", "quick", "--bound", "cycle", "-o", str(tmp_path / "r.json")]
    )
    assert done.exit_code == 0, done.output
    assert "564 (exact, proven optimal)" in done.stdout
    assert "best known   564 for G11" in done.stdout
    assert run(main, ["verify", str(tmp_path / "r.json"), str(target)]).exit_code == 0
    assert run(main, ["maxcut", str(target), "--time-limit", "0"]).exit_code == 2


def test_bad_options_are_named():
    with pytest.raises(derandkit.InputError, match="bound='magic' is not one of auto, sdp, cycle, best"):
        derandkit.maxcut(as_graph([(0, 1)]), bound="magic")
    with pytest.raises(derandkit.InputError, match=r"search=.*, or a SearchEffort"):
        derandkit.maxcut(as_graph([(0, 1)]), search="heroic")
    for limit in (0, -1.0, float("nan"), "soon"):
        with pytest.raises(derandkit.InputError, match="time limit must be a positive number"):
            derandkit.maxcut(as_graph([(0, 1)]), bound="cycle", time_limit=limit)


def test_figures_that_only_meet_when_rounded_prove_nothing():
    """A cut of 2 + 2^-60 rounds to 2; a bound of 2 + 2^-59 must not count as met."""
    graph = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [1.0, 1.0 + 2.0**-52, 2.0**-60])
    worse, better = np.array([1, -1, -1], dtype=np.int8), np.array([1, -1, 1], dtype=np.int8)
    dual = {"value": 2.5, "status": "certified", "method": "dense-cholesky", "reason": ""}
    for exact, signs, met in (
        (exact_cut(graph, better), better, True),
        (exact_cut(graph, better) + Fraction(1, 2**70), better, False),
        (exact_cut(graph, better), worse, False),
    ):
        assert upper_bound(graph, dual, (exact, "odd-cycle", "")).met_by(graph, signs) is met


@settings(deadline=None, max_examples=60)
@given(graphs(max_n=8, weights=REALS))
def test_balanced_graphs_with_real_weights_are_proven(graph):
    i, j, w = graph.edges()
    side = np.arange(graph.n) % 3 == 0
    switched = WeightedGraph.from_edges(i, j, np.where(side[i] != side[j], 1.0, -1.0) * np.abs(w), n=graph.n)
    result = derandkit.maxcut(switched)
    assert result.proven_optimal
    assert derandkit.verify(result, switched).ok
