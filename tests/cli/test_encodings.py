"""Standard output that is not UTF-8: names are escaped as JSON has it, and no answer is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import derandkit
from derandkit.cli import main

SOURCE = Path(__file__).parents[2] / "src"
NAME = "gr\u00fc\u00dfe"
WORDS = ("Z\u00fcrich", "Gen\u00e8ve", "\u5317\u4eac", "\U0001f600")


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A graph, clauses of dimod, points with names, a table, and records of the first three."""
    monkeypatch.chdir(tmp_path)
    a, b, c, d = WORDS
    (tmp_path / f"{NAME}.edgelist").write_text(f"{a} {b} 3\n{b} {c} -2\n{c} {d} 1\n", encoding="utf-8")
    rows = np.random.default_rng(0).standard_normal((60, 3))
    lines = [",".join(map(repr, row)) for row in rows.tolist()]
    (tmp_path / f"{NAME}.csv").write_text(
        "\n".join([f"{a},{b},\u0446\u0435\u043b\u044c", *lines]), encoding="utf-8"
    )
    derandkit.maxcut(f"{NAME}.edgelist").save("cut.json")
    derandkit.embed(f"{NAME}.csv", n_components=2).save("map.json")


GRAPH, TABLE = f"{NAME}.edgelist", f"{NAME}.csv"


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("charset", ["ascii", "latin-1"])
@pytest.mark.parametrize(
    "arguments",
    [
        *(["maxcut", GRAPH, "--format", form] for form in ("table", "tsv", "json")),
        *(["balance", GRAPH, "--format", form] for form in ("table", "tsv", "json")),
        ["maxdicut", GRAPH, "--format", "tsv"],
        ["maxcut", GRAPH, "--solutions", "2", "--format", "tsv"],
        *(["compare", GRAPH, "--format", form] for form in ("table", "csv", "json")),
        ["embed", TABLE, "-k", "2", "--format", "json"],
        ["features", TABLE, "-n", "4", "--format", "json"],
        [
            "structure",
            "--data",
            TABLE,
            "--target",
            "\u0446\u0435\u043b\u044c",
            "--max-steps",
            "3",
            "--no-controls",
        ],
        ["verify", "cut.json", GRAPH],
        ["verify", "map.json", TABLE],
    ],
    ids=" ".join,
)
def test_names_are_escaped_where_the_encoding_does_not_hold_them(arguments, charset):
    """A traceback of a UnicodeEncodeError, after all work: exit code 1, as of a record that does not hold."""
    wanted = CliRunner().invoke(main, arguments)
    found = CliRunner(charset=charset).invoke(main, arguments)
    assert found.exception is None or isinstance(found.exception, SystemExit)
    assert found.exit_code == wanted.exit_code
    if {"json", "tsv", "csv"} & set(arguments):  # for programs: the same bytes everywhere
        same = found.stdout_bytes == wanted.stdout_bytes
        assert same or (
            arguments[0] == "compare" and NAME in found.stdout_bytes.decode("utf-8")
        )  # it has times
    else:
        text = found.stdout_bytes.decode(charset)
        assert (text == wanted.stdout) == all(c.encode(charset, "ignore") for c in wanted.stdout)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize(
    "words",
    [["maxcut", "g.txt", "h.txt", "--workers", "1"], ["maxcut", "g.txt"], ["info"], ["maxcut", "none.txt"]],
    ids=" ".join,
)
def test_a_stream_with_a_mark_of_the_order_of_bytes_has_one(words, encoding, tmp_path):
    """Each line of several graphs began with one, and the first with two."""
    for name in ("g.txt", "h.txt"):
        (tmp_path / name).write_text("a b 1\nb c 2\n")
    done = subprocess.run(
        [sys.executable, "-m", "derandkit", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
    )
    assert done.returncode == (2 if "none.txt" in words else 0), done.stderr
    for written in (done.stdout, done.stderr):
        text = written.decode(encoding)
        assert "\ufeff" not in text
    assert done.stdout or done.stderr


def test_standard_error_within_a_block_has_one_mark():
    program = (
        "import sys\nfrom derandkit.runtime.streams import own_errors\nwith own_errors():\n"
        "    print('inside', file=sys.stderr)\nprint('after', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONIOENCODING": "utf-8-sig", "PYTHONPATH": str(SOURCE)},
        capture_output=True,
    )
    assert done.stderr == b"\xef\xbb\xbfinside\nafter\n"
