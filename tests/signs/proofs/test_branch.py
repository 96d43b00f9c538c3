"""Branch and bound: the optimum by enumeration on small graphs, a proof at every stop, the same tree every time."""

import copy
import itertools
import json
import os
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import REALS, WIDE, graphs, hashed, random_graph
from tests.legs import thinned
from tests.oracles import brute_force_maxcut, exact_cut

import derandkit
from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import proven_bound
from derandkit.datasets import rudy
from derandkit.errors import InputError
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.runtime.clock import Clock, running
from derandkit.signs.proofs.branching import bounder, tree
from derandkit.signs.proofs.branching.by_cycles import bound_by_cycles
from derandkit.signs.proofs.branching.by_triangles import handed_down
from derandkit.signs.proofs.branching.tree import branch_and_bound
from derandkit.signs.proofs.residual import EliminatedGraph
from derandkit.signs.proofs.triangles.bound import TriangleDual, level_of, rough_bound
from derandkit.signs.rounding import cut_lattice, possible_cut
from derandkit.signs.search.search import SearchEffort

ROOT = Path(__file__).parents[3]


def checked(graph, **options):
    """Return a bound whose proof was checked afresh."""
    bound = branch_and_bound(graph, **options)
    assert proven_bound(ExactGraph.from_graph(graph), bound.proof) == bound.exact
    assert exact_cut(graph, bound.signs) <= bound.exact
    possible = possible_cut(graph, cut_lattice(graph), bound.exact)
    assert bound.complete == (possible <= exact_cut(graph, bound.signs))
    return bound


def nodes_of(proof):
    """Cases in a tree."""
    while proof["kind"] == "eliminate":
        proof = proof["then"]
    if proof["kind"] != "branch":
        return 1
    return 1 + nodes_of(proof["same"]) + nodes_of(proof["opposite"])


@pytest.mark.parametrize("bound", ["auto", "cycle"])
@settings(max_examples=100)
@given(graph=graphs(min_n=2, max_n=9))
def test_the_optimum_is_that_of_enumeration(bound, graph):
    result = checked(graph, bound=bound)
    assert result.complete
    assert result.open_nodes == 0
    assert result.nodes == nodes_of(result.proof)
    assert exact_cut(graph, result.signs) == brute_force_maxcut(graph)[0]


@settings(max_examples=60)
@given(graphs(min_n=6, max_n=9, weights=st.one_of(WIDE, REALS)))
def test_real_weights_are_proven_to_the_last_bit(graph):
    result = checked(graph)
    assert result.complete
    assert exact_cut(graph, result.signs) == brute_force_maxcut(graph)[0]


@pytest.mark.parametrize("weights", ["integers", "signs", "reals"])
def test_hundreds_of_complete_graphs(weights):
    numbers = np.random.default_rng(11)
    i, j = np.triu_indices(10, 1)
    for _ in range(60):
        w = {
            "integers": numbers.integers(-4, 5, size=i.size),
            "signs": numbers.choice([-1, 1], i.size),
            "reals": numbers.normal(size=i.size),
        }[weights]
        graph = WeightedGraph.from_edges(i, j, w, n=10)
        result = checked(graph)
        assert result.complete
        assert exact_cut(graph, result.signs) == brute_force_maxcut(graph)[0]


@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
@pytest.mark.parametrize("bound", ["auto", "cycle"])
def test_the_name_of_a_bound_is_that_of_its_tree(weights, bound):
    graph = random_graph(16, 0.8, seed=6, weights=weights)
    result = checked(graph, bound=bound)
    assert result.complete
    assert exact_cut(graph, result.signs) == brute_force_maxcut(graph)[0]
    single = "triangle" if bound == "auto" else "odd-cycle"
    assert result.method == ("branching" if result.nodes > 1 else single)


def hard(n=13):
    """A complete graph whose weights share no unit: a bound must come down to the very weight of the best cut."""
    i, j = np.triu_indices(n, 1)
    return WeightedGraph.from_edges(i, j, np.sqrt(1.5 + hashed(i.size, seed=n)), n=n)


