"""What stands for a missing entry is one list, whoever reads."""

from __future__ import annotations

import pytest
from tests.inputs import refusal, refused

from derandkit import as_graph
from derandkit.errors import InputError
from derandkit.missing import CODES_BELOW, IN_ENDS, IN_NUMBERS, LONG_CODES, MARKS, WORDS
from derandkit.points.files import read_points, read_table
from derandkit.structure.data import RegressionData
from derandkit.structure.intake.targets import read_targets


@pytest.mark.parametrize("word", sorted(WORDS | MARKS))
def test_a_missing_entry_is_one_for_every_reader(tmp_path, word):
    said = refusal(tmp_path, f"a,b\nb,c\nc,{word}\n")
    assert "may be a missing" in said or word in ("#N/A", "-", "--"), said
    file = tmp_path / "points.csv"
    rows = "".join(f"{k * k},{5 - k % 3},{k % 2}\n" for k in range(9, 20))
    file.write_text(f'a,b,y\n1,"{word}",0\n{rows}', encoding="utf-8")
    said = refused(read_points, file)
    assert "a missing value" in said or word.lower() == "nan"
    file.write_text(f'a,b,y\n1,2,"{word}"\n{rows}', encoding="utf-8")
    assert "is a missing value or a class of that name" in refused(RegressionData.from_file, file, "y")


@pytest.mark.parametrize("word", sorted(IN_ENDS - WORDS))
def test_as_an_end_of_an_edge_every_spelling_is_missing(tmp_path, word):
    assert "may be a missing entry" in refusal(tmp_path, f"a,b\nb,c\nc,{word}\n") or word.startswith("#")
    assert "may be a missing entry" in refused(as_graph, [("a", "b"), ("b", word)])


@pytest.mark.parametrize("word", sorted(WORDS))
def test_a_missing_entry_in_memory_is_one_for_every_reader(word):
    assert "may be a missing entry" in refused(as_graph, [("a", "b"), ("b", word)])
    assert "is a missing value or a class of that name" in refused(read_targets, ["x", "y", word])


def test_plus_and_minus_are_classes(tmp_path):
    file = tmp_path / "points.csv"
    rows = "".join(f"{k * k},{5 - k % 3},{'+-'[k % 2]}\n" for k in range(9, 20))
    file.write_text(f"a,b,y\n{rows}", encoding="utf-8")
    assert RegressionData.from_file(file, "y").classes == ("+", "-")


def test_names_of_people_are_names():
    assert as_graph([("Na", "Nan"), ("Nan", "Nil")]).n == 3
    assert {"na", "nan", "nil", "?", ""} <= IN_NUMBERS


@pytest.mark.parametrize("code", sorted(LONG_CODES | CODES_BELOW))
def test_a_code_of_surveys_is_one_for_points_and_for_weights(tmp_path, code):
    """One list: each is refused or named among answers from 1 to 5, as a coordinate and as a weight."""
    answers = [k % 5 + 1 for k in range(24)] + [int(code)] * 2
    table, edges = tmp_path / "table.csv", tmp_path / "edges.csv"
    table.write_text("q,x\n" + "".join(f"{a},{k**2}.5\n" for k, a in enumerate(answers)))
    edges.write_text("source,target,weight\n" + "".join(f"a{k},b{k},{a}\n" for k, a in enumerate(answers)))
    for remarks in (lambda: read_table(table).notes, lambda: as_graph(edges).reading.remarks):
        try:
            said = " ".join(remarks())
        except InputError as error:
            said = error.message
        assert f" {code:.0f}" in said
        assert "missing" in said
