"""Small files that ask a checker for much work: refused in one line that says the limit and how to raise it."""

from __future__ import annotations

import contextlib
import copy
import math
import weakref

import networkx as nx
import numpy as np
import pytest

import derandkit as dk
from derandkit.certificates import work
from derandkit.certificates.cuts import constrained, ranked, witness
from derandkit.certificates.cuts.cost import sparse_entries
from derandkit.certificates.embeddings import record as embedding_record
from derandkit.certificates.features import record as features_record
from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.integers import UNIT_LIMIT, listed_integers
from derandkit.certificates.proofs.trees import proven_bound
from derandkit.certificates.work import Budget, WorkError, refuse_beyond
from derandkit.graphs.files import as_graph
from derandkit.records import decode_array, encode_array, sealed

RING = 101
CHORDS = [(k, (k + 1) % RING) for k in range(RING)] + [(0, 5), (7, 50)]


def ring():
    return as_graph(CHORDS)


def cases(tree):
    return {"kind": "cases", "lengths": [RING], "vertices": list(range(RING)), "unit": 0, "tree": tree}


REPEATED = {"rows": [0] * 100, "multipliers": [0] * 100}


def chain(depth, leaf):
    for k in range(depth):
        leaf = {"pair": [0, k + 10], "same": REPEATED, "opposite": leaf}
    return leaf


def branches(depth):
    proof = {"kind": "positive"}
    for k in range(depth):
        proof = {"kind": "branch", "pair": [k, k + 50], "same": {"kind": "positive"}, "opposite": proof}
    return proof


LONG = {"rows": [0] * 50, "multipliers": [(1 << 4000) + 1] * 50}
HOSTILE = {
    "a row that is repeated": cases({"rows": [0] * 4_000, "multipliers": [0] * 4_000}),
    "the same row in many cases": cases(chain(40, REPEATED)),
    "copies of branches": branches(40),
    "long integers": cases(LONG) | {"unit": -4096},
    "short integers in a coarse unit: cases": cases({"rows": [0] * 5, "multipliers": [1] * 5}) | {"unit": 4096},
    "short integers in a coarse unit: cycles": {
        "kind": "cycles", "lengths": [RING] * 5, "vertices": [*range(RING)] * 5, "multipliers": [1] * 5, "unit": 4096,
    },
    "short integers in a coarse unit: a flow": {
        "kind": "flow", "reference": 0, "amounts": [1] * (3 * len(CHORDS)), "unit": 4096,
    },
    "short integers in a coarse unit: triangles": {
        "kind": "semidefinite", "unit": 4096, "diagonal": [1] * RING,
        "triangles": [[0, 1, k, 0] for k in range(2, 80)], "multipliers": [1] * 78,
    },
    "short integers in a coarse unit: pentagons": {
        "kind": "semidefinite", "unit": 4096, "diagonal": [1] * RING, "triangles": [], "multipliers": [],
        "pentagons": [[0, 1, 2, 3, k, 0] for k in range(4, 30)], "pentagon_multipliers": [1] * 26,
    },
}  # fmt: skip
#: The same in the unit of the weights costs little.
SHORT = [name for name in HOSTILE if name.startswith("short")]


@pytest.mark.parametrize("name", SHORT)
def test_integers_count_by_the_length_that_they_are_stored_with(name):
    """A multiplier of 1 in units of 2**4096 was counted as one word, and stored as 500 bytes for each pair."""
    exact = ExactGraph.from_graph(ring())
    exact.budget = Budget(5_000.0, "the proof")
    with contextlib.suppress(ValueError):  # some prove nothing, and no WorkError comes before
        proven_bound(exact, {**HOSTILE[name], "unit": 0})


@pytest.mark.parametrize("name", HOSTILE)
def test_a_proof_that_costs_more_than_its_graph_is_worth_is_refused(name):
    exact = ExactGraph.from_graph(ring())
    exact.budget = Budget(5_000.0, "the proof")
    with pytest.raises(WorkError, match="takes more than 5e\\+03 steps; raise --allow-work above 1"):
        proven_bound(exact, HOSTILE[name])


