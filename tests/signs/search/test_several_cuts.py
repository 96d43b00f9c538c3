"""Several cuts: different, exact, heaviest first, the same as enumeration where a graph is small."""

from __future__ import annotations

import itertools
import json

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import REALS, SMALL_INTEGERS, graphs, random_graph

import derandkit
from derandkit.cli import main
from derandkit.cuts import solve
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import sealed
from derandkit.runtime.clock import stage
from derandkit.signs.search import several
from derandkit.signs.search.several import several_cuts


def every_weight(graph):
    """Weights of all cuts, complements once, heaviest first."""
    others = itertools.product((1, -1), repeat=graph.n - 1)
    return sorted((graph.cut_value([1, *rest]) for rest in others), reverse=True)


def test_cuts_of_a_contracted_graph_are_ordered_by_their_weights_in_the_whole_one():
    """Its edges are rounded sums, which put 0.9 - u before 0.9 + u: the record failed its own check."""
    edges = [(1, 0, 0.3), (2, 0, 1.1), (2, 1, -0.1), (3, 0, 0.3), (3, 1, 0.7), (4, 2, -0.1), (4, 3, -0.1)]
    result = derandkit.maxcut(edges, pairs=[(0, 1, "same")], solutions=8)
    assert len({cut.signs.tobytes() for cut in result.solutions}) == 8
    values = [cut.cut_value for cut in result.solutions]
    assert values == sorted(values, reverse=True)
    assert derandkit.verify(result, edges).ok


@pytest.mark.parametrize("count", [1, 3])
def test_the_best_cut_is_one_of_them_whatever_rounding_hides(count):
    """Cuts of one rounded weight were heavier by nothing but that, left out, and with them the best one."""
    edges = [
        (1, 0, 2e-297), (2, 1, -6e139), (3, 1, 6e-230), (3, 2, -2e-109), (4, 0, -1e-36), (4, 1, -1e-131),
        (4, 2, -5e-37), (4, 3, 1e56), (5, 0, -1e149), (5, 1, 2e-91), (5, 3, -3e-244), (5, 4, 5e-52),
        (6, 3, 2e113), (6, 4, 4e88),
        (6, 5, 1e-12), (7, 0, -1e-107), (7, 2, 2e-67), (7, 3, -3e-138), (7, 4, -1e-114), (7, 5, -5e103),
        (7, 6, -4e-129),
    ]  # fmt: skip
    result = derandkit.maxcut(edges, fixed={0: 0}, solutions=count, method="conditional")
    assert len({cut.signs.tobytes() for cut in result.solutions}) == count
    assert result.solutions[0].cut_value == result.cut_value
    assert derandkit.verify(result, edges).failed == ()


@settings(deadline=None, max_examples=25)
@given(graphs(weights=st.sampled_from([0.1, 0.2, 0.3, 0.7, 1.1, -0.1, -0.3]), max_n=6), st.booleans())
def test_cuts_under_constraints_verify_whatever_rounds(graph, together):
    if graph.n < 3:
        return
    first, second, third = graph.labels[:3]
    chosen = {"pairs": [(first, second, "same")]} if together else {"fixed": {first: 0, second: 1, third: 1}}
    result = derandkit.maxcut(graph, solutions=8, **chosen)
    assert derandkit.verify(result, graph).failed == ()


@settings(deadline=None, max_examples=40)
@given(graphs(weights=SMALL_INTEGERS | REALS, max_n=8), st.integers(1, 20))
def test_cuts_are_different_exact_and_in_order(graph, count):
    result = derandkit.maxcut(graph, solutions=count)
    cuts = result.solutions
    assert len(cuts) == min(count, 2 ** (graph.n - 1))
    assert len({cut.signs.tobytes() for cut in cuts}) == len(cuts)
    assert all(cut.signs[0] == 1 for cut in cuts)
    assert [cut.cut_value for cut in cuts] == [graph.cut_value(cut.signs) for cut in cuts]
    assert sorted((cut.cut_value for cut in cuts), reverse=True) == [cut.cut_value for cut in cuts]
    assert cuts[0].cut_value == result.cut_value
    assert cuts[0].sides == result.sides
    assert derandkit.verify(result, graph).ok, str(derandkit.verify(result, graph))
    again = type(result).from_json(result.to_json())
    assert again == result
    assert [cut.sides for cut in again.solutions] == [cut.sides for cut in cuts]


