"""What tables say of hard clauses and rounded optima, and clauses that come from a file."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tests.inputs import refused

import derandkit as dk
from derandkit.cli import main
from derandkit.models.clauses import read_clauses


def test_contradicting_hard_clauses_are_named_beside_the_weight_that_is_satisfied(tmp_path):
    file = tmp_path / "torn.wcnf"
    file.write_text("h 1 0\nh -1 0\n4 -2 0\n")
    found = dk.max2sat(file)
    table = " ".join(str(found).split())
    assert "hard clauses 1 violated: no assignment satisfies the hard clauses (proven)" in table
    assert "satisfied weight 4 of 4, by the soft clauses" in table
    assert "value -1, which counts the cost of violated hard clauses (exact, proven optimal)" in table
    assert "no assignment with the fixed values satisfies" in " ".join(
        str(dk.max2sat(file, fixed={2: 0})).split()
    )
    given = dk.max2sat([(1,), (-2,)], hard=[0], weights=[1, 4], fixed={1: 0})
    assert "no assignment with the fixed values satisfies" in " ".join(str(given).split())


def test_clauses_of_a_file_have_their_own_weights(tmp_path):
    file = tmp_path / "two.cnf"
    file.write_text("p cnf 2 3\n1 2 0\n-1 0\n-2 0\n")
    assert dk.max2sat(file).value == dk.max2sat(str(file)).value == 2
    for clauses in (file, read_clauses(file)):
        assert "leave out weights" in refused(lambda clauses=clauses: dk.max2sat(clauses, weights=[1, 1, 1]))
        assert "leave out weights" in refused(lambda clauses=clauses: dk.max2sat(clauses, hard=[0]))


def test_an_optimum_that_no_float_holds_is_proven_although_its_roundings_differ():
    # the sum of the three numbers lies between two floats
    found = dk.minimize_ising([0.1, 0.2, 0.3], {})
    exact = -(Fraction(0.1) + Fraction(0.2) + Fraction(0.3))
    assert float(exact) == found.value
    assert Fraction(found.bound) < exact
    assert found.proven_optimal
    assert dk.verify(found, dk.QuadraticModel.from_ising([0.1, 0.2, 0.3], {})).ok
    assert 0 < found.gap <= np.spacing(1.0)
    assert f"0 (the rounded numbers of the record differ by {found.gap:.9g})" in " ".join(str(found).split())


def test_reading_lines_give_sizes_and_no_class(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("two.cnf").write_text("p cnf 2 3\n1 2 0\n-1 0\n-2 0\n")
    Path("arcs.txt").write_text("1 2\n2 1\n2 3\n3 3\n")
    done = CliRunner().invoke(main, ["max2sat", "two.cnf", "--search", "none"])
    assert re.match(
        r"derandkit: read two\.cnf as .*; 2 variables, 3 clauses, 0 hard, total weight 3\n", done.stderr
    )
    done = CliRunner().invoke(main, ["maxdicut", "arcs.txt", "--search", "none"])
    first, *others = done.stderr.splitlines()
    assert re.fullmatch(r"derandkit: read arcs\.txt as .*; 3 vertices, 3 arcs, total weight 3", first)
    assert "derandkit: dropped 1 self-loop, which no cut counts" in others
    done = CliRunner().invoke(main, ["compare", "two.cnf", "--methods", "lemma"])
    assert "Clauses(" not in done.stderr
    assert "2 variables, 3 clauses" in done.stderr


def test_balance_says_that_loops_are_not_counted(tmp_path):
    file = tmp_path / "signed.txt"
    file.write_text("a a -1\na b 1\nb c -1\n")
    done = CliRunner().invoke(main, ["balance", str(file)])
    assert "derandkit: a negative self-loop is frustrated in every division" in done.stderr
    file.write_text("a b 1\nb c -1\n")
    assert "self-loop" not in CliRunner().invoke(main, ["balance", str(file)]).stderr


def test_one_case_is_singular():
    tree = dk.branch_and_bound(dk.as_graph([(0, 1), (1, 2), (0, 2)]))
    assert tree.nodes == 1
    assert tree.reason.startswith("1 case, not open; ")


@pytest.mark.parametrize(
    ("verb", "reading"),
    [
        ("ising", ("--input-format", "gsg", "--sense", "minimize")),
        ("qubo", ("--input-format", "sparse")),
        ("ising", ("--input-format", "coo", "--vartype", "spin", "--sense", "maximize")),
    ],
)
def test_the_record_of_a_model_finds_the_format_that_was_named(tmp_path, verb, reading):
    model, record = tmp_path / "m.txt", tmp_path / "m.json"
    model.write_text("4 4\n1 2 1\n2 3 -2\n1 3 3\n3 4 1\n" if "coo" not in reading else "0 1 1\n1 2 -2\n")
    done = CliRunner().invoke(main, [verb, str(model), *reading, "-o", str(record), "-q"])
    assert done.exit_code == 0, done.output
    checked = CliRunner().invoke(main, ["verify", str(record), str(model)])
    assert checked.exit_code == 0, checked.output


def test_balance_says_where_no_edge_is_negative():
    for edges, alone in (
        ([("a", "b", 5), ("c", "d", 3)], True),
        ([("a", "b", 5), ("b", "c", -3)], False),
        ([("a", "b", 1), ("b", "c", 1), ("c", "a", -1)], False),
    ):
        result = dk.frustration(edges)
        assert ("no edge is negative" in dict(result.table_rows()).get("camps", "")) is alone


def test_the_share_of_a_start_says_what_is_added_where_clauses_are_hard():
    """The table said that 0.857 is at least 0.94 of 1.00000003; the share is one of sums with the hard clauses."""
    clauses = dk.Clauses.from_clauses([(-2, 1), (-3, -4), (1, 3)], hard=[0, 2])
    said = "at least 0.94 of it where the cost of all hard clauses is added to both"
    found = dk.max2sat(clauses, relaxation="triangles", search=None, bound="sdp")
    assert found.triangles["expectation"] < 0.94 * found.triangles["sdp_value"]
    assert said in " ".join(str(found).split())
    detail = {check.name: check.detail for check in dk.verify(found, clauses).checks}["triangles"]
    assert detail.endswith("at least 0.94 of the value where the cost of all hard clauses is added to both")
    soft = dk.max2sat([(-2, 1), (-3, -4), (1, 3)], relaxation="triangles", search=None, bound="sdp")
    assert "at least 0.94 of it" in " ".join(str(soft).split())
    assert "is added to both" not in str(soft)


def test_a_guarantee_says_what_constraints_add():
    """Beside a chain of the whole graph it was that of the contracted graph, whose cuts weigh less by a constant."""
    edges = {(0, 1): -5, (1, 2): 3, (2, 3): 1, (3, 0): 2, (1, 3): 1}
    found = dk.maxcut(edges, fixed={0: 0, 1: 1})
    assert "C = -1 what a cut weighs beyond" in found.guarantee.statement
    assert dk.verify(found, edges).ok
    assert type(found).from_json(found.to_json()) == found
    assert "C =" not in dk.maxcut(edges, fixed={0: 0}).guarantee.statement