@pytest.mark.parametrize("name", HOSTILE)
def test_verify_says_the_limit_and_allow_work_raises_it(name):
    graph = ring()
    record = dk.maxcut(graph, bound="cycle").to_dict()
    forged = copy.deepcopy(record)
    forged["certificate"]["proof"] = HOSTILE[name]
    outcome = dk.verify(sealed(forged), graph, allow_work=1e-4)
    details = {check.name: check.detail for check in outcome.checks}
    assert {"proof", "upper_bound"} <= set(outcome.failed)
    assert details["proof"].startswith("refused: the proof takes more than")
    assert "raise --allow-work above 0.0001" in details["proof"]
    allowed = {c.name: c.detail for c in dk.verify(sealed(forged), graph, allow_work=100.0).checks}
    assert "allow-work" not in allowed["proof"]


def cases_of(seed, depth, n):
    """A tree of branches of any shape over disjoint pairs, the lower ones deeper."""
    rng = np.random.default_rng(seed)

    def below(level):
        if level == depth or rng.random() < 0.2:
            return {"kind": "positive"}
        return {
            "kind": "branch",
            "pair": [2 * level, 2 * level + 1],
            "same": below(level + 1),
            "opposite": below(level + 1),
        }

    assert 2 * depth <= n
    return below(0)


def by_definition(graph, proof):
    if proof["kind"] == "positive":
        return graph.value(graph.positive_bound())
    sides = []
    for opposite in (False, True):
        child = graph.copy()
        child.contract(*proof["pair"], opposite=opposite)
        sides.append(by_definition(child, proof["opposite" if opposite else "same"]))
    return max(sides)


@pytest.mark.parametrize("seed", range(4))
def test_a_tree_of_branches_holds_few_copies_of_its_graph(seed, monkeypatch):
    """A chain of 490 held 490: 2.4 GB for a record of 43 kB and a graph of 0.7 MB."""
    living, most, made = weakref.WeakSet(), [0], ExactGraph.copy

    class Watched(ExactGraph):
        __slots__ = ("__weakref__",)

        def copy(self):
            other = made(self)
            found = Watched(other.neighbours, shift=other.shift, offset=other.offset)
            found.budget = self.budget
            living.add(found)
            most[0] = max(most[0], len(living))
            return found

    def watched():
        exact = ExactGraph.from_graph(ring())
        found = Watched(exact.neighbours, shift=exact.shift, offset=exact.offset)
        found.budget = exact.budget
        return found

    tree = cases_of(seed, 9, RING)
    expected = by_definition(ExactGraph.from_graph(ring()), tree)
    assert proven_bound(watched(), tree) == expected
    size = str(tree).count("branch") + 1
    assert most[0] <= 1 + math.log2(size)
    for name, other in (("same", "opposite"), ("opposite", "same")):
        chain = {"kind": "positive"}
        for k in reversed(range(40)):
            chain = {"kind": "branch", "pair": [2 * k, 2 * k + 1], name: chain, other: {"kind": "positive"}}
        most[0] = 0
        proven_bound(watched(), chain)
        assert most[0] == 1


def proofs_walked(monkeypatch):
    """Note every proof that a check of a cut walks."""
    walked, walk = [], witness.proven_bound
    monkeypatch.setattr(
        witness, "proven_bound", lambda exact, proof: (walked.append(proof), walk(exact, proof))[1]
    )
    return walked


def test_a_proof_that_cannot_be_read_is_walked_once(monkeypatch):
    walked, graph = proofs_walked(monkeypatch), ring()
    record = dk.maxcut(graph, bound="cycle").to_dict()
    assert dk.verify(record, graph).ok
    assert len(walked) == 1
    record["certificate"]["proof"] = {"kind": "cycles", "lengths": {"shape": [9] * 1000, "dtype": "<f4"}}
    details = {
        check.name: check.detail for check in dk.verify(sealed(record), graph).checks if not check.passed
    }
    assert details["proof"] == details["upper_bound"]
    assert details["proof"].startswith("cannot be read")
    assert len(walked) == 2


@pytest.mark.parametrize("intact", [True, False])
@pytest.mark.parametrize("part", ["form", "graph"])
def test_no_proof_is_walked_in_a_record_that_is_not_about_the_graph(part, intact, monkeypatch):
    walked, graph = proofs_walked(monkeypatch), ring()
    record = dk.maxcut(graph, bound="cycle").to_dict()
    if part == "form":
        record["method"] = 7
    else:
        record["graph"]["digest"] = "0" * 64
    found = {check.name: check for check in dk.verify(sealed(record) if intact else record, graph).checks}
    assert not found[part].passed
    assert not walked
    if (part, intact) != ("graph", True):  # then the list ends with the graph
        for name in ("proof", "upper_bound"):
            assert found[name].detail == f"the proof is not walked: the {part} of the record is wrong"
            assert not found[name].passed


