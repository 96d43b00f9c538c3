"""Real coefficients: weights rounded in favour of a solution prove it optimal, and no record gains by the rounding."""

import itertools
import json
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.second import second_report

import derandkit as dk
from derandkit.certificates.quadratic.problems import polynomial
from derandkit.certificates.quadratic.reduction import reduction, reduction_toward
from derandkit.models.arcs import SignedGraph
from derandkit.quadratic.problem import as_model, exact_coefficients
from derandkit.records import sealed
from derandkit.signs.models import as_graph, toward_solution


def tenths(numbers):
    return numbers.randint(-30, 30) / 10


def qubo(n, numbers):
    places = itertools.combinations_with_replacement(range(n), 2)
    return dk.QuadraticModel.from_qubo({(i, j): tenths(numbers) for i, j in places})


def ising(n, numbers):
    fields = {i: tenths(numbers) for i in range(n)}
    couplings = {(i, j): tenths(numbers) for i, j in itertools.combinations(range(n), 2)}
    return dk.QuadraticModel.from_ising(fields, couplings, sense="maximize")


def clauses(n, numbers):
    rows = [
        tuple(numbers.choice((-1, 1)) * v for v in numbers.sample(range(1, n + 1), 2)) for _ in range(3 * n)
    ]
    return dk.Clauses.from_clauses(rows, weights=[abs(tenths(numbers)) + 0.1 for _ in rows])


def arcs(n, numbers):
    pairs = [pair for pair in itertools.permutations(range(n), 2) if numbers.random() < 0.4]
    return dk.Arcs.from_arcs([(*pair, abs(tenths(numbers)) + 0.1) for pair in pairs], nodes=range(n))


def camps(n, numbers):
    return SignedGraph(dk.as_graph([(u, v, tenths(numbers)) for u, v in itertools.combinations(range(n), 2)]))


KINDS = {"qubo": qubo, "ising": ising, "max2sat": clauses, "maxdicut": arcs, "balance": camps}


def every_value(instance):
    """Return the exact values of all solutions, the best first."""
    model, _ = as_model(instance)
    low = 0 if model.vartype == "binary" else -1
    solutions = itertools.product((low, 1), repeat=model.n)
    values = [instance.exact_value(np.array(x, dtype=np.int8)) for x in solutions]
    return sorted(values, reverse=model.sense == "maximize")


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 7))
def test_the_best_solution_is_proven_unless_another_is_as_good_up_to_rounding(kind, seed, n):
    instance = KINDS[kind](n, random.Random(seed))
    result = dk.optimize(instance)
    best, *others = every_value(instance)
    assert dk.verify(result, instance)
    assert second_report(result.to_dict(), instance).ok
    assert (Fraction(result.bound) - best) * (1 if result.sense == "maximize" else -1) >= 0
    if result.proven_optimal:
        assert instance.exact_value(np.array(result.values, dtype=np.int8)) == best
    else:  # the best of balance are two, one the other turned over
        assert abs(others[instance.kind == "balance"] - best) < 1e-12


@pytest.mark.parametrize("seed", range(2))
def test_twelve_bits_are_proven(seed):
    instance = qubo(12, random.Random(seed))
    result = dk.optimize(instance)
    assert result.proven_optimal
    assert result.reduction["rounding"] == "toward the solution"
    assert instance.exact_value(np.array(result.values, dtype=np.int8)) == every_value(instance)[0]
    again = type(result).from_json(result.to_json()).with_instance(instance)
    assert again.to_json() == result.to_json()
    assert again.cut.graph.digest == result.cut.graph.digest


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6), number=st.integers(0, 31))
def test_no_solution_gains_more_by_the_rounding_than_the_favoured_one(kind, seed, number):
    instance = KINDS[kind](5, random.Random(seed))
    model, _ = as_model(instance)
    low = 0 if model.vartype == "binary" else -1
    favoured = np.array([1 if number >> k & 1 else low for k in range(5)], dtype=np.int8)
    graph, inverse = toward_solution(as_graph(model)[1], exact_coefficients(instance, model), favoured)
    sign = 1 if model.sense == "maximize" else -1
    i, j, w = graph.edges()
    for x in itertools.product((low, 1), repeat=5):
        x = np.array(x, dtype=np.int8)
        signs = inverse.signs(x)[: graph.n]
        cut = sum(map(Fraction, w[signs[i] != signs[j]].tolist()), Fraction(0))
        room = inverse.constant + inverse.factor * cut + inverse.slack - sign * instance.exact_value(x)
        assert room >= 0
        assert room == 0 or (x != favoured).any()
    poly = polynomial(instance)
    found = reduction_toward(poly, reduction(poly.model), favoured.tolist())
    assert (found.graph.digest, found.constant, found.factor, found.slack) == (
        graph.digest, inverse.constant, inverse.factor, inverse.slack
    )  # fmt: skip


@pytest.mark.parametrize(
    "forge",
    [
        lambda record: record["reduction"].update(rounding="nearest"),
        lambda record: record["reduction"].update(rounding="toward"),
        lambda record: record["reduction"].update(slack="0"),
        lambda record: record["reduction"].pop("rounding"),
        lambda record: record.update(values=[1 - x for x in record["values"]]),
        lambda record: record.update(values=[2 for _ in record["values"]]),
        lambda record: record.update(values=record["values"][1:]),
        lambda record: record.update(schema_version=2),
    ],
)
def test_both_verifiers_refuse_records_that_say_something_else_of_the_rounding(forge):
    instance = qubo(6, random.Random(1))
    record = json.loads(dk.optimize(instance).to_json())
    assert record["reduction"]["rounding"] == "toward the solution"
    forge(record)
    record.pop("seal")
    record = sealed(record)
    assert not dk.verify(record, instance)
    assert not second_report(record, instance).ok


def test_a_record_of_version_2_says_nothing_of_rounding_and_holds():
    instance = dk.QuadraticModel.from_qubo([[-1, 2], [0, -1]])
    record = json.loads(dk.optimize(instance).to_json())
    assert record["reduction"].pop("rounding") == "nearest"
    record["schema_version"] = 2
    record.pop("seal")
    record = sealed(record)
    assert dk.verify(record, instance)
    assert second_report(record, instance).ok
