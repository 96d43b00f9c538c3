"""A file of a model that needs an option is refused by `compare` and `verify` in words that help there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.errors import InputError

GLASS = "3 2\n1 2 4\n2 3 1\n"


def test_a_comparison_says_how_such_a_model_is_compared(tmp_path: Path):
    file = tmp_path / "g.gsg"
    file.write_text(GLASS)
    said = CliRunner().invoke(main, ["compare", str(file)])
    assert said.exit_code == 2
    assert "--sense minimize" in said.output
    assert "in Python: derandkit.compare(derandkit.read_model(file, ...).model)" in said.output
    assert dk.compare(dk.read_model(file, sense="minimize").model, methods=["lemma"])


def compared(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(
        main, ["compare", *map(str, arguments), "--methods", "lemma", "--format", "json"]
    )
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.output


def test_a_comparison_takes_the_options_of_the_other_verbs(tmp_path: Path):
    glass, terms, library = tmp_path / "g.gsg", tmp_path / "m.coo", tmp_path / "b.txt"
    glass.write_text(GLASS)
    terms.write_text("0 0 -1\n0 1 2\n1 1 -1\n1 2 3\n")
    library.write_text("2\n3 3\n1 1 -2\n1 2 3\n2 3 4\n2 2\n1 1 5\n1 2 -7\n")
    for file, given in (
        (glass, {"sense": "maximize"}), (terms, {"vartype": "spin"}),
        (terms, {"vartype": "binary", "sense": "maximize"}),
        (library, {"instance": 2}), (library, {"instance": 1, "sense": "minimize"}),
    ):  # fmt: skip
        flags = [word for name, value in given.items() for word in (f"--{name}", value)]
        problem = ["--problem", "qubo"] if file == library else []
        (row,) = json.loads(compared(file, *flags, *problem, "-q"))
        (other,) = dk.compare(dk.read_model(file, **given).model, methods=["lemma"])
        assert (row["value"], row["bound"], row["sense"]) == (other.value, other.bound, other.sense)


@pytest.mark.parametrize("flag", [("--sense", "maximize"), ("--vartype", "spin"), ("--instance", 1)])
@pytest.mark.parametrize("rest", [(), ("-k", 2), ("--problem", "maxdicut")])
def test_options_of_models_are_refused_elsewhere(
    tmp_path: Path, flag: tuple[str, object], rest: tuple[object, ...]
):
    file = tmp_path / "g.csv"
    file.write_text("source,target\na,b\nb,c\n")
    done = CliRunner().invoke(main, ["compare", str(file), *map(str, (*flag, *rest))])
    assert (done.exit_code, f"{flag[0]} is for files of Ising models and QUBOs" in done.output) == (2, True)


def test_a_comparison_reads_lp_files(tmp_path: Path):
    file = tmp_path / "p.lp"
    file.write_text("Minimize\n - x + [ 4 x * y ] / 2\nBinaries\n x y\nEnd\n")
    said = CliRunner().invoke(main, ["compare", str(file), "--methods", "lemma", "-q"])
    assert said.exit_code == 0, said.output


def test_a_check_names_no_option_that_it_lacks(tmp_path: Path):
    file, other = tmp_path / "g.gsg", tmp_path / "other.txt"
    file.write_text(GLASS)
    result = dk.optimize(dk.read_model(file, sense="minimize").model)
    assert dk.verify(result, file).ok
    other.write_text("0 1 2\n1 2 -3.5\n")
    with pytest.raises(InputError, match="holds another model than the record is about"):
        dk.verify(result, other)
    other.write_text("x1 x2 2\nx2 x3 1\n")
    with pytest.raises(InputError) as caught:
        dk.verify(result, other)
    assert "--" not in str(caught.value)