def test_honest_proofs_stay_far_below_the_limit():
    graph = as_graph(nx.random_regular_graph(5, 30, seed=3))
    result = dk.maxcut(graph, search=dk.SearchEffort(work=100_000), bound="best")
    outcome = dk.verify(result, graph, allow_work=0.05)
    assert outcome.ok, str(outcome)


def test_integers_of_a_proof_have_a_length():
    assert listed_integers([1 << (UNIT_LIMIT - 1)], "multipliers")
    with pytest.raises(ValueError, match="more than 4096 bits"):
        listed_integers([1 << UNIT_LIMIT], "multipliers")


@pytest.mark.parametrize("kind", ["flow", "cycles", "semidefinite", "eliminate"])
def test_arrays_of_a_proof_are_counted_before_they_are_decoded(kind, monkeypatch):
    """They took ten times the bytes of their texts, which the limit on values of a record does not count."""
    graph = as_graph([(0, 1, 1), (1, 2, 1), (0, 2, 1)])
    many = encode_array(np.zeros(1_100_000), "<i4")
    proofs = {
        "flow": {"kind": "flow", "reference": 0, "unit": 0, "amounts": many},
        "cycles": {"kind": "cycles", "lengths": [3], "vertices": many, "multipliers": [1], "unit": 0},
        "semidefinite": {
            "kind": "semidefinite", "unit": 0, "diagonal": [1, 1, 1], "triangles": many, "multipliers": many,
        },
    }  # fmt: skip
    proofs["eliminate"] = {"kind": "eliminate", "vertices": [], "then": proofs["flow"]}
    record = dk.maxcut(graph).to_dict()
    record["certificate"] = {**record["certificate"], "proof": proofs[kind]}
    monkeypatch.setattr(witness, "proven_bound", None)  # not even begun
    checks = {check.name: check for check in dk.verify(sealed(record), graph).checks}
    assert checks["proof"].detail.startswith("refused unseen: arrays of the proof would take")
    monkeypatch.undo()
    again = {check.name: check for check in dk.verify(sealed(record), graph, allow_work=3).checks}
    assert not again["proof"].detail.startswith("refused unseen")
    assert again["proof"].verdict.value == "FAILED"


def test_singular_values_of_a_large_map_are_refused_unseen(monkeypatch):
    """Three points with 1500 columns and a dense map to as many took 12 seconds, where honest ones take 0.02."""
    points = np.random.default_rng(1).standard_normal((3, 3000))
    record = dk.embed(points, n_components=2, holdout=False).to_dict()
    record |= {"n_components": 3000, "matrix": encode_array(np.eye(3000), "<f8")}
    checks = {check.name: check for check in dk.verify(sealed(record), points).checks}
    assert checks["matrix"].detail.startswith("refused unseen: singular values of the map would take")


def test_the_count_of_a_sparse_factor_is_itself_bounded():
    graph = as_graph(nx.random_regular_graph(8, 3000, seed=1))
    assert sparse_entries(graph, 1e4) > 1e4


def test_known_work_is_compared_with_the_limit():
    refuse_beyond(1e9, 1e9, "a pass")
    for steps in (1.1e9, float("inf"), float("nan")):
        with pytest.raises(WorkError, match="refused unseen: a pass would take"):
            refuse_beyond(steps, 1e9, "a pass")
    refuse_beyond(1.1e9, 1e9, "a pass", allow_work=2.0)


def test_pairs_that_cancel_are_refused_when_they_are_too_many():
    """Large entries on columns in which the points nearly agree: every pair has to be computed again."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 6))
    record = dk.embed(X, n_components=3).to_dict()
    A = rng.standard_normal((3, 6)) * 2.0**60
    forged = {**record, "matrix": encode_array(A, "<f8")}
    outcome = dk.verify(sealed(forged), X, allow_work=1e-6)
    detail = {check.name: check.detail for check in outcome.checks}["ratios"]
    assert "ratios" in outcome.failed
    assert detail.startswith("refused unseen: pairs whose images cancel would take")
    assert "raise --allow-work to" in detail


def test_held_out_siblings_may_not_be_too_large_to_be_measured():
    """Nothing bounded the width of the held-out figures: with huge entries any mean and maximum passed."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((60, 8))
    X[:, 7] = 1.0 + 1e-12 * rng.standard_normal(60)  # nearly constant: what a large entry adds is rounding
    record = dk.embed(X, n_components=4).to_dict()
    assert record["heldout"] is not None
    assert dk.verify(record, X).ok
    forged = copy.deepcopy(record)
    siblings = []
    for sibling in forged["heldout"]["siblings"]:
        A = decode_array(sibling).copy()
        A[0, 7] = 2.0**90
        siblings.append(encode_array(A, "<f4"))
    forged["heldout"] |= {
        "siblings": siblings,
        "max": 0.1,
        "mean": 0.05,
        "mean_interval": [0.04, 0.06],
        "p99": 0.09,
    }
    assert "heldout" in dk.verify(sealed(forged), X).failed


