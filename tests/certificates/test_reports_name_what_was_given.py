"""The report of `verify` says what stands in an instance or a record where a reader has no other place to see it."""

from __future__ import annotations

import json

from tests.mutations import sealed_again

import derandkit as dk
from derandkit.records import sealed
from derandkit.schemas.reader import _range, published


def detail(record, instance, name):
    outcome = dk.verify(record, instance)
    assert outcome.ok, outcome
    return next(check.detail for check in outcome.checks if check.name.endswith(name))


def test_fixed_vertices_and_pairs_are_named():
    """Only their number was said: another vertex of the right side could stand in a record unseen."""
    graph = [("a", "b", 2.0), ("b", "c", 1.0), ("c", "d", 3.0), ("a", "d", 1.0)]
    result = dk.maxcut(graph, fixed={"a": 0, "c": 1}, pairs=[("b", "d", "opposite")])
    text = detail(result, graph, "constraints")
    assert text == "2 fixed (a on side 0, c on side 1) and 1 pairs (b and d opposite), obeyed by the sides"


def test_fixed_variables_are_named():
    model = {("x", "y"): 2.0, ("x", "x"): -1.0, ("y", "z"): -1.0}
    assert "1 variable fixed (y)" in detail(dk.minimize_qubo(model, fixed={"y": 1}), model, "solution")


def test_long_words_of_a_record_leave_room_for_those_of_the_check(tmp_path):
    """A long method or reading cut off how the graph was read here, and that sums are rounded."""
    path = tmp_path / "graph.edgelist"
    path.write_text("a b 0.1\na b 0.2\nb c 0.7\nc a 1\n")
    record = json.loads(dk.maxcut(path).to_json())
    said = detail(record, path, "provenance").partition("; ")[2]
    assert "rounded" in said
    record["method"] = "lemma" + " x" * 990
    record["relaxation"]["method"] = "mixing" + " x" * 990
    record["graph"]["reading"] = "x" * 500
    forged = detail(sealed(record), path, "provenance")
    assert "for this check as: " in forged
    assert forged.endswith(said.rpartition("sums")[2])


def test_an_entry_of_a_list_of_constraints_is_a_list():
    graph = [("a", "b", 2.0), ("b", "c", 1.0)]
    record = json.loads(dk.maxcut(graph, pairs=[("a", "b", "opposite")]).to_json())
    record["constraints"]["pairs"] = [dict.fromkeys(record["constraints"]["pairs"][0], 0)]
    sealed_again(record)
    assert not dk.verify(record, graph).ok


def test_a_text_of_a_schema_ends_where_the_text_ends():
    """`$` matches before an end of a line in Python, not in schemas."""
    rule = {"pattern": "^(LemmaDescent|HessianDescent)$"}
    assert not _range("LemmaDescent", rule, "method")
    assert _range("LemmaDescent\n", rule, "method")
    patterns = [
        rule["pattern"] for schema in published().values() for rule in rules(schema) if "pattern" in rule
    ]
    assert len(patterns) > 10
    assert all(pattern.startswith("^") and pattern.endswith("$") for pattern in patterns)


def rules(value):
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from rules(part)
    elif isinstance(value, list):
        for part in value:
            yield from rules(part)
