"""Whatever is wrong in the file of a start is said with the name of the file, and with the line where there is one."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main

INSTANCES = {
    "maxcut": "a b\nb c\n",
    "maxdicut": "a b\nb c\n",
    "balance": "a b 1\nb c -1\n",
    "ising": "0 1 1\n1 2 -1\n",
    "qubo": "0 1 1\n1 2 -1\n2 2 1\n",
    "max2sat": "p cnf 3 2\n1 -2 0\n2 3 0\n",
}
NAMES = {"max2sat": "123", "ising": "012", "qubo": "012"}
FORMATS = {
    "ising": ["--input-format", "coo", "--vartype", "spin"],
    "qubo": ["--input-format", "coo", "--vartype", "binary"],
}
#: Files of a start by what is wrong with them, and the line that is named.
WRONG = {
    "empty": ("", None),
    "blank": ("\n\n", 1),
    "header": ("node,side\n", None),
    "incomplete": ("A 1\nB 1\n", None),
    "unknown": ("A 0\nB 1\nC 0\nz 1\n", 4),
    "twice": ("A 0\nB 1\nC 0\nA 1\n", 4),
    "no value": ("A 0\nB x\nC 0\n", 2),
    "incomplete object": ('{"A": 1, "B": 1}', None),
    "empty object": ("{}", None),
    "unknown object": ('{"A": 0, "B": 1, "C": 1, "z": 0}', None),
    "incomplete list": ('[["A", 1], ["B", 1]]', None),
    "numbers": ("[0, 1]", None),
    "empty list": ("[]", None),
    "cut off": ('{"A": 0, "B"', None),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(verb, start, *options):
    """Return the line of a run that refuses a start."""
    for label, name in zip("ABC", NAMES.get(verb, "abc"), strict=True):
        start = start.replace(label, name)
    with open("instance.txt", "w") as file:
        file.write(INSTANCES[verb])
    with open("start.file", "w") as file:
        file.write(start)
    line = [verb, "instance.txt", *FORMATS.get(verb, []), "--start", "start.file", "-q", *options]
    outcome = CliRunner().invoke(main, line)
    assert outcome.exit_code == 2, (outcome.output, outcome.exception)
    return outcome.stderr.splitlines()[-1]


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("verb", INSTANCES)
def test_every_refusal_of_a_start_names_its_file(folder, verb, kind):
    """An empty file "leaves out vertex 'a'", of nothing."""
    text, line = WRONG[kind]
    place = "start.file" if line is None else f"start.file:{line}"
    said = refusal(verb, text)
    assert said.startswith(
        (f"derandkit: {place}: ", "derandkit: start.file:3: " if kind == "mixed" else "\0")
    ), said


@pytest.mark.parametrize("verb", ["maxcut", "qubo"])
def test_a_start_that_constraints_forbid_is_named_with_its_line(folder, verb):
    a, b, _ = NAMES.get(verb, "abc")
    said = refusal(verb, "A 0\nB 1\nC 0\n", "--fix", a, "0", "--fix", b, "0")
    assert said.startswith("derandkit: start.file:2: the start does not obey the constraints"), said


def test_sides_of_two_ways_to_write_them_are_named(folder):
    assert refusal("maxcut", "a 0\nb 1\nc -1\n").startswith(
        "derandkit: start.file: the sides of a start are 0 and 1"
    )


def test_a_value_that_a_variable_does_not_take_is_named_with_its_line(folder):
    for verb, text, line in (("qubo", "A 0\nB -1\nC 0\n", 2), ("ising", "A 1\nB -1\nC 0\n", 3)):
        assert refusal(verb, text).startswith(f"derandkit: start.file:{line}: gives ")
    said = refusal("max2sat", "A 0\nB -1\nC 0\n", "--relaxation", "triangles")
    assert said.startswith("derandkit: start.file:2: gives 2 the value -1"), said


def test_the_record_of_another_problem_is_named(folder):
    other = dk.maxcut([("a", "b"), ("b", "z")])
    assert refusal("maxcut", other.to_json()).startswith("derandkit: start.file: partition names 'z'")
    solved = dk.minimize_qubo({("a", "b"): -1.0})
    assert refusal("qubo", solved.to_json()).startswith("derandkit: start.file: ")


def test_a_record_with_a_vertex_on_both_sides_is_refused(folder):
    """The second side was used."""
    record = json.loads(dk.maxcut([("a", "b"), ("b", "c")]).to_json())
    record["partition"] = [["a", "c", "b"], ["b"]]
    said = refusal("maxcut", json.dumps(record))
    assert said == "derandkit: start.file: puts vertex 'b' on both sides"
