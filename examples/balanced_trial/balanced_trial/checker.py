"""Check a record against a trial, with none of the code that made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import derandkit as dk
from balanced_trial.problem import Trial

FIELDS = {
    "schema", "version", "trial", "groups", "imbalance", "bound", "bound_status", "proven_optimal", "coins", "model",
}  # fmt: skip


def check(record: Mapping[str, Any], trial: Trial) -> dict[str, bool]:
    """Return what of a record holds: one entry a statement, all of them if its form is not the published one.

    derandkit verifies that the bound holds for *a* model. That the model is the one of *this* trial is checked here:
    it is made again from the trial, and derandkit refuses a record about another one.
    """
    if not isinstance(record, Mapping) or set(record) != FIELDS:
        return {"form": False}
    if not (same(record["schema"], "balanced-trial") and same(record["version"], 1)):
        return {"form": False}
    model = record["model"]
    if not isinstance(model, Mapping):  # derandkit also verifies the file that a text names
        return {"form": False}
    try:
        imbalance = trial.imbalance(record["groups"])
        inner = dk.verify(model, trial.model())
    except (dk.DerandkitError, TypeError, AttributeError):
        return {"form": False}
    bound = max(model["bound"], 0) if inner.ok else None
    status = model.get("bound_status")
    proven = status == "certified" and imbalance == bound
    return {
        "form": True,
        "trial": same(record["trial"], trial.digest),
        "imbalance": same(record["imbalance"], imbalance),
        "coins": same(record["coins"], trial.coins),
        "promise": imbalance <= trial.coins,
        "model": inner.ok and inner.strict,
        "bound": same(record["bound"], bound) and same(record["bound_status"], status),
        "proven_optimal": same(record["proven_optimal"], proven),
    }


def same(claimed: object, found: object) -> bool:
    """Whether two values are equal and of one type: in Python 1 equals True, in a record it does not."""
    return type(claimed) is type(found) and claimed == found
