"""Quadratic problems: against enumeration, in exact arithmetic, with records that only say what is true."""

from __future__ import annotations

import copy
import itertools
import json
import random
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.inputs import refused
from tests.leaves import leaves, replaced
from tests.quadratic.test_models import models

import derandkit as dk
from derandkit.certificates.quadratic.problems import counts_of, polynomial, value_of
from derandkit.cli import main
from derandkit.models.arcs import Arcs, SignedGraph, read_arcs
from derandkit.models.clauses import Clauses, read_clauses
from derandkit.records import seal

WEIGHTS = st.one_of(st.integers(-5, 9), st.floats(-4, 4).filter(lambda x: x == 0 or abs(x) > 1e-6))


@st.composite
def clauses(draw):
    n = draw(st.integers(1, 5))
    literal = st.integers(1, n).flatmap(lambda v: st.sampled_from([v, -v]))
    rows = draw(st.lists(st.lists(literal, min_size=1, max_size=2), max_size=9))
    weights = draw(st.lists(WEIGHTS, min_size=len(rows), max_size=len(rows)))
    hard = [k for k in range(len(rows)) if draw(st.integers(0, 4)) == 0]
    return Clauses.from_clauses(rows, weights=weights, hard=hard, n=n), rows, weights, hard


@st.composite
def weighted_pairs(draw):
    n = draw(st.integers(1, 5))
    ends = st.integers(0, n - 1)
    return n, draw(st.lists(st.tuples(ends, ends, WEIGHTS), max_size=9))


def choices(instance, low=0):
    return (np.array(x, dtype=np.int8) for x in itertools.product([low, 1], repeat=instance.n))


def soft_value(x, rows, weights, hard):
    """Exact weight of satisfied soft clauses, and how many hard clauses are violated."""
    good = [any((x[abs(literal) - 1] == 1) == (literal > 0) for literal in row) for row in rows]
    soft = sum((Fraction(w) for k, (w, ok) in enumerate(zip(weights, good, strict=True)) if ok and k not in hard),
               Fraction(0))  # fmt: skip
    return soft, sum(not good[k] for k in hard)


@given(clauses())
def test_clauses_are_counted_by_their_definition(case):
    instance, rows, weights, hard = case
    for x in choices(instance):
        soft, missed = soft_value(x, rows, weights, hard)
        assert instance.exact_value(x) == soft - missed * Fraction(instance.penalty)
        assert value_of(instance, x.tolist()) == instance.exact_value(x)
        figures, again = instance.figures(x), counts_of(instance, x.tolist())
        assert len(figures["hard_violated"]) == missed
        assert {name: again[name] for name in ("violated", "hard_violated")} == {
            name: figures[name] for name in ("violated", "hard_violated")
        }


@given(clauses())
def test_a_violated_hard_clause_is_never_worth_it(case):
    instance, rows, weights, hard = case
    values = [(soft_value(x, rows, weights, hard), instance.exact_value(x)) for x in choices(instance)]
    feasible = [value for (_, missed), value in values if missed == 0]
    for (_, missed), value in values:
        assert missed == 0 or all(value < other for other in feasible)


@given(weighted_pairs())
def test_arcs_and_frustrated_edges_are_counted_by_their_definition(case):
    n, rows = case
    arcs = Arcs.from_arcs(rows, nodes=range(n))
    for x in choices(arcs):
        exact = sum((Fraction(w) for u, v, w in rows if x[u] == 1 and x[v] == 0), Fraction(0))
        assert abs(arcs.exact_value(x) - exact) <= Fraction(
            1, 10**12
        )  # parallel arcs are summed, correctly rounded
        assert value_of(arcs, x.tolist()) == arcs.exact_value(x)
    simple = {(min(u, v), max(u, v)): w for u, v, w in rows}
    graph = dk.as_graph([(u, v, w * (u != v)) for (u, v), w in simple.items()] or [(0, 0, 1)])
    signed = SignedGraph(graph)
    i, j, w = graph.edges()
    for s in choices(signed, low=-1):
        bad = [
            abs(Fraction(c))
            for a, b, c in zip(i, j, w.tolist(), strict=True)
            if (s[a] != s[b]) == (c > 0) and c
        ]
        assert signed.exact_value(s) == value_of(signed, s.tolist()) == sum(bad, Fraction(0))