@pytest.mark.parametrize("bound", ["triangle", "cycle"])
def test_weights_without_a_common_unit_need_a_tree(bound):
    graph = hard(11)
    result = checked(graph, bound=bound)
    assert result.complete
    assert result.nodes > 1
    assert result.method == "branching"
    assert result.exact == exact_cut(graph, result.signs) == brute_force_maxcut(graph)[0]


def test_every_limit_of_nodes_leaves_a_bound_and_they_fall():
    graph = hard()
    best, last = brute_force_maxcut(graph)[0], None
    for limit in range(1, 16, 2):
        result = checked(graph, node_limit=limit)
        assert result.exact >= best
        assert result.nodes <= limit
        assert nodes_of(result.proof) <= result.nodes
        assert (result.open_nodes == 0) == result.complete
        if last is not None:
            assert result.exact <= last.exact
        last = result
    assert last.nodes > 1
    assert last.work > 0


def test_limits_of_work_and_time_and_an_interrupt():
    graph = hard()
    little = checked(graph, work_limit=1)
    assert not little.complete
    assert "limit of work" in little.reason
    assert little.nodes == 1
    assert checked(graph, work_limit=1).proof == little.proof
    more = checked(graph, work_limit=100 * little.work)
    assert more.nodes > 1
    late = checked(graph, time_limit=1e-9)
    assert not late.interrupted
    assert "limit of time" in late.reason
    for last in (0, 12):
        calls = itertools.count()

        def press(progress, calls=calls, last=last):
            assert 0 <= progress.value <= progress.bound
            if next(calls) >= last:
                raise KeyboardInterrupt

        stopped = checked(graph, on_progress=press, on_interrupt="return")
        assert stopped.interrupted
        assert stopped.exact >= brute_force_maxcut(graph)[0]


def test_ctrl_c_in_a_case_of_cycles_is_no_stop_of_our_own():
    graph = random_graph(30, 0.4, seed=3, weights="reals")
    remaining = EliminatedGraph(ExactGraph.from_graph(graph), graph.n)

    def press(history):
        running().stop()

    assert bound_by_cycles(remaining, press).interrupted
    full = bound_by_cycles(remaining, lambda history: False)
    early = bound_by_cycles(remaining, lambda history: len(history) == 2)
    assert early.rounds <= 2 < full.rounds
    assert full.bound <= early.bound


def test_equal_input_gives_equal_trees_and_a_given_cut_is_kept():
    graph = random_graph(20, 0.9, seed=8, weights="signs")
    first = checked(graph)
    assert first.proof == branch_and_bound(graph).proof
    again = checked(graph, signs=first.signs, node_limit=1)
    assert exact_cut(graph, again.signs) == exact_cut(graph, first.signs)


SOLVE = """
import hashlib, json
from tests.catalogue import random_graph
from derandkit.signs.proofs.branching.tree import branch_and_bound
for weights in ("ones", "reals"):
    proof = branch_and_bound(random_graph(36, 0.5, seed=7, weights=weights), node_limit=9).proof
    print(hashlib.sha256(json.dumps(proof).encode()).hexdigest())
"""


