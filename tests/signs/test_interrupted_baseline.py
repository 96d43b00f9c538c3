"""A baseline that is interrupted before its first step returns what it has, and no traceback."""

from __future__ import annotations

import math

import numpy as np
from tests.catalogue import random_graph

from derandkit.runtime.clock import stage
from derandkit.signs.baselines.deterministic import conditional_hyperplane


def test_conditional_expectations_that_are_stopped_at_once_have_no_expectation():
    graph = random_graph(12, 0.5)
    with stage() as clock:
        clock.stop()
        found = conditional_hyperplane(graph, np.eye(graph.n))
    assert math.isnan(found.stats["expectation"])
    assert graph.cut_value(found.signs) == found.value
