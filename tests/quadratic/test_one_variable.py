"""Variables of models that are written in two ways, and couplings that may count once or twice, are refused."""

import pytest
from tests.inputs import refused

import derandkit as dk


@pytest.mark.parametrize(
    ("one", "other"), [(1, "1"), ("a", "a "), ("a", "\uff41"), ("1000", "1,000"), ("a", b"a")]
)
def test_one_variable_written_in_two_ways(one, other):
    for call in (
        lambda: dk.minimize_qubo({(0, one): 2, (0, other): -5}),
        lambda: dk.minimize_qubo({(0, one): 2, (other, other): -5}),
        lambda: dk.minimize_ising({}, {(0, one): 2, (0, other): -5}),
        lambda: dk.minimize_ising({other: 1}, {(one, 2): 1}),
    ):
        assert "may be one variable or two" in refused(call)
    assert dk.minimize_qubo({(0, one): 2, (0, "q"): -5}).value == -5


def test_couplings_in_both_orders():
    assert "fits two readings" in refused(dk.minimize_ising, {}, {(0, 1): 1, (1, 0): 1})
    both = {(i, j): 1.5 for i in range(3) for j in range(3) if i != j}
    assert "fits two readings" in refused(dk.minimize_ising, {0: 1}, both)
    assert dk.minimize_ising({}, {(0, 1): 1, (1, 0): 2}).value == -3  # given twice, they add up
    assert dk.minimize_qubo({(0, 1): 1, (1, 0): 1, (0, 0): -3}).value == -3
