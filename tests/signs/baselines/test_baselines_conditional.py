"""Mahajan and Ramesh: the closed form on a line, no reveal that loses, and the general engine's answers."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf, ndtr
from tests import oracles
from tests.catalogue import graphs, hashed, matrices, random_graph, unit, vectors

from derandkit.engine import ConditionalExpectations, derandomize
from derandkit.engine.law import GaussianSampler
from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.numerics.axes import principal_axes
from derandkit.runtime.clock import stage
from derandkit.signs.derandomize.conditional import reveal_all
from derandkit.signs.derandomize.course import conditional_course
from derandkit.signs.gaussian_kernels import correlations, line_expectations, standardise
from derandkit.signs.objective import CutObjective
from derandkit.signs.relaxation.semidefinite import relax_cut


def line(graph, V, first, tau, mean, column, steps):
    sd, h, rho = np.empty(graph.n), np.empty(graph.n), np.empty(graph.indices.size)
    residual = np.ascontiguousarray(V[:, first:])
    standardise(residual, mean, tau, sd, h)
    correlations(graph.indptr, graph.indices, residual, sd, np.empty(graph.n, dtype=np.int64), rho)
    shape, out = (graph.n, steps.size), np.empty(steps.size)
    arcs = graph.indptr, graph.indices, graph.weights
    scratch = np.empty(shape), np.empty(shape), np.empty((3, 20))
    line_expectations(*arcs, sd, rho, mean, column, steps, *scratch, out)
    rows = np.repeat(np.arange(graph.n), np.diff(graph.indptr))
    return sd, rho[rows < graph.indices], out


def chance_apart(h, k, rho):
    """The chance that the ends of an edge have different signs, by both ways through the kernel."""
    edge = WeightedGraph.from_edges([0], [1])
    arcs = edge.indptr, edge.indices, edge.weights
    answers = []
    for count in (1, 2):  # one step by itself, and steps that share their nodes
        out = np.empty(count)
        scratch = np.empty((2, count)), np.empty((2, count)), np.empty((3, 20))
        spread = np.ones(2), np.array([rho, rho])
        line_expectations(*arcs, *spread, np.array([h, k]), np.zeros(2), np.zeros(count), *scratch, out)
        answers += out.tolist()
    return answers


@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(0.9, 1.0), st.booleans())
def test_steep_differences(h, k, rho, negative):
    rho = -rho if negative else rho
    expected = oracles.chance_of_difference((h, k), ((1.0, rho), (rho, 1.0)))
    # the correlation carries a rounding error that the answer multiplies by 1 / sqrt(1 - rho^2)
    slack = 1e-15 / math.sqrt(max(1e-32, (1 - rho) * (1 + rho)))
    assert chance_apart(h, k, rho) == pytest.approx([expected] * 3, abs=1e-11 + min(slack, 1e-8))


@pytest.mark.parametrize("rho", [*np.linspace(-1, 1, 41), -0.9251, 0.9249, 0.299, 0.601, 1 - 1e-9, 1e-9 - 1])
def test_the_chance_of_a_cut_edge_for_every_correlation(rho):
    """Both closed forms against Owen's T of scipy, on a grid of means and across the seams of the rules."""
    for h, k in itertools.product([-7.0, -2.0, -0.5, 0.0, 1e-9, 0.3, 1.5, 4.0, 9.5], repeat=2):
        expected = ndtr(h) + ndtr(k) - 2 * oracles.bivariate_by_owen(h, k, rho)
        slack = 1e-9 if abs(rho) > 1 - 1e-8 else 2e-13
        assert chance_apart(h, k, rho) == pytest.approx([expected] * 3, abs=slack)


