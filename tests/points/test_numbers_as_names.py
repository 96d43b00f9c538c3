"""Names of columns that are numbers, and decimal commas that look like separators, are asked about or read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

X = np.random.default_rng(4).normal(size=(20, 5)).round(3) * 10 + 0.0005


def refusal(tmp_path: Path, text: str) -> str:
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        dk.read_points(file)
    return str(caught.value)


def rows(width: int, mark: str = ",") -> str:
    return "".join(mark.join(map(str, row[:width])) + "\n" for row in X.tolist())


@pytest.mark.parametrize(
    ("first", "width"),
    [
        ("0", 1),
        ("2000", 1),
        ("20200101", 1),
        ("4000.5", 1),
        ("4000.5,4100.5", 2),
        ("1007,1003,2044,5,17", 5),
        ("5,3,17", 3),
    ],
)
def test_numbers_above_other_numbers_are_asked_about(tmp_path: Path, first: str, width: int):
    said = refusal(tmp_path, f"{first}\n{rows(width)}")
    assert "--header" in said
    assert "--no-header" in said
    file = tmp_path / "t.csv"
    assert dk.read_points(file, header=True).n_points == 20
    assert dk.read_points(file, header=False).n_points == 21


def test_one_column_of_pandas_is_asked_about(tmp_path: Path):
    file = tmp_path / "t.csv"
    pd.Series(X[:, 0]).to_csv(file, index=False)
    with pytest.raises(InputError, match="--header"):
        dk.read_points(file)


@pytest.mark.parametrize("first", ["0.25", "-12.5", "7"])
def test_one_column_of_points_stays_one(tmp_path: Path, first: str):
    file = tmp_path / "t.csv"
    file.write_text(f"{first}\n{rows(1)}")
    assert dk.read_points(file).n_points == 21


def test_numbers_in_quotation_marks_above_bare_ones_are_names(tmp_path: Path):
    file = tmp_path / "t.csv"
    file.write_text('"7","3"\n' + rows(2))
    with pytest.warns(UserWarning, match="taken as names of columns"):
        assert dk.read_points(file).columns == ("7", "3")


def test_one_column_with_decimal_commas_is_asked_about(tmp_path: Path):
    text = "1,26\n-1,32\n6,4\n-5,36\n13,04\n"
    assert "'13,04' is two columns, or the number 13.04 with a decimal comma" in refusal(tmp_path, text)
    assert dk.read_points(tmp_path / "t.csv", columns="1,2").points[4].tolist() == [13.0, 4.0]
    (tmp_path / "t.csv").write_text("1,26\n-1,32\n6,4\n13,40\n")
    assert dk.read_points(tmp_path / "t.csv").n_features == 2


def test_decimal_commas_between_blanks_are_read(tmp_path: Path):
    file = tmp_path / "t.txt"
    file.write_text("7,88 8,44 0,76\n1,5 2 3,25\n0 0,5 1\n")
    with pytest.warns(UserWarning, match="the numbers have decimal commas"):
        assert dk.read_points(file).points.tolist() == [[7.88, 8.44, 0.76], [1.5, 2.0, 3.25], [0.0, 0.5, 1.0]]
    file.write_text("1, 2, 3\n4, 5, 7\n")
    assert dk.read_points(file).points.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]]


def test_tuples_of_python_are_named(tmp_path: Path):
    assert "has its rows between '(' and ')'" in refusal(tmp_path, "(1.5, 2)\n(3, 4.5)\n(5, 7)\n")


def test_two_lines_of_numbers_as_names_are_asked_about(tmp_path: Path):
    assert "two lines of names" in refusal(tmp_path, "0,0,1\n1,2,1\n" + rows(3))
    assert dk.read_points(tmp_path / "t.csv", header=False).n_points == 22


@pytest.mark.parametrize("line", ["Source: x,,", "a,b,d", "see note,1,2"])
def test_one_line_that_is_no_point_is_to_be_removed(tmp_path: Path, line: str):
    said = refusal(tmp_path, "a,b,c\n" + rows(3) + line + "\n")
    assert ":22: column 1" in said
    assert "all its other entries are: remove or correct the line" in said


def test_lines_that_end_in_a_semicolon_are_named(tmp_path: Path):
    assert "the rows end in semicolons, as MATLAB writes a matrix" in refusal(
        tmp_path, "1.25 -1.5 6.5;\n2.5 1.25 3.5;\n4.5 0.5 1.5;\n"
    )
