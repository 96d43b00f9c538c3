"""Inequalities on five vertices: true for every cut, checked in two programs, handed down without loss."""

import copy
import itertools
import json
from fractions import Fraction

import cvxpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import graphs, hashed, random_graph
from tests.leaves import leaves
from tests.oracles import brute_force_maxcut, exact_cut
from tests.second import second

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import proven_bound
from derandkit.signs.proofs.branching.by_triangles import merged, split_pentagons
from derandkit.signs.proofs.branching.tree import branch_and_bound
from derandkit.signs.proofs.residual import EliminatedGraph
from derandkit.signs.proofs.triangles.bound import TriangleDual, level_of
from derandkit.signs.proofs.triangles.pentagons import worst_pentagons
from derandkit.signs.proofs.triangles.rows import keys_of, proof_rows, signs_of, sorted_rows, triangle_rows
from derandkit.signs.proofs.triangles.separation import EXTENSIONS, violated_pentagons

PAIRS = list(itertools.combinations(range(5), 2))
#: The ten pairs of five vertices, each taken off once: 0 is left, and (2 * 10 + 4) / 4 is the greatest cut.
PROOF = {
    "kind": "semidefinite",
    "unit": 0,
    "diagonal": [0, 0, 0, 0, 0],
    "triangles": [],
    "multipliers": [],
    "pentagons": [[0, 1, 2, 3, 4, 0]],
    "pentagon_multipliers": [1],
}


def five(signs=(1, 1, 1, 1, 1)):
    return ExactGraph.from_edges(5, [(u, v, float(signs[u] * signs[v])) for u, v in PAIRS])


def checked_twice(graph, proof):
    """Return what both verifiers say that a proof shows."""
    first = proven_bound(ExactGraph.from_graph(graph), proof)
    i, j, w = graph.edges()
    edges = [(int(u), int(v), Fraction(float(x))) for u, v, x in zip(i, j, w, strict=True)]
    proofs = second().proofs
    assert proofs.bound(proofs.Graph.build(graph.n, edges), json.loads(json.dumps(proof))) == first
    return first


def has_pentagons(proof):
    """Whether a leaf of a tree has pentagons."""
    return any("pentagon_multipliers" in path for path, _ in leaves(proof))


@pytest.mark.parametrize("signs", list(itertools.product((1, -1), repeat=4)))
def test_the_cut_of_five_vertices_is_proven_by_one_pentagon(signs):
    """Switching vertices turns the signs of the pentagon, and triangles alone leave a gap."""
    signs = (1, *signs)
    flips = sum(1 << a for a in range(5) if signs[a] < 0)
    graph = five(signs)
    best = max(
        sum(w for u, v, w in graph.edges() if sides[u] != sides[v])
        for sides in itertools.product((0, 1), repeat=5)
    )
    total = sum(w for _, _, w in graph.edges())
    assert total + 2 == 2 * best
    assert proven_bound(graph, {**PROOF, "pentagons": [[0, 1, 2, 3, 4, flips]]}) == best


@pytest.mark.parametrize(
    "change",
    [
        {"pentagon_multipliers": [-1]},
        {"pentagon_multipliers": [1, 1]},
        {"pentagon_multipliers": [1.0]},
        {"pentagon_multipliers": [True]},
        {"pentagon_multipliers": None},
        {"pentagons": [[0, 1, 2, 3, 4]]},
        {"pentagons": [[0, 1, 2, 3, 5, 0]]},
        {"pentagons": [[0, 1, 2, 4, 3, 0]]},
        {"pentagons": [[0, 1, 2, 3, 3, 0]]},
        {"pentagons": [[0, 1, 2, 3, 4, 1]]},
        {"pentagons": [[0, 1, 2, 3, 4, 32]]},
        {"pentagons": [[0, 1, 2, 3, 4, -2]]},
        {"pentagons": [[-1, 1, 2, 3, 4, 0]]},
        {"pentagons": [[0, 1, 2, 3, 4, 2]]},  # other signs, whose matrix is not semidefinite
        {"diagonal": [-1, 0, 0, 0, 0]},
    ],
    ids=str,
)
def test_malformed_pentagons_are_refused_by_both_verifiers(change):
    proof = {**PROOF, **change}
    if change.get("pentagon_multipliers", 0) is None:
        del proof["pentagon_multipliers"]
    with pytest.raises((ValueError, LookupError, TypeError)):
        proven_bound(five(), proof)
    proofs = second().proofs
    with pytest.raises(Exception, match=r"."):
        proofs.bound(proofs.Graph.build(5, [(u, v, 1) for u, v in PAIRS]), proof)