def reference_line(graph, V, first, tau, mean, column, steps):
    """A plain NumPy twin of the two kernels, with the 48-point rule in place of the short ones."""
    nodes, rule = np.polynomial.legendre.leggauss(48)
    R = V[:, first:] @ V[:, first:].T + tau**2 * np.eye(graph.n)
    sd = np.sqrt(np.diag(R))
    i, j, w = graph.edges()
    rho = np.clip(R[i, j] / (sd[i] * sd[j]), -1, 1)
    values = []
    for t in steps:
        h = (mean + t * column) / sd
        m = erf(h / math.sqrt(2))
        half = 0.5 * np.arcsin(rho)[:, None]
        sine = np.sin(half * (1 + nodes))
        x, y = h[i][:, None], h[j][:, None]
        bell = np.exp((sine * x * y - 0.5 * (x * x + y * y)) / (1 - sine * sine))
        c = m[i] * m[j] + 2 / math.pi * np.sum(half * rule * bell, axis=1)
        values.append(np.sum(0.5 * w * (1 - c)))
    return sd, rho, np.array(values)


def test_kernels_against_their_twin():
    graph = random_graph(30, 0.4, weights="reals")
    V = hashed(30, 6)
    steps = np.array([-3.0, -0.4, 0.0, 0.7, 2.5])
    mean, column = hashed(30, seed=2), V[:, 1]
    ours = line(graph, V, 2, 0.3, mean, np.ascontiguousarray(column), steps)
    twin = reference_line(graph, V, 2, 0.3, mean, column, steps)
    for got, expected in zip(ours, twin, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-11)


@settings(deadline=None, max_examples=40)
@given(graphs(min_n=2, max_n=6).flatmap(lambda g: st.tuples(st.just(g), matrices(g.n), vectors(g.n))))
def test_a_line_is_the_expected_cut_of_its_laws(case):
    graph, V, mean = case
    steps = np.array([-1.5, 0.0, 0.8])
    column = np.ascontiguousarray(V[:, 0])
    *_, out = line(graph, V, 1, 0.2, mean, column, steps)
    scale = float(np.abs(graph.weights).sum())
    for t, value in zip(steps, out, strict=True):
        law = GaussianSampler(mean + t * column, V[:, 1:])
        assert value == pytest.approx(oracles.expected_cut(graph, law, 0.2), abs=1e-10 * scale + 1e-300)


@settings(deadline=None, max_examples=40)
@given(graphs().flatmap(lambda g: st.tuples(st.just(g), matrices(g.n))))
def test_no_reveal_loses(case):
    graph, W = case
    V = unit(W)
    found = reveal_all(graph, V)
    scale = float(np.abs(graph.weights).sum())
    assert found.slack <= 1e-9 * scale
    assert all(
        later >= earlier - 1e-9 * scale - 1e-300 for earlier, later in itertools.pairwise(found.expectations)
    )
    assert found.spread_norms[0] == pytest.approx(math.sqrt(graph.n))
    assert found.spread_norms[-1] == 0.0
    axes = principal_axes(V)[0]
    masses = (axes**2).sum(axis=0)
    # one step an axis; axes that are zero but for rounding may be revealed or not
    least, most = np.count_nonzero(masses > 1e-30 * masses[0]), np.count_nonzero(masses)
    assert least <= len(found.expectations) - 1 <= most
    # the last expectation is that of the law that is returned
    law = GaussianSampler(found.mean, np.zeros((graph.n, 0)))
    assert CutObjective(graph, 1e-4).expectation(law) == pytest.approx(
        found.expectations[-1], abs=1e-10 * scale
    )
    # and its mean is V x for some x
    axes = axes[:, masses > 1e-20 * masses[0]]
    chosen = np.linalg.lstsq(axes, found.mean, rcond=None)[0]
    np.testing.assert_allclose(found.mean, axes @ chosen, atol=1e-9)


@settings(deadline=None, max_examples=25)
@given(graphs(min_n=2, max_n=7).flatmap(lambda g: st.tuples(st.just(g), matrices(g.n, max_columns=1))))
def test_a_single_coordinate_is_revealed_where_the_cut_is_best(case):
    """Rank one: the sides are sign(v_i t), one cut and its mirror image; near t = 0 the private noise may do better."""
    graph, W = case
    found = reveal_all(graph, unit(W))
    signs = np.where(unit(W)[:, 0] >= 0, 1, -1)
    cut = float(oracles.exact_cut(graph, signs))
    coins = 0.5 * float(graph.total_weight)
    assert found.expectations[-1] >= max(cut, coins) - 1e-9 * float(np.abs(graph.weights).sum())


