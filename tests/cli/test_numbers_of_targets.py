"""On the command line a target counts columns from 1, as all other options do; in Python positions begin at 0."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.errors import InputError
from derandkit.records import sealed
from derandkit.structure.intake.table import target_from_one

ROWS = np.random.default_rng(3).normal(size=(60, 3))
ROWS[:, 1] = ROWS[:, 0] + 0.1 * ROWS[:, 2]
QUICK = ("--width", "2", "--penalty", "0.01", "--max-steps", "10", "--no-controls")


def call(*words: object):
    return CliRunner().invoke(main, [str(word) for word in words])


def written(folder: Path, header: str) -> Path:
    file = folder / "t.csv"
    np.savetxt(file, ROWS, delimiter=",", header=header, comments="")
    return file


@pytest.mark.parametrize(
    ("header", "target", "chosen", "found", "said"),
    [
        ("a,y,b", "2", {}, "y", "the target 2 is column 2 ('y'), counted from 1 (up to version 0.2 from 0)"),
        ("a,y,b", "y", {}, "y", None),
        ("a,y,b", "-2", {}, "y", None),
        (
            "a,y,b",
            "2",
            {"drop": "1"},
            "y",
            "the target 2 is column 2 ('y'), counted from 1 (up to version 0.2 from 0)",
        ),
        ("1999,2000,2001", "2000", {}, "2000", None),  # a name
        ("x,2,y", "2", {}, "2", None),  # a name and a number of one column
        (
            "1999,2000,2001",
            "2",
            {"header": True},
            "2000",
            "the target 2 is column 2 ('2000'), counted from 1 (up to version 0.2 from 0)",
        ),
        ("", "2", {}, 1, "the target 2 is column 2, counted from 1 (up to version 0.2 from 0)"),
        ("", "2", {"drop": "1"}, -2, "the target 2 is column 2, counted from 1 (up to version 0.2 from 0)"),
        ("a,y,y", "2", {}, 1, "the target 2 is column 2 ('y'), counted from 1 (up to version 0.2 from 0)"),
    ],
)
def test_a_number_is_that_of_the_column(
    tmp_path: Path, header: str, target: str, chosen: dict[str, object], found: object, said: str | None
) -> None:
    file = written(tmp_path, header)
    if not header:
        file.write_text(file.read_text().lstrip("\n"))
    assert target_from_one(str(file), target, **chosen) == (found, said)
    data = dk.RegressionData.from_file(file, found, **chosen)
    assert np.array_equal(data.y, ROWS[:, 1])


@pytest.mark.parametrize(
    ("header", "target", "words"),
    [
        (
            "a,y,b",
            "0",
            "columns are counted from 1, for a target as in --columns and --drop: the first one is 1",
        ),
        ("a,y,b", "4", "there is no column '4'; the table has 3 columns"),
        ("2,y,x", "2", "'2' is the name of column 1 and the number of column 2"),
    ],
)
def test_numbers_that_fit_no_column_or_two_are_refused(
    tmp_path: Path, header: str, target: str, words: str
) -> None:
    file = written(tmp_path, header)
    with pytest.raises(InputError, match=words):
        target_from_one(str(file), target)


@pytest.mark.parametrize("verb", ["structure", "compare"])
def test_verbs_say_which_column_a_number_is(tmp_path: Path, verb: str) -> None:
    file = written(tmp_path, "a,y,b")
    if verb == "structure":
        record = tmp_path / "r.json"
        outcome = call("structure", "--data", file, "--target", 2, "--drop", 1, *QUICK, "-o", record)
        assert json.loads(record.read_text())["problem"]["target"] == "y"
        assert call("verify", record, file).exit_code == 0
    else:
        outcome = call("compare", file, "--target", 2, "-k", 1, "--methods", "pca")
    assert "the target 2 is column 2 ('y'), counted from 1 (up to version 0.2 from 0)" in outcome.stderr
    assert outcome.exit_code in (0, 1)
    refused = call(
        *(["structure", "--data", file] if verb == "structure" else ["compare", file]), "--target", "0"
    )
    assert refused.exit_code == 2
    assert "the first one is 1" in refused.stderr


def test_arrays_and_records_by_position(tmp_path: Path) -> None:
    """A record holds a position from 0, as records of earlier versions do."""
    file, record, page = tmp_path / "t.npy", tmp_path / "r.json", tmp_path / "p.toml"
    np.save(file, ROWS)
    done = call("structure", "--data", file, "--target", 2, *QUICK, "-o", record, "--save-config", page)
    assert done.exit_code in (0, 1), done.output
    held = json.loads(record.read_text())["problem"]
    assert held["target"] == 1
    assert held["digest"] == dk.RegressionData(ROWS[:, [0, 2]], ROWS[:, 1], target=1).digest
    for instance in (file, page):
        assert call("verify", record, instance).exit_code == 0
    refused = call("structure", "--data", file, "--target", 4, *QUICK)
    assert "there is no column 3 among 3, counted from 0 (on the command line from 1)" in refused.stderr


def test_standard_input_names_its_columns(tmp_path: Path) -> None:
    file = written(tmp_path, "a,y,b")
    record = tmp_path / "r.json"

    def piped(*words: object):
        arguments = ["structure", "--data", "-", *map(str, words), *QUICK]
        return CliRunner().invoke(main, arguments, input=file.read_text())

    for target in ("y", "2", "-2"):
        done = piped("--target", target, "-o", record)
        assert done.exit_code in (0, 1), done.output
        assert "target: column 2, numbers" in done.stderr
        held = json.loads(record.read_text())["problem"]
        assert held["names"] == ["a", "b"]
        assert held["digest"] == dk.RegressionData.from_file(file, "y").digest
        assert call("verify", record, file).exit_code == 0
    assert "did you mean 'y'" in piped("--target", "yy").stderr
    assert piped("--target", "y", "--drop", "a").exit_code in (0, 1)
    for target in ("2", "-1"):  # of the table, or of the chosen columns
        refused = piped("--target", target, "--drop", "1")
        assert refused.exit_code == 2
        assert "standard input is read once" in refused.stderr


@pytest.mark.parametrize(
    ("names", "target", "inputs", "said"),
    [
        (None, "2", {"column 1", "column 3"}, "target column 2, inputs 2 columns"),
        (None, "-3", {"column 2", "column 3"}, "target column 1, inputs 2 columns"),
        ("a,y,b", "-2", {"a", "b"}, "target y, inputs a, b"),
        ("a,y,y", "2", {"a", "'3'"}, "target column 2, inputs a, '3'"),
    ],
)
def test_columns_without_names_are_those_of_the_file(tmp_path: Path, names, target, inputs, said) -> None:
    """Directions named the inputs by their places from 0, the target not counted: `column 1` of these was column 3."""
    file, record = written(tmp_path, names or ""), tmp_path / "r.json"
    done = call(
        "structure", "--data", file, "--target", target, *QUICK, "-o", record, "--report", tmp_path / "r.html"
    )
    rows = [line for line in done.stdout.splitlines() if line.startswith("direction ")]
    shown = {
        term.strip().partition(" ")[2]
        for line in rows
        for term in line[12:].split("  strength")[0].split(",")
    }
    assert shown
    assert shown <= inputs
    assert said in call("verify", record, file).stdout
    assert "column 0" not in (tmp_path / "r.html").read_text()


@pytest.mark.parametrize("target", ["+2", "\uff12", "0_2", "2.0", "--2"])
@pytest.mark.parametrize("header", ["", "a,y,b"])
def test_a_target_is_a_name_or_a_plain_number(tmp_path: Path, target: str, header: str) -> None:
    """`+2` took column 3: Python reads it as a number, and positions begin at 0 there."""
    file = written(tmp_path, header)
    refused = call("structure", "--data", file, f"--target={target}", *QUICK)
    assert refused.exit_code == 2
    assert f"there is no column {target!r}" in refused.stderr
    with pytest.raises(InputError, match="there is no column"):
        dk.RegressionData.from_file(file, target)


def test_names_that_are_numbers_stand_in_quotes(tmp_path: Path) -> None:
    """`column 2` was the column called 2, and the second one in the line beside it."""
    file, record = written(tmp_path, "0,1,2"), tmp_path / "r.json"
    done = call("structure", "--data", file, "--header", "--target=-2", *QUICK, "-o", record)
    assert "'0'" in done.stdout
    assert "column" not in next(line for line in done.stdout.splitlines() if line.startswith("direction"))
    assert "target '1' (a name, or a position from 0), inputs '0', '2'" in call("verify", record, file).stdout


@pytest.mark.parametrize("target", ["1", " 1", "01", 1])
def test_a_position_in_text_is_a_position_in_the_record(tmp_path: Path, target) -> None:
    """`target 1` was said of the second column of a file with names."""
    file = written(tmp_path, "a,y,b")
    data = dk.RegressionData.from_file(file, target)
    assert data.target == 1
    assert np.array_equal(data.y, ROWS[:, 1])
    result = dk.discover_structure(data, dk.Student(width=2), penalty=0.01, max_steps=10, controls=False)
    details = {check.name: check.detail for check in dk.verify(result, file).checks}
    assert "target column 2, inputs a, b" in details["problem"]
    assert dk.verify(result, file).ok
    forged = result.to_dict()
    forged["problem"]["target"] = "1"
    details = {check.name: check.detail for check in dk.verify(sealed(forged), file).checks}
    assert "target '1' (a name, or a position from 0), inputs a, b" in details["problem"]
