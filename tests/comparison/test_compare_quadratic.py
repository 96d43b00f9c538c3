"""Quadratic problems side by side: every value against brute force, gaps instead of ratios, solvers from elsewhere."""

import itertools
import json
import math
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit as dk
from derandkit.cli import main
from derandkit.comparison import peers
from derandkit.comparison.quadratic import DEFAULT_METHODS, QUADRATIC
from derandkit.comparison.run import compare
from derandkit.comparison.table import comparison_table
from derandkit.errors import InputError

CLAUSES = dk.Clauses.from_clauses(
    [(1, 2), (-1, 3), (-2, -3), (1, -4), (4, 5), (-5, 2), (-1, -2), (3, 4), (-3, 5), (1,)],
    weights=[1, 2, 3, 1, 2, 1, 2, 3, 1, 1],
)
PROBLEMS = {
    "ising": dk.QuadraticModel.from_ising(
        {"a": 1, "c": -2}, {("a", "b"): 1, ("b", "c"): 1, ("a", "c"): 1, ("c", "d"): -2}, offset=7
    ),
    "qubo": dk.QuadraticModel.from_qubo([[3, -4, 1], [0, 2, -2], [0, 0, 1]], sense="maximize", offset=-100),
    "max2sat": CLAUSES,
    "maxdicut": dk.Arcs.from_arcs([(1, 2, 2), (2, 3, 1), (3, 1, 1), (1, 3, 1), (3, 4, 2)]),
    "balance": dk.SignedGraph(
        dk.WeightedGraph.from_edges([0, 1, 0, 2, 3], [1, 2, 2, 3, 0], [1.0, 1.0, -1.0, -2.0, 1.5])
    ),
}


def best_value(instance):
    from derandkit.quadratic.problem import as_model

    model, _ = as_model(instance)
    low = -1 if model.vartype == "spin" else 0
    values = [instance.exact_value(np.array(x)) for x in itertools.product((low, 1), repeat=model.n)]
    return (max if model.sense == "maximize" else min)(values), model.sense


@pytest.fixture(scope="module")
def rows():
    return compare(PROBLEMS, rng=0, draws=50)


def test_every_kind_is_known_by_its_object(rows):
    assert [(row.instance, row.method) for row in rows] == list(itertools.product(PROBLEMS, DEFAULT_METHODS))
    assert all(row.problem == row.instance for row in rows)
    assert {row.instance: row.sense for row in rows} == {
        "ising": "minimize", "qubo": "maximize", "max2sat": "maximize", "maxdicut": "maximize", "balance": "minimize",
    }  # fmt: skip


def test_no_value_beats_the_optimum_and_no_optimum_the_bound(rows):
    for row in rows:
        best, sense = best_value(PROBLEMS[row.instance])
        sign = 1 if sense == "maximize" else -1
        assert sign * row.value <= sign * best + 1e-9 <= sign * row.bound + 2e-9
        assert row.bound_status == "certified"
        if row.method == "search":
            assert row.value == best
            assert row.note == "proven optimal"


def test_gaps_are_absolute_and_relative_to_the_range_and_never_ratios(rows):
    for row in rows:
        from derandkit.quadratic.problem import as_model

        assert row.ratio is None
        assert row.gap == abs(row.bound - row.value)
        assert row.relative_gap == row.gap / as_model(PROBLEMS[row.instance])[0].spread
    table = comparison_table(rows)
    assert "of range" in table
    assert "ratio" not in table
    assert "ising: lower bound" in table
    assert "qubo: upper bound" in table


def test_an_offset_moves_values_and_not_gaps():
    models = {
        str(offset): dk.QuadraticModel.from_qubo([[1, 2], [0, -3]], offset=offset) for offset in (0, 1000)
    }
    found = compare(models, methods=["lemma", "conditional"])
    for one, two in zip(found[:2], found[2:], strict=True):
        assert (two.value, two.bound) == (one.value + 1000, one.bound + 1000)
        assert (two.gap, two.relative_gap) == (one.gap, one.relative_gap)


