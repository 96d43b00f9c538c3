"""Numbers of clauses and models are decimal numbers of ASCII; long files are read in one pass; no line is lost."""

import pytest

import derandkit
from derandkit.errors import InputError


def written(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize("literal", ["1_2", "-\u0661", "\u00b2", "1.0", "0x1"])
def test_literals_in_other_spellings_are_refused(tmp_path, literal):
    file = written(tmp_path, "a.cnf", f"p cnf 12 2\n{literal} 1 0\n1 2 0\n")
    with pytest.raises(InputError, match=":2: expected literals and 0"):
        derandkit.read_clauses(file)


@pytest.mark.parametrize("weight", ["1_0", "\u0661", "1/3", "nan", "inf"])
def test_weights_in_other_spellings_are_refused(tmp_path, weight):
    file = written(tmp_path, "a.wcnf", f"p wcnf 2 1 10\n{weight} 1 2 0\n")
    with pytest.raises(InputError, match=r":2: .* is not a number"):
        derandkit.read_clauses(file)


@pytest.mark.parametrize("entry", ["0 1_0 3", "0 \u0661 3", "0 1 3_0", "0 1 \u0663"])
def test_entries_in_other_spellings_are_refused(tmp_path, entry):
    file = written(tmp_path, "a.coo", f"# vartype=BINARY\n{entry}\n0 0 -1\n")
    with pytest.raises(InputError, match="expected 'i j value'"):
        derandkit.read_model(file)


def test_a_sign_of_satlib_ends_only_files_that_count_their_clauses(tmp_path):
    text = "h 1 2 0\n3 -1 0\n% note\n2 -2 0\nh -2 -1 0\n"
    with pytest.raises(InputError, match=":3: a line '%' ends a file of SATLIB"):
        derandkit.read_clauses(written(tmp_path, "a.wcnf", text))
    counted = written(tmp_path, "b.cnf", "p cnf 2 2\n1 2 0\n-1 0\n%\n0\n")
    assert derandkit.read_clauses(counted).m == 2


def test_clauses_may_share_lines_and_span_them(tmp_path):
    file = written(tmp_path, "a.cnf", "p cnf 3 4\n1 2 0 -1\n0 2\n3 0 -3 -2 0\n")
    assert derandkit.read_clauses(file).literals.tolist() == [[1, 2], [-1, 0], [2, 3], [-3, -2]]
    many = written(tmp_path, "b.cnf", "p cnf 1 20000\n" + "1 0 " * 20_000)
    assert derandkit.read_clauses(many).m == 20_000
    with pytest.raises(InputError, match="does not end with 0"):
        derandkit.read_clauses(written(tmp_path, "c.cnf", "p cnf 9 9\n" + "1 2 3\n" * 50_000))


def test_a_long_line_of_an_objective_is_looked_at_once(tmp_path):
    file = written(tmp_path, "a.lp", "Minimize\n obj: " + "[" * 200_000)
    with pytest.raises(InputError, match="expected a variable"):
        derandkit.read_model(file)
    with pytest.raises(InputError, match=r"cannot read '\. z'"):
        derandkit.read_model(written(tmp_path, "b.lp", "Minimize\n obj: x + 2 y . z\nBinary\n x y\nEnd\n"))


@pytest.mark.parametrize("top", [2**63 - 1, 2**64 - 1, 10**30])
def test_a_top_weight_may_be_any_integer(tmp_path, top):
    """Old files of MaxSAT solvers mark hard clauses by the greatest integer of 64 bits."""
    file = written(tmp_path, "a.wcnf", f"p wcnf 2 3 {top}\n{top} 1 0\n1 -1 0\n2 -2 1 0\n")
    clauses = derandkit.read_clauses(file)
    assert (clauses.hard.tolist(), clauses.weights.tolist()) == ([True, False, False], [1.0, 1.0, 2.0])
    result = derandkit.max2sat(file)
    assert result.value == 2
    assert derandkit.verify(result, file).ok


def test_a_soft_weight_has_to_be_a_double(tmp_path):
    file = written(tmp_path, "a.wcnf", f"p wcnf 2 1 {2**64}\n{2**53 + 1} 1 0\n")
    with pytest.raises(InputError, match=":2: weight 9007199254740993 is not exact in float64"):
        derandkit.read_clauses(file)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        (
            "a.cnf",
            "p cnf 2 1\n9223372036854775808 0",
            "clause 0 names variable 9223372036854775808: too many",
        ),
        ("a.wcnf", "h 1 99999999999999999999 0\n", "clause 0 names variable 99999999999999999999: too many"),
        ("a.cnf", "p cnf two 1\n1 0\n", ":1: expected numbers of variables and clauses, got 'two 1'"),
    ],
)
def test_numbers_beyond_those_of_variables_are_refused(tmp_path, name, text, line):
    with pytest.raises(InputError, match=line):
        derandkit.read_clauses(written(tmp_path, name, text))


def test_more_variables_than_there_can_be(tmp_path):
    with pytest.raises(InputError):
        derandkit.read_clauses(written(tmp_path, "a.cnf", "p cnf 99999999999999999999 1\n1 0\n"))
    with pytest.raises(InputError, match="too many"):
        derandkit.max2sat([(1, 10**30)])
