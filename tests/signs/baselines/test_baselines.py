"""The deterministic baselines keep their promises, against enumeration and plain reimplementations."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import oracles
from tests.catalogue import SMALL_INTEGERS, catalogue, graphs, hashed, matrices, random_graph, unit

from derandkit.signs.baselines.deterministic import (
    conditional_hyperplane,
    fair_coins,
    improved,
    pairwise_seeds,
    rank2_sweep,
)
from derandkit.signs.baselines.kernels import coins_by_gain, coins_in_order, walsh_hadamard

INTEGER_GRAPHS = graphs(weights=SMALL_INTEGERS)


def half(graph):
    return sum((Fraction(float(w)) for w in graph.edges()[2]), Fraction(0)) / 2


def exact(graph, signs):
    return oracles.exact_cut(graph, signs)


def rounding(graph):
    """What a sum of floating-point weights may be off."""
    return 1e-12 * Fraction(float(np.abs(graph.weights).sum()) + 1e-300)


def coins_one_by_one(graph, order):
    """Fair coins: each choice maximises the expected cut given the choices so far, by the definition."""
    A = graph.adjacency().toarray()
    expectations = np.zeros(graph.n)
    for v in order:
        values = []
        for side in (1, -1):
            expectations[v] = side
            values.append(-0.25 * expectations @ A @ expectations)
        expectations[v] = 1 if values[0] >= values[1] else -1
    return expectations.astype(np.int8)


@settings(deadline=None, max_examples=80)
@given(INTEGER_GRAPHS, st.randoms(use_true_random=False))
def test_coins_in_order_are_conditional_expectations(graph, order):
    vertices = list(range(graph.n))
    order.shuffle(vertices)
    signs = np.zeros(graph.n, dtype=np.int8)
    arcs = (graph.indptr, graph.indices, graph.weights)
    coins_in_order(*arcs, np.array(vertices), signs)
    assert (signs == coins_one_by_one(graph, vertices)).all()


@settings(deadline=None, max_examples=80)
@given(INTEGER_GRAPHS, st.randoms(use_true_random=False))
def test_coins_by_gain_decide_the_largest_pull_next(graph, order):
    n = graph.n
    vertices = list(range(n))
    order.shuffle(vertices)
    A = graph.adjacency().toarray()
    expected, undecided = np.zeros(n), list(vertices)
    while undecided:
        pulls = A @ expected
        v = max(undecided, key=lambda u: (abs(pulls[u]), -vertices.index(u)))
        expected[v] = -1 if pulls[v] > 0 else 1
        undecided.remove(v)
    signs = np.zeros(n, dtype=np.int8)
    heap, place, rank = (np.empty(n, dtype=np.int64) for _ in range(3))
    arcs = (graph.indptr, graph.indices, graph.weights)
    coins_by_gain(*arcs, np.array(vertices), heap, place, rank, np.empty(n), signs)
    assert (signs == expected).all()


def test_the_heap_holds_on_a_larger_graph():
    """Equal to the quadratic loop where the heap is deep and pulls move both ways."""
    graph = random_graph(150, 0.1, weights="signs")
    order = np.argsort(-graph.degrees, kind="stable")
    A = graph.adjacency().toarray()
    expected, left = np.zeros(graph.n), np.ones(graph.n, dtype=bool)
    for _ in range(graph.n):
        pulls = np.where(left, np.abs(A @ expected), -1.0)[order]
        v = order[np.argmax(pulls)]
        expected[v] = -1 if A[v] @ expected > 0 else 1
        left[v] = False
    assert fair_coins(graph).stats["values"]["gain"] == graph.cut_value(expected)


@settings(deadline=None, max_examples=80)
@given(graphs(), st.booleans())
def test_fair_coins_and_pairwise_seeds_cut_half_the_weight(graph, local_search):
    for found in (
        fair_coins(graph, local_search=local_search),
        pairwise_seeds(graph, local_search=local_search),
    ):
        value = exact(graph, found.signs)
        assert value >= half(graph) - rounding(graph)
        assert found.value == pytest.approx(float(value), rel=1e-15)
        assert found.deterministic


@settings(deadline=None, max_examples=50)
@given(INTEGER_GRAPHS)
def test_the_best_of_three_orders_is_reported(graph):
    found = fair_coins(graph)
    values = found.stats["values"]
    assert found.value == max(values.values()) == values[found.stats["order"]]


@pytest.mark.parametrize("k", range(7))
def test_walsh_hadamard_is_its_definition(k):
    x = hashed(2**k)
    parity = np.array([[(s & d).bit_count() % 2 for d in range(2**k)] for s in range(2**k)])
    expected = (1 - 2 * parity) @ x
    walsh_hadamard(x)
    np.testing.assert_allclose(x, expected, atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(graphs(weights=SMALL_INTEGERS, min_n=1, max_n=12))
def test_the_best_seed_is_found_among_all(graph):
    found = pairwise_seeds(graph)
    bits = math.ceil(math.log2(graph.n + 1))
    assert found.stats["seeds"] == 2**bits
    cuts = []
    for seed in range(2**bits):
        signs = [1 - 2 * ((seed & v).bit_count() % 2) for v in range(1, graph.n + 1)]
        cuts.append(exact(graph, signs))
    assert found.value == max(cuts)
    assert found.stats["seed"] == cuts.index(max(cuts))
    # pairwise independence, as it shows: the mean over the seeds is exactly half the weight
    assert sum(cuts, Fraction(0)) / len(cuts) == half(graph)


@settings(deadline=None, max_examples=60)
@given(graphs())
def test_local_search_ends_at_a_local_optimum(graph):
    start = np.where(hashed(graph.n) < 0, -1, 1).astype(np.int8)
    signs = improved(graph, start)
    value = exact(graph, signs)
    assert value >= exact(graph, start) - rounding(graph)
    largest = float(np.abs(graph.weights).max(initial=0.0))
    for v in range(graph.n):
        flipped = signs.copy()
        flipped[v] = -flipped[v]
        assert exact(graph, flipped) <= value + Fraction(1.01e-9 * largest)


@settings(deadline=None, max_examples=25)
@given(INTEGER_GRAPHS.flatmap(lambda g: st.tuples(st.just(g), matrices(g.n))), st.booleans())
def test_the_rank2_cut_keeps_the_promise_of_its_vectors(pair, local_search):
    graph, W = pair
    found = rank2_sweep(graph, unit(W), local_search=local_search)
    assert found.value >= found.stats["expectation"] - 1e-9 * float(np.abs(graph.weights).sum())
    assert found.value == exact(graph, found.signs)
    assert found.value <= oracles.brute_force_maxcut(graph)[0]


@pytest.mark.parametrize("known", catalogue(), ids=lambda k: k.name)
def test_known_optima_bound_every_baseline(known):
    graph = known.graph
    V = unit(hashed(graph.n, 3))
    for found in (
        fair_coins(graph),
        pairwise_seeds(graph),
        rank2_sweep(graph, V),
        conditional_hyperplane(graph, V),
    ):
        assert found.value <= known.cut + 1e-9
        again = improved(graph, found.signs)
        assert graph.cut_value(again) >= found.value
    if known.name.startswith(("cycle", "path", "grid", "one-edge", "bipartite", "cube", "tree")):
        assert rank2_sweep(graph, V, local_search=True).value == pytest.approx(known.cut)


@settings(deadline=None, max_examples=25)
@given(INTEGER_GRAPHS.flatmap(lambda g: st.tuples(st.just(g), matrices(g.n))), st.booleans())
def test_the_conditional_cut_is_no_worse_than_the_random_one(pair, local_search):
    graph, W = pair
    V = unit(W)
    found = conditional_hyperplane(graph, V, local_search=local_search)
    i, j, w = graph.edges()
    start = float(np.sum(w * np.arccos(np.clip(np.einsum("ij,ij->i", V[i], V[j]), -1, 1)) / math.pi))
    scale = float(np.abs(w).sum())
    assert found.stats["expectation"] == pytest.approx(start, abs=1e-4 * scale)
    assert found.value >= found.stats["final_expectation"] - 1e-9 * scale
    assert (
        found.stats["final_expectation"] >= found.stats["expectation"] - found.stats["slack"] - 1e-9 * scale
    )
    assert found.stats["slack"] <= 1e-9 * scale


def test_the_same_sides_come_out_of_a_relabelled_file():
    """Deterministic baselines see the canonical graph only."""
    graph = random_graph(40, 0.2, weights="reals")
    i, j, w = graph.edges()
    order = np.argsort(hashed(i.size), kind="stable")
    other = type(graph).from_edges(j[order], i[order], w[order], n=graph.n)
    V = unit(hashed(graph.n, 4))
    for run in (
        fair_coins,
        pairwise_seeds,
        lambda g: rank2_sweep(g, V),
        lambda g: conditional_hyperplane(g, V),
    ):
        assert run(graph).signs.tobytes() == run(other).signs.tobytes()