@pytest.mark.parametrize("seed", range(10))
def test_small_graphs_give_the_heaviest_of_all(seed):
    graph = derandkit.as_graph(nx.gnp_random_graph(9, 0.5, seed=seed))
    cuts, shortened = several_cuts(graph, [derandkit.maxcut(graph).signs], 20)
    assert not shortened
    assert [graph.cut_value(signs) for signs in cuts] == every_weight(graph)[:20]


def test_all_cuts_of_equal_weight_are_found():
    """A path of k edges with weight 0 between its ends and a star: 2^3 cuts of the full weight."""
    graph = derandkit.as_graph([("a", "b", 1), ("b", "c", 0), ("c", "d", 0), ("d", "e", 0)])
    result = derandkit.maxcut(graph, solutions=9)
    assert [cut.cut_value for cut in result.solutions] == [1] * 8 + [0]


def test_constraints_hold_for_every_cut():
    graph = random_graph(9, 0.6)
    a, b, c = graph.labels[1], graph.labels[4], graph.labels[7]
    result = derandkit.maxcut(graph, fixed={a: 1, b: 1}, pairs=[(b, c, "opposite")], solutions=6)
    assert len(result.solutions) == 6
    for cut in result.solutions:
        assert (cut.sides[a], cut.sides[b], cut.sides[c]) == (1, 1, 0)
    assert result.best.constraints["fixed"] == [[a, 1], [b, 1]]
    assert derandkit.verify(result, graph).ok
    again = derandkit.MaxCutResult.from_json
    assert type(result).from_json(result.to_json()) == result
    with pytest.raises(ValueError, match="not a derandkit-maxcut record"):
        again(result.to_json())


def test_the_best_is_never_lighter_than_without():
    for seed in range(4):
        graph = derandkit.as_graph(nx.gnp_random_graph(60, 0.2, seed=seed))
        result = derandkit.maxcut(graph, solutions=3)
        assert result.cut_value >= derandkit.maxcut(graph).cut_value
        assert derandkit.verify(result, graph).ok


def test_every_change_is_noticed():
    graph = random_graph(8, 0.6)
    record = derandkit.maxcut(graph, solutions=4).to_dict()
    assert derandkit.verify(record, graph).ok
    cuts = record["cuts"]
    turned = cuts[1]["sides"].translate(str.maketrans("+-", "-+"))
    changes = [
        {"cuts": []},
        {"cuts": cuts[1:]},
        {"cuts": [cuts[0], cuts[0]]},
        {"cuts": [*cuts, {**cuts[1], "sides": turned}]},
        {"cuts": cuts[::-1]},
        {"cuts": [cuts[0], {**cuts[1], "cut_value": cuts[1]["cut_value"] + 1}]},
        {"cuts": [cuts[0], {**cuts[1], "cut_value": float(cuts[1]["cut_value"])}]},
        {"cuts": [cuts[0], {**cuts[1], "sides": turned}]},
        {"cuts": [cuts[0], {**cuts[1], "sides": cuts[1]["sides"][1:]}]},
        {"cuts": [cuts[0], {**cuts[1], "note": 1}]},
        {"cuts": {"0": cuts[0]}},
        {"best": {**record["best"], "cut_value": record["best"]["cut_value"] + 1}},
        {"best": []},
        {"best": {}},
        {"schema_version": True},
        {"more": 1},
    ]
    for change in changes:
        forged = sealed({**{k: v for k, v in record.items() if k != "seal"}, **change})
        assert not derandkit.verify(forged, graph).ok, change
    assert not derandkit.verify({**record, "seal": "0" * 64}, graph).ok
    assert not derandkit.verify(record, nx.cycle_graph(8)).ok