@given(
    st.one_of(
        clauses().map(lambda case: case[0]),
        weighted_pairs().map(lambda c: Arcs.from_arcs(c[1], nodes=range(c[0]))),
    )
)
def test_solver_and_checker_write_the_same_polynomial(instance):
    terms = instance.terms()
    model = terms.model()
    found = polynomial(instance)
    assert found.model.digest == model.digest
    assert found.slack == terms.slack(model)
    for x in choices(instance):
        assert abs(model.exact_value(x) - instance.exact_value(x)) <= found.slack


@settings(max_examples=40)
@given(st.one_of(models(largest=5).map(lambda case: case[0]), clauses().map(lambda case: case[0])))
def test_values_and_bounds_hold_against_enumeration(instance):
    low = -1 if getattr(instance, "vartype", "binary") == "spin" else 0
    result = dk.optimize(instance, search=None, bound="cycle")
    exact = [instance.exact_value(x) for x in choices(instance, low)]
    best = max(exact) if result.sense == "maximize" else min(exact)
    bound = Fraction(result.bound) if np.isfinite(result.bound) else None
    if result.bound_status == "certified" and bound is not None:
        assert bound >= best if result.sense == "maximize" else bound <= best
    if result.proven_optimal:
        assert instance.exact_value(np.array(result.values)) == best
    outcome = dk.verify(result, instance)
    assert outcome.ok, str(outcome)
    assert dk.QuadraticResult.from_json(result.to_json()) == result


TIGHT = [(1, 2), (-1, 2), (1, -2), (-1, -2), (3,)]


def small():
    return {
        "ising": dk.QuadraticModel.from_ising(
            {"a": 1, "b": 0.5}, {("a", "b"): 1, ("b", "c"): -2, ("a", "c"): 1}
        ),
        "qubo": dk.QuadraticModel.from_qubo(np.array([[2, -3, 1], [0, 1, -4], [0, 0, 3]]), sense="maximize"),
        "max2sat": Clauses.from_clauses(
            [(1, 2), (-1, 2), (1, -2), (-1, -2), (3,)], weights=[1, 2, 3, 4, 2], hard=[4]
        ),
        "maxdicut": Arcs.from_arcs([("a", "b", 2), ("b", "c", 1), ("c", "a", 4), ("a", "d", 1)]),
        "balance": SignedGraph(dk.as_graph([("a", "b", 1), ("b", "c", 1), ("a", "c", -1), ("c", "d", -2)])),
    }


@pytest.fixture(scope="module")
def solved():
    return {kind: dk.optimize(instance) for kind, instance in small().items()}


def test_small_problems_are_proven_and_say_so_in_their_words(solved):
    words = {
        "ising": "energy",
        "qubo": "value",
        "max2sat": "satisfied weight",
        "maxdicut": "arcs out",
        "balance": "frustrated",
    }
    for kind, result in solved.items():
        assert result.proven_optimal
        assert result.gap == 0
        assert words[kind] in str(result)
        assert "cut" not in result.message
    assert solved["max2sat"].figures["hard_violated"] == []
    assert solved["balance"].value == 1


@pytest.mark.parametrize("kind", small())
def test_no_claim_of_a_record_can_be_changed(kind, solved):
    """Every leaf outside the record of the cut, re-sealed after the change."""
    record, instance = solved[kind].to_dict(), small()[kind]
    assert dk.verify(record, instance).ok

    seen = 0
    for path, value in leaves(
        {key: entry for key, entry in record.items() if key not in ("cut", "schema", "seal")}
    ):
        if path == ("instance", "reading"):  # provenance: not checked
            continue
        for other in mutations(value):
            forged = replaced(record, path, other)
            forged["seal"] = seal(forged)
            assert not dk.verify(forged, instance).ok, (path, value, other)
            seen += 1
    assert seen > 50


