"""A request to stop is honoured at the next pass over the pairs: for many points each takes seconds."""

from __future__ import annotations

import numpy as np
import pytest

import derandkit as dk
from derandkit.embeddings import holdout, solve
from derandkit.embeddings.paths.probability import Violations
from derandkit.embeddings.paths.secants import Secants
from derandkit.points.span import span_of
from derandkit.runtime.interrupts import stop_running

CLOUD = np.random.default_rng(3).normal(size=(60, 40))


def passes_after(monkeypatch, method, moment):
    """Stop the run in a pass; return how many passes came later, and the result."""
    passes = 0
    for kind in (Secants, Violations):
        whole = kind.evaluate

        def evaluate(*arguments, whole=whole):
            nonlocal passes
            passes += 1
            if passes == moment:
                stop_running()
            return whole(*arguments)

        monkeypatch.setattr(kind, "evaluate", evaluate)
    found = dk.embed(CLOUD, n_components=6, method=method, holdout=False, on_interrupt="return")
    return passes - moment, found


@pytest.mark.parametrize("moment", [1, 2, 7, 20, 39, 41, 45, 60, 90])
@pytest.mark.parametrize("method", ["lemma", "minimax", "probability"])
def test_no_stage_goes_on_after_a_stop(monkeypatch, method, moment):
    after, found = passes_after(monkeypatch, method, moment)
    assert found.status.name == "INTERRUPTED"
    assert 0 <= after <= 3
    assert dk.verify(found, CLOUD).ok


def test_no_sibling_is_begun_after_a_stop(monkeypatch):
    """The span of other points was computed for the choice of a ridge, and then nothing was chosen."""
    begun = []

    def span(Z):
        begun.append(len(Z))
        stop_running()
        return span_of(Z)

    for module in (solve, holdout):
        monkeypatch.setattr(module, "span_of", span)
    cloud = np.random.default_rng(3).normal(size=(300, 40))
    found = dk.embed(cloud, n_components=6, on_interrupt="return")
    assert found.status.name == "INTERRUPTED"
    assert begun == [300]
