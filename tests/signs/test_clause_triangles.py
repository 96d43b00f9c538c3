"""The prototype of the relaxation with triangles of clauses: what its page says of it."""

from __future__ import annotations

import importlib
import itertools
import math
import sys
from pathlib import Path

import numpy as np
import pytest

import derandkit as dk


@pytest.fixture
def prototype(monkeypatch):
    """Load the benchmark as `run.py` does, with its folder on the path."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    yield importlib.import_module("clause_triangles")
    for name in ("clause_triangles", "quadratic", "tables"):
        sys.modules.pop(name, None)


def instances(prototype):
    return [prototype.random_clauses(9, 40, 1), prototype.random_arcs(9, 40, 1)]


def test_value_and_bound_enclose_the_relaxation_and_lie_above_every_solution(prototype):
    for instance in instances(prototype):
        graph, inverse, problem = prototype.relaxation_of(instance)
        vectors, multipliers = prototype.solve(problem, np.eye(graph.n))
        x = vectors @ vectors.T
        assert np.allclose(np.diag(x), 1.0)
        assert (multipliers >= 0.0).all()
        assert problem.slack(x).min() > -1e-6
        value = problem.constant + float(np.sum(problem.matrix * x))
        upper, _ = problem.bound(multipliers, x)
        cuts = [
            graph.cut_value(inverse.signs(np.array(bits)))
            for bits in itertools.product((0, 1), repeat=instance.n)
        ]
        # the vectors may break an inequality by 1e-6, and come to lie that little above the bound
        assert max(cuts) - 1e-4 * upper < value < upper * (1.0 + 1e-6) < value * 1.0005
        # the basic relaxation has no triangles, so it is never below
        assert value < dk.relax_cut(graph).value * (1.0 + 1e-5)


def test_every_cut_meets_the_inequalities_with_the_weight_that_the_relaxation_gives_it(prototype):
    for instance in instances(prototype):
        graph, inverse, problem = prototype.relaxation_of(instance)
        for bits in itertools.product((0, 1), repeat=instance.n):
            signs = inverse.signs(np.array(bits)).astype(float)
            x = np.outer(signs, signs)
            assert problem.slack(x).min() >= 0.0
            assert problem.constant + np.sum(problem.matrix * x) == graph.cut_value(signs.astype(np.int8))


# the tightest relaxations leave the other solver short of its own tolerance, not of the one below
@pytest.mark.filterwarnings("ignore:Solution may be inaccurate")
def test_cvxpy_agrees(prototype):
    pytest.importorskip("cvxpy")
    graph, _, problem = prototype.relaxation_of(prototype.random_clauses(9, 40, 1))
    vectors, _ = prototype.solve(problem, np.eye(graph.n))
    value = problem.constant + float(np.sum(problem.matrix * (vectors @ vectors.T)))
    assert value == pytest.approx(prototype.peer(problem), rel=1e-5)


def test_the_chance_below_two_thresholds_has_its_known_values(prototype):
    c = np.array([-0.9, -0.3, 0.0, 0.5, 0.99])
    zero = np.zeros(5)
    assert np.allclose(
        prototype.chance_below(zero, zero, c), 0.25 + np.arcsin(c) / (2.0 * math.pi), atol=1e-9
    )
    h, k = np.array([0.3, -1.2]), np.array([1.0, 0.4])
    apart = prototype.ndtr(h) * prototype.ndtr(k)
    assert np.allclose(prototype.chance_below(h, k, np.zeros(2)), apart, atol=1e-12)


def test_triangles_lift_the_constant_of_a_clause_to_that_of_lewin_livnat_and_zwick(prototype):
    without, with_them = (
        prototype.worst_ratio(0.94, False, triangles, cells=40) for triangles in (False, True)
    )
    # the constant of the paper is the least of all triples, a grid has only some of them
    assert without < 0.86
    assert 0.94016 < with_them < 0.942
