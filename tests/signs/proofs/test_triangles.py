"""Bounds from the semidefinite relaxation with triangles: never below the optimum, right at it where theory says so."""

import itertools
from fractions import Fraction

import cvxpy
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from tests.catalogue import WIDE, graphs, hashed, maximal_planar, random_graph
from tests.oracles import brute_force_maxcut, exact_cut

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import largest_possible_cut, proven_bound
from derandkit.certificates.proofs.triangles import SIGNS
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.proofs.residual import EliminatedGraph
from derandkit.signs.proofs.triangles import kernels as triangle_kernels
from derandkit.signs.proofs.triangles import separation as triangle_search
from derandkit.signs.proofs.triangles.bound import triangle_bound
from derandkit.signs.proofs.triangles.rows import triangle_rows


def checked(graph, **options):
    """Return a bound whose proof was checked afresh."""
    bound = triangle_bound(graph, **options)
    assert proven_bound(ExactGraph.from_graph(graph), bound.proof) == bound.exact
    assert exact_cut(graph, bound.signs) <= bound.exact
    return bound


# --- the bound ---------------------------------------------------------------------------------------------


@settings(max_examples=250)
@given(graphs(min_n=2, max_n=9))
def test_no_cut_is_above_the_bound(graph):
    bound = checked(graph, max_rounds=6)
    assert brute_force_maxcut(graph)[0] <= bound.exact
    exact = ExactGraph.from_graph(graph)
    assert bound.exact <= exact.value(exact.positive_bound())


@settings(max_examples=100)
@given(graphs(min_n=5, max_n=9, weights=WIDE))
def test_no_cut_is_above_the_bound_when_weights_span_twenty_orders(graph):
    assert brute_force_maxcut(graph)[0] <= checked(graph, max_rounds=6).exact


@pytest.mark.parametrize("weights", ["integers", "signs"])
def test_hundreds_of_complete_graphs(weights):
    numbers = np.random.default_rng(5)
    i, j = np.triu_indices(7, 1)
    for _ in range(300):
        w = numbers.integers(-3, 4, size=i.size) if weights == "integers" else numbers.choice([-1, 1], i.size)
        graph = WeightedGraph.from_edges(i, j, w, n=7)
        bound = triangle_bound(graph, max_rounds=4)
        assert proven_bound(ExactGraph.from_graph(graph), bound.proof) == bound.exact
        assert exact_cut(graph, bound.signs) <= brute_force_maxcut(graph)[0] <= bound.exact


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(8, 14), st.booleans())
def test_planar_graphs_are_solved(seed, n, signed):
    """Without a minor of five mutually adjacent vertices triangles describe the cuts (Barahona, Mahjoub 1986)."""
    instance = maximal_planar(n, seed=seed, signed=signed)
    bound = checked(instance)
    best = largest_possible_cut(ExactGraph.from_graph(instance), bound.exact)
    assert best == brute_force_maxcut(instance)[0] == exact_cut(instance, bound.signs)


def relaxation_by_cvxpy(A):
    n = len(A)
    X = cvxpy.Variable((n, n), PSD=True)
    rows = [cvxpy.diag(X) == 1]
    for i, j, k in itertools.combinations(range(n), 3):
        rows += [1 + p * X[i, j] + q * X[i, k] + r * X[j, k] >= 0 for p, q, r in SIGNS]
    problem = cvxpy.Problem(cvxpy.Maximize(cvxpy.sum(cvxpy.multiply(A, 1 - X)) / 4), rows)
    loose = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas", "tol_ktratio"), 1e-6)
    return problem.solve(solver=cvxpy.CLARABEL, **loose)


@pytest.mark.parametrize(
    ("n", "density", "kind"), [(9, 0.9, "positive"), (11, 0.8, "reals"), (10, 0.9, "reals")]
)
def test_the_bound_is_the_value_of_the_relaxation(n, density, kind):
    graph = random_graph(n, density, seed=n, weights=kind)
    A = graph.adjacency().toarray()
    value = relaxation_by_cvxpy(A)
    bound = checked(graph)
    scale = float(np.abs(A).sum())
    # from below: exactly, up to what the other solver leaves open; from above: what smoothing leaves
    assert value - 1e-5 * scale <= bound.value <= value + 2e-3 * scale


