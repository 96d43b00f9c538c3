"""Fixed variables, warm starts and target values of quadratic problems: against enumeration, verified twice."""

from __future__ import annotations

import copy
import itertools

import networkx as nx
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mutations import sealed_again
from tests.second import second_report

import derandkit as dk
from derandkit.cli import main
from derandkit.datasets import qubo
from derandkit.records import seal

WEIGHTS = st.integers(-5, 5)


@st.composite
def models_with_values(draw):
    """A model, and values of some of its variables."""
    n = draw(st.integers(1, 5))
    spin = draw(st.booleans())
    pairs = {p: draw(WEIGHTS) for p in itertools.combinations(range(n), 2)}
    linear = draw(st.sampled_from([[0] * n, None])) or [draw(WEIGHTS) for _ in range(n)]
    sense = draw(st.sampled_from(["minimize", "maximize"]))
    if spin:
        model = dk.QuadraticModel.from_ising(linear, pairs, sense=sense)
    else:
        model = dk.QuadraticModel.from_qubo(
            {**pairs, **{(k, k): h for k, h in enumerate(linear)}}, sense=sense
        )
    low = -1 if spin else 0
    chosen = draw(st.sets(st.integers(0, n - 1), min_size=1))
    return model, {k: draw(st.sampled_from([low, 1])) for k in sorted(chosen)}, low


@settings(max_examples=12)
@given(models_with_values())
def test_fixed_variables_have_their_values_and_the_bound_is_one_on_such_solutions(case):
    model, fixed, low = case
    result = dk.optimize(model, fixed=fixed, search=None)
    assert {k: result.solution[k] for k in fixed} == fixed
    such = [
        x for x in itertools.product([low, 1], repeat=model.n) if all(x[k] == v for k, v in fixed.items())
    ]
    best = (max if model.sense == "maximize" else min)(model.value(x) for x in such)
    assert result.value == best == result.bound
    assert result.proven_optimal
    assert dk.verify(result, model).ok
    assert second_report(result.to_dict(), model).ok
    assert dk.QuadraticResult.from_json(result.to_json()).to_json() == result.to_json()


def test_every_problem_takes_fixed_variables():
    assert (
        dk.max2sat([(1, 2), (-1, 2), (1, -2), (-1, -2)], weights=[4, 1, 1, 1], fixed={1: 0}).solution[1] == 0
    )
    arcs = nx.DiGraph([(1, 2), (2, 3), (3, 1), (1, 3)])
    assert dk.maxdicut(arcs, fixed={1: 0, 2: 0}).value == 1
    camps = dk.frustration([("a", "b", 1), ("b", "c", 1)], fixed={"a": 1, "c": -1})
    assert (camps.value, camps.proven_optimal) == (1, True)
    shown = " ".join(str(camps).split())
    assert "fixed 2 vertices; value and bound are those of such solutions" in shown
    assert "no such solution is below" in shown


def test_constraints_that_are_not_fixed_variables_are_no_evidence():
    model = dk.QuadraticModel.from_qubo({("a", "a"): -1, ("a", "b"): 2, ("b", "b"): -3, ("b", "c"): 1})
    record = dk.optimize(model, fixed={"b": 0}).to_dict()
    assert dk.verify(record, model).ok
    for change in (
        lambda cut: cut["constraints"].update(fixed=[["b", 1], ["reference", 1]]),
        lambda cut: cut["constraints"].update(fixed=[["b", 1]]),
        lambda cut: cut["constraints"].update(fixed=[["b", 0], ["reference", 0]]),
        lambda cut: cut["constraints"].update(pairs=[["a", "c", "same"]]),
        lambda cut: cut["constraints"].update(fixed=[["reference", 0]]),
    ):
        forged = copy.deepcopy(record)
        change(forged["cut"])
        forged["cut"]["seal"] = seal(forged["cut"])
        forged["seal"] = seal(forged)
        assert not dk.verify(forged, model).ok
        assert not second_report(forged, model).ok


def test_a_result_is_never_worse_than_the_solution_that_was_known():
    model = qubo("gka2b")
    best = dk.optimize(model, search=dk.SearchEffort(work=3_000_000), bound="sdp")
    for start in (best, best.solution, list(best.values)):
        again = dk.optimize(model, start=start, search=None, bound="sdp")
        assert again.value == best.value == -121
    assert dk.optimize(model, start=best, fixed={1: best.solution[1]}, search=None, bound="sdp").value == -121


@pytest.mark.parametrize("fixed", [None, {1: 1}])
def test_a_search_stops_at_the_target(fixed):
    model = qubo("gka5c")
    effort = dk.SearchEffort(work=6_000_000)
    whole = dk.optimize(model, search=effort, bound="sdp", fixed=fixed)
    short = dk.optimize(model, search=effort, bound="sdp", fixed=fixed, target=whole.value)
    assert short.value == whole.value
    assert short.cut.search["work"] < whole.cut.search["work"] / 4


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fixed": {"z": 1}}, "names 'z', which is not a variable"),
        ({"fixed": {"x": -1}}, "gives 'x' the value -1; binary variables are 0 and 1"),
        ({"fixed": {"x": True}}, "gives 'x' the value True"),
        ({"fixed": [("x", 1)]}, "fixed is a mapping"),
        ({"start": {"x": 1}}, "leaves out variable 'y'"),
        ({"start": {"x": 1, "y": 2}}, "are 0 and 1"),
        ({"start": {"x": 1, "y": 0}, "fixed": {"x": 0}}, "it gives 'x' the value 1, and 0 is fixed"),
        ({"target": 1, "search": None}, "a target ends a search"),
        ({"target": float("nan")}, "nan"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, words):
    with pytest.raises(dk.InputError, match=words):
        dk.minimize_qubo({("x", "x"): -4, ("x", "y"): 2, ("y", "y"): -1}, **options)


