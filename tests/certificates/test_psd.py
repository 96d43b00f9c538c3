"""Proofs of positive semidefiniteness against exact rational arithmetic: never one for an indefinite matrix."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from tests.catalogue import REALS, SMALL_INTEGERS, WIDE, catalogue, graphs, hashed, random_graph
from tests.oracles import is_positive_semidefinite

from derandkit.certificates.cuts import psd

FACTORISATIONS = ("dense-cholesky", "sparse-ldl")
SHIFTS = [s * 10.0**-k for k in range(6, 17) for s in (-1, 1)]


def assembled(A, diagonal):
    return A.toarray() + np.diag(diagonal)


def prove_all(A, diagonal):
    return {method: psd.prove_positive_semidefinite(A, diagonal, method) for method in psd.METHODS}


def singular_diagonal(A):
    """Return a diagonal that makes A + Diag(d) singular up to rounding: smallest eigenvalue zero."""
    d = np.abs(A.toarray()).sum(axis=1)
    return d - np.linalg.eigvalsh(A.toarray() + np.diag(d))[0]


@settings(deadline=None, max_examples=150)
@given(graphs(min_n=2, max_n=6), st.data())
def test_proven_only_if_true(graph, data):
    """Any diagonal at all: whatever a method claims, rational arithmetic confirms."""
    A = graph.adjacency()
    scale = float(np.abs(A.data).max(initial=0.0))
    entries = st.one_of(st.just(0.0), st.integers(-2, 12).map(float), st.floats(0, 6, allow_subnormal=False))
    d = scale * np.array(data.draw(st.lists(entries, min_size=graph.n, max_size=graph.n)))
    claims = [proof for proof in prove_all(A, d).values() if proof.proven]
    if claims:
        assert is_positive_semidefinite(assembled(A, d)), claims


@settings(deadline=None, max_examples=60)
@given(graphs(min_n=3, max_n=6, weights=st.one_of(SMALL_INTEGERS, REALS)), st.sampled_from(SHIFTS))
def test_near_singular_matrices_are_never_misjudged(graph, shift):
    """A shift of 1e-16 to 1e-6 on either side of the boundary."""
    A = graph.adjacency()
    d = singular_diagonal(A) + shift * float(np.abs(A.data).max(initial=1.0))
    proofs = prove_all(A, d)
    if not is_positive_semidefinite(assembled(A, d)):
        assert not any(proof.proven for proof in proofs.values()), proofs


@pytest.mark.parametrize("method", FACTORISATIONS)
@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
@pytest.mark.parametrize("n", [5, 30, 120])
def test_the_boundary_is_found_from_both_sides(n, weights, method):
    """A raise of four margins proves a singular matrix; a shift below it by more than rounding is refused."""
    A = random_graph(n, min(0.5, 8 / n), seed=n, weights=weights).adjacency()
    d = singular_diagonal(A)
    scale = float(d.max())
    raised = (d + 1e-12 * scale) * (1.0 + 4.0 * psd.relative_margin(n, method))
    assert psd.prove_positive_semidefinite(A, raised, method).proven
    for below in (1e-12, 1e-9, 1e-6):
        proof = psd.prove_positive_semidefinite(A, d - below * scale, method)
        assert not proof.proven
        assert proof.detail


def laplacian(graph):
    """Return A and d with A + Diag(d) the Laplacian: exactly singular in integers."""
    A = graph.adjacency()
    return -A, np.asarray(A.sum(axis=1))


@pytest.mark.parametrize("seed", range(5))
def test_laplacians_by_dominance_and_one_ulp_less_by_nothing(seed):
    """A Laplacian is semidefinite and has the vector of ones in its kernel: any decrease makes it indefinite."""
    graph = random_graph(12, 0.6, seed=seed)
    A, d = laplacian(graph)
    proof = psd.prove_positive_semidefinite(A, d, "diagonal-dominance")
    assert proof.proven
    assert is_positive_semidefinite(assembled(A, d))
    less = d.copy()
    less[int(np.argmax(d))] = math.nextafter(float(d.max()), 0.0)
    assert not is_positive_semidefinite(assembled(A, less))
    assert not any(p.proven for p in prove_all(A, less).values())


@pytest.mark.parametrize("method", psd.METHODS)
@pytest.mark.parametrize("power", [-12, -9, -6, -3, 0, 3, 6, 9, 12])
def test_comfortable_matrices_are_proven_at_every_scale(method, power):
    for weights in ("ones", "signs", "reals"):
        A = random_graph(40, 0.2, seed=power + 50, weights=weights).adjacency() * 10.0**power
        d = np.abs(A.toarray()).sum(axis=1) * 1.01
        if method != "diagonal-dominance":  # comfortable, but not by dominance
            d = np.full(40, 1.2 * -np.linalg.eigvalsh(A.toarray())[0])
        proof = psd.prove_positive_semidefinite(A, d, method)
        assert proof.proven, proof.detail
        assert proof.method in (method, "diagonal-dominance")


@pytest.mark.parametrize("method", FACTORISATIONS)
def test_rows_of_very_different_scale(method):
    """A congruence with powers of ten from 1e-12 to 1e12, some of it inexact, decided by the exact oracle."""
    base = random_graph(8, 0.8, seed=3, weights="reals").adjacency().toarray()
    comfortable = base + 1.5 * -np.linalg.eigvalsh(base)[0] * np.eye(8)
    indefinite = base + 0.9 * -np.linalg.eigvalsh(base)[0] * np.eye(8)
    S = np.diag(10.0 ** np.array([-12, 12, -6, 6, 0, -9, 9, 3]))
    for M, truth in ((comfortable, True), (indefinite, False)):
        scaled = S @ M @ S
        scaled = np.triu(scaled) + np.triu(scaled, 1).T
        assert is_positive_semidefinite(scaled) is truth
        A = csr_array(scaled - np.diag(np.diag(scaled)))
        assert psd.prove_positive_semidefinite(A, np.diag(scaled).copy(), method).proven is truth


@pytest.mark.parametrize("method", FACTORISATIONS)
def test_a_small_negative_eigenvalue_among_large_ones(method):
    """Indefinite by 1e-15 of the scale in one corner of an otherwise comfortable matrix."""
    n = 40
    A = random_graph(n, 0.2, seed=8).adjacency().toarray()
    d = 2.0 * np.abs(A).sum(axis=1) + 1.0
    A[0, :] = A[:, 0] = A[1, :] = A[:, 1] = 0.0
    A[0, 1] = A[1, 0] = 1.0
    for excess in (2.0**-52, 1e-12, 1e-10):
        d[0], d[1] = 1.0, 1.0 - excess
        assert not psd.prove_positive_semidefinite(csr_array(A), d, method).proven
    d[1] = 1.1
    assert psd.prove_positive_semidefinite(csr_array(A), d, method).proven


@settings(deadline=None)
@given(graphs(weights=st.one_of(REALS, WIDE, SMALL_INTEGERS)))
def test_absolute_row_sums_are_never_below_the_truth(graph):
    A = graph.adjacency()
    found = psd.absolute_row_sums(A)
    assert found.shape == (graph.n,)
    for i in range(graph.n):
        row = A.data[A.indptr[i] : A.indptr[i + 1]]
        exact = sum((abs(Fraction(float(x))) for x in row), Fraction(0))
        assert Fraction(float(found[i])) >= exact
        assert float(found[i]) <= float(exact) * (1 + 1e-13)
        if graph.integral:
            assert Fraction(float(found[i])) == exact


def test_absolute_row_sums_with_empty_rows_everywhere():
    A = csr_array(([2.0, -3.0, 2.0, -3.0], ([1, 1, 3, 4], [3, 4, 1, 1])), shape=(7, 7))
    np.testing.assert_array_equal(psd.absolute_row_sums(A), [0, 5, 0, 2, 3, 0, 0])


@settings(deadline=None)
@given(graphs(max_n=6), st.floats(0, 1), st.data())
def test_dominance_is_decided_exactly(graph, fraction, data):
    A = graph.adjacency()
    d = psd.absolute_row_sums(A)
    assert psd.prove_positive_semidefinite(A, d, "diagonal-dominance").proven
    busy = np.flatnonzero(d > 0)
    assume(busy.size)
    i = int(data.draw(st.sampled_from(busy.tolist())))
    d[i] *= 0.999 * fraction
    proof = psd.prove_positive_semidefinite(A, d, "diagonal-dominance")
    assert not proof.proven
    assert f"row {i}" in proof.detail


@pytest.mark.parametrize("method", psd.METHODS)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_entries_that_are_not_finite_prove_nothing(method, bad):
    graph = random_graph(5, 0.9)
    d = np.full(5, 10.0)
    d[2] = bad
    assert not psd.prove_positive_semidefinite(graph.adjacency(), d, method).proven
    A = graph.adjacency()
    A.data[1] = bad
    assert not psd.prove_positive_semidefinite(A, np.full(5, 10.0), method).proven


@pytest.mark.parametrize("method", FACTORISATIONS)
def test_refusals_say_why(method):
    A = csr_array([[0.0, 2.0, 0.0], [2.0, 0.0, 2.0], [0.0, 2.0, 0.0]])
    assert "negative" in psd.prove_positive_semidefinite(A, np.array([5.0, -1.0, 5.0]), method).detail
    assert "zero diagonal" in psd.prove_positive_semidefinite(A, np.array([5.0, 0.0, 5.0]), method).detail
    unknown = psd.prove_positive_semidefinite(A, np.array([5.0, 1.0, 5.0]), "by-hand")
    assert not unknown.proven
    assert "unknown method" in unknown.detail


def test_weights_beyond_the_range_prove_nothing_false():
    """Scaling may overflow or underflow; then there is no proof, or a true one."""
    for a, d in ((1e300, (1e-300, 1e-300)), (1e-200, (1e-310, 1e-310)), (5e-324, (1.0, 5e-324))):
        A, diagonal = csr_array([[0.0, a], [a, 0.0]]), np.array(d)
        truth = is_positive_semidefinite(assembled(A, diagonal))
        for proof in prove_all(A, diagonal).values():
            assert truth or not proof.proven


@pytest.mark.parametrize("known", catalogue(), ids=lambda known: known.name)
def test_the_catalogue_is_proven_at_its_spectrum(known):
    """``A - lambda_min I`` is singular; raised by four margins every factorisation proves it."""
    A = known.graph.adjacency()
    low = -float(np.linalg.eigvalsh(A.toarray())[0])
    for method in FACTORISATIONS:
        d = np.full(known.graph.n, low * (1 + 1e-12)) * (1.0 + 4 * psd.relative_margin(known.graph.n, method))
        assert psd.prove_positive_semidefinite(A, d, method).proven


def test_margins_grow_with_the_order_and_stay_small():
    margins = [psd.relative_margin(n, "dense-cholesky") for n in (1, 10, 100, 1000, 8000)]
    assert margins == sorted(margins)
    assert margins[-1] < 1e-6
    assert psd.relative_margin(10, "sparse-ldl") == psd.SPARSE_MARGIN
    assert psd.relative_margin(10, "diagonal-dominance") == 0.0


def test_a_sparse_proof_of_a_large_grid():
    """Order 2500 by sparse elimination: proven when comfortable, refused when not."""
    side = 50
    n = side * side
    k = np.arange(n)
    right, down = k[k % side < side - 1], k[k < n - side]
    rows, columns = np.concatenate([right, down]), np.concatenate([right + 1, down + side])
    A = csr_array(
        (np.ones(2 * rows.size), (np.concatenate([rows, columns]), np.concatenate([columns, rows])))
    )
    top = 4.0 * math.cos(math.pi / (side + 1))  # the spectrum of the grid is symmetric, this is its end
    assert psd.prove_positive_semidefinite(A, np.full(n, top + 1e-6), "sparse-ldl").proven
    assert not psd.prove_positive_semidefinite(A, np.full(n, top - 1e-6), "sparse-ldl").proven
    wobble = top + 1e-6 + 1e-3 * np.abs(hashed(n))
    assert psd.prove_positive_semidefinite(A, wobble, "sparse-ldl").proven


@pytest.mark.parametrize("n", [5, 256, 300, 700])
def test_a_factorisation_in_blocks_is_the_same_and_can_be_stopped(n):
    B = np.random.default_rng(n).standard_normal((n, n))
    matrix = np.asfortranarray(B @ B.T + n * np.eye(n))
    whole = np.linalg.cholesky(matrix)
    asked = []
    factor = psd._cholesky_in_blocks(matrix.copy(order="F"), lambda: asked.append(1) or True)
    np.testing.assert_allclose(np.tril(factor), whole, rtol=1e-9, atol=1e-9)
    assert len(asked) == -(-n // psd.BLOCK)
    assert psd._cholesky_in_blocks(matrix, lambda: False) is None


def test_a_stopped_factorisation_proves_nothing_and_says_so():
    A = csr_array(np.ones((8, 8)) - np.eye(8))
    diagonal = np.full(8, 6.0)
    assert psd.prove_positive_semidefinite(A, diagonal, "dense-cholesky", lambda: True).proven
    stopped = psd.prove_positive_semidefinite(A, diagonal, "dense-cholesky", lambda: False)
    assert not stopped.proven
    assert "limit of time" in stopped.detail
    low = psd.prove_positive_semidefinite(A, diagonal / 12, "dense-cholesky", lambda: True)
    assert not low.proven
