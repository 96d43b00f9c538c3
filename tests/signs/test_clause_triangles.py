"""What the page of MAX-2SAT says of the least chance of a clause, by the benchmark that computes it."""

from __future__ import annotations

import importlib
import math
import sys
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def benchmark(monkeypatch):
    """Load the benchmark as `run.py` does, with its folder on the path."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    yield importlib.import_module("clause_triangles")
    for name in ("clause_triangles", "quadratic", "tables"):
        sys.modules.pop(name, None)


def test_the_chance_below_two_thresholds_has_its_known_values(benchmark):
    c = np.array([-0.9, -0.3, 0.0, 0.5, 0.99])
    zero = np.zeros(5)
    assert np.allclose(
        benchmark.chance_below(zero, zero, c), 0.25 + np.arcsin(c) / (2.0 * math.pi), atol=1e-9
    )
    h, k = np.array([0.3, -1.2]), np.array([1.0, 0.4])
    apart = benchmark.ndtr(h) * benchmark.ndtr(k)
    assert np.allclose(benchmark.chance_below(h, k, np.zeros(2)), apart, atol=1e-12)


def test_triangles_lift_the_constant_of_a_clause_to_that_of_lewin_livnat_and_zwick(benchmark):
    without, with_them = (
        benchmark.worst_ratio(0.94, False, triangles, cells=40) for triangles in (False, True)
    )
    # the constant of the paper is the least of all triples, a grid has only some of them
    assert without < 0.86
    assert 0.94016 < with_them < 0.942
