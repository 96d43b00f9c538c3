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


def test_figures_below_the_normal_numbers():
    """One edge of 1e300 leaves the other vertices so settled that the curvature is subnormal."""
    edges = [
        (0, 1, -1), (0, 2, -0.27692302535622804), (0, 3, 0.39489430663008296), (0, 4, 1e300), (0, 5, 0.3),
        (0, 6, 2), (1, 2, 0.9497292634377748), (1, 3, 1), (1, 4, 0.3333333333333333), (1, 5, 1),
        (1, 6, 0.4610721066006147), (2, 3, -0.7394060793571526), (2, 4, -0.9383673390911107),
        (2, 5, 0.6845088190461854), (2, 6, 9007199254740994.0), (3, 4, 9007199254740994.0), (3, 6, -1e-06),
        (4, 6, -1e16),
    ]  # fmt: skip
    result = dk.maxcut(edges)
    assert -(2.0**-1022) < result.stationarity.smallest_curvature < 0.0
    outcome = dk.verify(result, edges)
    assert outcome.ok, outcome.failed
