"""A first line of numbers may count the points, name columns on a grid, or be a point; points may part thousands."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.inputs import refused, write
from tests.second import second_report

from derandkit import Student, discover_structure
from derandkit.embeddings.solve import embed
from derandkit.numerals import in_other_digits, on_a_grid
from derandkit.points.files import read_points
from derandkit.structure.data import RegressionData
from derandkit.verification import verify

TWO = "1 2\n3 4\n5 7\n9 1\n"


@pytest.mark.parametrize("line", ["4 2", "2 4", "4.0 2.0"])
def test_a_first_line_that_counts_points_and_columns_is_asked_about(tmp_path, line):
    file = write(tmp_path, f"{line}\n{TWO}")
    said = refused(read_points, file)
    assert (
        "how many points and columns there are below (--header, header=True leave it out), or a point" in said
    )
    assert read_points(file, header=True).n_points == 4
    assert read_points(file, header=False).n_points == 5


@pytest.mark.parametrize("line", ["4 3", "3 4"])
def test_a_line_that_counts_above_wider_rows_is_named(tmp_path, line):
    file = write(tmp_path, f"{line}\n1 2 3\n3 4 3\n5 7 2\n9 1 1\n")
    assert "says how many points and columns there are below; remove it" in refused(read_points, file)


def test_two_points_may_begin_with_small_numbers(tmp_path):
    assert read_points(write(tmp_path, "1 2\n3 4\n")).n_points == 2


@pytest.mark.parametrize("line", ["0.1,0.2,0.3", "100,200,400", "0.3,0.2,0.1", "0.1,0.2,0.30000000000000004"])
def test_columns_on_a_grid_are_asked_about(tmp_path, line):
    file = write(tmp_path, f"{line}\n0.5,0.1,0.7\n0.3,0.9,0.2\n0.2,0.25,0.1\n")
    said = refused(read_points, file)
    assert "names of columns (--header, header=True), or a point (--no-header, header=False)?" in said
    assert read_points(file, header=True).n_points == 3
    assert read_points(file, header=False).n_points == 4


def test_rows_on_a_grid_are_points(tmp_path):
    assert read_points(write(tmp_path, "1,3,5\n2,5,4\n3,4,5\n9,1,2\n")).n_points == 4
    assert not on_a_grid([0.1, 0.2, 0.31])


@pytest.mark.parametrize("line", ["\u0661,\u0662", "\uff11,\uff12"])
def test_digits_of_other_scripts_are_asked_about_and_not_read(tmp_path, line):
    assert all(map(in_other_digits, line.split(",")))
    file = write(tmp_path, f"{line}\n0.5,0.1\n0.3,0.9\n")
    assert "names of columns" in refused(read_points, file)
    assert read_points(file, header=True).n_points == 2
    assert "is not a number" in refused(read_points, file, header=False)
    assert "names of columns" in refused(read_points, write(tmp_path, f"{line}\n" * 3))


def test_points_that_may_part_thousands_are_asked_about(tmp_path):
    text = "a;b;y\n1.500;2.250;1\n3.000;4.125;0\n5.100;2.200;1\n"
    file = write(tmp_path, text)
    said = refused(read_points, file)
    assert "between semicolons the number '1.500' may be 1.5 or 1500" in said
    assert read_points(write(tmp_path, text.replace("2.200", "0.5"))).n_points == 3
    assert read_points(write(tmp_path, text.replace(";", ","))).n_points == 3
    target = "a;b;y\n" + "".join(f"{k * k};{7 - k % 3};{k}.500\n" for k in range(3, 20))
    assert "'3.500' may be 3.5 or 3500" in refused(RegressionData.from_file, write(tmp_path, target), "y")


def test_the_digest_decides_for_a_record(tmp_path):
    points = [[1.5, 2.25], [3.0, 4.125], [5.1, 2.2]]
    record = embed(points, n_components=1, holdout=False)
    file = write(tmp_path, "1.500;2.250\n3.000;4.125\n5.100;2.200\n")
    assert verify(record, file).ok


@pytest.mark.parametrize("gap", ["", "NA", "?", "-"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_missing_entry_of_the_first_row_is_named(tmp_path, gap, place):
    first = ["1", "2", "3"]
    first[place] = gap
    file = write(tmp_path, ",".join(first) + "\n1,10,10\n10,10,2\n3,100,3\n1,10,7\n")
    said = refused(read_points, file)
    assert f"column {place + 1} is " in said
    assert "fill it in, leave out the line" in said


@pytest.mark.parametrize("head", ["2019,2019,2019", "7.5,7.5,7.5"])
def test_a_record_of_columns_whose_names_are_equal_numbers_is_about_its_file(tmp_path, head):
    """The record has the numbers of the columns, none of which is in the first line: that was read as a point."""
    file = tmp_path / "years.csv"
    rows = np.random.default_rng(0).normal(size=(30, 3)).round(3)
    file.write_text(f"{head}\n" + "\n".join(",".join(map(str, row)) for row in rows.tolist()) + "\n")
    record = embed(read_points(file, header=True), n_components=2)
    assert (record.points.n, record.points.columns) == (30, ("1", "2", "3"))
    outcome = verify(record, file)
    assert outcome.ok, outcome.failed
    assert "a first line of numbers" in str(outcome)
    record.save(tmp_path / "r.json")
    assert second_report(json.loads((tmp_path / "r.json").read_text()), file).ok


def test_no_name_of_a_target_is_read_as_a_row(tmp_path):
    """The line of names was a row, and its last entry a target, though the record calls the column by that name."""
    file = tmp_path / "years.csv"
    rows = np.random.default_rng(0).normal(size=(60, 3)).round(3)
    table = np.vstack(([2019.5, 2019.5, 2020.5], rows))
    file.write_text("\n".join(",".join(map(str, row)) for row in table.tolist()) + "\n")
    data = RegressionData(
        table[:, :2],
        table[:, 2],
        names=("1", "2"),
        target="2020.5",
        reading="comma-separated table with a header line, 2 columns: 1 2; target: column 3, numbers",
    )
    student = Student(width=2)
    record = discover_structure(data, student, penalty=1e-3, max_steps=5, controls=False)
    assert "problem" in verify(record.to_dict(), file).failed
    honest = RegressionData.from_file(file, "2020.5", header=True)
    record = discover_structure(honest, student, penalty=1e-3, max_steps=5, controls=False)
    assert record.problem["names"] == ["1", "2"]
    assert "60 rows" in str(verify(record.to_dict(), file))
    assert "problem" not in verify(record.to_dict(), file).failed
