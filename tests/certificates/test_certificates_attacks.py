"""Attacks that once succeeded: records that said something false and were accepted, and honest ones that were not."""

from __future__ import annotations

import copy
import itertools

import networkx as nx
import numpy as np
import pytest
import scipy.sparse

import derandkit as dk
from derandkit.certificates.cuts.psd import prove_positive_semidefinite
from derandkit.records import sealed


@pytest.mark.parametrize("tiny", [2.0**-868, 2.0**-976, 5e-324, 1e-300])
@pytest.mark.parametrize("method", ["dense-cholesky", "sparse-ldl"])
def test_a_factorisation_that_leaves_the_finite_numbers_proves_nothing(tiny, method):
    """LAPACK goes on with NaN for a pivot: an indefinite matrix with a tiny diagonal was "proven" semidefinite."""
    for n in (2, 3, 6):
        edges = nx.path_graph(n)
        A = nx.to_scipy_sparse_array(edges, format="csr") * float(2**53 - 1)
        for last in (tiny, 5e-324):
            diagonal = np.full(n, tiny)
            diagonal[-1] = last
            assert not prove_positive_semidefinite(scipy.sparse.csr_array(A), diagonal, method).proven


def test_an_entry_beyond_its_diagonal_entries_is_refused_before_any_factorisation():
    A = scipy.sparse.csr_array(np.array([[0.0, 9.0], [9.0, 0.0]]))
    proof = prove_positive_semidefinite(A, np.array([1.0, 1.0]), "dense-cholesky")
    assert not proof.proven
    assert "larger than its two diagonal entries" in proof.detail


def test_the_sides_of_a_constrained_cut_are_those_of_the_contracted_graph():
    graph = nx.petersen_graph()
    record = dk.maxcut(graph, fixed={0: 0}, pairs=[(1, 2, "same")]).to_dict()
    assert dk.verify(record, graph).ok
    forged = copy.deepcopy(record)
    forged["sides"] = "+" * 10
    forged["partition"] = [list(range(10)), []]
    forged |= {"cut_value": 0, "gap": 1.0, "status": "solved", "proven_optimal": False}
    forged["message"] = dk.CutStatus.SOLVED.value
    assert "expansion" in dk.verify(sealed(forged), graph).failed


@pytest.mark.parametrize("seed", range(12))
def test_ranked_cuts_are_in_the_order_of_their_stated_weights(seed):
    rng = np.random.default_rng(seed)
    edges = [
        (a, b, float(rng.choice([0.1, 0.2, 0.3, 0.7])))
        for a, b in itertools.combinations(range(int(rng.integers(3, 7))), 2)
        if rng.random() < 0.7
    ] or [(0, 1, 0.1)]
    outcome = dk.verify(dk.maxcut(edges, solutions=4), edges)
    assert outcome.ok, str(outcome)


def test_ranked_cuts_whose_rounded_weights_are_equal():
    edges = [(0, 1, 0.2), (0, 2, 0.3), (0, 3, 0.1), (1, 2, 0.2)]
    outcome = dk.verify(dk.maxcut(edges, solutions=4), edges)
    assert outcome.ok, str(outcome)