def mutations(value):
    if isinstance(value, bool):
        return [not value, int(value)]
    if isinstance(value, int):
        return [value + 1, -value - 1, float(value), str(value)]
    if isinstance(value, float):
        return [value + 0.5, -value - 1.0, str(value)]
    if isinstance(value, str):
        return [value + " ", "", 0]
    return [0, "x"]


@pytest.mark.parametrize("kind", small())
def test_a_record_holds_for_its_own_instance_only(kind, solved):
    for other, instance in small().items():
        if other != kind:
            assert "kind" in dk.verify(solved[kind], instance).failed
    flipped = {
        "ising": dk.QuadraticModel.from_ising(
            {"a": 1, "b": 0.25}, {("a", "b"): 1, ("b", "c"): -2, ("a", "c"): 1}
        ),
        "max2sat": Clauses.from_clauses(
            [(1, 2), (-1, 2), (1, -2), (-1, -2), (3,)], weights=[1, 2, 3, 5, 2], hard=[4]
        ),
    }
    if kind in flipped:
        assert "instance" in dk.verify(solved[kind], flipped[kind]).failed


def test_a_cut_of_another_graph_is_no_evidence(solved):
    record = copy.deepcopy(solved["ising"].to_dict())
    record["cut"] = dk.maxcut([(0, 1), (1, 2), (2, 3), (0, 3)]).to_dict()
    record["seal"] = seal(record)
    assert "cut.graph" in dk.verify(record, small()["ising"]).failed


def test_the_functions_take_what_users_hold():
    assert dk.minimize_ising([0, 0, 0], {(0, 1): 1, (1, 2): 1, (0, 2): 1}).value == -1
    assert dk.maximize_qubo({("x", "y"): 2, ("x", "x"): -1}).solution == {"x": 1, "y": 1}
    assert dk.maxdicut(nx.DiGraph([(1, 2), (2, 3), (3, 1), (1, 3)])).value == 2
    assert dk.frustration(nx.karate_club_graph(), weight=None).value == 0
    with pytest.raises(dk.InputError, match="DiGraph"):
        dk.maxdicut(nx.path_graph(3))
    with pytest.raises(dk.InputError, match="clause 1 has 3 literals"):
        dk.max2sat([(1,), (1, 2, 3)])


def test_a_frustrated_dimod_model_reaches_its_planted_ground_state():
    dimod = pytest.importorskip("dimod")
    bqm = dimod.generators.frustrated_loop(nx.grid_2d_graph(8, 8), 40, seed=7)
    result = dk.optimize(dk.QuadraticModel.from_dimod(bqm))
    planted = bqm.energy(dict.fromkeys(bqm.variables, 1))
    assert result.value == planted
    assert result.proven_optimal


# --- files and the command line ------------------------------------------------------------------------------------

FILES = {
    "ising": ("m.coo", "# vartype=SPIN\n0 0 1.0\n0 1 -1.0\n1 2 2\n0 2 1\n"),
    "qubo": ("m.qubo", "p qubo 0 3 2 1\n0 0 -1\n2 2 5\n0 1 3\n"),
    "max2sat": ("m.wcnf", "c old form\np wcnf 3 4 10\n10 1 2 0\n3 -1 0\n2 -2 3 0\n1 -3 0\n"),
    "maxdicut": ("m.arcs", "a,b,2\nb,c,1\nc,a,4\n"),
    "balance": ("m.edgelist", "a b 1\nb c 1\na c -1\n"),
}