@settings(max_examples=200)
@given(
    graphs(min_n=5, max_n=7),
    st.lists(st.integers(-3, 12), min_size=7, max_size=7),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 15), st.integers(0, 5)), max_size=5),
    st.integers(-3, 3),
)
def test_invented_proofs_never_cross_the_optimum(graph, diagonal, pentagons, unit):
    corners = list(itertools.combinations(range(graph.n), 5))
    proof = {
        **PROOF,
        "unit": unit,
        "diagonal": diagonal[: graph.n],
        "pentagons": [[*corners[t % len(corners)], 2 * flips] for t, flips, _ in pentagons],
        "pentagon_multipliers": [h for _, _, h in pentagons],
    }
    try:
        bound = proven_bound(ExactGraph.from_graph(graph), proof)
    except ValueError as error:
        assert "not proven semidefinite" in str(error)  # noqa: PT017
    else:
        assert bound >= brute_force_maxcut(graph)[0]


# --- the bound ---------------------------------------------------------------------------------------------


def relaxation_by_cvxpy(A):
    """The semidefinite relaxation with all triangles and all pentagons."""
    n = len(A)
    X = cvxpy.Variable((n, n), PSD=True)
    rows = []
    for size in (3, 5):  # the square of an odd sum of signs is at least one
        for corners in itertools.combinations(range(n), size):
            for b in itertools.product((1, -1), repeat=size - 1):
                signs = np.zeros(n)
                signs[list(corners)] = (1, *b)
                rows.append(np.outer(signs, signs).ravel())
    holds = [cvxpy.diag(X) == 1, np.array(rows) @ cvxpy.vec(X, order="C") >= 1]
    problem = cvxpy.Problem(cvxpy.Maximize(cvxpy.sum(cvxpy.multiply(A, 1 - X)) / 4), holds)
    return problem.solve(solver=cvxpy.CLARABEL, tol_gap_abs=1e-6, tol_gap_rel=1e-6, tol_feas=1e-6)


def dual_of(graph, rounds, pentagons):
    whole = EliminatedGraph(ExactGraph.from_graph(graph), graph.n)
    A, top = whole.matrix()
    dual = TriangleDual(A, level_of(A), pentagons=pentagons)
    dual.start()
    for _ in range(rounds):
        dual.descend(-np.inf)
        dual.separate()
    dual.descend(-np.inf)
    return whole, top, dual


@pytest.mark.parametrize("weights", ["ones", "signs", "reals"])
def test_the_bound_is_the_value_of_the_relaxation(weights):
    graph = random_graph(8, 1.0, seed=3, weights=weights)
    A = graph.adjacency().toarray()
    value, scale = relaxation_by_cvxpy(A), float(np.abs(A).sum())
    whole, top, dual = dual_of(graph, 60, True)
    bound, proof = dual.leaf(whole, top)
    assert checked_twice(graph, proof) == bound
    assert value - 1e-5 * scale <= bound <= value + 4e-3 * scale


@pytest.mark.parametrize(("n", "seed", "weights"), [(24, 1, "ones"), (32, 1, "ones"), (32, 1, "signs")])
def test_pentagons_improve_the_bound(n, seed, weights):
    graph = random_graph(n, 0.9, seed=seed, weights=weights)
    (whole, top, plain), (_, _, more) = (dual_of(graph, 25, pentagons) for pentagons in (False, True))
    without, _ = plain.leaf(whole, top)
    bound, proof = more.leaf(whole, top)
    assert bound < without - Fraction(1, 50)  # smoothing leaves some thousandths
    assert has_pentagons(proof)
    assert (
        proven_bound(ExactGraph.from_graph(graph), proof)
        == bound
        >= exact_cut(graph, whole.lift(more.cuts()[0]))
    )


def test_a_tree_with_pentagons_is_proven_and_every_change_is_noticed():
    graph = random_graph(22, 0.9, seed=5, weights="reals")
    found = branch_and_bound(graph)
    best = exact_cut(graph, found.signs)
    assert found.complete
    assert has_pentagons(found.proof)
    assert checked_twice(graph, found.proof) == found.exact
    refused = 0
    for path, value in [leaf for leaf in leaves(found.proof) if type(leaf[1]) in (int, str)][:80]:
        mutant = copy.deepcopy(found.proof)
        *way, last = path
        node = mutant
        for step in way:
            node = node[step]
        node[last] = value + 1 if type(value) is int else value[::-1]
        try:
            assert proven_bound(ExactGraph.from_graph(graph), mutant) >= best
        except (ValueError, LookupError, TypeError):
            refused += 1
    assert refused > 10


