"""Proofs with triangles: what is accepted is a bound, and what is no proof is refused."""

import copy
import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import graphs
from tests.oracles import brute_force_maxcut

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import proven_bound

#: For five mutually adjacent vertices: d sums to 31/4, multipliers to 1/2.
PROOF = {
    "kind": "semidefinite",
    "unit": -2,
    "diagonal": [6, 7, 7, 5, 6],
    "triangles": [[0, 1, 2, 0], [1, 2, 4, 0]],
    "multipliers": [1, 1],
}


def five():
    return ExactGraph.from_edges(5, [(u, v, 1.0) for u, v in itertools.combinations(range(5), 2)])


def test_a_proof_by_hand():
    # (2 W + sum d + 2 sum g) / 4, in quarters: (80 + 31 + 4) / 16
    assert proven_bound(five(), PROOF) == Fraction(115, 16)


def test_mutated_proofs_fail_or_still_hold():
    """Whatever a proof says, an accepted bound is a bound: no cut of this graph weighs more than 6."""
    refused = 0
    for key, at, value in itertools.product(
        ("diagonal", "multipliers", "triangles"), range(5), (-9, -1, 0, 1, 2, 3, 4, 8, 10**30)
    ):
        mutant = copy.deepcopy(PROOF)
        if key == "triangles":
            mutant[key][at % 2][at // 2 + at % 2] = value
        elif at < len(mutant[key]):
            mutant[key][at] = value
        try:
            assert proven_bound(five(), mutant) >= 6
        except (ValueError, LookupError, TypeError):
            refused += 1
    assert refused > 40
    for unit in (-4096, -40, -3, -1, 40, 4096):
        try:
            assert proven_bound(five(), {**PROOF, "unit": unit}) >= 6
        except ValueError:
            assert unit < -2


@settings(max_examples=200)
@given(
    graphs(min_n=4, max_n=7),
    st.lists(st.integers(-3, 12), min_size=7, max_size=7),
    st.lists(st.tuples(st.integers(0, 34), st.integers(0, 3), st.integers(0, 5)), max_size=6),
    st.integers(-3, 3),
)
def test_invented_proofs_never_cross_the_optimum(graph, diagonal, triangles, unit):
    corners = list(itertools.combinations(range(graph.n), 3))
    proof = {
        "kind": "semidefinite",
        "unit": unit,
        "diagonal": diagonal[: graph.n],
        "triangles": [[*corners[t % len(corners)], flip] for t, flip, _ in triangles],
        "multipliers": [g for _, _, g in triangles],
    }
    try:
        bound = proven_bound(ExactGraph.from_graph(graph), proof)
    except ValueError as error:
        assert "not proven semidefinite" in str(error)  # noqa: PT017
    else:
        assert bound >= brute_force_maxcut(graph)[0]


@pytest.mark.parametrize(
    "change",
    [
        {"multipliers": [1, -1]},
        {"multipliers": [1]},
        {"multipliers": [1, 0.5]},
        {"multipliers": [True, True]},
        {"diagonal": [6, 7, 7, 5]},
        {"diagonal": [6, 7, 7, 5, None]},
        {"diagonal": "rubbish"},
        {"diagonal": {"base64": "AAAAAAAA4D8=", "dtype": "<f8", "shape": [1]}},
        {"triangles": [[0, 1, 2, 0], [1, 2, 5, 0]]},
        {"triangles": [[0, 1, 2, 0], [2, 1, 4, 0]]},
        {"triangles": [[0, 1, 2, 0], [1, 1, 4, 0]]},
        {"triangles": [[0, 1, 2, 0], [1, 2, 4, 4]]},
        {"triangles": [[0, 1, 2, 0], [1, 2, 4]]},
        {"triangles": [[0, 1, 2, 0], 7]},
        {"unit": 5000},
        {"unit": 0.5},
        {"unit": True},
        {"extra": 1},
    ],
)
def test_malformed_proofs_are_refused(change):
    with pytest.raises((ValueError, LookupError, TypeError)):
        proven_bound(five(), {**PROOF, **change})


def test_a_matrix_of_absurd_order_is_refused_before_it_is_made():
    graph = ExactGraph({v: {} for v in range(9000)})
    proof = {**PROOF, "diagonal": [0] * 9000, "triangles": [], "multipliers": []}
    with pytest.raises(ValueError, match="order 9000"):
        proven_bound(graph, proof)
