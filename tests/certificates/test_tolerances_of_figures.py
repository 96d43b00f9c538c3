"""What a line of the report prints behind ``+-`` is all that a claim may be off by, and bounds are not rounded down."""

from __future__ import annotations

import json
import math
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from tests.mutations import sealed_again
from tests.second import second_report

import derandkit as dk
from derandkit.certificates.cuts import arithmetic
from derandkit.certificates.intervals import UNIT, Interval
from derandkit.graphs.graph import WeightedGraph

PI = Decimal("3.14159265358979323846264338327950288419716939937510582")


def erfc_exactly(x):
    """``erfc(x)`` for x of 26 or more, to 12 digits: ``e^-x^2 / (x sqrt pi) (1 - 1/(2x^2) + 3/(4x^4) - ...)``."""
    with localcontext() as context:
        context.prec, context.Emin = 60, -(10**6)
        x = Decimal(x)
        term, total = Decimal(1), Decimal(1)
        for k in range(1, 9):
            term = -term * (2 * k - 1) / (2 * x * x)
            total += term
        return Fraction((-x * x).exp() / (x * PI.sqrt()) * total)


def test_the_complementary_error_function_that_underflows_early_is_within_its_bound():
    """SciPy gives 0 from 26.642 on, where the value is 1.2e-310; the bound was the least float, 5e-324."""
    from scipy.special import erfc

    for x in np.linspace(25.5, 28.0, 251).tolist():
        found, exact = float(erfc(x)), erfc_exactly(x)
        lost = float(arithmetic.lost_below(np.array(x * x), arithmetic.ERFC_UNDERFLOWN))
        share = arithmetic.SPECIAL + 8.0 * UNIT * x * x  # half of what is charged for the square
        assert abs(Fraction(found) - exact) <= Fraction(share) * exact + Fraction(lost)


def test_an_exponential_that_underflows_is_within_its_bound():
    for x in np.linspace(670.0, 750.0, 161).tolist():
        with localcontext() as context:
            context.prec, context.Emin = 60, -(10**6)
            exact = Fraction((-Decimal(x)).exp())
        lost = float(arithmetic.lost_below(np.array(x), arithmetic.NORMAL))
        assert abs(Fraction(float(np.exp(-x))) - exact) <= Fraction(arithmetic.SPECIAL) * exact + Fraction(
            lost
        )


@pytest.mark.parametrize("deviations", [26.65, 26.7, 27.0, 27.2])
def test_a_heavy_edge_that_is_all_but_certain_counts_in_the_expectation(deviations):
    """An edge of 1e307 counted 0 in place of 7.6e-4: the interval was 5e-17 wide, and a false chain proven."""
    graph = WeightedGraph.from_edges([0, 2], [1, 3], [1e307, 1e-4])
    h = float(np.float32(deviations * math.sqrt(2.0)))
    found = arithmetic.independent_expectation(graph, np.array([h, h, 40.0, -40.0]), 1.0)
    exact = Fraction(1e307) * erfc_exactly(h / math.sqrt(2.0)) + Fraction(1e-4)
    assert found.low <= exact <= found.high


@pytest.mark.parametrize("weights", [[1e10, -1e10, 1.0], [1e15, -1e15, 1.0], [3e6, -1e6, 0.5]])
@pytest.mark.parametrize("name", ["final_expectation", "start_expectation", "sdp_value"])
def test_a_figure_is_claimed_to_the_digits_that_its_line_states(weights, name):
    """A claim could be off by 4u of all weights that are cut almost surely, and the line did not say so."""
    graph = WeightedGraph.from_edges([0, 2, 4], [1, 3, 5], weights)
    record = json.loads(dk.maxcut(graph).to_json())
    first = dk.verify(record, graph)
    assert first.ok
    line = next(check.detail for check in first.checks if check.name == name)
    stated = float(line.split(" +- ")[1].split()[0])
    claimed = record["chain"][name]
    for off, holds in (
        (0.0, True),
        (2.1 * stated + 1e-300, False),
        (3e-16 * abs(weights[0]) + 4 * stated, False),
    ):
        record["chain"][name] = claimed + off
        assert (name not in dk.verify(sealed_again(record), graph).failed) is holds


