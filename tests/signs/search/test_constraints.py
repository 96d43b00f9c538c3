"""Cuts under constraints: the best by enumeration, bounds above it, and a checker that contracts the graph itself."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import REALS, SMALL_INTEGERS, graphs, random_graph
from tests.leaves import leaves, replaced
from tests.second import second_report

import derandkit
from derandkit.certificates.cuts.constrained import verify_constrained_cut
from derandkit.cli import main
from derandkit.records import sealed
from derandkit.signs.contraction import Link, contract


@st.composite
def constrained(draw, weights=SMALL_INTEGERS | REALS):
    """A graph with constraints that some sides obey."""
    graph = draw(graphs(weights=weights, max_n=9))
    vertices = st.integers(0, graph.n - 1)
    hidden = draw(st.lists(st.integers(0, 1), min_size=graph.n, max_size=graph.n))
    chosen = draw(st.lists(vertices, max_size=4, unique=True))
    ends = draw(st.lists(st.tuples(vertices, vertices), max_size=4))
    fixed = {graph.labels[v]: hidden[v] for v in chosen}
    pairs = [
        (graph.labels[u], graph.labels[v], "same" if hidden[u] == hidden[v] else "opposite")
        for u, v in ends
        if u != v
    ]
    return graph, fixed, pairs


def exact_weight(graph, sides):
    return sum(
        (
            Fraction(w)
            for i, j, w in zip(*(c.tolist() for c in graph.edges()), strict=True)
            if sides[i] != sides[j]
        ),
        Fraction(0),
    )


def obeys(labels, sides, fixed, pairs):
    side = dict(zip(labels, sides, strict=True))
    return all(side[v] == k for v, k in fixed.items()) and all(
        (side[u] == side[v]) == (how == "same") for u, v, how in pairs
    )


def heaviest(graph, fixed, pairs):
    """The heaviest cut that obeys the constraints, by enumeration."""
    every = itertools.product((0, 1), repeat=graph.n)
    return max(exact_weight(graph, sides) for sides in every if obeys(graph.labels, sides, fixed, pairs))


@settings(deadline=None, max_examples=60)
@given(constrained())
def test_cut_and_bound_hold_the_best_between_them(case):
    graph, fixed, pairs = case
    result = derandkit.maxcut(graph, fixed=fixed, pairs=pairs, bound="best")
    best = heaviest(graph, fixed, pairs)
    sides = [result.sides[label] for label in graph.labels]
    assert obeys(graph.labels, sides, fixed, pairs)
    assert exact_weight(graph, sides) <= best <= Fraction(result.upper_bound)
    assert result.cut_value == graph.cut_value(result.signs)
    if result.proven_optimal:
        assert exact_weight(graph, sides) == best
    chain = result.chain
    assert chain["dual_bound"] >= chain["sdp_value"] - 1e-6 * (1 + abs(chain["sdp_value"]))
    assert chain["cut_value"] == result.cut_value or not graph.integral
    checked = derandkit.verify(result, graph)
    assert checked.ok, str(checked)
    again = type(result).from_json(result.to_json())
    assert again == result
    assert derandkit.verify(again, graph).ok


@settings(deadline=None, max_examples=100)
@given(constrained(), st.data())
def test_a_cut_of_the_contracted_graph_is_one_of_the_whole(case, data):
    graph, fixed, pairs = case
    number = {label: k for k, label in enumerate(graph.labels)}
    tied = list(fixed.items())
    links = [Link(number[tied[0][0]], number[v], k != tied[0][1]) for v, k in tied[1:]]
    links += [Link(number[u], number[v], how == "opposite") for u, v, how in pairs]
    found = contract(graph, links)
    signs = np.array(
        data.draw(st.lists(st.sampled_from([1, -1]), min_size=found.graph.n, max_size=found.graph.n)),
        dtype=np.int8,
    )
    whole = found.lift(signs)
    for u, v, opposite in links:
        assert (whole[u] != whole[v]) == opposite
    difference = exact_weight(graph, whole) - found.constant - exact_weight(found.graph, signs)
    assert difference <= found.slack
    if graph.integral:
        assert difference == found.slack == 0


def test_rounded_sums_are_inside_the_slack():
    """0.1 + 0.2 is no float: the bound has to hold for the exact sum."""
    graph = derandkit.WeightedGraph.from_edges([0, 1], [2, 2], [0.1, 0.2])
    found = contract(graph, [Link(0, 1, False)])
    exact = Fraction(0.1) + Fraction(0.2)
    assert found.slack == max(Fraction(0), exact - Fraction(float(exact)))
    result = derandkit.maxcut(graph, pairs=[(0, 1, "same")])
    assert Fraction(result.upper_bound) >= exact
    assert derandkit.verify(result, graph).ok


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"fixed": {"z": 0}}, "names 'z', which is not a vertex"),
        ({"fixed": {"1": 0}}, "there is 1 of type int"),
        ({"fixed": {"a": 2}}, "side 2; a side is 0 or 1"),
        ({"fixed": {"a": True}}, "side True"),
        ({"fixed": [("a", 0)]}, "pairs of a name and its value are given"),
        ({"fixed": 3}, "fixed is a mapping"),
        ({"fixed": {"a": 0}, "pairs": [("a", "b")]}, "a pair is"),
        ({"pairs": ["abc"]}, "a pair is"),
        ({"pairs": [("a", "b", "equal")]}, "'equal' is not one of same, opposite"),
        ({"pairs": [("a", "a", "opposite")]}, "contradict each other"),
        ({"pairs": [("a", "b", "same"), ("b", "a", "opposite")]}, "contradict each other"),
        (
            {"fixed": {"a": 0, "b": 1}, "pairs": [("a", "c", "same"), ("c", "b", "same")]},
            "contradict each other",
        ),
        ({"pairs": [("a", ["b"], "same")]}, "not a vertex"),
    ],
)
def test_bad_constraints_are_refused_in_one_line(options, said):
    with pytest.raises(derandkit.InputError) as caught:
        derandkit.maxcut([("a", "b"), ("b", "c"), ("c", 1)], **options)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_constraint_and_all_vertices_fixed():
    graph = random_graph(8, 0.5)
    free = derandkit.maxcut(graph, fixed={})
    assert free.cut_value == derandkit.maxcut(graph).cut_value
    assert derandkit.verify(free, graph).ok
    sides = {label: k % 2 for k, label in enumerate(graph.labels)}
    settled = derandkit.maxcut(graph, fixed=sides)
    assert settled.sides == sides
    assert settled.proven_optimal
    assert settled.upper_bound == settled.cut_value == exact_weight(graph, list(sides.values()))
    assert derandkit.verify(settled, graph).ok


def test_the_order_of_the_constraints_changes_no_byte():
    graph = random_graph(10, 0.5)
    a, b, c = graph.labels[1], graph.labels[4], graph.labels[7]
    one = derandkit.maxcut(graph, fixed={a: 0, b: 1}, pairs=[(b, c, "same"), (a, c, "opposite")])
    other = derandkit.maxcut(
        graph, fixed={b: 1, a: 0}, pairs=[(c, a, "opposite"), (c, b, "same"), (b, c, "same")]
    )
    assert one.to_json() == other.to_json()


def other_values(value):
    if isinstance(value, bool):
        return [not value, int(value), None]
    if isinstance(value, int):
        return [value + 1, float(value), None, -value - 1]
    if isinstance(value, float):
        return [value + 0.5, str(value), None]
    if isinstance(value, list):
        return [[], value[1:], [*value, *value], None]
    return ["", "same", "1", "+", None, 3]


@pytest.mark.parametrize("weights", ["integers", "reals"])
def test_every_change_outside_the_inner_record_is_noticed(weights):
    graph = random_graph(9, 0.6, weights=weights) if weights == "reals" else random_graph(9, 0.6)
    a, b, c, d, e = graph.labels[:5]
    result = derandkit.maxcut(graph, fixed={a: 1, b: 0}, pairs=[(c, d, "same"), (b, e, "opposite")])
    record = result.to_dict()
    assert derandkit.verify(record, graph).ok
    tried = 0
    for path, value in leaves(record, lists=True):
        if path[0] in ("contracted", "seal") or path == ("graph", "reading"):
            continue
        for other in other_values(value):
            if json.dumps(other) == json.dumps(value):
                continue
            tried += 1
            forged = sealed(replaced(record, path, other))
            assert not all(check.passed for check in verify_constrained_cut(forged, graph)), (
                path,
                value,
                other,
            )
    assert tried > 100


def test_a_record_for_other_constraints_is_refused():
    graph = derandkit.as_graph(nx.petersen_graph())
    strict = derandkit.maxcut(graph, pairs=[(0, 1, "same"), (1, 2, "opposite")]).to_dict()
    loose = derandkit.maxcut(graph, pairs=[(0, 1, "same")]).to_dict()
    for one, other in ((strict, loose), (loose, strict)):
        for key in ("constraints", "contracted", "contraction"):
            forged = sealed({**{k: v for k, v in one.items() if k != "seal"}, key: other[key]})
            assert not derandkit.verify(forged, graph).ok
    assert not derandkit.verify(strict, nx.cycle_graph(10)).ok


def test_files_pictures_and_tables(tmp_path):
    graph = nx.petersen_graph()
    result = derandkit.maxcut(graph, fixed={0: 1, 1: 1})
    result.save(tmp_path / "cut.json")
    again = derandkit.load(tmp_path / "cut.json", graph)
    assert (again, again.sides, again.cut_edges()) == (result, result.sides, result.cut_edges())
    assert again.membership[:2] == [1, 1]
    head = str(result).partition("\n\n")[0]
    assert "no cut that obeys the constraints weighs more" in " ".join(head.split())
    assert "2 fixed vertices, 0 pairs" in str(result)
    assert "<img" in result._repr_html_()
    derandkit.plot_cut(graph, result)


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_command_line_takes_constraints(tmp_path):
    file = tmp_path / "g.txt"
    file.write_text("a b\nb c\nc d\nd a\na c\n")
    target = tmp_path / "cut.json"
    outcome = run("maxcut", file, "--fix", "a", 1, "--fix", "c", 1, "--same", "b", "d", "-o", target)
    assert outcome.exit_code == 0
    assert "obeys the constraints" in " ".join(outcome.stdout.split())
    assert run("verify", target, file).exit_code == 0
    expected = derandkit.maxcut(file, fixed={"a": 1, "c": 1}, pairs=[("b", "d", "same")])
    assert target.read_text() == expected.to_json()
    outcome = run("maxcut", file, "--opposite", "b", "d", "--format", "tsv")
    sides = dict(line.split("\t") for line in outcome.stdout.splitlines())
    assert sides["b"] != sides["d"]
    assert sides["a"] == "0"
    for options in (("--fix", "z", 0), ("--fix", "a", 2), ("--same", "a", "b", "--opposite", "a", "b")):
        refused = run("maxcut", file, *options)
        assert refused.exit_code == 2
        assert refused.stdout == ""
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("1 2\n2 3\n")
    assert run("maxcut", numbers, "--same", 1, 2).exit_code == 0


@pytest.mark.parametrize("name", ["fixed", "pairs"])
@pytest.mark.parametrize("empty", [{}, ""])
def test_constraints_are_lists(name, empty):
    """Nothing is in them either way, but the form of the record asks for lists."""
    stated = {"fixed": {"a": 1}} if name == "pairs" else {"pairs": [("a", "b", "opposite")]}
    graph = derandkit.as_graph([("a", "b", 1.0), ("b", "c", 2.0)])
    record = derandkit.maxcut(graph, **stated).to_dict()
    assert derandkit.verify(record, graph).ok
    assert second_report(record, graph).ok
    forged = sealed({**record, "constraints": {**record["constraints"], name: empty}})
    assert derandkit.verify(forged, graph).failed[0] == "form"
    assert not second_report(forged, graph).ok
