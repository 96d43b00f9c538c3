"""A record of today that calls itself older: no check is dropped by that, and what is false stays refused."""

from __future__ import annotations

import copy

import networkx as nx
import numpy as np
import pytest
from tests.certificates.test_versions import of_version_2

import derandkit as dk
from derandkit.certificates.checks import Verdict
from derandkit.records import sealed
from derandkit.versions import CURRENT, STEPS

#: Checks of what an older version does not claim.
UNCLAIMED = {"derandkit-embedding": {"stretch", "span_stretch", "output"}}


def without(record, *names, part=None):
    """Return a record, or one with a part of it, without keys."""
    if part is not None:
        return {**record, part: without(record[part], *names)}
    return {key: value for key, value in record.items() if key not in names}


def lowered(record):
    """Return a record as the version before its own wrote it."""
    schema, version = record["schema"], record["schema_version"]
    old = copy.deepcopy(record)
    old["schema_version"] = version - 1
    if schema == "derandkit-maxcut":
        return of_version_2(record)
    if schema == "derandkit-constrained-cut":
        old = without({**old, "contracted": lowered(old["contracted"])}, "reading", part="graph")
    if schema == "derandkit-quadratic":
        if version == 3:
            old = without(old, "rounding", part="reduction")
        if version == 2:
            old = without({**old, "cut": lowered(old["cut"])}, "reading", part="instance")
    if schema == "derandkit-embedding":
        if version == 4:
            old = without(old, "objective", "mean")
        if version == 3:
            old = without(old, "reading", part="points")
        if version == 2:
            old = without(without(old, "centre", "output", "ridge", "stretch"), "columns", part="points")
    return sealed(old)


@pytest.fixture(scope="module")
def records():
    graph = nx.petersen_graph()
    model = dk.QuadraticModel.from_ising({"a": 2, "b": -1}, {("a", "b"): 1, ("b", "c"): 1, ("a", "c"): 1})
    X = np.random.default_rng(5).standard_normal((12, 4))
    found = {
        "derandkit-maxcut": (dk.maxcut(graph), graph),
        "derandkit-constrained-cut": (dk.maxcut(graph, fixed={0: 0, 1: 0}), graph),
        "derandkit-quadratic": (dk.optimize(model), model),
        "derandkit-embedding": (dk.embed(X, n_components=2, holdout=False), X),
    }
    return {schema: (result.to_dict(), instance) for schema, (result, instance) in found.items()}


KINDS = ("derandkit-maxcut", "derandkit-constrained-cut", "derandkit-quadratic", "derandkit-embedding")


def versions(record):
    """Yield a record in the form of its version and of each older one."""
    while (record["schema"], record["schema_version"] - 1) in STEPS:
        record = lowered(record)
        yield record


@pytest.mark.parametrize("schema", KINDS)
def test_an_older_form_has_every_check(schema, records):
    record, instance = records[schema]
    today = {check.name: check for check in dk.verify(record, instance).checks}
    seen = 0
    for old in versions(record):
        seen += 1
        outcome = dk.verify(old, instance)
        assert outcome.ok, str(outcome)
        found = {check.name: check for check in outcome.checks}
        assert set(found) == set(today), old["schema_version"]
        lost = {
            name
            for name, check in found.items()
            if check.verdict is Verdict.NOT_CHECKED and today[name].verdict is not Verdict.NOT_CHECKED
        }
        assert lost <= UNCLAIMED.get(schema, set()), old["schema_version"]
    assert seen == CURRENT[schema] - min(version for kind, version in STEPS if kind == schema)


FALSE = {
    "derandkit-maxcut": ("cut_value", "upper_bound", "gap"),
    "derandkit-constrained-cut": ("cut_value", "upper_bound", "gap"),
    "derandkit-quadratic": ("value", "bound", "gap", "spread"),
    "derandkit-embedding": ("distortion", "lower_bound", "scaled_distortion", "margin"),
}


@pytest.mark.parametrize("schema", KINDS)
def test_a_false_figure_is_refused_in_every_form(schema, records):
    record, instance = records[schema]
    for form in (record, *versions(record)):
        for name in FALSE[schema]:
            for change in (1, -1):
                forged = sealed({**form, name: form[name] + change})
                assert not dk.verify(forged, instance).ok, (form["schema_version"], name)


@pytest.mark.parametrize("schema", KINDS)
def test_another_number_is_another_form(schema, records):
    record, instance = records[schema]
    for form in (record, *versions(record)):
        for number in (*range(-1, CURRENT[schema] + 2), 2**63, True, None, 1.0, "1"):
            if number == form["schema_version"] and type(number) is int:
                continue
            forged = sealed({**form, "schema_version": number})
            try:
                assert not dk.verify(forged, instance).ok, (form["schema_version"], number)
            except dk.InputError:
                continue


def test_the_mean_of_an_older_embedding_is_no_claim_about_the_worst_pair():
    """Version 3 has one objective: what a map for the mean says of itself is refused there."""
    X = np.random.default_rng(5).standard_normal((9, 4))
    record = dk.embed(X, n_components=3, objective="mean", holdout=False).to_dict()
    assert dk.verify(record, X).ok
    old = sealed(without({**record, "schema_version": 3}, "objective", "mean"))
    assert record["status"] == "guaranteed"  # in the mean
    assert dk.verify(old, X).failed == ("status",)


@pytest.mark.parametrize("schema", ["derandkit-constrained-cut", "derandkit-quadratic"])
def test_a_status_of_another_version_is_named(schema, records):
    """The report said KeyError of it."""
    record, instance = records[schema]
    forged = sealed({**record, "status": "gap_not_reached"})
    found = {check.name: check for check in dk.verify(forged, instance).checks}
    assert found["status"].detail == "'gap_not_reached' is no status of this version of a record"
