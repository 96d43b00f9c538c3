"""A record of a model file holds beside the file, whatever its name promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.models.files import read_model

TEXTS = {
    "lp": "Maximize\n obj: 2 x - 3 y + [ 4 x * y ] / 2\nBinaries\n x y\nEnd\n",
    "qplib": "PAIR\nQBN\nmaximize\n2\n1\n2 1 3\n0\n1\n1 -2\n0\n1e30\n0\n0\n",
    "qubo": "c of two bits\np qubo 0 2 2 1\n0 0 -1\n1 1 -1\n0 1 3\n",
    "sparse": "3 3\n1 1 -1\n1 2 3\n2 3 -2\n",
    "beasley": "1\n3 3\n1 1 -1\n1 2 3\n2 3 -2\n",
    "matrix": "1 -2 0\n0 1 3\n0 0 -1\n",
}
ENDINGS = [".lp", ".qplib", ".qubo", ".sparse", ".coo", ".gsg", ".txt", ".csv", ".npy", ""]


@pytest.mark.parametrize("form", TEXTS)
def test_a_record_holds_beside_a_file_whose_name_promises_another_format(form: str, tmp_path: Path) -> None:
    """A text in LP format named g.coo was solved and could not be verified: "the record is about another file"."""
    solved = 0
    for ending in ENDINGS:
        file, record = tmp_path / f"model{ending}", tmp_path / "record.json"
        file.write_text(TEXTS[form])
        record.unlink(missing_ok=True)
        options = ["--input-format", form, "--search", "none", "-q", "-o", str(record)]
        done = CliRunner().invoke(main, ["qubo", str(file), *options])
        if done.exit_code == 2:
            continue  # refused, and not solved
        solved += 1
        checked = CliRunner().invoke(main, ["verify", str(record), str(file)])
        assert checked.exit_code == 0, (ending, checked.output)
    assert solved >= len(ENDINGS) - 1


@pytest.mark.parametrize("form", ["lp", "qplib"])
def test_what_a_text_begins_with_counts_before_its_name(form: str, tmp_path: Path) -> None:
    for ending in (".coo", ".sparse", ".gsg", ".qubo"):
        file = tmp_path / f"model{ending}"
        file.write_text(TEXTS[form])
        assert form in read_model(file).reading.lower()


def test_another_file_is_said_to_hold_no_such_model(tmp_path: Path) -> None:
    file, other = tmp_path / "one.lp", tmp_path / "other.coo"
    file.write_text(TEXTS["lp"])
    other.write_text("0 1 2\n")
    found = dk.optimize(read_model(file).model)
    with pytest.raises(dk.InputError, match="another model than the record is about"):
        dk.verify(found, other)
    other.write_text("3 3\n1 2 x\n")
    with pytest.raises(dk.InputError):
        dk.verify(found, other)
