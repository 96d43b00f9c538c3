"""Lanczos, Sturm counts, inverse iteration, Jacobi: against LAPACK and against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import reference
from tests.catalogue import REALS, catalogue, graphs, hashed, matrices, random_graph, vectors

from derandkit.graphs.graph import WeightedGraph
from derandkit.numerics import axes
from derandkit.signs.relaxation import spectral


@st.composite
def tridiagonals(draw, max_n=12):
    n = draw(st.integers(1, max_n))
    return draw(vectors(n)), np.abs(draw(vectors(n)))


@settings(deadline=None)
@given(tridiagonals())
def test_smallest_tridiagonal_against_lapack(pair):
    alpha, beta = pair
    expected = np.linalg.eigvalsh(reference.tridiagonal(alpha, beta))[0]
    assert spectral.smallest_tridiagonal(alpha, beta) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1e6, 1e12])
def test_smallest_tridiagonal_scales(scale):
    alpha, beta = hashed(20), np.abs(hashed(20, seed=3))
    unscaled = spectral.smallest_tridiagonal(alpha, beta)
    assert spectral.smallest_tridiagonal(scale * alpha, scale * beta) == pytest.approx(scale * unscaled)


@settings(deadline=None)
@given(tridiagonals())
def test_tridiagonal_vector_is_a_unit_eigenvector(pair):
    alpha, beta = pair
    beta = beta + 1e-3  # a decoupled matrix has a smallest eigenvalue in several blocks
    x = np.empty(alpha.size)
    value = spectral.smallest_tridiagonal(alpha, beta)
    spectral.tridiagonal_vector(alpha, beta, value, x, np.empty(alpha.size))
    T = reference.tridiagonal(alpha, beta)
    assert np.linalg.norm(x) == pytest.approx(1.0, abs=1e-14)
    assert np.linalg.norm(T @ x - value * x) <= 1e-9 * (1.0 + np.abs(T).sum())


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(1, 8))
def test_lanczos_is_its_twin(seed, steps):
    graph = random_graph(20, 0.3, seed=seed, weights="reals")
    diagonal, start = hashed(20, seed=seed + 1), hashed(20, seed=seed + 2)
    alpha, beta, basis = reference.lanczos(graph.adjacency().toarray() + np.diag(diagonal), start, steps)
    mix, ritz = hashed(steps), np.zeros(20)
    a, b = np.empty(steps), np.empty(steps)
    q = start.copy()
    done = spectral.lanczos(graph.indptr, graph.indices, graph.weights, diagonal, 0, steps, q, np.empty(20),
                            np.empty(20), a, b, mix, ritz)  # fmt: skip
    assert done == alpha.size == steps
    np.testing.assert_allclose(a, alpha, atol=1e-8)
    np.testing.assert_allclose(b, beta, atol=1e-8)
    np.testing.assert_allclose(ritz, basis @ mix, atol=1e-8)


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(1, 12), st.integers(1, 12))
def test_lanczos_goes_on_where_it_stopped(seed, first, more):
    """In two parts or in one: the same coefficients, value and vector, to the bit."""
    graph, diagonal = random_graph(20, 0.3, seed=seed, weights="reals"), hashed(20, seed=seed + 1)
    whole = spectral.Lanczos(graph, graph.weights, diagonal)
    parts = spectral.Lanczos(graph, graph.weights, diagonal)
    parts.extend(first)
    assert parts.extend(first + more) == whole.extend(first + more)
    np.testing.assert_array_equal(parts.alpha, whole.alpha)
    np.testing.assert_array_equal(parts.vector(), whole.vector())


def test_lanczos_stops_when_the_space_is_exhausted():
    edge = WeightedGraph.from_edges([0], [1], n=2)
    n, steps = 2, 5
    a, b, none = np.empty(steps), np.empty(steps), np.empty(0)
    done = spectral.lanczos(edge.indptr, edge.indices, edge.weights, np.zeros(n), 0, steps, np.array([1.0, 1.0]),
                            np.empty(n), np.empty(n), a, b, none, none)  # fmt: skip
    assert done == 1
    assert a[0] == pytest.approx(1.0)


@settings(deadline=None)
@given(graphs(weights=REALS, max_n=10), st.data())
def test_smallest_eigenvalue_never_lies_below_the_spectrum(graph, data):
    diagonal = data.draw(vectors(graph.n))
    spectrum = np.linalg.eigvalsh(graph.adjacency().toarray() + np.diag(diagonal))
    value, _, vector = spectral.smallest_eigenvalue(graph, graph.weights, diagonal, steps=30, vector=True)
    tolerance = 1e-9 * (1.0 + np.abs(spectrum).max())
    assert value >= spectrum[0] - tolerance
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
def test_smallest_eigenvalue_and_vector_of_a_generic_matrix(weights):
    graph, diagonal = random_graph(40, 0.2, weights=weights, seed=5), hashed(40, seed=9)
    M = graph.adjacency().toarray() + np.diag(diagonal)
    value, settled, vector = spectral.smallest_eigenvalue(
        graph, graph.weights, diagonal, steps=40, vector=True
    )
    assert settled
    assert value == pytest.approx(np.linalg.eigvalsh(M)[0], abs=1e-9)
    assert np.linalg.norm(M @ vector - value * vector) < 1e-5


def test_smallest_eigenvalue_says_when_it_has_not_settled():
    """The path's spectrum crowds at its ends: a few steps cannot have found the end."""
    n = 2000
    path = WeightedGraph.from_edges(np.arange(n - 1), np.arange(1, n))
    near = np.full(n, 2.0)  # smallest eigenvalue 2 - 2 cos(pi / (n + 1)), almost zero
    value, settled, _ = spectral.smallest_eigenvalue(path, path.weights, near, steps=20)
    assert not settled
    assert value > 2.0 - 2.0 * np.cos(np.pi / (n + 1))


