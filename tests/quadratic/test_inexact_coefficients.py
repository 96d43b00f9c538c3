"""Coefficients of one pair, variable or offset that add up lose no units; sums of fractions are rounded to nearest."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

import derandkit as dk

TERMS = "not exact in float64"


@pytest.mark.parametrize("vartype", ["binary", "spin"])
@pytest.mark.parametrize("text", ["0 0 0.5\n0 1 1e16\n1 0 0.9\n", "0 0 1e16\n0 0 0.9\n0 1 0.5\n"])
def test_a_file_of_terms(text, vartype, tmp_path):
    file = tmp_path / "terms.coo"
    file.write_text(text)
    with pytest.raises(dk.InputError, match=TERMS):
        dk.read_model(str(file), vartype=vartype)


def test_mappings_and_matrices():
    with pytest.raises(dk.InputError, match=TERMS):
        dk.QuadraticModel.from_qubo({("a", "b"): 1e16, ("b", "a"): 0.9, ("a", "a"): 0.5})
    with pytest.raises(dk.InputError, match=TERMS):
        dk.QuadraticModel.from_qubo([[0.5, 1e16], [0.9, 0]])
    with pytest.raises(dk.InputError, match=r"numbers of the offset add up to about 1e\+16"):
        dk.QuadraticModel.from_ising({}, {("a", "a"): 0.9, ("a", "b"): 1}, offset=1e16)
    model = dk.QuadraticModel.from_qubo({("a", "b"): 0.1, ("b", "a"): 0.2, ("a", "a"): 1e308})
    assert model.couplings.edges()[2].tolist() == [0.1 + 0.2]
    assert model.linear.tolist() == [1e308, 0.0]


def test_a_program_in_lp_format(tmp_path):
    file = tmp_path / "program.lp"
    lines = "minimize\n obj: 10000000000000000 x + 0.9 x + y\nsubject to\nbinaries\n x y\nend\n"
    file.write_text(lines)
    with pytest.raises(dk.InputError, match=f"coefficient of x add up.*{TERMS}"):
        dk.read_model(str(file))
    file.write_text(lines.replace("10000000000000000", "0.1"))
    assert dk.read_model(str(file)).model.linear.tolist() == [1.0, 1.0]


def test_sums_that_a_reduction_makes_are_rounded_and_counted():
    """Clauses of one pair add up to a term that float64 does not hold; the bound says what that takes off."""
    problem = dk.Clauses.from_clauses([[1, 2], [1, 2], [-1, 2], [-2]], weights=[1e16, 0.9, 0.5, 3e15])
    result = dk.optimize(problem)
    best = max(problem.exact_value(np.array([a, b])) for a in (0, 1) for b in (0, 1))
    assert best <= Fraction(result.bound)
    assert dk.verify(json.loads(result.to_json()), problem).ok
