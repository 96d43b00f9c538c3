"""The bivariate normal, and the closed forms built on it, against Owen's T and against quadrature."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from tests import oracles, reference
from tests.catalogue import REALS, graphs, hashed, matrices, vectors
from tests.legs import thinned

from derandkit.signs import gaussian_kernels as kernels

NEAR_ONE = [1 - 10.0**-k for k in range(2, 16)] + [1.0]
RHOS = [0.0, 0.3, -0.5, 0.9, 0.9249, 0.9251, -0.9249, -0.9251, 0.97, *NEAR_ONE, *(-r for r in NEAR_ONE)]
GRID = [-8.0, -3.0, -1.0, -1e-3, 0.0, 1e-9, 0.5, 1.0, 2.5, 6.0]


@pytest.mark.parametrize("x", [-40.0, -20.0, -8.0, -1.0, 0.0, 1e-12, 3.0, 40.0])
def test_normal_cdf(x):
    assert kernels.normal_cdf(x) == pytest.approx(float(ndtr(x)), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("rho", thinned([0.4, 0.0, -0.7, 0.93, -0.95, 0.999, 0.999999, -0.999]))
def test_the_two_oracles_agree(rho):
    """Owen's T and graded quadrature share nothing; where they agree they are trusted."""
    for h in GRID:
        for k in GRID:
            owen, quadrature = (
                oracles.bivariate_by_owen(h, k, rho),
                oracles.bivariate_by_quadrature(h, k, rho),
            )
            assert owen == pytest.approx(quadrature, abs=4e-15)


@pytest.mark.parametrize("rho", RHOS)
def test_bivariate_against_owen(rho):
    worst = max(
        abs(kernels.bivariate_cdf(h, k, rho) - oracles.bivariate_by_owen(h, k, rho))
        for h in GRID
        for k in GRID
    )
    assert worst < 3e-15


@pytest.mark.parametrize("rho", [0.95, 0.999, 1 - 1e-6, 1 - 1e-9, 1 - 1e-12])
@pytest.mark.parametrize("sign", [1, -1])
def test_bivariate_on_the_ridge(rho, sign):
    """The hard place: k within a few widths of h, where the law near |rho| = 1 turns."""
    q = math.sqrt((1 - rho) * (1 + rho))
    for h in (-5.0, -1.3, 0.0, 0.7, 4.0):
        for t in (-20.0, -3.0, -1.0, -0.1, 0.0, 0.1, 1.0, 3.0, 20.0):
            k = sign * (h + t * q)
            expected = oracles.bivariate_by_quadrature(h, k, sign * rho)
            assert kernels.bivariate_cdf(h, k, sign * rho) == pytest.approx(expected, abs=1e-14)


@settings(max_examples=300, deadline=None)
@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(-1, 1))
def test_bivariate_anywhere(h, k, rho):
    found = kernels.bivariate_cdf(h, k, rho)
    assert found == pytest.approx(oracles.bivariate_by_owen(h, k, rho), abs=1e-14)
    # symmetric, inside the Frechet bounds, and complementary: P(X < h) = P(X < h, Y < k) + P(X < h, -Y < -k)
    p, q = float(ndtr(h)), float(ndtr(k))
    assert found == pytest.approx(kernels.bivariate_cdf(k, h, rho), abs=3e-15)
    assert max(0.0, p + q - 1.0) - 3e-15 <= found <= min(p, q) + 3e-15
    assert found + kernels.bivariate_cdf(h, -k, -rho) == pytest.approx(p, abs=5e-15)


@pytest.mark.parametrize("rho", [-1.0, -0.9999999, -0.99, -0.3, 0.0, 0.5, 0.99, 0.9999999, 1.0])
@pytest.mark.parametrize("h", [-76.0, -39.0, -37.5, -20.0, 20.0, 37.5, 39.0, 76.0])
def test_bivariate_in_the_far_tails(h, rho):
    for k in (-76.0, -30.0, -2.0, 0.0, 1.5, 30.0, 76.0):
        expected = float(ndtr(min(h, k))) if max(h, k) > 15 else None
        found = kernels.bivariate_cdf(h, k, rho)
        assert 0.0 <= found <= 1.0
        if expected is not None:  # one event is certain: the other decides
            assert found == pytest.approx(expected, abs=1e-15)
        else:  # one event is impossible
            assert found <= float(ndtr(min(h, k))) + 1e-16


@settings(deadline=None)
@given(st.floats(-6, 6), st.floats(-6, 6), st.floats(-0.99, 0.99))
def test_bivariate_derivative_in_rho_is_its_density(h, k, rho):
    """Plackett's identity, by differences across the seam at 0.925 as well."""
    step = 1e-4 * (1 - rho * rho)
    difference = sum(
        c * (kernels.bivariate_cdf(h, k, rho + m * step) - kernels.bivariate_cdf(h, k, rho - m * step))
        for m, c in ((1, 45), (2, -9), (3, 1))
    ) / (60 * step)
    q = 1 - rho * rho
    density = math.exp(-(h * h - 2 * rho * h * k + k * k) / (2 * q)) / (2 * math.pi * math.sqrt(q))
    assert difference == pytest.approx(density, abs=1e-9 + 2e-14 / step)


@st.composite
def laws(draw):
    """A graph, W, b and tau; rows without noise, equal and opposite rows are frequent."""
    graph = draw(graphs(weights=REALS, max_n=7))
    W = draw(matrices(graph.n, max_columns=3))
    return graph, W, draw(vectors(graph.n)), draw(st.sampled_from([0.0, 0.05, 1.0]))