def test_the_complete_graph_on_seven_vertices_has_the_known_value():
    # x = -1/6 for all pairs is feasible and optimal by symmetry: 21 (1 + 1/6) / 2
    bound = checked(as_graph(nx.complete_graph(7)))
    assert bound.value == pytest.approx(12.25, abs=1e-6)


def test_limits_and_an_interrupt_leave_a_bound():
    graph = random_graph(30, 0.6, seed=1, weights="signs")
    plain = checked(graph, max_rounds=0)
    assert plain.rounds == 0
    assert plain.active == 0
    better = checked(graph, max_rounds=20)
    assert better.exact < plain.exact
    assert better.active > 0

    def press(progress):
        raise KeyboardInterrupt

    stopped = checked(graph, on_progress=press, on_interrupt="return")
    assert stopped.interrupted
    late = checked(graph, time_limit=1e-9)
    assert not late.interrupted
    assert "limit of time" in late.reason
    assert late.exact == stopped.exact == plain.exact


def test_equal_input_gives_equal_proofs_and_a_given_cut_is_kept():
    graph = random_graph(24, 0.7, seed=2, weights="reals")
    first = triangle_bound(graph, max_rounds=15)
    assert first.proof == triangle_bound(graph, max_rounds=15).proof
    again = checked(graph, signs=first.signs, max_rounds=0)
    assert exact_cut(graph, again.signs) >= exact_cut(graph, first.signs)


@pytest.mark.parametrize("power", [-30, 30])
def test_a_change_of_unit_changes_nothing_else(power):
    graph = random_graph(16, 0.8, seed=4, weights="reals")
    i, j, w = graph.edges()
    first = triangle_bound(graph, max_rounds=6)
    other = triangle_bound(WeightedGraph.from_edges(i, j, np.ldexp(w, power), n=16), max_rounds=6)
    assert other.exact == first.exact * Fraction(2) ** power


def test_nothing_is_left_of_a_tree():
    graph = as_graph(nx.balanced_tree(2, 3))
    bound = checked(graph)
    assert bound.complete
    assert bound.exact == 14 == exact_cut(graph, bound.signs)
    assert bound.vertices.size == 0


# --- what is left of a graph -------------------------------------------------------------------------------


@settings(max_examples=150)
@given(graphs(min_n=3, max_n=9), st.data())
def test_signs_lifted_through_operations_weigh_what_the_rest_says(graph, data):
    remaining = EliminatedGraph(ExactGraph.from_graph(graph), graph.n)
    u = data.draw(st.integers(0, graph.n - 2))
    opposite = data.draw(st.booleans())
    remaining.contract(u, graph.n - 1, opposite=opposite)
    remaining.eliminate_low_degrees()
    left = remaining.vertices()
    signs = np.array(
        data.draw(st.lists(st.sampled_from([-1, 1]), min_size=left.size, max_size=left.size)), np.int8
    )
    lifted = remaining.lift(signs)
    assert (lifted[u] != lifted[-1]) == opposite
    inner = sum(w for a, b, w in remaining.exact.edges() if lifted[a] != lifted[b])
    assert exact_cut(graph, lifted) == remaining.exact.value(remaining.exact.offset + inner)
    A, top = remaining.matrix()
    assert A.shape == (left.size, left.size)
    assert np.abs(A).max(initial=0.5) < 1.0 or not np.abs(A).any()
    for a, b, w in remaining.exact.edges():
        p, q = np.searchsorted(left, [a, b])
        assert A[p, q] == A[q, p] == float(Fraction(w) / Fraction(2) ** top)


# --- kernels -----------------------------------------------------------------------------------------------


def slacks(X):
    """Slack of every triangle inequality, by its row."""
    n = len(X)
    return {
        (i, j, k, flip): 1 + p * X[i, j] + q * X[i, k] + r * X[j, k]
        for i, j, k in itertools.combinations(range(n), 3)
        for flip, (p, q, r) in enumerate(SIGNS)
    }