def test_threads_and_hash_seeds_leave_no_trace():
    found = set()
    for threads, seed in (("1", "0"), ("2", "4242")):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", SOLVE],
            env={**environment, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1
    assert len(found.pop().split()) == 2


@pytest.mark.parametrize("limits", [{}, {"work_limit": 25_000_000}, {"node_limit": 4}], ids=str)
def test_the_tree_is_the_same_for_every_number_of_workers(monkeypatch, limits):
    monkeypatch.setattr(bounder, "ROOT_ROUNDS", 1)  # split early
    monkeypatch.setattr(bounder, "PATIENCE", 1)
    monkeypatch.setattr(bounder, "FEWEST_ROUNDS", 3)
    graph = rudy("-rnd_graph 40 50 7")
    one, two, four = (branch_and_bound(graph, workers=workers, **limits) for workers in (1, 2, 4))
    assert one.nodes > 3
    for other in (two, four):
        assert json.dumps(other.proof) == json.dumps(one.proof)
        assert (other.signs == one.signs).all()
        assert (other.nodes, other.open_nodes, other.work, other.reason) == (
            one.nodes, one.open_nodes, one.work, one.reason,
        )  # fmt: skip
    with pytest.raises(InputError, match="workers must be a whole number from 1 on"):
        branch_and_bound(graph, workers=0)


def test_two_cases_are_bounded_at_the_same_time(monkeypatch):
    """Each waits for the other to begin: one after the other neither would end."""
    meeting = threading.Barrier(2, timeout=60)
    bound_case = tree._Search.bound_case

    def together(self, parent, contraction):
        if parent is not None:
            meeting.wait()
        return bound_case(self, parent, contraction)

    monkeypatch.setattr(tree._Search, "bound_case", together)
    monkeypatch.setattr(bounder, "ROOT_ROUNDS", 1)
    found = branch_and_bound(rudy("-rnd_graph 40 50 7"), workers=2)
    assert found.complete
    assert found.nodes > 1


def test_a_change_of_unit_changes_nothing_else():
    graph = random_graph(14, 0.9, seed=5, weights="reals")
    i, j, w = graph.edges()
    first = branch_and_bound(graph)
    other = branch_and_bound(WeightedGraph.from_edges(i, j, np.ldexp(w, 40), n=14))
    assert other.exact == first.exact * 2**40
    assert other.nodes == first.nodes


@pytest.mark.parametrize(
    "graph", [nx.empty_graph(1), nx.empty_graph(5), nx.path_graph(2), nx.complete_graph(4)]
)
def test_trivial_graphs(graph):
    result = checked(as_graph(graph))
    assert result.complete
    assert result.nodes == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"bound": "magic"}, "bound='magic' is not one of auto, triangle, cycle"),
        ({"node_limit": 0}, "node_limit must be"),
        ({"work_limit": 0}, "work_limit must be"),
    ],
)
def test_bad_options_are_named(options, words):
    with pytest.raises(InputError, match=words):
        branch_and_bound(hard(), **options)


# --- trees -------------------------------------------------------------------------------------------------


def branch_nodes(proof, path=()):
    """Paths of all objects in a tree."""
    yield path, proof
    for key in ("then", "same", "opposite"):
        if key in proof:
            yield from branch_nodes(proof[key], (*path, key))


def changed(proof, path, new):
    mutant = copy.deepcopy(proof)
    if not path:
        return new(mutant)
    inner = mutant
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new(inner[path[-1]])
    return mutant


def swap(node):
    return {**node, "same": node["opposite"], "opposite": node["same"]} if "same" in node else node


MUTATIONS = {
    "swapped": swap,
    "one side twice": lambda node: {**node, "opposite": node["same"]} if "same" in node else node,
    "another pair": lambda node: {**node, "pair": [0, node["pair"][0]]} if "pair" in node else node,
    "pair with itself": lambda node: {**node, "pair": [0, 0]} if "pair" in node else node,
    "only one side": lambda node: node.get("same", node),
    "no leaf": lambda node: {"kind": "positive"},
    "nothing eliminated": lambda node: node.get("then", node),
    "not closed": lambda node: {k: v for k, v in node.items() if k != "opposite"},
    "longer": lambda node: {**node, "note": 1},
}


@pytest.mark.parametrize("bound", ["triangle", "cycle"])
@pytest.mark.parametrize("name", thinned(MUTATIONS))
def test_mutated_trees_fail_or_still_hold(name, bound):
    graph = hard(9)
    best = brute_force_maxcut(graph)[0]
    result = branch_and_bound(graph, bound=bound)
    assert result.nodes > 1
    refused = kept = 0
    for path, _ in branch_nodes(result.proof):
        mutant = changed(result.proof, path, MUTATIONS[name])
        try:
            assert proven_bound(ExactGraph.from_graph(graph), mutant) >= best
            kept += 1
        except (ValueError, LookupError, TypeError):
            refused += 1
    assert refused + kept >= result.nodes
    assert refused > 0 or name in ("swapped", "no leaf", "one side twice", "nothing eliminated")


