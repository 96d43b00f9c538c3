"""Whatever a record holds, verification ends in a report, never in a traceback or a warning."""

from __future__ import annotations

import base64
import functools
import json

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.leaves import places, replaced

import derandkit
from derandkit.cli import main
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import read_record, seal, sealed

N = 10


def array_of(values, dtype, shape):
    return {
        "base64": base64.b64encode(np.array(values, dtype).tobytes()).decode(),
        "dtype": dtype,
        "shape": shape,
    }


#: Values that have broken readers of records before: wrong types, absurd numbers, arrays that lie about themselves.
RUBBISH = [
    None, True, False, 0, -1, 10**400, -(10**400), 1e308, -1e308, 5e-324, 1e-310, "", "nan", "NaN", "inf", "\ud800",
    "é", [], {}, [[]], [None], ["a"], {"a": 1}, [1e308] * N, [True] * N, ["1"] * N, [10**400] * N, "-" * N, "+é" * 5,
    {"base64": "!!", "dtype": "<f4", "shape": [1]},
    {"base64": "", "dtype": "<f8", "shape": [0]},
    {"base64": "", "dtype": "<f8", "shape": [10**30]},
    {"base64": "", "dtype": "<f4", "shape": [N, 0]},
    {"base64": 5, "dtype": "<f4", "shape": [N]},
    {"base64": None, "dtype": ["<f4"], "shape": [True]},
    {"base64": "", "dtype": "|O", "shape": [0]},
    array_of([np.nan] * N, "<f8", [N]),
    array_of([np.inf] * N, "<f8", [N, 1]),
    array_of([1e300] * N, "<f8", [N]),
    array_of([1e300] * N, "<f8", [N, 1]),
    array_of([5e-324] * N, "<f8", [N, 1]),
    array_of([0.0] * N, "<f4", [N, 1]),
    array_of([0.0] * N, "<f4", [N]),
]  # fmt: skip


@functools.cache
def solved():
    graph = WeightedGraph.from_networkx(nx.petersen_graph())
    return graph, json.loads(derandkit.maxcut(graph).to_json())


def resealed(record):
    try:
        return sealed(record)
    except (ValueError, TypeError):  # JSON cannot hold it, so no file can
        return record


#: Every record gets as many checks as a sound one, whatever is wrong with it; one about another graph ends there.
CHECKS = len(derandkit.verify(solved()[1], solved()[0]).checks)
PLACES = [path for path in places(solved()[1]) if path != ("schema",)]
#: One entry stands for each list of numbers.
SOME_PLACES = [path for path in PLACES if not isinstance(path[-1], int) or path[-1] == 1]


@pytest.mark.parametrize("path", SOME_PLACES, ids=lambda path: ".".join(map(str, path)))
def test_some_rubbish_anywhere_is_reported(path):
    """Every place gets an eighth of the values, and every value comes to an eighth of the places."""
    reported(path, RUBBISH[PLACES.index(path) % 8 :: 8])


@pytest.mark.parametrize("path", SOME_PLACES, ids=lambda path: ".".join(map(str, path)))
def test_rubbish_anywhere_is_reported(path):
    """Half of the values; every value comes to half of the places."""
    reported(path, RUBBISH[PLACES.index(path) % 2 :: 2])


def reported(path, values):
    graph, record = solved()
    for value in values:
        forged = replaced(solved()[1], path, value)
        if json.dumps(forged) != json.dumps(record):
            assert "seal" in derandkit.verify(forged, graph).failed, value
        outcome = derandkit.verify(resealed(forged), graph)
        assert is_whole(outcome)
        assert all("\n" not in check.detail for check in outcome.checks)