@pytest.mark.parametrize("count", [0, -1, True, 2.0, "3"])
def test_a_bad_count_is_refused(count):
    with pytest.raises(derandkit.InputError, match="solutions is the number of cuts"):
        derandkit.maxcut([("a", "b")], solutions=count)


def test_files_tables_and_the_command_line(tmp_path):
    def run(*arguments):
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    file, target = tmp_path / "g.txt", tmp_path / "cuts.json"
    file.write_text("a b\nb c\nc a\nc d\n")
    outcome = run("maxcut", file, "--solutions", 3, "-o", target)
    assert outcome.exit_code == 0
    assert "cuts         3 different ones: 3, 3, 3" in outcome.stdout
    assert run("verify", target, file).exit_code == 0
    result = derandkit.load(target, file)
    assert result == derandkit.maxcut(file, solutions=3)
    assert len(result.cut_edges()) == 3
    assert "<img" in result._repr_html_()
    lines = run("maxcut", file, "--solutions", 3, "--format", "tsv").stdout.splitlines()
    columns = list(zip(*(line.split("\t") for line in lines), strict=True))
    assert columns[0] == ("a", "b", "c", "d")
    for column, cut in zip(columns[1:], result.solutions, strict=True):
        assert [int(side) for side in column] == list(cut.sides.values())
    record = json.loads(target.read_text())
    assert np.array([len(cut["sides"]) for cut in record["cuts"]]).tolist() == [4, 4, 4]


def test_a_cut_that_is_far_from_good_is_improved_before_it_is_expanded():
    graph = derandkit.as_graph(nx.gnm_random_graph(300, 900, seed=1))
    start = np.ones(300, dtype=np.int8)
    found, _ = several_cuts(graph, [start], 3)
    for signs in found:  # hundreds of one-flip descents from a poor cut took minutes on 20 000 vertices
        assert graph.cut_value(signs) > 0.65 * graph.total_weight
    assert len({signs.tobytes() for signs in found}) == 3


def test_a_request_to_stop_ends_the_search_for_further_cuts():
    """Ten thousand cuts of a small graph went on for minutes after a signal and a limit of time."""
    graph = WeightedGraph.from_edges(
        *zip(*((u, v, 1.0) for u in range(30) for v in range(u)), strict=True), n=30
    )
    with stage() as clock:
        clock.stop()
        found, shortened = several_cuts(graph, [np.ones(30, dtype=np.int8)], 10**12)
    assert 1 <= len(found) <= 2
    assert shortened


def test_a_shortened_list_says_so_beside_a_proven_optimum(monkeypatch):
    """The status is that of the best cut: a list that the clock had ended looked like a whole one."""
    whole = derandkit.maxcut(nx.petersen_graph(), solutions=4)
    assert "shortened" not in whole.to_dict()
    monkeypatch.setattr(
        solve, "several_cuts", lambda *_, **__: ([cut.signs for cut in whole.solutions[:2]], True)
    )
    result = derandkit.maxcut(nx.petersen_graph(), solutions=4)
    assert result.proven_optimal
    assert result.shortened
    assert "2 different ones (the search for them was ended early)" in " ".join(str(result).split())
    again = type(result).from_json(result.to_json())
    assert again.shortened
    assert again.to_json() == result.to_json()
    assert again.with_graph(result.instance).shortened
    verification = derandkit.verify(result, nx.petersen_graph())
    assert verification.ok
    assert {check.name: check.verdict.value for check in verification.checks}["shortened"] == "not checked"
    for wrong in (False, None, 1, "yes"):
        record = sealed({**result.to_dict(), "shortened": wrong})
        assert not derandkit.verify(record, nx.petersen_graph()).ok


def test_cuts_that_are_dropped_in_bulk_are_never_missed(monkeypatch):
    graph = derandkit.as_graph(nx.gnm_random_graph(40, 120, seed=3))
    known = [np.ones(40, dtype=np.int8)]
    found, _ = several_cuts(graph, known, 30, spare=several.SPARE)
    monkeypatch.setattr(several, "SPARE", 10**9)
    kept, _ = several_cuts(graph, known, 30, spare=64)
    assert [signs.tolist() for signs in found] == [signs.tolist() for signs in kept]