def test_a_tree_for_another_graph_proves_nothing_false():
    first, second = (random_graph(12, 0.9, seed=s, weights="reals") for s in (1, 2))
    proof = branch_and_bound(first).proof
    try:
        assert proven_bound(ExactGraph.from_graph(second), proof) >= brute_force_maxcut(second)[0]
    except ValueError:
        pass
    else:
        pytest.fail("a semidefinite leaf for other weights should not hold")


# --- in a record -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
def test_small_dense_graphs_are_proven_optimal_through_maxcut(weights):
    graph = random_graph(26, 0.5, seed=2, weights=weights)
    result = derandkit.maxcut(graph, bound="best", search=SearchEffort(work=1_000_000))
    assert result.proven_optimal
    assert result.bound["method"] in ("odd-cycle", "triangle", "branching")
    assert exact_cut(graph, result.signs) <= Fraction(result.upper_bound)
    outcome = derandkit.verify(result, graph)
    assert outcome.ok, outcome


def test_cases_with_equal_bounds_are_told_apart():
    """Beside large weights the small ones vanish, and both halves of a case keep one bound."""
    edges = [
        (3, 0, -1e-09),
        (3, 2, 100000000000.0),
        (4, 0, -1e-09),
        (4, 1, 1.0),
        (4, 2, -100000000000.0),
        (4, 3, 1.0),
        (5, 0, 1e-09),
        (5, 2, 1.0),
        (5, 3, -1e-09),
        (5, 4, -1e-09),
        (6, 0, 1e-09),
        (6, 1, 100000000000.0),
        (6, 2, 100000000000.0),
        (6, 3, 1e-09),
        (6, 5, 100000000000.0),
        (7, 2, 1.0),
        (7, 4, 1.0),
        (7, 5, -100000000000.0),
        (7, 6, 100000000000.0),
    ]
    i, j, w = zip(*edges, strict=True)
    graph = WeightedGraph.from_edges(i, j, w)
    found = branch_and_bound(graph)
    assert found.exact >= brute_force_maxcut(graph)[0]


@pytest.mark.parametrize("pentagons", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_case_starts_from_the_bound_of_the_case_that_was_split(seed, pentagons):
    graph = random_graph(18, 0.9, seed=seed, weights="signs")
    whole = EliminatedGraph(ExactGraph.from_graph(graph), graph.n)
    A, top = whole.matrix()
    dual = TriangleDual(A, level_of(A), pentagons=pentagons)
    dual.start()
    for _ in range(8):
        dual.descend(-np.inf)
        dual.separate()
    pair, warm = handed_down(dual, whole.vertices())
    both = (warm.rows[:, :5, None] == pair).any(axis=1).all(axis=1) & (warm.multipliers > 0)
    assert both.any()
    assert (warm.rows[:, 3] >= 0).any() == pentagons
    parent = rough_bound(dual, whole, top)
    for opposite in (False, True):
        case = EliminatedGraph(whole.exact.copy(), graph.n)
        case.contract(*pair, opposite=opposite)
        child = TriangleDual(case.matrix(top)[0], dual.level)
        child.start_from(*warm.contracted(*pair, opposite, case.vertices()), dual.alpha)
        child.descend(-np.inf, 1)
        assert float(rough_bound(child, case, top)) <= float(parent) + 1e-9


def test_sparse_graphs_are_split_on_the_most_open_pair_and_clauses_on_tied_ones():
    """A vertex with edges to nearly all others stands for a constant: there many pairs are open that say little."""
    graph = derandkit.datasets.biqmac("w01_100.1")
    found = branch_and_bound(
        graph, signs=derandkit.maxcut(graph, search="quick", bound="sdp").signs, node_limit=40
    )
    assert found.complete
    assert found.nodes <= 20
    assert not bounder.Bounder(graph, None, "auto", Clock()).central
    rows = np.arange(1, 30)
    star = WeightedGraph.from_edges(np.zeros(29, dtype=np.int64), rows, np.ones(29), n=30)
    assert bounder.Bounder(star, None, "auto", Clock()).central