def standard(graph, W, b, tau):
    sd, h, rho = np.empty(graph.n), np.empty(graph.n), np.empty(graph.indices.size)
    kernels.standardise(W, b, tau, sd, h)
    kernels.correlations(graph.indptr, graph.indices, W, sd, np.empty(graph.n, dtype=np.int64), rho)
    return sd, h, rho


def on_arcs(graph, M):
    rows = np.repeat(np.arange(graph.n), np.diff(graph.indptr))
    return M[rows, graph.indices]


@settings(deadline=None)
@given(laws())
def test_standardise_and_correlations_are_their_twins(law):
    graph, W, b, tau = law
    sd, h, rho = standard(graph, W, b, tau)
    sd_twin, h_twin = reference.standardise(W, b, tau)
    np.testing.assert_allclose(sd, sd_twin, rtol=1e-14)
    np.testing.assert_allclose(h, h_twin, rtol=1e-13)
    np.testing.assert_allclose(rho, on_arcs(graph, reference.correlations(W, sd_twin)), atol=1e-14)
    back = on_arcs(graph, np.arange(graph.n**2).reshape(graph.n, graph.n).T)
    there = on_arcs(graph, np.arange(graph.n**2).reshape(graph.n, graph.n))
    by_arc = dict(zip(there.tolist(), rho.tolist(), strict=True))
    assert all(by_arc[a] == by_arc[c] for a, c in zip(there.tolist(), back.tolist(), strict=True))


@settings(deadline=None)
@given(laws())
def test_expected_cut_is_its_twin(law):
    graph, W, b, tau = law
    sd, h, rho = standard(graph, W, b, tau)
    scratch, found = (np.empty((graph.n, 1)), np.empty((graph.n, 1)), np.empty((3, 20))), np.empty(1)
    line = b, np.zeros(graph.n), np.zeros(1)
    kernels.line_expectations(graph.indptr, graph.indices, graph.weights, sd, rho, *line, *scratch, found)
    expected = reference.expected_cut(graph.adjacency().toarray(), h, reference.correlations(W, sd))
    # arccos turns a rounding error in rho next to +-1 into its square root
    assert found[0] == pytest.approx(expected, abs=1e-7 * (1.0 + np.abs(graph.weights).sum()))


@settings(deadline=None)
@given(laws())
def test_derivative_kernels_are_their_twins(law):
    graph, W, b, tau = law
    tau = max(tau, 0.05)  # at tau = 0 equal rows are singular; the limit is tested on the objective
    sd, h, rho = standard(graph, W, b, tau)
    A, R = graph.adjacency().toarray(), reference.correlations(W, sd)
    gradient, off, diagonal = np.empty(graph.n), np.empty(graph.indices.size), np.empty(graph.n)
    arcs = (graph.indptr, graph.indices, graph.weights)
    kernels.cut_mean_gradient(*arcs, sd, h, rho, gradient)
    np.testing.assert_allclose(gradient, reference.mean_gradient(A, sd, h, R), rtol=1e-8, atol=1e-9)
    kernels.cut_curvature(*arcs, sd, h, rho, off, diagonal)
    H = reference.curvature(A, sd, h, R)
    np.testing.assert_allclose(off, on_arcs(graph, H), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(diagonal, np.diag(H), rtol=1e-6, atol=1e-8)


def test_rows_without_noise_have_no_derivative():
    graph, W = _edge(), np.zeros((2, 1))
    sd, h, rho = standard(graph, W, np.array([1.0, -1.0]), 0.0)
    np.testing.assert_array_equal(h, [76.0, -76.0])
    gradient, off, diagonal = np.full(2, np.nan), np.full(2, np.nan), np.full(2, np.nan)
    arcs = (graph.indptr, graph.indices, graph.weights)
    kernels.cut_mean_gradient(*arcs, sd, h, rho, gradient)
    kernels.cut_curvature(*arcs, sd, h, rho, off, diagonal)
    for array in (gradient, off, diagonal):
        np.testing.assert_array_equal(array, 0.0)


def _edge():
    from derandkit.graphs.graph import WeightedGraph

    return WeightedGraph.from_edges([0], [1])


@settings(deadline=None)
@given(graphs(weights=REALS), st.integers(1, 4))
def test_hessian_product_is_the_matrix_product(graph, columns):
    off, diagonal, X = hashed(graph.indices.size), hashed(graph.n, seed=1), hashed(graph.n, columns, seed=2)
    out = np.empty_like(X)
    kernels.hessian_product(graph.indptr, graph.indices, off, diagonal, X, out)
    M = np.diag(diagonal)
    rows = np.repeat(np.arange(graph.n), np.diff(graph.indptr))
    M[rows, graph.indices] = off
    np.testing.assert_allclose(out, M @ X, atol=1e-12)


@settings(deadline=None)
@given(graphs(weights=REALS))
def test_gershgorins_discs_hold_the_spectrum(graph):
    off, diagonal = np.asarray(graph.weights), hashed(graph.n)
    low, high = kernels.gershgorin(graph.indptr, off, diagonal)
    spectrum = np.linalg.eigvalsh(graph.adjacency().toarray() + np.diag(diagonal))
    slack = 1e-12 * (1.0 + np.abs(off).sum())
    assert low - slack <= spectrum[0]
    assert spectrum[-1] <= high + slack
