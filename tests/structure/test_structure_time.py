"""A limit of time that came too early is no finding: status, message, exit code and record say so."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

import derandkit
from derandkit import ConvergenceError, Student, discover_structure, verify
from derandkit.cli import main
from derandkit.records import sealed
from derandkit.status import StructureStatus
from derandkit.structure import solve

#: Over before it begins, on every machine; and never over.
NO_TIME, HOURS = 1e-9, 1e5


def table():
    rng = np.random.default_rng(1)
    return rng.standard_normal((60, 3)), rng.standard_normal(60)


def run(**options):
    return discover_structure(table(), Student(width=2), controls=False, **options)


@pytest.mark.parametrize("options", [{}, {"penalty": 1e-3}, {"penalty": 1e-3, "method": "sgd"}])
def test_no_time_is_no_finding(options):
    result = run(time_limit=NO_TIME, **options)
    assert result.status is result.ended is StructureStatus.TIME_LIMIT
    assert not result.status.ok
    assert "was not finished" in result.message
    assert verify(result, table()).ok
    record = json.loads(result.to_json())
    record |= {"status": "nothing_found", "message": StructureStatus.NOTHING_FOUND.value}
    record.pop("seal", None)
    assert "status" in verify(sealed(record), table()).failed


def test_a_choice_of_penalties_that_was_cut_short_is_no_finding(monkeypatch):
    monkeypatch.setattr(solve, "CHOICE_SHARE", 1e-14)
    result = run(time_limit=HOURS, max_steps=20)
    assert result.selection.shortened > 0
    assert result.ended is not StructureStatus.TIME_LIMIT  # the training itself had its time
    assert result.status is StructureStatus.TIME_LIMIT
    assert verify(result, table()).ok
    assert "candidates were cut short" in str(result)


def test_it_can_be_raised():
    with pytest.raises(ConvergenceError, match="time limit: "):
        run(time_limit=NO_TIME, penalty=1e-3, throw=True)


def test_the_verb_says_it_and_leaves_with_1(tmp_path):
    file = tmp_path / "table.csv"
    X, y = table()
    np.savetxt(file, np.column_stack([X, y]), delimiter=",", header="a,b,c,y", comments="")
    arguments = ["structure", "--data", str(file), "--target", "y", "--width", "2", "--no-controls"]
    arguments += ["--time-limit", str(NO_TIME), "-o", str(tmp_path / "run.json")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1, result.output
    assert "derandkit: time limit: the choice of penalties or the training was not finished" in result.stderr
    assert derandkit.load(str(tmp_path / "run.json")).status is StructureStatus.TIME_LIMIT
    assert CliRunner().invoke(main, ["verify", str(tmp_path / "run.json"), str(file)]).exit_code == 0