def is_whole(outcome):
    """Whether nothing is left out, but for a record in order that is about another graph."""
    if len(outcome.checks) == CHECKS:
        return True
    last = outcome.checks[-1]
    return outcome.failed == ("graph",) and "the record is about another graph" in last.detail


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(PLACES), value=JSON)
def test_any_json_anywhere_is_reported(path, value):
    graph = solved()[0]
    outcome = derandkit.verify(resealed(replaced(solved()[1], path, value)), graph)
    assert is_whole(outcome)


@settings(max_examples=50, deadline=None)
@given(record=st.dictionaries(st.text(max_size=8), JSON, max_size=6))
def test_any_object_with_our_schema_is_reported(record):
    outcome = derandkit.verify({**record, "schema": "derandkit-maxcut"}, solved()[0])
    assert not outcome.ok
    assert {"seal", "graph", "cut_value", "positive_semidefinite"} <= set(outcome.failed)


@pytest.mark.parametrize("key", sorted(set(solved()[1]) - {"schema"}))
def test_a_missing_key_is_noticed(key):
    graph, record = solved()
    short = {name: value for name, value in record.items() if name != key}
    assert not derandkit.verify(short, graph).ok
    outcome = derandkit.verify(sealed(short), graph)
    if key == "seal":  # `sealed` has put it back
        assert outcome.ok
    else:
        assert "form" in outcome.failed


def test_an_extra_key_is_noticed():
    graph, record = solved()
    assert derandkit.verify({**record, "extra": 1}, graph).failed == ("seal", "form")
    for part in ("chain", "certificate", "bound", "graph", "relaxation", "guarantee", "stationarity"):
        forged = sealed({**record, part: {**record[part], "extra": 1}})
        assert {"form", "stationarity"} & set(derandkit.verify(forged, graph).failed), part


def test_a_nested_record_too_deep_to_hash_is_reported():
    graph, record = solved()
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    outcome = derandkit.verify({**record, "message": deep}, graph)
    assert outcome.failed == ("seal", "form", "status")
    while deep:  # so that its end needs no deep recursion either
        deep = deep.pop()


@pytest.mark.parametrize(
    "result", [None, 3, [], object(), "no such file.json", {}, {"schema": None}, {"schema": []}]
)
def test_what_is_no_record_is_refused(result):
    with pytest.raises(derandkit.InputError):
        derandkit.verify(result, solved()[0])


TEXTS = {
    "": "is not JSON",
    "{": "is not JSON",
    "[1, 2]": "not an object",
    "nul": "is not JSON",
    '{"cut_value": NaN}': "NaN is not a number",
    '{"cut_value": Infinity}': "Infinity is not a number",
    '{"cut_value": -Infinity}': "-Infinity is not a number",
    '{"cut_value": ' + "1" * 5000 + "}": "is not a result file",
    "[" * 100_000: "is not a result file",
    "{}": "the record has no schema, so it is not a derandkit result",
    '{"schema": "derandkit-embedding-of-nothing"}': "is not a derandkit result",
    "\ufeff{}": "is not JSON",
}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:20] or "empty")
def test_a_file_that_is_no_record_is_refused_in_one_line(tmp_path, text):
    file, graph = tmp_path / "r.json", tmp_path / "g.edgelist"
    file.write_text(text, encoding="utf-8")
    graph.write_text("1 2\n2 3\n")
    outcome = CliRunner().invoke(main, ["verify", str(file), str(graph)])
    assert outcome.exit_code == 2
    assert outcome.stdout == ""
    assert outcome.stderr.count("\n") == 1
    assert TEXTS[text] in outcome.stderr


def test_a_record_cut_short_anywhere_is_refused(tmp_path):
    text = json.dumps(solved()[1])
    file = tmp_path / "r.json"
    for size in range(0, len(text) - 1, max(1, len(text) // 40)):
        file.write_text(text[:size])
        with pytest.raises(derandkit.InputError, match="is not JSON"):
            read_record(file)


def test_the_seal_is_that_of_the_documentation():
    record = solved()[1]
    assert record["seal"] == seal({key: value for key, value in record.items() if key != "seal"})
