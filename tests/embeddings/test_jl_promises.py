"""What a dimension promises for any points, and what is said of a map that breaks the promise."""

from __future__ import annotations

import numpy as np
from tests.mutations import sealed_again

import derandkit as dk
from derandkit.embeddings import solve
from derandkit.status import EmbeddingStatus


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
