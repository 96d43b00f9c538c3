"""What tables say of bounds that are not certified: none of them is stated as a fact."""

import dataclasses

import pytest

import derandkit as dk
from derandkit.quadratic.table import quadratic_rows

QUBO = {(i, j): (-1.0) ** (i * j) * (1 + i) for i in range(7) for j in range(i + 1)}


@pytest.mark.parametrize("status", ["certified", "tested", "estimated"])
def test_a_bound_that_is_estimated_rules_nothing_out(status):
    """The table of a quadratic problem said "no solution is below" of an estimate, and that the gap is at most so."""
    record = dk.minimize_qubo(QUBO, search=None, bound="sdp").to_dict()
    record |= {"bound_status": status, "proven_optimal": False, "gap": 2.5}
    record["cut"]["bound"] |= {"coin_test": {"error_probability": 1e-9}} if status == "tested" else {}
    text = "\n".join(" ".join(row) for row in quadratic_rows(record))
    assert ("no solution is below" in text) == (status != "estimated")
    assert ("2.5 at most" in text) == (status != "estimated")
    assert ("error probability 1e-09 when verified" in text) == (status == "tested")
    assert ("a better solution is not ruled out" in text) == (status == "estimated")
    assert ("2.5 to the estimate, which proves nothing" in text) == (status == "estimated")


def test_so_do_the_tables_of_other_results():
    norm, chosen = (
        dk.cut_norm([[1, -2], [3, 4]]),
        dk.optimize_with_cardinality(dk.QuadraticModel.from_qubo(QUBO), 3),
    )
    relaxed = dk.relax_cut([(0, 1), (1, 2), (2, 0)])
    estimate = dataclasses.replace(relaxed, bound=dataclasses.replace(relaxed.bound, status="estimated"))
    for result, other, claim in (
        (norm, dataclasses.replace(norm, bound_status="estimated"), "no choice has more than"),
        (chosen, dataclasses.replace(chosen, bound_status="estimated"), "no feasible value is below"),
        (relaxed, estimate, "no cut is above"),
    ):
        assert claim in str(result)
        assert claim not in str(other)
        assert "a better solution is not ruled out" in " ".join(str(other).split())
