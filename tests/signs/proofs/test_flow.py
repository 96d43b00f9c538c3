"""Flow bounds: against enumeration and networkx's flows, with proofs that both verifiers walk."""

from __future__ import annotations

import copy
import itertools
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.leaves import leaves, replaced
from tests.second import plain, second, second_report

import derandkit as dk
from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import proven_bound
from derandkit.datasets import qubo, qubo_instance
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import decode_array, seal
from derandkit.runtime.clock import stage
from derandkit.signs import models
from derandkit.signs.proofs.cycles.bound import cycle_bound
from derandkit.signs.proofs.flow.bound import FLOW_BITS, roof_dual
from derandkit.signs.proofs.flow.cases import bound_by_flow_cases
from derandkit.signs.proofs.flow.network import DoubledGraph

INTEGERS = st.integers(-6, 6).map(float)
REALS = st.builds(lambda x, k: float(x) * 2.0**k, st.integers(-99, 99), st.integers(-90, 90))


@st.composite
def fields(draw, weights=INTEGERS, most=7):
    """Graphs whose first vertex is heavier than the others."""
    n = draw(st.integers(2, most))
    pairs = [p for p in itertools.combinations(range(n), 2) if draw(st.booleans())]
    w = [draw(weights) * (4 if p[0] == 0 else 1) for p in pairs]
    i, j = ([p[k] for p in pairs] for k in (0, 1))
    return WeightedGraph.from_edges(i, j, w, n=n)


def greatest_cut(graph):
    edges = list(zip(*(column.tolist() for column in graph.edges()), strict=True))
    every = itertools.product([1, -1], repeat=graph.n - 1)
    return max(
        sum((Fraction(w) for i, j, w in edges if (1, *s)[i] != (1, *s)[j]), Fraction(0)) for s in every
    )


def weight_of(graph, signs):
    i, j, w = graph.edges()
    return sum(map(Fraction, w[signs[i] != signs[j]].tolist()), Fraction(0))


def second_bound(graph, proof):
    files = second()
    edges = plain(graph).edges
    return files.proofs.bound(files.proofs.Graph.build(graph.n, edges), proof)


@settings(max_examples=40)
@given(st.one_of(fields(most=6), fields(REALS, most=6)))
def test_no_cut_is_above_the_bound_and_decided_vertices_lose_nothing(graph):
    roof, best = roof_dual(graph, 0), greatest_cut(graph)
    assert roof.bound.exact >= best
    assert second_bound(graph, roof.bound.proof) == roof.bound.exact
    if roof.bound.signs is not None:
        assert weight_of(graph, roof.bound.signs) == best == roof.bound.exact
    if roof.shrinks:
        left = roof.contraction
        assert left.constant + greatest_cut(left.graph) == best
        node = {**roof.persistent, "then": {"kind": "positive"}}
        expected = left.constant + sum(Fraction(w) for w in left.graph.edges()[2].tolist() if w > 0)
        assert proven_bound(ExactGraph.from_graph(graph), node) == expected
        assert second_bound(graph, node) == expected


@settings(max_examples=40)
@given(st.one_of(fields(), fields(REALS)))
def test_packed_cycles_are_added_up_once(graph):
    """The packing is not walked again for the whole graph, and the bound is what the checker finds there."""
    roof = roof_dual(graph, 0)
    if not roof.shrinks:
        return
    left = cycle_bound(roof.contraction.graph)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("derandkit.signs.proofs.flow.bound.proven_bound", None)
        found = roof.above(left)
    assert found.exact == proven_bound(ExactGraph.from_graph(graph), found.proof)
    assert found.exact == second_bound(graph, found.proof)


@given(fields())
def test_the_flow_is_a_greatest_one(graph):
    doubled = nx.DiGraph()
    doubled.add_nodes_from([(0, 1), (0, -1)])
    for i, j, w in zip(*(column.tolist() for column in graph.edges()), strict=True):
        for side in (1, -1):
            one, other = (i, side), (j, -side if w > 0 else side)
            doubled.add_edge(one, other, capacity=abs(w))
            doubled.add_edge(other, one, capacity=abs(w))
    positive = sum(w for w in graph.edges()[2].tolist() if w > 0)
    expected = positive - nx.maximum_flow_value(doubled, (0, 1), (0, -1)) / 2
    assert roof_dual(graph, 0).bound.exact == expected


@settings(max_examples=40)
@given(st.data())
def test_a_ferromagnet_in_any_field_is_settled(data):
    """Without the reference the graph is balanced, and stays so where spins are renamed (switching)."""
    n = data.draw(st.integers(2, 6))
    turned = [data.draw(st.booleans()) for _ in range(n)]
    J = {
        p: data.draw(st.integers(0, 5)) * (1 if turned[p[0]] != turned[p[1]] else -1)
        for p in itertools.combinations(range(n), 2)
    }
    h = [data.draw(st.integers(-9, 9)) for _ in range(n)]
    model = dk.QuadraticModel.from_ising(h, J, offset=1)
    graph, inverse = models.as_graph(model)
    roof = roof_dual(graph, inverse.reference or 0)
    assert roof.bound.signs is not None
    best = min(model.exact_value(x) for x in itertools.product([-1, 1], repeat=n))
    assert inverse.bound(roof.bound.exact) == best == model.exact_value(inverse.solution(roof.bound.signs))


