"""Exact reductions: the greatest cut of the reduced graph, lifted, is a greatest cut of the graph."""

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import SMALL_INTEGERS, graphs
from tests.oracles import brute_force_maxcut

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import largest_possible_cut, proven_bound
from derandkit.datasets import gset
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.search.reduction import Elimination, Split, reduce_graph


@settings(deadline=None, max_examples=200)
@given(graphs(max_n=10, weights=SMALL_INTEGERS), st.sampled_from([0, 1, 2, 3]), st.booleans())
def test_kernel_optimum_lifts_to_optimum(graph, degree, blocks):
    best, _ = brute_force_maxcut(graph)
    reduction = reduce_graph(graph, degree=degree, blocks=blocks)
    reduced_best, signs = brute_force_maxcut(reduction.reduced)
    assert Fraction(reduction.offset) + reduced_best == best
    assert graph.cut_value(reduction.lift(signs.astype(np.int8))) == best


@settings(deadline=None, max_examples=200)
@given(graphs(max_n=10), st.sampled_from([2, 3]), st.data())
def test_projecting_and_lifting_loses_nothing(graph, degree, data):
    signs = np.array(
        data.draw(st.lists(st.sampled_from([-1, 1]), min_size=graph.n, max_size=graph.n)), dtype=np.int8
    )
    reduction = reduce_graph(graph, degree=degree)
    lifted = reduction.lift(reduction.project(signs))
    slack = 1e-12 * np.abs(graph.weights).sum()
    assert graph.cut_value(lifted) >= graph.cut_value(signs) - slack
    reduced_cut = reduction.reduced.cut_value(reduction.project(lifted))
    assert abs(reduction.offset + reduced_cut - graph.cut_value(lifted)) <= slack


@settings(deadline=None, max_examples=100)
@given(graphs(max_n=12, weights=SMALL_INTEGERS))
def test_nothing_reducible_is_left(graph):
    reduction = reduce_graph(graph)
    reduced = reduction.reduced
    assert reduced.n == 1 or reduced.degrees.min() >= 3
    assert (reduced.weights != 0).all()
    pieces = nx.Graph()
    pieces.add_nodes_from(range(reduced.n))
    pieces.add_edges_from(zip(*(end.tolist() for end in reduced.edges()[:2]), strict=True))
    for component in nx.connected_components(pieces):
        assert len(component) == 1 or nx.is_biconnected(pieces.subgraph(component))


@settings(deadline=None, max_examples=100)
@given(graphs(max_n=9), st.integers(1, 3))
def test_elimination_is_that_of_the_certificates(graph, degree):
    reduction = reduce_graph(graph, degree=degree, blocks=False)
    exact = ExactGraph.from_graph(graph)
    for step in reduction.steps:
        assert isinstance(step, Elimination)
        for v in step.gone.tolist():
            if (
                len(exact.neighbours[v]) <= 3
            ):  # rounding may keep an edge that cancels exactly, or the reverse
                exact.eliminate(v)
    scale = float(np.abs(graph.weights).sum()) + 1e-300
    if graph.integral:
        assert exact.value(exact.offset) == reduction.offset
        assert {u for u, row in exact.neighbours.items() if row} <= set(_left(reduction, graph.n))
    else:
        assert abs(float(exact.value(exact.offset)) - reduction.offset) <= 1e-9 * scale


def _left(reduction, n):
    left = np.arange(n)
    for step in reduction.steps:
        left = left[step.left]
    return left.tolist()


@pytest.mark.parametrize(
    ("name", "reduced"), [("G70", (2164, 3760)), ("G1", (800, 19176)), ("G32", (2000, 4000))]
)
def test_known_kernels(name, reduced):
    """Degree <= 2 shrinks G70 from 10 000 / 9 999 to 2 164 / 3 760."""
    reduction = reduce_graph(gset(name))
    assert (reduction.reduced.n, reduction.reduced.m) == reduced


