"""Each status in place of each other one, sealed again: what the numbers decide fails, the rest says what they say."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.collection import collection
from tests.legs import some_then_all

import derandkit as dk
from derandkit import RegressionData, Student, Teacher
from derandkit.certificates.checks import Verdict
from derandkit.certificates.kinds import KINDS
from derandkit.certificates.statements import StatementTable
from derandkit.records import sealed
from derandkit.status import (
    BELOW_OR_NOT,
    KEPT_OR_NOT,
    UNKEPT,
    CutStatus,
    EmbeddingStatus,
    FeaturesStatus,
    NetworkStatus,
    QuadraticStatus,
    StructureStatus,
)

#: Kind of record -> its statuses.
STATUSES = {
    "derandkit-maxcut": CutStatus, "derandkit-constrained-cut": CutStatus, "derandkit-quadratic": QuadraticStatus,
    "derandkit-embedding": EmbeddingStatus, "derandkit-features": FeaturesStatus,
    "derandkit-structure": StructureStatus, "derandkit-network": NetworkStatus,
}  # fmt: skip
#: Further messages of a status.
FURTHER = {
    EmbeddingStatus.CERTIFIED: (UNKEPT, KEPT_OR_NOT),
    FeaturesStatus.CERTIFIED: (BELOW_OR_NOT,),
}
#: Ends of a run of structure discovery that rest on a clock or a signal.
CUT_SHORT = ("time_limit", "interrupted")


def status_of(record, instance):
    outcome = dk.verify(record, instance)
    return outcome, next(check for check in outcome.checks if check.name == "status")


def others(record):
    """Yield the record with each other status and its message."""
    for status in STATUSES[record["schema"]]:
        messages = {status.value, *FURTHER.get(status, ())}
        for message in sorted(messages):
            name = status.name.lower()
            if name != record["status"]:
                yield name, sealed({**record, "status": name, "message": message})


def test_every_kind_with_a_status_is_here():
    def has_status(table: StatementTable):
        return any(row.name == "status" for row in table)

    assert set(STATUSES) == {schema for schema, table in KINDS.items() if has_status(table)}


@some_then_all
def test_a_status_that_the_numbers_contradict_never_passes_as_known(every):
    tried = 0
    for name, (record, instance) in list(collection().items())[::every]:
        if record.get("status", "interrupted") == "interrupted":  # a list of cuts has none
            continue
        for status, forged in others(record):
            outcome, check = status_of(forged, instance)
            tried += 1
            assert not outcome.ok or status == "interrupted", (name, status)
            if outcome.ok:
                # an interrupt cannot be seen in the numbers, which say what the run would be without it
                assert check.verdict is Verdict.NOT_CHECKED, (name, status)
                assert f"the numbers alone say {record['status']!r}" in check.detail, (name, check.detail)
    assert tried > 50 // every


def noise():
    return RegressionData(*(np.random.default_rng(0).standard_normal(shape) for shape in ((60, 3), 60)))


def curve():
    X = np.random.default_rng(1).standard_normal((60, 3))
    return RegressionData(X, np.tanh(2.0 * X[:, 0]))


def trained(problem, **options):
    pytest.importorskip("jax")
    return json.loads(dk.discover_structure(problem, Student(width=3), controls=False, **options).to_json())


#: Status of the honest record -> how it is made.
RUNS = {
    "step_limit": (curve, {"max_steps": 20, "penalty": 1e-3}),
    "overfitted": (noise, {"max_steps": 60, "penalty": 1e-4}),
    "nothing_found": (noise, {"max_steps": 20, "penalty": 1.0, "upper_penalty": 10.0}),
    "trained": (curve, {"max_steps": 300, "penalty": 1e-3, "method": "adam"}),
    "stationary": (lambda: Teacher("tanh", 2), {"penalty": 1e-2, "upper_penalty": 1e-2}),
}


@pytest.mark.parametrize("status", RUNS)
def test_no_other_end_hides_what_rows_kept_back_say(status):
    make, options = RUNS[status]
    problem, record = make(), trained(make(), **options)
    outcome, _ = status_of(record, problem)
    assert (record["status"], outcome.ok) == (status, True)
    for other, forged in others(record):
        ended = record["ended"] if other in ("nothing_found", "overfitted") else other
        outcome, check = status_of(sealed({**forged, "ended": ended}), problem)
        assert check.verdict in (Verdict.FAILED, Verdict.NOT_CHECKED), other
        assert (
            not outcome.ok or other in CUT_SHORT or {status, other} <= {"stationary", "step_limit", "stalled"}
        )
        if other in CUT_SHORT and status in ("overfitted", "nothing_found"):
            assert f"the numbers alone say {status!r}" in check.detail
        elif other in CUT_SHORT and problem.span is None:
            assert "the mean is beaten" in check.detail


@pytest.mark.parametrize("method", ["lemma", "adam"])
def test_a_history_longer_than_the_steps_that_were_allowed_is_refused(method):
    """With the number of steps changed in the record it agreed with a configuration that allows three."""
    record = trained(curve(), max_steps=60, penalty=1e-3, method=method)
    assert dk.verify(record, curve()).ok
    for most in (0, 3):
        forged = sealed({**record, "settings": {**record["settings"], "max_steps": most}})
        assert dk.verify(forged, curve()).failed == ("history",)
    fewer = sealed({**record, "stats": {**record["stats"], "steps": 3}})
    assert "history" in dk.verify(fewer, curve()).failed


@pytest.mark.parametrize("most", [59, 61])
def test_a_stochastic_method_makes_each_step_that_it_was_asked_for(most):
    record = trained(curve(), max_steps=60, penalty=1e-3, method="sgd")
    assert record["ended"] == "trained"
    forged = sealed({**record, "settings": {**record["settings"], "max_steps": most}})
    assert dk.verify(forged, curve()).failed == ("history",)


def test_a_status_of_a_trained_network_follows_from_its_figures():
    jnp = pytest.importorskip("jax.numpy")
    X = np.random.default_rng(0).standard_normal((80, 3))
    y = np.tanh(2.0 * X[:, 0])
    W, b, V = np.array([[2.0, 0.3, 0.0], [0.0, 0.5, 1.0]]), np.zeros(2), np.array([1.0, 0.5])
    about = (X, y, lambda z: jnp.tanh(z) @ V, W, b)
    found = dk.certify_network(about[2], X, y, weights=W, bias=b, penalty=0.5, directions=[[1, 0, 0]])
    record = json.loads(found.to_json())
    assert dk.verify(record, about).ok
    for status, forged in others(record):
        outcome, check = status_of(forged, about)
        assert check.verdict is Verdict.FAILED, status
        assert not outcome.ok
