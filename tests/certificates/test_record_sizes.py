"""Every whole number of every kind of record, set to huge values: no check takes memory by it."""

from __future__ import annotations

import copy
import json
import math
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.collection import collection
from tests.leaves import leaves, replaced
from tests.mutations import sealed_again
from tests.second import second, second_report

import derandkit as dk
from derandkit import records
from derandkit.certificates.kinds import KINDS

HUGE = (2**24, 2**31 - 1, 10**30)
#: What a check of these small instances may take above that of the honest record, in bytes.
ALLOWED = 4e6
OLD = Path(__file__).parents[1] / "data" / "records"
NAMES = (
    "cut/signed+search", "cut/complete+best", "cut/sparse+search+cycle", "constrained/real", "ranked/constrained",
    "embedding/certified", "embedding/mean4", "embedding/single", "features/plain", "features/single", "signs/hard",
    "signs/thresholds", "signs/norm", "structure-2-teacher", "structure-2-data", "network",
)  # fmt: skip
INSTANCES = {"structure-2-teacher": "teacher.toml", "structure-2-data": "table.csv"}


def case(name):
    """Return a record and what it is checked against."""
    if name in INSTANCES:
        return json.loads((OLD / f"{name}.json").read_text(encoding="utf-8")), OLD / INSTANCES[name]
    if name == "network":
        pytest.importorskip("jax")
        from tests.structure.test_structure_trained_forged import B, W, above, instance, rows

        X, y = rows()
        result = dk.certify_network(above, X, y, weights=W, bias=B, directions=[[1, 0, 0]])
        return json.loads(result.to_json()), instance()
    return collection()[name]


def taken(record, instance):
    """Return whether a record holds, and the most bytes that the check held at a time."""
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    try:
        holds = dk.verify(record, instance).ok
    except dk.InputError:
        holds = False
    return holds, tracemalloc.get_traced_memory()[1] - before


def sizes(record):
    """Yield the paths of whole numbers, of a list the first two only."""
    seen = set()
    for path, value in leaves(record):
        kind = tuple(key if isinstance(key, str) else min(key, 1) for key in path)
        if type(value) is int and kind not in seen:
            seen.add(kind)
            yield path


def test_every_kind_of_record_is_here():
    schemas = {case(name)[0]["schema"] for name in NAMES if name != "network"}
    assert schemas | {"derandkit-network"} == set(KINDS)


@pytest.mark.parametrize("name", NAMES)
def test_no_whole_number_of_a_record_takes_memory(name):
    record, instance = case(name)
    tracemalloc.start()
    try:
        taken(record, instance)  # what is imported and compiled once
        _, honest = taken(record, instance)
        for path in sizes(record):
            for huge in HUGE:
                holds, most = taken(sealed_again(replaced(record, path, huge)), instance)
                assert most <= honest + ALLOWED, (path, huge, most)
                assert not holds or path[-1] in PROVENANCE, (path, huge)
    finally:
        tracemalloc.stop()


#: Counts of how an answer was found; nothing is made by them.
PROVENANCE = {
    "evaluations", "max_steps", "products", "runs", "saddles_left", "scans", "steps", "sweeps", "work", "rank",
    "kernel_n", "kernel_m", "active_pairs", "fitted", "tried", "shortened", "rotations",
}  # fmt: skip


@pytest.mark.parametrize("shape", [[2**40, 0], [0, 2**40], [2**31, 2**31], [2**62, 4]])
@pytest.mark.parametrize("name", ["embedding/certified", "features/plain", "cut/signed+search"])
def test_shapes_that_no_bytes_stand_behind_are_refused(name, shape):
    record, instance = case(name)
    tracemalloc.start()
    try:
        for path, value in list(leaves(record, lists=True)):
            if path[-1] == "shape" and len(value) == 2:
                empty = replaced(record, path, shape)
                for text in (None, ""):
                    forged = empty if text is None else replaced(empty, (*path[:-1], "base64"), text)
                    holds, most = taken(sealed_again(forged), instance)
                    assert not holds
                    assert most < 16e6, (path, most)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", [[9] * 200_000, [10**39] * 100_000, [2**62, 2]])
def test_the_shape_of_an_array_in_a_proof_is_not_multiplied_out(shape, monkeypatch):
    """A product of 200 000 integers took five seconds, and one of longer integers minutes; in C, so Ctrl-C waited."""
    record, graph = copy.deepcopy(collection()["cut/signed"])
    lengths = {"base64": "", "dtype": "<f4", "shape": shape}
    proof = {"kind": "cycles", "lengths": lengths, "vertices": [], "multipliers": [], "unit": 0}
    record["certificate"]["proof"] = proof

    def product(factors):
        assert len(list(factors)) <= 4
        return math.prod(factors)

    monkeypatch.setattr(records, "math", SimpleNamespace(**{**vars(math), "prod": product}))
    monkeypatch.setattr(second().report, "math", SimpleNamespace(**{**vars(math), "prod": product}))
    assert "proof" in dk.verify(sealed_again(record), graph).failed
    assert not second_report(record, graph).ok