def test_trees_cycles_and_cacti_vanish():
    for graph in (nx.random_labeled_tree(200, seed=1), nx.cycle_graph(101), nx.windmill_graph(20, 3)):
        reduction = reduce_graph(WeightedGraph.from_networkx(graph))
        assert reduction.reduced.m == 0
        assert reduction.offset == WeightedGraph.from_networkx(graph).cut_value(
            reduction.lift(np.ones(reduction.reduced.n, dtype=np.int8))
        )


def test_blocks_share_articulation_vertices():
    cliques = [nx.complete_graph(range(4 * k, 4 * k + 5)) for k in range(6)]  # K5s in a chain
    graph = WeightedGraph.from_networkx(nx.compose_all(cliques))
    reduction = reduce_graph(graph)
    assert any(isinstance(step, Split) for step in reduction.steps)
    assert reduction.reduced.n == 30
    assert int(reduction.reduced.components().max()) == 5
    alternating = np.where(np.arange(30) % 2 == 0, 1, -1).astype(np.int8)
    assert graph.cut_value(reduction.lift(alternating)) == reduction.reduced.cut_value(alternating)


@settings(deadline=None, max_examples=150)
@given(graphs(max_n=8), st.data())
def test_branching_and_elimination_prove_valid_bounds(graph, data):
    best, _ = brute_force_maxcut(graph)
    exact = ExactGraph.from_graph(graph)
    probe, order = exact.copy(), []
    while any(len(row) <= 3 for row in probe.neighbours.values()):
        v = data.draw(st.sampled_from([v for v, row in sorted(probe.neighbours.items()) if len(row) <= 3]))
        probe.eliminate(v)
        order.append(v)
    leaf = {"kind": "positive"}
    whole = proven_bound(exact.copy(), {"kind": "eliminate", "vertices": order, "then": leaf})
    assert whole >= best
    if not probe.neighbours:
        assert whole == best
    if graph.n >= 2:
        u, v = data.draw(st.permutations(range(graph.n)))[:2]
        tree = {"kind": "branch", "pair": [u, v], "same": leaf, "opposite": leaf}
        branched = proven_bound(exact.copy(), tree)
        assert branched >= largest_possible_cut(exact, branched) >= best


@pytest.mark.parametrize(
    ("proof", "message"),
    [
        ({"kind": "magic"}, "unknown kind"),
        ({"kind": "positive", "extra": 1}, "has the keys"),
        ({"kind": "eliminate", "vertices": [0], "then": {"kind": "positive"}}, "at most 3"),
        ({"kind": "eliminate", "vertices": [9], "then": {"kind": "positive"}}, "not in the graph"),
        (
            {
                "kind": "branch",
                "pair": [1, 1],
                "same": {"kind": "positive"},
                "opposite": {"kind": "positive"},
            },
            "pair",
        ),
    ],
)
def test_proofs_that_do_not_hold_are_refused(proof, message):
    exact = ExactGraph.from_edges(5, [(u, v, 1.0) for u in range(5) for v in range(u)])
    with pytest.raises(ValueError, match=message):
        proven_bound(exact, proof)


def test_a_proof_may_not_be_nested_without_end():
    proof = {"kind": "positive"}
    for _ in range(600):
        proof = {"kind": "eliminate", "vertices": [], "then": proof}
    with pytest.raises(ValueError, match="nested"):
        proven_bound(ExactGraph.from_edges(1, []), proof)


@settings(deadline=None, max_examples=150)
@given(graphs(max_n=9))
def test_granularity_divides_every_cut(graph):
    exact = ExactGraph.from_graph(graph)
    step = exact.granularity()
    i, j, w = graph.edges()
    for code in range(2 ** max(0, graph.n - 1)):
        side = (code >> np.arange(graph.n)) & 1
        cut = sum((Fraction(x) for x in w[side[i] != side[j]].tolist()), Fraction(0)) * 2**exact.shift
        assert cut == 0 if step == 0 else cut % step == 0
