"""Every kernel of the relaxation and of the spread descent does what its twin says."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests import oracles, reference
from tests.catalogue import REALS, SMALL_INTEGERS, graphs, hashed, matrices, random_graph, unit, vectors

from derandkit.numerics.hashing import hashed_uniform
from derandkit.signs import kernels


def dense(graph):
    return graph.adjacency().toarray()


def arcs(graph):
    return graph.indptr, graph.indices, graph.weights


@st.composite
def graph_with_rows(draw, weights=REALS):
    graph = draw(graphs(weights=weights))
    return graph, unit(draw(matrices(graph.n)))


@st.composite
def graph_with_signs(draw):
    graph = draw(graphs(weights=SMALL_INTEGERS))
    bits = draw(st.lists(st.booleans(), min_size=graph.n, max_size=graph.n))
    return graph, np.where(bits, 1, -1).astype(np.int8)


@pytest.mark.parametrize("first", [0, 1, 1000, 2**40])
def test_hashed_uniform_is_splitmix64(first):
    out = np.empty(50)
    hashed_uniform(first, out)
    np.testing.assert_array_equal(out, reference.hashed_uniform(first, 50))
    assert (np.abs(out) < 1).all()


def test_hashed_uniform_continues_where_it_stopped():
    whole, tail = np.empty(100), np.empty(40)
    hashed_uniform(0, whole)
    hashed_uniform(60, tail)
    np.testing.assert_array_equal(whole[60:], tail)


def test_hashed_uniform_has_the_moments_of_the_uniform_law():
    out = np.empty(100_000)
    hashed_uniform(0, out)
    assert abs(out.mean()) < 4 / math.sqrt(3 * out.size)
    assert abs((out**2).mean() - 1 / 3) < 4 * math.sqrt(4 / 45 / out.size)
    assert abs((out[1:] * out[:-1]).mean()) < 4 / 3 / math.sqrt(out.size)


@settings(deadline=None)
@given(graph_with_rows())
def test_normalise_rows(pair):
    _, V = pair
    scaled = V * (1.0 + np.arange(len(V)))[:, None]
    kernels.normalise_rows(scaled)
    np.testing.assert_allclose(scaled, V, atol=1e-15)
    zero = np.zeros((2, 3))
    kernels.normalise_rows(zero)
    np.testing.assert_array_equal(zero, [[1, 0, 0], [1, 0, 0]])


@settings(deadline=None)
@given(graph_with_rows())
def test_mixing_sweep_is_its_twin(pair):
    graph, V = pair
    expected, y, fall = reference.mixing_sweep(dense(graph), V)
    # a pull that cancels to rounding error has no direction to compare
    live = y[np.diff(graph.indptr) > 0]
    if (live < 1e-6).any():
        return
    out, norms = V.copy(), np.empty(graph.n)
    found = kernels.mixing_sweep(*arcs(graph), out, np.empty(V.shape[1]), norms)
    np.testing.assert_allclose(out, expected, atol=1e-7)
    np.testing.assert_allclose(norms, y, atol=1e-9)
    assert found == pytest.approx(fall, abs=1e-9)


@settings(deadline=None)
@given(graph_with_rows())
def test_mixing_sweep_lowers_the_objective_by_what_it_returns(pair):
    graph, V = pair
    g, y = np.empty(V.shape[1]), np.empty(graph.n)
    before = kernels.pull_norms(*arcs(graph), V, g, y)
    fall = kernels.mixing_sweep(*arcs(graph), V, g, y)
    after = kernels.pull_norms(*arcs(graph), V, g, y)
    scale = 1e-12 * (1.0 + np.abs(graph.weights).sum())
    assert fall >= -scale
    assert before - after == pytest.approx(fall, abs=scale)
    np.testing.assert_allclose(np.linalg.norm(V, axis=1), 1.0, atol=1e-14)


@settings(deadline=None)
@given(matrices(6, max_columns=9), st.floats(0.0, 1.0), st.sampled_from([np.float64, np.float32]))
def test_extrapolate_goes_on_in_the_direction_of_the_last_step(V, beta, precision):
    V = V + np.eye(6, V.shape[1]) + 0.5
    assume(np.linalg.norm(V, axis=1).min() > 1e-3)
    V /= np.linalg.norm(V, axis=1)[:, None]
    here, before = V.astype(precision), V[::-1].astype(precision)
    moved, kept = here.copy(), before.copy()
    kernels.extrapolate(moved, kept, precision(beta))
    np.testing.assert_array_equal(kept, here)
    onward = here + beta * (here - before)
    lengths = np.linalg.norm(onward, axis=1)
    tolerance = 1e-5 if precision is np.float32 else 1e-12
    for row, far, length in zip(moved, onward, lengths, strict=True):
        if length > 1e-3:
            np.testing.assert_allclose(row, far / length, atol=tolerance / min(1.0, length))


@settings(deadline=None)
@given(graph_with_rows())
def test_pull_norms_is_its_twin(pair):
    graph, V = pair
    y = np.empty(graph.n)
    total = kernels.pull_norms(*arcs(graph), V, np.empty(V.shape[1]), y)
    norms, expected = reference.pull_norms(dense(graph), V)
    np.testing.assert_allclose(y, norms, atol=1e-12)
    assert total == pytest.approx(expected, abs=1e-11)


@settings(deadline=None)
@given(st.integers(0, 40), st.sampled_from([1.0, 0.03, 1e-4]), st.sampled_from(["reals", "signs"]))
def test_spread_sweep_is_its_twin(seed, delta, weights):
    graph = random_graph(9, 0.5, seed=seed, weights=weights)
    V = unit(hashed(9, 4, seed=seed))
    expected, moved = reference.spread_sweep(dense(graph), V, delta)
    found = kernels.spread_sweep(*arcs(graph), V, delta, np.empty(4))
    np.testing.assert_allclose(V, expected, atol=1e-9)
    assert found == pytest.approx(moved, abs=1e-9)


def test_spread_sweep_keeps_rows_without_a_pull():
    graph = random_graph(6, 0.0)
    V = unit(hashed(6, 3))
    before = V.copy()
    assert kernels.spread_sweep(*arcs(graph), V, 0.1, np.empty(3)) == 0.0
    np.testing.assert_array_equal(V, before)


@pytest.mark.parametrize("delta", [1.0, 0.1, 0.02])
def test_spread_sweep_turns_against_the_gradient_of_the_smoothed_objective(delta):
    """``(2/pi) sum_{i<j} a_ij arcsin(v_i.v_j / (1 + tau^2))`` has the gradient that the docstring states."""
    graph = random_graph(7, 0.6, weights="reals")
    A, V = dense(graph), unit(hashed(7, 3, seed=4))
    tau2 = math.sqrt(1.0 + delta) - 1.0

    def smoothed(X):
        return 2 / math.pi * float(np.sum(np.triu(A * np.arcsin(X @ X.T / (1.0 + tau2)), 1)))

    gradient = oracles.gradient_by_differences(smoothed, V)
    np.testing.assert_allclose(gradient, 2 / math.pi * reference.spread_gradient(A, V, delta), atol=1e-8)


@settings(deadline=None)
@given(graph_with_rows())
def test_hyperplane_expectation_is_its_twin(pair):
    graph, V = pair
    expected = reference.hyperplane_expectation(dense(graph), V)
    assert kernels.hyperplane_expectation(*arcs(graph), V) == pytest.approx(expected, abs=1e-6)


def test_hyperplane_expectation_is_the_average_over_hyperplanes():
    """In the plane every cut of a hyperplane is met once per turn: average over a fine ring of angles."""
    graph, angles = random_graph(8, 0.7, weights="positive"), 3.0 * hashed(8)
    V = np.column_stack([np.cos(angles), np.sin(angles)])
    ring = 2 * math.pi * (np.arange(20_000) + 0.5) / 20_000
    sides = V @ np.vstack([np.cos(ring), np.sin(ring)]) >= 0
    i, j, w = graph.edges()
    average = float(w @ (sides[i] != sides[j]).mean(axis=1))
    assert kernels.hyperplane_expectation(*arcs(graph), V) == pytest.approx(average, rel=1e-3)


@settings(deadline=None)
@given(graph_with_signs(), st.randoms(use_true_random=False))
def test_flip_sweep_is_its_twin(pair, shuffler):
    graph, signs = pair
    order = list(range(graph.n))
    shuffler.shuffle(order)
    order = np.array(order, dtype=np.int64)
    last = np.array([shuffler.random() < 0.7 for _ in order], dtype=np.int8)
    expected = reference.flip_sweep(dense(graph), order, last, signs)
    sweeping = signs.copy()
    assert kernels.flip_sweep(*arcs(graph), order, last, sweeping) == expected
    np.testing.assert_array_equal(sweeping, -signs)


@settings(deadline=None)
@given(graph_with_signs(), st.randoms(use_true_random=False), st.integers(1, 4))
def test_flip_sweep_parts_finds_the_best_of_every_part(pair, shuffler, parts):
    graph, signs = pair
    order = list(range(graph.n))
    shuffler.shuffle(order)
    order = np.array(order, dtype=np.int64)
    last = np.array([shuffler.random() < 0.7 for _ in order], dtype=np.int8)
    part = np.sort(np.array([shuffler.randrange(parts) for _ in order], dtype=np.int64))
    A, current = dense(graph), signs.copy()
    seen = {0: [(0.0, 0)]}
    for k, i in enumerate(order):
        current[i] = -current[i]
        if last[k]:
            gain = reference.cut_weight(A, current) - reference.cut_weight(A, signs)
            seen.setdefault(int(part[k]), []).append((gain, k + 1))
    gains, counts = np.full(parts, -math.inf), np.zeros(parts, dtype=np.int64)
    kernels.flip_sweep_parts(*arcs(graph), order, last, part, signs.copy(), gains, counts)
    for q in range(parts):
        if q not in seen:
            assert gains[q] == -math.inf
            continue
        assert gains[q] == pytest.approx(max(gain for gain, _ in seen[q]), abs=1e-9)
        assert any(
            count == counts[q] and gain == pytest.approx(gains[q], abs=1e-9) for gain, count in seen[q]
        )


@settings(deadline=None)
@given(graphs(weights=SMALL_INTEGERS, max_n=7), st.data())
def test_greedy_round_is_its_twin_and_loses_nothing(graph, data):
    eighths = st.integers(-8, 8).map(lambda k: k / 8)  # exact in every sum, so that ties are ties
    moments = np.array(data.draw(st.lists(eighths, min_size=graph.n, max_size=graph.n)))
    chances = 0.5 * (1.0 + moments)
    rounded = moments.copy()
    kernels.greedy_round(*arcs(graph), rounded)
    np.testing.assert_array_equal(rounded, reference.greedy_round(dense(graph), moments))
    assert float(graph.cut_value(rounded)) >= oracles.expected_cut_of_coins(graph, chances) - 1e-12


@settings(deadline=None)
@given(graph_with_signs(), st.integers(0, 5))
def test_one_flip_is_its_twin(pair, sweeps):
    graph, signs = pair
    expected, flips = reference.one_flip(dense(graph), signs, sweeps, 0.0)
    found = signs.copy()
    assert kernels.one_flip(*arcs(graph), found, sweeps, 0.0) == flips
    np.testing.assert_array_equal(found, expected)
    assert (
        graph.cut_value(found) >= graph.cut_value(signs) + flips
    )  # integer weights: a flip gains at least 1


@settings(deadline=None)
@given(graph_with_signs())
def test_one_flip_ends_where_no_flip_gains(pair):
    graph, signs = pair
    kernels.one_flip(*arcs(graph), signs, 10_000, 0.0)
    here = graph.cut_value(signs)
    for i in range(graph.n):
        other = signs.copy()
        other[i] = -other[i]
        assert graph.cut_value(other) <= here


def test_one_flip_respects_its_margin():
    graph = random_graph(8, 0.5, weights="ones")
    signs = np.ones(8, dtype=np.int8)
    assert kernels.one_flip(*arcs(graph), signs, 10, 100.0) == 0
    np.testing.assert_array_equal(signs, 1)


@settings(deadline=None)
@given(st.data())
def test_kernels_leave_the_graph_alone(data):
    graph = data.draw(graphs(weights=SMALL_INTEGERS))
    moments = data.draw(vectors(graph.n, bound=1.0))
    digest = graph.digest
    kernels.greedy_round(*arcs(graph), moments)
    assert replace(graph).digest == digest
