"""``derandkit structure``: flags, pages, tables, pictures, and one line for every mistake."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from derandkit.cli import main
from derandkit.structure.config import read_configuration

pytest.importorskip("jax")

EXAMPLES = Path(__file__).parents[2] / "datasets" / "structure"
QUICK = ("--width", "4", "--max-steps", "40", "--no-controls")


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_flags_make_a_record_that_verifies_against_the_saved_page(tmp_path):
    pytest.importorskip("matplotlib")
    record, page, picture = (tmp_path / name for name in ("r.json", "t.toml", "p.svg"))
    outcome = run("structure", "--teacher", "tanh", "--dim", 2, *QUICK, "-o", record, "--save-config", page,
                  "--plot", picture, "--format", "json")  # fmt: skip
    assert outcome.exit_code == 1, outcome.output
    assert "derandkit: step limit: " in outcome.stderr
    assert outcome.stdout == record.read_text()
    assert json.loads(outcome.stdout)["student"]["width"] == 4
    assert picture.read_text().startswith("<?xml")
    checked = run("verify", record, page)
    assert checked.exit_code == 0, checked.output
    again = run("structure", page, "--format", "json")
    assert again.stdout == outcome.stdout
    page.write_text(page.read_text().replace('"tanh"', '"sine"'))
    assert run("verify", record, page).exit_code == 1


def test_flags_override_the_page():
    outcome = run(
        "structure", EXAMPLES / "staircase.toml", "--nodes", 1024, *QUICK, "--depth", 2, "--format", "json"
    )
    assert outcome.exit_code == 1, outcome.output
    assert "derandkit: step limit: " in outcome.stderr
    record = json.loads(outcome.stdout)
    assert record["problem"]["link"] == "staircase"
    assert record["problem"]["nodes"] == 1024
    assert record["student"]["depth"] == 2
    assert record["settings"]["penalty"] == 1e-3


def test_a_table_is_read_trained_on_and_verified(tmp_path):
    file = tmp_path / "r.json"
    outcome = run("structure", "--data", EXAMPLES / "ridge.csv", "--target", "strength", *QUICK, "-o", file)
    assert outcome.exit_code == 1, outcome.output
    assert "derandkit: step limit: " in outcome.stderr
    assert "400 rows, 6 columns" in outcome.stdout
    assert "direction 1" in outcome.stdout
    assert run("verify", file, EXAMPLES / "ridge.csv").exit_code == 0
    assert run("verify", file, EXAMPLES / "staircase.toml").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give a problem"),
        (("--dim", "3"), "give the teacher's link"),
        (("--teacher", "tanh"), "give the number of inputs"),
        (("--teacher", "tan", "--dim", "3"), "Invalid value for '--teacher'"),
        (
            ("--teacher", "tanh", "--dim", "3", "--directions", "4"),
            ": --directions: directions must be between 1",
        ),
        (("--data", "no.csv", "--target", "y"), "no such file"),
        (("--data", "no.csv"), "needs --target"),
        (("--target", "y"), "of --data"),
        (("--data", "no.csv", "--target", "y", "--dim", "3"), ": --dim belongs to a teacher"),
        (("no.toml",), "no such file"),
        ((str(EXAMPLES / "staircase.toml"), "--sharpness", "2"), ": --sharpness: the sharpness belongs"),
        (
            ("--teacher", "tanh", "--dim", "3", "--noise", "-1", "--batch", "9"),
            ": --batch: the size of a batch",
        ),
        (("--teacher", "tanh", "--dim", "3", "--penalty", "-1"), ": --penalty: penalty must be"),
        (("--teacher", "tanh", "--dim", "3", "-o", "no/such/r.json"), "does not exist"),
        (("--teacher", "tanh", "--dim", "3", "--plot", "p.xyz"), "cannot draw"),
        (("--teacher", "linear", "--dim", "3", "--loss", "logistic"), "targets in [0, 1]"),
        (("--teacher", "tanh", "--dim", "3", "--step-size", "0.1"), ": --step-size: the step size belongs"),
        (
            ("--teacher", "tanh", "--dim", "3", "--method", "sgd", "--step-size", "-1"),
            "step size must be positive",
        ),
    ],
)
def test_mistakes_are_one_line(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = run("structure", *arguments)
    assert outcome.exit_code == 2
    assert message in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    assert outcome.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "is not TOML"),
        ("a=" + "[" * 100_000, "nested too deeply"),
        # the library's reader took 9.6 GB for 200 kB of this
        (".".join(["a"] * 2_000) + " = 1\n", ":1: has a key with more than 20 dots"),
        ("[run]\nx = {" + " . ".join(["'a'"] * 2_000) + " = 1}\n", ":2: has a key with more than 20 dots"),
        ('[run]\nx = [""" " """, {' + ".".join(["a"] * 30) + ' = 1}, ""]\n', "more than 20 dots"),
        (
            '[run]\nx = ["""a\n " """, {' + ".".join(["a"] * 30) + ' = 1}, ""]\n',
            ":3: has a key with more than 20 dots",
        ),
        ("# it's\n" + ".".join(["a"] * 30) + "='\n", "more than 20 dots"),
        (
            "[teacher]\nlink='tanh'\ndimension=3\n[run]\nx = '" + "." * 30 + "' # " + "." * 30 + "\n",
            "no key 'x'",
        ),
        ("", "either a [teacher] or a [data] table"),
        ("[teacher]\nlink='tanh'\n", "needs 'dimension'"),
        ("[teacher]\nlink='tanh'\ndimension=3\nfoo=1\n", "has no 'foo'"),
        ("[teacher]\nlink='tanh'\ndimension=3\n[student]\nwidht=3\n", "no key 'widht'"),
        ("[teacher]\nlink='tanh'\ndimension=3\n[run]\neta=3\n", "no key 'eta'"),
        ("[teacher]\nlink='tanh'\ndimension='3'\n", "whole number"),
        ("[teacher]\nlink='tanh'\ndimension=3\nnoise='a'\n", "[teacher]"),
        ("[data]\ntable='t.csv'\n", "needs 'target'"),
        ("[other]\n", "no table 'other'"),
        ("teacher = 3\n", "must be a table"),
        ("[teacher]\nlink='tanh'\ndimension=3\n[run]\nrank=1\n", "rank belongs to data"),
        ("[teacher]\nlink='tanh'\ndimension=3\n[run]\ncontrols='no'\n", "true or false"),
        (
            "[teacher]\nlink='tanh'\ndimension=3\n[student]\nsharpness=3\n",
            "belongs to the activation softplus",
        ),
        ("[data]\ntable=3\ntarget='y'\n", "the name of a file"),
    ],
)
def test_bad_pages_are_refused_with_their_name(tmp_path, text, message):
    page = tmp_path / "page.toml"
    page.write_text(text)
    outcome = run("structure", page)
    assert outcome.exit_code == 2
    assert message in outcome.stderr
    assert "page.toml" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_paths_in_a_page_are_relative_to_it(tmp_path):
    (tmp_path / "t.csv").write_text((EXAMPLES / "ridge.csv").read_text())
    (tmp_path / "page.toml").write_text('[data]\ntable = "t.csv"\ntarget = "strength"\n')
    assert read_configuration(tmp_path / "page.toml").problem.dimension == 6


def test_a_run_that_does_not_end_well_exits_with_one(tmp_path):
    page = tmp_path / "page.toml"
    page.write_text('[teacher]\nlink = "hermite6"\ndimension = 2\ndirections = [[900.0, 0.0]]\n')
    outcome = run("structure", page, "--method", "sgd", *QUICK)
    assert outcome.exit_code == 1
    assert "diverged" in outcome.stderr


def test_a_step_that_is_too_long_exits_with_one_and_keeps_the_best_point(tmp_path):
    file = tmp_path / "r.json"
    outcome = run(
        "structure",
        "--teacher",
        "tanh",
        "--dim",
        "2",
        "--method",
        "sgd",
        "--step-size",
        "1e9",
        *QUICK,
        "-o",
        file,
    )
    assert outcome.exit_code == 1
    assert "diverged" in outcome.stderr
    record = json.loads(file.read_text())
    assert record["status"] == "diverged"
    assert np.isfinite(record["loss"])
