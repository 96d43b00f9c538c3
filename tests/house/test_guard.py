"""Counted work and quality do not get worse without a word."""

from __future__ import annotations

import json

import pytest
from benchmarks import guard

KEPT = json.loads((guard.RESULTS / "guard.json").read_text(encoding="utf-8"))["tables"]["counts"]


def test_a_fifth_more_is_a_regression_and_less_is_none():
    old = {name: figures for name, *figures in KEPT["rows"]}
    rows = [list(row) for row in KEPT["rows"]]
    assert guard.regressions(old, rows) == []
    for k, title in enumerate(guard.HEADER[1:], 1):
        worse = [list(row) for row in rows]
        worse[1][k] = f"{1.3 * float(worse[1][k]) + 1:.6g}"
        found = guard.regressions(old, worse)
        assert len(found) == 1
        assert found[0].startswith(f"{rows[1][0]}: {title} ")
        better = [list(row) for row in rows]
        better[1][k] = "0"
        assert guard.regressions(old, better) == []
    assert "is not stored" in guard.regressions({}, rows[:1])[0]


def test_the_stored_table_has_the_instances_and_columns_of_the_script():
    assert tuple(KEPT["header"]) == guard.HEADER
    assert [row[0] for row in KEPT["rows"]] == list(guard.INSTANCES)


@pytest.mark.slow
@pytest.mark.parametrize("name", guard.INSTANCES)
def test_nothing_became_a_fifth_worse(name):
    old = {row[0]: row[1:] for row in KEPT["rows"]}
    assert guard.regressions(old, [[name, *(f"{x:.6g}" for x in guard.INSTANCES[name]())]]) == []
