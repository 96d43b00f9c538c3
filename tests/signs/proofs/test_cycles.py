"""Bounds from odd cycles: never below the optimum, exact where theory says so, and proofs that stand alone."""

import copy
import itertools
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import maximal_planar
from tests.oracles import brute_force_maxcut, exact_cut

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import largest_possible_cut, proven_bound
from derandkit.datasets import gset
from derandkit.errors import InputError
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.proofs.cycles.bound import cycle_bound
from derandkit.signs.proofs.cycles.pool import SignedGraph


def checked(graph, **options):
    """Return a bound whose proof was checked afresh."""
    bound = cycle_bound(graph, **options)
    assert proven_bound(ExactGraph.from_graph(graph), bound.proof) == bound.exact
    assert exact_cut(graph, bound.signs) <= bound.exact
    assert bound.fractional.shape == (graph.m,)
    assert ((bound.fractional >= 0) & (bound.fractional <= 1)).all()
    return bound


def rounded(graph, bound):
    return largest_possible_cut(ExactGraph.from_graph(graph), bound.exact)


@st.composite
def graphs(draw, most=9):
    n = draw(st.integers(2, most))
    pairs = list(itertools.combinations(range(n), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1))
    scale = 10.0 ** draw(st.integers(-9, 11))
    weights = [scale * draw(st.floats(-1, 1, allow_subnormal=False)) for _ in chosen]
    i, j = zip(*chosen, strict=True)
    return WeightedGraph.from_edges(i, j, weights, n=n)


@settings(max_examples=300)
@given(graphs())
def test_no_cut_is_above_the_bound_and_no_bound_is_far_above_the_positive_weights(graph):
    bound = checked(graph)
    best, _ = brute_force_maxcut(graph)
    assert bound.exact >= best
    assert bound.exact <= ExactGraph.from_graph(graph).value(ExactGraph.from_graph(graph).positive_bound())


def test_thousands_of_dense_little_graphs_with_integer_weights():
    numbers = np.random.default_rng(7)
    pairs = np.array(list(itertools.combinations(range(7), 2)))
    for _ in range(1000):
        weights = numbers.integers(-3, 4, size=len(pairs))
        graph = WeightedGraph.from_edges(pairs[:, 0], pairs[:, 1], weights, n=7)
        bound = cycle_bound(graph, max_rounds=8)
        assert bound.exact >= brute_force_maxcut(graph)[0]


def test_the_complete_graph_on_five_vertices_has_the_known_value_of_the_relaxation():
    # x = 2/3 on every edge is optimal: ten triangles with multipliers 1/3 prove 20/3
    bound = checked(as_graph(nx.complete_graph(5)))
    assert bound.value == pytest.approx(20 / 3, abs=1e-6)
    assert bound.fractional == pytest.approx(np.full(10, 2 / 3), abs=1e-4)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(6, 14), st.booleans())
def test_planar_graphs_with_integer_weights_are_solved(seed, n, signed):
    instance = maximal_planar(n, seed=seed, signed=signed)
    bound = checked(instance)
    assert rounded(instance, bound) == brute_force_maxcut(instance)[0] == exact_cut(instance, bound.signs)


@pytest.mark.parametrize(("name", "optimum"), [("G11", 564), ("G12", 556), ("G13", 582), ("G32", 1410)])
def test_toruses_are_solved_to_proven_optimality(name, optimum):
    graph = gset(name)
    bound = checked(graph)
    assert bound.complete
    assert rounded(graph, bound) == optimum == graph.cut_value(bound.signs)


def shortest_odd_cycle(graph, odd, length):
    """Shortest odd cycle by enumerating all simple cycles."""
    best = np.inf
    for cycle in nx.simple_cycles(graph):
        edges = [graph.edges[u, v]["k"] for u, v in zip(cycle, cycle[1:] + cycle[:1], strict=True)]
        if odd[edges].sum() % 2:
            best = min(best, length[edges].sum())
    return best


@pytest.mark.parametrize("seed", range(40))
def test_separation_finds_odd_cycles_exactly_when_there_are_some(seed):
    numbers = np.random.default_rng(seed)
    graph = nx.gnm_random_graph(8, 14, seed=seed)
    for k, (u, v) in enumerate(graph.edges):
        graph.edges[u, v]["k"] = k
    ends = np.array(graph.edges, dtype=np.int32)
    odd, length = numbers.random(14) < 0.5, numbers.random(14)
    signed = SignedGraph(8, ends[:, 0].copy(), ends[:, 1].copy(), odd)
    shortest = shortest_odd_cycle(graph, odd, length)
    every = np.arange(8, dtype=np.int32)
    assert signed.cycles(length, every, shortest - 1e-9)[0].size == 1
    if np.isinf(shortest):
        return
    starts, vertices, edges = signed.cycles(length, every, shortest + 1e-9)
    assert starts.size > 1
    for a, b in itertools.pairwise(starts.tolist()):
        cycle = vertices[a:b].tolist()
        assert len(set(cycle)) == b - a
        steps = zip(cycle, cycle[1:] + cycle[:1], edges[a:b].tolist(), strict=True)
        assert all(graph.edges[u, v]["k"] == k for u, v, k in steps)
        assert odd[edges[a:b]].sum() % 2 == 1
        assert length[edges[a:b]].sum() == pytest.approx(shortest)
    # every odd cycle has a wrong edge, so sources at one end of each wrong edge are enough
    signs = np.where(numbers.random(8) < 0.5, 1, -1).astype(np.int8)
    cover = signed.cover(signed.frustrated(signs))
    assert signed.cycles(length, cover, shortest + 1e-9)[0].size > 1


