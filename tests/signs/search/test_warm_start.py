"""A cut that is known already: read in every form, never made lighter, and the record holds without it."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import SMALL_INTEGERS, graphs, random_graph

import derandkit
from derandkit.cli import main
from derandkit.cuts.starts import read_start, read_start_file
from derandkit.quadratic.given import read_solution

#: A graph whose derandomized cut is not the best one, and a search that finds a better one.
UNSETTLED = nx.gnp_random_graph(60, 0.2, seed=1)
EFFORT = derandkit.SearchEffort(work=2_000_000)


@settings(deadline=None, max_examples=40)
@given(graphs(weights=SMALL_INTEGERS, max_n=9), st.data())
def test_the_result_is_never_lighter_than_the_start(graph, data):
    sides = data.draw(st.lists(st.integers(0, 1), min_size=graph.n, max_size=graph.n))
    start = dict(zip(graph.labels, sides, strict=True))
    result = derandkit.maxcut(graph, start=start)
    plain = derandkit.maxcut(graph)
    weight = graph.cut_value([1 - 2 * side for side in sides])
    assert result.cut_value == max(weight, plain.cut_value)
    assert derandkit.verify(result, graph).ok
    if weight <= plain.cut_value:
        assert result == plain


def test_a_better_start_is_kept_and_searched_from():
    graph = derandkit.as_graph(UNSETTLED)
    known = derandkit.maxcut(graph, search=EFFORT)
    plain = derandkit.maxcut(graph, search=None, bound="sdp")
    assert plain.cut_value < known.cut_value
    warm = derandkit.maxcut(graph, start=known, search=None, bound="sdp")
    assert warm.cut_value == known.cut_value
    assert warm.chain["derandomized_cut"] == plain.cut_value
    assert warm.search["runs"] == warm.search["work"] == 0
    assert "before the warm start" in str(warm)
    assert derandkit.verify(warm, graph).ok
    searched = derandkit.maxcut(graph, start=known, search=derandkit.SearchEffort(work=1000))
    assert searched.cut_value == known.cut_value
    assert derandkit.verify(searched, graph).ok


def test_every_form_says_the_same():
    graph = derandkit.as_graph([("a", "b", 1), ("b", "c", 2), ("c", "d", 3)])
    expected = [1, -1, -1, 1]
    forms = [
        {"a": 0, "b": 1, "c": 1, "d": 0},
        {"d": -1, "c": 1, "b": 1, "a": -1},
        (["a", "d"], ["b", "c"]),
        [{"a", "d"}, {"c", "b"}],
        np.array([1, -1, -1, 1]),
        [0, 1, 1, 0],
        [True, False, False, True],
        derandkit.maxcut(graph, fixed={"a": 0, "d": 0, "b": 1, "c": 1}),
    ]
    for start in forms:
        signs = read_start(graph, start)
        assert (signs * signs[0]).tolist() == expected
    assert [read_start(graph, start).tolist() for start in (forms[0], forms[2], forms[4])] == [expected] * 3


def test_values_of_pandas_go_by_their_labels():
    """A Series was read by position: a start of 1976 became another cut, and the answer was 1975."""
    pandas = pytest.importorskip("pandas")
    graph = derandkit.as_graph([("b", "a", 1), ("c", "a", 2), ("b", "d", 5)])
    result = derandkit.maxcut(graph)
    series, frame = result.to_series(), result.to_frame()
    forms = (
        series,
        series[::-1],
        frame,
        frame[::-1],
        1 - 2 * series[::-1],
        pandas.Series(result.sides)[::-1],
    )
    for start in forms:
        assert (read_start(graph, start) == result.signs).all()
    assert graph.cut_value((1 - 2 * series)[::-1]) == result.cut_value
    assert graph.cut_value(pandas.Series([1, -1, 1, -1])) == graph.cut_value(
        [1, -1, 1, -1]
    )  # rows that are counted
    for labels, said in (
        ("abcc", "two entries for 'c'"),
        ("abcz", "names 'z'"),
        ("abc", "leaves out vertex 'd'"),
    ):
        with pytest.raises(derandkit.InputError, match=said):
            graph.cut_value(pandas.Series(1, index=list(labels)))
    model = derandkit.QuadraticModel.from_qubo({("x", "y"): 2, ("y", "y"): -1})
    solution = pandas.Series([1, 0], index=["y", "x"])
    assert model.value(solution) == model.value({"x": 0, "y": 1}) == -1
    assert model.value(pandas.DataFrame({"variable": ["y", "x"], "value": [1, 0]})) == -1


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ({"a": 0}, "leaves out vertex"),
        ({"a": 0, "b": 1, "z": 0}, "names 'z'"),
        ({"a": 0, "b": 2, "c": 1}, "0 and 1, 1 and -1, or 1 and 2; got 0, 1, 2"),
        ({"a": 0, "b": 1, "c": -1}, "0 and 1, 1 and -1, or 1 and 2"),
        ((["a", "b"], ["b", "c"]), "twice"),
        ([1, 0], "got 2 entries for 3 vertices"),
        ("abc", "got str"),
        (3, "got int"),
    ],
)
def test_bad_starts_are_refused(start, said):
    with pytest.raises(derandkit.InputError, match=said):
        derandkit.maxcut([("a", "b"), ("b", "c")], start=start)


def test_an_array_with_two_orders_is_refused():
    graph = derandkit.WeightedGraph.from_edges([0, 1], [1, 2], labels=["c", "a", "b"])
    with pytest.raises(derandkit.InputError, match="one order in the input and another in the graph"):
        derandkit.maxcut(graph, start=[0, 1, 0])
    assert derandkit.maxcut(graph, start={"c": 0, "a": 1, "b": 0}).cut_value == 2


def test_a_start_under_constraints():
    graph = random_graph(10, 0.5)
    a, b, c = graph.labels[0], graph.labels[3], graph.labels[6]
    best = derandkit.maxcut(graph, fixed={a: 1, b: 1}, pairs=[(b, c, "opposite")], bound="best")
    again = derandkit.maxcut(graph, fixed={a: 1, b: 1}, pairs=[(b, c, "opposite")], start=best)
    assert again.cut_value == best.cut_value
    assert (again.sides[a], again.sides[b], again.sides[c]) == (1, 1, 0)
    assert derandkit.verify(again, graph).ok
    flipped = {label: 1 - side for label, side in best.sides.items()}  # the same cut
    assert derandkit.maxcut(graph, fixed={a: 1, b: 1}, start=flipped).cut_value >= best.cut_value
    with pytest.raises(derandkit.InputError, match="does not obey"):
        derandkit.maxcut(graph, pairs=[(a, b, "opposite")], start=best)


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_command_line_reads_records_and_lines(tmp_path):
    graph = tmp_path / "g.txt"
    nx.write_edgelist(UNSETTLED, graph, data=False)
    best = derandkit.maxcut(graph, search=EFFORT)
    record, tsv, warm = tmp_path / "cut.json", tmp_path / "cut.tsv", tmp_path / "warm.json"
    best.save(record)
    tsv.write_text(run("maxcut", graph, "--start", record, "--format", "tsv").stdout)
    outcome = run("maxcut", graph, "--start", tsv, "-o", warm)
    assert f"cut          {best.cut_value} " in outcome.stdout
    assert run("verify", warm, graph).exit_code == 0
    several, bound = tmp_path / "several.json", tmp_path / "bound.json"
    assert run("maxcut", graph, "--solutions", 2, "-o", several, "-q").exit_code == 0
    assert run("maxcut", graph, "--fix", 1, 0, "--solutions", 2, "-o", bound, "-q").exit_code == 0
    for file in (several, bound):
        assert run("maxcut", graph, "--start", file, "--format", "tsv").exit_code == 0
    for text, said in (
        ("1 0\n1 1\n", ":2: puts"),
        ("x y\n", ":1: 'x y' is not a vertex"),
        ("{}", "not the record"),
        ("1 0\n", "out"),
    ):
        tsv.write_text(text)
        refused = run("maxcut", graph, "--start", tsv)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert said in refused.stderr
    assert run("maxcut", graph, "--start", tmp_path / "none").exit_code == 2


@pytest.mark.parametrize("lines", [3, 60000])
@pytest.mark.parametrize("label", ['"a', '"a"x'])
def test_a_quotation_mark_that_is_not_closed_is_one_line(label, lines, tmp_path):
    file = tmp_path / "start.csv"
    file.write_text(f"node,side\n{label},0\n" + "b,1\n" * lines)
    words = r"start\.csv:2: a quotation mark is not closed here"
    with pytest.raises(derandkit.InputError, match=words):
        read_start_file(derandkit.as_graph([("a", "b"), ("b", "c")]), file)
    with pytest.raises(derandkit.InputError, match=words):
        read_solution(["a", "b"], file)
