"""Upper bounds on the maximum cut: above the brute-force optimum for any dual vector, whatever the weights."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import REALS, SMALL_INTEGERS, WIDE, catalogue, graphs, random_graph
from tests.oracles import brute_force_maxcut, is_positive_semidefinite

from derandkit.certificates.cuts.psd import prove_positive_semidefinite
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.relaxation import dual_bound as bounds
from derandkit.signs.relaxation.dual_bound import choose_proof, dual_bound
from derandkit.signs.values import weak_duality_bound


def exact_dual_value(graph, diagonal):
    entries = [*graph.weights.tolist(), *diagonal.tolist()]
    return sum((Fraction(x) for x in entries), Fraction(0)) / 4


@settings(deadline=None, max_examples=150)
@given(graphs(max_n=8), st.data())
def test_any_dual_vector_gives_a_bound(graph, data):
    """Negative, zero, tiny and huge y; integer, real and wide weights: the bound is never below the optimum."""
    scale = float(np.abs(graph.weights).max(initial=1.0))
    entries = st.one_of(
        st.just(0.0),
        st.floats(-5, 5, allow_subnormal=False),
        st.sampled_from([-1e9, 1e9, 1e-9, -1e-9]),
    )
    y = scale * np.array(data.draw(st.lists(entries, min_size=graph.n, max_size=graph.n)))
    bound = dual_bound(graph, y)
    optimum, _ = brute_force_maxcut(graph)
    assert Fraction(bound.value) >= optimum
    assert Fraction(bound.value) >= exact_dual_value(graph, bound.diagonal)
    assert bound.certified
    proof = prove_positive_semidefinite(graph.adjacency(), bound.diagonal, bound.method)
    assert (proof.proven, proof.method) == (True, bound.method)


@settings(deadline=None, max_examples=40)
@given(graphs(max_n=6, weights=st.one_of(SMALL_INTEGERS, REALS)), st.data())
def test_the_matrix_behind_a_certified_bound_is_semidefinite_in_rational_arithmetic(graph, data):
    y = np.array(data.draw(st.lists(st.floats(-3, 12, width=32), min_size=graph.n, max_size=graph.n)))
    bound = dual_bound(graph, y)
    assert bound.certified
    assert is_positive_semidefinite(graph.adjacency().toarray() + np.diag(bound.diagonal))


@pytest.mark.parametrize("exponent", [-9, -3, 0, 4, 11])
def test_the_bound_is_as_good_as_the_dual_vector(exponent):
    """At a dual optimum (a vertex-transitive graph: a constant) the loss stays within the precision asked for."""
    for known in catalogue():
        if known.name not in ("petersen", "cycle-5", "cycle-9", "complete-5", "icosahedron"):
            continue
        scale = 10.0**exponent
        i, j, w = known.graph.edges()
        graph = WeightedGraph.from_edges(i, j, scale * w, n=known.graph.n)
        low = float(np.linalg.eigvalsh(graph.adjacency().toarray())[0])
        for gap in (1e-2, 1e-4, 1e-6):
            bound = dual_bound(graph, np.full(graph.n, -low), duality_gap=gap)
            assert bound.certified
            assert known.sdp * scale * (1 - 1e-12) <= bound.value <= known.sdp * scale * (1 + gap)


SATURATED = [known for known in catalogue() if known.cut == known.graph.positive_weight]


@pytest.mark.parametrize("known", SATURATED, ids=lambda known: known.name)
def test_bipartite_and_negative_graphs_are_bounded_exactly_by_dominance(known):
    graph = known.graph
    y = np.abs(graph.adjacency().toarray()).sum(axis=1)
    bound = dual_bound(graph, y)
    assert (bound.value, bound.method, bound.certified) == (known.cut, "diagonal-dominance", True)
    nearly = dual_bound(graph, y * (1 - 1e-5))
    assert (nearly.value, nearly.method, nearly.certified) == (known.cut, "diagonal-dominance", True)


@settings(deadline=None)
@given(st.lists(WIDE, max_size=20), st.lists(WIDE, max_size=8))
def test_weak_duality_rounds_upward(weights, diagonal):
    found = weak_duality_bound(np.array(weights), np.array(diagonal))
    exact = sum((Fraction(x) for x in [*weights, *diagonal]), Fraction(0)) / 4
    assert Fraction(found) >= exact
    assert found <= math.nextafter(math.nextafter(float(exact), math.inf), math.inf)


def test_weak_duality_is_exact_for_integers():
    assert weak_duality_bound(np.array([3.0, 3.0]), np.array([1.0, 1.0])) == 2.0


@settings(deadline=None)
@given(st.lists(st.integers(2**51 - 4, 2**51 + 4), min_size=6, max_size=9), st.integers(0, 3))
def test_weak_duality_rounds_sums_of_integers_upward_that_are_no_doubles(numbers, split):
    """A quarter of the sum may be below 2^52 where the sum itself was rounded down."""
    entries = np.array(numbers, dtype=np.float64)
    found = weak_duality_bound(entries[split:], entries[:split])
    assert Fraction(found) >= Fraction(sum(numbers), 4)


@settings(deadline=None)
@given(st.floats(1e-290, 1e300))
def test_outward_keeps_two_digits_and_never_falls(x):
    rounded = bounds._outward(x)
    assert x <= rounded * (1 + 1e-15)
    assert rounded <= 1.1 * x * (1 + 1e-12)
    digits = f"{rounded:.14e}".split("e")[0].replace(".", "").rstrip("0")
    assert len(digits) <= 2


def big_sparse(n, kind):
    k = np.arange(n)
    if kind == "path":
        return WeightedGraph.from_edges(k[:-1], k[1:])
    # circulant: every vertex meets the next 40, far too much fill for a sparse elimination of this order
    offsets = np.arange(1, 41) * 37
    return WeightedGraph.from_edges(np.repeat(k, 40), (np.repeat(k, 40) + np.tile(offsets, n)) % n)


def test_choose_proof():
    assert choose_proof(big_sparse(1500, "path"))[0] == "dense-cholesky"
    assert choose_proof(big_sparse(3000, "path"))[0] == "sparse-ldl"
    assert choose_proof(big_sparse(50_000, "path"))[0] == "sparse-ldl"
    assert choose_proof(big_sparse(3000, "dense"))[0] == "dense-cholesky"
    method, reason = choose_proof(big_sparse(12_000, "dense"))
    assert method is None
    assert "fill" in reason


def test_isolated_vertices_do_not_count():
    """A hundred thousand isolated vertices leave the matrix as small as it was."""
    lonely = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], n=100_000)
    assert choose_proof(lonely) == ("dense-cholesky", "order 3")
    bound = dual_bound(lonely, np.where(np.arange(lonely.n) < 3, 1.0, 0.0), smallest=0.0)
    assert bound.certified
    assert 2.25 <= bound.value <= 2.25 * (1 + 1e-9)
    assert not bound.diagonal[3:].any()


def test_without_a_proof_the_bound_is_marked_estimated():
    """Where no factorisation is practical and no test is made, as after an interrupt."""
    graph = random_graph(30, 0.3, seed=2)
    y = np.full(30, -float(np.linalg.eigvalsh(graph.adjacency().toarray())[0]))
    bound = dual_bound(graph, y, proof=(None, "too large for this test"), chances=0)
    assert (bound.status, bound.method, bound.certified) == ("estimated", "lanczos", False)
    assert "too large for this test" in bound.reason
    assert bound.value >= dual_bound(graph, y).value * (1 - 1e-4)


def test_a_wrong_eigenvalue_estimate_costs_a_proof_never_the_truth():
    """Told that y is feasible when it is far from it, the shift grows until a proof runs through."""
    graph = random_graph(12, 0.6, seed=3)
    optimum, _ = brute_force_maxcut(graph)
    bound = dual_bound(graph, np.zeros(12), smallest=0.0)
    assert bound.certified
    assert Fraction(bound.value) >= optimum
    unproven = dual_bound(graph, np.zeros(12), smallest=-0.1, proof=(None, "asked for none"), chances=0)
    assert not unproven.certified
    assert unproven.method == "lanczos"
    slightly = dual_bound(graph, np.zeros(12),
                          smallest=0.6 * float(np.linalg.eigvalsh(graph.adjacency().toarray())[0]))  # fmt: skip
    assert slightly.certified
    assert Fraction(slightly.value) >= optimum


@settings(deadline=None)
@given(graphs(max_n=8, weights=REALS))
def test_a_sparse_proof_gives_the_same_kind_of_bound(graph):
    y = np.abs(graph.adjacency().toarray()).sum(axis=1) * 0.6
    optimum, _ = brute_force_maxcut(graph)
    bound = dual_bound(graph, y, proof=("sparse-ldl", "asked for"))
    assert Fraction(bound.value) >= optimum
    assert bound.certified


def test_subnormal_weights():
    """Weights at the bottom of the floating-point range: a bound, no warning."""
    graph = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [1e-320] * 3)
    optimum, _ = brute_force_maxcut(graph)
    assert Fraction(dual_bound(graph, np.full(3, 1e-320)).value) >= optimum
