"""The tables of what records state: `verify` prints their rows, with their verdicts, and the pages show them."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from tests.collection import collection

import derandkit as dk
from derandkit.certificates.checks import Verdict
from derandkit.certificates.kinds import KINDS, number_of_checks
from derandkit.certificates.statements import Statement, StatementTable
from derandkit.records import sealed

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "data" / "records"
OLD = {
    "constrained-cut-1-signed.json": "signed.edgelist", "embedding-1-points.json": "points.csv",
    "maxcut-2-petersen.json": "petersen.edgelist", "quadratic-1-qubo.json": "model.qubo",
    "ranked-cuts-1-signed.json": "signed.edgelist", "structure-1-data.json": "table.csv",
    "structure-2-teacher.json": "teacher.toml",
}  # fmt: skip


def agrees(record, instance):
    """Verify a record, compare every check with its row, and return the names that were met."""
    table, met = KINDS[record["schema"]], set()
    for check in dk.verify(record, instance).checks:
        row = table.statement_of(check.name)
        assert row is not None, check.name
        assert check.verdict in (*row.reach, Verdict.FAILED), (check.name, check.verdict)
        # without headline only where the table says so, or where the record does not make the statement
        assert check.headline <= row.headline, check.name
        if row.headline and not check.headline:
            assert check.verdict is Verdict.NOT_CHECKED, check.name
        assert check.name not in met
        met.add(check.name)
    return met


def rows(table, prefix=""):
    """The names of all rows, those of records within the record included."""
    yield from (prefix + row.name for row in table)
    for key, tables in table.inside.items():
        for inner in tables:
            yield from rows(inner, f"{prefix}{key}.")


@pytest.mark.parametrize("name", sorted(OLD))
def test_what_is_printed_of_old_records_is_in_the_table(name):
    record = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    assert agrees(record, FOLDER / OLD[name])


def test_every_check_of_every_record_is_in_the_table_and_every_row_is_met():
    met = defaultdict(set)
    for record, instance in collection().values():
        met[record["schema"]] |= agrees(record, instance)
    for name, instance in OLD.items():
        record = json.loads((FOLDER / name).read_text(encoding="utf-8"))
        met[record["schema"]] |= agrees(record, FOLDER / instance)
    several, instance = collection()["ranked/plain"]
    met[several["schema"]] |= agrees(sealed({**several, "shortened": True}), instance)
    X, model = np.random.default_rng(0).standard_normal((40, 2)), lambda z: z[0]
    network = dk.certify_network(model, X, X[:, 0], weights=[[1.0, 0.1]], bias=[0.0], penalty=0.1)
    for instance in ((X, X[:, 0]), (X, X[:, 0], model), (X, X[:, 0], model, [[1.0, 0.1]], [0.0])):
        met["derandkit-network"] |= agrees(json.loads(network.to_json()), instance)
    assert {schema: set(rows(table)) for schema, table in KINDS.items()} == met


def test_tables_are_well_formed():
    for schema, table in KINDS.items():
        assert table.schema == schema
        assert len({row.name for row in table}) == len(table.rows)
        for row in table:
            assert row.reach
            assert len(set(row.reach)) == len(row.reach)
            assert Verdict.FAILED not in row.reach
            # what can never be found true carries nothing
            assert row.headline <= any(verdict.holds for verdict in row.reach)
            assert "|" not in row.says + row.rests_on


def test_the_pages_show_every_table():
    pages = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md"))
    for schema, table in KINDS.items():
        assert pages.count(f"<!-- statements {schema} -->") == 1
        for row in table:
            ending = "yes" if row.headline else "no"
            assert f"| `{row.name}` | {row.says} | {row.verdict} | {row.rests_on} | {ending} |" in pages


def test_a_name_that_is_in_no_table_is_noticed():
    inner = StatementTable("inner", (Statement("n", "a number", (Verdict.PROVEN,), "counting"),))
    table = StatementTable("outer", (), {"part": (inner,)})
    assert table.statement_of("part.n") is inner["n"]
    assert table.statement_of("n") is None
    assert table.statement_of("part.m") is None
    assert table.statement_of("other.n") is None


@pytest.mark.parametrize(
    "name", ["ranked-cuts-1-signed.json", "embedding-1-points.json", "quadratic-1-qubo.json"]
)
def test_each_check_is_reported_as_it_begins(name):
    record = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    seen = []
    outcome = dk.verify(record, FOLDER / OLD[name], on_progress=seen.append)
    run = [check.name.rpartition(".")[2] for check in outcome.checks if "not claimed by" not in check.detail]
    begun = [progress.stage.removeprefix("check ") for progress in seen]
    assert [name for name in begun if name != "pairs"] == run  # all pairs are measured for several checks
    assert [progress.step for progress in seen] == list(range(len(seen)))
    assert len(seen) <= number_of_checks(record) + 1
    assert {progress.total for progress in seen} == {number_of_checks(record)}


def test_an_interrupted_verification_is_none():
    record = json.loads((FOLDER / "maxcut-2-petersen.json").read_text(encoding="utf-8"))

    def press(progress):
        if progress.stage == "check chain":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dk.verify(record, FOLDER / "petersen.edgelist", on_progress=press)
    assert dk.verify(record, FOLDER / "petersen.edgelist").ok  # nobody watches any more


@pytest.mark.parametrize(
    ("solve", "own", "other", "says"),
    [
        (dk.maxcut, nx.cycle_graph(5), nx.petersen_graph(), "another graph: n 5 (here 10), m 5 (here 15), "),
        (dk.maxcut, [(0, 1, 2.5)], [(0, 1, 2.75)], "another graph: total_weight 2.5 (here 2.75), digest "),
        (dk.frustration, [(0, 1, 1), (1, 2, -2)], [(0, 1, 1)], "another instance: n 3 (here 2), couplings 2 ("),
    ],
)  # fmt: skip
def test_a_record_of_another_instance_fails_with_one_statement(solve, own, other, says):
    outcome = dk.verify(solve(own), other)
    wrong = [check.detail for check in outcome.checks if not check.passed]
    assert len(wrong) == 1
    assert wrong[0].startswith(f"the record is about {says}")
    assert "Error" not in str(outcome)
