"""Cases on one kernel: the optimum by enumeration, limits that leave a bound, and trees that nobody can bend."""

import copy
import json
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import random_graph
from tests.oracles import brute_force_maxcut, exact_cut

import derandkit
from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import proven_bound
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.runtime.clock import running, stage
from derandkit.signs.proofs.branching.cycle_cases import CaseTree
from derandkit.signs.proofs.branching.tree import branch_and_bound
from derandkit.signs.proofs.cycles.bound import CycleRun, packed
from derandkit.signs.proofs.incumbent import Incumbent
from derandkit.signs.search.search import SearchEffort


def solved(graph, *, node_limit=None, stop=lambda work: False, report=lambda bound: None):
    """Return the tree of a graph however small, its proof, what the proof is worth, and the best cut."""
    incumbent = Incumbent(graph, ExactGraph.from_graph(graph), None)
    tree = CaseTree(graph, incumbent, stop, report)
    tree.go(node_limit)
    proof = json.loads(json.dumps(tree.proof()))
    bound = proven_bound(ExactGraph.from_graph(graph), proof)
    assert bound <= tree.root.tightest() + tree.margin
    return tree, proof, bound, exact_cut(graph, incumbent.signs)


@pytest.mark.parametrize("seed", range(3))
def test_the_cases_go_on_from_odd_cycles_that_were_packed(monkeypatch, seed):
    graph = dense(9, seed)
    alone, _, _, cut = solved(graph)
    run = packed(graph, np.ones(graph.n, dtype=np.int8))
    assert run.complete
    monkeypatch.setattr(CycleRun, "go", lambda *_: pytest.fail("the whole graph was solved again"))
    before = run.y.copy(), run.pool.multipliers.copy(), run.pool.size
    incumbent = Incumbent(graph, ExactGraph.from_graph(graph), None)
    tree = CaseTree(graph, incumbent, lambda work: False, lambda bound: None, run)
    assert tree.go(None) == "no cut is heavier"
    assert exact_cut(graph, incumbent.signs) == cut == brute_force_maxcut(graph)[0]
    proof = json.loads(json.dumps(tree.proof()))
    assert cut <= proven_bound(ExactGraph.from_graph(graph), proof) < cut + 1
    assert float(tree.root.bound) == pytest.approx(float(alone.root.bound), rel=1e-3)
    np.testing.assert_array_equal(run.y, before[0])
    np.testing.assert_array_equal(run.pool.multipliers, before[1])
    assert run.pool.size == before[2]


def test_cases_do_not_go_on_from_another_reduced_graph(monkeypatch):
    """Cases remove vertices of degree three, which the packing keeps."""
    graph = as_graph(nx.petersen_graph())
    tree = CaseTree(
        graph,
        Incumbent(graph, ExactGraph.from_graph(graph), None),
        lambda work: False,
        lambda bound: None,
        packed(graph),
    )
    assert not tree.solved
    assert tree.reduced.left.size < 10


def dense(n, seed):
    """A complete graph with small positive weights, where odd cycles leave a gap."""
    numbers = np.random.default_rng(seed)
    i, j = np.triu_indices(n, 1)
    return WeightedGraph.from_edges(i, j, numbers.integers(1, 6, i.size), n=n)


def inner(proof):
    return proof["then"] if proof["kind"] == "eliminate" else proof


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 10))
def test_the_optimum_is_that_of_enumeration(seed, n):
    graph = dense(n, seed)
    tree, _, bound, cut = solved(graph)
    best = brute_force_maxcut(graph)[0]
    assert bound >= best
    if tree.complete:
        assert cut == best
        assert bound < best + 1


def test_gaps_are_closed_by_cases():
    split = 0
    for seed in range(12):
        graph = dense(11, seed)
        tree, _, bound, cut = solved(graph)
        assert tree.complete
        assert cut == brute_force_maxcut(graph)[0] <= bound < cut + 1
        split += tree.nodes > 1
    assert split >= 6


def test_every_limit_of_nodes_leaves_a_bound_and_they_fall():
    graph = dense(13, 2)
    best, last = brute_force_maxcut(graph)[0], None
    for limit in range(1, 14, 2):
        tree, proof, bound, _ = solved(graph, node_limit=limit)
        assert tree.nodes <= limit
        assert bound >= best
        assert last is None or bound <= last + tree.margin
        assert (inner(proof)["kind"] == "cases") == (tree.nodes > 1)
        last = bound


def test_an_interrupt_and_a_stop_leave_what_was_proven():
    graph = dense(13, 2)
    best = brute_force_maxcut(graph)[0]
    for last in (0, 6, 40):
        calls = []

        def press(bound, calls=calls, last=last):
            calls.append(bound)
            if len(calls) > last:
                running().stop()

        with stage():
            tree, _, bound, _ = solved(graph, report=press)
        assert tree.interrupted or tree.complete
        assert bound >= best
        tree, _, bound, _ = solved(
            graph, stop=lambda work, calls=calls, last=last: (calls.pop() if calls else 0) == 0
        )
        assert not tree.interrupted
        assert bound >= best


def nodes(tree, path=()):
    """Paths of all nodes."""
    yield path
    for key in ("same", "opposite"):
        if key in tree:
            yield from nodes(tree[key], (*path, key))


