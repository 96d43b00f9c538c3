"""Models in the forms of other packages: read, or refused by name with the way to pass them, never another graph."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.inputs import refused

import derandkit as dk

TERMS = [(0, 0, -1), (0, 1, 2), (1, 1, -1), (1, 2, 3)]
POLYNOMIAL = {"terms": [{"c": 2, "p": [0, 1]}, {"c": -1, "p": [0]}]}
#: Files of services for annealers, in JSON.
SERVICES = [
    {"binary_polynomial": POLYNOMIAL, "solver": {"time_limit_sec": 10}},
    {"binary_polynomials": [POLYNOMIAL]},
    {"cost_function": {"name": "a", "version": "1.1", "type": "pubo", "terms": [{"c": 2, "ids": [0, 1]}]}},
]


@pytest.mark.parametrize(
    "given", [TERMS, [[*term] for term in TERMS], np.array(TERMS), np.array(TERMS, dtype=float)], ids=repr
)
@pytest.mark.parametrize("solve", [dk.maxcut, dk.as_graph])
def test_terms_of_a_model_in_memory_are_questioned_as_those_in_files(given, solve):
    words = refused(solve, given)
    assert "vertex 0 has a loop with a weight: the linear term of a QUBO or Ising model" in words
    assert "drop such rows" in words
    assert "minimize_qubo" in words


def test_the_ways_out_are_read(tmp_path):
    edges = [term for term in TERMS if term[0] != term[1]]
    assert dk.as_graph(edges).total_weight == 5
    assert dk.minimize_qubo({(i, j): x for i, j, x in TERMS}).value == -1
    assert dk.as_graph(TERMS, weight=None).m == 2  # the numbers are no weights, says the caller
    (tmp_path / "terms.json").write_text(json.dumps(TERMS))
    assert "linear term of a QUBO" in refused(dk.read_graph, tmp_path / "terms.json")


@pytest.mark.parametrize(
    "given",
    [
        [(0, 0, 0), (0, 1, 2), (1, 2, 3)],
        [(1, 0, 2), (1, 1, 4), (1, 2, 3)],
        [("a", "a", -1), ("a", "b", 2)],
        [(0, 0), (0, 1)],
        [(0, 0, 3)],
        [(0, 0, {"weight": 2}), (0, 1, {"weight": 2})],
    ],
)
def test_other_loops_are_dropped(given):
    assert dk.as_graph(given).dropped_loops == 1


@pytest.mark.parametrize("content", SERVICES)
def test_polynomials_of_services_are_named(tmp_path, content):
    file = tmp_path / "model.json"
    file.write_text(json.dumps(content))
    assert "the JSON holds the terms of a polynomial" in refused(dk.read_graph, file)
    assert "is JSON, but no dimod BinaryQuadraticModel" in refused(dk.read_model, file)


@pytest.mark.parametrize(
    ("magic", "words"),
    [
        ("BQM", "BinaryQuadraticModel.from_file"),
        ("CQM", "dimod.cqm_to_bqm(cqm)[0]"),
        ("DQM", "several cases"),
    ],
)
def test_binary_files_of_dimod_are_named(tmp_path, magic, words):
    file = tmp_path / "model.bin"
    file.write_bytes(f"DIMOD{magic}".encode() + b"\x02\x00" + bytes(40))
    assert words in refused(dk.read_model, file)
    assert "the file is a model of dimod" in refused(dk.read_graph, file)


@pytest.mark.parametrize(("one", "two"), [("linear", "quadratic"), ("h", "J")])
def test_mappings_of_parts_say_how_they_are_passed(one, two):
    m = {one: {"a": -1, "b": -1}, two: {("a", "b"): 2}, "offset": 0.5}
    words = refused(dk.minimize_qubo, m)
    assert f"minimize_ising(m['{one}'], m['{two}'])" in words
    way = f"{{**{{(v, v): x for v, x in m[{one!r}].items()}}, **m[{two!r}]}}"
    assert way in words
    assert dk.minimize_qubo(eval(way, {"m": m})).value == -1
    assert dk.minimize_ising(m[one], m[two]).value == -2


def test_a_serialised_model_says_how_it_is_passed():
    words = refused(dk.minimize_qubo, {"type": "BinaryQuadraticModel", "linear_biases": [1.0]})
    assert "from_serializable" in words