def correlations(n, seed):
    V = hashed(n, 3, seed=seed)
    V /= np.linalg.norm(V, axis=1)[:, None]
    X = V @ V.T
    np.fill_diagonal(X, 1.0)
    return X


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("limit", [5, 10_000])
def test_separation_is_enumeration(seed, limit):
    X = correlations(12, seed)
    found, slack = np.empty((limit, 4), dtype=np.int32), np.empty(limit)
    count = triangle_search.violated_triangles(X, -0.05, found, slack)
    every = slacks(X)
    worst = {}
    for row, value in every.items():
        worst[row[:3]] = min(worst.get(row[:3], np.inf), value)
    expected = sorted(value for value in worst.values() if value < -0.05)[:limit]
    assert np.sort(slack[:count]) == pytest.approx(np.array(expected))
    for row, value in zip(found[:count].tolist(), slack[:count], strict=True):
        assert value == pytest.approx(every[tuple(row)])
    assert len({tuple(row) for row in found[:count].tolist()}) == count


def test_hyperplane_signs_are_signs_of_products():
    V, directions = hashed(9, 4, seed=1), hashed(6, 4, seed=2)
    V[3] = 0.0
    signs = np.empty((6, 9), dtype=np.int8)
    triangle_search.hyperplane_signs(V, directions, signs)
    assert (signs == np.where(directions @ V.T >= 0, 1, -1)).all()


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 20])
@pytest.mark.parametrize("case", ["plain", "diagonal", "blocks", "low rank"])
def test_eigenvalues_and_projection_are_those_of_lapack(n, case):
    M = hashed(n, n, seed=n)
    M = M + M.T
    if case == "diagonal":
        M = np.diag(np.diag(M))
    elif case == "blocks":
        M[: n // 2, n // 2 :] = M[n // 2 :, : n // 2] = 0.0
    elif case == "low rank":
        M = np.outer(M[0], M[0]) - np.outer(M[-1], M[-1])
    values, vectors = np.linalg.eigh(M)
    d, e, p, beta = np.empty((4, n))
    triangle_kernels.tridiagonalise(M.copy(), beta, d, e, p)
    assert np.sum(d) == pytest.approx(np.trace(M))
    triangle_kernels.diagonalise(d, e, np.empty((0, 0)))
    assert np.sort(d) == pytest.approx(values, abs=1e-12)
    X, B, *Z = np.empty((5, n, n))
    total = triangle_kernels.positive_part(M.copy(), X, d, np.empty((3, n)), np.concatenate(Z), B)
    positive = np.maximum(values, 0.0)
    assert total == pytest.approx(float(positive @ positive), abs=1e-12)
    assert pytest.approx((vectors * positive) @ vectors.T, abs=1e-12) == X
    kept = B[:, : np.count_nonzero(d > 0)]
    assert pytest.approx((kept * d[d > 0]) @ kept.T, abs=1e-12) == X


def test_rotations_that_do_not_fit_are_kept_in_a_longer_array():
    d, e = hashed(2, 12, seed=5)
    T = np.diag(d) + np.diag(e[:-1], 1) + np.diag(e[:-1], -1)
    used, turns = triangle_kernels.diagonalise(d, e, np.empty((1, 3)))
    assert 1 < used <= len(turns)
    Q = np.eye(12)
    for sine, cosine, k in turns[:used].tolist():
        i = int(k)
        Q[[i, i + 1]] = cosine * Q[i] - sine * Q[i + 1], sine * Q[i] + cosine * Q[i + 1]
    assert pytest.approx(np.diag(d), abs=1e-12) == Q @ T @ Q.T


def some_rows(n, triangles, pentagons):
    """Evenly spread triangles and pentagons with all kinds of signs."""
    three = [(*t, k % 4) for k, t in enumerate(itertools.combinations(range(n), 3))]
    five = [(*t, 2 * (k % 16)) for k, t in enumerate(itertools.combinations(range(n), 5))]
    some = np.array(three[:: len(three) // triangles])
    return np.concatenate([triangle_rows(some), np.array(five[:: len(five) // pentagons], dtype=np.int32)])


def plain_dual(A, rows, z, alpha):
    """Value, gradient, primal matrix and unsmoothed bound, by the formulas."""
    n = len(A)
    y, multipliers = z[:n], z[n:]
    signed = np.zeros((len(rows), n))
    for b, (*corners, flips) in zip(signed, rows.tolist(), strict=True):
        for a, v in enumerate(corners):
            if v >= 0:
                b[v] = -1.0 if flips >> a & 1 else 1.0
    sizes = np.abs(signed).sum(axis=1)
    N = -A - np.diag(y)
    for b, g in zip(signed, multipliers, strict=True):
        N += g * (np.outer(b, b) - np.diag(b * b))
    values, vectors = np.linalg.eigh(N)
    positive = np.maximum(values, 0.0)
    X = (vectors * positive) @ vectors.T / alpha
    linear = y.sum() + (sizes - 1.0) @ multipliers
    value = linear + positive @ positive / (2 * alpha) + alpha * n * n / 2
    over_pairs = np.array([b @ X @ b - (b * b) @ np.diag(X) for b in signed])
    gradient = np.concatenate([1.0 - np.diag(X), sizes - 1.0 + over_pairs])
    return value, gradient, X, linear + n * max(0.0, values[-1])


def setting(n=9, seed=3):
    A = hashed(n, n, seed=seed)
    A = A + A.T
    np.fill_diagonal(A, 0.0)
    rows = some_rows(n, 16, 12)
    z = np.concatenate([hashed(n, seed=seed + 1), np.abs(hashed(len(rows), seed=seed + 2))])
    return A, rows, z


def test_the_smoothed_dual_is_its_formula_and_its_gradient_is_its_gradient():
    A, rows, z = setting()
    n, alpha = len(A), 0.3
    gradient, X, d = np.empty(z.size), np.empty((n, n)), np.empty(n)
    value = triangle_kernels.smooth_dual(A, rows, z, alpha, gradient, X, d, np.empty((5 * n + 3, n)))
    expected = plain_dual(A, rows, z, alpha)
    assert value == pytest.approx(expected[0])
    assert gradient == pytest.approx(expected[1])
    assert pytest.approx(expected[2]) == X
    for k in range(0, z.size, 4):
        step = np.zeros(z.size)
        step[k] = 1e-5
        up, down = (plain_dual(A, rows, z + s * step, alpha)[0] for s in (1, -1))
        assert (up - down) / 2e-5 == pytest.approx(expected[1][k], abs=1e-5)


def minimised(A, rows, z, alpha, limit, target=-np.inf):
    n, best, out = len(A), np.empty(z.size), np.array([np.inf, 0.0, 0.0, 0.05])
    X, d, memory, ring = np.empty((n, n)), np.empty(n), np.zeros((15, z.size)), np.array([0, -1])
    used = triangle_kernels.minimise_dual(
        A, rows, z, best, alpha, limit, target, 1e-7, X, d, np.empty((5 * n + 3, n)), memory, ring, out
    )
    return used, out, best


def test_minimisation_finds_the_minimum_over_non_negative_multipliers():
    A, rows, z = setting()
    n, alpha = len(A), 0.3
    other = minimize(
        lambda x: plain_dual(A, rows, x, alpha)[:2],
        z,
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None)] * n + [(0.0, None)] * len(rows),
        options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-9},
    )
    used, out, best = minimised(A, rows, z, alpha, 2000)
    assert used < 2000
    assert out[1] == pytest.approx(other.fun, rel=1e-9)
    assert (z[n:] >= 0).all()
    assert out[2] <= 1e-7
    # the multipliers kept are those of the lowest bound, with y raised so that no eigenvalue is positive
    bound = plain_dual(A, rows, best, alpha)[3]
    assert bound == pytest.approx(out[0])
    sizes = np.where(rows[:, 3] < 0, 3, 5)
    assert best[:n].sum() + (sizes - 1) @ best[n:] == pytest.approx(out[0])
    assert out[0] <= plain_dual(A, rows, z, alpha)[3] + 1e-12


def test_minimisation_stops_at_its_limits():
    A, rows, z = setting()
    assert minimised(A, rows, z.copy(), 0.3, 1)[0] == 1
    assert minimised(A, rows, z.copy(), 0.3, 500, target=1e9)[0] == 1
    used, out, _ = minimised(A, rows, z.copy(), 0.3, 7)
    assert used <= 8
    assert out[1] <= plain_dual(A, rows, z, 0.3)[0]
