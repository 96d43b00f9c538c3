"""The ending of a file that is written says its format, or none: another one is refused before any work."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from derandkit.cli import main

POINTS = np.random.default_rng(0).normal(size=(12, 5))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    np.savetxt("p.csv", POINTS, delimiter=",")
    Path("g.txt").write_text("a b 1\nb c 2\nc a 1\n")
    Path("q.qubo").write_text("p qubo 0 2 2 1\n0 0 -1\n1 1 5\n0 1 -3\n")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "embed p.csv -k 2 --embedded e.csv",
            "e.csv: --embedded writes an array of NumPy, not csv; end its name with .npy",
        ),
        ("embed p.csv -k 2 --embedded e.JSON", "--embedded writes an array of NumPy, not json"),
        ("features p.csv -n 4 --features f.parquet", "--features writes an array of NumPy, not parquet"),
        ("embed p.csv -k 2 -o e.npy", "--output writes the record, JSON, not npy; end its name with .json"),
        (
            "maxcut g.txt -o cut.csv",
            "cut.csv: --output writes the record, JSON, not csv; end its name with .json",
        ),
        ("maxcut g.txt -o cut.tsv", "for columns print them with --format tsv"),
        ("balance g.txt -o b.html", "--output writes the record, JSON, not html"),
        ("qubo q.qubo -o q.png", "--output writes the record, JSON, not png"),
        (
            "maxcut g.txt --report r.pdf",
            "r.pdf: --report writes a page, HTML, not pdf; end its name with .html",
        ),
        ("qubo q.qubo --report r.json", "--report writes a page, HTML, not json"),
        (
            "structure --data p.csv --target 0 --save-config c.json",
            "--save-config writes a configuration, TOML, not json",
        ),
    ],
)
def test_an_ending_of_another_format_is_refused(folder: Path, line: str, said: str) -> None:
    before = set(folder.iterdir())
    done = CliRunner().invoke(main, line.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize(
    "line",
    [
        "embed p.csv -k 2 --embedded e.npy -o e.json",
        "embed p.csv -k 2 --embedded e -o e.record",
        "maxcut g.txt -o cut.JSON --report page.HTM",
        "maxcut g.txt -o cut.txt",
        "qubo q.qubo -o q.v2",
        "generate G11 -o k.csv",
    ],
)
def test_other_endings_are_names(folder: Path, line: str) -> None:
    done = CliRunner().invoke(main, [*line.split(), *([] if "generate" in line else ["-q"])])
    assert done.exit_code == 0, done.output


WRITERS = [
    "maxcut g.txt -o X.json",
    "maxcut g.txt --report X.html",
    "maxcut g.txt --plot X.svg",
    "maxcut g.txt h.txt -o X/",
    "qubo q.qubo -o X.json",
    "embed p.csv -k 2 -o X.json",
    "embed p.csv -k 2 --embedded X.npy",
    "features p.csv -n 4 --features X.npy",
    "structure --data p.csv --target 1 --save-config X.toml",
    "compare g.txt --report X.html",
    "generate G1 -o X.rudy",
]


@pytest.mark.parametrize("line", WRITERS)
def test_a_name_that_is_too_long_is_refused_before_any_work(folder: Path, line: str) -> None:
    Path("h.txt").write_text("a b 1\n")
    before = set(folder.iterdir())
    done = CliRunner().invoke(main, line.replace("X", "x" * 300).split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].endswith("cannot be written: File name too long")
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize("line", WRITERS)
def test_a_folder_that_may_not_be_entered_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    Path("h.txt").write_text("a b 1\n")
    honest = os.stat

    def closed(path: int | str | Path, **options: Any) -> os.stat_result:
        if not isinstance(path, int) and "locked" in str(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return honest(path, **options)

    monkeypatch.setattr(os, "stat", closed)
    done = CliRunner().invoke(main, line.replace("X", "locked/x").split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].endswith("cannot be written: Permission denied")


def test_a_record_whose_name_is_too_long_leaves_no_folder(folder: Path) -> None:
    long = Path("x" * 247 + ".txt")  # its record ends in .txt.json
    long.write_text("a b 1\n")
    done = CliRunner().invoke(main, ["maxcut", "g.txt", str(long), "-o", "new/"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].endswith(".json: cannot be written: File name too long")
    assert not Path("new").exists()
