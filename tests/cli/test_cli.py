"""The verbs at work: what they print, what they write, and with which exit code."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

import derandkit
from derandkit.cli import main
from derandkit.cli.group import SECTIONS
from derandkit.cuts.result import MaxCutResult
from derandkit.cuts.table import sides_tsv
from derandkit.graphs.files import as_graph
from derandkit.graphs.formats import FORMATS
from derandkit.records import sealed
from derandkit.signs.search.search import WORK

DATASETS = Path(__file__).parents[2] / "datasets"
BEST = {
    "petersen.edgelist": 12,
    "five-cycle.edgelist": 4,
    "torus-10x10.rudy": 68,
    "two-clusters.csv": 223.0,
    "paley-17.mtx": 44,
    "wheel-9.graphml": 32,
}


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


@pytest.mark.parametrize("name", sorted(BEST))
def test_maxcut_then_verify(tmp_path, name):
    file = tmp_path / "cut.json"
    outcome = run("maxcut", DATASETS / name, "-o", file)
    assert outcome.exit_code == 0
    assert outcome.stderr.startswith(f"derandkit: read {DATASETS / name} as ")  # how it was read
    assert outcome.stderr.count("\n") == 1
    record = json.loads(file.read_text())
    assert 0.87856 * BEST[name] <= record["cut_value"] <= BEST[name] <= record["upper_bound"]
    checked = run("verify", file, DATASETS / name)
    assert (checked.exit_code, checked.stderr) == (0, "")
    *statements, _, summary = checked.stdout.splitlines()
    verdicts = [line.split("  ")[0] for line in statements]
    assert [name for name in verdicts if name not in ("proven", "recomputed")] == ["not checked"]
    # the chain is proven where the intervals of its figures do not overlap
    assert len(verdicts) == 20
    proven = verdicts.count("proven")
    assert proven in (12, 13)
    assert summary == f"the record holds: {proven} proven, {19 - proven} recomputed, 1 not checked"
    assert run("verify", "-q", file, DATASETS / name).stdout == ""
    assert [entry.name for entry in tmp_path.iterdir()] == ["cut.json"]


def test_trajectories_multiply_the_search(tmp_path, monkeypatch):
    monkeypatch.setitem(WORK, "quick", 2_000_000)
    graph = DATASETS / "torus-10x10.rudy"
    works = []
    for number in (1, 2):
        file = tmp_path / f"{number}.json"
        outcome = run(
            "maxcut", graph, "--search", "quick", "--bound", "sdp", "--trajectories", number, "-o", file
        )
        assert outcome.exit_code == 0
        record = json.loads(file.read_text())
        assert record["cut_value"] == BEST[graph.name]
        works.append(record["search"]["work"])
    assert 1.9 < works[1] / works[0] < 2.1
    refused = run("maxcut", graph, "--trajectories", 2)
    assert refused.exit_code == 2
    assert "--trajectories" in refused.stderr


def test_the_table_says_what_every_number_is():
    text = run("maxcut", DATASETS / "petersen.edgelist").stdout
    assert "cut          12 (exact, proven optimal)" in text
    assert "upper bound  12 (certified: no cut weighs more)" in text
    assert "gap          0%: no cut is heavier" in text
    assert "bound by     dense-cholesky, 12.5" in text
    assert "rounded down to what a cut can weigh\n" in text
    assert "10 vertices, 15 edges, total weight 15" in text
    assert text.count(">=") == 4


def test_json_on_stdout_is_the_record(tmp_path):
    file = tmp_path / "cut.json"
    outcome = run("maxcut", DATASETS / "petersen.edgelist", "--format", "json", "-o", file)
    assert outcome.stdout == file.read_text()
    assert outcome.stdout == derandkit.maxcut(DATASETS / "petersen.edgelist").to_json()
    assert MaxCutResult.from_json(outcome.stdout).to_json() == outcome.stdout


@pytest.mark.parametrize("name", sorted(BEST))
def test_tsv_adds_up_to_the_cut(name):
    graph = as_graph(DATASETS / name)
    sides = dict(
        line.split("\t") for line in run("maxcut", DATASETS / name, "--format", "tsv").stdout.splitlines()
    )
    assert set(sides) == {str(label) for label in graph.labels}
    assert set(sides.values()) <= {"0", "1"}
    assert sides[str(graph.labels[0])] == "0"
    i, j, w = graph.edges()
    names = [str(label) for label in graph.labels]
    cut = math.fsum(c for a, b, c in zip(i, j, w, strict=True) if sides[names[a]] != sides[names[b]])
    assert cut == json.loads(run("maxcut", DATASETS / name, "--format", "json").stdout)["cut_value"]


def test_tsv_lists_vertices_by_label_with_and_without_solutions(tmp_path):
    (tmp_path / "g.txt").write_text("2 1\n10 2\n10 9\n")
    plain = run("maxcut", tmp_path / "g.txt", "--format", "tsv", "-q").stdout
    several = run("maxcut", tmp_path / "g.txt", "--format", "tsv", "-q", "--solutions", "2").stdout
    assert plain == "1\t0\n2\t1\n9\t1\n10\t0\n"
    assert ["\t".join(line.split("\t")[:2]) for line in several.splitlines()] == plain.splitlines()
    fixed = run("maxcut", tmp_path / "g.txt", "--format", "tsv", "-q", "--fix", "1", "1").stdout
    assert fixed == "1\t1\n2\t0\n9\t0\n10\t1\n"


def test_tsv_has_two_columns_whatever_the_labels():
    labels = ["a\tb", "c\nd", "e\\t", "f\r", "plain"]
    result = derandkit.maxcut([(labels[k], labels[k + 1]) for k in range(4)])
    lines = sides_tsv(result.sides).split("\n")[:-1]
    undone = [
        line.split("\t")[0]
        .replace("\\\\", "\0")
        .replace("\\t", "\t")
        .replace("\\n", "\n")
        .replace("\\r", "\r")
        for line in lines
    ]
    assert sorted(text.replace("\0", "\\") for text in undone) == sorted(labels)
    assert all(line.count("\t") == 1 for line in lines)


def test_standard_input(tmp_path):
    text = (DATASETS / "petersen.edgelist").read_text()
    direct = run("maxcut", DATASETS / "petersen.edgelist", "--format", "json")
    piped = run("maxcut", "-", "--format", "json", stdin=text)
    assert (piped.exit_code, piped.stdout) == (0, direct.stdout)
    file = tmp_path / "cut.json"
    file.write_text(piped.stdout)
    assert run("verify", file, "-", stdin=text).exit_code == 0
    bad = run("maxcut", "-", stdin="a b\nb c x\n")
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert bad.stderr.startswith("derandkit: <stdin>:2: ")


def test_unweighted_and_weight_attribute(tmp_path):
    wheel = DATASETS / "wheel-9.graphml"
    ones = json.loads(run("maxcut", wheel, "--unweighted", "--format", "json").stdout)
    assert ones["graph"]["total_weight"] == 16
    file = tmp_path / "cut.json"
    run("maxcut", wheel, "--unweighted", "-o", file)
    assert run("verify", file, wheel, "--unweighted").exit_code == 0
    wrong = run("verify", file, wheel)
    assert wrong.exit_code == 1
    assert "graph" in wrong.stderr
    missing = run("maxcut", wheel, "--weight", "no such attribute")
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "no edge has an attribute 'no such attribute'; they have weight" in missing.stderr


def test_what_is_dropped_is_said():
    outcome = run("maxcut", "-", stdin="a a 1\na b 1\nb a 2\nb c 3\n")
    assert outcome.exit_code == 0
    assert "dropped 1 self-loop," in outcome.stderr
    assert "added 1 parallel edge " in outcome.stderr
    assert "3 vertices, 2 edges, total weight 6" in outcome.stdout
    assert "dropped 2 self-loops," in run("maxcut", "-", stdin="a a 1\nb b 1\na b 1\n").stderr


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("1 1 1\n", 0),  # one vertex
        ("1 1 0\n2 2 0\n3 3 0\n", 0),  # no edges
        ("1 2 0\n2 3 0\n", 0),  # zero weights
        ("1 2 -1\n2 3 -2\n", 0),  # only losses
        ("1 2 1\n3 4 1\n5 5 0\n", 2),  # components and an isolated vertex
        ("a b 1e-12\nb c 1e12\n", 1e12 + 1e-12),
        ("a b 1e-12\n", 1e-12),
    ],
)
def test_legal_oddities(tmp_path, text, cut):
    graph, file = tmp_path / "g.edgelist", tmp_path / "cut.json"
    graph.write_text(text)
    assert run("maxcut", graph, "-o", file, "--input-format", "edgelist").exit_code == 0
    assert json.loads(file.read_text())["cut_value"] == cut
    assert run("verify", file, graph, "--input-format", "edgelist").exit_code == 0


@pytest.mark.parametrize("method", ["lemma", "conditional"])
@pytest.mark.parametrize("relaxation", ["lowrank", "cvxpy"])
def test_methods_and_relaxations(method, relaxation):
    outcome = run(
        "maxcut",
        DATASETS / "petersen.edgelist",
        "--method",
        method,
        "--relaxation",
        relaxation,
        "--format",
        "json",
    )
    assert outcome.exit_code == 0
    record = json.loads(outcome.stdout)
    assert record["method"].startswith(method)
    assert record["relaxation"]["method"].startswith(relaxation)
    assert record["chain"]["cut_value"] >= record["chain"]["start_expectation"]


def test_a_gap_that_is_not_reached_is_said_and_still_verified():
    outcome = run(
        "maxcut", DATASETS / "torus-10x10.rudy", "--max-sweeps", "1", "--bound", "sdp", "--format", "json"
    )
    assert outcome.exit_code == 1
    assert outcome.stderr.splitlines()[-1].startswith("derandkit: duality gap not reached: ")
    assert json.loads(outcome.stdout)["status"] == "duality_gap_not_reached"


def test_verify_names_the_failed_checks(tmp_path):
    file, torus, petersen = (
        tmp_path / "cut.json",
        DATASETS / "torus-10x10.rudy",
        DATASETS / "petersen.edgelist",
    )
    run("maxcut", torus, "-o", file)
    wrong = run("verify", file, petersen)
    assert wrong.exit_code == 1
    assert (
        wrong.stderr == "derandkit: verification failed: graph\n"
    )  # nothing else is claimed of another graph
    assert wrong.stderr.count("\n") == 1
    assert "FAILED  graph  the record is about another graph: n 100 (here 10)" in wrong.stdout
    record = json.loads(file.read_text())
    file.write_text(json.dumps(sealed({**record, "cut_value": record["cut_value"] + 1})))
    forged = run("verify", "-q", file, torus)
    assert (forged.exit_code, forged.stdout) == (1, "cut_value\ngap\n")
    assert forged.stderr == "derandkit: verification failed: cut_value, gap\n"


def test_a_result_that_fails_its_own_check_exits_1_and_is_written(tmp_path, monkeypatch):
    honest = MaxCutResult.to_dict
    monkeypatch.setattr(MaxCutResult, "to_dict", lambda self: sealed({**honest(self), "cut_value": 99}))
    file = tmp_path / "cut.json"
    outcome = run("maxcut", DATASETS / "petersen.edgelist", "-o", file)
    assert outcome.exit_code == 1
    assert "derandkit: check cut_value failed: 12 recomputed, 99 and 12 claimed" in outcome.stderr
    assert json.loads(file.read_text())["cut_value"] == 99
    assert run("maxcut", DATASETS / "petersen.edgelist", "--no-verify").exit_code == 0


def test_info_names_the_folder_in_which_compiled_kernels_lie():
    outcome = run("info")
    folder = Path(" ".join(outcome.stdout.split("kernel cache")[1].split()))
    run("maxcut", DATASETS / "petersen.edgelist", "-q")
    assert any(folder.rglob("kernels.*.nbc"))


def test_info_names_every_dependency():
    outcome = run("info")
    assert outcome.exit_code == 0
    names = [line.split()[0] for line in outcome.stdout.splitlines()]
    assert names[:3] == ["derandkit", "python", "numpy"]
    assert {
        "scipy",
        "networkx",
        "numba",
        "cvxpy",
        "click",
        "rich",
        "scikit-learn",
        "matplotlib",
        "jax",
    } <= set(names)
    assert derandkit.__version__ in outcome.stdout.splitlines()[0]


def test_version_names_what_decides_results():
    first, second = run("--version").stdout.splitlines()
    assert first == f"derandkit, version {derandkit.__version__}"
    versions = dict(part.split() for part in second.removeprefix("with ").split(", "))
    assert {"python", "numpy", "scipy", "numba", "llvmlite"} <= set(versions)
    assert versions["numpy"] == np.__version__


@pytest.mark.parametrize("verb", ["", *sorted(main.commands)])
def test_every_help_text_is_whole_and_shows_an_example(verb):
    outcome = run(*verb.split(), "-h")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert outcome.stdout.startswith("Usage: ")
    assert "\\b" not in outcome.stdout
    assert "\b" not in outcome.stdout
    if verb != "info":
        assert re.search(r"^  Examples?:\n    derandkit ", outcome.stdout, re.M)
        assert f"    derandkit {verb or 'maxcut'} " in outcome.stdout


@pytest.mark.parametrize("verb", ["", *main.commands])
def test_help_fits_a_terminal_of_80_columns(verb, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    outcome = run(*verb.split(), "-h")
    assert [line for line in outcome.stdout.splitlines() if len(line) > 80] == []


def test_help_names_every_format_and_every_link():
    text = " ".join(run("maxcut", "-h").stdout.split())
    assert f"Format of the graph: {', '.join(FORMATS)}." in text
    assert "hermite2, hermite3" in " ".join(run("structure", "-h").stdout.split())


def test_the_list_of_verbs_has_each_once_in_a_line_of_its_own():
    assert sorted(verb for verbs in SECTIONS.values() for verb in verbs) == sorted(main.commands)
    lines = run("--help").stdout.splitlines()
    for verb in main.commands:
        (line,) = [line for line in lines if line.startswith(f"  {verb} ")]
        assert line.endswith("."), line
        assert "..." not in line


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("maxcut da", "file"), ("maxcut -o r", "file"), ("verify a.json g", "file"), ("embed p", "file"),
        ("compare g", "file"), ("qubo p", "file"), ("structure --data t", "file"), ("generate -o g", "file"),
        ("bal", "plain"), ("maxcut --bou", "plain"), ("maxcut --bound be", "plain"),
    ],
)  # fmt: skip
def test_a_shell_completes_verbs_options_and_files(typed, kind):
    words = typed.split(" ")
    completed = ShellComplete(main, {}, "derandkit", "_DERANDKIT_COMPLETE").get_completions(
        words[:-1], words[-1]
    )
    assert {item.type for item in completed} == {kind}
    if kind == "plain":
        assert all(item.value.startswith(words[-1]) for item in completed)


def test_help_shows_the_line_for_completion_whole():
    text = run("--help").stdout
    assert '\n  eval "$(_DERANDKIT_COMPLETE=bash_source derandkit)"\n' in text


@pytest.mark.parametrize(
    ("verb", "noun", "values", "wrong"),
    [
        ("ising", "VARIABLE", "-1 or 1;", "0"), ("qubo", "VARIABLE", "0 or 1;", "-1"),
        ("max2sat", "VARIABLE", "0 (false) or 1 (true);", "-1"), ("maxdicut", "VERTEX", "1 (chosen) or 0;", "2"),
        ("balance", "VERTEX", "-1 or 1, its camp;", "maybe"),
    ],
)  # fmt: skip
def test_fix_says_which_values_there_are(verb, noun, values, wrong):
    text = " ".join(run(verb, "--help").stdout.split())
    assert f"--fix {noun} VALUE Give a {noun.lower()} a value, {values}" in text
    assert ("a variable" in text) is (noun == "VARIABLE")
    assert ("--symmetrize" in text) is (verb == "balance")
    refused = run(verb, "none.txt", "--fix", "x", wrong)
    assert refused.exit_code == 2
    assert f"Invalid value for '--fix': '{wrong}' is neither " in refused.stderr
