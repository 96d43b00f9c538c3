"""Comments of model files that are no entries and state no constants; they were refused, or misread."""

from __future__ import annotations

import pytest

import derandkit as dk

COO = {"input_format": "coo", "vartype": "spin"}


def written(folder, name, text):
    (folder / name).write_text(text)
    return folder / name


@pytest.mark.parametrize(
    "comment", ["c offset 0", "# shift 0", "# const: 0.0", "# time shift 2", "# seed 5 shift 2"]
)
def test_a_zero_and_a_shift_of_something_else_are_no_constants(tmp_path, comment):
    file = written(tmp_path, "a.coo", f"# vartype=SPIN\n{comment}\n0 1 1\n")
    assert dk.read_model(file).model.offset == 0


@pytest.mark.parametrize(
    "comment", ["c offset 5", "c Constant: 5", "# offset=5, shift=3", "# energy shift 2", "# shift 2"]
)
def test_a_constant_of_another_form_is_refused(tmp_path, comment):
    file = written(tmp_path, "a.coo", f"# vartype=SPIN\n{comment}\n0 1 1\n")
    with pytest.raises(dk.InputError, match="states a constant; write '# offset="):
        dk.read_model(file)


@pytest.mark.parametrize("comment", ["c size 100", "comment line 3", "c c1 5", "c offset 5 clauses"])
def test_a_comment_of_three_words_is_no_entry(tmp_path, comment):
    file = written(tmp_path, "a.coo", f"{comment}\n0 1 1\n")
    assert dk.read_model(file, **COO).model.n == 2
    file = written(tmp_path, "a.qubo", f"p qubo 0 1 1 0\n{comment}\n0 0 -1\n")
    assert dk.read_model(file).model.n == 1


@pytest.mark.parametrize(
    "comment", ["constant 5 clauses", "const 3-SAT", "offset 3% of clauses", "shift 5x", "offset 0"]
)
def test_a_number_of_something_else_is_not_said_to_be_a_constant(tmp_path, comment):
    file = written(tmp_path, "a.cnf", f"c {comment}\np cnf 2 1\n1 2 0\n")
    assert "not counted" not in str(dk.read_clauses(file).reading)


@pytest.mark.parametrize(
    "comment", ["shift 5", "constant = 5 of all", "(const 5)", "the Offset is 5.", "constant 5, seed 3"]
)
def test_a_constant_is_said_under_its_word(tmp_path, comment):
    file = written(tmp_path, "a.cnf", f"c {comment}\np cnf 2 1\n1 2 0\n")
    word = next(word for word in ("shift", "constant", "const", "offset") if word in comment.lower())
    assert f", the {word} 5" in str(dk.read_clauses(file).reading)


def test_tabs_between_columns_are_read_beside_comments_beyond_ascii(tmp_path):
    file = tmp_path / "a.coo"
    file.write_text("# 1\u00a0000 Größen\n0\t1\t5\n", encoding="utf-8")
    assert dk.read_model(file, **COO).model.n == 2
