"""Lines of model files that were dropped: above the header, behind the last problem, and in comments."""

from __future__ import annotations

import pytest

import derandkit as dk


def refusal(folder, name, text, **options):
    (folder / name).write_text(text)
    with pytest.raises(dk.InputError) as caught:
        dk.read_model(folder / name, **options)
    return str(caught.value)


def test_an_entry_above_the_header_of_a_qubo_file_is_refused(tmp_path):
    said = refusal(tmp_path, "a.qubo", "c ok\n\n0 1 -50\np qubo 0 2 1 0\n0 0 -1\n")
    assert ":3: " in said
    assert "stands above 'p qubo'" in said


def test_problems_behind_those_that_a_file_announces_are_refused(tmp_path):
    one = "2 1\n1 2 5\n"
    for options in ({}, {"instance": 1}):
        said = refusal(tmp_path, "a.bq", "1\n" + one + one, input_format="beasley", **options)
        assert ":4: " in said
        assert "holds 1 problem, and '2 1' stands behind" in said
    (tmp_path / "b.bq").write_text("2\n" + one + one + "# end\n\n")
    assert dk.read_model(tmp_path / "b.bq", instance=2, input_format="beasley").model.n == 2


@pytest.mark.parametrize("comment", [" # offset=5", "# Offset=5", "\t#OFFSET: 5", "# the Offset 5"])
def test_comments_of_coo_files_count_however_they_are_written(tmp_path, comment):
    (tmp_path / "a.coo").write_text(f"# vartype=SPIN\n{comment}\n0 1 1\n")
    assert dk.read_model(tmp_path / "a.coo").model.offset == 5


@pytest.mark.parametrize("comment", ["# energy_offset=5", "# shift: 5", "# ising-offset 5", "# Const=5"])
def test_a_constant_under_another_name_is_refused(tmp_path, comment):
    said = refusal(tmp_path, "a.coo", f"# vartype=SPIN\n{comment}\n0 1 1\n")
    assert "states a constant; write '# offset=5' if" in said or "speaks of an offset" in said


def test_a_kind_of_variables_in_a_comment_that_is_indented_counts(tmp_path):
    text = " # Vartype=SPIN\n0 1 1\n"
    assert "states spin variables, not binary" in refusal(
        tmp_path, "a.coo", text, input_format="coo", vartype="binary"
    )
    assert dk.read_model(tmp_path / "a.coo").model.vartype == "spin"


def test_a_constant_in_a_comment_of_another_sign_is_refused(tmp_path):
    said = refusal(tmp_path, "a.coo", "# vartype=SPIN\nc offset=5\n0 1 1\n")
    assert "write '# offset=5' if it is added to every value" in said


@pytest.mark.parametrize("line", ["c1 c2 5", "c1 d -2.5", "c,d,5"])
def test_an_entry_that_begins_like_a_comment_is_refused(tmp_path, line):
    said = refusal(tmp_path, "a.coo", f"# vartype=SPIN\n0 1 1\n{line}\n")
    assert ":3: " in said
    assert "may be a comment, or the entry of the variables" in said


def test_an_offset_in_an_indented_comment_of_a_qubo_file_is_said(tmp_path):
    (tmp_path / "a.qubo").write_text("  c offset 5\np qubo 0 1 1 0\n0 0 -1\n")
    assert (
        "the offset 5 in the comment of line 1 is not counted" in dk.read_model(tmp_path / "a.qubo").reading
    )


@pytest.mark.parametrize("row", ["2 1 1 234", "2 1 1 .5"])
def test_a_number_behind_a_row_of_a_qplib_file_is_refused(tmp_path, row):
    lines = ["P", "QBN", "minimize", "2", "2", "1 1 -4", row, "0", "1", "2 -1 words", "0.5 # 7", "1e30"]
    said = refusal(tmp_path, "p.qplib", "\n".join(lines))
    assert ":7: " in said
    assert "may belong to the number before it" in said
    lines[6] = "2 1 1"
    (tmp_path / "p.qplib").write_text("\n".join(lines))
    assert dk.read_model(tmp_path / "p.qplib").model.n == 2


def test_clauses_behind_the_end_of_a_file_are_refused(tmp_path):
    file = tmp_path / "a.cnf"
    file.write_text("p cnf 2 1\n1 2 0\n%\n0\n\n")
    assert dk.read_clauses(file).m == 1
    file.write_text("p cnf 2 1\n1 2 0\n%\n0\n-1 0\n")
    with pytest.raises(dk.InputError, match=r"a\.cnf:5: '-1 0' stands behind a line '%'"):
        dk.read_clauses(file)


@pytest.mark.parametrize("header", ["p cnf 2 1 7", "p wcnf 2 1 7 8", "p", "p cnf 2"])
def test_a_header_of_clauses_has_no_further_numbers(tmp_path, header):
    (tmp_path / "a.cnf").write_text(f"{header}\n1 2 0\n")
    with pytest.raises(dk.InputError, match="expected 'p cnf variables clauses' or"):
        dk.read_clauses(tmp_path / "a.cnf")


def test_a_skew_symmetric_matrix_is_no_problem(tmp_path):
    text = "%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 2\n2 1 7\n3 2 7\n"
    assert "x'Qx is 0 for all x" in refusal(tmp_path, "a.mtx", text)