PROOF = {
    "kind": "cycles",
    "lengths": [3, 3, 5],
    "vertices": [0, 1, 2, 2, 3, 4, 0, 1, 2, 3, 4],
    "multipliers": [1, 1, 1],
    "unit": -1,
}


def five():
    return ExactGraph.from_edges(5, [(u, v, 1.0) for u, v in itertools.combinations(range(5), 2)])


def test_mutated_proofs_fail_or_still_hold():
    assert proven_bound(five(), PROOF) == Fraction(17, 2)
    for position in range(len(PROOF["vertices"])):
        for value in range(-1, 6):
            mutant = copy.deepcopy(PROOF)
            mutant["vertices"][position] = value
            try:
                assert proven_bound(five(), mutant) >= 6
            except (ValueError, LookupError, TypeError):
                continue
    for k, value in itertools.product(range(3), (0, 5, 10**30)):
        mutant = copy.deepcopy(PROOF)
        mutant["multipliers"][k] = value
        assert proven_bound(five(), mutant) >= 6
    for unit in (-40, 0, 40, 4096):
        assert proven_bound(five(), {**PROOF, "unit": unit}) >= 6


@pytest.mark.parametrize(
    "change",
    [
        {"multipliers": [2, 1, -1]},
        {"multipliers": [2, 1]},
        {"multipliers": [2, 1, 0.5]},
        {"lengths": [3, 3, 4]},
        {"lengths": [3, 2, 6]},
        {"lengths": [3, 8]},
        {"vertices": [0, 1, 2, 2, 3, 4, 0, 1, 2, 3, 9]},
        {"vertices": [0, 1, 1, 2, 3, 4, 0, 1, 2, 3, 4]},
        {"lengths": [3, 4, 4], "vertices": [0, 1, 2, 2, 3, 4, 0, 1, 2, 3, 4]},
        {"unit": 5000},
        {"unit": 0.5},
        {"unit": True},
        {"vertices": "rubbish"},
        {"extra": 1},
    ],
)
def test_malformed_proofs_are_refused(change):
    with pytest.raises((ValueError, LookupError, TypeError)):
        proven_bound(five(), {**PROOF, **change})


def test_a_limit_of_rounds_an_interrupt_and_a_limit_of_time_leave_a_bound():
    graph = gset("G13")
    assert checked(graph, max_rounds=1).exact >= 582

    def press(progress):
        raise KeyboardInterrupt

    stopped = checked(graph, on_progress=press, on_interrupt="return")
    assert stopped.interrupted
    assert stopped.exact >= 582
    late = checked(graph, time_limit=1e-9)
    assert late.reason.endswith("limit of time")
    assert not late.complete
    assert late.exact >= 582


def test_no_round_at_all_is_refused():
    """One round was made, and said, where none was allowed."""
    with pytest.raises(InputError, match="max_rounds must be a whole number from 1 on, got 0"):
        cycle_bound(as_graph([(0, 1), (1, 2), (0, 2)]), max_rounds=0)


def test_equal_input_gives_equal_proofs_and_a_given_cut_is_kept():
    graph = gset("G12")
    first = cycle_bound(graph)
    assert first.proof == cycle_bound(graph).proof
    again = cycle_bound(graph, signs=first.signs)
    assert graph.cut_value(again.signs) == 556
    assert again.exact < 558


def test_edges_taken_out_have_fractions_of_a_best_answer():
    tree = as_graph(nx.path_graph(6))
    bound = checked(tree)
    assert bound.exact == Fraction(5)
    assert bound.fractional.tolist() == [1.0] * 5


@pytest.mark.parametrize("seed", [102, 152])
def test_fractions_do_not_lose_the_last_digit_of_a_proof(seed):
    """Multipliers that were rounded to 44 bits left these bounds 1e-14 to 1e-13 above the cut."""
    rng = np.random.default_rng(1000 + seed)
    n, p = int(rng.integers(6, 30)), (0.15, 0.3, 0.5, 0.8)[seed % 4]
    edges = list(nx.gnp_random_graph(n, p, seed=seed).edges)
    weights = [float(rng.normal()) if seed % 3 else round(float(rng.normal()), 1) for _ in edges]
    graph = WeightedGraph.from_edges(*zip(*edges, strict=True), weights, n=n)
    bound = cycle_bound(graph)
    assert bound.exact == exact_cut(graph, bound.signs)
