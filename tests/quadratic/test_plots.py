"""Pictures of quadratic problems: every line says what it is, whatever the problem."""

import re

import matplotlib
import numpy as np
import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.errors import InputError
from derandkit.plots.quadratic import caption, plot_quadratic, scene_of

matplotlib.use("agg")

PROBLEMS = {
    "ising": dk.QuadraticModel.from_ising(
        {"a": 1}, {("a", "b"): 1, ("b", "c"): 1, ("a", "c"): 1, ("c", "d"): -2}
    ),
    "qubo": dk.QuadraticModel.from_qubo([[3, -4, 1], [0, 2, -2], [0, 0, 1]], sense="maximize"),
    "max2sat": dk.Clauses.from_clauses([(1, 2), (-1, 2), (1, -2), (-1, -2), (3,), (-3,)], hard=[4]),
    "maxdicut": dk.Arcs.from_arcs([(1, 2, 2), (2, 3, 1), (3, 1, 1), (1, 3, 1), (3, 4, 2)]),
    "balance": dk.SignedGraph(
        dk.WeightedGraph.from_edges([0, 1, 0, 2], [1, 2, 2, 3], [1.0, 1.0, -1.0, -2.0])
    ),
}
TITLES = {
    "ising": "4 variables, 4 couplings: 1 coupling not satisfied",
    "qubo": "3 variables, 3 couplings: ",
    "max2sat": "3 variables, 6 clauses: 2 violated clauses",
    "maxdicut": "4 vertices, 5 arcs: 2 arcs out",
    "balance": "4 vertices, 4 edges: 1 frustrated edge",
}


@pytest.mark.parametrize("kind", PROBLEMS)
def test_a_picture_says_what_the_solution_does(kind):
    problem = PROBLEMS[kind]
    result = dk.optimize(problem)
    figure = dk.plot_quadratic(result, problem)
    left, right = figure.axes
    assert left.get_title().startswith(TITLES[kind])
    assert right.get_title() == "chain"
    assert result.sense in right.get_xlabel()
    assert "proven optimal" in figure.get_suptitle()
    scene = scene_of(problem, result.values)
    if kind in ("max2sat", "balance", "maxdicut"):  # what is marked is what the record counts
        counts = result.figures
        own = {
            "max2sat": len(counts.get("violated", ())) + len(counts.get("hard_violated", ())),
            "balance": counts.get("frustrated_positive", 0) + counts.get("frustrated_negative", 0),
            "maxdicut": counts.get("arcs_out"),
        }
        assert int(scene.marked.sum()) == own[kind]


@pytest.mark.parametrize("kind", PROBLEMS)
def test_captions_and_legends_name_what_is_there(kind):
    problem = PROBLEMS[kind]
    result = dk.optimize(problem)
    text = caption(result, problem)
    marked = scene_of(problem, result.values).marked.any()
    assert ("(red)" in text) == (marked and kind != "maxdicut")
    assert ("arcs out (dark)" in text) == (marked and kind == "maxdicut")
    words = {
        "ising": "spin +1: ",
        "qubo": "bit 1: ",
        "max2sat": "true: ",
        "maxdicut": "chosen: ",
        "balance": "camp 1: ",
    }
    legend = [
        entry.get_text() for entry in dk.plot_quadratic(result, problem).axes[0].get_legend().get_texts()
    ]
    assert legend[0].startswith(words[kind])
    assert re.search(r": \d+ (variable|variables|vertex|vertices)$", legend[0])
    row = dict(result.table_rows())["problem"]
    assert ("coupling" in row) == (kind in ("ising", "qubo"))


def test_couplings_that_are_not_satisfied_are_those_that_cost():
    rng = np.random.default_rng(5)
    i, j = np.triu_indices(6, 1)
    for sense in ("minimize", "maximize"):
        model = dk.QuadraticModel.from_arrays(
            i, j, rng.integers(-3, 4, i.size).astype(float), n=6, vartype="spin", sense=sense
        )
        values = tuple(rng.choice((-1, 1), 6).tolist())
        scene = scene_of(model, values)
        x = np.array(values)
        terms = scene.weights * x[scene.i] * x[scene.j]
        assert (
            ((terms > 0) == scene.marked).all()
            if sense == "minimize"
            else ((terms < 0) == scene.marked).all()
        )


def test_without_the_problem_the_chain_alone_is_drawn_and_another_problem_is_refused():
    result = dk.optimize(PROBLEMS["ising"])
    assert len(plot_quadratic(result).axes) == 1
    with pytest.raises(InputError, match="another problem than the one to draw"):
        plot_quadratic(result, PROBLEMS["qubo"])
    fixed = dk.optimize(PROBLEMS["ising"], fixed={"b": 1})
    assert [text.get_text() for text in plot_quadratic(fixed).axes[0].get_yticklabels()] == [
        "value\n(exact)", "bound\n(certified)",
    ]  # fmt: skip


def test_positions_are_taken_and_a_missing_one_is_named():
    result = dk.optimize(PROBLEMS["maxdicut"])
    places = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1)}
    plot_quadratic(result, PROBLEMS["maxdicut"], positions=places)
    with pytest.raises(InputError, match="4"):
        plot_quadratic(result, PROBLEMS["maxdicut"], positions={k: places[k] for k in (1, 2, 3)})


def test_the_verbs_draw_and_report(tmp_path):
    sat, picture, page = tmp_path / "two.cnf", tmp_path / "two.png", tmp_path / "two.html"
    sat.write_text("p cnf 2 3\n1 2 0\n-1 0\n-2 0\n")
    done = CliRunner().invoke(
        main, ["max2sat", str(sat), "--plot", str(picture), "--report", str(page), "-q"]
    )
    assert done.exit_code == 0, done.output
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert "The variables with their values, violated clauses (red), and the chain" in page.read_text()
    refused = CliRunner().invoke(main, ["max2sat", str(sat), "--plot", str(tmp_path / "x.bmp")])
    assert refused.exit_code == 2
    assert "cannot draw to .bmp" in refused.stderr


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
@pytest.mark.parametrize("vartype", ["bit", "spin"])
def test_a_coupling_is_marked_where_its_term_is_not_at_its_best(sense, vartype):
    """Of bits that are both 0 a coupling was "not satisfied", though its term was 0, which is its best."""
    low = 0 if vartype == "bit" else -1
    build = (
        dk.QuadraticModel.from_qubo
        if vartype == "bit"
        else (lambda J, sense: dk.QuadraticModel.from_ising({}, J, sense=sense))
    )
    for weight in (2, -3):
        model = build({("a", "b"): weight}, sense=sense)
        states = [(a, b) for a in (low, 1) for b in (low, 1)]
        best = (max if sense == "maximize" else min)(weight * a * b for a, b in states)
        for a, b in states:
            assert scene_of(model, (a, b)).marked.tolist() == [weight * a * b != best]


def test_the_picture_of_an_optimum_without_loss_marks_nothing():
    model = dk.QuadraticModel.from_qubo({("x", "x"): 1, ("y", "y"): 1, ("x", "y"): 2})
    result = dk.optimize(model)
    assert result.values == (0, 0)
    assert (
        dk.plot_quadratic(result, model).axes[0].get_title()
        == "2 variables, 1 coupling: 0 couplings not satisfied"
    )
    assert "not satisfied" not in caption(result, model)
