"""A refusal is one line on standard error: what is said about an input is said once it is known to be good."""

from __future__ import annotations

import io

import numpy as np
import pytest
from click.testing import CliRunner

from derandkit.cli import main
from derandkit.cli.output import note, say

EDGES = "a a 1\na b 2\na b 3\nb c 0.1\nb c 0.2\n"  # a loop and parallel edges: both are said
POINTS = "id,x,y\n1,0.5,2\n2,1.5,0.25\n3,2.5,1.125\n4,0.125,3\n"  # of its columns something is said
TABLE = "x,y,z\n" + "".join(f"{k / 8},{k * k / 64},{k % 3 / 4}\n" for k in range(1, 25))

#: Verbs with what they need, the file last; `compare` is there for every kind of instance.
VERBS = {
    "maxcut": ["maxcut"],
    "maxcut with an old name": ["maxcut", "--gap", "1e-3"],
    "maxdicut": ["maxdicut"],
    "balance": ["balance"],
    "ising": ["ising"],
    "qubo": ["qubo"],
    "max2sat": ["max2sat"],
    "embed": ["embed", "-k", "2"],
    "embed with an old name": ["embed", "--dimension", "2"],
    "features": ["features", "-n", "4"],
    "structure": ["structure", "--target", "z", "--data"],
    "configuration": ["structure"],
    "compare": ["compare"],
    "compare with an old name": ["compare", "--gap", "1e-3"],
    "compare points": ["compare", "-k", "2"],
    "compare points with an old name": ["compare", "--dimension", "2"],
    "compare features": ["compare", "--n-features", "4"],
    "compare tables": ["compare", "--target", "z"],
    "verify a record of": ["verify", "record.json"],
    "verify": ["verify"],
}
BAD = {
    "no file": None,
    "nothing": b"",
    "blanks": b"\n\n \n",
    "bytes": bytes(range(256)) * 4,
    "words": b"What is this?\nIt is a text, no numbers at all!\n",
    "a broken record": b'{"schema": "derandkit-maxcut", ',
    "another record": b'{"schema": "derandkit-nothing", "version": 1}',
    "not numbers": b"x,y,z\n1,nan,2\n2,inf,3\n3,4,5\n",
    "too large": b"1 2 1e400\n2 3 1\n",
    "two values": b"1 2 3\n1 2\n1 2 3 4 5\n",
    "an array of texts": None,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    at = tmp_path_factory.mktemp("bad")
    (at / "g.txt").write_text(EDGES)
    (at / "points.csv").write_text(POINTS)
    (at / "table.csv").write_text(TABLE)
    (at / "c.wcnf").write_text("p wcnf 2 2 9\n1 1 2 0\n2 -1 0\n")
    (at / "q.qubo").write_text("p qubo 0 2 2 1\n0 0 -1\n1 1 2\n0 1 3\n")
    (at / "i.coo").write_text("0 1 1\n1 2 -1\n")
    (at / "record.json").write_text('{"schema": "derandkit-maxcut", "version": 6}')
    for name, data in BAD.items():
        if data is not None:
            (at / f"{name}.txt").write_bytes(data)
    held = io.BytesIO()
    np.save(held, np.array(["a", "b"]))
    (at / "an array of texts.txt").write_bytes(held.getvalue())
    return at


def refused(folder, monkeypatch, *words):
    monkeypatch.chdir(folder)
    found = CliRunner().invoke(main, [str(word) for word in words])
    assert found.exit_code == 2, (words, found.output)
    assert not found.stdout
    assert len(found.stderr.splitlines()) == 1, found.stderr
    return found.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_a_file_that_cannot_be_read_has_one_line(verb, folder, monkeypatch):
    """``embed --dimension 2`` beside such a file said that the option has a new name, and then the refusal."""
    for name in BAD:
        words = VERBS[verb]
        refused(folder, monkeypatch, *words, f"{name}.txt", *(["g.txt"] if verb == "verify" else []))


#: Files that are read, beside what is refused only then.
LATER = {
    "a start that is no file": ["maxcut", "g.txt", "--start", "none.json"],
    "a start of other vertices": ["maxcut", "g.txt", "--start", "points.csv"],
    "no such vertex": ["maxcut", "g.txt", "--fix", "z", "1"],
    "constraints that contradict each other": ["maxcut", "g.txt", "--same", "a", "b", "--opposite", "a", "b"],
    "no such vertex, an old name": ["maxcut", "g.txt", "--gap", "1e-3", "--fix", "z", "1"],
    "an old name and a usage": ["maxcut", "--gap", "1e-3", "--weight", "w", "--unweighted", "g.txt"],
    "an old name beside several": ["maxcut", "--gap", "1e-3", "g.txt", "g.txt"],
    "a camp of no vertex": ["balance", "g.txt", "--fix", "z", "1"],
    "a start of balance": ["balance", "g.txt", "--start", "none.json"],
    "a target of balance": ["balance", "g.txt", "--target", "nan"],
    "a directed vertex": ["maxdicut", "g.txt", "--fix", "z", "1"],
    "a directed start": ["maxdicut", "g.txt", "--start", "points.csv"],
    "a directed target": ["maxdicut", "g.txt", "--target", "nan"],
    "a variable": ["max2sat", "c.wcnf", "--fix", "7", "1"],
    "a start of clauses": ["max2sat", "c.wcnf", "--start", "g.txt"],
    "spins for bits": ["ising", "q.qubo"],
    "bits for spins": ["qubo", "i.coo", "--vartype", "spin"],
    "a bit": ["qubo", "q.qubo", "--fix", "7", "1"],
    "a target": ["qubo", "q.qubo", "--target", "inf"],
    "a start of bits": ["qubo", "q.qubo", "--start", "points.csv"],
    "more dimensions than there are": ["embed", "points.csv", "-k", "9"],
    "more dimensions, an old name": ["embed", "points.csv", "--dimension", "9"],
    "a ridge": ["embed", "points.csv", "-k", "2", "--ridge", "-1"],
    "a distortion": ["embed", "points.csv", "--eps", "7"],
    "columns that are not there": ["embed", "points.csv", "-k", "1", "--columns", "q"],
    "odd features": ["features", "points.csv", "-n", "5"],
    "a width": ["features", "points.csv", "-n", "4", "--gamma", "-1"],
    "a kernel": ["features", "points.csv", "-n", "4", "--kernel", "matern", "--nu", "7"],
    "a rank": ["structure", "--data", "table.csv", "--target", "z", "--rank", "9"],
    "a loss": ["structure", "--data", "table.csv", "--target", "y", "--loss", "logistic"],
    "a step size": ["structure", "--data", "table.csv", "--target", "z", "--method", "sgd", "--step-size", "-1"],
    "a target by number": ["structure", "--data", "table.csv", "--target", "2", "--rank", "9"],
    "a method": ["compare", "--gap", "1e-3", "g.txt", "--methods", "nothing"],
    "a dimension": ["compare", "--dimension", "9", "points.csv"],
    "a record of nothing": ["verify", "another record.txt", "g.txt"],
    "a limit of work": ["verify", "record.json", "g.txt", "--allow-work", "-1"],
}  # fmt: skip


@pytest.mark.parametrize("name", LATER)
def test_what_is_refused_after_the_file_was_read_has_one_line(name, folder, monkeypatch):
    """A line said as what the file was read, and what was left out of it, before the one of the refusal."""
    refused(folder, monkeypatch, *LATER[name])


def test_what_is_said_of_an_input_is_said_of_a_good_one(folder, monkeypatch):
    monkeypatch.chdir(folder)
    found = CliRunner().invoke(main, ["maxcut", "--gap", "1e-3", "g.txt", "--search", "none"])
    assert found.exit_code == 0, found.output
    lines = found.stderr.splitlines()
    assert "--gap is now --duality-gap" in lines[0]
    assert "read g.txt as" in lines[1]
    assert any("dropped 1 self-loop" in line for line in lines)
    several = CliRunner().invoke(main, ["maxcut", "--gap", "1e-3", "g.txt", "i.coo", "--workers", "1", "-q"])
    assert "--gap is now --duality-gap" in several.stderr.splitlines()[0]


def test_notes_come_before_what_is_said_next(capsys):
    note("first")
    assert not capsys.readouterr().err
    say("second")
    assert capsys.readouterr().err.splitlines() == ["derandkit: first", "derandkit: second"]