@pytest.mark.parametrize("verb", FILES)
def test_every_verb_solves_writes_and_verifies(verb, tmp_path):
    name, text = FILES[verb]
    file, out = tmp_path / name, tmp_path / "r.json"
    file.write_text(text)
    run = CliRunner()
    done = run.invoke(main, [verb, str(file), "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert "proven optimal" in done.stdout
    again = run.invoke(main, [verb, str(file), "--format", "json", "--search", "none"])
    assert json.loads(again.stdout)["value"] == json.loads(out.read_text())["value"]
    lines = run.invoke(main, [verb, str(file), "--format", "tsv"]).stdout.splitlines()
    assert len(lines) == 3
    assert all(line.count("\t") == 1 for line in lines)
    checked = run.invoke(main, ["verify", str(out), str(file)])
    assert checked.exit_code == 0, checked.output
    file.write_text(text.replace("3", "4").replace("1\n", "2\n"))
    assert run.invoke(main, ["verify", str(out), str(file)]).exit_code in (1, 2)


def test_problems_of_an_or_library_file_are_found_by_their_digest(tmp_path):
    file, out = tmp_path / "bqp", tmp_path / "r.json"
    file.write_text("2\n2 2\n1 1 4\n1 2 3\n3 2\n1 3 2\n2 2 -1\n")
    run = CliRunner()
    assert run.invoke(main, ["qubo", str(file)]).exit_code == 2
    done = run.invoke(main, ["qubo", str(file), "--instance", "2", "-o", str(out)])
    assert done.exit_code == 0
    assert "problem 2 of 2, pairs count twice, maximized" in done.stderr
    assert run.invoke(main, ["verify", str(out), str(file)]).exit_code == 0


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.cnf", "p cnf 2 3\n1 2 0 -1\n0 1 -2 0\n", (2, 3, 0)),
        ("a.wcnf", "c new form\nh 1 2 0\n3 -1 0\n", (2, 2, 1)),
        ("a.wcnf", "p wcnf 2 2\n2.5 1 2 0\n3 -1 0\n", (2, 2, 0)),
    ],
)
def test_clause_files_of_every_form(tmp_path, name, text, expected):
    file = tmp_path / name
    file.write_text(text)
    found = read_clauses(file)
    assert (found.n, found.m, int(found.hard.sum())) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("p cnf 3 1\n1 2 3 0\n", ":2: a clause of 3 literals"),
        ("p cnf 2 2\n1 2 0\n", "announces 2 clauses and holds 1"),
        ("p cnf 110000000 2\n1 2 0\n3 0\n", "a problem of 110000000 variables"),
        ("h 2 -1 0\nh 110000000 0\n", "a problem of 110000000 variables"),
        ("p cnf 2 1\n1 x 0\n", ":2: expected literals and 0, got '1 x 0'"),
        ("p cnf 2 1\n1 2\n", "does not end with 0"),
        ("p cnf 1 1\n1 2 0\n", "name variable 2, but there are 1"),
        ("p cnf 2 1\n0\n", ":2: an empty clause"),
        ("p sat 2 1\n", ":1: expected 'p cnf"),
        ("h 1 2\n", ":1: expected a weight"),
        ("h 1 0\nnan 1 0\n", ":2: 'nan' is not a number"),
        ("p cnf 2 1\n1 0\np cnf 2 1\n", ":3: a header in the middle"),
    ],
)
def test_broken_clause_files_are_refused_with_the_line(tmp_path, text, words):
    file = tmp_path / "a.cnf"
    file.write_text(text)
    assert words in refused(read_clauses, file)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one two\na b\n", ":1: 'one two' looks like column names, or an edge"),
        ("a b 1\nb c\n", ":2: 2 columns"),
        ("a b x\n", ":1: weight 'x' is not a number"),
        ("# nothing\n", "holds only comments"),
        ("a b inf\n", ":1: weight 'inf' is not finite"),
    ],
)
def test_broken_arc_files_are_refused_with_the_line(tmp_path, text, words):
    file = tmp_path / "a.arcs"
    file.write_text(text)
    assert words in refused(read_arcs, file)


def test_verify_takes_what_the_functions_take():
    Q = {("x", "x"): -1, ("x", "y"): 2, ("y", "y"): -3}
    assert dk.verify(dk.minimize_qubo(Q), Q)
    assert dk.verify(dk.maximize_qubo(np.array([[1, -2], [0, 1]])), np.array([[1, -2], [0, 1]]))
    h, J = {"a": 1}, {("a", "b"): -2}
    assert dk.verify(dk.minimize_ising(h, J), (h, J))
    assert not dk.verify(dk.minimize_ising(h, J), ({"a": 2}, J))
    with pytest.raises(dk.InputError, match="minimize_qubo"):
        dk.optimize(Q)


