"""Every option that a refusal of a reader names is one of the verb that printed it, and works there."""

from __future__ import annotations

import ast
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import derandkit
from derandkit.cli import main
from derandkit.embeddings.solve import embed

SOURCE = Path(derandkit.__file__).parent
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
#: Readers, and the verbs that read with them.
READERS = {
    ("points", "structure/intake", "structure/data.py"): ("embed", "features", "structure", "compare", "verify"),
    ("graphs",): ("maxcut", "maxdicut", "balance", "compare", "verify"),
}  # fmt: skip
#: Options of programs that wrote a file, not of this one.
FOREIGN = {"--csv", "--additional-suffix"}


def options_of(verb):
    parameters = main.commands[verb].params
    return {name for parameter in parameters for name in (*parameter.opts, *parameter.secondary_opts)}


def named_in(folders):
    files = [file for folder in folders for file in (SOURCE / folder).rglob("*.py")]
    files += [SOURCE / folder for folder in folders if folder.endswith(".py")]
    texts = [
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return {option for text in texts for option in OPTION.findall(text)} - FOREIGN


@pytest.mark.parametrize("folders", READERS)
def test_every_option_that_a_reader_names_is_one_of_all_its_verbs(folders):
    named = named_in(folders)
    assert {"--header", "--no-header"} < named
    for verb in READERS[folders]:
        assert named <= options_of(verb), verb


class ReachedError(Exception):
    """The table was read."""


@pytest.fixture
def verbs(monkeypatch, tmp_path):
    """Calls of every verb that reads a table, up to the work on it."""

    def reached(*given, **options):
        raise ReachedError

    for place in (
        "embeddings.solve.embed", "features.solve.random_features", "structure.solve.discover_structure",
        "comparison.run.rows_of", "verification.verify",
    ):  # fmt: skip
        monkeypatch.setattr(f"derandkit.{place}", reached)
    record = tmp_path / "map.json"
    record.write_text(RECORD)
    return {
        "embed": lambda file, target: ["embed", file, "-k", "1"],
        "features": lambda file, target: ["features", file, "-n", "2"],
        "structure": lambda file, target: ["structure", "--data", file, "--target", target],
        "compare": lambda file, target: ["compare", file, "-k", "1", "-q"],
        "compare features": lambda file, target: ["compare", file, "--n-features", "2", "-q"],
        "compare target": lambda file, target: ["compare", file, "--target", target, "-q"],
        "verify": lambda file, target: ["verify", str(record), file],
    }


ROWS = np.array([[0.5, -1.25], [2.5, 0.75], [-1.5, 4.0], [3.5, -2.0]])
RECORD = embed(ROWS, n_components=1, holdout=False).to_json()
NUMBERS = "".join(
    f"{a},{b},{k % 3 / 2},{k * k}\n" for k, (a, b) in enumerate(np.sin(np.arange(24)).reshape(12, 2))
)
ROWED = "".join(f"{k},{line}\n" for k, line in enumerate(NUMBERS.split()))
REFUSED = {
    "index without a name": (f",a,b,c,y\n{ROWED}", "y"),
    "index called id": (f"id,a,b,c,y\n{ROWED}", "y"),
    "a first column that counts": (ROWED, "-1"),
    "names of rows": ("a,b,c,y\n" + "".join(f"r{line}\n" for line in ROWED.split()), "y"),
    "words": ("name,a,b,c,y\n" + "".join(f"n{line}\n" for line in ROWED.split()), "y"),
    "missing": (f"name,a,b,c,y\nNA,1,2,0,4\n{ROWED}", "y"),
    "numbers above numbers": (f"0,1,2,3\n{NUMBERS}", "-1"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_advice_works_in_the_verb_that_gave_it(verbs, tmp_path, kind):
    text, target = REFUSED[kind]
    file = tmp_path / "table.csv"
    file.write_text(text)
    for verb, call in verbs.items():
        arguments = call(str(file), target)
        first = CliRunner().invoke(main, arguments)
        if isinstance(first.exception, ReachedError):
            assert verb == "verify"  # the record says which columns there are, and the digest decides
            continue
        assert first.exit_code == 2, first.output
        named = OPTION.findall(first.stderr)
        assert set(named) & options_of(arguments[0]) == set(named) != set(), first.stderr
        for advice in re.findall(
            r"--(?:drop|label) '[^']*'|--(?:drop|label) [^\s,);]+|--(?:no-)?header", first.stderr
        ):
            second = CliRunner().invoke(main, [*arguments, *shlex.split(advice)])
            assert isinstance(second.exception, ReachedError), (verb, advice, second.output)


def test_columns_are_of_no_use_for_graphs(tmp_path):
    file = tmp_path / "graph.txt"
    file.write_text("a b\nb c\n")
    result = CliRunner().invoke(main, ["compare", str(file), "--drop", "1"])
    assert result.exit_code == 2
    assert "--drop chooses columns of a table of points; leave it out for a graph" in result.stderr


def test_a_record_of_an_array_is_checked_against_columns_of_a_file(tmp_path):
    file, record = tmp_path / "points.csv", tmp_path / "map.json"
    file.write_text("name,a,b\n" + "".join(f"n{k},{a},{b}\n" for k, (a, b) in enumerate(ROWS.tolist())))
    record.write_text(RECORD)
    plain = CliRunner().invoke(main, ["verify", str(record), str(file)])
    assert plain.exit_code == 2
    assert "--drop name" in plain.stderr
    chosen = CliRunner().invoke(main, ["verify", str(record), str(file), "--drop", "name"])
    assert chosen.exit_code == 0, chosen.output
    other = CliRunner().invoke(main, ["verify", str(record), str(file), "--columns", "b,a"])
    assert other.exit_code == 1, other.output
    assert json.loads(RECORD)["schema"] == "derandkit-embedding"
