"""The result object: its text, its JSON and back, its labels of every kind, its statuses."""

import dataclasses
import json
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from tests.catalogue import SMALL_INTEGERS, graphs, random_graph

import derandkit
from derandkit.cuts.result import SCHEMA, SCHEMA_VERSION, CutStatus, MaxCutResult, json_label
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import seal
from derandkit.signs.values import relative_gap


@settings(deadline=None, max_examples=25)
@given(graphs(weights=SMALL_INTEGERS, max_n=8))
def test_json_comes_back_to_the_same_bytes(graph):
    result = derandkit.maxcut(graph)
    text = result.to_json()
    again = MaxCutResult.from_json(text)
    assert again.to_json() == text
    assert again.status is result.status
    assert (again.cut_value, again.upper_bound, again.gap) == (
        result.cut_value,
        result.upper_bound,
        result.gap,
    )
    assert again.proven_optimal == result.proven_optimal
    np.testing.assert_array_equal(again.signs, result.signs)
    assert repr(again) == repr(result)
    assert derandkit.verify(again, graph).ok


def test_the_record_is_sealed_and_names_no_place_or_time():
    record = json.loads(derandkit.maxcut(random_graph(12, 0.4, weights="reals")).to_json())
    assert (record["schema"], record["schema_version"]) == (SCHEMA, SCHEMA_VERSION)
    assert record["seal"] == seal(record)
    assert not {"time", "date", "path", "host", "seconds"} & set(record)


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"schema": "something else"}',
        f'{{"schema": "{SCHEMA}", "schema_version": {SCHEMA_VERSION + 1}}}',
    ],
)
def test_other_json_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        MaxCutResult.from_json(text)


LABELS = {
    "integers": [3, -5, 10**30, 0],
    "strings": ["b", "a", "", "Größe \u2028 \U0001f600 \n\t\"'\\"],
    "mixed": [1, "1", "a", 2.5],
    "tuples": [(0, 1), (0, 2), (1, 0), (10, 0)],
    "nested": [("a", (1, 2)), ("a", (1, 3)), ("b", ()), ("c", ((),))],
    "floats": [0.1, 1e300, -2.5, 1 / 3],
    "frozensets": [frozenset({1, 2}), frozenset(), frozenset({"x"}), frozenset({(1, 2)})],
    "numpy": [np.int64(4), np.str_("s"), np.float64(0.5), np.int8(-3)],
    "bytes": [b"a", b"b", b"\xff", b""],
    "holding none": [(None,), (None, 1), (1, None), ()],
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_every_kind(kind):
    labels = LABELS[kind]
    graph = nx.Graph()
    graph.add_nodes_from(labels)
    nx.add_cycle(graph, labels)
    result = derandkit.maxcut(graph)
    assert result.cut_value == 4
    left, right = result.partition
    assert {*left, *right} == set(labels)
    assert len(left) + len(right) == 4
    record = json.loads(result.to_json())
    assert record["partition"] == [[json_label(x) for x in left], [json_label(x) for x in right]]
    assert derandkit.verify(result, graph).ok
    assert derandkit.verify(record, graph).ok


def test_relative_gap():
    assert relative_gap(100.0, 75.0) == 0.25
    assert relative_gap(0.5, 0.25) == relative_gap(5e-10, 2.5e-10) == 0.5
    assert relative_gap(0, 0) == 0.0
    assert relative_gap(-100.0, -125.0) == 0.2
    assert relative_gap(10**20, 10**20) == 0.0


def test_statuses_say_what_happened_and_what_holds():
    assert {status for status in CutStatus if not status.ok} == {
        CutStatus.DUALITY_GAP_NOT_REACHED,
        CutStatus.INTERRUPTED,
    }
    for status in CutStatus:
        assert status.value.lower().startswith(status.name.lower().replace("_", " "))


def test_repr_is_one_line_and_str_a_table():
    result = derandkit.maxcut(random_graph(12, 0.5, weights="reals"))
    assert "\n" not in repr(result)
    assert "certified" in repr(result)
    table = str(result)
    for figure in ("sdp_value", "start_expectation", "dual_bound"):
        assert f"{result.chain[figure]:.6g}"[:6] in table
    assert result.message in " ".join(table.split())


def test_integer_weights_give_integers_and_a_floored_bound():
    result = derandkit.maxcut(random_graph(15, 0.4))
    assert type(result.cut_value) is int
    assert type(result.upper_bound) is int
    assert result.bound["rounding"] == {"granularity": 1.0, "steps": ["weights are multiples of 1"]}
    reals = derandkit.maxcut(random_graph(15, 0.4, weights="reals"))
    assert type(reals.upper_bound) is float
    assert reals.bound["rounding"] is None or reals.bound["rounding"]["granularity"] < 1e-9


def test_large_integers_are_exact():
    big = 2**53 - 1
    result = derandkit.maxcut(WeightedGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 4], [big] * 4))
    assert result.cut_value == 4 * big
    assert json.loads(result.to_json())["cut_value"] == 4 * big
    assert result.upper_bound >= result.cut_value


PROGRAM = """
import networkx, sys, derandkit
G = networkx.Graph()
edges = [(f"v{i}", f"v{(i * i + k) % 23}") for i in range(23) for k in (1, 5)]
G.add_edges_from(edges if sys.argv[1] == "0" else reversed(edges))
sys.stdout.write(derandkit.maxcut(G).to_json())
"""


@pytest.mark.slow
def test_bytes_do_not_depend_on_hash_seed_or_threads_or_order_of_edges():
    import os

    outputs = set()
    for seed, threads in (("0", "1"), ("1", "2")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads,
                       "OPENBLAS_NUM_THREADS": threads, "NUMBA_NUM_THREADS": threads,
                       "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}  # fmt: skip
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM, seed], env=environment, capture_output=True, check=True
        )
        outputs.add(run.stdout)
    assert len(outputs) == 1
    assert len(outputs.pop()) > 1000


@pytest.mark.parametrize("options", [{}, {"fixed": {"a": 0}}, {"solutions": 2}])
def test_what_is_shown_is_what_was_checked(options):
    """The sides that a user reads come from the signs, the record does not: nobody can change them alone."""
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")]
    result = derandkit.maxcut(edges, **options)
    for signs in [result.signs, *(cut.signs for cut in getattr(result, "solutions", ()))]:
        with pytest.raises(ValueError, match="read-only"):
            signs[:] = 1
    loaded = type(result).from_json(result.to_json())
    with pytest.raises(ValueError, match="read-only"):
        loaded.signs[0] = -1
    assert loaded.sides == result.sides
    if "solutions" in options:
        for changes in ({"cut_value": 0}, {"upper_bound": 0}, {"signs": -result.signs}):
            with pytest.raises(derandkit.InputError):
                dataclasses.replace(result, **changes)