def test_weights_of_many_digits_are_met_in_steps():
    ends = [0, 0, 0, 1, 1], [1, 2, 3, 2, 3]
    graph = WeightedGraph.from_edges(*ends, [2.0**70, 2.0**70, -(2.0**60) - 1.0, 2.0**69 + 2.0**17, 2.0**-40])
    roof = roof_dual(graph, 0)
    assert DoubledGraph(4, list(ExactGraph.from_graph(graph).edges()), 0).bits > 100
    assert isinstance(roof.bound.proof["amounts"], list)  # too long for an array
    assert roof.bound.exact == greatest_cut(graph) == second_bound(graph, roof.bound.proof)
    assert roof_dual(WeightedGraph.from_edges([0, 0], [1, 2], [1.0, 2.0**-FLOW_BITS]), 0) is None


def test_a_stopped_clock_ends_the_flow():
    with stage(time_limit=1e-9) as clock:
        while not clock.stopped:
            pass
        assert roof_dual(WeightedGraph.from_edges([0, 0, 1], [1, 2, 2]), 0) is None


def test_a_proof_that_does_not_hold_is_refused():
    """Every number of a proof that is changed leaves a worse bound that still holds, or none."""
    ends = [0, 0, 1, 1, 2, 3, 3, 4], [1, 2, 2, 3, 4, 4, 5, 5]
    graph = WeightedGraph.from_edges(*ends, [9, -7, 2, 1, -1, 3, 3, 3])
    roof, best = roof_dual(graph, 0), greatest_cut(graph)
    assert 1 < roof.decided < graph.n
    node = {**roof.persistent, "then": {"kind": "positive"}}
    refused = 0
    for proof in (roof.bound.proof, node):
        short = dict(proof)
        if isinstance(short["amounts"], dict):
            short["amounts"] = [int(x) for x in decode_array(short["amounts"])]
        assert proven_bound(ExactGraph.from_graph(graph), short) >= best
        changed = [
            (path, value + d) for path, value in leaves(short) if type(value) is int for d in (1, -1, 3)
        ]
        changed += [("swap", {**short, "same": short.get("opposite"), "opposite": short.get("same")})]
        for path, other in changed:
            forged = other if path == "swap" else replaced(short, path, other)
            for check in (
                lambda p: proven_bound(ExactGraph.from_graph(graph), p),
                lambda p: second_bound(graph, p),
            ):
                try:
                    assert check(copy.deepcopy(forged)) >= best
                except (ValueError, LookupError, TypeError, second().report.Refused):
                    refused += 1
    assert refused > 30


def test_known_instances_are_proven_by_flows_alone():
    for name, value in (("gka1a", -3414), ("gka8a", -11109)):
        model = qubo(name)
        result = dk.optimize(model)
        assert (result.value, result.bound, result.proven_optimal) == (value, value, True)
        assert result.cut.bound["method"] == "flow"
        assert result.cut.search is None
        assert dk.verify(result, model).ok
    assert second_report(result.to_dict(), model).ok


def test_a_flow_that_decides_some_leaves_the_others_to_cycles(monkeypatch):
    # as where cases of flows are given up
    monkeypatch.setattr("derandkit.signs.improve.bound_by_flow_cases", lambda *_: None)
    model = qubo("gka3a")
    result = dk.optimize(model)
    assert (result.value, result.proven_optimal) == (-6037, True)
    assert result.cut.certificate["proof"]["kind"] == "persistent"
    assert "a flow decides" in result.cut.bound["reason"]
    assert dk.verify(result, model).ok
    assert second_report(result.to_dict(), model).ok
    record = result.to_dict()
    record["cut"]["certificate"]["proof"]["same"] = []
    record["cut"]["seal"] = seal(record["cut"])
    record["seal"] = seal(record)
    assert "cut.proof" in dk.verify(record, model).failed


@pytest.mark.parametrize("bound", ["cycle", "best"])
def test_maxcut_takes_the_flow_through_a_heavy_vertex(bound):
    graph = nx.grid_2d_graph(6, 6)
    nx.set_edge_attributes(graph, -1, "weight")
    for k, node in enumerate(list(graph)):
        graph.add_edge("field", node, weight=(k * 7) % 11 - 5)
    result = dk.maxcut(graph, bound=bound)
    assert result.proven_optimal
    assert result.bound["method"] == "flow"
    assert dk.verify(result, graph).ok


@settings(max_examples=40)
@given(st.one_of(fields(), fields(REALS)))
def test_cases_of_flows_prove_the_greatest_cut(graph):
    found = bound_by_flow_cases(graph, np.ones(graph.n, dtype=np.int8), 0)
    assert found is not None
    assert found.complete
    assert found.exact == weight_of(graph, found.signs) == greatest_cut(graph)
    assert second_bound(graph, found.proof) == found.exact
    assert proven_bound(ExactGraph.from_graph(graph), found.proof) == found.exact


@pytest.mark.parametrize("name", ["gka2b", "gka3b", "gka4b"])
def test_small_dense_models_with_strong_linear_terms_are_proven(name):
    model = qubo(name)
    result = dk.optimize(model)
    assert result.proven_optimal
    assert result.value == result.bound == qubo_instance(name).value
    assert result.cut.bound["method"] == "branching"
    assert dk.verify(result, model)


def test_cases_are_given_up_where_they_close_nothing():
    graph = models.as_graph(qubo("gka2d"))[0]
    assert bound_by_flow_cases(graph, np.ones(graph.n, dtype=np.int8), 100) is None
    assert bound_by_flow_cases(models.as_graph(qubo("gka1f"))[0], np.ones(501, dtype=np.int8), 500) is None
