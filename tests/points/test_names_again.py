"""Lines of names that stand in a table of points a second time."""

from __future__ import annotations

from pathlib import Path

import pytest

import derandkit as dk
from derandkit.points.files import read_table

YEARS = "2020,2021\n2.5,3\n3,4\n2020,2021\n4,5\n5,6\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def test_words_that_come_again_are_left_out_and_said(table: Path) -> None:
    table.write_text("x,y,kind\n2.5,3,a\nx,y,kind\n3,4,b\n")
    found = read_table(table, label="kind")
    assert found.cloud.n_points == 2
    assert found.labels == ("a", "b")
    assert "line 3 holds the names of the columns again and was left out" in found.notes


def test_numbers_that_come_again_are_asked_about_as_if_they_came_once(table: Path) -> None:
    for text in (YEARS, YEARS.replace("2020,2021\n4", "4")):
        table.write_text(text)
        with pytest.raises(dk.InputError, match="the first line reads 2020, 2021: names of columns"):
            read_table(table)
        assert read_table(table, header=False).cloud.n_points == text.count("\n")
    table.write_text(YEARS)
    with pytest.raises(dk.InputError, match=r":4: the line holds the names of the columns again"):
        read_table(table, header=True)


def test_a_point_that_comes_again_stays_a_point(table: Path) -> None:
    table.write_text("2.5,3\n3,4\n2.5,3\n4,5\n")
    assert read_table(table).cloud.n_points == 4


def test_a_table_of_names_alone_holds_no_numbers(table: Path) -> None:
    table.write_text("x,y\nx,y\nx,y\n")
    with pytest.raises(dk.InputError, match="holds a header, several times, and no numbers"):
        read_table(table)


def test_the_checker_says_that_columns_of_years_have_numbers_for_names():
    """It said that the points have no names."""
    from derandkit.certificates.rows import check_columns

    assert "have the numbers 2019, 2020 for names" in check_columns(["a", "b"], ("2019", "2020"))[1]
    for counted in (None, ("0", "1"), ("1", "2")):
        assert "the points that are given have no names" in check_columns(["a", "b"], counted)[1]