def at(tree, path):
    for key in path:
        tree = tree[key]
    return tree


def plain(proof):
    """The same proof with lists in place of encoded arrays."""
    from derandkit.certificates.proofs.cycles import listed_integers

    def lists(value):
        if isinstance(value, dict) and "base64" in value:
            return listed_integers(value, "")
        return {k: lists(v) for k, v in value.items()} if isinstance(value, dict) else value

    return lists(proof)


MUTATIONS = {
    "swapped": lambda node: (
        node.update(same=node["opposite"], opposite=node["same"]) if "pair" in node else None
    ),
    "same twice": lambda node: node.update(opposite=node["same"]) if "pair" in node else None,
    "another pair": lambda node: (
        node.update(pair=[node["pair"][0], node["pair"][1] ^ 1]) if "pair" in node else None
    ),
    "itself": lambda node: node.update(pair=[node["pair"][0]] * 2) if "pair" in node else None,
    "nobody": lambda node: node.update(pair=[node["pair"][0], 99]) if "pair" in node else None,
    "half": lambda node: node.pop("same", None),
    "more": lambda node: node.update(note=1),
    "negative": lambda node: node["multipliers"].__setitem__(0, -5) if node.get("rows") else None,
    "larger": lambda node: node["multipliers"].__setitem__(0, 3 << 30) if node.get("rows") else None,
    "last row": lambda node: node["rows"].__setitem__(0, -1) if node.get("rows") else None,
    "no such row": lambda node: node["rows"].__setitem__(0, 10**6) if node.get("rows") else None,
    "other row": lambda node: node["rows"].__setitem__(0, node["rows"][0] + 1) if node.get("rows") else None,
    "short": lambda node: node["rows"].pop() if node.get("rows") else None,
}
ALWAYS_REFUSED = {"itself", "nobody", "half", "more", "negative", "last row", "no such row", "short"}


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutated_trees_fail_or_still_hold(name):
    graph = dense(11, 2)
    best = brute_force_maxcut(graph)[0]
    tree, proof, bound, _ = solved(graph)
    assert tree.nodes > 1
    assert proven_bound(ExactGraph.from_graph(graph), plain(proof)) == bound
    changed = refused = 0
    for path in nodes(inner(proof)["tree"]):
        mutant = plain(proof)
        MUTATIONS[name](at(inner(mutant)["tree"], path))
        if mutant == plain(proof):
            continue
        changed += 1
        try:
            assert proven_bound(ExactGraph.from_graph(graph), mutant) >= best
        except (ValueError, LookupError, TypeError):
            refused += 1
    assert changed > 0
    assert refused == changed or name not in ALWAYS_REFUSED


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("unit", 1 << 20),
        ("unit", 0.5),
        ("vertices", [0, 1]),
        ("lengths", [2]),
        ("note", 1),
        ("tree", {"pair": [0, 1]}),
    ],
)
def test_malformed_records_are_refused(key, value):
    graph = dense(11, 2)
    _, proof, _, _ = solved(graph)
    mutant = copy.deepcopy(proof)
    inner(mutant)[key] = value
    with pytest.raises((ValueError, LookupError, TypeError)):
        proven_bound(ExactGraph.from_graph(graph), mutant)


def test_an_assumption_against_an_edge_counts_its_weight():
    # the path 0 - 1 - 2: one case puts 0 and 1 together and loses their edge, the other loses nothing
    graph = ExactGraph.from_edges(3, [(0, 1, 3.0), (1, 2, 2.0)])
    none = {"rows": [], "multipliers": []}
    record = {"kind": "cases", "lengths": [], "vertices": [], "unit": 0}
    assert proven_bound(graph, {**record, "tree": {"pair": [0, 1], "same": none, "opposite": none}}) == 5
    tree = {"pair": [1, 0], "same": {"pair": [0, 1], "same": none, "opposite": none}, "opposite": none}
    with pytest.raises(ValueError, match="still open"):
        proven_bound(graph, {**record, "tree": tree})


def test_large_sparse_graphs_are_split_on_one_kernel_and_equal_input_gives_equal_trees():
    graph = as_graph(nx.random_regular_graph(3, 300, seed=0))
    first = branch_and_bound(graph)
    assert first.complete
    assert first.nodes > 1
    assert inner(first.proof)["kind"] == "cases"
    assert proven_bound(ExactGraph.from_graph(graph), first.proof) == first.exact
    assert branch_and_bound(graph).proof == first.proof
    little = branch_and_bound(graph, work_limit=first.work // 2)
    assert not little.complete
    assert "limit of work" in little.reason
    assert little.exact >= first.exact


def test_real_weights_take_the_other_way():
    graph = random_graph(150, 0.04, seed=3, weights="reals")
    bound = branch_and_bound(graph, work_limit=1)
    assert bound.exact >= exact_cut(graph, bound.signs)
    assert inner(bound.proof)["kind"] != "cases"


def test_a_tree_of_cases_is_verified_in_a_record():
    graph = as_graph(nx.random_regular_graph(3, 300, seed=0))
    result = derandkit.maxcut(graph, bound="best", search=SearchEffort(work=3_000_000))
    assert result.proven_optimal
    assert result.bound["method"] == "branching"
    assert Fraction(result.upper_bound) == exact_cut(graph, result.signs)
    assert derandkit.verify(result, graph).ok
