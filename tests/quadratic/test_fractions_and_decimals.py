"""A fraction in memory is the number that it says, or refused; a decimal is what its text is in a file."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import dimod
import networkx as nx
import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.dimod import DerandkitSampler
from derandkit.errors import InputError


def square(x):
    matrix = np.zeros((3, 3), dtype=object)
    matrix[0, 1], matrix[1, 2] = x, 1
    return matrix


def bqm(kind, linear=1, pair=1, offset=0):
    return dimod.BinaryQuadraticModel({"a": linear}, {("a", "b"): pair}, offset, kind, dtype=object)


SIGNS, BITS = dk.QuadraticModel.from_ising, dk.QuadraticModel.from_qubo
WAYS = {
    "linear terms of dimod": lambda x: dk.QuadraticModel.from_dimod(bqm("SPIN", linear=x)),
    "pairs of dimod": lambda x: BITS(bqm("BINARY", pair=x)),
    "an offset of dimod": lambda x: SIGNS(bqm("SPIN", offset=x)),
    "a model for the sampler": lambda x: DerandkitSampler().sample(bqm("BINARY", pair=x)),
    "signs for the sampler": lambda x: DerandkitSampler().sample_ising({"a": x}, {("a", "b"): 1}),
    "fields in a list for the sampler": lambda x: DerandkitSampler().sample_ising([x, 1], {(0, 1): 1}),
    "couplings for the sampler": lambda x: DerandkitSampler().sample_ising({}, {("a", "b"): x}),
    "bits for the sampler": lambda x: DerandkitSampler().sample_qubo({("a", "a"): x, ("a", "b"): 1}),
    "pairs": lambda x: BITS({("a", "b"): x}),
    "the diagonal": lambda x: BITS({("a", "a"): x, ("a", "b"): 1}),
    "a matrix": lambda x: BITS(square(x)),
    "a list of rows": lambda x: BITS(square(x).tolist()),
    "a frame": lambda x: BITS(pd.DataFrame(square(x))),
    "a series": lambda x: BITS(pd.Series({("a", "b"): x, ("a", "a"): 1})),
    "fields": lambda x: SIGNS(np.array([x, 1], dtype=object), {(0, 1): 1}),
    "couplings": lambda x: SIGNS({0: 1}, {(0, 1): x}),
    "couplings of a graph": lambda x: SIGNS({0: 1}, nx.Graph([(0, 1, {"weight": x})])),
    "a constant": lambda x: SIGNS({0: 1}, {(0, 1): 1}, x),
    "networkx": lambda x: dk.as_graph(nx.Graph([(0, 1, {"weight": x}), (1, 2, {"weight": 1})])),
    "a list of edges": lambda x: dk.as_graph([("a", "b", x), ("b", "c", 1)]),
    "a mapping of edges": lambda x: dk.as_graph({("a", "b"): x, ("b", "c"): 1}),
    "neighbours": lambda x: dk.as_graph({"a": {"b": x}, "b": {"a": x, "c": 1}, "c": {"b": 1}}),
    "an adjacency matrix": lambda x: dk.as_graph(square(x) + square(x).T),
    "a column of objects": lambda x: dk.as_graph(
        pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "weight": [x, 1]})
    ),
    "weights of arrays": lambda x: dk.WeightedGraph.from_edges([0], [1], np.array([x], dtype=object)),
    "clauses": lambda x: dk.Clauses.from_clauses([(1, 2), (-1,)], weights=[x, 1]),
    "arcs": lambda x: dk.Arcs.from_arcs([("a", "b", x), ("b", "c", 1)]),
    "points": lambda x: dk.embed([[x, 1], [0, 1], [2, 2]], n_components=2, holdout=False),
}


@pytest.mark.parametrize("name", WAYS)
def test_fractions_that_no_double_equals_are_refused(name):
    """1/3 was rounded and nothing said it: bounds of such models were "exact" and wrong in the 17th digit."""
    with pytest.raises(
        InputError, match=r"1/3.* no double \(the nearest is 0\.3333333333333333\)"
    ) as refused:
        WAYS[name](Fraction(1, 3))
    assert "\n" not in str(refused.value)
    with pytest.raises(InputError, match="no double"):
        WAYS[name](Fraction(2**60 + 1, 2**61))


@pytest.mark.parametrize("name", WAYS)
def test_fractions_of_doubles_and_decimals_are_taken(name):
    WAYS[name](Fraction(3, 8))
    WAYS[name](Decimal("0.1"))


def test_a_decimal_is_what_its_text_is_in_a_file(tmp_path):
    file = tmp_path / "graph.txt"
    file.write_text("a b 0.1\nb c 1\n")
    held = dk.as_graph([("a", "b", Decimal("0.1")), ("b", "c", 1)])
    assert held.digest == dk.read_graph(file).digest


def test_the_sampler_refuses_whole_numbers_that_dimod_rounds():
    """dimod makes doubles of the coefficients before the sampler sees them."""
    with pytest.raises(InputError, match="9007199254740993 is not exact"):
        DerandkitSampler().sample_ising({"a": 2**53 + 1}, {("a", "b"): 1})


def test_the_sampler_takes_matrices_as_dimod_does():
    """A matrix of coefficients, which dimod takes, ended in an AttributeError."""
    Q = np.array([[1.0, -2.0], [0.0, 0.5]])
    exact = dimod.ExactSolver()
    for matrix in (Q, Q.tolist(), Q.astype(np.float32), Q.astype(object)):
        assert DerandkitSampler().sample_qubo(matrix).first.energy == exact.sample_qubo(Q).first.energy
    J = np.array([[0, 3], [0, 0]])
    for h in ([1, 2], np.array([1.0, 2.0]), {0: 1, 1: 2}):
        assert (
            DerandkitSampler().sample_ising(h, J).first.energy == exact.sample_ising([1, 2], J).first.energy
        )


def test_fields_of_a_series_belong_to_its_index():
    """They were read by position: the field of "b" went to the variable 0, beside couplings of "a" and "b"."""
    J = {("a", "b"): 0.5}
    fields = pd.Series([3.0, -1.0], index=["b", "a"])
    found = DerandkitSampler().sample_ising(fields, J).first
    assert dict(found.sample) == {"a": 1, "b": -1}
    assert found.energy == -4.5
    assert DerandkitSampler().sample_ising(fields.to_xarray(), J).first == found
    with pytest.raises(InputError, match="the index of h has 'a' twice; add its fields up"):
        DerandkitSampler().sample_ising(pd.Series([1.0, 2.0], index=["a", "a"]), J)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (np.array([[0, 2**53 + 1], [0, 0]]), "9007199254740993, which is not exact"),
        ([[0, Fraction(1, 3)], [0, 0]], "no double"),
        ([(0, 1, -1.0)], r"a square matrix with one row a variable; got shape \(1, 3\)"),
        ([["a", "b"], ["c", "d"]], "is no array of numbers"),
        (np.zeros(3), "square matrix"),
    ],
)
def test_the_sampler_refuses_matrices_that_dimod_would_round_or_not_take(matrix, words):
    for call in (DerandkitSampler().sample_qubo, lambda J: DerandkitSampler().sample_ising([0, 0], J)):
        with pytest.raises(InputError, match=words):
            call(matrix)