def test_the_command_line_fixes_starts_and_stops(tmp_path):
    file, out, again = tmp_path / "m.qubo", tmp_path / "r.json", tmp_path / "s.json"
    file.write_text("p qubo 0 3 2 1\n0 0 -1\n2 2 5\n0 1 -3\n")
    run = CliRunner()
    done = run.invoke(main, ["qubo", str(file), "--fix", "2", "1", "--fix", "0", "0", "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert dk.load(out).solution == {0: 0, 1: 0, 2: 1}
    assert run.invoke(main, ["verify", str(out), str(file)]).exit_code == 0
    done = run.invoke(main, ["qubo", str(file), "--start", str(out), "--target", "-4", "-o", str(again)])
    assert done.exit_code == 0, done.output
    assert dk.load(again).value == -4
    lines = tmp_path / "lines.tsv"
    lines.write_text("0\t1\n1\t1\n2\t0\n")
    done = run.invoke(main, ["qubo", str(file), "--start", str(lines), "--search", "none", "--format", "tsv"])
    assert done.stdout == lines.read_text()
    twice = ["--fix", "2", "1", "--fix", "2", "0"]
    for wrong in (
        ["--fix", "7", "1"],
        ["--fix", "2", "3"],
        twice,
        ["--start", str(file)],
        ["--start", "no such file"],
    ):
        assert run.invoke(main, ["qubo", str(file), *wrong]).exit_code == 2, wrong


def test_the_opposite_of_a_start_obeys_where_all_signs_may_change():
    """Without fields both are worth the same; a start that agrees with a part only does not obey."""
    model = dk.QuadraticModel.from_ising({}, {("a", "b"): 1, ("b", "c"): 1, ("c", "d"): -1})
    start = {"a": 1, "b": -1, "c": 1, "d": 1}
    assert dk.optimize(model, start=start, fixed={"a": -1, "b": 1}).value == -3
    with pytest.raises(dk.InputError, match="it gives 'b' the value -1, and 1 is fixed"):
        dk.optimize(model, start=start, fixed={"a": 1, "b": 1})


SIGNED = [("a", "b", 1), ("b", "c", -1), ("a", "c", -1), ("c", (1, "d"), 2)]


@pytest.mark.parametrize(
    "camps",
    [({"a", "b"}, {"c", (1, "d")}), [["a", "b"], ["c", (1, "d")]], (("c", (1, "d")), frozenset("ab"))],
)
def test_a_start_of_a_signed_graph_may_be_its_two_camps(camps):
    found = dk.frustration(SIGNED, start=camps, search=None)
    assert found.value == 0
    side = found.solution["a"]
    assert found.solution == {"a": side, "b": side, "c": -side, (1, "d"): -side}


@pytest.mark.parametrize(
    ("camps", "words"),
    [
        (({"a", "b"}, {"b", "c", (1, "d")}), "the camps name 'b' twice"),
        (({"a", "b"}, {"c"}), r"\(1, 'd'\)"),
        (({"a", "b"}, {"c", "e", (1, "d")}), "'e'"),
    ],
)
def test_camps_hold_every_vertex_once(camps, words):
    with pytest.raises(dk.InputError, match=words):
        dk.frustration(SIGNED, start=camps)


def test_two_collections_are_no_bits():
    with pytest.raises(dk.InputError, match="values of binary variables are 0 and 1"):
        dk.minimize_qubo({("a", "b"): 2, ("a", "a"): -1}, start=({"a"}, {"b"}))


def test_a_solution_of_given_size_fits_pandas_as_others_do():
    pytest.importorskip("pandas")
    model = dk.QuadraticModel.from_qubo({("b", "a"): 2, ("a", "a"): -1, ("c", "c"): -3})
    found = dk.optimize_with_cardinality(model, 1)
    assert found.labels == ("a", "b", "c")
    assert found.to_series().to_dict() == found.solution == {"a": 0, "b": 0, "c": 1}
    assert found.to_frame().to_dict("list") == {"variable": ["a", "b", "c"], "value": [0, 0, 1]}


def test_the_message_of_an_optimum_with_fixed_values_speaks_of_such_solutions():
    """The record said that no solution is better, where one without the fixed values is."""
    model = dk.QuadraticModel.from_qubo({("a", "a"): -5, ("b", "b"): 1, ("a", "b"): 1})
    result = dk.optimize(model, fixed={"a": 0})
    assert result.proven_optimal
    assert result.value == 0 > dk.optimize(model).value == -5
    record = result.to_dict()
    assert record["message"] == "optimal: no solution with the fixed values is better, the bound is certified"
    assert result.message == record["message"]
    assert record["message"] in " ".join(str(result).split())
    assert dk.verify(record, model).ok
    earlier = sealed_again({**record, "message": dk.QuadraticStatus.OPTIMAL.value})
    report = dk.verify(earlier, model)
    assert report.ok
    assert "true of solutions with the fixed values" in str(report)
    for one in (record, earlier):
        assert second_report(one, model).ok
    free = dk.optimize(model).to_dict()
    assert not dk.verify(sealed_again({**free, "message": record["message"]}), model).ok
