"""Every kernel against its plain NumPy twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ncx2

from derandkit.embeddings.kernels import chi_square, scan
from derandkit.embeddings.kernels import pairs as kernels
from derandkit.embeddings.kernels import signs as sign_kernels
from derandkit.numerics import dense as dense_kernels
from derandkit.numerics.lbfgs import lbfgs_direction

RNG = np.random.default_rng(20)
SIZES = [(2, 1, 1), (7, 5, 3), (40, 9, 4), (33, 12, 7), (25, 21, 19)]


def cloud(m, r, k):
    Z = RNG.standard_normal((m, r))
    if m > 5:
        Z[3] = Z[1]  # a coinciding pair
    P = RNG.standard_normal((r, k))
    i, j = np.triu_indices(m, 1)
    square = np.sum((Z[i] - Z[j]) ** 2, axis=1)
    inverse = np.empty(square.size)
    kernels.inverse_squared_distances(np.ascontiguousarray(Z.T), 0, m, 1e-20, inverse)
    return Z, P, i, j, square, inverse


@pytest.mark.parametrize("shape", SIZES)
def test_products_agree_with_matmul(shape):
    m, r, k = shape
    A, B, C = RNG.standard_normal((m, r)), RNG.standard_normal((r, k)), RNG.standard_normal((m, k))
    out, back = np.empty((m, k)), np.empty((r, k))
    dense_kernels.product(A, B, out)
    dense_kernels.transposed_product(A, C, back)
    np.testing.assert_allclose(out, A @ B, atol=1e-12)
    np.testing.assert_allclose(back, A.T @ C, atol=1e-12)
    assert dense_kernels.dot(A.ravel(), A.ravel()) == pytest.approx(np.sum(A * A), rel=1e-13)


@pytest.mark.parametrize("shape", SIZES)
def test_inverse_squared_distances_leave_out_coinciding_points(shape):
    _, _, _, _, square, inverse = cloud(*shape)
    gone = square <= 1e-20
    assert np.isnan(inverse[gone]).all()
    np.testing.assert_allclose(inverse[~gone], 1.0 / square[~gone], rtol=1e-12)


@pytest.mark.parametrize("shape", SIZES)
def test_exponential_pass_and_listed_pass_agree_with_a_double_loop(shape):
    m = shape[0]
    Z, P, i, j, square, inverse = cloud(*shape)
    Y = Z @ P
    kept = square > 1e-20
    ratio = np.sum((Y[i] - Y[j]) ** 2, axis=1)[kept] / square[kept]
    law, shift = np.array([1.3, -1.0, 0.7, 0.9]), 2.0
    up, down = np.exp(law[1] + law[0] * ratio - shift), np.exp(law[3] - law[2] * ratio - shift)
    w = 2.0 * (law[0] * up - law[2] * down) / square[kept]
    expected = np.zeros_like(Y)
    step = w[:, None] * (Y[i] - Y[j])[kept]
    np.add.at(expected, i[kept], step)
    np.add.at(expected, j[kept], -step)
    G, stats = np.zeros_like(Y), np.empty(4)
    kernels.exponential_pass(Y, np.ascontiguousarray(Y.T), inverse, law, 0, m, shift, G, stats)
    np.testing.assert_allclose(G, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
    top = max((law[1] + law[0] * ratio).max(), (law[3] - law[2] * ratio).max())
    np.testing.assert_allclose(stats, [np.sum(up + down), top, ratio.max(), ratio.min()], rtol=1e-10)
    G2, stats2 = np.zeros_like(Y), np.empty(4)
    rows, columns = i[kept].astype(np.int64), j[kept].astype(np.int64)
    kernels.listed_pass(Y, rows, columns, 1.0 / square[kept], law, 0, rows.size, shift, G2, stats2)
    np.testing.assert_allclose(G2, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
    np.testing.assert_allclose(stats2, stats, rtol=1e-10)
    packed = np.empty_like(inverse)
    kernels.packed_ratios(np.ascontiguousarray(Y.T), inverse, packed)
    np.testing.assert_allclose(packed[kept], ratio, rtol=1e-10)
    assert np.isnan(packed[~kept]).all()


def test_skipped_terms_do_not_change_the_sum():
    Z, P, _, _, _, inverse = cloud(40, 9, 4)
    Y = Z @ P
    law = np.array([200.0, -200.0, 200.0, 200.0])
    packed = np.empty_like(inverse)
    kernels.packed_ratios(np.ascontiguousarray(Y.T), inverse, packed)
    exponents = np.concatenate([law[1] + law[0] * packed, law[3] - law[2] * packed])
    top = np.nanmax(exponents)
    G, stats = np.zeros_like(Y), np.empty(4)
    kernels.exponential_pass(Y, np.ascontiguousarray(Y.T), inverse, law, 0, 40, top, G, stats)
    assert stats[0] == pytest.approx(np.nansum(np.exp(exponents - top)), rel=1e-14)


@pytest.mark.parametrize("shape", SIZES)
def test_laplacian_products(shape):
    Z, P, i, j, square, inverse = cloud(*shape)
    m = Z.shape[0]
    kept = square > 1e-20
    w = np.where(kept, RNG.standard_normal(square.size), np.nan)
    L = np.zeros((m, m))
    np.add.at(L, (i[kept], j[kept]), -w[kept])
    L = L + L.T
    L -= np.diag(L.sum(axis=1))
    G = np.zeros_like(Z)
    kernels.weighted_pass(Z, w, G)
    np.testing.assert_allclose(G, L @ Z, atol=1e-11)
    S = np.zeros_like(Z)
    kernels.scatter_pass(Z, inverse, S)
    units = (Z[i] - Z[j])[kept] / np.sqrt(square[kept])[:, None]
    np.testing.assert_allclose(Z.T @ S, units.T @ units, atol=1e-10)
    Y, D, b = Z @ P, RNG.standard_normal((m, P.shape[1])), RNG.standard_normal(square.size)
    inner = np.sum((Y[i] - Y[j]) * (D[i] - D[j]), axis=1)
    step = (w[:, None] * (D[i] - D[j]) + (b * inner)[:, None] * (Y[i] - Y[j]))[kept]
    expected = np.zeros_like(Y)
    np.add.at(expected, i[kept], step)
    np.add.at(expected, j[kept], -step)
    G = np.zeros_like(Y)
    kernels.bent_pass(Y, D, w, b, G)
    np.testing.assert_allclose(G, expected, atol=1e-9)


def test_harvest_finds_exactly_the_pairs_outside_the_band():
    Z, P, i, j, square, _ = cloud(40, 9, 4)
    Y = Z @ P
    kept = square > 1e-20
    ratio = np.where(kept, np.sum((Y[i] - Y[j]) ** 2, axis=1) / np.where(kept, square, 1.0), 1.0)
    ordered = np.sort(ratio[kept])
    low, high = (ordered[77] + ordered[78]) / 2, (ordered[600] + ordered[601]) / 2
    outside = kept & ((ratio < low) | (ratio > high))
    rows, columns = np.zeros(1000, np.int64), np.zeros(1000, np.int64)
    inverse, stats = np.zeros(1000), np.zeros(2)
    ZT, YT = np.ascontiguousarray(Z.T), np.ascontiguousarray(Y.T)
    terms = np.array([1e-20, low, high, *scan.estimates(ZT, YT)])
    singles = ZT.astype(np.float32), YT.astype(np.float32)
    found = scan.harvest_pass(ZT, YT, singles, 0, 39, terms, rows, columns, inverse, stats)
    assert found == outside.sum()
    assert set(zip(rows[:found], columns[:found], strict=True)) == set(
        zip(i[outside], j[outside], strict=True)
    )
    np.testing.assert_allclose(stats, [ratio[kept].max(), ratio[kept].min()])
    small = [np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3)]
    assert (
        scan.harvest_pass(ZT, YT, singles, 0, 39, terms, *small, stats) == found
    )  # counts beyond the capacity


def test_gram_schmidt_gives_an_exact_basis_and_the_rank():
    X = RNG.standard_normal((12, 4)) @ RNG.standard_normal((4, 30))
    basis, coordinates = np.zeros((11, 30)), np.zeros((12, 11))
    rank = dense_kernels.gram_schmidt(X.copy(), 1e-13, basis, coordinates)
    assert rank == 4
    np.testing.assert_allclose(basis[:4] @ basis[:4].T, np.eye(4), atol=1e-14)
    np.testing.assert_allclose(coordinates[:, :4] @ basis[:4], X, atol=1e-12)


def test_cholesky_and_solves():
    B = RNG.standard_normal((9, 9))
    S = B @ B.T + np.eye(9)
    L = S.copy()
    dense_kernels.cholesky(L)
    np.testing.assert_allclose(L @ L.T, S, rtol=1e-12)
    Z, P = RNG.standard_normal((5, 9)), RNG.standard_normal((9, 3))
    z, p = Z.copy(), P.copy()
    dense_kernels.solve_lower(L, z)
    dense_kernels.solve_lower_transposed(L, p)
    np.testing.assert_allclose(z @ L.T, Z, atol=1e-11)
    np.testing.assert_allclose(L.T @ p, P, atol=1e-11)


def test_orthonormalise_drops_dependent_rows():
    B = RNG.standard_normal((4, 6))
    B[2] = 2.0 * B[0] - B[1]
    assert dense_kernels.orthonormalise(B) == 3
    np.testing.assert_allclose(B[:3] @ B[:3].T, np.eye(3), atol=1e-14)
    assert not B[3].any()


def test_lbfgs_direction_is_minus_the_bfgs_matrix_times_the_gradient():
    n, memory = 6, 4
    A = RNG.standard_normal((n, n))
    A = A @ A.T + np.eye(n)
    S = RNG.standard_normal((memory, n))
    T = S @ A
    g, out = RNG.standard_normal(n), np.empty(n)
    lbfgs_direction(g, S, T, 3, 2, out)
    H = np.eye(n) * (S[2] @ T[2]) / (T[2] @ T[2])
    for s, t in zip(S[:3], T[:3], strict=True):
        V = np.eye(n) - np.outer(t, s) / (s @ t)
        H = V.T @ H @ V + np.outer(s, s) / (s @ t)
    np.testing.assert_allclose(out, -H @ g, rtol=1e-10)


def test_noncentral_chi_square_against_scipy():
    out = np.empty(3)
    for k in (1, 2, 5, 20, 101):
        for centre in (0.0, 0.3, 7.0, 50.0, 900.0):
            spread = np.sqrt(2 * k + 4 * centre)
            for x in (0.01, 1.0, k + centre - 2 * spread, k + centre, k + centre + 5 * spread):
                if x <= 0:
                    continue
                chi_square.mixture(x, k, centre, out)
                expected = [ncx2.cdf(x, k, centre), ncx2.pdf(x, k + 2, centre), ncx2.pdf(x, k + 4, centre)]
                np.testing.assert_allclose(out, expected, atol=1e-11)


def test_exponentials_of_a_pass_are_those_of_the_library():
    x = np.concatenate([np.linspace(-700.0, 700.0, 4001), [0.0, 1e-300, -1e9, 1e9]])
    found, powers = x.copy(), np.empty(x.size)
    kernels.exponentials(found, x.size, powers, powers.view(np.int64))
    np.testing.assert_allclose(found, np.exp(np.clip(x, -700.0, 700.0)), rtol=5e-16)


def test_a_scan_in_tiles_misses_no_pair_and_takes_none_twice():
    n = scan.TILE + 40  # two tiles
    Z = np.sin(np.arange(2.0 * n) ** 2).reshape(n, 2)
    T = np.ascontiguousarray(Z.T)
    i, j = np.triu_indices(n, 1)
    found = set()
    for first, last in ((0, 500), (500, n - 1)):
        rows, columns = np.zeros((2, i.size), dtype=np.int64)
        inverse, stats = np.zeros(i.size), np.zeros(2)
        # an empty band: every pair leaves it
        terms = np.array([0.0, 2.0, 3.0, *scan.estimates(T, T)])
        singles = (T.astype(np.float32),) * 2
        count = scan.harvest_pass(T, T, singles, first, last, terms, rows, columns, inverse, stats)
        found |= set(zip(rows[:count].tolist(), columns[:count].tolist(), strict=True))
        assert count == np.count_nonzero((i >= first) & (i < last))
        square = np.sum((Z[rows[:count]] - Z[columns[:count]]) ** 2, axis=1)
        np.testing.assert_allclose(inverse[:count], 1.0 / square, rtol=1e-12)
    assert found == set(zip(i.tolist(), j.tolist(), strict=True))


@pytest.mark.parametrize("kind", ["spread", "cluster", "twins", "far", "large images"])
@pytest.mark.parametrize("band", [0.6, 0.95, 2.0])
def test_estimates_in_single_precision_change_no_bit(kind, band):
    """The same pairs, inverses and extremes as where every pair is computed in double precision."""
    rng = np.random.default_rng(7)
    Z, A = rng.standard_normal((7, 500)), rng.standard_normal((3, 7)) / np.sqrt(3.0)
    if kind == "cluster":
        Z[:, :250] *= 1e-3
    elif kind == "twins":
        Z = np.repeat(Z[:, :125], 4, axis=1) + 1e-7 * Z
    elif kind == "far":
        Z += 40.0
    elif kind == "large images":
        A *= 1e6
    Y = np.ascontiguousarray(A @ Z)
    singles = Z.astype(np.float32), Y.astype(np.float32)
    near, own, shift = scan.estimates(Z, Y)
    middle = float(np.sum(A * A)) / 7.0
    found = []
    for least in (near, np.inf):  # at most this far apart, a pair is computed in double precision
        tables = np.zeros(130_000, dtype=np.int64), np.zeros(130_000, dtype=np.int64), np.zeros(130_000)
        terms = np.array([1e-9, middle * (1.0 - band), middle * (1.0 + band), least, own, shift])
        stats = np.zeros(2)
        count = scan.harvest_pass(Z, Y, singles, 0, 499, terms, *tables, stats)
        order = np.lexsort(tables[1::-1])
        found.append((count, stats.tobytes(), *(table[order].tobytes() for table in tables)))
    assert found[0] == found[1]
    assert found[0][0] > 0


@given(st.integers(0, 10**6), st.sampled_from([1.0, 30.0, 1e3]), st.integers(1, 9))
@settings(max_examples=10, deadline=None)
def test_an_estimate_is_off_by_no_more_than_is_said(seed, offset, r):
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((r, 60)) + offset * rng.standard_normal((r, 1))
    Z[:, :20] *= 0.1
    Y = np.ascontiguousarray(rng.standard_normal((2, r)) @ Z)
    near, own, shift = scan.estimates(Z, Y)
    i, j = np.triu_indices(60, 1)
    squares, singles = [], []
    for T in (Z, Y):
        S = T.astype(np.float32)
        squares.append(np.sum((T[:, i] - T[:, j]) ** 2, axis=0))
        singles.append(np.sum((S[:, i] - S[:, j]) ** 2, axis=0, dtype=np.float32))
    apart = singles[0] > near
    ratio = (squares[1] / squares[0])[apart]
    estimate = (singles[1] / singles[0])[apart].astype(float)
    assert (np.abs(estimate - ratio) <= own * ratio + 2.0 * shift * np.sqrt(ratio) + shift**2).all()


def test_vectorised_exponential():
    x = np.linspace(-600.0, 600.0, 512)
    buffers, out = np.empty((2, 512)), np.empty(512)
    integers = buffers.view(np.int64)
    sign_kernels.scaled_exponentials(x, 512, buffers[0], integers[0], integers[1], buffers[1], out)
    np.testing.assert_allclose(out, np.exp(x), rtol=1e-9)
