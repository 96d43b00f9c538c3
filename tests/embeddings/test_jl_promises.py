"""What a dimension promises for any points, and what is said of a map that breaks the promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.mutations import sealed_again
from tests.second import second_report

import derandkit as dk
from derandkit.embeddings import solve
from derandkit.records import sealed
from derandkit.status import KEPT_OR_NOT, UNKEPT, EmbeddingStatus


def test_a_map_that_breaks_the_promise_says_so(monkeypatch):
    """The message said that the dimension is too small for a promise, and the chain showed a false inequality."""
    X = np.random.default_rng(0).standard_normal((60, 80))
    honest = dk.embed(X, n_components=55, holdout=False)
    assert honest.status is EmbeddingStatus.GUARANTEED
    for name in ("derandomize", "signed"):  # conditional expectations keep what the path has lost
        monkeypatch.setattr(solve, name, lambda *arguments: np.eye(55, 59) * 1.5)
    broken = dk.embed(X, n_components=55, holdout=False)
    assert broken.guarantee.applies
    assert broken.status is EmbeddingStatus.CERTIFIED
    assert broken.message.endswith("the map does not keep what the dimension promises for any points")
    report = dk.verify(broken, X)
    assert report.ok
    (chain,) = [check.detail for check in report.checks if check.name == "chain"]
    assert "> guaranteed_eps" in chain
    old = sealed_again({**broken.to_dict(), "message": EmbeddingStatus.CERTIFIED.value})
    assert "status" in dk.verify(old, X).failed


@pytest.mark.parametrize("objective", ["max", "mean", "mean4"])
def test_that_a_promise_is_not_kept_is_said_only_beyond_rounding(objective, monkeypatch):
    """A map whose figure is the promise itself is above it with its margin, and not without."""
    X = np.random.default_rng(0).standard_normal((12, 14))
    k = 3 if objective != "max" else 55
    if objective == "max":
        X = np.random.default_rng(0).standard_normal((60, 80))
    kept = dk.embed(X, n_components=k, objective=objective, holdout=False)
    promise = kept.guarantee.eps if objective == "max" else kept.mean.promised
    figure = kept.distortion if objective == "max" else kept.mean.value
    margin = kept.margin

    def changed(to):
        """Return the same result as if the figure had been another one, which is what its message is about."""
        if objective == "max":
            return replace(kept, status=EmbeddingStatus.CERTIFIED, distortion=to)
        return replace(kept, status=EmbeddingStatus.CERTIFIED, mean=replace(kept.mean, value=to))

    assert figure < promise
    assert changed(promise + 0.5 * margin).message == KEPT_OR_NOT
    assert changed(promise + 10.0 * margin + 1e-12).message == UNKEPT


def test_a_map_that_breaks_a_promise_by_far_is_not_said_to_be_hidden(monkeypatch):
    X = np.random.default_rng(0).standard_normal((12, 14))
    for name in ("derandomize", "signed"):
        monkeypatch.setattr(solve, name, lambda *arguments: np.eye(3, 11) * 9.0)
    broken = dk.embed(X, n_components=3, objective="mean", method="lemma", holdout=False)
    assert (broken.status, broken.message) == (EmbeddingStatus.CERTIFIED, UNKEPT)
    record = broken.to_dict()
    assert dk.verify(record, X).ok
    assert "FAILED" not in {verdict for _, verdict, _ in second_report(record, X).lines}
    forged = sealed({**record, "message": KEPT_OR_NOT})
    assert "status" in dk.verify(forged, X).failed
    assert ("status", "FAILED") in {(name, verdict) for name, verdict, _ in second_report(forged, X).lines}
