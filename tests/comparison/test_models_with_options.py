"""A file of a model that needs an option is refused by `compare` and `verify` in words that help there."""

from __future__ import annotations

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
    assert "a comparison takes the model in Python" in said.output
    assert dk.compare(dk.read_model(file, sense="minimize").model, methods=["lemma"])


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
