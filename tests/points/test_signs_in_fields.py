"""A sign ``#`` inside a field is part of it; a comment stands at the start of a line or behind a blank."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.points.lines import read_lines


def fields(text: str) -> list[list[str]]:
    lines = read_lines(text)
    return [lines.fields(line) for _, line in lines.rows]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a,y\n1,C#\n2,C\n", [["a", "y"], ["1", "C#"], ["2", "C"]]),
        ("a,y,b\n1,Apt #1,2\n2,Apt #2,3\n", [["a", "y", "b"], ["1", "Apt #1", "2"], ["2", "Apt #2", "3"]]),
        ("a,unit\n1,12#A\n2,12#B\n", [["a", "unit"], ["1", "12#A"], ["2", "12#B"]]),
        ("a,Apt #,b\n1,2,3\n", [["a", "Apt #", "b"], ["1", "2", "3"]]),
        ("a,b # units\n1,2 # first\n3,4 #second\n", [["a", "b"], ["1", "2"], ["3", "4"]]),
        ("1 2 # first\n# whole\n3 4\t# second\n", [["1", "2"], ["3", "4"]]),
        ("1;2\n3;#N/A\n", [["1", "2"], ["3", "#N/A"]]),
        ("1\t2\n3\t#N/A\n", [["1", "2"], ["3", "#N/A"]]),
        ('a,y\n1,"C # x"\n', [["a", "y"], ["1", "C # x"]]),
    ],
)
def test_what_begins_a_comment(text: str, found: list[list[str]]):
    assert fields(text) == found


@pytest.mark.parametrize("text", ["a,y\n1,Apt #1\n2,Apt #2\n", "a,y\n1,setosa # checked\n2,versicolor\n"])
def test_a_sign_behind_a_word_is_asked_about(text: str):
    with pytest.raises(
        InputError, match=r"may be a comment or a part of the field .*quotation marks"
    ) as caught:
        read_lines(text)
    assert caught.value.line == 2


def test_classes_with_signs_stay_apart(tmp_path: Path):
    file = tmp_path / "t.csv"
    kinds = ("C#", "C", "Java")
    file.write_text("a,b,y\n" + "".join(f"{k}.5,{k * 7 % 11}.25,{kinds[k % 3]}\n" for k in range(60)))
    assert dk.RegressionData.from_file(file, "y").classes == ("C", "C#", "Java")


def test_errors_of_spreadsheets_are_missing_values(tmp_path: Path):
    file = tmp_path / "t.csv"
    file.write_text("a,b\n1,2\n3,#N/A\n4,5\n")
    with pytest.raises(InputError, match=r":3: column 2 is '#N/A', a missing value"):
        dk.read_points(file)


def test_a_column_called_like_a_comment_is_asked_about(tmp_path: Path):
    file = tmp_path / "t.csv"
    file.write_text("#,a,b\n1,0.5,2\n2,0.25,3\n3,1.5,1\n")
    with pytest.raises(InputError, match=r":1: the line may be a comment, or the names of the columns"):
        dk.read_points(file)
    file.write_text("# a,b\n0.5,2\n0.25,3\n1.5,1\n")  # as numpy.savetxt writes a header
    assert dk.read_points(file).points.tolist() == [[0.5, 2.0], [0.25, 3.0], [1.5, 1.0]]


@pytest.mark.parametrize("sign", [(-1, 1), (0, 1)])
def test_labels_of_two_numbers_have_a_remark(tmp_path: Path, sign: tuple[int, int]):
    file = tmp_path / "t.csv"
    rng = np.random.default_rng(0)
    file.write_text(
        "a,b,y\n"
        + "".join(f"{x:.3f},{z:.3f},{sign[k % 2]}\n" for k, (x, z) in enumerate(rng.normal(size=(12, 2))))
    )
    with pytest.warns(UserWarning, match=r"column 3 \('y'\) holds only the whole numbers"):
        dk.read_points(file)