@pytest.mark.parametrize("seed", range(30))
def test_what_an_interval_shows_covers_every_claim_that_it_contains(seed):
    numbers = np.random.default_rng(seed)
    middle = float(numbers.normal()) * 10.0 ** int(numbers.integers(-300, 300))
    width = abs(middle) * 10.0 ** int(numbers.integers(-18, 3))
    found = Interval.around(Fraction(middle), width)
    shown, stated = map(Fraction, found.shown().split(" +- "))
    for end in (found.low - found.slack, found.high + found.slack):
        for claim in (end, math.nextafter(end, math.inf), math.nextafter(end, -math.inf)):
            assert not found.contains(claim) or abs(Fraction(claim) - shown) <= stated
    assert stated <= Fraction(2.3 * width + 1e-15 * abs(middle)) + Fraction(1, 10**300)


def test_a_number_that_is_not_known_is_in_no_interval():
    for found in (
        Interval.around(Fraction(1), math.inf),
        Interval(math.nan, 1.0),
        Interval(0.0, 1.0, math.nan),
    ):
        assert not found.contains(0.5)
        assert found.says_nothing(1.0)


def test_a_bound_is_never_shown_below_what_it_is():
    """A triangle's bound of 2469135780243000 was printed as 2.46913578024e+15, which its cut exceeds."""
    weight = 1234567890121500.0
    graph = WeightedGraph.from_edges([0, 0, 1], [1, 2, 2], [weight] * 3)
    record = json.loads(dk.maxcut(graph).to_json())
    record["certificate"]["proof"] = {"kind": "eliminate", "vertices": [0], "then": {"kind": "positive"}}
    record["bound"]["proof_method"] = "odd-cycle"
    details = {check.name: check.detail for check in dk.verify(sealed_again(record), graph).checks}
    assert details["proof"] == "no cut weighs more than 2469135780243000, in exact arithmetic"


def test_what_all_weights_are_multiples_of_is_named_in_all_digits():
    """Of 1234567 the records said 1.23457e+06, which no weight is a multiple of; of older ones the line says so."""
    graph = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [1234567.0] * 3)
    record = json.loads(dk.maxcut(graph).to_json())
    assert record["bound"]["rounding"]["steps"][0] == "weights are multiples of 1234567"
    assert dk.verify(record, graph).ok
    assert second_report(record, graph).ok
    record["bound"]["rounding"]["steps"][0] = "weights are multiples of 1.23457e+06"
    sealed_again(record)
    outcome = dk.verify(record, graph)
    assert outcome.ok
    assert "in six digits" in {check.name: check.detail for check in outcome.checks}["upper_bound"]
    assert second_report(record, graph).ok
    record["bound"]["rounding"]["steps"][0] = "weights are multiples of 1.23458e+06"
    sealed_again(record)
    assert dk.verify(record, graph).failed == ("upper_bound",)
    assert second_report(record, graph).failed == ["upper_bound"]


def test_the_range_of_a_quadratic_problem_is_claimed_but_for_its_rounding():
    model = dk.QuadraticModel.from_qubo([[1.1, -4.3], [0.0, 2.7]])
    record = json.loads(dk.optimize(model).to_json())
    assert dk.verify(record, model).ok
    record["spread"] *= 1 + 1e-13
    sealed_again(record)
    assert dk.verify(record, model).failed == ("gap",)
    assert second_report(record, model).failed == ["gap"]


@pytest.mark.parametrize("seed", range(40))
def test_records_of_heavy_weights_of_both_signs_verify(seed):
    numbers = np.random.default_rng(seed)
    i, j = np.nonzero(np.triu(numbers.random((7, 7)) < 0.6, 1))
    weights = numbers.choice([1e10, -1e10, 1e4, -1e4, 1.0, -1.0, 0.3], size=i.size)
    graph = WeightedGraph.from_edges(i, j, weights, n=7)
    outcome = dk.verify(dk.maxcut(graph, method=("lemma", "conditional")[seed % 2]), graph)
    assert outcome.ok, str(outcome)
