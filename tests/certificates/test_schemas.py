"""Every kind of record has a published JSON Schema: correct records fit it, and no leaf of another type does."""

from __future__ import annotations

import functools
import json
from importlib.resources import files

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from tests.collection import collection
from tests.leaves import leaves, replaced

import derandkit as dk
from derandkit.loading import KINDS
from derandkit.versions import CURRENT

FOLDER = files("derandkit").joinpath("data/schemas")
#: Kinds with records that other tests hold against their schemas, where their instances are.
ELSEWHERE = {"derandkit-network", "derandkit-structure"}


@functools.cache
def published():
    """Return the schemas of current records by the kind of record that they are about."""
    found = [
        json.loads(file.read_text(encoding="utf-8"))
        for file in FOLDER.iterdir()
        if file.name != "maxcut-2.json"
    ]
    return {rule["properties"]["schema"]["const"]: rule for rule in found}


@functools.cache
def validator(schema):
    resources = [(rule["$id"], Resource.from_contents(rule)) for rule in published().values()]
    return Draft202012Validator(published()[schema], registry=Registry().with_resources(resources))


@functools.cache
def records():
    """Return a record of each kind, and of each form that a kind has."""
    bowl = dk.QuadratureObjective(lambda z: ((z - 3.0) ** 2).sum(axis=1), dimension=2)
    start = dk.GaussianSampler(np.zeros(2), np.eye(2))
    problem = dk.Clauses.from_clauses([(1, 2), (-1, 2), (-2,), (1, -3)])
    found = {name: record for name, (record, _) in collection().items()}
    found["derandomization/wide"] = dk.derandomize(bowl, start).to_dict()
    found["derandomization/single"] = dk.derandomize(bowl, dk.GaussianSampler(np.zeros(2), 1.0)).to_dict()
    found["signs/triangles"] = dk.optimize(problem, relaxation="triangles", search=None).to_dict()
    return {name: json.loads(json.dumps(record)) for name, record in found.items()}


def test_every_kind_that_is_read_has_a_schema_of_its_current_version():
    assert set(published()) == set(KINDS)
    for schema, rule in published().items():
        Draft202012Validator.check_schema(rule)
        version = rule["properties"]["schema_version"]["const"]
        assert rule["$id"] == f"urn:derandkit:{schema.removeprefix('derandkit-')}:{version}"
        assert CURRENT.get(schema, version) == version
        assert str(version) in rule["title"]
        assert rule["additionalProperties"] is False


def test_correct_records_fit():
    assert {record["schema"] for record in records().values()} | ELSEWHERE == set(KINDS)
    for name, record in records().items():
        assert list(validator(record["schema"]).iter_errors(record)) == [], name


NAMES = ["constrained/both", "ranked/constrained", "signs/max2sat", "signs/triangles", "signs/balance"]
NAMES += ["derandomization/wide", "cut/signed+search", "embedding/certified", "features/plain"]


@pytest.mark.parametrize("name", NAMES)
def test_no_leaf_of_another_type_fits(name):
    record = records()[name]
    check, seen, tried = validator(record["schema"]), set(), 0
    for path, value in leaves(record):
        place = tuple(key if isinstance(key, str) else "*" for key in path)
        if place in seen or {"partition", "labels", "constraints", "proof"} & set(place):
            continue
        seen.add(place)
        for other in ({"a": 1}, [[{}]], "\x00" if not isinstance(value, str) else 1.5):
            open_word = value is None and place[-1] in ("reading", "proof_method")
            if not isinstance(other, (dict, list)) and (place[0] == "stats" or open_word):
                continue  # words and numbers may stand there
            tried += 1
            assert not check.is_valid(replaced(record, path, other)), (path, value, other)
    assert tried > 20


@pytest.mark.parametrize("name", NAMES[:6])
def test_a_key_more_or_less_does_not_fit(name):
    record = records()[name]
    check = validator(record["schema"])
    assert not check.is_valid(record | {"more": 1})
    for key in set(record) - {"triangles"}:
        assert not check.is_valid({k: v for k, v in record.items() if k != key}), key
