"""``derandkit compare``: formats, pictures, bad input in one line, and nothing heavy before it is needed."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.house.test_imports import HEAVY, loaded_after

from derandkit.cli import main
from derandkit.comparison.cuts import DEFAULT_METHODS, MAXCUT
from derandkit.runtime.clock import running

DATA = Path(__file__).parents[2] / "datasets"
PETERSEN, TORUS = str(DATA / "petersen.edgelist"), str(DATA / "torus-10x10.rudy")


def run(*arguments, code=0):
    result = CliRunner().invoke(main, ["compare", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_json_is_a_list_of_rows():
    rows = json.loads(run(PETERSEN, TORUS, "--format", "json", "--methods", "lemma, greedy").stdout)
    assert [(row["instance"], row["method"]) for row in rows] == [
        (PETERSEN, "lemma"), (PETERSEN, "greedy"), (TORUS, "lemma"), (TORUS, "greedy"),
    ]  # fmt: skip
    assert {"instance", "method", "value", "bound", "ratio", "seconds", "deterministic", "guarantee"} <= set(
        rows[0]
    )
    assert rows[0]["value"] == 12


def test_csv_text_and_both():
    result = run(PETERSEN, "--format", "csv", "--both", "--draws", "20")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["method"] for row in rows] == 2 * list(DEFAULT_METHODS)
    assert [row["local_search"] for row in rows] == len(DEFAULT_METHODS) * ["False"] + len(
        DEFAULT_METHODS
    ) * ["True"]
    text = run(PETERSEN, "--local-search", "--methods", "lemma").stdout
    assert "lemma + 1-flip" in text
    assert text.endswith("\n")
    assert "upper bound 12 (certified)" in text


def test_rows_are_the_same_for_any_number_of_workers_and_seeds_matter():
    def rows(*options):
        found = json.loads(run(PETERSEN, TORUS, "--format", "json", "--draws", "30", *options).stdout)
        return [{**row, "seconds": None} for row in found]

    seed = ("--rng", "0")
    assert rows(*seed) == rows(*seed, "--workers", "2")
    assert rows(*seed) != rows("--rng", "1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such-file"], "no-such-file"),
        ([PETERSEN, "--methods", "lema"], "methods='lema' is not one of"),
        ([PETERSEN, "--methods", " , "], "name at least one method"),
        ([PETERSEN, "--plot", "x.bmp"], "cannot draw to .bmp"),
        ([PETERSEN, "--plot", PETERSEN], "is the input itself"),
        ([PETERSEN, "--duality-gap", "0"], "not in the range 0.0<x<=0.1"),
        (["G99"], "G99"),
    ],
)
def test_bad_input_is_one_line(arguments, message):
    result = run(*arguments, code=2)
    assert result.stdout == ""
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_picture_is_written_and_the_same_each_time(tmp_path, suffix):
    pytest.importorskip("matplotlib")
    files = [tmp_path / f"{k}.{suffix}" for k in range(2)]
    for file in files:
        run(
            PETERSEN,
            TORUS,
            "--methods",
            "lemma,greedy,hyperplane",
            "--draws",
            "9",
            "--rng",
            "0",
            "--both",
            "--plot",
            str(file),
        )
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].stat().st_size > 1000


def test_the_help_names_every_method_and_loads_nothing_heavy():
    code = "from derandkit.cli import main; main(['compare', '--help'], prog_name='derandkit')"
    modules, text = loaded_after(code)
    words = " ".join(text.split())
    assert all(f"{name}," in words or f"{name};" in words for name in MAXCUT)
    assert not {name.partition(".")[0] for name in modules} & (HEAVY | {"joblib", "dask"})


def test_ctrl_c_prints_the_instances_that_were_complete(monkeypatch):
    import derandkit.comparison.run as comparison

    honest = comparison.rows_of

    def second_is_interrupted(problem, name, *rest, **callbacks):
        if name == TORUS:
            running().stop()
        return honest(problem, name, *rest, **callbacks)

    monkeypatch.setattr(comparison, "rows_of", second_is_interrupted)
    result = run(PETERSEN, TORUS, "--methods", "greedy", "--format", "json", code=130)
    assert [row["instance"] for row in json.loads(result.stdout)] == [PETERSEN]
    assert "interrupted" in result.stderr
    alone = run(TORUS, "--methods", "greedy", code=130)
    assert alone.stdout == ""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_holds_no_graph_ends_the_run_with_the_rows_before_it(tmp_path, workers):
    bad = tmp_path / "bad.txt"
    bad.write_text("1 2 three four\n")
    options = ("--methods", "greedy", "--format", "json", "--workers", str(workers))
    result = run(PETERSEN, str(bad), TORUS, *options, code=2)
    assert [row["instance"] for row in json.loads(result.stdout)] == [PETERSEN]
    assert "not all instances could be compared: the rows are those of the ones that were" in result.stderr
    assert f"derandkit: {bad}:1: 4 columns" in result.stderr.splitlines()[-1]
    assert run(str(bad), PETERSEN, *options, code=2).stdout == ""
    assert run(PETERSEN, "no-such-file", *options, code=2).stdout == ""


def test_the_picture_of_nothing_is_refused():
    pytest.importorskip("matplotlib")
    from derandkit.errors import InputError
    from derandkit.plots.comparison import plot_comparison

    with pytest.raises(InputError, match="nothing to draw"):
        plot_comparison([])


@pytest.mark.parametrize(("sense", "label"), [("minimize", "lower bound"), ("maximize", "upper bound")])
def test_values_are_drawn_where_every_bound_is_zero(sense, label):
    """As of tables, whose bound is 0: nothing is a share of it, and the page of a comparison has its picture."""
    pytest.importorskip("matplotlib")
    from derandkit.comparison.run import ComparisonRow
    from derandkit.plots.comparison import plot_comparison
    from derandkit.reports.report import comparison_page

    rows = [
        ComparisonRow(
            "t.csv",
            "structure",
            method,
            False,
            value,
            0.0,
            "certified",
            None,
            None,
            0.1,
            True,
            "",
            sense=sense,
        )
        for method, value in (("pca", 0.25), ("all", 0.5))
    ]
    axes = plot_comparison(rows).axes[0]
    assert axes.get_xlabel() == "value"
    assert {0.25, 0.5} <= {float(line.get_xdata()[0]) for line in axes.lines if len(line.get_xdata()) == 1}
    assert label in [line.get_label() for line in axes.lines]
    assert "<img" in comparison_page(rows)


def test_the_reading_of_every_file_is_said(tmp_path):
    file = tmp_path / "g.csv"
    file.write_text("source;target;km\na;b;2,5\nb;c;1\n")
    done = CliRunner().invoke(main, ["compare", str(file), "--rng", "0", "--methods", "lemma"])
    assert done.exit_code == 0, done.output
    assert f"derandkit: read {file} as edge list, semicolon-separated, 3 columns" in done.stderr
    assert "derandkit: the weights are those of 'km'" in done.stderr
    quiet = CliRunner().invoke(main, ["compare", str(file), "--rng", "0", "--methods", "lemma", "-q"])
    assert "read" not in quiet.stderr


@pytest.mark.parametrize("problem", ["maxcut", "maxdicut", "balance"])
def test_a_comparison_says_of_a_file_what_its_verb_says(tmp_path, problem):
    path = tmp_path / "rated.csv"
    parallel = "" if problem == "balance" else "a,b,2,2003\n"
    path.write_text(f"source,target,rating,year\na,b,8,2000\nb,c,-3,2001\na,c,1,2002\na,a,4,2000\n{parallel}")
    beside = run(str(path), "--problem", problem, "--rng", "0", "--methods", "lemma").stderr.splitlines()
    alone = CliRunner().invoke(main, [problem, str(path)]).stderr.splitlines()
    assert [line.split(";")[0] for line in beside] == [line.split(";")[0] for line in alone[: len(beside)]]
    said = "\n".join(beside)
    for part in ("of 'rating'", "'year' is not used", "dropped 1 self-loop", "added 1 parallel"):
        assert part in said or (part.startswith("added") and not parallel)
    assert ("frustrated in every division" in said) == (problem == "balance")