def test_derandomized_methods_keep_what_their_start_expects(rows):
    for row in rows:
        sign = 1 if row.sense == "maximize" else -1
        if row.method in ("lemma", "lemma-thresholds", "conditional", "search"):
            assert sign * row.value >= sign * row.expectation - 1e-3
        if row.method == "hyperplane":
            assert abs(row.value - row.expectation) <= 5 * row.standard_error + 1e-6


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_no_average_is_better_than_the_best_of_its_draws(sense):
    terms = {("a", "b"): 0.1, ("b", "c"): -1e9, ("a", "c"): 1e9, ("a", "a"): 1e-6, ("c", "c"): 0.7}
    model = dk.QuadraticModel.from_qubo(terms, sense=sense, offset=-1e9)
    mean, best = compare([model], methods=["hyperplane", "hyperplane-best"], rng=1, draws=40)
    assert (mean.value <= best.value) if sense == "maximize" else (mean.value >= best.value)


def test_rows_are_the_same_for_any_number_of_workers():
    from dataclasses import replace

    named = {name: PROBLEMS[name] for name in ("ising", "max2sat")}
    methods = ["lemma-thresholds", "conditional", "thresholds-best", "roof-duality"]
    one = compare(named, rng=0, draws=20, methods=methods, local_search="both")
    two = compare(named, rng=0, draws=20, methods=methods, local_search="both", workers=2)
    assert [replace(row, seconds=None) for row in one] == [replace(row, seconds=None) for row in two]


def test_problems_whose_methods_differ_are_not_mixed():
    with pytest.raises(InputError, match="'b' of 'maxcut', whose methods differ: compare them in two calls"):
        compare({"a": CLAUSES, "b": [(0, 1)]})
    with pytest.raises(InputError, match="spin variables: its problem is 'ising', not 'qubo'"):
        compare({"a": PROBLEMS["ising"]}, problem="qubo")


def test_dimod_models_and_files_are_known(tmp_path):
    dimod = pytest.importorskip("dimod")
    bqm = dimod.BinaryQuadraticModel({"x": -1}, {("x", "y"): 2}, 0.0, "BINARY")
    assert compare(bqm, methods="lemma")[0].problem == "qubo"
    file = tmp_path / "two.wcnf"
    file.write_text("p wcnf 2 3\n1 1 2 0\n2 -1 0\n1 -2 0\n")
    assert [row.value for row in compare(str(file), methods=["lemma", "search"])] == [3, 3]


def test_directed_and_signed_graphs_need_the_problem():
    import networkx as nx

    row = compare(nx.DiGraph([(1, 2), (2, 3), (3, 1), (1, 3)]), problem="maxdicut", methods="search")[0]
    assert (row.problem, row.value) == ("maxdicut", 2)
    row = compare({"g": [("a", "b", 1), ("b", "c", 1), ("a", "c", -1)]}, problem="balance", methods="search")[
        0
    ]
    assert (row.value, row.sense) == (1, "minimize")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(-4, 4)), min_size=1, max_size=10),
    st.booleans(),
    st.sampled_from(["minimize", "maximize"]),
)
def test_a_posiform_is_the_model_up_to_a_constant(entries, spins, sense):
    terms = {(a, b): w for a, b, w in entries if a != b}
    fields = {a: w / 2 for a, b, w in entries if a == b}
    try:
        if spins:
            model = dk.QuadraticModel.from_ising(fields, terms, sense=sense)
        else:
            model = dk.QuadraticModel.from_qubo(terms | {(a, a): w for a, w in fields.items()}, sense=sense)
    except InputError:
        return
    form = peers.posiform(model)
    low, sign = (-1 if spins else 0), (1 if sense == "minimize" else -1)
    found = []
    for x in itertools.product((low, 1), repeat=model.n):
        true = {v if value == 1 else -v for v, value in enumerate(x, 1)}
        cost = sum(w for w, term in zip(form.weights, form.terms, strict=True) if true >= set(term))
        found.append((sign * model.exact_value(np.array(x)), cost))
    (v0, c0), unit = found[0], None
    for v, c in found:
        if c != c0:
            unit = (v - v0) / (c - c0)
            assert unit > 0
            break
    assert all(v - v0 == (Fraction(0) if unit is None else unit * (c - c0)) for v, c in found)
    assert all(w > 0 for w in form.weights)