def test_a_frame_names_the_variables():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([[-1, 2], [0, -3]], index=["x", "y"], columns=["x", "y"])
    assert dk.minimize_qubo(frame).solution == {"x": 0, "y": 1}
    with pytest.raises(dk.InputError, match="different labels"):
        dk.minimize_qubo(frame.loc[["y", "x"]])


def test_every_form_of_a_problem_means_the_same_or_is_refused():
    """What testers found read as another problem without a word."""
    matrix = np.array([[0, 4, 0], [0, 0, 6], [2, 0, 0]])
    assert dk.maxdicut(matrix).value == dk.maxdicut({(0, 1): 4, (1, 2): 6, (2, 0): 2}).value == 6
    digraph = nx.DiGraph()
    digraph.add_edge(1, 2, cost=5)
    assert dk.maxdicut(digraph, weight="cost").value == 5
    assert dk.verify(dk.maxdicut(matrix), matrix)
    marks = dk.max2sat([(1,), (-1,), (2,)], weights=[9, 1, 1], hard=[False, False, True])
    assert (marks.value, marks.figures["hard_violated"]) == (9, [])
    assert dk.max2sat({(1, 2): 5, (-1,): 9}).value == 14


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: dk.frustration([("A", "B", 1), ("A", "B", -1), ("B", "C", 1)]), "one edge a pair"),
        (lambda: dk.maxdicut([[0, 3], [0, 0]]), "may be a matrix or 2 edges"),
        (lambda: dk.maxdicut(nx.DiGraph([(1, 2, {"cost": 5})]), weight="kost"), "they have cost"),
        (lambda: dk.max2sat([1, -2]), "clause 0 is 1"),
        (lambda: dk.max2sat([(1, 2)], hard=[(1,)]), "positions of clauses"),
        (lambda: dk.max2sat([(1,)], hard=[True, False]), "2 marks for 1 clauses"),
        (lambda: dk.minimize_ising([1, 1], {("a", "b"): 1}), "pass h as a mapping"),
        (lambda: dk.minimize_ising(nx.path_graph(3), {}), "h is a graph"),
    ],
)
def test_what_fits_two_readings_or_none_is_refused(make, words):
    with pytest.raises(dk.InputError, match=words):
        make()


def test_clauses_without_a_header_need_the_name_of_weighted_ones(tmp_path):
    for name in ("a.cnf", "a.txt"):
        (tmp_path / name).write_text("1 2 0\n-1 -2 0\n")
        with pytest.raises(dk.InputError, match="two readings"):
            read_clauses(tmp_path / name)
    (tmp_path / "a.wcnf").write_text("1 2 0\n")
    assert read_clauses(tmp_path / "a.wcnf").m == 1


def random_clauses(n, m, seed):
    """Clauses of two different variables."""
    rng = random.Random(seed)
    return Clauses.from_clauses(
        [tuple(rng.choice((-1, 1)) * v for v in rng.sample(range(1, n + 1), 2)) for _ in range(m)]
    )


@pytest.mark.parametrize(("n", "m"), [(36, 216), pytest.param(100, 600, marks=pytest.mark.slow)])
def test_six_clauses_a_variable_are_proven_by_default(n, m):
    clauses = random_clauses(n, m, 1)
    result = dk.max2sat(clauses)
    assert result.proven_optimal
    assert result.value == result.bound == m - len(result.figures["violated"])
    assert dk.verify(result, clauses)


def test_the_bound_of_a_default_has_no_name_for_users():
    with pytest.raises(dk.InputError, match="bound"):
        dk.max2sat([(1, 2)], bound="brief")
    with pytest.raises(dk.InputError, match="bound"):
        dk.maxcut([(1, 2)], bound="brief")
