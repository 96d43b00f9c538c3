"""What is claimed of a stationary point means nothing where the checker's interval is wider than the weights."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import derandkit as dk
from derandkit.certificates.checks import Verdict
from derandkit.certificates.cuts.arithmetic import stationarity
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import encode_array, sealed


@pytest.mark.parametrize("smoothing", [1e-140, 1e-149])
@pytest.mark.parametrize("weight", [1.0, 1e40])
def test_a_tiny_smoothing_makes_every_number_vague(weight, smoothing):
    graph = WeightedGraph.from_edges([0, 0], [1, 2], [weight, weight])
    own = stationarity(graph, np.array([0.0, 1.0, -1.0]), smoothing)
    assert own.gradient_norm.says_nothing(own.scale)


def test_a_claim_in_an_interval_without_end_is_not_checked():
    edges = [("a", "b", 1e40), ("a", "c", 1e40)]
    record = copy.deepcopy(dk.maxcut(edges).to_dict())
    record["certificate"]["derandomized_sides"] = "++-"
    record["search"] = {"kernel_m": 0, "kernel_n": 0, "runs": 1, "work": 1}
    record["certificate"]["mean"] = encode_array(np.array([0.0, 1.0, -1.0]), "<f4")
    record["certificate"]["smoothing"] = 1e-149
    for claim in (1e300, -1e300, 123.0):
        record["stationarity"].update(smallest_curvature=claim, spread_bound=0.0 if claim > 0 else None)
        checks = {check.name: check for check in dk.verify(sealed(record), edges).checks}
        assert checks["stationarity"].verdict in (Verdict.NOT_CHECKED, Verdict.FAILED)
