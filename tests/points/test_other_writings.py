"""Matrices of MATLAB, NumPy and R, numbers of Fortran, and names between other signs than the numbers are named."""

from __future__ import annotations

from pathlib import Path

import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.points.files import read_table


def refused(folder: Path, text: str, **chosen: object) -> str:
    file = folder / "t.txt"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        dk.read_points(file, **chosen)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "0.1, 0.2; 0.3, 0.4; 0.5, 0.9\n",
        "0.1 0.2; 0.3 0.4; 0.5 0.9\n",
        "[0.1, 0.2; 0.3, 0.4; 0.5, 0.9]\n",
        "[0.1 0.2; 0.3 0.4; 0.5 0.9];\n",
        "X = [0.1, 0.2\n0.3, 0.4];\n".replace(", ", " "),
        "X = [-1e-3, 0.2;\n 0.3, 0.4];\n",
        "0.1, 0.2;\n0.3, 0.4;\n0.5, 0.9;\n",
        "0.1 0.2;\n0.3 0.4;\n0.5 0.9\n",
        "1 2; 3 4\n5 6; 7 8\n",
    ],
)
def test_matrices_of_matlab_are_named(tmp_path: Path, text: str) -> None:
    assert "as MATLAB writes" in refused(tmp_path, text)


def test_a_semicolon_behind_a_comma_is_two_readings(tmp_path: Path) -> None:
    said = refused(tmp_path, "1,2;\n3,4;\n5,6;\n")
    assert (
        "'1,2' before a semicolon is one number with a decimal comma, or a row of a matrix as MATLAB" in said
    )
    file = tmp_path / "t.txt"
    assert read_table(file, columns=1).cloud.points.ravel().tolist() == [1.2, 3.4, 5.6]
    for text, points in (
        ("a;\n1,2;\n3,4;\n5,6;\n", [[1.2], [3.4], [5.6]]),
        ("1,5;2,5\n3,5;4,5\n", [[1.5, 2.5], [3.5, 4.5]]),
        ("1;2\n3;4\n5;6\n", [[1, 2], [3, 4], [5, 6]]),
    ):
        file.write_text(text)
        assert read_table(file).cloud.points.tolist() == points


def test_printed_matrices_and_json_are_named(tmp_path: Path) -> None:
    assert "an array as NumPy prints it" in refused(tmp_path, "[[1. 2.]\n [3. 4.]]\n")
    assert "an array as NumPy prints it" in refused(tmp_path, "array([[1., 2.],\n       [3., 4.]])\n")
    assert "a matrix as R prints it" in refused(tmp_path, "     [,1] [,2]\n[1,]    1    2\n[2,]    3    5\n")
    for text in ("[[1.5, 2], [3, 4]]", "[\n  [1.5,\n   2],\n [3, 4]]", '[{"x": 1}]', "[1, 2]"):
        assert "the file is JSON" in refused(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.0D0 2.0D0\n3.0D1 4.0D0\n", "1.0D0"),
        ("1.0d+00,2.0d+00\n3.0d+01,4.0d+00\n", "1.0d+00"),
        ("a b\n1.0D0 2.0D0\n3.0D1 4.0D0\n", "1.0D0"),
        ("1.0 2.0\n3.0 4.0D-1\n5.0 1.0\n", "4.0D-1"),
        (" 0.1000-101  0.2E+01\n 0.3E+01  0.4E+01\n", "0.1000-101"),
        ("1.0 2.0\n3.0 1D+02\n", "1D+02"),
    ],
)
def test_numbers_of_fortran_are_named(tmp_path: Path, text: str, number: str) -> None:
    said = refused(tmp_path, text)
    assert f"{number!r} is a number as Fortran writes it; write E before the exponent" in said
    assert f"t.txt:{next(k for k, line in enumerate(text.splitlines(), 1) if number in line)}:" in said


@pytest.mark.parametrize("minus", ["\u2212", "\u2013", "\uff0d"])
def test_a_minus_of_typesetting_is_named(tmp_path: Path, minus: str) -> None:
    assert f"column 1 ('a'): '{minus}5' has a minus of typesetting; write '-'" in refused(
        tmp_path, f"a,b\n1,2\n{minus}5,1\n3,3\n"
    )
    said = refused(tmp_path, f"{minus}5,{minus}1.5\n6,2\n7,3\n8,3\n")  # the first row alone is negative
    assert "names of columns (--header, header=True), or a point" in said


def test_stars_in_place_of_a_number_are_named(tmp_path: Path) -> None:
    assert "where a number does not fit its field" in refused(tmp_path, "1.0 2.0\n3.0 ******\n")


def test_codes_with_a_d_stay_names(tmp_path: Path) -> None:
    file = tmp_path / "t.txt"
    file.write_text("12D3 1D5\n1 2\n3 5\n")
    assert dk.read_points(file).columns == ("12D3", "1D5")


def test_targets_of_fortran_are_numbers_or_classes(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,y\n" + "".join(f"{k}.5,{k % 3}.0D0\n" for k in range(30)))
    with pytest.raises(InputError, match="numbers as Fortran writes them, or classes"):
        dk.RegressionData.from_file(file, "y")


@pytest.mark.parametrize(
    ("names", "row", "words"),
    [
        ("a,b,c", "1;2;3", "commas in the first line, and semicolons below"),
        ("a;b;c", "1,2,3", "semicolons in the first line, and commas below"),
        ("a\tb\tc", "1,2,3", "tabs in the first line, and commas below"),
        ("a, b, c", "1 2 3", "commas in the first line, and blanks below"),
        ("a b c", "1\t2\t3", None),  # a tab is a blank, too
        ("a b c", "1,2,3", "blanks in the first line, and commas below"),
    ],
)
def test_names_between_other_signs_than_the_numbers(
    tmp_path: Path, names: str, row: str, words: str | None
) -> None:
    text = f"{names}\n{row}\n{row.replace('1', '4')}\n"
    if words is None:
        (tmp_path / "t.txt").write_text(text)
        assert dk.read_points(tmp_path / "t.txt").n_features == 3
        return
    assert f"{words}? write one sign in all lines" in refused(tmp_path, text)
    with pytest.raises(InputError, match=words):
        dk.RegressionData.from_file(tmp_path / "t.txt", "c")


def test_rows_between_other_signs_than_the_first(tmp_path: Path) -> None:
    said = refused(tmp_path, "1,2,3\n4;5;6\n7;8;9\n")
    assert "1 column where the first row has 3; commas in the first line, and semicolons here" in said
    assert "a table has one width" in refused(tmp_path, "1,2,3\n4,5\n7,8,9\n")