def test_the_last_coordinate_meets_a_step_function_exactly():
    """Rank two, after the first reveal: no grid of t beats what was found."""
    graph = random_graph(25, 0.4, weights="positive")
    V = unit(hashed(25, 2))
    found = reveal_all(graph, V, nodes=3, refine=0)
    axes = principal_axes(V)[0]
    decided = (axes[:, 0] @ found.mean) / (axes[:, 0] @ axes[:, 0]) * axes[:, 0]
    best = max(
        graph.cut_value(np.where(decided + t * axes[:, 1] >= 0, 1, -1)) for t in np.linspace(-30, 30, 20_001)
    )
    assert found.expectations[-1] >= best - 1e-9
    assert graph.cut_value(np.where(found.mean >= 0, 1, -1)) >= best - 1e-9


@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
def test_the_general_engine_finds_the_same_value(weights):
    graph = random_graph(60, 0.2, weights=weights)
    V = relax_cut(graph).vectors
    ours = reveal_all(graph, V)
    law = GaussianSampler(np.zeros(graph.n), principal_axes(V)[0])
    theirs = derandomize(CutObjective(graph, 1e-4), law, method=ConditionalExpectations())
    assert ours.expectations[0] == pytest.approx(-theirs.start_value, rel=1e-11)
    # the first reveals are the same to rounding; later ones may part where two values of t tie
    np.testing.assert_allclose(
        ours.expectations[:5], [-v for v in theirs.history["objective"][:5]], rtol=1e-9
    )
    assert ours.expectations[-1] == pytest.approx(-theirs.value, rel=1e-3)
    assert ours.identity_gap < 0.01


def test_the_martingale_identity_holds_under_the_rule():
    """The Gauss-Hermite average of the first line is the value before the reveal, as fact 3 of the theory says."""
    from derandkit.numerics.quadrature import gauss_hermite

    graph = random_graph(40, 0.2)
    V = principal_axes(unit(hashed(40, 8)))[0]
    *_, start = line(graph, V, 0, 1e-4, np.zeros(40), np.zeros(40), np.zeros(1))
    for count, gap in ((25, 1e-4), (50, 1e-6), (100, 1e-8)):
        steps, rule = gauss_hermite(count)
        *_, values = line(graph, V, 1, 1e-4, np.zeros(40), np.ascontiguousarray(V[:, 0]), steps)
        assert math.fsum(rule * values) == pytest.approx(start[0], rel=gap)


def test_an_interrupt_loses_nothing_and_the_rest_is_coarse():
    graph = random_graph(40, 0.2)
    V = unit(hashed(40, 6))
    seen = []

    def once(expectation, norm):
        seen.append((expectation, norm))
        if len(seen) == 3:
            clock.stop()

    with stage() as clock:
        found = reveal_all(graph, V, on_reveal=once)
    whole = reveal_all(graph, V)
    assert found.interrupted
    assert not whole.interrupted
    assert len(seen) == 3
    assert found.expectations[:3] == whole.expectations[:3]
    assert found.spread_norms[:3] == whole.spread_norms[:3]
    assert found.spread_norms[-1] == 0.0  # the rest is dropped where one value shows that nothing is lost
    assert all(b >= a - 1e-9 * graph.m for a, b in itertools.pairwise(found.expectations))


def test_an_interrupted_path_reports_every_step():
    graph = random_graph(40, 0.2)
    relaxed = relax_cut(graph)
    calls = []

    def third(progress):
        calls.append(progress.value)
        if len(calls) == 3:
            clock.stop()

    with stage() as clock:
        path = conditional_course(graph, relaxed.sampler(), on_progress=third)
    whole = conditional_course(graph, relaxed.sampler())
    assert path.interrupted
    assert not whole.interrupted
    assert len(calls) == 3
    assert 3 < len(path.history["expectation"]) <= len(whole.history["expectation"])
    assert path.final_expectation >= path.start_expectation


def test_bad_options():
    graph = random_graph(5, 0.5)
    with pytest.raises(InputError, match="smoothing"):
        reveal_all(graph, unit(hashed(5, 2)), smoothing=0.0)
    with pytest.raises(InputError, match="nodes"):
        reveal_all(graph, unit(hashed(5, 2)), nodes=2)