def test_a_list_of_cuts_is_refused_when_it_takes_too_long_to_weigh():
    graph = as_graph(nx.petersen_graph())
    record = dk.maxcut(graph, solutions=3).to_dict()
    assert dk.verify(record, graph).ok
    many = {**record, "cuts": record["cuts"][:1] * 100_000}
    start = [
        check for check in dk.verify(sealed(many), graph, allow_work=1e-3).checks if check.name == "cuts"
    ]
    assert not start[0].passed
    assert start[0].detail.startswith("refused unseen: weighing the cuts would take 2.5e+06 operations")


def test_rows_of_zeros_in_a_matrix_cost_nothing():
    """A map of many components has rows of zeros; only as many as there are columns are looked at."""
    X = np.random.default_rng(2).standard_normal((12, 4))
    result = dk.embed(X, n_components=500)
    outcome = dk.verify(result, X)
    assert outcome.ok, str(outcome)


@pytest.mark.parametrize(("schema", "key"), [("ranked-cuts", "best"), ("constrained-cut", "contracted")])
def test_records_within_records_without_end_are_refused(schema, key):
    """The number of checks was counted by a recursion that 900 levels exhausted."""
    record = 1
    for _ in range(900):
        record = {"schema": f"derandkit-{schema}", "schema_version": 2, key: record}
    assert "form" in dk.verify(record, [(0, 1)]).failed


def test_constraints_are_read_once_for_all_cuts(monkeypatch):
    """They were parsed again for each of several cuts: 0.5 MB took two minutes."""
    graph = as_graph([(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2)])
    record = dk.maxcut(graph, solutions=3, fixed={0: 0, 3: 1}).to_dict()
    honest, calls = constrained._statements, []

    def counted(*arguments):
        calls.append(1)
        return honest(*arguments)

    monkeypatch.setattr(constrained, "_statements", counted)

    def parsed(record):
        calls.clear()
        assert dk.verify(sealed(record), graph).ok
        return len(calls)

    assert parsed({**record, "cuts": record["cuts"][:1]}) == parsed(record)
    monkeypatch.setattr(ranked, "MOST_EDGES", len(record["cuts"]) * (graph.n + graph.m + 2) - 1)
    assert "weighing the cuts" in str(dk.verify(record, graph))
    assert dk.verify(record, graph, allow_work=2.0).ok


def test_a_map_of_far_more_rows_than_the_points_have_is_not_decoded(monkeypatch):
    """Rows of zeros cost no pair anything: five million of them for four points took 600 MB."""
    X = np.random.default_rng(3).standard_normal((4, 3))
    record = copy.deepcopy(dk.embed(X, n_components=2, holdout=False).to_dict())
    record["n_components"] = 4_000
    record["matrix"] = encode_array(np.zeros((4_000, 3)), "<f8")
    monkeypatch.setattr(work, "ARRAY_ENTRIES", 1000)
    monkeypatch.setattr(embedding_record, "decode_array", None)  # nobody asks for it
    check = {check.name: check for check in dk.verify(sealed(record), X).checks}["matrix"]
    assert check.detail.startswith("refused unseen: the map would take 1.2e+04 numbers")
    assert not check.passed


def test_frequencies_of_far_more_features_than_the_points_have_numbers_are_not_decoded(monkeypatch):
    X = np.random.default_rng(3).standard_normal((4, 3))
    record = copy.deepcopy(dk.random_features(X, n_features=4).to_dict())
    record["n_features"] = 8_000
    record["frequencies"] = encode_array(np.zeros((4_000, 3)), "<f8")
    monkeypatch.setattr(work, "ARRAY_ENTRIES", 1000)
    monkeypatch.setattr(features_record, "decode_array", None)
    check = {check.name: check for check in dk.verify(sealed(record), X).checks}["frequencies"]
    assert check.detail.startswith("refused unseen: the frequencies would take 1.2e+04 numbers")
    assert not check.passed