@pytest.mark.parametrize("known", catalogue(), ids=lambda known: known.name)
def test_smallest_eigenvalue_of_the_catalogue(known):
    graph = known.graph
    value, settled, _ = spectral.smallest_eigenvalue(graph, graph.weights, np.zeros(graph.n), steps=400)
    assert settled
    assert value == pytest.approx(np.linalg.eigvalsh(graph.adjacency().toarray())[0], abs=1e-9)


@settings(deadline=None)
@given(st.integers(1, 9).flatmap(lambda n: matrices(n, max_columns=5)))
def test_principal_axes_rotates_and_sorts(V):
    rotated, masses = axes.principal_axes(V)
    scale = 1e-12 * (1.0 + float((V**2).sum()))
    np.testing.assert_allclose(rotated @ rotated.T, V @ V.T, atol=scale)
    np.testing.assert_allclose(rotated.T @ rotated, np.diag(masses), atol=scale)
    assert (np.diff(masses) <= scale).all()
    np.testing.assert_allclose(np.sort(masses), np.sort(np.linalg.eigvalsh(V.T @ V)), atol=scale)


def test_principal_axes_fixes_its_signs():
    V = hashed(12, 4)
    plain, _ = axes.principal_axes(V)
    Q = np.linalg.lstsq(V, plain, rcond=None)[0]
    peaks = np.abs(Q).argmax(axis=0)
    assert (Q[peaks, np.arange(4)] > 0).all()


@settings(deadline=None)
@given(st.integers(1, 9).flatmap(lambda n: matrices(n, max_columns=5)), st.data())
def test_gram_and_rotate_are_matrix_products(V, data):
    r = V.shape[1]
    G, out = np.empty((r, r)), np.empty(V.shape)
    axes.gram(V, G)
    np.testing.assert_allclose(G, V.T @ V, atol=1e-10)
    Q = data.draw(vectors(r * r)).reshape(r, r)
    axes.rotate(V, Q, out)
    np.testing.assert_allclose(out, V @ Q, atol=1e-10)


@settings(deadline=None)
@given(st.integers(1, 7).flatmap(lambda n: matrices(n, max_columns=6)))
def test_jacobi_diagonalises(V):
    G = V.T @ V
    D, Q = G.copy(), np.empty(G.shape)
    axes.jacobi(D, Q)
    scale = 1e-12 * (1.0 + np.abs(G).sum())
    np.testing.assert_allclose(Q.T @ Q, np.eye(G.shape[0]), atol=1e-13)
    np.testing.assert_allclose(Q @ np.diag(np.diag(D)) @ Q.T, G, atol=scale)
    np.testing.assert_allclose(D - np.diag(np.diag(D)), 0.0, atol=scale)


def test_ghosts_do_not_use_up_the_steps():
    """Order 7 with eigenvalues from 0.3 to 20 000: seven steps in floating point miss the smallest one."""
    graph = WeightedGraph.from_edges(
        [0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4, 5],
        [2, 2, 3, 4, 5, 6, 3, 4, 5, 4, 6, 6],
        [-100, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -10000],
    )
    diagonal = np.abs(graph.adjacency().toarray()).sum(axis=1) * np.array([1, 0.5, 1, 0.6, 0.7, 1, 1])
    value, settled, _ = spectral.smallest_eigenvalue(graph, graph.weights, diagonal, steps=400)
    assert settled
    spectrum = np.linalg.eigvalsh(graph.adjacency().toarray() + np.diag(diagonal))
    assert value == pytest.approx(spectrum[0], abs=1e-7)
