"""Constants in comments are said wherever they are not counted; sections, decimals and first lines that misled."""

from __future__ import annotations

import pytest

import derandkit as dk

FILES = {
    "g.gsg": ("# constant 5\n3 2\n1 2 1\n2 3 1\n", {"sense": "minimize"}),
    "o.bq": ("1\n2 1\n# offset=5\n1 2 5\n", {"input_format": "beasley"}),
    "a.lp": ("Minimize \\ offset 5\n obj: x\nBinaries\n x\nEnd\n", {}),
    "a.mtx": ("%%MatrixMarket matrix coordinate real general\n% offset 5\n2 2 1\n1 1 2\n", {}),
    "a.txt": ("% offset 5\n1 2\n0 3\n", {}),
    "a.csv": ("# offset 5\n1,2\n0,3\n", {}),
    "a.qubo": ("c offset 5\np qubo 0 1 1 0\n0 0 -1\n", {}),
}


@pytest.mark.parametrize("name", FILES)
def test_a_constant_that_is_not_counted_is_said(tmp_path, name):
    text, options = FILES[name]
    text = text if name != "o.bq" else "1\n# offset=5\n2 1\n1 2 5\n"
    (tmp_path / name).write_text(text)
    found = dk.read_model(tmp_path / name, **options)
    assert "5 in the comment of line" in found.reading
    assert found.model.offset == 0


def test_a_constant_in_a_comment_of_clauses_is_said(tmp_path):
    (tmp_path / "a.wcnf").write_text("c offset 5\np wcnf 2 1 9\n3 1 2 0\n")
    assert "the offset 5 in the comment of line 1 is not counted" in str(
        dk.read_clauses(tmp_path / "a.wcnf").reading
    )


def test_free_variables_of_a_linear_program_are_refused(tmp_path):
    """The word became a binary variable, and so did the names below it."""
    (tmp_path / "a.lp").write_text("Minimize\n obj: x + y\nBinaries\n x\nFree\n y\nEnd\n")
    with pytest.raises(dk.InputError, match=r"a\.lp:6: has semi-continuous or free variables"):
        dk.read_model(tmp_path / "a.lp")


def test_decimal_commas_of_a_matrix_are_said_and_its_separator_may_be_named(tmp_path):
    for text in ("1,5;2\n0;3,5\n", "sep=;\n1,5;2\n0;3,5\n", '"sep=;"\na;b\n1,5;2\n0;3,5\n'):
        (tmp_path / "q.csv").write_text(text)
        found = dk.read_model(tmp_path / "q.csv")
        assert ", the numbers have decimal commas" in found.reading
        assert found.model.value(dict.fromkeys(found.model.labels, 1)) == 7