@pytest.mark.parametrize("method", tuple(QUADRATIC)[len(DEFAULT_METHODS) :])
def test_solvers_from_elsewhere_find_small_optima(method, monkeypatch):
    pytest.importorskip(
        {"rc2": "pysat", "cp-sat": "ortools", "openjij": "openjij"}.get(method, "dwave.samplers")
    )
    for name in ("ising", "max2sat"):
        row = compare({name: PROBLEMS[name]}, methods=method, rng=0)[0]
        assert row.value == best_value(PROBLEMS[name])[0]
        assert not row.deterministic


def test_a_solver_that_is_not_there_is_a_row_with_a_note(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(peers, "import_module", missing)
    row = compare(CLAUSES, methods="rc2")[0]
    assert (row.value, row.gap, row.seconds) == (None, None, row.seconds)
    assert row.note == "not run: python-sat is not installed"


def test_coefficients_that_are_no_integers_are_not_rounded_for_a_solver():
    assert peers.posiform(dk.QuadraticModel.from_qubo({("x", "y"): 1 / 3})) is None
    assert peers.posiform(dk.QuadraticModel.from_qubo({("x", "y"): 0.25})).weights == [1]


def test_pictures_show_distances_from_the_bound(rows):
    pytest.importorskip("matplotlib")
    from derandkit.plots.comparison import plot_comparison

    figure = plot_comparison(rows)
    (axes,) = figure.axes
    assert axes.get_xlabel() == "distance from the bound / range of values"
    assert axes.get_xlim()[0] <= 0.0
    assert all(math.isfinite(x) for line in axes.lines for x in np.atleast_1d(line.get_xdata()))


def test_the_command_line_knows_files_by_their_names_and_graphs_by_the_problem(tmp_path):
    sat, arcs = tmp_path / "two.cnf", tmp_path / "arcs.txt"
    sat.write_text("p cnf 2 3\n1 2 0\n-1 0\n-2 0\n")
    arcs.write_text("a b 2\nb c 1\nc a 1\n")

    def run(*arguments, code=0):
        found = CliRunner().invoke(main, ["compare", *map(str, arguments)])
        assert found.exit_code == code, found.output
        return found

    found = run(sat, "--format", "json", "--methods", "lemma,search")
    assert [row["value"] for row in json.loads(found.stdout)] == [2, 2]
    assert f"read {sat} as " in found.stderr
    found = run(arcs, "--problem", "maxdicut", "--format", "json", "--methods", "search")
    assert [(row["problem"], row["value"]) for row in json.loads(found.stdout)] == [("maxdicut", 2)]
    assert "is for graphs; leave it out for a max2sat problem" in run(sat, "--unweighted", code=2).stderr
    assert "compare them in two calls" in run(sat, arcs, code=2).stderr
    assert "methods='greedy' is not one of" in run(sat, "--methods", "greedy", code=2).stderr
    page = tmp_path / "page.html"
    run(sat, "--methods", "lemma,search", "--report", page)
    assert "gap of range" in page.read_text()


def test_a_search_is_measured_from_the_bound_that_it_proves():
    rules = Path(__file__).parents[2] / "datasets" / "quadratic" / "rules.cnf"
    lemma, search = compare(rules, methods=["lemma", "search"], rng=0)
    assert (lemma.value, lemma.bound, lemma.gap) == (55, 55, 0.0)  # by the bound that the search proves
    assert search.note == "proven optimal"
    assert (search.value, search.bound, search.bound_status, search.gap) == (55, 55, "certified", 0.0)


def test_one_value_has_one_gap_and_only_a_mean_is_called_that_of_a_random_hyperplane():
    clauses = [(1, 2), (-1, 2), (1, -2), (-1, -2), (2, 3), (-2, -3)]
    rows = compare(
        dk.Clauses.from_clauses(clauses), methods=["hyperplane", "hyperplane-best", "search"], draws=9,
        local_search="both", rng=0,
    )  # fmt: skip
    assert len({(row.bound, row.bound_status) for row in rows}) == 1
    gaps = defaultdict(set)
    for row in rows:
        gaps[row.value].add(row.gap)
    assert all(len(found) == 1 for found in gaps.values())
    table = comparison_table(rows)
    assert "\nhyperplane: an estimate of the mean of a random hyperplane\n" in table
    assert "\nhyperplane-best, hyperplane + 1-flip: on average at least as good as" in table
    assert "0000 +-" not in table