# --- what a case hands down --------------------------------------------------------------------------------


@settings(max_examples=200)
@given(
    st.permutations(range(7)),
    st.lists(st.sampled_from([-1, 1]), min_size=5, max_size=5),
    st.sampled_from([-1, 1]),
)
def test_a_pentagon_on_both_ends_is_the_sum_of_the_triangles_that_replace_it(order, signs, sign):
    corners = np.array([order[:5]])
    u, v = order[1], order[3]
    vertices, sides, weights = split_pentagons(corners, np.array([signs]), np.ones(1), u, v, sign)
    assert (vertices != v).all()
    for free in itertools.product((-1, 1), repeat=7):
        x = np.array(free)
        x[v] = sign * x[u]
        left = (int((np.array(signs) * x[corners[0]]).sum()) ** 2 - 1) // 2
        right = sum(
            g * (int((b * x[row]).sum()) ** 2 - 1) // 2
            for row, b, g in zip(vertices, sides, weights, strict=True)
        )
        assert left == right


@given(
    st.permutations(range(8)),
    st.lists(st.sampled_from([-1, 1]), min_size=5, max_size=5),
    st.sampled_from([-1, 1]),
)
def test_rows_that_move_to_the_other_end_say_the_same(order, signs, sign):
    corners, u, v = np.array([order[:5]]), order[6], order[2]
    left = np.array(sorted(set(range(8)) - {v}))
    position = np.full(8, -1)
    position[left] = np.arange(7)
    rows, weights = merged(corners, np.array([signs]), np.ones(1), u, v, sign, position)
    assert rows[0, :5].tolist() == sorted(rows[0, :5].tolist())
    assert weights.tolist() == [1.0]
    x = np.array([1, -1, -1, 1, -1, 1, 1, -1])
    x[v] = sign * x[u]
    before = abs(int((np.array(signs) * x[corners[0]]).sum()))
    assert abs(int((signs_of(rows)[0] * x[left][rows[0, :5]]).sum())) == before


# --- rows --------------------------------------------------------------------------------------------------


def slack_of(row, X):
    signs = signs_of(np.array([row]))[0]
    return 2 + sum(signs[a] * signs[c] * X[row[a], row[c]] for a, c in PAIRS)


@pytest.mark.parametrize("seed", range(6))
def test_extensions_are_the_worst_of_enumeration(seed):
    V = hashed(9, 4, seed=seed)
    V /= np.linalg.norm(V, axis=1)[:, None]
    X = V @ V.T
    base = triangle_rows(np.array([[0, 2, 5, 0], [1, 4, 8, 3], [3, 6, 7, 1]]))
    found, slack = np.empty((3 * EXTENSIONS, 6), dtype=np.int32), np.empty(3 * EXTENSIONS)
    count = violated_pentagons(X, base, 2.0, found, slack)
    rows = sorted_rows(found[:count, :5].astype(np.int64), signs_of(found[:count]))
    assert slack[:count] == pytest.approx(np.array([slack_of(row, X) for row in rows.tolist()]))
    expected = []
    for row in base.tolist():
        worst = []
        for u, v in itertools.combinations(sorted(set(range(9)) - set(row[:3])), 2):
            tries = [slack_of([*row[:3], u, v, row[5] | bits], X) for bits in (0, 8, 16, 24)]
            worst.append(min(tries))
        expected += [x for x in sorted(worst)[:EXTENSIONS] if x < 2.0]
    assert np.sort(slack[:count]) == pytest.approx(np.sort(expected))
    once = worst_pentagons(X, base, np.ones(3))
    assert len(np.unique(keys_of(once, 9))) == len(once) > 0
    slacks = [slack_of(row, X) for row in once.tolist()]
    assert slacks == sorted(slacks)


def test_rows_of_proofs_are_those_of_programs():
    triangles = np.array([[*corners, flip] for corners in ((0, 1, 2), (1, 3, 4)) for flip in range(4)])
    rows = triangle_rows(triangles)
    back, none = proof_rows(rows)
    assert back.tolist() == triangles.tolist()
    assert none.shape == (0, 6)
    every = sorted_rows(rows[:, :3].astype(np.int64), signs_of(rows)[:, :3])
    assert every.tolist() == rows.tolist()
    assert len(np.unique(keys_of(rows, 5))) == len(rows)
